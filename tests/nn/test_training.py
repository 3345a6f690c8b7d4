"""``fit`` against the algorithm of the derivations written out with the index loops, and what it adds."""

import io
import json
import math
import os
import random
import signal
import subprocess
import sys
import warnings
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import autograd_lite
from autograd_lite import Value, log, no_grad
from nn import (
    MLP,
    SGD,
    Adam,
    Layer,
    Neuron,
    accuracy,
    average,
    exponential_decay,
    fit,
    mean_squared_error,
    per_sample_gradients,
    predict,
)
from nn.data import moons
from nn.per_weight import average_gradients, descend, forward

X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
Y = [0.0, 1.0, 1.0, 0.0]


def state(model):
    """Return every bit of a model: data, their kinds, and gradients."""
    return [(repr(p.data), type(p.data), repr(p.grad)) for p in model.parameters()]


def weights(model):
    return [p.data for p in model.parameters()]


def cost_of(model, X=X, Y=Y):
    return average([mean_squared_error(model(x), y) for x, y in zip(X, Y, strict=True)]).data


class Recorder(list):
    """A callback that keeps the weights after each epoch."""

    def __call__(self, epoch):
        self.append(weights(epoch.model))


# ------------------------------------------------------------------------------ E6


def test_the_cost_of_an_epoch_is_to_the_bit_that_of_the_weights_before_it():
    mlp = MLP(2, [3, 1], seed=0)
    X49, Y49 = (X * 13)[:49], (Y * 13)[:49]
    expected = []

    history = fit(
        mlp, X49, Y49, epochs=5, callbacks=[lambda epoch: expected.append(cost_of(epoch.model, X49, Y49))]
    )

    assert history.costs[1:] == expected[:-1]
    assert history.costs[0] == cost_of(MLP(2, [3, 1], seed=0), X49, Y49)


def test_fit_stops_before_an_update_where_the_cost_is_close_enough_to_zero():
    mlp = MLP(1, [1], seed=0)
    mlp.weights(1)[0][0].data, mlp.biases(1)[0].data = 2.0, 0.0

    history = fit(mlp, [[1.0], [3.0]], [2.001, 6.0], tolerance=1e-5)

    assert weights(mlp) == [2.0, 0.0]
    assert [p.grad for p in mlp.parameters()] == [0, 0]
    assert (history.stopped, history.costs, history.best_epoch) == ("converged", [pytest.approx(5e-7)], 0)


def test_close_to_zero_means_on_either_side():
    model = Neuron(1, "linear", seed=0)

    history = fit(model, [[1.0]], [0.0], cost=lambda outputs, y: outputs[0] - 1000.0, epochs=3)

    assert history.stopped == "epochs"


def test_fit_solves_xor():
    mlp = MLP(2, [4, 1], seed=1)

    history = fit(mlp, X, Y, learning_rate=0.3, epochs=2000, tolerance=1e-4)

    assert history.stopped == "converged"
    assert cost_of(mlp) < 1e-4
    assert accuracy(mlp, X, [0, 1, 1, 0], threshold=0.5) == 1.0


@pytest.mark.parametrize("model", [Neuron(2, seed=0), Layer(2, 1, seed=0), MLP(2, [1], seed=0)])
def test_neurons_and_layers_are_trained_too(model):
    history = fit(model, X, Y, epochs=20)

    assert history.costs[-1] < history.costs[0]


def test_arrays_are_data_too():
    by_lists, by_arrays = MLP(2, [3, 1], seed=0), MLP(2, [3, 1], seed=0)

    fit(by_lists, X, Y, epochs=5)
    fit(by_arrays, np.array(X), np.array(Y), epochs=np.int64(5))

    assert weights(by_lists) == weights(by_arrays)


# ------------------------------------------------------------------------------ batches and held-out samples


class Spy:
    """A model that counts which samples it is called with, each known by its first input."""

    def __init__(self, model):
        self.model, self.calls = model, []

    def parameters(self):
        return self.model.parameters()

    def __call__(self, x):
        self.calls.append(x[0])
        return self.model(x)


def many(n):
    return [[float(s), 1.0] for s in range(n)], [s % 3 / 3 for s in range(n)]


def test_every_sample_is_used_once_an_epoch_in_an_order_that_changes():
    spy = Spy(MLP(2, [1], seed=0))
    orders = []

    def cut(epoch):
        orders.append(spy.calls[-20:-10])  # before the weights are judged by all samples in their order

    X, Y = many(10)
    fit(spy, X, Y, batch_size=3, epochs=4, learning_rate=1e-4, callbacks=[cut])

    assert [sorted(order) for order in orders] == [list(range(10))] * 4
    assert len({tuple(order) for order in orders}) == 4


