"""Points and claimed numbers as callers give them: results keep their own."""

from __future__ import annotations

import numpy as np
import pytest

from gradjury.verifier.engine import NumpyEngine
from gradjury.verifier.errors import InvalidInput
from gradjury.verifier.verify import verify

X = np.array([0.5, 1.0, 2.0])


@pytest.mark.parametrize("certify", ["all", "suspicious"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_results_keep_their_points_when_the_arrays_of_the_caller_move_on(dtype, certify):
    x = np.tile(X, 20).astype(dtype)
    found = verify("sin(x)*x", {"x": x, "y": x}, dtype=dtype, certify=certify)
    before = x.tolist()
    x -= 10  # as a loop of gradient descent does
    assert [p.at for p in found.points] == [{"x": at, "y": at} for at in before]
    exact = [float(p.partials["x"].symbolic) for p in found.points]
    assert exact == pytest.approx([np.sin(at) + at * np.cos(at) for at in before], rel=1e-12)


def test_results_keep_the_numbers_that_were_claimed():
    claim = np.sin(X) + X * np.cos(X)
    found = verify("sin(x)*x", {"x": X}, gradient={"x": claim})
    before = claim.tolist()
    claim[:] = 0
    assert [p.partials["x"].engine for p in found.points] == before


def test_results_keep_what_an_engine_returned_in_an_array_that_it_uses_again():
    class Frugal(NumpyEngine):
        """Its answers stand in the same arrays each time."""

        def __init__(self):
            super().__init__()
            self.kept = {}

        def gradient(self, tape, point, dtype):
            value, partials = super().gradient(tape, point, dtype)
            for name, numbers in {"": value, **partials}.items():
                self.kept.setdefault((name, np.shape(numbers)), np.empty(np.shape(numbers)))[...] = numbers
            return self.kept["", np.shape(value)], {name: self.kept[name, np.shape(value)] for name in partials}

    engine = Frugal()
    found = verify("sin(x)*x", {"x": X}, engine=engine)
    verify("exp(x)", {"x": X}, engine=engine)
    assert [p.value for p in found.points] == pytest.approx(np.sin(X) * X)
    assert [p.partials["x"].engine for p in found.points] == pytest.approx(np.sin(X) + X * np.cos(X))


def test_an_engine_may_write_to_the_arrays_that_it_gets():
    class Careless(NumpyEngine):
        def gradient(self, tape, point, dtype):
            found = super().gradient(tape, point, dtype)
            for numbers in point.values():
                numbers *= 2
            return found

    x = X.copy()
    found = verify("sin(x)*x", {"x": x}, engine=Careless())
    assert found.verdict == "agree"
    assert x.tolist() == X.tolist() == [p.at["x"] for p in found.points]


class Foreign:
    """An array of a library that knows NumPy's protocol as it was before NumPy 2."""

    def __init__(self, numbers):
        self.held = np.asarray(numbers)

    def __array__(self, dtype=None):
        return self.held if dtype is None else self.held.astype(dtype)


@pytest.mark.parametrize("held", [np.float64, np.float32])
def test_arrays_of_other_libraries_are_points_claims_and_answers(held):
    """Without NumPy's warning of its keyword ``copy``, which is an error here and in many a test suite."""
    x = X.astype(held)

    class Answering(NumpyEngine):
        def gradient(self, tape, point, dtype):
            value, partials = super().gradient(tape, point, dtype)
            return Foreign(value), {name: Foreign(partial) for name, partial in partials.items()}

    given = {"x": Foreign(x)}
    assert verify("sin(x)", given).verdict == "agree"
    assert verify("sin(x)*x", given, engine=Answering()).verdict == "agree"
    assert verify("sin(x)", given, gradient={"x": Foreign(np.cos(x.astype(float)))}).verdict == "agree"


@pytest.mark.parametrize(("name", "number"), [("π", "pi"), ("e", "E")])
def test_a_number_that_is_written_as_on_paper_is_said_to_be_a_variable_here(name, number):
    message = f"no value for variable '{name}'; given: x; the number is written {number}$"
    with pytest.raises(InvalidInput, match=message):
        verify(f"sin({name}*x)", {"x": 1.0})
