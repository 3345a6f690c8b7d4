"""From the arguments of a call to arrays, and from gradients back to structures of arguments.

For each form of arguments two functions are written, as one would write them for this form alone: one takes
the arguments apart, the other puts gradients together. What is a structure, and what an array in it, stands
in structure.py.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass
from itertools import accumulate, count
from typing import Any, NamedTuple

from autograd_lite.lifting.arguments.structure import (
    Part,
    Structure,
    as_array,
    filled,
    floating,
    is_row,
    made,
    members_of,
    parts_of,
    size_of,
)
from autograd_lite.lifting.elsewhere.libraries import OnLibrary

_MOST_FORMS = 64


class _OtherFormError(Exception):
    """The arguments are not of this form."""


class Form:
    """What the arguments of a call consist of, of which some are given as an example."""

    def __init__(
        self,
        args: Sequence[Any],
        structures: list[Structure | None],
        parts: Sequence[Part],
        argnums: Sequence[int],
        is_single: bool,
        xp: Any,
    ) -> None:
        self.identity = object()  # the same for forms that differ in nothing but how they are taken apart
        self.structures = structures
        self.names = [part.name for part in parts]  # of the arrays
        self.axes = [part.axis for part in parts]  # of the arrays, the axis over samples
        self.batched = [axis is not None for axis in self.axes]  # whether each comes once for each sample
        self.is_single = is_single  # whether that is one argument, not a sequence of them
        numbers = self.numbers = [i % len(args) for i in argnums]  # the arguments whose gradients are wanted
        answers = [structures[i] for i in numbers]
        # What gradients are put into.
        self.answer = answers[0] if is_single else Structure(tuple, (*range(len(answers)),), (*answers,))
        ends = [*accumulate(map(size_of, structures), initial=0)]
        # The numbers of the arrays in them.
        self.asked = [k for i in numbers for k in range(ends[i], ends[i + 1])]
        # From arguments to a call: their arrays, as floats and with the axis over samples in front. The
        # shapes of a sample are part of its key.
        self.take: Callable[[Sequence[Any]], Call] = _Taker(self, parts, xp).written(args, structures)
        # From an array for each that is asked to gradients in the structure of the arguments, samples along
        # the arguments' axes.
        self.gradients: Callable[[Sequence[Any]], Any] = _giver(
            answers, [parts[k].axis for k in self.asked], is_single, xp
        )

    def __getstate__(self) -> dict[str, Any]:
        # Functions that were written here have no place to be found at.
        return {name: known for name, known in vars(self).items() if name not in ("take", "gradients")}

    def arguments(self, arrays: Sequence[Any]) -> list[Any]:
        """Return arguments of this form with others in the places of the arrays."""
        each = iter(arrays)
        return [filled(structure, each) for structure in self.structures]


class Call(NamedTuple):
    """The arguments of one call: their arrays, the key by which programs are told apart, and their form."""

    arrays: list[Any]
    key: Any
    form: Form


class Calls(OnLibrary):
    """How the arguments of a function are taken apart."""

    def __init__(self, f: Callable[..., Any], argnums: int | Sequence[int], in_axes: Any, xp: Any) -> None:
        self._argnums = [argnums] if isinstance(argnums, int) else list(argnums)
        self._is_single = isinstance(argnums, int)
        self._in_axes = in_axes
        self._f, self._names = f, argument_names(f)
        self._xp = xp
        # The form that was met last comes first.
        self._forms: list[Form] = []

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_forms": []}

    def in_order(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return arguments by position, those that are given by name too; between them stand defaults."""
        if not named:
            return args
        bound = inspect.signature(self._f).bind(*args, **named)
        known = [k for k, name in enumerate(self._names) if name in bound.arguments]
        for name in self._names[: max(known, default=-1) + 1]:
            bound.arguments.setdefault(name, bound.signature.parameters[name].default)
        if bound.kwargs:
            bound_before = ", ".join(f"{name}=…" for name in bound.kwargs)
            raise TypeError(
                f"{' and '.join(bound.kwargs)} can be given by name only, and is no argument of a lifted "
                f"function: lift functools.partial(f, {bound_before})"
            )
        return bound.args

    def take(self, args: Sequence[Any]) -> Call:
        """Take arguments apart; refuse them where argnums or in_axes do not fit, or they are no numbers."""
        for form in self._forms:
            try:
                call = form.take(args)
            except _OtherFormError:
                continue
            if form is not self._forms[0]:
                self._put_first(form)
            return call
        form = self._form(args)
        call = form.take(args)
        self._put_first(form)
        return call

    def names(self, count: int) -> list[str]:
        """Return what so many arguments are called."""
        return [*self._names[:count], *(f"x{i}" for i in range(len(self._names), count))]

    def _put_first(self, form: Form) -> None:
        # A list of its own, since another thread may walk through the old one.
        others = [known for known in self._forms if known is not form]
        self._forms = [form, *others[: _MOST_FORMS - 1]]

    def _form(self, args: Sequence[Any]) -> Form:
        """Return the form of arguments that are like none of those before."""
        axes = self._in_axes
        if axes is None or isinstance(axes, int):
            axes = [axes] * len(args)
        if len(axes) != len(args):
            raise ValueError(f"in_axes has {len(axes)} entries for {len(args)} arguments")
        if max(self._argnums, default=0) >= len(args) or min(self._argnums, default=0) < -len(args):
            raise ValueError(f"argnums asks for {self._argnums}; there are {len(args)} arguments")
        names = self.names(len(args))
        parts: list[Part] = []
        structures: list[Structure | None] = []
        for arg, name, axis in zip(args, names, axes, strict=False):
            found, structure = parts_of(arg, name, axis)
            parts += found
            structures.append(structure)
        _require_as_many_samples(parts, self._xp)
        form = Form(args, structures, parts, self._argnums, self._is_single, self._xp)
        alike = (known.identity for known in self._forms if known.structures == structures)
        form.identity = next(alike, form.identity)
        return form


