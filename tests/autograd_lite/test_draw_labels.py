"""Labels as people make them: long, in every script, of emojis, hostile; shown, and never obeyed."""

import json
import os
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from autograd_lite import Value, draw, explain, explore, export
from autograd_lite.draw.style import text_width

SVG = "{http://www.w3.org/2000/svg}"
TITLE = "{http://www.w3.org/1999/xlink}title"

FAMILY = "👩\u200d👩\u200d👧\u200d👦"
RAINBOW = "🏳\ufe0f\u200d🌈"
ENGLAND = "🏴" + "".join(chr(0xE0000 + ord(c)) for c in "gbeng") + "\U000e007f"


@pytest.fixture(autouse=True)
def no_dot(monkeypatch):
    """Draw by graphviz-pure, whatever is installed here."""
    monkeypatch.setenv("PATH", "")


def parsed(picture):
    return ET.fromstring(picture.pipe(format="svg", encoding="utf-8"))


def line_of(label):
    (text,) = parsed(draw(Value(1.0, label))).iter(f"{SVG}text")
    return text.text.replace("\xa0", " ").strip()


# ------------------------------------------------------------------------------ long labels


def test_a_long_label_is_cut_in_its_middle_and_is_whole_where_one_points():
    label = "the weight of " + "a long story " * 14 + "about house 7"
    assert len(label) > 200

    picture = draw(Value(1.0, label))

    (text,) = parsed(picture).iter(f"{SVG}text")
    start, end = text.text.replace("\xa0", " ").strip().removesuffix(" = 1").split("…")
    assert label.startswith(start)
    assert label.endswith(end)
    assert min(len(start), len(end)) > 8
    assert label in [element.get(TITLE) for element in parsed(picture).iter()]
    assert float(parsed(picture).get("width").removesuffix("pt")) < 300


def test_a_short_label_says_nothing_twice():
    assert not [e for e in parsed(draw(Value(1.0, "x"))).iter() if e.get(TITLE)]


@pytest.mark.parametrize("letter", [FAMILY, RAINBOW, ENGLAND, "🇩🇪", "👍🏽", "θ̂"])
def test_no_letter_is_cut_in_two(letter):
    start, end = line_of(letter * 100).removesuffix(" = 1").split("…")

    assert start == letter * (len(start) // len(letter))
    assert end == letter * (len(end) // len(letter))


# ------------------------------------------------------------------------------ scripts and emojis


@pytest.mark.parametrize("label", [FAMILY, RAINBOW, ENGLAND, "🇩🇪🇫🇷", "👍🏽", "نمی\u200cخواهم", "क्\u200dष"])
def test_what_joins_letters_stays(label):
    assert label in line_of(label)


@pytest.mark.parametrize("label", ["a\u200db", "\u200d", "\u200bx", "x\U000e0067", "\u202ex", "\u2067x"])
def test_what_only_hides_is_shown_as_python_writes_it(label):
    assert line_of(label) == f"{label!r} = 1".replace("'", "")


def test_an_emoji_of_several_characters_is_as_wide_as_one():
    assert text_width(FAMILY) == text_width("👩") == text_width("👍🏽")
    assert text_width("🇩🇪🇫🇷") == 2 * text_width("🇩🇪")
    assert text_width("θ̂") == text_width("θ")


# By the bidirectional algorithm, a mark "from left to right" between letters of the other direction and a
# number ends the run that would carry the number to the other side of the name. And a line runs as its first
# letter, or mark, does.
@pytest.mark.parametrize("label", ["משקל", "وزن", "w משקל"])
def test_a_number_beside_a_name_from_right_to_left_stays_where_it_is(label):
    w = Value(-0.5, label)
    y = w * 2
    y.backward()

    lines = [text.text.replace("\xa0", " ") for text in parsed(draw(y, partials=True)).iter(f"{SVG}text")]

    named = [line for line in lines if label in line]
    assert len(named) == 3
    assert all(f"\u200e{label}\u200e =" in line for line in named)
    assert not any("\u200e" in line for line in lines if label not in line)


# ------------------------------------------------------------------------------ harmless


HOSTILE = [
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>',
    "]]><script>", "<!--", "'; alert(1); '", "\\input{/etc/passwd}", "javascript:alert(1)", "\ud800",
    "\udfff x", "a\ud83d", "\0", "&lt;b&gt;", "x" * 200,
]  # fmt: skip


def graph_of(label):
    w, x = Value(2.0, label), Value(3.0, f"w[1][{label}]")
    y = (w * x).tanh()
    y.label = label
    y.backward()
    return w, y


@pytest.mark.parametrize("label", HOSTILE, ids=ascii)
@pytest.mark.parametrize("detail", ["operations", "neurons", "layers"])
def test_a_picture_of_a_hostile_label_has_nothing_that_runs(label, detail):
    _, y = graph_of(label)

    svg = draw(y, detail=detail).pipe().decode()

    assert {e.tag for e in ET.fromstring(svg).iter()} <= {
        f"{SVG}{tag}" for tag in ("svg", "g", "title", "text", "polygon", "path", "polyline", "ellipse", "a")
    }
    attributes = {name for e in ET.fromstring(svg).iter() for name in e.attrib}
    assert not any(name.startswith("on") or name.endswith("href") for name in attributes)


class Tags(HTMLParser):
    """The tags of HTML, as a browser reads them, with the names of their attributes."""

    def __init__(self, html):
        super().__init__()
        self.seen = set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.seen |= {tag, *(name for name, _ in attributes)}


@pytest.mark.parametrize("label", HOSTILE, ids=ascii)
def test_nor_has_what_a_notebook_shows(label):
    html = draw(graph_of(label)[1])._repr_mimebundle_()["text/html"]

    assert Tags(html).seen <= {"img", "src", "alt", "style", "details", "summary", "div", "tabindex"}


@pytest.mark.parametrize("label", HOSTILE, ids=ascii)
def test_so_has_everything_else_that_is_made_of_it(label, tmp_path):
    w, y = graph_of(label)

    explore(y, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    written = [explain(y, w).text(), explain(y, w).latex(), explain(y, w).mathml(), json.dumps(export(y))]

    assert "alert(1)</script>" not in page
    assert all(text.encode() for text in written)
    assert b"<script" not in explain(y, w).mathml().encode()


@pytest.mark.parametrize("label", HOSTILE, ids=ascii)
@pytest.mark.skipif(os.name == "nt", reason="a console of its own encoding")
def test_a_picture_is_written_whatever_the_label(label, tmp_path):
    _, y = graph_of(label)

    draw(y, partials=True).render(outfile=tmp_path / "a.svg")

    assert (tmp_path / "a.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize("label", ["w", FAMILY, "מחיר", "ราคา", "z" * 30])
def test_what_stands_on_an_edge_stands_on_its_straight_end(label):
    root = Value(2.0, label) * Value(3.0, "x")
    root.backward()

    picture = parsed(draw(root, partials=True))

    edges = [g for g in picture.iter(f"{SVG}g") if g.get("class") == "edge"]
    assert len(edges) == 2
    for edge in edges:
        (text,) = edge.iter(f"{SVG}text")
        (path,) = edge.iter(f"{SVG}path")
        *_, start, _, _, end = re.findall(r"(-?[\d.]+),-?[\d.]+", path.get("d"))
        assert float(start) < float(text.get("x"))
        width = text_width(text.text.replace("\xa0", " "))
        assert float(text.get("x")) + width < float(end)
