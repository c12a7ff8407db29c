"""The chain rule written out: products over paths whose sum is the derivative."""

from __future__ import annotations

import tracemalloc

import mpmath as mp
import pytest
import sympy as sp

from gradjury.engine.primitive import REGISTRY
from gradjury.engine.tape import Recorder
from gradjury.verifier import derivation
from gradjury.verifier.derivation import chain_products, local_derivatives, node_symbols, output_name
from gradjury.verifier.reading.reader import read

from .truth import derivative, values


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("exp(sin(x)*y)", {"x": "y*exp(b)*cos(x)", "y": "a*exp(b)"}),
        ("x**2", {"x": "2*x"}),
        ("x", {"x": "1"}),
        ("3 + 0*y", {"y": "0"}),
        ("a = x**2; b = exp(a); b**2", {"x": "(2*b)*(2*x)*exp(a)"}),
        ("besselj(n, x)", {"n": "None", "x": "besselj(n - 1, x)/2 - besselj(n + 1, x)/2"}),
        ("Max(x, 0)", {"x": "Piecewise((1, x >= 0), (0, True))"}),
    ],
)
def test_products_are_written_from_the_output(text, shown):
    found = chain_products(read(text))
    assert list(found) == list(shown)
    assert {name: str(product) for name, product in found.items()} == shown


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a = exp(sin(x)*y); b = a/(1 + x**2); tanh(b) + a*b", {"x": 0.7, "y": 1.3}),
        ("a = x*y; a*a + a*sin(a) + x", {"x": 0.7, "y": 1.3}),
        ("Max(x, y)*Abs(x - y) + floor(x)*x", {"x": 0.7, "y": 1.3}),
        ("x**1.5 + hypot(x, y)/y", {"x": 0.7, "y": 1.3}),
    ],
)
def test_the_sum_over_paths_is_the_derivative_of_mpmath(text, at):
    tape = read(text)
    point = [at[name] for name in tape.inputs]
    with mp.workdps(60):
        exact = {s: sp.Float(str(v), 50) for s, v in zip(node_symbols(tape), values(tape, point), strict=True)}
    for j, product in enumerate(chain_products(tape).values()):
        found = product.subs({s: v for s, v in exact.items() if s.is_Symbol}).evalf(40)
        assert abs(mp.mpf(str(found)) - derivative(tape, point, j)) < 1e-12


def test_symbols_are_the_authors_then_letters_then_numbers():
    tape = read("b = x*y; sin(b) + exp(b)*2")
    assert [str(s) for s in node_symbols(tape)] == ["x", "y", "b", "a", "c", "2", "d", "e"]
    assert "y" not in [str(s) for s in node_symbols(read("sin(x)*2"))]  # kept for the function's value
    long = read("+".join(f"sin({n}*x)" for n in range(1, 12)))
    assert str(node_symbols(long)[-1]).startswith("v")


def test_where_very_many_paths_meet_the_adjoint_is_left_as_a_symbol():
    recorder = Recorder(["x"])
    chain = [0]
    mul = read("x*x").nodes[-1].primitive
    for _ in range(12):
        chain.append(recorder.add(mul, (chain[-1], chain[-1])))
    tape = recorder.tape(chain[-1])
    found = chain_products(tape)["x"]
    assert len(found.args) <= derivation.MOST_PATHS
    # with the values of the nodes, and of the one adjoint that is not written out, the sum is all of dy/dx
    at = {symbol: sp.Rational(9, 8) ** (2**k) for k, symbol in enumerate(node_symbols(tape))}
    assert [s.name for s in found.free_symbols - set(at)] == ["dy/de"]
    node = chain[-1] - 7  # the first, from the output, to which more than 64 paths lead
    assert node_symbols(tape)[node].name == "e"
    at[sp.Symbol("dy/de", real=True)] = 128 * sp.Rational(9, 8) ** (2**12 - 2**node)
    assert found.subs(at) == 4096 * sp.Rational(9, 8) ** 4095


def test_the_value_is_called_by_its_name_or_y():
    for text, name in [("sin(x)", "y"), ("b = sin(x); b", "b"), ("sin(y)", "z"), ("x", "x"), ("sin(y*z)", "y0")]:
        tape = read(text)
        assert output_name(tape, node_symbols(tape)) == name


def test_a_name_for_the_value_is_found_whatever_the_variables_are_called():
    names = ["y", "z", *(f"y{k}" for k in range(12))]
    tape = read(f"sin({'*'.join(names)})")
    assert output_name(tape, node_symbols(tape)) == "y12"
    assert list(chain_products(tape)) == names


def test_a_long_chain_of_products_takes_no_memory_for_those_of_all_its_nodes():
    recorder = Recorder(["x"])
    last = 0
    for _ in range(4000):
        last = recorder.add(REGISTRY["sin"], (last,))
    tracemalloc.start()
    found = chain_products(recorder.tape(last))["x"]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.args) == 4000
    assert peak < 40e6  # with a list of factors for each node it is 74 MB


def test_operations_on_constants_alone_are_not_differentiated():
    """SymPy would evaluate this one as a sum of 10^308 terms."""
    tape = read("polygamma(1, 1e308)*x")
    (constant,) = (i for i in tape.operations if not tape.active[i])
    assert local_derivatives(tape, constant, node_symbols(tape)) == [None, None]
    assert {name: str(product) for name, product in chain_products(tape).items()} == {"x": "a"}
