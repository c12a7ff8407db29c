"""Engines under test: the protocol, the project's own, and what is known by name."""

from __future__ import annotations

import numpy as np
import pytest

from gradjury.verifier.engine import Engine, NumpyEngine, available, engine_named
from gradjury.verifier.errors import InvalidInput
from gradjury.verifier.reader import read


def test_our_own_engine_is_an_engine():
    engine = engine_named("numpy")
    assert isinstance(engine, Engine)
    assert engine.name == "numpy"
    assert engine.version == np.__version__
    assert not engine.flushes_subnormals


def test_it_computes_values_and_gradients_of_any_shape():
    tape = read("a = x**2; a*y")
    value, gradient = NumpyEngine().gradient(tape, {"x": 3.0, "y": 2.0}, "float64")
    assert (value, gradient) == (18.0, {"x": 12.0, "y": 9.0})
    value, gradient = NumpyEngine().gradient(tape, {"x": np.array([1.0, 3.0]), "y": 2.0}, "float32")
    assert value.dtype == np.float32
    assert gradient["x"].tolist() == [4.0, 12.0]
    assert [float(v) for v in NumpyEngine().values(tape, {"x": 3.0, "y": 2.0}, "float64")] == [3.0, 2.0, 9.0, 18.0]


def test_an_engine_object_is_taken_as_it_is():
    engine = NumpyEngine()
    assert engine_named(engine) is engine


@pytest.mark.parametrize(
    ("engine", "message"),
    [("nympy", "'nympy' is not known; known: numpy"), (3, "got int, expected a name"), (object(), "got object")],
)
def test_what_is_no_engine(engine, message):
    with pytest.raises(InvalidInput, match=message):
        engine_named(engine)


def test_available_engines_have_versions():
    name, version, missing = available()[0]
    assert (name, version, missing) == ("numpy", np.__version__, None)
