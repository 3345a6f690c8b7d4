"""The chain rule in words: its numbers against exact arithmetic and brute force, its forms parsed back."""

import math
import re
import xml.etree.ElementTree as ElementTree
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import add, mul

import mpmath
import networkx
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Value, affine, fsum, sumprod, topological_order
from autograd_lite.explain import Derivation, explain

many = settings(deadline=None, max_examples=100, derandomize=True)

STEPS = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: -x,
    lambda x, y: x * x,
    lambda x, y: x / (y * y + 1),
    lambda x, y: fsum([x, y, x]),
    lambda x, y: affine([x, 2], [y, x], y),
    lambda x, y: sumprod([x, y], [y, x]),
]


@st.composite
def graphs(draw):
    """Return a root, and a leaf, of an exact graph with shared nodes, some of them under labels."""
    numbers = st.fractions(min_value=-3, max_value=3, max_denominator=4)
    values = [Value(draw(numbers), "p"), Value(draw(numbers), "q")]
    for i in range(draw(st.integers(1, 7))):
        x, y = (values[draw(st.integers(0, len(values) - 1))] for _ in range(2))
        values.append(draw(st.sampled_from(STEPS))(x, y))
        values[-1].label = draw(st.sampled_from(["", f"z[{i}]"]))
    return values[-1], draw(st.sampled_from(values[:2]))


def backward_gradient(root, wrt):
    """Return what backward puts into wrt.grad, and leave every gradient as it was."""
    nodes = topological_order(root)
    before = [node.grad for node in nodes]
    for node in nodes:
        node.grad = 0
    root.backward()
    gradient = wrt.grad
    for node, grad in zip(nodes, before, strict=True):
        node.grad = grad
    return gradient


def brute_force_count(root, wrt):
    graph = networkx.MultiDiGraph()
    graph.add_nodes_from([root, wrt])
    for node in topological_order(root):
        graph.add_edges_from((node, parent) for parent in node.parents)
    return sum(1 for _ in networkx.all_simple_edge_paths(graph, root, wrt))


def finite_difference(f, x, h=1e-6):
    return (f(x + h) - f(x - h)) / (2 * h)


_SIGNS = str.maketrans("−⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "-0123456789-")


def parsed(text):
    """Return the number that a piece of text shows, or None."""
    found = re.fullmatch(r"\(?(−?[\d.]+)(?:·10([⁻⁰¹²³⁴-⁹]+))?\)?", text.strip())
    if found is None:
        return None
    mantissa, exponent = found.groups()
    return float(f"{mantissa.translate(_SIGNS)}e{(exponent or '0').translate(_SIGNS)}")


def last_number(text):
    """Return the number at the end of the derivation's main equation."""
    equations = text.partition("where")[0].rstrip()
    return parsed(equations.rpartition(" = ")[2])


# ------------------------------------------------------------------------------ the numbers


@many
@given(graphs())
def test_the_value_is_what_backward_gives(graph):
    root, wrt = graph
    assert explain(root, wrt).value == backward_gradient(root, wrt)


@many
@given(graphs())
def test_the_products_of_the_paths_add_up_to_the_gradient(graph):
    root, wrt = graph
    paths = explain(root, wrt).paths
    assert sum(path.product for path in paths) == backward_gradient(root, wrt)
    assert sum(reduce(mul, path.factors, 1) for path in paths) == backward_gradient(root, wrt)


@many
@given(graphs())
def test_paths_are_as_many_as_the_graph_has(graph):
    root, wrt = graph
    derivation = explain(root, wrt)
    expected = 1 if root is wrt else brute_force_count(root, wrt)
    assert derivation.number_of_paths == len(derivation.paths) == expected


@many
@given(graphs())
def test_a_path_leads_from_the_root_to_the_variable_by_nodes_made_of_each_other(graph):
    root, wrt = graph
    for path in explain(root, wrt).paths:
        assert path.nodes[0] is root
        assert path.nodes[-1] is wrt
        assert len(path.factors) == len(path.nodes) - 1
        assert all(b in topological_order(a) for a, b in zip(path.nodes, path.nodes[1:], strict=False))


@many
@given(graphs())
def test_explaining_touches_nothing(graph):
    root, wrt = graph
    nodes = topological_order(root)
    for i, node in enumerate(nodes):
        node.grad = i
    before = [(node.data, node.grad, node.label) for node in nodes]

    derivation = explain(root, wrt)
    for form in ("paths", "recursion"):
        derivation.text(form), derivation.latex(form), derivation.mathml(form)

    assert [(node.data, node.grad, node.label) for node in nodes] == before


def test_every_derivative_of_a_neuron_against_finite_differences():
    point = {"w": 0.7, "x": -1.3, "b": 0.4}

    def cost(w, x, b):
        return (math.tanh(w * x + b) - 0.25) ** 2

    leaves = {letter: Value(number, letter) for letter, number in point.items()}
    C = ((leaves["w"] * leaves["x"] + leaves["b"]).tanh() - 0.25) ** 2
    for letter, leaf in leaves.items():
        expected = finite_difference(lambda t, letter=letter: cost(**point | {letter: t}), point[letter])
        derivation = explain(C, leaf)
        assert derivation.value == pytest.approx(expected, rel=1e-8)
        assert last_number(derivation.text("paths")) == pytest.approx(expected, rel=1e-3)
        assert last_number(derivation.text("recursion")) == pytest.approx(expected, rel=1e-3)


def test_an_interior_node_can_be_the_variable():
    x = Value(2.0, "x")
    z = x * x
    root = z * z + x
    assert explain(root, z).value == 8.0


def test_the_partials_are_those_of_the_forward_pass():
    x = Value(3.0, "x")
    root = x * x
    x.data = 100.0
    assert explain(root, x).value == 6.0
    assert "= 6" in str(explain(root, x))


def test_nothing_flows_back_through_a_dead_unit():
    x = Value(0.0, "x")
    root = x.sqrt() * 0.0  # the partial of the root is infinite
    assert explain(root, x).value == 0
    assert [path.product for path in explain(root, x).paths] == [0]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (Fraction(1, 3), Fraction(2, 3)),
        (Decimal("0.1"), Decimal("0.2")),
        (mpmath.mpf(3), mpmath.mpf(6)),
        (sympy.Symbol("t"), 2 * sympy.Symbol("t")),
    ],
)
def test_other_kinds_of_numbers_stay_what_they_are(number, expected):
    x = Value(number, "x")
    derivation = explain(x * x, x)
    assert derivation.value == expected
    for form in ("paths", "recursion"):
        assert derivation.text(form)
        ElementTree.fromstring(derivation.mathml(form))


