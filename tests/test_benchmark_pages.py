"""The pages of figures are what the benchmarks write from the results that are kept."""

from __future__ import annotations

import importlib
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports a module of the benchmarks, which are no part of the package."""
    monkeypatch.syspath_prepend(str(ROOT))
    return lambda name: importlib.import_module(f"benchmarks.{name}")


@pytest.mark.parametrize("name", ["power", "proofs"])
def test_the_page_is_generated_from_the_results(benchmark: Any, name: str) -> None:
    module, pages = benchmark(name), benchmark("pages")
    assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == module.page(pages.kept(name))


def test_the_page_of_benchmarks_and_its_pictures(benchmark: Any) -> None:
    text, pictures = benchmark("__main__").page()
    assert (DOCS / "benchmarks.md").read_text(encoding="utf-8") == text
    assert set(pictures) == {"chains.svg", "cost.svg", "points.svg"}
    for name, picture in pictures.items():
        assert (DOCS / "images" / name).read_text(encoding="utf-8") == picture
        root = ET.fromstring(picture)
        assert root.tag.endswith("svg")
        assert root[0].tag.endswith("title")


def test_results_say_where_they_come_from() -> None:
    files = sorted((ROOT / "benchmarks" / "results").glob("*.json"))
    assert {path.stem for path in files} >= {"checkers", "engines", "cost", "power", "proofs"}
    for path in files:
        found = json.loads(path.read_text(encoding="utf-8"))
        assert found["command"].startswith("python -m benchmarks")
        assert {"processor", "cores", "memory_gb", "system", "versions"} <= set(found["machine"])
        assert {"python", "numpy"} <= set(found["machine"]["versions"])


@pytest.mark.parametrize(
    ("names", "peers", "is_kept"), [(None, True, True), (None, False, False), (["tanh"], True, False)]
)
def test_a_page_is_written_of_the_whole_alone(
    benchmark: Any, monkeypatch: pytest.MonkeyPatch, names: list[str] | None, peers: bool, is_kept: bool
) -> None:
    """A short form without other checkers, as ``tox -e bench`` runs it, leaves the page as it is."""
    power, pages = benchmark("power"), benchmark("pages")
    done: list[str] = []
    found = SimpleNamespace(to_record=lambda: pages.kept("power"))
    monkeypatch.setattr(power, "audit", lambda **_: found)
    monkeypatch.setattr(power, "meanings", lambda *_: {})
    monkeypatch.setattr(pages, "keep", lambda name, *_: done.append(name))
    monkeypatch.setattr(power, "write", lambda: done.append("page"))
    power.run(1, 0, names, peers)
    assert done == (["power", "page"] if is_kept else [])


def test_every_class_of_fault_is_in_the_table(benchmark: Any) -> None:
    from gradjury.properties.audit import CLASSES

    power, kept = benchmark("power"), benchmark("pages").kept("power")
    table = power.matrix(kept)
    for kind in {row["class"] for row in kept["faults"]}:
        assert f"| {CLASSES[kind]} |" in table
    assert "| no fault: false alarms |" in table


def test_shares_of_the_matrix(benchmark: Any) -> None:
    found = {
        "checkers": ["gradjury certified", "torch gradcheck"],
        "sound": {"affected": 7, "found": {"torch gradcheck": 1}},
        "faults": [
            {
                "class": "sign",
                "primitive": "sin",
                "affected": 3,
                "due": 2,
                "found": {"gradjury certified": 2},
                "blamed": 2,
            },
            {
                "class": "sign",
                "primitive": "cos",
                "affected": 1,
                "due": 1,
                "found": {"gradjury certified": 1},
                "blamed": 0,
            },
        ],
    }
    lines = benchmark("power").matrix(found).splitlines()
    assert lines[2:] == [
        "| wrong sign | 4 | 75.0 % | 0.0 % | 100.0 % | 66.7 % |",
        "| no fault: false alarms | 7 | 0 | 1 |  |  |",
    ]


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (1234.5, "1,234"), (12.345, "12.3"), (0.01234, "0.0123"), (float("nan"), "–")]
)
def test_figures_have_three_digits(benchmark: Any, number: float, text: str) -> None:
    assert benchmark("pages").figure(number) == text


def test_a_plot_places_its_points(benchmark: Any) -> None:
    root = ET.fromstring(benchmark("pages").plot("t", "x", "y", {"a": [(1, 1), (10, 10), (100, 100)]}))
    circles = [(float(c.get("cx", "")), float(c.get("cy", ""))) for c in root if c.tag.endswith("circle")]
    assert circles[0][0] < circles[1][0] < circles[2][0]
    assert circles[0][1] > circles[1][1] > circles[2][1]
    assert circles[1][0] == pytest.approx((circles[0][0] + circles[2][0]) / 2, abs=0.1)


def test_the_table_of_rounds_is_of_engines_that_computed_the_same(benchmark: Any) -> None:
    wide = benchmark("wide")
    engines = {"primal": 1.0, "primal, blocks": 0.5, "ours": 2.0, "other": 3.0}
    rounds = [
        {name: {"seconds": k * seconds, "extra MB": 1.0, "sums": [7.0]} for name, seconds in engines.items()}
        for k in (1, 2, 5)
    ]
    row = wide.medians(rounds)["other"]
    assert row == {"ms": 6e3, "extra MB": 1.0, "/ primal": 3.0, "/ primal, blocks": 6.0, "/ ours": 1.5}
    rounds[0]["other"]["sums"] = [7.1]
    with pytest.raises(AssertionError, match=r"other differs: 7\.1 and 7\.0"):
        wide.medians(rounds)


def test_checkers_are_measured_as_they_are_given(benchmark: Any) -> None:
    for extra in ("torch", "jax", "autograd"):
        pytest.importorskip(extra, reason="the extra bench is not installed")
    gradcheck = benchmark("gradcheck")
    before = dict(gradcheck.CHECKERS)
    asked: list[Any] = []
    spent = gradcheck.measure(["a", "b"], False, 2, {"ours": asked.append, "mine": asked.append})
    assert asked == ["a", "b"] * 4
    row = gradcheck.summary(spent, (("mine", "ours"), ("torch", "ours")))
    assert list(row) == ["ours", "mine", "mine / ours"]
    assert before == gradcheck.CHECKERS
