import json
import os
import pickle
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import inwit
from inwit import files
from inwit.agent import load
from inwit.errors import DamagedRun, InvalidOption
from inwit.recipe import Recipe
from inwit.training.loop import Training
from inwit.training.run_folder import CONFIG, FORMAT, METRICS, WEIGHTS, RunFolder
from tests.recipes import recipe_of


@pytest.fixture
def recipe(tmp_path):
    return recipe_of(updates=3, batch=64, out=tmp_path / "run")


@pytest.fixture
def network(recipe):
    return Training(recipe).policy


@pytest.fixture
def folder(recipe, network):
    made = RunFolder.create(recipe)
    made.append({"update": 1, "loss/total": 0.5})
    made.append({"update": 2, "loss/total": 0.25})
    made.save(network)
    return made


def config(folder):
    return json.loads((folder.path / CONFIG).read_text())


def write_config(folder, content):
    (folder.path / CONFIG).write_text(content if isinstance(content, str) else json.dumps(content))


def test_a_run_is_read_as_it_was_written(folder, recipe, network):
    assert folder.recipe() == recipe
    assert list(folder.metrics()) == [
        {"update": 1, "loss/total": 0.5},
        {"update": 2, "loss/total": 0.25},
    ]
    other = Training(replace(recipe, seed=1)).policy
    assert not all(
        torch.equal(one, two)
        for one, two in zip(network.parameters(), other.parameters(), strict=True)
    )
    folder.load(other)
    for name, tensor in network.state_dict().items():
        assert torch.equal(other.state_dict()[name], tensor), name


def test_a_loaded_agent_presses_the_same_keys(folder, recipe):
    agent = load(folder.path)
    again = load(str(folder.path))
    assert agent.solve("3*7+2") == again.solve("3*7+2")
    assert agent.recipe.out == folder.path


def test_what_a_run_was_made_from_is_written(folder):
    content = config(folder)
    assert content["format"] == FORMAT
    assert {"inwit", "commit", "python", "torch", "machine"} <= set(content["made"])
    assert sorted(path.name for path in folder.path.iterdir()) == [CONFIG, METRICS, WEIGHTS]


def test_no_folder_is_no_run(tmp_path):
    with pytest.raises(DamagedRun, match="not a run folder"):
        load(tmp_path / "nowhere")
    with pytest.raises(DamagedRun, match="not a run folder"):
        load(tmp_path)
    (tmp_path / "file").write_text("hello")
    with pytest.raises(DamagedRun, match="not a run folder"):
        load(tmp_path / "file")


def test_the_latest_run_is_suggested(tmp_path, monkeypatch, recipe):
    monkeypatch.chdir(tmp_path)
    RunFolder.create(replace(recipe, out=Path("runs/first")))
    RunFolder.create(replace(recipe, out=Path("runs/second")))
    os.utime("runs/first/config.json", (1, 1))
    with pytest.raises(DamagedRun, match="runs/second"):
        load("runs/third")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "3",
        '"text"',
        "{}",
        '{"format": 1}',
        '{"format": 1, "recipe": null}',
        '{"format": 1, "recipe": []}',
        '{"format": 1, "recipe": {"updates": "many"}}',
        '{"format": 1, "recipe": {"updates": 0}}',
        '{"format": 1, "recipe": {"learner": "dreaming"}}',
        '{"format": 1, "recipe": {"no such option": 1}}',
        "[" * 100_000,
    ],
)
def test_a_damaged_configuration_is_told(folder, content):
    write_config(folder, content)
    with pytest.raises(DamagedRun, match=re.escape(str(folder.path))):
        folder.recipe()


def test_a_configuration_that_is_no_text_is_told(folder):
    (folder.path / CONFIG).write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(DamagedRun):
        folder.recipe()


def test_a_newer_format_is_told(folder):
    write_config(folder, config(folder) | {"format": FORMAT + 1})
    with pytest.raises(DamagedRun, match=f"format {FORMAT + 1}; this version reads {FORMAT}"):
        load(folder.path)


def test_missing_weights_are_told(folder, network):
    (folder.path / WEIGHTS).unlink()
    with pytest.raises(DamagedRun, match="did not finish"):
        load(folder.path)


@pytest.mark.parametrize("kept", [0, 4, 8, 100, -1, -100])
def test_truncated_weights_are_told(folder, kept):
    path = folder.path / WEIGHTS
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DamagedRun, match="damaged"):
        load(folder.path)


@pytest.mark.parametrize("position", [0, 3, 7, 8, 9, 20, 50])
def test_a_flipped_bit_in_the_header_is_told(folder, position):
    path = folder.path / WEIGHTS
    content = bytearray(path.read_bytes())
    content[position] ^= 0x04
    path.write_bytes(content)
    with pytest.raises(DamagedRun):
        load(folder.path)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_told(folder, network, bad):
    with torch.no_grad():
        next(iter(network.parameters())).view(-1)[0] = bad
    folder.save(network)
    with pytest.raises(DamagedRun, match="not finite"):
        load(folder.path)


