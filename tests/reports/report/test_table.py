"""The columns of the table, and what was tested as counts."""

from __future__ import annotations

from gradjury.properties.tally import DEEPEST, RANGES, operations
from gradjury.reports.report.cards import cards
from gradjury.reports.report.table import OPERATIONS, code, columns, coverage
from gradjury.verifier import read

from ..records import partial, record
from .samples import records, sample


def decoded(cell: int) -> tuple[str, int, str]:
    above, size = divmod(cell, len(RANGES))
    operation, depth = divmod(above, DEEPEST + 1)
    return OPERATIONS[operation], depth, RANGES[size]


def test_every_case_is_a_row_with_its_cells() -> None:
    collection = sample("several")
    found = columns(collection.kept, cards(collection.aggregates, ()))
    assert {len(column) for column in found.values()} == {len(records())}
    row = found["id"].index("planted")
    assert found["text"][row] == "exp(tanh(x)*y) + tanh(x)"
    assert found["cause"][row] == 0
    assert found["at"][row] == "x = 0.5, y = 2.0"
    cells = {decoded(cell) for cell in found["cells"][row]}
    assert {cell[:2] for cell in cells} == set(operations(read("exp(tanh(x)*y) + tanh(x)")))
    assert ("tanh", 1, "0.01 … 1") in cells
    assert found["depth"][row] == 4
    unread = found["id"].index("unread")
    assert (found["cells"][unread], found["depth"][unread], found["ulps"][unread]) == ([], 0, None)


def test_records_with_one_id_are_told_apart() -> None:
    given = [record(id=name) for name in ("a", "a", "a (2)", "a", 7)]
    assert columns(given, ())["id"] == ["a", "a (2)", "a (2) (2)", "a (3)", "7"]


def test_what_was_tested_counts_every_point() -> None:
    counted = {decoded(row[0]): row[1:] for row in coverage(sample("several").aggregates)}
    assert counted["powc", 1, "1 … 100"] == [3, 0, 0]  # x**2 at 1, 2 and 3
    assert counted["powc", 1, "0.01 … 1"] == [0, 1, 0]  # x**3*y, whose partial is nan
    assert counted["abs", 1, "0"] == [0, 0, 1]
    assert sum(sum(counts) for cell, counts in counted.items() if cell[0] == "tanh") == 3


def test_an_operation_that_is_gone_is_left_out() -> None:
    assert code("no such operation", 1, 0) == -1
    assert decoded(code("tanh", DEEPEST, len(RANGES) - 1)) == ("tanh", DEEPEST, "nan, inf")


def test_the_distance_is_that_of_what_decided_the_verdict() -> None:
    lost = partial(verdict="nonfinite", engine="nan", ulps=None)
    point = record()["points"][0] | {"partials": {"x": partial(verdict="agree", ulps=0.0), "y": lost}}
    given = [record(verdict="nonfinite", points=[point]), record()]
    assert columns(given, ())["ulps"] == [None, 4.5e15]


def test_a_row_tells_of_which_order_its_derivative_is() -> None:
    given = [record(order=2), record(), record(order="<b>")]
    assert columns(given, ())["order"] == [2, 1, 1]
