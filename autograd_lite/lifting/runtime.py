"""Sources as functions on arrays: what they call, and of which library. What they say is not decided here."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial, reduce
from inspect import signature
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

from autograd_lite.lifting.straight import rules_for_floats
from autograd_lite.lifting.structure import as_numpy
from autograd_lite.numbers import special
from autograd_lite.printing.numpy import own_functions

_OF_EACH = ("bessel", "cbrt", "digamma", "erf", "erfc", "fmod", "gamma", "lgamma", "polygamma", "sinc")

Function: TypeAlias = Callable[..., tuple[Any, list[Any]]]
"""From arrays to a value and gradients."""


def on_arrays(source: str, constants: dict[str, Any], xp: Any, kind: Any) -> Function:
    """Return the function that a text defines on arrays of a library, its constants of a dtype."""
    asarray = xp.asarray
    converted = {
        name: asarray(array) if array.dtype.kind == "i" else asarray(array, dtype=kind)
        for name, array in constants.items()
    }
    library = quick_numpy() if xp is np else xp
    return _defined(source, {"np": library, **support(xp), **converted})


def on_floats(source: str, shapes: Sequence[tuple[int, ...]], xp: Any, kind: Any) -> Function:
    """Return a function on arrays from a text on floats and lists, with gradients of these shapes."""
    program = _defined(source, {"np": np, **rules_for_floats()})

    def function(*arrays: Any) -> tuple[Any, list[Any]]:
        lists = [as_numpy(array).ravel().tolist() if array.ndim else float(array) for array in arrays]
        value, found = program(*lists)
        gradients = [
            xp.reshape(xp.asarray(g, dtype=kind), shape) for g, shape in zip(found, shapes, strict=True)
        ]
        return xp.asarray(value, dtype=kind), gradients

    return function


def _defined(source: str, scope: dict[str, Any]) -> Function:
    exec(compile(source, "<lifted>", "exec"), scope)
    function: Function = scope["program"]
    return function


def support(xp: Any) -> dict[str, Callable[..., Any]]:
    """Return the functions that the standard lacks, by name, for arrays of a library.

    Examples
    --------
    >>> support(np)["erf"](np.array([0.0, 30.0])).tolist()
    [0.0, 1.0]
    """
    of_each = {name: _elementwise(getattr(special, name), xp) for name in _OF_EACH}
    return {**of_each, "mod": xp.remainder, "logsumexp": partial(_logsumexp, xp), **own_functions()}


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
    always an array of its own but for ``reshape``.

    Examples
    --------
    >>> quick_numpy().mean(np.array([1.0, 2.0])), quick_numpy().full_like(np.zeros(2), 3).tolist()
    (np.float64(1.5), [3.0, 3.0])
    """

    def broadcast_to(x: Any, shape: tuple[int, ...]) -> Any:
        result = np.empty(shape, x.dtype)
        result[...] = x
        return result

    def full_like(x: Any, number: float) -> Any:
        result = np.empty(x.shape, x.dtype)
        result[...] = number
        return result

    direct = {
        "sum": lambda x, axis=None: np.add.reduce(x, axis),
        "mean": lambda x: np.add.reduce(x, None) / x.size,
        "reshape": lambda x, shape: x.reshape(shape),
        "take": lambda x, indices, axis: x.take(indices, axis),
        "broadcast_to": broadcast_to,
        "zeros_like": lambda x: np.zeros(x.shape, x.dtype),
        "full_like": full_like,
    }
    return SimpleNamespace(**{**vars(np), **direct})
