"""Copies and pickles of Values, put into the class from here; a row of the rule book is pickled by its name.

Both handle the ancestors of a node before the node, so that a deep graph needs no deep recursion.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable
from threading import local
from typing import Any, cast
from weakref import WeakValueDictionary

from autograd_lite.graph import topological_order
from autograd_lite.ops import RULES, Operation
from autograd_lite.value import Value


def _copy(self: Value) -> Value:
    return _restore(*_state(self, lambda parent: parent))


def _deepcopy(self: Value, memo: dict[int, Any]) -> Value:
    for node in topological_order(self):
        if id(node) not in memo:
            memo[id(node)] = _restore(*_state(node, lambda parent: memo[id(parent)]))
    return cast(Value, memo[id(self)])


def _reduce(self: Value) -> tuple[Any, ...]:
    return _last, tuple(map(_stand_in, topological_order(self)))


def _state(node: Value, replace: Callable[[Value], Any]) -> tuple[Any, ...]:
    """Return what a node consists of, with its parents replaced."""
    x, y = node._x, node._y
    if type(x) is tuple:
        x = tuple(map(replace, x))
    elif x is not None:
        x = replace(x)
        y = y if y is None else replace(y)
    return node.data, node.grad, node.op, node.label, x, y, node._dx, node._dy


def _restore(*state: Any) -> Value:
    node = object.__new__(Value)
    node.data, node.grad, node.op, node.label, node._x, node._y, node._dx, node._dy = state
    return node


class _StandIn:
    """What a pickle holds for a Value, so that a Value is pickled as the list of its ancestors.

    Each comes after its parents, which the pickler then knows already and need not descend to. A pickler
    knows objects by identity: as long as it lives, a Value must have the same stand-in.
    """

    __slots__ = ("__weakref__", "node")

    def __init__(self, node: Value) -> None:
        self.node = node

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, _state(self.node, _stand_in)


class _StandIns(local):
    """The stand-ins in use by the picklers of a thread, by the identity of their Values."""

    def __init__(self) -> None:
        self.of: WeakValueDictionary[int, _StandIn] = WeakValueDictionary()


_stand_ins = _StandIns()


def _stand_in(node: Value) -> _StandIn:
    known = _stand_ins.of.get(id(node))
    if known is None:
        known = _stand_ins.of[id(node)] = _StandIn(node)
    return known


def _last(*nodes: Value) -> Value:
    return nodes[-1]


def _row(name: str) -> Operation:
    if name not in RULES:
        raise ValueError(
            f"the rule book has no row {name}: enter it, as where it was pickled, before loading"
        )
    return RULES[name]


def _reduce_row(self: Operation) -> tuple[Any, ...]:
    return _row, (self.name,)


copyreg.pickle(Operation, _reduce_row)
for _name, _method in {"__copy__": _copy, "__deepcopy__": _deepcopy, "__reduce__": _reduce}.items():
    setattr(Value, _name, _method)
