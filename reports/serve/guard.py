"""What stands before the pages: only this machine's own browser comes through, and only with requests of a sane size.

A page of another site may send requests to this address, directly or by a name of its own that it lets point to
127.0.0.1 (DNS rebinding): the Host header must be ours, and so must Origin where there is one. What a page of
another site loads with GET, as an image, has no Origin; browsers say of it in Sec-Fetch-Site whose it is, and only
a link that a visitor follows comes through: https://www.w3.org/TR/fetch-metadata/.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Bytes of the address and of the body of a request; seconds in which the body must have come.
MOST_TARGET, MOST_BODY, SLOWEST_BODY = 8192, 32768, 5.0

#: Sent with every answer. Pages add their own policy, which names their script and style.
HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Guard:
    """An ASGI application around another one.

    Args:
        app: what requests go to that pass.
        hosts: names by which this server may be addressed, with the port.
        close: gives up whatever the application is doing.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str], close: Callable[[], Awaitable[None]]) -> None:
        self.app, self.hosts, self.close = app, frozenset(hosts), close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refused = self._refused(scope)
        body = b""
        if refused is None:
            refused, body = await _read(scope, receive)
        if refused is not None:
            await _refuse(send, *refused)
            return
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                more = [(k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in own]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        await self.app(scope, again, guarded)

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        hosts = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or hosts[0] not in self.hosts:
            return 421, f"this server answers to {' and '.join(sorted(self.hosts))} alone"
        origins = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"origin"]
        if any(origin.removeprefix("http://") not in self.hosts for origin in origins) or _is_foreign(scope):
            return 403, "this server answers its own pages alone"
        if len(scope["raw_path"]) + len(scope["query_string"]) > MOST_TARGET:
            return 414, f"the address is too long; expected at most {MOST_TARGET} bytes"
        return None


def _is_foreign(scope: Scope) -> bool:
    """Whether a browser says that a page of another site, or of another port, asks, other than by leading here.

    Clients that are no browsers, and old ones, say nothing.
    """
    said = {name: value.lower() for name, value in scope["headers"] if name.startswith(b"sec-fetch-")}
    if said.get(b"sec-fetch-site", b"none") in (b"same-origin", b"none"):
        return False
    leads_here = said.get(b"sec-fetch-mode") == b"navigate" and said.get(b"sec-fetch-dest") == b"document"
    return not (leads_here and scope["method"] == "GET")


async def _read(scope: Scope, receive: Receive) -> tuple[tuple[int, str] | None, bytes]:
    too_large = 413, f"the body is too large; expected at most {MOST_BODY} bytes"
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > MOST_BODY:  # the parser of the protocol saw to the digits
            return too_large, b""
    body = b""
    try:
        async with asyncio.timeout(SLOWEST_BODY):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return (400, "the request was given up"), b""
                body += message.get("body", b"")
                if len(body) > MOST_BODY:
                    return too_large, b""
                if not message.get("more_body", False):
                    return None, body
    except TimeoutError:
        return (408, f"the body did not come within {SLOWEST_BODY:g} s"), b""


async def _refuse(send: Send, status: int, words: str) -> None:
    text = f"gradjury: {words}\n".encode()
    headers: list[tuple[bytes, bytes]] = [(k.encode(), v.encode()) for k, v in HEADERS.items()]
    headers += [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"connection", b"close"),  # what else was sent is not read
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    message: dict[str, Any] = {"type": "http.response.body", "body": text}
    await send(message)
