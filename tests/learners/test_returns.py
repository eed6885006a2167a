import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from inwit.learners.ppo import standardised
from inwit.learners.returns import generalised_advantages

NUMBERS = st.floats(-3, 3, width=32)
ROW = st.tuples(NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["on", "on", "end", "cut"]))
EPISODES = st.integers(1, 3).flatmap(
    lambda batch: st.lists(st.lists(ROW, min_size=batch, max_size=batch), min_size=1, max_size=7)
)
SHARE = st.sampled_from([0.0, 0.3, 0.9, 1.0])


def advantages(rows, discount, decay):
    table = [[[row[field] for row in line] for line in rows] for field in range(3)]
    reward, value, next_value = (torch.tensor(column, dtype=torch.float) for column in table)
    ends = [[row[3] == "end" for row in line] for line in rows]
    cuts = [[row[3] == "cut" for row in line] for line in rows]
    flags = torch.tensor(ends), torch.tensor(cuts)
    return generalised_advantages(reward, value, next_value, *flags, discount=discount, decay=decay)


def slowly(rows, discount, decay, t, column):
    """The sum of (gamma lambda)^k delta_{t+k} over the rest of the episode."""
    total, weight = 0.0, 1.0
    for line in rows[t:]:
        reward, value, next_value, fate = line[column]
        future = 0.0 if fate == "end" else discount * next_value
        total += weight * (reward + future - value)
        if fate != "on":
            break
        weight *= discount * decay
    return total


@given(EPISODES, SHARE, SHARE)
def test_advantages_are_those_of_the_definition(rows, discount, decay):
    found = advantages(rows, discount, decay)
    for t in range(len(rows)):
        for column in range(len(rows[0])):
            expected = slowly(rows, discount, decay, t, column)
            assert found[t, column].item() == pytest.approx(expected, abs=1e-4)


@given(EPISODES, st.data())
def test_nothing_leaks_across_the_end_of_an_episode(rows, data):
    column = data.draw(st.integers(0, len(rows[0]) - 1))
    t = data.draw(st.integers(0, len(rows) - 1))
    fate = data.draw(st.sampled_from(["end", "cut"]))
    rows[t][column] = (*rows[t][column][:3], fate)
    before = advantages(rows, 1.0, 1.0)
    for line in rows[t + 1 :]:
        line[column] = (100.0, -50.0, 70.0, line[column][3])
    after = advantages(rows, 1.0, 1.0)
    assert torch.equal(after[: t + 1, column], before[: t + 1, column])
    others = torch.arange(len(rows[0])) != column
    assert torch.equal(after[:, others], before[:, others])


def test_by_hand():
    rows = [[(1.0, 0.5, 2.0, "on")], [(0.0, 2.0, 4.0, "cut")], [(1.0, 0.25, 9.0, "end")]]
    # delta: 1 + 0.5 * 2 - 0.5 = 1.5;  0 + 0.5 * 4 - 2 = 0;  1 - 0.25 = 0.75
    assert advantages(rows, 0.5, 0.5)[:, 0].tolist() == [1.5, 0.0, 0.75]
    rows[1] = [(0.0, 2.0, 4.0, "on")]
    # 0 + 0.25 * 0.75;  1.5 + 0.25 * 0.1875
    assert advantages(rows, 0.5, 0.5)[:, 0].tolist() == [1.546875, 0.1875, 0.75]


def test_without_decay_it_is_the_return_less_the_value():
    rows = [[(0.0, 0.2, 0.6, "on")], [(1.0, 0.6, 0.0, "end")]]
    torch.testing.assert_close(advantages(rows, 1.0, 1.0)[:, 0], torch.tensor([0.8, 0.4]))


@given(EPISODES)
def test_standardised_values_are_those_of_the_rows_that_count(rows):
    values = torch.tensor([[row[0] for row in line] for line in rows])
    mask = torch.tensor([[row[3] == "on" for row in line] for line in rows])
    kept = values[mask].double()
    if len(kept) < 2 or kept.std(correction=0) < 1e-2:
        return
    wanted = (kept - kept.mean()) / kept.std(correction=0)
    torch.testing.assert_close(
        standardised(values, mask)[mask].double(), wanted, rtol=1e-3, atol=1e-4
    )
