"""Whether a lifted program is still the function it was made of, at other points than that of the trace.

What a function reads out of Values is noted by reads.py.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.lifting.tracing.reads import Place, Reads

_SHARES = (1.0, 0.3, 0.1, 0.01, 0.001)
_FAR = 30.0
_FARTHER = (3.0, 100.0, 1000.0)
_MOST_PLACES = 3


def other_points(points: Sequence[Any]) -> Iterator[list[list[Any]]]:
    """Yield lists of points: one on this side, one far out on the opposite side, then more of both sides.

    Where a function branches on a sign, one of two opposite points is on the other side. A point far away may
    be outside of where the function is defined: then the next in its list, which is closer, will do.

    Examples
    --------
    >>> there, opposite, *more = other_points([np.array([3.0])])
    >>> bool(np.allclose(there[0][0], -opposite[1][0])), len(there), len(opposite), len(more)
    (True, 5, 6, 6)
    """
    random = np.random.default_rng(0)
    points = [np.where(np.isfinite(point), point, 0.0) for point in points]
    sizes = list(map(_scale, points))
    way = [size * random.normal(size=point.shape) for size, point in zip(sizes, points, strict=True)]
    yield _on_the_way(points, way)

    def far_out(factor: float, signs: Sequence[Any]) -> list[Any]:
        each = zip(sizes, points, signs, strict=True)
        return [factor * size * random.uniform(0.5, 1.5, point.shape) * sign for size, point, sign in each]

    opposite = [np.where(w > 0, -1, 1) for w in way]
    yield [far_out(_FAR, opposite), *_on_the_way(points, [-w for w in way])]
    for factor in _FARTHER:
        signs = [random.choice([-1, 1], point.shape) for point in points]
        yield [far_out(factor, signs)]
        yield [far_out(-factor, signs)]


def _on_the_way(points: Sequence[Any], way: Sequence[Any]) -> list[list[Any]]:
    return [[(1 - share) * p + share * w for p, w in zip(points, way, strict=True)] for share in _SHARES]


def point_of_our_own(
    run: Callable[[list[Any]], Any], points: Sequence[Any], shapes: Sequence[tuple[int, ...]]
) -> tuple[list[Any], Any]:
    """Return a point with numbers of our own for arrays whose numbers are not known, and a function's result.

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


def defined(
    run: Callable[[list[Any]], Any], point: Sequence[Any], candidates: Sequence[list[Any]]
) -> Iterator[tuple[list[Any], Any]]:
    """Yield the points at which a function can be computed, as it can at one, and its results.

    Where all of them fail, since some argument must be as it is, the others are moved, one by one.

    Examples
    --------
    >>> list(defined(lambda point: point[0] / (point[1] == 1), [2, 1], [[5, 6]]))
    [([5, 1], 5.0)]
    """
    is_anywhere = False
    for candidate in candidates:
        result = _result(run, candidate)
        if result is not None:
            is_anywhere = True
            yield candidate, result
    if is_anywhere or len(point) == 1:
        return
    moved, found = list(point), None
    for k in range(len(moved)):
        for candidate in (candidates[0], candidates[-1]):
            trial = [*moved[:k], candidate[k], *moved[k + 1 :]]
            result = _result(run, trial)
            if result is not None:
                moved, found = trial, result
                break
    if found is not None:
        yield moved, found


def _result(run: Callable[[list[Any]], Any], point: list[Any]) -> Any:
    try:
        return run(point)
    except Exception:  # whatever the function raises where it is not defined
        return None


# --- the verdict ----------------------------------------------------------------------------------------


class Outcome(NamedTuple):
    """What a function, or its program, returns at a point: the cost and gradients."""

    cost: float
    gradients: Sequence[float]


def differ(expected: Outcome, got: Outcome) -> bool:
    """Return whether two outcomes differ by more than rounding explains; what is infinite says nothing.

    Examples
    --------
    >>> differ(Outcome(1.0, [2.0]), Outcome(1.0, [2.0 + 1e-9]))
    False
    >>> differ(Outcome(1.0, [2.0]), Outcome(1.0, [3.0]))
    True
    """
    size = max([abs(g) for g in expected.gradients if math.isfinite(g)], default=0.0)
    is_same = math.isclose(expected.cost, got.cost, rel_tol=1e-6, abs_tol=1e-9)
    return not (is_same and _distance(expected.gradients, got.gradients) <= 1e-6 * size + 1e-9)


