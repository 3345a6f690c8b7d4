"""Several arrays, one after another."""

from __future__ import annotations

from collections.abc import Collection

from autograd_lite.lifting.arrays import Arrays, Node, Window
from autograd_lite.lifting.operations.row import Contributions, Row
from autograd_lite.lifting.operations.sections import section
from autograd_lite.lifting.operations.shapes import as_whole, reshape
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.numpy import Text


class _Join(Row):
    """Several arrays, flattened, one after another."""

    def __call__(self, arrays: Arrays, xs: tuple[int, ...]) -> int:
        return arrays.add(self.name, xs, (sum(map(arrays.size, xs)),))

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        whole = as_whole(arrays, d, x)
        start = 0
        for operand in node.operands:
            end = start + arrays.size(operand)
            piece = section(arrays, whole, Window((slice(start, end, 1),), (0,)))
            yield operand, reshape(arrays, piece, arrays.shape(operand))
            start = end

    def text(self, w: Writer, x: int, node: Node) -> Text:
        if not node.batched:
            return Text(f"np.concat([{', '.join(w.flat(y) for y in node.operands)}])")
        batch = next(y for y in node.operands if w.arrays.nodes[y].batched)
        n = f"{w.named(w.texts[batch]).text}.shape[0]"
        parts = [
            w.flat(y)
            if w.arrays.nodes[y].batched
            else f"np.broadcast_to({w.flat(y)}, ({n}, {w.arrays.size(y)}))"
            for y in node.operands
        ]
        return Text(f"np.concat([{', '.join(parts)}], axis=1)")


join = _Join("join", price=3.0)
