"""The shell: what it prints and writes, in this process and in one of its own, and what it refuses."""

import json
import math
import os
import re
import subprocess
import sys
import webbrowser
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import autograd_lite
from autograd_lite import Value
from autograd_lite.__main__ import main
from autograd_lite.draw import programs
from nn import ACTIVATIONS, MLP, SGD
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


FILES = ["gradients.txt", "index.html", "network.html", "neuron.html", "neuron.svg", "weights.json"]


def test_the_defaults_write_six_files_and_say_where_to_look(tour):
    result, folder = tour

    assert (result.returncode, result.stderr) == (0, "")
    assert sorted(p.name for p in folder.iterdir()) == FILES
    assert "Look at it: autograd-lite-output/index.html" in result.stdout


def test_it_fits_a_screen_and_ends_in_one_sentence(tour):
    result, _ = tour

    lines = result.stdout.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80
    assert re.fullmatch(
        r"67 gradients, four ways: they agree to \d+ digits, difference quotients to \d+\.", lines[-1]
    )
    assert "last places" not in result.stdout


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

    shares = re.findall(r"right on (\d+) of (\d+) (\S+) samples: ([\d.]+)% accuracy", result.stdout)
    assert [(count, part) for _, count, part, _ in shares] == [("120", "training"), ("30", "held-out")]
    for right, count, _, share in shares:
        assert float(share) == pytest.approx(100 * int(right) / int(count), abs=0.05)
        assert float(share) > 90


def test_the_weights_are_those_of_the_network(tour):
    _, folder = tour

    mlp = MLP(4, [8, 3]).load(folder / "weights.json")

    assert all(math.isfinite(p.data) for p in mlp.parameters())
    assert len(json.loads((folder / "weights.json").read_text())["parameters"]) == 4 * 8 + 8 + 8 * 3 + 3


@pytest.fixture(scope="module")
def table(tour):
    """The rows of gradients.txt: a name, and a gradient by each of four methods."""
    _, folder = tour
    rows = (folder / "gradients.txt").read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    assert rows[0].split() == ["∂C/∂", "engine", "matrix", "loops", "differences"]
    return {name: list(map(float, gradients)) for name, *gradients in map(str.split, rows[2:])}


def test_every_gradient_is_in_the_file_four_ways(table):
    assert list(table) == [name for name, _ in MLP(4, [8, 3]).named_parameters()]
    for engine, *others in table.values():
        assert others[:2] == pytest.approx([engine] * 2, rel=1e-9, abs=1e-14)
        assert others[2] == pytest.approx(engine, rel=1e-4, abs=1e-8)


def in_common(a, b):
    """The digits in common of two numbers of 15 digits each, one too few or too many for their rounding."""
    return 15 if a == b else -math.log10(abs(a - b) / max(abs(a), abs(b)))


def test_the_screen_shows_the_first_gradients_and_those_that_differ_most(tour, table):
    result, _ = tour

    rows = re.findall(
        r"^   ([wb]\[\S+) +(\S+) +(\S+) +(\S+) +(\d+) +(\S+) +(\d+)$", result.stdout, re.MULTILINE
    )
    assert [name for name, *_ in rows[:6]] == list(table)[:6]
    assert len({name for name, *_ in rows}) == 12
    for name, engine, matrix, loops, digits, quotient, of_quotient in rows:
        assert [float(x) for x in (engine, matrix, loops, quotient)] == pytest.approx(table[name], rel=1e-5)
        of_exact = min(in_common(table[name][0], other) for other in table[name][1:3])
        assert int(digits) == pytest.approx(of_exact, abs=1.1)
        assert int(of_quotient) == pytest.approx(in_common(table[name][0], table[name][3]), abs=1.1)
    worst = max(int(digits) for _, *_, digits, _, _ in rows[6:])
    others = [name for name in table if name not in {name for name, *_ in rows}]
    assert all(min(in_common(table[name][0], b) for b in table[name][1:3]) > worst - 0.1 for name in others)


def test_the_last_sentence_is_no_better_than_the_worst_gradient(tour, table):
    result, _ = tour

    exact, quotients = map(int, re.findall(r"to (\d+)", result.stdout.splitlines()[-1]))
    assert exact == pytest.approx(min(in_common(g[0], b) for g in table.values() for b in g[1:3]), abs=1)
    assert quotients == pytest.approx(min(in_common(g[0], g[3]) for g in table.values()), abs=1)


# ------------------------------------------------------------------------------ the page


@pytest.fixture(scope="module")
def page(tour):
    _, folder = tour
    return (folder / "index.html").read_text(encoding="utf-8")


