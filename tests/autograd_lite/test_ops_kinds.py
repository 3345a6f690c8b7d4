"""The same rules on other kinds of numbers: exact ones by hand, symbols by SymPy, NumPy's scalars, and Value.

mpmath and ``Decimal`` numbers are compared with the table of ``test_ops.py``, next to it.
"""

import math
import random
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy

from autograd_lite import RULES, Value, affine, fsum, grad, hessian, sumprod
from autograd_lite.functions import FUNCTIONS
from tests.autograd_lite.orders import ORDERED, with_order

ROWS = list(RULES)


def gradient_by_backward(name, operands):
    """Return the data of a row's node and, after its backward(), the gradients of its operands."""
    root = Value.apply_operation(RULES[name], [Value(x) for x in operands])
    root.backward()
    return root.data, [parent.grad for parent in root.parents]


# --- exact numbers --------------------------------------------------------------------------------------


def fractions(*texts):
    return [Fraction(text) for text in texts]


EXACT = [
    ("add", ("2/3", "-5/7"), "-1/21", ("1", "1")),
    ("sub", ("2/3", "-5/7"), "29/21", ("1", "-1")),
    ("mul", ("2/3", "-5/7"), "-10/21", ("-5/7", "2/3")),
    ("div", ("2/3", "-5/7"), "-14/15", ("-7/5", "-98/75")),
    ("neg", ("2/3",), "-2/3", ("-1",)),
    ("abs", ("-2/3",), "2/3", ("-1",)),
    ("abs", ("2/3",), "2/3", ("1",)),
    ("relu", ("2/3",), "2/3", ("1",)),
    ("relu", ("-2/3",), "0", ("0",)),
    ("leaky_relu", ("2/3", "1/100"), "2/3", ("1", "0")),
    ("leaky_relu", ("-2/3", "1/100"), "-1/150", ("1/100", "-2/3")),
    ("maximum", ("2/3", "5/7"), "5/7", ("0", "1")),
    ("minimum", ("2/3", "5/7"), "2/3", ("1", "0")),
    ("where", ("1/9", "2/3", "5/7"), "2/3", ("0", "1", "0")),
    ("where", ("-1/9", "2/3", "5/7"), "5/7", ("0", "0", "1")),
    ("fmod", ("-7/2", "2/3"), "-1/6", ("1", "5")),
    ("fmod", ("7/2", "-2/3"), "1/6", ("1", "5")),
    ("mod", ("-7/2", "2/3"), "1/2", ("1", "6")),
    ("mod", ("7/2", "-2/3"), "-1/2", ("1", "6")),
    ("clip", ("1/9", "2/9", "5/7"), "2/9", ("0", "1", "0")),
    ("clip", ("2/3", "2/9", "5/7"), "2/3", ("1", "0", "0")),
    ("clip", ("9/7", "2/9", "5/7"), "5/7", ("0", "0", "1")),
    ("clip", ("2/9", "2/9", "5/7"), "2/9", ("1", "0", "0")),
    ("clip", ("5/7", "2/9", "5/7"), "5/7", ("1", "0", "0")),
    ("clip", ("1", "5/7", "2/9"), "2/9", ("0", "0", "1")),
    ("round", ("5/3",), "2", ("0",)),
    ("fsum", ("2/3", "-5/7", "1/2"), "19/42", ("1", "1", "1")),
    ("sumprod", ("2/3", "1/2", "-5/7", "1/3"), "-13/42", ("-5/7", "1/3", "2/3", "1/2")),
    ("affine", ("1", "2/3", "1/2", "-5/7", "1/3"), "29/42", ("1", "-5/7", "1/3", "2/3", "1/2")),
    ("sign", ("-2/3",), "-1", ("0",)),
    ("step", ("2/3",), "1", ("0",)),
]


@pytest.mark.parametrize(("name", "operands", "value", "slopes"), EXACT)
def test_algebraic_rows_are_exact_on_fractions(name, operands, value, slopes):
    data, gradient = gradient_by_backward(name, fractions(*operands))
    assert data == Fraction(value)
    assert gradient == fractions(*slopes)
    assert {type(x) for x in (data, *gradient)} <= {Fraction, int}


