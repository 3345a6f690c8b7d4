"""What the explorer shows as one, and the walk by whole layers or time steps."""

from itertools import pairwise

import pytest

from autograd_lite import Value, affine, fsum, topological_order
from autograd_lite.draw.explorer import explore
from autograd_lite.draw.explorer.data import graph_data
from autograd_lite.draw.explorer.groups import groups
from autograd_lite.writing import short
from nn import MLP


def recurrent(n_steps):
    """Return the cost of an unrolled program of one unit and its parameters, without labels but of leaves."""
    u, w, b, out = (Value(0.7, "u"), Value(-1.1, "w"), Value(0.1, "b"), Value(0.3, "out"))
    h, cost = Value(0.0, "h"), 0.0
    for t in range(n_steps):
        h = (w * Value(0.3 * t - 0.5, f"x[{t}]") + u * h + b).tanh()
        cost = cost + (out * h - 0.1 * t) ** 2
    return cost, [u, w, b, out]


def recurrent_layer(n_steps, n=2):
    """Return the cost of an unrolled layer with the derivations' labels, the same in every time step."""
    w = [[Value(0.1 * (i + j + 1), f"w[1][{j},{i}]") for i in range(2 * n)] for j in range(n)]
    b = [Value(0.0, f"b[1][{j}]") for j in range(n)]
    h, losses = [Value(0.0, f"h[{j}]") for j in range(n)], []
    for t in range(n_steps):
        x = [Value(t - 0.5 * j, f"a[0][{j}]") for j in range(n)]
        z = [affine(w[j], x + h, b[j]) for j in range(n)]
        h = [v.tanh() for v in z]
        for j in range(n):
            z[j].label, h[j].label = f"z[1][{j}]", f"a[1][{j}]"
        losses.append((fsum(h) - 1.0) ** 2)
    return fsum(losses) / n_steps, None


def mean_over_samples():
    mlp = MLP(2, [3, 1], seed=1)
    return fsum([(mlp([0.1 * k, 1.0])[0] - 0.5) ** 2 for k in range(4)]) / 4, mlp.parameters()


def tied():
    """Return what uses a parameter in two places at once, and after itself by another operation."""
    w, x = Value(0.5, "w"), Value(2.0, "x")
    return ((w * x).tanh() + w) ** 2 + (w * x.exp()) ** 2, [w]


def closed(root, parameters, kinds):
    """Return for each node the box that it is in when groups of some kinds are closed."""
    box = {i: f"n{i}" for i in range(len(topological_order(root)))}
    for k, group in enumerate(groups(root, parameters)):
        if group.kind in kinds:
            box.update(dict.fromkeys(group.members, f"g{k}"))
    return box


@pytest.mark.parametrize("made", [recurrent(2), recurrent(5), recurrent_layer(4)], ids=["2", "5", "layer"])
def test_an_unrolled_program_is_grouped_by_its_time_steps(made):
    root, parameters = made
    steps = [group for group in groups(root, parameters) if group.kind == "step"]
    nodes = topological_order(root)
    # Each has one use of the state before, by as many operations as the others, and inputs of its own.
    tanhs = [[nodes[i].op for i in group.members].count("tanh") for group in steps]
    assert len(set(tanhs)) == 1
    assert sum(tanhs) == sum(node.op == "tanh" for node in nodes)
    assert [group.name for group in steps] == [f"time step {t + 1}" for t in range(len(steps))]
    for before, group in pairwise(steps):
        used = {nodes.index(parent) for i in group.members for parent in nodes[i].parents}
        assert set() < used & set(before.members) <= set(before.heads)
    for group in steps:
        assert all(nodes[i].op != "leaf" for i in group.members)


@pytest.mark.parametrize("made", [mean_over_samples(), tied()], ids=["samples", "tied"])
def test_what_is_not_repeated_on_its_own_result_has_no_time_steps(made):
    root, parameters = made
    assert not [group for group in groups(root, parameters) if group.kind == "step"]


@pytest.mark.parametrize("made", [recurrent(4), recurrent_layer(3), mean_over_samples(), tied()])
@pytest.mark.parametrize(
    "kinds", ["identity cost", "identity cost neuron layer", "identity cost neuron layer step"]
)
def test_closed_groups_lie_in_each_other_or_apart_and_make_no_circle(made, kinds):
    root, parameters = made
    found = groups(root, parameters)
    for k, group in enumerate(found):
        for outer in found[k + 1 :]:
            assert set(group.members) <= set(outer.members) or not set(group.members) & set(outer.members)
    box, nodes = closed(root, parameters, kinds.split()), topological_order(root)
    position = {node: i for i, node in enumerate(nodes)}
    operands = {one: set() for one in box.values()}
    for i, node in enumerate(nodes):
        operands[box[i]] |= {box[position[parent]] for parent in node.parents} - {box[i]}
    while operands:
        ready = {one for one, before in operands.items() if not before & operands.keys()}
        assert ready, "a circle"
        operands = {one: before for one, before in operands.items() if one not in ready}


@pytest.fixture
def page(browser, tmp_path):
    def show(root, parameters=None):
        browser.open(explore(root, parameters=parameters).save(tmp_path / "page.html"))
        return browser

    return show


def with_shift(browser, key):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    ActionChains(browser.driver).key_down(Keys.SHIFT).send_keys(key).key_up(Keys.SHIFT).perform()


