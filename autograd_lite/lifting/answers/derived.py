"""What else a lifted function can be asked for: its methods beside the call, which is a cost with gradients.

Each has a program of its own, made when it is asked for first; what that computes is told in further.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from inspect import Parameter, Signature
from typing import Any

from autograd_lite.lifting.answers import further
from autograd_lite.lifting.arguments.calls import argument_names


class Derived:
    """The methods of a lifted function beside its call.

    Attributes
    ----------
    f, argnums, in_axes, has_aux
        What is lifted, as ``lift`` was told.
    """

    f: Callable[..., Any]
    argnums: int | Sequence[int]
    in_axes: Any
    has_aux: bool
    _program: Callable[..., Any]  # a lifted function, by the way it goes
    _in_order: Callable[..., tuple[Any, ...]]  # arguments by position
    _has_many_variables: Callable[..., bool]  # so that a graph of all second derivatives is long
    _hessian_by_products: Callable[..., Any]

    def _products(self, n: int) -> Any:
        """Return the lifted function of n arguments and vectors whose gradients are those of :meth:`hvp`."""
        asked = [self.argnums] if isinstance(self.argnums, int) else self.argnums
        return self._program(further.product, n, [i % n for i in asked], "vector")

    def value(self, *args: Any, **named: Any) -> Any:
        """Return what the function returns, forward only: no gradient is computed.

        Parameters
        ----------
        *args, **named : arrays, nested lists, dicts
            As in a call.

        Returns
        -------
        array, or structure of arrays
            Of one Value, the cost, the mean over samples; of anything else one for each sample, along the
            first axis.

        Examples
        --------
        >>> from autograd_lite import lift
        >>> lift(lambda x: [x[0] * x[1], x[0] - x[1]]).value([3.0, 2.0]).tolist()
        [6.0, 1.0]
        """
        program = self._program(further.value_and_others if self.has_aux else further.value)
        return program.results(*self._in_order(args, named))

    def jvp(self, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        """Return what the function returns and its derivative along a direction, by forward mode.

        Parameters
        ----------
        primals : sequence
            The arguments.
        tangents : sequence
            The direction, in the structure of the arguments.

        Returns
        -------
        value, tangent
            As :meth:`value` has them.

        Examples
        --------
        >>> from autograd_lite import lift
        >>> value, tangent = lift(lambda x: x[0] * x[1]).jvp([[3.0, 2.0]], [[1.0, 10.0]])
        >>> float(value), float(tangent)
        (6.0, 32.0)
        """
        if len(primals) != len(tangents):
            raise ValueError(f"jvp takes a tangent for each argument: {len(tangents)} for {len(primals)}")
        program = self._program(further.along, len(primals), range(len(primals)), "dot")
        result: tuple[Any, Any] = program.results(*primals, *tangents)
        return result

    def jacobian(self, *args: Any, sparse: bool = False, **named: Any) -> Any:
        """Return the derivatives of what the function returns by the arguments asked for.

        Parameters
        ----------
        *args, **named : arrays, nested lists, dicts
            As in a call.
        sparse : bool, optional
            Whether to return the elements alone that may differ from 0, as the graph tells.

        Returns
        -------
        structure of arrays, or Sparse
            In place of each array that the function returns the structure of the arguments asked for, with
            arrays whose shapes are those of both, one after the other; with ``in_axes`` one of each for every
            sample, along the first axis. Sparse is a matrix of all that is returned by all that is asked for.

        Examples
        --------
        >>> from autograd_lite import lift
        >>> program = lift(lambda x: [x[0] * x[1], x[1] + x[2]])
        >>> program.jacobian([3.0, 2.0, 1.0]).tolist()
        [[2.0, 3.0, 0.0], [0.0, 1.0, 1.0]]
        >>> values, rows, columns, shape = program.jacobian([3.0, 2.0, 1.0], sparse=True)
        >>> values.tolist(), rows.tolist(), columns.tolist()
        ([2.0, 3.0, 1.0, 1.0], [0, 0, 1, 1], [0, 1, 1, 2])
        """
        return self._program(_JACOBIAN[bool(sparse)]).results(*self._in_order(args, named))

    def hessian(self, *args: Any, sparse: bool = False, diagonal: bool = False, **named: Any) -> Any:
        """Return the second derivatives of the cost, the mean over samples, by the arguments asked for.

        Parameters
        ----------
        *args, **named : arrays, nested lists, dicts
            As in a call.
        sparse : bool, optional
            Whether to return the elements alone that may differ from 0, as the graph tells.
        diagonal : bool, optional
            Whether to return the second derivatives by each number alone.

        Returns
        -------
        structure of arrays, or Sparse
            In place of each array asked for the structure of those asked for, with arrays whose shapes are
            those of both; the diagonal in the structure asked for.

        Raises
        ------
        ValueError
            If an argument asked for runs over samples.

        Notes
        -----
        Of more than 40 variables it is computed column by column, by :meth:`hvp`, unless it is sparse.

        Examples
        --------
        >>> from autograd_lite import lift
        >>> program = lift(lambda x: x[0] ** 3 * x[1])
        >>> program.hessian([1.0, 2.0]).tolist(), program.hessian([1.0, 2.0], diagonal=True).tolist()
        ([[12.0, 3.0], [3.0, 0.0]], [12.0, 0.0])
        """
        args = self._in_order(args, named)
        if not (sparse or diagonal) and self._has_many_variables(args):
            return self._hessian_by_products(args)
        return self._program(_HESSIAN[bool(sparse), bool(diagonal)]).results(*args)

    def hvp(self, args: Sequence[Any], vectors: Any) -> Any:
        """Return the Hessian of the cost times a vector, which takes not much longer than a gradient.

        Parameters
        ----------
        args : sequence
            The arguments.
        vectors : structure of arrays
            In the structure of the gradients.

        Returns
        -------
        structure of arrays
            In the structure of the gradients.

        Examples
        --------
        >>> from autograd_lite import lift
        >>> lift(lambda x: x[0] ** 3 * x[1]).hvp([[1.0, 2.0]], [1.0, 10.0]).tolist()
        [42.0, 3.0]
        """
        is_single = isinstance(self.argnums, int)
        return self._products(len(args))(*args, *([vectors] if is_single else vectors))[1]


_JACOBIAN = {sparse: partial(further.jacobian, sparse=sparse) for sparse in (False, True)}
_HESSIAN = {
    (sparse, diagonal): partial(further.hessian, sparse=sparse, diagonal=diagonal)
    for sparse in (False, True)
    for diagonal in (False, True)
}


class Function:
    """A function of n arguments under their names, and after them of those with these numbers again."""

    def __init__(self, f: Callable[..., Any], n: int, numbers: Sequence[int], suffix: str) -> None:
        self._f = f
        self.__name__ = getattr(f, "__name__", "function")
        names = argument_names(f)[:n]
        names += [f"x{i}" for i in range(len(names), n)]
        every = [*names, *(f"{names[i]}_{suffix}" for i in numbers)]
        self.__signature__ = Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in every])

    def __call__(self, *args: Any) -> Any:
        return self._f(*args)
