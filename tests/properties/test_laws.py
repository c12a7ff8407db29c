"""The laws hold for the project's engine on random functions, and a planted fault breaks each of them."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradjury.engine import REGISTRY, Execution, compose
from gradjury.properties import laws, strategies
from gradjury.properties.faults import OverwrittenFanOut
from gradjury.verifier import read
from gradjury.verifier.asking import EngineFailed
from gradjury.verifier.engine import NumpyEngine

FEW = settings(max_examples=60, deadline=None, print_blob=True)
COEFFICIENTS = st.integers(-64, 64).map(lambda n: Fraction(n, 16))
CASES = strategies.composites(nodes=(3, 25)).flatmap(strategies.with_points)


@FEW
@given(CASES)
def test_reverse_is_tangent(case):
    function, point = case
    laws.reverse_is_tangent(function.tape, point)


@FEW
@given(CASES, strategies.composites(nodes=(11, 20)), COEFFICIENTS, COEFFICIENTS)
def test_linearity(case, other, alpha, beta):
    function, point = case
    everywhere = {name: sum(other.box[name]) / 2 for name in other.box} | point
    laws.linearity(function.tape, other.tape, alpha, beta, everywhere)


@FEW
@given(CASES, strategies.composites(nodes=(11, 20)))
def test_product_rule(case, other):
    function, point = case
    everywhere = {name: sum(other.box[name]) / 2 for name in other.box} | point
    laws.product_rule(function.tape, other.tape, everywhere)


@FEW
@given(CASES, st.randoms(use_true_random=False))
def test_permutation(case, random):
    function, point = case
    order = list(range(len(function.tape.inputs)))
    random.shuffle(order)
    laws.permutation(function.tape, order, point)


@FEW
@given(CASES, strategies.composites(nodes=(11, 20)))
def test_chain_rule(case, outer):
    inner, point = case
    everywhere = {name: sum(outer.box[name]) / 2 for name in outer.box} | point
    laws.chain_rule(outer.tape, inner.tape, everywhere)


def test_points_come_in_arrays():
    tape = compose(["x", "y"], lambda r: r.add(REGISTRY["mul"], (0, r.add(REGISTRY["sin"], (1,)))))
    point = {"x": np.linspace(-1, 1, 5), "y": np.linspace(0, 3, 5)}
    laws.reverse_is_tangent(tape, point)
    laws.linearity(tape, tape, Fraction(1, 2), Fraction(3), point)
    laws.permutation(tape, [1, 0], point)


SQUARE = compose(["x"], lambda r: r.add(REGISTRY["mul"], (r.add(REGISTRY["sin"], (0,)), r.add(REGISTRY["exp"], (0,)))))
SINE = compose(["x"], lambda r: r.add(REGISTRY["sin"], (0,)))
FAULTY = NumpyEngine(execution=OverwrittenFanOut)


def test_a_fault_breaks_reverse_is_tangent():
    with pytest.raises(laws.LawBroken, match=r"reverse = tangent is broken in d/dx"):
        laws.reverse_is_tangent(SQUARE, {"x": 0.5}, execution=OverwrittenFanOut)


def test_a_fault_breaks_linearity():
    with pytest.raises(laws.LawBroken, match="linearity"):
        laws.linearity(SINE, SQUARE, Fraction(1), Fraction(2), {"x": 0.5}, engine=FAULTY)


def test_a_fault_breaks_the_product_rule():
    with pytest.raises(laws.LawBroken, match="product rule"):
        laws.product_rule(SINE, SINE, {"x": 0.5}, engine=FAULTY)


def test_a_fault_breaks_the_chain_rule():
    outer = compose(["b", "x"], lambda r: r.add(REGISTRY["mul"], (0, 1)))
    with pytest.raises(laws.LawBroken, match="chain rule"):
        laws.chain_rule(outer, SINE, {"x": 0.5}, engine=FAULTY)


def test_a_fault_breaks_permutation():
    class Reversed(NumpyEngine):
        def gradient(self, tape, point, dtype):
            value, partials = super().gradient(tape, point, dtype)
            return value, dict(zip(tape.inputs, reversed(partials.values()), strict=True))

    tape = compose(["x", "y", "z"], lambda r: r.add(REGISTRY["mul"], (0, r.add(REGISTRY["atan2"], (1, 2)))))
    with pytest.raises(laws.LawBroken, match="permutation"):
        laws.permutation(tape, [1, 0, 2], {"x": 0.5, "y": 2.0, "z": 3.0}, engine=Reversed())


def test_a_loss_of_twelve_digits_is_no_rounding():
    class Slightly(REGISTRY["sin"], register=False):
        def derivative(x, y):
            return np.cos(x) * (1 + 1e-12)

    class Wrong(Execution):
        def tangent(self, direction):
            self._rules = {REGISTRY["sin"]: Slightly}
            return super().tangent(direction)

    with pytest.raises(laws.LawBroken):
        laws.reverse_is_tangent(SINE, {"x": 0.5}, execution=Wrong)


def test_what_falls_below_the_normal_numbers_may_be_multiplied_up_again():
    # u·(w/v) loses the digits of its d/dv at 1e-321 before f's value, 1e160, brings it back to 1e-160
    other = compose(["u", "w", "v"], lambda r: r.add(REGISTRY["mul"], (0, r.add(REGISTRY["div"], (1, 2)))))
    value = compose(["v"], lambda r: r.add(REGISTRY["neg"], (0,)))
    laws.product_rule(value, other, {"u": 1.375, "w": 0.7, "v": 1e160})


class Broken:
    """An engine that returns no gradient for products, and 1 for all else."""

    name, version, flushes_subnormals = "broken", "1", False

    def gradient(self, tape, point, dtype):
        if any(node.primitive.name == "mul" for node in tape.nodes[len(tape.inputs) :]):
            return 1.0
        return 1.0, dict.fromkeys(tape.inputs, 1.0)


@pytest.mark.parametrize(
    "law",
    [
        lambda f, at: laws.linearity(f, f, Fraction(1), Fraction(2), at, engine=Broken()),
        lambda f, at: laws.product_rule(f, f, at, engine=Broken()),
        lambda f, at: laws.permutation(read("x*y"), [1, 0], {**at, "y": 2.0}, engine=Broken()),
        lambda f, at: laws.chain_rule(read("x*x"), f, at, engine=Broken()),
    ],
)
def test_an_engine_without_an_answer_breaks_no_law(law):
    with pytest.raises(EngineFailed, match=r"^crashed: broken: gradient returned 1\.0; expected \(value, partials"):
        law(read("x + 1"), {"x": 0.5})
