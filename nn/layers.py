"""Neuron, Layer and MLP on Values: z = b + Σ w·x as one node, a = σ(z) as another.

Names and indices are those of the derivations: ``w[l][j,k]`` leads from neuron k of layer l − 1 to neuron j
of layer l, layers count from 1, and ``a[0]`` is the input.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from operator import index
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from autograd_lite import Derivation, Value, affine, explain, sumprod
from autograd_lite.names import look_up
from nn.activations import Activation, activation_function
from nn.costs import Cost, average, cost_function
from nn.initializers import INITIALIZERS
from nn.module import Module
from nn.training import check_data

if TYPE_CHECKING:
    from autograd_lite.draw.picture import Picture

if TYPE_CHECKING:
    from nn.data import Dataset

Bias: TypeAlias = Literal["neuron", "layer"] | None
Name: TypeAlias = Callable[[str, str], str]
"""How a part of a network names its quantities: ``name("w", "0,2")`` is ``"w[1][0,2]"`` in layer 1."""

_RECTIFIERS = ("relu", "leaky_relu", "elu", "gelu", "silu", "softplus")


class Neuron(Module):
    """One neuron, a = σ(b + Σₖ wₖxₖ) (A3, A4).

    Parameters
    ----------
    n_in : int
        The number of inputs, at least 1.
    activation : str or callable
        A name such as ``"tanh"``, or a function from Value to Value.
    bias : bool
        Whether it has one.
    init : str, optional
        How the first weights are drawn, a name in ``INITIALIZERS``; by default ``"he"`` for ReLU and its
        relatives, else ``"xavier"``. A bias starts at 0.
    seed : int or random.Random, optional
        Makes the first weights repeatable.

    Attributes
    ----------
    weights : list of Value
        Shape (n_in,).
    bias : Value or None

    Raises
    ------
    ValueError
        If n_in is not a positive whole number, or a name is unknown.

    Examples
    --------
    >>> neuron = Neuron(2, "relu")
    >>> neuron.weights[0].data, neuron.weights[1].data, neuron.bias.data = 3.0, -2.0, 1.0
    >>> neuron([10.0, 5.0]).data
    21.0
    """

    def __init__(
        self,
        n_in: int,
        activation: str | Activation = "tanh",
        bias: bool = True,
        init: str | None = None,
        seed: int | Random | None = None,
    ) -> None:
        n_in = _size(n_in, "n_in")
        draw = _drawing(n_in, 1, activation, init, seed)
        self._set_up(n_in, activation, draw, Value(0.0) if bias else None)
        self._rename(lambda letter, index: f"{letter}[{index}]" if index else letter, "")

    def _set_up(
        self, n_in: int, activation: str | Activation, draw: Callable[[], float], bias: Value | None
    ) -> Neuron:
        self.n_in = n_in
        self.activation = activation
        self._function = activation_function(activation)
        self.weights = [Value(draw()) for _ in range(n_in)]
        self.bias = bias
        return self

    def _rename(self, name: Name, j: str) -> None:
        for k, w in enumerate(self.weights):
            w.label = name("w", f"{j},{k}" if j else str(k))
        if self.bias is not None:
            self.bias.label = name("b", j)
        self._z_label, self._a_label = name("z", j), name("a", j)

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Yield the weights, then the bias, each with its name."""
        for w in self.weights:
            yield w.label, w
        if self.bias is not None:
            yield self.bias.label, self.bias

    def __call__(self, x: Sequence[Any]) -> Value:
        """Return the activation for one sample.

        Parameters
        ----------
        x : sequence of Value or number, shape (n_in,)

        Returns
        -------
        Value

        Raises
        ------
        ValueError
            If the number of inputs is not n_in.
        """
        return self._fire(_inputs(x, self.n_in))

    def _fire(self, x: Sequence[Value]) -> Value:
        # A4, as one node: its partials are those of A6.
        z = sumprod(self.weights, x) if self.bias is None else affine(self.weights, x, self.bias)
        z.label = self._z_label
        # A3
        a = self._function(z)
        if a is not z:
            try:
                a.label = self._a_label
            except AttributeError:
                raise TypeError(
                    f"the activation {_shown(self.activation)} must return a Value made of its argument, "
                    f"not {type(a).__name__} {a!r}"
                ) from None
        return a

    def __repr__(self) -> str:
        return f"Neuron({self.n_in}, {_shown(self.activation)})"


