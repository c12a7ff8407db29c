"""The page of one function: what it shows, and that what it says to run shows the same numbers."""

from __future__ import annotations

import contextlib
import html
import io
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from markupsafe import escape

from gradjury.cli import main
from gradjury.reports.evidence import worst_point
from gradjury.reports.failure import failure_text
from gradjury.reports.report.blame import messages, words
from gradjury.reports.report.case import case
from gradjury.reports.verdicts import BY_DIFFERENCES, EXPLANATIONS
from gradjury.verifier import verify

from ..lesson.lessons import Markup
from ..records import partial, record
from .samples import judged, planted, records

JUDGED = [r for r in records() if r["points"]]


def text_of(markup: str, cls: str) -> str | None:
    found = re.search(rf'<pre class="{cls}"[^>]*>(.*?)</pre>', markup, re.DOTALL)
    return html.unescape(re.sub(r"</?span[^>]*>", "", found[1])) if found else None


def numbers(text: str) -> list[str]:
    """The lines of a failure text that hold the three numbers and the enclosure."""
    kinds = ("engine", "symbolic", "difference", "at least", "at most", "left slope", "right slope")
    lines = [line.split("   ")[0:3] for line in text.splitlines() if line.startswith(tuple(f"    {k} " for k in kinds))]
    return [" ".join(line).strip() for line in lines]


def test_why_nobody_is_blamed_is_said_in_every_language() -> None:
    late = "the time of 60 s was over before the fault was located"
    page = str(case(record(blame=None, no_blame=late), 1).html)
    assert f'<span lang="en">{late}</span>' in page
    assert '<span lang="ko">제한 시간 60초 안에 잘못된 연산을 찾지 못했습니다</span>' in page


@pytest.mark.parametrize("given", records(), ids=lambda r: r["id"])
def test_the_page_is_well_formed_and_shows_the_worst_point(given: dict[str, Any]) -> None:
    page = str(case(given, 1).html)
    Markup(page)
    assert f'class="chip {given["verdict"]}"' in page
    assert html.escape(given["expression"]) in page
    if given["error"]:
        assert html.escape(given["error"], quote=True).replace("&#x27;", "&#39;") in page
    if given["points"]:
        assert page.count('<div class="partial">') == len(worst_point(given)["partials"])  # type: ignore[index]


def run_snippet(snippet: str) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(snippet, "snippet", "exec"), {})  # that it runs as it stands is what is tested
    return printed.getvalue()


@pytest.mark.parametrize("given", JUDGED, ids=lambda r: r["id"])
def test_the_snippet_runs_as_it_stands_and_shows_the_same_numbers(given: dict[str, Any]) -> None:
    snippet = text_of(str(case(given, 1).html), "snippet")
    assert snippet is not None
    one = {**given, "points": [worst_point(given)]}
    assert numbers(run_snippet(snippet)) == numbers(failure_text(one))
    assert numbers(failure_text(one))


@pytest.mark.parametrize("given", JUDGED, ids=lambda r: r["id"])
def test_the_command_runs_as_it_stands_and_shows_the_same_numbers(given: dict[str, Any]) -> None:
    command = text_of(str(case(given, 1).html), "command")
    assert command is not None
    words = shlex.split(command)
    piped = words[1] if words[0] == "echo" else None
    arguments = words[words.index("gradjury") + 1 :]
    if piped is None:
        arguments.append("--json")
    answer = CliRunner().invoke(main, arguments, input=piped, prog_name="gradjury")
    again = json.loads(answer.stdout)
    before, after = worst_point(given), worst_point(again)
    assert before is not None
    assert after is not None
    for name, judged_before in before["partials"].items():
        for key in ("verdict", "engine", "symbolic", "enclosure", "ulps"):
            assert after["partials"][name][key] == judged_before[key], (name, key)


