"""A network's chain rule, its parameter picked by index: against the loops and finite differences."""

import re
from fractions import Fraction

import numpy as np
import pytest

from autograd_lite import no_grad
from autograd_lite.explain import explain
from nn import COSTS, MLP, average, mean_squared_error
from nn.compare import compare_gradients

X = [[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]]
Y = [[0.5, 0.0], [1.0, -1.0], [0.0, 2.0]]


def finite_difference(mlp, parameter, X, Y, cost, h=1e-6):
    def C(shift):
        before = parameter.data
        parameter.data = before + shift
        try:
            with no_grad():
                return average([cost(mlp(x), y) for x, y in zip(X, Y, strict=True)]).data
        finally:
            parameter.data = before

    return (C(h) - C(-h)) / (2 * h)


@pytest.mark.parametrize(
    "cost", ["mean_squared_error", "sum_squared_error", "binary_cross_entropy_with_logits"]
)
def test_every_weight_and_bias_of_one_sample(cost):
    mlp = MLP(2, [3, 2], seed=0)
    for l in (1, 2):
        for j, row in enumerate(mlp.weights(l)):
            for k, w in enumerate(row):
                expected = finite_difference(mlp, w, X[:1], Y[:1], COSTS[cost])
                derivation = explain(mlp, layer=l, weight=(j, k), x=X[0], y=Y[0], cost=cost)
                assert derivation.wrt is w
                assert derivation.value == pytest.approx(expected, rel=1e-7, abs=1e-9)
        for j, b in enumerate(mlp.biases(l)):
            expected = finite_difference(mlp, b, X[:1], Y[:1], COSTS[cost])
            assert mlp.explain(l, bias=j, x=X[0], y=Y[0], cost=cost).value == pytest.approx(
                expected, rel=1e-7
            )


def test_several_samples_are_averaged():
    mlp = MLP(2, [3, 2], seed=0)
    report = compare_gradients(mlp, X, Y)
    loops = dict(zip(report.names, report.methods["loops"], strict=True))
    for samples, targets in [(X, Y), (np.array(X), np.array(Y))]:
        derivation = explain(mlp, layer=1, weight=(2, 1), x=samples, y=targets)
        assert derivation.value == pytest.approx(loops["w[1][2,1]"], rel=1e-12)


def test_one_sample_may_be_an_array_and_its_target_a_class():
    mlp = MLP(2, [3], seed=0)
    C = explain(mlp, layer=1, bias=0, x=np.array(X[0]), y=2, cost="cross_entropy")
    expected = finite_difference(mlp, mlp.biases(1)[0], X[:1], [2], COSTS["cross_entropy"])
    assert C.value == pytest.approx(expected, rel=1e-7)


def test_exact_numbers_stay_exact():
    mlp = MLP(1, [1, 1], "linear")
    for i, p in enumerate(mlp.parameters()):
        p.data = Fraction(i + 1, 3)
    # C = (w² (w¹ x + b¹) + b² − y)² with w¹, b¹, w², b² = 1/3, 2/3, 1, 4/3 and x, y = 1/2, 0
    error = 1 * (Fraction(1, 3) * Fraction(1, 2) + Fraction(2, 3)) + Fraction(4, 3)
    derivation = mlp.explain(layer=1, weight=(0, 0), x=[Fraction(1, 2)], y=0)
    assert derivation.value == 2 * error * 1 * Fraction(1, 2)
    assert derivation.text().count("13/6") == 1


def test_the_chain_has_the_vertices_of_the_derivations():
    mlp = MLP(2, [2, 1], "tanh", "sigmoid", seed=0)
    text = mlp.explain(layer=1, weight=(0, 1), x=[1.0, 2.0], y=[0.5]).text()
    chain = "∂C/∂a²₀ · ∂a²₀/∂z²₀ · ∂z²₀/∂a¹₀ · ∂a¹₀/∂z¹₀ · ∂z¹₀/∂w¹₀₁"
    assert f"∂C/∂w¹₀₁ = {chain}\n" in text
    rules = dict(re.findall(r"^(\S+) += (.+?) += \S+$", text.partition("where")[2], re.M))
    assert rules == {
        "∂C/∂a²₀": "2 · (a²₀ − 0.5)",  # C2, n_L = 1
        "∂a²₀/∂z²₀": "a²₀ · (1 − a²₀)",
        "∂z²₀/∂a¹₀": "w²₀₀",  # A6
        "∂a¹₀/∂z¹₀": "1 − (a¹₀)²",
        "∂z¹₀/∂w¹₀₁": "a⁰₁",  # A6
    }


