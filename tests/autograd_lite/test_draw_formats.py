"""What leaves for elsewhere: files in each format, whole or not at all, and what a notebook shows."""

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
import zlib
from base64 import b64decode
from io import BytesIO

import pytest

from autograd_lite import Value, draw
from autograd_lite.draw import pdf as pdf_module
from autograd_lite.draw.tikz import as_mathematics
from nn import MLP, draw_network

SVG = "{http://www.w3.org/2000/svg}"
HEBREW = "משקל"
FAMILY = "👩\u200d👩\u200d👧\u200d👦"


@pytest.fixture(autouse=True)
def no_dot(monkeypatch):
    """Draw by graphviz-pure, whatever is installed here."""
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def neuron():
    w, x, b = Value(-2.0, "w[1][0,2]"), Value(0.5, "x"), Value(1.25, "b")
    a = (w * x + b).sigmoid()
    a.label = "a"
    a.backward()
    return a


def drawn(picture, kind):
    """Return the names of the nodes or edges that Graphviz has drawn."""
    groups = ET.fromstring(picture.pipe()).iter(f"{SVG}g")
    return [group.find(f"{SVG}title").text for group in groups if group.get("class") == kind]


def texts(picture):
    return [text.text for text in ET.fromstring(picture.pipe()).iter(f"{SVG}text")]


# ------------------------------------------------------------------------------ files


@pytest.mark.parametrize(
    ("ending", "start"),
    [
        ("svg", b"<svg "), ("png", b"\x89PNG"), ("jpg", b"\xff\xd8\xff"), ("tex", b"% Compile"),
        ("json", b"{"), ("gv", b"digraph"), ("dot", b"digraph"), ("SVG", b"<svg "),
    ],
)  # fmt: skip
def test_the_ending_says_the_format(neuron, tmp_path, ending, start):
    path = draw(neuron).save(tmp_path / f"a.{ending}")

    assert path == tmp_path / f"a.{ending}"
    assert path.read_bytes().startswith(start)
    assert [*tmp_path.iterdir()] == [path]


def test_a_name_without_an_ending_says_no_format(neuron, tmp_path):
    with pytest.raises(ValueError, match=r"says the format: .*neuron\.svg, \.png"):
        draw(neuron).save(tmp_path / "neuron")
    assert not [*tmp_path.iterdir()]


def test_graphvizs_source_is_the_pictures_own(neuron, tmp_path):
    picture = draw(neuron)

    assert picture.save(tmp_path / "a.gv").read_text(encoding="utf-8") == picture.source
    assert picture.save(tmp_path / "a.gv", skip_existing=True) == tmp_path / "a.gv"


def test_json_has_each_part_and_its_place(neuron, tmp_path):
    parts = json.loads(draw(neuron).save(tmp_path / "a.json").read_text(encoding="utf-8"))

    places = {part["name"]: part["pos"] for part in parts["objects"] if "pos" in part}
    assert set(drawn(draw(neuron), "node")) <= set(places)
    assert len(set(places.values())) == len(places)
    assert len(parts["edges"]) == len(drawn(draw(neuron), "edge"))


def test_an_ending_that_is_none_of_the_formats_is_an_error(neuron, tmp_path):
    with pytest.raises(ValueError, match=r"a picture ends in \.svg, .*, not in \.bitmap"):
        draw(neuron).save(tmp_path / "a.bitmap")

    assert not [*tmp_path.iterdir()]


def test_what_cannot_be_written_leaves_what_was_there(neuron, tmp_path):
    (tmp_path / "a.svg").mkdir()

    with pytest.raises(OSError, match="is a folder"):
        draw(neuron).save(tmp_path / "a.svg")

    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"]


def test_a_png_has_the_dots_that_are_asked_for(neuron, tmp_path):
    image = pytest.importorskip("PIL.Image")
    points = ET.fromstring(draw(neuron).pipe()).get("width").removesuffix("pt")

    for dpi in (72, 300):
        width, _ = image.open(draw(neuron).save(tmp_path / "a.png", dpi=dpi)).size
        assert width == pytest.approx(float(points) / 72 * dpi, abs=dpi / 36)
    assert image.open(draw(neuron).save(tmp_path / "a.png")).size[0] > 2 * float(points)


