"""The catalogue of mistakes: each changes one line of :class:`nn.diagnosis.backward.Backward`, and says which.

Whether a mistake explains somebody's gradients is left to :mod:`nn.diagnosis.search`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from nn.diagnosis.backward import Array, Backward, Line, Problem
from nn.matrix import COSTS

Layers: TypeAlias = tuple[int, ...]


class Mistake(NamedTuple):
    """A mistake: what it does to the backward pass, and what is said of it.

    Attributes
    ----------
    name : str
        One word with underscores, for programs.
    sentence : str
        For people. ``{f}`` is the function under test, ``{where}`` the layers in words, ``{l}``, ``{k}`` and
        ``{m}`` superscripts for this layer, the one before and the one after, ``{s}`` the activation's name,
        ``{c}`` the number that was solved for.
    formula : str
        The right line, with what is missing or wrong in it between « and ».
    id : str
        The line's name in the derivations.
    note : str
        What stands under the mark: ``missing``, or what was written instead.
    lines : dict of str to function
        By name of the method that it replaces; of this pass, the layer, and what the method takes.
    layers : tuple of tuples of int
        The layers in which it may be made, each choice a tuple.
    scale : callable, optional
        Of a problem: a factor for what these lines make; then ``lines`` has ``None`` for what replaces them.
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
        """Return the lines that :class:`Backward` takes for it."""
        return {
            (name, l): (_with_number(line, self.number) if self.mistake.unknown else line)
            for name, line in self.mistake.lines.items()
            for l in self.layers
            if line is not None
        }

    def scales(self, problem: Problem) -> dict[tuple[str, int], float]:
        """Return the factors that :class:`Backward` takes for it."""
        mistake = self.mistake
        number = mistake.scale(problem) if mistake.scale else self.number
        return {
            (name, l): number for name, line in mistake.lines.items() for l in self.layers if line is None
        }


def _with_number(line: Line, number: float) -> Line:
    return lambda *terms: line(*terms, number)


def catalogue(problem: Problem) -> list[Mistake]:
    """Return the mistakes that can be made on such a network, those made most often first."""
    kinds = (
        *(_factors, _errata, _slopes, _sums, _biases, _previous, _weights),
        *(_samples, _costs, _places, _constants),
    )
    return [mistake for kind in kinds for mistake in kind(problem)]


def some(layers: list[int]) -> tuple[Layers, ...]:
    """Return each layer alone, then all of them but the last, then all.

    Examples
    --------
    >>> some([1, 2, 3])
    ((1,), (2,), (3,), (1, 2), (1, 2, 3))
    """
    choices = [(l,) for l in layers] + [tuple(layers[:-1]), tuple(layers)]
    return tuple(dict.fromkeys(choice for choice in choices if choice))


def _where(problem: Problem, fits: Callable[[int], Any], first: int = 1) -> tuple[Layers, ...]:
    return some([l for l in range(first, problem.L + 1) if fits(l)])


def _everywhere(problem: Problem) -> tuple[Layers, ...]:
    return (tuple(range(1, problem.L + 1)),)


# ------------------------------------------------------------------------------ A5: a factor too many or missing


class Factor(NamedTuple):
    """A factor by which gradients are wrong: what is said where it is in all of them, and in a part.

    The first formula is for all; ``{x}`` is what the gradients are by, ``{what}`` a part in words.
    """

    name: str
    of: Callable[[Problem], float]
    says: str
    says_of_part: str
    formula: str
    id: str
    note: str


