"""Learning curves, as matplotlib draws them."""

import json

import numpy as np
import pytest

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("agg")
pandas = pytest.importorskip("pandas")

import inwit  # noqa: E402
from inwit.errors import InvalidOption, UnknownName  # noqa: E402
from tests.runs.test_comparison import place  # noqa: E402, F401


def read(folder):
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def test_the_curves_of_an_agent_are_its_metrics(place, tmp_path):  # noqa: F811
    agent = inwit.load(place / "wide")
    figure = agent.plot("policy/entropy")
    (line,) = figure.axes[0].lines
    lines = read(place / "wide")
    assert line.get_ydata() == pytest.approx([each["policy/entropy"] for each in lines])
    assert list(line.get_xdata()) == [1, 2, 3]
    labels = [each.get_label() for each in agent.plot().axes[0].lines]
    assert labels == ["level 0", "level 1"]
    figure.savefig(tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes()[:4] == b"\x89PNG"
    with pytest.raises(UnknownName, match="policy/entropy"):
        agent.plot("policy/entropi")


def test_a_band_holds_every_seed(place):  # noqa: F811
    axes = matplotlib.pyplot.figure().subplots()
    compared = inwit.compare([place / "narrow", place / "wide"])
    assert compared.plot("policy/entropy", axes=axes) is axes.figure
    seeds = [[each["policy/entropy"] for each in read(run.path)] for run in compared.runs[:3]]
    (area,) = axes.collections
    corners = area.get_paths()[0].vertices
    for update in (1, 2, 3):
        heights = corners[corners[:, 0] == update][:, 1]
        column = [seed[update - 1] for seed in seeds]
        assert heights.min() == pytest.approx(min(column))
        assert heights.max() == pytest.approx(max(column))
    assert axes.lines[0].get_ydata() == pytest.approx(np.median(seeds, axis=0))


def test_a_history_is_a_frame(place):  # noqa: F811
    frame = inwit.load(place / "wide").to_pandas()
    assert frame["episodes"].tolist() == [each["episodes"] for each in read(place / "wide")]
    compared = inwit.compare([place / "narrow"]).to_pandas()
    assert isinstance(compared, pandas.DataFrame)
    assert compared["seed"].tolist() == [0, 1, 2]


def test_runs_without_a_common_metric_are_refused(place):  # noqa: F811
    compared = inwit.compare([place / "wide"])
    compared.runs[0].history.names.clear()
    with pytest.raises(InvalidOption, match="name a metric"):
        compared.plot()
