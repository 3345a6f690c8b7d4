"""Runs a program that somebody types, and shows what its expressions are.

It runs in the playground's worker, where it is all of Python that the page calls, and anywhere else in tests.
"""

from __future__ import annotations

import ast
import linecache
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from io import TextIOBase
from types import CodeType
from typing import Any, TypeAlias

from autograd_lite import RULES, Value, explore, topological_order
from autograd_lite.extending import forget
from autograd_lite.markup import picture

from ..curve import cost_curve

Show: TypeAlias = Callable[[str, str, int], None]
"""Called with a kind, a content, and the line that it is about, or 0.

The kinds are ``"text"``, as printed; ``"html"``; ``"page"``, the explorer; ``"advice"`` and ``"error"``.
"""

_FILE = "<your program>"
_MOST_LETTERS, _AT_ONCE, _PIECE, _FEW = 200_000, 10_000, 2_000, 12
_MODULES = "There are Python's own modules, autograd_lite, nn and, with a network, numpy: no others."
_ROWS = frozenset(RULES)


class _Output(TextIOBase):
    """What the program prints, and what shows itself as text, until it is too much to be read.

    What comes first is shown at once; after that in pieces, for each takes a browser some time.
    """

    def __init__(self, show: Show) -> None:
        self._show = show
        self._letters = 0
        self._held = ""

    def write(self, text: str) -> int:
        self._letters += len(text)
        if self._letters > _MOST_LETTERS:
            raise RuntimeError(
                f"more than {_MOST_LETTERS:,} letters to show: print less, or is there a loop without end?"
            )
        self._held += text
        if self._letters < _AT_ONCE or len(self._held) > _PIECE:
            self.flush()
        return len(text)

    def flush(self) -> None:
        if self._held:
            self._show("text", self._held, 0)
        self._held = ""


def run(program: str, show: Show) -> None:
    r"""Run a program, and show what it prints, each expression that stands for itself, and its last graph.

    An expression that is a statement shows itself as in a notebook. The explorer is that of the Value named
    last, if it was computed.

    Parameters
    ----------
    program : str
    show : callable
        Is called as ``show(kind, content, line)``.

    Raises
    ------
    ModuleNotFoundError
        If the program needs NumPy, and it is not there: the page may load it, and begin again.

    Examples
    --------
    >>> shown = []
    >>> run("2 + 3\nprint('four')\n1 / 0", lambda *what: shown.append(what))
    >>> shown[:3]
    [('text', '5\n', 0), ('text', 'four', 0), ('text', '\n', 0)]
    >>> shown[3]
    ('error', 'line 3: 1 / 0\nZeroDivisionError: division by zero', 3)
    """
    for name in RULES.keys() - _ROWS:  # whoever runs a program again enters its rows again
        forget(RULES[name])
    linecache.cache[_FILE] = (len(program), None, program.splitlines(keepends=True), _FILE)
    namespace: dict[str, Any] = {"__name__": "__main__", "input": _ask_nobody}
    last: Value | None = None
    output = _Output(show)
    line = 0
    try:
        with redirect_stdout(output), redirect_stderr(output):
            for statement in ast.parse(program, _FILE).body:
                line = statement.lineno
                if isinstance(statement, ast.Expr):
                    code = _compiled(ast.Expression(statement.value))
                    _show_value(eval(code, namespace), show, output, line)
                else:
                    exec(_compiled(ast.Module([statement], [])), namespace)
                last = _computed(statement, namespace) or last
    except BaseException as error:  # also what the program raises to end itself
        output.flush()
        if isinstance(error, ModuleNotFoundError) and error.name == "numpy":
            raise
        _show_error(error, line, show)
    output.flush()
    if last is not None:
        _show_graph(last, show)
    held = [*namespace.values(), last]
    last = None
    namespace.clear()
    _let_go(held)


def _let_go(held: list[Any]) -> None:
    """Free graphs node by node, roots first: a long chain freed at once overflows a browser's stack."""
    while held:
        root = held.pop()
        nodes: list[Value] = []
        if isinstance(root, Value):
            with suppress(ValueError):  # there is a cycle
                nodes = topological_order(root)
        del root
        while nodes:
            nodes.pop()


def _ask_nobody(prompt: object = "") -> str:
    raise OSError("input() has nobody to ask here: write what would be typed into the program")


def _compiled(tree: ast.Expression | ast.Module) -> CodeType:
    mode = "eval" if isinstance(tree, ast.Expression) else "exec"
    return compile(tree, _FILE, mode, dont_inherit=True)  # nothing from __future__, as this file


def _computed(statement: ast.stmt, namespace: dict[str, Any]) -> Value | None:
    """Return the Value that a statement names last and that was computed of others."""
    names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    for name in sorted(names, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        value = namespace.get(name.id)
        if isinstance(value, Value) and value.parents:
            return value
    return None


def _show_value(value: Any, show: Show, output: _Output, line: int) -> None:
    """Show a value in its rich form, numbers as a curve too, all else as text, and None not at all."""
    if value is None:
        return
    bundle: dict[str, str] = getattr(value, "_repr_mimebundle_", dict)() or {}
    html = bundle.get("text/html") or getattr(value, "_repr_html_", lambda: None)()
    if html:
        output.flush()
        show("html", html, line)
        return
    numbers = _as_floats(value)
    if len(numbers) <= _FEW:
        output.write(f"{value!r}\n")
    if len(numbers) > 2:
        output.flush()
        svg, words = cost_curve(numbers)
        image = picture(lambda: svg, f"A curve, {words}")
        show("html", f"{image}<p>{len(numbers)} numbers; the axis: {words}</p>", line)


def _as_floats(value: Any) -> list[float]:
    """Return a list of numbers as floats, and an empty list for all else."""
    if not isinstance(value, list) or not all(isinstance(y, (int, float)) for y in value):
        return []
    try:
        return [float(y) for y in value]
    except OverflowError:  # an int that no float comes near
        return []


def _show_graph(root: Value, show: Show) -> None:
    try:
        show("page", explore(root).html, 0)
    except Exception as error:  # a picture is never what a program fails by
        show("advice", str(error), 0)


def _show_error(error: BaseException, line: int, show: Show) -> None:
    """Show the program's own lines, from the statement that ran, and what the error says."""
    if isinstance(error, SyntaxError) and error.filename == _FILE:
        show("error", f"line {error.lineno}: {error.msg}", error.lineno or 0)
        return
    frames = [one for one in traceback.extract_tb(error.__traceback__) if one.filename == _FILE]
    lines = [one.lineno or 0 for one in frames] or [line]
    told = [f"line {number}: {linecache.getline(_FILE, number).strip()}" for number in lines]
    if len(told) > _FEW:
        told[_FEW // 2 : -_FEW // 2] = ["…"]
    message = "".join(traceback.format_exception_only(type(error), error)).strip()
    if isinstance(error, ModuleNotFoundError):
        message += f"\n{_MODULES}"
    show("error", "\n".join([*told, message]), lines[-1])
