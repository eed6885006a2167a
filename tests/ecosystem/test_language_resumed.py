"""A language model's training that was cut off, moved or damaged goes on as if it had not been."""

import json
import shutil

import pytest

from inwit.cli.main import main
from inwit.llm import Toolbox

pytest.importorskip("trl")

from inwit.llm.training import TRAINED, WARM_UP, train_part
from tests.ecosystem.test_endpoint import refused
from tests.ecosystem.test_language_training import recipe, same, weights

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@pytest.mark.parametrize("part", [WARM_UP, TRAINED])
def test_a_run_that_was_cut_off_ends_as_if_it_had_not_been(part, tmp_path):
    """Killed after a checkpoint; a later, torn one is passed over."""
    whole, cut = (recipe(tmp_path / name, minutes=1e-9, steps=4) for name in ("whole", "cut"))
    toolbox = Toolbox("stages")

    def stop(line):
        if line.startswith(f"{part} 3/"):
            raise KeyboardInterrupt

    for each in (whole, cut):
        each.out.mkdir()
        if part == TRAINED:
            train_part(each, toolbox, WARM_UP, lambda line: None)
    train_part(whole, toolbox, part, lambda line: None)
    with pytest.raises(KeyboardInterrupt):
        train_part(cut, toolbox, part, stop)
    assert not (cut.out / part).exists()
    torn = cut.out / f"{part}.part" / "checkpoint-3"
    torn.mkdir()
    lines = []
    train_part(cut, toolbox, part, lines.append)
    steps = [line for line in lines if line.startswith(f"{part} ")]
    assert steps[0].startswith(f"{part} 3/")  # the two before it were in the checkpoint
    kept = map(json.loads, (cut.out / "metrics.jsonl").read_text().splitlines())
    done = [line["step"] for line in kept if line["part"] == part]
    assert done == [*range(1, len(steps) + 3)]
    assert same(weights(whole.out / part), weights(cut.out / part))


def test_patience_counts_the_steps_before_an_interruption(tmp_path):
    nothing = recipe(tmp_path, right=0, random=16, steps=30, patience=3, minutes=1e-9)
    train_part(nothing, Toolbox("stages"), WARM_UP, lambda line: None)

    def stop(line):
        if line.startswith(f"{TRAINED} 2/"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_part(nothing, Toolbox("stages"), TRAINED, stop)
    said = []
    train_part(nothing, Toolbox("stages"), TRAINED, said.append)
    assert [line.split(":")[0] for line in said[1:]] == [
        f"{TRAINED} 2/30",
        f"{TRAINED} 3/30",
        f"{TRAINED} stopped",
    ]


def test_a_run_that_was_moved_goes_on_where_it_is_now(tmp_path, capsys):
    before, after = tmp_path / "before", tmp_path / "after"
    short = ["--right", "16", "--batch", "16", "--steps", "0", "--count", "1", "--no-audit"]
    main(["train", "stages", "--agent", "llm:tiny", "--lora", "0", *short, "--out", str(before)])
    before.rename(after)
    shutil.rmtree(after / WARM_UP)
    main(["resume", str(after)])
    assert (after / WARM_UP / "config.json").exists()
    assert not before.exists()
    assert f"--agent llm:{after / WARM_UP}" in capsys.readouterr().out
    (after / "scores.json").write_text("{")
    told = refused(capsys, "resume", after)
    assert "scores.json cannot be read" in told
