"""The data sets by name, for the shell and the lessons."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from nn.data.dataset import Dataset
from nn.data.files import iris
from nn.data.generators import moons, spiral, xor, yin_yang

#: The functions that make the data sets, by name; `load_dataset` calls them.
DATASETS: dict[str, Callable[..., Dataset]] = {
    "iris": iris,
    "moons": moons,
    "xor": xor,
    "spiral": spiral,
    "yin-yang": yin_yang,
}


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
    >>> load_dataset("mons")
    Traceback (most recent call last):
        ...
    ValueError: no data set is named 'mons' (did you mean 'moons'?): choose iris, moons, xor, spiral, yin-yang
    """
    if name not in DATASETS:
        nearest = difflib.get_close_matches(str(name).lower(), DATASETS, n=1)
        question = f" (did you mean {nearest[0]!r}?)" if nearest else ""
        raise ValueError(f"no data set is named {name!r}{question}: choose {', '.join(DATASETS)}")
    return iris() if name == "iris" else DATASETS[name](seed=seed)