def test_weights_of_another_network_are_told(folder, recipe):
    folder.save(Training(recipe.but(**{"policy.width": 9})).policy)
    with pytest.raises(DamagedRun, match="foreign"):
        load(folder.path)
    folder.save(torch.nn.Linear(2, 2))
    with pytest.raises(DamagedRun, match="foreign"):
        load(folder.path)


@pytest.mark.parametrize("names", [["more"], ["more", "0"], [""]])
def test_weights_with_tensors_of_another_network_are_told(folder, network, names):
    """All that the network needs is there, and more."""
    tensors = network.state_dict() | {name: torch.ones(2) for name in names}
    content = files.pack(tensors, {"format": "pt", "run": folder._identity()})
    files.write(folder.path, WEIGHTS, content)
    told = f"{min(names)}.*not among the network's {len(network.state_dict())} tensors"
    with pytest.raises(DamagedRun, match=told):
        load(folder.path)
    files.write(folder.path, WEIGHTS, files.pack(network.state_dict(), {}))
    load(folder.path)


class Trap:
    """Unpickling it leaves a trace."""

    def __reduce__(self):
        return (os.mkdir, (os.environ["TRAP"],))


def test_nothing_is_unpickled(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("TRAP", str(tmp_path / "sprung"))
    bait = pickle.dumps(Trap())
    for name in (WEIGHTS, CONFIG):
        (folder.path / name).write_bytes(bait)
        with pytest.raises(DamagedRun):
            load(folder.path)
    torch.save({"weights": Trap()}, folder.path / WEIGHTS)
    with pytest.raises(DamagedRun):
        load(folder.path)
    assert not (tmp_path / "sprung").exists()
    package = Path(inwit.__file__).parent
    reads = re.compile(r"pickle\.loads?\b|torch\.load\b|Unpickler")
    found = [path for path in package.rglob("*.py") if reads.search(path.read_text())]
    # It reads no file: what its own parent sends through a pipe is the user's world.
    assert found == [package / "games" / "worker.py"]


def test_a_last_line_that_was_cut_is_left_out(folder):
    path = folder.path / METRICS
    path.write_text(path.read_text() + '{"update": 3, "loss/to')
    assert [line["update"] for line in folder.metrics()] == [1, 2]
    path.unlink()
    assert list(folder.metrics()) == []


def test_a_damaged_line_in_the_middle_is_told(folder):
    path = folder.path / METRICS
    path.write_text('{"update": 1}\nrubbish\n{"update": 3}\n')
    with pytest.raises(DamagedRun, match=r"metrics\.jsonl: line 2 is damaged"):
        list(folder.metrics())


@pytest.mark.parametrize("update", ['"3"', "true", "3.5", "null", "[3]", "NaN"])
def test_an_update_that_is_no_whole_number_is_told(folder, update):
    path = folder.path / METRICS
    path.write_text(f'{{"update": 1}}\n{{"update": {update}}}\n')
    for read in (lambda: list(folder.metrics()), lambda: folder.rewind(1)):
        with pytest.raises(DamagedRun, match=r"metrics\.jsonl: line 2 is damaged"):
            read()
        path.write_text(f'{{"update": 0}}\n{{"update": {update}}}\n')


@pytest.mark.parametrize("snapshot", [-1, 1, "x", "0", 2.0, True])
def test_a_snapshot_that_is_not_there_is_told_with_those_that_are(folder, network, snapshot):
    with pytest.raises(InvalidOption, match=r"run has no snapshot .*: it has none$"):
        load(folder.path, snapshot=snapshot)
    for update in (0, 2):
        folder.save(network, update)
    with pytest.raises(InvalidOption, match=r"run has no snapshot .*: it has 0, 2$"):
        load(folder.path, snapshot=snapshot)
    load(folder.path, snapshot=2)


def test_a_folder_that_holds_something_is_not_written_to(folder, recipe):
    before = {path.name: path.read_bytes() for path in folder.path.iterdir()}
    with pytest.raises(InvalidOption, match="not empty"):
        RunFolder.create(recipe)
    assert {path.name: path.read_bytes() for path in folder.path.iterdir()} == before


def test_an_empty_folder_may_be_given(recipe):
    recipe.out.mkdir()
    assert RunFolder.create(recipe).path == recipe.out


def test_a_place_that_cannot_be_a_folder_is_told(tmp_path, recipe):
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InvalidOption, match="name another folder"):
            RunFolder.create(replace(recipe, out=place))


def test_runs_of_the_same_second_have_folders_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = {RunFolder.create(Recipe()).path for _ in range(3)}
    assert len(paths) == 3
    assert all(path.parent == Path("runs") for path in paths)


def test_saving_again_leaves_nothing_beside(folder, network):
    folder.save(network)
    assert not list(folder.path.glob("*.part"))
