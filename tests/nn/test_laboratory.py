"""The laboratory's numerical heart, run in a real browser: every number held against Python's."""

import contextlib
import io
import math
import re
import warnings
from itertools import pairwise
from random import Random

import pytest

from autograd_lite import Value, grad, topological_order
from autograd_lite.draw.explorer.data import graph_data
from nn import COSTS, INITIALIZERS, MLP, average, laboratory, mean_squared_error
from nn.activations import ACTIVATIONS
from nn.costs import cost_row
from nn.data import circles, gaussian, moons, plane, spiral, xor, yin_yang
from nn.explorer import explore_network
from nn.explorer.templates import MOST_NEURONS
from nn.sample import sample_graph

SEEDS = [0, 1, 42, 2**32 - 1, 2**32, 12345678901]


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """A page whose parts are tried one by one."""
    path = tmp_path_factory.mktemp("lab") / "page.html"
    browser.open(explore_network(MLP(2, [3, 1], seed=1), moons(20)).save(path))
    return browser


# --- random numbers and data ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_random_numbers_are_pythons(lab, seed):
    random = Random(seed)
    expected = [random.random() for _ in range(700)], random.uniform(-3.0, 5.0)
    orders = [random.sample(list(range(n)), n) for n in (1, 2, 5, 64, 100)]
    found = lab.run(
        """const random = new Random(arguments[0]);
        const numbers = [Array.from({length: 700}, () => random.random()), random.uniform(-3, 5)];
        const range = (n) => Array.from({length: n}, (_, k) => k);
        return [numbers, [1, 2, 5, 64, 100].map((n) => random.sample(range(n)))]""",
        seed,
    )
    assert found == [list(expected), orders]


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_normal_random_numbers_are_pythons(lab, seed):
    random = Random(seed)
    expected = [random.gauss(1.0, 2.0) for _ in range(101)] + [random.random()]
    found = lab.run(
        """const random = new Random(arguments[0]);
        return [...Array.from({length: 101}, () => random.gauss(1, 2)), random.random()]""",
        seed,
    )
    # Sine, cosine and logarithm are the browser's own.
    assert found == pytest.approx(expected, rel=1e-14, abs=1e-14)


DATA = {"moons": moons, "circles": circles, "xor": xor, "spiral": spiral, "gaussian": gaussian}


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize(("n", "noise", "seed"), [(7, 0.0, 0), (60, 0.15, 3)])
def test_data_sets_are_pythons(lab, name, n, noise, seed):
    data = DATA[name](n, noise=noise, seed=seed)
    found = lab.run("return [drawPoints(...arguments), DATASETS[arguments[0]].classes]", name, n, noise, seed)
    assert [point[2] for point in found[0]] == data.labels
    assert found[1] == data.class_names
    for point, expected in zip(found[0], data.inputs, strict=True):
        assert point[:2] == pytest.approx(expected, rel=1e-14, abs=1e-14)


def test_the_yin_yang_is_pythons(lab):
    data = yin_yang(100, seed=5)
    found = lab.run("return drawPoints('yin-yang', 100, 0, 5)")
    assert found == [[*x, label] for x, label in zip(data.inputs, data.labels, strict=True)]


