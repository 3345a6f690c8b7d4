"""Task 6: a neuron.

A neuron has a weight for each input and a bias, and computes

    z = b + w₀·x₀ + w₁·x₁ + …        a = tanh(z)

All of it is made of +, · and tanh, so there is nothing to differentiate: backward() finds the
gradients of the weights, of the bias, and of the inputs too, in case they come from other
neurons.
"""

import random

from task_5_tanh import Value


class Neuron:
    """A neuron with n_in inputs."""

    def __init__(self, n_in):
        """Ready: the weights are drawn at random, since neurons that start alike would stay alike."""
        self.weights = [Value(random.uniform(-1, 1)) for _ in range(n_in)]
        self.bias = Value(0.0)

    def __call__(self, x):
        """Return the Value a for the inputs x, a list of n_in numbers or Values: neuron(x) calls it."""
        # Your lines go here.