def test_fractions_are_shown_exactly():
    x, y = Value(Fraction(2, 3), "x"), Value(Fraction(-1, 7), "y")
    assert str(explain(x * y, x)).endswith("∂C/∂x = y = −1/7")


# ------------------------------------------------------------------------------ what is written


def neuron():
    w, x, b = Value(0.5, "w[1][0,1]"), Value(2.0, "x[1]"), Value(-1.5, "b[1][0]")
    z = affine([w], [x], b)
    z.label = "z[1][0]"
    a = z.tanh()
    a.label = "a[1][0]"
    return (a - 1) ** 2, w, b


def test_symbols_come_first_then_numbers_then_the_result():
    C, w, _ = neuron()
    a = math.tanh(-0.5)
    chain, numbers, result = str(explain(C, w)).splitlines()[2].split(" = ")[1:]

    assert chain == "∂C/∂a¹₀ · ∂a¹₀/∂z¹₀ · ∂z¹₀/∂w¹₀₁"
    shown = [parsed(part) for part in numbers.split(" · ")]
    assert shown == pytest.approx([2 * (a - 1), 1 - a * a, 2.0], rel=1e-3)
    assert parsed(result) == pytest.approx(4 * (a - 1) * (1 - a * a), rel=1e-3)


def test_each_factor_is_given_by_its_rule():
    C, w, b = neuron()
    rules = dict(re.findall(r"^(\S+) += (.+?) += \S+$", str(explain(C, w)).partition("where")[2], re.M))
    assert rules == {
        "∂C/∂a¹₀": "2 · (a¹₀ − 1)",
        "∂a¹₀/∂z¹₀": "1 − (a¹₀)²",
        "∂z¹₀/∂w¹₀₁": "x₁",
    }
    assert str(explain(C, b)).endswith("\n∂z¹₀/∂b¹₀ = 1")


def test_negative_numbers_within_products_and_sums_are_in_parentheses():
    C, w, _ = neuron()
    assert not re.search(r"[·+] −", explain(C, w).text("paths") + explain(C, w).text("recursion"))
    assert "(−2.924) · 0.7864" in explain(C, w).text("paths")


