"""A laid out picture as TikZ, for papers: the shapes and places are Graphviz's, the texts mathematics.

What Graphviz draws comes as a list of strokes, each in the ink, fill and line set before it: see
https://graphviz.org/docs/outputs/canon/#xdot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograd_lite.writing import LATEX, Symbol

_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ˒", "0123456789+-=()n,", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎‚", "0123456789+-=(),", strict=True))
_SIGNS = {
    "∂": r"\partial ", "·": r"\cdot ", "×": r"\times ", "÷": r"\div ", "⊙": r"\odot ", "−": "-", "±": r"\pm ",
    "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "≈": r"\approx ", "→": r"\to ", "…": r"\ldots ", "′": "'",
    "∇": r"\nabla ", "∞": r"\infty ", "√": r"\surd ", "∛": r"\sqrt[3]{\,}", "°": r"^\circ ", "<": "{<}",
    ">": "{>}", ":": "{:}", "^": r"\mbox{\^{}}", "~": r"\sim ", "\\": r"\backslash ", '"': r"\mbox{''}",
    "`": r"\mbox{`}", "-": r"\mbox{-}", **{c: f"\\{c}" for c in "#$%&_{} "},
}  # fmt: skip
_LACKING = frozenset("«»ÐÞðþĄąĐđĘęĦħĮįĸĿŀŉŊŋŦŧŲųſ")
"""Of the letters of Europe those that the fonts of pdflatex have not, unless it is told to use others."""

_NO_LINE = "line width=0bp"
_OF_OTHERS = "".join(c for c in (*_SIGNS, *_RAISED, *_LOWERED) if not c.isascii())
_SCRIPTS = f"([{''.join(_RAISED)}]*)([{''.join(_LOWERED)}]*)"
_TOKEN = re.compile(
    rf"([A-Za-zÀ-ÖØ-öø-ſ]+|[Α-Ωα-ω]|\d[\d.]*){_SCRIPTS}| ?(=) ?"
    rf"|([^\x00-\u017f{_OF_OTHERS}Α-Ωα-ω]+){_SCRIPTS}|(.)",
    re.DOTALL,
)
# "for a slide", "A 2-3-1 network": no variable.
_ARTICLE = re.compile(r"[Aa](?= ([a-z]{2}|\d))")

_HEAD = r"""% Compile it with pdflatex, or with lualatex where a name has letters that pdflatex lacks;
% in a paper, \usepackage{standalone,tikz}, and \resizebox{\linewidth}{!}{\input{this_file}}.
\documentclass[tikz,border=4pt]{standalone}
\begin{document}
% A text, no wider than its place; letters of other scripts, where the compiler has them.
\providecommand\fit[2]{\setbox0\hbox{#2}\ifdim\wd0>#1\resizebox{#1}{!}{\box0}\else\box0\fi}
\providecommand\letters[1]{\ifdefined\Umathchar#1\else\textsf{[?]}\fi}
"""


def as_tikz(parts: Mapping[str, Any]) -> str:
    """Return a document with one TikZ picture.

    Parameters
    ----------
    parts : dict
        Graphviz's ``json``.

    Returns
    -------
    str
    """
    pen = _Pen()
    lines = [line for part in in_order(parts) for line in pen.drawn(part)]
    colours = "".join(f"\\definecolor{{c{code}}}{{HTML}}{{{code}}}\n" for code in pen.colours)
    body = "\n".join(f"  {line}" for line in lines)
    return (
        f"{_HEAD}{colours}\\begin{{tikzpicture}}[x=1bp,y=1bp,line width=1bp]\n"
        f"{body}\n\\end{{tikzpicture}}\n\\end{{document}}\n"
    )


def in_order(parts: Mapping[str, Any]) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Yield the strokes of each part of a picture, the hindmost first."""
    objects, edges = parts.get("objects", []), parts.get("edges", [])
    frames = [part for part in objects if "nodes" in part or "subgraphs" in part]
    nodes = [part for part in objects if not ("nodes" in part or "subgraphs" in part)]
    for part in (
        parts,
        *frames,
        *(edges + nodes if parts.get("outputorder") == "edgesfirst" else nodes + edges),
    ):
        for strokes in ("_draw_", "_tdraw_", "_hdraw_", "_ldraw_"):
            yield part.get(strokes, [])


def as_mathematics(text: str) -> str:
    r"""Return a text of a picture, such as ``∂C/∂w¹₀₂ = −0.5``, as LaTeX in math mode.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> as_mathematics("∂C/∂w¹₀₂ = −2·10⁻⁷")
    '\\partial C/\\partial w^{1}_{02} = -2\\cdot 10^{-7}'
    >>> as_mathematics("layer 1: the input")
    '\\mathrm{layer}\\ 1{:}\\ \\mathrm{the}\\ \\mathrm{input}'
    """
    return "".join(map(_token, _TOKEN.finditer(text.replace("\xa0", " "))))


def _token(found: re.Match[str]) -> str:
    word, upper, lower, equals, other, other_upper, other_lower, sign = found.groups()
    if equals:
        return " = "
    if sign in _RAISED:
        return f"{{}}^{{{_RAISED[sign]}}}"
    if sign:
        return _SIGNS.get(sign, sign if sign.isascii() else _boxed(sign))
    if _ARTICLE.match(found.string, found.start()):
        return rf"\mathrm{{{word}}}"
    scripts = ((_RAISED, "^", upper or other_upper or ""), (_LOWERED, "_", lower or other_lower or ""))
    upper, lower = ("".join(table[c] for c in signs) for table, _, signs in scripts)
    if word and word[0].isalpha():
        written = LATEX.symbol(Symbol(word, upper, (lower,) if lower else ()))
        if written.isascii():
            return written
        word = _boxed(word)
    elif other:
        other = "".join(c for c in other if c.isprintable() or c in "\u200c\u200d")
        word = rf"\mbox{{\letters{{{other}}}}}" if other else ""
    return word + (f"^{{{upper}}}" if upper else "") + (f"_{{{lower}}}" if lower else "")


def _boxed(word: str) -> str:
    """Return letters of one script as text, to be left out by a compiler that does not have them."""
    is_known = word < "\u0180" and _LACKING.isdisjoint(word)
    return rf"\mbox{{{word}}}" if is_known else rf"\mbox{{\letters{{{word}}}}}"


class _Pen:
    """What draws: its ink, fill and line, which hold until they change."""

    def __init__(self) -> None:
        self.colours: dict[str, None] = {}

    def drawn(self, strokes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Yield the commands for the strokes of one part."""
        ink = fill = line = weight = ""
        size = 10.0
        for stroke in strokes:
            kind = stroke["op"]
            if kind == "c":
                ink = self._colour(stroke["color"])
            elif kind == "C":
                fill = self._colour(stroke["color"])
            elif kind == "S":
                line = _line(stroke["style"], line)
            elif kind == "F":
                size = stroke["size"]
            elif kind == "t":
                weight = r"\bfseries\boldmath" if stroke["fontchar"] & 1 else ""
            elif kind == "T":
                yield _text(stroke, ink, size, weight)
            else:
                look = [f"draw={ink}"] if ink and line != _NO_LINE else []
                look += [f"fill={fill}"] if fill and kind in "PBE" else []
                if look:
                    options = ",".join([*look, line] if line and ink else look)
                    yield rf"\path[{options}] {_shape(stroke)};"

    def _colour(self, code: str) -> str:
        """Return the name of a colour; none for what is transparent."""
        if not code.startswith("#"):
            return code
        if code[7:] == "00":
            return ""
        self.colours[code[1:7].upper()] = None
        return f"c{code[1:7].upper()}"


def _line(style: str, before: str) -> str:
    """Return a line's options after a change of its width or of its dashes."""
    width = re.fullmatch(r"setlinewidth\(([\d.]+)\)", style)
    if width is None:
        kept = [option for option in before.split(",") if option.startswith("line width")]
        return ",".join(kept + [style] * (style in ("dashed", "dotted")))
    kept = [option for option in before.split(",") if option in ("dashed", "dotted")]
    return ",".join([*kept, f"line width={width[1]}bp"])


def _shape(stroke: Mapping[str, Any]) -> str:
    if stroke["op"] in "Ee":
        x, y, across, up = stroke["rect"]
        return f"({x:g},{y:g}) ellipse [x radius={across:g}, y radius={up:g}]"
    points = [f"({x:g},{y:g})" for x, y, *_ in stroke["points"]]
    if stroke["op"] in "Bb":
        curves = zip(points[1::3], points[2::3], points[3::3], strict=False)
        return points[0] + "".join(f" .. controls {a} and {b} .. {c}" for a, b, c in curves)
    return " -- ".join(points) + (" -- cycle" if stroke["op"] in "Pp" else "")


def _text(stroke: Mapping[str, Any], ink: str, size: float, weight: str) -> str:
    anchor = {"l": "base west", "c": "base", "r": "base east"}[stroke["align"]]
    x, y = stroke["pt"]
    # A size that LaTeX's own fonts have.
    size = 10.95 if size == 11 else size
    words = rf"\fontsize{{{size:g}}}{{{size:g}}}\selectfont{weight} ${as_mathematics(stroke['text'])}$"
    return (
        rf"\node[anchor={anchor},inner sep=0pt,text={ink or 'black'}] at ({x:g},{y:g}) "
        rf"{{\fit{{{stroke['width'] * 1.06 + 2:.1f}bp}}{{{words}}}}};"
    )
