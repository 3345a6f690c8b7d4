"""A headless Firefox for tests, in the words of a reader of the page: by WebDriver BiDi, without a driver."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import websocket

_SECONDS_TO_START = 60
_KEYS = {"Tab": "\ue004", "Right": "\ue014"}


class Firefox:
    """One window of a Firefox that is started here, with a profile of its own in an empty folder."""

    def __init__(self, program: str, profile: Path) -> None:
        switches = ("--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0")
        self._process = subprocess.Popen(
            [program, *switches], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._count = 0
        self._log: list[str] = []
        try:
            where = self._address(profile / "WebDriverBiDiServer.json")
            # Firefox takes no connection that says it comes from a web page.
            self._socket = websocket.create_connection(where, timeout=30, suppress_origin=True)
            self._ask("session.new", capabilities={})
            self._ask("session.subscribe", events=["log.entryAdded"])
            self._window = self._ask("browsingContext.getTree")["contexts"][0]["context"]
        except BaseException:
            self._process.kill()
            raise

    def _address(self, told: Path) -> str:
        """Return where it listens, which it writes into its profile when it is ready."""
        deadline = time.monotonic() + _SECONDS_TO_START
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                address = json.loads(told.read_text(encoding="utf-8"))
                return f"ws://{address['ws_host']}:{address['ws_port']}/session"
            except (FileNotFoundError, json.JSONDecodeError):
                time.sleep(0.05)
        raise RuntimeError("Firefox did not start")

    def quit(self) -> None:
        self._ask("browser.close")
        self._process.wait(timeout=30)

    def _ask(self, method: str, **params: Any) -> Any:
        """Return the answer to a command; what the console shows meanwhile is kept."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("method") == "log.entryAdded":
                self._log.append(message["params"]["text"])
            elif message.get("id") == self._count:
                if message["type"] == "error":
                    raise RuntimeError(f"{method}: {message['message']}")
                return message["result"]

    def open(self, page: Path | str) -> None:
        """Open a file, as by a double click, or an address."""
        self.resize(1280, 800)
        url = page if isinstance(page, str) else page.resolve().as_uri()
        self._ask("browsingContext.navigate", context=self._window, url=url, wait="complete")

    def resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height}
        self._ask("browsingContext.setViewport", context=self._window, viewport=size)

    def run(self, script: str, *arguments: Any) -> Any:
        """Run JavaScript in the page; what it returns, or promises, comes back through JSON."""
        call = f"(function () {{{script}}}).apply(null, JSON.parse(text))"
        function = f"async (text) => JSON.stringify((await {call}) ?? null)"
        answer = self._call(function, {"type": "string", "value": json.dumps(arguments)})
        return json.loads(answer["value"])

    def _call(self, function: str, argument: dict[str, Any]) -> Any:
        answer = self._ask(
            "script.callFunction",
            functionDeclaration=function,
            arguments=[argument],
            target={"context": self._window},
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return answer["result"]

    def wait(self, condition: str, seconds: float = 10) -> None:
        """Wait until an expression of JavaScript is true."""
        deadline = time.monotonic() + seconds
        while not self.run(f"return Boolean({condition})"):
            if time.monotonic() > deadline:
                raise TimeoutError(condition)
            time.sleep(0.02)

    def text(self, css: str) -> str:
        """Return the text of an element as it is seen."""
        return str(self.run("return document.querySelector(arguments[0]).innerText", css))

    def named(self, name: str, role: str = "button") -> list[dict[str, Any]]:
        """Return the elements of which a screen reader is told by this name and role."""
        locator = {"type": "accessibility", "value": {"name": name, "role": role}}
        found = self._ask("browsingContext.locateNodes", context=self._window, locator=locator)
        return list(found["nodes"])

    def click(self, name: str, role: str = "button") -> None:
        """Click the control of that accessible name; the page is scrolled to it."""
        control = self.named(name, role)[0]
        element = {"sharedId": control["sharedId"]}
        self._call("(one) => { one.scrollIntoView({block: 'center'}) }", element)
        place = {"type": "pointerMove", "x": 0, "y": 0, "origin": {"type": "element", "element": element}}
        button = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        self._perform("pointer", [place, *button])

    def drag(self, css: str, dx: int, dy: int) -> None:
        """Drag the middle of an element by so many pixels."""
        x, y = self.run(
            """const one = document.querySelector(arguments[0]);
            one.scrollIntoView({block: "center"});
            const {left, right, top, bottom} = one.getBoundingClientRect();
            return [Math.round((left + right) / 2), Math.round((top + bottom) / 2)]""",
            css,
        )
        start, end = ({"type": "pointerMove", "x": x + k * dx, "y": y + k * dy} for k in (0, 1))
        down, up = ({"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp"))
        self._perform("pointer", [start, down, end, up])

    def enter(self, name: str, text: str) -> None:
        """Type a number, and Tab, in place of what stands in a field."""
        self.click(name, "spinbutton")
        self.run("document.activeElement.select()")
        self.press(*text, "Tab")

    def press(self, *keys: str) -> None:
        """Press keys where the focus is: letters, or a key by its name."""
        codes = [_KEYS.get(key, key) for key in keys]
        self._perform("key", [{"type": t, "value": code} for code in codes for t in ("keyDown", "keyUp")])

    def _perform(self, kind: str, actions: list[dict[str, Any]]) -> None:
        source = {"type": kind, "id": kind, "actions": actions}
        self._ask("input.performActions", context=self._window, actions=[source])

    def console(self) -> list[str]:
        """Return what the console has shown since it was last asked."""
        shown, self._log = self._log, []
        return shown
