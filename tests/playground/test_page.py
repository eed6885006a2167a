"""The page in a real browser: what it shows is what the agent does."""

import re

import pytest

from inwit.agent import load
from inwit.cli.agents import SHIPPED
from inwit.playground.episodes import episode
from inwit.tools import show
from tests.playground.conftest import Held, solve, until

PROBLEM = "(3*7+2)-(4*5)"


def at(page, position):
    page.evaluate(
        "position => { const bar = document.querySelector('#player input');"
        "bar.value = position; bar.dispatchEvent(new Event('input')) }",
        position,
    )


def verdict(page):
    names = page.locator(".verdict dt").all_text_contents()
    return dict(zip(names, page.locator(".verdict dd").all_text_contents(), strict=True))


def test_a_problem_is_typed_and_answered(play):
    page = play(PROBLEM)
    assert verdict(page) == {"agent": "3", "exact": "3"}
    assert "right" in page.text_content(".verdict")
    page.fill("#problem", "2+")
    page.press("#problem", "Enter")
    page.wait_for_selector("#mistake:not([hidden])")
    assert "ends before a number" in page.text_content("#mistake")


def test_step_by_step_it_is_the_episode_that_trace_shows(play, shipped):
    page, traced = play(PROBLEM), shipped.solve(PROBLEM)
    page.press("body", "Home")
    assert page.text_content(".display") == "empty"
    for number, press in enumerate(traced.presses, 1):
        page.press("body", "ArrowRight")
        assert page.locator(".key.pressed").get_attribute("data-key") == press.key
        shown = page.text_content(".display")
        assert shown == ("empty" if press.accumulator is None else show(press.accumulator))
        assert page.text_content(".pending") == (f"{press.pending}  waits" if press.pending else "")
        frames = page.locator(".stack li:not(.more)").all_text_contents()
        told = [re.sub(r"frame \d+$|an open parenthesis", "", frame).strip() for frame in frames]
        assert told == [re.sub(r"\s+", " ", frame) for frame in press.memory]
        assert f"press {number}: {press.key}" in page.text_content("#now")
        likely = page.locator(".bars .chosen").all_text_contents()
        assert likely[0] == press.key
        assert float(likely[1].split()[-2]) == pytest.approx(100 * press.probability, abs=0.11)
        assert f"{press.value:.3f}" in page.text_content("#mind")
    page.press("body", "ArrowLeft")
    assert page.locator(".list [aria-current]").text_content().startswith(str(number - 1))
    page.press("body", "Home")
    page.press("body", " ")
    until(page, "document.querySelector('.run').textContent === 'Pause'")
    page.press("body", " ")
    assert page.text_content(".run") == "Run"


def test_the_cursor_and_the_forecast_are_shown(play, shipped):
    page = play(PROBLEM)
    at(page, 9)
    made = episode(shipped, PROBLEM)
    under = page.locator(".tape .under").text_content()
    assert under.removesuffix("cursor") == made.symbols[made.presses[8].cursor]
    assert page.locator(".ahead li").count() == 8
    marks = page.locator(".ahead li").all_text_contents()
    assert all("held out" in mark and ("✓" in mark or "✗" in mark) for mark in marks[:8])


def test_the_page_opens_with_a_problem_that_is_being_solved(play, shipped):
    page = play()
    until(page, "document.querySelector('.verdict dl') !== null")
    problem = page.input_value("#problem")
    assert page.locator("#count").text_content() == (
        f"{len(episode(shipped, problem).presses)} in all"
    )
    assert page.locator(".intro").text_content().count(".") == 2


def test_nothing_is_foretold_beyond_the_end(play, shipped):
    page = play("1+1")
    presses = len(episode(shipped, "1+1").presses)
    for press in (presses - 2, presses):
        at(page, press)
        assert page.locator(".ahead li").count() == presses - press + 1


def test_every_switch_does_what_the_same_episode_does_in_python(play, shipped):
    page = play(PROBLEM)
    names = page.eval_on_selector_all("#switches input", "all => all.map(each => each.name)")
    assert {"memory", "ADD", "SUB", "MUL", "state", "symbol", "next", "top"} == set(names)
    for name in names:
        made = episode(shipped, PROBLEM, off=[name])
        before = page.locator("#count").element_handle()
        with page.expect_response("**/api/episode"):
            page.check(f"#switches [name={name}]")
        expected = show(made.answer) if made.answered else "no answer"
        page.wait_for_function(
            "expected => document.querySelector('.verdict dd')?.textContent === expected",
            arg=expected,
        )
        assert before.text_content() == f"{len(made.presses)} in all"
        with page.expect_response("**/api/episode"):
            page.uncheck(f"#switches [name={name}]")


