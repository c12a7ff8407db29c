"""``assert_gradient`` and the display of a Verification."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import gradjury as gj


def f(x, y):
    return np.exp(np.sin(x)) * y


def right(x, y):
    return np.exp(np.sin(x)) * np.cos(x) * y, np.exp(np.sin(x))


def wrong_in_y(x, y):
    return right(x, y)[0], -right(x, y)[1]


POINTS = {"x": [0.5, 1.0, 2.0], "y": 2.0}


@pytest.mark.parametrize("function", [f, "exp(sin(x))*y", sp.exp(sp.sin(sp.Symbol("x"))) * sp.Symbol("y")])
def test_a_right_gradient_passes(function: object) -> None:
    gj.assert_gradient(function, right, at=POINTS)


def test_the_own_engine_passes() -> None:
    gj.assert_gradient(f, gj.grad(f), at=POINTS)
    gj.assert_gradient(lambda x: np.tanh(x), gj.grad(np.tanh), at={"x": [-20.0, 0.0, 20.0]})


@pytest.mark.parametrize(
    "gradient",
    [
        wrong_in_y,
        lambda x, y: list(wrong_in_y(x, y)),
        lambda x, y: np.array(wrong_in_y(x, y)),
        lambda x, y: dict(zip("xy", wrong_in_y(x, y), strict=True)),
    ],
)
def test_a_wrong_gradient_fails_with_the_evidence(gradient: object) -> None:
    with pytest.raises(AssertionError) as failure:
        gj.assert_gradient(f, gradient, at=POINTS)
    text = str(failure.value)
    assert text.startswith("wrong: no correct evaluation returns this number")
    for words in ("d/dy: wrong", "x = 0.5, y = 2.0", "symbolic", "difference", "^^^", "reproduce"):
        assert words in text
    assert "d/dx: wrong" not in text


def test_what_differences_cannot_see_is_found() -> None:
    with pytest.raises(AssertionError, match="inaccurate"):
        gj.assert_gradient("tanh(x)", {"x": 0.0}, at={"x": 20.0})


def test_the_verdicts_that_fail_are_chosen() -> None:
    gj.assert_gradient("tanh(x)", {"x": 0.0}, at={"x": 20.0}, fail_on=("wrong", "nonfinite"))
    with pytest.raises(AssertionError, match="kink"):
        gj.assert_gradient("Abs(x)", {"x": 0.0}, at={"x": 0.0}, fail_on=["kink"])


@pytest.mark.parametrize(
    ("gradient", "at", "fail_on", "message"),
    [
        (right, {"x": 1.0}, ("wrong",), "no value for"),
        (lambda x, y: 1.0, POINTS, ("wrong",), "expected 2 numbers, one for each of x, y"),
        (lambda x, y: {"x": 1.0}, POINTS, ("wrong",), "expected 2 numbers"),
        (right, POINTS, ("bad",), "fail_on: 'bad' is no verdict"),
    ],
)
def test_bad_arguments_are_named(gradient: object, at: dict, fail_on: tuple, message: str) -> None:
    with pytest.raises(gj.InvalidInput, match=message):
        gj.assert_gradient(f, gradient, at=at, fail_on=fail_on)


def test_a_verification_shows_itself() -> None:
    result = gj.verify("tanh(x)", at={"x": 20.0}, gradient={"x": 0.0})
    assert repr(result).startswith("inaccurate: a result that floating point can represent was lost")
    assert "gradjury verify --input -" in repr(result)
    html = result._repr_html_()
    assert html.startswith('<div class="gradjury">')
    assert "inaccurate" in html


def test_an_imaginary_part_of_a_gradient_is_no_detail() -> None:
    with pytest.raises(gj.InvalidInput, match=r"the gradient returned .*j.* for x; expected a number"):
        gj.assert_gradient("x**2", lambda x: 2 * x + 5j, at={"x": 1.0})
    with pytest.raises(gj.InvalidInput, match=r"at: x: given .*j.*; expected a number"):
        gj.assert_gradient("x**2", lambda x: 2 * x, at={"x": 1 + 1j})


def test_tensors_that_numpy_cannot_read_are_named() -> None:
    torch = pytest.importorskip("torch")
    moving = torch.tensor(1.0, requires_grad=True)
    for claim in (lambda x: moving, lambda x: {"x": moving}):
        with pytest.raises(gj.InvalidInput, match=r"the gradient returned .*requires_grad=True"):
            gj.assert_gradient("x**2", claim, at={"x": 1.0})
    for given in ({"at": {"x": moving}}, {"at": {"x": 1.0}, "gradient": {"x": moving}}):
        with pytest.raises(gj.InvalidInput, match=r"x: given .*requires_grad=True"):
            gj.verify("x**2", **given)
