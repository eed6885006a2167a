"""Gymnasium's own environments are audited, and its checker is asked."""

import pytest

import inwit
from inwit.auditing.base import Verdict
from inwit.cli.main import main
from inwit.errors import InwitError

pytest.importorskip("gymnasium")


@pytest.mark.parametrize("name", ["CartPole-v1", "Blackjack-v1"])
def test_an_environment_of_gymnasium_does_not_fail(name):
    audit = inwit.audit(f"gymnasium:{name}", items=6)
    assert audit.verdict is not Verdict.FAIL
    assert audit.versions["gymnasium"]
    assert "check_env" in audit.find("api/checker").message
    assert audit.find("seed/another-process").count > 0


def test_an_environment_without_an_end_is_told():
    audit = inwit.audit("gymnasium:CliffWalking-v1", items=4)
    assert audit.find("end/never").verdict is Verdict.WARN


def test_a_name_that_is_none_is_refused_with_the_nearest():
    with pytest.raises(InwitError, match="did you mean 'CartPole-v1'"):
        inwit.audit("gymnasium:CartPol-v1")


def test_learning_is_part_of_the_audit_where_it_is_asked_for(capsys):
    main(["audit", "gymnasium:CartPole-v1", "--items", "4", "--learn", "4096"])
    shown = capsys.readouterr().out
    assert "learn/recurrent" in shown
    assert "after 4,096 actions a policy without memory earns" in shown
