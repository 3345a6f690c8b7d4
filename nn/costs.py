"""Costs: each takes one sample's outputs and targets and returns one Value; ``average`` is over samples (A1).

The conventions of the derivations are costs of their own: D sums the squares, C takes their mean, E halves
their sum. Each is a row of a table, which says besides which targets it takes; its gradient is
the engine's business. NumPy's numbers count as Python's of the same value, so that on every Python the
digits of a cost are the same whatever wraps outputs and targets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from operator import index
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

from autograd_lite import Value, exp, fsum, log, log1p, relu, softplus, where
from autograd_lite.names import look_up

Cost: TypeAlias = Callable[[Sequence[Any], Any], Any]
"""``cost(outputs, targets)`` of one sample."""

F = TypeVar("F", bound=Cost)


class Targets(NamedTuple):
    """Which targets a cost takes.

    Attributes
    ----------
    fits : callable, optional
        Whether a number may be the target of an output; by default any may.
    advice : str
        What to give instead of one that does not fit.
    low : float, optional
        The target of an output that is not that of the sample's class, which is 1.
    classes : bool
        Whether a class may stand for the targets of all outputs.
    """

    fits: Callable[[Any], Any] | None = None
    advice: str = ""
    low: float | None = None
    classes: bool = False


_NUMBERS = Targets()
# Of a symbol, which may stand for any number, no order is known, which raises a TypeError; == would be False.
_SIGNS = Targets(
    lambda y: 1 <= y <= 1 or -1 <= y <= -1, "give −1 for one class and 1 for the other", low=-1.0
)
_PROBABILITIES = Targets(
    lambda y: 0 <= y <= 1,
    "give 0 for one class and 1 for the other, or a probability in between",
    low=0.0,
)
_CLASSES = _PROBABILITIES._replace(advice="give the class, or a probability for each", classes=True)


class CostRow(NamedTuple):
    """What there is to know of a cost.

    Attributes
    ----------
    value : callable
        The cost itself.
    gradient : callable, optional
        ∂C/∂a as a function of outputs and targets, where whoever brought the cost stated it.
    name : str
        Its key in ``COSTS``; nothing for a cost from elsewhere.
    targets : Targets
    threshold : float
        Above which number a single output means the second of two classes.
    for_any_sample : callable, optional
        The same values by a graph that is the same for every sample, where ``value`` chooses by numbers.
    any_choice : bool
        Whether what ``value`` chooses for one sample is right for every other.
    """

    value: Cost
    gradient: Callable[[Any, Any], Any] | None = None
    name: str = ""
    targets: Targets = _NUMBERS
    threshold: float = 0.0
    for_any_sample: Cost | None = None
    any_choice: bool = False


_ROWS: list[CostRow] = []


def _row(takes: Targets = _NUMBERS, **more: Any) -> Callable[[F], F]:
    """Enter a cost that checks its targets; the formula gets them as a list, one an output, or as a class."""

    def enter(formula: F) -> F:
        @wraps(formula)
        def cost(outputs: Sequence[Any], targets: Any) -> Any:
            return formula(*_checked(outputs, targets, takes))

        _ROWS.append(CostRow(cost, name=formula.__name__, targets=takes, **more))
        return cast(F, cost)

    return enter


@_row()
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
    >>> sum_squared_error([Value(3.0), Value(1.0)], [1.0, 2.0]).data
    5.0
    """
    return _squares(outputs, targets)


@_row()
def mean_squared_error(outputs: Sequence[Any], targets: Any) -> Any:
    """Return (1/n_L) Σⱼ (aⱼ − yⱼ)² (C2).

    Parameters and errors are those of :func:`sum_squared_error`.

    Examples
    --------
    >>> mean_squared_error([Value(3.0), Value(1.0)], [1.0, 2.0]).data
    2.5
    """
    return _squares(outputs, targets) / len(outputs)


@_row()
def half_squared_error(outputs: Sequence[Any], targets: Any) -> Any:
    """Return ½ Σⱼ (yⱼ − aⱼ)², whose average over examples is the scalar cost of E2.

    Parameters and errors are those of :func:`sum_squared_error`.

    Examples
    --------
    >>> half_squared_error([Value(3.0), Value(1.0)], [1.0, 2.0]).data
    2.5
    """
    return _squares(outputs, targets) / 2