def test_the_command_runs_in_a_shell(tmp_path: Path) -> None:
    """As a process of its own, with a gradjury that is this one."""
    script = tmp_path / "gradjury"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gradjury "$@"\n')
    script.chmod(0o755)
    root = str(Path(__file__).parents[3])
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": root, "COLUMNS": "200"}
    for given in (planted(), judged("exp(sin(x)*y)", {"x": 0.5, "y": 2.0})):
        command = text_of(str(case(given, 1).html), "command")
        answer = subprocess.run(
            ["sh", "-c", str(command)], capture_output=True, text=True, env=environment, check=False, timeout=120
        )
        number = worst_point(given)["partials"]["x"]["engine"]  # type: ignore[index]
        assert repr(number)[:12] in answer.stdout, answer.stderr
    snippet = text_of(str(case(planted(), 1).html), "snippet")
    answer = subprocess.run(
        [sys.executable, "-c", str(snippet)], capture_output=True, text=True, env=environment, check=False, timeout=120
    )
    assert "-4.75004685289" in answer.stdout, answer.stderr


def test_an_engine_that_has_no_name_is_reproduced_as_a_claim() -> None:
    page = str(case(planted(), 1).html)
    assert messages("en")["as_claim"] in page
    assert "gradient={" in str(text_of(page, "snippet"))
    assert messages("en")["as_claim"] not in str(case(records()[0], 1).html)


OWN = {"function": "f(x)", "engine": "jax 0.10.2", "blame": None}


def test_a_function_of_ones_own_is_reproduced_by_what_was_read_of_it() -> None:
    page = str(case({**judged("exp(x)", {"x": 0.5}), **OWN}, 1).html)
    assert escape(messages("en")["as_claim_function"]) in page
    assert messages("en")["as_claim"] not in page
    assert str(text_of(page, "command")).startswith("echo ")


def test_a_function_that_could_not_be_read_is_reproduced_in_python_alone() -> None:
    unread = {**judged("exp(x)", {"x": 0.5}), **OWN, "expression": "f(x)"}
    page = str(case(unread, 1).html)
    assert text_of(page, "command") is None  # no shell has it
    assert all(escape(messages("en")[key]) not in page for key in ("as_claim", "as_claim_function"))
    assert "function = ...  # f itself" in str(text_of(page, "snippet"))
    compile(str(text_of(page, "snippet")), "snippet", "exec")


def test_of_a_function_that_could_not_be_read_nothing_certified_is_spoken_of() -> None:
    alone = partial(verdict="wrong", engine=2.5, symbolic=None, enclosure=None, ulps=None, certified=False)
    alone |= {"difference": 2.0, "difference_error": 1e-12, "reason": "differences give 2 ± 1e-12"}
    point = {"at": {"x": 1.0}, "value": 1.0, "value_verdict": None, "partials": {"x": alone}}
    page = html.unescape(str(case(record(**OWN, expression="f(x)", verdict="wrong", points=[point]), 1).html))
    said = messages("en")
    for key in ("numbers_unread", "note_unread", "cannot_draw_unread", "means_wrong_by_differences"):
        assert said[key] in page
    for key in ("three_numbers", "note_certified", "cannot_draw", "means_wrong"):
        assert f">{said[key]}<" not in page
    assert page.count("<mark>") == 1  # the number's digits, beside those of the difference
    assert "2.<mark>5</mark>" in page


def test_what_was_read_of_a_function_is_said_and_entries_of_arrays_are_drawn() -> None:
    given = judged("exp(w_0*x)*w_1", {"w_0": 0.5, "x": 1.0, "w_1": 2.0})
    entries = {"w_0": "w[0]", "w_1": "w[1]"}
    named = json.loads(re.sub(r"w_[01]", lambda found: entries[found[0]], json.dumps(given)))
    page = str(case({**named, "function": "loss", "engine": "jax 0.10.2"}, 1).html)
    assert messages("en")["read_from"] in page
    assert "<code>loss</code>" in page
    assert page.count("<svg") == 2  # the graph, the V-curve
    assert "--at w_0=0.5" in str(text_of(page, "lesson"))
    assert messages("en")["read_from"] not in str(case({**named, "function": "<lambda>"}, 1).html)


def test_why_a_value_is_undecided_is_said() -> None:
    page = html.unescape(str(case(judged("x + 0*reciprocal(y - 5.8)", {"x": [1.0], "y": [5.8]}), 1).html))
    assert "so near a pole or a domain's edge" in page.partition(messages("en")["three_numbers"])[0]


