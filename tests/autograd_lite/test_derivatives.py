"""grad, jacobian and hessian against SymPy and closed forms, and what they refuse."""

import math
from decimal import Decimal
from fractions import Fraction
from functools import partial

import mpmath
import numpy as np
import pytest
import sympy

import autograd_lite as engine
from autograd_lite import (
    Value,
    affine,
    cos,
    exp,
    fsum,
    grad,
    gradcheck,
    hessian,
    hypot,
    jacobian,
    log,
    maximum,
    no_grad,
    relu,
    silu,
    sin,
    sumprod,
    tanh,
)

# Functions of two variables, written once for the engine and for SymPy; all are smooth at the points below.
FUNCTIONS = {
    "polynomial": lambda m, x, y: x**3 * y - 2 * x * y**2 + x / y,
    "powers": lambda m, x, y: x**y + y ** (x / 2) + 2.0**x,
    "trigonometry": lambda m, x, y: m.sin(x * y) + m.cos(x) * m.tan(y / 3) - m.atan(x / y),
    "inverse": lambda m, x, y: m.asin(x / 4) * m.acos(y / 4) + m.atan2(x, y),
    "hyperbolic": lambda m, x, y: m.sinh(x) * m.cosh(y) - m.tanh(x * y),
    "exponential": lambda m, x, y: m.exp(-x * x / y) * m.log(x + y) + m.sqrt(x * y),
    "error function": lambda m, x, y: m.erf(x - y) * x,
    "nested": lambda m, x, y: m.exp(m.sin(m.exp(m.cos(x * y)))) / (1 + x * x * y * y),
}
POINTS = [(0.75, 1.25), (1.5, 0.5), (2.0, 3.0)]
SYMBOLS = sympy.symbols("x y", positive=True)


def exact(expression, point):
    return float(expression.subs(dict(zip(SYMBOLS, map(sympy.Rational, point), strict=True))).evalf(30))


def of_value_and_symbols(name, point):
    function, variables = FUNCTIONS[name], [Value(number) for number in point]
    return function(engine, *variables), variables, function(sympy, *SYMBOLS)


@pytest.fixture(params=FUNCTIONS)
def name(request):
    return request.param


# --- against SymPy --------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", POINTS)
def test_first_and_second_derivatives_are_those_of_sympy(name, point):
    output, variables, expression = of_value_and_symbols(name, point)
    first = [exact(expression.diff(s), point) for s in SYMBOLS]
    second = [[exact(expression.diff(s, t), point) for t in SYMBOLS] for s in SYMBOLS]
    assert grad(output, variables) == pytest.approx(first, rel=1e-12, abs=1e-13)
    for row, expected in zip(hessian(output, variables), second, strict=True):
        assert row == pytest.approx(expected, rel=1e-11, abs=1e-12)
    function = partial(FUNCTIONS[name], engine)
    assert hessian(function, point) == hessian(output, variables)
    assert jacobian(function, point) == grad(output, variables)


def test_third_and_fourth_derivatives_come_by_repetition(name):
    point = POINTS[0]
    output, (x, y), expression = of_value_and_symbols(name, point)
    s, t = SYMBOLS
    slope = output
    for wrt, order in [(x, (s,)), (y, (s, t)), (x, (s, t, s)), (y, (s, t, s, t))]:
        slope = grad(slope, wrt, create_graph=True)
        assert slope.data == pytest.approx(exact(expression.diff(*order), point), rel=1e-9)


def test_derivatives_of_exact_numbers_are_exact():
    x, y = Value(Fraction(2, 3)), Value(Fraction(-1, 5))
    output = x * x * x / y + affine([x, y], [y, y], x) + sumprod([x, x], [x, y])
    a, b = x.data, y.data
    assert grad(output, [x, y]) == [3 * a * a / b + b + 1 + 2 * a + b, -(a**3) / b**2 + a + 2 * b + a]
    mixed = -3 * a * a / b**2 + 2
    assert hessian(output, [x, y]) == [[6 * a / b + 2, mixed], [mixed, 2 * a**3 / b**3 + 2]]


