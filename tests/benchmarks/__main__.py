"""Measures the yardsticks afresh and prints them: ``python -m tests.benchmarks``, from the repository root.

Peers that are not installed are left out: micrograd, torch, jax, autograd, casadi.
"""

from __future__ import annotations

import argparse
import os
import platform
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from tests.benchmarks.timing import Options

PROGRAMS = {
    "moons": "a training step of a small network",
    "calls": "what a call of a lifted function costs above its program, by structure of arguments",
    "gpt": "a GPT block on scalars",
    "digits": "mini-batches of handwritten digits, lifted and by hand",
    "kernels": "the kernels of published lifting suites, by their names",
    "gradbench": "GradBench's objectives, lifted, by hand, and by others",
    "lifting": "what lifting takes, in time and memory, and whether it stays so in large graphs",
    "nodes": "what a node takes, in bytes and time, and whether it stays so in large graphs",
    "start": "what importing the engine takes",
}
PEERS = ("numpy", "micrograd", "torch", "jax", "autograd", "casadi", "scikit-learn")


def main() -> None:
    """Run what the command line asks for."""
    listing = "\n".join(f"  {name:10}{what}" for name, what in PROGRAMS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure autograd-lite beside its peers, in turns in one process. Without names: all.",
        epilog=f"programs:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("programs", nargs="*", metavar="program", help=", ".join(PROGRAMS))
    parser.add_argument("--rounds", type=int, help="rounds of every measurement (default 15, or 3 if quick)")
    parser.add_argument("--quick", action="store_true", help="few rounds and no graph of ten million edges")
    arguments = parser.parse_args()
    for name in arguments.programs:
        if name not in PROGRAMS:
            parser.error(f"there is no program {name!r}: choose from {', '.join(PROGRAMS)}")
    rounds = arguments.rounds if arguments.rounds is not None else 3 if arguments.quick else 15
    if rounds < 1:
        parser.error(f"--rounds must be at least 1, not {rounds}")

    for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(variable, "1")  # before anybody imports NumPy: all peers have one thread
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {', '.join(_versions())}.")
    print(f"Medians of {rounds} rounds (smallest–largest); ratios are medians over the rounds.")
    for name in arguments.programs or PROGRAMS:
        import_module(f"tests.benchmarks.{name}").run(Options(rounds, arguments.quick))
        print(f"Load of the machine: {_load()}.", flush=True)


def _versions() -> list[str]:
    found = []
    for peer in PEERS:
        try:
            found.append(f"{peer} {version(peer)}")
        except PackageNotFoundError:
            found.append(f"no {peer}")
    return found


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f} in the last minute" if hasattr(os, "getloadavg") else "unknown"


if __name__ == "__main__":
    main()
