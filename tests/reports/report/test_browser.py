"""The report in a browser: sorting, filtering, links, languages, themes, phones, ten thousand rows, accessibility."""

from __future__ import annotations

import csv
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from gradjury.engine import REGISTRY
from gradjury.reports.collection import Collection, gather
from gradjury.reports.html import Report, build, render_function
from gradjury.reports.report import page as page_module

from ..browser import OpenPage
from ..records import agreeing, partial, record
from .samples import SAMPLES, SETTINGS, judged, records, report
from .test_page import CHANGES, EVIL

#: Seconds until ten thousand cases are on screen, and milliseconds that a filter takes. Both were measured at a third
#: of this or less; the room is for machines that are busy with something else.
MOST_SECONDS, MOST_MILLISECONDS = 1.0, 100.0


def many(count: int) -> list[dict[str, Any]]:
    """Records of functions that fail, as a campaign would keep them: synthetic, the same every time."""
    draw = random.Random(7)
    operations = ["tanh", "erf", "digamma", "polygamma", "log1p", "sigmoid", "gelu", "atan2", "ldexp", "sinh"]
    found = []
    for k in range(count):
        operation = draw.choice(operations)
        verdict = draw.choice(["wrong", "wrong", "inaccurate", "nonfinite", "imprecise", "undecided"])
        blame = {**record()["blame"], "primitive": operation, "minimal": f"{operation}(x)"}
        x = draw.uniform(-5, 5)
        shown = partial(verdict=verdict, engine=draw.uniform(-1, 1), ulps=2 ** draw.uniform(3, 50))
        point = {"at": {"x": x}, "value": draw.uniform(-1, 1), "value_verdict": "agree", "partials": {"x": shown}}
        text = f"exp({operation}(x)*{k % 97}) + sin(x + {k}) - {operation}(cos(x))"
        undecided = verdict == "undecided"
        found.append(record(id=k, expression=text, verdict=verdict, points=[point], blame=None if undecided else blame))
    return found


def save(folder: Path, name: str, made: Report) -> None:
    (folder / f"{name}.html").write_text(made.page)
    for shard, text in made.shards.items():
        (folder / shard).parent.mkdir(exist_ok=True)
        (folder / shard).write_text(text)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    for name in SAMPLES:
        save(folder, name, report(name, changes=CHANGES))
    names = sorted(REGISTRY)[:40]
    causes = [record(id=k, blame={**record()["blame"], "primitive": name}) for k, name in enumerate(names)]
    for cause in (causes[0], causes[-1]):
        cause["blame"]["minimal"] = "sin(x)*cos(y) + tanh(x*y) - log(x) + sqrt(y)*x"
    save(folder, "causes", build(gather(causes, SETTINGS), version="1", limit=0.0))
    six = ["kink", "undefined", "imprecise", "inaccurate", "nonfinite", "wrong"]
    save(folder, "six", build(gather([record(id=k, verdict=v) for k, v in enumerate(six)]), version="1", limit=0.0))
    wide = " + ".join(f"sin({k}*x)" for k in range(1, 15))
    save(folder, "wide", build(gather([judged(wide, {"x": 0.5})]), version="1"))
    along = judged("sigmoid(x)", {"x": [-30.0, -2.5, 0.0, 1.0, 5.0, 20.0, 700.0]})
    save(folder, "along", build(gather([along]), version="1"))
    save(folder, "many", build(gather(many(300), SETTINGS), version="1", limit=0.0))
    save(folder, "more", build(gather(many(400), SETTINGS), version="1", limit=0.0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_module, "MOST_INSIDE", 100)
        patch.setattr(page_module, "SHARD", 64)
        save(folder, "sharded", build(gather(many(300), SETTINGS), version="1", stem="sharded", limit=0.0))
    evil = [{**r, "id": f"{r['id']}{EVIL[k % len(EVIL)]}"} for k, r in enumerate(records())]
    evil += [{**agreeing(), "expression": text, "engine": text, "id": text} for text in EVIL]
    save(folder, "evil", build(gather(evil, {"engine": EVIL[0]}), version=EVIL[1], title=EVIL[2]))
    return folder


class Window(OpenPage):
    """One open report."""

    def __init__(self, browser: Any, pages: Path, name: str, hash_: str = "", width: int = 1160) -> None:
        url = f"{(pages / f'{name}.html').as_uri()}#{hash_}"
        super().__init__(browser, url, ("file:", "data:", "blob:"), width, accept_downloads=True)
        if self.page.locator("#rows").count():
            self.page.wait_for_selector("html.ready")

    def column(self, number: int) -> list[str]:
        """The texts of the drawn rows."""
        found: list[str] = self.page.locator(f"#rows tbody tr:not(.spacer) td:nth-child({number})").all_inner_texts()
        return found

    def count(self) -> str:
        return str(self.page.locator("#count").inner_text())


def as_number(text: str) -> float:
    """3.27·10⁴ as the page shows it."""
    factor, _, power = text.partition("·10")
    return float(factor) * 10.0 ** int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)


