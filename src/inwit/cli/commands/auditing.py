"""`inwit audit`: is a task, an environment or a reward worth training on?"""

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tyro.conf import Positional, arg

from inwit.cli.commands.arguments import (
    OrNone,
    Text,
    Texts,
    check_writable,
    levels_of,
    positive,
    refuse,
    write,
)
from inwit.cli.terminal import terminal
from inwit.cli.waiting import waiting
from inwit.errors import InvalidOption, UnknownName
from inwit.texts import to_json

if TYPE_CHECKING:
    from inwit.auditing.base import Finding
    from inwit.auditing.child.process import Limits
    from inwit.auditing.findings import TargetAudit
    from inwit.auditing.targets import Target
    from inwit.games.base import World


TARGETS = (
    "FILE.py:FUNCTION, reasoning-gym:NAME, trl:FILE.py:NAME, verifiers:MODULE, gymnasium:ID, "
    "openenv:MODULE:CLASS or openenv:URL; or a task of inwit: its name, FILE.py or task:NAME."
)
"""What can be audited. (tyro breaks the lines of a docstring where the source does.)"""
OWN = ("levels", "problems", "budget")
"""Options for tasks of inwit alone."""
BOTH = ("target", "seconds", "seed", "fail_on", "json", "html")
"""Options for every target; the others are for rewards and environments alone."""
WHOLE = ("json", "html", "junit", "baseline", "write_baseline", "passes", "ignore", "because")
"""Options that say what becomes of a whole audit."""
MOST = 10**6
"""The largest number of seconds or gigabytes."""


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Check before training whether a task, an environment or a reward is worth training on."""

    target: Annotated[Positional[str], arg(metavar="TARGET", help=TARGETS)]
    """What is audited."""
    data: OrNone[Path] = None
    """Rows for a reward function: a file of JSON lines, or a folder saved by `datasets`."""
    held_out: OrNone[Path] = None
    """Held-out rows; none of them may be in --data."""
    question: Text = ""
    """Column with the question; by default the first with a common name."""
    gold: Text = ""
    """Column with the right answer; by default the first with a common name."""
    set: Texts = None
    """Options of the environment: `--set key=value key=value`."""
    items: int = 50
    """Number of questions, or of episodes of an environment."""
    seconds: OrNone[float] = None
    """Limit of the CPU time, in seconds; by default 60, for a task of inwit 30."""
    memory: float = 4
    """Limit of the target's memory, in GiB."""
    call: float = 2
    """Limit of one call of the target, in seconds."""
    seed: int = 0
    """Random seed of the items."""
    fail_on: Literal["warn", "fail"] = "fail"
    """Exit with code 1 for this verdict or a worse one."""
    ignore: Texts = None
    """Findings to accept, by name; give the reason with --because."""
    because: Text = ""
    """Why they are accepted."""
    baseline: OrNone[Path] = None
    """File of accepted findings, each with a reason."""
    write_baseline: OrNone[Path] = None
    """Write the findings to this new baseline file."""
    replay: Text = ""
    """Repeat one finding, and show its item, reply and score in full."""
    passes: bool = False
    """Also list what passes."""
    json: OrNone[Path] = None
    """Also write the audit to this JSON file."""
    html: OrNone[Path] = None
    """Also write the audit as an HTML page to this file."""
    junit: OrNone[Path] = None
    """Also write a JUnit file, with a test case for each finding."""
    learn: int = 0
    """For gymnasium:ID: also train for this many actions, with and without memory; 0 for none."""
    levels: Text = ""
    """For a task of inwit: levels to audit, such as `1,2`; by default all."""
    problems: int = 1000
    """For a task of inwit: number of problems per level."""
    budget: int = 300_000
    """For a task of inwit: maximum presses of the exhaustive search for programs."""

    def __call__(self) -> None:
        """Print the tables; exit with 1 if something is found."""
        from inwit.auditing.targets import file_of, read_target

        options = self._options()
        read = (file_of(self.target), self.data, self.held_out, self.baseline)
        check_writable(self.json, self.html, self.junit, self.write_baseline, read=read)
        if self.replay:
            refuse(self, WHOLE, "is for a whole audit; --replay shows a part of one again")
        with waiting(f"auditing {self.target}"):
            world = self._world(options["set"])
            target = read_target(self.target, options)
            self._check_concerned(own=target is None)
            verdict = self._task() if target is None else self._target(target, world)
        if verdict == "fail" or verdict == self.fail_on:
            sys.exit(1)

    def _check_concerned(self, *, own: bool) -> None:
        """Refuse an option that this target would ignore."""
        if own:
            others = [field.name for field in fields(self) if field.name not in (*OWN, *BOTH)]
            refuse(
                self, others, f"is for rewards and environments; {self.target} is a task of inwit"
            )
        else:
            refuse(self, OWN, f"is for tasks of inwit; {self.target} is none")

    def _options(self) -> dict[str, Any]:
        """The options of an adapter."""
        pairs = [each.partition("=") for each in self.set or ()]
        wrong = [name for name, equals, _ in pairs if not equals]
        if wrong:
            raise InvalidOption(f"--set {wrong[0]}: it must be key=value")
        named = {
            "data": self.data and str(self.data),
            "held_out": self.held_out and str(self.held_out),
            "gold": self.gold,
            "question": self.question,
        }
        chosen = {name: value for name, value in named.items() if value}
        return chosen | {"set": {name: value for name, _, value in pairs}}

    def _world(self, given: Mapping[str, str]) -> "World | None":
        """What `--learn` trains on, with the options of `--set`."""
        from inwit.auditing.formats.gymnasium import OURS
        from inwit.auditing.formats.options import read
        from inwit.games.registered import PREFIX, Registered

        if not self.learn:
            return None
        from inwit.games.learnability import recipe_of

        name = self.target.removeprefix(PREFIX)
        if name == self.target or ".py:" in name:
            known = "gymnasium:ID and gymnasium:MODULE:ID"
            raise InvalidOption(f"--learn is for {known}; {self.target} is neither")
        if self.replay:
            raise InvalidOption("--learn does not go with --replay")
        options = {key: read(value) for key, value in given.items() if key not in OURS}
        world = Registered(id=name, arguments=to_json(options) if options else "")
        recipe_of(world, actions=self.learn, seed=self.seed)  # refuses before the long audit
        return world

    def _target(self, target: "Target", world: "World | None") -> str:
        """Audit a target, an environment or a reward; returns the verdict."""
        from inwit.auditing.auditing import audit_target
        from inwit.auditing.child.process import Limits
        from inwit.auditing.findings import read_baseline
        from inwit.reports.targets import print_target_audit

        self._check("items", "seconds", "memory", "call")
        if bool(self.ignore) != bool(self.because.strip()):
            raise InvalidOption("--ignore ID and --because TEXT belong together")
        standing = read_baseline(self.baseline) if self.baseline else {}
        limits = Limits(call=self.call, memory=int(self.memory * 2**30))
        limits = replace(limits, seconds=self.seconds or limits.seconds)
        if self.replay:
            return self._replayed(target, limits)
        audit = audit_target(target, items=self.items, seed=self.seed, limits=limits)
        if world is not None:
            audit = replace(audit, findings=(*audit.findings, *self._learnt(world)))
        audit = audit.without(self._ignored(audit, standing))
        print_target_audit(terminal(), audit, passes=self.passes)
        self._write(audit)
        return str(audit.verdict)

    def _learnt(self, world: "World") -> "list[Finding]":
        """What can be learnt in an environment; those that the table leaves out are printed."""
        from inwit.auditing.base import Verdict
        from inwit.games.learnability import learnability
        from inwit.reports.targets import print_finding

        learnt = learnability(world, actions=self.learn, seed=self.seed)
        for finding in learnt:
            if finding.verdict is Verdict.PASS and not self.passes:
                print_finding(terminal(), finding)
        return learnt

    def _check(self, *names: str) -> None:
        for name in names:
            value = getattr(self, name)
            if value is not None and not 0 < value <= MOST:
                raise InvalidOption(f"--{name} {value}: it must be above 0, and at most {MOST:,}")

    def _replayed(self, target: "Target", limits: "Limits") -> str:
        """Run one finding or a group again and show it in full; returns the verdict."""
        from inwit.auditing.auditing import audit_target
        from inwit.auditing.groups import members, named
        from inwit.reports.targets import print_finding

        only = members(self.replay)
        audit = audit_target(target, items=self.items, seed=self.seed, only=only, limits=limits)
        if not audit.findings:
            whole = audit_target(target, items=self.items, seed=self.seed, limits=limits)
            raise UnknownName("finding", self.replay, named(each.id for each in whole.findings))
        for finding in audit.findings:
            if len(only) == 1 or finding.verdict != "pass":
                print_finding(terminal(), finding)
        return str(audit.verdict)

    def _ignored(self, audit: "TargetAudit", standing: Mapping[str, str]) -> dict[str, str]:
        """The accepted findings, with their reasons; those of the baseline stand already."""
        from inwit.auditing.groups import named

        known = named(each.id for each in audit.findings)
        for name in self.ignore or ():
            if name not in known:
                raise UnknownName("finding", name, known)
        return {**standing, **dict.fromkeys(self.ignore or (), self.because.strip())}

    def _write(self, audit: "TargetAudit") -> None:
        """Write the requested files."""
        from inwit.auditing.base import Verdict
        from inwit.auditing.findings import baseline_of

        if self.json is not None:
            write(self.json, to_json(audit.to_json(), indent=2))
        if self.write_baseline is not None:
            found = audit.at_least(Verdict.WARN)
            write(self.write_baseline, baseline_of(found, "it stood when the baseline was made"))
        if self.html is not None:
            from inwit.reports.targets_page import target_page

            write(self.html, target_page(audit))
        if self.junit is not None:
            from inwit.auditing.junit import to_junit

            write(self.junit, to_junit(audit))

    def _task(self) -> str:
        """Audit a task of inwit; returns the verdict."""
        from inwit.auditing.exhaustive.auditing import SECONDS
        from inwit.auditing.exhaustive.own import ADVICE, audit_own
        from inwit.cli.console import printed
        from inwit.evaluation.advice import advise_before
        from inwit.games.memory_length import MemoryLength
        from inwit.progress import Deadline
        from inwit.recipes import recipe_for, task_for
        from inwit.reports.audit import print_audit
        from inwit.reports.audit_page import audit_page

        positive("budget", self.budget)
        self._check("seconds")
        levels = levels_of("levels", self.levels)
        name = self.target.removeprefix("task:")
        if name == MemoryLength.name:
            wanted = "give gymnasium:ID, or a task of inwit, such as stages"
            raise InvalidOption(
                f"{name} is an environment of inwit, which is not audited: {wanted}"
            )
        console, deadline = terminal(), Deadline(ADVICE * (self.seconds or SECONDS))
        with printed(console):
            audit, limits = audit_own(
                task_for(name),
                seconds=self.seconds,
                levels=levels,
                problems=self.problems,
                budget=self.budget,
                seed=self.seed,
                source=name,
            )
        audit = replace(audit, task=name)
        advice = []
        if limits:
            recipe = recipe_for(limits.task)
            advice = advise_before(recipe, limits.search, seconds=deadline.left)
        print_audit(console, audit, [str(each) for each in advice])
        if self.json is not None:
            write(
                self.json,
                to_json(audit.to_json() | {"advice": list(map(asdict, advice))}, indent=2),
            )
        if self.html is not None:
            write(self.html, audit_page(audit, [str(each) for each in advice]))
        return str(audit.verdict)
