"""What floats do to the rows of the rule book: range, the form that keeps the digits, fast path, accuracy.

A row says what is true of numbers. Floats overflow, lose digits where two numbers cancel, and are in a
hurry: so each row that people call has an entry here, beside it in ``RULES[name].floats``, or a reason why it
needs none. A fast path computes the result and its partials in one go. It is given the functions that it
uses, those of ``numbers/special.py``, as ``m``: a recorder gives it its own, and learns what the path does.
"""

from __future__ import annotations

import math
import sys
from typing import Any

from autograd_lite.numbers.entry import REALS, FloatEntry
from autograd_lite.numbers.kinds import FLOAT_PATHS, Number, like, products, sign_of
from autograd_lite.numbers.special import split
from autograd_lite.ops import RULES, circle, hypot, log, sech, sigmoid, sqrt, where

_INF = math.inf
# Beyond these, e^x and e^x/2 are larger than the largest float.
_LARGEST_EXPONENT = math.log(sys.float_info.max)
_LARGEST_OF_COSH = _LARGEST_EXPONENT + math.log(2)
_LARGEST_RADIANS = math.radians(sys.float_info.max)
_LN_2, _LN_10 = math.log(2), math.log(10)

NO_ENTRY = {
    "where": "it returns one of its operands as it is",
}
"""The rows that people call and that floats do nothing to, each with the reason."""


def in_floats(name: str, **fields: Any) -> None:
    """Say what floats do to a row; the fields are those of :class:`FloatEntry`."""
    row = RULES[name]
    row.floats = FloatEntry(**{"domain": (REALS,) * len(row.partials), **fields})
    if row.floats.fast is not None:
        FLOAT_PATHS[name] = row.floats.fast


# --- arithmetic -----------------------------------------------------------------------------------------

in_floats("sub", ufuncs=("subtract",))
in_floats("mul", ufuncs=("multiply",))
in_floats("div", needs="a divisor other than 0", ufuncs=("divide",))
in_floats("neg", ufuncs=("negative",))
in_floats("abs", ufuncs=("absolute", "fabs"), note="The derivative at 0 is 0.")


in_floats(
    "fmod",
    domain=(REALS, REALS),
    needs="a finite x and a divisor other than 0",
    fast=lambda m, x, y: (z := m.fmod(x, y), (1, m.rint((z - x) / y))),
    note="""The derivative by y is −x/y, rounded towards 0. Where x is a multiple of y the result jumps, and
    its derivatives are those of one side.""",
)
in_floats(
    "mod",
    domain=(REALS, REALS),
    needs="a finite x and a divisor other than 0",
    fast=lambda m, x, y: (z := m.mod(x, y), (1, m.rint((z - x) / y))),
    ufuncs=("remainder",),
    note="""The operator ``%``. The derivative by y is −x/y, rounded upwards. Where x is a multiple of y, the
    result jumps, and its derivatives are those of one side.""",
)


def _by_exponent(z: Number, x: Number, y: Number) -> Number:
    """Return z·ln x, and 0 for x ≤ 0: the logarithm of 1, in x's own kind of number."""
    try:
        return z * log(where(x, x, like(x, 1)))
    except (OverflowError, ValueError):
        return _INF  # an exact number may be too large or too small for a logarithm in floats


def _pow(m: Any, x: float, y: float) -> tuple[float, tuple[float, float]]:
    z = x**y
    if isinstance(z, complex):
        raise ValueError("the result is not real")
    try:
        by_base = y * x ** (y - 1) if x or y else 0
    except ZeroDivisionError:
        by_base = _INF  # x = 0 and 0 < y < 1: a vertical tangent, as that of the square root
    except OverflowError:
        by_base = y * z / x  # x^(y−1) is beyond the floats; y·x^(y−1) need not be
    try:
        by_exponent = 0 if x <= 0 else z * m.log(x)
    except OverflowError:
        by_exponent = _INF  # a whole number may be too large for a float
    return z, (by_base, by_exponent)