def test_the_plane_to_learn_is_pythons(lab):
    X, Y = plane(50, noise=0.1, seed=2)
    found = lab.run("return drawPoints('plane', 50, 0.1, 2)")
    assert [point[:2] for point in found] == X
    assert [point[2] for point in found] == pytest.approx(Y, rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("name", DATA)
def test_the_usual_noise_and_number_are_pythons(lab, name):
    n, noise = lab.run("return [DATASETS[arguments[0]].points, DATASETS[arguments[0]].noise]", name)
    assert DATA[name](seed=1).inputs == DATA[name](n, noise=noise, seed=1).inputs


# --- rules ----------------------------------------------------------------------------------------------

PLACES = [-800.0, -40.0, -3.0, -0.5, -1e-9, 0.0, 1e-9, 0.3, 2.0, 37.5, 800.0]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_and_their_derivatives_are_the_engines(lab, name):
    script = """const {value, partial} = ACTIVATIONS[arguments[0]];
        return arguments[1].map((z) => [value(z), partial(z)])"""
    for z, (value, partial) in zip(PLACES, lab.run(script, name, PLACES), strict=True):
        number = Value(z)
        a = ACTIVATIONS[name](number)
        assert value == pytest.approx(a.data, rel=1e-14)
        assert partial == pytest.approx(grad(a, [number])[0], rel=1e-13)


def outputs_and_targets(cost, n):
    random = Random(n)
    takes = cost_row(cost).targets
    for _ in range(20):
        label = random.randrange(n)
        targets = [1.0 if j == label else (takes.low or 0.0) for j in range(n)]
        if takes.fits is None:
            targets = [random.uniform(-2, 2) for _ in range(n)]
        spread = random.choice([1, 30])
        is_probability = cost is COSTS["binary_cross_entropy"]
        outputs = [
            random.uniform(0.01, 0.99) if is_probability else random.gauss(0, spread) for _ in range(n)
        ]
        yield outputs, targets


@pytest.mark.parametrize("name", COSTS)
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_costs_and_their_gradients_are_the_engines(lab, name, n):
    cost = COSTS[name]
    if cost_row(cost).targets.classes and n == 1:
        pytest.skip("it needs two classes")
    assert lab.run("const {low, threshold} = COSTS[arguments[0]]; return [low, threshold]", name) == [
        cost_row(cost).targets.low,
        cost_row(cost).threshold,
    ]
    cases = list(outputs_and_targets(cost, n))
    found = lab.run(
        """const [name, cases] = arguments;
        return cases.map(([a, y]) => {
            // In the midst of other samples.
            const gradient = Array(a.length + 2).fill(7);
            const value = COSTS[name].of([9, ...a, 9], [9, ...y, 9], 1, a.length, gradient);
            return [value, gradient];
        })""",
        name,
        cases,
    )
    for (outputs, targets), (value, gradient) in zip(cases, found, strict=True):
        leaves = list(map(Value, outputs))
        expected = cost(leaves, targets)
        assert value == pytest.approx(expected.data, rel=1e-12, abs=1e-300)
        assert gradient[0] == gradient[-1] == 7
        assert gradient[1 : n + 1] == pytest.approx(grad(expected, leaves), rel=1e-11, abs=1e-14)


def test_no_cost_is_missing(lab):
    assert lab.run("return Object.keys(COSTS)") == list(COSTS)


# --- networks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("init", [None, *INITIALIZERS])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_the_first_weights_of_a_seed_are_pythons(lab, init, activation):
    if init in ("glorot", "glorot_normal", "kaiming", "kaiming_uniform"):
        pytest.skip("another name of one that is there")
    mlp = MLP(3, [5, 4, 2], activation, init=init, seed=7)
    found = lab.run(
        """const [activation, init] = arguments;
        const functions = {activation: ACTIVATIONS.tanh, bias: "neuron"};
        const model = new Model(3, [5, 4, 2].map((size) => ({size, ...functions})));
        return [...initialWeights(model, [activation, activation, "linear"], init ?? "", 7)]""",
        activation,
        init,
    )
    assert found == pytest.approx([p.data for p in mlp.parameters()], rel=1e-14)


ARCHITECTURES = [
    (2, [1], "tanh", "linear", "neuron", "hinge"),
    (2, [3, 2], "elu", "sigmoid", "neuron", "binary_cross_entropy"),
    (3, [4, 1], "leaky_relu", "tanh", "layer", "mean_squared_error"),
    (2, [4, 3, 3], "gelu", "linear", None, "cross_entropy"),
    (5, [12, 11, 2], "silu", "linear", "neuron", "binary_cross_entropy_with_logits"),
    (1, [1, 1, 1], "relu", "softplus", "layer", "half_squared_error"),
    (7, [2, 16, 5], "linear", "linear", "neuron", "sum_squared_error"),
    (2, [2, 2, 2, 2, 2], "sigmoid", "linear", "neuron", "cross_entropy"),
    (2, [3, 4], "tanh", "linear", "neuron", "hinge"),
]


@pytest.mark.parametrize(("n_in", "sizes", "hidden", "last", "bias", "cost"), ARCHITECTURES)
def test_the_graph_of_a_point_is_pythons(browser, tmp_path, n_in, sizes, hidden, last, bias, cost):
    # A page of networks with this kind of bias; the network of now is built in it.
    path = tmp_path / "page.html"
    browser.open(explore_network(MLP(2, [2, 1], bias=bias, seed=1), moons(10)).save(path))
    mlp = MLP(n_in, sizes, hidden, last, bias=bias, seed=3)
    random = Random(1)
    x = [random.gauss(0, 1) for _ in range(n_in)]
    y = [1.0] + [cost_row(COSTS[cost]).targets.low or 0.0] * (sizes[-1] - 1)
    sample = sample_graph(mlp, COSTS[cost], x, y)
    sample.cost.backward()
    expected = graph_data(sample.cost, mlp.parameters())
    layers = [{"size": n, "activation": hidden, "bias": bias} for n in sizes]
    layers[-1]["activation"] = last
    found = browser.run(
        """const [inputs, layers, cost, weights, x, y] = arguments;
        const made = new PointGraph(inputs, layers, cost, DATA.templates).data();
        const graph = new Graph(made.nodes, RULES);
        const parameters = made.weights.flatMap((rows, l) => [...rows.flat(), ...made.biases[l]]);
        graph.set([
            ...parameters.map((p, k) => [p, weights[k]]),
            ...made.layers[0].map((p, k) => [p, x[k]]),
            ...made.targets.map((p, j) => [p, y[j]]),
        ]);
        const {nodes, groups} = made;
        const missing = nodes.filter(({formula}) => formula && !DATA.formulas[formula]);
        return {nodes, groups, missing, values: graph.values, gradients: graph.gradients}""",
        n_in,
        layers,
        cost,
        [p.data for p in mlp.parameters()],
        x,
        y,
    )
    data_of_leaves = [node.pop("data") for node in expected["nodes"]]
    for node in found["nodes"]:
        node.pop("data")
    assert found["nodes"] == expected["nodes"]
    assert found["groups"] == expected["groups"]
    assert found["missing"] == []
    leaves = [(v, d) for v, d in zip(found["values"], data_of_leaves, strict=True) if d is not None]
    assert all(v == d for v, d in leaves)
    assert found["values"][-1] == pytest.approx(sample.cost.data, rel=1e-13)
    gradients = [found["gradients"][i] for i, n in enumerate(expected["nodes"]) if n["role"] == "parameter"]
    by_python = [node.grad for node in topological_order(sample.cost) if node in set(mlp.parameters())]
    assert gradients == pytest.approx(by_python, rel=1e-11, abs=1e-15)


def test_as_many_neurons_as_a_layer_may_have_have_formulas(lab):
    keys = lab.run("return Object.keys(DATA.formulas)")
    assert {f"affine/{2 * n + 1}" for n in range(1, MOST_NEURONS + 1)} <= set(keys)
    assert lab.run("return LIMITS.neurons") == MOST_NEURONS


def test_weights_that_fit_are_kept_when_neurons_and_layers_come_and_go(lab):
    kept = lab.run(
        """const of = (...sizes) => {
            const layers = sizes.map((size) => ({size, bias: "neuron", activation: ACTIVATIONS.tanh}));
            return new Model(2, layers);
        };
        const settings = (...sizes) => ({features: ["x", "y"], layers: sizes.map((size) => ({size}))});
        const after = (was, now) => {
            const [before, model] = [of(...was), of(...now)];
            before.parameters.forEach((_, k) => (before.parameters[k] = 1 + k));
            model.keepFrom(before, originsOf(settings(...was), settings(...now)));
            return [...model.parameters];
        };
        const changes = [[[2, 1], [3, 1]], [[3, 1], [2, 1]], [[2, 1], [2, 2, 1]], [[2, 2, 1], [2, 1]]];
        return changes.map(([was, now]) => after(was, now))"""
    )
    # One neuron more: its weights are new (0 here), and so is what leads from it.
    assert kept[0] == [1, 2, 3, 4, 0, 0, 5, 6, 0, 7, 8, 0, 9]
    # One fewer.
    assert kept[1] == [1, 2, 3, 4, 7, 8, 10, 11, 13]
    # A layer more: the output keeps its weights.
    assert kept[2] == [1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 7, 8, 9]
    # A layer fewer.
    assert kept[3] == [1, 2, 3, 4, 5, 6, 13, 14, 15]


# --- the same run in Python -----------------------------------------------------------------------------

RUN = """const [changes, epochs] = arguments;
    const {network} = page;
    network.draw({...DEFAULTS, ...changes});
    network.randomise(network.settings.seed);
    for (let k = 0; k < epochs; k++) if (!network.descend()) throw Error("no step in epoch " + k);
    return [network.cost, network.accuracy, network.heldOutCost, pythonProgram(network)]"""


def runs_as_on_the_page(lab, changes, epochs=100):
    """Run the page's program, and hold what it prints against what the page prints."""
    cost, right, held_out, program = lab.run(RUN, changes, epochs)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # accuracy speaks of thresholds
        exec(compile(program, "the page's program", "exec"), {})
    expected = f"epoch {epochs}: cost {cost:.4g}"
    if right is not None:
        expected += f", accuracy {100 * right:.3g} %"
    if held_out is not None:
        expected += f", cost of the points held out {held_out:.4g}"
    assert printed.getvalue() == f"{expected}\n", program
    return program


OF_DATA = {
    "moons": {},
    "circles": {"features": ["x", "y", "xx", "yy"], "noise": 0.05},
    "xor": {"points": 60, "noise": 0.2},
    "spiral": {"features": ["x", "y", "xx", "yy", "xy", "sinx", "siny"]},
    "gaussian": {"cost": "binary_cross_entropy_with_logits"},
    "yin-yang": {"cost": "cross_entropy", "points": 90},
    "plane": {"cost": "half_squared_error"},
}
OPTIMIZERS = {
    "sgd": {"optimizer": "sgd", "rate": 0.1},
    "momentum": {"optimizer": "sgd", "rate": 0.03, "momentum": 0.9},
    "adam": {"optimizer": "adam", "rate": 0.01},
}


@pytest.mark.parametrize("data", OF_DATA)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_run_of_the_page_is_that_of_its_program(lab, data, optimizer):
    layers = [{"size": 4, "activation": "tanh"}, {"size": 1, "activation": "linear"}]
    usual = {"data": data, "points": 60, "noise": 0.1, "layers": layers, "seed": 3, "dataSeed": 2}
    runs_as_on_the_page(lab, {**usual, **OF_DATA[data], **OPTIMIZERS[optimizer]})


@pytest.mark.parametrize(
    "options",
    [
        {"batch": 7},
        {"heldOut": 0.3},
        {"batch": 16, "heldOut": 0.25, "optimizer": "adam", "rate": 0.01},
        {"l1": 0.01, "l2": 0.02},
        {"l2": 0.01, "optimizer": "adam", "rate": 0.01},
        {"schedule": "step", "every": 30, "factor": 0.3},
        {"schedule": "exponential", "factor": 0.97, "momentum": 0.5},
        {"schedule": "cosine", "every": 90},
        {"init": "lecun", "cost": "mean_squared_error"},
        {"cost": "binary_cross_entropy"},
        {"cost": "cross_entropy"},
        {"cost": "sum_squared_error", "rate": 0.01},
        {
            "layers": [
                {"size": 3, "activation": "relu"},
                {"size": 4, "activation": "gelu"},
                {"size": 1, "activation": "tanh"},
            ]
        },
        {"bias": "layer"},
    ],
)
def test_every_setting_is_in_the_program(lab, options):
    layers = [{"size": 4, "activation": "tanh"}, {"size": 1, "activation": "linear"}]
    runs_as_on_the_page(lab, {"data": "moons", "points": 50, "layers": layers, "seed": 5, **options})


def test_points_and_weights_by_hand_are_in_the_program(lab):
    program = runs_as_on_the_page(lab, {"data": "moons", "points": 10}, 5)
    assert "moons(10, noise=0.1, seed=0)" in program
    cost, program = lab.run(
        """const {network} = page;
        network.restart();
        network.add(0.5, -0.25, 1);
        network.restart();
        network.setParameter(network.parameters[0], 0.125);
        network.restart();
        for (let k = 0; k < 5; k++) network.descend();
        return [network.cost, pythonProgram(network)]"""
    )
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(program, "the page's program", "exec"), {})
    assert printed.getvalue().startswith(f"epoch 5: cost {cost:.4g},")


