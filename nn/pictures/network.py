"""A network as in the books: circles in columns, weights as lines. Laid out here, drawn by Graphviz."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd_lite import Value, no_grad
from autograd_lite.names import options_told
from autograd_lite.writing import PLAIN, short, symbol

from ..neurons import Network
from .colours import fill_colour, line_colour

if TYPE_CHECKING:
    from autograd_lite.draw.picture import Picture

# Lengths in points.
_RADIUS = 27
_SLOT = 78  # from circle to circle, with room for the bias between them
_GAP = 180  # from column to column, at least
_NUMBER_HEIGHT, _NUMBER_WIDTH = 14, 46
_THINNEST = 0.8
_FEW_WEIGHTS = 12


@options_told
def draw_network(
    mlp: Network,
    x: Sequence[Any] | None = None,
    *,
    gradients: bool = False,
    numbers: bool | None = None,
    max_neurons: int = 8,
    wrong: Collection[str] = (),
) -> Picture:
    """Draw a network as circles in columns, from the input on the left to the output on the right.

    A line is a weight: the wider and the stronger in colour, the larger is |w|; orange and solid if positive,
    blue and dashed if negative. Its value shows when one points at it. A bias stands below its neuron.
    ``draw(mlp, x, size="slide")``, of autograd_lite, makes it as large as a slide.

    Parameters
    ----------
    mlp : MLP
    x : sequence of number or Value, shape (n_0,), optional
        One sample; its activations are written in the circles, which they fill.
    gradients : bool
        Whether the lines and biases show ∂C/∂w and ∂C/∂b, as the last ``backward`` left them, in place of w
        and b.
    numbers : bool, optional
        Whether each line carries its number; by default where no layer has more than 12 weights.
    max_neurons : int
        The places in a column, at least 3: of a wider layer it shows the first neurons and the last, and
        between them how many more there are.
    wrong : collection of str
        Names of parameters to mark with ✗, such as those whose gradients a function under test has wrong;
        headings say of each layer how many there are, with ✓ where there is none.

    Returns
    -------
    graphviz.Digraph
        ``.save("network.svg")`` writes a file; in a notebook it shows itself.

    Raises
    ------
    TypeError
        If mlp is not an MLP, or a weight is a number that no float can hold.
    ValueError
        If x does not fit, a weight or gradient is not finite, or max_neurons is below 3.

    Examples
    --------
    >>> from nn import MLP
    >>> picture = draw_network(MLP(2, [3, 1], seed=0), x=[0.5, -1.0])
    >>> "w¹₂₁ = " in picture.source
    True
    """
    # Graphviz's interface is imported here, for training a network needs none of it.
    from autograd_lite.draw.picture import Picture

    if not isinstance(mlp, Network):
        raise TypeError(f"draw_network takes an MLP, not {type(mlp).__name__} {mlp!r}")
    if isinstance(max_neurons, bool) or not isinstance(max_neurons, int) or max_neurons < 3:
        raise ValueError(f"max_neurons must be a whole number of at least 3, not {max_neurons!r}")
    picture = Picture(
        engine="neato",  # it leaves what has a place where it is
        graph_attr={"bgcolor": "white", "splines": "line", "outputorder": "edgesfirst", "pad": "0.15"},
        node_attr={"fontname": "Arial", "fontsize": "11", "shape": "plain"},
        edge_attr={"arrowhead": "none", "fontname": "Arial"},
    )
    _Drawing(picture, mlp, x, gradients, numbers, max_neurons, frozenset(wrong)).draw()
    return picture


class _Column(NamedTuple):
    """One layer, or the input: the neurons that are shown, and their places from the top."""

    n: int
    shown: list[int]
    x: float

    @property
    def slots(self) -> int:
        return len(self.shown) + (len(self.shown) < self.n)

    def height(self, slot: int, pitch: float) -> float:
        return ((self.slots - 1) / 2 - slot) * pitch

    def places(self, pitch: float) -> Iterator[tuple[int, float]]:
        """Yield each neuron that is shown, and its height; what is left out takes the last slot but one."""
        for i, j in enumerate(self.shown):
            yield j, self.height(i if j == i else self.slots - 1, pitch)


class _Drawing:
    """One picture in the making."""

    def __init__(
        self,
        picture: Picture,
        mlp: Network,
        x: Sequence[Any] | None,
        gradients: bool,
        numbers: bool | None,
        max_neurons: int,
        wrong: frozenset[str],
    ) -> None:
        self.picture, self.mlp, self.gradients, self.wrong = picture, mlp, gradients, wrong
        self.activations = None if x is None else _activations(mlp, x)
        # What a line stands for: of every weight, so that leaving some out changes nothing about the others.
        self.shown = {name: self.number(name, p) for name, p in mlp.named_parameters()}
        self.largest = max(abs(v) for name, v in self.shown.items() if name.startswith("w"))
        widths = [mlp.n_in, *(layer.n_out for layer in mlp.layers)]
        shown = [_shown(n, max_neurons) for n in widths]
        most_weights = max(a * b for a, b in pairwise(widths))
        self.numbers = most_weights <= _FEW_WEIGHTS if numbers is None else numbers
        # The more lines between two columns, the thinner they are, or nothing could be told apart.
        lines = [len(a) * len(b) for a, b in pairwise(shown)]
        self.weights_drawn = sum(lines), sum(a * b for a, b in pairwise(widths))
        self.thickest = min(6.0, max(2.5, 24 / math.sqrt(max(lines))))
        slots = [_Column(n, s, 0).slots for n, s in zip(widths, shown, strict=True)]
        self.pitch: float = _SLOT
        if self.numbers:  # the numbers beside a column stand one above the other: see `draw_weight`
            self.pitch = max(_SLOT, _NUMBER_HEIGHT * (max(slots[1:]) + 1))
        self.columns: list[_Column] = []
        at = 0.0
        for l, (n, some) in enumerate(zip(widths, shown, strict=True)):
            self.columns.append(_Column(n, some, at))
            at += self.gap(slots[l : l + 2])
        self.top = (max(slots) - 1) / 2 * self.pitch

    def number(self, name: str, parameter: Value) -> float:
        entry, what = (parameter.grad, "∂C/∂") if self.gradients else (parameter.data, "")
        try:
            number = float(entry)
        except (TypeError, ValueError, OverflowError):
            raise TypeError(
                f"{what}{name} is {entry!r}; only numbers that a float can hold can be drawn"
            ) from None
        if not math.isfinite(number):
            raise ValueError(f"{what}{name} is {number}; only finite numbers can be drawn")
        return number

    def gap(self, slots: list[int]) -> float:
        """Return the distance to the next column: lines not too steep, and numbers clear of the circles."""
        clear = (_RADIUS + 6 + _NUMBER_WIDTH / 2) * (slots[-1] + 1) if self.numbers else 0
        return max(_GAP, 0.45 * max(slots) * self.pitch, clear)

    def draw(self) -> None:
        for l, column in enumerate(self.columns):
            self.write_heading(l, column)
            for j, y in column.places(self.pitch):
                self.draw_neuron(l, j, column.x, y)
            if column.slots > len(column.shown):
                y = column.height(column.slots - 2, self.pitch)
                self.write(f"more{l}", f"•\n•\n•\n{column.n - len(column.shown):,} more", column.x, y)
        for l in range(1, len(self.columns)):
            for j, y in self.columns[l].places(self.pitch):
                for k, y_before in self.columns[l - 1].places(self.pitch):
                    self.draw_weight(l, j, k, y, y_before)
        self.draw_legend()

    def write(self, name: str, text: str, x: float, y: float, size: int = 11, **attributes: str) -> None:
        """Write on a white plate: a line that would run through the text runs behind it."""
        self.picture.node(
            name,
            label=text,
            pos=_position(x, y),
            shape="box",
            style="filled",
            color="white",
            fillcolor="white",
            margin="0.01,0.01",
            width="0",
            height="0",
            fontsize=str(size),
            **attributes,
        )

    def write_heading(self, l: int, column: _Column) -> None:
        lines = ["input" if l == 0 else f"layer {l}", f"{column.n:,} number{'s' * (column.n != 1)}"]
        if l:
            layer = self.mlp.layers[l - 1]
            sigma = layer.activation
            sigma = sigma if isinstance(sigma, str) else getattr(sigma, "__name__", "a function")
            lines[0] += " (output)" * (l == len(self.mlp.layers))
            lines[1] = f"{column.n:,} neuron{'s' * (column.n != 1)}, {sigma}"
            if layer.bias == "layer":
                lines.append(f"{self.mark(f'b[{l}]')}one bias, {self.equation(f'b[{l}]')}")
        if l and self.wrong:
            lines += self.score(l)
        # As many lines in each heading, if only of a space, so that they stand side by side.
        most = 2 + any(layer.bias == "layer" for layer in self.mlp.layers) + 2 * bool(self.wrong)
        lines += ["\u00a0"] * (most - len(lines))
        self.write(f"heading{l}", _text("\n".join(lines)), column.x, self.top + _RADIUS + 34, size=12)

    def score(self, l: int) -> list[str]:
        """Say how many weights and biases of a layer are wrong."""
        parts = []
        layer = self.mlp.layers[l - 1]
        for letter, n in (("w", layer.n_out * layer.n_in), ("b", len(layer.biases))):
            bad = sum(name.startswith(f"{letter}[{l}]") for name in self.wrong)
            if n:
                parts.append(f"✗ {letter}: {bad} of {n} wrong" if bad else f"✓ {letter}: right")
        return parts

    def mark(self, name: str) -> str:
        return "✗ " if name in self.wrong else ""

    def equation(self, name: str, digits: int = 3) -> str:
        """Write ``w¹₀₂ = 0.31``, or ``∂C/∂w¹₀₂ = 0.31``."""
        written = PLAIN.symbol(symbol(name, layered=True))
        named = PLAIN.partial("C", written) if self.gradients else written
        return f"{named} = {short(self.shown[name], digits)}"

    def draw_neuron(self, l: int, j: int, x: float, y: float) -> None:
        label, fill = PLAIN.symbol(symbol(f"a[{l}][{j}]")), "white"
        tooltip = label
        if self.activations is not None:
            a = self.activations[l]
            label = f"{tooltip}\n{short(a[j], 2)}"
            tooltip += f" = {short(a[j], 6)}"
            fill = fill_colour(a[j], max(map(abs, a)))
        self.picture.node(
            f"a{l}_{j}",
            label=label,
            pos=_position(x, y),
            shape="circle",
            fixedsize="true",
            width=_inches(2 * _RADIUS),
            style="filled",
            fillcolor=fill,
            color="#333333",
            fontsize="12",
            tooltip=tooltip,
        )
        if f"b[{l}][{j}]" in self.shown:
            bias = f"b[{l}][{j}]"
            self.write(f"b{l}_{j}", self.mark(bias) + self.equation(bias), x, y - _RADIUS - 9, size=10)

    def draw_weight(self, l: int, j: int, k: int, y: float, y_before: float) -> None:
        name = f"w[{l}][{j},{k}]"
        number = self.shown[name]
        self.picture.edge(
            f"a{l - 1}_{k}",
            f"a{l}_{j}",
            tooltip=self.mark(name) + self.equation(name, digits=6),
            **self.line(number),
        )
        if self.numbers or name in self.wrong:
            # On the line, at the share t of the way. With m neurons to lead to, t = 1/(m + 1) puts the
            # numbers of all lines at equal distances: y = (m·y_before + y) / (m + 1).
            before, after = self.columns[l - 1 : l + 1]
            t = 1 / (after.slots + 1)
            x = before.x + t * (after.x - before.x)
            text = self.mark(name) + (short(number, 2) if self.numbers else "")
            self.write(f"w{l}_{j}_{k}", text, x, y_before + t * (y - y_before), size=10)

    def line(self, number: float) -> dict[str, str]:
        """Return the look of a number's line: width and strength show its size, hue and dash its sign."""
        share = abs(number) / self.largest if number else 0.0
        return {
            "color": line_colour(number, self.largest),
            "penwidth": f"{_THINNEST + (self.thickest - _THINNEST) * share:.3f}",
            "style": "dashed" if number < 0 else "solid",
        }

    def draw_legend(self) -> None:
        what = "∂C/∂w" if self.gradients else "w"
        rows: list[tuple[str, float]] = [
            (f"{what} positive: solid, orange", 0.6 * self.largest),
            (f"{what} negative: dashed, blue", -0.6 * self.largest),
            (f"widest and strongest: |{what}| = {short(self.largest, 3)}; thinnest: 0", self.largest),
        ]
        if not self.largest:
            rows = [(f"every {what} is 0" + "; has backward() been called?" * self.gradients, 0.0)]
        if self.activations is not None:
            rows.append(
                ("in a circle: its activation; colour: its size within the column, blue if negative", 0)
            )
        if self.wrong:
            rows.append(("✗: its gradient is wrong", 0))
        drawn, total = self.weights_drawn
        if drawn < total:
            rows.append((f"{drawn:,} of {total:,} weights are drawn", 0))
        y = -self.top - _RADIUS - 44
        for i, (text, number) in enumerate(rows):
            self.draw_legend_row(i, text, number, y - 18 * i)

    def draw_legend_row(self, i: int, text: str, number: float, y: float) -> None:
        left = -_RADIUS
        if number:
            for end, x in (("from", left), ("to", left + 44)):
                self.picture.node(
                    f"{end}{i}", label="", shape="point", style="invis", width="0", pos=_position(x, y)
                )
            self.picture.edge(f"from{i}", f"to{i}", **self.line(number))
            left += 52
        # A node's place is its middle: its width has to be known for its text to start at a given place.
        width = 6 * len(text)
        self.picture.node(
            f"legend{i}",
            label=f"{text}\\l",
            pos=_position(left + width / 2, y),
            shape="box",
            penwidth="0",
            margin="0",
            width=_inches(width),
            height="0.2",
        )


def _activations(mlp: Network, x: Sequence[Any]) -> list[list[float]]:
    """Return a⁰, the sample itself, to aᴸ."""
    with no_grad():
        columns: list[Sequence[Any]] = [x]
        for layer in mlp.layers:
            columns.append(layer(columns[-1]))
    numbers = [[float(v) for v in column] for column in columns]
    for l, column in enumerate(numbers):
        for j, number in enumerate(column):
            if not math.isfinite(number):
                raise ValueError(f"a[{l}][{j}] is {number}; only finite numbers can be drawn")
    return numbers


def _shown(n: int, most: int) -> list[int]:
    """Return the neurons that a column shows: all, or the first ones and the last."""
    return list(range(n)) if n <= most else [*range(most - 2), n - 1]


def _position(x: float, y: float) -> str:
    return f"{_inches(x)},{_inches(y)}!"


def _inches(points: float) -> str:
    return f"{points / 72:.4f}"


def _text(text: str) -> str:
    """Return a label in which nothing has a meaning for Graphviz."""
    return text.replace("\\", "\\\\")
