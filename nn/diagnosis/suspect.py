"""A function under test whose gradients are wrong, and what is known of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from .backward import Array, Gradients, Problem

Call: TypeAlias = Callable[[Problem], Gradients]
"""Calls the function under test; it may raise anything."""

# Single precision has 7 digits, of which sums lose some.
OF_SINGLES = 1e-4


@dataclass(frozen=True)
class Suspect:
    """A function under test, and what is known of it on the given network.

    Attributes
    ----------
    name : str
    call : callable
    given : Problem
    right, theirs, wrong : Gradients
        The right ones, the function's, and whether they differ.
    fits : callable of gradients and a tolerance
        Whether gradients are those of the function on the given network.
    count : str
        How many differ, and the first, in words.
    """

    name: str
    call: Call
    given: Problem
    right: Gradients
    theirs: Gradients
    wrong: Gradients
    fits: Callable[[Gradients, float], bool]
    count: str

    def on(self, problem: Problem) -> Gradients | None:
        """Return the function's gradients for a problem, or None if it raises an error or has no numbers."""
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                gradients = self.call(problem)
        except Exception:  # of somebody else's function, for data that nobody promised it
            return None
        return gradients if is_finite(gradients) else None

    def parts(self) -> Iterator[tuple[str, int, Array, Array, Array]]:
        """Yield letter, layer, the right array, theirs, and where they differ, in backward order."""
        for (letter, l, ours), (_, _, theirs), (_, _, wrong) in zip(
            self.right.parts(), self.theirs.parts(), self.wrong.parts(), strict=True
        ):
            yield letter, l, ours, theirs, wrong

    def is_single(self) -> bool:
        """Return whether their gradients have the digits of float32, and the right ones more."""
        return _are_short(self.theirs) and not _are_short(self.right)

    def without_rounding(self) -> Suspect:
        """Return the same with only those wrong that single precision does not explain, if there are any."""

        def off(theirs: dict[int, Array], ours: dict[int, Array]) -> dict[int, Array]:
            return {
                l: np.abs(theirs[l] - ours[l]) > OF_SINGLES * np.abs(ours[l]).max(initial=0.0) for l in ours
            }

        wrong = Gradients(off(self.theirs.W, self.right.W), off(self.theirs.b, self.right.b))
        return replace(self, wrong=wrong) if any(part.any() for _, _, part in wrong.parts()) else self


def is_finite(gradients: Gradients) -> bool:
    """Return whether no gradient is NaN or infinite."""
    return all(bool(np.isfinite(part).all()) for _, _, part in gradients.parts())


def _are_short(gradients: Gradients) -> bool:
    """Return whether no number has more digits than float32 holds, and not all are as short as 20 or ½."""
    numbers = np.concatenate([part.ravel() for _, _, part in gradients.parts()])
    with np.errstate(all="ignore"):
        short = numbers.astype(np.float32)
    return bool((short == numbers).all() and (short.view(np.int32) & 0xFFF).any())
