"""The diagnosis of a function whose gradients are wrong: its mistake, or what is certain if none fits.

A mistake is named only if it reproduces all gradients of the function, to rounding, on the given network and
on two other, random ones with other data and other numbers of samples. Nobody is accused on less.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from .backward import Backward, Gradients, Problem, one_sample
from .certain import by_sample, where_to_look
from .message import (
    Entry,
    choose_entry,
    choose_sample,
    derivation,
    evidence,
    formula,
    listed,
    name_of,
    number,
    paragraphs,
    sentence,
)
from .mistakes import Cause, down, up
from .search import Search, all_agree, another_problem, other_counts
from .suspect import OF_SINGLES, Suspect, is_finite

# Seconds that calls on single samples may take.
_PATIENCE = 0.3
_DRAWS = 4


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


@dataclass
class _Verdict:
    """What is found: names and sentences, how it is shown, and what is certain besides."""

    names: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    formulas: list[list[str]] = field(default_factory=list)
    alternatives: list[tuple[str, ...]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    proof: str = ""
    facts: list[str] = field(default_factory=list)
    with_evidence: bool = True
    with_derivation: bool = True


@np.errstate(all="ignore")
def diagnose(suspect: Suspect) -> Diagnosis:
    """Return what is wrong with a function, of which at least one gradient is."""
    if not is_finite(suspect.theirs):
        verdict = _not_a_number(suspect)
    else:
        started = time.perf_counter()
        again = suspect.on(suspect.given)
        patient = time.perf_counter() - started < _PATIENCE
        if again is not None and not all_agree(again, suspect.theirs):
            verdict = _changing(suspect, again)
        else:
            if suspect.is_single():
                suspect = suspect.without_rounding()
            verdict = _by_catalogue(suspect)
            if not verdict.names:
                verdict.facts += where_to_look(suspect) + (by_sample(suspect) if patient else [])
    shown = evidence(suspect)
    return Diagnosis(
        tuple(verdict.names),
        tuple(verdict.sentences),
        tuple(verdict.alternatives),
        shown,
        tuple(verdict.facts),
        _text(suspect, verdict, shown),
    )


# ------------------------------------------------------------------------------ what is no line of the pass


def _not_a_number(suspect: Suspect) -> _Verdict:
    problem, f = suspect.given, suspect.name
    bad = {(letter, l): ~np.isfinite(theirs) for letter, l, _, theirs, _ in suspect.parts()}
    first = next(part for part, entries in bad.items() if entries.any())
    whole = "all of " if bad[first].all() else f"{int(bad[first].sum())} of {bad[first].size} entries of "
    clean = [name_of(part) for part, entries in bad.items() if entries.size and not entries.any()]
    has_nan = any(np.isnan(theirs).any() for _, _, _, theirs, _ in suspect.parts())
    facts = [
        f"On the way back it is first in {whole}{name_of(first)}"
        + (f"; {', '.join(clean)} {'is' if len(clean) == 1 else 'are'} finite." if clean else ".")
    ]
    if problem.n > 1:
        samples = [s for s in range(min(problem.n, 20)) if suspect.on(one_sample(problem, s)) is None]
        if samples and len(samples) < problem.n:
            facts.append(f"Alone, {listed('sample', samples)} {'gives' if len(samples) == 1 else 'give'} it.")
    layer = max(problem.Z, key=lambda l: float(np.abs(problem.Z[l]).max()))
    sizes = np.abs(problem.Z[layer]).max(axis=1)
    if sizes.max() > 700:
        facts.append(
            f"The largest |z| is {number(sizes.max())}, in layer {layer} for sample {int(sizes.argmax())}: e "
            "to it overflows, and ∞/∞ is NaN. Subtract the largest z first (softmax), or take e^(−|z|)."
        )
    return _Verdict(
        ["not_a_number"],
        [f"{f} returns {'NaN' if has_nan else 'infinite numbers'}; by the engine every gradient is finite."],
        facts=facts,
        with_evidence=False,
        with_derivation=False,
    )


def _changing(suspect: Suspect, again: Gradients) -> _Verdict:
    """Return the verdict on a function that gives other gradients when it is called again."""
    f, given = suspect.name, suspect.given
    others = _on_others(suspect, other_counts(given)[:1])
    if (
        others
        and all_agree(_difference(again, suspect.theirs), suspect.right, 1e-6)
        and all_agree(_difference(others[0][1], again), Backward(others[0][0]).run(), 1e-6)
    ):
        return _Verdict(
            ["not_zeroed"],
            [f"{f} adds to the gradients of its last call: set them to zero first."],
            [["  ∂C/∂w = 0 + 1/n Σₛ ∂costₛ/∂w   (A5)", "          ^ what the last call left, instead"]],
            proof="Called again with the same arguments, it returned these gradients and the right ones "
            f"added; so it did on a random network with {others[0][0].n} samples.",
        )
    return _Verdict(
        ["not_repeatable"],
        [f"{f} gives other gradients when it is called again with the same arguments."],
        facts=["Something is kept between the calls, or drawn at random."],
        with_derivation=False,
    )


def _difference(a: Gradients, b: Gradients) -> Gradients:
    return Gradients({l: a.W[l] - b.W[l] for l in a.W}, {l: a.b[l] - b.b[l] for l in a.b})


# ------------------------------------------------------------------------------ by the catalogue


def _by_catalogue(suspect: Suspect) -> _Verdict:
    given, f = suspect.given, suspect.name
    others = _on_others(suspect, other_counts(given))
    if not others:
        # Where shapes fit for one number of samples only, other networks have to do.
        others = _on_others(suspect, [given.n, given.n])
    if not others:
        return _Verdict(
            facts=[
                f"No mistake is named: {f} gives no gradients on other networks of this shape to confirm one."
            ]
        )
    where = f"on two random networks, with {' and '.join(str(problem.n) for problem, _ in others)} samples"
    rights = [Backward(problem).run() for problem, _ in others]
    if all(all_agree(theirs, right) for (_, theirs), right in zip(others, rights, strict=True)):
        return _Verdict(
            facts=[
                f"It is right {where}: what is wrong comes of these numbers, or of there being {given.n} "
                f"sample{'s' * (given.n > 1)}."
            ]
        )
    single = suspect.is_single()
    rtol = OF_SINGLES if single else 1e-9
    search = Search(given, lambda gradients: suspect.fits(gradients, rtol), others, rtol)
    is_close = all_agree(suspect.theirs, suspect.right, OF_SINGLES) and all(
        all_agree(theirs, right, OF_SINGLES) for (_, theirs), right in zip(others, rights, strict=True)
    )
    found: list[tuple[Cause, ...]] = []
    if not (single and is_close):
        found = [(cause,) for cause in search.singles()]
    if not found and single and is_close:
        return _Verdict(
            ["single_precision"],
            [f"{f} is right to {_digits(suspect)}: it computes in single precision (float32)."],
            proof=f"So it is here, and {where}. Compute in float64, or compare with rtol=1e-4.",
            with_evidence=False,
            with_derivation=False,
        )
    found = found or list(search.pairs())
    if found:
        return _named(suspect, found, where, single)
    if is_close and _most_differ(suspect):
        digits = _digits(suspect)
        return _Verdict(facts=[f"All are right to {digits}, as after a step in single precision (float32)."])
    return _Verdict()


def _on_others(suspect: Suspect, counts: list[int]) -> list[tuple[Problem, Gradients]]:
    """Return other networks and the function's gradients there; nothing if it has none, or all are dead.

    Of a few random ones it is the first on which the function is wrong: behind a kink, as the hinge has one,
    a mistake may make no difference.
    """
    found = []
    for i, n in enumerate(counts):
        drawn = []
        for seed in range(i, len(counts) * _DRAWS, len(counts)):
            try:
                problem = another_problem(suspect.given, n, seed)
                right = Backward(problem).run()
            except Exception:  # of a cost or an activation that is not defined there
                return []
            theirs = suspect.on(problem)
            if theirs is None or not all(W.any() for W in right.W.values()):
                return []
            drawn.append((problem, theirs))
            if not all_agree(theirs, right):
                break
        found.append(drawn[-1])
    return found


def _named(suspect: Suspect, found: list[tuple[Cause, ...]], where: str, single: bool) -> _Verdict:
    given, f = suspect.given, suspect.name
    first, *others = found
    told = [sentence(cause, given, f) for cause in first]
    this = "This makes" if len(first) == 1 else "Together they make"
    numbers = "these numbers, to 7 digits" if single else "exactly these numbers"
    verdict = _Verdict(
        [cause.mistake.name for cause in first],
        told,
        [formula(cause, given) for cause in first],
        [tuple(cause.mistake.name for cause in causes) for causes in others],
        proof=f"{this} {numbers}, here and {where}.",
    )
    for causes in others:
        new = [text for cause in causes if (text := sentence(cause, given, f)) not in told]
        if new and " ".join(new) not in verdict.others:
            verdict.others.append(" ".join(new))
    if single:
        verdict.facts.append("Besides, it computes in single precision (float32), to 1e-6.")
    return verdict


def _digits(suspect: Suspect) -> str:
    """Return to how much of the largest of an array the gradients are right."""
    off = [
        float(np.abs(theirs - ours).max() / np.abs(ours).max())
        for _, _, ours, theirs, _ in suspect.parts()
        if ours.any()
    ]
    return next(
        digits for digits in ("1e-6", "1e-5", "1e-4", "1e-3") if max(off, default=0.0) < float(digits)
    )


def _most_differ(suspect: Suspect) -> bool:
    parts = [wrong for _, _, _, _, wrong in suspect.parts()]
    return 2 * sum(int(wrong.sum()) for wrong in parts) > sum(wrong.size for wrong in parts)


# ------------------------------------------------------------------------------ the message


def _text(suspect: Suspect, verdict: _Verdict, shown: str) -> str:
    f, count = suspect.name, suspect.count.split("\n")
    parts: list[str | list[str]] = []
    if len(verdict.sentences) > 1:
        # All sentences begin with the function's name.
        first, second = (text.removeprefix(f + " ").removesuffix(".") for text in verdict.sentences)
        parts.append(f"{f} makes two mistakes: (1) it {first}; (2) it {second}.")
    else:
        parts += verdict.sentences or [count]
    parts += verdict.formulas
    parts.append(f"{shown + '. ' if verdict.with_evidence else ''}{verdict.proof}".strip())
    if verdict.sentences:
        parts.append(count)
    parts.append(" ".join(verdict.facts))
    if verdict.with_derivation:
        parts.append(_one_weight(suspect))
    if verdict.others:
        parts.append(
            "On networks of this shape the same numbers come of another mistake: "
            + " Or: ".join(verdict.others[:2])
        )
    return paragraphs(parts)


def _one_weight(suspect: Suspect) -> list[str]:
    """Return the derivation of one wrong weight for one sample, and what the function makes of it."""
    given, f = suspect.given, suspect.name
    entry = choose_entry(suspect)
    alone = _of_samples(suspect, entry) if given.n > 1 else {}
    off = {s: abs(theirs - ours) for s, (theirs, ours) in alone.items() if not _same(theirs, ours)}
    s = max(off, key=off.__getitem__) if off else choose_sample(given, entry)
    shared = entry.letter == "b" and given.b[entry.l].size < given.widths[entry.l]
    name = f"∂C/∂{entry.letter.lower()}{up(entry.l)}{'' if shared else down(*entry.place)}"
    only = f" for sample {s} alone" if given.n > 1 else ""
    lines = [f"The right {name}{only}, step by step:", *derivation(given, entry, s)]
    right, theirs = entry.of(suspect.right), entry.of(suspect.theirs)
    if given.n == 1:
        return [*lines, f"  {f} has {number(theirs)}."]
    if s in alone:
        made = "the same" if _same(*alone[s]) else number(alone[s][0])
        lines.append(f"  {f} makes {made} of this sample alone.")
    return [
        *lines,
        f"  The mean over the {given.n} samples is {number(right)}; {f} has {number(theirs)}.   (A5)",
    ]


def _of_samples(suspect: Suspect, entry: Entry) -> dict[int, tuple[float, float]]:
    """Return an entry of the gradients for single samples, by the function and the right one."""
    found = {}
    started = time.perf_counter()
    for s in range(suspect.given.n):
        problem = one_sample(suspect.given, s)
        theirs = suspect.on(problem)
        if theirs is None or time.perf_counter() - started > _PATIENCE:
            break
        found[s] = entry.of(theirs), entry.of(Backward(problem).run())
    return found


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-6 * abs(b)
