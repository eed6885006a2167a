"""Environments in this process and in several: actions per second, by the clock.

    python benchmarks/environment_stepping.py                   # as many processes as usable cores
    python benchmarks/environment_stepping.py --processes 2 4 --computing 0.2 2 20

`CartPole-v1` is quick. `Busy-v0` computes in each step, for some milliseconds of processor time,
whatever else the machine does; or it sleeps, as an environment does that waits for another program.
The same training (`gru`, the default recipe) is made once in this process and once for each number
of processes, update by update in turn; the first update of each is not timed, and the table has
medians over the others. All end with the same weights.

The last column does not depend on what else the machine does: the processor time of the training in
one process, over that of this process and of the busiest other one. Linux only.
"""

import argparse
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import gymnasium
import numpy as np
import torch
from torch import Tensor

from inwit.cli.waiting import waiting
from inwit.devices import keep_freed_memory, usable_cores
from inwit.games.game import SeededGame
from inwit.games.processes import Processes
from inwit.games.recipe import GameRecipe, game_recipe_for
from inwit.games.training import GameTraining
from page_tables import printed

SPACE = gymnasium.spaces.Box(-1, 1, (4,), np.float32)


class Busy(gymnasium.Env[Any, Any]):
    """Episodes of 50 steps, each of which computes or sleeps for so long."""

    observation_space, action_space = SPACE, gymnasium.spaces.Discrete(2)

    def __init__(self, milliseconds: float = 2.0, sleeps: bool = False) -> None:
        self.seconds, self.sleeps, self.count = milliseconds / 1e3, sleeps, 0

    def _seen(self) -> Any:
        return self.np_random.uniform(-1, 1, 4).astype(np.float32)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        """Begin to count."""
        super().reset(seed=seed)
        self.count = 0
        return self._seen(), {}

    def step(self, action: Any) -> Any:
        """Compute; action 1 earns 1."""
        until = time.thread_time() + self.seconds
        if self.sleeps:
            time.sleep(self.seconds)
        while not self.sleeps and time.thread_time() < until:
            pass
        self.count += 1
        return self._seen(), float(action), self.count == 50, False, {}


gymnasium.register("Busy-v0", Busy)


@dataclass(frozen=True, kw_only=True)
class Took:
    """Seconds of one update."""

    clock: float
    """By the clock."""
    stepping: float
    """Of them, in stepping."""
    processor: float
    """Of this process and the busiest other one."""


class Contender:
    """A training whose copies are in so many processes."""

    def __init__(self, recipe: GameRecipe, processes: int) -> None:
        self.processes = processes
        self.training = GameTraining(recipe.but(processes=processes))
        self.reports = self.training.reports()
        game = self.training.game
        assert isinstance(game, SeededGame)
        self.game, self.took = game, list[Took]()

    def update(self) -> None:
        """Make an update, and time it."""
        stepped, spent, start = self.game.stepping, self._spent(), time.perf_counter()
        next(self.reports)
        clock, pairs = time.perf_counter() - start, zip(self._spent(), spent, strict=True)
        own, *others = (after - before for after, before in pairs)
        self.took.append(
            Took(
                clock=clock,
                stepping=self.game.stepping - stepped,
                processor=own + max(others, default=0.0),
            )
        )

    def _spent(self) -> list[float]:
        """Seconds of processor time of this process and of the others."""
        copies = self.game.copies
        workers = copies.workers if isinstance(copies, Processes) else []
        paths = [Path(f"/proc/{worker.process.pid}/schedstat") for worker in workers]
        return [time.process_time(), *(int(path.read_text().split()[0]) / 1e9 for path in paths)]

    def cells(self, first: "Contender", actions: int) -> list[str]:
        """Cells of the table, beside the training in one process."""
        took = self.took[1:]
        pairs = list(zip(first.took[1:], took, strict=True))
        return [
            "in this process" if self.processes == 1 else str(self.processes),
            f"{actions / median(each.stepping for each in took):,.0f}",
            f"{actions / median(each.clock for each in took):,.0f}",
            f"{median(each.stepping / each.clock for each in took):.0%}",
            f"{median(one.clock / own.clock for one, own in pairs):.2f}",
            f"{median(one.processor / own.processor for one, own in pairs):.2f}",
        ]

    def weights(self) -> Tensor:
        """All in one row."""
        parts = self.training.policy.state_dict().values()
        return torch.cat([each.flatten().double() for each in parts])


def rows(name: str, arguments: dict[str, Any], given: argparse.Namespace) -> list[list[str]]:
    """A row for each number of processes."""
    recipe = game_recipe_for(f"gymnasium:{name}")
    assert recipe is not None
    options = {"batch": given.batch, "window": given.window, "updates": given.rounds + 1}
    recipe = recipe.but(**options, **({"arguments": arguments} if arguments else {}))
    with ExitStack() as stack:
        several = list[Contender]()
        for processes in (1, *given.processes):
            several.append(Contender(recipe, processes))
            stack.enter_context(closing(several[-1].training))
        for _ in range(given.rounds + 1):
            for contender in several:
                contender.update()
        assert all(torch.equal(several[0].weights(), each.weights()) for each in several)
    shown = name
    if arguments:
        verb = "sleeps" if arguments["sleeps"] else "computes"
        shown = f"{verb} {arguments['milliseconds']:g} ms a step"
    actions = given.batch * given.window
    return [[shown, *contender.cells(several[0], actions)] for contender in several]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, nargs="+", default=[max(2, usable_cores())])
    parser.add_argument("--computing", type=float, nargs="*", default=[0.2, 2.0], help="ms a step")
    parser.add_argument("--sleeping", type=float, nargs="*", default=[2.0], help="ms a step")
    parser.add_argument("--rounds", type=int, default=5, help="updates that are timed")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--window", type=int, default=32)
    given = parser.parse_args()
    torch.set_num_threads(1)
    keep_freed_memory()
    heads = ["environment", "processes", "stepping", "training", "share of stepping", "faster by"]
    heads.append("by processor time")
    table = [heads, ["---", "---", *["---:"] * (len(heads) - 2)]]
    table += rows("CartPole-v1", {}, given)
    kinds = [(each, False) for each in given.computing] + [(each, True) for each in given.sleeping]
    for milliseconds, sleeps in kinds:
        table += rows("Busy-v0", {"milliseconds": milliseconds, "sleeps": sleeps}, given)
    print(printed(table))


if __name__ == "__main__":
    with waiting("stepping environments"):
        main()
