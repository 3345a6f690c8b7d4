"""What a network is made of: a line for each layer, and how many parameters there are."""

from __future__ import annotations

from dataclasses import dataclass

from .neurons import Network


@dataclass(frozen=True)
class LayerSummary:
    """One layer; the input is layer 0, which has neither an activation nor parameters.

    Attributes
    ----------
    number : int
    output_shape : tuple of int
        Of the activations for one sample.
    activation : str
        Its name; of a function of your own, the name of that.
    weights, biases : int
        How many there are.
    """

    number: int
    output_shape: tuple[int]
    activation: str = ""
    weights: int = 0
    biases: int = 0

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return self.weights + self.biases

    def reason(self) -> str:
        """Return where the number of parameters comes from, such as ``"8·4 weights + 8 biases"``."""
        if not self.weights:
            return "the input"
        n = self.output_shape[0]
        weights = f"{n}·{self.weights // n} weight{'s' * (self.weights > 1)}"
        return f"{weights} + {self.biases} bias{'es' * (self.biases > 1)}" if self.biases else weights


@dataclass(frozen=True, repr=False)
class Summary:
    """The layers of a network, which print as a table; :meth:`nn.MLP.summary` makes it.

    Attributes
    ----------
    layers : tuple of LayerSummary
        From the input, layer 0, to layer L.
    """

    layers: tuple[LayerSummary, ...]

    @property
    def parameters(self) -> int:
        """The number of all weights and biases."""
        return sum(layer.parameters for layer in self.layers)

    def __repr__(self) -> str:
        lines = self._lines()
        a, b, c, d = (max(len(line[k]) for line in lines) for k in range(4))
        return "\n".join(
            f"{line[0]:<{a}}  {line[1]:<{b}}  {line[2]:<{c}}  {line[3]:>{d}}  {line[4]}".rstrip()
            for line in lines
        )

    def _repr_html_(self) -> str:
        from autograd_lite.markup import table

        return table(self._lines(), "Layers")

    def _lines(self) -> list[list[str]]:
        """Return the names of the columns, a line for each layer, and the total."""
        lines = [["layer", "output shape", "activation", "parameters", "made of"]]
        for layer in self.layers:
            name, shape, count = str(layer.number), str(layer.output_shape), str(layer.parameters)
            lines.append([name, shape, layer.activation, count, layer.reason()])
        return [*lines, ["total", "", "", str(self.parameters), ""]]


def summary(network: Network) -> Summary:
    """Return what a network is made of.

    Examples
    --------
    >>> from nn import MLP
    >>> summary(MLP(4, [8, 3]))
    layer  output shape  activation  parameters  made of
    0      (4,)                               0  the input
    1      (8,)          tanh                40  8·4 weights + 8 biases
    2      (3,)          linear              27  3·8 weights + 3 biases
    total                                    67
    """
    rows = [LayerSummary(0, (network.n_in,))]
    for l, layer in enumerate(network.layers, 1):
        sigma = layer.activation
        name = sigma if isinstance(sigma, str) else getattr(sigma, "__name__", "function")
        rows.append(LayerSummary(l, (layer.n_out,), name, layer.n_out * layer.n_in, len(layer.biases)))
    return Summary(tuple(rows))
