"""Formulas mean what they say: their text, read by an independent parser, has the value of the rule."""

import math
import random
import re

import mpmath
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import RULES, Value
from autograd_lite.writing import LATEX, MATHML, Expression, Symbol, elided, name, number, partial_rule
from tests.autograd_lite.orders import ORDERED, variables_of, with_order

many = settings(deadline=None, max_examples=200, derandomize=True)


def by_mpmath(function):
    return lambda *xs: float(function(*xs))


FUNCTIONS = {
    "log2": math.log2,
    "log10": math.log10,
    "logaddexp": lambda x, y: math.log(math.exp(x) + math.exp(y)),
    "cbrt": lambda x: math.copysign(abs(x) ** (1 / 3), x),
    "sinc": by_mpmath(mpmath.sincpi),
    "spherical": by_mpmath(
        lambda n, z: (
            mpmath.sign(z) ** n * mpmath.sqrt(mpmath.pi / (2 * abs(z))) * mpmath.besselj(n + 0.5, abs(z))
        )
    ),
    "Γ": by_mpmath(mpmath.gamma),
    "lnΓ": by_mpmath(mpmath.loggamma),
    "ψ": lambda *xs: float(mpmath.digamma(*xs) if len(xs) == 1 else mpmath.polygamma(*xs)),
    "mod": lambda x, y: x % y,
    "round": round,
    "clip": lambda x, low, high: min(max(x, low), high),
    "ln": math.log,
    "sign": lambda x: (x > 0) - (x < 0),
    "sech": lambda x: 1 / math.cosh(x),
    "σ": lambda x: 1 / (1 + math.exp(-x)),
    "φ": lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi),
    "Φ": lambda x: math.erfc(-x / math.sqrt(2)) / 2,
    "where": lambda condition, a, b: a if condition else b,
    "max": max,
    "min": min,
}
PYTHONS_OWN = [
    "fmod",
    "degrees",
    "radians",
    "asinh",
    "acosh",
    "atanh",
    "exp",
    "expm1",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "hypot",
]
FUNCTIONS |= {f: getattr(math, f) for f in [*PYTHONS_OWN, "sinh", "cosh", "tanh", "erf", "erfc"]}
FUNCTIONS |= {
    "softplus": lambda x: math.log1p(math.exp(x)),
    "relu": lambda x: max(x, 0),
    "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
    "elu": lambda x, alpha: x if x > 0 else alpha * math.expm1(x),
    "silu": lambda x: x * FUNCTIONS["σ"](x),
    "gelu": lambda x: x * FUNCTIONS["Φ"](x),
}
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾", "0123456789-()")


def evaluated(text, **values):
    """Return the value of a formula in plain notation, read by Python's own parser."""
    text = re.sub(r"ψ⁽(.)⁾\(", lambda m: f"ψ({m[1].translate(_RAISED)}, ", text)
    text = re.sub(r"j([₀-₉])\(", lambda m: f"spherical({m[1].translate(_LOWERED)}, ", text)
    text = re.sub(r"∛(\w+)", r"cbrt(\1)", text).replace("ln Γ", "lnΓ").translate(_LOWERED)
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾]+", lambda m: f"**({m[0].translate(_RAISED)})", text)
    text = re.sub(r"\[([^\]]*)\]", r"(1 if \1 else 0)", text)
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    text = re.sub(r"√(\w+)", r"sqrt(\1)", text).replace("√(", "sqrt(").replace("^", "**")
    text = text.replace("·", "*").replace("−", "-").replace("π", str(math.pi)).replace(f"√{math.pi}", "x")
    return eval(text, {"__builtins__": {}, "abs": abs}, FUNCTIONS | values)


def point_of(row, stream):
    """Return numbers within the domain of a row, away from its edges."""
    ends = [(max(low, -2.0) * 0.9 + 0.05, min(high, 2.0) * 0.9 - 0.05) for low, high in row.floats.domain]
    return with_order(row.name, [stream.uniform(low, high) + 0.1 * (low == 0.95) for low, high in ends])


def operands_of(row, letters):
    """Return the names of a row's operands, and its order, if it has one, as a number."""
    return (number(1), name("q")) if row in ORDERED else tuple(map(name, letters))


