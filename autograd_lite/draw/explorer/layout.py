"""Where the nodes and edges of a graph go on a page, in pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd_lite.draw.arrangement import Box, Link, Point, arrange
from autograd_lite.draw.roles import order
from autograd_lite.writing import Symbol, short

_HEIGHT, _CONSTANT_HEIGHT = 74, 34
_NARROWEST, _CONSTANT_WIDTH = 122, 92
_LETTER, _EDGES = 10, 24
_SIGN, _DOOR = 54, 9
_GAP, _SPACING, _PAD = 112, 14, 18


def layout(nodes: Sequence[Mapping[str, Any] | None], symbols: Sequence[Symbol | None]) -> dict[str, Any]:
    """Place the nodes of a graph from left to right.

    Parameters
    ----------
    nodes : sequence of mappings
        With ``parents``, positions in the sequence; ``role``; ``symbol``, of which the ``text`` is to fit, or
        for a constant its ``data``; or None for one that is not drawn.
    symbols : sequence of Symbol or None
        The names of the nodes.

    Returns
    -------
    dict
        ``nodes``, for each its left, top, width and height, or None; ``edges``, each as parent, child, which
        operand of the child, and the coordinates of its curve: of the start, then of three points for each
        Bézier curve.
    """
    kept = {i: node for i, node in enumerate(nodes) if node}
    new = {i: k for k, i in enumerate(kept)}
    uses = [
        (parent, i, place)
        for i, node in kept.items()
        for place, parent in enumerate(node["parents"])
        if parent in new
    ]
    sizes = {i: _size(node) for i, node in kept.items()}
    placed = arrange(
        [Box(*sizes[i], **order(symbols[i], node["role"], by_neuron=True)) for i, node in kept.items()],
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
    edges = [[*use, _flat(curve)] for use, curve in zip(uses, placed.curves, strict=True)]
    return {"nodes": boxes, "edges": sorted(edges)}


def _size(node: Mapping[str, Any]) -> tuple[int, int]:
    if node["symbol"] is None:
        return max(_CONSTANT_WIDTH, _LETTER * len(short(node["data"])) + _EDGES // 2), _CONSTANT_HEIGHT
    room = max(_NARROWEST, _LETTER * len(node["symbol"]["text"]) + _EDGES)
    return room + (_SIGN if node["parents"] else 0), _HEIGHT


def _flat(curve: Sequence[Point]) -> list[int]:
    return [round(coordinate + _PAD) for point in curve for coordinate in point]