def test_a_run_that_python_cannot_repeat_has_no_program(lab):
    reasons = lab.run(
        """const {network} = page;
        const reason = (change) => {
            network.restart();
            network.descend();
            change();
            try { return pythonProgram(network) } catch (error) { return error.message }
        };
        return [
            reason(() => network.adjust({rate: 0.7})),
            reason(() => network.add(0, 0, 1)),
            reason(() => network.setParameter(network.parameters[0], 1)),
        ]"""
    )
    assert "a setting was changed in epoch 1" in reasons[0]
    assert "the points were changed in epoch 1" in reasons[1]
    assert "a weight was changed in epoch 1" in reasons[2]


# --- the whole page -------------------------------------------------------------------------------------


@pytest.fixture
def laboratory_page(browser, tmp_path):
    """Return the laboratory, with the path of its file."""
    path = tmp_path / "laboratory.html"
    laboratory(path)
    browser.open(path)
    return browser, path


RESHAPE = """page.reshape((network) => network.change(arguments[0]), "changed");
    const {network, sampleGraph} = page;
    const neurons = [...document.querySelectorAll(".diagram .neuron")].length;
    return {neurons, parameters: network.parameters.length, steps: sampleGraph.walk.steps.last,
            options: document.querySelectorAll('select[aria-label="Weight or bias"] option').length}"""


