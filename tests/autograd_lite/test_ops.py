"""The rule book against mathematics: each row over the whole range of floats, at its kinks, in its errors.

The oracle is a table of closed forms in mpmath, which differences of 60-digit numbers check in turn; a row
that lacks an entry fails. Exact and symbolic numbers are in ``test_ops_kinds.py``.
"""

import math
import operator
import random
import sys
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import permutations
from operator import mul
from typing import Any, NamedTuple

import numpy as np
import pytest
from mpmath import mp, mpf

import autograd_lite
from autograd_lite import (
    RULES,
    Value,
    affine,
    atan2,
    grad,
    gradcheck,
    hypot,
    maximum,
    relu,
    sqrt,
    sumprod,
)
from autograd_lite.extending import forget, operation
from autograd_lite.functions import FUNCTIONS, LEFT_OUT
from autograd_lite.numbers import special
from tests.autograd_lite.orders import ORDERED, variables_of, with_order

ROWS = list(RULES)
PUBLIC = [name for name in ROWS if RULES[name].public]
FAST = [name for name in ROWS if RULES[name].floats.fast]

LARGEST = sys.float_info.max
SMALLEST_NORMAL = sys.float_info.min
SMALLEST = 5e-324

DIGITS = 60
# Units in the last place for a value, a first and a second derivative: with each order come a few roundings.
FEW = (4, 5, 6)


@pytest.fixture(autouse=True)
def _sixty_digits():
    with mp.workdps(DIGITS):
        yield


# --- the oracle: value, first and second derivatives of every row ---------------------------------------


class Derivatives(NamedTuple):
    """A value, its gradient and its Hessian, or what error is permitted in each; None by an order."""

    value: Any
    first: Any
    second: Any


def of_one(value, first, second):
    return Derivatives(value, [first], [[second]])


def linear(value, *slopes):
    return Derivatives(value, slopes, zeros(len(slopes)))


def zeros(size):
    return [[0] * size for _ in range(size)]


def gauss(x):
    return 2 / mp.sqrt(mp.pi) * mp.exp(-x * x)


def logistic(x):
    return 1 / (1 + mp.exp(-x))


