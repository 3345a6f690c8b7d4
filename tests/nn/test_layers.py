"""Neuron, Layer and MLP: values, names, graphs, first weights, and what they refuse."""

import copy
import inspect
import math
import pickle
import random
import sys
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import nn.layers
from autograd_lite import Value, fsum, grad, no_grad, topological_order
from nn import ACTIVATIONS, COSTS, INITIALIZERS, MLP, Layer, Neuron, matrix, per_weight, softmax
from nn.activations import activation_function

PRECISE_ACTIVATIONS = {
    "linear": lambda z: z,
    "tanh": mpmath.tanh,
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "relu": lambda z: max(z, 0),
    "leaky_relu": lambda z: z if z > 0 else mpmath.mpf(0.01) * z,
    "elu": lambda z: z if z > 0 else mpmath.exp(z) - 1,
    "gelu": lambda z: z * mpmath.ncdf(z),
    "silu": lambda z: z / (1 + mpmath.exp(-z)),
    "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
}


def test_the_mlp_is_one_class_with_the_signatures_of_what_draws_it():
    assert nn.layers.MLP is nn.MLP
    assert (nn.layers.Layer, nn.layers.Neuron) == (Layer, Neuron)
    assert list(inspect.signature(MLP(1, [1]).draw).parameters) == [
        "x",
        "gradients",
        "numbers",
        "max_neurons",
        "wrong",
    ]
    assert "circles in columns" in MLP.draw.__doc__


def set_exact(module, start=1):
    """Give the parameters unlike Fractions of both signs."""
    for i, p in enumerate(module.parameters(), start):
        p.data = Fraction((7 * i + 3) % 19 - 9, i % 5 + 2)


# ------------------------------------------------------------------------------ values


def test_neuron_is_sigma_of_the_weighted_sum():
    neuron = Neuron(3, "linear")
    for p, number in zip(neuron.parameters(), [Fraction(1, 2), Fraction(-3), Fraction(2, 7), 5], strict=True):
        p.data = number

    a = neuron([Fraction(4), Fraction(1, 3), Fraction(7)])

    assert isinstance(a, Value)
    assert a.data == Fraction(1, 2) * 4 - 1 + 2 + 5


def test_neuron_without_bias_leaves_it_out():
    neuron = Neuron(2, "linear", bias=False)
    set_exact(neuron)
    w0, w1 = (w.data for w in neuron.weights)

    assert neuron.bias is None
    assert neuron([Fraction(2), Fraction(5)]).data == 2 * w0 + 5 * w1


@pytest.mark.parametrize(
    ("name", "z"),
    [
        (name, z)
        for name in ACTIVATIONS
        for z in (-3.0, -0.125, 0.0, 1e-9, 0.75, 40.0)
        if z != 0 or "relu" not in name  # ReLU has no derivative at 0; the choice there is tested below
    ],
)
def test_activation_and_its_derivative_to_50_digits(name, z):
    neuron = Neuron(1, name)
    neuron.weights[0].data, neuron.bias.data = 1.0, z

    a = neuron([0.0])
    (slope,) = grad(a, [neuron.bias])

    with mpmath.workdps(50):
        sigma = PRECISE_ACTIVATIONS[name]
        assert a.data == pytest.approx(float(sigma(mpmath.mpf(z))), rel=4e-16, abs=0)
        assert slope == pytest.approx(float(mpmath.diff(sigma, mpmath.mpf(z))), rel=4e-15, abs=0)


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_at_the_kink_all_three_implementations_choose_the_same_derivative(name):
    neuron = Neuron(1, name)
    neuron.weights[0].data = 0.0

    (slope,) = grad(neuron([1.0]), [neuron.bias])

    assert slope == matrix.ACTIVATIONS[name][1](np.array(0.0)) == per_weight.ACTIVATIONS[name][1](0.0)


def test_the_three_implementations_know_the_same_names():
    assert set(ACTIVATIONS) == set(matrix.ACTIVATIONS) == set(per_weight.ACTIVATIONS)
    assert set(COSTS) == set(matrix.COSTS) == set(per_weight.COSTS)


