"""`inwit evaluate`, `certify`, `trace` and `solve`: test a trained agent."""

from dataclasses import asdict, dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from inwit.cli.agents import SHIPPED
from inwit.cli.commands.arguments import (
    HELD_OUT,
    PROBLEMS,
    TRACES,
    OrNone,
    Run,
    RunOrNone,
    TaskFile,
    Text,
    check_writable,
    default_hint,
    levels_of,
    only_one,
    positive,
    refuse,
    write,
)
from inwit.cli.terminal import terminal
from inwit.cli.waiting import waiting
from inwit.errors import InvalidOption, InvalidProblem
from inwit.texts import to_json

if TYPE_CHECKING:
    from inwit.probes import Certificate
    from inwit.tasks import FileProblem


MODELS = (
    "A language model in place of a run: `llm:FOLDER`, `llm:FILE.gguf`, or an endpoint, such as "
    "`llm:https://host/v1#model`, with its key in INWIT_API_KEY. Needs --task, a file or a name."
)
"""Help of `--agent`."""


@dataclass(frozen=True, kw_only=True)
class Evaluate:
    """Score an agent on held-out problems, beside the oracle and random play."""

    run: RunOrNone = None
    """Run folder; by default the agent shipped with inwit."""
    task: TaskFile = ""
    """File of the run's task, unless built in; its code is run."""
    agent: Annotated[
        str, arg(metavar="llm:MODEL", help=MODELS, help_behavior_hint=default_hint)
    ] = ""
    """A language model in place of a run."""
    count: int = PROBLEMS
    """Number of problems per level, or of episodes in an environment."""
    lengths: Text = ""
    """Levels, also far beyond training, such as `6,25,1000`; by default those of training."""
    problems: OrNone[Path] = None
    """Score on a file of JSON lines with `question` and `answer`, or on reasoning-gym:NAME."""
    seed: int = HELD_OUT
    """Random seed of the problems."""
    device: str = "cpu"
    """Device to run on: `cpu`, `cuda`, `cuda:1`."""
    tokens: OrNone[int] = None
    """With --agent: maximum tokens per message; by default 192 here, 1,024 at an endpoint."""
    best: bool = False
    """Use the weights of the best checkpoint in place of the last."""
    beside: OrNone[Path] = None
    """Another run in the same environment, such as one without memory, on the same episodes."""
    longest: OrNone[int] = None
    """In an environment: actions after which an episode is stopped; by default 10,000."""
    json: OrNone[Path] = None
    """Also write the scores to this JSON file, with versions, threads and device."""

    def __call__(self) -> None:
        """Print the table."""
        positive("count", self.count)
        check_writable(self.json)
        lengths = levels_of("lengths", self.lengths)
        if self.agent:
            if self.problems is not None:
                raise InvalidOption("--problems works with runs only: leave out --agent")
            refuse(self, ["best", "beside", "longest"], "is for runs: leave out --agent")
            from inwit.cli.commands.language import evaluate_agent

            only_one(self.run)
            return evaluate_agent(
                self.agent,
                self.task,
                count=self.count,
                levels=lengths,
                seed=self.seed,
                device=self.device,
                tokens=self.tokens,
                kept=self.json,
            )
        refuse(self, ["tokens"], "is for language models: give --agent")
        from inwit.agent import load
        from inwit.cli.console import print_answers, print_scores
        from inwit.games.player import is_game
        from inwit.provenance import made_with
        from inwit.training.run_folder import RunFolder

        run = self.run or SHIPPED
        if is_game(RunFolder(run)):
            return self._game(run)
        refuse(self, ["beside", "longest"], f"is for environments: {run} was trained on a task")
        agent = load(run, task=self.task, device=self.device, best=self.best)
        if self.problems is not None:
            refuse(self, ("lengths", "json"), "does not go with --problems")
            with waiting(f"answering {self.problems}"):
                answers = agent.answer(self._read(self.problems))
            print_answers(terminal(), answers, each=False)
            return None
        with waiting(f"scoring {run}"):
            scores = agent.evaluate(self.count, lengths=lengths, seed=self.seed)
        print_scores(terminal(), scores)
        if self.json is not None:
            content = {"seed": self.seed, "levels": [asdict(score) for score in scores]}
            content |= {"trained": RunFolder(run).made(), "scored": made_with(self.device)}
            write(self.json, to_json(content, indent=2))
        return None

    def _game(self, run: Path) -> None:
        """Score a run in an environment."""
        from inwit.agent import load
        from inwit.cli.games import print_game_score
        from inwit.games.player import Player
        from inwit.provenance import made_with
        from inwit.training.run_folder import RunFolder

        for name in ("task", "lengths", "problems"):
            if getattr(self, name):
                raise InvalidOption(f"--{name} is for tasks: {run} was trained in an environment")
        player = load(run, device=self.device, best=self.best)
        assert isinstance(player, Player)
        other: Player | None = None
        if self.beside is not None:
            found = load(self.beside, device=self.device, best=self.best)
            if not isinstance(found, Player):
                raise InvalidOption(f"--beside {self.beside}: it was trained on a task")
            other = found
        with waiting(f"scoring {run}"):
            score = player.evaluate(
                self.count, seed=self.seed, beside=other, **_limit(self.longest)
            )
        print_game_score(terminal(), score)
        if self.json is not None:
            content = {"seed": self.seed, "returns": asdict(score)}
            content |= {"trained": RunFolder(run).made(), "scored": made_with(self.device)}
            write(self.json, to_json(content, indent=2))

    def _read(self, problems: Path) -> "list[FileProblem]":
        from inwit.tasks import borrow, is_borrowed, read_problems

        if is_borrowed(str(problems)):
            return borrow(str(problems), self.count, self.seed)
        refuse(self, ("count", "seed"), f"is for drawn problems: {problems} is scored whole")
        return read_problems(problems)


