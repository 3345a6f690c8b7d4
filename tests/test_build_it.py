"""examples/build_it: its facts are true of the engine and of the page of 100 lines, and its path can be gone.

The facts are tests of autograd_lite and nn as well: what they say of ``backward`` is said nowhere else.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import autograd_lite
import nn

EXAMPLES = Path(__file__).parent.parent / "examples"
FOLDER = EXAMPLES / "build_it"
PAGE = EXAMPLES / "engine_in_100_lines.py"
HOLE = "# Your lines go here."


def load(path):
    """Return a file as a module, which stands in no table of modules."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def name_of(fact):
    return fact.__name__


FACTS = load(FOLDER / "facts.py").FACTS
HINTS = load(FOLDER / "hint.py")

# --- the facts --------------------------------------------------------------------------------------------


def step_of_sgd(parameters, cost, learning_rate):
    descent = nn.SGD(parameters, learning_rate)
    descent.zero_grad()
    cost.backward()
    descent.step()


AUTOGRAD_LITE = SimpleNamespace(
    Value=autograd_lite.Value,
    walk_back=lambda root: autograd_lite.topological_order(root)[::-1],
    Neuron=nn.Neuron,
    step=step_of_sgd,
)


@pytest.mark.parametrize("fact", [f for f in FACTS if not f.__name__.startswith("task_1_")], ids=name_of)
def test_the_engine(fact):
    fact(AUTOGRAD_LITE)


@pytest.mark.parametrize("fact", FACTS, ids=name_of)
def test_the_page(fact):
    fact(load(PAGE))


# What people write instead of a line of the page, and the fact that finds it first.
MISTAKES = [
    ("self.grad = 0  #", "self.grad = None  #", "task_1_a_gradient_starts_at_0"),
    ("(1, 1))", "(other.data, self.data))", "task_2_a_sum"),
    ("(other.data, self.data))", "(self.data, other.data))", "task_2_a_product"),
    ("(other.data, self.data))", "(other, self))", "task_2_a_product"),
    ("if uses[parent] == 0:", "if True:", "task_3_the_counterexample"),
    (
        "if uses[parent] == 0:",
        "if parent not in order + ready:",
        "task_3_a_parent_that_is_used_early_and_late",
    ),
    ("    return order", "    return order[::-1]", "task_3_the_counterexample"),
    ("parent.grad += node", "parent.grad = node", "task_4_a_node_used_twice"),
    ("parent.grad += node.grad * partial", "parent.grad += partial", "task_4_a_chain"),
    ("self.grad += 1", "self.grad = 1", "task_4_backward_from_a_leaf_counts_itself"),
    ("if node.parents:", "if True:", "task_4_backward_from_a_leaf_counts_itself"),
    ("if node.parents:", "if False:", "task_4_a_second_pass_doubles_the_leaves_and_nothing_else"),
    ("(1 - a**2,)", "(1 - self.data**2,)", "task_5_value_and_partial"),
    ("(1 - a**2,)", "1 - a**2", "task_5_tanh_of_0"),
    ("z = self.bias", "z = 0", "task_6_what_it_computes"),
    ("z + w * x_k", "z + w.data * x_k", "task_6_gradients_of_weights_and_bias"),
    ("z + w * x_k", "z + w * as_value(x_k).data", "task_6_gradients_of_inputs"),
    ("return z.tanh()", "return z", "task_6_what_it_computes"),
    (".data -= learning", ".data += learning", "task_7_one_step"),
    ("parameter.grad = 0", "pass", "task_7_a_second_step"),
]


@pytest.mark.parametrize(("right", "wrong", "finder"), MISTAKES)
def test_a_mistake_is_found_in_its_own_task(right, wrong, finder, tmp_path):
    source = PAGE.read_text(encoding="utf-8")
    assert right in source
    path = tmp_path / "mistaken.py"
    path.write_text(source.replace(right, wrong, 1), encoding="utf-8")
    engine = load(path)

    assert next(fact.__name__ for fact in FACTS if not holds(fact, engine)) == finder


def holds(fact, engine):
    try:
        fact(engine)
    except (AssertionError, AttributeError, TypeError):
        return False
    return True


