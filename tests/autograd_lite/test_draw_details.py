"""Levels of detail, emphasised paths, colours and the room that texts have."""

import colorsys
import html
import math
import re
import xml.etree.ElementTree as ET
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import mpmath
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value, affine, draw, fsum, no_grad, sumprod, topological_order
from autograd_lite.draw import style
from autograd_lite.draw.diagram import MOST_EFFORT, effort
from autograd_lite.draw.layers import boxes
from autograd_lite.draw.view import view
from autograd_lite.ops import hypot
from nn import MLP
from nn.costs import average, sum_squared_error

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def no_dot(monkeypatch):
    """Draw by graphviz-pure, whatever is installed here."""
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def network():
    mlp = MLP(2, [2, 1], seed=0)
    cost = sum_squared_error(mlp([1.0, -2.0]), [1.0])
    cost.backward()
    return mlp, cost


def svg(picture):
    return ET.fromstring(picture.pipe(format="svg", encoding="utf-8"))


def groups(picture, kind):
    return {g.find(f"{SVG}title").text: g for g in svg(picture).iter(f"{SVG}g") if g.get("class") == kind}


def lines(element):
    return [text.text.replace("\xa0", " ").strip() for text in element.iter(f"{SVG}text")]


def caption(picture):
    """Return the lines below the picture: those that belong to no node, edge or cluster."""
    return [
        text.text.replace("\xa0", " ").strip() for text in svg(picture).find(f"{SVG}g").findall(f"{SVG}text")
    ]


@st.composite
def graphs(draw):
    """Return the root of a graph of exact numbers, with sums of many and nodes that are used often."""
    number = st.fractions(min_value=-3, max_value=3, max_denominator=5)
    nodes = [Value(draw(number), f"x[{i}]") for i in range(3)]
    for _ in range(draw(st.integers(1, 6))):
        x, y, z, t = (draw(st.sampled_from(nodes[-4:])) for _ in range(4))
        nodes.append(
            draw(
                st.sampled_from(
                    [
                        lambda x=x, y=y: x * y,
                        lambda x=x, y=y: x - y,
                        lambda x=x, y=y, z=z: fsum([x, y, z]),
                        lambda x=x, y=y, z=z, t=t: affine([x, y], [z, t], x),
                        lambda x=x, y=y, z=z, t=t: sumprod([x, y], [z, t]),
                    ]
                )
            )()
        )
    nodes[-1].backward()
    return nodes[-1]


# ------------------------------------------------------------------------------ every scalar operation


@given(graphs())
def test_operations_have_the_gradients_of_the_whole(root):
    shown = view(root, expanded=True)

    assert {v.op for v in shown.vertices} <= {"leaf", "constant", "add", "mul", "sub"}
    for i, vertex in enumerate(shown.vertices[:-1]):
        users = [
            (user, partial)
            for user in shown.vertices
            for parent, partial in zip(user.parents, user.partials, strict=True)
            if parent == i
        ]
        assert vertex.grad == sum(partial * user.grad for user, partial in users)
        assert all(parent < i for parent in vertex.parents)
    for node in topological_order(root):
        assert shown.vertices[shown.position[node]].data == node.data


def test_an_affine_node_is_taken_apart_into_its_products_and_sums():
    w, x = [Value(2.0, "w[0]"), Value(3.0, "w[1]")], [Value(5.0, "x[0]"), Value(7.0, "x[1]")]
    z = affine(w, x, Value(1.0, "b"))

    steps = [(v.op, v.data) for v in view(z, expanded=True).vertices if v.parents]

    assert steps == [("mul", 10.0), ("add", 11.0), ("mul", 21.0), ("add", 32.0)]
    assert len(groups(draw(z, detail="operations"), "edge")) <= 4 * 3
    assert sum("Σ" in " ".join(lines(g)) for g in groups(draw(z, detail="neurons"), "node").values()) == 1
    assert not any("Σ" in " ".join(lines(g)) for g in groups(draw(z, detail="operations"), "node").values())


def test_a_block_without_graph_around_the_drawing_does_no_harm():
    z = fsum([Value(1.0), Value(2.0), Value(3.0)])

    with no_grad():
        inside = draw(z, detail="operations").source

    assert inside == draw(z, detail="operations").source
    assert len(view(z, expanded=True).vertices) == 5


