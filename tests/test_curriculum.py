import torch

from inwit.curriculum import Fixed, Gated, Uniform

LEVELS = range(1, 4)
GATED = Gated(gate=0.5)


def begin(curriculum, schedule=(1, 2, 3), updates=10):
    return curriculum.begin(LEVELS, schedule, updates)


def went(level, *right):
    return torch.full((len(right),), level), torch.tensor(right)


def test_the_fixed_schedule_is_spread_over_the_updates(generator):
    course = begin(Fixed(), (0, 0, 1), updates=7)
    levels = [int(Fixed().choose(course, 1, generator)) for _ in range(9)]
    assert levels == [0, 0, 0, 0, 0, 1, 1, 1, 1]


def test_the_gate_opens_at_its_share_and_not_before():
    course = begin(GATED)
    # The moving average of the success: 0.3, 0.51.
    GATED.record(course, *went(1, True))
    assert course.state["top"] == 1
    GATED.record(course, *went(1, True))
    assert course.state == {"top": 2, "success": 0.0}
    for _ in range(20):
        GATED.record(course, *went(1, True))  # only the hardest level counts
    assert course.state["top"] == 2
    for _ in range(20):
        GATED.record(course, *went(course.state["top"], True, True, False))
    assert course.state["top"] == 3  # the last one


def test_open_levels_are_rehearsed(generator):
    course = begin(GATED)
    assert set(GATED.choose(course, 50, generator).tolist()) == {1}
    course.state["top"] = 3
    for rehearse, expected in ((0.5, [1 / 6, 1 / 6, 2 / 3]), (0.0, [0, 0, 1]), (1.0, [1 / 3] * 3)):
        level = Gated(rehearse=rehearse).choose(course, 6000, generator)
        shares = torch.bincount(level, minlength=4)[1:] / 6000
        torch.testing.assert_close(shares, torch.tensor(expected).float(), atol=0.03, rtol=0)


def test_the_success_follows_at_the_stated_rate():
    for smoothing in (0.1, 1.0):
        course = begin(Gated(smoothing=smoothing))
        Gated(smoothing=smoothing).record(course, *went(1, True, False))
        assert course.state["success"] == 0.5 * smoothing


def test_uniform_levels_are_even(generator):
    level = Uniform().choose(begin(Uniform()), 6000, generator)
    shares = torch.bincount(level, minlength=4)[1:] / 6000
    torch.testing.assert_close(shares, torch.full((3,), 1 / 3), atol=0.03, rtol=0)


def test_a_curriculum_goes_on_from_its_state(generator):
    for curriculum in (GATED, Fixed()):
        before, after = begin(curriculum), begin(curriculum)
        curriculum.record(before, *went(1, True))
        curriculum.choose(before, 1, generator)
        after.state = dict(before.state)
        levels = [
            curriculum.choose(course, 8, torch.Generator().manual_seed(1))
            for course in (before, after)
        ]
        assert levels[0].equal(levels[1])
        assert before.state == after.state
