"""The catalogue of mistakes: functions, each in the place of a line of ``nn.diagnosis.backward.Backward``.

A function's docstring is what is said to whoever made the mistake. Whether it explains somebody's gradients
is left to :mod:`nn.diagnosis.search`; the order is that in which the mistakes are tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any, NamedTuple

import numpy as np

from ..matrix import ACTIVATIONS, COSTS
from .backward import Array, Backward, Problem
from .mistakes import ENTRIES, Layers, Mistake, instead, up


def catalogue(problem: Problem) -> list[Mistake]:
    """Return the mistakes that can be made on such a network."""
    return [mistake for entry in ENTRIES for mistake in entry(problem) if mistake.layers]


# ------------------------------------------------------------------------------ A5: a factor


class Factor(NamedTuple):
    """A factor by which gradients are wrong: what is said where all are, and where those of ``{what}`` are.

    The formula and its note are for all; for a part a formula without ``{x}``, its letter, is replaced.
    """

    name: str
    of: Callable[[Problem], float]
    says: str
    says_of_part: str
    formula: str
    id: str
    note: str
    note_of_part: str = ""


_MEAN = "∂C/∂{x} = «1/n» Σₛ ∂costₛ/∂{x}"
_TERMS = "∂C/∂{x} = 1/n Σₛ «∂costₛ/∂{x}»"
FACTORS = (
    Factor(
        "sign",
        lambda p: -1.0,
        "{f} has the wrong sign everywhere, as if y − a stood for a − y",
        "{f} has the wrong sign in {what}",
        *("∂C/∂a = ∂cost/∂a, which grows with «a − y»", "A7", "the other way round", "with the other sign"),
    ),
    Factor(
        "mean_forgotten",
        lambda p: float(p.n),
        "{f} forgot the mean over the samples: every gradient is their sum",
        "{f} forgot the mean over the samples in {what}: this is their sum",
        *(_MEAN, "A5", "missing"),
    ),
    Factor(
        "mean_twice",
        lambda p: 1 / p.n,
        "{f} divides by the number of samples twice",
        "{f} divides by the number of samples twice in {what}: a mean where the sum belongs",
        *(_MEAN, "A5", "taken twice"),
    ),
    Factor(
        "factor_2",
        lambda p: 2.0,
        "{f} makes every gradient twice too large",
        "{f} makes {what} twice too large",
        *(_MEAN, "A5", "and a 2 that does not belong there"),
    ),
    Factor(
        "factor_half",
        lambda p: 0.5,
        "{f} makes every gradient half of what is right: where is the 2 of the square's derivative?",
        "{f} makes {what} half of what is right",
        *("∂C/∂a = «2» (a − y), where the cost is a sum of squares", "C2", "missing", "half of it"),
    ),
    Factor(
        "outputs_forgotten",
        lambda p: float(p.widths[-1]),
        "{f} forgot the mean over the {n_out} outputs",
        "{f} forgot the mean over the {n_out} outputs in {what}",
        *("∂C/∂a = 2/«n_L» (a − y)", "C2", "missing", "not divided by n_L"),
    ),
    Factor(
        "outputs_twice",
        lambda p: 1 / p.widths[-1],
        "{f} divides by the number of outputs, {n_out}, once too often",
        "{f} divides by the number of outputs, {n_out}, once too often in {what}",
        *(_MEAN, "A5", "1/(n·n_L) instead"),
    ),
    Factor(
        "means_forgotten",
        lambda p: float(p.n * p.widths[-1]),
        "{f} forgot the means over samples and outputs: every gradient is a sum over both",
        "{f} forgot the means over samples and outputs in {what}",
        *(_MEAN, "A5", "missing, and 1/n_L"),
    ),
    Factor(
        "zero",
        lambda p: 0.0,
        "{f} returns zeros everywhere",
        "{f} forgot {what}: it returns zeros",
        *(_TERMS, "A5", "missing"),
    ),
)
"""Known factors, in the order in which they are tried."""


class _Place(NamedTuple):
    """What is scaled: in words, unless it is everything; the letter in its formula; its lines and layers."""

    what: str
    x: str
    lines: tuple[str, ...]
    layers: Layers


def _factor_places(problem: Problem) -> Iterator[_Place]:
    L = problem.L
    every = tuple(range(1, L + 1))
    yield _Place("", "w", ("output_adjoint",), (L,))
    for l in range(L - 1, 1, -1):
        yield _Place(f"every gradient from layer {l} backwards", "w", ("previous",), (l + 1,))
    if L > 1:
        yield _Place("the gradients of all weights", "W", ("mean_of_weights",), every)
        yield _Place("the gradients of all biases", "b", ("mean_of_biases",), every)
    for l in range(L, 0, -1):
        both = ("mean_of_weights", "mean_of_biases")
        yield _Place(f"the gradients of layer {l}", f"w{up(l)}", both, (l,))
        yield _Place(f"the gradient of W{up(l)}", f"W{up(l)}", both[:1], (l,))
        yield _Place(f"the gradient of b{up(l)}", f"b{up(l)}", both[1:], (l,))


def _factors(problem: Problem) -> Iterator[Mistake]:
    for factor in FACTORS:
        of_outputs, forgotten = "outputs" in factor.says, "forgot" in factor.says
        if of_outputs and (problem.widths[-1] == 1 or (forgotten and problem.cost != "mean_squared_error")):
            continue
        for place in _factor_places(problem):
            says, formula, id_, note = factor.says, factor.formula, factor.id, factor.note
            if place.what:
                says = factor.says_of_part.replace("{what}", place.what)
                if "{x}" not in formula:
                    formula, id_, note = _TERMS, "A5", factor.note_of_part
            says = says.replace("{n_out}", str(problem.widths[-1]))
            formula = formula.replace("{x}", place.x)
            lines = dict.fromkeys(place.lines)
            yield Mistake(factor.name, says, formula, id_, note, lines, (place.layers,), factor.of)


ENTRIES.append(_factors)


# ------------------------------------------------------------------------------ document 004 as printed


def _one_sign_can_be(p: Problem, l: int, last: bool) -> bool:
    return p.L > 1 and p.name(p.L - 1) == "relu" and (last or p.name(p.L) != "relu")


@instead(
    "at_sum",
    "each neuron on the path has its own",
    _one_sign_can_be,
    formula=("∂C/∂z{l}ⱼ = σ′(z{l}ⱼ) Σᵢ ∂C/∂a{m}ᵢ «σ′(z{m}ᵢ)» w{m}ᵢⱼ", "A9"),
    everywhere=True,
    last=(True, False),
)
def erratum_1(p: Backward, l: int, da: Array, last: bool) -> Array:
    """{f} computes document 004 as printed (9.2, 10.2): one sign, of z_j · Σ z_i, switches the whole sum."""
    # The printed form goes from the error at the outputs back by the weights alone; the last layer's σ′ is
    # one of those that the sign stands for, or was taken before.
    top = p.L if last else p.L - 1
    if l > top:
        return p.at_sum(l, da)
    error = p.da[p.L] if last else p.at_sum(p.L, p.da[p.L])
    for m in range(p.L, l, -1):
        error = error @ p.W[m]
    sign = p.Z[top]
    for m in range(top - 1, l - 1, -1):
        sign = p.Z[m] * sign.sum(axis=1, keepdims=True)
    return np.where(sign > 0, error, 0.0)


@instead(
    "weights bias",
    "ε stands for this factor alone",
    lambda p, l: p.name(l) == "relu" and (p.Z[l] == 0).any(),
    formula=("∂costₛ/∂w{l} = ∂costₛ/∂a{l} · «σ′(z{l})» · a{k}", "E1"),
    unknown=True,
)
def erratum_2(p: Backward, l: int, dz: Array, line: str, number: float) -> Array:
    """{f} takes ε = {c} for the whole derivative where z{l} = 0, as document 004 prints (9.1, 9.2)."""
    at_zero = p.Z[l] == 0
    epsilons = number * at_zero.sum(axis=0)
    rest = np.where(at_zero, 0.0, dz)
    return (
        p.weights(l, rest) + epsilons[:, None]
        if line == "weights"
        else p.bias(l, rest) + p.of_biases(l, epsilons)
    )


@instead(
    "bias",
    "missing in the printed chain",
    # The chains for bᴸ⁻² and for general bˡ, but not those for bᴸ⁻¹ and b¹.
    lambda p, l: l == p.L - 2 or 1 < l < p.L - 1,
    formula=("∂C/∂b{l} = ∂C/∂a{l} ⊙ «σ′(z{l})»", "B1, B3"),
)
def erratum_3(p: Backward, l: int, dz: Array) -> Array:
    """{f} computes document 004 as printed (10.2): the chain for b{l} lacks its last factor, σ′(z{l})."""
    return p.bias(l, p.da[l])


# ------------------------------------------------------------------------------ A4, A3: forward


@instead(
    "forward",
    "missing",
    lambda p, l: _has_bias(p, l),
    formula=("z{l} = W{l} a{k} «+ b{l}»", "A4"),
)
def bias_left_out_forward(p: Backward, l: int) -> tuple[Array, Array]:
    """{f} left b{l} out of the forward pass, {where}."""
    z = p.A[l - 1] @ p.W[l].T
    return z, p.problem.sigma(l, z)


@instead("forward", "a{l} = z{l} instead", lambda p, l: _is_curved(p, l))
def activation_left_out_forward(p: Backward, l: int) -> tuple[Array, Array]:
    """{f} forgot the activation in the forward pass, {where}: it goes on with z{l}."""
    z, _ = p.forward(l)
    return z, z


_COMMON = ("tanh", "sigmoid", "relu", "linear")


def _could_be(p: Problem, l: int, other: str) -> bool:
    return p.name(l) != other and other in p.activations


def _with(p: Backward, l: int, other: str) -> tuple[Array, Array]:
    z, _ = p.forward(l)
    return z, np.asarray(ACTIVATIONS[other][0](z), dtype=float)


@instead("forward slope", "that of {other} instead", _could_be, other=_COMMON)
def other_activation(p: Backward, l: int, line: str, other: str) -> Any:
    """{f} gives the neurons the activation {other} {where}, forward and backward; they have {s}."""
    return _with(p, l, other) if line == "forward" else ACTIVATIONS[other][1](p.Z[l])


@instead("forward", "{other} instead", _could_be, other=_COMMON[:-1])
def other_activation_forward(p: Backward, l: int, other: str) -> tuple[Array, Array]:
    """{f} puts {other} into the forward pass {where}, which has {s}."""
    return _with(p, l, other)


# ------------------------------------------------------------------------------ A2: the cost


def _cost(*names: str) -> Callable[..., bool]:
    """Return whether this is the last layer, with one of these costs, or any known one."""
    return lambda p, l, **choice: l == p.L and p.cost in (names or COSTS)


@instead("output_adjoint", "a and y exchanged", _cost())
def targets_exchanged(p: Backward, l: int) -> Any:
    """{f} exchanges outputs and targets in the cost."""
    if p.problem.cost == "cross_entropy":
        return _probabilities(p, p.Y) - p.A[l]
    return p.problem.cost_slope(p.problem.cost, p.Y, p.A[l])


@instead("output_adjoint", "y = 0", _cost())
def targets_forgotten(p: Backward, l: int) -> Any:
    """{f} forgot the targets: it computes with y = 0."""
    if p.problem.cost == "cross_entropy":
        return _probabilities(p, p.A[l])
    return p.problem.cost_slope(p.problem.cost, p.A[l], 0 * p.Y)


@instead(
    "output_adjoint", "z{l} instead of a{l}", lambda p, l: l == p.L and p.cost in COSTS and _is_curved(p, l)
)
def cost_of_sums(p: Backward, l: int) -> Any:
    """{f} puts z{l} into the cost where a{l}, the output, belongs."""
    return p.problem.cost_slope(p.problem.cost, p.Z[l], p.Y)


@instead(
    "output_adjoint",
    "the square itself",
    _cost("sum_squared_error", "mean_squared_error", "half_squared_error"),
)
def cost_for_its_slope(p: Backward, l: int) -> Any:
    """{f} starts from (a − y)² and not from its derivative."""
    return (p.A[l] - p.Y) ** 2


@instead("output_adjoint", "a{l} − y, which is ∂C/∂z{l}", _cost("binary_cross_entropy"))
def slope_contained(p: Backward, l: int) -> Any:
    """{f} multiplies a{l} − y by σ′(z{l}), which it contains already."""
    return p.A[l] - p.Y


_LOGITS = _cost("cross_entropy", "binary_cross_entropy_with_logits")


def _probabilities(p: Backward, z: Array) -> Array:
    if p.problem.cost == "cross_entropy":
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return np.asarray(e / e.sum(axis=1, keepdims=True))
    return np.asarray(1 / (1 + np.exp(-z)))


def _through(p: Backward, q: Array, dq: Array) -> Array:
    """Return dq by the Jacobian of softmax, diag(q) − q qᵀ, or by the slope of sigmoid."""
    if p.problem.cost == "cross_entropy":
        return np.asarray(q * (dq - (q * dq).sum(axis=1, keepdims=True)))
    return np.asarray(dq * q * (1 - q))


@instead(
    "output_adjoint",
    "over the samples instead",
    lambda p, l: l == p.L and p.cost == "cross_entropy" and p.n > 1,
    formula=("pⱼ = exp(zⱼ) / «Σᵢ» exp(zᵢ)", "A2"),
)
def softmax_over_samples(p: Backward, l: int) -> Any:
    """{f} takes the softmax over the wrong axis: it sums over the samples, not over the outputs."""
    e = np.exp(p.A[l] - p.A[l].max(axis=0))
    return e / e.sum(axis=0) - p.Y


@instead("output_adjoint", "by the Jacobian ∂p/∂z{l} again", _LOGITS)
def jacobian_twice(p: Backward, l: int) -> Any:
    """{f} multiplies by ∂p/∂z{l} twice: p − y contains it already."""
    q = _probabilities(p, p.A[l])
    return _through(p, q, q - p.Y)


@instead("output_adjoint", "∂C/∂p instead, without the Jacobian ∂p/∂z{l}", _LOGITS)
def jacobian_left_out(p: Backward, l: int) -> Any:
    """{f} left the Jacobian ∂p/∂z{l} out: it goes back from ∂C/∂p as if that were ∂C/∂z{l}."""
    q = _probabilities(p, p.A[l])
    of_ones = -p.Y / q
    return of_ones if p.problem.cost == "cross_entropy" else of_ones + (1 - p.Y) / (1 - q)


@instead(
    "output_adjoint",
    "p of p instead",
    lambda p, l, through: _LOGITS(p, l),
    through=("", ", and goes back through both"),
)
def probabilities_for_logits(p: Backward, l: int, through: str) -> Any:
    """{f} puts probabilities where logits belong: it makes probabilities of them twice{through}."""
    q = _probabilities(p, p.A[l])
    adjoint = _probabilities(p, q) - p.Y
    return _through(p, q, adjoint) if through else adjoint


@instead("output_adjoint", "z{l} − y instead", _LOGITS)
def logits_for_probabilities(p: Backward, l: int) -> Any:
    """{f} has z{l} − y where p − y belongs: it forgot to make probabilities of the logits."""
    return p.A[l] - p.Y


@instead(
    "output_adjoint",
    "that of {other} instead",
    lambda p, l, other: l == p.L and p.cost in COSTS and p.cost != other,
    other=tuple(COSTS),
)
def other_cost(p: Backward, l: int, other: str) -> Any:
    """{f} computes the gradient of another cost, {other}."""
    return p.problem.cost_slope(other, p.A[l], p.Y)


# ------------------------------------------------------------------------------ B1: σ′


def _is_curved(p: Problem, l: int) -> bool:
    return p.name(l) != "linear"


@instead("slope", "missing", _is_curved)
def slope_missing(p: Backward, l: int) -> Any:
    """{f} forgot σ′(z{l}), the slope of {s}, {where}."""
    return 1.0


@instead("slope", "σ′(a{l}) instead", _is_curved)
def slope_at_a(p: Backward, l: int) -> Any:
    """{f} takes σ′ at a{l} and not at z{l}, {where}."""
    return p.problem.sigma_prime(l, p.A[l])


# σ′ written with a = σ(z), as students do.
_BY_A: dict[str, Callable[[Any], Any]] = {"1 − a²": lambda a: 1 - a**2, "a(1 − a)": lambda a: a * (1 - a)}
_FORMULA_OF = {"tanh": "1 − a²", "sigmoid": "a(1 − a)"}


@instead(
    "slope",
    "z for a in {written}",
    lambda p, l, written: _FORMULA_OF.get(p.name(l)) == written,
    written=tuple(_BY_A),
)
def slope_formula_at_z(p: Backward, l: int, written: str) -> Any:
    """{f} computes the slope of {s} by {written} with z for a, {where}."""
    return _BY_A[written](p.Z[l])


# What is left of it when something is forgotten.
_CUT: dict[str, Callable[[Any], Any]] = {
    "1 − a": lambda a: 1 - a,
    "1 + a²": lambda a: 1 + a**2,
    "a²": lambda a: a**2,
    "a(1 + a)": lambda a: a * (1 + a),
    "a²(1 − a)": lambda a: a**2 * (1 - a),
}


@instead("slope", "{cut} instead", lambda p, l, cut: p.name(l) in _FORMULA_OF, cut=tuple(_CUT))
def slope_formula_wrong(p: Backward, l: int, cut: str) -> Any:
    """{f} writes {cut} for the slope of {s}, {where}."""
    return _CUT[cut](p.A[l])


@instead(
    "slope",
    "{written} instead",
    lambda p, l, written: _FORMULA_OF.get(p.name(l)) != written,
    name="slope_of_other_activation",
    written=tuple(_BY_A),
)
def slope_of_other_formula(p: Backward, l: int, written: str) -> Any:
    """{f} uses {written}, the slope of another activation, {where}, which has {s}."""
    return _BY_A[written](p.A[l])


@instead(
    "slope",
    "that of {other} instead",
    lambda p, l, other: p.name(l) != other,
    name="slope_of_other_activation",
    other=("tanh", "sigmoid", "relu"),
)
def slope_of_unused_activation(p: Backward, l: int, other: str) -> Any:
    """{f} uses the slope of {other} {where}, which has {s}."""
    return ACTIVATIONS[other][1](p.Z[l])


@instead("slope", "the sign of z{l}, which is −1 for z{l} < 0", lambda p, l: p.name(l) == "relu")
def sign_for_relu_slope(p: Backward, l: int) -> Any:
    """{f} takes the sign of z{l} for ReLU's slope, {where}: −1 below 0, where the slope is 0."""
    return np.sign(p.Z[l])


