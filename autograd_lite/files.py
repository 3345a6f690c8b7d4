"""Writing files whole or not at all."""

from __future__ import annotations

import os
import shutil
from errno import ELOOP
from pathlib import Path
from secrets import token_hex


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file beside its place and then move it there, so that it is never half written.

    Parameters
    ----------
    path : path
        A link stays one: what it leads to is replaced. What is no file, such as a pipe or ``/dev/null``,
        stays too, and is written to.
    content : bytes

    Raises
    ------
    OSError
        If it can't be written; a file that was there before is left as it was.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "page.html")
    ...     write_whole(path, b"<p>")
    ...     path.read_bytes()
    b'<p>'
    """
    path = Path(os.path.realpath(path))
    if path.is_symlink():
        raise OSError(ELOOP, "the link leads in a circle", str(path))
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: give the path of a file in it")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} to write {path.name} in: make it first")
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    temporary = path.with_name(f".{token_hex(8)}.part")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