def test_layers_come_and_go_and_the_page_shows_them(laboratory_page):
    browser, _ = laboratory_page
    layers = [{"size": n, "activation": "tanh"} for n in (4, 3, 5)] + [{"size": 1, "activation": "linear"}]
    found = browser.run(RESHAPE, {"layers": layers, "features": ["x", "y", "xy"]})
    assert found["neurons"] == 3 + 4 + 3 + 5 + 1
    assert found["parameters"] == found["options"] == 4 * 4 + 3 * 5 + 5 * 4 + 6
    fewer = browser.run(RESHAPE, {"layers": layers[3:], "features": ["x", "y"]})
    assert fewer["neurons"] == 3
    assert fewer["parameters"] == 3
    assert fewer["steps"] < found["steps"]
    # The walk is alive: its last step shows the gradient of a leaf.
    browser.run("page.sampleGraph.walk.player.go(1)")
    assert browser.run("return page.sampleGraph.walk.player.position") == 1
    assert browser.console() == []


def test_arrow_keys_move_one_walk_however_often_it_was_made_anew(laboratory_page):
    browser, _ = laboratory_page
    layers = [{"size": 2, "activation": "relu"}, {"size": 1, "activation": "linear"}]
    for _ in range(3):
        browser.run(RESHAPE, {"layers": layers})
    browser.run("page.sampleGraph.walk.player.go(2)")
    browser.find("body").send_keys("\ue014")
    assert browser.run("return page.sampleGraph.walk.player.position") == 3


