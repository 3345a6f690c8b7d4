"""Functions of many: the weighted input of a neuron, sums, inner products, distances, softmax."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from functools import reduce
from operator import mul
from typing import Any

from autograd_lite.direct import node_of
from autograd_lite.ops import RULES, Operation, exp, hypot, maximum
from autograd_lite.value import Value

for_other_numbers: ContextVar[bool] = ContextVar("for_other_numbers", default=False)
"""Whether a graph will be computed again with other numbers, as a lifted one is."""


def affine(ws: Iterable[Any], xs: Iterable[Any], b: Any = 0) -> Any:
    """Return the weighted input z = b + Σₖ wₖxₖ as one node (A4).

    Its partials are those of the derivations: ∂z/∂wₖ = xₖ, ∂z/∂xₖ = wₖ, ∂z/∂b = 1 (A6). Its parents are b,
    then the weights, then the inputs.

    Parameters
    ----------
    ws, xs : iterables of Value or number
        As many weights as inputs.
    b : Value or number, optional
        The bias.

    Returns
    -------
    Value or number
        A Value where an operand is one, else a number.

    Raises
    ------
    ValueError
        If there are not as many weights as inputs.

    Examples
    --------
    >>> w = [Value(2.0), Value(3.0)]
    >>> z = affine(w, [10.0, 100.0], 1.0)
    >>> z.backward()
    >>> z.data, w[0].grad, w[1].grad
    (321.0, 10.0, 100.0)
    """
    ws, xs = tuple(ws), tuple(xs)
    operands = (b, *ws, *xs)
    if len(ws) != len(xs):
        raise ValueError(
            f"affine pairs each weight with an input: got {len(ws)} weights and {len(xs)} inputs"
        )
    # The direct path of a neuron: what the row says, without taking the operands apart again.
    try:
        weights, inputs = [w.data for w in ws], [x.data for x in xs]
        z = sum(map(mul, weights, inputs), b.data)
        if type(z) is float:
            return node_of("affine", z, operands, None, (1, *inputs, *weights), None)
    except (AttributeError, TypeError, ArithmeticError):
        pass
    return _of_many(RULES["affine"], operands)


def fsum(xs: Iterable[Any]) -> Any:
    """Return the sum of Values and numbers as one node, rounded once, as ``math.fsum``.

    Parameters
    ----------
    xs : iterable of Value or number

    Returns
    -------
    Value or number
        A Value where an operand is one, else a number.

    Examples
    --------
    >>> fsum([Value(0.1)] * 10).data
    1.0
    """
    return _of_many(RULES["fsum"], tuple(xs))


def sumprod(p: Iterable[Any], q: Iterable[Any]) -> Any:
    """Return the inner product Σₖ pₖqₖ of Values and numbers as one node, as ``math.sumprod``.

    Parameters
    ----------
    p, q : iterables of Value or number
        Of the same length.

    Returns
    -------
    Value or number
        A Value where an operand is one, else a number.

    Raises
    ------
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> sumprod([Value(1.0), Value(2.0)], [3.0, 4.0]).data
    11.0
    """
    p, q = tuple(p), tuple(q)
    if len(p) != len(q):
        raise ValueError(f"sumprod pairs its operands: got {len(p)} and {len(q)}")
    return _of_many(RULES["sumprod"], (*p, *q))


def dist(p: Iterable[Any], q: Iterable[Any]) -> Any:
    """Return the distance of two points, as ``math.dist``: the length of the vector of their differences.

    Parameters
    ----------
    p, q : iterables of Value or number
        Their coordinates; of the same length.

    Returns
    -------
    Value or number
        A Value where an operand is one, else a number.

    Raises
    ------
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> dist([Value(1.0), Value(2.0)], [4.0, 6.0]).data
    5.0
    """
    p, q = tuple(p), tuple(q)
    if len(p) != len(q):
        raise ValueError(f"dist takes points of one space: got {len(p)} and {len(q)} coordinates")
    return hypot(*(a - b for a, b in zip(p, q, strict=True)))


def logsumexp(xs: Iterable[Any]) -> Any:
    """Return ln Σ eˣ of Values and numbers as one node; no exponential overflows.

    Parameters
    ----------
    xs : iterable of Value or number
        At least one.

    Returns
    -------
    Value or number
        A Value where an operand is one, else a number.

    Examples
    --------
    >>> logsumexp([Value(1000.0), Value(0.0)]).data
    1000.0
    """
    return _of_many(RULES["logsumexp"], tuple(xs))


def log_softmax(xs: Iterable[Any]) -> list[Any]:
    """Return the logarithms of the softmax of Values and numbers, xⱼ − ln Σ eˣ.

    Parameters
    ----------
    xs : iterable of Value or number
        At least one.

    Returns
    -------
    list of Value or number

    Raises
    ------
    ValueError
        If there are none.

    Examples
    --------
    >>> log_softmax([1000.0, 0.0])
    [0.0, -1000.0]
    """
    shifted = _shifted(xs)
    total = logsumexp(shifted)
    return [x - total for x in shifted]


def softmax(xs: Iterable[Any]) -> list[Any]:
    """Return the probabilities eˣ / Σ eˣ; the largest x is subtracted first, so that nothing overflows.

    Parameters
    ----------
    xs : iterable of Value or number
        At least one.

    Returns
    -------
    list of Value or number
        Positive, with the sum 1.

    Raises
    ------
    ValueError
        If there are none.

    Examples
    --------
    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]
    """
    exponentials = list(map(exp, _shifted(xs)))
    total = fsum(exponentials)
    return [e / total for e in exponentials]


def _shifted(xs: Iterable[Any]) -> list[Any]:
    """Return the differences to the largest of them."""
    xs = [x if isinstance(x, Value) else Value(x).data for x in xs]
    if not xs:
        raise ValueError("softmax needs at least one number")
    # Which is the largest is no matter for derivatives; but for other numbers it is another one.
    top = reduce(maximum, xs) if for_other_numbers.get() else max(xs)
    return [x - top for x in xs]


def _of_many(row: Operation, operands: tuple[Any, ...]) -> Any:
    node = Value.apply_operation(row, operands)
    plain = isinstance(node, Value) and not any(isinstance(v, Value) for v in operands)
    return node.data if plain else node
