"""The MLP: a network of layers that explains, draws and explores itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from operator import index
from typing import TYPE_CHECKING, Any

from autograd_lite import Derivation, Value, explain
from autograd_lite.draw.explorer.page import Page

from .checks import check_data
from .costs import Cost, average, cost_function
from .data.dataset import Dataset
from .data.generators import Measured
from .explorer import explore_network
from .neurons import Layer, Network, Neuron
from .pictures.network import draw_network
from .summary import Summary, summary
from .tables import rows, targets

__all__ = ["MLP", "Layer", "Neuron"]


class MLP(Network):
    """A multilayer perceptron: layers 1 … L, each on the activations of the one before.

    Parameters
    ----------
    n_in : int
        The number of inputs.
    n_outs : sequence of int
        The numbers of neurons of layers 1 … L.
    activation : str or callable, or a sequence of these
        Of the layers before the last; or of each of them.
    output_activation : str or callable
        Of the last layer.
    bias : {"neuron", "layer", None}
        One bias per neuron, one shared by each layer (E3), or none.
    init, seed
        As for :class:`Neuron`.

    Attributes
    ----------
    layers : list of Layer

    Raises
    ------
    ValueError
        If there is no layer, a size is not a positive whole number, or a name is unknown.

    Examples
    --------
    >>> mlp = MLP(3, [4, 2], seed=0)
    >>> mlp
    MLP(3, [4, 2], activation='tanh', output_activation='linear', bias='neuron'): 26 parameters
    >>> len(mlp([1.0, 2.0, 3.0])), mlp.weights(2)[1][3].label
    (2, 'w[2][1,3]')
    >>> [layer.activation for layer in MLP(3, [4, 4, 2], ["relu", "tanh"]).layers]
    ['relu', 'tanh', 'linear']
    """

    def explain(
        self,
        layer: int,
        weight: tuple[int, int] | None = None,
        bias: int | None = None,
        *,
        x: Sequence[Any],
        y: Any,
        cost: str | Cost = "mean_squared_error",
    ) -> Derivation:
        """Spell out the chain rule for one weight or bias (A7–A9, D1–D8, E5).

        Parameters
        ----------
        layer : int
            From 1 to L.
        weight : tuple of two ints, optional
            (j, k), the weight from neuron k of the layer before to neuron j of this one.
        bias : int, optional
            j, the bias of neuron j, instead of a weight; 0 where the layer shares one.
        x : sequence of n_0 numbers, or of samples
            One sample; or several, as a sequence of sequences.
        y : target, or sequence of targets
            As the cost takes them: one for one sample, one each for several.
        cost : str or callable
            A name in ``COSTS``, or a function of one sample's outputs and targets. C is its value, or its
            average over several samples (A1).

        Returns
        -------
        Derivation

        Raises
        ------
        IndexError
            If there is no such layer, weight or bias.
        TypeError
            If neither a weight nor a bias is given, or both, or an index is not a whole number.
        ValueError
            If the data does not fit, or the name of the cost is unknown.

        Examples
        --------
        >>> mlp = MLP(2, [1], seed=0)
        >>> mlp.weights(1)[0][0].data, mlp.weights(1)[0][1].data = 0.5, -1.0
        >>> print(mlp.explain(layer=1, weight=(0, 1), x=[1.0, 3.0], y=0.0))
        1 path leads from C back to w¹₀₁:
        <BLANKLINE>
        ∂C/∂w¹₀₁ = ∂C/∂z¹₀ · ∂z¹₀/∂w¹₀₁ = (−5) · 3 = −15
        <BLANKLINE>
        where
        ∂C/∂z¹₀    = 2 · (z¹₀ − 0) = −5
        ∂z¹₀/∂w¹₀₁ = a⁰₁           = 3
        """
        parameter = self._parameter(layer, weight, bias)
        function = cost_function(cost)
        x, y = rows(x), targets(y)
        several = hasattr(x, "__len__") and len(x) > 0 and hasattr(x[0], "__len__")
        X, Y = (x, y) if several else ([x], [y])
        check_data(self, X, Y, function)
        costs = [function(self(x), y) for x, y in zip(X, Y, strict=True)]
        return explain(average(costs) if several else costs[0], parameter)

    def _parameter(self, layer: int, weight: tuple[int, int] | None, bias: int | None) -> Value:
        l = _index(layer, "layer")
        chosen = self._layer(l)
        if weight is not None and bias is None:
            if not hasattr(weight, "__len__") or len(weight) != 2:
                raise TypeError(f"a weight is a pair, weight=(j, k) for w[{l}][j,k], not {weight!r}")
            j, k = (_index(i, "weight") for i in weight)
            if 0 <= j < chosen.n_out and 0 <= k < chosen.n_in:
                return chosen.weights[j][k]
            raise IndexError(
                f"the weights of layer {l} have shape ({chosen.n_out}, {chosen.n_in}), to and from; "
                f"there is no weight ({j}, {k})"
            )
        if bias is None or weight is not None:
            raise TypeError(
                "give either weight=(j, k) or bias=j, to say which parameter of the layer is meant"
            )
        j, biases = _index(bias, "bias"), chosen.biases
        if 0 <= j < len(biases):
            return biases[j]
        has = f"biases 0 … {len(biases) - 1}" if biases else "no bias"
        raise IndexError(f"layer {l} has {has}; there is no bias {j}")

    draw = draw_network

    def summary(self) -> Summary:
        """Return a table of the layers: shapes, activations, and how many parameters each has.

        Returns
        -------
        Summary

        Examples
        --------
        >>> MLP(2, [3, 1], bias="layer").summary()
        layer  output shape  activation  parameters  made of
        0      (2,)                               0  the input
        1      (3,)          tanh                 7  3·2 weights + 1 bias
        2      (1,)          linear               4  1·3 weights + 1 bias
        total                                    11
        """
        return summary(self)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the classic picture, and the layers."""
        from autograd_lite.markup import escape, picture

        classic = picture(lambda: draw_network(self), f"The network {self!r}, its weights as lines")
        return f"<p>{escape(repr(self))}</p>{classic}{summary(self)._repr_html_()}"

    def explore(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        data: Dataset | Measured | tuple[Sequence[Sequence[float]], Sequence[int]],
        cost: str | Cost | None = None,
        title: str = "",
    ) -> Page:
        """Make a page to look at the network and to train it: see :func:`nn.explorer.explore_network`.

        Parameters
        ----------
        path, data, cost, title
            As for :func:`nn.explorer.explore_network`.

        Returns
        -------
        Page
            A notebook shows it; ``.save(path)`` writes it.
        """
        return explore_network(self, data, path, cost=cost, title=title)

    @classmethod
    def from_torch(cls, model: Any) -> MLP:
        """Return a network with the layers and the weights of a model of PyTorch.

        ``w[l][j,k]`` is ``state_dict()["i.weight"][j, k]``, and ``b[l][j]`` is ``state_dict()["i.bias"][j]``,
        where the Linear of layer l is ``model[i]``: 0, 2, 4, … with an activation after each.

        Parameters
        ----------
        model : torch.nn.Sequential
            Of ``Linear`` and activation layers as PyTorch makes them; all hidden layers have the same
            activation. It is left as it is.

        Returns
        -------
        MLP

        Raises
        ------
        TypeError, ValueError
            If the model is made of other layers, or of layers that no MLP has.

        See Also
        --------
        nn.from_torch : PyTorch's gradients too, to compare with.

        Notes
        -----
        For example:

            model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
            mlp = MLP.from_torch(model)
        """
        from .torch_layers import network_like

        return network_like(cls, model)

    def to_torch(self) -> Any:
        """Return a model of PyTorch with the same layers and weights, in float64.

        Which of its names is which of ours: see :meth:`from_torch`.

        Returns
        -------
        torch.nn.Sequential

        Raises
        ------
        ImportError
            If PyTorch is not installed.
        ValueError
            If a layer shares one bias, or has an activation of your own.

        Notes
        -----
        For example:

            model = MLP(3, [4, 2]).to_torch()
            model(torch.tensor([[1.0, 2.0, 3.0]], dtype=torch.float64))
        """
        from .torch_layers import model_like

        return model_like(self)

    if not TYPE_CHECKING:  # to a checker there are the names above, and no others

        def __getattr__(self, name: str) -> Any:
            from .elsewhere import IN_A_NETWORK

            kind = type(self).__name__
            if name in IN_A_NETWORK:
                raise AttributeError(f"{kind} has no {name}: write {IN_A_NETWORK[name]}")
            raise AttributeError(f"{kind!r} object has no attribute {name!r}", name=name, obj=self)


def _index(i: Any, what: str) -> int:
    try:
        return index(i)
    except TypeError:
        raise TypeError(f"the index of a {what} is a whole number, not {i!r}") from None