def test_other_data_and_a_number_to_learn(laboratory_page):
    browser, _ = laboratory_page
    draw = "page.reshape((network) => network.draw(arguments[0]), 'drawn')"
    browser.run(draw, {"data": "yin-yang", "points": 60, "cost": "cross_entropy"})
    assert browser.texts(".new .choice")[:3] == ["yin", "yang", "dot"]
    assert browser.run("return page.network.model.outputs") == 3
    browser.run(draw, {"data": "plane", "points": 40})
    assert browser.run("return [page.network.model.outputs, page.network.settings.cost]") == [
        1,
        "mean_squared_error",
    ]
    browser.named("Step").click()
    assert "accuracy" not in browser.find(".status").text
    assert browser.find('output[aria-label="Accuracy"]').text == "–"
    assert browser.console() == []


def test_a_network_is_explored_with_numbers_to_learn(browser, tmp_path):
    mlp, data = MLP(2, [3, 1], seed=1), plane(30, noise=0.1)
    browser.open(mlp.explore(data=data).save(tmp_path / "page.html"))
    expected = average([mean_squared_error(mlp(x), y) for x, y in zip(*data, strict=True)]).data
    assert browser.run("return page.network.cost") == pytest.approx(expected, rel=1e-13)
    with pytest.raises(ValueError, match="has 2 outputs: give it one"):
        MLP(2, [2]).explore(data=data)
    with pytest.raises(ValueError, match="the cost hinge is for classes"):
        mlp.explore(data=data, cost="hinge")


