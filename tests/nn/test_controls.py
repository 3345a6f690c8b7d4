"""The controls of the laboratory, used in a real browser as a student uses them: what they do is Python's."""

import contextlib
import io
import math

import pytest

from autograd_lite import grad
from autograd_lite.writing import short
from nn import MLP, average, hinge, laboratory
from nn.data import circles, gaussian, moons, plane, spiral, xor, yin_yang


@pytest.fixture
def lab(browser, tmp_path):
    """The laboratory with everything that folds open."""
    browser.prefer("light")
    browser.open(laboratory(tmp_path / "laboratory.html").path)
    browser.resize(1280, 2400)
    browser.run("for (const one of document.querySelectorAll('.fold')) one.open = true")
    yield browser
    assert browser.console() == []


def choose(browser, name, words):
    from selenium.webdriver.support.ui import Select

    Select(browser.named(name)).select_by_visible_text(words)


def enter(browser, name, value):
    from selenium.webdriver.common.keys import Keys

    field = browser.named(name)
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(str(value), Keys.TAB)


def settings(browser):
    return browser.run("return page.network.settings")


def points(browser):
    return browser.run("return page.network.points.map(({x, y, label}) => [x, y, label])")


def weights(browser):
    return browser.run("return [...page.network.model.parameters]")


def status(browser):
    return browser.find(".status").text


def as_python(browser):
    """Return the network of the page as one of Python's, with its points and targets."""
    made = settings(browser)
    hidden = [layer["activation"] for layer in made["layers"][:-1]]
    mlp = MLP(
        len(made["features"]),
        [layer["size"] for layer in made["layers"]],
        hidden or "tanh",
        output_activation=made["layers"][-1]["activation"],
        bias=made["bias"],
    )
    for parameter, number in zip(mlp.parameters(), weights(browser), strict=True):
        parameter.data = number
    X, Y = browser.run(
        "return [page.network.points.map((p) => p.inputs), page.network.points.map((p) => p.targets)]"
    )
    return mlp, X, Y


# --- data -----------------------------------------------------------------------------------------------

DATA = {
    "moons": moons,
    "circles": circles,
    "xor": xor,
    "spiral": spiral,
    "gaussian": gaussian,
    "yin yang": yin_yang,
}


@pytest.mark.parametrize("name", DATA)
def test_a_data_set_comes_with_its_usual_points(lab, name):
    choose(lab, "Data", name)
    usual = {"yin yang": {"n": 300}}.get(name, {})
    expected = DATA[name](**usual)
    for found, x, label in zip(points(lab), expected.inputs, expected.labels, strict=True):
        assert found == pytest.approx([*x, label], rel=1e-12, abs=1e-14)
    assert lab.texts(".new .choice") == expected.class_names


def test_noise_number_and_seed_of_the_data(lab):
    choose(lab, "Data", "circles")
    enter(lab, "noise", 0.3)
    enter(lab, "points", 31)
    enter(lab, "seed of the data", 5)
    expected = circles(31, noise=0.3, seed=5)
    assert [p[:2] for p in points(lab)] == [pytest.approx(x, rel=1e-12, abs=1e-14) for x in expected.inputs]
    choose(lab, "Data", "yin yang")
    assert not lab.named("noise").is_enabled()


def test_a_number_to_learn_is_shown_and_set(lab):
    choose(lab, "Data", "plane")
    assert lab.run("return page.network.points.map((p) => p.target)") == pytest.approx(plane().targets)
    assert "mean squared error" in status(lab)
    enter(lab, "Number to learn of the chosen point", 0.75)
    assert lab.run("return page.network.point.targets") == [0.75]
    enter(lab, "number to learn", -2)
    lab.named("Add").click()
    assert lab.run("return page.network.point.target") == -2
    assert "to learn −2" in status(lab)


