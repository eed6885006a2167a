"""Audit every set of reasoning-gym, each in a process of its own; what is done is not done again.

    python benchmarks/audit_reasoning_gym.py --out build/audits           # all sets, or those named
    python benchmarks/audit_reasoning_gym.py --out build/audits --jobs 4  # also --ray HOST:PORT
    python benchmarks/audit_reasoning_gym.py --out build/audits --table

Each audit is a file of JSON in the folder. `--table` prints every fail and its reply.
"""

import argparse
import json
import sys
import time
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import inwit
from inwit.auditing.child.process import Limits
from inwit.cli.mistakes import mistakes_in_a_line
from inwit.cli.waiting import waiting
from inwit.errors import InwitError
from inwit.texts import to_json
from side_by_side import add_options, side_by_side

SHOWN = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", help="names; all if none are given")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the results")
    parser.add_argument("--items", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60)
    add_options(parser)
    parser.add_argument("--table", action="store_true", help="print what was found; audit nothing")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    names = options.sets or sorted(import_module("reasoning_gym.factory").DATASETS)
    missing = [name for name in names if not (options.out / f"{name}.json").exists()]
    audit = partial(audited, items=options.items, seconds=options.seconds)
    for name, found in side_by_side(audit, [] if options.table else missing, options):
        (options.out / f"{name}.json").write_text(to_json(found, indent=1) + "\n")
        print(f"{name}: {found['verdict']}, {found['wall']} s", file=sys.stderr, flush=True)
    table(names, options.out)


def audited(name: str, items: int, seconds: float) -> dict[str, Any]:
    begun = time.perf_counter()
    try:
        limits = Limits(seconds=seconds)
        found = inwit.audit(f"reasoning-gym:{name}", items=items, limits=limits).to_json()
    except InwitError as error:
        found = {"verdict": "refused", "findings": [], "message": str(error)}
    return found | {"wall": round(time.perf_counter() - begun, 2)}


def table(names: list[str], folder: Path) -> None:
    audits = {}
    for name in names:
        path = folder / f"{name}.json"
        if path.exists():
            audits[name] = json.loads(path.read_text())
    fails = 0
    for name, audit in audits.items():
        for each in audit["findings"]:
            if each["verdict"] == "fail":
                fails += 1
                reply = repr(each["reply"])[:SHOWN]
                gold = repr((each["item"] or {}).get("gold"))[:SHOWN]
                share = f"{each['hits']:g}/{each['count']}"
                print(f"{name} | {each['id']} | {share} | {reply} | {gold} | {each['message']}")
    verdicts = [audit["verdict"] for audit in audits.values()]
    counted = ", ".join(f"{verdicts.count(each)} {each}" for each in sorted(set(verdicts)))
    seconds = sum(audit["wall"] for audit in audits.values())
    print(f"{len(audits)} sets: {counted}; {fails} fails; {seconds:.0f} s")


if __name__ == "__main__":
    with mistakes_in_a_line(), waiting("auditing reasoning-gym"):
        main()
