"""A tool for GradBench, the benchmark suite for automatic differentiation, by which this project takes part.

GradBench starts a tool and talks to it through pipes: a message in JSON a line, an answer in JSON a line. Try
it by hand, from the root of this repository:

    $ python -m examples.gradbench
    {"id": 0, "kind": "start"}
    {"id": 1, "kind": "define", "module": "hello"}
    {"id": 2, "kind": "evaluate", "module": "hello", "function": "double", "input": 3}

or, in a clone of GradBench with this project installed, and PYTHONPATH set to the root of this repository,

    $ ./gradbench run --eval "./gradbench repo eval llsq" --tool "python -m examples.gradbench"

What an eval asks for is in evals.py: each function is written on scalars, with loops, and lifted to arrays;
with ``--compiler numba`` it is compiled. Lifting is preparation, as the compiler's work is in other tools.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from examples.gradbench.evals import modules

Message = Mapping[str, Any]
Modules = Mapping[str, Mapping[str, Callable[[Any], Any]]]


def answer(message: Message, known: Modules) -> dict[str, Any]:
    """Return what is to be said to a message."""
    if message["kind"] == "start":
        found: dict[str, Any] = {"tool": "autograd-lite"}
    elif message["kind"] == "define":
        found = {"success": message["module"] in known}
        if not found["success"]:
            found["error"] = f"there is no {message['module']!r} here, only {', '.join(known)}"
    elif message["kind"] == "evaluate":
        try:
            found = evaluated(known[message["module"]][message["function"]], message["input"])
        except Exception:
            found = {"success": False, "error": traceback.format_exc()}
    else:
        found = {}
    return {"id": message["id"], **found}


def evaluated(prepare: Callable[[Any], Any], given: Any) -> dict[str, Any]:
    """Run a function as often as is asked for, and return its output with all times."""
    run, written = prepare(given)
    runs, seconds = (given["min_runs"], given["min_seconds"]) if isinstance(given, dict) else (1, 0)
    times: list[int] = []
    while len(times) < max(1, runs) or sum(times) < 1e9 * seconds:
        start = time.perf_counter_ns()
        output = run()
        times.append(time.perf_counter_ns() - start)
    timings = [{"name": "evaluate", "nanoseconds": nanoseconds} for nanoseconds in times]
    return {"success": True, "output": written(output), "timings": timings}


def serve(messages: TextIO, answers: TextIO, known: Modules) -> None:
    """Answer messages, a line each, until there are no more."""
    for line in messages:
        print(json.dumps(answer(json.loads(line), known)), file=answers, flush=True)


def main() -> None:
    """Serve standard input."""
    parser = argparse.ArgumentParser(prog="python -m examples.gradbench", description="A tool for GradBench.")
    parser.add_argument("--compiler", choices=["numba"], help="what compiles the lifted programs")
    serve(sys.stdin, sys.stdout, modules(parser.parse_args().compiler))


if __name__ == "__main__":
    main()
