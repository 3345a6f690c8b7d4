"""The first promise of lift, where arrays would break it: choices by constants, long chains, dead units."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from autograd_lite import Value, lift, sqrt, where
from autograd_lite.ops import RULES, Operation
from tests.autograd_lite.lifting import always_on_arrays, require_same_batch, require_same_gradients
from tests.autograd_lite.orders import ORDERED

CONSTANTS = [0.5, 0.0, -0.5]


def applied(name: str, *operands: Any) -> Any:
    return Value.apply_operation(RULES[name], operands)


# --- choices by constants -------------------------------------------------------------------------------


@pytest.mark.parametrize("c", CONSTANTS)
@pytest.mark.parametrize(
    ("name", "arity"), [("where", 3), ("clip", 3), ("elu", 2), ("leaky_relu", 2), ("maximum", 2), ("pow", 2)]
)
def test_a_choice_by_a_constant(name: str, arity: int, c: float) -> None:
    def single(a: Any, b: Any) -> Any:
        return applied(name, abs(c or 1) if name == "pow" else c, *(a, b)[: arity - 1]) + 0 * b

    def many(a: Any, b: Any) -> Any:
        return sum((k + 1) * single(x, y) for k, (x, y) in enumerate(zip(a, b, strict=True)))

    with always_on_arrays():
        require_same_gradients(single, 1.5, 2.0)
        require_same_gradients(many, [1.5, -1.0, 0.3], [2.0, 0.7, -3.0])
        require_same_batch(single, [[1.5, -1.0, 0.3], 2.0], (0, None))


def test_a_choice_by_constants_that_differ() -> None:
    def cost(a: Any, b: Any) -> Any:
        return sum(where(c, x, y) * y for c, x, y in zip(CONSTANTS, a, b, strict=True))

    with always_on_arrays():
        require_same_gradients(cost, [1.5, -1.0, 0.3], [2.0, 0.7, -3.0])


def test_constant_gradients_keep_the_precision() -> None:
    with always_on_arrays():
        value, gradients = lift(lambda a, b: where(-0.5, a, 3.0), argnums=(0, 1))(
            np.float32(1.0), np.float32(2.0)
        )
    assert {x.dtype for x in (value, *gradients)} == {np.dtype("float32")}
    assert (float(value), *map(float, gradients)) == (3.0, 0.0, 0.0)


# --- long chains ----------------------------------------------------------------------------------------


def chain_of(row: Operation, length: int, x: Any, *others: Any) -> Any:
    """Return what a row gives when its result goes into each of its operands in turn, a thousandth of it."""
    operands = [x, *others]
    y = x
    for k in range(length):
        position = len(operands) - 1 if row.name in ORDERED else k % len(operands)
        moved = [*operands]
        moved[position] = moved[position] + 0.001 * y
        y = applied(row.name, *moved)
    return y


def a_point(row: Operation) -> list[float]:
    if row.name in ORDERED:
        return [1.0, 0.7]
    return [min(max(0.3, low + 0.5), high) for low, high in row.floats.domain]


@contextmanager
def few_frames() -> Iterator[None]:
    """Leave Python so few frames that a recursion over a chain of hundreds fails."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 120)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in RULES.items()])
def test_no_pass_recurses_over_a_chain(row: Operation) -> None:
    point = a_point(row)
    expected = chain_of(row, 200, *map(Value, point)).data
    program, of_samples = (lift(lambda *xs: chain_of(row, 200, *xs), in_axes=axes) for axes in (None, 0))
    with few_frames():
        value, _ = program(*point)
        mean, _ = of_samples(*([x, x] for x in point))
    np.testing.assert_allclose([float(value), float(mean)], expected, rtol=1e-9)


# One of each kind: they take seconds each, and that no pass recurses is shown above for all.
@pytest.mark.slow
@pytest.mark.parametrize("name", ["add", "mul", "maximum", "tanh", "where", "hypot", "logsumexp", "affine"])
def test_a_chain_of_a_hundred_thousand(name: str) -> None:
    row = RULES[name]
    point = a_point(row)
    expected = chain_of(row, 100_000, *map(Value, point)).data
    value, _ = lift(lambda *xs: chain_of(row, 100_000, *xs))(*point)
    assert np.isclose(float(value), expected, rtol=1e-9)


@pytest.mark.parametrize("name", ["maximum", "minimum", "relu", "add", "mul", "hypot"])
def test_a_bare_chain(name: str) -> None:
    def cost(xs: Any) -> Any:
        y = xs[0]
        for x in xs[1:]:
            y = applied(name, *[y, x][: max(1, len(RULES[name].floats.domain))])
        return y

    with always_on_arrays():
        require_same_gradients(cost, np.random.default_rng(0).uniform(0.9, 1.1, 1100))


