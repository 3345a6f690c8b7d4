"""Models of PyTorch as networks and back, and PyTorch's own gradients beside those of the network."""

import numpy as np
import pytest

from nn import MLP, WrongGradientsError, assert_gradients_match, check_backprop, from_torch

torch = pytest.importorskip("torch")
T = torch.nn

ACTIVATIONS = {
    "tanh": T.Tanh(),
    "sigmoid": T.Sigmoid(),
    "relu": T.ReLU(),
    "leaky_relu": T.LeakyReLU(),
    "elu": T.ELU(),
    "gelu": T.GELU(),
    "silu": T.SiLU(),
    "softplus": T.Softplus(),
    "linear": T.Identity(),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_model_is_a_network_with_the_same_weights_outputs_and_gradients(name):
    model = T.Sequential(T.Linear(3, 4), ACTIVATIONS[name], T.Linear(4, 2))
    mlp, backprop = from_torch(model, T.MSELoss())
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))

    outputs = model(torch.tensor(X, dtype=torch.float32)).tolist()
    assert [[float(a) for a in mlp(x)] for x in X] == [pytest.approx(a, abs=1e-6) for a in outputs]
    assert_gradients_match(mlp, X, Y, "mean_squared_error", backprop=backprop)
    assert check_backprop(backprop, (3, 4, 2), activation=name).right


def test_other_losses_and_no_biases():
    model = T.Sequential(T.Linear(3, 4, bias=False), T.Tanh(), T.Linear(4, 3, bias=False))
    mlp, backprop = from_torch(model, T.CrossEntropyLoss())

    assert mlp.biases(1) == []
    assert check_backprop(backprop, (3, 4, 3), cost="cross_entropy", bias=None).right


def test_an_activation_after_the_last_layer():
    mlp, backprop = from_torch(T.Sequential(T.Linear(2, 1), T.Sigmoid()), T.BCELoss())
    assert mlp.layers[-1].activation == "sigmoid"
    assert check_backprop(backprop, (2, 1), cost="binary_cross_entropy").right


def test_the_wrong_loss_is_told():
    _, backprop = from_torch(T.Sequential(T.Linear(2, 3)), T.MSELoss(reduction="sum"))
    with pytest.raises(WrongGradientsError, match="forgot the means over samples and outputs"):
        check_backprop(backprop, (2, 3))


def test_the_model_is_left_as_it_is():
    model = T.Sequential(T.Linear(2, 3))
    before = model[0].weight.clone()
    _, backprop = from_torch(model, T.MSELoss())
    check_backprop(backprop, (2, 3))

    assert torch.equal(model[0].weight, before)
    assert model[0].weight.grad is None
    assert model[0].weight.dtype == torch.float32


@pytest.mark.parametrize(
    ("layers", "error", "message"),
    [
        ([T.Conv2d(1, 1, 1)], TypeError, "layer 0 of the model is Conv2d"),
        ([T.Tanh(), T.Linear(2, 1)], TypeError, "layer 0"),
        ([T.Linear(2, 1), T.Tanh(), T.ReLU()], ValueError, "stands after another activation"),
        ([T.Linear(2, 1), T.LeakyReLU(0.3)], ValueError, "as it is by default"),
        ([T.Linear(2, 2), T.Tanh(), T.Linear(2, 2), T.ReLU(), T.Linear(2, 1)], ValueError, "has one for all"),
        ([T.Linear(2, 2, bias=False), T.Linear(2, 1)], ValueError, "some layers have a bias"),
        ([], ValueError, "no Linear layer"),
    ],
)
def test_what_no_mlp_is_is_told(layers, error, message):
    with pytest.raises(error, match=message):
        from_torch(T.Sequential(*layers), T.MSELoss())


def test_only_a_sequential_is_taken():
    with pytest.raises(TypeError, match=r"a torch\.nn\.Sequential, not Linear"):
        from_torch(T.Linear(2, 1), T.MSELoss())


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_network_becomes_a_model_that_computes_the_same(name):
    mlp = MLP(3, [4, 2], activation=name, output_activation="sigmoid", seed=0)
    for b in mlp.biases(1) + mlp.biases(2):
        b.data = 0.1
    X = np.random.default_rng(0).normal(size=(5, 3))

    outputs = mlp.to_torch()(torch.tensor(X)).tolist()

    assert outputs == [pytest.approx([float(a) for a in mlp(x)], rel=1e-7) for x in X]


@pytest.mark.parametrize("bias", ["neuron", None])
def test_there_and_back_it_is_the_same_network(bias):
    mlp = MLP(3, [4, 2, 1], activation="relu", output_activation="sigmoid", bias=bias, seed=0)
    again = MLP.from_torch(mlp.to_torch())
    assert repr(again) == repr(mlp)
    assert again.state_dict() == mlp.state_dict()


def test_which_name_is_which():
    mlp = MLP(3, [4, 2], seed=0)
    theirs = mlp.to_torch().state_dict()
    assert {name: tuple(tensor.shape) for name, tensor in theirs.items()} == {
        "0.weight": (4, 3),
        "0.bias": (4,),
        "2.weight": (2, 4),
        "2.bias": (2,),
    }
    ours = mlp.state_dict()
    assert theirs["2.weight"][1, 3].item() == ours["w[2][1,3]"]
    assert theirs["0.bias"][2].item() == ours["b[1][2]"]


def test_a_subclass_stays_what_it_is():
    class Mine(MLP):
        pass

    assert type(Mine.from_torch(T.Sequential(T.Linear(2, 1)))) is Mine


@pytest.mark.parametrize(
    ("mlp", "message"),
    [
        (MLP(2, [1], bias="layer"), "layer 1 shares one bias, and a Linear has one for each neuron"),
        (MLP(2, [2, 1], activation=lambda z: z * z), "the activation of layer 1 is a function of your own"),
    ],
)
def test_what_no_model_is_is_told(mlp, message):
    with pytest.raises(ValueError, match=message):
        mlp.to_torch()
