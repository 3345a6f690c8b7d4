"""lift: the public face, which traces, checks, remembers, and puts arguments and gradients into their shapes."""

from __future__ import annotations

import inspect
import math
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_lite.derivatives import grad
from autograd_lite.lift.compiled import Compiled
from autograd_lite.lift.grouping import Input
from autograd_lite.lift.structure import flatten, rebuild
from autograd_lite.notation import symbol
from autograd_lite.value import CONSTANT, Value, topological_order


def lift(
    f: Any,
    *,
    argnums: int | Sequence[int] = 0,
    in_axes: Any = None,
    inputs: Mapping[str, Any] | None = None,
    xp: Any = np,
) -> Any:
    """Turn a function on scalars, or a graph, into one on arrays that returns the value and the gradient.

    Parameters
    ----------
    f : callable or Value
        A function of numbers, nested lists and dicts that returns one Value, the cost, written with Values,
        loops, ``sum``, networks. Or a graph that exists: its cost.
    argnums : int or sequence of int
        The arguments whose gradients are wanted.
    in_axes : None, int, or one of them for each argument
        The axis of an argument that runs over samples; None for one that all samples share. One sample is
        traced; the cost is then the mean over them (A1). For a graph: a dict by the names of the inputs.
    inputs : dict of str to nested lists of Value, optional
        For a graph, the leaves that make up each array; by default those of one letter and layer, ``w[1][0,2]``
        in ``W1``. Other leaves are constants.
    xp : module, optional
        The array library, one that follows the Python array API standard.

    Returns
    -------
    LiftedFunction or LiftedGraph

    Raises
    ------
    TypeError
        If f is neither a function nor a Value.

    Examples
    --------
    >>> def cost(params, x):
    ...     return sum((w * x_k) ** 2 for w, x_k in zip(params["w"], x))
    >>> program = lift(cost, in_axes=(None, 0))
    >>> value, gradients = program({"w": [1.0, 2.0]}, [[1.0, 1.0], [3.0, 0.0]])
    >>> float(value), gradients["w"].tolist()
    (7.0, [10.0, 2.0])
    """
    if isinstance(f, Value):
        return LiftedGraph(f, inputs, in_axes or {}, xp)
    if not callable(f):
        raise TypeError(f"lift takes a function or a Value, the cost, not {type(f).__name__} {f!r:.60}")
    return LiftedFunction(f, argnums, in_axes, xp)


