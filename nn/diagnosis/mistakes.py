"""What a mistake is: a line of the backward pass changed or scaled, with what is said of it.

The mistakes themselves stand in :mod:`nn.diagnosis.catalogue`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from typing import Any, NamedTuple, TypeAlias

from .backward import Line, Problem

Layers: TypeAlias = tuple[int, ...]
Where: TypeAlias = Callable[..., Any]
"""``where(problem, l, **choice)``: whether a mistake can be made in a layer."""


class Mistake(NamedTuple):
    """A mistake: what it does to the backward pass, and what is said of it.

    Attributes
    ----------
    name : str
        One word with underscores, for programs.
    sentence : str
        For people. ``{f}`` is the function under test, ``{where}`` the layers in words, ``{l}``, ``{k}``
        and ``{m}`` superscripts for this layer, the one before and the one after, ``{n}`` and ``{kn}`` the
        numbers of the first two, ``{s}`` the activation's name, ``{c}`` the number that was solved for.
    formula : str
        The right line, with what is missing or wrong in it between « and ».
    id : str
        The line's name in the derivations.
    note : str
        What stands under the mark: ``missing``, or what was written instead.
    lines : dict of str to function or None
        By name of the method of ``Backward`` that it replaces, or scales; the function takes the pass, the
        layer and what the method takes.
    layers : tuple of tuples of int
        The layers in which it may be made, each choice a tuple.
    scale : callable, optional
        Of a problem: the factor for the lines that it scales.
    unknown : bool
        Whether the lines take a ``number`` that is to be solved for, or are scaled by it; the gradient of the
        first layer that they change is linear in it.
    same_n : bool
        Whether shapes allow it for one number of samples only.
    """

    name: str
    sentence: str
    formula: str
    id: str
    note: str
    lines: dict[str, Line | None]
    layers: tuple[Layers, ...]
    scale: Callable[[Problem], float] | None = None
    unknown: bool = False
    same_n: bool = False


class Cause(NamedTuple):
    """A mistake in certain layers, with the number that was solved for."""

    mistake: Mistake
    layers: Layers
    number: float = 0.0

    def changes(self) -> dict[tuple[str, int], Line]:
        """Return the lines that :class:`nn.diagnosis.backward.Backward` takes for it."""
        return {
            (name, l): partial(line, number=self.number) if self.mistake.unknown else line
            for name, line in self.mistake.lines.items()
            for l in self.layers
            if line is not None
        }

    def scales(self, problem: Problem) -> dict[tuple[str, int], float]:
        """Return the factors that it takes."""
        mistake = self.mistake
        number = mistake.scale(problem) if mistake.scale else self.number
        return {
            (name, l): number for name, line in mistake.lines.items() for l in self.layers if line is None
        }


Entry: TypeAlias = Callable[[Problem], Iterator[Mistake]]
ENTRIES: list[Entry] = []
"""What yields the mistakes that can be made on a network, in the order in which they are tried."""

FORMULAS = {
    "forward slope": ("a{l} = «σ(z{l})»", "A3"),
    "forward": ("a{l} = «σ(z{l})»", "A3"),
    "slope": ("∂C/∂z{l} = ∂C/∂a{l} ⊙ «σ′(z{l})»", "B1"),
    "at_sum": ("∂C/∂z{l} = ∂C/∂a{l} «⊙» σ′(z{l})", "B1"),
    "weights": ("∂C/∂W{l} = ∂C/∂z{l} «(a{k})ᵀ»", "B2"),
    "bias": ("∂C/∂b{l} = «∂C/∂z{l}»", "B3"),
    "previous": ("∂C/∂a{k} = «(W{l})ᵀ» ∂C/∂z{l}", "B4"),
}
"""The line that a change replaces, unless it says better which part of it is wrong."""
FORMULAS_OF_COSTS = {
    "sum_squared_error": ("∂C/∂a{l} = «2 (a{l} − y)»", "D1"),
    "mean_squared_error": ("∂C/∂a{l} = «(2/n_L) (a{l} − y)»", "C2"),
    "half_squared_error": ("∂C/∂a{l} = «a{l} − y»", "E2"),
    "hinge": ("∂C/∂a{l} = «−y where y a{l} < 1, else 0»", "A2"),
    "binary_cross_entropy": ("∂C/∂a{l} = «(1 − y)/(1 − a{l}) − y/a{l}»", "A2"),
    "binary_cross_entropy_with_logits": ("∂C/∂z{l} = «p − y», where p = sigmoid(z{l})", "A2"),
    "cross_entropy": ("∂C/∂z{l} = «p − y», where p = softmax(z{l})", "A2"),
}


def instead(
    line: str,
    note: str,
    where: Where = lambda p, l, **choice: True,
    *,
    name: str = "",
    formula: tuple[str, str] | None = None,
    everywhere: bool = False,
    unknown: bool = False,
    same_n: bool = False,
    **choices: Sequence[Any],
) -> Callable[[Line], Line]:
    """Enter a function as what stands in the place of a line; its docstring is what is said of it.

    Parameters
    ----------
    line : str
        A method of ``Backward``; or two, as ``"weights bias"``, of which the function is told which.
    note, formula, unknown, same_n
        As for :class:`Mistake`; the formula comes with its id.
    where : callable
        Whether it can be made in a layer.
    name : str
        Unless it is that of the function.
    everywhere : bool
        Whether it is made in all these layers or in none.
    **choices : sequences
        Arguments of the function; each choice makes a mistake of its own, and its texts may name it.
    """
    lines = line.split()

    def enter(change: Line) -> Line:
        def mistakes(problem: Problem) -> Iterator[Mistake]:
            of_cost = FORMULAS_OF_COSTS.get(str(problem.cost), ("∂C/∂a{l} = «∂cost/∂a{l}»", "A2"))
            written, id_ = formula or FORMULAS.get(line, of_cost)
            for values in product(*choices.values()):
                choice = dict(zip(choices, values, strict=True))
                fit = [l for l in range(1, problem.L + 1) if where(problem, l, **choice)]
                texts = [name or change.__name__, str(change.__doc__).rstrip("."), written, id_, note]
                named, says, line_of, its_id, under = (_named(text, choice) for text in texts)
                yield Mistake(
                    named,
                    says,
                    line_of,
                    its_id,
                    under,
                    {part: partial(change, **choice, **_which(part, lines)) for part in lines},
                    (tuple(fit),) if everywhere and fit else some(fit),
                    unknown=unknown,
                    same_n=same_n,
                )

        ENTRIES.append(mistakes)
        return change

    return enter


def _which(line: str, lines: list[str]) -> dict[str, str]:
    return {"line": line} if len(lines) > 1 else {}


def _named(text: str, choice: dict[str, Any]) -> str:
    for key, value in choice.items():
        text = text.replace(f"{{{key}}}", str(value))
    return text


def some(layers: Sequence[int]) -> tuple[Layers, ...]:
    """Return each layer alone, then all of them but the last, then all.

    Examples
    --------
    >>> some([1, 2, 3])
    ((1,), (2,), (3,), (1, 2), (1, 2, 3))
    """
    choices = [(l,) for l in layers] + [tuple(layers[:-1]), tuple(layers)]
    return tuple(dict.fromkeys(choice for choice in choices if choice))


_UP = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_DOWN = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def up(l: int) -> str:
    """Return a layer as a superscript.

    Examples
    --------
    >>> "W" + up(12)
    'W¹²'
    """
    return str(l).translate(_UP)


def down(*indices: int) -> str:
    """Return indices as subscripts, with a comma where they would run together.

    Examples
    --------
    >>> "w" + down(0, 1), "w" + down(10, 1)
    ('w₀₁', 'w₁₀,₁')
    """
    return ("," if max(indices) > 9 else "").join(map(str, indices)).translate(_DOWN)
