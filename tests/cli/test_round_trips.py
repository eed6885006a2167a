"""What an agent is asked, what is exported and what is read back are one text, and one problem."""

import json
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import inwit
from inwit.environment import Environment
from inwit.errors import InvalidOption, InvalidProblem
from inwit.evaluation.scores import answer_written
from inwit.exports.problems import export_lines, lines, records
from inwit.llm import prompt_rows
from inwit.llm.episode import Episode
from inwit.llm.prompts import draw
from inwit.llm.toolbox import Toolbox
from inwit.policies import Scripted
from inwit.recipes import RECIPES, task_for
from inwit.tasks import Expressions, ExpressionsPrompt, Task, WordProblems, read_problems, read_task
from inwit.tasks.questions import NUMBER, Question
from inwit.tools import ADD, DIV, MUL
from inwit.training.rollout import play
from tests.tasks.test_prompts import TEMPLATE

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
COUNT = 10


@dataclass(frozen=True)
class Place:
    """An object with a text."""

    row: int
    name: str


class Plain:
    """An object without one."""


@inwit.tool
def same(value: str) -> str:
    """The same."""
    return value


def own(*problems, **options):
    """A task that draws these problems; its limits are stated, so that nothing infers them."""
    limits = {"presses": 6, "memory": 1, "once": False}
    make = inwit.task(tools=[same, ADD, MUL, DIV], **(limits | options))
    return make(lambda source: source.choice(problems))


def problem(prompt, *operands, answer="x", **options):
    return inwit.Problem(prompt=prompt, operands=operands, answer=answer, **options)


def numbered(prompt, operands=lambda n: (n, n + 1), answer=lambda n: n + n + 1):
    """Problems with one prompt."""
    return [problem(prompt, *operands(n), answer=answer(n)) for n in range(40)]


OWN = {
    "as in the report": own(*numbered("Add {0}, ${1} and stop.")),
    "days": own(*numbered("a day {0}?", answer=lambda n: ["Monday", "Dienstag"][n % 2])),
    "numbers as text": own(*numbered("code {0}", lambda n: (f"{n:03}",), lambda n: f"{n:03}")),
    "text or number": own(
        *numbered("code {0}", lambda n: (n,), lambda n: str(n) if n % 2 else n + 0.5)
    ),
    "unicode": own(*numbered("Größe \u2212{0} \u20ac {1}", answer=lambda n: f"Zürich {n} \u4e2d")),
    "newlines": own(*numbered('def f():\n    return "{0}"\n\n', answer=lambda n: f"a\nb\r\n{n}\t")),
    "quotes": own(*numbered("'{0}' \"{1}\"\\", answer=lambda n: f"'\"\\{n}")),
    "braces": own(*numbered('{{"a": {0}, "b": [{{1}}, {1}]}}', answer=lambda n: f"{{0}}{n}}}")),
    "texts like places": own(*numbered("{0} of {1}", lambda n: ("{1}", "{0}" + str(n)))),
    "hidden operands": own(*numbered("guess", lambda n: (n, "x, y", "z"))),
    "dates": own(*numbered("{0}", lambda n: (date(2026, 1, 1 + n % 28), n), lambda n: date.max)),
    "objects": own(*numbered("at {0}.", lambda n: (Place(n, "ä"), n), lambda n: Place(-n, ""))),
    "tuples": own(*numbered("{0}{1}", lambda n: ((n, "a"), ("b",)), lambda n: (n,))),
    "digits": own(
        *numbered("{0}+{1}", lambda n: (0.1 + n, 1e-7 * n), lambda n: (0.1 + n) + 1e-7 * n)
    ),
    "large": own(*numbered("{0}*{1}", lambda n: (10.0**n, 3.0), lambda n: 3 * 10.0**n)),
    "many texts": own(*numbered("{0} {1} {0} and {1}", lambda n: ("a b", "a " * (n % 7) + "b"))),
    "blanks": own(*numbered(" {0}  {1} ", lambda n: (f" {n} ", "\t"), lambda n: " ")),
    "nothing": own(*numbered("{0}|{1}", lambda n: ("", str(n)), lambda n: "")),
    "its own verifier": own(*numbered("{0}"), verify=lambda answer, asked: answer > asked.answer),
}


