"""What is lifted of a function beside its cost with gradients: ways from its run to the root of a graph.

What becomes of the graph is told in pipeline.py; how a derivative is made a graph, in sweeps.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd_lite.graph import interior_nodes
from autograd_lite.lifting.answers.results import NOTHING, Flat, Layout, Results, Sparse, flattened
from autograd_lite.lifting.answers.sweeps import Slope, Sweeps
from autograd_lite.lifting.arguments.structure import Structure
from autograd_lite.lifting.arrays import Shape
from autograd_lite.value import Value

Function: TypeAlias = Callable[..., Any]


class Given(NamedTuple):
    """The arguments of a run."""

    arguments: list[Any]  # as the function takes them
    arrays: list[Any]  # what these consist of
    names: list[str]  # of the arrays
    asked: list[int]  # the arrays by which is differentiated
    numbers: list[int]  # the arguments that these make up
    structure: Structure | None  # what is put together of an array for each of them
    is_batched: bool  # whether some of them come once for each sample

    @property
    def variables(self) -> Flat:
        """What is differentiated by."""
        arrays = [self.arrays[k] for k in self.asked]
        leaves = [leaf for array in arrays for leaf in array.ravel()]
        return Flat([self.names[k] for k in self.asked], [a.shape for a in arrays], self.structure, leaves)


Way: TypeAlias = Callable[[Function, Given], Value]
"""From a function and the arguments of a run to the root of a graph."""


def cost(f: Function, given: Given) -> Value:
    """Return the cost that a function returns."""
    return _cost(f, f(*given.arguments))


def cost_and_others(f: Function, given: Given) -> Value:
    """Return the cost that a function returns first, and what else it returns."""
    returned = f(*given.arguments)
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise TypeError(
            f"with has_aux, {_name(f)} returns a cost and something else: (cost, aux), not "
            f"{type(returned).__name__} {returned!r:.60}"
        )
    others = flattened(returned[1], "aux")
    return Results(others.values, _each_sample(others), _cost(f, returned[0]))


def value(f: Function, given: Given) -> Value:
    """Return what a function returns, of a cost the mean over samples."""
    returned = f(*given.arguments)
    is_cost = isinstance(returned, Value)
    found = flattened(returned, "C" if is_cost else "y")
    return Results(found.values, _each_sample(found)._replace(means=[is_cost] * len(found.names)))


def value_and_others(f: Function, given: Given) -> Value:
    """Return a cost, as its mean over samples, and what else a function returns, for each sample."""
    root = cost_and_others(f, given)
    assert isinstance(root, Results)
    assert root.cost is not None
    names, shapes, means, structure, _ = root.layout
    layout = Layout(["C", *names], [(), *shapes], [True, *means], Structure(tuple, (0, 1), (None, structure)))
    return Results([root.cost, *root.values], layout)


def along(f: Function, given: Given) -> Value:
    """Return what a function returns of the first half of the arguments, and its slope along the second."""
    half, n = len(given.arguments) // 2, len(given.arrays) // 2
    returned = f(*given.arguments[:half])
    is_cost = isinstance(returned, Value)
    found = flattened(returned, "C" if is_cost else "y")
    here, there = given.arrays[:n], given.arrays[n:]
    _require_alike(here, there, "a tangent for each number of the point")
    tangents = dict(zip(_leaves(here), _leaves(there), strict=True))
    slopes = Sweeps(_nodes(found), tangents).forward(tangents)
    layout = Layout(
        [*found.names, *(f"{name}_dot" for name in found.names)],
        found.shapes * 2,
        [is_cost] * 2 * len(found.names),
        Structure(tuple, (0, 1), (found.structure,) * 2),
    )
    return Results([*found.values, *(_of(slopes, x) for x in found.values)], layout)


def product(f: Function, given: Given) -> Value:
    """Return the slope of a cost along vectors, which come after the arguments: its gradient is Hv."""
    asked = [given.arrays[k] for k in given.asked]
    vectors = given.arrays[len(given.arrays) - len(asked) :]
    _require_alike(asked, vectors, "a vector for each argument asked for")
    n = len(given.arguments) - len(given.numbers)
    found = _cost(f, f(*given.arguments[:n]))
    gradient = Sweeps([found], _leaves(asked)).backward(found, is_last=False)
    pairs = zip(_leaves(asked), _leaves(vectors), strict=True)
    return Results([], NOTHING, sum((_of(gradient, leaf) * v for leaf, v in pairs), Value(0.0)))


def jacobian(f: Function, given: Given, sparse: bool = False) -> Value:
    """Return the derivatives of what a function returns, for each sample."""
    returned = f(*given.arguments)
    found = flattened(returned, "C" if isinstance(returned, Value) else "y")
    return _matrix(found, given.variables, sparse, is_mean=False)


def hessian(f: Function, given: Given, sparse: bool = False, diagonal: bool = False) -> Value:
    """Return the second derivatives of a cost, of its mean over samples."""
    refuse_samples(given.is_batched)
    variables = given.variables
    found = _cost(f, f(*given.arguments))
    gradient = Sweeps([found], variables.values).backward(found, is_last=False)
    slopes = [_of(gradient, leaf) for leaf in variables.values]
    if not diagonal:
        return _matrix(variables._replace(values=slopes), variables, sparse, is_mean=True)
    sweeps = Sweeps(_nodes(variables._replace(values=slopes)), variables.values)
    second = [_of(_backward(sweeps, s), x) for s, x in zip(slopes, variables.values, strict=True)]
    names = [f"H_{name}" for name in variables.names]
    layout = _each_sample(variables)._replace(names=names, means=[True] * len(names))
    return Results(second, layout)


def refuse_samples(is_batched: bool) -> None:
    """Refuse the Hessian by arguments that come once for each sample."""
    if is_batched:
        raise ValueError(
            "the Hessian by arguments that run over samples has a block for each: take hvp, or the Hessian "
            "of a function of one sample"
        )


# --- matrices of derivatives ----------------------------------------------------------------------------


def _matrix(found: Flat, variables: Flat, sparse: bool, is_mean: bool) -> Results:
    """Return the derivatives of results by variables: an array for each pair of them, or a sparse matrix."""
    rows = list(_rows(found, variables))
    if sparse:
        return _elements(rows, len(variables.values), is_mean)
    letter = "H" if is_mean else "J"
    values: list[Slope] = []
    names, shapes = [], []
    for of, first, last in _blocks(found):
        for by, left, right in _blocks(variables):
            values += [x for row in rows[first:last] for x in row[left:right]]
            each = [found.names[of]] if is_mean or len(found.names) > 1 else []
            names.append("_".join([letter, *each, variables.names[by]]))
            shapes.append(found.shapes[of] + variables.shapes[by])
    structure = nested(found.structure, variables.structure)
    return Results(values, Layout(names, shapes, [is_mean] * len(names), structure))


def _rows(found: Flat, variables: Flat) -> Iterator[list[Slope]]:
    """Yield the derivatives of each result, by the mode that meets fewer nodes."""
    sweeps = Sweeps(_nodes(found), variables.values)
    # Reverse mode meets what a result was made of, and forward mode all, once for each variable.
    if sum(len(interior_nodes(x)) for x in _nodes(found)) <= len(sweeps.order) * len(variables.values):
        for x in found.values:
            adjoints = _backward(sweeps, x)
            yield [_of(adjoints, leaf) for leaf in variables.values]
        return
    columns = [sweeps.forward({leaf: 1}) for leaf in variables.values]
    for x in found.values:
        yield [_of(column, x) for column in columns]


def _elements(rows: list[list[Slope]], width: int, is_mean: bool) -> Results:
    at = [(i, j) for i, row in enumerate(rows) for j, x in enumerate(row) if isinstance(x, Value) or x != 0]
    at = at or [(0, 0)]
    i, j = np.array(at).T
    matrix = Sparse(None, i, j, (len(rows), width))
    return Results([rows[i][j] for i, j in at], Layout(["J"], [(len(at),)], [is_mean], None, matrix))


def _blocks(flat: Flat) -> Iterator[tuple[int, int, int]]:
    """Yield for each array its number, and where its elements begin and end."""
    ends = [*accumulate((math.prod(shape) for shape in flat.shapes), initial=0)]
    return zip(range(len(flat.shapes)), ends[:-1], ends[1:], strict=True)


def nested(outer: Structure | None, inner: Structure | None) -> Structure | None:
    """Return a structure with another one in place of each array."""
    if outer is None:
        return inner
    return outer._replace(parts=tuple(nested(part, inner) for part in outer.parts))


# --- what these share -----------------------------------------------------------------------------------


def _cost(f: Function, returned: Any) -> Value:
    if isinstance(returned, Value):
        return returned
    several = isinstance(returned, (list, tuple, dict, np.ndarray))
    instead = ": for several results call .value or .jacobian of the lifted function" if several else ""
    raise TypeError(
        f"{_name(f)} must return one Value, the cost, not {type(returned).__name__} {returned!r:.60}{instead}"
    )


def _name(f: Function) -> str:
    return getattr(f, "__name__", "function")


def _each_sample(found: Flat) -> Layout:
    return Layout(found.names, found.shapes, [False] * len(found.names), found.structure)


def _leaves(arrays: Sequence[Any]) -> list[Value]:
    return [leaf for array in arrays for leaf in array.ravel()]


def _nodes(found: Flat) -> list[Value]:
    return [x for x in found.values if isinstance(x, Value)]


def _of(slopes: dict[Value, Slope], x: Any) -> Slope:
    return slopes.get(x, 0) if isinstance(x, Value) else 0


def _backward(sweeps: Sweeps, x: Slope) -> dict[Value, Slope]:
    return sweeps.backward(x) if isinstance(x, Value) else {}


def _require_alike(these: Sequence[Any], those: Sequence[Any], what: str) -> None:
    shapes: list[list[Shape]] = [[array.shape for array in arrays] for arrays in (these, those)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"there must be {what}: the shapes are {shapes[0]} and {shapes[1]}")
