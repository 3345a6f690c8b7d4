"""The same elements in another shape, repeated, laid out, or under another name."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np

from autograd_lite.lifting.arrays import Arrays, Node, Shape
from autograd_lite.lifting.operations.inputs import constant, input_
from autograd_lite.lifting.operations.row import Contributions, Row
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.numpy import Text


class _Reshape(Row):
    """The elements in another shape."""

    def __call__(self, arrays: Arrays, x: int, shape: Shape) -> int:
        if arrays.shape(x) == tuple(shape) or (x in arrays.numbers and math.prod(shape) == 1):
            return x
        node = arrays.nodes[x]
        if node.op == self.name:
            return self(arrays, node.operands[0], shape)
        return arrays.add(self.name, (x,), shape)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        (a,) = node.operands
        yield a, self(arrays, as_whole(arrays, d, x), arrays.shape(a))

    def text(self, w: Writer, x: int, node: Node) -> Text:
        (a,) = node.operands
        before = w.arrays.shape(a)
        index = _index_of_new_axes(before, node.shape) or _index_of_dropped_axes(before, node.shape)
        if index is not None:
            return Text(f"{w.atom(a)}[{', '.join([':', *index] if node.batched else index)}]")
        return Text(f"np.reshape({w.text(a)}, {(-1, *node.shape) if node.batched else node.shape})")


def _index_of_new_axes(before: Sequence[int], after: Sequence[int]) -> list[str] | None:
    """Return the index that adds axes of length 1, if that is all a reshaping does."""
    if [n for n in after if n != 1] != list(before) or len(after) <= len(before) or 1 in before:
        return None
    return ["None" if n == 1 else ":" for n in after]


def _index_of_dropped_axes(before: Sequence[int], after: Sequence[int]) -> list[str] | None:
    """Return the index that drops axes of length 1, if that is all a reshaping does."""
    if [n for n in before if n != 1] != list(after):
        return None
    return ["0" if n == 1 else ":" for n in before]


class _Broadcast(Row):
    """An array repeated to a shape."""

    def __call__(self, arrays: Arrays, x: int, shape: Shape) -> int:
        if arrays.shape(x) == tuple(shape):
            return x
        known = arrays.literal(x)
        if known is not None:
            return constant(arrays, np.full(shape, known))
        return arrays.add(self.name, (x,), shape)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        yield node.operands[0], as_whole(arrays, d, x)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        (a,) = node.operands
        if not node.batched:
            return Text(f"np.broadcast_to({w.text(a)}, {node.shape})")
        text = w.named(w.beside(a, len(node.shape)) if w.arrays.shape(a) == () else w.texts[a]).text
        return Text(f"np.broadcast_to({text}, ({text}.shape[0], {', '.join(map(str, node.shape))}))")


class _AsWhole(Row):
    """An array repeated to the shape, and the batch, of another one."""

    def __call__(self, arrays: Arrays, x: int, like: int) -> int:
        node, other = arrays.nodes[x], arrays.nodes[like]
        is_gradient = x in arrays.numbers and other.op == input_.name
        if node.shape == other.shape and node.batched == other.batched and not is_gradient:
            return x
        return arrays.add(self.name, (x, like), other.shape)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        yield node.operands[0], d  # of the other nothing but its shape is used

    def text(self, w: Writer, x: int, node: Node) -> Text:
        a, like = node.operands
        if w.arrays.literal(a) == 0:
            return Text(f"np.zeros_like({w.text(like)})")
        if a in w.arrays.numbers:
            return Text(f"np.full_like({w.text(like)}, {w.text(a)})")
        text = w.beside(a, len(node.shape)).text
        return Text(f"np.broadcast_to({text}, {w.atom(like)}.shape)")


class _LaidOut(Row):
    """An array as its elements stand in it, one after another also in memory: so loops over rows are fast."""

    def __call__(self, arrays: Arrays, x: int) -> int:
        return arrays.add(self.name, (x,), arrays.shape(x))

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        yield node.operands[0], d

    def text(self, w: Writer, x: int, node: Node) -> Text:
        return Text(f"np.reshape(np.reshape({w.text(node.operands[0])}, (-1,)), {node.shape})")


class _Result(Row):
    """An array under another name, or a copy of it."""

    def __call__(self, arrays: Arrays, x: int, copied: bool) -> int:
        node = arrays.nodes[x]
        return arrays.add(self.name, (x,), node.shape, copied, len(arrays.nodes), node.batched)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        (a,) = node.operands
        if a in w.arrays.numbers:
            return Text(f"np.asarray({w.text(a)}, dtype={w.text(0)}.dtype)")
        return Text(f"np.asarray({w.text(a)}, copy=True)" if node.detail else w.text(a))

    def comment(self, arrays: Arrays, node: Node, name: str) -> str:
        return "B3: ∂C/∂b = ∂C/∂z" if name.startswith("db") else ""


reshape = _Reshape("reshape", price=0.0, is_free=True, lends=True)
broadcast = _Broadcast("broadcast", price=4.0, lends=True)
as_whole = _AsWhole("as_whole", price=4.0, lends=True)
laid_out = _LaidOut("laid_out")
result = _Result("result", price=0.0, lends=True)
