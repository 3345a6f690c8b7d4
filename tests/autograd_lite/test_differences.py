"""gradcheck passes what is right, fails on what is wrong, and says which, where and by how much."""

import math
import random

import numpy as np
import pytest

import autograd_lite as engine
from autograd_lite import (
    RULES,
    Value,
    cos,
    exp,
    fsum,
    gradcheck,
    log,
    maximum,
    relu,
    sin,
    sqrt,
    sumprod,
    tanh,
    where,
)

# --- first derivatives ----------------------------------------------------------------------------------


def detached(v):
    """Return a Value of the same data that knows nothing of its origin."""
    return Value(v.data)


def test_gradcheck_fails_on_a_wrong_derivative_and_names_it():
    def outputs(x, y):
        return [x * y, y * detached(y)]

    with pytest.raises(AssertionError, match=r"∂output 1/∂input 1 is 3.0 by the chain rule and (6.0|5.9)"):
        gradcheck(outputs, [2.0, 3.0])
    assert gradcheck(outputs, [2.0, 3.0], raise_exception=False) is False


@pytest.mark.parametrize(
    ("function", "point"),
    [
        (lambda x: x * detached(x), 1e6),
        (lambda x: detached(x) + 0 * x, 1.0),
        (lambda x: x + 1e-4 * detached(x), 1.0),
        (relu, 0.0),
        (lambda x: maximum(x, 1.0), 1.0),
        (lambda x: x * math.nan, 1.0),
        (lambda x: x * math.inf, 1.0),
    ],
)
def test_gradcheck_fails_on_wrong_steep_kinked_or_missing_derivatives(function, point):
    assert gradcheck(function, [point], rtol=1e-6, raise_exception=False) is False


def test_gradcheck_lets_pass_what_its_tolerances_say():
    def off_by_a_hundredth(x):
        return x + detached(x) / 100  # the chain rule says 1, differences 1.01

    assert gradcheck(off_by_a_hundredth, [1.0], atol=0, rtol=0.00995)
    assert not gradcheck(off_by_a_hundredth, [1.0], atol=0, rtol=0.0098, raise_exception=False)
    assert gradcheck(off_by_a_hundredth, [1.0], atol=0.0101, rtol=0)
    assert not gradcheck(off_by_a_hundredth, [1.0], atol=0.0099, rtol=0, raise_exception=False)


def test_gradcheck_takes_larger_steps_from_larger_numbers():
    assert gradcheck(lambda x: x * x, [1e10])


def test_gradcheck_leaves_the_graph_on_where_a_step_leaves_the_domain():
    assert gradcheck(engine.sqrt, [0.0])
    assert (Value(1.0) + 1).parents


AT_THE_EDGE = {
    "log near 0": (log, 1e-8),
    "log nearer to 0": (log, 1e-300),
    "log near an edge elsewhere": (lambda x: log(1 - x), 1 - 1e-9),
    "sqrt near 0": (engine.sqrt, 1e-9),
    "sqrt at 0": (engine.sqrt, 0.0),
    "a root with a finite slope at 0": (lambda x: x**1.5, 0.0),
    "asin near 1": (engine.asin, 1 - 1e-12),
    "asin at 1": (engine.asin, 1.0),
    "asin at -1": (engine.asin, -1.0),
    "acos at 1": (engine.acos, 1.0),
    "acos at -1": (engine.acos, -1.0),
    "a pole within the step": (lambda x: 1 / x, 1e-9),
}


@pytest.mark.parametrize("case", AT_THE_EDGE)
def test_gradcheck_stays_in_the_domain(case):
    function, x = AT_THE_EDGE[case]
    assert gradcheck(function, [x])
    assert gradcheck(lambda a, b: [b, function(a) * b], [x, 2.0])
    for factor in (0.99, 1.01, -1.0):
        # The value is kept, the slope is multiplied by the factor.
        wrong = lambda a: factor * function(a) + (1 - factor) * detached(function(a))  # noqa: B023, E731
        assert gradcheck(wrong, [x], raise_exception=False) is False


