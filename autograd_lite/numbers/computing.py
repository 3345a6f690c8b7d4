"""How a row computes with numbers: by its path for floats where it has one, on arrays element by element."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import InvalidOperation
from inspect import signature
from typing import Any, TypeVar, cast

from autograd_lite.numbers import special
from autograd_lite.numbers.arrays import elementwise, is_array
from autograd_lite.numbers.entry import FloatEntry, Rule, as_tuple
from autograd_lite.numbers.kinds import Number, all_floats, is_number

C = TypeVar("C", bound="Computing")
_NONE: Mapping[str, Any] = {}


class Computing:
    """What a row of the rule book does with numbers, given its value, its partials and its floats."""

    name: str
    value: Rule
    partials: tuple[Rule, ...]
    variadic: bool
    floats: FloatEntry

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def __get__(self: C, instance: Any, owner: type | None = None) -> C:
        """Return the row itself; by having this method it is documented as a function is."""
        return self

    def compute(self, *numbers: Number) -> Number:
        """Return the result for plain numbers, or arrays of them."""
        if self.floats.fast is not None and all_floats(numbers):
            return self.floats.fast(special, *numbers)[0]
        if any(map(is_array, numbers)):
            return elementwise(self, numbers)
        return self._value(numbers)

    def _value(self, numbers: Sequence[Number]) -> Number:
        """Return the result by the rule, or as a kind of number that looks after its own rules says."""
        for x in numbers:
            if hasattr(x, "push"):
                return x.push(self, numbers)
        return self.value(*numbers)

    def rules_beside(self, result: Number) -> tuple[Rule, ...]:
        """Return the rules of the partials: in a form that keeps the digits of floats, unless for symbols."""
        return self.floats.partials_beside(result) or self.partials

    def local_partials(self, result: Number, operands: Sequence[Any]) -> tuple[Number, ...]:
        """Return the partial derivative of the result with respect to each operand, by the rules."""
        try:
            if self.variadic:
                return tuple(self.partials[0](result, *operands))
            return tuple(rule(result, *operands) for rule in self.rules_beside(result))
        except (ZeroDivisionError, InvalidOperation):
            return self.floats.limits(result, operands)

    def partials_towards(
        self, needed: Sequence[bool], result: Number, operands: Sequence[Any]
    ) -> Sequence[Number]:
        """Return the partial derivatives, by the rules, with respect to the operands needed, else 0."""
        if self.variadic:
            return self.local_partials(result, operands)
        rules = zip(self.rules_beside(result), needed, strict=True)
        return [rule(result, *operands) if is_needed else 0 for rule, is_needed in rules]

    def evaluate(self, numbers: Sequence[Number]) -> tuple[Number, tuple[Number, ...]]:
        """Return the result and its partials."""
        if self.floats.fast is not None and all_floats(numbers):
            result, partials = self.floats.fast(special, *numbers)
            return result, as_tuple(partials)
        result = self._value(numbers)
        if not is_number(result):
            raise ValueError("not real")
        return result, self.local_partials(result, numbers)

    def complete(self, operands: tuple[Any, ...], named: Mapping[str, Any] = _NONE) -> tuple[Any, ...]:
        """Return the operands, those that were given by name in their places, and the defaults of others."""
        if named:
            given = signature(cast(Callable[..., Any], self)).bind(*operands, **named)
            given.apply_defaults()
            return given.args
        missing, defaults = len(self.partials) - len(operands), self.value.__defaults__ or ()
        if self.variadic or missing == 0:
            return operands
        if not 0 < missing <= len(defaults):
            raise TypeError(f"{self.name} takes {len(self.partials)} operands, not {len(operands)}")
        return (*operands, *defaults[-missing:])
