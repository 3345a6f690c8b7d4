"""How the cards of a picture look: their texts, colours and borders, and how large they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from autograd_lite.draw.cards import Card
from autograd_lite.draw.layers import Box
from autograd_lite.draw.sheet import SECOND_BORDER
from autograd_lite.draw.style import (
    FADED_INK,
    FADED_LINE,
    FRAMED,
    HIGHLIGHT,
    INK,
    LINE,
    LOOKS,
    PAPER,
    QUIET_INK,
    Look,
    gradient_colour,
    magnitude,
    number,
    plain_text,
)
from autograd_lite.draw.tables import Cell, table
from autograd_lite.draw.view import Vertex, View
from autograd_lite.numbers.kinds import Number
from autograd_lite.ops import RULES
from autograd_lite.paths import Edge, Paths
from autograd_lite.writing import PLAIN

_LONGEST_ROOT = 12
_MARGIN = 3
"""Between a border and the texts inside."""

_END, _LABELLED_END = 5, 17
"""The room that the end of an edge takes at a box."""

_DIGITS = 3
"""Of the ends of a range."""

_OPERATION = Look(FRAMED, "filled,rounded", 1, 1, "")


class Face(NamedTuple):
    """A card as it is drawn.

    Attributes
    ----------
    label : str
    attributes : mapping of str to str
        Of Graphviz's node.
    size : (float, float)
        Width and height over all, borders too.
    borders : int
        How many it has.
    spans : dict of int to (float, float)
        By vertex: where its row is, from the top.
    """

    label: str
    attributes: Mapping[str, str]
    size: tuple[float, float]
    borders: int
    spans: dict[int, tuple[float, float]]


class Scene:
    """A view on its way into a picture: what all its parts need to know."""

    def __init__(
        self,
        view: View,
        partials: bool = False,
        found: Paths[Edge] | None = None,
        centre: int | None = None,
    ) -> None:
        self.view = view
        self.centre = centre
        self.partials = partials
        self.found = found
        self.has_gradients = view.has_gradients()
        self.root_name = plain_text(view.root.name)
        # ∂C/∂w is said only of what is one, and not with a name that is too long to be repeated.
        self.exact = self.has_gradients and view.gradients_are_the_roots()
        self.spelled = self.exact and len(self.root_name) <= _LONGEST_ROOT
        shown = (magnitude(v.grad) for v in view.vertices if v.role not in ("constant", "rest"))
        self.largest = max((size for size in shown if size < math.inf), default=0)

    def is_faded(self, i: int) -> bool:
        """Return whether a vertex is on no emphasised path, and others are."""
        return self.found is not None and i not in self.found.uses

    def is_marked(self, i: int) -> bool:
        """Return whether a vertex is on an emphasised path, or is the one in focus."""
        return i == self.centre or (self.found is not None and i in self.found.uses)

    def is_on_path(self, parent: int, child: int) -> bool:
        """Return whether an edge is part of an emphasised path."""
        if self.found is None or child == self.found.start:
            return False
        return parent in self.found.uses and child in self.found.uses

    def gradient_by(self, name: str) -> str:
        """Return what a gradient is called."""
        return PLAIN.partial(self.root_name, name) if self.spelled else "grad"

    def called(self, i: int) -> str:
        """Return the name of a vertex, or the number of a constant."""
        vertex = self.view.vertices[i]
        return plain_text(vertex.name) or number(vertex.data)

    def partial(self, parent: int, child: int, partial: Number) -> str:
        """Return ∂z/∂w = 0.5 where the picture says it, else nothing: to what is left out leads none."""
        stated = self.partials and self.view.vertices[parent].role != "constant"
        if partial is None or not (stated or self.is_on_path(parent, child)):
            return ""
        return f"{PLAIN.partial(self.called(child), self.called(parent))} = {number(partial)}"

    def ink(self, i: int) -> str:
        """Return the colour of a vertex's texts."""
        return FADED_INK if self.is_faded(i) else INK


