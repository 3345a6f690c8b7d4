"""Clusters: the sum, or the mean, over points of the squared distance to the nearest centroid."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from autograd_lite import minimum
from tests.benchmarks.gradbench.objective import Objective


def cost_of_point(centroids: Any, point: Any) -> Any:
    """Return the squared distance of one point to the nearest centroid, on scalars."""
    distances = []
    for centroid in centroids:
        distance = 0.0
        for c, p in zip(centroid, point, strict=True):
            distance += (c - p) ** 2
        distances.append(distance)
    return reduce(minimum, distances)


def cost(centroids: Any, points: Any) -> Any:
    """Return the cost on scalars."""
    total = 0.0
    for point in points:
        total += cost_of_point(centroids, point)
    return total


def by_hand(centroids: Any, points: Any) -> Any:
    """Return the value and the gradient: twice each centroid times its points' number, less their sum."""
    difference = points[:, None] - centroids
    distances = np.einsum("nkd,nkd->nk", difference, difference)
    nearest = distances.argmin(axis=1)
    own = (nearest[:, None] == np.arange(len(centroids))).astype(float)
    gradient = 2 * (own.sum(axis=0)[:, None] * centroids - own.T @ points)
    return distances.min(axis=1).sum(), [gradient]


def by_hand_over_samples(centroids: Any, points: Any) -> Any:
    """Return the mean instead of the sum, and its gradient."""
    value, (gradient,) = by_hand(centroids, points)
    return value / len(points), [gradient / len(points)]


def on_arrays(xp: Any, centroids: Any, points: Any) -> Any:
    """Return the cost."""
    return xp.sum(xp.amin(xp.sum((points[:, None] - centroids) ** 2, axis=2), axis=1))


def on_arrays_over_samples(xp: Any, centroids: Any, points: Any) -> Any:
    """Return the mean."""
    return on_arrays(xp, centroids, points) / len(points)


def data(k: int, n: int, d: int) -> list[Any]:
    """Return centroids, which are among the points, and points."""
    points = np.random.default_rng(31337).random((n, d))
    return [points[-k:].copy(), points]


def objectives() -> list[Objective]:
    """Return the sizes that are measured."""
    over_samples = by_hand_over_samples, on_arrays_over_samples, data(10, 1000, 8), (0,), (None, 0)
    return [
        Objective("kmeans, 5 × 200 × 8", cost, by_hand, on_arrays, data(5, 200, 8)),
        Objective("kmeans, 10 × 1,000 × 8, over samples", cost_of_point, *over_samples),
    ]
