"""What importing the engine takes, in a fresh interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from statistics import median

from tests.benchmarks.timing import Options, duration, print_table, seconds, verdict

TARGET = 50
"""At most how many milliseconds the import may take."""

ROOT = Path(__file__).parents[2]


def interpreter_seconds(program: str) -> float:
    """Return the seconds from the start of an interpreter to its end."""
    # As users have it, with compiled modules on disk.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return seconds(
        lambda: subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=True)
    )


def run(options: Options) -> None:
    """Print the table; the difference is taken pair by pair."""
    bare, whole = [], []
    interpreter_seconds("import autograd_lite")  # compiles it, where it was not
    for _ in range(2 * options.rounds):
        bare.append(interpreter_seconds("pass"))
        whole.append(interpreter_seconds("import autograd_lite"))
    imports = [w - b for w, b in zip(whole, bare, strict=True)]
    rows = [
        {"what": "the interpreter alone", "time": duration(bare), "target": ""},
        {"what": "with import autograd_lite", "time": duration(whole), "target": ""},
        {
            "what": "the import",
            "time": duration(imports),
            "target": verdict(1000 * median(imports), TARGET, " ms", at_most=True),
        },
    ]
    print_table("Import time", rows)
