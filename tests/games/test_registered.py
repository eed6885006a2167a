"""`gymnasium:ID` before it is opened, which needs no Gymnasium."""

from math import inf, nan

import numpy as np
import pytest

from inwit.errors import InvalidOption
from inwit.games.registered import Registered

ITSELF: dict[str, object] = {}
ITSELF["again"] = ITSELF


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"size": 4, "map": np.array([1])}, r"map is array\(\[1\]\), give what JSON has: finite"),
        ({"size": 4, "map": {1, 2}}, r"map is \{1, 2\}, give what JSON has"),
        ({"map": ITSELF}, "map is .*, give what JSON has"),
        ({"limit": inf}, "limit is inf, give what JSON has"),
        ({"noise": {"low": [nan]}}, "noise is .*nan.*, give what JSON has"),
        ({"size": (4, 4)}, r"size is \(4, 4\), give what JSON has"),
        ({"names": {1: "a"}}, "names is .*, give what JSON has: .* dicts by texts"),
        ('{"limit": Infinity}', "limit is inf, give what JSON has"),
        ("{bad", r'^--arguments \'\{bad\': give JSON such as \{"size": 4\}$'),
        ("[1]", "give JSON such as"),
        ("[" * 100_000, "give JSON such as"),
    ],
)
def test_arguments_that_are_not_json_are_refused(arguments, told):
    with pytest.raises(InvalidOption, match=told):
        Registered(id="Own-v0", arguments=arguments)


def test_a_dict_and_its_json_are_the_same():
    given = {"size": 4, "map": [[1, None], "a"], "noise": {"low": 0.5}}
    made = Registered(id="Own-v0", arguments=given)
    assert made == Registered(id="Own-v0", arguments=made.arguments)
    assert Registered(id="Own-v0").arguments == ""
