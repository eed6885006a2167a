"""The long run goes on where it was cut, does again what failed, and writes its own record."""

import importlib.util
import json
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = "# Results\n\nbefore\n\n{begin}\nold\n{end}\n\nafter\n"


@pytest.fixture
def script(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("nightly", ROOT / ".ci" / "nightly.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "nightly", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "KEPT", tmp_path / "kept")
    (tmp_path / "results.md").write_text(TEXT.format(begin=module.BEGIN, end=module.END))
    return module


@pytest.fixture
def go(script, tmp_path):
    """Run some lines of Python as steps; which of them ran, and whether all have passed."""

    def run(*codes, made_of="abc", at_once=1):
        ran = tmp_path / "ran"
        ran.write_text("")
        note = f"open({str(ran)!r}, 'a').write('{{}} '); "
        made = [
            script.Step(group=group, command=("-c", note.format(number) + code))
            for number, (group, code) in enumerate(codes)
        ]
        state, page = tmp_path / "state.json", tmp_path / "results.md"
        passed = script.nightly(made, made_of, state=state, page=page, at_once=at_once)
        return ran.read_text().split(), passed

    return run


def page_of(tmp_path):
    return (tmp_path / "results.md").read_text()


def test_what_passed_is_not_done_again_and_what_failed_is(go, tmp_path):
    broken = tmp_path / "broken"
    broken.touch()
    fragile = f"import os; assert not os.path.exists({str(broken)!r})"
    codes = [("one", "pass"), ("one", fragile), ("two", "pass")]
    assert go(*codes) == (["0", "1", "2"], False)
    assert "Passed:\none 1 of 2, two 1 of 1.\nFailed: `-c open(" in page_of(tmp_path)
    broken.unlink()
    assert go(*codes) == (["1"], True)
    assert go(*codes) == ([], True)
    assert "Passed:\none 2 of 2, two 1 of 1.\nFailed: nothing." in page_of(tmp_path)


def test_after_a_cut_it_goes_on_with_the_rest(go, tmp_path, script, monkeypatch):
    codes = [("one", "pass"), ("one", "pass"), ("two", "pass")]
    true, calls = script.run, []

    def cut(step):
        calls.append(step)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return true(step)

    monkeypatch.setattr(script, "run", cut)
    with pytest.raises(KeyboardInterrupt):
        go(*codes)
    assert "1 of 3 steps are done" in page_of(tmp_path)
    assert "one 1 of 2, two 0 of 1" in page_of(tmp_path)
    monkeypatch.setattr(script, "run", true)
    assert go(*codes) == (["1", "2"], True)


def test_two_steps_at_once_can_wait_for_each_other(go, tmp_path):
    """Each ends only when the other has begun."""
    meet = "import time\nfrom pathlib import Path\nPath({!r}).touch()\n"
    meet += "while not Path({!r}).exists():\n    time.sleep(0.01)\n"
    names = [str(tmp_path / name) for name in "ab"]
    codes = []
    for mine, other in (names, names[::-1]):
        Path(f"{mine}.py").write_text(meet.format(mine, other))
        codes.append(("group", f"exec(open({f'{mine}.py'!r}).read())"))
    ran, passed = go(*codes, at_once=2)
    assert (sorted(ran), passed) == (["0", "1"], True)


def test_with_other_sources_everything_is_done_anew(go, tmp_path):
    assert go(("one", "pass")) == (["0"], True)
    made = tmp_path / "popgym.jsonl"  # beside the list of what is done
    made.touch()
    assert go(("one", "pass"), ("two", "pass")) == (["1"], True)
    assert made.exists()
    assert go(("one", "pass"), made_of="def") == (["0"], True)
    assert not made.exists()


def test_the_record_stands_in_its_place(go, tmp_path, script):
    go(("one", "print('said')"))
    text = page_of(tmp_path)
    assert text.startswith(f"# Results\n\nbefore\n\n{script.BEGIN}\n`make nightly`, ")
    assert text.endswith(f".\n{script.END}\n\nafter\n")
    assert "old" not in text
    assert f"commit {script.commit()}, " in text
    (printed,) = (tmp_path / "kept").glob("*.txt")
    assert printed.read_text() == "said\n"
    before, went = text, json.loads((tmp_path / "state.json").read_text())
    go(("one", "print('said')"))
    assert (page_of(tmp_path), json.loads((tmp_path / "state.json").read_text())) == (before, went)


def test_a_page_without_a_place_for_it_is_told(go, tmp_path):
    (tmp_path / "results.md").write_text("# Results\n")
    with pytest.raises(SystemExit, match="must stand there"):
        go(("one", "pass"))


def test_every_record_is_a_benchmark_that_is_there(script):
    for commands in script.RECORDS.values():
        for command in commands:
            assert (ROOT / "benchmarks" / command.split()[0]).exists(), command
    assert script.BEGIN in script.PAGE.read_text(encoding="utf8")


def test_every_long_test_is_in_one_group(script):
    names = ("learning", "slow", "nightly", "hypothesis")
    for values in product([False, True], repeat=len(names)):
        marks = dict(zip(names, values, strict=True))
        held = [eval(each, dict(marks)) for each in script.LONG.values()]
        assert sum(held) == any(values), marks


@pytest.fixture
def repository(script, tmp_path, monkeypatch):
    """A repository with one file beside the page and the list of steps."""
    root = tmp_path / "repository"
    files = [root / name for name in ("code.py", "docs/results.md", "nightly.py")]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("one")
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=root, check=True)
    for name, path in {"ROOT": root, "PAGE": files[1], "__file__": str(files[2])}.items():
        monkeypatch.setattr(script, name, path)
    return files


def test_sources_change_with_every_tracked_file_but_the_page_and_the_list(script, repository):
    code, page, steps = repository
    before = script.sources()
    page.write_text("two")
    steps.write_text("two")
    (code.parent / "untracked").write_text("two")
    assert script.sources() == before
    code.write_text("two")
    changed = script.sources()
    code.unlink()
    assert len({before, changed, script.sources()}) == 3


@pytest.mark.nightly
def test_folders_of_long_tests_are_found(script):
    assert "tests/test_nightly.py" in script.folders_with("nightly and not learning")
    assert "tests/learning" in script.folders_with("learning")
    assert "tests/tasks" in script.folders_with(script.LONG["properties at 3,000 examples"])