def argument_names(f: Callable[..., Any]) -> list[str]:
    """Return the names of a function's arguments, as far as they have any."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _require_as_many_samples(parts: Sequence[Part], xp: Any) -> None:
    counts = [(part.name, floating(xp, part).shape[0]) for part in parts if part.axis is not None]
    if any(n == 0 for _, n in counts):
        raise ValueError(f"there are no samples in {', '.join(name for name, n in counts if n == 0)}")
    if len({n for _, n in counts}) > 1:
        listed = ", ".join(f"{name} has {n}" for name, n in counts)
        raise ValueError(f"arguments over samples must have as many of them: {listed}")


# --- the two functions ----------------------------------------------------------------------------------


class _Lines:
    """The lines of a function, and the objects that they call by names."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.scope: dict[str, Any] = {}
        self._numbers = count()

    def new(self, letter: str = "x") -> str:
        """Return a new name."""
        return f"{letter}{next(self._numbers)}"

    def keep(self, thing: Any) -> str:
        """Return a name for an object."""
        name = self.new("k")
        self.scope[name] = thing
        return name

    def function(self, head: str, result: str) -> Any:
        """Return the function."""
        text = "\n    ".join([f"def function({head}):", *self.lines, f"return {result}"])
        exec(compile(text, "<call>", "exec"), self.scope)
        return self.scope["function"]


