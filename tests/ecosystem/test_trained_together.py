"""Two processes train one language model: problems and rewards are right on both."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from inwit.llm import Toolbox, demonstrations, prompt_rows
from inwit.llm.prompts import draw
from inwit.llm.tiny import tiny_model, tiny_tokenizer, warm_up

pytest.importorskip("trl")
WORKER = Path(__file__).with_name("trained_together.py")
LAUNCH = [
    *(sys.executable, "-m", "accelerate.commands.accelerate_cli", "launch", "--multi_gpu"),
    *("--num_processes", "2", "--num_machines", "1", "--main_process_port", "0"),
    *("--mixed_precision", "no", "--dynamo_backend", "no"),
]
"""`accelerate launch`: with --cpu it would start one process, whatever their number."""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning:transformers")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:transformers")
def test_two_processes_are_paid_for_problems_of_their_own(tmp_path):
    chats = demonstrations("expressions", 300, level=1)
    tokenizer = tiny_tokenizer(chats)
    model = tiny_model(tokenizer)
    warm_up(model, tokenizer, chats, steps=50)
    for part in (model, tokenizer):
        part.save_pretrained(tmp_path / "model")
    out = tmp_path / "run"
    out.mkdir()
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*LAUNCH, str(WORKER), str(tmp_path / "model"), str(out)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    noted = [
        [json.loads(line) for line in (out / f"rank{rank}.jsonl").read_text().splitlines()]
        for rank in range(2)
    ]
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    steps = [line for line in lines if line["part"] == "trained"]
    toolbox = Toolbox("expressions")
    rows = prompt_rows(toolbox, 6, levels=[1])
    asked = [toolbox.task.describe(draw(toolbox.task, 1, row["seed"]), 0) for row in rows]
    assert len({*asked}) == 6
    for step, line in enumerate(steps):
        here, there = ([row for row in rows if row["step"] == step] for rows in noted)
        assert [len(here), len(there)] == [8, 8]  # half of the batch each: one group
        questions = [{row["asked"] for row in rows} for rows in (here, there)]
        assert questions == [{asked[2 * step]}, {asked[2 * step + 1]}]
        for row in here + there:
            assert row["paid"] == (row["answer"] == eval(row["asked"]))
        groups = [{row["paid"] for row in rows} for rows in (here, there)]
        assert line["no_signal"] == sum(len(group) == 1 for group in groups) / 2
        assert line["reward"] == pytest.approx(sum(row["paid"] for row in here + there) / 16)
    saved = [json.loads(line) for line in (out / "saved.jsonl").read_text().splitlines()]
    assert len(saved) == len(lines)
    assert all({"rng_state_0.pth", "rng_state_1.pth", "whole"} <= {*names} for names in saved)
    assert len(steps) == 3
    assert any(row["paid"] for rows in noted for row in rows)
    assert not all(row["paid"] for rows in noted for row in rows)