def test_mini_batches_are_steps_of_their_own():
    X, Y = many(5)
    mlp, twin = MLP(2, [1], seed=0), MLP(2, [1], seed=0)
    spy = Spy(mlp)

    history = fit(spy, X, Y, batch_size=2, epochs=1, learning_rate=0.01)

    w, b = [[[v.data for v in twin.weights(1)[0]]]], [[twin.biases(1)[0].data]]
    order = [int(s) for s in spy.calls[-10:-5]]
    total = 0.0
    for batch in (order[:2], order[2:4], order[4:]):
        x, y = [X[s] for s in batch], [[Y[s]] for s in batch]
        total += sum(
            (forward(w, b, ["linear"], x_s)[1][-1][0] - y_s[0]) ** 2 for x_s, y_s in zip(x, y, strict=True)
        )
        slopes = average_gradients(w, b, ["linear"], x, y, "mean_squared_error")
        w, b = descend([w, b], [slopes.weights, slopes.biases], 0.01)
    assert weights(mlp) == pytest.approx([*w[0][0], *b[0]], rel=1e-14)
    assert history.costs == [pytest.approx(total / 5)]


@pytest.mark.parametrize("batch_size", [4, 100])
def test_a_batch_of_all_samples_is_no_mini_batch(batch_size):
    whole, batch = MLP(2, [3, 1], seed=0), MLP(2, [3, 1], seed=0)

    one, other = fit(whole, X, Y, epochs=5), fit(batch, X, Y, epochs=5, batch_size=batch_size)

    assert weights(whole) == weights(batch)
    assert one == other


def test_samples_held_out_never_touch_the_weights():
    X, Y = many(10)
    spy = Spy(MLP(2, [2, 1], seed=0))
    fit(spy, X, Y, validation_split=0.3, epochs=1)
    trained_on = {int(s) for s in spy.calls[-10:-3]}  # the other three are judged by afterwards
    assert len(trained_on) == 7
    changed = [[*x] if s in trained_on else [99.0, -5.0] for s, x in enumerate(X)]
    one, other = MLP(2, [2, 1], seed=0), MLP(2, [2, 1], seed=0)

    history = fit(one, X, Y, validation_split=0.3, epochs=6)
    history_of_changed = fit(other, changed, Y, validation_split=0.3, epochs=6)

    assert weights(one) == weights(other)
    assert history.costs == history_of_changed.costs
    assert history.validation_costs != history_of_changed.validation_costs
    held_out = [s for s in range(10) if s not in trained_on]
    assert history.validation_costs[-1] == pytest.approx(
        cost_of(one, [X[s] for s in held_out], [Y[s] for s in held_out])
    )


def test_early_stopping_goes_back_to_the_best_weights():
    mlp, best = MLP(1, [1], seed=0), []
    # Two samples to learn and one that contradicts them: sooner or later the cost of the third rises.
    X, Y = [[1.0], [2.0], [-1.0], [3.0]], [1.0, 2.0, 1.0, 3.0]

    def keep(epoch):
        best.append((epoch.validation_cost, weights(epoch.model)))

    history = fit(
        mlp, X, Y, validation_split=0.25, patience=4, epochs=500, learning_rate=0.01, seed=3, callbacks=[keep]
    )

    assert history.stopped == "early stopping"
    assert history.best_epoch == min(range(len(best)), key=lambda epoch: best[epoch][0])
    assert len(history.costs) == history.best_epoch + 4 + 1
    assert weights(mlp) == best[history.best_epoch][1] != best[-1][1]
    assert history.best_cost == best[history.best_epoch][0]


@pytest.mark.parametrize(("learning_rate", "improves"), [(3.0, False), (0.01, True)])
@pytest.mark.parametrize("ending", ["interrupted", "early stopping"])
@pytest.mark.parametrize("options", [{"batch_size": 1}, {"batch_size": 2}, {"validation_split": 0.5}])
def test_the_weights_that_are_kept_are_the_best_and_the_best_cost_is_theirs(
    options, ending, learning_rate, improves
):
    """At a learning rate that is too high no weights are better than the first; at a low one the last are."""
    data = moons(n=12, seed=0)
    mlp, path = MLP(2, [4, 1], seed=0), Recorder()
    held_out = random.Random(0).sample(range(12), 12)[:6] if "validation_split" in options else range(12)
    judges = [data.inputs[s] for s in held_out], [data.labels[s] for s in held_out]
    start, costs = weights(mlp), [cost_of(mlp, *judges)]

    def judge(epoch):
        costs.append(cost_of(epoch.model, *judges))
        if ending == "interrupted" and epoch.number == 2:
            raise KeyboardInterrupt

    history = fit(
        mlp,
        data.inputs,
        data.labels,
        learning_rate=learning_rate,
        epochs=400,
        patience=3,
        callbacks=[path, judge],
        **options,
    )

    best = min(range(len(costs)), key=lambda i: costs[i])
    assert (best > 0) is improves
    assert history.best_cost == pytest.approx(costs[best], rel=1e-14)
    assert history.best_epoch == best - 1
    if history.stopped != "epochs":
        assert weights(mlp) == [start, *path][best]
    assert str(history).endswith(f"in epoch {best - 1}" if improves else "before the first")


