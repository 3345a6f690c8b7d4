"""Array operations as nests of loops: over which axes, what is read where, and what it is added to.

Views of an array (sections, other shapes, elements here and there) are no loops of their own, but indices
into it. Which loops become one is decided in fusion.py, and how they are written in text.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd_lite.lifting.arrays import Node, Shape
from autograd_lite.lifting.loops.indices import ZERO, Index, Indices, aligned, reshaped, through
from autograd_lite.lifting.loops.steps import SAMPLES, Flat, Steps, is_for_library, is_given
from autograd_lite.lifting.operations.elementwise import elementwise

Axis: TypeAlias = int | Steps
"""A length, or the steps of a loop."""


class Read(NamedTuple):
    """An element of an array that a nest reads, times a number."""

    array: int
    indices: Indices
    factor: float = 1.0


class Nest(NamedTuple):
    """Loops around one statement.

    Attributes
    ----------
    array : int
        The operation whose array is written.
    axes : tuple of Axis
        The outermost first.
    target : tuple of Index
        Which element is written.
    adds : bool
        Whether what is read is added to the element, or compared with it; else it is set.
    outer : int
        How many of the loops, from the outermost on, write elements of their own in each round.
    by_library : bool
        Whether it is no loops, but a matrix product of whole arrays.
    """

    array: int
    axes: tuple[Axis, ...]
    target: Indices
    reads: tuple[Read, ...]
    adds: bool
    outer: int
    by_library: bool = False


class Around(NamedTuple):
    """Which sample it is, and which step, where these matter: an index, or none."""

    sample: Indices
    step: Indices


class _Axes:
    """The axes of a nest under construction, those over samples and steps first.

    Attributes
    ----------
    lengths : list of Axis
    around : Around
    """

    def __init__(self, batched: bool, steps: Steps | None = None) -> None:
        self.lengths: list[Axis] = []
        first = self._steps(steps) if steps and steps.outermost else ()
        sample = (self.add(SAMPLES),) if batched else ()
        self.around = Around(sample, first or self._steps(steps))

    def _steps(self, steps: Steps | None) -> Indices:
        if steps is None:
            return ()
        self.lengths.append(steps)
        return (Index(f"{{{len(self.lengths) - 1}}}"),)

    def add(self, length: int) -> Index:
        """Return the index along a new axis; along one of length 1 there is no loop."""
        if length == 1:
            return ZERO
        self.lengths.append(length)
        return Index(f"{{{len(self.lengths) - 1}}}")

    def over(self, shape: Iterable[int]) -> Indices:
        return tuple(map(self.add, shape))


class Nests:
    """All nests of a program, operands first.

    Parameters
    ----------
    name_constant : callable
        Gives an array of whole numbers a name.
    """

    def __init__(
        self,
        flat: Flat,
        outputs: Collection[int],
        name_constant: Callable[[Any, str], str],
    ) -> None:
        self.arrays = flat.arrays
        self.steps = flat.steps
        self._name_constant = name_constant
        self.nests: list[Nest] = []
        self.made: set[int] = set(outputs)
        for x, node in enumerate(self.arrays.nodes):
            lower = _LOWERINGS.get(node.op)
            if lower is not None and (x in outputs or not self._is_multiple(node)):
                lower(self, x, node)
            elif x in outputs:
                _copy(self, x, node)

    def add(
        self,
        x: int,
        axes: _Axes,
        indices: Indices,
        reads: Sequence[Read],
        adds: bool = False,
        is_part: bool = False,
        around: Around | None = None,
    ) -> None:
        """Add the nest that writes the array of an operation, or a part of it."""
        target = self.place(x, around or axes.around, indices)
        own = {index.axis for index in target} - {None}
        most = len(axes.lengths) if not is_part else len(axes.around.sample + axes.around.step)
        outer = next((k for k in range(most) if k not in own), most)
        # A sum along axes of length 1 is none.
        adds = adds and (is_part or len(own) < len(axes.lengths))
        self.nests.append(Nest(x, tuple(axes.lengths), target, tuple(reads), adds, outer))

    def axes(self, x: int, batched: bool) -> _Axes:
        """Return the axes of a nest for an operation, as far as they are over samples and steps."""
        return _Axes(batched, self.steps.get(x))

    def place(self, x: int, around: Around, indices: Indices) -> Indices:
        """Return where in its array an element of an operation stands."""
        node, steps = self.arrays.nodes[x], self.steps.get(x)
        sample = around.sample if node.batched else ()
        if steps is None:
            return *sample, *indices
        later = int(node.op == "state" and steps.reverse)
        step = tuple([index.moved(later, 1) for index in around.step])
        return (*step, *sample, *indices) if steps.outermost else (*sample, *step, *indices)

    def read(self, x: int, around: Around, indices: Indices) -> Read:
        """Return where an element of an operation's array is to be found, behind views and factors."""
        arrays, factor = self.arrays, 1.0
        while True:
            node = arrays.nodes[x]
            if node.op == "slice":
                (x,), indices = node.operands, (*around.step, *indices)
            elif node.op == "steps":
                (x,), around, indices = node.operands, around._replace(step=indices[:1]), indices[1:]
            elif node.op == "step":
                (x,), around = node.operands, around._replace(step=(Index("", node.detail),))
            elif node.op in _VIEWS:
                x = node.operands[0]
                indices = _VIEWS[node.op](self, node, indices, arrays.shape(x))
            elif self._is_multiple(node):
                factor *= arrays.literal(node.operands[0]) or 0.0
                x = node.operands[1]
            else:
                return Read(x, self.place(x, around, indices), factor)

    def _is_multiple(self, node: Node) -> bool:
        """Return whether an operation is a number times an array: each element is made where it is read."""
        is_product = node.op == elementwise.name and node.detail == "mul"
        return is_product and self.arrays.literal(node.operands[0]) is not None

    def whole(self, x: int, around: Around) -> Read:
        """Return an array as a whole, in a step; of what is only seen through a view, one is made."""
        node = self.arrays.nodes[x]
        is_seen = node.op in _VIEWS or node.op in _OF_STEPS or self._is_multiple(node)
        if is_seen and x not in self.made:
            _copy(self, x, node)
        return Read(x, self.place(x, around, ()))

    def beside(self, x: int, around: Around, indices: Indices) -> Read:
        """Return the element of an operand that is repeated along the axes that it lacks."""
        return self.read(x, around, aligned(indices, self.arrays.shape(x)))

    def gathered(self, positions: Any, indices: Indices, shape: Shape) -> Indices:
        """Return where in an array of this shape the elements at positions stand."""
        found = []
        for table in np.unravel_index(positions, shape):
            if (table == table.flat[0]).all():
                found.append(Index("", int(table.flat[0])))
                continue
            name = self._name_constant(table, "I")
            if table.ndim == 0:
                found.append(Index("", int(table)))
            else:
                texts = (index.text([f"{{{k}}}" for k in range(32)]) for index in indices)
                found.append(Index(f"{name}[{', '.join(texts)}]"))
        return tuple(found)


