"""Derivatives as functions: grad, jacobian, hessian, and gradcheck, which compares with differences.

None of them touches ``.grad``, and each makes the graph that it needs inside ``no_grad`` too. Second
derivatives come about by running the rules of the rule book on Values: the gradient is then itself a graph.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from numbers import Rational
from typing import Any, TypeAlias, overload

from autograd_lite.graph import interior_nodes
from autograd_lite.numbers.kinds import of_one_kind, written
from autograd_lite.ops import RULES
from autograd_lite.pause import enable_grad, no_grad
from autograd_lite.value import Value

Function: TypeAlias = Callable[..., Any]
Difference: TypeAlias = tuple[float, float]  # a difference quotient, and what rounding may have done to it


@overload
def grad(output: Value, inputs: Value, create_graph: bool = False) -> Any: ...
@overload
def grad(output: Value, inputs: Sequence[Value], create_graph: bool = False) -> list[Any]: ...
def grad(output: Value, inputs: Value | Sequence[Value], create_graph: bool = False) -> Any:
    """Return the gradient of a node with respect to others, and leave every ``.grad`` alone.

    Parameters
    ----------
    output : Value
    inputs : Value or sequence of Value
        Leaves or interior nodes.
    create_graph : bool
        Whether the gradients are to be Values, of which one can take derivatives again.

    Returns
    -------
    number, or list of numbers
        ∂output/∂input, one for each input in a sequence; Values with ``create_graph``. It is 0 for an input
        that the output does not depend on.

    Raises
    ------
    TypeError
        If output or an input is not a Value.
    ValueError
        With ``create_graph``, if data was changed since the forward pass: the rules need it as it was.

    Examples
    --------
    >>> x = Value(2.0)
    >>> slope = grad(x**3, x, create_graph=True)
    >>> slope.data, grad(slope, x)
    (12.0, 12.0)
    """
    wanted = [inputs] if isinstance(inputs, Value) else _listed("inputs", inputs)
    for value in (output, *wanted):
        if not isinstance(value, Value):
            raise TypeError(f"grad takes Values, not {type(value).__name__} {value!r}")
    with enable_grad() if create_graph else nullcontext():
        adjoints = _adjoints(output, wanted, create_graph)
    result = [adjoints.get(value, 0) for value in wanted]
    if create_graph:
        result = [g if isinstance(g, Value) else Value(g) for g in result]
    return result[0] if isinstance(inputs, Value) else result


def _adjoints(output: Value, inputs: list[Value], create_graph: bool) -> dict[Value, Any]:
    """Return ∂output/∂node for every node between the inputs and the output."""
    order = interior_nodes(output)
    between = set(inputs)
    for node in order:
        if not between.isdisjoint(node.parents):
            between.add(node)
    adjoints: dict[Value, Any] = {output: 1}
    for node in reversed(order):
        adjoint = adjoints.get(node, 0)
        # As in backward, nothing flows back through a dead unit. A Value is kept: its slope need not be 0.
        if node not in between or not (adjoint or isinstance(adjoint, Value)):
            continue
        partials = _partials_as_graph(node, between) if create_graph else node.partials
        for parent, partial in zip(node.parents, partials, strict=True):
            if parent in between:
                adjoints[parent] = adjoints.get(parent, 0) + partial * adjoint
    return adjoints


def _partials_as_graph(node: Value, between: set[Value]) -> Sequence[Any]:
    """Return the partials of a node as functions of its parents, by the rule book; 0 where none is needed."""
    row, parents = RULES[node.op], node.parents
    _refuse_changed_data(node)
    operands = _of_one_kind(parents)
    if row.variadic:
        return row.local_partials(node, operands)
    rules = zip(row.rules_beside(node), parents, strict=True)
    return [rule(node, *operands) if parent in between else 0 for rule, parent in rules]


def _of_one_kind(values: Sequence[Value]) -> Sequence[Value]:
    """Return Values of whole numbers as Values, made of them, of the kind that the others have."""
    *numbers, one = of_one_kind([*(value.data for value in values), 1])
    return [
        value if type(value.data) is type(number) else value * one
        for value, number in zip(values, numbers, strict=True)
    ]


def _refuse_changed_data(node: Value) -> None:
    try:
        now = Value.apply_operation(RULES[node.op], node.parents)
        changed = not all(map(_same, (node.data, *node.partials), (now.data, *now.partials)))
    except (ArithmeticError, ValueError, TypeError):
        changed = True
    if changed:
        operands = ", ".join(f"{p.label or p.op} = {written(p.data)}" for p in node.parents[:4])
        raise ValueError(
            f"{node.op} does not give what it gave in the forward pass, {written(node.data)}: data was "
            f"changed since; its operands are now {operands}. Compute the output anew before taking second "
            "derivatives"
        )


def _same(recorded: Any, now: Any) -> bool:
    """Return whether two numbers are equal, or differ as little as the same sum rounded in two ways."""
    # A NaN, of any kind, alone differs from itself.
    if recorded == now or (recorded != recorded and now != now):
        return True
    exact = isinstance(recorded, Rational) and isinstance(now, Rational)
    return not exact and bool(abs(recorded - now) * 10**9 <= min(abs(recorded), abs(now)))


def jacobian(f: Function | Value | Sequence[Value], inputs: Sequence[Any]) -> list[Any]:
    """Return the matrix of derivatives of several outputs with respect to several inputs.

    Parameters
    ----------
    f : callable, or Value, or sequence of Value
        A function of ``len(inputs)`` Values that returns one or a sequence; or outputs that exist already.
    inputs : sequence of number or Value
        The point, for a function; else the Values that the outputs were made of.

    Returns
    -------
    list
        A row for each output, with a column for each input. For a single output that is not in a sequence:
        just its row, the gradient.

    Raises
    ------
    TypeError
        If an output is not a Value or number.

    Examples
    --------
    >>> jacobian(lambda x, y: [x * y, x + y], [2.0, 3.0])
    [[3.0, 2.0], [1, 1]]
    """
    outputs, variables = _outputs(f, inputs)
    if isinstance(outputs, Iterable):
        return [grad(output, variables) for output in map(_as_value, outputs)]
    return grad(_as_value(outputs), variables)


def hessian(f: Function | Value, inputs: Sequence[Any]) -> list[list[Any]]:
    """Return the matrix of second derivatives of one output.

    Parameters
    ----------
    f : callable or Value
        A function of ``len(inputs)`` Values that returns one; or an output that exists already.
    inputs : sequence of number or Value
        The point, for a function; else the Values that the output was made of.

    Returns
    -------
    list of list of numbers

    Raises
    ------
    TypeError
        If the output is not one Value or number.

    Examples
    --------
    >>> hessian(lambda x, y: x * x * y, [2.0, 3.0])
    [[6.0, 4.0], [4.0, 0]]
    """
    output, variables = _outputs(f, inputs)
    slopes = grad(_as_value(output), variables, create_graph=True)
    return [grad(slope, variables) for slope in slopes]


def _outputs(f: Any, inputs: Sequence[Any]) -> tuple[Any, list[Value]]:
    point = _listed("inputs", inputs)
    if not callable(f):
        return f, point
    variables = [Value(x.data, x.label) if isinstance(x, Value) else Value(x) for x in point]
    with enable_grad():
        return _out_of_its_array(f(*variables)), variables


def _out_of_its_array(output: Any) -> Any:
    """Return what an array of no dimension holds, and anything else as it is."""
    return output.item() if getattr(output, "shape", None) == () else output


def _listed(name: str, items: Any) -> list[Any]:
    if not isinstance(items, Iterable):
        raise TypeError(f"the {name} come in a sequence, not as {type(items).__name__} {items!r}")
    return list(items)


def _as_value(output: Any) -> Value:
    return output if isinstance(output, Value) else Value(output)


def gradcheck(
    f: Function,
    inputs: Sequence[Any],
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Compare the derivatives of a function with central differences, (f(x + h) − f(x − h))/2h.

    The point itself is checked and one beside it, so that a wrong derivative does not pass where it happens
    to be right, such as at 0. Where the differences disagree, or step out of the domain, h shrinks until they
    settle; on the edge of the domain they are one-sided. An infinite derivative agrees with differences that
    grow at every smaller step, like those of asin at 1.

    Parameters
    ----------
    f : callable
        A function of ``len(inputs)`` Values that returns one or a sequence.
    inputs : sequence of number or Value
        The point.
    eps : float
        The first step h, relative to inputs larger than 1.
    atol, rtol : float
        The difference that is let pass, absolute and relative to the difference quotient.
    raise_exception : bool
        Whether to raise on disagreement, or to return False.

    Returns
    -------
    bool
        Whether they agree.

    Raises
    ------
    AssertionError
        On disagreement, naming the output, the input, both numbers and the point.
    ValueError
        If eps is not positive, or lost in rounding; or if f is defined at the point and on no side of it.

    Examples
    --------
    >>> gradcheck(lambda x, y: (x * y).tanh(), [0.5, -1.0])
    True
    """
    if not 0 < eps < math.inf:
        raise ValueError(
            f"eps is the step of the differences, {eps!r} is none: give a number above 0, like 1e-6"
        )
    point = [float(x) for x in _listed("inputs", inputs)]
    fault = _disagreement(f, point, eps, atol, rtol) or _disagreement_beside(f, point, eps, atol, rtol)
    if fault and raise_exception:
        raise AssertionError(fault)
    return not fault


