"""Watches TRL: a line for each step, checkpoints by the clock, a stop if nothing is learnt."""

import json
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

from inwit.extras import require
from inwit.llm.continued import Continued
from inwit.llm.recipe import ModelRecipe
from inwit.llm.trainers import LanguageEnvironment
from inwit.texts import to_json

TrainerCallback: Any = require("transformers", "llm").TrainerCallback
WHOLE = "whole"
"""A file that is written into a checkpoint when all else is there."""
SIGNAL = "frac_reward_zero_std"
"""The metric of groups without a signal."""
SHOWN = {
    "loss": "loss",
    "reward": "right",
    SIGNAL: "groups without signal",
    "lost": "lost",
    "calls": "calls",
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
        tried = [each.episode for each in environments]
        done = [each for each in tried if each is not None]
        share = 1 / max(1, len(environments))
        log = columns["log_metric"]
        log("lost", share * sum(bool(each.failure) for each in environments))
        log("calls", share * sum(len(each.calls) for each in done))
        log("no_answer", share * sum(each.answer is None for each in done))
        return [None] * len(environments)

    def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Forget the lines of steps that were lost with an interruption: they are made again."""
        if not state.is_world_process_zero or not self.lines.exists():
            return
        lines = self.lines.read_text().splitlines(keepends=True)
        self.lines.write_text(
            "".join(line for line in lines if self._stands(line, state.global_step))
        )

    def _stands(self, line: str, step: int) -> bool:
        """A line of another part, or of a step that is in the checkpoint."""
        try:
            known = json.loads(line)
        except ValueError:  # the process was killed while it wrote
            return False
        return bool(known["part"] != self.part or known["step"] <= step)

    def on_step_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Save by the clock."""
        if time.monotonic() - self.saved > 60 * self.recipe.minutes:
            control.should_save, self.saved = True, time.monotonic()

    def on_save(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Mark a checkpoint that is whole."""
        if state.is_world_process_zero:
            (Path(args.output_dir) / f"checkpoint-{state.global_step}" / WHOLE).touch()

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
        signals = [each[SIGNAL] for each in history if SIGNAL in each]
        silent = len(list(takewhile(lambda share: share == 1, reversed(signals))))
        if silent < self.recipe.patience:
            return
        over = f"for {silent} steps all episodes of a problem had the same reward"
        if (logs.get("reward") or 0) > 0.5:
            self.why = f"{over}, and nearly all were right: nothing is left to learn"
        elif not logs.get("calls"):
            self.why = f"{over}: none was right, since no tool is called; show more demonstrations"
        else:
            self.why = f"{over}: hardly one was right; try easier levels or right demonstrations"


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
