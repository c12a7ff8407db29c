"""The server itself: a socket on loopback, uvicorn behind it, and connections that must not idle."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ...verifier.errors import GradjuryError
from .app import application

ADDRESS = "127.0.0.1"
#: Seconds in which a connection must have sent the head of a request; that open requests have when the server ends.
SLOWEST_HEAD, GRACE = 10.0, 2
#: Bytes of the head of a request, all headers together.
MOST_HEAD = 16384


class CannotListen(GradjuryError):
    """The port cannot be had."""


class Impatient(H11Protocol):  # type: ignore[misc]  # uvicorn is an extra: without it this is Any
    """HTTP/1.1 for clients that say what they want: a head that trickles in byte by byte is not waited for."""

    _has_begun = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.loop.call_later(SLOWEST_HEAD, self._look)

    def _look(self) -> None:
        if self.transport.is_closing():
            return
        idle = self.cycle is None or self.cycle.response_complete
        begun = idle and bool(self.conn.trailing_data[0])  # a head of which only the beginning has come
        if self.cycle is None or (begun and self._has_begun):
            self.transport.close()
            return
        self._has_begun = begun  # a connection that is idle after an answer is closed by uvicorn itself
        self.loop.call_later(SLOWEST_HEAD, self._look)


class Server(uvicorn.Server):  # type: ignore[misc]  # as above
    """uvicorn, whose visitors do not hold up its end: what they wait for is given up at once."""

    def handle_exit(self, sig: int, frame: Any) -> None:
        super().handle_exit(sig, frame)
        asyncio.get_running_loop().call_soon_threadsafe(self._give_up)

    def _give_up(self) -> None:
        self._ending = asyncio.ensure_future(self.config.app.close())


def listen(port: int) -> socket.socket:
    """A socket on loopback.

    Args:
        port: 0 takes any that is free.

    Raises:
        CannotListen: it cannot be had; the text says why.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere the option would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((ADDRESS, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        why = "is in use by another program" if error.errno == errno.EADDRINUSE else f"cannot be had: {error.strerror}"
        raise CannotListen(f"port {port} {why}; expected a free one, such as --port {port % 65535 + 1}") from None
    return listener


def run(listener: socket.socket, *, jobs: int, seconds: float, version: str) -> None:
    """Serve until Ctrl-C.

    Args:
        listener: from :func:`listen`.
        jobs: processes that judge.
        seconds: that one request may compute.
        version: of gradjury, for the pages.
    """
    port = listener.getsockname()[1]
    app = application([f"{ADDRESS}:{port}", f"localhost:{port}"], jobs=jobs, seconds=seconds, version=version)
    config = uvicorn.Config(
        app,
        http=Impatient,
        ws="none",
        lifespan="on",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
        h11_max_incomplete_event_size=MOST_HEAD,
    )
    try:
        Server(config).run(sockets=[listener])
    except KeyboardInterrupt:  # uvicorn ends first, then raises it
        return
