"""The logarithm of a sum of exponentials, less the largest before and plus it afterwards."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from autograd_lite import maximum
from tests.benchmarks.gradbench.objective import Objective


def cost(x: Any) -> Any:
    """Return the cost on scalars."""
    largest = reduce(maximum, x)
    total = 0.0
    for x_i in x:
        total += (x_i - largest).exp()
    return largest + total.log()


def by_hand(x: Any) -> Any:
    """Return the value and the gradient, a softmax."""
    largest = x.max()
    e = np.exp(x - largest)
    total = e.sum()
    return largest + np.log(total), [e / total]


def on_arrays(xp: Any, x: Any) -> Any:
    """Return the cost."""
    largest = xp.max(x)
    return largest + xp.log(xp.sum(xp.exp(x - largest)))


def objectives() -> list[Objective]:
    """Return the size that is measured."""
    n = 2500
    return [Objective(f"lse, n = {n:,}", cost, by_hand, on_arrays, [np.random.default_rng(31337).random(n)])]
