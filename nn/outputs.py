"""What a layer and a network return: a list, which says what to write where it is taken for a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_lite import Value

_OPERATORS = "add sub mul truediv floordiv mod pow"
_OTHERS = "iadd imul lt le gt ge neg pos abs float int round"


class Outputs(list[Value]):
    """The outputs for one sample.

    Examples
    --------
    >>> from nn import MLP
    >>> 1 + -1.0 * MLP(2, [1])([0.5, 0.25])
    Traceback (most recent call last):
        ...
    TypeError: a network returns the list of its outputs, here of one: write mlp(x)[0] for the Value in it
    """

    __slots__ = ()

    # Above that of NumPy's numbers, which leave the operator to this class, and below that of its arrays.
    __array_priority__ = -1.0

    def __getattr__(self, name: str) -> Any:
        if hasattr(Value, name):
            raise AttributeError(f"{self._advice()}, as in mlp(x)[0].{name}", name=name, obj=self)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def _advice(self) -> str:
        if len(self) == 1:
            return (
                "a network returns the list of its outputs, here of one: write mlp(x)[0] for the Value in it"
            )
        return (
            f"a network returns the list of its outputs, here of {len(self)}: write mlp(x)[0] for the first"
        )


def _refusing(name: str) -> Callable[..., Any]:
    """Return an operator that does with sequences what lists do, and with numbers says what to write."""
    of_lists = getattr(list, name, None)

    def operator(self: Outputs, *others: Any) -> Any:
        if not others or not hasattr(others[0], "__iter__"):
            raise TypeError(self._advice())
        # Lists are added and compared; an array is asked next, and computes with each of the outputs.
        return of_lists(self, *others) if of_lists and isinstance(others[0], list) else NotImplemented

    return operator


for _name in (*_OPERATORS.split(), *(f"r{name}" for name in _OPERATORS.split()), *_OTHERS.split()):
    setattr(Outputs, f"__{_name}__", _refusing(f"__{_name}__"))
