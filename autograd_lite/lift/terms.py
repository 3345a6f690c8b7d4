"""The rule book's terms as NumPy expressions, and how tightly they bind, which spares parentheses."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from autograd_lite.lift.rules import STANDARD, number, terms_in
from autograd_lite.printing.programs import COMPARISONS, Program, Term

COMPARISON, SUM, MATMUL, PRODUCT, SIGN, POWER, ATOM = range(7)
"""How tightly an expression binds. A matrix product is told apart from others, to which it is no factor."""

_INFIX = {
    "add": ("+", SUM, 0),
    "sub": ("-", SUM, 1),
    "mul": ("*", PRODUCT, 0),
    "div": ("/", PRODUCT, 1),
} | {name: (sign, COMPARISON, 1) for name, sign in COMPARISONS.items()}
# The sign, how tightly it binds, and how much more tightly its right operand must.


class Text(NamedTuple):
    """An expression, and how tightly it binds."""

    text: str
    binds: int = ATOM

    def within(self, at_least: int) -> str:
        """Return it in parentheses if it binds less tightly than wanted.

        Parameters
        ----------
        at_least : int

        Returns
        -------
        str
        """
        return self.text if self.binds >= at_least else f"({self.text})"


def literal(x: float) -> Text:
    """Write a number: 2.0 as 2.

    Parameters
    ----------
    x : float

    Returns
    -------
    Text

    Examples
    --------
    >>> literal(2.0).text, literal(-0.5).text, literal(-0.0).text, literal(float("inf")).text
    ('2', '-0.5', '-0.0', 'np.inf')
    """
    if not math.isfinite(x):
        return Text("np.nan") if x != x else Text("np.inf") if x > 0 else Text("-np.inf", SIGN)
    sign = math.copysign(1, x)
    is_whole = float(x).is_integer() and abs(x) < 1e15 and (x != 0 or sign > 0)
    return Text(repr(int(x)) if is_whole else repr(float(x)), ATOM if sign > 0 else SIGN)


def times(factor: float, other: Text) -> Text:
    """Write the product of a number and an expression: −1 times x as −x, a third of it as x / 3.

    Parameters
    ----------
    factor : float
    other : Text

    Returns
    -------
    Text

    Examples
    --------
    >>> times(1 / 3, Text("x")).text, times(-1.0, Text("x + y", SUM)).text, times(0.3, Text("x")).text
    ('x / 3', '-(x + y)', '0.3 * x')
    """
    if factor == 1:
        return other
    if factor == -1:
        return Text(f"-{other.within(POWER)}", SIGN)
    divisor = round(1 / factor) if 0 < abs(factor) < 0.6 and abs(factor) > 1e-15 else 0
    if divisor and 1 / divisor == factor:
        return Text(f"{other.within(PRODUCT)} / {literal(divisor).within(ATOM)}", PRODUCT)
    return Text(f"{literal(factor).text} * {other.within(PRODUCT)}", PRODUCT)


class TermWriter:
    """Writes the terms of one rule, those that occur more than once under a name.

    Parameters
    ----------
    operands : sequence of Text
        What the rule's operands are called.
    new_name : callable
        Returns a name that is free.
    """

    def __init__(self, operands: Sequence[Text], new_name: Callable[[], str]) -> None:
        self.operands = operands
        self.known: dict[int, Text] = {}
        self.statements: list[str] = []
        self._new_name = new_name

    def share(self, outputs: Sequence[Term], rule: Program) -> None:
        """Add statements that name the terms in the outputs that the rule has more than once.

        Parameters
        ----------
        outputs : sequence of Term
        rule : Program
        """
        inside = terms_in(*outputs)
        for term in rule.shared():
            if id(term) in inside and id(term) not in self.known and term is not rule.value:
                if term.op in COMPARISONS or (
                    all(map(_is_plain, term.operands)) and term.op in ("neg", "sub")
                ):
                    continue
                self._name(term)

    def taken_statements(self) -> list[str]:
        """Return the statements that have not been handed out yet.

        Returns
        -------
        list of str
        """
        statements, self.statements = self.statements, []
        return statements

    def _name(self, term: Term) -> None:
        text = self.write(term).text
        name = self._new_name()
        self.statements.append(f"{name} = {text}")
        self.known[id(term)] = Text(name)

    def write(self, term: Term) -> Text:
        """Write a term.

        Parameters
        ----------
        term : Term

        Returns
        -------
        Text
        """
        if id(term) in self.known:
            return self.known[id(term)]
        if term.op == "operand":
            position: int = term.operands[0]
            return self.operands[position]
        if term.op == "number":
            return literal(term.operands[0])
        if term.op in _INFIX:
            sign, binds, right = _INFIX[term.op]
            a, b = map(self.write, term.operands)
            return Text(f"{a.within(binds)} {sign} {b.within(binds + right)}", binds)
        if term.op == "pow":
            a, b = map(self.write, term.operands)
            return Text(f"{a.within(ATOM)}**{b.within(SIGN)}", POWER)
        if term.op == "neg":
            return Text(f"-{self.write(term.operands[0]).within(POWER)}", SIGN)
        return Text(self._call(term))

    def _call(self, term: Term) -> str:
        if term.op in ("choose", "where"):
            a, b = (self.write(part).text for part in term.operands[1:])
            if None not in map(number, term.operands[1:]):
                a = f"np.full_like({self.operands[0].text}, {a})"  # two numbers alone have no precision
            return f"np.where({self.condition(term)}, {a}, {b})"
        arguments = [self.write(operand).text for operand in term.operands]
        if term.op == "relu":
            return f"np.maximum({arguments[0]}, 0)"
        if term.op == "hypot":
            return _hypot(arguments)
        return f"{'np.' if term.op in STANDARD else ''}{term.op}({', '.join(arguments)})"

    def condition(self, term: Term) -> str:
        """Write the condition of a choice.

        Parameters
        ----------
        term : Term
            A ``choose``, or ``where``, which asks whether its first operand is positive.

        Returns
        -------
        str
        """
        first = term.operands[0]
        if term.op == "choose":
            return self.write(first).text
        if first.op == "sub":
            a, b = map(self.write, first.operands)
            return f"{a.within(SUM)} > {b.within(SUM)}"
        return f"{self.write(first).within(SUM)} > 0"

    def chain(self, adjoint: Text, partial: Term) -> Text:
        """Write the product of an adjoint and a partial derivative.

        Parameters
        ----------
        adjoint : Text
            A name, if the derivative is a choice: it is written on both sides.
        partial : Term

        Returns
        -------
        Text
        """
        if id(partial) in self.known or partial.op not in ("choose", "where"):
            return self._times(adjoint, partial)
        a, b = (self.chain(adjoint, part).text for part in partial.operands[1:])
        return Text(f"np.where({self.condition(partial)}, {a}, {b})")

    def scaled(self, factor: float, partial: Term) -> Text:
        """Write the product of a number and a partial derivative.

        Parameters
        ----------
        factor : float
        partial : Term

        Returns
        -------
        Text
        """
        if id(partial) not in self.known and partial.op == "mul":
            known = number(partial.operands[0])
            if known is not None:
                return times(factor * known, self.write(partial.operands[1]))
        return times(factor, self.write(partial))

    def _times(self, adjoint: Text, partial: Term) -> Text:
        known = number(partial)
        if known is not None:
            return Text("0") if known == 0 else adjoint if known == 1 else times(known, adjoint)
        if partial.op == "div" and id(partial) not in self.known:
            numerator, divisor = partial.operands
            above = self._times(adjoint, numerator)
            return Text(f"{above.within(PRODUCT)} / {self.write(divisor).within(PRODUCT + 1)}", PRODUCT)
        if partial.op == "neg" and id(partial) not in self.known:
            product = self._times(adjoint, partial.operands[0])
            return Text(f"-{product.within(PRODUCT)}", PRODUCT)
        return Text(f"{adjoint.within(PRODUCT)} * {self.write(partial).within(PRODUCT)}", PRODUCT)


def is_choice(term: Term) -> bool:
    """Return whether the adjoint is written more than once in a product with this term.

    Parameters
    ----------
    term : Term

    Returns
    -------
    bool
    """
    return term.op in ("choose", "where")


def _is_plain(term: Term) -> bool:
    return term.op in ("operand", "number")


def _hypot(arguments: Sequence[str]) -> str:
    text = f"np.hypot({arguments[0]}, {arguments[1] if len(arguments) > 1 else 0})"
    for argument in arguments[2:]:
        text = f"np.hypot({text}, {argument})"
    return text
