"""The tour as a page to look at: one HTML file without scripts that needs nothing else.

It links to the pages on which one steps through the graphs, which stand beside it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, TypeAlias

from autograd_lite import Value, draw, explain, explore
from autograd_lite.draw.explorer.page import asset
from autograd_lite.writing import PLAIN, symbol

from ..data.dataset import Dataset
from ..explorer import explore_network
from ..pictures.boundary import surface
from ..pictures.network import draw_network
from ..report import ENGINE
from .charts import cost_curve, legend, plane
from .results import Comparison, Training
from .screen import METHODS, told_of_cost, verdict, whole

_Cell: TypeAlias = str | tuple[str, str]
"""The text of a cell, or a pair of it and its kind."""

_MOST_ROWS = 500
"""A longer table makes a heavy page, and gradients.txt has it all."""


def tour_page(
    neuron: Value, training: Training, sample: int, cost: Value, comparison: Comparison, refusal: str = ""
) -> str:
    """Return the page.

    Parameters
    ----------
    neuron : Value
        As :func:`nn.tour.example_neuron` returns it.
    training : Training
    sample : int
    cost : Value
        The graph of its cost.
    comparison : Comparison
    refusal : str, optional
        Why there is no page to step through the network; nothing where there is one, ``network.html``.

    Returns
    -------
    str
        HTML.
    """
    mlp, x = training.mlp, training.parts[0].inputs[sample]
    first_weight = next(leaf for leaf in neuron.parents[0].parents if leaf.label == "w[0]")
    weight = mlp.weights(1)[0][0]
    network_page = (
        f"There is no page to step through this network: {html.escape(refusal)}."
        if refusal
        else f'<a class="button" href="network.html">{_invitation(training)}</a>'
    )
    return Template(_asset("page.html")).substitute(
        style=asset("colours.css") + _asset("page.css"),
        data=html.escape(training.data.name),
        verdict=html.escape(verdict(comparison)),
        neuron=_picture(draw(neuron, partials=True), "neuron", _said_of(neuron)),
        neuron_rule=_scrolled(explain(neuron, first_weight).mathml(), "The chain rule of the first weight"),
        training=html.escape(_told(training)),
        curve=cost_curve(training.history),
        epochs=html.escape(told_of_cost(training)),
        decisions=_decisions(training),
        before=_picture(draw_network(training.before, x), "before", "The network before the training"),
        after=_picture(draw_network(mlp, x), "after", "The network after the training"),
        sample=str(sample),
        network_page=network_page,
        weight=html.escape(PLAIN.symbol(symbol("w[1][0,0]"))),
        chain=_scrolled(explain(cost, weight).mathml("recursion"), "The chain rule, node by node"),
        samples=f"{comparison.samples:,}",
        methods=_methods(comparison),
        table=_gradients(comparison),
    )


def network_page(training: Training, cost: Value, path: Path) -> str:
    """Write the page on which one steps through the network, or return why there is none.

    Data in the plane has the page that trains the network; other data that of one sample's cost.

    Parameters
    ----------
    training : Training
    cost : Value
        As :func:`nn.tour.sample_cost` returns it.
    path : Path

    Returns
    -------
    str
        Nothing where the page was written.

    Raises
    ------
    OSError
        If it can't be written.
    """
    title = f"The network that learned {training.data.name}"
    try:
        if len(training.data.feature_names) == 2:
            explore_network(training.mlp, training.parts[0], path, cost="cross_entropy", title=title)
        else:
            explore(cost, path, title=f"One sample’s cost in the network that learned {training.data.name}")
    except ValueError as error:
        return str(error)
    return ""


def _invitation(training: Training) -> str:
    if len(training.data.feature_names) == 2:
        return "Train this network in the browser, and move its samples"
    return "Step through the graph of this sample’s cost"


def _told(training: Training) -> str:
    data = training.data
    shares = " and ".join(
        f"{training.right(part)} of {len(part)} {what} samples" for what, part in training.named_parts()
    )
    return (
        f"A network of {len(training.mlp.parameters())} weights and biases learns to tell "
        f"{len(data.class_names)} classes by {len(data.feature_names)} features. It is right on {shares}."
    )


def _said_of(neuron: Value) -> str:
    """Return the graph of the neuron in words, for those who do not see it."""
    (z,) = neuron.parents
    leaves = ", ".join(
        f"{leaf.label} = {leaf.data:g} with the gradient {leaf.grad:.4g}"
        for leaf in sorted(z.parents, key=lambda leaf: leaf.label)
    )
    return f"The graph of the neuron: {leaves} lead to z = {z.data:g}, and z to a = {neuron.data:.4g}"


def _picture(picture: Any, prefix: str, label: str) -> str:
    """Return a picture as an element of the page, its ids apart from those of others."""
    svg: str = picture.pipe(encoding="utf-8")
    svg = re.sub(r"<title>.*?</title>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", svg)
    svg = svg.replace("<svg", f'<svg role="img" aria-label="{html.escape(label)}"', 1)
    return _scrolled(svg, label.partition(":")[0], "picture")


def _scrolled(content: str, label: str, kind: str = "scrolled") -> str:
    """Return what may be wider than a phone in a frame that scrolls, by keys too."""
    return f'<div class="{kind}" role="region" aria-label="{html.escape(label)}" tabindex="0">{content}</div>'


# --- what the network decides ---------------------------------------------------------------------------


def _decisions(training: Training) -> str:
    """Return the plane with its boundary or, of samples with other than two features, confusion tables."""
    if len(training.data.feature_names) == 2:
        train = training.parts[0]
        seen = surface(training.mlp, train, 0.0)
        caption = f"Which class the network gives to each point; {seen.score}"
        chart = f"{plane(seen, train)}{legend(train.class_names)}"
        return f"<figure>{chart}<figcaption>{html.escape(caption)}</figcaption></figure>"
    return f"<div>{''.join(_confusion(training, what, part) for what, part in training.named_parts())}</div>"


def _confusion(training: Training, what: str, part: Dataset) -> str:
    counts = training.confusion(part)
    names = part.class_names
    rows = [
        [
            name,
            *((str(counts[k, given] or "·"), "right" if k == given else "") for given in range(len(names))),
        ]
        for k, name in enumerate(names)
    ]
    caption = f"The {len(part)} {what} samples: a row is their class, a column what the network says"
    return _table(caption, ["", *names], rows)


# --- gradients ------------------------------------------------------------------------------------------


def _methods(comparison: Comparison) -> str:
    rows: list[list[Any]] = []
    for method, meaning in METHODS.items():
        digits = "" if method == ENGINE else whole(comparison.fewest(method))
        rows.append([method, (meaning, "words"), digits])
    caption = "The four ways, and the digits to which every gradient agrees with the engine’s"
    return _table(caption, ["way", ("what it is", "words"), "digits"], rows)


def _gradients(comparison: Comparison) -> str:
    """Return the table of all gradients, with the digits in agreement after each method's."""
    report = comparison.report
    head, rows = ["∂C/∂", ENGINE], []
    for method in comparison.digits:
        head += [method, "digits"]
    for i, name in enumerate(report.names[:_MOST_ROWS]):
        row = [name, _number(report.methods[ENGINE][i])]
        for method, digits in comparison.digits.items():
            row += [_number(report.methods[method][i]), whole(digits[i])]
        rows.append(row)
    caption = f"The gradients of all {len(report.names)} weights and biases"
    if len(report.names) > _MOST_ROWS:
        caption += f": the first {_MOST_ROWS}, for gradients.txt has them all"
    return _table(caption, head, rows)


def _number(number: Any) -> str:
    text = f"{number:.15g}" if isinstance(number, float) else str(number)
    return "–" if text == "nan" else text.replace("-", "−")


def _table(caption: str, head: Sequence[_Cell], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table; the first cell of a row is its heading."""
    titles = "".join(_cell(title, "th", "col") if title else "<td></td>" for title in head)
    body = "".join(
        f"<tr>{_cell(name, 'th', 'row')}{''.join(map(_cell, cells))}</tr>" for name, *cells in rows
    )
    table = (
        f"<table><caption>{html.escape(caption)}</caption><thead><tr>{titles}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )
    return _scrolled(table, re.split("[:,]", caption)[0])


def _cell(cell: _Cell, tag: str = "td", scope: str = "") -> str:
    text, kind = cell if isinstance(cell, tuple) else (cell, "")
    of = f' scope="{scope}"' * bool(scope) + f' class="{kind}"' * bool(kind)
    return f"<{tag}{of}>{html.escape(text)}</{tag}>"


def _asset(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
