"""Time steps: what an unrolled program does again, by the same parameters, to what it made before."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

from autograd_lite.draw.view import Vertex


def time_steps(vertices: Sequence[Vertex], users: Sequence[Sequence[int]]) -> list[int]:
    """Return for each vertex the time step that it belongs to: 1, 2, …; 0 for what belongs to none.

    A further time step begins where an operation uses a parameter on what the same operation made with it
    before. What is needed in one of them alone, such as w · x of its input, belongs to it too.

    Parameters
    ----------
    vertices : sequence of Vertex
        In topological order.
    users : sequence of sequences of int
        Positions of those that have it as an operand.

    Returns
    -------
    list of int

    Examples
    --------
    >>> from autograd_lite.draw.view import view
    >>> from autograd_lite.value import Value
    >>> h, w = Value(0.5, "h"), Value(2.0, "w")
    >>> vertices = view((w * (w * h).tanh()).tanh()).vertices
    >>> time_steps(vertices, [[2, 4], [2], [3], [4], [5], []])
    [0, 0, 1, 1, 2, 2]
    """
    times = [0] * len(vertices)
    for parameter, op in _used_again(vertices, users):
        uses: list[int] = []
        for vertex in vertices:
            before = max((uses[operand] for operand in vertex.parents), default=0)
            uses.append(before + (vertex.op == op and parameter in vertex.parents))
        if max(uses) > 1:
            times = list(map(max, times, uses))
    for i in reversed(range(len(vertices))):
        of_users = {times[user] for user in users[i]}
        is_made = vertices[i].parents or vertices[i].role == "constant"
        if not times[i] and is_made and len(of_users) == 1:
            times[i] = of_users.pop()
    return times


def _used_again(vertices: Sequence[Vertex], users: Sequence[Sequence[int]]) -> set[tuple[int, str]]:
    """Return the parameters that are used on what was made with them, with the operations that use them."""
    again: set[int] = set()
    made_with: list[int] = []  # of each vertex the parameters, as bits
    for vertex in vertices:
        before = reduce(or_, (made_with[operand] for operand in vertex.parents), 0)
        own = {operand for operand in vertex.parents if vertices[operand].role == "parameter"}
        again |= {parameter for parameter in own if before >> parameter & 1}
        made_with.append(before | sum(1 << parameter for parameter in own))
    return {(parameter, vertices[user].op) for parameter in again for user in users[parameter]}
