"""Activations σ by name, for layers, and softmax, which turns a layer's outputs into probabilities.

The functions themselves are rows of the engine's rule book; a network may also use any function of a Value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from autograd_lite import Value, elu, exp, fsum, gelu, leaky_relu, relu, sigmoid, silu, softplus, tanh
from autograd_lite.names import look_up

Activation: TypeAlias = Callable[[Value], Value]


def linear(z: Value) -> Value:
    """Return z itself: a layer without a non-linearity.

    Parameters
    ----------
    z : Value

    Returns
    -------
    Value

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

    Parameters
    ----------
    activation : str or callable
        A name in ``ACTIVATIONS``, or a function from Value to Value.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If the name is unknown; the message suggests the nearest.

    Examples
    --------
    >>> activation_function("tanh")(Value(0.0)).data
    0.0
    """
    return activation if callable(activation) else look_up(activation, ACTIVATIONS, "activation")


def softmax(zs: Sequence[Any]) -> list[Any]:
    """Return the probabilities e^zⱼ / Σₖ e^zₖ; the largest z is subtracted first, so that nothing overflows.

    Parameters
    ----------
    zs : sequence of Value or number
        The outputs of a layer, of any size.

    Returns
    -------
    list of Value or number
        Positive, with the sum 1.

    Raises
    ------
    ValueError
        If there are none.

    Examples
    --------
    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]
    """
    if len(zs) == 0:
        raise ValueError("softmax needs at least one number")
    zs = [z if isinstance(z, Value) else Value(z).data for z in zs]
    top = max(zs)
    exponentials = [exp(z - top) for z in zs]
    total = fsum(exponentials)
    return [e / total for e in exponentials]
