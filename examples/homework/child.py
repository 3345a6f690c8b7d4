"""Runs one submission in a process of its own: calls its functions when asked, and sends the arrays back.

``python -E child.py SUBMISSION PACKAGES``: a line of JSON in, a line of JSON out. It is no sandbox: the
submission may do whatever its user may. It only has no part in the verdict.
"""

import contextlib
import importlib.util
import io
import json
import linecache
import os
import sys
import traceback
from pathlib import Path

import numpy as np

MOST_NUMBERS = 1_000_000
MOST_PRINTED = 2000
NOT_FOR_SUBMISSIONS = ("autograd_lite", "nn", "autograd", "jax", "tensorflow", "torch")


def main(path):
    """Answer requests until there are no more."""
    # What it prints, and what it reads, must not mix with the answers and the requests.
    requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.modules.update(dict.fromkeys(NOT_FOR_SUBMISSIONS))  # to import them is an error now
    sys.path[0] = str(path.parent)  # not the folder of this file
    module = None
    for line in requests:
        request = json.loads(line)
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                module = module or load(path)
                answer = call(module, **request)
        except BaseException as error:  # also exit() is something to report
            answer = {"error": told(error, path, request)}
        # What is not for submissions may have helped to explain an error: the next call finds a new process.
        last = any(sys.modules.get(name) for name in NOT_FOR_SUBMISSIONS)
        printed = printed.getvalue()[:MOST_PRINTED]
        answers.write(json.dumps({**answer, "printed": printed, "last": last}) + "\n")
        answers.flush()
        if last:
            break


def load(path):
    """Return the submission as a module."""
    spec = importlib.util.spec_from_file_location("submission", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def call(module, function, arguments):
    """Call a function; return its result, and the arguments as they are afterwards."""
    given = decode(arguments)
    result = getattr(module, function)(*given)
    return {"result": encode(result), "arguments": encode(given)}


def decode(parts):
    """Return arrays, and lists of arrays, from lists and ``{"shape": …, "numbers": …}``."""
    if isinstance(parts, list):
        return [decode(part) for part in parts]
    return np.array(parts["numbers"], dtype=float).reshape(parts["shape"])


def encode(result):
    """Return a result for JSON; an array that comes twice has the same id."""
    same = id(result)
    if result is ...:
        raise TypeError("it is Ellipsis")
    if hasattr(result, "detach"):
        result = result.detach().numpy()
    if isinstance(result, dict):
        return {"named": {str(name): encode(part) for name, part in result.items()}}
    if isinstance(result, (list, tuple)):
        return [encode(part) for part in result]
    array = np.asarray(result)
    if array.dtype.kind not in "fiub":
        return {"other": f"{result!r:.80}"}
    if array.size > MOST_NUMBERS:
        raise ValueError(f"it returned {array.size:,} numbers")
    return {"shape": array.shape, "numbers": array.astype(float).ravel().tolist(), "id": same}


def told(error, path, request):
    """Return the kind of an error, what it says, and where in the submission it came from."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    where = ""
    if frames:
        line = linecache.getline(str(path), frames[-1].lineno).strip()
        where = f"in line {frames[-1].lineno}" + (f", `{line}`" if line else "") + ": "
    text = str(error)
    if isinstance(error, ImportError) and (error.name or "").partition(".")[0] in NOT_FOR_SUBMISSIONS:
        text = f"{error.name} is not for submissions: use NumPy alone"
    if "ellipsis" in text.lower():
        text = f"a hole, ..., is not filled yet ({text})"
    if isinstance(error, ValueError) and frames and (of_shapes := shapes(error, request)):
        text, where = of_shapes, ""
    return {"kind": type(error).__name__, "text": text[:1000], "where": where}


def shapes(error, request):
    """Return what is to be said of arrays that do not fit, if that is the error."""
    for name in NOT_FOR_SUBMISSIONS:
        del sys.modules[name]
    sys.path[:0] = PACKAGE
    # By the second door: a submission may be called nn.py.
    from autograd_lite.nn.diagnosis import told_of_error

    said = told_of_error(error, request["function"], [])
    return said and said.removeprefix(f"{request['function']} fails ")


PACKAGE = sys.argv[2:]

if __name__ == "__main__":
    main(Path(sys.argv[1]))
