"""The page as a file: whole, valid, escaped, in every language; small ones compared with golden files."""

from __future__ import annotations

import html as html_module
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

import gradjury.reports
from gradjury.reports.collection import Collection, gather
from gradjury.reports.html import build
from gradjury.reports.pages import LANGUAGES
from gradjury.reports.report import page as page_module
from gradjury.reports.report.blame import messages
from gradjury.reports.report.changes import of_records
from gradjury.reports.report.power import FaultClass, Power

from ..lesson.lessons import Markup, data_of, fields
from ..records import agreeing, invalid, partial, record
from .samples import SAMPLES, SETTINGS, cases_of, report, rows_of

POWER = [FaultClass("sign", 6, 6), FaultClass("1e-12", 4, 3)]
GOLDEN = Path(__file__).parents[2] / "data" / "golden"
CHANGES = of_records([record(id=1)], [agreeing(id=1)], "old <b>.jsonl")


def skeleton(html: str) -> str:
    """A page without what is the same on every page, or too long to be read: style, script, font, packed data."""
    html = re.sub(r"<style>.*?</style>", "<style>…</style>", html, flags=re.DOTALL)
    html = re.sub(r"<script>.*?</script>", "<script>…</script>", html, flags=re.DOTALL)
    return re.sub(r'(<script type="[^"]*"[^>]*>).*?</script>', r"\1…</script>", html, flags=re.DOTALL)


def steady(html: str) -> str:
    """A page without what another processor or another release of a library may round otherwise."""
    html = re.sub(r"numpy \d+\.\d+\.\d+\w*", "numpy 9.9.9", html)
    html = re.sub(r'class="line" d="[^"]*"', 'class="line" d="…"', html)
    html = re.sub(r"(\d\.\d{5})\d{4,}(?:<mark>\d*</mark>)?", r"\1…", html)
    html = re.sub(r"<td>[\d.]+</td></tr>|\d(?:\.\d+)?e[-−+]?\d+|(?:\d(?:\.\d+)?·)?10[⁻⁰¹²³⁴-⁹]+", "~", html)
    return re.sub(r">[\d.]+ ulp", ">~ ulp", html)


# ---- words ---------------------------------------------------------------------------------------------------


def test_no_language_lacks_a_message_or_a_value_in_it() -> None:
    first, *others = (messages(code) for code in LANGUAGES)
    for other in others:
        assert list(other) == list(first)
        for key, text in first.items():
            assert other[key].strip()
            assert fields(other[key]) == fields(text), key


def test_korean_is_korean() -> None:
    same = [key for key, text in messages("ko").items() if text == messages("en")[key]]
    assert same == ["blame_other", "note_difference"] or all("{" in messages("ko")[key] for key in same)


def test_no_message_is_there_in_vain() -> None:
    folder = Path(gradjury.reports.__file__).parent
    sources = [*(folder / "report").glob("*.py"), folder / "curve.py", folder / "evidence.py"]
    sources += (folder / "templates").glob("*.j2")
    code = "".join(p.read_text() for p in [*sources, folder / "templates" / "report.js"])
    built = ("curve_", "stands_", "blame_", "is_", "means_", "set_", "number_", "note_", "change_", "plot_", "title_")
    missing = [k for k in messages("en") if not k.startswith(built) and not re.search(rf"\b{k}\b", code)]
    assert missing == []


# ---- the file ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SAMPLES)
def test_the_page_is_valid_html(name: str, language: str) -> None:
    parsers = pytest.importorskip("html5lib", reason="html5lib is not installed")
    html = report(name, language=language, changes=CHANGES).page
    parser = parsers.HTMLParser(strict=True)
    parser.parse(html)
    for case in cases_of(html):
        parsers.HTMLParser(strict=True).parseFragment(case["html"])


@pytest.mark.parametrize("name", SAMPLES)
def test_labels_and_links_lead_somewhere(name: str) -> None:
    html = report(name, changes=CHANGES).page
    elements = Markup(re.sub(r"<(script|style)[^>]*>.*?</\1>", "", html, flags=re.DOTALL)).elements
    identifiers = [a["id"] for _, a in elements if a.get("id")]
    assert len(identifiers) == len(set(identifiers))
    for _, attributes in elements:
        assert (attributes.get("aria-labelledby") or "verdicts-title") in [*identifiers, "verdicts-title"]
        for kind in ("data-label", "data-word", "data-placeholder"):
            assert (attributes.get(kind) or "language") in data_of(html)["words"]["en"], attributes
        assert not any(attribute.startswith("on") for attribute in attributes)
    assert not re.search(r'(?:src|href)="(?!data:|#|http://127\.0\.0\.1:8000/)', html)


