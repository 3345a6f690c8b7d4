"""What of a step depends on itself, a step or more earlier, and where the step begins best."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from heapq import heappop, heappush

from autograd_lite.lifting.rolling.chains import Chains
from autograd_lite.lifting.rolling.ways import Pair

_FEW_PLACES = 40
_LEVELS = 6
_FEW_LAYERS = 3


def span(chains: Chains, template: Sequence[Pair]) -> Pair:
    """Return the first and the last step in which all nodes are there, counted from where they begin."""
    low = max(-a for _, a in template)
    return low, min(len(chains.nodes[j]) - 1 - a for j, a in template)


class Core:
    """Chains whose nodes depend on themselves, a step or more earlier, and which are made of which."""

    def __init__(self, chains: Chains, start: int, depth: Sequence[int], is_whole: bool = False) -> None:
        self.chains = chains
        nodes = chains.nodes
        made_of = self._made_of(start, max(3, len(nodes[start]) // 2))
        components, deepest = _components(made_of, start)
        if deepest <= _FEW_LAYERS and not is_whole:
            own = components[start]
            self.numbers = [j for j in made_of if components[j] == own]  # of the chains
        else:
            self.numbers = list(made_of)
        if not any(k == start for j in self.numbers for k, _ in made_of[j]):
            self.numbers = []
        n = min([len(nodes[j]) for j in self.numbers], default=0) // 2
        self.numbers.sort(key=lambda j: nodes[j][n])
        place = {j: n for n, j in enumerate(self.numbers)}
        # For each of them others, with the steps between; users the other way round.
        self.operands = [{(place[k], lag): None for k, lag in made_of[j] if k in place} for j in self.numbers]
        self.users: list[list[Pair]] = [[] for _ in self.numbers]
        for j, operands in enumerate(self.operands):
            for k, lag in operands:
                self.users[k].append((j, -lag))
        self.depth = [depth[nodes[j][n]] for j in self.numbers]
        self.depth_of_step = depth[nodes[start][n]] - depth[nodes[start][n - 1]] if self.numbers else 0

    def _made_of(self, start: int, fewest: int) -> dict[int, list[Pair]]:
        """Return for each chain that start depends on what it is made of: chains, and steps between."""
        chains, made_of, pending = self.chains, dict[int, list[Pair]](), [start]
        while pending:
            j = pending.pop()
            if j in made_of:
                continue
            n = len(chains.nodes[j]) // 2
            found = map(chains.find, chains.pairing.program.operands[chains.nodes[j][n]])
            made_of[j] = [
                (one[0], one[1] - n)
                for one in found
                if one is not None and len(chains.nodes[one[0]]) >= fewest
            ]
            pending += [k for k, _ in made_of[j]]
        return made_of

    def starts(self) -> list[Pair]:
        """Return the chains in the order of a step, and the place in each at which one step begins.

        It is where few values go from one step to the next, and few steps are left over at both ends, which
        would have to be written down by themselves.
        """
        order, alive = _in_sequence(self)
        n, ends = len(self.numbers), [len(self.chains.nodes[j]) - 1 for j in self.numbers]
        when = {one: k for k, one in enumerate(order)}
        window = range(2 * n, min((_LEVELS - 2) * n, len(order)))
        places = sorted(window, key=lambda p: alive[p])[:_FEW_PLACES]
        candidates = [self._levels(order[: p + 1]) for p in places]
        # The first nodes of all chains may be those of a step; or the last ones.
        candidates += [[2] * n, [2 + end - min(ends) for end in ends]]
        found: list[tuple[int, int, int, int, list[Pair]]] = []
        for level in candidates:
            if (
                max(level) < _LEVELS
                and all((j, t) in when for j, t in enumerate(level))
                and self._is_valid(level)
            ):
                chosen = [
                    (self.numbers[j], level[j]) for j in sorted(range(n), key=lambda j: when[j, level[j]])
                ]
                low, high = span(self.chains, chosen)
                crossing = self._crossing(level)
                # States that are not paired at the end may be found there.
                last = max(ends[j] - level[j] for j, count in enumerate(crossing) if count)
                found.append((sum(crossing), last - low, low - high, len(found), chosen))
        if not found:
            return [(j, 0) for j in self.numbers]
        longest = max(one[1] for one in found)
        return min(found, key=lambda one: (one[0] + n * (longest - one[1]), one[2:]))[-1]

    def _levels(self, done: Sequence[Pair]) -> list[int]:
        """Return how many nodes of each chain are among these."""
        level = [0] * len(self.numbers)
        for j, _ in done:
            level[j] += 1
        return level

    def _is_valid(self, level: Sequence[int]) -> bool:
        """Return whether nothing of a step that begins there is made of something of a later one."""
        return all(
            level[j] + lag <= level[k] for j, operands in enumerate(self.operands) for k, lag in operands
        )

    def _crossing(self, level: Sequence[int]) -> list[int]:
        """Return how many values of each chain go from one step to the next."""
        count = [0] * len(level)
        for j, operands in enumerate(self.operands):
            for k, lag in operands:
                count[k] = max(count[k], level[k] - lag - level[j])
        return count

    def states_of(self, starts: Sequence[Pair]) -> set[int]:
        """Return the chains whose values go from one step to the next, if steps begin there."""
        level = dict(starts)
        crossing = self._crossing([level[j] for j in self.numbers])
        return {j for j, count in zip(self.numbers, crossing, strict=True) if count}


def _components(made_of: dict[int, list[Pair]], start: int) -> tuple[dict[int, int], int]:
    """Return which chains depend on each other, by a number, and how many such follow each other."""
    order: list[int] = []
    met: set[int] = set()
    stack: list[tuple[int, bool]] = [(start, False)]
    while stack:
        j, is_done = stack.pop()
        if is_done:
            order.append(j)
        elif j not in met:
            met.add(j)
            stack.append((j, True))
            stack += [(k, False) for k, _ in made_of[j] if k not in met]
    users: dict[int, list[int]] = defaultdict(list)
    for j, found in made_of.items():
        for k, _ in found:
            users[k].append(j)
    component: dict[int, int] = {}
    for j in reversed(order):
        pending = [j] if j not in component else []
        while pending:
            k = pending.pop()
            if k not in component:
                component[k] = j
                pending += [u for u in users[k] if u not in component]
    return component, _deepest(made_of, component, order)


def _deepest(made_of: dict[int, list[Pair]], component: dict[int, int], order: Sequence[int]) -> int:
    """Return how many groups of chains that depend on themselves follow each other on the longest way."""
    members: dict[int, list[int]] = defaultdict(list)
    for j in order:
        members[component[j]].append(j)
    depth: dict[int, int] = {}
    for j in order:
        own = component[j]
        if own in depth:
            continue
        below = {component[k] for i in members[own] for k, _ in made_of[i]}
        depth[own] = max((depth.get(one, 0) for one in below - {own}), default=0) + (own in below)
    return max(depth.values())


def _in_sequence(core: Core) -> tuple[list[Pair], list[int]]:
    """Return a few steps in an order in which few values are alive at a time, and how many are after each.

    Of what can be computed next, that comes first which frees the most values, then what could be computed
    first; a node is told by its chain and its step.
    """
    n = len(core.operands)
    left = {(j, t): len(core.users[j]) for t in range(_LEVELS) for j in range(n)}
    waiting = {(j, t): sum(t + lag >= 0 for _, lag in core.operands[j]) for j, t in left}
    heap: list[tuple[int, int, int, int]] = []
    done: dict[Pair, None] = {}
    alive: list[int] = []

    def gain(j: int, t: int) -> int:
        return 1 - sum(left.get((k, t + lag)) == 1 for k, lag in core.operands[j])

    def offer(user: Pair) -> None:
        if waiting.get(user) == 0 and user not in done:
            j, t = user
            heappush(heap, (gain(j, t), core.depth[j] + t * core.depth_of_step, t, j))

    for one in left:
        offer(one)
    while heap:
        _, _, t, j = heappop(heap)
        if (j, t) in done:
            continue
        alive.append((alive[-1] if alive else 0) + gain(j, t))
        done[j, t] = None
        for k, lag in core.operands[j]:
            operand = k, t + lag
            if operand in left:
                left[operand] -= 1
                if left[operand] == 1:
                    for i, after in core.users[k]:
                        offer((i, operand[1] + after))
        for i, after in core.users[j]:
            if (i, t + after) in waiting:
                waiting[i, t + after] -= 1
                offer((i, t + after))
    return list(done), alive
