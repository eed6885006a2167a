"""What comes out: JSON, JUnit, a page, a baseline, the exit code, a failed assertion."""

import json
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

import inwit
from inwit.auditing.base import Verdict
from inwit.auditing.child.process import Limits
from inwit.auditing.findings import SCHEMA, baseline_of, read_baseline
from inwit.auditing.junit import to_junit
from inwit.cli.main import main
from inwit.errors import InwitError
from inwit.reports.targets_page import target_page
from inwit.testing import assert_sound
from tests.auditing.conftest import GRADERS
from tests.tiers import few_fast

FAULTY, SOUND = f"{GRADERS}:substring", f"{GRADERS}:sound"


@pytest.fixture(scope="module")
def audit(rows):
    return inwit.audit(FAULTY, data=rows, items=12)


def left(capsys, *arguments):
    with pytest.raises(SystemExit) as error:
        main(["audit", *map(str, arguments)])
    return error.value.code, capsys.readouterr()


@pytest.mark.slow
def test_json_is_versioned_and_whole(audit):
    told = json.loads(json.dumps(audit.to_json()))
    assert told["schema"] == SCHEMA
    assert told["verdict"] == "fail"
    assert {"inwit", "python"} <= told["versions"].keys()
    by_name = {each["id"]: each for each in told["findings"]}
    assert len(by_name) == len(audit.findings)
    two = by_name["wrong/two-answers"]
    assert two["reading"]["value"] == 1.0
    assert two["item"]["gold"] in two["reply"]
    assert two["interval"][0] < two["figure"] <= two["interval"][1]


def test_junit_has_a_case_for_each_finding(audit):
    suite = ElementTree.fromstring(to_junit(audit).partition("\n")[2])
    assert len(suite.findall("testcase")) == len(audit.findings) == int(suite.attrib["tests"])
    failed = {case.attrib["name"] for case in suite if case.find("failure") is not None}
    assert failed == {each.id for each in audit.at_least(Verdict.FAIL)}
    assert int(suite.attrib["failures"]) == len(failed) > 0


def test_a_page_escapes_what_replies_say(audit):
    page = target_page(audit)
    assert "&lt;answer&gt;" in page
    assert "<answer>" not in page
    assert page.encode()


def test_a_baseline_lets_findings_stand(audit, tmp_path):
    path = tmp_path / "baseline.json"
    path.write_text(baseline_of(audit.at_least(Verdict.WARN), "known"))
    standing = audit.without(read_baseline(path))
    assert standing.verdict is Verdict.PASS
    path.write_text('{"ignore": []}')
    with pytest.raises(InwitError, match="is not a baseline"):
        read_baseline(path)


@pytest.mark.slow
def test_the_command_prints_writes_and_leaves_with_its_verdict(capsys, rows, tmp_path):
    paths = {name: tmp_path / f"audit.{name}" for name in ("json", "html", "junit")}
    options = [part for name, path in paths.items() for part in (f"--{name}", path)]
    code, printed = left(capsys, FAULTY, "--data", rows, "--items", 12, *options)
    assert code == 1
    assert "wrong/two-answers" in printed.out
    assert printed.out.splitlines()[-1].startswith(f"{FAULTY}: fail (")
    assert all(path.read_text() for path in paths.values())
    main(["audit", SOUND, "--data", str(rows), "--items", "12"])
    code, _ = left(capsys, SOUND, "--data", rows, "--items", 12, "--fail-on", "warn")
    assert code == 1


def test_a_finding_is_run_again_whole(capsys, rows):
    options = ("--data", rows, "--items", 12, "--replay", "near/longer")
    code, printed = left(capsys, FAULTY, *options)
    lines = printed.out.splitlines()
    assert code == 1
    assert lines[0].startswith("fail  near/longer")
    assert {"question", "gold", "reply", "score", "1.0"} <= set(lines)


@pytest.mark.parametrize(
    ("options", "words"),
    few_fast(
        [
            (["--ignore", "near/longer"], ["--because"]),
            (["--ignore", "near/largen", "--because", "so"], ["near/longer"]),
            (["--items", "0"], ["--items"]),
            (["--set", "weights"], ["key=value"]),
            (["--set"], ["--set: give at least one value"]),
            (["--replay", "near/longr"], ["near/longr", "did you mean 'near/longer'"]),
        ],
        0,
        2,
        many=True,
    ),
)
def test_wrong_use_is_one_line_and_exit_code_2(capsys, rows, options, words):
    code, printed = left(capsys, FAULTY, "--data", rows, *options)
    assert code == 2
    assert len(printed.err.splitlines()) == 1
    assert all(word in printed.err for word in words)


GAMES = GRADERS.parent / "interactive" / "games.py"


def test_a_finding_of_a_world_is_played_again_whole(capsys):
    target = f"gymnasium:{GAMES}:Remembers"
    code, printed = left(capsys, target, "--items", 12, "--replay", "seed/left-over")
    assert code == 1
    lines = printed.out.splitlines()
    assert lines[0].startswith("fail  seed/left-over")
    assert any(line.startswith("[{'kind': 'random', 'seed': 0}") for line in lines)


@pytest.mark.slow
def test_forms_that_are_refused_are_one_line_that_can_be_named(capsys, rows):
    options = ["--data", str(rows), "--items", "12"]
    main(["audit", f"{GRADERS}:sound", *options])
    told = capsys.readouterr().out
    assert "right/wrapped" in told
    assert "right/boxed" not in told
    main(["audit", f"{GRADERS}:sound", *options, "--replay", "right/wrapped"])
    played = capsys.readouterr().out
    assert {"right/boxed", "right/latex"} <= set(re.findall(r"right/\w+", played))
    main(
        ["audit", f"{GRADERS}:sound", *options, "--ignore", "right/wrapped", "--because", "strict"]
    )
    assert "right/boxed" in capsys.readouterr().out  # as ignored


@pytest.mark.slow
def test_findings_that_stand_do_not_fail(capsys, rows):
    options = ["--data", str(rows), "--items", "12", "--because", "a test"]
    known = inwit.audit(FAULTY, data=rows, items=12).at_least(Verdict.FAIL)
    main(["audit", FAULTY, *options, "--ignore", *(each.id for each in known)])
    assert "(ignored: a test)" in capsys.readouterr().out


@pytest.mark.slow
def test_an_assertion_names_what_was_found(rows):
    limits = Limits(call=1.0)
    assert assert_sound(SOUND, data=rows, items=12, limits=limits).verdict is Verdict.WARN
    with pytest.raises(AssertionError, match="wrong/two-answers"):
        assert_sound(FAULTY, data=rows, items=12, limits=limits)
    with pytest.raises(AssertionError, match="right/full-stop"):
        assert_sound(SOUND, data=rows, items=12, fail_on="warn")
    with pytest.raises(InwitError, match="check_task"):
        assert_sound("stages")


@pytest.mark.slow
def test_the_plugin_makes_a_test_of_each_target(tmp_path, rows):
    settings = f"[pytest]\ninwit_audit =\n    {SOUND} data={rows} items=12\n"
    (tmp_path / "pytest.ini").write_text(settings + f"    {FAULTY} data={rows} items=12\n")
    command = [sys.executable, "-m", "pytest", "-p", "inwit.testing.plugin", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "wrong/two-answers" in done.stdout
    assert "assert_sound(" not in done.stdout