def test_what_is_returned_where_corners_meet_is_said_beside_the_chain() -> None:
    said = messages("en")["corners_meet"].format(numbers="∂z/∂y = 0.5")
    assert said in html.unescape(str(case(judged("Abs(x) + Max(x, y)", {"x": [0.0], "y": [0.0]}), 1).html))
    assert messages("en")["corners_meet"][:30] not in str(case(judged("Abs(x)", {"x": [0.0]}), 1).html)


def test_a_value_that_fails_is_explained_by_its_blame_and_not_in_words_of_the_derivative() -> None:
    lost = judged("exp(x)*y", {"x": [89.0], "y": [1e-10]}, dtype="float32")
    assert lost["points"][0]["value_verdict"] == "nonfinite"
    assert "value_reason" not in lost["points"][0]


def test_a_corner_alone_says_its_number_once() -> None:
    page = str(case(judged("Abs(x)", {"x": [0.0]}), 1).html)
    chain = page.partition('class="scroll product"')[2].partition("</div>")[0]
    assert chain.count("<mtr>") == 1


def test_rounding_that_leaves_a_domain_takes_no_value_from_the_function() -> None:
    """5.8 is no float: at y = 5.8 the reciprocal is that of 10⁻¹⁶, which floats take for 0."""
    undecided = verify("x + 0*reciprocal(y - 5.8)", {"x": 1.0, "y": 5.8}, wrt="x").to_record()
    undecided["points"][0]["partials"]["x"]["certified"] = False
    assert undecided["points"][0]["value_verdict"] == "undecided"
    assert "real where" not in html.unescape(str(case(undecided, 1).html))
    assert "real where" in html.unescape(str(case(judged("log(x)", {"x": [-1.0]}), 1).html))


def test_the_lesson_is_offered_where_there_is_one() -> None:
    assert text_of(str(case(records()[0], 1).html), "lesson") == "gradjury lesson 'exp(sin(x)*y)' --at x=0.5 --at y=2.0"
    assert text_of(str(case(judged("log(x)", {"x": 0.0}), 1).html), "lesson") is None
    stuck = judged("sqrt(x**2)**2", {"x": 0.0}, gradient={"x": 0.0})  # its own backward pass meets 0·∞
    assert text_of(str(case(stuck, 1).html), "lesson") is None


def test_what_is_not_drawn_is_said() -> None:
    given = records()[1]
    assert "<svg" not in case(given, 1, draws=False).html
    assert messages("en")["not_drawn"] in case(given, 1, draws=False).html
    unreadable = {**given, "expression": "tahn(x"}
    assert messages("en")["cannot_draw"] in html.unescape(str(case(unreadable, 1).html))


def test_numbers_of_a_higher_order_are_not_set_beside_those_of_the_first() -> None:
    first, second = (
        case(verify("sin(x)*y", {"x": 0.5, "y": 2.0}, gradient={"x": 0.25, "y": 1.0}, order=order).to_record(), 1)
        for order in (1, 2)
    )
    for found, mark, label in ((first, True, "∂/∂x"), (second, False, "∂²/∂x²")):
        assert bool(re.search("✗ [−0-9]", str(found.html))) is mark
        assert (found.curve is not None) is mark
        assert label in str(found.html)


def test_the_curve_is_that_of_the_worst_partial() -> None:
    found = case(planted(), 1)
    assert found.curve is not None
    assert min(found.curve) < 1e-8
    blind = str(case(judged("tanh(x)", {"x": 20.0}, gradient={"x": 0.0}), 1).html)
    assert "At no step does the difference come near the truth" in blind
    exact = str(case(judged("sqrt(x**2)**2", {"x": 0.0}, gradient={"x": 0.0}), 1).html)
    assert "At every step the difference is exact here" in exact
    assert "truncation:" not in exact
    assert 'class="chart"' not in exact


def test_a_kink_shows_its_slopes_and_whose_choice_the_chain_is() -> None:
    page = str(case(judged("Abs(x)", {"x": 0.0}), 1).html)
    for language in ("en", "ko"):
        assert messages(language)["number_left_slope"] in page
        assert messages(language)["number_at_least"] not in page
    assert "has a corner here" in page
    assert "has a corner here" not in str(case(judged("elu(x, 1)", {"x": 0.0}), 1).html)


def test_the_domain_that_is_left_is_said_in_the_names_of_the_function() -> None:
    page = str(case(judged("log(y - 3)", {"y": -1.0}), 1).html)
    assert html.escape("log(a) is real where a > 0; here a = -4") in page
    assert html.escape("log(a)의 값은 a > 0일 때") in page


