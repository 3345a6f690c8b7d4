"""Whether a lifted program is still the function it was made of, at another point than that of the trace."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

_SHARES = (1.0, 0.3, 0.1, 0.01, 0.001)


def other_points(points: Sequence[Any]) -> Iterator[list[list[Any]]]:
    """Yield two lists of points, opposite to each other; in each the next is closer to the given one.

    Where a function branches on a sign, one of two opposite points is on the other side. A point far away may
    be outside of where the function is defined: then one closer by will do.

    Examples
    --------
    >>> there, opposite = other_points([np.array([3.0])])
    >>> bool(np.allclose(there[0][0], -opposite[0][0])), len(there)
    (True, 5)
    """
    random = np.random.default_rng(0)
    points = [np.where(np.isfinite(point), point, 0.0) for point in points]
    far = [_scale(point) * random.normal(size=point.shape) for point in points]
    for direction in (1.0, -1.0):
        yield [
            [(1 - share) * point + share * direction * way for point, way in zip(points, far, strict=True)]
            for share in _SHARES
        ]


def point_of_our_own(
    run: Callable[[list[Any]], Any], points: Sequence[Any], shapes: Sequence[tuple[int, ...]]
) -> tuple[list[Any], Any]:
    """Return a point with numbers of our own for arrays whose numbers are not known, and a function's result.

    Parameters
    ----------
    run : callable
    points : sequence of arrays
        None for those that are not known.
    shapes : sequence of tuple

    Examples
    --------
    >>> point, result = point_of_our_own(lambda point: math.acosh(point[0]) + point[1], [None, 3.0], [(), ()])
    >>> bool(point[0] > 1), point[1]
    (True, 3.0)
    """
    random = np.random.default_rng(1)
    ranges = [(-0.5, 0.5), (0.2, 0.8), (1.2, 1.8), (1.0, 1.0), (0.0, 0.0), (math.nan, math.nan)]
    ours = [[_uniform(random, *ends, shape) for ends in ranges] for shape in shapes]
    *candidates, chosen = (
        [own[i] if point is None else point for own, point in zip(ours, points, strict=True)]
        for i in range(len(ranges))
    )
    for candidate in candidates:
        result = _result(run, candidate)
        if result is not None:
            return candidate, result
    # Then array by array: where a number is NaN, all functions are defined.
    for k in range(len(points)):
        trials = ([*chosen[:k], candidate[k], *chosen[k + 1 :]] for candidate in candidates)
        chosen = next((trial for trial in trials if _result(run, trial) is not None), chosen)
    return chosen, run(chosen)


def _uniform(random: np.random.Generator, low: float, high: float, shape: tuple[int, ...]) -> Any:
    return random.uniform(low, high, shape) if low < high else np.full(shape, low)


def _scale(point: Any) -> float:
    """Return about how large the numbers are, between 1 and 1000."""
    bounded = np.clip(point, -1000, 1000)
    return max(1.0, float(np.sqrt(np.mean(bounded * bounded)))) if point.size else 1.0


def first_defined(
    run: Callable[[list[Any]], Any], point: Sequence[Any], candidates: Sequence[list[Any]]
) -> tuple[list[Any], Any] | None:
    """Return the first point at which a function can be computed, and its result; None if there is none.

    Where all of them fail, since some argument must be as it is, the others are moved, one by one.

    Parameters
    ----------
    run : callable
    point : sequence of arrays
        At which the function can be computed.
    candidates : sequence of points

    Examples
    --------
    >>> first_defined(lambda point: point[0] / (point[1] == 1), [2, 1], [[5, 6]])
    ([5, 1], 5.0)
    """
    for candidate in candidates:
        result = _result(run, candidate)
        if result is not None:
            return candidate, result
    moved, found = list(point), None
    for k in range(len(moved)):
        for candidate in (candidates[0], candidates[-1]):
            trial = [*moved[:k], candidate[k], *moved[k + 1 :]]
            result = _result(run, trial)
            if result is not None:
                moved, found = trial, result
                break
    return None if found is None else (moved, found)


def _result(run: Callable[[list[Any]], Any], point: list[Any]) -> Any:
    try:
        return run(point)
    except Exception:  # whatever the function raises where it is not defined
        return None


def warn_unchecked(name: str) -> None:
    """Say that there is no other point to compare at."""
    warnings.warn(
        f"{name} is not defined at any other point that was tried: branches on a Value would go unnoticed",
        stacklevel=4,
    )


def require_equal(
    name: str, cost: float, value: float, expected: Sequence[float], got: Sequence[float]
) -> None:
    """Refuse a program that differs from its function.

    Parameters
    ----------
    name : str
    cost, value : float
        Of the function, and of the program.
    expected, got : sequence of float
        The gradients of both.

    Raises
    ------
    ValueError
        If they differ by more than rounding explains.
    """
    size = max([abs(g) for g in expected if math.isfinite(g)], default=0.0)
    differences = [abs(a - b) for a, b in zip(expected, got, strict=True) if math.isfinite(a)]
    worst = max(differences, default=0.0)
    is_same = math.isclose(cost, value, rel_tol=1e-6, abs_tol=1e-9) or (cost != cost and value != value)
    if is_same and worst <= 1e-6 * size + 1e-9:
        return
    raise ValueError(
        f"the lifted {name} is not {name}: at another point its cost is {value:.6g} instead of {cost:.6g}, "
        f"its gradient is off by {worst:.3g}. While {name} was traced it branched on a Value, or read a "
        "number out of one, and that is fixed in the program. Write relu, maximum, minimum, abs or "
        "where(x, a, b) instead of if, and keep Values instead of .data, float() or max()"
    )
