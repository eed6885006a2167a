import json
from statistics import median

import pytest

import inwit
from inwit.errors import DamagedRun, InvalidOption
from tests.recipes import HELPED
from tests.tables import tables_of

SMALL = {"batch": 16, "updates": 3, "replay": 0, "policy.width": 8}
WIDE = {"policy.width": 12}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for seed in (0, 1, 2):
        inwit.train(HELPED, out=folder / "narrow" / f"seed-{seed}", seed=seed, **SMALL)
    inwit.train(HELPED, out=folder / "wide", **(SMALL | WIDE))
    return folder


def last_of(folder):
    line = (folder / "metrics.jsonl").read_text().splitlines()[-1]
    return json.loads(line)["episodes/accuracy@1"]


def test_runs_that_differ_in_the_seed_share_a_row(place):
    compared = inwit.compare([place / "narrow", place / "wide"])
    assert list(compared.groups) == ["policy.width 8", "policy.width 12"]
    assert repr(compared) == "Comparison(4 runs: policy.width 8; policy.width 12)"
    (rows,) = tables_of(compared._repr_html_())
    assert rows[0] == ["runs", "seeds", "updates", "exploring"]
    assert rows[1][:3] == ["policy.width 8", "0, 1, 2", "3"]
    lasts = [last_of(place / "narrow" / f"seed-{seed}") for seed in (0, 1, 2)]
    shown = f"{median(lasts):.3f} ({min(lasts):.3f} to {max(lasts):.3f})"
    assert rows[1][3] == shown
    assert [row["seed"] for row in compared.rows()] == [0, 1, 2, 0]
    assert [row["policy.width"] for row in compared.rows()] == [8, 8, 8, 12]


def test_scores_are_those_of_the_agents(place):
    agent = inwit.load(place / "wide")
    compared = inwit.compare([agent, str(place / "wide")], problems=50)
    accuracy = agent.evaluate(50, lengths=[2])[0].agent.accuracy
    assert [run.score for run in compared.runs] == [accuracy, accuracy]
    (rows,) = tables_of(compared._repr_html_())
    assert rows[0][-1] == "held out"
    assert rows[1][0] == "stages"


def test_what_is_no_run_is_refused(place, tmp_path):
    with pytest.raises(InvalidOption, match="nothing to compare"):
        inwit.compare([])
    with pytest.raises(DamagedRun, match="is not a run folder"):
        inwit.compare([tmp_path])
    agent = inwit.load(place / "wide")
    alone = inwit.Agent(agent.recipe.but(out=None), agent.policy, agent.environment)
    with pytest.raises(InvalidOption, match="has no run folder"):
        inwit.compare([alone])
