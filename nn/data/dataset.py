"""A labelled data set for classification, checked once when it is made, and what a training run asks of it.

Where the numbers come from is left to ``files`` (measured) and ``generators`` (drawn).
"""

from __future__ import annotations

import math
import operator
import random
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from numbers import Integral, Real

from ..tables import rows, targets


@dataclass(frozen=True)
class Dataset:
    """Samples with their classes: row i of `inputs` belongs to the class `class_names[labels[i]]`.

    The lists are copied and the numbers turned into floats, so that a later change of the caller's
    lists changes nothing here.

    Parameters
    ----------
    name : str
        What the set is called.
    inputs : list of list of float, n samples × n₀ features
        One row a sample.
    labels : list of int, length n
        One class index a sample, an index into `class_names`.
    feature_names : list of str, length n₀
        One name a column of `inputs`.
    class_names : list of str
        One name a class.
    source : str
        Where the data come from.

    Raises
    ------
    TypeError
        If an input is not a number or a label not a whole number; the message names the row and the column.
    ValueError
        If something is empty, a row has another length than the first, an input is NaN or infinite, a label
        is not an index into `class_names`, or the lengths of the lists do not fit each other.

    Examples
    --------
    >>> data = Dataset("steps", [[0.0], [1.0], [2.0]], [0, 0, 1], ["height"], ["low", "high"], "made up")
    >>> len(data)
    3
    >>> Dataset("steps", [[0.0], [float("nan")]], [0, 1], ["height"], ["low", "high"], "made up")
    Traceback (most recent call last):
        ...
    ValueError: inputs[1][0] (height) is nan: replace it by a finite number or leave out its row
    """

    name: str
    inputs: list[list[float]] = field(repr=False)
    labels: list[int] = field(repr=False)
    feature_names: list[str]
    class_names: list[str]
    source: str

    def __post_init__(self) -> None:
        feature_names = _checked_names("feature_names", self.feature_names)
        class_names = _checked_names("class_names", self.class_names)
        inputs = _checked_inputs(rows(self.inputs), feature_names)
        labels = _checked_labels(targets(self.labels), class_names)
        if len(inputs) != len(labels):
            raise ValueError(
                f"there are {len(inputs)} rows of inputs and {len(labels)} labels: give every row one label"
            )
        checked = {
            "feature_names": feature_names,
            "class_names": class_names,
            "inputs": inputs,
            "labels": labels,
        }
        for attribute, value in checked.items():
            # A frozen dataclass forbids plain assignment, in its own __post_init__ too.
            object.__setattr__(self, attribute, value)

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.inputs)

    def split(self, test_fraction: float = 0.2, seed: int = 0) -> tuple[Dataset, Dataset]:
        """Divide the samples at random into a training and a test part, each class in the same proportion.

        Parameters
        ----------
        test_fraction : float, between 0 and 1
            The share of each class, rounded to whole samples, that goes to the test part. Every class
            keeps at least one sample in either part.
        seed : int
            The same seed gives the same parts, in the same shuffled order.

        Returns
        -------
        (Dataset, Dataset)
            The training part and the test part; together they hold each sample once.

        Raises
        ------
        ValueError
            If `test_fraction` is not between 0 and 1, or a class has a single sample.
        TypeError
            If `seed` is not an int.

        Examples
        --------
        >>> from nn.data import iris
        >>> train, test = iris().split(test_fraction=0.2, seed=0)
        >>> len(train), len(test), test.labels.count(0)
        (120, 30, 10)
        """
        if not 0 < test_fraction < 1:
            raise ValueError(
                f"test_fraction is {test_fraction!r}: give a number between 0 and 1, such as 0.2"
            )
        stream = random_stream(seed)
        train_rows: list[int] = []
        test_rows: list[int] = []
        for label, count in sorted(Counter(self.labels).items()):
            if count == 1:
                raise ValueError(
                    f"class {self.class_names[label]!r} has a single sample, which cannot be in both parts: "
                    "add samples of this class, or leave it out"
                )
            test_count = min(max(1, round(test_fraction * count)), count - 1)
            rows = [row for row, row_label in enumerate(self.labels) if row_label == label]
            stream.shuffle(rows)
            test_rows += rows[:test_count]
            train_rows += rows[test_count:]
        # Without this the parts would be sorted by class, the worst order for training in small batches.
        stream.shuffle(train_rows)
        stream.shuffle(test_rows)
        return self._rows(train_rows), self._rows(test_rows)

    def _rows(self, rows: list[int]) -> Dataset:
        return replace(
            self, inputs=[self.inputs[row] for row in rows], labels=[self.labels[row] for row in rows]
        )

    def standardized(self, like: Dataset | None = None) -> Dataset:
        """Return the data with every column x replaced by (x - mean) / standard deviation.

        Standardize a test part like its training part: the test part then has no influence on its own
        scale, just as a sample that arrives after the training has none.

        Parameters
        ----------
        like : Dataset, optional
            The data set whose columns give the means and standard deviations; this one by default.

        Returns
        -------
        Dataset
            The same samples. A column that is constant in `like` becomes 0.

        Raises
        ------
        ValueError
            If `like` has other features.

        Examples
        --------
        >>> from nn.data import iris
        >>> train, test = iris().split()
        >>> test = test.standardized(like=train)
        >>> train = train.standardized()
        >>> abs(sum(row[0] for row in train.inputs)) < 1e-12
        True
        """
        reference = self if like is None else like
        if reference.feature_names != self.feature_names:
            raise ValueError(
                f"the features are {self.feature_names}, and {reference.feature_names} in like: "
                "give a part of the same data"
            )
        scales = [_scale(column) for column in zip(*reference.inputs, strict=True)]
        return replace(
            self,
            inputs=[
                [
                    (x / unit - mean) / deviation if deviation else 0.0
                    for x, (unit, mean, deviation) in zip(row, scales, strict=True)
                ]
                for row in self.inputs
            ],
        )

    def one_hot(self) -> list[list[float]]:
        """Return the target vector of every sample: 1 at its class, 0 elsewhere.

        Returns
        -------
        list of list of float, n samples × number of classes

        Examples
        --------
        >>> from nn.data import yin_yang
        >>> yin_yang(n=3).one_hot()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
        """
        return [[float(k == label) for k in range(len(self.class_names))] for label in self.labels]

    def signs(self) -> list[float]:
        """Return the target of every sample for the hinge cost: -1 for the first class, +1 for the second.

        Returns
        -------
        list of float, length n

        Raises
        ------
        ValueError
            If there are not exactly two classes.

        Examples
        --------
        >>> from nn.data import xor
        >>> xor().signs()
        [-1.0, 1.0, 1.0, -1.0]
        """
        if len(self.class_names) != 2:
            raise ValueError(
                f"{self.name!r} has {len(self.class_names)} classes, and signs tell two apart: use one_hot()"
            )
        return [2.0 * label - 1.0 for label in self.labels]


