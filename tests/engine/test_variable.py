"""Tracing: operators, NumPy's protocols, what cannot be recorded, derivatives of derivatives."""

from __future__ import annotations

import math
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from scipy import special

from gradjury.engine import BY_FUNCTION, REGISTRY, BranchOnValue, NotTraceable, grad, gradient, trace


def _value(function, *point):
    tape = trace(function, tuple(f"x{i}" for i in range(len(point))))
    return gradient(tape, {f"x{i}": x for i, x in enumerate(point)})[0]


OPERATORS = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / b,
    lambda a, b: a % b,
    lambda a, b: a**b,
]


@pytest.mark.parametrize("operation", OPERATORS)
def test_operators_with_variables_and_numbers_on_either_side(operation):
    truth = operation(3.5, 1.25)
    assert _value(operation, 3.5, 1.25) == truth
    assert _value(lambda a: operation(a, 1.25), 3.5) == truth
    assert _value(lambda b: operation(3.5, b), 1.25) == truth
    assert _value(lambda b: operation(np.float64(3.5), b), 1.25) == truth
    assert _value(lambda a: operation(a, np.float64(1.25)), 3.5) == truth


def test_signs_and_absolute_value():
    assert _value(lambda x: -x, 2.0) == -2.0
    assert _value(lambda x: +x, 2.0) == 2.0
    assert _value(lambda x: np.positive(x), 2.0) == 2.0
    assert _value(lambda x: abs(x), -2.0) == 2.0
    assert _value(lambda x: np.abs(x) + np.fabs(x), -2.0) == 4.0


UFUNCS = sorted({f for f in BY_FUNCTION if isinstance(f, np.ufunc)}, key=lambda f: f.__name__)


@pytest.mark.parametrize("function", UFUNCS, ids=lambda f: f.__name__)
def test_every_function_of_a_primitive_is_recorded_with_its_meaning(function):
    primitive = BY_FUNCTION[function]
    # Inside every domain: the first of two may be an integer order, and acosh begins at 1.
    point = [1.5] if primitive.name == "acosh" else [1.25, 1.5, 2.0, 0.75][-len(primitive.arguments) :]
    consts = [2] * len(primitive.constants)
    value = _value(lambda *xs: function(*xs, *consts), *point)
    np.testing.assert_allclose(value, function(*point, *consts), rtol=1e-13)


@pytest.mark.parametrize(
    "function",
    [
        np.square,
        np.mod,
        np.heaviside,
        np.hypot,
        np.arctan2,
        np.logaddexp,
        np.ldexp,
        np.maximum,
        special.erf,
        special.expit,
        special.xlogy,
    ],
)
def test_these_functions_have_primitives(function):
    assert function in BY_FUNCTION


def test_functions_that_are_no_ufuncs():
    assert _value(lambda x: np.clip(x, -1.0, 0.5), 2.0) == 0.5
    assert _value(lambda x: np.clip(0.25, x, 0.5), -2.0) == 0.25
    assert _value(lambda x: np.clip(x, None, 0.5), 2.0) == 0.5
    assert _value(lambda x: np.clip(x, 0.5, None), 2.0) == 2.0
    assert _value(lambda x: np.clip(x, None, None) * 1.0, 2.0) == 2.0
    assert _value(lambda x: np.sinc(x), 0.5) == np.sinc(0.5)
    assert trace(lambda x: np.sinc(x)).nodes[-1].primitive is REGISTRY["normalized_sinc"]


def test_powers_with_constant_exponents_keep_them_exactly():
    assert trace(lambda x: x**2).nodes[-1].consts == (Fraction(2),)
    assert trace(lambda x: np.power(x, 0.1)).nodes[-1].consts == (Fraction(0.1),)
    assert trace(lambda x: x ** Fraction(1, 3)).nodes[-1].consts == (Fraction(1, 3),)
    assert trace(lambda x, y: np.power(x, y)).nodes[-1].primitive is REGISTRY["pow"]
    assert trace(lambda x: np.power(2.0, x)).nodes[-1].primitive is REGISTRY["pow"]


