"""Keeps pytest out of this folder: what is measured is printed, and no test depends on it."""

collect_ignore_glob = ["*.py"]
