"""Makes the notebooks of the lessons, executed, from their programs: `python examples/make_notebooks.py`.

With numbers, `python examples/make_notebooks.py 1 8`, those of these lessons. `--folder` says where to. It
needs what the tests need: `pip install ".[test]"`.
"""

import argparse
import os
import re
import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

HERE = Path(__file__).resolve().parent
LESSONS = sorted(HERE.glob("[0-9]_*.py"))
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebook_of(lesson: Path) -> NotebookNode:
    """Return the notebook of a lesson, not executed yet."""
    notebook = jupytext.read(lesson)
    notebook.metadata = nbformat.from_dict(METADATA)
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number}"
        cell.metadata = nbformat.from_dict({})
    return notebook


def execute(notebook: NotebookNode) -> None:
    """Run all cells in an empty folder, with this project's packages, and keep what they show."""
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")]),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # nobody debugs here, and its warning is long
    }
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(
            notebook,
            timeout=600,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": folder}},
        ).execute(env=env)
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = joined([stable(output) for output in cell.outputs])


def stable(output: NotebookNode) -> NotebookNode:
    """Return an output without what differs from run to run: where in memory an object was.

    Of a picture the PNG stays, which every viewer shows; not all show an SVG inside HTML.
    """
    data = output.get("data", {})
    if "text/plain" in data:
        data["text/plain"] = re.sub(r" at 0x[0-9a-f]+", "", data["text/plain"])
    if "image/png" in data:
        data.pop("text/html", None)
    return output


def joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return outputs with what was printed in several pieces as one: where it is cut is chance."""
    result: list[NotebookNode] = []
    for output in outputs:
        last = result[-1] if result else None
        if last and last.output_type == output.output_type == "stream" and last.name == output.name:
            last.text += output.text
        else:
            result.append(output)
    return result


def main() -> None:
    """Make those that are asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("numbers", nargs="*", help="of lessons; by default all")
    parser.add_argument("--folder", type=Path, default=HERE)
    options = parser.parse_args()
    for lesson in LESSONS:
        if not options.numbers or lesson.name.partition("_")[0] in options.numbers:
            notebook = notebook_of(lesson)
            execute(notebook)
            nbformat.validate(notebook)
            nbformat.write(notebook, options.folder / lesson.with_suffix(".ipynb").name)


if __name__ == "__main__":
    main()
