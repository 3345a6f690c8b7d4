"""A repetition as an operation on arrays: what fills its step's inputs, how its states lie, what it returns.

The step itself becomes arrays by the passes that every program goes through.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from autograd_lite.lifting.arrays import Integers, Shape
from autograd_lite.lifting.operations.inputs import constant
from autograd_lite.lifting.operations.shapes import as_whole, reshape
from autograd_lite.lifting.places import Input, Places, grid
from autograd_lite.lifting.rolling.extract import Carried, Part, Repetition
from autograd_lite.lifting.rolling.loop import Carry, Loop, Result, Share, Slice
from autograd_lite.lifting.rolling.parts import for_each_sample, part
from autograd_lite.lifting.rolling.rows import loop
from autograd_lite.lifting.scalars import PART, Scalars

_ROUNDS = 5

Assembler: TypeAlias = Callable[[Scalars, Sequence[Input]], Places]
"""Makes arrays of a program whose inputs these are."""


class _State(NamedTuple):
    """What goes from one step to the next as one array: its members in order, its shape."""

    members: tuple[Carried, ...]
    shape: Shape
    batched: bool


def add_loop(places: Places, i: int, assembler: Assembler) -> None:
    """Add the operation that runs a repetition, and note where the nodes are that are parts of it."""
    program = places.program
    step = _Step(places, program.details[i], np.array(program.operands[i], dtype=np.intp))
    step.assemble(assembler)
    step.add(
        {
            k: detail
            for k, detail in program.details.items()
            if program.ops[k] == PART and program.operands[k] == (i,)
        }
    )


class _Step:
    """The inputs of a step, and its arrays."""

    def __init__(self, places: Places, repetition: Repetition, operands: Integers) -> None:
        self.outer, self.repetition, self.operands = places, repetition, operands
        # Of what the step was made of at first, some has gone into sums that are computed before.
        self.slots = {slot for _, slot in repetition.body.inputs.values()}
        self.inputs: list[Input] = []
        self.place: dict[int, tuple[int, int]] = {}
        self.shared: list[int] = []
        self.sliced: list[tuple[int, ...]] = []
        self._share()
        self._slice()
        self.states: list[_State] = []
        self.places = places

    # --- what comes from outside ------------------------------------------------------------------------

    def _input(self, slots: Iterable[int], positions: Iterable[int], shape: Shape, xs: Sequence[int]) -> None:
        """Fill slots with the elements at positions of an array like those outside."""
        arrays = self.outer.arrays
        for slot, position in zip(slots, positions, strict=True):
            self.place[slot] = len(self.inputs), int(position)
        batched = any(arrays.nodes[x].batched for x in xs)
        self.inputs.append(Input(arrays.names.get(xs[0], ""), shape, batched))

    def _share(self) -> None:
        """Share what is the same in all steps: whole arrays, or what is needed of them."""
        outer, by_array = self.outer, defaultdict(list)
        for slot, k in self.repetition.shared.items():
            if slot in self.slots:
                by_array[int(outer.array_of[self.operands[k]])].append(slot)
        for x, slots in by_array.items():
            nodes = self.operands[[self.repetition.shared[slot] for slot in slots]]
            positions = outer.position_of[nodes]
            distinct, first, inverse = np.unique(positions, return_index=True, return_inverse=True)
            shape = outer.arrays.shape(x)
            if len(distinct) < outer.arrays.size(x):
                shape, positions = nested(distinct.tolist()), inverse
                x = outer.operand(nodes[first].reshape(shape), whole=True)
            self._input(slots, positions, shape, [x])
            self.shared.append(x)

    def _slice(self) -> None:
        """Slice what differs from step to step; with an array for each step, these are a row of arrays."""
        outer, by_arrays = self.outer, defaultdict(list)
        for slot, numbers in self.repetition.sliced.items():
            if slot in self.slots:
                nodes = self.operands[numbers]
                by_arrays[outer.array_of[nodes].tobytes()].append((slot, nodes))
        for found in by_arrays.values():
            order = sorted(range(len(found)), key=lambda k: outer.position_of[found[k][1][-1]])
            slots = [found[k][0] for k in order]
            nodes = np.array([found[k][1] for k in order]).T
            xs = tuple(map(int, outer.array_of[nodes[:, 0]]))
            if self._is_row_of_arrays(nodes, xs):
                xs = self._alike(xs)
                self._input(slots, range(len(slots)), outer.arrays.shape(xs[0]), xs)
            else:
                shape = self._shape_of_slice(nodes, xs)
                xs = (outer.operand(nodes.reshape(-1, *shape), whole=True),)
                self._input(slots, range(len(slots)), shape, xs)
            self.sliced.append(xs)

    def _alike(self, xs: tuple[int, ...]) -> tuple[int, ...]:
        """Return arrays that are all over samples, if one of them is."""
        arrays = self.outer.arrays
        is_batched = [arrays.nodes[x].batched for x in xs]
        each = zip(xs, is_batched, strict=True)
        return tuple([for_each_sample(arrays, x) if any(is_batched) and not one else x for x, one in each])

    def _is_row_of_arrays(self, nodes: Integers, xs: tuple[int, ...]) -> bool:
        """Return whether the nodes of each step are a whole array, another one in each."""
        arrays, n = self.outer.arrays, nodes.shape[1]
        if min(xs) < 0 or len(set(xs)) < len(xs) or len({arrays.shape(x) for x in xs}) > 1:
            return False
        return n == arrays.size(xs[0]) and bool((self.outer.position_of[nodes] == np.arange(n)).all())

    def _shape_of_slice(self, nodes: Integers, xs: tuple[int, ...]) -> Shape:
        """Return the shape in which the nodes of a step lie in their array."""
        positions = self.outer.position_of[nodes[-1]]
        if len(positions) == 1:
            return ()
        is_ordered = len(set(xs)) == 1 and xs[0] >= 0 and bool((np.diff(positions) > 0).all())
        return grid(self.outer.arrays.shape(xs[0]), positions) if is_ordered else (len(positions),)

    # --- the states -------------------------------------------------------------------------------------

    def assemble(self, assembler: Assembler) -> None:
        """Make arrays of the step; its states lie as it makes them itself, so that nothing is moved."""
        self.states = self._as_they_begin()
        for _ in range(_ROUNDS):
            self.places = self._assembled(assembler)
            states = self._as_made()
            if states == self.states:
                return
            self.states = states
        self.places = self._assembled(assembler)

    def _as_they_begin(self) -> list[_State]:
        """Return the states in the order and the shapes in which they lie before the first step."""
        by_array = defaultdict(list)
        body, outer = self.repetition.body, self.outer
        for one in self.repetition.carried:
            first = self.operands[one.operand]
            key = body.ops[self._made_by(one)], int(outer.array_of[first])
            by_array[key].append((int(outer.position_of[first]), one))
        states = []
        for (_, x), found in by_array.items():
            found.sort(key=lambda pair: pair[0])
            shape = self._shape(outer, x, [position for position, _ in found])
            states.append(_State(tuple([one for _, one in found]), shape, False))
        return states

    def _shape(self, places: Places, x: int, positions: Sequence[int]) -> Shape:
        """Return the shape of the elements at positions of an array."""
        if len(positions) == 1:
            return ()
        if x < 0 or (np.diff(positions) <= 0).any():
            return (len(positions),)
        whole = places.arrays.shape(x)
        return whole if len(positions) == places.arrays.size(x) else grid(whole, np.array(positions))

    def _made_by(self, one: Carried) -> int:
        body = self.repetition.body
        return body.operands[body.root][one.result]

    def _assembled(self, assembler: Assembler) -> Places:
        inputs, place = list(self.inputs), dict(self.place)
        for state in self.states:
            for position, one in enumerate(state.members):
                place[one.slot] = len(inputs), position
            inputs.append(Input(self._name(state), state.shape, state.batched))
        body = self.repetition.body
        placed = {i: place[slot] for i, (_, slot) in body.inputs.items()}
        return assembler(body._replace(inputs=placed), inputs)

    def _name(self, state: _State) -> str:
        """Return the name of what the state begins with, without a 0 at its end, if it has one."""
        first = self.operands[state.members[0].operand]
        wanted = self.outer.arrays.names.get(int(self.outer.array_of[first]), "")
        return wanted.rstrip("0").rstrip("_")

    def _as_made(self) -> list[_State]:
        """Return the states in the order and the shapes in which the step makes them."""
        places, arrays = self.places, self.places.arrays
        by_array = defaultdict(list)
        for one in self.repetition.carried:
            by_array[int(places.array_of[self._made_by(one)])].append(one)
        was_batched = {one for state in self.states if state.batched for one in state.members}
        states = []
        for x, found in by_array.items():
            found.sort(key=lambda one: int(places.position_of[self._made_by(one)]))
            shape = self._shape(places, x, [int(places.position_of[self._made_by(one)]) for one in found])
            batched = not was_batched.isdisjoint(found) or any(map(self._begins_batched, found))
            batched = batched or (x >= 0 and arrays.nodes[x].batched)
            states.append(_State(tuple(found), shape, batched))
        return states

    def _begins_batched(self, one: Carried) -> bool:
        x = int(self.outer.array_of[self.operands[one.operand]])
        return x >= 0 and self.outer.arrays.nodes[x].batched

    # --- the operation ----------------------------------------------------------------------------------

    def add(self, wanted: dict[int, Part]) -> None:
        """Add the loop, and put the parts that are wanted where it returns them."""
        arrays, first = self.outer.arrays, len(self.shared) + len(self.sliced)
        numbers = [x for x, node in enumerate(self.places.arrays.nodes) if node.op == "input"]
        inputs = dict(zip(range(len(numbers)), numbers, strict=True))
        kinds = iter(range(len(self.inputs)))
        shared = [Share(inputs[next(kinds)], x) for x in self.shared]
        sliced = [Slice(inputs[next(kinds)], xs) for xs in self.sliced]
        carried = [self._carry(inputs[first + k], state) for k, state in enumerate(self.states)]
        whole = Loop(self.places.arrays, self.repetition.steps, False, carried, sliced, shared, [])
        x = loop(arrays, whole)
        by_array = defaultdict(list)
        for node, one in wanted.items():
            made = self.repetition.body.operands[self.repetition.body.root][one.result]
            by_array[int(self.places.array_of[made])].append((node, one, int(self.places.position_of[made])))
        for made, found in by_array.items():
            self._put(x, made, found)

    def _carry(self, x: int, state: _State) -> Carry:
        """Return what a state begins with, and what the next one is."""
        inner, outer = self.places, self.outer
        nodes = np.array([self._made_by(one) for one in state.members])
        following = inner.operand(nodes.reshape(state.shape), whole=True)
        following = reshape(inner.arrays, following, state.shape)
        initial = outer.operand(
            self.operands[[one.operand for one in state.members]].reshape(state.shape), whole=True
        )
        if initial in outer.arrays.numbers:
            # States are arrays, of the precision of all others.
            initial = reshape(outer.arrays, constant(outer.arrays, [outer.arrays.literal(initial)]), ())
        is_one_for_all = state.batched and not inner.arrays.nodes[following].batched
        if is_one_for_all or following in inner.arrays.numbers:
            following = as_whole(inner.arrays, following, x)
        if state.batched and not outer.arrays.nodes[initial].batched:
            initial = for_each_sample(outer.arrays, initial)
        return Carry(x, initial, following)

    def _put(self, x: int, made: int, found: list[tuple[int, Part, int]]) -> None:
        """Put parts of one array of the step where the loop returns them: at its end, or of all steps."""
        outer, last = self.outer, self.repetition.steps - 1
        in_state = {
            one.result: (k, position)
            for k, state in enumerate(self.states)
            for position, one in enumerate(state.members)
        }
        if all(one.step == last and one.result in in_state for _, one, _ in found):
            for node, one, _ in found:
                k, outer.position_of[node] = in_state[one.result]
                outer.array_of[node] = part(outer.arrays, x, Result("carry", k))
            return
        size = self.places.arrays.size(made)
        stack = part(outer.arrays, x, outer.arrays.nodes[x].detail.stack(made))
        for node, one, position in found:
            outer.array_of[node], outer.position_of[node] = stack, one.step * size + position


def nested(positions: Sequence[int]) -> Shape:
    """Return the shape in which positions are an array with a step along each axis.

    Examples
    --------
    >>> nested([0, 1, 2, 10, 11, 12]), nested([3, 5, 7]), nested([1, 2, 5])
    ((2, 3), (3,), (3,))
    """
    steps = np.diff(positions)
    breaks = np.flatnonzero(steps != steps[0]) if len(steps) else steps
    if not len(breaks):
        return (len(positions),) if len(positions) > 1 else ()
    n = int(breaks[0]) + 1
    rows = np.reshape(positions, (-1, n)) if len(positions) % n == 0 and n > 1 else None
    if rows is None or (rows - rows[:, :1] != rows[0] - rows[0, 0]).any():
        return (len(positions),)
    return (*nested(rows[:, 0].tolist()), n)
