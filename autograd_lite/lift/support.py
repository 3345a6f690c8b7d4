"""What lifted programs call: the array library, and the few functions that the standard lacks."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial, reduce
from inspect import signature
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd_lite.lift.structure import as_numpy
from autograd_lite.numbers import special

_OF_EACH = ("bessel", "cbrt", "digamma", "erf", "erfc", "fmod", "gamma", "lgamma", "polygamma", "sinc")


def support(xp: Any) -> dict[str, Callable[..., Any]]:
    """Return the functions by name, for arrays of a library.

    Parameters
    ----------
    xp : module

    Returns
    -------
    dict of str to callable

    Examples
    --------
    >>> support(np)["erf"](np.array([0.0, 30.0])).tolist()
    [0.0, 1.0]
    """
    of_each = {name: _elementwise(getattr(special, name), xp) for name in _OF_EACH}
    return {**of_each, "mod": xp.remainder, "logsumexp": partial(_logsumexp, xp)}


def _elementwise(function: Callable[..., float], xp: Any) -> Callable[..., Any]:
    def of_floats(*xs: float) -> float:
        try:
            return function(*xs)
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf

    each = np.frompyfunc(of_floats, len(signature(function).parameters), 1)

    def of_arrays(*xs: Any) -> Any:
        result = np.asarray(each(*map(as_numpy, xs)), dtype=float)
        return xp.asarray(result, dtype=next(x.dtype for x in xs if "float" in str(getattr(x, "dtype", ""))))

    return of_arrays


def _logsumexp(xp: Any, *xs: Any) -> Any:
    largest = reduce(xp.maximum, xs)
    return largest + xp.log(sum(xp.exp(x - largest) for x in xs))


@cache
def quick_numpy() -> Any:
    """Return NumPy with direct ways to some functions of the standard.

    On small arrays NumPy's own take most of their time to look at their arguments. What these return is
    always an array of its own or, of ``reshape``, a view.

    Returns
    -------
    namespace

    Examples
    --------
    >>> quick_numpy().mean(np.array([1.0, 2.0])), quick_numpy().full_like(np.zeros(2), 3).tolist()
    (np.float64(1.5), [3.0, 3.0])
    """

    def total(x: Any, axis: Any = None) -> Any:
        return np.add.reduce(x, axis)

    def mean(x: Any) -> Any:
        return np.add.reduce(x, None) / x.size

    def reshape(x: Any, shape: tuple[int, ...]) -> Any:
        return x.reshape(shape)

    def take(x: Any, indices: Any, axis: int) -> Any:
        return x.take(indices, axis)

    def broadcast_to(x: Any, shape: tuple[int, ...]) -> Any:
        result = np.empty(shape, x.dtype)
        result[...] = x
        return result

    def zeros_like(x: Any) -> Any:
        return np.zeros(x.shape, x.dtype)

    def full_like(x: Any, number: float) -> Any:
        result = np.empty(x.shape, x.dtype)
        result[...] = number
        return result

    direct = {
        "sum": total,
        "mean": mean,
        "reshape": reshape,
        "take": take,
        "broadcast_to": broadcast_to,
        "zeros_like": zeros_like,
        "full_like": full_like,
    }
    return SimpleNamespace(**{**vars(np), **direct})