@pytest.mark.parametrize("bias", ["neuron", "layer", None])
def test_mlp_is_layer_after_layer(bias):
    mlp = MLP(2, [3, 2], "relu", "linear", bias=bias)
    set_exact(mlp)
    x = [Fraction(3, 2), Fraction(-5, 3)]

    outputs = mlp(x)

    a = x
    for l in (1, 2):
        rows = [[w.data for w in row] for row in mlp.weights(l)]
        biases = [b.data for b in mlp.biases(l)] * (3 if bias == "layer" else 1) or [0] * 3
        z = [sum(w * a_k for w, a_k in zip(row, a, strict=True)) + biases[j] for j, row in enumerate(rows)]
        a = z if l == 2 else [max(z_j, 0) for z_j in z]
    assert [v.data for v in outputs] == a


@pytest.mark.parametrize("module", [Layer(2, 1), MLP(2, [1]), MLP(2, [4, 1])])
def test_layer_and_mlp_return_a_list_also_of_one(module):
    outputs = module([1.0, 2.0])

    assert isinstance(outputs, list)
    assert [type(a) for a in outputs] == [Value]


@pytest.mark.parametrize(
    "x",
    [
        [0.5, -2.0],
        (0.5, -2.0),
        np.array([0.5, -2.0]),
        [Value(0.5), Value(-2.0)],
        [np.float32(0.5), -2],
        [Value(0.5), Fraction(-2)],
    ],
    ids=["list", "tuple", "array", "Values", "kinds of numbers", "Values and numbers"],
)
def test_inputs_may_be_numbers_or_values(x):
    mlp = MLP(2, [3, 1], seed=3)

    assert mlp(x)[0].data == mlp([0.5, -2.0])[0].data


def test_gradients_flow_to_inputs_that_are_values():
    layer = Layer(2, 1, "linear", seed=1)
    x = [Value(1.0, "height"), Value(2.0)]

    layer(x)[0].backward()

    assert [v.grad for v in x] == [w.data for w in layer.weights[0]]
    assert [v.label for v in x] == ["height", ""]


def test_a_callable_is_an_activation_too():
    cube = Layer(1, 2, lambda z: z * z * z)
    set_exact(cube)

    outputs = cube([Fraction(2)])

    z = [2 * row[0].data + b.data for row, b in zip(cube.weights, cube.biases, strict=True)]
    assert [a.data for a in outputs] == [z_j**3 for z_j in z]
    assert [a.label for a in outputs] == ["a[0]", "a[1]"]


def test_without_a_graph_nothing_is_remembered():
    with no_grad():
        outputs = MLP(2, [3, 1], seed=0)([1.0, 2.0])

    assert outputs[0].parents == ()


# ------------------------------------------------------------------------------ names


def names(module):
    return [name for name, _ in module.named_parameters()]


@pytest.mark.parametrize(
    ("bias", "expected"),
    [
        (
            "neuron",
            "w[1][0,0] w[1][0,1] w[1][0,2] w[1][1,0] w[1][1,1] w[1][1,2] b[1][0] b[1][1]"
            " w[2][0,0] w[2][0,1] b[2][0]",
        ),
        (
            "layer",
            "w[1][0,0] w[1][0,1] w[1][0,2] w[1][1,0] w[1][1,1] w[1][1,2] b[1] w[2][0,0] w[2][0,1] b[2]",
        ),
        (None, "w[1][0,0] w[1][0,1] w[1][0,2] w[1][1,0] w[1][1,1] w[1][1,2] w[2][0,0] w[2][0,1]"),
    ],
)
def test_names_of_parameters_in_order(bias, expected):
    mlp = MLP(3, [2, 1], bias=bias)

    assert names(mlp) == expected.split()
    assert [p.label for p in mlp.parameters()] == expected.split()
    assert mlp.parameters() == [p for _, p in mlp.named_parameters()]


def test_names_of_a_single_layer_and_of_a_single_neuron():
    assert names(Layer(2, 2)) == ["w[0,0]", "w[0,1]", "w[1,0]", "w[1,1]", "b[0]", "b[1]"]
    assert names(Layer(2, 1, bias="layer")) == ["w[0,0]", "w[0,1]", "b"]
    assert names(Neuron(2)) == ["w[0]", "w[1]", "b"]


