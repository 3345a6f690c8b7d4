"""What is measured of an objective: value and gradients from several sides, and operations on arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np


class Objective(NamedTuple):
    """A cost at one size, with data.

    Attributes
    ----------
    name : str
    cost : callable
        On scalars, as one writes it with loops: what is lifted.
    by_hand : callable
        On NumPy's arrays; returns the value and the gradients asked for.
    on_arrays : callable
        On a library that differentiates, jax.numpy or torch, which comes before the arguments.
    arguments : sequence of arrays
    argnums : tuple of int
        The arguments whose gradients are asked for.
    in_axes : tuple, optional
        As ``lift`` takes them.
    """

    name: str
    cost: Callable[..., Any]
    by_hand: Callable[..., tuple[Any, Sequence[Any]]]
    on_arrays: Callable[..., Any]
    arguments: Sequence[Any]
    argnums: tuple[int, ...] = (0,)
    in_axes: Any = None


def flattened(result: tuple[Any, Sequence[Any]]) -> list[float]:
    """Return a value and gradients as one list."""
    value, gradients = result
    return [float(value), *(float(x) for gradient in gradients for x in np.asarray(gradient).ravel())]


# --- counting -------------------------------------------------------------------------------------------


class _Counted(np.ndarray):
    """An array that counts what is called on it, and whose results do so too."""

    calls = 0

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        _Counted.calls += 1
        if out is not None:
            options["out"] = tuple(map(_plain, out))
        return _counted(getattr(ufunc, method)(*map(_plain, inputs), **options))

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function.__name__ in _VIEWS:
            return super().__array_function__(function, types, args, options)
        _Counted.calls += 1
        return _counted(function(*_plain(args), **_plain(options)))

    def __getitem__(self, index: Any) -> Any:
        _Counted.calls += _is_gathering(index)
        return super().__getitem__(index)

    def __setitem__(self, index: Any, value: Any) -> None:
        _Counted.calls += 1
        super().__setitem__(index, value)

    def take(self, *args: Any, **options: Any) -> Any:
        _Counted.calls += 1
        return super().take(*args, **options)


_VIEWS = frozenset({"broadcast_to", "expand_dims", "matrix_transpose", "moveaxis", "permute_dims", "reshape"})


def _is_gathering(index: Any) -> bool:
    """Return whether an index copies elements from here and there; slices are views, as reshaping is."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, (list, np.ndarray)) for part in parts)


def _plain(x: Any) -> Any:
    if isinstance(x, (list, tuple)):
        return type(x)(map(_plain, x))
    if isinstance(x, dict):
        return {key: _plain(one) for key, one in x.items()}
    return x.view(np.ndarray) if isinstance(x, _Counted) else x


def _counted(x: Any) -> Any:
    if isinstance(x, tuple):
        return tuple(map(_counted, x))
    return np.asarray(x).view(_Counted) if isinstance(x, (np.ndarray, np.floating)) else x


def operations(run: Callable[..., Any], arguments: Sequence[Any]) -> int:
    """Return how many calls of NumPy and operators on arrays a run takes, but for views.

    Examples
    --------
    >>> operations(lambda A, x: np.exp(A @ x[:2]).sum() + 1, [np.eye(2), np.ones(3)])
    4
    """
    _Counted.calls = 0
    run(*map(_counted, arguments))
    return _Counted.calls


COUNTING = SimpleNamespace(**vars(np) | {"asarray": lambda x, **options: _counted(np.array(x, **options))})
"""NumPy as a library for lift whose arrays count."""
