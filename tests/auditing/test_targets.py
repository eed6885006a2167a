import pytest

from inwit.auditing.targets import read_target
from inwit.errors import InwitError
from tests.auditing.conftest import GRADERS


def test_targets_are_read():
    target = read_target(f"{GRADERS}:sound", {"data": str(GRADERS)})
    assert (target.format, target.reference) == ("function", f"{GRADERS}:sound")
    assert target.paths == (str(GRADERS.parent),)
    target = read_target("reasoning-gym:chain_sum", {"set": {"min_terms": "2"}})
    assert (target.format, target.reference) == ("reasoning_gym", "chain_sum")
    assert target.options == {"set": {"min_terms": "2"}}
    target = read_target(f"trl:{GRADERS}:sound,substring")
    assert (target.format, target.reference) == ("trl", f"{GRADERS}:sound,substring")


@pytest.mark.parametrize(
    "name", ["stages", "own.py", "own.py:mine", "task:reasoning-gym:chain_sum"]
)
def test_tasks_of_ours_are_no_targets(name):
    assert read_target(name) is None


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("reasoning-gim:x", {}, ["reasoning-gim", "did you mean 'reasoning-gym'"]),
        ("reasoning-gym:", {}, ["is not a target"]),
        (f"{GRADERS.parent}/grader.py:sound", {"data": __file__}, ["grader.py", "graders.py"]),
        (f"{GRADERS}:sound", {"data": "no/such.jsonl"}, ["no no/such.jsonl", "nothing like it"]),
    ],
)
def test_what_is_no_target_is_refused_with_the_nearest(name, options, words):
    with pytest.raises(InwitError) as error:
        read_target(name, options)
    assert all(word in str(error.value) for word in words)
