"""The lines of fused loops: what is done in them, in which order, and what arrays and numbers are called.

What shares a loop is decided in fusion.py, how a rule is written on single numbers in terms.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd_lite.lifting.arrays import Node
from autograd_lite.lifting.loops.dead import Dead, nests_in
from autograd_lite.lifting.loops.fusion import Loop, fuse, kept_axes
from autograd_lite.lifting.loops.nests import Nest, Read
from autograd_lite.lifting.loops.steps import SAMPLES, Flat, Steps, is_given
from autograd_lite.lifting.loops.terms import ScalarTerms, in_vectors
from autograd_lite.lifting.operations.elementwise import rule_of
from autograd_lite.lifting.operations.inputs import constant, input_, per_sample, samples
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.numpy import Binds, Text, infix, literal, terms_in, times

_LONGEST_INLINE = 50
_LETTERS = "ijklmpqr"
# From so many rounds on it is worth doing several at once.
_LONG = 8


class Body:
    """The lines of the loops so far, and what arrays and numbers are called in them.

    Attributes
    ----------
    lengths, room : dict of str to str
        What is to be known before: the number of samples, and the arrays to write to.
    of_samples : dict of str to (str, int)
        Of arrays over samples the shape as text, and the elements of a sample.
    samples, dtype : str
        How the number of samples, and the dtype where one is needed, are written.
    """

    def __init__(
        self, w: Writer, flat: Flat, nests: Sequence[Nest], outputs: Sequence[int], kind: str
    ) -> None:
        self.w = w
        self._shape = flat.shape
        self.arrays = w.arrays
        self.lines: list[str] = []
        self.lengths: dict[str, str] = {}
        self.room: dict[str, str] = {}
        self.of_samples: dict[str, tuple[str, int]] = {}
        self.has_long_loops = False
        self._outputs = set(outputs)
        self._nests = nests
        self._whole, self._paths = fuse(nests)
        self._kept = kept_axes(nests, self._paths, outputs, self._shape)
        self.dtype = "" if kind == "float64" else f", np.{kind}"
        self._indent = ""
        self._axes: list[str] = []
        self._letters = [w.free(letter) for letter in _LETTERS]
        self._sample = w.free("s")
        self._step = w.free("t")
        self.samples = w.free("n")
        self._inline: dict[int, Text] = {}
        self._sums: dict[int, str] = {}
        self._locals: list[dict[str, str]] = [{}]
        self._filled: set[int] = set()
        self._names: dict[int, str] = {}
        self._names_of_lengths: dict[int, str] = {}
        self._users: dict[int, list[Nest]] = {}
        for nest in nests:
            for read in nest.reads:
                self._users.setdefault(read.array, []).append(nest)
        self._dead = Dead(w.arrays, w.backward_from, self._users, self._is_variable, self._whole)

    def add(self, line: str) -> None:
        """Add a line where the loops are now."""
        self.lines.append(self._indent + line)

    def write(self) -> None:
        """Write everything but the return."""
        batch = [x for x, node in enumerate(self.arrays.nodes) if node.op == input_.name and node.batched]
        if batch:
            self.lengths[self.samples] = f"{self.w.text(batch[0])}.shape[0]"
        self._write(self._whole.body, 0)

    def output(self, x: int) -> str:
        """Return what is to be returned."""
        return self._names.get(x) or self._read(Read(x, ())).text

    # --- loops ------------------------------------------------------------------------------------------

    def _write(self, body: Sequence[Loop | Nest], depth: int) -> None:
        for child in body:
            inner = list(nests_in(child))
            for nest in inner:
                if depth == 0:
                    self._allocate(nest)
                if nest.adds and nest.outer == depth:
                    self._fill(nest)
                elif self._op(nest) == "at_extreme" and nest.outer == depth:
                    self._sums[nest.array] = self._keep(self._read(nest.reads[2]).text).text
            if isinstance(child, Nest):
                self._statement(child)
                continue
            self._loop(child)
            for nest in inner:
                if nest.adds and nest.outer == depth:
                    self._finish(nest)

    def _loop(self, loop: Loop) -> None:
        if isinstance(loop.length, Steps):
            last = loop.length.length - 1
            name, rounds = self._step, f"{last}, -1, -1" if loop.length.reverse else f"{last + 1}"
        elif loop.length == SAMPLES:
            name, rounds = self._sample, self.samples
        else:
            name, rounds = self._free_letters()[0], self._rounds(loop.length)
        before = self._indent
        self.add(f"for {name} in range({rounds}):")
        self._axes.append(name)
        self._locals.append({})
        self._indent += "    "
        start = len(self.lines)
        always, adjoint, alive = self._dead.split(loop)
        self._write(always, loop.depth + 1)
        if adjoint is not None:
            self.add(f"if {self._named_element(adjoint, ()).within(Binds.ADDITION)} != 0:")
            self._indent += "    "
            self._write(alive, loop.depth + 1)
        self._indent = before
        self._axes.pop()
        self._locals.pop()
        is_innermost = all(isinstance(one, Nest) for one in loop.body)
        is_long = not isinstance(loop.length, Steps) and (loop.length == SAMPLES or loop.length >= _LONG)
        if is_innermost and is_long:
            self.has_long_loops = True
            self.lines[start:] = [in_vectors(line) for line in self.lines[start:]]

    def _rounds(self, length: int) -> str:
        """Return how many rounds a loop has: if it is long, by a name that says nothing to LLVM.

        What LLVM knows it writes out round by round, which then are not done several at once.
        """
        if length < _LONG:
            return str(length)
        if length not in self._names_of_lengths:
            name = self._names_of_lengths[length] = self.w.free(f"n{length}")
            self.lengths[name] = str(length)
        return self._names_of_lengths[length]

    def _free_letters(self) -> list[str]:
        """Return the names of loops that are not used by those around."""
        return [letter for letter in self._letters if letter not in self._axes]

    def _name(self, x: int) -> str:
        if x not in self._names:
            self._names[x] = self.w.new_name(x)
        return self._names[x]

    def _allocate(self, nest: Nest) -> None:
        """Make room for an array before the first loop that writes it."""
        x = nest.array
        kept = self._kept[x]
        if x in self._names or not kept:
            return
        shape = self._shape(x)
        lengths = [self.samples if shape[t] == SAMPLES else str(shape[t]) for t in kept]
        whole = f"({', '.join(lengths)}{',' * (len(lengths) == 1)})" if len(lengths) > 1 else lengths[0]
        zeros = nest.adds and nest.outer == 0 and not self._is_number(nest)
        if zeros and self._op(nest) == "extreme":
            self.room[self._name(x)] = f"np.full({whole}, {self._start(nest)}{self.dtype})"
        else:
            # What hangs on a dead unit is not written, but returned.
            is_set = not zeros and not (x in self._outputs and x in self._dead.skipped)
            self.room[self._name(x)] = f"np.{'empty' if is_set else 'zeros'}({whole}{self.dtype})"
            if SAMPLES in shape and self.samples in lengths and not zeros:
                size = math.prod(shape[t] for t in kept if shape[t] != SAMPLES)
                self.of_samples[self._name(x)] = whole, size
        if zeros:
            self._filled.add(x)

    def _is_number(self, nest: Nest) -> bool:
        """Return whether each round of the outer loops adds up a single number."""
        return all(
            n == 1 or (index.axis is not None and index.axis < nest.outer)
            for n, index in zip(self._shape(nest.array), nest.target, strict=True)
        )

    def _fill(self, nest: Nest) -> None:
        """Begin a sum with zeros."""
        x = nest.array
        if x in self._filled:
            return
        self._filled.add(x)
        if self._is_number(nest):
            name = self.w.temporary() if self._kept[x] else self._name(x)
            self._sums[x] = name
            self.add(f"{name} = {self._start(nest)}")
            return
        inner = [
            self._axes[nest.target[t].axis or 0]
            if nest.target[t].axis is not None and (nest.target[t].axis or 0) < nest.outer
            else ":"
            for t in self._kept[x]
        ]
        rest = [t for t, index in zip(self._kept[x], inner, strict=True) if index == ":"]
        before = self._indent
        for t, letter in zip(rest, self._free_letters(), strict=False):
            self.add(f"for {letter} in range({self._rounds(self._shape(x)[t])}):")
            self._indent += "    "
            inner[inner.index(":")] = letter
        self.add(f"{self._name(x)}[{', '.join(inner)}] = {self._start(nest)}")
        self._indent = before

    def _op(self, nest: Nest) -> str:
        return self.arrays.nodes[nest.array].op

    def _start(self, nest: Nest) -> str:
        """Return what a sum begins with, or the search for the largest or smallest."""
        if self._op(nest) != "extreme":
            return "0.0"
        return "-np.inf" if self.arrays.nodes[nest.array].detail[0] == "maximum" else "np.inf"

    def _finish(self, nest: Nest) -> None:
        """Put a sum that is complete where it belongs."""
        x = nest.array
        if x not in self._sums:
            return
        name = self._sums[x]
        if self.arrays.nodes[x].op == "average":
            self.add(f"{name} /= {self.samples}")
        if self._kept[x]:
            element = self._element(x, nest.target)
            self._locals[-1][element] = name
            self.add(f"{element} = {name}")

    # --- statements -------------------------------------------------------------------------------------

    def _statement(self, nest: Nest) -> None:
        x = nest.array
        if nest.by_library:
            self._product(nest)
            return
        if self._op(nest) == "extreme" and nest.adds:
            self._compare(nest)
            return
        value = self._value(nest)
        if nest.adds:
            target = self._sums.get(x) or self._element(x, nest.target)
            if value.text.startswith("-") and value.binds == Binds.SIGN:
                self.add(f"{target} -= {value.text[1:]}")
            else:
                self.add(f"{target} += {value.text}")
        elif self._kept[x]:
            self._store(nest, value.text)
        elif self._may_be_inline(nest, value):
            self._inline[x] = value
        else:
            self.add(f"{self._name(x)} = {value.text}")

    def _product(self, nest: Nest) -> None:
        """Leave a matrix product to BLAS."""
        first, second = map(self._whole_array, nest.reads)
        if self._op(nest) == "linear":
            second += ".T"
        elif self._op(nest) == "outer":
            first, second = (
                self._as_rows(text, read) for text, read in zip((first, second), nest.reads, strict=True)
            )
            first += ".T"
        steps = nest.target[: len(nest.axes)]
        self.add(f"np.dot({first}, {second}, {self._whole_array(Read(nest.array, steps))})")

    def _as_rows(self, text: str, read: Read) -> str:
        node = self.arrays.nodes[read.array]
        is_matrix = len(node.shape) + node.batched == 2
        return text if is_matrix else f"{text}.reshape((-1, {node.shape[-1]}))"

    def _whole_array(self, read: Read) -> str:
        """Return what an array is called, or the part of it that belongs to the step."""
        x, node = read.array, self.arrays.nodes[read.array]
        if node.op == constant.name:
            return self.w.constant(node.detail, "K")
        if is_given(self.arrays.nodes, x):
            return self._given(x)
        return f"{self._name(x)}{self._at([read.indices[t] for t in self._kept[x] if t < len(read.indices)])}"

    def _compare(self, nest: Nest) -> None:
        """Take an element for the largest, or smallest, if it beats those before it; a NaN stays one."""
        x = nest.array
        value = self._named(self._read(nest.reads[0]))
        target = self._sums.get(x) or self._element(x, nest.target)
        sign = ">" if self.arrays.nodes[x].detail[0] == "maximum" else "<"
        self.add(f"if {value} {sign} {target} or {value} != {value}:")
        self.add(f"    {target} = {value}")

    def _at_extreme(self, nest: Nest) -> Text:
        """Return what is left of the adjoint if this is the largest, or smallest; nothing is left then."""
        value, found = (self._named(self._read(read)) for read in nest.reads[:2])
        left, name = self._sums[nest.array], self.w.temporary()
        self.add(f"{name} = 0.0")
        self.add(f"if {value} == {found}:")
        self.add(f"    {name}, {left} = {left}, 0.0")
        return Text(name)

    def _named(self, text: Text) -> str:
        return text.text if text.text.isidentifier() else self._keep(text.text).text

    def _store(self, nest: Nest, value: str) -> None:
        """Write an element; who needs it in the same round takes it from a local variable."""
        element = self._element(nest.array, nest.target)
        path = self._paths[id(nest)]
        users = self._users.get(nest.array, ())
        if path and any(self._paths[id(user)][: len(path)] == path for user in users):
            value = self._keep(value).text if not value.isidentifier() else value
            self._locals[-1][element] = value
        self.add(f"{element} = {value}")

    def _is_variable(self, x: int) -> bool:
        return not self._kept.get(x, [0])

    def _may_be_inline(self, nest: Nest, value: Text) -> bool:
        """Return whether the only place where a number is used is the next to it, and uses it once."""
        x = nest.array
        users = self._users.get(x, [])
        if x in self._outputs or len(users) != 1 or len(value.text) > _LONGEST_INLINE:
            return False
        user = users[0]
        if self._paths[id(user)] != self._paths[id(nest)]:
            return False
        is_rule = self._op(user) in ("elementwise", "chain")
        return not is_rule or self._occurrences(user, x) == 1

    def _occurrences(self, nest: Nest, x: int) -> int:
        """Return how often an element of x occurs in the text of a nest, or more than once if it may."""
        node = self.arrays.nodes[nest.array]
        behind = dict(zip(node.operands, (read.array for read in nest.reads), strict=True))
        if node.op == "elementwise":
            terms, operands = terms_in(rule_of(self.arrays, node.detail, node.operands).value), node.operands
        else:
            row, i, result, operands = node.detail
            if x in (behind[node.operands[0]], behind.get(result)):
                return 2
            terms = terms_in(rule_of(self.arrays, row, operands).partials[i])
        places = {i for i, y in enumerate(operands) if behind.get(y) == x}
        count = 0
        for term in terms:
            if term.op in ("where", "choose", "maximum", "minimum", "relu"):
                return 2
            if term.op not in ("operand", "number"):
                count += sum(y.op == "operand" and y.operands[0] in places for y in term.operands)
        return count

    def _value(self, nest: Nest) -> Text:
        node = self.arrays.nodes[nest.array]
        if node.op == "at_extreme":
            return self._at_extreme(nest)
        texts = list(map(self._read, nest.reads))
        if node.op == "elementwise":
            return self._elementwise(node, texts)
        if node.op == "chain":
            return self._chain(node, texts)
        return texts[0] if len(texts) == 1 else infix("mul", *texts)

    def _elementwise(self, node: Node, texts: list[Text]) -> Text:
        row, operands = node.detail, node.operands
        factor = self.arrays.literal(operands[0])
        if row == "mul" and factor is not None:
            return times(factor, texts[1])
        rule = rule_of(self.arrays, row, operands)
        terms = ScalarTerms(texts, self._keep)
        terms.name_shared(rule.value, rule)
        return terms.write(rule.value)

    def _chain(self, node: Node, texts: list[Text]) -> Text:
        row, i, result, operands = node.detail
        known = dict(zip(node.operands, texts, strict=True))
        rule = rule_of(self.arrays, row, operands)
        terms = ScalarTerms([known.get(y, Text("")) for y in operands], self._keep)
        if result in known:
            terms.known[id(rule.value)] = known[result]
        partial = rule.partials[i]
        terms.name_shared(partial, rule)
        factor = self.arrays.literal(node.operands[0])
        if factor is not None:
            return terms.scaled(factor, partial)
        return terms.chain(texts[0], partial)

    def _keep(self, expression: str) -> Text:
        name = self.w.temporary()
        self.add(f"{name} = {expression}")
        return Text(name)

    # --- elements ---------------------------------------------------------------------------------------

    def _read(self, read: Read) -> Text:
        """Return what an element is called where the loops are now."""
        return times(read.factor, self._named_element(read.array, read.indices))

    def _named_element(self, x: int, indices: Sequence[Any]) -> Text:
        node = self.arrays.nodes[x]
        if x in self._inline:
            return self._inline[x]
        if node.op == constant.name and not node.shape:
            return literal(node.detail)
        if node.op == samples.name:
            return Text(self.samples)
        if node.op == per_sample.name:
            return Text(f"{literal(node.detail).text} / {self.samples}", Binds.PRODUCT)
        if node.op == constant.name:
            return Text(f"{self.w.constant(node.detail, 'K')}{self._at(indices)}")
        if is_given(self.arrays.nodes, x):
            return Text(f"{self._given(x)}{self._at(indices)}")
        element = self._element(x, indices)
        return Text(next((known[element] for known in self._locals if element in known), element))

    def _given(self, x: int) -> str:
        """Return the name of an input, or of several that Python makes one array of."""
        operands = self.arrays.nodes[x].operands
        if operands and x not in self._names:
            axis = ", axis=1" if self.arrays.nodes[x].batched else ""
            text = f"np.stack([{', '.join(map(self.w.text, operands))}]{axis})"
            self.lengths[self._name(x)] = text
        return self._name(x) if operands else self.w.text(x)

    def _element(self, x: int, indices: Sequence[Any]) -> str:
        return f"{self._name(x)}{self._at([indices[t] for t in self._kept[x]])}"

    def _at(self, indices: Sequence[Any]) -> str:
        return f"[{', '.join(index.text(self._axes) for index in indices)}]" if indices else ""
