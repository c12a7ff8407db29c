"""The lesson as one HTML file: opens from disk, needs no network, speaks every language it has words for."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from markupsafe import Markup

from ...engine.tape import Tape
from ...verifier import verify
from ...verifier import write as write_text
from ...verifier.errors import InvalidInput
from .. import curve as curves
from ..digits import align, short, typeset
from ..pages import LANGUAGES, Catalogue, environment, furniture, json_for_script
from ..phrases import called
from ..reproduce import command
from ..slopes import slopes
from ..strokes import circled, shown
from ..trees import subscripted
from .content import Lesson, Operation
from .drawing import draw
from .equations import Equations
from .riddles import LEVELS, SHARP, WITNESSES, Desk, Riddle

#: Riddles of every level in a file; a server makes one for any seed.
SEEDS = 6

#: What a page may show below the graph, in its order; ``backward`` is the graph's second row.
PARTS = ("backward", "product", "stored", "paths", "cost", "ways", "riddles")

_CATALOGUE = Catalogue("lesson")
messages, words = _CATALOGUE.messages, _CATALOGUE.words


class Host(NamedTuple):
    """What a server adds to the page to make it live.

    Attributes:
        nonce: that its policy asks of script and style.
        form: that asks for another function.
        style, script: of the form.
        navigation: links to other pages.
    """

    nonce: str
    form: Markup
    style: Markup
    script: Markup
    navigation: Markup


def render(
    tape: Tape,
    point: Mapping[str, float],
    *,
    language: str = "en",
    version: str,
    host: Host | None = None,
    parts: Collection[str] = PARTS,
) -> str:
    """The lesson on a function at a point, as the text of one HTML file.

    Args:
        tape: the function.
        point: one number for each input.
        language: in which the page opens, one of ``LANGUAGES``; all others are in it too.
        version: of gradjury, for the footer.
        host: the server that asks for the page; None for a file.
        parts: some of ``PARTS``: a page for those who have heard of nothing else yet. With none of them it ends with
            the forward pass.

    Raises:
        InvalidInput: there is nothing to differentiate, or a value is not finite.
        LimitExceeded: the function has too many operations to be drawn.
    """
    if unknown := [part for part in parts if part not in PARTS]:
        raise InvalidInput(f"parts: {unknown[0]!r} is none; expected some of {', '.join(PARTS)}")
    return _Page(tape, Lesson(tape, point), version, frozenset(parts)).html(language, host)


class _Page:
    """What the template shows, gathered."""

    def __init__(self, tape: Tape, lesson: Lesson, version: str, parts: frozenset[str]) -> None:
        self.given, self.lesson, self.version, self.parts = tape, lesson, version, parts
        self.returns = bool({"backward", "product"} & parts)
        self.steps = lesson.steps if self.returns else lesson.seed_step
        self.equations = Equations(lesson)
        (self.judged,) = verify(lesson.tape, at=lesson.point, timeout=20.0).points
        self.record = self.judged.to_record()["partials"]
        self.riddles = posed(lesson, SEEDS) if "riddles" in parts else {}

    def html(self, language: str, host: Host | None) -> str:
        lesson, picture = self.lesson, draw(self.lesson, backward="backward" in self.parts)
        ways = [self._ways(name) for name in lesson.tape.inputs]
        steps = [self._step(step) for step in range(self.steps)]
        html = environment().get_template("lesson.html.j2").render(
            **furniture("lesson"),
            host=host,
            language=language,
            words=words,
            called=called,
            messages=messages,
            lesson=lesson,
            parts=self.parts,
            returns=self.returns,
            picture=picture,
            steps=steps,
            stuck=self._stuck(),
            header=self.equations.header(),
            product=self.equations.product(),
            rows=[self._row(operation) for operation in lesson.operations],
            own=self.equations.own(),
            paths=[self.equations.paths(index) for index in lesson.inputs],
            meets=any(count > 1 for count in lesson.uses.values()),
            tangents=[
                (subscripted(name), typeset(shown(lesson.tangents[name])), typeset(shown(g)))
                for name, g in lesson.gradient.items()
            ],
            ways=ways,
            faults=[fault for faults in LEVELS.values() for fault in faults],
            levels=[level for level in LEVELS if any(self.riddles.get(level, ()))],
            witnesses=WITNESSES,
            suspects=[self._suspect(operation) for operation in lesson.operations],
            gradients=[self.equations.gradient_name(i) for i in lesson.inputs],
            version=self.version,
            command=self._command(),
            data=self._data(ways, steps),
        )  # fmt: skip
        return _CATALOGUE.speak(html, language)

    def _command(self) -> str:
        """What makes this page once more."""
        record = {"expression": write_text(self.given)}
        return command(record, {"at": self.lesson.point}).replace("gradjury verify", "gradjury lesson", 1)

    # ---- steps -----------------------------------------------------------------------------------------

    def _step(self, step: int) -> dict[str, Any]:
        """What is said at one step: words, formulas, and what its button is called."""
        lesson = self.lesson
        names = {index: subscripted(label) for index, label in lesson.names.items()}
        inputs = list(map(subscripted, lesson.tape.inputs))
        output = names[lesson.tape.output]
        sentences: list[tuple[str, dict[str, Any]]]
        if step == 0:
            sentences = [("say_input_many" if len(inputs) > 1 else "say_input_one", {"inputs": ", ".join(inputs)})]
            label, is_name = ", ".join(inputs[:3]) + ("…" if len(inputs) > 3 else ""), True
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
            "needs": ", ".join(subscripted(lesson.names[i]) for i in needs),
        }
        one, several = ("say_backward", "say_backward_two") if needs else ("say_backward_free", "say_backward_free_two")
        sentences = [(several if len(operation.edges) > 1 else one, values)]
        for target in sorted({c.target for c in lesson.contributions if c.step == step and c.known is not None}):
            sentences.append(("say_sum", {"target": subscripted(lesson.names[target])}))
        if step == lesson.steps - 1:
            sentences.append((self._answer(), {"numbers": lesson.apart}))
        return sentences

    def _answer(self) -> str:
        """What the last multiplication leaves: a number, which at a corner or a jump is no derivative."""
        partials = self.record.values()
        if self.lesson.apart:
            return "corners_meet"
        if any(partial["verdict"] == "kink" for partial in partials):
            return "say_answer_corner"
        if any(partial["symbolic"] is None for partial in partials):
            return "say_answer_uncertified"
        return "say_answer_many" if self.lesson.is_multivariate else "say_answer"

    def _stuck(self) -> str:
        """Why nothing can be multiplied without the kept inputs: ① may need none, while what comes after it does."""
        needing = [any(edge.needs for edge in operation.edges) for operation in self.lesson.operations]
        return "forgotten" if needing[-1] else "forgotten_later" if any(needing) else "forgotten_never"

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
        found = curves.curve(self.lesson.tape, self.lesson.point, name, symbolic)
        numbers = [partial["engine"], symbolic, *found.values, partial["difference"]]
        engine, truth, *differences, extrapolated = align(numbers, symbolic)
        engine_error = self._error(partial["engine"], symbolic)
        at_kink = slopes(self.judged.partials[name].truth) if partial["verdict"] == "kink" else None
        at = [curves.place(i, e) for i, e in enumerate(found.errors or [])]
        return {
            "name": name,
            "label": subscripted(name),
            "engine": engine,
            "engine_error": engine_error,
            "symbolic": truth,
            "certified": symbolic is not None,
            "verdict": partial["verdict"],
            "slopes": [typeset(shown(float(slope))) for slope in at_kink] if at_kink else None,
            "extrapolated": extrapolated,
            "estimate": shown_error(self.judged.partials[name].difference_error),
            "extrapolated_error": self._error(partial["difference"], symbolic),
            "is_relative": found.is_relative,
            "chart": curves.chart(found),
            "shape": found.shape,
            "table": list(
                zip(
                    map(shown_error, found.steps),
                    map(typeset, map(shown, found.values)),
                    map(shown_error, found.errors),
                    strict=True,
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

    def _suspect(self, operation: Operation) -> dict[str, Any]:
        """One line of the engine's notebook, without its numbers."""
        return {
            "index": operation.index,
            "name": self.lesson.names[operation.index],
            "formula": self.equations.definition(operation),
            "locals": [self.equations.local(operation, edge, numeric=False) for edge in operation.edges],
        }

    # ---- for the script --------------------------------------------------------------------------------

    def _data(self, ways: Iterable[Mapping[str, Any]], steps: Iterable[Mapping[str, Any]]) -> Markup:
        """What the script steps through, as JSON that cannot end the element it stands in."""
        keys = ("row_forward", "row_backward", "rounding", "truncation", "step_h", "chart_words", "title", "next",
                "again", "previous", "language", "theme", "view", "steps", "graph", "product", "riddle_previous",
                "riddle_next", "riddle_level", "riddle_point", "riddle_none", "ways_by", "paths", "cost", "ways",
                "stored", "riddle", "engine_value", "engine_has",
                "function")  # fmt: skip
        data = {
            "steps": self.steps,
            "seed": self.lesson.seed_step,
            "said": [step["said"] for step in steps],
            "curves": {way["name"]: way["curve"] for way in ways},
            "start": curves.start(),
            "riddles": self.riddles,
            "suspects": [self.equations.in_words(operation) for operation in self.lesson.operations],
            "seeds": SEEDS,
            "f": write_text(self.given),
            "at": {name: repr(x) for name, x in self.lesson.point.items()},
            "words": {
                code: {key: messages(code)[key] for key in keys}
                | {"title": messages(code)["title" if self.returns else "title_forward"]}
                for code in LANGUAGES
            },
        }
        return json_for_script(data)