_MEAN = "∂C/∂{x} = «1/n» Σₛ ∂costₛ/∂{x}"
_SQUARE = "∂C/∂a = «2» (a − y), where the cost is a sum of squares"
FACTORS = (
    Factor("sign", lambda p: -1.0, "{f} has the wrong sign everywhere, as if y − a stood for a − y",
           "{f} has the wrong sign in {what}", "∂C/∂a = ∂cost/∂a, which grows with «a − y»", "A7", "the other way round"),
    Factor("mean_forgotten", lambda p: float(p.n), "{f} forgot the mean over the samples: every gradient is their sum",
           "{f} forgot the mean over the samples in {what}: this is their sum", _MEAN, "A5", "missing"),
    Factor("mean_twice", lambda p: 1 / p.n, "{f} divides by the number of samples twice",
           "{f} divides by the number of samples twice in {what}: a mean where the sum belongs", _MEAN, "A5", "taken twice"),
    Factor("factor_2", lambda p: 2.0, "{f} makes every gradient twice too large", "{f} makes {what} twice too large",
           _MEAN, "A5", "and a 2 that does not belong there"),
    Factor("factor_half", lambda p: 0.5, "{f} makes every gradient half of what is right: where is the 2 of the square?",
           "{f} makes {what} half of what is right", _SQUARE, "C2", "missing"),
    Factor("outputs_forgotten", lambda p: float(p.widths[-1]), "{f} forgot the mean over the {n_out} outputs",
           "{f} forgot the mean over the {n_out} outputs in {what}", "∂C/∂a = 2/«n_L» (a − y)", "C2", "missing"),
    Factor("outputs_twice", lambda p: 1 / p.widths[-1], "{f} divides by the number of outputs, {n_out}, once too often",
           "{f} divides by the number of outputs, {n_out}, once too often in {what}", _MEAN, "A5", "1/(n·n_L) instead"),
    Factor("means_forgotten", lambda p: float(p.n * p.widths[-1]),
           "{f} forgot the means over samples and outputs: every gradient is a sum over both",
           "{f} forgot the means over samples and outputs in {what}", _MEAN, "A5", "missing, and 1/n_L"),
    Factor("zero", lambda p: 0.0, "{f} returns zeros everywhere", "{f} returns zeros for {what}",
           "∂C/∂{x} = 1/n Σₛ «∂costₛ/∂{x}»", "A5", "missing"),
)  # fmt: skip
"""Known factors, in the order in which they are tried."""


class _Place(NamedTuple):
    """What is scaled: in words, unless it is everything; by the letter of its formula; its lines and layers."""

    what: str
    x: str
    lines: tuple[str, ...]
    layers: tuple[Layers, ...]


def _factor_places(problem: Problem) -> Iterator[_Place]:
    L = problem.L
    every = _everywhere(problem)
    yield _Place("", "w", ("at_sum",), ((L,),))
    for l in range(L - 1, 1, -1):
        yield _Place(f"every gradient from layer {l} backwards", "w", ("at_sum",), ((l,),))
    if L > 1:
        yield _Place("the gradients of all weights", "W", ("mean_of_weights",), every)
        yield _Place("the gradients of all biases", "b", ("mean_of_biases",), every)
    for l in range(L, 0, -1):
        both = ("mean_of_weights", "mean_of_biases")
        yield _Place(f"the gradients of layer {l}", f"w{up(l)}", both, ((l,),))
        yield _Place(f"the gradient of W{up(l)}", f"W{up(l)}", both[:1], ((l,),))
        yield _Place(f"the gradient of b{up(l)}", f"b{up(l)}", both[1:], ((l,),))


def _factors(problem: Problem) -> Iterator[Mistake]:
    for factor in FACTORS:
        if "outputs" in factor.says and (
            problem.widths[-1] == 1 or ("forgot" in factor.says and problem.cost != "mean_squared_error")
        ):
            continue
        for place in _factor_places(problem):
            says, formula, note = factor.says, factor.formula, factor.note
            if place.what:
                says = factor.says_of_part
                if "{x}" not in formula:
                    formula, note = "∂C/∂{x} = 1/n Σₛ «∂costₛ/∂{x}»", _NOTES_OF_PARTS.get(factor.name, note)
            says = says.replace("{what}", place.what).replace("{n_out}", str(problem.widths[-1]))
            formula, id_ = (
                formula.replace("{x}", place.x),
                factor.id if "{x}" in formula or not place.what else "A5",
            )
            lines = dict.fromkeys(place.lines)
            yield Mistake(factor.name, says, formula, id_, note, lines, place.layers, scale=factor.of)


_NOTES_OF_PARTS = {
    "sign": "with the other sign",
    "factor_half": "half of it",
    "outputs_forgotten": "a mean over the outputs too",
}


def _constants(problem: Problem) -> Iterator[Mistake]:
    for place in _factor_places(problem):
        yield Mistake(
            "constant",
            f"{{f}} makes {place.what or 'every gradient'} {{c}} times what is right, on every network",
            f"∂C/∂{place.x} = «1/n» Σₛ ∂costₛ/∂{place.x}",
            "A5",
            "and {c} times, a constant that no line has",
            dict.fromkeys(place.lines),
            place.layers,
            unknown=True,
        )


# ------------------------------------------------------------------------------ B1: σ′

