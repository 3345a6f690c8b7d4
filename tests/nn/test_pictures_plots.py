"""Plots and the film: what is in the axes and in the files, beside the numbers they are about."""

import io
import os
import pickle
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="plots are an optional extra")

from matplotlib.colors import to_hex, to_rgba
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from PIL import Image

import nn
import nn.module
from autograd_lite import tanh
from nn import MLP, SGD, History, Neuron, fit, predict
from nn.data import Dataset, moons, xor, yin_yang
from nn.pictures import Animation, GradientLog, plot_decision_boundary, plot_gradients, plot_history
from nn.pictures.colours import CURVES
from nn.training import Epoch

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(nn.__file__).parents[1]), "MPLBACKEND": "agg"}


@pytest.fixture
def ax():
    return Figure().add_subplot()


def line(ax, label):
    (found,) = (line for line in ax.lines if line.get_label().startswith(label))
    return found


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


# ------------------------------------------------------------------------------ the cost


def test_the_curves_are_the_history(ax):
    history = History([1.0, 0.5, 0.25], [2.0, 0.75, 1.5], "early stopping", best_epoch=1, best_cost=0.75)

    assert plot_history(history, ax) is ax

    assert list(line(ax, "training").get_ydata()) == history.costs
    assert list(line(ax, "training").get_xdata()) == [0, 1, 2]
    assert list(line(ax, "validation").get_ydata()) == history.validation_costs
    best = line(ax, "best")
    assert (best.get_xdata()[0], best.get_ydata()[0]) == (1, 0.75)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "cost")
    assert ax.get_title() == "Cost of training: 3 epochs, early stopping"
    assert legend(ax) == ["training", "validation", "best: 0.75 in epoch 1"]
    assert line(ax, "training").get_linestyle() != line(ax, "validation").get_linestyle()


@pytest.mark.parametrize("costs", [[1.0, 0.2], [1.0, 0.9], [1.0, 0.0], [0.0, 0.0]])
def test_the_axis_of_costs_begins_at_zero(ax, costs):
    plot_history(History(costs, best_epoch=1), ax)

    assert (ax.get_yscale(), ax.get_ylabel()) == ("linear", "cost")
    assert ax.get_ylim()[0] == 0
    assert ax.get_ylim()[1] > max(costs)


@pytest.mark.parametrize(("smallest", "ticks"), [(0.05, ["0.05", "0.1", "0.2", "0.5", "1"]), (1e-5, None)])
def test_or_it_is_logarithmic_and_says_so(ax, smallest, ticks):
    plot_history(History([1.0, smallest], best_epoch=1), ax)

    assert (ax.get_yscale(), ax.get_ylabel()) == ("log", "cost (log scale)")
    low, high = ax.get_ylim()
    assert 0 < low < smallest < 1 < high
    if ticks:
        heights = zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)
        assert [label.get_text() for y, label in heights if low <= y <= high] == ticks


@pytest.mark.parametrize("n", [1, 2, 3, 100])
def test_epochs_are_whole_numbers(ax, n):
    plot_history(History([1.0] * n, best_epoch=0), ax)

    low, high = ax.get_xlim()
    ticks = [tick for tick in ax.get_xticks() if low <= tick <= high]
    assert ticks == [round(tick) for tick in ticks] != []


def test_costs_below_zero_are_in_the_picture(ax):
    plot_history(History([1.0, -3.0], best_epoch=1), ax)

    assert ax.get_ylim()[0] < -3


def test_a_history_without_epochs_is_refused(ax):
    with pytest.raises(ValueError, match="nothing to plot: no epoch finished"):
        plot_history(History(stopped="interrupted"), ax)


def test_a_new_figure_is_one_that_a_notebook_shows():
    from matplotlib import pyplot

    ax = plot_history(History([1.0], best_epoch=0))

    assert ax.figure.number in pyplot.get_fignums()
    pyplot.close(ax.figure)


def test_given_axes_leave_pyplot_alone():
    program = """
import sys
from matplotlib.figure import Figure
from nn import History
from nn.pictures import plot_history
plot_history(History([1.0], best_epoch=0), Figure().add_subplot())
assert "matplotlib.pyplot" not in sys.modules
"""

    subprocess.run([sys.executable, "-c", program], env=ENVIRONMENT, check=True)


