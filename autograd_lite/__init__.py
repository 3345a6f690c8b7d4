"""autograd-lite: a scalar autodiff engine to learn from.

A :class:`Value` is a number that remembers how it was made; ``backward`` gives every gradient by the chain
rule. The functions (``tanh``, ``exp``, …) take Values and numbers and come from the rule book, one row each;
``RULES`` has all rows by name.
"""

from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

import autograd_lite.copies
import autograd_lite.direct
import autograd_lite.display
import autograd_lite.elsewhere  # noqa: F401 - these four put their methods into Value
from autograd_lite.derivatives import grad, hessian, jacobian
from autograd_lite.draw import draw
from autograd_lite.draw.explorer import explore
from autograd_lite.explain import Derivation, explain
from autograd_lite.extending import operation
from autograd_lite.functions import FUNCTIONS
from autograd_lite.graph import levels, topological_order
from autograd_lite.ops import RULES, Operation
from autograd_lite.pause import enable_grad, no_grad
from autograd_lite.sums import affine, dist, fsum, log_softmax, logsumexp, softmax, sumprod
from autograd_lite.survey import export, first_nonfinite, statistics, to_networkx
from autograd_lite.value import Value

_LATER = {
    "animate_backward": "autograd_lite.draw.film",
    "check_gradient": "autograd_lite.mistakes",
    "check_operation": "autograd_lite.checking",
    "gradcheck": "autograd_lite.differences",
    "jvp": "autograd_lite.forward",
    "lift": "autograd_lite.lifting",
    "load_layout": "autograd_lite.draw.programs",
    "use_layout": "autograd_lite.draw.programs",
}
"""What takes time to import, or needs NumPy, comes when somebody asks for it: the module that has it."""

if TYPE_CHECKING:
    from autograd_lite.checking import check_operation as check_operation
    from autograd_lite.differences import gradcheck as gradcheck
    from autograd_lite.draw.film import animate_backward as animate_backward
    from autograd_lite.draw.programs import load_layout as load_layout
    from autograd_lite.draw.programs import use_layout as use_layout
    from autograd_lite.forward import jvp as jvp
    from autograd_lite.functions import *  # noqa: F403
    from autograd_lite.lifting import lift as lift
    from autograd_lite.mistakes import check_gradient as check_gradient
else:
    globals().update(FUNCTIONS)

__all__ = [
    "RULES",
    "Derivation",
    "Operation",
    "Value",
    "affine",
    "animate_backward",
    "check_gradient",
    "check_operation",
    "dist",
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
    "jvp",
    "levels",
    "lift",
    "load_layout",
    "log_softmax",
    "logsumexp",
    "no_grad",
    "operation",
    "softmax",
    "statistics",
    "sumprod",
    "to_networkx",
    "use_layout",
    "topological_order",
    *FUNCTIONS,
]

if not TYPE_CHECKING:  # to a checker there are the names above, and no others
    _PUBLIC = globals().pop("__all__")

    def __getattr__(name: str) -> Any:
        if name == "__all__":
            # Documentation, and an import of *, ask for it: they want what the names stand for.
            for later in _LATER:
                with suppress(ImportError):  # without NumPy
                    globals()[later] = __getattr__(later)
            return _PUBLIC
        if name not in _LATER:
            from autograd_lite.elsewhere import IN_THE_PACKAGE
            from autograd_lite.names import no_such_name

            raise no_such_name(__name__, name, IN_THE_PACKAGE)
        return getattr(import_module(_LATER[name]), name)

    def __dir__() -> list[str]:
        return sorted(_PUBLIC)
