"""Where things stand in a picture: in order, side by side, and no edge through a box or a text."""

import json
import re
from functools import cache
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Value, affine, draw, fsum, softmax, sumprod, topological_order
from autograd_lite.draw.arrangement import Box, Link, arrange
from autograd_lite.draw.explorer.data import graph_data
from autograd_lite.draw.explorer.page import folded_layout
from nn import MLP, cross_entropy, mean_squared_error


@pytest.fixture(autouse=True)
def no_dot(monkeypatch):
    """Draw by graphviz-pure, whatever is installed here."""
    monkeypatch.setenv("PATH", "")


def cost_of(widths, x, cost=mean_squared_error, target=1.0):
    mlp = MLP(len(x), widths, seed=0)
    root = cost(mlp(x), target)
    root.backward()
    return root


def two_three_one():
    return cost_of([3, 1], [0.5, -1.0])


def iris():
    return cost_of([8, 3], [0.5, -1.0, 0.25, 0.75], cross_entropy, 1)


def lstm(steps=3):
    """Return the last output of an LSTM cell of one unit, whose weights all steps share."""
    w = {name: Value(0.1 * i, f"w[{name}]") for i, name in enumerate(["i", "f", "o", "g"], 1)}
    u = {name: Value(0.2 * i, f"u[{name}]") for i, name in enumerate(w, 1)}
    b = {name: Value(0.0, f"b[{name}]") for name in w}
    h, c = Value(0.0, "h[0]"), Value(0.0, "c[0]")
    for t in range(1, steps + 1):
        x = Value(0.3 * t, f"x[{t}]")
        z = {name: affine([w[name], u[name]], [x, h], b[name]) for name in w}
        i, f, o, g = z["i"].sigmoid(), z["f"].sigmoid(), z["o"].sigmoid(), z["g"].tanh()
        c = sumprod([f, i], [c, g])
        h = o * c.tanh()
        c.label, h.label = f"c[{t}]", f"h[{t}]"
    h.backward()
    return h


def attention(heads=2, words=3):
    random = Random(0)
    x = [[Value(random.uniform(-1, 1), f"x[{t},{i}]") for i in range(2)] for t in range(words)]
    outputs = []
    for head in range(heads):
        q, k, v = (
            [Value(random.uniform(-1, 1), f"{name}[{head},{i}]") for i in range(2)]
            for name in ("w_q", "w_k", "w_v")
        )
        query = sumprod(q, x[-1])
        weights = softmax([query * sumprod(k, word) / 1.5 for word in x])
        outputs.append(sumprod(weights, [sumprod(v, word) for word in x]))
    root = fsum(outputs)
    root.backward()
    return root


def unlabelled(n=150):
    random = Random(1)
    nodes = [Value(random.uniform(-1, 1)) for _ in range(10)]
    while len(nodes) < n:
        x, y = random.choices(nodes[-20:], k=2)
        nodes.append(random.choice([lambda x=x, y=y: x * y, lambda x=x, y=y: x - y, lambda x=x: x.tanh()])())
    root = fsum(nodes[-20:])
    root.backward()
    return root


def labelled(root, label):
    return next(node for node in topological_order(root) if node.label == label)


def mutual():
    """Return a root whose layers use each other, again and again."""
    a, b = Value(0.1, "a[1][0]"), Value(0.2, "a[2][0]")
    for _ in range(3):
        a, b = (a * b).tanh(), (a + b).tanh()
        a.label, b.label = "a[1][0]", "a[2][0]"
    root = a * b
    root.backward()
    return root


