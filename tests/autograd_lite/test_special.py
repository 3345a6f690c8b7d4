"""Functions of floats that Python's math lacks, or has to fewer digits, against mpmath."""

import math
import random

import pytest
from mpmath import mp, mpf

from autograd_lite import Value
from autograd_lite.numbers import special

DIGITS = 60


@pytest.fixture(autouse=True)
def _sixty_digits():
    with mp.workdps(DIGITS):
        yield


def uniform(low, high, count=300):
    generator = random.Random(f"{low} {high}")
    return [generator.uniform(low, high) for _ in range(count)]


def worst(function, exact, points, scale=lambda x: 0):
    """Return the largest error in units in the last place of the exact number, or of a scale."""
    return max(
        abs(function(x) - exact(mpf(x))) / math.ulp(float(max(abs(exact(mpf(x))), scale(mpf(x)))))
        for x in points
    )


@pytest.mark.parametrize(
    "ends", [(1e-6, 0.5), (0.5, 2.5), (2.5, 30.0), (30.0, 171.6), (-1.0, 0.0), (-30.0, -1.0), (-177.0, -30.0)]
)
def test_gamma_is_exact_to_three_units(ends):
    assert worst(special.gamma, mp.gamma, uniform(*ends)) < 3


@pytest.mark.parametrize(
    "ends", [(1e-6, 0.5), (0.5, 1.25), (1.25, 1.5), (1.5, 2.5), (2.5, 12.0), (12.0, 1e6)]
)
def test_logarithm_of_gamma_is_exact_to_four_units_also_near_its_zeros(ends):
    assert worst(special.lgamma, mp.loggamma, uniform(*ends)) < 4


@pytest.mark.parametrize("ends", [(-1.0, 0.0), (-3.0, -1.0), (-30.0, -3.0), (-1000.0, -30.0)])
def test_logarithm_of_gamma_of_negative_numbers_is_as_exact_as_its_note_says(ends):
    def exact(x):
        return mp.log(abs(mp.gamma(x)))

    def scale(x):
        return max(1, abs(mp.loggamma(-x)))

    assert worst(special.lgamma, exact, uniform(*ends), scale) < 4


@pytest.mark.parametrize("x", [5e-324, -5e-324, -1e-323, -1e-310, -1e-20])
def test_logarithm_of_gamma_beside_its_pole_at_zero(x):
    assert worst(special.lgamma, lambda x: -mp.log(abs(x)), [x]) < 1


@pytest.mark.parametrize("n", [0, 1, 2, 3, 6])
@pytest.mark.parametrize("ends", [(1e-6, 1.0), (1.0, 20.0), (20.0, 1e6), (-1.0, 0.0), (-50.0, -1.0)])
def test_polygamma_is_as_exact_as_its_terms(n, ends):
    def scale(x):
        if x > 0:
            return int(n == 0)
        slope = mp.diff(lambda t: mp.pi * mp.cot(mp.pi * t), x, n)
        steepness = abs(mp.diff(lambda t: mp.pi * mp.cot(mp.pi * t), x, n + 1)) if n else 0
        return max(1, abs(mp.polygamma(n, 1 - x)), abs(slope), abs(x) * steepness * mpf(2) ** -50)

    points = uniform(*ends, 60)
    assert worst(lambda x: special.polygamma(n, x), lambda x: mp.polygamma(n, x), points, scale) < 8 + 4 * n


@pytest.mark.parametrize("x", [0.0, -1.0, -20.0, -1e20, -math.inf])
@pytest.mark.parametrize("name", ["gamma", "digamma"])
def test_poles_are_refused(name, x):
    with pytest.raises(ValueError, match=f"{name} is not defined there"):
        getattr(Value(x), name)()


def test_gamma_of_a_whole_number_is_a_factorial():
    assert [special.gamma(n + 1.0) for n in range(20)] == [math.factorial(n) for n in range(20)]
    assert [special.lgamma(x) for x in (1.0, 2.0)] == [0.0, 0.0]


def test_gamma_ends_where_the_floats_do():
    assert special.gamma(171.6243769563027) > 1.79e308
    for function, x in (
        (special.gamma, 171.6243769563028),
        (special.gamma, 1e-309),
        (special.lgamma, 2.6e305),
    ):
        with pytest.raises(OverflowError):
            function(x)
    assert special.gamma(-200.5) == special.gamma(-1e10 - 0.5) == 0
    assert [math.copysign(1, special.gamma(x)) for x in (-200.5, -201.5)] == [-1, 1]


@pytest.mark.parametrize("name", ["gamma", "lgamma", "digamma", "sinc"])
def test_limits_at_infinity(name):
    expected = 0.0 if name == "sinc" else math.inf
    assert getattr(special, name)(1e305 if name == "sinc" else math.inf) == pytest.approx(
        expected, abs=1e-300
    )
    assert math.isnan(getattr(special, name)(math.nan))


def test_cube_roots_of_cubes_are_whole():
    assert all(special.cbrt(sign * float(n) ** 3) == sign * n for n in range(3000) for sign in (1, -1))
    assert (
        worst(special.cbrt, lambda x: mp.sign(x) * mp.cbrt(abs(x)), [10**e for e in uniform(-320, 300)]) < 1
    )
    assert special.cbrt(-math.inf) == -math.inf


def test_sine_and_cosine_of_multiples_of_pi():
    points = [*uniform(-1.0, 1.0), *uniform(-1e5, 1e5), *uniform(0.45, 0.55)]
    assert worst(special.sinpi, mp.sinpi, points) < 2
    assert worst(special.cospi, mp.cospi, points) < 2
    assert [special.sinpi(x) for x in (1.0, -2.0, 1e22, 0.5, -1.5)] == [0, 0, 0, 1, 1]
    assert [special.cospi(x) for x in (0.5, -1.5, 1e22, 1.0)] == [0, 0, 1, -1]


def test_spherical_bessel_functions_next_to_the_origin_have_all_their_digits():
    for n in range(5):
        exact = lambda x, n=n: mp.sqrt(mp.pi / (2 * mp.pi * x)) * mp.besselj(n + mpf(0.5), mp.pi * x)  # noqa: E731
        assert worst(lambda x, n=n: special.bessel(n, x), exact, uniform(1e-9, 0.3, 60)) < 6 + n


@pytest.mark.parametrize("order", [-1, 0.5, 171, math.nan, math.inf])
def test_an_order_is_a_whole_number(order):
    for function in (special.polygamma, special.bessel):
        with pytest.raises(ValueError, match="order"):
            function(order, 1.5)


def test_the_rest_is_python_s_own():
    assert special.tanh is math.tanh
    assert special.pi is math.pi
