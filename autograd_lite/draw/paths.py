"""Every path from one vertex to the root: where they lead, how many there are, what they multiply to.

The product of the partials along a path, summed over all paths, is the derivative of the root.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from autograd_lite.draw.view import Vertex, View
from autograd_lite.numbers.kinds import Number

MOST_LISTED = 6
"""As many paths are written out one by one; of more, the number and the sum alone."""


@dataclass(slots=True)
class Path:
    """One way from a vertex to the root.

    Attributes
    ----------
    vertices : list of int
        First to last.
    factors : list of numbers
        The partial derivative of each edge.
    product : number
    """

    vertices: list[int]
    factors: list[Number]
    product: Number


@dataclass(slots=True)
class Paths:
    """All ways from a vertex to the root.

    Attributes
    ----------
    start : int
    on_path : set of int
        The vertices that lie on one.
    number : int
    total : number
        The sum of their products: the derivative of the root by the start.
    listed : list of Path
        Each of them, or none if there are more than ``MOST_LISTED``.
    """

    start: int
    on_path: set[int]
    number: int
    total: Number
    listed: list[Path]


def paths(view: View, start: int) -> Paths:
    """Find every path from a vertex to the root.

    Parameters
    ----------
    view : View
    start : int
        A position in ``view.vertices``.

    Returns
    -------
    Paths

    Examples
    --------
    >>> from autograd_lite import Value
    >>> from autograd_lite.draw.view import view
    >>> x = Value(3.0, "x")
    >>> found = paths(view(x * x + x), 0)
    >>> found.number, found.total, [path.factors for path in found.listed]
    (3, 7.0, [[3.0, 1], [3.0, 1], [1]])
    """
    # Everything in a view leads to the root, so that what can be reached from the start lies on a path.
    number = {start: 1}
    last = len(view.vertices) - 1
    for i in range(start + 1, last + 1):
        before = [number[p] for p, _ in _edges(view.vertices[i]) if p in number]
        if before:
            number[i] = sum(before)
    adjoint: dict[int, Number] = {last: 1}
    for i in range(last, start, -1):
        if not adjoint.get(i):
            continue  # as in backward, nothing flows back through a dead unit
        for p, partial in _edges(view.vertices[i]):
            if p in number:
                term = partial * adjoint[i]
                adjoint[p] = adjoint[p] + term if p in adjoint else term
    listed = _listed(view, start, set(number)) if number[last] <= MOST_LISTED else []
    return Paths(start, set(number), number[last], adjoint.get(start, 0), listed)


def _edges(vertex: Vertex) -> list[tuple[int, Number]]:
    return list(zip(vertex.parents, vertex.partials, strict=True))


def _listed(view: View, start: int, on_path: set[int]) -> list[Path]:
    """Return the paths one by one, walking from the root back."""
    last = len(view.vertices) - 1
    complete: list[Path] = []
    # Of each unfinished path: where it has got to, and the edges taken, as a chain of pairs that share tails.
    waiting: list[tuple[int, object]] = [(last, None)]
    while waiting:
        at, taken = waiting.pop()
        if at == start:
            complete.append(_path(start, taken))
            continue
        for parent, partial in reversed(_edges(view.vertices[at])):
            if parent in on_path:
                waiting.append((parent, (at, partial, taken)))
    return complete


def _path(start: int, taken: object) -> Path:
    path = Path([start], [], 1)
    while isinstance(taken, tuple):
        vertex, partial, taken = taken
        path.vertices.append(vertex)
        path.factors.append(partial)
    for partial in reversed(path.factors):
        if not path.product:
            break  # a dead unit: what is beyond it does not count, be it infinite
        path.product = partial * path.product
    return path


def paths_alone(view: View, found: Paths) -> View:
    """Return a view of the vertices that lie on a path, and of the edges between them.

    Parameters
    ----------
    view : View
    found : Paths

    Returns
    -------
    View
        Its first vertex is the start.
    """
    position = {old: new for new, old in enumerate(sorted(found.on_path))}
    vertices = []
    for old in position:
        vertex = view.vertices[old]
        kept = [(position[parent], partial) for parent, partial in _edges(vertex) if parent in position]
        vertices.append(replace(vertex, parents=[p for p, _ in kept], partials=[d for _, d in kept]))
    return View(vertices, {node: position[i] for node, i in view.position.items() if i in position})
