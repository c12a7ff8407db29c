"""Root causes: grouped by operation and kind, defects first, the smallest example on the card."""

from __future__ import annotations

from gradjury.reports.collection import gather
from gradjury.reports.report.cards import cards
from gradjury.reports.survey import cause_of

from ..records import agreeing, invalid, record
from .samples import sample


def test_one_card_an_operation_and_a_kind_defects_first() -> None:
    collection = sample("several")
    found = cards(collection.aggregates, collection.kept)
    assert [(card.verdict, card.functions, card.kept) for card in found] == [
        ("wrong", 1, 1),
        ("nonfinite", 1, 1),
        ("inaccurate", 1, 1),
        ("invalid", 1, 1),
        ("undecided", 1, 1),
        ("undefined", 1, 1),
        ("kink", 1, 1),
    ]
    assert found[0].key.endswith("replaced rules: rule/tanh/0")
    assert found[2].key == "claim: rule/tanh/0"
    assert found[0].example["text"] == "tanh(x)"
    assert "<math>" in str(found[0].example["formula"])
    assert [card.first for card in found] == [1, 3, 2, 6, 8, 5, 4]


def test_one_fault_with_several_verdicts_is_one_cause() -> None:
    (card,) = cards(gather([record(), record(verdict="wrong"), record()]).aggregates, ())
    assert (card.verdict, card.functions) == ("wrong", 3)
    assert card.verdicts == {"wrong": 1, "inaccurate": 2}
    assert card.by_verdict == [("wrong", 1), ("inaccurate", 2)]


def test_lines_that_cannot_be_read_for_one_reason_are_one_cause() -> None:
    errors = [f"line {k}: the line is no JSON: Expecting value; expected an object" for k in (1, 7, 12)]
    (card,) = cards(gather([invalid(id=None, error=error) for error in errors]).aggregates, ())
    assert (card.functions, card.reason) == (3, errors[0].removeprefix("line 1: "))


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


def test_the_same_fault_of_two_engines_is_two_causes() -> None:
    given = [record(id=k, engine=engine) for k, engine in enumerate(["torch 2", "jax 0.10", "torch 2"])]
    found = cards(gather(given).aggregates, given)
    assert [(card.engine, card.functions, card.kept) for card in found] == [("torch 2", 2, 2), ("jax 0.10", 1, 1)]
    assert found[0].key == "torch 2: rule/tanh/0"
    (alone,) = cards(gather(given[:1]).aggregates, given[:1])
    assert (alone.engine, alone.key) == ("", "rule/tanh/0")


def test_claims_that_fail_without_a_blame_say_so() -> None:
    (card,) = cards(gather([record(blame=None, engine="claim")]).aggregates, ())
    assert card.says == {"key": "blame_nobody", "operation": ""}


def test_a_blame_without_an_operation_and_a_record_without_a_blame() -> None:
    given = [record(blame={"kind": "accumulation", "primitive": None, "at": None}), record(blame=None), invalid()]
    found = cards(gather(given).aggregates, ())
    assert {card.key.partition(":")[0] for card in found} == {"accumulation/", "inaccurate", "invalid"}
