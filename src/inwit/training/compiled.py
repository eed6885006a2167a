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
from dataclasses import fields
from shutil import which
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import make_fx

from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.learners import Learner, Metrics, check_loss
from inwit.policies import Policy
from inwit.records import flatten, unflatten
from inwit.tasks import Problems
from inwit.training.batch import Batch, Selection
from inwit.training.metrics import Summary
from inwit.training.rollout import begin
from inwit.training.update import EagerUpdate, Episodes
from inwit.trajectory import Outputs, Trajectory

Tensors = dict[str, Tensor]
PRICE = "50 to 70 CPU seconds, or 11 where it was compiled before"
"""What a form of problems costs (docs/performance.md)."""
_log = logging.getLogger(__name__)


class CompiledUpdate:
    """Compiles at the first batch of each form of problems, and is fast from then on."""

    def __init__(
        self, policy: Policy, environment: Environment, *, learner: Learner | None, summary: Summary
    ) -> None:
        """Prepare for one network.

        Raises:
            InvalidOption: the learner needs more than one forward pass, or there is no compiler.
        """
        steps = learner.epochs * learner.minibatches if learner else 0
        if learner is None or steps > 1:
            how = "none" if learner is None else f"{learner.name}, which makes {steps}"
            raise InvalidOption(f"--compile needs a learner of one gradient step, not {how}")
        check_compiler(environment.device)
        # They share their values with the network's: a step of the optimiser is seen here.
        self.parameters = {name: each.detach() for name, each in policy.named_parameters()}
        self.policy, self.device = policy, environment.device
        # An environment of its own: while it is traced its tensors hold no values.
        inside = environment.on(environment.task)
        self.eager = EagerUpdate(policy, inside, learner=learner, summary=summary)
        self.graphs: dict[tuple[object, ...], Callable[..., Tensors]] = {}
        forms = len(environment.task.levels)
        _log.info("--compile: up to %d forms of problems, one a level: each takes %s", forms, PRICE)

    def collect(self, batch: Batch) -> Episodes:
        """The episodes of a batch; their gradient is known with them.

        Raises:
            InvalidOption: the policy, the task or a tool needs something that cannot be compiled,
                or there is no C++ compiler.
        """
        inputs = _inputs(batch, self.device)
        shapes = tuple((name, *each.shape) for name, each in inputs.items())
        form = (batch.limit, batch.depth, shapes)
        if form not in self.graphs:
            number, start = len(self.graphs) + 1, time.monotonic()
            _log.info("compiling form %d, of up to %d presses", number, batch.limit)
            self.graphs[form] = self._compile(batch, inputs)
            _log.info("compiled form %d in %.0f s", number, time.monotonic() - start)
        self.results = self.graphs[form](*self.parameters.values(), *inputs.values())
        identity = self.eager.environment.task.identity(batch.problems)
        self.results["trajectory.problem"] = identity.to(self.device, non_blocking=True)
        return Episodes(
            trajectory=unflatten(Trajectory, self.results, "trajectory"),
            outputs=Outputs(**_part(self.results, "outputs")),
            metrics=_part(self.results, "metrics"),
        )

    def descend(self, step: int, rows: Selection = None) -> tuple[Tensor, Metrics]:
        """Take the gradient, the loss and what the learner reports from the graph's results."""
        assert (step, rows) == (0, None)  # the learner makes one gradient step
        return take_gradient(self.policy, self.results)

    def _compile(self, batch: Batch, inputs: Tensors) -> Callable[..., Tensors]:
        what = "this task and policy"
        return compile_gradient(_Graph(self.eager, batch), self.parameters, inputs, what)


def check_compiler(device: torch.device) -> None:
    """Refuse where nothing can be compiled.

    Raises:
        InvalidOption: there is no C++ compiler.
    """
    compiler = os.environ.get("CXX", "g++")
    if device.type == "cpu" and which(compiler) is None:
        raise InvalidOption(f"--compile needs a C++ compiler: there is no {compiler} here")


