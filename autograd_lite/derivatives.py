"""Derivatives as functions: grad, jacobian, hessian; ``differences.py`` compares them with quotients.

None of them touches ``.grad``, and each makes the graph that it needs inside ``no_grad`` too. Second
derivatives come about by running the rules of the rule book on Values: the gradient is then itself a graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from numbers import Rational
from typing import Any, TypeAlias, overload

from autograd_lite.graph import interior_nodes
from autograd_lite.numbers.kinds import of_one_kind, written
from autograd_lite.ops import RULES
from autograd_lite.pause import enable_grad
from autograd_lite.value import Value

Function: TypeAlias = Callable[..., Any]


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
    if callable(output):
        raise TypeError(
            "grad takes what a function returned, grad(f(x), x); lift(f) is a function of numbers"
        )
    wanted = [inputs] if isinstance(inputs, Value) else listed("inputs", inputs)
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
    needed = [parent in between for parent in parents]
    return row.partials_towards(needed, node, values_of_one_kind(parents))


def values_of_one_kind(values: Sequence[Value]) -> Sequence[Value]:
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
    point = listed("inputs", inputs)
    if not callable(f):
        return f, point
    variables = [Value(x.data, x.label) if isinstance(x, Value) else Value(x) for x in point]
    with enable_grad():
        return out_of_its_array(f(*variables)), variables


def out_of_its_array(output: Any) -> Any:
    """Return what an array of no dimension holds, and anything else as it is."""
    return output.item() if getattr(output, "shape", None) == () else output


def listed(name: str, items: Any) -> list[Any]:
    """Return what comes in a sequence as a list, or say that it does not."""
    if not isinstance(items, Iterable):
        raise TypeError(f"the {name} come in a sequence, not as {type(items).__name__} {items!r}")
    return list(items)


def _as_value(output: Any) -> Value:
    return output if isinstance(output, Value) else Value(output)
