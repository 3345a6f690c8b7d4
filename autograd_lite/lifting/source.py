"""The array program as NumPy source: named like the user's variables, one statement a layer or group.

Only what the Python array API standard has is called, so that ``np`` may be another library. How an operation
is written is told by its row, in operations/.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from itertools import takewhile
from typing import Any

from autograd_lite.lifting.arrays import Arrays
from autograd_lite.lifting.operations.inputs import constant, input_
from autograd_lite.lifting.operations.row import OPERATIONS, memory_of
from autograd_lite.lifting.operations.shapes import as_whole, broadcast, result
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.lines import folded, in_brackets
from autograd_lite.printing.numpy import HELPERS, TermWriter, Text, written_helper

_WIDTH = 100
_LONGEST_INLINE = 60


def write(
    arrays: Arrays,
    inputs: Sequence[int],
    outputs: Sequence[int],
    used: Counter[int],
    backward_from: int,
    has_cost: bool = True,
    terms: type[TermWriter] = TermWriter,
) -> tuple[str, dict[str, Any]]:
    """Write ``program(inputs…) -> (value, [gradients])``, a function; return the text and its constants."""
    w = Writer(arrays, inputs, backward_from, terms)
    forward = Counter({x: n for x, n in used.items() if x < backward_from})
    write_operations(w, forward, outputs)
    before = len(w.lines)
    write_operations(w, used - forward, outputs)
    if len(w.lines) > before:
        w.lines.insert(before, "# backward")
    texts = [*map(w.text, outputs)]
    result = (
        f"{texts[0]}, [{', '.join(_in_short(texts[1:], w.lengths))}]"
        if has_cost
        else in_brackets(", ".join(texts))
    )
    head = folded(f"def program({', '.join(map(w.text, inputs))}):")
    body = [*(f"    {line}" for line in w.lines), *folded(f"return {result}", "    ")]
    lines = [*_helpers(body, terms), *head, *body]
    return "\n".join(lines) + "\n", w.constants


def _in_short(texts: Sequence[str], lengths: Mapping[str, int]) -> list[str]:
    """Return texts with lists for all their elements, also where one of each list comes after another.

    Examples
    --------
    >>> _in_short(["dx", "dWs[0]", "dWs[1]"], {"dWs": 2})
    ['dx', '*dWs']
    >>> _in_short(["dWs[0]", "dbs[0]", "dWs[1]", "dbs[1]"], {"dWs": 2, "dbs": 2})
    ['*(d for ds in zip(dWs, dbs) for d in ds)']
    """
    first = {f"{name}[0]": name for name in lengths}
    found, k = [], 0
    while k < len(texts):
        names = [first[text] for text in takewhile(first.__contains__, texts[k:])]
        steps = lengths[names[0]] if names else 0
        whole = [f"{name}[{t}]" for t in range(steps) for name in names]
        if whole and texts[k : k + len(whole)] == whole:
            found.append(f"*{names[0]}" if len(names) == 1 else _in_turn(names))
        else:
            whole = [texts[k]]
            found += whole
        k += len(whole)
    return found


def _in_turn(names: Sequence[str]) -> str:
    return f"*(d for ds in zip({', '.join(names)}) for d in ds)"


def write_operations(w: Writer, used: Counter[int], outputs: Collection[int]) -> None:
    """Write the lines that compute what is used so often, except where it has a text already."""
    for x in sorted(used):
        if x not in w.texts:
            _write_operation(w, x, x in outputs, used[x])


def name_outputs(arrays: Arrays, outputs: Sequence[int], names: Sequence[str], start: int) -> list[int]:
    """Give each output its name, and an array of its own: one that a caller may change."""
    lent: set[Hashable] = {None}
    lent |= {x for x, node in enumerate(arrays.nodes) if node.op in (input_.name, constant.name)}
    found = []
    for x, name in zip(outputs, names, strict=True):
        memory = memory_of(arrays, x)
        # What is lent, or repeated without being copied, is not for a caller to change.
        is_repeated = arrays.nodes[x].op in (as_whole.name, broadcast.name)
        is_lent = memory in lent or (memory != x and is_repeated)
        if is_lent or arrays.names.get(x, name) != name or (x < start and name != "C"):
            x = result(arrays, x, is_lent)
        lent.add(memory)
        arrays.names[x] = name
        found.append(x)
    return found


def uses(arrays: Arrays, outputs: Sequence[int]) -> Counter[int]:
    """Return how often each operation is used for these outputs, of those that are."""
    counts: Counter[int] = Counter()
    pending = list(outputs)
    while pending:
        x = pending.pop()
        counts[x] += 1
        if counts[x] == 1:
            pending.extend(arrays.nodes[x].operands)
    return counts


def _write_operation(w: Writer, x: int, is_output: bool, count: int) -> None:
    """Write the lines that compute x; none if it is written where it is used."""
    node = w.arrays.nodes[x]
    row = OPERATIONS[node.op]
    text = row.text(w, x, node)
    if not row.writes_itself:
        has_name = is_output or x in w.arrays.names or len(text.text) > _LONGEST_INLINE
        # Of what has a name it costs no more than the name.
        is_free = row.is_free and w.text(node.operands[0]).isidentifier() and len(text.text) < 24
        if has_name or not (count == 1 or is_free):
            name = w.new_name(x)
            comment = row.comment(w.arrays, node, name) if x >= w.backward_from else ""
            w.lines += _commented(f"{name} = {text.text}", comment)
            text = Text(name)
    w.texts[x] = text


def _commented(line: str, comment: str) -> list[str]:
    if not comment:
        return [line]
    whole = f"{line}  # {comment}"
    return [whole] if len(whole) <= _WIDTH - 4 else [f"# {comment}", line]


def _helpers(body: Sequence[str], terms: type[TermWriter]) -> list[str]:
    """Write the functions that the body calls and NumPy lacks."""
    lines: list[str] = []
    called = set(re.findall(r"(\w+)\(", "\n".join(body)))
    for row in sorted(HELPERS):
        if row in called:
            lines += [*written_helper(row, terms), "", ""]
            called |= set(re.findall(r"(\w+)\(", "\n".join(lines)))
    return lines