def _squares(outputs: Sequence[Any], targets: Sequence[Any]) -> Any:
    return fsum([(a - y) ** 2 for a, y in zip(outputs, targets, strict=True)])


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
    >>> [c.data for c in half_mean_squared_errors([[Value(3.0), Value(1.0)]], [[1.0, 2.0]])]
    [2.0, 0.5]
    """
    if not 0 < len(outputs) == len(targets):
        raise ValueError(f"got outputs of {len(outputs)} examples and targets of {len(targets)}")
    examples = [
        list(zip(*_checked(a, y, _NUMBERS), strict=True)) for a, y in zip(outputs, targets, strict=True)
    ]
    for e, example in enumerate(examples):
        if len(example) != len(examples[0]):
            raise ValueError(f"example {e} has {len(example)} outputs, example 0 has {len(examples[0])}")
    return [
        fsum([(y - a) ** 2 for a, y in of_one_output]) / (2 * len(examples))
        for of_one_output in zip(*examples, strict=True)
    ]


@_row(_SIGNS)
def hinge(outputs: Sequence[Any], targets: Any) -> Any:
    """Return Σⱼ max(0, 1 − yⱼaⱼ) for targets −1 and 1.

    Parameters and errors are those of :func:`sum_squared_error`; any other target is a ValueError.

    Examples
    --------
    >>> hinge([Value(0.25)], [-1.0]).data
    1.25
    """
    return fsum([relu(1 - y * a) for a, y in zip(outputs, targets, strict=True)])


def _binary_cross_entropy_for_any_sample(outputs: Sequence[Any], targets: Any) -> Any:
    """Return −Σⱼ yⱼ ln aⱼ + (1 − yⱼ) ln(1 − aⱼ); a term of weight 0 takes the logarithm of 1."""
    terms = []
    for a, y in zip(outputs, targets, strict=True):
        terms.append(-y * log(where(y, a, 1.0)))
        terms.append((y - 1.0) * log1p(-where(1.0 - y, a, 0.0)))
    return fsum(terms)


@_row(_PROBABILITIES, threshold=0.5, for_any_sample=_binary_cross_entropy_for_any_sample)
def binary_cross_entropy(outputs: Sequence[Any], targets: Any) -> Any:
    """Return −Σⱼ yⱼ ln aⱼ + (1 − yⱼ) ln(1 − aⱼ) for probabilities aⱼ and targets between 0 and 1.

    Where an output reaches 0 or 1 and the target is the other one, the cost is infinite, an error; outputs
    of a sigmoid reach 1 at z = 37 and 0 at z = −746. Close to these they have few digits left, and so has the
    gradient: half of them at z = 18; below z = −709 it is infinite, for 1/a is larger than the largest float.
    :func:`binary_cross_entropy_with_logits` has no such limits.

    Parameters and errors are those of :func:`sum_squared_error`; a target below 0 or above 1 is a ValueError.

    Examples
    --------
    >>> round(binary_cross_entropy([Value(0.5)], [1.0]).data, 4)
    0.6931
    """
    terms = []
    for a, y in zip(outputs, targets, strict=True):
        # A term of weight 0 is left out: its logarithm may be infinite.
        if y != 0:
            terms.append(-y * log(a))
        if y != 1:
            terms.append((y - 1) * log1p(-a))
    return fsum(terms)


@_row(_PROBABILITIES)
def binary_cross_entropy_with_logits(outputs: Sequence[Any], targets: Any) -> Any:
    """Return the binary cross-entropy of sigmoid(zⱼ): Σⱼ softplus(zⱼ) − yⱼzⱼ.

    The outputs are those of a linear layer. Parameters and errors are those of :func:`sum_squared_error`; a
    target below 0 or above 1 is a ValueError.

    Examples
    --------
    >>> binary_cross_entropy_with_logits([Value(-800.0)], [1.0]).data
    800.0
    """
    # Since softplus(z) − z = softplus(−z), the same as a sum in which nothing cancels:
    return fsum([(1 - y) * softplus(z) + y * softplus(-z) for z, y in zip(outputs, targets, strict=True)])


def _cross_entropy_for_any_sample(outputs: Sequence[Any], targets: Any) -> Any:
    """Return −Σₖ yₖ ln pₖ, where −ln pₖ = ln(1 + Σ e^(zⱼ − zₖ)) over the others.

    ln(1 + e^u + e^v) = s + softplus(v − s) with s = softplus(u): nothing overflows, and a cost near 0 keeps
    its digits, whichever output is the largest.
    """
    terms = []
    for k, (z, y) in enumerate(zip(outputs, targets, strict=True)):
        first, *others = (other - z for j, other in enumerate(outputs) if j != k)
        surprise = softplus(first)
        for difference in others:
            surprise = surprise + softplus(difference - surprise)
        surprise.label = f"−ln p[{k}]"
        terms.append(y * surprise)
    return fsum(terms)


@_row(_CLASSES, for_any_sample=_cross_entropy_for_any_sample, any_choice=True)
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
    >>> cross_entropy([Value(0.0), Value(1000.0)], 0).data
    1000.0
    """
    # ln Σ e^zₖ = z_top + ln(1 + Σ e^(zₖ − z_top)) over the others: nothing overflows, and a cost near 0 keeps
    # its digits. By data, for the cost is the same whichever it is.
    numbers = [z.data if isinstance(z, Value) else z for z in outputs]
    top = max(range(len(outputs)), key=numbers.__getitem__)
    excess = log1p(fsum([exp(z - outputs[top]) for k, z in enumerate(outputs) if k != top]))

    def surprise(k: int) -> Any:
        return excess if k == top else excess + (outputs[top] - outputs[k])

    if isinstance(targets, list):
        return fsum([y * surprise(k) for k, y in enumerate(targets)])
    return surprise(targets)


