"""Questions that are like no drawn prompt: words of the task, operands, and what is neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import inwit
from inwit.errors import InvalidOption, InvalidProblem
from inwit.tasks.reading import Reader
from inwit.tools import ObjectTable

CITIES = ["Rome", "New York", "Bank of England"]


def problem(prompt, *operands):
    return inwit.Problem(prompt=prompt, operands=operands, answer=0)


POOL = [
    *(problem("how far is {0} from {1}?", here, there) for here in CITIES for there in CITIES),
    *(
        problem("Add {0} km to the way from {1}, then stop.", n, here)
        for n in range(9)
        for here in CITIES
    ),
]


def place(text):
    """A city in capital letters."""
    if text == "raise":
        raise RuntimeError("no map")
    return text.title() if text.isupper() else None


def read(text, parse=place):
    return Reader(POOL, ObjectTable(), parse).read(text)


@pytest.mark.parametrize(
    ("text", "prompt", "operands"),
    [
        ("how far is the way from Rome", "how far is the way from {0}", ("Rome",)),
        ("from Rome to New York, how far?", "from {0} to {1}, how far?", ("Rome", "New York")),
        ("from Bank of England to PARIS", "from {0} to {1}", ("Bank of England", "Paris")),
        ("from ST GALLEN to 7 km", "from {1} to {0} km", (7.0, "St Gallen")),
        ("from Rome to Rome", "from {0} to {0}", ("Rome",)),
        ("Add 1,000 km from Rome?", "Add {0} km from {1}?", (1000.0, "Rome")),
        ("ADD 3 km, then stop", "Add {0} km, then stop.", (3.0,)),
        ("how   far\tis Rome?", "how far is {0}?", ("Rome",)),
        ("how far? (also given: Rome, 4)", "how far?", (4.0, "Rome")),
    ],
)
def test_words_that_are_known_and_the_operands_between_them(text, prompt, operands):
    found = read(text)
    assert (found.problem.prompt, found.problem.operands) == (prompt, operands)
    assert found.problem.answer is None
    assert found.note.startswith(f"like no drawn prompt: read as '{prompt}' with {{0}} = ")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("how far is Berne", "the task does not know 'Berne'"),
        ("how farr is Rome", "the task does not know 'farr' (did you mean 'far'?)"),
        ("how far", "it has no operand"),
        (
            "from Rome to New York to 7 km",
            "it would have 3 operands, 'Rome', 'New York', '7', and the task has at most 2",
        ),
        ("how far is raise", "'raise' is not an operand: RuntimeError: no map"),
        ("PARIS", "is like none of the 2 prompts"),
        ("", "is like none of the 2 prompts"),
    ],
)
def test_what_cannot_be_read_is_named(text, reason):
    with pytest.raises(InvalidProblem, match="is like none of the 2 prompts of this task") as told:
        read(text)
    assert reason in str(told.value)


def test_without_a_way_to_read_them_unknown_words_are_refused():
    with pytest.raises(InvalidProblem, match="the task does not know 'PARIS'"):
        read("from Rome to PARIS", parse=None)


WORDS = ["how", "far", "is", "from", "to", "the", "way", "km"]
PARTS = st.lists(st.sampled_from([*WORDS, *CITIES]), min_size=1, max_size=12)


@given(PARTS)
def test_every_order_of_words_and_operands_is_read_as_it_stands(parts):
    named = list(dict.fromkeys(part for part in parts if part in CITIES))
    if not 0 < len(named) <= 2 or set(parts) <= set(CITIES):
        return
    found = read(" ".join(parts))
    wanted = [f"{{{named.index(part)}}}" if part in named else part for part in parts]
    drawn = found.problem.question() in {each.question() for each in POOL}
    assert drawn or found.problem.prompt == " ".join(wanted)
    assert found.problem.operands == tuple(named)


def test_an_operand_whose_place_leaves_a_gap_is_refused():
    reader = Reader([problem("{0} {1} at {2}", 3, 4, "Rome")], ObjectTable())
    with pytest.raises(InvalidProblem, match=r"have 'Rome' as \{2\}, and \{1\} is not given"):
        reader.read("at Rome 3")


def test_what_reads_operands_must_be_a_function_and_its_errors_name_the_words():
    with pytest.raises(InvalidOption, match="parse is the int 7: a function from text"):
        inwit.task(tools=[], parse=7)
    with pytest.raises(
        InvalidProblem, match=r"is like none .* 'ten' is not an operand: InvalidOption"
    ):
        read("from Rome to ten", parse=lambda text: [text])
