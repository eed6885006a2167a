"""Problems of others: what is read is what they state, and a task of them is a task like any."""

import re
from fractions import Fraction

import pytest
import torch

from inwit.agent import load, train
from inwit.auditing.exhaustive import audit_task
from inwit.cli.agents import SHIPPED
from inwit.cli.main import main
from inwit.environment import Environment
from inwit.errors import InvalidOption, UnknownName
from inwit.evaluation.scores import score
from inwit.policies import Scripted
from inwit.recipes import recipe_for, task_for
from inwit.tasks import borrow
from inwit.tasks.reasoning_gym import expression_in

pytest.importorskip("reasoning_gym")
pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")

SUM, BASIC = "reasoning-gym:chain_sum", "reasoning-gym:basic_arithmetic"


@pytest.mark.parametrize(
    ("question", "expression"),
    [
        ("State the final answer: 4 - 1 - 7 =", "4 - 1 - 7"),
        ("Calculate -( 3 * 12 ) / 6.", "-( 3 * 12 ) / 6"),
        ("Compute 2.50 + 1.25.", "2.50 + 1.25"),
        ("Round up.\n4.18+(7.3/3.4) = ?", "4.18+(7.3/3.4)"),
        ("Add: .5+3.", ".5+3"),
        ("There are 3 cows.", ""),
        ("1 + 2, or 3 + 4?", ""),
        ("How much is 7 \u00d7 (8 \u2212 2)?", "7 \u00d7 (8 \u2212 2)"),
        ("x**2 + 3 = 4", ""),
        ("", ""),
    ],
)
def test_the_one_expression_is_taken_out(question, expression):
    assert expression_in(question) == expression


@pytest.mark.parametrize("name", [SUM, BASIC])
def test_every_question_is_read_as_python_reads_it(name):
    problems = borrow(name, 100, 3)
    assert len(problems) == 100
    assert problems == borrow(name, 100, 3)
    assert problems != borrow(name, 100, 4)
    other = 0
    for problem in problems:
        value = eval(re.sub(r"\d+", r"Fraction(\g<0>)", problem.question), {"Fraction": Fraction})
        other += float(value) != problem.answer
    assert other <= 2  # basic_arithmetic rounds some quotients: its answers are not those


@pytest.mark.parametrize("name", [SUM, BASIC])
def test_it_is_a_task_like_any(name, generator):
    task = task_for(name)
    assert set(task.operators) == set("+-" if name == SUM else "+-*/")
    environment = Environment(task)
    seen = []
    for held_out in (False, True):
        levels = torch.tensor(list(task.levels)).repeat(60)
        problems = task.sample(levels, generator, held_out=held_out)
        assert torch.equal(problems.level, levels)
        oracle = Scripted(problems.oracle.T)
        assert score(oracle, environment, problems).accuracy == 1
        texts = [task.describe(problems, row) for row in range(len(problems))]
        for row, text in enumerate(texts):
            value = eval(re.sub(r"\d+", r"Fraction(\g<0>)", text), {"Fraction": Fraction})
            assert float(value) == pytest.approx(float(problems.answer[row]), rel=1e-9)
            typed = task.parse(text)
            length = int((problems.symbols[row] >= 0).sum())
            assert torch.equal(typed.symbols[0], problems.symbols[row, :length])
        seen.append(set(texts))
    assert seen[0].isdisjoint(seen[1])
    with pytest.raises(InvalidOption, match="has the levels"):
        task.check_level(task.levels[-1] + 1)


def test_a_trained_agent_solves_them_by_name(capsys):
    main(["evaluate", str(SHIPPED), "--problems", SUM, "--count", "100"])
    assert capsys.readouterr().out.startswith("100 of 100 right")
    main(["evaluate", str(SHIPPED), "--problems", BASIC, "--count", "50"])
    assert "no tool for '/'" in capsys.readouterr().out


def test_questions_without_expressions_stay_as_they_are():
    answers = load(SHIPPED).answer(borrow("reasoning-gym:leg_counting", 5, 0))
    assert all(answer.refusal and "legs" in answer.problem.question for answer in answers)


def test_it_is_trained_on_and_loaded_again(tmp_path):
    agent = train(SUM, updates=2, batch=16, out=tmp_path / "run", **{"policy.width": 8})
    again = load(tmp_path / "run")
    assert again.environment.task.name == SUM
    assert again.evaluate(20) == agent.evaluate(20)


def test_a_task_is_audited():
    audit = audit_task(task_for(SUM), levels=[1], problems=100, budget=5000)
    assert audit.task == SUM


def test_what_is_wrong_is_told():
    with pytest.raises(UnknownName, match="did you mean 'chain_sum'"):
        borrow("reasoning-gym:chain_sums", 5, 0)
    with pytest.raises(InvalidOption, match="none of 200 questions is a single expression"):
        recipe_for("reasoning-gym:spell_backward")
    with pytest.raises(InvalidOption, match="its answers are not numbers"):
        borrow("reasoning-gym:spell_backward", 5, 0)
    with pytest.raises(InvalidOption, match="drew no problems"):
        borrow("reasoning-gym:composite", 5, 0)
    with pytest.raises(InvalidOption, match="too few problems"):
        _ = recipe_for(SUM).but(operators="*").task.levels
