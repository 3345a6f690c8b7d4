"""Sources as functions on arrays: what they call, and of which library. What they say is not decided here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

from autograd_lite.lifting.elsewhere.for_jax import for_jax, functions_for_jax
from autograd_lite.lifting.elsewhere.libraries import is_jax, on_device, outside_of_tracing, support
from autograd_lite.lifting.straight import rules_for_floats

Function: TypeAlias = Callable[..., tuple[Any, list[Any]]]
"""From arrays to a value and gradients, or to the first result and the others."""


def on_arrays(
    source: str,
    constants: Mapping[str, Any],
    xp: Any,
    kind: Any,
    device: Any = None,
    has_cost: bool = True,
) -> Function:
    """Return the function that a text defines on a library's arrays, its constants of a dtype on a device."""
    place = on_device(device)
    with outside_of_tracing(xp):
        converted = {
            name: xp.asarray(array, dtype=None if array.dtype.kind == "i" else kind, **place)
            for name, array in constants.items()
        }
    scope = {"np": quick_numpy() if xp is np else xp, **support(xp), **converted}
    if is_jax(xp):
        return _defined(for_jax(source), scope | functions_for_jax(), has_cost)
    return _defined(source, scope, has_cost)


def on_floats(
    source: str,
    shapes: Sequence[tuple[int, ...]],
    kind: Any,
    has_cost: bool = True,
    is_derived: bool = False,
) -> Function:
    """Return a function on NumPy's arrays from a text on floats and lists, with results of these shapes."""
    program = _defined(source, {"np": np, **rules_for_floats(is_derived)}, has_cost)

    def function(*arrays: Any) -> tuple[Any, list[Any]]:
        lists = [array.ravel().tolist() if array.ndim else float(array) for array in arrays]
        value, found = program(*lists)
        first, *others = [
            np.asarray(x, dtype=kind).reshape(shape) for x, shape in zip([value, *found], shapes, strict=True)
        ]
        return first, others

    return function


def _defined(source: Any, scope: dict[str, Any], has_cost: bool) -> Function:
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
        "stack": lambda xs, axis=0: np.array(xs) if axis == 0 else np.stack(xs, axis=axis),
    }
    return SimpleNamespace(**{**vars(np), **direct})