# σ′ written with a = σ(z), as students do.
_BY_A: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "tanh": ("1 − a²", lambda a: 1 - a**2),
    "sigmoid": ("a(1 − a)", lambda a: a * (1 - a)),
}
# What is left of it when something is forgotten.
_CUT: dict[str, dict[str, Callable[[Any], Any]]] = {
    "tanh": {"1 − a": lambda a: 1 - a, "1 + a²": lambda a: 1 + a**2, "a²": lambda a: a**2},
    "sigmoid": {
        "1 − a": lambda a: 1 - a,
        "a(1 + a)": lambda a: a * (1 + a),
        "a²(1 − a)": lambda a: a**2 * (1 - a),
    },
}
_B1 = "∂C/∂z{l} = ∂C/∂a{l} ⊙ «σ′(z{l})»"


def _slopes(problem: Problem) -> Iterator[Mistake]:
    name, widths, L = problem.name, problem.widths, problem.L

    def mistake(word: str, sentence: str, note: str, line: Line, layers: tuple[Layers, ...]) -> Mistake:
        return Mistake(word, sentence, _B1, "B1", note, {"slope": line}, layers)

    curved = _where(problem, lambda l: name(l) != "linear")
    yield mistake("slope_missing", "{f} forgot σ′(z{l}), the slope of {s}, {where}", "missing",
                  lambda p, l: 1.0, curved)  # fmt: skip
    yield mistake("slope_at_a", "{f} takes σ′ at a{l} and not at z{l}, {where}", "σ′(a{l}) instead",
                  lambda p, l: p.problem.sigma_prime(l, p.A[l]), curved)  # fmt: skip
    for sigma, (formula, slope) in _BY_A.items():
        layers = _where(problem, lambda l, sigma=sigma: name(l) == sigma)
        yield mistake("slope_formula_at_z",
                      f"{{f}} puts z{{l}} into {formula}, the formula of {sigma}'s slope for a{{l}}, {{where}}",
                      formula.replace("a", "z") + " instead", lambda p, l, slope=slope: slope(p.Z[l]), layers)  # fmt: skip
        for cut, wrong in _CUT[sigma].items():
            yield mistake("slope_formula_wrong", f"{{f}} writes {cut} for the slope of {sigma}, {formula}, {{where}}",
                          f"{formula} is right, not {cut}", lambda p, l, wrong=wrong: wrong(p.A[l]), layers)  # fmt: skip
        others = _where(problem, lambda l, sigma=sigma: name(l) not in (sigma, "linear"))
        yield mistake("slope_of_other_activation",
                      f"{{f}} uses the slope of {sigma}, {formula}, though layer {{n}} has {{s}}",
                      f"{formula} instead", lambda p, l, slope=slope: slope(p.A[l]), others)  # fmt: skip
    yield mistake("slope_twice", "{f} multiplies by σ′(z{l}) twice, {where}", "squared",
                  lambda p, l: p.slope(l) ** 2, curved)  # fmt: skip
    yield mistake("activation_for_slope", "{f} multiplies by σ(z{l}) where its slope σ′(z{l}) belongs, {where}",
                  "σ(z{l}) instead", lambda p, l: p.A[l], curved)  # fmt: skip
    for step, which in ((1, "the next layer"), (-1, "the layer before")):
        there = _where(problem, lambda l, step=step: 1 <= l + step <= L and widths[l] == widths[l + step])
        yield mistake("slope_of_other_layer", f"{{f}} takes σ′ of {which} {{where}}", f"that of {which} instead",
                      lambda p, l, step=step: p.slope(l + step), there)  # fmt: skip
        mixed = _where(
            problem, lambda l, step=step: 1 <= l + step <= L and name(l + step) not in (name(l), "linear")
        )
        yield mistake("slope_of_other_activation", f"{{f}} uses the σ′ of {which} {{where}}, which has {{s}}",
                      f"the function of {which} instead",
                      lambda p, l, step=step: p.problem.sigma_prime(l + step, p.Z[l]), mixed)  # fmt: skip
    relus = _where(problem, lambda l: name(l) == "relu")
    yield mistake("relu_slope_at_0", "{f} lets ReLU have the slope 1 at 0 (z ≥ 0), {where}; here it is 0 (z > 0)",
                  "1 at z = 0, where 0 is chosen", lambda p, l: (p.Z[l] >= 0) * 1.0, relus)  # fmt: skip
    signs = _where(problem, lambda l: name(l) == "relu" and l < L and widths[l + 1] in (1, widths[l]))
    yield mistake("relu_slope_of_next", "{f} takes the sign for ReLU's slope from z{m}, the next layer's, {where}",
                  "z{m} > 0 instead", lambda p, l: (p.Z[l + 1] > 0) * 1.0, signs)  # fmt: skip
    leaky = _where(problem, lambda l: name(l) == "leaky_relu")
    yield mistake("leak_forgotten", "{f} lets leaky ReLU have the slope 0 below 0, {where}; it is 0.01",
                  "0 for z < 0", lambda p, l: (p.Z[l] > 0) * 1.0, leaky)  # fmt: skip


