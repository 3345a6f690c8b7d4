"""Sources as functions, and NumPy as they call it. What they say is not decided here."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

Function: TypeAlias = Callable[..., tuple[Any, list[Any]]]
"""From arrays to a value and gradients, or to the first result and the others."""


def defined(source: Any, scope: dict[str, Any], has_cost: bool) -> Function:
    """Return the function ``program`` that a text or a tree defines among these names."""
    exec(compile(source, "<lifted>", "exec"), scope)
    function: Callable[..., Any] = scope["program"]
    if has_cost:
        return function

    def of_results(*arrays: Any) -> tuple[Any, list[Any]]:
        results = function(*arrays)
        return (results[0], [*results[1:]]) if type(results) is tuple else (results, [])

    return of_results


@cache
def quick_numpy() -> Any:
    """Return NumPy with direct ways to some functions of the standard.

    On small arrays NumPy's own take most of their time to look at their arguments. What these return is
    always an array of its own but for ``reshape`` and ``permute_dims``.

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
        "max": lambda x, axis=None: np.maximum.reduce(x, axis),
        "min": lambda x, axis=None: np.minimum.reduce(x, axis),
        "mean": lambda x: np.add.reduce(x, None) / x.size,
        "reshape": lambda x, shape: x.reshape(shape),
        "permute_dims": lambda x, axes: x.transpose(axes),
        "take": lambda x, indices, axis: x.take(indices, axis),
        "broadcast_to": broadcast_to,
        "zeros_like": lambda x: np.zeros(x.shape, x.dtype),
        "full_like": full_like,
        "stack": lambda xs, axis=0: np.array(xs) if axis == 0 else np.stack(xs, axis=axis),
    }
    return SimpleNamespace(**{**vars(np), **direct})
