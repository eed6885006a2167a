"""Answers only this machine's own page, and only small requests in JSON."""

import base64
import hashlib
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inwit.texts import to_json

MAX_BODY = 64 * 1024
DRAINED = 1024 * 1024
"""Bytes of a refused body that are still read, so that its sender reads the answer."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; frame-src 'self'; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def policy_with(style: str) -> str:
    """The content policy of a page that contains this style sheet."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return POLICY.replace("style-src 'self'", f"style-src 'sha256-{digest}'")


class Refused(Exception):
    """A refused request."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        """Keep the status and the reason."""
        super().__init__(message)
        self.status = status


class Guard:
    """Refuses requests that do not come from the page, and limits what the page may load."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        """Wrap an application that listens at a port of the loopback interface."""
        self.app = app
        self.hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                missing = ((name.encode(), value.encode()) for name, value in HEADERS.items())
                message["headers"] += [pair for pair in missing if pair[0] not in given]
            await send(message)

        body = await _body(receive, DRAINED) if scope["method"] == "POST" else b""
        try:
            self._check(scope, body)
        except Refused as refused:
            await _refuse(refused, sent)
            return
        await self.app(scope, _again(body, receive), sent)

    def _check(self, scope: Scope, body: bytes) -> None:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        if headers.get("host") not in self.hosts:
            raise Refused(HTTPStatus.BAD_REQUEST, "this host is not known here")
        origin = headers.get("origin")
        if origin is not None and origin not in {f"http://{host}" for host in self.hosts}:
            raise Refused(HTTPStatus.FORBIDDEN, "another site's page may not ask")
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            raise Refused(HTTPStatus.FORBIDDEN, "another site's page may not ask")
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if scope["method"] == "POST" and kind != "application/json":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "requests are application/json")
        if len(body) > MAX_BODY:
            raise Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request has at most {MAX_BODY:,} bytes"
            )


async def _body(receive: Receive, most: int) -> bytes:
    """The body, read to its end or until it exceeds the limit."""
    body, more = b"", True
    while more and len(body) <= most:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _again(body: bytes, receive: Receive) -> Receive:
    """The body that was already read, then later messages."""
    unread = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Message:
        return unread.pop() if unread else await receive()

    return received


async def _refuse(refused: Refused, send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    body = to_json({"error": str(refused)}).encode()
    await send({"type": "http.response.body", "body": body})
