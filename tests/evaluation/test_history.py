import json
from math import isnan
from statistics import median

import pytest

import inwit
from inwit.errors import InvalidOption, UnknownName
from inwit.evaluation.curves import STEPS, Curve, band, smoothed
from inwit.evaluation.history import History, label
from tests.recipes import HELPED
from tests.tables import tables_of

SMALL = {"batch": 16, "updates": 4, "replay": 0, "policy.width": 8}


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    return inwit.train(HELPED, out=tmp_path_factory.mktemp("runs") / "one", **SMALL)


def test_the_history_is_what_the_file_says(agent):
    lines = map(json.loads, (agent.recipe.out / "metrics.jsonl").read_text().splitlines())
    lines = list(lines)
    history = agent.history
    assert history["update"] == [1, 2, 3, 4] == [line["update"] for line in lines]
    for name in lines[0]:
        assert history[name][0] == lines[0][name]
    assert set(history) == {name for line in lines for name in line}
    assert [row["episodes"] for row in agent.rows()] == [line["episodes"] for line in lines]


def test_a_metric_that_an_update_did_not_measure_is_no_number():
    history = History([{"update": 1, "episodes/accuracy@0": 0.5}, {"update": 2}])
    first, second = history["episodes/accuracy@0"]
    assert first == 0.5
    assert isnan(second)
    assert history.last("episodes/accuracy@0") == 0.5
    assert history.accuracies == ["episodes/accuracy@0"]


def test_levels_come_in_the_order_of_numbers():
    history = History([{"update": 1} | {f"episodes/accuracy@{level}": 0.1 for level in (10, 9)}])
    assert history.accuracies == ["episodes/accuracy@9", "episodes/accuracy@10"]


def test_an_unknown_metric_names_the_nearest(agent):
    assert "policy/entropi" not in agent.history
    with pytest.raises(UnknownName, match="did you mean 'policy/entropy'"):
        agent.history["policy/entropi"]


def test_an_agent_is_short_and_shows_its_training(agent):
    weights = sum(part.numel() for part in agent.policy.parameters())
    assert repr(agent) == f"Agent(stages, gru of {weights:,} weights, {agent.recipe.out})"
    (rows,) = tables_of(agent._repr_html_())
    assert rows[0][:3] == ["update", "episodes", "level 0"]
    assert [row[0] for row in rows[1:]] == ["1", "2", "3", "4"]


def test_a_long_run_is_shown_in_a_few_rows_and_ends_with_the_last():
    (sheet,) = History([{"update": update} for update in range(1, 998)]).sheets()
    assert 10 <= len(sheet.rows) <= 13
    assert sheet.rows[-1] == ("997",)


def test_without_a_run_folder_there_is_no_history(agent):
    alone = inwit.Agent(agent.recipe.but(out=None), agent.policy, agent.environment)
    assert repr(alone).endswith("weights)")
    assert tables_of(alone._repr_html_()) == []
    with pytest.raises(InvalidOption, match="no run folder"):
        alone.history  # noqa: B018


def test_a_curve_is_the_mean_of_neighbours():
    values = [float((7 * place) % 11) for place in range(3 * STEPS)]
    means = smoothed(values)
    for place in (0, 50, len(values) - 1):
        near = values[max(0, place - 3) : place + 4]
        assert means[place] == pytest.approx(sum(near) / len(near))
    assert smoothed(values[:10]) == values[:10]


def test_a_band_goes_from_the_lowest_run_to_the_highest():
    runs = [[0.0, 1.0, 2.0], [4.0, 4.0, 4.0], [1.0, 9.0, 3.0, 5.0]]
    low, middle, high = band(Curve(label="x", x=[1, 2, 3], runs=runs))
    together = list(zip(*runs, strict=False))
    assert low == [min(each) for each in together]
    assert middle == [median(each) for each in together]
    assert high == [max(each) for each in together]


def test_names_for_people():
    assert label("episodes/accuracy@12") == "level 12"
    assert label("loss/total") == "total loss"
    assert label("policy/entropy") == "entropy"
    assert label("episodes") == "episodes"


def test_matplotlib_that_is_not_installed_is_named(agent, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.pyplot", None)
    with pytest.raises(InvalidOption, match=r"pip install 'inwit\[plot\]'"):
        agent.plot()