def bell(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def below(x):
    return mp.erfc(min(-x / mp.sqrt(2), mpf(1000))) / 2


def power(x, y):
    z, log = x**y, mp.log(x)
    mixed = x ** (y - 1) * (1 + y * log)
    return Derivatives(
        z, [y * x ** (y - 1), z * log], [[y * (y - 1) * x ** (y - 2), mixed], [mixed, z * log**2]]
    )


def angle(y, x):
    rr = x * x + y * y
    bend, mixed = 2 * x * y / rr**2, (y * y - x * x) / rr**2
    return Derivatives(mp.atan2(y, x), [x / rr, -y / rr], [[-bend, mixed], [mixed, bend]])


def length(*xs):
    r = mp.sqrt(mp.fsum(x * x for x in xs))

    def second(i, j):
        return mp.fsum(x * x for x in xs[:i] + xs[i + 1 :]) / r**3 if i == j else -xs[i] * xs[j] / r**3

    indices = range(len(xs))
    return Derivatives(r, [x / r for x in xs], [[second(i, j) for j in indices] for i in indices])


def exact_sum(terms):
    """Return the sum of floats or products of two; all their digits are within 10^±700."""
    with mp.workdps(1400):
        return mp.fsum(terms)


def exponential_unit(x, alpha):
    if x > 0:
        return linear(x, 1, 0)
    e = mp.exp(x)
    return Derivatives(alpha * mp.expm1(x), [alpha * e, mp.expm1(x)], [[alpha * e, e], [e, 0]])


def inner_product(*pq):
    half = len(pq) // 2
    p, q = pq[:half], pq[half:]
    indices = range(len(pq))
    return Derivatives(
        exact_sum(map(mul, p, q)),
        [*q, *p],
        [[int(abs(i - j) == half) for j in indices] for i in indices],
    )


def of_order(value, first, second):
    return Derivatives(value, [None, first], [[None, None], [None, second]])


def logarithm(base, x):
    return of_one(mp.log(x) / mp.log(base), 1 / (x * mp.log(base)), -1 / (x**2 * mp.log(base)))


def log_of_sum(*xs):
    largest = max(xs)
    shares = [mp.exp(x - largest) for x in xs]
    total = mp.fsum(shares)
    p = [share / total for share in shares]
    # Not p(1 − p), which has few digits where p is close to 1.
    others = [mp.fsum(p[:i] + p[i + 1 :]) for i in range(len(p))]
    bends = [[p[i] * others[i] if i == j else -p[i] * p[j] for j in range(len(p))] for i in range(len(p))]
    return Derivatives(largest + mp.log1p(mp.fsum(sorted(shares)[:-1])), p, bends)


def remainder(quotient):
    """Return the oracle of x − y·q, where q is x/y rounded to a whole number in some way."""

    def oracle(x, y):
        with mp.workdps(1400):
            q = quotient(x / y)
            return linear(x - y * q, 1, -q)

    return oracle


def spherical(n, x):
    """Return the spherical Bessel function jₙ of πx, for n = −1, 0, 1 and so on."""
    z = mp.pi * abs(x)
    if z == 0:
        return mpf(n == 0)
    if z < 1000 and n == 0:
        return mp.sincpi(x)
    if z < 1000:
        return mp.sign(x) ** int(n) * mp.sqrt(mp.pi / (2 * z)) * mp.besselj(n + mpf(0.5), z)
    with mp.workdps(400):
        z = mp.pi * abs(x)
        below, result = mp.cospi(abs(x)) / z, mp.sinpi(abs(x)) / z
        for k in range(int(n)):
            below, result = result, (2 * k + 1) / z * result - below
        return mp.sign(x) ** int(n) * result


def spherical_derivatives(n, x):
    def differentiated(factors):
        slopes = Counter()
        for k, factor in factors.items():
            slopes[k - 1] += factor * k / (2 * k + 1)
            slopes[k + 1] -= factor * (k + 1) / (2 * k + 1)
        return slopes

    orders = [{n: mpf(1)}]
    for _ in range(2):
        orders.append(differentiated(orders[-1]))
    return [
        mp.pi**i * mp.fsum(factor * spherical(k, x) for k, factor in factors.items() if factor)
        for i, factors in enumerate(orders)
    ]


def clipped(x, low, high):
    inside = linear(x, 1, 0, 0) if x >= low else linear(low, 0, 1, 0)
    return inside if inside.value <= high else linear(high, 0, 0, 1)


def weighted_input(b, *wx):
    products, slopes, hessian = inner_product(*wx)
    return Derivatives(
        exact_sum([b, products]), [1, *slopes], [[0] * (1 + len(wx)), *([0, *line] for line in hessian)]
    )


REFERENCE = {
    "add": lambda x, y: linear(x + y, 1, 1),
    "sub": lambda x, y: linear(x - y, 1, -1),
    "mul": lambda x, y: Derivatives(x * y, [y, x], [[0, 1], [1, 0]]),
    "div": lambda x, y: Derivatives(x / y, [1 / y, -x / y**2], [[0, -1 / y**2], [-1 / y**2, 2 * x / y**3]]),
    "neg": lambda x: linear(-x, -1),
    "abs": lambda x: linear(abs(x), mp.sign(x)),
    "pow": power,
    "exp": lambda x: of_one(mp.exp(x), mp.exp(x), mp.exp(x)),
    "expm1": lambda x: of_one(mp.expm1(x), mp.exp(x), mp.exp(x)),
    "exp2": lambda x: of_one(2**x, 2**x * mp.log(2), 2**x * mp.log(2) ** 2),
    "log": lambda x: of_one(mp.log(x), 1 / x, -1 / x**2),
    "log1p": lambda x: of_one(mp.log1p(x), 1 / (1 + x), -1 / (1 + x) ** 2),
    "log2": lambda x: logarithm(2, x),
    "log10": lambda x: logarithm(10, x),
    "logaddexp": log_of_sum,
    "logsumexp": log_of_sum,
    "cbrt": lambda x: of_one(
        mp.sign(x) * mp.cbrt(abs(x)), mp.cbrt(abs(x)) ** -2 / 3, -2 * mp.sign(x) * mp.cbrt(abs(x)) ** -5 / 9
    ),
    "sqrt": lambda x: of_one(mp.sqrt(x), 1 / (2 * mp.sqrt(x)), -1 / (4 * x * mp.sqrt(x))),
    "sin": lambda x: of_one(mp.sin(x), mp.cos(x), -mp.sin(x)),
    "cos": lambda x: of_one(mp.cos(x), -mp.sin(x), -mp.cos(x)),
    "tan": lambda x: of_one(mp.tan(x), mp.sec(x) ** 2, 2 * mp.sec(x) ** 2 * mp.tan(x)),
    "asin": lambda x: of_one(mp.asin(x), (1 - x * x) ** -0.5, x * (1 - x * x) ** -1.5),
    "acos": lambda x: of_one(mp.acos(x), -((1 - x * x) ** -0.5), -x * (1 - x * x) ** -1.5),
    "atan": lambda x: of_one(mp.atan(x), 1 / (1 + x * x), -2 * x / (1 + x * x) ** 2),
    "atan2": angle,
    "hypot": length,
    "degrees": lambda x: linear(mp.degrees(x), 180 / mp.pi),
    "radians": lambda x: linear(mp.radians(x), mp.pi / 180),
    "sinc": lambda x: of_one(*spherical_derivatives(mpf(0), x)),
    "sinh": lambda x: of_one(mp.sinh(x), mp.cosh(x), mp.sinh(x)),
    "cosh": lambda x: of_one(mp.cosh(x), mp.sinh(x), mp.cosh(x)),
    "tanh": lambda x: of_one(mp.tanh(x), mp.sech(x) ** 2, -2 * mp.sech(x) ** 2 * mp.tanh(x)),
    "asinh": lambda x: of_one(mp.asinh(x), (1 + x * x) ** -0.5, -x * (1 + x * x) ** -1.5),
    "acosh": lambda x: of_one(mp.acosh(x), (x * x - 1) ** -0.5, -x * (x * x - 1) ** -1.5),
    "atanh": lambda x: of_one(mp.atanh(x), 1 / (1 - x * x), 2 * x / (1 - x * x) ** 2),
    "gamma": lambda x: of_one(
        mp.gamma(x),
        mp.gamma(x) * mp.digamma(x),
        mp.gamma(x) * (mp.digamma(x) ** 2 + mp.polygamma(1, x)),
    ),
    "lgamma": lambda x: of_one(mp.log(abs(mp.gamma(x))), mp.digamma(x), mp.polygamma(1, x)),
    "digamma": lambda x: of_one(mp.digamma(x), mp.polygamma(1, x), mp.polygamma(2, x)),
    "erf": lambda x: of_one(mp.erf(x), gauss(x), -2 * x * gauss(x)),
    "erfc": lambda x: of_one(mp.erfc(min(x, mpf(1000))), -gauss(x), 2 * x * gauss(x)),
    "sigmoid": lambda x: of_one(
        logistic(x), logistic(x) * logistic(-x), -logistic(x) * logistic(-x) * mp.tanh(x / 2)
    ),
    "softplus": lambda x: of_one(mp.log1p(mp.exp(x)), logistic(x), logistic(x) * logistic(-x)),
    "relu": lambda x: linear(max(x, 0), int(x > 0)),
    "leaky_relu": lambda x, slope: (
        linear(x, 1, 0) if x > 0 else Derivatives(slope * x, [slope, x], [[0, 1], [1, 0]])
    ),
    "elu": exponential_unit,
    "silu": lambda x: of_one(
        x * logistic(x),
        logistic(x) * (1 + x * logistic(-x)),
        logistic(x) * logistic(-x) * (2 - x * mp.tanh(x / 2)),
    ),
    "gelu": lambda x: of_one(x * below(x), below(x) + x * bell(x), (2 - x * x) * bell(x)),
    "fmod": remainder(lambda q: mp.sign(q) * mp.floor(abs(q))),
    "mod": remainder(mp.floor),
    "clip": clipped,
    "maximum": lambda x, y: linear(max(x, y), int(x > y), int(y > x)),
    "minimum": lambda x, y: linear(min(x, y), int(x < y), int(y < x)),
    "where": lambda x, a, b: linear(a, 0, 1, 0) if x > 0 else linear(b, 0, 0, 1),
    "fsum": lambda *xs: linear(exact_sum(xs), *(1 for _ in xs)),
    "sumprod": inner_product,
    "affine": weighted_input,
    "sign": lambda x: linear(mp.sign(x), 0),
    "step": lambda x: linear(int(x > 0), 0),
    "sech": lambda x: of_one(
        mp.sech(x), -mp.sech(x) * mp.tanh(x), mp.sech(x) * (mp.tanh(x) ** 2 - mp.sech(x) ** 2)
    ),
    "circle": lambda x: of_one(mp.sqrt(1 - x * x), -x * (1 - x * x) ** -0.5, -((1 - x * x) ** -1.5)),
    "gauss": lambda x: of_one(gauss(x), -2 * x * gauss(x), (4 * x * x - 2) * gauss(x)),
    "normal_pdf": lambda x: of_one(bell(x), -x * bell(x), (x * x - 1) * bell(x)),
    "normal_cdf": lambda x: of_one(below(x), bell(x), -x * bell(x)),
    "round": lambda x: linear(mp.nint(x), 0),
    "polygamma": lambda n, x: of_order(*(mp.polygamma(n + i, x) for i in range(3))),
    "bessel": lambda n, x: of_order(*spherical_derivatives(n, x)),
}

# What the notes of the rows say: the size of the terms that cancel; the error is counted in their last place.
CANCELLING = {
    "pow": lambda x, y: Derivatives(0, [0, 0], [[0, larger_term(x, y)], [larger_term(x, y), 0]]),
    "atan2": lambda y, x: Derivatives(0, [0, 0], [[0, 2 / (x * x + y * y)], [2 / (x * x + y * y), 0]]),
    "hypot": lambda x, y: Derivatives(0, [0, 0], [[1 / mp.hypot(x, y), 0], [0, 1 / mp.hypot(x, y)]]),
    "logaddexp": lambda x, y: Derivatives(max(1, x, y, -min(x, y)), [0, 0], zeros(2)),
    "logsumexp": lambda *xs: Derivatives(
        max(1, *map(abs, xs)), [0] * len(xs), [[p] * len(xs) for p in log_of_sum(*xs).first]
    ),
    "sinc": lambda x: of_one(0, 1 / max(1, abs(x)), mp.pi / max(1, abs(x))),
    "gamma": lambda x: of_one(0, mp.gamma(x), 0),
    "lgamma": lambda x: of_one(0, 1, 0),
    "digamma": lambda x: of_one(1, 0, 0),
    "polygamma": lambda n, x: of_order(int(n == 0), 0, 0),
    "bessel": lambda n, x: of_order(*(mp.pi**i / max(1, mp.pi * abs(x)) for i in range(3))),
    "silu": lambda x: of_one(0, logistic(x), logistic(x) * logistic(-x)),
    "gelu": lambda x: of_one(0, bell(x), bell(x)),
    "sumprod": lambda *pq: Derivatives(sum_of_magnitudes(0, *pq), [0] * len(pq), zeros(len(pq))),
    "affine": lambda *bwx: Derivatives(sum_of_magnitudes(*bwx), [0] * len(bwx), zeros(len(bwx))),
    "sech": lambda x: of_one(0, 0, mp.sech(x)),
    "gauss": lambda x: of_one(0, 0, gauss(x)),
    "normal_pdf": lambda x: of_one(0, 0, bell(x)),
}


def larger_term(x, y):
    return x ** (y - 1) * max(1, abs(y * mp.log(x)))


def sum_of_magnitudes(b, *wx):
    half = len(wx) // 2
    return abs(b) + sum(map(abs, map(mul, wx[:half], wx[half:])))


def units_of_a_note(name, order, point):
    """Return the units in the last place that a note concedes to the derivatives of an order."""
    if name == "cbrt":
        return 4 * (order == 2)
    if name == "logaddexp":
        return abs(point[0] - point[1])
    if name == "logsumexp":
        return 3 * max(map(abs, point))
    if name != "pow":
        return 0
    x, y = point
    exact = mpf(y - 1) == mpf(y) - 1 and mpf(y - 2) == mpf(y) - 2
    return 0 if exact else (2 * abs(y) + 3) * abs(math.log(x))


# --- the points -----------------------------------------------------------------------------------------

TINY = [1e-320, 1e-300, 1e-200, 1e-154, 1e-100, 1e-30, 1e-16, 1e-8, 1e-4, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9]
CLOSE_TO_ONE = [0.999999, 1 - 2**-53, 1.0, 1 + 2**-52, 1.000001]
# Zeros of derivatives, and borders of underflow and overflow, are among these.
ORDINARY = [1.1, 1.28, math.sqrt(2), 1.5, math.pi / 2, 2.0, 2.4, 3.0, math.pi, 5.0, 8.0, 10.0, 20.0, 26.5]
LARGE = [27.0, 37.0, 38.5, 40.0, 100.0, 300.0, 372.0, 500.0, 700.0, 709.0, 740.0, 745.0, 750.0, 1000.0, 1e5]
HUGE = [1e8, 1e16, 1e22, 1e100, 1e154, 1e158, 1e200, 1e300]

KINKS = {
    **dict.fromkeys(("abs", "relu", "leaky_relu", "elu", "where", "sign", "step"), lambda x, *_: x == 0),
    **dict.fromkeys(("maximum", "minimum"), lambda x, y: x == y),
    "round": lambda x: x % 1 == 0.5,
    "clip": lambda x, low, high: x in (low, high) or low == high,
    "cbrt": lambda x: x == 0,
}

# Where floats do not reach, as notes say: a number on the way is larger than the largest float, or it is
# subnormal, with few digits, before something large multiplies it.
BEYOND_FLOATS = {
    "div": lambda x, y: y == 0 or is_subnormal(mpf(x) / y),
    "pow": lambda x, y: max(1 / mpf(x), mpf(x) ** (y - 2)) > LARGEST or is_subnormal(mpf(x) ** y),
    "atan2": lambda y, x: mp.hypot(x, y) ** 2 * LARGEST < 1 or any(map(is_subnormal, (x, y))),
    "hypot": lambda x, y: mp.hypot(x, y) * LARGEST < 1 or any(map(is_subnormal, (x, y))),
    **dict.fromkeys(("fmod", "mod"), lambda x, y: y == 0 or x % y == 0),
    "logaddexp": lambda x, y: abs(x - y) > 740,
    "logsumexp": lambda *xs: max(map(abs, xs)) > 740,
    "elu": lambda x, alpha: x < math.log(SMALLEST_NORMAL) and abs(alpha) > 1000,
}


def is_subnormal(x):
    return 0 < abs(x) < SMALLEST_NORMAL


def magnitudes_inside(interval, generator):
    """Return floats of all sizes in the open interval, and such as are close to its ends."""
    low, high = interval
    sizes = [
        *(*TINY, *CLOSE_TO_ONE, *ORDINARY, *LARGE, *HUGE),
        *(10 ** generator.uniform(-320, 300) for _ in range(40)),
        *(10 ** generator.uniform(-3, 2) for _ in range(80)),
    ]
    near_ends = [end * (1 - gap) for end in interval for gap in (2**-52, 1e-12, 1e-6, 1e-3, -1e-3, -1e-12)]
    candidates = [0.0, *sizes, *(-size for size in sizes), *near_ends]
    return [x for x in candidates if low < x < high]


def points_of_all_sizes(name):
    """Return points all over the domain of a row, away from its kinks."""
    generator = random.Random(name)
    columns = [magnitudes_inside(interval, generator) for interval in RULES[name].floats.domain]
    if len(columns) == 1:
        points = [(x,) for x in columns[0]]
    else:
        points = [tuple(map(generator.choice, columns)) for _ in range(300)]
    avoided = [table[name] for table in (KINKS, BEYOND_FLOATS) if name in table]
    points = [with_order(name, point, i % 4) for i, point in enumerate(points)]
    return [point for point in points if not any(avoid(*point) for avoid in avoided)]


def ordinary_points(name, count=5):
    """Return points inside the domain of a row whose numbers are at most 2.5 in size."""
    generator = random.Random(name)
    ends = [(max(low, -2.5), min(high, 2.5)) for low, high in RULES[name].floats.domain]
    points = [
        tuple(low + (high - low) * generator.uniform(0.05, 0.95) for low, high in ends) for _ in range(count)
    ]
    return [with_order(name, point) for point in points]


# --- values and derivatives -----------------------------------------------------------------------------


def numbers_recorded(row, operands):
    """Return what the node of a row records, by the hand-tuned path if there is one."""
    node = Value.apply_operation(row, [Value(x) for x in operands])
    return Derivatives(node.data, node.partials, [])


def numbers_by_graph(row, operands):
    """Return what the rules give on Values: the second derivatives are gradients of the gradient's graph."""
    variables = [Value(x) for x in operands]
    node = Value.apply_operation(row, variables)
    slopes = grad(node, variables, create_graph=True)
    return Derivatives(
        node.data, [slope.data for slope in slopes], [grad(slope, variables) for slope in slopes]
    )


def each_number(name, derivatives):
    """Yield the order and the label of every number of a Derivatives, with the number."""
    yield 0, name, derivatives.value
    for i, slope in enumerate(derivatives.first):
        yield 1, f"∂{name}/∂{i}", slope
    for i, line in enumerate(derivatives.second):
        for j, bend in enumerate(line):
            yield 2, f"∂²{name}/∂{i}∂{j}", bend


def permitted_error(name, order, exact, scale, point):
    """Return the few units in the last place that a row may be off, or what its note says."""
    unit = math.ulp(float(max(abs(exact), scale)))
    units = FEW[order] + (units_of_a_note(name, order, point) if order else 0)
    # What is subnormal is off by up to SMALLEST, and the factors x of a derivative magnify that.
    magnified = SMALLEST * (1 + min(max(map(abs, point)), 1000)) ** (order + 1)
    return units * unit + magnified


def disagreements(name, point, computed, exact):
    """Return a line for each number that is off by more than is permitted."""
    scales = CANCELLING[name](*map(mpf, point)) if name in CANCELLING else exact
    lines = []
    for (order, label, got), (*_, wanted), (*_, scale) in zip(
        *(each_number(name, numbers) for numbers in (computed, exact, scales)), strict=bool(computed.second)
    ):
        if wanted is None or scale is None:
            continue
        if abs(wanted) > LARGEST:
            agree = got == math.copysign(math.inf, wanted)
        else:
            agree = abs(mpf(got) - wanted) <= permitted_error(name, order, wanted, abs(scale), point)
        if not agree:
            lines.append(f"{label} at {point} is {mp.nstr(mpf(wanted), 20)}, not {got!r}")
    return lines


def test_every_row_has_a_reference():
    assert set(REFERENCE) == set(RULES)


@pytest.mark.parametrize("name", ROWS)
def test_reference_is_differentiated_rightly(name):
    for point in ordinary_points(name, 2):
        point = tuple(map(mpf, point))
        exact = REFERENCE[name](*point)
        axes = variables_of(name, len(point))
        for i in axes:
            once = [int(i == axis) for axis in range(len(point))]
            assert mp.almosteq(difference(name, point, once), exact.first[i], 1e-40, 1e-40)
            for j in axes:
                twice = [order + int(j == axis) for axis, order in enumerate(once)]
                assert mp.almosteq(difference(name, point, twice), exact.second[i][j], 1e-40, 1e-40)


def difference(name, point, orders):
    """Return a partial derivative of the reference's value, by differences of numbers of many digits."""
    return mp.diff(lambda *xs: REFERENCE[name](*xs).value, point, tuple(orders))


@pytest.mark.parametrize("name", ROWS)
def test_value_and_derivatives_are_exact_to_a_few_units_in_the_last_place(name):
    row = RULES[name]
    wrong = []
    for point in points_of_all_sizes(name):
        exact = REFERENCE[name](*map(mpf, point))
        if abs(exact.value) <= LARGEST:
            wrong += disagreements(name, point, numbers_by_graph(row, point), exact)
            wrong += disagreements(name, point, numbers_recorded(row, point), exact)
    assert not wrong, "\n".join(wrong)


# --- the hand-tuned paths -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAST)
def test_fast_path_holds_to_its_row(name):
    row = RULES[name]
    wrong = []
    for point in points_of_all_sizes(name):
        if max(map(abs, point)) > 1e8:
            continue
        exact_point = tuple(map(mpf, point))
        exact = row.value(*exact_point)
        value, partials = row.floats.fast(special, *point)
        computed = Derivatives(value, partials if isinstance(partials, tuple) else [partials], [])
        wrong += disagreements(
            name, point, computed, Derivatives(exact, row.local_partials(exact, exact_point), [])
        )
    assert not wrong, "\n".join(wrong)


PAIRS = [(3.5, -0.7), (Fraction(2, 3), Fraction(-5, 7)), (7, 2), (0.0, 4.0), (-1e308, 1e-8), (math.inf, 2.0)]


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div"])
@pytest.mark.parametrize(("x", "y"), PAIRS)
def test_direct_path_of_an_operator_is_that_of_its_row(name, x, y):
    row, operate = RULES[name], getattr(operator, {"div": "truediv"}.get(name, name))
    z = row.value(x, y)
    for left, right in [(Value(x), Value(y)), (Value(x), y), (x, Value(y))]:
        node = operate(left, right)
        assert (node.op, node.data, node.partials) == (name, z, row.local_partials(z, (x, y)))


@pytest.mark.parametrize("x", [3.5, Fraction(2, 3), 7, 0.0, -math.inf])
def test_direct_path_of_negation_is_that_of_its_row(x):
    node = -Value(x)
    assert (node.op, node.data, node.partials) == ("neg", -x, (-1,))


@pytest.mark.parametrize("name", PUBLIC)
def test_method_function_and_number_give_the_same(name):
    function = FUNCTIONS[name]
    for point in ordinary_points(name):
        variables = [Value(x) for x in point]
        by_function, by_method = function(*variables), getattr(variables[0], name)(*variables[1:])
        assert by_function.data == by_method.data == function(*point)
        assert by_function.op == by_method.op == name
        assert by_function.partials == by_method.partials
        assert by_function.parents == by_method.parents == tuple(variables)


# --- derivatives by differences, and symmetry -----------------------------------------------------------


@pytest.mark.parametrize("name", ROWS)
def test_partials_agree_with_central_differences(name):
    for point in ordinary_points(name):
        order, variables = (point[:1], point[1:]) if name in ORDERED else ((), point)
        function = partial(lambda order, *xs: Value.apply_operation(RULES[name], (*order, *xs)), order)
        assert gradcheck(function, variables, 1e-5, 1e-7, 1e-6)


@pytest.mark.parametrize("name", ["add", "mul", "hypot", "maximum", "minimum", "fsum"])
def test_symmetric_operation_permutes_its_partials_with_its_operands(name):
    row = RULES[name]
    for point in ordinary_points(name):
        node = Value.apply_operation(row, [Value(x) for x in point])
        for order in permutations(range(len(point))):
            permuted = Value.apply_operation(row, [Value(point[i]) for i in order])
            assert permuted.data == node.data
            assert permuted.partials == tuple(node.partials[i] for i in order)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_length_of_a_vector_of_any_size(count):
    xs = [mpf(x) for x in (3.0, -0.25, 1e-3, 7.5, 2.0)[:count]]
    assert mp.almosteq(hypot(*map(float, xs)), mp.norm(xs) if xs else 0, 1e-15)


@pytest.mark.parametrize(("function", "units"), [(affine, 1000), (sumprod, 2)])
def test_sum_of_a_thousand_products_is_as_exact_as_the_note_says(function, units):
    generator = random.Random(1000)
    ws, xs = (
        [generator.choice((-1, 1)) * 10 ** generator.uniform(-8, 8) for _ in range(1000)] for _ in range(2)
    )
    products = [Fraction(w) * Fraction(x) for w, x in zip(ws, xs, strict=True)]
    node = function(map(Value, ws), xs)
    assert abs(Fraction(node.data) - sum(products)) <= units * math.ulp(sum(map(abs, products)))


# --- mpmath and Decimal: the rules with many digits -----------------------------------------------------


@pytest.mark.parametrize("name", ROWS)
def test_rules_give_fifty_digits_on_mpmath_numbers(name):
    for point in ordinary_points(name):
        point = tuple(map(mpf, point))
        exact = REFERENCE[name](*point)
        with mp.workdps(50):
            computed = numbers_by_graph(RULES[name], point)
            root = Value.apply_operation(RULES[name], [Value(x) for x in point])
            root.backward()
            gradient = [parent.grad for parent in root.parents]
        for (_, label, got), (*_, wanted) in zip(
            each_number(name, computed), each_number(name, exact), strict=True
        ):
            assert wanted is None or mp.almosteq(got, wanted, 1e-47, 1e-47), label
        for i in variables_of(name, len(point)):
            assert mp.almosteq(gradient[i], exact.first[i], 1e-48, 1e-48)


WITHOUT_DECIMAL = [
    *("sin", "cos", "tan", "asin", "acos", "atan", "atan2"),
    *("erf", "erfc", "gelu", "gauss", "normal_pdf", "normal_cdf"),
    *("degrees", "radians", "sinc", "bessel", "gamma", "lgamma", "digamma", "polygamma"),
]


@pytest.mark.parametrize("name", [name for name in ROWS if name not in (*WITHOUT_DECIMAL, "mod")])
def test_rules_give_many_digits_on_decimals(name):
    for point in ordinary_points(name, 3):
        root = Value.apply_operation(RULES[name], [Value(Decimal(x)) for x in point])
        root.backward()
        exact = REFERENCE[name](*map(mpf, point))
        assert mp.almosteq(mpf(str(root.data)), exact.value, 1e-25, 1e-25)
        for parent, wanted in zip(root.parents, exact.first, strict=True):
            assert mp.almosteq(mpf(str(parent.grad)), wanted, 1e-25, 1e-25)


def test_remainder_of_decimals_has_the_sign_of_the_first_as_in_python():
    x, y = Value(Decimal(-7)), Value(Decimal(3))
    node = x % y
    node.backward()
    assert (node.data, x.grad, y.grad) == (Decimal(-7) % Decimal(3), 1, 2) == (-1, 1, 2)


@pytest.mark.parametrize("name", WITHOUT_DECIMAL)
def test_function_that_decimals_lack_says_so(name):
    operands = [Value(Decimal("0.5")) for _ in RULES[name].floats.domain]
    with pytest.raises(TypeError, match=rf"{name} is not defined on Decimal.*Use one kind of number"):
        Value.apply_operation(RULES[name], operands)


def test_two_kinds_of_numbers_that_do_not_mix_say_so():
    with pytest.raises(TypeError, match=r"leaky_relu is not defined on Decimal, float.*one kind of number"):
        Value(Decimal(-1)).leaky_relu()


# --- choices at kinks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [float, int, Fraction])
@pytest.mark.parametrize(
    ("name", "operands", "value", "slopes"),
    [
        ("relu", (0,), 0, (0,)),
        ("abs", (0,), 0, (0,)),
        ("sign", (0,), 0, (0,)),
        ("step", (0,), 0, (0,)),
        ("leaky_relu", (0, 3), 0, (3, 0)),
        ("elu", (0, 3), 0, (3, 0)),
        ("maximum", (2, 2), 2, (1, 0)),
        ("minimum", (2, 2), 2, (1, 0)),
        ("where", (0, 5, 7), 7, (0, 0, 1)),
        ("hypot", (0, 0), 0, (0, 0)),
        ("atan2", (0, 0), 0, (0, 0)),
        ("pow", (0, 0), 1, (0, 0)),
        ("pow", (0, 1), 0, (1, 0)),
        ("pow", (0, 2), 0, (0, 0)),
        ("pow", (-3, 2), 9, (-6, 0)),
        ("pow", (-2, 3), -8, (12, 0)),
        ("pow", (5, 0), 1, (0, math.log(5))),
    ],
)
def test_choice_at_a_kink_is_the_documented_one(kind, name, operands, value, slopes):
    variables = [Value(kind(x)) for x in operands]
    node = Value.apply_operation(RULES[name], variables)
    assert node.data == value
    assert node.partials == slopes
    assert tuple(slope.data for slope in grad(node, variables, create_graph=True)) == slopes


@pytest.mark.parametrize(
    ("name", "operands", "slope"),
    [
        ("sqrt", (0.0,), math.inf),
        ("pow", (0.0, 0.5), math.inf),
        ("asin", (1.0,), math.inf),
        ("asin", (-1.0,), math.inf),
        ("acos", (1.0,), -math.inf),
    ],
)
def test_vertical_tangent_has_an_infinite_slope(name, operands, slope):
    node = Value.apply_operation(RULES[name], [Value(x) for x in operands])
    assert node.partials[0] == slope


def test_mixed_derivative_of_a_power_does_not_vanish_with_the_exponent():
    # ∂²(x^y)/∂x∂y = x^(y−1)·(1 + y ln x), which is 1/x at y = 0.
    x, y = Value(4.0), Value(0.0)
    by_base, by_exponent = grad(x**y, [x, y], create_graph=True)
    assert grad(by_base, y) == grad(by_exponent, x) == 0.25


def test_slope_of_a_power_is_finite_although_the_lower_power_overflows():
    # y·x^(y−1) = −1e-30·1e310
    assert Value.apply_operation(RULES["pow"], (1e-310, -1e-30)).partials[0] == pytest.approx(-1e280)


@pytest.mark.parametrize("epsilon", [Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(1)])
@pytest.mark.parametrize(("x", "slope"), [(-2, 0), (0, None), (2, 1)])
def test_blend_of_maximum_and_relu_has_any_slope_at_zero(epsilon, x, slope):
    # E1: σ′(0) is a chosen ε
    variable = Value(Fraction(x))
    (epsilon * maximum(variable, 0) + (1 - epsilon) * relu(variable)).backward()
    assert variable.grad == (epsilon if slope is None else slope)


# --- not a number, overflow, and what is not defined ----------------------------------------------------


@pytest.mark.parametrize("name", ROWS)
def test_nan_comes_out_where_nan_goes_in(name):
    row = RULES[name]
    # Of where, leaky_relu and elu the operands that are not chosen do not count.
    chosen = name in KINKS and name not in ("maximum", "minimum", "clip")
    for i in variables_of(name, 1 if chosen else len(row.floats.domain)):
        operands = [*ordinary_points(name, 1)[0]]
        operands[i] = math.nan
        node = Value.apply_operation(row, [Value(x) for x in operands])
        assert math.isnan(node.data)
        assert math.isnan(row.compute(*operands))


@pytest.mark.parametrize("name", FAST)
def test_fast_path_has_the_slopes_of_the_row_at_nan(name):
    row = RULES[name]
    for i in variables_of(name, len(row.floats.domain)):
        operands = [*ordinary_points(name, 1)[0]]
        operands[i] = math.nan
        value, partials = row.floats.fast(special, *operands)
        partials = partials if isinstance(partials, tuple) else (partials,)
        assert partials == pytest.approx(row.local_partials(value, operands), nan_ok=True)


@pytest.mark.parametrize("name", [name for name in ROWS if len(RULES[name].floats.domain) == 1])
def test_slope_at_nan_is_nan_unless_it_is_constant(name):
    node = Value.apply_operation(RULES[name], [Value(math.nan)])
    constant = {
        "neg": -1,
        "sign": 0,
        "step": 0,
        "round": 0,
        "degrees": 180 / math.pi,
        "radians": math.pi / 180,
    }
    (slope,) = node.partials
    assert slope == constant[name] if name in constant else math.isnan(slope)


@pytest.mark.parametrize(
    ("name", "x", "value", "slope"),
    [
        ("exp", -math.inf, 0, 0),
        ("atan", math.inf, math.pi / 2, 0),
        ("tanh", -math.inf, -1, 0),
        ("erf", math.inf, 1, 0),
        ("erfc", math.inf, 0, 0),
        ("sigmoid", -math.inf, 0, 0),
        ("softplus", math.inf, math.inf, 1),
        ("softplus", -math.inf, 0, 0),
        ("relu", math.inf, math.inf, 1),
        ("sech", math.inf, 0, 0),
        ("gauss", -math.inf, 0, 0),
        ("normal_pdf", math.inf, 0, 0),
        ("normal_cdf", -math.inf, 0, 0),
    ],
)
def test_limit_at_infinity(name, x, value, slope):
    node = Value.apply_operation(RULES[name], [Value(x)])
    assert (node.data, node.partials) == (value, (slope,))


@pytest.mark.parametrize(("x", "value", "slopes"), [(math.inf, math.inf, (1, 0)), (-math.inf, -3, (0, -1))])
def test_limit_of_elu_at_infinity(x, value, slopes):
    node = Value(x).elu(3.0)
    assert (node.data, node.partials) == (value, slopes)


@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("exp", (709.8,)),
        ("expm1", (1000.0,)),
        ("sinh", (-711.0,)),
        ("cosh", (711.0,)),
        ("pow", (1e200, 2.0)),
        ("fsum", (1e308, 1e308)),
        ("exp", (Fraction(1000),)),
        ("exp", (Decimal("1e7"),)),
        ("sin", (10**400,)),
    ],
)
def test_overflow_is_an_error_that_names_operation_and_operand(name, operands):
    expected = rf"{name} meets a number larger than the largest float.*: x0 = "
    with pytest.raises(OverflowError, match=expected):
        Value.apply_operation(RULES[name], [Value(x, f"x{i}") for i, x in enumerate(operands)])


