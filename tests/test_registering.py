"""A task, policy or learner of one's own, by name: trained, kept, loaded, resumed."""

from dataclasses import dataclass, field

import pytest
import torch

import inwit
from inwit.cli.main import main
from inwit.curriculum import Curriculum, Gated
from inwit.errors import InvalidOption, MissingPart, MissingTask, UnknownName
from inwit.learners import A2C, Adam, Learner, Replay
from inwit.parts import Part, register
from inwit.policies import Architecture, Memoryless
from inwit.tasks import Stages, Task
from inwit.training.run_folder import RunFolder
from inwit.trajectory import masked_mean
from tests.recipes import TWIN

SMALL = {"updates": 3, "batch": 64, "policy.width": 8}
OPTIONS = [f"--{name}={value}" for name, value in SMALL.items()]
FILE = f"""
from dataclasses import dataclass
import inwit
from inwit.learners import A2C
from inwit.policies import Memoryless
from inwit.tasks import Stages
{TWIN}
@inwit.register
@dataclass(frozen=True, kw_only=True)
class Other(A2C):
    name = "other"
    patience: int = 3

@inwit.register
@dataclass(frozen=True, kw_only=True)
class Mine(Stages):
    name = "mine"
    colour: str = "red"
"""


@pytest.fixture(autouse=True)
def forgotten():
    """What a test registers is unknown to the next."""
    tables = [(each.registered, dict(each.registered)) for each in FAMILIES]
    yield
    for table, before in tables:
        table.clear()
        table.update(before)


FAMILIES = (Task, Architecture, Learner, Curriculum)


def make(base, name, **fields):
    """A subclass of a part under another name."""
    body = {"name": name, "__annotations__": {each: type(value) for each, value in fields.items()}}
    return dataclass(frozen=True, kw_only=True)(type(name.title(), (base,), body | fields))


def weights(agent):
    return agent.policy.state_dict()


@pytest.mark.slow
def test_what_is_registered_is_what_trains(tmp_path):
    register(make(Memoryless, "twin"))
    register(make(A2C, "other"))
    one = inwit.train(policy="twin", learner="other", out=tmp_path / "one", **SMALL)
    two = inwit.train(policy="memoryless", learner="a2c", out=tmp_path / "two", **SMALL)
    assert (one.recipe.policy.name, one.recipe.learner.name) == ("twin", "other")
    for name, part in weights(two).items():
        assert torch.equal(weights(one)[name], part)
    again = inwit.load(tmp_path / "one")
    assert all(torch.equal(weights(again)[name], part) for name, part in weights(one).items())


@pytest.mark.parametrize("kind", [Adam, Replay])
def test_options_alone_of_an_optimiser_and_of_replay_are_kept(tmp_path, kind):
    """A run folder would lead back to ours, which does something else."""
    own = make(kind, "own")
    with pytest.raises(InvalidOption, match=f"there is no {kind.noun} of one's own"):
        register(own)
    with pytest.raises(InvalidOption, match=f"no {kind.noun} of your own"):
        inwit.train(**{kind.noun: own()}, out=tmp_path / "run", **SMALL)
    assert not (tmp_path / "run").exists()


def test_a_run_of_one_that_is_not_registered_is_refused(tmp_path):
    register(make(Memoryless, "twin"))
    RunFolder.create(inwit.Recipe().but(policy="twin", out=tmp_path / "run"))
    del Architecture.registered["twin"]
    told = "made with the policy 'twin', which is not built in: .* --task FILE.py"
    with pytest.raises(MissingPart, match=told):
        inwit.load(tmp_path / "run")
    with pytest.raises(MissingPart, match=told):
        inwit.resume(tmp_path / "run")


def test_its_own_options_are_set_by_name(tmp_path):
    register(make(A2C, "noted", patience=3))
    recipe = inwit.Recipe().but(learner="noted", **{"learner.patience": "5"})
    assert recipe.learner.patience == 5
    with pytest.raises(InvalidOption, match=r"learner\.patience 'long'"):
        recipe.but(**{"learner.patience": "long"})


@pytest.mark.slow
def test_a_learner_needs_no_option_at_all(tmp_path):
    @register
    @dataclass(frozen=True, kw_only=True)
    class Plain(Learner):
        """No weight of an entropy bonus."""

        name = "plain"

        def loss(self, trajectory, outputs):
            total = trajectory.reward.sum(0).expand_as(trajectory.reward)
            return -masked_mean(total * outputs.log_prob, trajectory.pressed), {}

    inwit.train(learner="plain", out=tmp_path / "run", replay=0, search=0, **SMALL)
    assert inwit.load(tmp_path / "run").recipe.learner == Plain()


