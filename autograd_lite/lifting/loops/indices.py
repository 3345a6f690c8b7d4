"""Where an element stands: indices in terms of the axes of a loop nest, and how views move them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from autograd_lite.lifting.arrays import Shape, Window


class Index(NamedTuple):
    """The whole number ``start + step * base``."""

    # An expression in which ``{0}`` stands for the number along the first axis of the nest, and so on; empty
    # for a constant.
    base: str
    start: int = 0
    step: int = 1

    @property
    def axis(self) -> int | None:
        """The axis whose number it is, or None."""
        is_axis = self.start == 0 and self.step == 1 and re.fullmatch(r"\{\d+\}", self.base)
        return int(self.base[1:-1]) if is_axis else None

    def moved(self, start: int, step: int) -> Index:
        """Return ``start + step * self``."""
        if not self.base:
            return Index("", start + step * self.start)
        return Index(self.base, start + step * self.start, step * self.step)

    def text(self, axes: Sequence[str]) -> str:
        """Write it, with these names for the axes.

        Examples
        --------
        >>> Index("{1}", 3, 2).text(["i", "j"]), Index("", 5).text([])
        ('2 * j + 3', '5')
        """
        if not self.base:
            return str(self.start)
        text = self.base.format(*axes)
        if text.isdigit():
            return str(self.start + self.step * int(text))
        if self.step != 1:
            text = f"{self.step} * {_atom(text)}"
        if self.start:
            text = f"{text} + {self.start}" if self.start > 0 else f"{text} - {-self.start}"
        return text


Indices: TypeAlias = tuple[Index, ...]

ZERO = Index("", 0)


def _atom(text: str) -> str:
    return text if re.fullmatch(r"[\w{}]+(\[[^\[\]]*\])?", text) else f"({text})"


def _whole(index: Index) -> str:
    """Return an index as an expression in terms of the axes."""
    names = [f"{{{k}}}" for k in range(32)]
    return index.text(names)


def aligned(indices: Indices, shape: Shape) -> Indices:
    """Return the indices of an array of this shape that is repeated along the axes that these run over."""
    last = indices[len(indices) - len(shape) :]
    return tuple(ZERO if n == 1 else index for index, n in zip(last, shape, strict=True))


def reshaped(indices: Indices, after: Shape, before: Shape) -> Indices:
    """Return where the elements of a reshaped array stood before.

    Examples
    --------
    >>> [one.text(["i", "j"]) for one in reshaped((Index("{0}"), Index("{1}")), (2, 3), (6,))]
    ['3 * i + j']
    >>> [one.text(["i"]) for one in reshaped((Index("{0}"),), (6,), (2, 3))]
    ['i // 3', 'i % 3']
    """
    axes = [(index, n) for index, n in zip(indices, after, strict=True) if n != 1]
    lengths = [n for n in before if n != 1]
    found: list[Index] = []
    # The shortest runs of axes that hold as many elements as each other.
    while axes:
        run, into = [axes.pop(0)], [lengths.pop(0)]
        while math.prod(n for _, n in run) != math.prod(into):
            if math.prod(n for _, n in run) < math.prod(into):
                run.append(axes.pop(0))
            else:
                into.append(lengths.pop(0))
        flat = _flat([index for index, _ in run], [n for _, n in run])
        found += _split(flat, into)
    rest = iter(found)
    return tuple(ZERO if n == 1 else next(rest) for n in before)


def _flat(indices: Sequence[Index], lengths: Sequence[int]) -> Index:
    """Return the position in the flattened array."""
    if len(indices) == 1:
        return indices[0]
    terms, start = [], 0
    for k, index in enumerate(indices):
        stride = math.prod(lengths[k + 1 :])
        moved = index.moved(0, stride)
        start += moved.start
        if moved.base:
            terms.append(_whole(moved._replace(start=0)))
    return Index(" + ".join(terms), start) if terms else Index("", start)


def _split(flat: Index, lengths: Sequence[int]) -> list[Index]:
    """Return the indices in an array of these lengths of a position in it when it is flattened."""
    if len(lengths) == 1:
        return [flat]
    found = []
    for k, n in enumerate(lengths):
        stride = math.prod(lengths[k + 1 :])
        if not flat.base:
            found.append(Index("", flat.start // stride % n))
            continue
        text = _atom(_whole(flat))
        divided = text if stride == 1 else f"{text} // {stride}"
        found.append(Index(divided if k == 0 else f"{divided} % {n}"))
    return found


def through(indices: Indices, window: Window, shape: Shape) -> Indices:
    """Return where what is seen through a window stands in the array, of this shape."""
    kept = [window.axes.index(m) for m in range(len(window.axes))]
    found, m = [], 0
    for index, n in zip(window.indices, shape, strict=True):
        if isinstance(index, slice):
            start, _, step = index.indices(n)
            found.append(indices[kept[m]].moved(start, step))
            m += 1
        else:
            found.append(Index("", index))
    return tuple(found)
