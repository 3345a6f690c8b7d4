"""Paths: the ways from a root back to what it was made of, and the reverse sweep that sums them all.

A graph is given by its *uses*: for each vertex, after those that it is made of, which others it uses, and the
partial derivative by each. How a path is explained or drawn is left to others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, get_type_hints

from autograd_lite.numbers.kinds import Number

N = TypeVar("N")
U = TypeVar("U", bound="Use")


class Use(Protocol):
    """One use of a vertex, the target, by another: the partial derivative of the user by it, there."""

    @property
    def target(self) -> Any: ...
    @property
    def partial(self) -> Number: ...


class Edge(NamedTuple):
    """A use and nothing else."""

    target: Any
    partial: Number


def edges(targets: Sequence[Any], partials: Sequence[Number]) -> list[Edge]:
    """Return the uses of vertices, such as a node's parents, with these partials."""
    return list(map(Edge, targets, partials))


class Path(NamedTuple):
    """One way from the root back to the variable.

    Attributes
    ----------
    nodes : tuple of Value
        The root, …, the variable; in a picture, their positions.
    factors : tuple of numbers
        ``factors[i]`` is the derivative of ``nodes[i]`` with respect to ``nodes[i + 1]`` along this path.
    """

    nodes: tuple[Any, ...]
    factors: tuple[Number, ...]

    @property
    def product(self) -> Number:
        """The product of the factors: what this path adds to the gradient."""
        product: Number = 1
        for factor in self.factors:
            if not product:
                break  # as in backward, nothing flows back through a dead unit
            product = factor * product
        return product


# Else documentation shows ForwardRef('tuple[Any, ...]') for tuple[Any, ...].
Path.__new__.__annotations__ = get_type_hints(Path)


class Paths(Generic[U]):
    """All ways from a root back to a vertex.

    Parameters
    ----------
    uses : dict of vertex to list of Use
        Of the vertices on a path and no others: see :func:`between`.
    root, start : vertex

    Examples
    --------
    >>> uses = {"x": [], "y": [Edge("x", 6), Edge("x", 7)], "C": [Edge("y", 2), Edge("x", 1)]}
    >>> found = Paths(uses, "C", "x")
    >>> found.number, found.total, [path.product for path in found]
    (3, 27, [12, 14, 1])
    """

    def __init__(self, uses: dict[Any, list[U]], root: Any, start: Any) -> None:
        self.uses = uses
        self.root = root
        self.start = start

    @cached_property
    def number(self) -> int:
        """How many there are, each use counted."""
        # The paths from the root to a vertex are those to the vertices that use it.
        number: defaultdict[Any, int] = defaultdict(int, {self.root: 1})
        for vertex in reversed(self.uses):
            if vertex != self.start:
                to_vertex = number.pop(vertex)
                for use in self.uses[vertex]:
                    number[use.target] += to_vertex
        return number[self.start]

    @property
    def total(self) -> Number:
        """The sum of their products: the derivative of the root by the start."""
        return adjoints(self.uses, self.root).get(self.start, 0)

    def __iter__(self) -> Iterator[Path]:
        for uses in self.walk():
            yield Path((self.root, *(use.target for use in uses)), tuple(use.partial for use in uses))

    def walk(self, backwards: bool = False) -> Iterator[tuple[U, ...]]:
        """Yield the uses along each path, in the order of the vertices' operands or against it."""

        def ahead(vertex: Any) -> Iterator[U]:
            return reversed(self.uses[vertex]) if backwards else iter(self.uses[vertex])

        if self.root == self.start:
            yield ()
            return
        path: list[U] = []
        branches = [ahead(self.root)] if self.uses else []
        while branches:
            use = next(branches[-1], None)
            if use is None:
                branches.pop()
                del path[-1:]
            elif use.target == self.start:
                yield (*path, use)
            else:
                path.append(use)
                branches.append(ahead(use.target))


def between(parents: Mapping[N, Sequence[N]], start: N) -> list[N]:
    """Return the vertices on the way from a root back to one of them, both included.

    Parameters
    ----------
    parents : mapping of vertex to sequence of vertex
        What each was made of, parents before children; all lead to the root.
    start : vertex

    Returns
    -------
    list of vertex
        Parents before children; empty if the root was not made of the start.

    Examples
    --------
    >>> between({"w": [], "x": [], "z": ["w", "x"], "C": ["z"]}, "x")
    ['x', 'z', 'C']
    """
    if start not in parents:
        return []
    found = {start: None}
    for vertex, operands in parents.items():
        if not found.keys().isdisjoint(operands):
            found[vertex] = None
    return list(found)


def adjoints(uses: Mapping[N, Sequence[Use]], root: N, seed: Number = 1) -> dict[N, Number]:
    """Return the derivative of the root by every vertex, as one backward pass finds it.

    Parameters
    ----------
    uses : mapping of vertex to sequence of Use
        Every vertex after those that it uses.
    root : vertex
    seed : number
        What the derivative of the root by itself is taken for.

    Returns
    -------
    dict of vertex to number
        Without those to which nothing flows back.

    Examples
    --------
    >>> adjoints({"x": [], "y": [Edge("x", 6)], "C": [Edge("y", 2), Edge("x", 1)]}, "C")
    {'C': 1, 'y': 2, 'x': 13}
    """
    found = {root: seed}
    for vertex in reversed(list(uses)):
        adjoint = found.get(vertex, 0)
        if not adjoint:
            continue  # nothing flows back through a dead unit
        for use in uses[vertex]:
            term = use.partial * adjoint
            found[use.target] = found[use.target] + term if use.target in found else term
    return found
