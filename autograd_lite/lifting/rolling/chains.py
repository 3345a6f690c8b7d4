"""What nodes become from step to step: pairs of nodes, and chains of such pairs."""

from __future__ import annotations

from collections.abc import Iterable

from autograd_lite.lifting.rolling.ways import Pair
from autograd_lite.lifting.scalars import CONSTANT, INPUT, LOOP, PART, Scalars

_OPAQUE = frozenset({INPUT, CONSTANT, LOOP, PART})


class Pairing:
    """Which node of the step before each node corresponds to, and the other way round."""

    def __init__(self, program: Scalars, pairs: Iterable[Pair]) -> None:
        self.program = program
        self.earlier: dict[int, int] = {}
        self.later: dict[int, int] = {}
        # The first pair, and all that follows from it, come first.
        pending = [*pairs][::-1]
        several = set()
        while pending:
            u, v = pending.pop()
            if v < u and u not in self.earlier and self.are_alike(u, v):
                if v in self.later:
                    several.add(v)
                    continue
                self.earlier[u], self.later[v] = v, u
                pending.extend(zip(program.operands[u], program.operands[v], strict=True))
        # What several nodes begin with is no step of one of them.
        for v in several:
            if v not in self.earlier:
                del self.earlier[self.later.pop(v)]

    def are_alike(self, u: int, v: int) -> bool:
        """Return whether two nodes are the same operation."""
        ops, operands, values = self.program.ops, self.program.operands, self.program.values
        if ops[u] != ops[v] or ops[u] in _OPAQUE or len(operands[u]) != len(operands[v]):
            return False
        if ops[u] != "pow":
            return True
        a, b = operands[u][1], operands[v][1]
        return (ops[a] == CONSTANT) == (ops[b] == CONSTANT) and (ops[a] != CONSTANT or values[a] == values[b])


class Chains:
    """What nodes become from step to step: chains of nodes, first to last, known by number."""

    def __init__(self, pairing: Pairing) -> None:
        self.pairing = pairing
        self.nodes: list[list[int]] = []
        self.where: dict[int, Pair] = {}

    def find(self, u: int) -> Pair | None:
        """Return a node's chain and its place there; None if it is in none."""
        if u not in self.where:
            earlier, later = self.pairing.earlier, self.pairing.later
            if u not in earlier and u not in later:
                return None
            node = u
            while node in earlier:
                node = earlier[node]
            chain = [node]
            while node in later:
                node = later[node]
                chain.append(node)
            self.where.update({v: (len(self.nodes), n) for n, v in enumerate(chain)})
            self.nodes.append(chain)
        return self.where[u]
