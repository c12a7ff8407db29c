"""Declarations: complete, unique, and each with a grid on which it is tested."""

from __future__ import annotations

import ast
from fractions import Fraction
from itertools import groupby, product
from pathlib import Path

import numpy as np
import pytest

from gradjury.engine import BY_FUNCTION, REGISTRY, Primitive
from gradjury.engine import primitives as package
from gradjury.engine.domains import holds
from gradjury.engine.tape import constant_as_float

from .grids import GRIDS

TESTS = Path(__file__).parent / "primitives"


@pytest.mark.parametrize("name", REGISTRY)
def test_every_primitive_has_a_grid_and_a_test_module(name):
    points, constants = GRIDS[name]
    assert len(points) >= 5
    assert all(len(p) == len(REGISTRY[name].arguments) for p in points)
    assert all(len(c) == len(REGISTRY[name].constants) for c in constants)
    family = REGISTRY[name].__module__.rpartition(".")[2]
    assert f'"{name}"' in (TESTS / f"test_{family}.py").read_text()


def test_no_grid_without_a_primitive():
    assert set(GRIDS) <= set(REGISTRY)


def test_the_order_of_the_registry_is_that_of_the_families():
    """By it random functions are drawn: a family that imports another one would change those of every seed."""
    own = [p.__module__.rpartition(".")[2] for p in REGISTRY.values() if p.__module__.startswith(package.__name__)]
    assert [family for family, _ in groupby(own)] == package.__all__


def test_every_family_is_imported():
    modules = {p.stem for p in Path(package.__file__).parent.glob("*.py")} - {"__init__"}
    declaring = {p.__module__.rpartition(".")[2] for p in REGISTRY.values()}
    assert declaring <= modules
    assert set(package.__all__) == declaring


@pytest.mark.parametrize("name", REGISTRY)
def test_declaration_is_complete(name):
    primitive = REGISTRY[name]
    assert primitive.__doc__
    assert primitive.ulps >= 0
    assert set(primitive.opaque) <= set(primitive.arguments)
    known = {*primitive.arguments, *primitive.constants, "pi", "floor", "sin", "True", "False"}
    for text in (primitive.domain, primitive.kinks):
        named = {node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)}
        assert named <= known, text


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", REGISTRY)
def test_a_rule_returns_arrays_of_its_arguments_type_or_numbers(name, dtype):
    """As the docstring of Primitive says, on which the sweeps rely."""
    primitive, (points, constants) = REGISTRY[name], GRIDS[name]
    with np.errstate(all="ignore"):
        columns = [np.array(column).astype(dtype) for column in zip(*points[:6], strict=True)]
        keywords = primitive.keywords(constants[0], lambda value: dtype(constant_as_float(value)))
        for arguments in (columns, [column[0] for column in columns]):
            y = primitive.forward(*arguments, **keywords)
            partials = primitive.derivative(*arguments, y, **keywords)
            assert isinstance(partials, tuple) is (len(arguments) > 1)
            for value in (y, *(partials if isinstance(partials, tuple) else (partials,))):
                if type(value) is not float or value is y:
                    assert value.dtype == dtype
                    assert value.shape == y.shape or (value.shape == () and value is not y)


def has_two_slopes(primitive, point, consts):
    """Whether the value goes on through a point, and a derivative by some argument is another one on either side."""

    def beside(j, way):
        arguments = [*point[:j], np.nextafter(point[j], way), *point[j + 1 :]]
        value = primitive.forward(*arguments, **consts)
        partials = primitive.derivative(*arguments, value, **consts)
        return value, (partials if isinstance(partials, tuple) else (partials,))[j]

    def is_one(left, right):
        return abs(left - right) <= 1e-6 * max(1, abs(left), abs(right))

    for j in range(len(point)):
        left, right = beside(j, -np.inf), beside(j, np.inf)
        if np.isfinite([*left, *right]).all() and is_one(left[0], right[0]) and not is_one(left[1], right[1]):
            return True
    return False


@pytest.mark.parametrize("name", [n for n, p in REGISTRY.items() if p.kinks != "False" and p.tied is None])
def test_two_slopes_at_a_kink_are_said_in_tied(name):
    """Without it the mean of both is taken also where several kinks meet, where it is no slope of the whole."""
    primitive, (points, constants) = REGISTRY[name], GRIDS[name]
    corners = product((-1.0, 0.0, 1.0, 2.0), repeat=len(primitive.arguments))
    for consts in (primitive.keywords(c, lambda value: np.float64(constant_as_float(value))) for c in constants[:3]):
        for point in [*points[:200], *corners]:
            arguments = list(map(np.float64, point))
            with np.errstate(all="ignore"):
                at_kink = holds(primitive.kinks, {**dict(zip(primitive.arguments, arguments, strict=True)), **consts})
                assert not at_kink or not has_two_slopes(primitive, arguments, consts), (
                    f"{name} has two slopes at {point}, and no tied(…) and beside(…): see engine/ties.py"
                )


def test_constants_are_named_and_a_relation_is_no_number():
    assert REGISTRY["powc"].keywords((Fraction(1, 2),), constant_as_float) == {"c": 0.5}
    assert REGISTRY["powc"].keywords(("inf",), constant_as_float) == {"c": np.inf}
    assert REGISTRY["where"].keywords(("<",), constant_as_float) == {"relation": "<"}
    assert REGISTRY["sin"].keywords((), constant_as_float) == {}


# 0 and negative numbers have powers at some exponents, xlogy(0, b) is 0 at any b, and what clip does where low > high
# nobody is asked.
@pytest.mark.parametrize("name", sorted(REGISTRY.keys() - {"pow", "xlogy", "clip"}))
def test_forward_is_finite_nowhere_but_in_the_domain(name):
    """Every grid point with a finite value lies in the stated domain."""
    primitive = REGISTRY[name]
    points, constants = GRIDS[name]
    names = {"floor": np.floor, "sin": np.sin, "pi": np.pi}
    for consts in constants:
        named = dict(zip(primitive.constants, consts, strict=True))
        for point in points:
            inside = eval(primitive.domain, names | named, dict(zip(primitive.arguments, point, strict=True)))
            with np.errstate(all="ignore"):
                value = primitive.forward(*map(np.float64, point), **named)
            assert inside or not np.isfinite(value), (point, consts)


def test_a_name_is_declared_once():
    with pytest.raises(TypeError, match="'sin' is declared twice"):
        type("Sin", (Primitive,), {"forward": lambda x: x, "derivative": lambda x, y: 1.0})


def test_a_function_records_one_primitive():
    rules = {"forward": lambda x: x, "derivative": lambda x, y: 1.0}
    with pytest.raises(TypeError, match=r"<ufunc 'sin'> records 'sin' already, and not 'sine'"):
        type("Sine", (Primitive,), {"ufuncs": (np.sin,), **rules})
    assert "sine" not in REGISTRY
    assert BY_FUNCTION[np.sin] is REGISTRY["sin"]


def test_functions_of_numpy_and_scipy_belong_to_one_primitive():
    claimed = [f for p in REGISTRY.values() for f in p.ufuncs]
    assert len(claimed) == len(set(claimed))
    assert set(claimed) == set(BY_FUNCTION)


def test_aliases_are_unambiguous():
    names = [*REGISTRY, *(alias for p in REGISTRY.values() for alias in p.aliases)]
    assert len(names) == len(set(names))
