"""Results as frames of pandas."""

import pytest

pandas = pytest.importorskip("pandas")

from inwit.evaluation.traces import trace  # noqa: E402
from tests.test_tabular import SCORE  # noqa: E402


def test_a_score_is_a_frame():
    frame = SCORE.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert frame.loc[0, "accuracy"] == 973 / 1000
    assert frame["form"].tolist() == ["a<b>&c"]


def test_a_trace_is_a_frame_with_a_row_per_press(environment, network):
    (episode,) = trace(network, environment, environment.task.parse("3*7+2-4*5"))
    frame = episode.to_pandas()
    assert frame["press"].tolist() == list(range(1, len(episode.presses) + 1))
    assert frame["probability"].between(0, 1).all()
