"""``gradjury report``: pages of stores and results, set beside older ones, with the power of the method."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gradjury.cli import main
from gradjury.properties import campaign
from gradjury.reports.report import page

from .reports.records import agreeing, record


def call(*words: Any) -> Result:
    return CliRunner().invoke(main, ["report", *map(str, words)], prog_name="gradjury")


def results(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records))
    return path


def test_results_beside_older_ones(tmp_path: Path) -> None:
    old, new = results(tmp_path / "old.jsonl", agreeing(id=1)), results(tmp_path / "new.jsonl", record(id=1))
    assert call(new, "--compare", old).exit_code == 0
    html = (tmp_path / "new.jsonl.html").read_text()
    assert "Compared with the older run" in html
    assert "fail now, and did not before" in html


def test_stores_beside_older_ones_as_text_or_as_a_page(tmp_path: Path) -> None:
    for name in ("old.db", "new.db"):
        campaign.run(3, 1, store=tmp_path / name)
    words = call(tmp_path / "new.db", "--compare", tmp_path / "old.db")
    assert words.exit_code == 0
    assert "unchanged" in words.output
    assert not list(tmp_path.glob("*.html"))
    assert call(tmp_path / "new.db", "--compare", tmp_path / "old.db", "-o", tmp_path / "c.html").exit_code == 0
    assert "3 functions were judged in both runs" in (tmp_path / "c.html").read_text()


def test_what_a_page_is_made_from_is_not_written_over(tmp_path: Path) -> None:
    new, old, audit = (results(tmp_path / name, agreeing(id=1)) for name in ("new.jsonl", "old.jsonl", "audit.json"))
    for given in (new, old, audit):
        before = given.read_text()
        failed = call(new, "--compare", old, "--audit", audit, "-o", given)
        assert failed.exit_code == 2
        assert "expected another one" in failed.stderr
        assert given.read_text() == before


def test_the_power_of_an_audit(tmp_path: Path) -> None:
    audit = {
        "engine": "numpy 2",
        "sound": {"affected": 5, "found": {}},
        "faults": [{"class": "sign", "due": 4, "found": {"gradjury certified": 4}}],
    }
    (tmp_path / "audit.json").write_text(json.dumps(audit))
    given = results(tmp_path / "r.jsonl", agreeing(), record())
    assert call(given, "--audit", tmp_path / "audit.json").exit_code == 0
    assert "In numpy 2, 4 of 4 planted faults" in (tmp_path / "r.jsonl.html").read_text()
    infinite = json.dumps(audit).replace("4,", "1e999,")
    for other in ("{}", "[" * 100_000, infinite):
        (tmp_path / "audit.json").write_text(other)
        failed = call(given, "--audit", tmp_path / "audit.json")
        assert failed.exit_code == 2
        assert "as gradjury audit --json writes it" in failed.stderr


def test_data_beside_a_page_that_would_be_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST_INSIDE", 2)
    given = results(tmp_path / "r.jsonl", *(record(id=k) for k in range(5)))
    assert call(given, "-o", tmp_path / "page.html").exit_code == 0
    assert [p.name for p in (tmp_path / "page.data").iterdir()] == ["0000.js"]


def test_one_function_from_verify(tmp_path: Path) -> None:
    words = ["verify", "exp(sin(x)*y)", "--at", "x=0.5", "--at", "y=2", "--report", str(tmp_path / "one.html")]
    assert CliRunner().invoke(main, words, prog_name="gradjury").exit_code == 0
    html = (tmp_path / "one.html").read_text()
    assert html.count('<article class="case">') == 1
    assert "gradjury verify &#39;exp(sin(x)*y)&#39; --at x=0.5 --at y=2.0" in re.sub(r"</?span[^>]*>", "", html)


@pytest.mark.parametrize("name", ["results", "audit"])
def test_a_file_that_is_no_text_is_said_in_our_words(tmp_path: Path, name: str) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\x80\x81\xff")
    given = results(tmp_path / "good.jsonl", record(id=1))
    done = call(binary) if name == "results" else call(given, "--audit", binary)
    assert done.exit_code == 2
    assert done.stderr.endswith("this is no UTF-8 (byte 1)\n")
    assert done.stderr.count("\n") == 1
    assert "codec" not in done.stderr


def test_what_is_no_json_is_named_with_its_place(tmp_path: Path) -> None:
    for text, why in (
        ("{'a': 1}", "no JSON: Expecting property name enclosed in double quotes"),
        ("1" * 5000, "digits"),
    ):
        (tmp_path / "no.jsonl").write_text(text)
        assert why in call(tmp_path / "no.jsonl").stderr
