"""The shell: what it prints and writes, in this process and in one of its own, and what it refuses."""

import json
import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import autograd_lite
from autograd_lite import Value
from autograd_lite.__main__ import main
from autograd_lite.draw import picture
from nn import ACTIVATIONS, MLP
from nn.data import DATASETS

ROOT = str(Path(autograd_lite.__file__).parents[1])
QUICK = ["--dataset", "xor", "--layers", "2", "--epochs", "3"]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def files():
    return sorted(str(p) for p in Path().rglob("*") if p.is_file())


def shell(*arguments, **options):
    environment = os.environ | {"PYTHONPATH": ROOT} | options.pop("environment", {})
    return subprocess.run(
        [sys.executable, "-m", "autograd_lite", *arguments],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
        **options,
    )


# ------------------------------------------------------------------------------ the tour


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    """The shell without any argument, once for the tests of what it shows."""
    folder = tmp_path_factory.mktemp("tour")
    return shell(cwd=folder), folder / "autograd-lite-output"


def test_the_defaults_write_three_files(tour):
    result, folder = tour

    assert (result.returncode, result.stderr) == (0, "")
    assert sorted(p.name for p in folder.iterdir()) == ["gradients.txt", "neuron.svg", "weights.json"]
    written = result.stdout.split("\nWritten:\n")[1].split()
    assert sorted(written) == [f"autograd-lite-output/{p.name}" for p in sorted(folder.iterdir())]


def test_the_neurons_derivatives_are_right(tour):
    result, _ = tour

    # z = −3 · 2 + 1 · 0.5 + 6.5 = 1, and tanh′(1) = sech²(1)
    sech_squared = 1 / math.cosh(1.0) ** 2
    partials = {"w[0]": 2.0, "w[1]": 0.5, "b": 1.0, "x[0]": -3.0, "x[1]": 1.0}
    chains = re.findall(r"∂a/∂(\S+) += ∂a/∂z · ∂z/∂(\S+) += (\S+) · +(\S+) = (\S+)", result.stdout)
    assert re.search(r"z = 1 +a = 0\.761594\n", result.stdout)
    assert [name for name, *_ in chains] == list(partials)
    for name, same, outer, inner, product in chains:
        assert same == name
        assert float(outer) == pytest.approx(sech_squared, rel=1e-5)
        assert float(inner) == partials[name]
        assert float(product) == pytest.approx(sech_squared * partials[name], rel=1e-5)


def test_the_picture_of_the_neuron_can_be_seen(tour):
    _, folder = tour

    svg = ET.parse(folder / "neuron.svg").getroot()

    texts = svg.iter("{http://www.w3.org/2000/svg}text")
    lines = (element.text.replace("\xa0", " ").strip() for element in texts)
    shown = {line.partition(" = ")[0]: line.partition(" = ")[2] for line in lines}
    assert {"w₀", "w₁", "b", "x₀", "x₁", "z", "tanh", "∂a/∂x₀", "∂a/∂…"} <= set(shown)
    assert shown["a"] == "0.7616"


def test_the_network_learns_iris(tour):
    result, _ = tour

    shares = re.findall(r"accuracy on (\d+) (\S+) samples: ([\d.]+)%", result.stdout)
    assert [(count, part) for count, part, _ in shares] == [("120", "training"), ("30", "held-out")]
    assert all(float(share) > 90 for *_, share in shares)


def test_the_weights_are_those_of_the_network(tour):
    _, folder = tour

    mlp = MLP(4, [8, 3]).load(folder / "weights.json")

    assert all(math.isfinite(p.data) for p in mlp.parameters())
    assert len(json.loads((folder / "weights.json").read_text())["parameters"]) == 4 * 8 + 8 + 8 * 3 + 3


def test_every_gradient_is_shown_four_ways(tour):
    result, folder = tour

    table = (folder / "gradients.txt").read_text(encoding="utf-8")
    assert table.strip() in result.stdout
    rows = [line.split() for line in table.split("\n\n")[0].splitlines()]
    assert rows[0] == ["∂C/∂", "engine", "matrix", "loops", "differences"]
    assert [row[0] for row in rows[2:]] == [name for name, _ in MLP(4, [8, 3]).named_parameters()]
    for _, *gradients in rows[2:]:
        engine, *others = map(float, gradients)
        assert others[:2] == pytest.approx([engine] * 2, rel=1e-9, abs=1e-14)
        assert others[2] == pytest.approx(engine, rel=1e-4, abs=1e-8)


# ------------------------------------------------------------------------------ options


def test_options_are_obeyed(capsys):
    status = main(["--dataset", "moons", "--layers", "3", "2", "--activation", "relu", "--epochs", "2",
                   "--seed", "5", "--output", "some/where"])  # fmt: skip

    output, errors = capsys.readouterr()
    assert (status, errors) == (0, "")
    assert "A network on moons: " in output
    assert "MLP(2, [3, 2, 2], activation='relu'" in output
    assert "2 epochs (as many as asked for)" in output
    assert files() == ["some/where/gradients.txt", "some/where/neuron.svg", "some/where/weights.json"]