def test_weights_and_biases_by_layer_are_the_parameters_themselves():
    mlp = MLP(3, [2, 4, 1])

    for l, (n_out, n_in) in enumerate([(2, 3), (4, 2), (1, 4)], 1):
        rows = mlp.weights(l)
        assert [len(row) for row in rows] == [n_in] * n_out
        assert rows == [
            [dict(mlp.named_parameters())[f"w[{l}][{j},{k}]"] for k in range(n_in)] for j in range(n_out)
        ]
        assert mlp.biases(l) == [dict(mlp.named_parameters())[f"b[{l}][{j}]"] for j in range(n_out)]


@pytest.mark.parametrize("l", [0, 3, -1])
def test_there_is_no_layer_beyond_the_last_or_before_the_first(l):
    with pytest.raises(IndexError, match=f"layers count from 1 to 2; there is no layer {l}"):
        MLP(2, [3, 1]).weights(l)
    with pytest.raises(IndexError, match=f"there is no layer {l}"):
        MLP(2, [3, 1]).biases(l)


@pytest.mark.parametrize("bias", ["neuron", "layer", None])
def test_the_graph_has_exactly_the_vertices_of_the_derivations(bias):
    mlp = MLP(2, [3, 2], "tanh", "sigmoid", bias=bias, seed=0)

    outputs = mlp([1.0, 2.0])

    expected = ["a[0][0]", "a[0][1]", *names(mlp)]
    expected += [f"{letter}[{l}][{j}]" for letter in "za" for l, n in ((1, 3), (2, 2)) for j in range(n)]
    graph = topological_order(fsum(outputs))[:-1]
    assert sorted(node.label for node in graph) == sorted(expected)
    by_label = {node.label: node for node in graph}
    assert by_label["a[1][2]"].parents == (by_label["z[1][2]"],)
    assert set(by_label["z[2][1]"].parents) == {
        by_label[name]
        for name in (
            "w[2][1,0]",
            "w[2][1,1]",
            "w[2][1,2]",
            "a[1][0]",
            "a[1][1]",
            "a[1][2]",
            "b[2][1]",
            "b[2]",
        )
        if name in by_label
    }


def test_a_linear_layer_ends_in_z():
    (a,) = MLP(2, [1])([1.0, 2.0])

    assert (a.label, a.op) == ("z[1][0]", "affine")


# ------------------------------------------------------------------------------ first weights

VARIANCES = {
    "xavier": 2 / (20 + 30),
    "glorot": 2 / (20 + 30),
    "xavier_normal": 2 / (20 + 30),
    "glorot_normal": 2 / (20 + 30),
    "he": 2 / 20,
    "kaiming": 2 / 20,
    "he_uniform": 2 / 20,
    "kaiming_uniform": 2 / 20,
    "lecun": 1 / 20,
    "lecun_uniform": 1 / 20,
    "uniform": 1 / 3,
}
NORMAL = {"xavier_normal", "glorot_normal", "he", "kaiming", "lecun"}


@pytest.mark.parametrize("name", INITIALIZERS)
def test_first_weights_have_the_mean_the_variance_and_the_form_of_their_distribution(name):
    stream = random.Random(5)
    weights = np.array(
        [w.data for _ in range(20) for row in Layer(20, 30, init=name, seed=stream).weights for w in row]
    )

    n, sigma = len(weights), math.sqrt(VARIANCES[name])
    kurtosis = 3 if name in NORMAL else 1.8
    # Six standard deviations of the mean and of the mean square, which are nearly normal for 12 000 weights.
    assert abs(weights.mean()) < 6 * sigma / math.sqrt(n)
    assert abs((weights**2).mean() - sigma**2) < 6 * sigma**2 * math.sqrt((kurtosis - 1) / n)
    assert (abs(weights).max() > 3 * sigma) == (name in NORMAL)
    if name not in NORMAL:
        assert abs(weights).max() <= math.sqrt(3) * sigma


def test_biases_start_at_zero_and_weights_apart():
    mlp = MLP(5, [6, 7], seed=0)

    assert [b.data for l in (1, 2) for b in mlp.biases(l)] == [0.0] * 13
    assert len({w.data for l in (1, 2) for row in mlp.weights(l) for w in row}) == 5 * 6 + 6 * 7