PICTURES = {
    "2-3-1": lambda: draw(two_three_one(), title="A small network"),
    "2-3-1 with partials": lambda: draw(two_three_one(), partials=True),
    "2-3-1 by operations": lambda: draw(two_three_one(), detail="operations", partials=True),
    "2-3-1 by layers": lambda: draw(two_three_one(), detail="layers"),
    "2-3-1 with a path": lambda: draw(root := two_three_one(), highlight=labelled(root, "a[0][1]")),
    "2-3-1 in focus": lambda: draw(root := two_three_one(), focus=labelled(root, "z[1][1]")),
    "iris": lambda: draw(iris(), detail="neurons"),
    "iris by operations": lambda: draw(iris(), detail="operations"),
    "iris in focus": lambda: draw(root := iris(), focus=labelled(root, "w[2][0,7]"), partials=True),
    "lstm": lambda: draw(lstm(), detail="neurons"),
    "lstm with partials": lambda: draw(lstm(), detail="neurons", partials=True),
    "lstm by layers": lambda: draw(lstm(6)),
    "attention": lambda: draw(attention(), detail="neurons", partials=True),
    "layers in a circle": lambda: draw(mutual()),
    "layers in a circle by layers": lambda: draw(mutual(), detail="layers"),
    "unlabelled": lambda: draw(unlabelled(), detail="neurons"),
}


class Laid:
    """A picture as Graphviz lays it out: boxes, lines as points, the room of texts, y upwards."""

    def __init__(self, picture):
        parts = json.loads(picture.pipe("json", encoding="utf-8").replace("\xa0", " "))
        nodes = [
            p for p in parts["objects"] if "pos" in p and p.get("style") != "invis" and p["name"] != "title"
        ]
        edges = parts.get("edges", ())
        self.room = room(parts["bb"])
        self.boxes = {part["_gvid"]: outline(part) for part in nodes}
        self.lines = {part["_gvid"]: (part["tail"], part["head"], curve(part)) for part in edges}
        self.texts = {part["_gvid"]: text(part) for part in edges if "lp" in part}
        bands = [part for part in parts["objects"] if "bb" in part]
        self.headings = [text(part) for part in bands]
        self.bands = [room(part["bb"]) for part in bands]
        # Where it says "w¹₀₁ = …", and in which box.
        said = [
            (p["_gvid"], op) for p in nodes for op in p["_ldraw_"] if op["op"] == "T" and " =" in op["text"]
        ]
        names = [(gvid, op["text"].strip().split()[0], op["pt"]) for gvid, op in said]
        self.places = {name: tuple(point) for _, name, point in names}
        self.of_text = {name: gvid for gvid, name, _ in names}


@cache
def picture(name):
    return Laid(PICTURES[name]())


def room(bounds):
    return tuple(map(float, bounds.split(",")))


def outline(part):
    x, y = map(float, part["pos"].split(","))
    width, height = (72 * float(part[side]) / 2 for side in ("width", "height"))
    return x - width, y - height, x + width, y + height


def curve(part):
    """Return points along an edge, up to the tip of its arrow."""
    points = [tuple(map(float, p.split(","))) for p in re.findall(r"[-\d.]+,[-\d.]+", part["pos"])]
    tip, *rest = points
    return [*bezier(rest), tip]


def bezier(points):
    """Return points along Bézier curves, a start and then three points for each."""
    found = list(points[:1])
    for i in range(1, len(points), 3):
        p, (q, r, s) = found[-1], points[i : i + 3]
        for t in (step / 16 for step in range(1, 17)):
            shares = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3
            found.append(
                tuple(
                    sum(w * x for w, x in zip(shares, xs, strict=True)) for xs in zip(p, q, r, s, strict=True)
                )
            )
    return found


def text(part):
    """Return the room of a text, of letters about half as wide as they are high."""
    x, y = map(float, part["lp"].split(","))
    half = sum(len(op["text"]) for op in part["_ldraw_"] if op["op"] == "T") * 5 / 2
    return x - half, y - 3.5, x + half, y + 3.5


def crossed(room, line, margin=0.5):
    left, low, right, high = room
    return any(left + margin < x < right - margin and low + margin < y < high - margin for x, y in line)


