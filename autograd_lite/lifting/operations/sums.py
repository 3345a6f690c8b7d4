"""Sums over axes and over samples, and the mean of a cost."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Sequence
from functools import partial, reduce

from autograd_lite.lifting.arrays import Arrays, Node, Shape, Window
from autograd_lite.lifting.operations.elementwise import chain, elementwise
from autograd_lite.lifting.operations.inputs import constant
from autograd_lite.lifting.operations.products import linear
from autograd_lite.lifting.operations.row import Contributions, Row, each_operand
from autograd_lite.lifting.operations.sections import place, section, transposed
from autograd_lite.lifting.operations.shapes import broadcast, reshape
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.numpy import Text

_LARGE = 50_000


class _Total(Row):
    """The sum over axes, counted from the right, that go; over all by default."""

    def __call__(self, arrays: Arrays, x: int, axes: tuple[int, ...] | None = None) -> int:
        shape = arrays.shape(x)
        axes = tuple(range(-len(shape), 0)) if axes is None else axes
        if not axes:
            return x
        node = arrays.nodes[x]
        if node.op == constant.name:
            return constant(arrays, node.detail.sum(axis=axes))
        if x not in arrays.names and arrays.factor(x) is not None:
            return elementwise(arrays, "mul", node.operands[0], self(arrays, node.operands[1], axes))
        before = self._axes_before(arrays, node, axes)
        if before is not None:
            return self(arrays, node.operands[0], before)
        rest = tuple(n for i, n in enumerate(shape, -len(shape)) if i not in axes)
        if node.op == broadcast.name:
            (a,) = node.operands
            before = (1,) * (len(shape) - len(arrays.shape(a))) + arrays.shape(a)
            if all(before[axis] == 1 for axis in axes):
                # What is the same n times adds up to n times itself.
                kept = tuple(n for i, n in enumerate(before, -len(shape)) if i not in axes)
                count = constant(arrays, float(math.prod(shape[axis] for axis in axes)))
                return elementwise(arrays, "mul", count, broadcast(arrays, reshape(arrays, a, kept), rest))
        known = (
            self._of_parts(arrays, node, axes)
            or self._of_matrices(arrays, node, axes, rest)
            or self._over_divisor(arrays, node, axes, rest)
        )
        return known or arrays.add(self.name, (x,), rest, axes, axes)

    def _of_parts(self, arrays: Arrays, node: Node, axes: tuple[int, ...]) -> int | None:
        """Return the sum of products with an array whose parts lie along the axis, part by part."""
        if node.op != elementwise.name or node.detail != "mul" or len(axes) > 1:
            return None
        for x, other in (node.operands, node.operands[::-1]):
            placed = arrays.nodes[x]
            if placed.op != place.name or placed.shape != node.shape:
                continue
            places = [_place_along(window, placed.shape, axes[0]) for window in placed.detail]
            products = [
                elementwise(arrays, "mul", part, _at(arrays, other, axes[0], k))
                for part, k in zip(placed.operands[1:], places, strict=True)
                if k is not None
            ]
            if len(products) == len(places):
                return reduce(partial(elementwise, arrays, "add"), products)
        return None

    def _of_matrices(self, arrays: Arrays, node: Node, axes: tuple[int, ...], rest: Shape) -> int | None:
        """Return the sum along the one axis that two factors have in common, as a product of matrices."""
        if node.op != elementwise.name or node.detail != "mul" or node.batched or len(axes) > 1:
            return None
        rank, (axis,) = len(node.shape), axes
        matrices = []
        for x in node.operands:
            shape = (1,) * (rank - len(arrays.shape(x))) + arrays.shape(x)
            long = [i for i, n in enumerate(shape, -rank) if n > 1]
            if len(long) != 2 or axis not in long:
                return None
            matrix = reshape(arrays, x, tuple(shape[i] for i in long))
            (own,) = {*long} - {axis}
            matrices.append((own, matrix if own < axis else transposed(arrays, matrix)))
        (first, x), (second, W) = sorted(matrices)
        return reshape(arrays, linear(arrays, x, W), rest) if first != second else None

    def _over_divisor(self, arrays: Arrays, node: Node, axes: tuple[int, ...], rest: Shape) -> int | None:
        """Return −Σ d (a / b) / b with the division after the sum, where b is the same all along it."""
        derivative = node.detail
        if node.op != chain.name or (derivative.row, derivative.i) != ("div", 1):
            return None
        divisor = derivative.operands[1]
        repeated = (1,) * (len(node.shape) - len(arrays.shape(divisor))) + arrays.shape(divisor)
        if any(repeated[axis] > 1 for axis in axes) or arrays.nodes[divisor].batched != node.batched:
            return None
        product = elementwise(arrays, "mul", node.operands[0], derivative.result)
        quotient = elementwise(arrays, "div", self(arrays, product, axes), reshape(arrays, divisor, rest))
        return elementwise(arrays, "neg", quotient)

    def _axes_before(self, arrays: Arrays, node: Node, axes: tuple[int, ...]) -> tuple[int, ...] | None:
        """Return the axes that go if the sum comes before an exchange or a joining of axes, if it can."""
        rank = len(node.shape)
        if node.op == section.name and arrays.size(node.operands[0]) == math.prod(node.shape):
            source = node.detail.axes
            kept = [source[i] for i in range(rank) if i - rank not in axes]
            return tuple(sorted(source[axis] - rank for axis in axes)) if kept == sorted(kept) else None
        if node.op == reshape.name:
            shape = arrays.shape(node.operands[0])
            joined = _joined_axes(shape, node.shape)
            if joined is not None:
                return tuple(i - len(shape) for axis in sorted(axes) for i in joined[axis])
        return None

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        (a,) = node.operands
        if arrays.shape(d) != ():
            lengths = iter((1,) * (len(node.shape) - len(arrays.shape(d))) + arrays.shape(d))
            rank = len(arrays.shape(a))
            d = reshape(arrays, d, tuple(1 if i in node.detail else next(lengths) for i in range(-rank, 0)))
        yield a, d

    def alike(self, arrays: Arrays, node: Node) -> Hashable:
        (a,) = node.operands
        # To add large arrays takes longer than to add up each.
        is_large = node.batched or arrays.size(a) > _LARGE
        if is_large or self._is_inner_product(arrays, arrays.nodes[a], node.detail):
            return None
        return self.name, node.detail, arrays.shape(a)

    def together(self, arrays: Arrays, parts: Sequence[int]) -> int:
        summands = [arrays.nodes[x].operands[0] for x in parts]
        return self(
            arrays, reduce(partial(elementwise, arrays, "add"), summands), arrays.nodes[parts[0]].detail
        )

    def text(self, w: Writer, x: int, node: Node) -> Text:
        (a,) = node.operands
        source = w.arrays.nodes[a]
        rank = len(source.shape)
        if self._is_inner_product(w.arrays, source, node.detail) and not w.text(a).isidentifier():
            return Text(f"np.vecdot({', '.join(map(w.text, source.operands))})")
        if not source.batched and len(node.detail) == rank:
            return Text(f"np.sum({w.text(a)})")
        # The batch axis comes first: axes are counted from the end where there is one.
        axes = node.detail if source.batched else tuple(axis + rank for axis in node.detail)
        return Text(f"np.sum({w.text(a)}, axis={axes[0] if len(axes) == 1 else axes})")

    def _is_inner_product(self, arrays: Arrays, source: Node, axes: tuple[int, ...]) -> bool:
        """Return whether a sum is one of products along the last axis, of two arrays of that shape."""
        if source.op != elementwise.name or source.detail != "mul" or axes != (-1,):
            return False
        factors = [arrays.nodes[x] for x in source.operands]
        return all(
            f.batched == source.batched
            and (f.shape == source.shape if f.batched else f.shape[-1:] == source.shape[-1:])
            for f in factors
        )

    def comment(self, arrays: Arrays, node: Node, name: str) -> str:
        return "B3, A5: ∂C/∂b = Σₛ ∂C/∂z" if name.startswith("db") else ""


def _place_along(window: Window, shape: Shape, axis: int) -> int | None:
    """Return the place along an axis where the whole of an array is seen otherwise, if it is."""
    whole: list[int | slice] = [slice(0, n, 1) for n in shape]
    place = whole[axis] = window.indices[axis]
    is_across = list(window.indices) == whole and window.is_in_order
    return place if isinstance(place, int) and is_across else None


def _at(arrays: Arrays, x: int, axis: int, place: int) -> int:
    """Return what lies at a place along an axis, which an array may lack, or repeat itself along."""
    shape = arrays.shape(x)
    if len(shape) < -axis:
        return x
    indices: list[int | slice] = [slice(0, n, 1) for n in shape]
    indices[axis] = place if shape[axis] > 1 else 0
    return section(arrays, x, Window(tuple(indices), tuple(range(len(shape) - 1))))


def _joined_axes(before: Shape, after: Shape) -> list[tuple[int, ...]] | None:
    """Return for each axis of a reshaped array those that it joins; None if there is more to it."""
    joined: list[tuple[int, ...]] = []
    start = 0
    for n in after:
        end = min(start + 1, len(before))
        while end < len(before) and math.prod(before[start:end]) < n:
            end += 1
        if math.prod(before[start:end]) != n:
            return None
        joined.append(tuple(range(start, end)))
        start = end
    return joined if start == len(before) else None


class _OverBatch(Row):
    """The sum over the batch."""

    def __call__(self, arrays: Arrays, x: int) -> int:
        return arrays.add(self.name, (x,), arrays.shape(x), batched=False)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        source = w.arrays.nodes[node.operands[0]]
        product = self._product(w, source) if not w.text(node.operands[0]).isidentifier() else None
        return product or Text(f"np.sum({w.text(node.operands[0])}, axis=0)")

    def _product(self, w: Writer, source: Node) -> Text | None:
        """Return a sum of products over the batch as a product of matrices, for each row that both have."""
        if source.op != elementwise.name or source.detail != "mul" or len(source.shape) != 2:
            return None
        (a, x), (b, y) = ((y, w.arrays.nodes[y]) for y in source.operands)
        if y.shape != source.shape:
            (a, x), (b, y) = (b, y), (a, x)
        if y.shape != source.shape or x.shape != (source.shape[0], 1) or not (x.batched and y.batched):
            return None
        rows = f"np.permute_dims({w.text(a)}, (1, 2, 0))"
        return Text(f"({rows} @ np.permute_dims({w.text(b)}, (1, 0, 2)))[:, 0, :]")

    def comment(self, arrays: Arrays, node: Node, name: str) -> str:
        return total.comment(arrays, node, name)


class _Average(Row):
    """The mean over the batch, if there is one, of a number for each sample: C = (1/n) Σₛ Cₛ (A1)."""

    def __call__(self, arrays: Arrays, x: int) -> int:
        if not arrays.nodes[x].batched:
            return x
        return arrays.add(self.name, (x,), (), batched=False)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        return Text(f"np.mean({w.text(node.operands[0])})")


total = _Total("total", price=2.5, flops=each_operand)
over_batch = _OverBatch("over_batch", flops=each_operand)
average = _Average("average")
