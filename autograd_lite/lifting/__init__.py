"""Lift: a program written on scalars, turned into a few operations on arrays, with its gradient.

A function is run once, on Values; of_function.py and of_graph.py give the arrays their places in the graph,
and pipeline.py names the passes that make array code of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_lite.lifting.elsewhere.libraries import library_of
from autograd_lite.lifting.loops.compiling import require_compiler
from autograd_lite.lifting.of_function import LiftedFunction
from autograd_lite.lifting.of_graph import LiftedGraph
from autograd_lite.value import Value

__all__ = ["LiftedFunction", "LiftedGraph", "lift"]


def lift(
    f: Any,
    *,
    argnums: int | Sequence[int] = 0,
    in_axes: Any = None,
    inputs: Mapping[str, Any] | None = None,
    xp: Any = np,
    compiler: str | None = None,
    threads: bool = False,
    has_aux: bool = False,
) -> Any:
    """Turn a function on scalars, or a graph, into one on arrays that returns the value and the gradient.

    Parameters
    ----------
    f : callable or Value
        A function of numbers, and of lists, tuples, dicts and dataclasses of them, that returns one Value,
        the cost, written with Values, loops, ``sum``, networks. Or a graph that exists: its cost.
    argnums : int or sequence of int
        The arguments whose gradients are wanted.
    in_axes : None, int, or a sequence with one entry for each argument
        The axis of an argument that runs over samples; None for one that all samples share; for an argument
        of many arrays also a structure of them. One sample is traced; the cost is then the mean over them
        (A1). For a graph: a dict by the names of the inputs.
    inputs : dict of str to nested lists of Value, optional
        For a graph, the leaves that make up each array; by default those of one letter and layer,
        ``w[1][0,2]`` in ``W1``. Other leaves are constants.
    xp : module, optional
        The array library: ``jax.numpy``, ``torch``, ``cupy``, ``dask.array``, or another one that follows the
        Python array API standard. Arrays stay where they are, and those of another library are refused,
        but that NumPy takes what is on the host; JAX may trace a program for ``jit``.
    compiler : str, optional
        ``"numba"`` to have the program compiled, as fused loops over NumPy arrays, by Numba:
        ``pip install "autograd-lite[fast]"``.
    threads : bool, optional
        Whether threads, one for each processor, share the samples of a compiled program among them. The
        results are then the same to rounding, not to the last digit. Where there are no samples, or so few
        that it would take longer, one thread does it all; what Numba has to leave to Python, such as
        ``polygamma``, is no faster. Dask has threads of its own for its chunks.
    has_aux : bool, optional
        Whether f returns a cost and something else, ``(cost, aux)``, where aux is a Value or a structure. A
        call then returns ``(value, aux), gradients``; there is an aux for each sample.

    Returns
    -------
    LiftedFunction or LiftedGraph

    Raises
    ------
    TypeError
        If f is neither a function nor a Value.
    ValueError
        If there is no such compiler, or it does not compile for the array library, or threads are wanted
        without a compiler.
    ImportError
        If the compiler is not installed.

    Notes
    -----
    What the program returns is what the engine returns, to rounding. Sums are those of the array library:
    where terms cancel, ``fsum``, which rounds once, keeps digits that they lose. ``logsumexp`` is exact to
    the digits of its largest operand or of 1, its derivatives to as many as that leaves behind the point.

    A search over random programs and recurrences (``test_lift_search.py`` and ``test_lift_recurrences.py`` in
    ``tests/autograd_lite``) finds no other differences than these, which are left since to be equal would
    cost every program time. Where numbers go beyond the floats on the way, so that they are infinite or have
    lost their digits, the results may be others, since products are taken in another order. Where an infinite
    derivative meets the side of a choice that was not taken, it is 0 here and NaN there. A zero may have the
    other sign, and what hangs on it, such as ``atan2`` of two zeros, or the derivative of the root of −0. A
    NaN that decides a choice takes the second side.

    Numbers that f has from elsewhere than its arguments are constants; Values are not. What f reads out of
    Values, by ``if``, ``float`` or ``max``, is fixed in the program: f is therefore run at other points, some
    of them far out. Where the two differ, that is an error; where a line read the same at all of them, a
    warning. Both name the line.

    On other libraries, what the standard lacks is the library's own where it has it (``erf`` and ``gamma`` of
    JAX, most of PyTorch's); else it is computed element by element on the host, which JAX can trace and not
    differentiate. Under ``jax.jit``, ``vmap`` and ``grad`` a program is a function like any other, and the
    values from outside f are constants of what is traced. ``torch.compile`` takes it too. Of Dask's arrays
    nothing is computed at a call; then NumPy's program is run once for each chunk of samples.

    Examples
    --------
    >>> def cost(params, x):
    ...     return sum((w * x_k) ** 2 for w, x_k in zip(params["w"], x))
    >>> program = lift(cost, in_axes=(None, 0))
    >>> value, gradients = program({"w": [1.0, 2.0]}, [[1.0, 1.0], [3.0, 0.0]])
    >>> float(value), gradients["w"].tolist()
    (7.0, [10.0, 2.0])
    """
    xp = library_of(xp)
    if compiler is not None:
        require_compiler(compiler, xp)
    elif threads:
        raise ValueError('threads run compiled programs: write compiler="numba" too, or leave out threads')
    if isinstance(f, Value):
        return LiftedGraph(f, inputs, in_axes or {}, xp, compiler, threads)
    if not callable(f):
        raise TypeError(f"lift takes a function or a Value, the cost, not {type(f).__name__} {f!r:.60}")
    return LiftedFunction(f, argnums, in_axes, xp, compiler, has_aux, threads=threads)
