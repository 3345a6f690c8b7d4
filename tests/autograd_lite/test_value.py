"""Value as a number: what it holds, operators, conversions and order, error messages, its place in NumPy.

The walk back is tested in test_backward.py, each row of the rule book in the tests of the rule book.
"""

import ast
import math
import subprocess
import sys
import tracemalloc
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from operator import add, ge, gt, le, lt, mul, neg, sub, truediv
from pathlib import Path

import mpmath
import numpy as np
import pytest
import sympy

import autograd_lite
from autograd_lite import RULES, Value, affine, atan2, exp, fsum, grad, hypot, leaky_relu, log, sumprod, tanh

X, Y = Fraction(7, 3), Fraction(-5, 4)

# --- what a Value holds ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", [2.5, 3, Fraction(1, 3), Decimal("0.1"), mpmath.mpf(2), sympy.Symbol("x"), sympy.Rational(1, 3)]
)
def test_a_value_keeps_the_number_it_is_given(number):
    value = Value(number, "v")
    assert value.data is number
    assert (value.grad, value.op, value.label, value.parents, value.partials) == (0, "leaf", "v", (), ())


@pytest.mark.parametrize(
    ("number", "held"),
    [
        (np.float64(0.1), 0.1),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.array(2.5), 2.5),
        (np.array(2), 2),
        (np.bool_(True), 1),
        (np.float16(0.5), 0.5),
        (True, 1),
    ],
)
def test_scalars_of_numpy_and_truth_values_become_python_numbers(number, held):
    data = Value(number).data
    assert data == held
    assert type(data) is type(held)


def test_a_scalar_that_no_python_number_can_replace_is_kept():
    number = np.longdouble(0.5)
    assert Value(number).data is number
    assert (2 * Value(1.0) * number).data == 1


@pytest.mark.parametrize(
    "number",
    [
        "1.0",
        None,
        [1.0],
        (1.0,),
        {1.0},
        1j,
        complex(1.0),
        np.complex128(1.0),
        np.clongdouble(1.0),
        np.array([1.0]),
        np.str_("1"),
        np.datetime64("2020-01-01"),
        timedelta(1),
        object(),
        int,
        mpmath.mpc(1, 2),
        sympy.I,
        sympy.zoo,
        sympy.Matrix([[1]]),
    ],
)
def test_what_is_no_real_number_is_refused(number):
    with pytest.raises(
        TypeError, match=f"a Value holds one real number, not {type(number).__name__}|complex|str|date"
    ):
        Value(number)


def test_a_long_operand_is_cut_in_the_message():
    with pytest.raises(TypeError) as caught:
        Value(list(range(10_000)))
    assert str(caught.value).endswith("...")
    assert len(str(caught.value)) < 120


def test_a_value_as_data_is_refused_with_a_hint():
    with pytest.raises(
        TypeError, match=r"is a Value already; a Value is made of a number, such as its \.data"
    ):
        Value(Value(1.0))


@pytest.mark.parametrize("label", [3, None, b"w", ["w"]])
def test_a_label_that_is_no_text_is_refused(label):
    with pytest.raises(TypeError, match=f"a label is a text, not {type(label).__name__}"):
        Value(1.0, label)


def test_other_attributes_cannot_be_set_by_a_slip():
    with pytest.raises(AttributeError):
        Value(1.0).gard = 2.0


# --- operators ------------------------------------------------------------------------------------------

BINARY = {"add": add, "sub": sub, "mul": mul, "div": truediv, "pow": pow}


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("kind", ["both", "left", "right"])
def test_an_operator_computes_on_either_side(name, kind):
    # Before Python 3.12 `Fraction ** v` makes the fraction a float by itself.
    x, y = (7 if (name, kind) == ("pow", "right") else Fraction(7, 3)), 3
    left, right = (Value(x) if kind != "right" else x), (Value(y) if kind != "left" else y)
    node = BINARY[name](left, right)
    assert node.data == BINARY[name](x, y)
    assert type(node.data) is type(BINARY[name](x, y))
    assert node.op == name
    assert [parent.data for parent in node.parents] == [x, y]
    assert [parent.op for parent in node.parents] == [
        "leaf" if isinstance(operand, Value) else "constant" for operand in (left, right)
    ]


