"""Which class a network gives to every point of the plane, as regions, with the samples on top."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd_lite import no_grad
from autograd_lite.writing import PLAIN, symbol

from ..data.dataset import Dataset
from ..neurons import Network
from ..predictions import outputs_of
from ..tables import rows, targets
from .colours import CLASSES, MARKERS, region_colour
from .frame import (
    add_key,
    as_text,
    axes_or_new,
    colours,
    fit_margins,
    ink_and_paper,
    readable,
    set_title,
)
from .optional import plotting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..matrix import MatrixMLP

_IN_MATRICES, _IN_SCALARS = 200, 60  # points along either axis


def plot_decision_boundary(
    model: Callable[[Sequence[Any]], Any],
    data: Dataset | Sequence[Sequence[float]],
    labels: Sequence[int] | None = None,
    ax: Axes | None = None,
    *,
    threshold: float = 0.0,
    figsize: tuple[float, float] | None = None,
) -> Axes:
    """Plot the regions of the plane that a model gives to each class, and the samples.

    A sample has the marker and the colour of its own class; a ring marks those given to another class. The
    key stands beside the plane or below it, within the room of the axes.
    An MLP with named activations is evaluated in matrices, another model point by point on a coarser grid.

    Parameters
    ----------
    model : callable
        A network, or a function of one sample, of 2 inputs.
    data : Dataset or sequence of samples, shape (n, 2)
    labels : sequence of n classes, from 0
        Only where data is no Dataset, which has its own.
    ax : matplotlib.axes.Axes, optional
        Without it a new figure is made, which a notebook shows.
    threshold : float
        As for :func:`nn.predict`: 0 for a single output that is linear or tanh, 0.5 for a sigmoid.
    figsize : width and height in inches, optional
        Of the new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the samples have another number of features than 2, or the labels do not fit.
    TypeError
        If labels are missing or given twice.
    ImportError
        If Matplotlib is missing.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from nn.data import xor
    >>> ax = plot_decision_boundary(lambda x: [x[0] + x[1] - 0.5], xor(), ax=Figure().add_subplot())
    >>> ax.get_title()
    'xor: 3 of 4 samples right'
    """
    data = plane(data, labels)
    seen = surface(model, data, threshold)
    is_new, ax = ax is None, axes_or_new(ax, figsize)
    with readable(ax):
        draw_surface(ax, seen, data)
        set_title(ax, f"{as_text(data.name)}: {seen.score}", add_key(ax, "class"))
        if is_new:
            fit_margins(ax)
    return ax


def plane(data: Dataset | Sequence[Sequence[float]], labels: Sequence[int] | None) -> Dataset:
    """Return samples and labels as a Dataset, checked to have two features.

    Examples
    --------
    >>> plane([[0.0, 1.0], [1.0, 0.0]], [0, 1]).class_names
    ['0', '1']
    """
    if isinstance(data, Dataset):
        if labels is not None:
            raise TypeError("a Dataset has its own labels: give it alone, or samples and labels")
    else:
        if labels is None:
            raise TypeError("labels are missing: give a Dataset, or samples and labels")
        samples, labels = list(rows(data)), targets(labels)
        if not samples:
            raise ValueError("there are no samples to draw: give at least one")
        n_features = len(samples[0]) if hasattr(samples[0], "__len__") else 2
        features = [PLAIN.symbol(symbol(f"x[{k}]")) for k in range(n_features)]
        # What is no sample or no class is left to the Dataset to refuse.
        n_classes = 1 + max((label for label in labels if isinstance(label, Integral)), default=0)
        classes = [str(k) for k in range(max(1, n_classes))]
        data = Dataset("data", samples, list(labels), features, classes, "given")
    if len(data.feature_names) != 2:
        raise ValueError(
            f"a decision boundary is drawn in the plane, and the samples have {len(data.feature_names)} "
            f"feature{'s' * (len(data.feature_names) != 1)}: give data with 2, and a model trained on them"
        )
    return data


class Surface(NamedTuple):
    """What a model makes of a grid of points, and of the samples.

    Attributes
    ----------
    xs, ys : arrays, shapes (m,)
        The grid's coordinates.
    classes : array of int, shape (m, m)
        The class at ``(xs[i], ys[j])`` in row j, column i, as :func:`nn.predict` gives it.
    margins : array of float, shape (classes, m, m)
        How far a class is ahead of all others; 0 on its border.
    right : list of bool
        Whether the model gives a sample its own class.
    """

    xs: Any
    ys: Any
    classes: Any
    margins: Any
    right: list[bool]

    @property
    def score(self) -> str:
        """How many samples are right, in words."""
        return f"{sum(self.right):,} of {len(self.right):,} samples right"


def as_matrices(model: Any) -> MatrixMLP | None:
    """Return a copy of a model in matrices, of floats; None if it is no MLP, or an activation has no name.

    Examples
    --------
    >>> from nn import MLP
    >>> as_matrices(MLP(2, [1], activation="tanh")).forward([[0.0, 0.0]]).shape
    (1, 1)
    """
    from ..matrix import MatrixMLP

    if isinstance(model, MatrixMLP):
        return model
    if not isinstance(model, Network) or not all(isinstance(layer.activation, str) for layer in model.layers):
        return None
    numbers = range(1, len(model.layers) + 1)
    weights = [[[float(w.data) for w in row] for row in model.weights(l)] for l in numbers]
    biases = [[float(b.data) for b in model.biases(l)] for l in numbers]
    return MatrixMLP(weights, biases, [str(layer.activation) for layer in model.layers])


def surface(model: Any, data: Dataset, threshold: float) -> Surface:
    """Evaluate a model on a grid that covers the samples."""
    import numpy as np

    matrices = as_matrices(model)
    columns = np.array(data.inputs).T
    margin = 0.1 * np.maximum(np.ptp(columns, axis=1), 1e-9)
    low, high = columns.min(axis=1) - margin, columns.max(axis=1) + margin
    xs, ys = np.linspace(low, high, _IN_MATRICES if matrices else _IN_SCALARS).T
    points = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    everything = np.concatenate([points, data.inputs])
    outputs = matrices.forward(everything) if matrices else _by_scalars(model, everything)
    if outputs.shape[1] == 1:
        # The class is 1 above the threshold: as if class 0 had the threshold for an output.
        outputs = np.hstack([np.full_like(outputs, threshold), outputs])
    # The first of several largest outputs, as for `predict`.
    classes = outputs.argmax(axis=1)
    on_grid, grid = slice(len(points)), (len(ys), len(xs))
    others = [np.delete(outputs[on_grid], k, axis=1).max(axis=1) for k in range(outputs.shape[1])]
    margins = [(a - b).reshape(grid) for a, b in zip(outputs[on_grid].T, others, strict=True)]
    right = (classes[len(points) :] == data.labels).tolist()
    return Surface(xs, ys, classes[on_grid].reshape(grid), np.array(margins, dtype=np.float32), right)


def _by_scalars(model: Callable[[Sequence[Any]], Any], points: Any) -> Any:
    import numpy as np

    with no_grad():
        return np.array([[float(a) for a in outputs_of(model, x)] for x in points.tolist()])


def draw_surface(ax: Axes, seen: Surface, data: Dataset) -> None:
    """Draw the regions of the classes, thinly, with a line between them, and the samples."""
    ink, paper = ink_and_paper(ax)
    classes = colours(CLASSES)
    _draw_regions(ax, seen, ink, [region_colour(k, classes, paper) for k in range(len(seen.margins))])
    _draw_samples(ax, seen, data, ink, classes)
    ax.locator_params(steps=[1, 2, 5, 10])
    ax.set_xlabel(as_text(data.feature_names[0]))
    ax.set_ylabel(as_text(data.feature_names[1]))


def _draw_regions(ax: Axes, seen: Surface, ink: str, fills: Sequence[str]) -> None:
    import numpy as np

    xs, ys, classes, margins, _ = seen
    n_classes = len(margins)
    half = (xs[1] - xs[0]) / 2, (ys[1] - ys[0]) / 2
    ax.imshow(
        classes,
        extent=(xs[0] - half[0], xs[-1] + half[0], ys[0] - half[1], ys[-1] + half[1]),
        origin="lower",
        interpolation="nearest",
        aspect="equal" if 1 / 3 < np.ptp(xs) / np.ptp(ys) < 3 else "auto",
        cmap=plotting("matplotlib.colors").ListedColormap(fills),
        vmin=-0.5,
        vmax=n_classes - 0.5,
    )
    ax.grid(visible=False)
    width = plotting("matplotlib").rcParams["lines.linewidth"]
    for margin in margins if n_classes > 2 else margins[1:]:
        if margin.min() < 0 < margin.max():
            ax.contour(xs, ys, margin, levels=[0.0], colors=ink, linewidths=0.7 * width, linestyles="solid")


def _draw_samples(ax: Axes, seen: Surface, data: Dataset, ink: str, colours: Sequence[str]) -> None:
    size = plotting("matplotlib").rcParams["lines.markersize"]
    for k, name in enumerate(data.class_names):
        members = [x for x, label in zip(data.inputs, data.labels, strict=True) if label == k]
        ax.scatter(
            [x[0] for x in members],
            [x[1] for x in members],
            s=(0.9 * size) ** 2,
            marker=MARKERS[k % len(MARKERS)],
            color=colours[k % len(colours)],
            edgecolors=ink,
            linewidths=size / 12,
            label=as_text(name),
            zorder=3,
        )
    wrong = [x for x, is_right in zip(data.inputs, seen.right, strict=True) if not is_right]
    # Also where there is none, so that the key is the same in all frames of a film.
    ax.scatter(
        [x[0] for x in wrong],
        [x[1] for x in wrong],
        s=(1.75 * size) ** 2,
        marker="o",
        facecolors="none",
        edgecolors=ink,
        linewidths=size / 4.5,
        label="ring: wrong",
        zorder=4,
    )
