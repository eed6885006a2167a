"""A policy or learner of one's own, by name: trained, kept, loaded, gone on with."""

import pytest
import torch

import inwit
from inwit import learners, policies
from inwit.errors import DamagedRun, InvalidOption
from inwit.interfaces.cli import main
from inwit.learners import A2C, POLICY_GRADIENTS
from inwit.policies import POLICIES, Memoryless
from inwit.recipe import NAMES

SMALL = {"updates": 3, "batch": 64, "width": 8}
OPTIONS = [f"--{name}={value}" for name, value in SMALL.items()]
FILE = """
from inwit.learners import A2C, register as register_learner
from inwit.policies import Memoryless, register as register_policy
from inwit.tasks import Stages

register_policy("twin", Memoryless)
register_learner("other", A2C)
task = Stages()
"""


@pytest.fixture(autouse=True)
def forgotten():
    """What a test registers is unknown to the next."""
    tables = [(table, dict(table)) for table in (POLICIES, POLICY_GRADIENTS, NAMES)]
    yield
    for table, before in tables:
        table.clear()
        table.update(before)


def weights(agent):
    return agent.policy.state_dict()


def test_what_is_registered_is_what_trains(tmp_path):
    policies.register("twin", Memoryless)
    learners.register("other", A2C)
    one = inwit.train(policy="twin", learner="other", out=tmp_path / "one", **SMALL)
    two = inwit.train(policy="memoryless", learner="a2c", out=tmp_path / "two", **SMALL)
    assert (one.recipe.policy, one.recipe.learner) == ("twin", "other")
    for name, part in weights(two).items():
        assert torch.equal(weights(one)[name], part)
    again = inwit.load(tmp_path / "one")
    assert all(torch.equal(weights(again)[name], part) for name, part in weights(one).items())


def test_a_run_of_one_that_is_not_registered_is_told(tmp_path):
    policies.register("twin", Memoryless)
    inwit.train(policy="twin", out=tmp_path / "run", **SMALL)
    NAMES["policy"].remove("twin")
    with pytest.raises(DamagedRun, match="unknown policy 'twin': it is one of"):
        inwit.load(tmp_path / "run")


def test_a_learner_has_its_weight_of_entropy():
    class Noted(A2C):
        pass

    learners.register("noted", Noted)
    from inwit.assembly import make_learner
    from inwit.recipe import Recipe

    learner = make_learner(Recipe(learner="noted", entropy=0.25))
    assert isinstance(learner, Noted)
    assert learner.entropy_weight == 0.25


def test_names_of_ours_are_not_given_away():
    with pytest.raises(InvalidOption, match="'gru' is built in"):
        policies.register("gru", Memoryless)
    with pytest.raises(InvalidOption, match="'replay' is built in"):
        learners.register("replay", A2C)


def test_the_tasks_file_registers_for_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(FILE)

    def forget():
        POLICIES.pop("twin", None), POLICY_GRADIENTS.pop("other", None)
        NAMES["policy"] = [name for name in NAMES["policy"] if name != "twin"]
        NAMES["learner"] = [name for name in NAMES["learner"] if name != "other"]

    main(["train", "mine.py", "--policy=twin", "--learner=other", "--out=run", *OPTIONS])
    forget()
    for command in (["evaluate", "run", "--count=20"], ["resume", "run"], ["trace", "run"]):
        main([*command, "--task", "mine.py"])
        forget()
    with pytest.raises(SystemExit) as stop:
        main(["evaluate", "run"])
    assert stop.value.code == 2
    assert "unknown policy 'twin'" in capsys.readouterr().err


def test_processes_read_the_file_first(tmp_path, monkeypatch):
    from inwit.interfaces.seeds import train_seeds

    (tmp_path / "mine.py").write_text(FILE)
    file, options = str(tmp_path / "mine.py"), {"policy": "twin", "learner": "other"}
    (result,) = train_seeds(file, (1,), out=tmp_path / "runs", **options, **SMALL)
    assert result.failure == ""
    one = inwit.load(tmp_path / "runs/seed-1", task=file)
    two = inwit.train(file, seed=1, out=tmp_path / "one", **options, **SMALL)
    for name, part in weights(two).items():
        assert torch.equal(weights(one)[name], part)
