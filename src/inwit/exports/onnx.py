"""An agent as ONNX: one graph reads a problem, the other makes a press.

    FOLDER/begin.onnx    symbols (B, L), level (B),                    -> memory_0, memory_1, ...
                         [values (B, L, M)]
    FOLDER/step.onnx     previous (B), seen (B, K), legal (B, V),      -> scores (B, V), value (B),
                         [values (B, M)], memory_0, memory_1, ...         next_0, next_1, ...
    FOLDER/agent.json    the machine: keys, rules, limits, what is seen; and what made it

`values` are the numbers that a task shows; where it shows none, there is no such input.

The number of problems, the length of prompts and axes that grow with the presses are dynamic. A
streamed problem has no prompt: `begin` takes only the level. Scores cover all keys, legal or not;
the caller presses the best legal one and implements the machine.
"""

import copy
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from inwit import files
from inwit.agent import HELD_OUT_SEED, Agent
from inwit.errors import DamagedRun, InvalidOption
from inwit.exports.machine import describe_machine
from inwit.extras import require
from inwit.files import new_folder
from inwit.policies import EnsemblePolicy, Memory, Policy, PolicySpec
from inwit.policies.encoders import Recurrent, Text
from inwit.provenance import made_with
from inwit.records import map_tensors
from inwit.texts import to_json
from inwit.trajectory import Observation, Prompt

FORMAT = 2
BEGIN, STEP, DESCRIPTION = "begin.onnx", "step.onnx", "agent.json"
BATCHES = (7, 11, 13)
"""Sizes of the traced batch, distinct from all others."""
MAX_BYTES = 2**31


class Begin(nn.Module):
    """Reads prompts."""

    def __init__(self, policy: Policy) -> None:
        """Read as this policy does."""
        super().__init__()
        self.policy = policy

    def forward(
        self,
        symbols: Int[Tensor, "B L"],
        level: Int[Tensor, " B"],
        values: Float[Tensor, "B L M"] | None = None,
    ) -> Memory:
        """The state after reading."""
        shown = {} if values is None else {"values": values}
        return self.policy.begin(Prompt(symbols=symbols, level=level, **shown))


class BeginStream(Begin):
    """Knows the level alone."""

    def forward(self, level: Int[Tensor, " B"]) -> Memory:  # type: ignore[override]
        """The state before the first symbol."""
        return self.policy.begin(Prompt(symbols=level[:, None][:, :0], level=level))


class Press(nn.Module):
    """Presses a key."""

    def __init__(self, policy: Policy, *, sees: bool) -> None:
        """Press as this policy does; where it sees numbers, they come before the memory."""
        super().__init__()
        self.policy, self.sees = policy, sees

    def forward(
        self,
        previous: Int[Tensor, " B"],
        seen: Int[Tensor, "B K"],
        legal: Bool[Tensor, "B V"],
        *others: Tensor,
    ) -> tuple[Tensor, ...]:
        """Scores, value, and the next state."""
        shown, memory = ({"values": others[0]}, others[1:]) if self.sees else ({}, others)
        observation = Observation(previous=previous, seen=seen, legal=legal, **shown)
        scores, value, after = self.policy.step(observation, memory)
        return scores, value, *after


def export_onnx(agent: Agent, folder: Path) -> None:
    """Write the graphs and their description.

    Raises:
        InvalidOption: a package is missing, the folder cannot be written, or it is an ensemble.
    """
    if isinstance(agent.policy, EnsemblePolicy):
        raise InvalidOption(
            "policy ensemble cannot be written as ONNX: the exporter fixes its number of "
            "problems; every other policy can"
        )
    task = agent.environment.task
    for module in ("onnx", "onnxscript"):
        require(module, "onnx")
    policy = plain(agent.policy).cpu().eval()
    stream = task.rules.stream
    prompt, observation = _example(agent, policy)
    read = ("level",) if stream else ("symbols", "level", *(["values"] * bool(task.prompt_values)))
    given = tuple(getattr(prompt, name) for name in read)
    begin: nn.Module = BeginStream(policy) if stream else Begin(policy)
    memory = policy.begin(prompt)
    kept = [f"memory_{place}" for place in range(len(memory))]
    looked = ("previous", "seen", "legal", *(["values"] * bool(task.press_values)))
    seen = tuple(getattr(observation, name) for name in looked)
    description = {
        "format": FORMAT,
        "task": agent.recipe.label,
        "policy": agent.recipe.policy.name,
        "width": getattr(agent.recipe.policy, "width", None),
        **describe_machine(agent),
        "memory": len(memory),
        "made": made_with(agent.recipe.device),
    }
    with new_folder("onnx", folder), _quiet(), torch.no_grad():
        _write(begin, given, folder / BEGIN, [*read], kept, _free(given, prompt))
        outputs = ["scores", "value", *(f"next_{place}" for place in range(len(memory)))]
        shapes = _free(seen, prompt)
        growing = _growing(policy, prompt, observation, memory)
        free = [*shapes[:3], (*shapes[3:], *growing)]
        press = Press(policy, sees=bool(task.press_values))
        _write(press, (*seen, *memory), folder / STEP, [*looked, *kept], outputs, free)
        (folder / DESCRIPTION).write_text(to_json(description, indent=2), encoding="utf8")