@pytest.mark.parametrize(
    ("activation", "default"),
    [("relu", "he"), ("leaky_relu", "he"), ("gelu", "he"), ("tanh", "xavier"), ("linear", "xavier")],
)
def test_the_default_initializer_suits_the_activation(activation, default):
    by_default, by_name = Layer(4, 3, activation, seed=1), Layer(4, 3, activation, seed=1, init=default)

    assert by_default.state_dict() == by_name.state_dict()


@pytest.mark.parametrize(
    "make", [lambda seed: MLP(3, [4, 2], seed=seed), lambda seed: Layer(3, 2, seed=seed)]
)
def test_a_seed_repeats_bit_for_bit_and_another_does_not(make):
    first, again, other = make(42).state_dict(), make(42).state_dict(), make(43).state_dict()

    assert [number.hex() for number in first.values()] == [number.hex() for number in again.values()]
    assert first != other
    assert make(random.Random(42)).state_dict() == make(np.int64(42)).state_dict() == first


def test_the_global_stream_of_random_numbers_is_left_alone():
    random.seed(1)
    before = random.getstate()

    MLP(3, [4, 2])

    assert random.getstate() == before


# ------------------------------------------------------------------------------ copies


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda mlp: pickle.loads(pickle.dumps(mlp))])
def test_a_copy_is_equal_and_independent(copied):
    mlp = MLP(2, [3, 1], bias="layer", seed=0)

    twin = copied(mlp)
    twin.biases(1)[0].data = 5.0

    assert names(twin) == names(mlp)
    assert all(neuron.bias.data == 5.0 for neuron in twin.layers[0].neurons)
    assert mlp.biases(1)[0].data == 0.0
    assert twin.weights(1)[0][0].data == mlp.weights(1)[0][0].data


def test_repr_says_what_it_takes_to_make_another():
    def swish(z):
        return z * z.sigmoid()

    assert repr(Neuron(2, "relu")) == "Neuron(2, 'relu')"
    assert repr(Layer(2, 3, swish, bias=None)) == "Layer(2, 3, 'swish', bias=None)"
    assert repr(MLP(2, [3, 1])) == (
        "MLP(2, [3, 1], activation='tanh', output_activation='linear', bias='neuron'): 13 parameters"
    )


# ------------------------------------------------------------------------------ refused


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MLP(2, []), "an MLP needs at least one layer"),
        (lambda: MLP(2, [3, 0]), "the size of layer 2 must be a whole number of at least 1, not 0"),
        (lambda: MLP(2, [-3, 1]), "the size of layer 1 must be a whole number of at least 1, not -3"),
        (lambda: MLP(2, [3.0, 1]), "the size of layer 1 must be a whole number of at least 1, not 3.0"),
        (lambda: MLP(2, [3, True]), "the size of layer 2 must be a whole number of at least 1, not True"),
        (lambda: MLP(2, [3, "1"]), "the size of layer 2 must be a whole number of at least 1, not '1'"),
        (lambda: MLP(2, "31"), "the size of layer 1 must be a whole number of at least 1, not '3'"),
        (lambda: MLP(2, None), "the size of layer 1 must be a whole number of at least 1, not None"),
        (lambda: MLP(0, [1]), "n_in must be a whole number of at least 1, not 0"),
        (lambda: MLP(2.0, [1]), "n_in must be a whole number of at least 1, not 2.0"),
        (lambda: Neuron(True), "n_in must be a whole number of at least 1, not True"),
        (lambda: Neuron(None), "n_in must be a whole number of at least 1, not None"),
        (lambda: Layer(2, 0), "n_out must be a whole number of at least 1, not 0"),
        (
            lambda: Layer(2, 2, bias="neurons"),
            "bias is 'neuron' (one each), 'layer' (one shared) or None, not",
        ),
        (lambda: MLP(2, [1], bias=True), "or None, not True"),
        (lambda: MLP(2, [3, 1], "tanhh"), "unknown activation 'tanhh'; did you mean 'tanh'?"),
        (lambda: MLP(2, [1], "tanhh"), "unknown activation 'tanhh'; did you mean 'tanh'?"),
        (lambda: MLP(2, [1], output_activation="Softplus"), "did you mean 'softplus'?"),
        (
            lambda: Layer(2, 1, "nothing like it"),
            "unknown activation 'nothing like it'. There are: linear, tanh,",
        ),
        (lambda: Neuron(2, None), "unknown activation None"),
        (lambda: Neuron(2, init="xaver"), "unknown initializer 'xaver'; did you mean 'xavier'?"),
        (lambda: MLP(2, [1], init=""), "unknown initializer ''"),
        (lambda: activation_function("relo"), "unknown activation 'relo'; did you mean 'relu'?"),
    ],
)
def test_what_cannot_be_built_says_why(make, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared below
        make()
    assert message in str(caught.value)


def test_sizes_may_be_numpys():
    assert MLP(np.int64(2), np.array([3, 1])).state_dict().keys() == MLP(2, [3, 1]).state_dict().keys()


@pytest.mark.parametrize("module", [Neuron(2), Layer(2, 3), MLP(2, [3, 1])], ids=["neuron", "layer", "mlp"])
@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([1.0], ValueError, "expected 2 inputs and got 1"),
        ([1.0, 2.0, 3.0], ValueError, "expected 2 inputs and got 3"),
        ([], ValueError, "expected 2 inputs and got 0"),
        ("12", TypeError, "the input is a sequence of 2 numbers or Values, not str '12'"),
        (b"12", TypeError, "the input is a sequence of 2 numbers or Values, not bytes"),
        (3.0, TypeError, "the input is a sequence of 2 numbers or Values, not float 3.0"),
        (None, TypeError, "the input is a sequence of 2 numbers or Values, not NoneType None"),
        ((x for x in (1.0, 2.0)), TypeError, "the input is a sequence of 2 numbers or Values, not generator"),
        ([1.0, "2"], TypeError, "[1]: a Value holds one real number, not str '2'"),
        ([None, 1.0], TypeError, "[0]: a Value holds one real number, not NoneType None"),
        (np.ones((2, 2)), TypeError, "[0]: a Value holds one real number, not ndarray"),
    ],
)
def test_inputs_that_do_not_fit_say_which(module, x, error, message):
    with pytest.raises(error) as caught:
        module(x)
    assert message in str(caught.value)


