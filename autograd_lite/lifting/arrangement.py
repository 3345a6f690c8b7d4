"""The order and the shape in which the members of a group stand, so that operands need not be moved."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from autograd_lite.lifting.arrays import Integers, Shape
from autograd_lite.lifting.places import Places

Arrangement = tuple[Integers, Shape]
"""An order of the members, and their shape."""


def arranged(places: Places, columns: Sequence[Integers]) -> Arrangement:
    """Return the arrangement in which an operand lies already.

    Parameters
    ----------
    places : Places
    columns : sequence of arrays of int
        The operands of all members: first the first of each, then the second, …

    Returns
    -------
    order : array of int, shape : tuple of int
    """
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
            found = order, _grid(shape, positions[order])
    if found is None:
        return _in_pairs(places, columns) if len(columns) > 1 else (np.arange(n), (n,))
    return found


def _grid(shape: Shape, positions: Integers) -> Shape:
    """Return the shape of a part of an array, if it consists of whole rows and columns, else of a list."""
    lengths = [len(np.unique(index)) for index in np.unravel_index(positions, shape)] if shape else []
    is_grid = math.prod(lengths) == len(positions)
    return tuple(n for n in lengths if n > 1) if is_grid else (len(positions),)


def _in_pairs(places: Places, columns: Sequence[Integers]) -> Arrangement:
    """Return an order in which the first two operands run through rows and columns, if they do."""
    first, second = (np.unique(places.identities(c), return_inverse=True)[1] for c in columns[:2])
    order = np.lexsort((second, first))
    rows, width = int(first.max()) + 1, int(second.max()) + 1
    is_matrix = is_complete(first, second) and rows > 1 and width > 1
    return order, (rows, width) if is_matrix else (len(order),)


def is_complete(rows: Integers, columns: Integers) -> bool:
    """Return whether each row meets each column once.

    Parameters
    ----------
    rows, columns : arrays of int
        Numbered from 0.

    Returns
    -------
    bool
    """
    height, width = int(rows.max()) + 1, int(columns.max()) + 1
    return height * width == len(rows) and len(np.unique(rows * width + columns)) == len(rows)
