"""The diagnosis of a function whose gradients are wrong: which mistake it makes, or what is certain if none fits.

A mistake is named only if it reproduces all gradients of the function, to rounding, on the given network and on
another, random one with other data and another number of samples. Nobody is accused on less.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from nn.diagnosis.backward import Array, Backward, Gradients, Problem
from nn.diagnosis.catalogue import Cause, down, up
from nn.diagnosis.message import (
    choose_entry,
    choose_sample,
    derivation,
    evidence,
    formula,
    name_of,
    number,
    one_sample,
    paragraphs,
    sentence,
)
from nn.diagnosis.search import (
    Search,
    agree,
    all_agree,
    another_n,
    another_problem,
    constant_ratio,
    first_wrong,
)

Call: TypeAlias = Callable[[Problem], Gradients]
"""Calls the function under test; it may raise anything."""

# Single precision has 7 digits, of which sums lose some.
_OF_SINGLES = 1e-4
# Seconds that calls on single samples may take.
_PATIENCE = 0.3


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a function's gradients.

    Attributes
    ----------
    names : tuple of str
        The mistake by its name in the catalogue; two for a pair of mistakes; none if nothing explains
        everything.
    sentences : tuple of str
        The same for people.
    alternatives : tuple of tuples of str
        Names of other mistakes, or pairs, that make the same numbers on every network of this shape.
    evidence : str
        Which arrays are right, and the ratio of those that are not.
    facts : tuple of str
        What else is certain.
    text : str
        The whole message.
    """

    names: tuple[str, ...]
    sentences: tuple[str, ...]
    alternatives: tuple[tuple[str, ...], ...]
    evidence: str
    facts: tuple[str, ...]
    text: str = field(repr=False)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Suspect:
    """A function under test, and what is known of it on the given network.

    Attributes
    ----------
    name : str
    call : callable
    given : Problem
    right, theirs, wrong : Gradients
        The right ones, the function's, and whether they differ.
    fits : callable of gradients and a tolerance
        Whether gradients are those of the function on the given network.
    count : str
        How many differ, and the first, in words.
    """

    name: str
    call: Call
    given: Problem
    right: Gradients
    theirs: Gradients
    wrong: Gradients
    fits: Callable[[Gradients, float], bool]
    count: str

    def on(self, problem: Problem) -> Gradients | None:
        """Return the function's gradients for a problem, or None if it raises an error or has no numbers."""
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                gradients = self.call(problem)
        except Exception:  # noqa: BLE001 - what somebody else's function raises for other data is not asked
            return None
        return gradients if _finite(gradients) else None


@dataclass
class _Verdict:
    names: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    formulas: list[list[str]] = field(default_factory=list)
    alternatives: list[tuple[list[str], str]] = field(default_factory=list)
    proof: str = ""
    facts: list[str] = field(default_factory=list)


def diagnose(suspect: Suspect) -> Diagnosis:
    """Return what is wrong with a function, of which at least one gradient is."""
    if not _finite(suspect.theirs):
        verdict = _not_a_number(suspect)
    else:
        started = time.perf_counter()
        again = suspect.on(suspect.given)
        patient = time.perf_counter() - started < _PATIENCE
        if again is not None and not all_agree(again, suspect.theirs):
            verdict = _changing(suspect, again)
        else:
            suspect = _without_rounding(suspect) if is_single(suspect) else suspect
            verdict = _by_catalogue(suspect)
            if not verdict.names:
                verdict.facts += _certain(suspect) + (_by_sample(suspect) if patient else [])
    shown = evidence(suspect.given, suspect.right, suspect.theirs, suspect.wrong)
    return Diagnosis(
        tuple(verdict.names),
        tuple(verdict.sentences),
        tuple(tuple(names) for names, _ in verdict.alternatives),
        shown,
        tuple(verdict.facts),
        _text(suspect, verdict, shown),
    )


def _finite(gradients: Gradients) -> bool:
    return all(bool(np.isfinite(part).all()) for _, _, part in gradients.parts())


# ------------------------------------------------------------------------------ what is no mistake in a line


