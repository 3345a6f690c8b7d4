"""The rule book's programs as NumPy expressions: what a row is on arrays, and how it is written.

Which functions arrays have is all that is known here; what a rule says is read from the rule book, and what
its operands are called is decided by those who ask.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import IntEnum
from functools import cache
from typing import Any, ClassVar, NamedTuple

from autograd_lite.ops import RULES, Operation
from autograd_lite.printing.programs import COMPARISONS, Literals, Program, Term, program

_NAMES = """
    abs acos acosh asin asinh atan atan2 atanh cos cosh exp expm1 hypot log log10 log1p log2 logaddexp maximum
    minimum round sign sin sinh sqrt tan tanh
"""
STANDARD = frozenset(_NAMES.split())
"""The rows that the Python array API standard has, under the same names."""

HELPERS = frozenset({"sech", "sigmoid", "softplus"})
"""The rows that the source defines as functions before it uses them."""

SUPPORTED = frozenset({"erf", "erfc", "cbrt", "gamma", "lgamma", "digamma", "polygamma", "sinc", "bessel"})
SUPPORTED |= {"fmod", "mod", "logsumexp"}
"""The rows that the standard lacks and that whoever runs the source has functions for."""

_BY_NAME = STANDARD | HELPERS | SUPPORTED | {"relu", "step", "where"}
_OPPOSITE = {"gt": "le", "ge": "lt", "lt": "ge", "le": "gt"}
_SWAPPED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}


# --- what a row is on arrays ----------------------------------------------------------------------------


def array_rule(row: str, arity: int = 0, literals: tuple[float | None, ...] = ()) -> Program:
    """Return a row in terms of NumPy's functions, simplified; the arguments are those of ``program``."""
    return _recorded(RULES[row], arity, Literals(literals), _BY_NAME.union(own_functions()))


@cache
def questions(row: str, arity: int = 0) -> frozenset[frozenset[int]]:
    """Return for each choice in a row the positions of the operands that decide it.

    Examples
    --------
    >>> sorted(map(sorted, questions("elu"))), questions("tanh")
    ([[0]], frozenset())
    """
    rule = array_rule(row, arity)
    choices = filter(is_choice, terms_in(rule.value, *rule.partials))
    return frozenset(frozenset(positions(term.operands[0])) for term in choices)


_PROBES = (0.0, 0.5, 1.0, -1.0, 1e-70, 1e-90, 1e-110, 1e-200, 1e-310)


@cache
def has_pole(
    row: str, i: int, literals: tuple[float | None, ...] = (), positive: frozenset[int] = frozenset()
) -> bool:
    """Return whether 0 times a partial derivative is no number somewhere where the row itself is one.

    That is tried at the edges of its domain and at numbers that are often such places.

    Parameters
    ----------
    row : str
    i : int
        The operand by which it is differentiated.
    literals : tuple of float or None, optional
        For each operand its number, if it is a constant, or None.
    positive : set of int, optional
        The operands that are known to be larger than 0 by far.

    Examples
    --------
    >>> has_pole("sqrt", 0), has_pole("log", 0), [has_pole("pow", 0, (None, y)) for y in (0.5, 2.0)]
    (True, False, [True, False])
    """
    entry = RULES[row]
    rule = array_rule(row, 2 * entry.variadic, literals)
    partial = rule.partials[min(i, len(rule.partials) - 1)]  # of a row of many all are alike
    if all(term.op in _FINITE for term in terms_in(partial)):
        return False
    product = Program(rule.names, _times_zero(partial), ())
    points = probes(row, literals, positive)
    return any(_is_no_number(product, point) and _has_value(entry, point) for point in points)


def probes(
    row: str, literals: Sequence[float | None] = (), positive: Collection[int] = ()
) -> Iterator[tuple[float, ...]]:
    """Yield points at which a row may have a pole; the arguments are those of :func:`has_pole`."""
    domain = RULES[row].floats.domain[:2] if RULES[row].variadic else RULES[row].floats.domain
    return itertools.product(
        *(
            [x for x in (*_PROBES, *filter(math.isfinite, edges)) if x > 0.1 or k not in positive]
            if literal is None
            else [literal]
            for k, (literal, edges) in enumerate(zip(literals or (None,) * len(domain), domain, strict=True))
        )
    )


_FINITE = frozenset(
    {"operand", "number", "choose", "where", "step", "sign", "neg", "add", "sub", "mul", "maximum", "minimum"}
).union(COMPARISONS)
"""What is finite of what is finite."""


