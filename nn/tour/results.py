"""What the tour shows: a neuron with its gradients, a training, and a comparison of gradients.

How it is said, and drawn, is left to the other files of this folder.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from typing import Any, NamedTuple

from autograd_lite import Value, no_grad

from ..compare import compare_gradients
from ..costs import cross_entropy
from ..data.dataset import Dataset
from ..layers import MLP, Neuron
from ..predictions import predict
from ..report import DIFFERENCES, GradientReport
from ..training import History, fit

# The difference quotients cost two passes through the network for each parameter and sample.
_MOST_DIFFERENCES = 10_000
_ALL_DIGITS = 16.0
"""What a float has, nearly: two equal ones agree to all digits."""

_SMALLEST = 1e-8
"""Where the whole gradient is 0 but for rounding, of terms of about 1, there are no digits to agree to."""


def example_neuron() -> Value:
    """Return the activation of a neuron with two inputs, with all gradients.

    Examples
    --------
    >>> a = example_neuron()
    >>> a.parents[0].data, [leaf.label for leaf in a.parents[0].parents]
    (1.0, ['b', 'w[0]', 'w[1]', 'x[0]', 'x[1]'])
    """
    neuron = Neuron(2, "tanh")
    for parameter, data in zip(neuron.parameters(), (-3.0, 1.0, 6.5), strict=True):
        parameter.data = data
    a = neuron([Value(2.0, "x[0]"), Value(0.5, "x[1]")])
    a.backward()
    return a


class Training(NamedTuple):
    """A network before and after its training.

    Attributes
    ----------
    data : Dataset
        As it was read.
    parts : tuple of Dataset
        The standardized training samples, and those held out unless there are too few.
    before, mlp : MLP
        As it was drawn, and as it is now.
    history : History
    """

    data: Dataset
    parts: tuple[Dataset, ...]
    before: MLP
    mlp: MLP
    history: History

    @property
    def widths(self) -> str:
        """The numbers in each layer, such as ``"4-8-3"``."""
        return "-".join(map(str, [self.mlp.n_in, *(layer.n_out for layer in self.mlp.layers)]))

    def named_parts(self) -> list[tuple[str, Dataset]]:
        """Return each part of the data with its name."""
        return list(zip(("training", "held-out"), self.parts, strict=False))

    def confusion(self, part: Dataset) -> Counter[tuple[int, int]]:
        """Return how many samples of one class, the first number, were given another, the second."""
        return Counter(
            (label, predict(self.mlp, x)) for x, label in zip(part.inputs, part.labels, strict=True)
        )

    def right(self, part: Dataset) -> int:
        """Return the number of samples that the network gives their own class."""
        return sum(count for (label, given), count in self.confusion(part).items() if label == given)


def prepare(
    data: Dataset, layers: Sequence[int], activation: str, seed: int
) -> tuple[tuple[Dataset, ...], MLP]:
    """Divide the data, and draw a network for it.

    Parameters
    ----------
    data : Dataset
    layers : sequence of int
        The widths of the hidden layers.
    activation : str
        Of the hidden layers.
    seed : int

    Returns
    -------
    (tuple of Dataset, MLP)
        The standardized training samples and, unless there are too few, those held out; and the network.

    Raises
    ------
    ValueError
        If a class has a single sample, or there is no such activation.

    Examples
    --------
    >>> from nn.data import iris
    >>> parts, mlp = prepare(iris(), [8], "tanh", seed=0)
    >>> [len(part) for part in parts], len(mlp.parameters())
    ([120, 30], 67)
    """
    # Too few samples, such as the four of XOR, are all trained on.
    raw = data.split(seed=seed) if len(data) >= 10 else (data,)
    parts = tuple(part.standardized(like=raw[0]) for part in raw)
    return parts, MLP(len(data.feature_names), [*layers, len(data.class_names)], activation, seed=seed)


def train(data: Dataset, parts: tuple[Dataset, ...], mlp: MLP, epochs: int) -> Training:
    """Train a network on the first part of the data.

    Parameters
    ----------
    data : Dataset
    parts : tuple of Dataset
    mlp : MLP
        It is trained; a copy of it stays as it was.
    epochs : int
        At most so many.

    Returns
    -------
    Training

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted before the first epoch was through; later, what was learned so far is returned.
    FloatingPointError
        If a number becomes NaN or infinite.

    Examples
    --------
    >>> from nn.data import xor
    >>> training = train(xor(), *prepare(xor(), [4], "tanh", seed=0), epochs=150)
    >>> training.widths, training.right(training.parts[0])
    ('2-4-2', 4)
    """
    before = deepcopy(mlp)
    history = fit(
        mlp,
        parts[0].inputs,
        parts[0].labels,
        cost="cross_entropy",
        learning_rate=0.5,
        epochs=epochs,
        tolerance=0.01,
    )
    if not history.costs:
        raise KeyboardInterrupt  # it came before there was anything to show, and fit took it
    return Training(data, parts, before, mlp, history)


def sample_cost(training: Training) -> tuple[int, Value]:
    """Return the training sample on which the trained network costs most, and the graph of that cost.

    Parameters
    ----------
    training : Training

    Returns
    -------
    (int, Value)
        The number of the sample; and the cost, with all gradients.

    Examples
    --------
    >>> from nn.data import xor
    >>> s, cost = sample_cost(train(xor(), *prepare(xor(), [4], "tanh", seed=0), epochs=1))
    >>> cost.label, cost.grad
    ('C', 1)
    """
    train = training.parts[0]
    with no_grad():
        costs = [
            cross_entropy(training.mlp(x), y).data for x, y in zip(train.inputs, train.labels, strict=True)
        ]
    s = costs.index(max(costs))
    inputs = [Value(x, f"a[0][{k}]") for k, x in enumerate(train.inputs[s])]
    cost: Value = cross_entropy(training.mlp(inputs), train.labels[s])
    cost.label = "C"
    cost.backward()
    return s, cost


class Comparison(NamedTuple):
    """Every gradient of a network by every method, and how many digits they have in common.

    Attributes
    ----------
    report : GradientReport
    samples : int
        Over so many samples the cost is averaged.
    digits : dict of list of float, or None
        By method, for each gradient, the digits to which it agrees with the engine's; None where there is
        no difference quotient.
    """

    report: GradientReport
    samples: int
    digits: dict[str, list[float | None]]

    def fewest(self, *methods: str) -> int | None:
        """Return the digits to which all gradients by some methods agree with the engine's."""
        found = [d for method in methods for d in self.digits[method] if d is not None]
        return math.floor(min(found)) if found else None

    @property
    def exact(self) -> list[str]:
        """The methods, beside the engine, that only round and do not approximate."""
        return [method for method in self.digits if method != DIFFERENCES]

    def of_exact(self, i: int) -> float:
        """Return to how many digits gradient i is the same by all methods that only round."""
        return min(self.digits[method][i] or 0.0 for method in self.exact)

    def worst_first(self) -> list[int]:
        """Return the positions of the gradients, those first on which these methods differ most."""
        return sorted(range(len(self.report.names)), key=self.of_exact)


