"""Looking something up by name, with the nearest name suggested where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
    raise ValueError(f"unknown {kind} {name!r}{alternatives(name, table)}")


def alternatives(name: str, table: Iterable[str], write: Callable[[str], str] = repr) -> str:
    """Return what to say after a name that is in no table: the nearest in it, and all of them.

    Parameters
    ----------
    name : str
    table : iterable of str
    write : callable
        How the nearest name is written.

    Returns
    -------
    str

    Examples
    --------
    >>> alternatives("tanhh", ["tanh", "relu"])
    "; did you mean 'tanh'? There are: tanh, relu"
    """
    near = get_close_matches(str(name).lower(), table, n=1)
    hint = f"; did you mean {write(near[0])}?" if near else "."
    return f"{hint} There are: {', '.join(table)}"
