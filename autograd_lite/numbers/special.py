"""Functions of floats: those of Python's ``math``, and what the rule book needs beyond them.

The fast paths of ``floats.py`` take this module as ``m``. ``math`` has ``gamma`` and ``lgamma`` too, to fewer
digits, and ``cbrt`` and ``exp2`` from Python 3.11 on; those here are the same on every Python.
``printing/arithmetic.js`` is their twin in JavaScript.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache

# Those of Python's first; what is defined below takes their place.
globals().update({name: found for name, found in vars(math).items() if not name.startswith("_")})

_INF = math.inf
# B₂ⱼ/(2j)! for j = 1, 2, …, with Bernoulli's numbers B.
_BERNOULLI = (
    *(1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000, 1 / 74724249600),
    *(-3617 / 10670622842880000, 43867 / 5109094217170944000, -174611 / 802857662698291200000),
)
_LARGEST_ORDER = 170  # whose factorial is a float


def cbrt(x: float) -> float:
    """Return the real cube root, by that of a number between 1/8 and 1."""
    if not x or not math.isfinite(x):
        return float(x)
    fraction, exponent = math.frexp(abs(x))
    third = -(-exponent // 3)
    return math.copysign(math.ldexp(math.ldexp(fraction, exponent - 3 * third) ** (1 / 3), third), x)


def exp2(x: float) -> float:
    """Return 2 to the x."""
    return float(2.0**x)


def rint(x: float) -> float:
    """Return the nearest whole number."""
    return float(round(x)) if abs(x) < 2**52 else x


def mod(x: float, y: float) -> float:
    """Return Python's ``x % y``, which has the sign of y."""
    return x % y


def largest(*xs: float) -> float:
    """Return the largest of many, or a NaN among them."""
    return next((x for x in xs if x != x), max(xs))


# --- the gamma function and its kin ---------------------------------------------------------------------


def gamma(x: float) -> float:
    """Return Γ(x), by Γ(x) = (x − 1)·Γ(x − 1) from its Taylor series at 2."""
    if x < -184:
        _refuse_pole(x)
        return math.copysign(0.0, math.floor(x) % -2 or 1.0)
    if x > 180 or x != x:
        return _finite(x if x != x else _INF, x)
    n, z = _steps_to_two(x)
    near_two = math.exp(_log_gamma_at_two(z))
    # A product of more than 100 numbers is kept smaller by 2²⁰⁰ on the way.
    scale = 2.0**200 if abs(x) > 100 else 1.0
    if n >= 0:
        return _finite(_product(1 / scale, (x - k for k in range(1, n + 1))) * near_two * scale, x)
    _refuse_pole(x)
    return _finite(near_two / _product(1 / scale, (x + k for k in range(-n))) / scale, x)


def lgamma(x: float) -> float:
    """Return ln|Γ(x)|."""
    if x <= 0:
        _refuse_pole(x)
        # Γ(x)·Γ(−x) = −1/(x² sinc x)
        return -2 * math.log(-x) - math.log(abs(sinc(x))) - lgamma(-x)
    if x < 12:
        n, z = _steps_to_two(x) if not 1.25 <= x < 1.5 else (0, x - 2)
        if n >= 0:
            return _log_gamma_at_two(z) + math.log(_product(1.0, (x - k for k in range(1, n + 1))))
        return _log_gamma_at_two(z) - math.log(x if n == -1 else x * (1 + x))
    if x != x or x == _INF:
        return x
    # Stirling's series
    rest = sum(c * math.factorial(2 * j) * x ** -(2 * j + 1.0) for j, c in enumerate(_BERNOULLI[:8]))
    result = (x - 0.5) * (math.log(x) - 1) + (math.log(2 * math.pi) / 2 - 0.5 + rest)
    return _finite(result, x)


def digamma(x: float) -> float:
    """Return ψ(x), the derivative of ln Γ(x): from its asymptotic series at x ≥ 12."""
    if x <= 0:
        _refuse_pole(x)
        # The half plane x < 0 is the mirror of x > 1.
        return digamma(1 - x) - math.pi / tanpi(x)
    if x == _INF:
        return x
    n = max(0, math.ceil(12 - x)) if x == x else 0
    w = x + n
    series = [-c * math.factorial(2 * j + 1) * w ** -(2 * j + 2.0) for j, c in enumerate(_BERNOULLI[:8])]
    return math.fsum([math.log(w), -0.5 / w, *series, *(-1 / (x + k) for k in range(n))])


def polygamma(n: float, x: float) -> float:
    """Return the derivative of order n = 0, 1, 2, … of ψ at x."""
    n = _order(n)
    if n == 0:
        return digamma(x)
    sign = 1 if n % 2 else -1
    if x > 0 or x != x:
        return sign * math.factorial(n) * _hurwitz(n + 1, x)
    _refuse_pole(x)
    # ψ⁽ⁿ⁾(x) = (−1)ⁿψ⁽ⁿ⁾(1 − x) − dⁿ/dxⁿ π cot πx, which is a polynomial in c = cot πx: c′ = −π(1 + c²).
    c = 1 / tanpi(x)
    cotangents = [0, 1]
    for _ in range(n):
        slopes = [i * a for i, a in enumerate(cotangents)][1:]
        cotangents = [a + b for a, b in zip([*slopes, 0, 0], [0, 0, *slopes], strict=True)]
    by_c = 0.0
    for a in reversed(cotangents):
        by_c = by_c * c + a
    return -sign * polygamma(n, 1 - x) + sign * math.pi ** (n + 1) * by_c


