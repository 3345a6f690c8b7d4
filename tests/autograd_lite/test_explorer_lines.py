"""The lines of the explorer: under no box, few where all lead to all; what is out of sight is told beside."""

import io

import pytest
from PIL import Image

from autograd_lite import Value, topological_order
from autograd_lite.draw.explorer import explore
from autograd_lite.draw.explorer.data import graph_data
from autograd_lite.writing import short
from nn import MLP
from tests.autograd_lite.test_explorer import large_graph
from tests.autograd_lite.test_explorer_groups import recurrent_layer


def network(*widths):
    mlp = MLP(2, list(widths), seed=1)
    return sum([(a - 1.0) ** 2 for a in mlp([0.5, -1.0])], Value(0.0)), mlp.parameters()


@pytest.fixture
def page(browser, tmp_path):
    """Return what opens the page of a root and its parameters at a level of detail."""

    def show(root, parameters=None, detail="operations", size=(1280, 720)):
        browser.open(explore(root, parameters=parameters).save(tmp_path / "page.html"))
        browser.resize(*size)
        browser.run("explorer.walk.setDetail(arguments[0])", detail)
        return browser

    return show


LINES = """
    const {list, edges} = explorer.walk.boxes;
    return edges.map(({from, to, path}) => {
        const line = drawn("path", {d: curveOf(path)});
        const at = (length) => line.getPointAtLength(length);
        const length = line.getTotalLength();
        const covers = (box, {x, y}) =>
            x > box.x + 1 && x < box.x + box.width - 1 && y > box.y + 1 && y < box.y + box.height - 1;
        const points = Array.from({length: Math.ceil(length / 5)}, (_, k) => at(5 * k));
        return {
            under: list.filter((box) => points.some((point) => covers(box, point))).length,
            start: [at(0).x - from.x - from.width, (at(0).y - from.y) / from.height],
            end: [at(length).x - to.x, (at(length).y - to.y) / to.height],
        };
    });"""


@pytest.mark.parametrize(
    ("root", "parameters", "detail", "change"),
    [
        (*recurrent_layer(5), "layers", ""),
        (*recurrent_layer(4), "operations", "explorer.walk.setParameters(false)"),
        (*network(8, 8, 1), "neurons", "explorer.walk.uncover(explorer.graph.parameters[30])"),
        (*network(13, 1), "operations", ""),
        (large_graph(120), None, "operations", "explorer.walk.setParameters(false)"),
    ],
    ids=["time steps", "without parameters", "one neuron open", "all", "random"],
)
def test_a_line_goes_from_box_to_box_and_under_none(page, root, parameters, detail, change):
    browser = page(root, parameters, detail)
    browser.run(change)
    lines = browser.run(LINES)
    assert len(lines) > 20
    for line in lines:
        assert line["under"] == 0
        for x, share in (line["start"], line["end"]):
            assert x == pytest.approx(0, abs=0.6)
            assert 0 <= share <= 1


def test_where_all_lead_to_all_lines_leave_most_of_the_page_white(page):
    browser = page(*network(16, 16, 1), "neurons")
    browser.wait("Math.round(explorer.drawing.viewport.room[0]) === explorer.drawing.svg.clientWidth")
    left, right = browser.run(
        """const {viewport} = explorer.drawing;
        const [one, two] = [1, 2].map((l) =>
            explorer.walk.boxes.list.find(({group}) => group?.name === `neuron 8 of layer ${l}`),
        );
        viewport.follow([one, two]);
        const {left} = viewport.svg.getBoundingClientRect();
        return [one.x + one.width, two.x].map((at) => left + viewport.x + at * viewport.scale);"""
    )
    drawing = browser.find(".drawing").rect
    shot = Image.open(io.BytesIO(browser.driver.get_screenshot_as_png())).convert("L")
    top, bottom = drawing["y"] + 4, drawing["y"] + drawing["height"] - 4
    gap = shot.crop((round(left) + 2, round(top), round(right) - 2, round(bottom)))
    assert gap.width > 40
    white = sum(gap.histogram()[250:]) / (gap.width * gap.height)
    assert white > 0.8


@pytest.mark.parametrize(("kind", "side"), [("value", 0), ("gradient", 1)])
def test_dashes_run_to_the_box_whose_turn_it_is(page, kind, side):
    browser = page(*network(16, 16, 1), "neurons")
    ends = browser.run(
        """const [kind, side] = arguments;
        const {list} = explorer.steps;
        const k = list.findLastIndex((step) => step.kind === kind && step.box.operands.length > 1);
        explorer.player.go(k);
        const {active: {x, width}} = explorer.steps.shownAt(k);
        return [...document.querySelectorAll(".edge.flow")].map((line) => {
            const [{effect}] = line.getAnimations();
            const frames = effect.getKeyframes();
            const offsets = frames.map(({strokeDashoffset}) => parseFloat(strokeDashoffset) || 0);
            return [line.getPointAtLength(0).x - x - side * width, offsets[1] - offsets[0]];
        });""",
        kind,
        side,
    )
    # A pattern with a growing offset moves to where its line starts.
    assert len(ends) >= 1
    for distance, growth in ends:
        assert distance == pytest.approx(0, abs=0.1)
        assert growth == 14