@pytest.mark.slow
def test_a_task_of_ones_own_is_known_by_name(tmp_path):
    register(make(Stages, "coloured", colour="red"))
    inwit.train("coloured", colour="blue", out=tmp_path / "run", **SMALL)
    assert inwit.load(tmp_path / "run").environment.task.colour == "blue"
    with pytest.raises(UnknownName, match="did you mean 'coloured'"):
        inwit.train("colored")
    del Task.registered["coloured"]
    with pytest.raises(MissingTask, match="'coloured', which is not built in"):
        inwit.load(tmp_path / "run")


def test_names_of_ours_are_not_given_away():
    for base, name in ((Memoryless, "gru"), (A2C, "ppo"), (Stages, "expressions")):
        with pytest.raises(InvalidOption, match=f"'{name}' is built in"):
            register(make(base, name))


def test_a_name_leads_back_to_one_class(tmp_path):
    """Else a run would be loaded and resumed as something else."""
    for _ in range(2):  # a cell of a notebook that is run again
        register(make(A2C, "shared"))
    other = make(A2C, "shared")
    other.__qualname__ = "Other"
    with pytest.raises(InvalidOption, match=r"'shared' is registered already \(Shared\)"):
        register(other)
    for base, part in ((A2C, "learner"), (Memoryless, "policy"), (Gated, "curriculum")):
        mine = make(base, base.name)()
        with pytest.raises(InvalidOption, match=f"the name '{base.name}' of {base.__name__}"):
            inwit.train(out=tmp_path / "run", **{part: mine}, **SMALL)
    with pytest.raises(InvalidOption, match="the name 'stages' of Stages"):
        inwit.train(make(Stages, "stages")(), out=tmp_path / "run", **SMALL)


def test_what_is_no_part_is_refused():
    @dataclass(frozen=True, kw_only=True)
    class Bare(A2C):
        name = ""

    @dataclass(frozen=True, kw_only=True)
    class Fixed(A2C):
        steps: int = field(default=3, init=False)
        name = "fixed"

    with pytest.raises(InvalidOption, match=r"Fixed\.steps: an option can be set, so it cannot"):
        register(Fixed)
    for given in (Memoryless(), dict, "gru", lambda: None):
        with pytest.raises(InvalidOption, match="give a class of"):
            register(given)
    with pytest.raises(InvalidOption, match="Bare has no name"):
        register(Bare)
    with pytest.raises(InvalidOption, match="Learner must be a frozen dataclass"):
        register(Learner)
    assert not any(issubclass(kind, Bare) for kind in Part.registered.values())


def forget():
    for family, name in ((Task, "mine"), (Architecture, "twin"), (Learner, "other")):
        family.registered.pop(name, None)


@pytest.mark.slow
def test_the_tasks_file_registers_for_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(FILE)
    own = ["--policy=twin", "--learner=other", "--learner.patience=4", "--colour=green"]
    main(["train", "mine.py", *own, "--out=run", *OPTIONS])
    forget()
    for command in (["evaluate", "run", "--count=20"], ["resume", "run"], ["trace", "run"]):
        main([*command, "--task", "mine.py"])
        forget()
    agent = inwit.load("run", task="mine.py")
    assert (agent.environment.task.colour, agent.recipe.learner.patience) == ("green", 4)
    forget()
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        main(["evaluate", "run"])
    assert stop.value.code == 2
    assert "--task mine.py" in capsys.readouterr().err


@pytest.mark.slow
def test_processes_read_the_file_first(tmp_path, monkeypatch):
    from inwit.runs.seeds import train_seeds

    (tmp_path / "mine.py").write_text(FILE)
    file, options = str(tmp_path / "mine.py"), {"policy": "twin", "learner": "other"}
    (result,) = train_seeds(file, (1,), out=tmp_path / "runs", **options, **SMALL)
    assert result.failure == ""
    one = inwit.load(tmp_path / "runs/seed-1", task=file)
    two = inwit.train(file, seed=1, out=tmp_path / "one", **options, **SMALL)
    for name, part in weights(two).items():
        assert torch.equal(weights(one)[name], part)
