"""Packed records: nothing is lost, and nothing in them can end the element they stand in."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from gradjury.reports.report.blocks import chunks, pack, plain, shard, unpack

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(json_values.filter(lambda v: "\\ud" not in repr(v)))
def test_what_was_packed_is_unpacked(value: object) -> None:
    text = pack(value)
    assert unpack(text) == value
    assert re.fullmatch("[A-Za-z0-9+/=]*", text)


def test_a_lone_surrogate_does_not_break_the_page() -> None:
    assert unpack(pack("a\udcffb")) == "a?b"


def test_nan_and_infinities_become_texts() -> None:
    assert plain({"a": [float("nan"), float("-inf"), 1.5], 3: (1,)}) == {"a": ["nan", "-inf", 1.5], "3": [1]}


def test_a_shard_is_a_call() -> None:
    assert shard(3, "AAA") == 'gradjury.arrived(3,"AAA")\n'


def test_chunks_cover_everything() -> None:
    assert list(chunks([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]
    assert list(chunks([], 2)) == []
