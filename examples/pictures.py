"""Makes the pictures of the README, in the folder `pictures` beside this file."""

import sys
from pathlib import Path

from autograd_lite import Value, draw
from nn import MLP, draw_network, fit, mean_squared_error
from nn.data import moons


def make_pictures(folder):
    """Write the pictures into a folder."""
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.5, "b")
    a = (w * x + b).tanh()
    a.label = "a"
    a.backward()
    draw(a, partials=True).render(outfile=folder / "neuron.svg", cleanup=True)

    mlp = MLP(2, [2, 1], seed=1)
    cost = mean_squared_error(mlp([1.0, 2.0]), 0.5)
    cost.label = "C"
    cost.backward()
    draw(cost, highlight=mlp.weights(1)[0][1]).render(outfile=folder / "path.svg", cleanup=True)

    data = moons(100, noise=0.1, seed=0)
    learner = MLP(2, [5, 3, 1], seed=2)
    fit(learner, data.inputs, data.signs(), learning_rate=0.1, epochs=100)
    draw_network(learner, x=data.inputs[0]).render(outfile=folder / "network.svg", cleanup=True)


if __name__ == "__main__":
    make_pictures(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("pictures")))
