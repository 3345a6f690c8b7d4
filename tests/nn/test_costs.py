"""Costs: the conventions of the derivations exactly, the entropies to 50 digits, values and gradients."""

import math
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Value, grad
from nn import (
    COSTS,
    average,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    half_mean_squared_errors,
    half_squared_error,
    hinge,
    matrix,
    per_weight,
    sum_squared_error,
)
from nn.costs import cost_function

fractions = st.fractions(min_value=-50, max_value=50, max_denominator=99)
pairs = st.lists(st.tuples(fractions, fractions), min_size=1, max_size=5)

some_examples = settings(max_examples=40, deadline=None)


def value_and_gradient(cost, outputs, targets):
    values = [Value(a) for a in outputs]
    result = cost(values, targets)
    return result.data, grad(result, values)


# ------------------------------------------------------------------------------ exact conventions


@some_examples
@given(pairs)
def test_d_sums_the_squares(samples):
    a, y = zip(*samples, strict=True)

    found, gradient = value_and_gradient(sum_squared_error, a, y)

    assert found == sum((p - q) ** 2 for p, q in samples)
    assert gradient == [2 * (p - q) for p, q in samples]
    assert all(isinstance(g, (Fraction, int)) for g in gradient)


@some_examples
@given(pairs)
def test_e_halves_the_sum(samples):
    a, y = zip(*samples, strict=True)

    found, gradient = value_and_gradient(half_squared_error, a, y)

    assert found == sum((p - q) ** 2 for p, q in samples) / 2
    assert gradient == [p - q for p, q in samples]


def test_hinge_counts_what_the_margin_lacks():
    a, y = [Fraction(1, 4), Fraction(3), Fraction(-1, 3), Fraction(1)], [1, 1, 1, 1]

    found, gradient = value_and_gradient(hinge, a, y)
    mirrored = value_and_gradient(hinge, [-p for p in a], [-1] * 4)

    assert found == Fraction(3, 4) + 0 + Fraction(4, 3) + 0
    assert gradient == [-1, 0, -1, 0]
    assert mirrored == (found, [1, 0, 1, 0])


@pytest.mark.parametrize("name", COSTS)
def test_a_cost_is_the_same_in_all_three_implementations(name):
    probabilities = name == "binary_cross_entropy"
    outputs = [0.25, 0.5, 0.875] if probabilities else [-1.5, 0.25, 3.0]
    targets = [1.0, 0.0, 0.5] if "entropy" in name else [1.0, -1.0, 1.0]

    found, gradient = value_and_gradient(COSTS[name], outputs, targets)

    of_arrays, gradient_of_arrays = matrix.COSTS[name]
    in_loops, gradient_in_loops = per_weight.COSTS[name]
    a, y = np.array(outputs), np.array(targets)
    assert found == pytest.approx(of_arrays(a, y), rel=1e-15)
    assert found == pytest.approx(in_loops(outputs, targets), rel=1e-15)
    assert gradient == pytest.approx(gradient_of_arrays(a, y).tolist(), rel=1e-14)
    assert gradient == pytest.approx(gradient_in_loops(outputs, targets), rel=1e-14)


# ------------------------------------------------------------------------------ averages


@some_examples
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_the_average_is_rounded_twice_and_no_more(numbers):
    assert average([Value(x) for x in numbers]).data == float(sum(map(Fraction, numbers))) / len(numbers)
    assert average(numbers) == average([Value(x) for x in numbers]).data


# ------------------------------------------------------------------------------ entropies, to 50 digits

LOGITS = [
    [0.0, 0.0],
    [0.3, -1.2, 2.5],
    [1000.0, -1000.0],
    [-1000.0, 1000.0, 999.0],
    [40.0, 0.0],
    [0.0, 36.5, -700.0],
    [-745.0, 0.0],
    [1e-9, -1e-9],
    [1e5, 1e5, 1e5 - 1e-3],
]


def close(found, expected):
    return math.isclose(found, expected, rel_tol=4e-15, abs_tol=5e-324)


