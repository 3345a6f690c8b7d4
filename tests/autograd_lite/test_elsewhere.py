"""What numbers with gradients have in other libraries is answered with what to write here."""

import pytest

from autograd_lite import Value, explain, grad

ANSWERS = {
    "item": r"v\.data",
    "detach": r"Value\(v\.data\)",
    "requires_grad": "every Value has its gradient",
    "zero_grad": r"v\.grad = 0",
    "grad_fn": r"v\.parents",
    "_prev": r"v\.parents",
    "_op": r"v\.op",
    "_backward": r"v\.partials",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_it_is_answered_and_is_not_there(name):
    v = Value(2.0)
    assert not hasattr(v, name)
    assert name not in dir(v)
    with pytest.raises(AttributeError, match=f"a Value has no {name}: .*{ANSWERS[name]}"):
        getattr(v, name)
    with pytest.raises(AttributeError, match=name):
        setattr(v, name, True)


def test_what_is_there_is_shown():
    assert {"data", "grad", "tanh", "backward", "parents"} <= set(dir(Value(2.0)))


@pytest.mark.parametrize("power", [lambda v: v ^ 2, lambda v: 2 ^ v])
def test_a_caret_is_no_power(power):
    with pytest.raises(TypeError, match=r"write \*\* for it"):
        power(Value(3.0))


def test_explain_takes_the_node_and_not_its_label():
    w = Value(2.0, "w")
    with pytest.raises(TypeError, match=r"a Value of the graph, not to its label 'w': explain\(cost, w\)"):
        explain(w * w, "w")


@pytest.mark.parametrize("inputs", [3.0, [3.0], Value(3.0)])
def test_grad_takes_what_a_function_returned(inputs):
    with pytest.raises(TypeError, match=r"grad\(f\(x\), x\); lift\(f\) is a function of numbers"):
        grad(lambda x: x * x, inputs)
