"""check_gradient: what is wrong with somebody's gradient of a function, told from the graph of that function.

A mistake is a change of the chain rule: one factor on one edge, one path, one use. It is named only if it
gives all of the wrong gradient, and does so at other points too. Networks have a diagnosis of their own.
"""

from __future__ import annotations

import inspect
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from itertools import chain, islice
from numbers import Rational
from operator import add
from random import Random
from typing import Any, NamedTuple, TypeAlias

from autograd_lite.derivatives import Function, listed, out_of_its_array
from autograd_lite.graph import topological_order
from autograd_lite.numbers.kinds import Number, as_number, shown
from autograd_lite.ops import RULES
from autograd_lite.paths import Paths, between
from autograd_lite.pause import enable_grad
from autograd_lite.value import Value
from autograd_lite.writing import (
    PLAIN,
    Expression,
    elided,
    name,
    number,
    partial_rule,
    short,
    symbol,
    symbols,
)

Partials: TypeAlias = list[Number]

_OTHER_POINTS = 2
_MOST_PATHS = 1000
_MOST_SUSPECTS = 50
_LONGEST = 90  # columns of a formula


def check_gradient(
    f: Function,
    theirs: Callable[..., Any] | Sequence[Any] | Mapping[Any, Any],
    inputs: Sequence[Any],
    rtol: float = 1e-9,
    seed: int = 0,
) -> bool:
    """Compare somebody's gradient of a function with the chain rule, and say what is wrong with it.

    A mistake is named if it alone explains the whole gradient: a factor on an edge of the graph of f that is
    missing, squared or of the wrong sign; a path, or all through an edge, left out or counted twice; ``=``
    where ``+=`` belongs; one input's partial in another's place; a constant factor. If theirs is a
    function it has to do so at two more points, random ones nearby, so that nothing is accused by accident.
    Otherwise the message says which partials are right.

    Parameters
    ----------
    f : callable
        A function of ``len(inputs)`` Values that returns one.
    theirs : callable, or sequence or dict of number
        The gradient to check: a function of as many numbers that returns the partial derivatives, in a list,
        an array, or a dict by the names of the inputs; or these themselves.
    inputs : sequence of number or Value
        The point. Fractions, and whole numbers, are compared exactly. Inputs are called by the labels of
        Values, else by the names of f's parameters.
    rtol : float
        The difference of inexact numbers that is let pass, relative to the sum of the sizes of all paths.
    seed : int
        Of the other points.

    Returns
    -------
    bool
        True.

    Raises
    ------
    AssertionError
        If theirs is wrong, is not a partial for each input, or raises.
    TypeError
        If the inputs are no sequence, or f does not return one Value or number.

    Examples
    --------
    >>> def f(w, x, b):
    ...     return (w * x + b).tanh()
    >>> try:
    ...     check_gradient(f, lambda w, x, b: [x, w, 1.0], [0.5, 2.0, -1.5])
    ... except AssertionError as error:
    ...     print(error)
    the factor ∂C/∂v₂ = 1 − C² is missing, on the path C → v₂ → v₁ → w and 2 more
    where C = tanh(v₂), v₂ = v₁ + b, v₁ = w · x
    ∂C/∂w is 1.573 and given as 2
    ∂C/∂x is 0.3932 and given as 0.5
    ∂C/∂b is 0.7864 and given as 1
    at w = 0.5, x = 2, b = −1.5
    """
    point = [x.data if isinstance(x, Value) else as_number(x) for x in listed("inputs", inputs)]
    names = _names(f, inputs, len(point))
    first = _Graph(f, point, names)
    given = _Given(theirs, names)
    cases = [_Case(first, given.at(point), rtol)]
    if callable(theirs):
        given.require_the_same(point, cases[0])
        cases += islice(_cases_beside(f, given, first, rtol, Random(seed)), _OTHER_POINTS)
    wrong = [case for case in cases if case.wrong]
    if wrong:
        rest = [case for case in cases if case is not wrong[0]]
        raise AssertionError(_message(wrong[0], rest, callable(theirs)))
    return True


