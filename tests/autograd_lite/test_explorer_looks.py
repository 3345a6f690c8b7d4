"""What eyes and fingers need of the explorer, measured in the page: contrast, size of targets."""

import base64
import io
import re
from math import dist
from operator import mul
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageChops, ImageStat

from autograd_lite import Value
from autograd_lite.draw.explorer import explore
from nn import MLP
from nn.data import moons


@pytest.fixture
def page(browser, tmp_path):
    """Return what opens the page of a network's cost, small or large, at its last gradient."""

    def show(widths=(3, 2), size=(1280, 720), scheme="light"):
        mlp = MLP(2, list(widths), seed=1)
        cost = sum([(a - 1.0) ** 2 for a in mlp([0.5, -1.0])], Value(0.0))
        browser.prefer(scheme)
        browser.open(explore(cost, parameters=mlp.parameters()).save(tmp_path / "page.html"))
        browser.resize(*size)
        browser.run("explorer.player.go(explorer.steps.last - 1)")
        return browser

    return show


COLOUR = """
    const context = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const shades = (colour) => {
        context.clearRect(0, 0, 1, 1);
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data];
    };
    const behind = (place) => {
        for (; place; place = place.parentElement) {
            const colour = shades(getComputedStyle(place).backgroundColor);
            if (colour[3]) return colour;
        }
    };"""