def random_stream(seed: int) -> random.Random:
    """Return a random number generator of its own that a seed determines.

    Examples
    --------
    >>> random_stream(1).random() == random_stream(1).random()
    True
    """
    if not isinstance(seed, Integral):
        raise TypeError(f"seed is {seed!r}: give a whole number, such as 0, so that the run can be repeated")
    return random.Random(int(seed))


def _checked_names(what: str, names: Iterable[str]) -> list[str]:
    checked = list(names)
    if not checked or isinstance(names, str):
        raise ValueError(f"{what} is {names!r}: give a list with at least one name")
    for index, name in enumerate(checked):
        if not isinstance(name, str):
            raise TypeError(f"{what}[{index}] is {name!r}: give the name as text")
    return checked


def _checked_inputs(inputs: Iterable[Iterable[float]], feature_names: list[str]) -> list[list[float]]:
    checked = []
    for row, values in enumerate(inputs):
        if not isinstance(values, Iterable):
            raise TypeError(f"inputs[{row}] is {values!r}: give every sample as a list of its features")
        cells = list(values)
        if len(cells) != len(feature_names):
            raise ValueError(
                f"inputs[{row}] has {len(cells)} values and feature_names has {len(feature_names)}: "
                "give every row one value a feature"
            )
        checked.append(
            [
                _checked_number(value, f"inputs[{row}][{column}] ({feature_names[column]})")
                for column, value in enumerate(cells)
            ]
        )
    if not checked:
        raise ValueError("inputs is empty: give at least one sample")
    return checked


def _checked_number(value: object, place: str) -> float:
    if not isinstance(value, Real):
        raise TypeError(
            f"{place} is {value!r}, which is not a number: convert it with float(), or leave out its row"
        )
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{place} is {number}: replace it by a finite number or leave out its row")
    return number


def _checked_labels(labels: Iterable[int], class_names: list[str]) -> list[int]:
    checked = []
    for row, label in enumerate(labels):
        try:
            index = operator.index(label)
        except TypeError as error:
            raise TypeError(
                f"labels[{row}] is {label!r}: give the class as a whole number, an index into class_names"
            ) from error
        if not 0 <= index < len(class_names):
            raise ValueError(
                f"labels[{row}] is {index}, and the {len(class_names)} classes have the indices 0 to "
                f"{len(class_names) - 1}: correct the label or add the name of its class to class_names"
            )
        checked.append(int(index))
    return checked


def _scale(column: tuple[float, ...]) -> tuple[float, float, float]:
    """Return a unit for the column, and the mean and standard deviation in this unit."""
    # A power of two, by which division is exact; in it no number is larger than 2, no difference infinite.
    unit = math.ldexp(1.0, math.frexp(max(map(abs, column)))[1] - 1)
    in_units = [x / unit for x in column]
    # This mean is exact but for one rounding: equal numbers have themselves as mean, and the deviation 0.
    mean = statistics.mean(in_units)
    # σ = √(Σ (x - mean)² / n); hypot neither overflows nor underflows in the squares.
    return unit, mean, math.hypot(*(x - mean for x in in_units)) / math.sqrt(len(column))
