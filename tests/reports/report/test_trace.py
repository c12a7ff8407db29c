"""A function swept at a point: values, local derivatives, paths, and what is blamed."""

from __future__ import annotations

import math

import pytest

from gradjury.reports.report.trace import MOST_SIGNS, Edge, Suspect, Trace, formula
from gradjury.verifier import read


def trace(text: str, **point: float) -> Trace:
    return Trace(read(text), point)


def test_the_product_of_each_path_adds_up_to_the_derivative() -> None:
    found = trace("a = sin(x); x*a + exp(a)", x=0.8)
    paths = found.paths(0, 10)
    assert paths is not None
    assert len(paths) == 3
    exact = math.sin(0.8) + 0.8 * math.cos(0.8) + math.exp(math.sin(0.8)) * math.cos(0.8)
    assert sum(math.prod(edge.value for _, edge in path) for path in paths) == pytest.approx(exact, rel=1e-14)
    assert found.adjoints[0] == pytest.approx(exact, rel=1e-14)


def test_too_many_paths_are_not_listed_nor_walked() -> None:
    doubled = "a0 = sin(x); " + "".join(f"a{k} = a{k - 1}*a{k - 1}; " for k in range(1, 60)) + "a59"
    assert trace(doubled, x=1.0).paths(0, 1000) is None


def test_a_constant_is_part_of_its_operation() -> None:
    found = trace("2*x + sqrt(3)", x=1.0)
    assert list(found.names.values()) == ["x", "a", "y"]
    assert [edge.value for edges in found.edges.values() for edge in edges] == [2.0, 1.0]


def test_a_formula_that_would_be_too_long_is_none_and_its_size_is_found_without_writing_it() -> None:
    assert formula(read("sin(x)")) is not None
    grown = "a = x*x; " + "".join(f"{p} = {q}*{q}; " for q, p in zip("abcdfghij", "bcdfghijk", strict=True)) + "k"
    assert MOST_SIGNS < 2**10
    assert formula(read(grown)) is None
    assert len(trace(grown, x=1.0).definitions) == 10


def test_a_value_that_is_not_finite_is_kept() -> None:
    found = trace("log(x)", x=0.0)
    assert found.values[-1] == -math.inf
    assert found.adjoints[0] == math.inf


def test_the_suspect_is_found_by_its_name_when_the_index_is_of_another_order() -> None:
    found = trace("tanh(x) + exp(x)", x=1.0)
    (tanh,) = (i for i in found.operations if found.tape.nodes[i].primitive.name == "tanh")
    for node in range(6):
        suspect = Suspect.of({"kind": "rule", "primitive": "tanh", "node": node, "argument": 0}, found)
        assert suspect.node == tanh
        assert suspect.is_edge(tanh, found.edges[tanh][0])
    assert Suspect.of({"kind": "rule", "primitive": "erf", "node": 1}, found).node is None
    assert Suspect.of(None, found) == Suspect(None, None, None)


def test_a_wrong_value_blames_no_derivative() -> None:
    assert not Suspect("forward", 3, None).is_edge(3, Edge(0, 0, None, 1.0))
