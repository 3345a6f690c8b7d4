"""What a network consists of, layer by layer: shapes, activations and numbers of parameters."""

from __future__ import annotations

from nn.neurons import Network


def layer_table(mlp: Network) -> list[list[str]]:
    """Return the names of the columns, then a row for each layer.

    Parameters
    ----------
    mlp : MLP

    Returns
    -------
    list of list of str

    Examples
    --------
    >>> from nn import MLP
    >>> layer_table(MLP(2, [3, 1]))[1:]
    [['1', '(3, 2)', '(3,)', 'tanh', '9'], ['2', '(1, 3)', '(1,)', 'linear', '4']]
    """
    rows = [["layer", "shape of W", "shape of b", "activation", "parameters"]]
    for l, layer in enumerate(mlp.layers, 1):
        activation = layer.activation
        name = activation if isinstance(activation, str) else getattr(activation, "__name__", "function")
        biases = f"({len(layer.biases)},)" if layer.biases else "none"
        count = f"{len(layer.parameters()):,}"
        rows.append([str(l), f"({layer.n_out}, {layer.n_in})", biases, name, count])
    return rows
