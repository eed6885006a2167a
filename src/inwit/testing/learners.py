"""The contracts of a learner: the direction of its gradient, and rows without influence."""

from collections.abc import Mapping
from dataclasses import replace

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.learners import Adam, Learner, Metrics, Replay
from inwit.testing.base import hold
from inwit.trajectory import Observation, Outputs, Prompt, Trajectory

KEYS, SLOTS, COPIES = 3, 4, 16
"""Keys that can be pressed; episodes in which the probabilities of one press come out even; how
often these are repeated, for each episode that the learner makes at a problem."""
TOLERANCE = 0.1
"""Maximum distance of a gradient's unit vector: baselines within groups are noisy."""
LATE = 1e6
"""The content of rows after the end."""
EPISODES, UPDATES, RATE, SURE = 64, 200, 0.1, 0.9
"""Of the bandit: the budget, and the final probability of the rewarded arm."""


def check_learner(learner: Learner | type[Learner] | Replay, *, seed: int = 0) -> None:
    """Assert what training relies on.

    - The first on-policy gradient has the direction of REINFORCE's, apart from an entropy bonus
      (not required of a `Replay`, which learns only from solved episodes).
    - Rows after the end of an episode carry no gradient, and do not change the loss.
    - It says whether it trains the value, and its metrics are scalars without gradient.
    - It solves a bandit.

    Args:
        learner: a learner, or its class for the default options.
        seed: fixes all randomness.

    Raises:
        AssertionError: a contract is broken; it names the contract and what was observed.
    """
    made = learner() if isinstance(learner, type) else learner
    generator = torch.Generator().manual_seed(seed)
    _check_late_rows(made, generator)
    _check_told(made, generator)
    if isinstance(made, Learner):
        _check_reinforce(made, generator)
    _check_bandit(made, generator)