def _not_a_number(suspect: Suspect) -> _Verdict:
    problem, f = suspect.given, suspect.name
    bad = [(letter, l, ~np.isfinite(part)) for letter, l, part in suspect.theirs.parts()]
    letter, l, first = next(entry for entry in bad if entry[2].any())
    where = f"all of {name_of((letter, l))}" if first.all() else (
        f"{name_of((letter, l))}, in {int(first.sum())} of {first.size} entries")  # fmt: skip
    clean = [name_of((a, m)) for a, m, entries in bad if not entries.any() and entries.size]
    kinds = {
        "nan" if np.isnan(part).any() else "inf"
        for _, _, part in suspect.theirs.parts()
        if not np.isfinite(part).all()
    }
    kind = "NaN" if "nan" in kinds else "infinite numbers"
    verdict = _Verdict(["not_a_number"], [f"{f} returns {kind}; every gradient is finite by the engine."])
    verdict.facts.append(
        f"On the way back it arises first in {where}." + (f" {', '.join(clean)} are finite." if clean else "")
    )
    samples = [
        s for s in range(min(problem.n, 20)) if problem.n > 1 and suspect.on(one_sample(problem, s)) is None
    ]
    if samples and len(samples) < problem.n:
        verdict.facts.append(
            f"Alone, {_list('sample', samples)} {'gives' if len(samples) == 1 else 'give'} it."
        )
    m, z = max(((m, float(np.abs(z).max())) for m, z in problem.Z.items()), key=lambda entry: entry[1])
    if z > 700:
        s = int(np.abs(problem.Z[m]).max(axis=1).argmax())
        verdict.facts.append(
            f"The largest |z| is {number(z)}, in layer {m} for sample {s}: e to that power overflows, and ∞/∞ is "
            "NaN. Subtract the largest z first (softmax), or take the exponential of −|z|."
        )
    return verdict


def _changing(suspect: Suspect, again: Gradients) -> _Verdict:
    """Return the verdict on a function that gives other gradients when it is called again."""
    f, given = suspect.name, suspect.given
    grown = _difference(again, suspect.theirs)
    other = another_problem(given, another_n(given))
    on_other = suspect.on(other)
    if all_agree(grown, suspect.right, 1e-6) and on_other is not None:
        if all_agree(_difference(on_other, again), Backward(other).run(), 1e-6):
            return _Verdict(
                ["not_zeroed"],
                [f"{f} adds to the gradients of its last call: set them to zero first."],
                [
                    [
                        "  ∂C/∂w = «0» + 1/n Σₛ ∂costₛ/∂w   (A5)".replace("«0»", "0"),
                        "          ^ the sum of the last call instead",
                    ]
                ],
                proof="Called again with the same arguments, it returned these gradients and the right ones added; so "
                f"it did on another random network with {other.n} samples.",
            )
    return _Verdict(
        ["not_repeatable"],
        [
            f"{f} gives other gradients when it is called again with the same arguments: something is kept, or drawn."
        ],
    )


def _difference(a: Gradients, b: Gradients) -> Gradients:
    return Gradients({l: a.W[l] - b.W[l] for l in a.W}, {l: a.b[l] - b.b[l] for l in a.b})


# ------------------------------------------------------------------------------ by the catalogue


def _by_catalogue(suspect: Suspect) -> _Verdict:
    given = suspect.given
    for n in (another_n(given), given.n):
        other = another_problem(given, n)
        theirs = suspect.on(other)
        if theirs is not None:
            break
    else:
        return _Verdict(
            facts=[
                f"{suspect.name} raises an error on other networks of this shape: no mistake is named, for none could be confirmed."
            ]
        )
    if all_agree(theirs, Backward(other).run()):
        return _Verdict(facts=[
            f"On another random network with {other.n} samples it is right: what is wrong comes of these numbers, or of there being {given.n} samples."
        ])  # fmt: skip
    single = is_single(suspect)
    rtol = _OF_SINGLES if single else 1e-9
    these = "This makes exactly these numbers" if not single else "This makes these numbers, to 7 digits"
    proof = f"{these}, here and on another random network with {other.n} samples."
    if (
        _close(suspect.theirs, suspect.right)
        and _close(theirs, Backward(other).run())
        and (single or not _few_wrong(suspect))
    ):
        causes: list[list[Cause]] = []
        if not single:
            causes = [
                [cause] for cause in Search(given, other, lambda g: suspect.fits(g, 1e-9), theirs).singles()
            ]
        if not causes:
            return _Verdict(
                ["single_precision"],
                [
                    f"{suspect.name} is right to {_digits(suspect)}: it computes in single precision (float32)."
                ],
                proof=f"It is so here and on another random network with {other.n} samples. Compute in float64, or "
                "compare with rtol=1e-4.",
            )
    search = Search(given, other, lambda g: suspect.fits(g, rtol), theirs, rtol)
    found: list[tuple[Cause, ...]] = [(cause,) for cause in search.singles()]
    found = found or [pair for pair in search.pairs()]
    if not found:
        return _Verdict()
    first, *others = found
    told = [sentence(cause, given, suspect.name) for cause in first]
    verdict = _Verdict(
        [cause.mistake.name for cause in first], told, [formula(cause, given) for cause in first], proof=proof
    )
    for causes_ in others:
        verdict.alternatives.append((
            [cause.mistake.name for cause in causes_],
            " ".join(text for cause in causes_ if (text := sentence(cause, given, suspect.name)) not in told),
        ))  # fmt: skip
    if single:
        verdict.facts.append("Besides, it computes in single precision (float32), to 1e-6.")
    return verdict