def test_the_page_needs_nothing_but_the_pages_beside_it(tour, page):
    _, folder = tour

    links = set(re.findall(r'(?:src|href)="(?!data:|#)([^"]*)"', page))
    assert links == {"neuron.html", "network.html"}
    assert all((folder / link).exists() for link in links)
    assert not re.search(r"<script|@import|url\((?!#)", page)
    assert sum((folder / name).stat().st_size for name in FILES if name.endswith("html")) < 1_000_000


def test_the_page_shows_all_that_there_is_to_see(page, table):
    assert page.count('<svg role="img"') == 3  # the neuron; the network, before and after
    assert page.count('class="curve"') == 1
    assert page.count("<math") == 2
    for name, gradients in table.items():
        assert all(f">{number:.15g}<".replace("-", "−") in page for number in gradients), name
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_confusion_on_the_page_is_that_of_the_screen(tour, page):
    result, _ = tour

    rights = [int(n) for n in re.findall(r"right on (\d+) of", result.stdout)]
    tables = re.findall(r"<caption>The \d+ (?:training|held-out) samples.*?</table>", page, re.DOTALL)
    assert len(tables) == 2
    for right, table, total in zip(rights, tables, (120, 30), strict=True):
        rows = [re.findall(r"<td[^>]*>([\d·]+)</td>", row) for row in table.split("<tr>")[2:]]
        counts = [[0 if cell == "·" else int(cell) for cell in row] for row in rows]
        assert sum(counts[k][k] for k in range(3)) == right
        assert sum(map(sum, counts)) == total


def test_the_page_reads_well_in_light_and_dark(tour, browser):
    _, folder = tour

    for scheme in ("light", "dark"):
        browser.prefer(scheme)
        browser.open(folder / "index.html")
        for width in (1920, 1280, 390):
            browser.resize(width, 844)
            assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), width
        assert browser.console() == []
    assert [node["name"] for node in browser.accessibility_tree() if node["role"] == "heading"] == [
        "autograd-lite on iris",
        "A neuron and its graph",
        "A network learns iris",
        "The chain rule of one weight",
        "Every gradient, four ways",
    ]
    headings = [node for node in browser.accessibility_tree() if node["role"] == "columnheader"]
    assert len(headings) == 3 + 3 + 3 + 8


@pytest.mark.parametrize("opens", [True, False])
def test_the_page_opens_when_asked_for(opens, capsys, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or opens)

    assert main([*QUICK, "--open"]) == 0

    output, errors = capsys.readouterr()
    assert opened == [Path("autograd-lite-output/index.html").resolve().as_uri()]
    assert "they agree to" in output.splitlines()[-1]
    assert errors == "" if opens else "open autograd-lite-output/index.html yourself" in errors


def test_data_in_the_plane_has_its_regions_and_a_page_to_train_on(capsys):
    assert main(["--dataset", "moons", "--layers", "3", "--epochs", "2"]) == 0

    page = Path("autograd-lite-output/index.html").read_text(encoding="utf-8")
    assert page.count('class="region"') == 2
    assert page.count('class="sample"') == 80 + 2  # and two in the legend
    assert "Train this network in the browser" in page
    assert (
        "<canvas" in (text := Path("autograd-lite-output/network.html").read_text(encoding="utf-8"))
        or "regions" in text
    )


def test_a_network_too_large_to_step_through_has_a_page_all_the_same(monkeypatch):
    monkeypatch.setattr("nn.explorer.LARGEST_GRAPH", 10)
    monkeypatch.setattr("nn.tour.page._MOST_ROWS", 7)

    assert main(QUICK) == 0

    page = Path("autograd-lite-output/index.html").read_text(encoding="utf-8")
    assert "There is no page to step through this network: the graph of one point has" in page
    assert 'href="network.html"' not in page
    assert "network.html" not in " ".join(files())
    assert "the first 7, for gradients.txt has them all" in page
    assert len(re.findall(r'<th scope="row">[wb]\[', page)) == 7


def test_names_from_a_file_are_shown_as_they_are(capsys):
    rows = "".join(f"{i},{i * i},{'<b>' if i > 5 else '&amp;'}\n" for i in range(12))
    Path("<i>.csv").write_text(f"<u>,</svg>,kind\n{rows}", encoding="utf-8")

    assert main(["--dataset", "<i>.csv", "--layers", "2", "--epochs", "2"]) == 0

    page = Path("autograd-lite-output/index.html").read_text(encoding="utf-8")
    assert not re.search("<[iub]>", page)
    for name in ("&lt;i&gt;", "&lt;u&gt;", "&lt;/svg&gt;", "&lt;b&gt;", "&amp;amp;"):
        assert name in page


