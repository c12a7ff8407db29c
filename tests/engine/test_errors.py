"""The engine's errors: one base with all others of the project, one line each."""

from __future__ import annotations

import copy
import pickle

import pytest

from gradjury.engine import errors
from gradjury.engine.primitive import hint
from gradjury.verifier.errors import GradjuryError, InvalidInput, Unsupported

DERIVED = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.EngineError)]


@pytest.mark.parametrize("kind", DERIVED)
def test_one_base_catches_all(kind):
    assert issubclass(kind, GradjuryError)


def test_the_verifier_derives_from_the_same_base():
    assert GradjuryError is errors.GradjuryError
    assert issubclass(InvalidInput, errors.GradjuryError)


def test_a_text_is_one_line():
    assert str(errors.NotTraceable("first\n  second")) == "first second"
    assert str(errors.MissingValue("x", [])) == "no value for variable 'x': the point names nothing"


@pytest.mark.parametrize(
    "error",
    [
        errors.NoForwardPass("reverse", dropped=True),
        errors.MissingValue("x", ["y"]),
        errors.BranchOnValue("the truth"),
        errors.NotTraceable("function: it raised"),
        InvalidInput("expected a number", 3, 2),
        Unsupported("it has no derivative"),
    ],
)
def test_an_error_comes_back_from_another_process_as_it_was(error):
    for found in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(found) is type(error)
        assert (str(found), found.args, vars(found)) == (str(error), error.args, vars(error))


def test_a_long_text_is_shortened():
    assert errors.shortened("a" * errors.LONGEST) == "a" * errors.LONGEST
    assert errors.shortened("a" * 100) == "a" * (errors.LONGEST - 3) + "…"


def test_what_may_have_been_meant_is_asked():
    assert errors.did_you_mean("sine", ["sin", "sinh", "cos"]) == "did you mean sin or sinh?"
    assert errors.did_you_mean("qqq", ["sin"]) == ""
    assert hint("sinn").startswith("did you mean sin")
    assert hint("???") == "gradjury.engine.REGISTRY holds the names"