# ------------------------------------------------------------------------------ whose figure, whose look


HISTORY = History([1.0, 0.5, 0.25], [1.0, 0.75, 0.5], best_epoch=2, best_cost=0.5)
LINES = Dataset(
    "stripes",
    [[(17 * i % 90) / 90, (29 * i % 90) / 90] for i in range(90)],
    [17 * i % 90 // 10 for i in range(90)],
    ["x", "y"],
    [f"stripe number {k}" for k in range(9)],
    "made up",
)


def nine(x):
    return [-abs(9 * x[0] - k) for k in range(9)]


def gradients():
    log = GradientLog()
    trained(log)
    return log


made = Figure.__init__


PLOTS = [
    lambda **where: plot_history(HISTORY, **where),
    lambda **where: plot_gradients(gradients(), **where),
    lambda **where: plot_decision_boundary(MLP(2, [3, 1], seed=1), moons(50), **where),
    lambda **where: plot_decision_boundary(nine, LINES, **where),
]
every_plot = pytest.mark.parametrize(
    "plot", PLOTS, ids=["history", "gradients", "two classes", "nine classes"]
)


@pytest.fixture
def pyplot():
    from matplotlib import pyplot

    pyplot.switch_backend("agg")
    with pyplot.style.context("default"):
        yield pyplot
    pyplot.close("all")


def texts(ax):
    """Return all texts of axes that are there for people to read."""
    found = [ax.title, ax.xaxis.label, ax.yaxis.label]
    found += ax.get_legend().get_texts() if ax.get_legend() else []
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        found += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    return [text for text in found if text.get_text()]


def is_inside(inner, outer):
    (left, bottom, right, top), (x0, y0, x1, y1) = inner.extents, outer.extents
    return x0 <= left + 1 and y0 <= bottom + 1 and right - 1 <= x1 and top - 1 <= y1


@every_plot
def test_a_new_figure_has_the_size_that_is_asked_for(pyplot, plot):
    ax = plot(figsize=(8.0, 3.0))

    assert ax.figure.get_size_inches().tolist() == [8, 3]
    with pytest.raises(TypeError, match="give ax or figsize, not both"):
        plot(ax=ax, figsize=(8.0, 3.0))


@every_plot
@pytest.mark.parametrize("size", [(6.4, 4.8), (12.8, 7.2), (19.2, 10.8), (4.0, 3.0)])
def test_all_of_a_plot_is_in_its_figure(pyplot, plot, size):
    ax = plot(figsize=size)
    ax.figure.canvas.draw()

    for text in texts(ax):
        assert is_inside(text.get_window_extent(), ax.figure.bbox), text


@every_plot
@pytest.mark.parametrize("layout", [None, "constrained", "tight"])
def test_a_key_is_in_the_figure_and_off_the_samples_also_in_a_grid(pyplot, plot, layout):
    figure, grid = pyplot.subplots(2, 2, figsize=(12.8, 7.2), layout=layout)
    for ax in grid.flat:
        plot(ax=ax)
    figure.canvas.draw()

    for ax in grid.flat:
        key = ax.get_legend().get_window_extent()
        assert is_inside(key, figure.bbox)
        if any(isinstance(child, AxesImage) for child in ax.get_children()):
            assert not key.overlaps(ax.get_window_extent())
            assert ax.bbox.width > 0.3 * figure.bbox.width / 2
        others = [other.get_legend().get_window_extent() for other in grid.flat if other is not ax]
        assert key.count_overlaps(others) == 0


def test_a_key_of_somebody_else_gets_no_room(pyplot):
    figure, ax = pyplot.subplots()
    plot_decision_boundary(nine, LINES, ax=ax)
    figure.canvas.draw()
    narrow = ax.get_window_extent().width

    ax.legend(["mine"], loc="upper right")
    figure.canvas.draw()

    assert ax.get_window_extent().width > narrow


@pytest.mark.parametrize("inset", [False, True])
def test_a_plane_that_is_drawn_anew_has_the_same_room(pyplot, inset):
    figure, ax = pyplot.subplots(figsize=(9.6, 5.4))
    if inset:
        ax = ax.inset_axes([0.3, 0.1, 0.6, 0.8])
    boxes, sizes = [], []

    for _ in range(3):
        ax.clear()
        plot_decision_boundary(nine, LINES, ax=ax)
        figure.canvas.draw()
        boxes.append(ax.get_window_extent().extents.tolist())
        sizes.append(ax.xaxis.label.get_fontsize())

    assert boxes[1:] == [pytest.approx(boxes[0])] * 2
    assert sizes[1:] == [pytest.approx(sizes[0])] * 2


def test_a_figure_with_a_key_can_be_pickled(ax):
    plot_decision_boundary(nine, LINES, ax=ax)

    copied = pickle.loads(pickle.dumps(ax.figure))
    copied.canvas.draw()

    assert legend(copied.axes[0]) == legend(ax)


@every_plot
@pytest.mark.parametrize("size", [(12.8, 7.2), (19.2, 10.8), (16.0, 9.0)])
def test_text_is_read_at_the_back_of_the_hall(pyplot, plot, size):
    _, given = pyplot.subplots(figsize=size)
    for ax in (plot(ax=given), plot(figsize=size)):
        ax.figure.canvas.draw()
        assert min(text.get_fontsize() for text in texts(ax)) >= 72 * size[1] / 40


@every_plot
def test_what_somebody_has_set_stays(pyplot, plot):
    with pyplot.rc_context({"font.size": 8, "lines.linewidth": 3.5, "lines.markersize": 4}):
        ax = plot(figsize=(19.2, 10.8))
        ax.figure.canvas.draw()

    assert ax.xaxis.label.get_fontsize() == 8
    assert {line.get_linewidth() for line in ax.lines if line.get_linestyle() != "None"} <= {3.5}
    assert pyplot.rcParams["font.size"] == 10


def contrast(first, second):
    def luminance(colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgba(colour)[:3]]
        return np.dot(linear, [0.2126, 0.7152, 0.0722])

    low, high = sorted([luminance(first), luminance(second)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    "style", ["default", "dark_background", "ggplot", "seaborn-v0_8-colorblind", "grayscale"]
)
def test_a_plane_is_clear_in_any_style(pyplot, style):
    with pyplot.style.context(style):
        ax = plot_decision_boundary(nine, LINES)
        ax.figure.canvas.draw()

    (image,) = ax.images
    borders = [c for c in ax.collections if isinstance(c, ContourSet)] or ax.collections[:1]
    line = borders[0].get_edgecolor()[0]
    assert min(contrast(line, image.cmap(k)) for k in range(9)) > 4.5
    assert contrast(ax.xaxis.label.get_color(), ax.figure.get_facecolor()) > 4.5
    (key,) = {text.get_color() for text in ax.get_legend().get_texts()}
    assert contrast(key, ax.figure.get_facecolor()) > 4.5


@every_plot
def test_the_colours_are_those_of_the_style_sheet_if_there_is_one(pyplot, plot):
    with pyplot.style.context({"axes.prop_cycle": pyplot.cycler(color=["#123456", "#654321", "#abcdef"])}):
        ax = plot()

    used = {to_hex(line.get_color()) for line in ax.lines if line.get_linestyle() != "None"}
    used |= {
        to_hex(c.get_facecolor()[0])
        for c in ax.collections
        if len(c.get_facecolor()) and c.get_label()[0] != "_"
    }
    assert used <= {"#123456", "#654321", "#abcdef"}
    assert len(used) >= 2


def test_curves_stand_out_from_white_paper():
    assert min(contrast(colour, "#ffffff") for colour in CURVES[:3]) > 3


# ------------------------------------------------------------------------------ the decision boundary


def regions(ax):
    (image,) = (child for child in ax.get_children() if isinstance(child, AxesImage))
    classes = image.get_array()
    left, right, bottom, top = image.get_extent()
    height, width = classes.shape
    xs = left + (np.arange(width) + 0.5) * (right - left) / width
    ys = bottom + (np.arange(height) + 0.5) * (top - bottom) / height
    return xs, ys, classes


def cubed(z):
    return tanh(z) ** 3


@pytest.mark.parametrize(
    ("model", "data", "threshold"),
    [
        (MLP(2, [5, 1], seed=2), moons(30), 0.0),
        (MLP(2, [5, 1], output_activation="sigmoid", seed=4), moons(30), 0.5),
        (MLP(2, [6, 3], "relu", seed=3), yin_yang(30), 0.0),
        (MLP(2, [4, 2], cubed, seed=1), xor(), 0.0),
        (Neuron(2, seed=1), xor(), 0.0),
        (lambda x: [x[0] ** 2 + x[1] ** 2 - 0.3], xor(), 0.0),
    ],
)
def test_regions_are_the_classes_that_predict_gives(ax, model, data, threshold):
    plot_decision_boundary(model, data, ax=ax, threshold=threshold)

    xs, ys, classes = regions(ax)
    rng = np.random.default_rng(0)
    for i, j in rng.integers(0, [len(xs), len(ys)], size=(150, 2)):
        assert classes[j, i] == predict(model, [float(xs[i]), float(ys[j])], threshold)
    assert len(np.unique(classes)) > 1


def test_the_border_runs_where_the_output_is_at_the_threshold(ax):
    data = Dataset("square", [[-1.0, -1.0], [1.0, 1.0]], [0, 1], ["u", "v"], ["in", "out"], "made up")

    plot_decision_boundary(lambda x: [x[0] ** 2 + x[1] ** 2 - 0.5], data, ax=ax)

    (contours,) = ax.collections[:1]
    points = np.concatenate([path.vertices for path in contours.get_paths()])
    assert len(points) > 20
    assert np.hypot(*points.T) == pytest.approx(0.5**0.5, abs=0.01)


def test_samples_have_the_marker_and_colour_of_their_class_and_a_ring_if_wrong(ax):
    data = yin_yang(60)
    model = MLP(2, [4, 3], seed=0)
    wrong = [x for x, label in zip(data.inputs, data.labels, strict=True) if predict(model, x) != label]

    plot_decision_boundary(model, data, ax=ax)

    scatters = {c.get_label(): c for c in ax.collections if not c.get_label().startswith("_")}
    assert list(scatters) == [*data.class_names, "ring: wrong"]
    for k, name in enumerate(data.class_names):
        members = [x for x, label in zip(data.inputs, data.labels, strict=True) if label == k]
        assert scatters[name].get_offsets().tolist() == members
    assert scatters["ring: wrong"].get_offsets().tolist() == wrong
    classes = [scatters[name] for name in data.class_names]
    assert len({tuple(c.get_facecolor()[0]) for c in classes}) == 3
    assert len({c.get_paths()[0].vertices.tobytes() for c in classes}) == 3
    assert ax.get_title() == f"yin-yang: {60 - len(wrong)} of 60 samples right"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "y")
    assert legend(ax) == [*data.class_names, "ring: wrong"]


def test_the_plane_holds_every_sample_and_keeps_its_proportions(ax):
    data = moons(40)

    plot_decision_boundary(MLP(2, [1], seed=0), data, ax=ax)

    columns = list(zip(*data.inputs, strict=True))
    assert ax.get_xlim()[0] < min(columns[0]) < max(columns[0]) < ax.get_xlim()[1]
    assert ax.get_ylim()[0] < min(columns[1]) < max(columns[1]) < ax.get_ylim()[1]
    assert ax.get_aspect() == 1


def test_samples_and_labels_do_as_well_as_a_dataset(ax):
    X, labels = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0, 1])

    plot_decision_boundary(MLP(2, [1], seed=0), X, labels, ax)

    assert [ax.get_xlabel(), ax.get_ylabel(), *legend(ax)[:2]] == ["x₀", "x₁", "0", "1"]


