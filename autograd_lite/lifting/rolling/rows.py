"""The operations of a loop: ``loop`` runs a step so many times, ``part`` is one of the results.

As in JAX's scan, some inputs of the step are carried from one to the next, some are sliced, some are shared
by all; of what a step makes, some is stacked along a new first axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable
from typing import Any, NamedTuple

from autograd_lite.lifting.arrays import Arrays, Node, Shape, Window
from autograd_lite.lifting.bounds import WITHIN_ONE, AtLeast
from autograd_lite.lifting.operations.elementwise import Derivative, chain, elementwise
from autograd_lite.lifting.operations.inputs import constant, input_, samples
from autograd_lite.lifting.operations.products import back, linear, outer
from autograd_lite.lifting.operations.row import OPERATIONS, Contributions, OfResult, Placed, Row, memory_of
from autograd_lite.lifting.operations.sections import place, section
from autograd_lite.lifting.operations.shapes import as_whole, reshape
from autograd_lite.lifting.operations.sums import over_batch, total
from autograd_lite.lifting.rolling.adjoint import Backward, summands, whole
from autograd_lite.lifting.rolling.loop import Carry, Loop, Result, Share, Slice
from autograd_lite.lifting.rolling.text import write_loop
from autograd_lite.lifting.source import uses
from autograd_lite.lifting.writer import Writer
from autograd_lite.printing.numpy import Text

# What these make is a new array whenever they run.
_MAKE_ARRAYS = {row.name for row in (back, chain, elementwise, linear, outer, over_batch, place, total)}


class _Loop(Row):
    """A step that runs so many times."""

    def __call__(self, arrays: Arrays, one: Loop) -> int:
        _cut_before(arrays, one)
        batched = any(node.batched for node in one.body.nodes)
        return arrays.add(self.name, one.operands, (), one, len(arrays.nodes), batched)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: Any, needed: Collection[int]) -> Contributions:
        return _Reversal(arrays, x, d, needed).contributions()

    def text(self, w: Writer, x: int, node: Node) -> Text:
        w.results.update({(x, result): text for result, text in write_loop(w, node.detail).items()})
        return Text("")


class _Part(Row):
    """A result of a loop."""

    def __call__(self, arrays: Arrays, x: int, result: Result) -> int:
        one: Loop = arrays.nodes[x].detail
        if result.kind == "carry":
            made = one.body.nodes[one.carried[result.number].input]
            shape = made.shape
        elif result.kind == "list":
            made = one.body.nodes[one.listed[result.number]]
            shape = made.shape
        else:
            made = one.body.nodes[one.stacked[result.number]]
            shape = one.steps, *made.shape
        return arrays.add(self.name, (x,), shape, result, result, made.batched)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        yield node.operands[0], OfResult(node.detail, whole(arrays, d, x))

    def memory(self, arrays: Arrays, x: int, node: Node) -> Hashable:
        (y,), result = node.operands, node.detail
        one: Loop = arrays.nodes[y].detail
        if result.kind == "stack":
            return x
        if result.kind == "list":
            return y, one.listed[result.number], result.step
        carry = one.carried[result.number]
        inside = memory_of(one.body, carry.following)
        if inside == carry.input:
            return memory_of(arrays, carry.initial)
        if inside is None or (isinstance(inside, int) and not one.body.nodes[inside].operands):
            return None
        return y, inside, 0 if one.reverse else one.steps - 1

    def text(self, w: Writer, x: int, node: Node) -> Text:
        return w.results[node.operands[0], node.detail]


class _ForEachSample(Row):
    """An array repeated for each sample."""

    def __call__(self, arrays: Arrays, x: int) -> int:
        return arrays.add(self.name, (x, samples(arrays)), arrays.shape(x), batched=True)

    def adjoint(self, arrays: Arrays, x: int, node: Node, d: int, needed: Collection[int]) -> Contributions:
        yield node.operands[0], as_whole(arrays, d, x)

    def text(self, w: Writer, x: int, node: Node) -> Text:
        a, n = node.operands
        lengths = ", ".join([w.text(n), *map(str, node.shape)])
        return Text(f"np.broadcast_to({w.text(a)}, ({lengths}{'' if node.shape else ','}))")


def _cut_before(arrays: Arrays, one: Loop) -> None:
    """Take out of a step what only cuts or reshapes one of its inputs: that is done before, for all steps."""
    shared = {share.input: share.operand for share in one.shared}
    sliced = {part.input: part.operands[0] for part in one.sliced if len(part.operands) == 1}
    for x, node in enumerate(one.body.nodes):
        if node.op not in _VIEWS:
            continue
        (a,) = node.operands
        if a in shared:
            shared[x] = _seen(arrays, shared[a], node)
            one.shared.append(Share(x, shared[x]))
        elif a in sliced:
            sliced[x] = _seen(arrays, sliced[a], node, one.steps)
            one.sliced.append(Slice(x, (sliced[x],)))
        else:
            continue
        one.body.nodes[x] = Node(input_.name, (), AtLeast(-math.inf), node.shape, node.batched)


_VIEWS = {section.name, reshape.name}


def _seen(arrays: Arrays, x: int, node: Node, steps: int = 0) -> int:
    """Return what a step sees of its operand, which is the same in all steps, or given of all of them."""
    if node.op == reshape.name:
        return reshape(arrays, x, (steps, *node.shape) if steps else node.shape)
    return section(arrays, x, _of_steps(node.detail, steps) if steps else node.detail)


def _of_steps(window: Window, steps: int) -> Window:
    """Return a window on the values of all steps, on each the same."""
    return Window((slice(0, steps, 1), *window.indices), (0, *(axis + 1 for axis in window.axes)))


def _each_step(arrays: Arrays, node: Node) -> int:
    """Count what each step does."""
    one: Loop = node.detail
    made = [one.body.nodes[x] for x in uses(one.body, one.results)]
    return one.steps * sum(OPERATIONS[inner.op].flops(one.body, inner) for inner in made)


loop = _Loop("loop", price=0.0, flops=_each_step, writes_itself=True)
part = _Part("part", price=0.0, writes_itself=True)
for_each_sample = _ForEachSample("for_each_sample", price=4.0, lends=True)


class _Product(NamedTuple):
    """What of a step is a product of an adjoint and a factor that is known of all steps.

    It is made of other factors, of which at most one may be larger than 1: so it is finite if they are.
    """

    adjoint: int
    factor: int
    large: int


class _Reversal:
    """The loop that runs backward, and what it gives back to the operands of the one that runs forward."""

    def __init__(self, arrays: Arrays, x: int, d: dict[Result, int], needed: Collection[int]) -> None:
        self.arrays, self.x, self.d, self.needed = arrays, x, d, needed
        self.forward: Loop = arrays.nodes[x].detail
        self.step = Backward(self.forward, d, needed)
        self.backward = Loop(self.step.body, self.forward.steps, True, [], [], [])
        # Inputs of the step that runs backward, and of what arrays they are slices.
        self.given = {x: d[result] for result, x in self.step.of_stacks.items()}

    def contributions(self) -> Contributions:
        """Yield what comes back to the operands."""
        step, forward = self.step, self.forward
        kept, pending = self.backward, []
        for k, one in enumerate(forward.carried):
            if k in step.of_states:
                pending.append((one.initial, Result("carry", len(kept.carried))))
                d, following = step.of_states[k]
                kept.carried.append(Carry(d, self._final(k), following))
        self._multiply_ahead()
        slices = [
            (one, self._of_each_step(one, self._whole(one.input)))
            for one in forward.sliced
            if one.input in step.adjoints
        ]
        sums = [
            (
                one.operand,
                [
                    self._prepared(y, one.operand)
                    for y in summands(step.body, step.adjoints[one.input], step.start)
                ],
            )
            for one in forward.shared
            if one.input in step.adjoints
        ]
        self._fill()
        y = loop(self.arrays, kept)
        for operand, result in pending:
            yield operand, part(self.arrays, y, result)
        for sliced, found in slices:
            yield from self._of_slices(sliced, y, found)
        for operand, summed in sums:
            for prepared in summed:
                yield operand, prepared(y)

    def _final(self, k: int) -> int:
        """Return the adjoint of a state after the last step."""
        final = self.d.get(Result("carry", k))
        if final is not None:
            return final
        return whole(self.arrays, constant(self.arrays, 0.0), part(self.arrays, self.x, Result("carry", k)))

    def _whole(self, x: int) -> int:
        return whole(self.step.body, self.step.adjoints[x], x)

    def _fill(self) -> None:
        """Give the step that runs backward what it needs of the one that ran forward."""
        step, forward, kept = self.step, self.forward, self.backward
        for x in step.fetched(kept.results):
            kept.sliced.append(Slice(x, (self._kept(x),)))
        kept.sliced += [Slice(x, (array,)) for x, array in self.given.items()]
        kept.sliced += forward.sliced
        kept.shared += forward.shared

    # --- products with what is known of all steps -------------------------------------------------------

    def _multiply_ahead(self) -> None:
        """Give products of adjoints in the step one factor each, which is computed for all steps before."""
        step, products = self.step, dict[int, _Product]()
        states = [following for _, following in step.of_states.values()]
        inside = self.inside = set(uses(step.body, states))
        for y in sorted(uses(step.body, [*states, *step.adjoints.values()])):
            one = self._as_product(y, products) if y >= step.start else None
            if one is None or self.arrays.shape(one.factor) != (self.forward.steps, *step.body.shape(y)):
                continue
            node = step.body.nodes[y]
            is_one = node.op == elementwise.name and one.adjoint in node.operands
            if not is_one and (y in inside or step.partial(y)):
                x = self._slice_of(one.factor, step.body.shape(y))
                if x is None:
                    continue
                step.multiply(y, one.adjoint, x)
            products[y] = one
        self.inside = set(uses(step.body, states))

    def _as_product(self, y: int, products: dict[int, _Product]) -> _Product | None:
        """Return what is made of one adjoint, element by element, as a product with it."""
        arrays, body, node = self.arrays, self.step.body, self.step.body.nodes[y]
        derivative = self.step.partial(y)
        if derivative is not None:
            factor, (d, *_) = self._partial(derivative), node.operands
            is_small = derivative.row in WITHIN_ONE
        elif node.op != elementwise.name or any(body.shape(x) not in (node.shape, ()) for x in node.operands):
            return None
        elif node.detail in ("add", "sub"):
            first, second = map(products.get, node.operands)
            if first is None or second is None or first.adjoint != second.adjoint:
                return None
            summed = elementwise(arrays, node.detail, first.factor, second.factor)
            return _Product(first.adjoint, summed, max(first.large, second.large))
        elif node.detail == "mul":
            found = self._known_factor(node)
            if found is None:
                return None
            known, d, factor = found
            is_small = body.nodes[known].op == elementwise.name and body.nodes[known].detail in WITHIN_ONE
        else:
            return None
        if factor is None:
            return None
        before = products.get(d) if y in self.inside else None
        if before is None or before.large + (not is_small) > 1:
            return _Product(d, factor, int(not is_small))
        whole = elementwise(arrays, "mul", before.factor, factor)
        return _Product(before.adjoint, whole, before.large + (not is_small))

    def _known_factor(self, node: Node) -> tuple[int, int, int] | None:
        """Return the operand of a product that does not depend on adjoints, the other one, and its values."""
        for known, d in (node.operands, node.operands[::-1]):
            is_adjoint = d >= self.step.start and self.step.body.shape(d) == node.shape
            factor = self._of_all_steps(known) if is_adjoint else None
            if factor is not None:
                of_steps = len(self.arrays.shape(factor)) > len(self.step.body.shape(known))
                return known, d, self._beside(factor, len(node.shape)) if of_steps else factor
        return None

    def _slice_of(self, array: int, shape: Shape) -> int | None:
        """Return an input of the step that is a slice of an array, if there is room for one."""
        known = next((x for x, given in self.given.items() if given == array), None)
        x = self.step.spare(shape, self.arrays.nodes[array].batched) if known is None else known
        if x is not None:
            self.given[x] = array
        return x

    def _partial(self, derivative: Derivative) -> int | None:
        """Return a partial derivative where a step takes it, of all steps; None if it is no array."""
        operands = [self._of_all_steps(x) for x in derivative.operands]
        if None in operands:
            return None
        known = tuple([x for x in operands if x is not None])
        moved = derivative._replace(result=self._kept(derivative.result), operands=known)
        return chain(self.arrays, constant(self.arrays, 1.0), moved)

    def _of_all_steps(self, x: int) -> int | None:
        """Return what a step that runs forward knows, of all steps, or the same for all.

        It is None for what is the same in all steps for each sample, and for an array of its own in each.
        """
        arrays, forward, node = self.arrays, self.forward, self.step.body.nodes[x]
        if node.op == constant.name:
            return constant(arrays, node.detail)
        if node.op in _VIEWS:
            (a,) = node.operands
            whole = self._of_all_steps(a)
            if whole is None:
                return None
            is_shared = arrays.shape(whole) == self.step.body.shape(a)
            return _seen(arrays, whole, node, 0 if is_shared else forward.steps)
        for one in forward.shared:
            if one.input == x:
                return None if arrays.nodes[one.operand].batched else one.operand
        is_row = any(one.input == x and len(one.operands) > 1 for one in forward.sliced)
        return self._kept(x) if x < self.step.start and not is_row else None

    def _kept(self, x: int) -> int:
        """Return what a step of the forward loop makes or is given, of all steps."""
        forward = self.forward
        given = [one.operands for one in forward.sliced if one.input == x]
        if given and len(given[0]) == 1:
            return given[0][0]
        node = forward.body.nodes[x]
        if node.op in _VIEWS:
            return _seen(self.arrays, self._kept(node.operands[0]), node, forward.steps)
        return part(self.arrays, self.x, forward.stack(x))

    def _of_each_step(self, one: Slice, x: int) -> Result | Callable[[int], int]:
        """Return what comes back to slices: a list of arrays, new in each step, or how they are stacked."""
        is_new = x >= self.step.start and self.step.body.nodes[x].op in _MAKE_ARRAYS
        return self.backward.each(x) if len(one.operands) > 1 and is_new else self._stacked(x)

    def _of_slices(self, one: Slice, y: int, found: Result | Callable[[int], int]) -> Contributions:
        if isinstance(found, Result):
            for t, operand in enumerate(one.operands):
                yield operand, part(self.arrays, y, found._replace(step=t))
            return
        stack = found(y)
        if len(one.operands) == 1:
            yield one.operands[0], stack
            return
        slices = [slice(0, n, 1) for n in self.arrays.shape(stack)[1:]]
        for t, operand in enumerate(one.operands):
            yield operand, section(self.arrays, stack, Window((t, *slices), tuple(range(len(slices)))))

    # --- sums over all steps ----------------------------------------------------------------------------

    def _prepared(self, y: int, operand: int | None) -> Callable[[int], int]:
        """Return how the sum of y over all steps is computed when the loop is there; its parts are stacked.

        It is what comes back to an operand, or to some part of one.
        """
        body, arrays = self.step.body, self.arrays
        node, number = body.nodes[y], body.literal(y)
        if number is not None:
            return lambda _: constant(arrays, self.forward.steps * number)
        if y < self.step.start:
            pass
        elif node.op == outer.name and not node.batched and operand is not None:
            z, a = (self._stacked(factor) for factor in node.operands)
            return lambda loop_: self._outer(z(loop_), a(loop_), operand)
        elif node.op in (total.name, over_batch.name):
            inner = self._prepared(node.operands[0], None)
            if node.op == over_batch.name:
                return lambda loop_: over_batch(arrays, inner(loop_))
            return lambda loop_: total(arrays, inner(loop_), node.detail)
        stacked = self._product(node) if self._is_product(node) else self._stacked(y)
        rank = len(node.shape)
        return lambda loop_: total(arrays, stacked(loop_), (-rank - 1,))

    def _is_product(self, node: Node) -> bool:
        """Return whether it is one of two arrays: those of all steps are found at once after the loop."""
        body = self.step.body
        is_product = node.op == elementwise.name and node.detail == "mul"
        return is_product and all(body.nodes[x].shape and x not in body.numbers for x in node.operands)

    def _product(self, node: Node) -> Callable[[int], int]:
        first, second = map(self._stacked, node.operands)
        rank = len(node.shape)
        return lambda loop_: elementwise(
            self.arrays, "mul", self._beside(first(loop_), rank), self._beside(second(loop_), rank)
        )

    def _placed(self, node: Node) -> Callable[[int], int]:
        like, *parts = map(self._stacked, node.operands)
        windows = [_of_steps(window, self.forward.steps) for window in node.detail]
        return lambda loop_: place(
            self.arrays,
            [Placed(each(loop_), window) for each, window in zip(parts, windows, strict=True)],
            like(loop_),
        )

    def _beside(self, x: int, rank: int) -> int:
        """Return the values of all steps with axes along which they broadcast beside those of a rank."""
        steps, *shape = self.arrays.shape(x)
        return reshape(self.arrays, x, (steps, *[1] * (rank - len(shape)), *shape))

    def _stacked(self, y: int) -> Callable[[int], int]:
        """Return how all values of something in the step are found when the loop is there."""
        arrays = self.arrays
        if y in self.given:
            return lambda _: self.given[y]
        node = self.step.body.nodes[y]
        # What the steps before do not need is put together when the loop is there.
        if y >= self.step.start and y not in self.inside:
            if self._is_product(node):
                return self._product(node)
            if node.op == place.name and self._is_kept(node.operands[0]):
                return self._placed(node)
        if self._is_kept(y):
            return lambda _: self._kept(y)
        result = self.backward.stack(y)
        return lambda loop_: part(arrays, loop_, result)

    def _is_kept(self, x: int) -> bool:
        """Return whether a step of the forward loop makes it, or is given it as its own."""
        is_forward = x < self.step.start and self.forward.body.nodes[x].op != constant.name
        return is_forward and x not in {one.input for one in self.forward.shared}

    def _outer(self, z: int, a: int, W: int) -> int:
        """Return zᵀ a, the adjoint of W, over the rows of all steps."""
        columns = len(self.arrays.shape(W)) - 1, 1
        left, right = (self._as_rows(x, n) for x, n in zip((z, a), columns, strict=True))
        return outer(self.arrays, left, right, W)

    def _as_rows(self, x: int, columns: int) -> int:
        shape = self.arrays.shape(x)
        left = len(shape) - columns
        return reshape(self.arrays, x, (math.prod(shape[:left]), *shape[left:]))
