"""A function on scalars as one on arrays: it is traced, that is, run on Values, checked, and remembered.

How arguments are taken apart stands in structure.py; what becomes of the graph in pipeline.py.
"""

from __future__ import annotations

import gc
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.derivatives import grad
from autograd_lite.graph import topological_order
from autograd_lite.lifting.check import first_defined, other_points, require_equal, warn_unchecked
from autograd_lite.lifting.leaves import by_label, data_of, leaves_among
from autograd_lite.lifting.pipeline import Compiled
from autograd_lite.lifting.places import Input
from autograd_lite.lifting.structure import (
    Part,
    as_numpy,
    floating,
    identifiers,
    kind_of,
    parts_of,
    rebuild,
    values_like,
)
from autograd_lite.value import Value


class _Traced(NamedTuple):
    """A program, and the Values from outside the function that it reads at each call."""

    compiled: Compiled
    captured: list[Any]


class _Run(NamedTuple):
    """What a function returned at a point, and the Values that its arguments consisted of."""

    root: Value
    arguments: list[Any]


class LiftedFunction:
    """A function on arrays made of one on scalars: see :func:`lift`. Call it as the function it was made of.

    It is traced on the first call, and again for other shapes; each program is kept. Values from outside the
    function, such as a network's parameters, are read afresh at each call.
    """

    def __init__(self, f: Callable[..., Any], argnums: int | Sequence[int], in_axes: Any, xp: Any) -> None:
        self.__name__ = getattr(f, "__name__", "function")
        self._f = f
        self._argnums = [argnums] if isinstance(argnums, int) else list(argnums)
        self._is_single = isinstance(argnums, int)
        self._in_axes = in_axes
        self._xp = xp
        self._names = _argument_names(f)
        self._programs: dict[Any, _Traced] = {}
        self._of_kinds: dict[Any, _Traced] = {}
        self._last: Compiled | None = None

    @property
    def source(self) -> str:
        """The NumPy source of the program used last."""
        return self._compiled().source

    def __str__(self) -> str:
        return str(self._compiled())

    def __repr__(self) -> str:
        known = f"{self._last!r}" if self._last else "traced when it is called first"
        return f"<lifted {self.__name__}: {known}>"

    def _repr_html_(self) -> str | None:
        return self._last._repr_html_() if self._last else None

    def _compiled(self) -> Compiled:
        if self._last is None:
            raise ValueError(
                f"{self.__name__} has not been traced yet: call it once with arguments of their shapes"
            )
        return self._last

    def __call__(self, *args: Any) -> tuple[Any, Any]:
        """Return the cost and the gradients, in the structure of the arguments asked for.

        Parameters
        ----------
        *args : arrays, nested lists, dicts
            As the function takes them, with the axis over samples where ``in_axes`` says so.

        Returns
        -------
        value, gradients

        Raises
        ------
        TypeError
            If an argument is no number, array or structure of them, or the function returns no Value.
        ValueError
            If the samples differ in number, the cost is a constant, or the program differs from the function
            at another point: then the function has read a number out of a Value, or has branched on one.
        """
        # Arrays like those of a call before need not be looked at again.
        plain: list[Any] = []
        kinds = tuple([kind_of(arg, plain) for arg in args])
        known = self._of_kinds.get(kinds)
        if known is not None:
            value, found = self._run_program(known, plain)
            return value, self._in_structure(args, iter(found))
        parts, forms = self._parts(args)
        arrays = [floating(self._xp, part) for part in parts]
        shapes = _shapes_of_samples(parts, arrays)
        key = tuple(shapes), tuple(forms)
        traced = self._programs.get(key)
        if traced is None:
            with _no_garbage_collection():
                traced = self._programs[key] = self._trace(args, parts, arrays)
        value, found = self._run_program(traced, arrays)
        if len(arrays) == len(plain) and all(a is b for a, b in zip(arrays, plain, strict=True)):
            self._of_kinds[kinds] = traced
        return value, self._in_structure(args, iter(self._on_their_axes(args, parts, found)))

    def _in_structure(self, args: Sequence[Any], gradients: Iterator[Any]) -> Any:
        results = [rebuild(args[i], gradients) for i in self._argnums]
        return results[0] if self._is_single else tuple(results)

    def _run_program(self, traced: _Traced, arrays: list[Any]) -> tuple[Any, list[Any]]:
        self._last = traced.compiled
        if not traced.captured:
            return traced.compiled(arrays)
        kind = self._xp.result_type(*arrays)
        captured = [self._xp.asarray(data_of(values), dtype=kind) for values in traced.captured]
        return traced.compiled([*arrays, *captured])

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
            if type(arg) is np.ndarray and (axis is None or type(axis) is int):
                parts.append(Part(name, arg, axis))
                forms.append(None)
            else:
                found, form = parts_of(arg, name, axis)
                parts += found
                forms.append(form)
        return parts, forms

    def _asked(self, args: Sequence[Any]) -> list[int]:
        """Return the numbers of the arrays whose gradients are wanted."""
        counts = [len(parts_of(arg)[0]) for arg in args]
        starts = np.cumsum([0, *counts])
        return [
            k for i in self._argnums for k in range(starts[i % len(args)], starts[i % len(args)] + counts[i])
        ]

    def _on_their_axes(self, args: Sequence[Any], parts: Sequence[Part], found: list[Any]) -> list[Any]:
        """Return the gradients with the axis over samples where the arguments have it."""
        if not any(part.axis for part in parts):
            return found
        axes = [parts[k].axis for k in self._asked(args)]
        return [self._xp.moveaxis(g, 0, axis) if axis else g for g, axis in zip(found, axes, strict=True)]

    # --- tracing ----------------------------------------------------------------------------------------

    def _trace(self, args: Sequence[Any], parts: Sequence[Part], arrays: Sequence[Any]) -> _Traced:
        points = [
            as_numpy(a) if p.axis is None else as_numpy(a)[0] for p, a in zip(parts, arrays, strict=True)
        ]
        traced = self._run(args, parts, points)
        order = topological_order(traced.root)
        arguments = {leaf for values in traced.arguments for leaf in values.ravel()}
        if arguments.isdisjoint(order):
            raise ValueError(
                f"{self.__name__} returns {traced.root.data}, a constant: it does not depend on its arguments"
            )
        there, opposite = other_points(points)
        first = first_defined(lambda point: self._run(args, parts, point), points, there)
        captured = by_label(_in_both([n for n in leaves_among(order) if n not in arguments], first))
        names = identifiers([*(part.name for part in parts), *captured])
        shapes = [values.shape for values in (*traced.arguments, *captured.values())]
        batched = [part.axis is not None for part in parts] + [False] * len(captured)
        compiled = Compiled(
            order,
            [*traced.arguments, *captured.values()],
            [Input(*one) for one in zip(names, shapes, batched, strict=True)],
            self._asked(args),
            self._xp,
        )
        program = _Traced(compiled, list(captured.values()))
        del traced, order, arguments
        if first is not None:
            self._check(program, parts, first, self._asked(args))
        # At the second point the cost will do, which takes less time.
        second = first_defined(lambda point: self._run(args, parts, point), points, opposite)
        if second is not None:
            self._check(program, parts, second, [])
        if first is second is None:
            warn_unchecked(self.__name__)
        return program

    def _run(self, args: Sequence[Any], parts: Sequence[Part], point: Sequence[Any]) -> _Run:
        """Run the function on Values at a point, one array for each part."""
        values = [values_like(array, Value, part.name) for array, part in zip(point, parts, strict=True)]
        lists = iter([array.tolist() if array.shape else array[()] for array in values])
        root = self._f(*(rebuild(arg, lists) for arg in args))
        if not isinstance(root, Value):
            raise TypeError(
                f"{self.__name__} must return one Value, the cost, not {type(root).__name__} {root!r:.60}"
            )
        return _Run(root, values)

    def _check(
        self, program: _Traced, parts: Sequence[Part], other: tuple[list[Any], _Run], asked: Sequence[int]
    ) -> None:
        """Compare with the function itself at another point: the cost, and the gradients asked for."""
        point, run = other
        single = [p if part.axis is None else p[None] for p, part in zip(point, parts, strict=True)]
        value, found = self._run_program(program, [self._xp.asarray(array) for array in single])
        leaves = [leaf for k in asked for leaf in run.arguments[k].ravel()]
        got = [g for gradient in found for g in as_numpy(gradient).ravel()] if asked else []
        expected = _gradients(run.root, leaves, has_history=bool(program.captured)) if asked else []
        require_equal(self.__name__, float(run.root.data), float(value), expected, got)


def _gradients(root: Value, leaves: list[Value], has_history: bool) -> list[float]:
    """Return the scalar engine's gradients; Values that were there before keep theirs."""
    if has_history:
        return [float(g) for g in grad(root, leaves)]
    root.backward()
    return [float(leaf.grad) for leaf in leaves]


def _in_both(leaves: Sequence[Value], other: tuple[Any, _Run] | None) -> list[Value]:
    """Return the leaves that were there before the function ran: those that another graph of it has too.

    The others were made on the way, and are constants.
    """
    if not leaves or other is None:
        return []
    known = set(leaves_among(topological_order(other[1].root)))
    return [leaf for leaf in leaves if leaf in known]


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


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Spare the collector the walk through a graph that grows: nothing of it is garbage before the end."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
