"""The live pages in a browser: typing, errors, the point, steps, verdicts, languages, accessibility."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ..browser import OpenPage
from .live import ENDLESS, Live

pytest.importorskip("uvicorn", reason="the extra serve is not installed")

#: Whether the page shows an answer: the formula, or else each error.
SHOWN = """found => found.formula !== undefined ? !document.querySelector("#echo.stale")
    : Object.values(found.errors).flatMap(Object.values)
        .every(words => document.querySelector("#ask").textContent.includes(words))"""


@pytest.fixture(scope="module")
def server() -> Iterator[Live]:
    with Live("--jobs", "1", "--timeout", "20") as running:
        yield running


class Window(OpenPage):
    """One open page of the server."""

    def __init__(self, browser: Any, server: Live, path: str = "/", width: int = 1160, **settings: Any) -> None:
        super().__init__(browser, server.url + path, (server.url, "data:"), width, **settings)

    def type(self, text: str) -> None:
        """Type a function in place of the old one, and wait until the answer to it is shown."""
        with self.answered(text):
            self.page.locator("#f").fill(text)

    @contextmanager
    def answered(self, text: str = "") -> Iterator[None]:
        """Wait until what is done here is answered, and the page shows the answer."""
        with self.page.expect_response(lambda r: r.url.endswith("/api/read") and quote(text) in quote(_sent(r))) as got:
            yield
        self.page.wait_for_function(SHOWN, arg=got.value.json())

    def wrong(self) -> list[str]:
        found = self.page.locator(".wrong")
        return [text for k in range(found.count()) if (text := found.nth(k).inner_text().strip())]


def _sent(response: Any) -> str:
    return str((response.request.post_data_json or {}).get("f", ""))


def test_what_is_typed_is_echoed_and_shown(browser: Any, server: Live) -> None:
    with Window(browser, server) as window:
        page = window.page
        window.type("exp(w*x)")
        assert page.locator("#echo mi").all_text_contents() == ["y", "e", "w", "x"]
        assert page.locator("#variables input").evaluate_all("all => all.map(f => f.name)") == ["at.w", "at.x"]
        assert page.locator("#variables input").nth(1).input_value() == "0.5"  # kept from before
        page.locator('[name="at.w"]').fill("2")
        page.locator("#ask button").click()
        page.wait_for_url("**/?f=exp*")
        assert "at.w=2" in page.url
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        assert page.locator(".say.on mn").last.text_content() == "2.71828"
        assert "step=4" in page.url
        page.reload()
        assert page.locator(".say.on mn").last.text_content() == "2.71828"


def test_choosing_another_point_keeps_the_step(browser: Any, server: Live) -> None:
    with Window(browser, server, "/?f=x**2&at.x=3#step=3") as window:
        page = window.page
        assert page.locator(".say.on mn").last.text_content() == "6"
        page.locator('[name="at.x"]').fill("5")
        page.locator('[name="at.x"]').press("Enter")
        page.wait_for_url("**at.x=5*")
        assert page.locator(".say.on mn").last.text_content() == "10"


@pytest.mark.parametrize(("language", "words"), [("en", "write **"), ("ko", "**로 적습니다")])
def test_an_error_stands_under_its_field(browser: Any, server: Live, language: str, words: str) -> None:
    with Window(browser, server, f"/#lang={language}") as window:
        window.type("x^2")
        assert words in window.wrong()[0]
        assert window.page.locator("#f").get_attribute("aria-invalid") == "true"
        before = window.page.url
        with window.answered():
            window.page.locator("#ask button").click()
        window.page.locator("#f:focus").wait_for()  # the form is given back, not sent
        assert window.page.url == before
        window.type("x**2")
        assert window.wrong() == []
        assert window.page.locator("#f").get_attribute("aria-invalid") is None


def test_a_point_where_nothing_is_real_is_said(browser: Any, server: Live) -> None:
    with Window(browser, server, "/?f=log(x)&at.x=2") as window:
        with window.answered():
            window.page.locator('[name="at.x"]').fill("-1")
        assert "expected finite values" in window.wrong()[0]
        with window.answered():
            window.page.locator('[name="at.x"]').fill("one")
        assert window.wrong() == [
            "x: 'one' is not a number; expected a decimal, a hexadecimal float such as 0x1.8p+1, nan, inf or -inf"
        ]


def test_markup_stays_text(browser: Any, server: Live) -> None:
    with Window(browser, server) as window:
        window.type("<img src=x onerror=alert(1)>")
        window.type("a<script>alert(1)</script>")
        assert window.page.locator("#ask img, #echo script").count() == 0


def test_a_function_that_is_too_slow_is_stopped_and_the_page_goes_on(browser: Any) -> None:
    with Live("--jobs", "1", "--timeout", "2") as server, Window(browser, server) as window:
        window.page.wait_for_selector("#ask")
        window.page.locator("#f").fill(ENDLESS)
        window.page.locator('[name="at.x"]').fill("0.7")
        window.page.locator("#ask button").click()
        window.page.locator(".wrong", has_text="stopped after 2 s").wait_for()
        window.complaints.clear()  # the browser reports the status 504 itself
        window.page.locator(".examples a").first.click()
        window.page.wait_for_selector("#graph-title")


def test_riddles_of_any_number_come_from_the_server(browser: Any, server: Live) -> None:
    with Window(browser, server, "/#level=plain&seed=123456") as window:
        window.page.locator("#riddle-at", has_text="x =").wait_for()
        first = window.page.locator("#riddle").inner_text()
        window.page.locator("#riddle-next").click()
        assert window.page.locator("#seed").input_value() == "123457"
        window.page.wait_for_function("first => document.querySelector('#riddle').innerText !== first", arg=first)


def test_a_verdict_shows_its_evidence(browser: Any, server: Live) -> None:
    with Window(browser, server, "/verify") as window:
        page = window.page
        window.type("a = x**2; tanh(a)*y")
        page.locator('[name="at.x"]').fill("0.5, 4")
        page.locator('[name="at.y"]').fill("2")
        page.locator("#ask button").click()
        page.wait_for_selector("#verdict")
        assert page.locator("#verdict").get_attribute("data-verdict") == "agree"
        text = page.locator("#verdict").inner_text()
        for label in ("engine", "symbolic (SymPy)", "difference", "at least", "at most", "certified"):
            assert label in text
        assert page.locator(".graph").is_visible()
        assert page.locator("main table").count() == 4
        assert page.locator(".points tbody tr").all_inner_texts() == [
            "0.5\t2.0\t0.489837\t1.88003 agree\t0.244919 agree",
            "4.0\t2.0\t2\t8.10507·10⁻¹³ agree\t1 agree",
        ]
        page.locator("#as-lesson").click()
        page.wait_for_selector("#graph-title")


def test_paper_holds_what_was_asked_and_the_answer_but_no_buttons(browser: Any, server: Live) -> None:
    with Window(browser, server, "/verify?f=tanh(x)&at.x=20&engine=numpy") as window:
        page = window.page
        page.wait_for_selector(".sentence")
        assert page.locator(".examples").is_visible()
        page.emulate_media(media="print")
        assert page.locator("#f").is_visible()
        assert page.locator(".sentence").is_visible()
        assert page.locator(".examples:visible, button:visible, a.button:visible, #f-help:visible").count() == 0


def test_a_flagged_engine_is_blamed(browser: Any, server: Live) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    with Window(browser, server, "/verify?f=relu(x)-relu(-x)&at.x=0&engine=torch#lang=ko") as window:
        assert window.page.locator("#verdict").get_attribute("data-verdict") == "wrong"
        assert "틀림(wrong)" in window.page.locator("#verdict").inner_text()
        assert window.page.locator("#engine").input_value() == "torch"


def test_decimal_points_stand_under_each_other(browser: Any, server: Live) -> None:
    with Window(browser, server, "/verify?f=tanh(x)&at.x=20&engine=numpy") as window:
        places = window.page.evaluate("""[...document.querySelectorAll(".numbers .digits")].map(cell => {
            const text = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), range = document.createRange();
            while (text.nextNode()) {
                const place = text.currentNode.data.indexOf(".");
                if (place < 0) continue;
                range.setStart(text.currentNode, place), range.setEnd(text.currentNode, place + 1);
                return [cell.textContent, range.getBoundingClientRect().left];
            }
        })""")
    assert len(places) == 5
    assert any(text.startswith("-") for text, _ in places)  # a difference below 0 beside a slope above it
    assert max(left for _, left in places) - min(left for _, left in places) < 0.5


def test_the_chart_of_several_points_speaks_the_language_of_the_page(browser: Any, server: Live) -> None:
    with Window(browser, server, PAGES["points"] + "#lang=ko") as window:
        said = [window.page.locator(".points .chart [data-word]").all_text_contents()]
        window.page.locator('[data-value="en"]').click()
        said.append(window.page.locator(".points .chart [data-word]").all_text_contents())
        assert said == [["점", "참값과의 거리(ulp)"], ["Point", "Ulps from the truth"]]
        assert window.page.locator(".points .chart .dot").count() == 5


def test_language_and_theme_go_along(browser: Any, server: Live) -> None:
    with Window(browser, server, "/#lang=ko&theme=dark&step=3") as window:
        page = window.page
        page.locator(".pages a").nth(1).click()
        page.wait_for_url("**/verify*")
        assert page.evaluate("document.documentElement.lang") == "ko"
        assert page.locator("h1").inner_text() == "이 미분은 맞을까요?"
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 22, 26)"
        page.locator('[data-value="en"]').click()
        assert page.title() == "Is this derivative right?"
        assert "lang=en" in page.url


def test_the_browsers_language_is_the_pages(browser: Any, server: Live) -> None:
    with Window(browser, server, "/verify", locale="ko-KR") as window:
        assert window.page.evaluate("document.documentElement.lang") == "ko"


PAGES = {
    "lesson": "/?f=a%20%3D%20sin(x)%3B%20x*a%2Bw&at.x=0.8&at.w=2",
    "verdict": "/verify?f=exp(x)*y&at.x=0.5&at.y=2",
    "points": "/verify?f=sigmoid(x)&at.x=-3,0,1,20,700",
    "form": "/verify",
    "errors": "/verify?f=tahn(x)&at.x=1",
}


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_fit_a_phone_and_break_no_rule_of_accessibility(browser: Any, server: Live, name: str) -> None:
    module = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    axe = (Path(module.__path__[0]) / "axe.min.js").read_text()
    for theme, language, width in (
        ("light", "en", 390),
        ("dark", "ko", 390),
        ("dark", "en", 1160),
        ("light", "ko", 1160),
    ):
        path = f"{PAGES[name]}#theme={theme}&lang={language}"
        with Window(browser, server, path, width, bypass_csp=True) as window:
            window.page.evaluate(axe)
            assert window.page.evaluate("document.documentElement.scrollWidth") == width
            found = window.page.evaluate(
                "axe.run(document, {resultTypes: ['violations']})"
                ".then(r => r.violations.map(v => [v.id, v.nodes[0].html]))"
            )
            assert found == [], f"{theme} {language} {width}"
            if name == "errors":
                window.complaints.clear()  # the browser reports the status 422 itself


def test_the_formula_is_there_before_anybody_types(browser: Any, server: Live) -> None:
    with Window(browser, server, "/verify") as window:
        window.page.locator("#echo math").first.wait_for()
        assert window.wrong() == []


@pytest.mark.parametrize("width", [360, 390, 600])
def test_on_a_phone_numbers_are_shown_to_the_last_digit_of_their_exponents(
    browser: Any, server: Live, width: int
) -> None:
    with Window(browser, server, "/verify?f=exp(-x**2)&at.x=26&engine=numpy", width=width) as window:
        assert "e-292" in window.page.locator(".numbers").inner_text()
        assert window.page.locator(".scroll:has(> .numbers)").evaluate("box => box.scrollWidth <= box.clientWidth")


def test_the_table_of_numbers_fits_a_telephone_and_a_corner_has_its_slopes(browser: Any, server: Live) -> None:
    with Window(browser, server, "/verify?f=Abs(x)*3&at.x=0&engine=numpy", width=390) as window:
        table = window.page.locator("table.numbers")
        assert table.evaluate("t => t.scrollWidth <= t.closest('.scroll').clientWidth")
        rows = table.inner_text()
        assert "left slope" in rows
        assert "−3" in rows.replace("-", "−")
        assert "3.000000000000" not in rows


def test_the_echo_is_a_stop_of_tab_only_where_it_scrolls(browser: Any, server: Live) -> None:
    with Window(browser, server, width=500) as window:
        window.type("x + 1")
        window.expect_stops_where_it_scrolls()
        assert window.page.locator("#echo[tabindex]").count() == 0
        window.type(" + ".join(f"sin({k}*x)" for k in range(1, 15)))
        window.page.wait_for_selector("#echo[tabindex]")
        window.expect_stops_where_it_scrolls()


def test_the_command_of_a_verdict_is_copied_and_whose_the_numbers_of_the_chain_are_is_said(
    browser: Any, server: Live
) -> None:
    with Window(browser, server, "/verify?f=tanh(x)&at.x=20") as window:
        window.context.grant_permissions(["clipboard-read", "clipboard-write"])
        window.page.click("#copy")
        window.page.locator("#copy", has_text="Copied").wait_for()
        assert window.page.evaluate("navigator.clipboard.readText()") == "gradjury verify 'tanh(x)' --at x=20.0"
        assert window.page.locator("#chain-note").count() == 0
    pytest.importorskip("autograd")
    with Window(browser, server, "/verify?f=tanh(x)&at.x=20&engine=autograd") as window:
        assert "autograd 1" in window.page.locator("#chain-note").inner_text()
