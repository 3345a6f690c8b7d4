"""Lift: a program written on scalars, turned into a few operations on arrays, with its gradient.

A function is traced once, on Values. The passes are: :mod:`.scalars`, which simplifies the scalar program;
:mod:`.grouping`, which finds the arrays in it; :mod:`.adjoint`, which adds the backward part; and
:mod:`.source`, which writes it all down as NumPy.
"""

from autograd_lite.lifting.lifted import LiftedFunction, lift
from autograd_lite.lifting.lifted_graph import LiftedGraph

__all__ = ["LiftedFunction", "LiftedGraph", "lift"]
