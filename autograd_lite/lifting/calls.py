"""From the arguments of a call to arrays, and from gradients back to structures of arguments.

What is a structure and what an array in it stands in structure.py.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite.lifting.structure import Part, floating, kind_of, parts_of, rebuild


class Call:
    """The arguments of one call, taken apart.

    Parameters
    ----------
    args : sequence
    parts : sequence of Part
        The arrays in all of them.
    arrays : sequence of arrays
        The same as floats, with the axis over samples in front.
    key : hashable
        By which programs are told apart: structures and shapes.
    argnums : sequence of int
        The arguments whose gradients are wanted.
    is_single : bool
        Whether that is one argument.
    xp : module
    """

    def __init__(
        self,
        args: Sequence[Any],
        parts: Sequence[Part],
        arrays: Sequence[Any],
        key: Any,
        argnums: Sequence[int],
        is_single: bool,
        xp: Any,
    ) -> None:
        self.arrays, self.key = arrays, key
        self._parts = parts
        self._args, self._argnums, self._is_single, self._xp = args, argnums, is_single, xp

    @property
    def names(self) -> list[str]:
        """The names of the arrays."""
        return [part.name for part in self._parts]

    @property
    def batched(self) -> list[bool]:
        """Whether each array comes once for each sample."""
        return [part.axis is not None for part in self._parts]

    @property
    def asked(self) -> list[int]:
        """The numbers of the arrays whose gradients are wanted."""
        counts = [len(parts_of(arg)[0]) for arg in self._args]
        starts = np.cumsum([0, *counts])
        numbers = [i % len(counts) for i in self._argnums]
        return [k for i in numbers for k in range(starts[i], starts[i] + counts[i])]

    def arguments(self, replacements: Sequence[Any]) -> list[Any]:
        """Return the arguments with others in the places of the arrays."""
        each = iter(replacements)
        return [rebuild(arg, each) for arg in self._args]

    def gradients(self, found: Sequence[Any]) -> Any:
        """Return gradients in the structure of the arguments asked for, samples along the arguments' axes."""
        if any(part.axis for part in self._parts):
            axes = [self._parts[k].axis for k in self.asked]
            found = [
                self._xp.moveaxis(g, 0, axis) if axis else g for g, axis in zip(found, axes, strict=True)
            ]
        each = iter(found)
        results = [rebuild(self._args[i], each) for i in self._argnums]
        return results[0] if self._is_single else tuple(results)


class Calls:
    """How the arguments of a function are taken apart.

    Parameters
    ----------
    f : callable
    argnums : int or sequence of int
    in_axes : None, int, or a sequence with one entry for each argument
    xp : module
    """

    def __init__(self, f: Callable[..., Any], argnums: int | Sequence[int], in_axes: Any, xp: Any) -> None:
        self._argnums = [argnums] if isinstance(argnums, int) else list(argnums)
        self._is_single = isinstance(argnums, int)
        self._in_axes = in_axes
        self._names = _argument_names(f)
        self._xp = xp
        self._known: dict[Any, tuple[list[Part], Any]] = {}

    def take(self, args: Sequence[Any]) -> Call:
        """Take arguments apart.

        Raises
        ------
        TypeError
            If one is no number, array or structure of them.
        ValueError
            If argnums or in_axes do not fit them, or the samples differ in number.
        """
        # Arrays like those of a call before need not be looked at again.
        plain: list[Any] = []
        kinds = tuple([kind_of(arg, plain) for arg in args])
        known = self._known.get(kinds)
        if known is not None:
            return self._call(args, known[0], plain, known[1])
        parts, forms = self._parts(args)
        arrays = [floating(self._xp, part) for part in parts]
        key = tuple(_shapes_of_samples(parts, arrays)), tuple(forms)
        if len(arrays) == len(plain) and all(a is b for a, b in zip(arrays, plain, strict=True)):
            self._known[kinds] = parts, key
        return self._call(args, parts, arrays, key)

    def _call(self, args: Sequence[Any], parts: Sequence[Part], arrays: Sequence[Any], key: Any) -> Call:
        return Call(args, parts, arrays, key, self._argnums, self._is_single, self._xp)

    def _parts(self, args: Sequence[Any]) -> tuple[list[Part], list[Any]]:
        """Return the arrays in the arguments with their axes, and the form of each argument."""
        axes = self._in_axes
        if axes is None or isinstance(axes, int):
            axes = [axes] * len(args)
        if len(axes) != len(args):
            raise ValueError(f"in_axes has {len(axes)} entries for {len(args)} arguments")
        if max(self._argnums, default=0) >= len(args) or min(self._argnums, default=0) < -len(args):
            raise ValueError(f"argnums asks for {self._argnums}; there are {len(args)} arguments")
        names = self._names + [f"x{i}" for i in range(len(self._names), len(args))]
        parts: list[Part] = []
        forms: list[Any] = []
        for arg, name, axis in zip(args, names, axes, strict=False):
            found, form = parts_of(arg, name, axis)
            parts += found
            forms.append(form)
        return parts, forms


def _argument_names(f: Callable[..., Any]) -> list[str]:
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _shapes_of_samples(parts: Sequence[Part], arrays: Sequence[Any]) -> list[Any]:
    """Return the shapes; without the axis over samples, which must have one length, but with the name."""
    shapes: list[Any] = []
    counts: list[tuple[str, int]] = []
    for part, array in zip(parts, arrays, strict=True):
        shape = array.shape
        if part.axis is not None:
            counts.append((part.name, shape[0]))
            shape = part.name, shape[1:]
        shapes.append(shape)
    if any(n == 0 for _, n in counts):
        raise ValueError(f"there are no samples in {', '.join(name for name, n in counts if n == 0)}")
    if len({n for _, n in counts}) > 1:
        listed = ", ".join(f"{name} has {n}" for name, n in counts)
        raise ValueError(f"arguments over samples must have as many of them: {listed}")
    return shapes
