"""The published tutorial with its faults kept, and the true accuracy next to what it prints.

The library starts from a tutorial that trains one small network on three stages of arithmetic and
prints "accuracies" of 1.06, 0.00 and 0.18. This is that system in our words, making the same
random draws in the same order. It must never be repaired: the repaired form is compared with it.
`make tutorial` takes about 10 seconds of one CPU core. Its faults:

1. The network is blind: every episode of a batch starts from the same hidden state.
2. The verifier pays for the goal of an earlier stage.
3. STO sets a flag instead of storing, and RCL computes d*e by itself: stage 2 is unsolvable.
4. Tools choose their own operands, so one fixed program solves stage 0, and another stage 1.
5. Tools run only after the last key; keys after ANS are trained on; the value of an episode is a
   sum over its steps; the curriculum is fixed; six keys may be pressed where seven are needed.
6. A mean reward, which can exceed 1, is printed as an accuracy.
"""

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.distributions import Categorical
from torch.optim import Adam

from inwit.cli.waiting import waiting

CTX, MUL, ADD, SUB, ANS, STO, RCL, EOS = range(10, 18)
VOCABULARY = (*"0123456789", "CTX", "MUL", "ADD", "SUB", "ANS", "STO", "RCL", "EOS")
EXPRESSIONS = ("a*b+c", "(a*b+c)-d", "(a*b+c)-(d*e)")
CURRICULUM = (0, 0, 0, 1, 1, 2)  # fault 5: ten updates each, whatever has been learnt
UPDATES, TRAINING_BATCH, EVALUATION_BATCH, FINAL_BATCH = 60, 192, 128, 1000
KEYS_PER_EPISODE = 6  # fault 5: stage 2's plan has seven, MUL ADD STO MUL RCL SUB ANS
FIXED_PROGRAMS = {0: (MUL, ADD, ANS), 1: (MUL, ADD, SUB, ANS)}  # fault 4: right on every problem


class Problem(NamedTuple):
    """Five operands, of which the stage's expression uses the first three, four or five."""

    stage: int
    operands: tuple[int, ...]

    @property
    def goal(self) -> int:
        """The stated goal: the value of the stage's expression."""
        a, b, c, d, e = self.operands
        return a * b + c - (0, d, d * e)[self.stage]


@dataclass(frozen=True, kw_only=True)
class StageResult:
    """How some programs did on problems of one stage."""

    stage: int
    mean_reward: float
    """The number that the tutorial prints as an accuracy."""
    true_accuracy: float
    """The share of problems whose answer was the stated goal."""
    programs: tuple[str, ...]
    """The distinct programs that were run."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one run of the published system showed."""

    stages: tuple[StageResult, ...]
    """The trained network on 1,000 problems of each stage."""
    fixed_programs: tuple[StageResult, ...]
    """The two constant programs on the same problems of stages 0 and 1."""
    batch_deviation: float
    """The largest standard deviation of a feature of the initial state over a batch."""
    single_deviation: float
    """The same when each problem is a batch of its own, as in the sample traces alone."""
    keys_after_answer: float
    """The share of the keys trained on that were pressed after ANS."""


def sample(dice: random.Random, stage: int, count: int) -> list[Problem]:
    """Draw problems; five operands are drawn at every stage."""
    return [Problem(stage, tuple(dice.randint(0, 9) for _ in range(5))) for _ in range(count)]


def press(key: int, value: int | None, stored: bool, problem: Problem) -> tuple[int | None, bool]:
    """Apply one key to the value so far and the memory flag; digits, CTX and EOS do nothing."""
    stage, (a, b, c, d, e) = problem
    if key == STO:
        stored = True  # fault 3: nothing is stored
    elif key == RCL and stored:
        value = d * e if stage == 2 else value or 0  # fault 3: nothing is recalled
    elif key == MUL and value is None:
        value = a * b  # fault 4: a tool takes no argument, so no operand need be read
    elif value is not None:
        if key == MUL and stage > 0:
            value *= d
        elif key == ADD:
            value += c
        elif key == SUB:
            value -= (0, d, e if stored else d)[stage]
    return value, stored


