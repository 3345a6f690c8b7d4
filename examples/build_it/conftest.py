"""The option --engine, for those who write their engine as one file; and the files here import each other."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def pytest_addoption(parser):
    """Add the option --engine."""
    parser.addoption("--engine", metavar="FILE", help="test this file instead of the seven task files")
