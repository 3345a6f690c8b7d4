"""Writes the wrong submissions of ``wrong_submissions.md``: ``python make_submissions.py FOLDER``."""

import re
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Wrong(NamedTuple):
    """A line of the table."""

    name: str
    right: str
    wrong: str
    said: str


def table():
    """Return the lines of the table."""
    rows = re.findall(
        r"^\| (\w+) \| `(.+?)` \| `(.+?)` \| (.*?) ?\|$",
        (HERE / "wrong_submissions.md").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    return [Wrong(*row) for row in rows]


def source(wrong):
    """Return the solution with the right line, wherever it stands, changed to the wrong one."""
    lines = []
    for line in (HERE / "solution.py").read_text(encoding="utf-8").splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        changed = wrong.wrong.split(" ⏎ ") if line.strip() == wrong.right else [line.strip()]
        lines += [indent + part if part else "" for part in changed]
    return "\n".join(lines) + "\n"


def write(folder):
    """Write all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for wrong in table():
        (folder / f"{wrong.name}.py").write_text(source(wrong), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
