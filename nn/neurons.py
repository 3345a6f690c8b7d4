"""Neuron, Layer and Network on Values: z = b + Σ w·x as one node, a = σ(z) as another.

Names and indices are those of the derivations: ``w[l][j,k]`` leads from neuron k of layer l − 1 to neuron j
of layer l, layers count from 1, and ``a[0]`` is the input. What one can see of a network is left to those
above: ``nn.layers`` puts it together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import index
from random import Random
from typing import Any, Literal, TypeAlias

from autograd_lite import Value, affine, sumprod
from autograd_lite.names import look_up, options_told

from .activations import Activation, activation_function
from .initializers import INITIALIZERS
from .module import Module
from .outputs import Outputs

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

    @options_told
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
            yield _named(w)
        if self.bias is not None:
            yield _named(self.bias)

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

    @options_told
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
                yield _named(w)
        for b in self.biases:
            yield _named(b)

    def __call__(self, x: Sequence[Any]) -> list[Value]:
        """Return the activations for one sample, a list of n_out Values; as for :class:`Neuron`."""
        inputs = _inputs(x, self.n_in)
        return Outputs([neuron._fire(inputs) for neuron in self.neurons])

    def __repr__(self) -> str:
        return f"Layer({self.n_in}, {self.n_out}, {_shown(self.activation)}, bias={self.bias!r})"


class Network(Module):
    """Layers 1 … L, each on the activations of the one before: what an :class:`nn.MLP` computes."""

    @options_told
    def __init__(
        self,
        n_in: int,
        n_outs: Sequence[int] = (),
        activation: str | Activation | Sequence[str | Activation] = "tanh",
        output_activation: str | Activation = "linear",
        bias: Bias = "neuron",
        init: str | None = None,
        seed: int | Random | None = None,
    ) -> None:
        if isinstance(activation, int):
            sizes = [*(n_outs if hasattr(n_outs, "__iter__") else [n_outs]), activation]
            sizes += [output_activation] if isinstance(output_activation, int) else []
            raise TypeError(
                f"the sizes of the layers stand in a list: {type(self).__name__}({n_in}, {sizes})"
            )
        if isinstance(n_in, (list, tuple)) and len(n_in) > 1:
            raise TypeError(
                "the number of inputs stands before the sizes of the layers: "
                f"{type(self).__name__}({n_in[0]}, {list(n_in[1:])})"
            )
        widths = list(n_outs) if hasattr(n_outs, "__iter__") else [n_outs]
        if not widths:
            raise ValueError(
                "an MLP needs at least one layer: MLP(2, [3, 1]) has two, of 3 neurons and 1 neuron"
            )
        sigmas = [*_of_each_hidden(activation, len(widths) - 1), output_activation]
        random = _stream(seed)
        self.n_in = _size(n_in, "n_in")
        self.layers: list[Layer] = []
        for l, (n_out, sigma) in enumerate(zip(widths, sigmas, strict=True), 1):
            n_out = _size(n_out, f"the size of layer {l}")
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
        """Return the biases of layer l, as :meth:`weights`.

        Returns
        -------
        list of Value
            n_l of them; one, if the layer shares it; or none.
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
        """Return the outputs for one sample, a list of n_L Values; as for :class:`Neuron`."""
        a = _inputs(x, self.n_in, "a[0]")
        for layer in self.layers:
            a = layer(a)
        return a

    def __repr__(self) -> str:
        first, last = self.layers[0], self.layers[-1]
        hidden = [_shown(layer.activation) for layer in self.layers[:-1] or [first]]
        activation = hidden[0] if len(set(hidden)) == 1 else f"[{', '.join(hidden)}]"
        return (
            f"{type(self).__name__}({self.n_in}, {[layer.n_out for layer in self.layers]}, "
            f"activation={activation}, output_activation={_shown(last.activation)}, "
            f"bias={first.bias!r}): {len(self.parameters())} parameters"
        )


def _of_each_hidden(
    activation: str | Activation | Sequence[str | Activation], count: int
) -> list[str | Activation]:
    """Return the activation of every layer before the last; one that is given alone is that of all."""
    if isinstance(activation, str) or callable(activation):
        activation_function(activation)  # a wrong name is an error also where no layer uses it
        return [activation] * count
    sigmas = list(activation)
    if len(sigmas) != count:
        raise ValueError(
            f"got {len(sigmas)} activations for {count} layers before the last: give one for each, or one"
        )
    return sigmas


def _name_in_layer(l: int) -> Name:
    return lambda letter, index: f"{letter}[{l}][{index}]" if index else f"{letter}[{l}]"


def _named(parameter: Value) -> tuple[str, Value]:
    if not isinstance(parameter, Value):
        raise TypeError(
            f"a weight or bias was replaced by {parameter!r}, which is no Value: set its data, as in "
            "mlp.weights(1)[0][1].data = 0.5"
        )
    return parameter.label, parameter


def _inputs(x: Sequence[Any], n_in: int, name: str = "x") -> list[Value]:
    """Return the inputs as Values, numbers under labels such as ``x[0]``."""
    if isinstance(x, (str, bytes)) or not hasattr(x, "__len__"):
        raise TypeError(f"the input is a sequence of {n_in} numbers or Values, not {type(x).__name__} {x!r}")
    if len(x) != n_in:
        raise ValueError(f"expected {n_in} inputs and got {len(x)}{_one_at_a_time(x)}")
    try:
        return [v if isinstance(v, Value) else _input(v, f"{name}[{k}]") for k, v in enumerate(x)]
    except TypeError as error:
        raise TypeError(f"{error}{_one_at_a_time(x)}") from None


def _one_at_a_time(x: Sequence[Any]) -> str:
    """Return what to say of several samples given for one."""
    if getattr(x, "ndim", 1) == 1 and not any(isinstance(v, (list, tuple)) for v in x):
        return ""
    each = "X.to_numpy()" if hasattr(x, "to_numpy") else "X"
    return f": a network takes one sample at a time, as in [mlp(x) for x in {each}]"


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
