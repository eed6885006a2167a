import json
import re
import shutil

import pytest
import torch

import inwit
from inwit.cli.agents import SHIPPED
from inwit.cli.commands.training import read
from inwit.cli.main import main
from inwit.errors import InwitError
from inwit.recipes import RECIPES
from inwit.training.loop import Training
from inwit.training.run_folder import RunFolder
from tests.recipes import PLAIN
from tests.tiers import few_fast

SMALL = ("--updates", "3", "--batch", "64", "--policy.width", "8", *PLAIN)


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """A run of three updates, made by the command line."""
    path = tmp_path_factory.mktemp("cli") / "run"
    main(["train", "stages", *SMALL, "--out", str(path)])
    return path


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Nothing is written outside, and the terminal is narrow."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "40")


def out(capsys, *arguments):
    main(list(map(str, arguments)))
    told = capsys.readouterr()
    assert told.err == ""
    return told.out


def test_version(capsys):
    assert re.fullmatch(r"inwit \d+\.\d+\.\d+\S*\n", out(capsys, "--version"))


def test_train_prints_plain_lines_and_writes_a_run(capsys, tmp_path):
    path = tmp_path / "made"
    text = out(capsys, "train", *SMALL, "--out", path)
    assert "\x1b" not in text
    assert "\r" not in text
    lines = text.splitlines()
    assert lines[0].split()[:3] == ["update", "level", "exploring"]
    assert [line.split()[0] for line in lines[1:4]] == ["1/3", "2/3", "3/3"]
    assert str(path) in text
    for form in ("a*b+c", "(a*b+c)-d", "(a*b+c)-(d*e)"):
        assert form in text
    metrics = [json.loads(line) for line in (path / "metrics.jsonl").read_text().splitlines()]
    assert [line["update"] for line in metrics] == [1, 2, 3]
    assert json.loads((path / "config.json").read_text())["recipe"]["batch"] == 64


@pytest.mark.slow
def test_train_makes_a_folder_of_its_own(capsys, tmp_path):
    out(capsys, "train", *SMALL, "--seed", "5")
    (made,) = (tmp_path / "runs").iterdir()
    assert made.name.startswith("stages-5-")


@pytest.mark.parametrize("named", [("stages",), ("--task", "stages"), ("--task=stages",), ()])
def test_the_task_may_be_named_in_several_ways(named):
    recipe, _ = read([*named, "--updates", "3"])
    assert (recipe.task.name, recipe.updates) == ("stages", 3)


@pytest.mark.parametrize(
    "given", [("--replay", "0", "--search", "0"), ("--search=0", "--replay=0")]
)
def test_without_a_search_nothing_need_be_replayed(given):
    recipe, _ = read(["stages", "--learner", "ppo", *given])
    assert (recipe.search, recipe.replay) == (0, None)


@pytest.mark.slow
def test_evaluate_writes_what_the_scores_depend_on(capsys, run, tmp_path):
    main(["evaluate", str(run), "--count", "20", "--json", str(tmp_path / "scores.json")])
    told = json.loads((tmp_path / "scores.json").read_text())
    assert [level["agent"]["count"] for level in told["levels"]] == [20, 20, 20]
    assert told["scored"]["torch"] == told["trained"]["torch"] == torch.__version__
    assert {"threads", "device", "commit", "machine"} <= told["scored"].keys()


def test_evaluate_prints_a_row_for_each_level(capsys, run):
    text = out(capsys, "evaluate", run, "--count", 40)
    rows = [line for line in text.splitlines() if re.match(r"\s*\d ", line)]
    assert len(rows) == 3
    assert all("of 40" in row and "100.0 %" in row for row in rows)  # 100: the oracle's
    assert out(capsys, "evaluate", run, "--count", 40) == text
    for seed in (10**14, 2**63 - 1):  # as large as training takes them
        assert out(capsys, "evaluate", run, "--count", 40, "--seed", seed) != text


def test_trace_prints_episodes(capsys, run):
    text = out(capsys, "trace", run, "--level", 2, "--count", 3)
    lines = text.splitlines()
    assert len(lines) == 3
    for line in lines:
        assert re.match(
            r"\(\d\*\d\+\d\)-\(\d\*\d\):  [\w ]+  = \S+ \((right|wrong, exactly .+)\)", line
        )
    assert out(capsys, "trace", run, "--level", 2, "--count", 3, "--seed", 1) != text


def test_solve_prints_presses_and_a_verdict(capsys, run):
    text = out(capsys, "solve", run, "3*7+2")
    assert "probability" in text
    assert re.search(r"3\*7\+2 = \S+ +\(exact: 23, (right|wrong)\)", text)


