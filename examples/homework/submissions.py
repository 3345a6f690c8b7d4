"""Submissions, each in a process of its own, seen from outside: functions that ask it and wait for an answer.

What comes back are arrays, by which the tests judge; what a submission does to its own process counts for
nothing. This is no sandbox: a submission runs with the rights of whoever grades it. Grade on a machine, or in
a container, on which that does no harm.
"""

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path

import numpy as np

CHILD = Path(__file__).with_name("child.py")
MOST_CHARACTERS = 50_000_000


class Submission:
    """One file that was handed in; its process is started when a function is called."""

    def __init__(self, path, seconds):
        self.path, self.seconds = Path(path), seconds
        self.folder = Path(tempfile.mkdtemp(prefix="submission-"))
        self.source = self.path.read_bytes()
        self.process = None
        self.given_up = ""

    def function(self, name):
        """Return a function that is called here and computed there."""
        return Proxy(self, name)

    def ask(self, request):
        if self.given_up:
            raise _error("Timeout", self.given_up)
        if self.process is None or self.process.poll() is not None:
            self._start()
        with contextlib.suppress(OSError):  # an answer will be missing
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        try:
            line = self.answers.get(timeout=self.seconds)
        except queue.Empty:
            self.given_up = f"no answer after {self.seconds:g} s: does a loop never end?"
            self.close()
            raise _error("Timeout", self.given_up) from None
        try:
            answer = dict(json.loads(line))
        except (TypeError, ValueError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(1)
            code = self.process.poll()
            how = "answers nonsense" if code is None else f"ended without an answer, with exit code {code}"
            self.close()
            raise _error("Ended", f"its program {how}") from None
        if answer.get("last"):
            self.close()
        return answer

    def _start(self):
        self.close()
        # It works on a copy, which it may delete.
        copy = self.folder / self.path.name
        copy.write_bytes(self.source)
        package = str(Path(find_spec("autograd_lite").origin).parents[1])
        self.process = subprocess.Popen(
            [sys.executable, "-E", "-X", "utf8", str(CHILD), str(copy), package],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self.answers = queue.Queue()
        threading.Thread(target=_read, args=(self.process.stdout, self.answers), daemon=True).start()
        threading.Thread(target=_drain, args=(self.process.stderr,), daemon=True).start()

    def close(self):
        """End its process, and those that it started."""
        if self.process is not None:
            with contextlib.suppress(OSError):
                if hasattr(os, "killpg"):
                    os.killpg(self.process.pid, signal.SIGKILL)
                else:
                    self.process.kill()
            self.process.wait()
            self.process = None

    def remove(self):
        """End it and take away its folder."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Proxy:
    """A function of a submission."""

    def __init__(self, submission, name):
        self.submission, self.__name__ = submission, name

    def __call__(self, weights, biases, X, Y):
        arguments = [weights, biases, X, Y]
        answer = self.submission.ask({"function": self.__name__, "arguments": _encode(arguments)})
        print(answer.get("printed", ""), end="")
        try:
            if "error" not in answer:
                _set(arguments, _decode(answer["arguments"], {}))
                return _decode(answer["result"], {})
            kind, text, where = (str(answer["error"][key]) for key in ("kind", "text", "where"))
        except (KeyError, TypeError, ValueError, AttributeError):
            kind, text, where = "Nonsense", "what it answers are no arrays", ""
        raise _error(kind, where + text)


class Other(str):
    """Something that is no array, as it is written."""

    __slots__ = ()
    __iter__ = None
    __repr__ = str.__str__


def _read(stream, answers):
    with contextlib.suppress(ValueError, OSError):
        while line := stream.readline(MOST_CHARACTERS):
            answers.put(line)
    answers.put("")


def _drain(stream):
    with contextlib.suppress(ValueError, OSError):
        while stream.read(1 << 16):
            pass


def _encode(part):
    if isinstance(part, list):
        return [_encode(entry) for entry in part]
    return {"shape": part.shape, "numbers": part.ravel().tolist()}


def _decode(part, arrays):
    """Return what came as JSON; arrays that were one and the same there are so here."""
    if isinstance(part, list):
        return [_decode(entry, arrays) for entry in part]
    if "named" in part:
        return {name: _decode(entry, arrays) for name, entry in part["named"].items()}
    if "other" in part:
        return Other(part["other"])
    array = np.array(part["numbers"], dtype=float).reshape(part["shape"])
    if not part["shape"]:
        return array.item()
    return arrays.setdefault(part["id"], array)


def _set(arrays, others):
    """Give arrays the numbers that they have in the other process, where it changed them."""
    for array, other in zip(arrays, others, strict=False):
        if isinstance(array, list):
            _set(array, other)
        elif array.shape == other.shape:
            array[...] = other


def _error(kind, text):
    return type(kind if kind.isidentifier() else "Error", (Exception,), {})(text)
