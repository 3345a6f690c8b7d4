"""The search for a mistake that explains somebody's gradients, on the given network and on a random one.

What is said of it is left to :mod:`nn.diagnosis.message`.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from .backward import Array, Backward, Gradients, Problem
from .catalogue import FACTORS, catalogue
from .mistakes import Cause, Layers, Mistake

Fits: TypeAlias = Callable[[Gradients], bool]
"""Whether gradients are those of the function under test on the given network, to rounding."""

# Different ways to write the same formula differ by a few last places; on a network drawn for it nothing else
# makes them differ: neither saturated units nor sums that cancel.
_RTOL = 1e-9
_DRAWS = 200
_KINKED = ("relu", "leaky_relu", "elu")
_MAX_ALTERNATIVES = 3


def agree(a: Array, b: Array, rtol: float = _RTOL, floor: float = 0.0) -> bool:
    """Return whether two arrays are equal to rounding: each entry, or as good as the largest, or to a floor.

    Examples
    --------
    >>> agree(np.array([1.0, 0.0]), np.array([1.0 + 1e-12, 1e-13])), agree(np.ones(2), np.array([1.0, 1.1]))
    (True, False)
    """
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return False
    if not a.size:
        return True
    slack = max(floor, 0.01 * rtol * min(np.abs(a).max(), np.abs(b).max()))
    return bool((np.abs(a - b) <= rtol * np.minimum(np.abs(a), np.abs(b)) + slack).all())


def all_agree(a: Gradients, b: Gradients, rtol: float = _RTOL, right: Gradients | None = None) -> bool:
    """Return whether all arrays are equal to rounding, which is that of the right gradients if given."""
    return first_wrong(a, b, rtol, right) is None


def first_wrong(
    a: Gradients, b: Gradients, rtol: float = _RTOL, right: Gradients | None = None
) -> tuple[str, int] | None:
    """Return the first array on the way back that differs, as its letter and layer."""
    # Where all terms of an array cancel, what is left is rounding of the size of other gradients.
    floor = 1e-5 * rtol * (_largest(right) if right else min(_largest(a), _largest(b)))
    for (letter, l, ours), (_, _, theirs) in zip(a.parts(), b.parts(), strict=True):
        if not agree(ours, theirs, rtol, floor):
            return letter, l
    return None


def _largest(gradients: Gradients) -> float:
    return max(float(np.abs(part).max(initial=0.0)) for _, _, part in gradients.parts())


def another_problem(problem: Problem, n: int, seed: int = 0) -> Problem:
    """Return a random problem of the same shapes with n samples, in which no unit is saturated.

    Where a kink of the given problem is met exactly, there is a sample that meets one here. Of several draws
    it is the one that has the largest share of units that are alive for some samples and dead for others.
    """
    kinks = any((z == 0).any() for z in problem.Z.values())
    kinked = any(problem.name(l) in _KINKED for l in problem.Z)
    # Weights so large, and biases, keep the units of deep networks alive.
    gain, mean = (2, 0.25) if kinked else (1, 0.0)

    def draw(rng: np.random.Generator) -> Problem:
        weights = [rng.normal(size=w.shape) * np.sqrt(gain / w.shape[1]) for w in problem.W.values()]
        biases = [rng.normal(mean, 0.5, b.shape) * (not kinks) for b in problem.b.values()]
        X = rng.normal(size=(n, problem.widths[0]))
        if kinks:
            X[n // 2] = 0
        Y = _targets(problem, rng, n)
        return Problem(weights, biases, X, Y, problem.activations, problem.cost, problem.exact)

    best, most = draw(np.random.default_rng([seed, n])), -1.0
    for k in range(_DRAWS if kinked else 0):
        candidate = draw(np.random.default_rng([seed, n, k]))
        if (share := _liveliness(candidate)) > most:
            best, most = candidate, share
        if most >= 0.5:
            break
    return best


def _liveliness(problem: Problem) -> float:
    """Return the smallest share, of a layer, of neurons on which a cost depends both alive and dead.

    A layer whose sum of z has one sign for all samples counts less: document 004 looks at that sign.
    """
    p = Backward(problem)
    p.run()
    shares = []
    for l in problem.Z:
        if problem.name(l) in _KINKED:
            reached = p.da[l] != 0
            alive, dead = ((reached & there).any(axis=0) for there in (p.Z[l] > 0, p.Z[l] < 0))
            sums = p.Z[l].sum(axis=1)
            shares.append((alive & dead).mean() * (1.0 if sums.min() < 0 < sums.max() else 0.25))
    return float(min(shares, default=1.0))


def _targets(problem: Problem, rng: np.random.Generator, n: int) -> Array:
    given, n_out = problem.given_Y, problem.widths[-1]
    if problem.cost == "cross_entropy" and given.ndim == 1:
        return rng.permutation(np.arange(n) % n_out)
    if not isinstance(problem.cost, str):
        return given[rng.integers(0, len(given), size=n)]
    shape = (n, *given.shape[1:])
    hard = bool(np.isin(given.astype(float), (0.0, 1.0)).all())
    if problem.cost == "hinge":
        return rng.choice([-1.0, 1.0], size=shape)
    if problem.cost == "cross_entropy":
        return (
            np.eye(n_out)[rng.permutation(np.arange(n) % n_out)] if hard else rng.dirichlet(np.ones(n_out), n)
        )
    if problem.cost.startswith("binary"):
        return rng.integers(0, 2, size=shape).astype(float) if hard else rng.uniform(0.1, 0.9, size=shape)
    return rng.normal(size=shape)


def other_counts(problem: Problem) -> list[int]:
    """Return two small numbers of samples that are neither the given one nor the width of a layer.

    Examples
    --------
    >>> other_counts(Problem([[[3.0]]], [[1.0]], [[2.0]], [[0.0]], ["linear"], "sum_squared_error"))
    [4, 5]
    """
    # With more samples more units are both alive and dead.
    smallest = 8 if any(problem.name(l) in _KINKED for l in problem.Z) else 4
    fit = (n for n in itertools.count(smallest) if n not in (problem.n, *problem.widths))
    return list(itertools.islice(fit, 2))


class Search:
    """The mistakes that explain the gradients on all networks.

    Parameters
    ----------
    given : Problem
    fits : callable
    others : sequence of Problem and Gradients
        Other networks, and the gradients by the function under test. The search is made on the first.
    rtol : float
        To which they are right if a mistake explains them.
    """

    def __init__(
        self, given: Problem, fits: Fits, others: Sequence[tuple[Problem, Gradients]], rtol: float = _RTOL
    ) -> None:
        self.given, self.fits, self.rtol = given, fits, rtol
        found = [(problem, theirs, Backward(problem).run()) for problem, theirs in others]
        # A mistake that makes no difference on one of them is looked for on another.
        self.others = sorted(found, key=lambda other: all_agree(other[1], other[2], rtol))
        self.other, self.theirs, self.right = self.others[0]
        same_n = given.n == self.other.n
        self.mistakes = [mistake for mistake in catalogue(self.other) if mistake.same_n == same_n]

    def singles(self) -> list[Cause]:
        """Return the mistakes of which one alone explains everything, one of each name."""
        found: list[Cause] = []
        for mistake, layers in self._choices():
            if not mistake.unknown:
                cause = Cause(mistake, layers)
            elif (number := self._solve(mistake, layers)) is not None:
                cause = Cause(mistake, layers, number)
            else:
                continue
            # A number that has a name is no unknown one; and zeros are no other cost's gradients.
            if found and (
                mistake.name == "constant" or (found[0].mistake.name, mistake.name) == ("zero", "other_cost")
            ):
                continue
            if mistake.name not in [c.mistake.name for c in found] and self._explains([cause]):
                found.append(cause)
        return found[: 1 + _MAX_ALTERNATIVES]

    def pairs(self) -> list[tuple[Cause, Cause]]:
        """Return pairs of mistakes in different places that explain everything together.

        The first explains W or b of the first wrong layer on the way back, the second is made where something
        is still wrong first; or one is a known factor and the other explains that layer but for it.
        """
        start = first_wrong(self.right, self.theirs, self.rtol)
        if start is None:
            return []
        found: list[tuple[Cause, Cause]] = []
        causes = [Cause(mistake, layers) for mistake, layers in self._choices() if not mistake.unknown]
        factors = {factor.of(self.other): factor.name for factor in FACTORS if factor.name != "zero"}
        seen: list[tuple[str, Gradients]] = []
        for first in causes:
            gradients = self._run([first])
            if gradients is None or all_agree(gradients, self.right):
                continue
            rest = first_wrong(gradients, self.theirs, self.rtol)
            if rest is None or any(
                name == first.mistake.name and all_agree(gradients, g) for name, g in seen
            ):
                continue
            if self._makes_right(gradients, start[1]):
                seen.append((first.mistake.name, gradients))
                seconds = [cause for cause in causes if _top(cause, self.other.L) == rest[1]]
            else:
                ratio = constant_ratio(_part(gradients, start), _part(self.theirs, start), self.rtol)
                names = [
                    name
                    for value, name in factors.items()
                    if ratio is not None and abs(value / ratio - 1) < self.rtol
                ]
                seconds = [cause for cause in causes if cause.mistake.name in names]
            for second in seconds:
                if len(found) > _MAX_ALTERNATIVES:
                    return found
                if second.mistake.name == first.mistake.name and second.mistake.name in factors.values():
                    continue
                pair = {first.mistake.name, second.mistake.name}
                if any(pair == {a.mistake.name, b.mistake.name} for a, b in found):
                    continue
                if self._explains([first, second]):
                    found.append((first, second))
        return found

    def _makes_right(self, gradients: Gradients, l: int) -> bool:
        """Return whether W or b of a layer, wrong before, is theirs now."""
        return any(
            _part(self.theirs, part).size
            and agree(_part(gradients, part), _part(self.theirs, part), self.rtol)
            and not agree(_part(self.right, part), _part(self.theirs, part), self.rtol)
            for part in (("W", l), ("b", l))
        )

    def _choices(self) -> Iterator[tuple[Mistake, Layers]]:
        for mistake in self.mistakes:
            for layers in mistake.layers:
                yield mistake, layers

    def _run(self, causes: list[Cause], problem: Problem | None = None) -> Gradients | None:
        """Return what the mistakes together make of the gradients, or None if they can't be made together."""
        problem = problem or self.other
        changes: dict[tuple[str, int], Any] = {}
        scales: dict[tuple[str, int], float] = {}
        for cause in causes:
            for place, line in cause.changes().items():
                if place in changes:
                    return None
                changes[place] = line
            for place, factor in cause.scales(problem).items():
                scales[place] = factor * scales.get(place, 1.0)
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return Backward(problem, changes, scales).run()
        except (ValueError, ArithmeticError):
            return None  # such a mistake can't be made on this network: a cost that refuses the targets

    def _explains(self, causes: list[Cause]) -> bool:
        for problem, theirs, right in self.others:
            there = self._run(causes, problem)
            if there is None or not all_agree(there, theirs, self.rtol, right):
                return False
        on_given = self._run(causes, self.given)
        return on_given is not None and self.fits(on_given)

    def _solve(self, mistake: Mistake, layers: Layers) -> float | None:
        """Return the number that explains the first array that depends on it, if there is one."""
        runs = [self._run([Cause(mistake, layers, number)]) for number in (0.0, 1.0)]
        if runs[0] is None or runs[1] is None:
            return None
        for (_, _, at_0), (_, _, at_1), (_, _, theirs) in zip(
            runs[0].parts(), runs[1].parts(), self.theirs.parts(), strict=True
        ):
            step = at_1 - at_0
            size = float((step * step).sum())
            if size > 0:
                number = float(((theirs - at_0) * step).sum()) / size
                if not agree(at_0 + number * step, theirs, self.rtol):
                    return None
                # A short number is meant, where rounding leaves one close by.
                short = float(f"{number:.9g}")
                return short if agree(at_0 + short * step, theirs, self.rtol) else number
        return None


def _part(gradients: Gradients, place: tuple[str, int]) -> Array:
    letter, l = place
    return (gradients.W if letter == "W" else gradients.b)[l]


def _top(cause: Cause, L: int) -> int:
    """Return the first layer on the way back whose gradients the mistake changes."""
    if "result" in cause.mistake.lines or "forward" in cause.mistake.lines:
        return L
    return max(cause.layers) - ("previous" in cause.mistake.lines)


def constant_ratio(ours: Array, theirs: Array, rtol: float = _RTOL) -> float | None:
    """Return the number by which all entries are multiplied, if there is one.

    Examples
    --------
    >>> constant_ratio(np.array([1.0, -2.0]), np.array([0.5, -1.0]))
    0.5
    """
    largest = float(np.abs(ours).max(initial=0.0))
    if largest == 0 or ours.shape != theirs.shape:
        return None
    unit = ours / largest
    ratio = float((unit * (theirs / largest)).sum() / (unit * unit).sum())
    return ratio if ratio and agree(ratio * ours, theirs, rtol) else None
