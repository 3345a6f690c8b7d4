"""Value: a number that remembers how it was made, and the walk back that gives every gradient.

What an operation does stands in the rule book, :mod:`autograd_lite.ops`; here are the graph's vertices, the
operators that make them, and :meth:`Value.backward`. Sums, products and their like have a direct path, since
most nodes are such; a test holds it to the rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import filterfalse
from operator import ge, gt, le, lt, mul
from threading import local
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakValueDictionary

from autograd_lite.kinds import MACHINE_NUMBERS, Number, as_number, is_number, of_one_kind, shown, written
from autograd_lite.ops import RULES, Operation
from autograd_lite.pause import open_blocks, paused

LEAF = "leaf"
CONSTANT = "constant"

_new = object.__new__


class Value:
    """A number that remembers how it was made.

    Arithmetic on Values and numbers gives Values, the vertices of a computation graph. Equality and hash are
    by identity, order and ``float``, ``int``, ``bool``, ``round``, ``format`` by data.

    Parameters
    ----------
    data : number
        A float, int, ``Fraction``, ``Decimal``, an mpmath or SymPy number; a NumPy scalar becomes the Python
        number of the same value.
    label : str, optional
        A name for pictures, explanations and error messages.

    Attributes
    ----------
    data : number
        The value.
    grad : number
        ∂root/∂self after ``root.backward()``; 0 before. A leaf's accumulates over passes.
    op : str
        The name of the operation that made it, a row of the rule book; ``"leaf"`` for a Value made by hand,
        ``"constant"`` for a number that arithmetic met.
    parents : tuple of Value
        The operands of that operation.
    partials : tuple of numbers
        ``partials[i]`` is the derivative of this node with respect to ``parents[i]``, as it was when the node
        was made.
    label : str
        Its name, or ``""``.

    Raises
    ------
    TypeError
        If data is not a real number.

    Examples
    --------
    >>> w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.0, "b")
    >>> a = (w * x + b).tanh()
    >>> a.backward()
    >>> a.data, w.grad, x.grad, b.grad
    (0.0, 2.0, 0.5, 1.0)
    """

    # A node of two operands is the most frequent: its parents and partials lie in slots of their own, which
    # takes half the memory of two tuples and spares the garbage collector two objects in three. A node of
    # more operands has a tuple in _x and in _dx; a leaf has None.
    __slots__ = ("_dx", "_dy", "_x", "_y", "data", "grad", "label", "op")

    # SymPy leaves an operand with this attribute alone, so that `symbol * value` is a Value.
    _op_priority = 100.0

    data: Number
    grad: Number
    label: str
    op: str
    _x: Any
    _y: Any
    _dx: Any
    _dy: Any

    def __init__(self, data: Number, label: str = "") -> None:
        if not isinstance(label, str):
            raise TypeError(f"a label is a text, not {type(label).__name__} {label!r}")
        self.data = data if type(data) is float else as_number(data)
        self.grad = 0
        self.op = LEAF
        self.label = label
        self._x = self._y = self._dx = self._dy = None

    @property
    def parents(self) -> tuple[Value, ...]:
        """The operands of the operation that made this node; empty for a leaf."""
        return _flat(self._x, self._y)

    @property
    def partials(self) -> tuple[Number, ...]:
        """The local derivatives towards each of :attr:`parents`, as recorded in the forward pass."""
        return _flat(self._dx, self._dy)

    # --- arithmetic -------------------------------------------------------------------------------------
    # Each operator tries the direct path first. Whatever is unusual (a plain number, an array, a division by
    # zero, an overflow, two kinds of numbers that do not mix) goes to _binary, which knows the rule book and
    # explains.

    def __add__(self, other: Any) -> Value:
        if type(other) is Value and not open_blocks:
            try:
                node = _new(Value)
                node.data = self.data + other.data
                node.grad = 0
                node.op = "add"
                node.label = ""
                node._x, node._y = self, other
                node._dx = node._dy = 1
                return node
            except (TypeError, ArithmeticError):
                pass
        return _binary(_ADD, self, other)

    def __sub__(self, other: Any) -> Value:
        if type(other) is Value:
            try:
                return _node("sub", self.data - other.data, self, other, 1, -1)
            except (TypeError, ArithmeticError):
                pass
        return _binary(_SUB, self, other)

    def __mul__(self, other: Any) -> Value:
        if type(other) is Value and not open_blocks:
            try:
                node = _new(Value)
                x = node._dy = self.data
                y = node._dx = other.data
                node.data = x * y
                node.grad = 0
                node.op = "mul"
                node.label = ""
                node._x, node._y = self, other
                return node
            except (TypeError, ArithmeticError):
                pass
        return _binary(_MUL, self, other)

    def __truediv__(self, other: Any) -> Value:
        if type(other) is Value:
            y = other.data
            try:
                if type(y) is float:
                    z = self.data / y
                    return _node("div", z, self, other, 1 / y, -z / y)
            except (TypeError, ArithmeticError):
                pass
        return _binary(_DIV, self, other)

    def __neg__(self) -> Value:
        return _node("neg", -self.data, self, None, -1, None)

    def __pos__(self) -> Value:
        return self

    def __pow__(self, other: Any) -> Value:
        return _binary(_POW, self, other)

    def __radd__(self, other: Any) -> Value:
        return _binary(_ADD, other, self)

    def __rsub__(self, other: Any) -> Value:
        return _binary(_SUB, other, self)

    def __rmul__(self, other: Any) -> Value:
        return _binary(_MUL, other, self)

    def __rtruediv__(self, other: Any) -> Value:
        return _binary(_DIV, other, self)

    def __rpow__(self, other: Any) -> Value:
        return _binary(_POW, other, self)

    def __abs__(self) -> Value:
        return _apply(RULES["abs"], (self,))

    def conjugate(self) -> Value:
        """Return itself, a real number; NumPy's ``std`` and ``var`` ask for it."""
        return self

    @classmethod
    def apply_operation(cls, row: Operation, operands: Sequence[Any]) -> Value:
        """Return the node that a row of the rule book makes of Values and numbers.

        Parameters
        ----------
        row : Operation
            A row of ``RULES``.
        operands : sequence of Value or number
            As many as the row takes.

        Returns
        -------
        Value

        Raises
        ------
        TypeError
            If an operand is neither a Value nor a number, or the kinds of numbers do not mix.
        ValueError, ZeroDivisionError, OverflowError
            Where the operation is not defined.

        Examples
        --------
        >>> Value.apply_operation(RULES["tanh"], (Value(0.0),))
        Value(data=0.0, grad=0, op='tanh')
        """
        if len(operands) == 1 and isinstance(operands[0], Value):
            return _unary(row, operands[0])
        return _apply(row, _as_values(row, operands))

    if TYPE_CHECKING:
        # tanh, exp, relu …: one method for every public row of the rule book, attached below.
        def __getattr__(self, name: str) -> Callable[..., Value]: ...

    # --- as a number ------------------------------------------------------------------------------------

    def __lt__(self, other: Any) -> bool:
        return _compare(lt, self, other)

    def __le__(self, other: Any) -> bool:
        return _compare(le, self, other)

    def __gt__(self, other: Any) -> bool:
        return _compare(gt, self, other)

    def __ge__(self, other: Any) -> bool:
        return _compare(ge, self, other)

    def __float__(self) -> float:
        return float(self.data)

    def __int__(self) -> int:
        return int(self.data)

    def __bool__(self) -> bool:
        return bool(self.data)

    def __round__(self, digits: int | None = None) -> Number:
        return round(self.data, digits)

    def __floor__(self) -> Number:
        return math.floor(self.data)

    def __ceil__(self) -> Number:
        return math.ceil(self.data)

    def __trunc__(self) -> Number:
        return math.trunc(self.data)

    def __format__(self, specification: str) -> str:
        return format(self.data, specification) if specification else repr(self)

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        op = f", op={self.op!r}" if self.op != LEAF else ""
        return f"Value(data={written(self.data)}, grad={written(self.grad)}{op}{label})"

    # --- the walk back ----------------------------------------------------------------------------------

    def backward(self) -> None:
        """Set ``grad`` of every node that this one was made of to ∂self/∂node, by the chain rule.

        One walk in reverse topological order, without recursion. Interior nodes end with the gradient of this
        pass; leaves add it to what they had, so that gradients of several roots, or samples, sum up.
        The partials are those of the forward pass, also if a leaf's data was changed since.

        Raises
        ------
        ValueError
            If the graph has a cycle.
        TypeError
            If called on something else than a Value; or if a leaf's grad was set to what is not a number, or
            the kinds of numbers do not mix. In the latter two cases the pass ends halfway: set all gradients
            to 0 before the next.

        Examples
        --------
        >>> x = Value(3.0)
        >>> (x * x).backward()
        >>> x.grad
        6.0
        """
        order = interior_nodes(self)
        for node in order:
            node.grad = 0
        node = self
        try:
            self.grad += 1
            for node in reversed(order):
                adjoint = node.grad
                if not adjoint:
                    continue  # nothing flows back through a dead unit
                y = node._y
                if y is not None:
                    node._x.grad += node._dx * adjoint
                    y.grad += node._dy * adjoint
                elif type(node._x) is tuple:
                    for parent, partial in zip(node._x, node._dx, strict=True):
                        parent.grad += partial * adjoint
                else:
                    node._x.grad += node._dx * adjoint
        except (TypeError, ArithmeticError) as error:
            raise _halted(node, error) from error

    # --- copies -----------------------------------------------------------------------------------------
    # Both ways handle the ancestors before their descendants, so that a deep graph needs no deep recursion.

    def __copy__(self) -> Value:
        return _restore(*self._state(lambda parent: parent))

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        for node in topological_order(self):
            if id(node) not in memo:
                memo[id(node)] = _restore(*node._state(lambda parent: memo[id(parent)]))
        return cast(Value, memo[id(self)])

    def __reduce__(self) -> tuple[Any, ...]:
        return _last, tuple(map(_stand_in, topological_order(self)))

    def _state(self, replace: Callable[[Value], Any]) -> tuple[Any, ...]:
        """Return what a node consists of, with its parents replaced."""
        x, y = self._x, self._y
        if type(x) is tuple:
            x = tuple(map(replace, x))
        elif x is not None:
            x = replace(x)
            y = y if y is None else replace(y)
        return self.data, self.grad, self.op, self.label, x, y, self._dx, self._dy


