"""What is certain of gradients that no mistake explains: where to look, and which ratios are constant."""

from __future__ import annotations

import numpy as np

from .backward import Array, Backward, Gradients, one_sample
from .message import listed, name_of, number
from .mistakes import up
from .search import all_agree, constant_ratio
from .suspect import Suspect

_SHOWN = 4
_MOST_SAMPLES = 12


def where_to_look(suspect: Suspect) -> list[str]:
    """Return the first wrong place on the way back, and what is right and wrong within it."""
    agreed: list[str] = []
    parts = list(suspect.parts())
    L = parts[0][1]
    at_once = [name_of((letter, l)) for letter, l, *_, wrong in parts if l == L and wrong.any()]
    if len(at_once) == 2:
        return [
            f"{' and '.join(at_once)} are wrong, where the way back begins. Both are made of ∂C/∂z{up(L)}: "
            "look at it, at the derivative of the cost, and at the forward pass."
        ]
    for letter, l, ours, theirs, wrong in parts:
        name = name_of((letter, l))
        if not wrong.any():
            agreed += [name] * bool(wrong.size)
            continue
        before = f": {', '.join(agreed)} {_is(agreed)} right before it" if agreed else ""
        facts = [f"On the way back the first wrong place is {name}{before}; look there."]
        if letter == "W" and constant_ratio(ours, theirs) is None:
            facts += _by_neuron(name, ours, theirs, wrong)
        return facts
    return []


def _by_neuron(name: str, ours: Array, theirs: Array, wrong: Array) -> list[str]:
    rows = [j for j in range(len(ours)) if wrong[j].any()]
    right = [j for j in range(len(ours)) if j not in rows]
    facts = []
    if right:
        facts.append(
            f"In {name} {listed('neuron', rows)} {_is(rows)} wrong and {listed('neuron', right)} right."
        )
    ratios = {j: constant_ratio(ours[j], theirs[j]) for j in rows}
    if ours.shape[1] > 1 and None not in ratios.values():
        facts.append(f"Over each neuron they are wrong by one ratio: {_ratios('neuron', ratios)}.")
    return facts


def by_sample(suspect: Suspect) -> list[str]:
    """Return which samples are right alone, and by what ratio the others are wrong."""
    right, wrong, ratios = [], [], {}
    for s in range(min(suspect.given.n, _MOST_SAMPLES)):
        alone = one_sample(suspect.given, s)
        theirs, ours = suspect.on(alone), Backward(alone).run()
        if theirs is None:
            return []
        if all_agree(theirs, ours, 1e-7):
            right.append(s)
        else:
            wrong.append(s)
            ratios[s] = constant_ratio(_flat(ours), _flat(theirs), 1e-7)
    if suspect.given.n == 1:
        return []
    if not wrong:
        return [
            "Alone, each sample's gradients are right: what is wrong is how the samples are put together."
        ]
    facts = []
    if right:
        facts.append(
            f"Alone, {listed('sample', right)} {_is(right)} right and {listed('sample', wrong)} wrong."
        )
    if None not in ratios.values():
        facts.append(f"Alone, a sample's gradients are all wrong by one ratio: {_ratios('sample', ratios)}.")
    return facts


def _flat(gradients: Gradients) -> Array:
    return np.concatenate([part.ravel() for _, _, part in gradients.parts()])


def _is(things: list[str] | list[int]) -> str:
    return "is" if len(things) == 1 else "are"


def _ratios(what: str, ratios: dict[int, float | None]) -> str:
    shown = [f"{number(ratio or 0.0)} for {what} {i}" for i, ratio in ratios.items()]
    return ", ".join([*shown[:_SHOWN], *["…"] * (len(shown) > _SHOWN)])