def test_a_model_that_gives_one_class_to_all_has_one_region(ax):
    plot_decision_boundary(lambda x: [1.0 + 0 * x[0]], xor(), ax=ax)

    assert np.unique(regions(ax)[2]).tolist() == [1]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            ([[1.0, 2.0, 3.0]], [0]),
            ValueError,
            "in the plane, and the samples have 3 features: give data with 2",
        ),
        (([[1.0], [2.0]], [0, 1]), ValueError, "the samples have 1 feature:"),
        (([[1.0, 2.0]],), TypeError, "labels are missing"),
        ((xor(), [0, 1, 1, 0]), TypeError, "has its own labels"),
        (([[1.0, 2.0]], [0, 1]), ValueError, "1 rows of inputs and 2 labels"),
        (([[1.0, 2.0]], ["a"]), TypeError, "give the class as a whole number"),
        (([[1.0, 2.0]], [-1]), ValueError, r"labels\[0\] is -1"),
        (([], []), ValueError, "no samples"),
        (([1.0, 2.0], [0, 1]), TypeError, "every sample as a list"),
    ],
)
def test_data_that_is_not_in_the_plane_is_refused(ax, arguments, error, message):
    for attempt in (
        lambda: plot_decision_boundary(MLP(2, [1]), *arguments, ax=ax),
        lambda: Animation(*arguments),
    ):
        with pytest.raises(error, match=message):
            attempt()
    assert not ax.has_data()