def is_single(suspect: Suspect) -> bool:
    """Return whether all gradients have no more digits than float32 holds, though the right ones have."""

    def short(gradients: Gradients) -> bool:
        with np.errstate(all="ignore"):
            return all(
                bool((part.astype(np.float32).astype(float) == part).all())
                for _, _, part in gradients.parts()
            )

    return short(suspect.theirs) and not short(suspect.right)


def _without_rounding(suspect: Suspect) -> Suspect:
    """Return the same with only those gradients wrong that single precision does not explain."""

    def off(part: str) -> dict[int, Array]:
        a, b = getattr(suspect.theirs, part), getattr(suspect.right, part)
        return {l: np.abs(a[l] - b[l]) > _OF_SINGLES * np.abs(b[l]).max(initial=0.0) for l in a}

    wrong = Gradients(off("W"), off("b"))
    return replace(suspect, wrong=wrong) if any(part.any() for _, _, part in wrong.parts()) else suspect


def _close(a: Gradients, b: Gradients) -> bool:
    return all_agree(a, b, _OF_SINGLES)


def _few_wrong(suspect: Suspect) -> bool:
    wrong = sum(int(part.sum()) for _, _, part in suspect.wrong.parts())
    return 2 * wrong < sum(part.size for _, _, part in suspect.wrong.parts())


def _digits(suspect: Suspect) -> str:
    off = max(
        float((np.abs(a - b) / max(float(np.abs(b).max()), 1e-300)).max())
        for (_, _, a), (_, _, b) in zip(suspect.theirs.parts(), suspect.right.parts(), strict=True)
        if a.size
    )
    return "1e-6" if off < 1e-6 else "1e-5" if off < 1e-5 else "1e-4"


# ------------------------------------------------------------------------------ what is certain all the same


def _certain(suspect: Suspect) -> list[str]:
    """Return where to look, and what ratios are constant."""
    parts = list(zip(suspect.right.parts(), suspect.theirs.parts(), suspect.wrong.parts(), strict=True))
    agreed: list[str] = []
    for (letter, l, ours), (_, _, theirs), (_, _, wrong) in parts:
        if not wrong.any():
            agreed += [name_of((letter, l))] if wrong.size else []
            continue
        name = name_of((letter, l))
        before = (
            f": {', '.join(agreed)} {'is' if len(agreed) == 1 else 'are'} right before it" if agreed else ""
        )
        facts = [f"On the way back the first wrong place is {name}{before}; look there."]
        if wrong.sum() == 1 < wrong.size:
            j, *k = (int(i) for i in np.argwhere(wrong)[0])
            facts.append(f"Only ∂C/∂{letter.lower()}{up(l)}{down(j, *k)} is wrong in it.")
        elif letter == "W" and constant_ratio(ours, theirs) is None:
            facts += _by_neuron(name, ours, theirs, wrong)
        return facts
    return []


def _by_neuron(name: str, ours: Array, theirs: Array, wrong: Array) -> list[str]:
    rows = [j for j in range(len(ours)) if wrong[j].any()]
    right = [j for j in range(len(ours)) if j not in rows]
    facts = []
    if right:
        facts.append(
            f"In {name} {_list('neuron', rows)} {'is' if len(rows) == 1 else 'are'} wrong, {_list('neuron', right)} right."
        )
    ratios = {j: constant_ratio(ours[j], theirs[j]) for j in rows}
    if ours.shape[1] > 1 and all(ratio is not None for ratio in ratios.values()):
        shown = [f"{number(ratio or 0.0)} for neuron {j}" for j, ratio in ratios.items()][:4]
        more = ", …" if len(ratios) > 4 else ""
        facts.append(
            f"In {name} the ratio to the right one is the same over each neuron: {', '.join(shown)}{more}."
        )
    return facts


