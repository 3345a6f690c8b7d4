"""What a function reads out of Values while it is traced: branches and numbers that its program would freeze.

The methods by which Values give a number away take notes as long as a trace runs, and only then. What is made
of the notes is decided in check.py.
"""

from __future__ import annotations

import linecache
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from autograd_lite.by_data import ByData
from autograd_lite.sums import for_other_numbers

_ASKED = ("lt", "le", "gt", "ge", "bool", "float", "int", "round", "floor", "ceil", "trunc")
_ENGINE = __name__.partition(".")[0]
_LIBRARIES = frozenset({*sys.stdlib_module_names, "numpy"}) - {"__main__"}


class Place(NamedTuple):
    """A line of the user's code."""

    file: str
    line: int

    def __str__(self) -> str:
        code = linecache.getline(self.file, self.line).strip()
        shown = f": `{code if len(code) <= 60 else f'{code[:57]}...'}`" if code else ""
        return f"line {self.line} of {Path(self.file).name}{shown}"


class Reads:
    """What was read, line by line, in one run of a function, which may read so often."""

    def __init__(self, most: float = math.inf) -> None:
        self.most, self.count = most, 0
        self.answers: dict[Place, int] = {}  # all answers at a line, in their order, as one hash
        self.last: Place | None = None  # where something was read last
        self.is_whole = False  # whether the run came to its end

    def note(self, place: Place, answer: Any) -> None:
        """Remember an answer; where there are too many of them, a loop does not come to its end there."""
        self.count += 1
        if self.count > self.most:
            self.last = None  # which says nothing of this line
            raise ArithmeticError(f"{place} is asked again and again")
        self.answers[place] = hash((self.answers.get(place), answer))
        self.last = place


@contextmanager
def noted(most: float = math.inf) -> Iterator[Reads]:
    """Note what is read out of Values in this thread; the engine's own functions know what they do.

    Who reads more often than that meets an ArithmeticError.

    Examples
    --------
    >>> from autograd_lite import Value, softmax
    >>> with noted() as reads:
    ...     probabilities = softmax([Value(1.0), Value(2.0)])
    >>> reads.answers, reads.is_whole
    ({}, True)
    """
    reads = Reads(most)
    token, other = _reads.set(reads), for_other_numbers.set(True)
    _open(1)
    try:
        yield reads
        reads.is_whole = True
    finally:
        _open(-1)
        for_other_numbers.reset(other)
        _reads.reset(token)


_reads: ContextVar[Reads | None] = ContextVar("reads", default=None)
_originals = {name: vars(ByData)[name] for name in (f"__{asked}__" for asked in _ASKED)}
_lock = Lock()
_count = 0


def _open(step: int) -> None:
    """Put the methods that take notes in place for the first who wants notes, and away after the last."""
    global _count
    with _lock:
        before, _count = _count, _count + step
        if not before or not _count:
            for name, method in (_noting if _count else _originals).items():
                setattr(ByData, name, method)


def _taking_notes(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def noting(self: ByData, *args: Any) -> Any:
        answer = method(self, *args)
        reads = _reads.get()
        if reads is not None and answer is not NotImplemented:
            place = _place_of_user(sys._getframe(1))
            if place is not None:
                reads.note(place, answer)
        return answer

    return noting


_noting = {name: _taking_notes(method) for name, method in _originals.items()}


def _place_of_user(frame: Any) -> Place | None:
    """Return where the user's code asks, also by way of a library; None if it is the engine that does."""
    package = ""
    while frame is not None:
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        if package not in _LIBRARIES:
            break
        frame = frame.f_back
    return None if frame is None or package == _ENGINE else Place(frame.f_code.co_filename, frame.f_lineno)