class _Taker(_Lines):
    """Writes the function that takes arguments of one form apart, and refuses those of another."""

    def __init__(self, form: Form, parts: Sequence[Part], xp: Any) -> None:
        super().__init__()
        self.scope |= {"floats": set(), "as_array": as_array, "OtherFormError": _OtherFormError}
        # A Call as its class makes it, without a call on the way.
        self.scope |= {"form": form, "Call": Call, "new": tuple.__new__}
        self._parts, self._xp = parts, xp
        self._arrays: list[str] = []
        self._shapes: list[str] = []
        self._samples = ""

    def written(self, args: Sequence[Any], structures: Sequence[Structure | None]) -> Any:
        """Return the function."""
        names = [self.new() for _ in args]
        self._refuse(f"len(args) != {len(args)}")
        self.lines.append(f"[{', '.join(names)}] = args")
        for name, structure, arg in zip(names, structures, args, strict=True):
            self._visit(name, structure, arg, is_in_row=False)
        shapes = "".join(f"{shape}, " for shape in self._shapes)
        key = f"(form.identity, ({shapes}))"
        return self.function("args", f"new(Call, ([{', '.join(self._arrays)}], {key}, form))")

    def _refuse(self, condition: str) -> None:
        self.lines.append(f"if {condition}: raise OtherFormError")

    def _visit(self, x: str, structure: Structure | None, example: Any, is_in_row: bool) -> None:
        """Write what takes a part of the arguments apart, of which there is an example."""
        if structure is None:
            self._convert(x, is_array=is_in_row and _has_axes(example))
            return
        kind, keys, parts = structure
        names = [self.new() for _ in parts]
        members = x
        if is_dataclass(kind):
            members = f"({''.join(f'{x}.{key}, ' for key in keys)})"
            self._refuse(f"type({x}) is not {self.keep(kind)}")
        elif issubclass(kind, Mapping):
            members = f"{x}.values()"
            self._refuse(f"type({x}) is not {self.keep(kind)} or (*{x},) != {self.keep(keys)}")
        else:
            self._refuse(f"type({x}) is not {self.keep(kind)} or len({x}) != {len(keys)}")
        if is_row(kind) and not _holds_arrays(structure, example):
            self._refuse(f"as_array({x}) is not None")
        self.lines.append(f"[{', '.join(names)}] = {members}")
        for name, part, member in zip(names, parts, (members_of(example) or {}).values(), strict=True):
            self._visit(name, part, member, is_row(kind))

    def _convert(self, x: str, is_array: bool) -> None:
        """Write what makes an array of floats of a part, which may be a list unless it must be an array."""
        part, shape = self._parts[len(self._arrays)], self.new("s")
        convert = self.keep(self._converter(part, is_array))
        kind = self.keep(type(floating(self._xp, part)))
        if part.axis:
            self.lines.append(f"{x} = {convert}({x})")
        else:
            self.lines.append(f"if type({x}) is not {kind} or {x}.dtype not in floats: {x} = {convert}({x})")
        self.lines.append(f"{shape} = {x}.shape")
        self._arrays.append(x)
        self._shapes.append(shape if part.axis is None else f"{shape}[1:]")
        if is_array:
            self._refuse(f"not {shape}")
        if part.axis is None:
            return
        if self._samples:
            self._refuse(f"{shape}[:1] != {self._samples}")
        else:
            self._samples = self.new("n")
            self.lines.append(f"{self._samples} = {shape}[:1]")
            self._refuse(f"{self._samples} in ((), (0,))")

    def _converter(self, part: Part, is_array: bool) -> Callable[[Any], Any]:
        floats: set[Any] = self.scope["floats"]

        def convert(x: Any) -> Any:
            array = x if is_array and _has_axes(x) else None if is_array else as_array(x)
            if array is None:
                raise _OtherFormError
            result = floating(self._xp, Part(part.name, array, part.axis))
            if result is x:
                floats.add(x.dtype)
            return result

        return convert


def _has_axes(x: Any) -> bool:
    return getattr(x, "shape", ()) != ()


def _holds_arrays(structure: Structure, example: Any) -> bool:
    """Return whether there is something in lists that keeps them from being an array of numbers."""
    members = (members_of(example) or {}).values()
    return any(
        _has_axes(member) if part is None else not is_row(part.kind) or _holds_arrays(part, member)
        for part, member in zip(structure.parts, members, strict=True)
    )


def _giver(
    structures: Sequence[Structure | None], axes: Sequence[int | None], is_single: bool, xp: Any
) -> Callable[[Sequence[Any]], Any]:
    """Write the function that puts gradients, samples in front, into structures, samples along these axes."""
    w = _Lines()
    w.scope |= {"made": made, "moveaxis": xp.moveaxis, "new": object.__new__, "put": object.__setattr__}
    names = [w.new("g") for _ in axes]
    w.lines += [f"[{', '.join(names)}] = found"]
    w.lines += [f"{g} = moveaxis({g}, 0, {axis})" for g, axis in zip(names, axes, strict=True) if axis]
    each = iter(names)

    def text(structure: Structure | None) -> str:
        if structure is None:
            return next(each)
        kind, keys, parts = structure
        texts = [text(part) for part in parts]
        if issubclass(kind, Mapping):
            return f"{{{', '.join(f'{w.keep(key)}: {part}' for key, part in zip(keys, texts, strict=True))}}}"
        if kind is list:
            return f"[{', '.join(texts)}]"
        if is_dataclass(kind) and kind.__new__ is object.__new__:
            # As `made` does it, without calls on the way.
            one = w.new("o")
            w.lines.append(f"{one} = new({w.keep(kind)})")
            w.lines += [f"put({one}, {key!r}, {part})" for key, part in zip(keys, texts, strict=True)]
            return one
        listed = f"({''.join(f'{text}, ' for text in texts)})"
        if hasattr(kind, "_make"):
            return f"{w.keep(kind._make)}({listed})"
        return listed if kind is tuple else f"made({w.keep(kind)}, {w.keep(keys)}, {listed})"

    results = [text(structure) for structure in structures]
    result: Callable[[Sequence[Any]], Any] = w.function(
        "found", results[0] if is_single else f"({''.join(f'{r}, ' for r in results)})"
    )
    return result
