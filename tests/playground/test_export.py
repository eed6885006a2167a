"""The exported folder: without a server, it answers as Python does."""

import json
import random
import re
import stat
from fractions import Fraction
from time import monotonic

import pytest
import torch

from inwit.cli.agents import SHIPPED
from inwit.cli.main import main
from inwit.errors import InvalidOption
from inwit.playground.episodes import Edit, episode
from inwit.playground.export import export_web
from inwit.playground.forecast import fit_forecast
from inwit.playground.switches import switches
from inwit.probes.subject import draw
from inwit.tasks import infix
from inwit.tools import FAULT, show
from inwit.training.rollout import press_probabilities
from tests.playground.conftest import until
from tests.playground.exported import FEW, same

NIGHTLY = pytest.mark.nightly


@torch.no_grad()
def in_python(agent, problems):
    """Keys, probabilities and answers of greedy episodes, all problems at once."""
    policy, environment = agent.policy, agent.environment
    prompt, observation = environment.reset(problems)
    memory, rows = policy.begin(prompt), []
    for _ in range(environment.limit):
        running = ~environment.ended
        scores, _, memory = policy.step(observation, memory)
        shares = press_probabilities(scores, observation.legal)
        observation = environment.step(shares.argmax(1)).observation
        rows.append((shares, running))
    answers = environment.state.frame.accumulator.masked_fill(~environment.state.answered, 0)
    shares, running = (torch.stack(each, 1) for each in zip(*rows, strict=True))
    return [shares[row][running[row]] for row in range(len(problems))], answers, environment.right


@pytest.mark.parametrize(
    ("task", "count"),
    [
        ("expressions", 60),
        ("stages", 60),
        ("expressions-prompt", 30),
        pytest.param("expressions", 600, marks=NIGHTLY),
        pytest.param("stages", 250, marks=NIGHTLY),
        pytest.param("expressions-prompt", 150, marks=NIGHTLY),
    ],
)
def test_a_thousand_answers_are_those_of_python(pressed, shipped, make_agent, task, count):
    agent = shipped if task == "expressions" else make_agent(task, policy="gru")
    levels = [*agent.environment.task.levels, *([12] if task == "expressions" else [])]
    problems = draw(agent.environment.task, levels, count, 3)
    texts = [agent.environment.task.describe(problems, row) for row in range(count)]
    made = pressed(agent, [[text, {}] for text in texts])
    for level in levels:  # limits of presses and memory belong to a level
        rows = (problems.level == level).nonzero()[:, 0]
        shares, answers, right = in_python(agent, problems.select(rows))
        for place, found in enumerate(made[row] for row in rows.tolist()):
            assert [press["key"] for press in found["presses"]] == shares[place].argmax(1).tolist()
            told = torch.tensor([press["probabilities"] for press in found["presses"]])
            assert float((told - shares[place]).abs().max()) < 1e-5
            assert found["right"] == bool(right[place])
            if found["answered"]:
                answer = float(answers[place])
                assert found["answer"] == ("fault" if answer == FAULT else answer)
    if task == "expressions":
        assert all(each["right"] for each in made)


@pytest.mark.parametrize(
    ("task", "changes"),
    [
        pytest.param("expressions", {}, marks=NIGHTLY),
        ("expressions", {"operators": "+-*/"}),
        pytest.param("stages", {}, marks=NIGHTLY),
        pytest.param("stages", {"once": False}, marks=NIGHTLY),
        ("stages", {"masks": "none"}),
        ("stages", {"masks": "learned"}),
        pytest.param("expressions-prompt", {"policy": "gru", "operators": "-/"}, marks=NIGHTLY),
    ],
)
def test_a_broken_agent_does_the_same_in_the_browser(pressed, shipped, make_agent, task, changes):
    """All switches, and an overwritten value, in whole records."""
    plain = task == "expressions" and not changes
    agent = shipped if plain else make_agent(task, **changes)
    forecast = fit_forecast(agent, FEW)
    asked = []
    for problem in ("3*7+2-4*5", "2-.5/(4-1.5)"):
        for name in (None, *switches(agent.environment)):
            asked.append((problem, {"off": [name] if name else []}))
    asked += [
        (problem, {**change, "edits": edits}) for problem, change, edits in stores(agent, asked)
    ]
    made = pressed(agent, asked)
    compared = 0
    for (problem, change), found in zip(asked, made, strict=True):
        edits = [Edit(**edit) for edit in change.get("edits", ())]
        if "error" in found:  # what cannot be read is told in the same words
            with pytest.raises(ValueError, match=re.escape(found["error"])):
                episode(agent, problem, off=change["off"], edits=edits)
            continue
        expected = episode(agent, problem, off=change["off"], edits=edits, forecast=forecast)
        same(found, json.loads(json.dumps(expected.to_json())))
        compared += 1
    assert compared >= len(switches(agent.environment))


def with_large_numbers(count):
    """Expressions whose values have more digits than float64 holds, or no end."""
    source = random.Random(5)

    def number():
        digits = str(source.randrange(10 ** source.randrange(1, 20)))
        return source.choice([digits, f"{digits}.{source.randrange(10**6)}", f"-{digits}"])

    for _ in range(count):
        yield "".join(part for _ in "123" for part in (number(), source.choice("+-*/"))) + "7"