def test_the_factor_of_the_mean_over_outputs_and_samples_is_a_fraction():
    mlp = MLP(2, [2], seed=0)
    one = mlp.explain(layer=1, bias=0, x=X[0], y=Y[0]).text()
    all_three = mlp.explain(layer=1, bias=0, x=X, y=Y).text()
    assert re.search(r"∂C/∂z¹₀ += z¹₀ − 0\.5 += ", one)  # 2/n_L = 1
    assert re.search(r"∂C/∂z¹⁽¹⁾₀ += 1/3 · \(z¹⁽¹⁾₀ − 0\.5\) += ", all_three)


def test_the_number_of_paths_is_the_product_of_the_layers_between():
    mlp = MLP(2, [4, 3, 2, 1], seed=0)
    assert mlp.explain(layer=1, weight=(0, 0), x=X[0], y=0.0).number_of_paths == 3 * 2
    assert mlp.explain(layer=2, weight=(0, 0), x=X[0], y=0.0).number_of_paths == 2
    assert mlp.explain(layer=4, weight=(0, 0), x=X[0], y=0.0).number_of_paths == 1
    assert mlp.explain(layer=1, weight=(0, 0), x=X, y=[0.0] * 3).number_of_paths == 3 * 3 * 2


def test_a_batch_of_a_hundred_stays_readable():
    mlp = MLP(2, [8, 8, 1], "relu", seed=0)
    samples = [[i / 10, 1 - i / 30] for i in range(100)]
    derivation = mlp.explain(layer=1, weight=(0, 1), x=samples, y=[0.0] * 100)
    text = str(derivation)
    assert "96 more" in text
    assert len(text.splitlines()) < 120
    assert max(map(len, text.splitlines())) <= 100
    assert derivation.value == pytest.approx(
        finite_difference(mlp, derivation.wrt, samples, [0.0] * 100, mean_squared_error), rel=1e-5
    )


def test_a_shared_bias_sums_over_the_neurons_of_its_layer():
    mlp = MLP(1, [2], bias="layer", seed=0)
    derivation = mlp.explain(layer=1, bias=0, x=[1.0], y=[0.0, 0.0])
    assert "∂C/∂b¹ = ∂C/∂z¹₀ · ∂z¹₀/∂b¹ + ∂C/∂z¹₁ · ∂z¹₁/∂b¹" in derivation.text("recursion").replace(
        "  ", " "
    )


def test_explaining_leaves_the_gradients_alone():
    mlp = MLP(2, [3, 2], seed=0)
    for i, p in enumerate(mlp.parameters()):
        p.grad = i
    str(mlp.explain(layer=1, weight=(0, 0), x=X[0], y=Y[0]))
    assert [p.grad for p in mlp.parameters()] == list(range(len(mlp.parameters())))


@pytest.mark.parametrize(
    ("choice", "error", "message"),
    [
        ({"layer": 0, "bias": 0}, IndexError, "layers count from 1 to 2; there is no layer 0"),
        ({"layer": 3, "bias": 0}, IndexError, "layers count from 1 to 2; there is no layer 3"),
        ({"layer": 1.5, "bias": 0}, TypeError, "index of a layer is a whole number, not 1.5"),
        (
            {"layer": 1, "weight": (0, 2)},
            IndexError,
            r"shape \(3, 2\), to and from; there is no weight \(0, 2\)",
        ),
        ({"layer": 1, "weight": (-1, 0)}, IndexError, r"there is no weight \(-1, 0\)"),
        (
            {"layer": 1, "weight": 0},
            TypeError,
            r"a weight is a pair, weight=\(j, k\) for w\[1\]\[j,k\], not 0",
        ),
        ({"layer": 1, "weight": (0, "a")}, TypeError, "index of a weight is a whole number, not 'a'"),
        ({"layer": 2, "bias": 2}, IndexError, "layer 2 has biases 0 … 1; there is no bias 2"),
        ({"layer": 1}, TypeError, r"give either weight=\(j, k\) or bias=j"),
        ({"layer": 1, "weight": (0, 0), "bias": 0}, TypeError, r"give either weight=\(j, k\) or bias=j"),
        ({"layer": 1, "bias": 0, "x": [1.0]}, ValueError, "2 inputs"),
        ({"layer": 1, "bias": 0, "y": [1.0]}, ValueError, "expected 2 targets"),
        ({"layer": 1, "bias": 0, "cost": "hing"}, ValueError, "did you mean 'hinge'"),
    ],
)
def test_what_does_not_fit_is_refused(choice, error, message):
    mlp = MLP(2, [3, 2], seed=0)
    with pytest.raises(error, match=message):
        explain(mlp, **{"x": X[0], "y": Y[0]} | choice)


def test_a_network_without_biases_has_none_to_explain():
    with pytest.raises(IndexError, match="layer 1 has no bias; there is no bias 0"):
        MLP(2, [1], bias=None).explain(layer=1, bias=0, x=X[0], y=0.0)