# What is seen of the steps of a loop, in a step or afterwards.
_OF_STEPS = frozenset({"slice", "steps", "step"})

# --- views ----------------------------------------------------------------------------------------------

_VIEWS: dict[str, Callable[[Nests, Node, Indices, Shape], Indices]] = {
    "reshape": lambda nests, node, indices, shape: reshaped(indices, node.shape, shape),
    "broadcast": lambda nests, node, indices, shape: aligned(indices, shape),
    "as_whole": lambda nests, node, indices, shape: aligned(indices, shape),
    "for_each_sample": lambda nests, node, indices, shape: indices,
    "laid_out": lambda nests, node, indices, shape: indices,
    "section": lambda nests, node, indices, shape: through(indices, node.detail, shape),
    "take": lambda nests, node, indices, shape: nests.gathered(node.detail, indices, shape),
    "rows": lambda nests, node, indices, shape: (
        *nests.gathered(node.detail, indices[:1], shape[:1]),
        indices[1],
    ),
}


# --- operations -----------------------------------------------------------------------------------------


def _each(nests: Nests, x: int, node: Node) -> None:
    """Lower an operation element by element."""
    axes = nests.axes(x, node.batched)
    indices = axes.over(node.shape)
    reads = [nests.beside(y, axes.around, indices) for y in node.operands]
    nests.add(x, axes, indices, reads)


