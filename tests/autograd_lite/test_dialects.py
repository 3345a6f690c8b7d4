"""Names, numbers and the rule book's notation in three dialects: read back, and checked for validity."""

import math
import re
import xml.etree.ElementTree as ElementTree
from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import RULES, Value, fsum
from autograd_lite.writing import LATEX, MATHML, PLAIN, Symbol, precedence, short, symbol, symbols

many = settings(deadline=None, max_examples=200, derandomize=True)
DIALECTS = {"plain": PLAIN, "latex": LATEX, "mathml": MATHML}
_READ = str.maketrans("−⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "-0123456789-")


def read(text):
    mantissa, _, exponent = text.partition("·10")
    return float(f"{mantissa.translate(_READ)}e{exponent.translate(_READ) or 0}")


# ------------------------------------------------------------------------------ names


@pytest.mark.parametrize(
    ("label", "plain", "latex"),
    [
        ("w[1][0,2]", "w¹₀₂", "w^{1}_{02}"),
        ("w[1][0,12]", "w¹₀‚₁₂", "w^{1}_{0,12}"),
        ("b[2][1]", "b²₁", "b^{2}_{1}"),
        ("x[3]", "x₃", "x_{3}"),
        ("cost", "cost", r"\mathrm{cost}"),
        ("α", "α", r"\alpha "),
        ("Φ", "Φ", r"\Phi "),
        ("Α", "Α", r"\mathrm{Α}"),
        ("learning rate", "learning rate", r"\mathrm{learning\ rate}"),
        ("a_b", "a_b", r"\mathrm{a\_b}"),
        ("w[", "w[", r"\mathrm{w[}"),
    ],
)
def test_a_label_becomes_a_symbol(label, plain, latex):
    assert PLAIN.symbol(symbol(label)) == plain
    assert LATEX.symbol(symbol(label)) == latex
    shown = "".join(ElementTree.fromstring(MATHML.symbol(symbol(label))).itertext())
    assert sorted(shown) == sorted(re.sub(r"\[(?=\w)|(?<=\w)\]", "", label).replace("0,2", "02"))


def test_a_single_index_is_a_layer_only_where_layers_are():
    assert PLAIN.symbol(symbol("b[1]", layered=True)) == "b¹"
    assert PLAIN.symbol(symbol("b[1]")) == "b₁"
    assert PLAIN.symbol(symbol("x[1]", layered=True)) == "x₁"


def test_samples_under_one_label_are_counted():
    zs = [Value(float(i), "z[2][0]") for i in range(3)]
    for root in (fsum(zs), zs[0] + zs[1] + zs[2], fsum([z * z for z in zs]) / 3):
        named = symbols(root)
        assert [PLAIN.symbol(named[z]) for z in zs] == ["z²⁽¹⁾₀", "z²⁽²⁾₀", "z²⁽³⁾₀"]


def test_names_come_parents_before_children():
    x = Value(1.0)
    root = fsum([x * x, (x * x).exp(), x]) * x.exp()
    order = list(symbols(root))
    assert len(set(order)) == len(order) == 7
    assert all(order.index(parent) < order.index(node) for node in order for parent in node.parents)


labels = st.sampled_from(["", "", "x", "C", "v[1]", "x[1]", "x[2]", "C[1]", "w[1][0,1]", "b[1]"])


@many
@given(st.lists(labels, min_size=2, max_size=12), st.data())
def test_every_node_has_a_name_of_its_own(labels, data):
    nodes = [Value(1.0, labels[0])]
    for label in labels[1:]:
        x = data.draw(st.sampled_from(nodes))
        node = data.draw(st.sampled_from([x * x, x + 1, Value(2.0) * x]))
        node.label = label
        nodes.append(node)
    root = fsum(nodes)
    named = symbols(root)
    shown = [PLAIN.symbol(s) for s in named.values()]
    assert len(set(shown)) == len(shown)
    assert all(node in named for node in nodes)


# ------------------------------------------------------------------------------ numbers


@many
@given(st.floats(-1e300, 1e300), st.integers(2, 17))
def test_a_printed_float_is_read_back_within_its_digits(x, digits):
    assert read(PLAIN.number(x, digits)) == pytest.approx(x, rel=10.0 ** (1 - digits), abs=1e-320)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (3, "3"),
        (-3.0, "−3"),
        (Fraction(-1, 3), "−1/3"),
        (Decimal("0.25"), "0.25"),
        (Decimal(1) / 3, "0.3333"),
        (Decimal("1E-30"), "1·10⁻³⁰"),
        (mpmath.mpf("1e-400"), "1.0·10⁻⁴⁰⁰"),
        (Fraction(10**40, 3), "3.333·10³⁹"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "nan"),
        (1e300, "1·10³⁰⁰"),
    ],
)
def test_numbers_of_every_kind_are_short(number, text):
    assert short(number) == text
    shown = "".join(ElementTree.fromstring(MATHML.number(number)).itertext())
    assert shown == text.replace("/", "").translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789−"))


