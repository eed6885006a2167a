import json

import pytest

from inwit.auditing.child.process import Child, Limits
from inwit.auditing.formats.files import Rows, mentions
from inwit.auditing.formats.trl import Rewards, open_target
from inwit.auditing.targets import read_target
from inwit.errors import InwitError

REWARDS = """
import re

def exact(completions, answer, **kwargs):
    said = [each if isinstance(each, str) else each[0]["content"] for each in completions]
    return [float(one == other) for one, other in zip(said, answer)]

async def later(completions, answer, **kwargs):
    return exact(completions, answer)

def length(completions, **kwargs):
    return [len(each) / 10 for each in completions]

def strict(completions, solution):
    return [1.0] * len(completions)

def nothing(completions, **kwargs):
    return [None for _ in completions]

def too_few(completions, **kwargs):
    return [1.0]

def no_completions(replies):
    return [1.0]

both = [exact, length]
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("trl") / "rewards.py"
    path.write_text(REWARDS)
    for name, prompt in (("plain", "2 + 2?"), ("chat", [{"role": "user", "content": "2 + 2?"}])):
        row = json.dumps({"prompt": prompt, "answer": "4"})
        (path.parent / f"{name}.jsonl").write_text("\n".join([row] * 4))
    return path


def opened(file, name, rows="plain", **options):
    target = open_target(f"{file}:{name}", {"data": str(file.parent / f"{rows}.jsonl"), **options})
    assert isinstance(target, Rewards)
    return target, target.items(4, 0)[0]


@pytest.mark.parametrize("rows", ["plain", "chat"])
@pytest.mark.parametrize("name", ["exact", "later"])
def test_completions_have_the_form_of_the_prompts(file, rows, name):
    target, item = opened(file, name, rows)
    assert item.question == "2 + 2?"
    assert (target.score("4", item), target.score("5", item)) == (1.0, 0.0)
    assert target.score_together(["4", "5", "4"], [item] * 3) == [1.0, 0.0, 1.0]
    assert target.about["correctness"]


def test_several_functions_are_added_with_their_weights(file):
    target, item = opened(file, "exact,length", set={"weights": "[1, 0.5]"})
    assert target.score("4", item) == pytest.approx(1.05)
    target, item = opened(file, "both")
    assert target.score("4", item) == pytest.approx(1.1)
    with pytest.raises(InwitError, match="a list of 2 numbers such as weights"):
        opened(file, "both", set={"weights": [1]})


def test_none_says_nothing_and_too_few_rewards_are_an_error(file):
    target, item = opened(file, "nothing")
    assert target.score("4", item) == 0.0
    assert not target.about["correctness"]
    target, item = opened(file, "too_few")
    with pytest.raises(TypeError, match="1 rewards for 2 completions"):
        target.score_together(["4", "5"], [item] * 2)


def test_what_does_not_fit_is_refused(file):
    with pytest.raises(InwitError, match=r"solution.*answer"):
        opened(file, "strict")
    with pytest.raises(InwitError, match="completions"):
        opened(file, "no_completions")
    with pytest.raises(InwitError, match="did you mean 'exact'"):
        opened(file, "exactly")
    with pytest.raises(InwitError, match="--data"):
        open_target(f"{file}:exact", {})


def test_a_column_is_mentioned_by_name_or_as_a_text():
    def by_name(completions, answer):
        return answer

    def as_text(completions, **columns):
        return [columns["answer"] for _ in range(2)]

    assert mentions(by_name, "answer")
    assert mentions(as_text, "answer")
    assert not mentions(as_text, "solution")
    assert mentions(len, "anything")


def test_it_runs_in_a_child(file):
    target = read_target(f"trl:{file}:exact", {"data": str(file.parent / "chat.jsonl")})
    assert target is not None
    with Child(target, Limits(call=1.0)) as child:
        assert child.about["kind"] == "graded"
        child.prepare("items", 4, 0, True)
        assert child.ask("score", [[0, "4"], [0, "5"]])[0].score == 1.0
        assert child.ask("together", [[[[0, "4"], [1, "5"]]]])[0].value == [1.0, 0.0]


def test_a_row_needs_a_question(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"a": 1}')
    with pytest.raises(InwitError, match="--question"):
        Rows({"data": str(path)})
