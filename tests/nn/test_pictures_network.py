"""``draw_network``: what the SVG says, beside the numbers of the network itself."""

import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd_lite import tanh
from nn import MLP, Layer, mean_squared_error
from nn.pictures import draw_network
from nn.pictures.colours import fill_colour, line_colour, region_colour

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
UP, DOWN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"), str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


@pytest.fixture(autouse=True)
def no_dot(monkeypatch):
    """Draw by graphviz-pure, whatever is installed here."""
    monkeypatch.setenv("PATH", "")


def parsed(picture):
    return ET.fromstring(picture.pipe(format="svg", encoding="utf-8"))


def texts(root):
    return [element.text.replace("\xa0", " ").strip() for element in root.iter(f"{SVG}text")]


def elements(root, kind):
    """Return the groups of nodes or of edges by title."""
    return {g.find(f"{SVG}title").text: g for g in root.iter(f"{SVG}g") if g.get("class") == kind}


def number(text):
    """Read what ``short`` writes: −1.2·10⁻⁵."""
    mantissa, _, exponent = text.replace("−", "-").partition("·10")
    return float(mantissa) * 10 ** int(exponent.translate(UP) or "0")


def lines(root):
    """Return name, number, width, dash and colour by (l, j, k), for every weight that is drawn."""
    found = {}
    for title, group in elements(root, "edge").items():
        ends = re.fullmatch(r"a(\d+)_(\d+)->a(\d+)_(\d+)", title)
        if ends is None:
            continue  # of the legend
        before, k, l, j = map(int, ends.groups())
        assert before == l - 1
        path = group.find(f".//{SVG}path")
        name, shown = group.find(f".//{SVG}a").get(f"{LINK}title").split(" = ")
        found[l, j, k] = (
            name,
            number(shown),
            float(path.get("stroke-width", "1")),
            "stroke-dasharray" in path.attrib,
            path.get("stroke"),
        )
    return found


