"""Arguments as nested structures: which parts are arrays, and how they are taken apart and put together."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from itertools import chain
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.ops import RULES

RESERVED = frozenset([*keyword.kwlist, "np", "program", "range", "reversed", "sum", "zip"])
"""Names that mean something else in a program."""


class Part(NamedTuple):
    """An array in a structure: its name, and the axis over samples, or None."""

    name: str
    array: Any
    axis: int | None


class Structure(NamedTuple):
    """A structure without its arrays: its class, the keys of its parts, and the parts, None for an array."""

    kind: type
    keys: tuple[Any, ...]
    parts: tuple[Structure | None, ...]


def size_of(structure: Structure | None) -> int:
    """Return how many arrays there are in a structure."""
    return 1 if structure is None else sum(map(size_of, structure.parts))


def parts_of(structure: Any, name: str = "", axis: Any = None) -> tuple[list[Part], Structure | None]:
    """Return the arrays in a structure, and what is left without them, by which structures are compared.

    A list of lists is an array where its rows are numbers and of one length; a list of arrays is not. The
    axis over samples is one for all arrays, or a structure of them.

    Examples
    --------
    >>> parts, form = parts_of({"W": [[1.0, 2.0]], "b": 3.0}, axis={"W": 0, "b": None})
    >>> [(part.name, part.array.shape, part.axis) for part in parts], form
    ([('W', (1, 2), 0), ('b', (), None)], Structure(kind=<class 'dict'>, keys=('W', 'b'), parts=(None, None)))
    """
    parts: list[Part] = []
    form = _collect(structure, name, axis, parts)
    return parts, form


def _collect(structure: Any, name: str, axis: Any, parts: list[Part]) -> Structure | None:
    array = as_array(structure)
    if array is not None:
        if not (axis is None or isinstance(axis, int)):
            raise ValueError(f"in_axes has {axis!r} for {name or 'an argument'}, which is one array")
        parts.append(Part(name, array, axis))
        return None
    members = members_of(structure)
    if members is None:
        raise TypeError(
            f"{name or 'an argument'} is {type(structure).__name__} {structure!r:.60}; lift takes real "
            "numbers, arrays, and lists, tuples, dicts and dataclasses of them. What is none of these the "
            "function may know from elsewhere: functools.partial(f, …), or a variable around it"
        )
    axes = _axes_of_parts(axis, list(members), name)
    # A number after a number would read as one: of [[W, b], …] the first W is layers0_0.
    stem = f"{name}_" if name[-1:].isdigit() else name
    forms = [
        _collect(part, f"{stem}{key}" if is_row(type(structure)) else str(key), axes[key], parts)
        for key, part in members.items()
    ]
    return Structure(type(structure), tuple(members), tuple(forms))


def members_of(structure: Any) -> dict[Any, Any] | None:
    """Return the parts of a list, dict or dataclass by number, key or name; None for anything else.

    Examples
    --------
    >>> members_of([3.0, {"b": 4.0}]), members_of("text") is None
    ({0: 3.0, 1: {'b': 4.0}}, True)
    """
    if isinstance(structure, Mapping):
        return dict(structure)
    if is_dataclass(structure) and not isinstance(structure, type):
        return {field.name: getattr(structure, field.name) for field in fields(structure)}
    if isinstance(structure, (list, tuple)):
        return dict(zip(getattr(structure, "_fields", range(len(structure))), structure, strict=True))
    return None


def _axes_of_parts(axis: Any, keys: Sequence[Any], name: str) -> Any:
    """Return the axes of the parts of a structure, by key."""
    if axis is None or isinstance(axis, int):
        return dict.fromkeys(keys, axis)
    axes = members_of(axis)
    # The axes of a named tuple or a dataclass may be a plain tuple.
    if axes is not None and list(axes) == list(range(len(keys))):
        axes = dict(zip(keys, axes.values(), strict=True))
    if axes is None or set(axes) != set(keys):
        raise ValueError(f"in_axes has {axis!r} for {name or 'an argument'}, whose parts are {list(keys)}")
    return axes


def filled(form: Structure | None, arrays: Iterator[Any]) -> Any:
    """Return a structure of a form, with these arrays in it.

    Examples
    --------
    >>> filled(Structure(tuple, (0, 1), (None, None)), iter("Wb"))
    ('W', 'b')
    """
    if form is None:
        return next(arrays)
    return made(form.kind, form.keys, [filled(part, arrays) for part in form.parts])


def made(kind: Any, keys: Sequence[Any], parts: Sequence[Any]) -> Any:
    """Return a structure of a class; a dataclass without its ``__init__``, which may ask what parts are.

    Examples
    --------
    >>> made(dict, ("W", "b"), (1, 2)), made(list, (0, 1), (1, 2))
    ({'W': 1, 'b': 2}, [1, 2])
    """
    if issubclass(kind, Mapping):
        return dict(zip(keys, parts, strict=True))
    if hasattr(kind, "__dataclass_fields__"):
        result = kind.__new__(kind)
        for key, part in zip(keys, parts, strict=True):
            object.__setattr__(result, key, part)  # also where it is frozen
        return result
    return kind._make(parts) if hasattr(kind, "_make") else kind(parts)


def as_array(structure: Any) -> Any:
    """Return numbers, or equally long rows of numbers, as an array; None for anything else.

    Examples
    --------
    >>> as_array([[1, 2], [3]]) is None, as_array("text") is None
    (True, True)
    """
    if type(structure) is float:
        return np.asarray(structure)
    if hasattr(structure, "dtype") and hasattr(structure, "shape"):
        return structure
    if is_row(type(structure)):
        return _array_of_rows(structure)
    return None if members_of(structure) is not None else _of_floats(np.asarray(structure))


def is_row(kind: type) -> bool:
    """Return whether objects of a class are lists; a named tuple is a structure, also of numbers."""
    return issubclass(kind, (list, tuple)) and not hasattr(kind, "_fields")


def _array_of_rows(rows: Sequence[Any]) -> Any:
    """Return lists of numbers as an array; None if there is something else in them, or they are ragged."""
    level, rank, kinds = rows, 1, {*map(type, rows)}
    while kinds and all(map(is_row, kinds)):
        level = [*chain.from_iterable(level)]
        rank, kinds = rank + 1, {*map(type, level)}
    if not all(issubclass(kind, (Real, np.generic, np.ndarray)) for kind in kinds):
        return None
    try:
        array = np.asarray(rows)
    except ValueError:
        return None
    # Arrays in lists are parts of a structure, but for those of a single number.
    return _of_floats(array) if array.ndim == rank else None


def _of_floats(array: Any) -> Any:
    """Return an array of NumPy as one of floats; None if it is not one of real numbers."""
    kind = array.dtype.kind
    if kind == "f":
        return array
    is_real = kind in "iub" or (kind == "O" and all(isinstance(x, Real) for x in array.flat))
    return array.astype(float) if is_real else None


def floating(xp: Any, part: Part) -> Any:
    """Return an array of a library as one of floats with the axis over samples in front.

    Examples
    --------
    >>> floating(np, Part("x", np.array([[1, 2, 3]]), 1)).tolist()
    [[1.0], [2.0], [3.0]]
    """
    name, array, axis = part
    array = _converted(xp, name, array)
    floats = _of_floats(array) if xp is np else _of_floats_there(xp, array)
    if floats is None:
        raise TypeError(f"{name} has the dtype {array.dtype}; lift takes real numbers")
    array = floats
    if axis is None:
        return array
    if not -array.ndim <= axis < array.ndim:
        raise ValueError(
            f"in_axes says that axis {axis} of {name} runs over samples; its shape is {array.shape}"
        )
    return array if axis == 0 else xp.moveaxis(array, axis, 0)


def _converted(xp: Any, name: str, array: Any) -> Any:
    """Return an array as one of a library; its own as they are, since a tensor of PyTorch's has a history."""
    kind = type(array)
    home = _HOMES.get(kind.__module__.partition(".")[0], "")
    if home and xp.__name__.endswith(home):
        return array
    try:
        # NumPy takes what others have, but for Dask, which would compute it; others misread each other's.
        if not home or (xp is np and home != "dask.array"):
            return xp.asarray(array)
        error = None
    except Exception as caught:  # each library has its own for what is elsewhere, or has no numbers yet
        error = caught
    library = xp.__name__.removeprefix("array_api_compat.")
    raise TypeError(
        f"{name} is {kind.__module__}.{kind.__name__}, of which {library} makes no array. Name the library "
        f"that it is of: lift(f, xp={home or '…'}); or give the numbers it has now: numpy.asarray({name})"
    ) from error


