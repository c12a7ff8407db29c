"""The grammar: what it must reach, what it must keep, and that a seed and an index determine it."""

from collections import Counter
from statistics import mean

import numpy as np
import pytest

from gradjury.engine import REGISTRY, Constant, Execution
from gradjury.properties import composite, seeded
from gradjury.properties.grammar import Composite
from gradjury.properties.vocabulary import BY_NAME
from gradjury.verifier import write


def many(count: int, **options) -> list[Composite]:
    return [composite(seeded(11, index), **options) for index in range(count)]


@pytest.fixture(scope="module")
def functions() -> list[Composite]:
    return many(1500)


def test_the_same_seed_and_index_give_the_same_function():
    assert composite(seeded(3, 7)) == composite(seeded(3, 7))
    assert composite(seeded(3, 7)).tape != composite(seeded(3, 8)).tape
    assert composite(seeded(3, 7)).tape != composite(seeded(4, 7)).tape


def test_every_primitive_appears(functions):
    seen = Counter(node.primitive.name for function in functions for node in function.tape.nodes)
    by_name = {name for name, p in REGISTRY.items() if p.__module__.rpartition(".")[2] in BY_NAME}
    assert set(REGISTRY) - set(seen) == by_name


def test_a_failing_example_shows_the_function(functions):
    shown = repr(functions[0])
    assert shown.startswith(f"<Composite: {write(functions[0].tape)} for {functions[0].tape.inputs[0]} in [")


def test_sizes_fill_the_stated_bounds(functions):
    sizes = [len(function.tape) for function in functions]
    inputs = {len(function.tape.inputs) for function in functions}
    assert min(sizes) == 3
    assert max(sizes) == 60
    assert inputs == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("nodes", [(3, 3), (5, 5), (12, 12), (60, 60), (3, 9)])
def test_sizes_are_kept_exactly(nodes):
    for function in many(100, nodes=nodes):
        assert nodes[0] <= len(function.tape) <= nodes[1]


def test_variables_are_kept():
    assert {len(f.tape.inputs) for f in many(100, variables=(2, 3), nodes=(5, 30))} == {2, 3}
    twelve = many(20, variables=(12, 12), nodes=(30, 40))
    assert {len(f.tape.inputs) for f in twelve} == {12}


def test_about_a_quarter_of_the_operations_is_shared(functions):
    shared = total = 0
    for function in functions:
        uses = Counter(a for node in function.tape.nodes for a in node.args)
        total += len(function.tape.operations)
        shared += sum(uses[i] > 1 for i in function.tape.operations)
    assert 0.17 < shared / total < 0.33


def test_everything_computed_is_used(functions):
    for function in functions:
        used = {a for node in function.tape.nodes for a in node.args} | {function.tape.output}
        assert used == set(range(len(function.tape)))


def run_in_its_box(function: Composite, generator, points: int) -> tuple[Execution, list[bool]]:
    """A forward pass at random points, and of each node whether its values lie in its interval; nan does not."""
    run = Execution(function.tape)
    run.forward({name: generator.uniform(*box, points) for name, box in function.box.items()})
    assert run.values is not None
    inside = []
    for value, (low, high) in zip(run.values, function.ranges, strict=True):
        margin = 1e-9 * max(1, abs(low), abs(high))
        inside.append(bool(np.all((value >= low - margin) & (value <= high + margin))))
    return run, inside


def test_values_lie_in_the_tracked_intervals(functions):
    generator = np.random.default_rng(5)
    outside = total = 0
    for function in functions:
        _, inside = run_in_its_box(function, generator, 32)
        for node, is_inside in zip(function.tape.nodes, inside, strict=True):
            total += 1
            outside += not is_inside and all(inside[a] for a in node.args)  # what follows from it is no further miss
    # Ranges are sampled, so an extreme between two samples is missed now and then.
    assert outside / total < 1e-3


def test_gradients_are_finite_moderate_and_seldom_flat(functions):
    generator = np.random.default_rng(6)
    zeros, largest, count, missed = 0, 0.0, 0, 0
    for function in functions:
        run, inside = run_in_its_box(function, generator, 16)
        if not all(inside):
            missed += 1
            continue
        for partial in run.reverse().values():
            assert np.all(np.isfinite(partial))
            zeros += int(np.sum(partial == 0))
            largest = max(largest, float(np.max(np.abs(partial))))
            count += partial.size
    assert zeros / count < 0.1
    assert largest < 1e7
    assert missed / len(functions) < 0.03


def test_constants_of_every_kind_appear(functions):
    constants = {n.consts[0] for f in functions for n in f.tape.nodes if n.primitive is Constant}
    exponents = {n.consts[0] for f in functions for n in f.tape.nodes if n.primitive.name == "powc"}
    assert {"pi", "E"} <= constants
    assert any(c.denominator % 5 == 0 for c in constants if not isinstance(c, str))  # no float: 0.1
    assert {"1/2", "3/2", "-1", "1/3", "1/10"} <= {str(e) for e in exponents}
    orders = {f.tape.nodes[n.args[0]].consts[0] for f in functions for n in f.tape.nodes if n.primitive.opaque}
    assert len(orders) >= 6


def test_orders_are_constants(functions):
    for function in functions:
        for node in function.tape.nodes:
            for name, argument in zip(node.primitive.arguments, node.args, strict=True):
                if name in node.primitive.opaque:
                    assert function.tape.nodes[argument].primitive is Constant


def test_without_kinks_there_are_none_in_reach():
    from gradjury.engine.domains import holds

    generator = np.random.default_rng(8)
    for function in many(300, kinks=False):
        run = Execution(function.tape)
        run.forward({name: generator.uniform(*box, 64) for name, box in function.box.items()})
        for node in function.tape.nodes:
            if node.primitive.name in ("abs", "relu", "sign", "heaviside"):
                assert run.values is not None
                x = np.asarray(run.values[node.args[0]])
                assert np.all(x > 0) or np.all(x < 0)
                assert not np.any(holds(node.primitive.kinks, {"x": x}))


def test_only_the_primitives_asked_for():
    glue = {"add", "mul", "neg", "input", "constant"}
    for function in many(100, primitives=["acosh", "erfinv"]):
        assert {n.primitive.name for n in function.tape.nodes} <= glue | {"acosh", "erfinv"}


def test_special_functions_can_be_left_out():
    names = {n.primitive.name for f in many(300, specials=False) for n in f.tape.nodes}
    assert "atan2" in names
    assert not names & {"besselj", "gamma", "erf", "elliptic_k", "airyai"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"variables": (0, 2)}, r"variables=\(0, 2\); expected \(fewest, most\) with 1 <= fewest <= most"),
        ({"nodes": 5}, r"nodes=5; expected two whole numbers, \(fewest, most\)"),
        ({"variables": (1, 2.5)}, r"variables=\(1, 2\.5\); expected two whole numbers"),
        ({"nodes": (5, 4)}, r"nodes=\(5, 4\); expected \(fewest, most\)"),
        ({"variables": (4, 4), "nodes": (3, 9)}, "joining 4 variables takes 7 nodes"),
        ({"primitives": ["sine"]}, "primitives: 'sine' is no operation; did you mean sin"),
        ({"primitives": []}, "primitives is empty"),
    ],
)
def test_what_cannot_be_met_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        composite(seeded(0, 0), **options)


def test_size_is_spread_evenly(functions):
    assert 28 < mean(len(f.tape) for f in functions) < 35
