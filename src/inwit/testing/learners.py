"""The contracts of a learner: what it returns, rows without influence, and a bandit."""

from typing import cast

import torch

from inwit.learners import Adam, Learner, Metrics, Replay
from inwit.learners.base import COUNTS
from inwit.parts import check_seed, is_count
from inwit.testing.base import hold, part_from
from inwit.testing.ends import check_terminations, check_truncations, check_value
from inwit.testing.episodes import gradients_of, leaves, loss_of, record
from inwit.testing.reinforce import check_reinforce
from inwit.trajectory import Outputs

LATE = 1e6
"""The content of rows after the end."""
EPISODES, UPDATES, RATE, SURE = 64, 200, 0.1, 0.9
"""Of the bandit: the budget, and the final probability of the rewarded arm."""
WANTED = "a learner: give one, such as A2C(), or its class"


def check_learner(
    learner: Learner | Replay | type[Learner] | type[Replay], *, seed: int = 0
) -> None:
    """Assert what training relies on.

    - The loss is a scalar with a gradient; its metrics are scalars without; `epochs`,
      `minibatches` and `group_size` are whole numbers of at least 1.
    - The first on-policy gradient has the direction of REINFORCE's, apart from an entropy bonus
      (not required of a `Replay`, which learns only from solved episodes).
    - Rows after the end of an episode carry no gradient, and do not change the loss.
    - It copes with any number of episodes, and does not write into what it is given.
    - Nothing follows a termination, whatever `next_value` is there. After a truncation `next_value`
      follows, for a learner that trains the value or uses `next_value` at all.
    - It says whether it trains the value, and the value is trained towards the return.
    - It solves a bandit.

    Args:
        learner: a learner, or its class for the default options.
        seed: fixes all randomness.

    Raises:
        AssertionError: a contract is broken; it names the contract and what was observed.
        InvalidOption: what is given is no learner or no seed, or its options are out of range.
    """
    made = cast(Learner | Replay, part_from(learner, (Learner, Replay), WANTED))
    check_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    if isinstance(made, Learner):
        _check_counts(made)
    for cut in (False, True):
        _check_late_rows(made, generator, cut=cut)
    _check_told(made, generator)
    if isinstance(made, Learner):
        check_reinforce(made, generator)
        check_terminations(made, generator)
        check_truncations(made, generator)
        check_value(made)
    _check_bandit(made, generator)


def _check_counts(made: Learner) -> None:
    for name in COUNTS:
        value: object = getattr(made, name)
        contract = f"{name} is a whole number of at least 1"
        hold(is_count(value), made, contract, f"it is {value!r:.60}")


def _check_late_rows(made: Learner | Replay, generator: torch.Generator, *, cut: bool) -> None:
    pressed = torch.tensor([[True, True, True], [True, False, True]])
    numbers = [torch.rand(2, 3, generator=generator) for _ in range(6)]
    reward, losses = torch.tensor([[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), []
    for late in (0.0, LATE):
        log_prob, value, following, *rest = (each.where(pressed, late) for each in numbers)
        episodes = record(
            torch.ones(2, 3, dtype=torch.long),
            problem=torch.full((3,), 4),
            pressed=pressed,
            reward=reward,
            log_prob=-log_prob,
            value=value,
            next_value=following,
            cut=torch.full((3,), cut),
        )
        outputs = leaves(-rest[0], rest[1], rest[2])
        loss, _ = loss_of(made, episodes, outputs)
        losses.append(loss.detach())
        for name, gradient in gradients_of(loss, outputs).items():
            contract = "rows after the end carry no gradient"
            reached = float(gradient[~pressed].abs().max())
            hold(reached == 0, made, contract, f"that of {name} is {reached:.2g} there")
    gap = float((losses[0] - losses[1]).abs())
    contract = "rows after the end do not change the loss"
    seen = f"it changes by {gap:.2g} with what stands there"
    hold(torch.allclose(losses[0], losses[1]), made, contract, seen)


def _check_told(made: Learner | Replay, generator: torch.Generator) -> None:
    numbers = [torch.rand(1, 2, generator=generator) for _ in range(3)]
    pressed = torch.ones(1, 2, dtype=torch.bool)
    episodes = record(
        torch.tensor([[0, 1]]),
        problem=torch.zeros(2, dtype=torch.long),
        pressed=pressed,
        reward=torch.tensor([[1.0, 0.0]]),
        log_prob=-numbers[0],
        value=numbers[1],
        next_value=torch.zeros(1, 2),
    )
    outputs = leaves(-numbers[0], numbers[1], numbers[2])
    loss, metrics = loss_of(made, episodes, outputs)
    trained = bool(gradients_of(loss, outputs)["value"].any())
    says = isinstance(made, Learner) and made.trains_value
    contract, seen = "trains_value says whether the value is trained", f"{says}, but it is"
    hold(trained == says, made, contract, seen if trained else f"{seen} not")
    _check_metrics(made, metrics)


def _check_metrics(made: Learner | Replay, metrics: Metrics) -> None:
    contract = "metrics are scalars without gradient, named area/name"
    for name in metrics:
        hold(name.count("/") == 1, made, contract, f"one is named '{name}'")


def _check_bandit(made: Learner | Replay, generator: torch.Generator) -> None:
    """Three arms; the one with a reward is rarely pulled at first."""
    scores = torch.tensor([1.0, 0.0, 1.0]).requires_grad_()
    optimiser = Adam(learning_rate=RATE).build([scores])
    for _ in range(UPDATES):
        chances = scores.softmax(0)
        key = torch.multinomial(chances.detach(), EPISODES, True, generator=generator)
        key[0] = 1  # a replay needs solved episodes
        episodes = record(
            key[None],
            problem=torch.zeros(EPISODES, dtype=torch.long),
            pressed=torch.ones(1, EPISODES, dtype=torch.bool),
            reward=(key == 1).float()[None],
            log_prob=chances.detach().log()[key][None],
            value=torch.zeros(1, EPISODES),
            next_value=torch.zeros(1, EPISODES),
        )
        if isinstance(made, Replay):
            episodes = episodes.select(episodes.right.nonzero()[:, 0])
        log_prob, entropy = chances.log()[episodes.key], -(chances * chances.log()).sum()
        outputs = Outputs(
            log_prob=log_prob, entropy=entropy.expand_as(log_prob), value=episodes.value
        )
        loss, _ = loss_of(made, episodes, outputs)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    best = float(scores.detach().softmax(0)[1])
    seen = f"after {UPDATES} updates the arm that pays is pulled in {best:.1%}"
    hold(best > SURE, made, "it solves a bandit", seen)
