"""Complete elliptic integrals of the parameter m.

The derivatives (DLMF 19.4) are differences that vanish with m over m: near 0 their power series instead.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc

from ..primitive import Primitive
from .accurate import PI, evaluate

Array = Any

#: Below this the series; more than that and the difference has all but two bits.
NEAR, TERMS = 0.6, 78


def _series(x: Array, weights: list[float]) -> Array:
    x = np.clip(x, -NEAR, NEAR)
    total = weights[-1]
    for weight in reversed(weights[:-1]):
        total = weight + x * total
    return total


#: ((1/2)ₖ/k!)², K(m) = π/2 Σ cₖ mᵏ and E(m) = π/2 Σ cₖ mᵏ/(1 − 2k).
_CENTRAL = [1.0]
for _k in range(1, TERMS):
    _CENTRAL.append(_CENTRAL[-1] * ((_k - 0.5) / _k) ** 2)
_K_SLOPE = [0.5 * PI * k * _CENTRAL[k] for k in range(1, TERMS)]
_E_SLOPE = [0.5 * PI * k * _CENTRAL[k] / (1 - 2 * k) for k in range(1, TERMS)]


class EllipticK(Primitive):
    """Complete elliptic integral of the first kind; pole at m = 1."""

    name = "elliptic_k"
    meaning = "elliptic_k(x)"
    domain = "x < 1"
    special = True
    ulps = 5
    ufuncs = (sc.ellipk,)
    aliases = ("ellipk",)

    def forward(x: Array) -> Array:
        return sc.ellipk(x)

    def derivative(x: Array, y: Array) -> Array:
        far = np.where(np.abs(x) < NEAR, NEAR, x)
        slope = (evaluate(EllipticE, far) / (1.0 - far) - y) / (2.0 * far)
        return np.where(np.abs(x) < NEAR, _series(x, _K_SLOPE), slope)[()]


class EllipticE(Primitive):
    """Complete elliptic integral of the second kind; infinite slope at m = 1."""

    name = "elliptic_e"
    meaning = "elliptic_e(x)"
    domain = "x <= 1"
    kinks = "x == 1"
    special = True
    ulps = 6
    ufuncs = (sc.ellipe,)
    aliases = ("ellipe",)

    def forward(x: Array) -> Array:
        return sc.ellipe(x)

    def derivative(x: Array, y: Array) -> Array:
        far = np.where(np.abs(x) < NEAR, NEAR, x)
        slope = 0.5 * (y - evaluate(EllipticK, far)) / far  # twice the largest float is none
        return np.where(np.abs(x) < NEAR, _series(x, _E_SLOPE), slope)[()]
