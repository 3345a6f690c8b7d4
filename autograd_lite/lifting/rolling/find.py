"""Where a scalar program repeats itself in time: nodes of each step, and which of the next step they become.

A step that repeats itself makes the longest way through the program periodic. From two nodes on it that are
a period apart, their operands are compared, and so on downwards: that pairs each node of a step with that of
the step before, in whatever order they were made. What depends on itself, a step earlier, is the core of the
loop; what only feeds it, or only uses it, is none of the loop's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from autograd_lite.lifting.rolling.chains import Chains, Pairing
from autograd_lite.lifting.rolling.core import Core, span
from autograd_lite.lifting.rolling.end import End
from autograd_lite.lifting.rolling.ways import FEWEST_STEPS, Pair, depths
from autograd_lite.lifting.scalars import Scalars


class Steps(NamedTuple):
    """A repetition: for each node of a step, in topological order, what it is in every step.

    Some are not in the program, since nothing needs them: these are new, made like others of other operands.
    """

    nodes: list[list[int]]
    new: list[tuple[int, tuple[int, ...]]]


def find_steps(program: Scalars, pairs: Sequence[Pair], are_whole: bool = False) -> Steps | None:
    """Return the repetition that pairs of nodes, of a step and of the one before, belong to; None if none.

    Where several repeat themselves side by side there is a pair for each, all at the same height. Whole steps
    have all that the nodes are made of; else what only feeds the core is left out.
    """
    chains = Chains(Pairing(program, pairs))
    depth = depths(program)
    template: list[Pair] = []
    known: set[int] = set()
    states: set[int] = set()
    first: tuple[int, int, int] | None = None
    for later, _ in pairs:
        found = chains.find(later)
        if found is None or found[0] in known:
            continue
        core = Core(chains, found[0], depth, are_whole)
        if not core.numbers or not known.isdisjoint(core.numbers):
            continue
        known.update(core.numbers)
        starts = core.starts()
        # All of them are at the same place where the pairs are.
        moved = found[1] - dict(starts).get(found[0], 0)
        steps = [(j, a + moved) for j, a in starts]
        where = moved, *span(chains, steps)
        first = first or where
        # Nodes that several share, where they begin, are in one of them only.
        if all(abs(a - b) <= 1 for a, b in zip(where[1:], first[1:], strict=True)):
            template += steps
            states |= core.states_of(starts)
    return _all_steps(chains, template, states) if template else None


def _all_steps(chains: Chains, template: list[Pair], states: set[int]) -> Steps | None:
    """Return the nodes in every step in which all of them are there."""
    low, high = span(chains, template)
    if high - low + 2 < FEWEST_STEPS:
        return None
    nodes = [chains.nodes[j][a + low : a + high + 1] for j, a in template]
    end = End(chains.pairing, nodes)
    longest = max(len(chains.nodes[j]) - 1 - a for j, a in template if j in states) - low
    # What a step carries to the next has been computed by the program in some form.
    while end.add_step(may_make=len(nodes[0]) <= longest):
        pass
    return Steps(nodes, end.new) if len(nodes[0]) >= FEWEST_STEPS else None
