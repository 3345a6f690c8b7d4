"""A rule book that is open: ``operation`` enters a row of your own, which then works everywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from inspect import Parameter, signature
from keyword import iskeyword
from threading import Lock
from types import FunctionType
from typing import Any
from unicodedata import normalize

from autograd_lite.floats import in_floats
from autograd_lite.functions import FUNCTIONS, SENTENCES, publish
from autograd_lite.numbers.entry import REALS, FloatEntry, Rule
from autograd_lite.numbers.kinds import FLOAT_PATHS, shown
from autograd_lite.ops import RULES, Operation, row

_entering = Lock()
_WORDS = """
    leaf constant input sum operand number name choose pole overflow eq lt le gt ge np program arguments
    catch class const debugger default delete do enum eval export extends function implements let new
    null package private protected public static super switch this throw typeof undefined var void Array
    DATA Infinity JSON Math NaN Number Object RULES String rint sinpi cospi tanpi largest split defined
"""
_TAKEN = frozenset(_WORDS.split())
"""What graphs, recorded programs, JavaScript and the pages call something else."""


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
    _check_notation(name, notation, 1 if variadic else len(names))
    try:
        entry = FloatEntry(**floats)
    except TypeError:
        known = ", ".join(FloatEntry._fields)
        raise TypeError(
            f"{name}: unknown among {', '.join(floats)}; what floats do to a row is {known}"
        ) from None
    if variadic:
        floats.setdefault("domain", (REALS,) * 3)
    elif "domain" in floats and len(entry.domain) != len(names):
        raise ValueError(
            f"{name} has {len(names)} operands and {len(entry.domain)} domains: give one for each"
        )
    if any(not isinstance(interval, Sequence) or len(interval) != 2 for interval in entry.domain):
        raise ValueError(f"the domain of {name} is a pair (low, high) for each operand, not {entry.domain}")
    with _entering:
        _check_name(name)  # once more: another thread may have been quicker
        made = row(name, value, *partials, notation=notation, symbol=symbol, variadic=variadic)
        in_floats(name, **floats)
        publish(made, sentence or f"The operation {name}.")
    return made


def forget(made: Operation) -> None:
    """Take a row out of the rule book again, so that its name is free.

    Graphs keep the numbers that they recorded, and ``backward`` works on them. What asks for the rule of a
    node, as second derivatives, ``explain`` and ``lift`` do, asks the row that has the name then: build such
    graphs anew.

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
    if name in _TAKEN or name.startswith("_") or normalize("NFKC", name) != name:
        raise ValueError(f"{name} means something else in graphs and programs: choose another name")
    if name in RULES:
        raise ValueError(f"the rule book has a row {name} already, {RULES[name]!r}: choose another name")


def _operands_of(name: str, value: Rule) -> tuple[list[str], bool]:
    """Return the names of the operands, and whether the last stands for any number of them."""
    if not callable(value):
        raise TypeError(f"the value of {name} is a function of its operands, not {shown(value)}")
    if not isinstance(value, FunctionType):
        raise TypeError(
            f"the value of {name} is a function of your own: write lambda x: … around {shown(value)}"
        )
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
        if not isinstance(rule, FunctionType):
            raise TypeError(
                f"partial {i} of {name} is a function of your own: write lambda {wanted[1:-1]}: …"
            )
        found = list(signature(rule).parameters.values())
        many = any(p.kind is Parameter.VAR_POSITIONAL for p in found)
        if many != variadic or len(found) != len(names) + 1:
            raise ValueError(
                f"partial {i} of {name} takes {signature(rule)}; "
                f"it is called with the result and the operands, {wanted}"
            )


def _check_notation(name: str, notation: str, count: int) -> None:
    places = set(map(int, re.findall(r"\{(\d+)\}", notation)))
    rest = re.sub(r"\{\d+\}", "", notation)
    if notation and (places != set(range(count)) or "{" in rest or "}" in rest):
        wanted = ", ".join(f"{{{i}}}" for i in range(count))
        raise ValueError(f"the notation of {name} has places for its operands, {wanted}, not {notation!r}")
