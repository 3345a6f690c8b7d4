"""The reverse sweep, for programs of any kind, and the backward part that it adds to an array program.

What an operation gives back to its operands is told by its row, in operations/.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial, reduce
from typing import Any, TypeVar

from autograd_lite.lifting.arrays import Arrays
from autograd_lite.lifting.operations.elementwise import elementwise
from autograd_lite.lifting.operations.inputs import constant, per_sample
from autograd_lite.lifting.operations.row import OPERATIONS, Contribution, Contributions, OfResult, Placed
from autograd_lite.lifting.operations.sections import place
from autograd_lite.lifting.operations.shapes import as_whole, reshape
from autograd_lite.lifting.operations.sums import over_batch, total

T = TypeVar("T")
A = TypeVar("A")


def depending_on(inputs: Iterable[int], operands: Iterable[Sequence[int]]) -> set[int]:
    """Return which nodes of a program depend on some of its inputs, and these themselves."""
    depending = set(inputs)
    for x, nodes in enumerate(operands):
        if not depending.isdisjoint(nodes):
            depending.add(x)
    return depending


def sweep(
    order: Iterable[int],
    seeds: dict[int, list[T]],
    add_up: Callable[[int, list[T]], A],
    give_back: Callable[[int, A], Iterable[tuple[int, T]]],
) -> dict[int, A]:
    """Return the adjoint of each node on which the root depends, in an order in which users come first.

    ``add_up`` makes an adjoint of what has come back to a node, ``give_back`` says what its operands get.
    """
    pending, adjoints = dict(seeds), {}
    for x in order:
        if x in pending:
            adjoints[x] = add_up(x, pending.pop(x))
            for operand, contribution in give_back(x, adjoints[x]):
                pending.setdefault(operand, []).append(contribution)
    return adjoints


def add_gradients(arrays: Arrays, root: int, inputs: Sequence[int]) -> list[int]:
    """Add the backward part of a cost, one number, and return the gradient of each input asked for.

    Of a cost for each sample it is that of their mean.
    """
    seed = per_sample(arrays) if arrays.nodes[root].batched else constant(arrays, 1.0)
    adjoints = add_adjoints(arrays, {root: [seed]}, inputs)
    zero = constant(arrays, 0.0)
    return [as_whole(arrays, adjoints.get(x, zero), x) for x in inputs]


def add_adjoints(arrays: Arrays, seeds: Mapping[int, Sequence[int]], inputs: Iterable[int]) -> dict[int, int]:
    """Add the backward part of operations to which seeds come back; return the adjoints of inputs."""
    inputs = list(dict.fromkeys(inputs))
    start = len(arrays.nodes)
    needed = depending_on(inputs, (node.operands for node in arrays.nodes))

    def add_up(x: int, contributions: list[Contribution]) -> Any:
        results = [one for one in contributions if isinstance(one, OfResult)]
        if results:
            return {one.result: one.array for one in results}
        parts = [one for one in contributions if isinstance(one, int)]
        placed: dict[Any, Placed] = {}
        for one in contributions:
            if isinstance(one, Placed):
                before = placed.get(one.window.key)
                array = one.array if before is None else elementwise(arrays, "add", before.array, one.array)
                placed[one.window.key] = Placed(array, one.window)
        if placed:
            parts.append(place(arrays, list(placed.values()), x))
        d = reduce(partial(elementwise, arrays, "add"), _taken_together(arrays, parts))
        if x in arrays.names and d >= start and d not in arrays.names:
            arrays.names[d] = f"d{arrays.names[x]}"
        return d

    def give_back(x: int, d: Any) -> Contributions:
        node = arrays.nodes[x]
        if isinstance(d, int) and arrays.literal(d) == 0:
            return  # nothing flows back through a dead unit
        for operand, one in OPERATIONS[node.op].adjoint(arrays, x, node, d, needed):
            if operand in needed:
                yield operand, _fitted(arrays, one, operand)

    last = max(seeds)
    interior = [x for x in range(last, -1, -1) if x in needed and arrays.nodes[x].operands]
    begun: dict[int, list[Contribution]] = {x: list(found) for x, found in seeds.items()}
    adjoints = sweep([*interior, *inputs], begun, add_up, give_back)
    return {x: adjoints[x] for x in inputs if x in adjoints}


def _taken_together(arrays: Arrays, parts: Iterable[int]) -> list[int]:
    """Return contributions in which sums that are alike have become one."""
    found: list[list[int]] = []
    alike: dict[Hashable, list[int]] = {}
    for x in parts:
        kind = OPERATIONS[arrays.nodes[x].op].alike(arrays, arrays.nodes[x])
        if kind in alike:
            alike[kind].append(x)
            continue
        found.append([x])
        if kind is not None:
            alike[kind] = found[-1]
    return [
        OPERATIONS[arrays.nodes[first].op].together(arrays, [first, *others]) if others else first
        for first, *others in found
    ]


def _fitted(arrays: Arrays, one: Contribution, x: int) -> Contribution:
    """Return a contribution to the adjoint of x, summed along the axes along which x was repeated."""
    if isinstance(one, OfResult):
        return one
    d = one.array if isinstance(one, Placed) else one
    node = arrays.nodes[x]
    if arrays.nodes[d].batched and not node.batched:
        d = over_batch(arrays, d)
    if isinstance(one, Placed):
        return Placed(d, one.window)
    shape = arrays.shape(d)
    extra = len(shape) - len(node.shape)
    repeated = [
        axis - len(shape)
        for axis in range(len(shape))
        if axis < extra or (node.shape[axis - extra] == 1 and shape[axis] > 1)
    ]
    if not repeated:
        return d
    # What is the same all along an axis may still have length 1 there.
    lengths = (1,) * -extra + shape[max(extra, 0) :]
    left = tuple(min(n, m) for n, m in zip(node.shape, lengths, strict=True))
    return reshape(arrays, total(arrays, d, tuple(repeated)), left)
