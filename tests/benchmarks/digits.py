"""Mini-batches of 64 of scikit-learn's handwritten digits through an MLP 64-32-10: lifted, and by hand.

Tanh, cross-entropy with softmax; forward, backward, update. Both must agree on an epoch before any is timed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import lift
from tests.benchmarks.timing import (
    Contender,
    Options,
    duration,
    installed,
    print_table,
    race,
    ratio,
    require_equal,
    times,
    verdict,
)

SIZES = 64, 32, 10
BATCH = 64
RATE = 0.1
NUMPY = "NumPy, by hand"
LIFTED = "autograd-lite, lifted"
COMPILED = "autograd-lite, lifted, compiled by Numba"
TARGETS = {LIFTED: 1.2, COMPILED: 1.1}
"""At most how many times what NumPy by hand takes."""


class Program(NamedTuple):
    """An epoch of mini-batches, which returns the last cost, and the parameters as they are then."""

    name: str
    epoch: Callable[[], Any]
    parameters: list[Any]


def batches() -> list[tuple[Any, Any]]:
    """Return the pictures, between 0 and 1, and their classes as rows with a single 1."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    X, Y = digits.data / 16, np.eye(10)[digits.target]
    return [(X[i : i + BATCH], Y[i : i + BATCH]) for i in range(0, len(X) - BATCH + 1, BATCH)]


def first_parameters() -> list[Any]:
    """Return W1, b1, W2, b2."""
    stream = random.Random(0)
    weights = [
        np.array([[stream.gauss(0, n_in**-0.5) for _ in range(n_in)] for _ in range(n_out)])
        for n_in, n_out in pairwise(SIZES)
    ]
    return [part for W in weights for part in (W, np.zeros(len(W)))]


def numpy_program(data: Sequence[tuple[Any, Any]]) -> Program:
    """Return the epoch as one writes it by hand for this one network."""
    W1, b1, W2, b2 = parameters = first_parameters()

    def epoch() -> Any:
        cost = None
        for X, Y in data:
            A1 = np.tanh(X @ W1.T + b1)
            E = np.exp(A1 @ W2.T + b2)
            P = E / E.sum(axis=1)[:, None]
            cost = -np.log((P * Y).sum(axis=1)).mean()
            # D is the derivative by the weighted input of the layer.
            D2 = (P - Y) / len(X)
            D1 = (D2 @ W2) * (1 - A1 * A1)
            gradients = D1.T @ X, D1.sum(axis=0), D2.T @ A1, D2.sum(axis=0)
            for p, g in zip(parameters, gradients, strict=True):
                p -= RATE * g
        return cost

    return Program(NUMPY, epoch, parameters)


def cost_of_a_picture(W1: Any, b1: Any, W2: Any, b2: Any, x: Any, y: Any) -> Any:
    """Return the cost of one picture in scalars."""

    def weighted(W: Any, b: Any, a: Any) -> Any:
        return [
            sum((w * a_k for w, a_k in zip(row, a, strict=True)), bias)
            for row, bias in zip(W, b, strict=True)
        ]

    exponentials = [z.exp() for z in weighted(W2, b2, [z.tanh() for z in weighted(W1, b1, x)])]
    likelihood = sum(e * y_j for e, y_j in zip(exponentials, y, strict=True)) / sum(exponentials)
    return -likelihood.log()


def lifted_program(data: Sequence[tuple[Any, Any]], name: str = LIFTED, **options: Any) -> Program:
    """Return the epoch by a program lifted from the scalars of one picture."""
    parameters = first_parameters()
    program = lift(cost_of_a_picture, argnums=range(4), in_axes=(None,) * 4 + (0, 0), **options)

    def epoch() -> Any:
        cost = None
        for X, Y in data:
            cost, gradients = program(*parameters, X, Y)
            for p, g in zip(parameters, gradients, strict=True):
                p -= RATE * g
        return cost

    return Program(name, epoch, parameters)


def run(options: Options) -> None:
    """Print the table."""
    if not installed("sklearn"):
        return
    data = batches()
    programs = [numpy_program(data), lifted_program(data)]
    if installed("numba"):
        programs.append(lifted_program(data, COMPILED, compiler="numba"))
    found = {
        p.name: [float(p.epoch()), *(float(x) for array in p.parameters for x in array.ravel())]
        for p in programs
    }
    for name in found:
        require_equal(name, found[name], found[NUMPY])
    samples = race([Contender(p.name, p.epoch) for p in programs], options.rounds)
    by_hand = {name: ratio(samples[name], samples[NUMPY]) for name in samples}
    rows = [
        {
            "who": name,
            f"a mini-batch of {BATCH}": duration([s / len(data) for s in samples[name]]),
            "by NumPy's, by hand": times(by_hand[name]),
            "target": verdict(by_hand[name], TARGETS[name], at_most=True) if name in TARGETS else "",
        }
        for name in samples
    ]
    print_table("Handwritten digits, an MLP 64-32-10", rows)
