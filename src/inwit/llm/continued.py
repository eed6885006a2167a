"""Generation that continues chats: of a longer chat, only what is new is read.

An episode is played turn by turn, and `generate` gets the whole chat before every message. The
keys and values of what it held before need not be computed again. Each turn is appended to the
kept ones in columns of its own; the attention mask hides the padding between them, and positions
count what it shows, so that the network sees the same chat. That holds where every layer attends to
all tokens; any other network reads its chats whole, as before.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from inwit.extras import require


class Continued:
    """The method `generate` of a causal language model of transformers, which continues chats.

    Its weights must not change while chats are continued: `forget` ends them.
    """

    def __init__(self, model: Any) -> None:
        """Nothing is read yet.

        Args:
            model: the model, not its adapters or wrappers.
        """
        self.model, self.plain = model, model.generate
        if isinstance(self.plain, Continued):
            self.plain = self.plain.plain
        self.continues = self._attends_to_all()
        self.forget()

    def install(self) -> None:
        """Take the place of the model's method, if the model can be continued."""
        if self.continues:
            self.model.generate = self

    def _attends_to_all(self) -> bool:
        """Every layer keeps keys and values of all tokens: no window, no recurrent state."""
        caches = require("transformers.cache_utils", "llm")
        layers = caches.DynamicCache(config=self.model.config).layers
        return bool(layers) and all(type(layer) is caches.DynamicLayer for layer in layers)

    def forget(self) -> None:
        """Free what is kept; the next chats are read whole."""
        self.chats: list[list[int]] = []
        self.cache: Any = None
        self.tokens = self.shown = torch.zeros(0, 0, dtype=torch.long)

    def __call__(
        self, input_ids: Tensor, attention_mask: Tensor, generation_config: Any, **options: Any
    ) -> Tensor:
        """The given tokens and the generated ones, as the method returns them.

        Args:
            input_ids: (B, L), the chats, padded on the left.
            attention_mask: (B, L), 0 at the padding.
            generation_config: as of the method, with the ids of the tokens that end a message.
            options: as of the method.
        """
        if not self.continues:
            return self.plain(  # type: ignore[no-any-return]
                input_ids=input_ids,
                attention_mask=attention_mask,
                generation_config=generation_config,
                **options,
            )
        pairs = zip(input_ids, attention_mask.bool(), strict=True)
        chats = [row[shown].tolist() for row, shown in pairs]
        places = self._places(chats)
        if places is None:
            self.cache = require("transformers", "llm").DynamicCache(config=self.model.config)
            tokens, shown = input_ids, attention_mask
        else:
            tokens, shown = self._appended(chats, places)
        made = self.plain(
            input_ids=tokens,
            attention_mask=shown,
            past_key_values=self.cache,
            generation_config=generation_config,
            **options,
        )
        new = made[:, tokens.shape[1] :]
        said = _until_the_end(new, generation_config.eos_token_id)
        self.tokens, self.shown = made, torch.cat([shown, said.to(shown.dtype)], 1)
        self.chats = [
            chat + row[kept].tolist() for chat, row, kept in zip(chats, new, said, strict=True)
        ]
        return torch.cat([input_ids, new], 1)

    def _places(self, chats: Sequence[list[int]]) -> list[int] | None:
        """For each chat, the row of the kept one that it continues; None if one continues none."""
        places, first = [], 0
        for chat in chats:  # most often in the same order
            order = [*range(first, len(self.chats)), *range(first)]
            found = (row for row in order if chat[: len(self.chats[row])] == self.chats[row])
            place = next((row for row in found if len(chat) > len(self.chats[row])), None)
            if place is None:
                return None
            places.append(place)
            first = place + 1
        return places

    def _appended(self, chats: Sequence[list[int]], places: list[int]) -> tuple[Tensor, Tensor]:
        """The kept rows with what is new, padded on the left, and which of it is shown."""
        device = self.tokens.device
        rows = torch.tensor(places, device=device)
        self.cache.batch_select_indices(rows)
        new = [chat[len(self.chats[place]) :] for chat, place in zip(chats, places, strict=True)]
        width = max(map(len, new))
        added = torch.tensor([[0] * (width - len(row)) + row for row in new], device=device)
        real = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in new])
        shown = real.to(device, self.shown.dtype)
        return (
            torch.cat([self.tokens[rows], added], 1),
            torch.cat([self.shown[rows], shown], 1),
        )


def _until_the_end(new: Tensor, ends: int | list[int] | None) -> Tensor:
    """Which generated tokens are part of the message: those up to the first end token."""
    listed = ends if isinstance(ends, list) else [] if ends is None else [ends]
    ended = torch.isin(new, torch.tensor(listed, device=new.device, dtype=new.dtype))
    return ended.cumsum(1) - ended.long() == 0