def test_a_model_of_three_inputs_is_refused(ax):
    with pytest.raises(ValueError, match="3"):
        plot_decision_boundary(MLP(3, [1]), xor(), ax=ax)
    assert not ax.has_data()


# ------------------------------------------------------------------------------ gradients


def trained(callback, **options):
    data = moons(20)
    mlp = MLP(2, [4, 1], seed=1)
    options = {"epochs": 6, "learning_rate": 0.1, **options}
    return mlp, fit(mlp, data.inputs, data.signs(), callbacks=[callback], **options)


def test_the_log_keeps_the_norm_and_the_spread_of_each_layer():
    seen = []

    class Log(GradientLog):
        def __call__(self, epoch):
            super().__call__(epoch)
            seen.append([[p.grad for p in layer.parameters()] for layer in epoch.model.layers])

    log = Log()
    trained(log)

    assert log.epochs == list(range(6))
    for kept, gradients in zip(log.layers, seen, strict=True):
        for sizes, layer in zip(kept, gradients, strict=True):
            assert sizes.norm == pytest.approx(np.linalg.norm(layer))
            assert sizes.rms == pytest.approx(np.sqrt(np.mean(np.square(layer))))
            assert [sizes.low, sizes.high] == pytest.approx(np.quantile(np.abs(layer), [0.1, 0.9]))


