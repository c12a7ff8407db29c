"""What the tests of all adapters share: every function of a table against mpmath, where nothing is difficult."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

import gradjury as gj
from gradjury.engine import REGISTRY
from gradjury.engine.tape import Recorder, Tape
from gradjury.verifier import Unsupported
from gradjury.verifier.engines.common import TapeRunner

mp = mpmath.mp.clone()
mp.dps = 50

CONSTANTS = {"c": Fraction(3), "n": Fraction(2), "h": Fraction(1, 2), "slope": Fraction(1, 100), "alpha": Fraction(1)}
SELU = mp.mpf("1.0507009873554804934193349852946"), mp.mpf("1.6732632423543772848170429916717")

#: Truth for each primitive at an ordinary point, in the order of its arguments and with CONSTANTS.
TRUTH: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda x: -x,
    "pow": lambda a, b: a**b,
    "powc": lambda x: x**3,
    "cbrt": mp.cbrt,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1 / x,
    "hypot": lambda a, b: mp.sqrt(a * a + b * b),
    "exp2": lambda x: mp.mpf(2) ** x,
    "log2": lambda x: mp.log(x, 2),
    "logaddexp": lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
    "xlogy": lambda a, b: a * mp.log(b),
    "ldexp": lambda x: 4 * x,
    "atan2": mp.atan2,
    "normalized_sinc": lambda x: mp.sin(mp.pi * x) / (mp.pi * x),
    "abs": abs,
    "sign": lambda x: mp.mpf(1),
    "floor": lambda x: mp.floor(x),
    "ceil": lambda x: mp.ceil(x),
    "maximum": max,
    "minimum": min,
    "mod": lambda a, b: a - b * mp.floor(a / b),
    "clip": lambda x, low, high: min(max(x, low), high),
    "heaviside": lambda x: mp.mpf(1),
    "where": lambda left, right, a, b: a if left < right else b,
    "digamma": lambda x: mp.psi(0, x),
    "polygamma": lambda x: mp.psi(1, x),
    "loggamma": lambda x: mp.loggamma(x),
    "besselj": lambda x: mp.besselj(1, x),
    "bessely": lambda x: mp.bessely(1, x),
    "besseli": lambda x: mp.besseli(1, x),
    "besselk": lambda x: mp.besselk(1, x),
    "i0": lambda x: mp.besseli(0, x),
    "i1": lambda x: mp.besseli(1, x),
    "zeta": lambda x: mp.zeta(2, x),
    "hyp1f1": lambda x: mp.hyp1f1(1, 3, x),
    "hyp2f1": lambda x: mp.hyp2f1(1, mp.mpf(1) / 2, mp.mpf(3) / 2, x),
    "Ei": mp.ei,
    "expint": lambda x: mp.expint(1, x),
    "Si": mp.si,
    "Ci": mp.ci,
    "fresnels": mp.fresnels,
    "fresnelc": mp.fresnelc,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "logsigmoid": lambda x: -mp.log(1 + mp.exp(-x)),
    "softplus": lambda x: mp.log(1 + mp.exp(x)),
    "relu": lambda x: max(x, mp.mpf(0)),
    "leaky_relu": lambda x: x if x > 0 else x / 100,
    "elu": lambda x: x if x > 0 else mp.expm1(x),
    "selu": lambda x: SELU[0] * (x if x > 0 else SELU[1] * mp.expm1(x)),
    "gelu": lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "mish": lambda x: x * mp.tanh(mp.log(1 + mp.exp(x))),
    "softsign": lambda x: x / (1 + abs(x)),
}

#: Opaque arguments that are not all 1.
ORDERS = {"zeta": (2,), "hyp1f1": (1, 3), "hyp2f1": (1, Fraction(1, 2), Fraction(3, 2))}

#: Beyond 1, where these are real.
OUTSIDE = ("acosh", "acoth", "asec", "acsc")


def truth(name: str) -> Callable[..., Any]:
    """The function in mpmath: the one above, or mpmath's of that name."""
    found: Callable[..., Any] = TRUTH.get(name) or getattr(mp, name)
    return found


def alone(name: str) -> Tape:
    """A tape of one primitive on variables; its orders, if any, are 1 or those of ``ORDERS``; ``where`` is by ``<``."""
    primitive = REGISTRY[name]
    free = [a for a in primitive.arguments if a not in primitive.opaque]
    recorder, orders = Recorder(free), dict(zip(primitive.opaque, ORDERS.get(name, (1, 1, 1)), strict=False))
    args = tuple(
        recorder.constant(Fraction(orders[a])) if a in primitive.opaque else free.index(a) for a in primitive.arguments
    )
    consts = tuple("<" if c == "relation" else CONSTANTS[c] for c in primitive.constants)
    return recorder.tape(recorder.add(primitive, args, consts))