def _limit(longest: int | None) -> dict[str, int]:
    """The limit of an episode that was asked for, or the library's own."""
    return {} if longest is None else {"longest": longest}


@dataclass(frozen=True, kw_only=True)
class Certify:
    """Test what the network knows: pass or fail, with what would have refuted each claim."""

    run: Run
    """Run folder."""
    task: TaskFile = ""
    """File of the run's task, unless built in; its code is run."""
    count: OrNone[int] = None
    """Problems per level, by default 1,000; in an environment, episodes, by default 200."""
    seed: int = HELD_OUT
    """Random seed; the same seed gives the same figures."""
    longest: OrNone[int] = None
    """In an environment: actions after which an episode is stopped; by default 10,000."""
    json: OrNone[Path] = None
    """Also write the certificate to this JSON file."""
    html: OrNone[Path] = None
    """Also write an HTML page with plots to this file; it works offline."""
    formation: OrNone[Path] = None
    """Also plot score, readable plan and edited plan over the snapshots, to this SVG file."""

    def __call__(self) -> None:
        """Print the certificate."""
        from inwit.reports.certificate import print_certificate
        from inwit.reports.certificate_page import certificate_page

        if self.count is not None:
            positive("count", self.count)
        check_writable(self.json, self.html, self.formation)
        with waiting(f"certifying {self.run}"):
            certificate = self._made()
        print_certificate(terminal(), certificate)
        if self.json is not None:
            write(self.json, to_json(certificate.to_json(), indent=2))
        if self.html is not None:
            write(self.html, certificate_page(certificate))
        if self.formation is not None:
            self._form(self.formation)

    def _made(self) -> "Certificate":
        """The certificate of an agent on a task, or in an environment."""
        from inwit.agent import load
        from inwit.games.player import EXAMINED, Player

        agent = load(self.run, task=self.task)
        if isinstance(agent, Player):
            if self.task or self.formation is not None:
                raise InvalidOption("--task and --formation are for tasks, not for environments")
            return agent.certify(self.count or EXAMINED, seed=self.seed, **_limit(self.longest))
        refuse(self, ["longest"], f"is for environments: {self.run} was trained on a task")
        made: Certificate = agent.certify(self.count or PROBLEMS, seed=self.seed)
        return made

    def _form(self, picture: Path) -> None:
        """Examine the snapshots of the run, print a table and plot it."""
        from inwit.agent import load_agent
        from inwit.probes import formation
        from inwit.progress import one_by_one
        from inwit.reports.columns import print_sheet
        from inwit.reports.formation import formation_picture
        from inwit.training.run_folder import RunFolder

        agent, kept = load_agent(self.run, task=self.task), RunFolder(self.run).snapshots()
        networks = (
            (each, load_agent(self.run, task=self.task, snapshot=each).policy)
            for each in one_by_one("snapshot", kept)
        )
        with waiting(f"examining {len(kept)} snapshots"):
            found = formation(
                agent.recipe,
                agent.environment,
                networks,
                problems=self.count or PROBLEMS,
                seed=self.seed,
            )
        print_sheet(terminal(), found.sheets()[0])
        write(picture, formation_picture(found))


