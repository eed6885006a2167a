"""`inwit evaluate`, `certify`, `trace`, `solve`: what a trained agent can and knows."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from tyro.conf import Positional

from inwit.agent import HELD_OUT_SEED, load
from inwit.checkpoint import RunFolder, made_with
from inwit.errors import InvalidOption
from inwit.interfaces.agents import SHIPPED
from inwit.interfaces.certificate import print_certificate
from inwit.interfaces.commands.arguments import (
    PROBLEMS,
    TRACES,
    named_run,
    only_one,
    positive,
    whole,
    write,
)
from inwit.interfaces.console import print_answers, print_presses, print_scores, print_trace
from inwit.interfaces.report import certificate_page
from inwit.learners import POLICY_GRADIENTS
from inwit.tasks import Written, borrow, is_borrowed, read_problems

EXPRESSION = re.compile(r"[\d\s.()+*/\u00d7\u00b7\u00f7\u2212\u2013-]*\d[\d\s.()+*/-]*")
"""What is a problem and no name of a run."""


@dataclass(frozen=True, kw_only=True)
class Evaluate:
    """Accuracy on held-out problems, beside the oracle and chance."""

    run: Positional[Path | None] = None
    """The run's folder."""
    task: str = ""
    """The file of its task, FILE.py, where that is not built in: its code is run."""
    agent: str = ""
    """A language model instead of a run: `llm:FOLDER`, `llm:FILE.gguf`, or an endpoint such as
    `llm:https://host/v1#model`, whose key is in INWIT_API_KEY. It wants a `--task`."""
    count: int = PROBLEMS
    """How many problems of each level."""
    lengths: str = ""
    """Levels far from those trained on: `6,25,100,1000` operations."""
    problems: Path | None = None
    """Score a file instead: JSON lines with the fields `question` and `answer`; or a generator of
    reasoning-gym, such as `reasoning-gym:chain_sum`."""
    seed: int = HELD_OUT_SEED
    """Which problems."""
    device: str = "cpu"
    """Where the arithmetic is done."""
    best: bool = False
    """The weights of the best checkpoint instead of the last ones."""
    json: Path | None = None
    """Write the scores to this file, too, with what they depend on: versions, threads, device."""

    def __call__(self) -> None:
        """Print the table."""
        positive("count", self.count)
        lengths = [whole("lengths", part) for part in self.lengths.split(",") if part.strip()]
        if self.agent:
            if self.problems is not None:
                raise InvalidOption("--problems is answered by runs: leave out --agent")
            from inwit.interfaces.commands.language import evaluate_agent

            only_one(self.run)
            return evaluate_agent(
                self.agent,
                self.task,
                count=self.count,
                levels=lengths or None,
                seed=self.seed,
                device=self.device,
                kept=self.json,
            )
        run = named_run(self.run)
        agent = load(run, task=self.task, device=self.device, best=self.best)
        if self.problems is not None:
            print_answers(Console(), agent.answer(self._read(self.problems)), each=False)
            return None
        scores = agent.evaluate(self.count, lengths=lengths or None, seed=self.seed)
        print_scores(Console(), scores)
        if self.json is not None:
            told = {"seed": self.seed, "levels": [asdict(score) for score in scores]}
            told |= {"trained": RunFolder(run).made(), "scored": made_with(agent.recipe)}
            write(self.json, json.dumps(told, indent=2))
        return None

    def _read(self, problems: Path) -> list[Written]:
        if is_borrowed(str(problems)):
            return borrow(str(problems), self.count, self.seed)
        return read_problems(problems)


@dataclass(frozen=True, kw_only=True)
class Certify:
    """What the network knows: every claim beside what would have refuted it, pass or fail."""

    run: Positional[Path]
    """The run's folder."""
    task: str = ""
    """The file of its task, FILE.py, where that is not built in: its code is run."""
    count: int = PROBLEMS
    """How many problems of each level."""
    seed: int = HELD_OUT_SEED
    """Fixes all that is drawn: the same seed gives the same figures, to the digit."""
    json: Path | None = None
    """Write all of it to this file, too."""
    html: Path | None = None
    """Write a page with plots to this file, too; it needs no network."""

    def __call__(self) -> None:
        """Print the card."""
        positive("count", self.count)
        certificate = load(self.run, task=self.task).certify(self.count, seed=self.seed)
        print_certificate(Console(), certificate)
        if self.json is not None:
            write(self.json, json.dumps(certificate.to_json(), indent=2))
        if self.html is not None:
            write(self.html, certificate_page(certificate))


@dataclass(frozen=True, kw_only=True)
class TraceAttempts:
    """Greedy attempts at held-out problems, one line each."""

    run: Positional[Path | None] = None
    """The run's folder."""
    task: str = ""
    """The file of its task, FILE.py, where that is not built in: its code is run."""
    agent: str = ""
    """A language model instead of a run, as of `inwit evaluate`."""
    stage: int = 0
    """The level of the problems."""
    count: int = TRACES
    """How many attempts."""
    seed: int = HELD_OUT_SEED
    """Which problems."""

    def __call__(self) -> None:
        """Print the attempts."""
        positive("count", self.count)
        if self.agent:
            from inwit.interfaces.commands.language import trace_agent

            only_one(self.run)
            return trace_agent(
                self.agent, self.task, level=self.stage, count=self.count, seed=self.seed
            )
        console, run = Console(), named_run(self.run)
        for attempt in load(run, task=self.task).trace(self.stage, self.count, seed=self.seed):
            print_trace(console, attempt)
        return None


@dataclass(frozen=True, kw_only=True)
class Solve:
    """Solve a problem press by press: the key, its probability, the machine, the value."""

    run: Positional[str]
    """The run's folder; may be left out before an expression: then the agent that comes along."""
    task: str = ""
    """The file of its task, FILE.py, where that is not built in: its code is run."""
    problem: Positional[str] = ""
    """Such as `3*7+2-4*5`."""
    problems: Path | None = None
    """Solve a file instead: JSON lines with the fields `question` and `answer`."""

    def __call__(self) -> None:
        """Print the presses, or the answers to a file."""
        alone = not self.problem and EXPRESSION.fullmatch(self.run) and not Path(self.run).exists()
        agent = load(SHIPPED if alone else self.run, task=self.task)
        if self.problems is not None:
            print_answers(Console(), agent.answer(read_problems(self.problems)), each=True)
        else:
            learner = POLICY_GRADIENTS.get(agent.recipe.learner)
            valued = learner is not None and learner.trains_value
            problem = self.run if alone else self.problem
            print_presses(Console(), agent.solve(problem), valued=valued)
