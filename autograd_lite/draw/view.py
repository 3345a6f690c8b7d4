"""What a picture of a graph shows, before anyone thinks of ink: its vertices, their names, roles and places.

At the level of every scalar operation, a node of many operands is taken apart into the operations of its own
rule. How it looks is the matter of ``style.py``, how it gets to Graphviz that of ``diagram.py``.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from contextvars import Context
from dataclasses import dataclass, replace
from itertools import count

from autograd_lite.draw.roles import Role, roles
from autograd_lite.graph import topological_order
from autograd_lite.numbers.kinds import Number, is_symbolic
from autograd_lite.ops import RULES
from autograd_lite.paths import Edge, Paths, adjoints, between, edges
from autograd_lite.value import CONSTANT, Value
from autograd_lite.writing import PLAIN, Symbol, symbols

Place = tuple[str, ...]
"""Where in a network a vertex belongs: ``(layer, neuron)``, ``(layer,)``, or ``()``, nowhere."""


@dataclass(slots=True)
class Vertex:
    """A vertex of a picture: a node of the graph, a step inside a node of many operands, or several as one.

    Attributes
    ----------
    symbol : Symbol, optional
        Its name; a constant has none.
    role : str
        See :func:`autograd_lite.draw.roles.roles`; ``"rest"`` stands for what a picture leaves out.
    op : str
    data, grad : number
    parents : list of int
        Positions in the view.
    partials : sequence of number
        By each parent; None by what is left out.
    place : tuple of str
    sign : str
        The operation as the picture writes it: ``"tanh"``, ``"2 · x"``; of what is left out, how much it is.
    """

    symbol: Symbol | None
    role: Role
    op: str
    data: Number
    grad: Number
    parents: list[int]
    partials: Sequence[Number]
    place: Place = ()
    sign: str = ""

    @property
    def name(self) -> str:
        """The symbol as a picture writes it."""
        return PLAIN.symbol(self.symbol) if self.symbol else ""

    @property
    def letter(self) -> str:
        """The symbol's letter."""
        return self.symbol.letter if self.symbol else ""


@dataclass(slots=True)
class View:
    """The vertices of a picture, parents before children and the root last.

    Attributes
    ----------
    vertices : list of Vertex
    position : dict of Value to int
        Where each node of the graph stands among them.
    exact : bool, optional
        Whether every gradient is the root's, where the vertices alone no longer tell.
    """

    vertices: list[Vertex]
    position: dict[Value, int]
    exact: bool | None = None

    @property
    def root(self) -> Vertex:
        """The vertex that all others lead to."""
        return self.vertices[-1]

    def layer_title(self, layer: str) -> str:
        """Return what a layer is called: ``"layer 1"``, or ``"layer 0: the input"``."""
        roles = {vertex.role for vertex in self.vertices if vertex.place[:1] == (layer,)} - {"rest"}
        return f"layer {layer}: the input" if roles == {"input"} else f"layer {layer}"

    def levels(self) -> list[int]:
        """Return how many edges lead to each vertex at most, one after the other: to a leaf, none."""
        levels: list[int] = []
        for vertex in self.vertices:
            levels.append(1 + max([levels[parent] for parent in vertex.parents], default=-1))
        return levels

    def has_gradients(self) -> bool:
        """Return whether a backward pass has left a gradient anywhere."""
        return any(vertex.grad != 0 for vertex in self.vertices)

    def gradients_are_the_roots(self) -> bool:
        """Return whether every gradient is ∂root/∂vertex, as one backward pass from this root leaves it."""
        if self.exact is not None:
            return self.exact
        try:
            found = adjoints(self._uses(), len(self.vertices) - 1)
            return all(
                vertex.role == "constant" or _same(vertex.grad, found.get(i, 0))
                for i, vertex in enumerate(self.vertices)
            )
        except (TypeError, ArithmeticError):
            return False

    def paths(self, start: int) -> Paths[Edge]:
        """Find every path from the root back to the vertex at a position."""
        on_path = dict.fromkeys(between({i: v.parents for i, v in enumerate(self.vertices)}, start))
        uses = self._uses()
        return Paths(
            {i: [use for use in uses[i] if use.target in on_path] for i in on_path},
            len(self.vertices) - 1,
            start,
        )

    def alone(self, found: Paths[Edge]) -> View:
        """Return the vertices that lie on a path, the start first, and the edges between them."""
        position = {old: new for new, old in enumerate(found.uses)}
        vertices = [
            replace(
                self.vertices[old],
                parents=[position[use.target] for use in uses],
                partials=[use.partial for use in uses],
            )
            for old, uses in found.uses.items()
        ]
        return View(vertices, {node: position[i] for node, i in self.position.items() if i in position})

    def _uses(self) -> dict[int, list[Edge]]:
        return {i: edges(vertex.parents, vertex.partials) for i, vertex in enumerate(self.vertices)}