class LiftedFunction:
    """A function on arrays made of one on scalars: see :func:`lift`. Call it as the function it was made of.

    It is traced on the first call, and again for other shapes; each program is kept.
    """

    def __init__(self, f: Callable[..., Any], argnums: int | Sequence[int], in_axes: Any, xp: Any) -> None:
        self._f = f
        self._argnums = argnums
        self._in_axes = in_axes
        self._xp = xp
        self._programs: dict[Any, Compiled] = {}
        self._last: Compiled | None = None
        self.__name__ = getattr(f, "__name__", "function")

    @property
    def source(self) -> str:
        """The NumPy source of the program used last."""
        return self._compiled().source

    def __str__(self) -> str:
        compiled = self._compiled()
        return f"{compiled.source}\n# {compiled.summary}"

    def _compiled(self) -> Compiled:
        if self._last is None:
            raise ValueError(f"{self.__name__} has not been traced: call it once with arguments of their shapes")
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
        axes = self._axes(len(args))
        named = _named_arguments(self._f, args)
        parts = [flatten(arg, name) for name, arg in named]
        arrays = [
            _floating(self._xp, array, name, axis)
            for part, axis in zip(parts, axes, strict=True)
            for name, array in part
        ]
        batch = [axis is not None for part, axis in zip(parts, axes, strict=True) for _ in part]
        _check_samples(arrays, batch)
        key = tuple((array.shape[1:] if b else array.shape, b) for array, b in zip(arrays, batch, strict=True))
        key = (*key, str([rebuild(arg, lambda array, name: 0) for arg in args]))
        compiled = self._programs.get(key)
        if compiled is None:
            compiled = self._programs[key] = self._trace(args, axes, arrays, batch)
        self._last = compiled
        value, found = compiled(arrays)
        return value, self._in_structure(args, parts, arrays, found)

    def _axes(self, n: int) -> list[int | None]:
        axes = [self._in_axes] * n if self._in_axes is None or isinstance(self._in_axes, int) else list(self._in_axes)
        if len(axes) != n:
            raise ValueError(f"in_axes has {len(axes)} entries for {n} arguments")
        return axes

    def _asked(self) -> list[int]:
        return [self._argnums] if isinstance(self._argnums, int) else list(self._argnums)

    def _in_structure(self, args: Sequence[Any], parts: Any, arrays: Sequence[Any], found: list[Any]) -> Any:
        """Put the gradients where the arrays stood."""
        remaining = iter(found)
        starts = np.cumsum([0, *map(len, parts)])
        results = []
        for i in self._asked():
            those = iter(arrays[starts[i] : starts[i + 1]])

            def gradient(_: Any, __: str, those: Any = those) -> Any:
                array, one = next(those), next(remaining)
                return self._xp.zeros_like(array) if one is None else self._xp.reshape(self._xp.asarray(one), array.shape)

            results.append(rebuild(args[i], gradient))
        return results[0] if isinstance(self._argnums, int) else tuple(results)

    # --- tracing ----------------------------------------------------------------------------------------

    def _trace(self, args: Sequence[Any], axes: Sequence[int | None], arrays: list[Any], batch: list[bool]) -> Compiled:
        points = [np.asarray(array, dtype=float) for array in arrays]
        root, leaves, names = self._run(args, axes, [p[0] if b else p for p, b in zip(points, batch, strict=True)])
        flat = [leaf for array in leaves for leaf in array.ravel()]
        if not isinstance(root, Value):
            raise TypeError(f"{self.__name__} must return one Value, the cost, not {type(root).__name__} {root!r:.60}")
        if set(flat).isdisjoint(topological_order(root)):
            raise ValueError(f"{self.__name__} returns {root.data}, a constant: it does not depend on its arguments")
        inputs = [Input(name, leaf.shape, b) for name, leaf, b in zip(names, leaves, batch, strict=True)]
        counts = np.cumsum([0, *(len(flatten(arg)) for arg in args)])
        asked = [k for i in self._asked() for k in range(counts[i], counts[i + 1])]
        compiled = Compiled(root, leaves, inputs, asked, self._xp)
        self._check(compiled, args, axes, points, batch, asked)
        return compiled

    def _run(self, args: Sequence[Any], axes: Sequence[int | None], points: list[Any]) -> tuple[Any, list[Any], list[str]]:
        """Run the function on Values at a point, one array for each of the arguments' arrays."""
        remaining = iter(points)
        leaves: list[Any] = []
        names: list[str] = []

        def as_values(_: Any, name: str) -> Any:
            array = next(remaining)
            values = np.empty(array.shape, dtype=object)
            for index in np.ndindex(array.shape):
                indices = f"[{','.join(map(str, index))}]" if index else ""
                values[index] = Value(float(array[index]), f"{name}{indices}")
            leaves.append(values)
            names.append(_identifier(name, names))
            return values.tolist() if array.shape else values[()]

        arguments = [rebuild(arg, as_values, name) for name, arg in _named_arguments(self._f, args)]
        return self._f(*arguments), leaves, names

    def _check(
        self, compiled: Compiled, args: Sequence[Any], axes: Sequence[int | None], points: list[Any], batch: list[bool], asked: list[int]
    ) -> None:
        """Compare with the function itself at two other points, where branches on signs go both ways."""
        random = np.random.default_rng(0)
        other = [_moved(point, random) for point in points]
        for direction in (1.0, -1.0):
            for share in (1.0, 0.3, 0.1, 0.01):
                nearby = [
                    (1 - share) * point + share * direction * far for point, far in zip(points, other, strict=True)
                ]
                try:
                    root, leaves, _ = self._run(
                        args, axes, [p[0] if b else p for p, b in zip(nearby, batch, strict=True)]
                    )
                except (ArithmeticError, ValueError):
                    continue  # outside of where the function is defined: look closer by
                self._compare(compiled, root, leaves, nearby, batch, asked)
                break

    def _compare(
        self, compiled: Compiled, root: Value, leaves: list[Any], points: list[Any], batch: list[bool], asked: list[int]
    ) -> None:
        expected = grad(root, [leaf for k in asked for leaf in leaves[k].ravel()])
        single = [p[:1] if b else p for p, b in zip(points, batch, strict=True)]
        value, found = compiled([self._xp.asarray(p) for p in single])
        got = [
            float(g)
            for one, k in zip(found, asked, strict=True)
            for g in (np.zeros(leaves[k].size) if one is None else np.asarray(one).ravel())
        ]
        _require_equal(self.__name__, float(root.data), float(np.asarray(value)), expected, got)