def test_an_error_among_mini_batches_keeps_the_best_weights_too():
    X, Y = [[1.0, 2.0], [0.5, -1.0], [3.0, 0.0]], [0.0, 1.0, 1.0]
    mlp = MLP(2, [4, 1], seed=0)
    before = weights(mlp)

    with pytest.raises(FloatingPointError, match=r"[^.]\. The weights are the best so far\.$"):
        fit(mlp, X, Y, learning_rate=1e6, epochs=50, batch_size=1)

    assert weights(mlp) == before


def test_an_error_in_the_update_keeps_the_weights_whose_cost_was_just_found_to_be_the_lowest():
    mlp = MLP(1, [1], bias=None, seed=0)
    mlp.weights(1)[0][0].data = 0.0

    with pytest.raises(FloatingPointError, match=r"^epoch 2: the step makes w"):
        fit(mlp, [[1.0]], [1.0], learning_rate=0.25, schedule=lambda epoch: 1.0 if epoch < 2 else math.inf)

    assert weights(mlp) == [0.75]


def test_without_held_out_samples_the_best_weights_are_those_that_had_the_lowest_cost():
    mlp = MLP(1, [1], seed=0)

    history = fit(mlp, [[1.0], [-2.0]], [1.0, 3.0], learning_rate=0.5, patience=3, epochs=100)

    assert history.stopped == "early stopping"
    assert cost_of(mlp, [[1.0], [-2.0]], [1.0, 3.0]) == min(history.costs) == history.best_cost


# ------------------------------------------------------------------------------ options


@pytest.mark.parametrize("options", [{}, {"batch_size": 3}, {"validation_split": 0.3, "batch_size": 2}])
def test_a_run_repeats_bit_for_bit_with_its_seed_and_only_with_it(options):
    data = moons(n=12, seed=0)
    models = [MLP(2, [3, 1], seed=0) for _ in range(3)]
    random.seed(1)
    before = random.getstate()

    histories = [
        fit(model, data.inputs, data.labels, epochs=3, seed=seed, **options)
        for model, seed in zip(models, (7, 7, 8), strict=True)
    ]

    assert histories[0] == histories[1]
    assert state(models[0]) == state(models[1])
    assert (histories[0] == histories[2]) == (not options)
    assert random.getstate() == before


def test_clipping_bounds_the_step():
    free, clipped = MLP(1, [1], seed=0), MLP(1, [1], seed=0)
    start = np.array(weights(free))

    fit(free, [[100.0]], [1e4], epochs=1, learning_rate=0.1)
    fit(clipped, [[100.0]], [1e4], epochs=1, learning_rate=0.1, clip_norm=2.0)

    step, long_step = np.array(weights(clipped)) - start, np.array(weights(free)) - start
    assert np.linalg.norm(long_step) > 1000
    assert np.linalg.norm(step) == pytest.approx(0.2)
    assert step / 0.2 == pytest.approx(long_step / np.linalg.norm(long_step))


def test_clipping_minds_only_the_parameters_that_the_optimizer_has():
    mlp = MLP(1, [1, 1], "linear", seed=0)
    start = np.array([p.data for p in mlp.layers[1].parameters()])
    frozen = [p.data for p in mlp.layers[0].parameters()]

    fit(mlp, [[100.0]], [1e4], optimizer=SGD(mlp.layers[1].parameters(), 0.1), epochs=1, clip_norm=2.0)

    moved = np.array([p.data for p in mlp.layers[1].parameters()]) - start
    assert np.linalg.norm(moved) == pytest.approx(0.2)
    assert [p.data for p in mlp.layers[0].parameters()] == frozen


def test_gradients_of_frozen_parameters_do_not_pile_up():
    mlp = MLP(2, [3, 1], seed=0)

    fit(mlp, X, Y, optimizer=SGD(mlp.layers[1].parameters(), 1e-12), epochs=5)

    mean = per_sample_gradients(mlp, X, Y).mean
    assert mlp.weights(1)[0][0].grad == pytest.approx(mean["w[1][0,0]"], rel=1e-6)


def test_a_schedule_scales_the_learning_rate_and_gives_it_back():
    mlp = MLP(1, [1], bias=None, seed=0)
    mlp.weights(1)[0][0].data = 0.0
    optimizer = SGD(mlp.parameters(), 0.5)
    path = Recorder()

    def slope_of_minus_one(outputs, y):
        return -outputs[0] - 100

    schedule = exponential_decay(0.5)
    fit(
        mlp,
        [[1.0]],
        [1.0],
        cost=slope_of_minus_one,
        optimizer=optimizer,
        schedule=schedule,
        epochs=4,
        callbacks=[path],
    )

    assert path == [[0.5], [0.75], [0.875], [0.9375]]
    assert optimizer.learning_rate == 0.5