def _times_zero(partial: Term) -> Term:
    """Return a product with 0 in the order in which :meth:`TermWriter.chain` writes it."""
    new = partial.recorder.term
    if partial.op == "div":
        return new("div", _times_zero(partial.operands[0]), partial.operands[1])
    if partial.op == "neg":
        return _times_zero(partial.operands[0])
    if is_choice(partial):
        condition, *parts = partial.operands
        if partial.op == "where":
            condition = new("gt", condition, new("number", 0))
        return new("choose", condition, *map(_times_zero, parts))
    return new("mul", new("number", 0.0), partial)


def _is_no_number(product: Program, point: Sequence[float]) -> bool:
    try:
        return math.isnan(product.run(*point)[0])
    except (ArithmeticError, ValueError):
        return True


def _has_value(row: Operation, point: Sequence[float]) -> bool:
    try:
        return not math.isnan(row.compute(*point))
    except (ArithmeticError, ValueError):
        return False


def helper(row: str, is_on_arrays: bool) -> Program:
    """Return a row in ``HELPERS`` by a path that does not overflow: on arrays without a choice.

    Of a choice arrays compute both sides. Libraries that differentiate this halve it where two are equal.
    """
    rule = _recorded(RULES[row])
    if not is_on_arrays or row == "sech":
        return rule
    new = rule.value.recorder.term
    x, zero = new("operand", 0), new("number", 0)
    t = new("exp", new("minimum", x, new("neg", x)))
    if row == "sigmoid":
        return Program(rule.names, new("exp", new("minimum", x, zero)) / (1 + t), ())
    return Program(rule.names, new("maximum", x, zero) + new("log1p", t), ())


@cache
def _recorded(row: Operation, *form: Any) -> Program:
    return _simplified(program(row.name, *form))


def own_functions() -> dict[str, Callable[..., Any]]:
    """Return the operations on arrays that rows bring themselves, by name."""
    return {name: row.floats.numpy for name, row in RULES.items() if row.floats.numpy is not None}


def unchanged(op: str, numbers: Sequence[float | None]) -> int | None:
    """Return which operand an operation gives back as it is, since the other is a number that does nothing.

    Examples
    --------
    >>> unchanged("mul", [1.0, None]), unchanged("sub", [None, 0.0]), unchanged("sub", [0.0, None])
    (1, 0, None)
    """
    idle = {"mul": 1, "div": 1, "pow": 1, "add": 0, "sub": 0}.get(op)
    if idle is None:
        return None
    return 0 if numbers[1] == idle else 1 if op in ("mul", "add") and numbers[0] == idle else None


def _simplified(rule: Program) -> Program:
    """Leave out what arrays need not be told, such as a product with 1; each term is simplified once."""
    known: dict[int, Term] = {}

    def simplified(term: Term) -> Term:
        if term.op in ("operand", "number"):
            return term
        if id(term) not in known:
            known[id(term)] = _smaller(term, [simplified(operand) for operand in term.operands])
        return known[id(term)]

    return Program(rule.names, simplified(rule.value), tuple(map(simplified, rule.partials)))


def _smaller(term: Term, operands: list[Term]) -> Term:
    """Return a term with these operands, or a simpler one."""
    op, new = term.op, term.recorder.term
    numbers = [number(operand) for operand in operands]
    if op in RULES and None not in numbers:
        return new("number", RULES[op].compute(*numbers))
    if op == "mul" and 0 in numbers:
        return new("number", 0)
    same = unchanged(op, numbers)
    if same is not None:
        return operands[same]
    if op in ("mul", "add") and numbers[1] is not None:
        return new(op, *operands[::-1])
    if op == "sub" and numbers[0] is not None and operands[1].op == "where":
        condition, *choices = operands[1].operands
        differences = [numbers[0] - c for c in map(number, choices) if c is not None]
        if len(differences) == 2:
            return new("where", condition, *(new("number", difference) for difference in differences))
    if op in ("step", "where", "choose"):
        return _smaller_choice(term, operands)
    return new(op, *operands)


def _smaller_choice(term: Term, operands: list[Term]) -> Term:
    new = term.recorder.term
    if term.op == "step":
        # Arrays of truth values do not multiply.
        return new("where", operands[0], new("number", 1), new("number", 0))
    condition, first, second = operands
    decisive = number(condition) if term.op == "where" else None
    if decisive is not None:
        return first if decisive > 0 else second if decisive <= 0 else condition  # a NaN stays one
    if term.op == "where" and number(first) == 0 and second is condition:
        return new("minimum", condition, new("number", 0))
    if (term.op == "choose" and first is second) or number(first) == number(second) is not None:
        return first
    if term.op == "choose" and second.op == "choose" and _exclude(condition, second.operands[0]):
        second = second.operands[1]
    return new(term.op, condition, first, second)


