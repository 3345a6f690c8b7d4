"""The data sets by name, for the shell and the lessons."""

from __future__ import annotations

from collections.abc import Callable

from autograd_lite.names import look_up

from .dataset import Dataset
from .files import iris
from .generators import circles, gaussian, moons, spiral, xor, yin_yang

DATASETS: dict[str, Callable[..., Dataset]] = {
    "iris": iris,
    "moons": moons,
    "circles": circles,
    "xor": xor,
    "spiral": spiral,
    "gaussian": gaussian,
    "yin-yang": yin_yang,
}
"""The functions that make the data sets, by name; `load_dataset` calls them."""


def load_dataset(name: str, seed: int = 0) -> Dataset:
    """Return the data set of this name, in its usual size.

    Parameters
    ----------
    name : str
        One of the names in `DATASETS`.
    seed : int
        Determines the data sets that are drawn at random; iris was measured and has no seed.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If there is no data set of this name; the message proposes the nearest.

    Examples
    --------
    >>> load_dataset("moons", seed=1).class_names
    ['upper', 'lower']
    >>> try:
    ...     load_dataset("mons")
    ... except ValueError as error:
    ...     print(str(error).partition("?")[0])
    unknown data set 'mons'; did you mean 'moons'
    """
    draw = look_up(name, DATASETS, "data set")
    return iris() if draw is iris else draw(seed=seed)
