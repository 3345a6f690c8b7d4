"""Groups of scalars as operations on arrays, one after another. What is a group is decided in groups.py."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from autograd_lite.lifting.arguments.structure import identifier
from autograd_lite.lifting.arrays import Arrays, Integers, Shape
from autograd_lite.lifting.groups import Group, schedule
from autograd_lite.lifting.operations.elementwise import elementwise
from autograd_lite.lifting.operations.extremes import extreme
from autograd_lite.lifting.operations.shapes import broadcast, reshape
from autograd_lite.lifting.places import Input, Places, arranged
from autograd_lite.lifting.rolling.assemble import add_loop
from autograd_lite.lifting.scalars import EXTREMES, LOOP, PART, RESULTS, SHIFTS, SUM, Scalars
from autograd_lite.lifting.sums import add_ragged_sums, add_sums
from autograd_lite.writing import symbol


def assemble(
    program: Scalars, groups: Iterable[Group], inputs: Sequence[Input], shapes: Sequence[Shape] = ((),)
) -> tuple[Arrays, list[int]]:
    """Return the array program that computes the same, and the positions of its results.

    Groups come operands first; results, for which the root stands, are put into these shapes.

    Examples
    --------
    >>> from autograd_lite import Value, topological_order
    >>> from autograd_lite.lifting.groups import schedule
    >>> from autograd_lite.lifting.scalars import collect_sums, listed
    >>> w, x = [Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]
    >>> order = topological_order((w[0] * x[0] + w[1] * x[1]).tanh())
    >>> at = {leaf: (number, k) for number, leaves in enumerate((w, x)) for k, leaf in enumerate(leaves)}
    >>> program = collect_sums(listed(order, at))
    >>> inputs = [Input("w", (2,), False), Input("x", (2,), False)]
    >>> arrays, (root,) = assemble(program, schedule(program), inputs)
    >>> [node.op for node in arrays.nodes]
    ['input', 'input', 'elementwise', 'total', 'elementwise']
    """
    places = assembled(program, groups, inputs)
    ends = np.cumsum([math.prod(shape) for shape in shapes])
    results = np.split(np.array(program.results), ends[:-1])
    return places.arrays, [_result(places, *one) for one in zip(results, shapes, strict=True)]


def _result(places: Places, nodes: Integers, shape: Shape) -> int:
    """Return the array of results; a number for each sample as it is, of which one takes the mean."""
    x = places.operand(nodes.reshape(shape), whole=bool(shape))
    return x if places.arrays.nodes[x].batched and not shape else reshape(places.arrays, x, shape)


def assembled(program: Scalars, groups: Iterable[Group], inputs: Sequence[Input]) -> Places:
    """Return the array program, and where in it the nodes are."""
    places = Places(program, inputs)
    for one in groups:
        if one.op == LOOP:
            for i in one.members:
                add_loop(places, i, _in_order)
        elif one.op not in (PART, RESULTS):
            _add(places, one)
    return places


def _in_order(program: Scalars, inputs: Sequence[Input]) -> Places:
    return assembled(program, schedule(program), inputs)


def _add(places: Places, one: Group) -> None:
    """Add what computes a group, and note where its nodes are."""
    arrays = places.arrays
    if one.op in SHIFTS or (one.op in EXTREMES and len(places.program.operands[one.members[0]]) > 2):
        nodes, array = _extremes(places, one)
    elif one.op != SUM:
        nodes, array = _elementwise(places, one)
    elif one.ragged:
        nodes, array = add_ragged_sums(places, one.members)
    else:
        nodes, array = add_sums(places, one.members)
    if arrays.size(array) == nodes.size:
        array = reshape(arrays, array, nodes.shape)
    array = broadcast(arrays, array, nodes.shape)
    places.put(nodes, array)
    label = places.program.labels[int(nodes.ravel()[0])]
    if label and array not in arrays.names:
        named = symbol(label)
        arrays.names[array] = identifier(f"{named.letter}{named.layer}")


def _elementwise(places: Places, one: Group) -> tuple[Integers, int]:
    """Return the nodes in order and shape, and the array of a row of the rule book applied to each."""
    columns = np.array([places.program.operands[i] for i in one.members])
    order, shape = arranged(places, list(columns.T))
    ordered = columns[order].reshape(*shape, -1)
    operands = [places.operand(ordered[..., k]) for k in range(columns.shape[1])]
    return np.array(one.members)[order].reshape(shape), elementwise(places.arrays, one.op, *operands)


def _extremes(places: Places, one: Group) -> tuple[Integers, int]:
    """Return the nodes in order and shape, and the array of the largest or smallest of their operands."""
    columns = np.array([places.program.operands[i] for i in one.members])
    order, shape = arranged(places, list(columns.T))
    ordered = columns[order].reshape(*shape, -1)
    axis = places.best_axis(ordered)
    operands = places.operand(np.moveaxis(ordered, -1, axis), whole=True)
    row, is_shift = SHIFTS.get(one.op, one.op), one.op in SHIFTS
    return np.array(one.members)[order].reshape(shape), extreme(places.arrays, row, operands, axis, is_shift)
