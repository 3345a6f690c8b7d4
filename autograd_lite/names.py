"""Looking something up by name, with the nearest name suggested where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")


def look_up(name: str, table: Mapping[str, T], kind: str) -> T:
    """Return the entry of a table.

    Parameters
    ----------
    name : str
    table : mapping of str to anything
    kind : str
        What the entries are, for the error message: ``"activation"``.

    Returns
    -------
    The entry.

    Raises
    ------
    ValueError
        If there is none of that name; with the nearest name, and all of them.

    Examples
    --------
    >>> look_up("tanhh", {"tanh": 1, "relu": 2}, "activation")
    Traceback (most recent call last):
        ...
    ValueError: unknown activation 'tanhh'; did you mean 'tanh'? There are: tanh, relu
    """
    if isinstance(name, str) and name in table:
        return table[name]
    near = get_close_matches(str(name).lower(), table, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise ValueError(f"unknown {kind} {name!r}{hint} There are: {', '.join(table)}")
