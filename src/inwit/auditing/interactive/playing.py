"""Whole episodes, played in the child process: a policy acts, and the pipe returns a record.

A policy is a message: {"kind": "random", "seed": n}, {"kind": "constant", "action": a},
{"kind": "sticky", "seed": n} (mostly repeats the last action), {"kind": "idle"},
{"kind": "cycle", "actions": [...]} (repeats the list), {"kind": "oracle"} or
{"kind": "fixed", "actions": [...]}, which ends after the last one.
"""

import itertools
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from inwit.auditing.base import Interactive, Step
from inwit.auditing.child.messages import encode, plain
from inwit.errors import explained

SECONDS, KEPT, TEXT, HELD, AFTER = 4.0, 40, 600, 0.9, 4
"""CPU seconds of an episode, actions that a record keeps, characters of a text, how often sticky
play repeats its action, and actions that are tried after the end."""
SUCCESS = ("success", "is_success", "solved", "won")
"""Names of a success in `info`."""


def calls(subject: Interactive) -> dict[str, Callable[..., object]]:
    """The calls that the parent process may make."""

    def play(seed: int | None, policy: Mapping[str, Any], limit: int) -> object:
        return Game(subject, seed).play(policy, limit)

    def after_error(bad: object, seed: int | None, policy: Mapping[str, Any], limit: int) -> object:
        """Act wrongly in an episode, then play another one."""
        subject.reset(seed)
        raised = ""
        try:
            subject.step(bad)
        except Exception as error:
            raised = type(error).__name__
        return {"raised": raised, "episode": Game(subject, seed).play(policy, limit)}

    def firsts(seeds: list[int]) -> object:
        """A digest of the first observation of each seed."""
        return [digest(subject.reset(seed)) for seed in seeds]

    return {"play": play, "after_error": after_error, "firsts": firsts, **trials(subject)}


def trials(subject: Interactive) -> dict[str, Callable[..., object]]:
    """Calls that examine single steps rather than returns."""
    choices: Any = subject.about["actions"]

    def past_end(seed: int | None, policy: Mapping[str, Any], limit: int) -> float | None:
        """The largest reward of a step after the end; None if the episode does not end."""
        record = Game(subject, seed).play(policy, limit)
        if not record["terminated"] or record["fault"]:
            return None
        after = [record["actions"][-1], *choices[:AFTER]]
        return max(float(subject.step(action).reward) for action in after)

    def aliased(seed: int | None, policy: Mapping[str, Any], limit: int) -> bool:
        """Whether a step changes the previous observation."""
        before = subject.reset(seed)
        for count, action in enumerate(actions(subject, policy)):
            known = digest(before)
            step = subject.step(action)
            if digest(before) != known:
                return True
            before = step.observation
            if step.terminated or step.truncated or count == limit:
                break
        return False

    def reward_again(seed: int | None, policy: Mapping[str, Any], limit: int) -> list[float]:
        """The reward at the end, and the same reward requested again."""
        finish: Any = getattr(subject, "finish", None)
        paid = Game(subject, seed).play(policy, limit)["rewards"][-1]
        return [paid, float(finish())]

    return {"past_end": past_end, "aliased": aliased, "reward_again": reward_again}


class Game:
    """One episode and its record."""

    def __init__(self, subject: Interactive, seed: int | None) -> None:
        """Begin with an empty record."""
        self.subject, self.seed = subject, seed
        self.observations = sha256()
        self.record: dict[str, Any] = {
            "first": "",
            "text": "",
            "rewards": [],
            "actions": [],
            "terminated": False,
            "truncated": False,
            "both": False,
            "success": None,
            "fault": "",
            "fault_at": "",
        }

    def play(self, policy: Mapping[str, Any], limit: int) -> dict[str, Any]:
        """Play to the end or for `limit` steps; a fault ends the episode and is recorded."""
        at = "reset"
        if policy["kind"] != "fixed":
            turns: Any = self.subject.about.get("turns", limit)
            limit = min(limit, int(turns))
        try:
            seen = self.subject.reset(self.seed)
            self.record |= {"first": digest(seen), "text": str(plain(seen))[:TEXT]}
            at = "step"
            self._steps(policy, limit)
            at = "reward"
            self._finish()
        except Exception as error:
            self.record |= {"fault": explained(error), "fault_at": at}
        self.record["seen"] = self.observations.hexdigest()
        return self.record

    def _steps(self, policy: Mapping[str, Any], limit: int) -> None:
        until = time.process_time() + SECONDS
        for count, action in enumerate(actions(self.subject, policy)):
            if count == limit or time.process_time() > until or self._over():
                break
            self._saw(action, self.subject.step(action))

    def _finish(self) -> None:
        """Record the reward of the whole episode, if the environment pays at the end."""
        finish = getattr(self.subject, "finish", None)
        if finish is not None:
            self.record["rewards"].append(float(finish()))
            self.record["terminated"] = True

    def _over(self) -> bool:
        return bool(self.record["terminated"] or self.record["truncated"])

    def _saw(self, action: object, step: Step) -> None:
        record = self.record
        if len(record["actions"]) < KEPT:
            record["actions"].append(action)
        record["rewards"].append(float(step.reward))
        record["terminated"], record["truncated"] = bool(step.terminated), bool(step.truncated)
        record["both"] = record["both"] or (record["terminated"] and record["truncated"])
        self.observations.update(digest(step.observation).encode())
        for name in SUCCESS:
            if isinstance(step.info.get(name), (bool, int, float)):
                record["success"] = bool(step.info[name])


def actions(subject: Any, policy: Mapping[str, Any]) -> Iterator[object]:
    """The actions of a policy; endless, except for `fixed`, and for `idle` with tools."""
    kinds: dict[str, Callable[[], Iterable[object]]] = {
        "fixed": lambda: policy["actions"],
        "constant": lambda: itertools.repeat(policy["action"]),
        "cycle": lambda: itertools.cycle(policy["actions"]),
        "oracle": lambda: (subject.oracle() for _ in itertools.count()),
        "random": lambda: _drawn(subject, policy["seed"], 0),
        "sticky": lambda: _drawn(subject, policy["seed"], HELD),
        "idle": lambda: (),
    }
    return iter(kinds[policy["kind"]]())


def _drawn(subject: Any, seed: int, held: float) -> Iterator[object]:
    draw, sample = random.Random(f"play {seed}"), getattr(subject, "sample", None)
    choices = subject.about["actions"]
    last = None
    while True:
        if last is None or draw.random() >= held:
            last = sample(draw) if sample else draw.choice(choices)
        yield last


def digest(observation: object) -> str:
    """A short name of an observation."""
    return sha256(encode(observation)).hexdigest()[:16]