def _disagreement(f: Function, point: list[float], eps: float, atol: float, rtol: float) -> str:
    """Return in words the first derivative at a point that differences contradict, or the empty string."""
    rows = jacobian(f, point)
    rows = rows if rows and isinstance(rows[0], list) else [rows]
    for column in range(len(point)):
        undecided = {i: float(row[column]) for i, row in enumerate(rows)}
        verdicts, before = dict[int, bool | None](), dict[int, Difference]()
        for differences in _differences(f, point, column, eps):
            now = dict(enumerate(differences))
            verdicts = {i: _agrees(d, now[i], before.get(i), atol, rtol) for i, d in undecided.items()}
            undecided = {i: d for i, d in undecided.items() if not verdicts[i]}
            before = now
            if not undecided or False in verdicts.values():
                break
        for i, derivative in undecided.items():
            # Undecided to the last, a quotient has grown without end, or has never settled.
            if verdicts[i] is False or math.isfinite(derivative):
                return (
                    f"∂output {i}/∂input {column} is {derivative} by the chain rule and {before[i][0]} by "
                    f"differences, at {point}"
                )
    return ""


def _agrees(
    derivative: float, difference: Difference, before: Difference | None, atol: float, rtol: float
) -> bool | None:
    """Return whether a derivative is what the quotients lead to; None if it takes a smaller step to tell."""
    quotient, rounding = difference
    tolerance = atol + rtol * abs(quotient)
    if abs(derivative - quotient) <= tolerance:
        return True
    if not rounding <= tolerance:
        return False
    if before is None:
        return None
    if math.isinf(derivative):
        sign = math.copysign(1, derivative)
        return None if sign * quotient > 1.01 * sign * before[0] > 0 else False
    settled = 2 * abs(quotient - before[0]) <= tolerance
    return False if settled else None