def _copy(nests: Nests, x: int, node: Node) -> None:
    """Lower what is only seen through a view to an array of its own."""
    axes = nests.axes(x, node.batched)
    indices = axes.over(node.shape)
    nests.add(x, axes, indices, [nests.read(x, axes.around, indices)])
    nests.made.add(x)


def _by_library(nests: Nests, x: int, node: Node) -> bool:
    """Add a matrix product of whole arrays, if it is one that BLAS is to do; else return False."""
    if not is_for_library(nests.arrays, node):
        return False
    axes = nests.axes(x, batched=False)
    reads = tuple(nests.whole(y, axes.around) for y in node.operands)
    target = *axes.around.step, *[ZERO] * (node.batched + len(node.shape))
    whole = Nest(x, tuple(axes.lengths), target, reads, adds=False, outer=len(axes.lengths), by_library=True)
    nests.nests.append(whole)
    return True


def _linear(nests: Nests, x: int, node: Node) -> None:
    a, W = node.operands
    if _by_library(nests, x, node):
        return
    (*rows, n), (*columns, _) = nests.arrays.shape(a), nests.arrays.shape(W)
    axes = nests.axes(x, node.batched)
    i, j, k = axes.over(rows), axes.over(columns), axes.add(n)
    reads = nests.read(a, axes.around, (*i, k)), nests.read(W, axes.around, (*j, k))
    nests.add(x, axes, (*i, *j), reads, adds=True)


def _stacked(nests: Nests, x: int, node: Node) -> None:
    a, W = node.operands
    axes = nests.axes(x, node.batched)
    s, i, j = axes.over(node.shape)
    k = axes.add(nests.arrays.shape(a)[-1])
    reads = nests.read(a, axes.around, (s, i, k)), nests.read(W, axes.around, (s, j, k))
    nests.add(x, axes, (s, i, j), reads, adds=True)


def _back(nests: Nests, x: int, node: Node) -> None:
    z, W = node.operands
    if _by_library(nests, x, node):
        return
    (*columns, n) = nests.arrays.shape(W)
    rows = nests.arrays.shape(z)[: len(nests.arrays.shape(z)) - len(columns)]
    axes = nests.axes(x, node.batched)
    i, j, k = axes.over(rows), axes.over(columns), axes.add(n)
    reads = nests.read(z, axes.around, (*i, *j)), nests.read(W, axes.around, (*j, k))
    nests.add(x, axes, (*i, k), reads, adds=True)


def _outer(nests: Nests, x: int, node: Node) -> None:
    z, a = node.operands
    if _by_library(nests, x, node):
        return
    *columns, n = node.shape
    rows = nests.arrays.shape(a)[:-1]
    is_batch = nests.arrays.nodes[z].batched or nests.arrays.nodes[a].batched
    axes = nests.axes(x, is_batch)
    i, j, k = axes.over(rows), axes.over(columns), axes.add(n)
    reads = nests.read(z, axes.around, (*i, *j)), nests.read(a, axes.around, (*i, k))
    nests.add(x, axes, (*j, k), reads, adds=True)


def _total(nests: Nests, x: int, node: Node) -> None:
    (a,) = node.operands
    shape = nests.arrays.shape(a)
    axes = nests.axes(x, node.batched)
    indices = axes.over(shape)
    summed = node.detail if node.op == "total" else node.detail[1:2]
    rest = tuple([index for k, index in enumerate(indices, -len(shape)) if k not in summed])
    nests.add(x, axes, rest, [nests.read(a, axes.around, indices)], adds=True)


