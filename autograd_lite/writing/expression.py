"""Expression: a number that remembers its formula. The rule book's rules, run on it, write themselves.

``partial_rule("tanh", 0, …)`` is the formula 1 − z², ready to be written in any dialect.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, TypeVar

from autograd_lite.numbers.kinds import Number, is_number
from autograd_lite.operators import Operators
from autograd_lite.ops import RULES, Operation
from autograd_lite.writing.dialects import PLAIN, Dialect
from autograd_lite.writing.parentheses import number_precedence, precedence, shown_operand
from autograd_lite.writing.symbols import Symbol

T = TypeVar("T")

_NAME, _NUMBER = "name", "number"
LONG = 6
"""A sum or product of more terms is shown by its first ones and its last."""


class Expression(Operators):
    """A formula: a name, a number, or a row of the rule book with its operands.

    Parameters
    ----------
    op : str
        ``"name"``, ``"number"`` or the name of a row.
    operands : tuple
        The ``Symbol``; the number; or Expressions.

    Examples
    --------
    >>> x = name("x")
    >>> str((x * x + 1) / 2)
    '(x · x + 1) / 2'
    """

    __slots__ = ("op", "operands")

    def __init__(self, op: str, operands: tuple[Any, ...]) -> None:
        self.op = op
        self.operands = operands

    @staticmethod
    def apply_operation(row: Operation, operands: Sequence[Any]) -> Expression:
        """Return the formula of a row; the rule book's functions call it."""
        return Expression(row.name, tuple(map(_as_expression, operands)))

    @property
    def pi(self) -> Expression:
        """The name π, for rules that compute with it."""
        return name("π")

    def _operator(self, name: str, *operands: Any) -> Expression:
        if not all(isinstance(operand, Expression) or is_number(operand) for operand in operands):
            return NotImplemented  # type: ignore[no-any-return]
        if name == "add" and not isinstance(operands[0], Expression) and operands[0] == 0:
            return _as_expression(operands[1])  # Python's sum starts with a 0 that nobody wrote
        return _simplified(name, *map(_as_expression, operands))

    def __bool__(self) -> bool:
        """Return True: a formula is that of a point in general position, where no name happens to be 0."""
        return not _is(self, 0)

    def write(self, dialect: Dialect = PLAIN, within: int = 0) -> str:
        """Write the formula.

        Parameters
        ----------
        dialect : Dialect
            ``PLAIN``, ``LATEX`` or ``MATHML``.
        within : int
            How tightly what stands around it binds: see :func:`autograd_lite.writing.precedence`. A formula
            that binds less comes in parentheses.

        Returns
        -------
        str

        Examples
        --------
        >>> (1 - name("a")).write(within=2)
        '(1 − a)'
        """
        text, binds = self._written(dialect)
        return dialect.group(text) if binds < within else text

    def _written(self, dialect: Dialect) -> tuple[str, int]:
        """Return the text and how tightly it binds."""
        if self.op == _NAME:
            # a¹², a's superscript 1 or 12, is not the square of a¹
            return dialect.symbol(self.operands[0]), 3 if self.operands[0].superscript else 4
        if self.op == _NUMBER:
            return dialect.number(self.operands[0]), number_precedence(self.operands[0])
        if self.op == "add":
            return self._sum_written(dialect)
        row = RULES[self.op]
        if row.variadic and "Σ" in row.notation:
            return _as_expression(row.value(*self.operands))._written(dialect)  # with all its terms
        first, hidden, last = elided(self.operands, LONG if row.variadic else len(self.operands))
        parts = [self._operand_written(dialect, i, operand) for i, operand in enumerate(first)]
        if hidden:
            parts += [dialect.dots, self._operand_written(dialect, 0, last[0])]
        return dialect.operation(self.op, parts), precedence(self.op)

    def _operand_written(self, dialect: Dialect, position: int, operand: Expression) -> str:
        return shown_operand(dialect, self.op, position, *operand._written(dialect))

    def _sum_written(self, dialect: Dialect) -> tuple[str, int]:
        terms: list[Expression] = []
        rest = self
        while rest.op == "add":
            rest, term = rest.operands
            terms.append(term)
        first, hidden, last = elided([rest, *reversed(terms)])
        texts = [self._operand_written(dialect, min(i, 1), term) for i, term in enumerate(first)]
        if hidden:
            texts += [dialect.dots, self._operand_written(dialect, 1, last[0])]
        return dialect.plus.join(texts), precedence("add")

    def __str__(self) -> str:
        return self.write()

    def __repr__(self) -> str:
        return f"Expression({self.write()!r})"


def name(letter: str | Symbol) -> Expression:
    """Return the formula that is just a name.

    Examples
    --------
    >>> str(-name("x"))
    '−x'
    """
    return Expression(_NAME, (letter if isinstance(letter, Symbol) else Symbol(letter),))


def number(x: Number) -> Expression:
    """Return the formula that is just a number.

    Examples
    --------
    >>> str(number(2.0) * name("x"))
    '2 · x'
    """
    return _as_expression(x)


