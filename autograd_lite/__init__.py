"""autograd-lite: a scalar autodiff engine to learn from.

A :class:`Value` is a number that remembers how it was made; ``backward`` gives every gradient by the chain
rule. The functions (``tanh``, ``exp``, …) take Values and numbers and come from the rule book, one row each.
"""

from typing import TYPE_CHECKING, Any

from autograd_lite.derivatives import grad, gradcheck, hessian, jacobian
from autograd_lite.draw import draw
from autograd_lite.draw.explorer import explore
from autograd_lite.explain import Derivation, explain
from autograd_lite.graph import (
    export,
    first_nonfinite,
    levels,
    statistics,
    topological_order,
)
from autograd_lite.ops import FUNCTIONS, RULES, Operation
from autograd_lite.pause import enable_grad, no_grad
from autograd_lite.value import Value, affine, fsum, sumprod

if TYPE_CHECKING:
    from autograd_lite.lifting import lift as lift
    from autograd_lite.ops import *  # noqa: F403
else:
    globals().update(FUNCTIONS)

    def __getattr__(name: str) -> Any:
        """Import lift, and with it NumPy, when somebody asks for it."""
        if name != "lift":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from autograd_lite.lifting import lift

        return lift


__all__ = [
    "RULES",
    "Derivation",
    "Operation",
    "Value",
    "affine",
    "draw",
    "enable_grad",
    "explain",
    "explore",
    "export",
    "first_nonfinite",
    "fsum",
    "grad",
    "gradcheck",
    "hessian",
    "jacobian",
    "levels",
    "no_grad",
    "statistics",
    "sumprod",
    "topological_order",
    *FUNCTIONS,
]