def test_what_is_held_out_is_hollow_and_has_a_cost_of_its_own(lab):
    enter(lab, "share held out", 0.3)
    assert len(lab.driver.find_elements("css selector", ".point.held-out:not(.ring)")) == 30
    lab.named("Step").click()
    mlp, X, Y = as_python(lab)
    held_out = lab.run(
        "return page.network.learning.heldOut.map((point) => page.network.points.indexOf(point))"
    )
    assert len(held_out) == 30
    cost = average([hinge(mlp(X[s]), Y[s]) for s in held_out]).data
    assert float(lab.find('output[aria-label="Cost held out"]').text) == pytest.approx(cost, rel=1e-3)
    rest = [s for s in range(100) if s not in held_out]
    cost = average([hinge(mlp(X[s]), Y[s]) for s in rest]).data
    assert lab.run("return page.network.cost") == pytest.approx(cost, rel=1e-12)


def test_points_are_pasted(lab):
    lab.find(".own-points textarea").send_keys("a;b;kind\n1,5;2;red\n")
    lab.named("Take these").click()
    assert "“1,5”, which is no number" in status(lab)
    assert len(points(lab)) == 100
    area = lab.find(".own-points textarea")
    area.clear()
    area.send_keys('# mine\n1, 2, red\n-1, 0, "a, b"\n0.5, -3e-1, green\n')
    lab.named("Take these").click()
    assert points(lab) == [[1, 2, 2], [-1, 0, 0], [0.5, -0.3, 1]]
    assert lab.texts(".new .choice") == ["a, b", "green", "red"]
    assert lab.run("return page.network.model.outputs") == 3
    lab.named("Write the points here").click()
    lab.named("Take these").click()
    assert points(lab) == [[1, 2, 2], [-1, 0, 0], [0.5, -0.3, 1]]
    lab.named("Add a class").click()
    assert lab.run("return page.network.model.outputs") == 4
    lab.named("Step").click()
    assert status(lab).startswith("Epoch 1")


def test_numbers_to_learn_are_pasted(lab):
    lab.run("document.querySelector('.own-points textarea').value = '0\\t1\\t0.25\\n1\\t1\\t-4'")
    choose(lab, "the last is", "a number to learn")
    lab.named("Take these").click()
    assert lab.run("return page.network.points.map((p) => p.targets[0])") == [0.25, -4]


