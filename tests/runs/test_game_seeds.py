"""Several seeds in an environment: what is printed is what the run folders hold."""

import io
import re
from contextlib import redirect_stdout

import pytest

import inwit
from inwit.cli.main import main
from inwit.games.scores import GameScore, ReturnScore
from inwit.runs.seeds import SeedResult, table
from inwit.training.run_folder import RunFolder

SMALL = ["--updates=4", "--length=3", "--batch=32", "--window=16", "--policy.width=8"]


@pytest.mark.slow
def test_the_tables_have_the_words_and_the_figures_of_an_environment(tmp_path):
    parent = tmp_path / "runs"
    with redirect_stdout(io.StringIO()) as told:
        main(["train", "memory-length", "--seeds=0,1", "--jobs=1", *SMALL, f"--out={parent}"])
    lines = [re.split(r" {2,}", line.strip()) for line in told.getvalue().splitlines()]
    assert lines[1] == ["seed", "update", "return", "actions/s", "time left"]
    last = [line["episodes/return"] for line in RunFolder(parent / "seed-1").metrics()][-1]
    assert ["1", "4/4", f"{last:.3f}"] in [line[:3] for line in lines]
    assert ["mean returns of fresh episodes; MMER: the best mean in training:"] in lines
    heads = lines.index(["seed", "most probable", "drawn", "random", "MMER", "CPU s"])
    for seed, row in enumerate(lines[heads + 1 : heads + 3]):
        player = inwit.load(parent / f"seed-{seed}")
        score = player.evaluate()
        means = [score.greedy.mean, score.sampled.mean, score.random.mean, player.mmer()]
        assert row[:-1] == [str(seed), *(f"{mean:.3f}" for mean in means)]


def scored(best):
    played = ReturnScore(returns=(0.5, 1.0), steps=(3, 3))
    return GameScore(greedy=played, sampled=played, random=played, best=best)


@pytest.mark.parametrize("best", [(0.25, 0.5), (0.25, None), (None, 0.5), (None, None)])
def test_the_best_of_training_stands_where_every_seed_has_one(best):
    found = [SeedResult(seed=seed, scores=(scored(each),)) for seed, each in enumerate(best)]
    heads, *rows = table([*found, SeedResult(seed=2, failure="killed by signal 9")])
    assert all(len(row) == len(heads) for row in rows)
    assert ("MMER" in heads) == (None not in best)
    if "MMER" in heads:
        column = [row[heads.index("MMER")] for row in rows]
        assert column == ["0.250", "0.500", "-", "0.375", "0.250 to 0.500"]