# Derivatives of the four operations, written out here.
SLOPES = {
    "add": lambda x, y: (1, 1),
    "sub": lambda x, y: (1, -1),
    "mul": lambda x, y: (y, x),
    "div": lambda x, y: (1 / y, -x / y**2),
}


@pytest.mark.parametrize("name", SLOPES)
def test_the_direct_path_has_the_partials_of_calculus_and_of_its_row(name):
    node = BINARY[name](Value(X), Value(Y))
    assert node.partials == SLOPES[name](X, Y)
    assert node.partials == RULES[name].local_partials(node.data, (X, Y))
    assert node.data == RULES[name].value(X, Y)


def test_the_direct_paths_of_negation_and_affine_are_those_of_their_rows():
    negative, weighted = neg(Value(X)), affine([Value(X), Value(Y)], [Value(Y), Value(2)], Value(5))
    assert (negative.data, negative.partials) == (-X, RULES["neg"].local_partials(-X, (X,)))
    numbers = (5, X, Y, Y, 2)
    assert weighted.data == RULES["affine"].value(*numbers) == 5 + X * Y + Y * 2
    assert weighted.partials == RULES["affine"].local_partials(weighted.data, numbers) == (1, Y, 2, X, Y)


def test_unary_operators():
    value = Value(-2.5)
    assert (-value).data == 2.5
    assert +value is value
    assert abs(value).data == 2.5
    assert abs(value).partials == (-1,)
    assert value.conjugate() is value


def test_sum_starts_from_zero():
    x = Value(X)
    total = sum([x, x, Value(Y)])
    total.backward()
    assert total.data == 2 * X + Y
    assert x.grad == 2


def test_every_kind_of_number_stays_what_it_is():
    for one, kind in [(Fraction(1), Fraction), (Decimal(1), Decimal), (mpmath.mpf(1), mpmath.mpf), (1, int)]:
        x = Value(one)
        y = (x + 1) * (2 * x) - x
        y.backward()
        assert type(y.data) is type(x.grad) is kind
        assert (y.data, x.grad) == (3, 5)


def test_whole_numbers_do_not_turn_exact_slopes_into_floats():
    for three in (3, np.int64(3)):
        for one_third in (Fraction(1, 3), Decimal(1) / 3, mpmath.mpf(1) / 3, sympy.Rational(1, 3)):
            x = Value(one_third)
            (x / three).backward()
            assert x.grad == one_third
            assert type(x.grad) is type(one_third)
            assert grad(x / three, x, create_graph=True).data == one_third
        symbol = Value(sympy.Symbol("x"))
        (three**symbol).backward()
        assert symbol.grad == 3**symbol.data * sympy.log(3)
        with mpmath.workdps(40):
            x = Value(mpmath.mpf(2))
            (three**x).backward()
            assert abs(x.grad - 9 * mpmath.log(3)) < mpmath.mpf(10) ** -37
        x = Value(Decimal(2))
        (three**x).backward()
        assert x.grad == 9 * Decimal(3).ln()


def test_symbols_on_either_side_keep_the_graph():
    s, x = sympy.Symbol("s"), Value(sympy.Symbol("x"))
    y = s * x + x**2 - s / x
    y.backward()
    symbol = x.data
    assert sympy.simplify(y.data - (s * symbol + symbol**2 - s / symbol)) == 0
    assert sympy.simplify(x.grad - sympy.diff(y.data, symbol)) == 0


def test_mpmath_numbers_on_either_side_keep_the_graph():
    x = Value(mpmath.mpf(3))
    y = mpmath.mpf(2) * x + x / mpmath.mpf(2) - mpmath.mpf(6) / x
    y.backward()
    assert y.data == 6 + 1.5 - 2
    assert abs(x.grad - (2 + 0.5 + mpmath.mpf(6) / 9)) < 1e-14


