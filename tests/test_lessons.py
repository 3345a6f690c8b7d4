"""The lessons keep their word: they run as programs; their notebooks are made of these and show the same."""

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
jupytext = pytest.importorskip("jupytext")

EXAMPLES = Path(__file__).parents[1] / "examples"
LESSONS = sorted(EXAMPLES.glob("[0-9]_*.py"))
TRAINS_FOR_A_MINUTE = "8_a_gpt_on_scalars"

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)


def notebook(lesson):
    """Return the notebook beside a lesson."""
    return nbformat.read(lesson.with_suffix(".ipynb"), as_version=4)


def texts(lesson):
    """Return the texts between the programs."""
    cells = jupytext.read(lesson).cells
    return [cell.source for cell in cells if cell.cell_type == "markdown"]


def printed(cell):
    """Return what a cell of a notebook has printed."""
    return "".join(output.text for output in cell.outputs if output.get("name") == "stdout")


def comparable(text):
    """Return the lines of a text, without the digits that a machine's own rounding, or mpmath, decides."""
    text = re.sub(r"(?m)^h = .* digits agree$|(?<=floats and ).*(?= by differences)", "", text)
    return re.sub(r"\d\.\d{9,}", lambda number: f"{float(number[0]):.8g}", text).splitlines()


def test_there_are_nine():
    assert [int(path.name.partition("_")[0]) for path in LESSONS] == list(range(1, 10))


@pytest.mark.slow
@each_lesson
def test_it_runs_as_a_program_and_prints_what_stands_in_its_notebook(lesson, tmp_path):
    result = subprocess.run(
        [sys.executable, "-X", "utf8", str(lesson)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES.parent), "GPT_STEPS": "20", "MPLBACKEND": "Agg"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout
    shown = "".join(printed(cell) for cell in notebook(lesson).cells if cell.cell_type == "code")
    expected, got = comparable(shown), comparable(result.stdout)
    if lesson.stem == TRAINS_FOR_A_MINUTE:
        # After 20 steps; what follows depends on how long it was trained.
        same = next(i for i, line in enumerate(expected) if line.startswith("step  20"))
        expected, got = expected[: same + 1], got[: same + 1]
    assert got == expected


@each_lesson
def test_its_notebook_is_made_of_it_and_was_run_from_top_to_bottom(lesson):
    made, stored = jupytext.read(lesson), notebook(lesson)
    nbformat.validate(stored)
    assert [(c.cell_type, c.source) for c in stored.cells] == [(c.cell_type, c.source) for c in made.cells]
    programs = [cell for cell in stored.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in programs] == list(range(1, len(programs) + 1))
    outputs = [output for cell in programs for output in cell.outputs]
    assert not [
        output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"
    ]
    for cell in programs:
        if re.match(r"draw\w*\(.*\)$", cell.source.splitlines()[-1]):
            shown = [output.get("data", {}) for output in cell.outputs]
            assert any("image/png" in data and "text/html" not in data for data in shown), cell.source


@each_lesson
def test_its_notebook_is_small_and_the_same_on_every_machine(lesson):
    text = lesson.with_suffix(".ipynb").read_text(encoding="utf-8")
    assert len(text.encode()) <= 400_000
    stored = json.loads(text)
    assert stored["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert [cell["id"] for cell in stored["cells"]] == [
        f"cell-{i}" for i in range(1, len(stored["cells"]) + 1)
    ]
    assert all(cell["metadata"] == {} for cell in stored["cells"])
    without_images = re.sub(r'"image/png": "[^"]*"', "", text)
    assert not re.search(r"0x[0-9a-f]{8}|/(home|tmp|root|Users)/|site-packages", without_images)


@each_lesson
def test_it_says_what_one_will_be_able_to_do_and_asks(lesson):
    first, *others = texts(lesson)
    number = lesson.name.partition("_")[0]
    assert first.startswith(f"# Lesson {number}: ")
    assert "You will be able to\n\n- " in first
    minutes = int(re.search(r"About (\d+) minutes\.", first).group(1))
    assert 10 <= minutes <= 20
    everything = "\n".join(others)
    questions = re.findall(r"\*\*Question (\d)\.\*\*", everything)
    assert 3 <= len(questions) <= 5
    assert questions == [str(i) for i in range(1, len(questions) + 1)]
    answers = re.findall(
        r"<details><summary>Answer</summary>\n\n(.+?)\n\n</details>", everything, flags=re.DOTALL
    )
    assert len(answers) == len(questions) == everything.count("<details>") == everything.count("</details>")


@each_lesson
def test_it_has_a_picture(lesson):
    assert '"image/png"' in lesson.with_suffix(".ipynb").read_text(encoding="utf-8")


@each_lesson
def test_where_it_points_to_is_there(lesson):
    for target in re.findall(r"\]\(([^)#]+)\)", "\n".join(texts(lesson))):
        assert (EXAMPLES / target).exists(), target


def test_each_but_the_last_points_to_the_next():
    for lesson, following in pairwise(LESSONS):
        number = following.name.partition("_")[0]
        assert f"Next: [lesson {number}]({following.with_suffix('.ipynb').name})" in texts(lesson)[-1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "lesson", [path for path in LESSONS if path.stem != TRAINS_FOR_A_MINUTE], ids=lambda path: path.stem
)
def test_its_notebook_is_what_the_program_for_it_makes(lesson, tmp_path):
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    number = lesson.name.partition("_")[0]
    result = subprocess.run(
        [
            sys.executable,
            "-X",
            "utf8",
            str(EXAMPLES / "make_notebooks.py"),
            number,
            "--folder",
            str(tmp_path),
        ],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stderr
    (made,) = tmp_path.iterdir()
    assert seen(made) == seen(EXAMPLES / made.name)


def seen(path):
    """Return what one sees of a notebook, but of its pictures only that they are there."""
    shown = []
    for cell in nbformat.read(path, as_version=4).cells:
        shown.append(cell.source)
        for output in cell.get("outputs", []):
            data = output.get("data", {"text/plain": output.get("text")})
            shown.append(sorted(data))
            shown.append(comparable(data["text/plain"]))
    return shown