def _exclude(first: Term, second: Term) -> bool:
    """Return whether the second condition holds wherever the first does not, but for a NaN.

    What follows if neither holds is for a NaN alone, and arithmetic and NumPy's functions keep a NaN one.
    """
    opposite = _OPPOSITE.get(first.op, "")
    same = second.operands == first.operands and second.op == opposite
    return same or (second.operands == first.operands[::-1] and second.op == _SWAPPED.get(opposite))


# --- looking into terms ---------------------------------------------------------------------------------


def number(term: Term) -> float | None:
    """Return the number that a term is, or None."""
    return term.operands[0] if term.op == "number" else None


def is_choice(term: Term) -> bool:
    """Return whether the adjoint is written more than once in a product with this term."""
    return term.op in ("choose", "where")


def leaves_a_number(partial: Term) -> bool:
    """Return whether a product of a number with this choice is, on one of its sides, a number still."""
    if not is_choice(partial):
        return number(partial) not in (None, 0)
    return any(map(leaves_a_number, partial.operands[1:]))


def terms_in(*outputs: Term, beyond: Term | None = None) -> Iterator[Term]:
    """Yield all terms that these consist of, each once, without looking into one of them."""
    found: set[int] = set()
    pending = list(outputs)
    while pending:
        term = pending.pop()
        if id(term) not in found:
            found.add(id(term))
            yield term
            if term.op not in ("operand", "number") and term is not beyond:
                pending.extend(term.operands)


def positions(term: Term) -> list[int]:
    """Return the positions of the operands in a term, in order."""
    return sorted(part.operands[0] for part in terms_in(term) if part.op == "operand")


# --- text -----------------------------------------------------------------------------------------------


class Binds(IntEnum):
    """How tightly an expression binds. A matrix product is no factor of another product."""

    COMPARISON = 0
    ADDITION = 1
    MATMUL = 2
    PRODUCT = 3
    SIGN = 4
    POWER = 5
    ATOM = 6


_INFIX = {
    "add": ("+", Binds.ADDITION, 0),
    "sub": ("-", Binds.ADDITION, 1),
    "mul": ("*", Binds.PRODUCT, 0),
    "div": ("/", Binds.PRODUCT, 1),
} | {name: (sign, Binds.COMPARISON, 1) for name, sign in COMPARISONS.items()}
# The sign, how tightly it binds, and how much more tightly its right operand must.


class Text(NamedTuple):
    """An expression, and how tightly it binds."""

    text: str
    binds: int = Binds.ATOM

    def within(self, at_least: int) -> str:
        """Return it in parentheses if it binds less tightly than wanted."""
        return self.text if self.binds >= at_least else f"({self.text})"


def literal(x: float) -> Text:
    """Write a number: 2.0 as 2.

    Examples
    --------
    >>> literal(2.0).text, literal(-0.5).text, literal(-0.0).text, literal(float("inf")).text
    ('2', '-0.5', '-0.0', 'np.inf')
    """
    if not math.isfinite(x):
        return Text("np.nan") if x != x else Text("np.inf") if x > 0 else Text("-np.inf", Binds.SIGN)
    sign = math.copysign(1, x)
    is_whole = float(x).is_integer() and abs(x) < 1e15 and (x != 0 or sign > 0)
    return Text(repr(int(x)) if is_whole else repr(float(x)), Binds.ATOM if sign > 0 else Binds.SIGN)


def infix(op: str, a: Text, b: Text) -> Text:
    """Write two expressions with the sign of an operation between them.

    Examples
    --------
    >>> infix("sub", Text("x"), infix("sub", Text("y"), Text("z"))).text
    'x - (y - z)'
    """
    sign, binds, right = _INFIX[op]
    return Text(f"{a.within(binds)} {sign} {b.within(binds + right)}", binds)


def times(factor: float, other: Text) -> Text:
    """Write the product of a number and an expression: −1 times x as −x, a third of it as x / 3.

    Examples
    --------
    >>> times(1 / 3, Text("x")).text, times(-1.0, Text("x + y", 1)).text, times(0.3, Text("x")).text
    ('x / 3', '-(x + y)', '0.3 * x')
    """
    if factor == 1:
        return other
    if factor == -1:
        return Text(f"-{other.within(Binds.POWER)}", Binds.SIGN)
    divisor = round(1 / factor) if 0 < abs(factor) < 0.6 and abs(factor) > 1e-15 else 0
    if divisor and 1 / divisor == factor:
        return Text(f"{other.within(Binds.PRODUCT)} / {literal(divisor).within(Binds.ATOM)}", Binds.PRODUCT)
    return Text(f"{literal(factor).text} * {other.within(Binds.PRODUCT)}", Binds.PRODUCT)


