"""What arrays are called while they are written down; which lines there are is decided by those who write."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autograd_lite.lifting.arguments.structure import RESERVED
from autograd_lite.lifting.arrays import Arrays, Shape
from autograd_lite.lifting.bounds import lower_bounds
from autograd_lite.printing.numpy import HELPERS, SUPPORTED, Binds, TermWriter, Text, own_functions

_OF_LOOPS = {"loops", "math", "numba", "fast", "plain", "short", "exp", "tanh"}
_TAKEN = RESERVED.union(_OF_LOOPS, SUPPORTED, HELPERS)


class Writer:
    """The lines written so far, and the names in them."""

    def __init__(
        self, arrays: Arrays, inputs: Sequence[int], backward_from: int, terms: type[TermWriter] = TermWriter
    ) -> None:
        self.arrays = arrays
        self.terms = terms  # how rules of the rule book are written
        self._inputs = inputs
        self.lines: list[str] = []
        self.texts: dict[int, Text] = {}  # what the operations so far are called, or written as
        # What the results of operations that have several are called.
        self.results: dict[tuple[int, Hashable], Text] = {}
        self.lists: dict[tuple[int, ...], str] = {}  # what the lists of some of them are called
        self.lengths: dict[str, int] = {}  # how long lists are of which each element is a result
        self.constants: dict[str, Any] = {}  # the arrays that the lines refer to, by name
        self.counter = ""  # what counts how often a block runs, in which the lines stand
        self.backward_from = backward_from
        self._names_of_inputs = {arrays.names[x] for x in inputs}
        self._names_of_constants: dict[bytes, str] = {}
        self._taken: set[str] = {*_TAKEN, *own_functions()}
        self._temporaries = 0
        self._counter = ""
        self._rules: dict[Any, TermWriter] = {}
        for x in inputs:
            self.texts[x] = Text(self.free(arrays.names[x]))

    def inner(self, arrays: Arrays, backward_from: int) -> Writer:
        """Return a writer for lines within a block; names and constants are common to both."""
        inner = Writer(arrays, (), backward_from, self.terms)
        inner.constants, inner._names_of_constants = self.constants, self._names_of_constants
        inner._taken = self._taken
        # Blocks one after another count with the same name, blocks in each other do not.
        self._counter = self._counter or self.free("t")
        inner.counter = self._counter
        return inner

    # --- names ------------------------------------------------------------------------------------------

    def free(self, wanted: str) -> str:
        """Return the name, or one like it if it is taken."""
        name, count = wanted, 1
        while name in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        return name

    def temporary(self) -> str:
        """Return a name for what has none."""
        self._temporaries += 1
        while f"t{self._temporaries}" in self._taken:
            self._temporaries += 1
        return self.free(f"t{self._temporaries}")

    def new_name(self, x: int) -> str:
        """Return a name for an operation that has none yet: its own, a matrix's with a capital letter."""
        wanted = self.arrays.names.get(x)
        if wanted is None:
            return self.temporary()
        node = self.arrays.nodes[x]
        stem = wanted.removeprefix("d") if x >= self.backward_from else wanted
        is_matrix = len(node.shape) + node.batched >= 2 and stem[0].islower()
        if is_matrix and stem not in self._names_of_inputs:
            wanted = wanted[: len(wanted) - len(stem)] + stem[0].upper() + stem[1:]
        return self.free(wanted)

    @cached_property
    def lower_bounds(self) -> list[float]:
        """Numbers that the elements of each array are not below."""
        return lower_bounds(self.arrays)

    def keep(self, expression: str) -> Text:
        """Give an expression a name, in a line of its own."""
        name = self.temporary()
        self.lines.append(f"{name} = {expression}")
        return Text(name)

    def named(self, text: Text) -> Text:
        """Return a name for what is written more than once, unless it is one."""
        return text if text.text.isidentifier() else self.keep(text.text)

    def constant(self, array: Any, letter: str) -> str:
        """Return the name of an array of constants."""
        key = array.tobytes() + str((array.shape, array.dtype)).encode()
        if key not in self._names_of_constants:
            count = 1 + sum(name.startswith(letter) for name in self.constants)
            name = self._names_of_constants[key] = self.free(f"{letter}{count}")
            self.constants[name] = array
        return self._names_of_constants[key]

    def zeros(self, shape: Shape) -> str | None:
        """Write zeros of the dtype and on the device of an input, or a row of one, that has their shape."""
        arrays = {x: self.arrays.shape(x) for x in self._inputs if not self.arrays.nodes[x].batched}
        for x, found in arrays.items():
            if found == shape:
                return f"np.zeros_like({self.text(x)})"
        for x, found in arrays.items():
            if found[1:] == shape and 0 not in found:
                return f"np.zeros_like({self.text(x)}[{', '.join(['0', *':' * len(shape)])}])"
        return None

    # --- operands ---------------------------------------------------------------------------------------

    def text(self, x: int) -> str:
        """Return what an operation is called, or written as."""
        return self.texts[x].text

    def within(self, x: int, at_least: int) -> str:
        """Return it in parentheses if it binds less tightly than wanted."""
        return self.texts[x].within(at_least)

    def atom(self, x: int) -> str:
        """Return it as what nothing tears apart."""
        return self.texts[x].within(Binds.ATOM)

    def flat(self, x: int) -> str:
        """Return the elements of an array one after another, for each sample."""
        node = self.arrays.nodes[x]
        if x in self.arrays.numbers:
            return self.constant(np.array([node.detail]), "K")
        if len(node.shape) == 1:
            return self.atom(x)
        return f"np.reshape({self.text(x)}, {(-1, self.arrays.size(x)) if node.batched else (-1,)})"

    def beside(self, x: int, rank: int) -> Text:
        """Return an operand; a number for each sample gets axes along which it broadcasts beside arrays."""
        node = self.arrays.nodes[x]
        if node.batched and len(node.shape) < rank:
            axes = [":"] + ["None"] * (rank - len(node.shape)) + [":"] * len(node.shape)
            return Text(f"{self.atom(x)}[{', '.join(axes)}]")
        return self.texts[x]

    def rule(self, row: str, operands: tuple[int, ...], rank: int) -> TermWriter:
        """Return the writer that value and derivatives of a row of the rule book have in common."""
        texts = [self.beside(x, rank) if x in self.texts else Text("") for x in operands]
        are_numbers = {i for i, x in enumerate(operands) if x in self.arrays.numbers}
        writer = self._rules.setdefault((row, operands), self.terms(texts, self.keep, are_numbers))
        writer.operands = texts
        return writer