in_floats(
    "pow",
    domain=((0.0, _INF), REALS),
    needs="x > 0; or x = 0 and an exponent ≥ 0; or x < 0 and a whole exponent",
    fast=_pow,
    partials=(RULES["pow"].partials[0], _by_exponent),
    ufuncs=("power",),
    note="""The derivative by the exponent is taken as 0 at x ≤ 0, and as infinite where it is no float. Where
    y − 1 or y − 2 is not a float, the derivatives by x are off by up to (2|y| + 3)·|ln x| units in the last
    place. The mixed derivative x^(y−1)·(1 + y ln x) is exact to a few units in the last place of its larger
    term. Where x^(y−2) or 1/x is larger than the largest float, second derivatives are not finite or raise
    OverflowError.""",
)

# --- exponentials and logarithms ------------------------------------------------------------------------


def _exp(m: Any, x: float) -> tuple[float, float]:
    y = m.exp(x)
    return y, y


def _sqrt(m: Any, x: float) -> tuple[float, float]:
    y = m.sqrt(x)
    return y, 0.5 / y if y else _INF


def _logaddexp(m: Any, x: float, y: float) -> tuple[float, tuple[float, float]]:
    if x == y:
        return x + _LN_2, (0.5, 0.5)
    t = m.exp(-abs(x - y))
    larger, smaller = 1 / (1 + t), t / (1 + t)
    return (x + m.log1p(t), (larger, smaller)) if x > y else (y + m.log1p(t), (smaller, larger))


def _logsumexp(m: Any, *xs: float) -> tuple[float, tuple[float, ...]]:
    largest = m.largest(*xs)
    exponentials = [m.exp(x - largest) for x in xs]
    others = m.fsum([*exponentials, -1.0])
    return largest + m.log1p(others), tuple(e / (1 + others) for e in exponentials)


def _cbrt(m: Any, x: float) -> tuple[float, float]:
    y = m.cbrt(x)
    return y, 1 / (3 * y * y) if y else _INF


in_floats("exp", domain=((-_INF, _LARGEST_EXPONENT),), needs="x ≤ 709.78", fast=_exp)
in_floats(
    "expm1",
    domain=((-_INF, _LARGEST_EXPONENT),),
    needs="x ≤ 709.78",
    fast=lambda m, x: (m.expm1(x), m.exp(x)),
)
in_floats(
    "exp2",
    domain=((-_INF, 1024.0),),
    needs="x < 1024",
    fast=lambda m, x: (y := m.exp2(x), y * _LN_2),
)
in_floats("log", domain=((0.0, _INF),), needs="x > 0", fast=lambda m, x: (m.log(x), 1 / x))
in_floats("log1p", domain=((-1.0, _INF),), needs="x > −1", fast=lambda m, x: (m.log1p(x), 1 / (1 + x)))
# 1/(x ln 2), written so that its square does not overflow before 1/x² does.
in_floats(
    "log2",
    domain=((0.0, _INF),),
    needs="x > 0",
    fast=lambda m, x: (m.log2(x), 1 / _LN_2 / x),
    partials=(lambda y, x: 1 / x / log(like(x, 2)),),
)
in_floats(
    "log10",
    domain=((0.0, _INF),),
    needs="x > 0",
    fast=lambda m, x: (m.log10(x), 1 / _LN_10 / x),
    partials=(lambda y, x: 1 / x / log(like(x, 10)),),
)
in_floats(
    "logaddexp",
    domain=(REALS, REALS),
    fast=_logaddexp,
    partials=(lambda z, x, y: sigmoid(x - y), lambda z, x, y: sigmoid(y - x)),
    note="""The result is exact to a few units in the last place of the larger operand, or of 1. Where x − y
    is no float, the derivatives are off by up to |x − y|/2 units in the last place.""",
)
in_floats(
    "logsumexp",
    domain=(REALS, REALS, REALS),
    needs="at least one number, and finite ones",
    fast=_logsumexp,
    note="""The result is exact to a few units in the last place of the largest operand, or of 1. The
    derivatives e^(x − z) are off by up to |x| + |z| units in the last place; the second ones by as many in
    the last place of the first.""",
)
in_floats(
    "sqrt",
    domain=((0.0, _INF),),
    needs="x ≥ 0 (x > 0 for a derivative)",
    fast=_sqrt,
    note="The derivative at 0 is infinite.",
)