def pay(value: int | None, problem: Problem) -> float:
    """Reward an answer as the tutorial does: 1 for its "goal" and a fifth of the shaping."""
    stage, (a, b, c, d, e) = problem
    product, total, other = a * b, a * b + c, d * e
    shaping = (
        ((0.25, product), (0.5, total)),
        ((0.25, product), (0.5, total), (0.75, total - d)),
        ((0.2, product), (0.4, total), (0.6, total - other), (0.6, other)),
    )[stage]
    paid = (product, total, total - d)[stage]  # fault 2: not the stated goal
    return float(value == paid) + 0.2 * sum(weight * (value == part) for weight, part in shaping)


def run(program: Sequence[int], problem: Problem) -> tuple[bool, float]:
    """Return whether the value at ANS is the stated goal, and the reward; without ANS, neither."""
    value, stored = None, False
    for key in program:  # fault 5: all keys were pressed before the first of them is run
        if key == ANS:
            return value == problem.goal, pay(value, problem)
        value, stored = press(key, value, stored, problem)
    return False, 0.0


class Network(nn.Module):
    """The tutorial's stage-aware GRU actor-critic; the order of its layers fixes their weights."""

    def __init__(self, width: int = 96) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(VOCABULARY), width)
        self.stage_embedding = nn.Embedding(len(EXPRESSIONS), width)
        self.memory = nn.GRU(width, width, batch_first=True)
        self.policy = nn.Linear(width, len(VOCABULARY))
        self.value = nn.Linear(width, 1)

    def read(self, problems: Sequence[Problem]) -> Tensor:
        """The operands of all problems and `CTX`, (B, 4 + stage), a small tensor at a time."""
        prompts = torch.full((len(problems), 4 + problems[0].stage), CTX)
        for row, (stage, operands) in enumerate(problems):
            prompts[row, : 3 + stage] = torch.tensor(operands[: 3 + stage])
        return prompts

    def initial_state(self, problems: Sequence[Problem]) -> Tensor:
        """Encode the problems, (1, B, width): all rows are the same."""
        prompts = self.read(problems)
        stages = self.stage_embedding(torch.tensor([problem.stage for problem in problems]))
        # fault 1: (B, width) + (B, 1, width) is (B, B, width), and the second mean is over B
        mixed = self.embedding(prompts).mean(1) + stages.unsqueeze(1)
        return torch.tanh(mixed.mean(1)).unsqueeze(0)

    def forward(self, problems: Sequence[Problem], greedy: bool = True) -> tuple[Tensor, ...]:
        """Press six keys; return them, log-probabilities, entropies and values, each (B, 6)."""
        state, token, steps = self.initial_state(problems), torch.full((len(problems),), CTX), []
        for _ in range(KEYS_PER_EPISODE):
            output, state = self.memory(self.embedding(token.unsqueeze(1)), state)
            logits, value = self.policy(output[:, -1]), self.value(output[:, -1]).squeeze(1)
            log_policy = F.log_softmax(logits, dim=-1)
            policy = log_policy.exp()
            token = logits.argmax(1) if greedy else Categorical(policy).sample()
            log_probability = log_policy.gather(1, token.unsqueeze(1)).squeeze(1)
            entropy = -(policy * torch.log(policy + 1e-9)).sum(1)
            steps.append((token, log_probability, entropy, value))
        return tuple(torch.stack(column, 1) for column in zip(*steps, strict=True))


def examine(programs: Sequence[Sequence[int]], problems: Sequence[Problem]) -> StageResult:
    """Run one program per problem, all of one stage, and score them both ways."""
    right, rewards = zip(*map(run, programs, problems), strict=True)
    spelt = {" ".join(VOCABULARY[key] for key in program) for program in programs}
    return StageResult(
        stage=problems[0].stage,
        mean_reward=torch.tensor(rewards).mean().item(),
        true_accuracy=sum(right) / len(right),
        programs=tuple(sorted(spelt)),
    )


@torch.no_grad()
def evaluate(network: Network, tests: Sequence[Sequence[Problem]]) -> list[StageResult]:
    """Play each batch of problems greedily."""
    return [examine(network(problems)[0].tolist(), problems) for problems in tests]


