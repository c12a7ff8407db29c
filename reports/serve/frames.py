"""Messages between the server and its workers: JSON with its length before it, over a pipe."""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

#: Eight bytes before every message: how many follow.
HEAD = struct.Struct(">Q")


def pack(message: Any) -> bytes:
    """A message with its length before it."""
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return HEAD.pack(len(body)) + body


def take(stream: BinaryIO) -> Any:
    """The next message of a blocking stream.

    Raises:
        EOFError: the other side has gone.
    """
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        raise EOFError
    (length,) = HEAD.unpack(head)
    body = stream.read(length)
    if len(body) < length:
        raise EOFError
    return json.loads(body)