COSTS: dict[str, Cost] = {row.name: row.value for row in _ROWS}
"""The costs by name."""


def cost_function(cost: str | Cost) -> Cost:
    """Return the cost of that name, or the function itself.

    Examples
    --------
    >>> cost_function("hinge") is hinge
    True
    """
    return cost if callable(cost) else look_up(cost, COSTS, "cost")


def cost_row(cost: str | Cost | tuple[Any, Any]) -> CostRow:
    """Return what there is to know of a cost, which may be given with its gradient.

    Examples
    --------
    >>> cost_row("cross_entropy").targets.classes, cost_row(lambda a, y: a[0] - y).name
    (True, '')
    """
    if isinstance(cost, tuple):
        if len(cost) != 2 or not all(map(callable, cost)):
            raise ValueError(f"{cost!r} is no cost: give a name, a function or a pair, (cost, cost_gradient)")
        return CostRow(*cost)
    function = cost_function(cost)
    return next((row for row in _ROWS if row.value is function), CostRow(function))


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


def _advice(targets: list[Any], takes: Targets) -> str:
    """Return what to write where one target stands for several outputs, as a class does."""
    if len(targets) != 1:
        return ""
    return (
        ": give the class alone, not in a sequence"
        if takes.classes
        else "; for classes, numbered from 0, take the cost cross_entropy"
    )


def _checked(outputs: Sequence[Any], targets: Any, takes: Targets) -> tuple[list[Any], Any]:
    """Return the outputs, and the targets as a list or the class; or raise what says why they don't fit."""
    n = _count(outputs)
    if takes.classes:
        if n < 2:
            raise ValueError(f"cross-entropy needs at least two outputs, one for each class, not {n}")
        if not is_sequence(targets):
            return _plain(outputs, "output"), _label(targets, n)
    if isinstance(targets, (str, bytes)):
        raise TypeError(f"targets are numbers, not {targets!r}")
    targets = list(targets) if is_sequence(targets) else [targets]
    if n != len(targets):
        raise ValueError(
            f"expected {n} targets, one for each output, and got {len(targets)}{_advice(targets, takes)}"
        )
    outputs, targets = _plain(outputs, "output"), _plain(targets, "target")
    fits = takes.fits
    for j, y in enumerate(targets if fits else ()):
        number = y.data if isinstance(y, Value) else y
        try:
            outside = fits and not fits(number)
        except TypeError:
            continue  # a symbol
        if outside:
            raise ValueError(f"target {j} is {number}; {takes.advice}")
    return outputs, targets


def _label(target: Any, n: int) -> int:
    try:
        label = index(target)
    except TypeError:
        whole = f": write int({target})" if isinstance(target, float) and target.is_integer() else ""
        raise TypeError(
            f"a target is a class, 0, 1, …, or a probability for each, not {target!r}{whole}"
        ) from None
    if not 0 <= label < n:
        raise ValueError(f"label {label} is outside the classes 0 … {n - 1}")
    return label


def _plain(numbers: Sequence[Any], what: str) -> list[Any]:
    """Return Values as they are, and numbers as a Value holds them."""
    plain = []
    for j, number in enumerate(numbers):
        try:
            plain.append(number if isinstance(number, Value) else Value(number).data)
        except TypeError as error:
            raise TypeError(f"{what} {j}: {error}") from None
    return plain
