"""A headless Chromium, and a Firefox, for all tests that open pages, since starting one takes seconds."""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

_SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Browser:
    """What tests do in a browser, in the words of a reader of the page."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, path: Path) -> None:
        """Open a file, as by a double click, with nothing left of the page before."""
        self.console()
        self.resize(1280, 800)
        self.driver.get(path.resolve().as_uri())

    def run(self, script: str, *arguments: Any) -> Any:
        """Run JavaScript in the page; what it returns comes back through JSON."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, condition: str, seconds: float = 5) -> None:
        """Wait until an expression of JavaScript is true."""
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, seconds, 0.02).until(lambda _: self.run(f"return Boolean({condition})"))

    def find(self, css: str) -> Any:
        return self.driver.find_element("css selector", css)

    def texts(self, css: str) -> list[str]:
        return [element.text for element in self.driver.find_elements("css selector", css)]

    def named(self, name: str) -> Any:
        """Return the button or field of that accessible name."""
        # What a name is made of is read at once; what the name is takes the browser a moment for each.
        likely = self.run(
            """const sources = (one) => [one.ariaLabel, one.title, one.textContent,
                ...[...(one.labels ?? [])].map((label) => label.textContent)];
            return [...document.querySelectorAll("button, input, select")].filter(
                (one) => sources(one).some((text) => text?.includes(arguments[0])))""",
            name,
        )
        return next(element for element in likely if element.accessible_name == name)

    def press(self, *keys: str) -> None:
        """Press keys where the focus is."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def drag(self, element: Any, dx: int, dy: int = 0) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver, duration=20).drag_and_drop_by_offset(element, dx, dy).perform()

    def resize(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, scheme: str) -> None:
        """Let the system ask for "light" or "dark"."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def accessibility_tree(self) -> list[dict[str, Any]]:
        """Return what a screen reader is told: the nodes that are not ignored, with role and name."""
        nodes = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        return [
            {"role": node["role"]["value"], "name": node.get("name", {}).get("value", "")}
            for node in nodes
            if not node["ignored"]
        ]

    def console(self) -> list[str]:
        """Return what the console has shown since it was last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def picture(self, path: Path) -> None:
        """Save a screenshot."""
        data = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})["data"]
        path.write_bytes(base64.b64decode(data))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what needs a browser out of the quick part."""
    for item in items:
        if {"browser", "firefox"} & {*getattr(item, "fixturenames", ())}:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start Chromium; skip where there is none, but never in continuous integration."""
    try:
        from selenium import webdriver
    except ImportError:
        _missing("the package selenium")
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (program and driver):
        _missing("chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for switch in (*_SWITCHES, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield Browser(started)
    started.quit()


@pytest.fixture(scope="session")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start Firefox; skip where there is none, but never in continuous integration."""
    try:
        from tests.firefox import Firefox
    except ImportError:
        _missing("the package websocket-client")
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        _missing("firefox-esr")
    started = Firefox(program, tmp_path_factory.mktemp("firefox"))
    yield started
    started.quit()


def _missing(what: str) -> NoReturn:
    message = f"the tests of pages need {what}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
