"""Lesson 4: see it. From one neuron to the explorer, in which backpropagation runs step by step.

Writes its pictures and pages into the folder `lesson-4`. Open the pages in a browser: they need no network.
"""

from pathlib import Path

from autograd_lite import Value, draw, explain, explore
from nn import MLP, draw_network, explore_network, fit, mean_squared_error
from nn.data import moons

folder = Path("lesson-4")
folder.mkdir(exist_ok=True)

# One neuron: its graph, with a local derivative on every edge, and the chain rule for its weight.
w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.5, "b")
a = (w * x + b).tanh()
a.label = "a"
a.backward()
draw(a, partials=True).render(outfile=folder / "neuron.svg", cleanup=True)
print(explain(a, w), "\n")

# A network: one weight has as many paths to the cost as there are ways through the layers after it.
mlp = MLP(2, [3, 2, 1], seed=1)
sample, target = [1.0, 2.0], 0.5
print(explain(mlp, layer=1, weight=(0, 1), x=sample, y=target), "\n")
cost = mean_squared_error(mlp(sample), target)
cost.label = "C"
cost.backward()
draw(cost, highlight=mlp.weights(1)[0][1]).render(outfile=folder / "paths.svg", cleanup=True)
draw_network(mlp, x=sample).render(outfile=folder / "network.svg", cleanup=True)

# The explorer: step through the graph, drag a value, let the cost go down.
explore(cost, folder / "graph.html")

# A network that learns two moons, with its plane and the graph of any point, in one page.
data = moons(60, noise=0.1, seed=0)
learner = MLP(2, [6, 1], seed=3)
fit(learner, data.inputs, data.signs(), learning_rate=0.1, epochs=20)
explore_network(learner, data, folder / "network.html")
print("Written:", *sorted(path.name for path in folder.iterdir()))