@pytest.mark.parametrize("dataset", [name for name in DATASETS if name != "iris"])
def test_every_data_set_can_be_had(dataset, capsys):
    assert main(["--dataset", dataset, "--layers", "2", "--epochs", "1"]) == 0
    assert f"A network on {dataset}: " in capsys.readouterr().out


def test_a_seed_repeats_the_run_and_another_does_not(capsys):
    outputs = []
    for seed in ("1", "1", "2"):
        assert main([*QUICK, "--seed", seed]) == 0
        outputs.append((capsys.readouterr().out, Path("autograd-lite-output/weights.json").read_bytes()))

    assert outputs[0] == outputs[1]
    assert outputs[0] != outputs[2]


def test_help_tells_every_option_and_name():
    result = shell("--help")

    assert (result.returncode, result.stderr) == (0, "")
    for word in (
        "--dataset",
        "--layers",
        "--activation",
        "--epochs",
        "--seed",
        "--output",
        *DATASETS,
        *ACTIVATIONS,
    ):
        assert word in result.stdout


@pytest.mark.parametrize(
    "content",
    [
        "size,weight,kind\n" + "".join(f"{i},{i * i},{'big' if i > 5 else 'small'}\n" for i in range(12)),
        "1;2;a\n3;4;b\n5;7;a\n",
    ],
    ids=["with a header", "few samples, semicolons"],
)
def test_a_csv_file_of_your_own_can_be_used(capsys, content):
    Path("fruit é.csv").write_text(content, encoding="utf-8")

    assert main(["--dataset", "fruit é.csv", "--layers", "2", "--epochs", "2"]) == 0
    assert "A network on fruit é: " in capsys.readouterr().out


def test_files_of_an_earlier_run_are_replaced(capsys):
    for layers in ("2", "3"):
        assert main(["--dataset", "xor", "--layers", layers, "--epochs", "1"]) == 0

    MLP(2, [3, 2]).load("autograd-lite-output/weights.json")
    assert len(files()) == 3


def test_other_files_in_the_output_folder_are_left_alone():
    folder = Path("autograd-lite-output")
    folder.mkdir()
    for name in ("neuron.gv", "neuron", "gradients.json"):
        (folder / name).write_text("mine")

    assert main(QUICK) == 0

    assert {(folder / name).read_text() for name in ("neuron.gv", "neuron", "gradients.json")} == {"mine"}
    assert len(files()) == 6


@pytest.mark.skipif(sys.platform != "linux", reason="a path of any bytes")
def test_a_path_need_not_be_text():
    result = shell(*QUICK, "--output", os.fsdecode(b"caf\xe9"))

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith("  caf\\udce9/gradients.txt\n")
    assert sorted(os.listdir(b"caf\xe9")) == [b"gradients.txt", b"neuron.svg", b"weights.json"]


# ------------------------------------------------------------------------------ refused

BAD_INPUT = [
    (["--dataset", "irsi"], "'irsi'; did you mean 'iris'?"),
    (["--activation", "tahn"], "unknown activation 'tahn'; did you mean 'tanh'?"),
    (["--dataset", "missing.csv"], "there is no file missing.csv"),
    (["--dataset", "missing.CSV"], "there is no file missing.CSV"),
    (["--dataset", "missing.txt"], "there is no file missing.txt"),
    (["--dataset", "folder/missing"], "there is no file folder/missing"),
    (["--dataset", "folder"], "folder is a directory"),
    (["--dataset", "bad.csv"], "bad.csv, line 3: column 2 (weight) is 'x', not a number"),
    (["--dataset", "ragged.csv"], "ragged.csv, line 2: there are 2 cells, and 3 in line 1"),
    (["--dataset", "empty.csv"], "empty.csv, line 1: the file has no data"),
    (["--dataset", "binary.csv"], "binary.csv, line 1: the byte 0xff is not UTF-8"),
    (["--dataset", "lonely.csv"], "class 'c' has a single sample"),
    (["--dataset", "\0"], "autograd-lite: "),
    (["--dataset", ""], ". is a directory"),
]
BAD_OPTIONS = [
    (["--layers", "0"], "argument --layers: '0' is not a whole number of at least 1"),
    (["--layers", "2", "-1"], "argument --layers"),
    (["--layers", "1.5"], "argument --layers: '1.5' is not a whole number of at least 1"),
    (["--layers"], "argument --layers: expected at least one argument"),
    (["--epochs", "0"], "argument --epochs: '0' is not a whole number of at least 1"),
    (["--epochs", "many"], "argument --epochs: 'many' is not a whole number of at least 1"),
    (["--seed", "x"], "argument --seed: invalid int value: 'x'"),
    (["--colour"], "unrecognized arguments: --colour"),
]


