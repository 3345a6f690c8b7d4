"""A rule book that is open: ``operation`` enters a row of your own, which then works everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import Parameter, signature
from keyword import iskeyword
from typing import Any

from autograd_lite.floats import in_floats
from autograd_lite.functions import FUNCTIONS, SENTENCES, publish
from autograd_lite.numbers.entry import FloatEntry, Rule
from autograd_lite.numbers.kinds import FLOAT_PATHS, shown
from autograd_lite.ops import RULES, Operation, row


def operation(
    name: str,
    value: Rule,
    *partials: Rule,
    notation: str = "",
    symbol: str = "",
    sentence: str = "",
    **floats: Any,
) -> Operation:
    """Enter an operation of your own into the rule book: one row, as the rows of ``ops.py``.

    It is then a function of numbers, Values and arrays of Values, and known wherever operations are: in
    derivatives of any order, ``gradcheck``, ``explain``, ``draw``, ``explore``, ``lift`` and pickles. Value
    and partials are written with arithmetic and the functions of this package, so that they run on any kind
    of number.

    Parameters
    ----------
    name : str
        A name that no row has.
    value : callable
        ``value(x, y)``: the result, of any number of operands: ``value(*xs)``.
    *partials : callable
        For each operand the partial derivative, a function of the result and the operands,
        ``partial(z, x, y)``; for any number of operands one function that returns all of them in a tuple.
    notation : str, optional
        How formulas write it, with a place for each operand: ``"{0} ∘ {1}"``.
    symbol : str, optional
        Its short sign in pictures.
    sentence : str, optional
        What ``help`` says of it.
    **floats
        What floats do to it: the fields of ``FloatEntry``, such as ``domain``, ``needs``, or ``fast``, a path
        for floats. An operation that calls a function of its own brings ``numpy`` and ``javascript``.

    Returns
    -------
    Operation
        Call it as a function.

    Raises
    ------
    ValueError
        If the name is taken or is none, or the partials are too few, too many or of the wrong arity.
    TypeError
        If value or a partial is not callable, or a field is unknown.

    Examples
    --------
    >>> from autograd_lite import Value, grad
    >>> cube = operation("cube", lambda x: x * x * x, lambda y, x: 3 * x**2, notation="({0})³")
    >>> x = Value(2.0, "x")
    >>> slope = grad(cube(x), x, create_graph=True)
    >>> cube(2.0), slope.data, grad(slope, x)
    (8.0, 12.0, 12.0)
    >>> forget(cube)
    """
    _check_name(name)
    names, variadic = _operands_of(name, value)
    _check_partials(name, names, variadic, partials)
    try:
        entry = FloatEntry(**floats)
    except TypeError:
        known = ", ".join(FloatEntry._fields)
        raise TypeError(
            f"{name}: unknown among {', '.join(floats)}; what floats do to a row is {known}"
        ) from None
    if "domain" in floats and not variadic and len(entry.domain) != len(names):
        raise ValueError(
            f"{name} has {len(names)} operands and {len(entry.domain)} domains: give one for each"
        )
    made = row(name, value, *partials, notation=notation, symbol=symbol, variadic=variadic)
    in_floats(name, **floats)
    publish(made, sentence or f"The operation {name}.")
    return made


def forget(made: Operation) -> None:
    """Take a row out of the rule book again, so that its name is free; graphs keep what they recorded.

    Parameters
    ----------
    made : Operation
        One that :func:`operation` entered.

    Raises
    ------
    ValueError
        If it is no such row.
    """
    if made.name in SENTENCES or FUNCTIONS.get(made.name) is not made:
        raise ValueError(f"{made!r} is no row that operation() entered: only such can be forgotten")
    del RULES[made.name], FUNCTIONS[made.name]
    FLOAT_PATHS.pop(made.name, None)


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name):
        raise ValueError(f"an operation is called by a name such as mish, not {name!r}")
    if name in RULES:
        raise ValueError(f"the rule book has a row {name} already, {RULES[name]!r}: choose another name")


def _operands_of(name: str, value: Rule) -> tuple[list[str], bool]:
    """Return the names of the operands, and whether the last stands for any number of them."""
    if not callable(value):
        raise TypeError(f"the value of {name} is a function of its operands, not {shown(value)}")
    found = list(signature(value).parameters.values())
    if not found or any(p.kind in (Parameter.KEYWORD_ONLY, Parameter.VAR_KEYWORD) for p in found):
        raise ValueError(f"the value of {name} takes its operands by position, and at least one: (x, y)")
    return [p.name for p in found], found[-1].kind is Parameter.VAR_POSITIONAL


def _check_partials(name: str, names: Sequence[str], variadic: bool, partials: Sequence[Rule]) -> None:
    expected = 1 if variadic else len(names)
    wanted = f"({', '.join(['z', *names[:-1], '*' * variadic + names[-1]])})"
    if len(partials) != expected:
        each = "one function that returns all of them" if variadic else "one for each"
        raise ValueError(f"{name}{wanted.replace('z, ', '')} has {len(partials)} partials; it needs {each}")
    for i, rule in enumerate(partials):
        if not callable(rule):
            raise TypeError(f"partial {i} of {name} is a function of {wanted}, not {shown(rule)}")
        try:
            signature(rule).bind("z", *names, *(names[-1:] if variadic else ()))
        except TypeError:
            raise ValueError(
                f"partial {i} of {name} takes {signature(rule)}; "
                f"it is called with the result and the operands, {wanted}"
            ) from None