@pytest.mark.parametrize("zs", LOGITS, ids=str)
def test_cross_entropy_of_a_class_at_any_logits(zs):
    for label in range(len(zs)):
        found, gradient = value_and_gradient(cross_entropy, zs, label)

        # A thousand digits and more, so that even 1 − p with p = e^(−2000) is what it should be.
        with mpmath.workdps(2000):
            e = [mpmath.exp(mpmath.mpf(z)) for z in zs]
            p = [e_j / mpmath.fsum(e) for e_j in e]
            expected = float(-mpmath.log(p[label]))
            slopes = [float(p_j - (j == label)) for j, p_j in enumerate(p)]
        assert close(found, expected)
        assert all(map(close, gradient, slopes)), (gradient, slopes)


@pytest.mark.parametrize("zs", LOGITS, ids=str)
def test_cross_entropy_of_probabilities_at_any_logits(zs):
    n = len(zs)
    targets = [(j + 1) / (n * (n + 1) / 2) for j in range(n)]

    found, gradient = value_and_gradient(cross_entropy, zs, targets)

    with mpmath.workdps(2000):
        e = [mpmath.exp(mpmath.mpf(z)) for z in zs]
        p = [e_j / mpmath.fsum(e) for e_j in e]
        expected = float(-mpmath.fsum(y * mpmath.log(p_j) for p_j, y in zip(p, targets, strict=True)))
        total = mpmath.fsum(map(mpmath.mpf, targets))
        slopes = [float(p_j * total - y) for p_j, y in zip(p, targets, strict=True)]
    assert close(found, expected)
    assert gradient == pytest.approx(slopes, rel=1e-14, abs=1e-16)


def test_cross_entropy_of_a_class_is_that_of_certainty():
    zs = [0.5, -2.0, 1.5]

    by_class, by_vector = (
        value_and_gradient(cross_entropy, zs, 2),
        value_and_gradient(cross_entropy, zs, [0, 0, 1]),
    )

    assert by_class == by_vector
    assert value_and_gradient(cross_entropy, zs, np.int64(2)) == by_class


@pytest.mark.parametrize("y", [0.0, 1.0, 0.25])
@pytest.mark.parametrize("z", [0.0, 0.7, -3.0, 37.0, -37.0, 40.0, 700.0, -700.0, 1000.0, -1000.0, 1e300])
def test_binary_cross_entropy_with_logits_at_any_logit(z, y):
    found, (slope,) = value_and_gradient(binary_cross_entropy_with_logits, [z], [y])

    with mpmath.workdps(1000):
        # e^z itself would have too many digits at z = 1e300; there, sigmoid(z) is 1 to 1000 digits and more.
        p_not = 1 / (1 + mpmath.exp(mpmath.mpf(z))) if z < 1e4 else mpmath.mpf(0)
        softplus = -mpmath.log(p_not) if z < 1e4 else mpmath.mpf(z)
        expected, expected_slope = float(softplus - y * mpmath.mpf(z)), float(1 - p_not - y)
    assert close(found, expected)
    assert close(slope, expected_slope)


@pytest.mark.parametrize(
    ("a", "y"), [(0.5, 1), (1e-300, 1), (1e-300, 0), (1 - 2**-53, 1), (0.3, 0.7), (2**-53, 0)]
)
def test_binary_cross_entropy_of_probabilities(a, y):
    found, (slope,) = value_and_gradient(binary_cross_entropy, [a], [y])

    with mpmath.workdps(400):
        p = mpmath.mpf(a)
        assert close(found, float(-y * mpmath.log(p) - (1 - y) * mpmath.log(1 - p)))
        assert close(slope, float(-y / p + (1 - y) / (1 - p)))


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_binary_cross_entropy_of_a_certain_and_right_output_is_zero(certain):
    found, (slope,) = value_and_gradient(binary_cross_entropy, [certain], [certain])

    assert found == 0
    assert slope == (-1 if certain else 1)


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_binary_cross_entropy_of_a_certain_and_wrong_output_is_an_error(certain):
    with pytest.raises(ValueError, match="log"):
        binary_cross_entropy([Value(certain)], [1 - certain])


