"""Arguments as nested structures: which parts are arrays, and how they are taken apart and put together."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.ops import RULES

_RESERVED = frozenset([*keyword.kwlist, "np", "program", "sum"])
"""Names that mean something else in a program."""


class Part(NamedTuple):
    """An array in a structure: its name, and the axis over samples, or None."""

    name: str
    array: Any
    axis: int | None


def parts_of(structure: Any, name: str = "", axis: Any = None) -> tuple[list[Part], Any]:
    """Return the arrays in a structure, and what is left without them, by which structures are compared.

    Parameters
    ----------
    structure : number, array, nested list or tuple, or dict
        A list of lists is an array where its rows are numbers and of one length; a list of arrays is not.
    name : str
    axis : int, None, or a structure of them
        The axis over samples, of all arrays or of each.

    Raises
    ------
    TypeError
        If a part is neither an array nor a structure of arrays.
    ValueError
        If the axes are a structure of another form.

    Examples
    --------
    >>> parts, form = parts_of({"W": [[1.0, 2.0]], "b": 3.0}, axis={"W": 0, "b": None})
    >>> [(part.name, part.array.shape, part.axis) for part in parts], form
    ([('W', (1, 2), 0), ('b', (), None)], (('W', 'b'), (None, None)))
    """
    parts: list[Part] = []
    form = _collect(structure, name, axis, parts)
    return parts, form


def _collect(structure: Any, name: str, axis: Any, parts: list[Part]) -> Any:
    if isinstance(structure, Mapping):
        axes = _axes_of_parts(axis, list(structure), name)
        forms = [_collect(part, str(key), axes[key], parts) for key, part in structure.items()]
        return tuple(structure), tuple(forms)
    array = as_array(structure)
    if array is not None:
        if not (axis is None or isinstance(axis, int)):
            raise ValueError(f"in_axes has {axis!r} for {name or 'an argument'}, which is one array")
        parts.append(Part(name, array, axis))
        return None
    if isinstance(structure, (list, tuple)):
        axes = _axes_of_parts(axis, range(len(structure)), name)
        forms = [_collect(part, f"{name}{i}", axes[i], parts) for i, part in enumerate(structure)]
        return type(structure).__name__, tuple(forms)
    raise TypeError(
        f"{name or 'an argument'} is {type(structure).__name__} {structure!r:.60}; lift takes real numbers, "
        "arrays, and lists, tuples and dicts of them"
    )


def _axes_of_parts(axis: Any, keys: Sequence[Any], name: str) -> Any:
    """Return the axes of the parts of a structure, by key."""
    if axis is None or isinstance(axis, int):
        return dict.fromkeys(keys, axis)
    given = list(axis) if isinstance(axis, Mapping) else list(range(len(axis)))
    if set(given) != set(keys):
        raise ValueError(f"in_axes has {axis!r} for {name or 'an argument'}, whose parts are {list(keys)}")
    return axis


def rebuild(structure: Any, replacements: Iterator[Any]) -> Any:
    """Return a structure with its arrays replaced, in their order.

    Examples
    --------
    >>> rebuild([[[1.0, 2.0], [3.0, 4.0]], {"b": [5.0]}], iter("Wb"))
    ['W', {'b': 'b'}]
    """
    if type(structure) is np.ndarray:
        return next(replacements)
    if isinstance(structure, Mapping):
        return {key: rebuild(part, replacements) for key, part in structure.items()}
    if as_array(structure) is not None:
        return next(replacements)
    parts = [rebuild(part, replacements) for part in structure]
    return type(structure)(parts) if type(structure) in (list, tuple) else type(structure)(*parts)


def kind_of(structure: Any, arrays: list[Any]) -> Any:
    """Return the shapes and dtypes of NumPy's arrays, and dicts of them, by which calls are told apart.

    Parameters
    ----------
    structure : any
    arrays : list
        The arrays are appended.

    Returns
    -------
    hashable
        With None for what is neither; then there is no array for it.

    Examples
    --------
    >>> kind_of({"w": np.zeros(2), "b": 1.0}, [])
    (('w', ((2,), dtype('float64'))), ('b', None))
    """
    if type(structure) is np.ndarray:
        arrays.append(structure)
        return structure.shape, structure.dtype
    if type(structure) is dict:
        return tuple([(key, kind_of(part, arrays)) for key, part in structure.items()])
    return None


def as_array(structure: Any) -> Any:
    """Return numbers, or equally long rows of numbers, as an array; None for anything else.

    Examples
    --------
    >>> as_array([[1, 2], [3]]) is None, as_array("text") is None
    (True, True)
    """
    if hasattr(structure, "dtype") and hasattr(structure, "shape"):
        return structure
    if isinstance(structure, (str, bytes, Mapping)) or hasattr(structure, "_fields"):
        return None  # a named tuple is a structure, also of numbers
    if isinstance(structure, (list, tuple)) and any(map(_has_arrays, structure)):
        return None
    try:
        array = np.asarray(structure)
    except ValueError:
        return None
    if array.dtype.kind in "iub":
        return array.astype(float)
    return array if array.dtype.kind == "f" else None


def _has_arrays(structure: Any) -> bool:
    """Return whether there is an array in a list: then the list is not one itself."""
    if isinstance(structure, (list, tuple)):
        return any(map(_has_arrays, structure))
    return getattr(structure, "shape", ()) != ()


def floating(xp: Any, part: Part) -> Any:
    """Return an array of floats with the axis over samples in front.

    Parameters
    ----------
    xp : module
        The array library.
    part : Part

    Raises
    ------
    TypeError
        If it is not an array of real numbers.
    ValueError
        If it has no such axis.

    Examples
    --------
    >>> floating(np, Part("x", np.array([[1, 2, 3]]), 1)).tolist()
    [[1.0], [2.0], [3.0]]
    """
    name, array, axis = part
    if xp is np and axis is None and type(array) is np.ndarray and array.dtype.kind == "f":
        return array
    array = xp.asarray(array)
    if not xp.isdtype(array.dtype, "real floating"):
        if not xp.isdtype(array.dtype, ("bool", "integral")):
            raise TypeError(f"{name} has the dtype {array.dtype}; lift takes real numbers")
        array = xp.astype(array, xp.asarray(1.0).dtype)
    if axis is None:
        return array
    if not -array.ndim <= axis < array.ndim:
        raise ValueError(
            f"in_axes says that axis {axis} of {name} runs over samples; its shape is {array.shape}"
        )
    return array if axis == 0 else xp.moveaxis(array, axis, 0)


def identifiers(names: Sequence[str]) -> list[str]:
    """Return names that Python takes for names, each differently.

    Examples
    --------
    >>> identifiers(["w", "w", "2 b", "", "a[1]", "lambda"])
    ['w', 'w_', 'x2_b', 'x', 'a_1', 'lambda_']
    """
    found: list[str] = []
    for name in names:
        plain = identifier(name)
        while plain in found or plain in _RESERVED or plain in RULES:
            plain += "_"
        found.append(plain)
    return found


def identifier(name: str) -> str:
    """Return a name that Python takes for one, about like the one given.

    Examples
    --------
    >>> identifier("a[1]"), identifier("2 b"), identifier("θ₁²"), identifier("")
    ('a_1', 'x2_b', 'θ', 'x')
    """
    letters = unicodedata.normalize("NFC", name)
    plain = re.sub("_+", "_", "".join(c if f"x{c}".isidentifier() else "_" for c in letters)).strip("_")
    return plain if plain.isidentifier() else f"x{plain}"


def as_numpy(array: Any) -> Any:
    """Return an array of any library as one of NumPy, in double precision."""
    if not isinstance(array, (np.ndarray, np.generic)) and hasattr(array, "__dlpack__"):
        array = np.from_dlpack(array)
    return np.asarray(array, dtype=float)


def values_like(array: Any, make: Callable[[float, str], Any], name: str) -> Any:
    """Return an array of objects made of the numbers in an array and their names, ``name[i,j]``.

    Examples
    --------
    >>> values_like(np.eye(2), lambda number, name: name, "w").tolist()
    [['w[0,0]', 'w[0,1]'], ['w[1,0]', 'w[1,1]']]
    """
    values = np.empty(array.shape, dtype=object)
    flat = values.reshape(-1)
    indices = np.ndindex(array.shape)
    for i, (number, index) in enumerate(zip(array.ravel().tolist(), indices, strict=True)):
        flat[i] = make(number, f"{name}[{','.join(map(str, index))}]" if index else name)
    return values
