"""What the tests of learning share: an agent that has learnt the stages as a user has it."""

import pytest

from inwit.agent import train
from inwit.recipes import RECIPES, SEARCH
from tests.conftest import as_long_as_a_users


@pytest.fixture(scope="session")
def learnt_stages(tmp_path_factory):
    """An agent of the default command, and its run folder."""
    out = tmp_path_factory.mktemp("stages") / "run"
    with as_long_as_a_users():
        return train(RECIPES["stages"]().but(search=SEARCH, out=out)), out
