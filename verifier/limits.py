"""How large an input may be: nothing beyond is passed silently, it is an error that names the limit."""

from __future__ import annotations

from dataclasses import dataclass, field, fields


def _limit(default: int, text: str) -> int:
    limit: int = field(default=default, metadata={"text": text})
    return limit


#: Order of derivatives: SymPy's expressions of local ones grow with it, some of them tenfold.
HIGHEST = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes that an expression must not exceed.

    ``depth`` is a little below what the tokenizer of every supported Python takes (200 brackets); a sum or
    product without brackets nests nothing and may have some thousand terms.
    """

    length: int = _limit(100_000, "characters in an expression")
    depth: int = _limit(150, "brackets inside one another")
    chain: int = _limit(5_000, "operations in a row without brackets")
    nodes: int = _limit(20_000, "operations and constants in a function")
    digits: int = _limit(4_000, "digits in an exact number")
    points: int = _limit(1_000_000, "points in a record")

    def describe(self) -> str:
        """All limits in one line, as ``--help`` shows them."""
        return "; ".join(f"at most {getattr(self, f.name):,} {f.metadata['text']}" for f in fields(self))


#: What is read unless the caller says otherwise.
DEFAULT = Limits()
