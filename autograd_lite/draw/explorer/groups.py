"""Which nodes of a graph a page shows as one: a neuron, a layer, a time step, the cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from autograd_lite.draw.explorer.repetition import time_steps
from autograd_lite.draw.folding import only_operand
from autograd_lite.draw.view import Vertex, view
from autograd_lite.value import Value

Kind: TypeAlias = Literal["identity", "neuron", "layer", "step", "cost"]


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes that are one box while the group is closed.

    Attributes
    ----------
    kind : str
        ``"neuron"``, ``"layer"``, ``"step"`` of time, ``"cost"``; or ``"identity"``, which is never opened: a
        division by 1 or a sum of one, with what it is applied to.
    name : str
    members : list of int
        Positions in topological order.
    heads : list of int
        Those of the members that others use, or the root.
    """

    kind: Kind
    name: str
    members: list[int]
    heads: list[int]


def groups(root: Value, parameters: Collection[Value] | None = None) -> list[Group]:
    """Return the groups of a graph, those inside of others first.

    Parameters
    ----------
    root : Value
    parameters : collection of Value, optional
        See :func:`autograd_lite.draw.roles.roles`.

    Returns
    -------
    list of Group

    Examples
    --------
    >>> x, w = Value(2.0, "a[0][0]"), Value(3.0, "w[1][0,0]")
    >>> z = w * x
    >>> z.label = "z[1][0]"
    >>> [(group.kind, group.members, group.heads) for group in groups((z - 1) ** 2)]
    [('neuron', [0, 2], [2]), ('cost', [3, 4, 5, 6], [6])]
    """
    shown = view(root, parameters=parameters)
    vertices = shown.vertices
    labelled = {i for node, i in shown.position.items() if node.label}
    users: list[list[int]] = [[] for _ in vertices]
    for i, vertex in enumerate(vertices):
        for parent in vertex.parents:
            users[parent].append(i)

    def group(kind: Kind, name: str, members: Collection[int]) -> Group:
        inside, last = set(members), len(vertices) - 1
        heads = [i for i in sorted(inside) if i == last or any(user not in inside for user in users[i])]
        return Group(kind, name, sorted(inside), heads)

    found = [group("identity", "", chain) for chain in _identities(vertices, users, labelled)]
    times = time_steps(vertices, users)
    cost = _cost(vertices, users, labelled)
    # A neuron of one time step is another one in the next; what several share belongs to none of them.
    neurons, layers, steps = defaultdict(list), defaultdict(list), defaultdict(list)
    for i, (vertex, time) in enumerate(zip(vertices, times, strict=True)):
        if time and i not in cost:
            steps[time].append(i)
        place = vertex.place
        if not place or (not vertex.parents and any(times[user] != time for user in users[i])):
            continue
        if len(place) == 2:
            neurons[place, time].append(i)
        if len(place) == 2 or vertex.role != "input":
            layers[place[0], time].append(i)
    at = {time: f" at time step {time}" if time else "" for time in {0, *times}}
    found += [
        group("neuron", f"neuron {j} of layer {l}{at[t]}", members)
        for ((l, j), t), members in neurons.items()
    ]
    for (l, t), members in layers.items():
        if members not in neurons.values():
            found.append(group("layer", f"layer {l}{at[t]}", members))
    found += [group("step", f"time step {t}", members) for t, members in steps.items()]
    found.append(group("cost", "the cost", cost))
    return [one for one in found if len(one.members) > 1]


def _identities(
    vertices: Sequence[Vertex], users: Sequence[Sequence[int]], labelled: Collection[int]
) -> list[list[int]]:
    """Return chains of nodes that only hand on the number of the first, with the constants in them."""
    chains: dict[int, list[int]] = {}
    for i, vertex in enumerate(vertices):
        operand = only_operand(vertices, i, labelled)
        if (
            operand is not None
            and users[operand] == [i]
            and operand not in labelled
            and vertices[operand].parents
        ):
            chain = chains.pop(operand, [operand])
            chains[i] = [*chain, *(p for p in vertex.parents if p != operand), i]
    return list(chains.values())


def _cost(vertices: Sequence[Vertex], users: Sequence[Sequence[int]], labelled: Collection[int]) -> set[int]:
    """Return the root and all that only it uses, of what is made of layers and belongs to none."""
    after: set[int] = set()
    for i, vertex in enumerate(vertices):
        if not vertex.place and any(p in after or vertices[p].place for p in vertex.parents):
            after.add(i)
    last = len(vertices) - 1
    found = {last} & after
    for i in reversed(range(last)):
        is_step = i in after or vertices[i].role == "constant"
        if is_step and i not in labelled and users[i] and found.issuperset(users[i]):
            found.add(i)
    return found
