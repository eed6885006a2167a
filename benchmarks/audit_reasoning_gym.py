"""Audit every set of reasoning-gym, one process after the other; what is done is not done again.

    python benchmarks/audit_reasoning_gym.py --out build/audits        # all sets, or those named
    python benchmarks/audit_reasoning_gym.py --out build/audits --table

Each audit is a file of JSON in the folder. `--table` prints every fail and its reply.
"""

import argparse
import json
import sys
import time
from importlib import import_module
from pathlib import Path

import inwit
from inwit.auditing.child.process import Limits
from inwit.cli.waiting import waiting
from inwit.errors import InwitError
from inwit.progress import one_by_one
from inwit.texts import to_json

SHOWN = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", help="names; all if none are given")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the results")
    parser.add_argument("--items", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--table", action="store_true", help="print what was found; audit nothing")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    names = options.sets or sorted(import_module("reasoning_gym.factory").DATASETS)
    if not options.table:
        for name in one_by_one("set", names):
            audited(name, options)
    table(names, options.out)


def audited(name: str, options: argparse.Namespace) -> None:
    path = options.out / f"{name}.json"
    if path.exists():
        return
    begun = time.perf_counter()
    try:
        limits = Limits(seconds=options.seconds)
        found = inwit.audit(f"reasoning-gym:{name}", items=options.items, limits=limits).to_json()
    except InwitError as error:
        found = {"verdict": "refused", "findings": [], "message": str(error)}
    found["wall"] = round(time.perf_counter() - begun, 2)
    path.write_text(to_json(found, indent=1) + "\n")
    print(f"{name}: {found['verdict']}, {found['wall']} s", file=sys.stderr, flush=True)


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
    with waiting("auditing reasoning-gym"):
        main()