def luminance(colour):
    """WCAG's relative luminance of #rrggbb."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one, other):
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def centre(group):
    ellipse = group.find(f".//{SVG}ellipse")
    return float(ellipse.get("cx")), float(ellipse.get("cy"))


# ------------------------------------------------------------------------------ weights


@pytest.mark.parametrize("sizes", [(2, 3, 1), (4, 8, 3), (1, 1)])
def test_every_weight_is_a_line_under_its_name_with_its_number(sizes):
    mlp = MLP(sizes[0], sizes[1:], seed=1)

    drawn = lines(parsed(draw_network(mlp)))

    expected = {
        (l, j, k): w.data
        for l in range(1, len(sizes))
        for j, row in enumerate(mlp.weights(l))
        for k, w in enumerate(row)
    }
    assert drawn.keys() == expected.keys()
    for (l, j, k), (name, shown, *_) in drawn.items():
        assert name.translate(UP).translate(DOWN) == f"w{l}{j}{k}"
        assert shown == pytest.approx(expected[l, j, k], rel=1e-5)


def test_the_larger_the_weight_the_wider_its_line_and_the_negative_are_dashed():
    mlp = MLP(3, [4, 2], seed=5)

    drawn = lines(parsed(draw_network(mlp)))

    by_size = sorted((abs(w), width) for _, w, width, _, _ in drawn.values())
    widths = [width for _, width in by_size]
    assert widths == sorted(widths)
    assert widths[-1] > 3 * widths[0] > 0
    assert all(dashed == (w < 0) for _, w, _, dashed, _ in drawn.values())
    assert {w < 0 for _, w, *_ in drawn.values()} == {True, False}


@given(st.lists(st.floats(-1e6, 1e6), min_size=6, max_size=6))
@settings(max_examples=20, deadline=None)
def test_width_and_dash_follow_any_weights(weights):
    mlp = MLP(2, [3], bias=None, seed=0)
    for p, w in zip(mlp.parameters(), weights, strict=True):
        p.data = w

    edges = re.findall(r"a0_(\d) -> a1_(\d) \[(.*)\]", draw_network(mlp).source)

    assert len(edges) == 6
    looks = []
    for k, j, attributes in edges:
        w = mlp.weights(1)[int(j)][int(k)].data
        assert ("style=dashed" in attributes) == (w < 0)
        looks.append((abs(w), float(re.search(r"penwidth=([\d.]+)", attributes)[1])))
    assert all(a[1] <= b[1] for a, b in pairwise(sorted(looks)))


def test_signs_are_told_apart_by_colour_in_grey_too_and_seen_on_white():
    for share in (0.0001, 0.3, 0.6, 1.0):
        orange, blue = line_colour(share, 1.0), line_colour(-share, 1.0)
        assert min(contrast(blue, "#ffffff"), contrast(orange, "#ffffff")) > 2.2
    assert contrast(line_colour(1.0, 1.0), line_colour(-1.0, 1.0)) > 2
    assert int(line_colour(-1.0, 1.0)[1:3], 16) < 64 < 192 < int(line_colour(1.0, 1.0)[1:3], 16)


def test_regions_of_three_classes_differ_in_grey():
    a, b, c = map(region_colour, range(3))

    assert min(contrast(a, b), contrast(b, c), contrast(c, a)) > 1.2
    assert min(contrast(region_colour(k), "#000000") for k in range(7)) > 7


def test_numbers_stand_on_their_lines():
    mlp = MLP(2, [3, 1], seed=1)
    root = parsed(draw_network(mlp))
    nodes = elements(root, "node")

    for l in (1, 2):
        for j, row in enumerate(mlp.weights(l)):
            for k, w in enumerate(row):
                text = nodes[f"w{l}_{j}_{k}"].find(f"{SVG}text")
                assert number(text.text) == pytest.approx(w.data, rel=0.06)
                (x0, y0), (x1, y1) = centre(nodes[f"a{l - 1}_{k}"]), centre(nodes[f"a{l}_{j}"])
                x, y = float(text.get("x")), float(text.get("y"))
                assert y - 3.5 == pytest.approx(y0 + (x - x0) / (x1 - x0) * (y1 - y0), abs=1.5)


def test_no_text_covers_another():
    for mlp, options in [
        (MLP(2, [3, 1], seed=1), {"x": [0.1, -0.2]}),
        (MLP(4, [8, 3], seed=1, bias="layer"), {"numbers": True}),
        (MLP(30, [20, 20], seed=1), {"gradients": True}),
    ]:
        boxes = []
        for text in parsed(draw_network(mlp, **options)).iter(f"{SVG}text"):
            size, x = float(text.get("font-size")), float(text.get("x"))
            width = 0.6 * size * len(text.text)
            left = x - width / 2 if text.get("text-anchor") == "middle" else x
            y = float(text.get("y"))
            boxes.append((left, left + width, y - 0.8 * size, y + 0.1 * size, text.text))
        for i, a in enumerate(boxes):
            for b in boxes[:i]:
                assert a[1] <= b[0] or b[1] <= a[0] or a[3] <= b[2] or b[3] <= a[2], (a, b)


def test_numbers_are_left_out_where_there_would_be_many():
    assert "w1_0_0" in draw_network(MLP(3, [4], seed=0)).source
    assert "w1_0_0" not in draw_network(MLP(4, [4], seed=0)).source
    assert "w1_0_0" in draw_network(MLP(4, [4], seed=0), numbers=True).source
    assert "w1_0_0" not in draw_network(MLP(3, [4], seed=0), numbers=False).source


def test_exact_numbers_are_drawn():
    mlp = MLP(1, [1], bias=None)
    mlp.parameters()[0].data = Fraction(-1, 8)

    assert lines(parsed(draw_network(mlp)))[1, 0, 0][:4] == ("w¹₀₀", -0.125, 6.0, True)


# ------------------------------------------------------------------------------ neurons


def test_columns_go_from_left_to_right_and_neurons_from_top_to_bottom():
    nodes = elements(parsed(draw_network(MLP(2, [3, 1], seed=1))), "node")

    columns = [[centre(nodes[f"a{l}_{j}"]) for j in range(n)] for l, n in enumerate((2, 3, 1))]
    assert all(len({x for x, _ in column}) == 1 for column in columns)
    assert columns[0][0][0] < columns[1][0][0] < columns[2][0][0]
    assert all([y for _, y in column] == sorted(y for _, y in column) for column in columns)


def test_circles_have_the_names_of_the_derivations_and_columns_say_what_they_are():
    shown = texts(parsed(draw_network(MLP(2, [3, 1], "relu", seed=1))))

    assert {"a⁰₀", "a⁰₁", "a¹₀", "a¹₁", "a¹₂", "a²₀"} <= set(shown)
    assert {
        "input",
        "2 numbers",
        "layer 1",
        "3 neurons, relu",
        "layer 2 (output)",
        "1 neuron, linear",
    } <= set(shown)


def test_each_bias_stands_below_its_neuron():
    mlp = MLP(2, [3], seed=1)
    for j, b in enumerate(mlp.biases(1)):
        b.data = j - 0.25
    root = parsed(draw_network(mlp))
    nodes = elements(root, "node")

    for j, index in enumerate("₀₁₂"):
        text = nodes[f"b1_{j}"].find(f"{SVG}text")
        x, y = centre(nodes[f"a1_{j}"])
        name, shown = text.text.split(" = ")
        assert (name, number(shown)) == (f"b¹{index}", j - 0.25)
        assert float(text.get("x")) == pytest.approx(x)
        assert float(text.get("y")) > y


def test_a_shared_bias_is_told_once_and_none_not_at_all():
    shared = MLP(2, [3], seed=1, bias="layer")
    shared.biases(1)[0].data = 0.5

    assert [t for t in texts(parsed(draw_network(shared))) if t.startswith(("b", "one bias"))] == [
        "one bias, b¹ = 0.5"
    ]
    assert not any("b" in t and "=" in t for t in texts(parsed(draw_network(MLP(2, [3], bias=None)))))


def test_activations_of_a_sample_are_written_in_the_circles_and_fill_them():
    mlp, x = MLP(2, [3, 1], seed=1), [0.5, -2.0]
    a1 = [v.data for v in mlp.layers[0](x)]
    columns = [x, a1, [mlp(x)[0].data]]

    nodes = elements(parsed(draw_network(mlp, x)), "node")

    for l, column in enumerate(columns):
        for j, a in enumerate(column):
            group = nodes[f"a{l}_{j}"]
            _, shown = (t.text for t in group.iter(f"{SVG}text"))
            assert number(shown) == pytest.approx(a, rel=0.06)
            exact = group.find(f".//{SVG}a").get(f"{LINK}title").split(" = ")[1]
            assert number(exact) == pytest.approx(a, rel=1e-5)
            fill = group.find(f".//{SVG}ellipse").get("fill")
            red, blue = int(fill[1:3], 16), int(fill[5:], 16)
            assert (red > blue) == (a > 0)
            full = fill_colour(math.copysign(1.0, a), 1.0)
            assert (abs(a) == max(map(abs, column))) == (fill == full)
    assert draw_network(mlp).source.count("fillcolor=white") > draw_network(mlp, x).source.count(
        "fillcolor=white"
    )


def test_text_is_readable_on_every_fill_and_signs_differ():
    assert min(contrast(fill_colour(a, 1.0), "#000000") for a in (-1.0, -0.5, 0.0, 0.5, 1.0)) > 7
    assert int(fill_colour(1.0, 1.0)[5:], 16) < 160 < 224 < int(fill_colour(-1.0, 1.0)[5:], 16)


def test_drawing_changes_nothing():
    mlp = MLP(2, [3, 1], seed=1)
    mean_squared_error(mlp([0.5, -2.0]), [1.0]).backward()
    before = [(p.data, p.grad, p.label) for p in mlp.parameters()]

    draw_network(mlp, [0.5, -2.0], gradients=True)

    assert [(p.data, p.grad, p.label) for p in mlp.parameters()] == before


# ------------------------------------------------------------------------------ gradients


def test_gradients_take_the_place_of_weights_and_biases():
    mlp = MLP(2, [3, 1], seed=1)
    mean_squared_error(mlp([0.5, -2.0]), [1.0]).backward()

    root = parsed(draw_network(mlp, gradients=True))

    for (l, j, k), (name, shown, width, dashed, _) in lines(root).items():
        gradient = mlp.weights(l)[j][k].grad
        assert name.translate(UP).translate(DOWN) == f"∂C/∂w{l}{j}{k}"
        assert shown == pytest.approx(gradient, rel=1e-5)
        assert dashed == (gradient < 0)
        assert width > 0
    biases = [t.split(" = ") for t in texts(root) if t.startswith("∂C/∂b")]
    assert [number(shown) for _, shown in biases] == pytest.approx(
        [b.grad for l in (1, 2) for b in mlp.biases(l)], rel=0.006
    )


def test_without_a_backward_pass_the_picture_of_gradients_asks_for_one():
    shown = texts(parsed(draw_network(MLP(2, [3, 1], seed=1), gradients=True)))

    assert "every ∂C/∂w is 0; has backward() been called?" in shown


# ------------------------------------------------------------------------------ legend and large networks


def test_the_legend_says_what_width_colour_and_dash_mean():
    mlp = MLP(2, [3, 1], seed=1)
    root = parsed(draw_network(mlp))
    largest = max(abs(p.data) for p in mlp.parameters())

    shown = texts(root)
    assert {"w positive: solid, orange", "w negative: dashed, blue"} <= set(shown)
    (width,) = (t for t in shown if t.startswith("widest"))
    assert number(re.search(r"= (\S+);", width)[1]) == pytest.approx(largest, rel=0.005)
    samples = {
        title: g.find(f".//{SVG}path") for title, g in elements(root, "edge").items() if "from" in title
    }
    assert ["stroke-dasharray" in p.attrib for p in samples.values()] == [False, True, False]


def test_a_wide_layer_shows_its_first_neurons_and_its_last_and_says_how_many_more():
    mlp = MLP(64, [32, 10], seed=0)

    root = parsed(draw_network(mlp))

    nodes = elements(root, "node")
    for l, n in enumerate((64, 32, 10)):
        drawn = sorted(int(t.partition("_")[2]) for t in nodes if t.startswith(f"a{l}_"))
        assert drawn == [0, 1, 2, 3, 4, 5, n - 1]
        heights = [centre(nodes[f"a{l}_{j}"])[1] for j in drawn]
        dots = float(nodes[f"more{l}"].find(f"{SVG}text").get("y"))
        assert heights[5] < dots < heights[6]
    shown = texts(root)
    assert {"57 more", "25 more", "3 more", "64 numbers", "32 neurons, tanh"} <= set(shown)
    assert f"{2 * 7 * 7} of 2,368 weights are drawn" in shown
    assert len(lines(root)) == 2 * 7 * 7


def test_leaving_neurons_out_changes_nothing_about_the_others():
    mlp = MLP(12, [12], seed=3)

    all_colours = {place: look[4] for place, look in lines(parsed(draw_network(mlp, max_neurons=12))).items()}
    few_colours = {place: look[4] for place, look in lines(parsed(draw_network(mlp, max_neurons=4))).items()}

    assert len(all_colours) == 144
    assert len(few_colours) == 9
    assert few_colours.items() <= all_colours.items()


def test_a_large_network_is_a_small_picture():
    picture = draw_network(MLP(200, [100] * 3, seed=0))

    assert picture.source.count(" -> ") < 200


# ------------------------------------------------------------------------------ as a whole


def test_a_network_draws_itself():
    mlp = MLP(2, [3, 1], seed=1)

    assert mlp.draw([1.0, 2.0], gradients=True, numbers=False, max_neurons=3).source == (
        draw_network(mlp, [1.0, 2.0], gradients=True, numbers=False, max_neurons=3).source
    )


def test_the_same_network_is_drawn_in_the_same_bytes_by_any_process():
    program = "from nn.pictures import draw_network; from nn import MLP; import sys; sys.stdout.buffer.write("
    program += "draw_network(MLP(3, [9, 2], seed=4), [0.1, 0.2, -0.3]).pipe())"
    environment = {**os.environ, "PYTHONPATH": str(Path(nn.__file__).parents[1])}

    one, other = (
        subprocess.run(
            [sys.executable, "-c", program],
            env={**environment, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    )

    assert one == other == draw_network(MLP(3, [9, 2], seed=4), [0.1, 0.2, -0.3]).pipe()


def test_a_function_as_activation_is_named():
    def cubed(z):
        return tanh(z) ** 3

    assert "2 neurons, cubed" in texts(parsed(draw_network(MLP(1, [2, 1], cubed, seed=0))))
    assert "2 neurons, <lambda>" in texts(parsed(draw_network(MLP(1, [2, 1], lambda z: z * z, seed=0))))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: draw_network(Layer(2, 3)), TypeError, "takes an MLP, not Layer"),
        (lambda: draw_network(MLP(2, [3]), [1.0]), ValueError, "expected 2 inputs and got 1"),
        (lambda: draw_network(MLP(2, [3]), "ab"), TypeError, "sequence of 2 numbers"),
        (lambda: draw_network(MLP(2, [3]), [1.0, float("nan")]), ValueError, r"a\[0\]\[1\] is nan"),
        (lambda: draw_network(MLP(2, [3]), max_neurons=2), ValueError, "at least 3, not 2"),
        (lambda: draw_network(MLP(2, [3]), max_neurons=4.0), ValueError, "whole number"),
        (lambda: draw_network(with_weight(float("inf"))), ValueError, r"w\[1\]\[0,0\] is inf; only finite"),
        (lambda: draw_network(with_weight(Fraction(10**400))), TypeError, "a float can hold"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def with_weight(number):
    mlp = MLP(1, [1])
    mlp.weights(1)[0][0].data = number
    return mlp
