"""Where boxes go on a sheet, in columns from left to right, and the curves of the links between them.

A box stands in a column to the right of all that lead to it. A link that passes a column does so on a lane
of its own, and bends only between two columns, where there is no box: so no link runs through one. Graphviz's
own layout, made for any graph, knows no order of neurons, and lets layers drift apart. What the boxes stand
for is left to others.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

Point = tuple[float, float]
Span = tuple[float, float]

_LANE = 10.0
_STRAIGHT, _SLACK = 4.0, 0.3
"""How much more a lane weighs than a link, when heights are chosen: long lines are to be straight. The link
of what is used once and led to by nothing weighs less: it goes to where it is used, and not the other way; so
do the links of what is used much, each of them."""
_ROUNDS = 6
_CARRYING, _WEIGHING, _STRAIGHTENING = 4, 16, 4
_MANY = 4_000
"""With more boxes and lanes than these, fewer rounds have to do."""
_SLOPE, _WIDEST_GAP = 0.22, 150.0


class Box(NamedTuple):
    """A box to place.

    Attributes
    ----------
    width, height : float
    series : tuple, optional
        Boxes of one series that share a column stand in the order of their numbers.
    number : tuple of int
    early : bool
        Whether it stands as far to the left as it can, rather than next to what it leads to.
    band : str
        The columns of two bands are kept apart where that is possible.
    """

    width: float
    height: float
    series: tuple[str, ...] = ()
    number: tuple[int, ...] = ()
    early: bool = False
    band: str = ""


class Link(NamedTuple):
    """A line from the right side of a box to the left side of another.

    Attributes
    ----------
    tail, head : int
        The boxes, by position.
    leaves : float, optional
        How far below the top of the tail: by default the middle.
    arrives : (float, float), optional
        Between which heights below the top of the head: by default anywhere. Several links share a span.
    room : float
        The length of the straight end at the head, for a text above it.
    """

    tail: int
    head: int
    leaves: float | None = None
    arrives: Span | None = None
    room: float = 0


class Arrangement(NamedTuple):
    """Places and lines, y downwards from 0 at the top.

    Attributes
    ----------
    corners : list of (float, float)
        The upper left corner of each box.
    curves : list of list of (float, float)
        Of each link: its start, then three points for each Bézier curve.
    width, height : float
    """

    corners: list[Point]
    curves: list[list[Point]]
    width: float
    height: float


@dataclass(slots=True)
class _Stop:
    """A box in its column, or a lane where a link passes one."""

    column: int
    height: float
    box: Box | None
    before: list[_Segment] = field(default_factory=list)
    after: list[_Segment] = field(default_factory=list)
    top: float = 0
    place: float = 0


@dataclass(slots=True)
class _Segment:
    """The part of a link, or of several from one box, between two neighbouring columns."""

    tail: _Stop
    head: _Stop
    leaves: float
    arrives: Span
    weight: float

    @property
    def start(self) -> float:
        return self.tail.top + self.leaves

    @property
    def middle(self) -> float:
        return (self.arrives[0] + self.arrives[1]) / 2

    @property
    def end(self) -> float:
        return self.head.top + self.middle


def arrange(boxes: Sequence[Box], links: Sequence[Link], gap: float = 28, spacing: float = 12) -> Arrangement:
    """Place boxes and draw the links between them.

    Parameters
    ----------
    boxes : sequence of Box
    links : sequence of Link
        Where they make a circle, some lead back to the left.
    gap, spacing : float
        At least so much room is between two columns, and between two boxes of a column.

    Returns
    -------
    Arrangement

    Examples
    --------
    >>> placed = arrange([Box(20, 10), Box(20, 10), Box(30, 40)], [Link(0, 2), Link(1, 2)])
    >>> [x for x, y in placed.corners]
    [0.0, 0.0, 48.0]
    >>> placed.corners[0][1] < placed.corners[1][1]
    True
    """
    forward, order = _without_circles(len(boxes), links)
    columns_of = _columns(boxes, order, forward)
    stops = [_Stop(column, box.height, box) for column, box in zip(columns_of, boxes, strict=True)]
    columns: list[list[_Stop]] = [[] for _ in range(max(columns_of, default=-1) + 1)]
    reading = _reading_order(len(boxes), forward)
    for i in reading:
        columns[stops[i].column].append(stops[i])
    routes = _routes(stops, links, forward, columns)
    for stop in stops:
        for segment in stop.after:
            segment.weight *= 1 / len(stop.after) if stop.before or len(stop.after) > 1 else _SLACK
    _put_in_order(columns)
    _spread_ends(stops)
    _settle(columns, spacing)
    return _drawn(boxes, stops, links, forward, columns, routes, gap)


# --- columns --------------------------------------------------------------------------------------------


def _without_circles(n: int, links: Sequence[Link]) -> tuple[list[tuple[int, int]], list[int]]:
    """Return each link as (left, right), turned around where it closes a circle, and the boxes in order."""
    parents: list[list[int]] = [[] for _ in range(n)]
    for link in links:
        parents[link.head].append(link.tail)
    state, order, back = [0] * n, [], set()
    for start in range(n):
        stack = [start]
        while stack:
            i = stack[-1]
            if state[i] == 0:
                state[i] = 1
                for parent in parents[i]:
                    if state[parent] == 1:
                        back.add((parent, i))
                    elif state[parent] == 0:
                        stack.append(parent)
            else:
                stack.pop()
                if state[i] == 1:
                    state[i] = 2
                    order.append(i)
    forward = [(b, a) if (a, b) in back else (a, b) for a, b, *_ in links]
    return forward, order


def _columns(boxes: Sequence[Box], order: Sequence[int], links: Iterable[tuple[int, int]]) -> list[int]:
    """Return the column of each box: right after what leads to it, or else right before what it leads to."""
    before: defaultdict[int, set[int]] = defaultdict(set)
    after: defaultdict[int, set[int]] = defaultdict(set)
    for tail, head in links:
        if tail != head:
            before[head].add(tail)
            after[tail].add(head)

    def step(tail: int, head: int) -> int:
        # Between two bands there is room for what is in the second and led to by nothing.
        return 1 + (boxes[tail].band != boxes[head].band)

    column = [0] * len(order)
    from_left = _sorted_by_links(order, before, after)
    for i in from_left:
        column[i] = max((column[tail] + step(tail, i) for tail in before[i]), default=0)
    for i in reversed(from_left):
        # What is used late stands late, unless more lines would become long than short.
        if not boxes[i].early and after[i] and sum(len(after[tail]) > 1 for tail in before[i]) <= 1:
            column[i] = min(column[head] - step(i, head) for head in after[i])
    used = {c: i for i, c in enumerate(sorted(set(column)))}
    return [used[c] for c in column]


def _sorted_by_links(
    order: Sequence[int], before: dict[int, set[int]], after: dict[int, set[int]]
) -> list[int]:
    missing = {i: len(before[i]) for i in order}
    found = [i for i in order if not missing[i]]
    for i in found:
        for head in sorted(after[i]):
            missing[head] -= 1
            if not missing[head]:
                found.append(head)
    return found


def _reading_order(n: int, links: Iterable[tuple[int, int]]) -> list[int]:
    """Return the boxes as one meets them on the way back from the last, first operands first."""
    parents: list[list[int]] = [[] for _ in range(n)]
    ends = set(range(n))
    for tail, head in links:
        parents[head].append(tail)
        ends.discard(tail)
    found: dict[int, None] = {}
    stack = sorted(ends, reverse=True)
    while stack:
        i = stack.pop()
        if i not in found:
            found[i] = None
            stack.extend(reversed(parents[i]))
    return list(found)


def _routes(
    stops: Sequence[_Stop],
    links: Sequence[Link],
    forward: Sequence[tuple[int, int]],
    columns: Sequence[list[_Stop]],
) -> list[list[_Segment]]:
    """Cut each link into segments from column to column; what leaves a box at one point shares its lanes."""
    lanes: dict[tuple[int, float], list[_Segment]] = {}
    routes = []
    for link, (tail, head) in zip(links, forward, strict=True):
        turned = tail != link.tail
        start = stops[tail].height / 2 if turned or link.leaves is None else link.leaves
        along = lanes.setdefault((tail, start), [])
        length = stops[head].column - stops[tail].column - 1
        while len(along) < length:
            last = along[-1].head if along else stops[tail]
            lane = _Stop(last.column + 1, _LANE, None)
            columns[lane.column].append(lane)
            along.append(_join(last, lane, _LANE / 2 if along else start, None, _STRAIGHT))
        last, leaves = (along[length - 1].head, _LANE / 2) if length > 0 else (stops[tail], start)
        route = along[: max(length, 0)]
        if length >= 0:
            route = [*route, _join(last, stops[head], leaves, None if turned else link.arrives, 1)]
        routes.append(route)
    return routes


def _join(tail: _Stop, head: _Stop, leaves: float, arrives: Span | None, weight: float) -> _Segment:
    segment = _Segment(tail, head, leaves, arrives or (0, head.height), weight)
    tail.after.append(segment)
    head.before.append(segment)
    return segment


# --- the order in a column ------------------------------------------------------------------------------


def _put_in_order(columns: Sequence[list[_Stop]]) -> None:
    """Order each column so that few links cross, and series as they are numbered."""
    for column in columns:
        _number(column)
    best, fewest = [list(column) for column in columns], _crossings(columns)
    rounds = _ROUNDS if _are_few(columns) else 1
    for _ in range(rounds):
        for column in columns[1:]:
            column.sort(key=lambda stop: _mean(stop, [s.tail.place for s in stop.before]))
            _number(column)
        for column in columns[-2::-1]:
            column.sort(key=lambda stop: _mean(stop, [s.head.place for s in stop.after]))
            _number(column)
        crossings = _crossings(columns)
        if crossings < fewest:
            best, fewest = [list(column) for column in columns], crossings
    for column, order in zip(columns, best, strict=True):
        column[:] = order
        _number(column)


def _are_few(columns: Sequence[list[_Stop]]) -> bool:
    return sum(map(len, columns)) <= _MANY


def _mean(stop: _Stop, places: Sequence[float]) -> float:
    return sum(places) / len(places) if places else stop.place


def _number(column: list[_Stop]) -> None:
    """Put series in order, and write down the place of each: between 0 and 1, from the top."""
    series: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, stop in enumerate(column):
        if stop.box and stop.box.series:
            series[stop.box.series].append(i)
    for at in series.values():
        members = sorted((column[i] for i in at), key=lambda stop: stop.box.number if stop.box else ())
        for i, stop in zip(at, members, strict=True):
            column[i] = stop
    for i, stop in enumerate(column):
        stop.place = (i + 0.5) / len(column)


def _crossings(columns: Sequence[list[_Stop]]) -> int:
    total = 0
    for column in columns:
        ends: list[tuple[float, float]] = []
        for stop in column:
            for end in sorted((s.head.place, s.arrives[0]) for s in stop.after):
                total += len(ends) - bisect_right(ends, end)
                insort(ends, end)
    return total


# --- heights --------------------------------------------------------------------------------------------


def _spread_ends(stops: Sequence[_Stop]) -> None:
    """Give each link a point of its own in the span where it may arrive, in the order of where they start."""
    for stop in stops:
        spans: defaultdict[Span, list[_Segment]] = defaultdict(list)
        for segment in stop.before:
            spans[segment.arrives].append(segment)
        for (top, bottom), segments in spans.items():
            segments.sort(key=lambda s: (s.tail.place, s.leaves))
            for i, segment in enumerate(segments, 1):
                at = top + (bottom - top) * i / (len(segments) + 1)
                segment.arrives = (at, at)


def _settle(columns: Sequence[list[_Stop]], spacing: float) -> None:
    """Choose heights, so that links are short and long ones straight."""
    for column in columns:
        _stack(column, spacing, [0.0] * len(column), [1.0] * len(column))
    # First heights are carried along whole chains, then both sides are weighed; last, lanes are straightened.
    for turn in range(_CARRYING):
        for column in columns if turn % 2 else columns[::-1]:
            _follow(column, spacing, before=turn % 2 == 1, after=turn % 2 == 0)
    for turn in range(_WEIGHING if _are_few(columns) else _CARRYING):
        for column in columns[::-1] if turn % 2 else columns:
            _follow(column, spacing)
    for _ in range(_STRAIGHTENING):
        for column in columns:
            _follow(column, spacing, straight=True)


def _follow(
    column: Sequence[_Stop], spacing: float, before: bool = True, after: bool = True, straight: bool = False
) -> None:
    """Move the boxes and lanes of a column to where they are linked to."""
    wishes, weights = [], []
    for stop in column:
        is_lane = stop.box is None
        ends = [(s.start - s.middle, s.weight) for s in stop.before if before]
        if after and not (straight and is_lane):
            ends += [(s.end - s.leaves, s.weight) for s in stop.after]
        weight = sum(weight for _, weight in ends)
        wishes.append(sum(y * w for y, w in ends) / weight if weight else stop.top)
        weights.append((weight or 1) * (_STRAIGHT if straight and is_lane else 1))
    _stack(column, spacing, wishes, weights)


def _stack(
    column: Sequence[_Stop], spacing: float, wishes: Sequence[float], weights: Sequence[float]
) -> None:
    """Put boxes one below the other, the sum of the squares of what each is away from its wish the least.

    Neighbours that would overlap become a block, which goes to the mean of their wishes.
    """
    offsets = [0.0]
    for stop in column:
        offsets.append(offsets[-1] + stop.height + (spacing if stop.box else 0))
    blocks: list[tuple[float, float, int]] = []
    for wish, offset, weight in zip(wishes, offsets, weights, strict=False):
        total, mass, size = (wish - offset) * weight, weight, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / mass:
            above = blocks.pop()
            total, mass, size = total + above[0], mass + above[1], size + above[2]
        blocks.append((total, mass, size))
    tops = [total / mass for total, mass, size in blocks for _ in range(size)]
    for stop, top, offset in zip(column, tops, offsets, strict=False):
        stop.top = top + offset


# --- the drawing ----------------------------------------------------------------------------------------


def _drawn(
    boxes: Sequence[Box],
    stops: Sequence[_Stop],
    links: Sequence[Link],
    forward: Sequence[tuple[int, int]],
    columns: Sequence[list[_Stop]],
    routes: Sequence[Sequence[_Segment]],
    gap: float,
) -> Arrangement:
    lefts, widths, rooms = _across(columns, links, routes, gap)
    everything = [stop for column in columns for stop in column]
    highest = min((stop.top for stop in everything), default=0)
    lowest = max((stop.top + stop.height for stop in everything), default=0)
    corners = [(lefts[stop.column], stop.top - highest) for stop in stops]
    curves = []
    for link, (tail, head), route in zip(links, forward, routes, strict=True):
        points = [(corners[tail][0] + boxes[tail].width, route[0].start - highest)]
        for segment in route:
            at = segment.tail.column
            turn = lefts[at] + widths[at]
            # What has no text bends before the texts of others, too.
            arrival = lefts[at + 1] - rooms[at + 1]
            points += _line(points[-1], turn)
            points += _bend(points[-1], arrival, segment.end - highest)
            points += _line(points[-1], lefts[at + 1])
        points += _line(points[-1], corners[head][0])
        curves.append(points if tail == link.tail else points[::-1])
    width = lefts[-1] + widths[-1] if lefts else 0
    return Arrangement(corners, curves, width, lowest - highest)


def _across(
    columns: Sequence[list[_Stop]],
    links: Sequence[Link],
    routes: Sequence[Sequence[_Segment]],
    gap: float,
) -> tuple[list[float], list[float], list[float]]:
    """Return of each column the left edge, the width and the room for texts before it.

    The steeper the links, the wider the gap.
    """
    widths = [max((stop.box.width for stop in column if stop.box), default=0) for column in columns]
    rooms = [0.0] * len(columns)
    for link, route in zip(links, routes, strict=True):
        if route:
            rooms[route[-1].head.column] = max(rooms[route[-1].head.column], link.room)
    lefts = [0.0]
    for i, column in enumerate(columns[:-1]):
        steepest = max((abs(s.end - s.start) for stop in column for s in stop.after), default=0)
        between = max(gap, min(_SLOPE * steepest, _WIDEST_GAP))
        lefts.append(lefts[-1] + widths[i] + between + rooms[i + 1])
    return lefts, widths, rooms


def _line(start: Point, x: float) -> list[Point]:
    """Return a straight level piece, as a Bézier curve."""
    if abs(x - start[0]) < 0.01:
        return []
    third = (x - start[0]) / 3
    return [(start[0] + third, start[1]), (start[0] + 2 * third, start[1]), (x, start[1])]


def _bend(start: Point, x: float, y: float) -> list[Point]:
    """Return a curve that is level at both ends."""
    middle = (start[0] + x) / 2
    return [(middle, start[1]), (middle, y), (x, y)]
