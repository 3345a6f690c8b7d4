"""One sample's graph, from the inputs and targets to the cost, so made that it serves every sample.

The explorer's page and the lifted training set its leaves to the numbers of one sample after another. That is
right only if no choice of Python's own, such as ``max``, was made on the way; :func:`check_same_graph` finds
out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd_lite import Value, topological_order

from .costs import Cost, cost_row
from .neurons import Network


class Sample(NamedTuple):
    """A sample's graph.

    Attributes
    ----------
    cost : Value
        The root.
    targets : list of Value
        Leaves ``y[0]``, ``y[1]``, …
    layers : list of list of Value
        The activations of layers 0 … L; those of layer 0 are the inputs, leaves ``a[0][0]`` and ``a[0][1]``.
    """

    cost: Value
    targets: list[Value]
    layers: list[list[Value]]


def sample_graph(mlp: Network, cost: Cost, x: Sequence[float], y: Sequence[float]) -> Sample:
    """Build the graph of one sample, or raise an error if the cost is not made of outputs and targets.

    Examples
    --------
    >>> from nn import MLP, hinge
    >>> sample = sample_graph(MLP(2, [1], seed=0), hinge, [0.0, 1.0], [1.0])
    >>> sample.targets[0].label, [len(layer) for layer in sample.layers]
    ('y[0]', [2, 1])
    """
    targets = [Value(float(number), f"y[{j}]") for j, number in enumerate(y)]
    layers = [[Value(float(number), f"a[0][{k}]") for k, number in enumerate(x)]]
    for layer in mlp.layers:
        layers.append(layer(layers[-1]))
    row = cost_row(cost)
    root = (row.for_any_sample or row.value)(layers[-1], targets)
    if not isinstance(root, Value):
        raise TypeError(f"the cost must be a Value made of the outputs, not {type(root).__name__} {root!r}")
    nodes = set(topological_order(root))
    for leaf in (*targets, *layers[0]):
        if leaf not in nodes:
            raise TypeError(
                f"the cost does not depend on {leaf.label}: let it compute with the targets and outputs it "
                "is given, not with their float()"
            )
    return Sample(root, targets, layers)


def shape_of(root: Value) -> list[Any]:
    """Return what two graphs share that differ in the numbers of their leaves only: a list to compare.

    Examples
    --------
    >>> shape_of(Value(3.0) * 2.0) == shape_of(Value(4.0) * 2.0) != shape_of(Value(3.0) * 5.0)
    True
    """
    nodes = topological_order(root)
    position = {node: i for i, node in enumerate(nodes)}
    return [
        (node.op, node.data if node.op == "constant" else [position[parent] for parent in node.parents])
        for node in nodes
    ]


def check_same_graph(root: Value, build: Callable[[int], Value], n: int) -> None:
    """Raise an error if the graph of one of n samples, ``build(s)``, differs from that of ``root``."""
    shape = shape_of(root)
    for s in range(n):
        if shape_of(build(s)) != shape:
            raise ValueError(
                f"the graph of sample {s} differs from that of sample 0: an activation or the cost chooses "
                "by Python's if, max or the like; use where, maximum and minimum, which are part of the graph"
            )
