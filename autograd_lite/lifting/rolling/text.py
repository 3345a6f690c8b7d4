"""A loop as source: ``for t in range(20):``, the lines of the step, and lists of what is kept of each."""

from __future__ import annotations

import re
import sys

from autograd_lite.lifting.rolling.loop import Loop, Result, Slice
from autograd_lite.lifting.source import uses, write_operations
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.lines import folded
from autograd_lite.printing.numpy import Text

# Of a line that is indented once more when the whole is put together.
_WIDTH = 96


def write_loop(w: Writer, loop: Loop) -> dict[Result, Text]:
    """Write a loop, and return what its results are called."""
    return _LoopText(w, loop).write()


class _LoopText:
    """The text of a loop: names of the states, lines of the step."""

    def __init__(self, w: Writer, loop: Loop) -> None:
        self.w, self.loop, self.body = w, loop, loop.body
        self.inner = w.inner(loop.body, 0 if loop.reverse else sys.maxsize)
        self.states = [w.free(self._name_of(one.input, "s")) for one in loop.carried]
        self.lists: dict[int, str] = {}

    def _name_of(self, x: int, default: str) -> str:
        return self.body.names.get(x) or (f"d{default}" if self.loop.reverse else default)

    def write(self) -> dict[Result, Text]:
        """Write it; return what its results are called."""
        w, loop = self.w, self.loop
        for one, name in zip(loop.carried, self.states, strict=True):
            self.inner.texts[one.input] = Text(name)
            w.lines.append(f"{name} = {w.text(one.initial)}")
        results = loop.results
        used = uses(loop.body, results)
        w.lines += self._fill(used)
        write_operations(self.inner, used, [x for x in results if self.body.nodes[x].operands])
        self._name_states()
        self.lists = {x: w.free(self._name_of_list(x)) for x in dict.fromkeys([*loop.stacked, *loop.listed])}
        if self.lists:
            w.lines.append(f"{', '.join(self.lists.values())} = {', '.join(['[]'] * len(self.lists))}")
        steps = f"range({loop.steps})"
        step = self._step()
        if step:  # of an adjoint that stays as it is there are no lines
            w.lines.append(f"for {self.inner.counter} in {f'reversed({steps})' if loop.reverse else steps}:")
            w.lines += [f"    {line}" for line in step]
        return self._results()

    def _name_of_list(self, x: int) -> str:
        """Return a name for what is kept of all steps: that of one, in capitals or the plural."""
        name = self.inner.text(x)
        if not name.isidentifier():
            return "kept"
        before = "_before" if any(one.input == x for one in self.loop.carried) else ""
        stem = name.split("_")[0]
        is_letter = stem.isascii() and len(stem.rstrip("0123456789")) == 1
        return f"{name.upper() if is_letter else f'{name}s'}{before}"

    def _fill(self, used: dict[int, int]) -> list[str]:
        """Say what the inputs of the step are; return the lines before the loop that this takes."""
        inner, lines = self.inner, []
        for share in self.loop.shared:
            inner.texts[share.input] = self._named(share.operand)
        for one in self.loop.sliced:
            if one.input not in used:
                continue
            if len(one.operands) == 1:
                text = self._slice(one)
            else:
                if one.operands not in self.w.lists:
                    row = self.w.lists[one.operands] = self.w.free(f"{self._name_of(one.input, 'part')}s")
                    lines += folded(f"{row} = [{', '.join(map(self.w.text, one.operands))}]", width=_WIDTH)
                text = f"{self.w.lists[one.operands]}[{self.inner.counter}]"
            inner.texts[one.input] = Text(text) if used[one.input] == 1 else inner.keep(text)
        return lines

    def _slice(self, one: Slice) -> str:
        node = self.body.nodes[one.input]
        indices = [*([":"] if node.batched else []), self.inner.counter, *[":"] * len(node.shape)]
        return f"{self._named(one.operands[0]).text}[{', '.join(indices)}]"

    def _named(self, x: int) -> Text:
        """Return the text of an operand, with a name: it is computed once, before the loop."""
        text = self.w.texts[x]
        if self.body.nodes and self.w.arrays.literal(x) is None:
            text = self.w.texts[x] = self.w.named(text)
        return text

    def _name_states(self) -> None:
        """Give a new state the name of the old one, where that is of no more use."""
        inner, loop = self.inner, self.loop
        lines = inner.lines
        for one, name in zip(loop.carried, self.states, strict=True):
            made = inner.text(one.following)
            if made in self.states:
                continue  # two states that go on as one
            where = next((k for k, line in enumerate(lines) if line.startswith(f"{made} = ")), None)
            if where is None or any(_mentions(line, name) for line in self._after(where, one.following)):
                continue
            lines[where:] = [re.sub(rf"\b{made}\b", name, line) for line in lines[where:]]
            inner.texts[one.following] = Text(name)

    def _after(self, line: int, made: int) -> list[str]:
        """Return what is written after a line, and of what is carried or kept besides."""
        results = self.loop.results
        # What a step begins with is kept before anything is changed.
        others = [x for x in results if x != made and self.body.nodes[x].operands]
        states = [one.following for one in self.loop.carried if not self.body.nodes[one.following].operands]
        return [*self.inner.lines[line + 1 :], *(self.inner.text(x) for x in [*others, *states])]

    def _step(self) -> list[str]:
        """Return the lines of a step."""
        inner, loop = self.inner, self.loop
        states = {one.input for one in loop.carried}
        keeping = [(x not in states, f"{name}.append({inner.text(x)})") for x, name in self.lists.items()]
        new = [
            (name, inner.text(one.following))
            for one, name in zip(loop.carried, self.states, strict=True)
            if inner.text(one.following) != name
        ]
        lines = [line for is_made, line in keeping if not is_made]
        lines += inner.lines
        lines += [line for is_made, line in keeping if is_made]
        if new:
            lines.append(f"{', '.join(name for name, _ in new)} = {', '.join(text for _, text in new)}")
        return lines

    def _results(self) -> dict[Result, Text]:
        w, loop = self.w, self.loop
        found = {Result("carry", k): Text(name) for k, name in enumerate(self.states)}
        in_order = "[::-1]" if loop.reverse else ""
        for k, x in enumerate(loop.stacked):
            axis = ", axis=1" if self.body.nodes[x].batched else ""
            name = w.free(self.lists[x]) if x in loop.listed else self.lists[x]
            w.lines.append(f"{name} = np.stack({self.lists[x]}{in_order}{axis})")
            found[Result("stack", k)] = Text(name)
        for k, x in enumerate(loop.listed):
            name = self.lists[x]
            w.lengths[name] = loop.steps
            if in_order:
                w.lines.append(f"{name} = {name}{in_order}")
            found.update({Result("list", k, t): Text(f"{name}[{t}]") for t in range(loop.steps)})
        return found


def _mentions(line: str, name: str) -> bool:
    return re.search(rf"\b{name}\b", line) is not None