def is_unsteady(expected: Outcome, nearby: Outcome, got: Outcome) -> bool:
    """Return whether a function itself changes by a little step about as much as its program is off.

    Then rounding, which such a function magnifies, may be the reason.
    """
    by_cost = abs(nearby.cost - expected.cost) >= 0.01 * abs(got.cost - expected.cost)
    steps = _distance(expected.gradients, nearby.gradients)
    return by_cost and steps >= 0.01 * _distance(expected.gradients, got.gradients)


def a_little_off(point: Sequence[Any]) -> list[Any]:
    """Return a point next to another one."""
    random = np.random.default_rng(0)
    return [array * (1 + 1e-14 * random.normal(size=array.shape)) for array in point]


def _distance(expected: Sequence[float], got: Sequence[float]) -> float:
    differences = [abs(a - b) for a, b in zip(expected, got, strict=True) if math.isfinite(a)]
    return max(differences, default=0.0) if not any(map(math.isnan, differences)) else math.nan


def refusal(name: str, expected: Outcome, got: Outcome, places: Sequence[Place]) -> ValueError:
    """Return the exception for a program that differs; its function read something else in places."""
    worst = _distance(expected.gradients, got.gradients)
    off = f", its gradient is off by {worst:.3g}" if worst else ""
    seen = f". It did so{_listed(places)}" if places else ""
    return ValueError(
        f"the lifted {name} is not {name}: at another point its cost is {got.cost:.6g} instead of "
        f"{expected.cost:.6g}{off}. While {name} was traced it branched on a Value, or read a number out of "
        f"one, and that is fixed in the program. {_ADVICE}{seen}"
    )


def not_repeated(name: str, first: Outcome, second: Outcome) -> ValueError:
    """Return the exception for a function that says different things of the same numbers."""
    return ValueError(
        f"{name} returns {first.cost:.6g} and then {second.cost:.6g} at one point: what it draws, or counts, "
        "would be fixed in the program. Draw it outside, and pass it as an argument"
    )


_ADVICE = (
    "Write relu, maximum, minimum, abs or where(x, a, b) instead of if, and keep Values instead of .data, "
    "float() or max()"
)


def _listed(places: Sequence[Place]) -> str:
    shown = [f"in {place}" for place in places[:_MOST_PLACES]]
    return f" {', '.join(shown)}" + f" and {len(places) - _MOST_PLACES} more" * (len(places) > _MOST_PLACES)


def unchanged(traced: Reads, others: Sequence[Reads]) -> list[Place]:
    """Return where the answers were the same in all runs, so that agreement elsewhere says nothing of them.

    A run that failed tells of the line before it did: there the function is not defined the other way.

    Examples
    --------
    >>> reads = [Reads() for _ in range(3)]
    >>> for one, answer in zip(reads, [True, True, False]):
    ...     one.note(Place("model.py", 3), 1.0)
    ...     one.note(Place("model.py", 7), answer)
    ...     one.is_whole = True
    >>> [place.line for place in unchanged(reads[0], reads[1:])]
    [3]
    """
    return [
        place
        for place, answer in traced.answers.items()
        if all(
            other.answers.get(place) == answer for other in others if other.is_whole or other.last == place
        )
    ]


def changed(traced: Reads, other: Reads) -> list[Place]:
    """Return where the answers of two runs differ."""
    both = dict.fromkeys([*traced.answers, *other.answers])
    return [place for place in both if traced.answers.get(place) != other.answers.get(place)]


def warn_frozen(name: str, places: Sequence[Place], count: int) -> None:
    """Say what was read out of Values, the same at all points."""
    _warn(
        f"{name} branched on a Value, or read a number out of one{_listed(places)}. It was the same at all "
        f"{count} points that were tried, and is fixed in the program, which is wrong where it is not. "
        f"{_ADVICE}"
    )


def warn_unchecked(name: str) -> None:
    """Say that there is no other point to compare at."""
    _warn(
        f"{name} is not defined at any other point that was tried, or magnifies rounding there: "
        "branches on a Value would go unnoticed"
    )


def _warn(message: str) -> None:
    """Warn where the user's code calls what is lifted."""
    frame, levels = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_OURS):
        frame, levels = frame.f_back, levels + 1
    warnings.warn(message, stacklevel=levels)


_OURS = (__name__.rsplit(".", 2)[0], "contextlib")