@pytest.mark.parametrize(
    "wrong_at_0",
    [
        lambda x: x if x.data else x + engine.sqrt(x),  # infinite by the chain rule, 1 by differences
        lambda x: engine.sqrt(x) if x.data else x,  # 1 by the chain rule, growing by differences
        lambda x: engine.sqrt(x) if x.data else -engine.sqrt(x),  # of the other sign
    ],
)
def test_gradcheck_tells_finite_slopes_from_infinite_ones(wrong_at_0):
    assert gradcheck(wrong_at_0, [1.0])
    assert gradcheck(wrong_at_0, [0.0], raise_exception=False) is False


def test_gradcheck_takes_no_rounding_for_a_slope():
    # From steps of 1e-11 on, the difference is 0 as the chain rule has it, for want of digits.
    assert gradcheck(lambda x: 1e6 + detached(x), [0.0], raise_exception=False) is False


def test_gradcheck_says_that_a_point_has_no_side():
    with pytest.raises(
        ValueError, match=r"defined at \[0.0\] but on neither side of input 0, .* another point"
    ):
        gradcheck(lambda x: engine.sqrt(-x * x), [0.0])


@pytest.mark.parametrize("eps", [0, 0.0, -1e-6, math.nan, math.inf, -math.inf])
def test_gradcheck_takes_a_positive_step(eps):
    with pytest.raises(ValueError, match=f"eps is the step of the differences, {eps!r} is none: .* above 0"):
        gradcheck(sin, [1.0], eps=eps)


def test_gradcheck_takes_a_step_that_moves_the_input():
    with pytest.raises(ValueError, match=r"eps = 1e-20 is lost in rounding beside input 1, 2.0: .* larger"):
        gradcheck(lambda x, y: x * y, [0.0, 2.0], eps=1e-20)


def times_itself_badly(x):
    return x * detached(x)  # the chain rule says x, differences 2x: at 0 both are 0


@pytest.mark.parametrize(
    ("function", "point"),
    [
        (times_itself_badly, [0.0]),
        (lambda x: x * times_itself_badly(x), [0.0]),
        (lambda x, y: (x - y) * detached(x - y), [3.0, 3.0]),
        (lambda x: cos(detached(x)), [0.0]),
        (lambda x: log(x) * detached(log(x)), [1.0]),
        (lambda x: engine.asin(1 - x) ** 2 + detached(engine.asin(1 - x) ** 2), [1.0]),
    ],
)
def test_gradcheck_finds_what_is_right_at_the_point_alone(function, point):
    with pytest.raises(AssertionError, match=r"∂output 0/∂input 0 is .* by the chain rule and .* at \["):
        gradcheck(function, point)


@pytest.mark.parametrize("x", [-0.1118, 0.1118, -0.01118, 0.05, -0.1, 1e-5, 1.0, -1.0])
def test_gradcheck_raises_no_false_alarm_where_a_neighbour_hits_a_kink_or_the_edge(x):
    assert gradcheck(relu, [x])
    assert gradcheck(abs, [x])
    assert gradcheck(lambda v: abs(v - (x + 0.1118 * max(1.0, abs(x)))), [x])
    assert gradcheck(lambda v: relu(v) * 2 + maximum(v, -x), [x])
    assert gradcheck(lambda v: log(v - x + 1e-5), [x])
    assert gradcheck(lambda v: engine.sqrt(1e-6 - (v - x) ** 2), [x])


def test_gradcheck_is_content_with_the_point_where_nothing_beside_it_is_defined():
    def on_an_island(x):
        if abs(x.data - 1) > 1e-5:
            raise LookupError("no such place")
        return x * x

    assert gradcheck(on_an_island, [1.0])


# --- the differences and their error --------------------------------------------------------------------


def counting(function):
    """Return the function, and the list of the points at which it was called."""
    calls = []

    def counted(*xs):
        calls.append([float(x) for x in xs])
        return function(*xs)

    return counted, calls


@pytest.mark.parametrize(
    "function", [sin, exp, tanh, lambda x: x**3 - x, lambda x: 1 / (2 + x), lambda x: 3 * x]
)
def test_extrapolated_differences_hold_to_many_digits(function):
    for x in (0.3, -0.9, 1.7):
        assert gradcheck(function, [x], rtol=1e-8, atol=1e-9)
        wrong = lambda v: function(v) + 1e-7 * detached(v)  # noqa: E731
        assert gradcheck(wrong, [x], rtol=1e-8, atol=1e-9, raise_exception=False) is False


