"""Labelled data to train on: measured, drawn from a seed, or read from a file. Training is left to others.

``DATASETS`` has those that need no file by name.
"""

from .catalogue import DATASETS, load_dataset
from .dataset import Dataset
from .files import iris, read_csv
from .generators import moons, spiral, xor, yin_yang

__all__ = [
    "DATASETS",
    "Dataset",
    "iris",
    "load_dataset",
    "moons",
    "read_csv",
    "spiral",
    "xor",
    "yin_yang",
]
