"""Cards: the boxes of a picture. Most show one vertex; that of a neuron shows its weights, bias, z and a.

An edge to z from what a weight is multiplied with ends at the row of that weight.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from autograd_lite.draw.view import Vertex, View
from autograd_lite.ops import RULES

NEURONS = ("affine", "sumprod")
"""The operations that a neuron's z comes of."""


class Card(NamedTuple):
    """Vertices that are drawn in one box.

    Attributes
    ----------
    rows : list of int
        Their positions in the view, from top to bottom.
    z : int
        Of the rows that which is made of those above it.
    title : str
    doors : dict of int to int
        For the parent of a row that is none itself, the row at which its edge ends, where that is another.
    """

    rows: list[int]
    z: int
    title: str = ""
    doors: Mapping[int, int] = {}


def cards(view: View) -> list[Card]:
    """Put the vertices of a view on cards, in the order of their last rows.

    Parameters
    ----------
    view : View

    Returns
    -------
    list of Card

    Examples
    --------
    >>> from autograd_lite import Value, affine
    >>> from autograd_lite.draw.view import view
    >>> a = affine([Value(2.0, "w")], [Value(3.0, "x")], Value(1.0, "b")).tanh()
    >>> shown = view(a)
    >>> [[shown.vertices[i].name for i in card.rows] for card in cards(shown)]
    [['x'], ['w', 'b', 'v₁', 'C']]
    """
    vertices = view.vertices
    uses = Counter(parent for vertex in vertices for parent in vertex.parents)
    users = {parent: i for i, vertex in enumerate(vertices) for parent in vertex.parents}
    made: dict[int, Card] = {}
    inside: set[int] = set()
    for z in range(len(vertices)):
        leaves = [i for i in _own_leaves(view, z) if uses[i] == 1]
        if not leaves:
            continue
        rows = [*leaves, z]
        a = users.get(z, z)
        if uses[z] == 1 and _is_activation(view, a, z):
            rows.append(a)
        place = vertices[z].place
        made[rows[-1]] = Card(
            rows, z, f"neuron {place[1]}" if place[1:] else "", dict(_doors(view, z, leaves))
        )
        inside.update(rows)
    return [made.get(i) or Card([i], i) for i in range(len(vertices)) if i in made or i not in inside]


def _is_activation(view: View, a: int, z: int) -> bool:
    """Return whether a vertex is made of z alone, without a number beside it, such as a target."""
    vertex = view.vertices[a]
    is_bare = vertex.sign == RULES[vertex.op].symbol
    return is_bare and vertex.parents == [z] and vertex.place == view.vertices[z].place


def _own_leaves(view: View, z: int) -> list[int]:
    """Return the weights of a neuron, and then its bias."""
    vertex = view.vertices[z]
    if vertex.op not in NEURONS:
        return []
    leaves = [i for i in vertex.parents if _is_own(view.vertices[i], vertex)]
    is_bias = leaves[:1] == vertex.parents[:1] and vertex.op == "affine"
    return [*leaves[1:], *leaves[:1]] if is_bias else leaves


def _is_own(leaf: Vertex, z: Vertex) -> bool:
    """Return whether a leaf is a weight or bias, or stands for some of this neuron that are left out."""
    return leaf.role == "parameter" or (leaf.role == "rest" and leaf.place == z.place != ())


def _doors(view: View, z: int, leaves: list[int]) -> Iterator[tuple[int, int]]:
    """Yield each input of a neuron, and its weight: z = b + Σ w·a, and so ∂z/∂a = w (A6)."""
    parents = view.vertices[z].parents
    if view.vertices[z].sign != RULES[view.vertices[z].op].symbol:
        return  # a constant is not among the parents
    factors = parents[1:] if view.vertices[z].op == "affine" else parents
    half = len(factors) // 2
    if 2 * half != len(factors):
        return
    for weight, factor in zip(factors[:half], factors[half:], strict=True):
        if weight in leaves and factor not in leaves:
            yield factor, weight