@pytest.fixture
def bad_files():
    Path("folder").mkdir()
    Path("bad.csv").write_text("size,weight,kind\n1,2,a\n3,x,b\n")
    Path("ragged.csv").write_text("1,2,a\n3,b\n")
    Path("empty.csv").write_text("\n")
    Path("binary.csv").write_bytes(b"\xff\xff\n")
    Path("lonely.csv").write_text("".join(f"{i},{'c' if i == 11 else 'ab'[i % 2]}\n" for i in range(12)))
    return files()


@pytest.mark.parametrize(("arguments", "message"), BAD_INPUT)
def test_bad_input_is_refused_before_anything_is_written(arguments, message, bad_files, capsys):
    status = main([*QUICK, *arguments] if "--dataset" not in arguments else arguments)

    output, errors = capsys.readouterr()
    assert (status, output) == (2, "")
    assert errors.startswith("autograd-lite: ")
    assert message in errors
    assert errors.count("\n") == 1
    assert files() == bad_files
    assert not Path("autograd-lite-output").exists()


@pytest.mark.parametrize(("arguments", "message"), BAD_OPTIONS)
def test_bad_options_are_refused_with_the_usage(arguments, message, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    errors = capsys.readouterr().err
    assert caught.value.code == 2
    assert message in errors
    assert errors.startswith("usage: ")
    assert files() == []


@pytest.mark.parametrize(
    "arguments", [["--dataset", "irsi"], ["--epochs", "0"], ["--dataset", "missing.csv"]]
)
def test_the_process_ends_with_2_and_without_a_traceback(arguments):
    result = shell(*arguments)

    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
    assert result.stderr


@pytest.mark.parametrize("output", ["file", "file/below"])
def test_an_output_folder_that_cannot_be_is_refused(output, capsys):
    Path("file").write_text("in the way")

    assert main([*QUICK, "--output", output]) == 2

    written, errors = capsys.readouterr()
    assert written == ""
    assert errors.startswith("autograd-lite: ")
    assert "file" in errors
    assert Path("file").read_text() == "in the way"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden here")
def test_an_output_folder_that_is_write_protected_is_refused(capsys):
    Path("closed").mkdir(mode=0o500)

    assert main([*QUICK, "--output", "closed"]) == 2
    assert "Permission denied" in capsys.readouterr().err


def test_without_a_layout_program_it_says_what_to_install(capsys, monkeypatch):
    def nowhere(name):
        raise picture.metadata.PackageNotFoundError(name)

    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(picture.metadata, "files", nowhere)

    assert main(QUICK) == 2
    assert "pip install graphviz-pure" in capsys.readouterr().err


def test_a_disk_that_is_full_is_an_error_without_a_traceback(capsys, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    assert main(QUICK) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert "autograd-lite-output/weights.json" not in files()


def test_ctrl_c_ends_it_quietly(capsys, monkeypatch):
    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Value, "backward", interrupted)

    assert main(QUICK) == 130
    assert capsys.readouterr().err == "autograd-lite: interrupted\n"


# ------------------------------------------------------------------------------ pipes and locales


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
@pytest.mark.parametrize("arguments", [QUICK, ["--help"]], ids=["tour", "help"])
@pytest.mark.parametrize("lines", [0, 1])
def test_a_reader_that_leaves_early_is_no_error(arguments, lines):
    process = subprocess.Popen(
        [sys.executable, "-m", "autograd_lite", *arguments],
        env=os.environ | {"PYTHONPATH": ROOT},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    for _ in range(lines):
        process.stdout.readline()
    process.stdout.close()

    errors = process.stderr.read()

    assert process.wait(timeout=60) == 0
    assert errors == b""


@pytest.mark.parametrize(
    "environment",
    [
        {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1:strict"},
    ],
    ids=["C locale", "ascii", "latin-1"],
)
def test_the_signs_come_through_in_any_locale(environment):
    result = shell(*QUICK, environment=environment)

    assert (result.returncode, result.stderr) == (0, "")
    assert "∂a/∂w[0] = ∂a/∂z · ∂z/∂w[0]" in result.stdout
    assert "∂C/∂" in Path("autograd-lite-output/gradients.txt").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="closed descriptors of POSIX")
def test_it_works_without_standard_output():
    result = subprocess.run(
        ["/bin/sh", "-c", f'exec "{sys.executable}" -m autograd_lite {" ".join(QUICK)} >&-'],
        env=os.environ | {"PYTHONPATH": ROOT},
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert (result.returncode, result.stderr) == (0, b"")
    assert len(files()) == 3


@pytest.mark.skipif(os.name == "nt", reason="closed descriptors of POSIX")
def test_without_standard_error_the_complaint_does_not_go_to_standard_output():
    result = subprocess.run(
        ["/bin/sh", "-c", f'exec "{sys.executable}" -m autograd_lite --dataset irsi 2>&-'],
        env=os.environ | {"PYTHONPATH": ROOT},
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert (result.returncode, result.stdout) == (2, b"")
