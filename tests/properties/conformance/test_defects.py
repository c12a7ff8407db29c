"""From numbers to defects: what is found, how it is grouped and told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pytest

import gradjury as gj
import gradjury.display  # under pytest the face gives results their words before it runs the suite
from gradjury.engine import REGISTRY, Primitive
from gradjury.properties.conformance.defects import check, check_grid, defects, grid_defects
from gradjury.properties.conformance.subjects import Subject, subjects
from gradjury.properties.conformance.survey import survey
from gradjury.verifier import NumpyEngine, read
from gradjury.verifier.engine import primitives_of
from gradjury.verifier.languages.library import called


class Saturating(REGISTRY["tanh"], register=False):  # type: ignore[misc, name-defined]  # a class chosen by name
    """tanh with the usual rule."""

    def derivative(x: Any, y: Any) -> Any:
        return 1.0 - y * y


RULES: Mapping[type[Primitive], type[Primitive]] = {REGISTRY["tanh"]: Saturating}
FAULTY = NumpyEngine(RULES)


def subject(name: str, engine: NumpyEngine = FAULTY) -> Subject:
    return next(s for s in subjects(engine) if s.primitive.name == name)


class Summing(gj.TapeRunner):
    """Right at one point, wrong among others: it returns the sum of all points' derivatives for each."""

    name, version = "summing", "1"
    table: ClassVar[Any] = {**gj.OPERATORS}

    def differentiate(self, function: Any, inputs: list[Any]) -> Any:
        value = function(*inputs)
        gradient = [
            (function(*(y + 1e-6 * (i == j) for j, y in enumerate(inputs))) - value) / 1e-6 for i in range(len(inputs))
        ]
        exact = [np.round(g, 4) for g in gradient]
        return value, [np.full_like(g, g.sum()) for g in exact]


def test_a_cause_is_one_defect_with_its_points() -> None:
    at = {"x": np.array([0.5, 20.0, 25.3, 3.0])}
    (found,) = defects(FAULTY, read("tanh(x)"), at)
    assert (found.quantity, found.verdict) == ("x", "inaccurate")
    assert [point["x"] for point in found.points] == [20.0, 25.3]
    assert found.alone
    assert found.result.points[0].at == {"x": 20.0}  # the simpler one
    assert "d/dx fails at 2 points: x = 20.0 (inaccurate); x = 25.3 (inaccurate)" in str(found)
    assert "the derivative rule of tanh" in str(found)


def test_minus_zero_is_a_point_of_its_own() -> None:
    class Off(gj.TapeRunner):
        name, version = "off", "1"
        table: ClassVar[Any] = {"sin": np.sin}

        def differentiate(self, function: Any, inputs: list[Any]) -> Any:
            return function(*inputs), [np.cos(inputs[0]) + 1]

    (found,) = defects(Off(), read("sin(x)"), {"x": np.array([0.0, -0.0, 0.0])})
    assert [repr(point["x"]) for point in found.points] == ["0.0", "-0.0"]


def test_the_grid_finds_what_a_rule_loses_and_nothing_else() -> None:
    (found,) = grid_defects(subject("tanh"), (0.5, 1.0, 20.0))
    assert found.quantity == "x"
    check_grid(subject("tanh", NumpyEngine()), (0.5, 1.0, 20.0))
    check_grid(subject("sin"), (0.5, 1.0, 20.0))
    with pytest.raises(AssertionError, match="d/dx fails at 1 point"):
        check_grid(subject("tanh"), (0.5, 1.0, 20.0))


def test_a_function_that_fails_among_others_alone_is_told_so() -> None:
    (found,) = defects(Summing(), read("x*x"), {"x": np.array([0.5, 1.0])})
    assert not found.alone
    assert "Asked at this point alone the engine is right; among 8 copies it is not." in str(found)


def test_what_an_engine_lacks_is_no_defect() -> None:
    with pytest.raises(gj.Unsupported, match="summing has no sin"):
        check(Summing(), read("sin(x)"), {"x": 0.5})
    assert "sin" not in primitives_of(Summing())
    assert {s.primitive.name for s in subjects(Summing())} == set(gj.OPERATORS)


def test_no_points_are_no_defects() -> None:
    assert defects(FAULTY, read("tanh(x)"), {"x": np.array([])}) == []


def test_a_survey_names_each_cause_once() -> None:
    class Two(Summing):
        name = "two"
        table: ClassVar[Any] = {"tanh": (np.tanh, lambda x: -np.tanh(-x))}

        def differentiate(self, function: Any, inputs: list[Any]) -> Any:
            value = function(*inputs)
            return value, [np.ones_like(value) if value is inputs[0] else 1 - value * value]

    found = survey(Two())
    assert [(f.primitive, f.argument, f.kind, f.verdict) for f in found] == [("tanh", "x", "rule", "inaccurate")]
    assert len(found[0].spellings) == 2
    assert found[0].count > 20


class Steep(gj.TapeRunner):
    """The usual tanh, which is an error above 30; a table of numbers one by one, as math's functions are."""

    name, version, scalar = "steep", "1", True
    table: ClassVar[Any] = {"tanh": lambda x: np.tanh(x) if x < 30 else 1 / 0}

    def differentiate(self, function: Any, inputs: list[Any]) -> Any:
        value = function(*inputs)
        return value, [1 - value * value]


def test_points_without_an_answer_are_a_defect_beside_the_others() -> None:
    one, other = defects(Steep(), read("tanh(x)"), {"x": np.array([0.5, 20.0, 40.0, 50.0])})
    assert [point["x"] for point in one.points] == [40.0, 50.0]
    assert (one.quantity, one.verdict) == (None, "no answer")
    assert str(one).startswith("the engine fails at 2 points: x = 40.0 (no answer); x = 50.0 (no answer)\n\ncrashed: ")
    assert "crashed: steep: ZeroDivisionError: " in str(one)
    assert str(one).endswith("tanh(x)")
    assert (other.quantity, other.verdict) == ("x", "inaccurate")
    with pytest.raises(AssertionError, match=r"(?s)the engine fails at 2 points.*d/dx fails at 1 point"):
        check(Steep(), read("tanh(x)"), {"x": [0.5, 20.0, 40.0, 50.0]})


def test_an_engine_that_fails_only_among_several_points() -> None:
    class Alone(Steep):
        name, scalar = "alone", False
        table: ClassVar[Any] = {"tanh": np.tanh}

        def differentiate(self, function: Any, inputs: list[Any]) -> Any:
            if np.size(inputs[0]) > 1:
                raise ValueError("one at a time")
            return function(*inputs), [1.0]

    (found,) = defects(Alone(), read("tanh(x)"), {"x": np.array([0.5, 1.0])})
    assert len(found.points) == 2
    assert "ValueError: one at a time" in str(found)


def test_a_survey_tells_what_has_no_answer() -> None:
    failures: dict[str, str] = {}
    found = survey(Steep(), failed=failures.setdefault)
    assert ("tanh", "rule") in [(f.primitive, f.kind) for f in found]
    assert any("ZeroDivisionError" in reason for reason in failures.values())


def test_a_slip_in_a_table_is_said() -> None:
    class Slip(Summing):
        table: ClassVar[Any] = {"tahn": np.tanh}

    with pytest.raises(gj.InvalidInput, match=r"Slip.table: 'tahn' is no operation; did you mean tan or tanh"):
        Slip()

    class Further(Summing):
        further: ClassVar[Any] = {"nothing": np.tanh}

    with pytest.raises(gj.InvalidInput, match=r"Further.further: 'nothing' is no meaning; .*MEANINGS holds the names"):
        list(called(Further()))