# ------------------------------------------------------------------------------ forms of arguments

OF_ONE_NUMBER = [name for name in COSTS if name != "cross_entropy"]


@pytest.mark.parametrize("name", OF_ONE_NUMBER)
def test_for_one_output_the_target_may_be_a_number(name):
    cost = COSTS[name]

    assert cost([Value(0.25)], 1.0).data == cost([Value(0.25)], [1.0]).data
    assert cost([Value(0.25)], np.float64(1.0)).data == cost([Value(0.25)], np.array([1.0])).data


@pytest.mark.parametrize("name", COSTS)
def test_outputs_may_be_plain_numbers(name):
    targets = [1.0, -1.0] if name == "hinge" else [1.0, 0.0]
    assert COSTS[name]([0.25, 0.75], targets) == COSTS[name]([Value(0.25), Value(0.75)], targets).data


def test_targets_may_be_values_with_gradients_of_their_own():
    y = Value(Fraction(3))

    assert grad(sum_squared_error([Value(Fraction(5))], [y]), [y]) == [-4]


@pytest.mark.parametrize("name", OF_ONE_NUMBER)
def test_an_array_of_no_dimension_is_a_number(name):
    assert COSTS[name]([Value(0.25)], np.array(1.0)).data == COSTS[name]([Value(0.25)], 1.0).data


def test_an_array_of_no_dimension_is_a_class():
    assert cross_entropy(TWO, np.array(1)).data == cross_entropy(TWO, 1).data


@pytest.mark.parametrize("name", ["hinge", *(name for name in COSTS if "entropy" in name)])
def test_a_symbol_may_be_a_target_of_any_range(name):
    s, t = sympy.symbols("s t")
    outputs = [sympy.Rational(1, 4), sympy.Rational(3, 4)]
    y = [1, 1] if name == "hinge" else [sympy.Rational(1, 3), sympy.Rational(2, 3)]

    of_symbols = COSTS[name]([Value(a) for a in outputs], [s, t]).data
    of_numbers = COSTS[name]([Value(a) for a in outputs], y).data

    assert sympy.simplify(of_symbols.subs({s: y[0], t: y[1]}) - of_numbers) == 0


@pytest.mark.parametrize("name", COSTS)
def test_a_cost_is_found_by_name(name):
    assert cost_function(name) is COSTS[name] is cost_function(COSTS[name])


# ------------------------------------------------------------------------------ refused

TWO = [Value(0.25), Value(0.75)]


@pytest.mark.parametrize("cost", COSTS.values(), ids=COSTS)
@pytest.mark.parametrize(
    ("outputs", "targets", "error", "message"),
    [
        (TWO, [1.0], ValueError, "expected 2 targets, one for each output, and got 1"),
        (TWO, [1.0, 0.0, 0.0], ValueError, "expected 2 targets, one for each output, and got 3"),
        (TWO, [], ValueError, "expected 2 targets, one for each output, and got 0"),
        (TWO, "10", TypeError, "targets are numbers, not '10'"),
        (TWO, ["a", 0.0], TypeError, "target 0: a Value holds one real number, not str 'a'"),
        (TWO, [1.0, None], TypeError, "target 1: a Value holds one real number, not NoneType None"),
        (TWO, [1.0, [0.0]], TypeError, "target 1: a Value holds one real number, not list"),
        (Value(0.25), 1, TypeError, "outputs are a list, as a layer returns them; put a single one in"),
    ],
)
def test_outputs_and_targets_that_do_not_pair_say_why(cost, outputs, targets, error, message):
    with pytest.raises(error) as caught:
        cost(outputs, targets)
    assert message in str(caught.value)


