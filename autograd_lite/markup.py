"""HTML for a notebook's cells: harmless text, tables, source in colours, pictures.

Colours are mixed with the notebook's own, to be readable on light and on dark. A notebook that came from
somebody else is shown without style, scripts, SVG and MathML until one trusts it: what is left then is to be
right too, and so pictures are images, and mathematics has a text beside it.
"""

from __future__ import annotations

import html
import keyword
import tokenize
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from itertools import accumulate
from typing import Any

_MOST_LINES = 400

_COLOURS = {
    "keyword": "#8250df",
    "number": "#0550ae",
    "string": "#0a6c3b",
    "comment": "#4d7a3a",
    "name": "#b35900",
}
_CODE_STYLE = "".join(
    f".autograd-lite-code .{kind}{{color:color-mix(in srgb,currentColor 45%,{colour})}}"
    for kind, colour in _COLOURS.items()
)
_KINDS = {tokenize.NUMBER: "number", tokenize.STRING: "string", tokenize.COMMENT: "comment"}

# What may be scrolled can be reached by keys.
_PRE = '<pre tabindex="0" style="font-family:monospace;max-height:36em;overflow:auto"'
_TABLE_STYLE = (
    ".autograd-lite-table{margin:.6em 0}"
    ".autograd-lite-table :is(th,td){padding:.2em .6em;white-space:nowrap;text-align:right}"
    ".autograd-lite-table :first-child:is(th,td){text-align:left}"
    ".autograd-lite-table caption{padding:.2em .6em;text-align:left}"
)


def escape(text: str) -> str:
    r"""Return text as it stands in HTML, in an element or an attribute.

    Parameters
    ----------
    text : str
        What no encoding can write, half of an emoji, is written as its number.

    Returns
    -------
    str

    Examples
    --------
    >>> print(escape("w < 1 & \ud83d"))
    w &lt; 1 &amp; \ud83d
    """
    return html.escape(text.encode(errors="backslashreplace").decode())


def table(rows: Sequence[Sequence[str]], caption: str) -> str:
    """Return a table that is read aloud with the names of its columns and rows.

    Parameters
    ----------
    rows : sequence of sequences of str
        The names of the columns, then the rows, each with its name first.
    caption : str
        What the table shows.

    Returns
    -------
    str

    Examples
    --------
    >>> table([["layer", "parameters"], ["1", "9"]], "Sizes").count("</th>")
    3
    """
    head, *body = rows
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'
        for name, *cells in body
    )
    content = (
        f'<table class="autograd-lite-table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table>"
    )
    group = f'<div role="group" aria-label="{escape(caption)}" tabindex="0" style="overflow-x:auto">'
    return f"<style>{_TABLE_STYLE}</style>{group}{content}</div>"


def folded(summary: str, content: str) -> str:
    """Return what opens by a click.

    Parameters
    ----------
    summary : str
        Text that is always there.
    content : str
        HTML.

    Returns
    -------
    str

    Examples
    --------
    >>> folded("Every gradient", "<p>…</p>")
    '<details><summary>Every gradient</summary><p>…</p></details>'
    """
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def preformatted(text: str) -> str:
    """Return text whose columns stay where they are, also where a page sets ``pre`` in another font.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> preformatted("a < b").endswith(">a &lt; b</pre>")
    True
    """
    return f"{_PRE}>{escape(text)}</pre>"


def picture(draw: Callable[[], Any], description: str) -> str:
    """Return a picture as an image, as wide as the cell at most; where it can't be drawn, why not.

    A picture is never what an output fails by.

    Parameters
    ----------
    draw : callable
        Returns a ``Picture``, or the text of an SVG.
    description : str
        What there is to see, for those who do not.

    Returns
    -------
    str

    Examples
    --------
    >>> picture(lambda: 1 / 0, "A graph")
    '<p>No picture: division by zero</p>'
    """
    try:
        drawn = draw()
        svg = drawn if isinstance(drawn, str) else drawn.pipe(format="svg", encoding="utf-8")
        data = b64encode(svg.encode()).decode()
    except Exception as error:
        return f"<p>No picture: {escape(str(error))}</p>"
    return (
        f'<img alt="{escape(description)}" src="data:image/svg+xml;base64,{data}" '
        'style="max-width:100%;height:auto">'
    )


def trusted_or_not(content: str, text: str) -> str:
    """Return what a trusted notebook shows as it is, with a text for one that is not.

    Of one that is not, JupyterLab takes away the uncommon ``all:revert``, so that the content is not shown,
    and the tags of ``noscript``, so that the text is.

    Parameters
    ----------
    content : str
        HTML with MathML or SVG, of which a notebook that is not trusted would keep the bare letters.
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> trusted_or_not("<math><mi>x</mi></math>", "x").count("x</")
    2
    """
    shown = f'<div tabindex="0" style="display:none;all:revert;overflow:auto hidden">{content}</div>'
    return f"{shown}<noscript>{preformatted(text)}</noscript>"


def code(source: str) -> str:
    """Return Python source in colours; of a long one the beginning.

    Parameters
    ----------
    source : str

    Returns
    -------
    str

    Examples
    --------
    >>> '<span class="keyword">return</span> x' in code("return x")
    True
    """
    lines = source.splitlines(keepends=True)
    shown = "".join(lines[:_MOST_LINES])
    parts, at = [], 0
    for start, end, kind in _tokens(shown):
        parts += [escape(shown[at:start]), f'<span class="{kind}">{escape(shown[start:end])}</span>']
        at = end
    parts.append(escape(shown[at:]))
    rest = len(lines) - _MOST_LINES
    more = f"<p>… {rest:,} more lines</p>" if rest > 0 else ""
    return f'<style>{_CODE_STYLE}</style>{_PRE} class="autograd-lite-code">{"".join(parts)}</pre>{more}'


def _tokens(source: str) -> Iterator[tuple[int, int, str]]:
    """Yield where a token begins and ends and what it is, of those that have a colour."""
    starts = [0, *accumulate(map(len, source.splitlines(keepends=True)))]
    before = ""
    try:
        for token in tokenize.generate_tokens(StringIO(source).readline):
            kind = _KINDS.get(token.type, "")
            if token.type == tokenize.NAME:
                kind = "keyword" if keyword.iskeyword(token.string) else "name" if before == "def" else ""
            before = token.string
            if kind:
                (row, column), (last_row, last_column) = token.start, token.end
                yield starts[row - 1] + column, starts[last_row - 1] + last_column, kind
    except (tokenize.TokenError, SyntaxError):
        return  # it was cut off in the middle of a statement: the rest has no colours
