"""Where the nodes and edges of a graph go on a page, in pixels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from autograd_lite.draw.arrangement import Box, Link, Point, arrange
from autograd_lite.draw.roles import order
from autograd_lite.writing import Symbol

_HEIGHT, _CONSTANT_HEIGHT = 64, 30
_NARROWEST, _CONSTANT_WIDTH = 106, 84
_LETTER = 9
_CIRCLE, _DOOR = 13, 8
_GAP, _SPACING, _PAD = 80, 16, 18


def layout(
    nodes: Sequence[Mapping[str, Any]], symbols: Sequence[Symbol | None], left_out: Collection[str] = ()
) -> dict[str, Any]:
    """Place the nodes of a graph from left to right.

    Parameters
    ----------
    nodes : sequence of mappings
        With ``parents``, positions in the sequence; ``role``; ``symbol``, of which the ``text`` is to fit.
    symbols : sequence of Symbol or None
        The names of the nodes.
    left_out : collection of str
        Roles of nodes in whose places there is to be nothing.

    Returns
    -------
    dict
        ``width``, ``height``; ``nodes``, for each its left, top, width and height, or None for one that is
        left out; ``edges``, each as parent, child, which operand of the child, and its SVG path.
    """
    kept = [i for i, node in enumerate(nodes) if node["role"] not in left_out]
    new = {i: k for k, i in enumerate(kept)}
    uses = [
        (parent, i, place) for i in kept for place, parent in enumerate(nodes[i]["parents"]) if parent in new
    ]
    sizes = {i: _size(nodes[i]) for i in kept}
    placed = arrange(
        [Box(*sizes[i], **order(symbols[i], nodes[i]["role"], by_neuron=True)) for i in kept],
        [
            Link(new[parent], new[i], None, (_HEIGHT / 2 - _DOOR, _HEIGHT / 2 + _DOOR))
            for parent, i, _ in uses
        ],
        _GAP,
        _SPACING,
    )
    boxes: list[list[float] | None] = [None] * len(nodes)
    for i, (x, y) in zip(kept, placed.corners, strict=True):
        boxes[i] = [round(x + _PAD, 1), round(y + _PAD, 1), *sizes[i]]
    edges = [[*use, _path(curve)] for use, curve in zip(uses, placed.curves, strict=True)]
    width, height = (round(length + 2 * _PAD) for length in (placed.width, placed.height))
    return {"width": width, "height": height, "nodes": boxes, "edges": sorted(edges)}


def _size(node: Mapping[str, Any]) -> tuple[int, int]:
    if node["symbol"] is None:
        return _CONSTANT_WIDTH, _CONSTANT_HEIGHT
    room = max(_NARROWEST, _LETTER * len(node["symbol"]["text"]) + 24)
    # The circle of an operation stands half outside the box, half inside.
    return room + (2 * _CIRCLE if node["parents"] else 0), _HEIGHT


def _path(curve: Sequence[Point]) -> str:
    """Write a start and Bézier curves."""
    start, *points = (f"{x + _PAD:.0f} {y + _PAD:.0f}" for x, y in curve)
    return f"M{start}C{' '.join(points)}"