@pytest.mark.parametrize(("x", "y"), [(0.0, 0.0), (1e200, 1e200)])
def test_a_node_stays_whole_where_its_steps_would_leave_the_floats(x, y):
    z = hypot(Value(x), Value(y))

    assert [v.op for v in view(z, expanded=True).vertices] == ["leaf", "leaf", "hypot"]


def test_a_node_stays_whole_once_an_operand_has_another_value():
    x, y = Value(1.0), Value(2.0)
    z = fsum([x, y, y])
    x.data = 10.0

    assert len(view(z, expanded=True).vertices) == 3


# ------------------------------------------------------------------------------ neurons, layers, roles


def test_neurons_and_layers_have_frames(network):
    _, cost = network

    bands = groups(draw(cost), "cluster")
    cards = [lines(g)[0] for name, g in groups(draw(cost), "node").items() if name.startswith("neuron")]

    assert [lines(g)[0] for g in bands.values()] == ["layer 0: the input", "layer 1", "layer 2"]
    assert sorted(cards) == ["neuron 0", "neuron 0", "neuron 1"]


def test_of_a_neuron_weights_come_in_order_then_bias_z_and_a(network):
    _, cost = network

    texts = [lines(g) for g in groups(draw(cost), "node").values() if lines(g)[0] == "neuron 1"]

    assert [[line.split(" = ")[0] for line in lines if " = " in line] for lines in texts] == [
        ["w¹₁₀", "w¹₁₁", "b¹₁", "z¹₁", "a¹₁"]
    ]


def test_what_has_no_label_belongs_to_the_neuron_that_alone_uses_it():
    x = Value(1.0, "a[0][0]")
    inner = Value(2.0, "w[1][3,0]") * x
    z = inner + 1
    z.label = "z[1][3]"
    root = z * z

    shown = view(root)

    assert shown.vertices[shown.position[inner]].place == ("1", "3")
    assert [v.place for v in shown.vertices if v.role == "constant"] == [("1", "3")]
    assert shown.root.place == ()


def border(group):
    """Return how a node's border looks without its colours: dashes, width, number of lines, roundness."""
    outlines = [
        e for e in group.iter() if e.tag in (f"{SVG}polygon", f"{SVG}path") and e.get("stroke") != "none"
    ]
    if not outlines:
        return None
    dashes, width = outlines[0].get("stroke-dasharray"), outlines[0].get("stroke-width")
    return dashes, width, len(outlines), outlines[0].tag


def test_roles_are_told_apart_without_colour():
    w, x = Value(2.0, "w"), Value(3.0, "x")
    root = (w * x).tanh().exp()

    nodes = groups(draw(root), "node")
    looks = {lines(g)[-1].split(" = ")[0]: border(g) for g in nodes.values()}

    assert len({looks["w"], looks["x"], looks["v₁"], looks["C"]}) == 4
    assert looks["v₁"] == looks["v₂"]


def test_parameters_may_have_any_name():
    p, q = Value(2.0, "slope"), Value(3.0, "w")

    nodes = groups(draw(p * q, parameters=[p]), "node")
    named = groups(draw(p * q), "node")

    assert border(nodes["value0"]) == border(named["value1"])
    assert border(nodes["value1"]) == border(named["value0"])


def test_in_a_neuron_too(network):
    _, cost = network

    card = next(g for g in groups(draw(cost), "node").values() if lines(g)[0] == "neuron 1")
    fills = [e.get("fill") for e in card.iter(f"{SVG}path") if e.get("fill") != "none"]

    # The rounded borders are those of two weights and a bias.
    assert fills == [style.LOOKS["parameter"].fill.lower()] * 3


def test_each_edge_can_bear_its_local_derivative():
    x, y = Value(2.0, "x"), Value(-3.0, "y")
    root = (x * y).tanh()

    texts = [line for g in groups(draw(root, partials=True), "edge").values() for line in lines(g)]

    assert texts == ["∂v₁/∂x = −3", "∂v₁/∂y = 2", f"∂C/∂v₁ = {1 - root.data**2:.4g}".replace("e-05", "·10⁻⁵")]
    assert not any(lines(g) for g in groups(draw(root), "edge").values())


def test_a_gradient_of_several_passes_is_not_called_the_roots():
    x = Value(3.0, "x")
    y = x * x
    y.backward()
    assert "∂C/∂x = +6" in lines(svg(draw(y)))

    y.backward()

    texts = lines(svg(draw(y)))
    assert "grad = +12" in texts
    assert not any("∂" in text for text in texts)
    assert any("other passes" in text for text in texts)