def _check_late_rows(made: Learner | Replay, generator: torch.Generator) -> None:
    pressed = torch.tensor([[True, True, True], [True, False, True]])
    numbers = [torch.rand(2, 3, generator=generator) for _ in range(6)]
    reward, losses = torch.tensor([[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), []
    for late in (0.0, LATE):
        log_prob, value, following, *rest = (each.where(pressed, late) for each in numbers)
        episodes = _record(
            torch.ones(2, 3, dtype=torch.long),
            problem=torch.full((3,), 4),
            pressed=pressed,
            reward=reward,
            log_prob=-log_prob,
            value=value,
            next_value=following,
        )
        outputs = _leaves(-rest[0], rest[1], rest[2])
        loss, _ = made.loss(episodes, outputs)
        hold(loss.requires_grad, made, "the loss has a gradient", "it has none")
        losses.append(loss.detach())
        for name, gradient in _gradients(loss, outputs).items():
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
    episodes = _record(
        torch.tensor([[0, 1]]),
        problem=torch.zeros(2, dtype=torch.long),
        pressed=pressed,
        reward=torch.tensor([[1.0, 0.0]]),
        log_prob=-numbers[0],
        value=numbers[1],
        next_value=torch.zeros(1, 2),
    )
    outputs = _leaves(-numbers[0], numbers[1], numbers[2])
    loss, metrics = made.loss(episodes, outputs)
    trained = bool(_gradients(loss, outputs)["value"].any())
    says = isinstance(made, Learner) and made.trains_value
    contract, seen = "trains_value says whether the value is trained", f"{says}, but it is"
    hold(trained == says, made, contract, seen if trained else f"{seen} not")
    _check_metrics(made, metrics)


def _check_metrics(made: Learner | Replay, metrics: Metrics) -> None:
    contract = "metrics are scalars without gradient, named area/name"
    for name, value in metrics.items():
        shown = f"'{name}' has shape {tuple(value.shape)}"
        shown += " and a gradient" if value.requires_grad else ""
        kept = name.count("/") == 1 and not value.dim() and not value.requires_grad
        hold(kept, made, contract, shown)


def _check_reinforce(made: Learner, generator: torch.Generator) -> None:
    """Two problems, in a batch with each episode in proportion to its probability.

    The first is solved by keys 1 and 2, the second by key 1 alone, after which its episode is over.
    The values are exact, so advantages are right however they are computed.
    """
    policy = torch.tensor([[[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]], [[0.5, 0.25, 0.25]] * 2])
    logits = policy.log().requires_grad_()
    episodes = _every_episode(policy, made.group_size, generator)
    log_prob = _log_prob(logits, episodes)
    shape = log_prob.shape
    outputs = Outputs(log_prob=log_prob, entropy=torch.zeros(shape), value=episodes.value)
    loss, _ = made.loss(replace(episodes, log_prob=log_prob.detach()), outputs)
    (found,) = torch.autograd.grad(loss, [logits])
    chances = logits.softmax(-1)
    solved = chances[0, 0, 1] * chances[0, 1, 2] + chances[1, 0, 1]
    (wanted,) = torch.autograd.grad(-solved, [logits])
    for problem, press in ((0, 0), (0, 1), (1, 0)):
        one, other = found[problem, press], wanted[problem, press]
        off = float((one / one.norm().clamp(min=1e-9) - other / other.norm()).norm())
        shown = f"at press {press + 1} of a problem of {2 - problem} it is {_shown(one)}"
        shown += f", and REINFORCE's is {_shown(other)}"
        hold(off < TOLERANCE, made, "the first on-policy gradient is REINFORCE's", shown)


def _every_episode(
    policy: Float[Tensor, "2 2 V"], episodes: int, generator: torch.Generator
) -> Trajectory:
    """Episodes at both problems, the keys in exact proportion to their probabilities."""
    slots = (policy * SLOTS).round().long()
    chosen = [
        torch.cartesian_prod(*(torch.arange(KEYS).repeat_interleave(each) for each in rows))
        for rows in slots
    ]
    copies = COPIES * episodes
    keys = [each.repeat(copies, 1) for each in chosen]
    keys = [each[torch.randperm(len(each), generator=generator)] for each in keys]
    key, problem = torch.cat(keys).T, torch.arange(2).repeat_interleave(len(keys[0]))
    first, second = problem == 0, problem == 1
    pressed = torch.stack([torch.ones_like(first), first])
    reward = torch.stack([second & (key[0] == 1), first & (key[0] == 1) & (key[1] == 2)]).float()
    ahead = (key[0] == 1) * policy[0, 1, 2]  # the value after the first press of the first problem
    begin = torch.where(first, policy[0, 0, 1] * policy[0, 1, 2], policy[1, 0, 1])
    nothing = torch.zeros(len(problem))
    return _record(
        key,
        problem=problem,
        pressed=pressed,
        reward=reward,
        log_prob=torch.zeros(key.shape),
        value=torch.stack([begin, ahead.where(first, nothing)]),
        next_value=torch.stack([ahead.where(first, nothing), nothing]),
    )


def _log_prob(logits: Float[Tensor, "2 2 V"], episodes: Trajectory) -> Float[Tensor, "T B"]:
    rows = logits.log_softmax(-1)[episodes.problem].transpose(0, 1)
    return rows.gather(-1, episodes.key[..., None])[..., 0]


def _check_bandit(made: Learner | Replay, generator: torch.Generator) -> None:
    """Three arms; the one with a reward is rarely pulled at first."""
    scores = torch.tensor([1.0, 0.0, 1.0]).requires_grad_()
    optimiser = Adam(learning_rate=RATE).build([scores])
    for _ in range(UPDATES):
        chances = scores.softmax(0)
        key = torch.multinomial(chances.detach(), EPISODES, True, generator=generator)
        key[0] = 1  # a replay needs solved episodes
        episodes = _record(
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
        loss, _ = made.loss(episodes, outputs)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    best = float(scores.detach().softmax(0)[1])
    seen = f"after {UPDATES} updates the arm that pays is pulled in {best:.1%}"
    hold(best > SURE, made, "it solves a bandit", seen)


def _record(
    key: Int[Tensor, "T B"],
    *,
    problem: Int[Tensor, " B"],
    pressed: Bool[Tensor, "T B"],
    reward: Float[Tensor, "T B"],
    log_prob: Float[Tensor, "T B"],
    value: Float[Tensor, "T B"],
    next_value: Float[Tensor, "T B"],
) -> Trajectory:
    """Episodes that end by the rules with their last press."""
    presses, batch = key.shape
    goes_on = torch.cat([pressed[1:], torch.zeros_like(pressed[:1])])
    zeros = torch.zeros(batch, dtype=torch.long)
    return Trajectory(
        problem=problem,
        level=zeros,
        prompt=Prompt(symbols=problem[:, None], level=zeros),
        observation=Observation(
            previous=torch.zeros_like(key),
            seen=torch.zeros(presses, batch, 0, dtype=torch.long),
            legal=torch.ones(presses, batch, KEYS, dtype=torch.bool),
        ),
        key=key,
        log_prob=log_prob,
        value=value,
        next_value=next_value,
        reward=reward,
        starts=torch.arange(presses)[:, None].expand(presses, batch) == 0,
        terminated=pressed & ~goes_on,
        truncated=torch.zeros_like(pressed),
        pressed=pressed,
        meant=pressed,
        right=reward.sum(0) > 0,
    )


def _leaves(*numbers: Float[Tensor, "T B"]) -> Outputs:
    """Outputs in which gradients end."""
    log_prob, entropy, value = (each.clone().requires_grad_() for each in numbers)
    return Outputs(log_prob=log_prob, entropy=entropy, value=value)


def _gradients(loss: Float[Tensor, ""], outputs: Outputs) -> Mapping[str, Float[Tensor, "T B"]]:
    leaves = vars(outputs)
    found = torch.autograd.grad(loss, list(leaves.values()), allow_unused=True)
    return {
        name: torch.zeros_like(leaf) if gradient is None else gradient
        for (name, leaf), gradient in zip(leaves.items(), found, strict=True)
    }


def _shown(vector: Float[Tensor, " V"]) -> str:
    return "(" + ", ".join(f"{value:.3g}" for value in vector.tolist()) + ")"
