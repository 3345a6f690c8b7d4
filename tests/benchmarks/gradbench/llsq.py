"""Least squares of a polynomial: ½ Σ (sᵢ − Σⱼ xⱼ tᵢʲ)², with tᵢ from −1 to 1 and sᵢ their signs."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.gradbench.objective import Objective


def cost_of_point(x: Any, t: float) -> Any:
    """Return twice the cost of a point on scalars."""
    rest, power = float((t > 0) - (t < 0)), 1.0
    for x_j in x:
        rest -= x_j * power
        power *= t
    return rest**2


def cost(n: int, x: Any) -> Any:
    """Return the cost on scalars."""
    total = 0.0
    for i in range(n):
        total += cost_of_point(x, -1 + i * 2 / (n - 1))
    return total / 2


def objective(n: int, m: int = 128) -> Objective:
    """Return the objective for n points and m coefficients."""
    t = -1 + np.arange(n) * 2 / (n - 1)
    T, s = np.vander(t, m, increasing=True), np.sign(t)

    def by_hand(x: Any) -> Any:
        rest = s - T @ x
        return rest @ rest / 2, [-(rest @ T)]

    def on_arrays(xp: Any, x: Any) -> Any:
        rest = xp.asarray(s) - xp.asarray(T) @ x
        return rest @ rest / 2

    x = np.random.default_rng(31337).random(m)
    return Objective(f"llsq, n = {n}, m = {m}", lambda x: cost(n, x), by_hand, on_arrays, [x])


def objectives() -> list[Objective]:
    """Return the sizes that are measured."""
    return [objective(16), objective(128)]
