"""`carry_over`: statistics against figures by hand, records, resumption, and the variants."""

import json
import re
from dataclasses import asdict
from xml.etree import ElementTree

import pytest
import torch

import carry_over
import carry_over_report as report
from carry_over_variants import variants
from inwit.environment import Environment
from inwit.evaluation.scores import score
from inwit.policies import Scripted
from tests.tiers import few_fast

FILES = [carry_over.FOLDER / name for name in (carry_over.AUDITS, carry_over.SMALL)]


def run(variant="v", seed=0, right=1.0, episodes=640, failure="solved"):
    return report.Run(
        variant=variant,
        seed=seed,
        right=right,
        paid=right,
        called=1.0,
        lured=0.0,
        episodes=episodes,
        failure=failure,
        curve=[right] * 20,
        cpu_seconds=1.0,
    )


def test_rank_correlation_against_figures_by_hand():
    assert report.ranks([10, 30, 20, 30]) == [1, 3.5, 2, 3.5]
    # Differences of ranks 1, 1, 1, 1, 0: 1 - 6 * 4 / (5 * 24)
    assert report.spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]) == pytest.approx(0.8)
    assert report.spearman([1, 2, 3], [9, 4, 1]) == pytest.approx(-1)
    # Ranks 1.5, 1.5, 3 and 1, 2, 3: covariance 1.5, variances 1.5 and 2
    assert report.spearman([0, 0, 7], [1, 2, 3]) == pytest.approx(1.5 / 3**0.5)
    assert report.spearman([1, 1, 1], [1, 2, 3]) == 0


def test_agreement_beyond_chance_against_figures_by_hand():
    first, second = list("aabb"), list("abbb")
    assert report.agreement(first, second) == (0.75, 0.5)
    assert report.kappa(first, second) == 0.5
    assert report.kappa(first, first) == 1


@pytest.mark.slow
def test_an_interval_holds_the_statistic_and_is_the_same_again():
    pairs = [(x, x + 3 * (-1) ** x) for x in range(20)]
    low, high = report.interval(pairs, report.correlated)
    assert low < report.correlated(pairs) < high <= 1
    assert (low, high) == report.interval(pairs, report.correlated)


def test_speed_is_where_a_window_passes_the_level():
    assert report.until([0.0] * 6 + [1.0] * 4, 64) == 8 * 64  # two of five windows' updates
    assert report.until([0.39] * 10, 64) == 640


@pytest.mark.parametrize(
    ("shares", "wanted"),
    [
        ((0.9, 0.9, 1.0, 0.0), "solved"),
        ((0.9, 0.9, 0.1, 0.0), "copied"),
        ((0.3, 0.6, 1.0, 0.0), "paid wrong"),
        ((0.4, 0.4, 1.0, 0.9), "lured"),
        ((0.4, 0.4, 1.0, 0.1), "partly"),
        ((0.1, 0.1, 1.0, 0.0), "nothing"),
    ],
)
def test_how_a_run_ends(shares, wanted):
    names = ("right", "paid", "called", "lured")
    assert report.failure(**dict(zip(names, shares, strict=True))) == wanted


def test_runs_of_a_variant_are_joined():
    runs = [run(right=0.2, seed=1, failure="partly"), run(seed=0), run(right=0.9, seed=2)]
    joined = report.middles(runs)["v"]
    assert (joined.right, joined.failure) == (0.9, "solved")
    assert [each.seed for each in joined.runs] == [0, 1, 2]
    assert report.said(joined) == "20% to 100%, 640, solved"


