"""From what is to be shown to a sheet: cards and edges in their places, and what is said above and below."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from autograd_lite.draw.arrangement import Box, Link, arrange
from autograd_lite.draw.cards import Card, cards
from autograd_lite.draw.faces import Face, Scene, face, face_of_layer
from autograd_lite.draw.layers import boxes
from autograd_lite.draw.picture import Picture
from autograd_lite.draw.roles import Role, order
from autograd_lite.draw.sheet import ARROW, Sheet
from autograd_lite.draw.style import (
    FADED_LINE,
    HIGHLIGHT,
    LOOKS,
    number,
    plain_text,
    text_width,
    whole_name,
)
from autograd_lite.draw.tables import Cell, legend
from autograd_lite.draw.view import View
from autograd_lite.numbers.kinds import Number
from autograd_lite.paths import Edge, Paths
from autograd_lite.writing import PLAIN

MOST_VERTICES, MOST_EFFORT = 10_000, 400_000
"""Beyond this many vertices, or this :func:`effort`, a picture takes more than about half a minute."""

_MOST_PATHS, _MOST_FACTORS = 6, 8
_LONGEST_TITLE = 80
_GAP_OF_LAYERS, _SPACING = 6, 8


class Frame(NamedTuple):
    """What stands around a picture.

    Attributes
    ----------
    caption : sequence of str
        Lines below it.
    title : str
        Above it.
    legend : bool
        Whether borders and colours are explained.
    """

    caption: Sequence[str] = ()
    title: str = ""
    legend: bool = True


def effort(view: View) -> int:
    """Return how hard a view is to arrange: the number of points at which an edge meets a column."""
    levels = view.levels()
    first_use: dict[int, int] = {}
    for vertex, level in zip(view.vertices, levels, strict=True):
        for parent in vertex.parents:
            first_use[parent] = min(first_use.get(parent, level), level)
    for i, vertex in enumerate(view.vertices):
        if not vertex.parents:
            levels[i] = first_use.get(i, 1) - 1
    return sum(
        1 + sum(level - levels[parent] for parent in vertex.parents)
        for vertex, level in zip(view.vertices, levels, strict=True)
    )


def is_too_large(view: View) -> bool:
    """Return whether drawing every vertex of a view would take longer than anyone waits.

    Parameters
    ----------
    view : View

    Returns
    -------
    bool
    """
    return len(view.vertices) > MOST_VERTICES or effort(view) > MOST_EFFORT


# --- every vertex ---------------------------------------------------------------------------------------


class _Use(NamedTuple):
    """An edge between cards; it ends at the row of the child, or of the weight that its parent comes with."""

    tail: int
    head: int
    parent: int
    child: int
    row: int
    partial: Number


def draw_vertices(
    view: View, partials: bool, frame: Frame, found: Paths[Edge] | None = None, centre: int | None = None
) -> Picture:
    """Draw every vertex of a view, on cards, and the edges between them.

    Parameters
    ----------
    view : View
    partials : bool
        Whether each edge bears its local derivative.
    frame : Frame
    found : Paths, optional
        The paths to emphasise.
    centre : int, optional
        The vertex to mark.

    Returns
    -------
    Picture
    """
    scene = Scene(view, partials, found, centre)
    made = cards(view)
    faces = [face(scene, card) for card in made]
    uses = list(_uses(view, made))
    texts = [scene.partial(use.parent, use.child, use.partial) for use in uses]
    links = [_link(faces, use, text) for use, text in zip(uses, texts, strict=True)]
    placed = arrange([_box(view, *both) for both in zip(made, faces, strict=True)], links, spacing=_SPACING)
    sheet = Sheet(placed)
    _add_bands(sheet, view, made, faces)
    names = [f"value{card.rows[-1]}" if len(card.rows) == 1 else f"neuron{card.z}" for card in made]
    for i, (name, look) in enumerate(zip(names, faces, strict=True)):
        tooltip = whole_name(view.vertices[made[i].rows[-1]].name)
        attributes = {**look.attributes, "tooltip": tooltip} if tooltip else look.attributes
        sheet.add_node(name, i, look.size, look.borders, label=look.label, **attributes)
    # The emphasised edges last, over the others.
    for i in sorted(range(len(uses)), key=lambda i: scene.is_on_path(uses[i].parent, uses[i].child)):
        use = uses[i]
        stroke = _stroke(found, scene.is_on_path(use.parent, use.child))
        sheet.add_edge(names[use.tail], names[use.head], i, texts[i], **stroke)
    roles = [role for role in LOOKS if role != "rest" and any(v.role == role for v in view.vertices)]
    _add_frame(sheet, scene, frame, roles)
    return sheet.picture


def _uses(view: View, made: Sequence[Card]) -> Iterator[_Use]:
    card_of = {i: at for at, card in enumerate(made) for i in card.rows}
    for at, card in enumerate(made):
        for i in card.rows:
            vertex = view.vertices[i]
            for parent, partial in zip(vertex.parents, vertex.partials, strict=True):
                if card_of[parent] != at:
                    yield _Use(card_of[parent], at, parent, i, card.doors.get(parent, i), partial)


def _link(faces: Sequence[Face], use: _Use, text: str) -> Link:
    top, bottom = faces[use.tail].spans[use.parent]
    return Link(use.tail, use.head, (top + bottom) / 2, faces[use.head].spans[use.row], _room(text))


def _room(text: str) -> float:
    """Return the length of the straight end of an edge that bears a text."""
    return max(map(text_width, text.split("\n"))) + 2 * ARROW if text else 0


def _box(view: View, card: Card, look: Face) -> Box:
    vertex = view.vertices[card.z]
    return Box(*look.size, **order(vertex.symbol, vertex.role) | {"band": "".join(vertex.place[:1])})


def _add_bands(sheet: Sheet, view: View, made: Sequence[Card], faces: Sequence[Face]) -> None:
    """Put a band behind each layer, if the layers stand side by side."""
    bands: dict[str, tuple[float, float]] = {}
    for card, look, (left, _) in zip(made, faces, sheet.placed.corners, strict=True):
        for layer in view.vertices[card.z].place[:1]:
            before = bands.get(layer, (math.inf, -math.inf))
            bands[layer] = min(left, before[0]), max(left + look.size[0], before[1])
    in_order = sorted(bands.items(), key=lambda band: band[1])
    if all(first[1][1] < second[1][0] for first, second in pairwise(in_order)):
        for layer, (left, right) in in_order:
            sheet.add_band(layer, view.layer_title(layer), left, right)


def _stroke(found: Paths[Edge] | None, on_path: bool) -> dict[str, str]:
    if found is None:
        return {}
    return {"color": HIGHLIGHT, "penwidth": "2.6"} if on_path else {"color": FADED_LINE}


# --- around the picture ----------------------------------------------------------------------------------


def _path_lines(scene: Scene, found: Paths[Edge]) -> list[Cell]:
    """Return what the emphasised paths multiply and add up to."""
    derivative = PLAIN.partial(scene.root_name, scene.called(found.start))
    lines = []
    paths = list(found) if found.number <= _MOST_PATHS else []
    for path in paths:
        names = _shortened([scene.called(i) for i in reversed(path.nodes)])
        factors = [_factor(factor) for factor in reversed(path.factors)]
        steps = [" · ".join(_shortened(factors))] if len(factors) > 1 else []
        lines.append(f"{' → '.join(names)}: {' = '.join([*steps, number(path.product)])}")
    if len(paths) > 1:
        terms = " + ".join(_factor(path.product) for path in paths)
        lines.append(f"{len(paths)} paths: {derivative} = {terms} = {number(found.total)}")
    elif paths:
        lines.append(f"1 path: {derivative} = {number(found.total)}")
    else:
        lines.append(
            f"{found.number:,} paths: the sum of their products is {derivative} = {number(found.total)}"
        )
    return [Cell(line, ink=HIGHLIGHT) for line in lines]


def _factor(x: Number) -> str:
    text = number(x)
    return PLAIN.group(text) if text.startswith("−") or " " in text else text


def _shortened(parts: list[str]) -> list[str]:
    return parts if len(parts) <= _MOST_FACTORS else [*parts[:4], "…", *parts[-3:]]


def _add_frame(sheet: Sheet, scene: Scene, frame: Frame, roles: Sequence[Role]) -> None:
    """Write the title above a picture, and below it its caption, its paths and its legend."""
    if frame.title:
        sheet.add_title(plain_text(frame.title, _LONGEST_TITLE))
    text = [Cell(line) for line in frame.caption]
    if scene.has_gradients and not scene.exact:
        text.append(Cell("grad is not this root's derivative alone: other passes or roots had a part in it"))
    if scene.found is not None:
        text += _path_lines(scene, scene.found)
    # Beside emphasised paths a scale would be one thing too many.
    scale = scene.largest if scene.has_gradients and scene.found is None and frame.legend else 0
    label = legend(text, roles if frame.legend else (), scene.gradient_by("…"), scale)
    if label:
        sheet.picture.attr(label=label)


# --- one box a layer ------------------------------------------------------------------------------------


def draw_layers(view: View, frame: Frame) -> Picture:
    """Draw one box for each layer of a view, with the number and the range of what is in it.

    Parameters
    ----------
    view : View
    frame : Frame

    Returns
    -------
    Picture
    """
    made, uses = boxes(view)
    scene = Scene(view)
    ends = Counter(target for _, target in uses)
    faces = [face_of_layer(scene, box, ends[i]) for i, box in enumerate(made)]
    texts = [f"{count:,}\nedge{'s' if count > 1 else ''}" for count in uses.values()]
    links = [
        Link(origin, target, None, (0, faces[target].size[1]), _room(text))
        for (origin, target), text in zip(uses, texts, strict=True)
    ]
    sheet = Sheet(arrange([Box(*look.size) for look in faces], links, gap=_GAP_OF_LAYERS))
    for i, look in enumerate(faces):
        sheet.add_node(f"box{i}", i, look.size, look.borders, label=look.label, **look.attributes)
    for i, ((origin, target), count) in enumerate(uses.items()):
        sheet.add_edge(f"box{origin}", f"box{target}", i, texts[i], penwidth=f"{1 + math.log10(count):.2f}")
    _add_frame(sheet, scene, frame, ())
    return sheet.picture