def test_another_optimizer_takes_the_steps():
    mlp, twin = MLP(2, [3, 1], seed=0), MLP(2, [3, 1], seed=0)
    optimizer = Adam(twin.parameters(), 0.01)

    fit(mlp, X, Y, optimizer=Adam(mlp.parameters(), 0.01), epochs=4)

    for _ in range(4):
        gradients = per_sample_gradients(twin, X, Y).mean
        for name, p in twin.named_parameters():
            p.grad = gradients[name]
        optimizer.step()
    assert weights(mlp) == pytest.approx(weights(twin), rel=1e-12)


# ------------------------------------------------------------------------------ callbacks, progress, history


@pytest.mark.parametrize(
    ("answer", "epochs"),
    [(True, 1), (np.True_, 1), (False, 5), (np.False_, 5), (None, 5), (17, 5), ("stop", 5), ([1], 5)],
    ids=repr,
)
def test_a_callback_ends_the_training_by_answering_true_and_nothing_else(answer, epochs):
    seen = []

    history = fit(MLP(2, [1], seed=0), X, Y, epochs=5, callbacks=[lambda epoch: answer, seen.append])

    assert len(seen) == len(history.costs) == epochs
    assert history.stopped == ("callback" if epochs == 1 else "epochs")


def test_a_callback_is_told_about_the_epoch():
    mlp, seen = MLP(2, [1], seed=0), []

    history = fit(mlp, X, Y, epochs=3, validation_split=0.25, callbacks=[seen.append])

    assert [epoch.number for epoch in seen] == [0, 1, 2]
    assert [epoch.cost for epoch in seen] == history.costs
    assert [epoch.validation_cost for epoch in seen] == history.validation_costs
    assert all(epoch.model is mlp for epoch in seen)


def test_an_error_in_a_callback_is_the_callbacks_own():
    optimizer_of = SGD
    mlp = MLP(2, [1], seed=0)
    optimizer = optimizer_of(mlp.parameters(), 0.1)

    with pytest.raises(ZeroDivisionError, match=r"^division by zero$"):
        fit(mlp, X, Y, optimizer=optimizer, schedule=exponential_decay(0.5), callbacks=[lambda epoch: 1 / 0])

    assert optimizer.learning_rate == 0.1


@pytest.mark.parametrize(("progress", "shown"), [(None, False), (False, False), (True, True)])
def test_the_progress_bar_shows_where_it_is_asked_for(capsys, progress, shown):
    fit(MLP(2, [1], seed=0), X, Y, epochs=3, progress=progress)

    output, errors = capsys.readouterr()
    assert output == ""
    assert ("training" in errors and "3/3" in errors and "cost" in errors) is shown
    assert shown or errors == ""


def test_the_progress_bar_shows_on_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    fit(MLP(2, [1], seed=0), X, Y, epochs=3)

    assert "training: 100%" in terminal.getvalue()


def test_training_needs_no_standard_error(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)

    assert fit(MLP(2, [1], seed=0), X, Y, epochs=2).stopped == "epochs"


def test_the_history_says_how_it_went():
    mlp = MLP(1, [1], bias=None)
    mlp.weights(1)[0][0].data = 0.0

    history = fit(mlp, [[1.0]], [1.0], learning_rate=0.25, epochs=2)

    assert (history.costs, history.validation_costs, history.best_epoch) == ([1.0, 0.25], [], 1)
    assert str(history) == "2 epochs (as many as asked for): cost 1 → 0.25, best 0.25 in epoch 1"


# ------------------------------------------------------------------------------ interrupted


def test_ctrl_c_keeps_the_best_weights():
    mlp, path = MLP(1, [1], bias=None), Recorder()
    mlp.weights(1)[0][0].data = 0.0

    def interrupt(epoch):
        if epoch.number == 6:
            raise KeyboardInterrupt

    # The learning rate grows, so that the cost falls at first and rises later.
    history = fit(
        mlp, [[1.0]], [1.0], learning_rate=0.1, schedule=lambda epoch: 2.0**epoch, callbacks=[path, interrupt]
    )

    best = min(range(7), key=lambda epoch: history.costs[epoch])
    assert 0 < best < 6
    assert history.stopped == "interrupted"
    assert weights(mlp) == path[best - 1]
    assert cost_of(mlp, [[1.0]], [1.0]) == min(history.costs)


