"""A function under test is tried on several networks; what it does besides, and what is shown, is said."""

import pickle
import re
import sys
import types
import unittest
from base64 import b64decode
from xml.etree import ElementTree

import numpy as np
import pytest

from autograd_lite.draw.picture import Picture
from nn import MLP, WrongGradientsError, check_backprop
from nn.pictures.network import draw_network


def right(weights, biases, X, Y):
    """Tanh and the mean squared error, for any number of layers."""
    A = [X]
    for W, b in zip(weights, biases, strict=True):
        A.append(np.tanh(A[-1] @ W.T + b))
    A[-1] = A[-2] @ weights[-1].T + biases[-1]
    dZ = 2 * (A[-1] - Y) / Y.size
    dW, db = [], []
    for l in range(len(weights), 0, -1):
        dW.insert(0, dZ.T @ A[l - 1])
        db.insert(0, dZ.sum(axis=0))
        dZ = dZ @ weights[l - 1] * (1 - A[l - 1] ** 2)
    return dW, db


def failure(f, *arguments, **options):
    """Return the error that a function's trial ends with."""
    with pytest.raises(WrongGradientsError) as caught:
        check_backprop(f, *arguments, **options)
    return caught.value


# --- what is tried --------------------------------------------------------------------------------------


def test_a_right_function_is_right_on_several_networks_and_numbers_of_samples():
    check = check_backprop(right)

    assert check.right
    assert str(check).startswith("right gives the right gradients on networks 2-4-3 with n = 5, 1, 4, 3; ")
    assert check._repr_html_().count("✓ right") == len(check.trials)
    assert {len(trial.X) for trial in check.trials} >= {1, 5}
    assert all(any(b.data for b in trial.mlp.biases(1)) for trial in check.trials)


@pytest.mark.parametrize("layers", [(3, 2), (2, 3, 3, 2), [(3, 1), (2, 3, 2)]])
def test_the_layers_are_the_callers(layers):
    assert check_backprop(right, layers).right


def softmax_rows(weights, biases, X, Y):
    z = X @ weights[0].T + biases[0]
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    dZ = (p - Y) / len(X)
    return [dZ.T @ X], [dZ.sum(axis=0)]


def sigmoid_row(weights, biases, X, Y):
    p = 1 / (1 + np.exp(-(X @ weights[0].T + biases[0])))
    dZ = (p - Y) / len(X)
    return [dZ.T @ X], [dZ.sum(axis=0)]


def hinge_row(weights, biases, X, Y):
    dZ = np.where(Y * (X @ weights[0].T + biases[0]) < 1, -Y, 0) / len(X)
    return [dZ.T @ X], [dZ.sum(axis=0)]


@pytest.mark.parametrize(
    ("f", "cost"),
    [
        (softmax_rows, "cross_entropy"),
        (sigmoid_row, "binary_cross_entropy"),
        (sigmoid_row, "binary_cross_entropy_with_logits"),
        (hinge_row, "hinge"),
    ],
)
def test_each_cost_has_targets_that_it_takes(f, cost):
    assert check_backprop(f, (3, 2), cost=cost).right
    assert not failure(f, (3, 2), cost="mean_squared_error").check.right


@pytest.mark.parametrize("bias", ["layer", None])
def test_biases_may_be_shared_or_left_out(bias):
    def linear(weights, biases, X, Y):
        dZ = 2 * (X @ weights[0].T + (biases[0] if len(biases[0]) else 0) - Y) / Y.size
        return [dZ.T @ X], [[dZ.sum()] if bias else []]

    assert check_backprop(linear, (3, 2), bias=bias).right


def test_an_unknown_activation_is_an_error_with_advice():
    with pytest.raises(ValueError, match="tanh"):
        check_backprop(right, activation="tahn")


# --- what comes back ------------------------------------------------------------------------------------


def as_lists(weights, biases, X, Y):
    return [[g.tolist() for g in part] for part in right(weights, biases, X, Y)]


def as_names(weights, biases, X, Y):
    dW, db = right(weights, biases, X, Y)
    names = {f"w[{l}][{j},{k}]": g for l, w in enumerate(dW, 1) for (j, k), g in np.ndenumerate(w)}
    return names | {f"b[{l}][{j}]": g for l, b in enumerate(db, 1) for (j,), g in np.ndenumerate(b)}


class Tensor:
    """What a tensor of PyTorch can do here."""

    def __init__(self, array):
        self.array, self.dtype = array, "torch.float64"

    def detach(self):
        return self

    cpu = detach

    def __array__(self, dtype=None, copy=None):
        return self.array


