"""The main paths through the pages in Firefox, their numbers held against Python's."""

import contextlib
import io
import re

import pytest

from autograd_lite import Value, explore, grad, topological_order
from autograd_lite.writing import short
from nn import MLP, average, hinge, laboratory
from nn.data import moons


@pytest.fixture
def open_page(firefox, tmp_path):
    """Return what opens a page, which is to leave the console empty."""

    def show(page):
        firefox.open(page.save(tmp_path / "page.html"))
        return firefox

    yield show
    assert firefox.console() == []


SHOWN = """explorer.drawing.viewport.fit(0);
    return explorer.walk.boxes.boxOf.map((box) => {
        const {value, gradient} = explorer.drawing.shapeOf(box).parts;
        return [value.textContent, gradient?.textContent || null];
    })"""


def test_each_step_of_the_explorer_adds_one_of_pythons_numbers(open_page):
    w, x, b, y = Value(0.5, "w"), Value(2.0, "x"), Value(-0.4, "b"), Value(-1.0, "y")
    cost = ((w * x + b).tanh() - y) ** 2
    page = open_page(explore(cost))
    cost.backward()
    numbers = [
        (short(node.data), None if node.op == "constant" else f"∂ {short(node.grad)}")
        for node in topological_order(cost)
    ]
    unseen = sum(bool(node.parents) for node in topological_order(cost))
    unseen += sum(gradient is not None for _, gradient in numbers)
    for left in range(unseen, -1, -1):
        shown = page.run(SHOWN)
        for (value, gradient), (its_value, its_gradient) in zip(shown, numbers, strict=True):
            assert value in (its_value, "…")
            assert gradient in (its_gradient, None)
        missing = [a for pair, its in zip(shown, numbers, strict=True) for a in zip(pair, its, strict=True)]
        assert sum(a != b for a, b in missing) == left
        if left == unseen:
            page.click("Step forward")
        else:
            page.press("Right")


def test_a_box_is_named_by_what_one_sees_in_it(open_page):
    w, x, y = Value(0.5, "w"), Value(2.0, "x"), Value(-1.0, "y")
    cost = (w * x).tanh() - y
    page = open_page(explore(cost))
    page.run("explorer.player.go(explorer.steps.last); explorer.drawing.viewport.fit(0)")
    cost.backward()
    for name, node, sign in [("w", w, ""), ("y", y, ""), ("C", cost, " −")]:
        assert len(page.named(f"{name} {short(node.data)} ∂ {short(node.grad)}{sign}")) == 1


def test_the_focus_stays_in_the_window_wherever_keys_lead_it(open_page):
    mlp = MLP(2, [5, 1], seed=1)
    page = open_page(explore((mlp([0.5, -1.0])[0] - 1.0) ** 2))
    page.run("document.querySelector('.node[tabindex=\"0\"]').focus()")
    keys = ["Right", "o", "Right", "Right", "o", "Right", "Right", "Right", "o", "Right"]
    for key in keys:
        page.press(key)
        inside = page.run(
            """const one = document.activeElement.querySelector(".box").getBoundingClientRect();
            const window = document.querySelector(".graph").getBoundingClientRect();
            return [one.left - window.left, window.right - one.right, one.top - window.top,
                window.bottom - one.bottom];"""
        )
        assert min(inside) >= 0


def test_a_typed_leaf_changes_the_cost(open_page):
    w, x = Value(0.5, "w"), Value(2.0, "x")
    page = open_page(explore((w * x).exp()))
    page.run("explorer.select(0)")
    leaf = page.run("return explorer.graph.nodes[0].symbol.text")
    page.enter(f"Value of {leaf}", "0.25")
    w.data, x.data = (0.25, 2.0) if leaf == "w" else (0.5, 0.25)
    assert page.run("return explorer.graph.cost") == pytest.approx((w * x).exp().data, rel=1e-15)


def test_the_network_page_makes_steps_of_gradient_descent(open_page):
    mlp, data = MLP(2, [5, 1], seed=1), moons(40)
    page = open_page(mlp.explore(data=data))
    page.enter("learning rate α", "0.3")
    for _ in range(3):
        page.click("Step")
        cost = average([hinge(mlp(x), [y]) for x, y in zip(data.inputs, data.signs(), strict=True)])
        for parameter, gradient in zip(mlp.parameters(), grad(cost, mlp.parameters()), strict=True):
            parameter.data -= 0.3 * gradient
    cost = average([hinge(mlp(x), [y]) for x, y in zip(data.inputs, data.signs(), strict=True)]).data
    assert page.text('output[aria-label="Epoch"]') == "3"
    assert page.text('output[aria-label="Cost"]') == short(cost)
    weights = page.run("return [...page.network.model.parameters]")
    assert weights == pytest.approx([p.data for p in mlp.parameters()], rel=1e-12)


def test_a_point_is_dragged(open_page):
    mlp, data = MLP(2, [3, 1], seed=1), moons(20)
    page = open_page(mlp.explore(data=data))
    page.drag(".point[data-index='7']", 40, -25)
    pixel = page.run(
        "return page.plane.view.extent / page.plane.regions.canvas.getBoundingClientRect().width"
    )
    X = page.run("return page.network.points.map(({x, y}) => [x, y])")
    x, y = data.inputs[7]
    assert X[7] == pytest.approx([x + 40 * pixel, y + 25 * pixel], abs=2 * pixel)
    assert (X[:7], X[8:]) == (data.inputs[:7], data.inputs[8:])
    cost = average([hinge(mlp(x), [y]) for x, y in zip(X, data.signs(), strict=True)]).data
    assert page.text('output[aria-label="Cost"]') == short(cost)


def test_the_laboratory_trains_and_gives_the_program_of_the_run(open_page):
    page = open_page(laboratory())
    page.click("Run")
    page.wait("page.network.epoch >= 20")
    page.click("Pause")
    page.click("Python program")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(page.run("return document.querySelector('dialog textarea').value"), {})
    epoch, cost = page.run("return [page.network.epoch, short(page.network.cost)]")
    assert re.match(rf"epoch {epoch}: cost {cost}\b", printed.getvalue())


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_no_page_is_wider_than_the_window(open_page, width):
    page = open_page(laboratory())
    page.resize(width, 800)
    assert page.run("return document.documentElement.scrollWidth") <= width
    page.run("document.querySelector('.menu').open = true")
    box = "const {left, right} = document.querySelector('.menu-body').getBoundingClientRect();"
    assert page.run(f"{box} return 0 <= left && right <= innerWidth")
