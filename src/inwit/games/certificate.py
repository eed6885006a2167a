"""The certificate of an agent in an environment: every claim with what would refute it.

No search says what an environment needs. So a control is trained in the budget of the run: a policy
without memory, or, for an agent without memory, one with a gated recurrent unit. What tests memory
is judged only where the policy with memory earns more than the other, and more than the best
constant action (of many, of those that it takes most): else it may just have been trained faster.
Returns are of fresh episodes with drawn actions; differences are taken episode by episode.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor

from inwit.errors import InvalidOption
from inwit.games.base import WorldSpec
from inwit.games.game import SeededGame
from inwit.games.normalising import NormalisedPolicy, without_previous
from inwit.games.past import (
    Asked,
    decode_past,
    edges_of,
    moments_of,
    past_lines,
    scope_of,
    sizes_of,
    walk,
)
from inwit.games.recipe import GameRecipe
from inwit.games.scores import (
    FAVOURITES,
    LONGEST,
    ReturnScore,
    fresh_seeds,
    play_episodes,
    side_by_side,
)
from inwit.games.training import GameTraining
from inwit.policies import GRU, Architecture, Memory, Memoryless, Policy, UniformRandom
from inwit.probes import Certificate, Line, Verdict
from inwit.probes.card import judged
from inwit.probes.lesion import Altered, Reset
from inwit.probes.subject import reseeded
from inwit.progress import steps
from inwit.provenance import commit
from inwit.trajectory import Observation, Prompt

RESETS = (1, 2, 4, 8, 16, 32, 64)
"""Steps between two resets of the state."""
ELSEWHERE = {
    "generalisation": "an environment has no levels beyond training",
    "planning": "there is no prompt that a plan could be read from",
    "edit": "there is no plan in a state after reading",
    "alternatives": "no program is known that would be right as well",
    "thinking": "an environment has no press without effect",
    "information": "observations follow from actions: bits cannot be counted over problems",
    "masks": "every action is legal",
    "robustness": "no problems of another form are known",
}
"""Parts of a task's certificate that do not apply, and why."""


def certify_player(
    recipe: GameRecipe,
    policy: NormalisedPolicy,
    *,
    made: Mapping[str, str | int] | None = None,
    updates: int | None = None,
    episodes: int = 200,
    seed: int = 0,
    longest: int = LONGEST,
) -> Certificate:
    """Examine an agent. The same arguments give the same certificate, to the digit.

    Args:
        recipe: of its training; the controls are made from it.
        policy: the agent, on the CPU.
        made: what the run was made with.
        updates: how many the agent was trained for; by default those of the recipe.
        episodes: how many fresh episodes a figure is made of.
        seed: fixes all randomness.
        longest: actions after which an episode is stopped.

    Raises:
        InvalidOption: the environment is a live one, or there are fewer than two episodes.
    """
    if episodes < 2:
        raise InvalidOption(f"{episodes} episodes: it must be at least 2")
    with closing(recipe.environment.open(side_by_side(episodes, max(2, recipe.batch)))) as copies:
        game = SeededGame(copies, seed)
        control = trained(
            recipe.but(policy=_opposite(recipe.policy, policy), out=None, device="cpu"),
            "training the control",
            updates,
        )
        subject = _Subject(
            recipe=recipe,
            policy=policy,
            game=game,
            control=control,
            count=episodes,
            seed=seed,
            longest=longest,
        )
        names = [part.__name__ for part in PARTS]
        lines = tuple(line for part in steps(PARTS, names) for line in part(subject))
    return Certificate(
        task=recipe.label,
        policy=recipe.policy.name,
        made=made or {},
        commit=commit(),
        seed=seed,
        problems=episodes,
        lines=lines,
    )


def _opposite(architecture: Architecture, policy: NormalisedPolicy) -> GRU | Memoryless:
    """With memory for without, and the other way round; of the same width, if it has one."""
    kind: type[GRU | Memoryless] = Memoryless if policy.inner.recurrent else GRU
    return kind(width=getattr(architecture, "width", kind().width))


def trained(recipe: GameRecipe, name: str, updates: int | None = None) -> NormalisedPolicy:
    """The policy of a recipe, trained without a run folder.

    Args:
        recipe: what is trained.
        name: of the training, in lines of progress.
        updates: how many are made; by default all.
    """
    with closing(GameTraining(recipe)) as training:
        reports, updates = training.reports(), recipe.updates if updates is None else updates
        for _ in steps(range(updates), [name] * updates):
            next(reports)
    return training.policy.eval()


