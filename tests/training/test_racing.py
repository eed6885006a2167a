"""A short race decides whether the agent needs a memory; it is the same for every seed."""

import random
from dataclasses import dataclass, replace

import pytest

import inwit
from inwit.errors import UnknownName
from inwit.policies import GRU
from inwit.recipes import own_task, stages
from inwit.training.choosing import choose
from inwit.training.loop import Training
from inwit.training.racing import LEARNT, WITHOUT_MEMORY, Race, _learnt, race
from inwit.training.run_folder import RunFolder
from tests.conftest import as_long_as_a_users
from tests.tiers import few_fast


def step(name, by):
    @inwit.tool(name=name)
    def move(walker: tuple) -> tuple:
        place, goal = walker
        return (max(0, min(4, place + by)), goal)

    return move


@inwit.task(tools=[step("left", -1), step("right", 1)], presses=8, memory=0, once=False, sees=tuple)
def seen(draw: random.Random) -> inwit.Problem:
    """All that matters is seen: where it is, and where it has to be."""
    place, goal = draw.sample(range(5), 2)
    return inwit.Problem(prompt="{0}", operands=((place, goal),), answer=(goal, goal))


def plainly(draw: random.Random) -> inwit.Problem:
    a = draw.randrange(999)
    return inwit.Problem(prompt="{0}", operands=(a,), answer=a)


@dataclass(frozen=True)
class Card:
    """A card, and below it a blank one."""

    colour: int
    below: bool = False


@inwit.tool
def turn(card: Card) -> Card:
    return replace(card, below=True)


def naming(colour):
    @inwit.tool(name=f"name{colour}")
    def name(card: Card) -> int:
        if not card.below:
            raise ValueError("it is still seen")
        return colour

    return name


def see(shown):
    return (-1 if not isinstance(shown, Card) or shown.below else shown.colour,)


@inwit.task(tools=[turn, *map(naming, range(3))], presses=4, memory=0, once=True, sees=see)
def hidden(draw: random.Random) -> inwit.Problem:
    """What was seen has to be remembered."""
    card = Card(draw.randrange(3))
    return inwit.Problem(prompt=f"{draw.randrange(9)} {{0}}", operands=(card,), answer=card.colour)


def chosen(task, **options):
    return choose(own_task(task).but(**options), task)


@pytest.fixture(scope="module")
def walking():
    with as_long_as_a_users():
        return chosen(seen)


@pytest.mark.slow
def test_where_all_that_matters_is_seen_the_network_has_no_memory(walking):
    assert walking.recipe.policy == WITHOUT_MEMORY["policy"]
    assert walking.race.without_memory >= LEARNT
    assert walking.race.with_memory is None
    assert str(walking).endswith(f", {walking.race}")


@pytest.mark.slow
def test_where_something_has_to_be_remembered_it_has_one():
    choice = chosen(hidden)
    assert isinstance(choice.recipe.policy, GRU)
    assert choice.race.without_memory < LEARNT


@pytest.mark.slow
def test_a_race_has_a_seed_of_its_own_and_makes_no_search(walking, monkeypatch):
    made = []

    class Recorded(Training):
        def __init__(self, recipe):
            super().__init__(recipe)
            made.append(self)

    monkeypatch.setattr("inwit.training.racing.Training", Recorded)
    again = race(own_task(walking.recipe.task).but(seed=7), walking.limits.search)
    assert again == walking.race  # of seed 0
    assert [each.recipe.seed for each in made] == [0]
    assert made[0].searched


@pytest.mark.slow
def test_a_run_folder_holds_the_network_and_a_stated_one_stands(walking, tmp_path):
    recipe = walking.recipe.but(updates=1, batch=8, search=0, out=tmp_path / "run")
    assert choose(recipe, seen).race is None  # it is not held twice
    assert choose(own_task(seen).but(policy="gru", updates=1), seen).race is None
    inwit.train(recipe)
    assert RunFolder(tmp_path / "run").recipe(seen).policy == WITHOUT_MEMORY["policy"]


@pytest.mark.slow
def test_an_option_of_another_part_leaves_the_race(walking):
    asked = own_task(seen).but(**{"learner.entropy_weight": 0.02})
    choice = choose(asked, seen)
    assert choice.stated
    assert choice.recipe.policy == choice.race.winner == WITHOUT_MEMORY["policy"]
    assert choice.recipe.learner == asked.learner
    smaller = WITHOUT_MEMORY["optimiser.learning_rate"]
    assert choice.recipe.optimiser == replace(asked.optimiser, learning_rate=smaller)


def test_a_run_that_is_too_short_has_no_race():
    assert race(own_task(seen).but(updates=49), None) is None


@pytest.mark.parametrize(
    ("without", "remembers", "wins"),
    [
        (0.96, None, True),
        (0.4, None, False),
        (0.7, 0.55, True),
        (0.7, 0.65, False),
        (0.94, 0.91, True),
        (0.7, 0.8, False),
    ],
)
def test_who_wins(without, remembers, wins, monkeypatch):
    def learnt(recipe, search, updates):
        assert updates == 60
        return without if recipe.policy == WITHOUT_MEMORY["policy"] else remembers

    monkeypatch.setattr("inwit.training.racing._learnt", learnt)
    raced = race(own_task(seen), None)
    assert (raced.winner == WITHOUT_MEMORY["policy"]) == wins
    assert raced.with_memory == remembers


@pytest.mark.parametrize(
    ("share", "last"), few_fast([(0.4, 20), (0.6, 40), (0.96, 10)], 2, many=True)
)
def test_a_network_of_which_too_little_is_known_gets_as_many_updates_again(
    share, last, monkeypatch
):
    looks = []

    def looked(policy, environment, seed, update):
        looks.append(update)
        return share

    monkeypatch.setattr("inwit.training.racing.greedy", looked)
    assert _learnt(own_task(seen).but(batch=8, search=0), None, 20) == share
    assert looks == list(range(10, last + 1, 10))


def test_what_is_seen_of_a_prompt_alone_needs_no_race(monkeypatch):
    monkeypatch.setattr("inwit.training.choosing.race", None)
    alone = inwit.task(tools=[step("left", -1)], presses=4, memory=0, once=False, sees="operands")
    assert chosen(alone(plainly)).race is None


def test_only_tasks_of_ones_own_race():
    assert own_task(seen).race
    assert not own_task(seen).but(**{"policy.width": 32}).race
    assert own_task(seen).but(policy="gru", race=True).race
    with pytest.raises(UnknownName, match="unknown option of task stages 'race'"):
        stages().but(race=True)


def test_a_race_in_words():
    lost = Race(winner=GRU(), without_memory=0.25)
    assert str(lost) == "a network without memory soon solves 25.0 %: gru is chosen"
    assert ", one with memory 90.0 %: gru" in str(replace(lost, with_memory=0.9))
