"""Results are copied and sent to other processes with all that they tell."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

import gradjury as gj
from gradjury.verifier.oracle import balls

RESULTS: list[Callable[[], Any]] = [
    lambda: gj.verify("x**2", at={"x": [1.0, 2.0]}),
    lambda: gj.verify("a = x**2; tanh(a) * y", at={"x": [3.0, 5.0], "y": 2.0}, gradient={"x": 0.0, "y": 1.0}),
    lambda: gj.verify("Abs(x) + besselj(2, x)", at={"x": [0.0, 1.0]}),
    lambda: gj.verify("log(x)", at={"x": [0.0, np.nan]}),
    lambda: gj.verify("exp(x)", at={"x": np.linspace(0, 1, 64)}, certify="suspicious"),
    lambda: gj.verify("tanh(x)", at={"x": 1.0}, derivative={"x": "1 - tanh(x)**2"}),
    lambda: gj.verify("x * tanh(x)", at={"x": 1.0}, order=3),
]


@pytest.mark.parametrize("make", RESULTS)
@pytest.mark.parametrize("again", [copy.deepcopy, lambda found: pickle.loads(pickle.dumps(found))])
def test_a_result_again_tells_the_same(make: Callable[[], Any], again: Callable[[Any], Any]) -> None:
    assert repr(again(make())) == repr(make())  # before anything was read of it
    read = make()
    told = read.to_record()
    assert again(read).to_record() == told
    assert again(read)._repr_html_() == read._repr_html_()
    assert again(read).blame == read.blame


@pytest.mark.parametrize("engine", ["torch", "autograd"])
def test_the_engine_that_was_judged_goes_along(engine: str) -> None:
    pytest.importorskip(engine)
    found = gj.verify("a = tanh(x); a * exp(a)", at={"x": [0.5, 20.0]}, engine=engine)
    sent = pickle.loads(pickle.dumps(found))
    assert sent.engine == found.engine
    assert sent.to_record() == found.to_record()


def test_another_spelling_goes_along() -> None:
    torch = pytest.importorskip("torch")
    from gradjury.verifier.engines.torch import Torch

    engine = Torch().with_spelling("tanh", torch.sin)
    sent = pickle.loads(pickle.dumps(engine))
    assert {name: sent._functions[name] for name in ("tanh", "exp")} == {
        name: engine._functions[name] for name in ("tanh", "exp")
    }
    assert sent._functions["tanh"] is torch.sin


@pytest.mark.parametrize("bits", [53, 200, 4000])
@pytest.mark.parametrize(
    "text", ["1", "-0.1", "1e-5000", "3e400", "nan", "inf", "-inf", "[0.1 +/- 1e-3]", "[+/- inf]", "[2 +/- inf]"]
)
def test_a_ball_stays_what_it_is(text: str, bits: int) -> None:
    before, ctx.prec = ctx.prec, bits
    try:
        ball = arb(text) / 3
    finally:
        ctx.prec = before
    again = pickle.loads(pickle.dumps(ball))
    assert (again.is_nan(), again > 0, again < 0) == (ball.is_nan(), ball > 0, ball < 0)
    assert again.is_nan() or again.contains(ball)
    if ball.is_finite():
        assert again.mid() == ball.mid()
        assert again.rad() <= ball.rad() * (1 + arb(2) ** -28)


def test_the_zero_that_ends_paths_stays_itself() -> None:
    assert pickle.loads(pickle.dumps(balls.ZERO)) is balls.ZERO