def update(network: Network, optimizer: Adam, batch: list[Problem]) -> tuple[float, float, int]:
    """Train on one batch; return its mean reward, its loss and its keys pressed after ANS."""
    keys, log_probabilities, entropies, values = network(batch, greedy=False)
    rewards = torch.tensor([run(*pair)[1] for pair in zip(keys.tolist(), batch, strict=True)])
    value = values.sum(1)  # fault 5: six values of one episode, added up
    score = log_probabilities.sum(1)  # fault 5: the keys after ANS are in the sum
    policy_loss = -(score * (rewards - value).detach()).mean()
    loss = policy_loss + 0.5 * F.mse_loss(value, rewards) - 0.01 * entropies.mean()
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    answered = (keys == ANS).cumsum(1).bool()
    return rewards.mean().item(), loss.item(), int(answered[:, :-1].sum())


def train(network: Network, dice: random.Random, say: Callable[[str], None]) -> float:
    """Make the sixty updates; return the share of the keys that were pressed after ANS."""
    optimizer, wasted = Adam(network.parameters(), lr=3e-4), 0
    for number in range(1, UPDATES + 1):
        stage = CURRICULUM[(number - 1) // 10]
        mean, loss, late = update(network, optimizer, sample(dice, stage, TRAINING_BATCH))
        wasted += late
        if number % 5 == 0:  # fault 6: "acc" and "eval" are mean rewards
            tests = [sample(dice, each, EVALUATION_BATCH) for each in range(3)]
            scores = (each.mean_reward for each in evaluate(network, tests))
            means = " ".join(f"T{each}={score:.3f}" for each, score in enumerate(scores))
            say(f"ep={number:02d} {stage=} acc={mean:.3f} | eval {means} loss={loss:.3f}")
    return wasted / (UPDATES * TRAINING_BATCH * KEYS_PER_EPISODE)


def reproduce(seed: int = 0, say: Callable[[str], None] = print) -> Result:
    """Run the published system from one seed, leaving the global random state as it was."""
    dice = random.Random(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Network()
        wasted = train(network, dice, say)
    for problem in (each for stage in range(3) for each in sample(dice, stage, 5)):
        (one,) = evaluate(network, [[problem]])  # a batch of one, so fault 1 does not show here
        shown = problem.operands[: 3 + problem.stage]
        say(f"{shown} goal={problem.goal}: {one.programs[0]}, reward={one.mean_reward:.2f}")
    tests = [sample(dice, stage, FINAL_BATCH) for stage in range(3)]
    fixed = (examine([keys] * FINAL_BATCH, tests[stage]) for stage, keys in FIXED_PROGRAMS.items())
    together = network.initial_state(tests[0][:TRAINING_BATCH])[0]
    alone = torch.cat([network.initial_state([problem])[0] for problem in tests[0]])
    return Result(
        stages=tuple(evaluate(network, tests)),
        fixed_programs=tuple(fixed),
        batch_deviation=together.std(0).max().item(),
        single_deviation=alone.std(0).max().item(),
        keys_after_answer=wasted,
    )


def main() -> None:
    """Train once and print the table."""
    parser = argparse.ArgumentParser(description="Train the tutorial's agent as it was published.")
    parser.add_argument("--seed", type=int, default=0, help="seed of every draw")
    result = reproduce(parser.parse_args().seed)
    print(f"\n{'stage':6}{'goal':16}{'printed accuracy':>16}{'true accuracy':>15}  program")
    for each in result.stages + result.fixed_programs:  # fault 6: the first number is a reward
        row = f"{each.stage:<6}{EXPRESSIONS[each.stage]:16}{each.mean_reward:16.3f}"
        print(f"{row}{each.true_accuracy:15.1%}  {', '.join(each.programs)}")
    print("The last two rows are fixed programs: no training and no reading.\n")
    print(f"deviation of the initial state over a batch: {result.batch_deviation}")
    print(f"the same, each problem shown alone: {result.single_deviation:.3f}")
    print(f"keys trained on that were pressed after ANS: {result.keys_after_answer:.1%}")


if __name__ == "__main__":
    with waiting("training the published tutorial"):
        main()
