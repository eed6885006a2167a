"""One reader judges words, calls and rewards alike; replies are taken as real servers send them."""

import json
import random
from datetime import date
from math import inf, nan
from pathlib import Path

import pytest

import inwit
from inwit.answers import Outcome, grade
from inwit.cli.main import main
from inwit.errors import InvalidProblem
from inwit.llm import Toolbox, environment_factory, right_answers
from inwit.llm.chats import asked, text_of
from inwit.llm.endpoint import Endpoint
from inwit.llm.scoring import evaluate_model
from inwit.llm.values import Fault, Values
from inwit.tasks import read_problems
from inwit.tools import tool
from tests.ecosystem.stub_server import calling, serving

PAIRS = (Path(__file__).parent.parent / "answers/pairs.jsonl").read_text().splitlines()
NUMBERS = [pair for pair in map(json.loads, PAIRS) if pair[1] in {"18", "0", "-7", "0.5", "37"}]


@tool
def same(value: float) -> float:
    """The value itself."""
    return value


def asking(stated, **options):
    """A task whose answer is always the same."""

    @inwit.task(tools=[same], **options)
    def one(draw: random.Random) -> inwit.Problem:
        return inwit.Problem(prompt="say {0}", operands=(draw.randrange(10**6),), answer=stated)

    return Toolbox(one, seconds=None)


def posed(toolbox):
    environment = environment_factory(toolbox)()
    environment.reset(level=0, seed=3)
    return environment


def said(toolbox, text):
    environment = posed(toolbox)
    environment.episode.say(text)
    return environment.episode


BOXES = {stated: asking(float(stated)) for stated in sorted({pair[1] for pair in NUMBERS})}


@pytest.mark.parametrize(("reply", "stated", "outcome"), NUMBERS)
def test_words_calls_and_rewards_agree(reply, stated, outcome):
    box = BOXES[stated]
    assert said(box, reply).outcome == outcome
    environment = posed(box)
    environment.answer(reply)
    assert environment.episode.outcome == outcome
    reward = right_answers(box)(
        [[{"role": "assistant", "content": reply}]], level=[0], seed=[3], held_out=[False]
    )
    assert reward == [environment.get_reward()] == [float(outcome == "right")]


def test_what_is_unread_earns_nothing_and_is_told_apart():
    logged = {}
    replies = [
        "18",
        "19",
        "18 or 19",
        [{"type": "text", "text": "1"}, {"type": "text", "text": "8"}],
    ]
    rewards = right_answers(BOXES["18"])(
        [[{"role": "assistant", "content": reply}] for reply in replies],
        level=[0] * 4,
        seed=[3] * 4,
        held_out=[False] * 4,
        log_metric=logged.__setitem__,
    )
    assert rewards == [1.0, 0.0, 0.0, 1.0]
    assert logged == {"unread": 0.25}


@pytest.mark.parametrize("given", [True, False, nan, inf, -inf, 10**400, None, [18], {"a": 18}])
def test_what_is_no_number_is_no_answer(given):
    environment = posed(BOXES["18"])
    try:
        environment.answer(given)
    except Fault:
        assert environment.episode.outcome is None
    else:
        assert environment.episode.outcome is Outcome.UNREAD
    assert environment.get_reward() == 0.0


@pytest.mark.parametrize("name", ["same", "answer", "store"])
def test_truth_values_are_refused_alike(name):
    environment = posed(asking(1.0, memory=1))
    with pytest.raises(Fault):
        getattr(environment, name)(True)
    assert environment.get_reward() == 0.0


def test_truth_values_inside_an_object_are_refused():
    values = Values()
    assert values.read({"a": 1}, dict[str, float]) == {"a": 1.0}
    with pytest.raises(Fault, match="true and false are not numbers"):
        values.read({"a": True}, dict[str, float])
    assert values.read({"a": True}, dict[str, bool]) == {"a": True}
    assert values.read(True, bool) is True


@pytest.mark.parametrize(
    ("text", "value"), [("1,000", 1000), ("\u22123", -3), ("3/4", 0.75), (" 7 ", 7)]
)
def test_texts_of_numbers_are_read_in_calls_as_in_answers(text, value):
    assert posed(BOXES["18"]).same(text) == value
    assert Values().read(text, float) == value


def test_tolerance_and_verify_are_the_tasks_own():
    assert said(asking(10 / 3, tolerance=0.01), "about 3.34").outcome is Outcome.RIGHT
    assert said(asking(10 / 3), "about 3.34").outcome is Outcome.WRONG
    even = asking(2.0, verify=lambda value, problem: value % 2 == 0)
    assert said(even, "I say **1,004**.").outcome is Outcome.RIGHT
    assert said(even, "1,005").outcome is Outcome.WRONG
    assert said(even, "1,004 or 1,005").outcome is Outcome.UNREAD


@pytest.mark.parametrize(
    ("reply", "outcome"), [pair[::2] for pair in map(json.loads, PAIRS) if pair[1] == "Monday"]
)
def test_texts_are_judged_as_by_the_reader(reply, outcome):
    assert said(asking("Monday"), reply).outcome == outcome == grade(reply, "Monday")