def _names(f: Function, inputs: Sequence[Any], count: int) -> list[str]:
    """Return what the inputs are called: by their labels, by the parameters of f, or x[0], x[1]."""
    names = [f"x[{i}]" for i in range(count)] if count > 1 else ["x"]
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    plain = [parameter.name for parameter in parameters if parameter.kind in kinds]
    if len(plain) >= count:
        names = plain[:count]
    labels = [getattr(x, "label", "") for x in inputs]
    named = [label or name for label, name in zip(labels, names, strict=True)]
    return named if len(set(named)) == count else names


# --- what somebody gives --------------------------------------------------------------------------------


class _Given(NamedTuple):
    """Somebody's gradient: a function of numbers, or numbers."""

    theirs: Any
    names: list[str]

    def at(self, point: Sequence[Number]) -> Partials:
        """Return the partials at a point.

        Raises
        ------
        AssertionError
            If it is not a number for each input.
        """
        found = self.theirs
        if callable(found):
            try:
                found = found(*point)
            except Exception as error:
                where = _point(self.names, point)
                raise AssertionError(
                    f"the gradient raises {type(error).__name__}: {error}, at {where}"
                ) from error
        return [self._number(name, x) for name, x in zip(self.names, self._row(found), strict=True)]

    def require_the_same(self, point: Sequence[Number], case: _Case) -> None:
        """Raise AssertionError if a second call gives something else than the first."""
        again = self.at(point)
        if all(a == b or (a != a and b != b) for a, b in zip(case.given, again, strict=True)):
            return
        right = case.graph.gradient
        if _all_same(
            again, [a + b for a, b in zip(case.given, right, strict=True)], case.graph.sizes, case.rtol
        ):
            raise AssertionError(
                "the gradient adds up from call to call: at the same point the second call gives what the "
                "first gave and the right gradient on top. Set it to 0 before each pass"
            )
        raise AssertionError(
            f"the gradient gives {_list(again)} when it is called again at the same point, where it gave "
            f"{_list(case.given)}: it keeps something from call to call, or is random"
        )

    def _row(self, found: Any) -> list[Any]:
        count, wanted = len(self.names), f"give {_counted(len(self.names))}, by {', '.join(self.names[:6])}"
        if isinstance(found, Mapping):
            keys: Sequence[Any] = self.names if set(found) == set(self.names) else range(count)
            if set(found) != set(keys):
                written = ", ".join(map(str, list(found)[:6]))
                raise AssertionError(f"the gradient is a dict with the keys {written or 'none'}: {wanted}")
            return [found[key] for key in keys]
        if isinstance(found, Value) or getattr(found, "shape", None) == () or not isinstance(found, Iterable):
            found = [found] if count == 1 else found
        if isinstance(found, (str, bytes)) or not isinstance(found, Iterable):
            raise AssertionError(f"the gradient is {shown(found)}: {wanted}")
        row = list(found)
        if len(row) != count:
            raise AssertionError(f"the gradient has {_counted(len(row))}: {wanted}")
        return row

    def _number(self, name: str, x: Any) -> Number:
        if getattr(x, "shape", ()) != ():
            raise AssertionError(
                f"the partial by {name} has the shape {tuple(x.shape)}: give one number for each input"
            )
        try:
            return _plain(x.data if isinstance(x, Value) else as_number(x))
        except TypeError as error:
            raise AssertionError(f"the partial by {name} is {shown(x)}: give a real number") from error


def _plain(x: Number) -> Number:
    """Return an exact number as it is, any other as a float."""
    return x if isinstance(x, Rational) else float(x)


def _counted(partials: int) -> str:
    return f"{partials} partial derivative{'s' * (partials != 1)}"


# --- the graph at one point -----------------------------------------------------------------------------


class _Use(NamedTuple):
    """One use of a node, the target, by another: the place among the operands, the partial there."""

    user: int
    place: int
    target: int
    partial: Number


_Edge: TypeAlias = tuple[int, int]  # user and place