def batch(widths, samples):
    mlp = MLP(2, widths, seed=0)
    cost = average([sum_squared_error(mlp([0.1 * s, 0.5]), [1.0] * widths[-1]) for s in range(samples)])
    cost.backward()
    return mlp, cost


def test_a_layer_is_a_box_with_counts_and_ranges():
    mlp, cost = batch([3, 1], 5)

    made, links = boxes(view(cost))

    at = {box.title: i for i, box in enumerate(made)}
    layer = made[at["layer 1"]].members
    assert {letter: len(members) for letter, members in layer.items()} == {"w": 6, "b": 3, "z": 15, "a": 15}
    # Each neuron of layer 1 uses both inputs of every sample, that of layer 2 all three of layer 1.
    assert links[at["layer 0: the input"], at["layer 1"]] == 5 * 3 * 2
    assert links[at["layer 1"], at["layer 2"]] == 5 * 3
    assert sum(len(m) for box in made for m in box.members.values()) + 5 * 2 + 1 == len(
        topological_order(cost)
    )
    weights = [w.data for row in mlp.weights(1) for w in row]
    gradients = [w.grad for row in mlp.weights(1) for w in row]
    texts = lines(svg(draw(cost, detail="layers")))
    assert f"{min(weights):.3g} … {max(weights):.3g}".replace("-", "−") in texts
    ends = (f"{end(gradients):+.3g}".replace("-", "−") for end in (min, max))
    assert " … ".join(ends) in texts
    assert ["30", "edges"] in [lines(g) for g in groups(draw(cost, detail="layers"), "edge").values()]
    assert {"6 w", "3 b", "15 z", "15 a"} <= set(texts)


def test_a_graph_without_labels_is_put_together_by_level_and_operation():
    x = Value(2.0)
    root = fsum([(x * i).tanh() for i in range(100)])

    made, links = boxes(view(root))

    assert [(box.title, {what: len(m) for what, m in box.members.items()}) for box in made] == [
        ("inputs", {"leaf": 1}),
        ("level 1", {"×": 100}),
        ("level 2", {"tanh": 100}),
        ("the root", {"C": 1}),
    ]
    assert links == {(0, 1): 100, (1, 2): 100, (2, 3): 100}


def test_a_deep_graph_without_labels_is_still_a_few_boxes():
    x = Value(0.5)
    for _ in range(5000):
        x = x.tanh()

    made, _ = boxes(view(x))

    assert len(made) <= 15
    bounds = [tuple(map(int, re.findall(r"\d+", box.title))) for box in made if "levels" in box.title]
    assert bounds[0][0] == 1
    assert bounds[-1][1] == 5000
    assert all(first[1] + 1 == second[0] for first, second in pairwise(bounds))
    for box, (first, last) in zip(made[1:], bounds, strict=False):
        is_last = last == 5000
        assert sum(map(len, box.members.values())) == last - first + 1 - is_last


def test_a_large_graph_is_drawn_by_layers_and_says_so():
    _, cost = batch([8, 8, 1], 10)
    size = sum(node.label != "" for node in topological_order(cost)) + 1  # the steps of C are one

    assert (
        caption(draw(cost))[0] == f"{size:,} values, drawn layer by layer; detail='neurons' draws every one."
    )
    assert len(groups(draw(cost), "node")) == 5
    assert len(groups(draw(cost, detail="neurons"), "node")) == size


def test_what_cannot_be_laid_out_in_time_is_refused_with_advice():
    x = [Value(0.5) for _ in range(300)]
    root = x[0]
    for _ in range(4):
        for v in x:
            root = root * v

    assert effort(view(root)) > MOST_EFFORT
    for detail in ("operations", "neurons"):
        with pytest.raises(ValueError, match=r"1,500 values.*detail='layers'"):
            draw(root, detail=detail)
    assert caption(draw(root))[0] == "1,500 values, drawn layer by layer: too many to draw one by one."


def test_detail_is_one_of_three():
    with pytest.raises(ValueError, match="detail is 'operations', 'neurons' or 'layers', not 'all'"):
        draw(Value(1.0), detail="all")


# ------------------------------------------------------------------------------ emphasised paths


def by_walking(node, start):
    """Return the products of all paths, by plain recursion over the graph itself."""
    if node is start:
        return [Fraction(1)]
    return [
        partial * product
        for parent, partial in zip(node.parents, node.partials, strict=True)
        for product in by_walking(parent, start)
    ]


