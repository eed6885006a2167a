"""Rows of problems for trainers, and chats in which problems are solved."""

import random
from fractions import Fraction

import pytest

import inwit
from inwit.errors import InvalidOption
from inwit.llm import (
    Toolbox,
    demonstrations,
    environment_factory,
    prompt_rows,
    right_answers,
    tool_functions,
)
from inwit.tools import ADD


def test_rows_are_the_same_problems_again_and_training_never_sees_held_out_ones():
    rows = list(prompt_rows("stages", 60, seed=4, asked=True))
    assert rows == list(prompt_rows("stages", 60, seed=4, asked=True))
    environment = environment_factory("stages")()
    for row in rows:
        assert environment.reset(**row) == row["prompt"][1]["content"]
        digits = [int(each) for each in environment.episode.question if each.isdigit()]
        assert sum(digits) % 5 != 0
    held = prompt_rows("stages", 60, seed=4, held_out=True)
    for row in held:
        assert sum(int(x) for x in environment.reset(**row) if x.isdigit()) % 5 == 0
    with pytest.raises(InvalidOption, match="level 9"):
        next(prompt_rows("stages", 1, levels=[9]))


def test_tools_without_an_environment_and_their_reward():
    functions = {function.__name__: function for function in tool_functions("stages")}
    assert set(functions) == {"mul", "add", "sub"}
    rows = list(prompt_rows("stages", 9, asked=True))
    says, columns = (
        [],
        {name: [row[name] for row in rows] for name in ("level", "seed", "held_out")},
    )
    for row in rows:
        exact = eval(row["prompt"][1]["content"])
        says.append([{"role": "assistant", "content": f"The answer is {exact}."}])
    says[0] = [{"role": "assistant", "content": "I do not know"}]
    says[1] = [{"role": "assistant", "content": "", "tool_calls": [{}]}]
    says[2] = []
    assert right_answers("stages")(completions=says, **columns) == [0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert functions["mul"](a=3, b=0.5) == 1.5


@pytest.mark.parametrize(
    ("task", "level"), [("stages", 2), ("expressions", 4), ("expressions-prompt", 3)]
)
@pytest.mark.parametrize("memory", [True, False])
def test_demonstrations_of_oracles_are_right_and_calculate_what_python_does(task, level, memory):
    toolbox = Toolbox(task, memory=memory)
    for chat in demonstrations(toolbox, 20, level=level):
        question = chat[1]["content"]
        calls = [each["tool_calls"][0]["function"] for each in chat if each.get("tool_calls")]
        assert calls[-1]["name"] == "answer"
        assert calls[-1]["arguments"]["value"] == Fraction(eval(question))
        names = {call["name"] for call in calls}
        assert names <= {"mul", "add", "sub", "answer"} | ({"store", "recall"} if memory else set())
        for call, told in zip(
            calls, (each for each in chat if each["role"] == "tool"), strict=True
        ):
            a, b = call["arguments"].get("a"), call["arguments"].get("b")
            due = {"mul": lambda a, b: a * b, "add": lambda a, b: a + b, "sub": lambda a, b: a - b}
            if call["name"] in due:
                assert told["content"] == str(due[call["name"]](a, b))


def test_even_play_shows_the_form_alone():
    chats = demonstrations(Toolbox("expressions", memory=False), 300, level=1, programs="even")
    right = 0
    for chat in chats:
        first = chat[2]["tool_calls"][0]["function"]
        answered = chat[-3]["tool_calls"][0]["function"]["arguments"]["value"]
        assert first["name"] in {"add", "sub", "mul", "answer"}
        right += answered == eval(chat[1]["content"])
    assert 0.15 < right / 300 < 0.45  # three episodes of four call a tool, one tool of three is due


def test_a_task_without_programs_cannot_be_demonstrated():
    @inwit.task(tools=[ADD])
    def sums(draw: random.Random) -> inwit.Problem:
        return inwit.Problem(prompt="{0}", operands=(draw.randrange(999),), answer=0)

    with pytest.raises(InvalidOption, match="oracle programs"):
        demonstrations(sums, 5)
