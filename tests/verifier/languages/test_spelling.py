"""How a table is written, and lines in an engine's own language."""

from __future__ import annotations

import contextlib
import io
from typing import Any, ClassVar

import numpy as np
import pytest

import gradjury as gj
from gradjury.verifier import Unsupported, read
from gradjury.verifier.engines.common import Script, compare, whole_order
from gradjury.verifier.languages.snippet import snippet
from gradjury.verifier.languages.spelling import names_of, written


class Plain(gj.TapeRunner):
    """NumPy with derivatives from nowhere."""

    name, version = "plain", "1"
    script: ClassVar[Script | None] = Script(
        imports="import math\nimport numpy as np",
        variable="np.array([{x}], np.{dtype})",
        constant="np.array({x})",
        value="print(f({args}).item())",
        partial="print({i}, {seed_of!r})".replace("{seed_of!r}", "'{wrt}'"),
    )
    table: ClassVar[Any] = {
        **gj.OPERATORS,
        "sin": (np.sin, lambda x: np.cos(x - 1.5707963267948966)),
        "polygamma": lambda n, x: np.power(x, whole_order(n, "polygamma")),
        "where": lambda left, right, a, b, relation: np.where(compare(left, right, relation), a, b),
        "maximum": np.maximum,
    }


def printed(code: str) -> str:
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        exec(compile(code, "snippet", "exec"), {})  # this project's own lines
    return text.getvalue().strip()


def test_functions_are_written_as_the_table_has_them() -> None:
    assert written(Plain, "sin", 0, ["x"]) == "np.sin(x)"
    assert written(Plain, "sin", 1, ["a + 1"]) == "np.cos(a + 1 - 1.5707963267948966)"
    assert written(Plain, "add", 0, ["x", "3.0"]) == "x + 3.0"
    assert written(Plain, "powc", 0, ["x", "-1"]) == "x ** -1"
    assert written(Plain, "polygamma", 0, ["1.0", "x"]) == "np.power(x, 1)"
    assert written(Plain, "where", 0, ["x", "0.0", "a", "b", "<="]) == "np.where(x <= 0.0, a, b)"
    assert names_of("where") == ("left", "right", "a", "b", "relation")


def test_a_snippet_computes_what_the_adapter_does() -> None:
    tape = read("a = sin(x); where(a < 0.5, a*y, maximum(a, 2)) + x**2")
    code = snippet(Plain(), tape, {"x": 0.25, "y": 3.0}, None)
    assert float(printed(code)) == Plain().values(tape, {"x": 0.25, "y": 3.0}, "float64")[-1]
    assert "import math" not in code  # what is not needed is left away
    assert "gradjury" not in code
    other = snippet(Plain(), read("sin(x)"), {"x": 0.25}, None, spellings={"sin": 1})
    assert "np.cos" in other
    assert printed(snippet(Plain(), tape, {"x": 0.25, "y": 3.0}, "y")) == "1 y"


def test_names_of_inputs_are_not_taken_for_intermediate_values() -> None:
    at = {"v2": 2.0, "v3": 3.0, "v4": 5.0}
    tape = read("sin(v2)*v3 + v4*v3")
    assert float(printed(snippet(Plain(), tape, at, None))) == Plain().values(tape, at, "float64")[-1]


def test_what_an_engine_lacks_has_no_snippet() -> None:
    with pytest.raises(Unsupported, match="plain has no exp"):
        snippet(Plain(), read("exp(x)"), {"x": 0.5}, "x")
    with pytest.raises(Unsupported, match="no snippets"):
        snippet(
            gj.TapeRunner.__new__(type("Silent", (gj.TapeRunner,), {"name": "silent"})), read("x + 1"), {"x": 0.5}, "x"
        )


@pytest.mark.parametrize("name", ["torch", "jax", "autograd", "mygrad", "casadi"])
def test_snippets_of_engines_print_what_was_judged(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    library = pytest.importorskip(name, reason=f"{name} is not installed")
    if name == "jax":  # whose snippets switch to 64 bits, which the other tests are not to see
        with library.enable_x64(True):
            monkeypatch.setattr(library.config, "update", lambda *_: None)
            _check_snippets(name)
    else:
        _check_snippets(name)


def _check_snippets(name: str) -> None:
    for text, at in (("tanh(x)*y", {"x": 0.5, "y": 2.0}), ("a = exp(x); a*a + x/y", {"x": 0.25, "y": 3.0})):
        tape = read(text)
        from gradjury.verifier import engine_named

        engine: Any = engine_named(name)
        value, gradient = engine.gradient(tape, at, "float64")
        assert float(printed(snippet(engine, tape, at, None))) == value
        for wrt in tape.inputs:
            assert float(printed(snippet(engine, tape, at, wrt))) == gradient[wrt]
