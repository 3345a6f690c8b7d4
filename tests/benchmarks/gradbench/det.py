"""A determinant by expansion in minors, along the first row that is left."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from tests.benchmarks.gradbench.objective import Objective


def determinant(A: Any) -> Any:
    """Return the determinant on scalars."""
    if len(A) == 1:
        return A[0][0]
    total, sign = 0.0, 1
    for j, a in enumerate(A[0]):
        total += sign * a * determinant([[*row[:j], *row[j + 1 :]] for row in A[1:]])
        sign = -sign
    return total


class Level:
    """The minors of the last m rows: where each finds its columns and its own minors, and their signs.

    Parameters
    ----------
    n, m : int
        The size of the matrix, and of the minors.
    """

    def __init__(self, n: int, m: int) -> None:
        smaller = {kept: i for i, kept in enumerate(combinations(range(n), m - 1))}
        larger = list(combinations(range(n), m))
        self.row = n - m
        self.columns = np.array(larger)
        self.minors = np.array([[smaller[(*S[:j], *S[j + 1 :])] for j in range(m)] for S in larger])
        self.signs = (-1.0) ** np.arange(m)
        # The other way round: which products a column, and a smaller minor, takes part in.
        self.of_column = np.array([np.flatnonzero(self.columns.ravel() == j) for j in range(n)])
        self.of_minor = np.array([np.flatnonzero(self.minors.ravel() == i) for i in range(len(smaller))])


def by_hand(levels: list[Level], A: Any) -> Any:
    """Return the value and the gradient, with each minor computed once."""
    minors, kept = A[-1], []
    for level in levels:
        entries = A[level.row][level.columns] * level.signs
        below = minors[level.minors]
        kept.append((entries, below))
        minors = (entries * below).sum(axis=1)
    gradient = np.empty_like(A)
    d = np.ones(1)
    for level, (entries, below) in zip(levels[::-1], kept[::-1], strict=True):
        d = d[:, None]
        gradient[level.row] = (d * below * level.signs).ravel()[level.of_column].sum(axis=1)
        d = (d * entries).ravel()[level.of_minor].sum(axis=1)
    gradient[-1] = d
    return minors[0], [gradient]


def on_arrays(levels: list[Level], xp: Any, A: Any) -> Any:
    """Return the cost."""
    minors = A[-1]
    for level in levels:
        entries = A[level.row][level.columns] * xp.asarray(level.signs)
        minors = xp.sum(entries * minors[level.minors], axis=1)
    return minors[0]


def objective(n: int) -> Objective:
    """Return the objective for a matrix of this size."""
    levels = [Level(n, m) for m in range(2, n + 1)]
    return Objective(
        f"det, {n} × {n}",
        determinant,
        lambda A: by_hand(levels, A),
        lambda xp, A: on_arrays(levels, xp, A),
        [np.random.default_rng(31337).random((n, n))],
    )


def objectives() -> list[Objective]:
    """Return the sizes that are measured."""
    return [objective(5), objective(6)]