def face(scene: Scene, card: Card) -> Face:
    """Return the look of a card.

    Parameters
    ----------
    scene : Scene
    card : Card
        Of the scene's view.

    Returns
    -------
    Face
    """
    return _of_neuron(scene, card) if len(card.rows) > 1 else _of_one(scene, card.rows[0])


def _of_one(scene: Scene, i: int) -> Face:
    """Show one vertex: its operation; w = 0.5 and, below, ∂C/∂w = −0.25."""
    vertex = scene.view.vertices[i]
    if vertex.role in ("constant", "rest"):
        text = vertex.sign if vertex.role == "rest" else number(vertex.data)
        rows = [[Cell(text, ink=FADED_INK if scene.is_faded(i) else QUIET_INK)]]
    else:
        rows = [[_equation(scene, i)]]
        if scene.has_gradients:
            rows.append([_gradient(scene, i, f"{scene.gradient_by(plain_text(vertex.name))} = ")])
        if vertex.sign:
            line = FADED_LINE if scene.is_faded(i) else LINE
            sign = Cell(
                vertex.sign, fill=FRAMED, ink=scene.ink(i), rows=len(rows), look=_OPERATION, line=line
            )
            rows[0].insert(0, sign)
    labelled = any(
        scene.partial(parent, i, partial)
        for parent, partial in zip(vertex.parents, vertex.partials, strict=True)
    )
    least = (len(vertex.parents) + 1) * (_LABELLED_END if labelled else _END)
    made = table(rows, 1)
    look = LOOKS[vertex.role]
    edge = 2 * _MARGIN + (2 * SECOND_BORDER if look.peripheries > 1 else 0)
    width, height = made.width + edge, max(made.height + edge, least)
    attributes = {"style": look.style, "fillcolor": look.fill, "penwidth": f"{look.penwidth:g}"}
    if scene.is_faded(i):
        attributes |= {"color": FADED_LINE, "fillcolor": PAPER}
    elif scene.is_marked(i):
        attributes |= {"color": HIGHLIGHT, "penwidth": f"{max(look.penwidth, 2):g}"}
    return Face(made.label, attributes, (width, height), look.peripheries, {i: (0, height)})


def _of_neuron(scene: Scene, card: Card) -> Face:
    """Show a neuron line by line: weights, bias, z, a, and of each what the next of them changes by it."""
    rows = [_line(scene, card, i) for i in card.rows]
    heading = [Cell(card.title, ink=QUIET_INK, columns=2)]
    if scene.has_gradients:
        heading.append(Cell(scene.gradient_by("…"), ink=QUIET_INK))
    made = table([heading, *rows] if card.title or scene.has_gradients else rows, 1)
    spans = dict(zip(card.rows, made.spans[-len(rows) :], strict=True))
    look = LOOKS[scene.view.vertices[card.rows[-1]].role]
    faded = all(map(scene.is_faded, card.rows))
    attributes = {"style": "filled", "fillcolor": PAPER, "color": FADED_LINE if faded else LINE}
    edge = _MARGIN + (SECOND_BORDER if look.peripheries > 1 else 0)
    return Face(
        made.label,
        attributes,
        (made.width + 2 * edge, made.height + 2 * edge),
        look.peripheries,
        {i: (top + edge, bottom + edge) for i, (top, bottom) in spans.items()},
    )


