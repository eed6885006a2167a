"""A run goes on with its own task and its own problems, or says why it does not."""

import json
import random
from dataclasses import replace

import pytest
import torch

import inwit
from inwit.agent import load, resume
from inwit.cli.main import main
from inwit.errors import DamagedRun, InvalidOption
from inwit.games.memory_length import MemoryLength
from inwit.games.recipe import game_recipe_for
from inwit.recipes import recipe_for
from inwit.tasks import Expressions, Stages, WordProblems, digest_of
from inwit.training.loop import Training
from inwit.training.resuming import checkpoint_of
from inwit.training.run_folder import RunFolder
from tests.recipes import recipe_of

TABLE = """Question,Numbers,Answer
Ann has number0 apples and number1 pears .,3.0 0.5,3.5
Ann has number0 pears and number1 apples .,7.0 1.0,{}
"""
SMALL = {"updates": 2, "batch": 8, "width": 8, "replay": 8}


def begun(recipe):
    """A run that was stopped after its first update."""
    training, folder = Training(recipe), RunFolder.create(recipe)
    next(iter(training.reports()))
    folder.append({"update": 1})
    folder.keep(checkpoint_of(training))
    return folder


def of_words(path, data):
    options = SMALL | {"search": 0, "epsilon": 0.1}
    recipe = recipe_of("word-problems", "pointer-text", data=data, **options)
    return recipe.but(out=path)


def sums(more=0):
    @inwit.task(tools=[inwit.tools.ADD], presses=8, memory=0, once=False)
    def task(draw: random.Random) -> inwit.Problem:
        one, two = draw.randrange(99), draw.randrange(99)
        return inwit.Problem(prompt="{0} and {1}", operands=(one, two), answer=one + two + more)

    return task


def write(folder, answer="8.0"):
    for name in ("train.csv", "dev.csv"):
        (folder / name).write_text(TABLE.format(answer))


def test_another_task_is_refused(tmp_path):
    folder = begun(recipe_of(out=tmp_path / "run", **SMALL))
    for task in (Expressions(), "expressions"):
        with pytest.raises(InvalidOption, match="was trained on 'stages', not on 'expressions'"):
            resume(folder.path, task=task)
    assert folder.latest().update == 1
    assert resume(folder.path, task=Stages()).recipe.task == Stages(once=True)  # its own options


def test_the_command_line_refuses_another_task(tmp_path, capsys):
    folder = begun(recipe_of(out=tmp_path / "run", **SMALL))
    with pytest.raises(SystemExit):
        main(["resume", str(folder.path), "--task", "expressions"])
    assert "was trained on 'stages', not on 'expressions'" in capsys.readouterr().err


@pytest.mark.parametrize("given", [Stages, MemoryLength(), 3])
def test_what_is_no_task_is_told_as_that(tmp_path, given):
    folder = RunFolder.create(recipe_of(out=tmp_path / "run", **SMALL))
    for call in (resume, load):
        with pytest.raises(InvalidOption, match=r"task: .* is not a task: give one"):
            call(folder.path, task=given)


def test_a_run_in_an_environment_has_no_task(tmp_path):
    game = game_recipe_for("memory-length").but(out=tmp_path / "run")
    folder = RunFolder.create(game)
    with pytest.raises(InvalidOption, match="was trained in an environment"):
        resume(folder.path, task=Stages())


def test_data_that_were_edited_are_noticed(tmp_path):
    write(tmp_path)
    folder = begun(of_words(tmp_path / "run", tmp_path))
    write(tmp_path, "8.5")
    with pytest.raises(InvalidOption, match="'word-problems' has other problems than when the run"):
        resume(folder.path)
    write(tmp_path)
    resume(folder.path)


def test_a_function_that_was_edited_is_noticed(tmp_path):
    recipe = recipe_for(sums()).but(race=False, search=0, early_stopping=False)
    small = {"updates": 2, "batch": 8, "policy.width": 8, "replay": 8}
    folder = begun(recipe.but(out=tmp_path / "run", **small))
    with pytest.raises(InvalidOption, match="'task' has other problems than when the run began"):
        resume(folder.path, task=sums(more=1))
    resume(folder.path, task=sums())


def test_a_run_of_an_earlier_version_goes_on(tmp_path):
    """Its folder has no digest."""
    write(tmp_path)
    folder = begun(of_words(tmp_path / "run", tmp_path))
    config = json.loads((folder.path / "config.json").read_text())
    assert config["made"].pop("problems") == digest_of(WordProblems(data=tmp_path))
    (folder.path / "config.json").write_text(json.dumps(config))
    write(tmp_path, "8.5")
    resume(folder.path)


def test_only_problems_that_are_listed_have_a_digest():
    assert digest_of(Stages()) == digest_of(Expressions()) == ""
    assert digest_of(sums()) == digest_of(sums().but(presses=9)) != digest_of(sums(more=1))


class Class(Stages):
    """A class of a user's own; what it draws can be changed."""

    name = "own-class"
    change = staticmethod(lambda problems: problems)

    def sample(self, level, generator, *, held_out=False):
        return self.change(super().sample(level, generator, held_out=held_out))


def edited(change):
    return type("Class", (Class,), {"change": staticmethod(change), "__module__": __name__})()


def more(problems, by=1):
    return replace(problems, answer=problems.answer + by)


def test_a_class_that_was_edited_is_noticed(tmp_path):
    folder = begun(recipe_of(out=tmp_path / "run", **SMALL).but(task=Class()))
    assert folder.made()["problems"] == digest_of(Class()) != ""
    with pytest.raises(InvalidOption, match="'own-class' has other problems than when the run"):
        resume(folder.path, task=edited(more))
    resume(folder.path, task=edited(lambda problems: problems))


def test_a_class_that_draws_others_each_time_goes_on(tmp_path):
    """The audit names it; here nothing can be compared."""
    drawn = edited(lambda problems: more(problems, by=random.random() + float(torch.rand(1))))
    assert digest_of(drawn) == ""
    folder = begun(recipe_of(out=tmp_path / "run", **SMALL).but(task=drawn))
    assert "problems" not in folder.made()
    resume(folder.path, task=drawn)


def test_a_class_that_draws_from_shared_states_finds_them_as_they_were():
    random.seed(3)
    torch.manual_seed(3)
    wanted = random.random(), float(torch.rand(1))
    random.seed(3)
    torch.manual_seed(3)
    digest_of(edited(lambda problems: more(problems, by=random.random() + float(torch.rand(1)))))
    assert (random.random(), float(torch.rand(1))) == wanted


def test_a_class_that_fails_has_no_digest():
    assert digest_of(edited(lambda problems: 1 / 0)) == ""


def test_operands_answers_levels_and_parts_count():
    digests = {
        digest_of(edited(change))
        for change in (
            lambda problems: problems,
            more,
            lambda problems: replace(problems, operands=problems.operands + 1),
            lambda problems: replace(problems, level=problems.level * 0),
            lambda problems: replace(problems, symbols=problems.symbols.flip(1)),
        )
    }
    assert len(digests) == 5
    assert "" not in digests


def test_a_relative_path_of_data_is_looked_for_where_one_is_now(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    write(tmp_path / "data")
    folder = begun(of_words(tmp_path / "run", "data"))
    monkeypatch.chdir(tmp_path / "here")
    told = rf"cannot be followed: --data data: there is no folder data .*{tmp_path / 'here'}\)"
    with pytest.raises(DamagedRun, match=told) as raised:
        load(folder.path)
    assert "damaged" not in str(raised.value)
