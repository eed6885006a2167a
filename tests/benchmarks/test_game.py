"""The numpy game beside the tutorial's own, key by key; the tutorial as it is and mended."""

import numpy as np
import pytest
import torch

from contenders import tutorial
from contenders.game import DIGITS, KEYS, PREVIOUS, SIZE, Game
from inwit.bench.contenders import PRESSES, WIDTH, LeftOut
from tutorial_as_published import ANS, CTX, Network, Problem, press, run

EPISODES = 4000


def digits_of(game):
    return game.observation[:, : 10 * DIGITS].reshape(-1, DIGITS, 10).argmax(2)


def test_the_game_is_the_tutorials_first_stage():
    game, dice = Game(EPISODES, seed=1), np.random.default_rng(2)
    problems = [Problem(0, tuple(row)) for row in digits_of(game).tolist()]
    programs = dice.integers(10, KEYS, (PRESSES, EPISODES))
    programs[:, :50] = np.array([11, 12, 14, 0, 0, 0])[:, None]  # MUL ADD ANS: right
    states = [(None, False)] * EPISODES
    earned, over = np.zeros(EPISODES), np.zeros(EPISODES, bool)
    for clock, keys in enumerate(programs, 1):
        reward, ended = game.step(keys)
        earned += reward * ~over
        over |= keys == ANS
        assert ((keys == ANS) | (clock == PRESSES) == ended).all()
        states = [
            press(key, *state, problem)
            for key, state, problem in zip(keys.tolist(), states, problems, strict=True)
        ]
        assert (game.filled == [value is not None for value, _ in states]).all()
        assert (game.value == [value or 0 for value, _ in states]).all()
        shown = game.observation
        assert (shown[:, PREVIOUS : PREVIOUS + KEYS].argmax(1) == keys).all()
        assert (shown[:, PREVIOUS : PREVIOUS + KEYS].sum(1) == 1).all()
        assert ([game.filled, game.stored] == shown[:, -3:-1].T).all()
        assert (shown[:, -1] == np.float32(clock / PRESSES)).all()
    played = zip(programs.T.tolist(), problems, strict=True)
    right = [run(program, problem)[0] for program, problem in played]
    assert (earned == right).all()
    assert earned[:50].all()
    assert 0 < earned[50:].mean() < 0.1


def test_episodes_begin_again_with_new_problems():
    game = Game(500)
    before = digits_of(game)
    game.step(np.full(500, ANS))
    game.begin(np.arange(250))
    after = digits_of(game)
    assert (after[250:] == before[250:]).all()
    assert (after[:250] != before[:250]).any(1).mean() > 0.99
    assert not game.clock[:250].any()
    assert game.clock[250:].all()
    shown = game.observation[:250]
    assert (shown.sum(1) == DIGITS + 2).all()  # digits, the stage, the first key
    assert shown[:, PREVIOUS + CTX].all()
    assert game.observation.shape == (500, SIZE)


@pytest.mark.slow
def test_the_tutorial_is_measured_as_it_is_where_it_fits():
    mean, loss, _ = tutorial.build(16, 1)()
    assert 0 <= mean <= 1.5
    assert np.isfinite(loss)
    with pytest.raises(LeftOut, match=r"\(B, B, 96\) takes 1\.6 GB"):
        tutorial.build(2048, 1)


def test_the_mended_network_minds_its_problem_alone():
    digits = (1, 2, 3, 4, 5), (6, 7, 8, 9, 0), (1, 2, 3, 9, 9)
    problems = [Problem(0, each) for each in digits]
    network = tutorial.Mended(WIDTH)
    together = network.initial_state(problems)[0]
    alone = torch.cat([network.initial_state([problem])[0] for problem in problems])
    assert torch.allclose(together, alone, atol=1e-6)
    assert not torch.allclose(together[0], together[1])
    assert torch.equal(together[0], together[2])  # two digits are not of the first stage
    published = Network(WIDTH)
    published.load_state_dict(network.state_dict())
    blind = published.initial_state(problems)[0]
    assert torch.allclose(blind[0], blind[1])
