"""Which scalars belong together: the same operation on operands of the same kind that can be done at once.

The height of a node is the longest way from it to the root. A node's operands are higher than it is, and
what happens to every sample, neuron or position alike is often at the same height for all of them. How a
group is computed is told in assemble.py.
"""

from __future__ import annotations

from collections import defaultdict
from heapq import heappop, heappush
from typing import Any, NamedTuple, TypeAlias

from autograd_lite.lifting.scalars import CONSTANT, INPUT, SUM, Scalars, operands_of

INTERIOR = "interior"
_FEW_LENGTHS, _MANY_LENGTHS = 2, 6

Key: TypeAlias = tuple[Any, ...]


class Group(NamedTuple):
    """Nodes that become one operation on arrays; sums of different lengths are *ragged*."""

    op: str
    members: list[int]
    ragged: bool = False


def heights(program: Scalars) -> list[int]:
    """Return the length of the longest way from each node to the root."""
    height = [0] * len(program.ops)
    for i in range(program.root, -1, -1):
        above = height[i] + 1
        for node in operands_of(program, i):
            if height[node] < above:
                height[node] = above
    return height


def kinds_of_nodes(program: Scalars) -> list[Any]:
    """Return for each node what it is as an operand: an input by its array, a constant, or interior."""
    kinds: list[Any] = [CONSTANT if op == CONSTANT else INTERIOR for op in program.ops]
    for i, (array, _) in program.inputs.items():
        kinds[i] = array
    return kinds


def schedule(program: Scalars) -> list[Group]:
    """Return the groups, operands first.

    The highest nodes that are ready come first, and all nodes of the same kind that are ready with them: the
    first position of a sequence takes a step less, and what elimination leaves of a matrix is used at once,
    or only later.
    """
    return _Schedule(program).groups()


class _Schedule:
    def __init__(self, program: Scalars) -> None:
        self.program = program
        self.kinds = kinds_of_nodes(program)
        self.height = heights(program)
        self.ready: dict[Key, dict[int, list[int]]] = defaultdict(dict)
        self.families: dict[Key, dict[Key, None]] = defaultdict(dict)
        self.heap: list[tuple[int, int, Key]] = []
        self.users: list[list[int]] = [[] for _ in program.ops]
        self.waiting = [0] * len(program.ops)

    def groups(self) -> list[Group]:
        for i in range(len(self.program.ops)):
            needed = {node for node in operands_of(self.program, i) if self.kinds[node] == INTERIOR}
            self.waiting[i] = len(needed)
            for node in needed:
                self.users[node].append(i)
        for i, op in enumerate(self.program.ops):
            if not self.waiting[i] and op not in (INPUT, CONSTANT):
                self._make_ready(i)
        groups = []
        while self.heap:
            negative, _, key = heappop(self.heap)
            if -negative in self.ready[key]:
                group = self._taken(key)
                groups.append(group)
                self._finish(group.members)
        return groups

    def _make_ready(self, i: int) -> None:
        key = self._key(i)
        height = self.height[i]
        at_height = self.ready[key]
        if height not in at_height:
            heappush(self.heap, (-height, i, key))
            if key[0] == SUM:
                self.families[self._family(key)][key] = None
        at_height.setdefault(height, []).append(i)

    def _finish(self, members: list[int]) -> None:
        for node in members:
            for user in self.users[node]:
                self.waiting[user] -= 1
                if not self.waiting[user]:
                    self._make_ready(user)

    def _taken(self, key: Key) -> Group:
        """Return the nodes that are ready under a key; sums together with those of other lengths."""
        if key[0] == SUM:
            keys = [k for k in self.families[self._family(key)] if self.ready[k]]
            if len(keys) > (_FEW_LENGTHS if self._is_interior(key) else _MANY_LENGTHS):
                return Group(SUM, sorted(i for k in keys for i in self._pop(k)), ragged=True)
        return Group(key[0], sorted(self._pop(key)))

    def _pop(self, key: Key) -> list[int]:
        return [i for nodes in self.ready.pop(key).values() for i in nodes]

    # --- what is alike ----------------------------------------------------------------------------------

    def _key(self, i: int) -> Key:
        op, nodes = self.program.ops[i], self.program.operands[i]
        if op == SUM:
            return SUM, self._kinds_of_summands(i)
        kinds = [self.kinds[node] for node in nodes]
        if op == "pow" and kinds[1] == CONSTANT:
            # A square and a cube are two operations.
            kinds[1] = self.program.values[nodes[1]]
        return op, tuple(kinds)

    def _kinds_of_summands(self, i: int) -> Key:
        """Return how many summands of which kind a sum has."""
        counts: dict[Any, int] = {}
        for sign, p, q in self.program.summands[i]:
            kind = sign, self.kinds[p], self.kinds[q] if q >= 0 else None
            counts[kind] = counts.get(kind, 0) + 1
        return tuple(sorted(counts.items(), key=str))

    def _family(self, key: Key) -> Key:
        return tuple(kind for kind, _ in key[1])

    def _is_interior(self, key: Key) -> bool:
        return all(n is None or n == INTERIOR for kind, _ in key[1] for n in kind[1:])