# ------------------------------------------------------------------------------ options


def test_options_are_obeyed(capsys):
    status = main(["--dataset", "moons", "--layers", "3", "2", "--activation", "relu", "--epochs", "2",
                   "--seed", "5", "--output", "some/where"])  # fmt: skip

    output, errors = capsys.readouterr()
    assert (status, errors) == (0, "")
    assert "A network, 2-3-2-2, learns moons: " in output
    assert "2 neurons, relu" in Path("some/where/index.html").read_text(encoding="utf-8")
    assert "2 epochs of training" in output
    assert files() == [f"some/where/{name}" for name in FILES]


@pytest.mark.parametrize("dataset", [name for name in DATASETS if name != "iris"])
def test_every_data_set_can_be_had(dataset, capsys):
    assert main(["--dataset", dataset, "--layers", "2", "--epochs", "1"]) == 0
    assert f"learns {dataset}: " in capsys.readouterr().out


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
        "--open",
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
    assert "learns fruit é: " in capsys.readouterr().out


def test_files_of_an_earlier_run_are_replaced(capsys):
    for layers in ("2", "3"):
        assert main(["--dataset", "xor", "--layers", layers, "--epochs", "1"]) == 0

    MLP(2, [3, 2]).load("autograd-lite-output/weights.json")
    assert len(files()) == len(FILES)


def test_other_files_in_the_output_folder_are_left_alone():
    folder = Path("autograd-lite-output")
    folder.mkdir()
    for name in ("neuron.gv", "neuron", "gradients.json"):
        (folder / name).write_text("mine")

    assert main(QUICK) == 0

    assert {(folder / name).read_text() for name in ("neuron.gv", "neuron", "gradients.json")} == {"mine"}
    assert len(files()) == len(FILES) + 3


@pytest.mark.skipif(sys.platform != "linux", reason="a path of any bytes")
def test_a_path_need_not_be_text():
    result = shell(*QUICK, "--output", os.fsdecode(b"caf\xe9"))

    assert (result.returncode, result.stderr) == (0, "")
    assert "Look at it: caf\\udce9/index.html" in result.stdout
    assert sorted(os.listdir(b"caf\xe9")) == [name.encode() for name in FILES]


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
        raise programs.metadata.PackageNotFoundError(name)

    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(programs.metadata, "files", nowhere)

    assert main(QUICK) == 2
    assert "pip install graphviz-pure" in capsys.readouterr().err


def test_a_disk_that_is_full_is_an_error_without_a_traceback(capsys, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    assert main(QUICK) == 2
    errors = capsys.readouterr().err
    assert "autograd-lite-output/neuron.svg cannot be written (No space left on device)" in errors
    assert files() == []


def test_a_folder_in_the_place_of_a_file_is_said(capsys):
    Path("autograd-lite-output/index.html").mkdir(parents=True)

    assert main(QUICK) == 2
    assert "index.html cannot be written (it is a folder)" in capsys.readouterr().err


def interrupted(*arguments):
    raise KeyboardInterrupt


def test_ctrl_c_ends_it_quietly(capsys, monkeypatch):
    monkeypatch.setattr(Value, "backward", interrupted)

    assert main(QUICK) == 130
    assert capsys.readouterr().err == "autograd-lite: interrupted\n"


def test_ctrl_c_during_the_training_ends_it_and_what_was_learned_is_shown(capsys, monkeypatch):
    monkeypatch.setattr(SGD, "step", interrupted)

    assert main(QUICK) == 0

    output, errors = capsys.readouterr()
    assert errors == ""
    assert "1 epoch of training, until it was interrupted: the cost goes from" in output


def test_ctrl_c_before_anything_was_learned_ends_it_quietly(capsys, monkeypatch):
    monkeypatch.setattr("nn.training.average", interrupted)

    assert main(QUICK) == 130
    assert capsys.readouterr().err == "autograd-lite: interrupted\n"
    assert files() == []


def test_ctrl_c_during_the_last_file_leaves_the_others_whole_and_the_old_page(capsys, monkeypatch):
    assert main(QUICK) == 0
    page = Path("autograd-lite-output/index.html").read_bytes()

    monkeypatch.setattr("nn.tour.page.cost_curve", interrupted)

    assert main([*QUICK, "--seed", "1"]) == 130
    assert len(files()) == len(FILES)
    assert Path("autograd-lite-output/index.html").read_bytes() == page


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
    assert len(files()) == len(FILES)


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
