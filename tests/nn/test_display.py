"""What notebooks and prompts show of networks, trainings and reports."""

import math
from base64 import b64decode
from xml.etree import ElementTree

import pytest

import nn
from nn import (
    MLP,
    SGD,
    Adam,
    GradientLog,
    History,
    check_backprop,
    compare_gradients,
    fit,
    per_sample_gradients,
)
from nn.curve import cost_curve
from nn.data import moons
from nn.matrix import MatrixMLP
from nn.report import GradientReport
from tests.fragments import parsed

SVG = "{http://www.w3.org/2000/svg}"


def images_of(root):
    images = [image.attributes for image in root.all("img")]
    assert all(image["alt"] for image in images)
    return [ElementTree.fromstring(b64decode(image["src"].partition(",")[2])) for image in images]


def column(table, i):
    (body,) = table.all("tbody")
    return [[cell.text for cell in row.children][i] for row in body.all("tr")]


# --- networks -------------------------------------------------------------------------------------------


def test_a_network_shows_its_picture_and_its_shapes():
    mlp = MLP(4, [8, 3], bias="layer", output_activation=math.tanh, seed=0)
    root = parsed(mlp._repr_html_())
    assert repr(mlp) in root.text
    assert len(images_of(root)) == 1
    (table,) = root.all("table")
    assert [th.text for th in table.all("thead")[0].all("th")] == [
        "layer",
        "output shape",
        "activation",
        "parameters",
        "made of",
    ]
    assert column(table, 1) == ["(4,)", "(8,)", "(3,)", ""]
    assert column(table, 2) == ["", "tanh", "tanh", ""]
    *layers, total = map(int, column(table, 3))
    assert sum(layers) == total == len(mlp.parameters())
    assert column(table, 4) == ["the input", "8·4 weights + 1 bias", "3·8 weights + 1 bias", ""]


def test_a_network_that_cannot_be_drawn_shows_its_shapes():
    mlp = MLP(2, [1], bias=None, seed=0)
    mlp.weights(1)[0][0].data = math.nan
    root = parsed(mlp._repr_html_())
    assert not root.all("img")
    assert "w[1][0,0] is nan" in root.text
    assert column(root.all("table")[0], 4) == ["the input", "1·2 weights", ""]


# --- trainings ------------------------------------------------------------------------------------------


def points(line):
    return [tuple(map(float, point.split(","))) for point in line.get("points").split()]


def test_a_history_shows_a_line_and_a_curve():
    history = History([1.0, 0.1, 0.01], [], "epochs", 2, 0.01)
    assert repr(history) == f"<History of {history}>"
    root = parsed(history._repr_html_())
    assert str(history) in root.text
    assert "logarithmic, from 0.01 to 1" in root.text
    (svg,) = images_of(root)
    (line,) = svg.iter(f"{SVG}polyline")
    (x0, y0), (x1, y1), (x2, y2) = points(line)
    assert x2 - x1 == pytest.approx(x1 - x0)
    assert y2 - y1 == pytest.approx(y1 - y0)  # a tenth each time is a straight line
    assert y0 < y1  # SVG's y points down


def test_a_curve_that_is_not_logarithmic_starts_at_0():
    svg, words = cost_curve([0.5, 0.25], [0.5, 0.4])
    assert words == "from 0 to 0.5"
    first, second = ElementTree.fromstring(svg).iter(f"{SVG}polyline")
    (_, y0), (_, y1) = points(first)
    height = float(ElementTree.fromstring(svg).get("height"))
    assert y0 == 4
    assert y1 == pytest.approx(height / 2)  # a half is halfway down to 0
    assert second.get("stroke-dasharray")
    assert not first.get("stroke-dasharray")


@pytest.mark.parametrize(
    "costs",
    [[1.0], [0.0], [0.0, 0.0], [-1.0, 2.0], [1.0, math.nan, 0.5], [math.inf], [1e-320, 1e308], [3.0] * 9],
)
def test_every_curve_stays_in_its_frame(costs):
    tree = ElementTree.fromstring(cost_curve(costs)[0])
    width, height = float(tree.get("width")), float(tree.get("height"))
    for line in tree.iter(f"{SVG}polyline"):
        assert all(0 <= x <= width and 0 <= y <= height for x, y in points(line))


