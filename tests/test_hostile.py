"""What strangers may give: always one line of an error of ours, never a traceback, a hang, code."""

import json
import os
import pickle
import resource
import shutil
import time
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save

from inwit import files
from inwit.agent import load, resume, train
from inwit.cli.main import main
from inwit.errors import DamagedRun, InwitError
from inwit.recipe import Recipe, options_of
from inwit.recipes import read_recipe
from inwit.texts import to_json
from inwit.training.run_folder import CHECKPOINTS, CONFIG, METRICS, WEIGHTS, RunFolder
from tests.recipes import recipe_of
from tests.tiers import few_fast

DUMPED = Recipe().dump()
NAMES = (CONFIG, METRICS, WEIGHTS, f"{CHECKPOINTS}/00000003.safetensors")
SECONDS = 60
"""In which everything here is refused, on a busy machine."""
WITHIN = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("hostile") / "run"
    train(recipe_of(updates=3, batch=16, replay=8, out=path))
    return path


@pytest.fixture
def copy(run, tmp_path):
    """A run to be spoilt."""
    return shutil.copytree(run, tmp_path / "run", dirs_exist_ok=True)


def refused(path, *commands, capsys):
    """One short line from every command, and exit code 2."""
    for command in commands or (["evaluate"], ["resume"], ["solve", "1*2+3"]):
        start = time.monotonic()
        with pytest.raises(SystemExit) as end:
            main([command[0], str(path), *command[1:]])
        told = capsys.readouterr()
        assert end.value.code == 2
        (line,) = told.err.splitlines()
        assert line.startswith("inwit: ")
        assert line.isprintable()
        assert len(line) < 500
        assert time.monotonic() - start < SECONDS


def used(path):
    """Everything that reads a run, where it may refuse."""
    for use in (load, resume, lambda path: list(RunFolder(path).metrics())):
        with suppress(InwitError):
            use(path)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from(list(options_of(Recipe()))), ANYTHING, max_size=4),
    st.dictionaries(st.sampled_from(list(DUMPED)), ANYTHING, max_size=4),
)
def test_a_value_is_taken_and_written_or_refused_by_its_name(changes, read):
    """What is accepted changes nothing else, and is read back as it is; nothing else breaks."""
    for values, made in (
        (changes, lambda: Recipe().but(**changes)),
        (read, lambda: read_recipe(DUMPED | read)),
    ):
        recipe, told = made_or_told(made)
        if recipe is None:
            names = [name.rpartition(".")[2] for name in values]
            parts = {*values} & {*Recipe.kinds}  # of any form: the mistake may be deep inside
            assert parts or any(n in told or n.replace("_", "-") in told for n in names)
            continue
        written = recipe.dump()
        assert read_recipe(json.loads(to_json(written))) == recipe.but(out=None)
        chosen = {name.partition(".")[0] for name in values} | {"race"}
        same = {*DUMPED} - chosen - ({"task"} if "once" in values else set())
        assert {name: written[name] for name in same} == {name: DUMPED[name] for name in same}


def made_or_told(make):
    """What is made, or the message of the refusal."""
    try:
        return make(), ""
    except InwitError as error:
        return None, str(error)


@given(content=st.binary(max_size=200) | ANYTHING.map(lambda each: json.dumps(each).encode()))
@WITHIN
def test_no_content_breaks_a_configuration(content, tmp_path):
    (tmp_path / CONFIG).write_bytes(content)
    with pytest.raises(DamagedRun):
        RunFolder(tmp_path).recipe()


@pytest.mark.slow
@given(data=st.data())
@WITHIN
def test_weights_of_another_recipe_are_refused(data, run, tmp_path):
    """A configuration of the right form with other values: sizes that would not fit, too."""
    copy = shutil.copytree(run, tmp_path / "run", dirs_exist_ok=True)
    config = json.loads((run / CONFIG).read_text())
    name = data.draw(st.sampled_from(list(config["recipe"])))
    before = json.dumps(config["recipe"])
    config["recipe"][name] = data.draw(ANYTHING | st.sampled_from([10**9, 10**18, "evil.py"]))
    (copy / CONFIG).write_text(json.dumps(config))
    if json.dumps(config["recipe"]) == before:
        load(copy)
        return
    with pytest.raises(InwitError):
        load(copy)


@pytest.mark.slow
@given(data=st.data())
@WITHIN
def test_no_damage_to_a_run_folder_goes_by_unseen(data, run, tmp_path):
    """Cut, flipped, or replaced: refused, or the run is as it was."""
    copy = shutil.copytree(run, tmp_path / "run", dirs_exist_ok=True)
    name = data.draw(st.sampled_from(NAMES))
    content = bytearray((run / name).read_bytes())
    place = data.draw(st.integers(0, len(content) - 1) | st.integers(0, min(900, len(content) - 1)))
    match data.draw(st.sampled_from(["cut", "flip", "replace", "insert"])):
        case "cut":
            content = content[:place]
        case "flip":
            content[place] ^= 1 << data.draw(st.integers(0, 7))
        case "replace":
            content[place : place + 8] = data.draw(st.binary(min_size=8, max_size=8))
        case "insert":
            content[place:place] = data.draw(st.binary(min_size=1, max_size=8))
    (copy / name).write_bytes(content)
    folder = RunFolder(copy)
    with suppress(InwitError):
        folder.rewind(folder.latest().update)
    with suppress(InwitError):
        agent, intact = load(copy), load(run)
        assert agent.recipe.but(out=None) == intact.recipe.but(out=None)
        pairs = zip(agent.policy.parameters(), intact.policy.parameters(), strict=True)
        assert all(torch.equal(*pair) for pair in pairs)
    if name == WEIGHTS and bytes(content) != (run / name).read_bytes():
        shutil.copy(run / CONFIG, copy)
        (copy / name).write_bytes(content)
        with pytest.raises(DamagedRun):
            load(copy)