def _by_sample(suspect: Suspect) -> list[str]:
    given = suspect.given
    if given.n == 1:
        return []
    right, wrong, ratios = [], [], {}
    for s in range(min(given.n, 12)):
        alone = one_sample(given, s)
        theirs = suspect.on(alone)
        if theirs is None:
            return []
        ours = Backward(alone).run()
        (right if all_agree(theirs, ours, 1e-7) else wrong).append(s)
        flat = [np.concatenate([part.ravel() for _, _, part in g.parts()]) for g in (ours, theirs)]
        ratios[s] = constant_ratio(flat[0], flat[1], 1e-7)
    if not wrong:
        return [
            "Alone, each sample's gradients are right: what is wrong is how the samples are put together."
        ]
    facts = []
    if right:
        facts.append(
            f"Alone, {_list('sample', right)} {'is' if len(right) == 1 else 'are'} right and {_list('sample', wrong)} wrong."
        )
    constant = [f"{number(ratios[s] or 0.0)} for sample {s}" for s in wrong if ratios[s] is not None]
    if len(constant) == len(wrong):
        facts.append(
            f"Alone, a sample's gradients are all wrong by one ratio: {', '.join(constant[:4])}{', …' if len(constant) > 4 else ''}."
        )
    return facts


def _list(what: str, numbers: list[int]) -> str:
    shown = [str(i) for i in numbers[:6]] + (["…"] if len(numbers) > 6 else [])
    return f"{what}{'s' if len(numbers) > 1 else ''} {', '.join(shown)}"


# ------------------------------------------------------------------------------ the message


def _text(suspect: Suspect, verdict: _Verdict, shown: str) -> str:
    f = suspect.name
    head = verdict.sentences
    if len(head) > 1:
        head = [f"{f} makes two mistakes. " + " ".join(f"({i}) {text}" for i, text in enumerate(head, 1))]
    parts: list[str | list[str]] = [*head]
    if not head:
        parts.append(suspect.count.split("\n"))
    parts += verdict.formulas
    if "not_a_number" in verdict.names:
        return paragraphs([*parts, " ".join(verdict.facts), suspect.count.split("\n")])
    parts.append(
        verdict.proof if "single_precision" in verdict.names else f"{shown}. {verdict.proof}".strip()
    )
    if head:
        parts.append(suspect.count.split("\n"))
    parts.append(" ".join(verdict.facts))
    if not {"single_precision", "not_repeatable"} & set(verdict.names):
        parts.append(_one_weight(suspect))
    if verdict.alternatives:
        others = list(dict.fromkeys(told for _, told in verdict.alternatives if told))[:2]
        parts.append(
            "On networks of this shape the same numbers come of another mistake: " + " Or: ".join(others)
        )
    return paragraphs(parts)


def _one_weight(suspect: Suspect) -> list[str]:
    """Return the derivation of one wrong weight for one sample, and what the function makes of it."""
    given = suspect.given
    entry = choose_entry(suspect.right, suspect.theirs, suspect.wrong)
    letter, l, j, k = entry
    place = (j, k) if letter == "W" else (j,)
    alone, ours = _of_samples(suspect, entry) if given.n > 1 else ({}, {})
    off = {s: abs(alone[s] - ours[s]) for s in alone if abs(alone[s] - ours[s]) > 1e-6 * abs(ours[s])}
    s = max(off, key=off.__getitem__) if off else choose_sample(given, entry)
    shared = letter == "b" and given.b[l].size < given.widths[l]
    name = f"∂C/∂{letter.lower()}{up(l)}{'' if shared else down(*place)}"
    only = f" for sample {s} alone" if given.n > 1 else ""
    lines = [f"The right {name}{only}, step by step:", *derivation(given, entry, s)]
    if given.n == 1:
        return [*lines, f"  {suspect.name} has {number(_at(suspect.theirs, entry))}."]
    if s in alone:
        same = bool(np.isclose(alone[s], ours[s], rtol=1e-6, atol=0))
        lines.append(
            f"  {suspect.name} makes {'the same' if same else number(alone[s])} of this sample alone."
        )
    return [
        *lines,
        f"  The mean over the {given.n} samples is {number(_at(suspect.right, entry))}; "
        f"{suspect.name} has {number(_at(suspect.theirs, entry))}.   (A5)",
    ]


def _of_samples(
    suspect: Suspect, entry: tuple[str, int, int, int]
) -> tuple[dict[int, float], dict[int, float]]:
    """Return an entry of the gradients by the function for single samples, and the right ones."""
    alone, ours = {}, {}
    started = time.perf_counter()
    for s in range(suspect.given.n):
        problem = one_sample(suspect.given, s)
        theirs = suspect.on(problem)
        if theirs is None:
            break
        alone[s], ours[s] = _at(theirs, entry), _at(Backward(problem).run(), entry)
        if time.perf_counter() - started > _PATIENCE:
            break
    return alone, ours


def _at(gradients: Gradients, entry: tuple[str, int, int, int]) -> float:
    letter, l, j, k = entry
    return float(gradients.W[l][j, k] if letter == "W" else gradients.b[l][j])