# --- as a number ----------------------------------------------------------------------------------------


def test_conversions_work_on_the_data():
    value = Value(-2.75, "v")
    assert float(value) == -2.75
    assert int(value) == -2
    assert round(value) == -3
    assert round(value, 1) == round(-2.75, 1)
    assert (math.floor(value), math.ceil(value), math.trunc(value)) == (-3, -2, -2)
    assert bool(value) is True
    assert bool(Value(0.0)) is False
    assert f"{value:+.3f}" == "-2.750"
    assert math.sqrt(Value(4.0)) == 2.0


def test_whole_parts_of_exact_numbers_are_exact():
    large = 10**30 + 1
    value = Value(Fraction(2 * large + 1, 2))
    assert (math.floor(value), math.ceil(value), math.trunc(value), int(value)) == (
        large,
        large + 1,
        large,
        large,
    )


def test_a_value_without_format_shows_what_it_is():
    value = Value(2.0, "w")
    assert repr(value) == "Value(data=2.0, grad=0, label='w')"
    assert str(value) == f"{value}" == repr(value)
    assert repr(value * 3) == "Value(data=6.0, grad=0, op='mul')"


@pytest.mark.parametrize("number", [10**5000, Fraction(10**5000, 3)], ids=["int", "Fraction"])
def test_a_number_too_long_for_python_to_write_has_a_repr_too(number):
    value = Value(number, "w")
    value.backward()
    assert repr(value) == "Value(data=<very many digits>, grad=1, label='w')"
    assert repr(value * value) == "Value(data=<very many digits>, grad=0, op='mul')"


@pytest.mark.parametrize("count", [6, 7, 300])
def test_an_error_over_many_operands_shows_a_few(count):
    with pytest.raises(ValueError, match="fsum is not defined there") as caught:
        fsum([Value(math.inf), Value(-math.inf), *map(Value, range(count - 2))])
    shown = str(caught.value).partition(": ")[2].partition(". It needs")[0]
    named = [f"operand {i} = " for i in range(1, count + 1)]
    assert [name in shown for name in named] == [i < 6 for i in range(count)]
    assert shown.endswith(f" and {count - 6} more") == (count > 6)


def test_an_error_over_many_operands_names_each_kind_once():
    with pytest.raises(TypeError, match="fsum is not defined on float, Decimal: ") as caught:
        fsum([*map(Value, [0.5] * 200), Value(Decimal(1))])
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("relation", [lt, le, gt, ge])
@pytest.mark.parametrize(("x", "y"), [(1.0, 2.0), (2.0, 2.0), (3.0, 2.0), (math.nan, 2.0)])
def test_order_is_that_of_the_data(relation, x, y):
    expected = relation(x, y)
    for left, right in [
        (Value(x), Value(y)),
        (Value(x), y),
        (x, Value(y)),
        (np.float64(x), Value(y)),
        (Value(x), np.float64(y)),
    ]:
        assert bool(relation(left, right)) is expected


def test_equality_and_hash_are_identity():
    x, same = Value(1.0), Value(1.0)
    assert x == x
    assert x != same
    assert x != 1.0
    assert np.float64(1.0) != x
    assert len({x, same, x}) == 2
    assert [same, x].index(x) == 1


def test_sorting_and_choosing_by_data():
    values = [Value(3.0), Value(1.0), Value(2.0)]
    assert [v.data for v in sorted(values)] == [1.0, 2.0, 3.0]
    assert max(values) is values[0]
    assert min(values) is values[1]


@pytest.mark.parametrize("other", ["a", None, [1.0], 1j])
@pytest.mark.parametrize("operator", [add, sub, mul, truediv, pow, lt, ge])
def test_what_is_no_number_mixes_on_neither_side(operator, other):
    with pytest.raises(TypeError):
        operator(Value(1.0), other)
    with pytest.raises(TypeError):
        operator(other, Value(1.0))


# --- errors ---------------------------------------------------------------------------------------------


