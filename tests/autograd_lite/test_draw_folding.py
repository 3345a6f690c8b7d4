"""What a picture leaves out: bookkeeping, constants, the steps of a cost, what is far from the focus."""

import xml.etree.ElementTree as ET
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value, affine, draw, fsum, topological_order
from autograd_lite.draw.cards import cards
from autograd_lite.draw.focus import focused
from autograd_lite.draw.folding import folded
from autograd_lite.draw.view import view
from nn import MLP, average, cross_entropy, mean_squared_error, sum_squared_error

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def no_dot(monkeypatch):
    """Draw by graphviz-pure, whatever is installed here."""
    monkeypatch.setenv("PATH", "")


def texts(picture):
    tree = ET.fromstring(picture.pipe(format="svg", encoding="utf-8"))
    return [text.text.replace("\xa0", " ").strip() for text in tree.iter(f"{SVG}text")]


def shown(root, **options):
    return {v.name: v for v in folded(view(root), **options).vertices}


def small_network(cost=mean_squared_error, targets=1.0, n=1):
    mlp = MLP(2, [3, n], seed=0)
    root = cost(mlp([0.5, -1.0]), targets)
    root.backward()
    return mlp, root


# ------------------------------------------------------------------------------ the level of the derivations


def test_a_network_is_x_w_b_z_a_and_c_and_nothing_else():
    _, root = small_network()

    vertices = folded(view(root)).vertices

    letters = {letter: sum(v.letter == letter for v in vertices) for letter in "wbzaC"}
    assert letters == {"w": 9, "b": 4, "z": 4, "a": 2 + 3, "C": 1}
    assert len(vertices) == sum(letters.values())
    assert not any(v.role == "constant" for v in vertices)


@pytest.mark.parametrize(
    ("cost", "targets", "n", "formula"),
    [
        (mean_squared_error, 1.0, 1, "(z²₀ − 1)²"),
        (sum_squared_error, 0.25, 1, "(z²₀ − 0.25)²"),
        (cross_entropy, 1, 2, "cost"),
        (mean_squared_error, [1.0, 0.0], 2, "cost"),
    ],
)
def test_a_cost_is_one_operation_that_says_its_formula_if_that_is_short(cost, targets, n, formula):
    _, root = small_network(cost, targets, n)

    assert shown(root)["C"].sign == formula
    assert formula in texts(draw(root))


def test_its_steps_are_drawn_by_operations():
    _, root = small_network()

    signs = [v.sign for v in shown(root, costs=False).values() if v.sign]

    assert signs[-2:] == ["z²₀ − 1", "v₁²"]
    assert {"z²₀ − 1", "v₁²"} <= set(texts(draw(root, detail="operations")))


def test_a_target_that_is_a_value_is_shown():
    target = Value(1.0, "y")
    _, root = small_network(targets=target)

    assert shown(root)["C"].sign == "(z²₀ − y)²"
    assert shown(root)["y"].role == "input"


@pytest.mark.parametrize(("label", "samples"), [("", 3), ("cost of all", 3)])
def test_the_mean_over_samples_is_one_cost_too(label, samples):
    mlp = MLP(2, [2, 1], seed=0)
    root = average([sum_squared_error(mlp([s, 1.0]), 0.0) for s in range(samples)])
    root.label = label

    assert [v.name for v in shown(root).values() if not v.place] == [label or "C"]


def test_what_is_labelled_between_the_layers_and_the_root_stays():
    mlp, _ = small_network()
    data_cost = sum_squared_error(mlp([0.5, -1.0]), 1.0)
    data_cost.label = "C_data"
    root = data_cost + 0.01 * fsum([w * w for w in mlp.weights(2)[0]])
    root.backward()

    vertices = shown(root)

    assert [v.name for v in vertices.values() if not v.place] == ["C_data", "C"]
    assert vertices["C"].sign == "cost"


def test_without_layers_nothing_is_a_cost():
    w, x = Value(2.0, "w"), Value(3.0, "x")

    assert len(shown((w * x - 1) ** 2)) == 2 + 3


# ------------------------------------------------------------------------------ bookkeeping


