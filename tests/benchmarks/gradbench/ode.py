"""The last of y after Runge–Kutta steps from 0 to 2: y′₀ = x₀ and y′ᵢ = xᵢ yᵢ₋₁, all y 0 at first."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.gradbench.objective import Objective


def solution(steps: int, x: Any) -> Any:
    """Return all of y at the end, on scalars."""

    def slopes(y: Any) -> Any:
        return [x[0]] + [x[i] * y[i - 1] for i in range(1, len(x))]

    def moved(y: Any, k: Any, h: float) -> Any:
        return [y_i + h * k_i for y_i, k_i in zip(y, k, strict=True)]

    h = 2 / steps
    y = [0.0] * len(x)
    for _ in range(steps):
        k1 = slopes(y)
        k2 = slopes(moved(y, k1, h / 2))
        k3 = slopes(moved(y, k2, h / 2))
        k4 = slopes(moved(y, k3, h))
        y = [y_i + h / 6 * (a + 2 * b + 2 * c + d) for y_i, a, b, c, d in zip(y, k1, k2, k3, k4, strict=True)]
    return y


def by_hand(steps: int, x: Any) -> Any:
    """Return the last of y, and the gradient by going back through the steps."""
    h = 2 / steps
    # Slopes are x ⊙ (1, y₀, y₁, …): the vectors kept have that 1 in front.
    Y = np.ones((steps, 4, len(x)))
    y = np.zeros(len(x))
    for one, two, three, four in Y:
        one[1:] = y[:-1]
        k1 = x * one
        two[1:] = (y + h / 2 * k1)[:-1]
        k2 = x * two
        three[1:] = (y + h / 2 * k2)[:-1]
        k3 = x * three
        four[1:] = (y + h * k3)[:-1]
        k4 = x * four
        y = y + h / 6 * (k1 + 2 * (k2 + k3) + k4)
    dY = np.zeros_like(Y)  # what comes back to the slopes
    dy = np.zeros(len(x))
    dy[-1] = 1
    for d1, d2, d3, d4 in dY[::-1]:
        even = h / 6 * dy
        d4[:] = even
        back4 = (x * d4)[1:]
        d3[:] = 2 * even
        d3[:-1] += h * back4
        back3 = (x * d3)[1:]
        d2[:] = 2 * even
        d2[:-1] += h / 2 * back3
        back2 = (x * d2)[1:]
        d1[:] = even
        d1[:-1] += h / 2 * back2
        dy[:-1] += (x * d1)[1:] + back2 + back3 + back4
    return y[-1], [np.einsum("ski,ski->i", Y, dY)]


def on_arrays(steps: int, xp: Any, x: Any) -> Any:
    """Return the last of y."""
    one = xp.ones(1, dtype=x.dtype)
    h = 2 / steps

    def slopes(y: Any) -> Any:
        return x * xp.concatenate([one, y[:-1]])

    def step(y: Any) -> Any:
        k1 = slopes(y)
        k2 = slopes(y + h / 2 * k1)
        k3 = slopes(y + h / 2 * k2)
        k4 = slopes(y + h * k3)
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    y = xp.zeros_like(x)
    if hasattr(xp, "vectorize"):  # JAX loops by itself
        from jax import lax

        return lax.fori_loop(0, steps, lambda _, y: step(y), y)[-1]
    for _ in range(steps):
        y = step(y)
    return y[-1]


def objective(n: int, steps: int) -> Objective:
    """Return the objective for n numbers and so many steps."""
    return Objective(
        f"ode, n = {n}, {steps} steps",
        lambda x: solution(steps, x)[-1],
        lambda x: by_hand(steps, x),
        lambda xp, x: on_arrays(steps, xp, x),
        [np.random.default_rng(31337).random(n)],
    )


def objectives() -> list[Objective]:
    """Return the size that is measured."""
    return [objective(20, 10)]