def test_a_csv_file_is_opened(lab, tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text("x,y,kind\n0,0,10\n1,1,9\n0,1,10.0\n", encoding="utf-8")
    lab.named("or a CSV file").send_keys(str(file))
    lab.wait("page.network.points.length === 3")
    assert points(lab) == [[0, 0, 1], [1, 1, 0], [0, 1, 1]]


TABLES = [
    ("", "no line with a point"),
    ("x,y,class", "a header and no point"),
    ("1,2", "line 1 has 2 columns where 3 are needed"),
    ("1,2,a\n\n1,b,a", "in line 3 y is “b”"),
    ("0,0,a\n0,-1e301,a", "in line 2 y is “-1e301”, too far out to be drawn"),
    ("1,2,\n", "line 1 has no class"),
    ("1,1e999,a\n", "in line 1 y is “1e999”"),
    ("\n".join(f"0,0,{k}" for k in range(6)), "there are 6 classes"),
    ("0,0,a\n" * 501, "there are 501 points"),
]


@pytest.mark.parametrize(("text", "reason"), TABLES)
def test_a_table_that_is_none_is_told_and_changes_nothing(lab, text, reason):
    before = points(lab)
    lab.run("document.querySelector('.own-points textarea').value = arguments[0]", text)
    lab.named("Take these").click()
    assert reason in status(lab)
    assert points(lab) == before


# --- the network ----------------------------------------------------------------------------------------


def test_neurons_and_layers_come_and_go_and_what_fits_stays(lab):
    first = weights(lab)
    lab.named("Add a neuron to layer 2").click()
    more = weights(lab)
    assert len(more) == len(first) + 8 + 1 + 1
    assert more[:24] == first[:24]
    assert lab.run("return document.activeElement.ariaLabel") == "Add a neuron to layer 2"
    lab.named("Remove a neuron of layer 2").click()
    assert weights(lab) == first
    lab.named("Add a layer").click()
    assert len(settings(lab)["layers"]) == 4
    assert weights(lab)[:24] == first[:24]
    assert weights(lab)[-9:] == first[-9:]
    lab.named("Remove layer 1").click()
    assert [layer["size"] for layer in settings(lab)["layers"]] == [8, 8, 1]
    assert len(lab.driver.find_elements("css selector", ".diagram .neuron")) == 2 + 8 + 8 + 1
    lab.named("Step").click()
    assert status(lab).startswith("Epoch 1")


def test_a_large_graph_is_shown_by_neurons_until_one_asks_for_more(lab):
    assert lab.named("show").get_attribute("value") == "neurons"
    choose(lab, "show", "operations")
    lab.named("parameters").click()
    lab.named("Remove layer 2").click()
    assert lab.named("show").get_attribute("value") == "operations"
    assert lab.named("parameters").is_selected()


def test_layers_change_while_the_network_learns(lab):
    lab.named("Run").click()
    lab.wait("page.network.epoch > 3")
    lab.named("Add a neuron to layer 1").click()
    assert "counted from here" in status(lab)
    lab.wait("page.network.epoch > 3")
    assert lab.run("return page.network.model.layers[0].size") == 9
    lab.named("Pause").click()


def test_space_folds_and_plays_nothing(lab):
    from selenium.webdriver.common.keys import Keys

    lab.run("document.querySelector('.layer-controls summary').focus()")
    lab.press(Keys.SPACE)
    assert not lab.run("return document.querySelector('.layer-controls').open")
    assert lab.run("return page.sampleGraph.walk.player.timer") is None


def test_a_network_too_large_to_show_is_refused(lab):
    for _ in range(5):
        lab.named("Add a layer").click()
    for _ in range(8):
        for layer in range(1, 8):
            button = lab.named(f"Add a neuron to layer {layer}")
            if button.is_enabled():
                button.click()
        if "can be shown" in status(lab):
            break
    assert "The graph of a point would have" in status(lab)
    assert lab.run("return nodeCount(page.network.settings)") <= 1000


def test_each_layer_has_its_activation(lab):
    choose(lab, "Activation of layer 1", "relu")
    choose(lab, "Activation of the output", "tanh")
    mlp, X, Y = as_python(lab)
    assert [layer.activation for layer in mlp.layers] == ["relu", "tanh", "tanh"]
    cost = average([hinge(mlp(x), y) for x, y in zip(X, Y, strict=True)]).data
    assert lab.run("return page.network.cost") == pytest.approx(cost, rel=1e-12)


def test_inputs_come_and_go_and_the_weights_of_the_others_stay(lab):
    first = weights(lab)
    lab.named("x²").click()
    lab.named("sin y").click()
    lab.named("x").click()
    assert settings(lab)["features"] == ["y", "xx", "siny"]
    assert weights(lab)[0] == first[1]
    x, y, _ = points(lab)[0]
    found = lab.run("return page.network.points[0].inputs")
    assert found == pytest.approx([y, x * x, math.sin(y)], rel=1e-15)
    for name in ("y", "x²", "sin y"):
        lab.named(name).click()
    assert "needs at least one input" in status(lab)
    assert settings(lab)["features"] == ["siny"]


def test_biases_and_first_weights(lab):
    choose(lab, "bias", "none")
    assert len(weights(lab)) == 16 + 64 + 8
    choose(lab, "bias", "one each layer")
    choose(lab, "first weights", "he")
    mlp = MLP(2, [8, 8, 1], bias="layer", init="he", seed=1)
    assert weights(lab) == pytest.approx([p.data for p in mlp.parameters()], rel=1e-13)


def test_a_cost_brings_the_outputs_that_it_needs(lab):
    choose(lab, "Cost function", "cross entropy")
    assert "2 outputs" in status(lab)
    choose(lab, "Cost function", "binary cross entropy")
    assert settings(lab)["layers"][-1] == {"size": 1, "activation": "sigmoid"}
    choose(lab, "Cost function", "hinge")
    assert settings(lab)["layers"][-1] == {"size": 1, "activation": "linear"}
    choose(lab, "Data", "plane")
    options = lab.run(
        """const select = document.querySelector('[data-setting="cost"] select');
        return [...select.options].filter((one) => !one.disabled).map((one) => one.value)"""
    )
    assert options == ["sum_squared_error", "mean_squared_error", "half_squared_error"]


def test_a_cost_of_ones_own_stays_while_it_fits(browser, tmp_path):
    def squares(outputs, targets):
        return sum((a - y) ** 2 for a, y in zip(outputs, targets, strict=True))

    mlp = MLP(2, [3, 1], seed=1)
    browser.open(mlp.explore(data=moons(20), cost=squares).save(tmp_path / "page.html"))
    browser.find(".layer-controls summary").click()
    browser.named("Add a neuron to layer 1").click()
    assert settings(browser)["cost"] == "own"
    browser.run("page.set({data: 'yin-yang', points: 30})")
    assert settings(browser)["cost"] == "cross_entropy"
    assert browser.console() == []


def test_every_change_is_undone(lab):
    state = """const {settings, model, points, classNames} = page.network;
        const places = points.map(({x, y, label}) => [x, y, label]);
        return JSON.stringify([settings, [...model.parameters], classNames, places])"""
    states = [lab.run(state)]

    def after(act, *arguments):
        act(*arguments)
        states.append(lab.run(state))

    after(lab.named("Remove layer 1").click)
    after(choose, lab, "Data", "yin yang")
    after(enter, lab, "noise" if lab.named("noise").is_enabled() else "L2", 0.5)
    after(choose, lab, "Cost function", "cross entropy")
    after(lab.named("xy").click)
    after(enter, lab, "learning rate α", 0.01)
    after(lab.named("Randomise").click)
    after(lab.run, "[0.5, 0.6, 0.7].forEach((w) => page.setParameter(page.selected, w))")
    after(lab.run, "page.reshape((network) => network.give([[0, 0, 0], [1, 1, 1]], ['a', 'b']), '')")
    after(lab.named("Delete").click)
    for expected in states[-2::-1]:
        lab.named("Undo").click()
        assert lab.run(state) == expected
    assert not lab.named("Undo").is_enabled()


def test_the_menu_of_parts_closes_by_escape(lab):
    from selenium.webdriver.common.keys import Keys

    lab.find(".menu summary").click()
    lab.press(Keys.TAB, Keys.ESCAPE)
    assert not lab.run("return document.querySelector('.menu').open")
    assert lab.run("return document.activeElement.tagName") == "SUMMARY"


# --- learning -------------------------------------------------------------------------------------------


def printed_by(program):
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(program, {})
    return output.getvalue()


def test_the_button_gives_the_program_of_the_run(lab):
    from selenium.webdriver.common.keys import Keys

    choose(lab, "steps by", "Adam")
    assert not lab.named("momentum").is_enabled()
    choose(lab, "learning rate", "falls in steps")
    enter(lab, "epochs", 4)
    enter(lab, "factor", 0.7)
    enter(lab, "batch", 16)
    enter(lab, "L1", 0.001)
    enter(lab, "L2", 0.01)
    enter(lab, "share held out", 0.2)
    enter(lab, "learning rate α", 0.02)
    for _ in range(9):
        lab.named("Step").click()
    lab.named("Python program").click()
    program = lab.find("dialog textarea").get_attribute("value")
    assert lab.run("return document.activeElement.tagName") == "TEXTAREA"
    cost, held_out = lab.run("return [short(page.network.cost), short(page.network.heldOutCost)]")
    told = printed_by(program)
    assert f"epoch 9: cost {cost}" in told
    assert f"held out {held_out}" in told
    lab.press(Keys.ESCAPE)
    enter(lab, "momentum" if lab.named("momentum").is_enabled() else "L1", 0)
    lab.named("Python program").click()
    assert "a setting was changed in epoch 9" in status(lab)


def test_momentum_may_change_on_the_way(lab):
    lab.named("Step").click()
    enter(lab, "momentum", 0.9)
    velocity = lab.run("return [...page.network.learning.optimizer.velocity]")
    before, gradients = weights(lab), lab.run("return [...page.network.model.gradients]")
    lab.named("Step").click()
    steps = [0.1 * (0.9 * v + g) for v, g in zip(velocity, gradients, strict=True)]
    expected = [w - step for w, step in zip(before, steps, strict=True)]
    assert weights(lab) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("noise", -1, "Noise must be a number from 0 to 10"),
        ("points", 501, "Points must be a whole number from 1 to 500"),
        ("points", 1, "Moons needs at least 2 points"),
        ("momentum", 1, "Momentum must be a number from 0 to below 1"),
        ("batch", 2.5, "Batch must be a whole number"),
        ("share held out", 1, "Share held out must be a number from 0 to 0.9"),
        ("L2", "", "L2 must be a number from 0"),
    ],
)
def test_a_number_that_cannot_be_is_told_and_not_taken(lab, name, value, words):
    before = settings(lab)
    enter(lab, name, "\ue003" if value == "" else value)
    assert words in status(lab)
    assert settings(lab) == before
    key = lab.run("return arguments[0].closest('[data-setting]').dataset.setting", lab.named(name))
    assert float(lab.named(name).get_attribute("value")) == before[key]