class Constant(Policy):
    """Takes one action all the time."""

    recurrent = False

    def __init__(self, action: int) -> None:
        """Name the action."""
        super().__init__()
        self.action = action

    def begin(self, prompt: Prompt) -> Memory:
        """Nothing is kept."""
        return ()

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """The action, whatever is seen."""
        scores = torch.zeros(observation.legal.shape)
        scores[:, self.action] = 1e3
        return scores, scores[:, 0], memory


def best_constant(
    spec: WorldSpec, play: Callable[[Policy], ReturnScore], agent: ReturnScore
) -> ReturnScore:
    """What the best constant action earns; of many, the best of those that an agent takes most."""
    actions: Sequence[int] = range(len(spec.actions))
    if len(actions) > FAVOURITES:
        actions = agent.favourites
    return max((play(Constant(action)) for action in actions), key=lambda score: score.mean)


@dataclass(frozen=True, kw_only=True)
class _Subject:
    """An agent under examination, with its episodes."""

    recipe: GameRecipe
    policy: NormalisedPolicy
    game: SeededGame
    control: NormalisedPolicy
    """Without memory if the agent has one, else with one; trained in the same budget."""
    count: int
    seed: int
    longest: int
    """Actions after which an episode is stopped."""

    @cached_property
    def intact(self) -> ReturnScore:
        return self.play(self.policy)

    @cached_property
    def beside(self) -> ReturnScore:
        """The returns of the control."""
        return self.play(self.control)

    @cached_property
    def gain(self) -> tuple[float, float]:
        """What a memory earns: the interval of the difference to the policy without one."""
        if self.policy.inner.recurrent:
            return self.intact.less(self.beside)
        return self.beside.less(self.intact)

    @property
    def remembering(self) -> ReturnScore:
        """The returns of the policy with memory."""
        return self.intact if self.policy.inner.recurrent else self.beside

    @cached_property
    def constant(self) -> ReturnScore:
        """The best constant action."""
        return best_constant(self.game.spec, self.play, self.remembering)

    @cached_property
    def needed(self) -> bool:
        """The policy with memory earns more, and more than one action all the time."""
        return self.gain[0] > 0 and self.remembering.less(self.constant)[0] > 0

    def play(self, policy: Policy, *, greedy: bool = False) -> ReturnScore:
        dice, seeds = None if greedy else self.seed, fresh_seeds(self.seed, self.count)
        return play_episodes(policy, self.game, seeds, dice=dice, longest=self.longest)

    def line(
        self,
        part: str,
        name: str,
        found: ReturnScore,
        fails_if: str = "",
        *,
        holds: bool | None = None,
        needs: str = "",
        beside: Mapping[str, float] | None = None,
        note: str = "",
    ) -> Line:
        """A line about a mean return; without `holds` it is only stated."""
        return Line(
            part=part,
            name=name,
            verdict=judged(holds),
            figure=found.mean,
            unit="return",
            interval=found.interval,
            method="bootstrap",
            needs="" if holds is None else needs,
            fails_if="" if holds is None else fails_if,
            count=len(found.returns),
            seed=self.seed,
            beside=beside or {},
            note="; ".join(filter(None, (note, found.stopped))),
        )


def competence(subject: _Subject) -> Iterator[Line]:
    """Does it earn more than random play?"""
    random = subject.play(UniformRandom())
    yield subject.line(
        "competence",
        "mean return, drawn actions",
        subject.intact,
        "it earns no more than random play",
        holds=subject.intact.less(random)[0] > 0,
        needs="less random play: lower end above 0",
        beside={"random": random.mean},
    )
    greedy = subject.play(subject.policy, greedy=True)
    yield subject.line("competence", "the most probable actions", greedy)


