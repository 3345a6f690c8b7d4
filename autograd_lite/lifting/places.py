"""Where the scalars of a program are found: in which array, and where in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from autograd_lite.lifting.arrays import Arrays, Integers, Shape
from autograd_lite.lifting.scalars import CONSTANT, Scalars
from autograd_lite.lifting.schedule import kinds_of_nodes

_CONSTANT = -2


class Input(NamedTuple):
    """An argument: its name, its shape, and whether it comes once for each sample."""

    name: str
    shape: Shape
    batched: bool


class Places:
    """The array program so far, and where in it each scalar is.

    Parameters
    ----------
    program : Scalars
    inputs : sequence of Input
        The arrays that the program's inputs have their places in.

    Attributes
    ----------
    arrays : Arrays
    kinds : list of int or str
        What each scalar is as an operand.
    array_of, position_of : arrays of int
        For each scalar.
    """

    def __init__(self, program: Scalars, inputs: Sequence[Input]) -> None:
        self.program = program
        self.arrays = Arrays()
        self.kinds = kinds_of_nodes(program)
        self.array_of = np.full(len(program.ops), -1)
        self.position_of = np.zeros(len(program.ops), dtype=np.intp)
        self._values = np.array(program.values)
        numbers = []
        for number, (name, shape, batched) in enumerate(inputs):
            numbers.append(self.arrays.input(number, shape, batched))
            self.arrays.names[numbers[-1]] = name
        for i, (array, position) in program.inputs.items():
            self.array_of[i], self.position_of[i] = numbers[array], position
        for i, op in enumerate(program.ops):
            if op == CONSTANT:
                self.array_of[i] = _CONSTANT

    def put(self, nodes: Integers, array: int) -> None:
        """Note that an array holds these nodes.

        Parameters
        ----------
        nodes : array of int
        array : int
            Of their shape.
        """
        self.array_of[nodes] = array
        self.position_of[nodes] = np.arange(nodes.size).reshape(nodes.shape)

    def source(self, nodes: Integers) -> int | None:
        """Return the array that holds all of the nodes, None if it takes several, or they are constants.

        Parameters
        ----------
        nodes : array of int

        Returns
        -------
        int or None
        """
        array, *others = np.unique(self.array_of[nodes])
        return None if others or array == _CONSTANT else int(array)

    def identities(self, nodes: Integers) -> Integers:
        """Return a number for each node that is the same for the same place, or the same constant.

        Parameters
        ----------
        nodes : array of int

        Returns
        -------
        array of int, of the same shape
            Ordered by place within an array.
        """
        numbers = (self.array_of[nodes] << 40) + self.position_of[nodes]
        constant = self.array_of[nodes] == _CONSTANT
        numbers[constant] = self._values[nodes[constant]].view(np.int64)
        return numbers

    # --- operands ---------------------------------------------------------------------------------------

    def operand(self, nodes: Integers, whole: bool = False) -> int:
        """Return an array that holds the nodes, in their shape.

        Parameters
        ----------
        nodes : array of int
        whole : bool, optional
            Whether axes along which they repeat have their length; else such an axis has length 1, or is left
            out in front, and broadcasting does the rest.

        Returns
        -------
        int
        """
        arrays = np.unique(self.array_of[nodes])
        if arrays[-1] == _CONSTANT:
            return self._constants(nodes, whole)
        if arrays[0] == _CONSTANT:
            self._give_constants_a_place(nodes)
            arrays = np.unique(self.array_of[nodes])
        if len(arrays) == 1:
            return self._aligned(self.arrays.at(int(arrays[0]), self.position_of[nodes], whole), whole)
        joined = self.arrays.join(tuple(map(int, arrays)))
        starts = np.cumsum([0, *map(self.arrays.size, arrays[:-1])])
        positions = self.position_of[nodes] + starts[np.searchsorted(arrays, self.array_of[nodes])]
        return self._aligned(self.arrays.at(joined, positions, whole), whole)

    def _aligned(self, x: int, whole: bool) -> int:
        """Return it without axes of length 1 in front, which broadcasting adds by itself."""
        if whole:
            return x
        base, shape = self.arrays.base(x), self.arrays.shape(x)
        if math.prod(shape) == 1 and self.arrays.shape(base) == (1,):
            return base
        while shape and shape[0] == 1:
            shape = shape[1:]
        return self.arrays.reshape(x, shape)

    def _constants(self, nodes: Integers, whole: bool) -> int:
        values = self._values[nodes]
        if not whole:
            if (values == values.ravel()[0]).all():
                return self.arrays.constant(values.ravel()[0])
            for axis in range(values.ndim):
                first = values.take([0], axis=axis)
                if np.array_equal(np.broadcast_to(first, values.shape), values):
                    values = first
        return self.arrays.constant(values)

    def _give_constants_a_place(self, nodes: Integers) -> None:
        constants = np.unique(nodes[self.array_of[nodes] == _CONSTANT])
        self.array_of[constants] = self.arrays.constant(self._values[constants])
        self.position_of[constants] = np.arange(len(constants))