def _sums(problem: Problem) -> Iterator[Mistake]:
    widths = problem.widths
    formula = "∂C/∂z{l} = ∂C/∂a{l} «⊙» σ′(z{l})"
    yield Mistake(
        "matrix_product_for_hadamard", "{f} takes a matrix product of ∂C/∂a{l} and σ′(z{l}), {where}",
        formula, "B1", "element by element, not @", {"at_sum": lambda p, l, da: da @ p.slope(l)},
        _where(problem, lambda l: problem.n == widths[l]), same_n=True,
    )  # fmt: skip
    yield Mistake(
        "dot_for_hadamard",
        "{f} takes the dot product of ∂C/∂a{l} and σ′(z{l}), one number for all neurons, {where}",
        formula, "B1", "element by element, not summed up",
        {"at_sum": lambda p, l, da: np.repeat((da * p.slope(l)).sum(axis=1, keepdims=True), da.shape[1], axis=1)},
        _where(problem, lambda l: widths[l] > 1),
    )  # fmt: skip


# ------------------------------------------------------------------------------ B3: biases


def _biases(problem: Problem) -> Iterator[Mistake]:
    widths = problem.widths
    has = _where(problem, lambda l: problem.b[l].size)
    own = _where(problem, lambda l: problem.b[l].size == widths[l] > 1)
    shared = _where(problem, lambda l: problem.b[l].size == 1 < widths[l])

    def mistake(
        word: str, sentence: str, formula: str, note: str, line: Line, layers: Any, **more: Any
    ) -> Mistake:
        return Mistake(word, sentence, formula, more.pop("id", "B3"), note, {"bias": line}, layers, **more)

    total = "∂C/∂b{l} = 1/n «Σₛ» ∂costₛ/∂z{l}"
    yield mistake("bias_before_slope", "{f} forgot σ′(z{l}) in the gradient of b{l}: it sums ∂C/∂a{l}", _B3, "∂C/∂a{l} instead",
                  lambda p, l, dz: p.of_biases(l, p.da[l].sum(axis=0)), has)  # fmt: skip
    for which, row in (("last", -1), ("first", 0)):
        yield mistake("bias_of_one_sample", f"{{f}} counts only the {which} sample in the gradient of b{{l}}",
                      total, f"the {which} sample only",
                      lambda p, l, dz, row=row: p.of_biases(l, dz[row]), has)  # fmt: skip
        yield mistake("bias_of_one_sample", f"{{f}} counts only the {which} sample in the gradient of b{{l}}, undivided",
                      total, f"the {which} sample only",
                      lambda p, l, dz, row=row: p.n * p.of_biases(l, dz[row]), has)  # fmt: skip
    yield mistake("bias_wrong_axis", "{f} sums b{l} over the wrong axis: over the neurons, not the samples", total,
                  "over the samples: axis 0 of rows", lambda p, l, dz: dz.sum(axis=1),
                  _where(problem, lambda l: problem.b[l].size == widths[l] == problem.n > 1), same_n=True)  # fmt: skip
    yield mistake("bias_summed_over_neurons", "{f} gives every b{l} the sum over all neurons of the layer", total,
                  "over the samples alone", lambda p, l, dz: np.full(dz.shape[1], dz.sum()), own)  # fmt: skip
    e3 = "∂C/∂b{l} = «Σⱼ» ∂C/∂z{l}ⱼ"
    for word, says, pick in (
        (
            "mean",
            "takes the mean over the neurons that share b{l}, not their sum",
            lambda d: d.mean(keepdims=True),
        ),
        ("first", "counts only the first of the neurons that share b{l}", lambda d: d[:1]),
        ("last", "counts only the last of the neurons that share b{l}", lambda d: d[-1:]),
    ):
        yield mistake("shared_bias_not_summed", f"{{f}} {says}", e3, f"the {word} instead" if word == "mean" else
                      f"the {word} one only", lambda p, l, dz, pick=pick: pick(dz.sum(axis=0)), shared, id="E3")  # fmt: skip
    yield mistake("bias_as_weights", "{f} gives b{l} the sum of the gradients of the neuron's weights", _B3,
                  "times 1, not times a{k}", lambda p, l, dz: p.of_biases(l, p.weights(l, dz).sum(axis=1)), has)  # fmt: skip
    yield mistake("bias_as_weights", "{f} gives b{l} the mean of the gradients of the neuron's weights", _B3,
                  "times 1, not times a{k}", lambda p, l, dz: p.of_biases(l, p.weights(l, dz).mean(axis=1)), has)  # fmt: skip