def test_a_problem_file_of_one_endless_line_is_refused(tmp_path, run, capsys):
    path = tmp_path / "problems.jsonl"
    with path.open("wb") as file:
        file.truncate(10 * 2**30)
    deep = tmp_path / "deep.jsonl"
    deep.write_text("[" * 100_000)
    huge = tmp_path / "huge.jsonl"
    huge.write_text('{"question": "1+1", "answer": 1' + "0" * 400 + "}")
    for each in (path, deep, huge, Path("/dev/zero"), tmp_path):
        refused(run, ["evaluate", "--problems", str(each)], capsys=capsys)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "how", few_fast(["sparse", "pipe", "zero", "folder", "loop", "dangling"], 0, 1, 5)
)
def test_what_is_no_file_of_a_run_is_refused(copy, name, how, capsys, tmp_path):
    path = copy / name
    path.unlink()
    match how:
        case "sparse":
            with path.open("wb") as file:
                file.truncate(10 * 2**30)
        case "pipe":
            os.mkfifo(path)
        case "zero":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
        case "loop":
            path.symlink_to(path)
        case "dangling":
            path.symlink_to(tmp_path / "nowhere")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if name in (CONFIG, WEIGHTS):
        refused(copy, ["evaluate"], ["solve", "1*2+3"], capsys=capsys)
    if name == CONFIG or (name == METRICS and how != "loop"):
        refused(copy, ["resume"], capsys=capsys)
    used(copy)  # a checkpoint is passed over, and those before it serve
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kilobytes
    assert not (tmp_path / "nowhere").exists()


def test_links_do_not_lead_a_run_out_of_its_folder(copy, tmp_path):
    victim, others = tmp_path / "victim", tmp_path / "others"
    others.mkdir()
    for number in range(5):
        (others / f"{number:08d}.safetensors").write_text("a model of somebody")
    victim.write_text("precious")
    (copy / ".part").symlink_to(victim)
    used(copy)
    (copy / METRICS).unlink()
    (copy / METRICS).symlink_to(victim)
    used(copy)
    for name in (CHECKPOINTS, "snapshots"):
        shutil.rmtree(copy / name)
        (copy / name).symlink_to(others)
        used(copy)
    assert victim.read_text() == "precious"
    assert [path.read_text() for path in others.iterdir()] == ["a model of somebody"] * 5


class Trap:
    """Unpickling it leaves a trace."""

    def __reduce__(self):
        return (os.mkdir, (os.environ["TRAP"],))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_a_run_is_executed(copy, name, tmp_path, monkeypatch):
    monkeypatch.setenv("TRAP", str(tmp_path / "sprung"))
    (copy / name).write_bytes(pickle.dumps(Trap()))
    used(copy)
    code = tmp_path / "evil.py"
    code.write_text(f"import os; os.mkdir({str(tmp_path / 'sprung')!r})")
    config = json.loads((copy.parent / "run" / CONFIG).read_bytes()) if name != CONFIG else None
    if config:
        config["recipe"]["task"] = str(code)
        (copy / CONFIG).write_text(json.dumps(config))
        used(copy)
    assert not (tmp_path / "sprung").exists()


def test_a_message_obeys_no_stranger(copy, capsys):
    config = json.loads((copy / CONFIG).read_text())
    for value in ("\x1b]0;owned\x07\x1b[2J", "a\nb\n" * 1000, "\u202e" * 100_000, 10**4000):
        (copy / CONFIG).write_text(json.dumps(config | {"format": value}))
        refused(copy, capsys=capsys)
        recipe = config["recipe"] | {"task": value}
        (copy / CONFIG).write_text(json.dumps(config | {"recipe": recipe}))
        refused(copy, capsys=capsys)


@pytest.mark.parametrize("path", ["a" * 5000, "/" + "b/" * 3000, "\udcff"])
def test_a_path_that_cannot_be_is_told(path, capsys):
    refused(path, ["evaluate"], ["resume"], capsys=capsys)


def test_a_packed_file_says_when_it_was_changed(run):
    content = (run / WEIGHTS).read_bytes()
    tensors, told = files.unpack(content)
    assert files.pack(tensors, told) == content


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}, {"inwiu": "{}"}])
def test_a_file_without_its_hash_is_damaged(run, metadata):
    tensors, _ = files.unpack((run / WEIGHTS).read_bytes())
    with pytest.raises(ValueError, match="does not match its hash"):
        files.unpack(save(tensors, metadata))
