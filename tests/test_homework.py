"""The homework: the solution is right, and of each wrong submission is said what its table says."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
HOMEWORK = ROOT / "examples" / "homework"
TESTS = len(
    re.findall("^def test_", (HOMEWORK / "test_backprop.py").read_text(encoding="utf-8"), re.MULTILINE)
)


def load(name):
    spec = spec_from_file_location(f"homework_{name}", HOMEWORK / f"{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_submissions = load("make_submissions")
WRONG = make_submissions.table()


def start(*options, folder=HOMEWORK, cwd=ROOT):
    return subprocess.Popen(
        [sys.executable, "-X", "utf8", "-m", "pytest", str(folder), "-q", "--tb=line", *map(str, options)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The lines of the table, of all submissions with the solution: some in each of several processes."""
    folder = tmp_path_factory.mktemp("submissions")
    everybody = folder / "all"
    make_submissions.write(everybody)
    shutil.copy(HOMEWORK / "solution.py", everybody)
    files = sorted(everybody.iterdir())
    count = min(4, os.cpu_count() or 1)
    graders = []
    for i in range(count):
        part = folder / f"part{i}"
        part.mkdir()
        for file in files[i::count]:
            file.rename(part / file.name)
        graders.append(start(f"--submissions={part}"))
    lines = {}
    for grader in graders:
        printed, _ = grader.communicate()
        for who, marks, said in re.findall(r"^(\w+) +((?:[✓✗-] ){4}[✓✗-])  (.*)$", printed, re.MULTILINE):
            lines[who] = marks.split(), said
    return lines


def test_there_are_many_wrong_submissions_each_with_one_line_changed():
    right = (HOMEWORK / "solution.py").read_text(encoding="utf-8")

    assert len(WRONG) >= 30
    assert len({wrong.name for wrong in WRONG}) == len(WRONG)
    assert (HOMEWORK / "wrong_submissions.md").read_text(encoding="utf-8").count("\n| ") == len(WRONG) + 1
    for wrong in WRONG:
        assert any(line.strip() == wrong.right for line in right.splitlines()), wrong.name
        compile(make_submissions.source(wrong), wrong.name, "exec")


def test_everybody_is_in_the_table(graded):
    assert graded.keys() == {"solution", *(wrong.name for wrong in WRONG)}


def test_the_solution_passes(graded):
    assert graded["solution"] == (["✓"] * TESTS, "all right")


@pytest.mark.parametrize("wrong", WRONG, ids=[wrong.name for wrong in WRONG])
def test_the_mistake_is_named(wrong, graded):
    marks, said = graded[wrong.name]
    name, _, phrase = wrong.said.partition(": ")

    assert "✗" in marks
    assert said.partition(": ")[0] == name
    assert phrase in said


def test_the_students_file_has_holes_and_runs_from_its_own_folder(tmp_path):
    shutil.copytree(HOMEWORK, tmp_path / "mine", ignore=shutil.ignore_patterns("__pycache__"))
    grader = start("--gradient-report", tmp_path / "pages", folder=".", cwd=tmp_path / "mine")
    printed, _ = grader.communicate()

    assert f"{TESTS} failed" in printed
    assert "a hole, ..., is not filled yet" in printed
    assert "Traceback" not in printed


def test_the_solution_and_the_students_file_have_the_same_functions():
    def functions(name):
        return re.findall(r"^def .*:$", (HOMEWORK / name).read_text(encoding="utf-8"), re.MULTILINE)

    assert functions("backprop.py") == functions("solution.py")


def test_a_missing_folder_is_told(tmp_path):
    printed, _ = start(f"--submissions={tmp_path}/nowhere").communicate()
    assert "there are no submissions in" in printed
