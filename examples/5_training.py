"""Lesson 2: a network learns two moons, by the algorithm of six steps that `fit` follows.

Forward for all samples, cost, stop if it is close enough to 0, derivatives, update, repeat. Written out here
in full, so that there is nothing to look up; `nn.fit` adds the comfort.
"""

from nn import MLP, accuracy, average, hinge
from nn.data import moons

data = moons(60, noise=0.1, seed=0)
targets = data.signs()  # −1 or +1, as the hinge cost wants them
mlp = MLP(2, [12, 1], activation="relu", seed=0)
learning_rate = 0.5

for epoch in range(101):
    cost = average([hinge(mlp(x), y) for x, y in zip(data.inputs, targets, strict=True)])
    if epoch % 20 == 0:
        right = accuracy(mlp, data.inputs, data.labels)
        print(f"epoch {epoch:3}: cost {cost.data:.4f}, accuracy {right:.0%}")
    if cost < 0.01:
        break
    mlp.zero_grad()
    cost.backward()
    for parameter in mlp.parameters():
        parameter.data -= learning_rate * parameter.grad
