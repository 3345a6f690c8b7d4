"""Labelled data to train on: measured, drawn from a seed, or read from a file. Training is left to others.

``DATASETS`` has those that need no file by name.
"""

from nn.data.catalogue import DATASETS, load_dataset
from nn.data.dataset import Dataset
from nn.data.files import iris, read_csv
from nn.data.generators import moons, spiral, xor, yin_yang

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
