"""What need not be done where an adjoint is 0: nothing flows back through a dead unit, as in the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from autograd_lite.lifting.arrays import Arrays
from autograd_lite.lifting.loops.fusion import Loop
from autograd_lite.lifting.loops.nests import Nest

# For operations of which nothing comes if nothing goes in, which of their operands decide, or all of them.
_DECISIVE = {"chain": 0, "back": 0, "outer": 0, "at_extreme": 2}
_SUMS = frozenset({"total", "over_batch", "result", "place", "spread", "join", "as_whole"})


def nests_in(part: Loop | Nest) -> Iterator[Nest]:
    """Yield the nests of a loop, in order; a nest is its own."""
    if isinstance(part, Nest):
        yield part
    else:
        for inner in part.body:
            yield from nests_in(inner)


def _loops_in(loop: Loop) -> list[Loop]:
    return [part for part in loop.body if isinstance(part, Loop)]


class Split(NamedTuple):
    """What of a loop's body is always done, an adjoint, and what is to be done only where that is not 0."""

    always: list[Loop | Nest]
    adjoint: int | None
    alive: list[Loop | Nest]


class Dead:
    """Finds what in the bodies of loops need not be done, by which nests read each array.

    Attributes
    ----------
    skipped : set of int
        The arrays to whose elements nothing is written where an adjoint is 0.
    """

    def __init__(
        self,
        arrays: Arrays,
        backward_from: int,
        users: Mapping[int, Sequence[Nest]],
        is_number: Callable[[int], bool],
        whole: Loop,
    ) -> None:
        self._arrays = arrays
        self._backward_from = backward_from
        self._users = users
        self._is_number = is_number
        self._splits: dict[int, Split] = {}
        loops = _loops_in(whole)
        for loop in loops:
            self._splits[id(loop)] = self._split(loop)
            loops += _loops_in(loop)
        alive = (part for split in self._splits.values() for part in split.alive)
        self.skipped = {nest.array for part in alive for nest in nests_in(part)}

    def split(self, loop: Loop) -> Split:
        """Return the parts of a loop's body."""
        return self._splits[id(loop)]

    def _split(self, loop: Loop) -> Split:
        for part in loop.body:
            if isinstance(part, Nest) and not part.adds and self._may_decide(part.array):
                dead = self._without(part.array, loop)
                block = [one for one in loop.body if all(id(nest) in dead for nest in nests_in(one))]
                if any(isinstance(one, Loop) for one in block):
                    known = set(map(id, block))
                    return Split([one for one in loop.body if id(one) not in known], part.array, block)
        return Split(loop.body, None, [])

    def _may_decide(self, x: int) -> bool:
        is_rule = self._arrays.nodes[x].op in ("chain", "elementwise")
        return x >= self._backward_from and is_rule and self._is_number(x)

    def _without(self, x: int, loop: Loop) -> set[int]:
        """Return the nests in a loop, by their identity, that have no effect where x is 0."""
        zero, found = {x}, []
        for nest in nests_in(loop):
            if nest.array >= self._backward_from and nest.array != x and self._is_zero(nest, zero):
                found.append(nest)
                if self._arrays.nodes[nest.array].op not in ("place", "join"):  # which others write too
                    zero.add(nest.array)
        # What others need is to be there all the same, unless it is a sum that goes on.
        dead = set(map(id, found))
        for nest in reversed(found):
            goes_on = nest.adds and nest.outer <= loop.depth
            if not goes_on and any(id(user) not in dead for user in self._users.get(nest.array, ())):
                dead.discard(id(nest))
        return dead

    def _is_zero(self, nest: Nest, zero: set[int]) -> bool:
        node = self._arrays.nodes[nest.array]
        are_zero = [read.array in zero for read in nest.reads]
        if node.op in _DECISIVE:
            return are_zero[_DECISIVE[node.op]]
        if node.op == "elementwise" and node.detail == "mul":
            return any(are_zero)
        is_sum = node.op in _SUMS or (node.op == "elementwise" and node.detail in ("add", "sub"))
        return is_sum and all(are_zero)
