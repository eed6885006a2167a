"""A task as a Gymnasium environment with one episode at a time."""

from collections.abc import Sequence
from typing import Any, cast

import gymnasium
import numpy as np
import torch
from gymnasium.spaces import Discrete, Space
from jaxtyping import Float, Int
from numpy.typing import NDArray

from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.gymnasium.game import Supply, game, whole
from inwit.gymnasium.observations import Observer
from inwit.tasks import Task

Vector = Float[np.ndarray, " W"]


class TaskEnv(gymnasium.Env[NDArray[np.float32], np.int64]):
    """A task as a `gymnasium.Env`: an action presses a key, the right answer earns 1."""

    metadata: dict[str, Any] = {"render_modes": ["ansi"]}  # noqa: RUF012

    def __init__(
        self,
        task: Task | str,
        *,
        levels: Sequence[int] | None = None,
        held_out: bool = False,
        history: bool = False,
        masks: bool = True,
        render_mode: str | None = None,
        **options: object,
    ) -> None:
        """Set up the machine.

        Args:
            task: a task, the name of a built-in one, or a file: `my_task.py`.
            levels: the levels to draw from, uniformly; by default all.
            held_out: draw held-out problems.
            history: include the keys pressed so far, which inwit's own agents do not see.
            masks: show which keys are legal; otherwise all count as legal, and a meaningless
                press is wasted.
            render_mode: None or "ansi".
            options: options of the task: `largest=6`.

        Raises:
            InvalidOption: a level or option that the task does not have.
            UnknownName: there is no such task or option.
        """
        self._game = game(task, levels=levels, held_out=held_out, **options)
        self._environment = Environment(self._game.task, masks=masks)
        self._observer = Observer(self._game, self._environment, history=history)
        self._supply = Supply(self._game, 1)
        self._over, self._keys = True, list[int]()
        self.render_mode = render_mode
        self.action_space = Discrete(self._observer.keys)
        self.observation_space = cast("Space[Vector]", self._observer.space)

    @property
    def task(self) -> Task:
        """The task."""
        return self._game.task

    @property
    def parts(self) -> dict[str, slice]:
        """The slice of each part of an observation (see `observations`)."""
        return self._observer.parts

    def reset(
        self, *, seed: object = None, options: dict[str, Any] | None = None
    ) -> tuple[Vector, dict[str, Any]]:
        """Start the next problem; a seed fixes this one and all that follow.

        Raises:
            InvalidOption: the seed is not a whole number from 0.
        """
        place = None if seed is None else whole("seed", seed)
        super().reset(seed=place)
        if place is not None:
            self._supply.seed(0, place)
        problems = self._supply.draw(torch.zeros(1, dtype=torch.long))
        prompt, observation = self._environment.reset(
            problems, limit=self._game.limit, depth=self._game.depth
        )
        self._vectors = self._observer.first(prompt, observation)
        self._over, self._keys = False, []
        return self._vectors[0].copy(), self._info()

    def step(self, action: object) -> tuple[Vector, float, bool, bool, dict[str, Any]]:
        """Press a key.

        Raises:
            InvalidOption: there is no such key, or no running episode.
        """
        key = whole("action", action, self._observer.keys - 1)
        if self._over:
            raise InvalidOption("no episode is running: call reset()")
        step = self._environment.step(torch.tensor([key]))
        clock = self._environment.clock.numpy()
        self._vectors = self._observer.next(self._vectors, step.observation, clock)
        self._keys.append(key)
        terminated, truncated = bool(step.terminated), bool(step.truncated)
        self._over = terminated or truncated
        reward = float(step.reward)
        return self._vectors[0].copy(), reward, terminated, truncated, self._info()

    def action_masks(self) -> Int[np.ndarray, " V"]:
        """The mask of legal keys (V,), under the name that sb3-contrib expects."""
        return self._vectors[0, self.parts["legal"]].astype(np.int8)

    def render(self) -> str | None:
        """The problem and the keys pressed so far, if the mode is "ansi"."""
        if self.render_mode != "ansi":
            return None
        names = self.task.rules.vocabulary.names
        pressed = " ".join(names[key] for key in self._keys)
        return f"{self.task.describe(self._environment.problems, 0)}: {pressed}"

    def _info(self) -> dict[str, Any]:
        return {
            "action_mask": self.action_masks(),
            "is_success": bool(self._environment.right),
            "level": int(self._environment.problems.level),
        }
