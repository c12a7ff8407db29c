"""The lesson as one HTML file: opens from disk, needs no network, speaks every language it has words for."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from ...engine.tape import Tape
from ...verifier import verify
from ...verifier import write as write_text
from ..digits import align
from ..html import environment
from ..reproduce import command
from . import curve as curves
from .content import Lesson, Operation
from .drawing import draw
from .equations import Equations
from .riddles import COARSE, WITNESSES, riddles
from .strokes import circled, shown

#: Languages by their codes, as each calls itself.
LANGUAGES = {"en": "English", "ko": "한국어"}


def render(tape: Tape, point: Mapping[str, float], *, language: str = "en", version: str) -> str:
    """The lesson on a function at a point, as the text of one HTML file.

    Args:
        tape: the function.
        point: one number for each input.
        language: in which the page opens, one of ``LANGUAGES``; all others are in it too.
        version: of gradjury, for the footer.

    Raises:
        InvalidInput: there is nothing to differentiate, or a value is not finite.
        LimitExceeded: the function has too many operations to be drawn.
    """
    return _Page(tape, Lesson(tape, point), version).html(language)


@cache
def messages(language: str) -> dict[str, str]:
    """All words of the lesson in one language."""
    found: dict[str, str] = json.loads(_asset(f"lesson.{language}.json").decode())
    return found


def _asset(file: str) -> bytes:
    return files("gradjury.reports").joinpath("templates", file).read_bytes()


def words(key: str, **values: Any) -> Markup:
    """A message in every language, of which the page shows the one that is read."""
    return Markup("").join(
        Markup('<span lang="{}">{}</span>').format(code, messages(code)[key].format(**values)) for code in LANGUAGES
    )


class _Page:
    """What the template shows, gathered."""

    def __init__(self, tape: Tape, lesson: Lesson, version: str) -> None:
        self.given, self.lesson, self.version = tape, lesson, version
        self.equations = Equations(lesson)
        self.record = verify(lesson.tape, at=lesson.point, timeout=20.0).to_record()["points"][0]["partials"]
        self.riddles = riddles(lesson)

    def html(self, language: str) -> str:
        lesson, picture = self.lesson, draw(self.lesson)
        ways = [self._ways(name) for name in lesson.tape.inputs]
        steps = [self._step(step) for step in range(lesson.steps)]
        return environment().get_template("lesson.html.j2").render(
            language=language,
            languages=LANGUAGES,
            words=words,
            messages=messages,
            style=Markup(_asset("lesson.css").decode()),
            script=Markup(_asset("lesson.js").decode()),
            font=base64.b64encode(_asset("stix-two-math.woff2")).decode(),
            lesson=lesson,
            picture=picture,
            steps=steps,
            header=self.equations.header(),
            product=self.equations.product(),
            rows=[self._row(operation) for operation in lesson.operations],
            paths=[self.equations.paths(index) for index in lesson.inputs],
            meets=any(count > 1 for count in lesson.uses.values()),
            tangents=[(name, shown(lesson.tangents[name]), shown(g)) for name, g in lesson.gradient.items()],
            ways=ways,
            riddles=[self._riddle(riddle) for riddle in self.riddles],
            witnesses=WITNESSES,
            coarse=shown(COARSE),
            version=self.version,
            command=self._command(),
            data=self._data(ways, steps),
        )  # fmt: skip

    def _command(self) -> str:
        """What makes this page once more."""
        record = {"expression": write_text(self.given)}
        return command(record, {"at": self.lesson.point}).replace("gradjury verify", "gradjury lesson", 1)

    # ---- steps -----------------------------------------------------------------------------------------

    def _step(self, step: int) -> dict[str, Any]:
        """What is said at one step: words, formulas, and what its button is called."""
        lesson = self.lesson
        names = lesson.names
        output = names[lesson.tape.output]
        sentences: list[tuple[str, dict[str, Any]]]
        if step == 0:
            inputs = ", ".join(lesson.tape.inputs)
            sentences = [("say_input_many" if len(lesson.tape.inputs) > 1 else "say_input_one", {"inputs": inputs})]
            label, is_name = ", ".join(lesson.tape.inputs[:3]) + ("…" if len(lesson.tape.inputs) > 3 else ""), True
        elif step < lesson.seed_step:
            operation = lesson.operations[step - 1]
            stored = ", ".join(names[a] for a in operation.stored)
            key = "say_forward" if step + 1 < lesson.seed_step else "say_forward_last"
            sentences = [(key, {"output": names[operation.index], "stored": stored})]
            label, is_name = names[operation.index], True
        elif step == lesson.seed_step:
            sentences, is_name = [("say_seed", {"output": output})], True
            d = "∂" if lesson.is_multivariate else "d"
            label = f"{d}{output}/{d}{output}"
        else:
            sentences, label, is_name = self._backward_words(step), circled(step - lesson.seed_step), False
        said = {code: " ".join(messages(code)[key].format(**v) for key, v in sentences) for code in LANGUAGES}
        return {
            "label": label,
            "is_name": is_name,
            "side": "forward" if step < lesson.seed_step else "backward",
            "said": said,
            "formulas": self.equations.step(step),
        }

    def _backward_words(self, step: int) -> list[tuple[str, dict[str, Any]]]:
        lesson = self.lesson
        operation = lesson.operations[lesson.steps - 1 - step]
        needs = sorted({i for edge in operation.edges for i in edge.needs})
        values = {
            "number": circled(step - lesson.seed_step),
            "needs": ", ".join(lesson.names[i] for i in needs),
        }
        key = "say_backward_free" if not needs else "say_backward_two" if len(operation.edges) > 1 else "say_backward"
        sentences = [(key, values)]
        for target in sorted({c.target for c in lesson.contributions if c.step == step and c.known is not None}):
            sentences.append(("say_sum", {"target": lesson.names[target]}))
        if step == lesson.steps - 1:
            sentences.append(("say_answer", {}))
        return sentences

    def _row(self, operation: Operation) -> dict[str, Any]:
        """One line of the table of what the forward pass keeps."""
        return {
            "formula": self.equations.definition(operation),
            "stored": [self.equations.value(a) for a in operation.stored],
            "locals": [self.equations.local(operation, edge) for edge in operation.edges],
            "is_tied": operation.is_tied,
            "forward": operation.forward_step,
            "backward": operation.backward_step,
            "number": circled(operation.backward_step - self.lesson.seed_step),
        }

    # ---- three ways ------------------------------------------------------------------------------------

    def _ways(self, name: str) -> dict[str, Any]:
        """The three numbers of one partial derivative, and the error of a difference over its step."""
        partial = self.record[name]
        symbolic = partial["symbolic"]
        found = curves.curve(self.lesson, name, symbolic)
        numbers = [partial["engine"], symbolic, *found.values, partial["difference"]]
        engine, truth, *differences, extrapolated = align(numbers, symbolic)
        engine_error = self._error(partial["engine"], symbolic)
        at = [curves.place(i, e) for i, e in enumerate(found.errors or [])]
        return {
            "name": name,
            "engine": engine,
            "engine_error": engine_error,
            "symbolic": truth,
            "certified": symbolic is not None,
            "verdict": partial["verdict"],
            "extrapolated": extrapolated,
            "estimate": shown_error(partial["difference_error"]),
            "extrapolated_error": self._error(partial["difference"], symbolic),
            "is_relative": found.is_relative,
            "chart": curves.chart(found),
            "table": list(
                zip(
                    map(shown_error, found.steps), map(shown, found.values), map(shown_error, found.errors), strict=True
                )
            )
            if found.errors
            else [],
            "start": curves.start(),
            "curve": [
                {
                    "h": shown_error(h),
                    "same": d.text[: d.same],
                    "differs": d.text[d.same :],
                    "error": shown_error(found.errors[i]) if found.errors else "—",
                    "at": [round(c, 1) if math.isfinite(c) else None for c in at[i]] if at else None,
                }
                for i, (h, d) in enumerate(zip(found.steps, differences, strict=True))
            ],
        }

    @staticmethod
    def _error(number: Any, truth: Any) -> str:
        error = curves.error(number, truth)
        return "—" if error is None else shown_error(error)

    # ---- riddles ---------------------------------------------------------------------------------------

    def _riddle(self, riddle: Any) -> dict[str, Any]:
        lesson = self.lesson
        forgotten = lesson.by_index.get(riddle.operation) if riddle.fault == "inner_derivative" else None
        return {
            "rows": [(self.equations.gradient_name(i), [shown(n) for n in riddle.numbers[i]]) for i in lesson.inputs],
            "liar": riddle.liar,
            "fault": riddle.fault,
            "operation": riddle.operation,
            "forgotten": None
            if forgotten is None
            else self.equations.local(forgotten, forgotten.edges[riddle.edge], numeric=True),
            "suspects": [
                (
                    operation.index,
                    self.equations.definition(operation),
                    [
                        (self.equations.local(operation, edge, numeric=False), shown(has))
                        for edge, has in zip(operation.edges, has_row, strict=True)
                    ],
                    [self.equations.value(i) for i in sorted({i for e in operation.edges for i in e.needs})],
                )
                for operation, has_row in zip(lesson.operations, riddle.locals, strict=True)
            ]
            if riddle.liar == "engine"
            else [],
        }

    # ---- for the script --------------------------------------------------------------------------------

    def _data(self, ways: Iterable[Mapping[str, Any]], steps: Iterable[Mapping[str, Any]]) -> Markup:
        """What the script steps through, as JSON that cannot end the element it stands in."""
        keys = ("row_forward", "row_backward", "rounding", "truncation", "step_h", "chart_words", "title", "next",
                "again", "previous", "language", "theme", "view", "steps", "graph", "product", "riddle_previous",
                "riddle_next", "ways_by", "paths", "ways", "stored", "riddle")  # fmt: skip
        data = {
            "steps": self.lesson.steps,
            "seed": self.lesson.seed_step,
            "said": [step["said"] for step in steps],
            "curves": {way["name"]: way["curve"] for way in ways},
            "start": curves.start(),
            "riddles": [
                {"liar": r.liar, "part": "sum" if r.fault == "lost_path" else r.operation} for r in self.riddles
            ],
            "words": {code: {key: messages(code)[key] for key in keys} for code in LANGUAGES},
        }
        text = json.dumps(data, ensure_ascii=False, allow_nan=False)
        for letter in "<>&\u2028\u2029":
            text = text.replace(letter, f"\\u{ord(letter):04x}")
        return Markup(text)


def shown_error(value: float) -> str:
    """An error in two digits, a dash where there is none."""
    return "—" if math.isnan(value) else f"{value:.2g}".replace("-", "−")


__all__ = ["LANGUAGES", "messages", "render", "words"]
