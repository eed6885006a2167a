"""What a key means, as the network has it: the second head beside the machine's truth."""

from collections.abc import Iterator

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.evaluation.scores import Score
from inwit.policies import Policy, SelfMasked, UniformRandom
from inwit.probes.card import Line
from inwit.probes.subject import RIGHT, Subject
from inwit.training.rollout import rollout
from inwit.trajectory import Trajectory

BAR = 0.9
"""Of the verdicts on its own path that are right; half are about keys that mean something."""


def meaning(subject: Subject) -> Iterator[Line]:
    """Lines about an agent that is not shown which keys are legal."""
    if subject.environment.masks:
        return
    wrong = "without legal keys it is not right"
    yield subject.line("masks", "legal keys withheld", subject.intact, wrong, least=RIGHT)
    if isinstance(subject.policy, SelfMasked):
        yield _verdicts(subject, subject.policy, subject.policy, "on its path", judged=True)
        yield _verdicts(subject, subject.policy, UniformRandom(), "off its path", judged=False)


def _verdicts(
    subject: Subject, policy: SelfMasked, player: Policy, where: str, *, judged: bool
) -> Line:
    """One verdict of each episode, at a press and about a key that are drawn."""
    generator = subject.generator()
    trajectory, truth = paths(player, subject, generator)
    believed = policy.meanings(trajectory) > 0
    press, key = drawn(trajectory.pressed, truth, trajectory.observation.legal, generator)
    episode = torch.arange(len(press))
    right = believed[press, episode, key] == truth[press, episode, key]
    by_key = _by_key(key, truth[press, episode, key])
    found = Score(right=int(right.sum()), count=len(right))
    return subject.line(
        "masks",
        f"what a key means, {where}",
        found,
        "its second head does not know which keys mean something",
        holds=found.interval[0] >= max(BAR, by_key) if judged else None,
        needs=f"lower end at least {BAR:.0%}, and the best by the key alone" if judged else "",
        beside={"by the key alone": by_key},
    )


def paths(
    player: Policy, subject: Subject, generator: torch.Generator
) -> tuple[Trajectory, Bool[Tensor, "T B V"]]:
    """Episodes without shown keys, and which keys meant something before each press.

    Args:
        player: presses; the likeliest key, or drawn ones if it is random.
        subject: whose environment and problems these are.
        generator: draws the presses of random play.
    """
    environment, truth = subject.environment, []
    source = generator if isinstance(player, UniformRandom) else None
    with torch.no_grad():
        made, _ = rollout(player, environment, subject.problems, source)
    environment.reset(subject.problems)
    for key in made.key:
        truth.append(environment.machine.members(environment.state.legal))
        environment.press(key)
    return made, torch.stack(truth)


def drawn(
    pressed: Bool[Tensor, "T B"],
    truth: Bool[Tensor, "T B V"],
    possible: Bool[Tensor, "T B V"],
    generator: torch.Generator,
) -> tuple[Int[Tensor, " B"], Int[Tensor, " B"]]:
    """A press of each episode and a key there, half of them keys that mean something."""
    press = torch.multinomial(pressed.T.float(), 1, generator=generator)[:, 0]
    episode = torch.arange(len(press))
    means = truth[press, episode] & possible[press, episode]
    not_so = possible[press, episode] & ~means
    heads = torch.rand(len(press), generator=generator) < 0.5
    wanted: Float[Tensor, "B V"] = torch.where(heads[:, None], means, not_so).float()
    wanted = torch.where(wanted.any(1)[:, None], wanted, possible[press, episode].float())
    return press, torch.multinomial(wanted, 1, generator=generator)[:, 0]


def _by_key(key: Int[Tensor, " B"], means: Bool[Tensor, " B"]) -> float:
    """The share of right verdicts of the best that knows the key alone."""
    table = torch.zeros(int(key.max()) + 1, 2).index_put(
        (key, means.long()), torch.ones(len(key)), accumulate=True
    )
    return float(table.max(1).values.sum() / len(key))