def test_symbols_as_data_give_symbolic_second_derivatives():
    s, t = SYMBOLS
    x, y = Value(s), Value(t)
    rows = hessian(sin(x * y) / x, [x, y])
    for row, by in zip(rows, SYMBOLS, strict=True):
        for entry, also_by in zip(row, SYMBOLS, strict=True):
            assert sympy.simplify(entry - (sympy.sin(s * t) / s).diff(by, also_by)) == 0


def test_a_slope_that_is_zero_has_a_slope_of_its_own():
    x = Value(3)
    h = x - 3
    assert hessian(h * h, [x]) == [[2]]


def test_n_ary_nodes_have_second_derivatives():
    xs = [Value(Fraction(k + 1)) for k in range(4)]
    length = hypot(*[Value(3.0), Value(4.0)])
    assert hessian(fsum(xs) * fsum(xs), xs) == [[2] * 4] * 4
    assert hessian(sumprod(xs[:2], xs[2:]), xs) == [[0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]]
    flat = [entry for row in hessian(length, list(length.parents)) for entry in row]
    assert flat == pytest.approx([16 / 125, -12 / 125, -12 / 125, 9 / 125], rel=1e-14)


def test_a_hessian_of_many_inputs_through_one_node_takes_no_square_of_their_number():
    xs = [Value(float(k)) for k in range(3000)]
    slopes = grad(affine(xs, xs[::-1], 0.0), xs, create_graph=True)
    assert [slope.data for slope in slopes] == [2.0 * x.data for x in xs[::-1]]


# --- which inputs ---------------------------------------------------------------------------------------


def test_inputs_may_be_interior_nodes():
    x = Value(3)
    h = x * x
    output = h * h + x
    assert grad(output, h) == 2 * 9
    assert grad(output, [h, x]) == [18, 18 * 6 + 1]
    assert grad(grad(output, h, create_graph=True), h) == 2


def test_an_input_without_influence_has_derivative_zero():
    x, other = Value(3.0), Value(1.0)
    assert grad(x * x, other) == 0
    assert grad(x * x, [other, x]) == [0, 6.0]
    slope = grad(x * x, other, create_graph=True)
    assert (slope.data, slope.parents) == (0, ())
    assert grad(x, x * x) == 0


def test_an_input_given_twice_counts_twice():
    x = Value(3.0)
    assert grad(x * x, [x, x]) == [6.0, 6.0]
    assert hessian(x * x, [x, x]) == [[2, 2], [2, 2]]


def test_the_output_may_be_an_input():
    x = Value(3.0)
    y = x * x
    assert grad(x, x) == 1
    assert grad(y, [y, x]) == [1, 6.0]
    assert grad(x, x, create_graph=True).data == 1


@pytest.mark.parametrize("collection", [list, tuple, iter, np.array])
def test_inputs_come_in_any_collection(collection):
    x, y = Value(3.0), Value(4.0)
    assert grad(x * y, collection([x, y])) == [4.0, 3.0]
    assert grad(x * y, collection([])) == []


def test_gradients_that_are_there_stay():
    x, y = Value(3.0, "x"), Value(4.0, "y")
    output = x * y.exp()
    for value in (x, y, *output.parents, output):
        value.grad = 42.0
    grad(output, [x, y])
    grad(output, [x, y], create_graph=True)
    jacobian([output, x], [x, y])
    hessian(output, [x, y])
    gradcheck(lambda a, b: a * b * output, [x, y])
    assert {value.grad for value in (x, y, *output.parents, output)} == {42.0}


def test_grad_agrees_with_backward_where_nothing_flows_through_an_infinite_slope():
    x = Value(0.0)
    output = x.sqrt() * 0 + x
    output.backward()
    assert x.grad == 1
    assert grad(output, x) == 1