def test_a_cut_run_goes_on_where_it_stopped(tmp_path):
    path, made = tmp_path / "runs.jsonl", []

    def measured(variant, seed):
        made.append((variant, seed))
        if len(made) == 3:
            raise KeyboardInterrupt
        return run(variant, seed)

    chosen = {"a": "a", "b": "b"}
    with pytest.raises(KeyboardInterrupt):
        carry_over.measure(path, chosen, [0, 1], measured)
    assert carry_over.missing(path, chosen, [0, 1]) == [("a", 1), ("b", 1)]
    carry_over.measure(path, chosen, [0, 1], measured)
    assert made == [("a", 0), ("b", 0), ("a", 1), ("a", 1), ("b", 1)]
    assert [each.variant for each in report.read_runs(path)] == ["a", "b", "a", "b"]


def test_an_answer_is_judged_by_what_was_asked():
    variant = variants()["lure_40"]
    lure = variant.lure(7)
    judged = carry_over.ending(variant, "double flip 7", lure, 86, paid=False, called=True)
    assert judged.lured
    assert judged.right == (lure == 86)
    right = carry_over.ending(variant, "double flip 7", "86", 86.0, paid=True, called=True)
    assert right.right
    assert not carry_over.ending(
        variant, "double flip 7", None, 86.0, paid=False, called=False
    ).right


@pytest.mark.parametrize("name", few_fast(variants(), 0, 9, 18, 20))
def test_the_stated_programs_are_right(name):
    variant = variants()[name]
    task = variant.task
    level = torch.tensor([*task.levels] * 40)
    problems = task.sample(level, torch.Generator().manual_seed(0))
    stated = (problems.oracle >= 0).any(1) & (problems.oracle != Environment(task).padding).any(1)
    assert bool(stated.any()) == variant.learnable
    if not variant.learnable:
        return
    known = problems.select(stated.nonzero()[:, 0])
    found = score(Scripted(known.oracle.T), Environment(task), known).accuracy
    assert found == 1 if variant.kind != "failing" else found > 0.4


@pytest.mark.parametrize(
    "name", few_fast([name for name in variants() if name.startswith("paid")], 0)
)
def test_a_verifier_that_pays_a_wrong_program_fails_its_audit(name):
    found = carry_over.audited(variants()[name])
    assert found.verdict == "fail"
    assert any(each.startswith("fail: verifier") for each in found.findings)


def test_sub_goals_are_the_values_on_the_way():
    task = variants()["shaped"].task
    problems = task.sample(torch.tensor([0]), torch.Generator().manual_seed(0))
    number = float(problems.operands[0, 0])
    values, earned = task.subgoals(problems)
    assert values.tolist() == [[2 * number, 2 * number + 1]]
    assert earned.tolist() == [pytest.approx([1 / 3, 2 / 3])]


def test_the_forecasts_are_whole_and_follow_from_their_curves():
    audits, runs = report.read_audits(FILES[0]), report.read_runs(FILES[1])
    assert set(audits) == set(variants())
    assert {(each.variant, each.seed) for each in runs} == {
        (name, seed) for name in variants() for seed in range(3)
    }
    for each in runs:
        shares = {name: getattr(each, name) for name in ("right", "paid", "called", "lured")}
        assert each.failure == report.failure(**shares)
        assert each.episodes == report.until(each.curve, report.BATCH)


def test_the_report_compares_what_was_recorded(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "RESAMPLES", 200)
    path = tmp_path / "model.jsonl"
    forecasts = report.middles(report.read_runs(FILES[1]))
    runs = [
        run(name, right=each.right, episodes=round(each.episodes), failure=each.failure)
        for name, each in forecasts.items()
    ]
    path.write_text("".join(json.dumps(asdict(each)) + "\n" for each in runs))
    text = report.report(*FILES, path, {"unreachable"})
    agreed = re.findall(r"small agent[^|]* \| (\S+) \|", text)
    assert agreed == ["1.00"] * 6  # twice three rows: the outcomes were set to the forecasts
    assert "End alike" not in text
    assert "They end alike in 100%" in text
    carried = report.Carried(audits={}, small=forecasts, model=report.middles(runs))
    picture = ElementTree.fromstring(report.scatter(carried))
    assert len(picture.findall("{*}circle")) == len(variants())
