"""The rule book as straight-line programs: the arithmetic of each rule, recorded for others to print.

A rule is run on numbers that write down what is done to them. Where it asks a question, as ``x > 0`` is one,
it is run again for the other answer, and the two results become a choice. So ``relu`` gives the program
``choose(x > 0, x, …)`` without a second table of operations. How a program looks in JavaScript or NumPy is
the business of those who print it.
"""

from __future__ import annotations

import math
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple, NoReturn, TypeAlias

from autograd_lite.functions import operand_names
from autograd_lite.numbers import special
from autograd_lite.numbers.entry import as_tuple
from autograd_lite.operators import Operators
from autograd_lite.ops import RULES, Operation

__all__ = ["COMPARISONS", "Literals", "Program", "Term", "program"]

COMPARISONS = {"eq": "==", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
"""The operations of a :class:`Term` that compare, with their signs."""

_Outputs: TypeAlias = "tuple[Term, ...]"

# How deep a term may be nested without a name on the way.
_DEEPEST = 50
# How many questions a rule may ask before it is taken for one that never ends.
_MOST_QUESTIONS = 100


class Term(Operators):
    """A number that remembers its arithmetic: an operation and what it was applied to.

    Attributes
    ----------
    op : str
        ``"operand"`` and ``"number"``, which stand for themselves; ``"add"``, ``"sub"``, ``"mul"``,
        ``"div"``, ``"pow"``, ``"neg"``, ``"abs"``; the name of a function of ``numbers/special.py``, or of a
        row that is kept by name; a name in :data:`COMPARISONS`; ``"choose"``, whose operands are a condition,
        what holds where it is met, and what else; and two conditions on a power: ``"pole"`` of x and y for
        x = 0 and a finite y < 0, ``"overflow"`` of z, x and y for a z = xʸ that is infinite though x and y
        are not.
    operands : tuple
        Terms; the position of an operand; the number.
    """

    __slots__ = ("op", "operands", "recorder")

    pi = math.pi

    def __init__(self, recorder: _Recorder, op: str, operands: tuple[Any, ...]) -> None:
        self.recorder = recorder
        self.op = op
        self.operands = operands

    @classmethod
    def apply_operation(cls, row: Any, operands: Sequence[Any]) -> Term:
        """Return the result of another row of the rule book, which calls this where a rule uses one."""
        recorder = next(x.recorder for x in operands if isinstance(x, Term))
        terms = list(map(recorder.as_term, operands))
        if row.name in recorder.by_name:
            return recorder.term(row.name, *terms)
        return recorder.as_term(_value(row, terms, recorder.as_written))

    def _operator(self, name: str, *operands: Any) -> Term:
        return self.recorder.term(name, *map(self.recorder.as_term, operands))

    def __radd__(self, other: Any) -> Term:
        # Python's sum starts with a 0 that nobody wrote.
        return self if type(other) is int and other == 0 else self._operator("add", other, self)

    def __pow__(self, other: Any) -> Term:
        power = self._operator("pow", self, other)
        if isinstance(other, Term) and not self.recorder.as_written:
            # A rule may catch what Python raises here, and go on.
            if self._operator("pole", self, other):
                raise ZeroDivisionError
            if self._operator("overflow", power, self, other):
                raise OverflowError
        return power

    def __float__(self) -> NoReturn:
        raise TypeError("a float of a recorded number would lose its formula")

    def __eq__(self, other: object) -> Any:
        return self._operator("eq", self, other)

    __hash__ = object.__hash__

    def __lt__(self, other: Any) -> Term:
        return self._operator("lt", self, other)

    def __le__(self, other: Any) -> Term:
        return self._operator("le", self, other)

    def __gt__(self, other: Any) -> Term:
        return self._operator("gt", self, other)

    def __ge__(self, other: Any) -> Term:
        return self._operator("ge", self, other)

    def __bool__(self) -> bool:
        if self.op in COMPARISONS or self.op in ("pole", "overflow"):
            return self.recorder.decide(self)
        return self != 0


class Program(NamedTuple):
    """A rule as a program without jumps: see :func:`program`.

    Attributes
    ----------
    names : tuple of str
        The operands' names, as in the rule book.
    value : Term
    partials : tuple of Term
        One for each operand.
    """

    names: tuple[str, ...]
    value: Term
    partials: tuple[Term, ...]

    def run(self, *numbers: float) -> list[float]:
        """Return the value and the partials for numbers, by Python's arithmetic.

        Parameters
        ----------
        *numbers : float
            The operands.

        Returns
        -------
        list of float

        Examples
        --------
        >>> program("mul").run(2.0, 3.0)
        [6.0, 3.0, 2.0]
        """
        known: dict[int, Any] = {}

        def result(term: Term) -> Any:
            if id(term) not in known:
                known[id(term)] = _computed(term, numbers, result)
            return known[id(term)]

        return [result(term) for term in (self.value, *self.partials)]

    def shared(self) -> list[Term]:
        """Return the terms worth a name: those that occur more than once, and parts of very long ones.

        Returns
        -------
        list of Term
            Each after those it needs.

        Examples
        --------
        >>> [term.op for term in program("tanh").shared()]
        ['exp', 'add']
        """
        uses: Counter[int] = Counter()
        order: list[Term] = []
        stack: list[tuple[Term, bool]] = [(term, False) for term in (*self.partials[::-1], self.value)]
        while stack:
            term, is_finished = stack.pop()
            if is_finished:
                order.append(term)
                continue
            uses[id(term)] += 1
            if uses[id(term)] == 1 and term.op not in ("operand", "number"):
                stack.append((term, True))
                stack.extend((operand, False) for operand in reversed(term.operands))

        named = []
        depth: Counter[int] = Counter()
        for term in order:
            depth[id(term)] = 1 + max(depth[id(operand)] for operand in term.operands)
            if uses[id(term)] > 1 or depth[id(term)] > _DEEPEST:
                named.append(term)
                depth[id(term)] = 0
        return named


def _computed(term: Term, numbers: Sequence[float], result: Callable[[Term], Any]) -> Any:
    op, operands = term.op, term.operands
    if op == "number":
        return operands[0]
    if op == "operand":
        return numbers[operands[0]]
    if op == "choose":
        condition, met, otherwise = operands
        return result(met if result(condition) else otherwise)
    xs = list(map(result, operands))
    if op in COMPARISONS:
        return getattr(operator, op)(*xs)
    if op == "pole":
        return xs[0] == 0 and xs[1] < 0 and math.isfinite(xs[1])
    if op == "overflow":
        return math.isinf(xs[0]) and math.isfinite(xs[1]) and math.isfinite(xs[2])
    if op == "pow":
        return _power(*xs)
    return RULES[op].compute(*xs) if op in RULES else getattr(special, op)(*xs)


def _power(x: float, y: float) -> float:
    """Return xʸ as machines have it: infinite where Python raises, no number where it is complex."""
    try:
        z = x**y
    except ZeroDivisionError:
        return math.inf
    except OverflowError:
        return math.inf if x > 0 or y % 2 == 0 else -math.inf
    return math.nan if isinstance(z, complex) else z


def program(
    row: str,
    arity: int = 0,
    literals: tuple[float | None, ...] = (),
    by_name: frozenset[str] = frozenset(),
    as_written: bool | None = None,
) -> Program:
    """Return the value and the partial derivatives of a row as a program on floats.

    It is the row's hand-tuned path for floats, where there is one. Where the rule raises an error, on which
    Python's own division, logarithm and so on decide, the program's result is left open; a printer chooses.
    Only a power that raises is told apart in the program itself: it is not a number there.

    As it is written, the rule is one in terms of other rows; powers are left open, too.

    Parameters
    ----------
    row : str
        A name in ``RULES``.
    arity : int, optional
        The number of operands of a row that takes any number.
    literals : tuple of float or None, optional
        For each operand its number, if it is a constant, or None.
    by_name : frozenset of str, optional
        The rows that the printer has functions for.
    as_written : bool, optional
        Whether to record the rule and not the path for floats; by default if there are rows by name. A rule
        that calls a function of its own is recorded by its path for floats all the same.

    Returns
    -------
    Program

    Raises
    ------
    KeyError
        If there is no such row.
    TypeError
        If the row calls a function of its own, and has no path for floats.

    Examples
    --------
    >>> relu = program("relu")
    >>> relu.names, relu.value.op, relu.value.operands[0].op
    (('x',), 'choose', 'gt')
    """
    as_written = bool(by_name) if as_written is None else as_written
    return _recorded(RULES[row], arity, Literals(literals), by_name, as_written)


class Literals(tuple[Any, ...]):
    """Literals by which programs are told apart: 0.0 and −0.0 are two numbers."""

    def __eq__(self, other: object) -> bool:
        return repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


@cache
def _recorded(
    row: Operation,
    arity: int,
    literals: tuple[float | None, ...],
    by_name: frozenset[str],
    as_written: bool,
) -> Program:
    names = operand_names(row, arity)
    recorder = _Recorder(by_name, as_written)
    operands = [
        recorder.term("operand", i) if literal is None else literal
        for i, literal in enumerate(literals or (None,) * len(names))
    ]

    terms = list(map(recorder.as_term, operands))

    def run() -> _Outputs:
        if row.floats.fast is not None and not as_written and row.name not in by_name:
            value, partials = row.floats.fast(RECORDED_MATH, *operands)
            partials = as_tuple(partials)
        else:
            by_itself = row.name in by_name
            value = recorder.term(row.name, *terms) if by_itself else _value(row, operands, as_written)
            partials = row.local_partials(value, operands)
        return tuple(map(recorder.as_term, (value, *partials)))

    try:
        value, *partials = recorder.all_outcomes(run, 1 + len(names))
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        raise TypeError(
            f"{row.name} calls a function of its own, which cannot be written down for another language "
            f"({error}): bring a path for floats, fast=lambda m, x: …, that uses the functions of m, or the "
            "operation itself for arrays and for pages, numpy=… and javascript=…"
        ) from error
    return Program(names, value, tuple(partials))


def _value(row: Operation, operands: Sequence[Any], as_written: bool) -> Any:
    """Return the result of a row on Terms: by its path for floats, or its rule if that can be recorded."""
    fast = row.floats.fast
    if fast is None:
        return row.value(*operands)
    if as_written:
        try:
            return row.value(*operands)
        except (TypeError, ValueError, AttributeError):
            pass
    return fast(RECORDED_MATH, *operands)[0]


class _Recorder:
    """Keeps the terms of one program, each only once, and answers a rule's questions by a script."""

    def __init__(self, by_name: frozenset[str], as_written: bool) -> None:
        self.by_name = by_name
        self.as_written = as_written
        self._terms: dict[Any, Term] = {}
        self._answers: dict[int, bool] = {}
        self._script: Sequence[bool] = ()
        self._asked: list[Term] = []

    def term(self, op: str, *operands: Any) -> Term:
        key = (op, *(id(x) if isinstance(x, Term) else repr(x) for x in operands))
        if key not in self._terms:
            self._terms[key] = Term(self, op, operands)
        return self._terms[key]

    def as_term(self, x: Any) -> Term:
        return x if isinstance(x, Term) else self.term("number", x)

    def decide(self, condition: Term) -> bool:
        """Answer as the script says, and yes beyond its end; the same question gets the same answer."""
        if id(condition) not in self._answers:
            i = len(self._asked)
            if i > _MOST_QUESTIONS:
                raise ValueError("it asks without end")
            self._answers[id(condition)] = self._script[i] if i < len(self._script) else True
            self._asked.append(condition)
        return self._answers[id(condition)]

    def all_outcomes(self, run: Callable[[], _Outputs], n: int, script: Sequence[bool] = ()) -> _Outputs:
        """Return the n results of ``run`` for all answers that begin as the script does, as choices."""
        self._script, self._answers, self._asked = script, {}, []
        try:
            outputs = run()
        except ArithmeticError:
            outputs = (self.term("number", math.nan),) * n
        asked = self._asked[len(script) :]
        for i in reversed(range(len(asked))):
            otherwise = self.all_outcomes(run, n, (*script, *[True] * i, False))
            outputs = tuple(
                a if a is b else self.term("choose", asked[i], a, b)
                for a, b in zip(outputs, otherwise, strict=True)
            )
        return outputs


class _RecordedMath:
    """Stands in for the functions of floats: those of Terms are written down, others computed."""

    def __getattr__(self, name: str) -> Any:
        known = getattr(special, name)
        if not callable(known):
            return known

        def function(*operands: Any) -> Any:
            listed: Iterable[Any] = operands[0] if name == "fsum" else operands
            terms = [x for x in listed if isinstance(x, Term)]
            if not terms:
                return known(*operands)
            recorder = terms[0].recorder
            return recorder.term(name, *map(recorder.as_term, listed))

        return function


RECORDED_MATH = _RecordedMath()
