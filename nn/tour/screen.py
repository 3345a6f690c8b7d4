"""The tour on a screenful: at most 40 lines of 80 columns."""

from __future__ import annotations

import math

from autograd_lite import Value

from ..report import DIFFERENCES, ENGINE, LOOPS, MATRIX
from .results import Comparison, Training, samples_compared

METHODS = {
    ENGINE: "the chain rule, back through the graph",
    MATRIX: "formulas for whole layers",
    LOOPS: "formulas for each weight alone, as loops",
    DIFFERENCES: "(C(w + h) − C(w − h)) / 2h, approximate",
}
"""What each way to a gradient is."""

_ROWS = 6  # of the first gradients, and of those that differ most


def neuron_text(a: Value) -> str:
    """Return the neuron with its chain rule, a line for each weight and input."""
    (z,) = a.parents
    lines = [
        "1. One neuron: a = tanh(z), z = w[0]·x[0] + w[1]·x[1] + b\n",
        f"   z = {z.data:g}   a = {a.data:.6g}",
    ]
    order = ["w[0]", "w[1]", "b", "x[0]", "x[1]"]
    nodes = {node.label: (node, partial) for node, partial in zip(z.parents, z.partials, strict=True)}
    for name in order:
        node, partial = nodes[name]
        lines.append(
            f"   ∂a/∂{name:<4} = ∂a/∂z · ∂z/∂{name:<4} "
            f"= {a.partials[0]:.6g} · {partial:>4g} = {node.grad:.6g}"
        )
    return "\n".join(lines)


def training_text(training: Training) -> str:
    """Return what the network learned: its cost, and how many samples it has right."""
    data = training.data
    lines = [
        f"\n2. A network, {training.widths}, learns {data.name}: {len(training.parts[0])} samples, "
        f"{len(data.class_names)} classes\n",
        f"   {told_of_cost(training)}",
    ]
    for what, part in training.named_parts():
        right = training.right(part)
        lines.append(f"   right on {right} of {len(part)} {what} samples: {right / len(part):.1%} accuracy")
    return "\n".join(lines)


def told_of_cost(training: Training) -> str:
    """Return how the cost went down, and why it stopped."""
    costs = training.history.costs
    n = f"{len(costs):,} epoch{'s' * (len(costs) != 1)}"
    why = {"converged": ", enough for this network", "interrupted": ", until it was interrupted"}
    so_far = f"{n} of training{why.get(training.history.stopped, '')}"
    return f"{so_far}: the cost goes from {costs[0]:.4g} to {costs[-1]:.4g}"


def comparison_title(training: Training) -> str:
    """Return the heading of the comparison, which takes a moment."""
    n = samples_compared(training)
    return (
        f"\n3. Its gradients, each computed in four ways, for {n} training samples\n\n"
        "   C is the cost; w[1][0,1] leads from input 1 to neuron 0 of layer 1"
    )


def comparison_text(comparison: Comparison) -> str:
    """Return the first gradients and those that differ most, by each method; and how far all agree."""
    report = comparison.report
    first, worst = list(range(len(report.names))), []
    if len(first) > 2 * _ROWS:
        first = first[:_ROWS]
        worst = [i for i in comparison.worst_first() if i not in first][:_ROWS]
    *exact, quotients = report.methods
    width = max(9, *(len(report.names[i]) for i in (*first, *worst)))
    lines = [_line(["∂C/∂", *exact, "digits", quotients, "digits"], width)]
    lines += [_row(comparison, i, width) for i in first]
    if worst:
        lines.append(f"⋮ and of the {len(report.names) - _ROWS} others those on which the ways differ most:")
        lines += [_row(comparison, i, width) for i in worst]
    lines.append("")
    width = max(map(len, METHODS.values())) + 2
    for method, meaning in METHODS.items():
        digits = None if method == ENGINE else comparison.fewest(method)
        agrees = "" if digits is None else f"agrees to {digits:>2} digits"
        lines.append(f"{method:<13}{meaning:<{width}}{agrees}")
    return "\n".join(f"   {line}".rstrip() for line in lines)


def _row(comparison: Comparison, i: int, width: int) -> str:
    *exact, quotient = (f"{gradients[i]:.6g}" for gradients in comparison.report.methods.values())
    digits, of_quotient = whole(comparison.of_exact(i)), whole(comparison.digits[DIFFERENCES][i])
    return _line([comparison.report.names[i], *exact, digits, quotient, of_quotient], width)


def _line(cells: list[str], width: int) -> str:
    name, *numbers = cells
    widths = (13, 13, 13, 7, 13, 7)
    return f"{name:<{width}}" + "".join(f"{number:>{w}}" for number, w in zip(numbers, widths, strict=True))


def whole(digits: float | None) -> str:
    """Return a number of digits that are surely the same; a dash where there is nothing to compare.

    Examples
    --------
    >>> whole(13.9), whole(None)
    ('13', '–')
    """
    return "–" if digits is None else f"{math.floor(digits)}"


def verdict(comparison: Comparison) -> str:
    """Return the whole comparison in a sentence."""
    exact, quotients = comparison.fewest(*comparison.exact), comparison.fewest(DIFFERENCES)
    sentence = f"{len(comparison.report.names)} gradients, four ways: they agree to {exact} digits"
    return sentence if quotients is None else f"{sentence}, difference quotients to {quotients}"
