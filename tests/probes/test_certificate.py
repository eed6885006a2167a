"""The instrument is tried on agents whose defects are known, and on agents that have none."""

import json
from dataclasses import asdict

import pytest

from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.policies import UniformRandom
from inwit.probes import Verdict, certificate, certify
from inwit.recipes import RECIPES
from inwit.tasks import Expressions, ExpressionsPrompt, Stages, expressions, structures
from tests.conftest import network_for
from tests.probes import planted
from tests.recipes import recipe_of
from tests.tiers import few_daily

SLOW = pytest.mark.learning


@pytest.fixture(autouse=True, scope="module")
def small_pools():
    """Fewer structures are drawn ahead."""
    caches = (expressions._pool, structures.drawn_ahead)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structures, "STRUCTURES", 60)
        for cache in caches:
            cache.cache_clear()
        yield
    for cache in caches:
        cache.cache_clear()


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Fewer problems and no long ones, so that a certificate takes a second."""
    monkeypatch.setattr("inwit.probes.information.MAX_COUNTED", 100)
    monkeypatch.setattr("inwit.probes.information.DRAWN", 100)
    monkeypatch.setattr("inwit.probes.scores.FURTHER", (6,))
    monkeypatch.setattr("inwit.probes.scores.TRIALS", 60)
    monkeypatch.setattr("inwit.probes.scores.LONG", 8)
    monkeypatch.setattr("inwit.probes.lesion.RESETS", (1,))


@pytest.fixture
def only(monkeypatch):
    """Some parts of the certificate alone."""

    def keep(*names):
        parts = [part for part in certificate.PARTS if part.__name__ in names]
        assert len(parts) == len(names)
        monkeypatch.setattr(certificate, "PARTS", parts)

    return keep


def stages(agent, *, seed=0, masks=True, problems=100, **ceilings):
    environment = Environment(Stages(once=True), masks=masks)
    ceilings = {"blind": 1.0, "single": 1.0, "memory": 0.95} | ceilings
    audit = planted.audited(environment.task, **ceilings)
    recipe = recipe_of("stages", width=8)
    return certify(recipe, agent, environment, audit=audit, problems=problems, seed=seed)


def prompts(agent, *, seed=0, **ceilings):
    environment = planted.prompts_environment(4)
    audit = planted.audited(environment.task, **ceilings)
    recipe = recipe_of("expressions-prompt", width=8, largest=4)
    return certify(recipe, agent, environment, audit=audit, problems=100, seed=seed)


def stream(agent, *, seed=0):
    environment = Environment(Expressions())
    audit = planted.audited(environment.task)
    recipe = recipe_of("expressions", width=8)
    return certify(recipe, agent, environment, audit=audit, problems=100, seed=seed)


def failed(certificate):
    return [f"{line.part}: {line.name}" for line in certificate.lines if line.verdict == "fail"]


def verdicts(certificate, part, name=""):
    return {line.verdict for line in certificate.find(part, name)}


def right(task, seed):
    """The certificate of an agent that is right."""
    if task == "stages":
        return stages(planted.stage_reader(), seed=seed)
    if task == "stream":
        return stream(planted.Rules(Expressions()), seed=seed)
    return prompts(planted.planner(ExpressionsPrompt(numbers="digits", largest=4)), seed=seed)


@pytest.mark.parametrize("seed", few_daily(range(5), 0))
@pytest.mark.parametrize(
    "task", ["stages", *(pytest.param(each, marks=SLOW) for each in ("prompts", "stream"))]
)
def test_agents_that_are_right_pass(task, seed):
    made = right(task, seed)
    assert failed(made) == []
    assert made.passed
    assert made.count(Verdict.PASS) > 5


@pytest.mark.slow
def test_an_agent_that_reads_where_it_must_passes(only):
    only("inputs", "lesions", "planning", "transplants")
    made = stages(planted.stage_reader(), masks=False, problems=300)
    assert failed(made) == []
    assert verdicts(made, "lesions", "level withheld") == {Verdict.PASS}
    assert verdicts(made, "information", "all levels") == {Verdict.PASS}
    assert verdicts(made, "planning", "keys 1 to 8") == {Verdict.PASS}


@pytest.mark.slow
def test_a_blind_network_is_found(only):
    only("competence", "inputs", "lesions", "planning", "transplants")
    made = stages(planted.stage_blind(), masks=False)
    (line,) = made.find("information", "all levels")
    assert (line.figure, line.verdict) == (0.0, Verdict.FAIL)
    assert verdicts(made, "lesions", "level withheld") == {Verdict.FAIL}
    assert verdicts(made, "planning", "state of problem A") == {Verdict.FAIL}
    (line,) = made.find("planning", "keys 1 to 8")
    assert line.verdict is Verdict.NONE  # the latest key alone gives every other one away
    assert line.note == "the control 'untrained' finds 100.0% of the keys: no more can be shown"
    assert line.beside["present"] > 0.5
    assert verdicts(made, "competence", "level 0") == {Verdict.FAIL}
    assert verdicts(made, "competence", "level 2") == {Verdict.PASS}


def test_where_one_program_does_a_blind_agent_is_stated_and_not_blamed(only):
    only("competence", "inputs", "transplants")
    made = stages(planted.stage_blind())
    assert failed(made) == []
    (line,) = made.find("information", "all levels")
    assert (line.figure, line.verdict) == (0.0, Verdict.STATED)
    assert "one program" in line.note
    assert made.find("planning", "state of problem A")[0].figure == 0.0


@pytest.mark.slow
def test_an_agent_that_reads_too_little_is_found(only):
    only("inputs", "transplants", "memory", "lesions")
    made = prompts(planted.mumbler(ExpressionsPrompt(numbers="digits", largest=4)))
    assert verdicts(made, "information", "level 4 alone") == {Verdict.FAIL}
    assert verdicts(made, "planning", "state of problem A") == {Verdict.FAIL}
    assert verdicts(made, "memory") == {Verdict.FAIL}
    assert verdicts(made, "lesions", "STO and RCL off") == {Verdict.FAIL}


def test_an_agent_that_has_memorised_is_found(only):
    only("competence")
    made = stages(planted.stage_memoriser())
    (gap,) = made.find("competence", "problems like")
    assert gap.verdict == Verdict.FAIL
    assert gap.figure > 0.9
    assert verdicts(made, "competence", "level") == {Verdict.FAIL}


def test_an_agent_that_bypasses_its_memory_is_found(only):
    only("competence", "memory", "lesions")

    class Two(Stages):
        @property
        def levels(self):
            return range(2)

    task = Two(once=False)
    audit, recipe = planted.audited(task, memory=0.5), recipe_of("stages", width=8)
    agent, environment = planted.Bypassing(task), Environment(task)
    made = certify(recipe, agent, environment, audit=audit, problems=150)
    (line,) = made.find("memory")
    assert (line.figure, line.verdict) == (0.0, Verdict.FAIL)
    assert verdicts(made, "competence", "level 1") == {Verdict.PASS}
    assert verdicts(made, "lesions", "STO and RCL off") == {Verdict.FAIL}  # it is as right without


@pytest.mark.parametrize(
    "policy",
    ["pointer", *(pytest.param(name, marks=SLOW) for name in ("gru", "memoryless", "transformer"))],
)
def test_an_untrained_network_fails(policy, only):
    only("competence", "lesions", "memory", "transplants")
    environment = planted.prompts_environment(4)
    made = prompts(network_for(environment, policy=policy, seed=2))
    for part in ("competence", "lesions", "memory"):
        assert Verdict.FAIL in verdicts(made, part)
    assert verdicts(made, "planning", "state of problem A") == {Verdict.FAIL}
    assert not made.passed


@pytest.mark.slow
def test_the_same_arguments_give_the_same_certificate(only):
    only("competence", "memory", "planning", "inputs")
    agent = network_for(planted.stages_environment())
    first, again, other = (
        json.dumps(stages(agent, seed=seed, problems=40).to_json()) for seed in (3, 3, 4)
    )
    assert first == again
    assert first != other


@pytest.mark.slow
def test_every_line_says_what_it_rests_on(only):
    only("competence", "generalisation", "lesions", "planning", "transplants", "inputs")
    made = prompts(planted.planner(ExpressionsPrompt(numbers="digits", largest=4)), seed=7)
    told = made.to_json()
    assert told["passed"] is True
    assert (told["seed"], told["problems"], told["task"]) == (7, 100, "expressions-prompt")
    assert "commit" in told
    for line in made.lines:
        assert bool(line.needs) == bool(line.fails_if) == (line.verdict in ("pass", "fail")), line
        if line.verdict == Verdict.NONE:
            assert line.note
            assert line.figure is None
        else:
            assert line.count > 0
            assert line.seed == 7
            assert line.method
        if line.interval is not None:
            assert line.interval[0] - 1e-9 <= line.figure <= line.interval[1] + 1e-9
        assert json.loads(json.dumps(asdict(line)))["name"] == line.name


@pytest.mark.slow
def test_the_audit_is_made_where_none_is_given(monkeypatch, only):
    only("lesions")
    monkeypatch.setattr("inwit.probes.certificate.BUDGET", 500)
    monkeypatch.setattr("inwit.probes.certificate.AUDITED", 64)
    environment = Environment(Stages(once=True))
    recipe = recipe_of("stages", width=8)
    made = certify(recipe, planted.stage_reader(), environment, problems=150)
    assert made.passed, failed(made)
    assert made.find("lesions", "STO")[0].beside["best found"] > 0  # the budget is too small


def test_no_problems_are_refused(environment):
    with pytest.raises(InvalidOption, match="at least 1"):
        certify(RECIPES["stages"](), UniformRandom(), environment, problems=0)
