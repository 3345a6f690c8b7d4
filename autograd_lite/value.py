"""Value: a number that remembers how it was made, and the walk back that gives every gradient.

What an operation does stands in the rule book, ``ops.py``; here are the graph's vertices, the operations
that make them, and :meth:`Value.backward`. Around it: ``operators.py`` hands + − · ÷ to ``Value._operator``;
``direct.py`` puts hand-tuned twins in place of these ways; ``sums.py`` has the nodes of many operands, and
``copies.py`` copies and pickles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_lite.by_data import ByData
from autograd_lite.functions import METHODS, Methods
from autograd_lite.graph import interior_nodes
from autograd_lite.numbers.arrays import elementwise
from autograd_lite.numbers.failures import halted, refused
from autograd_lite.numbers.kinds import Number, as_number, beside, is_number, of_one_kind, written
from autograd_lite.operators import Operators
from autograd_lite.ops import RULES, Operation
from autograd_lite.pause import paused

LEAF = "leaf"
CONSTANT = "constant"
_NOTHING: Any = None


class Value(Operators, Methods, ByData):
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

    # Most nodes have two operands: these and their partials lie in slots of their own, which takes half the
    # memory of two tuples. A node of one has None in _y and _dy; of more, a tuple in _x and in _dx.
    __slots__ = ("_dx", "_dy", "_x", "_y", "data", "grad", "label", "op")

    def __init__(self, data: Number, label: str = "") -> None:
        if not isinstance(label, str):
            raise TypeError(f"a label is a text, not {type(label).__name__} {label!r}")
        self.data = data if type(data) is float else as_number(data)
        self.grad: Number = 0
        self.op = LEAF
        self.label = label
        self._x = self._y = self._dx = self._dy = _NOTHING

    @property
    def parents(self) -> tuple[Value, ...]:
        """The operands of the operation that made this node; empty for a leaf."""
        return _flat(self._x, self._y)

    @property
    def partials(self) -> tuple[Number, ...]:
        """The local derivatives towards each of :attr:`parents`, as recorded in the forward pass."""
        return _flat(self._dx, self._dy)

    # --- making nodes -----------------------------------------------------------------------------------

    @classmethod
    def apply_operation(cls, row: Operation, operands: Sequence[Any]) -> Value:
        """Return the node that a row of the rule book makes of Values and numbers.

        Its data and its partials are numbers, by the rules; inside ``no_grad`` it is a leaf. Arrays of Values
        give an array of nodes.

        Raises
        ------
        TypeError
            If an operand is neither a Value nor a number, or the kinds of numbers do not mix.
        ValueError, ZeroDivisionError, OverflowError
            Where the operation is not defined.

        Examples
        --------
        >>> from autograd_lite import RULES
        >>> Value.apply_operation(RULES["tanh"], (Value(0.0),))
        Value(data=0.0, grad=0, op='tanh')
        """
        if not all(isinstance(v, Value) or is_number(v) for v in operands):
            return elementwise(row, operands)  # type: ignore[no-any-return]
        values = tuple(v if isinstance(v, Value) else constant(v) for v in operands)
        numbers = of_one_kind([v.data for v in values])
        try:
            data, partials = row.evaluate(numbers)
        except (ArithmeticError, ValueError, TypeError) as error:
            raise refused(row, numbers, values, error) from error
        return make(row.name, data, values, partials)

    def _operator(self, name: str, *operands: Any) -> Value:
        """Return the node of ``x + y`` or its like, where self is one of the operands."""
        if not all(isinstance(v, Value) or is_number(v) for v in operands):
            # Python then asks the other operand, an array perhaps, which comes back with its elements.
            return NotImplemented  # type: ignore[no-any-return]
        number_like = [v if isinstance(v, Value) else constant(beside(v, self.data)) for v in operands]
        return self.apply_operation(RULES[name], number_like)

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
            self.grad += 1  # a root that is a leaf accumulates, too
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
            raise halted(node, error) from error


def _flat(first: Any, second: Any) -> tuple[Any, ...]:
    if second is not None:
        return first, second
    if first is None:
        return ()
    return first if type(first) is tuple else (first,)


def constant(data: Number) -> Value:
    """Return a leaf for a number that arithmetic met."""
    node = Value(data)
    node.op = CONSTANT
    return node


def make(op: str, data: Number, operands: tuple[Value, ...], partials: tuple[Number, ...]) -> Value:
    """Return a node; inside ``no_grad`` a leaf."""
    node = object.__new__(Value)
    node.data, node.grad, node.op, node.label = data, 0, op, ""
    node._x = node._y = node._dx = node._dy = _NOTHING
    if paused():
        node.op = LEAF
    elif len(operands) == 2:
        (node._x, node._y), (node._dx, node._dy) = operands, partials
    elif len(operands) == 1:
        (node._x,), (node._dx,) = operands, partials
    else:
        node._x, node._dx = operands, partials
    return node


# v.tanh() and its like; ``Methods`` says to type checkers that they are here.
for _name, _method in METHODS.items():
    setattr(Value, _name, _method)
