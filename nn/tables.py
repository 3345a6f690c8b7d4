"""Tables at the door: a DataFrame or a Series of pandas, or of its like, becomes lists; all else stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, cast

NUMBER_THE_CLASSES = "number the classes, as in names = sorted(set(Y)); Y = [names.index(y) for y in Y]"


class Table(Protocol):
    """Samples, or their targets: a list, an array of NumPy, a DataFrame or a Series."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Any]: ...


def rows(table: Table) -> Sequence[Any]:
    """Return the rows of a DataFrame as lists, a Series as a list of its numbers; labels don't matter.

    Examples
    --------
    >>> rows([[1.0, 2.0]])
    [[1.0, 2.0]]
    """
    return table.to_numpy().tolist() if hasattr(table, "to_numpy") else cast("Sequence[Any]", table)


def targets(table: Table) -> Sequence[Any]:
    """Return the same as :func:`rows`, but of a DataFrame with a single column the numbers in it."""
    found = rows(table)
    return [y for [y] in found] if found is not table and _is_column(table) else found


def _is_column(table: Any) -> bool:
    return bool(table.ndim == 2 and table.shape[1] == 1)