@pytest.mark.parametrize("name", ["exp", "expm1", "sinh", "cosh"])
def test_domain_ends_where_the_floats_do(name):
    function, end = FUNCTIONS[name], RULES[name].floats.domain[0][1]
    assert function(math.nextafter(end, 0)) <= LARGEST
    with pytest.raises(OverflowError):
        function(math.nextafter(end, math.inf))


@pytest.mark.parametrize(
    ("name", "operands", "error", "needs"),
    [
        ("div", (1.0, 0.0), ZeroDivisionError, "a divisor other than 0"),
        ("div", (Fraction(1), Fraction(0)), ZeroDivisionError, "a divisor other than 0"),
        ("pow", (0.0, -1.0), ZeroDivisionError, "x > 0; or x = 0 and an exponent ≥ 0"),
        ("pow", (-8.0, 1 / 3), ValueError, "x < 0 and a whole exponent"),
        ("pow", (Fraction(-8), Fraction(1, 3)), ValueError, "x < 0 and a whole exponent"),
        ("pow", (mpf(-8), mpf(0.5)), ValueError, "x < 0 and a whole exponent"),
        ("pow", (Decimal(-8), Decimal("0.5")), ValueError, "x < 0 and a whole exponent"),
        ("log", (0.0,), ValueError, "x > 0"),
        ("log", (-1.0,), ValueError, "x > 0"),
        ("log", (mpf(-1),), ValueError, "x > 0"),
        ("log", (Decimal(-1),), ValueError, "x > 0"),
        ("log", (Fraction(0),), ValueError, "x > 0"),
        ("log", (mpf(0),), ValueError, "x > 0"),
        ("log", (Decimal(0),), ValueError, "x > 0"),
        ("log1p", (-1.0,), ValueError, "x > −1"),
        ("log1p", (mpf(-2),), ValueError, "x > −1"),
        ("sqrt", (-1.0,), ValueError, "x ≥ 0"),
        ("sqrt", (mpf(-1),), ValueError, "x ≥ 0"),
        ("asin", (1.1,), ValueError, "−1 ≤ x ≤ 1"),
        ("asin", (mpf(2),), ValueError, "−1 ≤ x ≤ 1"),
        ("acos", (-1.1,), ValueError, "−1 ≤ x ≤ 1"),
        ("circle", (1.1,), ValueError, "−1 ≤ x ≤ 1"),
        ("sin", (math.inf,), ValueError, "real numbers"),
        ("cos", (-math.inf,), ValueError, "real numbers"),
        ("tan", (math.inf,), ValueError, "real numbers"),
        ("fsum", (math.inf, -math.inf), ValueError, "real numbers"),
    ],
)
def test_outside_the_domain_the_error_names_operation_operand_and_need(name, operands, error, needs):
    variables = [Value(x, f"x{i}") for i, x in enumerate(operands)]
    with pytest.raises(error, match=rf"^{name} .*: x0 = .* It needs .*{needs}") as caught:
        Value.apply_operation(RULES[name], variables)
    assert repr(operands[0]) in str(caught.value)