# --- the path ---------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """A student's copy of the folder, with the holes."""
    return shutil.copytree(FOLDER, tmp_path / "build_it", ignore=shutil.ignore_patterns("__pycache__"))


def task_file(folder, task):
    return next(folder.glob(f"task_{task}_*.py"))


def fill(folder, task, *bodies):
    """Put lines into the holes of a task; without any, those of its third hint."""
    bodies = bodies or re.findall(r"```python\n(.*?)\n```", HINTS.hint(task, 3), flags=re.DOTALL)
    path = task_file(folder, task)
    head, *rest = re.split(rf"^ *{re.escape(HOLE)}$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    parts = [body + after for body, after in zip(bodies, rest, strict=True)]
    path.write_text(head + "".join(parts), encoding="utf-8")


def run(folder, *arguments):
    """Run Python in the folder above, without this project on its path; return its output and its code."""
    result = subprocess.run(
        [sys.executable, "-X", "utf8", *map(str, arguments)],
        cwd=folder.parent,
        env={key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTEST_ADDOPTS")},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    return result.stdout + result.stderr, result.returncode


def run_tests(folder, *options):
    return run(folder, "-m", "pytest", "build_it", "-p", "no:cacheprovider", *options)


@pytest.mark.slow
def test_the_path_with_every_third_hint(folder):
    for task in range(1, 8):
        fill(folder, task)
    printed, code = run_tests(folder)
    assert (f"{len(FACTS)} passed" in printed, code) == (True, 0), printed

    assert run(folder, "build_it/task_3_walk_back.py") == (
        "c = 4a, but the hasty walk says that the gradient of a is 6\nyour walk: ['c', 'b', 'a']\n",
        0,
    )
    printed, code = run(folder, "build_it/task_7_descent.py")
    assert code == 0, printed
    assert "after 300 steps the cost is" in printed


@pytest.mark.slow
def test_one_file_instead_of_seven(folder):
    shutil.copy(PAGE, folder.parent)
    printed, code = run_tests(folder, f"--engine={PAGE.name}")
    assert (f"{len(FACTS)} passed" in printed, code) == (True, 0), printed


EMPTY = {
    1: "task 1: there is no x.data: fill in __init__",
    2: "task 2: a + b should be a Value, not None: fill in add",
    3: "task 3: walk_back(root) should be a list, not None: fill in walk_back",
    4: "task 4: the gradient of c itself should be 1, not 0",
    5: "task 5: z.tanh() should be a Value, not None: fill in tanh",
    6: "task 6: neuron(x) should be a Value, not None: fill in __call__",
    7: "task 7: w.data should be 2.25, not 3.0",
}


@pytest.mark.slow
@pytest.mark.parametrize("task", EMPTY)
def test_an_empty_hole_says_what_to_do(folder, task):
    for earlier in range(1, task):
        fill(folder, earlier)
    printed, code = run_tests(folder)
    assert code == 1
    assert f"\n{EMPTY[task]}" in printed
    assert f"python build_it{os.sep}hint.py {task} 1\n" in printed


@pytest.mark.slow
def test_a_task_is_chosen_by_its_name_and_those_after_it_may_not_even_be_python(folder):
    for task in (1, 2, 3):
        fill(folder, task)
    fill(folder, 4, "    return (")
    printed, code = run_tests(folder, "-k", "task_3")
    assert (code, "6 passed" in printed) == (0, True), printed
    printed, code = run_tests(folder, "-k", "task_4")
    assert code == 1
    assert "task 4: Python cannot read your file. It says: " in printed
    assert "(task_4_add_up.py, line 2" in printed


@pytest.mark.slow
def test_what_is_wrong_before_a_task_is_told_first(folder):
    for task in (1, 3, 4, 5):
        fill(folder, task)
    fill(folder, 2, "    return Value(a.data + b.data, (a, b), (1, 1))", "    return Value(a.data)")
    printed, code = run_tests(folder, "-k", "task_4")
    assert code == 1
    assert (
        "task 4 builds on those before it, and one of these is not right yet:\ntask 2: (a * b).data"
        in printed
    )


@pytest.mark.slow
def test_a_message_has_the_finding_the_program_and_the_reason(folder):
    for task in (1, 2, 3):
        fill(folder, task)
    fill(
        folder,
        4,
        "    root.grad = 1\n"
        "    for node in walk_back(root):\n"
        "        for parent, partial in zip(node.parents, node.partials):\n"
        "            parent.grad = node.grad * partial",
    )
    printed, _code = run_tests(folder)
    assert (
        "\ntask 4: the gradient of x should be 6, not 3\n\n"
        "    x = Value(3)\n    y = x * x\n    y.backward()\n\n"
        "Both uses of x count, hence +=. With = the second one wipes out the first.\n"
        "Your file: task_4_add_up.py."
    ) in printed


@pytest.mark.slow
def test_an_error_in_the_students_lines_says_where(folder):
    fill(folder, 1)
    fill(folder, 2, "    return Value(a.data + b.dato, (a, b), (1, 1))", "    return None")
    printed, _code = run_tests(folder)
    assert "\ntask 2: AttributeError: 'Value' object has no attribute 'dato'" in printed.replace(
        ". Did you mean: 'data'?", ""
    )
    assert (
        "\nin task_2_plus_and_times.py, line 14: return Value(a.data + b.dato, (a, b), (1, 1))\n" in printed
    )


@pytest.mark.slow
def test_a_loop_without_end_is_told(folder):
    for task in (1, 2):
        fill(folder, task)
    fill(folder, 3, "    while True:\n        root.grad += 1")
    path = folder / "test_build_it.py"
    path.write_text(path.read_text(encoding="utf-8").replace("SECONDS = 5", "SECONDS = 1"), encoding="utf-8")
    printed, code = run_tests(folder)
    assert code == 1
    assert "task 3: TimeoutError: no answer after 1 seconds, as if a loop never ended\n" in printed
    assert re.search(r"\nin task_3_walk_back.py, line 4[67]: ", printed)


# --- what is handed out -----------------------------------------------------------------------------------


def test_the_holes_are_open_and_not_collected_with_the_projects_own_tests(pytestconfig):
    holes = [task_file(FOLDER, task).read_text(encoding="utf-8").count(HOLE) for task in range(1, 8)]
    assert holes == [1, 2, 1, 1, 1, 1, 1]
    assert "examples" not in pytestconfig.getini("testpaths")


def test_there_are_three_hints_for_each_task(folder):
    hints = [HINTS.hint(task, depth) for task in range(1, 8) for depth in (1, 2, 3)]
    assert all(hints)
    assert ["```python" in hint for hint in hints] == [False, False, True] * 7
    assert HINTS.hint(8, 1) == HINTS.hint(1, 4) == ""
    assert run(folder, "build_it/hint.py", 5, 3) == (hints[14] + "\n", 0)
    assert run(folder, "build_it/hint.py", 8, 1) == run(folder, "build_it/hint.py")


def test_the_page_is_a_page():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert len(list(filter(None, lines))) <= 100


def test_the_lines_to_read_are_where_the_path_says():
    page = PAGE.read_text(encoding="utf-8").splitlines()
    rows = re.findall(
        r"^\| (\d) \|.*\| (\d+)–(\d+) \|$", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert [int(task) for task, _first, _last in rows] == list(range(1, 8))
    for task, first, last in rows:
        lines = page[int(first) - 1 : int(last)]
        assert lines[0].strip().startswith(f"# Task {task}: ")
        assert sum("# Task" in line for line in lines) == 1
        assert lines[-1].strip()
        assert not "".join(page[int(last) : int(last) + 1])


def test_the_lines_that_the_projects_readme_names_are_whole_tasks():
    page = PAGE.read_text(encoding="utf-8").splitlines()
    readme = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    for paragraph in readme.split("\n\n"):
        for first, last in re.findall(r"(\d+)–(\d+)", paragraph) if PAGE.name in paragraph else ():
            assert page[int(first) - 1].strip().startswith("# Task ")
            assert page[int(last) - 1].strip()
            assert not "".join(page[int(last) : int(last) + 1])


def test_the_message_in_the_path_is_the_one_printed():
    assert f"\n{EMPTY[2]}, and return what you made\n" in (FOLDER / "README.md").read_text("utf-8")
