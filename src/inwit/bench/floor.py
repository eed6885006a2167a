"""The floor: only the matrix products of one update of a gated recurrent network.

Forward, at every press: the recurrent weights and the merged heads; backward: the same two,
transposed. The gradient of each weight matrix is one product over all presses; that of the table of
gate inputs, one row per key, is a product with the one-hot keys. There are no elementwise
operations, no sampling and no environment: an update that makes these products press by press
cannot be faster with the same matrix routines.
"""

import torch

from inwit.bench.contenders import PRESSES, WIDTH, Update

KEYS = 18


def build(episodes: int, threads: int) -> Update:
    """The products of an update, into preallocated buffers."""
    torch.set_num_threads(threads)
    generator = torch.Generator().manual_seed(0)

    def numbers(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator)

    rows, gates = PRESSES * episodes, 3 * WIDTH
    recurrent, heads, embedding = (
        numbers(WIDTH, gates),
        numbers(WIDTH, KEYS + 1),
        numbers(KEYS, WIDTH),
    )
    inputs = numbers(WIDTH, gates)
    state, gate, out = numbers(rows, WIDTH), numbers(rows, gates), numbers(rows, KEYS + 1)
    past, signal = numbers(episodes, WIDTH), numbers(episodes, WIDTH)
    pressed = torch.nn.functional.one_hot(
        torch.randint(0, KEYS, (rows,), generator=generator), KEYS
    ).float()
    table, heads_back, recurrent_back = (
        numbers(KEYS, gates),
        numbers(WIDTH, KEYS + 1),
        numbers(WIDTH, gates),
    )
    embedding_back, inputs_back = numbers(KEYS, WIDTH), numbers(WIDTH, gates)
    presses = [slice(t * episodes, (t + 1) * episodes) for t in range(PRESSES)]

    def update() -> None:
        torch.mm(embedding, inputs, out=table)
        for press in presses:
            torch.mm(past, recurrent, out=gate[press])
            torch.mm(past, heads, out=out[press])
        for press in reversed(presses):
            torch.mm(out[press], heads.T, out=signal)
            torch.mm(gate[press], recurrent.T, out=signal)
        torch.mm(state.T, gate, out=recurrent_back)
        torch.mm(state.T, out, out=heads_back)
        torch.mm(pressed.T, gate, out=table)
        torch.mm(table, inputs.T, out=embedding_back)
        torch.mm(embedding.T, table, out=inputs_back)

    return torch.no_grad()(update)