# --- what is shown --------------------------------------------------------------------------------------


def test_whose_fault_it_is(lab):
    choose(lab, "points by their", "share in the gradient")
    parameter = lab.run("return page.network.weights[1][3][2]")
    lab.run("page.select(arguments[0])", parameter)
    found = lab.run("return [...page.network.shares(arguments[0]).values()]", parameter)
    mlp, X, Y = as_python(lab)
    weight = mlp.weights(2)[3][2]
    expected = [grad(hinge(mlp(x), y), [weight])[0] / 100 for x, y in zip(X, Y, strict=True)]
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-17)
    assert sum(found) == pytest.approx(lab.run("return page.network.gradient(arguments[0])", parameter))
    colours = lab.run(
        "return [...document.querySelectorAll('g > .point')].map((one) => getComputedStyle(one).fill)"
    )
    most = max(range(100), key=lambda s: abs(expected[s]))
    least = min(range(100), key=lambda s: abs(expected[s]))
    assert colours[least] == "color(srgb 1 1 1)"
    red, _, blue = map(float, colours[most].removeprefix("color(srgb ").rstrip(")").split())
    assert (red > blue) == (expected[most] > 0)
    assert "w²₃₂" in lab.find(".colours .hint").text


@pytest.mark.parametrize("bias", ["neuron", "layer"])
def test_the_shares_of_a_bias(lab, bias):
    lab.run("page.set({bias: arguments[0]})", bias)
    mlp, X, Y = as_python(lab)
    b = mlp.biases(2)[0]
    found = lab.run("return [...page.network.shares(page.network.biases[1][0]).values()]")
    expected = [grad(hinge(mlp(x), y), [b])[0] / 100 for x, y in zip(X, Y, strict=True)]
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-17)