@dataclass(frozen=True, kw_only=True)
class TraceEpisodes:
    """Print greedy episodes on held-out problems, one line each."""

    run: RunOrNone = None
    """Run folder; by default the agent shipped with inwit."""
    task: TaskFile = ""
    """File of the run's task, unless built in; its code is run."""
    agent: Annotated[str, arg(metavar="llm:MODEL", help_behavior_hint=default_hint)] = ""
    """A language model in place of a run, as in `inwit evaluate`; needs --task."""
    level: OrNone[int] = None
    """Level of the problems; by default the lowest."""
    count: int = TRACES
    """Number of episodes."""
    seed: int = HELD_OUT
    """Random seed of the problems."""
    longest: OrNone[int] = None
    """In an environment: actions after which an episode is stopped; by default 10,000."""
    tokens: OrNone[int] = None
    """With --agent: maximum tokens per message, as in `inwit evaluate`."""

    def __call__(self) -> None:
        """Print the episodes."""
        positive("count", self.count)
        if self.agent:
            refuse(self, ["longest"], "is for runs: leave out --agent")
            from inwit.cli.commands.language import trace_agent

            only_one(self.run)
            return trace_agent(
                self.agent,
                self.task,
                level=self.level,
                count=self.count,
                seed=self.seed,
                tokens=self.tokens,
            )
        refuse(self, ["tokens"], "is for language models: give --agent")
        from inwit.agent import load
        from inwit.cli.console import print_trace
        from inwit.cli.games import print_game_trace
        from inwit.games.player import Player

        agent, console = load(self.run or SHIPPED, task=self.task), terminal()
        if isinstance(agent, Player):
            if self.task or self.level is not None:
                raise InvalidOption("--task and --level are for tasks, not for environments")
            with waiting("playing"):
                games = agent.trace(self.count, seed=self.seed, **_limit(self.longest))
            for played in games:
                print_game_trace(console, played)
            return None
        refuse(self, ["longest"], f"is for environments: {self.run or SHIPPED} is for a task")
        level = agent.environment.task.levels[0] if self.level is None else self.level
        with waiting("playing"):
            episodes = agent.trace(level, self.count, seed=self.seed)
        for episode in episodes:
            print_trace(console, episode)
        return None


@dataclass(frozen=True, kw_only=True)
class Solve:
    """Solve a problem and show every press: key, probability, machine, value."""

    run: Annotated[Positional[str], arg(metavar="[RUN]", help_behavior_hint=default_hint)] = ""
    """Run folder; by default the agent shipped with inwit."""
    problem: Annotated[
        Positional[str], arg(metavar="[PROBLEM]", help_behavior_hint=default_hint)
    ] = ""
    """The problem, such as `3*7+2-4*5`."""
    task: TaskFile = ""
    """File of the run's task, unless built in; its code is run."""
    problems: OrNone[Path] = None
    """In place of PROBLEM: a file of JSON lines with `question` and `answer`."""

    def __call__(self) -> None:
        """Print the presses, or the answers of a file."""
        from inwit.agent import load_agent
        from inwit.cli.console import print_answers, print_presses
        from inwit.tasks import read_problems

        if self.problems is not None:
            if self.problem:
                raise InvalidOption(f"'{self.problem:.60}' and --problems: give one of them")
            agent = load_agent(self.run or SHIPPED, task=self.task)
            with waiting(f"answering {self.problems}"):
                answers = agent.answer(read_problems(self.problems))
            print_answers(terminal(), answers, each=True)
            return
        run, problem = self._read()
        agent = load_agent(run, task=self.task)
        try:
            with waiting("solving"):
                trace = agent.solve(problem)
        except InvalidProblem as error:
            if run is not SHIPPED:
                raise
            raise InvalidProblem(
                f"'{problem:.60}' is neither a run folder nor a problem: {error}"
            ) from error
        print_presses(terminal(), trace)

    def _read(self) -> tuple[Path, str]:
        """The given run and problem; the run is optional."""
        if self.problem:
            return Path(self.run), self.problem
        if not self.run:
            raise InvalidOption(
                'give a problem: inwit solve "3*7+2-4*5", or inwit solve RUN PROBLEM'
            )
        if Path(self.run).is_dir():
            from inwit.games.player import is_game
            from inwit.training.run_folder import RunFolder

            if is_game(RunFolder(Path(self.run))):
                how = f"inwit trace {quote(self.run)} shows its episodes"
                raise InvalidOption(f"{self.run} was trained in an environment: {how}")
            raise InvalidOption(f"also give a problem: inwit solve {quote(self.run)} PROBLEM")
        return SHIPPED, self.run
