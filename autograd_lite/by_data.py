"""A Value as the number that it holds: order, and Python's conversions, by its data."""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any

from autograd_lite.numbers.failures import incomparable
from autograd_lite.numbers.kinds import Number, as_number, is_number


class ByData:
    """The relations ``< <= > >=`` and ``float``, ``int``, ``bool``, ``round``, ``format``, by ``data``."""

    __slots__ = ()

    data: Number

    def __lt__(self, other: Any) -> bool:
        return _compared(lt, self, other)

    def __le__(self, other: Any) -> bool:
        return _compared(le, self, other)

    def __gt__(self, other: Any) -> bool:
        return _compared(gt, self, other)

    def __ge__(self, other: Any) -> bool:
        return _compared(ge, self, other)

    def __float__(self) -> float:
        return float(self.data)

    def __int__(self) -> int:
        return int(self.data)

    def __bool__(self) -> bool:
        return bool(self.data)

    def __round__(self, digits: int | None = None) -> Number:
        return round(self.data, digits)

    def __floor__(self) -> Number:
        return math.floor(self.data)

    def __ceil__(self) -> Number:
        return math.ceil(self.data)

    def __trunc__(self) -> Number:
        return math.trunc(self.data)

    def __format__(self, specification: str) -> str:
        return format(self.data, specification) if specification else repr(self)

    def conjugate(self) -> Any:
        """Return itself, a real number; NumPy's ``std`` and ``var`` ask for it."""
        return self


def _compared(relation: Callable[[Any, Any], Any], x: ByData, y: Any) -> bool:
    """Return the relation of x and y by data, or NotImplemented, which lets arrays take their turn."""
    if isinstance(y, ByData):
        y = y.data
    elif is_number(y):
        y = as_number(y)
    else:
        return NotImplemented  # type: ignore[no-any-return]
    try:
        answer = relation(x.data, y)
        if answer is None:  # of intervals that overlap
            raise ValueError("neither yes nor no")
        return bool(answer)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise incomparable(x.data, _SIGNS[relation], y, error) from error


_SIGNS = {lt: "<", le: "<=", gt: ">", ge: ">="}