def _flat(first: Any, second: Any) -> tuple[Any, ...]:
    if second is not None:
        return first, second
    if first is None:
        return ()
    return first if type(first) is tuple else (first,)


def _restore(*state: Any) -> Value:
    node = _new(Value)
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
        return _restore, self.node._state(_stand_in)


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


# --- making nodes ---------------------------------------------------------------------------------------


def _node(op: str, data: Number, x: Any, y: Any, dx: Any, dy: Any) -> Value:
    node = _new(Value)
    node.data = data
    node.grad = 0
    node.label = ""
    if open_blocks and paused():
        node.op = LEAF
        node._x = node._y = node._dx = node._dy = None
        return node
    node.op = op
    node._x = x
    node._y = y
    node._dx = dx
    node._dy = dy
    return node


def _unary(row: Operation, operand: Value) -> Value:
    x = operand.data
    if type(x) is float and row.fast is not None and not row.variadic:
        try:
            y, partial = row.fast(x)
            return _node(row.name, y, operand, None, partial, None)
        except (ArithmeticError, ValueError):
            pass  # _apply meets the same and explains it
    return _apply(row, (operand,))


def _binary(row: Operation, x: Any, y: Any) -> Value:
    """Return the node of a binary operator, or NotImplemented, which lets arrays take their turn."""
    if not isinstance(x, Value):
        if not is_number(x):
            return NotImplemented  # type: ignore[no-any-return]
        x = _constant_beside(y, x)
    elif not isinstance(y, Value):
        if not is_number(y):
            return NotImplemented  # type: ignore[no-any-return]
        y = _constant_beside(x, y)
    else:
        return _apply(row, (x, y))
    # A number has become a Value: the direct path may still do.
    direct = _DIRECT.get(row.name)
    return direct(x, y) if direct is not None else _apply(row, (x, y))


