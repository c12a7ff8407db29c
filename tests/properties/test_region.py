"""Windows: found by probing, inside the domain with a margin."""

from fractions import Fraction

import numpy as np
import pytest

from gradjury.engine import REGISTRY, Primitive
from gradjury.engine.domains import holds
from gradjury.engine.tape import constant_as_float
from gradjury.properties.region import STEEPEST, windows
from gradjury.properties.vocabulary import BY_NAME, chosen, words

ALL = words(chosen(None, True), True)
BY_NAMES = [p for p in REGISTRY.values() if p.__module__.rpartition(".")[2] in BY_NAME]
NAMED = words(chosen(BY_NAMES, True), True)


def test_every_primitive_has_a_window():
    assert {word.primitive for word in (*ALL, *NAMED)} == set(REGISTRY.values())


def test_slow_families_are_drawn_only_where_they_are_named():
    families = {p.__module__.rpartition(".")[2] for p in REGISTRY.values()}
    assert families >= set(BY_NAME)
    assert not {word.primitive for word in ALL} & {word.primitive for word in NAMED}


@pytest.mark.parametrize("word", [*ALL, *NAMED], ids=lambda word: word.primitive.name)
def test_windows_lie_in_the_domain(word):
    generator = np.random.default_rng(1)
    for use in word.uses:
        for box in use.boxes:
            drawn = iter([generator.uniform(low, high, 100) for low, high in box])
            orders = iter(use.orders)
            p = word.primitive
            named = {n: np.full(100, float(next(orders))) if n in p.opaque else next(drawn) for n in p.arguments}
            keywords = p.keywords(use.consts, constant_as_float)
            assert np.all(holds(p.domain, named | keywords))
            with np.errstate(all="ignore"):  # as in a sweep: both branches of a selection are computed
                value = p.forward(*named.values(), **keywords)
                partials = p.derivative(*named.values(), value, **keywords)
            assert np.all(np.isfinite(value))
            for name, slope in zip(p.arguments, partials if isinstance(partials, tuple) else (partials,), strict=True):
                assert name in p.opaque or np.all(np.abs(slope) <= STEEPEST * 1.5)


def test_windows_of_known_functions():
    ((low, high),) = windows(REGISTRY["asin"])[0]
    assert -1 < low < -0.8
    assert 0.8 < high < 1
    assert all(low > 1 for ((low, _),) in windows(REGISTRY["acosh"]))
    assert windows(REGISTRY["floor"], kinks=False)[0][0][1] <= windows(REGISTRY["floor"], kinks=False)[0][0][0] + 1
    assert windows(REGISTRY["mod"], kinks=False) == ()
    assert all(low > 0 for ((low, _),) in windows(REGISTRY["powc"], (Fraction(1, 2),)))


def test_no_window_where_nothing_is_defined():
    class Nowhere(Primitive, register=False):
        meaning, domain, name = "x", "x > 99", "nowhere"

        def forward(x):
            return x

        def derivative(x, y):
            return 1.0

    assert windows(Nowhere) == ()
