"""One vertex and its neighbours; of the rest of a graph, how much it is: "3 more neurons".

The neighbours are what the vertex uses and what uses it; of a vertex in a neuron, those of the whole neuron.
One vertex of a neighbouring neuron stands for all of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import replace
from typing import NamedTuple

from autograd_lite.draw.cards import NEURONS
from autograd_lite.draw.roles import order
from autograd_lite.draw.view import Place, Vertex, View
from autograd_lite.numbers.kinds import Number

_FIRST, _MOST = 4, 6
"""Of more neighbours than the most, the first ones are shown, and the last."""


class _Part(NamedTuple):
    """What is left out, in one: on which side of the vertex, and of which layer."""

    side: str
    layer: str


def focused(shown: View, centre: int) -> View:
    """Return the neighbourhood of a vertex.

    Parameters
    ----------
    shown : View
    centre : int
        The vertex, by position.

    Returns
    -------
    View
        With a vertex of the role ``"rest"`` for each part that is left out, its ``sign`` saying what that is.

    Examples
    --------
    >>> from autograd_lite import Value
    >>> from autograd_lite.draw.view import view
    >>> x = Value(2.0, "x")
    >>> for _ in range(20):
    ...     x = x.tanh()
    >>> [v.name or v.sign for v in focused(view(x), 10).vertices]
    ['9 more values', 'v₉', 'v₁₀', 'v₁₁', '8 more values', 'C']
    """
    vertices = shown.vertices
    core = _core(vertices, centre)
    kept = core | _neighbours(vertices, core, centre) | {len(vertices) - 1}
    whole = _wholes(vertices, core, kept)
    parts = _parts(vertices, core, kept | whole.keys())
    everything = [*vertices, *(_rest(shown, core, kept, part, parts[part]) for part in parts)]
    stands_for = whole | {i: at for at, part in enumerate(parts, len(vertices)) for i in parts[part]}
    height = _heights(shown, core, kept, parts)
    uses: dict[int, dict[tuple[int, int], Number]] = {i: {} for i in sorted(height, key=lambda i: height[i])}
    for i, vertex in enumerate(vertices):
        head = stands_for.get(i, i)
        for k, (parent, partial) in enumerate(zip(vertex.parents, vertex.partials, strict=True)):
            tail = stands_for.get(parent, parent)
            if (tail, head) == (parent, i):
                uses[i][parent, k] = partial
            elif height[tail] < height[head]:
                uses[head][tail, -1] = None
    index = {i: at for at, i in enumerate(uses)}
    left = [
        replace(everything[i], parents=[index[tail] for tail, _ in of], partials=list(of.values()))
        for i, of in uses.items()
    ]
    position = {node: index[i] for node, i in shown.position.items() if i in kept}
    return View(left, position, exact=shown.gradients_are_the_roots())


def _core(vertices: Sequence[Vertex], centre: int) -> set[int]:
    """Return a vertex with what its neuron computes, if that is not one number for each of many samples."""
    place = vertices[centre].place
    core = {i for i, v in enumerate(vertices) if v.place == place and v.parents} if place[1:] else set()
    return core | {centre} if len(core) <= _MOST else {centre}


def _wholes(vertices: Sequence[Vertex], core: Collection[int], kept: Collection[int]) -> dict[int, int]:
    """Return for each vertex of a neighbouring neuron the one that stands for it."""
    shown = {vertices[i].place: i for i in sorted(kept) if vertices[i].place[1:] and i not in core}
    for i in core:
        shown.pop(vertices[i].place, None)
    return {i: shown[v.place] for i, v in enumerate(vertices) if i not in kept and v.place in shown}


def _neighbours(vertices: Sequence[Vertex], core: Set[int], centre: int) -> set[int]:
    """Return what a few vertices use, and what uses them."""
    found: set[int] = set()
    users: list[int] = []
    for i, vertex in enumerate(vertices):
        if i not in core and not core.isdisjoint(vertex.parents):
            users.append(i)
        if i in core:
            found.update(
                _few_operands(vertex, centre) if vertex.op in NEURONS else _few(vertices, vertex.parents)
            )
    return found.union(_few(vertices, users))


def _few(vertices: Sequence[Vertex], some: Sequence[int]) -> list[int]:
    in_order = sorted(some, key=lambda i: order(vertices[i].symbol, vertices[i].role).get("number", ()))
    return in_order if len(some) <= _MOST else [*in_order[:_FIRST], in_order[-1]]


def _few_operands(neuron: Vertex, centre: int) -> list[int]:
    """Return some weights of a neuron, and the inputs that they belong to."""
    parents, n = neuron.parents, len(neuron.parents) // 2
    if n <= _MOST:
        return parents
    bias = len(parents) % 2
    places = {*range(_FIRST), n - 1} | {
        (i - bias) % n for i, parent in enumerate(parents) if parent == centre
    }
    return [parent for i, parent in enumerate(parents) if i < bias or (i - bias) % n in places]


# --- the rest -------------------------------------------------------------------------------------------


def _home(vertices: Sequence[Vertex], core: Collection[int]) -> Place:
    return max((vertices[i].place for i in core), key=len)


def _parts(
    vertices: Sequence[Vertex], core: Collection[int], kept: Collection[int]
) -> dict[_Part, list[int]]:
    """Return the parts of what is left out: of the neuron itself, of each layer, and else by the side."""
    before, after = _reached(vertices, core)
    home = _home(vertices, core)
    side_of = {home[0]: "beside"} if home else {}
    for i, vertex in enumerate(vertices):
        if vertex.parents and vertex.place:
            side_of.setdefault(vertex.place[0], "before" if i in before else "after")
    parts: defaultdict[_Part, list[int]] = defaultdict(list)
    for i, vertex in enumerate(vertices):
        if i in kept:
            continue
        layer = "".join(vertex.place[:1])
        side = "before" if i in before else "after" if i in after else "beside"
        side = "own" if home[1:] and vertex.place == home else side_of.get(layer, side)
        parts[_Part(side, layer)].append(i)
    return dict(parts)


def _reached(vertices: Sequence[Vertex], core: Collection[int]) -> tuple[set[int], set[int]]:
    """Return all that some vertices were made of, and all that was made of them."""
    before, after = set(core), set(core)
    for i in reversed(range(len(vertices))):
        if i in before:
            before.update(vertices[i].parents)
    for i, vertex in enumerate(vertices):
        if not after.isdisjoint(vertex.parents):
            after.add(i)
    return before, after


def _heights(
    shown: View, core: Collection[int], kept: Collection[int], parts: Mapping[_Part, Sequence[int]]
) -> dict[int, float]:
    """Return how far along each vertex of the picture stands, so that no edge leads back."""
    n, levels = len(shown.vertices), shown.levels()
    layers = list(dict.fromkeys(v.place[0] for v in shown.vertices if v.parents and v.place))
    height: dict[int, float] = {i: levels[i] for i in kept}
    height[n - 1] = 4 * n
    at_core, home = min(levels[i] for i in core) + 0.5, _home(shown.vertices, core)
    for i, part in enumerate(parts, n):
        along = layers.index(part.layer) if part.layer in layers else -1
        if part.side == "before":
            height[i] = along - 3 * n
        elif part.side == "after":
            height[i] = 2 * n + (along if part.layer else n)
        else:
            is_beside = part.side == "beside" and home[:1] == (part.layer,)
            height[i] = at_core if is_beside else -n
    return height


def _rest(
    shown: View, core: Collection[int], kept: Collection[int], part: _Part, members: Sequence[int]
) -> Vertex:
    """Return the vertex that stands for a part, and says how much it is."""
    home = _home(shown.vertices, core)
    place = home if part.side == "own" else (part.layer,) if part.layer else ()
    seen = {shown.vertices[i].place for i in kept if shown.vertices[i].place[:1] == (part.layer,)}
    neurons = {shown.vertices[i].place for i in members if shown.vertices[i].place[1:]} - seen
    if part.side == "own":
        are_weights = all(shown.vertices[i].letter == "w" for i in members)
        text = _counted(len(members), "more weight" if are_weights else "more value")
    elif neurons:
        text = _counted(len(neurons), "more neuron" if seen else "neuron")
    elif part.layer and all(shown.vertices[i].role == "input" for i in members):
        text = _counted(len(members), "more input" if seen else "input")
    else:
        text = _counted(len(members), "more value")
    if part.layer and part.layer != "".join(home[:1]):
        text = f"layer {part.layer}: {text}"
    return Vertex(None, "rest", "leaf", 0, 0, [], (), place, text)


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"