@instead("slope", "squared", _is_curved)
def slope_twice(p: Backward, l: int) -> Any:
    """{f} multiplies by σ′(z{l}) twice, {where}."""
    return p.slope(l) ** 2


@instead("slope", "σ(z{l}) instead", _is_curved)
def activation_for_slope(p: Backward, l: int) -> Any:
    """{f} multiplies by σ(z{l}) where its slope σ′(z{l}) belongs, {where}."""
    return p.A[l]


_NEIGHBOURS = {"the next layer": 1, "the layer before": -1}


def _other_layer(p: Problem, l: int, which: str) -> int | None:
    other = l + _NEIGHBOURS[which]
    return other if 1 <= other <= p.L else None


@instead(
    "slope",
    "that of {which} instead",
    lambda p, l, which: (m := _other_layer(p, l, which)) and p.widths[l] == p.widths[m],
    which=tuple(_NEIGHBOURS),
)
def slope_of_other_layer(p: Backward, l: int, which: str) -> Any:
    """{f} takes σ′(z) of {which} {where}."""
    return p.slope(l + _NEIGHBOURS[which])


@instead(
    "slope",
    "σ′ of {which} instead",
    lambda p, l, which: (m := _other_layer(p, l, which)) and p.name(m) not in (p.name(l), "linear"),
    which=tuple(_NEIGHBOURS),
)
def slope_of_other_activation(p: Backward, l: int, which: str) -> Any:
    """{f} uses the σ′ of {which} {where}, which has {s}."""
    return p.problem.sigma_prime(l + _NEIGHBOURS[which], p.Z[l])


