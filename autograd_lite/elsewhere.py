"""What other libraries have, and what to write here: told where somebody asks for it by their name.

Put into ``Value`` when the package is imported. These names are no attributes of it: ``hasattr`` says no, and
``dir`` does not show them.
"""

from __future__ import annotations

from typing import Any, NoReturn

from autograd_lite.value import Value

_A_VALUE = 'Value(0.5, "w")'
_A_NETWORK = "from nn import {}"

IN_THE_PACKAGE = {
    **dict.fromkeys(("Tensor", "tensor", "Variable", "Parameter", "Scalar", "Var"), _A_VALUE),
    **dict.fromkeys(("value_and_grad", "jit"), "lift(f), which returns a function for value and gradients"),
    **dict.fromkeys(("vmap", "vectorize"), "lift(f, in_axes=…), where arguments run over samples"),
    **dict.fromkeys(("draw_dot", "make_dot", "plot"), "draw(v)"),
    **{name: _A_NETWORK.format(name) for name in ("MLP", "Layer", "Neuron", "Module", "fit", "SGD", "Adam")},
    "backward": "v.backward()",
    "trace": "topological_order(v)",
}
"""Names that somebody may look for in ``autograd_lite``."""

_IN_A_VALUE = {
    "item": "write v.data, or float(v)",
    "detach": "write Value(v.data), or compute inside no_grad()",
    "requires_grad": "every Value has its gradient, but for what is computed inside no_grad()",
    "zero_grad": "write v.grad = 0, or mlp.zero_grad() for all parameters of a network",
    "grad_fn": "write v.op, v.parents and v.partials",
    "_prev": "write v.parents",
    "_op": "write v.op",
    "_backward": "write v.partials, one for each of v.parents",
}


class _Elsewhere:
    """A name that numbers with gradients have in other libraries."""

    def __init__(self, advice: str) -> None:
        self.__doc__ = f"A name of other libraries: {advice}."
        self._advice = advice

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, v: Value | None, owner: type) -> NoReturn:
        raise AttributeError(f"a Value has no {self._name}: {self._advice}")

    def __set__(self, v: Value, anything: Any) -> NoReturn:
        raise AttributeError(f"a Value has no {self._name}: {self._advice}")


def _no_power(v: Value, other: Any) -> NoReturn:
    raise TypeError("^ is no power in Python: write ** for it, as in v ** 2")


def _dir(v: Value) -> list[str]:
    return sorted(set(object.__dir__(v)) - _IN_A_VALUE.keys())


for _name, _text in _IN_A_VALUE.items():
    _told = _Elsewhere(_text)
    _told.__set_name__(Value, _name)
    setattr(Value, _name, _told)
for _name, _method in (("__dir__", _dir), ("__xor__", _no_power), ("__rxor__", _no_power)):
    setattr(Value, _name, _method)
