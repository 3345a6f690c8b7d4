"""What came of the trials of somebody's backpropagation: as text, in a notebook, and as a page.

A page shows the network with its right and its wrong parameters told apart, the chain rule of one wrong
parameter for one sample, the graph of that sample with the paths to it, and all numbers.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite import Value, draw, explain, grad
from autograd_lite.files import write_whole
from autograd_lite.markup import escape, picture, preformatted, table

from .costs import Cost, cost_row
from .layers import MLP
from .pictures.network import draw_network
from .report import GradientReport


@dataclass(frozen=True, repr=False)
class Trial:
    """One network with its data, and how it went.

    Attributes
    ----------
    mlp : MLP
    X, Y : list
    cost : str, function or pair
    report : GradientReport or None
        All gradients; None where the function under test returned none that can be compared.
    wrong : list of str
        The parameters whose gradients are wrong, such as ``"w[1][0,2]"``.
    failure : str
        What is wrong; nothing where all is right.
    mistakes : tuple of str
        The same by its names in the catalogue of ``nn.diagnosis``; or ``"raised"``, ``"keeps_results"``, or
        ``"not_comparable"`` for what has not the shapes of gradients. None if nothing explains it.
    """

    mlp: MLP
    X: list[list[float]]
    Y: list[Any]
    cost: str | Cost | tuple[Any, Any]
    report: GradientReport | None = None
    wrong: list[str] = field(default_factory=list)
    failure: str = ""
    mistakes: tuple[str, ...] = ()

    @property
    def widths(self) -> str:
        """The widths of the layers, such as ``"3-4-2"``."""
        return "-".join(map(str, [self.mlp.n_in, *(layer.n_out for layer in self.mlp.layers)]))

    def __str__(self) -> str:
        return f"{self.widths} with n = {len(self.X)}"

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class BackpropCheck:
    """What came of all trials. Print it, or let a notebook show it.

    Attributes
    ----------
    function : str
        The name of the function under test.
    trials : list of Trial
    faults : dict of str
        What it did and must not, a sentence each, by name: ``"arguments_changed"``, ``"keeps_state"``.
    notes : dict of str
        What else it did: that it prints, or takes its time.
    printed : str
        What the first call that printed printed, at most 2,000 characters.
    """

    function: str
    trials: list[Trial]
    faults: dict[str, str]
    notes: dict[str, str]
    printed: str = ""

    @property
    def right(self) -> bool:
        """Whether all gradients are right and nothing else is amiss."""
        return not self.faults and self.failed is None

    @property
    def failed(self) -> Trial | None:
        """The first trial that failed."""
        return next((trial for trial in self.trials if trial.failure), None)

    @property
    def mistakes(self) -> tuple[str, ...]:
        """The mistakes of the first trial that failed, by name; else the names of the faults."""
        return (self.failed.mistakes if self.failed else ()) or tuple(self.faults)

    @property
    def finding(self) -> str:
        """What is wrong, or what is certain of it, in a sentence or two; nothing where all is right."""
        trial = self.failed
        diagnosis = trial.report.diagnosis if trial and trial.report else None
        if diagnosis is not None and diagnosis.names == self.mistakes:
            return " ".join(diagnosis.sentences or diagnosis.facts)
        said = [*self.faults.values(), *([trial.failure] if trial else [])]
        return " ".join(said[0].partition("\n\n")[0].split()) if said else ""

    def __str__(self) -> str:
        lines = list(self.faults.values())
        if self.failed is not None:
            lines.append(self.failed.failure)
        lines += ["", self._score()] if lines else [self._score()]
        return "\n".join([*lines, *self.notes.values()])

    def __repr__(self) -> str:
        return "\n".join(filter(None, [self.finding, self._score()]))

    def _score(self) -> str:
        right = [trial for trial in self.trials if not trial.failure]
        if len(right) == len(self.trials):
            return f"{self.function} gives the right gradients on networks {_several(right)}."
        if not right:
            return f"{self.function} fails on all networks tried: {_several(self.trials)}."
        return (
            f"{self.function} fails first on a network {self.failed}; it is right on {len(right)} of "
            f"{len(self.trials)}: {_several(right)}."
        )

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the finding, the network, the derivation, the graph, the numbers."""
        return _body(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the same as a page of its own.

        Parameters
        ----------
        path : path
            ``"gradients.html"``.

        Returns
        -------
        Path
            Of the file.
        """
        write_whole(path, _page(self).encode())
        return Path(path)


class WrongGradientsError(AssertionError):
    """Raised by :func:`check_backprop`; a notebook shows what it found in place of the traceback.

    Attributes
    ----------
    check : BackpropCheck
    """

    def __init__(self, check: BackpropCheck) -> None:
        super().__init__(str(check))
        self.check = check

    def __reduce__(self) -> Any:
        return type(self), (self.check,)

    def _render_traceback_(self) -> list[str]:
        # IPython asks an error for its traceback, and shows a result where it is told to.
        from IPython.display import display

        display(self.check)
        return [f"{type(self).__name__}: {str(self).partition(chr(10))[0]}"]


_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.45 system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
  color: light-dark(#16181d, #f0f1f4); background: light-dark(#ffffff, #16181d);
  max-width: 75rem; margin: 0 auto; padding: 0.6rem 1rem 2rem; }
pre { padding: 0.6rem; background: light-dark(#f4f5f7, #1f2229); max-height: none !important;
  font-size: clamp(0.75rem, 2.2vw, 1rem); white-space: pre-wrap; }
math[display="block"] { overflow-x: auto; margin: 0.6rem 0; width: max-content; max-width: 100%; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid #8b919c; }
"""


def _page(check: BackpropCheck) -> str:
    head = '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">'
    title = f"{escape(check.function)}: {'right' if check.right else 'wrong gradients'}"
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n{head}\n<title>{title}</title>\n<style>{_STYLE}</style>\n'
        f"<main>\n<h1>{title}</h1>\n{_body(check)}\n</main>\n</html>\n"
    )