class Layer(Module):
    """Neurons side by side on the same inputs.

    Parameters
    ----------
    n_in, n_out : int
        The numbers of inputs and of neurons, at least 1.
    activation : str or callable
        As for :class:`Neuron`.
    bias : {"neuron", "layer", None}
        One bias per neuron, one shared by the layer (E3), or none.
    init, seed
        As for :class:`Neuron`.

    Attributes
    ----------
    neurons : list of Neuron

    Raises
    ------
    ValueError
        If a size is not a positive whole number, or a name is unknown.

    Examples
    --------
    >>> layer = Layer(3, 2, "tanh", bias="layer", seed=0)
    >>> [name for name, _ in layer.named_parameters()]
    ['w[0,0]', 'w[0,1]', 'w[0,2]', 'w[1,0]', 'w[1,1]', 'w[1,2]', 'b']
    >>> len(layer([1.0, 2.0, 3.0]))
    2
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        activation: str | Activation = "tanh",
        bias: Bias = "neuron",
        init: str | None = None,
        seed: int | Random | None = None,
    ) -> None:
        n_in, n_out = _size(n_in, "n_in"), _size(n_out, "n_out")
        draw = _drawing(n_in, n_out, activation, init, seed)
        if bias not in ("neuron", "layer", None):
            raise ValueError(f"bias is 'neuron' (one each), 'layer' (one shared) or None, not {bias!r}")
        self.n_in, self.n_out = n_in, n_out
        self.activation = activation
        self.bias = bias
        shared = Value(0.0) if bias == "layer" else None
        self.neurons = [
            Neuron.__new__(Neuron)._set_up(n_in, activation, draw, Value(0.0) if bias == "neuron" else shared)
            for _ in range(n_out)
        ]
        self._rename(lambda letter, index: f"{letter}[{index}]" if index else letter)

    def _rename(self, name: Name) -> None:
        for j, neuron in enumerate(self.neurons):
            neuron._rename(name, str(j))
        if self.bias == "layer":
            self.biases[0].label = name("b", "")

    @property
    def weights(self) -> list[list[Value]]:
        """The weights as rows, one for each neuron; shape (n_out, n_in)."""
        return [neuron.weights for neuron in self.neurons]

    @property
    def biases(self) -> list[Value]:
        """The biases: one for each neuron, a single one if it is shared, or none."""
        biases = [neuron.bias for neuron in self.neurons if neuron.bias is not None]
        return biases[:1] if self.bias == "layer" else biases

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Yield all weights row by row, then the biases, each with its name."""
        for row in self.weights:
            for w in row:
                yield w.label, w
        for b in self.biases:
            yield b.label, b

    def __call__(self, x: Sequence[Any]) -> list[Value]:
        """Return the activations for one sample.

        Parameters
        ----------
        x : sequence of Value or number, shape (n_in,)

        Returns
        -------
        list of Value, of length n_out

        Raises
        ------
        ValueError
            If the number of inputs is not n_in.
        """
        inputs = _inputs(x, self.n_in)
        return [neuron._fire(inputs) for neuron in self.neurons]

    def __repr__(self) -> str:
        return f"Layer({self.n_in}, {self.n_out}, {_shown(self.activation)}, bias={self.bias!r})"


