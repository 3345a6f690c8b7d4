"""What a loop on arrays does: its step, and what of the program around it fills the step's inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from autograd_lite.lifting.arrays import Arrays


class Carry(NamedTuple):
    """An input of the step, what it is in the first step, and what of a step it is in the next."""

    input: int
    initial: int
    following: int


class Slice(NamedTuple):
    """An input of the step, and what it is a slice of: an array along its first axis, or one array a step."""

    input: int
    operands: tuple[int, ...]


class Share(NamedTuple):
    """An input of the step that is the same in all."""

    input: int
    operand: int


@dataclass
class Loop:
    """A step that runs so many times, as in JAX's scan."""

    # The step. Its inputs, and what it makes, are known by their positions there; operands by theirs in the
    # program that the loop stands in.
    body: Arrays
    steps: int
    reverse: bool  # whether the last slice comes first. Stacks are in the order of the slices all the same
    carried: list[Carry]
    sliced: list[Slice]
    shared: list[Share]
    # What of each step is kept, along a new first axis. More may be added while the program grows.
    stacked: list[int] = field(default_factory=list)
    listed: list[int] = field(default_factory=list)  # what of each step is kept as an array of its own

    def stack(self, x: int) -> Result:
        """Return the stack of something that a step makes."""
        if x not in self.stacked:
            self.stacked.append(x)
        return Result("stack", self.stacked.index(x))

    def each(self, x: int) -> Result:
        """Return the first of the arrays that something in a step is, one in each."""
        if x not in self.listed:
            self.listed.append(x)
        return Result("list", self.listed.index(x))

    @property
    def results(self) -> list[int]:
        """What a step has to make."""
        return [*(one.following for one in self.carried), *self.stacked, *self.listed]

    @property
    def operands(self) -> tuple[int, ...]:
        """What the loop needs of the program that it stands in."""
        carried = [one.initial for one in self.carried]
        sliced = [x for one in self.sliced for x in one.operands]
        return tuple(dict.fromkeys([*carried, *sliced, *(one.operand for one in self.shared)]))


class Result(NamedTuple):
    """A result of a loop: what the last step carries out, ``"carry"``, a ``"stack"``, one of a ``"list"``.

    All are numbered among their kind; the arrays of a list are known by their steps besides.
    """

    kind: str
    number: int
    step: int = 0
