"""What eyes and fingers need of the explorer, measured in the page: contrast, size of targets."""

import pytest

from autograd_lite import Value
from autograd_lite.draw.explorer import explore
from nn import MLP


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