def refused(capsys, *arguments):
    """The one short message of a mistake."""
    with pytest.raises(SystemExit) as stop:
        main(list(map(str, arguments)))
    assert stop.value.code == 2
    told = capsys.readouterr()
    ours = told.err.startswith("inwit: ")  # or a box of tyro's, which refers to the help
    assert ours or "--help" in told.err
    assert "Traceback" not in told.err
    assert len(told.err) < (600 if ours else 2500)
    return re.sub(r"[\s\u2500-\u257f]+", " ", told.err)


@pytest.mark.parametrize(
    ("arguments", "hints"),
    few_fast(
        [
            (["trian"], ["trian", "train"]),
            (["--updates", "3"], ["train"]),
            (["train", "stage"], ["stage", "'stages'"]),
            (["train", "--task", "stagse"], ["stagse", "'stages'"]),
            (["train", "--updtes", "3"], ["updtes", "--updates"]),
            (["train", "--updates", "many"], ["updates", "many"]),
            (["train", "--updates", "0"], ["--updates 0", "it must be at least 1"]),
            (["train", "--updates"], ["updates"]),
            (["train", "--seed", "-1"], ["seed", "-1"]),
            (["train", "--epsilon", "0.5"], ["--epsilon 0.5", "it must be below 0.5"]),
            (
                ["train", "--learner.entropy-weight", "inf"],
                ["--learner.entropy-weight inf", "finite"],
            ),
            (["train", "--optimiser.learning-rate", "nan"], ["--optimiser.learning-rate nan"]),
            (["train", "--learner", "ppoo"], ["learner", "a2c"]),
            (["train", "--policy", "lstm"], ["policy", "gru"]),
            (["train", "--curriculum", "gatted"], ["curriculum", "fixed"]),
            (["train", "--learner", "none", "--replay", "0"], ["--replay of at least 1"]),
            (["train", "--largest", "7"], ["--largest"]),
            (["train", "expressions", "--once"], ["--once"]),
            (["train", "--learner.clip", "0.1"], ["--learner.clip"]),
            (["train", "--jobs", "2"], ["--jobs and --ray go with --seeds"]),
            (["train", "stages", "--task", "stages"], ["stages and --task stages"]),
            (["train", "--device", "cuda:99"], ["device", "cuda:99"]),
            (["train", "--device", "gpu"], ["--device gpu cannot be used", "cpu"]),
            (["train", "--device", "cpu:1"], ["--device cpu:1", "use cpu"]),
            (["evaluate", SHIPPED.as_posix(), "--device", "cpu:1"], ["--device cpu:1", "use cpu"]),
            (["train", "--device", "meta"], ["--device meta", "cannot be used"]),
            (["train", "stages", "more"], ["more"]),
            (["train", "expressions", "--policy", "pointer"], ["pointer", "operand keys"]),
            (
                ["train", "--policy", "transformer", "--policy.width", "9"],
                ["--policy.width 9", "multiple of 8"],
            ),
            (
                ["train", "--policy.reader", "attentive", "--policy.width", "4"],
                ["--policy.width 4", "multiple of 8"],
            ),
            (
                ["train", "--policy", "gru", "--policy.reader", "recurrent", "--policy.width", "9"],
                ["--policy.width 9", "even"],
            ),
            (["train", "--policy", "pointer", "--policy.width", "1"], ["--policy.width 1", "even"]),
            (["train", "expressions", "--operators", "%"], ["operator '%'", "*, +, -, /"]),
            (["train", "expressions-prompt", "--largest", "13"], ["--largest 13", "at most 12"]),
            (
                ["evaluate", "--agent", "llm:x", "--task", "stages", "--device", "gpu"],
                ["--device gpu"],
            ),
            (["evaluate", "nowhere"], ["nowhere", "not a run folder"]),
            (["solve", "nowhere"], ["nowhere", "neither a run folder"]),
            (["solve", "nowhere", "1+1"], ["nowhere"]),
            (["resume", "nowhere"], ["nowhere"]),
            (["reserve", "nowhere"], ["reserve", "train"]),
        ],
        *range(0, 99, 2),
        many=True,
    ),
)
def test_a_mistake_is_told_shortly(capsys, tmp_path, arguments, hints):
    text = refused(capsys, *arguments)
    assert all(hint in text for hint in hints), text
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "hints"),
    [
        (["evaluate", "RUN", "--count", "0"], ["count", "at least 1"]),
        (["evaluate", "RUN", "--problems", "40"], ["40 cannot be read"]),
        (["evaluate", "RUN", "--device", "nonsense"], ["device", "nonsense"]),
        (["evaluate", "RUN", "--seed", 2**63], ["--seed", "2^63 - 1"]),
        (["evaluate", "RUN", "--seed", -1], ["--seed -1"]),
        (["trace", "RUN", "--level", "3"], ["level 3", "0 to 2"]),
        (["trace", "RUN", "--level", "-1"], ["level -1"]),
        (["trace", "RUN", "--count", "0"], ["count", "at least 1"]),
        (["trace", "RUN", "--seed", 2**64], ["--seed", "2^63 - 1"]),
        (["evaluate", "RUN", "--problems", "F", "--lengths", "1"], ["--lengths does not go with"]),
        (["evaluate", "RUN", "--problems", "F", "--json", "G"], ["--json does not go with"]),
        (["evaluate", "RUN", "--problems", "F", "--seed", "1"], ["--seed is for drawn problems"]),
        (["export", "RUN", "--web", "F", "--count", "3"], ["--count does not go with --web"]),
        (["export", "RUN", "--hub", "F", "--no-private"], ["--no-private goes with --push"]),
        (
            ["export", "stages", "--jsonl", "F", "--no-certificate"],
            ["--no-certificate does not go"],
        ),
        (["solve", "RUN", "1+1", "--problems", "F"], ["'1+1' and --problems"]),
        (["solve", "RUN"], ["give a problem", "PROBLEM"]),
        (["solve", "RUN", ""], ["give a problem"]),
        (["solve", "RUN", "3*7+"], ["3*7+", "^"]),
        (["solve", "RUN", "3*x+2"], ["'x'", "^"]),
        (["solve", "RUN", "1+1"], ["a*b+c"]),
        (["solve", "RUN", "30*7+2"], ["30"]),
        (["solve", "RUN", "1/0"], ["a*b+c"]),
        (["solve", "RUN", "+".join("1" * 3000)], ["a*b+c"]),
        (["train", "--out", "RUN"], ["--out", "not empty"]),
    ],
)
def test_a_mistake_about_a_run_is_told_shortly(capsys, run, arguments, hints):
    given = [run if argument == "RUN" else argument for argument in arguments]
    text = refused(capsys, *given)
    assert all(hint in text for hint in hints), text