def test_an_epoch_without_an_update_is_not_logged():
    log = GradientLog()
    mlp = MLP(1, [1], seed=0)

    history = fit(mlp, [[1.0]], [0.5], learning_rate=0.25, epochs=100, tolerance=1e-3, callbacks=[log])

    assert history.stopped == "converged"
    assert log.epochs == list(range(len(history.costs) - 1))


def test_with_mini_batches_the_last_epoch_has_an_update_even_if_it_converged():
    log = GradientLog()
    mlp = MLP(1, [1], seed=0)

    history = fit(mlp, [[1.0], [1.0]], [0.5, 0.5], epochs=100, tolerance=1e-3, batch_size=1, callbacks=[log])

    assert history.stopped == "converged"
    assert log.epochs == list(range(len(history.costs)))


def test_a_new_training_begins_a_new_log():
    log = GradientLog()

    trained(log)
    trained(log, epochs=2)

    assert log.epochs == [0, 1]
    assert repr(log) == "GradientLog: 2 epochs"


def test_gradients_are_plotted_per_layer_on_a_logarithmic_axis(ax):
    log = GradientLog()
    trained(log)

    assert plot_gradients(log, ax) is ax

    for l in (1, 2):
        curve = line(ax, f"layer {l}")
        assert list(curve.get_xdata()) == log.epochs
        assert list(curve.get_ydata()) == [epoch[l - 1].rms for epoch in log.layers]
        bars = [bar.tolist() for bar in ax.collections[l - 1].get_segments()]
        sizes = [epoch[l - 1] for epoch in log.layers]
        assert bars == [[[i, s.low], [i, s.high]] for i, s in zip(log.epochs, sizes, strict=True)]
    assert len({(curve.get_color(), curve.get_linestyle(), curve.get_marker()) for curve in ax.lines}) == 2
    assert len({curve.get_linestyle() for curve in ax.lines}) == 2
    assert ax.get_yscale() == "log"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "RMS of ∂C/∂p (log scale)")
    assert legend(ax) == ["layer 1", "layer 2"]


