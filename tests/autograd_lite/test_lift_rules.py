"""Every row of the rule book, lifted: element by element on arrays, single and over a batch."""

from __future__ import annotations

import math
from functools import partial
from random import Random
from typing import Any

import mpmath
import numpy as np
import pytest

from autograd_lite import Value, fsum, lift
from autograd_lite.ops import RULES, Operation
from tests.autograd_lite.lifting import always_on_arrays, require_same_batch, require_same_gradients
from tests.autograd_lite.orders import with_order

ROWS = [pytest.param(row, id=name) for name, row in RULES.items()]
ROWS_OF_MANY = [pytest.param(row, id=name) for name, row in RULES.items() if len(row.floats.domain) > 1]
N = 7


def points(row: Operation, n: int, random: Random) -> list[list[float]]:
    """Return n values for each operand, inside of its domain."""
    columns = []
    for low, high in row.floats.domain:
        low, high = max(low, -3.0), min(high, 3.0)
        margin = 0.05 * (high - low)
        columns.append([random.uniform(low + margin, high - margin) for _ in range(n)])
    return [
        *map(list, zip(*(with_order(row.name, point) for point in zip(*columns, strict=True)), strict=True))
    ]


def applied(row: Operation, *operands: Any) -> Any:
    return Value.apply_operation(row, operands)


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_many_at_once(row: Operation) -> None:
    columns = points(row, N, Random(1))

    def f(*xs: list[Value]) -> Any:
        results = [applied(row, *operands) for operands in zip(*xs, strict=True)]
        return sum((k + 1) * y for k, y in enumerate(results))

    require_same_gradients(f, *columns)


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_one(row: Operation) -> None:
    columns = points(row, 1, Random(2))
    require_same_gradients(partial(applied, row), *(column[0] for column in columns))


@pytest.mark.parametrize("row", ROWS)
def test_a_row_over_samples(row: Operation) -> None:
    columns = points(row, N, Random(3))
    require_same_batch(partial(applied, row), columns, (0,) * len(columns))


@pytest.mark.parametrize("row", ROWS_OF_MANY)
def test_a_row_with_one_operand_shared_by_the_samples(row: Operation) -> None:
    columns = points(row, N, Random(4))
    first, *others = columns
    require_same_batch(partial(applied, row), [first[0], *others], (None, *[0] * len(others)))


@pytest.mark.parametrize("row", ROWS_OF_MANY)
def test_a_row_with_constants(row: Operation) -> None:
    columns = points(row, N, Random(5))
    *constants, last = columns

    def f(xs: list[Value]) -> Any:
        operands = zip(*constants, xs, strict=True)
        return sum((k + 1) * applied(row, *numbers) for k, numbers in enumerate(operands))

    require_same_gradients(f, last)


@pytest.mark.parametrize("row", ROWS)
def test_a_row_keeps_single_precision(row: Operation) -> None:
    columns = [np.array(column, dtype=np.float32) for column in points(row, N, Random(6))]

    def f(*xs: list[Value]) -> Any:
        return sum(applied(row, *operands) for operands in zip(*xs, strict=True))

    value, gradients = lift(f, argnums=range(len(columns)))(*columns)
    assert {value.dtype, *(g.dtype for g in gradients)} == {np.dtype("float32")}


EDGES = {
    "tanh": [-800.0, -20.0, -1e-200, 0.0, 1e-9, 20.0, 800.0],
    "sigmoid": [-700.0, -40.0, 0.0, 40.0, 800.0],
    "softplus": [-700.0, -40.0, 0.0, 40.0, 800.0],
    "silu": [-700.0, -40.0, 0.0, 40.0, 800.0],
    "gelu": [-37.0, -6.0, 0.0, 6.0, 800.0],
    "relu": [-1.0, -0.0, 0.0, 5e-324, 1e300],
    "elu": [-800.0, -1e-9, 0.0, 1e-9, 800.0],
    "leaky_relu": [-1e300, -1.0, 0.0, 1.0, 1e300],
    "abs": [-2.0, 0.0, 2.0],
    "erf": [-30.0, -5.0, 0.0, 5.0, 30.0],
    "erfc": [-5.0, 0.0, 5.0, 25.0],
    "expm1": [-800.0, -1e-300, 0.0, 1e-300, 700.0],
    "log1p": [-1 + 1e-12, -1e-300, 0.0, 1e300],
    "atan": [-1e200, 0.0, 1e200],
    "exp": [-740.0, 0.0, 700.0],
    "asinh": [-1e300, -1e-9, 0.0, 1e-300, 1e300],
    "acosh": [1 + 1e-12, 1.5, 1e300],
    "atanh": [-1 + 1e-12, -1e-300, 0.0, 1 - 1e-12],
    "cbrt": [-1e300, -8.0, 1e-200, 1e300],
    "exp2": [-1080.0, -1e-300, 0.0, 1020.0],
    "log2": [1e-300, 1.0, 1e300],
    "log10": [1e-300, 1.0, 1e300],
    "degrees": [-1e300, 0.0, 1e300],
    "radians": [-1e300, 0.0, 1e300],
    "sinc": [-1e5, -1.0, -1e-9, 0.0, 1e-9, 0.5, 2.0, 1e10],
    "gamma": [-3.5, -0.5, 1e-100, 1.0, 1.46, 100.5],
    "lgamma": [-3.5, 1e-100, 1.0, 2.0, 1e100],
    "digamma": [-3.5, 1e-100, 1.46, 1e100],
    "round": [-2.7, -0.2, 0.3, 1e300],
    "sech": [-800.0, -300.0, 0.0, 300.0, 800.0],
}