def test_the_laboratory_begins_with_the_seed_that_it_names(laboratory_page):
    browser, _ = laboratory_page
    program = browser.run("page.network.descend(); return pythonProgram(page.network)")
    assert 'mlp = MLP(2, [8, 8, 1], "tanh", seed=1)\n' in program
    assert "data = moons(100, noise=0.1, seed=0)" in program


# --- links ----------------------------------------------------------------------------------------------

CHANGED = """const {network} = page;
    network.draw({data: "circles", points: 40, noise: 0.05, dataSeed: 9, features: ["x", "xx", "siny"],
        layers: [{size: 5, activation: "relu"}, {size: 1, activation: "linear"}], rate: 0.03, l1: 1e-7,
        optimizer: "adam", schedule: "cosine", heldOut: 0.25, batch: 8, init: "he_uniform"});
    for (let k = 0; k < 7; k++) network.descend();"""


def test_a_link_holds_all_settings_and_weights(laboratory_page):
    browser, path = laboratory_page
    link, settings, weights = browser.run(
        CHANGED + "return [linkOf(network), network.settings, [...network.model.parameters]]"
    )
    browser.open(path)
    browser.driver.get(f"{path.as_uri()}{link}")
    assert "those of the link" in browser.find(".status").text
    assert browser.run("return page.network.settings") == settings
    assert browser.run("return [...page.network.model.parameters]") == weights
    assert browser.run("return linkOf(page.network)") == link
    assert browser.named("learning rate α").get_attribute("value") == "0.03"


def test_a_link_holds_points_of_ones_own(laboratory_page):
    browser, _ = laboratory_page
    points = "page.network.points.map(({x, y, label}) => [x, y, label])"
    link, before = browser.run(
        f"page.network.add(0.1, -0.7, 1); page.network.restart(); return [linkOf(page.network), {points}]"
    )
    browser.run("page.network.draw({data: 'xor', points: 4}); location.hash = arguments[0]", link)
    browser.wait("page.network.points.length > 100")
    assert browser.run(f"return {points}") == before
    far = browser.run("page.network.points[0].x = 1e308; return linkOf(page.network)")
    browser.run("page.say(''); location.hash = arguments[0]", far)
    browser.wait("document.querySelector('.status').textContent.includes('too far out to be drawn')")


