"""Forward, reverse and tangent sweeps."""

from __future__ import annotations

import time
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradjury.engine import (
    REGISTRY,
    EngineError,
    Execution,
    MissingValue,
    NoForwardPass,
    Primitive,
    Recorder,
    Tape,
    gradient,
    trace,
)
from gradjury.engine.blocks import BLOCK


def _chain(length: int) -> Tape:
    recorder = Recorder(["x"])
    node = 0
    for _ in range(length):
        node = recorder.add(REGISTRY["sin"], (node,))
    return recorder.tape(node)


def _product() -> Tape:
    return trace(lambda x, y: np.exp(np.sin(x)) * y + x * x)


def test_value_and_gradient():
    value, partials = gradient(_product(), {"x": 0.5, "y": 2.0})
    assert value == pytest.approx(np.exp(np.sin(0.5)) * 2 + 0.25, rel=1e-15)
    assert partials["x"] == pytest.approx(np.exp(np.sin(0.5)) * np.cos(0.5) * 2 + 1.0, rel=1e-15)
    assert partials["y"] == pytest.approx(np.exp(np.sin(0.5)), rel=1e-15)


@pytest.mark.parametrize("sweep", ["reverse", "tangent", "local"])
def test_a_sweep_before_the_forward_pass_is_an_error(sweep):
    execution = Execution(_product())
    arguments = {"reverse": (), "tangent": ({"x": 1.0},), "local": (2,)}[sweep]
    with pytest.raises(NoForwardPass, match="no forward pass has stored them: call forward"):
        getattr(execution, sweep)(*arguments)


@pytest.mark.parametrize("sweep", ["reverse", "tangent", "local"])
def test_a_sweep_after_the_values_were_dropped_is_an_error(sweep):
    execution = Execution(_product())
    execution.forward({"x": 1.0, "y": 2.0})
    execution.drop()
    arguments = {"reverse": (), "tangent": ({"x": 1.0},), "local": (2,)}[sweep]
    with pytest.raises(NoForwardPass, match="they were dropped"):
        getattr(execution, sweep)(*arguments)
    execution.forward({"x": 1.0, "y": 2.0})
    getattr(execution, sweep)(*arguments)


def test_a_point_that_lacks_an_input_is_an_error():
    with pytest.raises(MissingValue, match="no value for variable 'y': the point names x"):
        Execution(_product()).forward({"x": 1.0})
    with pytest.raises(MissingValue, match="names nothing"):
        Execution(_product()).forward({})


@pytest.mark.parametrize(
    ("function", "corner"),
    [
        (lambda x: abs(x), True),
        (lambda x: np.where(x > 0, x, 2 * x), True),
        (lambda x: np.where(x > 0, x, 2 * x + 1), False),  # a jump
        (lambda x: abs(x + 1), False),
    ],
)
def test_a_corner_is_a_tie_of_two_slopes(function, corner):
    execution = Execution(trace(function))
    execution.forward({"x": 0.0})
    assert execution.is_corner(execution.tape.output) is corner
    assert not execution.is_corner(0)


def test_paths_are_summed_where_a_value_is_used_more_than_once():
    tape = trace(lambda x: (x + x) * x)
    assert gradient(tape, {"x": 3.0})[1]["x"] == 12.0
    tape = trace(lambda x: x * x * x * x)
    assert gradient(tape, {"x": 2.0})[1]["x"] == 32.0


def test_adjoints_of_intermediate_nodes_are_kept():
    execution = Execution(trace(lambda x: np.exp(x * 2.0)))
    execution.forward({"x": 0.0})
    execution.reverse()
    assert execution.adjoints == [2.0, None, 1.0, 1.0]


def test_a_seed_multiplies_everything():
    execution = Execution(_product())
    execution.forward({"x": 0.5, "y": 2.0})
    single, double = execution.reverse(), execution.reverse(2.0)
    assert double == {name: 2.0 * single[name] for name in single}