@pytest.mark.parametrize(
    "make", [lambda x: x.exp() / 1, lambda x: fsum([x.exp()]), lambda x: sum([x.exp()]), lambda x: x.exp()]
)
def test_a_division_by_1_and_a_sum_of_one_are_not_drawn(make):
    x = Value(0.5, "x")
    root = make(x).tanh()
    root.backward()

    vertices = folded(view(root)).vertices

    assert [v.sign for v in vertices] == ["", "exp", "tanh"]
    assert vertices[1].grad == vertices[2].partials[0]


def test_nor_is_one_that_is_the_root_whose_name_what_is_left_takes():
    x = Value(0.5, "x")
    root = x.exp() / 1

    assert [(v.name, v.sign, v.role) for v in folded(view(root)).vertices] == [
        ("x", "", "input"),
        ("C", "exp", "cost"),
    ]


def test_one_between_two_names_stays():
    x = Value(0.5, "x")
    y = x.exp()
    y.label = "y"
    z = y / 1
    z.label = "z"

    assert [v.name for v in folded(view(z.tanh())).vertices] == ["x", "y", "z", "C"]
    assert [v.name for v in folded(view(Value(0.5, "x") / 1)).vertices] == ["x", "C"]


@pytest.mark.parametrize("make", [lambda v: v / 1, lambda v: 0 + v, lambda v: v / 1 / 1])
def test_one_whose_operand_others_use_too_keeps_a_derivative_of_its_own(make):
    x = Value(Fraction(3), "x")
    v = x * 5
    b = make(v)
    b.label = "b"
    root = v * b
    root.backward()

    found, emphasised = shown(root)["b"], folded(view(root), [b])
    paths = emphasised.paths(emphasised.position[b])

    # C = v·b, and so ∂C/∂b = v, half of what v gets along both ways.
    assert (found.grad, paths.total) == (15, 15)


@pytest.mark.parametrize(
    ("make", "operand", "derivative"), [(lambda x: 0 + x, 0, 1), (lambda x: x / 1, 1, -3)]
)
def test_a_constant_that_is_to_be_emphasised_is_drawn_whatever_it_is(make, operand, derivative):
    root = make(Value(Fraction(3), "x"))
    constant = root.parents[operand]

    emphasised = folded(view(root), [constant])

    assert emphasised.paths(emphasised.position[constant]).total == derivative


# ------------------------------------------------------------------------------ derivatives through a cost


@st.composite
def costs(draw):
    """Return the root of a graph of exact numbers on two outputs of a layer."""
    number = st.fractions(min_value=-3, max_value=3, max_denominator=5)
    nodes = [Value(draw(number), f"a[1][{i}]") for i in range(2)]
    for _ in range(draw(st.integers(1, 7))):
        x, y = (draw(st.sampled_from(nodes[-4:])) for _ in range(2))
        c = draw(number)
        nodes.append(
            draw(
                st.sampled_from(
                    [
                        lambda x=x, y=y: x * y,
                        lambda x=x, c=c: x - c,
                        lambda x=x, c=c: c * x,
                        lambda x=x: x**2,
                        lambda x=x: x / 1,
                        lambda x=x: sum([x]),
                        lambda x=x, y=y: fsum([x, y, x]),
                    ]
                )
            )()
        )
    nodes[-1].backward()
    return nodes[-1]


@given(costs())
def test_the_partials_of_a_cost_are_those_of_all_its_steps(root):
    left = folded(view(root))

    assert sum(not v.place for v in left.vertices) <= 1
    cost = left.root
    assert cost.name in ("C", "a¹₀", "a¹₁")
    for parent in set(cost.parents):
        uses = [d for i, d in zip(cost.parents, cost.partials, strict=True) if i == parent]
        # By one backward pass through every step, in exact numbers.
        assert sum(uses) == left.vertices[parent].grad
    assert left.gradients_are_the_roots()


def test_a_path_through_the_cost_multiplies_to_the_gradient():
    mlp, root = small_network(cross_entropy, 0, 2)
    w = mlp.weights(1)[2][1]

    lines = texts(draw(root, highlight=w))

    assert any(line.startswith("w¹₂₁ → z¹₂ → a¹₂ → z²₁ → C: ") for line in lines)
    left = folded(view(root))
    assert left.paths(left.position[w]).total == pytest.approx(w.grad)


