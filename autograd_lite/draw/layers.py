"""A graph in few boxes: one a layer where labels name layers, else one a level and operation.

What is made of layers and belongs to none, such as the cost, is one box.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from autograd_lite.draw.view import Vertex, View
from autograd_lite.ops import RULES

_MOST_LEVELS = _BANDS = 3
"""More boxes side by side are too small on a slide."""

_LETTERS = "wbza"

_Key = tuple[str, str, int]


@dataclass(slots=True)
class Box:
    """Vertices that are drawn as one.

    Attributes
    ----------
    title : str
    members : dict of str to list of Vertex
        By letter, such as w, b, z and a, or by the sign of the operation.
    is_root : bool
    """

    title: str
    members: dict[str, list[Vertex]] = field(default_factory=dict)
    is_root: bool = False


def boxes(view: View) -> tuple[list[Box], dict[tuple[int, int], int]]:
    """Put the vertices of a view into boxes.

    Constants that belong to no layer are left out.

    Parameters
    ----------
    view : View

    Returns
    -------
    list of Box
    dict of (int, int) to int
        The number of edges from one box to another.

    Examples
    --------
    >>> from autograd_lite import Value
    >>> from autograd_lite.draw.view import view
    >>> a = Value(2.0, "a[0][0]")
    >>> for l in (1, 2):
    ...     a = (Value(0.5, f"w[{l}][0,0]") * a).tanh()
    ...     a.label = f"a[{l}][0]"
    >>> made, links = boxes(view((a - 1) ** 2))
    >>> [box.title for box in made]
    ['layer 1', 'layer 0: the input', 'layer 2', 'after the layers']
    >>> links
    {(1, 0): 1, (0, 2): 1, (2, 3): 1}
    """
    levels = view.levels()
    keys = _keys(view, levels)
    if len({key[2] for key in keys if key and key[0] == "level"}) > _MOST_LEVELS:
        keys = [_in_band(key, levels[-1]) for key in keys]
    index = {key: i for i, key in enumerate(dict.fromkeys(key for key in keys if key))}
    made = [Box(_title(view, key, levels[-1]), is_root=key == keys[-1]) for key in index]
    at = [index[key] if key else None for key in keys]
    links: Counter[tuple[int, int]] = Counter()
    for vertex, here in zip(view.vertices, at, strict=True):
        if here is None:
            continue
        if vertex is view.root or (vertex.place and vertex.letter):
            kind = vertex.letter
        else:
            kind = RULES[vertex.op].symbol if vertex.parents else vertex.op
        made[here].members.setdefault(kind, []).append(vertex)
        for parent in vertex.parents:
            origin = at[parent]
            if origin is not None and origin != here:
                links[origin, here] += 1
    for box in made:
        if box.is_root and list(box.members.values()) == [[view.root]]:
            box.title = "the root"
        box.members = dict(sorted(box.members.items(), key=lambda entry: _LETTERS.find(entry[0])))
    return made, dict(links)


def _keys(view: View, levels: list[int]) -> list[_Key | None]:
    """Return for each vertex what it shares with the others of its box; None for what is left out."""
    keys: list[_Key | None] = []
    for vertex, level in zip(view.vertices, levels, strict=True):
        key: _Key | None
        if vertex.place:
            key = "layer", vertex.place[0], 0
        elif any((origin := keys[parent]) and origin[0] in ("layer", "after") for parent in vertex.parents):
            key = "after", "", 0
        elif vertex is view.root:
            key = "root", "", 0
        elif vertex.parents:
            key = "level", vertex.op, level
        else:
            key = None if vertex.role == "constant" else ("leaf", vertex.role, 0)
        keys.append(key)
    return keys


def _in_band(key: _Key | None, depth: int) -> _Key | None:
    return ("band", "", key[2] * _BANDS // (depth + 1)) if key and key[0] == "level" else key


def _title(view: View, key: _Key, depth: int) -> str:
    kind, name, number = key
    if kind == "layer":
        return view.layer_title(name)
    if kind == "leaf":
        return f"{name}s"
    if kind == "level":
        return f"level {number}"
    if kind == "band":
        # The levels l with l · bands // (depth + 1) = number.
        first, last = (-(-n * (depth + 1) // _BANDS) for n in (number, number + 1))
        first, last = max(first, 1), last - 1
        return f"level {first}" if first == last else f"levels {first} to {last}"
    return "after the layers" if kind == "after" else "the root"