def test_ctrl_c_in_the_first_epoch_leaves_the_weights_as_they_were():
    mlp = MLP(2, [2, 1], seed=0)
    before, calls = weights(mlp), []

    def interrupted(outputs, y):
        calls.append(y)
        if len(calls) == 11:  # four for the check of the data, four for the first cost, then the third batch
            raise KeyboardInterrupt
        return mean_squared_error(outputs, y)

    history = fit(mlp, X, Y, cost=interrupted, batch_size=1)

    assert weights(mlp) == before
    assert (history.stopped, history.costs, history.best_epoch) == ("interrupted", [], -1)
    assert history.best_cost == cost_of(mlp)
    assert str(history) == "no epoch finished (interrupted)"


@pytest.mark.skipif(os.name == "nt", reason="a signal of POSIX")
def test_a_real_signal_keeps_the_best_weights():
    program = """
import json, sys
from nn import MLP, average, fit, mean_squared_error
X, Y = [[0.0], [1.0]], [1.0, -1.0]
mlp = MLP(1, [2, 1], seed=0)
started = lambda epoch: print("started", flush=True) if epoch.number == 20 else None
history = fit(mlp, X, Y, epochs=10**9, tolerance=0.0, callbacks=[started])
cost = average([mean_squared_error(mlp(x), y) for x, y in zip(X, Y)]).data
print(json.dumps([history.stopped, len(history.costs), cost, min(history.costs)]))
"""
    root = Path(autograd_lite.__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert process.stdout.readline() == "started\n"

    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)

    stopped, epochs, cost, lowest = json.loads(output)
    assert (stopped, cost, errors) == ("interrupted", lowest, "")
    assert epochs > 20


# ------------------------------------------------------------------------------ numbers that are none


def test_a_cost_that_overflows_names_the_epoch_and_leaves_the_best_weights():
    mlp, path = MLP(1, [1, 1], "linear", seed=1), Recorder()
    start = weights(mlp)

    with pytest.raises(FloatingPointError, match=r"^epoch \d+: ") as caught:
        fit(mlp, [[1.0], [2.0]], [1.0, 0.0], learning_rate=3.0, epochs=1000, callbacks=[path])

    epoch = int(str(caught.value).split(":")[0].removeprefix("epoch "))
    costs = [cost_of_weights(w, mlp) for w in [start, *path]]
    best = min(range(len(path)), key=lambda i: costs[i])
    assert len(path) == epoch > 2
    assert weights(mlp) == [start, *path][best]
    assert str(caught.value).endswith("The weights are the best so far.")


def cost_of_weights(numbers, like):
    twin = MLP(1, [1, 1], "linear", seed=1)
    for p, number in zip(twin.parameters(), numbers, strict=True):
        p.data = number
    return cost_of(twin, [[1.0], [2.0]], [1.0, 0.0])


def doubled_too_often(outputs, y):
    return outputs[0] * outputs[0] * 1e300


@pytest.mark.parametrize(
    ("x", "cost", "message"),
    [
        (1e10, doubled_too_often, "epoch 0: the cost is inf: mul of mul = 1e+20, constant = 1e+300 is inf"),
        (
            1.0,
            lambda a, y: (a[0] * 0).sqrt() + 1,
            "epoch 0: a gradient is not finite: sqrt of mul = 0.0 has the part",
        ),
        (1.0, lambda a, y: (a[0] * 1000).exp(), "epoch 0: exp meets a number larger than the largest float"),
        (1.0, lambda a, y: 1 / (a[0] - 1), "epoch 0: div divides by zero"),
    ],
)
def test_what_is_not_finite_is_traced_to_the_node_that_made_it(x, cost, message):
    neuron = Neuron(1, "linear", bias=False)
    neuron.weights[0].data = 1.0

    with pytest.raises(FloatingPointError) as caught:
        fit(neuron, [[x]], [0.0], cost=cost)

    assert str(caught.value).startswith(message)
    assert weights(neuron) == [1.0]


def test_a_cost_that_is_no_longer_defined_ends_the_training_like_an_infinite_one():
    neuron = Neuron(1, "linear", bias=False)
    neuron.weights[0].data = 1.0

    with pytest.raises(FloatingPointError, match=r"^epoch 1: log is not defined there: z = -\d"):
        fit(neuron, [[1.0]], [0.0], cost=lambda a, y: log(a[0]) + 10, learning_rate=5.0)

    assert weights(neuron) == [1.0]


def test_a_validation_cost_that_overflows_names_its_node_too():
    neuron = Neuron(1, "linear", bias=False)
    neuron.weights[0].data = 1e-3

    with pytest.raises(FloatingPointError, match=r"^epoch 0: the cost is inf: mul of "):
        fit(
            neuron,
            [[1e200], [1e200], [1.0], [1.0]],
            [0.0] * 4,
            cost=lambda a, y: a[0] * a[0],
            seed=1,
            validation_split=0.5,
            learning_rate=1e-9,
        )