def untrained(path, recipe):
    """The run folder of a network that has learnt nothing."""
    folder = RunFolder.create(recipe.but(**{"policy.width": 8}, out=path))
    folder.save(Training(recipe.but(**{"policy.width": 8})).policy)
    return path


@pytest.mark.parametrize("learner", ["a2c", "none", "grpo", "ppo"])
def test_a_value_is_shown_where_one_is_trained(capsys, tmp_path, learner):
    path = untrained(tmp_path / "run", RECIPES["stages"]().but(learner=learner))
    heading, first, *_ = out(capsys, "solve", path, "3*7+2").splitlines()
    assert heading.split()[-1] == "value"
    assert (first.split()[-1] == "-") == (learner in ("none", "grpo"))


def test_a_value_that_outgrows_float64_is_told_in_one_line(capsys, tmp_path):
    path = untrained(tmp_path / "run", RECIPES["expressions"]())
    text = refused(capsys, "solve", path, "*".join(["9"] * 400))
    assert text.splitlines() == ["inwit: the value of this expression is too large "]


def test_a_damaged_run_is_told(capsys, run, tmp_path):
    broken = shutil.copytree(run, tmp_path / "broken")
    (broken / "weights.safetensors").write_bytes(b"no weights")
    assert "weights.safetensors is damaged" in refused(capsys, "evaluate", broken)
    (broken / "weights.safetensors").unlink()
    assert "did not finish" in refused(capsys, "solve", broken, "3*7+2")
    (broken / "config.json").write_text("{}")
    assert "config.json is damaged" in refused(capsys, "trace", broken)


@pytest.mark.parametrize("option", [("--watch",), ("--track", "wandb")])
def test_the_run_of_a_language_model_refuses_what_it_would_ignore(capsys, tmp_path, option):
    (tmp_path / "language_model.json").write_text("{}")
    told = refused(capsys, "resume", tmp_path, *option)
    assert told.startswith(f"inwit: {option[0]}: ")
    assert "of a language model" in told


def test_a_mistake_in_python_is_one_of_ours(run):
    with pytest.raises(InwitError, match="did you mean 'updates'"):
        inwit.train(updtes=3)
    with pytest.raises(InwitError, match="did you mean 'stages'"):
        inwit.train("stage")
    agent = inwit.load(run)
    with pytest.raises(InwitError, match="0 to 2"):
        agent.trace(7)
    with pytest.raises(InwitError, match=re.escape("a*b+c")):
        agent.solve("1+1")
    assert agent.solve("3*7+2").exact == 23