@pytest.mark.parametrize("name", PICTURES)
def test_no_edge_runs_through_a_box_or_a_text(name):
    laid = picture(name)

    assert laid.lines
    for i, (tail, head, line) in laid.lines.items():
        assert not [box for box in laid.boxes.values() if crossed(box, line)], (i, tail, head)
        assert not [other for other, room in laid.texts.items() if other != i and crossed(room, line)], i
        assert not [room for room in laid.headings if crossed(room, line)]


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_covers_anything(name):
    laid = picture(name)

    rooms = [*laid.boxes.values(), *laid.texts.values(), *laid.headings]
    for i, (left, low, right, high) in enumerate(rooms):
        for left2, low2, right2, high2 in rooms[:i]:
            assert right <= left2 or right2 <= left or high <= low2 or high2 <= low


@pytest.mark.parametrize("name", PICTURES)
def test_every_edge_leads_from_the_right_side_of_a_box_to_the_left_side_of_another(name):
    laid = picture(name)

    for tail, head, line in laid.lines.values():
        if line[0][0] > line[-1][0]:
            continue  # it closes a circle
        _, low, right, high = laid.boxes[tail]
        left, low2, _, high2 = laid.boxes[head]
        (x, y), (x2, y2) = line[0], line[-1]
        assert x == pytest.approx(right, abs=0.3)
        assert x2 == pytest.approx(left, abs=0.3)
        assert low < y < high
        assert low2 < y2 < high2


# ------------------------------------------------------------------------------ order and line


def in_order(places, *names):
    """Return whether names stand one below the other."""
    heights = [places[name][1] for name in names]
    return heights == sorted(heights, reverse=True) and len(set(heights)) == len(heights)


@pytest.mark.parametrize("options", [{}, {"partials": True}, {"detail": "operations"}], ids=str)
def test_what_is_numbered_stands_in_its_order(options):
    places = Laid(draw(two_three_one(), **options)).places

    assert in_order(places, "a⁰₀", "a⁰₁")
    for letter in "za":
        assert in_order(places, f"{letter}¹₀", f"{letter}¹₁", f"{letter}¹₂")
    for j in "₀₁₂":
        assert in_order(places, f"w¹{j}₀", f"w¹{j}₁")


def test_so_it_does_in_a_larger_network():
    places = Laid(draw(iris(), detail="neurons")).places

    assert in_order(places, *(f"a⁰{k}" for k in "₀₁₂₃"))
    assert in_order(
        places, *(name for j in "₀₁₂₃₄₅₆₇" for name in (f"w¹{j}₀", f"w¹{j}₃", f"b¹{j}", f"a¹{j}"))
    )
    assert in_order(places, *(name for j in "₀₁₂" for name in (f"w²{j}₀", f"w²{j}₇", f"b²{j}", f"z²{j}")))


@pytest.mark.parametrize("make", [two_three_one, iris])
@pytest.mark.parametrize("detail", ["operations", "neurons"])
def test_layers_stand_side_by_side_on_one_height(make, detail):
    bands = Laid(draw(make(), detail=detail)).bands

    assert len(bands) == 3
    assert len({(low, high) for _, low, _, high in bands}) == 1
    assert all(first[2] < second[0] for first, second in pairwise(sorted(bands)))


def test_the_input_is_in_the_middle_and_the_cost_in_line_with_the_output():
    laid = Laid(draw(two_three_one()))

    _, low, _, high = laid.bands[1]
    inputs = [laid.places[name][1] for name in ("a⁰₀", "a⁰₁")]
    assert sum(inputs) / 2 == pytest.approx((low + high) / 2, abs=0.05 * (high - low))
    line = next(line for tail, head, line in laid.lines.values() if head == laid.of_text["C"])
    assert line[0][1] == pytest.approx(line[-1][1], abs=1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: draw(two_three_one(), legend=False),
        lambda: draw(two_three_one(), legend=False, title="A network of 2-3-1"),
        lambda: draw(iris()),
        lambda: draw(root := iris(), focus=labelled(root, "z[2][1]"), legend=False),
    ],
    ids=["2-3-1", "2-3-1 with a title", "iris by layers", "iris in focus"],
)
def test_on_a_slide_it_can_be_read_from_the_last_row(make):
    left, low, right, high = Laid(make()).room

    # All letters have 11 points: 1/40 of the height of a slide of 16:9 that the picture fills, or more.
    assert max(high - low, (right - left) * 9 / 16) < 40 * 11


