"""What a kernel is: loops on scalars, the NumPy that a person writes for the same, arguments of any size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

SIZES = {1: (4, 30, 2000), 2: (3, 8, 50), 3: (3, 6, 20), 4: (2, 4, 9)}
"""By the number of nested loops."""


class Kernel(NamedTuple):
    """A kernel of a suite.

    Attributes
    ----------
    name : str
    loops : int
        How many are nested.
    on_scalars : callable
        From nested lists of numbers to a number, nested lists of them, or a tuple of results.
    by_person : callable
        The same from arrays to arrays.
    shapes : str
        Of its arguments: n, m = n + 1, k = n + 2, l = n + 3 and digits are lengths, ``.`` is a number, and
        ``+`` says positive, ``-`` small, ``!`` that the diagonal is large.
    each : bool
        Whether n is an axis of samples, which stands first and never meets itself.
    sizes : sequence of int
        The values of n, the smallest first.
    """

    name: str
    loops: int
    on_scalars: Callable[..., Any]
    by_person: Callable[..., Any]
    shapes: str
    each: bool
    sizes: Sequence[int]

    def arguments(self, n: int) -> list[Any]:
        """Return arrays for the arguments at a size, and weights for the results."""
        random = np.random.default_rng(n)
        lengths = {"n": n, "m": n + 1, "k": n + 2, "l": n + 3}
        drawn = []
        for one in self.shapes.split():
            shape = [lengths.get(letter) or int(letter) for letter in one.strip(".+-!")]
            if "+" in one:
                array = random.uniform(0.5, 1.5, shape)
            else:
                array = random.normal(size=shape) * (1.0 if one[-1] not in "-!" else 0.3 / n**0.5)
            drawn.append(array + 2 * np.eye(n) if "!" in one else array)
        results = results_of(self.by_person(*drawn))
        return [*drawn, *(random.normal(size=np.shape(result)) for result in results)]

    @property
    def asked(self) -> range:
        """Return the arguments whose gradients are wanted: all but the weights of the results."""
        return range(len(self.shapes.split()))

    def cost(self, *args: Any) -> Any:
        """Return the results on scalars, weighted and summed up."""
        arguments, weights = args[: len(self.asked)], args[len(self.asked) :]
        pairs = zip(weights, results_of(self.on_scalars(*arguments)), strict=True)
        return sum(w * y for weight, result in pairs for w, y in _zipped(weight, result))

    def cost_by_person(self, *args: Any) -> Any:
        """Return the same from arrays."""
        arguments, weights = args[: len(self.asked)], args[len(self.asked) :]
        first, *others = map(np.vdot, weights, results_of(self.by_person(*arguments)))
        return sum(others, first)

    def axes(self) -> list[int | None]:
        """Return the axis of samples of each argument, for ``in_axes``; the result has it, too."""
        return [0 if shape.startswith("n") else None for shape in self.shapes.split()] + [0]

    def cost_of_one(self, *args: Any) -> Any:
        """Return the cost of one sample: that of a batch of one."""
        return self.cost(*([arg] if axis == 0 else arg for arg, axis in zip(args, self.axes(), strict=True)))


def results_of(results: Any) -> Sequence[Any]:
    """Return several results as they are, one in a tuple."""
    return results if isinstance(results, tuple) else (results,)


def _zipped(weights: Any, results: Any) -> Iterator[tuple[Any, Any]]:
    """Yield what corresponds in two nested lists, but for plain zeros, where a result has nothing."""
    if isinstance(weights, list):
        for weight, result in zip(weights, results, strict=True):
            yield from _zipped(weight, result)
    elif not (isinstance(results, float) and results == 0.0):
        yield weights, results


class Suite:
    """The kernels of a suite, and those that are left out, with the reason."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.kernels: list[Kernel] = []
        self.left_out: dict[str, str] = {}

    def kernel(
        self,
        by_person: Callable[..., Any],
        shapes: str,
        *,
        loops: int,
        name: str = "",
        each: bool = False,
        sizes: Sequence[int] = (),
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Take a function on scalars into the suite, under its name; see :class:`Kernel`."""

        def add(on_scalars: Callable[..., Any]) -> Callable[..., Any]:
            called = name or on_scalars.__name__
            chosen = sizes or SIZES[min(loops, 4)]
            self.kernels.append(Kernel(called, loops, on_scalars, by_person, shapes, each, chosen))
            return on_scalars

        return add
