"""Undo in the explorer, and what has changed since a state that was kept."""

import pytest

from autograd_lite import Value
from autograd_lite.draw.explorer import explore
from autograd_lite.writing import short


def cost(w=0.5, x=2.0, b=-0.4):
    return ((Value(w, "w") * Value(x, "x") + Value(b, "b")).tanh() + 1.0) ** 2


LEAVES = "return explorer.changes.state()"


@pytest.fixture
def opened(browser, tmp_path):
    browser.open(explore(cost()).save(tmp_path / "page.html"))
    browser.run("explorer.player.go(explorer.steps.last); explorer.drawing.viewport.fit(0)")
    return browser


def undo(browser):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    browser.run("document.activeElement.blur()")
    ActionChains(browser.driver).key_down(Keys.CONTROL).send_keys("z").key_up(Keys.CONTROL).perform()


def table(browser):
    return [row.split() for row in browser.texts(".changes tbody tr")]


def test_every_kind_of_change_is_undone_by_one_gesture_each(opened):
    from selenium.webdriver.common.keys import Keys

    browser = opened
    states = [browser.run(LEAVES)]

    def changed():
        state = browser.run(LEAVES)
        assert state != states[-1]
        states.append(state)

    browser.drag(browser.find("[data-node='0']"), 30)
    changed()
    browser.find(".descent button").click()
    changed()
    browser.named("Value of w, slider").send_keys("\ue014")
    changed()
    field = browser.named("Value of w")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("-1.25")
    changed()
    browser.named("Run").click()
    browser.wait("explorer.descent.history.length > 4")
    browser.find(".descent [aria-pressed]").click()
    changed()
    browser.named("Reset all").click()
    changed()
    for k, before in enumerate(reversed(states[:-1])):
        if k % 2:
            browser.named("Undo").click()
        else:
            undo(browser)
        assert browser.run(LEAVES) == before
    assert not browser.named("Undo").is_enabled()
    undo(browser)
    assert browser.run(LEAVES) == states[0]
    assert browser.run("return explorer.graph.cost") == pytest.approx(cost().data, rel=1e-14)


def test_what_has_changed_is_told_by_how_much(opened):
    browser = opened
    assert "Nothing is changed" in browser.find(".changes").text
    browser.run("explorer.change([[0, 0.75]])")
    before, after = cost().data, cost(w=0.75).data
    assert table(browser) == [
        ["C", short(before), short(after), short(after - before)],
        ["w", "0.5", "0.75", "0.25"],
    ]
    browser.named("Compare from here").click()
    assert "Nothing is changed" in browser.find(".changes").text
    undo(browser)
    assert table(browser)[1] == ["w", "0.75", "0.5", "−0.25"]
    assert browser.console() == []


def test_a_nudge_and_a_fault_leave_nothing_to_undo(opened):
    browser = opened
    browser.run("explorer.select(0); explorer.practice.choose(explorer.practice.exercises[3])")
    browser.run("explorer.practice.choose(explorer.practice.exercises[1])")
    assert not browser.named("Undo").is_enabled()
