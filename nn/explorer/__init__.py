"""The network page: a network in the plane as one HTML file to learn from, without a connection.

Data points, decision boundary, the diagram of the network and the graph of one chosen point, all in step.
What the page computes, it computes with the rules of the rule book, printed as JavaScript.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

from autograd_lite import sigmoid, topological_order
from autograd_lite.draw.explorer.page import Page, graph_data, make_page

from ..activations import activation_function, linear
from ..costs import Cost, CostRow, cost_row
from ..data.dataset import Dataset
from ..neurons import Network
from ..sample import Sample, check_same_graph, sample_graph

__all__ = ["explore_network"]

LARGEST_GRAPH = 1000
MOST_POINTS = 500

_SCRIPTS = (
    "network.js",
    "regions.js",
    "plane.js",
    "diagram.js",
    "editors.js",
    "training.js",
    "sample_graph.js",
    "page.js",
)

_MAIN = """
document.querySelector("header").append(themeButton());
const page = new NetworkPage(document.querySelector("main"), DATA, RULES);
"""


def explore_network(
    mlp: Network,
    data: Dataset | tuple[Sequence[Sequence[float]], Sequence[int]],
    path: str | os.PathLike[str] | None = None,
    *,
    cost: str | Cost | None = None,
    title: str = "",
) -> Page:
    """Make a page on which a network of two inputs is looked at and trained in the browser.

    The page shows the data points in the plane with the decision boundary, the diagram of the network, and
    the graph of one chosen point with every value and gradient. Points can be added, moved and deleted,
    weights set by hand or by gradient descent on all points (A1, A5, E4); everything follows at once.

    Parameters
    ----------
    mlp : MLP
        With 2 inputs, and either one output for two classes or one for each class.
    data : Dataset, or a pair of samples of shape (n, 2) and n classes from 0
        At most 500 points.
    path : path, optional
        The file to write at once, ``"page.html"``.
    cost : str or callable, optional
        A name in ``COSTS``, or a function of one sample's outputs and targets made of the engine's functions.
        By default the hinge for one output (binary cross-entropy after a sigmoid), cross-entropy for several
        linear outputs, else the mean squared error. Targets are −1 and 1 for the hinge and for the squares
        of one output that is no sigmoid; else 0 and 1, of several outputs 1 for the class of the point.
    title : str, optional
        A heading; by default the name of the data.

    Returns
    -------
    Page
        A notebook shows it; ``.save(path)`` writes it.

    Raises
    ------
    ValueError
        If the network has not 2 inputs, or not one output for each class; if its graph has more than 1,000
        nodes or there are more than 500 points; if the graph is not the same for all points.
    TypeError
        If an argument is of another type.
    OSError
        If it can't be written; a file that was there before is left as it was.

    Examples
    --------
    >>> from nn import MLP
    >>> from nn.data import moons
    >>> explore_network(MLP(2, [8, 1], seed=1), moons()).title
    'A network in the plane: moons'
    """
    if not isinstance(mlp, Network):
        raise TypeError(f"the network page shows an MLP, not {type(mlp).__name__}")
    if mlp.n_in != 2:
        raise ValueError(f"the network takes {mlp.n_in} inputs; the page shows a plane, so it needs 2")
    points = _as_dataset(data, len(mlp.weights(len(mlp.layers))))
    row = cost_row(_default_cost(mlp) if cost is None else cost)
    targets = _targets(mlp, row)
    _check_numbers(mlp, points)
    samples = [(x, targets[label]) for x, label in zip(points.inputs, points.labels, strict=True)]
    sample = sample_graph(mlp, row.value, *samples[0])
    nodes = topological_order(sample.cost)
    if len(nodes) > LARGEST_GRAPH:
        raise ValueError(
            f"the graph of one point has {len(nodes)} nodes, and the page takes at most {LARGEST_GRAPH}: use "
            "fewer or smaller layers, as in MLP(2, [16, 16, 1])"
        )
    check_same_graph(sample.cost, lambda s: sample_graph(mlp, row.value, *samples[s]).cost, len(samples))
    content = _network_data(mlp, sample, points, targets) | {
        # Above it a single output means the second class, as in `nn.predict`.
        "threshold": 0.5 if _ends_in_sigmoid(mlp) else row.threshold,
        "costName": _name(row.value).replace("_", " "),
    }
    heading = title or f"A network in the plane: {points.name}"
    scripts = [_asset(name) for name in _SCRIPTS]
    return make_page(heading, sample.cost, content, _MAIN, scripts, _asset("page.css"), path)


def _as_dataset(data: Any, n_out: int) -> Dataset:
    """Return the data as a checked data set of two features, with a class for each output."""
    n_classes = max(n_out, 2)
    if isinstance(data, Dataset):
        if len(data.feature_names) != 2:
            raise ValueError(
                f"{data.name!r} has {len(data.feature_names)} features, and a plane shows 2: keep two columns"
            )
        if len(data.class_names) > n_classes:
            raise ValueError(
                f"{data.name!r} has {len(data.class_names)} classes and the network {n_out} "
                f"output{'s' * (n_out > 1)}: give it one output for each class, or one for two classes"
            )
        return data
    is_pair = isinstance(data, (tuple, list)) and len(data) == 2
    if not (is_pair and all(hasattr(part, "__len__") for part in data)):
        raise TypeError(
            f"the data is a Dataset or a pair of samples and classes, (X, labels), not {type(data).__name__}"
        )
    X, labels = data
    return Dataset("points", X, labels, ["x", "y"], [f"class {k}" for k in range(n_classes)], "given")


def _check_numbers(mlp: Network, points: Dataset) -> None:
    if len(points) > MOST_POINTS:
        raise ValueError(
            f"there are {len(points)} points, and the page takes at most {MOST_POINTS}: give it some of them"
        )
    for name, parameter in mlp.named_parameters():
        if not math.isfinite(float(parameter)):
            raise ValueError(f"{name} is {parameter.data}: the page needs finite weights")


def _ends_in_sigmoid(mlp: Network) -> bool:
    return activation_function(mlp.layers[-1].activation) is sigmoid


def _default_cost(mlp: Network) -> str:
    last = mlp.layers[-1]
    if last.n_out == 1:
        return "binary_cross_entropy" if _ends_in_sigmoid(mlp) else "hinge"
    return "cross_entropy" if activation_function(last.activation) is linear else "mean_squared_error"


def _targets(mlp: Network, cost: CostRow) -> list[list[float]]:
    """Return the targets of each class."""
    n_out = mlp.layers[-1].n_out
    low = cost.targets.low
    if low is None:
        low = -1.0 if n_out == 1 and not _ends_in_sigmoid(mlp) else 0.0
    if n_out == 1:
        return [[low], [1.0]]
    return [[1.0 if j == label else low for j in range(n_out)] for label in range(n_out)]


def _network_data(
    mlp: Network, sample: Sample, points: Dataset, targets: list[list[float]]
) -> dict[str, Any]:
    """Return what the page's ``Network`` takes as its data; nodes are given by position."""
    position = {node: i for i, node in enumerate(topological_order(sample.cost))}
    names = points.class_names + [f"class {k}" for k in range(len(points.class_names), len(targets))]
    numbers = range(1, len(mlp.layers) + 1)
    return {
        "graph": graph_data(sample.cost, mlp.parameters()),
        "parameters": [position[p] for p in mlp.parameters()],
        "activations": ["", *(_name(layer.activation) for layer in mlp.layers)],
        "targets": [position[leaf] for leaf in sample.targets],
        "layers": [[position[a] for a in layer] for layer in sample.layers],
        "weights": [[[position[w] for w in row] for row in mlp.weights(l)] for l in numbers],
        "biases": [[position[b] for b in mlp.biases(l)] for l in numbers],
        "classes": [{"name": name, "targets": y} for name, y in zip(names, targets, strict=True)],
        "features": points.feature_names,
        "points": [[*x, label] for x, label in zip(points.inputs, points.labels, strict=True)],
        "mostPoints": MOST_POINTS,
    }


def _name(function: str | Callable[..., Any]) -> str:
    """Return what a function is called, nothing for one without a name."""
    name = function if isinstance(function, str) else getattr(function, "__name__", "")
    return "" if name == "<lambda>" else name


def _asset(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