in_floats(
    "cbrt",
    fast=_cbrt,
    note="The derivative at 0 is infinite. The second derivative is exact to ten units in the last place.",
)

# --- trigonometry ---------------------------------------------------------------------------------------


def _tan(m: Any, x: float) -> tuple[float, float]:
    y = m.tan(x)
    return y, 1 + y * y


def _reciprocal_root(m: Any, x: float) -> float:
    """Return 1/√(1 − x²); the product of 1 − x and 1 + x keeps its digits where 1 − x² loses them."""
    root = m.sqrt((1 - x) * (1 + x))
    return 1 / root if root else _INF


def _atan(m: Any, x: float) -> tuple[float, float]:
    secant = m.hypot(1, x)
    return m.atan(x), 1 / secant / secant


def _atan2(m: Any, y: float, x: float) -> tuple[float, tuple[float, float]]:
    r = m.hypot(y, x)
    return m.atan2(y, x), (x / r / r, -y / r / r) if r else (0.0, 0.0)


def _hypot(m: Any, *xs: float) -> tuple[float, tuple[float, ...]]:
    z = m.hypot(*xs)
    return z, tuple(x / z for x in xs) if z else (0.0,) * len(xs)


in_floats("sin", fast=lambda m, x: (m.sin(x), m.cos(x)))
in_floats("cos", fast=lambda m, x: (m.cos(x), -m.sin(x)))
in_floats("tan", fast=_tan)
in_floats(
    "asin",
    domain=((-1.0, 1.0),),
    needs="−1 ≤ x ≤ 1 (−1 < x < 1 for a derivative)",
    fast=lambda m, x: (m.asin(x), _reciprocal_root(m, x)),
    ufuncs=("arcsin",),
    note="The derivative at ±1 is infinite.",
)
in_floats(
    "acos",
    domain=((-1.0, 1.0),),
    needs="−1 ≤ x ≤ 1 (−1 < x < 1 for a derivative)",
    fast=lambda m, x: (m.acos(x), -_reciprocal_root(m, x)),
    ufuncs=("arccos",),
    note="The derivative at ±1 is infinite.",
)
# 1/(1 + x²), written so that x² does not overflow.
in_floats("atan", fast=_atan, partials=(lambda y, x: (1 / hypot(1, x)) ** 2,), ufuncs=("arctan",))
# x/r² and −y/r², written so that r² does not overflow.
in_floats(
    "atan2",
    fast=_atan2,
    partials=(
        lambda z, y, x: x / hypot(y, x) / hypot(y, x) if x or y else 0,
        lambda z, y, x: -y / hypot(y, x) / hypot(y, x) if x or y else 0,
    ),
    ufuncs=("arctan2",),
    note="""Both derivatives at the origin are 0. The mixed second derivative (y² − x²)/r⁴ is exact to a few
    units in the last place of 2/r². Where 1/r² is larger than the largest float, second derivatives are not
    finite.""",
)
in_floats(
    "hypot",
    fast=_hypot,
    domain=(REALS, REALS),
    note="""The derivatives at the origin are 0. The second derivative y²/r³ is exact to a few units in the
    last place of 1/r; where that is larger than the largest float, second derivatives are not finite.""",
)


def _bessel(m: Any, n: float, x: float) -> tuple[float, tuple[float, float]]:
    slope = n * m.bessel(abs(n - 1), x) - (n + 1) * m.bessel(n + 1, x)
    return m.bessel(n, x), (0, math.pi * slope / (2 * n + 1))