def partial_rule(row: str, position: int, result: Expression, operands: Sequence[Expression]) -> Expression:
    """Return the partial derivative of a row as a formula of its operands and its result.

    Parameters
    ----------
    row : str
        A name in ``RULES``.
    position : int
        With respect to which operand.
    result : Expression
    operands : sequence of Expression

    Returns
    -------
    Expression

    Examples
    --------
    >>> x, y, z = name("x"), name("y"), name("z")
    >>> str(partial_rule("mul", 0, z, [x, y])), str(partial_rule("div", 1, z, [x, y]))
    ('y', '(−z) / y')
    >>> str(partial_rule("tanh", 0, z, [x]))
    '1 − z²'
    """
    if RULES[row].variadic:
        return partial_rules(row, result, operands)[position]
    try:
        return _as_expression(RULES[row].partials[position](result, *operands))
    except TypeError as error:
        raise _without_size(row, error) from error


def partial_rules(row: str, result: Expression, operands: Sequence[Expression]) -> list[Expression]:
    """Return the partial derivatives of a row by each of its operands: see :func:`partial_rule`."""
    try:
        if RULES[row].variadic:
            return list(map(_as_expression, RULES[row].partials[0](result, *operands)))
        return [_as_expression(rule(result, *operands)) for rule in RULES[row].partials]
    except TypeError as error:
        raise _without_size(row, error) from error


def _without_size(row: str, error: TypeError) -> TypeError:
    return TypeError(
        f"a rule of {row} asks for the size of a number, and a formula has none ({error}): write "
        "where(x, a, b), maximum or minimum instead of if, float() or max()"
    )


def elided(items: Sequence[T], most: int = LONG) -> tuple[Sequence[T], int, Sequence[T]]:
    """Split what is too long to show into its beginning, the number of items left out, and its last one.

    Parameters
    ----------
    items : sequence
    most : int
        How many to show in full; of more, half of that and the last.

    Returns
    -------
    tuple of sequence, int, sequence
        All of them, 0, and nothing, if they are few.

    Examples
    --------
    >>> elided("abcdef"), elided("abcdefgh")
    (('abcdef', 0, ''), ('abc', 4, 'h'))
    """
    if len(items) <= most:
        return items, 0, items[:0]
    shown = most // 2
    return items[:shown], len(items) - shown - 1, items[-1:]


def _as_expression(x: Any) -> Expression:
    if isinstance(x, Expression):
        return x
    if not is_number(x):
        raise TypeError(f"a formula is made of names and numbers, not {type(x).__name__} {x!r}")
    return Expression(_NUMBER, (_whole(x),))


def _whole(x: Number) -> Number:
    """Return 2 for 2.0 and for 4/2: a rule's own constants are shown without a decimal point."""
    return int(x) if isinstance(x, (float, Fraction)) and x == x // 1 else x


# --- what is not worth showing in a formula that a general rule leaves ----------------------------------

_UNITS = {"add": 0, "sub": 0, "div": 1, "pow": 1}


def _simplified(op: str, *operands: Expression) -> Expression:
    """Return x for x + 0, x − 0, x · 1, x / 1 and x¹; what is made of numbers is one."""
    if op in ("neg", "abs"):
        is_size = op == "abs" and operands[0].op == _NUMBER
        return number(abs(operands[0].operands[0])) if is_size else Expression(op, operands)
    if op == "mul":
        return _product(*operands)
    x, y = operands
    if op in _UNITS and _is(y, _UNITS[op]):
        return x
    return _computed(op, x, y) if x.op == y.op == _NUMBER else Expression(op, operands)


def _product(x: Expression, y: Expression) -> Expression:
    """Return a product with what is a number in it gathered in front, (2/n) · (a − y), and left out if 1."""
    (c, x_rest), (d, y_rest) = _coefficient(x), _coefficient(y)
    both = _computed("mul", c, d)
    rest = x_rest if y_rest is None else y_rest if x_rest is None else Expression("mul", (x_rest, y_rest))
    if rest is None or _is(both, 0):
        return both
    if _is(both, -1):
        return Expression("neg", (rest,))
    return rest if _is(both, 1) else Expression("mul", (both, rest))


def _coefficient(x: Expression) -> tuple[Expression, Expression | None]:
    """Split a product into its numerical factor and the rest, if there is any."""
    if x.op == _NUMBER:
        return x, None
    if x.op == "neg":
        return _as_expression(-1), x.operands[0]
    if x.op == "mul" and x.operands[0].op == _NUMBER:
        return x.operands[0], x.operands[1]
    return _as_expression(1), x


def _computed(op: str, x: Expression, y: Expression) -> Expression:
    """Return the number that an operation on numbers gives; the quotient of whole ones is a fraction."""
    numbers = x.operands[0], y.operands[0]
    exact = map(Fraction, numbers) if all(isinstance(n, int) for n in numbers) else numbers
    return _as_expression(RULES[op].value(*exact))


def _is(x: Expression, number: int) -> bool:
    return x.op == _NUMBER and bool(x.operands[0] == number)
