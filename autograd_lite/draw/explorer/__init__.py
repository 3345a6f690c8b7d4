"""The explorer: a computation graph as one HTML file that computes, steps and learns in the browser.

The page is put together of the scripts in this folder and of the rule book's own arithmetic, printed as
JavaScript. What a page for networks shows beside the graph is the business of those who draw networks.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from autograd_lite.graph import topological_order
from autograd_lite.numbers.failures import no_root
from autograd_lite.value import Value

if TYPE_CHECKING:
    from autograd_lite.draw.explorer.page import Page

__all__ = ["explore"]

_MOST_NODES, _MOST_EDGES = 2_000, 10_000

_MAIN = """
document.querySelector("header").append(themeButton());
const explorer = new Explorer(document.querySelector("main"), DATA, RULES);
"""


def explore(
    root: Any,
    path: str | os.PathLike[str] | None = None,
    *,
    parameters: Collection[Value] | None = None,
    title: str = "",
    **options: Any,
) -> Page:
    """Make a page in which one steps through a graph, changes its numbers and lets it learn.

    A notebook shows it in the cell; saved, it opens in a browser by a double click. It needs no network and
    nothing beside the file, and computes with floats, by the rules of the rule book.

    Parameters
    ----------
    root : Value
        The cost; or something with a method ``explore(path, …)`` of its own, as a network, which is called.
    path : str or path, optional
        The file to write at once, ``"page.html"``.
    parameters : collection of Value, optional
        The leaves that gradient descent changes; by default those with the derivations' letters, w and b.
    title : str, optional
        A heading; by default what is explored.
    **options
        For the method of something that is no Value.

    Returns
    -------
    Page
        With ``.html``, ``.save(path)``, and ``.path``, where it was saved.

    Raises
    ------
    TypeError
        If root is neither a Value nor has a method ``explore``, or a leaf's number can't become a float.
    ValueError
        If the graph is too large to be looked at.
    FileNotFoundError
        If the folder does not exist.

    Examples
    --------
    >>> w, x, y = Value(0.5, "w"), Value(2.0, "x"), Value(-1.0, "y")
    >>> page = explore(((w * x).tanh() - y) ** 2)
    >>> page.title
    'Explorer: the graph of C'
    """
    if not isinstance(root, Value):
        if not hasattr(root, "explore"):
            raise no_root("explore", "a Value, the root of a graph, or a network", root)
        page: Page = root.explore(path, **_given(parameters=parameters, title=title), **options)
        return page
    if options:
        raise TypeError(f"explore of a Value takes no {', '.join(options)}: only parameters and title")
    _check_size(root)
    # What only a page needs is loaded when one is made.
    from autograd_lite.draw.explorer.page import graph_data, make_page

    data = graph_data(root, parameters)
    symbol = data["nodes"][-1]["symbol"]
    heading = f"Explorer: the graph of {symbol['text']}" if symbol else "Explorer: a constant"
    return make_page(title or heading, [root], data, _MAIN, path=path)


def _given(**options: Any) -> dict[str, Any]:
    return {name: option for name, option in options.items() if option}


def _check_size(root: Value) -> None:
    nodes = topological_order(root)
    edges = sum(len(node.parents) for node in nodes)
    if len(nodes) > _MOST_NODES or edges > _MOST_EDGES:
        raise ValueError(
            f"this graph has {len(nodes):,} nodes and {edges:,} edges, and a page is for looking at up to "
            f"{_MOST_NODES:,} and {_MOST_EDGES:,}: explore a part of it, such as one sample's cost or one "
            "neuron, or a smaller network"
        )
