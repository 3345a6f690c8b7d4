"""The site's folder: the page, wheels of this project and what it needs, and what is pinned."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import tempfile
from html import escape
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from shutil import which
from string import Template
from typing import Any

from autograd_lite.draw.explorer.page import asset
from autograd_lite.files import write_whole

from ..explorer import laboratory
from .wheels import wheel_of

_CDN = "https://cdn.jsdelivr.net/"
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' {cdn}; "
    "style-src 'self' 'unsafe-inline'; img-src data:; worker-src 'self' blob:; connect-src 'self' {cdn}"
)
_WHEELS = "autograd-lite", "graphviz", "tqdm"
_OURS = files(__package__)
_SCRIPTS = "main.js", "lost.js", "editor.js", "kept.js", "links.js", "python.js", "results.js", "worker.js"


def write_playground(folder: str | os.PathLike[str], offline: bool = False) -> Path:
    """Write the playground as a static site, for any server of files.

    Parameters
    ----------
    folder : path
        Made if it is not there; files of the same names are replaced.
    offline : bool
        Copy Pyodide, Graphviz and the editor beside the page, about 17 MB, which needs ``npm`` and a network
        once; otherwise each reader's browser fetches them, at the same pinned versions and with their hashes.

    Returns
    -------
    Path
        Of the page.

    Raises
    ------
    RuntimeError
        If npm is not there, or could not deliver.
    OSError
        If a file can't be written.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pins = json.loads(_text("pins.json"))
    if offline:
        _copy_packages(pins, folder / "npm")
    wheels = [wheel_of(name) for name in _WHEELS]
    for name, content in wheels:
        write_whole(folder / name, content)
    for name in _SCRIPTS:
        write_whole(folder / name, _text(f"page/{name}").encode())
    write_whole(folder / "playground.css", (asset("colours.css") + _text("page/playground.css")).encode())
    laboratory(folder / "laboratory.html")
    write_whole(folder / "manifest.json", json.dumps(_manifest(pins, offline), indent=2).encode())
    page = folder / "index.html"
    write_whole(page, _page(pins, offline, [name for name, _ in wheels]).encode())
    return page


def examples() -> list[dict[str, str]]:
    """Return the programs to begin with: each a ``title``, a ``sentence`` and a ``program``."""
    pattern = r"^## (?P<title>.+)\n\n(?P<sentence>.+)\n\n```python\n(?P<program>[\s\S]*?)```$"
    return [match.groupdict() for match in re.finditer(pattern, _text("examples.md"), re.MULTILINE)]


def _text(name: str) -> str:
    return (_OURS / name).read_text(encoding="utf-8")


def _address(pin: dict[str, Any], file: str, offline: bool) -> str:
    """Return where the page finds a pinned file."""
    return f"./npm/{pin['name']}/{file}" if offline else f"{_CDN}npm/{pin['name']}@{pin['version']}/{file}"


def _page(pins: list[dict[str, Any]], offline: bool, wheels: list[str]) -> str:
    found = {pin["name"]: pin for pin in pins}
    pyodide, graphviz = found["pyodide"], found["@hpcc-js/wasm-graphviz"]
    of_editor = [pin for pin in pins if pin not in (pyodide, graphviz)]
    hashes = {_address(pin, file, offline): pin["files"][file] for pin in pins for file in pin["files"]}
    (script,) = graphviz["files"]
    settings = {
        "pyodide": _address(pyodide, "", offline),
        "graphviz": _address(graphviz, script, offline),
        "packages": None if offline else f"{_CDN}pyodide/v{pyodide['version']}/full/",
        "hashes": hashes,
        "wheels": wheels,
        "examples": examples(),
    }
    imports = {pin["name"]: _address(pin, next(iter(pin["files"])), offline) for pin in of_editor}
    integrity = {address: hashes[address] for address in imports.values()}
    return Template(_text("page/index.html")).substitute(
        policy=escape(_POLICY.format(cdn="" if offline else _CDN)),
        imports=_in_script({"imports": imports, "integrity": integrity}),
        settings=_in_script(settings),
    )


def _in_script(data: Any) -> str:
    """Return JSON that ends no element."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def _manifest(pins: list[dict[str, Any]], offline: bool) -> dict[str, Any]:
    """Return what of the site is not ours: versions and licences, and of what is loaded hashes and places."""
    about = {name: metadata.metadata(name) for name in _WHEELS[1:]}
    return {
        "wheels": [
            {
                "name": name,
                "version": of["Version"],
                "licence": next(of[key] for key in ("License-Expression", "License") if key in of),
            }
            for name, of in about.items()
        ],
        "loaded": [
            {**pin, "files": {_address(pin, file, offline): sha for file, sha in pin["files"].items()}}
            for pin in pins
        ],
    }


def _copy_packages(pins: list[dict[str, Any]], folder: Path) -> None:
    """Have npm deliver the pinned packages, and copy their files, licences among them."""
    npm = which("npm")
    if npm is None:
        raise RuntimeError(
            "--offline needs npm, which comes with Node.js: install that, or leave --offline out"
        )
    with tempfile.TemporaryDirectory() as scratch:
        wanted = [f"{pin['name']}@{pin['version']}" for pin in pins]
        command = [
            npm,
            "install",
            "--prefix",
            scratch,
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            *wanted,
        ]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise RuntimeError(f"npm did not deliver: {ended.stderr.strip()[-500:]}")
        for pin in pins:
            source = Path(scratch, "node_modules", pin["name"])
            for file, sha in pin["files"].items():
                content = (source / file).read_bytes()
                if f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}" != sha:
                    raise RuntimeError(f"{pin['name']}/{file} is not what it was when it was pinned")
                _write(folder / pin["name"] / file, content)
            for licence in source.glob("LICEN[CS]E*"):
                _write(folder / pin["name"] / licence.name, licence.read_bytes())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)
