"""Lines of programs that are too long for a page; what they say is decided by those who write them."""

from __future__ import annotations

import re

_WIDTH = 100
_LONG = 60


def folded(line: str, indent: str = "", width: int = _WIDTH) -> list[str]:
    """Return a line as several where it is too long, broken after commas in brackets, unless text is in it.

    Parameters
    ----------
    line : str
    indent : str
        What goes before it.
    width : int

    Examples
    --------
    >>> folded("a, b = f(first, second)", "  ", width=18)
    ['  a, b = f(first,', '      second)']
    """
    line = indent + line
    if len(line) <= width or "'" in line or '"' in line:
        return [line]
    deeper = " " * (len(line) - len(line.lstrip()) + 4)
    first, *others = _pieces(line)
    lines = [first]
    for piece in others:
        if len(lines[-1]) + 1 + len(piece) <= width:
            lines[-1] += f" {piece}"
        else:
            lines.append(deeper + piece)
    return lines


def _pieces(line: str) -> list[str]:
    """Return a line cut after its commas in brackets."""
    pieces = [""]
    depth = 0
    for part in re.split("(?<=,) ", line):
        pieces[-1] += part
        depth += len(re.findall(r"[(\[{]", part)) - len(re.findall(r"[)\]}]", part))
        if depth:
            pieces.append("")
        else:
            pieces[-1] += " "
    pieces[-1] = pieces[-1].removesuffix(" ")
    return pieces


def in_brackets(names: str) -> str:
    """Return a list of names in brackets, within which lines may end, if it is long.

    Examples
    --------
    >>> in_brackets("C, dw"), in_brackets("C, gradient_of_the_weights, gradient_of_the_biases, gradient_of_x")
    ('C, dw', '(C, gradient_of_the_weights, gradient_of_the_biases, gradient_of_x)')
    """
    return f"({names})" if len(names) > _LONG else names
