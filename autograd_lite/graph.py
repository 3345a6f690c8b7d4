"""Walking a graph: parents before children, and level by level. Whatever has ``parents`` will do."""

from __future__ import annotations

from typing import Any, TypeVar

Node = TypeVar("Node", bound=Any)


def interior_nodes(root: Node) -> list[Node]:
    """Return every node that root was made of and that has parents, root last, parents before children.

    Without recursion, so that a graph may be as deep as it likes. A node stays on the stack, under a mark,
    until its parents are finished; to meet it again before that is to have gone in a circle. A class whose
    objects know a quicker way has it as a method ``_interior_nodes``; that of Values is in ``direct.py``.

    Raises
    ------
    TypeError
        If root has no parents to look at.
    ValueError
        If the graph has a cycle, which only a change by hand can make.

    Examples
    --------
    >>> from autograd_lite import Value
    >>> x = Value(2.0)
    >>> [node.op for node in interior_nodes((x * x + x).exp())]
    ['mul', 'add', 'exp']
    """
    if not hasattr(root, "parents"):
        raise TypeError(f"the root of a graph is a Value, not {type(root).__name__} {root!r:.60}")
    quicker: Any = getattr(root, "_interior_nodes", None)
    return walk(root) if quicker is None else quicker()


def walk(root: Node) -> list[Node]:
    """Return the same, by the parents alone."""
    order: list[Node] = []
    met: set[Node] = set()
    finished: set[Node] = set()
    stack: list[Any] = [root]
    while stack:
        node = stack.pop()
        if node is None:
            # The mark under which a node waited until its parents were finished.
            node = stack.pop()
            finished.add(node)
            order.append(node)
            continue
        if node in met:
            if node in finished:
                continue
            raise ValueError(f"the graph has a cycle through {node!r}: a Value cannot be made of itself")
        met.add(node)
        if node.parents:
            stack += node, None
            stack.extend(parent for parent in node.parents if parent not in finished)
        else:
            finished.add(node)
    return order


def topological_order(root: Node) -> list[Node]:
    """Return every node that root was made of, leaves included, root last, parents before children.

    Examples
    --------
    >>> from autograd_lite import Value
    >>> x = Value(2.0, "x")
    >>> [node.label or node.op for node in topological_order(x * x + 1)]
    ['x', 'mul', 'constant', 'add']
    """
    order: dict[Node, None] = {}
    for node in interior_nodes(root):
        order.update(dict.fromkeys(parent for parent in node.parents if not parent.parents))
        order[node] = None
    order[root] = None
    return list(order)


def levels(root: Node) -> list[list[Node]]:
    """Return the nodes by level: leaves on level 0, every other node one above its highest parent.

    Examples
    --------
    >>> from autograd_lite import Value
    >>> x, y = Value(2.0), Value(3.0)
    >>> [[node.op for node in level] for level in levels(x * y + x)]
    [['leaf', 'leaf'], ['mul'], ['add']]
    """
    level_of: dict[Node, int] = {}
    result: list[list[Node]] = []
    for node in topological_order(root):
        level = level_of[node] = 1 + max((level_of[parent] for parent in node.parents), default=-1)
        if level == len(result):
            result.append([])
        result[level].append(node)
    return result
