"""Results that are made once and kept, of which the one that was not asked for the longest is forgotten."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from threading import RLock
from typing import Any, Generic, TypeVar

ResultT = TypeVar("ResultT")


class Kept(Generic[ResultT]):
    """The latest results by key; threads that ask for the same one wait for the first to make it.

    A copy or pickle has none of them.

    Examples
    --------
    >>> kept = Kept[str](most=2)
    >>> [kept.get(key, lambda key=key: f"made {key}") for key in "aba"]
    ['made a', 'made b', 'made a']
    >>> kept.get("c", lambda: "made c"), kept.all()
    ('made c', ['made a', 'made c'])
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._results: OrderedDict[Hashable, ResultT] = OrderedDict()
        self._making = RLock()

    def __reduce__(self) -> tuple[Any, ...]:
        return Kept, (self._most,)

    def find(self, key: Hashable) -> ResultT | None:
        """Return the result of a key, if it is kept."""
        found = self._results.get(key)
        if found is not None and len(self._results) > 1:
            with suppress(KeyError):  # another thread may have let it go
                self._results.move_to_end(key)
        return found

    def get(self, key: Hashable, make: Callable[[], ResultT]) -> ResultT:
        """Return the result of a key; if there is none, or no longer, make it. What fails is not kept."""
        with self._making:
            found = self.find(key)
            if found is None:
                found = make()
                self._results[key] = found
                while len(self._results) > self._most:
                    self._results.popitem(last=False)
            return found

    def all(self) -> list[ResultT]:
        """Return what is kept, what was asked for last at the end."""
        return list(self._results.values())