def page_places(layout, root):
    return {
        node.label: (box[0], -box[1])
        for node, box in zip(topological_order(root), layout["nodes"], strict=True)
        if box and node.label
    }


def test_in_the_explorer_neurons_and_weights_stand_in_order_too():
    root = cost_of([8, 1], [0.5, -1.0])
    data = graph_data(root)

    for layout in (data["layout"], folded_layout(root, data["nodes"])):
        places = page_places(layout, root)
        for letter in "za":
            assert in_order(places, *(f"{letter}[1][{j}]" for j in range(8)))
        assert in_order(places, "a[0][0]", "a[0][1]")
    places = page_places(data["layout"], root)
    assert in_order(
        places, *(name for j in range(8) for name in (f"w[1][{j},0]", f"w[1][{j},1]", f"b[1][{j}]"))
    )


def test_no_line_of_a_page_runs_through_a_node():
    root = iris()
    data = graph_data(root)["layout"]

    for parent, child, _, path in data["edges"]:
        numbers = list(map(float, re.findall(r"-?[\d.]+", path)))
        line = bezier(list(zip(numbers[::2], numbers[1::2], strict=True)))
        for i, (left, top, width, height) in enumerate(data["nodes"]):
            assert not crossed((left, top, left + width, top + height), line, margin=2), (parent, child, i)


# ------------------------------------------------------------------------------ any boxes and links


@st.composite
def sheets(draw):
    """Return boxes of any size, and links between any of them: in circles too, and several between two."""
    sides = st.integers(1, 100)
    boxes = [Box(draw(sides), draw(sides)) for _ in range(draw(st.integers(1, 12)))]
    ends = st.integers(0, len(boxes) - 1)
    pairs = draw(st.lists(st.tuples(ends, ends).filter(lambda pair: pair[0] != pair[1]), max_size=25))
    return boxes, [Link(tail, head, room=draw(st.sampled_from([0, 50]))) for tail, head in pairs]


@settings(deadline=None)
@given(sheets())
def test_no_boxes_overlap_and_no_link_runs_through_one_whatever_they_are(sheet):
    boxes, links = sheet

    placed = arrange(boxes, links)

    rooms = [(x, y, x + box.width, y + box.height) for (x, y), box in zip(placed.corners, boxes, strict=True)]
    for i, (left, top, right, bottom) in enumerate(rooms):
        assert min(left, top) >= 0
        assert right <= placed.width + 1e-6
        assert bottom <= placed.height + 1e-6
        for left2, top2, right2, bottom2 in rooms[:i]:
            assert right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top
    for points in placed.curves:
        assert not any(crossed(room, bezier(points)) for room in rooms)


def test_what_makes_no_circle_leads_from_left_to_right():
    boxes = [Box(10, 10) for _ in range(6)]
    links = [Link(0, 2), Link(1, 2), Link(2, 4), Link(0, 5), Link(4, 5), Link(3, 5)]

    corners = arrange(boxes, links).corners

    assert all(corners[link.tail][0] < corners[link.head][0] for link in links)
    # What is used late stands late.
    assert corners[3][0] == corners[4][0]


def test_long_chains_need_no_recursion():
    n = 5_000

    placed = arrange([Box(1, 1)] * n, [Link(i, i + 1) for i in range(n - 1)])

    assert [x for x, _ in placed.corners] == sorted(x for x, _ in placed.corners)