@pytest.mark.parametrize("batch_size", [None, 1])
def test_a_step_too_far_is_an_error_also_in_the_last_epoch(batch_size):
    mlp = MLP(1, [1], seed=0)
    before = weights(mlp)

    with pytest.raises(
        FloatingPointError, match=r"the step makes w\[1\]\[0,0\] -?inf: the learning rate is too high"
    ):
        fit(mlp, [[1e5], [1e5]], [1e5, 1e5], learning_rate=1e300, epochs=1, batch_size=batch_size)

    assert weights(mlp) == before


# ------------------------------------------------------------------------------ refused, and nothing changed

nan = math.nan


@pytest.mark.parametrize(
    ("X", "Y", "error", "message"),
    [
        ([], [], ValueError, "got 0 samples and 0 targets"),
        (X, Y[:3], ValueError, "got 4 samples and 3 targets; there must be as many, and at least one"),
        (None, Y, TypeError, "the samples are a sequence, such as a list, not NoneType"),
        (X, None, TypeError, "the targets are a sequence, such as a list, not NoneType"),
        (iter(X), Y, TypeError, "the samples are a sequence, such as a list, not list_iterator"),
        ([[0.0, 1.0], [1.0]], [0, 1], ValueError, "sample 1 has 1 inputs, sample 0 has 2"),
        ([[0.0], [1.0]], [0, 1], ValueError, "sample 0: expected 2 inputs and got 1"),
        ([[0.0, 1.0], [nan, 1.0]], [0, 1], ValueError, "sample 1: input 0 is nan; leave the sample out or"),
        ([[0.0, 1.0], [1.0, math.inf]], [0, 1], ValueError, "sample 1: input 1 is inf"),
        ([[0.0, 1.0], [1.0, 10**400]], [0, 1], ValueError, "sample 1: input 1 is 1000"),
        ([[0.0, 1.0], [1.0, "2"]], [0, 1], TypeError, "sample 1: input 1 is '2', not a number"),
        ([[0.0, 1.0], [None, 1.0]], [0, 1], TypeError, "sample 1: input 0 is None, not a number"),
        ([[0.0, 1.0], [[1.0], 1.0]], [0, 1], TypeError, "sample 1: input 0 is [1.0], not a number"),
        ([[0.0, 1.0], None], [0, 1], TypeError, "sample 1 is None; a sample is a sequence of numbers"),
        ([[0.0, 1.0], 2.0], [0, 1], TypeError, "sample 1 is 2.0; a sample is a sequence of numbers"),
        ([[0.0, 1.0], "ab"], [0, 1], TypeError, "sample 1 is 'ab'; a sample is a sequence of numbers"),
        ("ab", [0, 1], TypeError, "sample 0 is 'a'; a sample is a sequence of numbers"),
        (X, [0, 1, None, 0], TypeError, "sample 2: target 0 is None, not a number"),
        (X, [0, 1, "a", 0], TypeError, "sample 2: the target is 'a'; number the classes"),
        (X, [0, 1, nan, 0], ValueError, "sample 2: target 0 is nan"),
        (
            X,
            [[0], [1], [0, 1], [0]],
            ValueError,
            "sample 2: expected 1 targets, one for each output, and got",
        ),
        (X, [[0], [1], [], [0]], ValueError, "sample 2: expected 1 targets, one for each output, and got 0"),
        (X, [[0], [1], [[1]], [0]], TypeError, "sample 2: target 0 is [1], not a number"),
    ],
)
@pytest.mark.parametrize("use", [fit, per_sample_gradients])
def test_bad_data_changes_nothing_and_names_the_sample(use, X, Y, error, message):
    mlp = MLP(2, [2, 1], seed=0)
    mlp.weights(1)[0][0].grad = 3.0
    before = state(mlp)

    with pytest.raises(error) as caught:
        use(mlp, X, Y)

    assert message in str(caught.value)
    assert state(mlp) == before


def test_classes_without_their_cost_are_told_of_it():
    with pytest.raises(ValueError, match="got 1; for classes, numbered from 0, take the cost cross_entropy"):
        fit(MLP(2, [3], seed=0), [[0.0, 1.0], [1.0, 0.0]], [0, 2])


@pytest.mark.parametrize(
    ("label", "error", "message"),
    [
        (3, ValueError, "sample 2: label 3 is outside the classes 0 … 2"),
        (-1, ValueError, "sample 2: label -1 is outside the classes 0 … 2"),
        (1.0, TypeError, "sample 2: a target is a class, 0, 1, …, or a probability for each, not 1.0"),
        ([0.5, 0.5], ValueError, "sample 2: expected 3 targets, one for each output, and got 2"),
    ],
)
def test_a_bad_label_changes_nothing_and_names_the_sample(label, error, message):
    mlp = MLP(2, [3], seed=0)
    before = state(mlp)

    with pytest.raises(error, match=message):
        fit(mlp, X, [0, 1, label, 2], cost="cross_entropy")

    assert state(mlp) == before


