"""Pictures: what they show, and that they come out the same whoever lays them out."""

import asyncio
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import partial
from pathlib import Path

import graphviz
import pytest
import sympy
from graphviz.backend import dot_command

import autograd_lite
from autograd_lite import (
    RULES,
    Value,
    animate_backward,
    draw,
    explain,
    explore,
    fsum,
    load_layout,
    relu,
    use_layout,
)
from autograd_lite.draw import picture as picture_module
from autograd_lite.draw import programs
from autograd_lite.writing import short
from nn import MLP

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def no_dot(monkeypatch):
    """Draw by graphviz-pure, whatever is installed here; a test may put a ``dot`` on the path again."""
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def neuron():
    w, x, b = Value(-2.0, "w"), Value(0.5, "x"), Value(1.25, "b")
    a = (w * x + b).tanh()
    a.label = "a"
    a.backward()
    return a


def parsed(picture):
    return ET.fromstring(picture.pipe(format="svg", encoding="utf-8"))


def texts(picture):
    return [shown(element) for element in parsed(picture).iter(f"{SVG}text")]


def shown(element):
    return element.text.replace("\xa0", " ").strip()


def in_nodes(picture):
    """Return the lines of text in every node by its id, without what stands below the picture."""
    nodes = (g for g in parsed(picture).iter(f"{SVG}g") if g.get("class") == "node")
    return {g.find(f"{SVG}title").text: [shown(text) for text in g.iter(f"{SVG}text")] for g in nodes}


def parts(picture, kind):
    return [g.find(f"{SVG}title").text for g in parsed(picture).iter(f"{SVG}g") if g.get("class") == kind]


def test_boxes_show_label_data_and_gradient(neuron):
    sech_squared = 1 - neuron.data**2

    nodes = list(in_nodes(draw(neuron)).values())

    for label, data, grad in [
        ("w", "−2", f"+{0.5 * sech_squared:.4g}"),
        ("x", "0.5", f"−{2 * sech_squared:.4g}"),
        ("b", "1.25", f"+{sech_squared:.4g}"),
        ("a", f"{neuron.data:.4g}", "+1"),
    ]:
        assert [f"{label} = {data}", f"∂a/∂{label} = {grad}"] in [lines[-2:] for lines in nodes]
    assert [lines[0] for lines in nodes if len(lines) == 3] == ["×", "+", "tanh"]


def test_every_value_is_a_box_with_its_operation_and_every_use_an_edge(neuron):
    assert len(parts(draw(neuron), "node")) == 6
    assert len(parts(draw(neuron), "edge")) == 5


def test_a_value_that_is_used_twice_is_one_box_with_two_edges_apart():
    x = Value(3.0, "x")

    edges = [g for g in parsed(draw(x * x)).iter(f"{SVG}g") if g.get("class") == "edge"]

    assert len(parts(draw(x * x), "node")) == 2
    assert len({edge.find(f"{SVG}path").get("d") for edge in edges}) == 2


@pytest.mark.parametrize(
    ("make", "sign"),
    [
        (lambda x: x * 5, "x · 5"),
        (lambda x: 1 / x, "1 / x"),
        (lambda x: x - 1.5, "x − 1.5"),
        (lambda x: x * -1.5, "x · (−1.5)"),
        (lambda x: x**2, "x²"),
        (lambda x: x.maximum(0.25), "max(x, 0.25)"),
        (lambda x: fsum([x, x, *range(100)]), "Σ 0, 1, …"),
    ],
)
def test_a_constant_stands_in_the_operation_it_is_part_of(make, sign):
    y = make(Value(2.0, "x"))

    assert in_nodes(draw(y)) == {"value0": ["x = 2"], "value1": [sign, f"C = {short(y.data)}"]}


def test_before_a_backward_pass_no_gradient_is_shown():
    assert in_nodes(draw(Value(2.0, "x").tanh())) == {"value0": ["x = 2"], "value1": ["tanh", "C = 0.964"]}


