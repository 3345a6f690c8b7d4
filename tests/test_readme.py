"""The README keeps its word: programs print what stands below them, and lists are complete."""

import os
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from autograd_lite.functions import FUNCTIONS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = re.findall(r"^python -m (autograd_lite \w+ .*)$", README, flags=re.MULTILINE)
PICTURES = sorted((ROOT / "examples" / "pictures").glob("*.svg"))
PAGE = ROOT / "examples" / "pictures" / "page.png"


def run(*arguments, cwd=ROOT):
    return subprocess.run(
        [sys.executable, "-X", "utf8", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_every_program_has_its_output():
    assert len(PROGRAMS) == README.count("```python") == 9


@pytest.mark.parametrize(("program", "printed"), PROGRAMS)
def test_program_prints_what_the_readme_says(program, printed):
    result = run("-c", program)
    assert (result.stdout, result.stderr) == (printed, "")


@pytest.mark.parametrize("command", COMMANDS)
def test_command_on_a_formula_runs(command, tmp_path):
    result = run("-m", *shlex.split(command), cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    written = [path.name for path in tmp_path.iterdir()]
    assert all(name in result.stdout for name in written)
    assert "∂C/∂w" in result.stdout or written


def test_commands_on_formulas_are_shown():
    assert {command.split()[1] for command in COMMANDS} == {"explain", "draw", "explore", "playground"}


def test_pictures_are_what_their_program_draws(tmp_path):
    result = run(str(ROOT / "examples" / "pictures.py"), str(tmp_path))

    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [path.name for path in PICTURES]
    for path in PICTURES:
        assert texts(tmp_path / path.name) == texts(path)
        assert f"(examples/pictures/{path.name})" in README


def test_the_first_screen_says_what_to_do_and_shows_the_page():
    first_screen = README.partition("\n## ")[0]
    assert "(examples/pictures/page.png)" in first_screen
    assert PAGE.stat().st_size <= 300_000
    commands = re.search(r"```sh\n(.*?)```", first_screen, re.DOTALL).group(1).splitlines()
    assert [re.findall(r"python -m (?!pip)\S+", command) for command in commands] == [
        ["python -m autograd_lite"],
        ["python -m pytest"],
    ]


@pytest.mark.parametrize("word", ["v₁", "last place", "B1", "B2", "B3", "B4", "A5", "A9", "w¹₀₁", "`w[1]"])
def test_no_sign_is_used_before_it_is_explained(word):
    """Where it first stands, the sentence says what it is."""
    explained = {
        "v₁": "given no name is called v₁",
        "last place": "in last places,\nthe steps from one float to the next",
        "B1": "B1\nleads through the activation",
        "B2": "B2 to the weights",
        "B3": "B3 to the biases",
        "B4": "B4 to the layer before",
        "A5": "A5, the mean over the samples",
        "A9": "A9, the sum over all that use a node",
        "w¹₀₁": "w¹₀₁ is the weight",
        "`w[1]": "`w[1][0,1]`, which leads from",
    }[word]
    assert word in explained
    assert README.index(explained) + explained.index(word) == README.index(word)


def texts(picture):
    """Return all texts and numbers in a picture; where they lie may differ between programs of layout."""
    elements = ET.parse(picture).getroot().iter("{http://www.w3.org/2000/svg}text")
    return sorted("".join(element.itertext()) for element in elements)


def test_what_is_said_of_ten_mistakes_is_what_stands_there(tmp_path):
    result = run(str(ROOT / "examples" / "ten_mistakes.py"), str(tmp_path / "said.md"))
    assert result.returncode == 0, result.stderr
    said, printed = (
        (path / name).read_text(encoding="utf-8")
        for path, name in [(tmp_path, "said.md"), (ROOT / "examples", "ten_mistakes.md")]
    )
    # The last digits of NumPy's products are those of the machine.
    assert short(said) == short(printed)
    assert said.count("## ") == 10


def short(text):
    return re.sub(r"\d\.\d{12,}", lambda number: f"{float(number[0]):.10g}", text)


def test_every_function_is_listed():
    listed = re.search(r"each also a method of `Value`: (.*?);", README, flags=re.DOTALL).group(1)
    assert set(re.findall(r"\w+", listed)) == set(FUNCTIONS)


def test_every_room_is_shown():
    tree = README.partition("## Where things are")[2]
    for package in ("autograd_lite", "nn"):
        for path in (ROOT / package).iterdir():
            if path.suffix == ".py" and not path.name.startswith("__init__"):
                assert re.search(rf"\b{path.name}", tree), path
            elif (path / "__init__.py").exists():
                assert f"{path.name}/" in tree, path


def test_every_file_named_exists():
    tree = README.partition("## Where things are")[2]
    for name in re.findall(r"\b\w+\.py\b", tree):
        assert list(ROOT.glob(f"*/**/{name}")), name