@pytest.mark.parametrize(("name", "operands", "value", "slopes"), EXACT)
def test_gradients_of_fractions_are_exact_as_a_graph(name, operands, value, slopes):
    variables = [Value(x) for x in fractions(*operands)]
    node = Value.apply_operation(RULES[name], variables)
    gradient = [slope.data for slope in grad(node, variables, create_graph=True)]
    assert gradient == fractions(*slopes)
    assert {type(x) for x in gradient} <= {Fraction, int}


@pytest.mark.parametrize(
    ("exponent", "value", "slope", "bend"),
    [
        (3, "-8/27", "4/3", "-4"),
        (2, "4/9", "-4/3", "2"),
        (1, "-2/3", "1", "0"),
        (0, "1", "0", "0"),
        (-1, "-3/2", "-9/4", "-27/4"),
        (-2, "9/4", "27/4", "243/8"),
    ],
)
def test_whole_power_of_a_fraction_is_exact(exponent, value, slope, bend):
    x = Value(Fraction(-2, 3))
    node = x**exponent
    gradient = grad(node, x, create_graph=True)
    assert [node.data, gradient.data, grad(gradient, x)] == fractions(value, slope, bend)


def test_quotient_has_exact_second_derivatives():
    x, y = Value(Fraction(2, 3)), Value(Fraction(-5, 7))
    by_x, by_y = grad(x / y, [x, y], create_graph=True)
    # −1/y² and 2x/y³
    assert [grad(by_x, x), *grad(by_y, [x, y])] == fractions("0", "-49/25", "-1372/375")


@pytest.mark.parametrize(
    ("name", "operands", "value", "slopes"),
    [
        ("add", (7, -3), 4, [1, 1]),
        ("sub", (7, -3), 10, [1, -1]),
        ("mul", (7, -3), -21, [-3, 7]),
        ("neg", (7,), -7, [-1]),
        ("abs", (-7,), 7, [-1]),
        ("relu", (7,), 7, [1]),
        ("leaky_relu", (-7, 2), -14, [2, -7]),
        ("maximum", (7, -3), 7, [1, 0]),
        ("minimum", (7, -3), -3, [0, 1]),
        ("where", (7, -3, 5), -3, [0, 1, 0]),
        ("fsum", (7, -3, 5), 9, [1, 1, 1]),
        ("sumprod", (7, -3, 5, 2), 29, [5, 2, 7, -3]),
        ("affine", (1, 7, -3, 5, 2), 30, [1, 5, 2, 7, -3]),
        ("mul", (10**30, 10**30 + 1), 10**60 + 10**30, [10**30 + 1, 10**30]),
    ],
)
def test_algebraic_rows_are_exact_on_ints(name, operands, value, slopes):
    data, gradient = gradient_by_backward(name, operands)
    assert (data, gradient) == (value, slopes)
    assert {type(x) for x in (data, *gradient)} == {int}


def test_quotient_and_power_of_ints_are_those_of_python():
    assert gradient_by_backward("div", (7, 2)) == (3.5, [0.5, -1.75])
    assert gradient_by_backward("pow", (7, 3))[0] == 343
    assert gradient_by_backward("pow", (7, 3))[1][0] == 147


def test_sums_of_many_take_plain_numbers_too():
    thirds = [Fraction(1, 3)] * 3
    assert fsum(thirds) == 1
    assert sumprod(thirds, thirds) == Fraction(1, 3)
    assert affine(thirds, [3, 3, 3], Fraction(1, 2)) == Fraction(7, 2)


def test_sum_of_floats_is_rounded_once():
    assert fsum([0.1] * 10) == 1.0
    assert fsum([1e100, 1.0, -1e100]) == 1.0


