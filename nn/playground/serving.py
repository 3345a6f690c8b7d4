"""A server of files for this machine alone: a page that is opened as a file gets no worker from browsers."""

from __future__ import annotations

import os
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_PORT = 8000


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of each file."""


def server_of(folder: str | os.PathLike[str]) -> tuple[ThreadingHTTPServer, str]:
    """Return a server of a folder, for this machine alone, and its address.

    Parameters
    ----------
    folder : path

    Returns
    -------
    server : ThreadingHTTPServer
        To be started by ``serve_forever``. Its port is 8000, or any that is free.
    address : str
        For a browser.
    """
    handler = partial(_Quiet, directory=os.fspath(folder))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", _PORT), handler)
    except OSError:
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    return server, f"http://127.0.0.1:{server.server_port}/"
