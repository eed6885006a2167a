"""Tasksets of verifiers and environments of OpenEnv: sound ones pass, faulty ones fail."""

from pathlib import Path

import pytest

import inwit
from inwit.auditing.base import Verdict
from inwit.errors import InwitError
from tests.ecosystem import worlds
from tests.tiers import few_fast

HERE = Path(worlds.__file__).parent
TASKSETS, OPEN = f"verifiers:{HERE / 'tasksets.py'}", f"openenv:{HERE / 'open_worlds.py'}"


def fails(audit):
    return {each.id for each in audit.findings if each.verdict is Verdict.FAIL}


def test_a_taskset_is_graded_text():
    pytest.importorskip("verifiers.v1")
    assert not fails(inwit.audit(f"{TASKSETS}:Sound", items=12))
    assert "near/longer" in fails(inwit.audit(f"{TASKSETS}:Substring", items=12))
    with pytest.raises(InwitError, match="did you mean 'Sound'"):
        inwit.audit(f"{TASKSETS}:Sond")
    with pytest.raises(InwitError, match="name one of Sound, Substring"):
        inwit.audit(TASKSETS)


@pytest.mark.parametrize(
    ("name", "group"),
    few_fast([("Sound", ""), ("Leaking", "seed/"), ("Broken", "fault/")], 1, many=True),
)
def test_an_environment_of_openenv_is_played(name, group):
    pytest.importorskip("openenv.core")
    found = fails(inwit.audit(f"{OPEN}:{name}", items=6))
    assert bool(found) == bool(group)
    assert any(each.startswith(group) for each in found) == bool(group)
