"""Loops without what nothing needs: results that are not used, and what only these depend on. Their price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from autograd_lite.lifting.arrays import Arrays
from autograd_lite.lifting.operations.row import OPERATIONS
from autograd_lite.lifting.rolling.loop import Loop, Result
from autograd_lite.lifting.rolling.parts import part
from autograd_lite.lifting.rolling.rows import loop
from autograd_lite.lifting.source import uses

_STEP = 0.3


def tidy_loops(arrays: Arrays, outputs: Iterable[int]) -> None:
    """Take out of all loops what the outputs do not need."""
    if all(node.op != loop.name for node in arrays.nodes):
        return
    needed = set(outputs)
    parts: dict[int, list[int]] = defaultdict(list)
    for x in range(len(arrays.nodes) - 1, -1, -1):
        node = arrays.nodes[x]
        if x not in needed:
            continue
        if node.op == part.name:
            parts[node.operands[0]].append(x)
        if node.op == loop.name:
            _tidy(arrays, x, parts[x])
        needed.update(arrays.nodes[x].operands)


def price(arrays: Arrays, used: Iterable[int]) -> float:
    """Return about what NumPy takes for operations on small arrays, in µs."""
    whole = 0.0
    for x in used:
        node = arrays.nodes[x]
        whole += OPERATIONS[node.op].price
        if node.op == loop.name:
            whole += node.detail.steps * (
                _STEP + price(node.detail.body, uses(node.detail.body, node.detail.results))
            )
    return whole


def operations_in(arrays: Arrays, used: Collection[int]) -> int:
    """Return how many operations there are, those of steps among them."""
    steps = [arrays.nodes[x].detail for x in used if arrays.nodes[x].op == loop.name]
    return len(used) + sum(operations_in(one.body, uses(one.body, one.results)) for one in steps)


def _tidy(arrays: Arrays, x: int, parts: list[int]) -> None:
    """Leave of one loop what these parts of it need."""
    one: Loop = arrays.nodes[x].detail
    wanted = {arrays.nodes[y].detail for y in parts}
    stacked = [s for k, s in enumerate(one.stacked) if Result("stack", k) in wanted]
    numbers_of_lists = {result.number for result in wanted if result.kind == "list"}
    listed = [x for k, x in enumerate(one.listed) if k in numbers_of_lists]
    states = [k for k in range(len(one.carried)) if Result("carry", k) in wanted]
    while True:
        used = uses(one.body, [*stacked, *listed, *(one.carried[k].following for k in states)])
        more = [k for k, c in enumerate(one.carried) if k not in states and c.input in used]
        if not more:
            break
        states = sorted([*states, *more])
    less = Loop(
        one.body,
        one.steps,
        one.reverse,
        [one.carried[k] for k in states],
        [s for s in one.sliced if s.input in used],
        [s for s in one.shared if s.input in used],
        stacked,
        listed,
    )
    arrays.nodes[x] = arrays.nodes[x]._replace(detail=less, operands=less.operands)
    for y in parts:
        result: Result = arrays.nodes[y].detail
        if result.kind == "carry":
            now = states.index(result.number)
        elif result.kind == "stack":
            now = stacked.index(one.stacked[result.number])
        else:
            now = listed.index(one.listed[result.number])
        arrays.nodes[y] = arrays.nodes[y]._replace(detail=result._replace(number=now))
