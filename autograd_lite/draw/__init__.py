"""Pictures of a computation graph, from every scalar operation to one box a layer.

Here the request is checked and the level of detail chosen. What is shown stands in ``view.py``: without what
is no help in ``folding.py``, near one node in ``focus.py``, layer by layer in ``layers.py``. Which boxes that
makes stands in ``cards.py``, how they look in ``faces.py``, ``tables.py`` and ``style.py``, where they go in
``arrangement.py``. ``diagram.py`` puts all of it on a sheet, Graphviz's source (``sheet.py``); how it fits a
slide or a page stands in ``size.py``, and what files it becomes in ``picture.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from autograd_lite.graph import topological_order
from autograd_lite.names import options_told
from autograd_lite.numbers.failures import no_root
from autograd_lite.value import Value

if TYPE_CHECKING:
    from autograd_lite.draw.picture import Picture
    from autograd_lite.draw.view import View

__all__ = ["draw"]

Detail: TypeAlias = Literal["operations", "neurons", "layers"]

_READABLE = 60
"""A picture of more values is a poster that nobody can read."""

_READABLE_AROUND_PATHS = 40
"""Among more values, paths are not found at a glance."""


def draw(root: Any, *arguments: Any, **options: Any) -> Picture:
    """Draw everything a node was made of, left to right.

    A box holds a value, its gradient, and the sign of the operation that made it, constants and all. A neuron
    is one box: its weights, at which the inputs that they are multiplied with arrive, its bias, z and a. The
    fill of a gradient is orange for a positive one, blue for a negative one, the deeper the larger;
    parameters, inputs, computed values and the root have borders of their own. Neuron 0 stands above
    neuron 1, and layers side by side. The same graph gives the same bytes.

    Parameters
    ----------
    root : Value
        Or an object with a method ``draw``, such as a network, which is called with the other arguments.
    detail : {"operations", "neurons", "layers"}, optional
        ``"neurons"`` draws what the derivations name: of a network, x, w, b, z, a and C, whose steps are one
        box. ``"operations"`` draws those steps, and takes nodes of many operands apart into products and
        sums, by their own rule. ``"layers"`` draws one box a layer, where labels such as ``w[1][0,2]`` name
        layers, else one a level and operation. By default neurons up to 60 values, a larger graph by layers,
        and the picture says so.
    partials : bool
        Whether each edge, and each row of a neuron, bears its local derivative.
    highlight : Value, optional
        A node whose paths to the root are emphasised. The picture says what the edges of each path multiply
        to, if there are at most 6, and what all paths add up to: the derivative of the root. Of a graph of
        more than 40 values, what lies on no path is then left out.
    parameters : collection of Value, optional
        The leaves that are parameters; by default those labelled with the letters w and b.
    focus : Value, optional
        A node to draw with its neighbours: what it uses, what uses it, and its neuron. Of the rest the
        picture says how much it is: "3 more neurons", "layer 2: 8 neurons".
    size : {"slide", "page", "thumbnail"} or (width, height) in inches, optional
        What the picture is to fill: a slide of 16:9, the width of a page. Where its letters would be smaller
        than 1/40 of a slide's height, or than 6 points on paper, the legend is left out, then the partials,
        and if that is not enough, the next coarser detail is drawn, and the picture says so.
    legend : bool
        Whether borders and colours are explained below.
    title : str
        A heading.

    Returns
    -------
    graphviz.Digraph
        ``draw(root).save("graph.svg")`` writes a file, as do ``.png``, ``.pdf``, ``.tex`` (TikZ), ``.gv`` and
        ``.json``; in a notebook it shows itself.

    Raises
    ------
    TypeError
        If root is neither a Value nor an object with a method ``draw``, or highlight or focus not a Value.
    ValueError
        If detail is unknown; if root was not made of highlight or focus, or both are given; or if the graph
        is too large for the detail asked for: if arranging it would take more than about half a minute.

    Notes
    -----
    Networks of 5,000 nodes take a few seconds. What counts is how many columns the edges cross, all together:
    a graph of 5,000 operations, each on others of nearby levels, is drawn; one of 1,500 whose every operation
    uses values from all over it is not.

    Examples
    --------
    >>> w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-0.5, "b")
    >>> picture = draw((w * x + b).tanh(), partials=True, title="One neuron")
    >>> picture.source.count("->")
    5
    """
    size = options.pop("size", None)
    if isinstance(root, Value):
        if size is None:
            return _draw_graph(root, *arguments, **options)
        from autograd_lite.draw.size import fitted

        return fitted(partial(_draw_graph, root, *arguments), size, options, len(topological_order(root)))
    if callable(own := getattr(root, "draw", None)) and not isinstance(root, type):
        picture: Picture = own(*arguments, **options)
        if size is None:
            return picture
        from autograd_lite.draw.size import on_sheet, sheet

        return on_sheet(picture, sheet(size))[0]
    raise no_root("draw", "a Value, the root of a graph, or a network", root)


@options_told
def _draw_graph(
    root: Value,
    *,
    detail: Detail | None = None,
    partials: bool = False,
    highlight: Value | None = None,
    parameters: Collection[Value] | None = None,
    focus: Value | None = None,
    legend: bool = True,
    title: str = "",
    caption: Sequence[str] = (),
) -> Picture:
    # Graphviz's interface is imported here, for the engine itself is to need the standard library alone.
    from autograd_lite.draw.diagram import Frame, draw_layers, draw_vertices
    from autograd_lite.draw.focus import focused
    from autograd_lite.draw.folding import folded
    from autograd_lite.draw.view import view

    _check(detail, partials, highlight, focus)
    if not isinstance(title, str):
        raise TypeError(f"title is a text, not {type(title).__name__} {title!r}")
    frame = Frame(caption, title, legend)
    shown = view(root, detail == "operations", parameters)
    for node in (highlight, focus):
        _refuse_strangers(shown, node)
    kept = [node for node in (highlight, focus) if node is not None]
    shown = folded(shown, kept, costs=detail != "operations")
    if focus is not None:
        shown = focused(shown, shown.position[focus])
        return draw_vertices(shown, partials, frame, centre=shown.position[focus])
    found = None if highlight is None else shown.paths(shown.position[highlight])
    size = len(shown.vertices)
    if detail == "layers" or (detail is None and found is None and size > _READABLE):
        return draw_layers(shown, frame._replace(caption=[*caption, _by_layers(shown, detail is None)]))
    if found is not None and detail is None and size > _READABLE_AROUND_PATHS:
        shown = shown.alone(found)
        found = shown.paths(0)
        text = f"{len(shown.vertices):,} of {size:,} values: those on a path. detail='neurons' draws all."
        frame = frame._replace(caption=[*caption, text])
    _refuse_what_is_too_large(shown, detail)
    return draw_vertices(shown, partials, frame, found)


def _check(detail: Detail | None, partials: bool, highlight: Value | None, focus: Value | None) -> None:
    if detail is not None and detail not in get_args(Detail):
        raise ValueError(f"detail is 'operations', 'neurons' or 'layers', not {detail!r}")
    if detail == "layers" and (partials or highlight is not None or focus is not None):
        raise ValueError(
            "partials, highlight and focus belong to edges between nodes, which layers do not show: "
            "pass detail='neurons'"
        )
    if highlight is not None and focus is not None:
        raise ValueError("highlight shows whole paths, focus one node and its neighbours: pass one of them")
    for what, node in (("highlight", highlight), ("focus", focus)):
        if node is not None and not isinstance(node, Value):
            instead = ": of a network, pass mlp.weights(1)[0][1] and the like" * isinstance(node, str)
            raise TypeError(f"{what} is a Value of the graph, not {type(node).__name__} {node!r}{instead}")


def _refuse_strangers(shown: View, node: Value | None) -> None:
    if node is not None and node not in shown.position:
        raise ValueError(f"there is no path to it: the root was not made of {node!r}")


def _by_layers(shown: View, chosen: bool) -> str:
    from autograd_lite.draw.diagram import is_too_large

    text = f"{len(shown.vertices):,} values, drawn layer by layer"
    if not chosen:
        return f"{text}."
    if is_too_large(shown):
        return f"{text}: too many to draw one by one."
    return f"{text}; detail='neurons' draws every one."


def _refuse_what_is_too_large(shown: View, detail: Detail | None) -> None:
    from autograd_lite.draw.diagram import is_too_large
    from autograd_lite.draw.size import TooMuchError

    if is_too_large(shown):
        coarser = "detail='neurons' or detail='layers'" if detail == "operations" else "detail='layers'"
        raise TooMuchError(
            f"{len(shown.vertices):,} values, with their edges, take minutes to arrange one by one. "
            f"Pass {coarser}, focus=node for one of them and its neighbours, or draw less: one sample "
            "instead of a batch, or a node further down"
        )