@pytest.mark.parametrize("row", RULES)
def test_a_row_written_as_text_has_the_value_of_the_row(row):
    stream = random.Random(0)
    for _ in range(5):
        xs = point_of(RULES[row], stream)
        letters = "pqrst"[: len(xs)]
        text = str(Expression(row, operands_of(row, letters)))
        expected = RULES[row].compute(*xs)
        assert evaluated(text, **dict(zip(letters, xs, strict=True))) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("row", RULES)
def test_the_rule_written_as_text_is_the_partial_derivative(row):
    stream = random.Random(1)
    for _ in range(5):
        xs = point_of(RULES[row], stream)
        letters = "pqrst"[: len(xs)]
        z = RULES[row].compute(*xs)
        for i in variables_of(row, len(xs)):
            x = xs[i]
            text = str(partial_rule(row, i, name("z"), operands_of(row, letters)))
            shifted = [
                RULES[row].compute(*[x + h if k == i else other for k, other in enumerate(xs)])
                for h in (1e-6, -1e-6)
            ]
            slope = (shifted[0] - shifted[1]) / 2e-6
            values = dict(zip(letters, xs, strict=True)) | {"z": z}
            assert evaluated(text, **values) == pytest.approx(slope, rel=1e-7, abs=1e-7)


atoms = st.sampled_from("pqr").map(name) | st.integers(-3, 3).map(number)
binary = {"add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y}


@many
@given(
    st.recursive(
        atoms,
        lambda parts: (
            st.builds(lambda op, x, y: binary[op](x, y), st.sampled_from(sorted(binary)), parts, parts)
            | parts.map(lambda x: -x)
            | parts.map(lambda x: x**2)
        ),
        max_leaves=8,
    )
)
def test_parentheses_are_where_they_must_be(formula):
    point = {"p": 2, "q": 5, "r": -7}

    def value(x):
        if x.op == "name":
            return point[x.operands[0].letter]
        return x.operands[0] if x.op == "number" else RULES[x.op].value(*map(value, x.operands))

    assert evaluated(str(formula), **{letter: sympy.Integer(n) for letter, n in point.items()}) == value(
        formula
    )


def test_a_number_is_gathered_in_front():
    a, y = name("a"), name("y")
    assert str(number(1) / 3 * (2 * (a - y))) == "2/3 · (a − y)"
    assert str(2 * (a - y) * -1) == "(−2) · (a − y)"
    assert str(-(a * 1) * -1) == "a"
    assert str(a * 0 * y) == "0"


def test_the_square_of_an_activation_is_not_its_layer():
    a = name(Symbol("a", "1", ("0",)))
    assert str(1 - a**2) == "1 − (a¹₀)²"
    assert (1 - a**2).write(LATEX) == r"1-{\left(a^{1}_{0}\right)}^{2}"


def test_sums_of_many_are_written_out_with_their_terms():
    w, x = ([name(Symbol(letter, "", (str(k),))) for k in range(9)] for letter in "wx")
    short = Expression("affine", (name("b"), *w[:2], *x[:2]))
    long = Expression("affine", (name("b"), *w, *x))
    assert str(short) == "b + w₀ · x₀ + w₁ · x₁"
    assert short.write(LATEX) == r"b + w_{0} \cdot x_{0} + w_{1} \cdot x_{1}"
    assert str(long) == "b + w₀ · x₀ + w₁ · x₁ + … + w₈ · x₈"
    assert "<mo>⋯</mo>" in long.write(MATHML)
    assert str(Expression("mul", (short, name("c")))) == "(b + w₀ · x₀ + w₁ · x₁) · c"


def test_a_sum_of_very_many_is_written_without_recursion():
    xs = tuple(name(Symbol("x", "", (str(k),))) for k in range(50_000))
    assert str(Expression("fsum", xs)) == "x₀ + x₁ + x₂ + … + x₄₉₉₉₉"


def test_what_is_too_long_is_shown_by_its_ends():
    assert elided([1, 2, 3]) == ([1, 2, 3], 0, [])
    first, hidden, last = elided(list(range(100)))
    assert (*first, *last) == (0, 1, 2, 99)
    assert len(first) + hidden + len(last) == 100


def test_a_formula_is_made_of_numbers_and_names_only():
    with pytest.raises(TypeError, match="names and numbers, not str 'x'"):
        number("x")
    with pytest.raises(TypeError, match="names and numbers, not Value"):
        number(Value(1.0))
