"""Where the nodes and edges of a graph go on a page: Graphviz decides, its SVG is read for the geometry."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

# In pixels; Graphviz counts 72 to an inch.
_HEIGHT, _CONSTANT_HEIGHT = 64, 30
_NARROWEST, _CONSTANT_WIDTH = 106, 84
_LETTER = 9
_CIRCLE = 13
# Of more nodes than these, Graphviz is asked for a good layout in seconds, not for the best in minutes.
_MANY = 500
_SVG = "{http://www.w3.org/2000/svg}"


def layout(nodes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Place the nodes of a graph from left to right.

    Parameters
    ----------
    nodes : sequence of mappings
        With ``parents``, positions in the sequence, and ``symbol``, of which the ``text`` is to fit.

    Returns
    -------
    dict
        ``width``, ``height``; ``nodes``, for each its left, top, width and height; ``edges``, each as parent,
        child, which operand of the child, and its SVG path.
    """
    # Graphviz's interface is imported here, for the engine itself is to need the standard library alone.
    from autograd_lite.draw.picture import Picture

    sizes = [_size(node) for node in nodes]
    picture = Picture(
        graph_attr={"rankdir": "LR", "nodesep": "0.22", "ranksep": "0.9", "pad": "0.25"},
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"arrowhead": "none"},
    )
    if len(nodes) > _MANY:
        picture.attr(mclimit="0.2", nslimit="2", nslimit1="2")
    for i, (node, (width, height)) in enumerate(zip(nodes, sizes, strict=True)):
        picture.node(f"n{i}", id=f"n{i}", width=f"{width / 72:.4f}", height=f"{height / 72:.4f}")
        for place, parent in enumerate(node["parents"]):
            picture.edge(f"n{parent}:e", f"n{i}:w", id=f"e{parent}_{i}_{place}")
    return _geometry(picture.pipe(encoding="utf-8"), sizes)


def _size(node: Mapping[str, Any]) -> tuple[int, int]:
    if node["symbol"] is None:
        return _CONSTANT_WIDTH, _CONSTANT_HEIGHT
    room = max(_NARROWEST, _LETTER * len(node["symbol"]["text"]) + 24)
    # The circle of an operation stands half outside the box, half inside.
    return room + (2 * _CIRCLE if node["parents"] else 0), _HEIGHT


def _geometry(svg: str, sizes: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Read the places of nodes and the paths of edges from Graphviz's picture."""
    tree = ElementTree.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", svg))
    graph = tree.find(f"{_SVG}g")
    assert graph is not None, "Graphviz draws a graph as a group"
    _, _, width, height = map(float, tree.attrib["viewBox"].split())
    # Graphviz's own coordinates begin elsewhere.
    found = re.search(r"translate\(([-\d.]+)[ ,]+([-\d.]+)\)", graph.attrib["transform"])
    assert found is not None, "Graphviz moves its drawing into view"
    dx, dy = map(float, found.groups())

    boxes: list[list[float]] = [[] for _ in sizes]
    edges = []
    for group in graph.iter(f"{_SVG}g"):
        name = group.get("id", "")
        if group.get("class") == "node":
            i = int(name[1:])
            corners = _numbers(group.find(f"{_SVG}polygon"), "points")
            x, y = min(corners[::2]) + dx, min(corners[1::2]) + dy
            boxes[i] = [round(x, 1), round(y, 1), *sizes[i]]
        elif group.get("class") == "edge":
            parent, child, place = map(int, name[1:].split("_"))
            points = _numbers(group.find(f"{_SVG}path"), "d")
            edges.append([parent, child, place, _path(points, dx, dy)])
    return {"width": round(width), "height": round(height), "nodes": boxes, "edges": sorted(edges)}


def _numbers(element: ElementTree.Element | None, attribute: str) -> list[float]:
    assert element is not None, "Graphviz draws nodes as polygons and edges as paths"
    return [float(x) for x in re.findall(r"-?[\d.]+", element.attrib[attribute])]


def _path(points: Sequence[float], dx: float, dy: float) -> str:
    """Write a path of Bézier curves, moved; Graphviz writes the start, then three points a curve."""
    moved = [f"{x + dx:.0f} {y + dy:.0f}" for x, y in zip(points[::2], points[1::2], strict=True)]
    return f"M{moved[0]}C{' '.join(moved[1:])}"
