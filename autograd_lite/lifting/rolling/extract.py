"""A step that repeats itself, taken out of a scalar program: a program of its own that one node runs.

The node ``loop`` has for operands all that the steps need of the rest; nodes ``part`` are what the rest needs
of the steps. Where the steps are is found in find.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from autograd_lite.lifting.groups import heights
from autograd_lite.lifting.rolling.find import Steps, find_steps
from autograd_lite.lifting.rolling.ways import (
    FEWEST_STEPS,
    Pair,
    added_up,
    alike,
    depths,
    periods,
    repeated_exactly,
)
from autograd_lite.lifting.scalars import (
    CONSTANT,
    INPUT,
    LOOP,
    PART,
    RESULTS,
    Scalars,
    Summand,
    collect_sums,
    collect_sums_from,
)

_FEWEST_OF_ONE = 16
_MOST_LOOPS = 8


class Carried(NamedTuple):
    """An input of the step that a result of the step before fills; in the first, an operand of the loop."""

    slot: int
    operand: int
    result: int


class Repetition(NamedTuple):
    """A step, as a program, and how often it runs."""

    # The second number of its inputs is their slot; its last node, ``results``, has for operands what the
    # step makes.
    body: Scalars
    steps: int
    carried: list[Carried]
    # For a slot that differs from step to step, the operand of the loop that fills it in each.
    sliced: dict[int, list[int]]
    shared: dict[int, int]  # for one that is the same in all, the operand
    plain: Scalars  # the step before sums are collected; of slots it may have more


class Part(NamedTuple):
    """Which result of a step, and of which step."""

    result: int
    step: int


def rolled(program: Scalars, on_floats: bool = False) -> tuple[Scalars, Scalars]:
    """Return a program without sums, with its repetitions as loops, and the same with sums collected.

    What only feeds a step, or is made of it, is left outside, where arrays are found in it. On floats there
    are none, and steps have it inside, as far as they add it up.
    """
    whole = program
    for _ in range(_MOST_LOOPS + 1):
        collected, origin = collect_sums_from(program)
        height = heights(collected)
        for pairs in _pairs_of_steps(program, collected, height, origin):
            steps = find_steps(program, pairs)
            shorter = steps and (
                _taken_out_whole(program, steps) if on_floats else _taken_out(program, steps)
            )
            if shorter:
                program = shorter
                break
        else:
            return program, collected
    # What falls apart into many loops is shorter without any.
    return whole, collect_sums(whole)


def _pairs_of_steps(
    program: Scalars, collected: Scalars, height: Sequence[int], origin: Sequence[int]
) -> Iterator[list[Pair]]:
    """Yield pairs of nodes with which two steps may begin that follow each other."""
    kept, depth = set(origin), depths(program)

    def pairs(i: int, way: Sequence[int]) -> list[Pair]:
        found = [(origin[j], _below(program, origin[j], way)) for j in alike(collected, height, i)]
        # What repeats itself side by side is as deep.
        whole = depth[found[0][0]], depth[found[0][1] or 0]
        return [(u, v) for u, v in found if v is not None and (depth[u], depth[v]) == whole]

    for k, period in enumerate(periods(collected, height)):
        nodes = [origin[i] for i in period.way]
        if k == 0:
            # What is made again of the same, without a detour, comes before what only looks like it.
            first = [*period.above, *period.way][: 2 * len(period.way)]
            exact = repeated_exactly(program, [origin[i] for i in first])
            if exact:
                yield pairs(next(i for i in first if origin[i] == exact[0]), exact[1])
        way = [n for u, v in pairwise(nodes) for n in _operand_numbers(program, u, v, kept)]
        yield pairs(period.later, way)


def _below(program: Scalars, u: int, way: Sequence[int]) -> int | None:
    """Return the node at the end of a way down, given as numbers of operands; None if there is none."""
    for k in way:
        if k >= len(program.operands[u]):
            return None
        u = program.operands[u][k]
    return u


def _operand_numbers(program: Scalars, u: int, v: int, kept: set[int]) -> list[int]:
    """Return a way from u to v through nodes that have gone into the sum u: the numbers of the operands."""
    pending: list[tuple[int, list[int]]] = [(u, [])]
    while pending:
        node, way = pending.pop()
        for k, o in enumerate(program.operands[node]):
            if o == v:
                return [*way, k]
            if o > v and o not in kept:
                pending.append((o, [*way, k]))
    return []


# --- taking the steps out -------------------------------------------------------------------------------


def _taken_out(program: Scalars, steps: Steps, on_floats: bool = False) -> Scalars | None:
    """Return the program with a loop in place of the steps, or None if they are none."""
    where = {u: (j, t) for j, row in enumerate(steps.nodes) for t, u in enumerate(row)}
    program = _with_new_nodes(program, steps)
    step = _Step(program, steps, where, on_floats)
    if not step.is_regular:
        # What the first step is made of may differ from one of its nodes to the next.
        later = Steps([row[1:] for row in steps.nodes], [])
        return _taken_out(program, later, on_floats) if len(later.nodes[0]) >= FEWEST_STEPS else None
    depending = _depending(program, where)
    if any(depending[o] for o in step.operands):
        return None
    if len(steps.nodes) == 1 and step.steps < _FEWEST_OF_ONE:
        return None  # such as the smallest of a few numbers
    return _with_loop(program, where, depending, step)


def _taken_out_whole(program: Scalars, steps: Steps) -> Scalars | None:
    """Return the program with a loop over steps with all that they add up, or None if they are none."""
    shorter, count = _taken_out(program, steps, on_floats=True), len(steps.nodes)
    while pair := added_up(program, steps.nodes):
        whole = find_steps(program, [pair], are_whole=True)
        if whole is None or len(whole.nodes) <= count:
            break
        steps, count = whole, len(whole.nodes)
        shorter = _taken_out(program, whole, on_floats=True) or shorter
    return shorter


def _with_new_nodes(program: Scalars, steps: Steps) -> Scalars:
    """Return the program with those nodes of the steps that nothing needs, at its end."""
    like = [u for u, _ in steps.new]
    return program._replace(
        ops=program.ops + [program.ops[u] for u in like],
        operands=program.operands + [operands for _, operands in steps.new],
        values=program.values + [program.values[u] for u in like],
        labels=program.labels + [program.labels[u] for u in like],
    )


def _depending(program: Scalars, where: dict[int, tuple[int, int]]) -> bytearray:
    """Return for each node whether it is one of the steps, or depends on one."""
    depending = bytearray(len(program.ops))
    for u in where:
        depending[u] = 1
    for i in range(min(where), len(program.ops)):
        if not depending[i]:
            for o in program.operands[i]:
                if depending[o]:
                    depending[i] = 1
                    break
    return depending


class _Step:
    """One step as a program under construction."""

    def __init__(
        self, program: Scalars, steps: Steps, where: dict[int, tuple[int, int]], on_floats: bool
    ) -> None:
        self.program, self.where, self.on_floats = program, where, on_floats
        self.nodes = steps.nodes
        self.steps = len(self.nodes[0])
        self.operands: list[int] = []  # nodes of the whole program that the loop needs
        self.is_regular = True  # whether all steps are made of the same
        self.ops: list[str] = []
        self.made_of: list[tuple[int, ...]] = []
        self.values: list[float] = []
        self.labels: list[str] = []
        self.inputs: dict[int, tuple[int, int]] = {}
        self.carried: dict[tuple[int, int], int] = {}
        self.initial: dict[tuple[int, int], int] = {}
        self.sliced: dict[int, list[int]] = {}
        self.shared: dict[int, int] = {}
        self._known: dict[tuple[int, ...], int] = {}
        self._number_of_operand: dict[int, int] = {}
        self.position: list[int] = []
        self.new: list[tuple[str, tuple[int, ...], float]] = []
        for j, row in enumerate(self.nodes):
            self._add_row(j, row)

    def _add(self, op: str, made_of: tuple[int, ...], value: float, label: str) -> int:
        self.ops.append(op)
        self.made_of.append(made_of)
        self.values.append(value)
        self.labels.append(label)
        return len(self.ops) - 1

    def _input(self, value: float, label: str) -> int:
        i = self._add(INPUT, (), value, label)
        self.inputs[i] = (0, i)
        return i

    def operand(self, node: int) -> int:
        """Return the number of an operand of the loop."""
        number = self._number_of_operand.setdefault(node, len(self.operands))
        if number == len(self.operands):
            self.operands.append(node)
        return number

    def _add_row(self, j: int, row: list[int]) -> None:
        """Add a node of the step; what it is made of in each step tells what its operands are."""
        columns = zip(*(self.program.operands[u] for u in row), strict=True)
        made_of = tuple([self._operand(column) for column in columns])
        last = row[-1]
        self.position.append(
            self._add(self.program.ops[last], made_of, self.program.values[last], self.program.labels[last])
        )

    def _operand(self, column: tuple[int, ...]) -> int:
        """Return the node of the step that an operand is, given what it is in each step."""
        known = self._known.get(column)
        if known is not None:
            return known
        j, t = self.where.get(column[-1], (-1, 0))
        if j < 0:
            return self._from_outside(column)
        lag = self.steps - 1 - t
        is_made = lag or j < len(self.position)
        if not is_made or list(column[lag:]) != self.nodes[j][: self.steps - lag]:
            self.is_regular = False
            return 0
        if lag == 0:
            return self.position[j]
        for t in range(lag):
            self.operand(column[t])
            if self.initial.setdefault((j, lag - t), column[t]) != column[t]:
                self.is_regular = False
        return self._state(j, lag, column[0])

    def _state(self, j: int, lag: int, first: int) -> int:
        """Return the input that holds what a node was some steps ago."""
        for n in range(1, lag + 1):
            if (j, n) not in self.carried:
                label = self.program.labels[self.nodes[j][-1]]
                self.carried[j, n] = self._input(self.program.values[first], label)
        return self.carried[j, lag]

    def _from_outside(self, column: tuple[int, ...]) -> int:
        program, first = self.program, column[0]
        is_same = all(o == first for o in column)
        if is_same and program.ops[first] == CONSTANT:
            i = self._add(CONSTANT, (), program.values[first], "")
        else:
            i = self._input(program.values[column[-1]], program.labels[first] if is_same else "")
            if is_same:
                self.shared[i] = self.operand(first)
            else:
                self.sliced[i] = [self.operand(o) for o in column]
        self._known[column] = i
        return i

    def finished(self, wanted: Sequence[int]) -> tuple[Repetition, dict[int, int]]:
        """Return the repetition, and the number of the result for each node that is wanted outside."""
        results: list[int] = []
        carried = []
        for (j, lag), i in self.carried.items():
            carried.append(Carried(i, self.operand(self.initial[j, lag]), len(results)))
            results.append(self.position[j] if lag == 1 else self.carried[j, lag - 1])
        number_of = {j: results.index(self.position[j]) for j, lag in self.carried if lag == 1}
        for j in wanted:
            if j not in number_of:
                number_of[j] = len(results)
                results.append(self.position[j])
        root = self._add(RESULTS, tuple(results), 0.0, "")
        plain = Scalars(self.ops, self.made_of, self.values, self.labels, self.inputs, root)
        body = plain if self.on_floats else self._without_sums_from_outside(collect_sums(plain))
        return Repetition(body, self.steps, carried, self.sliced, self.shared, plain), number_of

    # --- what can be added up before the loop -----------------------------------------------------------

    def _without_sums_from_outside(self, body: Scalars) -> Scalars:
        """Return the step with a single summand for those from outside: they are added up before."""
        moved: dict[int, int] = {}
        summands = dict(body.summands)
        for i, whole in body.summands.items():
            outside = [one for one in whole if all(self._is_outside(body, o) for o in one[1:])]
            if len(outside) > 1 or any(q >= 0 for _, _, q in outside):
                slot = len(body.ops) + len(self.made_of) + len(moved)
                moved[i] = slot
                self._fill_with_sum(body, slot, outside)
                summands[i] = [one for one in whole if one not in outside]
        if not moved:
            return body
        n = len(moved)
        number = {i: k for k, i in enumerate(moved)}

        def shifted(one: Summand) -> Summand:
            sign, p, q = one
            return sign, p + n, q + n if q >= 0 else q

        return Scalars(
            [INPUT] * n + body.ops,
            [()] * n + [tuple([o + n for o in nodes]) for nodes in body.operands],
            [0.0] * n + body.values,
            [""] * n + body.labels,
            {
                **{k: (0, moved[i]) for i, k in number.items()},
                **{i + n: one for i, one in body.inputs.items()},
            },
            body.root + n,
            {
                i + n: [*([(1, number[i], -1)] if i in number else []), *map(shifted, found)]
                for i, found in summands.items()
            },
        )

    def _is_outside(self, body: Scalars, i: int) -> bool:
        if i < 0 or body.ops[i] == CONSTANT:
            return True
        slot = body.inputs.get(i, (0, -1))[1]
        return slot in self.sliced or slot in self.shared

    def _fill_with_sum(self, body: Scalars, slot: int, summands: Sequence[Summand]) -> None:
        """Fill a slot with sums of nodes outside: one for each step, or one for all."""
        slots = [body.inputs[o][1] for _, p, q in summands for o in (p, q) if o >= 0 and o in body.inputs]
        if any(one in self.sliced for one in slots):
            self.sliced[slot] = [self.operand(self._sum(body, summands, t)) for t in range(self.steps)]
        else:
            self.shared[slot] = self.operand(self._sum(body, summands, 0))

    def _sum(self, body: Scalars, summands: Sequence[Summand], t: int) -> int:
        """Add the nodes that compute a sum of nodes outside in a step."""
        added = []
        for sign, p, q in summands:
            x = self._outside(body, p, t)
            if q >= 0:
                x = self._new("mul", (x, self._outside(body, q, t)))
            added.append(x if sign > 0 else self._new("neg", (x,)))
        return self._new("fsum", tuple(added))

    def _outside(self, body: Scalars, i: int, t: int) -> int:
        """Return the node that an input of the step is in a step, or the constant."""
        if body.ops[i] == CONSTANT:
            return self._new(CONSTANT, (), body.values[i])
        slot = body.inputs[i][1]
        return self.operands[self.shared[slot] if slot in self.shared else self.sliced[slot][t]]

    def _new(self, op: str, operands: tuple[int, ...], value: float = 0.0) -> int:
        """Return a new node of the whole program, to be computed before the loop."""
        self.new.append((op, operands, value))
        return len(self.program.ops) + len(self.new) - 1


def _with_loop(
    program: Scalars, where: dict[int, tuple[int, int]], depending: bytearray, step: _Step
) -> Scalars:
    """Return the program: what the steps need, the loop, its parts, and the rest."""
    n = len(program.ops)
    needed = dict.fromkeys(
        o for i in range(n) if depending[i] and i not in where for o in program.operands[i] if o in where
    )
    if program.root in where:
        needed[program.root] = None
    repetition, number_of = step.finished(sorted({where[u][0] for u in needed}))
    before = [i for i in range(n) if not depending[i]]
    after = [i for i in range(n) if depending[i] and i not in where]
    new = {i: k for k, i in enumerate([*before, *range(n, n + len(step.new))])}
    loop = len(new)
    # A part stands where its node stood, for those who need it.
    new.update({i: loop + 1 + k for k, i in enumerate([*needed, *after])})

    def made_of(nodes: Iterable[int]) -> tuple[int, ...]:
        return tuple([new[o] for o in nodes])

    added = [(op, made_of(nodes), value, "") for op, nodes, value in step.new]
    kept = {
        i: (program.ops[i], made_of(program.operands[i]), program.values[i], program.labels[i])
        for i in (*before, *after)
    }
    rows = [
        *(kept[i] for i in before),
        *added,
        (LOOP, made_of(step.operands), 0.0, ""),
        *((PART, (loop,), program.values[i], program.labels[i]) for i in needed),
        *(kept[i] for i in after),
    ]
    ops, operands, values, labels = map(list, zip(*rows, strict=True))
    details = {new[i]: detail for i, detail in program.details.items() if i in new}
    details[loop] = repetition
    details |= {new[i]: Part(number_of[where[i][0]], where[i][1]) for i in needed}
    inputs = {new[i]: place for i, place in program.inputs.items() if i in new}
    return Scalars(ops, operands, values, labels, inputs, new[program.root], details=details)