def test_layers_have_their_bars_at_epochs_of_their_own(ax):
    log = GradientLog()
    data = moons(6)
    mlp = MLP(2, [3, 3, 1], seed=1)
    fit(mlp, data.inputs, data.signs(), epochs=60, learning_rate=0.1, callbacks=[log])

    plot_gradients(log, ax)

    epochs = [{bar[0][0] for bar in bars.get_segments()} for bars in ax.collections]
    assert [len(of_layer) for of_layer in epochs] == [10, 10, 10]
    assert len(set.union(*epochs)) == 30
    for bars, curve in zip(ax.collections, ax.lines, strict=True):
        assert {bar[0][0] for bar in bars.get_segments()} == set(
            range(60)[slice(curve.get_markevery()[0], None, 6)]
        )


def test_a_dead_layer_leaves_a_gap(ax):
    log = GradientLog()
    mlp = MLP(1, [1, 1], "relu", seed=0)
    for p in mlp.parameters():
        p.data = -1.0
    fit(mlp, [[1.0]], [0.5], epochs=3, callbacks=[log])

    plot_gradients(log, ax)

    assert np.isnan(line(ax, "layer 1").get_ydata()).all()
    assert np.isfinite(line(ax, "layer 2").get_ydata()).all()
    ax.figure.canvas.draw()


def test_what_has_no_gradients_to_plot_is_refused(ax):
    with pytest.raises(ValueError, match="callbacks="):
        plot_gradients(GradientLog(), ax)
    with pytest.raises(TypeError, match=r"of a GradientLog, not History: log = GradientLog\(\)"):
        plot_gradients(trained(GradientLog())[1], ax)
    with pytest.raises(TypeError, match="a model with layers"):
        fit(Neuron(1), [[1.0]], [0.5], callbacks=[GradientLog()])


# ------------------------------------------------------------------------------ the film


@pytest.fixture(scope="module")
def film():
    film = Animation(moons(20), every=4)
    trained(film, epochs=11)
    return film


def test_a_frame_every_few_epochs_and_of_the_last(film):
    assert len(film) == 4
    assert repr(film) == "Animation of 'moons': 4 frames, of epochs 0, 4, 8, 10"


def test_the_gif_has_all_frames_and_ends_with_the_trained_network(film, tmp_path):
    film.save(tmp_path / "training.gif", seconds_per_frame=0.1)

    gif = Image.open(tmp_path / "training.gif")
    assert (gif.format, gif.n_frames, gif.info["loop"]) == ("GIF", 4, 0)
    durations, frames = [], []
    for i in range(4):
        gif.seek(i)
        durations.append(gif.info["duration"])
        frames.append(np.asarray(gif.convert("RGB"), dtype=int))
    assert durations == [100, 100, 100, 2000]
    assert all((a != b).any() for a, b in pairwise(frames))


def test_frames_are_numbered_pictures(film, tmp_path):
    paths = film.save_frames(tmp_path)

    assert [path.name for path in paths] == [f"frame_000{i}.png" for i in range(4)]
    assert sorted(tmp_path.iterdir()) == paths
    assert {Image.open(path).size for path in paths} == {(960, 540)}


def test_the_plane_has_more_than_half_of_the_frame():
    film = Animation(LINES, figsize=(12.8, 7.2))
    film(Epoch(0, 1.0, None, nine))

    frame = np.asarray(film._image(film._frames[0]), dtype=int)

    assert frame.shape == (720, 1280, 3)
    grey = np.ptp(frame, axis=-1) < 12
    columns = np.flatnonzero((~grey[:600]).mean(axis=0) > 0.5)
    assert np.ptp(columns) > 0.4 * 1280


