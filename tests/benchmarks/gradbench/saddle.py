"""GradBench's saddle: the least of the greatest, min over x of max over y of |x|² − |y|², in the plane.

Both are found by gradient descent; the derivative by x goes through the whole search for y.
"""

from __future__ import annotations

from typing import Any

from tests.benchmarks.gradbench.descent import Gradient, Vector, argmin

ANSWER = [8.246324826140356e-06] * 4


def solve(outer: Gradient, inner: Gradient, start: Vector = (1.0, 1.0)) -> list[float]:
    """Return x and y, one after the other, with two ways to a gradient."""

    def greatest(x: Vector, gradient: Gradient) -> Vector:
        return argmin(lambda y: -_height(x, y), list(start), gradient)

    x = argmin(lambda x: _height(x, greatest(x, inner)), list(start), outer)
    return [*map(float, x), *map(float, greatest(x, outer))]


def _height(x: Vector, y: Vector) -> Any:
    return x[0] * x[0] + x[1] * x[1] - (y[0] * y[0] + y[1] * y[1])
