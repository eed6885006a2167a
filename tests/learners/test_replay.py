from collections import Counter
from math import exp, log

import pytest
import torch

from inwit.learners import Replay, ReplayBuffer
from inwit.learners.replay import log_sum_exp_by


def sample(found, size, generator):
    """At most so many episodes."""
    found.replay = found.replay.but(size=size)
    return found.sample(generator)


def solved(record, problems, keys, *, levels=None, right=None, pressed=None):
    """Episodes of two presses: a pair of keys each."""
    count = len(problems)
    table = [[pair[t] for pair in keys] for t in (0, 1)]
    return record(
        problem=problems,
        key=table,
        level=levels or [0] * count,
        right=right or [True] * count,
        pressed=pressed or [[True] * count] * 2,
        reward=[[0.0] * count, [1.0] * count],
    )


def kept(found):
    solved = found.solved
    return list(zip(solved.problem.tolist(), map(tuple, solved.key.T.tolist()), strict=True))


def test_the_loss_is_the_marginal_likelihood(record, outputs_from):
    made = solved(
        record,
        [9, 5, 9, 9],
        [(1, 2), (1, 3), (2, 2), (3, 3)],
        pressed=[[True] * 4, [True, True, False, True]],
    )
    log_probs = [[-0.1, -1.0, -2.0, -0.7], [-0.4, -0.2, 50.0, -3.0]]
    loss, _ = Replay().loss(made, outputs_from(torch.tensor(log_probs)))
    nine = exp(-0.1 - 0.4) + exp(-2.0) + exp(-0.7 - 3.0)
    five = exp(-1.0 - 0.2)
    assert loss.item() == pytest.approx(-(log(nine) + log(five)) / 2)


def test_its_gradient_is_the_posterior_over_programs(record, outputs_from):
    made = solved(record, [4, 4, 6], [(1, 2), (1, 3), (2, 2)])
    log_prob = torch.tensor([[-0.3, -1.5, -1.0], [-0.2, -0.9, -1.0]], requires_grad=True)
    Replay().loss(made, outputs_from(log_prob))[0].backward()
    first = exp(-0.5) / (exp(-0.5) + exp(-2.4))
    expected = -torch.tensor([first, 1 - first, 1.0]) / 2
    torch.testing.assert_close(log_prob.grad, expected.expand(2, 3))


def test_unlikely_programs_do_not_underflow(record, outputs_from):
    made = solved(record, [4, 4], [(1, 2), (1, 3)])
    log_prob = torch.full((2, 2), -500.0, requires_grad=True)
    loss, _ = Replay().loss(made, outputs_from(log_prob))
    loss.backward()
    assert loss.item() == pytest.approx(1000 - log(2))
    torch.testing.assert_close(log_prob.grad, torch.full((2, 2), -0.5))


def test_log_sum_exp_by_group(generator):
    values = torch.randn(40, generator=generator) * 20
    group = torch.randint(5, (40,), generator=generator)
    found = log_sum_exp_by(group, values, 5)
    for number in range(5):
        torch.testing.assert_close(found[number], values[group == number].logsumexp(0))


def test_only_what_is_right_is_kept(record):
    found = ReplayBuffer(Replay())
    found.add(solved(record, [1, 2], [(0, 1), (0, 2)], right=[False, False]))
    assert len(found) == 0
    assert sample(found, 4, torch.Generator()) is None
    found.add(solved(record, [1, 2], [(0, 1), (0, 2)], right=[False, True]))
    assert kept(found) == [(2, (0, 2))]


def test_no_program_is_kept_twice(record):
    found = ReplayBuffer(Replay())
    found.add(solved(record, [1, 1, 2, 1], [(0, 1), (0, 1), (0, 1), (1, 0)]))
    found.add(solved(record, [1, 2], [(0, 1), (3, 3)]))
    assert Counter(kept(found)) == Counter([(1, (0, 1)), (2, (0, 1)), (1, (1, 0)), (2, (3, 3))])


def test_keys_after_the_end_make_no_other_program(record):
    found = ReplayBuffer(Replay())
    early = [[True, True], [False, False]]
    found.add(solved(record, [1, 1], [(0, 1), (0, 2)], pressed=early))
    assert len(found) == 1


