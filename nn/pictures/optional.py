"""Matplotlib, which is optional: imported when a plot is asked for, or an error that says how to get it."""

from __future__ import annotations

from importlib import import_module
from typing import Any


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
