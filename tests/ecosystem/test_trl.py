"""TRL's GRPO on tasks of ours: rewards are what Python says, in both ways of giving tools."""

import pytest

from inwit.llm import (
    Toolbox,
    dataset,
    demonstrations,
    environment_factory,
    right_answers,
    tool_functions,
)
from inwit.llm.tiny import tiny_model, tiny_tokenizer, warm_up

trl = pytest.importorskip("trl")
pytestmark = [
    pytest.mark.filterwarnings("ignore:You are using 'environment_factory':UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning:transformers"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning:torch"),
    pytest.mark.filterwarnings("ignore:.*pin_memory.*:UserWarning"),
]


@pytest.fixture(scope="module")
def shown():
    """A tiny model that was shown the form of calls, in a few steps."""
    chats = demonstrations(Toolbox("expressions", memory=False), 300, level=1, programs="even")
    tokenizer = tiny_tokenizer(chats)
    model = tiny_model(tokenizer)
    warm_up(model, tokenizer, chats, steps=60)
    return model, tokenizer


def train(shown, folder, *, asked, **how):
    """Two steps; the log."""
    model, tokenizer = shown
    options = trl.GRPOConfig(
        output_dir=str(folder),
        max_steps=2,
        per_device_train_batch_size=16,
        num_generations=4,
        max_completion_length=64,
        max_tool_calling_iterations=3,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        bf16=False,
    )
    rows = dataset(Toolbox("expressions", memory=False), 8, levels=[1], asked=asked)
    trainer = trl.GRPOTrainer(
        model=model, processing_class=tokenizer, train_dataset=rows, args=options, **how
    )
    trainer.train()
    return [line for line in trainer.state.log_history if "reward" in line]


def answered(completion):
    """What the first call of `answer` says."""
    for message in completion:
        for call in message.get("tool_calls") or ():
            if call["function"]["name"] == "answer":
                return call["function"]["arguments"].get("value")
    return None


def test_an_environment_rewards_what_python_says(shown, tmp_path):
    checked = []

    def checker(prompts, completions, environments, **columns):
        for prompt, completion, environment in zip(prompts, completions, environments, strict=True):
            question = next(each["content"] for each in prompt if each["role"] == "user")
            assert question == environment.episode.question
            checked.append(answered(completion) == eval(question))
            assert environment.get_reward() == checked[-1]
        return [0.0] * len(prompts)

    log = train(
        shown,
        tmp_path,
        asked=False,
        reward_funcs=[checker],
        environment_factory=environment_factory(Toolbox("expressions", memory=False)),
    )
    assert len(checked) == 32
    assert sum(line["tools/call_frequency"] for line in log) > 0
    assert sum(line["reward"] for line in log) == pytest.approx(sum(checked) / 16)


def test_tools_are_given_as_functions(shown, tmp_path):
    log = train(
        shown,
        tmp_path,
        asked=True,
        reward_funcs=[right_answers("expressions")],
        tools=tool_functions("expressions"),
    )
    assert len(log) == 2
    assert all(0 <= line["reward"] <= 1 for line in log)
    assert sum(line["tools/call_frequency"] for line in log) > 0