def _body(check: BackpropCheck) -> str:
    """Return HTML without a head, as it stands in a notebook and in a page."""
    parts = [preformatted(str(check))]
    trial = check.failed
    if trial is not None and trial.report is not None and trial.wrong:
        parts += _pictures(trial)
        parts += ["<h2>Every gradient</h2>", trial.report._repr_html_()]
    rows = [[str(t), "✗ wrong" if t.failure else "✓ right"] for t in check.trials]
    parts.append(table([["network", "gradients"], *rows], "Networks and data"))
    return "\n".join(parts)


def _pictures(trial: Trial) -> list[str]:
    name = _first_wrong(trial)
    parameter = dict(trial.mlp.named_parameters())[name]
    cost, s = _largest_of_samples(trial, parameter)
    cost.backward()
    shown = f"<code>{name}</code> for sample {s}"
    paths = f"The graph of sample {s}, and the paths to "
    return [
        "<h2>The network: ✗ where a gradient is wrong</h2>",
        picture(lambda: draw_network(trial.mlp, trial.X[s], wrong=trial.wrong), "The network"),
        f"<h2>What is right: the chain rule of {shown}</h2>",
        explain(cost, parameter)._repr_html_(),
        f"<h2>{paths}<code>{name}</code></h2>",
        picture(lambda: draw(cost, highlight=parameter), f"{paths}{name}"),
    ]


def _first_wrong(trial: Trial) -> str:
    """Return the parameter with the largest error in the first wrong layer on the way back."""
    assert trial.report is not None
    *_, theirs = trial.report.methods.values()
    ours = trial.report.methods["engine"]
    errors = {name: abs(a - b) for name, a, b in zip(trial.report.names, theirs, ours, strict=True)}
    last = max(_layer_of(name) for name in trial.wrong)
    return max(
        (name for name in trial.wrong if _layer_of(name) == last),
        key=lambda name: np.nan_to_num(errors[name], nan=np.inf),
    )


def _layer_of(name: str) -> int:
    return int(name.partition("[")[2].partition("]")[0])


def _largest_of_samples(trial: Trial, parameter: Value) -> tuple[Value, int]:
    """Return the graph of the sample whose cost depends on a parameter most, and which it is."""
    cost = cost_row(trial.cost).value
    graphs = [cost(trial.mlp(x), y) for x, y in zip(trial.X, trial.Y, strict=True)]
    slopes = [abs(grad(graph, [parameter])[0]) for graph in graphs]
    s = slopes.index(max(slopes))
    return graphs[s], s


def _several(trials: list[Trial]) -> str:
    numbers: dict[str, list[str]] = {}
    for trial in trials:
        numbers.setdefault(trial.widths, []).append(str(len(trial.X)))
    return "; ".join(f"{widths} with n = {', '.join(dict.fromkeys(n))}" for widths, n in numbers.items())