def test_a_single_operation_is_no_tautology() -> None:
    assert str(case(judged("tanh(x)", {"x": 1.0}), 1).html).count("<mfrac>") == 2  # in the product and in the table


def test_the_points_of_a_campaign_are_those_that_do_not_agree() -> None:
    good, bad = judged("x", {"x": 1.0})["points"][0], record()["points"][0]
    assert "the worst of 2 points that do not agree" in str(case(record(points=[bad, bad]), 1).html)
    assert "the worst of 2 points<" in str(case(record(points=[bad, good]), 1).html)


def test_partials_that_agree_wait_behind_a_fold() -> None:
    page = str(case(planted(), 1).html)
    shown, _, folded = page.partition('<details class="others">')
    assert shown.count('<div class="partial">') == 1
    assert 'class="chip small agree"' in folded


def test_verdicts_mean_what_they_mean_everywhere() -> None:
    for verdict, explanation in EXPLANATIONS.items():
        assert messages("en")[f"means_{verdict}"] == explanation.meaning
    for verdict, text in BY_DIFFERENCES.items():
        assert messages("en")[f"means_{verdict}_by_differences"] == text


def test_a_record_of_somebody_else_breaks_nothing() -> None:
    odd = [
        record(dtype="<b>"),
        record(points=[{**record()["points"][0], "at": {}}]),
        record(points=[{**record()["points"][0], "at": {"x": "sin"}}]),
        record(points=[{**record()["points"][0], "at": {"x": [1]}}]),
        record(blame={"kind": "<i>", "at": None, "node": 99, "primitive": 7}),
        record(expression=None),
        record(engine={"a": 1}),
        record(id=[1]),
    ]
    for given in odd:
        Markup(str(case(given, 1).html))


def test_a_number_that_is_off_far_behind_the_point_is_told_from_the_right_one_in_the_graph() -> None:
    result = judged("x**3", {"x": 0.5})
    partial = result["points"][0]["partials"]["x"]
    partial |= {"verdict": "wrong", "engine": partial["engine"] * (1 + 1e-9)}
    assert ">✗ 0.750000001<" in str(case(result | {"verdict": "wrong"}, 1).html)
    partial["engine"] = -0.75
    assert ">✗ −0.75<" in str(case(result | {"verdict": "wrong"}, 1).html)


def test_a_formula_that_is_wrong_stands_open_with_its_text() -> None:
    claims = {"x": "y", "y": "x + y"}
    given = judged("x*y", {"x": 0.5, "y": 3.0}, gradient={"x": 3.0, "y": 0.5}, derivative=claims)
    page = str(case(given, 1).html)
    shown, _, folded = page.partition('<details class="others">')
    assert "∂/∂y" in shown[shown.index('<div class="partial">') :]
    assert "∂/∂x" in folded
    assert re.search(r'<span class="scroll claimed"[^>]*><math><mrow><mi>x</mi><mo>\+</mo><mi>y</mi>', shown)
    for language in ("en", "ko"):
        assert messages(language)["blame_formula"] in page
        assert messages(language)["means_formula"] in page
        assert messages(language)["means_wrong"] not in page
    unread = {**given, "derivative": {"y": "x + ("}}
    assert ">x + (</code>" in str(case(unread, 1).html)
    for odd in ([1], "x", {"y": 3}, None):
        Markup(str(case({**given, "derivative": odd}, 1).html))


def test_the_slopes_of_a_kink_are_finite_where_no_derivative_is() -> None:
    kink = partial(verdict="nonfinite", engine="nan", symbolic=None, enclosure=["-1.0", "1.0"])
    point = {**record()["points"][0], "partials": {"x": kink}}
    blame = {**record()["blame"], "kind": "singular", "primitive": "sqrt"}
    page = str(case(record(verdict="nonfinite", points=[point], blame=blame), 1).html)
    assert messages("en")["stands_kink"] in page
    assert messages("ko")["stands_kink"] in page
    assert messages("en")["stands_finite"] not in page


