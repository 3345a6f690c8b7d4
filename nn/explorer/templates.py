"""The parts that a page builds networks from: the graphs of activations and costs, their rules and formulas.

An activation is the graph of one z, a cost that of outputs and targets; the page puts them together for any
layers. What is an operation of the rule book alone is printed besides as two fast functions of one number.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from autograd_lite import Value, affine, sumprod, topological_order
from autograd_lite.draw.explorer.page import formula_key, formulas, notation
from autograd_lite.printing import rule_key, scalar_script
from autograd_lite.writing import symbol

from ..activations import ACTIVATIONS, Activation
from ..costs import COSTS, Cost, cost_row

MOST_NEURONS = 16
"""In a layer that is changed on the page; a network from Python may have more."""
MOST_CLASSES = 5
"""For which the page has shapes and colours."""


class Templates:
    """The activations and costs that a page can build networks from.

    Parameters
    ----------
    activations : mapping of str to callable
        Of one's own, beside those of ``ACTIVATIONS``, by name.
    costs : mapping of str to callable
        Of one's own, beside those of ``COSTS``, by name.
    widths : collection of int
        The sizes of layers, inputs among them, beside those up to ``MOST_NEURONS``.
    outputs : collection of int
        The numbers of outputs beside those up to ``MOST_CLASSES``.
    """

    def __init__(
        self,
        activations: Mapping[str, Activation] | None = None,
        costs: Mapping[str, Cost] | None = None,
        widths: Collection[int] = (),
        outputs: Collection[int] = (),
    ) -> None:
        self.roots: list[Value] = [
            z for n in sorted({*range(1, MOST_NEURONS + 1), *widths}) for z in _weighted_inputs(n)
        ]
        """Graphs that have every rule among them that a network on the page can have."""
        self._identities: dict[Value, int] = {}
        self._activations = {
            name: self._activation(function)
            for name, function in {**ACTIVATIONS, **(activations or {})}.items()
        }
        counts = sorted({*range(1, MOST_CLASSES + 1), *outputs})
        self._costs = {name: self._cost(cost, counts) for name, cost in COSTS.items()}
        # A cost of one's own was made for the outputs that the network has.
        self._costs |= {name: self._cost(cost, outputs) for name, cost in (costs or {}).items()}

    def data(self) -> dict[str, Any]:
        """Return what the page's ``PointGraph`` and ``Formulas`` take, ready for ``json.dumps``."""
        nodes = [node for root in self.roots for node in topological_order(root)]
        return {
            "templates": {"activations": self._activations, "costs": self._costs},
            "formulas": formulas(nodes),
            "notation": notation(),
        }

    def scripts(self) -> str:
        """Return ``ACTIVATIONS`` in JavaScript: σ and σ′ of those that are one operation of the rule book."""
        found = {name: _scalar(function) for name, function in ACTIVATIONS.items()}
        lines = [f"  {json.dumps(name)}: {text}," for name, text in found.items()]
        return "\n".join(["const ACTIVATIONS = {", *lines, "};"])

    def _activation(self, function: Activation) -> dict[str, Any]:
        z = Value(0.5)
        return self._template(function(z), [z]) | {"z": 0}

    def _cost(self, cost: Cost, counts: Iterable[int]) -> dict[int, dict[str, Any]]:
        row = cost_row(cost)
        function = row.for_any_sample or row.value
        found = {}
        for n in counts:
            if row.targets.classes and n < 2:
                continue
            outputs = [Value(0.5, f"a[1][{j}]") for j in range(n)]
            targets = [Value(1.0, f"y[{j}]") for j in range(n)]
            found[n] = self._template(function(outputs, targets), [*outputs, *targets]) | {
                "outputs": list(range(n)),
                "targets": list(range(n, 2 * n)),
            }
        return found

    def _template(self, root: Value, given: list[Value]) -> dict[str, Any]:
        """Return a graph as plain data; the leaves that are given come first, in their order."""
        self.roots.append(root)
        nodes = list(dict.fromkeys([*given, *topological_order(root)]))
        nodes.remove(root)
        nodes.append(root)
        if root in given:
            return {"nodes": [self._node(root, {root: 0})]}
        position = {node: i for i, node in enumerate(nodes)}
        return {"nodes": [self._node(node, position) for node in nodes]}

    def _node(self, node: Value, position: Mapping[Value, int]) -> dict[str, Any]:
        found: dict[str, Any] = {"op": node.op, "parents": [position[parent] for parent in node.parents]}
        if node.parents:
            found |= {
                "rule": rule_key(node.op, len(node.parents)),
                "formula": formula_key(node),
                "data": None,
            }
        else:
            found |= {"rule": "", "formula": "", "data": float(node.data)}
        if node.op == "leaf":
            # One object in Python is one node on the page, wherever it is used.
            found["identity"] = self._identities.setdefault(node, len(self._identities))
        name = symbol(node.label, layered=True) if node.label else None
        found["label"] = [name.letter, name.layer, list(name.indices)] if name else None
        return found


def _weighted_inputs(n: int) -> list[Value]:
    """Return the weighted input of a neuron with a bias and of one without."""
    w, x = [Value(0.5) for _ in range(n)], [Value(0.5) for _ in range(n)]
    return [affine(w, x, Value(0.5)), sumprod(w, x)]


def _scalar(function: Activation) -> str:
    z = Value(0.5)
    root = function(z)
    if root is z:
        return "{value: (x) => x, partial: () => 1}"
    literals = [None if operand is z else float(operand.data) for operand in root.parents]
    return scalar_script(root.op, literals)