def _apply(row: Operation, operands: tuple[Value, ...]) -> Value:
    """Return the node that a row of the rule book makes of Values."""
    numbers: Sequence[Number] = [operand.data for operand in operands]
    partials: Any
    try:
        if row.fast is not None and MACHINE_NUMBERS.issuperset(map(type, numbers)):
            data, partials = row.fast(*numbers)
        else:
            numbers = of_one_kind(numbers)
            data = row.value(*numbers)
            if not is_number(data):
                raise ValueError("not real")
            partials = row.local_partials(data, numbers)
    except (ArithmeticError, ValueError, TypeError) as error:
        names = [operand.label or f"operand {i}" for i, operand in enumerate(operands, 1)]
        raise row.failure(numbers, error, names) from error
    if len(operands) == 1:
        partial = partials[0] if isinstance(partials, tuple) else partials
        return _node(row.name, data, operands[0], None, partial, None)
    if len(operands) == 2:
        return _node(row.name, data, *operands, *partials)
    return _node(row.name, data, operands, None, partials, None)


def _constant_beside(value: Value, number: Number) -> Value:
    if type(value.data) not in MACHINE_NUMBERS:
        number, _ = of_one_kind((as_number(number), value.data))
    return _constant(number)


def _constant(data: Number) -> Value:
    node = Value(data)
    node.op = CONSTANT
    return node


