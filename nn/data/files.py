"""Data sets that come from CSV files: the iris flowers of this package, and a file of the reader's own."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterator
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

from nn.data.dataset import Dataset


def iris() -> Dataset:
    """The 150 iris flowers of Fisher (1936): 50 each of three species, four lengths in cm a flower.

    The first species can be told from the others by a straight line, the other two overlap a little. The
    numbers are those of Fisher's paper; a widely circulated copy differs from it in flowers 35 and 38, which
    are (4.9, 3.1, 1.5, 0.2) and (4.9, 3.6, 1.4, 0.1) in the paper and here.

    Returns
    -------
    Dataset, 150 × 4, classes "setosa", "versicolor" and "virginica"

    References
    ----------
    R. A. Fisher (1936), "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7(2),
    179-188; measured by E. Anderson on the Gaspé Peninsula, 1935.

    Examples
    --------
    >>> data = iris()
    >>> len(data), data.feature_names
    (150, ['sepal length', 'sepal width', 'petal length', 'petal width'])
    >>> data.inputs[0], data.class_names[data.labels[0]]
    ([5.1, 3.5, 1.4, 0.2], 'setosa')
    """
    text = resources.files(__package__).joinpath("iris.csv").read_text(encoding="utf-8")
    source = "R. A. Fisher (1936), Annals of Eugenics 7(2), 179-188; measured by E. Anderson, 1935"
    return _dataset(text, "iris", "iris.csv", source)


def read_csv(path: str | os.PathLike[str]) -> Dataset:
    r"""Read a data set from a text file with one sample a line: the features, then the class.

    The columns are separated by commas, semicolons or tabs, whichever divides the first line into most
    cells. The first line is a header if none of its features is a number. The last column is the class, text
    or number (10 and 10.0 are one); all others are numbers. Blank lines and lines that begin with # are
    skipped. The text is UTF-8.

    Parameters
    ----------
    path : str or path
        The file.

    Returns
    -------
    Dataset
        Named after the file. The classes are in alphabetical order, or in that of numbers if all of them
        are numbers. Without a header the features are called x1, x2, …

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    ValueError
        If the content is not such a table; the message names the file and the line.

    Examples
    --------
    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "fruit.csv")
    ...     with open(path, "w", encoding="utf-8") as file:
    ...         _ = file.write("weight,kind\n120,pear\n90,apple\n")
    ...     data = read_csv(path)
    >>> data.inputs, data.labels, data.class_names
    ([[120.0], [90.0]], [1, 0], ['apple', 'pear'])
    """
    file = Path(path)
    if file.is_dir():
        raise IsADirectoryError(f"{file} is a directory: give the path of a CSV file in it")
    try:
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise FileNotFoundError(f"there is no file {file}: check the path, seen from {Path.cwd()}") from error
    return _dataset(_decoded(content, str(file)), file.stem, str(file), f"the file {file}")


def _decoded(content: bytes, where: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        line = _line_of(error.start, error.object)
        raise _problem(where, line, f"the byte {byte:#04x} is not UTF-8 text", "save as UTF-8") from error
    if "\0" in text:
        line = _line_of(content.index(b"\0"), content)
        raise _problem(where, line, "there is a NUL byte, which no text has", "save as CSV in UTF-8")
    return text


def _line_of(offset: int, content: bytes) -> int:
    # The added byte stands for the one at the offset, so that it has a line even where a line begins.
    return len((content[:offset] + b"?").splitlines())


def _dataset(text: str, name: str, where: str, source: str) -> Dataset:
    records = list(_records(text, where))
    first_line, first = records[0]
    if len(first) < 2:
        advice = "separate the features and the class by commas, semicolons or tabs"
        raise _problem(where, first_line, f"there is only one column, {first[0]!r}", advice)
    has_header = not any(_is_number(cell) for cell in first[:-1])
    feature_names = first[:-1] if has_header else [f"x{k}" for k in range(1, len(first))]
    for line, cells in records:
        _check_row(cells, len(first), first_line, where, line)
    rows = records[1:] if has_header else records
    if not rows:
        raise _problem(where, first_line, "the file ends with this header", "add at least two rows of data")

    inputs = [_features(cells, feature_names, where, line) for line, cells in rows]
    classes = [cells[-1] for _, cells in rows]
    keys: list[Any] = [Decimal(cell) for cell in classes] if all(map(_is_number, classes)) else classes
    name_of: dict[Any, str] = {}
    for key, cell in zip(keys, classes, strict=True):
        name_of.setdefault(key, cell)
    order = sorted(name_of)
    if len(order) == 1:
        advice = "add rows of a second class, or move the class to the last column"
        raise _problem(where, rows[0][0], f"the class {classes[0]!r} is that of every row", advice)
    labels = [order.index(key) for key in keys]
    return Dataset(name, inputs, labels, feature_names, [name_of[key] for key in order], source)


def _records(text: str, where: str) -> Iterator[tuple[int, list[str]]]:
    """Yield every row, at least one, as its line number and its cells."""
    # Only these end a line: splitlines would also divide at a form feed.
    lines = [line + "\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    first = next((line for line in lines if not _is_skipped(line)), None)
    if first is None:
        raise _problem(
            where, 1, "the file has no data", "give every sample a line: its features, then its class"
        )
    between_rows = True

    def read() -> Iterator[str]:
        nonlocal between_rows
        for line in lines:
            # What is skipped becomes an empty line, so that the reader counts lines as the file does. Inside
            # quotes nothing is.
            skipped = between_rows and _is_skipped(line)
            between_rows = between_rows and skipped
            yield "\n" if skipped else line

    start = 1
    try:
        # Semicolon and tab come first: a comma may also be the decimal mark of a file that they separate.
        delimiter = max(";\t,", key=lambda mark: len(next(csv.reader([first], delimiter=mark))))
        reader = csv.reader(read(), delimiter=delimiter, skipinitialspace=True, strict=True)
        for cells in reader:
            if cells:
                yield start, [cell.strip() for cell in cells]
            # A quoted cell may run over several lines; a row is known by the first of them.
            start = reader.line_num + 1
            between_rows = True
    except csv.Error as error:
        what = f"the quotes do not match, or a cell has more than {csv.field_size_limit():,} characters"
        advice = 'close every " that opens a cell, and write "" for a quote inside it'
        raise _problem(where, start, f"{what} ({error})", advice) from error


def _is_skipped(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _check_row(cells: list[str], width: int, first_line: int, where: str, line: int) -> None:
    if len(cells) != width:
        what = f"there are {len(cells)} cells, and {width} in line {first_line}"
        raise _problem(where, line, what, "give every row the same columns")
    for column, cell in enumerate(cells, start=1):
        if not cell:
            raise _problem(
                where, line, f"column {column} is empty", "fill it in, or remove the row or column"
            )
        if _is_number(cell) and not math.isfinite(float(cell)):
            raise _problem(
                where, line, f"column {column} is {cell!r}", "give a finite number, or remove the row"
            )


def _features(cells: list[str], feature_names: list[str], where: str, line: int) -> list[float]:
    for column, (cell, feature_name) in enumerate(zip(cells[:-1], feature_names, strict=True), start=1):
        if not _is_number(cell):
            advice = "write it with digits and a decimal point; only the class, the last column, may be text"
            raise _problem(where, line, f"column {column} ({feature_name}) is {cell!r}, not a number", advice)
    return [float(cell) for cell in cells[:-1]]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _problem(where: str, line: int, what: str, advice: str) -> ValueError:
    return ValueError(f"{where}, line {line}: {what}: {advice}")