def test_a_click_sorts_up_then_down_then_not_at_all(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "many") as window:
        head = window.page.locator('[data-sort="ulps"]')
        before = window.column(1)[:9]
        head.locator("button").click()
        up = [as_number(text) for text in window.column(5)]
        assert up == sorted(up)
        assert head.get_attribute("aria-sort") == "ascending"
        head.locator("button").click()
        down = [as_number(text) for text in window.column(5)]
        assert down == sorted(down, reverse=True)
        assert down[0] > up[-1]
        head.locator("button").click()
        assert window.column(1)[:9] == before
        assert head.get_attribute("aria-sort") is None


@pytest.mark.parametrize("width", [320, 360, 390, 600])
def test_on_a_phone_numbers_are_shown_to_the_last_digit_of_their_exponents(
    browser: Any, pages: Path, width: int
) -> None:
    found = judged("exp(-x**2)", {"x": 26.0}, gradient={"x": -1.2345678901234567e-300})
    (pages / "tiny.html").write_text(build(gather([found]), version="1").page)
    with Window(browser, pages, "tiny", "f=s", width=width) as window:
        boxes = window.page.locator(".scroll:has(> .numbers)")
        assert boxes.count()
        for box in boxes.all():
            assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
        lefts = window.page.locator(".numbers .digits").evaluate_all("all => all.map(e => e.getBoundingClientRect().x)")
        assert len(set(lefts)) == 1


def test_numbers_in_texts_are_sorted_as_numbers(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "many", "sort=id") as window:
        assert window.column(1)[:12] == [str(k) for k in range(12)]


def test_search_verdict_and_cause_narrow_the_table(browser: Any, pages: Path) -> None:
    given = many(300)
    with Window(browser, pages, "many") as window:
        page = window.page
        assert window.count() == "300 of 300"
        page.fill("#search", "DIGAMMA  sin(x")
        hits = [r for r in given if "digamma" in r["expression"]]
        assert 10 < len(hits) < 60
        assert window.count() == f"{len(hits)} of 300"
        assert all("digamma" in text for text in window.column(3))
        page.fill("#search", "")
        page.select_option("#by-verdict", "undecided")
        assert window.count() == f"{sum(r['verdict'] == 'undecided' for r in given)} of 300"
        assert set(window.column(2)) == {"undecided"}
        page.click("#clear")
        assert window.count() == "300 of 300"
        page.select_option("#by-cause", "rule/erf/0")
        fails = [r for r in given if (r["blame"] or {}).get("primitive") == "erf"]
        assert window.count() == f"{len(fails)} of 300"
        page.fill("#search", "no such thing")
        assert window.count() == "Nothing matches these filters."
        assert window.column(1) == []


def test_the_state_is_in_the_address_and_comes_back(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "many") as window:
        page = window.page
        page.fill("#search", "tanh")
        page.select_option("#by-verdict", "wrong")
        page.locator('[data-sort="ulps"] button').click()
        page.locator('[data-value="ko"]').click()
        page.locator('[data-value="dark"]').click()
        page.locator("#rows tbody a").nth(2).click()
        page.wait_for_selector("#case article")
        address = page.url.partition("#")[2]
        title, case = page.locator("#case-title").inner_text(), page.locator("#case-body").inner_text()
        page.go_back()
        rows, count = window.column(1), window.count()
        assert page.locator("#case").is_hidden()
    with Window(browser, pages, "many", address) as window:
        page = window.page
        page.wait_for_selector("#case article")
        assert page.locator("#case-title").inner_text() == title
        assert page.locator("#case-body").inner_text() == case
        assert page.evaluate("document.documentElement.lang") == "ko"
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 22, 26)"
        page.click("#back")
        assert (window.column(1), window.count()) == (rows, count)
        assert page.locator("#search").input_value() == "tanh"