_HOMES = {
    "cupy": "cupy",
    "dask": "dask.array",
    "jax": "jax.numpy",
    "jaxlib": "jax.numpy",
    "torch": "torch",
}
"""The library of an array by the package that its class is from."""


def _of_floats_there(xp: Any, array: Any) -> Any:
    """Return an array of any library as one of floats; None if it is not one of real numbers."""
    if xp.isdtype(array.dtype, "real floating"):
        return array
    is_real = xp.isdtype(array.dtype, ("bool", "integral"))
    return xp.astype(array, xp.asarray(1.0).dtype) if is_real else None


def identifiers(names: Sequence[str], taken: Collection[str] = ()) -> list[str]:
    """Return names that Python takes for names, each differently, and none that is taken.

    Examples
    --------
    >>> identifiers(["w", "w", "2 b", "", "a[1]", "lambda"])
    ['w', 'w_', 'x2_b', 'x', 'a_1', 'lambda_']
    """
    found: list[str] = []
    for name in names:
        plain = identifier(name)
        while plain in found or plain in taken or plain in RESERVED or plain in RULES:
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
    """Return an array of any library, on any device, as one of NumPy in double precision."""
    if hasattr(array, "detach"):
        array = array.detach().cpu().double()  # PyTorch's
    elif hasattr(array, "get") and hasattr(array, "__cuda_array_interface__"):
        array = array.get()  # CuPy's
    elif hasattr(array, "__dlpack__") and not hasattr(array, "__array__"):
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