def test_special_numbers_are_constants():
    assert _value(lambda x: x + np.inf, 1.0) == np.inf
    assert _value(lambda x: x - np.inf, 1.0) == -np.inf
    assert np.isnan(_value(lambda x: x + np.nan, 1.0))


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        (lambda x: x < 1.0, 5.0),
        (lambda x: x <= 1.0, 5.0),
        (lambda x: x > 1.0, 7.0),
        (lambda x: 1.0 >= x, 5.0),  # noqa: SIM300  the reflected comparison is what is tried
        (lambda x: x >= 1.0, 7.0),
        (lambda x: x == 0.5, 5.0),
        (lambda x: x != 0.5, 7.0),
        (lambda x: np.float64(1) != x, 5.0),
        (lambda x: np.greater(x, 0.5), 7.0),
        (lambda x: (x > 0) & (x < 1), 5.0),
        (lambda x: (x < 0) | (x > 1), 7.0),
        (lambda x: ~(x < 0), 5.0),
        (lambda x: np.logical_and(x > 0, np.logical_not(x > 1)), 5.0),
        (lambda x: np.logical_or(x < 0, x < 1), 5.0),
        (lambda x: (x < 1) & np.bool_(True), 5.0),
        (lambda x: np.bool_(False) & (x < 1), 7.0),
        (lambda x: np.logical_or(np.bool_(True), x > 1), 5.0),
        (lambda x: False | (x < 1), 5.0),
        (lambda x: True, 5.0),
        (lambda x: np.bool_(False), 7.0),
    ],
)
def test_where_records_both_branches(condition, truth):
    assert _value(lambda x: np.where(condition(x), 5.0 + 0 * x, 7.0 + 0 * x), 0.5) == truth
    assert np.where(condition(np.float64(0.5)), 5.0, 7.0) == truth


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (lambda x: x if x > 0 else -x, "the truth \\(bool\\) of a comparison"),
        (lambda x: x if x else 1.0, "the truth \\(bool\\) of"),
        (lambda x: max(x, 0.0), "the truth \\(bool\\) of a comparison"),
        (lambda x: 0 < x < 1, "the truth \\(bool\\) of a comparison"),
        (lambda x: float(x), "the float"),
        (lambda x: math.sin(x), "the float"),
        (lambda x: math.floor(x), "the float"),
        (lambda x: int(x), "the int"),
        (lambda x: [1, 2, 3][x], "the int"),
        (lambda x: np.where(x > 0 and x < 1, x, 0.0), "the truth \\(bool\\) of a comparison"),
    ],
)
def test_branching_on_a_value_is_an_error_that_names_where(function, what):
    with pytest.raises(BranchOnValue, match=f"{what}.*numpy.where"):
        trace(function, ("x",))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: np.sum(x), "numpy.sum cannot be traced"),
        (lambda x: np.spacing(x), "spacing has no primitive"),
        (lambda x: np.add.reduce(x), "numpy.add.reduce"),
        (lambda x: np.sin(x, out=np.zeros(1)), "numpy.sin.__call__"),
        (lambda x: x * np.ones(3), "takes numbers, not ndarray"),
        (lambda x: x + True, "takes numbers, not bool"),
        (lambda x: x ** np.ones(3), "takes numbers, not ndarray"),
        (lambda x: x * "2", "takes numbers, not str"),
        (lambda x: x + None, "takes numbers, not NoneType"),
        (lambda x: None, "it returns None; expected one number"),
        (lambda x: np.ldexp(x, x), "the n of ldexp must be a number"),
        (lambda x: np.where(np.array([True, False]), x, 0.0), "numpy.where cannot be traced in this form"),
        (lambda x: np.clip(x, a_min=0, out=np.zeros(1)), "numpy.clip cannot be traced with out"),
        (lambda x: np.select([x > 0, x > 1], [x]), "numpy.select got 2 conditions and 1 choices"),
        (lambda x: np.add(x > 0, 1), "numpy.add of a comparison"),
        (lambda x: x[0], "index 0 of it"),
        (lambda x: list(x), "index 0 of it"),
    ],
)
def test_what_cannot_be_recorded_is_an_error_that_says_what(function, message):
    with pytest.raises(NotTraceable, match=message):
        trace(function, ("x",))


def test_variables_of_two_traces_do_not_mix():
    kept = []
    trace(lambda x: kept.append(x) or x)
    with pytest.raises(NotTraceable, match="two different traces"):
        trace(lambda y: y + kept[0])
    with pytest.raises(NotTraceable, match="two different traces"):
        trace(lambda y: np.maximum(y, kept[0]))
    with pytest.raises(NotTraceable, match="two different traces"):
        trace(lambda y: kept[0])


def test_a_condition_combines_with_conditions_only():
    with pytest.raises(TypeError, match="unsupported operand"):
        trace(lambda x: np.where((x > 0) & 1.0, x, 0.0))
    with pytest.raises(TypeError, match="unsupported operand"):
        trace(lambda x: np.where((x > 0) | 1.0, x, 0.0))


def test_names_of_inputs_are_the_parameters():
    assert trace(lambda alpha, beta: alpha * beta).inputs == ("alpha", "beta")


def test_the_empty_index_is_the_variable_itself():
    assert _value(lambda x: x[()] * 2, 3.0) == 6.0


