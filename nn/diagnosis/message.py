"""What is said of somebody's wrong gradients: the finding, its line of the derivations, evidence, numbers.

It fits on a screen. What is found is left to :mod:`nn.diagnosis.diagnose`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from .backward import Array, Backward, Gradients, Problem, one_sample
from .mistakes import Cause, down, up
from .search import constant_ratio
from .suspect import Suspect

WIDTH = 100


def sentence(cause: Cause, problem: Problem, function: str) -> str:
    """Return the mistake in one sentence."""
    text = cause.mistake.sentence.format(f=function, **_words(cause, problem))
    return text if text.endswith("?") else f"{text}."


def formula(cause: Cause, problem: Problem) -> list[str]:
    """Return the right line with its id, and under it a mark for what is wrong or missing, two lines."""
    mistake = cause.mistake
    words = _words(cause, problem)
    before, wrong, after = mistake.formula.replace("«", "\0").replace("»", "\0").format(**words).split("\0")
    line = f"  {before}{wrong}{after}   ({mistake.id})"
    return [line, f"  {' ' * len(before)}{'^' * len(wrong)} {mistake.note.format(**words)}"]


def _words(cause: Cause, problem: Problem) -> dict[str, str]:
    layers = [l for l in cause.layers if l] or [problem.L]
    names = list(dict.fromkeys(problem.name(l) for l in layers))
    words = {"c": number(cause.number), "s": " and ".join(names)}
    if len(layers) == 1:
        (l,) = layers
        here = {
            "l": up(l),
            "k": up(l - 1),
            "m": up(l + 1),
            "n": str(l),
            "kn": str(l - 1),
            "where": f"in layer {l}",
        }
        return words | here
    every = len(layers) == problem.L
    where = "in every layer" if every else f"in layers {', '.join(map(str, layers[:-1]))} and {layers[-1]}"
    return words | {"l": "ˡ", "k": "ˡ⁻¹", "m": "ˡ⁺¹", "n": "l", "kn": "l − 1", "where": where}


def number(x: float) -> str:
    """Return a number for people: four digits, a true minus sign.

    Examples
    --------
    >>> number(-0.123456), number(5.0)
    ('−0.1235', '5')
    """
    return f"{float(x):.4g}".replace("-", "−")


def name_of(part: tuple[str, int]) -> str:
    """Return how an array of gradients is called, such as W²."""
    return f"{part[0]}{up(part[1])}"


def listed(what: str, numbers: Sequence[int]) -> str:
    """Return numbered things in words, the first six.

    Examples
    --------
    >>> listed("sample", [3]), listed("sample", [0, 2])
    ('sample 3', 'samples 0, 2')
    """
    shown = [str(i) for i in numbers[:6]] + ["…"] * (len(numbers) > 6)
    return f"{what}{'s' * (len(numbers) > 1)} {', '.join(shown)}"


def evidence(suspect: Suspect) -> str:
    """Return which arrays agree, in the order of the way back, and the ratio of those that do not."""
    groups: dict[str, list[str]] = {}
    for letter, l, ours, theirs, wrong in suspect.parts():
        if ours.size:
            groups.setdefault(status(suspect.given, ours, theirs, wrong), []).append(name_of((letter, l)))
    return "; ".join(_told(names, says) for says, names in groups.items())


def _told(names: list[str], says: str) -> str:
    if len(names) == 1:
        for many, one in (("agree", "agrees"), ("differ", "differs"), ("are ", "is "), ("ones", "one")):
            if says.startswith(many) or many == "ones":
                says = says.replace(many, one, 1)
    return f"{', '.join(names)} {says}"


def status(problem: Problem, ours: Array, theirs: Array, wrong: Array) -> str:
    """Return in words how an array of gradients compares with the right one."""
    if not wrong.any():
        return "agree"
    if not theirs.any():
        return "are all 0"
    ratio = constant_ratio(ours, theirs)
    # Of one number alone any other is a multiple.
    if ratio is None or (np.count_nonzero(ours) < 2 and not (_is_whole(ratio) or _is_whole(1 / ratio))):
        return f"differ in 1 of {wrong.size} entries" if wrong.sum() == 1 < wrong.size else "differ"
    n, n_out = problem.n, problem.widths[-1]
    counts = (
        {n: f"{n} samples", n_out: f"{n_out} outputs"} if n != n_out else {n: f"{n} samples and {n} outputs"}
    )
    size = max(abs(ratio), 1 / abs(ratio))
    because = (
        f": there are {counts[round(size)]}"
        if round(size) > 2 and round(size) in counts and _is_whole(size)
        else ""
    )
    if ratio > 1 and _is_whole(ratio):
        return f"are exactly {round(ratio)} times too large{because}"
    if 0 < ratio < 1 and _is_whole(1 / ratio):
        return f"are exactly 1/{round(1 / ratio)} of the right ones{because}"
    exactly = "exactly " if _is_whole(ratio) else ""
    return f"are {exactly}{number(ratio)} times the right ones{because}"


def _is_whole(x: float) -> bool:
    return abs(x - round(x)) < 1e-9 * abs(x)


# ------------------------------------------------------------------------------ one weight for one sample


class Entry(NamedTuple):
    """One gradient: of ``W`` or ``b``, in layer l, of neuron j, from neuron k; k is 0 for a bias."""

    letter: str
    l: int
    j: int
    k: int

    @property
    def place(self) -> tuple[int, ...]:
        """The indices in its array."""
        return (self.j, self.k) if self.letter == "W" else (self.j,)

    def of(self, gradients: Gradients) -> float:
        """Return the gradient."""
        return float((gradients.W if self.letter == "W" else gradients.b)[self.l][self.place])


def derivation(problem: Problem, entry: Entry, s: int) -> list[str]:
    """Return the chain rule of one weight or bias for one sample, in numbers.

    It begins at the cost in the last layer, else at ∂C/∂z of the next layer.
    """
    letter, l, j, k = entry
    alone = one_sample(problem, s)
    p = Backward(alone)
    p.run()
    lines: list[tuple[str, str, str]] = []
    zj, aj = f"∂C/∂z{up(l)}{down(j)}", f"∂C/∂a{up(l)}{down(j)}"
    linear = problem.name(l) == "linear"
    da, dz = p.da[l][0, j], p.dz[l][0, j]
    if l == problem.L:
        lines.append(_cost_line(p, j, zj if linear else aj))
    else:
        shown = [number(x) for x in p.dz[l + 1][0]]
        if len(shown) > 4:
            shown = [*shown[:4], "…"]
        lines.append((f"∂C/∂z{up(l + 1)}", f"({', '.join(shown)})", ""))
        terms = [f"{_factor(w)}·{_factor(d)}" for w, d in zip(p.W[l + 1][:, j], p.dz[l + 1][0], strict=True)]
        if len(terms) > 3:
            terms = [terms[0], "…", terms[-1]]
        i = "ᵢ"
        summed = (
            f"w{up(l + 1)}{down(0, j)} · ∂C/∂z{up(l + 1)}{down(0)}"
            if len(terms) == 1
            else (f"Σᵢ w{up(l + 1)}{i}{down(j)} · ∂C/∂z{up(l + 1)}{i}")
        )
        lines.append((aj, f"{summed} = {' + '.join(terms)} = {number(da)}", "B4"))
        if linear:
            lines.append((zj, f"{aj} = {number(dz)}", "B1"))
    if not linear:
        sigma = problem.name(l)
        slope = f"{sigma}′({number(p.Z[l][0, j])})"
        numbers = f"{number(da)}·{slope} = {number(da)}·{_factor(p.slope(l)[0, j])} = {number(dz)}"
        lines.append((zj, f"{aj} · σ′(z{up(l)}{down(j)}) = {numbers}", "B1"))
    if letter == "W":
        a = p.A[l - 1][0, k]
        lines.append(
            (
                f"∂C/∂w{up(l)}{down(j, k)}",
                f"{zj} · a{up(l - 1)}{down(k)} = {number(dz)}·{_factor(a)} = {number(dz * a)}",
                "B2",
            )
        )
    elif problem.b[l].size == problem.widths[l]:
        lines.append((f"∂C/∂b{up(l)}{down(j)}", f"{zj} = {number(dz)}", "B3"))
    else:
        shared = [number(x) for x in p.dz[l][0]]
        some = shared if len(shared) < 5 else [*shared[:3], "…", shared[-1]]
        lines.append(
            (f"∂C/∂b{up(l)}", f"Σⱼ ∂C/∂z{up(l)}ⱼ = {' + '.join(some)} = {number(p.dz[l].sum())}", "E3")
        )
    width = max(len(left) for left, _, _ in lines)
    return [
        line
        for left, right, id_ in lines
        for line in _broken(f"  {left:<{width}} = {right}" + (f"   ({id_})" if id_ else ""), width + 2)
    ]


def _broken(line: str, indent: int) -> list[str]:
    """Return a chain of equations in as many lines as it needs, broken before an equals sign."""
    if len(line) <= WIDTH:
        return [line]
    place = line.rfind(" = ", indent + 1, WIDTH)
    if place <= indent:
        return [line]
    return [line[:place], *_broken(" " * indent + line[place:], indent)]


def _factor(x: float) -> str:
    return f"({number(x)})" if x < 0 else number(x)


def _cost_line(p: Backward, j: int, left: str) -> tuple[str, str, str]:
    problem, L = p.problem, p.L
    a, da = float(p.A[L][0, j]), float(p.da[L][0, j])
    output = f"a{up(L)}{down(j)}"
    if isinstance(problem.cost, str):
        y = float(p.Y[0][j])
        difference = f"({number(a)} − {_factor(y)})"
        n_out = problem.widths[-1]
        if problem.cost == "mean_squared_error":
            return left, f"(2/n_L)·({output} − y{down(j)}) = 2/{n_out}·{difference} = {number(da)}", "C2"
        if problem.cost == "sum_squared_error":
            return left, f"2·({output} − y{down(j)}) = 2·{difference} = {number(da)}", "D1"
        if problem.cost == "half_squared_error":
            return left, f"{output} − y{down(j)} = {number(a)} − {_factor(y)} = {number(da)}", "E2"
        if problem.cost.startswith("binary_cross_entropy") and not problem.cost.endswith("logits"):
            return left, f"(1 − y{down(j)})/(1 − {output}) − y{down(j)}/{output} = {number(da)}", "A2"
        if problem.cost in ("cross_entropy", "binary_cross_entropy_with_logits"):
            name = "softmax" if problem.cost == "cross_entropy" else "sigmoid"
            inner = f"z{up(L)}" if problem.name(L) == "linear" else f"a{up(L)}"
            probability = da + y * (p.Y[0].sum() if problem.cost == "cross_entropy" else 1)
            numbers = f"{number(probability)} − {number(y)} = {number(da)}"
            return left, f"p{down(j)} − y{down(j)} = {numbers}, with p = {name}({inner})", "A2"
    return left, f"{number(da)}, the cost's own derivative at {output} = {number(a)}", "A2"


def choose_entry(suspect: Suspect) -> Entry:
    """Return the most wrong entry of the first wrong array on the way back."""
    letter, l, ours, theirs, wrong = next(part for part in suspect.parts() if part[-1].any())
    off = np.where(wrong, np.abs(ours - theirs), -1.0)
    j, *k = (int(i) for i in np.unravel_index(int(off.argmax()), off.shape))
    return Entry(letter, l, j, *(k or [0]))


def choose_sample(problem: Problem, entry: Entry) -> int:
    """Return the sample that gives the largest term to an entry's gradient, or would but for σ′."""
    p = Backward(problem)
    p.run()
    inputs = p.A[entry.l - 1][:, entry.k] if entry.letter == "W" else 1.0
    alive, anyway = (np.abs(d[entry.l][:, entry.j] * inputs) for d in (p.dz, p.da))
    return int((alive if alive.any() else anyway).argmax())


def paragraphs(texts: Iterable[str | Sequence[str]]) -> str:
    """Return paragraphs with an empty line between them; a text is wrapped, a list of lines is kept."""
    done = []
    for text in texts:
        if isinstance(text, str):
            # A formula in a sentence stays on its line.
            for sign in "−=·+":
                text = text.replace(f" {sign} ", f"\xa0{sign}\xa0")
            filled = textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
            done.append(filled.replace("\xa0", " "))
        else:
            done.append("\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in text))
    return "\n\n".join(part for part in done if part)