def _differences(f: Function, point: list[float], column: int, eps: float) -> Iterator[list[Difference]]:
    """Yield the difference quotient of each output by one input, for smaller and smaller steps."""
    x, failure = point[column], None
    steps = [eps * max(1.0, abs(x))]
    if x + steps[0] == x - steps[0]:
        raise ValueError(f"eps = {eps} is lost in rounding beside input {column}, {x}: give a larger one")
    while steps[-1] > (1e-13 * abs(x) or 1e-21):
        steps.append(steps[-1] / 10)
    defined = False
    for h in steps:
        ends = []
        for moved in (x + h, x - h):
            try:
                ends.append((moved, _evaluate(f, [*point[:column], moved, *point[column + 1 :]])))
            except Exception as error:  # out of the domain, which a function may say in its own way
                failure = error
        if ends:
            defined = True
            (x1, above), (x0, below) = ends if len(ends) == 2 else (*ends, (x, _evaluate(f, point)))
            pairs, width = zip(above, below, strict=True), abs(x1 - x0)
            yield [((a - b) / (x1 - x0), max(abs(a), abs(b)) * 2**-52 / width) for a, b in pairs]
    if not defined:
        raise ValueError(
            f"the function is defined at {point} but on neither side of input {column}, where differences "
            "are taken: check its derivatives at another point"
        ) from failure


def _disagreement_beside(f: Function, point: list[float], eps: float, atol: float, rtol: float) -> str:
    """Return what is wrong at a neighbour where the function is defined, in words, or the empty string.

    One neighbour may hit a kink of the function: only what is wrong at two of them counts.
    """
    faults: list[str] = []
    for distance in (0.1, -0.1, 0.01, -0.01, 0.001, -0.001, 1e-4, -1e-4):
        # Every input moves by an amount of its own, between a half and one and a half of the distance.
        shares = (0.5 + 0.618 * k % 1 for k in range(1, len(point) + 1))
        beside = [x + distance * share * max(1.0, abs(x)) for x, share in zip(point, shares, strict=True)]
        try:
            faults.append(_disagreement(f, beside, eps, atol, rtol))
        except Exception:  # outside the domain
            continue
        if not faults[-1]:
            return ""
        if len(faults) == 2:
            return faults[0]
    return ""


def _evaluate(f: Function, point: Sequence[float]) -> list[float]:
    with no_grad():
        output = _out_of_its_array(f(*map(Value, point)))
    return [float(y) for y in (output if isinstance(output, Iterable) else [output])]
