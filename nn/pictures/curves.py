"""Training as curves: the cost from epoch to epoch, and the gradients of each layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import quantiles
from typing import TYPE_CHECKING, NamedTuple

from ..training import Epoch, History
from .colours import CURVES, LINE_STYLES, MARKERS
from .frame import axes_or_new, colours, ink_and_paper, readable, set_title
from .optional import plotting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKERS_ON_A_LINE = 10
_LARGEST_DRAWN = 1e200
_FEW_DECADES = 1000


def plot_history(
    history: History, ax: Axes | None = None, *, figsize: tuple[float, float] | None = None
) -> Axes:
    """Plot the cost in each epoch, and that of the samples held out if there are any.

    The axis of costs begins at 0; where all are positive and the largest is over 10 times the smallest, it is
    logarithmic, and says so.

    Parameters
    ----------
    history : History
        As :func:`nn.fit` returns it.
    ax : matplotlib.axes.Axes, optional
        Without it a new figure is made, which a notebook shows.
    figsize : width and height in inches, optional
        Of the new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If no epoch was finished.
    TypeError
        If ax and figsize are both given.
    ImportError
        If Matplotlib is missing.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = plot_history(History([0.5, 0.25, 0.125], stopped="epochs", best_epoch=2), Figure().add_subplot())
    >>> ax.get_title(), ax.get_ylabel()
    ('Cost of training: 3 epochs', 'cost')
    """
    if not history.costs:
        raise ValueError(f"there is nothing to plot: {history}")
    ax = axes_or_new(ax, figsize)
    n = len(history.costs)
    why = f", {history.stopped}" if history.stopped not in ("", "epochs") else ""
    with readable(ax):
        _plot_costs(ax, history)
        scale_costs(ax, [*history.costs, *history.validation_costs])
        set_title(ax, f"Cost of training: {n:,} epoch{'s' * (n != 1)}{why}")
        ax.legend()
    return ax


def _plot_costs(ax: Axes, history: History) -> None:
    curves = colours(CURVES)
    ax.plot(history.costs, color=curves[0], label="training")
    if history.validation_costs:
        color = curves[1 % len(curves)]
        ax.plot(history.validation_costs, color=color, linestyle="--", label="validation")
    if history.best_epoch >= 0:
        size = 1.8 * plotting("matplotlib").rcParams["lines.markersize"]
        label = f"best: {history.best_cost:.4g} in epoch {history.best_epoch}"
        ink, _ = ink_and_paper(ax)
        ax.plot([history.best_epoch], [history.best_cost], "*", color=ink, markersize=size, label=label)


def scale_costs(ax: Axes, costs: list[float]) -> None:
    """Name the axes of a curve of costs, and choose between a linear one from 0 and a logarithmic one."""
    is_logarithmic = min(costs) > 0 and max(costs) > 10 * min(costs)
    if is_logarithmic:
        ax.set_yscale("log")
        if max(costs) < _FEW_DECADES * min(costs):
            ticker = plotting("matplotlib.ticker")
            ax.yaxis.set_major_locator(ticker.LogLocator(subs=(1.0, 2.0, 5.0)))
            ax.yaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
            ax.yaxis.set_minor_formatter(ticker.NullFormatter())
        elif max(costs) > _LARGEST_DRAWN:
            # Matplotlib cannot place the ticks of an axis that ends near the largest float.
            ax.set_ylim(top=_LARGEST_DRAWN)
    elif min(costs) >= 0:
        ax.set_ylim(bottom=0)
    _name_axes(ax, "cost", is_logarithmic)


def _name_axes(ax: Axes, y: str, is_logarithmic: bool) -> None:
    ax.set_xlabel("epoch")
    ax.set_ylabel(f"{y} (log scale)" if is_logarithmic else y)
    ax.locator_params(axis="x", integer=True)
    left, right = ax.get_xlim()
    if right - left < 1:
        # One epoch: Matplotlib would number its neighbourhood in fractions.
        only = round((left + right) / 2)
        ax.set_xticks([only])
        ax.set_xlim(only - 0.5, only + 0.5)
    ax.grid(alpha=0.3)


class LayerGradients(NamedTuple):
    """The gradients of one layer in one epoch.

    Attributes
    ----------
    norm : float
        √Σₚ (∂C/∂p)² over its weights and biases p.
    rms : float
        The root mean square, norm / √(number of parameters): comparable between layers of different sizes.
    low, high : float
        The first and the last decile of |∂C/∂p|: four fifths of the parameters lie between.
    """

    norm: float
    rms: float
    low: float
    high: float


class GradientLog:
    """A callback of :func:`nn.fit` that keeps the size of each layer's gradients, for :func:`plot_gradients`.

    The gradients are those of the epoch's update, with mini-batches of its last one, after clipping if there
    is any. An epoch without an update, the one that finds the cost close enough to 0, adds nothing. A new
    training begins a new log.

    Attributes
    ----------
    epochs : list of int
    layers : list of list of LayerGradients, shape (epochs, L)

    Examples
    --------
    >>> from nn import MLP, fit
    >>> log = GradientLog()
    >>> history = fit(MLP(2, [3, 1], seed=1), [[0, 1], [1, 0]], [1, 0], epochs=5, callbacks=[log])
    >>> log.epochs, len(log.layers[0])
    ([0, 1, 2, 3, 4], 2)
    """

    def __init__(self) -> None:
        self.epochs: list[int] = []
        self.layers: list[list[LayerGradients]] = []

    def __call__(self, epoch: Epoch) -> None:
        """Add an epoch.

        Parameters
        ----------
        epoch : Epoch

        Raises
        ------
        TypeError
            If the model has no layers.
        """
        layers = getattr(epoch.model, "layers", None)
        if layers is None:
            raise TypeError(f"GradientLog is for a model with layers, such as an MLP, not {epoch.model!r}")
        if epoch.number == 0:
            self.epochs, self.layers = [], []
        if epoch.updated:
            self.epochs.append(epoch.number)
            self.layers.append([_sizes([abs(float(p.grad)) for p in layer.parameters()]) for layer in layers])

    def __repr__(self) -> str:
        return f"GradientLog: {len(self.epochs)} epochs"


def _sizes(gradients: list[float]) -> LayerGradients:
    norm = math.hypot(*gradients)
    deciles = quantiles(gradients, n=10, method="inclusive") if len(gradients) > 1 else gradients
    return LayerGradients(norm, norm / math.sqrt(len(gradients)), deciles[0], deciles[-1])


def plot_gradients(
    log: GradientLog, ax: Axes | None = None, *, figsize: tuple[float, float] | None = None
) -> Axes:
    """Plot the size of each layer's gradients over the training, on a logarithmic axis.

    The line is the root mean square (RMS), the norm over the root of the number of parameters, so that layers
    of different sizes compare; a bar, at some of the epochs, holds four fifths of the layer's |∂C/∂p|. Where
    early layers lie far below late ones, their gradients vanish.

    Parameters
    ----------
    log : GradientLog
        It was among the callbacks of :func:`nn.fit`.
    ax : matplotlib.axes.Axes, optional
        Without it a new figure is made, which a notebook shows.
    figsize : width and height in inches, optional
        Of the new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If it holds no epoch.
    TypeError
        If log is no GradientLog, or ax and figsize are both given.
    ImportError
        If Matplotlib is missing.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from nn import MLP, fit
    >>> log = GradientLog()
    >>> history = fit(MLP(2, [3, 1], seed=1), [[0, 1], [1, 0]], [1, 0], epochs=5, callbacks=[log])
    >>> [line.get_label() for line in plot_gradients(log, Figure().add_subplot()).lines]
    ['layer 1', 'layer 2']
    """
    if not isinstance(log, GradientLog):
        raise TypeError(
            f"gradients are plotted of a GradientLog, not {type(log).__name__}: log = GradientLog(), then "
            "fit(..., callbacks=[log])"
        )
    if not log.epochs:
        raise ValueError("the log holds no epoch: pass it to fit(..., callbacks=[log]) first")
    ax = axes_or_new(ax, figsize)
    with readable(ax):
        for l, sizes in enumerate(zip(*log.layers, strict=True)):
            _plot_layer(ax, log.epochs, l, sizes)
        ax.set_yscale("log")
        _name_axes(ax, "RMS of ∂C/∂p", is_logarithmic=True)
        set_title(ax, "Gradients of each layer")
        ax.legend(title="bar: 10–90 % of |∂C/∂p|", alignment="left")
    return ax


def _plot_layer(ax: Axes, epochs: list[int], l: int, sizes: Sequence[LayerGradients]) -> None:
    """Plot the line of a layer and, at epochs of its own as far as there are enough, its bars."""
    params = plotting("matplotlib").rcParams
    curves = colours(CURVES)
    colour = curves[l % len(curves)]
    step = max(1, len(epochs) // _MARKERS_ON_A_LINE)
    first = l * step // 3 % step
    ax.vlines(
        epochs[first::step],
        [_positive(s.low) for s in sizes[first::step]],
        [_positive(s.high) for s in sizes[first::step]],
        color=colour,
        linewidth=2.5 * params["lines.linewidth"],
        alpha=0.45,
    )
    ax.plot(
        epochs,
        [_positive(s.rms) for s in sizes],
        color=colour,
        linestyle=LINE_STYLES[l % len(LINE_STYLES)],
        marker=MARKERS[l % len(MARKERS)],
        markevery=(first, step),
        label=f"layer {l + 1}",
    )


def _positive(number: float) -> float:
    """Return what a logarithmic axis can show: a gap for 0."""
    return number or math.nan
