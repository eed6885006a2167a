"""The episodes of an update, their loss and its gradient as one compiled graph.

Small networks pay for launches, not for arithmetic: a press is some hundred operations of a few
microseconds each. PyTorch's compiler for graphs, Inductor, makes C++ of all of them at once,
presses and backward pass unrolled. It costs a minute or so for every form of problem (their
number of presses and of symbols), so it is off unless asked for; `docs/performance.md` says when
it pays.
"""

import logging
import os
import time
import warnings
from collections.abc import Callable
from dataclasses import fields, replace
from shutil import which
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import make_fx

from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.learners import Learner
from inwit.policies import Policy
from inwit.tasks import Problems
from inwit.training.metrics import Summary
from inwit.training.rollout import Collected, Plan, collect
from inwit.trajectory import Outputs, flatten, unflatten

Tensors = dict[str, Tensor]
PRICE = "50 to 70 CPU seconds, or 11 where it was compiled before"
"""What a form of problems costs (docs/performance.md)."""
_log = logging.getLogger(__name__)


class CompiledEpisodes:
    """Compiles at the first call for each form of problems, and is fast from then on."""

    def __init__(
        self,
        policy: Policy,
        environment: Environment,
        *,
        learner: Learner | None,
        summary: Summary,
    ) -> None:
        """Prepare for one network.

        Raises:
            InvalidOption: the learner needs more than one forward pass, or there is no compiler.
        """
        if learner is None or learner.epochs > 1:
            how = "none" if learner is None else f"{learner.name}, which makes {learner.epochs}"
            raise InvalidOption(f"--compile needs a learner of one gradient step, not {how}")
        compiler = os.environ.get("CXX", "g++")
        if environment.device.type == "cpu" and which(compiler) is None:
            raise InvalidOption(f"--compile needs a C++ compiler: there is no {compiler} here")
        self.policy, self.learner, self.summary = policy, learner, summary
        # They share their values with the network's: a step of the optimiser is seen here.
        self.parameters = {name: each.detach() for name, each in policy.named_parameters()}
        # An environment of its own: while it is traced its tensors hold no values.
        self.environment = environment.on(environment.task)
        self.updates: dict[tuple[object, ...], Callable[..., Tensors]] = {}
        forms = len(environment.task.levels)
        _log.info("--compile: up to %d forms of problems, one a level: each takes %s", forms, PRICE)

    def __call__(self, plan: Plan) -> Collected:
        """The episodes of a plan.

        Raises:
            InvalidOption: the policy, the task or a tool needs something that cannot be compiled,
                or there is no C++ compiler.
        """
        inputs = _inputs(plan)
        shapes = tuple((name, *each.shape) for name, each in inputs.items())
        form = (plan.limit, plan.depth, shapes)
        if form not in self.updates:
            number, start = len(self.updates) + 1, time.monotonic()
            _log.info("compiling form %d, of up to %d presses", number, plan.limit)
            self.updates[form] = self._compile(plan, inputs)
            _log.info("compiled form %d in %.0f s", number, time.monotonic() - start)
        given = self.updates[form](*self.parameters.values(), *inputs.values())
        given["trajectory.problem"] = plan.identity
        return Collected(
            trajectory=unflatten(given, "trajectory"),
            outputs=Outputs(**_part(given, "outputs")),
            metrics=_part(given, "metrics"),
            term=(given["loss"], _part(given, "term")),
            gradient=_part(given, "gradient"),
        )

    def _compile(self, plan: Plan, inputs: Tensors) -> Callable[..., Tensors]:
        """Trace by running once without values, then let the compiler have the graph."""
        update = _update_of(_Episodes(self), plan)
        names, truths = list[str](), list[str]()

        def flat(*tensors: Tensor) -> list[Tensor]:
            parts = iter(tensors)
            told = update(
                {name: next(parts) for name in self.parameters},
                {name: next(parts) for name in inputs},
            )
            names[:] = told
            truths[:] = [name for name in told if told[name].dtype == torch.bool]
            return [each.int() if name in truths else each for name, each in told.items()]

        given: list[Any] = [*self.parameters.values(), *inputs.values()]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the compiler's own, of its insides
                trace = make_fx(flat, tracing_mode="fake", _allow_non_fake_inputs=True)
                graph = trace(*given)
                _widen(graph)
                wrap = {"cpp_wrapper": self.environment.device.type == "cpu"}
                compiled = torch._inductor.compile(graph, given, wrap)
                compiled(*given)
        except Exception as error:  # whatever the tracer or the compiler trips over
            reason = " ".join(str(error).split("\n\n")[0].split()) or repr(error)
            raise InvalidOption(
                f"--compile: this task and policy cannot be compiled here ({reason}); train without"
            ) from error

        def run(*tensors: Tensor) -> Tensors:
            told = dict(zip(names, compiled(*tensors), strict=True))
            return told | {name: told[name].bool() for name in truths}

        return run


