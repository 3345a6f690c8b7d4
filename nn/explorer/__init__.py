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
from autograd_lite.draw.explorer.page import Page, make_page

from ..activations import ACTIVATIONS, Activation, activation_function, linear
from ..costs import Cost, CostRow, cost_row
from ..data.dataset import Dataset
from ..data.generators import Measured, moons
from ..neurons import Network
from ..sample import check_same_graph, sample_graph
from .templates import Templates

__all__ = ["explore_network", "laboratory"]

LARGEST_GRAPH = 1000
MOST_POINTS = 500
FARTHEST_PLACE = 1e300

_SCRIPTS = (
    "lab/random.js",
    "lab/datasets.js",
    "lab/features.js",
    "lab/costs.js",
    "lab/model.js",
    "lab/own_functions.js",
    "lab/initial.js",
    "lab/optimizers.js",
    "lab/learning.js",
    "lab/settings.js",
    "lab/symbols.js",
    "lab/grouping.js",
    "lab/point_graph.js",
    "lab/program.js",
    "lab/link.js",
    "lab/table.js",
    "data_points.js",
    "decision.js",
    "places.js",
    "network.js",
    "changeable.js",
    "regions.js",
    "plane_input.js",
    "plane.js",
    "neuron_pictures.js",
    "diagram.js",
    "point_editor.js",
    "weight_editor.js",
    "training.js",
    "curve.js",
    "sizes.js",
    "controls/fields.js",
    "controls/data.js",
    "controls/layers.js",
    "controls/learning.js",
    "controls/colours.js",
    "controls/take_away.js",
    "controls/parts.js",
    "sample_graph.js",
    "layout.js",
    "page.js",
)

_MAIN = """
document.querySelector("header").append(themeButton());
const page = new NetworkPage(document.querySelector("main"), DATA, RULES);
"""


