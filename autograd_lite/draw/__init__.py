"""Pictures of a computation graph. So far the plain one; the file that finds Graphviz is ``picture.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd_lite.ops import RULES
from autograd_lite.value import CONSTANT, Value, topological_order

if TYPE_CHECKING:
    from autograd_lite.draw.picture import Picture

__all__ = ["draw"]


def draw(root: Value) -> Picture:
    """Draw the graph of everything a node was made of, left to right.

    Boxes show label, data and gradient of a value, round nodes the operation that made it.

    Parameters
    ----------
    root : Value

    Returns
    -------
    graphviz.Digraph
        ``draw(root).render(outfile="graph.svg")`` writes a file; in a notebook it shows itself.

    Raises
    ------
    TypeError
        If root is not a Value.

    Examples
    --------
    >>> picture = draw(Value(2.0, "x").tanh())
    >>> picture.source.count("->")
    2
    """
    # Graphviz's interface is imported here, for the engine itself is to need the standard library alone.
    from autograd_lite.draw.picture import Picture

    if not isinstance(root, Value):
        raise TypeError(f"draw takes a Value, the root of a graph, not {type(root).__name__} {root!r}")
    picture = Picture(
        graph_attr={"rankdir": "LR", "bgcolor": "white"},
        node_attr={"shape": "record", "fontname": "Helvetica", "fontsize": "11"},
    )
    position = {node: i for i, node in enumerate(topological_order(root))}
    for node, i in position.items():
        if node.parents:
            picture.node(f"op{i}", label=RULES[node.op].symbol, shape="circle")
            picture.edge(f"op{i}", f"value{i}")
        for parent in node.parents:
            picture.edge(f"value{position[parent]}", f"op{i}")
        fields = [_escaped(node.label), f"data {_escaped(node.data)}"]
        if node.op != CONSTANT:
            fields.append(f"grad {_escaped(node.grad)}")
        picture.node(f"value{i}", label=" | ".join(filter(None, fields)))
    return picture


def _escaped(entry: object) -> str:
    """Return a text or number for a record's field, where braces, bars and angles have a meaning."""
    text = f"{entry:.3g}" if isinstance(entry, float) else str(entry)
    # What has no look of its own, such as a line break, is shown as Python writes it.
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text).replace("&", "&amp;")
    return "".join(f"\\{c}" if c in r"{}|<>\ " else c for c in shown)