def test_what_is_of_the_first_derivative_is_said_to_be_beside_one_of_a_higher_order() -> None:
    first, second = (
        str(case(verify("exp(x)*y", {"x": 0.5, "y": 2.0}, order=order).to_record(), 1).html) for order in (1, 2)
    )
    for language in ("en", "ko"):
        says = messages(language)["of_first"].format(order=2)
        assert (first.count(says), second.count(says)) == (0, 3)
        assert f"<dt>{words('order')}</dt><dd>2</dd>" in second
    assert str(words("order")) not in first


@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_difference_that_nobody_takes_is_no_nan(order: int) -> None:
    given = verify("exp(x)", {"x": 0.5}, order=order).to_record()
    page = str(case(given, 1).html)
    for language in ("en", "ko"):
        assert (messages(language)["note_order"] in page) is (order == 3)
    assert ">nan<" not in page
    assert ("differences are taken up to order 2" in failure_text(given)) is (order == 3)


def test_the_curve_has_the_digits_of_the_engine() -> None:
    given = {dtype: verify("exp(x)", {"x": 0.5}, dtype=dtype).to_record() for dtype in ("float32", "float64")}
    single, double = case(given["float32"], 1), case(given["float64"], 1)
    assert single.curve is not None
    assert double.curve is not None
    assert min(e for e in single.curve if e == e) > 1e-6 > min(double.curve)  # nan at tiny steps
    assert "<code>float32</code>" in single.html
    assert str(words("set_dtype")) not in double.html


@pytest.mark.parametrize(("text", "x", "continues"), [("sin(x)/x", 0.0, True), ("log(x)/x", -1.0, False)])
def test_a_hole_that_the_function_fills_does_not_contradict_its_derivative(
    text: str, x: float, continues: bool
) -> None:
    page = str(case(judged(text, {"x": x}), 1).html)
    for language in ("en", "ko"):
        for key, is_said in (("outside_removable", continues), ("outside", not continues)):
            says = max(re.split(r"\{\w+\}", messages(language)[key]), key=len)
            assert (says in page) is is_said, (language, key)


@pytest.mark.parametrize(
    ("count", "key"), [(70, None), (100, "no_graph"), (200, "no_graph_no_chain"), (1300, "too_long")]
)
def test_what_is_left_out_of_a_long_function_is_said(count: int, key: str | None) -> None:
    lines = [f"a{k} = sin(a{k - 1}) + y" for k in range(1, count // 2)]
    text = "; ".join(["a0 = sin(x)*y", *lines, f"a{count // 2 - 1}"])
    given = judged(text, {"x": 0.5, "y": 0.25})
    operations = f"{count:,}"
    page = str(case(given, 1).html)
    for language in ("en", "ko"):
        for each in ("no_graph", "no_graph_no_chain", "too_long"):
            says = messages(language)[each].format(count=operations, graph=80, chain=120)
            assert (says in page) is (each == key), each
        cut = messages(language)["definitions_of"].format(shown=120, all=count)
        assert (cut in page) is (key == "no_graph_no_chain")


def test_one_sentence_names_all_paths_that_are_not_written_out() -> None:
    names = [f"v{k}" for k in range(20)]
    page = str(case(judged("*".join(names), dict.fromkeys(names, 1.5)), 1).html)
    assert page.count("are too many or too long") == 1
    assert "The paths to v₀, v₁, v₂, v₃, v₄, v₅, v₆, v₇ are too many" in page


def test_single_floats_are_shown_in_the_digits_that_name_them() -> None:
    given = verify("exp(sin(x))/3", {"x": 0.5}, dtype="float32").to_record()
    page = str(case(given, 1).html)
    (point,) = given["points"]
    engine, value = point["partials"]["x"]["engine"], point["value"]
    assert (len(repr(engine)), len(repr(value))) > (12, 12)
    for number in (engine, value):
        assert repr(number) not in re.sub("</?mark>", "", page)
        assert f"{number:.9g}"[:10] in re.sub("</?mark>", "", page)
        assert np.float32(f"{number:.9g}") == np.float32(number)


def test_names_with_an_index_are_written_so_in_plain_text() -> None:
    page = str(case(judged("x_12*exp(x_1)", {"x_12": 1.0, "x_1": 2.0}), 1).html)
    assert "∂/∂x₁₂" in page
    assert "∂/∂x_12" not in page
    assert "central difference by x₁" in page