_DIRECT = {"add": Value.__add__, "sub": Value.__sub__, "mul": Value.__mul__, "div": Value.__truediv__}


def _as_values(row: Operation, operands: Sequence[Any]) -> tuple[Value, ...]:
    try:
        return tuple(v if isinstance(v, Value) else _constant(v) for v in operands)
    except TypeError:
        i = next(i for i, v in enumerate(operands) if not (isinstance(v, Value) or is_number(v)))
        raise TypeError(
            f"{row.name} takes Values and real numbers; its operand {i + 1} is {shown(operands[i])}"
        ) from None


def _compare(relation: Callable[[Any, Any], Any], x: Value, y: Any) -> bool:
    """Return the relation of x and y by data, or NotImplemented, which lets arrays take their turn."""
    if isinstance(y, Value):
        y = y.data
    elif not is_number(y):
        return NotImplemented  # type: ignore[no-any-return]
    return bool(relation(x.data, y))


def _halted(node: Value, error: Exception) -> Exception:
    """Return the exception to raise in place of ``error``, which ended a backward pass at this node."""
    advice = "The pass ended halfway: set all gradients to 0 before the next."
    for value in (node, *node.parents):
        if not is_number(value.grad):
            name = value.label or value.op
            return TypeError(f"the gradient of {name} is no number but {shown(value.grad)}. {advice}")
    return type(error)(
        f"{error}: the gradient of {node.label or node.op}, {shown(node.grad)}, does not mix with its "
        f"partials, {shown(node.partials)}, or with the gradients of its parents. {advice}"
    )


_ADD, _SUB, _MUL, _DIV, _POW = (RULES[name] for name in ("add", "sub", "mul", "div", "pow"))


def _method(row: Operation) -> Callable[..., Value]:
    def method(self: Value, *others: Any) -> Value:
        return Value.apply_operation(row, row.complete((self, *others)))

    method.__name__ = row.name
    method.__qualname__ = f"Value.{row.name}"
    method.__doc__ = f"{(row.value.__doc__ or '').strip()} See the function ``autograd_lite.{row.name}``."
    return method


for _row in RULES.values():
    if _row.public:
        # NumPy's ufuncs call a method of their own name on the elements of an object array.
        for _name in {_row.name, _row.numpy}:
            setattr(Value, _name, _method(_row))


# --- sums of many ---------------------------------------------------------------------------------------


def affine(ws: Iterable[Any], xs: Iterable[Any], b: Any = 0) -> Any:
    """Return the weighted input z = b + Σₖ wₖxₖ as one node (A4).

    Its partials are those of the derivations: ∂z/∂wₖ = xₖ, ∂z/∂xₖ = wₖ, ∂z/∂b = 1 (A6). Its parents are b,
    then the weights, then the inputs.

    Parameters
    ----------
    ws, xs : iterables of Value or number
        As many weights as inputs.
    b : Value or number, optional
        The bias.

    Returns
    -------
    Value or number
        A Value where an operand is one, else a number.

    Raises
    ------
    ValueError
        If there are not as many weights as inputs.

    Examples
    --------
    >>> w = [Value(2.0), Value(3.0)]
    >>> z = affine(w, [10.0, 100.0], 1.0)
    >>> z.backward()
    >>> z.data, w[0].grad, w[1].grad
    (321.0, 10.0, 100.0)
    """
    ws, xs = tuple(ws), tuple(xs)
    operands = (b, *ws, *xs)
    if len(ws) != len(xs):
        raise ValueError(
            f"affine pairs each weight with an input: got {len(ws)} weights and {len(xs)} inputs"
        )
    # The direct path of a neuron: what the row says, without taking the operands apart again.
    try:
        weights, inputs = [w.data for w in ws], [x.data for x in xs]
        z = sum(map(mul, weights, inputs), b.data)
        if type(z) is float:
            return _node("affine", z, operands, None, (1, *inputs, *weights), None)
    except (AttributeError, TypeError, ArithmeticError):
        pass
    return _of_many(RULES["affine"], operands)


