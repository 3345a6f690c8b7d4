"""What students do in the explorer: predict, find a fault, follow paths, nudge a leaf, count."""

import math

import pytest

from autograd_lite import Value, explore, topological_order
from autograd_lite.writing import short

PREDICT, FAULT, PATHS, NUDGE, MODES = range(5)


def shared():
    """Return a cost in which x is used three times."""
    x, w = Value(2.0, "x"), Value(-0.5, "w")
    return x * w + (x.tanh() * w + x) ** 2


@pytest.fixture
def practice(browser, tmp_path):
    """Return what opens the page of a root with one of the exercises, at its start."""

    def show(root, exercise, selected=None):
        browser.open(explore(root).save(tmp_path / "page.html"))
        if selected is not None:
            browser.run("explorer.select(arguments[0])", selected)
        browser.run("explorer.practice.choose(explorer.practice.exercises[arguments[0]])", exercise)
        return browser

    return show


def words(browser):
    return browser.find(".practice").text.replace("\u2060", "")


def answer(browser, number):
    field = browser.named("Your answer")
    field.clear()
    field.send_keys(str(number))
    browser.named("Check").click()


def at_gradient_of(browser, name):
    """Go to the first step of a node's gradient."""
    browser.run(
        """const {steps, player} = explorer;
        player.go(steps.list.findIndex(({kind, node}) => {
            const isOfNode = node !== null && explorer.formulas.name(node) === arguments[0];
            return isOfNode && (kind === "gradient" || kind === "term");
        }))""",
        name,
    )


def test_a_value_is_asked_for_before_it_is_shown(practice):
    browser = practice(Value(3.0, "w") * Value(-2.0, "x"), PREDICT)
    browser.named("Step forward").click()
    assert "What is the value of C?" in words(browser)
    assert browser.find(".node.cost .value").text == "…"
    assert "−6" not in browser.find(".telling").text
    answer(browser, "6")
    assert "The size is right, the sign is not." in words(browser)
    answer(browser, "-6")
    assert "Right." in words(browser)
    assert browser.find(".node.cost .value").text == "−6"
    assert "0 of 1 right at the first try" in words(browser)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("0.75", "Right."),
        ("3/4", "Right."),
        ("0,75", "Right."),
        ("-0.75", "the sign is not"),
        ("1.5", "the local derivative is missing"),
        ("0.5", "the gradient of C is missing"),
        ("2", "multiplied, not added"),
        ("17", "Not this"),
        ("half", "Type a number"),
    ],
)
def test_a_wrong_gradient_is_told_by_the_factor_that_was_missed(practice, typed, told):
    a = Value(0.5, "a") * Value(3.0, "x")
    # ∂C/∂v₁ = 1.5, and ∂v₁/∂x = 0.5.
    browser = practice(a * 1.5, PREDICT)
    at_gradient_of(browser, "x")
    browser.named("Step back").click()
    at_gradient_of(browser, "x")
    answer(browser, typed)
    if told.startswith("the gradient of C"):
        told = "the gradient of v₁ is missing"
    assert told in words(browser)


def test_the_panel_does_not_tell_what_is_asked_for(practice):
    browser = practice(Value(3.0, "w") * Value(-2.0, "x"), PREDICT)
    browser.named("Step forward").click()
    browser.run("explorer.select(2)")
    panel = browser.find(".panel")
    assert "6" not in panel.text
    assert "has not come yet" in panel.text
    browser.named("Show").click()
    assert "6" in panel.text


def test_a_use_is_asked_for_by_itself(practice):
    browser = practice(shared(), PREDICT)
    at_gradient_of(browser, "x")
    step = browser.run("return explorer.walk.step.uses")
    assert step == 3
    assert "What does the use by" in words(browser)
    browser.named("Show").click()
    assert "Here it is." in words(browser)


@pytest.mark.parametrize("seed", range(6))
def test_a_fault_is_in_one_local_derivative_and_ends_when_it_is_found(practice, seed):
    root = shared()
    root.backward()
    expected = [float(node.grad) for node in topological_order(root)]
    browser = practice(shared(), FAULT)
    for _ in range(seed):
        browser.named("Another").click()
    place = browser.run(
        "return explorer.graph.fault && [explorer.graph.fault.node, explorer.graph.fault.position]"
    )
    node, _ = place
    gradients = "return explorer.graph.gradients"
    assert browser.run(gradients) != pytest.approx(expected, rel=1e-12)
    innocent = next(i for i, v in enumerate(topological_order(root)) if v.parents and i != node)
    browser.run("explorer.select(arguments[0])", innocent)
    browser.find(".practice button.main").click()
    assert "are right. Compare" in words(browser)
    browser.run("explorer.select(arguments[0])", node)
    browser.find(".practice button.main").click()
    assert "Found: " in words(browser)
    assert browser.run(gradients) == pytest.approx(expected, rel=1e-12)


