"""`inwit train TASK --agent llm:MODEL`: train a language model on a task."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict, fields, replace
from pathlib import Path
from shlex import quote
from typing import Any

from rich.console import Console

from inwit import files
from inwit.auditing.exhaustive.own import audit_own
from inwit.cli.commands.arguments import HELD_OUT
from inwit.cli.commands.language import print_conduct, refuse_environment
from inwit.cli.commands.training import read_model_recipe
from inwit.cli.console import print_scores, printed
from inwit.cli.terminal import terminal
from inwit.cli.waiting import waiting
from inwit.errors import DamagedRun, InvalidOption, flag_of
from inwit.llm.recipe import MADE, ModelRecipe
from inwit.llm.scoring import evaluate_model
from inwit.llm.toolbox import Toolbox
from inwit.llm.training import check_model, model_of, parts, train_part
from inwit.provenance import made_with
from inwit.reports.audit import print_audit
from inwit.tasks import Task, digest_of, is_file
from inwit.texts import to_json
from inwit.training.configuration import LANGUAGE_MODEL as RECIPE
from inwit.training.distributed import is_first
from inwit.training.placing import RUNS, make
from inwit.training.resuming import other_now, other_task

SCORES = "scores.json"


def teach(arguments: Sequence[str]) -> None:
    """Train a language model as the arguments say."""
    recipe = read_model_recipe(arguments)
    check_model(recipe)
    with closing(_toolbox(recipe)) as toolbox:
        toolbox.task.chosen_levels(recipe.levels)
        with _placed(recipe, toolbox.task):
            _train(recipe, toolbox)


def teach_on(out: Path, task: str = "") -> None:
    """Go on with a run that was interrupted.

    Args:
        out: the run folder.
        task: where its task is now; by default, where it was.

    Raises:
        DamagedRun: its recipe cannot be read.
        InvalidOption: it cannot be followed here, the task or its problems are others, or another
            process trains in the folder.
    """
    recipe = _read(out)
    if task:
        recipe = replace(recipe, task=task)
    elif is_file(recipe.task) and not Path(recipe.task.partition(":")[0]).exists():
        raise InvalidOption(
            f"{out}: its task {recipe.task} is not there: name its file with --task FILE.py"
        )
    check_model(recipe)
    with closing(_toolbox(recipe)) as toolbox:
        _check_problems(out, toolbox.task)
        with _held(recipe):
            _train(recipe, toolbox)


def _read(out: Path) -> ModelRecipe:
    """The recipe of a run folder, which may have been moved."""
    try:
        return replace(ModelRecipe.from_json((out / RECIPE).read_text()), out=out)
    except (OSError, ValueError, TypeError) as error:
        raise DamagedRun(f"{out / RECIPE} cannot be read: {error}") from error


def _made(task: Task) -> dict[str, str]:
    """Which problems a run is trained on."""
    return {"task": task.name, "problems": digest_of(task)}


def _check_problems(out: Path, task: Task) -> None:
    """Check that a task is the one of a run; folders of earlier versions do not say.

    Raises:
        InvalidOption: it is another one, or has other problems.
    """
    before, now = json.loads((out / RECIPE).read_text()).get(MADE), _made(task)
    if not before or not isinstance(before, dict):
        return
    if before.get("task") != now["task"]:
        raise other_task(out, str(before.get("task")), task)
    if before != now:
        raise other_now(out, task.name)


@contextmanager
def _placed(recipe: ModelRecipe, task: Task) -> Iterator[None]:
    """The run folder, a new one or that of the same run; held while this lasts.

    Raises:
        InvalidOption: it cannot be made, holds something else or a run on other problems, or
            another process trains in it.
    """
    if is_first():
        make(recipe.out)
    with _held(recipe):
        if is_first():
            _check_place(recipe, task)
        yield


@contextmanager
def _held(recipe: ModelRecipe) -> Iterator[None]:
    """While it lasts, no other process trains in the folder; the first of several holds it.

    Raises:
        InvalidOption: another process trains in it.
    """
    with ExitStack() as stack:
        if is_first():
            with files.writing("out", recipe.out):
                stack.enter_context(files.held(recipe.out))
        yield


def _check_place(recipe: ModelRecipe, task: Task) -> None:
    """Check that a folder is empty, or that of the same run.

    Raises:
        InvalidOption: it is not.
    """
    kept = recipe.out / RECIPE
    found = {each.name for each in recipe.out.iterdir()} - {files.PART}
    if found == {RECIPE}:  # of a run that did not begin
        kept.unlink()
    elif RECIPE in found:
        before, now = _read(recipe.out).rooted, recipe.rooted
        changed = [
            flag_of(each.name)
            for each in fields(recipe)
            if getattr(before, each.name) != getattr(now, each.name)
        ]
        if changed:
            raise InvalidOption(
                f"--out {recipe.out} is a run with another {changed[0]}: give another folder, "
                f"or continue with `inwit resume {recipe.out}`"
            )
        _check_problems(recipe.out, task)
    elif found:
        raise InvalidOption(f"--out {recipe.out}: it holds something else; give another folder")


def _toolbox(recipe: ModelRecipe) -> Toolbox:
    refuse_environment(recipe.task)
    with printed(terminal()):
        return Toolbox(recipe.task)


def _train(recipe: ModelRecipe, toolbox: Toolbox) -> None:
    console = terminal()
    if is_first():
        _begin(console, recipe, toolbox)
    for part in parts(recipe):
        train_part(recipe, toolbox, part, _say(console))
        if is_first() and recipe.count:
            _score(console, recipe, toolbox, part)
    if is_first():
        last = recipe.out / parts(recipe)[-1]
        console.print(
            f"\ninwit evaluate --agent {quote(f'llm:{last}')} --task {quote(recipe.task)}",
            highlight=False,
            soft_wrap=True,
        )


def _begin(console: Console, recipe: ModelRecipe, toolbox: Toolbox) -> None:
    """Audit the task, and write the recipe; a run that cannot begin leaves no folder behind."""
    try:
        _audit(console, recipe, toolbox)
        _keep(recipe, RECIPE, recipe.rooted.to_json(**_made(toolbox.task)))
    finally:
        with suppress(OSError):  # mostly, they are not empty
            recipe.out.rmdir()
            if recipe.out.parent == RUNS:
                RUNS.rmdir()


def _keep(recipe: ModelRecipe, name: str, text: str) -> None:
    """Write a file of the run folder, in one step."""
    with files.writing("out", recipe.out):
        files.write(recipe.out, name, f"{text}\n".encode())


def _say(console: Console) -> Any:
    def say(line: str) -> None:
        if is_first():
            console.print(line, highlight=False, soft_wrap=True)

    return say


def _audit(console: Console, recipe: ModelRecipe, toolbox: Toolbox) -> None:
    """The audit of the task, before anything is trained.

    Raises:
        InvalidOption: the task fails it.
    """
    if not recipe.audit or (recipe.out / RECIPE).exists():
        return
    with waiting(f"auditing {recipe.task}"):
        audit, _ = audit_own(toolbox.task, levels=recipe.levels, seed=recipe.seed)
    print_audit(console, replace(audit, task=recipe.task))
    if audit.verdict == "fail":
        raise InvalidOption(f"{recipe.task} fails its audit; --no-audit trains on it anyway")


def _known(kept: Path) -> dict[str, Any]:
    """The scores of the parts that are scored.

    Raises:
        DamagedRun: they cannot be read.
    """
    try:
        known: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    except (OSError, ValueError) as error:
        raise DamagedRun(
            f"{kept} cannot be read: {error}; without it the parts are scored again"
        ) from error
    return known


def _score(console: Console, recipe: ModelRecipe, toolbox: Toolbox, part: str) -> None:
    """The usual tables of one part, which are also kept."""
    kept = recipe.out / SCORES
    known = _known(kept)
    if part in known:
        return
    with terminal(stderr=True).status("asking") as status:
        scores, conduct, _ = evaluate_model(
            model_of(recipe, part),
            toolbox,
            count=recipe.count,
            seed=HELD_OUT,
            levels=recipe.levels,
            report=status.update,
        )
    console.print(f"\n{part}, on {recipe.count} held-out problems per level:", highlight=False)
    print_scores(console, scores)
    print_conduct(console, conduct)
    known[part] = {
        "seed": HELD_OUT,
        "levels": list(map(asdict, scores)),
        "conduct": list(map(asdict, conduct)),
        "scored": made_with(recipe.device),
    }
    _keep(recipe, SCORES, to_json(known, indent=2))