@instead("slope", "1 at z = 0, where 0 is chosen", lambda p, l: p.name(l) == "relu")
def relu_slope_at_0(p: Backward, l: int) -> Any:
    """{f} lets ReLU have the slope 1 at 0 (z ≥ 0) {where}; here it is 0 (z > 0)."""
    return (p.Z[l] >= 0) * 1.0


@instead(
    "slope",
    "z{m} > 0 instead",
    lambda p, l: p.name(l) == "relu" and l < p.L and p.widths[l + 1] in (1, p.widths[l]),
)
def relu_slope_of_next(p: Backward, l: int) -> Any:
    """{f} takes the sign for ReLU's slope from z{m}, the next layer's, {where}."""
    return (p.Z[l + 1] > 0) * 1.0


@instead("slope", "0 for z < 0, where it is 0.01", lambda p, l: p.name(l) == "leaky_relu")
def leak_forgotten(p: Backward, l: int) -> Any:
    """{f} lets leaky ReLU have the slope 0 below 0, {where}."""
    return (p.Z[l] > 0) * 1.0


@instead("at_sum", "element by element, not @", lambda p, l: p.n == p.widths[l], same_n=True)
def matrix_product_for_hadamard(p: Backward, l: int, da: Array) -> Any:
    """{f} takes a matrix product of ∂C/∂a{l} and σ′(z{l}), {where}."""
    return da @ p.slope(l)