def _v(number):
    return Value(number, "v")


def _w(number):
    return Value(number, "w")


ERRORS = [
    (lambda: _v(1.0) / _w(0.0), ZeroDivisionError, "div divides by zero: v = 1.0, w = 0.0"),
    (lambda: _v(1.0) / 0, ZeroDivisionError, "div divides by zero: v = 1.0, operand 2 = 0"),
    (lambda: 1 / _v(0), ZeroDivisionError, "div divides by zero: operand 1 = 1, v = 0"),
    (lambda: _v(Fraction(1)) / _w(Fraction(0)), ZeroDivisionError, "div divides by zero"),
    (lambda: _v(Decimal(1)) / _w(Decimal(0)), ZeroDivisionError, "div divides by zero"),
    (lambda: _v(0.0) ** -1, ZeroDivisionError, "pow divides by zero: v = 0.0, operand 2 = -1"),
    (lambda: _v(-8.0) ** (1 / 3), ValueError, "pow is not defined there: v = -8.0, operand 2 = 0.333"),
    (lambda: _v(Fraction(-8)) ** Fraction(1, 3), ValueError, "pow is not defined there: v = Fraction"),
    (lambda: _v(1e200) ** 2, OverflowError, "pow .* largest float.*: v = 1e.200"),
    (lambda: _v(-1.0).log(), ValueError, "log is not defined there: v = -1.0. It needs x > 0"),
    (lambda: log(_v(0.0)), ValueError, "log is not defined there: v = 0.0. It needs x > 0"),
    (lambda: log(-1.0), ValueError, "log is not defined there: operand 1 = -1.0. It needs x > 0"),
    (lambda: _v(-1.0).sqrt(), ValueError, "sqrt is not defined there: v = -1.0. It needs x ≥ 0"),
    (lambda: _v(2.0).asin(), ValueError, "asin is not defined there: v = 2.0"),
    (lambda: exp(_v(1000.0)), OverflowError, "exp .* largest float.*: v = 1000.0"),
    (lambda: _v(Decimal(1)) + _w(1.0), TypeError, "add is not defined on Decimal, float: v = .*, w = 1.0"),
    (
        lambda: _v(Decimal(1)) * 1.0,
        TypeError,
        "mul is not defined on Decimal, float: v = .*, operand 2 = 1.0",
    ),
    (lambda: 1.0 - _v(Decimal(1)), TypeError, "sub is not defined on float, Decimal: operand 1 = 1.0, v = "),
    (lambda: _v(Fraction(1)) / _w(Decimal(1)), TypeError, "div is not defined on Fraction, Decimal"),
    (lambda: _v(10**400) * _w(0.5), OverflowError, "mul .* largest float"),
    (lambda: _v(10**400) + _w(0.5), OverflowError, "add .* largest float"),
    (lambda: _v(0.5) - _w(10**400), OverflowError, "sub .* largest float"),
    (lambda: _v(Decimal("1e999999")) * _w(Decimal("1e999999")), OverflowError, "mul .*: v = .*, w = "),
    (lambda: affine([_v(10**400)], [_w(0.5)], Value(0.0)), OverflowError, "affine .* largest float"),
    (
        lambda: affine([_v(1.0)], [_w(Decimal(1))], Value(0.0)),
        TypeError,
        "affine is not defined on float, Decimal: operand 1 = 0.0, v = 1.0, w = Dec",
    ),
    (
        lambda: affine([_v(1.0)], ["a"]),
        TypeError,
        "affine takes Values and real numbers; its operand 3 is str 'a'",
    ),
    (
        lambda: affine([1.0], ["a"]),
        TypeError,
        "affine takes Values and real numbers; its operand 3 is str 'a'",
    ),
    (lambda: affine([_v(1.0)], [1.0, 2.0]), ValueError, "got 1 weights and 2 inputs"),
    (lambda: sumprod([_v(1.0)], []), ValueError, "got 1 and 0"),
    (lambda: sumprod([1.0], [Decimal(1)]), TypeError, "sumprod is not defined on float, Decimal"),
    (
        lambda: fsum([_v(1.0), None]),
        TypeError,
        "fsum takes Values and real numbers; its operand 2 is NoneType None",
    ),
    (lambda: fsum([math.inf, -math.inf]), ValueError, "fsum is not defined there"),
    (lambda: fsum([_v(1.0), Decimal(1)]), TypeError, "fsum is not defined on float, Decimal: v = 1.0"),
    (lambda: _v(1.0).atan2("a"), TypeError, "atan2 takes Values and real numbers; its operand 2 is str 'a'"),
    (lambda: hypot(_v(1.0), [1.0]), TypeError, "hypot takes Values and real numbers; its operand 2 is list"),
    (lambda: tanh(_v(1.0), 2.0), TypeError, "tanh takes 1 operands, not 2"),
    (lambda: atan2(_v(1.0)), TypeError, "atan2 takes 2 operands, not 1"),
    (lambda: leaky_relu(_v(-1.0), [0.1]), TypeError, "leaky_relu takes .*; its operand 2 is list"),
]


