"""A language model is trained on a task by the command line: demonstrations, GRPO, scores."""

import json
from dataclasses import replace

import pytest
import torch

from inwit.cli.main import main
from inwit.llm import Toolbox, environment_factory

pytest.importorskip("trl")

from inwit.llm.chat_form import IGNORED, fit_for_tools, labelled
from inwit.llm.demonstrations import demonstrations
from inwit.llm.episode import Episode
from inwit.llm.local import read_model
from inwit.llm.recipe import ModelRecipe
from inwit.llm.tiny import tiny_tokenizer
from inwit.llm.training import TRAINED, WARM_UP, train_part
from inwit.llm.watching import Watch

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
TINY = ["--agent", "llm:tiny", "--lora", "0", "--warm-up-rate", "1e-2", "--learning-rate", "1e-3"]
SMALL = ["--levels", "0", "--batch", "16", "--at-once", "16", "--no-audit"]


def recipe(out, **changes):
    """A tiny model and a few steps."""
    small = {"right": 64, "random": 64, "batch": 16, "at_once": 16, "steps": 2, "levels": (0,)}
    rates = {"warm_up_rate": 1e-2, "learning_rate": 1e-3, "lora": 0}
    return ModelRecipe(agent="llm:tiny", out=out, **{**small, **rates, **changes})


