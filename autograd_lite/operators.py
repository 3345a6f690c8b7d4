"""Python's operators, once, for all that remembers arithmetic: each is handed on by the name of its row.

A ``Value`` makes a node of it, a formula writes it down, a program records it. What becomes of an operation
is their business: they have a method ``_operator(name, *operands)``, which returns ``NotImplemented`` for
operands that it does not know.
"""

from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T", bound="Operators")


class Operators:
    """The operators ``+ - * / % **``, ``-x``, ``+x`` and ``abs``, with the object on either side."""

    __slots__ = ()

    # SymPy leaves an operand with this attribute alone, so that `symbol * value` is ours.
    _op_priority = 100.0

    def _operator(self: T, name: str, *operands: Any) -> T:
        raise NotImplementedError

    def __add__(self: T, other: Any) -> T:
        return self._operator("add", self, other)

    def __radd__(self: T, other: Any) -> T:
        return self._operator("add", other, self)

    def __sub__(self: T, other: Any) -> T:
        return self._operator("sub", self, other)

    def __rsub__(self: T, other: Any) -> T:
        return self._operator("sub", other, self)

    def __mul__(self: T, other: Any) -> T:
        return self._operator("mul", self, other)

    def __rmul__(self: T, other: Any) -> T:
        return self._operator("mul", other, self)

    def __truediv__(self: T, other: Any) -> T:
        return self._operator("div", self, other)

    def __rtruediv__(self: T, other: Any) -> T:
        return self._operator("div", other, self)

    def __mod__(self: T, other: Any) -> T:
        return self._operator("mod", self, other)

    def __rmod__(self: T, other: Any) -> T:
        return self._operator("mod", other, self)

    def __pow__(self: T, other: Any) -> T:
        return self._operator("pow", self, other)

    def __rpow__(self: T, other: Any) -> T:
        return self._operator("pow", other, self)

    def __neg__(self: T) -> T:
        return self._operator("neg", self)

    def __pos__(self: T) -> T:
        return self

    def __abs__(self: T) -> T:
        return self._operator("abs", self)