def posed(lesson: Lesson, seeds: int) -> dict[str, list[dict[str, Any] | None]]:
    """The riddles of every level, by their seeds from 1, as the page shows them."""
    desk = Desk(lesson)
    return {level: [_posed(desk, level, seed) for seed in range(1, seeds + 1)] for level in LEVELS}


def one_posed(lesson: Lesson, level: str, seed: int) -> dict[str, Any] | None:
    """The riddle of a level with a seed, as the page shows it; None if there is none.

    Raises:
        InvalidInput: there is no such level.
    """
    if level not in LEVELS:
        raise InvalidInput(f"level: {level!r} is none; expected one of {', '.join(LEVELS)}")
    return _posed(Desk(lesson), level, seed)


def _posed(desk: Desk, level: str, seed: int) -> dict[str, Any] | None:
    riddle = desk.riddle(level, seed)
    return None if riddle is None else _with_digits(riddle, SHARP.shown if level == "millionth" else 6)


def _with_digits(riddle: Riddle, digits: int) -> dict[str, Any]:
    def text(value: float) -> str:
        return typeset(short(value, digits)) if value else "0"

    return {
        "fault": riddle.fault,
        "at": ", ".join(f"{name} = {text(x)}" for name, x in riddle.point.items()),
        "rows": [[text(n) for n in row] for row in riddle.numbers],
        "liar": riddle.liar,
        "part": None if riddle.part is None else str(riddle.part),
        "values": [text(n) for n in riddle.values],
        "locals": [[text(n) for n in row] for row in riddle.locals],
        "h": f"{riddle.h:g}",
    }


def shown_error(value: float) -> str:
    """An error in two digits, a dash where there is none."""
    return typeset(f"{value:.2g}") if math.isfinite(value) else "—"


__all__ = ["LANGUAGES", "PARTS", "Host", "messages", "render", "words"]