def tasks():
    for name in (*RECIPES, "tutorial"):
        yield pytest.param(task_for(name), id=name)
    for path in sorted(EXAMPLES.glob("*.py")):
        if "inwit.task(" in path.read_text(encoding="utf8"):
            yield pytest.param(path, id=path.stem, marks=pytest.mark.slow)
    for name, task in OWN.items():
        yield pytest.param(task, id=name)
    for kind in ("integers", "signed", "decimals"):
        task = Expressions(numbers=kind, operators="+-*/", largest=3, needless=0.3)
        slow = [pytest.mark.slow] * (kind != "decimals")
        yield pytest.param(task, id=f"expressions of {kind}", marks=slow)
    yield pytest.param(Expressions(numbers="signed", modulus=97), id="expressions modulo 97")
    prompt = ExpressionsPrompt(largest=6)
    yield pytest.param(prompt, id="expressions as a prompt", marks=pytest.mark.slow)


@pytest.fixture(autouse=True, scope="module")
def few_problems():
    """Own tasks are drawn quickly."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inwit.tasks.function_task.POOL", 100)
        yield


ALL = pytest.mark.parametrize(
    "task",
    [
        each
        if place % 2 == 0
        else pytest.param(*each.values, id=each.id, marks=[*each.marks, pytest.mark.slow])
        for place, each in enumerate(tasks())
    ],
)


def made(task: Task | Path) -> Task:
    return task if isinstance(task, Task) else read_task(str(task))


def back(task, path, count=COUNT, *, held_out=True):
    """Problems as they are drawn, and as they are read back from a file."""
    export_lines(task, path, count, 5, held_out=held_out)
    levels = torch.tensor(task.levels)[torch.arange(count) % len(task.levels)]
    generator = torch.Generator().manual_seed(5)
    return task.sample(levels, generator, held_out=held_out), read_problems(path)


def seen(task, problems, row):
    symbols = [each for each in problems.symbols[row].tolist() if each >= 0]
    return symbols, [value for value in problems.operands[row].tolist() if value == value]


@ALL
@pytest.mark.parametrize("held_out", [True, False])
def test_what_is_exported_is_read_back_as_the_same_problem(task, tmp_path, held_out):
    task = made(task)
    if isinstance(task, Expressions) and not held_out:
        pytest.skip("their pools take long to draw, and are the same structures")
    problems, written = back(task, tmp_path / "problems.jsonl", held_out=held_out)
    assert len(written) == COUNT
    for row, each in enumerate(written):
        assert each.question == task.describe(problems, row)
        again = task.parse(each.question)
        assert seen(task, again, 0) == seen(task, problems, row)
        near = [pytest.approx(value, rel=1e-12) for value in task.read_answers(each.stated)]
        assert float(problems.answer[row]) in near
        if isinstance(task, (Expressions, WordProblems)):
            assert again.answer.item() == pytest.approx(float(problems.answer[row]), rel=1e-12)


PROGRAMS = [
    *("0 ADD 1 ANS", "0 MUL 1 ADD 2 ANS", "0 SAME ANS", "6 ADD 7 ANS", "READ ADD READ ANS", "STO"),
]


class First(Scripted):
    """Presses the same keys at every problem."""

    def begin(self, prompt):
        self.keys = self.keys[:, :1].expand(-1, len(prompt.level))
        return super().begin(prompt)


@ALL
def test_verdicts_are_those_of_the_task(task, tmp_path):
    """Of programs that are right at some of the problems."""
    task, verdicts = made(task), set()
    problems, written = back(task, tmp_path / "problems.jsonl")
    environment = Environment(task, masks=False)
    names = task.rules.vocabulary.names
    for program in PROGRAMS:
        if set(program.split()) <= set(names):
            policy = First(torch.tensor(task.rules.vocabulary.encode(program))[:, None])
            by_file = [each.right for each in answer_written(policy, environment, written)]
            play(policy, environment, problems)
            given = environment.state.frame.accumulator
            agreed = task.agrees(given, problems) & environment.state.answered
            assert by_file == agreed.tolist()
            verdicts |= set(by_file)
    assert False in verdicts


@ALL
def test_a_language_model_is_asked_what_is_exported(task):
    task = made(task)
    toolbox = Toolbox(task, seconds=None, memory=False)
    for row in prompt_rows(toolbox, 12, seed=3, asked=True, held_out=True):
        drawn = draw(task, row["level"], row["seed"], held_out=True)
        question = row["prompt"][1]["content"]
        assert question == Episode(toolbox=toolbox, problem=drawn).question
        assert question == task.describe(drawn, 0)
        assert seen(task, task.parse(question), 0) == seen(task, drawn, 0)


TEXT = st.text(max_size=6).filter(lambda text: text.isprintable() or "\n" in text)
VALUE = st.one_of(
    st.integers(-99, 10**12), st.floats(-1e6, 1e6), TEXT, st.dates(), st.booleans(), st.just("{0}")
)


@pytest.mark.slow
@given(TEMPLATE, st.lists(st.tuples(VALUE, VALUE, VALUE, VALUE), min_size=6, max_size=9))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_any_prompt_and_values_are_the_same_problem_again_or_are_refused(prompt, rows):
    drawn = [problem(prompt, *row[:3], answer=row[3]) for row in rows]
    try:
        task = replace(own(*drawn))
        _ = task.sample(torch.zeros(2, dtype=torch.long), torch.Generator(), held_out=True)
    except InvalidOption:
        return  # too few different problems, or half a character
    try:
        found = records(task, 8, 1, held_out=False)
    except InvalidOption as error:
        if "several problems" in str(error) or "another problem" in str(error):
            return
        raise
    for record in map(json.loads, lines(found).rstrip("\n").split("\n")):
        again = task.parse(record["question"])
        texts = [inwit.tools.show(each) for each in task.problem(again, 0).operands]
        assert texts == record["metadata"]["operands"]
        matching = [each for each in drawn if each.question() == record["question"]]
        answers = {task.objects.encode(each.answer) for each in matching}
        assert answers & set(task.read_answers(record["answer"]))


def test_an_export_that_would_not_be_the_problem_is_refused(tmp_path):
    plain = own(*numbered("a {0}", lambda n: (Plain(), n)))
    twice = own(
        *numbered("take {0} and {1}", lambda n: ("x", f"y and {n}")),
        *numbered("take {0} and {1}", lambda n: ("x and y", str(n))),
        *numbered("take {0} and {1}", lambda n: (n, n)),
    )
    for task, why in ((plain, "a Plain has no text"), (twice, "stands for several problems")):
        with pytest.raises(InvalidOption, match=f"task '<lambda>'.*{why}"):
            export_lines(task, tmp_path / "problems.jsonl", 60, 0, held_out=False)
        assert not list(tmp_path.iterdir())
    with pytest.raises(InvalidOption, match=r"Plain#1 has no text.*environment_factory"):
        list(prompt_rows(Toolbox(plain, seconds=None), 1, asked=True))


def test_an_answer_that_no_problem_of_the_task_can_have_is_told_with_its_line(tmp_path):
    path = tmp_path / "problems.jsonl"
    path.write_text('{"question": "1+2", "answer": 3}\n{"question": "2+2", "answer": "four"}\n')
    environment = Environment(Expressions())
    policy = First(torch.zeros(1, 1, dtype=torch.long))
    told = r"problems\.jsonl:2: answer: 'four' cannot be one: answers of task .* are a number"
    with pytest.raises(InvalidProblem, match=told):
        answer_written(policy, environment, read_problems(path))


def test_an_episode_that_submits_nothing_is_not_right(tmp_path):
    """The value is on the display, and `ANS` is never pressed."""
    path = tmp_path / "problems.jsonl"
    path.write_text('{"question": "7", "answer": 7}\n{"question": "7+0", "answer": 7}\n')
    environment = Environment(Expressions(), masks=False)
    keys = environment.task.rules.vocabulary.encode("READ READ")
    policy = First(torch.tensor(keys)[:, None])
    answers = answer_written(policy, environment, read_problems(path))
    assert [each.answer for each in answers] == [None, None]
    assert not any(each.right for each in answers)


def test_words_that_the_agent_does_not_know_are_exported():
    known = Question(words=("ann", "eats", NUMBER, "figs"), numbers=(3.0,), answer=3.0)
    other = replace(known, words=("bob", "eats", NUMBER, "figs"), numbers=(0.1 + 0.2,))
    task = WordProblems(given=((known, known), (other,)))
    assert "bob" not in task.symbols
    problems = task.problems([other])
    assert task.describe(problems, 0) == "bob eats 0.30000000000000004 figs"
    assert Fraction("0.30000000000000004") == Fraction(repr(problems.operands[0, 5].item()))