class TermWriter:
    """Writes the terms of one rule, those that occur more than once under a name.

    Parameters
    ----------
    operands : sequence of Text
        What the rule's operands are called.
    keep : callable
        Gives an expression a name, in a statement of its own, and returns the name.
    numbers : collection of int
        The positions of the operands that are Python numbers.

    Attributes
    ----------
    known : dict of int to Text
        The names of terms, by their identity.
    """

    is_on_arrays = True
    own: ClassVar[Mapping[str, Sequence[str]]] = {}
    """The text of rows in ``HELPERS`` that are written in a form of their own."""

    def __init__(
        self, operands: Sequence[Text], keep: Callable[[str], Text], numbers: Collection[int] = ()
    ) -> None:
        self.operands = operands
        self._numbers = numbers
        self.known: dict[int, Text] = {}
        self._keep = keep
        self._shared: list[Term] | None = None

    def name_shared(self, output: Term, rule: Program) -> None:
        """Name the terms in an output that the rule has more than once, but for short ones."""
        if self._shared is None:
            self._shared = rule.shared()
        inside = set(map(id, terms_in(output)))
        if is_choice(output):
            # A side that two choices share is written once.
            _, *sides = self._merged(output)
            both = [set(map(id, terms_in(side))) for side in sides]
            inside -= {id(side) for side in sides} - (both[0] & both[1])
        for term in self._shared:
            is_short = term.op in ("neg", "sub") and all(x.op in ("operand", "number") for x in term.operands)
            is_new = id(term) in inside and id(term) not in self.known and term is not rule.value
            if is_new and not is_short and term.op not in COMPARISONS:
                self.known[id(term)] = self._keep(self.write(term).text)

    def write(self, term: Term) -> Text:
        """Write a term."""
        if id(term) in self.known:
            return self.known[id(term)]
        if term.op == "operand":
            position: int = term.operands[0]
            return self.operands[position]
        if term.op == "number":
            return literal(term.operands[0])
        if term.op in _INFIX:
            return infix(term.op, *map(self.write, term.operands))
        if term.op == "pow":
            a, b = map(self.write, term.operands)
            return Text(f"{a.within(Binds.ATOM)}**{b.within(Binds.SIGN)}", Binds.POWER)
        if term.op == "neg":
            return times(-1, self.write(term.operands[0]))
        return Text(self._call(term))

    def _call(self, term: Term) -> str:
        if is_choice(term):
            condition, *parts = self.merged(term)
            a, b = (self.write(part).text for part in parts)
            if all(map(self._is_number, parts)):
                # Two numbers alone have no precision.
                like = next(i for i in positions(term.operands[0]) if i not in self._numbers)
                a = f"np.full_like({self.operands[like].text}, {a})"
            return f"np.where({condition}, {a}, {b})"
        arguments = [self.write(operand).text for operand in term.operands]
        if term.op == "relu":
            return f"np.maximum({arguments[0]}, 0)"
        if term.op == "hypot":
            return _hypot(arguments)
        return f"{'np.' if term.op in STANDARD else ''}{term.op}({', '.join(arguments)})"

    def _is_number(self, term: Term) -> bool:
        is_operand = term.op == "operand" and term.operands[0] in self._numbers
        return is_operand or number(term) is not None

    def merged(self, term: Term) -> tuple[str, Term, Term]:
        """Return the condition of a choice and its sides; of two, one in the other, if they share a side."""
        choices, first, second = self._merged(term)
        return self._all(list(map(self._condition, choices))), first, second

    def _merged(self, term: Term) -> tuple[list[Term], Term, Term]:
        """Return the choices that all have to be met for the first side, and the sides."""
        choices, (first, second) = [term], term.operands[1:]
        while term.op == first.op == "choose" and first.operands[2] is second and id(first) not in self.known:
            choices.append(first)
            first = first.operands[1]
        return choices, first, second

    def _all(self, conditions: Sequence[str]) -> str:
        return " & ".join(f"({one})" for one in conditions) if len(conditions) > 1 else conditions[0]

    def _condition(self, term: Term) -> str:
        """Write the condition of a choice; ``where`` asks whether its first operand is positive."""
        first = term.operands[0]
        if term.op == "choose":
            return self.write(first).text
        left, right = map(self.write, first.operands) if first.op == "sub" else (self.write(first), Text("0"))
        return f"{left.within(Binds.ADDITION)} > {right.within(Binds.ADDITION)}"

    def chain(self, adjoint: Text, partial: Term) -> Text:
        """Write the product of an adjoint and a partial derivative.

        If the derivative is a choice, the adjoint is written on both sides.
        """
        if id(partial) in self.known or not is_choice(partial):
            return self._times(adjoint, partial)
        condition, *parts = self.merged(partial)
        return self._choice(condition, *(self.chain(adjoint, part) for part in parts))

    def _choice(self, condition: str, met: Text, otherwise: Text) -> Text:
        return Text(f"np.where({condition}, {met.text}, {otherwise.text})")

    def _times(self, adjoint: Text, partial: Term) -> Text:
        known = number(partial)
        if known is not None:
            return times(known, adjoint) if known else literal(0)
        if partial.op == "div" and id(partial) not in self.known:
            numerator, divisor = partial.operands
            if numerator.op in ("operand", "neg") and divisor.op == "hypot":
                # A part of a length is at most 1, but tiny ones, times the adjoint, may be 0.
                return infix("mul", adjoint, Text(f"({self.write(partial).text})"))
            return infix("div", self._times(adjoint, numerator), self.write(divisor))
        if partial.op == "neg" and id(partial) not in self.known:
            return Text(f"-{self._times(adjoint, partial.operands[0]).within(Binds.PRODUCT)}", Binds.PRODUCT)
        return infix("mul", adjoint, self.write(partial))

    def scaled(self, factor: float, partial: Term) -> Text:
        """Write the product of a number and a partial derivative, also on both sides of a choice."""
        if id(partial) not in self.known and is_choice(partial):
            condition, *parts = self.merged(partial)
            return self._choice(condition, *(self.scaled(factor, part) for part in parts))
        if number(partial) == 0:
            return literal(0)
        if id(partial) not in self.known and partial.op == "mul":
            known = number(partial.operands[0])
            if known is not None:
                return times(factor * known, self.write(partial.operands[1]))
        return times(factor, self.write(partial))