class _Graph:
    """The graph of a function at a point; its nodes are numbered, parents before children.

    Attributes
    ----------
    uses : dict of int to list of _Use
        For each node on the way from the inputs to the root, in this order, which others it uses.
    gradient : list of number
    sizes : list of number
        The same with the absolute values of all partials: what the rounding of the gradient is relative to.
    """

    def __init__(self, f: Function, point: Sequence[Number], names: Sequence[str]) -> None:
        self.point = point
        self.names = names
        self.variables = [Value(x, label) for x, label in zip(point, names, strict=True)]
        with enable_grad():
            output = out_of_its_array(f(*self.variables))
        self.root = output if isinstance(output, Value) else Value(output)
        self.nodes = list(dict.fromkeys([*self.variables, *topological_order(self.root)]))
        self.position = {node: i for i, node in enumerate(self.nodes)}
        self.inputs = range(len(point))
        self.uses: dict[int, list[_Use]] = {i: [] for i in self.inputs}
        for user, node in enumerate(self.nodes):
            operands = enumerate(zip(node.parents, node.partials, strict=True))
            used = [
                _Use(user, place, self.position[parent], _plain(partial))
                for place, (parent, partial) in operands
                if self.position[parent] in self.uses
            ]
            if used:
                self.uses[user] = used
        self.end = self.position[self.root]
        self.partials = {(use.user, use.place): use.partial for use in self.edges()}
        self.adjoints = self.sweep()
        self.gradient = [self.adjoints[i] for i in self.inputs]
        sizes = self.sweep({edge: abs(partial) for edge, partial in self.partials.items()})
        self.sizes = [sizes[i] for i in self.inputs]

    def edges(self) -> Iterator[_Use]:
        return chain.from_iterable(self.uses.values())

    def sweep(self, changed: Mapping[_Edge, Number] | None = None, assigned: bool = False) -> Partials:
        """Return the derivative of the root by every node, with other partials on some edges.

        With ``assigned``, a node has what its last use gives, as if ``=`` stood for ``+=``.
        """
        changed = changed or {}
        found: Partials = [0] * len(self.nodes)
        found[self.end] = 1
        for user in reversed(self.uses):
            adjoint = found[user]
            if not adjoint:
                continue
            for use in self.uses[user]:
                partial = changed.get((user, use.place), use.partial) if changed else use.partial
                term = partial * adjoint
                found[use.target] = term if assigned else found[use.target] + term
        return found

    def forward(self, weights: Sequence[Number]) -> Partials:
        """Return the derivative of every node along a direction of the inputs."""
        found: Partials = [*weights, *[0] * (len(self.nodes) - len(weights))]
        for user, used in self.uses.items():
            if used:
                found[user] = sum(use.partial * found[use.target] for use in used if found[use.target])
        return found

    def form(self) -> list[tuple[str, tuple[int, ...]]]:
        """Return the operations and their operands: what two points have in common."""
        return [(node.op, tuple(self.position[parent] for parent in node.parents)) for node in self.nodes]

    def leading(self, to: int, from_: int) -> list[int]:
        """Return the nodes on one path from a node back to another; none if there is no path."""
        came_from: dict[int, int] = {}
        stack = [from_]
        while stack:
            node = stack.pop()
            if node == to:
                path = [to]
                while path[-1] != from_:
                    path.append(came_from[path[-1]])
                return path[::-1]
            for use in reversed(self.uses[node]):
                if use.target not in came_from:
                    came_from[use.target] = node
                    stack.append(use.target)
        return []

    def paths(self, start: int) -> Paths[_Use]:
        """Return the paths from the root to an input."""
        targets = {user: [use.target for use in used] for user, used in self.uses.items()}
        below = set(between(targets, start))
        ahead = self._above()
        uses = {
            user: [use for use in used if use.target in below] if user != start else []
            for user, used in self.uses.items()
            if user in below and user in ahead
        }
        return Paths(uses, self.end, start)

    def _above(self) -> set[int]:
        """Return the nodes that the root was made of."""
        found = {self.end}
        for user in reversed(self.uses):
            if user in found:
                found.update(use.target for use in self.uses[user])
        return found


class _Case(NamedTuple):
    """A graph, and somebody's gradient at the same point."""

    graph: _Graph
    given: Partials
    rtol: float

    @property
    def wrong(self) -> list[int]:
        """The inputs whose partial is not right."""
        graph = self.graph
        both = zip(self.given, graph.gradient, graph.sizes, strict=True)
        return [i for i, (x, y, size) in enumerate(both) if not _same(x, y, size, self.rtol)]

    def weighted(self, weights: Sequence[int]) -> Callable[[Number], bool]:
        """Return whether an effect is what is wrong with the weighted sum of the partials."""
        both = zip(weights, self.given, self.graph.gradient, self.graph.sizes, strict=True)
        rows = [(w * (x - y), w * max(size, abs(x))) for w, x, y, size in both if w]
        difference, size = sum(row[0] for row in rows), sum(row[1] for row in rows)
        return lambda effect: bool(effect) and _same(effect, difference, size, 2 * self.rtol)

    def is_explained_by(self, mistake: _Mistake) -> bool:
        """Return whether the gradient with this mistake is the given one."""
        return _all_same(self.given, mistake.gradient(self.graph), self.graph.sizes, self.rtol)


