"""Parentheses: how tightly a formula binds, and whether it needs them where it stands."""

from __future__ import annotations

import re

from autograd_lite.numbers.kinds import Number
from autograd_lite.ops import RULES
from autograd_lite.writing.dialects import PLAIN, Dialect, raised


def precedence(name: str) -> int:
    """Return how tightly the notation of a row binds: sums 1, products 2, powers 3, what stands alone 4.

    Examples
    --------
    >>> [precedence(name) for name in ("add", "mul", "pow", "tanh")]
    [1, 2, 3, 4]
    """
    outside = re.sub(r"\(.*?\)|\[.*\]|\|.*\|", "", RULES[name].notation)
    if re.search(r" [+−] |^−", outside):
        return 1
    if re.search(r"[·/]", outside):
        return 2
    return 3 if "^" in outside else 4


def number_precedence(x: Number) -> int:
    """Return how tightly a number binds as it is written: −2 as a sum, 1/3 as a product, 2 alone.

    Examples
    --------
    >>> from fractions import Fraction
    >>> number_precedence(-2.0), number_precedence(Fraction(1, 3)), number_precedence(0.5)
    (1, 2, 4)
    """
    text = PLAIN.number(x)
    if re.fullmatch(r"[\d.]+|∞|nan|[A-Za-z]\w*", text):
        return 4
    return 2 if re.fullmatch(r"\d+/\d+|[\d.]+·10[⁻⁰¹²³⁴-⁹]+", text) else 1


def shown_operand(dialect: Dialect, name: str, position: int, text: str, binds: int) -> str:
    """Return an operand's text, in parentheses where the operation around it binds more tightly.

    Parameters
    ----------
    dialect : Dialect
    name : str
        The row of the operation around it.
    position : int
        Which of its operands this is.
    text : str
    binds : int
        How tightly the operand itself binds: see :func:`precedence`.

    Returns
    -------
    str
    """
    around, notation = precedence(name), RULES[name].notation
    is_raised = f"^{{{position}}}" in notation
    held_together = dialect is not PLAIN and (name in ("div", "sqrt", "cbrt") or is_raised)
    if held_together or (is_raised and not raised(text).startswith("^")):
        needs = False  # by a fraction bar, a root's roof, a raised place
    elif f"{{{position}}}²" in notation or name in ("sqrt", "cbrt"):
        needs = binds <= 3
    elif around == 4:
        needs = binds <= 1 and bool(re.search(rf"[+·] ?\{{{position}\}}", notation))
    else:
        # a + (−b), a − (b + c), a / (b · c), (a^b)^c
        strict = (name in ("add", "sub", "div") and position == 1) or name in ("pow", "neg")
        needs = binds <= around if strict else binds < around
    return dialect.group(text) if needs else text