def test_the_recursion_has_a_term_for_each_neuron_of_the_next_layer():
    a = Value(0.5, "a[1][0]")
    w = [Value(float(j + 1), f"w[2][{j},0]") for j in range(3)]
    z = [affine([w[j]], [a], 0.0) for j in range(3)]
    for j in range(3):
        z[j].label = f"z[2][{j}]"
    C = fsum([z[0] * z[0], z[1], z[2] * z[1]])

    text = explain(C, a).text("recursion")

    by_symbols, by_rules, by_numbers, result = text[text.index("∂C/∂a¹₀") :].split("= ")[1:]
    assert " ".join(by_symbols.split()) == "∂C/∂z²₀ · ∂z²₀/∂a¹₀ + ∂C/∂z²₁ · ∂z²₁/∂a¹₀ + ∂C/∂z²₂ · ∂z²₂/∂a¹₀"
    assert " ".join(by_rules.split()) == "∂C/∂z²₀ · w²₀₀ + ∂C/∂z²₁ · w²₁₀ + ∂C/∂z²₂ · w²₂₀"
    # ∂C/∂z = (2 z₀, 1 + z₂, z₁) at z = (0.5, 1, 1.5)
    assert " ".join(by_numbers.split()) == "1 · 1 + 2.5 · 2 + 1 · 3"
    assert parsed(result) == 9.0


def test_every_line_of_the_recursion_can_be_computed_from_the_lines_above():
    x = Value(0.3, "x")
    root = (x * x * x).sin() * x
    known = {}
    for line in explain(root, x).text("recursion").replace("\n       ", "").splitlines()[2:]:
        left, *members = (part.strip() for part in line.split("="))
        result = parsed(members[-1])
        if len(members) == 4:
            symbols, numbers = members[0], members[2]
            for term, shown in zip(symbols.split(" + "), numbers.split(" + "), strict=True):
                adjoint = term.split(" · ")[0]
                if adjoint in known:
                    assert parsed(shown.split(" · ")[0]) == known[adjoint]
            products = [math.prod(map(parsed, term.split(" · "))) for term in numbers.split(" + ")]
            assert sum(products) == pytest.approx(result, rel=2e-3)
        known[left] = result
    assert known["∂C/∂x"] == pytest.approx(backward_gradient(root, x), rel=1e-3)


def test_equals_signs_stand_below_each_other():
    x = Value(1.5, "x")
    for form in ("paths", "recursion"):
        text = explain((x * x).tanh() * x, x).text(form)
        for section in re.split(r"\n\n(?:where.*\n)?", text)[1:]:
            assert len({re.search("[=+·]", line).start() for line in section.splitlines()}) == 1


def test_two_uses_of_a_node_are_two_paths_and_told_apart():
    x, y = Value(3.0, "x"), Value(5.0, "y")
    z = x * y + x
    z.label = "z"
    text = explain(z * 2, x).text("paths")
    assert "∂C/∂z · ∂z/∂x|₁ + ∂C/∂z · ∂z/∂x|₂ = 2 · 5 + 2 · 1 = 12" in text
    assert re.search(r"∂z/∂x\|₁ = y += 5\n", text)


def test_a_direct_use_is_not_confused_with_the_whole_derivative():
    x = Value(3.0, "x")
    text = explain(x.exp() + x, x).text("paths")
    assert "∂C/∂v₁ · ∂v₁/∂x + ∂C/∂x|₁ =" in text


def test_few_paths_are_spelled_out_and_many_summed_by_the_recursion():
    def ladder(rungs):
        x = y = Value(1.0, "x")
        for _ in range(rungs):
            y = y + y.exp()
        return explain(y, x)

    assert str(ladder(2)).startswith("4 paths lead from C back to x")
    assert str(ladder(2)) == ladder(2).text("paths")
    assert str(ladder(3)).startswith("8 paths lead from C back to x")
    assert str(ladder(3)) == ladder(3).text("recursion")
    assert ladder(3).text("paths") != ladder(3).text("recursion")


def test_the_root_goes_by_its_label():
    x = Value(2.0, "x")
    loss = x * 3
    loss.label = "loss"
    assert str(explain(loss, x)).endswith("∂loss/∂x = 3")


def test_root_and_variable_the_wrong_way_round_are_told():
    x = Value(2.0, "x")
    assert str(explain(x, x * x)).startswith("x does not depend on v; it is the other way round.\n")
    with pytest.raises(TypeError, match=r"which variable .*: explain\(cost, weight\)"):
        explain(x * x)


