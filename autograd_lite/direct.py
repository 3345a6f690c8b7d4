"""Direct paths: hand-tuned twins of what makes most nodes, put in place of the slower ways of ``value.py``.

They are the operators + − · ÷ and −x, the functions of one float or two, and the walk over a graph. Each does
what its row or the page of ``graph.py`` says; a test holds them to these. Whatever is unusual
(an array, a division by zero, an overflow, kinds of numbers that do not mix, a cycle) goes their way and is
explained there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import filterfalse
from typing import Any

from autograd_lite.graph import walk
from autograd_lite.numbers import special
from autograd_lite.numbers.kinds import MACHINE_NUMBERS
from autograd_lite.operators import Operators
from autograd_lite.ops import RULES, Operation
from autograd_lite.pause import open_blocks, paused
from autograd_lite.value import CONSTANT, LEAF, Value

_new = object.__new__
_by_row = Value.apply_operation
_by_name = Operation.__call__
_VALUE = frozenset({Value})
_POW = RULES["pow"]


def node_of(op: str, data: Any, x: Any, y: Any, dx: Any, dy: Any) -> Value:
    """Return a node; its slots hold two operands, or one and None, or a tuple of them and None."""
    node = _new(Value)
    node.data = data
    node.grad = 0
    node.label = ""
    if open_blocks and paused():
        node.op = LEAF
        node._x = node._y = node._dx = node._dy = None
        return node
    node.op = op
    node._x = x
    node._y = y
    node._dx = dx
    node._dy = dy
    return node


def _constant(number: float) -> Value:
    node = _new(Value)
    node.data = number
    node.grad = 0
    node.op = CONSTANT
    node.label = ""
    node._x = node._y = node._dx = node._dy = None
    return node


def _add(self: Value, other: Any) -> Value:
    if type(other) is not Value:
        if type(other) not in MACHINE_NUMBERS or type(self.data) not in MACHINE_NUMBERS:
            return Operators.__add__(self, other)
        other = _constant(other)
    if not open_blocks:
        try:
            node = _new(Value)
            node.data = self.data + other.data
            node.grad = 0
            node.op = "add"
            node.label = ""
            node._x, node._y = self, other
            node._dx = node._dy = 1
            return node
        except (TypeError, ArithmeticError):
            pass
    return Operators.__add__(self, other)


def _sub(self: Value, other: Any) -> Value:
    if type(other) is not Value:
        if type(other) not in MACHINE_NUMBERS or type(self.data) not in MACHINE_NUMBERS:
            return Operators.__sub__(self, other)
        other = _constant(other)
    try:
        return node_of("sub", self.data - other.data, self, other, 1, -1)
    except (TypeError, ArithmeticError):
        return Operators.__sub__(self, other)


def _mul(self: Value, other: Any) -> Value:
    if type(other) is not Value:
        if type(other) not in MACHINE_NUMBERS or type(self.data) not in MACHINE_NUMBERS:
            return Operators.__mul__(self, other)
        other = _constant(other)
    if not open_blocks:
        try:
            node = _new(Value)
            x = node._dy = self.data
            y = node._dx = other.data
            node.data = x * y
            node.grad = 0
            node.op = "mul"
            node.label = ""
            node._x, node._y = self, other
            return node
        except (TypeError, ArithmeticError):
            pass
    return Operators.__mul__(self, other)


def _truediv(self: Value, other: Any) -> Value:
    if type(other) is not Value:
        if type(other) not in MACHINE_NUMBERS or type(self.data) not in MACHINE_NUMBERS:
            return Operators.__truediv__(self, other)
        other = _constant(other)
    y = other.data
    try:
        if type(y) is float:
            z = self.data / y
            return node_of("div", z, self, other, 1 / y, -z / y)
    except (TypeError, ArithmeticError):
        pass
    return Operators.__truediv__(self, other)


def _neg(self: Value) -> Value:
    return node_of("neg", -self.data, self, None, -1, None)


def _reflected(twin: Callable[[Value, Any], Value], by_row: Callable[[Value, Any], Value]) -> Any:
    """Return the twin of ``2 + y`` and its like, where only the right operand is a Value."""

    def operator(self: Value, other: Any) -> Value:
        if type(other) in MACHINE_NUMBERS and type(self.data) in MACHINE_NUMBERS:
            return twin(_constant(other), self)
        return by_row(self, other)

    return operator


def _pow(self: Value, other: Any) -> Value:
    if type(other) is not Value:
        if type(other) not in MACHINE_NUMBERS or type(self.data) not in MACHINE_NUMBERS:
            return Operators.__pow__(self, other)
        other = _constant(other)
    return _apply_operation(Value, _POW, (self, other))


def _apply_operation(cls: type[Value], row: Operation, operands: Sequence[Any]) -> Value:
    fast, count = row.floats.fast, len(operands)
    try:
        if fast is None:
            pass
        elif count == 1:
            (x,) = operands
            if type(x) is Value and type(x.data) is float and not row.variadic:
                data, partial = fast(special, x.data)
                return node_of(row.name, data, x, None, partial, None)
        elif count == 2:
            x, y = operands
            if (
                type(x) is type(y) is Value
                and type(x.data) in MACHINE_NUMBERS
                and type(y.data) in MACHINE_NUMBERS
            ):
                data, (dx, dy) = fast(special, x.data, y.data)
                return node_of(row.name, data, x, y, dx, dy)
        elif _VALUE.issuperset(map(type, operands)):
            numbers = [v.data for v in operands]
            if MACHINE_NUMBERS.issuperset(map(type, numbers)):
                data, partials = fast(special, *numbers)
                return node_of(row.name, data, tuple(operands), None, partials, None)
    except (ArithmeticError, ValueError):
        pass  # the way of the row meets the same and explains it
    return _by_row(row, operands)


def _call(self: Operation, *operands: Any, **named: Any) -> Any:
    if len(operands) == len(self.partials) == 1 and type(operands[0]) is Value and not named:
        return _apply_operation(Value, self, operands)
    return _by_name(self, *operands, **named)


def _interior_nodes(self: Value) -> list[Value]:
    order: list[Value] = []
    met: set[Value] = set()
    finished: set[Value] = set()
    stack: list[Any] = [self]
    pop, push = stack.pop, stack.append
    while stack:
        node = pop()
        if node is None:
            node = pop()
            finished.add(node)
            order.append(node)
            continue
        if node in met:
            if node in finished:
                continue
            return walk(self)  # which explains that there is a cycle
        met.add(node)
        x = node._x
        if x is None:
            finished.add(node)
            continue
        if type(x) is tuple:
            # All but the first neuron of a layer find their operands finished.
            if finished.issuperset(x):
                finished.add(node)
                order.append(node)
                continue
            push(node)
            push(None)
            stack.extend(filterfalse(finished.__contains__, x))
            continue
        push(node)
        push(None)
        y = node._y
        if y is not None and y not in finished:
            push(y)
        if x not in finished:
            push(x)
    return order


_apply_operation.__doc__ = _by_row.__doc__

for _name, _twin in {
    "__add__": _add,
    "__sub__": _sub,
    "__mul__": _mul,
    "__truediv__": _truediv,
    "__neg__": _neg,
    "__radd__": _reflected(_add, Operators.__radd__),
    "__rsub__": _reflected(_sub, Operators.__rsub__),
    "__rmul__": _reflected(_mul, Operators.__rmul__),
    "__rtruediv__": _reflected(_truediv, Operators.__rtruediv__),
    "__pow__": _pow,
    "__rpow__": _reflected(_pow, Operators.__rpow__),
    "_interior_nodes": _interior_nodes,
    "apply_operation": classmethod(_apply_operation),
}.items():
    setattr(Value, _name, _twin)
setattr(Operation, "__call__", _call)  # noqa: B010 - to a type checker it is as it was
