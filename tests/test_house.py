"""The house: which room may know which, read from the imports; how long the heart is; what stands where."""

import ast
import re
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import autograd_lite
from autograd_lite.floats import NO_ENTRY
from autograd_lite.functions import FUNCTIONS
from autograd_lite.numbers.entry import REALS, FloatEntry

ROOT = Path(__file__).parents[1]
HEART = ("ops", "value", "graph")
DOOR = "autograd_lite.nn"

FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("autograd_lite", "nn")
    for path in sorted((ROOT / package).rglob("*.py"))
}


@cache
def imported(module: str) -> frozenset[str]:
    """Return the modules of the two packages that a file names in an import, wherever it stands."""
    found = set()
    for node in ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            origin = source(module, node)
            found |= {full if (full := f"{origin}.{alias.name}") in FILES else origin for alias in node.names}
    # What is behind the second door is the door's.
    found = {DOOR if in_room(name, DOOR) else name for name in found}
    return frozenset(found & FILES.keys())


def source(module: str, node: ast.ImportFrom) -> str:
    """Return the module that names are imported from, in full."""
    if not node.level:
        return node.module or ""
    package = module.split(".") if FILES[module].stem == "__init__" else module.split(".")[:-1]
    return ".".join([*package[: len(package) + 1 - node.level], *filter(None, [node.module])])


def everything_below(module: str) -> set[str]:
    found: set[str] = set()
    pending = [module]
    while pending:
        for below in imported(pending.pop()) - found:
            found.add(below)
            pending.append(below)
    return found


def in_room(module: str, *rooms: str) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


# --- imports --------------------------------------------------------------------------------------------


def test_no_imports_go_in_a_circle():
    try:
        list(TopologicalSorter({module: imported(module) for module in FILES}).static_order())
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


ALLOWED = {
    "autograd_lite.graph": (),
    "autograd_lite.numbers": ("autograd_lite.numbers",),
    "autograd_lite.ops": ("autograd_lite.numbers",),
    "autograd_lite.floats": ("autograd_lite.numbers", "autograd_lite.ops"),
    "autograd_lite.functions": ("autograd_lite.floats", "autograd_lite.ops"),
    "autograd_lite.operators": (),
    "autograd_lite.by_data": ("autograd_lite.numbers",),
    "autograd_lite.pause": (),
    "autograd_lite.value": (
        "autograd_lite.numbers",
        "autograd_lite.ops",
        "autograd_lite.graph",
        "autograd_lite.functions",
        "autograd_lite.operators",
        "autograd_lite.by_data",
        "autograd_lite.pause",
    ),
    "autograd_lite.writing": ("autograd_lite.writing", "autograd_lite.numbers", "autograd_lite.ops"),
    "nn.matrix": (),
    "nn.per_weight": (),
}
"""What the heart and the rooms under it, and the two that are evidence, may know."""


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_knows_no_more_than_the_design_allows(room):
    extra = {} if room != "autograd_lite.writing" else {"autograd_lite.operators", "autograd_lite.value"}
    extra = {*extra, "autograd_lite.graph"} if extra else extra
    for module in FILES:
        if in_room(module, room):
            strangers = {m for m in imported(module) if not in_room(m, *ALLOWED[room]) and m not in extra}
            assert not strangers, f"{module} imports {', '.join(sorted(strangers))}"


def test_the_engine_does_not_know_networks():
    for module in FILES:
        if in_room(module, "autograd_lite") and module not in ("autograd_lite.__main__", DOOR):
            assert not [m for m in imported(module) if in_room(m, "nn", DOOR)], module
    assert not [m for m in imported("autograd_lite.__main__") if in_room(m, "nn")], "it goes by the door"


def test_networks_find_each_other_whatever_they_are_called():
    for module, path in FILES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and in_room(module, "nn"):
                assert node.level or not in_room(node.module or "", "nn", DOOR), f"{module}: not nn, but ."
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{module}: an import says from where"
            elif isinstance(node, ast.Import) and in_room(module, "nn"):
                assert not [a.name for a in node.names if in_room(a.name, "nn", DOOR)], module


FACES = {
    "autograd_lite",
    "autograd_lite.draw.explorer.page",
    "autograd_lite.draw.frames",
    "autograd_lite.draw.picture",
    "autograd_lite.extending",
    "autograd_lite.files",
    "autograd_lite.markup",
    "autograd_lite.printing",
    "autograd_lite.names",
    "autograd_lite.writing",
}
"""The modules of the engine that offer names to others."""


@pytest.mark.parametrize("module", [module for module in FILES if in_room(module, "nn")])
def test_networks_use_the_engines_public_names_only(module):
    for node in ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and in_room(node.module or "", "autograd_lite"):
            assert node.module in FACES, f"{module} imports from {node.module}"
            for alias in node.names:
                assert not alias.name.startswith("_")
                if node.module == "autograd_lite":
                    assert alias.name in autograd_lite.__all__


def test_the_two_that_are_evidence_share_nothing():
    assert everything_below("nn.matrix") == everything_below("nn.per_weight") == set()


def test_private_names_stay_in_their_file():
    for module, path in FILES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and in_room(source(module, node), "autograd_lite", "nn"):
                private = [alias.name for alias in node.names if re.match(r"_[a-z]", alias.name)]
                assert not private, f"{module} imports {private} from {source(module, node)}"


# --- sizes ----------------------------------------------------------------------------------------------


def lines(module: str) -> int:
    return len(FILES[module].read_text(encoding="utf-8").splitlines())


def test_the_heart_stands_on_three_pages():
    assert sum(lines(f"autograd_lite.{page}") for page in HEART) <= 640


def test_the_readme_counts_the_heart():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    claimed = re.search(r"the engine is (\d+) lines on three pages", readme)
    assert claimed is not None
    assert int(claimed.group(1)) == sum(lines(f"autograd_lite.{page}") for page in HEART)


@pytest.mark.parametrize("module", FILES)
def test_a_function_fits_a_screen_and_a_file_says_what_it_is_for(module):
    tree = ast.parse(FILES[module].read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            of_text = (ast.get_docstring(node, clean=False) or "").count("\n")
            assert (node.end_lineno or 0) - node.lineno - of_text <= 60, f"{module}.{node.name}"


def test_nothing_else_stands_at_the_top():
    here = {path.name for path in ROOT.iterdir() if not path.name.startswith(".") or path.name == ".ci"}
    of_tools = {"build", "dist", "autograd-lite-output"}
    here = {name for name in here if name not in of_tools and not name.endswith(".egg-info")}
    named = {"pyproject.toml", "README.md", "LICENSE", "autograd_lite", "nn", "tests", "examples", ".ci"}
    assert here == named


# --- lists ----------------------------------------------------------------------------------------------


def test_what_floats_do_to_a_public_row_is_said():
    for name, row in FUNCTIONS.items():
        has_entry = row.floats != FloatEntry((REALS,) * len(row.partials))
        assert has_entry != (name in NO_ENTRY), name


def test_the_package_shows_its_public_names_and_no_others():
    assert dir(autograd_lite) == sorted(autograd_lite.__all__)
    assert all(hasattr(autograd_lite, name) for name in autograd_lite.__all__)