def test_a_poster_has_no_more_pixels_than_a_computer_can_hold(tmp_path):
    image = pytest.importorskip("PIL.Image")
    x = Value(0.5)
    for _ in range(150):
        x = (x * 2).tanh()
    poster = draw(x, detail="neurons", size=(100, 100))

    with pytest.raises(ValueError, match="dpi must be from 1 to 200 for a picture as large as this, not 300"):
        poster.save(tmp_path / "a.png", dpi=300)
    with pytest.raises(ValueError, match="not 0"):
        poster.save(tmp_path / "a.png", dpi=0)
    assert not [*tmp_path.iterdir()]
    with image.open(poster.save(tmp_path / "a.png")) as png:
        assert png.size == (pytest.approx(6325, abs=2), pytest.approx(6325, abs=2))


# ------------------------------------------------------------------------------ PDF


@pytest.fixture
def converter():
    try:
        pdf_module._weasyprint()
    except RuntimeError as error:
        pytest.skip(str(error))


def unpacked(pdf):
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    return b"".join([pdf, *(zlib.decompress(s) for s in streams if s[:1] == b"\x78")])


def letters_of(pdf):
    """Return the letters that the fonts in a PDF say they draw, each by its code point: text, not shapes."""
    maps = re.findall(rb"beginbfchar(.*?)endbfchar", unpacked(pdf), re.DOTALL)
    codes = [code for found in maps for code in re.findall(rb"<[0-9a-f]+> *<([0-9a-f]+)>", found)]
    return {bytes.fromhex(code.decode()).decode("utf-16-be") for code in codes}


def test_text_in_a_pdf_is_text(converter, neuron, tmp_path):
    neuron.label = f"{HEBREW} 日本"
    picture = draw(neuron, partials=True)

    letters = letters_of(picture.save(tmp_path / "a.pdf").read_bytes())

    # Whatever font has it, each letter is there: raised and lowered digits, mathematics, other scripts.
    shown = set("".join(texts(picture))) - set(" \xa0\u200e")
    assert set(f"wxb=−∂¹₀₂+σ…{HEBREW}日本") <= shown
    for letter in shown:
        assert any(letter in written for written in letters), letter


def test_a_pdf_is_as_large_as_the_picture(converter, neuron):
    svg = ET.fromstring(draw(neuron).pipe())
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", unpacked(draw(neuron).pipe("pdf")))

    assert [float(side) for side in box.groups()] == pytest.approx(
        [float(svg.get(side).removesuffix("pt")) for side in ("width", "height")], abs=0.1
    )


def test_every_picture_can_be_a_pdf(converter, neuron, tmp_path):
    for picture in (draw(neuron, detail="layers"), draw_network(MLP(2, [3, 1], seed=0), [1.0, 2.0])):
        assert picture.pipe("pdf").startswith(b"%PDF")
        assert picture.render(outfile=tmp_path / "a.pdf", cleanup=True) == str(tmp_path / "a.pdf")
        assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_render_leaves_the_source_beside_a_pdf_as_it_does_beside_an_svg(
    converter, neuron, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)

    assert draw(neuron).render("b", format="pdf") == "b.pdf"
    assert draw(neuron).render("c.gv", directory="x", format="pdf") == "x/c.gv.pdf"

    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.*")) == [
        "b.pdf",
        "x/c.gv",
        "x/c.gv.pdf",
    ]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ImportError("No module named 'weasyprint'"), r"pip install weasyprint, or.*\.\[pdf\].*Graphviz"),
        (OSError("cannot load library 'libpango'"), r"apt install libpango.*brew install pango"),
    ],
)
def test_a_refused_pdf_says_what_to_install_and_leaves_no_file(neuron, tmp_path, monkeypatch, error, message):
    def missing(name):
        raise error

    monkeypatch.setattr(pdf_module, "import_module", missing)

    for write in (draw(neuron).save, lambda path: draw(neuron).render(outfile=path)):
        with pytest.raises(RuntimeError, match=message):
            write(tmp_path / "a.pdf")

    assert not [*tmp_path.iterdir()]


def test_drawing_does_not_import_the_converter():
    program = (
        "import sys; from autograd_lite import *; draw(Value(1.0)).pipe(); print('weasyprint' in sys.modules)"
    )

    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "False\n"


# ------------------------------------------------------------------------------ TikZ