def fsum(xs: Iterable[Any]) -> Any:
    """Return the sum of Values and numbers as one node, rounded once, as ``math.fsum``.

    Parameters
    ----------
    xs : iterable of Value or number

    Returns
    -------
    Value or number
        A Value where an operand is one, else a number.

    Examples
    --------
    >>> fsum([Value(0.1)] * 10).data
    1.0
    """
    return _of_many(RULES["fsum"], tuple(xs))


def sumprod(p: Iterable[Any], q: Iterable[Any]) -> Any:
    """Return the inner product Σₖ pₖqₖ of Values and numbers as one node, as ``math.sumprod``.

    Parameters
    ----------
    p, q : iterables of Value or number
        Of the same length.

    Returns
    -------
    Value or number
        A Value where an operand is one, else a number.

    Raises
    ------
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> sumprod([Value(1.0), Value(2.0)], [3.0, 4.0]).data
    11.0
    """
    p, q = tuple(p), tuple(q)
    if len(p) != len(q):
        raise ValueError(f"sumprod pairs its operands: got {len(p)} and {len(q)}")
    return _of_many(RULES["sumprod"], (*p, *q))


def _of_many(row: Operation, operands: tuple[Any, ...]) -> Any:
    node = Value.apply_operation(row, operands)
    return node if any(isinstance(v, Value) for v in operands) else node.data


# --- order ----------------------------------------------------------------------------------------------


def interior_nodes(root: Value) -> list[Value]:
    """Return every node that root was made of and that has parents, root last, parents before children.

    Parameters
    ----------
    root : Value

    Returns
    -------
    list of Value

    Raises
    ------
    TypeError
        If root is not a Value.
    ValueError
        If the graph has a cycle, which only a change by hand can make.

    Examples
    --------
    >>> x = Value(2.0)
    >>> [node.op for node in interior_nodes((x * x + x).exp())]
    ['mul', 'add', 'exp']
    """
    if not isinstance(root, Value):
        raise TypeError(f"the root of a graph is a Value, not {shown(root)}")
    order: list[Value] = []
    met: set[Value] = set()
    finished: set[Value] = set()
    stack: list[Any] = [root]
    pop, push = stack.pop, stack.append
    while stack:
        node = pop()
        if node is None:
            # The mark under which a node waited until its parents were finished.
            node = pop()
            finished.add(node)
            order.append(node)
            continue
        if node in met:
            if node in finished:
                continue
            raise ValueError(f"the graph has a cycle through {node!r}: a Value cannot be made of itself")
        met.add(node)
        x = node._x
        if x is None:
            finished.add(node)
            continue
        if type(x) is tuple:
            # All but the first neuron of a layer find their operands finished.
            if finished.issuperset(x):
                finished.add(node)
                order.append(node)
                continue
            push(node)
            push(None)
            stack.extend(filterfalse(finished.__contains__, x))
            continue
        push(node)
        push(None)
        y = node._y
        if y is not None and y not in finished:
            push(y)
        if x not in finished:
            push(x)
    return order


def topological_order(root: Value) -> list[Value]:
    """Return every node that root was made of, leaves included, root last, parents before children.

    Parameters
    ----------
    root : Value

    Returns
    -------
    list of Value

    Raises
    ------
    TypeError
        If root is not a Value.
    ValueError
        If the graph has a cycle.

    Examples
    --------
    >>> x = Value(2.0, "x")
    >>> [node.label or node.op for node in topological_order(x * x + 1)]
    ['x', 'mul', 'constant', 'add']
    """
    order: dict[Value, None] = {}
    for node in interior_nodes(root):
        order.update(dict.fromkeys(parent for parent in node.parents if parent._x is None))
        order[node] = None
    order[root] = None
    return list(order)
