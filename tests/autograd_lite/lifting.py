"""What the tests of lift share: comparison of a lifted program with the scalar engine's own gradients."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any
from unittest.mock import patch

import mpmath
import numpy as np

from autograd_lite import Value, grad, topological_order
from autograd_lite.lifting import lift, pipeline
from autograd_lite.lifting.arguments.structure import filled, parts_of, values_like
from autograd_lite.ops import RULES

TOLERANCE = 1e-12


def sizes_of_terms(root: Value, leaves: Sequence[Value]) -> list[float]:
    """Return for each leaf Σ |∏ partials| over all paths: what its gradient is made of where terms cancel."""
    size = {root: 1.0}
    for node in reversed(topological_order(root)):
        for parent, partial in zip(node.parents, node.partials, strict=True):
            size[parent] = size.get(parent, 0.0) + abs(float(partial)) * size.get(node, 0.0)
    return [size.get(leaf, 0.0) for leaf in leaves]


def scalar_result(f: Callable[..., Value], args: Sequence[Any]) -> tuple[Value, list[Value]]:
    """Run a function on Values; return the cost and the leaves in the order of the arguments."""
    leaves: list[Value] = []
    arguments = []
    for arg in args:
        parts, form = parts_of(arg)
        values = [values_like(np.asarray(part.array, dtype=float), Value, part.name) for part in parts]
        leaves += [leaf for array in values for leaf in array.ravel()]
        lists = iter([array.tolist() if array.shape else array[()] for array in values])
        arguments.append(filled(form, lists))
    return f(*arguments), leaves


def flat(structure: Any) -> list[float]:
    """Return all numbers in a structure of arrays."""
    return [float(x) for part in parts_of(structure)[0] for x in np.ravel(part.array)]


@contextmanager
def always_on_arrays() -> Iterator[None]:
    """Lift to arrays also where the engine would be faster."""
    with patch.object(pipeline, "_engine_time", lambda scalars: math.inf):
        yield


def recomputed(root: Value, leaves: Sequence[Value], number: Any, rounded: Any = lambda x: x) -> list[float]:
    """Return the gradients computed anew on numbers of another kind, or with other rounding."""
    copies: dict[Value, Value] = {}
    for node in topological_order(root):
        if node.parents:
            copies[node] = copy = Value.apply_operation(RULES[node.op], [copies[x] for x in node.parents])
            copy.data = rounded(copy.data)
        else:
            copies[node] = Value(number(node.data))
    return [float(g) for g in grad(copies[root], [copies.get(leaf, Value(0.0)) for leaf in leaves])]


def exact_gradients(root: Value, leaves: Sequence[Value]) -> list[float]:
    """Return the gradients computed with 50 digits."""
    with mpmath.workdps(50):
        return recomputed(root, leaves, mpmath.mpf)


def shaken_gradients(root: Value, leaves: Sequence[Value], seed: int) -> list[float]:
    """Return the gradients where each result is off by up to a unit in its last place, as NumPy's may be."""
    random = Random(seed)
    return recomputed(root, leaves, float, lambda x: x + random.uniform(-1, 1) * math.ulp(x))


def roundings(root: Value) -> float:
    """Return by how much root moves, to first order, where each result is off by two units in its last place.

    It is far below 1e-12 of the value, but where results that are nearly equal are subtracted.
    """
    nodes = [node for node in topological_order(root) if node.parents]
    moved = sum(abs(float(g) * float(node.data)) for g, node in zip(grad(root, nodes), nodes, strict=True))
    return 4 * 2.0**-53 * moved if math.isfinite(moved) else 0.0


def require_close_gradients(found: Sequence[float], root: Value, leaves: Sequence[Value]) -> None:
    """Compare gradients with the engine's, to 1e-12 of the terms that they are sums of.

    Where a graph magnifies its rounding, as where results that are nearly equal are subtracted, they may be
    about as far from the exact ones as the engine's are, whose rounding may be shaken: it is exact by luck.
    """
    expected, sizes = [float(g) for g in grad(root, leaves)], sizes_of_terms(root, leaves)
    wrong = [
        i
        for i, (a, b, size) in enumerate(zip(found, expected, sizes, strict=True))
        if not (abs(a - b) <= TOLERANCE * (abs(b) + size) or (np.isnan(a) and np.isnan(b)) or a == b)
    ]
    if wrong:
        exact = exact_gradients(root, leaves)
        ways = [expected, *(shaken_gradients(root, leaves, seed) for seed in range(3))]
        worst = max(
            abs(b - c) / size for way in ways for b, c, size in zip(way, exact, sizes, strict=True) if size
        )
        wrong = [i for i in wrong if abs(found[i] - exact[i]) > 30 * worst * sizes[i]]
    assert not wrong, [(i, found[i], expected[i], sizes[i]) for i in wrong]


def require_same_gradients(f: Callable[..., Value], *args: Any) -> Any:
    """Lift a function, compare value and all gradients with the scalar engine's; return the program."""
    program = lift(f, argnums=range(len(args)))
    value, gradients = program(*args)
    root, leaves = scalar_result(f, args)
    assert np.isclose(float(value), float(root.data), rtol=1e-12, atol=1e-300 + 1e-12 * abs(root.data))
    require_close_gradients(flat(gradients), root, leaves)
    return program


def require_same_graph(root: Value) -> Any:
    """Lift a graph, compare value and the gradients of all its leaves; return the program."""
    program = lift(root)
    value, gradients = program()
    leaves = [leaf for array in program._leaves.values() for leaf in array.ravel()]
    assert np.isclose(float(value), float(root.data), rtol=1e-12, atol=roundings(root))
    require_close_gradients(flat(gradients), root, leaves)
    return program


def require_same_batch(f: Callable[..., Value], args: Sequence[Any], in_axes: Sequence[int | None]) -> Any:
    """Lift a function of one sample over a batch, compare with the mean over samples; return the program."""
    program = lift(f, argnums=range(len(args)), in_axes=in_axes)
    value, gradients = program(*args)
    n = next(len(arg) for arg, axis in zip(args, in_axes, strict=True) if axis == 0)

    def average(*whole: Any) -> Value:
        samples = [
            f(*(arg if axis is None else arg[s] for arg, axis in zip(whole, in_axes, strict=True)))
            for s in range(n)
        ]
        return sum(samples) / n  # type: ignore[no-any-return]

    root, leaves = scalar_result(average, args)
    assert np.isclose(float(value), float(root.data), rtol=1e-12, atol=1e-15)
    require_close_gradients(flat(gradients), root, leaves)
    return program
