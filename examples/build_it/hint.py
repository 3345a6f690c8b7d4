"""Show a hint: `python examples/build_it/hint.py 3 1` is the first for task 3, 2 says more, 3 says all."""

import re
import sys
from pathlib import Path

HINTS = (Path(__file__).parent / "hints.md").read_text(encoding="utf-8")


def hint(task, depth):
    """Return a hint, or an empty text if there is none of these numbers."""
    found = re.search(rf"^## Task {task}, hint {depth}\n\n(.*?)(?=\n## |\Z)", HINTS, re.DOTALL | re.MULTILINE)
    return found[1].strip("\n") if found else ""


if __name__ == "__main__":
    numbers = [text for text in sys.argv[1:] if text.isdecimal()]
    shown = hint(*numbers) if len(numbers) == 2 else ""
    sys.stdout.reconfigure(encoding="utf-8")
    print(shown or "Name a task, from 1 to 7, and a hint, from 1 to 3: hint.py 3 1")
