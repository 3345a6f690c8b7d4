"""Which leaves are parameters, by their names."""

import time

import pytest

from autograd_lite import Value
from autograd_lite.draw.roles import roles


def role_of(label):
    leaf = Value(2.0, label)
    return roles(leaf * leaf)[leaf]


@pytest.mark.parametrize(
    "label",
    ["w", "b", "W", "B", "θ", "w1", "w_1", "W1", "b1", "w12", "w_1_2", "θ₂", "w[1]", "w1[0,2]", "w[1][0,2]"],
)
def test_weights_and_biases_are_parameters_numbered_or_not(label):
    assert role_of(label) == "parameter"


@pytest.mark.parametrize(
    "label", ["", "x", "x1", "a[0][1]", "width", "bx", "w_", "y_1", "w1x", "1w", "batch_1"]
)
def test_other_leaves_are_inputs(label):
    assert role_of(label) == "input"


def test_a_long_name_is_read_at_once():
    start = time.perf_counter()
    assert role_of("w" + "1" * 5_000 + "x") == "input"
    assert time.perf_counter() - start < 1