def test_a_target_is_judged_by_its_own_outputs():
    """A sigmoid saturates at 1 for the first sample, whose target is 1; the second has the target 0."""
    neuron = Neuron(1, "sigmoid", seed=0)
    neuron.weights[0].data = 100.0

    history = fit(neuron, [[1.0], [-0.01]], [1, 0], cost="binary_cross_entropy", epochs=3)

    assert len(history.costs) == 3


@pytest.mark.parametrize("cost", [lambda a, y: 1.0, lambda a, y: a, lambda a, y: None])
def test_a_cost_must_be_a_value(cost):
    with pytest.raises(TypeError, match="sample 0: the cost must be a Value made of the outputs, not"):
        fit(MLP(2, [1], seed=0), X, Y, cost=cost)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs must be a whole number of at least 1, not 0"),
        ({"epochs": 1.5}, "epochs must be a whole number of at least 1, not 1.5"),
        ({"epochs": None}, "epochs must be a whole number of at least 1, not None"),
        ({"batch_size": 0}, "batch_size must be a whole number of at least 1, not 0"),
        ({"batch_size": 2.0}, "batch_size must be a whole number of at least 1, not 2.0"),
        ({"patience": 0}, "patience must be a whole number of at least 1, not 0"),
        ({"patience": True}, "patience must be a whole number of at least 1, not True"),
        ({"tolerance": -1}, "tolerance must be at least 0, not -1"),
        ({"tolerance": nan}, "tolerance must be at least 0, not nan"),
        ({"validation_split": 1.0}, "validation_split must be from 0 to below 1, not 1.0"),
        ({"validation_split": -0.1}, "validation_split must be from 0 to below 1, not -0.1"),
        ({"validation_split": nan}, "validation_split must be from 0 to below 1, not nan"),
        ({"validation_split": 0.9}, "holds out 4 of 4 samples; either part needs some"),
        ({"validation_split": 0.01}, "holds out 0 of 4 samples; either part needs some"),
        ({"clip_norm": 0}, "clip_norm must be positive, not 0"),
        ({"clip_norm": "a"}, "clip_norm must be positive, not 'a'"),
        ({"tolerance": None}, "tolerance must be at least 0, not None"),
        ({"validation_split": "a"}, "validation_split must be from 0 to below 1, not 'a'"),
        ({"schedule": 0.5}, "schedule must be a function of the epoch, such as step_decay(10), not 0.5"),
        ({"callbacks": print}, "callbacks must be a list of functions, not <built-in function print>"),
        ({"callbacks": [3]}, "callbacks must be a list of functions, not [3]"),
        ({"callbacks": None}, "callbacks must be a list of functions, not None"),
        (
            {"optimizer": "adam"},
            "optimizer must be an optimizer, such as Adam(model.parameters()), not 'adam'",
        ),
        ({"optimizer": Adam}, "optimizer must be an optimizer, such as Adam(model.parameters()), not <class"),
        ({"clip_norm": nan}, "clip_norm must be positive, not nan"),
        ({"learning_rate": -0.1}, "learning_rate must be positive, not -0.1"),
        ({"learning_rate": nan}, "learning_rate must be positive, not nan"),
        (
            {"cost": "mean_square_error"},
            "unknown cost 'mean_square_error'; did you mean 'mean_squared_error'?",
        ),
        ({"optimizer": SGD([Value(1.0)])}, "the optimizer has none of the model's parameters"),
    ],
)
def test_options_out_of_their_range_change_nothing(options, message):
    mlp = MLP(2, [2, 1], seed=0)
    before = state(mlp)

    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared below
        fit(mlp, X, Y, **options)

    assert message in str(caught.value)
    assert state(mlp) == before


def test_a_learning_rate_of_another_kind_says_which_kind_to_give():
    mlp = MLP(1, [1], seed=0)
    for p in mlp.parameters():
        p.data = Decimal("0.25")
    before = state(mlp)

    with pytest.raises(
        TypeError, match=r"the learning rate, 0\.1, does not mix with w.* make it a Decimal too"
    ):
        fit(mlp, [[Decimal(1)]], [Decimal(1)])

    assert state(mlp) == before
    history = fit(mlp, [[Decimal(1)]], [Decimal(1)], learning_rate=Decimal("0.1"), epochs=2)
    assert history.costs[1] < history.costs[0]


@pytest.mark.parametrize("kind", [np.int64, np.uint8])
def test_the_seed_may_be_a_whole_number_of_numpy(kind):
    one, other = MLP(2, [3, 1], seed=0), MLP(2, [3, 1], seed=0)

    assert fit(one, X, Y, batch_size=2, epochs=3, seed=kind(5)) == fit(
        other, X, Y, batch_size=2, epochs=3, seed=5
    )


# ------------------------------------------------------------------------------ inside no_grad


