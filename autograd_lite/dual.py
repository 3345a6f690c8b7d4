"""Dual numbers: a number and how fast it changes, one more kind on which the rule book runs.

Which derivatives come of them is told in ``forward.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import ge, gt, le, lt
from typing import Any

from autograd_lite.functions import METHODS
from autograd_lite.numbers.kinds import MACHINE_NUMBERS, Number, is_number, of_one_kind, written
from autograd_lite.operators import Operators
from autograd_lite.ops import RULES, Operation


class Dual(Operators):
    """A number p + t·ε with ε² = 0: what a row makes of it has its derivative times t beside it.

    Order and ``float``, ``int``, ``round``, ``format`` go by p; it equals what has the same p and t, and is
    true unless both are 0. A Value may hold one; its own p and t are never Values, but while ``forward.py``
    takes a graph apart.

    Parameters
    ----------
    primal : number
        p, the number itself.
    tangent : number
        t, its derivative in the direction asked for.
    level : int
        Which ε it is: one for each derivative that is being taken. The p and t of a dual number may be dual
        numbers of lower levels, whose derivatives began earlier.
    """

    __slots__ = ("level", "primal", "tangent")

    def __init__(self, primal: Number, tangent: Number, level: int) -> None:
        self.primal, self.tangent, self.level = primal, tangent, level

    def __repr__(self) -> str:
        return f"Dual({written(self.primal)}, {written(self.tangent)}, level={self.level})"

    # --- operations -------------------------------------------------------------------------------------

    def _operator(self, name: str, *operands: Any) -> Any:
        if not all(map(is_number, operands)):
            return NotImplemented  # a Value, or an array, is the other operand's business
        return RULES[name](*operands)

    # Direct ways to the most frequent of them, which do what the rows say; other levels go the rows' way.

    def __add__(self, other: Any) -> Any:
        if type(other) in MACHINE_NUMBERS:
            return Dual(self.primal + other, self.tangent, self.level)
        if type(other) is Dual and other.level == self.level:
            return Dual(self.primal + other.primal, self.tangent + other.tangent, self.level)
        return Operators.__add__(self, other)

    def __sub__(self, other: Any) -> Any:
        if type(other) in MACHINE_NUMBERS:
            return Dual(self.primal - other, self.tangent, self.level)
        if type(other) is Dual and other.level == self.level:
            return Dual(self.primal - other.primal, self.tangent - other.tangent, self.level)
        return Operators.__sub__(self, other)

    def __mul__(self, other: Any) -> Any:
        x = self.primal
        if type(other) in MACHINE_NUMBERS:
            return Dual(x * other, other * self.tangent if other else 0, self.level)
        if type(other) is Dual and other.level == self.level:
            y = other.primal
            tangent = (y * self.tangent if y else 0) + (x * other.tangent if x else 0)
            return Dual(x * y, tangent, self.level)
        return Operators.__mul__(self, other)

    def __truediv__(self, other: Any) -> Any:
        if type(other) is float and other:
            return Dual(self.primal / other, 1 / other * self.tangent, self.level)
        return Operators.__truediv__(self, other)

    def push(self, row: Operation, operands: Sequence[Any]) -> Dual:
        """Return what a row makes of numbers, one of them this: its value and, by the rules, its tangent."""
        level = max(x.level for x in operands if isinstance(x, Dual))
        has_level = [isinstance(x, Dual) and x.level == level for x in operands]
        both = list(zip(operands, has_level, strict=True))
        primals: Sequence[Any] = [x.primal if has else x for x, has in both]
        partials: Sequence[Any]
        if MACHINE_NUMBERS.issuperset(map(type, primals)):
            result, partials = row.evaluate(primals)
        else:
            result, partials = self._of_others(row, of_one_kind(primals), has_level)
        tangent: Number = 0
        for (x, has), partial in zip(both, partials, strict=True):
            # As in backward, nothing flows through a dead unit. A Value is kept: its slope need not be 0.
            if has and (partial or not is_number(partial)):
                tangent = tangent + partial * x.tangent
        return Dual(result, tangent, level)

    def _of_others(
        self, row: Operation, numbers: Sequence[Any], needed: Sequence[bool]
    ) -> tuple[Any, Sequence[Any]]:
        """Return the result and the partials for numbers of any kind, dual ones and Values among them."""
        if any(isinstance(x, Dual) or not is_number(x) for x in numbers):
            result = row(*numbers)
            return result, row.partials_towards(needed, result, numbers)
        return row.evaluate(numbers)

    # --- as the number that it is -----------------------------------------------------------------------

    def __eq__(self, other: Any) -> bool:
        if isinstance(other, Dual) and other.level == self.level:
            return bool(self.primal == other.primal and self.tangent == other.tangent)
        return bool(self.primal == other and self.tangent == 0)

    def __hash__(self) -> int:
        return hash(self.primal)

    def __bool__(self) -> bool:
        return bool(self.primal) or bool(self.tangent)


def _method(row: Operation) -> Callable[..., Any]:
    def method(self: Dual, *others: Any, **named: Any) -> Any:
        if not others and not named and len(row.partials) == 1:
            try:
                return self.push(row, (self,))
            except (ArithmeticError, ValueError, TypeError):
                pass  # the way of the row meets the same and explains it
        return row(self, *others, **named)

    return method


def _by_primal(name: str) -> Callable[..., Any]:
    return lambda self, *rest: getattr(self.primal, name)(*rest)


def _relation(relation: Callable[[Any, Any], Any]) -> Callable[[Dual, Any], Any]:
    def compared(x: Dual, y: Any) -> Any:
        if not is_number(y):
            return NotImplemented
        return relation(x.primal, y.primal if isinstance(y, Dual) else y)

    return compared


for _name, _of_values in METHODS.items():
    setattr(Dual, _name, _method(RULES[_of_values.__name__]))
for _name in ("__float__", "__int__", "__round__", "__floor__", "__ceil__", "__trunc__", "__format__"):
    setattr(Dual, _name, _by_primal(_name))
for _function in (lt, le, gt, ge):
    setattr(Dual, f"__{_function.__name__}__", _relation(_function))
