"""Windows of a game whose episodes continue, against a slow definition of each episode alone."""

from dataclasses import dataclass, field

import pytest
import torch

from inwit.environment import Transition
from inwit.learners.returns import generalised_advantages
from inwit.policies import GRU, PolicySpec
from inwit.training.rollout import Start, evaluate, fill
from inwit.trajectory import Observation, Prompt

KEYS, SEEN, WIDTH = 3, 60, 8


@dataclass
class Counting:
    """Episodes of fixed lengths, one after another; the same for every key that is pressed.

    What is seen is the place in the episode. Every press earns its place. An episode of an odd
    length is truncated at its end, one of an even length terminates.
    """

    final = None
    lengths: list[list[int]]
    """Of each column: the lengths of its episodes, repeated for ever."""
    place: list[int] = field(default_factory=list)
    episode: list[int] = field(default_factory=list)

    def __post_init__(self):
        self.place, self.episode = [0 for _ in self.lengths], [0 for _ in self.lengths]
        self.starting = torch.ones(len(self.lengths), dtype=torch.bool)
        self.right = torch.zeros(len(self.lengths), dtype=torch.bool)
        self.earned = []

    def length(self, column):
        return self.lengths[column][self.episode[column] % len(self.lengths[column])]

    def see(self, previous):
        return Observation(
            previous=previous,
            seen=torch.tensor(self.place)[:, None],
            legal=torch.ones(len(self.place), KEYS, dtype=torch.bool),
        )

    def press(self, key):
        columns = range(len(self.place))
        length = torch.tensor([self.length(column) for column in columns])
        place = torch.tensor(self.place)
        self.starting, ended = place == length, place == length - 1
        self.earned.append(torch.where(self.starting, 0.0, 1.0 + place))
        self.place = torch.where(self.starting, 0, place + 1).tolist()
        self.episode = [self.episode[each] + int(self.starting[each]) for each in columns]
        made = Transition(
            pressed=~self.starting,
            meant=~self.starting,
            answered=torch.zeros_like(ended),
            failed=torch.zeros_like(ended),
            terminated=ended & (length % 2 == 0),
            truncated=ended & (length % 2 == 1),
        )
        return self.see(torch.where(self.starting, KEYS - 1, key)), made

    def rewards(self, made):
        return torch.stack(self.earned[-len(made.pressed) :])


@pytest.fixture
def policy():
    torch.manual_seed(0)
    spec = PolicySpec(keys=KEYS, symbols=0, levels=1, observations=(SEEN,))
    return GRU(width=WIDTH).build(spec)


def opened(policy, game):
    level = torch.zeros(len(game.lengths), dtype=torch.long)
    prompt = Prompt(symbols=level[:, None][:, :0], level=level)
    return Start(
        problem=level,
        level=level,
        prompt=prompt,
        observation=game.see(torch.full_like(level, KEYS - 1)),
        memory=policy.begin(prompt),
        starts=torch.ones_like(level, dtype=torch.bool),
    )


@torch.no_grad()
def windows(policy, game, lengths):
    start, made = opened(policy, game), []
    for number, length in enumerate(lengths):
        noise = torch.rand(length, len(game.lengths), generator=torch.manual_seed(number))
        memory = start.memory
        trajectory, outputs, start = fill(policy, game, start, length, noise=noise)
        made.append((trajectory, outputs, memory))
    return made


def column_of(made, name, column):
    return torch.cat([getattr(trajectory, name)[:, column] for trajectory, _, _ in made])


@torch.no_grad()
def slow_values(policy, prompt, observations):
    """The values of one episode played alone, from its first observation to its last."""
    memory, values = policy.begin(prompt), []
    for observation in observations:
        _, value, memory = policy.step(observation, memory)
        values.append(float(value))
    return values


LENGTHS = [[4], [3], [2, 5], [50]]
CUTS = [6, 1, 9, 4]


def test_every_episode_is_as_if_it_had_been_played_alone(policy):
    game = Counting(lengths=LENGTHS)
    made = windows(policy, game, CUTS)
    prompt = made[0][0].prompt
    for column, lengths in enumerate(LENGTHS):
        starts = column_of(made, "starts", column).nonzero()[:, 0].tolist()
        previous, seen, value, following, reward, pressed, terminated, truncated = (
            torch.cat([trajectory.observation.previous[:, column] for trajectory, _, _ in made]),
            torch.cat([trajectory.observation.seen[:, column] for trajectory, _, _ in made]),
            *(
                column_of(made, name, column)
                for name in ("value", "next_value", "reward", "pressed", "terminated", "truncated")
            ),
        )
        rows = sum(CUTS)
        expected = [0]
        while expected[-1] + lengths[(len(expected) - 1) % len(lengths)] + 1 < rows:
            expected.append(expected[-1] + lengths[(len(expected) - 1) % len(lengths)] + 1)
        assert starts == expected
        for number, first in enumerate(starts):
            length = lengths[number % len(lengths)]
            last = min(first + length, rows - 1)
            observations = [
                Observation(
                    previous=previous[row : row + 1],
                    seen=seen[row : row + 1],
                    legal=torch.ones(1, KEYS, dtype=torch.bool),
                )
                for row in range(first, last + 1)
            ]
            alone = slow_values(
                policy, Prompt(symbols=prompt.symbols[:1], level=prompt.level[:1]), observations
            )
            assert value[first : last + 1].tolist() == pytest.approx(alone, abs=1e-6)
            for row in range(first, last):
                assert pressed[row]
                assert reward[row] == row - first + 1
                ends = row - first == length - 1
                assert bool(terminated[row]) == (ends and length % 2 == 0)
                assert bool(truncated[row]) == (ends and length % 2 == 1)
                led_to = 0.0 if terminated[row] else alone[row - first + 1]
                assert float(following[row]) == pytest.approx(led_to, abs=1e-6)
            if last == first + length:
                assert not pressed[last]  # it shows where the episode ended; nothing is pressed


def test_advantages_never_flow_from_one_episode_into_the_last(policy):
    game = Counting(lengths=LENGTHS)
    ((trajectory, _, _),) = windows(policy, game, [23])
    discount, decay = 0.9, 0.8
    advantage = generalised_advantages(
        trajectory.reward,
        trajectory.value,
        trajectory.next_value,
        trajectory.terminated,
        trajectory.truncated,
        discount=discount,
        decay=decay,
    )
    for column in range(len(LENGTHS)):
        for row in range(23):
            if not trajectory.pressed[row, column]:
                continue
            total, weight, at = 0.0, 1.0, row
            while True:  # the sum of the definition, from this row to the end of its episode
                delta = trajectory.reward[at, column] - trajectory.value[at, column]
                if not trajectory.terminated[at, column]:
                    delta = delta + discount * trajectory.next_value[at, column]
                total, weight = total + weight * float(delta), weight * discount * decay
                ended = trajectory.terminated[at, column] | trajectory.truncated[at, column]
                at += 1
                if ended or at == 23:
                    break
            assert float(advantage[row, column]) == pytest.approx(total, rel=1e-5)


def test_a_window_is_evaluated_from_the_state_before_it(policy):
    made = windows(policy, Counting(lengths=LENGTHS), CUTS)
    for trajectory, outputs, memory in made:
        again = evaluate(policy, trajectory, memory)
        assert torch.allclose(again.log_prob, outputs.log_prob, atol=1e-6)
        assert torch.allclose(again.value, outputs.value, atol=1e-6)
    with_state, without = made[2], evaluate(policy, made[2][0])
    assert not torch.allclose(without.value, with_state[1].value, atol=1e-4)