_B3 = "∂C/∂b{l} = «∂C/∂z{l}»"


# ------------------------------------------------------------------------------ B4: one layer back


def _previous(problem: Problem) -> Iterator[Mistake]:
    widths, L = problem.widths, problem.L
    back = _where(problem, lambda l: True, first=2)
    square = _where(problem, lambda l: widths[l] == widths[l - 1] > 1, first=2)

    def mistake(
        word: str, sentence: str, note: str, line: Line, layers: Any, formula: str = _B4, **more: Any
    ) -> Mistake:
        return Mistake(word, sentence, formula, "B4", note, {"previous": line}, layers, **more)

    yield mistake("weights_not_transposed", "{f} goes back through W{l} where (W{l})ᵀ belongs", "transposed the other way",
                  lambda p, l, dz: dz @ p.W[l].T, square)  # fmt: skip
    yield mistake("slope_missing_on_the_way", "{f} forgot σ′(z{l}) on the way back to layer {kn}, though not for W{l}",
                  "∂C/∂a{l} instead", lambda p, l, dz: p.da[l] @ p.W[l], back, "∂C/∂a{k} = (W{l})ᵀ «∂C/∂z{l}»")  # fmt: skip
    for step, which in ((-1, "before"), (1, "after")):
        shape_fits = _where(problem, lambda l, step=step: 1 <= l + step <= L
                            and problem.W[l].shape == problem.W[l + step].shape, first=2)  # fmt: skip
        yield mistake("weights_of_neighbour", f"{{f}} goes back from layer {{n}} through the weights of the layer {which}",
                      f"those of the layer {which} instead", lambda p, l, dz, step=step: dz @ p.W[l + step], shape_fits)  # fmt: skip
    yield mistake("weights_missing", "{f} forgot (W{l})ᵀ on the way back to layer {kn}", "missing",
                  lambda p, l, dz: dz, square)  # fmt: skip
    yield mistake("weights_already_updated", "{f} updates W{l} with the step size {c} before going back through it",
                  "already W{l} − {c} ∂C/∂W{l}", lambda p, l, dz, number: dz @ (p.W[l] - number * p.dW[l]), back, unknown=True)  # fmt: skip
    few = _where(problem, lambda l: 0 < L - 1 < widths[l], first=2)
    yield mistake("sum_up_to_layers", "{f} sums over L − 1 neurons of layer {n}, as document 004, section 10.2 prints; it has more",
                  "over all neurons of layer {n}", lambda p, l, dz: dz[:, : p.L - 1] @ p.W[l][: p.L - 1], few,
                  "∂C/∂a{k}ⱼ = «Σᵢ» w{l}ᵢⱼ ∂C/∂z{l}ᵢ")  # fmt: skip


_B4 = "∂C/∂a{k} = «(W{l})ᵀ» ∂C/∂z{l}"


# ------------------------------------------------------------------------------ B2: weights


def _weights(problem: Problem) -> Iterator[Mistake]:
    widths = problem.widths

    def mistake(word: str, sentence: str, note: str, line: Line, layers: Any, formula: str = _B2) -> Mistake:
        return Mistake(word, sentence, formula, "B2", note, {"weights": line}, layers)

    every = _where(problem, lambda l: True)
    yield mistake("gradient_transposed", "{f} returns ∂C/∂W{l} transposed: rows and columns are exchanged",
                  "transposed", lambda p, l, dz: p.A[l - 1].T @ dz,
                  _where(problem, lambda l: widths[l] == widths[l - 1] > 1), "∂C/∂W{l} = «∂C/∂z{l} (a{k})ᵀ»")  # fmt: skip
    yield mistake("weights_before_slope", "{f} forgot σ′(z{l}) in the gradient of W{l}: on a dense layer 001 means z, not a",
                  "∂C/∂a{l} instead", lambda p, l, dz: p.weights(l, p.da[l]), every, "∂C/∂W{l} = «∂C/∂z{l}» (a{k})ᵀ")  # fmt: skip
    yield mistake("own_activation", "{f} multiplies by a{l}, the layer's own output, where its input a{k} belongs",
                  "a{l} instead", lambda p, l, dz: dz.T @ p.A[l], _where(problem, lambda l: widths[l] == widths[l - 1]))  # fmt: skip
    yield mistake("sum_for_activation", "{f} multiplies by z{k} where a{k} = σ(z{k}) belongs, in the gradient of W{l}",
                  "z{k} instead", lambda p, l, dz: dz.T @ p.Z[l - 1], _where(problem, lambda l: True, first=2))  # fmt: skip
    yield mistake("activation_missing", "{f} forgot the input a{k} in the gradient of W{l}", "missing",
                  lambda p, l, dz: np.repeat(dz.sum(axis=0)[:, None], widths[l - 1], axis=1), every)  # fmt: skip


