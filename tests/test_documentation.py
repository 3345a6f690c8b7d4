"""What editors, ``pydoc`` and pdoc show of the public names: something, and without complaints."""

import inspect
import pydoc
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import autograd_lite

ROOT = Path(__file__).parents[1]
DOORS = ("autograd_lite", "nn", "nn.data", "nn.matrix", "nn.per_weight")
# Without these pages the others do not show what an MLP inherits.
UNDER_THEM = ("nn.neurons", "nn.module")


def public_names():
    for door in DOORS:
        yield from ((door, name) for name in import_module(door).__all__)


NAMES = list(public_names())


def members(kind):
    """Yield what a class of ours defines for others: methods and properties."""
    for base in kind.__mro__:
        if base.__module__.partition(".")[0] in ("autograd_lite", "nn"):
            for name, member in vars(base).items():
                if not name.startswith("_") and (inspect.isroutine(member) or isinstance(member, property)):
                    yield f"{base.__qualname__}.{name}", member


@pytest.mark.parametrize(("door", "name"), NAMES)
def test_a_public_name_has_a_text(door, name):
    module = import_module(door)
    thing = getattr(module, name)
    if not (inspect.isroutine(thing) or inspect.isclass(thing)):
        assert re.search(rf"\b{name}\b", inspect.getdoc(module)), name
        return
    text = inspect.getdoc(thing)
    assert text
    assert text.strip()[0].isupper()
    if inspect.isclass(thing):
        for member, function in members(thing):
            assert inspect.getdoc(function), member


@pytest.mark.parametrize("name", ["autograd_lite.tanh", "autograd_lite.lift", "nn.fit", "nn.MLP.explain"])
def test_pydoc_shows_the_signature_and_the_text(name):
    shown = pydoc.render_doc(name, renderer=pydoc.plaintext)
    thing = pydoc.locate(name)
    assert f"{name.rpartition('.')[2]}(" in shown
    assert inspect.getdoc(thing).splitlines()[0] in shown


@pytest.mark.parametrize("door", ["autograd_lite", "nn"])
def test_pydoc_lists_what_is_imported_late(door):
    shown = pydoc.render_doc(door, renderer=pydoc.plaintext)
    for name in import_module(door).__all__:
        assert re.search(rf"\b{name}\b", shown), name


def test_what_is_documented_as_a_function_is_no_method_where_a_class_has_it():
    class Neuron:
        activation = autograd_lite.tanh

    assert Neuron().activation is Neuron.activation is autograd_lite.RULES["tanh"]


def test_what_is_to_be_documented_is_asked_for_by_all():
    program = (
        "import autograd_lite, nn; assert 'lift' not in vars(autograd_lite) and 'MLP' not in vars(nn);"
        "print(all(name in vars(m) for m in (autograd_lite, nn) for name in m.__all__))"
    )
    printed = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert (printed.stdout, printed.stderr) == ("True\n", "")


@pytest.mark.slow
def test_pdoc_makes_pages_without_a_warning(tmp_path):
    for package in ("pdoc", "matplotlib"):  # of which the annotations of plots speak
        pytest.importorskip(package)
    result = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-m",
            "pdoc",
            "-d",
            "numpy",
            "-o",
            str(tmp_path),
            *DOORS,
            *UNDER_THEM,
        ],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    for door in DOORS:
        page = (tmp_path / f"{door.replace('.', '/')}.html").read_text(encoding="utf-8")
        for name in (name for of, name in NAMES if of == door):
            assert f'id="{name}"' in page, f"{door}.{name}"
    # What is called is shown as a function, with its text, not as a variable.
    assert re.search(
        r'<span class="def">def</span>\s*<span class="name">tanh</span>',
        (tmp_path / "autograd_lite.html").read_text(encoding="utf-8"),
    )
