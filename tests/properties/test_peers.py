"""The checkers of other libraries, called on given numbers: they find what they say, and are the libraries' own."""

import math

import pytest

from gradjury.properties.peers import CHECKERS, installed

POINT = [0.4, 2.0]
#: Relative errors that each criterion just passes and just fails.
EDGES = {
    "torch gradcheck": (5e-4, 2e-3),
    "torch gradcheck fast": (5e-4, 3e-3),
    "jax check_grads": (5e-6, 1e-4),
    "autograd check_grads": (1e-7, 1e-5),
}


def value(point):
    return math.sin(point[0]) * point[1]


def gradient(error=0.0):
    return lambda point: [math.cos(point[0]) * point[1] * (1 + error), math.sin(point[0]) * (1 + error)]


def checker(name):
    library = next(library for library, made in CHECKERS.items() if name in made)
    pytest.importorskip(library)
    return CHECKERS[library][name]()


@pytest.mark.parametrize("name", EDGES)
def test_where_a_criterion_begins_to_see(name):
    check = checker(name)
    passes, fails = EDGES[name]
    assert not check(value, gradient(), POINT)
    assert not check(value, gradient(passes), POINT)
    assert check(value, gradient(fails), POINT)


@pytest.mark.parametrize("name", EDGES)
def test_the_same_answer_twice(name):
    check = checker(name)
    assert len({check(value, gradient(3e-6), POINT) for _ in range(5)}) == 1


def test_all_installed_ones_are_made():
    found = installed()
    for library, made in CHECKERS.items():
        try:
            __import__(library)
        except ImportError:
            assert not set(made) & set(found)
        else:
            assert set(made) <= set(found)


@pytest.mark.parametrize("error", [0.0, 5e-6, 1e-4, 0.1])
def test_jax_check_grads_itself_says_the_same(error):
    """``check_vjp`` on given numbers against ``check_grads`` on a function with that rule, traced by jax."""
    jax = pytest.importorskip("jax")
    from jax import numpy as jnp
    from jax.test_util import check_grads

    with jax.enable_x64(True):

        @jax.custom_vjp
        def function(a, b):
            return jnp.sin(a) * b

        def forward(a, b):
            return function(a, b), (a, b)

        def backward(kept, seed):
            a, b = kept
            return seed * jnp.cos(a) * b * (1 + error), seed * jnp.sin(a) * (1 + error)

        function.defvjp(forward, backward)
        try:
            check_grads(function, tuple(POINT), order=1, modes=["rev"])
            raised = False
        except AssertionError:
            raised = True
    assert checker("jax check_grads")(value, gradient(error), POINT) == raised
