"""Formulas as text: what they compute, by Python's own arithmetic, and what they refuse."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.parse import Formula, FormulaError, number

WORDS = {"exp": math.exp, "tanh": math.tanh, "sin": math.sin, "abs": abs, "max": max, "hypot": math.hypot}


@st.composite
def formulas(draw, depth=4):
    """Draw a formula whose text Python itself can compute."""
    kind = draw(st.sampled_from(["name", "number", "sum", "product", "power", "call", "negative"]))
    if depth == 0 or kind == "name":
        return draw(st.sampled_from(["w", "x", "b"]))
    if kind == "number":
        return repr(draw(st.floats(0, 3)))
    left, right = draw(formulas(depth=depth - 1)), draw(formulas(depth=depth - 1))
    if kind == "sum":
        return f"{left} {draw(st.sampled_from('+-'))} {right}"
    if kind == "product":
        return f"({left}) {draw(st.sampled_from('*/'))} ({right})"
    if kind == "power":
        return f"({left}) ** {draw(st.sampled_from(['2', '3', '1.0']))}"
    if kind == "negative":
        return f"-({left})"
    return f"{draw(st.sampled_from(['tanh', 'sin', 'abs']))}({left})"


@given(formulas(), *[st.floats(-2, 2)] * 3)
def test_a_formula_is_what_python_computes(text, w, x, b):
    values = {name: v for name, v in (("w", w), ("x", x), ("b", b)) if name in text.replace("abs", "")}
    try:
        expected = eval(text, {"__builtins__": {}}, {**WORDS, **values})
    except (ZeroDivisionError, OverflowError) as error:
        with pytest.raises(type(error)):
            Formula(text, values)
    else:
        assert Formula(text, values).root.data == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_gradients_reach_the_named_leaves():
    formula = Formula("tanh(w*x + b)", {"w": 0.5, "x": 2.0, "b": -0.5})

    formula.root.backward()

    slope = 1 - math.tanh(0.5) ** 2
    assert [v.grad for v in formula.leaves.values()] == pytest.approx([2 * slope, 0.5 * slope, slope])
    assert [v.label for v in formula.leaves.values()] == ["w", "x", "b"]


def test_names_may_have_the_indices_of_labels():
    formula = Formula("w[1][0,2] * x[0]", {"w[1][0,2]": 3.0, "x[0]": 5.0})

    assert formula.root.data == 15
    assert [parent.label for parent in formula.root.parents] == ["w[1][0,2]", "x[0]"]


def test_a_part_with_a_name_is_one_node_wherever_it_is_used():
    formula = Formula("(z := w*x) * z + (w2 := w)", {"w": 3.0, "x": 2.0})

    formula.root.backward()

    # z² + w with z = wx: ∂/∂w = 2zx + 1
    assert formula.leaves["w"].grad == 2 * 6 * 2 + 1
    square, w2 = formula.root.parents
    assert square.parents[0] is square.parents[1]
    assert (square.parents[0].label, w2.label) == ("z", "w2")


def test_pi_and_e_are_known_unless_given():
    assert Formula("cos(pi) + ln(e)", {}).root.data == pytest.approx(0)
    assert Formula("e * 2", {"e": 5.0}).root.data == 10


@pytest.mark.parametrize(
    ("text", "values", "reason", "marked"),
    [
        ("w ^ 2", {"w": 1}, "write **", "w ^ 2"),
        ("1 + tanhh(w)", {"w": 1}, "did you mean tanh", "tanhh"),
        ("α * tanhh(w)", {"w": 1, "α": 2}, "did you mean tanh", "tanhh"),
        ("w * q", {"w": 1}, "q has no value: give it one, such as q=0.5", "q"),
        ("tanh(wx + 1)", {"w": 1, "x": 1}, "write w*x for the product", "wx"),
        ("w·x + 1", {"w": 1, "x": 1}, "write w*x for the product", "w·x"),
        ("w(2 + x)", {"w": 1, "x": 1}, "write w*(…) for a product", "w"),
        ("x + w²", {"w": 1, "x": 1}, "x**2 for a power", "²"),
        ("2 * tanh", {}, "write tanh(…)", "tanh"),
        ("w + __import__('os')", {"w": 1}, "no known function", "__import__"),
        ("w + w.data", {"w": 1}, "only numbers, names", "w.data"),
        ("(lambda: 1)() + w", {"w": 1}, "only numbers, names", "(lambda: 1)()"),
        ("[w][0]", {"w": 1}, "an index is a whole number", "[w]"),
        ("w[x]", {"w": 1, "x": 1}, "an index is a whole number", "w[x]"),
        ("w if w else 1", {"w": 1}, "only numbers, names", "w if w else 1"),
        ("w == 1", {"w": 1}, "only numbers, names", "w == 1"),
        ("'a' * w", {"w": 1}, "only numbers, names", "'a'"),
        ("True + w", {"w": 1}, "only numbers, names", "True"),
        ("1e999 * w", {"w": 1}, "largest float", "1e999"),
        ("1 + tanh(w, w)", {"w": 1}, "takes 1 operands", "tanh(w, w)"),
        ("w + (w := 2)", {"w": 1}, "has a value already", "w := 2"),
        ("tanh(w", {"w": 1}, "this is no formula", "("),
        ("", {}, "this is no formula", ""),
        ("w + )", {"w": 1}, "this is no formula", ")"),
    ],
)
def test_what_is_no_formula_is_refused_at_its_place(text, values, reason, marked):
    with pytest.raises(FormulaError) as refused:
        Formula(text, values)

    message, line, marks = str(refused.value).split("\n")
    assert reason in message
    start = marks.index("^")
    assert line.removeprefix("  ") == text
    assert line[start : len(marks)].strip() == marked


@pytest.mark.parametrize("text", ["(" * 300 + "w" + ")" * 300, "+".join(["w"] * 5000), "-" * 5000 + "w"])
def test_too_deep_a_formula_is_refused(text):
    with pytest.raises(FormulaError):
        Formula(text, {"w": 1})


def test_in_a_long_formula_the_place_stays_in_sight():
    with pytest.raises(FormulaError) as refused:
        Formula("w + " * 100 + "foo(w)" + " + w" * 100, {"w": 1})

    _, line, marks = str(refused.value).split("\n")
    assert len(line) <= 102
    assert line[marks.index("^") : len(marks)] == "foo"


def test_a_value_without_use_is_refused():
    with pytest.raises(FormulaError, match="q does not occur"):
        Formula("w", {"w": 1, "q": 2})


def test_an_operation_outside_its_domain_names_the_variable():
    with pytest.raises(ValueError, match="log is not defined there: w = -1"):
        Formula("log(w)", {"w": -1})


def test_numbers_are_formulas_without_names():
    assert [number(text) for text in ("1/4", "-2e-3", "sqrt(4)", "-pi")] == [0.25, -0.002, 2.0, -math.pi]
    with pytest.raises(FormulaError):
        number("w")


def test_random_text_is_read_or_refused_and_nothing_else():
    stream = random.Random(0)
    pieces = [
        "w",
        "(",
        ")",
        "+",
        "*",
        "**",
        "tanh",
        ",",
        "1",
        " ",
        ":=",
        "[0]",
        ".",
        "=",
        "lambda",
        "é",
        "'",
        "\n",
    ]
    refused = 0
    for _ in range(3000):
        text = "".join(stream.choices(pieces, k=stream.randint(0, 8)))
        try:
            Formula(text, {"w": 0.5})
        except FormulaError:
            refused += 1
    assert 2000 < refused < 3000
