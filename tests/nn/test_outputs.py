"""What layers and networks return is a list in every way, and says so where it is taken for a number."""

import copy
import json
import operator
import pickle
from fractions import Fraction

import numpy as np
import pytest

from autograd_lite import Value, lift, tanh
from nn import MLP, Layer

X = [0.5, -2.0]


@pytest.fixture
def one():
    return MLP(2, [3, 1], seed=0)(X)


HABITS = {
    "a hinge as micrograd writes it": lambda out: 1 + -1 * out,
    "with a float": lambda out: 1 + -1.0 * out,
    "with a Value": lambda out: 1 + -Value(1.0) * out,
    "with NumPy's number": lambda out: 1 + -np.int64(1) * out,
    "an error": lambda out: out - 1.0,
    "an error, the other way": lambda out: np.float64(1.0) - out,
    "a square": lambda out: out**2,
    "a mean": lambda out: out / 2,
    "a sign": lambda out: -out,
    "a step": lambda out: out > 0,
    "the step, the other way": lambda out: np.float64(0.0) < out,
    "a fraction": lambda out: Fraction(1, 2) * out,
    "a float": float,
    "a size": abs,
    "in place": lambda out: operator.imul(out, 2),
    "a sum in place": lambda out: operator.iadd(out, 1),
}


@pytest.mark.parametrize("habit", HABITS.values(), ids=HABITS)
def test_arithmetic_with_a_number_says_what_to_write(habit, one):
    with pytest.raises(TypeError, match=r"list of its outputs, here of one: write mlp\(x\)\[0\]"):
        habit(one)


def test_of_several_the_first_is_named():
    with pytest.raises(TypeError, match=r"of 3: write mlp\(x\)\[0\] for the first"):
        MLP(2, [3])(X) * 2


def test_a_layer_says_it_too():
    with pytest.raises(TypeError, match=r"write mlp\(x\)\[0\]"):
        Layer(2, 1)(X) + 1


@pytest.mark.parametrize("name", ["data", "backward", "tanh", "label"])
def test_what_a_value_has_is_had_by_the_value_in_it(name, one):
    with pytest.raises(AttributeError, match=rf"as in mlp\(x\)\[0\]\.{name}"):
        getattr(one, name)
    assert not hasattr(one, name)


def test_other_names_are_unknown_as_ever(one):
    with pytest.raises(AttributeError, match="has no attribute 'foo'"):
        one.foo  # noqa: B018


def test_a_function_of_a_list_says_what_to_write(one):
    with pytest.raises(TypeError, match=r"\[tanh\(v\) for v in vs\]"):
        tanh(one)


def test_it_is_a_list(one):
    plain = list(one)
    assert isinstance(one, list)
    assert one == plain
    assert repr(one) == repr(plain)
    assert one + plain == plain + one == [*plain, *plain]
    assert one[:1] == plain
    assert not one < plain
    assert json.dumps(type(one)([1.0])) == "[1.0]"
    one += [Value(1.0)]
    assert len(one) == 2


def test_it_is_an_array_to_numpy(one):
    target = np.array([1.0])
    for difference in (one - target, np.array(one) - target, -(target - one)):
        assert [v.data for v in difference] == [one[0].data - 1.0]
    assert (2 * target * one)[0].data == (one * (2 * target))[0].data == 2 * one[0].data


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_it_copies_and_pickles(again, one):
    assert type(again(one)) is type(one)
    assert again(one)[0].data == one[0].data


def test_lift_takes_a_function_that_picks_one():
    mlp = MLP(2, [3, 1], seed=0)
    value, _ = lift(lambda x: mlp(x)[0])(X)
    assert value == pytest.approx(mlp(X)[0].data)