class Followed(nn.Module):
    """Recurrent passes whose output has as many rows as their input, also for the exporter.

    It takes the number of rows in the example for the number of all rows.
    """

    def __init__(self, passes: nn.GRU) -> None:
        """Pass as these do."""
        super().__init__()
        self.passes = passes

    def forward(
        self, rows: Float[Tensor, "B L W"]
    ) -> tuple[Float[Tensor, "B L half"], Float[Tensor, "1 B half"]]:
        """The output at every row, and at the last."""
        passed, end = self.passes(rows)
        place = torch.arange(rows.shape[1])[None, :, None]
        return passed.gather(1, place.expand(len(rows), -1, passed.shape[2])), end


def plain(policy: Policy) -> Policy:
    """The same network without what no graph can express: texts are read unsorted.

    Packing leaves the padding out; reading each row backwards from its own end does, too.
    """
    policy = copy.deepcopy(policy)
    for module in list(policy.modules()):
        reader = getattr(module, "reader", None)
        if isinstance(reader, Text):
            module.reader = reader = _unpacked(reader)
        if isinstance(reader, Recurrent):
            reader.forth, reader.back = Followed(reader.forth), Followed(reader.back)  # type: ignore[assignment]
    return policy


def _unpacked(text: Text) -> Recurrent:
    width, levels = text.whole.out_features, len(text.level)
    spec = PolicySpec(keys=0, symbols=text.symbol.num_embeddings - 1, levels=levels)
    reader = Recurrent(spec, width)
    weights = {name: part for name, part in text.state_dict().items() if "passes." not in name}
    for name, part in text.passes.state_dict().items():
        way = "back" if name.endswith("_reverse") else "forth"
        weights[f"{way}.{name.removesuffix('_reverse')}"] = part
    reader.load_state_dict(weights)
    return reader


def _example(agent: Agent, policy: Policy) -> tuple[Prompt, Observation]:
    """Problems for tracing the network; their sizes are distinct from all others."""
    task, environment = agent.environment.task, agent.environment.on(agent.environment.task)
    sizes = {size for part in policy.state_dict().values() for size in part.shape}
    levels = list(task.levels)
    for batch in BATCHES:
        generator = torch.Generator().manual_seed(HELD_OUT_SEED)
        drawn = torch.tensor([levels[row % len(levels)] for row in range(batch)])
        prompt, observation = environment.reset(task.sample(drawn, generator, held_out=True))
        taken = {*sizes, *prompt.symbols.shape[1:], *observation.seen.shape[1:]}
        if batch not in taken:
            break
    return prompt, observation


def _free(given: Sequence[Tensor], prompt: Prompt) -> list[dict[int, Any]]:
    """The dynamic axes of inputs."""
    dynamic = torch.export.Dim.DYNAMIC
    places = (prompt.symbols, prompt.values) if prompt.symbols.shape[1] else ()
    return [
        {0: dynamic} | ({1: dynamic} if any(part is each for each in places) else {})
        for part in given
    ]


def _growing(
    policy: Policy, prompt: Prompt, observation: Observation, memory: Memory
) -> tuple[dict[int, Any], ...]:
    """The axes of the memory that change with the batch, the prompt or the presses."""
    more = 2 * bool(prompt.symbols.shape[1])
    other = Prompt(
        symbols=torch.nn.functional.pad(prompt.symbols, (0, more), value=-1)[:-1],
        values=torch.nn.functional.pad(prompt.values, (0, 0, 0, more))[:-1],
        level=prompt.level[:-1],
    )
    row = map_tensors(lambda tensor: tensor[:-1], observation)
    _, _, after = policy.step(row, policy.begin(other))
    return tuple(
        {
            axis: torch.export.Dim.DYNAMIC
            for axis, (one, two) in enumerate(zip(first.shape, second.shape, strict=True))
            if one != two
        }
        for first, second in zip(memory, after, strict=True)
    )


def _write(
    graph: nn.Module,
    given: tuple[Tensor, ...],
    path: Path,
    inputs: list[str],
    outputs: list[str],
    free: list[Any],
) -> None:
    program = torch.onnx.export(
        graph.eval(),
        given,
        dynamic_shapes=tuple(free),
        input_names=inputs,
        output_names=outputs,
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    program.save(str(path), external_data=False)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence warnings of the exporter that users cannot act on."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


class Exported(Policy):
    """The graphs of a folder as a policy, run by onnxruntime: to compare, and to play."""

    def __init__(self, folder: Path) -> None:
        """Read the graphs.

        Raises:
            InvalidOption: onnxruntime is not installed.
            DamagedRun: a file is missing or damaged.
        """
        super().__init__()
        runtime = require("onnxruntime", "onnx")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        self.sessions = []
        for name in (BEGIN, STEP):
            content = files.read(folder / name, MAX_BYTES)
            try:
                self.sessions.append(runtime.InferenceSession(content, options))
            except Exception as error:  # each fault has a class of its own, all beneath this one
                raise DamagedRun(f"{folder / name} is damaged: {error!r:.200}") from error

    def begin(self, prompt: Prompt) -> Memory:
        """The state after reading the prompt."""
        given = {"symbols": prompt.symbols, "level": prompt.level, "values": prompt.values}
        return self._run(0, given)

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press."""
        given = {
            "previous": observation.previous,
            "seen": observation.seen,
            "legal": observation.legal,
            "values": observation.values,
        }
        given |= {f"memory_{place}": part for place, part in enumerate(memory)}
        scores, value, *after = self._run(1, given)
        return scores, value, tuple(after)

    def _run(self, place: int, given: dict[str, Tensor]) -> tuple[Tensor, ...]:
        session = self.sessions[place]
        named = {each.name for each in session.get_inputs()}
        inputs = {name: part.numpy() for name, part in given.items() if name in named}
        return tuple(torch.from_numpy(part) for part in session.run(None, inputs))
