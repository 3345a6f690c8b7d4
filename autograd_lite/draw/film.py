"""The backward pass as a film: values arrive from left to right, then gradients from right to left.

Each frame is the picture itself, less the numbers that are not known yet. Its boxes keep their places, for
their cells keep their sizes.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from autograd_lite.draw import draw
from autograd_lite.draw.frames import check_film, optional, write_film
from autograd_lite.draw.picture import Picture
from autograd_lite.draw.size import Sheet, sheet, view_of
from autograd_lite.draw.style import HIGHLIGHT, escaped, number, plain_text, text_width
from autograd_lite.graph import topological_order
from autograd_lite.numbers.failures import no_root
from autograd_lite.numbers.kinds import Number
from autograd_lite.value import Value
from autograd_lite.writing import PLAIN, symbols

_MOST_STEPS = 60
"""Of a pass; where there are more lines, those of a box, or of a column of boxes, arrive at once."""

_DPI, _MOST_ZOOM, _TOLD, _SHARE = 96, 2.5, 14, 0.8
_LEAST_WIDTH, _TOLD_SHARE = 380, 0.018

_BOX = re.compile(r"\s*(\w+) \[label=<(.*)>", re.DOTALL)
_EDGE = re.compile(r"\s*(\w+)(?::\w+)? -> (\w+)")
_ROW = re.compile(r"<TR>(.*?)</TR>", re.DOTALL)
_CELL = re.compile(r"<TD([^>]*)>((?:(?!<TD|</TD>).)*)</TD>", re.DOTALL)
_LABEL = re.compile(r"label=<.*?>(?= \w+=|\]\s*$)", re.DOTALL)


def animate_backward(
    root: Value, path: str | os.PathLike[str], *, seconds_per_step: float = 0.8, **options: Any
) -> Path:
    """Write a film of both passes through a graph: first its values arrive, then its gradients.

    In the first half operations compute their values, from the leaves to the root; in the second, gradients
    arrive, from the root to the leaves, each through the edges that are emphasised, and by the chain rule
    that is written below.

    Parameters
    ----------
    root : Value
        After ``root.backward()``.
    path : path
        Ends in ``.gif``, which needs Pillow, or in ``.mp4``, which needs imageio-ffmpeg as well.
    seconds_per_step : float
    **options
        Of the picture: see :func:`draw`. Unless they say otherwise, it has the size of a slide, every node of
        the graph, and no legend.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    TypeError
        If root is no Value.
    ValueError
        If there are no gradients yet, detail is "layers", or the path ends otherwise.
    ImportError
        If what writes films is missing: ``pip install pillow imageio-ffmpeg``.
    OSError
        If it can't be written; a file that was there before is left as it was.
    """
    if not isinstance(root, Value):
        raise no_root("animate_backward", "a Value, the root of a graph", root)
    path = check_film(path, seconds_per_step)
    if options.get("detail") == "layers":
        raise ValueError("by layers there is no value to follow: pass detail='neurons' or 'operations'")
    if root.grad == 0:
        raise ValueError("there are no gradients to be seen: call backward() on the root first")
    paper = sheet(options.pop("size", "slide"))
    # Every value is to be followed, however small it gets.
    film = _Film(draw(root, **{"detail": "neurons", "legend": False} | options), root, paper)
    view = view_of(film.told("").laid_out()["bb"], paper, _MOST_ZOOM)
    write_film(path, (_image(film.frame(step), view) for step in film.steps()), seconds_per_step)
    return path


class _Line(NamedTuple):
    """A value in a box: its name, its numbers as they are written, and the cells that show them."""

    name: str
    data: str
    value: int
    grad: str = ""
    gradient: int | None = None


class _Step(NamedTuple):
    """The names of the values and gradients known at a moment of the film, and of those that are new."""

    values: Collection[str]
    gradients: Collection[str]
    new: Sequence[str]
    backward: bool


def _words(cell: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", cell)).replace("\xa0", " ").replace("\\\\", "\\").strip()


def _lines(label: str) -> list[_Line]:
    """Read the values off a box: an equation, and the number beside it or the ∂C/∂w = … below it."""
    lines: list[_Line] = []
    count = 0
    for row in _ROW.findall(label):
        beside = False
        for _, content in _CELL.findall(row):
            words, is_of_gradient = _words(content), re.match("∂|grad = ", _words(content))
            if " = " in words and not is_of_gradient:
                name, _, data = words.partition(" = ")
                lines.append(_Line(name, data, count))
                beside = True
            elif words and lines and lines[-1].gradient is None and beside != bool(is_of_gradient):
                lines[-1] = lines[-1]._replace(grad=words.rpartition(" = ")[2], gradient=count)
            count += 1
    return lines


class _Film:
    """A picture, the values in it in the order of computation, and what each moment shows of them."""

    def __init__(self, picture: Picture, root: Value, paper: Sheet) -> None:
        self.picture, self.root = picture, root
        self.parts = picture.laid_out()
        left, low, right, high = map(float, self.parts["bb"].split(","))
        # As wide as the sheet will be, around a picture that is too small or too high to fill it.
        self.width = max(right - left, _LEAST_WIDTH, (high - low) * paper.width / paper.height)
        # However much smaller the picture has to be made, what is told of it can be read.
        self.size = max(_TOLD, _TOLD_SHARE * self.width)
        self.told_at = f"{(left + right) / 2:.2f},{low - 2 * self.size:.2f}"
        self.names = {node: plain_text(PLAIN.symbol(symbol)) for node, symbol in symbols(root).items()}
        self.nodes = {name: node for node, name in self.names.items()}
        self.leaves = {name for node, name in self.names.items() if not node.parents}
        self.lines = {box[1]: _lines(box[2]) for statement in picture.body if (box := _BOX.match(statement))}
        self.seen = {line.name: line for lines in self.lines.values() for line in lines}

    def steps(self) -> Iterator[_Step]:
        """Yield every moment of the film."""
        groups = self._groups()
        values = [name for group in groups for name in group if name in self.leaves]
        if values:
            yield _Step(list(values), (), list(values), False)
        for group in groups:
            new = [name for name in group if name not in self.leaves]
            values += new
            if new:
                yield _Step(list(values), (), new, False)
        gradients: list[str] = []
        for group in reversed(groups):
            gradients += group
            yield _Step(values, list(gradients), group[::-1], True)

    def _groups(self) -> list[list[str]]:
        """Return the names in the order of computation, in groups that arrive at once."""
        levels = self._levels()
        boxes = [
            part["name"] for part in sorted(self.parts["objects"], key=_height) if part["name"] in levels
        ]
        boxes = sorted(filter(self.lines.get, boxes), key=lambda box: levels[box])
        names = [[line.name for line in self.lines[box]] for box in boxes]
        if sum(map(len, names)) <= _MOST_STEPS:
            return [[name] for group in names for name in group]
        if len(names) <= _MOST_STEPS:
            return names
        columns = groupby(zip(boxes, names, strict=True), key=lambda pair: levels[pair[0]])
        return [[name for _, group in column for name in group] for _, column in columns]

    def _levels(self) -> dict[str, int]:
        """Return for each box how many edges lead to it at most, one after the other."""
        called = [part["name"] for part in self.parts["objects"]]
        before: dict[str, set[str]] = {name: set() for name in called}
        for edge in self.parts.get("edges", []):
            before[called[edge["head"]]].add(called[edge["tail"]])
        levels: dict[str, int] = {}
        for box in TopologicalSorter(before).static_order():
            levels[box] = 1 + max((levels[other] for other in before[box]), default=-1)
        return levels

    # --- one frame ---------------------------------------------------------------------------------------

    def frame(self, step: _Step) -> Picture:
        """Return the picture as it is at a moment."""
        frame = self.told(self._words(step))
        frame.body = [self._statement(statement, step) for statement in frame.body]
        return frame

    def told(self, text: str) -> Picture:
        """Return the whole picture with a line of text below."""
        picture: Picture = self.picture.copy()
        cell = f'ALIGN="LEFT" FIXEDSIZE="TRUE" WIDTH="{self.width:.0f}" HEIGHT="{2 * self.size:.0f}"'
        inside = f'<FONT COLOR="{HIGHLIGHT}" POINT-SIZE="{self.size:.1f}">{escaped(text) or "&#160;"}</FONT>'
        line = f'<<TABLE BORDER="0"><TR><TD {cell}>{inside}<BR ALIGN="LEFT"/></TD></TR></TABLE>>'
        room = {"width": f"{self.width / 72:.4f}", "height": f"{2 * self.size / 72:.4f}"}
        picture.node("told", label=line, pos=self.told_at, penwidth="0", fillcolor="none", **room)
        return picture

    def _statement(self, statement: str, step: _Step) -> str:
        if (box := _BOX.match(statement)) and (lines := self.lines.get(box[1])):
            counted = iter(range(10**6))
            return _CELL.sub(lambda cell: self._cell(cell, next(counted), lines, step), statement)
        if edge := _EDGE.match(statement):
            if not step.backward:
                statement = _LABEL.sub("", statement)
            if self._is_passed(edge[1], edge[2], step):
                look = f'color="{HIGHLIGHT}" fontcolor="{HIGHLIGHT}" penwidth=2.6'
                return re.sub(r" \[", f" [{look} ", statement, count=1)
        return statement

    def _cell(self, cell: re.Match[str], i: int, lines: Sequence[_Line], step: _Step) -> str:
        """Return a cell, without its number where that is not known, framed where it has just arrived."""
        attributes, content = cell.groups()
        for line in lines:
            if i == line.value:
                if line.name not in step.values:
                    content = re.sub("&#160;=.*?(?=<|$)", "", content)
                elif line.name in step.new and not step.backward:
                    attributes = _framed(attributes)
            elif i == line.gradient:
                if line.name not in step.gradients:
                    attributes, content = re.sub(' BGCOLOR="[^"]*"', "", attributes), "&#160;"
                elif line.name in step.new:
                    attributes = _framed(attributes)
        is_partial = _words(content).startswith("∂") and i not in [line.gradient for line in lines]
        if is_partial and " = " in _words(content) and not step.backward:
            content = "&#160;"
        return f"<TD{attributes}>{content}</TD>"

    def _is_passed(self, tail: str, head: str, step: _Step) -> bool:
        """Return whether what has just arrived came along an edge: to the first that is computed in a box."""
        if step.backward:
            return any(line.name in step.new for line in self.lines.get(tail, ())[-1:])
        computed = [line.name for line in self.lines.get(head, ()) if line.name not in self.leaves]
        return any(name in step.new for name in computed[:1])

    # --- what is told of it ------------------------------------------------------------------------------

    def _words(self, step: _Step) -> str:
        root, (name, *others) = self.names[self.root], step.new
        if step.backward:
            text = self._listed(PLAIN.partial(root, new) for new in step.new) if others else self._rule(name)
            return f"backward:   {text}"
        if others or name in self.leaves:
            return f"forward:   {self._listed(step.new)}"
        return f"forward:   {name} = {self.seen[name].data}"

    def _listed(self, names: Iterable[str]) -> str:
        """Return as many names as there is room for."""
        text = ""
        for name in names:
            if text_width(longer := f"{text}, {name}" if text else name, self.size) > _SHARE * self.width:
                return f"{text}, …"
            text = longer
        return text

    def _rule(self, name: str) -> str:
        """Tell how a gradient came about: ∂C/∂z = ∂C/∂a · ∂a/∂z = (−0.27) · 0.62 = −0.17."""
        root, node = self.names[self.root], self.nodes.get(name)
        uses = [
            (user, partial)
            for user in topological_order(self.root)
            for parent, partial in zip(user.parents, user.partials, strict=True)
            if parent is node
        ]
        steps = []
        # What the picture leaves out, such as the steps inside a cost, is no help in explaining it.
        if uses and all(self.names[user] in self.seen for user, _ in uses):
            by_user = [(self.names[user], user.grad, partial) for user, partial in uses]
            rule = (f"{PLAIN.partial(root, user)} · {PLAIN.partial(user, name)}" for user, _, _ in by_user)
            numbers = (f"{_factor(grad)} · {_factor(partial)}" for _, grad, partial in by_user)
            steps = [" + ".join(rule), " + ".join(numbers)]
        ends = PLAIN.partial(root, name), self.seen[name].grad
        while steps and text_width(" = ".join([ends[0], *steps, ends[1]]), self.size) > _SHARE * self.width:
            steps.pop(0)
        return " = ".join([ends[0], *steps, ends[1]])


def _height(part: Mapping[str, Any]) -> float:
    """Return how far down a part is."""
    return -float(part["pos"].split(",")[1]) if "pos" in part else 0.0


def _factor(x: Number) -> str:
    text = number(x)
    return PLAIN.group(text) if text.startswith("−") else text


def _framed(attributes: str) -> str:
    """Return the attributes of a cell with a border that shows it from afar."""
    kept = re.sub(r' (BORDER|COLOR|STYLE|CELLPADDING)="[^"]*"', "", attributes)
    return f'{kept} BORDER="2" COLOR="{HIGHLIGHT}" CELLPADDING="0"'


def _image(frame: Picture, view: str) -> Any:
    """Return a frame as an image of Pillow's."""
    frame.graph_attr |= {"viewport": view, "dpi": str(_DPI)}
    return optional("PIL.Image", "pillow").open(BytesIO(frame.pipe("png"))).convert("RGB")
