"""What lifted programs call: the array library, and the few functions that the standard lacks."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd_lite.lifting.structure import as_numpy


def support(xp: Any) -> dict[str, Callable[[Any], Any]]:
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
    return {"erf": _elementwise(math.erf, xp), "erfc": _elementwise(math.erfc, xp)}


def _elementwise(function: Callable[[float], float], xp: Any) -> Callable[[Any], Any]:
    each = np.frompyfunc(function, 1, 1)
    return lambda x: xp.asarray(np.asarray(each(as_numpy(x)), dtype=float), dtype=x.dtype)


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
