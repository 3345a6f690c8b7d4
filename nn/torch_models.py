"""A model of PyTorch beside a network with its weights: PyTorch's own gradients, to compare with.

PyTorch is imported when a model is given, by whoever has it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from .compare import Backprop
from .layers import MLP
from .torch_layers import linear_layers


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
    For example:

        model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
        mlp, backprop = from_torch(model, torch.nn.MSELoss())
        assert_gradients_match(mlp, X, Y, "mean_squared_error", backprop=backprop)
        check_backprop(backprop, layers=(3, 4, 2))
    """
    import torch

    mlp = MLP.from_torch(model)
    model = copy.deepcopy(model).cpu().double()
    linear, _ = linear_layers(model)

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