def control(subject: _Subject) -> Iterator[Line]:
    """Does a memory earn anything in this environment?"""
    agent = subject.policy.inner.recurrent
    name = "without memory, trained as long" if agent else "a gru, trained as long"
    holds: bool | None = None
    low, high = subject.gain
    if subject.needed:
        holds = agent
    elif agent and high < 0:
        holds = False
    bounds = (low, high) if agent else (-high, -low)
    nothing = "memory earns nothing that this budget shows"
    if low > 0:
        nothing = "one action all the time earns as much as a policy with memory"
    nothing += ": no claim is made of it" if holds is None else ""
    yield subject.line(
        "memory",
        name,
        subject.beside,
        "it earns less than the control" + ("" if agent else ", which has a memory"),
        holds=holds,
        needs="agent less control: lower end above 0",
        beside={"agent": subject.intact.mean} | dict(zip(("low", "high"), bounds, strict=True)),
        note="" if subject.needed else nothing,
    )


def lesions(subject: _Subject) -> Iterator[Line]:
    """What does it earn without its state, or at another's observations?"""
    longest = max(subject.intact.steps)
    for every in RESETS:
        if every >= longest:
            break
        found = subject.play(Reset(subject.policy, every, observation=without_previous))
        holds = found.less(subject.intact)[1] < 0 if every == 1 and subject.needed else None
        yield subject.line(
            "lesions",
            f"state reset every {every}",
            found,
            "it earns as much without its state",
            holds=holds,
            needs="falls",
            beside={"intact": subject.intact.mean},
        )
    yield _foreign(subject)


def _foreign(subject: _Subject) -> Line:
    """At the observations of the episode before it in the batch."""
    differ = False

    def exchange(given: Observation) -> Observation:
        nonlocal differ
        other = replace(given, seen=given.seen.roll(1, 0), values=given.values.roll(1, 0))
        pairs = ((given.seen, other.seen), (given.values, other.values))
        differ = differ or not all(torch.equal(*pair) for pair in pairs)
        return other

    name = "another's observations"
    found = subject.play(Altered(subject.policy, observation=exchange))
    beside = {"intact": subject.intact.mean}
    if not differ:
        note = "all episodes show the same: another's observations are its own"
        return subject.line("lesions", name, found, beside=beside, note=note)
    best = subject.constant
    above = subject.intact.less(best)[0] > 0
    return subject.line(
        "lesions",
        name,
        found,
        "it earns as much without looking",
        holds=found.less(subject.intact)[1] < 0 if above else None,
        needs="falls; intact above the best constant action",
        beside=beside | {"best constant action": best.mean},
        note="" if above else "one action all the time earns as much: it need not look",
    )


def past(subject: _Subject) -> Iterator[Line]:
    """Is what was seen before decodable from the state?"""
    recipe, game, policy = subject.recipe, subject.game, subject.policy
    untrained = reseeded(recipe).but(device="cpu").network(game.spec)
    untrained.load_state_dict(untrained.state_dict() | dict(policy.named_buffers(recurse=False)))
    generator = torch.Generator().manual_seed(subject.seed)
    known, asked = (
        walk(policy, untrained, game, seeds, dice=subject.seed) for seeds in _halves(subject)
    )
    spec = game.spec
    probed, scope = scope_of(known, len(spec.fields) + spec.values)
    if len(known.seen) < 2 or not probed:
        early = "nothing is seen before an episode's last action"
        note = early if len(known.seen) < 2 else "what is seen never changes"
        yield Line(part="past", name="seen before", verdict=Verdict.NONE, note=note)
        return
    known, asked = (replace(each, seen=each.seen[..., probed]) for each in (known, asked))
    own = sizes_of(spec.fields, spec.values)
    sizes, edges = [own[part] for part in probed], edges_of(known)
    keys = len(spec.actions) + 1
    first, second = (moments_of(each, sizes, edges, keys, generator) for each in (known, asked))
    found = decode_past(first, second, generator)
    asks = Asked(episode=second.episode, generator=generator, seed=subject.seed, scope=scope)
    yield from past_lines(found, asks, needed=subject.needed)


def _halves(subject: _Subject) -> Sequence[Sequence[int]]:
    """Seeds of two batches of episodes: probes are trained on the first and tested on the other."""
    seeds = fresh_seeds((subject.seed + 1) % 2**63, 2 * subject.count)
    return seeds[: subject.count], seeds[subject.count :]


def elsewhere(subject: _Subject) -> Iterator[Line]:
    """What a task's certificate has beyond this."""
    for part, why in ELSEWHERE.items():
        yield Line(part=part, name="in an environment", verdict=Verdict.NONE, note=why)


PARTS = (competence, control, lesions, past, elsewhere)
