"""The report as one HTML file, and as files of data beside it where the cases are too many for one."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from ...engine.tape import Tape
from ...properties.faults import PLANTABLE
from ...properties.tally import DEEPEST, RANGES
from .. import curve as curves
from ..collection import Collection
from ..digits import typeset
from ..evidence import Record
from ..pages import LANGUAGES, environment, furniture, json_for_script
from ..phrases import CATALOGUE as PHRASES
from ..phrases import because, called, how_many, in_words
from ..survey import engine_of
from ..verdicts import EXPLANATIONS
from .blame import CATALOGUE, messages, said, said_in, words
from .blocks import chunks, pack, plain, shard
from .cards import Card, card_of, cards
from .case import Case, case
from .changes import Changes
from .plots import group, plots
from .power import Power
from .table import OPERATIONS, columns, coverage

#: Cases that one file holds; with more, their data stand in files beside it.
MOST_INSIDE = 10_000
#: Cases a block: what is unpacked at once.
BLOCK, SHARD = 50, 1_000
#: Cases whose graph, chain and V-curve are drawn.
MOST_DRAWN = 500
#: Cases that are in the page's own text, for readers without a script.
STATIC = 10
#: Characters of a function that the title of a page of its own has.
MOST_IN_TAB = 60
#: Words that the script puts into the page.
_SPOKEN = (
    "graph_words", "rounding", "truncation", "step_h", "chart_words",
    "language", "theme", "ulps", "partials", "error", "seconds", "functions", "causes", "search", "sort_by",
    "order_short", "loading", "shard_missing", "case_of", "case_title", "copy", "copied", "shown_of", "nothing_matches",
    "cell_says", "never_tested", "cell_filter", "operation_filter", "any_range", "previous", "next",
    "as_given", "minimal", "three_numbers", "graph", "chain", "chain_table", "data_table", "tested", "cases",
    "verdicts", "brand", "verdict", "cause", "id", "function", "ulps_short", "tested_summary", "operation",
    "range_of_inputs", "depth", "download", "compare", "method_skipped", "method_power", "every_cause", "every_verdict",
    "every_point", "point", "ulps_away", "first_of",
)  # fmt: skip


class Report(NamedTuple):
    """A report as text.

    Attributes:
        page: the HTML file.
        shards: texts of the files beside it, by their names relative to its folder.
    """

    page: str
    shards: dict[str, str]


def build(
    collection: Collection,
    *,
    version: str,
    title: str | None = None,
    stem: str = "report",
    language: str = "en",
    changes: Changes | None = None,
    power: Power | None = None,
    limit: float = 30.0,
    tape: Tape | None = None,
) -> Report:
    """The report of a collection.

    Args:
        collection: what was judged.
        version: of gradjury, for the footer.
        title: the page's heading; made from the settings unless given.
        stem: with which the names of files beside the page begin.
        language: in which the page opens; all others are in it too.
        changes: since an older run.
        power: what an audit of the engine found.
        limit: seconds after which no more graphs, chains and V-curves are drawn.
        tape: the function, where the collection has one and it is at hand.
    """
    return _Page(collection, changes, power, limit, tape).report(title, version, stem, language)


class _Page:
    def __init__(
        self, collection: Collection, changes: Changes | None, power: Power | None, limit: float, tape: Tape | None
    ) -> None:
        self.collection, self.changes, self.power = collection, changes, power
        self.records = collection.kept
        self.counted = collection.aggregates
        self.cards = cards(self.counted, self.records)
        self.cases = self._cases(limit, tape)
        self.columns = columns(self.records, self.cards)

    def _cases(self, limit: float, tape: Tape | None) -> list[Case]:
        """The page of every case; drawn while there is time, of each cause the smallest first."""
        until, drawn = time.monotonic() + limit, 0
        found: dict[int, Case] = {}
        for place in _by_turns(self.records):
            draws = drawn < MOST_DRAWN and time.monotonic() < until
            drawn += draws
            found[place] = case(self.records[place], place + 1, tape=tape, draws=draws)
        return [found[place] for place in range(len(self.records))]

    def report(self, title: str | None, version: str, stem: str, language: str) -> Report:
        blocks, shards = self._blocks(stem)
        collection, counted = self.collection, self.counted
        headings = {code: title or self._heading(code) for code in LANGUAGES}
        titles = {code: f"{title or self._tab(code)} · gradjury" for code in LANGUAGES}
        curve_errors = [c.curve for c in self.cases if c.curve is not None]
        page = environment().get_template("report.html.j2").render(
            **furniture("report"),
            language=language,
            words=words,
            called=called,
            how_many=how_many,
            because=because,
            said=said,
            messages=messages,
            headings=headings,
            titles=titles,
            version=version,
            total=collection.functions.total(),
            unjudged=self._unjudged(),
            invalid=collection.functions["invalid"],
            unread=collection.unread,
            pairs_total=collection.pairs.total(),
            counts=[(v, n, group(v)) for v in EXPLANATIONS if (n := collection.functions[v])],
            pairs=[(v, n) for v in EXPLANATIONS if (n := collection.pairs[v])],
            settings=_settings(collection.settings),
            cards=self.cards,
            first_cards=12,
            changes=self.changes,
            plots=plots(counted, [card.first for card in self.cards], curve_errors, curves.steps()),
            is_surveyed=bool(counted.cells),
            ranges=RANGES,
            one=self.cases[0].html if collection.functions.total() == 1 and self.cases else None,
            few=collection.functions.total() <= collection.FEW,
            rows=self._static_rows(),
            kept=len(self.records),
            kept_ids={*self.columns["id"]},
            kept_verdicts={record["verdict"] for record in self.records},
            omitted=collection.omitted,
            keep=collection.keep,
            explanations=EXPLANATIONS,
            skipped=self._skipped(),
            masked=PHRASES.messages("en")["reason_masked"],
            power=self.power,
            typeset=typeset,
            audited=self._audited(),
            blocks=blocks if not shards else [],
            data=self._data(language, titles, list(shards)),
            rows_block=pack(self.columns),
        )  # fmt: skip
        page = CATALOGUE.speak(page, language)
        # a lone surrogate, which JSON can name and UTF-8 cannot, becomes a question mark
        return Report(page.encode("utf-8", "replace").decode(), shards)

    def _heading(self, code: str) -> str:
        """What the page is about, in one language."""
        settings, total = self.collection.settings, self.collection.functions.total()
        if "functions" in settings and "engine" in settings:
            engine = f"{settings['engine']} {settings.get('engine_version', '')}".strip()
            if self._unjudged():
                said = {"engine": engine, "functions": f"{total:,}", "all": f"{settings['functions']:,}"}
                return messages(code)["title_unfinished"].format(**said)
            return messages(code)["title_campaign_one" if total == 1 else "title_campaign"].format(
                engine=engine, functions=f"{total:,}"
            )
        judged = total - self.collection.functions["invalid"]
        return messages(code)["title_one" if total == 1 else "title_results"].format(functions=f"{judged:,}")

    def _tab(self, code: str) -> str:
        """What tells this page from others beside it: of one function its verdict and text, else the heading."""
        if self.collection.functions.total() != 1 or not self.records:
            return self._heading(code)
        verdict, text = self.records[0]["verdict"], " ".join(str(self.records[0].get("expression") or "").split())
        return f"{messages(code)[f'is_{verdict}']}: {text if len(text) <= MOST_IN_TAB else text[:MOST_IN_TAB] + '…'}"

    def _audited(self) -> str:
        """The engine that an audit is proposed of: the one of this report, if it is one and takes faults."""
        named = self.collection.settings.get("engine")
        engines = {named} if named else {engine_of(record).partition(" ")[0] for record in self.records} - {"claim"}
        return next((name for name in PLANTABLE if engines == {name}), "numpy")

    def _unjudged(self) -> int:
        """How many functions a campaign has not come to yet: it was interrupted, or goes on."""
        asked = self.collection.settings.get("functions")
        return max(asked - self.collection.functions.total(), 0) if isinstance(asked, int) else 0

    def _static_rows(self) -> list[dict[str, Any]]:
        names = list(EXPLANATIONS)
        c = self.columns
        return [
            {
                **{key: c[key][k] for key in ("id", "text", "order")},
                "verdict": names[c["verdict"][k]],
                "cause": self._card(k),
            }
            for k in range(min(STATIC, len(self.records)))
        ]

    def _skipped(self) -> list[tuple[str, int, Card]]:
        """What was not decided: verdict, how many functions, and their cause; of a cause also beside failures."""
        undecided = ("invalid", "undecided")
        return [(v, card.verdicts[v], card) for card in self.cards for v in undecided if card.verdicts.get(v)]

    def _card(self, place: int) -> Card | None:
        card = self.columns["cause"][place]
        return None if card < 0 else self.cards[card]

    def _blocks(self, stem: str) -> tuple[list[str], dict[str, str]]:
        """The cases with their records, packed; as files of their own where they are too many."""
        every = [{"record": plain(r), "html": str(c.html)} for r, c in zip(self.records, self.cases, strict=True)]
        if len(every) <= MOST_INSIDE:
            return [pack(part) for part in chunks(every, BLOCK)], {}
        packed = [pack(part) for part in chunks(every, SHARD)]
        return packed, {f"{stem}.data/{k:04d}.js": shard(k, text) for k, text in enumerate(packed)}

    def _data(self, language: str, titles: Mapping[str, str], shards: Sequence[str]) -> Markup:
        """What the script needs at once, as JSON that cannot end the element it stands in."""
        return json_for_script(
            {
                "language": language,
                "titles": titles,
                "words": {code: {key: messages(code)[key] for key in _SPOKEN} for code in LANGUAGES},
                "verdicts": [
                    {"name": v, "group": group(v), **{code: messages(code)[f"is_{v}"] for code in LANGUAGES}}
                    for v in EXPLANATIONS
                ],
                "causes": [
                    {
                        "key": card.key,
                        **{code: _card_words(card, code) for code in LANGUAGES},
                    }
                    for card in self.cards
                ],
                "operations": OPERATIONS,
                "ranges": RANGES,
                "depths": DEEPEST + 1,
                "coverage": coverage(self.counted),
                "cases": len(self.records),
                "block": SHARD if shards else BLOCK,
                "shards": shards,
            }
        )


def _card_words(card: Card, code: str) -> str:
    """A cause in a few words of one language."""
    if card.says is not None:
        words = said_in(card.says, code)
    else:
        words = (card.reason and in_words(card.reason, "reason_other")[code]) or messages(code)[
            "value_undecided" if card.verdict == "undecided" else f"is_{card.verdict}"
        ]
    if not card.engine or (card.says and card.says["key"] == "blame_nobody"):  # which says that they are claimed
        return words
    return f"{messages(code)['claim'] if card.engine == 'claim' else card.engine}: {words}"


def _by_turns(records: Sequence[Record]) -> list[int]:
    """Places of records in the order in which they are drawn: of every cause the smallest, then the next smallest."""
    turns: dict[str, list[int]] = {}
    for place, record in enumerate(records):
        turns.setdefault(card_of(record, by_engine=True) or "", []).append(place)
    for places in turns.values():
        places.sort(key=lambda p: len(str(records[p].get("expression") or "")))
    ranked = [(turn, p) for places in turns.values() for turn, p in enumerate(places)]
    return [place for _, place in sorted(ranked)]


def _settings(settings: Mapping[str, Any]) -> list[tuple[str, Any, bool]]:
    """What was run: (name, value, whether the name is one that the messages know)."""
    order = [k.removeprefix("set_") for k in messages("en") if k.startswith("set_")]
    named = [(k, _written(k, settings[k]), True) for k in order if _says_something(settings.get(k))]
    hidden = {*order, *_ELSEWHERE}
    return named + [(str(k), v, False) for k, v in settings.items() if k not in hidden and _says_something(v)]


def _written(name: str, value: Any) -> Any:
    """A count with its thousands apart; a seed and everything else as it is."""
    return f"{value:,}" if isinstance(value, int) and name != "seed" else value


def _says_something(value: Any) -> bool:
    """Whether a setting is worth a line: the seed 0 is, what is off or empty is not."""
    return value is not None and value is not False and value not in ({}, [], "")


#: Settings that are shown in a place of their own, or by nobody missed.
_ELSEWHERE = ("grammar", "certify", "sample", "interrupted")