@pytest.mark.parametrize(
    ("name", "operands", "slope", "kinds"),
    [
        ("sqrt", ("0",), math.inf, (Fraction, Decimal, mpmath.mpf)),
        ("asin", ("1",), math.inf, (Fraction, mpmath.mpf)),
        ("asin", ("-1",), math.inf, (Fraction, mpmath.mpf)),
        ("acos", ("1",), -math.inf, (Fraction, mpmath.mpf)),
        ("pow", ("0", "0.5"), math.inf, (Fraction, Decimal, mpmath.mpf)),
    ],
)
def test_an_infinite_slope_is_one_for_numbers_of_every_kind(name, operands, slope, kinds):
    for kind in kinds:
        node = Value.apply_operation(RULES[name], [Value(kind(x)) for x in operands])
        assert node.partials[0] == slope
        assert type(node.partials[0]) is type(node.data)


@pytest.mark.parametrize("kind", [int, float, Fraction, Decimal, mpmath.mpf, sympy.Integer])
@pytest.mark.parametrize(("exponent", "value", "slope", "bend"), [(0, 1, 0, 0), (1, 0, 1, 0), (2, 0, 0, 2)])
def test_whole_powers_of_zero_have_derivatives_in_every_kind(exponent, value, slope, bend, kind):
    x = Value(kind(0))
    power = x**exponent
    power.backward()
    assert (power.data, x.grad) == (value, slope)
    assert hessian(lambda x: x**exponent, [kind(0)]) == [[bend]]


@pytest.mark.parametrize("kind", [float, Fraction, Decimal], ids=["float", "Fraction", "Decimal"])
def test_the_deviation_of_equal_numbers_is_zero(kind):
    assert np.array([Value(kind(2)), Value(kind(2))]).std().data == 0


# --- fractions where the result is no fraction ----------------------------------------------------------

