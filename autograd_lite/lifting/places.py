"""Where the scalars of a program are found: in which array, where in it, and in what order they lie there.

Which array a group becomes is decided in sums.py and assemble.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from autograd_lite.lifting.arrays import Arrays, Integers, Shape
from autograd_lite.lifting.groups import kinds_of_nodes
from autograd_lite.lifting.operations.gathering import elements, rows, take
from autograd_lite.lifting.operations.inputs import constant, input_
from autograd_lite.lifting.operations.joining import join
from autograd_lite.lifting.operations.sections import section
from autograd_lite.lifting.operations.shapes import broadcast, laid_out, reshape
from autograd_lite.lifting.scalars import CONSTANT, Scalars

_CONSTANT = -2
_REPEATED = 4


class Input(NamedTuple):
    """An argument: its name, its shape, and whether it comes once for each sample."""

    name: str
    shape: Shape
    batched: bool

    def __str__(self) -> str:
        return f"{self.name}: {self.described()}"

    def described(self) -> str:
        """Return in words what the argument is."""
        shape = f"of shape {self.shape}" if self.shape else ""
        return f"samples {shape}".strip() if self.batched else shape or "a number"


class Places:
    """The array program so far, which begins with its inputs, and where in it each scalar is."""

    def __init__(self, program: Scalars, inputs: Sequence[Input]) -> None:
        self.program = program
        self.arrays = Arrays()
        self.kinds = kinds_of_nodes(program)  # what each scalar is as an operand
        # For each scalar.
        self.array_of = np.full(len(program.ops), -1)
        self.position_of = np.zeros(len(program.ops), dtype=np.intp)
        self._values = np.array(program.values)
        self._joins: list[int] = []
        numbers = []
        for number, (name, shape, batched) in enumerate(inputs):
            numbers.append(input_(self.arrays, number, shape, batched))
            if name:
                self.arrays.names[numbers[-1]] = name
        for i, (array, position) in program.inputs.items():
            self.array_of[i], self.position_of[i] = numbers[array], position
        for i, op in enumerate(program.ops):
            if op == CONSTANT:
                self.array_of[i] = _CONSTANT

    def put(self, nodes: Integers, array: int) -> None:
        """Note that an array, of the shape of these nodes, holds them."""
        self.array_of[nodes] = array
        self.position_of[nodes] = np.arange(nodes.size).reshape(nodes.shape)

    def source(self, nodes: Integers) -> int | None:
        """Return the array that holds all of the nodes, None if it takes several, or they are constants."""
        array, *others = np.unique(self.array_of[nodes])
        return None if others or array == _CONSTANT else int(array)

    def identities(self, nodes: Integers) -> Integers:
        """Return a number for each node that is the same for the same place, or the same constant.

        They are ordered by place within an array.
        """
        numbers = (self.array_of[nodes] << 40) + self.position_of[nodes]
        is_constant = self.array_of[nodes] == _CONSTANT
        numbers[is_constant] = self._values[nodes[is_constant]].view(np.int64)
        return numbers

    def is_part(self, nodes: Integers) -> bool:
        """Return whether nodes are some rows and columns of an array, or lie one after another."""
        array_of, positions = self.array_of[nodes].ravel(), self.position_of[nodes].ravel()
        arrays = np.unique(array_of)
        if arrays[0] == _CONSTANT:
            return False
        shape = self.arrays.shape(int(arrays[0]))
        if len(arrays) == 1 and len(shape) > 1:
            return math.prod(len(np.unique(i)) for i in np.unravel_index(positions, shape)) == len(positions)
        return bool((np.diff(self._one_after_another(arrays, array_of, positions)) == 1).all())

    def is_same_constant(self, nodes: Integers) -> bool:
        """Return whether all of the nodes are one constant."""
        values = self._values[nodes]
        return bool((self.array_of[nodes] == _CONSTANT).all() and (values == values.ravel()[0]).all())

    def best_axis(self, *factors: Integers) -> int:
        """Return which axis the last one should become, so that arrays need not be turned; from the right."""
        for nodes in factors:
            if self.source(nodes) is not None and nodes.ndim > 1:
                positions = self.position_of[nodes]
                origin = positions[(0,) * nodes.ndim]
                steps = [
                    int(positions[tuple(int(i == axis) for i in range(nodes.ndim))] - origin) if n > 1 else 0
                    for axis, n in enumerate(nodes.shape)
                ]
                if steps[-1]:
                    return -1 - sum(0 < step < steps[-1] for step in steps[:-1])
        return -1

    # --- operands ---------------------------------------------------------------------------------------

    def operand(self, nodes: Integers, whole: bool = False) -> int:
        """Return an array that holds the nodes, in their shape; operations that make it are added.

        Unless it is to be whole, an axis along which they repeat has length 1, or is left out in front, and
        broadcasting does the rest.
        """
        array_of, position_of = self.array_of[nodes], self.position_of[nodes]
        arrays = np.unique(array_of)
        if arrays[-1] == _CONSTANT:
            return self._constants(nodes, whole)
        if arrays[0] == _CONSTANT:
            is_constant = array_of == _CONSTANT
            constants, position_of[is_constant] = np.unique(nodes[is_constant], return_inverse=True)
            array_of[is_constant] = constant(self.arrays, self._values[constants])
            arrays = np.unique(array_of)
        if len(arrays) == 1:
            found = elements(self.arrays, int(arrays[0]), position_of, whole)
            return self._aligned(self._laid_out(found, nodes.size), whole)
        joined, start = self._joined(tuple(map(int, arrays)))
        positions = start + self._one_after_another(arrays, array_of, position_of)
        return self._aligned(elements(self.arrays, joined, positions, whole), whole)

    def _one_after_another(self, arrays: Integers, array_of: Integers, position_of: Integers) -> Integers:
        """Return where nodes are if the arrays stand one after another."""
        starts = np.cumsum([0, *map(self.arrays.size, arrays[:-1])])
        found: Integers = position_of + starts[np.searchsorted(arrays, array_of)]
        return found

    def _joined(self, xs: tuple[int, ...]) -> tuple[int, int]:
        """Return an array in which these stand one after another, and where they begin there."""
        for joined in self._joins:
            operands = self.arrays.nodes[joined].operands
            for k in range(len(operands) - len(xs) + 1):
                if operands[k : k + len(xs)] == xs:
                    return joined, sum(map(self.arrays.size, operands[:k]))
        self._joins.append(join(self.arrays, xs))
        return self._joins[-1], 0

    def _laid_out(self, x: int, size: int) -> int:
        """Return an array that is turned and then repeated to a size as one that lies as it is turned."""
        base = self.reshaped(x)
        node = self.arrays.nodes[base]
        is_turned = node.op == section.name and node.detail.axes != tuple(range(len(node.shape)))
        if is_turned and not node.batched and size >= _REPEATED * self.arrays.size(x):
            return reshape(self.arrays, laid_out(self.arrays, base), self.arrays.shape(x))
        return x

    def _aligned(self, x: int, whole: bool) -> int:
        """Return it without axes of length 1 in front, which broadcasting adds by itself."""
        if whole:
            return x
        base, shape = self.reshaped(x), self.arrays.shape(x)
        if math.prod(shape) == 1 and self.arrays.shape(base) == (1,):
            return base
        while shape and shape[0] == 1:
            shape = shape[1:]
        return reshape(self.arrays, x, shape)

    def reshaped(self, x: int) -> int:
        """Return the array that was reshaped to this one, or itself."""
        node = self.arrays.nodes[x]
        return node.operands[0] if node.op == reshape.name else x

    def is_gathered(self, x: int) -> bool:
        """Return whether an array, or what it is a view of, is a selection by indices."""
        while self.arrays.nodes[x].op in (reshape.name, section.name, broadcast.name, laid_out.name):
            x = self.arrays.nodes[x].operands[0]
        return self.arrays.nodes[x].op in (take.name, rows.name)

    def _constants(self, nodes: Integers, whole: bool) -> int:
        values = self._values[nodes]
        if not whole:
            if (values == values.ravel()[0]).all():
                return constant(self.arrays, values.ravel()[0])
            for axis in range(values.ndim):
                first = values.take([0], axis=axis)
                if np.array_equal(np.broadcast_to(first, values.shape), values):
                    values = first
        return constant(self.arrays, values)


# --- the order and the shape in which the members of a group stand, so that operands need not be moved --


Arrangement: TypeAlias = tuple[Integers, Shape]
"""An order of the members, and their shape."""


def arranged(places: Places, columns: Sequence[Integers]) -> Arrangement:
    """Return the arrangement in which one of the operands of all members, column by column, lies already."""
    n = len(columns[0])
    found: Arrangement | None = None
    for column in columns:
        array = places.source(column)
        if array is None:
            continue
        positions = places.position_of[column]
        order = np.argsort(positions, kind="stable")
        if (np.diff(positions[order]) == 0).any():
            continue  # an element twice: its order says nothing
        shape = places.arrays.shape(array)
        if n == places.arrays.size(array):
            return order, shape
        if found is None:
            found = order, grid(shape, positions[order])
    if found is not None and len(found[1]) > 1:
        return found
    return _by_axes(places, columns[:_FEW]) or found or (np.arange(n), (n,))


_FEW, _SHORT = 8, 16


def _by_axes(places: Places, columns: Sequence[Integers]) -> Arrangement | None:
    """Return the order that runs through axes of the operands' arrays, if the members are all combinations.

    The axis that changes least often from member to member comes first: so run the loops that they come from.
    A short axis is not left at the end, where NumPy takes what it does at once.
    """
    n = len(columns[0])
    axes: list[Integers] = []
    combined, count = np.zeros(n, dtype=np.intp), 1
    for axis in (axis for column in columns for axis in _axes_of(places, column)):
        length = int(axis.max()) + 1
        if length == 1 or count * length > n:
            continue
        both = combined * length + axis
        if len(np.unique(both)) == count * length:
            axes.append(axis)
            combined, count = both, count * length
    if count != n or not axes:
        return None
    axes.sort(key=lambda axis: int(np.count_nonzero(np.diff(axis))))
    lengths = [int(axis.max()) + 1 for axis in axes]
    if lengths[-1] < _SHORT and max(lengths) > 2 * lengths[-1]:
        axes.append(axes.pop(lengths.index(max(lengths))))
    return np.lexsort(axes[::-1]), tuple(int(axis.max()) + 1 for axis in axes)


def _axes_of(places: Places, column: Integers) -> list[Integers]:
    """Return where the nodes stand along each axis of the array that holds them, counted without gaps."""
    array = places.source(column)
    if array is None or not places.arrays.shape(array):
        return []
    indices = np.unravel_index(places.position_of[column], places.arrays.shape(array))
    return [np.unique(index, return_inverse=True)[1].ravel() for index in indices]


def grid(shape: Shape, positions: Integers) -> Shape:
    """Return the shape of a part of an array, if it consists of whole rows and columns, else of a list."""
    lengths = [len(np.unique(index)) for index in np.unravel_index(positions, shape)] if shape else []
    is_grid = math.prod(lengths) == len(positions)
    return tuple(n for n in lengths if n > 1) if is_grid else (len(positions),)


def is_complete(rows: Integers, columns: Integers) -> bool:
    """Return whether each row meets each column once; they are numbered from 0."""
    height, width = int(rows.max()) + 1, int(columns.max()) + 1
    return height * width == len(rows) and len(np.unique(rows * width + columns)) == len(rows)
