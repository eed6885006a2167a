"""What the figures mean: a verdict and a sentence for each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor

from inwit.auditing.base import Verdict
from inwit.auditing.exhaustive.base import Finding, LevelCeilings, Share, Single, Trap
from inwit.auditing.exhaustive.leaks import Leak
from inwit.auditing.exhaustive.verifier import Check
from inwit.evaluation.intervals import percent
from inwit.tokens import Vocabulary

SUFFICES = 0.9
"""A program that ignores the problem and is right so often is worth a warning."""
MATTERS = 0.05
"""What must be lost with a key at some level for it to count as needed."""
TRAPS, GAINS, FAR = 0.15, 10, 3
"""How often a trap must be right, how many times as often as chance, and how many keys off it must
be, for a warning."""
PATIENCE = 10_000
"""Random episodes to the first reward beyond which there is a warning."""
LEAK_FAILS, LEAK_WARNS = 0.5, 0.25
"""What a reader must gain over luck for a failure, and for a warning."""
MORE = 2
"""Keys that are added to see whether more could be solved."""


@dataclass(frozen=True, kw_only=True)
class Examined:
    """All that was measured at one level."""

    ceilings: LevelCeilings
    """What can be reached."""
    candidates: Sequence[Tensor]
    """The programs of the blind ceiling, those for the most frequent legal keys first."""
    vocabulary: Vocabulary
    """The names of their keys."""
    rewarded: Share
    """How often random play is paid."""
    fits: Share
    """How many oracle programs have no more keys than may be pressed."""
    plan: int
    """Keys of the longest oracle program."""
    limit: int
    """Keys that may be pressed."""
    exhaustive: int
    """All programs up to this number of keys were tried."""
    longer: Share | None
    """What could be solved with some keys more, where not all can."""
    repeated: Share
    """How many problems the same seed draws again."""
    apart: Share
    """How many held-out problems are none of those that were drawn for training."""
    trapped: Share
    """How often the best wrong program is right."""
    traps: tuple[Trap, ...]
    """The worst of these."""
    checks: Sequence[Check]
    """The verifier beside the stated answers."""
    leak: Leak | None
    """The best reader."""
    elsewhere: Share | None = None
    """How many problems another process draws again, on the same side of the split."""


def judge(examined: Sequence[Examined], single: Single) -> tuple[Finding, ...]:
    """All findings: by what was looked at, then by level; last, those on all levels."""
    levels = [list(_judge_level(each)) for each in examined]
    by_name = (finding for row in zip(*levels, strict=True) for finding in row)
    return (*by_name, _judge_single(single), *_judge_keys([each.ceilings for each in examined]))


def _judge_level(found: Examined) -> Iterator[Finding]:
    ceilings = found.ceilings

    def finding(
        name: str,
        share: Share,
        message: str,
        *,
        fails: bool = False,
        warns: bool = False,
        open_question: str = "",
    ) -> Finding:
        verdict = Verdict.FAIL if fails else Verdict.WARN if warns else Verdict.PASS
        if verdict is Verdict.PASS and open_question and not share.complete:
            verdict, message = Verdict.UNKNOWN, f"{message}: whether {open_question} is not known"
        return Finding(
            name=name, level=ceilings.level, share=share, verdict=verdict, message=message
        )

    solvable, oracle, blind = ceilings.solvable, ceilings.oracle, ceilings.blind
    rest = "the others can be answered" if solvable.value < 1 else ""
    fails = solvable.value < 1 and solvable.complete
    yield finding("solvable", solvable, _solvable(found), fails=fails, open_question=rest)
    message = f"the same seed draws {found.repeated} of the problems again"
    yield finding("seed", found.repeated, message, fails=found.repeated.value < 1)
    message = f"{found.apart} of the held-out problems are not among the training problems"
    yield finding("held out", found.apart, message, fails=found.apart.value < 1)
    if found.elsewhere is not None:
        message = f"another process draws {found.elsewhere} of the problems again, held out or not"
        yield finding("processes", found.elsewhere, message, fails=found.elsewhere.value < 1)
    message = f"the programs that the problems come with answer {oracle}"
    if not found.plan:
        message = "the problems come with no program: nothing vouches for their answers"
    fails = oracle.value < 1 and oracle.complete and found.plan > 0
    rest = "they answer the others"
    yield finding("oracle", oracle, message, fails=fails, warns=not found.plan, open_question=rest)
    yield finding("keys", found.fits, _keys(found), fails=found.fits.value < 1)
    for each in found.checks:
        name, rest = f"verifier: {each.name}", "wrong ones are paid"
        yield finding(name, each.share, each.message, fails=each.differ > 0, open_question=rest)
    better = "a program that was not tried answers more"
    warns = blind.value >= SUFFICES
    yield finding("blind", blind, _blind(found), warns=warns, open_question=better)
    worse = "one that was not tried is right more often"
    warns = _may_trap(found)
    yield finding("trap", found.trapped, _trap(found), warns=warns, open_question=worse)
    rare = found.rewarded.value < 1 / PATIENCE and found.rewarded.complete
    rest = "it is ever rewarded"
    yield finding("chance", found.rewarded, _chance(found), warns=rare, open_question=rest)
    yield _leak(ceilings.level, found.leak, solvable.count)


def _leak(level: int, leak: Leak | None, problems: int) -> Finding:
    if leak is None:
        message = "the problem states its answer: what is asked is how to reach it"
        nothing = Share(value=0.0, count=problems)
        return Finding(
            name="leak", level=level, share=nothing, verdict=Verdict.PASS, message=message
        )
    gain = leak.share.interval[0] - leak.luck
    message = f"{leak.reader} names the answer in {leak.share}, the usual one is right in "
    message += percent(leak.luck)
    fails, warns = gain > LEAK_FAILS and leak.place, gain > LEAK_WARNS
    verdict = Verdict.FAIL if fails else Verdict.WARN if warns else Verdict.PASS
    return Finding(name="leak", level=level, share=leak.share, verdict=verdict, message=message)


def _solvable(found: Examined) -> str:
    if not found.rewarded.complete:
        return "nothing was tried, since the tools took all the time: --seconds allows more"
    solvable, tried = found.ceilings.solvable, f"all of up to {found.exhaustive} keys were tried"
    message = "some program answers every problem"
    if solvable.value < 1:
        message = f"no program of up to {found.limit} keys answers the other "
        message += percent(1 - solvable.value)
        if not solvable.complete:
            message = f"programs were found for {percent(solvable.value)} of the problems"
    return message if solvable.complete else f"{message}; {tried}, and some longer ones"


def _keys(found: Examined) -> str:
    message = f"the longest plan takes {found.plan} keys; {found.limit} may be pressed"
    if not found.plan:
        message = f"no plan is known; {found.limit} keys may be pressed"
    if found.longer is None:
        return message
    return f"{message}, and with {MORE} more {found.longer} could be solved"


def _blind(found: Examined) -> str:
    share = found.ceilings.blind
    if share.value >= SUFFICES:
        program = found.vocabulary.decode(found.candidates[0].tolist())
        return f"the problem need not be read: {program} answers {share}"
    return f"without reading, the best program answers {share}"


def _may_trap(found: Examined) -> bool:
    """Whether the traps may hold a learner."""
    often = found.trapped.value >= max(TRAPS, GAINS * found.ceilings.chance.value)
    return often and any(each.distance is None or each.distance >= FAR for each in found.traps)


def _trap(found: Examined) -> str:
    if not found.traps:
        return "no wrong program is right by luck"
    trap = found.traps[0]
    message = f"{trap.program} answers {percent(trap.share)} of those like {trap.problem}"
    if trap.distance is None:
        return f"{message}; no right program was found"
    return f"{message}, {trap.distance} key{'s' * (trap.distance > 1)} from a right program"


def _chance(found: Examined) -> str:
    share = found.rewarded
    if not share.complete:
        return "the tools took all the time, so random legal play was not measured"
    if share.value:
        return f"random legal play is rewarded once in {1 / share.value:,.0f} episodes"
    return f"random legal play is rewarded less than once in {1 / share.interval[1]:,.0f} episodes"


def _judge_single(single: Single) -> Finding:
    """Whether one program does for several levels."""
    if not single.program:
        message = "the tools took all the time: whether one program answers all is not known"
        return Finding(
            name="one program",
            level=None,
            share=single.share,
            verdict=Verdict.UNKNOWN,
            message=message,
        )
    message = f"{single.program} answers {single.share} of all levels, mixed evenly"
    if single.levels:
        message += f", and every problem of level {' and '.join(map(str, single.levels))}"
    verdict = Verdict.WARN if len(single.levels) > 1 else Verdict.PASS
    return Finding(
        name="one program", level=None, share=single.share, verdict=verdict, message=message
    )


def _judge_keys(levels: Sequence[LevelCeilings]) -> Iterator[Finding]:
    """Whether memory and each tool are needed anywhere."""
    for name in levels[0].without:
        worst = max(levels, key=lambda each: (_is_needed(each, name), _lost(each, name)))
        share, blind = worst.without[name], worst.blind_without[name]
        unsettled, verdict = [each for each in levels if _open(each, name)], Verdict.PASS
        if _lost(worst, name) >= MATTERS:
            message = f"at level {worst.level}, programs chosen for what is seen answer {share} "
            message += f"without it, one that ignores the problem {blind}"
            if not _is_needed(worst, name):
                verdict = Verdict.UNKNOWN
                message += ": whether other programs answer more is not known"
        elif unsettled:
            verdict, share = Verdict.UNKNOWN, unsettled[0].without[name]
            message = f"at level {unsettled[0].level}, programs were found for "
            message += f"{percent(unsettled[0].solvable.value)} of the problems with it, and for "
            message += f"{percent(share.value)} without it: whether others need it is not known"
        else:
            verdict = Verdict.WARN
            message = f"nowhere more than {percent(MATTERS)} is lost without it"
        yield Finding(
            name=f"without {name}", level=None, share=share, verdict=verdict, message=message
        )


def _open(level: LevelCeilings, name: str) -> bool:
    """Whether programs that were not found may lose much at a level without some keys."""
    best = level.solvable.value if level.solvable.complete else 1.0
    return best - level.without[name].value >= MATTERS


def _is_needed(level: LevelCeilings, name: str) -> bool:
    """Whether so much is lost at a level, all programs having been tried."""
    without, blind = level.without[name], level.blind_without[name]
    at_best = without.complete and level.solvable.value - without.value >= MATTERS
    return at_best or (blind.complete and level.blind.value - blind.value >= MATTERS)


def _lost(level: LevelCeilings, name: str) -> float:
    """What is lost at a level without some keys, at best or blind."""
    return max(
        level.solvable.value - level.without[name].value,
        level.blind.value - level.blind_without[name].value,
    )
