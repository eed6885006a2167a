"""Countdown on the page: a person answers first, then the agent; both are judged exactly."""

import random
import re
from fractions import Fraction

import pytest

from inwit import agent as agents
from inwit.playground.episodes import episode
from inwit.playground.export import export_web
from inwit.playground.server import Server
from inwit.tasks import merges
from tests.playground.conftest import until

JUDGE = """async asked => {
  const { judge, solution } = await import('./countdown.js');
  return asked.map(([text, problem]) => {
    try { return [judge(text, problem).right, judge(text, problem).note, solution(problem)] }
    catch (error) { return [null, error.message, solution(problem)] }
  });
}"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("countdown") / "run"
    sizes = {"policy.width": 8, "replay.hindsight": 64}
    agents.train("countdown", updates=1, batch=16, out=path, **sizes)
    return path


@pytest.fixture(scope="module")
def address(run):
    with Server([run], 0) as server:
        yield server.address


def value(expression):
    """Of an expression of whole numbers, by Python's own arithmetic."""
    return eval(re.sub(r"(\d+)", r"Fraction(\1)", expression), {"Fraction": Fraction})


def test_a_solution_is_found_where_there_is_one(page, address):
    page.goto(address)
    source = random.Random(1)
    problems = [
        {"numbers": sorted(source.choices(range(1, 30), k=count)), "target": source.randint(10, 99)}
        for count in (3, 3, 3, 3, 3, 3, 4, 4, 4, 4)
    ]
    found = page.evaluate(JUDGE, [["1", problem] for problem in problems])
    for problem, (_, _, solution) in zip(problems, found, strict=True):
        assert bool(solution) == bool(merges.solutions(problem["numbers"], problem["target"]))
        if solution:
            assert value(solution) == problem["target"]
            assert sorted(map(int, re.findall(r"\d+", solution))) == problem["numbers"]
    assert {bool(solution) for _, _, solution in found} == {True, False}


@pytest.mark.parametrize(
    ("text", "right", "told"),
    [
        ("(7-8/8)*4", True, "You reached 24."),
        ("(7 - 8 / 8) * 4 = 24", True, "You reached 24."),
        ("8/(4-8)+7", False, "You made 5, not 24."),
        ("8/(4-8)/7", False, "You made -2/7, not 24."),
        ("(7-8/8)", None, "4: not used yet"),
        ("(7-8/8)*4*4", None, "4: not among the numbers that are left"),
        ("8+8+8", None, "8: not among"),
        ("4*7--8-8", None, "-8 has a sign"),
        ("7/(8-8)+4", None, "divides by zero"),
        ("4*(7", None, "never closed"),
    ],
)
def test_an_expression_is_judged_by_the_rules(page, address, text, right, told):
    page.goto(address)
    problem = {"numbers": [4, 7, 8, 8], "target": 24}
    [(found, message, _)] = page.evaluate(JUDGE, [[text, problem]])
    assert found is right
    assert told in message


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "light")])
def test_a_person_plays_against_the_agent(page, address, run, width, scheme):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    until(page, "document.querySelector('.verdict dl') !== null")
    page.fill("#problem", "4 7 8 8 -> 24")
    page.click("#duel-this")
    assert page.is_hidden("#stage")  # the agent's answer is not given away
    page.click(".tile:has-text('7')")
    page.keyboard.type("-8/8")
    assert page.locator(".tile.used").all_text_contents() == ["7", "8", "8"]
    page.keyboard.press("Enter")
    assert "4: not used yet" in page.text_content("#duel-note")
    page.fill("#duel-answer", "(7-8/8)*4")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("Enter")
    until(page, "document.getElementById('duel-score').textContent !== ''")
    agent = agents.load(run)
    made = episode(agent, "4 7 8 8 -> 24")
    assert page.text_content("#duel-score") == f"you 1, agent {int(made.right)}, of 1"
    pressed = re.search(r"pressed (\S+), which is (right|wrong)", page.text_content("#duel-note"))
    if made.answered:
        assert value(pressed[1]) == Fraction(made.answer).limit_denominator(10**6)
    assert page.is_visible("#stage")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_new_problem_can_be_given_up(page, address):
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    known = page.locator("#examples button").all_text_contents()
    page.click("#duel-new")
    until(page, "document.activeElement.id === 'duel-answer'")
    problem = page.input_value("#problem")
    assert problem not in known
    assert page.text_content("#duel-target") == problem.split()[-1]
    page.click("#duel-pass")
    until(page, "document.getElementById('duel-score').textContent.startsWith('you 0')")
    told = page.text_content("#duel-note")
    right = re.search(r"One right expression: (\S+)\.", told)
    assert right is None or value(right[1]) == int(problem.split()[-1])
    assert right is not None or "which is right" in told


def test_the_game_is_played_in_an_exported_folder(page, run, static_host, tmp_path):
    export_web(agents.load(run), tmp_path / "web")
    page.goto(static_host(tmp_path / "web"))
    page.wait_for_selector("body[data-ready]")
    page.click("#duel-new")
    until(page, "document.activeElement.id === 'duel-answer'")
    numbers, target = page.input_value("#problem").split(" -> ")
    right = merges.solutions([int(each) for each in numbers.split()], int(target))
    assert right
    page.fill("#duel-answer", "+".join(numbers.split()))
    page.keyboard.press("Enter")
    until(page, "document.getElementById('duel-score').textContent !== ''")
    total = sum(map(int, numbers.split()))
    told = "You reached" if total == int(target) else f"You made {total}, not {target}."
    assert told in page.text_content("#duel-note")


def test_the_game_is_only_there_for_countdown(play):
    assert play().is_hidden("#duel")
