"""What a node is to a reader: a parameter, an input, a constant, an interior node, or the cost."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Literal, TypeAlias

from autograd_lite.graph import topological_order
from autograd_lite.value import CONSTANT, Value
from autograd_lite.writing import Symbol, symbol

Role: TypeAlias = Literal["parameter", "input", "constant", "interior", "cost", "rest"]

_NAME_OF_PARAMETER = re.compile(r"[wbWBθ](_?[\d₀-₉])*")


def roles(root: Value, parameters: Collection[Value] | None = None) -> dict[Value, Role]:
    """Return the role of every node.

    Parameters
    ----------
    root : Value
        The cost.
    parameters : collection of Value, optional
        The leaves that are parameters; by default those with the letters of the derivations, w and b,
        numbered or not: ``w[1]``, ``w1``, ``w_1``, ``W1``.

    Returns
    -------
    dict of Value to str
        In topological order: "parameter", "input", "constant", "interior" or "cost".

    Examples
    --------
    >>> w, x = Value(2.0, "w[0]"), Value(3.0, "x[0]")
    >>> list(roles((w * x + 1).tanh()).values())
    ['parameter', 'input', 'interior', 'constant', 'interior', 'cost']
    """
    chosen = None if parameters is None else set(parameters)

    def role(node: Value) -> Role:
        if node is root:
            return "cost"
        if node.parents:
            return "interior"
        if node.op == CONSTANT:
            return "constant"
        if chosen is None:
            is_parameter = _NAME_OF_PARAMETER.fullmatch(symbol(node.label).letter)
            return "parameter" if is_parameter else "input"
        return "parameter" if node in chosen else "input"

    return {node: role(node) for node in topological_order(root)}


def order(name: Symbol | None, role: Role, by_neuron: bool = False) -> dict[str, Any]:
    """Return how a node stands among those of its kind, as the options of an ``arrangement.Box``.

    Neurons of a layer and numbered leaves stand in order, the inputs of a layer and what it computes in a
    column of their own.

    Parameters
    ----------
    name : Symbol or None
    role : str
    by_neuron : bool
        Whether the parameters of a layer come neuron by neuron, weights and then bias, rather than each
        letter in an order of its own.

    Returns
    -------
    dict

    Examples
    --------
    >>> order(symbol("a[1][0]"), "interior")
    {'band': '1', 'series': ('a', '1'), 'number': (0, 0), 'early': True}
    """
    if name is None:
        return {}
    found: dict[str, Any] = {"band": name.layer}
    if (name.layer or role in ("parameter", "input")) and all(map(str.isdecimal, name.indices)):
        indices = (*map(int, name.indices), name.sample)
        found["series"], found["number"] = (name.letter, name.layer), indices
        found["early"] = name.layer != "" and role != "parameter"
        if by_neuron and name.layer and name.indices and role == "parameter":
            found["series"] = ("", name.layer)
            found["number"] = (indices[0], int(name.letter == "b"), *indices[1:])
    return found
