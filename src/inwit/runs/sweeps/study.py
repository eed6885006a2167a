"""The trials of a sweep: Optuna chooses and prunes, processes train.

    FOLDER/plan.json                 what is searched
    FOLDER/study.sqlite              Optuna's record of the trials
    FOLDER/trial-0003/seed-0         the run folders

A stopped or killed sweep resumes its unfinished trials. With one job the result is as if it had
never stopped. Only the parent process talks to Optuna.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from math import isfinite
from pathlib import Path
from shlex import quote
from sqlite3 import connect
from statistics import mean
from typing import Any

import numpy as np

from inwit import files
from inwit.errors import DamagedRun, Interrupted, InvalidOption
from inwit.extras import require
from inwit.runs.sweeps.plan import Plan
from inwit.runs.sweeps.rows import Row, State
from inwit.runs.sweeps.spaces import Choices, WholeRange
from inwit.runs.workers import Ended, Finished, Job, Message, job_of, measured, workers_of
from inwit.texts import to_json
from inwit.training.keeping import SNAPSHOTS

PLAN, STUDY, MAX_BYTES = "plan.json", "study.sqlite", 2**20
STRIDE = 2 * SNAPSHOTS
"""Steps between the beginnings of two seeds: each has fewer snapshots than that."""
STATES: dict[str, State] = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed"}


def sweep(
    plan: Plan, folder: Path, *, ray: str = "", report: Callable[[Row], None] | None = None
) -> list[Row]:
    """Run the trials of a plan, or resume them.

    Args:
        plan: the search.
        folder: the folder of the trials; it may hold a part of this sweep.
        ray: `auto` or the address of a Ray cluster whose nodes train; by default this machine.
        report: called when a trial begins and when it ends.

    Returns:
        The results of all trials.

    Raises:
        InvalidOption: Optuna is not installed, or the folder holds something else.
        Interrupted: the user asked to stop; every trial is saved.
    """
    _prepare(plan, folder)
    with files.held(folder), _opened(plan, folder) as study, workers_of(plan.jobs, ray) as workers:
        trials = _Trials(plan, folder, study, report or (lambda row: None))
        for name, message in workers.train(trials.next_job):
            if trials.note(name, message):
                workers.stop(name)
        if workers.asked:
            raise Interrupted(workers.asked, "stopped; the same command resumes it")
        return trials.rows()


def dashboard(folder: Path) -> str:
    """The command that shows the trials of a folder in a browser, also while they run."""
    return f"optuna-dashboard {quote(f'sqlite:///{folder / STUDY}')}"


def _prepare(plan: Plan, folder: Path) -> None:
    """Make the folder; refuse one that holds something else."""
    plain = {**vars(plan), "recipe": plan.recipe.dump(), "pruning": plan.pruning.model_dump()}
    plain["search"] = {
        name: asdict(space) if isinstance(space, Choices) else space.model_dump()
        for name, space in plan.search.items()
    }
    for name in ("trials", "jobs", "fixed"):  # two may be changed later, the recipe has the last
        del plain[name]
    wanted = json.loads(to_json(plain | plan.recipe.facts, default=str))
    path = folder / PLAN
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            there = json.loads(files.read(path, MAX_BYTES))
            there = {name: wanted.get(name) for name in plan.recipe.facts} | there
        elif {each.name for each in folder.iterdir()} - {files.PART}:
            raise InvalidOption(f"{folder} is not empty, and holds no sweep: name another folder")
        else:
            files.write(folder, PLAN, to_json(wanted, indent=2).encode())
            there = wanted
    except OSError as error:
        raise InvalidOption(f"{folder}: {error.strerror}; name another folder") from error
    except ValueError as error:
        if isinstance(error, InvalidOption):
            raise
        raise DamagedRun(f"{path} is damaged: {error}") from error
    if there != wanted:
        other = ", ".join(name for name in wanted if there.get(name) != wanted[name])
        raise InvalidOption(f"{folder} holds a sweep with another {other}: name another folder")


@contextmanager
def _opened(plan: Plan, folder: Path) -> Iterator[Any]:
    """The study on disk."""
    optuna = require("optuna", "sweep")
    errors = require("sqlalchemy.exc", "sweep")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    pruning = plan.pruning
    pruner = {
        "none": lambda: optuna.pruners.NopPruner(),
        "halving": lambda: optuna.pruners.SuccessiveHalvingPruner(),
        "median": lambda: optuna.pruners.MedianPruner(pruning.startup, pruning.warmup),
    }[pruning.kind]()
    direction = "maximize" if plan.sign > 0 else "minimize"
    try:
        # The path by itself, since in a URL some characters mean something else.
        storage = optuna.storages.RDBStorage(
            f"sqlite:///{STUDY}", {"creator": partial(connect, folder / STUDY, timeout=60)}
        )
        study = optuna.create_study(
            storage=storage,
            study_name="sweep",
            direction=direction,
            pruner=pruner,
            load_if_exists=True,
        )
    except errors.SQLAlchemyError as error:
        reason = str(error).splitlines()[0]
        raise DamagedRun(f"{folder / STUDY} cannot be read: {reason}") from error
    try:
        yield study
    except optuna.exceptions.StorageInternalError as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        raise DamagedRun(f"{folder / STUDY} cannot be written: {reason}") from error
    finally:
        storage.remove_session()
        storage.engine.dispose()


class _Trials:
    """The trials of a study, and their runs."""

    def __init__(self, plan: Plan, folder: Path, study: Any, report: Callable[[Row], None]) -> None:
        self.optuna = require("optuna", "sweep")
        self.plan, self.folder, self.study, self.report = plan, folder, study, report
        self.trials: dict[str, tuple[Any, int]] = {}
        under_way = self.optuna.trial.TrialState.RUNNING
        self.begun = [each._trial_id for each in study.get_trials(states=(under_way,))]
        self.further: list[Any] = []

    def next_job(self) -> Job | None:
        """The next run: another seed of a trial, one that was under way, or a new trial."""
        while True:
            if self.further:
                trial = self.further.pop(0)
            elif self.begun:
                trial = self.optuna.trial.Trial(self.study, self.begun.pop(0))
            elif len(self.study.get_trials(deepcopy=False)) < self.plan.trials:
                trial = self._ask()
            else:
                return None
            found = self._job(trial)
            if found is not None:
                return found

    def _ask(self) -> Any:
        self._seed(len(self.study.get_trials(deepcopy=False)), 0)
        trial = self.study.ask()
        self._choose(trial)
        self.report(self._row(trial))
        return trial

    def _seed(self, *place: int) -> None:
        """What is tried depends on the seed and on the trials before, not on when it was drawn."""
        seed = np.random.SeedSequence([self.plan.seed, *place]).generate_state(1)
        self.study.sampler = self.optuna.samplers.TPESampler(seed=int(seed[0]))

    def _choose(self, trial: Any) -> dict[str, object]:
        """The trial's options; the same on every call."""
        chosen: dict[str, object] = {}
        for place, (name, space) in enumerate(self.plan.search.items(), 1):
            self._seed(trial.number, place)
            if isinstance(space, Choices):
                chosen[name] = trial.suggest_categorical(name, space.values)
            elif isinstance(space, WholeRange):
                chosen[name] = trial.suggest_int(
                    name, space.low, space.high, step=space.step or 1, log=space.log
                )
            else:
                chosen[name] = trial.suggest_float(
                    name, space.low, space.high, step=space.step, log=space.log
                )
        return chosen

    def _job(self, trial: Any) -> Job | None:
        """The trial's next run; None where it has none."""
        for seed in self.plan.seeds:
            if f"seed-{seed}" in trial.user_attrs:
                continue
            name = f"trial-{trial.number:04d}/seed-{seed}"
            try:
                own = {"seed": seed, "out": self.folder / name}
                recipe = self.plan.recipe_of(self._choose(trial) | own)
            except InvalidOption as error:
                self._end(trial, "FAIL", str(error))
                return None
            self.trials[name] = (trial, seed)
            return job_of(
                recipe,
                name,
                problems=self.plan.problems,
                threshold=self.plan.threshold if self.plan.objective == "cpu-seconds" else None,
                spent=max(trial.user_attrs.get(f"cpu-{seed}", {"0": 0.0}).values()),
            )
        self._complete(trial)  # stopped between its last seed and its end
        return None

    def note(self, name: str, message: Message) -> bool:
        """Record a run's message; true if the run must stop."""
        trial, seed = self.trials[name]
        if trial.storage.get_trial(trial._trial_id).state.is_finished():
            return False  # it has been pruned, and is about to end
        if isinstance(message, Ended):
            if not message.stopped:
                self._end(trial, "FAIL", message.reason)
            return False
        cpu = trial.user_attrs.get(f"cpu-{seed}", {})
        last = max(message.snapshots, default=0)
        if isinstance(message, Finished) or str(last) not in cpu:
            trial.set_user_attr(f"cpu-{seed}", {**cpu, str(last): message.cpu})
        if self._is_pruned(trial, seed, message.snapshots):
            return True
        if isinstance(message, Finished):
            self._scored(trial, seed, message)
        return False

    def _is_pruned(self, trial: Any, seed: int, snapshots: Mapping[int, float]) -> bool:
        """Record how well it trains at snapshots; true if the trial is pruned."""
        known = trial.storage.get_trial(trial._trial_id).intermediate_values
        for count, update in enumerate(sorted(snapshots), 1):
            step = STRIDE * self.plan.seeds.index(seed) + count
            if step in known or not isfinite(snapshots[update]):
                continue
            trial.report(self.plan.sign * snapshots[update], step)
            if trial.should_prune():
                self._end(trial, "PRUNED", f"at update {update} of seed {seed}")
                return True
        return False

    def _scored(self, trial: Any, seed: int, message: Finished) -> None:
        """Record a seed's scores; the last seed completes the trial."""
        accuracy = [measured(score) for score in message.scores]
        result = {"accuracy": accuracy, "reached": message.reached}
        trial.set_user_attr(f"seed-{seed}", result)
        if all(f"seed-{each}" in trial.user_attrs for each in self.plan.seeds):
            self._complete(trial)
        else:
            self.further.append(trial)

    def _complete(self, trial: Any) -> None:
        results = {seed: trial.user_attrs[f"seed-{seed}"] for seed in self.plan.seeds}
        if self.plan.objective != "cpu-seconds":
            self._end(
                trial, "COMPLETE", "", mean(each["accuracy"][-1] for each in results.values())
            )
            return
        never = [seed for seed, each in results.items() if each["reached"] is None]
        if never:
            listed = ", ".join(map(str, never))
            level = f"{self.plan.threshold:{'.1%' if self.plan.measure == 'accuracy' else 'g'}}"
            reason = f"seed {listed} never reached {level}"
            self._end(trial, "PRUNED", reason)
            return
        spent = {
            seed: {int(update): cpu for update, cpu in trial.user_attrs[f"cpu-{seed}"].items()}
            for seed in results
        }
        # A kill may have lost the CPU seconds of a snapshot: then those of the next one count.
        value = mean(
            min(cpu for update, cpu in spent[seed].items() if update >= each["reached"])
            for seed, each in results.items()
        )
        self._end(trial, "COMPLETE", "", value)

    def _end(self, trial: Any, state: str, reason: str, value: float | None = None) -> None:
        if reason:
            trial.set_user_attr("reason", reason)
        self.study.tell(trial, value, state=getattr(self.optuna.trial.TrialState, state))
        self.report(self._row(trial))

    def rows(self) -> list[Row]:
        """The results of all trials."""
        return [_row(self.plan, each) for each in self.study.get_trials(deepcopy=False)]

    def _row(self, trial: Any) -> Row:
        return _row(self.plan, trial.storage.get_trial(trial._trial_id))


def _row(plan: Plan, trial: Any) -> Row:
    """One trial as Optuna has it."""
    noted, state = trial.user_attrs, STATES.get(trial.state.name, "not finished")
    scored = [noted[f"seed-{seed}"] for seed in plan.seeds if f"seed-{seed}" in noted]
    accuracy = zip(*(each["accuracy"] for each in scored), strict=True)
    return Row(
        number=trial.number,
        state=state,
        options=trial.params,
        value=trial.values[0] if state == "complete" else None,
        accuracy=tuple(mean(level) for level in accuracy),
        seeds=len(scored),
        early={step: plan.sign * value for step, value in trial.intermediate_values.items()},
        cpu=sum(max(noted.get(f"cpu-{seed}", {"0": 0.0}).values()) for seed in plan.seeds),
        reason=noted.get("reason", ""),
    )
