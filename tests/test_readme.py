"""The README keeps its word: programs print what stands below them, lists are complete, lessons run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_lite.ops import FUNCTIONS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", README, flags=re.DOTALL)
LESSONS = sorted((ROOT / "examples").glob("*.py"))


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-X", "utf8", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_every_program_has_its_output():
    assert len(PROGRAMS) == README.count("```python") == 4


@pytest.mark.parametrize(("program", "printed"), PROGRAMS)
def test_program_prints_what_the_readme_says(program, printed):
    result = run("-c", program)
    assert (result.stdout, result.stderr) == (printed, "")


def test_every_function_is_listed():
    listed = re.search(r"each also a method of `Value`: (.*?);", README, flags=re.DOTALL).group(1)
    assert set(re.findall(r"\w+", listed)) == set(FUNCTIONS)


def test_every_file_named_exists():
    tree = README.partition("## Where things are")[2]
    for name in re.findall(r"\b\w+\.py\b", tree):
        assert list(ROOT.glob(f"*/{name}")), name


def test_there_are_lessons():
    assert LESSONS


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_lesson_runs(lesson):
    result = run(str(lesson))
    assert result.returncode == 0, result.stderr
    assert result.stdout
