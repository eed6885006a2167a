"""`openenv:URL`: a running server of OpenEnv, through its own client."""

import json
import urllib.request
from collections.abc import Mapping
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from inwit.errors import InvalidOption

PATIENCE = 10


class Server:
    """A running server; each process has a session of its own."""

    oracle = None

    def __init__(self, address: str) -> None:
        """Connect, and ask for the schema of actions.

        Raises:
            InvalidOption: it is not an address, or no OpenEnv server answers there.
        """
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidOption(f"{address}: an address such as openenv:http://localhost:8000")
        base = address.rstrip("/")
        try:
            with urllib.request.urlopen(f"{base}/schema", timeout=PATIENCE) as answer:
                self.schema: Mapping[str, Any] = json.load(answer)["action"]
            self.client: Any = import_module("openenv.core").GenericEnvClient(base_url=base).sync()
            self.client.__enter__()
        except (OSError, KeyError, ValueError, TypeError) as error:
            words = f"{address} does not answer as a server of OpenEnv: {error!s:.120}"
            raise InvalidOption(f"{words}; is it running?") from None

    def reset(self, seed: int | None) -> Mapping[str, Any]:
        """The first observation."""
        return _answer(self.client.reset(seed=seed))

    def step(self, action: Any) -> Mapping[str, Any]:
        """The next one; what the server refuses raises."""
        return _answer(self.client.step(action))


def _answer(result: Any) -> Mapping[str, Any]:
    return {**result.observation, "reward": result.reward, "done": result.done}