def test_the_cost_along_a_weight(lab):
    parameter = lab.run("return page.network.weights[2][0][1]")
    lab.run("page.select(arguments[0])", parameter)
    before = weights(lab)
    numbers = [-3.0, 0.0, 0.5, 40.0]
    found = lab.run("return page.network.costsWith(...arguments)", parameter, numbers)
    assert weights(lab) == before
    mlp, X, Y = as_python(lab)
    weight = mlp.weights(3)[0][1]
    cost = average([hinge(mlp(x), y) for x, y in zip(X, Y, strict=True)])
    slope, before_cost = grad(cost, [weight])[0], cost.data
    start = weight.data
    for number, cost in zip([*numbers, start - 0.1 * slope], found, strict=False):
        weight.data = number
        assert average([hinge(mlp(x), y) for x, y in zip(X, Y, strict=True)]).data == pytest.approx(cost)
    weight.data = start - 0.1 * slope
    after = average([hinge(mlp(x), y) for x, y in zip(X, Y, strict=True)]).data
    words = lab.find(".curve .hint").text
    assert f"change by {short(after - before_cost)}, to {short(after)}" in words
    assert f"by the tangent it would be {short(-0.1 * slope**2)}." in words
    verdicts = set()
    for rate in (1, 1000, 1e308):
        lab.run("page.set({rate: arguments[0]})", rate)
        weight.data = start - rate * slope
        after = average([hinge(mlp(x), y) for x, y in zip(X, Y, strict=True)]).data
        told = lab.find(".curve .hint").text
        assert ("too long" in told) == (not after <= before_cost)
        verdicts.add("too long" in told)
    assert verdicts == {True, False}


