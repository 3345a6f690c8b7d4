"""A search for programs at which lift breaks its first promise: what it returns is what the engine returns.

Programs over all rows of the rule book, with constants as any operand, at points that are special: zeros of
both signs, ties, edges of domains, numbers of any size. ``LIFT_SEARCH=20000`` in the environment looks at as
many programs, others each time; without it the same few are tried. What is allowed stands in the notes of
``lift``: rounding, and what goes beyond the floats on the way.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st

from autograd_lite import Value, grad, lift, topological_order
from autograd_lite.lifting import pipeline
from autograd_lite.ops import RULES
from tests.autograd_lite.lifting import always_on_arrays, sizes_of_terms
from tests.autograd_lite.orders import ORDERED

EXAMPLES = int(os.environ.get("LIFT_SEARCH", "0"))
searching = settings(
    max_examples=EXAMPLES or 50, deadline=None, derandomize=not EXAMPLES, database=None, print_blob=False
)

_OF_ALL_SIZES = [5e-324, 1e-310, 2.3e-308, 1e-200, 1e-160, 1e160, 1e200, 1e250, 1.7e308]
_EDGES = [0.0, 1.0, 1 - 2**-53, 1 + 2**-52, 2.0, 3.0, 0.5, 0.1, math.pi, 709.7, 745.0, 171.0, 30.0]
NUMBERS = st.sampled_from([s * x for x in (*_EDGES, *_OF_ALL_SIZES) for s in (1.0, -1.0)])
NUMBERS |= st.floats(-3, 3, allow_subnormal=False)
MODERATE = st.sampled_from([s * x for x in _EDGES if x < 100 for s in (1.0, -1.0)])
MODERATE |= st.floats(-3, 3, allow_subnormal=False)

# Where a live part of the backward pass has numbers beyond these, products may over- or underflow on the way.
SMALLEST, LARGEST = 1e-100, 1e100


SUMS = ("add", "sub", "fsum", "sumprod", "affine")


class Program(NamedTuple):
    """Rows of the rule book, their operands results so far or constants, and points where all are defined."""

    rows: list[tuple[str, list[int | float]]]
    points: list[list[float]]

    def run(self, xs: Sequence[Any], nudge: Callable[[Any], Any] = lambda result: result) -> Any:
        known = list(xs)
        for name, operands in self.rows:
            result = Value.apply_operation(RULES[name], [known[x] if type(x) is int else x for x in operands])
            known.append(nudge(result))
        return known[-1]

    def __repr__(self) -> str:
        names = [f"x{k}" for k in range(len(self.points[0]))] + [f"v{k}" for k in range(len(self.rows))]
        lines = [
            f"{name}({', '.join(names[x] if type(x) is int else repr(x) for x in operands)})"
            for name, operands in self.rows
        ]
        return "; ".join(f"v{k} = {line}" for k, line in enumerate(lines)) + f" at {self.points}"


def arities(name: str) -> st.SearchStrategy[int]:
    if name == "affine":
        return st.sampled_from([1, 3, 5])
    if name == "sumprod":
        return st.sampled_from([2, 4])
    return st.integers(1, 4) if RULES[name].variadic else st.just(len(RULES[name].partials))


@st.composite
def programs(
    draw: st.DrawFn, samples: st.SearchStrategy[int], numbers: st.SearchStrategy[float] = NUMBERS
) -> Program:
    """Return a program with points; what is not defined at one of them is left out."""
    width = draw(st.integers(1, 3))
    points = draw(st.lists(st.lists(numbers, min_size=width, max_size=width), min_size=1, max_size=4))
    points = points[: draw(samples)]
    rows: list[tuple[str, list[int | float]]] = []
    known = [[Value(x) for x in point] for point in points]
    for name in draw(st.lists(st.sampled_from(list(RULES)), min_size=1, max_size=10)):
        count = len(known[0])
        earlier = st.integers(1, min(count, 3)).map(lambda back, count=count: count - back)
        operand = st.one_of(earlier, earlier, st.integers(0, count - 1), numbers)
        operands = [draw(operand) for _ in range(draw(arities(name)))]
        if name in ORDERED:
            operands[0] = float(draw(st.integers(0, 2)))
        if all(type(x) is float for x in operands):
            continue
        try:
            results = [
                Value.apply_operation(RULES[name], [one[x] if type(x) is int else x for x in operands])
                for one in known
            ]
        except (ArithmeticError, ValueError, TypeError):
            continue
        rows.append((name, operands))
        for one, result in zip(known, results, strict=True):
            one.append(result)
    assume(rows)
    return Program(rows, points)


class Repeated(Program):
    """A program whose result is its first input in the next step."""

    STEPS = 12

    def run(self, xs: Sequence[Any], nudge: Callable[[Any], Any] = lambda result: result) -> Any:
        state, *others = xs
        for _ in range(self.STEPS):
            state = super().run([state, *others], nudge)
        return state


# --- what the engine says -------------------------------------------------------------------------------


class Said(NamedTuple):
    """A cost over all points and its gradients, point by point."""

    cost: float
    gradients: list[float]


def cost_of(
    program: Program, average: bool, nudge: Callable[[Any], Any] = lambda result: result
) -> tuple[Value, list[list[Value]]]:
    """Return the sum or the mean over the points, and the Values that it was made of."""
    leaves = [[Value(x) for x in point] for point in program.points]
    first, *others = [program.run(xs, nudge) for xs in leaves]
    cost = sum(others, first)
    return (cost / len(leaves) if average else cost), leaves


def said_by_engine(cost: Value, leaves: Sequence[Sequence[Value]]) -> Said:
    return Said(float(cost.data), [float(g) for g in grad(cost, [leaf for xs in leaves for leaf in xs])])


def goes_beyond(cost: Value) -> bool:
    """Return whether a live part of the backward pass meets numbers far out, or that are infinite."""

    def is_far(x: float) -> bool:
        return x != 0 and not SMALLEST <= abs(x) <= LARGEST

    adjoints = {cost: 1.0}
    for node in reversed(topological_order(cost)):
        adjoint = adjoints.get(node, 0.0)
        for parent, partial in zip(node.parents, map(float, node.partials), strict=True):
            if adjoint and any(map(is_far, (adjoint, partial, partial * adjoint, node.data, parent.data))):
                return True
            adjoints[parent] = adjoints.get(parent, 0.0) + (partial * adjoint if adjoint else 0.0)
    return False


def is_left_open(cost: Value) -> bool:
    """Return whether a value is at the end of the floats, has few digits, or hangs on the sign of a zero."""

    def is_open(node: Value) -> bool:
        if node.op == "logsumexp" and not (abs(node.data) > 1e-3 and largest(node.parents) < 1e3):
            return True
        by_sign_of_zero = node.op == "atan2" and node.parents[0].data == 0
        too_few_digits = bool(node.parents) and 0 < abs(node.data) < 1e-290
        return not abs(node.data) < 1e300 or too_few_digits or by_sign_of_zero

    return any(map(is_open, topological_order(cost)))


def has_no_digits(cost: Value) -> bool:
    """Return whether a value moves by as much as it is, where each result is off in its last digit."""
    results = [node for node in topological_order(cost) if node.parents]
    moved = sum(2.3e-16 * abs(d * node.data) for d, node in zip(grad(cost, results), results, strict=True))
    return not moved < abs(cost.data) + 1e-6


def largest(nodes: Sequence[Value]) -> float:
    return max(abs(node.data) for node in nodes)


def spread(program: Program, average: bool, said: Said) -> list[float]:
    """Return by how much cost and gradients move where each result is off in its last digit."""
    moved = []
    for seed in range(6):
        random = Random(seed)

        def nudge(result: Value, random: Random = random) -> Value:
            by = random.choice([-4, -2, -1, 0, 1, 2, 4]) * 2.3e-16
            # A sum is as good as its terms.
            terms = zip(result.parents, result.partials, strict=True) if result.op in SUMS else ()
            return result * (1 + by) + by * sum(abs(x.data * partial) for x, partial in terms)

        try:
            moved.append(said_by_engine(*cost_of(program, average, nudge)))
        except (ArithmeticError, ValueError):
            return [math.inf] * (1 + len(said.gradients))
    columns = zip(*([one.cost, *one.gradients] for one in moved), strict=True)
    return [
        max(abs(x - y) for x in column) if all(map(math.isfinite, column)) else math.inf
        for column, y in zip(columns, [said.cost, *said.gradients], strict=True)
    ]


def require_same(program: Program, found: Said, average: bool) -> None:
    """Compare with the engine; where that is no number, or infinite, anything may be."""
    cost, leaves = cost_of(program, average)
    expected = said_by_engine(cost, leaves)
    sizes = [abs(cost.data), *sizes_of_terms(cost, [leaf for xs in leaves for leaf in xs])]
    numbers = [(found.cost, expected.cost, sizes[0])] if not is_left_open(cost) else []
    if numbers and not goes_beyond(cost):
        numbers += zip(found.gradients, expected.gradients, sizes[1:], strict=True)
    wrong = [
        k
        for k, (a, b, size) in enumerate(numbers)
        if math.isfinite(b) and not abs(a - b) <= 1e-11 * (abs(b) + size) + 1e-290
    ]
    if not all(math.isfinite(numbers[k][0]) for k in wrong):
        wrong = [] if has_no_digits(cost) else wrong
    elif wrong:
        moved = spread(program, average, expected)
        wrong = [k for k in wrong if abs(numbers[k][0] - numbers[k][1]) > 10 * moved[k]]
    assert not wrong, (expected, found)


# --- what lift says -------------------------------------------------------------------------------------


@contextmanager
def on_floats() -> Iterator[None]:
    """Lift to straight-line programs, however alike the scalars are."""
    with patch.object(pipeline, "_engine_time", lambda scalars: 0.0):
        yield


def said_by_graph(program: Program) -> Said:
    """Lift the graph of all points: the inputs are arrays over them."""
    cost, leaves = cost_of(program, average=False)
    inputs = {f"x{k}": list(column) for k, column in enumerate(zip(*leaves, strict=True))}
    lifted = lift(cost, inputs=inputs)
    note(lifted.source)
    value, gradients = lifted()
    return Said(float(value), np.stack([gradients[name] for name in inputs], axis=1).ravel().tolist())


def said_by_samples(program: Program, xp: Any = np) -> Said:
    """Lift the graph of the first point, and call it with all points as samples."""
    leaves = [Value(x) for x in program.points[0]]
    inputs = {f"x{k}": leaf for k, leaf in enumerate(leaves)}
    lifted = lift(program.run(leaves), inputs=inputs, in_axes=dict.fromkeys(inputs, 0), xp=xp)
    note(lifted.source)
    columns = zip(*program.points, strict=True)
    value, gradients = lifted(
        {name: xp.asarray(column) for name, column in zip(inputs, columns, strict=True)}
    )
    found = [np.from_dlpack(gradients[name]) for name in inputs]
    return Said(float(value), np.stack(found, axis=1).ravel().tolist())


def depends(program: Program) -> bool:
    leaves = [Value(x) for x in program.points[0]]
    return not set(leaves).isdisjoint(topological_order(program.run(leaves)))


@searching
@given(programs(st.just(1)))
def test_at_one_point(program: Program) -> None:
    assume(depends(program))
    require_same(program, said_by_graph(program), average=False)
    with always_on_arrays():
        require_same(program, said_by_graph(program), average=False)


@searching
@given(programs(st.integers(1, 4)))
def test_on_floats(program: Program) -> None:
    assume(depends(program))
    with on_floats():
        require_same(program, said_by_graph(program), average=False)


@searching
@given(programs(st.integers(2, 4)))
def test_of_many_elements(program: Program) -> None:
    assume(depends(program))
    with always_on_arrays():
        require_same(program, said_by_graph(program), average=False)


@searching
@given(programs(st.integers(1, 4)))
def test_over_samples(program: Program) -> None:
    assume(depends(program))
    require_same(program, said_by_samples(program), average=True)


@searching
@given(programs(st.integers(1, 3), MODERATE))
def test_of_a_step_that_repeats(program: Program) -> None:
    repeated = Repeated(*program)
    try:
        assume(depends(repeated))
        cost_of(repeated, average=False)
    except (ArithmeticError, ValueError):
        assume(False)
    with always_on_arrays():
        require_same(repeated, said_by_graph(repeated), average=False)
    require_same(repeated, said_by_samples(repeated), average=True)


@searching
@given(programs(st.integers(1, 4)))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_over_samples_on_another_library(program: Program) -> None:
    strict = pytest.importorskip("array_api_strict")
    assume(depends(program))
    require_same(program, said_by_samples(program, strict), average=True)


@searching
@given(programs(st.just(1), MODERATE))
@pytest.mark.filterwarnings("ignore:.*is not defined at any other point")
def test_a_function_is_not_refused(program: Program) -> None:
    assume(depends(program))
    value, gradients = lift(lambda xs: program.run(xs))(program.points[0])
    require_same(program, Said(float(value), gradients.tolist()), average=False)