def test_a_stored_value_is_overwritten(play):
    page = play(PROBLEM)
    at(page, 12)
    page.click(".stack button")
    assert "23" in page.text_content("#overwrite-note")
    page.fill("#overwrite-value", "-100.5")
    page.press("#overwrite-value", "Enter")
    page.wait_for_selector("#edits li")
    until(page, "document.querySelectorAll('.verdict dd').length === 3")
    assert verdict(page)["exact, with the overwritten value"] == "-120.5"
    assert verdict(page)["agent"] == "-120.5"
    assert "follows" in page.text_content(".verdict")
    page.click("#edits button")
    until(page, "document.querySelectorAll('.verdict dd').length === 2")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800, 1280])
def test_nothing_is_wider_than_the_window(play, page, width, scheme):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    play(PROBLEM)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert contrast(page, "body") > 7
    for part in (".soft", ".tape .read", ".key small", ".what"):
        at(page, 12)
        assert contrast(page, part) > 4.5, part


def contrast(page, selector):
    """Of a text and what is behind it (WCAG 2.2)."""
    return page.evaluate(
        """selector => {
          let each = document.querySelector(selector);
          const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
          const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
            .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
            .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
          const ink = light(parse(getComputedStyle(each).color));
          let behind = parse(getComputedStyle(each).backgroundColor);
          while (behind[3] === 0 && each.parentElement) {
            each = each.parentElement;
            behind = parse(getComputedStyle(each).backgroundColor);
          }
          const paper = light(behind);
          return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
        }""",
        selector,
    )


def test_everything_can_be_reached_by_keyboard(play):
    page = play(PROBLEM)
    at(page, 12)
    page.focus("#problem")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "(({ id, name, className, tagName }) => id || name || className || tagName)"
                "(document.activeElement)"
            )
        )
    assert {"memory", "state", "list", "run"} <= reached
    nameless = page.eval_on_selector_all(
        "button, input, select",
        "all => all.filter(each => !each.textContent.trim() && !each.labels?.length"
        " && !each.getAttribute('aria-label')).map(each => each.outerHTML)",
    )
    assert nameless == []


def compare(page, problem):
    page.fill("#problem", problem)
    page.press("#problem", "Enter")


@pytest.fixture
def compared(page, served):
    """The page that compares the last weights with the first ones, at a problem of its choice."""
    page.goto(f"{served.address}compare.html")
    page.wait_for_selector("body[data-ready]")
    assert PROBLEM not in page.input_value("#problem")
    return page


def test_two_moments_are_compared(compared, shipped):
    page, keys = (
        compared,
        [each.solve(PROBLEM).keys for each in (shipped, load(SHIPPED, snapshot=0))],
    )
    compare(page, PROBLEM)
    until(page, "document.querySelector('#left').textContent.includes('3, exactly 3')")
    assert "right" in page.text_content("#left")
    assert "wrong" in page.text_content("#right")
    pairs = zip(*map(str.split, keys), strict=False)
    parting = next(number for number, (one, other) in enumerate(pairs, 1) if one != other)
    assert f"The two differ from press {parting} on." in page.text_content("#right")
    page.select_option("#second", "0")
    until(page, "document.querySelector('#right').textContent.includes('same keys')")


def test_an_answer_does_not_take_the_field_from_who_types_in_it(play, page):
    """Enter would go to the player: the first example may be solved while a problem is typed."""
    held = Held(page, "episode", 1)
    play()
    held.wait()
    page.fill("#problem", PROBLEM)
    held.let_go()
    assert page.evaluate("document.activeElement.id") == "problem"
    page.keyboard.press("Enter")
    until(page, "document.body.dataset.problem === given", PROBLEM)
    assert page.evaluate("document.activeElement.id") != "problem"


def test_of_two_comparisons_the_later_is_shown_whichever_answer_comes_first(compared):
    page = compared
    held = Held(page, "episode", 2)
    compare(page, "2+3")
    held.wait()
    compare(page, PROBLEM)
    until(page, "document.querySelector('#left').textContent.includes('exactly 3 ')")
    held.let_go()
    assert "exactly 3 " in page.text_content("#left")
    assert "exactly 3 " in page.text_content("#right")


def test_of_two_agents_the_later_plays_whichever_comes_first(play):
    page = play()
    held = Held(page, "agent", 1)
    page.select_option("#agent", "1")
    held.wait()
    with page.expect_response("**/api/agent"):
        page.select_option("#agent", "0")
    held.let_go()
    solve(page, PROBLEM)
    assert verdict(page) == {"agent": "3", "exact": "3"}
    at(page, 9)
    assert page.locator(".ahead li").count() == 8  # of the last weights alone there is a forecast


def test_of_two_episodes_the_later_is_shown_whichever_answer_comes_first(page, served):
    page.goto(f"{served.address}watch.html")
    until(page, "document.querySelectorAll('#tried tr').length === 5")
    held = Held(page, "tried", 1)
    compare(page, "2+3")
    held.wait()
    compare(page, PROBLEM)
    until(page, "document.querySelector('#tried tr:last-child').textContent.includes('3✓ right')")
    held.let_go()
    assert "MUL" in page.text_content("#tried tr:last-child")