@instead("at_sum", "element by element, not summed up", lambda p, l: p.widths[l] > 1)
def dot_for_hadamard(p: Backward, l: int, da: Array) -> Any:
    """{f} takes the dot product of ∂C/∂a{l} and σ′(z{l}), one number for all neurons, {where}."""
    return np.zeros_like(da) + (da * p.slope(l)).sum(axis=1, keepdims=True)


# ------------------------------------------------------------------------------ B3: biases


def _has_bias(p: Problem, l: int) -> bool:
    return p.b[l].size > 0


@instead("bias", "∂C/∂a{l} instead", _has_bias)
def bias_before_slope(p: Backward, l: int, dz: Array) -> Array:
    """{f} forgot σ′(z{l}) in the gradient of b{l}: it sums ∂C/∂a{l}."""
    return p.bias(l, p.da[l])


_SAMPLES = {"last": -1, "first": 0}
_DIVIDED = ("", ", divided by n")
_SUM = ("∂C/∂w = 1/n «Σₛ» ∂costₛ/∂w", "A5")


def _one_sample(p: Backward, dz: Array, which: str, divided: str) -> Array:
    alone = np.zeros_like(dz)
    alone[_SAMPLES[which]] = dz[_SAMPLES[which]]
    return alone if divided else p.n * alone


