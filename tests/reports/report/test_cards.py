"""Root causes: grouped by operation and kind, defects first, the smallest example on the card."""

from __future__ import annotations

import pytest

from gradjury.reports.collection import gather
from gradjury.reports.report.blame import said, said_in
from gradjury.reports.report.cards import cards
from gradjury.reports.survey import cause_of

from ..records import agreeing, invalid, partial, record
from .samples import judged, sample


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


def test_a_verdict_by_differences_is_no_more_on_its_card() -> None:
    found = []
    for d, e in (("3.25", "4e-13"), ("2", "1e-12")):
        reason = f"judged by differences alone, not certified (it branches on a value): differences give {d} ± {e}"
        point = {"at": {"x": 1.0}, "value": 1.0, "value_verdict": None}
        point["partials"] = {"x": partial(verdict="wrong", symbolic=None, certified=False, reason=reason)}
        found.append(record(verdict="wrong", expression="f(x)", function="f(x)", blame=None, points=[point]))
    collection = gather(found)
    (card,) = cards(collection.aggregates, collection.kept)
    assert (card.functions, card.kept, card.means) == (2, 2, "means_wrong_by_differences")
    assert collection.unread == 2


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
    assert card.says == {"key": "blame_nobody", "operation": "", "stands": ""}


@pytest.mark.parametrize(("order", "key"), [(2, "blame_order"), (1, "blame_unknown")])
def test_numbers_of_an_engine_without_a_blame_are_no_claimed_ones(order: int, key: str) -> None:
    (card,) = cards(gather([record(blame=None, order=order)]).aggregates, ())
    assert card.says is not None
    assert card.says["key"] == key


def test_a_formula_that_fails_alone_is_a_cause_of_its_own() -> None:
    """No engine is blamed, nor is any number: they agree."""
    formula = judged("tanh(x)", {"x": 0.5}, derivative={"x": "1 - tanh(x)"})
    number = judged("tanh(x)", {"x": 20.0}, gradient={"x": 0.5}, derivative={"x": "1 - tanh(x)"})
    found = cards(gather([formula, number]).aggregates, [formula, number])
    assert {card.says["key"]: card.means for card in found if card.says} == {
        "blame_formula": "means_formula",
        "blame_rule": "means_wrong",
    }
    assert all(card.kept == 1 for card in found)


def test_the_reason_of_an_undecided_formula_is_the_cause() -> None:
    given = judged("exp(x)", {"x": 0.5}, derivative={"x": "dirichlet_eta(x)"})
    (card,) = cards(gather([given]).aggregates, ())
    assert (card.verdict, card.reason) == (
        "undecided",
        "the claimed formula: dirichlet_eta is known to SymPy but has no primitive here",
    )


@pytest.mark.parametrize("kind", ["singular", "overflow"])
def test_a_card_of_several_functions_says_nothing_of_the_derivative_of_one(kind: str) -> None:
    blame = {"kind": kind, "primitive": None, "argument": None, "at": None}
    (card,) = cards(gather([record(verdict="nonfinite", blame=blame)]).aggregates, ())
    assert card.says is not None
    assert said_in(card.says, "en").startswith("the function as a whole ")
    assert said_in(card.says, "en").endswith(("on the way", "or a branch point"))
    assert "함수 전체" in said_in(card.says, "ko")
    assert "—" not in said(card.says)


def test_a_blame_without_an_operation_and_a_record_without_a_blame() -> None:
    given = [record(blame={"kind": "accumulation", "primitive": None, "at": None}), record(blame=None), invalid()]
    found = cards(gather(given).aggregates, ())
    assert {card.key.partition(":")[0] for card in found} == {"accumulation/", "inaccurate", "invalid"}