def as_tensors(weights, biases, X, Y):
    return tuple([Tensor(g) for g in part] for part in right(weights, biases, X, Y))


@pytest.mark.parametrize("f", [as_lists, as_names, as_tensors])
def test_gradients_come_in_many_forms(f):
    assert check_backprop(f).right


def test_jax_arrays_are_arrays():
    jax = pytest.importorskip("jax")

    def in_jax(weights, biases, X, Y):
        return [[jax.numpy.asarray(g) for g in part] for part in right(weights, biases, X, Y)]

    assert check_backprop(in_jax, rtol=1e-4).right


# --- what is said ---------------------------------------------------------------------------------------


def doubled(weights, biases, X, Y):
    dW, db = right(weights, biases, X, Y)
    return [2 * g for g in dW], [2 * g for g in db]


def test_the_finding_comes_first_and_then_where_it_holds():
    error = failure(doubled)

    assert error.check.mistakes == ("factor_2",)
    assert str(error).startswith(error.check.finding)
    assert "doubled fails on all networks tried: 2-4-3 with n = 5, 1, 4, 3; 3-5-1" in str(error)


def test_where_it_is_right_is_said():
    def summed(weights, biases, X, Y):
        return [[len(X) * g for g in part] for part in right(weights, biases, X, Y)]

    error = failure(summed)

    assert error.check.mistakes == ("mean_forgotten",)
    assert "it is right on 3 of 10: 2-4-3 with n = 1; 3-5-1 with n = 1; 3-3-3 with n = 1" in str(error)


def test_it_is_an_assertion_for_unittest():
    class Case(unittest.TestCase):
        def test_it(self):
            check_backprop(doubled)

    result = unittest.TestResult()
    Case("test_it").run(result)

    assert (len(result.failures), len(result.errors)) == (1, 0)


def test_the_error_can_go_to_another_process():
    error = failure(doubled)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def in_place(weights, biases, X, Y):
    gradients = right(weights, biases, X, Y)
    weights[0] -= 0.1
    Y *= 2
    return gradients


def test_changed_arguments_are_named():
    assert failure(in_place).check.faults == {
        "arguments_changed": "in_place changed weights[0] and Y in place: "
        "work on a copy (W = W − …, not W −= …)."
    }


def test_a_shortened_list_of_arguments_is_named():
    def popping(weights, biases, X, Y):
        gradients = right(weights, biases, X, Y)
        biases.pop()
        return gradients

    assert "popping changed biases in place" in failure(popping).check.finding


def test_what_is_printed_is_told_and_not_shown(capsys):
    def loud(weights, biases, X, Y):
        print("Z1 =", "x" * 10**6)
        return right(weights, biases, X, Y)

    check = check_backprop(loud)

    assert check.notes == {"prints": f"loud prints, which is not shown here; it begins: Z1 = {'x' * 55}"}
    assert capsys.readouterr() == ("", "")


def test_a_slow_function_is_told(monkeypatch):
    clock = iter(range(0, 10**6, 3))
    monkeypatch.setattr("nn.conduct.time", types.SimpleNamespace(perf_counter=lambda: next(clock)))
    assert check_backprop(right).notes["slow"] == "right took 3.0 s for n = 5."


def test_an_error_is_told_with_its_line():
    def failing(weights, biases, X, Y):
        return weights[7]

    error = failure(failing)

    assert error.check.mistakes == ("raised",)
    assert re.match(
        r"failing raised IndexError in line \d+, `return weights\[7\]`: list index out of range\.", str(error)
    )
    assert len(error.check.trials) == 1


def test_shapes_that_do_not_fit_are_told_by_name():
    def untransposed(weights, biases, X, Y):
        return X @ weights[0] + biases[0]

    error = failure(untransposed)

    assert error.check.mistakes == ("raised",)
    assert "X has shape (5, 2) and weights[0] has shape (4, 2)" in error.check.finding


def test_exit_is_told():
    def leaving(weights, biases, X, Y):
        sys.exit(3)

    assert str(failure(leaving)).startswith("leaving called exit(3): a function returns")


def test_nan_is_told():
    def nothing(weights, biases, X, Y):
        return [[np.nan * g for g in part] for part in right(weights, biases, X, Y)]

    assert failure(nothing).check.mistakes == ("not_a_number",)


@pytest.mark.parametrize("returned", [None, 3.0, "gradients"])
def test_what_are_no_gradients_is_told(returned):
    error = failure(lambda weights, biases, X, Y: returned)
    assert error.check.mistakes == ("not_comparable",)


