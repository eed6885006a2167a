"""Chats are continued without being read again: same tokens, same rewards, less to compute."""

from dataclasses import replace

import pytest
import torch

pytest.importorskip("trl")

from inwit.llm import Toolbox, demonstrations
from inwit.llm.continued import Continued
from inwit.llm.local import LocalModel
from inwit.llm.recipe import ModelRecipe
from inwit.llm.scoring import evaluate_model
from inwit.llm.tiny import tiny_model, tiny_tokenizer, warm_up
from inwit.llm.training import TRAINED, WARM_UP, train_part

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
NEW = 6
"""Tokens of a message, at most."""


@pytest.fixture(scope="module")
def tokenizer():
    return tiny_tokenizer(demonstrations("stages", 20, level=0))


def padded(chats, padding):
    width = max(map(len, chats))
    rows = torch.tensor([[padding] * (width - len(chat)) + chat for chat in chats])
    return rows, torch.tensor([[0] * (width - len(chat)) + [1] * len(chat) for chat in chats])


class Counted:
    """A model, and how many tokens its forward passes were given."""

    def __init__(self, tokenizer):
        self.model = tiny_model(tokenizer, seed=3).eval()
        self.config = self.model.generation_config
        self.config.max_new_tokens, self.config.do_sample = NEW, True
        self.read = 0
        self.model.register_forward_pre_hook(self.count, with_kwargs=True)

    def count(self, module, given, named):
        self.read += named["input_ids"].numel()

    @torch.no_grad()
    def said(self, chats, padding, ends):
        """The messages after these chats, each up to its end."""
        tokens, shown = padded(chats, padding)
        self.config.eos_token_id, self.config.pad_token_id = ends, padding
        made = self.model.generate(
            input_ids=tokens, attention_mask=shown, generation_config=self.config
        )
        assert torch.equal(made[:, : tokens.shape[1]], tokens)
        rows = made[:, tokens.shape[1] :].tolist()
        first = [next((at for at, each in enumerate(row) if each in ends), NEW) for row in rows]
        return [row[: at + 1] for row, at in zip(rows, first, strict=True)]


def test_chats_of_several_messages_are_the_same(tokenizer):
    """Rows drop out, differ in length, end early, and come in another order."""
    plain, kept = Counted(tokenizer), Counted(tokenizer)
    continued = Continued(kept.model)
    continued.install()
    padding, ends = tokenizer.pad_token_id, list(range(0, 300, 3))  # many messages end early
    draw = torch.Generator().manual_seed(5)

    def text(least):
        length = int(torch.randint(least, least + 9, (1,), generator=draw))
        return torch.randint(8, 300, (length,), generator=draw).tolist()

    chats = [text(20) for _ in range(6)]
    lengths = set()
    for rows in ([0, 1, 2, 3, 4, 5], [0, 2, 3, 4, 5], [4, 1, 2, 0], [1, 3], [0]):
        chats = [chats[row] for row in rows]
        outcomes = []
        for each in (plain, kept):
            torch.manual_seed(7)
            outcomes.append(each.said(chats, padding, ends))
        assert outcomes[0] == outcomes[1]
        lengths |= set(map(len, outcomes[0]))
        chats = [chat + said + text(3) for chat, said in zip(chats, outcomes[0], strict=True)]
    assert len(lengths) > 2
    assert kept.read < 0.6 * plain.read
    continued.forget()
    read = kept.read
    kept.said(chats, padding, ends)
    assert kept.read - read >= sum(map(len, chats))  # all is read again


def test_another_chat_is_read_whole(tokenizer):
    plain, kept = Counted(tokenizer), Counted(tokenizer)
    Continued(kept.model).install()
    padding, ends = tokenizer.pad_token_id, [tokenizer.eos_token_id]
    one, other = [list(range(10, 30)), list(range(40, 70))], [list(range(10, 29)), [9] * 12]
    for chats in (one, other, one, [other[0], one[1]]):
        outcomes = []
        for each in (plain, kept):
            torch.manual_seed(1)
            outcomes.append(each.said(chats, padding, ends))
        assert outcomes[0] == outcomes[1]
    assert kept.read == plain.read


@pytest.mark.parametrize("window", [None, 8])
def test_a_network_that_forgets_reads_its_chats_whole(window):
    """Its window would count the padding."""
    transformers = pytest.importorskip("transformers")
    size = {"vocab_size": 50, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1}
    config = transformers.MistralConfig(**size, **heads, sliding_window=window)
    model = transformers.MistralForCausalLM(config)
    continued = Continued(model)
    continued.install()
    assert (model.generate is continued) == (window is None)
    assert Continued(model).plain == continued.plain  # none within another


def test_scoring_reads_chats_once(monkeypatch):
    """A model that was shown a little says the same, and reads a fraction."""
    toolbox, chats = Toolbox("stages"), demonstrations("stages", 200, level=1)
    tokenizer = tiny_tokenizer(chats)
    model, read, told = tiny_model(tokenizer), [0], []
    warm_up(model, tokenizer, chats, steps=60)
    model.register_forward_pre_hook(
        lambda module, given, named: read.append(read.pop() + named["input_ids"].numel()),
        with_kwargs=True,
    )
    for continues in (True, False):
        agent = LocalModel(model, tokenizer, tokens=24)
        assert agent.chats.continues
        agent.chats.continues, read[0] = continues, 0
        _, (conduct,), done = evaluate_model(agent, toolbox, count=20, seed=0, levels=[1])
        told.append((conduct, done, read[0]))
    assert told[0][:2] == told[1][:2]
    assert told[0][0].replies > 3 * 20
    assert told[0][2] < 0.7 * told[1][2]


@pytest.mark.slow
def test_grpo_has_the_same_rewards(tmp_path, monkeypatch):
    """Two steps of a model that is right now and then, with and without."""
    chats = demonstrations("expressions", 300, level=1)
    tokenizer = tiny_tokenizer(chats)
    model = tiny_model(tokenizer)
    warm_up(model, tokenizer, chats, steps=50)
    told = []
    for name in ("continued", "whole"):
        out, lines = tmp_path / name, []
        for part in (model, tokenizer):
            part.save_pretrained(out / WARM_UP)
        recipe = ModelRecipe(agent="llm:tiny", task="expressions", levels=(1,), out=out, lora=0)
        few = replace(recipe, steps=2, at_once=32, right=8, learning_rate=1e-4)
        train_part(few, Toolbox("expressions"), TRAINED, lines.append)
        told.append([line for line in lines if line.startswith(f"{TRAINED} ")])
        monkeypatch.setattr(Continued, "install", lambda self: None)
    assert len(told[0]) == 2
    assert told[0] == told[1]
    assert any("right 0," not in line for line in told[0])
