"""The rule book as straight-line programs: the arithmetic of each rule, recorded for others to print.

A rule is run on numbers that write down what is done to them. Where it asks a question, as ``x > 0`` is one,
it is run again for the other answer, and the two results become a choice. So ``relu`` gives the program
``choose(x > 0, x, …)`` without a second table of operations. How a program looks in JavaScript or NumPy is
the business of those who print it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple, NoReturn, TypeAlias

from autograd_lite.functions import operand_names
from autograd_lite.numbers import special
from autograd_lite.numbers.entry import as_tuple
from autograd_lite.operators import Operators
from autograd_lite.ops import RULES, Operation

__all__ = ["COMPARISONS", "Program", "Term", "program"]

COMPARISONS = {"eq": "==", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
"""The operations of a :class:`Term` that compare, with their signs."""

_Outputs: TypeAlias = "tuple[Term, ...]"

# How deep a term may be nested without a name on the way.
_DEEPEST = 50


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
        if row.floats.fast is None or recorder.by_name:
            return recorder.as_term(row.value(*terms))
        return recorder.as_term(row.floats.fast(RECORDED_MATH, *terms)[0])

    def _operator(self, name: str, *operands: Any) -> Term:
        return self.recorder.term(name, *map(self.recorder.as_term, operands))

    def __radd__(self, other: Any) -> Term:
        # Python's sum starts with a 0 that nobody wrote.
        return self if type(other) is int and other == 0 else self._operator("add", other, self)

    def __pow__(self, other: Any) -> Term:
        power = self._operator("pow", self, other)
        if isinstance(other, Term) and not self.recorder.by_name:
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


def program(
    row: str,
    arity: int = 0,
    literals: tuple[float | None, ...] = (),
    by_name: frozenset[str] = frozenset(),
) -> Program:
    """Return the value and the partial derivatives of a row as a program on floats.

    It is the row's hand-tuned path for floats, where there is one. Where the rule raises an error, on which
    Python's own division, logarithm and so on decide, the program's result is left open; a printer chooses.
    Only a power that raises is told apart in the program itself: it is not a number there.

    With rows by name it is the rule as it is written, in terms of these rows; powers are left open, too.

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

    Returns
    -------
    Program

    Raises
    ------
    KeyError
        If there is no such row.

    Examples
    --------
    >>> relu = program("relu")
    >>> relu.names, relu.value.op, relu.value.operands[0].op
    (('x',), 'choose', 'gt')
    """
    return _recorded(RULES[row], arity, literals, by_name)


@cache
def _recorded(
    row: Operation, arity: int, literals: tuple[float | None, ...], by_name: frozenset[str]
) -> Program:
    names = operand_names(row, arity)
    recorder = _Recorder(by_name)
    operands = [
        recorder.term("operand", i) if literal is None else literal
        for i, literal in enumerate(literals or (None,) * len(names))
    ]

    terms = list(map(recorder.as_term, operands))

    def run() -> _Outputs:
        if row.floats.fast is not None and not by_name:
            value, partials = row.floats.fast(RECORDED_MATH, *operands)
            partials = as_tuple(partials)
        else:
            value = row.value(*operands) if row.name not in by_name else recorder.term(row.name, *terms)
            partials = row.local_partials(value, operands)
        return tuple(map(recorder.as_term, (value, *partials)))

    value, *partials = recorder.all_outcomes(run, 1 + len(names))
    return Program(names, value, tuple(partials))


class _Recorder:
    """Keeps the terms of one program, each only once, and answers a rule's questions by a script."""

    def __init__(self, by_name: frozenset[str]) -> None:
        self.by_name = by_name
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