@instead(
    "bias",
    "the {which} sample only",
    lambda p, l, which, divided: _has_bias(p, l),
    formula=("∂C/∂b{l} = 1/n «Σₛ» ∂costₛ/∂z{l}", "A5"),
    which=tuple(_SAMPLES),
    divided=_DIVIDED,
)
def bias_of_one_sample(p: Backward, l: int, dz: Array, which: str, divided: str) -> Array:
    """{f} counts only the {which} sample{divided}, in the gradient of b{l}."""
    return p.bias(l, _one_sample(p, dz, which, divided))


@instead(
    "bias",
    "over the samples: axis 0 of rows",
    lambda p, l: p.b[l].size == p.widths[l] == p.n > 1,
    formula=("∂C/∂b{l} = 1/n «Σₛ» ∂costₛ/∂z{l}", "A5"),
    same_n=True,
)
def bias_wrong_axis(p: Backward, l: int, dz: Array) -> Any:
    """{f} sums b{l} over the wrong axis: over the neurons, not the samples."""
    return dz.sum(axis=1)


@instead("bias", "of this neuron alone", lambda p, l: p.b[l].size == p.widths[l] > 1)
def bias_summed_over_neurons(p: Backward, l: int, dz: Array) -> Any:
    """{f} gives every b{l} the sum over all neurons of the layer."""
    return np.full(dz.shape[1], dz.sum())


