"""Names and options of other libraries are answered with what to write here."""

import copy
import inspect
import pickle
import re
import sys

import pytest

import autograd_lite
import nn
from autograd_lite.elsewhere import IN_THE_PACKAGE
from nn import MLP, SGD, Adam, Layer, fit
from nn.elsewhere import IN_A_NETWORK, IN_NN


@pytest.fixture
def mlp():
    return MLP(2, [3, 1], seed=0)


@pytest.mark.parametrize(("package", "names"), [(nn, IN_NN), (autograd_lite, IN_THE_PACKAGE)])
def test_no_answer_is_given_for_what_is_there(package, names):
    assert names.keys() & set(package.__all__) <= {"softmax"}  # which both packages have


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("from nn import Sequential", r"nn has no Sequential: write MLP\(2, \[3, 1\]\)"),
        ("from nn import Dense", r"nn has no Dense: write Layer\(2, 3\)"),
        ("from nn import MLP, Linear", r"nn has no Linear: write Layer\(2, 3\)"),
        ("from nn import train", r"nn has no train: write fit\(mlp, X, Y, epochs=100\)"),
        ("from nn import MSELoss", "write .*cost='mean_squared_error'"),
        ("from nn import relu", "write from autograd_lite import relu"),
        ("from nn import Value", "write from autograd_lite import Value"),
        ("from nn import moons", "write from nn.data import moons"),
        ("from nn import load_iris", "write from nn.data import iris"),
        ("from nn.data import load_csv", "nn.data has no load_csv: write from nn.data import read_csv"),
        ("from nn import MLPClassifier", "write from nn.estimator import MLPClassifier"),
        ("from autograd_lite import Tensor", r"autograd_lite has no Tensor: write Value\(0\.5, \"w\"\)"),
        ("from autograd_lite import MLP", "write from nn import MLP"),
    ],
)
def test_an_import_says_what_to_write(line, answer):
    with pytest.raises(ImportError, match=answer):
        exec(line, {})


@pytest.mark.parametrize("name", ["Sequential", "train", "draw", "no_such_name", "_private"])
def test_to_ask_for_an_attribute_is_harmless(name):
    assert not hasattr(nn, name)
    assert getattr(nn, name, None) is None
    with pytest.raises(AttributeError, match=name):
        getattr(nn, name)


def test_other_names_and_rooms_are_imported_as_ever():
    from nn import report

    assert report is sys.modules["nn.report"]
    with pytest.raises(ImportError, match="cannot import name 'no_such_name' from 'nn'"):
        from nn import no_such_name  # noqa: F401


IMPORTS = [text for text in (*IN_NN.values(), *IN_THE_PACKAGE.values()) if text.startswith("from ")]


@pytest.mark.parametrize("line", sorted(set(IMPORTS)))
def test_what_is_to_be_imported_can_be(line):
    if "estimator" in line:
        pytest.importorskip("sklearn")
    exec(line, {})


@pytest.mark.parametrize("name", IN_A_NETWORK)
def test_what_a_network_has_not_is_answered(name, mlp):
    assert not hasattr(mlp, name)
    with pytest.raises(AttributeError, match=rf"MLP has no {name}: write "):
        getattr(mlp, name)


def test_a_network_copies_and_pickles_and_has_no_other_names(mlp):
    for again in (copy.deepcopy(mlp), pickle.loads(pickle.dumps(mlp))):
        assert again.state_dict() == mlp.state_dict()
    with pytest.raises(AttributeError, match="'MLP' object has no attribute 'foo'"):
        mlp.foo  # noqa: B018


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda mlp: fit(mlp, [[0, 1]], [1], lr=0.1), "fit has no option 'lr'; did you mean 'learning_rate'"),
        (lambda mlp: fit(mlp, [[0, 1]], [1], n_epochs=3), "did you mean 'epochs'"),
        (lambda mlp: fit(mlp, [[0, 1]], [1], loss="mse"), "did you mean 'cost'"),
        (lambda mlp: fit(mlp, [[0, 1]], [1], epoch=3), "did you mean 'epochs'"),
        (
            lambda mlp: fit(mlp, [[0, 1]], [1], foo=3),
            r"fit has no option 'foo'\. There are: model, X, Y, cost",
        ),
        (lambda mlp: Adam(mlp.parameters(), lr=0.1), "Adam has no option 'lr'; did you mean 'learning_rate'"),
        (lambda mlp: SGD(mlp.parameters(), l2=0.1), "SGD has no option 'l2'"),
        (lambda mlp: MLP(2, hidden_layers=[3]), "MLP has no option 'hidden_layers'; did you mean 'n_outs'"),
        (lambda mlp: Layer(2, 3, use_bias=None), "Layer has no option 'use_bias'; did you mean 'bias'"),
        (lambda mlp: MLP(2, 3, 1), r"the sizes of the layers stand in a list: MLP\(2, \[3, 1\]\)"),
        (lambda mlp: MLP(2, 4, 3, 1), r"MLP\(2, \[4, 3, 1\]\)"),
        (lambda mlp: MLP([2, 3, 1]), r"before the sizes of the layers: MLP\(2, \[3, 1\]\)"),
    ],
)
def test_an_option_is_answered(call, answer, mlp):
    with pytest.raises(TypeError, match=answer):
        call(mlp)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda mlp: fit(mlp, [[0, 1]], [1], cost="mse"), "mean_squared_error"),
        (lambda mlp: fit(mlp, [[0, 1]], [1], cost="BCE"), "binary_cross_entropy"),
        (lambda mlp: MLP(2, [1], activation="logistic"), "sigmoid"),
        (lambda mlp: MLP(2, [1], activation="swish"), "silu"),
        (lambda mlp: MLP(2, [1], init="glorot_uniform"), "xavier"),
    ],
)
def test_a_choice_is_answered(call, name, mlp):
    with pytest.raises(ValueError, match=f"did you mean '{name}'"):
        call(mlp)


def test_the_state_of_a_model_of_pytorch_is_known(mlp):
    with pytest.raises(ValueError, match=r"no value for w\[1\]\[0,0\].*MLP\.from_torch\(model\)"):
        mlp.load_state_dict({"0.weight": [[1.0]], "0.bias": [1.0]})


def test_editors_still_see_the_options():
    assert list(inspect.signature(fit).parameters)[:4] == ["model", "X", "Y", "cost"]
    assert list(inspect.signature(MLP).parameters)[:2] == ["n_in", "n_outs"]


def test_advice_calls_what_there_is():
    for text in IN_A_NETWORK.values():
        for name in re.findall(r"(?<![.\w])(\w+)\(", text):
            assert name == "mlp" or name in {*nn.__all__, *autograd_lite.__all__}, text
