"""The shell's commands on a formula of one's own: explain, draw and explore."""

import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from autograd_lite.__main__ import main

NEURON = ["tanh(z := w*x + b)", "w=0.5", "x=2", "b=-1.5"]
SLOPE = 1 - math.tanh(-0.5) ** 2


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def files():
    return sorted(str(p) for p in Path().rglob("*") if p.is_file())


def test_explain_ends_in_the_gradient(capsys):
    assert main(["explain", *NEURON, "--wrt", "w"]) == 0

    out = capsys.readouterr().out
    assert f"= {2 * SLOPE:.4g}" in out
    assert "∂C/∂w" in out
    assert "∂C/∂x" not in out


def test_explain_takes_every_variable_in_turn_by_default(capsys):
    assert main(["explain", *NEURON]) == 0

    out = capsys.readouterr().out
    for name, gradient in (("w", 2 * SLOPE), ("x", 0.5 * SLOPE), ("b", SLOPE)):
        assert re.search(rf"∂C/∂{name} = .*= {gradient:.4g}\n", out)


@pytest.mark.parametrize(
    ("form", "sign"), [("markdown", "$$"), ("latex", r"\frac{\partial C}{\partial w}"), ("mathml", "<math")]
)
def test_explain_speaks_the_languages_of_documents(form, sign, capsys):
    assert main(["explain", *NEURON, "--wrt", "w", "--format", form]) == 0

    assert sign in capsys.readouterr().out


def test_draw_writes_a_picture_with_values_and_gradients(capsys):
    assert main(["draw", *NEURON, "--output", "neuron.svg", "--partials", "--highlight", "w"]) == 0

    text = "".join(ET.parse("neuron.svg").getroot().itertext())
    assert f"{2 * SLOPE:.4g}" in text
    assert "tanh" in text
    assert files() == ["neuron.svg"]
    assert "neuron.svg" in capsys.readouterr().out


def test_draw_takes_the_format_from_the_name():
    assert main(["draw", *NEURON, "--output", "neuron.png"]) == 0

    assert Path("neuron.png").read_bytes().startswith(b"\x89PNG")


def test_explore_writes_one_page_that_needs_nothing_else(capsys):
    assert main(["explore", *NEURON]) == 0

    page = Path("formula.html").read_text(encoding="utf-8")
    assert files() == ["formula.html"]
    assert not re.search(r'(?:src|href)="(?!data:)|@import|url\((?!#)', page)
    assert "formula.html" in capsys.readouterr().out


BAD = [
    (["explain", "tanhh(w)", "w=1"], "did you mean tanh"),
    (["explain", "__import__('os').system('touch harm')"], "only numbers, names"),
    (["draw", "w.data", "w=1"], "only numbers, names"),
    (["explore", "w * q", "w=1"], "q has no value"),
    (["explain", "w", "w=1", "--wrt", "q"], "there is no variable 'q'; the formula's are: w"),
    (["draw", "w*w", "w=1", "--highlight", "q"], "there is no variable 'q'"),
    (["explain", "2 + 3"], "no variable to differentiate by"),
    (["explain", "w", "w=1", "w=2"], "w is given twice"),
    (["explain", "w", "w=1", "b=2"], "b does not occur"),
    (["explain", "log(w)", "w=-1"], "log is not defined there: w = -1"),
    (["draw", "w*2", "w=1", "--output", "nowhere/picture.svg"], "nowhere"),
    (["draw", "w*2", "w=1", "--output", "picture.xyz"], "xyz"),
    (["explore", "w*2", "w=1", "--output", "nowhere/page.html"], "nowhere"),
]


@pytest.mark.parametrize(
    ("arguments", "message"), BAD, ids=[" ".join(arguments)[:40] for arguments, _ in BAD]
)
def test_bad_input_is_refused_with_a_message_and_nothing_written(arguments, message, capsys):
    assert main(arguments) == 2

    out, err = capsys.readouterr()
    assert message in err
    assert out == ""
    assert files() == []


@pytest.mark.parametrize("value", ["w", "w=", "=1", "w=q", "w=1;2", "w=log(0)"])
def test_a_value_that_is_none_is_refused_with_the_usage(value, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["explain", "w", value])

    assert exit_.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_numbers_may_be_small_formulas(capsys):
    assert main(["explain", "w*x", "w=1/4", "x=sqrt(4)", "--wrt", "x"]) == 0

    assert "0.25" in capsys.readouterr().out


def test_a_formula_may_begin_with_a_minus(capsys):
    assert main(["explain", "-log(p)", "p=0.5"]) == 0

    assert "= −2" in capsys.readouterr().out  # ∂(−ln p)/∂p = −1/p


def test_a_length_of_two_can_be_explored():
    assert main(["explore", "hypot(w, x)", "w=3", "x=4"]) == 0

    assert files() == ["formula.html"]


def test_blanks_in_a_name_do_not_count(capsys):
    assert main(["explain", "w[1][0,2] * 3", "w[1][0, 2]=2"]) == 0

    assert "w¹₀₂" in capsys.readouterr().out


def test_lab_writes_the_laboratory(capsys, tmp_path):
    assert main(["lab"]) == 0
    assert "Written: laboratory.html" in capsys.readouterr().out
    assert Path("laboratory.html").stat().st_size < 1_000_000
    assert main(["lab", str(tmp_path / "other.html")]) == 0
    assert main(["lab", "nowhere/lab.html"]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_lab_can_be_opened_at_once(monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    assert main(["lab", "--open"]) == 0
    assert [url.rpartition("/")[2] for url in opened] == ["laboratory.html"]
