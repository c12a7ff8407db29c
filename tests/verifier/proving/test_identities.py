"""Showing that expressions vanish: what does, and what must not."""

import pytest
import sympy as sp

from gradjury.verifier.proving.identities import vanishing

x, n = sp.symbols("x n", positive=True)
k = sp.floor(x + sp.Rational(1, 2))


@pytest.mark.parametrize(
    "expression",
    [
        sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1,
        1 - sp.tanh(x) ** 2 - 1 / sp.cosh(x) ** 2,
        n * x ** (n - 1) - n * x**n / x,
        sp.gamma(x + 2) / (x * (x + 1)) - sp.gamma(x),
        sp.besselj(n - 1, x) + sp.besselj(n + 1, x) - 2 * n / x * sp.besselj(n, x),
        sp.besselk(n + 1, x) - sp.besselk(n - 1, x) - 2 * n / x * sp.besselk(n, x),
        n * sp.expint(n + 1, x) - sp.exp(-x) + x * sp.expint(n, x),
        1 / (x + sp.exp(sp.LambertW(x))) - sp.LambertW(x) / (x * (1 + sp.LambertW(x))),
        (1 - 2 * sp.Mod(k, 2)) * sp.sin(sp.pi * (x - k)) - sp.sin(sp.pi * x),
    ],
)
def test_zero(expression):
    assert vanishing(expression, 20.0)[0] is not None


@pytest.mark.parametrize(
    "expression",
    [
        sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1 + sp.Rational(1, 10**40),
        sp.exp(x) - 1 - x,
        sp.besselj(n - 1, x) - sp.besselj(n + 1, x),
        (1 - 2 * sp.Mod(k, 2)) * sp.sin(sp.pi * (x - k)) + sp.sin(sp.pi * x),
        sp.gamma(x + 1) - sp.gamma(x),
        sp.nan,
    ],
)
def test_not_zero(expression):
    assert vanishing(expression, 5.0)[0] is None


def test_the_time_is_limited():
    hard = sum(sp.besselj(i, x) * sp.gamma(x + i) * sp.sin(i * x) for i in range(30)) - 1
    assert vanishing(hard, 0.05) == (None, False)
