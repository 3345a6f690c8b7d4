"""How many operations on arrays a program takes: it is run, and they are counted, alike for everybody.

An operation is a call of NumPy that makes new numbers: arithmetic, a function, a sum, a product, a selection
by indices, a copy. Views are free, and so is making an array of a constant.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np

_FREE = frozenset(
    {
        *("reshape", "ravel", "transpose", "swapaxes", "moveaxis", "expand_dims", "squeeze", "broadcast_to"),
        *("flip", "diagonal", "atleast_1d", "atleast_2d", "split", "result_type", "shape", "ndim", "size"),
        *("zeros_like", "ones_like", "full_like", "empty_like", "permute_dims", "matrix_transpose"),
        *("sliding_window_view", "unstack", "shares_memory", "can_cast", "iscomplexobj"),
    }
)
_METHODS = ("argsort", "choose", "compress", "copy", "cumprod", "cumsum", "dot", "flatten", "mean", "nonzero")
_METHODS += ("repeat", "round", "searchsorted", "sort", "std", "take", "trace", "var", "clip")


class Counted(np.ndarray[Any, Any]):
    """An array whose operations are counted, in ``Counted.operations``."""

    operations = 0

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        Counted.operations += 1
        if out is not None:
            options["out"] = _plain(out)
        result = getattr(ufunc, method)(*_plain(inputs), **_plain(options))
        return out[0] if out is not None else _counted(result)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        Counted.operations += function.__name__ not in _FREE
        return _counted(function(*_plain(args), **_plain(kwargs)))

    def __getitem__(self, index: Any) -> Any:
        whole = _plain(self)
        part = whole[_plain(index)]
        Counted.operations += isinstance(part, np.ndarray) and not np.may_share_memory(part, whole)
        return _counted(part)

    def __setitem__(self, index: Any, value: Any) -> None:
        whole, value = _plain(self), _plain(value)
        index = _plain(index)
        # After x[i] += y, Python puts what has been changed in place into its place once more.
        is_there = isinstance(value, np.ndarray) and value.size and np.may_share_memory(value, whole)
        Counted.operations += not is_there
        whole[index] = value


def _method(name: str) -> Callable[..., Any]:
    def method(self: Counted, *args: Any, **kwargs: Any) -> Any:
        Counted.operations += 1
        return _counted(getattr(_plain(self), name)(*_plain(args), **_plain(kwargs)))

    return method


for _name in _METHODS:
    setattr(Counted, _name, _method(_name))


def _plain(x: Any) -> Any:
    if isinstance(x, Counted):
        return x.view(np.ndarray)
    if isinstance(x, dict):
        return {key: _plain(value) for key, value in x.items()}
    return type(x)(map(_plain, x)) if type(x) in (tuple, list) else x


def _counted(x: Any) -> Any:
    if isinstance(x, (np.ndarray, np.generic)):
        return np.asarray(x).view(Counted)
    return type(x)(map(_counted, x)) if type(x) in (tuple, list) else x


def counted(array: Any) -> Counted:
    """Return an array whose operations are counted."""
    return np.asarray(array).view(Counted)


def operations_of(run: Callable[[], Any]) -> int:
    """Return how many operations a run takes; arrays that it makes for its results count, too."""
    made = {name: _makes_counted(getattr(np, name)) for name in ("empty", "eye", "ones", "zeros")}
    before = Counted.operations
    with patch.multiple(np, **made):
        run()
    return Counted.operations - before


def _makes_counted(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **options: counted(function(*args, **options))


def _asarray(x: Any, **options: Any) -> Any:
    return np.asarray(_plain(x), **options).view(Counted)


counting_numpy = SimpleNamespace(**{**vars(np), "asarray": _asarray})
"""NumPy as an array library whose arrays count, for ``lift(…, xp=counting_numpy)``."""