def test_the_step_along_a_weight_is_that_of_the_learning_rate_of_now(lab):
    lab.run("page.set({schedule: 'exponential', factor: 0.5})")
    for _ in range(3):
        lab.named("Step").click()
    assert " 0.0125 · " in lab.find(".curve .hint").text
    assert "another than" not in lab.find(".curve .hint").text
    choose(lab, "steps by", "Adam")
    assert "another than" in lab.find(".curve .hint").text


def test_without_points_nothing_is_told_that_is_not_so(lab):
    choose(lab, "points by their", "share in the gradient")
    lab.run("while (page.network.points.length) page.network.remove(); page.changed()")
    assert "There is no curve" in lab.find(".curve .hint").text
    assert not lab.find("svg.curve").is_displayed()
    assert lab.run("return document.querySelector('.size-lines').childElementCount") == 3
    assert "undefined" in lab.find(".colours .hint").text
    assert lab.run("return document.querySelector('select[aria-label=Data]').value") == "own"
    lab.named("Step").click()
    assert "There are no points" in status(lab)
    choose(lab, "Data", "xor")
    lab.named("Step").click()
    assert status(lab).startswith("Epoch 1")


@pytest.mark.parametrize("cost", [1e300, 1e307])
def test_enormous_costs_are_drawn(lab, cost):
    lab.run("page.set({cost: 'mean_squared_error', layers: [{size: 1, activation: 'linear'}]})")
    lab.run("page.setParameter(page.network.weights[0][0][0], arguments[0])", math.sqrt(cost))
    paths = lab.run(
        "return [...document.querySelectorAll('svg.curve path, svg.sizes path, svg.chart path')]"
        ".map((one) => one.getAttribute('d')).join()"
    )
    assert "NaN" not in paths
    assert "Infinity" not in paths
    lab.run("page.training.rate.value = 1000")
    for _ in range(2):
        lab.named("Step").click()
    assert "no longer finite" in status(lab)
    assert "There is no curve" in lab.find(".curve .hint").text
    lab.named("Python program").click()
    assert "no finite numbers" in status(lab)
    # Weights that are no numbers leave fields empty.
    lab.run("page.network.parameters.forEach((p) => page.network.setParameter(p, NaN)); page.changed()")
    assert lab.named("Value of w¹₀₀").get_attribute("value") == ""


def test_a_gradient_that_vanishes_is_told(lab):
    layers = [{"size": 4, "activation": "sigmoid"}] * 6 + [{"size": 1, "activation": "linear"}]
    lab.run("page.set({data: 'xor', points: 5, layers: arguments[0]}); page.set({init: 'xavier'})", layers)
    assert "it vanishes" in lab.find(".sizes .hint").text
    lab.run("page.network.parameters.forEach((p) => page.network.setParameter(p, 0)); page.changed()")
    assert "nothing is learnt: layer 1, 2, 3, 4, 5, 6" in lab.find(".sizes .hint").text


def test_gradients_by_layer(lab):
    for _ in range(3):
        lab.named("Step").click()
    mlp, X, Y = as_python(lab)
    cost = average([hinge(mlp(x), y) for x, y in zip(X, Y, strict=True)])
    expected = []
    for layer in mlp.layers:
        gradients = grad(cost, layer.parameters())
        expected.append(math.sqrt(sum(g * g for g in gradients) / len(gradients)))
    history = lab.run("return page.network.sizes")
    assert len(history) == 4
    assert history[-1] == pytest.approx(expected, rel=1e-10)
    assert len(lab.driver.find_elements("css selector", ".size-lines path")) == 3
    assert f"layer 1 {expected[0]:.3g}" in lab.find(".sizes .hint").text


