"""The largest and the smallest along an axis, and where it stands."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from autograd_lite.lifting.arrays import Arrays, Node
from autograd_lite.lifting.operations.row import Contributions, Row, each_operand
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.numpy import Text


class _Extreme(Row):
    """The largest, or the smallest, along an axis, counted from the right; nothing flows back by a shift."""

    def __call__(self, arrays: Arrays, row: str, x: int, axis: int = -1, is_shift: bool = False) -> int:
        shape = list(arrays.shape(x))
        del shape[axis]
        detail = row, axis, is_shift
        return arrays.add(self.name, (x,), tuple(shape), detail, detail)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        if not node.detail[2]:
            yield node.operands[0], at_extreme(arrays, x, d)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        return Text(f"np.{node.detail[0][:3]}({_along(w, node)})")


class _AtExtreme(Row):
    """A number where the largest, or smallest, along an axis is, the first of equals; else zeros."""

    def __call__(self, arrays: Arrays, found: int, d: int) -> int:
        (x,), detail = arrays.nodes[found].operands, arrays.nodes[found].detail
        return arrays.add(self.name, (x, found, d), arrays.shape(x), detail, detail)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        (a, _, d), (row, axis, _) = node.operands, node.detail
        place = f"np.arg{row[:3]}({_along(w, node)})"
        if len(node.shape) == 1 and not node.batched:
            name = w.new_name(x)
            w.lines += [f"{name} = np.zeros_like({w.text(a)})", f"{name}[{place}] = {w.text(d)}"]
            return Text(name)
        new_axis = f"[{', '.join(['...', 'None', *':' * (-1 - axis)])}]"
        number = f"{w.atom(d)}{new_axis}"
        if d in w.arrays.numbers:
            number = f"np.asarray({w.text(d)}, dtype={w.atom(a)}.dtype)"  # a number has no precision
        positions = np.arange(node.shape[axis]).reshape((-1,) + (1,) * (-1 - axis))
        return Text(f"np.where({place}{new_axis} == {w.constant(positions, 'I')}, {number}, 0)")


def _along(w: Writer, node: Node) -> str:
    """Write the operand of a search, and along which axis it goes."""
    a, axis = node.operands[0], node.detail[1]
    source = w.arrays.nodes[a]
    if len(source.shape) == 1 and not source.batched:
        return w.text(a)
    return f"{w.text(a)}, axis={axis if source.batched else axis + len(source.shape)}"


extreme = _Extreme("extreme", price=3.0, flops=each_operand)
at_extreme = _AtExtreme("at_extreme", price=6.0)
