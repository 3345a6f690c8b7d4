"""Direct paths: hand-tuned twins of what makes most nodes, put in place of the slower ways of ``value.py``.

They are the operators + − · ÷ and −x, and the functions of one float. Each does what the row of its operation
says without asking it; a test holds them to the rows. Whatever is unusual (an array, a division by zero, an
overflow, two kinds of numbers that do not mix) goes the way of the row, which explains.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd_lite.numbers.kinds import MACHINE_NUMBERS
from autograd_lite.operators import Operators
from autograd_lite.ops import Operation
from autograd_lite.pause import open_blocks, paused
from autograd_lite.value import CONSTANT, LEAF, Value

_new = object.__new__
_by_row = Value.apply_operation


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


def _apply_operation(cls: type[Value], row: Operation, operands: Sequence[Any]) -> Value:
    if len(operands) == 1:
        operand, fast = operands[0], row.floats.fast
        if type(operand) is Value and fast is not None and not row.variadic:
            x = operand.data
            if type(x) is float:
                try:
                    y, partial = fast(math, x)
                    return node_of(row.name, y, operand, None, partial, None)
                except (ArithmeticError, ValueError):
                    pass  # the way of the row meets the same and explains it
    return _by_row(row, operands)


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
    "apply_operation": classmethod(_apply_operation),
}.items():
    setattr(Value, _name, _twin)
