"""Where a scalar program repeats itself in time: nodes of each step, and which of the next step they become.

A step that repeats itself makes the longest way through the program periodic. From two nodes on it that are
a period apart, their operands are compared, and so on downwards: that pairs each node of a step with that of
the step before, in whatever order they were made. What depends on itself, a step earlier, is the core of the
loop; what only feeds it, or only uses it, is none of the loop's business.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from heapq import heappop, heappush
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd_lite.lifting.scalars import CONSTANT, INPUT, LOOP, PART, SUM, Scalars, operands_of

FEWEST_STEPS = 5
_LONGEST_PERIOD = 1024
_FEW_PLACES = 40
_LEVELS = 6
_FEW_LAYERS = 3
_FAR, _NEAR = 2000, 60
_OPAQUE = frozenset({INPUT, CONSTANT, LOOP, PART})

Pair: TypeAlias = tuple[int, int]


class Steps(NamedTuple):
    """A repetition: for each node of a step, in topological order, what it is in every step.

    Some are not in the program, since nothing needs them: these are new, made like others of other operands.
    """

    nodes: list[list[int]]
    new: list[tuple[int, tuple[int, ...]]]


# --- the longest way ------------------------------------------------------------------------------------


class Period(NamedTuple):
    """A node on the longest way, the way from it down to where the period ends, and that down to it."""

    later: int
    way: list[int]
    above: list[int]


def periods(program: Scalars, height: Sequence[int]) -> Iterator[Period]:
    """Yield the periods of the longest way through a program, those that cover most of it first.

    Parameters
    ----------
    program : Scalars
        After sums are collected.
    height : sequence of int
        The longest way from each node to the root.
    """
    if max(height) < FEWEST_STEPS:
        return
    way = _longest_way(program, height)
    known: dict[Any, int] = {}
    forms = [_form(program, i) for i in way]
    tokens = np.array([known.setdefault(form, len(known)) for form in forms])
    for d, end in _periodic_runs(tokens):
        later = way[end - 1]
        yield Period(later, way[end - 1 - d : end][::-1], way[end:][::-1])


def alike(program: Scalars, height: Sequence[int], i: int) -> list[int]:
    """Return a node, and others at the same height that are the same operation."""
    form = _form(program, i)
    others = (j for j, h in enumerate(height) if h == height[i] and j != i)
    return [i, *(j for j in others if _form(program, j) == form)]


def _longest_way(program: Scalars, height: Sequence[int]) -> list[int]:
    """Return the interior nodes on a longest way, the root last."""
    node = int(np.argmax(height))
    way = []
    for i in range(node + 1, program.root + 1):
        if height[i] == height[node] - 1 and node in operands_of(program, i):
            node = i
            way.append(i)
    return way


def _form(program: Scalars, i: int) -> Any:
    """Return what nodes of two steps that correspond have in common."""
    ops = program.ops
    if ops[i] == SUM:
        kinds = Counter(
            (sign, _kind(ops[p]), _kind(ops[q]) if q >= 0 else None) for sign, p, q in program.summands[i]
        )
        return frozenset(kinds.items())
    if ops[i] in (LOOP, PART):
        return i
    return ops[i], len(program.operands[i])


def _kind(op: str) -> str:
    return op if op in (INPUT, CONSTANT) else ""


def _periodic_runs(tokens: Any) -> list[tuple[int, int]]:
    """Return periods of a sequence, and where each ends that covers the most of it with that period."""
    n, found = len(tokens), []
    for d in range(1, min(n // FEWEST_STEPS, _LONGEST_PERIOD) + 1):
        differs = np.flatnonzero(tokens[d:] != tokens[:-d])
        edges = np.concatenate([[-1], differs, [n - d]])
        lengths = np.diff(edges) - 1
        longest = int(lengths.argmax())
        covered = int(lengths[longest]) + d
        if covered >= (FEWEST_STEPS - 1) * d:
            found.append((-covered, d, int(edges[longest + 1]) + d))
            if covered > 0.9 * n:
                break
    return [(d, end) for _, d, end in sorted(found)][:4]


# --- pairs of nodes -------------------------------------------------------------------------------------


class Pairing:
    """Which node of the step before each node corresponds to, and the other way round."""

    def __init__(self, program: Scalars, pairs: Iterable[Pair]) -> None:
        self.program = program
        self.earlier: dict[int, int] = {}
        self.later: dict[int, int] = {}
        # The first pair, and all that follows from it, come first.
        pending = [*pairs][::-1]
        while pending:
            u, v = pending.pop()
            if v < u and u not in self.earlier and v not in self.later and self.are_alike(u, v):
                self.earlier[u], self.later[v] = v, u
                pending.extend(zip(program.operands[u], program.operands[v], strict=True))

    def are_alike(self, u: int, v: int) -> bool:
        """Return whether two nodes are the same operation."""
        ops, operands, values = self.program.ops, self.program.operands, self.program.values
        if ops[u] != ops[v] or ops[u] in _OPAQUE or len(operands[u]) != len(operands[v]):
            return False
        if ops[u] != "pow":
            return True
        a, b = operands[u][1], operands[v][1]
        return (ops[a] == CONSTANT) == (ops[b] == CONSTANT) and (ops[a] != CONSTANT or values[a] == values[b])


class _Chains:
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


def find_steps(program: Scalars, pairs: Sequence[Pair]) -> Steps | None:
    """Return the repetition that pairs of nodes, of a step and of the one before, belong to; None if none.

    Parameters
    ----------
    program : Scalars
        Before sums are collected.
    pairs : sequence of (int, int)
        Where several repeat themselves side by side, one for each; all at the same height.
    """
    chains = _Chains(Pairing(program, pairs))
    depth = depths(program)
    template: list[Pair] = []
    known: set[int] = set()
    states: set[int] = set()
    first: tuple[int, int, int] | None = None
    for later, _ in pairs:
        found = chains.find(later)
        if found is None or found[0] in known:
            continue
        core = _Core(chains, found[0], depth)
        if not core.numbers or not known.isdisjoint(core.numbers):
            continue
        known.update(core.numbers)
        starts = core.starts()
        # All of them are at the same place where the pairs are.
        moved = found[1] - dict(starts).get(found[0], 0)
        steps = [(j, a + moved) for j, a in starts]
        span = moved, *_span(chains, steps)
        first = first or span
        # Nodes that several share, where they begin, are in one of them only.
        if all(abs(a - b) <= 1 for a, b in zip(span[1:], first[1:], strict=True)):
            template += steps
            states |= core.states_of(starts)
    return _all_steps(chains, template, states) if template else None


def _span(chains: _Chains, template: Sequence[Pair]) -> Pair:
    """Return the first and the last step in which all nodes are there, counted from where they begin."""
    low = max(-a for _, a in template)
    return low, min(len(chains.nodes[j]) - 1 - a for j, a in template)


def depths(program: Scalars) -> list[int]:
    """Return the longest way from each node down to an input."""
    depth: list[int] = []
    for nodes in program.operands:
        depth.append(1 + max([depth[o] for o in nodes]) if nodes else 0)
    return depth


def repeated_exactly(program: Scalars, nodes: Iterable[int]) -> tuple[int, list[int]] | None:
    """Return the first of these nodes that is made as one below it is, of the same inputs.

    With it comes the way down, as numbers of operands.
    """
    for u in nodes:
        met: dict[int, list[int]] = {u: []}
        pending = deque([u])
        while pending and len(met) < _FAR:
            v = pending.popleft()
            if v != u and program.ops[u] == program.ops[v] and _are_equal(program, u, v):
                return u, met[v]
            for k, o in enumerate(program.operands[v]):
                if o not in met and program.operands[o]:
                    met[o] = [*met[v], k]
                    pending.append(o)
    return None


def _are_equal(program: Scalars, u: int, v: int) -> bool:
    """Return whether two nodes are made in the same way of the same inputs, as far as one looks."""
    ops, operands = program.ops, program.operands
    pending = deque([(u, v)])
    met: set[Pair] = set()
    shared = False
    while pending and len(met) < _NEAR:
        a, b = pending.popleft()
        if a == b or (a, b) in met:
            shared = shared or a == b
            continue
        met.add((a, b))
        if ops[a] != ops[b] or len(operands[a]) != len(operands[b]) or not operands[a]:
            return False
        pending.extend(zip(operands[a], operands[b], strict=True))
    return shared


# --- what depends on itself -----------------------------------------------------------------------------


class _Core:
    """Chains whose nodes depend on themselves, a step or more earlier, and which are made of which.

    Attributes
    ----------
    numbers : list of int
        Of the chains.
    operands : list of dict
        For each of them others, with the steps between; users the other way round.
    depth : list of int
    """

    def __init__(self, chains: _Chains, start: int, depth: Sequence[int]) -> None:
        self.chains = chains
        nodes = chains.nodes
        made_of = self._made_of(start, max(3, len(nodes[start]) // 2))
        components, deepest = _components(made_of, start)
        if deepest <= _FEW_LAYERS:
            own = components[start]
            self.numbers = [j for j in made_of if components[j] == own]
        else:
            self.numbers = list(made_of)
        if not any(k == start for j in self.numbers for k, _ in made_of[j]):
            self.numbers = []
        n = min([len(nodes[j]) for j in self.numbers], default=0) // 2
        self.numbers.sort(key=lambda j: nodes[j][n])
        place = {j: n for n, j in enumerate(self.numbers)}
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
                low, high = _span(self.chains, chosen)
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


def _in_sequence(core: _Core) -> tuple[list[Pair], list[int]]:
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


# --- all steps ------------------------------------------------------------------------------------------


def _all_steps(chains: _Chains, template: list[Pair], states: set[int]) -> Steps | None:
    """Return the nodes in every step in which all of them are there."""
    low, high = _span(chains, template)
    if high - low + 2 < FEWEST_STEPS:
        return None
    nodes = [chains.nodes[j][a + low : a + high + 1] for j, a in template]
    end = _End(chains.pairing, nodes)
    longest = max(len(chains.nodes[j]) - 1 - a for j, a in template if j in states) - low
    # What a step carries to the next has been computed by the program in some form.
    while end.add_step(may_make=len(nodes[0]) <= longest):
        pass
    return Steps(nodes, end.new) if len(nodes[0]) >= FEWEST_STEPS else None


class _End:
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