def test_a_long_training_is_a_short_output():
    history = History([1 / (1 + i) for i in range(100_000)], [], "epochs", 99_999, 1e-5)
    assert len(history._repr_html_()) < 20_000
    assert len(repr(history)) < 200


def test_a_history_of_no_epoch_shows_a_line():
    root = parsed(History(stopped="interrupted")._repr_html_())
    assert root.text == "no epoch finished (interrupted)"


# --- reports --------------------------------------------------------------------------------------------


def test_a_report_of_few_gradients_shows_them_all():
    mlp = MLP(2, [1], seed=0)
    root = parsed(compare_gradients(mlp, [[1.0, 2.0]], [0.5])._repr_html_())
    assert [caption.text for caption in root.all("caption")] == [
        "Largest differences from the engine",
        "Every gradient",
    ]
    assert column(root.all("table")[1], 0) == ["w[1][0,0]", "w[1][0,1]", "b[1][0]"]
    assert not root.all("details")


def test_a_report_of_many_shows_the_first_and_the_worst():
    mlp = MLP(4, [8, 3], seed=0)
    report = compare_gradients(mlp, [[1.0, 2.0, 3.0, 4.0]], [[0.0, 1.0, 0.0]])
    report.methods["mine"] = list(report.methods["engine"])
    report.methods["mine"][40] += 0.5
    report.methods["mine"][20] += 0.25
    root = parsed(report._repr_html_())
    _, first, worst, every = root.all("table")
    assert column(first, 0) == report.names[:6]
    assert column(worst, 0)[:2] == [report.names[40], report.names[20]]
    assert column(every, 0) == report.names
    assert root.all("details")[0].all("table") == [every]


def test_a_report_of_very_many_is_no_heavier_than_a_page():
    names = [f"w[1][0,{k}]" for k in range(20_000)]
    methods = {method: [0.1] * len(names) for method in ("engine", "matrix", "loops", "differences")}
    shown = GradientReport(names, methods)._repr_html_()
    assert len(shown) < 200_000
    root = parsed(shown)
    assert "The first 500 of 20,000 gradients" in root.all("summary")[0].text
    assert len(root.all("details")[0].all("tbody")[0].all("tr")) == 500


def doubled(weights, biases, X, Y):
    import numpy as np

    A = np.asarray(X) @ weights[0].T + biases[0]
    return [A * 0 + 1], [A]


def test_a_failed_check_is_told_in_short_at_a_prompt_and_in_full_in_a_notebook():
    with pytest.raises(AssertionError) as caught:
        check_backprop(doubled)
    check = caught.value.check
    assert len(repr(check).splitlines()) <= 6
    root = parsed(check._repr_html_())
    assert root.all("pre")[0].text == str(check)
    assert "monospace" in root.all("pre")[0].attributes["style"]  # carets point at what is above them


# --- plain forms ----------------------------------------------------------------------------------------


def test_every_plain_form_is_short_and_names_no_address():
    mlp, data = MLP(2, [3, 2], seed=0), moons(20)
    history = fit(mlp, data.inputs, data.labels, cost="cross_entropy", epochs=40)
    matrix = MatrixMLP.from_mlp(mlp)
    assert repr(matrix) == f"<MatrixMLP 2-3-2: {len(mlp.parameters())} parameters>"
    shown = [
        mlp,
        mlp.layers[0],
        mlp.layers[0].neurons[0],
        data,
        history,
        compare_gradients(mlp, data.inputs, data.labels, "cross_entropy"),
        per_sample_gradients(mlp, data.inputs, data.labels, "cross_entropy"),
        SGD(mlp.parameters(), 0.1),
        Adam(mlp.parameters(), 0.1),
        GradientLog(),
        nn.explore_network(mlp, data),
        mlp.explore(data=data),
        nn.draw_network(mlp),
        matrix,
        *matrix.layers,
    ]
    for thing in shown:
        assert " at 0x" not in repr(thing)
        assert len(repr(thing).splitlines()) <= 10
        assert len(repr(thing)) < 1000