def test_a_number_of_more_digits_than_python_prints_is_short():
    assert read(short(10**5000).replace("⁵⁰⁰⁰", "⁵")) == 1e5


def test_fractions_and_powers_of_ten_are_typeset():
    assert LATEX.number(Fraction(-1, 3)) == r"-\tfrac{1}{3}"
    assert LATEX.number(1.5e-7) == r"1.5 \cdot 10^{-7}"


# ------------------------------------------------------------------------------ the rule book's notation


def operands_of(row):
    return ["p", "q", "r", "s", "t"][: 5 if row.variadic else len(row.partials)]


@pytest.mark.parametrize("name", RULES)
def test_every_row_is_valid_latex(name):
    mathtext = pytest.importorskip("matplotlib.mathtext").MathTextParser("path")
    latex = LATEX.operation(name, operands_of(RULES[name]))
    mathtext.parse(f"${latex}$")
    assert not re.search("[−·√²σΦφπ]", latex)


@pytest.mark.parametrize("name", RULES)
def test_every_row_is_well_formed_mathml_with_every_operand(name):
    row = RULES[name]
    tree = ElementTree.fromstring(MATHML.operation(name, [f"<mi>{x}</mi>" for x in operands_of(row)]))
    shown = [element.text for element in tree.iter("mi")]
    assert set(operands_of(row)) <= set(shown)
    assert all(len(list(element)) == 2 for kind in ("mfrac", "msup", "msub") for element in tree.iter(kind))


def test_shapes_stand_for_signs():
    assert LATEX.operation("div", ["a", "b"]) == r"\frac{a}{b}"
    assert LATEX.operation("circle", ["x"]) == r"\sqrt{1-{x}^{2}}"
    assert MATHML.operation("sqrt", ["<mi>x</mi>"]) == "<mrow><msqrt><mi>x</mi></msqrt></mrow>"


@pytest.mark.parametrize(
    ("name", "binds"),
    [
        ("add", 1),
        ("sub", 1),
        ("neg", 1),
        ("mul", 2),
        ("div", 2),
        ("gauss", 2),
        ("pow", 3),
        ("log1p", 4),
        ("abs", 4),
    ],
)
def test_sums_bind_less_than_products_and_these_than_powers(name, binds):
    assert precedence(name) == binds


@pytest.mark.parametrize("name", DIALECTS)
def test_a_use_can_be_told_apart(name):
    dialect = DIALECTS[name]
    one, two = (dialect.partial("y", "x", use) for use in (1, 2))
    assert len({one, two, dialect.partial("y", "x")}) == 3


def test_a_superscript_that_has_no_sign_is_written_with_a_caret():
    assert PLAIN.symbol(Symbol("a", "out", ("0",))) == "a^out₀"