def test_what_the_root_does_not_depend_on():
    x, stranger, C = Value(2.0, "x"), Value(1.0, "s"), Value(1.0, "C")
    for wrt, symbol in [(stranger, "s"), (Value(1.0), "x′"), (C, "C′")]:
        derivation = explain(x * x, wrt)
        assert (derivation.value, derivation.number_of_paths, derivation.paths) == (0, 0, [])
        assert str(derivation) == f"C does not depend on {symbol}.\n\n∂C/∂{symbol} = 0"


def test_the_root_itself():
    x = Value(2.0, "x")
    root = x * x
    derivation = explain(root, root)
    assert (derivation.value, derivation.number_of_paths) == (1, 1)
    assert [path.nodes for path in derivation.paths] == [(root,)]
    assert str(derivation).endswith("∂C/∂C = 1")


def test_a_constant_can_be_the_variable():
    x = Value(2.0, "x")
    root = x * 3.0
    assert explain(root, root.parents[1]).value == 2.0
    assert str(explain(root, root.parents[1])).endswith("∂C/∂c = x = 2")


# ------------------------------------------------------------------------------ large graphs


def widest(text):
    return max(map(len, text.splitlines()))


def test_the_paths_of_a_large_graph_are_counted_and_never_listed():
    x = y = Value(1.0, "x")
    for _ in range(1000):
        y = (y + y) * 0.5

    derivation = explain(y, x)

    assert derivation.number_of_paths == 2**1000
    assert derivation.value == 1.0
    with pytest.raises(ValueError, match=r'about 1\.072·10³⁰¹ paths.*text\(form="recursion"\)'):
        _ = derivation.paths
    for form in ("paths", "recursion", None):
        assert len(derivation.text(form).splitlines()) < 40
        assert widest(derivation.text(form)) <= 100
        assert "1.072·10³⁰¹" in derivation.text(form)


def test_more_paths_than_python_prints_digits():
    x = y = Value(1.0, "x")
    for _ in range(15_000):
        y = y + y * -1
    assert "about" in explain(y, x).text("paths")


@pytest.mark.slow
def test_a_long_chain():
    x = y = Value(0.5, "x")
    for _ in range(100_000):
        y = -y

    derivation = explain(y, x)

    assert derivation.value == 1
    assert derivation.number_of_paths == 1
    for form in ("paths", "recursion"):
        text = derivation.text(form)
        assert len(text.splitlines()) < 40
        assert widest(text) <= 100
    assert "… 99,995 more …" in derivation.text("paths")
    assert "99,976 more" in derivation.text("recursion")


def test_a_node_with_a_thousand_users():
    x = Value(0.5, "x")
    derivation = explain(fsum([x * i for i in range(1000)]), x)
    text = derivation.text("recursion")
    assert derivation.value == 499500
    assert "∂C/∂v₁ · ∂v₁/∂x + ∂C/∂v₂ · ∂v₂/∂x + ∂C/∂v₃ · ∂v₃/∂x + … 996 more …" in text
    assert last_number(text) == 499500
    assert len(text.splitlines()) < 20


def test_a_thousand_uses_by_one_node():
    x = Value(0.5, "x")
    derivation = explain(fsum([x] * 1000), x)
    assert derivation.number_of_paths == 1000
    assert derivation.text("recursion").endswith("∂C/∂x = 1000")
    assert len(derivation.text("paths").splitlines()) < 20


# ------------------------------------------------------------------------------ LaTeX, Markdown, MathML

COMMANDS = {
    "partial", "frac", "tfrac", "cdot", "left", "right", "mathrm", "text", "cdots", "sqrt", "begin", "end",
    "infty", "exp", "ln", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min", "sigma", "pi", "alpha",
}  # fmt: skip


def assert_valid_latex(latex):
    assert latex.count("{") == latex.count("}")
    assert len(re.findall(r"\\left\b", latex)) == len(re.findall(r"\\right\b", latex))
    assert set(re.findall(r"\\([A-Za-z]+)", latex)) <= COMMANDS
    assert not re.search("[−·∂₀-₉⁰-⁹√σ]", latex)
    rows = latex.splitlines()
    assert (rows[0], rows[-1]) == (r"\begin{aligned}", r"\end{aligned}")
    assert all(row.count("&") == 1 and row.endswith(r"\\") for row in rows[1:-1])


