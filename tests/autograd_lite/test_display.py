"""What notebooks and prompts show of Values, derivations, lifted programs and pages."""

from base64 import b64decode
from decimal import Decimal
from fractions import Fraction
from xml.etree import ElementTree

import pytest

from autograd_lite import Value, explain, explore, lift
from autograd_lite.draw.picture import Picture
from autograd_lite.markup import code, escape, folded, picture, preformatted, table
from tests.fragments import parsed

HOSTILE = '<script>alert("1")</script>&amp;'


def neuron():
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.5, "b")
    a = (w * x + b).tanh()
    a.label = "a"
    a.backward()
    return a, w


def image_of(root):
    """Return the picture in an output."""
    (image,) = root.all("img")
    assert image.attributes["alt"]
    kind, _, data = image.attributes["src"].partition(",")
    assert kind == "data:image/svg+xml;base64"
    return ElementTree.fromstring(b64decode(data))


def texts_of(svg):
    texts = ("".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text"))
    return [text.replace("\xa0", " ") for text in texts]


# --- Value ----------------------------------------------------------------------------------------------


def test_a_value_shows_its_number_its_gradient_and_its_graph():
    a, _ = neuron()
    root = parsed(a._repr_html_())
    assert f"a = {a.data!r}, gradient 1" in root.text
    assert any("w = 0.5" in text for text in texts_of(image_of(root)))


def test_a_leaf_shows_no_graph():
    _, w = neuron()
    root = parsed(w._repr_html_())
    assert root.text == f"w = 0.5, gradient {w.grad!r}"
    assert not root.all("img")


def test_of_a_large_graph_the_nodes_are_counted():
    total = sum(Value(float(i)) for i in range(5000))
    root = parsed(total._repr_html_())
    # sum begins with 0: 5,000 leaves, a constant and 4,999 sums beside the last.
    assert "10,000 nodes" in root.text
    assert not root.all("img")


@pytest.mark.parametrize(
    "number", [Fraction(1, 3), Decimal("0.1"), 7, 10**4000, float("nan"), float("inf"), -0.0]
)
def test_values_of_all_kinds_of_numbers_show_themselves(number):
    value = Value(number, "q") * 1
    assert "q" in "".join(texts_of(image_of(parsed(value._repr_html_()))))


def test_values_of_symbols_and_of_values_show_themselves():
    sympy = pytest.importorskip("sympy")
    t = sympy.Symbol("t")
    value = Value(t, "x") * Value(t + 1, "y")
    value.backward()
    root = parsed(value._repr_html_())
    assert "t*(t + 1)" in root.text
    assert root.all("img")


def test_a_value_whose_picture_fails_shows_its_number(monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("drawing needs <a layout program>")

    monkeypatch.setattr(Picture, "pipe", fail)
    a, _ = neuron()
    root = parsed(a._repr_html_())
    assert repr(a.data) in root.text
    assert "drawing needs <a layout program>" in root.text


def test_a_value_in_a_cycle_shows_its_number():
    x = Value(2.0, "x")
    y = x * 3.0
    x._x, x._y, x._dx, x._dy = y, y, 1.0, 1.0
    root = parsed(y._repr_html_())
    assert "6.0" in root.text
    assert "cycle" in root.text


@pytest.mark.parametrize("label", [HOSTILE, "\ud83d", "a" * 200, "שלום", "🧪", '"', "\\", "{x}"])
def test_no_label_does_harm(label):
    x = Value(2.0, label)
    value = x * 3.0
    value.label = label
    for shown in (value._repr_html_(), explain(value, x)._repr_html_()):
        shown.encode()
        root = parsed(shown)
        assert label.encode(errors="backslashreplace").decode() in root.text.replace("⁡", "")


# --- derivations, programs, pages -----------------------------------------------------------------------


def test_a_derivation_is_mathml_and_without_it_a_text():
    a, w = neuron()
    derivation = explain(a, w)
    root = parsed(derivation._repr_html_())
    shown, fallback = root.children
    # Of a notebook that is not trusted JupyterLab drops `all` and `noscript`, which it does not know.
    assert shown.attributes["style"].startswith("display:none;all:revert")
    assert shown.all("math")[-1].attributes["display"] == "block"
    assert fallback.tag == "noscript"
    assert fallback.text == derivation.text()


def test_at_a_prompt_a_long_derivation_is_cut_short():
    w = Value(0.5, "w")
    y = w
    for i in range(20):
        y = (y * w).tanh()
        y.label = f"y{i}"
    derivation = explain(y, w)
    *lines, last = repr(derivation).splitlines()
    whole = derivation.text().splitlines()
    assert lines == whole[:12]
    assert last == f"… {len(whole) - 12} more lines, which print shows"


def cost(w, x):
    return sum((w_k * x_k).tanh() for w_k, x_k in zip(w, x, strict=True)) ** 2


def test_a_lifted_function_says_what_it_is_before_and_after_it_is_called():
    program = lift(cost)
    assert repr(program) == "<lifted cost: traced when it is called first>"
    assert program._repr_html_() is None
    program([1.0, 2.0, 3.0], [3.0, 4.0, 5.0])
    assert "scalar nodes in" in repr(program)
    root = parsed(program._repr_html_())
    (source,) = root.all("pre")
    assert source.text == program.source
    assert {span.text for span in root.all("span") if span.attributes["class"] == "keyword"} >= {
        "def",
        "return",
    }


def test_a_lifted_graph_shows_its_source_and_its_summary():
    a, _ = neuron()
    program = lift(a)
    assert repr(program).startswith("<lifted graph: ")
    root = parsed(program._repr_html_())
    assert root.all("pre")[0].text == program.source
    assert str(program).rpartition("# ")[2] in root.text


def test_a_page_in_a_cell_is_a_frame_of_its_own():
    a, _ = neuron()
    a.label = HOSTILE
    page = explore(a)
    root = parsed(page._repr_html_())
    (frame,) = root.all("iframe")
    assert frame.attributes["srcdoc"] == page.html
    assert frame.attributes["sandbox"] == "allow-scripts allow-downloads"
    assert frame.attributes["title"] == page.title
    assert "trust the notebook" in frame.text
    assert repr(page) == f'<Page {page.title!r}: save("page.html") writes it, a notebook shows it>'


def test_a_page_begins_at_its_first_step(browser, tmp_path):
    a, _ = neuron()
    from selenium.common import WebDriverException
    from selenium.webdriver.support.ui import WebDriverWait

    def loaded(driver):
        driver.switch_to.default_content()
        driver.switch_to.frame(browser.find("iframe"))
        return browser.run("return document.querySelector('h2').textContent")

    path = tmp_path / "cell.html"
    path.write_text(f"<!DOCTYPE html><title>cell</title>{explore(a)._repr_html_()}", encoding="utf-8")
    browser.open(path)
    try:
        WebDriverWait(browser.driver, 10, ignored_exceptions=[WebDriverException]).until(loaded)
        assert browser.find("h2").text == "Start"
        assert browser.find("input[type=range]").get_attribute("value") == "0"
        browser.find('[aria-label="Step forward"]').click()
        assert browser.find("h2").text.startswith("Value 1 of 3")
    finally:
        browser.driver.switch_to.default_content()
    assert browser.console() == []


def test_a_page_wider_than_its_frame_begins_at_the_left(browser, tmp_path):
    x = Value(0.5, "x")
    y = x
    for _ in range(30):
        y = y.tanh()
    browser.open(explore(y).save(tmp_path / "page.html"))
    first = "explorer.drawing.shapeOf(explorer.walk.boxes.boxOf[0]).group"
    left = f"return {first}.getBoundingClientRect().left"
    assert 0 <= browser.run(left) < browser.run("return innerWidth")


# --- parts ----------------------------------------------------------------------------------------------


def test_a_table_names_its_columns_and_rows():
    root = parsed(table([["layer", "<size>"], ["1", "9"], ["2", "&"]], "Sizes & shapes"))
    assert root.all("caption")[0].text == "Sizes & shapes"
    heads = [(th.attributes["scope"], th.text) for th in root.all("th")]
    assert heads == [("col", "layer"), ("col", "<size>"), ("row", "1"), ("row", "2")]
    assert [td.text for td in root.all("td")] == ["9", "&"]


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return x < 1  # “less”\n",
        'text = """<b>\n&"""\n',
        "x = (1,\n",
        "'half\n",
        "\tx = 1\n  y\n",
        "\f\nx\r\ny = 1\n",
        "",
        HOSTILE,
    ],
)
def test_colours_change_no_letter_of_a_source(source):
    (shown,) = parsed(code(source)).all("pre")
    assert shown.text == source


def test_of_a_long_source_the_beginning_is_shown():
    root = parsed(code("x = 1\n" * 1000))
    assert root.all("pre")[0].text.count("\n") == 400
    assert "600 more lines" in root.text


@pytest.mark.parametrize("part", [escape, preformatted, lambda text: folded(text, ""), code])
def test_text_is_harmless(part):
    assert HOSTILE in parsed(part(HOSTILE)).text


def test_what_a_picture_fails_by_is_told():
    root = parsed(picture(lambda: {}[HOSTILE], "nothing"))
    assert "No picture" in root.text
