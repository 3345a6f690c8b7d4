"""By how much a lifted program and the scalar engine differ at a point; what is too much, and where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np


class Agreement(NamedTuple):
    """By how much the two differ, at most.

    Attributes
    ----------
    cost : float
        Relative to the cost, or to 1 if that is smaller.
    gradient : float
        Relative to the largest element of the gradient.
    """

    cost: float
    gradient: float


class Slopes(NamedTuple):
    """A cost, an array of its derivatives for each argument asked for, and what their elements are called."""

    cost: Any
    gradients: Sequence[Any]
    names: Sequence[Sequence[str]] = ()


def mean_over_samples(
    of_sample: Callable[[Sequence[Any]], Slopes],
    arrays: Sequence[Any],
    batched: Sequence[bool],
    asked: Sequence[int],
) -> Slopes:
    """Return the mean cost over samples and its gradients by the arrays asked for, sample by sample."""
    n = next((len(array) for array, each in zip(arrays, batched, strict=True) if each), 1)
    found = [
        of_sample([array[s] if each else array for array, each in zip(arrays, batched, strict=True)])
        for s in range(n)
    ]
    gradients, names = [], []
    for i, k in enumerate(asked):
        of_samples = np.array([slopes.gradients[i] for slopes in found]) / n
        gradients.append(of_samples if batched[k] else of_samples.sum(axis=0))
        of_one = found[0].names[i]
        names.append([f"{name} of sample {s}" for s in range(n) for name in of_one] if batched[k] else of_one)
    return Slopes(np.mean([slopes.cost for slopes in found]), gradients, names)


def agreement(name: str, engine: Slopes, program: Slopes, tolerance: float) -> Agreement:
    """Return by how much a program differs from the engine; raise an AssertionError if it is too much.

    Examples
    --------
    >>> agreement("f", Slopes(2.0, [[4.0]], [["x[0]"]]), Slopes(2.0, [[4.5]]), 1e-9)
    Traceback (most recent call last):
    AssertionError: the lifted f differs from f: ∂f/∂x[0] is 4.5 instead of 4.0, off by 0.12 of the largest
    """
    costs, values = np.atleast_1d(engine.cost), np.atleast_1d(program.cost)
    off_in_cost = _differences(costs, values, max(1.0, abs(costs[0])))[0]
    expected, got = _flat(engine.gradients), _flat(program.gradients)
    finite = abs(expected[np.isfinite(expected)])
    off = _differences(expected, got, finite.max(initial=0.0) or 1.0)
    result = Agreement(float(off_in_cost), float(off.max(initial=0.0)))
    if result.cost > tolerance:
        raise AssertionError(
            f"the lifted {name} differs from {name}: its cost is {values[0]!s} instead of {costs[0]!s}"
        )
    if result.gradient > tolerance:
        worst = int(off.argmax())
        element = [one for names in engine.names for one in names][worst]
        raise AssertionError(
            f"the lifted {name} differs from {name}: ∂{name}/∂{element} is {got[worst]!s} instead of "
            f"{expected[worst]!s}, off by {result.gradient:.2g} of the largest"
        )
    return result


def _flat(arrays: Sequence[Any]) -> Any:
    return np.concatenate([np.zeros(0), *(np.ravel(np.asarray(array, dtype=float)) for array in arrays)])


def _differences(expected: Any, got: Any, size: float) -> Any:
    """Return the differences relative to a size; 0 where both are the same infinity, or no number."""
    with np.errstate(invalid="ignore"):
        off = abs(got - expected) / size
    is_same = (got == expected) | ((got != got) & (expected != expected))
    return np.where(is_same, 0.0, np.where(np.isnan(off), np.inf, off))