def test_time_steps_are_a_level_of_detail_and_gradients_stay(page):
    root, parameters = recurrent(4)
    browser = page(root, parameters)
    root.backward()
    browser.run("explorer.walk.setDetail('time steps'); explorer.player.go(explorer.steps.last)")
    names = browser.run(
        "return explorer.walk.boxes.list.filter((box) => box.group).map((box) => box.group.name)"
    )
    assert names == [f"time step {t}" for t in (1, 2, 3, 4)]
    shown = browser.run(
        "const {boxes, view} = explorer.walk;"
        "return boxes.list.filter((box) => box.group === null).map((box) => [box.node, view.gradient(box)])"
    )
    nodes = topological_order(root)
    assert {i: gradient for i, gradient in shown if gradient is not None} == pytest.approx(
        {i: nodes[i].grad for i, gradient in shown if gradient is not None}, rel=1e-13
    )
    assert len(shown) >= 9


def test_shift_and_an_arrow_go_by_whole_layers(page):
    mlp = MLP(2, [3, 2], seed=1)
    outputs = mlp([0.5, -1.0])
    root = fsum([(a - 1.0) ** 2 for a in outputs])
    browser = page(root, mlp.parameters())
    browser.run("document.activeElement.blur()")
    root.backward()
    title = "return document.querySelector('.telling h2').textContent.replaceAll('\\u2060', '')"
    words = "return document.querySelector('.telling p').textContent.replaceAll('\\u2060', '')"
    titles = []
    for _ in range(7):
        with_shift(browser, "\ue014")
        titles.append(browser.run(title))
        if titles[-1] == "Layer 1: 6 values":
            a = next(node for node in topological_order(root) if node.label == "a[1][2]")
            assert f"a¹₂ = {short(a.data)}" in browser.run(words)
        if titles[-1].startswith("Layer 1") and "gradients" in titles[-1]:
            w = mlp.weights(1)[1][0]
            assert f"∂C/∂w¹₁₀ = {short(w.grad)}" in browser.run(words)
    assert titles[0] == "Layer 1: 6 values"
    backward = [title.split(":")[0] for title in titles if "gradients" in title]
    assert [name for name in backward if name != "Leaves"] == ["The cost", "Layer 2", "Layer 1"]
    position = browser.run("return explorer.player.position")
    with_shift(browser, "\ue012")
    assert browser.run("return explorer.player.position") < position
    before = browser.run("return explorer.player.position")
    browser.named("Forward by a layer").click()
    browser.named("Back by a layer").click()
    assert browser.run("return explorer.player.position") == before
    assert browser.console() == []


def test_the_page_of_an_unrolled_program_keeps_its_data_plain():
    root, parameters = recurrent(3)
    data = graph_data(root, parameters)
    assert {group["kind"] for group in data["groups"]} == {"identity", "step"}


@pytest.mark.parametrize("position", [0, 20])
def test_a_group_stays_where_it_is_opened_and_closed_and_keeps_the_focus(page, position):
    mlp = MLP(2, [8, 8, 1], seed=1)
    browser = page((mlp([0.5, -1.0])[0] - 1.0) ** 2)
    browser.run(
        """explorer.walk.setDetail("neurons");
        explorer.player.go(arguments[0]);
        const box = explorer.walk.boxes.list.find(({group}) => group?.name === "neuron 5 of layer 2");
        explorer.drawing.focus(box);""",
        position,
    )
    head = "z²₅", "a²₅"
    where = """const {left, top} = document.activeElement.querySelector(".box").getBoundingClientRect();
        return [document.activeElement.querySelector(".name").textContent, left, top];"""
    name, left, top = browser.run(where)
    count = browser.run("return explorer.walk.boxes.list.length")
    assert name in head
    for sign in (1, -1):
        browser.press("o")
        assert sign * (browser.run("return explorer.walk.boxes.list.length") - count) > 0
        count = browser.run("return explorer.walk.boxes.list.length")
        after, left_after, top_after = browser.run(where)
        assert after in head
        assert left_after == pytest.approx(left, abs=1)
        assert top_after == pytest.approx(top, abs=1)


def test_a_layer_that_is_opened_in_the_panel_gives_it_to_its_first_value(page):
    mlp = MLP(2, [8, 1], seed=1)
    browser = page((mlp([0.5, -1.0])[0] - 1.0) ** 2)
    browser.run("explorer.walk.setDetail('layers'); explorer.selectBox(explorer.walk.boxes.list[2])")
    assert browser.find(".panel h2").text == "layer 1 8 values"
    browser.named("Open").click()
    assert browser.find(".panel h2").text.endswith("interior node")
    assert browser.texts(".panel .controls button") == []


def test_the_name_of_a_closed_group_fits_into_its_box(page):
    browser = page(*recurrent_layer(3))
    browser.run("explorer.walk.setDetail('layers'); explorer.drawing.viewport.fit(0)")
    outside = browser.run(
        """const rect = (one) => one.getBoundingClientRect();
        return [...document.querySelectorAll(".stack")].map((stack) => {
            const [name, box] = [".name", ".box"].map((part) => rect(stack.querySelector(part)));
            return name.left < box.left || name.right > box.right ? stack.textContent : "";
        });"""
    )
    assert len(outside) >= 3
    assert set(outside) == {""}


def test_groups_that_lead_to_each_other_are_drawn_too(page):
    a = Value(0.3, "a[0][0]")
    for l, w in [(1, 0.5), (2, 0.7), (1, 0.2), (2, 0.9)]:
        z = Value(w, f"w[{l}][0,0]") * a
        a = z.tanh()
        z.label, a.label = f"z[{l}][0]", f"a[{l}][0]"
    browser = page((a - 1) ** 2)
    browser.run("explorer.walk.setDetail('neurons')")
    assert browser.run("return explorer.walk.boxes.edges.every(({path}) => path.every(Number.isFinite))")
    assert browser.console() == []
