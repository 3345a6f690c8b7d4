"""What particle and saddle share: gradients by either mode, and the descent along them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from autograd_lite import Value, grad, jvp

Vector: TypeAlias = Sequence[Any]
Cost: TypeAlias = Callable[[Vector], Any]
Gradient: TypeAlias = Callable[[Cost, Vector], list[Any]]
"""From a cost and a point to the gradient of the one at the other."""

_SHORTEST = 1e-5


def forward(cost: Cost, x: Vector) -> list[Any]:
    """Return the gradient by forward mode: a run for each direction."""
    directions = [[float(i == k) for i in range(len(x))] for k in range(len(x))]
    return [jvp(cost, (list(x),), (direction,))[1] for direction in directions]


def reverse(cost: Cost, x: Vector, create_graph: bool = False) -> list[Any]:
    """Return the gradient by reverse mode, as a graph where reverse mode is around it."""
    variables = [number if isinstance(number, Value) else Value(number) for number in x]
    return grad(cost(variables), variables, create_graph)


def nestings(solve: Callable[[Gradient, Gradient], Any]) -> dict[str, Callable[[], Any]]:
    """Return a problem for each pair of modes; of "fr", reverse mode is inside of forward mode."""
    return {
        "ff": partial(solve, forward, forward),
        "fr": partial(solve, forward, reverse),
        "rf": partial(solve, reverse, forward),
        "rr": partial(solve, reverse, partial(reverse, create_graph=True)),
    }


def argmin(cost: Cost, start: Vector, gradient: Gradient) -> Vector:
    """Return where a cost is least, by gradient descent.

    The learning rate doubles after ten steps downhill and is halved after one uphill; it ends where the
    gradient or the step is shorter than 1e-5.
    """
    x, value, slope = start, cost(start), gradient(cost, start)
    learning_rate, steps = 1e-5, 0
    while length(slope) > _SHORTEST:
        if steps == 10:
            learning_rate, steps = 2 * learning_rate, 0
        step = [learning_rate * s for s in slope]
        if length(step) <= _SHORTEST:
            break
        there = [a - b for a, b in zip(x, step, strict=True)]
        below = cost(there)
        if below < value:
            x, value, slope, steps = there, below, gradient(cost, there), steps + 1
        else:
            learning_rate, steps = learning_rate / 2, 0
    return x


def length(vector: Vector) -> float:
    """Return the length of a vector."""
    return math.hypot(*map(float, vector))