@pytest.mark.parametrize(("act", "kind", "message"), ERRORS)
def test_errors_name_the_operation_and_its_operands(act, kind, message):
    with pytest.raises(kind, match=message):
        act()


@pytest.mark.parametrize(
    "act",
    [
        lambda x, y: x / (y - y),
        lambda x, y: (x - 10).log(),
        lambda x, y: x + "a",
        lambda x, y: fsum([x, y, None]),
    ],
)
def test_an_error_leaves_the_graph_as_it_was(act):
    x, y = Value(3.0, "x"), Value(2.0, "y")
    (x * y).backward()
    before = [(v.data, v.grad, v.op, v.label, v.parents) for v in (x, y)]
    with pytest.raises((ArithmeticError, ValueError, TypeError)):
        act(x, y)
    assert [(v.data, v.grad, v.op, v.label, v.parents) for v in (x, y)] == before


def test_an_operation_cannot_be_called_on_an_unknown_name():
    with pytest.raises(AttributeError, match="tahn"):
        Value(1.0).tahn()


# --- sums of many ---------------------------------------------------------------------------------------


def test_sums_of_many_without_a_value_are_numbers():
    assert fsum([0.1] * 10) == 1.0
    assert fsum([]) == 0
    assert sumprod([], []) == 0
    assert sumprod([1, 2], [Fraction(1, 2), 3]) == Fraction(13, 2)
    assert affine([2.0], [3.0], 1) == 7.0
    assert affine([], [], 4) == 4
    assert type(affine(np.array([2.0]), np.array([3.0]), np.float64(1.0))) is float


def test_sums_of_many_take_iterators_and_any_number_of_operands():
    w, x, b = Value(X, "w"), Value(Y, "x"), Value(2, "b")
    cases = [
        (affine(iter([w]), iter([x]), b), b.data + X * Y, (b, w, x), (1, Y, X)),
        (affine((), (), b), 2, (b,), (1,)),
        (affine([w], [3]), 3 * X, None, (1, 3, X)),
        (fsum(iter([w])), X, (w,), (1,)),
        (fsum([w, x]), X + Y, (w, x), (1, 1)),
        (fsum([w, x, w]), 2 * X + Y, (w, x, w), (1, 1, 1)),
        (sumprod([w], [x]), X * Y, (w, x), (Y, X)),
        (sumprod([w, x], [x, b]), X * Y + 2 * Y, (w, x, x, b), (Y, 2, X, Y)),
    ]
    for node, data, parents, partials in cases:
        assert node.data == data
        assert parents is None or node.parents == parents
        assert node.partials == partials


