"""Small made-up problems in the plane, drawn from a seed: moons, circles, xor, spiral, gaussian and yin-yang.

Each returns a ``Dataset`` whose classes take turns (class 0, class 1, … and round again), so that they are
balanced for any number of samples; ``plane`` has no classes but a number to learn for each point.
"""

from __future__ import annotations

import math
import random
from itertools import product
from numbers import Integral, Real
from typing import NamedTuple

from .dataset import Dataset, random_stream


def moons(n: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two interleaved half circles: the simplest set that no straight line divides.

    The upper moon is the upper half of the circle of radius 1 around (0, 0), the lower moon the lower half
    of the circle of radius 1 around (1, ½). The points stand at equal distances along the arcs.

    Parameters
    ----------
    n : int, at least 2
        The number of points.
    noise : float, at least 0
        The standard deviation of the Gaussian noise added to either coordinate.
    seed : int
        Determines the noise.

    Returns
    -------
    Dataset, n × 2, classes "upper" and "lower"

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of its range.

    Examples
    --------
    >>> data = moons(n=4, noise=0)
    >>> [[round(x, 3) for x in point] for point in data.inputs], data.labels
    ([[0.707, 0.707], [0.293, -0.207], [-0.707, 0.707], [1.707, -0.207]], [0, 1, 0, 1])
    """
    stream = _checked_stream(n, 2, noise, seed)
    arcs = _two_arcs(n)
    points = []
    for label, position in arcs:
        x, y = math.cos(math.pi * position), math.sin(math.pi * position)
        points.append((x, y) if label == 0 else (1 - x, 0.5 - y))
    return _plane(
        "moons",
        _blurred(points, noise, stream),
        [label for label, _ in arcs],
        ["upper", "lower"],
        f"generated: two half circles, noise {noise}, seed {seed}",
    )


def circles(n: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """A circle of radius 1 around another of radius ½: no straight line divides them, x² + y² does.

    The points stand at equal distances along the circles.

    Parameters
    ----------
    n, noise, seed
        As for :func:`moons`.

    Returns
    -------
    Dataset, n × 2, classes "outer" and "inner"

    Examples
    --------
    >>> data = circles(n=4, noise=0)
    >>> [[round(x, 3) + 0.0 for x in point] for point in data.inputs], data.labels
    ([[0.0, 1.0], [0.0, 0.5], [0.0, -1.0], [0.0, -0.5]], [0, 1, 0, 1])
    """
    stream = _checked_stream(n, 2, noise, seed)
    arcs = _two_arcs(n)
    points = []
    for label, position in arcs:
        angle, radius = 2 * math.pi * position, 1.0 if label == 0 else 0.5
        points.append((radius * math.cos(angle), radius * math.sin(angle)))
    return _plane(
        "circles",
        _blurred(points, noise, stream),
        [label for label, _ in arcs],
        ["outer", "inner"],
        f"generated: two circles, noise {noise}, seed {seed}",
    )


def gaussian(n: int = 100, noise: float = 0.5, seed: int = 0) -> Dataset:
    """Two clouds, normally distributed around (1, 1) and (−1, −1): one neuron divides them.

    Parameters
    ----------
    n, seed
        As for :func:`moons`.
    noise : float, at least 0
        The standard deviation of either coordinate.

    Returns
    -------
    Dataset, n × 2, classes "first" and "second"

    Examples
    --------
    >>> gaussian(n=2, noise=0).inputs
    [[1.0, 1.0], [-1.0, -1.0]]
    """
    stream = _checked_stream(n, 2, noise, seed)
    labels = [i % 2 for i in range(n)]
    return _plane(
        "gaussian",
        _blurred([(1.0, 1.0) if label == 0 else (-1.0, -1.0) for label in labels], noise, stream),
        labels,
        ["first", "second"],
        f"generated: two normal distributions, standard deviation {noise}, seed {seed}",
    )


class Measured(NamedTuple):
    """Samples with a number to learn for each, as :func:`plane` returns them.

    Attributes
    ----------
    inputs : list of list of float, n samples × n₀ features
    targets : list of float, length n
    """

    inputs: list[list[float]]
    targets: list[float]


def plane(n: int = 100, noise: float = 0.05, seed: int = 0) -> Measured:
    """Points of the square from −1 to 1, with a number that rises along its diagonal: (x + y)/2, blurred.

    Parameters
    ----------
    n : int, at least 1
        The number of points, which are uniformly distributed.
    noise : float, at least 0
        The standard deviation of the Gaussian noise added to the number.
    seed : int
        Determines the points and the noise.

    Returns
    -------
    Measured
        ``inputs`` and ``targets``, as ``fit`` takes them.

    Examples
    --------
    >>> X, Y = plane(n=3, noise=0)
    >>> [y == sum(x) / 2 for x, y in zip(X, Y)]
    [True, True, True]
    """
    stream = _checked_stream(n, 1, noise, seed)
    inputs, targets = [], []
    for _ in range(n):
        x, y = stream.uniform(-1, 1), stream.uniform(-1, 1)
        inputs.append([x, y])
        targets.append((x + y) / 2 + stream.gauss(0, noise))
    return Measured(inputs, targets)


def xor(n: int = 4, noise: float = 0.0, seed: int = 0) -> Dataset:
    """The corners of the unit square, classed by whether their coordinates differ: too hard for one neuron.

    Parameters
    ----------
    n : int, at least 4
        The number of points. The corners take turns: (0, 0), (0, 1), (1, 0), (1, 1), and round again.
    noise, seed
        As for :func:`moons`.

    Returns
    -------
    Dataset, n × 2, classes "equal" (0) and "different" (1)

    Examples
    --------
    >>> xor().inputs, xor().labels
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    stream = _checked_stream(n, 4, noise, seed)
    corners = list(product([0, 1], repeat=2))
    turns = [corners[i % 4] for i in range(n)]
    return _plane(
        "xor",
        _blurred([(float(x), float(y)) for x, y in turns], noise, stream),
        [x ^ y for x, y in turns],
        ["equal", "different"],
        f"generated: the corners of the unit square, noise {noise}, seed {seed}",
    )


def spiral(n: int = 200, turns: float = 1.0, noise: float = 0.02, seed: int = 0) -> Dataset:
    """Two arms that wind around each other from the centre to the unit circle.

    At the fraction t of its arm, 0 < t < 1, a point of the first arm has the radius t and the angle
    2π · turns · t; the second arm is the first turned by half a circle.

    Parameters
    ----------
    n : int, at least 2
        The number of points.
    turns : float, above 0
        How often an arm goes round the centre: the more, the harder the problem.
    noise, seed
        As for :func:`moons`.

    Returns
    -------
    Dataset, n × 2, classes "first arm" and "second arm"

    Examples
    --------
    >>> data = spiral(n=2, turns=1, noise=0)
    >>> [[round(x, 3) for x in point] for point in data.inputs], data.labels
    ([[-0.5, 0.0], [0.5, -0.0]], [0, 1])
    """
    stream = _checked_stream(n, 2, noise, seed)
    if not isinstance(turns, Real):
        raise TypeError(f"turns is {turns!r}: give a finite number above 0, such as 1")
    if not 0 < turns < math.inf:
        raise ValueError(f"turns is {turns!r}: give a finite number above 0, such as 1")
    arcs = _two_arcs(n)
    points = []
    for label, t in arcs:
        angle = 2 * math.pi * turns * t + math.pi * label
        points.append((t * math.cos(angle), t * math.sin(angle)))
    return _plane(
        "spiral",
        _blurred(points, noise, stream),
        [label for label, _ in arcs],
        ["first arm", "second arm"],
        f"generated: two spiral arms of {turns} turns, noise {noise}, seed {seed}",
    )


def yin_yang(n: int = 300, seed: int = 0) -> Dataset:
    """Points of the Yin-Yang sign: yin, yang and the two dots, as three classes with curved borders.

    The sign is the disc of radius ½ around (½, ½). A wave of two half circles of radius ¼, around (¼, ½)
    and (¾, ½), divides it: yin is the upper side, with the left bulge hanging down, yang the lower
    side, with the right bulge standing up. In the middle of either bulge lies a dot of radius 0.1; both dots
    are one class. Within its class a point is uniformly distributed. The published set can append 1 - x and
    1 - y as two more features; a network with biases has no need of them, and they are left out here.

    Parameters
    ----------
    n : int, at least 3
        The number of points.
    seed : int
        Determines the points.

    Returns
    -------
    Dataset, n × 2, classes "yin", "yang" and "dot"

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of its range.

    References
    ----------
    L. Kriener, J. Göltz, M. A. Petrovici (2021), "The Yin-Yang dataset", arXiv:2102.08211.

    Examples
    --------
    >>> data = yin_yang(n=6)
    >>> [data.class_names[label] for label in data.labels]
    ['yin', 'yang', 'dot', 'yin', 'yang', 'dot']
    """
    stream = _checked_stream(n, 3, 0, seed)
    labels = [i % 3 for i in range(n)]
    return _plane(
        "yin-yang",
        [_yin_yang_point(label, stream) for label in labels],
        labels,
        ["yin", "yang", "dot"],
        f"generated after Kriener, Göltz, Petrovici (2021), arXiv:2102.08211, seed {seed}",
    )


def _yin_yang_point(label: int, stream: random.Random) -> list[float]:
    # Rejection: what is uniform in the square and falls into the region is uniform in the region.
    while True:
        x, y = stream.random(), stream.random()
        if math.dist((x, y), (0.5, 0.5)) <= 0.5 and _yin_yang_class(x, y) == label:
            return [x, y]


def _yin_yang_class(x: float, y: float) -> int:
    yin, yang, dot = 0, 1, 2
    from_left = math.dist((x, y), (0.25, 0.5))
    from_right = math.dist((x, y), (0.75, 0.5))
    if min(from_left, from_right) <= 0.1:
        return dot
    if from_left <= 0.25:
        return yin
    if from_right <= 0.25:
        return yang
    return yin if y > 0.5 else yang


def _two_arcs(n: int) -> list[tuple[int, float]]:
    """Return the labels 0, 1, 0, 1, …, n of them, each with its position along its arc, between 0 and 1."""
    counts = [(n + 1) // 2, n // 2]
    return [(i % 2, (i // 2 + 0.5) / counts[i % 2]) for i in range(n)]


def _blurred(points: list[tuple[float, float]], noise: float, stream: random.Random) -> list[list[float]]:
    return [[coordinate + stream.gauss(0, noise) for coordinate in point] for point in points]


def _plane(
    name: str, points: list[list[float]], labels: list[int], class_names: list[str], source: str
) -> Dataset:
    return Dataset(name, points, labels, ["x", "y"], class_names, source)


def _checked_stream(n: int, smallest: int, noise: float, seed: int) -> random.Random:
    """Return the random numbers of this seed, or say what is wrong with the arguments of a generator."""
    if not isinstance(n, Integral):
        raise TypeError(f"n is {n!r}: give the number of points as a whole number")
    if n < smallest:
        raise ValueError(f"n is {n}: this data set needs at least {smallest} points")
    if not isinstance(noise, Real):
        raise TypeError(f"noise is {noise!r}: give a standard deviation, a finite number of at least 0")
    if not 0 <= noise < math.inf:
        raise ValueError(f"noise is {noise!r}: give a standard deviation, a finite number of at least 0")
    return random_stream(seed)
