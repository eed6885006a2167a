"""A pretrained model on variants of `carry_over`: one run with the tiny model, and the table."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

pytest.importorskip("trl")
pytest.importorskip("peft")

import carry_over_pretrained as pretrained
from carry_over import FOLDER, MODEL, SMALL
from carry_over_report import Run
from carry_over_variants import variants

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
SMALLEST = {"lora": 0, "random": 16, "steps": 2, "warm_up_rate": 1e-2}


def made(variant, right, curve):
    shares = {"right": right, "paid": right, "called": 1.0, "lured": 0.0}
    return Run(
        variant=variant,
        seed=0,
        **shares,
        episodes=8 * len(curve),
        failure="partly",
        curve=curve,
        cpu_seconds=1.0,
    )


def test_a_run_is_trained_scored_and_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(pretrained, "SETTING", pretrained.SETTING | SMALLEST)
    monkeypatch.setattr(pretrained, "PROBLEMS", 4)
    run = pretrained.run_of("llm:tiny", tmp_path)(variants()["one_tool"], 0)
    assert (run.variant, run.seed, len(run.curve)) == ("one_tool", 0, 2)
    assert {run.right, run.paid, run.called} <= {0.0, 0.25, 0.5, 0.75, 1.0}
    lines = map(json.loads, (tmp_path / "one_tool-0" / "metrics.jsonl").read_text().splitlines())
    kept = [each["reward"] for each in lines if each["part"] == "trained"]
    assert run.curve == [round(each, 4) for each in kept]
    assert (tmp_path / "one_tool-0" / "trained" / "config.json").exists()


def test_the_table_has_the_three_agents_side_by_side(tmp_path):
    for name, right in ((SMALL, 1.0), (MODEL, 0.5), (pretrained.PRETRAINED, 0.25)):
        runs = [made("leak", right, [0.0] * 5), made("unreachable", 0.0, [0.0] * 5)]
        if name == pretrained.PRETRAINED:
            runs = runs[:1]
        (tmp_path / name).write_text("\n".join(json.dumps(asdict(each)) for each in runs))
    rows = pretrained.table(tmp_path).splitlines()
    assert len(rows) == 3
    assert rows[2].startswith("| leak | 100%, ")
    assert rows[2].endswith("| 25%, never, partly |")


def test_the_table_of_the_page_is_that_of_the_records():
    page = Path(__file__).parents[2] / "docs" / "carry_over.md"
    assert pretrained.table(FOLDER) in page.read_text()