@pytest.mark.parametrize(
    ("text", "mathematics"),
    [
        ("w¹₀₂ = −0.5", r"w^{1}_{02} = -0.5"),
        ("∂C/∂w¹₀,₁₂ = +2·10⁻⁷", None),
        ("a⁽²⁾", r"a^{(2)}"),
        ("cost = 3", r"\mathrm{cost} = 3"),
        ("tanh", r"\tanh "),
        ("a for", r"\mathrm{a}\ \mathrm{for}"),
        ("a = z", "a = z"),
        ("A 2-3-1 network", r"\mathrm{A}\ 2\mbox{-}3\mbox{-}1\ \mathrm{network}"),
        ("(z)²", "(z){}^{2}"),
        ("σ(z)", r"\sigma (z)"),
        ("Σ", r"\Sigma "),
        (r"\input{x}", r"\backslash \mathrm{input}\{x\}"),
        ("^^5c%#$&_~", None),
        (HEBREW + "\u200e = 1", rf"\mbox{{\letters{{{HEBREW}}}}} = 1"),
        (FAMILY, rf"\mbox{{\letters{{{FAMILY}}}}}"),
        ("café", r"\mbox{café}"),
        ("błąd «ð»", r"\mbox{\letters{błąd}}\ \mbox{\letters{«}}\mbox{\letters{ð}}\mbox{\letters{»}}"),
        ("", ""),
    ],
)
def test_texts_are_mathematics_in_tikz(text, mathematics):
    written = as_mathematics(text)

    if mathematics is not None:
        assert written == mathematics
    assert "^^" not in written
    assert not re.search(r"(?<!\\)[%#$&~]", written)
    assert re.sub(r"\\[{}]", "", written).count("{") == re.sub(r"\\[{}]", "", written).count("}")


def test_tikz_has_each_box_edge_and_text_in_its_place(neuron, tmp_path):
    picture = draw(neuron)
    parts = picture.laid_out()

    drawn_source = picture.save(tmp_path / "a.tex").read_text(encoding="utf-8")

    written = [
        stroke
        for part in (parts, *parts["objects"], *parts["edges"])
        for stroke in part.get("_ldraw_", [])
        if stroke["op"] == "T"
    ]
    assert len(written) == drawn_source.count(r"\node[") == len(texts(picture))
    for text in written:
        x, y = text["pt"]
        assert f"at ({x:g},{y:g})" in drawn_source
    assert set(re.findall(r"\bc[0-9A-F]{6}\b", drawn_source.split(r"\begin{tikzpicture}")[1])) == set(
        re.findall(r"\\definecolor\{(c[0-9A-F]{6})\}", drawn_source)
    )


LATEX = shutil.which("pdflatex")


@pytest.mark.skipif(LATEX is None, reason="needs pdflatex")
def test_tikz_compiles_whatever_the_labels(tmp_path, monkeypatch):
    monkeypatch.undo()
    labels = [
        "w",
        "<script>",
        "^^5cinput{x}",
        HEBREW,
        FAMILY,
        "café",
        "\ud800",
        '"`~',
        "θ̂Ά",
        "#$%&_{}",
        "日本",
    ]
    total = sum(Value(1.5, label) for label in labels).tanh()
    total.backward()
    draw(total, partials=True).save(tmp_path / "a.tex")

    done = subprocess.run(
        [LATEX, "-interaction=nonstopmode", "-halt-on-error", "a.tex"], cwd=tmp_path, capture_output=True
    )

    if b"standalone.cls' not found" in done.stdout:
        pytest.skip("needs the class standalone")
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.skipif(LATEX is None, reason="needs pdflatex")
def test_a_paper_takes_tikz_in_as_the_file_says(neuron, tmp_path, monkeypatch):
    monkeypatch.undo()
    file = draw(neuron).save(tmp_path / "this_file.tex").read_text(encoding="utf-8")
    packages, figure = re.search(r"in a paper, (.*?), and (.*)\.\n", file).groups()
    paper = rf"\documentclass{{article}}{packages}\begin{{document}}\noindent{figure}\end{{document}}"
    (tmp_path / "paper.tex").write_text(paper, encoding="utf-8")

    done = subprocess.run(
        [LATEX, "-interaction=nonstopmode", "-halt-on-error", "paper.tex"], cwd=tmp_path, capture_output=True
    )

    if b"standalone.sty' not found" in done.stdout:
        pytest.skip("needs the package standalone")
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert b"Overfull" not in done.stdout