def weights(folder):
    return read_model(str(folder))[0].state_dict()


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run from the command line that has learnt to use one tool."""
    out = tmp_path_factory.mktemp("run") / "tiny"
    demonstrated = ["--right", "512", "--passes", "8", "--batch", "32", "--at-once", "32"]
    options = ["--levels", "1", "--no-audit", "--steps", "3", "--count", "32"]
    main(["train", "expressions", *TINY, *demonstrated, *options, "--out", str(out)])
    return out


def test_a_run_loads_back_and_scores_what_its_table_says(trained, capsys, tmp_path):
    kept = json.loads((trained / "scores.json").read_text())
    assert kept[WARM_UP]["levels"][0]["agent"]["right"] >= 24
    assert kept[TRAINED]["levels"][0]["chance"]["right"] <= 10
    again = tmp_path / "again.json"
    agent = f"llm:{trained / TRAINED}"
    asked = ["--task", "expressions", "--lengths", "1", "--count", "32", "--json", str(again)]
    main(["evaluate", "--agent", agent, *asked])
    assert "accuracy" in capsys.readouterr().out
    read = json.loads(again.read_text())
    assert read["levels"][0]["agent"] == kept[TRAINED]["levels"][0]["agent"]
    for episode in read["episodes"]:
        assert (episode["outcome"] == "right") == (episode["answer"] == eval(episode["problem"]))


def test_a_line_of_every_step_is_kept(trained):
    lines = [json.loads(line) for line in (trained / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [*range(1, 129), 1, 2, 3]
    assert lines[127]["loss"] < 0.1 < lines[0]["loss"]
    for line in lines[128:]:
        assert line["part"] == TRAINED
        assert line["lost"] == 0
        assert 1 <= line["tools/call_frequency"] <= 8
        assert line["no_signal"] == pytest.approx(line["frac_reward_zero_std"])
        assert 0 <= line["tools/failure_frequency"] <= 1
        assert line["reward"] > 0


def test_what_is_done_is_not_done_again(trained, capsys):
    before = weights(trained / TRAINED)
    main(["resume", str(trained)])
    out = capsys.readouterr().out
    assert "warm-up 1/" not in out
    assert f"--agent llm:{trained / TRAINED}" in out
    assert same(before, weights(trained / TRAINED))


def test_adapters_go_into_the_weights(trained, tmp_path):
    """LoRA on a saved model: the folder loads back without PEFT, and its weights have changed."""
    agent, shown = f"llm:{trained / WARM_UP}", []
    small = recipe(tmp_path, lora=4, steps=1, random=0, learning_rate=1e-2)
    train_part(replace(small, agent=agent), Toolbox("stages"), WARM_UP, shown.append)
    before, after = weights(trained / WARM_UP), weights(tmp_path / WARM_UP)
    assert before.keys() == after.keys()
    changed = {name for name in before if not torch.equal(before[name], after[name].float())}
    assert any("q_proj" in name for name in changed)
    assert "warm-up: 64 demonstrations" in shown[0]


def test_training_stops_where_nothing_can_be_learnt(tmp_path):
    said = []
    nothing = recipe(tmp_path, right=0, random=16, steps=30, patience=3)
    for part in (WARM_UP, TRAINED):
        train_part(nothing, Toolbox("stages"), part, said.append)
    assert sum(line.startswith(f"{TRAINED} ") for line in said) < 30
    assert said[-1].startswith("trained stopped: for 3 steps all episodes of a problem")


def test_an_episode_that_broke_down_is_masked(monkeypatch):
    made = environment_factory(Toolbox("stages"))()
    made.reset(level=0, seed=3)
    assert made.get_reward() == 0
    with pytest.raises(ValueError, match="there is no"):
        made.episode.call("nothing", {})

    def broken(name, arguments):
        raise BrokenPipeError("no process")

    monkeypatch.setattr(made.episode, "call", broken)
    with pytest.raises(BrokenPipeError):
        made.mul(a=1, b=2)
    assert made.get_reward() is None
    assert made.failure == "BrokenPipeError: no process"
    made.reset(level=0, seed=4)
    assert made.get_reward() == 0


@pytest.mark.parametrize("lost", ["half", "all"])
def test_episodes_that_broke_down_teach_nothing(lost, trained, tmp_path, monkeypatch):
    """They are left out of the mean reward; where none is left, training stops and says why."""
    noted, said, begun, count = [], [], [], Watch.reward

    class Breaking(Episode):
        def __post_init__(self):
            super().__post_init__()
            begun.append(self)
            self.breaks = lost == "all" or len(begun) % 2 == 0

        def call(self, name, arguments):
            if self.breaks:
                raise BrokenPipeError("no process")
            return super().call(name, arguments)

    def reward(self, environments, **columns):
        noted.append([each.get_reward() for each in environments])
        return count(self, environments, **columns)

    monkeypatch.setattr("inwit.llm.trainers.Episode", Breaking)
    monkeypatch.setattr(Watch, "reward", reward)
    (tmp_path / WARM_UP).symlink_to(trained / WARM_UP)
    options = {"task": "expressions", "levels": (1,), "steps": 2, "batch": 16, "right": 8}
    few = ModelRecipe(agent="llm:tiny", out=tmp_path, lora=0, at_once=16, **options)
    train_part(few, Toolbox("expressions"), TRAINED, said.append)
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    for line, rewards in zip(lines, noted, strict=True):
        paid = [each for each in rewards if each is not None]
        assert line["lost"] == pytest.approx(1 - len(paid) / 16)
        assert line.get("reward") == (pytest.approx(sum(paid) / len(paid)) if paid else None)
    assert len(lines) == (2 if lost == "half" else 1)
    assert ("trained stopped: no episode could be played" in said[-1]) == (lost == "all")
    assert lost == "all" or 0 < lines[0]["lost"] < 1


@pytest.fixture
def plain():
    """A tokenizer whose own template has no tools."""
    tokenizer = tiny_tokenizer(demonstrations("stages", 50, level=2))
    tokenizer.chat_template, tokenizer.response_template = "{{ messages[0].content }}", None
    assert fit_for_tools(tokenizer)
    assert not fit_for_tools(tokenizer)
    return tokenizer


def test_every_call_is_read_back_in_the_form_of_other_models(plain):
    forms = pytest.importorskip("trl.chat_template_utils")
    assert forms.is_chat_template_prefix_preserving(plain)
    assert forms.is_chat_template_stop_token_trained(plain)
    for chat in demonstrations("stages", 5, level=2, programs="even"):
        for place, message in enumerate(chat):
            if message["role"] != "assistant":
                continue
            prompt = plain.apply_chat_template(
                chat[:place], add_generation_prompt=True, return_dict=False
            )
            whole = plain.apply_chat_template(chat[: place + 1], return_dict=False)
            assert whole[: len(prompt)] == prompt
            tokens = whole[len(prompt) :]
            tokens = tokens[: tokens.index(plain.eos_token_id) + 1]  # a model stops there
            said = plain.parse_response(tokens, prefix=prompt)
            assert said.get("tool_calls") == message.get("tool_calls")
            assert said.get("content", "") == message["content"]


def test_only_what_the_model_says_is_learnt(plain):
    chat = demonstrations("stages", 1, level=0)[0]
    tokens, labels = labelled(plain, chat, Toolbox("stages").schemas)
    assert len(tokens) == len(labels)
    said = plain.decode([each for each in labels if each != IGNORED])
    calls = [call["function"] for each in chat for call in each.get("tool_calls", ())]
    written = [f"{each['name']}{json.dumps(each['arguments'])}" for each in calls]
    assert said.replace("<|end|>", "") == "".join(written).replace(" ", "") + "done"


def test_a_template_that_trl_can_train_is_left_alone(plain):
    forms = pytest.importorskip("trl.chat_template_utils")
    plain.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    plain.chat_template, plain.response_template = forms.qwen2_5_chat_template, None
    assert not fit_for_tools(plain)
    assert plain.chat_template == forms.qwen2_5_chat_template
    chat = demonstrations("stages", 1, level=0)[0]
    schemas = Toolbox("stages").schemas
    tokens, labels = labelled(plain, chat, schemas)
    assert '"name": "mul"' in plain.decode(tokens)  # this template writes the schemas
    said = plain.decode([each for each in labels if each != IGNORED])
    assert said.count("<tool_call>") == 3
    assert "Solve the problem" not in said
    assert "answered" not in said


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (["--agent", "llm:/nowhere"], "no such folder or file"),
        (["--agent", "llm:https://host/v1#m"], "can be scored, but not trained"),
        (["--agent", "nothing"], "give llm:FOLDER"),
        (["--agent", "llm:tiny"], "give --lora 0"),
        ([*TINY, "--group", "5"], "a divisor of --batch"),
        ([*TINY, "--right", "-1"], "--right -1"),
        ([*TINY, "--levels", "9"], "level"),
        ([*TINY, "--levels", "0", "0"], "--levels 0 0: give each level once"),
        ([*TINY, "--levels"], "--levels: give at least one value, or leave the option out"),
        ([*TINY, "--device", "cuda:9"], "--device cuda:9 cannot be used"),
        (["--agent", "llm:HERE"], "it has no config.json"),
        (["--agent", "llm:HERE/words.txt"], "it is not a GGUF file"),
        (["--agent", "llm:HERE/torn.gguf"], "no model can be read there"),
        (["--agent", "llm:HERE/bare"], "it holds no weights"),
        (["--task", "gymnasium:CartPole-v1", *TINY], "gymnasium:CartPole-v1 is an environment"),
    ],
)
def test_mistakes_are_one_line(given, reason, capsys, tmp_path):
    (tmp_path / "words.txt").write_text("no model")
    (tmp_path / "torn.gguf").write_bytes(b"GGUF and no more")
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "config.json").write_text('{"model_type": "llama"}')
    task = [] if "--task" in given else ["stages"]
    given = [each.replace("HERE", str(tmp_path)) for each in given]
    with pytest.raises(SystemExit) as stopped:
        main(["train", *task, *given, "--no-audit", "--out", str(tmp_path / "run")])
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert reason in error
    assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_folder_of_another_run_is_refused(trained, capsys):
    with pytest.raises(SystemExit):
        main(["train", "expressions", *TINY, *SMALL, "--levels", "2", "--out", str(trained)])
    assert "is a run with another --levels" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["train", "stages", *TINY, *SMALL, "--out", str(trained / WARM_UP)])
    assert "it holds something else" in capsys.readouterr().err


def test_a_task_that_fails_its_audit_is_not_trained_on(capsys, tmp_path):
    with pytest.raises(SystemExit) as stopped:
        main(["train", "tutorial", *TINY, "--levels", "0", "--out", str(tmp_path / "run")])
    assert stopped.value.code == 2
    shown = capsys.readouterr()
    assert "tutorial fails its audit" in shown.err
    assert not (tmp_path / "run").exists()
