"""Groups of scalars as operations on arrays, one after another."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from autograd_lite.lift.arrangement import arranged
from autograd_lite.lift.arrays import Arrays, Integers
from autograd_lite.lift.places import Input, Places
from autograd_lite.lift.scalars import SUM, Scalars
from autograd_lite.lift.schedule import Group, schedule
from autograd_lite.lift.structure import identifier
from autograd_lite.lift.sums import add_ragged_sums, add_sums
from autograd_lite.writing import symbol


def group(program: Scalars, inputs: Sequence[Input], at_most: float = math.inf) -> tuple[Arrays, int] | None:
    """Return the array program that computes the same, and the position of its root.

    Parameters
    ----------
    program : Scalars
    inputs : sequence of Input
        The arrays that the program's inputs have their places in.
    at_most : float, optional
        How many groups are worth it.

    Returns
    -------
    Arrays, int, or None
        None if there would be more groups.

    Examples
    --------
    >>> from autograd_lite import Value, topological_order
    >>> from autograd_lite.lift.scalars import collect_sums, trace
    >>> w, x = [Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]
    >>> order = topological_order((w[0] * x[0] + w[1] * x[1]).tanh())
    >>> at = {leaf: (number, k) for number, leaves in enumerate((w, x)) for k, leaf in enumerate(leaves)}
    >>> inputs = [Input("w", (2,), False), Input("x", (2,), False)]
    >>> arrays, root = group(collect_sums(trace(order, at)), inputs)
    >>> [node.op for node in arrays.nodes]
    ['input', 'input', 'map', 'sum', 'map']
    """
    groups = schedule(program)
    if len(groups) > at_most:
        return None
    places = Places(program, inputs)
    for one in groups:
        _add(places, one)
    root = places.operand(np.array(program.root))
    return places.arrays, root if places.arrays.nodes[root].batched else places.arrays.reshape(root, ())


def _add(places: Places, one: Group) -> None:
    """Add what computes a group, and note where its nodes are."""
    arrays = places.arrays
    if one.op != SUM:
        nodes, array = _elementwise(places, one)
    elif one.ragged:
        nodes, array = add_ragged_sums(places, one.members)
    else:
        nodes, array = add_sums(places, one.members)
    if arrays.size(array) == nodes.size:
        array = arrays.reshape(array, nodes.shape)
    array = arrays.broadcast(array, nodes.shape)
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
    return np.array(one.members)[order].reshape(shape), places.arrays.map(one.op, *operands)