_B2 = "∂C/∂W{l} = ∂C/∂z{l} «(a{k})ᵀ»"


# ------------------------------------------------------------------------------ A5: which samples are counted


def _samples(problem: Problem) -> Iterator[Mistake]:
    for which, row in (("last", slice(-1, None)), ("first", slice(0, 1))):
        for divided in (False, True):

            def weights(p: Backward, l: int, dz: Array, row: slice = row, divided: bool = divided) -> Array:
                return dz[row].T @ p.A[l - 1][row] * (1 if divided else p.n)

            def bias(p: Backward, l: int, dz: Array, row: slice = row, divided: bool = divided) -> Array:
                return p.of_biases(l, dz[row].sum(axis=0)) * (1 if divided else p.n)

            yield Mistake(
                f"only_{which}_sample",
                f"{{f}} counts only the {which} sample" + (", divided by n" if divided else ""),
                "∂C/∂w = 1/n «Σₛ» ∂costₛ/∂w", "A5", f"the {which} sample only; add up with +=",
                {"weights": weights, "bias": bias}, _everywhere(problem),
            )  # fmt: skip


# ------------------------------------------------------------------------------ A2: the cost


_COST_FORMULAS = {
    "sum_squared_error": ("Σⱼ (aⱼ − yⱼ)²", "∂C/∂a{l} = «2 (a{l} − y)»", "D1"),
    "mean_squared_error": ("(1/n_L) Σⱼ (aⱼ − yⱼ)²", "∂C/∂a{l} = «(2/n_L) (a{l} − y)»", "C2"),
    "half_squared_error": ("½ Σⱼ (yⱼ − aⱼ)²", "∂C/∂a{l} = «a{l} − y»", "E2"),
    "hinge": ("Σⱼ max(0, 1 − yⱼaⱼ)", "∂C/∂a{l} = «−y where y a{l} < 1, else 0»", "A2"),
    "binary_cross_entropy": (
        "−Σⱼ yⱼ ln aⱼ + (1 − yⱼ) ln(1 − aⱼ)",
        "∂C/∂a{l} = «(1 − y)/(1 − a{l}) − y/a{l}»",
        "A2",
    ),
    "binary_cross_entropy_with_logits": (
        "of sigmoid(z)",
        "∂C/∂z{l} = «p − y», where p = sigmoid(z{l})",
        "A2",
    ),
    "cross_entropy": ("−Σⱼ yⱼ ln pⱼ", "∂C/∂z{l} = «p − y», where p = softmax(z{l})", "A2"),
}


def _softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def _through_softmax(p: Array, dp: Array) -> Array:
    """Return Jᵀ dp with softmax's Jacobian J = diag(p) − p pᵀ, for each row."""
    return p * (dp - (p * dp).sum(axis=1, keepdims=True))