def test_an_activation_must_return_a_value():
    with pytest.raises(TypeError, match="the activation 'tanh' must return a Value made of its argument"):
        Neuron(1, math.tanh)([1.0])


# ------------------------------------------------------------------------------ softmax


@pytest.mark.parametrize("zs", [[0.5, -1.0, 2.0], [1000.0, 999.0, -1000.0], [-1e5, -1e5], [3.0]])
def test_softmax_to_50_digits(zs):
    numbers, values = softmax(zs), softmax([Value(z) for z in zs])

    with mpmath.workdps(50):
        total = mpmath.fsum(mpmath.exp(z) for z in zs)
        expected = [float(mpmath.exp(z) / total) for z in zs]
    assert numbers == pytest.approx(expected, rel=1e-15, abs=0)
    assert [p.data for p in values] == numbers


def test_softmax_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one number"):
        softmax(np.array([]))


def test_without_pytorch_its_models_say_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    for ask in (MLP(2, [1]).to_torch, lambda: MLP.from_torch(object())):
        with pytest.raises(ImportError, match="pip install torch"):
            ask()


def test_a_weight_that_was_replaced_by_a_number_says_how_to_set_it():
    mlp = MLP(2, [1], seed=0)
    mlp.weights(1)[0][1] = 0.5

    with pytest.raises(TypeError, match=r"replaced by 0\.5, which is no Value: set its data"):
        mlp.parameters()


def test_each_layer_may_have_its_activation():
    mlp = MLP(2, [3, 4, 1], ["relu", "sigmoid"], seed=1)
    assert [layer.activation for layer in mlp.layers] == ["relu", "sigmoid", "linear"]
    assert "activation=['relu', 'sigmoid']" in repr(mlp)
    one_for_all = MLP(2, [3, 4, 1], ["tanh", "tanh"], seed=1)
    assert one_for_all.state_dict() == MLP(2, [3, 4, 1], "tanh", seed=1).state_dict()
    with pytest.raises(ValueError, match="got 1 activations for 2 layers before the last"):
        MLP(2, [3, 4, 1], ["relu"])
    with pytest.raises(ValueError, match="unknown activation 'rleu'; did you mean 'relu'"):
        MLP(2, [3, 1], ["rleu"])