def samples_compared(training: Training) -> int:
    """Return for how many training samples gradients are compared: as many as take little time."""
    return min(len(training.parts[0]), max(1, _MOST_DIFFERENCES // len(training.mlp.parameters())))


def compare(training: Training) -> Comparison:
    """Compute the gradients of a trained network by every method.

    Parameters
    ----------
    training : Training

    Returns
    -------
    Comparison

    Examples
    --------
    >>> from nn.data import xor
    >>> comparison = compare(train(xor(), *prepare(xor(), [4], "tanh", seed=0), epochs=10))
    >>> comparison.exact, comparison.fewest("matrix") > 10
    (['matrix', 'loops'], True)
    """
    train, count = training.parts[0], samples_compared(training)
    report = compare_gradients(training.mlp, train.inputs[:count], train.labels[:count], "cross_entropy")
    engine, *others = report.methods
    ours = report.methods[engine]
    return Comparison(
        report, count, {method: digits_in_common(report.methods[method], ours) for method in others}
    )


def digits_in_common(theirs: Sequence[Any], ours: Sequence[Any]) -> list[float | None]:
    """Return to how many digits each gradient agrees with ours; None where theirs is NaN.

    Where terms cancel, a gradient close to 0 is made of their rounding errors: gradients below a thousandth
    of the largest, or below 1e-8 where all are, are judged as if they were that large.

    Examples
    --------
    >>> digits_in_common([0.5, 1.01, math.nan], [0.5, 1.0, 1.0])  # doctest: +ELLIPSIS
    [16.0, 2.004..., None]
    """
    least = max(max(map(abs, ours)) / 1000, _SMALLEST)
    return [
        None if a != a else _digits(abs(a - b), max(abs(a), abs(b), least))
        for a, b in zip(theirs, ours, strict=True)
    ]


def _digits(off: float, size: float) -> float:
    share = off / size if off else 0.0
    return max(0.0, -math.log10(max(share, 10**-_ALL_DIGITS)))