def test_what_is_out_of_sight_is_told_by_name_value_and_gradient(page):
    root, parameters = network(8, 8, 1)
    browser = page(root, parameters)
    root.backward()
    numbers = {}
    entries = graph_data(root, parameters)["nodes"]
    for node, entry in zip(topological_order(root), entries, strict=True):
        if entry["symbol"]:
            numbers[entry["symbol"]["text"]] = [short(node.data), short(node.grad)]
    told = browser.run(
        """return explorer.steps.list.map(({kind}, k) => {
            explorer.player.go(k);
            return [kind, [...document.querySelectorAll(".dock button")].map(({textContent}) => textContent)];
        });"""
    )
    of_gradients = [words for kind, all_words in told if kind in ("gradient", "term") for words in all_words]
    of_values = [words for kind, all_words in told if kind == "value" for words in all_words]
    assert min(len(of_values), len(of_gradients)) > 10
    assert set(of_values) <= {f"{name} = {value}" for name, (value, _) in numbers.items()}
    assert set(of_gradients) <= {f"{name} = {v}, ∂\N{NO-BREAK SPACE}{g}" for name, (v, g) in numbers.items()}


def test_a_closed_layer_out_of_sight_is_told_by_how_many_it_has(page):
    browser = page(*network(8, 8, 1), "layers")
    browser.run("explorer.drawing.viewport.scale = 4")
    told = browser.run(
        """return explorer.steps.list.map((_, k) => {
            explorer.player.go(k);
            return [...document.querySelectorAll(".dock button")].map(({textContent}) => textContent);
        }).flat();"""
    )
    assert {"layer 1: 8 values", "layer 2: 8 values, 8\N{NO-BREAK SPACE}gradients"} <= set(told)


@pytest.mark.parametrize("size", [(390, 844), (1280, 720), (1920, 1080)])
@pytest.mark.parametrize("made", [network(16, 1), recurrent_layer(4)], ids=["16-1", "time steps"])
def test_what_is_told_at_the_sides_stays_within_the_drawing_and_off_the_active_box(page, made, size):
    browser = page(*made, "neurons", size=size)
    most = browser.run(
        """const {list} = explorer.steps;
        const frame = document.querySelector(".drawing").getBoundingClientRect();
        return list.map((_, k) => {
            explorer.player.go(k);
            const [left, right] = [...document.querySelectorAll(".dock")];
            const told = [...left.children, ...right.children].map((one) => one.getBoundingClientRect());
            const {active} = explorer.steps.shownAt(k);
            const box = active && explorer.drawing.shapeOf(active).group.querySelector(".box");
            const {left: start, right: end, top, bottom} = box?.getBoundingClientRect() ?? frame;
            const isOff = (one) =>
                !box || one.right <= start || one.left >= end || one.bottom <= top || one.top >= bottom;
            const isWithin = ({top, bottom}) => top >= frame.top && bottom <= frame.bottom;
            const isApart = left.getBoundingClientRect().right <= right.getBoundingClientRect().left;
            return isApart && told.every((one) => isOff(one) && isWithin(one)) ? 0 : k;
        }).filter(Boolean);"""
    )
    assert most == []


@pytest.mark.parametrize("typed", ["w¹₁₀", "w110", "w[1][1,0]", " w¹₁₀ "])
def test_a_node_is_found_by_its_name_as_one_types_it(page, typed):
    root, parameters = network(3, 1)
    browser = page(root, parameters, "layers")
    browser.find("[type=search]").send_keys(typed, "\n")
    assert browser.run("return explorer.graph.nodes[explorer.selected].symbol.text") == "w¹₁₀"
    assert browser.run("return document.activeElement.dataset.node") == browser.run(
        "return `${explorer.selected}`"
    )


def test_a_name_that_no_node_has_is_refused(page):
    browser = page(*network(3, 1))
    field = browser.find("[type=search]")
    field.send_keys("q7", "\n")
    assert field.get_property("validationMessage") == "No node is named q7: choose one of the list"
    assert browser.run("return explorer.selected") is None
    field.clear()
    field.send_keys("b20", "\n")
    assert field.get_property("validationMessage") == ""
    assert browser.run("return explorer.graph.nodes[explorer.selected].symbol.text") == "b²₀"
