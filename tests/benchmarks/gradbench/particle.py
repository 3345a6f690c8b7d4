"""GradBench's particle: how to place a charge so that a particle, pushed by two, passes through the origin.

The charges stand at (10, 0) and (10, 10 − w), and w is the control. The force is the derivative of a
potential; the way to w needs another derivative around it.
"""

from __future__ import annotations

from typing import Any

from autograd_lite import dist
from tests.benchmarks.gradbench.descent import Gradient, Vector, argmin

ANSWER = 0.2071918746486116
_TIME_STEP = 0.1


def solve(outer: Gradient, inner: Gradient, start: float = 0.0) -> float:
    """Return the control for which the particle crosses the x-axis at 0, with two ways to a gradient."""

    def cost(control: Vector) -> Any:
        return crossing(control[0], inner) ** 2

    (control,) = argmin(cost, [start], outer)
    return float(control)


def crossing(control: Any, gradient: Gradient) -> Any:
    """Return where the particle crosses the x-axis: by Euler's method, at last along a straight line."""
    charges = [(10.0, 10.0 - control), (10.0, 0.0)]

    def potential(place: Vector) -> Any:
        return sum(1 / dist(place, charge) for charge in charges)

    place, speed = [0.0, 8.0], [0.75, 0.0]
    while True:
        slopes = gradient(potential, place)
        there = [x + _TIME_STEP * v for x, v in zip(place, speed, strict=True)]
        if there[1] <= 0:
            return place[0] - place[1] / speed[1] * speed[0]
        place, speed = there, [v - _TIME_STEP * s for v, s in zip(speed, slopes, strict=True)]
