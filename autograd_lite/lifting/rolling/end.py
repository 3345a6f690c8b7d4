"""The last steps, of which some nodes have not been paired with any of a step that follows."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

from autograd_lite.lifting.rolling.chains import Pairing
from autograd_lite.lifting.scalars import Scalars


class End:
    """The last steps, of which some nodes have not been paired: nothing follows that would have done so.

    They are what is made in the same way of the same: of what has been found of this step and those before,
    and of what every step shares. Where nothing needs it, it is not there, and is made.
    """

    def __init__(self, pairing: Pairing, nodes: list[list[int]]) -> None:
        self.pairing, self.program, self.nodes = pairing, pairing.program, nodes
        self.where = {u: (j, t) for j, row in enumerate(nodes) for t, u in enumerate(row)}
        self.users: dict[int, list[int]] = defaultdict(list)
        for i in range(min(row[-1] for row in nodes), len(self.program.ops)):
            for o in self.program.operands[i]:
                self.users[o].append(i)
        self.new: list[tuple[int, tuple[int, ...]]] = []
        self.operands = self.program.operands

    def _made_of(self, u: int) -> tuple[int, ...]:
        n = len(self.operands)
        return self.operands[u] if u < n else self.new[u - n][1]

    def add_step(self, may_make: bool) -> bool:
        """Add the nodes of one more step; return whether they were all found, or made."""
        steps = len(self.nodes[0])
        found: dict[int, int] = {}
        self.taken: set[int] = set()
        made = len(self.new)
        for j in self._order():
            u = self._next(j, found)
            if u is None or (u >= len(self.operands) and not may_make):
                del self.new[made:]
                return False
            found[j] = u
            self.taken.add(u)
        for j, u in found.items():
            self.nodes[j].append(u)
            self.where[u] = j, steps
        return True

    def _order(self) -> list[int]:
        """Return the nodes of a step in an order in which operands come first, and as they were made."""
        return sorted(range(len(self.nodes)), key=lambda j: (self.nodes[j][0], j))

    def _next(self, j: int, found: dict[int, int]) -> int | None:
        """Return what a node is in the step after the last, given some nodes of that step."""
        row, steps = self.nodes[j], len(self.nodes[0])
        u = row[-1]
        wanted: list[int | None] = []
        internal = -1
        for o, earlier in zip(self._made_of(u), self._made_of(row[-2]), strict=True):
            k, t = self.where.get(o, (-1, 0))
            if k < 0:
                wanted.append(o if o == earlier else None)
                continue
            lag = steps - 1 - t
            if lag == 0 and k not in found:
                return None
            internal = found[k] if lag == 0 else self.nodes[k][steps - lag]
            wanted.append(internal)
        paired = self.pairing.later.get(u)
        if paired is not None:
            return paired
        candidates = [
            i
            for i in self.users[internal]
            if i not in self.where
            and i not in self.taken
            and self.pairing.are_alike(i, row[0])
            and all(w is None or w == o for w, o in zip(wanted, self.operands[i], strict=True))
        ]
        if candidates:
            return max(candidates, key=partial(_expected, self.program, row))
        if None in wanted:
            return None
        self.new.append((row[0], tuple([w for w in wanted if w is not None])))
        return len(self.operands) + len(self.new) - 1


def _expected(program: Scalars, row: list[int], u: int) -> int:
    """Return how many inputs a node has that are a step further than in the step before."""
    count = 0
    for o, last, before in zip(*(program.operands[i] for i in (u, row[-1], row[-2])), strict=True):
        places = [program.inputs.get(i) for i in (o, last, before)]
        if None not in places:
            (a, p), (b, q), (c, r) = [place for place in places if place is not None]
            count += a - b == b - c and p - q == q - r
    return count
