"""The package as others find it: beside another ``nn``, by either of its doors, with all of its files."""

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import autograd_lite.nn
import nn

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*arguments):
    """Run Python; the working folder comes first on the path, as it does where ours are installed."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def works(program):
    result = run("-W", "error", "-c", program)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


@pytest.fixture(params=["nn.py", "nn/__init__.py"])
def foreign(request):
    """The path of an ``nn`` in the working folder that must not be run."""
    path = Path(request.param).resolve()
    for file in {path, path.with_name("layers.py")}:
        file.parent.mkdir(exist_ok=True)
        file.write_text("raise SystemExit('the foreign nn was run')\n", encoding="utf-8")
    return path


# --- one package by two doors -------------------------------------------------------------------------------


def test_both_doors_lead_to_the_same_objects():
    assert autograd_lite.nn is nn
    assert nn.HIDDEN_BY == ""
    assert nn.__spec__.name == nn.__name__ == "nn"


@pytest.mark.parametrize("first", ["nn", "autograd_lite.nn"])
def test_so_do_both_names_of_a_module_whichever_comes_first(first):
    second = {"nn": "autograd_lite.nn", "autograd_lite.nn": "nn"}[first]
    program = f"""
import importlib, pickle, sys
import {first}.pictures.colours
from {first}.layers import MLP
import {second}.pictures.colours, {second}.layers
from {second} import MLP as again, data
assert again is MLP is sys.modules["{second}.layers"].MLP is sys.modules["{first}.layers"].MLP
assert sys.modules["{first}.pictures.colours"] is sys.modules["{second}.pictures.colours"]
assert data is importlib.import_module("nn.data") is importlib.import_module("autograd_lite.nn.data")
assert importlib.reload(data).__spec__.name == "nn.data"
assert isinstance(pickle.loads(pickle.dumps(MLP(2, [1]))), MLP)
"""
    assert works(program) == ""


def test_a_module_that_does_not_exist_is_not_found_by_either_name():
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'autograd_lite\.nn\.spam'"):
        __import__("autograd_lite.nn.spam")


def test_the_door_leaves_networks_unloaded_until_they_are_asked_for():
    program = "import sys, autograd_lite.nn; print({'nn.layers', 'nn.training', 'numpy'} & set(sys.modules))"
    assert works(program) == "set()\n"


# --- beside another nn --------------------------------------------------------------------------------------


def test_the_second_door_leads_to_ours_and_tells_what_is_in_the_way(foreign):
    program = """
import sys
import autograd_lite.nn as nn
from autograd_lite import Value, draw, explain
from autograd_lite.nn import MLP, average, check_backprop, compare_gradients, fit, mean_squared_error
from autograd_lite.nn.data import iris
mlp = MLP(4, [3, 3], seed=0)
fit(mlp, iris().inputs[:9], iris().labels[:9], cost="cross_entropy", epochs=1)
assert isinstance(mlp, nn.layers.MLP) and nn.MLP is MLP
explain(mlp, layer=1, weight=(0, 1), x=[1.0] * 4, y=[0.5] * 3)
assert "nn" not in sys.modules
print(nn.HIDDEN_BY)
"""
    assert works(program) == f"{foreign}\n"


def test_a_network_pickled_beside_another_nn_is_read_where_there_is_none():
    Path("nn.py").write_text("", encoding="utf-8")
    store = "import pickle, sys; from autograd_lite.nn import MLP; print(pickle.dumps(MLP(1, [1])).hex())"
    pickled = works(store).strip()
    Path("nn.py").unlink()
    load = f"import pickle, nn; assert type(pickle.loads(bytes.fromhex('{pickled}'))) is nn.MLP"
    assert works(load) == ""


@pytest.mark.parametrize("arguments", [["--dataset", "xor", "--epochs", "2"], ["explain", "x*x", "x=3"]])
def test_the_command_works_and_the_tour_says_what_is_in_the_way(foreign, arguments):
    result = run("-m", "autograd_lite", *arguments)

    assert result.returncode == 0, result.stderr
    said = f"autograd-lite: nn is {foreign} here; this project's, used below, is autograd_lite.nn"
    assert result.stderr.startswith(said) if "xor" in arguments else result.stderr == ""
    assert len(result.stderr.splitlines()) <= 1


def test_the_plugin_of_pytest_is_loaded(foreign):
    test = "def test_it(check_backprop):\n    assert callable(check_backprop)\n"
    Path("test_mine.py").write_text(test, encoding="utf-8")
    is_installed = "nn.pytest_plugin" in {plugin.name for plugin in entry_points(group="pytest11")}
    options = [] if is_installed else ["-p", "autograd_lite.nn.pytest_plugin"]
    result = run("-m", "pytest", *options, "-q", "test_mine.py")
    assert "1 passed" in result.stdout, result.stderr


@pytest.mark.parametrize("made", ["types.ModuleType('nn')", "None"])
def test_whatever_stands_under_the_name_already(made):
    program = f"import sys, types; sys.modules['nn'] = {made}; from autograd_lite.nn import MLP"
    assert works(program) == ""


def test_a_folder_without_init_is_not_in_the_way():
    Path("nn").mkdir()
    assert works("import nn, autograd_lite.nn; assert autograd_lite.nn is nn") == ""


@pytest.mark.parametrize("left", ["from tensorflow.keras import *\n", None])
def test_a_package_installed_over_ours_is_named(left):
    Path("nn").mkdir()
    for path in (ROOT / "autograd_lite").rglob("*.py"):
        copy = path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    if left is not None:
        Path("nn/__init__.py").write_text(left, encoding="utf-8")

    result = run("-c", "import autograd_lite.nn")

    assert f"ImportError: {Path('nn').resolve()} is not this project's any more" in result.stderr
    assert "pip uninstall nn" in result.stderr


# --- what is packed -----------------------------------------------------------------------------------------


def test_every_file_of_the_packages_is_packed():
    tomllib = pytest.importorskip("tomllib")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for package, patterns in project["tool"]["setuptools"]["package-data"].items():
        packed = {path for pattern in patterns for path in (ROOT / package).glob(pattern)}
        here = {p for p in (ROOT / package).rglob("*") if p.is_file() and p.suffix not in (".py", ".pyc")}
        assert here == packed
        assert all(list((ROOT / package).glob(pattern)) for pattern in patterns)


def test_every_folder_with_modules_is_a_package():
    for package in ("autograd_lite", "nn"):
        for path in (ROOT / package).rglob("*.py"):
            assert (path.parent / "__init__.py").exists(), path
