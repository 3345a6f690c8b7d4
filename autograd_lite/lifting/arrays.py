"""The array program: operations on arrays, each known by its position. What they are stands in operations/.

Shapes leave out the batch axis: an array that has one for each sample is *batched*, and its batch axis comes
first.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Integers: TypeAlias = npt.NDArray[np.intp]
Shape: TypeAlias = tuple[int, ...]

# The rows whose results are Python numbers, and those of which they are where all operands are.
_NUMBERS = frozenset({"constant", "samples", "per_sample"})
_NUMBERS_OF_NUMBERS = frozenset({"elementwise", "chain"})


class Node(NamedTuple):
    """One operation on arrays."""

    op: str  # the name of a row in ``OPERATIONS``
    operands: tuple[int, ...]
    detail: Any  # what else it needs: the row of the rule book, the axes, the positions, …
    shape: Shape
    batched: bool


class Arrays:
    """An array program under construction. The same operation on the same operands is kept once."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.names: dict[int, str] = {}  # what people call some of them
        self.numbers: set[int] = set()  # those that are Python numbers, which broadcast beside any array
        # Whether derivatives are part of it, in which a quotient need not have a value where it is not used.
        self.is_derived = False
        self._known: dict[Hashable, int] = {}

    def copy(self) -> Arrays:
        """Return a program of its own that begins in the same way."""
        copied = Arrays()
        copied.nodes, copied.names, copied._known = list(self.nodes), dict(self.names), dict(self._known)
        copied.numbers, copied.is_derived = set(self.numbers), self.is_derived
        return copied

    def add(
        self,
        op: str,
        operands: tuple[int, ...],
        shape: Shape,
        detail: Any = None,
        key: Hashable = None,
        batched: bool | None = None,
    ) -> int:
        """Return the position of an operation, which is added unless it is there.

        The key is its detail, as something hashable. By default it is batched if an operand is.
        """
        whole = op, operands, key, shape
        if whole not in self._known:
            is_number = op in _NUMBERS or (op in _NUMBERS_OF_NUMBERS and self.numbers.issuperset(operands))
            if is_number and not shape:
                self.numbers.add(len(self.nodes))
            self._known[whole] = len(self.nodes)
            if batched is None:
                batched = any(self.nodes[x].batched for x in operands)
            self.nodes.append(Node(op, operands, detail, tuple([int(n) for n in shape]), batched))
        return self._known[whole]

    def known(self, op: str, operands: tuple[int, ...], shape: Shape, key: Hashable = None) -> int | None:
        """Return the position of an operation, if it is there."""
        return self._known.get((op, operands, key, shape))

    def shape(self, x: int) -> Shape:
        """Return the shape of an array."""
        return self.nodes[x].shape

    def size(self, x: int) -> int:
        """Return the number of its elements."""
        return math.prod(self.nodes[x].shape)

    def literal(self, x: int) -> float | None:
        """Return the number that an operation is, or None."""
        node = self.nodes[x]
        return node.detail if node.op == "constant" and not node.shape else None

    def factor(self, x: int) -> float | None:
        """Return the number by which an array is another one multiplied, which comes second; else None."""
        op, operands, detail, _, _ = self.nodes[x]
        return self.literal(operands[0]) if op == "elementwise" and detail == "mul" else None

    def broadcast_shape(self, operands: tuple[int, ...]) -> Shape:
        """Return the shape of what is made of arrays element by element."""
        return np.broadcast_shapes(*(self.shape(x) for x in operands))


# --- parts of arrays ------------------------------------------------------------------------------------


class Window(NamedTuple):
    """A part of an array: an index or a slice for each of its axes, then an order of those that stay."""

    indices: tuple[int | slice, ...]
    axes: tuple[int, ...]

    @property
    def key(self) -> tuple[Any, ...]:
        """Return what two equal windows have in common; slices have no hash."""
        return tuple(str(index) for index in self.indices), self.axes

    @property
    def is_in_order(self) -> bool:
        """Return whether the axes stay as they are."""
        return self.axes == tuple(range(len(self.axes)))

    @property
    def inverse_axes(self) -> tuple[int, ...]:
        """Return the order that puts the axes back to where they were."""
        return tuple(self.axes.index(axis) for axis in range(len(self.axes)))


def window_of(shape: Shape, positions: Integers) -> Window | None:
    """Return the part of an array whose elements stand at positions, or None if it has no such part.

    They count in the flattened array, and have no axes of length 1.

    Examples
    --------
    >>> window_of((3, 4), np.array([[1, 5, 9], [3, 7, 11]]))
    Window(indices=(slice(0, 3, 1), slice(1, 4, 2)), axes=(1, 0))
    """
    if not shape:
        return None
    origin = positions[(0,) * positions.ndim]
    steps = [
        int(positions[tuple(int(i == axis) for i in range(positions.ndim))] - origin)
        for axis in range(positions.ndim)
    ]
    affine = origin + sum(
        np.arange(n).reshape([-1 if i == axis else 1 for i in range(positions.ndim)]) * step
        for axis, (n, step) in enumerate(zip(positions.shape, steps, strict=True))
    )
    if not np.array_equal(np.broadcast_to(affine, positions.shape), positions):
        return None
    start = [int(i) for i in np.unravel_index(origin, shape)]
    indices: list[int | slice] = list(start)
    source_axes: list[int] = []
    for n, step in zip(positions.shape, steps, strict=True):
        for axis in range(len(shape)):
            stride = math.prod(shape[axis + 1 :])
            count, rest = divmod(step, stride)
            last = start[axis] + count * (n - 1)
            if step > 0 and not rest and axis not in source_axes and last < shape[axis]:
                end = min(last + count, shape[axis]) if count > 1 else last + 1
                indices[axis] = slice(start[axis], end, count)
                source_axes.append(axis)
                break
        else:
            return None
    kept = sorted(source_axes)
    return Window(tuple(indices), tuple(kept.index(axis) for axis in source_axes))


def ranks(targets: Integers) -> Integers:
    """Return for each target how many of those before it are the same.

    Examples
    --------
    >>> ranks(np.array([5, 2, 5, 5, 2]))
    array([0, 0, 1, 2, 1])
    """
    order = np.argsort(targets, kind="stable")
    counts = np.bincount(targets)
    result = np.empty(len(targets), dtype=np.intp)
    result[order] = np.arange(len(targets)) - np.repeat(np.cumsum(counts) - counts, counts)
    return result


def padded(targets: Integers, size: int) -> Integers:
    """Return for each of so many results the positions of the targets that are it, filled up with −1.

    Examples
    --------
    >>> padded(np.array([0, 2, 0]), 3)
    array([[ 0,  2],
           [-1, -1],
           [ 1, -1]])
    """
    columns = ranks(targets)
    table = np.full((size, 1 + int(columns.max(initial=0))), -1)
    table[targets, columns] = np.arange(len(targets))
    return table