@pytest.mark.parametrize("kind", [float, Fraction, Decimal, mpmath.mpf, np.float32, Value, sympy.Rational])
@pytest.mark.parametrize(
    ("cost", "targets", "wrong", "advice"),
    [
        (hinge, ("-1", "0"), 1, "give −1 for one class and 1 for the other"),
        (hinge, ("2", "1"), 0, "give −1 for one class and 1 for the other"),
        (hinge, ("0.5", "1"), 0, "give −1 for one class and 1 for the other"),
        (binary_cross_entropy, ("-1", "1"), 0, "give 0 for one class and 1 for the other, or a probability"),
        (binary_cross_entropy, ("1", "1.5"), 1, "give 0 for one class and 1 for the other, or a probability"),
        (binary_cross_entropy_with_logits, ("0", "3"), 1, "give 0 for one class and 1 for the other, or a"),
        (binary_cross_entropy_with_logits, ("-1", "1"), 0, "give 0 for one class and 1 for the other, or a"),
        (cross_entropy, ("5", "-3"), 0, "give the class, or a probability for each"),
        (cross_entropy, ("1", "-0.5"), 1, "give the class, or a probability for each"),
    ],
)
def test_a_target_out_of_its_range_says_what_to_give_instead(cost, targets, wrong, advice, kind):
    given = [kind(Fraction(y) if kind in (Value, sympy.Rational) else y) for y in targets]

    with pytest.raises(ValueError, match=rf"^target {wrong} is -?[\d.]+(/2)?; {advice}"):
        cost(TWO, given)


@pytest.mark.parametrize("kind", [int, float, Fraction, mpmath.mpf, np.float32, Value, sympy.Integer])
@pytest.mark.parametrize("cost", [hinge, *(COSTS[name] for name in COSTS if "entropy" in name)])
def test_the_ends_of_its_range_are_targets_of_every_kind(cost, kind):
    ends = (-1, 1) if cost is hinge else (0, 1)

    assert float(cost(TWO, [kind(y) for y in ends])) == pytest.approx(cost(TWO, ends).data)


@pytest.mark.parametrize("name", OF_ONE_NUMBER)
def test_there_must_be_outputs(name):
    with pytest.raises(ValueError, match="there are no outputs"):
        COSTS[name]([], [])


@pytest.mark.parametrize(
    ("outputs", "target", "error", "message"),
    [
        (TWO, 2, ValueError, "label 2 is outside the classes 0 … 1"),
        (TWO, -1, ValueError, "label -1 is outside the classes 0 … 1"),
        (TWO, np.int64(7), ValueError, "label 7 is outside the classes 0 … 1"),
        (TWO, 1.0, TypeError, "a target is a class, 0, 1, …, or a probability for each, not 1.0"),
        (TWO, None, TypeError, "or a probability for each, not None"),
        ([Value(0.5)], 0, ValueError, "at least two outputs, one for each class, not 1"),
    ],
)
def test_a_class_that_cross_entropy_cannot_take_says_why(outputs, target, error, message):
    with pytest.raises(error) as caught:
        cross_entropy(outputs, target)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("outputs", "targets", "message"),
    [
        ([], [], "got outputs of 0 examples and targets of 0"),
        ([TWO], [[1, 0], [0, 1]], "got outputs of 1 examples and targets of 2"),
        ([TWO, TWO[:1]], [[1, 0], [1]], "example 1 has 1 outputs, example 0 has 2"),
        ([TWO], [[1]], "expected 2 targets, one for each output, and got 1"),
    ],
)
def test_examples_of_e2_that_do_not_pair_say_why(outputs, targets, message):
    with pytest.raises(ValueError, match=message):
        half_mean_squared_errors(outputs, targets)


def test_the_average_of_nothing_is_refused():
    with pytest.raises(ValueError, match="the average of no samples is not defined"):
        average([])


@pytest.mark.parametrize(
    ("name", "hint"), [("hing", "hinge"), ("CROSS_ENTROPY", "cross_entropy"), (None, None)]
)
def test_an_unknown_cost_suggests_the_nearest(name, hint):
    with pytest.raises(ValueError, match=f"unknown cost {name!r}") as caught:
        cost_function(name)
    assert hint is None or f"did you mean {hint!r}?" in str(caught.value)
