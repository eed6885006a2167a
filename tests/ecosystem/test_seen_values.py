"""Numbers that are seen, outside: Gymnasium shows the same; the page refuses."""

import random

import numpy as np
import pytest
import torch

import inwit
from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.playground.export import export_web
from inwit.tasks.observations import WIDTH
from inwit.tools import ADD, MUL


@inwit.task(tools=[ADD, MUL], presses=5, memory=1, sees=["operands", "display", "aside"])
def seen(draw: random.Random) -> inwit.Problem:
    one, other = draw.randrange(30), draw.randrange(30)
    again = " once more" if draw.random() < 0.5 else ""
    return inwit.Problem(
        prompt=f"add {{0}} and {{1}}{again}", operands=(one, other), answer=one + other
    )


def number(value):
    return inwit.see_number(float(value)).numpy()


@pytest.mark.filterwarnings("ignore:.*observation space m.* value is -?infinity:UserWarning")
def test_gymnasium_shows_the_same_numbers():
    pytest.importorskip("gymnasium")
    from gymnasium.utils.env_checker import check_env

    from inwit.gymnasium import TaskEnv

    env = TaskEnv(seen, render_mode="ansi")
    check_env(env, skip_render_check=True)
    parts, nothing = env.parts, number("nan")
    assert list(parts)[-1] == "legal"
    vector, _ = env.reset(seed=3)
    words = env.render().split()
    one, other = (int(word) for word in words if word.isdigit())
    prompt = vector[parts["prompt_values"]].reshape(-1, WIDTH)
    expected = np.zeros_like(prompt)
    expected[1], expected[3] = number(one), number(other)
    assert (prompt == expected).all()
    assert (vector[parts["values"]] == np.concatenate([nothing, nothing])).all()
    vector = env.step(0)[0]
    assert (vector[parts["values"]] == np.concatenate([number(one), nothing])).all()
    assert (vector[parts["prompt_values"]] == expected.ravel()).all()
    assert env.observation_space.contains(vector)
    low, high = env.observation_space.low, env.observation_space.high
    assert np.isinf(high[parts["values"]]).all()
    assert (low[parts["legal"]] == 0).all()
    assert (high[parts["legal"]] == 1).all()


@pytest.fixture
def agent(tmp_path):
    return inwit.train(seen, updates=1, batch=8, **{"policy.width": 8}, out=str(tmp_path / "run"))


def test_the_page_refuses(agent, tmp_path):
    with pytest.raises(InvalidOption, match="does not run in a browser"):
        export_web(agent, tmp_path / "web")


def test_a_run_is_loaded_with_the_same_weights(agent):
    again = inwit.load(agent.recipe.out, task=seen)
    for name, weights in agent.policy.state_dict().items():
        assert torch.equal(again.policy.state_dict()[name], weights), name
    assert any("values" in name for name in agent.policy.state_dict())


def test_a_graph_is_compiled_with_numbers(tmp_path):
    """The encoding is tensors alone: nothing is read back while it is traced."""
    from torch.fx.experimental.proxy_tensor import make_fx

    environment = Environment(seen)
    environment.reset(seen.parse("add 3 and 4"))
    values = environment.state.frame.accumulator
    graph = make_fx(inwit.see_number, tracing_mode="fake")(values)
    assert torch.equal(graph(torch.full((1,), 7.0, dtype=torch.double))[0], inwit.see_number(7.0))
