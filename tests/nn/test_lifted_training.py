"""fit(engine="lifted"): the numbers of the scalar engine, and of descent by the matrix formulas; refusals."""

from fractions import Fraction

import numpy as np
import pytest

from autograd_lite import Value, maximum, where
from nn import ACTIVATIONS, COSTS, MLP, Adam, Module, Neuron, cosine_decay, fit
from nn.data import iris, moons
from nn.matrix import MatrixMLP

X = [[0.5, -1.0], [1.5, 2.0], [-0.3, 0.8], [2.0, -0.2], [-1.1, -0.7]]
TARGETS = {
    "hinge": [[1, -1], [-1, -1], [1, 1], [-1, 1], [1, -1]],
    "binary_cross_entropy": [[1, 0], [0, 0], [1, 1], [0, 1], [1, 0]],
    "binary_cross_entropy_with_logits": [[1, 0], [0, 0], [1, 1], [0, 1], [1, 0]],
    "cross_entropy": [0, 1, 1, 0, 1],
}
NUMBERS = [[0.5, -0.2], [1.0, 0.3], [-0.7, 0.0], [0.1, 0.9], [0.2, -1.5]]


def trained(engine, make, X, Y, **options):
    model = make()
    if make_optimizer := options.pop("make_optimizer", None):
        options["optimizer"] = make_optimizer(model.parameters())
    history = fit(model, X, Y, engine=engine, **options)
    return [p.data for p in model.parameters()], history


def assert_same_training(make, X, Y, **options):
    compiler = options.pop("compiler", None)
    weights, history = trained("scalar", make, X, Y, **options)
    lifted_weights, lifted = trained("lifted", make, X, Y, compiler=compiler, **options)

    assert lifted_weights == pytest.approx(weights, rel=1e-11, abs=1e-13)
    assert all(type(w) is float for w in lifted_weights)
    assert lifted.costs == pytest.approx(history.costs, rel=1e-11, abs=1e-14)
    assert lifted.validation_costs == pytest.approx(history.validation_costs, rel=1e-11)
    assert (lifted.stopped, lifted.best_epoch) == (history.stopped, history.best_epoch)


@pytest.mark.parametrize("bias", ["neuron", "layer", None])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_and_bias_trains_as_the_scalar_engine_does(activation, bias):
    assert_same_training(
        lambda: MLP(2, [3, 2], activation, bias=bias, seed=1), X, NUMBERS, epochs=6, learning_rate=0.05
    )


@pytest.mark.parametrize("cost", COSTS)
def test_every_cost_trains_as_the_scalar_engine_does(cost):
    last = "sigmoid" if cost == "binary_cross_entropy" else "linear"
    Y = TARGETS.get(cost, NUMBERS)
    assert_same_training(lambda: MLP(2, [4, 2], "tanh", last, seed=2), X, Y, cost=cost, epochs=6)


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 7},
        {"validation_split": 0.3, "patience": 2, "learning_rate": 2.0},
        {"batch_size": 8, "validation_split": 0.2, "clip_norm": 0.1, "schedule": cosine_decay(10)},
        {"make_optimizer": lambda parameters: Adam(parameters, 0.05)},
        {"tolerance": 0.9},
    ],
    ids=["batches", "patience", "everything", "Adam", "converged"],
)
def test_options_mean_the_same(options):
    data = iris().standardized()
    assert_same_training(
        lambda: MLP(4, [5, 3], seed=0),
        data.inputs,
        data.labels,
        **({"cost": "cross_entropy", "epochs": 8} | options),
    )


def test_the_weights_are_those_of_descent_by_the_matrix_formulas():
    data = moons(30)
    mlp, rate = MLP(2, [5, 1], "relu", seed=3), 0.1
    network, Y = MatrixMLP.from_mlp(mlp), np.array(data.signs(), dtype=float)[:, None]
    for _ in range(10):
        found = network.gradients(np.array(data.inputs), Y, "hinge")
        dense = network.layers[::2]
        for layer, W, b in zip(dense, found.weights, found.biases, strict=True):
            layer.weights -= rate * W
            layer.bias -= rate * b

    fit(mlp, data.inputs, data.signs(), cost="hinge", learning_rate=rate, epochs=10, engine="lifted")

    for l, layer in enumerate(network.layers[::2], 1):
        assert [[w.data for w in row] for row in mlp.weights(l)] == pytest.approx(layer.weights, rel=1e-12)
        assert [b.data for b in mlp.biases(l)] == pytest.approx(layer.bias, rel=1e-12, abs=1e-15)