def test_a_step_of_the_cost_that_is_to_be_emphasised_is_drawn():
    x = Value(Fraction(1, 2), "a[1][0]")
    step = x - 1
    root = step**2
    root.backward()

    assert [v.name for v in folded(view(root), keep=[step]).vertices] == ["a¹₀", "v₁", "C"]
    assert "1 path: ∂C/∂v₁ = −1" in texts(draw(root, highlight=step))


# ------------------------------------------------------------------------------ the scale


def test_the_scales_end_is_the_largest_gradient_that_is_seen():
    x = Value(2.0, "x")
    root = (x - 1000.0) * 0.001
    root.backward()

    lines = texts(draw(root))

    assert root.parents[1].grad == -998
    assert {"+1", "−1"} <= set(lines)
    assert not {"+998", "−998"} & set(lines)


# ------------------------------------------------------------------------------ around a picture


def test_a_title_stands_above_and_the_legend_may_be_left_out():
    _, root = small_network()

    with_both = texts(draw(root, title="A <small> network & more"))
    without = texts(draw(root, legend=False))

    assert with_both.count("A <small> network & more") == 1
    assert {"parameter", "input", "computed", "root"} <= set(with_both)
    assert not {"parameter", "input", "computed", "root", "∂C/∂… 0"} & set(without)
    assert set(without) < set(with_both)


def test_a_title_is_a_text():
    with pytest.raises(TypeError, match="title is a text, not int 5"):
        draw(Value(1.0) * 2, title=5)


def test_without_a_legend_a_path_still_says_what_it_multiplies_to():
    mlp, root = small_network()

    assert any("1 path: " in text for text in texts(draw(root, highlight=mlp.weights(1)[0][0], legend=False)))


# ------------------------------------------------------------------------------ the neighbourhood of a node


def labelled(root, label):
    return next(node for node in topological_order(root) if node.label == label)


def around(root, node):
    left = folded(view(root))
    return focused(left, left.position[node])


def digits():
    mlp = MLP(20, [12, 10], seed=0)
    root = cross_entropy(mlp([0.05 * k for k in range(20)]), 3)
    root.backward()
    return mlp, root


def test_of_a_neuron_its_weights_inputs_and_users_are_drawn_and_the_rest_is_counted():
    _, root = small_network()

    near = around(root, labelled(root, "z[1][1]"))

    names = [v.name or v.sign for v in near.vertices]
    assert set(names) == {
        *("a⁰₀", "a⁰₁", "w¹₁₀", "w¹₁₁", "b¹₁", "z¹₁", "a¹₁", "z²₀", "C", "2 more neurons"),
    }


def test_of_many_neighbours_some_are_drawn():
    mlp, root = digits()

    near = around(root, mlp.weights(1)[3][11])

    names = {v.name or v.sign for v in near.vertices}
    assert [name for name in names if name.startswith("w¹₃") and name.endswith("₁₁")]
    assert {"a⁰₁₁", "z¹₃", "a¹₃", "b¹₃", "z²₀", "z²₉"} <= names
    assert {
        "14 more weights",
        "layer 0: 14 more inputs",
        "11 more neurons",
        "layer 2: 5 more neurons",
    } <= names
    assert len(near.vertices) < 40


@pytest.mark.parametrize("label", ["a[0][7]", "w[1][3,11]", "z[1][3]", "a[1][3]", "b[2][0]", "z[2][9]", ""])
def test_edges_lead_forward_and_the_root_is_last(label):
    _, root = digits()

    near = around(root, root if label == "" else labelled(root, label))

    assert near.root.name == "C"
    for i, vertex in enumerate(near.vertices):
        assert all(parent < i for parent in vertex.parents)
    drawn = {parent for vertex in near.vertices for parent in vertex.parents}
    assert drawn == set(range(len(near.vertices) - 1))


