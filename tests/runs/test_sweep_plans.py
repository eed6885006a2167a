"""The file of a sweep: what it says is what is tried, and all its mistakes are told at once."""

import pytest

from inwit import extras
from inwit.cli.commands.sweeping import begun_with
from inwit.cli.main import main
from inwit.curriculum import Gated
from inwit.devices import usable_cores
from inwit.errors import InvalidFile, InvalidOption
from inwit.runs.sweeps import Choices, Range, WholeRange, read_plan, sweep


def plan(tmp_path, text):
    path = tmp_path / "sweep.toml"
    path.write_text(text)
    return read_plan(path)


def test_a_plan_is_read(tmp_path):
    made = plan(
        tmp_path,
        """
        task = "expressions"
        trials = 7
        seeds = [0, 3]
        jobs = 2
        objective = "cpu-seconds"
        threshold = 0.95
        [fixed]
        updates = 50
        [search]
        policy.width = {low = 16, high = 64, step = 16}
        "learner.entropy_weight" = {low = 1e-4, high = 1e-1, log = true}
        learner = ["a2c", "ppo"]
        masks = ["given", "learned"]
        [pruning]
        kind = "halving"
        """,
    )
    assert (made.task, made.trials, made.seeds, made.jobs) == ("expressions", 7, (0, 3), 2)
    assert (made.objective, made.threshold, made.pruning.kind) == ("cpu-seconds", 0.95, "halving")
    assert (made.recipe.updates, made.recipe.curriculum) == (50, Gated())
    assert made.search == {
        "policy.width": WholeRange(low=16, high=64, step=16),
        "learner.entropy_weight": Range(low=1e-4, high=1e-1, log=True),
        "learner": Choices(values=("a2c", "ppo")),
        "masks": Choices(values=("given", "learned")),
    }


MISTAKEN = """\
task = "stages"
trails = 5
seeds = "3-1"
threshold = 2
objective = "acuracy"

[fixed]
updates = 0
batchh = 64

[search]
"optimiser.learning_rte" = [1e-3]
learner = ["a2c", "ppoo"]
"policy.width" = {low = 64, high = 16}
"learner.entropy_weight" = {low = 0, high = 0.1, log = true}
policy = {low = 1, high = 2}
updates = [10, 20]
"curriculum.gate" = {low = 0.5, hihg = 0.9}
seed = [1, 2]

[pruning]
kind = "medain"
"""
TOLD = [
    ("line 2: trails: unknown", "did you mean 'trials'"),
    ("line 3: seeds: '3-1'", "[0, 3, 5]"),
    ("line 4: threshold: 2", "at most 1"),
    ("line 5: objective: 'acuracy'", "did you mean 'accuracy'"),
    ("line 8: fixed.updates: ", "at least 1"),
    ("line 9: fixed.batchh: unknown", "did you mean 'batch'"),
    ("line 12: search.optimiser.learning_rte: unknown", "did you mean 'optimiser.learning_rate'"),
    ("line 13: search.learner: ", "'ppoo'"),
    ("line 14: search.policy.width: ", "low 64 is not below high 16"),
    ("line 15: search.learner.entropy_weight: ", "no logarithm"),
    ("line 16: search.policy: ", "a list of choices"),
    ("line 17: search.updates: ", "it is fixed, too"),
    ("line 18: search.curriculum.gate: unknown", ""),
    ("line 19: search.seed: unknown", ""),
    ("line 22: pruning.kind: 'medain'", "did you mean 'median'"),
]


def test_values_are_checked_beside_those_that_are_fixed(tmp_path):
    whole = plan(
        tmp_path, "task = 'stages'\n[fixed]\nsearch = 0\n[search]\nreplay = {low = 0, high = 8}"
    )
    assert whole.search == {"replay": WholeRange(low=0, high=8)}
    both = plan(tmp_path, "task = 'stages'\n[fixed]\nreplay = 0\nsearch = 0\n[search]\nbatch = [8]")
    assert (both.recipe.replay, both.recipe.search) == (None, 0)
    with pytest.raises(InvalidFile, match="needs --replay of at least 1"):
        plan(tmp_path, "task = 'stages'\n[search]\nreplay = {low = 0, high = 8}")