def test_capital_letters_count_where_answers_differ_by_them_alone():
    @inwit.task(tools=[same])
    def letters(draw: random.Random) -> inwit.Problem:
        answer = draw.choice(["ab", "aB"])
        return inwit.Problem(
            prompt=f"say {answer} {{0}}", operands=(draw.randrange(99),), answer=answer
        )

    episode = posed(Toolbox(letters, seconds=None)).episode
    right = episode.question.split()[1]
    episode.say(right.swapcase())
    assert episode.outcome is Outcome.WRONG
    assert said(asking("ab"), "AB").outcome is Outcome.RIGHT


def test_other_values_are_read_out_of_words():
    box = asking(date(2026, 11, 22))
    assert said(box, "The answer is **2026-11-22**.").outcome is Outcome.RIGHT
    assert said(box, "2026-11-23").outcome is Outcome.WRONG
    assert said(box, "some day in November").outcome is Outcome.UNREAD


@pytest.mark.parametrize("arguments", ["", "  ", "null", None, "{}", {}, [], "[]", '"{}"', '""'])
def test_no_arguments_are_written_in_many_ways(arguments):
    call = asked("recall", arguments)
    assert (call.arguments, call.mistake) == ({}, "")


@pytest.mark.parametrize(
    "arguments", ["7", "[1]", '{"a": NaN}', '{"a": Infinity}', "nothing", True, 7]
)
def test_other_arguments_are_a_mistake(arguments):
    assert asked("mul", arguments).mistake == "the arguments are not a JSON object"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("7", "7"),
        (None, ""),
        (
            [{"type": "text", "text": "The answer "}, {"type": "text", "text": "is 7."}],
            "The answer is 7.",
        ),
        ([{"type": "thinking", "thinking": [{"text": "8"}]}, {"type": "text", "text": "7"}], "7"),
        (["7", {"type": "image_url", "image_url": {}}], "7"),
        ([], ""),
        ({"text": "7"}, ""),
        (7, ""),
    ],
)
def test_the_text_of_a_message_may_come_in_parts(content, text):
    assert text_of(content) == text


def scored(message, task="stages"):
    toolbox = Toolbox(task)
    with serving(lambda request: message) as stub:
        found = evaluate_model(
            Endpoint(f"{stub.url}#stub", pause=0.01), toolbox, count=2, seed=2026, levels=(0,)
        )
    return *found, stub


def test_a_server_that_sends_parts_and_no_arguments_is_understood():
    _, (conduct,), done, stub = scored(
        calling("recall", "", content=[{"type": "text", "text": "hm"}])
    )
    assert {call.fault for each in done for call in each.calls} == {"the memory is empty"}
    back = next(each for each in stub.asked[-1]["messages"] if each["role"] == "assistant")
    assert back["content"] == "hm"
    assert back["tool_calls"][0]["function"]["arguments"] == "{}"
    assert conduct.unread == 0


def test_calls_that_a_server_leaves_in_the_text_are_made():
    text = 'Now <tool_call>{"name": "answer", "arguments": {"value": 1}}</tool_call>'
    _, (conduct,), done, _ = scored({"role": "assistant", "content": text})
    assert [call.name for each in done for call in each.calls] == ["answer", "answer"]
    assert conduct.in_words == 0


def test_unread_answers_have_a_column_of_their_own_and_strict_json(tmp_path, capsys):
    with serving(lambda request: {"content": "7 or 8"}) as stub:
        agent = ["--agent", f"llm:{stub.url}#stub", "--task", "stages"]
        main(["evaluate", *agent, "--count", "2", "--json", str(tmp_path / "scores.json")])
        main(["trace", *agent, "--count", "1"])
    shown = capsys.readouterr().out
    assert "(unread, exactly" in shown
    told = json.loads((tmp_path / "scores.json").read_text(), parse_constant=pytest.fail)
    assert [each["unread"] for each in told["conduct"]] == [2, 2, 2]
    assert {each["outcome"] for each in told["episodes"]} == {"unread"}


def test_an_answer_that_is_not_finite_is_null_in_the_file(tmp_path, capsys):
    with serving(lambda request: calling("answer", '{"value": 1e999}')) as stub:
        agent = ["--agent", f"llm:{stub.url}#stub", "--task", "stages", "--count", "1"]
        main(["evaluate", *agent, "--json", str(tmp_path / "scores.json")])
    told = json.loads((tmp_path / "scores.json").read_text(), parse_constant=pytest.fail)
    assert {each["answer"] for each in told["episodes"]} == {None}
    assert not any(level["agent"]["right"] for level in told["levels"])


@pytest.mark.parametrize(
    ("stated", "value"),
    [
        ('"1,234"', 1234),
        ('"3/4"', 0.75),
        ('"$18"', 18),
        ('"\u22123"', -3),
        ("18", 18),
        ('"50%"', 0.5),
        ('"\u00bd"', 0.5),
    ],
)
def test_problem_files_state_answers_in_the_same_grammar(tmp_path, stated, value):
    path = tmp_path / "problems.jsonl"
    path.write_text(f'{{"question": "1+2", "answer": {stated}}}\n', encoding="utf8")
    (problem,) = read_problems(path)
    assert problem.answer == value


def test_problem_files_refuse_truth_values(tmp_path):
    path = tmp_path / "problems.jsonl"
    path.write_text('{"question": "1+2", "answer": true}\n')
    with pytest.raises(InvalidProblem, match="answer: true"):
        read_problems(path)