def _costs(problem: Problem) -> Iterator[Mistake]:
    cost, L = problem.cost, problem.L
    known = isinstance(cost, str)
    _, formula, id_ = _COST_FORMULAS.get(str(cost), ("", "∂C/∂a{l} = «∂cost/∂a{l}»", "A2"))

    def mistake(word: str, sentence: str, note: str, line: Line) -> Mistake:
        return Mistake(word, sentence, formula, id_, note, {"output_adjoint": line}, ((L,),))

    if known:
        yield mistake("targets_exchanged", "{f} exchanges outputs and targets in the cost", "a and y exchanged",
                      lambda p, l: p.problem.cost_slope(cost, p.Y, p.A[l]))  # fmt: skip
        for other, (written, _, _) in _COST_FORMULAS.items():
            if other in COSTS and other != cost:
                yield mistake("other_cost", f"{{f}} computes the gradient of {other}, {written}, and not of {cost}",
                              f"of {other} instead", lambda p, l, other=other: p.problem.cost_slope(other, p.A[l], p.Y))  # fmt: skip
        yield mistake("targets_forgotten", "{f} forgot the targets: it has y = 0", "y forgotten",
                      lambda p, l: p.problem.cost_slope(cost, p.A[l], 0 * p.Y))  # fmt: skip
        if problem.name(L) != "linear":
            yield mistake("cost_of_sums", f"{{f}} puts z{{l}} into the cost where a{{l}}, the output, belongs",
                          "z{l} instead", lambda p, l: p.problem.cost_slope(cost, p.Z[l], p.Y))  # fmt: skip
    if str(cost).endswith("squared_error"):
        yield mistake("cost_for_its_slope", "{f} starts from the cost itself and not from its derivative", "not the square",
                      lambda p, l: (p.A[l] - p.Y) ** 2)  # fmt: skip
    if cost == "binary_cross_entropy":
        yield mistake("slope_contained", "{f} multiplies a{l} − y by σ′(z{l}), which it already contains",
                      "a{l} − y is ∂C/∂z{l}, not ∂C/∂a{l}", lambda p, l: p.A[l] - p.Y)  # fmt: skip
    if cost in ("cross_entropy", "binary_cross_entropy_with_logits"):
        yield from _of_logits(problem, mistake)


def _of_logits(problem: Problem, mistake: Callable[[str, str, str, Line], Mistake]) -> Iterator[Mistake]:
    soft = problem.cost == "cross_entropy"
    name = "softmax" if soft else "sigmoid"
    inner = "softmax's Jacobian" if soft else "sigmoid's slope p(1 − p)"

    def probabilities(z: Array) -> Array:
        return _softmax(z) if soft else 1 / (1 + np.exp(-z))

    def through(p: Array, dp: Array) -> Array:
        return _through_softmax(p, dp) if soft else dp * p * (1 - p)

    def by_probabilities(p: Array, y: Array) -> Array:
        return -y / p if soft else (1 - y) / (1 - p) - y / p

    def twice(p: Backward, l: int) -> Array:
        q = probabilities(p.A[l])
        return through(q, q - p.Y)

    def left_out(p: Backward, l: int) -> Array:
        return by_probabilities(probabilities(p.A[l]), p.Y)

    def of_probabilities(p: Backward, l: int) -> Array:
        return probabilities(probabilities(p.A[l])) - p.Y

    def of_probabilities_through(p: Backward, l: int) -> Array:
        q = probabilities(p.A[l])
        return through(q, probabilities(q) - p.Y)

    yield mistake("jacobian_twice", f"{{f}} multiplies by {inner} twice: p − y already contains it", "with the Jacobian again"
                  if soft else "times p(1 − p) again", twice)  # fmt: skip
    yield mistake("jacobian_left_out", f"{{f}} left {inner} out: it starts from ∂C/∂p and not from ∂C/∂z{{l}}",
                  "−y/p instead" if soft else "(1 − y)/(1 − p) − y/p instead", left_out)  # fmt: skip
    for line in (of_probabilities, of_probabilities_through):
        yield mistake("probabilities_for_logits", f"{{f}} puts probabilities where logits belong: {name} is taken twice",
                      f"p = {name}({name}(z{{l}})) instead", line)  # fmt: skip
    yield mistake("logits_for_probabilities", f"{{f}} forgot {name}: it has z − y where p − y belongs", "z − y instead",
                  lambda p, l: p.A[l] - p.Y)  # fmt: skip


# ------------------------------------------------------------------------------ document 004 as printed