class LiftedGraph:
    """A graph on arrays: see :func:`lift`.

    Attributes
    ----------
    inputs : dict of str to array
        The data of the leaves, by the name of their array.
    """

    def __init__(self, root: Value, inputs: Mapping[str, Any] | None, in_axes: Mapping[str, Any], xp: Any) -> None:
        named = _leaves_by_label(root) if inputs is None else inputs
        self._leaves = {name: np.array(leaves, dtype=object) for name, leaves in named.items()}
        if unknown := [name for name in in_axes if name not in self._leaves]:
            raise ValueError(f"in_axes names {unknown[0]}; the inputs are {', '.join(self._leaves)}")
        self._batch = [in_axes.get(name) is not None for name in self._leaves]
        self._axes = [in_axes.get(name) for name in self._leaves]
        self._xp = xp
        taken: list[str] = []
        for name in self._leaves:
            taken.append(_identifier(name, taken))
        shapes = [leaves.shape for leaves in self._leaves.values()]
        described = [Input(*one) for one in zip(taken, shapes, self._batch, strict=True)]
        everything = list(range(len(described)))
        self._compiled = Compiled(root, list(self._leaves.values()), described, everything, xp)

    @property
    def inputs(self) -> dict[str, Any]:
        """The data of the leaves as it is now, by the name of their array."""
        return {
            name: np.array([leaf.data for leaf in leaves.ravel()], dtype=float).reshape(leaves.shape)
            for name, leaves in self._leaves.items()
        }

    @property
    def source(self) -> str:
        """The NumPy source of the program."""
        return self._compiled.source

    def __str__(self) -> str:
        return f"{self._compiled.source}\n# {self._compiled.summary}"

    def __call__(self, inputs: Mapping[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Return the cost and its gradient by each input.

        Parameters
        ----------
        inputs : dict of str to array, optional
            By name; what is left out is the leaves' own data.

        Returns
        -------
        value, dict of str to array

        Raises
        ------
        ValueError
            If there is no such input, or it has another shape.
        """
        given = dict(inputs or {})
        if unknown := [name for name in given if name not in self._leaves]:
            raise ValueError(f"there is no input {unknown[0]}: there are {', '.join(self._leaves)}")
        own = self.inputs if len(given) < len(self._leaves) else {}
        arrays = []
        for name, axis, leaves in zip(self._leaves, self._axes, self._leaves.values(), strict=True):
            array = given.get(name)
            if array is None:
                array = own[name] if axis is None else own[name][None]
                axis = None if axis is None else 0
            array = _floating(self._xp, array, name, axis)
            shape = array.shape if axis is None else array.shape[1:]
            if shape != leaves.shape:
                raise ValueError(f"{name} has shape {shape}; the graph's has {leaves.shape}")
            arrays.append(array)
        _check_samples(arrays, self._batch)
        value, found = self._compiled(arrays)
        zeros = self._xp.zeros_like
        return value, {
            name: zeros(array) if one is None else self._xp.reshape(self._xp.asarray(one), array.shape)
            for name, one, array in zip(self._leaves, found, arrays, strict=True)
        }


def _leaves_by_label(root: Value) -> dict[str, Any]:
    """Return the leaves of a graph in arrays: those of a letter and layer, in the shape that their indices span."""
    groups: dict[str, dict[tuple[int, ...], Value]] = defaultdict(dict)
    layers: dict[str, str] = {}
    for node in topological_order(root):
        if not node.parents and node.op != CONSTANT:
            named = symbol(node.label, layered=False)
            indices = tuple(int(i) for i in named.indices if i.isdecimal())
            name = f"{named.letter}{named.layer}" if node.label else "x"
            name = name.upper() if len(indices) == 2 else name
            if not node.label or len(indices) != len(named.indices) or indices in groups[name]:
                name, indices = f"{name}_", (len(groups[f"{name}_"]),)
            groups[name][indices] = node
        layers[name] = named.layer
    ordered = sorted(groups, key=lambda name: (layers[name].zfill(9), name))
    return {name: _in_shape(groups[name]) for name in ordered}


def _in_shape(members: dict[tuple[int, ...], Value]) -> Any:
    shape = tuple(1 + max(index) for index in zip(*members, strict=True)) if () not in members else ()
    if len({len(index) for index in members}) == 1 and math.prod(shape) == len(members):
        array = np.empty(shape, dtype=object)
        for index, leaf in members.items():
            array[index] = leaf
        return array
    return list(members.values())


def _named_arguments(f: Callable[..., Any], args: Sequence[Any]) -> list[tuple[str, Any]]:
    try:
        names = list(inspect.signature(f).parameters)
    except (TypeError, ValueError):
        names = []
    names += [f"x{i}" for i in range(len(names), len(args))]
    return list(zip(names, args, strict=False))


def _identifier(name: str, taken: Sequence[str]) -> str:
    """Return a name that Python takes for one, and that none of the others has."""
    plain = re.sub(r"\W+", "_", name).strip("_") or "x"
    plain = f"x{plain}" if plain[0].isdigit() or plain in ("np", "program") else plain
    while plain in taken:
        plain += "_"
    return plain


def _floating(xp: Any, array: Any, name: str, axis: int | None) -> Any:
    """Return an array of floats with the axis over samples in front."""
    if xp is np:
        array = np.asarray(array)
        if array.dtype.kind in "iub":
            array = array.astype(float)
        if array.dtype.kind != "f":
            raise TypeError(f"{name} has the dtype {array.dtype}; lift takes real numbers")
        return array if axis in (None, 0) else np.moveaxis(array, axis, 0)
    array = xp.asarray(array)
    return array if axis in (None, 0) else xp.moveaxis(array, axis, 0)


def _check_samples(arrays: Sequence[Any], batch: Sequence[bool]) -> None:
    counts = {array.shape[0] if array.shape else None for array, b in zip(arrays, batch, strict=True) if b}
    if len(counts) > 1 or counts & {None, 0}:
        raise ValueError(f"arguments over samples must have as many of them, at least one: got {sorted(map(str, counts))}")


def _moved(point: Any, random: Any) -> Any:
    """Return a random point about as far from the origin, coordinate by coordinate."""
    scale = max(1.0, float(np.sqrt(np.mean(point * point)))) if point.size else 1.0
    return scale * random.normal(size=point.shape)


def _require_equal(name: str, cost: float, value: float, expected: list[Any], got: list[float]) -> None:
    """Refuse a program that is not the function at another point."""
    size = max([abs(float(g)) for g in expected], default=0.0)
    differences = [abs(float(a) - b) for a, b in zip(expected, got, strict=True)]
    if math.isclose(cost, value, rel_tol=1e-6, abs_tol=1e-9) and max(differences, default=0.0) <= 1e-6 * size + 1e-12:
        return
    raise ValueError(
        f"the lifted {name} is not {name}: at another point its cost is {value:.6g} instead of {cost:.6g}, "
        f"its gradient off by {max(differences, default=0.0):.3g}. {name} branches on a Value, or reads a number out of "
        "one, while it is traced; that is fixed in the program. Write relu, maximum, minimum, abs or where(x, a, b) "
        "instead of if, and keep Values instead of .data, float() or max()"
    )