@pytest.mark.parametrize("tolerance", [1e-6, 1e-9, 1e-12, 1e-15, 0.0])
def test_what_is_within_the_error_of_the_differences_does_not_fail(tolerance):
    for x in (0.3, -0.9, 1.7):
        for function in (sin, exp, tanh, lambda v: v**3 - v, lambda v: sin(1e4 * v), lambda v: 1e6 + v):
            assert gradcheck(function, [x], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("digits", "eps"), [(9, 1e-3), (7, 1e-3), (5, 0.1)])
@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 1e-9, 1e-12])
def test_nor_does_a_function_of_few_digits(digits, eps, tolerance):
    big = 2.0**53 / 10**digits

    def noisy(x):
        return sin(x) + ((x + big) - big) / 2

    for x in np.linspace(-2, 2, 20):
        assert gradcheck(noisy, [x], eps, tolerance, tolerance)
        wrong = lambda v: noisy(v) + 0.2 * detached(v)  # noqa: E731
        assert gradcheck(wrong, [x], eps, raise_exception=False) is False


def test_a_failure_tells_the_error_of_the_differences():
    with pytest.raises(AssertionError, match=r"is 0.0 by the chain rule and 0.955336489\d ± \de-\d+ by diff"):
        gradcheck(lambda x: detached(sin(x)), [0.3])
    with pytest.raises(
        AssertionError, match=r"is 1.0 by the chain rule and \d.* by differences that do not settle"
    ):
        gradcheck(lambda x: sqrt(x) if x.data else x + 0, [0.0])


def test_differences_of_waves_are_not_taken_at_their_period():
    for cycles in (100, 1000, 10_000):
        wave = lambda x: sin(2 * math.pi * cycles * x)  # noqa: B023, E731
        assert gradcheck(wave, [0.3])
        assert gradcheck(lambda x: detached(wave(x)), [0.3], raise_exception=False) is False  # noqa: B023


def test_a_right_derivative_takes_few_calls():
    function, calls = counting(lambda x, y: tanh(x * y))
    assert gradcheck(function, [0.5, -1.0])
    assert len(calls) <= 2 * (2 + 2 * 2 * 2)  # at two points: itself, its graph, two steps to either side


# --- kinks ----------------------------------------------------------------------------------------------

KINKS = {
    "relu": (relu, 0.0, "0.0 on the left and 1.0 on the right; the chain rule gives one of the two"),
    "relu of a shift": (
        lambda x: 5 + 3 * relu(x - 1),
        1.0,
        "on the right; the chain rule gives one of the two",
    ),
    "between": (
        lambda x: 0.25 * maximum(x, 0) + 0.75 * relu(x),
        0.0,
        "0.0 on the left and 1.0 on the right; the chain rule gives a slope between them",
    ),
    "outside": (
        lambda x: maximum(x, 0) * 2 - relu(x) + x,
        0.0,
        "1.0 on the left and 2.0 on the right; the chain rule gives neither, nor one between them",
    ),
    "curved": (
        lambda x: relu(sin(x)) + x * x + 0.5 * x,
        0.0,
        "0.5 on the left and 1.5 on the right; the chain rule gives one of the two",
    ),
}


@pytest.mark.parametrize("case", KINKS)
def test_a_kink_is_told_as_one(case):
    function, x, said = KINKS[case]
    with pytest.raises(AssertionError, match="the function has a kink there, with slope") as failure:
        gradcheck(function, [x])
    assert said in str(failure.value)


@pytest.mark.parametrize("distance", [1e-3, 1e-5, 1e-8, 1e-11, 1e-13])
def test_a_kink_nearby_is_none_here(distance):
    for function in (relu, lambda x: abs(sin(x)), lambda x: relu(x) + relu(x - distance / 3)):
        assert gradcheck(function, [distance])
        assert gradcheck(function, [-distance])


