"""What a graph consists of: statistics, export to other programs, and the search for what made a NaN.

Everything here reads a graph and changes nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from importlib import import_module
from typing import Any, NamedTuple

from autograd_lite.graph import levels, topological_order
from autograd_lite.numbers.kinds import Number
from autograd_lite.value import CONSTANT, LEAF, Value


class Statistics(NamedTuple):
    """What a graph consists of: see :func:`statistics`."""

    nodes: int
    edges: int
    leaves: int
    constants: int
    depth: int
    operations: dict[str, int]


def statistics(root: Value) -> Statistics:
    """Count what a graph consists of.

    Parameters
    ----------
    root : Value

    Returns
    -------
    Statistics
        The numbers of nodes, edges, leaves made by hand and constants, the depth (edges on the longest path)
        and how often each operation occurs, most frequent first.

    Examples
    --------
    >>> x = Value(2.0)
    >>> statistics(x * x + 1)
    Statistics(nodes=4, edges=4, leaves=1, constants=1, depth=2, operations={'mul': 1, 'add': 1})
    """
    depth = len(levels(root)) - 1
    nodes = topological_order(root)
    ops = Counter(node.op for node in nodes)
    leaves, constants = ops.pop(LEAF, 0), ops.pop(CONSTANT, 0)
    edges = sum(len(node.parents) for node in nodes)
    return Statistics(len(nodes), edges, leaves, constants, depth, dict(ops.most_common()))


def export(root: Value) -> dict[str, Any]:
    """Return the graph as plain data, ready for ``json.dumps``.

    Parameters
    ----------
    root : Value

    Returns
    -------
    dict
        ``"nodes"``: a list, parents before children, of dicts with ``op``, ``label``, ``data``, ``grad``,
        ``parents`` (positions in that list) and ``partials``. Numbers that are not int or finite float are
        given as text.

    Examples
    --------
    >>> export(Value(2.0, "x") * 3)["nodes"][-1]
    {'op': 'mul', 'label': '', 'data': 6.0, 'grad': 0, 'parents': [0, 1], 'partials': [3, 2.0]}
    """
    nodes = topological_order(root)
    position = {node: i for i, node in enumerate(nodes)}
    return {
        "nodes": [
            {
                "op": node.op,
                "label": node.label,
                "data": _plain(node.data),
                "grad": _plain(node.grad),
                "parents": [position[parent] for parent in node.parents],
                "partials": [_plain(partial) for partial in node.partials],
            }
            for node in nodes
        ]
    }


def to_networkx(root: Value) -> Any:
    """Return the graph as one of networkx, for its algorithms and formats.

    Parameters
    ----------
    root : Value

    Returns
    -------
    networkx.MultiDiGraph
        A node for each Value, numbered as in :func:`export`, with ``op``, ``label``, ``data`` and ``grad``;
        and from each operand to what is made of it an edge with ``partial``, whose key is the number of the
        operand.

    Raises
    ------
    ImportError
        If networkx is missing.

    Examples
    --------
    >>> x = Value(3.0, "x")
    >>> graph = to_networkx(x * x)
    >>> list(graph.edges(keys=True, data="partial"))
    [(0, 1, 0, 3.0), (0, 1, 1, 3.0)]
    """
    try:
        graph = import_module("networkx").MultiDiGraph()
    except ImportError as error:
        raise ImportError(
            f"this needs networkx, which cannot be imported ({error}): python -m pip install networkx",
            name=error.name,
        ) from error
    position: dict[Value, int] = {}
    for i, node in enumerate(topological_order(root)):
        position[node] = i
        graph.add_node(i, op=node.op, label=node.label, data=node.data, grad=node.grad)
        for k, (parent, partial) in enumerate(zip(node.parents, node.partials, strict=True)):
            graph.add_edge(position[parent], i, key=k, partial=partial)
    return graph


def _plain(number: Number) -> int | float | str:
    if isinstance(number, int) or (isinstance(number, float) and math.isfinite(number)):
        return number
    return str(number)


class Nonfinite(NamedTuple):
    """Where a NaN or an infinity came from: the node, and a sentence that says how."""

    node: Value
    reason: str


def first_nonfinite(root: Value) -> Nonfinite | None:
    """Find the node that brought a NaN or an infinity into the graph.

    Looks at the forward pass first: a leaf, or an operation on finite numbers with another result; then at
    the partials; then, after ``backward``, at the gradients in the order in which they came about.

    Parameters
    ----------
    root : Value

    Returns
    -------
    Nonfinite or None
        None if every number is finite.

    Examples
    --------
    >>> x = Value(0.0, "x")
    >>> y = x.sqrt() * 2
    >>> y.backward()
    >>> x.grad
    inf
    >>> first_nonfinite(y).reason
    'sqrt of x = 0.0 has the partial derivative inf towards x'
    """
    nodes = topological_order(root)
    for node in nodes:
        if not _finite(node.data):
            return Nonfinite(node, f"{_describe(node)} is {node.data}")
    for node in nodes:
        for parent, partial in zip(node.parents, node.partials, strict=True):
            if not _finite(partial):
                towards = parent.label or parent.op
                return Nonfinite(
                    node, f"{_describe(node)} has the partial derivative {partial} towards {towards}"
                )
    for node in reversed(nodes):
        if not _finite(node.grad):
            name = node.label or _describe(node)
            return Nonfinite(
                node,
                f"the gradient of {name} is {node.grad}: sums and products of finite partials grew too large",
            )
    return None


def _finite(number: Number) -> bool:
    # For any kind of number: only what is finite leaves 0 when taken from itself.
    try:
        return bool(number - number == 0)
    except ArithmeticError:
        return False  # Decimal's infinity


def _describe(node: Value) -> str:
    if not node.parents:
        return f"{node.op} {node.label}".strip()
    operands = ", ".join(f"{p.label or p.op} = {p.data}" for p in node.parents[:4])
    more = f" and {len(node.parents) - 4} more" if len(node.parents) > 4 else ""
    return f"{node.op} of {operands}{more}"
