"""What the tests of exported agents share: an episode in the browser, and when two are the same."""

import json

import pytest

from inwit.playground.export import export_web

RUN = """async (asked) => {
  const { episode } = await import('./episode.js');
  const { tensors } = await import('./network.js');
  const { networkOf } = await import('./policies.js');
  const agent = await (await fetch('agent.json')).json();
  const weights = tensors(await (await fetch('weights.safetensors')).arrayBuffer());
  const network = networkOf(weights, agent);
  return JSON.stringify(asked.map(([problem, changes]) => {
    try { return episode(agent, network, problem, changes) }
    catch (error) { return { error: error.message } }
  }));
}"""
FEW = 60
"""Problems for probes, so that they are quickly trained."""


def pressed_in(page, agent, folder, host, asked):
    """What an exported agent does in the browser with some problems."""
    export_web(agent, folder)
    page.goto(host(folder))
    return json.loads(page.evaluate(RUN, asked))


def same(found, expected, path=""):
    """The same record: numbers as float32 allows, and what a probe likes best unless it wavers."""
    if isinstance(expected, dict):
        assert set(found) == set(expected), path
        for name in expected:
            same(found[name], expected[name], f"{path}.{name}")
    elif path.endswith(".forecast"):
        for (key, score), (other, liked) in zip(found, expected, strict=True):
            assert score == pytest.approx(liked, abs=1e-5), path
            assert key == other or abs(liked) < 0.1, path
    elif isinstance(expected, (list, tuple)):
        assert len(found) == len(expected), path
        for place, each in enumerate(expected):
            same(found[place], each, f"{path}.{place}" if isinstance(each, dict) else path)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-5, abs=1e-5), path
    else:
        assert found == expected, path
