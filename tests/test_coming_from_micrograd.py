"""examples/coming_from_micrograd.md keeps its word; micrograd itself, where installed, says the same."""

import ast
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

import autograd_lite
import nn
from autograd_lite import Value
from nn import MLP
from nn.data import moons

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "examples" / "coming_from_micrograd.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE, flags=re.DOTALL)
ROWS = [line.split("|")[1:4] for line in PAGE.splitlines() if line.startswith("| ")][1:]


def run(program):
    return subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("program", "printed"), PROGRAMS, ids=["neuron", "moons"])
def test_the_program_prints_what_stands_below_it(program, printed):
    result = run(program)
    assert (result.stdout, result.stderr) == (printed, "")


def test_both_programs_mark_what_is_changed():
    assert len(PROGRAMS) == PAGE.count("```python") == 2
    assert all("# changed: " in program for program, _ in PROGRAMS)


def test_the_gradients_of_the_neuron_are_those_by_hand():
    slope = 1 - math.tanh(2.0 * -3.0 + 0.0 * 1.0 + 6.8813735870195432) ** 2
    by_hand = f"∂o/∂x1 = {-3 * slope:g} ∂o/∂w1 = {2 * slope:g} ∂o/∂x2 = {slope:g} ∂o/∂w2 = {0 * slope:g}"
    assert PROGRAMS[0][1].count(by_hand) == 2


def test_every_name_in_the_table_is_there():
    names = {"autograd_lite": dir(autograd_lite), "nn": nn.__all__}
    here = " ".join(row[1] for row in ROWS)
    for package, imported in re.findall(r"from (autograd_lite|nn) import ([\w, ]+)`", here):
        assert set(imported.split(", ")) <= set(names[package])
    v = Value(2.0, label="a")
    for attribute in re.findall(r"\bv\.(\w+)\b", here):
        assert hasattr(v, attribute), attribute
    for program in re.findall(r"`(MLP\([^`…]*\))`", here):
        mlp = eval(compile(ast.parse(program, mode="eval"), "table", "eval"), {"MLP": MLP})
        assert len(mlp([1.0] * mlp.n_in)) == 1
    neuron = MLP(2, [1]).layers[0].neurons[0]
    assert len(neuron.weights) == 2
    assert isinstance(neuron.bias, Value)


@pytest.mark.parametrize(("clear", "theirs", "ours"), [(True, 72, 36), (False, 108, 72)])
def test_a_second_backward_is_different(clear, theirs, ours):
    engine = pytest.importorskip("micrograd.engine")
    for number, expected in ((engine.Value, theirs), (Value, ours)):
        a, b = number(2.0), number(3.0)
        c = a * b
        d = c * c
        d.backward()
        assert a.grad == 36
        if clear:
            a.grad = b.grad = 0
        d.backward()
        assert a.grad == expected


def test_micrograd_itself_learns_the_moons_by_the_same_numbers():
    networks = pytest.importorskip("micrograd.nn")
    data = moons(20, noise=0.1, seed=1)
    ours, theirs = MLP(2, [4, 1], activation="relu", seed=0), networks.MLP(2, [4, 1])
    for layer, other in zip(ours.layers, theirs.layers, strict=True):
        for neuron, twin in zip(layer.neurons, other.neurons, strict=True):
            neuron.bias.data = 0.1
            for v, w in zip([*neuron.weights, neuron.bias], [*twin.w, twin.b], strict=True):
                w.data = v.data
    costs = []
    for model, score in ((ours, lambda out: out[0]), (theirs, lambda out: out)):
        for _ in range(5):
            margins = [
                (1 + -y * score(model(x))).relu() for x, y in zip(data.inputs, data.signs(), strict=True)
            ]
            cost = sum(margins) * (1 / len(margins)) + 1e-4 * sum(p * p for p in model.parameters())
            costs.append(cost.data)
            model.zero_grad()
            cost.backward()
            for p in model.parameters():
                p.data -= 0.5 * p.grad
    assert costs[:5] == pytest.approx(costs[5:], rel=1e-12)
    assert costs[4] < costs[0]


def test_where_it_points_to_is_there():
    for target in re.findall(r"\]\(([^)#:]+)\)", PAGE):
        assert (ROOT / "examples" / target).exists(), target