def test_a_deep_graph_has_second_derivatives():
    x = Value(1)
    y = x
    for _ in range(10_000):
        y = y * x
    slope = grad(y, x, create_graph=True)
    assert slope.data == 10_001
    assert grad(slope, x) == 10_001 * 10_000


# --- data that was changed since the forward pass -------------------------------------------------------

CHANGES = {
    "another slope": (3.0, 4.0, lambda x, y: x * y),
    "the same slope, another value": (0.5, -0.5, lambda x, y: sin(x) * y),
    "the same value, another slope": (3.0, 4.0, lambda x, y: x * (y - y)),
    "whole numbers": (3, 4, lambda x, y: x * x),
    "fractions": (Fraction(1, 3), Fraction(1, 4), lambda x, y: 1 / x),
    "a node of many operands": (3.0, 4.0, lambda x, y: affine([x, x], [x, y], y)),
    "deep inside": (3.0, 4.0, lambda x, y: tanh(exp(sin(x * x) + y)) + y),
    "no longer defined": (3.0, -4.0, lambda x, y: log(x) * y),
    "no longer divisible": (3.0, 0.0, lambda x, y: y / x),
    "no longer a number": (3.0, "4", lambda x, y: x * y),
    "no longer finite": (3.0, math.nan, lambda x, y: x * y),
    "another kind": (3.0, Decimal(4), lambda x, y: x * y),
}


@pytest.mark.parametrize("change", CHANGES)
def test_second_derivatives_refuse_data_that_was_changed(change):
    before, after, function = CHANGES[change]
    x, y = Value(before, "x"), Value(2.0, "y")
    output = function(x, y)
    first = grad(output, [x, y])
    x.data = after
    with pytest.raises(ValueError, match=r"in the forward pass, .*: data was changed since; .* x = "):
        grad(output, [x, y], create_graph=True)
    assert grad(output, [x, y]) == first
    x.data = before
    assert [slope.data for slope in grad(output, [x, y], create_graph=True)] == first


def test_data_changed_elsewhere_does_not_matter():
    w, x, c = Value(2.0), Value(3.0), Value(5.0)
    output = w * x * x + c.exp()
    c.data = 0.0
    assert hessian(output, [w, x]) == [[0, 6.0], [6.0, 4.0]]


@pytest.mark.parametrize("x", [-1.2784645427610738, -2.399357280520547, 0.0, 1e-300, 30.0, -30.0, 700.0])
def test_unchanged_data_is_never_taken_for_changed(x):
    # Near a zero of a derivative two ways to compute it may agree in no digit.
    for function in (silu, engine.gelu, tanh, engine.sigmoid, engine.softplus, relu, lambda v: v**3 * v):
        v = Value(x)
        assert grad(function(v), v, create_graph=True).data == pytest.approx(grad(function(v), v), abs=1e-14)


def test_data_changed_in_an_output_that_the_inputs_do_not_reach_does_not_matter():
    x, c = Value(2.0), Value(5.0)
    output = c * c
    c.data = 0.0
    assert grad(output, x, create_graph=True).data == 0


def test_a_nan_of_the_forward_pass_is_not_taken_for_a_change():
    x = Value(math.nan)
    assert math.isnan(grad(x * x, x, create_graph=True).data)
    assert grad(Value(math.inf) * x, x, create_graph=True).data == math.inf


MIXED = {
    "product": lambda n, x: n * x,
    "sum": lambda n, x: n + x,
    "quotients": lambda n, x: x / n + n / x,
    "one node of many operands": lambda n, x: affine([n, x], [x, n], n),
    "powers": lambda n, x: n * n * x * x,
    "the larger": lambda n, x: maximum(n, x) * x,
}