_NEURONS: dict[str, Callable[[Array], Array]] = {
    "takes the mean over": lambda of_neurons: of_neurons.mean(keepdims=True),
    "counts only the first of": lambda of_neurons: of_neurons[:1],
    "counts only the last of": lambda of_neurons: of_neurons[-1:],
}


@instead(
    "bias",
    "a sum over all of them",
    lambda p, l, which: p.b[l].size == 1 < p.widths[l],
    formula=("∂C/∂b{l} = «Σⱼ» ∂C/∂z{l}ⱼ", "E3"),
    which=tuple(_NEURONS),
)
def shared_bias_not_summed(p: Backward, l: int, dz: Array, which: str) -> Array:
    """{f} {which} the neurons that share b{l}, and does not sum over them."""
    return _NEURONS[which](dz.sum(axis=0))


@instead("bias", "times 1, not times a{k}", lambda p, l, how: _has_bias(p, l), how=("sum", "mean"))
def bias_as_weights(p: Backward, l: int, dz: Array, how: str) -> Array:
    """{f} gives b{l} the {how} of the gradients of the neuron's weights."""
    of_weights = p.weights(l, dz)
    return p.of_biases(l, of_weights.sum(axis=1) if how == "sum" else of_weights.mean(axis=1))


# ------------------------------------------------------------------------------ B4: one layer back