def explore_network(
    mlp: Network,
    data: Dataset | Measured | tuple[Sequence[Sequence[float]], Sequence[int]],
    path: str | os.PathLike[str] | None = None,
    *,
    cost: str | Cost | None = None,
    title: str = "",
) -> Page:
    """Make a page on which a network of two inputs is looked at and trained in the browser.

    The page shows the data points in the plane with the decision boundary, the diagram of the network, and
    the graph of one chosen point with every value and gradient. Points can be added, moved and deleted,
    weights set by hand or by gradient descent on all points (A1, A5, E4); everything follows at once. Data,
    layers, cost and learning can be changed as in the :func:`laboratory`.

    Parameters
    ----------
    mlp : MLP
        With 2 inputs, and either one output for two classes or one for each class.
    data : Dataset, or a pair of samples of shape (n, 2) and n classes from 0
        At most 500 points. Or, with a number to learn for each point, what ``nn.data.plane`` returns.
    path : path, optional
        The file to write at once, ``"page.html"``.
    cost : str or callable, optional
        A name in ``COSTS``, or a function of one sample's outputs and targets made of the engine's functions.
        By default the hinge for one output (binary cross-entropy after a sigmoid), cross-entropy for several
        linear outputs, else, as for numbers to learn, the mean squared error. Targets are −1 and 1 for the
        hinge and for the squares of one output that is no sigmoid; else 0 and 1, of several outputs 1 for the
        class of the point.
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
    numbers = data.targets if isinstance(data, Measured) else None
    points = _as_dataset(data, mlp.layers[-1].n_out)
    usual = _default_cost(mlp) if numbers is None else "mean_squared_error"
    row = cost_row(usual if cost is None else cost)
    targets = _targets(mlp, row)
    _check_numbers(mlp, points)
    samples = [(x, targets[label]) for x, label in zip(points.inputs, points.labels, strict=True)]
    if numbers is not None:
        samples = [(x, [float(y)]) for x, y in zip(points.inputs, _to_learn(numbers, row, mlp), strict=True)]
    sample = sample_graph(mlp, row.value, *samples[0])
    nodes = topological_order(sample.cost)
    if len(nodes) > LARGEST_GRAPH:
        raise ValueError(
            f"the graph of one point has {len(nodes)} nodes, and the page takes at most {LARGEST_GRAPH}: use "
            "fewer or smaller layers, as in MLP(2, [16, 16, 1])"
        )
    check_same_graph(sample.cost, lambda s: sample_graph(mlp, row.value, *samples[s]).cost, len(samples))
    content, templates = _network_data(mlp, row, points)
    if numbers is not None:
        content["classNames"] = None
        content["points"] = [[*x, *y] for x, y in samples]
    return _page(title or f"A network in the plane: {points.name}", content, templates, path)


def laboratory(
    path: str | os.PathLike[str] | None = None, *, title: str = "A laboratory of networks"
) -> Page:
    """Make the page of :func:`explore_network` with a network to begin with: two layers of 8 on the moons.

    Data, layers, activations, cost and training are chosen on the page. A link holds all of it, and a button
    gives the program that repeats the run in Python.

    Parameters
    ----------
    path : path, optional
        The file to write at once, ``"laboratory.html"``.
    title : str, optional
        A heading.

    Returns
    -------
    Page
        A notebook shows it; ``.save(path)`` writes it.

    Raises
    ------
    OSError
        If it can't be written; a file that was there before is left as it was.

    Examples
    --------
    >>> laboratory().title
    'A laboratory of networks'
    """
    content, templates = _network_data(Network(2, [8, 8, 1], seed=1), cost_row("hinge"), moons())
    content["settings"] |= {"data": "moons"}
    return _page(title, content, templates, path)


def _page(
    title: str, content: dict[str, Any], templates: Templates, path: str | os.PathLike[str] | None
) -> Page:
    scripts = [templates.scripts(), *map(_asset, _SCRIPTS)]
    return make_page(title, templates.roots, content, _MAIN, scripts, _asset("page.css"), path)


def _to_learn(numbers: Sequence[float], cost: CostRow, mlp: Network) -> Sequence[float]:
    """Return the numbers that a network is to learn, or raise an error that says why it cannot."""
    if mlp.layers[-1].n_out != 1:
        raise ValueError(
            f"there is a number to learn for each point, and the network has {mlp.layers[-1].n_out} outputs: "
            "give it one, as in MLP(2, [8, 1])"
        )
    if cost.targets.fits is not None:
        raise ValueError(
            f"the cost {cost.name} is for classes: give one for numbers, such as 'mean_squared_error'"
        )
    for s, y in enumerate(numbers):
        if not math.isfinite(y):
            raise ValueError(f"targets[{s}] is {y}: replace it by a finite number or leave out its point")
    return numbers


def _as_dataset(data: Any, n_out: int) -> Dataset:
    """Return the data as a checked data set of two features, with a class for each output."""
    n_classes = max(n_out, 2)
    if isinstance(data, Measured):
        return Dataset(
            "numbers to learn", data.inputs, [0] * len(data.inputs), ["x", "y"], ["value"], "given"
        )
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
    for s, place in enumerate(points.inputs):
        if max(map(abs, place)) > FARTHEST_PLACE:
            raise ValueError(f"inputs[{s}] is {place}, too far out to be drawn: scale the data first")
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


def _network_data(mlp: Network, cost: CostRow, points: Dataset) -> tuple[dict[str, Any], Templates]:
    """Return what the page's ``Network`` takes as its data, and the parts that it builds networks from."""
    sizes = [layer.n_out for layer in mlp.layers]
    own: dict[str, Activation] = {}
    layers = []
    for l, layer in enumerate(mlp.layers, 1):
        function = activation_function(layer.activation)
        known = next((name for name, one in ACTIVATIONS.items() if one is function), f"own {l}")
        if known not in ACTIVATIONS:
            own[known] = function
        layers.append({"size": layer.n_out, "activation": known})
    own_cost = {} if cost.name else {"own": cost.value}
    bias = mlp.layers[0].bias
    templates = Templates(own, own_cost, {mlp.n_in, *sizes}, {sizes[-1]})
    n_classes = max(sizes[-1], 2)
    more = [f"class {k}" for k in range(len(points.class_names), n_classes)]
    content = {
        # Of the other settings those that are the page's at first.
        "settings": {"data": "own", "layers": layers, "bias": bias, "cost": cost.name or "own"},
        "parameters": [float(p) for p in mlp.parameters()],
        "activationNames": {
            made["activation"]: _name(layer.activation)
            for made, layer in zip(layers, mlp.layers, strict=True)
        },
        "classNames": points.class_names + more,
        "features": points.feature_names,
        "points": [[*x, label] for x, label in zip(points.inputs, points.labels, strict=True)],
        "mostPoints": MOST_POINTS,
        "costName": _name(cost.value).replace("_", " "),
    }
    return content | templates.data(), templates


def _name(function: str | Callable[..., Any]) -> str:
    """Return what a function is called, nothing for one without a name."""
    name = function if isinstance(function, str) else getattr(function, "__name__", "")
    return "" if name == "<lambda>" else name


def _asset(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