@pytest.mark.parametrize("figsize", [(9.6, 5.4), (19.2, 10.8), (6.4, 3.6), (3.2, 1.8)])
@pytest.mark.parametrize("data", [LINES, moons(20)], ids=["high", "wide"])
def test_a_film_of_any_size_is_read_at_the_back_of_the_hall(monkeypatch, figsize, data):
    film = Animation(data, figsize=figsize)
    film(Epoch(0, 1.0, None, nine))
    figures = []
    monkeypatch.setattr(Figure, "__init__", lambda self, *a, **k: figures.append(self) or made(self, *a, **k))

    image = film._image(film._frames[0])

    assert image.size == (100 * figsize[0], 100 * figsize[1])
    (figure,) = figures
    found = [text for ax in figure.axes for text in texts(ax)] + figure.legends[0].get_texts()
    assert len(found) > 20
    for text in found:
        assert text.get_fontsize() * figure.dpi / 72 >= image.height / 40
        assert is_inside(text.get_window_extent(), figure.bbox), text
    key, plane = figure.legends[0].get_window_extent(), figure.axes[0].get_tightbbox()
    assert not key.overlaps(plane)
    if data is not LINES:
        assert plane.y0 - key.y1 < image.height / 20


def blue_area(frame):
    """Return how many pixels of the left half are blue: the region of the first class."""
    red, _, blue = np.moveaxis(frame[:, :450], -1, 0)
    return np.count_nonzero(blue > red + 30)


def test_a_film_of_a_model_without_matrices_shows_it_as_it_was(tmp_path):
    film = Animation(xor(), every=1)
    neuron = Neuron(2, seed=0)
    before = [p.data for p in neuron.parameters()]
    history = fit(
        neuron,
        xor().inputs,
        xor().signs(),
        optimizer=SGD(neuron.parameters(), 0.5),
        epochs=3,
        callbacks=[film],
    )
    assert [p.data for p in neuron.parameters()] != before

    first, _, last = (np.asarray(Image.open(path), dtype=int) for path in film.save_frames(tmp_path))

    assert len(history.costs) == 3
    assert blue_area(first) != blue_area(last)


def test_a_new_training_begins_a_new_film():
    film = Animation(moons(20), every=4)

    trained(film, epochs=11)
    trained(film, epochs=3)

    assert repr(film) == "Animation of 'moons': 2 frames, of epochs 0, 2"


def test_filming_changes_nothing_about_the_training():
    plain, history = trained(lambda epoch: None)
    filmed, filmed_history = trained(Animation(moons(20)))

    assert filmed.state_dict() == plain.state_dict()
    assert filmed_history == history


def test_a_film_is_saved_whole_or_not_at_all(film, tmp_path, monkeypatch):
    path = tmp_path / "training.gif"
    path.write_bytes(b"as it was")

    def full(*_):
        raise OSError(28, "no space left")

    monkeypatch.setattr(nn.module.os, "fsync", full)
    for save in (lambda: film.save(path), lambda: film.save_frames(tmp_path)):
        with pytest.raises(OSError, match="no space left"):
            save()

    assert [file.name for file in tmp_path.iterdir()] == ["training.gif"]
    assert path.read_bytes() == b"as it was"


def test_the_film_is_an_mp4_too(film, tmp_path):
    pytest.importorskip("imageio_ffmpeg")

    film.save(tmp_path / "training.mp4", seconds_per_frame=0.1)

    # The box that such files begin with: its length, and its name.
    assert (tmp_path / "training.mp4").read_bytes()[4:8] == b"ftyp"
    assert [path.name for path in tmp_path.iterdir()] == ["training.mp4"]


