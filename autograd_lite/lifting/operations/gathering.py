"""Elements here and there: those at positions, and sums of those with the same target."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Sequence

import numpy as np

from autograd_lite.lifting.arrays import Arrays, Integers, Node, Shape, Window, padded, ranks, window_of
from autograd_lite.lifting.operations.inputs import constant
from autograd_lite.lifting.operations.joining import join
from autograd_lite.lifting.operations.products import linear
from autograd_lite.lifting.operations.row import Contributions, Row, each_operand
from autograd_lite.lifting.operations.sections import section, transposed
from autograd_lite.lifting.operations.shapes import as_whole, broadcast, reshape
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.numpy import Text

_SMALL, _FEW = 4096, 4


class _Take(Row):
    """The elements at positions of the flattened array."""

    def __call__(self, arrays: Arrays, x: int, positions: Integers) -> int:
        return arrays.add(self.name, (x,), positions.shape, positions, positions.tobytes())

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        (a,), positions = node.operands, node.detail
        flat = reshape(arrays, as_whole(arrays, d, x), (positions.size,))
        yield a, spread(arrays, flat, positions, arrays.shape(a))

    def text(self, w: Writer, x: int, node: Node) -> Text:
        return Text(_gathered(w, w.flat(node.operands[0]), node.detail, node.batched))


class _Rows(Row):
    """Rows of a matrix, also several times."""

    def __call__(self, arrays: Arrays, x: int, chosen: Integers) -> int:
        return arrays.add(self.name, (x,), (len(chosen), arrays.shape(x)[1]), chosen, chosen.tobytes())

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        (a,), chosen = node.operands, node.detail
        n, width = arrays.shape(a)
        whole = as_whole(arrays, d, x)
        if n * len(chosen) <= _SMALL and not node.batched:
            # Each row of x gets the sum of those that were taken from it: a product with zeros and ones.
            taken = constant(arrays, (chosen == np.arange(n)[:, None]).astype(float))
            yield a, linear(arrays, taken, transposed(arrays, whole))
            return
        targets = chosen[:, None] * width + np.arange(width)
        yield a, spread(arrays, reshape(arrays, whole, (targets.size,)), targets, (n, width))

    def text(self, w: Writer, x: int, node: Node) -> Text:
        index = w.constant(node.detail, "I")
        return Text(f"np.take({w.text(node.operands[0])}, {index}, axis={int(node.batched)})")


class _Spread(Row):
    """In a shape, the sums of the elements of x that have the same target.

    Such a sum is one along an axis, over places that are filled up with zeros. Where that would take too many
    of them, since one target has far more elements than others, its elements are summed in portions.
    """

    def __call__(self, arrays: Arrays, x: int, targets: Integers, shape: Shape) -> int:
        targets = targets.ravel()
        counts = np.bincount(targets, minlength=math.prod(shape))
        if int(counts.max(initial=0)) * len(counts) > 4 * (len(targets) + len(counts)) + 64:
            width = max(8, 2 * len(targets) // int(np.count_nonzero(counts)))
            portion = targets * len(targets) + ranks(targets) // width
            first, rows = np.unique(portion, return_inverse=True)
            x = arrays.add(self.name, (x,), (len(first),), rows, rows.tobytes())
            return self(arrays, x, first // len(targets), shape)
        return arrays.add(self.name, (x,), shape, targets, targets.tobytes())

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        yield node.operands[0], elements(arrays, as_whole(arrays, d, x), node.detail)

    def alike(self, arrays: Arrays, node: Node) -> Hashable:
        # Over samples it costs more to join arrays than to add up twice.
        return None if node.batched or self._is_selection(node) else (self.name, node.shape)

    def together(self, arrays: Arrays, parts: Sequence[int]) -> int:
        nodes = [arrays.nodes[x] for x in parts]
        joined = join(arrays, tuple(node.operands[0] for node in nodes))
        return self(arrays, joined, np.concatenate([node.detail for node in nodes]), nodes[0].shape)

    def _is_selection(self, node: Node) -> bool:
        """Return whether each result is one element."""
        return len(node.detail) == len(np.unique(node.detail)) == math.prod(node.shape)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        (a,) = node.operands
        table = padded(node.detail, math.prod(node.shape)).reshape(*node.shape, -1)
        text = w.flat(a)
        if (table < 0).any():
            table = np.where(table < 0, w.arrays.size(a), table)
            text = self._with_zero(w, a, node.batched)
        if table.shape[-1] == 1:
            return Text(_gathered(w, text, table[..., 0], node.batched))
        axis = -1
        if _FEW * table.shape[-1] < math.prod(node.shape):
            # Few summands each: NumPy adds up long rows faster than many short ones.
            table, axis = np.moveaxis(table, -1, 0).copy(), int(node.batched)
        return Text(f"np.sum({_gathered(w, text, table, node.batched)}, axis={axis})")

    def _with_zero(self, w: Writer, x: int, batched: bool) -> str:
        """Write an array with a 0 at its end, for places that nothing comes to."""
        if batched:
            name = w.named(Text(w.flat(x))).text
            return f"np.concat([{name}, np.zeros_like({name}[:, :1])], axis=1)"
        is_joined = w.arrays.nodes[x].op == join.name and not w.text(x).isidentifier()
        parts = [w.flat(y) for y in w.arrays.nodes[x].operands] if is_joined else [w.flat(x)]
        return f"np.concat([{', '.join(parts)}, {w.constant(np.zeros(1), 'K')}])"


def _gathered(w: Writer, text: str, positions: Integers, batched: bool) -> str:
    """Write the elements at positions of a flat array; in the standard a batch takes a list of them."""
    if not batched:
        return f"{text}[{w.constant(positions, 'I')}]"
    taken = f"np.take({text}, {w.constant(positions.ravel(), 'I')}, axis=1)"
    return taken if positions.ndim == 1 else f"np.reshape({taken}, {(-1, *positions.shape)})"


take = _Take("take", price=2.0)
rows = _Rows("rows")
spread = _Spread("spread", price=6.0, flops=each_operand)


def elements(arrays: Arrays, x: int, positions: Integers, repeat: bool = True) -> int:
    """Return the elements of x at positions: itself, a reshaping or a section if possible, else by ``take``.

    Positions count in the flattened array, and have the shape of the result. An axis along which all are
    the same has its length if it is to repeat, else the length 1.
    """
    wanted = positions.shape
    for axis in range(positions.ndim):
        first = positions.take([0], axis=axis)
        repeated = np.broadcast_to(first, positions.shape)
        if positions.shape[axis] > 1 and np.array_equal(repeated, positions):
            positions = first
    found = reshape(arrays, _core(arrays, x, positions.squeeze()), positions.shape)
    return broadcast(arrays, found, wanted) if repeat else found


def _core(arrays: Arrays, x: int, positions: Integers) -> int:
    size, flat = arrays.size(x), positions.ravel()
    if positions.size == size and np.array_equal(flat, np.arange(size)):
        return reshape(arrays, x, positions.shape)
    window = window_of(arrays.shape(x), positions)
    if window is not None:
        return section(arrays, x, window)
    axes = _axes_of_whole(size, positions)
    if axes is not None:
        whole = reshape(arrays, x, axes)
        window = window_of(axes, positions)
        if window is not None:
            return section(arrays, whole, window)
    start = int(flat[0])
    if np.array_equal(flat, np.arange(start, start + positions.size)):
        window = Window((slice(start, start + positions.size, 1),), (0,))
        return reshape(arrays, section(arrays, reshape(arrays, x, (size,)), window), positions.shape)
    chosen = _whole_rows(arrays.shape(x), positions)
    return take(arrays, x, positions) if chosen is None else rows(arrays, x, chosen)


def _axes_of_whole(size: int, positions: Integers) -> Shape | None:
    """Return the shape in which a whole array has these axes in some order; None if it has none."""
    if positions.size != size or positions.ndim < 2:
        return None
    steps = [
        int(positions[tuple(int(i == axis) for i in range(positions.ndim))]) for axis in range(positions.ndim)
    ]
    shape = tuple(
        positions.shape[axis] for axis in sorted(range(positions.ndim), key=lambda axis: -steps[axis])
    )
    return shape if positions[(0,) * positions.ndim] == 0 else None


def _whole_rows(shape: Shape, positions: Integers) -> Integers | None:
    """Return which rows of a matrix these are, if they are rows."""
    if len(shape) != 2 or positions.ndim != 2 or positions.shape[1] != shape[1]:
        return None
    chosen = positions[:, 0] // shape[1]
    whole = chosen[:, None] * shape[1] + np.arange(shape[1])
    return chosen if np.array_equal(whole, positions) else None
