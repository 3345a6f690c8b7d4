"""Wheels of what is installed here, for a Python in a browser."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from importlib.resources import files
from io import BytesIO
from pathlib import Path

_PACKAGES = {"autograd-lite": ("autograd_lite", "nn")}
_WHEEL = "Wheel-Version: 1.0\nGenerator: autograd-lite\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel_of(project: str) -> tuple[str, bytes]:
    """Return the wheel of a project in pure Python that can be imported here: its file name, and its content.

    Parameters
    ----------
    project : str
        By the name that pip knows.

    Returns
    -------
    name : str
    content : bytes
        The same for the same files.

    Examples
    --------
    >>> name, content = wheel_of("graphviz")
    >>> name.startswith("graphviz-"), name.endswith("-py3-none-any.whl")
    (True, True)
    """
    try:
        installed = metadata.distribution(project)
        version, about = (
            installed.version,
            str(installed.read_text("METADATA") or installed.read_text("PKG-INFO")),
        )
    except metadata.PackageNotFoundError:  # run from a checkout
        version = "0"
        about = f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n"
    base = f"{project.replace('-', '_')}-{version}"
    parts = {
        name: path.read_bytes()
        for package in _PACKAGES.get(project, (project,))
        for name, path in _in(package)
    }
    info = f"{base}.dist-info"
    parts |= {f"{info}/METADATA": about.encode(), f"{info}/WHEEL": _WHEEL.encode()}
    record = "".join(f"{name},sha256={_sha256(content)},{len(content)}\n" for name, content in parts.items())
    parts[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return f"{base}-py3-none-any.whl", buffer.getvalue()


def _in(package: str) -> Iterator[tuple[str, Path]]:
    """Yield the files of a package, with their names in a wheel."""
    root = Path(str(files(package)))
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"{package}/{path.relative_to(root).as_posix()}", path


def _sha256(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