def test_of_many_samples_one_is_drawn_and_all_of_the_rest_leads_somewhere():
    mlp = MLP(2, [2, 1], seed=0)
    root = average([sum_squared_error(mlp([0.1 * s, 0.5]), [1.0]) for s in range(9)])
    root.backward()

    near = around(root, [n for n in topological_order(root) if n.label == "z[1][1]"][3])

    assert [v.name for v in near.vertices if v.letter == "z"] == ["z¹⁽⁶⁾₁"]
    assert "16 more values" in [v.sign for v in near.vertices]
    assert {p for v in near.vertices for p in v.parents} == set(range(len(near.vertices) - 1))


def test_without_labels_the_rest_is_what_it_was_made_of_and_what_was_made_of_it():
    x = Value(0.5, "x")
    for _ in range(2000):
        x = x.sin()

    lines = texts(draw(x, focus=topological_order(x)[1000]))

    assert {"999 more values", "998 more values"} <= set(lines)
    assert [line for line in lines if line.startswith("v₁₀₀₀")]


def test_partials_stand_on_the_edges_between_what_is_drawn():
    _, root = small_network()
    z = labelled(root, "z[1][1]")

    lines = texts(draw(root, focus=z, partials=True))

    assert "∂z¹₁/∂a⁰₀ = −0.174" in lines
    assert not [line for line in lines if "None" in line or ("∂" in line and "more" in line)]


def test_a_focus_is_a_node_of_the_graph_and_alone():
    x, y = Value(1.0, "x"), Value(2.0, "y")

    with pytest.raises(ValueError, match=r"the root was not made of Value\(.*'y'\)"):
        draw(x * x, focus=y)
    with pytest.raises(TypeError, match="focus is a Value of the graph, not str 'x'"):
        draw(x * x, focus="x")
    with pytest.raises(ValueError, match="pass one of them"):
        draw(x * x, focus=x, highlight=x)
    with pytest.raises(ValueError, match="pass detail='neurons'"):
        draw(x * x, focus=x, detail="layers")


def test_the_gradients_near_a_node_are_said_to_be_the_roots_if_they_are():
    _, root = digits()

    assert not any("other passes" in text for text in texts(draw(root, focus=labelled(root, "z[1][3]"))))
    root.backward()
    assert any("other passes" in text for text in texts(draw(root, focus=labelled(root, "z[1][3]"))))


def test_the_cost_of_a_single_neuron_is_one_node_too():
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.5, "b")
    z = affine([w], [x], b)
    z.label = "z"
    a = z.tanh()
    a.label = "a"
    cost = (a - 1) ** 2
    cost.backward()

    names = [(vertex.name, vertex.sign) for vertex in folded(view(cost)).vertices]

    assert names[-1] == ("C", "(a − 1)²")
    assert sorted(name for name, _ in names) == ["C", "a", "b", "w", "x", "z"]


def last_sum(label, *after):
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.5, "b")
    y = affine([w], [x], b)
    y.label = label
    for step in after:
        y = step(y)
    return y


@pytest.mark.parametrize("label", ["z", "y"])
def test_so_is_that_of_a_neuron_without_activation(label):
    cost = last_sum(label, lambda y: y - 0.25, lambda d: d**2)

    shown = folded(view(cost))

    assert [vertex.name for vertex in shown.vertices] == ["b", "w", "x", label, "C"]
    assert shown.root.sign == f"({label} − 0.25)²"
    assert shown.root.partials == pytest.approx([2 * (-0.5 - 0.25)])
    assert [len(card.rows) for card in cards(shown)] == [1, 3, 1]


def test_but_an_activation_without_a_label_is_no_step_of_a_cost():
    cost = last_sum("z", Value.tanh, lambda a: a - 0.25, lambda d: d**2)

    shown = folded(view(cost))

    assert [vertex.sign for vertex in shown.vertices[-4:]] == ["Σ+b", "tanh", "v₁ − 0.25", "v₂²"]
    assert [shown.vertices[card.rows[-1]].sign for card in cards(shown)] == ["", "tanh", "v₁ − 0.25", "v₂²"]


def test_a_difference_from_a_number_is_no_activation():
    shown = folded(view(last_sum("z", lambda z: z - 0.25)), costs=False)

    assert [len(card.rows) for card in cards(shown)] == [1, 3, 1]
