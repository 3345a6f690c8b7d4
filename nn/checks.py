"""Whether data fits a model and a cost, and an option its range: looked at before anything is changed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

from autograd_lite import Value, no_grad

from .costs import Cost, is_sequence
from .predictions import outputs_of
from .tables import NUMBER_THE_CLASSES


def check_data(model: Any, X: Sequence[Sequence[Any]], Y: Sequence[Any], cost: Cost) -> None:
    """Raise an error that names the first sample that does not fit; change nothing.

    Examples
    --------
    >>> from nn import MLP, mean_squared_error
    >>> check_data(MLP(2, [1]), [[0.0, 1.0], [0.0, float("nan")]], [1, 0], mean_squared_error)
    Traceback (most recent call last):
        ...
    ValueError: sample 1: input 1 is nan; leave the sample out or fill the gap
    """
    for what, sequence in (("samples", X), ("targets", Y)):
        if not hasattr(sequence, "__len__"):
            raise TypeError(f"the {what} are a sequence, such as a list, not {type(sequence).__name__}")
    if len(X) == 0 or len(X) != len(Y):
        raise ValueError(
            f"got {len(X)} samples and {len(Y)} targets; there must be as many, and at least one"
        )
    for s, (x, y) in enumerate(zip(X, Y, strict=True)):
        if not hasattr(x, "__len__") or isinstance(x, (str, bytes)):
            raise TypeError(
                f"sample {s} is {x!r}; a sample is a sequence of numbers, even of one: [[x] for x in X]"
            )
        if isinstance(y, str):
            raise TypeError(f"sample {s}: the target is {y!r}; {NUMBER_THE_CLASSES}")
        if len(x) != len(X[0]):
            raise ValueError(f"sample {s} has {len(x)} inputs, sample 0 has {len(X[0])}")
        for what, entries in (("input", x), ("target", y if is_sequence(y) else [y])):
            for k, number in enumerate(entries):
                if not _is_finite(number, f"sample {s}: {what} {k}"):
                    raise ValueError(
                        f"sample {s}: {what} {k} is {number}; leave the sample out or fill the gap"
                    )
    with no_grad():
        _try_cost(model, X, Y, cost)


def _try_cost(model: Any, X: Sequence[Sequence[Any]], Y: Sequence[Any], cost: Cost) -> None:
    """Compute the cost for every target, to see whether it takes them."""
    outputs: list[Any] | None = None
    for s, (x, y) in enumerate(zip(X, Y, strict=True)):
        if outputs is not None and _accepts(cost, outputs, y):
            continue
        # The outputs may be to blame, which are those of another sample: the target deserves its own.
        try:
            outputs = outputs_of(model, x)
            result = cost(outputs, y)
        except ArithmeticError:
            continue  # a number that is too large is left to the training to report
        except (ValueError, TypeError) as error:
            raise type(error)(f"sample {s}: {error}") from error
        if not isinstance(result, Value):
            kind = type(result).__name__
            raise TypeError(
                f"sample {s}: the cost must be a Value made of the outputs, not {kind} {result!r}"
            )


def _accepts(cost: Cost, outputs: list[Any], y: Any) -> bool:
    try:
        return isinstance(cost(outputs, y), Value)
    except (ArithmeticError, ValueError, TypeError):
        return False


def _is_finite(number: Any, where: str) -> bool:
    try:
        return math.isfinite(number)
    except TypeError:
        raise TypeError(f"{where} is {number!r}, not a number") from None
    except OverflowError:
        return False


def check_count(name: str, number: Any) -> None:
    """Raise an error unless an option is a whole number of at least 1."""
    check_option(name, number, "a whole number of at least 1", _is_count)


def _is_count(number: Any) -> bool:
    return isinstance(number, Integral) and not isinstance(number, bool) and int(number) >= 1


def check_option(name: str, option: Any, needs: str, fits: Callable[[Any], bool]) -> None:
    """Raise an error that says what an option needs, unless it fits.

    Examples
    --------
    >>> check_option("patience", -1, "positive", lambda n: n > 0)
    Traceback (most recent call last):
        ...
    ValueError: patience must be positive, not -1
    """
    try:
        good = fits(option)
    except TypeError:
        good = False
    if not good:
        raise ValueError(f"{name} must be {needs}, not {option!r}")
