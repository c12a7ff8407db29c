"""What the tests of all languages share: reading a function, its values and Jacobian, the verdict on a composite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import gradjury as gj
from gradjury.engine.sweep import Execution
from gradjury.properties.choices import seeded
from gradjury.properties.grammar import composite
from gradjury.properties.points import points
from gradjury.verifier import engine_named, write
from gradjury.verifier.languages.language import language_named
from gradjury.verifier.languages.own_rules import judge_entries
from gradjury.verifier.languages.subject import Subject
from gradjury.verifier.languages.unread import Unread

FLAGGED = ("wrong", "nonfinite", "inaccurate")


def subject(engine: str, function: Callable[..., Any], *arrays: Any, mode: str = "reverse") -> Subject:
    """The function at a point, its arguments called x, y, z."""
    return Subject(language_named(engine), function, "xyz"[: len(arrays)], [np.asarray(a, float) for a in arrays], mode)


def agrees(engine: str, function: Callable[..., Any], *arrays: Any, mode: str = "reverse") -> list[str]:
    """The function is read, what was read has its values, and each entry of its Jacobian agrees; the expressions."""
    one = subject(engine, function, *arrays, mode=mode)
    reading = one.read()
    cells = [cell for output in reading.outputs for cell in output.flat]
    run = Execution(reading.recorder.tape(0))
    run.forward(dict(zip(one.names, one.base, strict=True)))
    ours = [run.values[cell.index] for cell in cells]
    theirs = np.concatenate([y.reshape(-1) for y in one.values()])
    assert np.allclose(ours, theirs, rtol=1e-12, atol=1e-12), (ours, theirs)
    assert [o.shape for o in reading.outputs] == [y.shape for y in one.values()]
    found = list(judge_entries(one))
    for result in found:
        assert result.verdict in ("agree", "kink", "imprecise"), result
        assert all(p.certified for point in result.points for p in point.partials.values())
    return [write(result.tape) for result in found]


def unread(engine: str, function: Callable[..., Any], *arrays: Any) -> list[Unread]:
    """The function is judged by differences."""
    found = list(judge_entries(subject(engine, function, *arrays)))
    assert all(isinstance(result, Unread) for result in found)
    return found  # type: ignore[return-value]


def same_verdicts(engine: str, examples: int) -> None:
    """A composite function judged as text and as a function in the engine's language: both are flagged, or neither.

    Constants differ: those of text are exact decimals, those of a function are floats; so a verdict may be milder.
    """
    adapter = engine_named(engine)

    @given(st.integers(0, 2**32 - 1))
    @settings(max_examples=examples, deadline=None)
    def check(seed: int) -> None:
        made = composite(seeded(seed), nodes=(3, 12), primitives=adapter.primitives)
        tape, names = made.tape, made.tape.inputs
        at = {k: v.tolist() for k, v in points(made, 2, seed=seed, special=0.3).items() if k in names}

        def run(*inputs: Any) -> Any:
            return adapter._run(tape, inputs, np.dtype(float))[tape.output]

        code = f"lambda {', '.join(names)}: run({', '.join(names)})"
        function = eval(code, {"run": run})  # names of its own making
        text = gj.verify(tape, at=at, engine=engine)
        try:
            own = gj.verify(function, at=at, engine=engine)
        except gj.InvalidInput:  # what the engine does not take, such as an order that is no integer
            verdict = text.verdict
            assert verdict == "undecided", (write(tape), at)
            return
        for a, b in zip(text.points, own.points, strict=True):
            for name in names:
                if b.partials[name].verdict in FLAGGED:
                    assert a.partials[name].verdict not in ("agree", "kink", "undefined"), (write(tape), at, text, own)

    check()
