"""Actions per CPU second of training: ours and RecurrentPPO's, in turn, beside stepping alone.

    pip install -r benchmarks/requirements.txt
    python benchmarks/popgym_speed.py
    python benchmarks/popgym_speed.py --environments HigherLowerEasy --updates 20 --rounds 5

Everybody makes 40 updates in the setting of `popgym_contenders`, one after another, in several
rounds; the table has medians over them. CPU seconds of training include stepping, and what a run
costs once. Stepping alone is random play: of the bare environment, as ours takes it, and through
the wrappers that RecurrentPPO needs; from each side its own is subtracted. One update of each comes
before, since what is loaded once is not timed.
"""

import argparse
from statistics import median

import torch

import popgym_contenders as contenders
from inwit.cli.waiting import waiting
from inwit.devices import keep_freed_memory
from inwit.progress import steps
from page_tables import printed
from popgym_report import MEMORYLESS, OURS, THEIRS

NAMES = ("RepeatPreviousEasy", "PositionOnlyCartPoleEasy")
"""Numbers to remember; CartPole without its velocities."""
BARE, WRAPPED = "stepping, bare", "stepping, wrapped"
ORDER = (BARE, WRAPPED, MEMORYLESS, OURS, THEIRS)
STEPPING = {BARE: contenders.bare, WRAPPED: contenders.made}
OWN = {MEMORYLESS: BARE, OURS: BARE, THEIRS: WRAPPED}
"""What each of them steps."""
Times = dict[tuple[str, str], list[float]]


def measured(names: list[str], updates: int, rounds: int) -> Times:
    """CPU seconds of as many updates, by environment and contender, of each round."""
    actions = updates * contenders.BATCH * contenders.WINDOW
    keys = [(name, contender) for name in names for contender in ORDER]
    for name, who in keys:
        seconds_of(name, who, 1, 0)
    found: Times = {key: [] for key in keys}
    turns = [(key, number) for number in range(rounds) for key in keys]
    words = [f"{who}, {name}, round {number + 1}" for (name, who), number in turns]
    for (name, who), number in steps(turns, words):
        found[name, who].append(seconds_of(name, who, actions, number))
    return found


def seconds_of(name: str, who: str, actions: int, seed: int) -> float:
    """CPU seconds of so many actions."""
    if who in STEPPING:
        return contenders.stepping(STEPPING[who](name), actions, seed)
    return float(contenders.CONTENDERS[who](name, actions, seed)["cpu"])


def table(found: Times, actions: int) -> str:
    """Actions per CPU second, the CPU time of ours in RecurrentPPO's, the shares of stepping."""
    heads = ["environment", *ORDER, "gru's time", "net of stepping"]
    heads += [f"stepping in {name}" for name in ("gru", THEIRS)]
    rows = [heads, ["---", *["---:"] * (len(heads) - 1)]]

    def ratio(name: str, one: str, other: str, *, net: bool = False) -> float:
        own = [found[name, OWN.get(who, who)] for who in (one, other)]
        rounds = zip(found[name, one], found[name, other], *own, strict=True)
        return median((a - net * first) / (b - net * second) for a, b, first, second in rounds)

    for name in dict.fromkeys(name for name, _ in found):
        rates = [f"{median(actions / each for each in found[name, who]):,.0f}" for who in ORDER]
        shares = [f"{ratio(name, OWN[who], who):.0%}" for who in (OURS, THEIRS)]
        times = [f"{ratio(name, OURS, THEIRS, net=net):.2f}" for net in (False, True)]
        rows.append([f"`{name}`", *rates, *times, *shares])
    return printed(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--environments", nargs="+", default=NAMES)
    parser.add_argument("--updates", type=int, default=40, help="of each contender in a round")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(1)
    keep_freed_memory()
    contenders.EPISODES = 1  # scores are not asked for here
    found = measured(list(given.environments), given.updates, given.rounds)
    print(table(found, given.updates * contenders.BATCH * contenders.WINDOW))


if __name__ == "__main__":
    with waiting("training on POPGym"):
        main()