def view(root: Value, expanded: bool = False, parameters: Collection[Value] | None = None) -> View:
    """Return every node of a graph as a vertex.

    Parameters
    ----------
    root : Value
    expanded : bool
        Whether nodes of many operands are taken apart into single operations.
    parameters : collection of Value, optional
        The leaves that are parameters: see :func:`autograd_lite.draw.roles.roles`.

    Returns
    -------
    View

    Examples
    --------
    >>> from autograd_lite import affine
    >>> z = affine([Value(2.0, "w")], [Value(3.0, "x")], Value(1.0, "b"))
    >>> [v.op for v in view(z).vertices]
    ['leaf', 'leaf', 'leaf', 'affine']
    >>> [(v.name, v.op, v.data) for v in view(z, expanded=True).vertices[3:]]
    [('v₁', 'mul', 6.0), ('C', 'add', 7.0)]
    """
    named, role_of = symbols(root), roles(root, parameters)
    place_of = _places(named, role_of)
    unused = _unused_names(set(named.values()))
    shown = View([], {})
    for node, role in role_of.items():
        parents = [shown.position[parent] for parent in node.parents]
        vertex = Vertex(
            symbol=named.get(node),
            role=role,
            op=node.op,
            data=node.data,
            grad=node.grad,
            parents=parents,
            partials=node.partials,
            place=place_of[node],
            sign=RULES[node.op].symbol if parents else "",
        )
        if expanded:
            _expand(node, vertex, shown.vertices, unused)
        shown.position[node] = len(shown.vertices)
        shown.vertices.append(vertex)
    return shown


def _unused_names(taken: set[Symbol]) -> Iterator[Symbol]:
    candidates = (Symbol("v", "", (str(i),)) for i in count(1))
    return (symbol for symbol in candidates if symbol not in taken)


def _places(named: dict[Value, Symbol], role_of: dict[Value, Role]) -> dict[Value, Place]:
    """Return the place of every node: by its label, else the one that all nodes that use it share."""
    places: dict[Value, Place] = {}
    of_users: dict[Value, Place] = {}
    for node in reversed(role_of):
        symbol, role = named.get(node), role_of[node]
        if symbol and symbol.layer:
            # A neuron is more than its output: an input, though numbered, is none.
            own: Place = (symbol.layer,) if role == "input" else (symbol.layer, *symbol.indices[:1])
        else:
            own = () if node.label else of_users.get(node, ())
        places[node] = own
        for parent in node.parents:
            before = of_users.setdefault(parent, own)
            if before != own:
                of_users[parent] = _common(before, own)
    return places


def _common(first: Place, second: Place) -> Place:
    return first[:1] if first[:1] == second[:1] else ()


# --- a node of many operands, step by step --------------------------------------------------------------


def _expand(node: Value, vertex: Vertex, vertices: list[Vertex], unused: Iterator[Symbol]) -> None:
    """Put the steps of a node before its own vertex, which becomes the last of them."""
    operands = [Value(parent.data) for parent in node.parents]
    steps = _steps(node, operands)
    if not steps:
        return
    gradients = adjoints({s: edges(s.parents, s.partials) for s in steps}, steps[-1], node.grad)
    position = dict(zip(operands, vertex.parents, strict=True))
    for step in steps:
        parents = [p for p in step.parents if not _is_start_of_sum(p)]
        if len(parents) < len(step.parents):
            position[step] = position[parents[0]]
            continue
        for parent in parents:
            if parent not in position:
                position[parent] = len(vertices)
                vertices.append(Vertex(None, "constant", CONSTANT, parent.data, 0, [], (), vertex.place))
        inside = [position[parent] for parent in parents]
        if step is steps[-1]:
            vertex.op, vertex.parents, vertex.partials = step.op, inside, step.partials
            vertex.sign = RULES[step.op].symbol
            return
        position[step] = len(vertices)
        grad = gradients.get(step, 0)
        vertices.append(
            Vertex(
                symbol=next(unused),
                role="interior",
                op=step.op,
                data=step.data,
                grad=grad,
                parents=inside,
                partials=step.partials,
                place=vertex.place,
                sign=RULES[step.op].symbol,
            )
        )


def _steps(node: Value, operands: list[Value]) -> list[Value]:
    """Return what the rule of a node of many operands does to them; nothing where that is no help.

    It is none for other nodes, where an operand's data was changed since, or where a step leaves the range of
    the floats that the node as a whole does not leave.
    """
    row = RULES.get(node.op)
    if row is None or not row.variadic:
        return []
    try:
        # In a context of its own: the caller may be inside a no_grad block.
        result = Context().run(row.value, *operands)
        if not isinstance(result, Value) or not result.parents or not _same(result.data, node.data):
            return []
    except (TypeError, ValueError, ArithmeticError):
        return []
    steps = [step for step in topological_order(result) if step.parents]
    whole = _is_start_of_sum(steps[-1].parents[0])
    finite = all(abs(partial) != math.inf for step in steps for partial in step.partials)
    return [] if whole or not finite else steps


def _is_start_of_sum(node: Value) -> bool:
    """Return whether a node is the 0 that Python's ``sum`` begins with."""
    return node.op == CONSTANT and node.data == 0


def _same(x: Number, y: Number) -> bool:
    if x == y or (x != x and y != y):
        return True
    if is_symbolic(x) or is_symbolic(y):
        return bool((x - y).equals(0))
    # The order in which a sum was added up may differ.
    return math.isclose(x, y, rel_tol=1e-6, abs_tol=1e-12)