def test_each_neuron_has_a_picture_of_what_it_has_learnt(lab):
    mlp, _, _ = as_python(lab)
    x0, y0, extent = lab.run("const {x0, y0, extent} = page.plane.view; return [x0, y0, extent]")
    n = 20
    pixels = lab.run(
        """const {sheet} = page.diagram.pictures;
        const {data, width} = sheet.getContext("2d").getImageData(0, 0, sheet.width, sheet.height);
        return [width, [...data]]"""
    )
    width, data = pixels
    assert width == n * (2 + 8 + 8 + 1)
    for row, column in [(0, 0), (10, 10), (19, 3)]:
        place = [x0 + extent * (column + 0.5) / n, y0 + extent * (1 - (row + 0.5) / n)]
        activations, x = [*place], place
        for layer in mlp.layers:
            x = [float(a) for a in layer(x)]
            activations += x
        for neuron, a in enumerate(activations):
            red, _, blue, _ = data[4 * (row * width + neuron * n + column) :][:4]
            if abs(a) > 0.05:
                assert (red > blue) == (a > 0)
    lab.named("pictures").click()
    assert not lab.find(".neuron-pictures").is_displayed()


def test_a_neuron_is_shown_over_the_plane(lab):
    mlp, _, _ = as_python(lab)
    x0, y0, extent = lab.run("const {x0, y0, extent} = page.plane.view; return [x0, y0, extent]")
    choose(lab, "plane shows", "a¹₃")
    assert "The plane shows a¹₃" in status(lab)
    leads = "new Leads(page.network, page.plane.view, 8, page.plane.regions.neuron)"
    found = lab.run(f"const leads = {leads}; return [0, 3, 7].map((i) => leads.lead(i, 5, 1))")
    places = [[x0 + extent * i / 8, y0 + extent * 5 / 8] for i in (0, 3, 7)]
    assert found == pytest.approx([mlp.layers[0](place)[3].data for place in places])
    circles = lab.driver.find_elements("css selector", ".neuron-button")
    circles[0].click()
    assert lab.run("return page.plane.regions.neuron") == [0, 0]
    found = lab.run(f"return {leads}.lead(3, 5, 1)")
    assert found == pytest.approx(places[1][0])
    circles[0].click()
    assert "what the network decides" in status(lab)
    choose(lab, "plane shows", "a²₁")
    lab.named("Remove layer 2").click()
    assert lab.run("return page.plane.regions.neuron") is None
    assert lab.named("plane shows").get_attribute("value") == "null"


def test_a_discretised_output_has_two_colours(lab):
    script = """const canvas = document.querySelector(".plane canvas");
        const copy = new OffscreenCanvas(canvas.width, canvas.height);
        const context = copy.getContext("2d", {willReadFrequently: true});
        context.drawImage(canvas, 0, 0);
        const {data} = context.getImageData(4, 4, 1, copy.height - 8);
        const seen = new Set();
        for (let i = 0; i < data.length; i += 4) seen.add(data.slice(i, i + 3).join());
        return seen.size"""
    lab.named("discrete output").click()
    discrete = lab.run(script)
    lab.named("discrete output").click()
    assert discrete < lab.run(script) / 2


def test_parts_of_the_page_are_hidden_and_come_back_with_the_link(lab):
    lab.find(".menu summary").click()
    for name in ("how it learns", "graph of the chosen point"):
        lab.named(name).click()
    assert not lab.find(".learning-controls").is_displayed()
    assert not lab.find(".sample-section").is_displayed()
    assert not lab.find('[data-setting="cost"]').is_displayed()
    lab.named("x²").click()
    lab.named("Step").click()
    expected, made = weights(lab), settings(lab)
    lab.named("Link").click()
    link = lab.find("dialog textarea").get_attribute("value")
    lab.driver.get("about:blank")
    lab.driver.get(link)
    assert settings(lab) == made
    assert weights(lab) == expected
    assert not lab.find(".learning-controls").is_displayed()
    assert lab.find(".layer-controls").is_displayed()


def test_showing_otherwise_is_no_other_run(lab):
    lab.named("Step").click()
    lab.named("discrete output").click()
    choose(lab, "points by their", "share in the gradient")
    lab.named("Python program").click()
    assert "epochs=1" in lab.find("dialog textarea").get_attribute("value")