in_floats(
    "degrees",
    domain=((-_LARGEST_RADIANS, _LARGEST_RADIANS),),
    fast=lambda m, x: (m.degrees(x), 180 / math.pi),
    ufuncs=("degrees", "rad2deg"),
)
in_floats("radians", fast=lambda m, x: (m.radians(x), math.pi / 180), ufuncs=("radians", "deg2rad"))
in_floats(
    "sinc",
    fast=lambda m, x: (m.sinc(x), -math.pi * m.bessel(1, x)),
    note="""NumPy's: sin(πx)/(πx), and exactly 0 at whole numbers. Near the zeros of its first and second
    derivatives these are exact to a few units in the last place of 1/x and π/x.""",
)

# --- hyperbolic functions -------------------------------------------------------------------------------


def _tanh(m: Any, x: float) -> tuple[float, float]:
    t = m.exp(-2 * abs(x))
    return m.tanh(x), 4 * t / ((1 + t) * (1 + t))


def _sech(m: Any, x: float) -> tuple[float, float]:
    t = m.exp(-abs(x))
    y = 2 * t / (1 + t * t)
    return y, -y * m.tanh(x)


def _acosh(m: Any, x: float) -> tuple[float, float]:
    root = m.sqrt(x - 1) * m.sqrt(x + 1)
    return m.acosh(x), 1 / root if root else _INF


in_floats(
    "sinh",
    domain=((-_LARGEST_OF_COSH, _LARGEST_OF_COSH),),
    needs="|x| ≤ 710.47",
    fast=lambda m, x: (m.sinh(x), m.cosh(x)),
)
in_floats(
    "cosh",
    domain=((-_LARGEST_OF_COSH, _LARGEST_OF_COSH),),
    needs="|x| ≤ 710.47",
    fast=lambda m, x: (m.cosh(x), m.sinh(x)),
)
# 1 − tanh² = sech²; the second form keeps its digits where tanh is close to ±1.
in_floats("tanh", fast=_tanh, partials=(lambda y, x: sech(x) ** 2,))
in_floats(
    "sech",
    fast=_sech,
    note="Near its zeros the second derivative is exact to a few units in the last place of sech(x).",
)
in_floats("circle", domain=((-1.0, 1.0),), needs="−1 ≤ x ≤ 1")

in_floats(
    "asinh",
    fast=lambda m, x: (m.asinh(x), 1 / m.hypot(1, x)),
    partials=(lambda y, x: 1 / hypot(1, x),),
    ufuncs=("arcsinh",),
)
# x² − 1 and 1 − x² would lose digits at 1, and x² overflow.
in_floats(
    "acosh",
    domain=((1.0, _INF),),
    needs="x ≥ 1 (x > 1 for a derivative)",
    fast=_acosh,
    partials=(lambda y, x: 1 / (sqrt(x - 1) * sqrt(x + 1)),),
    ufuncs=("arccosh",),
    note="The derivative at 1 is infinite.",
)
in_floats(
    "atanh",
    domain=((-1.0, 1.0),),
    needs="−1 < x < 1",
    fast=lambda m, x: (m.atanh(x), 1 / ((1 - x) * (1 + x))),
    partials=(lambda y, x: 1 / circle(x) ** 2,),
    ufuncs=("arctanh",),
)

# --- error function and normal distribution -------------------------------------------------------------

_TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)
_ROOT_HALF = math.sqrt(0.5)
_ROOT_HALF_REST = -4.833646656726457e-17  # √½ minus the float next to it


def _exp_of_minus_square(m: Any, x: float, halves: float = 1.0) -> float:
    """Return exp(−halves·x²). The rounding of x² would cost x² units in the last place: it is split."""
    if abs(x) > 40:
        return 0.0
    high, low = split(x)
    product: float = m.exp(-halves * high * high) * m.exp(-halves * low * (x + high))
    return product


