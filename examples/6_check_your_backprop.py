"""Lesson 3: check backpropagation that you wrote yourself. Run it with `python -m pytest` on this file.

The function below is a student's: matrix formulas for a network with one hidden layer of tanh and the mean
squared error. The test compares it with the engine, with this project's own matrix formulas, with the index
formulas as loops and with difference quotients. Change a sign and read the message.
"""

import numpy as np

from nn import MLP
from nn.compare import assert_gradients_match


def my_backprop(weights, biases, X, Y):
    """Return the gradients of the average cost, one array for each Wˡ and one for each bˡ."""
    Z1 = X @ weights[0].T + biases[0]
    A1 = np.tanh(Z1)
    A2 = A1 @ weights[1].T + biases[1]
    n, n_outputs = A2.shape
    delta2 = 2 / n_outputs * (A2 - Y) / n
    delta1 = delta2 @ weights[1] * (1 - A1**2)
    return [delta1.T @ X, delta2.T @ A1], [delta1.sum(axis=0), delta2.sum(axis=0)]


def test_my_backprop():
    """The gradients are right for a random network and random data."""
    random = np.random.default_rng(0)
    X, Y = random.normal(size=(5, 3)), random.normal(size=(5, 2))
    assert_gradients_match(MLP(3, [4, 2], seed=0), X, Y, "mean_squared_error", backprop=my_backprop)


if __name__ == "__main__":
    test_my_backprop()
    print("my_backprop is right")
