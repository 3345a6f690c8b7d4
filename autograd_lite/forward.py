"""Forward mode: the derivative along a direction, by one run on dual numbers.

Where Values are concerned the dual numbers are inside them, so that a gradient may be taken on the way, and
the graph is taken apart at the end: value and tangent are then graphs, too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from autograd_lite.derivatives import values_of_one_kind
from autograd_lite.dual import Dual
from autograd_lite.numbers.arrays import is_array
from autograd_lite.numbers.kinds import as_number, is_number, shown
from autograd_lite.ops import RULES
from autograd_lite.value import Value, constant

_levels = count()


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return the value of a function and its derivative along a direction, the Jacobian times a vector.

    Parameters
    ----------
    f : callable
        A function of numbers, nested lists, tuples, dicts and arrays of them.
    primals : sequence
        The point: an argument each.
    tangents : sequence
        The direction, in the structure of the point.

    Returns
    -------
    value, tangent
        In the structure of what f returns. They are Values, with a graph, where f returns one.

    Raises
    ------
    TypeError
        If point or direction are no sequences of numbers, or f returns something else.
    ValueError
        If the direction has another structure than the point.

    Notes
    -----
    Forward and reverse mode nest either way: f may call ``jvp``, ``grad`` and ``backward``, of what they are
    given and of Values around them, and the point may consist of Values, of which one takes gradients
    afterwards.

    Examples
    --------
    >>> jvp(lambda x, y: x * y + x.sin(), (0.0, 3.0), (1.0, 0.0))
    (0.0, 4.0)
    >>> jvp(lambda x: jvp(lambda y: x * y**3, (x,), (1.0,))[1], (2.0,), (1.0,))
    (24.0, 36.0)
    """
    if callable(primals) or not isinstance(primals, Sequence) or not isinstance(tangents, Sequence):
        raise TypeError("jvp takes the arguments in a sequence and so their tangents: jvp(f, (x,), (1.0,))")
    apart = _Apart(next(_levels))
    arguments = _mapped(apart.start, tuple(primals), tuple(tangents))
    outputs = f(*arguments)
    pairs: list[tuple[Any, Any]] = []
    _mapped(lambda output: pairs.append(apart(output)), outputs)
    values, slopes = (iter(part) for part in zip(*pairs, strict=True)) if pairs else (iter(()), iter(()))
    return _mapped(lambda _: next(values), outputs), _mapped(lambda _: next(slopes), outputs)


class _Apart:
    """What the numbers of one level consist of: the arguments first, then what is made of them."""

    def __init__(self, level: int) -> None:
        self.level = level
        self._known: dict[Value, tuple[Value, Any]] = {}

    def start(self, primal: Any, tangent: Any) -> Any:
        """Return an argument; the place of a Value takes a leaf, which is known to stand for it."""
        if not isinstance(primal, Value) and not isinstance(tangent, Value):
            return Dual(as_number(primal), as_number(tangent), self.level)
        node = primal if isinstance(primal, Value) else Value(primal)
        speed = tangent.data if isinstance(tangent, Value) else as_number(tangent)
        leaf = Value(Dual(node.data, speed, self.level), node.label)
        self._known[leaf] = node, tangent
        return leaf

    def __call__(self, output: Any) -> tuple[Any, Any]:
        """Return value and tangent of what the function returned."""
        if isinstance(output, Value):
            node, tangent = self._node(output)
            return node, tangent if isinstance(tangent, Value) else Value(tangent)
        if not is_number(output):
            raise TypeError(f"jvp takes a function that returns Values and numbers, not {shown(output)}")
        return (output.primal, output.tangent) if self._is_mine(output) else (output, 0)

    def _is_mine(self, x: Any) -> bool:
        return isinstance(x, Dual) and x.level == self.level

    def _node(self, output: Value) -> tuple[Value, Any]:
        """Return value and tangent with their graphs: this one, computed anew on dual numbers of Values."""
        known, stack = self._known, [output]
        while stack:
            node = stack[-1]
            waiting = [p for p in node.parents if p not in known] if self._is_mine(node.data) else []
            if node not in known and not waiting:
                known[node] = self._of_known(node)
            stack += waiting
            if not waiting:
                stack.pop()
        return known[output]

    def _of_known(self, node: Value) -> tuple[Value, Any]:
        if not self._is_mine(node.data):
            return node, 0
        if not node.parents:
            leaf = constant(node.data.primal)
            leaf.label = node.label
            return leaf, node.data.tangent
        values, tangents = zip(*(self._known[parent] for parent in node.parents), strict=True)
        operands = [
            Dual(value, tangent, self.level) if self._is_mine(parent.data) else value
            for value, tangent, parent in zip(values_of_one_kind(values), tangents, node.parents, strict=True)
        ]
        made = node.data.push(RULES[node.op], operands)
        return made.primal, made.tangent


def _mapped(function: Callable[..., Any], *structures: Any) -> Any:
    """Return a structure with the function applied to its numbers, and those at the same places of others."""
    first = structures[0]
    if isinstance(first, Mapping):
        _require(all(isinstance(s, Mapping) and s.keys() == first.keys() for s in structures))
        return {key: _mapped(function, *(s[key] for s in structures)) for key in first}
    if isinstance(first, (list, tuple)):
        _require(all(isinstance(s, (list, tuple)) and len(s) == len(first) for s in structures))
        parts = [_mapped(function, *several) for several in zip(*structures, strict=True)]
        return type(first)(parts) if type(first) in (list, tuple) else type(first)(*parts)
    if is_array(first):
        _require(all(is_array(s) and s.shape == first.shape for s in structures))
        found = sys.modules["numpy"].frompyfunc(function, len(structures), 1)(*structures)
        has_objects = any(isinstance(x, (Value, Dual)) for x in found.flat)
        return found if has_objects else found.astype(float)
    return function(*structures)


def _require(same: bool) -> None:
    if not same:
        raise ValueError("a direction has the structure of the point: a tangent for each number of it")