def _gauss(m: Any, x: float) -> tuple[float, float]:
    y = _TWO_OVER_ROOT_PI * _exp_of_minus_square(m, x)
    return y, -2 * x * y if y else 0.0


def _normal_pdf(m: Any, x: float) -> tuple[float, float]:
    y = _exp_of_minus_square(m, x, 0.5) / math.sqrt(2 * math.pi)
    return y, -x * y if y else 0.0


def _normal_cdf(m: Any, x: float) -> tuple[float, float]:
    # In the tail erfc magnifies the rounding of its argument −x·√½ a thousandfold: what the rounding took
    # away goes in by erfc′.
    argument = -x * _ROOT_HALF
    y = m.erfc(argument)
    if y and abs(x) < 40:
        (a, b), (c, d) = split(-x), split(_ROOT_HALF)
        rest = ((a * c - argument) + a * d + b * c) + b * d - x * _ROOT_HALF_REST
        y -= rest * _TWO_OVER_ROOT_PI * _exp_of_minus_square(m, argument)
    return y / 2, _normal_pdf(m, x)[0]


in_floats("erf", fast=lambda m, x: (m.erf(x), _TWO_OVER_ROOT_PI * _exp_of_minus_square(m, x)))
in_floats("erfc", fast=lambda m, x: (m.erfc(x), -_TWO_OVER_ROOT_PI * _exp_of_minus_square(m, x)))
in_floats(
    "gauss",
    fast=_gauss,
    note="Near its zeros the second derivative is exact to a few units in the last place of gauss(x).",
)
in_floats(
    "normal_pdf",
    fast=_normal_pdf,
    note="Near its zeros the second derivative is exact to a few units in the last place of φ(x).",
)
in_floats("normal_cdf", fast=_normal_cdf)

# --- gamma function -------------------------------------------------------------------------------------


def _gamma(m: Any, x: float) -> tuple[float, float]:
    y = m.gamma(x)
    return y, y * m.digamma(x)


_NO_POLE = "a number other than 0, −1, −2, …"
in_floats(
    "gamma",
    domain=((1 / sys.float_info.max, 171.6243769563027),),
    needs=f"{_NO_POLE}, x ≤ 171.62",
    fast=_gamma,
    note="Near the zeros of ψ the derivative is exact to a few units in the last place of Γ(x).",
)
in_floats(
    "lgamma",
    domain=((0.0, 2.559983327851638e305),),
    needs=f"{_NO_POLE}, x ≤ 2.55e305",
    fast=lambda m, x: (m.lgamma(x), m.digamma(x)),
    note="""ln|Γ(x)|, as ``math.lgamma``. For x < 0, near its zeros, it is exact to a few units in the last
    place of ln|Γ(−x)|, or of 1; its derivatives are as exact as ψ and ψ′.""",
)
in_floats(
    "digamma",
    domain=((0.0, _INF),),
    needs=_NO_POLE,
    fast=lambda m, x: (m.digamma(x), m.polygamma(1, x)),
    note="""The derivative of ln Γ(x). Near its zeros, such as 1.4616, it is exact to a few units in the last
    place of 1. For x < 0 it and its derivatives are as exact as their terms, ψ(1 − x) and π cot πx.""",
)
in_floats(
    "polygamma",
    domain=(REALS, (0.0, _INF)),
    needs=f"n = 0, 1, 2, … up to 170, and {_NO_POLE}",
    fast=lambda m, n, x: (m.polygamma(n, x), (0, m.polygamma(n + 1, x))),
)
in_floats(
    "bessel",
    domain=(REALS, REALS),
    needs="n = 0, 1, 2, … up to 170",
    fast=_bessel,
    note="Near its zeros and those of its derivatives these are exact to a few units in the place of 1/x.",
)

# --- activations ----------------------------------------------------------------------------------------


def _sigmoid(m: Any, x: float) -> tuple[float, float]:
    t = m.exp(-abs(x))
    return (1 / (1 + t) if x >= 0 else t / (1 + t)), t / ((1 + t) * (1 + t))