@pytest.mark.parametrize("name", EDGES)
def test_edges(name: str) -> None:
    def f(xs: list[Value]) -> Any:
        return sum(applied(RULES[name], *RULES[name].complete([x])) for x in xs)

    require_same_gradients(f, EDGES[name])


@pytest.mark.parametrize("name", ["sigmoid", "softplus"])
@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_activations_in_the_whole_range_of_each_precision(name: str, kind: str) -> None:
    x = np.array([-16.5, -11.5, -8.0, -1.0, -0.0, 3.0, 11.5, 40.0, 6e4, np.inf, -np.inf, np.nan], kind)
    program = lift(lambda x: applied(RULES[name], x), in_axes=0)
    found = np.array([program(np.array([each]))[0] for each in x])
    expected = [RULES[name].compute(float(each)) for each in x]
    assert found.dtype == kind
    np.testing.assert_allclose(
        found, expected, rtol=8 * float(np.finfo(kind).eps), atol=np.finfo(kind).smallest_subnormal
    )


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_of_two_equal_operands_the_first_counts(name: str) -> None:
    _, (first, second) = lift(lambda x, y: applied(RULES[name], x, y), argnums=(0, 1))(3.0, 3.0)
    assert (float(first), float(second)) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("x", "y"), [(0.0, 2.0), (0.0, 1.0), (-2.0, 3.0), (2.0, 0.0), (2.0, -3.5), (0.0, 0.0)]
)
def test_powers(x: float, y: float) -> None:
    require_same_gradients(lambda base: base**y, x)
    require_same_gradients(lambda bases: sum(base**y for base in bases), [x, x, x + 0.5 * (x > 0)])


def test_a_power_with_a_variable_exponent_at_zero() -> None:
    _, gradients = lift(lambda x, y: x**y, argnums=(0, 1))(0.0, 2.0)
    assert [float(g) for g in gradients] == [0.0, 0.0]


def test_hypot_and_atan2_at_the_origin() -> None:
    for name in ("hypot", "atan2"):
        _, gradients = lift(lambda x, y, name=name: applied(RULES[name], x, y), argnums=(0, 1))(0.0, 0.0)
        assert [float(g) for g in gradients] == [0.0, 0.0]


@pytest.mark.parametrize("x", [5e-324, -1e-310, 1e-200])
def test_a_length_of_next_to_nothing(x: float) -> None:
    """The product of x and the adjoint would be 0."""
    with always_on_arrays():
        program = lift(lambda x, y: y.exp() * applied(RULES["hypot"], x), argnums=(0, 1))
        value, gradients = program(x, -1.5)
    assert float(value) == abs(x) * math.exp(-1.5)
    assert [float(g) for g in gradients] == [math.copysign(math.exp(-1.5), x), float(value)]


@pytest.mark.parametrize("x", [5e-324, -1e-310, 1e-200])
def test_an_infinite_slope_of_an_angle_on_which_nothing_hangs(x: float) -> None:
    with always_on_arrays():
        program = lift(lambda x, y: (applied(RULES["atan2"], x, y) - 4).relu() + 3 * x, argnums=(0, 1))
        value, gradients = program(x, x)
    assert [float(value), *map(float, gradients)] == [3 * x, 3.0, 0.0]


def test_a_logarithm_of_gamma_next_to_its_zeros() -> None:
    xs = [1 - 2.0**-53, 1 + 2.0**-52, 2 - 2.0**-52, 2 + 2.0**-51]
    for x in xs:
        value, _ = lift(lambda x: applied(RULES["lgamma"], x))(x)
        exact = float(mpmath.loggamma(mpmath.mpf(x)))
        assert math.isclose(float(value), exact, rel_tol=1e-14)


@pytest.mark.parametrize("samples", [1, 3])
def test_a_sum_of_differences_keeps_their_digits(samples: int) -> None:
    """Each difference is exact, of two sums the digits behind the point would be lost."""
    x = np.array([[1e8 + 7 * k + s for k in range(9)] for s in range(samples)])
    y = x - 2.0**-26 * np.arange(1, 10)
    with always_on_arrays():
        program = lift(
            lambda x, y: fsum([a - b for a, b in zip(x, y, strict=True)]), argnums=(0, 1), in_axes=0
        )
        value, (dx, dy) = program(x, y)
    assert float(value) == 45 * 2.0**-26
    assert dx.tolist() == [[1 / samples] * 9] * samples
    assert dy.tolist() == [[-1 / samples] * 9] * samples


def test_a_nan_stays_one() -> None:
    value, _ = lift(lambda xs: sum(x.relu() + x.tanh() for x in xs))([1.0, 2.0])
    value, _ = lift(lambda xs: sum(x.relu() + x.tanh() for x in xs))([math.nan, 2.0])
    assert math.isnan(value)
