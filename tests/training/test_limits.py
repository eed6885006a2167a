"""Limits that an author leaves open: inferred from programs, the same in every run, and kept."""

import random

import pytest

import inwit
from inwit.cli.commands.training import read
from inwit.errors import InvalidOption
from inwit.recipes import own_task
from inwit.tools import ADD, MUL
from inwit.training.limits import BUDGET, infer_limits, with_limits
from inwit.training.run_folder import RunFolder


@pytest.fixture(autouse=True)
def longer_searches(monkeypatch):
    """A tenth of a user's suffices here; other tests have less."""
    monkeypatch.setattr("inwit.training.limits.BUDGET", [presses // 10 for presses in BUDGET])


def sums(draw: random.Random) -> inwit.Problem:
    a, b = draw.randint(2, 99), draw.randint(2, 99)
    return inwit.Problem(prompt="{0} and {1}", operands=(a, b), answer=a + b)


def products(draw: random.Random) -> inwit.Problem:
    a, b, c, d = (draw.randint(2, 99) for _ in range(4))
    answer = a * b + c * d
    return inwit.Problem(prompt="{0} by {1}, {2} by {3}", operands=(a, b, c, d), answer=answer)


def squares(draw: random.Random) -> inwit.Problem:
    a, b = draw.randint(2, 99), draw.randint(2, 99)
    return inwit.Problem(prompt="square {0}, add {1}", operands=(a, b), answer=a * a + b)


def impossible(draw: random.Random) -> inwit.Problem:
    a = draw.randint(2, 999)
    return inwit.Problem(prompt="half of {0}", operands=(a,), answer=a / 2 + 0.25)


def made(draw, **options):
    return inwit.task(tools=[ADD, MUL], **options)(draw)


def limits(task):
    return task.presses, task.memory, task.once


@pytest.mark.parametrize(
    ("draw", "wanted", "keys"),
    [
        (sums, (8, 0, True), "4 keys"),  # 0 ADD 1 ANS
        (squares, (8, 0, False), "6 keys"),  # 0 MUL 0 ADD 1 ANS
        (products, (12, 1, True), "10 keys"),  # 0 MUL 1 ADD STO 2 MUL 3 RCL ANS
    ],
)
def test_limits_follow_from_the_shortest_programs(draw, wanted, keys):
    found = infer_limits(made(draw))
    assert limits(found.task) == wanted
    assert str(found).endswith(f"from the shortest programs of 1 form ({keys})")


def test_what_is_stated_is_kept_and_not_mentioned():
    task = made(products, memory=3, presses=11)
    found = infer_limits(task)
    assert limits(found.task) == (11, 3, True)
    assert str(found).startswith("inferred: each operand once: from ")
    whole = made(products, memory=1, presses=10, once=False)
    assert with_limits(whole) is whole


@pytest.mark.slow
def test_a_form_without_a_program_leaves_room():
    found = infer_limits(made(impossible))
    assert limits(found.task) == (16, 1, False)
    assert str(found).endswith("no program was found for any of 1 forms")


@pytest.mark.slow
def test_a_program_that_comes_with_the_problems_counts():
    def given(draw: random.Random) -> inwit.Problem:
        a = draw.randint(2, 99)
        oracle = " ".join(["0", *["MUL 0"] * 9, "ANS"])
        return inwit.Problem(prompt="{0}", operands=(a,), answer=a**10 + 1, oracle=oracle)

    assert limits(infer_limits(made(given)).task) == (22, 0, False)


def test_tools_that_may_answer_differently_are_not_searched():
    @inwit.tool(cached=False)
    def dice(value: float) -> float:
        raise AssertionError("nobody calls it")

    found = infer_limits(inwit.task(tools=[dice])(sums))
    assert limits(found.task) == (64, 0, False)
    assert "DICE may answer differently each time" in str(found)


@pytest.mark.slow
def test_where_values_are_seen_there_is_room_to_try_again():
    def size(value: object) -> str:
        return "large" if value >= 50 else "small"

    def grown(draw: random.Random) -> inwit.Problem:
        a = draw.randint(2, 99)
        answer = a * a if a >= 50 else a + a
        return inwit.Problem(prompt="{0}", operands=(a,), answer=answer)

    found = infer_limits(made(grown, shown=["small", "large"], display=size))
    assert limits(found.task) == (8, 0, False)
    assert "48 problems (4 keys)" in str(found)


@pytest.mark.slow
def test_a_run_folder_holds_what_was_inferred(tmp_path, caplog):
    caplog.set_level("INFO", "inwit")
    task = made(squares)
    agent = inwit.train(task, updates=2, out=tmp_path / "run")
    assert limits(agent.environment.task) == (8, 0, False)
    assert limits(task) == (None, None, None)  # the author's own is as it was
    plain = RunFolder(tmp_path / "run").plain()["task"]
    assert (plain["presses"], plain["memory"], plain["once"]) == (8, 0, False)
    assert limits(inwit.load(tmp_path / "run", task=task).environment.task) == (8, 0, False)
    told = [text for text in caplog.messages if text.startswith("inferred: ")]
    assert len(told) == 1
    again = inwit.train(task, updates=2, out=tmp_path / "again", seed=1)
    assert limits(again.environment.task) == (8, 0, False)


@pytest.mark.slow
def test_the_command_line_states_them(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "import inwit\n\n\n@inwit.task(tools=[inwit.tools.ADD])\ndef sums(draw):\n"
        "    a, b = draw.randint(2, 99), draw.randint(2, 99)\n"
        "    return inwit.Problem(prompt='{0} and {1}', operands=(a, b), answer=a + b)\n"
    )
    for words, wanted in (
        ([], (None, None, None)),
        (["--once"], (None, None, True)),
        (["--no-once", "--presses", "5"], (5, None, False)),
        (["--once", "--memory", "0"], (None, 0, True)),
    ):
        assert limits(read([str(file), *words])[0].task) == wanted
    with pytest.raises(InvalidOption, match="presses"):
        own_task(made(sums)).but(presses=0)


def test_a_loaded_task_shares_its_problems_and_objects_with_the_authors(tmp_path):
    def names(draw: random.Random) -> inwit.Problem:
        word = draw.choice(["red", "green", "blue"])
        return inwit.Problem(prompt="repeat {0}", operands=(word,), answer=word)

    task = made(names)
    agent = inwit.train(task, updates=1, out=tmp_path / "run")
    loaded = inwit.load(tmp_path / "run", task=task)
    for other in (agent.environment.task, loaded.environment.task):
        assert other.objects is task.objects
        assert other.pool is task.pool
        assert other.objects.decode(task.objects.encode("green")) == "green"
    other = made(names).but(presses=9)
    assert other.objects is not task.objects


@pytest.mark.slow
def test_limits_that_are_open_in_another_task_than_the_runs_are_inferred(tmp_path):
    def others(draw: random.Random) -> inwit.Problem:
        return sums(draw)

    inwit.train(made(sums), updates=1, out=tmp_path / "run")
    loaded = inwit.load(tmp_path / "run", task=made(others))
    assert limits(loaded.environment.task) == (8, 0, True)


@pytest.mark.slow
def test_the_share_without_a_program_is_noted_with_what_to_do(caplog):
    def mixed(draw: random.Random) -> inwit.Problem:
        return sums(draw) if draw.random() < 0.75 else products(draw)

    assert infer_limits(made(mixed)).remark == ""
    with_so_many = made(mixed, presses=5, memory=0, once=True)
    assert "(for 2" in infer_limits(with_so_many).remark  # all is tried
    assert "there is none)" in infer_limits(with_so_many).remark
    assert "searches further" not in infer_limits(with_so_many).remark
    tight = infer_limits(made(mixed, presses=7, memory=1))
    assert "within 7 presses and 1 frames no program was found for 2" in tight.remark
    assert "--presses 14 or --memory 2" in tight.remark
    share = float(tight.remark.split("found for ")[1].split(" %")[0])
    assert share == pytest.approx(25, abs=4)
    reach = infer_limits(made(impossible)).remark
    assert "for 100.0 % of" in reach
    assert "check that the tools can reach the answer" in reach
    assert "--presses" not in reach


def test_what_a_short_search_has_not_tried_is_not_called_missing(monkeypatch):
    monkeypatch.setattr("inwit.training.limits.BUDGET", (600, 600, 600))
    remark = infer_limits(made(products)).remark
    assert "training searches further; if in vain, check that the tools" in remark
    assert "there is none" not in remark
