"""A function under test is watched: what it returns, prints, raises, changes, and keeps from call to call.

Whether its gradients are right is left to ``nn.compare``; on which networks it is tried, to ``nn.trials``.
"""

from __future__ import annotations

import io
import linecache
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np

_MOST_PRINTED = 2000  # characters that are kept
_SLOW = 1.0  # seconds


class Call(NamedTuple):
    """One call: the arguments, as they were before it, and what came back, as NumPy's arrays."""

    arguments: tuple[Any, ...]
    result: Any


class Observed:
    """A function under test that can be called in its place; its errors pass through.

    Parameters
    ----------
    function : callable
        ``function(weights, biases, X, Y)``.

    Attributes
    ----------
    calls : list of Call
        Those that returned.
    error : Exception or None
        What the last call raised, the same object.
    notes : dict of str
        What it did besides, a sentence each, by name.
    printed : str
        What the first call that printed printed, at most 2,000 characters.
    faults : dict of str
        What it did and must not, whatever its gradients are.

    Examples
    --------
    >>> def backprop(weights, biases, X, Y):
    ...     weights[0] -= 0.1
    ...     return weights, biases
    >>> observed = Observed(backprop)
    >>> _ = observed([np.ones((1, 2))], [np.ones(1)], np.ones((3, 2)), np.ones((3, 1)))
    >>> observed.faults["arguments_changed"]
    'backprop changed weights[0] in place: work on a copy (W = W − …, not W −= …).'
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.calls: list[Call] = []
        self.error: Exception | None = None
        self.notes: dict[str, str] = {}
        self.printed = ""
        self.faults: dict[str, str] = {}

    def __call__(self, weights: Any, biases: Any, X: Any, Y: Any) -> Any:
        """Call the function on these arrays; return what it returned, as NumPy's arrays."""
        before, given = _copies(weights, biases, X, Y), (weights, biases, X, Y)
        printed, began = _Printed(), time.perf_counter()
        self.error = None
        try:
            with redirect_stdout(printed), redirect_stderr(printed):
                returned = self.function(*given)
        except SystemExit as error:
            self.error = RuntimeError(
                f"exit({error.code!r}): a function returns, it does not end the program"
            )
            raise self.error from error
        except Exception as error:
            self.error = error
            raise
        finally:
            self._note_manners(printed, time.perf_counter() - began, len(X))
            self._note_changes(before, given)
        result = as_arrays(returned)
        self._note_same_arrays(result, given)
        self.calls.append(Call(before, result))
        return result

    def check_memory(self) -> None:
        """Call it once more as it was called last, and find out whether it kept something from that call."""
        first = self.calls[-1]
        one, two = _flat(first.result), _flat(self(*_copies(*first.arguments)))
        if one.shape == two.shape and not np.allclose(one, two, rtol=1e-6, atol=0, equal_nan=True):
            why = "something is kept from call to call, or left to chance"
            if np.allclose(two, 2 * one, rtol=1e-6, atol=0):
                why = "those of the call before are still in them; start from zeros"
            what = "called twice with the same arguments, gave other gradients the second time"
            self.faults["keeps_state"] = f"{self.__name__}, {what}: {why}."

    def repeats_itself(self, i: int) -> bool:
        """Return whether call i gave the gradients of an earlier one that had other arguments."""
        call = self.calls[i]
        result, arguments = _flat(call.result), _flat(call.arguments)
        return any(
            np.array_equal(_flat(earlier.result), result)
            and not np.array_equal(_flat(earlier.arguments), arguments)
            for earlier in self.calls[:i]
        )

    def told_error(self, error: Exception) -> str:
        """Return in a sentence what it raised, and where in its own file."""
        where = ""
        if code := getattr(self.function, "__code__", None):
            frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == code.co_filename]
            if frames:
                line = linecache.getline(frames[-1].filename, frames[-1].lineno or 0).strip()
                where = f" in line {frames[-1].lineno}" + (f", `{line}`" if line else "")
        kind = type(error).__name__
        if isinstance(error.__cause__, SystemExit):
            return f"{self.__name__} called {error}{where}."
        said = str(error).rstrip(".")
        end = "" if said.endswith("?") else "."
        return f"{self.__name__} raised {kind}{where}{': ' if said else ''}{said}{end}"

    def _note_manners(self, printed: _Printed, seconds: float, n: int) -> None:
        if printed.length:
            self.printed = self.printed or printed.getvalue()
            first = printed.getvalue().strip().partition("\n")[0]
            self.notes.setdefault(
                "prints", f"{self.__name__} prints, which is not shown here; it begins: {first:.60}"
            )
        if seconds > _SLOW:
            self.notes.setdefault("slow", f"{self.__name__} took {seconds:.1f} s for n = {n}.")

    def _note_changes(self, before: tuple[Any, ...], after: tuple[Any, ...]) -> None:
        changed = [
            name
            for name, old, new in zip(("weights", "biases"), before, after, strict=False)
            if len(old) != len(new)
        ]
        now = dict(_named(*after))
        changed += [
            name
            for name, old in _named(*before)
            if name in now and (old.shape != now[name].shape or not bool((old == now[name]).all()))
        ]
        if changed:
            advice = "work on a copy (W = W − …, not W −= …)"
            self.faults["arguments_changed"] = (
                f"{self.__name__} changed {_listed(changed)} in place: {advice}."
            )

    def _note_same_arrays(self, result: Any, given: tuple[Any, ...]) -> None:
        try:
            returned = list(_named_gradients(result))
        except (TypeError, ValueError):
            return  # no lists of gradients: nn.compare says so
        for (one, a), (two, b) in combinations(returned, 2):
            if _is_same(a, b):
                same = f"returns one and the same array as {one} and as {two}: make one for each"
                self.notes.setdefault("same_array", f"{self.__name__} {same}.")
        for (one, a), (name, b) in product(returned, _named(*given)):
            if _is_same(a, b):
                same = f"returns its argument {name} as the gradient {one}"
                self.notes.setdefault("argument_returned", f"{self.__name__} {same}.")