# ------------------------------------------------------------------------------ in a notebook


def in_html(picture):
    """Return the images of the HTML that a notebook shows, as their attributes, and the SVG of the first."""
    html = picture._repr_mimebundle_()["text/html"]
    images = [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) for tag in re.findall("<img ([^>]*)>", html)]
    return images, ET.fromstring(b64decode(images[0]["src"].removeprefix("data:image/svg+xml;base64,")))


def test_a_notebook_gets_an_image_in_html_and_a_png(neuron):
    bundle = draw(neuron)._repr_mimebundle_()

    assert sorted(bundle) == ["image/png", "text/html"]
    assert bundle["image/png"].startswith(b"\x89PNG")
    _, svg = in_html(draw(neuron))
    assert svg.tag == f"{SVG}svg"
    assert "∂a/∂x" in "".join(svg.itertext())
    # What JupyterLab lets through of HTML that is not trusted: no styles or scripts, images with their data.
    assert set(re.findall(r"<(\w+)", bundle["text/html"])) <= {"img", "details", "summary", "div"}
    assert not re.search(r"\son\w+=|href=", bundle["text/html"])


def test_a_notebook_may_ask_for_less_or_else(neuron):
    picture = draw(neuron)

    assert [*picture._repr_mimebundle_(include=["image/jpeg"])] == ["image/jpeg"]
    assert [*picture._repr_mimebundle_(include=["image/svg+xml"])] == ["image/svg+xml"]
    assert [*picture._repr_mimebundle_(exclude=["text/html"])] == ["image/png"]
    # As marimo asks: for nothing in particular.
    assert len(picture._repr_mimebundle_(include=[], exclude=[])) == 2


def test_a_picture_in_a_cell_is_never_wider_than_it_and_a_wide_one_can_be_opened(neuron):
    (fitted,), _ = in_html(draw(neuron, size=(5, 3)))
    assert fitted["style"] == "max-width: 100%; height: auto"

    (fitted, full), _ = in_html(draw(neuron, size=(15, 4)))
    assert fitted["style"] == "max-width: 100%; height: auto"
    assert (full["style"], full["src"]) == ("max-width: none", fitted["src"])
    html = draw(neuron, size=(15, 4))._repr_mimebundle_()["text/html"]
    assert re.search('<details><summary>[^<]+</summary><div style="overflow-x: auto" tabindex="0"><img', html)


def test_a_png_of_a_large_picture_is_not_huge():
    image = pytest.importorskip("PIL.Image")
    x = Value(0.5)
    for _ in range(60):
        x = (x * 2).tanh()

    png = draw(x, detail="neurons")._repr_mimebundle_()["image/png"]

    width, height = image.open(BytesIO(png)).size
    assert width * height < 4.1e6


def test_who_cannot_see_it_hears_what_is_in_it(neuron, tmp_path):
    picture = draw(neuron)
    root = ET.fromstring(picture.save(tmp_path / "a.svg").read_text(encoding="utf-8"))
    nodes, edges = (len(drawn(picture, kind)) for kind in ("node", "edge"))

    label = root.get("aria-label")

    assert root.get("role") == "img"
    assert label.startswith(f"Graph of {nodes} nodes and {edges} edges")
    assert "w¹₀₂ = −2, ∂a/∂w¹₀₂ = +" in label
    assert not [title.text for title in root.iter(f"{SVG}title")]
    (image, *_), _ = in_html(picture)
    assert image["alt"] == label


def test_a_font_of_the_same_widths_is_found_everywhere(neuron, tmp_path):
    for picture in (draw(neuron), draw_network(MLP(1, [1]))):
        root = ET.fromstring(picture.save(tmp_path / "a.svg").read_text(encoding="utf-8"))
        assert {text.get("font-family") for text in root.iter(f"{SVG}text")} == {
            "Arial, Helvetica, sans-serif"
        }


def test_where_one_points_there_is_what_the_picture_wants_shown_there():
    mlp = MLP(1, [1], seed=0)
    (weight,) = mlp.weights(1)[0]

    root = ET.fromstring(draw_network(mlp)._repr_mimebundle_(include=["image/svg+xml"])["image/svg+xml"])

    titles = [title.text for title in root.iter(f"{SVG}title")]
    assert f"w¹₀₀ = {weight.data:.6g}".replace("-", "−") in titles
    assert not any("->" in title for title in titles)
