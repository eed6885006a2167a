"""What `inwit audit` sees of twenty reported bugs: each as a faulty and a mended twin.

    python benchmarks/audit_twins.py            # all, a line each: 1 to 20 were reported
    python benchmarks/audit_twins.py 1 19       # these

A bug is caught if a finding is worse for the faulty twin than for the mended one; a mended twin
that fails is a false alarm.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.auditing.fixtures.further_table import FURTHER
from tests.auditing.fixtures.table import CASES
from tests.auditing.fixtures.test_audited import newly

from inwit.cli.waiting import waiting
from inwit.progress import steps


def main() -> None:
    """Audit the pairs, and print what is seen."""
    chosen = [int(each) for each in sys.argv[1:]]
    caught = failed = alarms = count = 0
    cases = [case for case in (*CASES, *FURTHER) if not chosen or case.number in chosen]
    for case in steps(cases, [f"pair {case.number}" for case in cases]):
        with TemporaryDirectory() as folder:
            worse, mended = newly(case, Path(folder))
        count, caught, alarms = count + 1, caught + bool(worse), alarms + (mended == "fail")
        failed += "fail" in worse.values()
        seen = ", ".join(f"{verdict} {id}" for id, verdict in sorted(worse.items()))
        print(f"{case.number} | {case.threads} | {seen or 'NOT CAUGHT'} | mended: {mended}")
    print(f"{count} pairs: {caught} caught, {failed} of them fail; {alarms} false alarms")


if __name__ == "__main__":
    with waiting("auditing pairs of environments"):
        main()