class _Printed(io.TextIOBase):
    """What is printed: how much, and how it begins."""

    def __init__(self) -> None:
        self.length = 0
        self._kept = ""

    def write(self, text: str) -> int:
        self.length += len(text)
        self._kept += text[: max(0, _MOST_PRINTED - len(self._kept))]
        return len(text)

    def getvalue(self) -> str:
        return self._kept


def as_arrays(returned: Any) -> Any:
    """Return lists, tuples and dicts as they are and what they hold as NumPy's arrays, from whatever library.

    Examples
    --------
    >>> as_arrays(([[1, 2]], {"b[1][0]": 3.0}))
    [[[1, 2]], {'b[1][0]': 3.0}]
    """
    if hasattr(returned, "detach"):  # PyTorch's, which may be in a graph or on a device
        returned = returned.detach().cpu()
        returned = returned.double() if str(returned.dtype) == "torch.bfloat16" else returned
        return np.asarray(returned)
    if isinstance(returned, Mapping):
        return {str(name): as_arrays(part) for name, part in returned.items()}
    if isinstance(returned, (list, tuple)):
        return [as_arrays(part) for part in returned]
    if hasattr(returned, "__array__") and not isinstance(returned, np.generic):
        return np.asarray(returned)
    return returned


def _copies(weights: Any, biases: Any, X: Any, Y: Any) -> tuple[Any, ...]:
    return [w.copy() for w in weights], [b.copy() for b in biases], X.copy(), Y.copy()


def _named(weights: Any, biases: Any, X: Any, Y: Any) -> Iterator[tuple[str, Any]]:
    for name, arrays in (("weights", weights), ("biases", biases)):
        for i, array in enumerate(arrays):
            yield f"{name}[{i}]", array
    yield "X", X
    yield "Y", Y


def _named_gradients(result: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(result, Mapping):
        weights, biases, *_ = result
        for letter, arrays in (("W", weights), ("b", biases)):
            for l, array in enumerate(arrays, 1):
                yield f"{letter}[{l}]", array


def _is_same(a: Any, b: Any) -> bool:
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)) or not (a.size and b.size):
        return False
    where = [x.__array_interface__["data"][0] for x in (a, b)]
    return where[0] == where[1] and a.shape == b.shape and a.strides == b.strides


def _flat(result: Any) -> Any:
    """Return all numbers of a result in a row; none, where they are no numbers."""
    parts = (
        result.values()
        if isinstance(result, Mapping)
        else result
        if isinstance(result, (list, tuple))
        else None
    )
    try:
        if parts is None:
            return np.asarray(result, dtype=float).ravel()
        return np.concatenate([np.zeros(0), *map(_flat, parts)])
    except (TypeError, ValueError):
        return np.zeros(0)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