def test_one_sweep_serves_many_points():
    xs = np.linspace(-2, 2, 7)
    value, partials = gradient(_product(), {"x": xs, "y": 2.0})
    assert value.shape == partials["x"].shape == partials["y"].shape == (7,)
    for k, x in enumerate(xs):
        single, slopes = gradient(_product(), {"x": x, "y": 2.0})
        assert value[k] == single
        assert (partials["x"][k], partials["y"][k]) == (slopes["x"], slopes["y"])


def test_derivatives_have_the_shape_of_the_points_even_where_they_are_constant():
    tape = trace(lambda x, y: x + 3.0)
    _, partials = gradient(tape, {"x": np.zeros(4), "y": 1.0})
    np.testing.assert_array_equal(partials["x"], np.ones(4))
    np.testing.assert_array_equal(partials["y"], np.zeros(4))


def test_a_point_itself_and_a_constant_are_functions():
    assert gradient(trace(lambda x: x), {"x": 3.0}) == (3.0, {"x": 1.0})
    assert gradient(trace(lambda x: 7.0), {"x": 3.0}) == (7.0, {"x": 0.0})


def test_what_does_not_depend_on_an_input_takes_no_part():
    tape = trace(lambda x: x * np.sqrt(0 * np.float64(1) + x * 0))
    recorder = Recorder(["x"])
    root = recorder.add(REGISTRY["sqrt"], (recorder.constant(Fraction(0)),))  # infinitely steep, and constant
    tape = recorder.tape(recorder.add(REGISTRY["mul"], (0, root)))
    assert gradient(tape, {"x": 3.0}) == (0.0, {"x": 0.0})


@given(x=st.floats(-2, 2), y=st.floats(-2, 2), u=st.floats(-2, 2), v=st.floats(-2, 2))
def test_the_tangent_sweep_is_the_reverse_sweep_along_a_direction(x, y, u, v):
    execution = Execution(_product())
    execution.forward({"x": x, "y": y})
    partials = execution.reverse()
    expected = partials["x"] * u + partials["y"] * v
    # roundings are of the products along the three paths from x and the one from y, whose sum may cancel
    exponential = np.exp(np.sin(x))
    scale = (exponential * abs(np.cos(x) * y) + abs(x) + abs(x)) * abs(u) + exponential * abs(v)
    smallest = 64 * np.finfo(float).smallest_subnormal  # products may underflow
    assert abs(execution.tangent({"x": u, "y": v}) - expected) <= 1e-14 * scale + smallest


def test_inputs_that_the_direction_does_not_name_stand_still():
    execution = Execution(_product())
    execution.forward({"x": np.array([0.5, 1.0]), "y": 2.0})
    np.testing.assert_array_equal(execution.tangent({"y": 1.0}), execution.reverse()["y"])
    np.testing.assert_array_equal(execution.tangent({}), [0.0, 0.0])


def test_long_chains_take_linear_time_and_no_recursion():
    start = time.process_time()
    value, partials = gradient(_chain(100_000), {"x": 1.0})
    assert time.process_time() - start < 5
    assert 0 < partials["x"] < 1e-6
    assert value == pytest.approx(np.sqrt(3 / 100_000), rel=1e-3)


@pytest.mark.parametrize("name", ["exp", "sinc", "gelu", "mish", "logaddexp", "where", "clip", "pow", "hypot"])
@pytest.mark.parametrize("shape", [(), (3,)])
def test_single_precision_stays_single(name, shape):
    primitive = REGISTRY[name]
    names = [f"x{i}" for i in range(len(primitive.arguments))]
    recorder = Recorder(names)
    consts = ("<",) if name == "where" else ()
    tape = recorder.tape(recorder.add(primitive, tuple(range(len(names))), consts))
    value, partials = gradient(tape, {n: np.full(shape, 0.3) for n in names}, np.float32)
    assert {v.dtype for v in (value, *partials.values())} == {np.dtype(np.float32)}


def test_the_point_is_rounded_to_the_precision():
    assert gradient(trace(lambda x: x), {"x": 0.1}, np.float32)[0] == np.float32(0.1)
    assert gradient(trace(lambda x: x), {"x": 1e300}, np.float32)[0] == np.inf


