"""Random first weights by their usual names; each draws one weight, given fan-in and fan-out."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import TypeAlias

Initializer: TypeAlias = Callable[[Random, int, int], float]
"""``draw(random, n_in, n_out)``: one weight."""


def _uniform(variance: Callable[[int, int], float]) -> Initializer:
    # A uniform distribution on (−r, r) has the variance r²/3.
    def draw(random: Random, n_in: int, n_out: int) -> float:
        radius = math.sqrt(3 * variance(n_in, n_out))
        return random.uniform(-radius, radius)

    return draw


def _normal(variance: Callable[[int, int], float]) -> Initializer:
    return lambda random, n_in, n_out: random.gauss(0.0, math.sqrt(variance(n_in, n_out)))


def _glorot(n_in: int, n_out: int) -> float:
    return 2 / (n_in + n_out)


def _he(n_in: int, n_out: int) -> float:
    return 2 / n_in


def _lecun(n_in: int, n_out: int) -> float:
    return 1 / n_in


INITIALIZERS: dict[str, Initializer] = {
    "xavier": _uniform(_glorot),
    "glorot": _uniform(_glorot),
    "xavier_normal": _normal(_glorot),
    "glorot_normal": _normal(_glorot),
    "he": _normal(_he),
    "kaiming": _normal(_he),
    "he_uniform": _uniform(_he),
    "kaiming_uniform": _uniform(_he),
    "lecun": _normal(_lecun),
    "lecun_uniform": _uniform(_lecun),
    "uniform": lambda random, n_in, n_out: random.uniform(-1.0, 1.0),
}
"""By name. The variance of a weight is 2/(n_in + n_out) for Xavier (also called Glorot; uniform unless
``_normal`` says otherwise), 2/n_in for He (also called Kaiming) and 1/n_in for LeCun (both normal unless
``_uniform`` says otherwise); ``"uniform"`` is uniform on (−1, 1)."""
