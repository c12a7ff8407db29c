"""Root causes: grouped by operation and kind, defects first, the smallest example on the card."""

from __future__ import annotations

from gradjury.reports.collection import gather
from gradjury.reports.report.cards import cards
from gradjury.reports.survey import cause_of

from ..records import agreeing, invalid, record
from .samples import sample


def test_one_card_an_operation_and_a_kind_defects_first() -> None:
    collection = sample("several")
    found = cards(collection.aggregates, filter(None, map(cause_of, collection.kept)))
    assert [(card.verdict, card.functions, card.kept) for card in found] == [
        ("wrong", 2, 2),  # the rule of tanh: wrong in one function, inaccurate in another
        ("nonfinite", 1, 1),
        ("invalid", 1, 1),
        ("undecided", 1, 1),
        ("undefined", 1, 1),
        ("kink", 1, 1),
    ]
    assert found[0].key == "rule/tanh/0"
    assert found[0].verdicts == {"wrong": 1, "inaccurate": 1}
    assert found[0].example["text"] == "tanh(x)"
    assert "<math>" in str(found[0].example["formula"])
    assert [card.first for card in found] == [1, 3, 6, 8, 5, 4]


def test_reasons_are_one_cause_whatever_their_numbers() -> None:
    undecided = [
        record(verdict="undecided", blame=None, points=[], reason=f"the value 0.{k}5 is near a pole") for k in range(3)
    ]
    (card,) = cards(gather(undecided).aggregates, ())
    assert card.functions == 3
    assert card.reason == "the value … is near a pole"


def test_what_agrees_has_no_card() -> None:
    assert cards(gather([agreeing()] * 3).aggregates, ()) == []
    assert cause_of(agreeing()) is None


def test_the_smallest_example_is_kept_whatever_the_order() -> None:
    long = record(blame={**record()["blame"], "minimal": "tanh(x + y)"})
    for given in ([long, record()], [record(), long]):
        (card,) = cards(gather(given).aggregates, ())
        assert card.example["text"] == "tanh(x)"


def test_a_blame_without_an_operation_and_a_record_without_a_blame() -> None:
    given = [record(blame={"kind": "accumulation", "primitive": None, "at": None}), record(blame=None), invalid()]
    found = cards(gather(given).aggregates, ())
    assert {card.key.partition(":")[0] for card in found} == {"accumulation/", "inaccurate", "invalid"}