def test_one_array_for_two_is_told():
    def one(weights, biases, X, Y):
        dW, db = right(weights, biases, X, Y)
        db[0] = dW[0]
        return dW, db

    assert failure(one).check.notes == {
        "same_array": "one returns one and the same array as W[1] and as b[1]: make one for each."
    }


def test_an_argument_given_back_is_told():
    assert "its argument weights[0] as the gradient W[1]" in str(
        failure(lambda weights, biases, X, Y: (weights, biases))
    )


def test_gradients_that_are_still_those_of_the_call_before_are_told():
    sums = {}

    def adding(weights, biases, X, Y):
        gradients = right(weights, biases, X, Y)
        for l, part in enumerate(gradients):
            for i, g in enumerate(part):
                sums[l, i, g.shape] = part[i] = sums.get((l, i, g.shape), 0) + g
        return gradients

    error = failure(adding)

    assert error.check.faults["keeps_state"].endswith(
        "gave other gradients the second time: those of the call before are still in them; start from zeros."
    )
    assert error.check.mistakes == ("not_zeroed",)


def test_what_is_kept_from_an_earlier_call_is_told():
    memory = {}

    def remembering(weights, biases, X, Y):
        shapes = tuple(w.shape for w in weights), X.shape
        return memory.setdefault(shapes, right(weights, biases, X, Y))

    error = failure(remembering)

    assert error.check.mistakes == ("keeps_results",)
    assert "returned the gradients of an earlier call, though the arguments were others" in str(error)


def test_chance_is_told():
    rng = np.random.default_rng(0)

    def noisy(weights, biases, X, Y):
        return [[g * (1 + 1e-3 * rng.normal()) for g in part] for part in right(weights, biases, X, Y)]

    assert failure(noisy).check.mistakes == ("not_repeatable",)


# --- what is seen ---------------------------------------------------------------------------------------


def without_slope(weights, biases, X, Y):
    dW, db = right(weights, biases, X, Y)
    error = 2 * (np.tanh(X @ weights[0].T + biases[0]) @ weights[1].T + biases[1] - Y) / Y.size @ weights[1]
    return [error.T @ X, dW[1]], [error.sum(axis=0), db[1]]


def test_a_page_tells_right_from_wrong_shows_the_mathematics_and_the_path(tmp_path):
    check = failure(without_slope).check
    path = check.save(tmp_path / "page.html")
    page = path.read_text(encoding="utf-8")

    assert check.mistakes == ("slope_missing",)
    images = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', page)
    network, graph = (ElementTree.fromstring(b64decode(image)) for image in images)
    texts = {"".join(text.itertext()).strip() for text in network.iter("{http://www.w3.org/2000/svg}text")}
    assert {"✗ w: 8 of 8 wrong", "✗ b: 4 of 4 wrong", "✓ w: right", "✓ b: right"} <= texts
    assert sum(text.startswith("✗ ") for text in texts) >= 12
    assert any(
        "∂C/∂w¹" in "".join(text.itertext()) for text in graph.iter("{http://www.w3.org/2000/svg}text")
    )
    mathematics = re.findall(r"<math.*?</math>", page, re.DOTALL)
    assert "mtable" in [*map(ElementTree.fromstring, mathematics)][-1][0].tag
    assert page.count("✗ wrong") == len(check.trials)


def test_a_page_escapes_what_others_wrote(tmp_path):
    def failing(weights, biases, X, Y):
        raise ValueError("<script>")

    page = failure(failing).check.save(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>" not in page


def test_the_page_does_without_a_layout_program(monkeypatch):
    def fail(*arguments, **options):
        raise RuntimeError("drawing needs a layout program")

    monkeypatch.setattr(Picture, "pipe", fail)
    assert "drawing needs a layout program" in failure(doubled).check._repr_html_()


def test_a_notebook_shows_the_result_in_place_of_the_traceback(monkeypatch):
    shown = []
    ipython = types.ModuleType("IPython.display")
    ipython.display = shown.append
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", ipython)
    error = failure(doubled)

    (line,) = error._render_traceback_()

    assert shown == [error.check]
    assert line == f"WrongGradientsError: {error.check.finding}"


def test_a_wide_network_marks_what_is_wrong_though_it_shows_no_numbers():
    picture = draw_network(MLP(6, [6, 1], seed=0), wrong=["w[1][0,0]", "b[2][0]"]).source
    assert "✗ w: 1 of 36 wrong" in picture
    assert "✗ b: 1 of 1 wrong" in picture
    assert "its gradient is wrong" in picture
