"""The audit: what is planted is counted, found and blamed; what is right raises no alarm."""

from typing import ClassVar

import numpy as np
import pytest

from gradjury import OPERATORS, TapeRunner
from gradjury.engine import REGISTRY
from gradjury.properties import audit as module
from gradjury.properties.audit import CERTIFIED, CLASSES, FAN_OUT, SCREENED, amount, audit
from gradjury.properties.faults import KINDS
from gradjury.verifier import InvalidInput, Unsupported
from gradjury.verifier.asking import EngineFailed
from gradjury.verifier.engine import NumpyEngine
from gradjury.verifier.engine_names import known

SMALL = ("sin", "mul", "where")


def test_every_class_is_planted_and_found():
    found = audit(functions=3, primitives=SMALL, seed=2)
    assert set(CLASSES) == {*KINDS, FAN_OUT}
    for kind in found.classes:
        count = found.of_class(kind)
        assert count.affected >= count.due > 0
        assert count.found[CERTIFIED] == count.found[SCREENED] == count.blamed == count.due, (kind, found.missed)
    assert {"sign", "1e-12", "value shifted"} <= set(found.classes)
    assert found.primitives == [name for name in REGISTRY if name in SMALL]
    assert found.sound.affected == 9
    assert not found.sound.found[CERTIFIED]
    assert not found.sound.found[SCREENED]


def test_the_fan_out(monkeypatch):
    monkeypatch.setattr(module, "_planned", lambda engine, names: iter([module.Fault(None, FAN_OUT)]))
    found = audit(functions=1)
    count = found.faults[FAN_OUT, ""]
    assert count.affected > 15
    assert count.found[CERTIFIED] == count.blamed == count.affected


def test_faults_of_a_millionth_of_a_millionth():
    """Random functions of all primitives: found where a verdict is due."""
    names = list(REGISTRY)[::9]
    found = audit(functions=2, primitives=names, seed=5)
    count = found.of_class("1e-12")
    assert count.due > 10
    assert count.found[CERTIFIED] == count.due, found.missed


def test_peers_are_asked_on_the_same_functions():
    asked = []

    def all_wrong(value, gradient, point):
        asked.append((value(point), gradient(point), point))
        return True

    def never(value, gradient, point):
        return False

    found = audit(functions=1, primitives=["sin"], peers={"all wrong": all_wrong, "never": never})
    assert found.checkers == (CERTIFIED, SCREENED, "all wrong", "never")
    for count in found.faults.values():
        assert count.found["all wrong"] == count.affected > 0
        assert count.found["never"] == 0
    assert found.sound.found["all wrong"] == found.sound.affected == 1
    assert all(isinstance(value, float) and len(gradient) == len(point) for value, gradient, point in asked)


def test_the_same_seed_gives_the_same_counts():
    one, other = (audit(functions=1, primitives=SMALL, seed=9).to_record() for _ in range(2))
    assert {**one, "seconds": 0} == {**other, "seconds": 0}


def test_the_amount_is_what_is_tried():
    ticks = []
    audit(functions=2, primitives=SMALL, progress=ticks.append)
    assert len(ticks) == amount("numpy", 2, SMALL)
    assert amount("numpy", 1) > 1000


def test_an_interruption_keeps_what_was_counted():
    ticks = []

    def tick(advance):
        ticks.append(advance)
        if len(ticks) == 7:
            raise KeyboardInterrupt

    found = audit(functions=1, primitives=SMALL, progress=tick)
    assert found.interrupted
    assert found.sound.affected + sum(c.affected for c in found.faults.values()) <= 7
    assert {name for _, name in found.faults} & {"sin", "mul"}


def test_what_rounding_hides_is_missed_and_not_due(monkeypatch):
    monkeypatch.setitem(module.RULES, "1e-12", lambda partial, x: partial * (1 + 2.0**-52))
    found = audit(functions=3, primitives=["exp"], seed=1)
    count = found.of_class("1e-12")
    assert count.affected > count.due == 0
    assert {m[4] for m in found.missed if m[0] == "1e-12"} == {"within rounding"}


@pytest.mark.parametrize("name", [n for n in known() if n in ("torch", "jax", "autograd", "mygrad")])
def test_other_engines(name):
    pytest.importorskip(name)
    found = audit(name, functions=1, primitives=["sin", "mul"], seed=4)
    for kind in found.classes:
        count = found.of_class(kind)
        assert count.found[CERTIFIED] == count.due == count.blamed, (kind, found.missed)
    assert found.of_class("1e-9").due > 0
    assert found.sound.affected == 2
    assert not found.sound.found[CERTIFIED]


def test_an_engine_that_takes_no_faults():
    class Box:
        name, version, flushes_subnormals = "box", "1", False

        def gradient(self, tape, point, dtype):
            return NumpyEngine().gradient(tape, point, dtype)

    with pytest.raises(Unsupported, match="box: no fault can be planted in this engine"):
        audit(Box())
    pytest.importorskip("casadi")
    with pytest.raises(Unsupported, match="casadi: no fault"):
        audit("casadi")


class Brittle(TapeRunner):
    """All derivatives are 1, and every sine is an error."""

    name, version = "brittle", "1"

    def held(self, array):
        return np.array(array)

    def _sin(x):
        raise RuntimeError("boom")

    table: ClassVar = {**OPERATORS, "sin": _sin, "exp": np.exp, "atan": np.arctan, "sqrt": np.sqrt}

    def differentiate(self, function, inputs):
        return function(*inputs), [np.ones_like(x) for x in inputs]


def affected(found, primitive):
    return sum(count.affected for (_, name), count in found.faults.items() if name == primitive)


@pytest.mark.parametrize("peers", [None, {"never": lambda value, gradient, point: bool(value(point) and False)}])
def test_an_engine_that_raises_is_counted_apart(peers):
    found = audit(Brittle(), functions=3, primitives=["sin", "mul"], peers=peers)
    assert found.failed
    (why,) = {why for *_, why in found.failed}
    assert why.startswith("crashed: brittle: RuntimeError: boom (test_audit.py, line ")
    assert affected(found, "sin") == 0
    assert affected(found, "mul") > 0  # where no sine accompanies it
    assert not any(name == "sin" for _, name, *_ in found.missed)
    record = found.to_record()["failed"][0]
    assert set(record) == {"class", "primitive", "argument", "function", "why"}
    assert record["class"] is None


def test_a_crash_in_the_midst_of_checkers_counts_nothing(monkeypatch):
    """The function is counted when all checkers have answered, or not at all."""

    def raising(engine, tape, point, dtype):
        raise EngineFailed("crashed: numpy: RuntimeError: late")

    monkeypatch.setattr(module, "ask_nodes", raising)
    asks = {"asks": lambda value, gradient, point: bool(value(point))}
    found = audit(primitives=["sin"], peers=asks)
    assert affected(found, "sin") == found.sound.affected == 0
    assert {why for *_, why in found.failed} == {"crashed: numpy: RuntimeError: late"}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["tahn"], "primitives: 'tahn' is no operation; did you mean tan or tanh"),
        (["erf"], "primitives: brittle has no erf; it has add, "),
    ],
)
def test_primitives_in_which_nothing_can_be_planted(names, message):
    with pytest.raises(InvalidInput, match=message):
        audit(Brittle(), primitives=names)
