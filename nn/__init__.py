"""Networks on the scalar engine: neurons, layers, costs, optimizers, training, and the evidence for them.

:mod:`nn.matrix` and :mod:`nn.per_weight` compute the same gradients without the engine; :mod:`nn.compare`
sets them side by side, and :mod:`nn.trials` tries somebody's own backpropagation. ``ACTIVATIONS``, ``COSTS``
and ``INITIALIZERS`` hold what can be asked for by name. A room is imported when one of its names is first
asked for: pytest, which loads the plugin in this package, need not wait for networks.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .activations import ACTIVATIONS, softmax
    from .compare import assert_gradients_match, compare_gradients
    from .costs import (
        COSTS,
        average,
        binary_cross_entropy,
        binary_cross_entropy_with_logits,
        cross_entropy,
        half_mean_squared_errors,
        half_squared_error,
        hinge,
        mean_squared_error,
        sum_squared_error,
    )
    from .explorer import explore_network, laboratory
    from .initializers import INITIALIZERS
    from .layers import MLP, Layer, Neuron
    from .module import Module
    from .optim import SGD, Adam, AdamW, clip_gradients, cosine_decay, exponential_decay, step_decay
    from .pictures import (
        Animation,
        GradientLog,
        draw_network,
        plot_decision_boundary,
        plot_gradients,
        plot_history,
    )
    from .predictions import accuracy, predict
    from .torch_models import from_torch
    from .training import Epoch, History, fit, per_sample_gradients
    from .trial_report import WrongGradientsError
    from .trials import check_backprop

_ROOMS = {
    "activations": "ACTIVATIONS softmax",
    "compare": "assert_gradients_match compare_gradients",
    "costs": "COSTS average binary_cross_entropy binary_cross_entropy_with_logits cross_entropy "
    "half_mean_squared_errors half_squared_error hinge mean_squared_error sum_squared_error",
    "explorer": "explore_network laboratory",
    "initializers": "INITIALIZERS",
    "layers": "MLP Layer Neuron",
    "module": "Module",
    "optim": "SGD Adam AdamW clip_gradients cosine_decay exponential_decay step_decay",
    "pictures": "Animation GradientLog draw_network plot_decision_boundary plot_gradients plot_history",
    "predictions": "accuracy predict",
    "torch_models": "from_torch",
    "training": "Epoch History fit per_sample_gradients",
    "trial_report": "WrongGradientsError",
    "trials": "check_backprop",
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = [
    "ACTIVATIONS",
    "COSTS",
    "INITIALIZERS",
    "MLP",
    "SGD",
    "Adam",
    "AdamW",
    "Animation",
    "Epoch",
    "GradientLog",
    "History",
    "Layer",
    "Module",
    "Neuron",
    "WrongGradientsError",
    "accuracy",
    "assert_gradients_match",
    "average",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "check_backprop",
    "clip_gradients",
    "compare_gradients",
    "cosine_decay",
    "cross_entropy",
    "draw_network",
    "explore_network",
    "exponential_decay",
    "fit",
    "from_torch",
    "half_mean_squared_errors",
    "half_squared_error",
    "hinge",
    "laboratory",
    "mean_squared_error",
    "per_sample_gradients",
    "plot_decision_boundary",
    "plot_gradients",
    "plot_history",
    "predict",
    "softmax",
    "step_decay",
    "sum_squared_error",
]


if not TYPE_CHECKING:  # to a checker there are the names above, and no others
    _PUBLIC = globals().pop("__all__")

    def __getattr__(name: str) -> Any:
        if name == "__all__":
            # Documentation, and an import of *, ask for it: they want what the names stand for.
            for public in _PUBLIC:
                getattr(sys.modules[__name__], public)
            return _PUBLIC
        if name in _ROOMS:
            return import_module(f".{name}", __name__)
        if name not in _HOME:
            if name.startswith("_"):
                raise AttributeError(f"module 'nn' has no attribute {name!r}")
            from autograd_lite.names import no_such_name

            from .elsewhere import IN_NN

            raise no_such_name("nn", name, IN_NN)
        globals()[name] = found = getattr(import_module(f".{_HOME[name]}", __name__), name)
        return found


def __dir__() -> list[str]:
    return sorted(_HOME)
