"""The tests of the tasks: each fact of facts.py, tried on your file of that task; `-k task_3` chooses.

The rest makes the message of a failure: what was found, the lines that found it, and the reason.
"""

import _thread
import ast
import importlib
import inspect
import re
import sys
import textwrap
import threading
import traceback
from contextlib import contextmanager
from pathlib import Path

import facts
import pytest

FOLDER = Path(__file__).parent
SECONDS = 5


@pytest.mark.parametrize("fact", facts.FACTS, ids=lambda fact: fact.__name__)
def test_build_it(fact, request):
    """The fact is true of your engine. If it is not, the first task that is wrong is the one to look at."""
    one_file = request.config.getoption("engine")
    file_of = (lambda task: request.config.invocation_params.dir / one_file) if one_file else task_file
    message = failure(fact, file_of)
    if message:
        earlier = [other for other in facts.FACTS if task_of(other) < task_of(fact)]
        first = next(filter(None, (failure(other, file_of) for other in earlier)), None)
        builds = f"task {task_of(fact)} builds on those before it, and one of these is not right yet:\n"
        pytest.fail(builds + first if first else message, pytrace=False)


def task_of(fact):
    """Return the number in a fact's name."""
    return int(fact.__name__.split("_")[1])


def task_file(task):
    """Return the path of the file with that task's hole."""
    return next(FOLDER.glob(f"task_{task}_*.py"))


def failure(fact, file_of):
    """Return what to tell the student, or None if the fact is true."""
    file = file_of(task_of(fact))
    try:
        with limited(SECONDS):
            fact(loaded(file))
    except AssertionError as error:
        return told(fact, file, error, str(error))
    except SyntaxError as error:
        return f"task {task_of(fact)}: Python cannot read your file. It says: {error}"
    except (Exception, SystemExit) as error:
        return told(fact, file, error, f"{type(error).__name__}: {error}{where(error, file)}")
    return None


def loaded(file):
    """Return the student's file as a module."""
    if str(file.parent) not in sys.path:
        sys.path.insert(0, str(file.parent))
    return importlib.import_module(file.stem)


@contextmanager
def limited(seconds):
    """Interrupt what takes longer, as Ctrl-C would."""
    rung = threading.Event()

    def ring():
        rung.set()
        _thread.interrupt_main()

    timer = threading.Timer(seconds, ring)
    timer.start()
    try:
        yield
    except KeyboardInterrupt as interrupt:
        if not rung.is_set():
            raise
        late = TimeoutError(f"no answer after {seconds} seconds, as if a loop never ended")
        raise late.with_traceback(interrupt.__traceback__) from None
    finally:
        timer.cancel()


def where(error, file):
    """Return the place in the student's folder where an error arose."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_students(frame, file)]
    if not frames:
        return ""
    return f"\nin {Path(frames[-1].filename).name}, line {frames[-1].lineno}: {frames[-1].line}"


def is_students(frame, file):
    """Tell whether a frame of a traceback lies in one of the student's files."""
    path = Path(frame.filename)
    return path == file or (path.parent == file.parent and path.name.startswith("task_"))


def told(fact, file, error, finding):
    """Return the message: the finding, the fact's program, the reason, and where to go on."""
    task = task_of(fact)
    return "\n".join(
        [
            f"task {task}: {finding}",
            "",
            textwrap.indent(re.sub(r"\bengine(\.|, )", "", program(fact, error)), "    "),
            "",
            fact.__doc__,
            f"Your file: {file.name}. If you are stuck: python {shown(FOLDER / 'hint.py')} {task} 1",
        ]
    )


def program(fact, error):
    """Return the lines of a fact up to the one that failed, without what it expects of them."""
    source = textwrap.dedent(inspect.getsource(fact))
    frames = traceback.extract_tb(error.__traceback__)
    failed = next((f.lineno for f in frames if f.name == fact.__name__), fact.__code__.co_firstlineno)
    last = failed - fact.__code__.co_firstlineno + 1
    _docstring, *statements = ast.parse(source).body[0].body
    reached = [s for s in statements if s.lineno <= max(last, statements[0].lineno)]
    parts = ["\n".join(source.splitlines()[s.lineno - 1 : s.end_lineno]) for s in reached]
    return textwrap.dedent("\n".join(p for p in parts if not p.lstrip().startswith(("expect", "check"))))


def shown(path):
    """Return a path as one types it here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
