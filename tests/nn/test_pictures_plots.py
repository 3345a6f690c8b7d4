"""Plots and the film: what is in the axes and in the files, beside the numbers they are about."""

import io
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="plots are an optional extra")

from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from PIL import Image

import nn
import nn.module
from autograd_lite import tanh
from nn import MLP, SGD, History, Neuron, fit, predict
from nn.data import Dataset, moons, xor, yin_yang
from nn.pictures import Animation, GradientLog, plot_decision_boundary, plot_gradients, plot_history

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


@pytest.mark.parametrize(
    ("costs", "scale"), [([1.0, 0.2], "linear"), ([1.0, 0.05], "log"), ([1.0, 0.0], "linear")]
)
def test_the_axis_of_costs_is_logarithmic_where_that_helps(ax, costs, scale):
    assert plot_history(History(costs, best_epoch=1), ax).get_yscale() == scale


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
        heights = ax.collections[l - 1].get_paths()[0].vertices[:, 1]
        assert heights.min() == min(epoch[l - 1].low for epoch in log.layers)
        assert heights.max() == max(epoch[l - 1].high for epoch in log.layers)
    assert len({(curve.get_color(), curve.get_linestyle(), curve.get_marker()) for curve in ax.lines}) == 2
    assert len({curve.get_linestyle() for curve in ax.lines}) == 2
    assert ax.get_yscale() == "log"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "root mean square of ∂C/∂p")
    assert legend(ax) == ["layer 1", "layer 2"]


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
    assert {Image.open(path).size for path in paths} == {(960, 520)}


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
        assert 'Matplotlib' in str(error) and 'pip install "autograd-lite[plot]"' in str(error), error
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