def test_function_of_a_number_fails_as_that_of_a_value():
    with pytest.raises(ValueError, match=r"^sqrt is not defined there: operand 1 = -1\.0\. It needs x ≥ 0"):
        sqrt(-1.0)
    with pytest.raises(ValueError, match=r"^sqrt is not defined there: operand 1 = mpf"):
        sqrt(mpf(-1))


@pytest.mark.parametrize("stranger", ["0.5", None, 1j, [0.5]])
def test_what_is_no_number_is_refused(stranger):
    with pytest.raises(TypeError, match=f"exp is not defined on {type(stranger).__name__}"):
        autograd_lite.exp(stranger)


@pytest.mark.parametrize(("name", "count"), [("tanh", 0), ("tanh", 2), ("atan2", 1), ("elu", 3), ("elu", 0)])
def test_wrong_number_of_operands_is_refused(name, count):
    takes = len(RULES[name].partials)
    for operands in ([0.5] * count, [Value(0.5)] * count):
        with pytest.raises(TypeError, match=f"{name} takes {takes} operand.*not {count}"):
            FUNCTIONS[name](*operands)


@pytest.mark.parametrize(("name", "default"), [("leaky_relu", 0.01), ("elu", 1.0)])
def test_left_out_operand_has_its_default(name, default):
    x = Value(-2.0)
    for node in (FUNCTIONS[name](x), getattr(x, name)()):
        assert node.parents[1].data == default
        assert node.data == FUNCTIONS[name](-2.0) == FUNCTIONS[name](-2.0, default)


