"""Records packed for the page: blocks of deflated JSON that the script unpacks when they are needed.

A page of ten thousand cases stays a few megabytes and opens at once. ``DecompressionStream`` reads raw deflate in
every browser that knows ``light-dark()``.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable
from typing import Any

from ..pages import compact


def pack(data: Any) -> str:
    """Data as deflated JSON in base64: letters that can end no element and no literal."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    text = compact(data).encode("utf-8", "replace")
    return base64.b64encode(packer.compress(text) + packer.flush()).decode()


def unpack(text: str) -> Any:
    """What :func:`pack` packed."""
    return json.loads(zlib.decompress(base64.b64decode(text), -zlib.MAX_WBITS))


def shard(number: int, text: str) -> str:
    """A block as a script of its own, for a page that would be too large with all of them inside."""
    return f'gradjury.arrived({number},"{text}")\n'


def plain(value: Any) -> Any:
    """A value as strict JSON takes it: nan and infinities, which Python would write unquoted, as texts."""
    if isinstance(value, float):
        return value if value - value == 0 else str(value)
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value


def chunks(items: list[Any], size: int) -> Iterable[list[Any]]:
    """A list in pieces of a size, the last one shorter."""
    return (items[start : start + size] for start in range(0, len(items), size))