def _is_square(p: Problem, l: int) -> bool:
    return l > 1 and p.widths[l] == p.widths[l - 1] > 1


@instead("previous", "transposed the other way", _is_square)
def weights_not_transposed(p: Backward, l: int, dz: Array) -> Any:
    """{f} goes back through W{l} where (W{l})ᵀ belongs."""
    return dz @ p.W[l].T


@instead(
    "previous",
    "∂C/∂a{l} instead",
    lambda p, l: l > 1,
    formula=("∂C/∂a{k} = (W{l})ᵀ «∂C/∂z{l}»", "B4"),
)
def slope_missing_on_the_way(p: Backward, l: int, dz: Array) -> Any:
    """{f} forgot σ′(z{l}) on the way back to layer {kn}, though not for W{l}."""
    return p.previous(l, p.da[l])


@instead(
    "previous",
    "those of {which} instead",
    lambda p, l, which: l > 1 and (m := _other_layer(p, l, which)) and p.W[l].shape == p.W[m].shape,
    which=tuple(_NEIGHBOURS),
)
def weights_of_neighbour(p: Backward, l: int, dz: Array, which: str) -> Any:
    """{f} goes back from layer {n} through the weights of {which}."""
    return dz @ p.W[l + _NEIGHBOURS[which]]


@instead("previous", "missing", _is_square)
def weights_missing(p: Backward, l: int, dz: Array) -> Any:
    """{f} forgot (W{l})ᵀ on the way back to layer {kn}."""
    return dz


@instead("previous", "already W{l} − {c} ∂C/∂W{l}", lambda p, l: l > 1, unknown=True)
def weights_already_updated(p: Backward, l: int, dz: Array, number: float) -> Any:
    """{f} updates W{l}, with the step size {c}, before it goes back through it."""
    return dz @ (p.W[l] - number * p.dW[l])


@instead(
    "previous",
    "over all neurons of layer {n}",
    lambda p, l: l > 1 and 0 < p.L - 1 < p.widths[l],
    formula=("∂C/∂a{k}ⱼ = «Σᵢ» w{l}ᵢⱼ ∂C/∂z{l}ᵢ", "B4"),
)
def erratum_4(p: Backward, l: int, dz: Array) -> Any:
    """{f} computes document 004 as printed (10.2): a sum over the neurons of layer {n} ends at L − 1."""
    return dz[:, : p.L - 1] @ p.W[l][: p.L - 1]


# ------------------------------------------------------------------------------ B2: weights


@instead(
    "weights",
    "rows for columns",
    lambda p, l: p.widths[l] == p.widths[l - 1] > 1,
    formula=("∂C/∂W{l} = «∂C/∂z{l} (a{k})ᵀ»", "B2"),
)
def gradient_transposed(p: Backward, l: int, dz: Array) -> Any:
    """{f} returns ∂C/∂W{l} transposed."""
    return p.weights(l, dz).T


