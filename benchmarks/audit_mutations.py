"""How many planted faults `inwit audit` sees: mutations of sound graders.

    python benchmarks/audit_mutations.py --out build/mutations
    python benchmarks/audit_mutations.py --out build/mutations --jobs 4   # also --ray HOST:PORT
    python benchmarks/audit_mutations.py --out build/mutations --table    # audit nothing

A mutation that changes no verdict on 1,000 replies is left out. It is caught if a finding is worse
than that of the sound grader on the same rows, and found to fail if the audit fails where the
sound grader's does not. Each audit is a file of JSON in the folder: what is done is not done again.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.auditing.mutations.making import PLANTED, changed, mutated, source  # noqa: E402
from tests.auditing.mutations.rows import rows_of  # noqa: E402

import inwit  # noqa: E402
from inwit.auditing.base import Verdict  # noqa: E402
from inwit.auditing.child.process import Limits  # noqa: E402
from inwit.cli.mistakes import mistakes_in_a_line  # noqa: E402
from inwit.cli.waiting import waiting  # noqa: E402
from inwit.progress import one_by_one  # noqa: E402
from inwit.texts import to_json  # noqa: E402
from side_by_side import add_options, side_by_side  # noqa: E402

ORDER = [str(each) for each in Verdict]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graders", nargs="*", help="names; all if none are given")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the results")
    parser.add_argument("--items", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=60)
    add_options(parser)
    parser.add_argument("--table", action="store_true", help="print what was found; audit nothing")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    graders = options.graders or list(PLANTED)
    missing = [] if options.table else list(planned(graders, options.out))
    audit = partial(audited, items=options.items, seconds=options.seconds)
    for each, found in side_by_side(audit, missing, options, lambda each: each.name):
        (options.out / f"{each.name}.json").write_text(to_json(found, indent=1) + "\n")
        print(f"{each.name}: {found['verdict']}", file=sys.stderr, flush=True)
    table(graders, options.out)


@dataclass(frozen=True, kw_only=True)
class Grader:
    """A grading function to audit."""

    name: str
    """Of its audit."""
    text: str
    """Of its file."""
    rows: str
    """Lines of JSON that it is audited on."""


def planned(graders: Sequence[str], out: Path) -> Iterator[Grader]:
    """The sound graders and their mutations whose audits are missing."""
    for grader in one_by_one("grader", graders):
        texts = {"sound": source(grader)}
        for number, (_, old, new) in enumerate(PLANTED[grader]):
            text = mutated(grader, old, new)
            if changed(grader, text):
                texts[str(number)] = text
        rows = "".join(to_json(row) + "\n" for row in rows_of(grader))
        for name, text in texts.items():
            if not (out / f"{grader}-{name}.json").exists():
                yield Grader(name=f"{grader}-{name}", text=text, rows=rows)


def audited(grader: Grader, items: int, seconds: float) -> Any:
    with TemporaryDirectory() as folder:
        file, data = Path(folder) / "grader.py", Path(folder) / "rows.jsonl"
        file.write_text(grader.text)
        data.write_text(grader.rows)
        limits = Limits(seconds=seconds)
        return inwit.audit(f"{file}:score", items=items, limits=limits, data=str(data)).to_json()


def table(names: list[str], folder: Path) -> None:
    """Print a line for each mutation, and the shares."""
    caught = failed = count = alarms = 0
    for grader in names:
        sound = read(folder / f"{grader}-sound.json")
        if sound is None:
            continue
        alarms += sound["verdict"] == "fail"
        print(f"{grader} | the sound grader | {sound['verdict']} | {listed(sound)}")
        for number, (name, _, _) in enumerate(PLANTED[grader]):
            audit = read(folder / f"{grader}-{number}.json")
            if audit is None:
                continue
            seen = worse(audit, sound)
            count, caught = count + 1, caught + bool(seen)
            failed += audit["verdict"] == "fail" != sound["verdict"]
            told = ", ".join(f"{id} {verdict}" for id, verdict in seen) or "NOT CAUGHT"
            print(f"{grader} | {name} | {audit['verdict']} | {told}")
    share = f"{caught / count:.1%} caught, {failed / count:.1%} fail" if count else "none yet"
    print(f"{count} mutations: {caught} caught, {failed} fail; {share}")
    print(f"{alarms} of {len(names)} sound graders fail")


def read(path: Path) -> Any:
    return json.loads(path.read_text()) if path.exists() else None


def listed(audit: Any) -> str:
    return ", ".join(
        f"{each['id']} {each['verdict']}" for each in audit["findings"] if each["verdict"] != "pass"
    )


def worse(audit: Any, sound: Any) -> list[tuple[str, str]]:
    """The findings whose verdict is worse than that of the sound grader."""
    before = {each["id"]: ORDER.index(each["verdict"]) for each in sound["findings"]}
    return [
        (each["id"], each["verdict"])
        for each in audit["findings"]
        if ORDER.index(each["verdict"]) > before.get(each["id"], 0)
    ]


if __name__ == "__main__":
    with mistakes_in_a_line(), waiting("auditing planted mutations"):
        main()
