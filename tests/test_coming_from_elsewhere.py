"""The page for people from PyTorch, Keras, JAX and scikit-learn keeps its word: its programs, its names."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import autograd_lite
import nn
from nn.elsewhere import IN_NN

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "examples" / "coming_from_elsewhere.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE, flags=re.DOTALL)
OPTIONAL = ("torch", "sklearn", "pandas")


def test_every_program_has_its_output():
    assert len(PROGRAMS) == PAGE.count("```python") == 6


@pytest.mark.parametrize(("program", "printed"), PROGRAMS)
def test_a_program_prints_what_stands_below_it(program, printed):
    for package in OPTIONAL:
        if f"import {package}" in program or f"from {package}" in program:
            pytest.importorskip(package)
    result = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (result.stdout, result.stderr) == (printed, "")


def test_the_names_in_the_tables_are_there():
    known = {*nn.__all__, *autograd_lite.__all__, "f", "mlp"}
    for line in PAGE.splitlines():
        if line.startswith("| `"):
            here = line.split(" | ")[1]
            for call in re.findall(r"(?<![.\w\"])([A-Za-z_]\w*)\(", here):
                assert call in known, call


@pytest.mark.parametrize("name", ["Sequential", "Dense", "Linear", "MSELoss", "CrossEntropyLoss"])
def test_what_the_tables_translate_is_answered_in_code_too(name):
    assert name in PAGE
    assert name in IN_NN


@pytest.mark.skipif(find_spec("torch") is None, reason="needs PyTorch")
def test_the_cost_of_several_classes_is_pytorchs():
    import torch

    outputs = [0.5, -1.0, 2.0]
    theirs = torch.nn.CrossEntropyLoss()(
        torch.tensor([outputs], dtype=torch.float64), torch.tensor([1])
    ).item()
    assert nn.cross_entropy([autograd_lite.Value(z) for z in outputs], 1).data == pytest.approx(theirs)