ORDINARY = {
    "polygamma": ("1", "3/8"),
    "bessel": ("1", "3/8"),
    "acosh": ("11/8",),
    "log": ("3/8",),
    "pow": ("3/8", "3/4"),
    "elu": ("-3/8", "1/4"),
}
TRANSCENDENTAL = [
    *("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "hypot"),
    *("sinh", "cosh", "tanh", "erf", "erfc", "sigmoid", "softplus", "elu", "silu", "gelu", "pow", "sech"),
    *(
        "circle",
        "gauss",
        "normal_pdf",
        "normal_cdf",
        "exp2",
        "log2",
        "log10",
        "logaddexp",
        "logsumexp",
        "cbrt",
    ),
    *("degrees", "radians", "sinc", "bessel", "asinh", "acosh", "atanh"),
    *("gamma", "lgamma", "digamma", "polygamma"),
]


def test_every_row_is_on_one_list_for_fractions():
    assert {name for name, *_ in EXACT} | set(TRANSCENDENTAL) == set(ROWS)


@pytest.mark.parametrize("name", TRANSCENDENTAL)
def test_function_of_a_fraction_is_that_of_the_float(name):
    # Eighths are floats too.
    exact = fractions(*ORDINARY.get(name, ("3/8", "-5/8", "7/8")[: len(RULES[name].floats.domain)]))
    data, gradient = gradient_by_backward(name, exact)
    expected, slopes = gradient_by_backward(name, [float(x) for x in exact])
    assert data == pytest.approx(expected, rel=1e-14)
    assert gradient == pytest.approx(slopes, rel=1e-14)
    assert float(data) == data


@pytest.mark.parametrize("operands", [("-0.1",), ("0.3", "-0.4"), ("0.2", "-0.3", "0.6")])
def test_length_of_any_number_of_mpmath_numbers(operands):
    with mpmath.workdps(40):
        xs = [mpmath.mpf(x) for x in operands]
        data, gradient = gradient_by_backward("hypot", xs)
        assert mpmath.almosteq(data, mpmath.norm(xs), rel_eps=mpmath.mpf("1e-39"))
        for x, slope in zip(xs, gradient, strict=True):
            assert mpmath.almosteq(slope, x / mpmath.norm(xs), rel_eps=mpmath.mpf("1e-39"))


# --- symbols --------------------------------------------------------------------------------------------

# Where a logarithm or a root asks for it, the first symbol is positive.
POSITIVE = ("log", "log2", "log10", "pow", "sqrt", "cbrt", "gamma", "lgamma", "digamma", "polygamma")


def symbols_for(name):
    count = len(RULES[name].floats.domain)
    first = sympy.Symbol("x0", real=True, positive=True if name in POSITIVE else None)
    symbols = [first, *(sympy.Symbol(f"x{i}", real=True) for i in range(1, count))]
    return [sympy.Integer(1) if name in ORDERED and i == 0 else x for i, x in enumerate(symbols)]


# SymPy has no derivative of a remainder, or does not see that the difference is 0: only values are compared.
NOT_SIMPLIFIED = ("fmod", "mod", "round", "clip", "acosh")


@pytest.mark.parametrize("name", [name for name in ROWS if name not in NOT_SIMPLIFIED])
def test_gradient_of_symbols_is_the_derivative_by_sympy(name):
    symbols = symbols_for(name)
    expression, gradient = gradient_by_backward(name, symbols)
    for symbol, slope in zip(symbols, gradient, strict=True):
        if symbol == 1:
            continue  # an order
        # SymPy's derivative of a sign has a delta at 0, where the row documents 0.
        expected = sympy.diff(expression, symbol).replace(sympy.DiracDelta, lambda _: sympy.Integer(0))
        assert sympy.simplify((slope - expected).rewrite(sympy.exp)) == 0


@pytest.mark.parametrize("name", ROWS)
def test_expression_and_gradient_of_symbols_have_the_values_of_floats(name):
    symbols, generator = symbols_for(name), random.Random(name)
    expression, gradient = gradient_by_backward(name, symbols)
    for sign in (1, -1):
        first = 1.7 if name == "acosh" else 0.7 if name in POSITIVE else 0.7 * sign
        point = with_order(name, [first, *(generator.uniform(0.1, 2) * sign for _ in symbols[1:])])
        data, slopes = gradient_by_backward(name, point)
        at_point = dict(zip(symbols, point, strict=True))
        symbolic = [float(sympy.sympify(part).subs(at_point)) for part in (expression, *gradient)]
        assert symbolic == pytest.approx([data, *slopes], rel=1e-13, abs=1e-15)


def test_second_derivative_of_a_symbol_is_that_of_sympy():
    x = sympy.Symbol("x", real=True)
    variable = Value(x)
    slope = grad(variable.tanh(), variable, create_graph=True)
    assert sympy.simplify(grad(slope, variable) - sympy.diff(sympy.tanh(x), x, 2)) == 0


# --- NumPy's scalars, and Value ---------------------------------------------------------------------------


def point_of(name):
    first = 1.5 if name == "acosh" else 0.5
    second = 0.25 if name == "polygamma" else -0.25
    return with_order(name, [first, second, 0.75, 2.0, -1.5][: len(RULES[name].floats.domain)])


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("name", ROWS)
def test_scalar_of_numpy_is_the_python_number(kind, name):
    operands = point_of(name)
    data, gradient = gradient_by_backward(name, [kind(x) for x in operands])
    assert (data, gradient) == gradient_by_backward(name, operands)
    assert not isinstance(data, np.generic)


@pytest.mark.parametrize(("kind", "accuracy"), [(np.float64, 1e-15), (np.float32, 1e-6), (np.float16, 1e-3)])
@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_function_takes_scalars_of_numpy(kind, accuracy, name):
    operands = point_of(name)
    expected = FUNCTIONS[name](*operands)
    assert FUNCTIONS[name](*map(kind, operands)) == pytest.approx(expected, rel=accuracy)


@pytest.mark.parametrize("name", ROWS)
def test_rules_run_on_values_as_on_floats(name):
    row = RULES[name]
    point = point_of(name)
    variables = [Value(x) for x in point]
    partials = row.local_partials(Value.apply_operation(row, variables), variables)
    as_floats = [partial.data if isinstance(partial, Value) else partial for partial in partials]
    assert as_floats == pytest.approx(list(row.local_partials(row.compute(*point), point)), rel=1e-15)
