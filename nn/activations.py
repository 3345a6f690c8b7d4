"""Activations σ by name, for layers.

The functions themselves are rows of the engine's rule book; a network may also use any function of a Value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from autograd_lite import Value, elu, gelu, leaky_relu, relu, sigmoid, silu, softplus, tanh
from autograd_lite import softmax as softmax
from autograd_lite.names import look_up

Activation: TypeAlias = Callable[[Value], Value]


def linear(z: Value) -> Value:
    """Return z itself: a layer without a non-linearity.

    Examples
    --------
    >>> linear(Value(3.0)).data
    3.0
    """
    return z


ACTIVATIONS: dict[str, Activation] = {
    "linear": linear,
    "tanh": tanh,
    "sigmoid": sigmoid,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "gelu": gelu,
    "silu": silu,
    "softplus": softplus,
}


def activation_function(activation: str | Activation) -> Activation:
    """Return the activation of that name, or the function itself.

    Examples
    --------
    >>> activation_function("tanh")(Value(0.0)).data
    0.0
    """
    return activation if callable(activation) else look_up(activation, ACTIVATIONS, "activation")
