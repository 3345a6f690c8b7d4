"""Several results as one root: what a function returns beside a cost, or without one, as one graph."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.lifting.arguments.structure import Structure, identifiers, made, members_of, parts_of
from autograd_lite.lifting.arrays import Integers, Shape
from autograd_lite.lifting.scalars import RESULTS
from autograd_lite.value import Value, constant


class Sparse(NamedTuple):
    """The elements of a matrix that may differ from 0, as ``scipy.sparse.coo_array`` takes them.

    Attributes
    ----------
    values : array
        For each element; the last axis runs over elements.
    rows, columns : arrays of int
        Where the elements stand.
    shape : tuple of int
    """

    values: Any
    rows: Integers
    columns: Integers
    shape: tuple[int, int]


class Layout(NamedTuple):
    """What the results of a program are, array by array."""

    names: list[str]
    shapes: list[Shape]
    means: list[bool]  # whether each is the mean over samples; else there is one for every sample
    structure: Structure | None  # what the arrays are put into
    matrix: Sparse | None = None  # the matrix whose elements they are, without its values


NOTHING = Layout([], [], [], None)


class Results(Value):
    """The root of a graph of several results, array after array; a cost whose gradients are wanted besides.

    Its data is their sum.
    """

    __slots__ = ("cost", "layout", "values")

    def __init__(self, values: Sequence[Any], layout: Layout, cost: Value | None = None) -> None:
        self.values = [x if isinstance(x, Value) else constant(float(x)) for x in values]
        operands = (*self.values,) if cost is None else (cost, *self.values)
        super().__init__(math.fsum(value.data for value in operands))
        self.op = RESULTS
        self._x, self._dx = operands, (1,) * len(operands)
        self.layout = layout
        self.cost = cost

    @property
    def is_derived(self) -> bool:
        """Whether derivatives are part of the graph, which need not be numbers where they are not used."""
        return self.cost is None or not self.values


def cost_of(root: Value) -> Value | None:
    """Return the cost that a root is, or has among other results; None if it has none."""
    return root.cost if isinstance(root, Results) else root


class Flat(NamedTuple):
    """A structure of Values and numbers, taken apart: the arrays by name and shape, and what is in them."""

    names: list[str]
    shapes: list[Shape]
    structure: Structure | None
    values: list[Any]


def flattened(structure: Any, name: str) -> Flat:
    """Take a structure apart that goes by a name."""
    try:
        parts, form = parts_of(_with_numbers(structure), name)
    except TypeError as error:
        raise TypeError(f"the function must return Values, or structures of them: {error}") from error
    names = identifiers([part.name for part in parts])
    return Flat(names, [part.array.shape for part in parts], form, list(_numbers_in(structure)))


def _numbers_in(structure: Any) -> Iterator[Any]:
    """Yield the Values and numbers in a structure, in the order of its arrays."""
    members = members_of(structure)
    if hasattr(structure, "ravel"):
        yield from structure.ravel().tolist()
    elif members is None:
        yield structure
    else:
        for member in members.values():
            yield from _numbers_in(member)


def _with_numbers(structure: Any) -> Any:
    """Return a structure with the data of its Values."""
    if isinstance(structure, Value):
        return float(structure.data)
    if getattr(structure, "dtype", np.dtype(float)).hasobject:
        return np.array([_with_numbers(x) for x in structure.ravel()], dtype=float).reshape(structure.shape)
    members = members_of(structure)
    if members is None:
        return structure
    return made(type(structure), tuple(members), [_with_numbers(member) for member in members.values()])
