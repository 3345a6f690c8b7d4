"""Products of an adjoint with what is known of all steps: all that it is multiplied by is one factor.

The factor is computed for all steps at once, before the loop that runs backward.
"""

from __future__ import annotations

from typing import NamedTuple

from autograd_lite.lifting.arrays import Arrays, Node, Shape
from autograd_lite.lifting.bounds import WITHIN_ONE
from autograd_lite.lifting.operations.elementwise import Derivative, chain, elementwise
from autograd_lite.lifting.operations.inputs import constant
from autograd_lite.lifting.rolling.adjoint import Backward
from autograd_lite.lifting.rolling.known import Known
from autograd_lite.lifting.source import uses


class _Product(NamedTuple):
    """What of a step is a product of an adjoint and a factor that is known of all steps.

    It is made of other factors, of which at most one may be larger than 1: so it is finite if they are.
    """

    adjoint: int
    factor: int
    large: int


class Factors:
    """The factors of a step that runs backward, and the inputs that are slices of them.

    Attributes
    ----------
    given : dict of int to int
        Inputs of the step, and of what arrays they are slices.
    inside : set of int
        What the states of the step before are made of.
    """

    def __init__(self, arrays: Arrays, step: Backward, known: Known, given: dict[int, int]) -> None:
        self._arrays, self._step, self._known = arrays, step, known
        self.given = given
        self._states = [following for _, following in step.of_states.values()]
        self.inside = set(uses(step.body, self._states))
        self._products: dict[int, _Product] = {}

    def multiply_ahead(self) -> None:
        """Give products of adjoints in the step one factor each, where they are arrays of the same shape."""
        step = self._step
        for y in sorted(uses(step.body, [*self._states, *step.adjoints.values()])):
            one = self._as_product(y) if y >= step.start else None
            if one is None or self._arrays.shape(one.factor) != (step.loop.steps, *step.body.shape(y)):
                continue
            node = step.body.nodes[y]
            is_one = node.op == elementwise.name and one.adjoint in node.operands
            if not is_one and (y in self.inside or step.partial(y)):
                x = self._slice_of(one.factor, step.body.shape(y))
                if x is None:
                    continue
                step.multiply(y, one.adjoint, x)
            self._products[y] = one
        self.inside = set(uses(step.body, self._states))

    def _as_product(self, y: int) -> _Product | None:
        """Return what is made of one adjoint, element by element, as a product with it."""
        body, node = self._step.body, self._step.body.nodes[y]
        derivative = self._step.partial(y)
        if derivative is not None:
            factor, is_small = self._partial(derivative), derivative.row in WITHIN_ONE
            return None if factor is None else self._joined(y, node.operands[0], factor, is_small)
        if node.op != elementwise.name or any(body.shape(x) not in (node.shape, ()) for x in node.operands):
            return None
        if node.detail == "mul":
            return self._by_known(y, node)
        return self._as_sum(node) if node.detail in ("add", "sub") else None

    def _as_sum(self, node: Node) -> _Product | None:
        """Return the sum, or difference, of two products with one adjoint."""
        first, second = map(self._products.get, node.operands)
        if first is None or second is None or first.adjoint != second.adjoint:
            return None
        summed = elementwise(self._arrays, node.detail, first.factor, second.factor)
        return _Product(first.adjoint, summed, max(first.large, second.large))

    def _by_known(self, y: int, node: Node) -> _Product | None:
        """Return a product whose one operand does not depend on adjoints."""
        step = self._step
        for known, d in (node.operands, node.operands[::-1]):
            is_adjoint = d >= step.start and step.body.shape(d) == node.shape
            factor = self._known.factor(known) if is_adjoint else None
            if factor is not None:
                of_steps = len(self._arrays.shape(factor)) > len(step.body.shape(known))
                factor = self._known.beside(factor, len(node.shape)) if of_steps else factor
                made = step.body.nodes[known]
                is_small = made.op == elementwise.name and made.detail in WITHIN_ONE
                return self._joined(y, d, factor, is_small)
        return None

    def _joined(self, y: int, d: int, factor: int, is_small: bool) -> _Product:
        """Return a product with d, or with what d is a product of."""
        before = self._products.get(d) if y in self.inside else None
        if before is None or before.large + (not is_small) > 1:
            return _Product(d, factor, int(not is_small))
        together = elementwise(self._arrays, "mul", before.factor, factor)
        return _Product(before.adjoint, together, before.large + (not is_small))

    def _partial(self, derivative: Derivative) -> int | None:
        """Return a partial derivative where a step takes it, of all steps; None if it is no array."""
        operands = [self._known.factor(x) for x in derivative.operands]
        if None in operands:
            return None
        known = tuple([x for x in operands if x is not None])
        result = self._known.in_all_steps(derivative.result)
        moved = derivative._replace(result=result, operands=known)
        return chain(self._arrays, constant(self._arrays, 1.0), moved)

    def _slice_of(self, array: int, shape: Shape) -> int | None:
        """Return an input of the step that is a slice of an array, if there is room for one."""
        known = next((x for x, given in self.given.items() if given == array), None)
        x = self._step.spare(shape, self._arrays.nodes[array].batched) if known is None else known
        if x is not None:
            self.given[x] = array
        return x
