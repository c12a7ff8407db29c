"""What Arb is asked costs seconds at most, and nothing is said of the rest."""

from __future__ import annotations

import subprocess
import sys

import pytest
import sympy as sp
from flint import arb

from gradjury.verifier.oracle import balls


def test_arguments_that_no_float_comes_near_cost_nothing():
    """Arb's own special functions take minutes there."""
    tiny, huge = arb(2) ** -200_000, arb(2) ** 200_000
    assert balls.FUNCTIONS[sp.erf](tiny).contains(0)
    assert balls.FUNCTIONS[sp.erf](tiny).rad() < 1e-300
    assert balls.FUNCTIONS[sp.airyai](huge).is_nan()
    assert balls.FUNCTIONS[sp.besselj](arb(2), -huge).is_nan()


@pytest.mark.parametrize(
    ("head", "arguments"),
    [
        ("besseli", (1e17, 1e3)),
        ("besselk", (1e17, 1e6)),
        ("expint", (1e17, 1e6)),
        ("polylog", (1e17, 0.5)),
        ("polylog", (-1e17, -0.5)),
        ("polylog", (1e3, -1e3)),
        ("zeta", (-1e300, 0.5)),
        ("polygamma", (1e10, -1e6)),
        ("lowergamma", (1e10, 1e10)),
        ("uppergamma", (1e10, 1e10)),
    ],
)
def test_orders_that_take_arb_for_ever_cost_seconds(head, arguments):
    code = f"""
import sympy as sp
from flint import arb
from gradjury.verifier.oracle import balls
for bits in (128, 4096):
    with balls.precision(bits):
        balls.FUNCTIONS[sp.{head}](*map(arb, {arguments}))
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_hypergeometric_function_of_a_huge_parameter_says_nothing():
    function, arguments = balls.call(sp.hyper([sp.Integer(10) ** 17], [2], sp.Symbol("x")))
    assert len(arguments) == 3
    assert function(arb(1e17), arb(2), arb(0.5)).is_nan()