# --- the rule book as a table ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROWS)
def test_row_is_complete(name):
    row = RULES[name]
    assert row.name == name
    assert row.symbol
    assert row.floats.needs
    assert row.variadic or len(row.partials) == len(row.floats.domain)
    operands = [f"operand{i}" for i in range(1 if row.variadic else len(row.floats.domain))]
    assert all(operand in row.notation.format(*operands) for operand in operands)


@pytest.mark.parametrize("name", PUBLIC)
def test_public_row_is_a_function_a_method_and_has_an_example(name):
    function = getattr(autograd_lite, name)
    assert name in autograd_lite.__all__
    assert function.__name__ == name
    assert callable(getattr(Value, name))
    assert Value.__dict__[name].__doc__.startswith(function.__doc__.partition("\n")[0])
    assert f">>> {name}(" in function.__doc__
    assert RULES[name].floats.note.strip() in function.__doc__


def test_documentation_names_the_operands_with_their_defaults():
    assert "x, slope=0.01 : Value or number" in autograd_lite.leaky_relu.__doc__
    assert "y, x : Value or number" in atan2.__doc__
    assert "*xs : Value or number" in hypot.__doc__


def in_numpy(name):
    return (*RULES[name].floats.ufuncs, name)[0]


def objects(columns):
    return [np.array([Value(x) for x in column], dtype=object) for column in columns]


