"""Networks on the scalar engine: neurons, layers, costs, optimizers, training, and the evidence for them.

:mod:`nn.matrix` and :mod:`nn.per_weight` compute the same gradients without the engine; :mod:`nn.compare`
sets them side by side.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd_lite import softmax
from nn.activations import ACTIVATIONS
from nn.costs import (
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
from nn.explorer import explore_network
from nn.initializers import INITIALIZERS
from nn.layers import MLP, Layer, Neuron
from nn.module import Module
from nn.optim import SGD, Adam, AdamW, clip_gradients, cosine_decay, exponential_decay, step_decay
from nn.pictures import (
    Animation,
    GradientLog,
    draw_network,
    plot_decision_boundary,
    plot_gradients,
    plot_history,
)
from nn.predictions import accuracy, predict
from nn.training import Epoch, History, fit, per_sample_gradients

if TYPE_CHECKING:
    from nn.compare import assert_gradients_match, compare_gradients

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
    "accuracy",
    "assert_gradients_match",
    "average",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "clip_gradients",
    "compare_gradients",
    "cosine_decay",
    "cross_entropy",
    "draw_network",
    "explore_network",
    "exponential_decay",
    "fit",
    "half_mean_squared_errors",
    "half_squared_error",
    "hinge",
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


def __getattr__(name: str) -> Any:
    # The comparison needs NumPy, for which whoever trains a network need not wait.
    if name in ("assert_gradients_match", "compare_gradients"):
        return getattr(import_module("nn.compare"), name)
    raise AttributeError(f"module 'nn' has no attribute {name!r}")