def _same(x: Number, y: Number, size: Number, rtol: float) -> bool:
    if x == y or (x != x and y != y):
        return True
    if isinstance(x, Rational) and isinstance(y, Rational):
        return False
    return bool(abs(x - y) <= rtol * max(abs(x), abs(y), size) < math.inf)


def _all_same(xs: Partials, ys: Partials, sizes: Partials, rtol: float) -> bool:
    return all(_same(x, y, size, rtol) for x, y, size in zip(xs, ys, sizes, strict=True))


def _cases_beside(f: Function, given: _Given, first: _Graph, rtol: float, stream: Random) -> Iterator[_Case]:
    """Yield random points nearby where the function has a graph of the same form and both have numbers."""
    form = first.form()
    shifts: list[int] = []
    for distance in (800, -800, 790, -790, 80, -80, 79, -79, 8, -8, 7, -7):
        # Each on one side, then on the other: beyond a kink the right gradient may be another.
        if distance > 0:
            shifts = [stream.choice((-1, 1)) * stream.randint(distance // 2, distance) for _ in first.point]
        else:
            shifts = [-shift for shift in shifts]
        try:
            point = [_moved(x, shift) for x, shift in zip(first.point, shifts, strict=True)]
            graph = _Graph(f, point, first.names)
            case = _Case(graph, given.at(point), rtol)
        except Exception:  # out of the domain of one of the two, which each may say in its own way
            continue
        if graph.form() == form and all(map(math.isfinite, (*case.given, *graph.gradient))):
            yield case


def _moved(x: Number, shift: int) -> Number:
    return x + (Fraction(shift, 4001) if isinstance(x, Rational) else (x * 0 + shift) / 4001)


# --- mistakes -------------------------------------------------------------------------------------------

_CHANGES: dict[str, Callable[[Number], Number]] = {
    "is missing": lambda d: 1,
    "stands there twice": lambda d: d * d,
    "has the wrong sign": lambda d: -d,
    "left out": lambda d: 0,
    "counted twice": lambda d: 2 * d,
}
"""What becomes of the factor d on an edge."""

_OF_FACTORS = ("is missing", "stands there twice")
_OF_DERIVATIVES = (*_OF_FACTORS, "has the wrong sign")


class _Mistake(NamedTuple):
    """A change of the chain rule, and how likely somebody made it.

    Attributes
    ----------
    rank : int
        Among several that come to the same the lowest is named.
    change : str
    edges : tuple of edges
        Where.
    only : int or None
        The one input in whose partial.
    path : tuple of edges
        The one path in whose product.
    factor : number or None
        Of everything.
    places : tuple of int
        Whose partial stands in whose place.
    inner : int or None
        The node whose whole derivative by ``only`` is changed.
    """

    rank: int
    change: str
    edges: tuple[_Edge, ...] = ()
    only: int | None = None
    path: tuple[_Edge, ...] = ()
    factor: Number | None = None
    places: tuple[int, ...] = ()
    inner: int | None = None

    def gradient(self, graph: _Graph) -> Partials:
        """Return what comes out with this mistake."""
        right = list(graph.gradient)
        if self.factor is not None:
            return [self.factor * x for x in right]
        if self.places:
            return [right[i] for i in self.places]
        partials = graph.partials
        if self.path:
            right[self.only or 0] += self.effect_on_path(graph)
            return right
        if self.change == "=":
            return graph.sweep(assigned=True)[: len(right)]
        change = _CHANGES[self.change]
        if self.inner is not None and self.only is not None:
            slope = graph.forward([int(i == self.only) for i in graph.inputs])[self.inner]
            right[self.only] += graph.adjoints[self.inner] * (change(slope) - slope)
            return right
        changed = {edge: change(partials[edge]) for edge in self.edges}
        if self.is_one_factor(graph):
            changed = dict.fromkeys(self.edges, 0)
            changed[self.edges[0]] = change(sum(partials[edge] for edge in self.edges))
        found = graph.sweep(changed)[: len(right)]
        return (
            found if self.only is None else [*right[: self.only], found[self.only], *right[self.only + 1 :]]
        )

    def is_one_factor(self, graph: _Graph) -> bool:
        """Return whether several edges are all uses of one node by another, x · x, with one derivative."""
        ends = {(user, graph.nodes[user].parents[place]) for user, place in self.edges}
        return len(self.edges) > 1 and len(ends) == 1 and self.change in _OF_FACTORS

    def effect_on_path(self, graph: _Graph) -> Number:
        """Return by how much the product along the path changes."""
        factors = [graph.partials[edge] for edge in self.path]
        changed = list(factors)
        at = self.path.index(self.edges[0])
        changed[at] = _CHANGES[self.change](changed[at])
        return math.prod(changed) - math.prod(factors)


def _suspects(case: _Case, is_function: bool) -> Iterator[_Mistake]:
    """Yield the mistakes that explain one case, or might, the likely ones first."""
    graph, wrong = case.graph, case.wrong
    alone = wrong[0] if len(wrong) == 1 else None
    weights = [1 + i * 37 % 89 for i in graph.inputs]
    yield from _edges_to_suspect(case, weights, None)
    yield from _constants(case, is_function)
    if alone is not None:
        yield from _edges_to_suspect(case, [int(i == alone) for i in graph.inputs], alone)
        yield from _paths_to_suspect(case, alone)
    yield _Mistake(4, "=")
    yield from _uses_to_suspect(case, weights)
    yield from _places_to_suspect(case, is_function)
    kinds: defaultdict[tuple[str, int], list[_Edge]] = defaultdict(list)
    for use in graph.edges():
        op = graph.nodes[use.user].op
        if not RULES[op].variadic:
            kinds[op, use.place].append((use.user, use.place))
    for edges in kinds.values():
        if len(edges) > 1:
            for change in _OF_DERIVATIVES:
                yield _Mistake(6, change, tuple(edges))


def _edges_to_suspect(case: _Case, weights: list[int], only: int | None) -> Iterator[_Mistake]:
    """Yield changes of one edge that change the weighted sum of the gradient as it is changed."""
    graph = case.graph
    slopes = graph.forward(weights)
    is_whole = case.weighted(weights)

    def explains(use: _Use, partial: Number, change: str) -> bool:
        effect = (_CHANGES[change](partial) - partial) * graph.adjoints[use.user] * slopes[use.target]
        return is_whole(effect)

    for user, used in graph.uses.items():
        if not graph.adjoints[user]:
            continue
        together: defaultdict[int, list[_Use]] = defaultdict(list)
        for use in used:
            if slopes[use.target]:
                together[use.target].append(use)
        for same in together.values():
            for use in same:
                for change in _CHANGES:
                    if explains(use, use.partial, change):
                        rank = (0 if change in _OF_FACTORS else 2) + (only is not None)
                        yield _Mistake(rank, change, ((user, use.place),), only)
            if len(same) > 1:
                total = sum(use.partial for use in same)
                edges = tuple((user, use.place) for use in same)
                for change in _OF_FACTORS:
                    if explains(same[0], total, change):
                        yield _Mistake(2 + (only is not None), change, edges, only)
        if only is not None:
            whole = _Use(user, 0, only, slopes[user])
            for change in _OF_DERIVATIVES:
                if slopes[user] and explains(whole, whole.partial, change):
                    yield _Mistake(3, change, (), only, inner=user)


def _constants(case: _Case, is_function: bool) -> Iterator[_Mistake]:
    pairs = [(x, y) for x, y in zip(case.given, case.graph.gradient, strict=True) if y]
    half = Fraction(1, 2) if all(isinstance(y, Rational) for _, y in pairs) else 0.5
    for factor in (-1, 2, half):
        yield _Mistake(1, "factor", factor=factor)
    if pairs and (len(pairs) > 1 or is_function):
        x, y = pairs[0]
        exact = isinstance(x, Rational) and isinstance(y, Rational)
        yield _Mistake(7, "factor", factor=Fraction(x) / Fraction(y) if exact else float(x) / float(y))


def _paths_to_suspect(case: _Case, start: int) -> Iterator[_Mistake]:
    graph = case.graph
    is_whole = case.weighted([int(i == start) for i in graph.inputs])
    paths = graph.paths(start)
    if not 1 < paths.number <= _MOST_PATHS:
        return
    for path in paths.walk():
        edges = tuple((use.user, use.place) for use in path)
        for use in path:
            for change in _CHANGES:
                # A path as a whole is told by its first factor.
                if change in _OF_FACTORS or use is path[0]:
                    mistake = _Mistake(5, change, ((use.user, use.place),), start, edges)
                    if is_whole(mistake.effect_on_path(graph)):
                        yield mistake


def _places_to_suspect(case: _Case, is_function: bool) -> Iterator[_Mistake]:
    """Yield the exchange of two partials, or that another's stands in the place of one."""
    wrong, inputs = case.wrong, list(case.graph.inputs)
    if len(wrong) == 2:
        i, j = wrong
        yield _Mistake(5, "places", places=(*inputs[:i], j, *inputs[i + 1 : j], i, *inputs[j + 1 :]))
    elif len(wrong) == 1 and is_function:
        (i,) = wrong
        for j in inputs:
            if _same(case.given[i], case.graph.gradient[j], case.graph.sizes[j], case.rtol):
                yield _Mistake(5, "places", places=(*inputs[:i], j, *inputs[i + 1 :]))


def _uses_to_suspect(case: _Case, weights: list[int]) -> Iterator[_Mistake]:
    """Yield, for nodes of at least three uses, that one alone counts."""
    graph, is_whole = case.graph, case.weighted(weights)
    slopes = graph.forward(weights)
    users: defaultdict[int, list[_Edge]] = defaultdict(list)
    for use in graph.edges():
        users[use.target].append((use.user, use.place))
    for target, edges in users.items():
        if len(edges) > 2 and slopes[target]:
            for edge in edges:
                flow = graph.adjoints[edge[0]] * graph.partials[edge]
                if is_whole((flow - graph.adjoints[target]) * slopes[target]):
                    yield _Mistake(4, "left out", tuple(e for e in edges if e != edge))


def _found(case: _Case, others: Sequence[_Case], is_function: bool) -> list[_Mistake]:
    """Return the most likely ones of the mistakes that explain all cases."""
    if not all(map(math.isfinite, (*case.given, *case.graph.gradient))):
        return []
    explaining = (
        mistake
        for mistake in _suspects(case, is_function)
        if all(each.is_explained_by(mistake) for each in (case, *others))
    )
    found = list(islice(explaining, _MOST_SUSPECTS))
    rank = min((mistake.rank for mistake in found), default=0)
    # Of one edge only the first change is told: a factor −1 that is missing has the wrong sign, too.
    likely = {(m.edges, m.path, m.places, m.inner): m for m in reversed(found) if m.rank == rank}
    return list(reversed(likely.values()))


# --- in words -------------------------------------------------------------------------------------------


def _message(case: _Case, others: Sequence[_Case], is_function: bool) -> str:
    words = _Words(case.graph)
    found = _found(case, others, is_function)
    telling = list(dict.fromkeys(words.sentence(mistake, case.wrong[0]) for mistake in found))
    if telling:
        lines = ["; or, which comes to the same,\n".join(telling[:3])]
        shown_nodes = chain.from_iterable(words.nodes(mistake, case.wrong[0]) for mistake in found[:3])
        lines += words.definitions(list(dict.fromkeys(shown_nodes)))
        if not others:
            lines.append("(it explains the numbers at this point; there are none of other points)")
    else:
        lines = [words.summary(case)]
    return "\n".join([*lines, *words.table(case), f"at {_point(case.graph.names, case.graph.point)}"])


class _Words:
    """What is said of a graph: its nodes have the names that ``explain`` gives them."""

    def __init__(self, graph: _Graph) -> None:
        self.graph = graph
        self.symbols = {variable: symbol(variable.label) for variable in graph.variables}
        self.symbols |= symbols(graph.root)

    def name(self, node: int) -> str:
        return PLAIN.symbol(self.symbols[self.graph.nodes[node]])

    def total(self, wrt: int) -> str:
        return PLAIN.partial(self.name(self.graph.end), self.name(wrt))

    def sentence(self, mistake: _Mistake, wrong: int) -> str:
        """Return the finding in one sentence; the path shown ends at a wrong input."""
        change, edges = mistake.change, mistake.edges
        if mistake.factor is not None:
            return f"the whole gradient {_times(mistake.factor)}"
        if mistake.places:
            return self._exchange(mistake.places)
        if change == "=":
            return "of a node that is used several times only one use counts: = stands where += belongs"
        if mistake.path:
            path = self._arrows(self._along(mistake.path))
            if change in _OF_FACTORS:
                return f"the factor {self.factor(edges[0])} {change}, on the path {path} alone"
            return f"the path {path} {_was(change)}"
        if mistake.inner is not None and mistake.only is not None:
            slopes = self.graph.forward([int(i == mistake.only) for i in self.graph.inputs])
            inner = PLAIN.partial(self.name(mistake.inner), self.name(mistake.only))
            slope = short(slopes[mistake.inner])
            return f"the inner derivative {inner} = {slope} {change}, in {self.total(mistake.only)} alone"
        if len(edges) > 1 and not mistake.is_one_factor(self.graph):
            return self._of_several(change, edges)
        within = f", in {self.total(mistake.only)} alone" if mistake.only is not None else ""
        path, more = self._path_through(edges, wrong, mistake.only)
        others = f" and {more} more" if more else ""
        if change in _CHANGES and change.startswith(("left", "counted")):
            what = f"the path {path}" if not more else f"what flows back through {self.factor(edges[0])}"
            return f"{what} {_was(change)}{f', on the path {path}{others}' if more else ''}{within}"
        return f"the factor {self.factor(*edges)} {change}, on the path {path}{others}{within}"

    def _exchange(self, places: tuple[int, ...]) -> str:
        moved = [i for i in self.graph.inputs if places[i] != i]
        if len(moved) == 2:
            return f"{self.total(moved[0])} and {self.total(moved[1])} are exchanged"
        return f"{self.total(places[moved[0]])} stands in the place of {self.total(moved[0])}"

    def _of_several(self, change: str, edges: Sequence[_Edge]) -> str:
        graph = self.graph
        user, place = edges[0]
        if change != "left out":
            op, operands = graph.nodes[user].op, [name(x) for x in "xyz"[: len(graph.nodes[user].parents)]]
            rule = partial_rule(op, place, name(op), operands)
            return f"the derivative of {graph.nodes[user].op}, {rule}, {change} wherever it belongs"
        target = graph.position[graph.nodes[user].parents[place]]
        uses = [use for use in graph.edges() if use.target == target]
        (kept,) = (use for use in uses if (use.user, use.place) not in edges)
        return (
            f"of the {len(uses)} uses of {self.name(target)} only {self.factor((kept.user, kept.place))} "
            "counts: the others are overwritten, or left out"
        )

    def factor(self, *edges: _Edge) -> str:
        """Write ∂z/∂x = its rule, the sum of the rules of several edges."""
        user, place = edges[0]
        node = self.graph.nodes[user]
        target = node.parents[place]
        same = [i for i, parent in enumerate(node.parents) if parent is target]
        use = same.index(place) + 1 if len(same) > len(edges) else 0
        left = PLAIN.partial(self.name(user), self.name(self.graph.position[target]), use)
        operands = list(map(self._formula, node.parents))
        rules = (partial_rule(node.op, place, self._formula(node), operands) for _, place in edges)
        rule = str(reduce(add, rules))
        value = sum(node.partials[place] for _, place in edges)
        return f"{left} = {rule if len(rule) <= _LONGEST else short(value)}"

    def _formula(self, node: Value) -> Expression:
        return name(self.symbols[node]) if node in self.symbols else number(node.data)

    def nodes(self, mistake: _Mistake, wrong: int) -> list[int]:
        """Return the nodes on the path that a sentence shows, and those that a factor is made of."""
        if mistake.path:
            path = self._along(mistake.path)
        elif mistake.inner is not None:
            return self.graph.leading(wrong, from_=mistake.inner)
        elif len(mistake.edges) == 1 or mistake.is_one_factor(self.graph):
            path = self._nodes_through(mistake.edges[0], wrong)
        else:
            path = [edge[0] for edge in mistake.edges]
        parents = [
            self.graph.position[p] for edge in mistake.edges for p in self.graph.nodes[edge[0]].parents
        ]
        return [*path, *parents]

    def definitions(self, nodes: Sequence[int]) -> list[str]:
        """Write what the nodes are: a line, or none."""
        graph = self.graph
        inner = [i for i in nodes if graph.nodes[i].parents]
        first, hidden, last = elided(inner)
        texts = []
        for i in (*first, *last):
            node = graph.nodes[i]
            texts.append(f"{self.name(i)} = {Expression(node.op, tuple(map(self._formula, node.parents)))}")
        if hidden:
            texts.insert(-1, "…")
        return [f"where {', '.join(texts)}"] if texts else []

    def _along(self, path: Sequence[_Edge]) -> list[int]:
        graph = self.graph
        return [path[0][0], *(graph.position[graph.nodes[user].parents[place]] for user, place in path)]

    def _path_through(self, edges: Sequence[_Edge], wrong: int, only: int | None) -> tuple[str, int]:
        """Return a path through an edge, or its like, and how many more there are, to all inputs or one."""
        graph = self.graph
        edge = edges[0]
        target = graph.position[graph.nodes[edge[0]].parents[edge[1]]]
        down = [int(i in graph.inputs if only is None else i == only) for i in range(len(graph.nodes))]
        for user, used in graph.uses.items():
            down[user] += sum(down[use.target] for use in used)
        up = [0] * len(graph.nodes)
        up[graph.end] = 1
        for user in reversed(graph.uses):
            for use in graph.uses[user]:
                up[use.target] += up[user]
        return self._arrows(self._nodes_through(edge, wrong)), len(edges) * up[edge[0]] * down[target] - 1

    def _nodes_through(self, edge: _Edge, wrong: int) -> list[int]:
        graph = self.graph
        target = graph.position[graph.nodes[edge[0]].parents[edge[1]]]
        ends = (graph.leading(edge[0], from_=graph.end), graph.leading(wrong, from_=target))
        if not ends[1]:  # the edge is on no path to that input
            return [*ends[0], target]
        return [*ends[0], *ends[1]]

    def _arrows(self, path: Sequence[int]) -> str:
        first, hidden, last = elided(path, 8)
        parts = [*map(self.name, first), *(["…"] if hidden else []), *map(self.name, last)]
        return " → ".join(parts)

    def summary(self, case: _Case) -> str:
        """Say which partials are right where no single mistake explains it all."""
        count, wrong = len(case.given), case.wrong
        if not all(map(math.isfinite, case.given)):
            first = next(i for i in wrong if not math.isfinite(case.given[i]))
            return f"{self.total(first)} is given as {case.given[first]}"
        loose = case._replace(rtol=max(1e-5, case.rtol))
        if not loose.wrong:
            return (
                f"{len(wrong)} of {_counted(count)} agree in their first digits only: "
                "computed in float32, or by differences? rtol=1e-5 lets them pass"
            )
        return f"{len(wrong)} of {_counted(count)} wrong, by no single factor, path or sign"

    def table(self, case: _Case) -> list[str]:
        graph, wrong = case.graph, case.wrong
        lines = []
        for i in wrong[:6]:
            right, given = graph.gradient[i], case.given[i]
            digits = next((n for n in (4, 6, 9, 12) if short(right, n) != short(given, n)), 17)
            lines.append(f"{self.total(i)} is {short(right, digits)} and given as {short(given, digits)}")
        if len(wrong) > 6:
            lines.append(f"… {len(wrong) - 6} more")
        fine = [self.total(i) for i in graph.inputs if i not in set(wrong)]
        first, hidden, last = elided(fine)
        if fine:
            lines.append(f"right: {', '.join([*first, *(['…'] if hidden else []), *last])}")
        return lines


def _was(change: str) -> str:
    return change if change.startswith("has") else f"is {change}"


def _times(factor: Number) -> str:
    known = {-1: "has the wrong sign", 2: "is twice what it should be", 0.5: "is half of what it should be"}
    return known.get(factor, f"is {short(factor, 6)} times what it should be")


def _list(xs: Sequence[Number]) -> str:
    return f"[{', '.join(short(x, 6) for x in xs[:6])}{', …' * (len(xs) > 6)}]"


def _point(names: Sequence[str], point: Sequence[Number]) -> str:
    parts = [f"{PLAIN.symbol(symbol(n))} = {short(x)}" for n, x in zip(names, point, strict=True)]
    return ", ".join([*parts[:6], *(["…"] if len(parts) > 6 else [])])