def test_training_and_gradients_of_samples_make_their_own_graph_inside_no_grad():
    inside, outside = MLP(2, [3, 1], seed=0), MLP(2, [3, 1], seed=0)
    with no_grad():
        gradients = per_sample_gradients(inside, X, Y)
        history = fit(inside, X, Y, epochs=3, validation_split=0.25, batch_size=2)

    assert gradients == per_sample_gradients(outside, X, Y)
    assert any(gradients.mean.values())
    assert history == fit(outside, X, Y, epochs=3, validation_split=0.25, batch_size=2)
    assert weights(inside) == weights(outside)


# ------------------------------------------------------------------------------ predictions


@pytest.mark.parametrize(
    ("outputs", "threshold", "expected"),
    [
        ([0.1, 0.7, 0.2], 0.0, 1),
        ([-3.0, -5.0], 0.0, 0),
        ([0.4], 0.0, 1),
        ([-0.4], 0.0, 0),
        ([0.0], 0.0, 0),
        ([0.4], 0.5, 0),
        ([0.6], 0.5, 1),
    ],
)
def test_the_prediction_is_the_largest_output_or_the_side_of_the_threshold(outputs, threshold, expected):
    assert predict(lambda x: [Value(a) for a in outputs], [0.0], threshold) == expected


def test_accuracy_says_that_another_threshold_may_be_meant():
    # Trained on the targets 0 and 1, a linear output is about 0 or about 1.
    answers, labels = [0.1, 0.2, 0.9, 0.8], [0, 0, 1, 1]
    with pytest.warns(UserWarning, match="2 of 4 samples are right.* with 0.5 it would be 4") as caught:
        assert accuracy(lambda x: [Value(x[0])], [[a] for a in answers], labels) == 0.5
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert accuracy(lambda x: [Value(x[0])], [[a] for a in answers], labels, threshold=0.5) == 1.0
        assert accuracy(lambda x: [Value(x[0])], [[-1.0], [1.0], [0.3]], [0, 1, 1]) == 1.0
        # One that has not learned anything yet is no better with any.
        assert accuracy(lambda x: [Value(x[0])], [[0.1], [0.2], [0.3], [0.4]], [0, 0, 0, 1]) == 0.25


def test_accuracy_counts_the_right_ones():
    neuron = Neuron(1, "linear", bias=False)
    neuron.weights[0].data = 1.0

    assert accuracy(neuron, [[1.0], [2.0], [-1.0], [-2.0], [3.0]], np.array([1, 0, 0, 1, 1])) == 3 / 5


@pytest.mark.parametrize(("X", "labels"), [([], []), ([[1.0]], [1, 0])])
def test_accuracy_needs_as_many_labels_as_samples(X, labels):
    with pytest.raises(ValueError, match="there must be as many, and at least one"):
        accuracy(Neuron(1), X, labels)


@pytest.mark.parametrize(
    ("outputs", "labels", "error", "message"),
    [
        (2, [0, 2], ValueError, "the label of sample 1 is 2: give its class, a whole number from 0 to 1"),
        (3, [2, 3], ValueError, "the label of sample 1 is 3: give its class, a whole number from 0 to 2"),
        (1, [1, 2], ValueError, "the label of sample 1 is 2: give its class, a whole number from 0 to 1"),
        (1, [1, -1], ValueError, "the label of sample 1 is -1: give its class, a whole number from 0 to 1"),
        (1, [1, 0.5], TypeError, "the label of sample 1 is 0.5: give its class, a whole number from 0 to 1"),
        (2, [1, nan], TypeError, "the label of sample 1 is nan: give its class"),
        (2, [1, math.inf], TypeError, "the label of sample 1 is inf: give its class"),
        (2, ["0", 1], TypeError, "the label of sample 0 is '0': number the classes"),
        (2, [1, None], TypeError, "the label of sample 1 is None: give its class"),
        (1, [[1], [0]], TypeError, "the label of sample 0 is [1]: give its class"),
        (
            2,
            [[1, 0], [0, 1]],
            TypeError,
            "the label of sample 0 is [1, 0]: give its class, a whole number from 0",
        ),
        (2, np.eye(2), TypeError, "the label of sample 0 is array([1., 0.]): give its class"),
        (1, np.array([[1], [0]]), TypeError, "the label of sample 0 is array([1]): give its class"),
    ],
)
def test_accuracy_refuses_what_is_no_class(outputs, labels, error, message):
    with pytest.raises(error) as caught:
        accuracy(lambda x: [Value(float(k)) for k in range(outputs)], [[1.0], [2.0]], labels)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "labels",
    [[1, 0], [1.0, 0.0], (True, False), np.array([1, 0]), np.array([1.0, 0.0]), np.array([True, False])],
)
def test_accuracy_takes_whole_numbers_of_every_kind(labels):
    assert accuracy(lambda x: [Value(0.0), Value(1.0)], [[1.0], [2.0]], labels) == 0.5
