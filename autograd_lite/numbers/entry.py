"""What floats do to an operation: the form of an entry. The entries themselves are in ``floats.py``."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from autograd_lite.numbers import special
from autograd_lite.numbers.kinds import Number, bare, is_number, is_symbolic

Rule: TypeAlias = Callable[..., Number]
"""A value, or a partial derivative: a function of numbers of any kind."""

Interval: TypeAlias = tuple[float, float]

REALS: Interval = (-math.inf, math.inf)


class FloatEntry(NamedTuple):
    """What floats do to one operation.

    Attributes
    ----------
    domain : tuple of intervals
        For each operand, where the operation is defined and its result is a float.
    needs : str
        The same in words, for error messages: ``"x > 0"``.
    fast : callable or None
        A hand-tuned path: ``fast(m, x) -> (result, partial)`` or, for several operands,
        ``fast(m, x, y) -> (result, (partial, partial))``, where m has the functions of Python's ``math`` and
        of ``numbers/special.py``. A test holds it to the row.
    partials : tuple of callables
        The partial derivatives in a form that keeps more digits than the row's; empty where the row's do.
    note : str
        Choices at kinks, and where accuracy is less than a few units in the last place. (Floats below
        2.2e-308 have fewer digits, and so has what is computed from them.)
    ufuncs : tuple of str
        The names under which NumPy calls the operation on an array of objects, where they differ.
    numpy : callable or None
        The operation on arrays, where it is made of neither other rows nor arithmetic.
    javascript : str
        The same as a function in JavaScript, ``"(x) => …"``; its parts are called by the names of ``math``.
    """

    domain: tuple[Interval, ...] = (REALS,)
    needs: str = "real numbers"
    fast: Callable[..., tuple[Number, Any]] | None = None
    partials: tuple[Rule, ...] = ()
    note: str = ""
    ufuncs: tuple[str, ...] = ()
    numpy: Callable[..., Any] | None = None
    javascript: str = ""

    def partials_beside(self, result: Number) -> tuple[Rule, ...]:
        """Return the partials to compute with; none where the row's own do, as they do for symbols."""
        return () if is_symbolic(bare(result)) else self.partials

    def limits(self, result: Number, operands: Sequence[Number]) -> tuple[Number, ...]:
        """Return the partials where a rule divides by zero: an infinite slope, or none; the fast path knows.

        Call it while that error is handled; it is raised again where there is no such path.
        """
        if self.fast is None or not is_number(result) or bare(result) is not result:
            raise
        return tuple(map(type(result), as_tuple(self.fast(special, *map(float, operands))[1])))


def as_tuple(partials: Any) -> tuple[Any, ...]:
    """Return the partials of a fast path, which gives the only one as it is."""
    return partials if isinstance(partials, tuple) else (partials,)
