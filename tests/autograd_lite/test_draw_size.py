"""Pictures of a size: they fill it, their letters can be read, and they say so where that is too much."""

import re
import xml.etree.ElementTree as ET

import pytest

from autograd_lite import Value, draw
from autograd_lite.draw.size import sheet
from nn import MLP, mean_squared_error

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def no_dot(monkeypatch):
    """Draw by graphviz-pure, whatever is installed here."""
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def product():
    w, x = Value(-2.0, "w"), Value(0.5, "x")
    y = w * x
    y.backward()
    return y


@pytest.fixture(scope="module")
def cost():
    mlp = MLP(2, [3, 1], seed=1)
    cost = mean_squared_error(mlp([1.0, 2.0]), 0.5)
    cost.backward()
    return cost


class Measured:
    """An SVG, in points: its sides, and where its texts are and how large."""

    def __init__(self, picture):
        root = ET.fromstring(picture.pipe())
        self.width, self.height = (float(root.get(side).removesuffix("pt")) for side in ("width", "height"))
        graph = root.find(f"{SVG}g")
        zoom, right, down = map(
            float, re.search(r"scale\((\S+) .*translate\((\S+) (\S+)\)", graph.get("transform")).groups()
        )
        texts = [text for text in root.iter(f"{SVG}text") if text.text.strip()]
        self.letter = min(float(text.get("font-size")) for text in texts) * zoom
        self.places = [
            (zoom * (float(text.get("x")) + right), zoom * (float(text.get("y")) + down)) for text in texts
        ]
        self.texts = [text.text.replace("\xa0", " ").strip() for text in texts]

    def says(self, words):
        return any(words in text for text in self.texts)


@pytest.mark.parametrize(
    ("size", "width", "height"),
    [("slide", 960, 540), ("thumbnail", 240, 135), ((8, 3), 576, 216), ((3.5, 6), 252, 432)],
)
def test_a_picture_is_as_large_as_asked_and_all_on_the_sheet(product, size, width, height):
    seen = Measured(draw(product, size=size))

    assert (seen.width, seen.height) == (width, height)
    assert all(0 < x < width and 0 < y < height for x, y in seen.places)


def test_on_a_page_it_is_as_wide_as_the_text_and_as_high_as_it_needs_to_be(product):
    seen = Measured(draw(product, size="page"))

    assert seen.width == 450
    assert seen.height < 300
    assert all(0 < x < 450 and 0 < y < seen.height for x, y in seen.places)


def test_the_picture_fills_the_sheet(cost):
    # Its frame of reference is as wide as the sheet, or as high, but for the margin.
    parts = draw(cost, size="slide").laid_out()
    left, low, right, high = map(float, parts["bb"].split(","))
    zoom = float(parts["viewport"].split(",")[2])

    assert max(zoom * (right - left) / 960, zoom * (high - low) / 540) == pytest.approx(0.98, abs=0.001)


@pytest.mark.parametrize(
    ("size", "letter"), [("slide", 13.5), ("page", 6), ("thumbnail", 3.375), ((6, 4), 6)]
)
def test_letters_can_be_read(product, size, letter):
    seen = Measured(draw(product, size=size))

    assert seen.letter >= letter
    assert not seen.says("too much")


def test_a_slide_is_16_to_9_in_pixels_too(product, tmp_path):
    image = pytest.importorskip("PIL.Image")

    assert image.open(draw(product, size="slide").save(tmp_path / "a.png", dpi=144)).size == (1920, 1080)


def test_what_is_too_much_is_drawn_coarser_and_says_so(cost):
    asked = draw(cost, detail="operations")
    seen = Measured(draw(cost, detail="operations", size="slide"))

    assert seen.says("detail='operations' is too much for a slide") or seen.says("Too much for a slide")
    assert len(seen.texts) < len(Measured(asked).texts)


@pytest.mark.parametrize("seed", range(8))
def test_a_network_2_3_1_is_on_a_slide_neuron_by_neuron(seed):
    mlp = MLP(2, [3, 1], seed=seed)
    cost = mean_squared_error(mlp([1.0, -2.0]), 0.5)
    cost.backward()

    slide = Measured(draw(cost, size="slide"))

    assert slide.letter >= 540 / 40
    assert slide.says("neuron 2")
    assert not slide.says("too much")


def test_the_legend_goes_first(cost):
    with_legend = Measured(draw(cost, detail="layers", size=(30, 10)))
    without = Measured(draw(cost, detail="layers", size=(30, 10), legend=False))

    assert set(without.texts) < set(with_legend.texts)
    assert without.letter >= with_legend.letter


def test_then_the_partials_go_and_the_picture_says_so():
    y = Value(0.5, "x").tanh().tanh().tanh().tanh()

    asked, seen = draw(y, partials=True), draw(y, partials=True, size="slide")

    assert (asked.source.count("∂"), seen.source.count("∂")) == (8, 0)
    assert Measured(seen).says("partials=True is too much for a slide.")
    assert not Measured(seen).says("layer by layer")


def test_a_graph_that_fits_no_sheet_is_drawn_by_layers_at_once():
    x = Value(0.5, "x")
    for _ in range(2000):
        x = (x * 1.01).tanh()
    x.backward()

    seen = Measured(draw(x, size="slide", partials=True))

    assert seen.says("too much for a slide") or seen.says("Too much for a slide")
    assert len(seen.texts) < 200


def test_a_network_is_drawn_at_a_size_too():
    seen = Measured(draw(MLP(2, [3, 1], seed=0), [1.0, 2.0], size="slide"))

    assert (seen.width, seen.height) == (960, 540)
    assert all(0 < x < 960 and 0 < y < 540 for x, y in seen.places)
    assert seen.letter > 10


def test_what_is_highlighted_stays_so(cost):
    weight = next(node for node in cost.parents[0].parents[0].parents if node.parents)

    highlighted = Measured(draw(cost, highlight=weight, size="thumbnail"))

    assert highlighted.says("path")


@pytest.mark.parametrize(
    ("size", "error", "message"),
    [
        ("poster", ValueError, "size is 'slide', 'page', 'thumbnail' or .* in inches, not 'poster'"),
        (3, TypeError, "in inches, not 3"),
        ((3,), TypeError, "in inches"),
        ((3, "x"), TypeError, "in inches"),
        ((0.1, 3), ValueError, "from half an inch to 100"),
        ((float("nan"), 3), ValueError, "from half an inch"),
    ],
)
def test_a_size_that_is_none_is_an_error(product, size, error, message):
    with pytest.raises(error, match=message):
        draw(product, size=size)


def test_other_mistakes_are_still_told(product, cost):
    with pytest.raises(ValueError, match="detail is 'operations', 'neurons' or 'layers', not 'x'"):
        draw(product, size="slide", detail="x")
    with pytest.raises(ValueError, match="was not made of"):
        draw(product, size="slide", highlight=cost)
    with pytest.raises(TypeError):
        draw(product, size="slide", highlight=3)


def test_the_smallest_letter_is_a_share_of_the_slide_that_fits_into_the_size():
    assert sheet("slide").letter == sheet((40 / 3, 7.5)).letter == pytest.approx(7.5 * 72 / 40)
    assert sheet((10, 5.625)).letter == pytest.approx(5.625 * 72 / 40)
    assert sheet((20, 5)).letter == pytest.approx(5 * 72 / 40)
    assert sheet((4, 6)).letter == 6