def test_what_is_called_exact_has_all_its_digits(pressed, make_agent):
    agent = make_agent("expressions", operators="+-*/")
    problems = ["123456789*987654321", "9007199254740993-9007199254740992", "1/3", "-1/8", "0*-1"]
    problems += with_large_numbers(150)
    made = pressed(agent, [[problem, {}] for problem in problems])
    assert made[0]["exact"] == "121932631112635269"
    for problem, found in zip(problems, made, strict=True):
        expected = episode(agent, problem)
        assert Fraction(found["exact"]) == infix.read(problem).value()
        assert (found["exact"], found["symbols"]) == (expected.exact, list(expected.symbols))
        assert "".join(found["symbols"]) == problem.replace("+-", "+-")


SHOW = "async values => { const { show } = await import('./element.js'); return values.map(show) }"


def test_values_are_shown_as_python_shows_them(page, static_host, shipped, tmp_path):
    export_web(shipped, tmp_path / "web")
    page.goto(static_host(tmp_path / "web"))
    source = random.Random(6)
    values = [float(source.randrange(-(10**power), 10**power)) for power in range(1, 21)]
    values += [source.uniform(-1, 1) * 10**power for power in range(-5, 16)]
    values += [0.1 + 0.2, 1 / 3, -0.0, 1e20, 2.0**53 + 2, 1e-6]
    assert page.evaluate(SHOW, values) == list(map(show, values))
    assert page.evaluate(SHOW, [None, "fault", "Monday"]) == ["-", "fault", "Monday"]


def stores(agent, asked):
    """The first value that is stored in each episode, to be overwritten."""
    for problem, change in asked:
        try:
            made = episode(agent, problem, **change)
        except ValueError:
            continue
        for at, press in enumerate(made.presses, 1):
            if press.top >= 0 and made.frames[press.top].values:
                place, below = 0, made.frames[press.top].below
                while below >= 0:
                    place, below = place + 1, made.frames[below].below
                yield problem, change, [{"press": at, "place": place, "value": -1.75}]
                break


def test_mistakes_are_told_in_the_same_words(pressed, shipped):
    given = ["", "3*7+", "3*x", "(1+2", "1+2)", "1 2", "8/2", "*".join("9" * 400), "1//2", "()"]
    made = pressed(shipped, [[problem, {}] for problem in given])
    for problem, found in zip(given, made, strict=True):
        with pytest.raises(ValueError, match=f"^{re.escape(found['error'])}$"):
            episode(shipped, problem)


def test_the_exported_page_plays_without_a_server(page, static_host, tmp_path):
    main(["export", SHIPPED.as_posix(), "--web", str(tmp_path / "web")])
    page.goto(static_host(tmp_path / "web"))
    page.wait_for_selector("body[data-ready]")
    assert not page.is_visible("nav")
    page.fill("#problem", "2+3*(4-5*6)")
    page.press("#problem", "Enter")
    until(page, "document.querySelector('.verdict dl') !== null")
    assert page.locator(".verdict dd").all_text_contents() == ["-76", "-76"]
    page.check("#switches [name=ADD]")
    until(page, "document.querySelector('.verdict').textContent.includes('wrong')")
    page.check("#switches [name=memory]")
    until(page, "document.querySelector('.verdict').textContent.includes('never')")


@pytest.mark.slow
def test_the_folder_can_be_read_by_a_static_host(tmp_path, shipped):
    export_web(shipped, tmp_path / "web")
    files = list((tmp_path / "web").iterdir())
    assert all(stat.S_IMODE(file.stat().st_mode) & 0o044 == 0o044 for file in files)
    assert sum(file.stat().st_size for file in files) < 500_000
    assert not {"watch.js", "compare.html", "report.js"} & {file.name for file in files}


def test_an_ensemble_and_a_task_of_tools_are_refused(make_agent, tmp_path):
    with pytest.raises(InvalidOption, match="policy ensemble does not run in a browser"):
        export_web(make_agent("stages", policy="ensemble"), tmp_path / "web")
    with pytest.raises(InvalidOption, match="task word-problems does not run in a browser"):
        export_web(make_agent("word-problems", policy="gru"), tmp_path / "web")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_folder_that_holds_something_is_refused(shipped, tmp_path):
    (tmp_path / "mine").write_text("kept")
    with pytest.raises(InvalidOption, match="not empty"):
        export_web(shipped, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_thousand_operations_stay_smooth(page, static_host, shipped, tmp_path):
    export_web(shipped, tmp_path / "web")
    page.goto(static_host(tmp_path / "web"))
    page.wait_for_selector("body[data-ready]")
    page.get_by_text("1,000 operations").click()
    until(page, "document.querySelector('.verdict dl') !== null")
    assert "right" in page.text_content(".verdict")
    presses = int(re.sub(r"\D", "", page.text_content("#count")))
    assert presses > 2000
    assert page.locator(".list .line").count() < 60
    assert page.locator(".tape span").count() < 80
    began = monotonic()
    moves = page.evaluate(
        "async () => { const list = document.querySelector('.list'); let drawn = 0;"
        "for (let top = 0; top < list.scrollHeight; top += 900) {"
        "  list.scrollTop = top; await new Promise(requestAnimationFrame); drawn += 1 }"
        "return drawn }"
    )
    page.evaluate("document.querySelector('.list').scrollTop = 1e9")
    assert moves > 50
    assert (monotonic() - began) / moves < 0.1
    until(
        page,
        "document.querySelector('.list .line:last-child').textContent.startsWith(given)",
        str(presses),
    )