# --- NumPy ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scalar", [np.float64(2), np.float32(2), np.int64(2), np.int8(2), np.array(2.0), np.array(2)]
)
@pytest.mark.parametrize("name", BINARY)
def test_scalars_of_numpy_on_either_side_keep_the_graph(scalar, name):
    x = Value(3.0)
    left, right = BINARY[name](scalar, x), BINARY[name](x, scalar)
    assert (type(left), type(right)) == (Value, Value)
    left.backward()
    by_right_operand, x.grad = x.grad, 0
    right.backward()
    s, t = sympy.symbols("s t")
    result = {"add": s + t, "sub": s - t, "mul": s * t, "div": s / t, "pow": s**t}[name]
    assert left.data == pytest.approx(float(result.subs({s: 2, t: 3})), rel=1e-15)
    assert right.data == pytest.approx(float(result.subs({s: 3, t: 2})), rel=1e-15)
    assert by_right_operand == pytest.approx(float(result.diff(t).subs({s: 2, t: 3})), rel=1e-15)
    assert x.grad == pytest.approx(float(result.diff(s).subs({s: 3, t: 2})), rel=1e-15)


def test_an_array_without_dimensions_may_hold_a_value():
    v, w = Value(3.0), Value(4.0)
    for product in (v * np.array(w), np.array(v) * w):
        assert product.parents == (v, w)
    assert v < np.array(w)


def test_a_value_broadcasts_over_an_array():
    v, numbers = Value(3.0), np.array([[1.0, 2.0], [4.0, 5.0]])
    for result, expected, slope in [
        (v + numbers, 3 + numbers, 4),
        (numbers + v, 3 + numbers, 4),
        (v - numbers, 3 - numbers, 4),
        (numbers * v, numbers * 3, 12),
        (v * numbers, numbers * 3, 12),
        (v / numbers, 3 / numbers, 1 + 1 / 2 + 1 / 4 + 1 / 5),
        (numbers / v, numbers / 3, -12 / 9),
        (v**numbers, 3**numbers, 1 + 2 * 3 + 4 * 3**3 + 5 * 3**4),
        (numbers**v, numbers**3, np.sum(numbers**3 * np.log(numbers))),
    ]:
        v.grad = 0
        result.sum().backward()
        assert np.array_equal(result.astype(float), expected)
        assert v.grad == pytest.approx(slope, rel=1e-14)


def test_order_against_an_array_is_element_by_element():
    v, numbers = Value(3.0), np.array([1.0, 3.0, 5.0])
    values = np.array([Value(number) for number in numbers])
    for array in (numbers, values):
        assert (v < array).tolist() == [False, False, True]
        assert (array < v).tolist() == [True, False, False]
        assert (v >= array).tolist() == [True, True, False]
        assert (array <= v).tolist() == [True, True, False]


UFUNCS = ["exp", "expm1", "sqrt", "log", "log1p", "sin", "cos", "tan", "arcsin", "arccos", "arctan"]
UFUNCS += ["sinh", "cosh", "tanh"]


@pytest.mark.parametrize("name", UFUNCS)
def test_ufuncs_work_on_arrays_of_values(name):
    points = np.array([0.25, 0.5])
    values = np.array([Value(x) for x in points])
    result = getattr(np, name)(values)
    result.sum().backward()
    x = sympy.Symbol("x")
    function = {"expm1": sympy.exp(x) - 1, "log1p": sympy.log(1 + x)}.get(name)
    function = getattr(sympy, name.replace("arc", "a"))(x) if function is None else function
    for value, point in zip(values, points, strict=True):
        assert value.grad == pytest.approx(float(function.diff(x).subs(x, float(point))), rel=1e-14)
    assert result.astype(float) == pytest.approx(getattr(np, name)(points), rel=1e-15)
    assert getattr(np, name)(values[0]).data == pytest.approx(getattr(np, name)(points[0]), rel=1e-15)


def test_ufuncs_of_two_operands_work_on_arrays_of_values():
    x, y = Value(3.0), Value(4.0)
    np.hypot(np.array([x]), np.array([y])).sum().backward()
    assert (x.grad, y.grad) == (pytest.approx(3 / 5), pytest.approx(4 / 5))
    x.grad = y.grad = 0
    np.arctan2(np.array([x]), np.array([y])).sum().backward()
    assert (x.grad, y.grad) == (pytest.approx(4 / 25), pytest.approx(-3 / 25))


