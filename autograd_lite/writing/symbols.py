"""Symbols: what the nodes of a graph are called; the label ``w[1][0,2]`` is the w¹₀₂ of the derivations.

How a symbol looks in text, LaTeX or MathML is left to the dialects.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from autograd_lite.value import CONSTANT, Value

_LETTERS_OF_LAYERS = frozenset("wbza")


class Symbol(NamedTuple):
    """A name with its indices.

    Attributes
    ----------
    letter : str
        ``"w"``, ``"cost"``, ``"α"``.
    layer : str
        The superscript.
    indices : tuple of str
        The subscripts.
    sample : int
        Which of several nodes under the same label it is, counted from 1; 0 for the only one.
    """

    letter: str
    layer: str = ""
    indices: tuple[str, ...] = ()
    sample: int = 0

    @property
    def subscript(self) -> str:
        """The indices in one: ``"02"``, or ``"0,12"`` where one has two digits."""
        return ("" if all(len(i) == 1 for i in self.indices) else ",").join(self.indices)

    @property
    def superscript(self) -> str:
        """The layer, and the sample in parentheses."""
        return self.layer + (f"({self.sample})" if self.sample else "")


def symbol(label: str, layered: bool = False, sample: int = 0) -> Symbol:
    """Take a label apart: ``letter[layer][index,index]``, ``letter[index]`` or ``letter``.

    Parameters
    ----------
    label : str
    layered : bool
        Whether a single index of w, b, z and a is the layer, as in the bias b[1] that a layer shares.
    sample : int
        See :class:`Symbol`.

    Returns
    -------
    Symbol

    Examples
    --------
    >>> symbol("w[1][0,2]")
    Symbol(letter='w', layer='1', indices=('0', '2'), sample=0)
    >>> symbol("x[3]")
    Symbol(letter='x', layer='', indices=('3',), sample=0)
    """
    found = re.fullmatch(r"([^\[\]]+?)(?:\[(\w+)\])?(?:\[(\w+(?:,\s*\w+)*)\])?", label)
    if found is None:
        return Symbol(label, sample=sample)
    letter, first, second = found.groups()
    if second is None and first is not None:
        is_layer = layered and letter in _LETTERS_OF_LAYERS
        return Symbol(letter, first, (), sample) if is_layer else Symbol(letter, "", (first,), sample)
    indices = tuple(part.strip() for part in second.split(",")) if second else ()
    return Symbol(letter, first or "", indices, sample)


def symbols(root: Value) -> dict[Value, Symbol]:
    """Name every node of a graph but its constants, each differently.

    Parameters
    ----------
    root : Value

    Returns
    -------
    dict of Value to Symbol
        By label where there is one. Nodes under the same label, as those of several samples, are counted. The
        root without a label is C, a leaf x₁, x₂, …, another node v₁, v₂, ….

    Examples
    --------
    >>> from autograd_lite.writing import PLAIN
    >>> x = Value(2.0, "x[0]")
    >>> [PLAIN.symbol(s) for s in symbols(x * x + 1).values()]
    ['x₀', 'v₁', 'C']
    """
    nodes = [node for node in _reading_order(root) if node.op != CONSTANT]
    layered = any("][" in node.label for node in nodes)
    labels = {node.label: symbol(node.label, layered) for node in nodes if node.label}
    frequency = Counter(labels[node.label] for node in nodes if node.label)
    taken = set(frequency)
    met: Counter[Symbol] = Counter()
    named: dict[Value, Symbol] = {}
    for node in nodes:
        if node.label:
            plain = labels[node.label]
            met[plain] += 1
            named[node] = plain._replace(sample=met[plain]) if frequency[plain] > 1 else plain
        elif node is root and Symbol("C") not in taken:
            named[node] = Symbol("C")
        else:
            letter = Symbol("C" if node is root else "v" if node.parents else "x")
            while True:
                met[letter] += 1
                numbered = letter._replace(indices=(str(met[letter]),))
                if numbered not in taken:
                    break
            named[node] = numbered
    return named


def _reading_order(root: Value) -> list[Value]:
    """Return the nodes, operands from left to right and before what is made of them: samples as they came."""
    order: dict[Value, None] = {}
    opened = set()
    stack = [root]
    while stack:
        node = stack[-1]
        if node in opened or not node.parents:
            order[stack.pop()] = None
        else:
            opened.add(node)
            stack.extend(parent for parent in reversed(node.parents) if parent not in opened)
    return list(order)