def test_words_of_the_cases_are_given_to_the_script() -> None:
    html = report("several").page
    known = data_of(html)["words"]["en"]
    for case in cases_of(html):
        assert set(re.findall(r'data-(?:label|word)="(\w+)"', case["html"])) <= set(known)
    script = (Path(gradjury.reports.__file__).parent / "templates" / "report.js").read_text()
    assert set(re.findall(r'words\("(\w+)"', script)) <= set(known)


def test_one_function_is_its_own_page() -> None:
    html = report("agreeing").page
    assert html.count('<article class="case">') == 1
    assert 'id="rows"' not in html
    assert cases_of(html) == []


def test_the_counts_the_settings_and_the_rows() -> None:
    text = html_module.unescape(re.sub(r"<[^>]*>", "", skeleton(report("several").page)))
    assert "8 functions were judged at 10 points; invalid: 1." in text
    assert "4\u00a0agree · 1\u00a0kink" in text  # a number stays with its name
    assert SETTINGS["command"] in text
    columns = rows_of(report("several").page)
    assert columns["id"][:3] == ["unread", "planted", "nan"]
    assert len(cases_of(report("several").page)) == 9


def test_the_seed_0_is_shown() -> None:
    html = report("several").page
    assert re.search(r"Seed</span>.*?<code>0</code>", html, re.DOTALL)


def test_the_cap_is_said() -> None:
    collection = Collection(keep=2)
    for i in range(25):
        collection.add(record(id=i))
    text = re.sub(r"<[^>]*>", "", build(collection, version="1").page)
    assert "23 more do not agree and are not shown in full: at most 2 records a cause are kept." in text


def test_a_clean_campaign_says_so() -> None:
    text = re.sub(r"<[^>]*>", "", build(gather([agreeing()] * 30), version="1").page)
    assert "Nothing to show: every function agrees." in text
    assert "Nothing: every number was decided." in text


def test_what_changed_is_shown() -> None:
    html = report("several", changes=CHANGES).page
    assert "Compared with the older run" in html
    assert "old &lt;b&gt;.jsonl</code>." in html
    assert "Judged in one run only" not in html


def test_a_card_of_several_verdicts_says_how_many_of_each() -> None:
    html = build(gather([*[record()] * 3, record(verdict="wrong"), *[agreeing()] * 20]), version="1").page
    (head,) = re.findall(r'<p class="cause-head">(.*?)</p>', html, re.DOTALL)
    assert re.findall(r'chip small (\w+)"><span lang="en">(\d+) ', head) == [("wrong", "1"), ("inaccurate", "3")]


def test_partials_without_a_distance_are_mentioned_where_there_are_any() -> None:
    every = [record(), agreeing()]
    assert "Without such a distance" not in build(gather(every), version="1").page
    lost = record()["points"][0] | {"partials": {"x": partial(verdict="nonfinite", engine="nan", ulps=None)}}
    html = build(gather([*every, record(verdict="nonfinite", points=[lost])]), version="1").page
    assert "certified truth.</span>" in html
    assert "Without such a distance: 1." in html


def test_an_audit_is_proposed_of_the_engine_of_the_report_where_it_takes_faults() -> None:
    def proposed(*records: dict[str, Any], **settings: Any) -> str:
        page = re.sub(r"</?span[^>]*>", "", build(gather(records, settings), version="1").page)
        return page.partition("gradjury audit --json --engine ")[2].split("<")[0]

    torch, jax = record(engine="torch 2.13"), record(engine="jax 0.10")
    assert proposed(torch, record(engine="claim")) == "torch"
    assert proposed(torch, jax) == "numpy"
    assert proposed(jax, jax, engine="torch") == "torch"
    assert proposed(*[record(engine="casadi 3.8")] * 2) == "numpy"


def test_power_is_shown_where_it_was_measured() -> None:
    page = re.sub(r"</?span[^>]*>", "", report("several").page)
    assert "gradjury audit --json --engine numpy" in page
    page = report("several", power=Power("numpy <2>", POWER, 20, 0)).page
    assert "In numpy &lt;2&gt;, 9 of 10 planted faults" in page
    assert "(90.0%). False alarms in functions without a fault: 0 of 20." in page
    for words in ("wrong sign", "부호가 반대", "local derivative × (1 + 10⁻¹²)", "국소 미분 × (1 + 10⁻¹²)"):
        assert words in page