def test_matrix_products_of_values_have_the_gradient_of_matrix_calculus():
    rng = np.random.default_rng(0)
    a, b, seed = rng.integers(-9, 9, (3, 2)), rng.integers(-9, 9, (2, 4)), rng.integers(-9, 9, (3, 4))
    A, B = np.vectorize(Value, otypes=[object])(a), np.vectorize(Value, otypes=[object])(b)
    product = A @ B
    (product * seed).sum().backward()
    gradient = np.vectorize(lambda v: v.grad, otypes=[object])
    assert np.array_equal(np.vectorize(lambda v: v.data)(product), a @ b)
    assert np.array_equal(gradient(A), seed @ b.T)
    assert np.array_equal(gradient(B), a.T @ seed)


def test_reductions_of_arrays_of_values():
    numbers = np.array([1.0, 2.0, 4.0])
    for reduce, data, gradient in [
        (np.sum, 7.0, [1, 1, 1]),
        (np.mean, 7 / 3, [1 / 3] * 3),
        (np.prod, 8.0, [8, 4, 2]),
        (lambda array: np.dot(array, numbers), 21.0, numbers),
        (lambda array: np.dot(array, array), 21.0, 2 * numbers),
        (np.max, 4.0, [0, 0, 1]),
        (np.linalg.norm, math.sqrt(21), numbers / math.sqrt(21)),
        (np.var, np.var(numbers), 2 / 3 * (numbers - 7 / 3)),
        (np.std, np.std(numbers), (numbers - 7 / 3) / 3 / np.std(numbers)),
    ]:
        values = np.array([Value(x) for x in numbers])
        result = reduce(values)
        result.backward()
        assert result.data == pytest.approx(data, rel=1e-15)
        assert [v.grad for v in values] == pytest.approx(list(gradient), rel=1e-14, abs=1e-15)


# --- size and import ------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", [mul, add, atan2, pow])
def test_a_node_of_two_operands_takes_at_most_200_bytes(operation):
    x, y, count = Value(1.5), Value(2.5), 10_000
    nodes = [None] * count
    tracemalloc.start()
    for i in range(count):
        nodes[i] = operation(x, y)
    size = tracemalloc.get_traced_memory()[0] / count
    tracemalloc.stop()
    assert size <= 200


def test_importing_the_engine_needs_the_standard_library_alone():
    root = Path(autograd_lite.__file__).parents[1]
    program = f"import sys; sys.path.append({str(root)!r}); import autograd_lite; print(sorted(sys.modules))"
    command = [sys.executable, "-I", "-S", "-c", program]
    modules = ast.literal_eval(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    packages = {module.partition(".")[0] for module in modules}
    assert "autograd_lite" in packages
    assert packages - sys.stdlib_module_names <= {"autograd_lite", "__main__"}


@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        (Decimal("NaN"), 1, ValueError, r"Decimal\('NaN'\) < 1 has no answer: compare real numbers"),
        (Decimal(1), Decimal("NaN"), ValueError, r"Decimal\('1'\) < Decimal\('NaN'\) has no answer"),
        (mpmath.iv.mpf([1, 2]), 1.5, ValueError, r"mpi\('1.0', '2.0'\) < 1.5 has no answer.* an interval"),
        (
            Fraction(1, 2),
            mpmath.mpf(1),
            TypeError,
            r"Fraction\(1, 2\) < mpf.* has no answer.* of one kind",
        ),
        (sympy.Symbol("x"), 2, TypeError, "x < 2 has no answer.* a symbol"),
    ],
)
def test_numbers_without_an_order_say_what_was_compared(x, y, error, message):
    for other in (y, Value(y)):
        with pytest.raises(error, match=message):
            _ = Value(x) < other


def test_numbers_of_numpy_compare_with_fractions():
    assert Value(Fraction(1, 3)) < np.int8(3)
    assert Value(Fraction(10, 3)) > np.int8(3)
