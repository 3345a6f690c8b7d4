"""The gallery is what its program draws today, and shows every kind of picture that there is."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="plots are an optional extra")

import numpy as np
from PIL import Image, ImageSequence

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
PICTURES = sorted((EXAMPLES / "gallery").iterdir())
TEXT = (EXAMPLES / "gallery.md").read_text(encoding="utf-8")
BLOCK = 28  # pixels


def draw(folder, program=EXAMPLES / "gallery.py"):
    result = subprocess.run(
        [sys.executable, "-X", "utf8", str(program), str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return folder / "gallery"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return draw(tmp_path_factory.mktemp("examples"))


def texts(picture):
    """Return all that can be read in a picture; where it lies is the business of the program of layout."""
    elements = ET.parse(picture).getroot().iter("{http://www.w3.org/2000/svg}text")
    return sorted("".join(element.itertext()) for element in elements)


def blocks(image):
    """Return how light a picture is, block by block: fonts differ between versions, in finer things."""
    size = [round(side / BLOCK) for side in image.size]
    return np.asarray(image.convert("L").resize(size, Image.Resampling.BOX), dtype=float)


def look_alike(first, second):
    if first.size != second.size:
        return False
    difference = abs(blocks(first) - blocks(second))
    return difference.max() < 32 and difference.mean() < 1.5


def frames(path):
    return [frame.convert("RGB") for frame in ImageSequence.Iterator(Image.open(path))]


@pytest.mark.slow
def test_the_text_is_what_the_program_writes(drawn):
    assert (drawn.parent / "gallery.md").read_text(encoding="utf-8") == TEXT


@pytest.mark.slow
def test_the_same_pictures_are_drawn(drawn):
    assert [path.name for path in sorted(drawn.iterdir())] == [path.name for path in PICTURES]


@pytest.mark.slow
@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_what_the_program_draws(drawn, path):
    if path.suffix == ".svg":
        assert texts(drawn / path.name) == texts(path)
        return
    now, then = frames(drawn / path.name), frames(path)
    assert len(now) == len(then)
    assert all(map(look_alike, now, then))


@pytest.mark.slow
def test_another_training_would_be_noticed(tmp_path):
    program = (EXAMPLES / "gallery.py").read_text(encoding="utf-8")
    changed, n = re.subn(r'(epochs(?:=|": ))(\d+)', lambda m: f"{m[1]}{int(m[2]) // 2}", program)
    changed, m = re.subn(r"(learner = \w+\(.*seed=)\d", r"\g<1>7", changed)
    assert (n, m) == (5, 5)
    (tmp_path / "gallery.py").write_text(changed, encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()

    folder = draw(tmp_path / "elsewhere", tmp_path / "gallery.py")

    kinds = ("cost", "gradients", "boundary", "film")
    plots = [path.name for path in PICTURES if path.stem.endswith(kinds)]
    same = [
        name
        for name in plots
        if all(map(look_alike, frames(folder / name), frames(EXAMPLES / "gallery" / name)))
    ]
    assert same == []


def test_all_of_it_is_small():
    assert sum(path.stat().st_size for path in PICTURES) < 2_000_000


def test_every_picture_is_shown_and_said_in_words():
    shown = re.findall(r"\[!\[(.+)\]\(gallery/(.+?)\)\]\(gallery/(.+?)\)", TEXT)

    assert sorted(name for _, name, _ in shown) == [path.name for path in PICTURES]
    for words, name, opened in shown:
        assert name == opened
        assert len(words.split()) > 8


def test_the_table_leads_to_every_picture():
    links = re.findall(r"\[see\]\(#(\w+)-(\w+)\)", TEXT)

    assert sorted(f"{case}_{kind}" for case, kind in links) == [path.stem for path in PICTURES]
    for case, kind in links:
        assert f"\n### {case}: {kind}\n" in TEXT


def test_every_kind_is_there_and_every_case():
    kinds = {path.stem.partition("_")[2] for path in PICTURES}
    levels = {"operations", "neurons", "layers"}
    assert kinds >= {*levels, "partials", "highlight", "focus", "slide", "backward"}
    assert kinds >= {"network", "cost", "gradients", "boundary", "film"}
    assert {path.stem.partition("_")[0] for path in PICTURES} == {
        "neuron",
        "network",
        "iris",
        "lstm",
        "attention",
    }