def _line(scene: Scene, card: Card, i: int) -> list[Cell]:
    """Return the cells of a row: its sign, w = 0.5, its gradient, its derivative within the card."""
    vertex, z = scene.view.vertices[i], scene.view.vertices[card.z]
    if vertex.role == "rest":
        sign = ""
    elif z.sign != RULES[z.op].symbol:
        sign = vertex.sign  # which has constants in it, and so is a whole formula
    elif vertex.role == "parameter":
        # Of a part of a graph the other factor may be left out.
        is_factor = i in card.doors.values() or z.op == "sumprod" or vertex.letter.lower() == "w"
        sign = RULES["mul" if is_factor else "add"].symbol
    else:
        # The rows above a sum show what it adds up.
        sign = "Σ" if i == card.z else vertex.sign
    marked = scene.is_marked(i)
    look = LOOKS[vertex.role]
    look = look._replace(penwidth=2 if marked or vertex.role == "parameter" else 1)
    line = FADED_LINE if scene.is_faded(i) else HIGHLIGHT if marked else INK
    fill = PAPER if scene.is_faded(i) else look.fill
    cells = [Cell(sign, ink=scene.ink(i)), _equation(scene, i)._replace(look=look, line=line, fill=fill)]
    if scene.has_gradients:
        cells.append(_gradient(scene, i))
    if i != card.rows[-1]:
        child = card.rows[-1] if i == card.z else card.z
        vertices = scene.view.vertices
        partial = vertices[child].partials[vertices[child].parents.index(i)]
        text = scene.partial(i, child, partial)
        if text:
            cells.append(Cell(text, ink=HIGHLIGHT if scene.found else INK))
    return cells


def _equation(scene: Scene, i: int) -> Cell:
    vertex = scene.view.vertices[i]
    if vertex.role == "rest":
        return Cell(vertex.sign, ink=QUIET_INK)
    return Cell(f"{plain_text(vertex.name)} = {number(vertex.data)}", ink=scene.ink(i))


def _gradient(scene: Scene, i: int, before: str = "") -> Cell:
    vertex = scene.view.vertices[i]
    if vertex.role == "rest":
        return Cell("")
    fill = "" if scene.is_faded(i) else gradient_colour(vertex.grad, scene.largest)
    return Cell(before + number(vertex.grad, signed=True), fill=fill, ink=scene.ink(i))


# --- a layer --------------------------------------------------------------------------------------------


def face_of_layer(scene: Scene, box: Box, ends: int) -> Face:
    """Return the look of a box that stands for many vertices: how many of each kind, and their ranges.

    Parameters
    ----------
    scene : Scene
    box : Box
    ends : int
        The number of edges that end at it, for whose texts there is to be room.

    Returns
    -------
    Face
    """
    rows = [[Cell(box.title, bold=True, columns=2)]]
    for what, members in box.members.items():
        ranges = _ranges(scene, members)
        # That they are leaves the title says.
        words = [f"{len(members):,}" * (len(members) > 1), plain_text(what) * (what != "leaf")]
        rows.append([Cell(" ".join(filter(None, words)), rows=len(ranges)), ranges[0]])
        rows += [[cell] for cell in ranges[1:]]
    made = table(rows, 1)
    look = LOOKS["cost" if box.is_root else "interior"]
    edge = 2 * _MARGIN + (2 * SECOND_BORDER if look.peripheries > 1 else 0)
    attributes = {"style": look.style, "fillcolor": look.fill}
    size = made.width + edge, max(made.height + edge, (ends + 1) * 2 * _LABELLED_END)
    return Face(made.label, attributes, size, look.peripheries, {})


def _ranges(scene: Scene, members: Sequence[Vertex]) -> list[Cell]:
    """Return the ranges of the values and of the gradients of many vertices."""
    cells = [Cell(_range([v.data for v in members]))]
    if scene.has_gradients:
        gradients = [v.grad for v in members]
        fill = gradient_colour(max(gradients, key=magnitude), scene.largest)
        cells.append(Cell(_range(gradients, signed=True), fill=fill))
    return cells


def _range(numbers: Sequence[Number], signed: bool = False) -> str:
    missing = sum(x != x for x in numbers)
    try:
        known = [x for x in numbers if x == x]
        ends = [number(end, signed, _DIGITS) for end in (min(known), max(known))] if known else []
    except TypeError:
        return "various"  # symbols have no order
    text = " … ".join(dict.fromkeys(ends))
    return f"{text}{', ' if ends else ''}{missing} NaN" if missing else text