def compile_gradient(
    graph: nn.Module, parameters: Tensors, inputs: Tensors, what: str
) -> Callable[..., Tensors]:
    """Trace a loss by running it once without values, then let the compiler have it.

    Args:
        graph: from inputs to the loss and other results by name; its `policy` has the parameters.
        parameters: of the policy, by name.
        inputs: by name; later ones must have the same shapes.
        what: is compiled, for an error.

    Returns:
        A function of the parameters and inputs, in their order, to the loss, the gradient and the
        other results by name.

    Raises:
        InvalidOption: something in it cannot be compiled.
    """
    update = _update_of(graph)
    names, truths = list[str](), list[str]()

    def flat(*tensors: Tensor) -> list[Tensor]:
        parts = iter(tensors)
        results = update(
            {name: next(parts) for name in parameters}, {name: next(parts) for name in inputs}
        )
        names[:] = results
        truths[:] = [name for name in results if results[name].dtype == torch.bool]
        return [each.int() if name in truths else each for name, each in results.items()]

    given: list[Any] = [*parameters.values(), *inputs.values()]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the compiler's own, of its insides
            traced = make_fx(flat, tracing_mode="fake", _allow_non_fake_inputs=True)(*given)
            _widen(traced)
            wrap = {"cpp_wrapper": given[0].device.type == "cpu"}
            compiled = torch._inductor.compile(traced, given, wrap)
            compiled(*given)
    except InvalidOption:  # the learner's loss is none
        raise
    except Exception as error:  # whatever the tracer or the compiler trips over
        reason = " ".join(str(error).split("\n\n")[0].split()) or repr(error)
        raise InvalidOption(
            f"--compile: {what} cannot be compiled here ({reason}); train without"
        ) from error

    def run(*tensors: Tensor) -> Tensors:
        results = dict(zip(names, compiled(*tensors), strict=True))
        return results | {name: results[name].bool() for name in truths}

    return run


def take_gradient(policy: nn.Module, results: Tensors) -> tuple[Tensor, Metrics]:
    """Leave the gradient of a compiled graph's results with the parameters.

    Returns:
        The loss, and what the learner reports.
    """
    gradient = _part(results, "gradient")
    for name, parameter in policy.named_parameters():
        parameter.grad = gradient[name]
    return results["loss"], _part(results, "report")


def _update_of(graph: nn.Module) -> Callable[[Tensors, Tensors], Tensors]:
    """The function that is traced, from parameters and inputs to everything by name."""

    def update(parameters: Tensors, inputs: Tensors) -> Tensors:
        def loss_of(given: Tensors) -> tuple[Tensor, Tensors]:
            named = {f"policy.{name}": each for name, each in given.items()}
            made: tuple[Tensor, Tensors] = functional_call(graph, named, (inputs,))
            return made

        gradient, (loss, results) = grad_and_value(loss_of, has_aux=True)(parameters)
        whole: Tensors = results | {f"gradient.{name}": each for name, each in gradient.items()}
        return whole | {"loss": loss}

    return update


class _Graph(nn.Module):
    """What is compiled as a function of the policy's parameters."""

    def __init__(self, eager: EagerUpdate, batch: Batch) -> None:
        super().__init__()
        self.policy, self.eager = eager.policy, eager
        self.limit, self.depth = batch.limit, batch.depth

    def forward(self, inputs: Tensors) -> tuple[Tensor, Tensors]:
        """The loss, and all else by name."""
        problems = Problems(**{field.name: inputs[field.name] for field in fields(Problems)})
        start = begin(
            self.policy,
            self.eager.environment,
            problems,
            limit=self.limit,
            depth=self.depth,
            identity=problems.level,  # in its place: the graph makes nothing of it
        )
        made = self.eager.play(start, self.limit, inputs["noise"], inputs.get("explore"))
        assert self.eager.learner is not None  # checked when the update was made
        learnt = self.eager.learner.loss(made.trajectory, made.outputs)
        check_loss(self.eager.learner, learnt)
        loss, report = learnt
        results = flatten(made.trajectory, "trajectory")
        results |= {name: each.detach() for name, each in flatten(made.outputs, "outputs").items()}
        results |= {f"report.{name}": each for name, each in report.items()}
        return loss, results | {f"metrics.{name}": each for name, each in made.metrics.items()}


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


def _inputs(batch: Batch, device: torch.device) -> Tensors:
    """The tensors of a batch that the episodes depend on."""
    inputs = {field.name: getattr(batch.problems, field.name) for field in fields(Problems)}
    inputs["noise"] = batch.noise
    if batch.explore is not None:
        inputs["explore"] = batch.explore
    return {name: each.to(device, non_blocking=True) for name, each in inputs.items()}


def _part(given: Tensors, prefix: str) -> Tensors:
    """The entries whose names begin so, without that."""
    start = f"{prefix}."
    return {name[len(start) :]: each for name, each in given.items() if name.startswith(start)}