def test_a_wrong_derivative_beside_a_kink_is_not_excused():
    with pytest.raises(AssertionError) as failure:
        gradcheck(lambda x: 1.5 * relu(x) - 0.5 * detached(relu(x)), [0.01])
    assert "kink" not in str(failure.value)


def test_a_jump_is_no_kink():
    with pytest.raises(AssertionError, match="do not settle") as failure:
        gradcheck(lambda x: where(x - 1, 1.0, 0.0), [1.0])
    assert "kink" not in str(failure.value)


# --- higher orders --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [name for name, row in RULES.items() if len(row.partials) == 1 and row.public]
)
def test_second_derivatives_of_the_rows(name):
    inside = max(0.3, RULES[name].floats.domain[0][0] + 0.3)
    assert gradcheck(RULES[name], [inside] * (3 if RULES[name].variadic else 1), order=2)


def test_a_wrong_second_derivative_fails_from_the_second_order_on():
    def wrong_of_second_order(x, y):
        # The first derivative has the right value, y cos(x) + x, and a graph that lacks −y sin(x).
        return y * (sin(detached(x)) + cos(detached(x)) * (x - detached(x))) + x * y

    assert gradcheck(wrong_of_second_order, [0.5, 2.0])
    with pytest.raises(
        AssertionError, match=r"∂\(∂output 0/∂input 0\)/∂input 0 is 0.0 by the chain rule and -0.95885107"
    ):
        gradcheck(wrong_of_second_order, [0.5, 2.0], order=2)


def test_orders_go_up():
    assert gradcheck(lambda x, y: [x**3 * y, tanh(x * y)], [0.7, -0.4], order=4)
    assert gradcheck(lambda x: 3.0, [1.0], order=3)


# --- many inputs ----------------------------------------------------------------------------------------

MANY = [random.Random(k).gauss(0, 1) for k in range(150)]


def test_many_inputs_are_checked_along_directions():
    function, calls = counting(lambda *xs: sumprod(xs, list(map(tanh, xs))))
    assert gradcheck(function, MANY)
    assert len(calls) <= 2 * (2 + 20 * 2 * 3)
    function, calls = counting(lambda *xs: sumprod(xs, list(map(tanh, xs))))
    assert gradcheck(function, MANY, directions=150)
    assert len(calls) >= 2 * 2 * 2 * 150


@pytest.mark.parametrize("seed", range(5))
def test_what_is_wrong_along_a_direction_is_traced_to_an_input(seed):
    def function(*xs):
        return fsum([x * tanh(x) for x in xs]) + 0.01 * detached(xs[77]) * xs[77] * 3 + 0.5 * detached(xs[78])

    with pytest.raises(AssertionError, match=r"∂output 0/∂input 7[78] is .*, at \[(\S+, ){6}…\]"):
        gradcheck(function, MANY, seed=seed)


def test_directions_are_the_same_every_time():
    points = []
    for seed in (0, 0, 1):
        function, calls = counting(lambda *xs: fsum(xs) * xs[0])
        assert gradcheck(function, MANY, seed=seed)
        points.append(calls)
    assert points[0] == points[1] != points[2]


def test_directions_at_an_edge_and_at_a_kink():
    assert gradcheck(lambda *xs: fsum(map(sqrt, xs)), [0.0, 0.0, 1.0, 2.0], directions=1)
    assert gradcheck(lambda *xs: fsum([x**1.5 for x in xs]), [0.0, 0.0, 1.0], directions=2)
    with pytest.raises(
        AssertionError, match=r"∂output 0/∂input 1 .* has a kink there, with slope 0.0 on the left"
    ):
        gradcheck(lambda *xs: fsum(map(relu, xs)), [0.5, 0.0, 1.0], directions=1)


@pytest.mark.parametrize("wrong", [{"order": 0}, {"directions": 0}, {"order": -1}])
def test_what_is_no_number_of_orders_or_directions_is_refused(wrong):
    with pytest.raises(ValueError, match="give a whole number, at least 1"):
        gradcheck(sin, [1.0], **wrong)


def test_nothing_to_check_is_right():
    assert gradcheck(lambda: 1.0, [])
    assert gradcheck(lambda x: [], [1.0])
