import pytest
import torch

from inwit.environment import Environment
from inwit.recipes import RECIPES
from inwit.tasks import Stages, WordProblems
from inwit.tasks.questions import NUMBER, Question
from inwit.training.random_search import search
from tests.reference import press_keys

TASK = WordProblems()


def asked(words, *numbers, answer):
    return Question(
        words=tuple(NUMBER if word == "#" else word for word in words.split()),
        numbers=tuple(map(float, numbers)),
        answer=answer,
    )


def programs(task, episodes=8_192):
    """The keys found for each problem, by its words."""
    environment, generator = Environment(task), torch.Generator().manual_seed(0)
    found = search(environment, episodes, generator)
    known = task.problems(task.known)
    told = {}
    for row, problem in enumerate(found.problem.tolist()):
        place = known.identity.tolist().index(problem)
        keys = found.key[found.pressed[:, row], row].tolist()
        name = " ".join("#" if word is NUMBER else word for word in task.known[place].words)
        told.setdefault(name, set()).add(task.rules.vocabulary.decode(keys))
    return told


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(RECIPES) - {"expressions"}))
def test_what_is_found_is_right(name):
    task = RECIPES[name]().task
    environment, generator = Environment(task), torch.Generator().manual_seed(0)
    found = search(environment, 4_096, generator)
    assert found.right.all()
    assert len(found.problem) >= 20
    assert found.level.unique().tolist()[0] == task.levels[0]
    assert found.reward.sum(0).eq(1).all()
    assert found.observation.legal.gather(2, found.key[..., None])[..., 0][found.pressed].all()


def test_constants_serve_only_where_numbers_do_not_suffice():
    task = WordProblems(
        given=(
            (
                asked("# and #", 24, 12, answer=2.0),  # 24 / 12, and not the constant 2 and so on
                asked("# dozen", 24, answer=288.0),
            ),
            (asked("# and #", 1, 2, answer=3.0),),
        )
    )
    found = programs(task)
    assert found["# and #"] == {"5 DIV 6 ANS"}
    assert "2 MUL 5 ANS" in found["# dozen"]


def test_of_programs_that_mean_the_same_one_is_kept():
    task = WordProblems(
        given=(
            (asked("# # #", 2, 7, 15, answer=24.0), asked("# or #", 2, 2, answer=4.0)),
            (asked("#", 1, answer=3.0),),
        )
    )
    found = programs(task)
    # 2 + 7 + 15 in its twelve orders is one program; 4 is 2 + 2 and 2 * 2.
    assert found["# # #"] == {"5 ADD 6 ADD 7 ANS"}
    assert found["# or #"] == {"5 ADD 6 ANS", "5 MUL 6 ANS"}


@pytest.mark.slow
def test_the_same_seed_finds_the_same():
    def keys(seed):
        environment = Environment(TASK)
        return search(environment, 8192, torch.Generator().manual_seed(seed)).key

    assert torch.equal(keys(1), keys(1))
    assert keys(1).shape != keys(2).shape or not torch.equal(keys(1), keys(2))


def test_nothing_is_found_where_nothing_is_right():
    task = WordProblems(
        given=((asked("# and #", 24, 12, answer=1e6 + 0.123),), (asked("#", 1, answer=3.0),))
    )
    assert search(Environment(task), 8192, torch.Generator().manual_seed(0)) is None


def test_found_programs_solve_the_problems_that_they_were_found_for():
    environment = Environment(Stages(once=True))
    found = search(environment, 8192, torch.Generator().manual_seed(0))
    keys = found.key.where(found.pressed, environment.padding).T
    problems = environment.problems  # those of the last rollout
    assert press_keys(environment, problems, keys).all()