@given(graphs())
def test_the_paths_add_up_to_the_gradient(root):
    for node in topological_order(root):
        if node.op == "constant":
            continue
        for expanded in (False, True):
            shown = view(root, expanded)
            found = shown.paths(shown.position[node])
            products = by_walking(root, node)
            assert found.total == node.grad == sum(products)
            assert found.number == len(products)
            if found.number <= 6:
                assert sorted(path.product for path in found) == sorted(products)
            assert shown.alone(found).paths(0).total == node.grad


def test_a_highlighted_weight_shows_its_path_and_what_it_multiplies_to(network):
    mlp, cost = network
    w = mlp.weights(1)[0][1]

    picture = draw(cost, highlight=w)

    edges = groups(picture, "edge").values()
    thick = [g for g in edges if float(g.find(f"{SVG}path").get("stroke-width", 1)) > 2]
    # w¹₀₁ → z¹₀ → a¹₀ stand on the card of the neuron.
    card = next(
        lines(g) for g in groups(picture, "node").values() if f"w¹₀₁ = {style.number(w.data)}" in lines(g)
    )
    assert [line.split(" = ")[0] for line in card if "/∂" in line and " = " in line] == [
        "∂z¹₀/∂w¹₀₁",
        "∂a¹₀/∂z¹₀",
    ]
    assert [[line.split(" = ")[0] for line in lines(g)] for g in edges if lines(g)] == [
        ["∂z²₀/∂a¹₀"],
        ["∂C/∂z²₀"],
    ]
    assert sum(bool(lines(g)) for g in thick) == len(thick) == 2
    path, total = caption(picture)[:2]
    assert path.startswith("w¹₀₁ → z¹₀ → a¹₀ → z²₀ → C: ")
    assert total == f"1 path: ∂C/∂w¹₀₁ = {style.number(w.grad)}"
    factors = [
        float(f.strip("()").replace("−", "-")) for f in path.split(": ")[1].split(" = ")[0].split(" · ")
    ]
    product = 1.0
    for factor in factors:
        product *= factor
    assert product == pytest.approx(w.grad, rel=1e-3)


def test_several_paths_are_summed():
    x = Value(Fraction(1, 2), "x")
    root = x * x + x

    assert caption(draw(root, highlight=x))[:4] == [
        "x → v₁ → C: 1/2 · 1 = 1/2",
        "x → v₁ → C: 1/2 · 1 = 1/2",
        "x → C: 1",
        "3 paths: ∂C/∂x = 1/2 + 1/2 + 1 = 2",
    ]


def test_many_paths_are_counted():
    x = root = Value(1, "x")
    for _ in range(100):
        root = root + root

    texts = caption(draw(root, highlight=x))

    assert f"{2**100:,} paths: the sum of their products is ∂C/∂x = {2**100}"[:40] in " ".join(texts)


def test_of_a_large_graph_the_paths_alone_are_drawn():
    mlp, cost = batch([8, 8, 1], 1)
    w = mlp.weights(1)[0][1]

    picture = draw(cost, highlight=w)

    # w, z¹₀ and a¹₀ on a card; z² and a² of eight neurons; z³ and C
    assert len(groups(picture, "node")) == 1 + 16 + 2
    assert any(text.startswith("21 of ") for text in caption(picture))
    assert f"∂C/∂w¹₀₁ = {style.number(w.grad)}" in " ".join(caption(picture))


def test_highlight_is_a_node_of_the_graph():
    x, y = Value(1.0, "x"), Value(2.0, "y")

    with pytest.raises(ValueError, match=r"the root was not made of Value\(.*'y'\)"):
        draw(x * x, highlight=y)
    with pytest.raises(TypeError, match=r"highlight is a Value of the graph, not str 'x': .*weights\(1\)"):
        draw(x * x, highlight="x")
    with pytest.raises(ValueError, match="pass detail='neurons'"):
        draw(x * x, highlight=x, detail="layers")
    with pytest.raises(ValueError, match="pass detail='neurons'"):
        draw(x * x, partials=True, detail="layers")


def test_the_highlighted_node_may_be_the_root():
    x = Value(2.0, "x")
    root = x * x

    assert caption(draw(root, highlight=root))[:2] == ["C: 1", "1 path: ∂C/∂C = 1"]


# ------------------------------------------------------------------------------ kinds of numbers


