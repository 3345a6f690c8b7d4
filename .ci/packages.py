"""Builds the sdist and the wheel, checks them, and uses the wheel in an environment where nothing else is.

Run from the root of a checkout, where ``build``, ``twine`` and ``check-wheel-contents`` are installed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PROGRAM = """
from autograd_lite import Value, draw, explain, explore
from nn import MLP, explore_network, fit
from nn.data import iris, xor

fit(MLP(4, [3, 3], seed=0), iris().inputs, iris().labels, cost="cross_entropy", epochs=2)
x = Value(0.5, "x")
y = x.tanh()
y.backward()
print(explain(y, x))
draw(y).render(outfile="picture.svg", cleanup=True)
explore(y, "page.html")
explore_network(MLP(2, [2, 2], seed=0), xor(), "network.html")
"""

TEST = """
def test_it(check_backprop):
    assert callable(check_backprop)
"""


def main():
    """Run all checks; the first that fails ends them."""
    folder = Path(tempfile.mkdtemp())
    try:
        wheel = build(folder / "dist")
        use(wheel, folder)
        print("\nbuilt, checked, and used: alone, beside another nn, and without a layout program")
    finally:
        shutil.rmtree(folder)


def build(dist):
    """Return the wheel, after all that can be said of it without installing it."""
    run(sys.executable, "-m", "build", "--outdir", dist)  # the sdist, and from it the wheel
    run(sys.executable, "-m", "build", "--wheel", "--outdir", dist / "straight")
    (sdist,), (wheel,), (straight,) = (dist.glob(name) for name in ("*.tar.gz", "*.whl", "straight/*.whl"))
    run(sys.executable, "-m", "twine", "check", "--strict", sdist, wheel)
    run(sys.executable, "-m", "check_wheel_contents", wheel)
    assert contents(wheel) == contents(straight), "the sdist makes another wheel than the checkout"
    here = {
        path.as_posix(): path.read_bytes()
        for package in ("autograd_lite", "nn")
        for path in Path(package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    packed = {name: data for name, data in contents(wheel).items() if ".dist-info/" not in name}
    assert packed == here, f"not in both: {sorted(packed.keys() ^ here.keys())}"
    print(f"{wheel.name} has the {len(packed)} files that are here, also by way of {sdist.name}")
    return wheel


def contents(wheel):
    """Return the files in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def use(wheel, folder):
    """Use a wheel in an empty environment: alone, beside another nn, and without a layout program."""
    run(sys.executable, "-m", "venv", folder / "environment")
    python = folder / "environment" / "bin" / "python"
    alone, beside = folder / "alone", folder / "beside"
    alone.mkdir()
    beside.mkdir()

    run(python, "-m", "pip", "install", "--quiet", wheel)
    run(python, "-m", "autograd_lite", cwd=alone)
    run(python.with_name("autograd-lite"), "explain", "x*x", "x=3", cwd=alone)
    run(python, "-c", PROGRAM, cwd=alone)

    (beside / "nn.py").write_text("raise SystemExit('a nn.py of somebody else was run')\n", encoding="utf-8")
    (beside / "test_mine.py").write_text(TEST, encoding="utf-8")
    assert f"nn is {(beside / 'nn.py').resolve()} here" in run(python, "-m", "autograd_lite", cwd=beside)
    run(python, "-c", PROGRAM.replace("from nn", "from autograd_lite.nn"), cwd=beside)
    run(python, "-m", "pip", "install", "--quiet", "pytest")
    run(python, "-m", "pytest", cwd=beside)

    run(python, "-m", "pip", "uninstall", "--quiet", "--yes", "graphviz-pure")
    said = run(python, "-m", "autograd_lite", "draw", "x*x", "x=3", cwd=alone, path=python.parent, status=2)
    assert "`pip install graphviz-pure`" in said


def run(*command, cwd=None, path=None, status=0):
    """Return what a command prints, and print it too; it must end with that status."""
    print(f"\n$ {' '.join(map(str, command))}", flush=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    result = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=environment | ({"PATH": str(path)} if path else {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    print(result.stdout, end="", flush=True)
    assert result.returncode == status, f"it ended with status {result.returncode}, not {status}"
    return result.stdout


if __name__ == "__main__":
    main()
