"""Scores of an agent: at its training levels, far beyond, and on adversarial problems."""

from collections.abc import Iterator
from dataclasses import replace

from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.evaluation.intervals import newcombe
from inwit.evaluation.scores import Score, evaluate_levels, score
from inwit.probes.card import Line, Verdict, judged
from inwit.probes.subject import FAR, RIGHT, Subject, draw
from inwit.tasks import Expressions

GAP = 0.02
"""Maximum difference between problems like those trained on and held-out ones."""
FURTHER = (8, 12, 25, 100, 1000)
"""Lengths far beyond training, if the task has them."""
TRIALS = 200
"""Problems of a length or of an adversarial set; fewer of the longest."""
ZEROS = "only zeros"
LONG = 20
"""Operations of streamed adversarial problems."""


def competence(subject: Subject) -> Iterator[Line]:
    """Accuracy on held-out problems of every level, and the difference to training problems."""
    task, levels, right = subject.task, subject.task.levels, 0
    for found in evaluate_levels(
        subject.policy, subject.environment, levels, count=subject.count, seed=subject.seed
    ):
        right += found.agent.right
        beside = {"oracle": found.oracle.accuracy} if found.presses else {}  # if a program is known
        beside |= {
            "chance": found.chance.accuracy,
            "blind ceiling": subject.audit.at(found.level).blind.value,
        }
        wrong = "problems that training never draws are too often answered wrongly"
        title = f"level {found.level}: {found.form}"
        yield subject.line("competence", title, found.agent, wrong, least=RIGHT, beside=beside)
    total = subject.count * len(levels)
    known = subject.score(subject.policy, draw(task, levels, total, subject.seed, held_out=False))
    yield _gap(known, Score(right=right, count=total), subject.seed)


def _gap(known: Score, held_out: Score, seed: int) -> Line:
    """The difference of two shares."""
    interval = newcombe((known.right, known.count), (held_out.right, held_out.count))
    return Line(
        part="competence",
        name="problems like those trained on, less held-out ones",
        verdict=judged(interval[0] <= GAP),
        figure=known.accuracy - held_out.accuracy,
        unit="difference",
        interval=interval,
        method="Newcombe",
        needs=f"lower end at most {GAP:.0%}",
        fails_if="right where it was trained and wrong elsewhere: it has memorised",
        count=known.count,
        seed=seed,
    )


def generalisation(subject: Subject) -> Iterator[Line]:
    """Accuracy at lengths far beyond training."""
    lengths = [length for length in FURTHER if length > subject.hardest and _has(subject, length)]
    if not lengths:
        note = "this task has no further lengths"
        yield Line(part="generalisation", name="lengths", verdict=Verdict.NONE, note=note)
    for length in lengths:
        task = subject.task.at_length(length)
        problems = draw(task, [length], min(TRIALS, max(50, 20_000 // length)), subject.seed)
        yield subject.line(
            "generalisation",
            task.form(length),
            score(subject.policy, subject.environment.on(task), problems),
            "what was learnt does not carry over to this length",
            least=FAR if subject.stream else None,
            beside={"trained to": float(subject.hardest)},
            note="" if subject.stream else "not claimed: no state holds a plan of any length",
        )


def _has(subject: Subject, length: int) -> bool:
    try:
        subject.task.check_level(length)
    except InvalidOption:
        return False
    return True


def robustness(subject: Subject) -> Iterator[Line]:
    """Adversarial problems, and play without the mask of legal keys."""
    if type(subject.task) is Expressions:  # different from those of other lines
        yield from _adversarial(subject, subject.task)
    else:
        note = "only expressions have adversarial sets"
        yield Line(part="robustness", name="sets", verdict=Verdict.NONE, note=note)
    if subject.environment.masks:
        freely = score(subject.policy, Environment(subject.task, masks=False), subject.problems)
        note = "not claimed: trained with them"
        beside = {"intact": subject.intact.accuracy}
        yield subject.line(
            "robustness", "without the mask of legal keys", freely, beside=beside, note=note
        )


def _adversarial(subject: Subject, task: Expressions) -> Iterator[Line]:
    level = LONG if subject.stream else subject.hardest
    for name, changed in adversarial_sets(task).items():
        form = changed.at_length(level)
        # One operator has so few structures of 3 to 5 operations that none may be held out.
        problems = draw(form, [level], TRIALS, subject.seed, held_out=level not in (3, 4, 5))
        found = score(subject.policy, subject.environment.on(form), problems)
        title, trivial = f"{name}, {form.form(level)}", name == ZEROS
        yield subject.line(
            "robustness",
            title,
            found,
            "problems of this kind are too often answered wrongly",
            least=None if trivial else FAR,
            note="not claimed: every answer is nought" if trivial else "",
        )


def adversarial_sets(task: Expressions) -> dict[str, Expressions]:
    """Expressions of unusual kinds, by name."""
    single = {f"only {operator}": replace(task, drawn=operator) for operator in task.operators}
    return {
        ZEROS: replace(task, numbers="zeros"),
        "only ones": replace(task, numbers="ones"),
        **single,
        "nested to the left": replace(task, shape="left"),
        "nested to the right": replace(task, shape="right"),
        "needless parentheses": replace(task, needless=0.5),
    }