def test_grad_of_one_and_of_several_arguments():
    def waves(x, y):
        return np.sin(x) * y

    assert grad(waves).__name__ == "grad_waves"
    assert grad(waves)(0.5, 2.0) == (np.cos(0.5) * 2.0, np.sin(0.5))
    assert grad(np.sin)(0.5) == np.cos(0.5)
    np.testing.assert_array_equal(grad(np.sin)(np.array([0.0, 1.0])), np.cos([0.0, 1.0]))


def test_derivatives_of_derivatives():
    def function(x):
        return np.exp(np.sin(x)) * x**3

    second, third = grad(grad(function)), grad(grad(grad(function)))
    sine, cosine, e = np.sin(0.7), np.cos(0.7), np.exp(np.sin(0.7))
    truth = e * ((cosine**2 - sine) * 0.7**3 + 2 * cosine * 3 * 0.7**2 + 6 * 0.7)
    assert second(0.7) == pytest.approx(truth, rel=1e-14)
    assert third(0.7) == pytest.approx((second(0.7 + 1e-5) - second(0.7 - 1e-5)) / 2e-5, rel=1e-8)


def test_grad_of_very_many_points_takes_the_memory_of_a_block_of_them():
    def f(x, y):
        return np.sin(x) * np.exp(y) + np.log(x) * np.tanh(x * y) / (1 + y * y) + np.sqrt(x * x + 1) * np.arctan(x)

    x, y = np.linspace(0.5, 2.0, 200_000), 0.75
    tracemalloc.start()
    by_x, by_y = grad(f)(x, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24e6  # with the values of all nodes at all points it is 45 MB
    for k in (0, 100_000, 199_999):
        assert np.allclose((by_x[k], by_y[k]), grad(f)(x[k], y), rtol=1e-14, atol=0)


def test_a_gradient_may_be_a_part_of_a_traced_function():
    tape = trace(lambda x: grad(lambda t: t**3)(x) * x)
    assert gradient(tape, {"x": 2.0}) == (24.0, {"x": 36.0})
    assert gradient(trace(lambda x: grad(lambda t: 2.0 * t)(x) * x), {"x": 2.0}) == (4.0, {"x": 2.0})


def test_mixed_partials_agree():
    def function(x, y):
        return np.logaddexp(x * y, np.hypot(x, y))

    by_x_then_y = grad(lambda x, y: grad(function)(x, y)[0])(0.3, 0.8)[1]
    by_y_then_x = grad(lambda x, y: grad(function)(x, y)[1])(0.3, 0.8)[0]
    assert by_x_then_y == pytest.approx(by_y_then_x, rel=1e-13)


@pytest.mark.parametrize(
    ("function", "same"),
    [
        (lambda x, y: np.sin(np.asarray(x)) * y, lambda x, y: np.sin(x) * y),
        (lambda x, y: np.asarray(np.asarray(x) * y), lambda x, y: x * y),
        (lambda x, y: x * np.asarray(y), lambda x, y: x * y),
        (lambda x, y: np.sum(np.exp(np.array([x, y]))), lambda x, y: np.exp(x) + np.exp(y)),
        (lambda x, y: np.hypot(np.array([x, y]), np.array([y, x]))[1], lambda x, y: np.hypot(y, x)),
        (lambda x, y: np.vectorize(lambda v: v * v)(x) * y, lambda x, y: x * x * y),
        (lambda x, y: np.tanh(np.array([[3.0, 2.0]]) @ np.array([x, y]))[0], lambda x, y: np.tanh(3 * x + 2 * y)),
        (lambda x, y: np.std(np.array([x, y])) + 0 * y, lambda x, y: np.abs(x - y) / 2),
        (lambda x, y: np.polyval([1, 2, 3], np.asarray(x)) * y, lambda x, y: ((x + 2) * x + 3) * y),
    ],
)
def test_arrays_of_variables_are_traced_entry_by_entry(function, same):
    at = {"x": 0.5, "y": 2.5}
    value, partials = gradient(trace(function), at)
    expected, slopes = gradient(trace(same), at)
    assert value == pytest.approx(expected, rel=1e-15)
    assert partials == pytest.approx(slopes, rel=1e-15)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.clip(x > 0, 0, 1),
        lambda x: np.where(True, x > 1, 0) * x,
        lambda x: np.where(x > 0, x > 1, 0) * x,
        lambda x: np.maximum(x, x > 0),
    ],
)
def test_a_comparison_that_stands_for_a_number_is_told_so(function):
    with pytest.raises(NotTraceable, match=r"^a comparison of Variables is no number; use numpy\.where"):
        trace(function)