@settings(deadline=None, max_examples=15, derandomize=True)
@given(graphs())
def test_latex_is_valid_and_mathml_well_formed(graph):
    mathtext = pytest.importorskip("matplotlib.mathtext").MathTextParser("path")
    derivation = explain(*graph)
    for form in ("paths", "recursion"):
        assert_valid_latex(derivation.latex(form))
        for row in derivation.latex(form).splitlines()[1:-1]:
            formula = row.removesuffix(r"\\").replace("&", "").replace("tfrac", "frac").strip()
            if formula:
                mathtext.parse(f"${formula}$")
        tree = ElementTree.fromstring(derivation.mathml(form))
        assert tree.tag == "{http://www.w3.org/1998/Math/MathML}math"


def test_mathml_says_what_the_text_says():
    C, w, _ = neuron()
    for form in ("paths", "recursion"):
        shown = "".join(ElementTree.fromstring(explain(C, w).mathml(form)).itertext())
        for number in re.findall(r"\d\.\d+", explain(C, w).text(form)):
            assert number in shown


def test_latex_has_the_indices_of_the_derivations():
    C, w, _ = neuron()
    first = explain(C, w).latex().splitlines()[1]
    assert r"\frac{\partial C}{\partial w^{1}_{01}}" in first
    assert (
        r"\frac{\partial C}{\partial a^{1}_{0}} \cdot \frac{\partial a^{1}_{0}}{\partial z^{1}_{0}}" in first
    )


def test_a_notebook_is_given_mathematics_and_a_terminal_text():
    C, w, _ = neuron()
    derivation = explain(C, w)
    sentence, block = derivation.markdown().split("\n\n", 1)
    assert sentence == "1 path leads from $C$ back to $w^{1}_{01}$:"
    assert block.strip() == f"$$\n{derivation.latex()}\n$$" == derivation._repr_latex_()
    assert derivation.mathml() in derivation._repr_html_()
    assert repr(derivation) == str(derivation) == derivation.text()


@pytest.mark.parametrize(
    "label", ["a_b", "50%", "$x$", "x^2", "<b>&", "α", "loss\n2", "w[", "{", "ä", "\\frac"]
)
def test_any_label_can_be_written(label):
    mathtext = pytest.importorskip("matplotlib.mathtext").MathTextParser("path")
    x = Value(2.0, label)
    derivation = explain(x * x, x)
    row = derivation.latex().splitlines()[1].removesuffix(r"\\").replace("&", "", 1).strip()
    if "&" not in label:  # which the subset of LaTeX does not know
        mathtext.parse(f"${row}$")
    ElementTree.fromstring(derivation.mathml())
    assert len(str(derivation).splitlines()) == len(explain(x * x, x).text().splitlines())
    assert "\n2" not in str(derivation)


# ------------------------------------------------------------------------------ what is refused


def test_what_is_no_value_is_refused_with_advice():
    x = Value(1.0, "x")
    with pytest.raises(TypeError, match=r"a Value, the root of a graph, or a network, not float 2\.0"):
        explain(2.0, x)
    with pytest.raises(TypeError, match=r"with respect to a Value of the graph, not to its label 'x'"):
        explain(x * x, "x")
    with pytest.raises(TypeError, match="say which variable"):
        explain(x * x)
    with pytest.raises(TypeError, match=r"layer: for a network only"):
        explain(x * x, x, layer=1)


def test_an_unknown_form_is_refused():
    x = Value(1.0, "x")
    for write in (Derivation.text, Derivation.markdown, Derivation.latex, Derivation.mathml):
        with pytest.raises(ValueError, match='the form is "paths" or "recursion", not \'tree\''):
            write(explain(x * x, x), "tree")


def test_what_has_a_method_explain_is_asked():
    class Network:
        def explain(self, *arguments, **choice):
            return arguments, choice

    assert explain(Network(), layer=1, weight=(0, 1)) == ((), {"layer": 1, "weight": (0, 1)})
    assert explain(Network(), 2, bias=0) == ((2,), {"bias": 0})


def test_sums_written_by_operators_are_folded_into_the_labelled_vertices():
    w, x, y = (Value(float(i + 1), letter) for i, letter in enumerate("wxy"))
    z = w * x
    z.label = "z"
    C = reduce(add, [(z - y) ** 2, w * w])
    text = explain(C, w).text("paths")
    assert re.search(r"∂C/∂z += 2 · \(z − y\) = −2\n", text)
    assert explain(C, w).number_of_paths == 3