class NumPyTerms(TermWriter):
    """Writes terms for NumPy alone, where nobody differentiates what is written.

    What overflows there on the way to a 0 does no harm, and has fewer operations.
    """

    own: ClassVar[Mapping[str, Sequence[str]]] = {
        "sigmoid": [
            "def sigmoid(x):",
            "    t = np.exp(np.minimum(x, 10 if x.dtype.itemsize == 2 else 45))  # so large that σ is 1",
            "    return t / (1 + t)",
        ]
    }

    def write(self, term: Term) -> Text:
        """Write a term; in a square, sech is 1/cosh: where that is 0, the square is, too."""
        if term.op == "pow" and number(term.operands[1]) == 2:
            base = term.operands[0]
            factor = 1 / (number(base.operands[1]) or 1) if base.op == "div" else 1
            sech = base.operands[0] if base.op == "div" else base
            if sech.op == "sech" and not {id(base), id(sech), id(term)} & {*self.known}:
                cosh = Text(f"np.cosh({self.write(sech.operands[0]).text})")
                return Text(f"({infix('div', literal(factor), cosh).text})**2", Binds.POWER)
        return super().write(term)


def _hypot(arguments: Sequence[str]) -> str:
    """Write the length of a vector as that of the lengths of its halves, so that nothing is nested deeply."""
    if len(arguments) == 1:
        return f"np.hypot({arguments[0]}, 0)"
    half = (len(arguments) + 1) // 2
    parts = [part[0] if len(part) == 1 else _hypot(part) for part in (arguments[:half], arguments[half:])]
    return f"np.hypot({', '.join(parts)})"


def written_helper(row: str, writer: type[TermWriter] = TermWriter) -> list[str]:
    """Write a row in ``HELPERS`` as a function."""
    if row in writer.own:
        return [*writer.own[row]]
    rule, names = helper(row, writer.is_on_arrays), iter("tuv")
    statements: list[str] = []

    def keep(expression: str) -> Text:
        name = next(names)
        statements.append(f"    {name} = {expression}")
        return Text(name)

    terms = writer([Text(name) for name in rule.names], keep)
    terms.name_shared(rule.value, rule)
    result = terms.write(rule.value).text
    return [f"def {row}({', '.join(rule.names)}):", *statements, f"    return {result}"]