def test_a_leaf_alone_can_be_drawn():
    assert texts(draw(Value(2.0, "x"))) == ["x = 2"]


def test_a_network_shows_the_names_of_the_derivations():
    mlp = MLP(2, [2, 1], seed=0)

    lines = [
        line.partition(" = ")[0] for lines in in_nodes(draw(mlp([1.0, 2.0])[0])).values() for line in lines
    ]

    assert {"w¹₀₀", "w¹₀₁", "w¹₁₀", "w¹₁₁", "w²₀₀", "w²₀₁", "b¹₀", "b¹₁", "b²₀"} <= set(lines)
    assert {"a⁰₀", "a⁰₁", "z¹₀", "z¹₁", "a¹₀", "a¹₁", "z²₀"} <= set(lines)


@pytest.mark.parametrize(
    ("data", "number"),
    [
        (Fraction(1, 3), "1/3"),
        (7, "7"),
        (1 / 3, "0.3333"),
        (-1e300, "−1·10³⁰⁰"),
        (float("nan"), "nan"),
        (float("-inf"), "−∞"),
        (sympy.Symbol("t") ** 2, "t**2"),
        (sympy.Symbol("x<y|{z}"), "x<y|{z}"),
    ],
)
def test_numbers_of_every_kind_are_shown(data, number):
    x = Value(data, "x")
    y = x * 1
    y.backward()

    assert in_nodes(draw(y))["value0"] == [f"x = {number}", "∂C/∂x = +1"]


@pytest.mark.parametrize(
    "label",
    [
        "{a}", "a|b", "<b>", "<b", "a\"b", "'", "back\\slash", "end\\", "\\N", "\\n", "\\{", "a&b", "&amp;",
        "&alpha;", "ünï → ∂C/∂w", "日本", "😀", "]]>", "two  spaces", "%s", "node", "-> b; c",
    ],
)  # fmt: skip
def test_a_label_is_shown_as_it_is_whatever_it_means_to_graphviz(label):
    assert texts(draw(Value(1.0, label))) == [f"{label} = 1"]