def ufuncs_on_objects():
    """Return NumPy's functions that call something on arrays of objects, each under its oldest name."""
    found = {}
    for name in dir(np):
        function = getattr(np, name)
        if isinstance(function, np.ufunc) and "O" * function.nin + "->O" in function.types:
            found.setdefault(function.__name__, function)
    return found


@pytest.mark.parametrize(
    "name",
    [name for name in ROWS if in_numpy(name) in ufuncs_on_objects() and in_numpy(name) not in LEFT_OUT],
)
def test_numpy_applies_the_row_to_arrays_of_values(name):
    row = RULES[name]
    points = ordinary_points(name, 3)
    for ufunc in [getattr(np, called) for called in (*row.floats.ufuncs, name) if hasattr(np, called)]:
        columns = objects(zip(*points, strict=True))
        for node, operands, point in zip(ufunc(*columns), zip(*columns, strict=True), points, strict=True):
            expected = Value.apply_operation(row, [Value(x) for x in point])
            assert node.data == expected.data == pytest.approx(ufunc(*point))
            assert grad(node, operands) == list(expected.partials)


@pytest.mark.parametrize("name", sorted(ufuncs_on_objects()))
def test_every_function_of_numpy_on_values_has_right_gradients_or_is_left_out(name):
    ufunc = ufuncs_on_objects()[name]
    if name in LEFT_OUT or ufunc.signature:  # those with a signature, as matmul, are sums of products
        return
    point, other = (1.25 if name == "arccosh" else 0.625), -1.75
    columns = objects([[point], [other]][: ufunc.nin])
    (node,) = ufunc(*columns)
    exact = [float(x) for x in (point, other)[: ufunc.nin]]
    assert node.data == pytest.approx(ufunc(*exact))
    for i, column in enumerate(columns):
        step = [1e-6 * (k == i) for k in range(len(exact))]
        ahead, back = ufunc(*map(operator.add, exact, step)), ufunc(*map(operator.sub, exact, step))
        assert grad(node, column[0]) == pytest.approx((ahead - back) / 2e-6, rel=1e-7, abs=1e-7)