def _update_of(episodes: "_Episodes", form: Plan) -> Callable[[Tensors, Tensors], Tensors]:
    """The function that is traced; the plan gives what is no tensor in it."""

    def update(parameters: Tensors, inputs: Tensors) -> Tensors:
        def loss_of(given: Tensors) -> tuple[Tensor, Tensors]:
            named = {f"policy.{name}": each for name, each in given.items()}
            told: tuple[Tensor, Tensors] = functional_call(
                episodes, named, (_planned(form, inputs),)
            )
            return told

        gradient, (loss, told) = grad_and_value(loss_of, has_aux=True)(parameters)
        told |= {f"gradient.{name}": each for name, each in gradient.items()}
        whole: Tensors = told | {"loss": loss}
        return whole

    return update


class _Episodes(nn.Module):
    """What is compiled as a function of the policy's parameters."""

    def __init__(self, whole: CompiledEpisodes) -> None:
        super().__init__()
        self.policy, self.environment = whole.policy, whole.environment
        self.learner, self.summary = whole.learner, whole.summary

    def forward(self, plan: Plan) -> tuple[Tensor, Tensors]:
        """The loss, and all else by name."""
        made = collect(
            self.policy, self.environment, plan, learner=self.learner, summary=self.summary
        )
        assert made.term is not None  # there is a learner
        loss, metrics = made.term
        told = flatten(made.trajectory, "trajectory")
        told |= {name: each.detach() for name, each in flatten(made.outputs, "outputs").items()}
        told |= {f"term.{name}": each for name, each in metrics.items()}
        return loss, told | {f"metrics.{name}": each for name, each in made.metrics.items()}


def _widen(module: GraphModule) -> None:
    """Join truth values as numbers: compiled code stores them fifteen times as fast."""
    aten, graph = torch.ops.aten, module.graph
    for node in graph.find_nodes(op="call_function", target=aten.stack.default):
        if node.meta["val"].dtype == torch.bool:
            parts, *axis = node.args
            with graph.inserting_before(node):
                wide = [
                    graph.call_function(aten._to_copy.default, (part,), {"dtype": torch.int})
                    for part in parts
                ]
                joined = graph.call_function(aten.stack.default, (wide, *axis))
                node.replace_all_uses_with(graph.call_function(aten.ne.Scalar, (joined, 0)))
            graph.erase_node(node)
    graph.eliminate_dead_code()
    module.recompile()


def _inputs(plan: Plan) -> Tensors:
    """The tensors of a plan that the episodes depend on."""
    inputs = {field.name: getattr(plan.problems, field.name) for field in fields(Problems)}
    drawn = {"noise": plan.noise, "explore": plan.explore}
    return inputs | {name: each for name, each in drawn.items() if each is not None}


def _planned(plan: Plan, inputs: Tensors) -> Plan:
    """The plan with other tensors."""
    names = [field.name for field in fields(Problems)]
    problems = Problems(**{name: inputs[name] for name in names})
    return replace(
        plan,
        problems=problems,
        identity=problems.level,  # in its place: the graph makes nothing of it
        noise=inputs.get("noise"),
        explore=inputs.get("explore"),
    )


def _part(given: Tensors, prefix: str) -> Tensors:
    """The entries whose names begin so, without that."""
    start = f"{prefix}."
    return {name[len(start) :]: each for name, each in given.items() if name.startswith(start)}
