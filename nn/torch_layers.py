"""Networks as models of PyTorch, and models as networks: layer by layer, with the same numbers.

PyTorch is imported when a model is asked for or given, by whoever has it.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any, TypeVar

from .activations import ACTIVATIONS
from .elsewhere import ACTIVATIONS_OF_TORCH
from .neurons import Layer, Network

N = TypeVar("N", bound=Network)

_MODULES = {activation: module for module, activation in ACTIVATIONS_OF_TORCH.items()}


def network_like(kind: type[N], model: Any) -> N:
    """Return a network with the layers and the weights of a Sequential."""
    linear, activations = linear_layers(model)
    *hidden, last = activations
    if len(set(hidden)) > 1:
        raise ValueError(
            f"the hidden layers have the activations {', '.join(hidden)}; a network has one for all"
        )
    with_bias = {layer.bias is not None for layer in linear}
    if len(with_bias) > 1:
        raise ValueError("some layers have a bias and some have none; give all of them one, or none")
    network = kind(
        linear[0].in_features,
        [layer.out_features for layer in linear],
        hidden[0] if hidden else "tanh",
        last,
        "neuron" if with_bias.pop() else None,
        seed=0,
    )
    for l, layer in enumerate(linear, 1):
        for row, numbers in zip(network.weights(l), layer.weight.tolist(), strict=True):
            for w, number in zip(row, numbers, strict=True):
                w.data = number
        if layer.bias is not None:
            for b, number in zip(network.biases(l), layer.bias.tolist(), strict=True):
                b.data = number
    return network


def model_like(network: Network) -> Any:
    """Return a Sequential with the layers and the weights of a network, in float64."""
    torch = _torch()
    tensor = partial(torch.tensor, dtype=torch.float64)
    modules = []
    for l, layer in enumerate(network.layers, 1):
        activation = _name_of_activation(layer, l)
        if layer.bias == "layer":
            raise ValueError(
                f"layer {l} shares one bias, and a Linear has one for each neuron: "
                "give the network bias='neuron' or bias=None"
            )
        linear = torch.nn.Linear(layer.n_in, layer.n_out, bias=bool(layer.biases), dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(tensor([[float(w) for w in row] for row in layer.weights]))
            if layer.biases:
                linear.bias.copy_(tensor([float(b) for b in layer.biases]))
        modules.append(linear)
        if activation != "linear":
            modules.append(getattr(torch.nn, _MODULES[activation])())
    return torch.nn.Sequential(*modules)


def _name_of_activation(layer: Layer, l: int) -> str:
    for name, function in ACTIVATIONS.items():
        if layer.activation in (name, function):
            return name
    raise ValueError(
        f"the activation of layer {l} is a function of your own, of which PyTorch has no module; "
        f"there are: {', '.join(ACTIVATIONS)}"
    )


def _torch() -> Any:
    try:
        return import_module("torch")
    except ImportError as error:
        raise ImportError(
            f"this needs PyTorch, which cannot be imported ({error}): python -m pip install torch",
            name="torch",
        ) from error


def linear_layers(model: Any) -> tuple[list[Any], list[str]]:
    """Return the Linear layers of a Sequential, and the name of the activation after each."""
    torch = _torch()
    if not isinstance(model, torch.nn.Sequential):
        raise TypeError(f"the model is a torch.nn.Sequential, not {type(model).__name__}")
    linear: list[Any] = []
    activations: list[str] = []
    for i, layer in enumerate(model):
        kind = type(layer).__name__
        if kind == "Linear":
            linear.append(layer)
            activations.append("linear")
        elif kind not in ACTIVATIONS_OF_TORCH or not linear:
            known = ", ".join(("Linear", *ACTIVATIONS_OF_TORCH))
            raise TypeError(
                f"layer {i} of the model is {layer}; give Linear layers, each with one of {known}"
            )
        elif activations[-1] != "linear":
            raise ValueError(
                f"layer {i} of the model, {layer}, stands after another activation: give one each"
            )
        elif _has_options(layer):
            raise ValueError(
                f"layer {i} of the model is {layer}; only the activation as it is by default is known"
            )
        else:
            activations[-1] = ACTIVATIONS_OF_TORCH[kind]
    if not linear:
        raise ValueError("the model has no Linear layer")
    return linear, activations


def _has_options(layer: Any) -> bool:
    """Return whether an activation was made with options that change its values."""
    default = type(layer)()
    names = ("negative_slope", "alpha", "beta", "threshold", "approximate")
    return any(getattr(layer, name, None) != getattr(default, name, None) for name in names)