def test_an_audit_whose_faults_move_nothing_claims_no_power() -> None:
    page = report("several", power=Power("numpy 2", [], 1, 0)).page
    assert "None of the faults that were planted in numpy 2 changes" in page
    assert "planted faults that change a derivative" not in page
    assert "Planted</span>" not in page  # nor a table without a row


def test_too_many_cases_stand_in_files_beside_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "MOST_INSIDE", 3)
    monkeypatch.setattr(page_module, "SHARD", 4)
    found = report("several", stem="x y")
    assert list(found.shards) == [f"x y.data/{k:04d}.js" for k in range(3)]
    assert cases_of(found.page) == []
    assert data_of(found.page)["shards"] == list(found.shards)
    assert data_of(found.page)["block"] == 4
    assert all(text.startswith(f"gradjury.arrived({k},") for k, text in enumerate(found.shards.values()))


def test_drawing_stops_in_time_and_the_smallest_of_each_cause_is_drawn_first() -> None:
    cases = cases_of(report("several", limit=-1.0).page)
    assert not any("<svg" in case["html"] for case in cases)
    assert [page_module._by_turns([record(expression="tanh(x + 1)"), record(), agreeing()])] == [[1, 2, 0]]


# ---- hostile input -------------------------------------------------------------------------------------------

EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></title></script>{{ 7*7 }}{% x %}",
    "&lt;b&gt;",
    "'-alert(1)-'",
    "javascript:alert(1)",
    "]]><svg onload=alert(1)>\u2028</script>",
]
KEPT = {"verdict", "value_verdict", "formula_verdict", "kind"}
NAMED = {*record(), *partial(), *record()["blame"], *record()["points"][0], "reason"}


def replaced(tree: Any, text: str) -> Any:
    """A record with every text but verdicts replaced; names as well."""
    if isinstance(tree, dict):
        return {(k if k in NAMED else text): (v if k in KEPT else replaced(v, text)) for k, v in tree.items()}
    if isinstance(tree, list):
        return [replaced(v, text) for v in tree]
    return text if isinstance(tree, str) or tree is None else tree


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("many", [True, False])
def test_markup_in_any_field_stays_text(evil: str, many: bool) -> None:
    bad = replaced(record(points=[{**record()["points"][0], "partials": {"x": partial(reason="r")}}]), evil)
    bad["blame"] = {**bad["blame"], "kind": evil} if many else bad["blame"]
    others = [{**invalid(), "error": evil}, {**bad, "blame": None}, agreeing(id=evil)] if many else []
    settings = {evil: evil, "v": {evil: evil}, "engine": evil, "engine_version": evil, "functions": 3, "command": evil}
    html = build(
        gather([bad, *others], settings), title=evil, version=evil, changes=of_records([bad], [bad], evil)
    ).page
    tags: set[str] = set()
    for piece in [re.sub(r"<(script|style)(?![^>]*json)[^>]*>.*?</\1>", "", html, flags=re.DOTALL)]:
        stripped = re.sub(r'<script type="application/json" id="data">[^<]*</script>', "", piece)
        for tag, attributes in Markup(stripped).elements:
            tags.add(tag)
            assert not any(name.startswith("on") for name in attributes), tag
            assert not str(attributes.get("href", "")).startswith("javascript:")
    assert not tags & {"img", "script", "iframe", "object", "embed", "form"}
    for case in cases_of(html):
        for tag, attributes in Markup(case["html"]).elements:
            assert tag not in ("img", "script"), tag
            assert not any(name.startswith("on") for name in attributes)
    text = html_module.unescape(re.sub(r"<[^>]*>", "", skeleton(html)))
    assert text.count(evil) >= 5
    assert html.count("<script") == html.count("</script>") == len(re.findall(r"<script[ >]", html))
    json.dumps(data_of(html))


def test_hostile_numbers_and_types_make_no_traceback() -> None:
    point = record()["points"][0]
    odd: list[Any] = [
        record(points=[{**point, "partials": {"x": partial(ulps="<b>", difference=[], engine={"a": 1})}}]),
        record(points=[{**point, "partials": {"x": partial(ulps=float("nan"), difference_error=float("inf"))}}]),
        record(points=[{**point, "value": [1, 2], "at": {"x": None}}]),
        record(id="\udcff", expression="\udcff"),
        record(id=None, engine=7),
    ]
    html = build(gather(odd), version="1").page
    html.encode()
    assert len(cases_of(html)) == len(odd)