def test_a_notebooks_frame_has_a_program_and_says_that_it_has_no_link(browser, tmp_path):
    page = tmp_path / "frame.html"
    page.write_text(laboratory()._repr_html_(), encoding="utf-8")
    browser.open(page)
    browser.driver.switch_to.frame(0)
    browser.wait("document.querySelector('.status')")
    browser.run("page.takeAway.showLink()")
    assert "save the page as a file" in browser.find(".status").text
    browser.run("page.takeAway.showProgram()")
    assert "mlp = MLP(2, [8, 8, 1]" in browser.find("dialog textarea").get_attribute("value")
    browser.driver.switch_to.default_content()
    assert browser.console() == []


def test_names_of_gradients_by_layer_stand_apart_at_the_ends_of_their_lines(laboratory_page):
    browser, _ = laboratory_page
    browser.run("document.querySelector('.sizes').open = true")
    found = browser.run(
        """page.network.sizes = [[1, 1, 0.5, 1], [0.02, 0.02, 0.02, 0.021], [0.02, 0.02, 0.02, 0]];
        page.sizes.draw();
        return [...document.querySelectorAll(".size-lines text")].map((text) =>
            ["x", "y"].map((key) => Number(text.getAttribute(key))).concat(text.textContent))"""
    )
    assert [name for *_, name in found] == ["1", "2", "3", "4"]
    assert found[0][0] == found[1][0] == found[2][0] > found[3][0]
    assert len({round(y) for _, y, _ in found[:3]}) == 3
    heights = sorted(y for _, y, _ in found)
    assert all(below - above >= 13 for above, below in pairwise(heights))


