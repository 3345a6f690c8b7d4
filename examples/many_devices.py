"""Digits on many devices: a network written on scalars, lifted, its samples shared out among devices by JAX.

    pip install "autograd-lite[arrays,sklearn]"
    python examples/many_devices.py
    XLA_FLAGS=--xla_force_host_platform_device_count=8 python examples/many_devices.py   # eight, simulated

The same on a cluster: start this file once on each machine, or for each GPU; the first one's address is where
they meet. JAX does the rest: each computes with its own samples, and the gradients are added up on the way.

    python examples/many_devices.py FIRST_MACHINE:1234 2 0      # on the first of two
    python examples/many_devices.py FIRST_MACHINE:1234 2 1      # on the second
    srun python examples/many_devices.py auto                   # Slurm, and clouds that JAX knows, tell it
"""

import sys
from itertools import pairwise

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from sklearn.datasets import load_digits

from autograd_lite import affine, lift, softplus

SIZES = 64, 32, 10
RATE, MOMENTUM = 0.2, 0.9


def cost(layers, x, y):
    """Return the cross-entropy of one sample: a program on numbers, which knows nothing of devices."""
    for W, b in layers[:-1]:
        x = [affine(weights, x, bias).tanh() for weights, bias in zip(W, b, strict=True)]
    W, b = layers[-1]
    scores = [affine(weights, x, bias) for weights, bias in zip(W, b, strict=True)]
    return logsumexp(scores) - sum(p * score for p, score in zip(y, scores, strict=True))


def logsumexp(scores):
    """Return the logarithm of Σ exp(score), two at a time."""
    total, *others = scores
    for score in others:
        total = score + softplus(total - score)
    return total


gradient = lift(cost, in_axes=(None, 0, 0), xp=jax.numpy)


@jax.jit
def step(layers, velocity, X, Y):
    """Return the layers after one step of descent, their velocity, and what they cost before."""
    value, slopes = gradient(layers, X, Y)
    velocity = jax.tree.map(lambda v, g: MOMENTUM * v - RATE * g, velocity, slopes)
    return jax.tree.map(lambda w, v: w + v, layers, velocity), velocity, value


def train(epochs=200):
    """Return what each epoch cost, and the share of other digits that are then read as what they are."""
    images, labels = load_digits(return_X_y=True)
    X, Y = images[:1680] / 16, np.eye(10)[labels[:1680]]
    mesh = Mesh(np.array(jax.devices()), ("samples",))
    shared, split = NamedSharding(mesh, PartitionSpec()), NamedSharding(mesh, PartitionSpec("samples"))

    def place(array, sharding):
        # Each process is asked for the rows that its devices hold.
        array = np.asarray(array, dtype=jax.numpy.result_type(float))
        return jax.make_array_from_callback(array.shape, sharding, lambda rows: array[rows])

    random = np.random.default_rng(0)
    layers = [(random.normal(size=(n, m)) / np.sqrt(m), np.zeros(n)) for m, n in pairwise(SIZES)]
    layers = jax.tree.map(lambda array: place(array, shared), layers)
    velocity = jax.tree.map(lambda array: 0 * array, layers)
    X, Y = place(X, split), place(Y, split)
    costs = []
    for _ in range(epochs):
        layers, velocity, value = step(layers, velocity, X, Y)
        costs.append(float(value))
    a = images[1680:] / 16
    for W, b in layers[:-1]:
        a = np.tanh(a @ np.asarray(W).T + b)
    W, b = layers[-1]
    scores = a @ np.asarray(W).T + np.asarray(b)
    return costs, float(np.mean(scores.argmax(axis=1) == labels[1680:]))


def join(address, processes, number):
    """Meet the other processes at an address, or where the cluster says."""
    if address == "auto":
        jax.distributed.initialize()
    else:
        jax.distributed.initialize(address, int(processes), int(number))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        join(*sys.argv[1:], *[None] * (4 - len(sys.argv)))
    costs, share = train()
    if jax.process_index() == 0:
        print(f"{jax.device_count()} devices on {jax.process_count()} machines")
        for epoch in range(0, len(costs), 40):
            print(f"epoch {epoch:3}: cost {costs[epoch]:.6f}")
        print(f"of digits it has not seen it reads {share:.1%}")
