"""Every network but the ensemble presses in the browser as it does in Python."""

import json
import re

import pytest

from inwit.playground.episodes import episode
from inwit.playground.export import POLICIES
from inwit.playground.forecast import fit_forecast
from inwit.policies import Architecture
from tests.playground.exported import FEW, same
from tests.tiers import few_daily

ASKED = {
    "stages": ("3*7+2", "(3*7+2)-4", "(3*7+2)-(4*5)"),
    "expressions": ("3*7+2-4*5", "2-(4-1*5)*3"),
    "expressions-prompt": ("3*7+2-4*5", "(1-2)*(3-4)+9"),
}
READERS = ("bag", "recurrent", "text", "attentive")
CASES = [
    *(("stages", "gru", reader) for reader in READERS),
    *(("expressions-prompt", "pointer", reader) for reader in READERS),
    ("stages", "aggregated", "text"),
    ("expressions", "aggregated", "bag"),
    ("stages", "memoryless", ""),
    ("expressions", "memoryless", ""),
    ("stages", "transformer", ""),
    ("expressions", "transformer", ""),
    ("stages", "feedforward", ""),
    ("expressions", "feedforward", ""),
]


def test_only_the_ensemble_has_no_twin():
    built_in = {
        kind for kind in Architecture.registered.values() if kind.__module__.startswith("inwit.")
    }
    assert {kind.name for kind in built_in - set(POLICIES)} == {"ensemble"}


@pytest.mark.parametrize(
    ("task", "policy", "reader"), few_daily(CASES, *range(0, len(CASES), 2), many=True)
)
def test_it_presses_as_in_python(pressed, make_agent, task, policy, reader):
    """Whole records: with all that there is, without the prompt or a tool, with a cleared state."""
    options = {"policy.reader": reader} if reader else {}
    agent = make_agent(task, policy=policy, **{"policy.width": 16}, **options)
    forecast = fit_forecast(agent, FEW)
    off = ["symbol" if task == "expressions" else "prompt", "ADD", "state"]
    asked = [
        (text, {"off": each}) for text in ASKED[task] for each in ([], *([one] for one in off))
    ]
    made = pressed(agent, asked)
    for (text, changes), found in zip(asked, made, strict=True):
        expected = episode(agent, text, off=changes["off"], forecast=forecast)
        same(found, json.loads(json.dumps(expected.to_json())))


@pytest.mark.parametrize("by_rank", [False, True])
def test_operand_keys_are_scored_by_rank(pressed, make_agent, by_rank):
    agent = make_agent("stages", policy="feedforward", **{"policy.by_rank": by_rank})
    forecast = fit_forecast(agent, FEW)
    texts = ASKED["stages"]
    for text, found in zip(texts, pressed(agent, [[each, {}] for each in texts]), strict=True):
        expected = episode(agent, text, forecast=forecast)
        same(found, json.loads(json.dumps(expected.to_json())))


@pytest.mark.parametrize(
    ("policy", "options"),
    [
        ("feedforward", {"policy.by_rank": True}),
        ("gru", {"waves": False}),
        ("pointer", {}),
        ("transformer", {}),
        ("aggregated", {"blind": True}),
    ],
)
def test_countdown_is_played_as_in_python(pressed, make_agent, policy, options):
    """The numbers that are left, the target, the display and the memory are seen there, too."""
    agent = make_agent("countdown", policy=policy, **options)
    forecast = fit_forecast(agent, FEW)
    texts = ["4 7 8 8 -> 24", "8, 3, 8 = 24", "1 99 50 7 → 100", "2 3 5 -> 30"]
    asked = [
        (text, {"off": off}) for text in texts for off in ([], ["ADD"], ["prompt"], ["SUB", "ADD"])
    ]
    for (text, changes), found in zip(asked, pressed(agent, asked), strict=True):
        expected = episode(agent, text, off=changes["off"], forecast=forecast)
        same(found, json.loads(json.dumps(expected.to_json())))


def test_what_is_no_countdown_is_told_in_the_same_words(pressed, make_agent):
    texts = ["", "3*7", "1 2 -> 30", "1 2 3 4 5 -> 30", "0 2 3 -> 30", "1 2 3 -> 7", "1 2 3 -> x"]
    agent = make_agent("countdown")
    for text, found in zip(texts, pressed(agent, [[text, {}] for text in texts]), strict=True):
        with pytest.raises(ValueError, match=f"^{re.escape(found['error'])}$"):
            episode(agent, text)