@pytest.mark.parametrize("name", ["hypot", "logsumexp", "fsum", "sumprod", "affine"])
def test_a_row_of_many_operands(name: str) -> None:
    xs = np.random.default_rng(0).uniform(0.9, 1.1, 301 if name == "affine" else 300)
    with always_on_arrays():
        require_same_gradients(lambda xs: applied(name, *xs), xs)
    require_same_gradients(lambda xs: applied(name, *xs), xs)
    require_same_batch(lambda xs: applied(name, *xs), [np.stack([xs, xs + 1])], (0,))


# --- dead units -----------------------------------------------------------------------------------------


def branch_not_taken(x: Any, y: Any) -> Any:
    return where(x - 1, sqrt(x), 2 * x) + 0 * y


def unit_without_light(x: Any, y: Any) -> Any:
    return (sqrt(x) - 1).relu() + x * y


def safe_norm(x: Any, y: Any) -> Any:
    return where(x * x + y * y, sqrt(x * x + y * y), 0 * x)


def weighted_root(x: Any, y: Any) -> Any:
    return y * sqrt(x) + y * x.cbrt()


def clipped_angle(x: Any, y: Any) -> Any:
    return (1 - abs(x)).acos().clip(-1, 1) + (y - x).maximum((1 + x).acosh() - 2) + x.asin().minimum(y + 1)


def power_below_a_choice(x: Any, y: Any) -> Any:
    return where(x - 1, x**0.5 + x**1.5, 3 * y) + where(x - 2, (x + 1e-120) ** -2, y) + where(x - 3, x**y, x)


def roots_that_cancel(x: Any, y: Any) -> Any:
    return sqrt(x) + y * y - sqrt(x)


DEAD = [
    roots_that_cancel,
    branch_not_taken,
    unit_without_light,
    safe_norm,
    weighted_root,
    clipped_angle,
    power_below_a_choice,
]
AT_POLES = [(0.0, 0.0), (0.0, 0.5), (0.25, 0.0)]


@pytest.mark.parametrize("f", DEAD)
def test_nothing_flows_back_through_a_dead_unit(f: Any) -> None:
    points = AT_POLES if f is not power_below_a_choice else [(0.0, 0.0), (0.0, 0.5)]
    for x, y in points:
        require_same_gradients(f, x, y)
        with always_on_arrays():
            require_same_gradients(f, x, y)
    X, Y = map(list, zip(*points, strict=True))
    require_same_batch(f, [X, Y], (0, 0))
    with always_on_arrays():
        require_same_gradients(lambda X, Y: sum(map(f, X, Y)), X, Y)


@pytest.mark.parametrize("f", DEAD)
def test_nothing_flows_back_on_another_library(f: Any) -> None:
    strict = pytest.importorskip("array_api_strict")
    X, Y = ([point[k] for point in AT_POLES] for k in (0, 1))
    if f is power_below_a_choice:
        X, Y = [0.0, 0.0], [0.0, 0.5]
    _, expected = lift(f, argnums=(0, 1), in_axes=0)(X, Y)
    with np.errstate(all="ignore"):
        _, found = lift(f, argnums=(0, 1), in_axes=0, xp=strict)(strict.asarray(X), strict.asarray(Y))
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(np.from_dlpack(a), b)


def test_where_no_pole_can_be_met_there_is_no_question() -> None:
    def cost(x: Any, y: Any) -> Any:
        return sum(b * sqrt(a * a + 1e-6) * (a * a + b * b + 0.1) ** -1.5 for a, b in zip(x, y, strict=True))

    program = lift(cost, argnums=(0, 1))
    program(np.arange(9.0), np.arange(9.0))
    assert "where" not in program.source
    of_length = lift(lambda x: sum(a * a for a in x).sqrt())
    of_length(np.arange(9.0))
    assert "where" not in of_length.source


@pytest.mark.parametrize(("factor", "gradient", "asks"), [(0.5, np.inf, False), (0.0, 0.0, True)])
def test_on_floats_an_adjoint_that_is_a_number_is_no_question(
    factor: float, gradient: float, asks: bool
) -> None:
    program = lift(lambda x: factor * x.sqrt())
    assert program(0.0)[1] == gradient
    assert (" and " in program.source.partition("# backward")[2]) == asks


def test_a_loop_through_which_an_adjoint_goes_as_it_is() -> None:
    def cost(x: Any) -> Any:
        for _ in range(12):
            x = applied("sign", x) + x
        return x

    with always_on_arrays():
        program = require_same_gradients(cost, 0.5)
    require_same_batch(cost, [[0.5, 0.0, -2.0]], (0,))
    assert "reversed" not in program.source


def test_a_loop_whose_step_is_a_constant() -> None:
    def cost(x: Any) -> Any:
        for _ in range(12):
            x = applied("leaky_relu", 0.0, applied("fsum", applied("neg", -x)))
        return x

    with always_on_arrays():
        require_same_gradients(cost, 0.5)
        require_same_gradients(lambda xs: sum(map(cost, xs)), [0.5, -1.0])
    require_same_batch(cost, [[0.5, 0.0]], (0,))
