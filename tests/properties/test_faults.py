"""Planted faults: each changes what it says, and nothing else."""

import numpy as np
import pytest

from gradjury.engine import REGISTRY, Execution, compose
from gradjury.properties.faults import KINDS, PLANTABLE, RULES, VALUES, arguments, faulty_engine, plant
from gradjury.verifier.engine_names import available, engine_named
from gradjury.verifier.engines.common import TapeRunner

X = np.array([-2.0, -0.005, 0.0, 0.005, 0.5])


@pytest.mark.parametrize("name", REGISTRY)
def test_every_primitive_takes_every_fault(name):
    primitive = REGISTRY[name]
    for kind in KINDS:
        for argument in arguments(primitive):
            faulty = plant(primitive, kind, argument)
            assert issubclass(faulty, primitive)
            assert REGISTRY[name] is primitive
            for attribute in ("name", "arguments", "constants", "meaning", "domain", "opaque"):
                assert getattr(faulty, attribute) == getattr(primitive, attribute)
            assert (faulty.forward is primitive.forward) == (kind in RULES)
            assert (faulty.derivative is primitive.derivative) == (kind in VALUES)


def derivative(kind):
    return plant(REGISTRY["exp"], kind).derivative(X, np.exp(X)) / np.exp(X)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("sign", [-1, -1, -1, -1, -1]),
        ("1e-3", [1.001] * 5),
        ("1e-12", [1 + 1e-12] * 5),
        ("x < 0", [-1, -1, 1, 1, 1]),
        ("near 0", [1, 1.0001, 1.0001, 1.0001, 1]),
    ],
)
def test_rules(kind, expected):
    np.testing.assert_allclose(derivative(kind), expected, rtol=1e-15)


def test_dropped_factor_leaves_one():
    np.testing.assert_array_equal(plant(REGISTRY["exp"], "dropped factor").derivative(X, np.exp(X)), np.ones(5))


def test_only_the_named_argument():
    faulty = plant(REGISTRY["mul"], "sign", 1)
    by_a, by_b = faulty.derivative(X, X + 1, X * (X + 1))
    np.testing.assert_array_equal(by_a, X + 1)
    np.testing.assert_array_equal(by_b, -X)


def test_constants_reach_the_right_rule():
    faulty = plant(REGISTRY["powc"], "sign")
    assert faulty.derivative(np.float64(3.0), np.float64(9.0), c=np.float64(2.0)) == -6.0
    assert plant(REGISTRY["powc"], "value shifted").forward(np.float64(3.0), c=np.float64(2.0)) == 9.001


def test_values():
    assert plant(REGISTRY["exp"], "value scaled").forward(0.0) == 1.001
    assert plant(REGISTRY["exp"], "value shifted").forward(0.0) == 1.001
    assert plant(REGISTRY["exp"], "value shifted").forward(np.log(2.0)) == pytest.approx(2.001)


def test_the_fan_out_keeps_one_path():
    tape = compose(["x"], lambda r: r.add(REGISTRY["mul"], (0, 0)))
    assert faulty_engine(REGISTRY["mul"], "fan-out").gradient(tape, {"x": 3.0}, "float64") == (9.0, {"x": 3.0})
    assert Execution(tape).forward({"x": 3.0}) == 9.0


def test_an_engine_with_a_fault():
    tape = compose(["x"], lambda r: r.add(REGISTRY["exp"], (r.add(REGISTRY["sin"], (0,)),)))
    right = faulty_engine(REGISTRY["cos"], "sign").gradient(tape, {"x": 0.5}, "float64")[1]["x"]
    wrong = faulty_engine(REGISTRY["sin"], "sign").gradient(tape, {"x": 0.5}, "float64")[1]["x"]
    assert wrong == -right


def test_the_engines_that_take_faults_are_named():
    for name in (name for name, version, _ in available() if version):
        engine = engine_named(name)
        takes = not isinstance(engine, TapeRunner) or type(engine).held is not TapeRunner.held
        assert takes == (name in PLANTABLE), name


def test_what_cannot_be_planted():
    with pytest.raises(ValueError, match="fault 'typo'; expected one of sign, dropped factor"):
        plant(REGISTRY["exp"], "typo")
    with pytest.raises(ValueError, match=r"argument=0 of besselj; expected one of \(1,\)"):
        plant(REGISTRY["besselj"], "sign", 0)


@pytest.mark.parametrize("name", ["torch", "jax", "autograd", "mygrad", "tinygrad"])
@pytest.mark.parametrize("kind", [*KINDS, "fan-out"])
def test_other_engines_err_as_the_own_one_does(name, kind):
    pytest.importorskip(name)
    tape = compose(
        ["x", "y"],
        lambda r: r.add(REGISTRY["mul"], (r.add(REGISTRY["exp"], (0,)), r.add(REGISTRY["div"], (0, 1)))),
    )
    at = {"x": np.array([-1.5, -0.005, 0.004, 0.7]), "y": np.array([0.5, 1.5, 2.0, 3.0])}
    for primitive, argument in (("exp", 0), ("mul", 0), ("mul", 1), ("div", 1)):
        own = faulty_engine(REGISTRY[primitive], kind, argument)
        other = faulty_engine(REGISTRY[primitive], kind, argument, engine_named(name))
        (value, partials), (theirs, slopes) = (e.gradient(tape, at, "float64") for e in (own, other))
        np.testing.assert_allclose(theirs, value, rtol=1e-14)
        for variable in () if kind in VALUES else partials:  # a rule may read the wrong value: exp's is the value
            np.testing.assert_allclose(slopes[variable], partials[variable], rtol=1e-13)
