"""How a step is told: in one line or with the whole chain rule, within its panel."""

import math
import re

import pytest

from autograd_lite import Value, topological_order
from autograd_lite.draw.explorer import explore
from autograd_lite.writing import short
from nn import MLP


def chain():
    """Return a root with one path to w and two to x."""
    w, x = Value(0.5, "w"), Value(2.0, "x")
    return ((w * x).tanh() * (x + 1.5)).sigmoid().exp()


def network():
    mlp = MLP(3, [4, 1], seed=2)
    return (mlp([0.512345, -1.0, 7.123456e-5])[0] - 1.0) ** 2


@pytest.fixture
def page(browser, tmp_path):
    def show(root):
        browser.open(explore(root).save(tmp_path / "page.html"))
        return browser

    return show


def told(browser):
    lines = browser.run(
        "return [...document.querySelectorAll('.telling .formula')].map((line) => line.textContent)"
    )
    return [line.replace("\u2060", "") for line in lines]


def number(text):
    text = text.strip("()").replace("−", "-")
    return float(re.sub(r"·10(-?\d+)$", r"e\1", text))


def product(text):
    """Return the product of numbers, each alone or in parentheses."""
    return math.prod(number(factor) for factor in re.split(r"(?<!\d)·|·(?!10-?\d)", text))


@pytest.mark.parametrize(("name", "paths"), [("w", 1), ("x", 2)])
def test_the_whole_chain_rule_multiplies_to_the_gradient_as_it_is_shown(page, name, paths):
    root = chain()
    root.backward()
    nodes = topological_order(root)
    i = next(i for i, node in enumerate(nodes) if node.label == name)
    browser = page(root)
    browser.run(
        "const {steps, player, walk} = explorer; player.go(steps.gradientAt.get(`n${arguments[0]}`))", i
    )
    title, symbols, numbers = told(browser)[-3:]
    assert title == ("all the way:" if paths == 1 else f"over all {paths} paths:")
    # Both begin at the root and end at the leaf.
    assert symbols.count(f"∂{name}") == paths + 1
    assert symbols.startswith(f"∂C∂{name}=∂C∂v")
    sum_, result = numbers[1:].split("=")
    products = re.split(r"\+(?=[\d(])", sum_)
    assert len(products) == paths
    assert short(sum(map(product, products))) == result == short(nodes[i].grad)


def test_one_line_says_it_all_and_the_choice_stays(page):
    root = chain()
    browser = page(root)
    browser.run("explorer.player.go(1)")
    browser.named("In one line").click()
    assert told(browser) == ["v1=w·x=0.5·2=1"]
    assert browser.find(".telling p").text == ""
    root.backward()
    for k in range(browser.run("return explorer.steps.last") + 1):
        browser.run("explorer.player.go(arguments[0])", k)
        assert len(told(browser)) <= 1 or browser.run("return explorer.walk.step.kind") == "update"
    w = next(node for node in topological_order(root) if node.label == "w")
    at_w = topological_order(root).index(w)
    browser.run("explorer.player.go(explorer.steps.gradientAt.get(`n${arguments[0]}`))", at_w)
    (line,) = told(browser)
    assert line.startswith("∂C∂w=")
    assert line.endswith(f"={short(w.grad)}")
    browser.named("In one line").click()
    assert len(told(browser)) > 1


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_no_formula_runs_over_the_edge_of_its_panel(page, size):
    browser = page(network())
    browser.resize(*size)
    over = browser.run(
        """const found = [];
        for (let k = 0; k <= explorer.steps.last; k++) {
            explorer.player.go(k);
            const {box} = explorer.walk.step;
            if (box) explorer.selectBox(box);
            for (const line of document.querySelectorAll(".formula"))
                for (const math of line.children) {
                    const {right} = line.closest("section").getBoundingClientRect();
                    const over = math.getBoundingClientRect().right - right;
                    if (over > 0) found.push([k, math.textContent, over]);
                }
        }
        return found;"""
    )
    assert over == []
