"""Three of the 24 tasks of a new user, learnt by the default command."""

import pytest

import own_tasks
from tests.tiers import few_daily

pytestmark = pytest.mark.learning


@pytest.mark.parametrize("task", few_daily(["lookups", "money", "stack_language"], 0, 1))
def test_a_task_as_a_new_user_writes_it_is_learnt_at_the_first_try(task, tmp_path):
    outcome = own_tasks.measure(task, 1, tmp_path)
    assert outcome.error == ""
    assert len(outcome.accuracy) > 1
    assert min(outcome.accuracy) >= own_tasks.ACCURACY