def _errata(problem: Problem) -> Iterator[Mistake]:
    L = problem.L
    if L > 1 and problem.name(L - 1) == "relu":
        for last in (True, False):
            if last or problem.name(L) != "relu":
                yield Mistake(
                    "erratum_1",
                    "{f} computes document 004 as printed (sections 9.2, 10.2): one sign, of z_j · Σ z_i, for the whole sum",
                    "∂C/∂z{l}ⱼ = σ′(z{l}ⱼ) Σᵢ ∂C/∂a{m}ᵢ «σ′(z{m}ᵢ)» w{m}ᵢⱼ", "A9", "each neuron on the path has its own",
                    {"at_sum": _one_sign(last)}, (tuple(range(1, L + 1)),),
                )  # fmt: skip
    at_zero = _where(problem, lambda l: problem.name(l) == "relu" and (problem.Z[l] == 0).any())
    yield Mistake(
        "erratum_2",
        "{f} takes ε = {c} for the whole derivative where z{l} = 0, as document 004 prints (sections 9.1, 9.2)",
        "∂costₛ/∂w{l} = ∂costₛ/∂a{l} · «σ′(z{l})» · a{k}", "E1", "ε stands for this factor alone",
        {"weights": _epsilon_of_weights, "bias": _epsilon_of_biases}, at_zero, unknown=True,
    )  # fmt: skip
    if L > 2:
        # Section 10.2: the chains for bᴸ⁻² and for general bˡ, but not those for bᴸ⁻¹ and b¹.
        layers = dict.fromkeys(
            [(L - 2,), tuple(range(2, L - 1)), tuple(dict.fromkeys((*range(2, L - 1), L - 2)))]
        )
        yield Mistake(
            "erratum_3",
            "{f} computes document 004 as printed (section 10.2): the chain for b{l} lacks its last factor, σ′(z{l})",
            "∂C/∂b{l} = ∂C/∂a{l} ⊙ «σ′(z{l})»", "B1, B3", "missing in the printed chain",
            {"bias": lambda p, l, dz: p.of_biases(l, p.da[l].sum(axis=0))},
            tuple(choice for choice in layers if choice),
        )  # fmt: skip


def _one_sign(with_last: bool) -> Line:
    """Return the printed form: ∂C/∂aᴸ carried back by the weights alone, switched by one product of sums of z."""

    def at_sum(p: Backward, l: int, da: Array) -> Array:
        top = p.L if with_last else p.L - 1
        if l > top:
            return da * p.slope(l)
        error = p.da[p.L] if with_last else p.da[p.L] * p.slope(p.L)
        product = p.Z[top]
        for m in range(p.L, l, -1):
            error = error @ p.W[m]
        for m in range(top - 1, l - 1, -1):
            product = p.Z[m] * product.sum(axis=1, keepdims=True)
        return np.where(product > 0, error, 0.0)

    return at_sum


def _epsilon_of_weights(p: Backward, l: int, dz: Array, number: float) -> Array:
    at_zero = p.Z[l] == 0
    return np.where(at_zero, 0.0, dz).T @ p.A[l - 1] + number * at_zero.sum(axis=0)[:, None]


def _epsilon_of_biases(p: Backward, l: int, dz: Array, number: float) -> Array:
    at_zero = p.Z[l] == 0
    return p.of_biases(l, np.where(at_zero, number, dz).sum(axis=0))


# ------------------------------------------------------------------------------ C3: in another's place


def _places(problem: Problem) -> Iterator[Mistake]:
    def mistake(sentence: str, l: int, note: str, line: Line) -> Mistake:
        return Mistake("other_layers_place", sentence, f"C3 stacks «∂C/∂W{up(l)} and ∂C/∂b{up(l)}» in layer {l}'s place",
                       "C3", note, {"result": line}, ((0,),))  # fmt: skip

    def moved(l: int, m: int, letters: str, both: bool) -> Line:
        def result(p: Backward, _: int, dW: dict[int, Array], db: dict[int, Array]) -> Any:
            parts = {"W": dict(dW), "b": dict(db)}
            for letter, source in (("W", dW), ("b", db)):
                if letter in letters:
                    parts[letter][l] = source[m]
                    if both:
                        parts[letter][m] = source[l]
            return parts["W"], parts["b"]

        return result

    for l, m in permutations(range(1, problem.L + 1), 2):
        fits = "".join(
            letter
            for letter, parts in (("W", problem.W), ("b", problem.b))
            if parts[l].shape == parts[m].shape and parts[l].size
        )
        for letters in dict.fromkeys((fits, *fits)):
            names = {"W": "W{}", "b": "b{}", "Wb": "W{0} and b{0}"}.get(letters, "")
            if letters and l < m:
                what = " with ".join(names.format(up(layer)) for layer in (l, m))
                yield mistake(
                    f"{{f}} exchanges the gradients of {what}", l, "exchanged", moved(l, m, letters, True)
                )
            if letters:
                what = " in the place of those of ".join(names.format(up(layer)) for layer in (m, l))
                yield mistake(
                    f"{{f}} returns the gradients of {what}",
                    l,
                    f"those of layer {m}",
                    moved(l, m, letters, False),
                )


# ------------------------------------------------------------------------------ how layers are written

_UP = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_DOWN = str.maketrans("0123456789,", "₀₁₂₃₄₅₆₇₈₉,")


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
