"""The table engine × chapter."""

from __future__ import annotations

from typing import Any

from gradjury.properties.conformance.table import BEGIN, END, chapters, insert, rows

SUMMARY: dict[str, Any] = {
    "engine": "torch",
    "version": "2",
    "chapters": {"hyperbolic": {"passed": 6, "failed": 8, "skipped": 1}, "kinks": {"passed": 3, "xfailed": 1}},
}


def test_chapters_are_the_files_of_the_suite() -> None:
    assert {"hyperbolic", "kinks", "float32", "reuse", "nonfinite_traps"} <= set(chapters())
    assert all(text.endswith((".", "!")) for text in chapters().values())


def test_a_cell_counts_what_was_judged() -> None:
    lines = rows([SUMMARY]).splitlines()
    assert lines[0] == "| chapter | torch 2 |"
    assert "| hyperbolic | 6/14 |" in lines
    assert "| kinks | 3/4 |" in lines
    assert "| airy | – |" not in lines
    assert lines[-1] == "| **all** | 9/18 |"


def test_columns_of_other_engines_stay() -> None:
    page = insert("# Title\n", rows([SUMMARY, {**SUMMARY, "engine": "jax", "max_examples": 3}]))
    newer = {"engine": "torch", "version": "3", "chapters": {"kinks": {"passed": 4}}}
    lines = rows([newer], page).splitlines()
    assert lines[0] == "| chapter | torch 3 | jax 2, 3 examples |"
    assert "| hyperbolic | – | 6/14 |" in lines
    assert "| kinks | 4/4 | 3/4 |" in lines
    assert lines[-1] == "| **all** | 4/4 | 9/18 |"


def test_a_table_takes_the_place_of_the_last_one() -> None:
    page = insert("# Title\n", "first")
    assert page == f"# Title\n\n{BEGIN}\n\nfirst\n\n{END}\n"
    assert insert(f"{page}\nMore.\n", "second") == f"# Title\n\n{BEGIN}\n\nsecond\n\n{END}\n\nMore.\n"
