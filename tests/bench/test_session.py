"""Turns, medians and ratios, with contenders whose speed is known."""

import json

import pytest

from inwit.bench.contenders import FLOOR, OURS, Contender
from inwit.bench.results import cpu, wall
from inwit.bench.session import measure
from inwit.bench.tables import markdown, milliseconds
from inwit.errors import InvalidOption
from tests.bench.fakes import three_rounds


def fake(name, function=None):
    place = f"tests.bench.fakes:{function or name}"
    return Contender(name=name, title=f"the {name} one", build=place)


@pytest.fixture(scope="module")
def session():
    """Two rounds of two contenders that run, beside three that do not."""
    contenders = [
        fake(FLOOR, "quick"),
        fake(OURS, "slow"),
        fake("dying"),
        fake("surroundings"),
        Contender(name="far", title="", build="", needs=("no_such_module",), install="pip it"),
    ]
    said = []
    results = measure(contenders, [7], [1], 2, said.append)
    return results, said


@pytest.mark.slow
def test_all_that_run_have_a_turn_in_each_round(session):
    results, said = session
    assert [one.name for one in results.measured] == [FLOOR, OURS]
    assert all(len(one.turns) == 2 for one in results.measured)
    assert said == [f"7 episodes, 1 threads: round {number} of 2" for number in (1, 2)]


@pytest.mark.slow
def test_the_time_is_that_of_an_update(session):
    floor, ours = session[0].measured
    assert all(0.005 <= seconds < 0.008 for seconds in floor.cpu)
    assert all(0.02 <= seconds < 0.025 for seconds in ours.cpu)
    assert floor.turns[0].updates > ours.turns[0].updates
    assert floor.turns[0].memory > 20


@pytest.mark.slow
def test_ratios_are_those_of_the_work(session):
    results, _ = session
    floor, ours = results.measured
    assert results.beside(ours, OURS, cpu) == 1
    assert 3 < results.beside(ours, FLOOR, cpu) < 5
    assert 1 / 5 < results.beside(floor, OURS, cpu) < 1 / 3
    assert results.beside(ours, "nobody", cpu) is None


@pytest.mark.slow
def test_who_is_left_out_is_told_with_the_reason(session):
    reasons = {one.name: one.reason for one in session[0].absent}
    assert reasons.pop("dying").startswith("its process ended with 3")
    assert reasons == {
        "far": "no_such_module not installed: pip it",
        "surroundings": "7 episodes, 1 cores, 1 threads",
    }


def test_a_session_without_ours_is_refused():
    with pytest.raises(InvalidOption, match=r"inwit: failed: RuntimeError: no such thing$"):
        measure([fake(OURS, "faulty")], [3], [1], 1)


def test_more_threads_than_cores_are_refused():
    with pytest.raises(InvalidOption, match="--threads 4096: this process may use"):
        measure([fake(OURS, "quick")], [3], [4096], 1)


@pytest.fixture
def results():
    return three_rounds()


def test_ratios_are_within_rounds(results):
    floor, ours, rival = results.measured
    assert results.beside(ours, FLOOR, cpu) == pytest.approx(4)
    assert results.beside(rival, OURS, wall) == pytest.approx(0.5)  # not 0.04 / 0.08 by luck
    assert results.beside(rival, FLOOR, cpu) == pytest.approx(2)
    assert floor.rate == pytest.approx(6 * 10 / 0.02)


def test_json_holds_every_turn_and_what_it_comes_to(results):
    told = json.loads(json.dumps(results.to_json()))
    ours = told["measured"][1]
    assert ours["turns"][2] == {"updates": 2, "cpu": 0.24, "wall": 0.48, "memory": 1}
    assert (ours["cpu_least"], ours["cpu_median"], ours["cpu_most"]) == (0.04, 0.08, 0.12)
    assert ours["cpu_beside_floor"] == pytest.approx(4)
    assert told["absent"][0]["reason"] == "too large"
    assert told["versions"] == {"numpy": "2"}


def test_the_tables_tell_medians_and_reasons(results):
    text = markdown(results, {"machine": "small"})
    assert "10 episodes, one thread:" in text
    assert "| inwit | 80 | 40 to 120 | 160 | 750 | 1.00 | 4.00 | 1.00 |" in text
    assert "- tutorial at 10 episodes: too large" in text
    assert text.endswith("machine small, numpy 2")
    assert [milliseconds(seconds) for seconds in (0.0012345, 0.1, 2)] == ["1.23", "100", "2,000"]