def test_what_is_left_out_is_there_to_be_left_out():
    assert all(
        isinstance(getattr(np, name, np.add), np.ufunc) and reason for name, reason in LEFT_OUT.items()
    )


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc"])
def test_what_is_left_out_still_gives_numbers(name):
    assert getattr(np, name)(np.array([Value(-1.5)], dtype=object))[0] == getattr(np, name)(-1.5)


def test_clip_of_numpy_gives_the_values_themselves():
    x, y = Value(0.5), Value(3.0)
    assert np.clip(np.array([x, y], dtype=object), -1.0, 1.0).tolist() == [x, 1.0]


@pytest.fixture
def cube():
    """Return the function of a row that exists for one test only."""
    cube = operation(
        "cube",
        lambda x: x * x * x,
        lambda y, x: 3 * x**2,
        notation="({0})³",
        sentence="Third power.",
        needs="a number",
        note="No kinks.",
    )
    yield cube
    forget(cube)


def test_new_row_is_a_working_function(cube):
    x = Value(Fraction(2, 3))
    slope = grad(cube(x), x, create_graph=True)
    assert FUNCTIONS["cube"] is cube
    assert RULES["cube"].notation.format("x") == "(x)³"
    assert (cube(2.0), cube(Fraction(2, 3)), cube(x).data) == (8.0, Fraction(8, 27), Fraction(8, 27))
    assert (slope.data, grad(slope, x)) == (Fraction(4, 3), 4)
    assert gradcheck(cube, [0.7])


def test_new_row_documents_itself(cube):
    parts = ["Third power.", "x : Value or number", "Needs a number.", "No kinks."]
    assert all(part in cube.__doc__ for part in parts)


def test_new_row_explains_its_failure(cube):
    with pytest.raises(TypeError, match="cube is not defined on str: operand 1 = 'two'"):
        cube("two")


def test_new_row_without_a_reference_fails(cube):
    with pytest.raises(AssertionError):
        test_every_row_has_a_reference()


def test_removed_row_is_gone():
    assert "cube" not in RULES
    assert "cube" not in FUNCTIONS
