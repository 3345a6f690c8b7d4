"""The pytest plugin: a fixture, pages where they are asked for, and nothing for those who do not use it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TESTS = """
import numpy as np
import pytest

def right(weights, biases, X, Y):
    dZ = 2 * (X @ weights[0].T + biases[0] - Y) / Y.size
    return [dZ.T @ X], [dZ.sum(axis=0)]

def wrong(weights, biases, X, Y):
    print("looking for it")
    dW, db = right(weights, biases, X, Y)
    return [-dW[0]], [-db[0]]

def test_right(check_backprop):
    assert check_backprop(right, layers=(3, 2)).right

def test_wrong(check_backprop):
    check_backprop(wrong, (3, 2), cost="mean_squared_error")

@pytest.mark.parametrize("cost", ["../up/and away"])
def test_twice(check_backprop, cost):
    for _ in range(2):
        with pytest.raises(AssertionError):
            check_backprop(wrong, layers=(3, 2))
"""


def run(folder, *options):
    (folder / "test_mine.py").write_text(TESTS, encoding="utf-8")
    return subprocess.run(
        [
            sys.executable,
            "-X",
            "utf8",
            "-m",
            "pytest",
            "-p",
            "nn.pytest_plugin",
            "-q",
            *options,
            "test_mine.py",
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.slow
def test_the_fixture_checks_and_nothing_is_written_without_the_option(tmp_path):
    printed = run(tmp_path, "-p", "no:cacheprovider").stdout

    assert "1 failed, 2 passed" in printed
    assert "WrongGradientsError: wrong has the wrong sign" in printed
    assert "looking for it" in printed
    assert "raise WrongGradientsError" not in printed  # the traceback ends in the test
    assert {path.name for path in tmp_path.iterdir()} <= {"test_mine.py", "__pycache__"}


@pytest.mark.slow
def test_a_page_is_written_for_each_failure(tmp_path):
    printed = run(tmp_path, "--gradient-report", "new/pages").stdout

    pages = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "new" / "pages").iterdir()}
    assert sorted(pages) == [
        "test_mine.py-test_twice-..-up-and-away-2.html",
        "test_mine.py-test_twice-..-up-and-away.html",
        "test_mine.py-test_wrong.html",
    ]
    assert all("<math" in page and page.count("data:image/svg+xml") == 2 for page in pages.values())
    assert str(Path("new", "pages", "test_mine.py-test_wrong.html")) in printed


def test_the_option_is_explained(tmp_path):
    assert "--gradient-report" in run(tmp_path, "--help").stdout


def test_loading_it_loads_neither_the_engine_nor_numpy():
    program = (
        "import sys, nn.pytest_plugin; print({'autograd_lite', 'numpy', 'nn.trials'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout == "set()\n"


def test_every_name_of_nn_comes_when_it_is_asked_for():
    program = """
import sys, nn
assert "nn.costs" not in sys.modules
for name in nn.__all__:
    assert getattr(nn, name) is getattr(nn, name)
assert nn.training.fit is nn.fit and nn.compare.compare_gradients is nn.compare_gradients
assert set(nn._HOME) == set(nn.__all__)
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_the_package_tells_pytest_of_it():
    tomllib = pytest.importorskip("tomllib")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"nn.pytest_plugin": "autograd_lite.nn.pytest_plugin"}