@instead("weights", "∂C/∂a{l} instead", formula=("∂C/∂W{l} = «∂C/∂z{l}» (a{k})ᵀ", "B2"))
def weights_before_slope(p: Backward, l: int, dz: Array) -> Any:
    """{f} forgot σ′(z{l}) in the gradient of W{l}, which is that of a dense layer whose output is z{l}."""
    return p.weights(l, p.da[l])


@instead("weights", "a{l} instead", lambda p, l: p.widths[l] == p.widths[l - 1])
def own_activation(p: Backward, l: int, dz: Array) -> Any:
    """{f} multiplies by a{l}, the layer's own output, where its input a{k} belongs."""
    return dz.T @ p.A[l]


@instead("weights", "z{k} instead", lambda p, l: l > 1)
def sum_for_activation(p: Backward, l: int, dz: Array) -> Any:
    """{f} multiplies by z{k} where a{k} = σ(z{k}) belongs, in the gradient of W{l}."""
    return dz.T @ p.Z[l - 1]


@instead("weights", "missing")
def activation_missing(p: Backward, l: int, dz: Array) -> Any:
    """{f} forgot the input a{k} in the gradient of W{l}."""
    return dz.T @ np.ones_like(p.A[l - 1])


# ------------------------------------------------------------------------------ A5: which samples are counted


@instead(
    "weights bias",
    "the {which} sample only; add up with +=",
    formula=_SUM,
    everywhere=True,
    name="only_{which}_sample",
    which=tuple(_SAMPLES),
    divided=_DIVIDED,
)
def only_one_sample(p: Backward, l: int, dz: Array, line: str, which: str, divided: str) -> Any:
    """{f} counts only the {which} sample{divided}."""
    return getattr(p, line)(l, _one_sample(p, dz, which, divided))


# ------------------------------------------------------------------------------ C3: in another's place


def _places(problem: Problem) -> Iterator[Mistake]:
    for l, m in permutations(range(1, problem.L + 1), 2):
        fits = "".join(
            letter
            for letter, parts in (("W", problem.W), ("b", problem.b))
            if parts[l].shape == parts[m].shape and parts[l].size
        )
        for letters in dict.fromkeys((fits, *fits)):
            for both in (True, False) if letters and l < m else (False,) * bool(letters):
                mine, theirs = (" and ".join(letter + up(layer) for letter in letters) for layer in (l, m))
                yield Mistake(
                    "other_layers_place",
                    f"{{f}} exchanges the gradients of {mine} with those of {theirs}"
                    if both
                    else f"{{f}} returns the gradients of {theirs} in the place of those of {mine}",
                    f"∇C = (…, «∂C/∂{mine.replace(' and ', ', ∂C/∂')}», …)",
                    "C3",
                    f"∂C/∂{theirs.replace(' and ', ', ∂C/∂')} instead",
                    {"result": _moved(l, m, letters, both)},
                    ((0,),),
                )


def _moved(l: int, m: int, letters: str, both: bool) -> Callable[..., Any]:
    def result(p: Backward, _: int, dW: dict[int, Array], db: dict[int, Array]) -> Any:
        parts = {"W": dict(dW), "b": dict(db)}
        for letter, source in (("W", dW), ("b", db)):
            if letter in letters:
                parts[letter][l] = source[m]
                if both:
                    parts[letter][m] = source[l]
        return parts["W"], parts["b"]

    return result


ENTRIES.append(_places)


# ------------------------------------------------------------------------------ a constant that no line has


def _constants(problem: Problem) -> Iterator[Mistake]:
    for place in _factor_places(problem):
        yield Mistake(
            "constant",
            f"{{f}} makes {place.what or 'every gradient'} {{c}} times what is right, on every network",
            _MEAN.replace("{x}", place.x),
            "A5",
            "and {c} times, a constant that no line has",
            dict.fromkeys(place.lines),
            (place.layers,),
            unknown=True,
        )


ENTRIES.append(_constants)
