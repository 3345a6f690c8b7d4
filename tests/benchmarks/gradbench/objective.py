"""What is measured of an objective: the same value and gradients from several sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np


class Objective(NamedTuple):
    """A cost at one size, with data.

    Attributes
    ----------
    name : str
    cost : callable
        On scalars, as one writes it with loops: what is lifted.
    by_hand : callable
        On NumPy's arrays; returns the value and the gradients asked for.
    on_arrays : callable
        On a library that differentiates, jax.numpy or torch, which comes before the arguments.
    arguments : sequence of arrays
    argnums : tuple of int
        The arguments whose gradients are asked for.
    in_axes : tuple, optional
        As ``lift`` takes them.
    """

    name: str
    cost: Callable[..., Any]
    by_hand: Callable[..., tuple[Any, Sequence[Any]]]
    on_arrays: Callable[..., Any]
    arguments: Sequence[Any]
    argnums: tuple[int, ...] = (0,)
    in_axes: Any = None


def flattened(result: tuple[Any, Sequence[Any]]) -> list[float]:
    """Return a value and gradients as one list."""
    value, gradients = result
    return [float(value), *(float(x) for gradient in gradients for x in np.asarray(gradient).ravel())]
