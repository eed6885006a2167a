"""Watches TRL: a line for each step, checkpoints by the clock, a stop if nothing is learnt."""

import json
import shutil
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

from inwit import files
from inwit.extras import require
from inwit.llm.continued import Continued
from inwit.llm.recipe import ModelRecipe
from inwit.llm.trainers import LanguageEnvironment
from inwit.texts import to_json

TrainerCallback: Any = require("transformers", "llm").TrainerCallback
WHOLE = "whole"
"""A file that is written into a checkpoint when all else is there."""
SIGNAL, CALLS = "no_signal", "tools/call_frequency"
"""The metrics of groups without a signal, and of calls per episode."""
NEARLY, HARDLY = 0.9, 0.1
"""From which share of right answers on nearly all are right; up to which, hardly one is."""
SHOWN = {
    "loss": "loss",
    "reward": "right",
    SIGNAL: "groups without signal",
    "lost": "lost",
    CALLS: "calls",
    "tools/failure_frequency": "failed calls",
    "no_answer": "no answer",
    "entropy": "entropy",
}
"""Metrics of a line, and their names there."""


class Watch(TrainerCallback):  # type: ignore[misc]
    """One part of a run."""

    def __init__(
        self,
        recipe: ModelRecipe,
        part: str,
        say: Callable[[str], None],
        chats: Continued | None = None,
    ) -> None:
        """Nothing happened yet.

        Args:
            recipe: the options.
            part: the part of the run.
            say: prints a line.
            chats: what generates; it forgets them once the episodes are over.
        """
        self.recipe, self.part, self.say, self.chats = recipe, part, say, chats
        self.why, self.saved = "", time.monotonic()
        self.cpu, self.lines = time.process_time(), recipe.out / "metrics.jsonl"

    def reward(
        self, environments: Sequence[LanguageEnvironment], **columns: Any
    ) -> list[float | None]:
        """Count what episodes did; rewards nothing."""
        if self.chats is not None:
            self.chats.forget()
        log, count = columns["log_metric"], max(1, len(environments))
        log("lost", sum(bool(each.failure) for each in environments) / count)
        log("no_answer", sum(not _answered(each) for each in environments) / count)
        gathered = require("accelerate.utils", "llm").gather_object  # groups may be shared
        log(
            SIGNAL,
            silent([*gathered([each.get_reward() for each in environments])], self.recipe.group),
        )
        return [None] * len(environments)

    def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Forget the lines of steps that were lost with an interruption: they are made again."""
        if not state.is_world_process_zero or not self.lines.exists():
            return
        lines = self.lines.read_text().splitlines(keepends=True)
        kept = "".join(line for line in lines if self._stands(line, state.global_step))
        files.write(self.lines.parent, self.lines.name, kept.encode())

    def _stands(self, line: str, step: int) -> bool:
        """A line of another part, or of a step that is in the checkpoint."""
        try:
            known = json.loads(line)
        except ValueError:  # the process was killed while it wrote
            return False
        return bool(known["part"] != self.part or known["step"] <= step)

    def on_step_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Save by the clock, that of the first process."""
        due = [time.monotonic() - self.saved > 60 * self.recipe.minutes]
        if args.world_size > 1:
            require("accelerate.utils", "llm").broadcast_object_list(due)
        if due[0]:
            control.should_save, self.saved = True, time.monotonic()

    def on_save(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Mark a checkpoint once it is whole; only then are earlier ones deleted."""
        require("accelerate", "llm").PartialState().wait_for_everyone()
        if not state.is_world_process_zero:
            return
        place = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        (place / WHOLE).touch()
        for other in place.parent.glob("checkpoint-*"):
            if other != place:
                shutil.rmtree(other, ignore_errors=True)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **given: Any) -> None:
        """Print and keep a line; stop if nothing can be learnt."""
        if not logs or "loss" not in logs:
            return
        self._judge(logs, state.log_history)
        if self.why:
            control.should_training_stop = True
        if not state.is_world_process_zero:
            return
        seconds = round(time.process_time() - self.cpu, 1)
        line = {"part": self.part, "step": state.global_step, "cpu_seconds": seconds, **logs}
        with self.lines.open("a") as file:
            file.write(to_json(line) + "\n")
        shown = [f"{SHOWN[name]} {logs[name]:.3g}" for name in SHOWN if logs.get(name) is not None]
        self.say(f"{self.part} {state.global_step}/{state.max_steps}: {', '.join(shown)}")

    def _judge(self, logs: dict[str, Any], history: Sequence[dict[str, Any]]) -> None:
        """Whether, and why, nothing can be learnt; the history comes back with a checkpoint."""
        if logs.get("lost") == 1:
            self.why = "no episode could be played: the environment fails"
            return
        steps = [each for each in history if SIGNAL in each]
        last = [*takewhile(lambda each: each[SIGNAL] == 1, reversed(steps))]
        if len(last) >= self.recipe.patience:
            over = f"for {len(last)} steps all episodes of a problem had the same reward"
            self.why = f"{over}: {_reason(last)}"


def _answered(environment: LanguageEnvironment) -> bool:
    """The episode has a call of `answer` that counts."""
    return environment.episode is not None and environment.episode.answer is not None


def silent(rewards: Sequence[float | None], group: int) -> float:
    """The share of groups without two different rewards; an episode that was lost has none."""
    groups = [rewards[first : first + group] for first in range(0, len(rewards), group)]
    alike = [len({each for each in rewards if each is not None}) < 2 for rewards in groups]
    return sum(alike) / max(1, len(alike))


def _reason(steps: Sequence[dict[str, Any]]) -> str:
    """Why these steps had no signal, and what to do."""

    def mean(name: str) -> float:
        known = [float(each[name]) for each in steps if isinstance(each.get(name), (int, float))]
        real = [value for value in known if value == value]  # NaN where all were lost
        return sum(real) / max(1, len(real))

    right = mean("reward")
    if mean("lost") > 0.5:
        return "most could not be played, since the environment fails"
    if right >= NEARLY:
        return "nearly all were right, and nothing is left to learn"
    if not mean(CALLS):
        return "none was right, since no tool is called; show more demonstrations"
    if right <= HARDLY:
        return "hardly one was right; try easier levels or right demonstrations"
    return f"{right:.0%} were right, on the same problems; try levels in between, or a larger group"


def last_checkpoint(folder: Path) -> str | None:
    """The latest whole checkpoint of a part, if there is one."""
    found = {int(each.parent.name.rpartition("-")[2]): each for each in folder.glob(f"*/{WHOLE}")}
    return str(found[max(found)].parent) if found else None


@contextmanager
def quiet() -> Iterator[None]:
    """Without the bars and warnings of the libraries; errors are raised as ever."""
    logging = require("transformers", "llm").logging
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(before)
