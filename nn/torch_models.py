"""Models of PyTorch beside networks of ours: the same weights, and PyTorch's own gradients to compare with.

PyTorch is imported when a model is given, by whoever has it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from nn.compare import Backprop
from nn.layers import MLP

_ACTIVATIONS = {
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "GELU": "gelu",
    "SiLU": "silu",
    "Softplus": "softplus",
    "Identity": "linear",
}


def from_torch(model: Any, loss: Callable[[Any, Any], Any]) -> tuple[MLP, Backprop]:
    """Return a network with a model's weights, and PyTorch's gradients as a function to compare.

    Parameters
    ----------
    model : torch.nn.Sequential
        Of ``Linear`` and activation layers as PyTorch makes them; all hidden layers have the same activation.
        It is copied, and computes in float64.
    loss : callable
        ``loss(outputs, targets)`` of all samples, such as ``torch.nn.MSELoss()``.

    Returns
    -------
    MLP
    callable
        ``backprop(weights, biases, X, Y)``, for :func:`nn.assert_gradients_match` and
        :func:`nn.check_backprop`.

    Raises
    ------
    TypeError, ValueError
        If the model is made of other layers, or of layers that no MLP has.

    Notes
    -----
    ::

        model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
        mlp, backprop = from_torch(model, torch.nn.MSELoss())
        assert_gradients_match(mlp, X, Y, "mean_squared_error", backprop=backprop)
        check_backprop(backprop, layers=(3, 4, 2))
    """
    import torch

    if not isinstance(model, torch.nn.Sequential):
        raise TypeError(f"the model is a torch.nn.Sequential, not {type(model).__name__}")
    model = copy.deepcopy(model).cpu().double()
    linear, activations = _layers(model)
    mlp = _network(linear, activations)

    def torch_backprop(weights: Any, biases: Any, X: Any, Y: Any) -> Any:
        with torch.no_grad():
            for layer, w, b in zip(linear, weights, biases, strict=True):
                layer.weight.copy_(torch.as_tensor(w))
                if layer.bias is not None:
                    layer.bias.copy_(torch.as_tensor(b))
        parameters = [p for layer in linear for p in (layer.weight, layer.bias) if p is not None]
        total = loss(model(torch.as_tensor(X)), torch.as_tensor(Y))
        gradients = dict(zip(map(id, parameters), torch.autograd.grad(total, parameters), strict=True))
        return (
            [gradients[id(layer.weight)].numpy() for layer in linear],
            [gradients[id(layer.bias)].numpy() if layer.bias is not None else [] for layer in linear],
        )

    return mlp, torch_backprop


def _layers(model: Any) -> tuple[list[Any], list[str]]:
    """Return the Linear layers, and the name of the activation after each."""
    linear: list[Any] = []
    activations: list[str] = []
    for i, layer in enumerate(model):
        kind = type(layer).__name__
        if kind == "Linear":
            linear.append(layer)
            activations.append("linear")
        elif kind not in _ACTIVATIONS or not linear:
            known = ", ".join(("Linear", *_ACTIVATIONS))
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
            activations[-1] = _ACTIVATIONS[kind]
    if not linear:
        raise ValueError("the model has no Linear layer")
    return linear, activations


def _has_options(layer: Any) -> bool:
    """Return whether an activation was made with options that change its values."""
    default = type(layer)()
    names = ("negative_slope", "alpha", "beta", "threshold", "approximate")
    return any(getattr(layer, name, None) != getattr(default, name, None) for name in names)


def _network(linear: list[Any], activations: list[str]) -> MLP:
    *hidden, last = activations
    if len(set(hidden)) > 1:
        raise ValueError(
            f"the hidden layers have the activations {', '.join(hidden)}; an MLP has one for all"
        )
    with_bias = {layer.bias is not None for layer in linear}
    if len(with_bias) > 1:
        raise ValueError("some layers have a bias and some have none; give all of them one, or none")
    mlp = MLP(
        linear[0].in_features,
        [layer.out_features for layer in linear],
        hidden[0] if hidden else "tanh",
        last,
        "neuron" if with_bias.pop() else None,
        seed=0,
    )
    for l, layer in enumerate(linear, 1):
        for row, numbers in zip(mlp.weights(l), layer.weight.tolist(), strict=True):
            for w, number in zip(row, numbers, strict=True):
                w.data = number
        if layer.bias is not None:
            for b, number in zip(mlp.biases(l), layer.bias.tolist(), strict=True):
                b.data = number
    return mlp
