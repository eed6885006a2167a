"""A gated recurrent unit along a whole window at once, with its gradient written out.

Autograd keeps a dozen nodes per step and visits them one by one. Here what the steps share is one
product for the whole window (the gradient of the recurrent weights), and a step back is a few
operations on a (B, 3 W) block. The equations are those of `gru.Cell`:

    g       = U h + b
    r, z    = sigmoid(x_rz + g_rz)
    n       = tanh(x_n + r * g_n)
    h'      = n + z * (h - n)

    dn = dh' (1 - z) (1 - n^2),  dz = dh' (h - n) z (1 - z),  dr = dn g_n r (1 - r)
    dx = (dr, dz, dn),  dg = (dr, dz, dn r),  dh = dh' z + dg U
"""

from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.autograd.function import once_differentiable


def states_along(
    inputs: Float[Tensor, "T B gates"],
    state: Float[Tensor, "B W"],
    fresh: Float[Tensor, "B W"],
    starts: Bool[Tensor, "T B"],
    weight: Float[Tensor, "gates W"],
    bias: Float[Tensor, " gates"],
) -> Float[Tensor, "T B W"]:
    """The state after each row of a window.

    Args:
        inputs: x, what the observations put into the gates: 3 W numbers for reset, update and
            candidate.
        state: before the first row.
        fresh: the state with which an episode begins.
        starts: an episode begins with this row; the first row goes on from `state` in any case.
        weight: U.
        bias: b.
    """
    states: Tensor = _Along.apply(  # type: ignore[no-untyped-call]
        inputs, state, fresh, starts, weight, bias
    )
    return states


class _Along(torch.autograd.Function):
    """See the module."""

    @staticmethod
    def forward(
        context: Any,
        inputs: Tensor,
        state: Tensor,
        fresh: Tensor,
        starts: Tensor,
        weight: Tensor,
        bias: Tensor,
    ) -> Tensor:
        """The states; what the way back needs is kept."""
        width, across = state.shape[1], weight.t().contiguous()
        past, cleared = torch.empty_like(inputs), starts.any(1).tolist()
        candidates, after = (inputs.new_empty(*inputs.shape[:2], width) for _ in range(2))
        rows = zip(
            *(each.unbind(0) for each in inputs.split([2 * width, width], 2)),
            past.unbind(0),
            past[..., : 2 * width].unbind(0),
            *(each.unbind(0) for each in past.split(width, 2)),
            candidates.unbind(0),
            after.unbind(0),
            strict=True,
        )
        first = state
        for t, row in enumerate(rows):
            seen, seen_last, all_past, both, reset, update, last, new, out = row
            if t and cleared[t]:
                state = torch.where(starts[t, :, None], fresh, state)
            torch.addmm(bias, state, across, out=all_past)
            both.add_(seen).sigmoid_()
            torch.addcmul(seen_last, reset, last, out=new).tanh_()
            state = torch.lerp(new, state, update, out=out)
        carried = torch.where(starts[1:, :, None], fresh, after[:-1])
        before = torch.cat([first[None], carried])
        reset, update, last = past.split(width, 2)
        context.save_for_backward(before, reset, update, candidates, last, starts, weight)
        context.cleared = cleared
        return after

    @staticmethod
    @once_differentiable
    def backward(context: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        """The gradients of everything but `starts`."""
        before, reset, update, candidate, past, starts, weight = context.saved_tensors
        (wanted,) = given
        width = before.shape[2]
        # Factors of a step back that do not depend on what comes back, for the window at once; the
        # loop makes them dg.
        to_candidate = (1 - candidate * candidate).mul_(1 - update)
        into_past = weight.new_empty(*before.shape[:2], 3 * width)
        to_reset, to_update, to_last = into_past.split(width, 2)
        torch.mul(past, reset, out=to_reset).mul_(1 - reset).mul_(to_candidate)
        torch.sub(before, candidate, out=to_update).mul_(update).mul_(1 - update)
        torch.mul(to_candidate, reset, out=to_last)
        back, begun = torch.zeros_like(before[0]), torch.zeros_like(before[0])
        arrived = torch.empty_like(before)
        rows = zip(
            wanted.unbind(0),
            arrived.unbind(0),
            into_past.unbind(0),
            into_past.unflatten(2, (3, width)).unbind(0),
            update.unbind(0),
            strict=True,
        )
        for t, (own, whole, step, factors, kept) in reversed(list(enumerate(rows))):
            torch.add(own, back, out=whole)
            factors.mul_(whole[:, None])
            back = torch.addmm(whole * kept, step, weight)
            if t and context.cleared[t]:
                here = starts[t, :, None]
                begun += back * here
                back = back.masked_fill(here, 0.0)
        needed = into_past.flatten(0, 1).t() @ before.flatten(0, 1)
        bias = into_past.flatten(0, 1).sum(0)
        torch.mul(to_candidate, arrived, out=to_last)  # what is left of dg is dx already
        return into_past, back, begun, None, needed, bias