def test_one_neuron_and_a_cost_of_ones_own():
    def huber(outputs, y):
        error = abs(outputs[0] - y)
        return where(error - 1, error - 0.5, 0.5 * error * error)

    assert_same_training(
        lambda: Neuron(2, "tanh", seed=0), X, [0.5, 3.0, -2.0, 0.1, 0.0], cost=huber, epochs=6
    )


def test_a_model_of_ones_own_with_a_parameter_that_is_not_used():
    class Curve(Module):
        def __init__(self):
            self.named = {name: Value(number) for name, number in (("p", 0.5), ("q", -1.0), ("idle", 7.0))}

        def named_parameters(self):
            yield from self.named.items()

        def __call__(self, x):
            return [self.named["p"] * x[0] + maximum(self.named["q"] * x[1], 0.0)]

    assert_same_training(Curve, X, [0.5, 3.0, -2.0, 0.1, 0.0], epochs=6)


def test_a_choice_by_python_is_refused():
    def kinked(z):
        return z * 2 if z > 0 else z * 3

    mlp = MLP(2, [2], output_activation=kinked, seed=1)
    before = mlp.state_dict()

    with pytest.raises(ValueError, match=r"graph of sample \d differs .*use where"):
        fit(mlp, X, NUMBERS, engine="lifted")

    assert mlp.state_dict() == before


def test_what_lifting_cannot_do_is_refused_with_advice():
    exact = MLP(2, [2], "linear")
    for p in exact.parameters():
        p.data = Fraction(1, 3)
    with pytest.raises(TypeError, match=r"computes in floats.*take engine='scalar'"):
        fit(exact, X, NUMBERS, engine="lifted", learning_rate=Fraction(1, 10))
    with pytest.raises(TypeError, match="gives the cost its targets as Values"):
        fit(MLP(2, [2], seed=0), X, [0, 1, 1, 0, 1], cost=lambda a, y: a[y] ** 2, engine="lifted")
    with pytest.raises(ValueError, match="unknown engine 'lift'; did you mean 'lifted'"):
        fit(MLP(2, [2], seed=0), X, NUMBERS, engine="lift")


def test_a_cost_that_is_no_number_any_more_names_epoch_and_node():
    mlp = MLP(2, [2], "linear", seed=0)

    with pytest.raises(FloatingPointError, match=r"epoch \d+: .*The weights are the best so far"):
        fit(mlp, X, NUMBERS, learning_rate=1e200, epochs=50, engine="lifted")

    assert all(abs(w) < 10 for w in mlp.state_dict().values())


def test_ctrl_c_keeps_the_best_weights():
    mlp = MLP(2, [3, 2], seed=1)

    def interrupt(epoch):
        if epoch.number == 3:
            raise KeyboardInterrupt

    history = fit(mlp, X, NUMBERS, epochs=50, callbacks=[interrupt], engine="lifted")

    kept = MatrixMLP.from_mlp(mlp).cost(X, NUMBERS, "mean_squared_error")
    assert history.stopped == "interrupted"
    assert kept == pytest.approx(min(history.costs), rel=1e-12)


@pytest.mark.parametrize("name", ["jax.numpy", "torch", "dask.array"])
@pytest.mark.parametrize("batch_size", [None, 8])
def test_training_on_another_array_library(name, batch_size):
    pytest.importorskip("array_api_compat")
    xp = pytest.importorskip(name)
    data = moons(20)
    options = {"learning_rate": 0.2, "epochs": 5, "cost": "hinge", "batch_size": batch_size}
    weights, history = trained(
        "scalar", lambda: MLP(2, [5, 1], "tanh", seed=3), data.inputs, data.signs(), **options
    )
    found, lifted = trained(
        "lifted", lambda: MLP(2, [5, 1], "tanh", seed=3), data.inputs, data.signs(), xp=xp, **options
    )
    # JAX computes in single precision unless it is told otherwise.
    digits = 1e-4 if name == "jax.numpy" else 1e-11
    assert found == pytest.approx(weights, rel=digits, abs=digits)
    assert lifted.costs == pytest.approx(history.costs, rel=digits)
    assert all(type(w) is float for w in found)


def test_training_with_a_compiler():
    pytest.importorskip("numba")
    data = moons(20)
    assert_same_training(
        lambda: MLP(2, [5, 1], "tanh", seed=3),
        data.inputs,
        data.signs(),
        cost="hinge",
        epochs=5,
        compiler="numba",
    )


def test_the_scalar_engine_takes_no_array_library():
    with pytest.raises(ValueError, match="compiler and xp are of engine='lifted'"):
        fit(MLP(2, [1]), X, [0.0] * 5, xp=np)
    with pytest.raises(ValueError, match="compiler and xp are of engine='lifted'"):
        fit(MLP(2, [1]), X, [0.0] * 5, compiler="numba")