@pytest.mark.parametrize("hash_", ["v=<b>&sort=9&depth=-1&range=1e9&f=none", "%%%", "lang=xx&theme=3", "op=__proto__"])
def test_a_broken_link_opens_the_overview(browser: Any, pages: Path, hash_: str) -> None:
    with Window(browser, pages, "several", hash_) as window:
        assert window.page.locator("#overview").is_visible()
        assert window.count() == "9 of 9"


def test_a_card_and_a_cell_lead_to_their_cases(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "several") as window:
        page = window.page
        page.locator('[data-cause="claim: rule/tanh/0"]').click()
        assert window.column(1) == ["lost"]
        assert "cause=" in page.url
        page.locator("#heat td.fails a").first.click()
        assert window.count() != "9 of 9"
        assert page.locator("#cell").is_visible()
        page.click("#clear")
        page.locator('[data-verdict="kink"]').click()
        assert window.column(1) == ["kink"]


def test_what_was_tested_is_one_stop_of_the_tab_key_and_arrows_walk_through_it(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "several") as window:
        page = window.page
        links = page.locator("#heat a")
        assert links.count() > 3
        assert page.locator('#heat a[tabindex="0"]').count() == 1
        links.first.focus()
        seen = [page.evaluate("document.activeElement.ariaLabel")]
        for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowLeft"):
            page.keyboard.press(key)
            seen.append(page.evaluate("document.activeElement.ariaLabel"))
        assert len(set(seen[:3])) == 3
        assert seen[3:] == [seen[1], seen[0], seen[0], seen[0]]  # and no further than to the edges
        page.keyboard.press("ArrowDown")
        assert page.locator('#heat a[tabindex="0"]').get_attribute("aria-label") == seen[1]  # where Tab comes back to
        page.keyboard.press("Enter")
        assert window.count() != "9 of 9"


def test_the_range_of_arguments_narrows_what_was_tested(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "several") as window:
        page = window.page
        before = page.locator("#heat tbody tr").count()
        page.select_option("#range", "0")
        assert page.locator("#heat tbody tr").count() < before
        assert page.locator("#heat tbody th").all_inner_texts() == ["abs"]
        page.check("#untested")
        assert page.locator("#heat tbody tr").count() > 90
        assert "untested=1" in page.url


def test_arrow_keys_walk_through_rows_and_cases(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "many", "sort=id") as window:
        page = window.page
        page.locator("#rows tbody a").first.focus()
        for _ in range(30):
            page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.textContent") == "30"
        page.keyboard.press("Enter")
        page.wait_for_selector("#case article")
        assert page.locator("#case-title").inner_text() == "Case 30"
        assert page.evaluate("document.activeElement.id") == "case-title"
        page.keyboard.press("ArrowRight")
        page.locator("#case-title", has_text="Case 31").wait_for()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Escape")
        assert page.locator("#overview").is_visible()
        assert page.evaluate("document.activeElement.textContent") == "30"


def test_the_case_has_its_graph_its_chain_and_words_of_the_chosen_language(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "several", "f=planted") as window:
        page = window.page
        page.wait_for_selector("#case article")
        assert page.locator(".graph .node.forward.bad").is_visible()
        assert page.locator("p.caption.forward").inner_text() == "forward →"
        assert page.locator(".product math").first.is_visible()
        assert page.locator("#case .chart .line").is_visible()
        page.locator('[data-value="ko"]').click()
        assert page.locator("p.caption.forward").inner_text() == "순전파 →"
        assert page.locator("#case h2").first.inner_text() == "무엇이 잘못되었나요?"


def test_the_command_is_copied(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "several", "f=fine") as window:
        window.context.grant_permissions(["clipboard-read", "clipboard-write"])
        window.page.wait_for_selector("#case article")
        button = window.page.locator(".copy button").first
        button.click()
        window.page.locator(".copy button", has_text="Copied").wait_for()
        copied = window.page.evaluate("navigator.clipboard.readText()")
        assert copied == "gradjury verify 'exp(sin(x)*y)' --at x=0.5 --at y=2.0"


