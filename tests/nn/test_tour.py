"""The tour's charts and its digits in agreement, against geometry and arithmetic done by hand."""

import math
import re
from itertools import pairwise

import pytest

from nn import History
from nn.data import Dataset, xor
from nn.pictures.boundary import surface
from nn.tour.charts import cost_curve, plane
from nn.tour.results import digits_in_common

LEFT, RIGHT, TOP, BOTTOM = 62, 468, 12, 252  # of the curve
SIDE = RIGHT - LEFT  # of the plane


def history(costs):
    return History(costs, stopped="epochs", best_epoch=0)


def curve(svg):
    points = re.search(r'class="curve" points="([^"]*)"', svg).group(1)
    return [tuple(map(float, point.split(","))) for point in points.split()]


# ------------------------------------------------------------------------------ the curve


def test_a_curve_goes_from_the_first_epoch_to_the_last():
    points = curve(cost_curve(history([4.0, 3.0, 2.0, 1.0])))

    assert points[0] == (LEFT, TOP)
    assert points[-1][0] == RIGHT
    assert points[1] == pytest.approx(
        (LEFT + SIDE / 3, TOP + (BOTTOM - TOP) / 4), abs=0.1
    )  # 0 is at the bottom


def test_factors_are_equal_steps_on_a_logarithmic_curve():
    svg = cost_curve(history([8.0, 4.0, 2.0, 1.0, 0.5]))
    heights = [y for _, y in curve(svg)][:5]

    assert "cost, logarithmic" in svg
    assert [b - a for a, b in pairwise(heights)] == pytest.approx([60] * 4, abs=0.2)
    marks = re.findall(r'class="number" x="56" y="([\d.]+)">([\d.]+)<', svg)
    for y, mark in marks:
        assert float(y) - 5 == pytest.approx(TOP + 60 * math.log2(8 / float(mark)), abs=0.2)


@pytest.mark.parametrize(
    "costs", [[1.0], [0.0], [2.0, 2.0], [0.0, 5.0], [-3.0, -4.0], [1e-300, 1e300], [1.0, 0.0]], ids=str
)
def test_any_costs_have_a_curve_within_its_frame(costs):
    for x, y in curve(cost_curve(history(costs))):
        assert LEFT <= x <= RIGHT
        assert TOP <= y <= BOTTOM


def test_a_long_training_has_a_curve_of_few_points():
    points = curve(cost_curve(history([1 / (1 + i) for i in range(12_345)])))

    assert len(points) <= 401
    assert points[-1] == (RIGHT, BOTTOM)


# ------------------------------------------------------------------------------ the plane


@pytest.fixture(scope="module")
def line():
    """The plane of XOR as a line divides it: x + 2y = 0.7, on a margin of a tenth around the unit square."""
    data = xor()
    return plane(surface(lambda x: [x[0] + 2 * x[1] - 0.7], data, 0.0), data)


def back(x, y):
    """From a place in the picture to the point of the plane."""
    return -0.1 + 1.2 * (x - LEFT) / SIDE, 1.1 - 1.2 * (y - TOP) / SIDE


def test_the_boundary_lies_where_the_output_is_zero(line):
    path = re.search(r'class="boundary" d="([^"]*)"', line).group(1)
    points = [back(*map(float, point)) for point in re.findall(r"[ML]([\d.]+),([\d.]+)", path)]

    assert len(points) > 100
    for x, y in points:
        assert x + 2 * y == pytest.approx(0.7, abs=0.002)
    assert min(x for x, _ in points) == pytest.approx(-0.1, abs=0.02)
    assert max(x for x, _ in points) == pytest.approx(0.9, abs=0.02)  # where y is at its least, −0.1


def test_a_region_is_as_large_as_the_half_plane(line):
    regions = re.findall(r'class="region" style="[^"]*" d="([^"]*)"', line)
    # Below the line is a triangle, from (−0.1, −0.1) to x = 0.9 and to y = 0.4.
    shares = [sum(float(width) for width in re.findall(r"h([\d.]+)v", d)) / SIDE / 60 for d in regions]
    assert shares[0] == pytest.approx(1.0 * 0.5 / 2 / 1.2**2, rel=0.05)
    assert sum(shares) == pytest.approx(1, abs=0.001)


def test_samples_stand_at_their_place_and_wrong_ones_are_ringed(line):
    circles = re.findall(r'class="sample"[^>]* d="M([\d.]+),([\d.]+)a', line)
    assert sorted(back(float(x) + 4, float(y)) for x, y in circles) == [
        pytest.approx(point, abs=0.01) for point in ((0, 0), (1, 1))
    ]
    rings = re.findall(r'class="wrong" cx="([\d.]+)" cy="([\d.]+)"', line)
    # x + 2y > 0.7 at (0, 1), (1, 0), (1, 1); only the last is no 1 by XOR.
    assert [back(float(x), float(y)) for x, y in rings] == [pytest.approx((1, 1), abs=0.01)]


def test_three_classes_have_three_regions_and_names_are_text():
    data = Dataset(
        "<d>", [[0.0, 0.0], [4.0, 0.0], [0.0, 400.0]], [0, 1, 2], ["<x>", "y&"], list("abc"), "here"
    )
    svg = plane(surface(lambda x: [2.0, x[0], x[1] / 100], data, 0.0), data)

    assert svg.count('class="region"') == 3
    assert "&lt;x&gt;" in svg
    assert ">y&amp;<" in svg


# ------------------------------------------------------------------------------ digits


def test_digits_are_those_that_two_numbers_share():
    assert digits_in_common([1.00001, -250.0, 3.0, math.nan], [1.0, -250.0, -3.0, 1.0]) == [
        pytest.approx(5, abs=1e-4),
        16,
        0,
        None,
    ]


def test_what_cancels_to_almost_nothing_is_judged_by_the_others():
    # 1e-17 beside gradients of 1 is a rounding error: it agrees with 2e-17 to 14 digits of a thousandth.
    assert digits_in_common([1.0, 2e-17], [1.0, 1e-17]) == [16, pytest.approx(14)]
    assert digits_in_common([0.0, 0.0], [0.0, 0.0]) == [16, 16]
    assert digits_in_common([1e300, 5e-324], [1e300, 1e-323]) == [16, 16]


def test_gradients_that_are_nothing_but_rounding_are_no_disagreement():
    noise = [3e-17, -2e-17]
    assert min(digits_in_common([-noise[0], 0.0], noise)) >= 8
    assert digits_in_common([2e-6], [1e-6])[0] < 1