def test_a_rule_can_be_put_in_place_of_another():
    class Halved(Primitive, register=False):
        def forward(x):
            return np.exp(x)

        def derivative(x, y):
            return 0.5 * y

    execution = Execution(_product(), rules={REGISTRY["exp"]: Halved})
    execution.forward({"x": 0.5, "y": 2.0})
    sound = gradient(_product(), {"x": 0.5, "y": 2.0})[1]
    assert execution.reverse()["x"] == pytest.approx((sound["x"] - 1.0) / 2 + 1.0, rel=1e-15)
    assert "halved" not in REGISTRY


def test_constants_of_nodes_reach_their_rules():
    assert gradient(trace(lambda x: x**3), {"x": 2.0}) == (8.0, {"x": 12.0})
    assert gradient(trace(lambda x: np.ldexp(x, 3)), {"x": 2.0}) == (16.0, {"x": 8.0})


@pytest.mark.parametrize(
    ("function", "at", "expected"),
    [
        (lambda x, y: np.minimum(np.abs(x), np.abs(y)), (0.0, 0.0), (0.0, 0.0)),
        (lambda x, y: np.hypot(x, y) + np.minimum(x, 2 * x) + y, (0.0, 0.0), (2.0, 1.0)),
        (lambda x, y: np.maximum(x, 0) * y - np.maximum(-x, 0) * y, (0.0, 3.0), (3.0, 0.0)),
        (lambda x, y: np.maximum(x, 0) + np.maximum(y, 0), (0.0, 0.0), (0.5, 0.5)),
        (lambda x, y: np.where(x == y, x, y), (1.0, 1.0), (0.0, 1.0)),
        (lambda x, y: np.where(x > y, x, y), (1.0, 1.0), (0.0, 1.0)),
        (lambda x, y: np.where(x > y, x, y) - np.maximum(x, y), (1.0, 1.0), (0.0, 0.0)),
        (lambda x, y: np.clip(x, x / 2, x) + y, (0.0, 0.0), (1.0, 1.0)),
        (lambda x, y: np.clip(x, x, x) + y, (1.0, 0.0), (1.0, 1.0)),
    ],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_where_ties_meet_each_variable_leaves_them_by_itself(function, at, expected, dtype):
    """Every partial lies between the slopes to the two sides along its own axis; the tangent sweep agrees."""
    tape = trace(function)
    execution = Execution(tape, dtype)
    # beside the point, where nothing ties, in the same array
    execution.forward({name: np.array([x, x + 0.125 * k]) for k, (name, x) in enumerate(zip("xy", at, strict=True), 2)})
    partials = execution.reverse()
    assert tuple(float(p[0]) for p in partials.values()) == expected
    for name, partial in partials.items():
        assert partial.dtype == dtype
        np.testing.assert_array_equal(execution.tangent({name: 1.0}), partial)
        h = 2.0**-12
        right, left = (
            float(
                (function(*(v + s * h * (n == name) for n, v in zip("xy", at, strict=True))) - function(*at)) / (s * h)
            )
            for s in (1, -1)
        )
        assert min(left, right) - 1e-3 <= partial[0] <= max(left, right) + 1e-3


def test_the_slope_of_a_root_at_minus_zero_is_that_at_zero():
    assert gradient(trace(lambda x: np.sqrt(x)), {"x": -0.0})[1]["x"] == np.inf


def test_ties_on_a_sum_of_paths():
    tape = trace(lambda x: np.maximum(x, 0.0) - np.maximum(-x, 0.0))
    assert gradient(tape, {"x": 0.0})[1]["x"] == 1.0
    assert gradient(trace(lambda x: np.maximum(x, x)), {"x": 2.0})[1]["x"] == 1.0


def test_no_two_partials_share_their_memory():
    partials = gradient(trace(lambda x, y, z: (x + y) * z), {n: np.arange(3.0) for n in "xyz"})[1]
    partials["x"][:] = 7.0
    np.testing.assert_array_equal(partials["y"], np.arange(3.0))


def test_many_points_are_swept_in_blocks_with_the_same_result():
    xs = np.linspace(-2, 2, 2 * BLOCK + 3)
    value, partials = gradient(_product(), {"x": xs, "y": 2.0})
    whole = Execution(_product())
    np.testing.assert_array_equal(value, whole.forward({"x": xs, "y": 2.0}))
    for name, partial in whole.reverse().items():
        np.testing.assert_array_equal(partials[name], partial)
    ties = trace(lambda x: np.maximum(x, 0.0) - np.maximum(-x, 0.0))
    np.testing.assert_array_equal(gradient(ties, {"x": 0 * xs})[1]["x"], 1.0)


@pytest.mark.parametrize("shape", [(2 * BLOCK + 3,), (200, 200), (3, 2 * BLOCK)])
def test_points_may_have_any_shape(shape):
    xs = np.linspace(-2, 2, int(np.prod(shape)))
    expected, slopes = gradient(_product(), {"x": xs, "y": 2.0})
    for point in ({"x": xs.reshape(shape), "y": 2.0}, {"x": xs.reshape(shape).tolist(), "y": [2.0]}):
        value, partials = gradient(_product(), point)
        np.testing.assert_array_equal(value, expected.reshape(shape))
        for name in "xy":
            np.testing.assert_array_equal(partials[name], slopes[name].reshape(shape))


def test_rows_and_columns_span_a_table():
    rows, columns = np.linspace(-1, 1, 190)[:, None], np.linspace(1, 2, 210)
    value, partials = gradient(_product(), {"x": rows, "y": columns})
    assert value.shape == partials["x"].shape == partials["y"].shape == (190, 210)
    assert partials["y"][150, 7] == gradient(_product(), {"x": rows[150], "y": columns[7]})[1]["y"][0]


def test_points_are_those_of_the_tapes_own_inputs():
    value, partials = gradient(_product(), {"x": 0.5, "y": 2.0, "z": np.zeros(2 * BLOCK)})
    assert np.ndim(value) == np.ndim(partials["x"]) == 0
    assert value == gradient(_product(), {"x": 0.5, "y": 2.0})[0]


@pytest.mark.parametrize("count", [3, 2 * BLOCK])
def test_arrays_of_different_sizes_are_an_error_of_one_line(count):
    with pytest.raises(EngineError, match=rf"different shapes: x \({count},\), y \(2,\); expected K numbers for each"):
        gradient(_product(), {"x": np.ones(count), "y": [1.0, 2.0]})
    with pytest.raises(MissingValue):
        gradient(_product(), {"x": np.ones(count)})


@pytest.mark.parametrize("shape", [(40 * BLOCK,), (40, BLOCK)])
def test_memory_does_not_grow_with_points_times_nodes(shape):
    xs, tape = np.linspace(-2, 2, 40 * BLOCK).reshape(shape), _chain(30)
    tracemalloc.start()
    gradient(tape, {"x": xs})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * xs.nbytes + 3 * 32 * BLOCK * 8


def test_a_sweep_that_keeps_nothing_gives_the_same_and_drops_the_values():
    execution = Execution(_product())
    point = {"x": np.array([0.5, 1.0]), "y": 2.0}
    execution.forward(point)
    kept = execution.reverse()
    given_up = execution.reverse(keep=False)
    for name in kept:
        np.testing.assert_array_equal(kept[name], given_up[name])
    with pytest.raises(NoForwardPass, match="they were dropped"):
        execution.reverse()


@pytest.mark.parametrize("at", [0.0, np.array([0.0, 2.0, -1.0])], ids=["number", "array"])
def test_a_branch_that_is_not_taken_counts_for_nothing(at):
    def f(x, y):
        return np.where(x > 0, np.sqrt(x), 3 * x) + np.maximum(y, np.log(x * x)) * np.sqrt(y)

    execution = Execution(trace(f))
    execution.forward({"x": at, "y": 4.0})
    reverse = execution.reverse()
    expected = np.where(np.asarray(at) > 0, 0.5 / np.sqrt(np.maximum(at, 1e-9)), 3.0)
    np.testing.assert_allclose(reverse["x"], expected, rtol=1e-15)
    np.testing.assert_allclose(reverse["y"], 2 + 4 * 0.25, rtol=1e-15)
    np.testing.assert_allclose(execution.tangent({"x": 1.0}), expected, rtol=1e-15)


def test_an_infinite_slope_that_does_count_is_not_silenced():
    """√x² has the slope 1 at 0 from the right: 0·∞ must not become a silent 0."""
    _, partials = gradient(trace(lambda x: np.where(x < 1, np.sqrt(x) ** 2, x)), {"x": 0.0})
    assert np.isnan(partials["x"])


@pytest.mark.parametrize("count", [1, 3])
def test_what_depends_on_no_variable_is_a_number_while_a_sweep_is_traced(count):
    """Of x a Variable and y numbers: sin(2), exp(y) and its square are computed, the products are recorded."""
    recorder = Recorder(["x", "y"])
    add, two = recorder.add, recorder.constant(Fraction(2))
    power = add(REGISTRY["square"], (add(REGISTRY["exp"], (1,)),))
    whole = recorder.tape(add(REGISTRY["mul"], (add(REGISTRY["mul"], (0, power)), add(REGISTRY["sin"], (two,)))))
    y = np.linspace(0.5, 1.0, count)[()] if count > 1 else 0.5

    def slope(x):
        execution = Execution(whole)
        execution.forward({"x": x, "y": 0.5})
        return execution.reverse()["x"] * x

    outer = trace(slope)
    assert "exp" not in {outer.nodes[i].primitive.name for i in outer.operations}
    value, partials = gradient(outer, {"x": y})
    expected = np.exp(0.5) ** 2 * np.sin(2.0)
    assert value == pytest.approx(expected * y)
    assert partials["x"] == pytest.approx(np.full(np.shape(y), expected))


def _swept_twice(tape, sweeps):
    """One sweep of another's record: d/dx of what the first makes of x and y."""
    first, second = sweeps

    def along(*inputs):
        execution = Execution(tape)
        execution.forward(dict(zip(tape.inputs, inputs, strict=True)))
        return execution.reverse()["x"] if first == "reverse" else execution.tangent({"x": 1.0})

    def at(point):
        execution = Execution(trace(along, tape.inputs))
        execution.forward(point)
        return execution.reverse()["x"] if second == "reverse" else execution.tangent({"x": 1.0})

    return at


@pytest.mark.parametrize("sweeps", [(a, b) for a in ("reverse", "tangent") for b in ("reverse", "tangent")])
def test_a_branch_that_is_not_taken_counts_for_nothing_in_a_sweep_of_a_sweep(sweeps):
    """Left of 0 the root is nan, and so is its slope; below −5 exp(exp(x²)) and its slope are infinite."""

    def function(x, y):
        within = np.where(x > -5.0, x**3 * y, np.minimum(np.exp(np.exp(x * x)), x**2))
        return np.where((x > 0.0) & (y > 0.0), np.sqrt(x) * np.log(y), within) + np.maximum(x, 1.0) * y

    second = _swept_twice(trace(function), sweeps)
    point = {"x": np.array([4.0, -2.0, 4.0, -9.0, -4.0]), "y": np.array([2.0, 3.0, -1.0, 1.0, 0.0])}
    expected = np.array([-np.log(2.0) / 32.0, -36.0, -24.0, 2.0, 0.0])
    np.testing.assert_allclose(second(point), expected, rtol=1e-14, atol=1e-300)
    for k in range(len(expected)):
        found = second({name: values[k] for name, values in point.items()})
        assert found == pytest.approx(expected[k], rel=1e-14, abs=1e-300)


def test_what_is_recorded_of_a_choice_grows_with_the_paths_by_no_more_than_a_share():
    def function(x):
        for _ in range(40):
            x = np.maximum(x, 0.1) * np.minimum(x, 1.5)
        return x

    tape = trace(function)
    recorded = trace(lambda x: gradient(tape, {"x": x})[1]["x"], ("x",))
    assert len(recorded) < 8 * len(tape)