def test_what_is_shown_is_downloaded(browser: Any, pages: Path, tmp_path: Path) -> None:
    wanted = [r for r in many(300) if r["verdict"] == "nonfinite"]
    with Window(browser, pages, "many", "v=nonfinite&sort=id") as window:
        with window.page.expect_download() as download:
            window.page.click("#csv")
        download.value.save_as(tmp_path / "cases.csv")
        with window.page.expect_download() as download:
            window.page.click("#json")
        download.value.save_as(tmp_path / "cases.jsonl")
    with (tmp_path / "cases.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [str(r["id"]) for r in wanted]
    assert [row["expression"] for row in rows] == [r["expression"] for r in wanted]
    assert list(map(json.loads, (tmp_path / "cases.jsonl").read_text().splitlines())) == wanted


def test_cases_in_files_beside_the_page(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "sharded", "sort=id&f=299") as window:
        window.page.wait_for_selector("#case article")
        assert "sin(x + 299)" in window.page.locator("pre.expression").inner_text()


def test_a_missing_file_beside_the_page_is_said(browser: Any, pages: Path, tmp_path: Path) -> None:
    alone = tmp_path / "sharded.html"
    alone.write_text((pages / "sharded.html").read_text())
    with Window(browser, tmp_path, "sharded", "f=0") as window:
        window.page.wait_for_selector("#case-body .bad")
        assert "sharded.data/" in window.page.locator("#case-body .bad").inner_text()
        window.complaints.clear()  # the browser's own line about the missing file


@pytest.mark.parametrize("place", range(7))
def test_markup_and_scripts_in_any_field_do_nothing(browser: Any, pages: Path, place: int) -> None:
    with Window(browser, pages, "evil") as window:
        page = window.page
        assert page.locator("#overview img, #overview iframe").count() == 0
        page.locator("#rows tbody a").nth(place).click()
        page.wait_for_selector("#case article")
        assert page.locator("#case img, #case script").count() == 0
        assert page.locator("#case-title").inner_text().startswith("Case ")


def test_ten_thousand_cases_open_at_once_and_filter_at_once(browser: Any, tmp_path: Path) -> None:
    collection = Collection(SETTINGS, keep=10_000)
    for given in many(10_000):
        collection.add(given)
    made = build(collection, version="1", limit=2.0)
    assert made.shards == {}
    save(tmp_path, "large", made)
    loads = []
    for _ in range(3):  # the best of three: other work on the machine only ever adds
        with Window(browser, tmp_path, "large") as window:
            timing = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd / 1000"
            loads.append(window.page.evaluate(timing))
    assert min(loads) < MOST_SECONDS
    with Window(browser, tmp_path, "large") as window:
        page = window.page
        assert window.count() == "10,000 of 10,000"
        assert page.locator("#rows tbody tr").count() < 60
        times = page.evaluate(
            """() => ["digamma", "erf x + 12", "nothing at all", ""].map(text => {
                const search = document.querySelector("#search"), started = performance.now();
                search.value = text; search.dispatchEvent(new Event("input"));
                document.querySelector(".rows").getBoundingClientRect();
                return performance.now() - started; })"""
        )
        assert sorted(times)[-2] < MOST_MILLISECONDS
        page.evaluate("document.querySelector('.rows').scrollTop = 1e9")
        page.locator('#rows tr[aria-rowindex="10001"]').wait_for()


@pytest.mark.parametrize("name", [*SAMPLES, "along", "many"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_fits_a_phone(browser: Any, pages: Path, name: str, language: str) -> None:
    with Window(browser, pages, name, f"lang={language}", width=390) as window:
        page = window.page
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        if name == "several":
            assert page.locator("#rows tbody td.code").first.bounding_box()["width"] > 100
            for identifier in ("planted", "kink", "unread"):
                page.evaluate(f"location.hash = 'lang={language}&f={identifier}'")
                page.wait_for_selector("#case article")
                assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_notebook_shows_one_language_and_stays_in_its_column(browser: Any, pages: Path) -> None:
    wide = judged(" + ".join(f"sin({k}*x)" for k in range(1, 15)), {"x": [-30.0, -2.5, 0.0, 1.0, 5.0]})
    cell = f'<!doctype html><meta charset="utf-8"><div style="width: 700px; margin: auto">{render_function(wide)}</div>'
    (pages / "cell.html").write_text(cell)
    with Window(browser, pages, "cell", width=1900) as window:
        assert not re.search("[가-힣]", window.page.locator("body").inner_text())
        assert {card.bounding_box()["width"] for card in window.page.locator(".card").all()} == {700}


@pytest.mark.parametrize("width", [1160, 1600, 1920])
def test_a_wide_graph_takes_the_room_beside_the_text(browser: Any, pages: Path, width: int) -> None:
    with Window(browser, pages, "wide", width=width) as window:
        page = window.page
        assert page.evaluate("document.documentElement.scrollWidth") == width
        graph, text = (page.locator(part).first.bounding_box() for part in (".card.wide", ".card:not(.wide)"))
        assert (graph["width"] > text["width"] + 100) is (width > 1300)
        assert 30 < graph["x"] == pytest.approx(width - graph["x"] - graph["width"], abs=1)


def test_a_phone_shows_the_cause_of_a_case_and_its_function_below_it(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "many", width=390) as window:
        box = window.page.locator(".rows").bounding_box()
        row = window.page.locator("#rows tbody tr:not(.spacer)").nth(2)
        cause, function = row.locator("td.why").bounding_box(), row.locator("td.code").bounding_box()
        assert cause["width"] > 90
        assert function["width"] > 0.9 * box["width"]
        assert function["y"] >= cause["y"] + cause["height"] / 2
        assert row.bounding_box()["height"] == 66  # what the script takes a row for


def test_the_smallest_function_stays_inside_its_card_on_a_phone(browser: Any, pages: Path) -> None:
    wide = " + ".join(f"tanh({k}*x)" for k in range(1, 15))
    given = [record(id=1, blame={**record()["blame"], "minimal": wide})]
    save(pages, "minimal", build(gather(given), version="1"))
    with Window(browser, pages, "minimal", width=390) as window:
        box = window.page.locator(".facts dd .scroll").first
        edge = "e => e.getBoundingClientRect().right + parseFloat(getComputedStyle(e).marginRight)"
        assert box.evaluate(edge) <= box.locator("..").evaluate(edge) + 0.5


def test_the_window_is_called_what_the_page_is_called(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "several") as window:
        for language in ("ko", "en"):
            window.page.locator(f'[data-set="lang"][data-value="{language}"]').click()
            assert window.page.title() == window.page.locator("#overview h1").inner_text() + " · gradjury"
    with Window(browser, pages, "planted") as window:
        for language, verdict in (("ko", "틀림"), ("en", "wrong")):
            window.page.locator(f'[data-set="lang"][data-value="{language}"]').click()
            assert window.page.title() == f"{verdict}: exp(tanh(x)*y) + tanh(x) · gradjury"


def test_without_a_script_the_first_cases_are_there(browser: Any, pages: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((pages / "several.html").as_uri())
    assert page.locator("#rows tbody tr").count() == 9
    assert page.locator(".cause").first.is_visible()
    assert page.locator("noscript").is_visible()
    context.close()


def test_print_shows_more_rows_than_the_screen_and_is_light(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "many", "theme=dark") as window:
        before = window.page.locator("#rows tbody tr").count()
        window.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert window.page.locator("#rows tbody tr").count() > 250 > before
        window.page.emulate_media(media="print")
        assert window.page.locator(".filters").is_hidden()
        card = "getComputedStyle(document.querySelector('.card')).backgroundColor"
        assert window.page.evaluate(card) == "rgb(255, 255, 255)"


def test_paper_holds_the_first_rows_with_whole_causes_and_nothing_empty(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "more", width=718) as window:
        page = window.page
        assert window.count() == "400 of 400"
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        assert window.count() == "the first 300 of 400"
        spacers = "[...document.querySelectorAll('#rows .spacer')].map(row => row.getBoundingClientRect().height)"
        assert max(page.evaluate(spacers)) < 2
        cut = "[...document.querySelectorAll('#rows .why, #rows .id')].filter(c => c.scrollWidth > c.clientWidth + 1)"
        assert page.evaluate(f"{cut}.length") == 0
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert window.count() == "400 of 400"


@pytest.mark.parametrize("width", [718, 840])
def test_six_verdicts_stand_within_a_narrow_page_and_paper(browser: Any, pages: Path, width: int) -> None:
    with Window(browser, pages, "six", width=width) as window:
        page = window.page
        assert page.locator(".tile").count() == 6
        for media in ("screen", "print"):
            page.emulate_media(media=media)
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_formula_of_a_card_is_whole_on_paper_on_a_later_card_too(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "causes", width=718) as window:
        page = window.page
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator(".cause:visible").count() == 12  # what was shown to be measured is hidden again
        page.emulate_media(media="print")
        boxes = "[...document.querySelectorAll('.cause .scroll')]"
        assert page.evaluate(f"{boxes}.filter(b => parseFloat(getComputedStyle(b).fontSize) < 15).length") == 2
        assert page.evaluate(f"{boxes}.every(b => b.scrollWidth <= b.clientWidth + 1)")


def test_paper_and_a_page_without_a_script_show_every_cause(browser: Any, pages: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((pages / "causes.html").as_uri())
    assert page.locator(".cause:visible").count() == 40
    assert page.locator(".go a:visible").count() == 0  # they lead to cases that a script would show
    context.close()
    with Window(browser, pages, "causes") as window:
        assert window.page.locator(".cause:visible").count() == 12
        window.page.emulate_media(media="print")
        assert window.page.locator(".cause:visible").count() == 40
        assert window.page.locator(".go a:visible").count() == 0


def test_who_asks_for_more_causes_stands_at_the_first_of_them(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "causes") as window:
        window.page.locator("#more-causes").focus()
        window.page.keyboard.press("Enter")
        assert window.page.locator(".cause:visible").count() == 40
        place = "[...document.querySelectorAll('.cause')].indexOf(document.activeElement.closest('.cause'))"
        assert window.page.evaluate(place) == 12


def test_a_formula_wider_than_paper_is_set_smaller_and_shrinks_no_page(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "wide", width=718) as window:
        page = window.page
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        boxes = "[...document.querySelectorAll('.formula')]"
        assert min(page.evaluate(f"{boxes}.map(b => parseFloat(getComputedStyle(b).fontSize))")) < 15
        assert page.evaluate(f"{boxes}.every(b => b.scrollWidth <= b.clientWidth + 1)")
        assert page.evaluate("document.documentElement.scrollWidth") <= 718
        page.emulate_media(media="screen")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator(".scroll[style*=font-size]").count() == 0


@pytest.mark.parametrize(
    ("theme", "language", "width"),
    [("light", "en", 1160), ("dark", "en", 390), ("light", "ko", 390), ("dark", "ko", 1160)],
)
def test_no_page_breaks_a_rule_of_accessibility(
    browser: Any, pages: Path, theme: str, language: str, width: int
) -> None:
    module = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    axe = (Path(module.__path__[0]) / "axe.min.js").read_text()
    views = [
        ("agreeing", ""),
        ("planted", ""),
        ("along", ""),
        ("several", ""),
        ("several", "&f=planted"),
        ("several", "&f=unread"),
    ]
    for name, more in [*views, ("several", "&untested=1&v=wrong&sort=ulps"), ("many", "")]:
        with Window(browser, pages, name, f"theme={theme}&lang={language}{more}", width) as window:
            if "f=" in more:
                window.page.wait_for_selector("#case article")
            window.page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
            window.page.evaluate(axe)
            found = window.page.evaluate(
                "axe.run(document, {resultTypes: ['violations']})"
                ".then(r => r.violations.map(v => [v.id, v.nodes.length, v.nodes[0].html, v.nodes[0].failureSummary]))"
            )
            assert found == [], f"{name} {more}"


@pytest.mark.parametrize("name", ["planted", "wide"])
def test_boxes_are_stops_of_tab_only_where_they_scroll(browser: Any, pages: Path, name: str) -> None:
    with Window(browser, pages, name) as window:
        window.expect_stops_where_it_scrolls()
        window.page.set_viewport_size({"width": 320, "height": 700})
        window.expect_stops_where_it_scrolls()
        assert window.page.locator(".scroll[tabindex]").count()
        for summary in window.page.locator("summary:visible").all():
            summary.click()
        window.expect_stops_where_it_scrolls()