def _at_extreme(nests: Nests, x: int, node: Node) -> None:
    """Lower what comes back to the first of the largest: along the axis its rounds hang together."""
    a, found, d = node.operands
    axis = node.detail[1] + len(node.shape)
    axes = nests.axes(x, node.batched)
    rest = axes.over([*node.shape[:axis], *node.shape[axis + 1 :]])
    indices = *rest[:axis], axes.add(node.shape[axis]), *rest[axis:]
    reads = nests.read(a, axes.around, indices), *(nests.read(y, axes.around, rest) for y in (found, d))
    target = nests.place(x, axes.around, indices)
    nests.nests.append(Nest(x, tuple(axes.lengths), target, reads, adds=False, outer=len(axes.lengths) - 1))


def _over_batch(nests: Nests, x: int, node: Node) -> None:
    axes = nests.axes(x, True)
    indices = axes.over(node.shape)
    nests.add(x, axes, indices, [nests.read(node.operands[0], axes.around, indices)], adds=True)


def _place(nests: Nests, x: int, node: Node) -> None:
    for part, window in zip(node.operands[1:], node.detail, strict=True):
        axes = nests.axes(x, node.batched)
        indices = axes.over(nests.arrays.shape(part))
        target = through(indices, window, node.shape)
        nests.add(x, axes, target, [nests.read(part, axes.around, indices)], adds=True, is_part=True)


def _spread(nests: Nests, x: int, node: Node) -> None:
    (a,) = node.operands
    shape = nests.arrays.shape(a)
    axes = nests.axes(x, node.batched)
    indices = axes.over(shape)
    target = nests.gathered(node.detail.reshape(shape), indices, node.shape)
    nests.add(x, axes, target, [nests.read(a, axes.around, indices)], adds=True, is_part=True)


def _join(nests: Nests, x: int, node: Node) -> None:
    start = 0
    for part in node.operands:
        shape = nests.arrays.shape(part)
        axes = nests.axes(x, node.batched)
        indices = axes.over(shape)
        (flat,) = reshaped(indices, shape, (math.prod(shape),))
        nests.add(x, axes, (flat.moved(start, 1),), [nests.read(part, axes.around, indices)], is_part=True)
        start += math.prod(shape)


def _state(nests: Nests, x: int, node: Node) -> None:
    """Lower what a state is before the first step."""
    axes = _Axes(node.batched)
    indices = axes.over(node.shape)
    steps = nests.steps[x]
    first = Around(axes.around.sample, (Index("", steps.length - 1 if steps.reverse else 0),))
    reads = [nests.read(node.operands[0], axes.around, indices)]
    nests.add(x, axes, indices, reads, is_part=True, around=first)


def _next(nests: Nests, x: int, node: Node) -> None:
    """Lower what a state becomes in a step, which it is before the next."""
    state, following = node.operands
    axes = nests.axes(state, node.batched)
    indices = axes.over(node.shape)
    sample, (step,) = axes.around
    later = Around(sample, (step.moved(-1 if nests.steps[state].reverse else 1, 1),))
    nests.add(state, axes, indices, [nests.read(following, axes.around, indices)], around=later)


def _pile(nests: Nests, x: int, node: Node) -> None:
    if is_given(nests.arrays.nodes, x):
        return
    for t, part in enumerate(node.operands):
        axes = nests.axes(x, node.batched)
        indices = axes.over(node.shape[1:])
        reads = [nests.read(part, axes.around, indices)]
        nests.add(x, axes, (Index("", t), *indices), reads, is_part=True)


_LOWERINGS: dict[str, Callable[[Nests, int, Node], None]] = {
    "elementwise": _each,
    "chain": _each,
    "result": _each,
    "linear": _linear,
    "stacked": _stacked,
    "back": _back,
    "outer": _outer,
    "total": _total,
    "extreme": _total,
    "at_extreme": _at_extreme,
    "over_batch": _over_batch,
    "average": _over_batch,
    "place": _place,
    "spread": _spread,
    "join": _join,
    "state": _state,
    "next": _next,
    "pile": _pile,
}
