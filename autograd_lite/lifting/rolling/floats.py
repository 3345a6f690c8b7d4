"""A loop in a program on floats: statements for a step, forward and backward, and what is kept between."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from autograd_lite.lifting.backward import depending_on, sweep
from autograd_lite.lifting.rolling.extract import Part, Repetition
from autograd_lite.lifting.scalars import INPUT

_FEW = 4


class FloatLoop:
    """A loop under construction, of a writer's program; the step has a writer of its own."""

    def __init__(self, writer: Any, i: int, inner: Any) -> None:
        self.outer, self.inner = writer, inner
        self.repetition: Repetition = writer.program.details[i]
        self.operands: tuple[int, ...] = writer.program.operands[i]
        self.body = inner.program
        self.slots = {slot: node for node, (_, slot) in self.body.inputs.items()}
        self.results: tuple[int, ...] = self.body.operands[self.body.root]
        self.states = [self._state(k, one.slot) for k, one in enumerate(self.repetition.carried)]
        self.counter = writer.free("t")
        self.stacks: dict[int, str] = {}
        self.begin = self.end = 0

    def _state(self, k: int, slot: int) -> str:
        label = self.body.labels[self.slots[slot]] if slot in self.slots else ""
        name: str = self.outer.free(label if label.isidentifier() else f"s{k + 1}")
        return name

    # --- forward ----------------------------------------------------------------------------------------

    def forward(self, wanted: Collection[Part]) -> None:
        """Write the steps; keep the results that are wanted of some steps."""
        outer, inner, repetition = self.outer, self.inner, self.repetition
        states = [outer.texts[self.operands[one.operand]] for one in repetition.carried]
        self._assign(outer, self.states, states)
        in_body = self._fill()
        last = {one.result: k for k, one in enumerate(repetition.carried)}
        for one in wanted:
            is_final = one.step == repetition.steps - 1 and one.result in last
            if not is_final and one.result not in self.stacks:
                self.stacks[one.result] = outer.free(f"r{one.result + 1}")
        for name in self.stacks.values():
            outer.add(f"{name} = []")
        self.begin = len(outer.lines)
        outer.add(f"for {self.counter} in range({repetition.steps}):")
        for name, text in in_body:
            inner.add(f"{name} = {text}")
        inner.forward()
        for result, name in self.stacks.items():
            inner.add(f"{name}.append({inner.texts[self.results[result]]})")
        self._write_step()
        self.end = len(outer.lines)
        self._assign(
            inner, self.states, [inner.texts[self.results[one.result]] for one in repetition.carried]
        )
        self._write_step()

    def _assign(self, writer: Any, names: list[str], texts: list[str]) -> None:
        if len(names) > _FEW:
            writer.add(f"[{', '.join(names)}] = [{', '.join(texts)}]")  # brackets, since the line is broken
        elif names:
            writer.add(f"{', '.join(names)} = {', '.join(texts)}")

    def _write_step(self) -> None:
        self.outer.lines += [f"    {line}" for line in self.inner.lines]
        self.inner.lines.clear()

    def _fill(self) -> list[tuple[str, str]]:
        """Name the inputs of the step; return what those are that differ from step to step."""
        outer, inner, repetition = self.outer, self.inner, self.repetition
        for one, name in zip(repetition.carried, self.states, strict=True):
            if one.slot in self.slots:
                inner.texts[self.slots[one.slot]] = name
        for slot, k in repetition.shared.items():
            if slot in self.slots:
                inner.texts[self.slots[slot]] = outer.texts[self.operands[k]]
        found = []
        for slot, numbers in repetition.sliced.items():
            if slot in self.slots:
                nodes, name = [self.operands[k] for k in numbers], outer.free(f"x{slot}")
                row = outer.part_of_input(nodes)
                if row is None or row.endswith("]"):
                    text = row or f"[{', '.join(outer.texts[node] for node in nodes)}]"
                    row = outer.free(f"x{slot}s")
                    outer.add(f"{row} = {text}")
                inner.texts[self.slots[slot]] = name
                found.append((name, f"{row}[{self.counter}]"))
        return found

    def text(self, one: Part) -> str:
        """Return what a result of a step is called after the loop."""
        if one.result in self.stacks:
            return f"{self.stacks[one.result]}[{one.step}]"
        return next(
            name
            for carried, name in zip(self.repetition.carried, self.states, strict=True)
            if carried.result == one.result
        )

    # --- backward ---------------------------------------------------------------------------------------

    def backward(self, given: list[tuple[Part, str]], needed: Collection[int]) -> Iterator[tuple[int, str]]:
        """Write the steps backward, from what comes to results; yield what comes back to the operands."""
        outer, inner, repetition = self.outer, self.inner, self.repetition
        adjoints = [outer.free(f"d{name}") for name in self.states]
        final = {one.result: d for one, d in given if one.result not in self.stacks}
        self._assign(outer, adjoints, [final.get(one.result, "0.0") for one in repetition.carried])
        seeds: dict[int, list[str]] = {}
        for one, d in zip(repetition.carried, adjoints, strict=True):
            seeds.setdefault(self.results[one.result], []).append(d)
        for result, name in self.stacks.items():
            row = outer.free(f"d{name}")
            outer.add(f"{row} = [0.0] * {repetition.steps}")
            for part, d in given:
                if part.result == result:
                    outer.add(f"{row}[{part.step}] = {d}")
            seeds.setdefault(self.results[result], []).append(f"{row}[{self.counter}]")
        found = self._adjoints_in_step(seeds)
        sums = {
            k: outer.free(f"d{inner.texts[self.slots[slot]]}")
            for slot, k in repetition.shared.items()
            if slot in self.slots and self.operands[k] in needed and self.slots[slot] in found
        }
        for slot, k in repetition.shared.items():
            if k in sums and slot in self.slots:
                outer.add(f"{sums[k]} = 0.0")
                inner.add(f"{sums[k]} += {found[self.slots[slot]]}")
        rows = self._rows_of_slices(found, needed)
        before = [found.get(self.slots.get(one.slot, -1), "0.0") for one in repetition.carried]
        self._assign(inner, adjoints, before)
        kept, names = self._keep()
        outer.add(f"for {self.counter} in reversed(range({repetition.steps})):")
        if kept:
            outer.lines.append(f"        {names} = {kept}[{self.counter}]")
        self._write_step()
        for k, name in sums.items():
            yield self.operands[k], name
        for slot, row in rows.items():
            for t, k in enumerate(repetition.sliced[slot]):
                yield self.operands[k], f"{row}[{t}]"
        for one, d in zip(repetition.carried, adjoints, strict=True):
            yield self.operands[one.operand], d

    def _adjoints_in_step(self, seeds: dict[int, list[str]]) -> dict[int, str]:
        """Write what comes back within a step; return it for its inputs."""
        body, inner = self.body, self.inner
        inputs = [i for i, op in enumerate(body.ops) if op == INPUT]
        needed = depending_on(inputs, body.operands)
        inner.needed = needed
        order = (i for i in range(body.root - 1, -1, -1) if i in needed)
        adjoints: dict[int, str] = sweep(order, seeds, inner.added, inner.given_back)
        return adjoints

    def _rows_of_slices(self, found: dict[int, str], needed: Collection[int]) -> dict[int, str]:
        """Write where what comes back to the slices is put; return the lists, by slot."""
        rows = {}
        for slot, numbers in self.repetition.sliced.items():
            node = self.slots.get(slot, -1)
            if node in found and any(self.operands[k] in needed for k in numbers):
                rows[slot] = self.outer.free(f"d{self.inner.texts[node]}s")
                self.outer.add(f"{rows[slot]} = [0.0] * {self.repetition.steps}")
                self.outer.rows[rows[slot]] = self.repetition.steps
                self.inner.add(f"{rows[slot]}[{self.counter}] = {found[node]}")
        return rows

    def _keep(self) -> tuple[str, str]:
        """Keep of each step what the way back needs of it; return the name of the list, and what is in it."""
        lines, inner = self.outer.lines, self.inner
        shared = {self.slots[slot] for slot in self.repetition.shared if slot in self.slots}
        made = {text for i, text in enumerate(inner.texts) if i not in shared}
        made.update(name for names in inner.partials.values() for name in names)
        used = re.findall(r"\b[A-Za-z_]\w*\b", "\n".join(self.inner.lines))
        names = list(dict.fromkeys(name for name in used if name in made))
        if not names:
            return "", ""
        kept, whole = self.outer.free("kept"), f"({', '.join(names)},)"
        lines.insert(self.end, f"        {kept}.append({whole})")
        lines.insert(self.begin, f"    {kept} = []")
        return kept, whole
