"""From what is to be shown to Graphviz: nodes, edges, clusters, and the text and legend below a picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from autograd_lite.draw.layers import boxes
from autograd_lite.draw.picture import Picture
from autograd_lite.draw.roles import Role
from autograd_lite.draw.style import (
    FADED_INK,
    FADED_LINE,
    FONT,
    FRAME,
    FRAMED,
    HIGHLIGHT,
    INK,
    LINE,
    LOOKS,
    PAPER,
    QUIET_INK,
    SIZE,
    SMALL,
    Cell,
    gradient_colour,
    legend,
    magnitude,
    number,
    plain_text,
    table,
    text_width,
    whole_name,
)
from autograd_lite.draw.view import Vertex, View
from autograd_lite.numbers.kinds import Number
from autograd_lite.ops import RULES
from autograd_lite.paths import Edge, Paths
from autograd_lite.writing import PLAIN

MOST_VERTICES, MOST_EFFORT = 10_000, 400_000
_EFFORT_OF_LABELS = 7
"""Beyond this many vertices, or this :func:`effort`, laying out takes more than about half a minute."""

_EFFORT_FOR_CURVES = 3_000
_MOST_PATHS, _MOST_FACTORS = 6, 8
_LONGEST_ROOT = 12


def effort(view: View) -> int:
    """Return how hard a view is to lay out: the number of points at which an edge meets a level."""
    # A level for each operation too; a leaf stands right before the first node that uses it.
    levels = [2 * level for level in view.levels()]
    first_use: dict[int, int] = {}
    for vertex, level in zip(view.vertices, levels, strict=True):
        for parent in vertex.parents:
            first_use[parent] = min(first_use.get(parent, level), level)
    for i, vertex in enumerate(view.vertices):
        if not vertex.parents:
            levels[i] = first_use.get(i, 2) - 2
    return sum(
        1 + sum(level - 1 - levels[parent] for parent in vertex.parents)
        for vertex, level in zip(view.vertices, levels, strict=True)
    )


def is_too_large(view: View, labelled: bool = False) -> bool:
    """Return whether drawing every vertex of a view would take longer than anyone waits.

    Parameters
    ----------
    view : View
    labelled : bool
        Whether the edges carry their derivatives, which have to find a place too.

    Returns
    -------
    bool
    """
    share = _EFFORT_OF_LABELS if labelled else 1
    return len(view.vertices) > MOST_VERTICES or effort(view) * share > MOST_EFFORT


# --- every vertex ---------------------------------------------------------------------------------------


class _Scene:
    """A view on its way into a picture: what all its parts need to know."""

    def __init__(self, view: View, partials: bool, found: Paths[Edge] | None) -> None:
        self.view = view
        self.partials = partials
        self.found = found
        self.has_gradients = view.has_gradients()
        self.root_name = plain_text(view.root.name)
        # ∂C/∂w is said only of what is one, and not with a name that is too long to be repeated.
        self.exact = self.has_gradients and view.gradients_are_the_roots()
        self.spelled = self.exact and len(self.root_name) <= _LONGEST_ROOT
        self.largest = max((m for v in view.vertices if (m := magnitude(v.grad)) < math.inf), default=0)

    def is_faded(self, i: int) -> bool:
        return self.found is not None and i not in self.found.uses

    def gradient_by(self, name: str) -> str:
        return PLAIN.partial(self.root_name, name) if self.spelled else "grad"


def draw_vertices(
    view: View, partials: bool, found: Paths[Edge] | None, caption: Sequence[str], legend: bool = True
) -> Picture:
    """Draw every vertex of a view: boxes for values, round nodes for operations.

    Parameters
    ----------
    view : View
    partials : bool
        Whether each edge bears its local derivative.
    found : Paths or None
        The paths to emphasise.
    caption : sequence of str
        Lines below the picture.
    legend : bool
        Whether borders and colours are explained.

    Returns
    -------
    Picture
    """
    scene = _Scene(view, partials, found)
    picture = _new_picture(effort(view))
    _add_clusters(picture, scene)
    for i, vertex in enumerate(view.vertices):
        _add_edges(picture, scene, i, vertex)
    roles = [role for role in LOOKS if any(vertex.role == role for vertex in view.vertices)]
    _add_caption(picture, scene, caption, roles if legend else (), legend)
    return picture


def _new_picture(effort: int) -> Picture:
    font = {"fontname": FONT, "fontsize": str(SIZE)}
    layout = {"rankdir": "LR", "ranksep": "0.4", "nodesep": "0.12"}
    if effort > _EFFORT_FOR_CURVES:
        # Less search for the fewest crossings, and straight lines: minutes become seconds.
        layout |= {"nslimit": "0.1", "nslimit1": "1", "mclimit": "0.01", "searchsize": "5", "splines": "line"}
    box = {"shape": "box", "margin": "0.07,0.06", "width": "0", "height": "0"}
    return Picture(
        graph_attr=layout | font | {"bgcolor": PAPER, "labelloc": "b", "labeljust": "l"},
        node_attr=box | font | {"color": INK, "fontcolor": INK},
        edge_attr={"fontname": FONT, "color": LINE, "arrowsize": "0.6", "tailport": "e"},
    )


def _add_clusters(picture: Picture, scene: _Scene) -> None:
    """Add all nodes, those of a layer and of a neuron inside a frame."""
    members: dict[tuple[str, ...], list[int]] = {}
    for i, vertex in enumerate(scene.view.vertices):
        members.setdefault(vertex.place, []).append(i)
    for layer in dict.fromkeys(place[:1] for place in members if place):
        title = scene.view.layer_title(layer[0])
        # Edges come in from the left; what is beside the leaves there is out of their way.
        own = [i for place, inside in members.items() if place[:1] == layer for i in inside]
        side = "r" if all(scene.view.vertices[i].parents for i in own) else "l"
        with picture.subgraph(name=f"cluster_{layer[0]}", graph_attr=_frame(title, FRAMED, side)) as frame:
            _add_nodes(frame, scene, members.get(layer, ()))
            for place, inside in members.items():
                if place[:1] == layer and place[1:]:
                    name = f"cluster_{'_'.join(place)}"
                    with frame.subgraph(
                        name=name, graph_attr=_frame(f"neuron {place[1]}", PAPER, side)
                    ) as inner:
                        _add_nodes(inner, scene, inside)
    _add_nodes(picture, scene, members.get((), ()))


def _frame(title: str, fill: str, side: str) -> dict[str, str]:
    look = {"style": "filled,rounded", "fillcolor": fill, "color": FRAME, "margin": "6"}
    text = {"fontcolor": QUIET_INK, "fontsize": "10", "labelloc": "t", "labeljust": side}
    return {"label": title} | look | text


def _add_nodes(picture: Picture, scene: _Scene, members: Iterable[int]) -> None:
    for i in members:
        vertex = scene.view.vertices[i]
        faded = scene.is_faded(i)
        picture.node(
            f"value{i}",
            label=table(_rows(scene, vertex, faded)),
            tooltip=whole_name(vertex.name),
            **_border(scene, i, vertex.role),
        )
        if vertex.parents:
            ink = FADED_INK if faded else INK
            line = FADED_LINE if faded else HIGHLIGHT if scene.found else LINE
            symbol = RULES[vertex.op].symbol
            width = max(24, text_width(symbol, 10) + 12)
            picture.node(
                f"op{i}",
                label=symbol,
                shape="ellipse",
                fixedsize="true",
                width=f"{width / 72:.2f}",
                height=f"{24 / 72:.2f}",
                fontsize="10",
                fontcolor=ink,
                color=line,
                style="filled",
                fillcolor=PAPER,
            )


def _border(scene: _Scene, i: int, role: Role) -> dict[str, str]:
    look = LOOKS[role]
    attributes = {"style": look.style, "fillcolor": look.fill, "penwidth": f"{look.penwidth:g}"}
    if look.peripheries > 1:
        attributes["peripheries"] = str(look.peripheries)
    if scene.is_faded(i):
        attributes |= {"color": FADED_LINE, "fillcolor": PAPER}
    elif scene.found:
        attributes["color"] = HIGHLIGHT
    return attributes


def _rows(scene: _Scene, vertex: Vertex, faded: bool) -> list[list[Cell]]:
    """Return the texts in a box: w = 0.5 and, below, ∂C/∂w = −0.25."""
    ink = FADED_INK if faded else INK
    if vertex.role == "constant":
        return [[Cell(number(vertex.data), ink=FADED_INK if faded else QUIET_INK)]]
    rows = [[Cell(f"{plain_text(vertex.name)} = {number(vertex.data)}", ink=ink)]]
    if scene.has_gradients:
        fill = "" if faded else gradient_colour(vertex.grad, scene.largest)
        text = f"{scene.gradient_by(plain_text(vertex.name))} = {number(vertex.grad, signed=True)}"
        rows.append([Cell(text, fill=fill, ink=ink)])
    return rows


def _add_edges(picture: Picture, scene: _Scene, i: int, vertex: Vertex) -> None:
    if not vertex.parents:
        return
    found = scene.found
    for parent, partial in zip(vertex.parents, vertex.partials, strict=True):
        on_path = found is not None and parent in found.uses
        operand = scene.view.vertices[parent]
        attributes = _stroke(found, on_path)
        if on_path or (scene.partials and operand.role != "constant"):
            text = f"{PLAIN.partial(plain_text(vertex.name), _called(operand))} = {number(partial)}"
            attributes["label"] = table([[Cell(text, size=SMALL)]])
        picture.edge(f"value{parent}", f"op{i}", **attributes)
    on_path = found is not None and i in found.uses and i != found.start
    picture.edge(f"op{i}", f"value{i}", **_stroke(found, on_path))


def _called(vertex: Vertex) -> str:
    return plain_text(vertex.name) or number(vertex.data)


def _stroke(found: Paths[Edge] | None, on_path: bool) -> dict[str, str]:
    if found is None:
        return {}
    return {"color": HIGHLIGHT, "penwidth": "2.6"} if on_path else {"color": FADED_LINE}


# --- below the picture ----------------------------------------------------------------------------------


def _path_lines(scene: _Scene, found: Paths[Edge]) -> list[Cell]:
    """Return what the emphasised paths multiply and add up to."""
    vertices = scene.view.vertices
    derivative = PLAIN.partial(scene.root_name, _called(vertices[found.start]))
    lines = []
    paths = list(found) if found.number <= _MOST_PATHS else []
    for path in paths:
        names = _shortened([_called(vertices[i]) for i in reversed(path.nodes)])
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


def _add_caption(
    picture: Picture, scene: _Scene, caption: Sequence[str], roles: Sequence[Role], scaled: bool
) -> None:
    text = [Cell(line) for line in caption]
    if scene.has_gradients and not scene.exact:
        text.append(Cell("grad is not this root's derivative alone: other passes or roots had a part in it"))
    if scene.found is not None:
        text += _path_lines(scene, scene.found)
    # Beside emphasised paths a scale would be one thing too many.
    scale = scene.largest if scaled and scene.has_gradients and scene.found is None else 0
    label = legend(text, roles, scene.gradient_by("…"), scale)
    if label:
        picture.attr(label=label)


# --- one box a layer ------------------------------------------------------------------------------------


def draw_layers(view: View, caption: Sequence[str], legend: bool = True) -> Picture:
    """Draw one box for each layer of a view, with the number and the range of what is in it.

    Parameters
    ----------
    view : View
    caption : sequence of str
        Lines below the picture.
    legend : bool
        Whether borders and colours are explained.

    Returns
    -------
    Picture
    """
    made, links = boxes(view)
    scene = _Scene(view, False, None)
    picture = _new_picture(0)
    for i, box in enumerate(made):
        look = LOOKS["cost" if box.is_root else "interior"]
        columns = ["", "values", scene.gradient_by("…")] if scene.has_gradients else ["", "values"]
        heading = [Cell(box.title, bold=True), *(Cell(text, size=SMALL, ink=QUIET_INK) for text in columns)]
        rows = [_summary(scene, what, members) for what, members in box.members.items()]
        picture.node(
            f"box{i}",
            label=table([heading, *rows]),
            style=look.style,
            fillcolor=look.fill,
            peripheries=str(look.peripheries),
        )
    for (origin, target), count in links.items():
        label = table([[Cell(f"{count:,} edge{'s' if count > 1 else ''}", size=SMALL)]])
        picture.edge(f"box{origin}", f"box{target}", penwidth=f"{1 + math.log10(count):.2f}", label=label)
    _add_caption(picture, scene, caption, (), legend)
    return picture


def _summary(scene: _Scene, what: str, members: list[Vertex]) -> list[Cell]:
    """Return a line of a box: what, how many, and the ranges of their values and gradients."""
    cells = [Cell(plain_text(what)), Cell(f"{len(members):,}"), Cell(_range([v.data for v in members]))]
    if scene.has_gradients:
        gradients = [v.grad for v in members]
        strongest = max(gradients, key=magnitude)
        fill = gradient_colour(strongest, scene.largest)
        cells.append(Cell(_range(gradients, signed=True), fill=fill))
    return cells


def _range(numbers: list[Number], signed: bool = False) -> str:
    missing = sum(x != x for x in numbers)
    try:
        known = [x for x in numbers if x == x]
        ends = [number(end, signed) for end in (min(known), max(known))] if known else []
    except TypeError:
        return "various"  # symbols have no order
    text = " … ".join(dict.fromkeys(ends))
    return f"{text}{', ' if ends else ''}{missing} NaN" if missing else text