@pytest.mark.parametrize(
    ("label", "look"),
    [
        ("new\nline", "new\\nline"),
        ("a\ttab", "a\\ttab"),
        ("nul\0", "nul\\x00"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\ud800", "\\ud800"),
        ("\u2028", "\\u2028"),
        ("\u200b", "\\u200b"),
    ],
)
def test_what_has_no_look_of_its_own_is_shown_as_python_writes_it(label, look):
    assert texts(draw(Value(1.0, label))) == [f"{look} = 1"]


@pytest.mark.parametrize("symbol", sorted({row.symbol for row in RULES.values()}))
def test_the_sign_of_every_operation_can_be_drawn(symbol, monkeypatch):
    row = RULES["tanh"]
    monkeypatch.setitem(RULES, "tanh", type("Row", (), {"symbol": symbol, "variadic": False}))

    y = Value.apply_operation(row, (Value(0.5),))

    assert in_nodes(draw(y))["value1"][0] == symbol


def test_the_same_graph_gives_the_same_bytes(neuron):
    assert draw(neuron).pipe() == draw(neuron).pipe()
    program = """
from autograd_lite import draw
from nn import MLP
mlp = MLP(2, [3, 1], seed=0)
y = mlp([1, 2])[0]
y.backward()
for detail in ("operations", "neurons", "layers"):
    print(draw(y, detail=detail).pipe(encoding="utf-8"))
picture = draw(y, highlight=mlp.weights(1)[0][1])
print(picture.source, picture.pipe(encoding="utf-8"))
"""
    root = str(Path(autograd_lite.__file__).parents[1])
    sources = {
        subprocess.check_output(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONPATH": root, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        )
        for seed in ("1", "2")
    }
    assert len(sources) == 1


def test_a_long_chain_needs_no_recursion():
    x = start = Value(0.5)
    for _ in range(3000):
        x = relu(x)

    assert draw(x, detail="neurons").source.count("->") == 3000
    assert "3001 of" not in (text := draw(x, highlight=start).source)
    assert "…" in text


def test_drawing_changes_nothing(neuron):
    before = autograd_lite.export(neuron)

    for detail in ("operations", "neurons", "layers"):
        draw(neuron, detail=detail).pipe()
    draw(neuron, highlight=neuron.parents[0])

    assert autograd_lite.export(neuron) == before


@pytest.mark.parametrize("root", [3, 3.0, None, "x", [Value(1.0)], object(), MLP])
def test_only_values_are_drawn(root):
    with pytest.raises(
        TypeError, match=f"draw takes a Value, the root of a graph, or a network, not {type(root).__name__}"
    ):
        draw(root)


@pytest.mark.parametrize("function", [draw, explain, explore, partial(animate_backward, path="x.gif")])
def test_of_a_list_of_values_one_is_meant(function):
    with pytest.raises(TypeError, match=r"pass one of them, as in \w+\(mlp\(x\)\[0\]\)"):
        function(MLP(2, [1], seed=0)([1.0, 2.0]))


def test_what_has_a_method_draw_is_asked_to_draw_itself():
    class Network:
        def draw(self, *arguments, **options):
            return arguments, options

    assert draw(Network(), [1.0], weights=True) == (([1.0],), {"weights": True})


# ------------------------------------------------------------------------------ without a system's Graphviz


@pytest.mark.parametrize("magic", [("svg", b"<?xml"), ("png", b"\x89PNG"), ("jpeg", b"\xff\xd8\xff")])
def test_pipe_returns_the_picture(neuron, magic):
    format, start = magic

    assert draw(neuron).pipe(format).startswith(start)
    assert draw(neuron).pipe(format=format).startswith(start)


def test_pipe_returns_text_in_an_encoding(neuron):
    neuron.label = "ä"

    as_bytes = draw(neuron).pipe()

    assert draw(neuron).pipe(encoding="utf-8") == as_bytes.decode("utf-8")
    assert draw(neuron).pipe(encoding="latin-1") == as_bytes.decode("latin-1")


def test_a_copy_draws_as_well(neuron):
    picture = draw(neuron)

    copied = picture.copy()

    assert type(copied) is type(picture)
    assert copied.pipe() == picture.pipe()


def test_every_part_keeps_its_place_whatever_program_lays_out_the_source(neuron):
    assert draw(neuron).pipe(engine="circo") == draw(neuron).pipe()


def test_nothing_is_printed(tmp_path, capfd):
    # Letters such as Σ, whose width is not known, make the program warn.
    picture = draw(MLP(2, [1])([1.0, 2.0])[0])
    picture.pipe()
    # So does Graphviz's view.
    picture.render(tmp_path / "a", quiet=False)

    assert capfd.readouterr() == ("", "")


RENDERINGS = {
    "nothing": {},
    "outfile": {"outfile": "a/b.svg"},
    "outfile and cleanup": {"outfile": "a/b.svg", "cleanup": True},
    "outfile of another format": {"outfile": "b.png"},
    "outfile and format": {"outfile": "b.svg", "format": "svg"},
    "filename": {"filename": "name"},
    "filename with an ending": {"filename": "name.dot"},
    "filename and directory": {"filename": "name", "directory": "x/y"},
    "directory and format": {"directory": "x", "format": "png"},
    "filename and outfile": {"filename": "s.gv", "outfile": "o.svg"},
    "outfile and directory": {"outfile": "o.svg", "directory": "x"},
    "cleanup": {"filename": "name", "cleanup": True},
    "path objects": {"filename": Path("p") / "name", "format": "svg"},
    "quiet": {"outfile": "o.svg", "quiet": True},
    "renderer": {"filename": "name", "format": "png", "renderer": "cairo"},
}


def rendered(folder, source, cls, options, monkeypatch):
    folder.mkdir()
    monkeypatch.chdir(folder)
    picture = cls(name="G", body=source, format="svg")
    try:
        outcome = picture.render(**options)
    except (ValueError, subprocess.CalledProcessError):
        outcome = "refused"
    files = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    return outcome, files


@pytest.mark.skipif(os.name == "nt", reason="a link stands in for the system's dot")
@pytest.mark.parametrize("options", RENDERINGS.values(), ids=RENDERINGS)
def test_render_does_what_graphviz_does(tmp_path, neuron, monkeypatch, options):
    body = draw(neuron).body
    ours = rendered(tmp_path / "ours", body, picture_module.Picture, options, monkeypatch)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "dot").symlink_to(programs._program())
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    theirs = rendered(tmp_path / "theirs", body, graphviz.Digraph, options, monkeypatch)

    assert ours == theirs


def test_render_leaves_its_source_unless_asked_to_clean_up(tmp_path, neuron):
    picture = draw(neuron)

    assert picture.render(outfile=tmp_path / "a.svg") == str(tmp_path / "a.svg")
    assert picture.render(outfile=tmp_path / "b.svg", cleanup=True) == str(tmp_path / "b.svg")

    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.gv", "a.svg", "b.svg"]
    assert (tmp_path / "a.gv").read_text(encoding="utf-8") == picture.source
    assert "tanh" in (tmp_path / "a.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("use", [lambda p: p.pipe("eps"), lambda p: p.pipe("eps", encoding="utf-8")])
def test_a_format_that_needs_a_systems_graphviz_says_so(neuron, use):
    with pytest.raises(
        ValueError, match=r"graphviz-pure cannot draw this: .*eps.*a system's Graphviz, once installed"
    ):
        use(draw(neuron))


def test_so_it_does_of_a_picture_that_is_not_read_to_its_end():
    # The program ends before it has read more than a pipe holds, and writing to it fails.
    picture = draw(fsum([Value(float(i)) for i in range(1000)]), detail="neurons")

    with pytest.raises(ValueError, match=r"graphviz-pure cannot draw this: .*eps"):
        picture.pipe("eps")


def test_so_does_a_file_in_such_a_format_and_none_is_left(tmp_path, neuron):
    for write in (draw(neuron).save, lambda path: draw(neuron).render(outfile=path)):
        with pytest.raises(ValueError, match="without it there are svg, png, jpg, pdf, tex, gv and json"):
            write(tmp_path / "a.eps")

    assert list(tmp_path.iterdir()) == []


def test_without_any_layout_program_the_error_says_what_to_install(neuron, monkeypatch):
    def nowhere(name):
        raise programs.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(programs.metadata, "files", nowhere)

    for use in (lambda p: p.pipe(), lambda p: p.render(), lambda p: p._repr_mimebundle_()):
        with pytest.raises(
            RuntimeError, match="drawing needs a layout program: `pip install graphviz-pure`"
        ) as caught:
            use(draw(neuron))
        assert not isinstance(caught.value, graphviz.ExecutableNotFound)


def test_other_users_of_graphviz_notice_nothing(neuron):
    draw(neuron).pipe()
    with pytest.raises(ValueError, match="cannot draw this"):
        draw(neuron).pipe("eps")

    assert str(dot_command.DOT_BINARY) == "dot"


def test_threads_may_draw_at_once(neuron):
    expected = draw(neuron).pipe()

    with ThreadPoolExecutor(4) as pool:
        pictures = list(pool.map(lambda _: draw(neuron).pipe(), range(8)))

    assert pictures == [expected] * 8


# ------------------------------------------------------------------------------ with a system's Graphviz


@pytest.fixture
def system_dot(tmp_path, monkeypatch):
    """Put a ``dot`` on the path that writes down how it was called, and warns; return where it writes."""
    folder, log = tmp_path / "system", tmp_path / "log"
    folder.mkdir()
    script = folder / "dot"
    script.write_text(
        f'#!/bin/sh\necho "$@" >> "{log}"\nwhile read -r line; do :; done\necho drawn by dot\n'
        "echo Warning: cell size too small for content >&2\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return log


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for the system's dot")
def test_a_systems_dot_is_used_where_there_is_one(system_dot, neuron, tmp_path, capfd):
    assert draw(neuron).pipe() == b"drawn by dot\n"
    assert draw(neuron).pipe("pdf", encoding="utf-8") == "drawn by dot\n"
    assert draw(neuron).render(outfile=tmp_path / "a.pdf") == str(tmp_path / "a.pdf")

    assert system_dot.read_text().splitlines() == ["-Kdot -Tsvg", "-Kdot -Tpdf", "-Kdot -Tpdf -o a.pdf a.gv"]
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for the system's dot")
def test_so_is_one_that_graphviz_was_told_of(system_dot, neuron, monkeypatch):
    monkeypatch.setattr(dot_command, "DOT_BINARY", system_dot.parent / "system" / "dot")
    monkeypatch.setenv("PATH", "")

    assert draw(neuron).pipe() == b"drawn by dot\n"


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_dot_that_cannot_be_run_is_none(system_dot, neuron):
    (system_dot.parent / "system" / "dot").chmod(0o644)

    assert draw(neuron).pipe().startswith(b"<?xml")


def test_an_option_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(TypeError, match=r"no option 'details'; did you mean 'detail'\?"):
        draw(Value(1.0) * 2, details="neurons")


# ------------------------------------------------------------------------------------------ by a function


@pytest.fixture
def by_function(request):
    """Lay out by a function, which runs the program by itself; return how it is called."""
    program, calls = programs._program(), []

    def layout(source, format, engine):
        calls.append((format, engine))
        command = [program, f"-K{engine}", f"-T{format}"]
        content = subprocess.run(command, input=source.encode(), capture_output=True, check=True).stdout
        return content.decode() if request.param == "text" else content

    use_layout(layout)
    yield calls
    use_layout(None)


@pytest.mark.parametrize("by_function", ["text", "bytes"], indirect=True)
def test_a_function_lays_out_what_a_program_would(by_function, neuron, tmp_path):
    network = MLP(2, [3, 1], seed=1)

    def all_of_it():
        picture = draw(neuron)
        explore(neuron).save(tmp_path / "page.html")
        made = [tmp_path / "page.html", picture.save(tmp_path / "a.svg"), picture.save(tmp_path / "a.tex")]
        made.append(Path(picture.render(outfile=tmp_path / "b.svg", cleanup=True)))
        texts = picture.pipe("svg"), picture.pipe(encoding="utf-8"), network.draw().pipe()
        return [*texts, *(path.read_bytes() for path in made)]

    ours = all_of_it()

    assert set(by_function) == {("svg", "dot"), ("json", "dot"), ("svg", "neato")}
    use_layout(None)
    assert ours == all_of_it()


@pytest.mark.parametrize("by_function", ["text"], indirect=True)
def test_by_a_function_a_notebook_gets_no_pixels_unless_it_asks_for_them(by_function, neuron):
    assert [*draw(neuron)._repr_mimebundle_()] == ["text/html"]
    assert by_function == [("svg", "dot")]


def test_what_a_function_raises_is_not_hidden(neuron):
    use_layout(lambda source, format, engine: {"svg": "drawn"}[format])
    try:
        assert draw(neuron).pipe("svg", encoding="utf-8") == "drawn"
        with pytest.raises(KeyError, match="png"):
            draw(neuron).pipe("png")
    finally:
        use_layout(None)


def test_a_layout_that_is_no_function_is_refused():
    with pytest.raises(
        TypeError, match="a layout is a function of a source, a format and an engine, not 'dot'"
    ):
        use_layout("dot")


def test_a_layout_is_fetched_in_browsers_alone():
    with pytest.raises(RuntimeError, match="for Python in a browser; here pictures need no such thing"):
        asyncio.run(load_layout())
