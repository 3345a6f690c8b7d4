"""Costs: each takes one sample's outputs and targets and returns one Value; ``average`` is over samples (A1).

The conventions of the derivations are costs of their own: D sums the squares, C takes their mean, E halves
their sum. NumPy's numbers count as Python's of the same value, so that on every Python the digits of a cost
are the same whatever wraps outputs and targets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import index
from typing import Any, TypeAlias

from autograd_lite import Value, exp, fsum, log, log1p, relu, softplus
from autograd_lite.names import look_up

Cost: TypeAlias = Callable[[Sequence[Any], Any], Any]
"""``cost(outputs, targets)`` of one sample."""


def sum_squared_error(outputs: Sequence[Any], targets: Any) -> Any:
    """Return Σⱼ (aⱼ − yⱼ)² (D1–D8).

    Parameters
    ----------
    outputs : sequence of Value or number, shape (n_L,)
    targets : sequence of number, shape (n_L,)
        Or one number, for one output.

    Returns
    -------
    Value

    Raises
    ------
    ValueError
        If there are not as many targets as outputs, or none.
    TypeError
        If a target is not a number.

    Examples
    --------
    >>> from autograd_lite import Value
    >>> sum_squared_error([Value(3.0), Value(1.0)], [1.0, 2.0]).data
    5.0
    """
    return fsum([(a - y) ** 2 for a, y in _pairs(outputs, targets)])


def mean_squared_error(outputs: Sequence[Any], targets: Any) -> Any:
    """Return (1/n_L) Σⱼ (aⱼ − yⱼ)² (C2).

    Parameters and errors are those of :func:`sum_squared_error`.

    Examples
    --------
    >>> from autograd_lite import Value
    >>> mean_squared_error([Value(3.0), Value(1.0)], [1.0, 2.0]).data
    2.5
    """
    return sum_squared_error(outputs, targets) / len(outputs)


def half_squared_error(outputs: Sequence[Any], targets: Any) -> Any:
    """Return ½ Σⱼ (yⱼ − aⱼ)², whose average over examples is the scalar cost of E2.

    Parameters and errors are those of :func:`sum_squared_error`.

    Examples
    --------
    >>> from autograd_lite import Value
    >>> half_squared_error([Value(3.0), Value(1.0)], [1.0, 2.0]).data
    2.5
    """
    return sum_squared_error(outputs, targets) / 2


def half_mean_squared_errors(outputs: Sequence[Sequence[Any]], targets: Sequence[Any]) -> list[Any]:
    """Return the cost of E2 as a vector, (1/2E) Σₑ (yₑ − aₑ)², with one entry for each output.

    Parameters
    ----------
    outputs : sequence of E sequences of Value or number
        The outputs for each example.
    targets : sequence of E sequences of number

    Returns
    -------
    list of Value, of length n_L
        Their sum is the average of :func:`half_squared_error`.

    Raises
    ------
    ValueError
        If there are no examples, or outputs and targets do not pair.

    Examples
    --------
    >>> from autograd_lite import Value
    >>> [c.data for c in half_mean_squared_errors([[Value(3.0), Value(1.0)]], [[1.0, 2.0]])]
    [2.0, 0.5]
    """
    if not 0 < len(outputs) == len(targets):
        raise ValueError(f"got outputs of {len(outputs)} examples and targets of {len(targets)}")
    examples = [_pairs(a, y) for a, y in zip(outputs, targets, strict=True)]
    for e, example in enumerate(examples):
        if len(example) != len(examples[0]):
            raise ValueError(f"example {e} has {len(example)} outputs, example 0 has {len(examples[0])}")
    return [
        fsum([(y - a) ** 2 for a, y in of_one_output]) / (2 * len(examples))
        for of_one_output in zip(*examples, strict=True)
    ]


def hinge(outputs: Sequence[Any], targets: Any) -> Any:
    """Return Σⱼ max(0, 1 − yⱼaⱼ) for targets −1 and 1.

    Parameters and errors are those of :func:`sum_squared_error`; any other target is a ValueError.

    Examples
    --------
    >>> from autograd_lite import Value
    >>> hinge([Value(0.25)], [-1.0]).data
    1.25
    """
    pairs = _pairs_within(outputs, targets, _is_sign, "give −1 for one class and 1 for the other")
    return fsum([relu(1 - y * a) for a, y in pairs])


def binary_cross_entropy(outputs: Sequence[Any], targets: Any) -> Any:
    """Return −Σⱼ yⱼ ln aⱼ + (1 − yⱼ) ln(1 − aⱼ) for probabilities aⱼ and targets between 0 and 1.

    Where an output reaches 0 or 1 and the target is the other one, the cost is infinite, an error; outputs
    of a sigmoid reach 1 at z = 37 and 0 at z = −746. Close to these they have few digits left, and so has the
    gradient: half of them at z = 18; below z = −709 it is infinite, for 1/a is larger than the largest float.
    :func:`binary_cross_entropy_with_logits` has no such limits.

    Parameters and errors are those of :func:`sum_squared_error`; a target below 0 or above 1 is a ValueError.

    Examples
    --------
    >>> from autograd_lite import Value
    >>> round(binary_cross_entropy([Value(0.5)], [1.0]).data, 4)
    0.6931
    """
    terms = []
    for a, y in _pairs_within(outputs, targets, _is_probability, _ZERO_OR_ONE):
        # A term of weight 0 is left out: its logarithm may be infinite.
        if y != 0:
            terms.append(-y * log(a))
        if y != 1:
            terms.append((y - 1) * log1p(-a))
    return fsum(terms)


def binary_cross_entropy_with_logits(outputs: Sequence[Any], targets: Any) -> Any:
    """Return the binary cross-entropy of sigmoid(zⱼ): Σⱼ softplus(zⱼ) − yⱼzⱼ.

    The outputs are those of a linear layer. Parameters and errors are those of :func:`sum_squared_error`; a
    target below 0 or above 1 is a ValueError.

    Examples
    --------
    >>> from autograd_lite import Value
    >>> binary_cross_entropy_with_logits([Value(-800.0)], [1.0]).data
    800.0
    """
    # Since softplus(z) − z = softplus(−z), the same as a sum in which nothing cancels:
    pairs = _pairs_within(outputs, targets, _is_probability, _ZERO_OR_ONE)
    return fsum([(1 - y) * softplus(z) + y * softplus(-z) for z, y in pairs])


def cross_entropy(outputs: Sequence[Any], targets: Any) -> Any:
    """Return −Σⱼ yⱼ ln pⱼ with p = softmax(z), for the outputs z of a linear layer.

    Parameters
    ----------
    outputs : sequence of Value or number, shape (n_L,)
        At least two.
    targets : int, or sequence of number of shape (n_L,)
        The class, from 0, or the probability of each class.

    Returns
    -------
    Value

    Raises
    ------
    ValueError
        If the class is outside 0 … n_L − 1, a probability below 0 or above 1, or there are not as many
        targets as outputs.
    TypeError
        If the target is neither a whole number nor a sequence of numbers.

    Examples
    --------
    >>> from autograd_lite import Value
    >>> cross_entropy([Value(0.0), Value(1000.0)], 0).data
    1000.0
    """
    n = _count(outputs)
    if n < 2:
        raise ValueError(f"cross-entropy needs at least two outputs, one for each class, not {n}")
    # ln Σ e^zₖ = z_top + ln(1 + Σ e^(zₖ − z_top)) over the others: nothing overflows, and a cost near 0 keeps
    # its digits.
    outputs = [_plain(z, "output", k) for k, z in enumerate(outputs)]
    top = max(range(n), key=lambda k: outputs[k])
    excess = log1p(fsum([exp(z - outputs[top]) for k, z in enumerate(outputs) if k != top]))

    def surprise(k: int) -> Any:
        return excess if k == top else excess + (outputs[top] - outputs[k])

    if is_sequence(targets):
        pairs = _pairs_within(outputs, targets, _is_probability, "give the class, or a probability for each")
        return fsum([y * surprise(k) for k, (_, y) in enumerate(pairs)])
    label = _label(targets)
    if not 0 <= label < n:
        raise ValueError(f"label {label} is outside the classes 0 … {n - 1}")
    return surprise(label)


COSTS: dict[str, Cost] = {
    cost.__name__: cost
    for cost in (
        sum_squared_error,
        mean_squared_error,
        half_squared_error,
        hinge,
        binary_cross_entropy,
        binary_cross_entropy_with_logits,
        cross_entropy,
    )
}


def cost_function(cost: str | Cost) -> Cost:
    """Return the cost of that name, or the function itself.

    Parameters
    ----------
    cost : str or callable
        A name in ``COSTS``, or a function of one sample's outputs and targets.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If the name is unknown; the message suggests the nearest.

    Examples
    --------
    >>> cost_function("hinge") is hinge
    True
    """
    return cost if callable(cost) else look_up(cost, COSTS, "cost")


def average(costs: Sequence[Any]) -> Any:
    """Return the mean over samples, (1/n) Σₛ costₛ (A1).

    Parameters
    ----------
    costs : sequence of Value or number

    Returns
    -------
    Value

    Raises
    ------
    ValueError
        If there are none.

    Examples
    --------
    >>> from autograd_lite import Value
    >>> average([Value(1.0), Value(2.0)]).data
    1.5
    """
    if len(costs) == 0:
        raise ValueError("the average of no samples is not defined")
    return fsum(costs) / len(costs)


def is_sequence(target: Any) -> bool:
    """Return whether a sample's target is a sequence; an array of no dimension is a number.

    Examples
    --------
    >>> is_sequence([0.0, 1.0]), is_sequence(1.0)
    (True, False)
    """
    return hasattr(target, "__len__") and getattr(target, "shape", None) != ()


def _count(outputs: Sequence[Any]) -> int:
    if not hasattr(outputs, "__len__"):
        raise TypeError(f"outputs are a list, as a layer returns them; put a single one in: [{outputs!r}]")
    if len(outputs) == 0:
        raise ValueError("there are no outputs to compare with the targets")
    return len(outputs)


def _label(target: Any) -> int:
    try:
        return index(target)
    except TypeError:
        raise TypeError(f"a target is a class, 0, 1, …, or a probability for each, not {target!r}") from None


def _pairs(outputs: Sequence[Any], targets: Any) -> list[tuple[Any, Any]]:
    n = _count(outputs)
    if isinstance(targets, (str, bytes)):
        raise TypeError(f"targets are numbers, not {targets!r}")
    targets = list(targets) if is_sequence(targets) else [targets]
    if n != len(targets):
        raise ValueError(f"expected {n} targets, one for each output, and got {len(targets)}")
    return [
        (_plain(a, "output", j), _plain(y, "target", j))
        for j, (a, y) in enumerate(zip(outputs, targets, strict=True))
    ]


def _pairs_within(
    outputs: Sequence[Any], targets: Any, fits: Callable[[Any], bool], advice: str
) -> list[tuple[Any, Any]]:
    """Return the pairs of outputs and targets, or raise what says which target does not fit."""
    pairs = _pairs(outputs, targets)
    for j, (_, y) in enumerate(pairs):
        number = y.data if isinstance(y, Value) else y
        try:
            outside = not fits(number)
        except TypeError:
            continue  # a symbol, which may stand for any number
        if outside:
            raise ValueError(f"target {j} is {number}; {advice}")
    return pairs


_ZERO_OR_ONE = "give 0 for one class and 1 for the other, or a probability in between"


def _is_probability(y: Any) -> bool:
    return bool(0 <= y <= 1)


def _is_sign(y: Any) -> bool:
    return bool(1 <= y <= 1 or -1 <= y <= -1)


def _plain(number: Any, what: str, j: int) -> Any:
    try:
        return number if isinstance(number, Value) else Value(number).data
    except TypeError as error:
        raise TypeError(f"{what} {j}: {error}") from None
