"""Matplotlib, which is optional: imported when a plot is asked for, or an error that says how to get it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plotting(module: str) -> Any:
    """Import a module of Matplotlib or Pillow, or raise what says what to install."""
    try:
        return import_module(module)
    except ImportError as error:
        package = {"PIL": "Pillow"}.get(module.partition(".")[0], "Matplotlib")
        raise ImportError(
            f"plots need {package}, which cannot be imported ({error}): "
            f"python -m pip install {package.lower()}",
            name=error.name,
        ) from error


def axes_or_new(ax: Axes | None) -> Axes:
    """Return the axes, or those of a new figure.

    A new figure is made by ``matplotlib.pyplot``, so that it shows itself in a notebook, and in a script by
    ``plt.show()``. Whoever wants no such global state passes axes of their own, from
    ``matplotlib.figure.Figure``.
    """
    if ax is not None:
        return ax
    new: Axes = plotting("matplotlib.pyplot").figure(layout="constrained").add_subplot()
    return new
