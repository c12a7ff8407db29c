"""Functions written with autograd: what is read, and what is run."""

from __future__ import annotations

import numpy as np
import pytest

import gradjury as gj

from .checks import agrees, same_verdicts, unread

pytest.importorskip("autograd")
anp = pytest.importorskip("autograd.numpy")
extend = pytest.importorskip("autograd.extend")

W = np.array([0.5, 1.25, 2.0])


@extend.primitive
def bent_exp(x):
    return anp.exp(x)


extend.defvjp(bent_exp, lambda y, x: lambda g: g * y * (1 + 1e-6))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: anp.sin(x) * anp.exp(x) + x**2,
        lambda x: anp.sum(anp.tanh(x)) + anp.dot(x, x) + anp.mean(x) + anp.max(x) * x[0],
        lambda x: anp.sum(anp.where(x > 1, x, x**2)),
        lambda x: anp.linalg.norm(x) * anp.outer(x, x),
        lambda x: anp.concatenate([x, x[::-1]]).reshape(2, 3).T,
        lambda x: (x[0] * x[1], anp.sum(x, axis=0, keepdims=True)),
    ],
)
def test_functions_of_an_array(function) -> None:
    agrees("autograd", function, W)


def test_functions_of_numbers_and_forward_mode() -> None:
    agrees("autograd", lambda x, y: anp.sin(x) * y, 0.5, 2.0)
    agrees("autograd", lambda x: anp.exp(x) * x[0], W, mode="forward")


def test_what_cannot_be_read() -> None:
    for result in unread("autograd", lambda x: anp.sort(x)[0] ** 2, W):
        assert result.verdict == "agree"
    (result,) = unread("autograd", lambda x: x if x > 0 else -x, 0.5)
    assert "asked for while the function was being traced" in result.why


def test_a_primitive_of_the_users_own_is_judged_and_named() -> None:
    found = gj.verify(lambda x: bent_exp(anp.sin(x)) * 2, at={"x": 0.5}, engine="autograd")
    assert (found.verdict, found.blame.kind, found.blame.primitive) == ("wrong", "rule", "bent_exp")
    assert found.blame.minimal == "exp(x)"


def test_an_overflow_is_no_exception() -> None:
    found = gj.verify(lambda x, y: x / y**2, at={"x": 1.0, "y": [1e-200, 1.0]}, engine="autograd")
    assert [p.partials["x"].engine for p in found.points] == [float("inf"), 1.0]


def test_composites_get_the_verdict_of_their_text() -> None:
    same_verdicts("autograd", 25)


def test_a_rule_that_is_missing_or_raises_is_undecided() -> None:
    @extend.primitive
    def bare(x):
        return np.sin(x)

    @extend.primitive
    def misspelt(x):
        return anp.sin(x)

    extend.defvjp(misspelt, lambda ans, x: lambda g: g * cosine(x))  # noqa: F821  # the mistake
    for function, error in ((bare, NotImplementedError), (misspelt, NameError)):
        found = gj.verify(lambda x, f=function: f(x) * 3, at={"x": 1.5}, engine="autograd")
        assert found.verdict == "undecided", error
        assert error.__name__ in str(found.points[0].partials["x"].reason)


def test_a_function_of_numpys_is_run_by_the_table() -> None:
    found = gj.verify(lambda x: np.sin(x) * x, engine="autograd", points=2)
    assert (found.verdict, found.expression) == ("agree", "sin(x)*x")


def test_a_place_that_depends_on_a_variable_is_said_to() -> None:
    (found,) = unread("autograd", lambda x: (x[x > 0.6] ** 2).sum(), W)
    assert found.why == "a place that depends on a variable"


def test_conditions_of_numbers_are_read() -> None:
    """What has no gradient returns a plain bool of a number, for which autograd has no box."""

    def function(x):
        return anp.where(anp.logical_and(x > 0, x < 2), anp.sin(x), x**2)

    found = gj.verify(function, at={"x": [0.5, -1.5, 3.0, 0.0]}, engine="autograd")
    assert [p.partials["x"].verdict for p in found.points] == ["agree", "agree", "agree", "kink"]
    assert all(p.partials["x"].certified for p in found.points)


def test_a_primitive_that_is_wrong_at_a_later_point_is_named() -> None:
    @extend.primitive
    def half_parabola(x):
        return np.where(x < 0, x**2, x)

    extend.defvjp(half_parabola, lambda y, x: lambda g: g * np.where(x < 0, x, 1.0))  # of the parabola it forgets 2
    found = gj.verify(lambda x: anp.sin(half_parabola(x)) * 2, at={"x": [0.5, -0.5]}, engine="autograd")
    assert [p.partials["x"].verdict for p in found.points] == ["agree", "wrong"]
    assert (found.blame.kind, found.blame.primitive, found.blame.at) == ("rule", "half_parabola", {"x": -0.5})


def test_an_operation_that_the_library_s_table_lacks_is_blamed_all_the_same() -> None:
    special = pytest.importorskip("scipy.special")

    @extend.primitive
    def own(x):
        return special.ellipk(x)

    extend.defvjp(own, lambda ans, x: lambda g: g * ans * 1.01)
    found = gj.verify(lambda x: own(anp.sin(x)) * 2, at={"x": 0.5}, engine="autograd")
    assert (found.verdict, found.blame.primitive, found.blame.minimal) == ("wrong", "own", "elliptic_k(x)")