@pytest.mark.parametrize("name", MIXED)
@pytest.mark.parametrize("whole", [3, 2**53 + 1, 10**400], ids=["3", "2⁵³+1", "10⁴⁰⁰"])
@pytest.mark.parametrize("digits", [15, 50])
def test_a_whole_number_beside_one_of_mpmath_is_not_taken_for_a_change(name, whole, digits):
    with mpmath.workdps(digits):
        third = mpmath.mpf(1) / 3
        n, x = Value(whole), Value(third)
        exact = hessian(MIXED[name], [sympy.Integer(whole), sympy.Rational(1, 3)])
        for row, precise in zip(hessian(MIXED[name](n, x), [n, x]), exact, strict=True):
            for found, entry in zip(row, precise, strict=True):
                expected = mpmath.mpf(int(entry.p)) / int(entry.q) if entry else mpmath.mpf(0)
                assert abs(found - expected) <= abs(expected) * 10 * mpmath.eps


@pytest.mark.parametrize("name", MIXED)
def test_second_derivatives_of_whole_numbers_beside_exact_ones_are_exact(name):
    n, x = Value(7), Value(Fraction(1, 3))
    expected = hessian(MIXED[name], [Fraction(7), Fraction(1, 3)])
    assert hessian(MIXED[name](n, x), [n, x]) == expected


def test_second_derivatives_of_a_whole_number_beside_a_symbol_hold_no_floats():
    t = SYMBOLS[0]
    n, x = Value(7), Value(t)
    found = hessian(x / n + n / x, [n, x])
    mixed = -sympy.Rational(1, 49) - 1 / t**2
    expected = [[2 * t / 343, mixed], [mixed, 14 / t**3]]
    assert (sympy.Matrix(found) - sympy.Matrix(expected)).expand() == sympy.zeros(2)


def test_digits_that_another_precision_rounds_are_not_taken_for_a_change():
    with mpmath.workdps(50):
        x = Value(mpmath.mpf(1) / 3)
        output = exp(x * x)
    assert float(hessian(output, [x])[0][0]) == pytest.approx((2 + 4 / 9) * math.exp(1 / 9), rel=1e-14)


@pytest.mark.parametrize("change", [(10**12, 10**12 + 1), (Fraction(1, 3), Fraction(10**12, 3 * 10**12 + 1))])
def test_the_smallest_change_of_exact_numbers_is_seen(change):
    before, after = change
    x = Value(before)
    output = x * x
    x.data = after
    with pytest.raises(ValueError, match="data was changed since"):
        grad(output, x, create_graph=True)


def test_a_change_is_told_of_numbers_with_more_digits_than_python_writes():
    x = Value(10**5000)
    output = x * x
    x.data = 1
    with pytest.raises(ValueError, match="<very many digits>: data was changed since"):
        grad(output, x, create_graph=True)


@pytest.mark.parametrize("nan", [mpmath.nan, Decimal("NaN"), sympy.nan], ids=["mpmath", "Decimal", "SymPy"])
def test_nor_is_a_nan_of_another_kind(nan):
    x = Value(nan)
    slope = grad(x * x, x, create_graph=True).data
    assert slope != slope or slope is sympy.nan


def test_derivatives_make_their_own_graph_inside_no_grad():
    x = Value(3.0)
    output = x * x * x
    with no_grad():
        assert grad(grad(output, x, create_graph=True), x) == 18.0
        assert jacobian(lambda u, v: [u * v, u], [2.0, 5.0]) == [[5.0, 2.0], [1, 0]]
        assert hessian(lambda u: u * u * u, [2.0]) == [[12.0]]
        assert gradcheck(lambda u: u * u, [3.0])
        assert (x * x).parents == ()


# --- jacobian and hessian -------------------------------------------------------------------------------


def test_a_jacobian_has_a_row_for_each_output():
    point = (0.75, 1.25)
    functions = list(FUNCTIONS.values())
    rows = jacobian(lambda x, y: [f(engine, x, y) for f in functions], point)
    for row, f in zip(rows, functions, strict=True):
        assert row == pytest.approx([exact(f(sympy, *SYMBOLS).diff(s), point) for s in SYMBOLS], rel=1e-12)