def test_the_right_gradients_are_back_when_the_exercise_is_left(practice):
    root = shared()
    root.backward()
    browser = practice(shared(), FAULT)
    browser.run("explorer.practice.choose(null)")
    expected = [float(node.grad) for node in topological_order(root)]
    assert browser.run("return explorer.graph.gradients") == pytest.approx(expected, rel=1e-12)


def test_paths_are_products_whose_sum_is_the_gradient(practice):
    root = shared()
    root.backward()
    nodes = topological_order(root)
    x = next(i for i, node in enumerate(nodes) if node.label == "x")
    browser = practice(shared(), PATHS, selected=x)
    assert f"3 paths lead from x to C; the sum of their products is ∂C/∂x = {short(nodes[x].grad)}." in words(
        browser
    )
    products = [text.split("= ")[-1] for text in browser.texts(".paths li")]
    inner = math.tanh(2.0) * -0.5 + 2.0
    expected = [-0.5, 2 * inner * -0.5 * (1 - math.tanh(2.0) ** 2), 2 * inner]
    assert sorted(products) == sorted(map(short, expected))
    # They follow a change at once.
    browser.run("explorer.change([[arguments[0], 0]])", x)
    assert "the sum of their products is ∂C/∂x = −0.5." in words(browser)


def test_too_many_paths_are_refused(practice):
    value = Value(0.5, "x")
    for _ in range(9):
        value = value + value * 0.5
    browser = practice(value, PATHS, selected=0)
    assert "more than 200 paths" in words(browser)


def test_paths_through_a_closed_layer_ask_to_open_it(practice):
    x = Value(2.0, "a[0][0]")
    hidden = [(Value(0.5 + k, f"w[1][{k},0]") * x).tanh() for k in range(2)]
    for k, a in enumerate(hidden):
        a.label = f"a[1][{k}]"
    browser = practice(hidden[0] * hidden[1], PATHS)
    browser.run("explorer.walk.setDetail('layers'); explorer.select(arguments[0])", 1)
    assert browser.run("return explorer.formulas.name(1)") == "a⁰₀"
    assert "Paths lead through layer 1, 2 values at once: open it." in words(browser)
    browser.run("explorer.walk.setDetail('neurons'); explorer.select(1)")
    assert "2 paths lead from a⁰₀ to C" in words(browser)


def test_a_nudge_is_the_quotient_of_differences(practice):
    root = shared()
    nodes = topological_order(root)
    x = next(i for i, node in enumerate(nodes) if node.label == "x")
    browser = practice(shared(), NUDGE, selected=x)
    field = browser.named("ε")
    field.clear()
    field.send_keys("0.5")

    def cost(at):
        return at * -0.5 + (math.tanh(at) * -0.5 + at) ** 2

    slope = (cost(2.5) - cost(2.0)) / 0.5
    text = browser.run("return document.querySelector('.practice .formula').textContent")
    assert text == f"ΔCε={short(slope, 7)}"
    assert "x goes from 2 to 2.5" in words(browser)
    assert browser.run("return explorer.graph.values[arguments[0]]", x) == 2
    field.clear()
    field.send_keys("0")
    assert "other than 0" in words(browser)


def test_forward_and_reverse_are_counted_edge_by_edge(practice):
    # Reverse: 4 products and 3 additions of two edges each; forward: three edges from each of 8 leaves.
    ws, xs = ([Value(float(k + 1), f"{letter}[{k}]") for k in range(4)] for letter in "wx")
    products = [w * x for w, x in zip(ws, xs, strict=True)]
    root = (products[0] + products[1]) + (products[2] + products[3])
    browser = practice(root, MODES)
    assert "has all 8 derivatives: 14 multiplications." in words(browser)
    assert "over all edges that it reaches: 24 multiplications." in words(browser)


def test_an_exercise_changes_nothing_when_left(practice):
    browser = practice(shared(), PREDICT)
    before = browser.run("return explorer.walk.boxes.list.length")
    browser.run("explorer.practice.choose(null); explorer.player.go(explorer.steps.last)")
    assert browser.run("return explorer.walk.boxes.list.length") == before
    browser.named("Fit the whole graph").click()
    assert browser.find(".node.cost .value").text != "…"
    assert browser.console() == []
