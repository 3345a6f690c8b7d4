"""Labelled data to train on: measured, drawn from a seed, or read from a file. Training is left to others.

``DATASETS`` has those that need no file by name.
"""

from typing import TYPE_CHECKING, Any

from .catalogue import DATASETS, load_dataset
from .dataset import Dataset
from .files import iris, read_csv
from .generators import Measured, circles, gaussian, moons, plane, spiral, xor, yin_yang

__all__ = [
    "DATASETS",
    "Dataset",
    "Measured",
    "circles",
    "gaussian",
    "iris",
    "load_dataset",
    "moons",
    "plane",
    "read_csv",
    "spiral",
    "xor",
    "yin_yang",
]

if not TYPE_CHECKING:  # to a checker there are the names above, and no others

    def __getattr__(name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"module 'nn.data' has no attribute {name!r}")
        from autograd_lite.names import no_such_name

        from ..elsewhere import IN_DATA

        raise no_such_name("nn.data", name, IN_DATA)
