"""The page in a browser: steps, keys, views, languages, links, width, accessibility."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gradjury.reports.lesson import render
from gradjury.reports.mathml import write
from gradjury.reports.trees import formulas
from gradjury.verifier import read

from ..browser import OpenPage
from .lessons import FUNCTIONS, lesson


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lessons")
    for name, (text, point) in FUNCTIONS.items():
        (folder / f"{name}.html").write_text(render(read(text), point, version="1"))
    return folder


class Window(OpenPage):
    """One open lesson."""

    def __init__(self, browser: Any, pages: Path, name: str, hash_: str = "", width: int = 1160) -> None:
        url = f"{(pages / f'{name}.html').as_uri()}#{hash_}"
        super().__init__(browser, url, ("file:", "data:"), width, bypass_csp=True)

    def last_number(self) -> str:
        return str(self.page.locator(".say.on mn").last.text_content())

    def shown(self, selector: str) -> list[str]:
        """Texts of what is visible."""
        found = self.page.locator(selector)
        return [found.nth(i).inner_text() for i in range(found.count()) if found.nth(i).is_visible()]


def test_arrow_keys_walk_through_the_first_chapter(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "chain") as window:
        seen = [window.last_number()]
        for _ in range(7):
            window.page.keyboard.press("ArrowRight")
            seen.append(window.last_number())
        assert seen == ["0.5", "0.25", "1.28403", "1.64872", "1", "2.56805", "3.29744", "3.29744"]
        window.page.keyboard.press("ArrowRight")
        assert "step=7" in window.page.url
        window.page.keyboard.press("ArrowLeft")
        assert "step=6" in window.page.url


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_step_shows_the_engines_numbers(browser: Any, pages: Path, name: str) -> None:
    found = lesson(name)
    with Window(browser, pages, name) as window:
        for step in range(found.steps):
            window.page.evaluate(f"location.hash = 'step={step}'")
            window.page.wait_for_function(f"document.querySelector('[data-step=\"{step}\"][aria-current]')")
            lit = window.page.evaluate(
                "[...document.querySelectorAll('.derivative.on')].map(g => [...g.querySelectorAll('.number')]"
                ".filter(t => getComputedStyle(t).visibility == 'visible').map(t => t.textContent))"
            )
            expected = {}
            if step >= found.seed_step:
                expected[found.tape.output] = "1"
            for c in found.contributions:
                if c.step <= step:
                    expected[c.target] = f"{c.total:.6g}".replace("-", "−") if c.total else "0"
                    expected[c.target] += "" if c.is_last else " +…"
            assert sorted(lit) == sorted([text] for text in expected.values())


def test_forgetting_the_inputs_fails_at_the_first_multiplication(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "chain", "step=4") as window:
        window.page.locator("#forget").check()
        assert window.shown(".stuck") == []
        window.page.keyboard.press("Tab")
        window.page.locator("#next").click()
        assert "NoForwardPass" in window.shown(".stuck")[0]
        assert window.shown(".say") == []
        assert window.page.locator(".multiply .rule.on").count() == 0
        assert window.page.locator(".multiply .rule.lost").count() == 1
        window.page.locator("#forget").uncheck()
        assert window.shown(".stuck") == []
        assert window.last_number() == "2.56805"


def test_a_link_brings_back_what_is_on_screen(browser: Any, pages: Path) -> None:
    with Window(
        browser, pages, "two variables", "step=5&view=simple&lang=ko&theme=dark&by=y&h=20&level=hidden&seed=2"
    ) as window:
        page = window.page
        assert page.evaluate("document.documentElement.lang") == "ko"
        assert page.title() == "연쇄 법칙, 한 번에 하나씩 곱하기"
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 22, 26)"
        assert window.shown(".times") == []
        assert window.shown(".way h2") == ["같은 값에 이르는 세 가지 길", "차분의 오차가 h에 따라 달라지는 까닭"]
        assert page.locator('.way[data-way="y"] .step-h').input_value() == "20"
        assert page.locator("#seed").input_value() == "2"
        assert page.locator('[data-value="hidden"]').get_attribute("aria-pressed") == "true"
        page.locator('[data-value="en"]').click()
        assert "lang=en" in page.url
        assert page.locator("h1").inner_text() == "The chain rule, one multiplication at a time"


@pytest.mark.parametrize(
    "hash_", ["step=99&h=1e9&by=q&lang=xx&view=3&level=none&seed=-1", "step=<b>", "%%%", "step=1.5"]
)
def test_a_broken_link_opens_at_the_beginning(browser: Any, pages: Path, hash_: str) -> None:
    with Window(browser, pages, "chain", hash_) as window:
        assert window.last_number() == "0.5"


def test_the_slider_moves_the_step_of_the_difference(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "chain") as window:
        slider = window.page.locator(".step-h")
        before = window.shown(".moving-error")
        slider.focus()
        window.page.keyboard.press("End")
        assert window.page.locator("output").inner_text() == "0.1"
        assert window.shown(".moving-error") != before
        assert "step=0" in window.page.url


def test_a_step_that_leaves_the_domain_has_no_dot(browser: Any, pages: Path) -> None:
    (pages / "domain.html").write_text(render(read("log(x)"), {"x": 0.05}, version="1"))
    with Window(browser, pages, "domain") as window:
        dot = window.page.locator(".here")
        assert dot.is_visible()
        window.page.locator(".step-h").focus()
        window.page.keyboard.press("End")
        assert "nan" in window.page.locator(".moving-value").inner_text()
        assert not dot.is_visible()
        window.page.keyboard.press("Home")
        assert dot.is_visible()


def test_riddles_are_answered(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "loss") as window:
        page = window.page
        posed = json.loads(page.locator("#data").text_content())["riddles"]
        asked = set()
        for level, riddles in posed.items():
            page.locator(f'[data-value="{level}"]').click()
            for seed, riddle in enumerate(riddles, 1):
                assert page.locator("#seed").input_value() == str(seed)
                assert riddle["at"] == page.locator("#riddle-at").inner_text()
                assert page.locator(".evidence .number").all_inner_texts() == [n for row in riddle["rows"] for n in row]
                answer_riddle(window, riddle)
                asked.add(riddle["fault"])
                page.locator("#riddle-next").click()
            assert page.locator("#seed").input_value() == "1"
        assert {"sign", "forgotten", "stale", "together", "small"} <= asked


def answer_riddle(window: Window, riddle: dict[str, Any]) -> None:
    page, answers = window.page, window.page.locator(".answer [data-when]")

    def told() -> set[str]:
        return set(answers.evaluate_all("all => all.filter(p => !p.hidden).map(p => p.dataset.when)"))

    assert told() == set()
    for witness in ("engine", "formula", "difference", "two"):
        if witness != riddle["liar"]:
            page.locator(f'[data-guess="{witness}"]').click()
            assert told() == {"acquitted"}
            assert page.locator(".suspects button:enabled").count() == 0
    page.locator(f'[data-guess="{riddle["liar"]}"]').click()
    assert f"convicted {riddle['liar']}" in told()
    if riddle["part"] is not None:
        assert len(told()) > 1
        page.locator(f'#riddle [data-part]:enabled:visible:not([data-part="{riddle["part"]}"])').first.click()
        assert "elsewhere" in told()
        page.locator(f'#riddle [data-part="{riddle["part"]}"]').click()
    assert f"found {riddle['fault']}" in told()
    assert "elsewhere" not in told()


def test_a_class_with_the_same_link_sees_the_same_riddle(browser: Any, pages: Path) -> None:
    seen = []
    for _ in range(2):
        with Window(browser, pages, "fan-out", "level=suspects&seed=4") as window:
            seen.append(window.shown(".evidence td") + window.shown(".suspects b"))
    assert seen[0] == seen[1]
    with Window(browser, pages, "fan-out", "level=suspects&seed=5") as window:
        assert window.shown(".evidence td") + window.shown(".suspects b") != seen[0]
        assert "level=suspects&seed=5" in window.page.url


def test_where_a_level_has_no_riddle_the_page_says_so(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "constant part", "level=suspects&seed=2&lang=ko") as window:
        assert window.page.locator("#riddle").is_hidden()
        assert "드러나지 않습니다" in window.page.locator("#no-riddle").inner_text()
        window.page.locator("#riddle-next").click()
        assert window.page.locator("#riddle").is_visible()
        assert window.page.locator("#no-riddle").is_hidden()


def test_what_a_riddle_says_follows_the_language(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "constant part", "level=suspects&seed=2&lang=ko") as window:
        window.page.locator('[data-value="en"]').click()
        assert "no planted fault of this level" in window.page.locator("#no-riddle").inner_text()
    with Window(browser, pages, "chain", "lang=en") as window:
        first = window.page.locator(".suspects button").first
        value, local = first.locator("b").all_inner_texts()

        def spoken() -> str:
            return str(first.get_attribute("aria-label")).replace("\u2009", "")

        assert spoken() == f"A(x)=x^2, its value {value}; A′(x)=2x, multiplied by {local}"
        window.page.locator('[data-value="ko"]').click()
        assert spoken() == f"A(x)=x^2, 계산한 값 {value}; A′(x)=2x, 곱한 값 {local}"


def test_a_step_is_named_once_when_it_is_read_aloud(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "chain") as window:
        names = [button.get_attribute("aria-label") for button in window.page.locator("[data-step]").all()]
        assert names[0] == "x: Start with a value for x."
        assert names[5].startswith("① Multiply by")


def test_the_function_is_shown_to_the_end_of_its_value_on_a_phone(browser: Any, pages: Path) -> None:
    (pages / "tiny.html").write_text(render(read("exp(-x**2)"), {"x": 26.0}, version="1"))
    with Window(browser, pages, "tiny", width=360) as window:
        assert window.page.locator(".whole").evaluate("box => box.scrollWidth <= box.clientWidth")


@pytest.mark.parametrize(("width", "height"), [(640, 400), (780, 360)])
def test_in_a_low_window_the_steps_leave_room_for_the_graph(browser: Any, pages: Path, width: int, height: int) -> None:
    with Window(browser, pages, "loss", width=width) as window:
        window.page.set_viewport_size({"width": width, "height": height})
        for _ in range(12):
            window.page.keyboard.press("ArrowRight")
        steps = window.page.locator(".steps")
        assert steps.bounding_box()["height"] < 90
        row, current = (window.page.locator(f".steps {part}").bounding_box() for part in ("ol", "[aria-current]"))
        assert row["x"] <= current["x"] < current["x"] + current["width"] <= row["x"] + row["width"]
        assert window.page.evaluate("document.documentElement.scrollWidth") == width


def test_a_number_beyond_the_last_riddle_of_a_file_is_the_last(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "chain") as window:
        window.page.locator("#seed").fill("99")
        window.page.keyboard.press("Enter")
        assert window.page.locator("#seed").input_value() == "6"


def test_the_arrows_step_on_from_the_checkbox_as_the_page_asks(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "chain", "step=4") as window:
        window.page.locator("#forget").focus()
        window.page.keyboard.press("Space")
        assert window.shown(".stuck") == []
        window.page.keyboard.press("ArrowRight")
        assert "NoForwardPass" in window.shown(".stuck")[0]


def test_without_a_script_each_card_names_its_variable(browser: Any, pages: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((pages / "two variables.html").as_uri())
    assert page.locator(".way h2 .by-name:visible").all_inner_texts() == ["x", "x", "y", "y"]
    context.close()
    with Window(browser, pages, "two variables") as window:
        assert window.shown(".by-name") == []  # the buttons above say it


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_fits_a_phone(browser: Any, pages: Path, name: str, language: str) -> None:
    with Window(browser, pages, name, f"lang={language}", width=390) as window:
        assert window.page.evaluate("document.documentElement.scrollWidth") == 390
        window.page.locator("#next").click()
        assert window.page.locator(".node.now").first.is_visible()


def test_long_names_are_read_in_the_graph(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "long names") as window:
        sizes = window.page.evaluate(
            "[...document.querySelectorAll('.graph .math')].map(t => parseFloat(t.getAttribute('font-size')))"
        )
        assert min(sizes) >= 7.5
        titles = window.page.locator(".graph .value title").all_text_contents()
        assert "weight_of_the_second_input" in titles


def test_without_a_script_all_steps_are_there(browser: Any, pages: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((pages / "chain.html").as_uri())
    assert page.locator(".say").last.is_visible()
    assert page.locator(".say").first.is_visible()
    assert page.locator(".derivative .number").first.is_visible()
    assert page.locator("button:visible, input:visible").count() == 0  # nothing that would do nothing
    assert "truncation" in page.locator(".chart").first.text_content()
    assert page.locator(".stage .scroll").get_attribute("aria-label") == "Computational graph"
    context.close()


@pytest.mark.parametrize(
    ("theme", "language", "width"),
    [("light", "en", 1160), ("dark", "en", 390), ("light", "ko", 390), ("dark", "ko", 1160)],
)
def test_no_step_breaks_a_rule_of_accessibility(
    browser: Any, pages: Path, theme: str, language: str, width: int
) -> None:
    module = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    axe = (Path(module.__path__[0]) / "axe.min.js").read_text()
    for name in ("chain", "fan-out"):
        with Window(browser, pages, name, f"theme={theme}&lang={language}", width) as window:
            window.page.evaluate(axe)
            for step in range(lesson(name).steps):
                window.page.evaluate(f"location.hash = 'theme={theme}&lang={language}&step={step}'")
                window.page.wait_for_function(f"document.querySelector('[data-step=\"{step}\"][aria-current]')")
                found = window.page.evaluate(
                    "axe.run(document, {resultTypes: ['violations']})"
                    ".then(r => r.violations.map(v => [v.id, v.nodes[0].html]))"
                )
                assert found == [], f"{name}, step {step}"
            window.page.locator("#forget").check()
            for button in ("engine", "formula", "difference", "two"):
                window.page.locator(f'[data-guess="{button}"]').click()
                found = window.page.evaluate(
                    "axe.run(document, {resultTypes: ['violations']})"
                    ".then(r => r.violations.map(v => [v.id, v.nodes[0].html]))"
                )
                assert found == [], f"{name}, forgotten, {button} accused"


def test_print_shows_every_step_and_the_finished_picture(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "chain", "step=0&forget=1&theme=dark") as window:
        page = window.page
        assert len(window.shown(".say")) == 1
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        assert len(window.shown(".say")) == 8
        assert page.locator(".stuck").is_hidden()
        assert page.locator(".node:not(.on)").count() == 0
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor") == "rgb(255, 255, 255)"
        )
        page.emulate_media(media="screen")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert len(window.shown(".say")) == 1  # and the reader's own step is back
        assert page.locator(".node:not(.on)").count() > 5


def test_a_high_graph_stands_below_the_title_on_one_sheet(browser: Any, pages: Path) -> None:
    names = "abcdefghij"
    tape, point = read("+".join(f"{name}*{name}" for name in names)), dict.fromkeys(names, 2.0)
    (pages / "high.html").write_text(render(tape, point, version="1"))
    with Window(browser, pages, "high") as window:
        window.page.set_viewport_size({"width": 718, "height": 1047})  # A4 within margins of 1 cm
        window.page.emulate_media(media="print")
        card = window.page.locator(".card:has(svg.graph)").first.bounding_box()
        assert card["y"] + card["height"] < 1047


def test_paper_names_the_step_and_the_riddle_that_it_shows(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "chain", "level=hidden&seed=5") as window:
        page = window.page
        page.emulate_media(media="print")
        assert page.locator(".slider output").first.is_visible()
        assert page.locator(".slider input").first.is_hidden()
        assert [each.inner_text() for each in page.locator(".turn button:visible").all()] == ["2. Hidden"]


def test_what_follows_a_root_stands_close_to_it_and_not_under_it(browser: Any, pages: Path) -> None:
    radicands = ["x", "x + y", "1 + x**2", "x/y", "exp(x/y)", "1/(x/y + 1)"]
    signs = [write(formulas(tape := read(f"sqrt({each})"), {})[tape.output]) for each in radicands]
    with Window(browser, pages, "chain") as window:
        gaps = window.page.evaluate(
            """signs => signs.map(sign => {
                const math = document.createElement("div");
                math.innerHTML = `<math>${sign}<mi>z</mi></math>`;
                document.querySelector("main").append(math);
                const [root, next] = math.querySelectorAll("math > *");
                const end = Math.max(...[...root.children].map(part => part.getBoundingClientRect().right));
                return (next.getBoundingClientRect().left - end) / parseFloat(getComputedStyle(root).fontSize);
            })""",
            list(map(str, signs)),
        )
        assert all(0.0 <= gap < 0.25 for gap in gaps), dict(zip(radicands, gaps, strict=True))


@pytest.mark.parametrize("width", [390, 1160])
def test_under_a_tall_graph_the_steps_stay_at_hand(browser: Any, pages: Path, width: int) -> None:
    with Window(browser, pages, "loss", width=width) as window:
        page = window.page
        page.set_viewport_size({"width": width, "height": 420})
        page.locator(".stage").evaluate("part => scrollTo(0, part.getBoundingClientRect().top)")
        for _ in range(9):
            page.locator("#next").click()
        assert page.locator("#next").evaluate("part => part.getBoundingClientRect().bottom <= innerHeight")
        row, current = page.locator(".steps ol").bounding_box(), page.locator(".steps [aria-current]").bounding_box()
        assert row["x"] <= current["x"] <= row["x"] + row["width"] - current["width"]


def test_boxes_are_stops_of_tab_only_where_they_scroll(browser: Any, pages: Path) -> None:
    with Window(browser, pages, "two variables") as window:
        assert window.page.locator(".scroll").count() > window.page.locator(".scroll[tabindex]").count()
        window.expect_stops_where_it_scrolls()
        window.page.set_viewport_size({"width": 320, "height": 700})
        window.expect_stops_where_it_scrolls()
        assert window.page.locator(".scroll[tabindex]").count()


def test_both_graphs_and_the_steps_are_in_sight_at_once_on_a_projector(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "neuron.html"
    tape, point = read("(sigmoid(w*x + b) - t)**2"), {"w": 0.5, "x": 2.0, "b": 0.1, "t": 1.0}
    file.write_text(render(tape, point, version="1"), encoding="utf-8")
    with OpenPage(browser, file.as_uri(), ("file:", "data:"), 1920) as window:
        high = """() => [".graph", ".steps"]
            .map(part => document.querySelector(`.stage ${part}`).getBoundingClientRect().height)
            .reduce((a, b) => a + b)"""
        for height, fits in ((1080, True), (720, False)):
            window.page.set_viewport_size({"width": 1920, "height": height})
            assert (window.page.evaluate(high) < height - 40) == fits