def test_a_jacobian_of_outputs_that_exist_or_of_a_function():
    x, y = Value(2.0), Value(3.0)
    assert jacobian([x * y, x + y, x], [x, y]) == [[3.0, 2.0], [1, 1], [1, 0]]
    assert jacobian(x * y, [x, y]) == [3.0, 2.0]
    assert jacobian(lambda a, b: a * b, [x, 3.0]) == [3.0, 2.0]
    assert jacobian(lambda a, b: (a * b, a), [x, y]) == [[3.0, 2.0], [1, 0]]
    assert jacobian(lambda a, b: np.array([a * b, a]), np.array([2.0, 3.0])) == [[3.0, 2.0], [1, 0]]


def test_an_array_of_no_dimension_is_the_output_it_holds():
    def product(x, y):
        return np.array(x * y)

    assert product(Value(2.0), Value(3.0)).shape == ()
    assert jacobian(product, [2.0, 3.0]) == [3.0, 2.0]
    assert hessian(product, [2.0, 3.0]) == [[0, 1], [1, 0]]
    assert gradcheck(product, [2.0, 3.0])


def test_a_number_as_output_is_a_constant():
    assert jacobian(lambda x: 3.0, [1.0]) == [0]
    assert jacobian(lambda x: [3.0, x], [1.0]) == [[0], [1]]
    assert hessian(lambda x: 3.0, [1.0]) == [[0]]
    assert gradcheck(lambda x: 3.0, [1.0])


def test_a_function_gets_values_of_its_own():
    x = Value(2.0, "x")
    seen = []
    jacobian(lambda v: seen.append(v) or v, [x])
    assert seen[0] is not x
    assert (seen[0].data, seen[0].label) == (2.0, "x")


@pytest.mark.parametrize("point", POINTS)
def test_gradcheck_passes_on_right_derivatives(name, point):
    assert gradcheck(partial(FUNCTIONS[name], engine), point)
    assert gradcheck(lambda x, y: [FUNCTIONS[name](engine, x, y), x], list(map(Value, point)))


# --- what is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [3, None, "x", 2.5])
def test_what_is_no_value_is_refused(wrong):
    x = Value(1.0)
    with pytest.raises(TypeError, match=f"grad takes Values, not {type(wrong).__name__}"):
        grad(wrong, x)
    with pytest.raises(TypeError, match=f"grad takes Values, not {type(wrong).__name__}"):
        grad(x, [wrong])
    with pytest.raises(TypeError, match=f"not (as )?{type(wrong).__name__}"):
        grad(x, wrong)


def test_inputs_that_are_no_sequence_are_refused():
    x = Value(1.0)
    for call in (
        lambda: jacobian(cos, 1.0),
        lambda: jacobian(x, x),
        lambda: hessian(cos, 1.0),
        lambda: hessian(cos, x),
        lambda: gradcheck(cos, 1.0),
        lambda: gradcheck(cos, x),
    ):
        with pytest.raises(TypeError, match="the inputs come in a sequence, not as "):
            call()


@pytest.mark.parametrize("output", [None, "a", 1j, ["a"], [None], [[1.0]]])
def test_outputs_that_are_no_numbers_are_refused(output):
    with pytest.raises(TypeError, match="a Value holds one real number"):
        jacobian(lambda x: output, [1.0])


def test_a_hessian_is_of_one_output():
    x = Value(1.0)
    for f in (lambda v: [v, v], [x, x]):
        with pytest.raises(TypeError, match="a Value holds one real number, not list"):
            hessian(f, [x])


def test_a_cycle_is_refused():
    first = -Value(1.0)
    last = first * 2
    first._x = last
    with pytest.raises(ValueError, match="cycle"):
        grad(last, first)
