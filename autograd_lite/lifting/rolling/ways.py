"""Which nodes may be a step apart: they are a period apart on the longest way, or made of the same.

Whether they are is found out in find.py.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd_lite.lifting.scalars import CONSTANT, INPUT, LOOP, PART, SUM, Scalars, operands_of

FEWEST_STEPS = 5
_LONGEST_PERIOD = 1024
_FAR, _NEAR = 2000, 60

Pair: TypeAlias = tuple[int, int]


class Period(NamedTuple):
    """A node on the longest way, the way from it down to where the period ends, and that down to it."""

    later: int
    way: list[int]
    above: list[int]


def periods(program: Scalars, height: Sequence[int]) -> Iterator[Period]:
    """Yield the periods of the longest way through a program with sums, those that cover most of it first."""
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


def added_up(program: Scalars, rows: Sequence[Sequence[int]]) -> Pair | None:
    """Return the longest sum that steps add to, as of a late step and of the one before; None if none.

    What a step adds is known by the nodes of the steps, in rows, that it is made of.
    """
    where = {u: (j, t) for j, row in enumerate(rows) for t, u in enumerate(row)}
    length = [0] * len(program.ops)
    for i, nodes in enumerate(program.operands):
        if program.ops[i] in ("add", "sub") and i not in where:
            length[i] = 1 + max(length[o] for o in nodes)
    node = max(range(len(length)), key=lambda i: (length[i], i))
    last: dict[int, tuple[int, int]] = {}  # of each row, the sum that has gone up to it, and at which step
    while length[node]:
        before, added = sorted(program.operands[node], key=lambda o: -length[o])
        found = _nearest(program, added, where)
        if found is not None:
            later, t = last.setdefault(found[0], (node, found[1]))
            if found[1] < t:
                return later, node
        node = before
    return None


def _nearest(program: Scalars, i: int, where: Mapping[int, Pair]) -> Pair | None:
    """Return the row and the step of a node that another one is made of, with the fewest between."""
    pending, met = deque([i]), {i}
    while pending and len(met) < _NEAR:
        u = pending.popleft()
        if u in where:
            return where[u]
        new = [o for o in program.operands[u] if o not in met]
        met.update(new)
        pending.extend(new)
    return None
