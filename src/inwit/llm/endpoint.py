"""A model behind an HTTP endpoint that speaks the chat-completions protocol (OpenAI, vLLM, ...).

Every problem of a batch is one request, several at once. A request that fails is repeated; if it
keeps failing, scoring stops, since the server's faults are not the model's.
"""

import os
import zlib
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from http.client import HTTPException
from math import inf
from socket import EAI_AGAIN, gaierror
from threading import Event, Lock, Thread
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from inwit.errors import InvalidOption
from inwit.llm.chats import ChatModel, Reply
from inwit.llm.prompts import Message
from inwit.llm.protocol import RENAMED, Refusal, request, response
from inwit.parts import check_count

KEY = "INWIT_API_KEY"
"""The environment variable with the API key, if the endpoint needs one."""
AGAIN = {200, 408, 409, 425, 429, *range(500, 600)}
"""HTTP statuses that are worth another try; 200: the response is not a completion."""
TRIES, PAUSE, LONGEST_PAUSE = 5, 1.0, 60.0
"""Tries per request, and the seconds before the second one; doubled every time."""
SECONDS, AT_ONCE, TOKENS = 120.0, 8, 1024
MAX_BYTES = 2**23
"""Maximum bytes of a response."""
PATH = "/chat/completions"
"""What follows the address that is given."""
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Endpoint(ChatModel):
    """A chat model behind a URL."""

    def __init__(
        self,
        place: str,
        *,
        key: str | None = None,
        seconds: float = SECONDS,
        pause: float = PAUSE,
        tokens: int = TOKENS,
    ) -> None:
        """Nothing is sent yet.

        Args:
            place: `https://host/v1#model`.
            key: sent as a bearer token; by default the value of `INWIT_API_KEY`.
            seconds: timeout of one response.
            pause: seconds before the second try.
            tokens: maximum length of a reply.

        Raises:
            InvalidOption: the URL is malformed, a key would be sent unencrypted, or a number is out
                of range.
        """
        check_count("tokens", tokens)
        if not (0 < seconds < inf and 0 <= pause < inf):
            raise InvalidOption(
                f"seconds {seconds}, pause {pause}: give seconds above 0, and a pause of 0 or more"
            )
        self.url, self.model = _split(place)
        self.name, self.seconds, self.pause, self.tokens = self.model, seconds, pause, tokens
        asked = {"model": self.model, "temperature": 0, "max_tokens": tokens}
        self.options: dict[str, object] = dict(asked)
        self.lock = Lock()
        self.key = (os.environ.get(KEY, "") if key is None else key).strip()
        if not (self.key.isascii() and self.key.isprintable()):
            raise InvalidOption(f"{KEY} holds characters that no key has: give it as one line")
        host = urlsplit(self.url).hostname or ""
        if self.key and host not in LOOPBACK and not self.url.startswith("https:"):
            raise InvalidOption(
                f"{self.url}: {KEY} is sent over https alone; unset it, or use https"
            )
        self.opener = _opener(host)

    def reply(
        self, chats: Sequence[Sequence[Message]], tools: Sequence[dict[str, object]]
    ) -> list[Reply]:
        """One message for each chat.

        Raises:
            InvalidOption: the endpoint cannot be reached, refuses, or keeps failing.
        """
        stopped, replies = Event(), [Future[Reply]() for _ in chats]
        waiting = deque(zip(chats, replies, strict=True))

        def work() -> None:
            while not stopped.is_set():
                try:
                    chat, reply = waiting.popleft()
                except IndexError:
                    return
                try:
                    reply.set_result(self._ask(chat, tools, stopped))
                except BaseException as error:
                    reply.set_exception(error)

        for _ in range(min(AT_ONCE, len(chats))):
            Thread(target=work, daemon=True).start()  # a slow server does not hold Ctrl-C up
        try:
            return [reply.result() for reply in replies]
        finally:
            stopped.set()

    def _ask(
        self, chat: Sequence[Message], tools: Sequence[dict[str, object]], stopped: Event
    ) -> Reply:
        """The reply to a chat, with retries until it is stopped."""
        place = sum(message["role"] == "tool" for message in chat)
        tried, reason = 0, ""
        while tried < TRIES:
            options = dict(self.options)
            found, wait = self._try(request(chat, tools, options), place)
            if isinstance(found, Reply):
                return found
            if found.option in options:
                self._rename(found.option)
                continue
            reason = found.reason
            if found.status not in AGAIN:
                hint = "; such addresses often end in /v1" if self._lacks_version(found) else ""
                raise InvalidOption(f"{self.url}: {reason}{hint}")
            if (tried := tried + 1) < TRIES:
                wait = wait or (self.pause * 2 ** (tried - 1))
                if stopped.wait(min(max(wait, self.pause), LONGEST_PAUSE)):
                    break
        raise InvalidOption(f"{self.url}: after {TRIES} tries: {reason}")

    def _lacks_version(self, found: Refusal) -> bool:
        return found.status == 404 and "/v1/" not in self.url

    def _rename(self, option: str) -> None:
        """Ask without an option that the model does not take, from now on."""
        with self.lock:
            value = self.options.pop(option, None)
            if RENAMED[option] and value is not None:
                self.options[RENAMED[option]] = value
        if option == "temperature":
            self.remark = f"{self.name} refuses temperature 0: its replies are sampled"

    def _try(self, body: bytes, place: int) -> tuple[Reply | Refusal, float]:
        """One request; and the seconds that the server tells to wait.

        A connection that fails is a refusal, too: 408 if it is worth another try, otherwise 0.
        """
        try:
            status, phrase, headers, content = self._fetch(body)
        except URLError as error:
            again = isinstance(error.reason, (TimeoutError, ConnectionResetError))
            again |= isinstance(error.reason, gaierror) and error.reason.errno == EAI_AGAIN
            reason = _reason(error.reason, self.seconds)
            return Refusal(status=408 if again else 0, reason=reason), 0.0
        except (OSError, HTTPException, zlib.error) as error:
            return Refusal(status=408, reason=_reason(error, self.seconds)), 0.0
        found = response(status, content, place)
        if isinstance(found, Refusal) and found.status != 200:
            code = f"{status} {phrase}" if status >= 300 else str(found.status)
            moved = headers.get("Location", "")
            if 300 <= status < 400:
                found = replace(found, reason=f"redirects are not followed: give {moved:.200}")
            found = replace(found, reason=f"{code}: {found.reason}".rstrip(": "))
        return found, _told_to_wait(headers)

    def _fetch(self, body: bytes) -> tuple[int, str, Mapping[str, str], bytes]:
        """Status, its phrase, headers and body of a response, whatever its status."""
        headers = {"Content-Type": "application/json", "User-Agent": "inwit"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        asked = Request(self.url, data=body, headers=headers)
        try:
            answer = self.opener.open(asked, timeout=self.seconds)
        except HTTPError as error:
            answer = error
        with answer:
            content = answer.read(MAX_BYTES)
            if answer.headers.get("Content-Encoding") == "gzip":
                content = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content, MAX_BYTES)
            return answer.status, str(answer.reason), answer.headers, content