def _hurwitz(s: int, x: float) -> float:
    """Return Σ 1/(x + k)ˢ over k = 0, 1, 2, …, by the sum formula of Euler and Maclaurin."""
    n = max(0, math.ceil(12 + s - x)) if x < _INF else 0
    w = x + n
    rest = [_power(w, 1 - s) / (s - 1), _power(w, -s) / 2]
    rising: float = s
    for j, c in enumerate(_BERNOULLI):
        rest.append(c * rising * _power(w, -s - 2 * j - 1))
        rising *= (s + 2 * j + 1) * (s + 2 * j + 2)
    terms = [*(_power(x + k, -s) for k in range(n)), *rest]
    return _INF if _INF in terms else math.fsum(terms)


def _power(x: float, y: int) -> float:
    try:
        return float(x**y)
    except OverflowError:
        return _INF


def _steps_to_two(x: float) -> tuple[int, float]:
    """Return n and z with x = n + 2 + z and −½ ≤ z ≤ ½."""
    n = math.floor(x - 1.5)
    return n, x - (n + 2)


def _log_gamma_at_two(z: float) -> float:
    """Return ln Γ(2 + z) by its Taylor series, for |z| ≤ ¾."""
    total = 0.0
    for c in reversed(_taylor_at_two()):
        total = total * -z + c
    return z * ((1 - 0.5772156649015329) + z * total)


@cache
def _taylor_at_two() -> list[float]:
    return [_hurwitz(k, 2.0) / k for k in range(2, 41)]


def _product(start: float, factors: Iterable[float]) -> float:
    """Return a product, rounded once: the rounding of each step goes along (Dekker)."""
    high, low = start, 0.0
    for factor in factors:
        product = high * factor
        (a, b), (c, d) = split(high), split(factor)
        low = low * factor + (((a * c - product) + a * d + b * c) + b * d)
        high = product
    return high + low


def split(x: float) -> tuple[float, float]:
    """Return x as the sum of two floats of half the digits, so that products of them are exact (Dekker)."""
    c = 134217729.0 * x
    high = c - (c - x)
    return high, x - high


def _refuse_pole(x: float) -> None:
    if x == -_INF or (x <= 0 and x == math.floor(x)):
        raise ValueError("a pole")


def _finite(result: float, x: float) -> float:
    if math.isinf(result) and math.isfinite(x):
        raise OverflowError("larger than the largest float")
    return result


def _order(n: float) -> int:
    if not 0 <= n <= _LARGEST_ORDER or n != int(n):
        raise ValueError("an order is a whole number")
    return int(n)


# --- functions of π times x -----------------------------------------------------------------------------


def sinpi(x: float) -> float:
    """Return sin πx, 0 at whole numbers."""
    x = math.fmod(x, 2)
    if abs(x) > 1:
        x -= math.copysign(2, x)
    if abs(x) > 0.75:
        return math.sin(math.pi * (math.copysign(1, x) - x))
    return math.copysign(math.cos(math.pi * (abs(x) - 0.5)), x) if abs(x) > 0.25 else math.sin(math.pi * x)


def cospi(x: float) -> float:
    """Return cos πx."""
    x = math.fmod(abs(x), 2)
    x = 2 - x if x > 1 else x
    if abs(x - 0.5) > 0.25:
        return math.cos(math.pi * x) if x < 0.5 else -math.cos(math.pi * (1 - x))
    return math.sin(math.pi * (0.5 - x))


def tanpi(x: float) -> float:
    """Return tan πx."""
    return sinpi(x) / cospi(x) if cospi(x) else _INF


def sinc(x: float) -> float:
    """Return sin(πx)/(πx), 1 at 0."""
    return sinpi(x) / (math.pi * x) if x else 1.0


def bessel(n: float, x: float) -> float:
    """Return the spherical Bessel function jₙ at πx, for n = 0, 1, 2, …: j₀(πx) is sinc x."""
    n, t = _order(n), math.pi * abs(x)
    if t == _INF:
        return 0.0
    if t > n + 0.5:
        below, result = cospi(x) / t, sinc(x)
        for k in range(n):
            below, result = result, (2 * k + 1) / t * result - below
    else:
        result = term = math.prod((t / (2 * k + 1) for k in range(1, n + 1)), start=1.0)
        for k in range(1, 30 + n):
            term *= -t * t / (2 * k * (2 * (n + k) + 1))
            result += term
    return -result if x < 0 and n % 2 else result


# All else is Python's own.
globals().update({name: known for name, known in vars(math).items() if name not in globals()})