def test_what_cannot_be_saved_is_refused(film, tmp_path):
    with pytest.raises(ValueError, match=r"ends in \.gif or \.mp4, not '\.webp'"):
        film.save(tmp_path / "training.webp")
    with pytest.raises(ValueError, match=r"0\.02 to 600 seconds, not 0"):
        film.save(tmp_path / "training.gif", seconds_per_frame=0)
    with pytest.raises(FileNotFoundError, match="make it first"):
        film.save(tmp_path / "none" / "training.gif")
    with pytest.raises(FileNotFoundError, match="make it first"):
        film.save_frames(tmp_path / "none")
    empty = Animation(xor())
    for save in (lambda: empty.save(tmp_path / "training.gif"), lambda: empty.save_frames(tmp_path)):
        with pytest.raises(ValueError, match="no frames: pass the animation to fit"):
            save()
    for every in (0, 2.5, True):
        with pytest.raises(ValueError, match="every must be a whole number"):
            Animation(xor(), every=every)
    assert list(tmp_path.iterdir()) == []


def test_the_same_training_gives_the_same_bytes_in_any_process(tmp_path):
    program = """
import sys
from nn import MLP, fit
from nn.data import moons
from nn.pictures import Animation
data, film, mlp = moons(10), Animation(moons(10), every=2), MLP(2, [3, 1], seed=1)
fit(mlp, data.inputs, data.signs(), epochs=3, callbacks=[film])
film.save(sys.argv[1] + ".gif")
"""
    for seed in ("1", "2"):
        environment = {**ENVIRONMENT, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", program, str(tmp_path / seed)], env=environment, check=True)

    assert (tmp_path / "1.gif").read_bytes() == (tmp_path / "2.gif").read_bytes()


# ------------------------------------------------------------------------------ without Matplotlib


def test_without_matplotlib_networks_are_drawn_and_plots_say_what_to_install():
    program = """
import sys
sys.modules["matplotlib"] = None
from nn import MLP, fit, History
from nn.data import xor
from nn.pictures import *
film, log, mlp = Animation(xor()), GradientLog(), MLP(2, [2, 1], seed=0)
history = fit(mlp, xor().inputs, xor().labels, epochs=2, callbacks=[film, log])
assert "a0_0" in draw_network(mlp).source
for plot in (
    lambda: plot_history(history),
    lambda: plot_gradients(log),
    lambda: plot_decision_boundary(mlp, xor()),
    lambda: film.save(sys.argv[1]),
):
    try:
        plot()
    except ImportError as error:
        assert 'Matplotlib' in str(error) and 'python -m pip install matplotlib' in str(error), error
    else:
        raise AssertionError("no error")
"""
    subprocess.run([sys.executable, "-c", program, "training.gif"], env=ENVIRONMENT, check=True)


def test_importing_the_pictures_imports_neither_matplotlib_nor_graphviz_nor_numpy():
    program = "import sys, nn.pictures; print({'matplotlib', 'PIL', 'graphviz', 'numpy'} & set(sys.modules))"

    done = subprocess.run(
        [sys.executable, "-c", program], env=ENVIRONMENT, check=True, capture_output=True, text=True
    )

    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("largest", [1e260, 1e270, 1e290, 1e300])
def test_a_training_that_diverged_can_be_drawn(ax, largest):
    plot_history(History([1.0, largest], stopped="epochs", best_epoch=0, best_cost=1.0), ax)

    ax.figure.savefig(io.BytesIO())

    assert ax.get_ylim()[1] <= 1e200 or largest < 1e200


def test_class_names_are_shown_whatever_they_begin_with(ax):
    X, labels = [[0.0, 0.0], [1.0, 1.0]], [0, 1]
    data = Dataset("odd", X, labels, ["x", "y"], ["_hidden", "price $_$"], "made up")

    plot_decision_boundary(MLP(2, [2], seed=0), data, ax=ax)
    ax.figure.savefig(io.BytesIO())

    shown = [text.get_text().strip() for text in ax.get_legend().get_texts()]
    assert "_hidden" in shown[0]
    assert "price" in shown[1]


@pytest.mark.parametrize("name", [r"$\frac{$", "a\ud800b", "two\nlines"])
def test_no_name_is_taken_for_a_formula_or_fails(ax, name):
    data = Dataset(name, [[0.0, 0.0], [1.0, 1.0]], [0, 1], [name, name], [name, "other"], "made up")

    plot_decision_boundary(MLP(2, [2], seed=0), data, ax=ax)
    ax.figure.savefig(io.BytesIO())
