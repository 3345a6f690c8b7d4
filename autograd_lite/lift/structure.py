"""Arguments as nested structures: which parts are arrays, and how they are taken apart and put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def flatten(structure: Any, name: str = "") -> list[tuple[str, Any]]:
    """Return the arrays in a structure with their names.

    Parameters
    ----------
    structure : number, array, nested list or tuple, or dict
        A list of lists is an array where its rows are numbers and of one length.
    name : str

    Returns
    -------
    list of (str, array)

    Raises
    ------
    TypeError
        If a part is neither.

    Examples
    --------
    >>> [(name, array.shape) for name, array in flatten({"W": [[1.0, 2.0]], "b": 3.0}, "p")]
    [('W', (1, 2)), ('b', ())]
    """
    found: list[tuple[str, Any]] = []
    rebuild(structure, lambda array, path: found.append((path, array)), name)
    return found


def rebuild(structure: Any, replace: Callable[[Any, str], Any], name: str = "") -> Any:
    """Return a structure with each of its arrays replaced.

    Parameters
    ----------
    structure : as for :func:`flatten`
    replace : callable
        From an array and its name to what stands in its place.
    name : str

    Returns
    -------
    The same structure of other things.

    Raises
    ------
    TypeError
        If a part is neither an array nor a structure of arrays.

    Examples
    --------
    >>> rebuild([[[1.0, 2.0], [3.0, 4.0]], [5.0]], lambda array, name: array.shape, "p")
    [(2, 2), (1,)]
    """
    if isinstance(structure, Mapping):
        return {key: rebuild(part, replace, str(key)) for key, part in structure.items()}
    array = as_array(structure)
    if array is not None:
        return replace(array, name)
    if isinstance(structure, (list, tuple)):
        parts = [rebuild(part, replace, f"{name}{i}") for i, part in enumerate(structure)]
        return type(structure)(parts) if type(structure) in (list, tuple) else type(structure)(*parts)
    raise TypeError(
        f"{name or 'an argument'} is {type(structure).__name__} {structure!r:.60}; lift takes numbers, arrays, and "
        "lists, tuples and dicts of them"
    )


def as_array(structure: Any) -> Any:
    """Return numbers, or equally long rows of numbers, as an array; None for anything else.

    Parameters
    ----------
    structure : any

    Returns
    -------
    array or None

    Examples
    --------
    >>> as_array([[1, 2], [3]]) is None
    True
    """
    if hasattr(structure, "dtype") and hasattr(structure, "shape"):
        return structure
    try:
        array = np.asarray(structure)
    except ValueError:
        return None
    if array.dtype.kind in "iub":
        return array.astype(float)
    return array if array.dtype.kind == "f" else None