def luminance(colour):
    red, green, blue = (
        x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in (c / 255 for c in colour[:3])
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_have_a_contrast_of_three_to_one(page, scheme):
    browser = page(scheme=scheme)
    browser.run("explorer.walk.setDetail('layers'); explorer.select(0); explorer.drawing.viewport.fit(0)")
    browser.run(
        "explorer.walk.rearrange(() => explorer.walk.boxes.open(explorer.walk.boxes.groups.length - 1))"
    )
    # On what they stand: the page, or for what is inside a box its own colour.
    pairs = browser.run(
        COLOUR
        + """const found = [];
        const add = (what, line, ...grounds) => grounds.forEach((g) => found.push([what, shades(line), g]));
        const page = behind(document.querySelector(".drawing"));
        for (const shape of document.querySelectorAll(".graph :is(path, rect, circle)")) {
            const {stroke, fill, opacity} = getComputedStyle(shape);
            const name = shape.getAttribute("class") ?? shape.tagName;
            if (name === "arrows" || name.startsWith("edge-arrow")) add(name, fill, page);
            else if (fill === "none") add(name, stroke, page);
            else add(name, stroke, page, shades(fill));
        }
        const fields = "button, select, input:not([type=range], [type=checkbox])";
        for (const field of document.querySelectorAll(fields)) {
            const {borderTopWidth, borderTopColor} = getComputedStyle(field);
            if (borderTopWidth !== "0px") add(field.outerHTML, borderTopColor, behind(field.parentElement));
        }
        for (const [name, part] of [["stroke", ".chart .line"], ["stroke", ".chart .axis"]]) {
            const line = document.querySelector(part);
            add(part, getComputedStyle(line)[name], behind(line));
        }
        return found;"""
    )
    assert len({what for what, _, _ in pairs if len(what) < 40}) >= 8
    assert {what for what, line, ground in pairs if contrast(line, ground) < 3} == set()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_positive_and_negative_stand_out_as_lines_and_carry_texts(page, scheme):
    browser = page(scheme=scheme)
    shades = browser.run(
        COLOUR
        + """const place = document.querySelector(".drawing");
        const of = (colour) => ((place.style.color = colour), shades(getComputedStyle(place).color));
        const at = (sign, share) => of(`color-mix(in srgb, var(--${sign}) ${share}%, var(--node))`);
        const [page, raised, node, text] = ["page", "raised", "node", "text"].map((n) => of(`var(--${n})`));
        const grounds = [page, raised, node];
        return ["positive", "negative"].map((s) => [of(`var(--${s})`), grounds, at(s, 70), text]);"""
    )
    for line, grounds, deepest, text in shades:
        assert min(contrast(line, ground) for ground in grounds) >= 3
        assert contrast(text, deepest) >= 4.5


def lab(colour):
    """Return L*, a*, b* of an sRGB colour under D65."""
    linear = [
        x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in (c / 255 for c in colour[:3])
    ]
    rows = [(0.4339, 0.3762, 0.1899), (0.2126, 0.7152, 0.0722), (0.0178, 0.1094, 0.8728)]
    x, y, z = (sum(map(mul, row, linear)) for row in rows)
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("sight", ["none", "deuteranopia", "protanopia", "tritanopia"])
def test_every_eye_tells_negative_from_positive(page, scheme, sight):
    browser = page(scheme=scheme)
    browser.run(
        """const patch = (name) => `<i style="flex: 1; background: var(--${name})"></i>`;
        const style = "position: fixed; inset: 0; z-index: 99; display: flex";
        document.body.innerHTML = `<div style="${style}">${patch("negative")}${patch("positive")}</div>`;"""
    )
    cdp = browser.driver.execute_cdp_cmd
    cdp("Emulation.setEmulatedVisionDeficiency", {"type": sight})
    shot = Image.open(io.BytesIO(browser.driver.get_screenshot_as_png())).convert("RGB")
    cdp("Emulation.setEmulatedVisionDeficiency", {"type": "none"})
    negative, positive = (lab(shot.getpixel((shot.width * k // 4, shot.height // 2))) for k in (1, 3))
    # The least difference that one just sees is about 2.3.
    assert dist(negative, positive) > 40


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_targets_are_at_least_24_pixels(page, size):
    browser = page(size=size)
    browser.run("explorer.select(0); explorer.walk.setDetail('neurons')")
    small = browser.run(
        """const targets = "button, select, summary, input, .opens circle, .overview";
        return [...document.querySelectorAll(targets)].flatMap((target) => {
            const {width, height} = (target.closest("label.choice") ?? target).getBoundingClientRect();
            const isSmall = Math.min(width, height) < 24 && width > 0;
            return isSmall ? [[target.outerHTML, width, height]] : [];
        })"""
    )
    assert small == []


def test_the_map_and_the_controls_leave_a_phone_to_the_graph(page):
    browser = page(widths=(8, 8, 1), size=(390, 844))
    browser.run("explorer.player.goByLayer(-1)")
    drawing, small = browser.find(".drawing").rect, browser.find(".overview").rect
    assert small["y"] >= drawing["y"] + drawing["height"]
    assert small["width"] >= 24
    sheet = browser.find(".sheet").rect
    controls = 844 - drawing["height"] - sheet["height"]
    assert controls < 0.22 * 844
    assert drawing["height"] > 0.38 * 844


def test_a_finger_that_holds_a_button_is_told_its_name(page):
    browser = page(size=(390, 844))
    told = "return getComputedStyle(document.querySelector('.player .forward'), '::after').content"
    cdp = browser.driver.execute_cdp_cmd
    cdp("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 1})
    button = browser.find(".player .forward").rect
    point = {"x": button["x"] + 5, "y": button["y"] + 5}
    cdp("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    browser.wait("document.querySelector('.held')")
    assert browser.run(told) == '"Step forward"'
    cdp("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    browser.wait("!document.querySelector('.held')")
    assert browser.run(told) == "none"
    cdp("Emulation.setTouchEmulationEnabled", {"enabled": False})


def test_slides_are_the_drawing_in_large_letters_and_one_line_and_obey_a_remote(page):
    browser = page(widths=(4, 4, 1))
    browser.run("explorer.player.go(5)")
    telling = browser.run("return document.querySelector('.telling .lines').children.length")
    browser.named("Slides").click()
    browser.wait("document.querySelector('.slides')")
    letters = """
        const texts = [...document.querySelectorAll(".node:not([style*=none]) text")];
        const scale = explorer.drawing.viewport.scale;
        return Math.min(...texts.map((text) => scale * parseFloat(getComputedStyle(text).fontSize)))"""
    position = "return explorer.player.position"
    for key, expected in [("\ue00f", 6), ("\ue00f", 7), ("\ue00e", 6), ("\ue014", 7), ("\ue012", 6)]:
        browser.press(key)  # Page Down, Page Up, and the arrows
        assert browser.run(position) == expected
        assert browser.run(letters) >= browser.run("return innerHeight") / 25
        assert len(browser.texts(".telling .formula")) == 1
    shown = browser.run(
        "return [...document.querySelectorAll('button, input, select, section')]"
        ".filter((e) => e.checkVisibility()).map((e) => e.ariaLabel).filter((name) => name)"
    )
    assert sorted(shown) == ["End the slides", "This step"]
    drawing = browser.find(".drawing").rect
    assert drawing["width"] > 0.95 * browser.run("return innerWidth")
    browser.press("\ue00c")  # Escape
    browser.wait("!document.querySelector('.slides') && !document.fullscreenElement")
    assert browser.find(".player").is_displayed()
    assert telling >= len(browser.texts(".telling .formula")) >= 1
    browser.press("\ue00f")
    assert browser.run(position) == 6
    assert browser.console() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_printed_is_the_picture_and_what_is_told(page, scheme):
    browser = page(scheme=scheme)
    printed = browser.driver.execute_cdp_cmd("Page.printToPDF", {})["data"]
    assert len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(printed))) == 1
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": features})
    seen = browser.run(
        "return [...document.querySelectorAll('button, input, select, section, h1, .graph, .legend')]"
        ".filter((e) => e.checkVisibility() && !e.classList.contains('link'))"
        ".map((e) => e.getAttribute('aria-label') ?? e.className)"
    )
    assert seen == ["", "Computation graph", "legend", "This step"]
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_of_a_network_page_what_one_works_with_is_not_printed(browser, tmp_path):
    mlp = MLP(2, [3, 1], seed=1)
    browser.open(mlp.explore(tmp_path / "page.html", data=moons(seed=1)).path)
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    seen = browser.run(
        """return [...document.querySelectorAll("button, summary, label, select, input, svg, h2")]
            .filter((one) => one.checkVisibility())
            .map((one) => one.ariaLabel ?? (one.value || one.textContent.trim()))"""
    )
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert {"Data", "Network", "Cost", "Diagram of the network", "Computation graph"} <= set(seen)
    assert not {"Run", "Step", "Undo", "Add", "Delete", "pictures", "Play"} & set(seen)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picture_as_it_stands_is_saved(page, scheme):
    browser = page(scheme=scheme)
    browser.run("explorer.drawing.viewport.fit(0)")
    source = browser.run("return svgSource(explorer.drawing.svg)")
    root = ElementTree.fromstring(source)
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    names = browser.run("return explorer.graph.nodes.flatMap(({symbol}) => symbol ? [symbol.text] : [])")
    assert set(names) <= set(texts)
    # It needs no style sheet, and what it is shows nothing that the page did not.
    assert not re.search(r"var\(|color\(|color-mix|class=|href", source)
    assert {float(root.get(name)) for name in ("width", "height")} == set(
        browser.run("const {svg} = explorer.drawing; return [svg.clientWidth, svg.clientHeight]")
    )
    png = browser.driver.execute_async_script(
        "const [done] = arguments; pngAddress(explorer.drawing.svg).then(done, (error) => done(`${error}`))"
    )
    image = Image.open(io.BytesIO(base64.b64decode(png.removeprefix("data:image/png;base64,"))))
    assert image.size == tuple(2 * float(root.get(name)) for name in ("width", "height"))
    ground = (255, 255, 255) if scheme == "light" else (22, 24, 29)
    assert image.convert("RGB").getpixel((3, 3)) == ground
    # It is the picture that one sees, but for letters that are drawn a little otherwise.
    shot = Image.open(io.BytesIO(browser.driver.get_screenshot_as_png())).convert("RGB")
    left, top = (round(browser.find(".graph").rect[name]) for name in "xy")
    seen = shot.crop((left + 6, top + 6, left + image.width // 2 - 6, top + image.height // 2 - 6))
    saved = image.convert("RGB").resize((image.width // 2, image.height // 2), Image.Resampling.BOX)
    difference = ImageChops.difference(seen, saved.crop((6, 6, saved.width - 6, saved.height - 6)))
    assert sum(ImageStat.Stat(difference).mean) / 3 < 4
    browser.named("PNG").click()
    browser.named("SVG").click()
    assert browser.console() == []
