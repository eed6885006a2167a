"""Wrong targets: one line, what is there or the nearest choice, exit code 2, no traceback."""

import json

import pytest

from inwit.cli.main import main

FILES = {
    "rewards.py": "def score(reply, row):\n    return 0.0\n\n\ndef other(reply):\n    return 0.0\n",
    "raising.py": "1 / 0\n",
    "missing.py": "import nothing_like_it\n",
    "syntax.py": "def score(reply, row) return 1\n",
    "worlds.py": "class Empty:\n    pass\n",
    "trainer.py": "def reward(completions, solution):\n    return [0.0]\n"
    "class NoReward:\n    def reset(self):\n        pass\n"
    "class Needs:\n    def reset(self, number):\n        pass\n"
    "    def get_reward(self):\n        return 0.0\n",
    "odd.jsonl": '{"q1": "a", "answer": "b"}\n',
    "list.jsonl": "[1, 2]\n",
    "text.jsonl": "nonsense\n",
    "empty.jsonl": "",
    "rows.jsonl": json.dumps({"question": "What is 1 + 1?", "answer": "2"}) + "\n",
}
DATA = ["--data", "rows.jsonl"]
WRONG = [
    (["reward.py:score", *DATA], "did you mean 'rewards.py'"),
    (["rewards.py:scor", *DATA], "did you mean 'score'"),
    (["rewards.py:other", *DATA], "must take (reply, row)"),
    (["rewards.py", *DATA], "name its function, rewards.py:score"),
    (["rewards.py:score", "--data", "row.jsonl"], "did you mean 'rows.jsonl'"),
    (["rewards.py:score", "--data", "odd.jsonl"], "no column of q1, answer is known as a question"),
    (["rewards.py:score", "--data", "list.jsonl"], "list.jsonl:1: an object"),
    (["rewards.py:score", "--data", "text.jsonl"], "text.jsonl:1: not JSON"),
    (["rewards.py:score", "--data", "empty.jsonl"], "has no rows"),
    (["rewards.py:score", *DATA, "--gold", "anser"], "did you mean 'answer'"),
    (["rewards.py:score", *DATA, "--set", "rnge=[0,1]"], "did you mean 'range'"),
    (["rewards.py:score", *DATA, "--set", "range=[1,0]"], "the lower number comes first"),
    (["raising.py:score", *DATA], "raising.py:1 in <module>: 1 / 0"),
    (["missing.py:score", *DATA], "No module named 'nothing_like_it'"),
    (["syntax.py:score", *DATA], "syntax.py:1"),
    (["gymnasium:worlds.py:Emty"], "did you mean 'Empty'"),
    (["gymnasium:worlds.py:Empty"], "no reset"),
    (["trl:trainer.py:reward", *DATA], "unknown column for reward 'solution'"),
    (["trl:trainer.py:NoReward"], "no get_reward"),
    (["trl:trainer.py:Needs", *DATA], "columns: question, answer"),
    (["trl:rewards.py:Scor", *DATA], "did you mean 'score'"),
    (["trl:jsno:dumps", *DATA], "no module 'jsno' to import; did you mean json"),
    (["trl:importlib.metadat:version", *DATA], "in importlib to import; did you mean metadata"),
    (["trl:no-module:dumps", *DATA], "'no-module' is not a module"),
    (["trl:missing:reward", *DATA], "No module named 'nothing_like_it'"),
    (["rewards.py:score", "--data", "rows"], "did you mean 'rows.jsonl'"),
    (["gymnasim:CartPole-v1"], "did you mean 'gymnasium'"),
    (["reasoning-gym:"], "is not a target: give one of"),
    (["rewards.py:score", *DATA, "--items", "2"], "at least 4"),
    (["rewards.py:score", *DATA, "--levels", "1"], "--levels is for tasks of inwit"),
    (["reasoning-gym:chain_sum", *DATA], "unknown option of reasoning-gym:chain_sum 'data'"),
    (["trl:trainer.py:Needs", *DATA, "--gold", "answer"], "it is one of data, set"),
    (["stages", "--junit", "audit.xml"], "--junit is for rewards and environments"),
    (["stages", "--items", "3"], "stages is a task of inwit"),
    (["memory-length"], "memory-length is an environment of inwit, which is not audited: give gym"),
    (["memory-lenth"], "unknown task 'memory-lenth'"),
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=lambda each: " ".join(each)[:60])
def test_a_wrong_target_is_one_line(arguments, words, capsys):
    with pytest.raises(SystemExit) as left:
        main(["audit", *arguments])
    printed = capsys.readouterr()
    assert left.value.code == 2
    assert (printed.out, len(printed.err.splitlines())) == ("", 1)
    assert words in printed.err
    assert "Traceback" not in printed.err