def check_spellings(engine: type[TapeRunner], name: str, dtype: str, tolerance: float) -> None:
    """Every spelling of a primitive, value and partials at two ordinary points, against mpmath.

    Args:
        engine: the class of the adapter.
        name: of the primitive.
        dtype: of the arrays.
        tolerance: relative; ordinary points lose nothing, so a wrong function or order of arguments is far outside.
    """
    tape = alone(name)
    columns = {a: [0.375 + 0.1875 * k, 0.625 + 0.25 * k] for k, a in enumerate(tape.inputs)}
    if name in OUTSIDE:
        columns = {a: [x + 1.5 for x in column] for a, column in columns.items()}
    at = {a: np.array(column, dtype) for a, column in columns.items()}
    spellings = engine.spellings(name)
    assert spellings
    for spelling in spellings:
        try:
            value, partials = engine({name: spelling}).gradient(tape, at, dtype)
        except Unsupported:
            if name != "clip":  # whose bounds may be constants only
                raise
            continue
        for k in range(2):
            point = [mp.mpf(float(at[a][k])) for a in tape.inputs]
            exact = truth(name)(*point)
            assert abs(value[k] - exact) <= tolerance * abs(exact), (name, spelling, point, value[k], exact)
            for j, a in enumerate(tape.inputs):
                orders = tuple(int(i == j) for i in range(len(point)))
                slope = mp.diff(truth(name), tuple(point), orders)
                close = abs(partials[a][k] - slope) <= tolerance * max(1, abs(slope))
                assert close, (name, spelling, a, point, partials[a][k], slope)


def found(engine: str, text: str, **at: float) -> tuple[str, dict[str, float], str | None]:
    """Verdict, the engine's partials, and the primitive to blame."""
    result = gj.verify(text, at=at, engine=engine)
    partials = {name: p.engine for name, p in result.points[0].partials.items()}
    return result.verdict, partials, result.blame.primitive if result.blame else None


def exact(function: Callable[[Any], Any], x: float) -> float:
    """The derivative at x by mpmath, at 50 digits, far from where it is computed by the engine."""
    with mp.workdps(50 + int(abs(mpmath.log10(abs(x) or 1)))):
        return float(mp.diff(function, mp.mpf(x)))


def check_higher(engine: str, dtype: str = "float64") -> None:
    """Second and third derivatives by one variable, at K points and at one, also where nothing is left of the input."""
    by = {
        ("x", 2): lambda x, y: mp.exp(mp.sin(x)) * (mp.cos(x) ** 2 - mp.sin(x)) * y**3,
        ("y", 2): lambda x, y: mp.exp(mp.sin(x)) * 6 * y,
        ("x", 3): lambda x, y: mp.exp(mp.sin(x)) * mp.cos(x) * (mp.cos(x) ** 2 - 3 * mp.sin(x) - 1) * y**3,
        ("y", 3): lambda x, y: mp.exp(mp.sin(x)) * 6,
    }
    xs, ys = [0.5, 1.25], [1.5, -0.75]
    for (name, order), derivative in by.items():
        result = gj.verify("exp(sin(x))*y**3", at={"x": xs, "y": ys}, engine=engine, order=order, wrt=name, dtype=dtype)
        assert result.verdict in ("agree", "imprecise"), result
        for point, x, y in zip(result.points, xs, ys, strict=True):
            exact = derivative(mp.mpf(x), mp.mpf(y))
            assert abs(point.partials[name].engine - exact) < (1e-10 if dtype == "float64" else 1e-5) * abs(exact)
    straight = gj.verify("2*x + y*x", at={"x": 0.5, "y": 1.5}, engine=engine, order=2, dtype=dtype)
    assert {name: p.engine for name, p in straight.points[0].partials.items()} == {"x": 0.0, "y": 0.0}
    assert straight.verdict == "agree"


def check_first_only(engine: str) -> None:
    """An engine that is not asked for derivatives of derivatives says so."""
    result = gj.verify("exp(x)", at={"x": [0.5, 1.0]}, engine=engine, order=2)
    assert result.verdict == "undecided"
    assert result.points[0].partials["x"].reason == f"{engine} is asked for first derivatives only"