def test_the_newest_of_every_level_are_kept(record):
    found = ReplayBuffer(Replay(capacity=2))
    found.add(solved(record, [1, 2, 3], [(0, 0)] * 3, levels=[0, 0, 0]))
    found.add(solved(record, [4, 5], [(0, 0)] * 2, levels=[1, 0]))
    assert Counter(found.solved.problem.tolist()) == Counter([3, 5, 4])
    found.add(solved(record, [3, 6], [(0, 0)] * 2, levels=[0, 0]))  # 3 is found again: it is new
    assert Counter(found.solved.problem.tolist()) == Counter([3, 6, 4])


def test_a_sample_holds_every_program_of_its_problems(record, generator):
    found = ReplayBuffer(Replay())
    problems = [1, 1, 1, 2, 3, 3]
    found.add(solved(record, problems, [(0, row) for row in range(6)]))
    whole = Counter(problems)
    seen = set()
    for _ in range(30):
        drawn = sample(found, 1, generator)
        (problem,) = set(drawn.problem.tolist())
        assert len(drawn.problem) == whole[problem]
        assert len(set(map(tuple, drawn.key.T.tolist()))) == whole[problem]
        seen.add(problem)
    assert seen == {1, 2, 3}
    assert Counter(sample(found, 200, generator).problem.tolist()) == whole


def test_a_sample_is_no_larger_than_asked_for(record, generator):
    found = ReplayBuffer(Replay())
    problems = [1, 1, 2, 3, 3, 4, 4]
    found.add(solved(record, problems, [(0, row) for row in range(7)]))
    for episodes in (2, 3, 5):
        for _ in range(20):
            drawn = sample(found, episodes, generator).problem.tolist()
            assert 0 < len(drawn) <= episodes
            assert all(drawn.count(one) == problems.count(one) for one in drawn)


def test_a_program_that_turns_out_wrong_is_forgotten(record):
    found = ReplayBuffer(Replay())
    found.add(solved(record, [1, 1, 2], [(0, 1), (0, 2), (0, 1)]))
    found.add(solved(record, [1], [(0, 1)], right=[False]))
    assert Counter(kept(found)) == Counter([(1, (0, 2)), (2, (0, 1))])
    found.add(solved(record, [1], [(0, 1)]))
    assert Counter(kept(found)) == Counter([(1, (0, 1)), (1, (0, 2)), (2, (0, 1))])


def test_of_every_problem_the_newest_programs_are_kept(record):
    found = ReplayBuffer(Replay(programs=2))
    found.add(solved(record, [1, 1, 2], [(0, 1), (0, 2), (0, 1)]))
    found.add(solved(record, [1], [(0, 3)]))
    assert Counter(kept(found)) == Counter([(1, (0, 2)), (1, (0, 3)), (2, (0, 1))])


def test_levels_are_sampled_alike(record, generator):
    found = ReplayBuffer(Replay())
    levels = [0] * 18 + [1] * 2
    found.add(solved(record, list(range(20)), [(0, 0)] * 20, levels=levels))
    draws = [sample(found, 1, generator).level.item() for _ in range(400)]
    assert abs(sum(draws) / 400 - 0.5) < 0.1  # four standard deviations


def test_programs_are_of_the_level_asked_for(record, generator):
    found = ReplayBuffer(Replay())
    found.add(
        solved(
            record,
            [1, 2, 3, 4],
            [(0, 1), (0, 2), (5, 1), (7, 1)],
            levels=[0, 0, 1, 1],
            right=[True, True, True, False],
        )
    )
    asked = torch.tensor([1, 0, 0, 1] * 20)
    programs = list(map(tuple, found.programs(asked, generator).T.tolist()))
    assert {programs[row] for row in range(80) if asked[row] == 1} == {(5, 1)}
    assert {programs[row] for row in range(80) if asked[row] == 0} == {(0, 1), (0, 2)}


def test_a_program_that_solved_many_problems_is_drawn_no_more_often(record, generator):
    found = ReplayBuffer(Replay())
    found.add(solved(record, list(range(40)), [(0, 1)] * 39 + [(0, 2)]))
    drawn = found.programs(torch.zeros(400, dtype=torch.long), generator)
    assert abs((drawn[1] == 2).float().mean() - 0.5) < 0.1  # four standard deviations


def test_there_may_be_no_program_yet(record, generator):
    found = ReplayBuffer(Replay())
    assert found.programs(torch.tensor([0]), generator) is None
    found.add(solved(record, [1], [(0, 1)]))
    assert found.programs(torch.tensor([0, 2]), generator) is None
    assert found.programs(torch.tensor([0]), generator) is not None