# ---- golden files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["agreeing", "planted"])
def test_small_reports_are_as_they_were_seen(name: str) -> None:
    """Reviewed by eye; ``UPDATE_GOLDEN=1 pytest tests/reports/report/test_page.py -k seen`` writes them anew."""
    html = steady(skeleton(report(name).page))
    path = GOLDEN / f"report-{name}.html"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(html)
    assert html == path.read_text()


def test_what_was_not_decided_is_told_with_its_reason_also_beside_failures() -> None:
    masked = record(verdict="undecided")
    html = build(gather([record(), masked, masked]), version="1").page
    table = html[html.index('class="figures skipped"') :]
    table = table[: table.index("</table>")]
    assert "<td>2</td>" in table
    for language, end in (("en", "is off by itself"), ("ko", "어긋납니다")):
        assert end in table, language
    assert "tanh" in table


def test_only_cases_that_are_in_the_page_are_linked_from_a_comparison() -> None:
    many = [agreeing(id=k) for k in range(Collection.FEW + 1)]
    since = of_records([*many, record(id="bad")], [record(id=0), *many[1:], agreeing(id="bad")], "old")
    html = build(gather([*many, record(id="bad")]), version="1", changes=since).page
    assert '<a href="#f=bad" data-id="bad">bad</a>' in html
    assert "<td>0</td>" in html
    assert 'data-id="0"' not in html


@pytest.mark.parametrize("asked", [2, 4000])
def test_a_campaign_that_was_interrupted_says_so_at_once(asked: int) -> None:
    settings = {"engine": "torch", "engine_version": "2", "functions": asked, "interrupted": asked > 2}
    results = gather([agreeing(), record()], settings)
    html = build(results, version="1").page
    for language in LANGUAGES:
        title = messages(language)["title_unfinished"].format(engine="torch 2", functions="2", all="4,000")
        assert (f"<title>{title}" in build(results, version="1", language=language).page) is (asked > 2)
    assert ('class="lede unfinished"' in html) is (asked > 2)
    assert "<dt>interrupted</dt>" not in html


def test_where_nothing_was_judged_nothing_is_said_to_agree() -> None:
    html = build(gather([], {"engine": "torch", "functions": 3000}), version="1").page
    assert "every function agrees" not in html
    assert "every number was decided" not in html
    assert html.count("No function was judged.") == 3
    assert "--resume STORE</span>" in html


@pytest.mark.parametrize(("language", "verdict"), [("en", "wrong"), ("ko", "틀림")])
def test_the_tab_of_one_function_tells_it_from_others(language: str, verdict: str) -> None:
    one = record(verdict="wrong", expression="a = tanh(x)\na<1")
    html = build(gather([one]), version="1", language=language).page
    assert f"<title>{verdict}: a = tanh(x) a&lt;1 · gradjury</title>" in html
    assert data_of(html)["titles"][language] == f"{verdict}: a = tanh(x) a<1 · gradjury"
    long = build(gather([record(expression="+".join(["x"] * 99))]), version="1").page
    assert "x+…" in re.findall(r"<title>(.*?)</title>", long)[0]


def test_the_note_of_a_graph_speaks_of_blame_where_there_is_some() -> None:
    assert "is outlined" not in report("agreeing").page
    assert "is outlined" in report("planted").page


def test_a_long_example_is_whole_in_its_title() -> None:
    long = " + ".join(["tanh(x)"] * 20)
    given = record(blame={**record()["blame"], "minimal": long})
    html = build(gather([given, agreeing()]), version="1").page
    assert f'<code class="clip" title="{long}">' in html
    since = of_records([record(id=1, expression=long)], [agreeing(id=1, expression=long)], "old")
    html = build(gather([record(), agreeing()]), version="1", changes=since).page
    assert f'<code class="clip" title="{long}">' in html


def test_one_function_promises_no_other_cases_without_a_script() -> None:
    for count in (1, 2):
        html = build(gather([record(id=k) for k in range(count)]), version="1").page
        assert (messages("en")["no_script_one"] in html) is (count == 1)
        assert (messages("en")["no_script"] in html) is (count == 2)
