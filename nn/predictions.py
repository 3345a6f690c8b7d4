"""What a model says of a sample: its outputs, the class it predicts, and how often that is right."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from autograd_lite import Value, no_grad

from .tables import NUMBER_THE_CLASSES, Table, rows, targets

_GOOD, _MANY = 0.75, 0.1
"""Of the samples: if so many are right at another threshold, and so many more, it is worth a word."""


def outputs_of(model: Any, x: Sequence[Any]) -> list[Any]:
    """Return the outputs for one sample as a list, also where the model returns a single Value.

    Examples
    --------
    >>> len(outputs_of(lambda x: Value(1.0), [0.0]))
    1
    """
    outputs = model(x)
    return [outputs] if isinstance(outputs, Value) else outputs


def predict(model: Any, x: Sequence[Any], threshold: float = 0.0) -> int:
    """Return the class that a model gives to one sample.

    Parameters
    ----------
    model : callable
    x : sequence of number, shape (n_in,)
    threshold : float
        Of a single output: 0 for a linear one or tanh, 0.5 for a sigmoid.

    Returns
    -------
    int
        The position of the largest output; of a single output, 1 where it is above the threshold, else 0.

    Examples
    --------
    >>> predict(lambda x: [Value(0.1), Value(0.7), Value(0.2)], [1.0])
    1
    """
    return _class_of(_outputs(model, x), threshold)


def _outputs(model: Any, x: Sequence[Any]) -> list[Any]:
    with no_grad():
        return outputs_of(model, x)


def _class_of(outputs: Sequence[Any], threshold: float) -> int:
    if len(outputs) == 1:
        return int(outputs[0] > threshold)
    return max(range(len(outputs)), key=lambda k: outputs[k])


def accuracy(model: Any, X: Table, labels: Table, threshold: float = 0.0) -> float:
    """Return the share of samples that a model gives the right class.

    Parameters
    ----------
    model : callable
    X : sequence of samples, array or DataFrame, shape (n, n_in)
    labels : sequence of n classes from 0, array or Series
    threshold : float
        As for :func:`predict`.

    Returns
    -------
    float, from 0 to 1

    Raises
    ------
    ValueError
        If there are no samples, not as many labels, or a label outside the classes; names the first.
    TypeError
        If a label is not a whole number.

    Warns
    -----
    UserWarning
        If the threshold 0, the default, gives many fewer right answers of a single output than 0.5, which
        gives most.

    Examples
    --------
    >>> accuracy(lambda x: [Value(x[0])], [[1.0], [-1.0]], [1, 1])
    0.5
    """
    X, labels = rows(X), targets(labels)
    if len(X) == 0 or len(X) != len(labels):
        raise ValueError(
            f"got {len(X)} samples and {len(labels)} labels; there must be as many, and at least one"
        )
    right, at_half = 0, []
    for s, (x, label) in enumerate(zip(X, labels, strict=True)):
        outputs = _outputs(model, x)
        known = _class(label, max(2, len(outputs)), s)
        right += _class_of(outputs, threshold) == known
        if len(outputs) == 1:
            at_half.append((_class_of(outputs, 0.5), known))
    if threshold == 0 and at_half:
        _speak_of_half(right, at_half)
    return right / len(X)


def _speak_of_half(right: int, at_half: Sequence[tuple[int, int]]) -> None:
    """Warn where the threshold 0.5 is so much better, and finds both classes, that it may be meant."""
    would_be, n = sum(found == known for found, known in at_half), len(at_half)
    if would_be >= _GOOD * n and would_be - right > _MANY * n and len({found for found, _ in at_half}) == 2:
        warnings.warn(
            f"{right} of {n} samples are right, with the threshold 0; with 0.5 it would be {would_be}: "
            "after a sigmoid, or a training on the targets 0 and 1, pass threshold=0.5",
            stacklevel=3,
        )


def _class(label: Any, n_classes: int, s: int) -> int:
    """Return the label of sample s as a whole number, or raise what says why it is no class."""
    if isinstance(label, str):
        raise TypeError(f"the label of sample {s} is {label!r}: {NUMBER_THE_CLASSES}")
    advice = f"give its class, a whole number from 0 to {n_classes - 1}"
    try:
        number = Value(label).data
        is_whole = number == int(number)
    except (TypeError, ValueError, OverflowError):
        is_whole = False
    if not is_whole:
        raise TypeError(f"the label of sample {s} is {label!r}: {advice} (of a vector the position of its 1)")
    if not 0 <= number < n_classes:
        raise ValueError(f"the label of sample {s} is {label!r}: {advice}")
    return int(number)
