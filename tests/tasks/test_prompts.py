"""A prompt is a template: what is read of it, and that nothing of it is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inwit.errors import InvalidOption
from inwit.tasks.prompts import Problem, is_gap, join_prompt, place_of, split_prompt
from inwit.tools import ObjectTable

PIECE = st.sampled_from(
    [
        *("{0}", "{1}", "{2}", "{{", "}}", "{{0}}", " ", "  ", "\n", "\t", "\u00a0"),
        *("add", "to", ",", ".", "$", "(", ")", '"', "'", "%", "ü", "\u4e00", "\\", "1"),
    ]
)
TEMPLATE = st.lists(PIECE, max_size=12).map("".join)
VALUES = st.one_of(st.integers(0, 99), st.sampled_from(["{0}", "a b", "007", "\n", "}"]))


@given(TEMPLATE)
def test_the_symbols_of_a_prompt_keep_every_character(prompt):
    symbols = split_prompt(prompt)
    assert join_prompt(symbols) == prompt
    assert "" not in (symbols[:1], symbols[-1:])
    words = [each for each in symbols if not is_gap(each) and place_of(each) is None]
    assert not any(map(str.isspace, "".join(words)))


@given(TEMPLATE)
def test_different_prompts_have_different_symbols(prompt):
    for other in (prompt + " ", " " + prompt, prompt.replace(" ", "  "), prompt.replace(" ", "")):
        assert (split_prompt(other) == split_prompt(prompt)) == (other == prompt)


@given(TEMPLATE, st.tuples(VALUES, VALUES, VALUES))
def test_a_question_is_what_python_makes_of_the_template(prompt, operands):
    problem = Problem(prompt=prompt, operands=operands, answer=1)
    expected = prompt.format(*map(str, operands))
    hidden = [str(operands[place]) for place in problem.hidden]
    told = f" (also given: {', '.join(hidden)})" if hidden else ""
    assert problem.question() == expected + told


@given(st.text(alphabet="{}01 a:.!", max_size=8))
def test_a_template_that_python_cannot_read_is_refused_and_others_are_not(prompt):
    problem = Problem(prompt=prompt, operands=(5, 6), answer=1)
    try:
        pythons = prompt.format("5", "6")
    except (ValueError, IndexError, KeyError, AttributeError):
        pythons = None
    try:
        problem.check(ObjectTable())
        ours = problem.question().partition(" (also given")[0]
    except InvalidOption:
        ours = None
    if ours is None:  # Python also reads {}, {00} and formats, which a prompt has no use for
        strange = {"{}", ":", "!", "{00}", "{01}", "{10}", "{11}"}
        assert pythons is None or any(each in prompt for each in strange)
    else:
        assert ours == pythons


@pytest.mark.parametrize(
    ("prompt", "symbols"),
    [
        ("Add {0}, ${1} and stop.", "Add|{0}||,|$||{1}|and|stop."),
        ("({2})", "(||{2}||)"),
        ("{0}{1}", "{0}||{1}"),
        ("{0} {1} in metres", "{0}|{1}|in|metres"),
        ("the set {{{0}, 7}}", "the|set|{{||{0}||,|7}}"),
        ("one\ntwo", "one|\n|two"),
        ("it says {{0}}", "it|says|{{0}}"),
    ],
)
def test_the_agent_sees_places_apart_from_what_stands_beside_them(prompt, symbols):
    assert split_prompt(prompt) == symbols.split("|")


@pytest.mark.parametrize(
    ("prompt", "given", "due"),
    [
        ("Add {0}} now", "}", "}}"),
        ("Add {one}", "{one}", "{{one}}"),
        ("Add {0:.2f}", "{0:.2f}", "{{0:.2f}}"),
        ("Add {}", "{}", "{{}}"),
        ("the set {1, 2} and {0}", "{1, 2}", "{{1, 2}}"),
        ("{", "{", "{{"),
    ],
)
def test_a_brace_that_is_no_place_is_told_with_what_is_right(prompt, given, due):
    with pytest.raises(InvalidOption) as told:
        Problem(prompt=prompt, operands=(1, 2), answer=3).check(ObjectTable())
    position = prompt.index(given, prompt.find("{0}") + 3 if given == "}" else 0) + 1
    assert f"holds {given} at character {position}" in str(told.value)
    assert str(told.value).endswith(f"literal brace: {due}")


@pytest.mark.parametrize("where", ["prompt", "operands", "answer"])
def test_half_a_character_is_refused(where):
    good = {"prompt": "say {0}", "operands": ("a",), "answer": "b"}
    half = ("\ud800",) if where == "operands" else "\ud800"
    with pytest.raises(InvalidOption, match="half a character"):
        Problem(**good | {where: half}).check(ObjectTable())