@pytest.mark.parametrize(
    "number",
    [
        Fraction(1, 3),
        Decimal("0.25"),
        mpmath.mpf("0.5"),
        sympy.Symbol("t"),
        sympy.Symbol("p", positive=True),
        sympy.Rational(2, 7),
        math.nan,
        math.inf,
    ],
    ids=str,
)
@pytest.mark.parametrize("detail", ["operations", "neurons", "layers"])
def test_every_kind_of_number_is_drawn_at_every_level(number, detail):
    x, y = Value(number, "x"), Value(number, "y")
    root = affine([x, y], [y, x], x) * y
    root.backward()

    assert draw(root, detail=detail).pipe().startswith(b"<?xml")
    if detail != "layers":
        draw(root, detail=detail, highlight=x, partials=True).pipe()


# ------------------------------------------------------------------------------ colour and room


def channels(colour):
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first, second):
    """Return the contrast ratio of WCAG 2."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


GRADIENTS = [*(s * 10.0**e for s in (1, -1) for e in range(-6, 1)), 0, float("nan"), float("inf")]


@pytest.mark.parametrize(
    ("ink", "fill"),
    [
        *((style.INK, style.gradient_colour(g, 1.0)) for g in GRADIENTS),
        *((style.INK, look.fill) for look in style.LOOKS.values()),
        *((ink, style.PAPER) for ink in (style.FADED_INK, style.QUIET_INK, style.HIGHLIGHT)),
        (style.QUIET_INK, style.FRAMED),
        (style.QUIET_INK, style.LOOKS["cost"].fill),
    ],
)
def test_every_text_can_be_read_on_its_ground(ink, fill):
    assert contrast(ink, fill) >= 4.5


def test_the_sign_of_a_gradient_is_its_hue_and_its_size_the_depth():
    for sign in (1, -1):
        depths = [luminance(style.gradient_colour(sign * g, 1.0)) for g in (0, 0.01, 0.1, 0.5, 1.0)]
        assert depths == sorted(depths, reverse=True)
        assert len(set(depths)) == 5
    hues = [colorsys.rgb_to_hsv(*channels(style.gradient_colour(g, 1.0)))[0] * 360 for g in (0.3, -0.3)]
    assert hues[0] == pytest.approx(41, abs=10)
    assert hues[1] == pytest.approx(202, abs=10)
    # To the eye without green cones, blue and yellow are what is left: the blue channel tells them apart.
    positive, negative = (channels(style.gradient_colour(g, 1.0))[2] for g in (1.0, -1.0))
    assert negative - positive > 0.5


def width_in_points(text, size):
    """Return how wide a text in Helvetica is at least, from the widths of its letters."""
    ems = {
        **dict.fromkeys("il.,·()/ ", 0.25),
        **dict.fromkeys("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉⁻", 0.33),
        "=": 0.58,
        "−": 0.58,
    }
    wide = dict.fromkeys("日本mW", 1.0)
    return sum((ems | wide).get(c, 0.5) for c in text) * size


@pytest.mark.parametrize(
    "label", ["w[1][0,1]", "x", "日本日本日本", "WWWWWWWW", "ünï → ∂C", "w[10][12,345]", "label " * 9]
)
def test_texts_stay_inside_their_boxes(label):
    y = Value(-1.23456e-12, label).tanh()
    y.label = label
    y.backward()

    for name, g in groups(draw(y, partials=True), "node").items():
        if name.startswith("op"):
            continue
        outline = next(e for e in g.iter() if e.get("d") or e.get("points"))
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", outline.get("d") or outline.get("points"))]
        left, right = min(numbers[0::2]), max(numbers[0::2])
        for text in g.iter(f"{SVG}text"):
            x = float(text.get("x"))
            assert text.get("text-anchor") == "start"
            assert left < x
            assert x + width_in_points(text.text, float(text.get("font-size"))) < right


@pytest.mark.parametrize("text", ["a  b", "<&>\"'", "\\N\\\\", "日本"])
def test_escaped_text_is_read_back(text):
    assert html.unescape(style.escaped(text)).replace("\xa0", " ").replace("\\\\", "\\") == text


def test_nothing_flows_through_a_dead_unit_in_the_products_either():
    w = Value(0.0, "w")
    root = w.sqrt() * 0 + 1
    root.backward()

    source = draw(root, highlight=w).source

    assert w.grad == 0
    assert "nan" not in source


def test_a_highlight_that_would_take_minutes_is_refused_with_advice():
    x = y = Value(0.5, "x")
    for i in range(10_001):
        y = (y * 1.0001).sin() if i % 2 else y + x

    with pytest.raises(ValueError, match="take minutes to arrange"):
        draw(y, highlight=x)