class MLP(Module):
    """A multilayer perceptron: layers 1 … L, each on the activations of the one before.

    Parameters
    ----------
    n_in : int
        The number of inputs.
    n_outs : sequence of int
        The numbers of neurons of layers 1 … L.
    activation : str or callable
        Of the layers before the last.
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
    """

    def __init__(
        self,
        n_in: int,
        n_outs: Sequence[int],
        activation: str | Activation = "tanh",
        output_activation: str | Activation = "linear",
        bias: Bias = "neuron",
        init: str | None = None,
        seed: int | Random | None = None,
    ) -> None:
        widths = list(n_outs) if hasattr(n_outs, "__iter__") else [n_outs]
        if not widths:
            raise ValueError(
                "an MLP needs at least one layer: MLP(2, [3, 1]) has two, of 3 neurons and 1 neuron"
            )
        activation_function(activation)  # a wrong name is an error also where no layer uses it
        random = _stream(seed)
        self.n_in = _size(n_in, "n_in")
        self.layers: list[Layer] = []
        for l, n_out in enumerate(widths, 1):
            n_out = _size(n_out, f"the size of layer {l}")
            sigma = output_activation if l == len(widths) else activation
            layer = Layer(n_in, n_out, sigma, bias, init, random)
            layer._rename(_name_in_layer(l))
            self.layers.append(layer)
            n_in = n_out

    def weights(self, l: int) -> list[list[Value]]:
        """Return the weights of layer l as rows.

        Parameters
        ----------
        l : int
            The layer, from 1 to L.

        Returns
        -------
        list of list of Value, shape (n_l, n_{l−1})

        Raises
        ------
        IndexError
            If there is no layer l.
        """
        return self._layer(l).weights

    def biases(self, l: int) -> list[Value]:
        """Return the biases of layer l.

        Parameters
        ----------
        l : int
            The layer, from 1 to L.

        Returns
        -------
        list of Value
            n_l of them; one, if the layer shares it; or none.

        Raises
        ------
        IndexError
            If there is no layer l.
        """
        return self._layer(l).biases

    def _layer(self, l: int) -> Layer:
        if not 1 <= l <= len(self.layers):
            raise IndexError(f"layers count from 1 to {len(self.layers)}; there is no layer {l}")
        return self.layers[l - 1]

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Yield the parameters layer by layer, such as ``("w[1][0,2]", Value)``."""
        for layer in self.layers:
            yield from layer.named_parameters()

    def __call__(self, x: Sequence[Any]) -> list[Value]:
        """Return the outputs for one sample.

        Parameters
        ----------
        x : sequence of Value or number, shape (n_in,)

        Returns
        -------
        list of Value, of length n_L

        Raises
        ------
        ValueError
            If the number of inputs is not n_in.
        """
        a = _inputs(x, self.n_in, "a[0]")
        for layer in self.layers:
            a = layer(a)
        return a

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

    def draw(
        self,
        x: Sequence[Any] | None = None,
        *,
        gradients: bool = False,
        numbers: bool | None = None,
        max_neurons: int = 8,
    ) -> Picture:
        """Draw the network as circles in columns: see :func:`nn.pictures.draw_network`.

        Parameters
        ----------
        x, gradients, numbers, max_neurons
            As for :func:`nn.pictures.draw_network`.

        Returns
        -------
        graphviz.Digraph

        Raises
        ------
        ValueError, TypeError
            As :func:`nn.pictures.draw_network`.
        """
        # Imported here, for the pictures are made of networks and import this file.
        from nn.pictures.network import draw_network

        return draw_network(self, x, gradients=gradients, numbers=numbers, max_neurons=max_neurons)

    def explore(
        self,
        path: str | os.PathLike[str],
        *,
        data: Dataset | tuple[Sequence[Sequence[float]], Sequence[int]],
        cost: str | Cost | None = None,
        title: str = "",
    ) -> Path:
        """Write a page to look at the network and to train it: see :func:`nn.explorer.explore_network`.

        Parameters
        ----------
        path : path
            The file to write, ``"page.html"``.
        data : Dataset, or a pair of samples and classes
        cost : str or callable, optional
        title : str, optional

        Returns
        -------
        Path
            Of the file.

        Raises
        ------
        ValueError, TypeError, OSError
            As :func:`nn.explorer.explore_network`.
        """
        # What only a page needs is loaded when one is made.
        from nn.explorer import explore_network

        return explore_network(self, data, path, cost=cost, title=title)

    def __repr__(self) -> str:
        first, last = self.layers[0], self.layers[-1]
        return (
            f"MLP({self.n_in}, {[layer.n_out for layer in self.layers]}, "
            f"activation={_shown(first.activation)}, output_activation={_shown(last.activation)}, "
            f"bias={first.bias!r}): {len(self.parameters())} parameters"
        )


def _name_in_layer(l: int) -> Name:
    return lambda letter, index: f"{letter}[{l}][{index}]" if index else f"{letter}[{l}]"


def _inputs(x: Sequence[Any], n_in: int, name: str = "x") -> list[Value]:
    """Return the inputs as Values, numbers under labels such as ``x[0]``."""
    if isinstance(x, (str, bytes)) or not hasattr(x, "__len__"):
        raise TypeError(f"the input is a sequence of {n_in} numbers or Values, not {type(x).__name__} {x!r}")
    if len(x) != n_in:
        raise ValueError(f"expected {n_in} inputs and got {len(x)}")
    return [v if isinstance(v, Value) else _input(v, f"{name}[{k}]") for k, v in enumerate(x)]


def _input(number: Any, label: str) -> Value:
    try:
        return Value(number, label)
    except TypeError as error:
        raise TypeError(f"input {label}: {error}") from None


def _size(n: Any, what: str) -> int:
    try:
        size = index(n)
    except TypeError:
        size = 0
    if isinstance(n, bool) or size < 1:
        raise ValueError(f"{what} must be a whole number of at least 1, not {n!r}")
    return size


def _index(i: Any, what: str) -> int:
    try:
        return index(i)
    except TypeError:
        raise TypeError(f"the index of a {what} is a whole number, not {i!r}") from None


def _drawing(
    n_in: int, n_out: int, activation: str | Activation, init: str | None, seed: int | Random | None
) -> Callable[[], float]:
    """Return a function that draws the weights one after another."""
    if init is None:
        init = "he" if activation in _RECTIFIERS else "xavier"
    draw = look_up(init, INITIALIZERS, "initializer")
    random = _stream(seed)
    return lambda: draw(random, n_in, n_out)


def _stream(seed: int | Random | None) -> Random:
    # An integer of NumPy's is one too.
    return seed if isinstance(seed, Random) else Random(seed if seed is None else index(seed))


def _shown(activation: str | Activation) -> str:
    return repr(activation if isinstance(activation, str) else getattr(activation, "__name__", "function"))