def damaged(link):
    """Yield links that are not what the page made, each with a word of what is said."""
    yield "#", None
    yield "#x", "has no “data”"
    yield link.partition("&layers")[0], "has no “layers”: part of it is missing"
    yield link[: len(link) // 2], "damaged"
    yield link.replace("rate=0.1", "rate=1e999"), "rate must be"
    yield link.replace("rate=0.1", "rate=alert(1)"), "is no number"
    yield link.replace("rate=0.1", "rate=-1"), "rate must be"
    yield link.replace("points=100", "points=1e9"), "points must be"
    yield link.replace("points=100", "points=1"), "at least 2"
    yield link.replace("data=moons", "data=constructor"), "data must be"
    yield link.replace("data=moons", "data=__proto__"), "data must be"
    yield link.replace("cost=hinge", "cost=toString"), "cost must be"
    yield link.replace("8.tanh%2C8.tanh", "9.tanh%2C8.tanh"), "weights for a network of"
    yield link.replace("8.tanh%2C8.tanh", "16.tanh%2C16.tanh%2C16.tanh%2C16.tanh%2C16.tanh"), "can be shown"
    yield link.replace("8.tanh%2C8.tanh", "8.tanh%2C8.eval"), "layers must be"
    yield link.replace("8.tanh%2C8.tanh", "99999.tanh"), "not of the form"
    yield link.replace("1.linear", "3.linear"), "does not fit its data"
    yield link.replace("hidden=", "hidden=everything"), "parts of the page"
    yield link.replace("pictures=yes", "pictures=perhaps"), "yes or no"
    yield link.replace("cost=hinge", "cost=own"), "somebody's own"
    yield link.replace("weights=", "weights=!"), "weights are damaged"
    yield link.replace("weights=", "weights=AA"), "damaged"
    yield f"{link}&weights=", "twice"
    yield f"{link}&%3Cimg%20src=x%20onerror=alert(1)%3E", "does not know"
    yield "#" + "data=" * 60000, "longer than any"


def test_a_damaged_or_hostile_link_is_told_and_changes_nothing(laboratory_page):
    browser, _ = laboratory_page
    link = browser.run("return linkOf(page.network)")
    state = "return JSON.stringify([page.network.settings, [...page.network.model.parameters]])"
    before = browser.run(state)
    for fragment, reason in damaged(link):
        assert fragment != link
        browser.run("page.say(''); history.replaceState(null, '', arguments[0]); page.followLink()", fragment)
        told = browser.find(".status").text
        if reason is None:
            assert told == ""
        else:
            assert told.startswith("The link cannot be followed")
            assert reason in told
        assert browser.run(state) == before
    assert browser.console() == []
    assert browser.run("return document.querySelectorAll('main img').length") == 0


# --- what goes wrong ------------------------------------------------------------------------------------


def test_a_learning_rate_of_a_thousand_is_told_and_drawn(laboratory_page):
    browser, _ = laboratory_page
    browser.run("page.reshape((network) => network.change({cost: 'mean_squared_error'}), '')")
    rate = browser.named("learning rate α")
    rate.clear()
    rate.send_keys("1000")
    for _ in range(60):
        browser.run("page.training.step(); page.refresh()")
    browser.named("Step").click()
    assert "no longer finite" in browser.find(".status").text
    line = browser.find(".chart .line").get_attribute("d")
    assert line.startswith("M")
    assert "NaN" not in line
    assert "Infinity" not in line
    assert "no longer a finite number" in browser.find("svg.chart").get_attribute("aria-label")
    assert browser.console() == []


@pytest.mark.parametrize(
    "history",
    [
        [],
        [math.nan],
        [math.inf, -math.inf],
        [1e307, 1.7e308, 1e300],
        [-1.7e308, 1.7e308],
        [1.0, math.nan, 2.0, 1e-320],
        [0.0] * 2000,
    ],
)
def test_a_chart_is_right_whatever_the_numbers(lab, history):
    words = [str(x).replace("inf", "Infinity").replace("nan", "NaN") for x in history]
    line, texts, dot = lab.run(
        """const chart = new Chart("Cost");
        chart.draw(arguments[0].map(Number), arguments[0].map(Number));
        const texts = [...chart.svg.querySelectorAll("text")].map((text) => text.textContent).join(" ");
        return [chart.line.getAttribute("d"), texts, Number(chart.dot.getAttribute("cy"))]""",
        words,
    )
    numbers = [float(x) for x in re.findall(r"-?[\d.]+|NaN|Infinity", line)]
    assert all(6 <= x <= 345 for x in numbers)
    assert len(numbers) == 2 * min(sum(map(math.isfinite, history)), 501)
    assert math.isfinite(dot)
    assert "NaN" not in texts
    assert line.count("M") == (2 if history[1:2] and math.isnan(history[1]) else len(line) > 0)


def test_no_points_and_points_of_one_class_are_told(laboratory_page):
    browser, _ = laboratory_page
    browser.run("while (page.network.points.length > 1) page.network.remove(); page.changed()")
    browser.named("Step").click()
    assert "All points are of one class" in browser.find(".status").text
    browser.named("Delete").click()
    # No number of the point that is gone is left in its graph.
    gradients = browser.run("return page.network.sample.gradients.filter(Number.isFinite)")
    assert set(gradients) <= {0, 1}
    browser.named("Step").click()
    assert "There are no points to learn from" in browser.find(".status").text
    assert browser.console() == []
    browser.named("Undo").click()
    assert browser.run("return page.network.points.length") == 1
    assert browser.console() == []


# --- speed ----------------------------------------------------------------------------------------------


def test_a_step_of_16_16_with_500_points_takes_at_most_10_ms(browser, tmp_path):
    browser.open(MLP(2, [16, 16, 1], seed=1).explore(data=moons(500)).save(tmp_path / "page.html"))
    milliseconds = browser.run(
        """return Array.from({length: 30}, () => {
            const start = performance.now();
            page.network.descend();
            return performance.now() - start;
        })"""
    )
    # The machine may have other things to do: the best of them says what a step costs.
    assert min(milliseconds) < 10


def test_the_spiral_is_learnt_in_seconds(browser, tmp_path):
    mlp = MLP(2, [16, 16, 1], seed=1)
    browser.open(mlp.explore(data=spiral()).save(tmp_path / "page.html"))
    rate = browser.named("learning rate α")
    rate.clear()
    rate.send_keys("0.3")
    browser.find(".training select option[value='Infinity']").click()
    browser.named("Run").click()
    browser.wait("page.network.accuracy > 0.95", 20)
    browser.named("Pause").click()
    assert browser.console() == []