class _NoRedirects(HTTPRedirectHandler):
    """The key is never sent to another host."""

    def redirect_request(self, *given: Any, **named: Any) -> None:
        return None


def _opener(host: str) -> OpenerDirector:
    proxies: list[Any] = [ProxyHandler({})] if host in LOOPBACK else []
    return build_opener(_NoRedirects, *proxies)


def _split(place: str) -> tuple[str, str]:
    shown = place.rpartition("@")[2]  # never a key
    try:
        parts = urlsplit(place)
        _ = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError as error:  # a port that is no number, a host that none can have
        raise InvalidOption(f"llm:{shown}: the address cannot be read: {error}") from None
    base = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/").removesuffix(PATH)
    if not base.isascii() or not base.isprintable() or " " in base:
        raise InvalidOption(f"llm:{shown}: write spaces and other letters in the address as %XX")
    if parts.scheme not in ("http", "https") or not parts.hostname or not parts.fragment:
        raise InvalidOption(f"llm:{place}: an endpoint is llm:https://host/v1#model")
    if "@" in parts.netloc:
        raise InvalidOption(f"llm:{parts.hostname}: put the key into {KEY}, not into the URL")
    if parts.query:
        raise InvalidOption(
            f"llm:{parts.hostname}: leave out what follows the ?, and put a key into {KEY}"
        )
    return f"{base}{PATH}", parts.fragment


def _told_to_wait(headers: Mapping[str, str]) -> float:
    """The seconds of `Retry-After`, if given."""
    try:
        return max(0.0, float(headers.get("Retry-After", "0")))
    except ValueError:
        return 0.0


def _reason(error: object, seconds: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no response within {seconds:g} seconds"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)[:200]
