"""A notebook with all that shows itself, executed and made a page: what is in it, and what a browser says."""

from pathlib import Path

import pytest

from tests.fragments import parsed

ROOT = Path(__file__).parents[1]

CELLS = [
    """
import sys
sys.path.insert(0, ROOT)
from autograd_lite import Value, explain, explore, lift
from nn import MLP, compare_gradients, fit, mean_squared_error
w, x = Value(0.5, "w"), Value(2.0, "x")
a = (w * x).tanh()
a.label = "a"
a.backward()
a""",
    "explain(a, w)",
    "explore(a)",
    """
mlp = MLP(2, [3, 1], seed=0)
mlp""",
    "fit(mlp, [[0, 1], [1, 0]], [0, 1], epochs=5)",
    "compare_gradients(mlp, [[0, 1]], [0])",
    "lift(mean_squared_error(mlp([0.5, 1.0]), 0.5))",
]


@pytest.fixture(scope="module")
def executed():
    """Return the notebook after all its cells have run."""
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    execute = pytest.importorskip("nbconvert.preprocessors").ExecutePreprocessor(timeout=120)
    cells = [nbformat.v4.new_code_cell(cell.replace("ROOT", repr(str(ROOT)))) for cell in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    execute.preprocess(notebook, {"metadata": {"path": str(ROOT)}})
    return notebook


def outputs(notebook):
    return [output.data for cell in notebook.cells for output in cell.outputs if "data" in output]


@pytest.mark.slow
def test_every_output_is_there_for_a_page_a_paper_and_a_terminal(executed):
    shown = outputs(executed)
    assert len(shown) == len(CELLS)
    for output in shown:
        parsed(output["text/html"])
        assert len(output["text/plain"].splitlines()) <= 12
        assert " at 0x" not in output["text/plain"]
    assert r"\begin{aligned}" in shown[1]["text/latex"]


def test_the_page_of_a_notebook_is_whole_without_a_connection(executed, browser, tmp_path):
    exporters = pytest.importorskip("nbconvert.exporters")
    page, _ = exporters.HTMLExporter().from_notebook_node(executed)
    path = tmp_path / "notebook.html"
    path.write_text(page, encoding="utf-8")
    browser.open(path)
    cells = browser.driver.find_elements("css selector", ".jp-OutputArea-output")
    assert len(cells) == len(CELLS)
    # Mathematics is set by the browser itself.
    fraction = browser.run(
        "const [a, b] = document.querySelector('mfrac').children;"
        "return a.getBoundingClientRect().bottom <= b.getBoundingClientRect().top + 1"
    )
    assert fraction
    assert "∂a/∂w" not in cells[1].text  # the text for where there is no mathematics
    images = "[...document.images].map((image) => [image.naturalWidth > 0, image.clientWidth <= innerWidth])"
    assert browser.run(f"return {images}") == [[True, True]] * 3
    scrolls = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not browser.run(f"return {scrolls}")


@pytest.mark.parametrize(("background", "text"), [("#ffffff", "#212121"), ("#111111", "#dedede")])
def test_colours_can_be_read_on_light_and_on_dark(executed, browser, tmp_path, background, text):
    source = outputs(executed)[-1]["text/html"]
    path = tmp_path / "source.html"
    path.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><body style="background:{background};color:{text}">{source}',
        encoding="utf-8",
    )
    browser.open(path)
    painted = browser.run(
        """const canvas = document.createElement("canvas").getContext("2d");
        return [...document.querySelectorAll("pre span")].map((span) => {
            canvas.fillStyle = getComputedStyle(span).color;
            canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
        });"""
    )
    paper = [int(background[i : i + 2], 16) for i in (1, 3, 5)]
    assert len({tuple(colour) for colour in painted}) >= 4
    assert min(contrast(colour, paper) for colour in painted) >= 4.5


def contrast(one, other):
    """Return the ratio of WCAG 2."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour):
    red, green, blue = (c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
