"""What a picture leaves out of a graph: bookkeeping, constants, and the steps inside a cost.

A division by 1 and a sum of one say nothing; a constant stands in the operation that it is part of; and what
lies between the last layer, or a neuron's a, and the root without a label of its own is one vertex, the cost,
whose partials are those of the whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from autograd_lite.draw.cards import NEURONS
from autograd_lite.draw.style import plain_text
from autograd_lite.draw.view import Vertex, View
from autograd_lite.numbers.kinds import Number
from autograd_lite.ops import RULES
from autograd_lite.paths import adjoints, edges
from autograd_lite.value import Value
from autograd_lite.writing import PLAIN, Expression, name, number

_LONGEST_SIGN = 16
_MOST_TERMS = 24
_MOST_CONSTANTS = 2


def folded(shown: View, keep: Collection[Value] = (), costs: bool = True) -> View:
    """Return a view without what is no help to see.

    Parameters
    ----------
    shown : View
        Of every node.
    keep : collection of Value
        Nodes that remain vertices of their own whatever they are.
    costs : bool
        Whether the steps of a cost become one.

    Returns
    -------
    View

    Examples
    --------
    >>> from autograd_lite.draw.view import view
    >>> a = Value(3.0, "a[1][0]")
    >>> cost = sum([(a - 1) ** 2]) / 1
    >>> [(v.name, v.sign, v.partials) for v in folded(view(cost)).vertices]
    [('a¹₀', '', []), ('C', '(a¹₀ − 1)²', [4.0])]
    """
    own = {i for node, i in shown.position.items() if node.label or node in keep}
    vertices, stands_in = _without_bookkeeping(shown.vertices, own)
    own = {stands_in[i] for i in own} | {stands_in[-1]}
    hidden = {i for i, v in enumerate(vertices) if v.role == "constant" and i not in own}
    alive = [i for i, stand_in in enumerate(stands_in) if i == stand_in]
    heads = _heads(vertices, alive, own) if costs else dict(zip(alive, alive, strict=True))
    inside: list[list[int]] = [[] for _ in vertices]
    for i, head in heads.items():
        inside[head].append(i)
    index: dict[int, int] = {}
    left: list[Vertex] = []
    for i in alive:
        if heads[i] == i and i not in hidden:
            index[i] = len(left)
            left.append(_with_all_inside(vertices, inside[i], hidden))
    for vertex in left:
        vertex.parents = [index[parent] for parent in vertex.parents]
    places = {node: stands_in[i] for node, i in shown.position.items()}
    return View(left, {node: index[i] for node, i in places.items() if i in index})


def _without_bookkeeping(vertices: Sequence[Vertex], own: Collection[int]) -> tuple[list[Vertex], list[int]]:
    """Return the vertices, and for each the one that stands in for it: of x / 1 it is x."""
    found, stands_in = [], list(range(len(vertices)))
    last = len(vertices) - 1
    users = Counter(parent for vertex in vertices for parent in vertex.parents)
    for i, vertex in enumerate(vertices):
        found.append(replace(vertex, parents=[stands_in[parent] for parent in vertex.parents]))
        operand = only_operand(found, i, own)
        named = i in own or i == last
        # What others use too has a derivative of its own, and so can't bear this name.
        if operand is None or (
            named and (operand in own or not found[operand].parents or users[operand] > 1)
        ):
            continue
        if named:
            inner = found[operand]
            found[operand] = replace(inner, symbol=vertex.symbol, role=vertex.role, place=vertex.place)
        stands_in[i] = operand
        users[operand] += users[i] - 1
    return found, stands_in


def only_operand(vertices: Sequence[Vertex], i: int, own: Collection[int]) -> int | None:
    """Return the operand of a division by 1 or of a sum of one, such as Python's, which begins with a 0.

    Parameters
    ----------
    vertices : sequence of Vertex
    i : int
        Which of them.
    own : collection of int
        Those with labels, which say something.

    Returns
    -------
    int or None

    Examples
    --------
    >>> from autograd_lite.draw.view import view
    >>> x = Value(3.0)
    >>> [only_operand(view(y).vertices, 2, []) for y in (x / 1, x / 2)]
    [0, None]
    """
    op, parents = vertices[i].op, vertices[i].parents

    def is_nothing_but(constant: int, data: int) -> bool:
        vertex = vertices[constant]
        return vertex.role == "constant" and vertex.data == data and constant not in own

    if op == "div" and is_nothing_but(parents[1], 1):
        return parents[0]
    if op == "add" and is_nothing_but(parents[0], 0):
        return parents[1]
    is_sum = len(parents) == 1 and RULES[op].variadic and vertices[i].partials[0] == 1
    return parents[0] if is_sum else None


def _heads(vertices: Sequence[Vertex], alive: Sequence[int], own: Collection[int]) -> dict[int, int]:
    """Return for each vertex the one that it is a step of: itself, but for the steps inside a cost."""
    users: list[list[int]] = [[] for _ in vertices]
    for i in alive:
        for parent in vertices[i].parents:
            users[parent].append(i)
    after: set[int] = set()
    for i in alive:
        vertex = vertices[i]
        if not vertex.place and any(
            p in after or _is_of_neuron(vertices[p]) or (p in own and _is_output(vertices, p, users[p], own))
            for p in vertex.parents
        ):
            after.add(i)
    heads: dict[int, int] = {}
    for i in reversed(alive):
        of_users = {heads[user] for user in users[i]}
        is_step = i in after and i not in own and len(of_users) == 1 and of_users <= after
        heads[i] = of_users.pop() if is_step else i
    return dict(reversed(heads.items()))


def _is_of_neuron(vertex: Vertex) -> bool:
    return bool(vertex.place) or (vertex.letter == "a" and bool(vertex.parents))


def _is_output(vertices: Sequence[Vertex], i: int, users: Sequence[int], own: Collection[int]) -> bool:
    """Return whether a sum with a label is the last one: a neuron without activation, of no layer."""
    return vertices[i].op in NEURONS and not any(u in own or vertices[u].parents == [i] for u in users)


def _with_all_inside(vertices: Sequence[Vertex], inside: Sequence[int], hidden: Collection[int]) -> Vertex:
    """Return the last of several steps as the one vertex that they are: its parents are those of all."""
    vertex = vertices[inside[-1]]
    sign = _sign(vertices, inside, hidden)
    if len(inside) == 1:
        uses = [use for use in edges(vertex.parents, vertex.partials) if use.target not in hidden]
        return replace(
            vertex, parents=[u.target for u in uses], partials=[u.partial for u in uses], sign=sign
        )
    found = adjoints({k: edges(vertices[k].parents, vertices[k].partials) for k in inside}, inside[-1])
    parents = dict.fromkeys(
        parent
        for k in inside
        for parent in vertices[k].parents
        if parent not in hidden and parent not in inside
    )
    partials: list[Number] = [found.get(parent, 0) for parent in parents]
    return replace(vertex, parents=list(parents), partials=partials, sign=sign)


def _sign(vertices: Sequence[Vertex], inside: Sequence[int], hidden: Collection[int]) -> str:
    """Return what an operation does, constants and all, if that is short; else its sign and the constants."""
    vertex = vertices[inside[-1]]
    constants = [vertices[parent].data for parent in vertex.parents if parent in hidden]
    if len(inside) == 1 and not constants:
        return vertex.sign
    formulas: dict[int, Expression] = {}
    terms: dict[int, int] = {}
    for i in inside:
        parents = vertices[i].parents
        terms[i] = 1 + sum(terms.get(parent, 1) for parent in parents)
        if terms[i] > _MOST_TERMS:
            break
        for parent in parents:
            if parent not in formulas:
                operand = vertices[parent]
                formulas[parent] = name(operand.symbol) if operand.symbol else number(operand.data)
        formulas[i] = Expression(vertices[i].op, tuple(formulas[parent] for parent in parents))
    else:
        text = formulas[inside[-1]].write(PLAIN)
        # A name from right to left, or one that hides something, stands better beside its box's number alone.
        if len(text) <= _LONGEST_SIGN and plain_text(text) == text:
            return text
    if len(inside) > 1:
        return "cost"
    shown = [PLAIN.number(constant) for constant in constants[:_MOST_CONSTANTS]]
    return f"{vertex.sign} {', '.join(shown)}{', …' * (len(constants) > len(shown))}"
