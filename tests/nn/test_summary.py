"""The table of a network's layers: what it counts is what there is."""

import pytest

from nn import MLP


@pytest.mark.parametrize("bias", ["neuron", "layer", None])
@pytest.mark.parametrize("sizes", [(1, [1]), (4, [8, 3]), (2, [16, 16, 1])])
def test_it_counts_the_parameters_there_are(sizes, bias):
    mlp = MLP(*sizes, bias=bias)

    table = mlp.summary()

    assert table.parameters == len(mlp.parameters())
    for layer, row in zip(mlp.layers, table.layers[1:], strict=True):
        assert row.weights == sum(name.startswith("w") for name, _ in layer.named_parameters())
        assert row.biases == len(layer.biases)
        assert row.output_shape == (len(layer([0.0] * layer.n_in)),)
    assert [row.number for row in table.layers] == list(range(len(sizes[1]) + 1))


def test_it_prints_as_a_table():
    def square(z):
        return z * z

    mlp = MLP(1, [10, 1], activation=square, bias=None)

    lines = str(mlp.summary()).splitlines()

    assert lines[0].split() == ["layer", "output", "shape", "activation", "parameters", "made", "of"]
    assert lines[2].split() == ["1", "(10,)", "square", "10", "10·1", "weights"]
    assert lines[-1].split() == ["total", "20"]
    assert all(line == line.rstrip() for line in lines)