def _softplus(m: Any, x: float) -> tuple[float, float]:
    t = m.exp(-abs(x))
    return (x + m.log1p(t), 1 / (1 + t)) if x >= 0 else (m.log1p(t), t / (1 + t))


def _relu(m: Any, x: float) -> tuple[float, float]:
    return (x, 1) if x > 0 else (0, 0) if x <= 0 else (x, x)


def _silu(m: Any, x: float) -> tuple[float, float]:
    y, _ = _sigmoid(m, x)
    return x * y, y * (1 + x * _sigmoid(m, -x)[0])


def _gelu(m: Any, x: float) -> tuple[float, float]:
    below = _normal_cdf(m, x)[0]
    return x * below, below + x * _normal_pdf(m, x)[0]


# σ(1 − σ) = sech²(x/2)/4; the second form keeps its digits where σ is close to 1.
in_floats("sigmoid", fast=_sigmoid, partials=(lambda y, x: (sech(x / 2) / 2) ** 2,))
in_floats("softplus", fast=_softplus)
in_floats(
    "relu",
    fast=_relu,
    note="""The derivative at 0 is 0 (E1). ``maximum(x, 0)`` has 1 there, and the blend
    ``eps * maximum(x, 0) + (1 - eps) * relu(x)`` any ε.""",
)
in_floats("leaky_relu", note="The derivative at 0 is the slope.")
in_floats("elu", note="The derivative at 0 is alpha.")
in_floats(
    "silu",
    fast=_silu,
    note="""Near the zeros of its first and second derivatives these are exact to a few units in the last
    place of σ(x) and σ′(x).""",
)
in_floats(
    "gelu",
    fast=_gelu,
    note="""The exact form, by the error function. Near the zeros of its derivatives these are exact to a few
    units in the last place of the normal density.""",
)

# --- choices --------------------------------------------------------------------------------------------


def _maximum(m: Any, x: float, y: float) -> tuple[float, tuple[float, float]]:
    return (x, (1, 0)) if x >= y else (y, (0, 1)) if y > x else (x + y, (math.nan, math.nan))


def _minimum(m: Any, x: float, y: float) -> tuple[float, tuple[float, float]]:
    return (x, (1, 0)) if x <= y else (y, (0, 1)) if y < x else (x + y, (math.nan, math.nan))


in_floats("maximum", fast=_maximum, note="Of two equal operands the first counts, as in Python's ``max``.")
in_floats("minimum", fast=_minimum, note="Of two equal operands the first counts, as in Python's ``min``.")
in_floats(
    "clip",
    domain=(REALS, REALS, REALS),
    note="At the edges x counts: its derivative is 1 there. If low > high, the result is high, as NumPy's.",
)
in_floats("round", fast=lambda m, x: (m.rint(x), 0))
in_floats("sign", fast=lambda m, x: (sign_of(x), 0))

# --- sums of many ---------------------------------------------------------------------------------------


def _fsum(m: Any, *xs: float) -> tuple[float, tuple[float, ...]]:
    # Whole numbers stay exact, and whole.
    return sum(xs) if all(type(x) is int for x in xs) else m.fsum(xs), (1,) * len(xs)


def _sumprod(m: Any, *pq: float) -> tuple[float, tuple[float, ...]]:
    half = len(pq) // 2
    return _fsum(m, *products(pq))[0], (*pq[half:], *pq[:half])


in_floats("fsum", domain=(REALS,) * 3, fast=_fsum)
in_floats(
    "sumprod",
    domain=(REALS,) * 4,
    fast=_sumprod,
    note="Products are rounded, then their sum: exact to a few units in the last place of Σ|pₖqₖ|.",
)
in_floats(
    "affine",
    domain=(REALS,) * 5,
    note="""Each step is rounded, from Python 3.12 on compensated: n products are exact to n units in the last
    place of |b| + Σ|wₖxₖ|.""",
)
