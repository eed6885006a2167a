"""`inwit export`: writes an agent or a task in formats that other programs read."""

from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Annotated

from tyro.conf import Positional, arg

from inwit.cli.agents import SHIPPED
from inwit.cli.commands.arguments import (
    HELD_OUT,
    PROBLEMS,
    OrNone,
    TaskFile,
    Text,
    default_hint,
    positive,
    refuse,
)
from inwit.cli.waiting import waiting
from inwit.errors import InvalidOption

OF_AGENTS, OF_TASKS = ("web", "onnx", "hub"), ("jsonl", "datasets", "verifiers")
READ = {
    "web": ("task",),
    "onnx": ("task",),
    "hub": ("task", "count", "certificate", "push", "private"),
    "jsonl": ("count", "seed", "held_out"),
    "datasets": ("count", "seed"),
    "verifiers": ("count", "seed"),
}
"""The options that each target reads; any other is refused."""
OPTIONS = ("task", "count", "seed", "held_out", "certificate", "push", "private")


@dataclass(frozen=True, kw_only=True)
class Export:
    """Export an agent (page, ONNX, hub) or a task (its problems); one target per command."""

    what: Annotated[Positional[str], arg(metavar="[WHAT]", help_behavior_hint=default_hint)] = ""
    """A run folder or a task; by default the agent shipped with inwit."""
    web: OrNone[Path] = None
    """Agent: new folder with a page for any static host; it runs the agent in the browser."""
    onnx: OrNone[Path] = None
    """Agent: new folder of ONNX graphs."""
    hub: OrNone[Path] = None
    """Agent: new folder for the Hugging Face Hub, with a model card."""
    jsonl: OrNone[Path] = None
    """Task: new file of JSON lines with question, answer and metadata."""
    datasets: OrNone[Path] = None
    """Task: new folder for datasets.load_from_disk, with splits train and test."""
    verifiers: OrNone[Path] = None
    """Task: new folder with an environment for the library verifiers."""
    task: TaskFile = ""
    """Agent: file of its task, unless built in; its code is run."""
    count: int = PROBLEMS
    """Number of problems; with --hub, per level for the scores on the card."""
    seed: int = HELD_OUT
    """Random seed of the problems."""
    held_out: bool = True
    """With --jsonl: write held-out problems; otherwise training problems."""
    certificate: bool = True
    """With --hub: also certify the agent, which takes minutes."""
    push: Text = ""
    """With --hub: upload the folder to this repository, USER/NAME, with your own token."""
    private: bool = True
    """With --push: make the repository private."""

    def __call__(self) -> None:
        """Write the target and print how to use it."""
        from inwit.parts import check_seed

        targets = [name for name in (*OF_AGENTS, *OF_TASKS) if getattr(self, name) is not None]
        if len(targets) != 1:
            given = " and ".join(f"--{name}" for name in targets) or "none"
            all_of = ", ".join(f"--{name}" for name in (*OF_AGENTS, *OF_TASKS))
            raise InvalidOption(f"name one target of {all_of}: {given} was given")
        (target,) = targets
        positive("count", self.count)
        check_seed(self.seed)
        if self.push and target != "hub":
            raise InvalidOption(f"--push {self.push} goes with --hub FOLDER, the folder to upload")
        ignored = [name for name in OPTIONS if name not in READ[target]]
        refuse(self, ignored, f"does not go with --{target}")
        if not self.push:
            refuse(self, ["private"], "goes with --push USER/NAME")
        with waiting(f"exporting {self.what or 'the agent that comes with inwit'}"):
            if target in OF_AGENTS:
                self._agent()
            else:
                self._problems(target)

    def _agent(self) -> None:
        from inwit.agent import load_agent
        from inwit.exports.hub import check_token, export_hub, push
        from inwit.exports.onnx import export_onnx
        from inwit.playground.export import export_web

        if self.push:
            check_token(self.push)
        agent = load_agent(self.what or SHIPPED, task=self.task)
        if self.web is not None:
            export_web(agent, self.web)
            how = f"python -m http.server -d {quote(str(self.web))}"
            print(f"{self.web}/index.html runs the agent; try it: {how}")
        elif self.onnx is not None:
            export_onnx(agent, self.onnx)
            print(f"{self.onnx} holds begin.onnx, step.onnx and agent.json")
        elif self.hub is not None:
            export_hub(
                agent, self.hub, count=self.count, certified=self.certificate, place=self.push
            )
            task = f", task={self.task!r}" if self.task else ""
            hint = f"inwit.load({str(self.hub)!r}{task}) reads it"
            print(f"{self.hub} holds the agent and its card: {hint}")
            if self.push:
                print(f"pushed to {push(self.hub, self.push, private=self.private)}")

    def _problems(self, target: str) -> None:
        from inwit.exports.problems import export_datasets, export_lines
        from inwit.exports.verifiers import export_verifiers
        from inwit.recipes import task_for
        from inwit.training.limits import with_limits

        if not self.what:
            raise InvalidOption(f"--{target} is for a task: name it, as in inwit export stages")
        task = with_limits(task_for(self.what))
        if self.jsonl is not None:
            export_lines(task, self.jsonl, self.count, self.seed, held_out=self.held_out)
            print(f"{self.jsonl}: {self.count:,} problems, one per line")
        elif self.datasets is not None:
            export_datasets(task, self.datasets, self.count, self.seed)
            print(f"{self.datasets}: datasets.load_from_disk('{self.datasets}') reads it")
        elif self.verifiers is not None:
            export_verifiers(task, self.verifiers, self.count, self.seed)
            print(f"{self.verifiers}: pip install it; it needs verifiers, not inwit")