def test_all_mistakes_are_told_with_their_places(tmp_path, capsys):
    with pytest.raises(InvalidFile) as error:
        plan(tmp_path, MISTAKEN)
    assert len(error.value.mistakes) == len(TOLD)
    for place, hint in TOLD:
        assert any(place in each and hint in each for each in error.value.mistakes), place
    with pytest.raises(SystemExit) as stop:
        main(["sweep", str(tmp_path / "sweep.toml")])
    assert stop.value.code == 2
    told = capsys.readouterr().err
    assert len(told.splitlines()) == len(TOLD)
    assert all(place in told for place, _ in TOLD)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("task = [", "not TOML"),
        ('task = "stagse"', "did you mean 'stages'"),
        ("task = 3", "task: 3: it must be a valid string"),
        ('task = "stages"', "nothing is searched"),
        ("search = 3", "search: 3: it must be a valid table"),
        ("trials = 0\n[search]\npolicy.width = [8]", "line 1: trials: 0"),
        ("trials = true\n[search]\npolicy.width = [8]", "line 1: trials: True"),
        ("[search]\npolicy.width = []", "a list of choices, or"),
        ("[search]\npolicy.width = {low = 8.5, high = 16}", "search.policy.width.low"),
        ("[search]\npolicy.width = {low = 8, high = 16, step = 0.5}", "search.policy.width.step"),
        (
            "[search]\nlearner.entropy_weight = {low = 0.1, high = 1.0, step = 0.1, log = true}",
            "a step does not go with log",
        ),
        (
            "[search]\nlearner.entropy_weight = {low = 0.1, high = inf}",
            "search.learner.entropy_weight.high",
        ),
        (
            "[search]\nlearner.entropy_weight = {low = 0.1, high = 1.0, log = 1}",
            "log: 1: it must be a valid boolean",
        ),
        (
            "[search]\nlearner.entropy_weight = {low = 0.1, high = 1.0, stpe = 1}",
            "did you mean 'step'",
        ),
    ],
)
def test_a_mistake_is_told(tmp_path, text, hint):
    with pytest.raises(InvalidFile, match=r"sweep\.toml: ") as error:
        plan(tmp_path, text)
    assert hint in str(error.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(InvalidOption, match="cannot be read"):
        read_plan(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidOption, match="UTF-16"):
        read_plan(tmp_path / "bytes.toml")
    with pytest.raises(InvalidOption, match="is a folder"):
        read_plan(tmp_path)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_file_of_another_editor_is_read(tmp_path, end):
    path = tmp_path / "sweep.toml"
    path.write_bytes(
        "trials = 3\n[search]\npolicy.width = [8, 16]\n".replace("\n", end).encode("utf-8-sig")
    )
    assert read_plan(path).trials == 3


def test_what_stands_there_twice_is_told(tmp_path):
    with pytest.raises(InvalidFile, match=r"sweep\.toml: not TOML: .*line 2"):
        plan(tmp_path, "trials = 3\ntrials = 4\n")


def test_without_optuna_it_says_what_to_install(tmp_path, monkeypatch):
    made = plan(tmp_path, "[search]\npolicy.width = [8, 16]")

    def missing(name, *_):
        raise ImportError(name)

    monkeypatch.setattr(extras, "import_module", missing)
    with pytest.raises(InvalidOption, match=r"optuna .*pip install 'inwit\[sweep\]'"):
        sweep(made, tmp_path / "runs")


GAME = """\
task = "memory-length"
[fixed]
length = 3
updates = 2
[search]
window = [4, 8]
"""


def test_a_plan_of_an_environment_aims_at_the_return(tmp_path):
    made = plan(tmp_path, GAME)
    assert (made.objective, made.measure, made.recipe.label) == (
        "return",
        "return",
        "memory-length",
    )
    aimed = plan(tmp_path, 'objective = "cpu-seconds"\nthreshold = -0.5\n' + GAME)
    assert (aimed.objective, aimed.threshold, aimed.sign) == ("cpu-seconds", -0.5, -1)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('objective = "accuracy"', "objective: 'accuracy': for environment memory-length"),
        ('objective = "cpu-seconds"', "needs a threshold, a mean return"),
    ],
)
def test_an_aim_of_the_other_kind_is_refused(tmp_path, line, told):
    with pytest.raises(InvalidFile, match=told):
        plan(tmp_path, f"{line}\n{GAME}")


def test_options_of_tasks_are_not_those_of_an_environment(tmp_path):
    with pytest.raises(InvalidFile, match=r"search\.curriculum: unknown"):
        plan(tmp_path, GAME + 'curriculum = ["uniform"]\n')


STEPPED = "task = 'memory-length'\n[search]\n"


def test_processes_and_episodes_that_are_searched_must_go_together(tmp_path):
    assert plan(tmp_path, STEPPED + "batch = [8, 16]\nprocesses = [8, 1]").search
    for batch in ("[4, 16]", "{low = 4, high = 16}"):
        with pytest.raises(InvalidFile, match=r"line 4: search\.processes: .*there are 4 episodes"):
            plan(tmp_path, f"{STEPPED}batch = {batch}\nprocesses = [8, 1]")


@pytest.mark.parametrize(
    ("given", "ray", "told"),
    [
        ("trials = 1\njobs = 1", "", "up to 1 trial, one run at a time"),
        ("trials = 3\njobs = 2", "auto", "up to 3 trials, at most 2 runs at a time"),
        ("trials = 3", "", f"up to 3 trials, at most {usable_cores()} runs at a time"),
        ("trials = 3", "auto", "up to 3 trials, as many runs as the cluster has cores at a time"),
    ],
)
def test_it_is_said_how_many_runs_there_are_at_a_time(given, ray, told, tmp_path):
    made = plan(tmp_path, given + "\n[search]\nbatch = [4, 8]")
    assert begun_with(made, ray=ray) == told.replace("at most 1 runs", "one run")
