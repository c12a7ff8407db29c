"""All primitives, one module a family; importing this package fills the registry."""

from . import (
    activations,
    airy,
    arithmetic,
    bessel,
    elliptic,
    errorfunctions,
    exponential,
    gammafunctions,
    hyperbolic,
    hypergeometric,
    integrals,
    legendre,
    piecewise,
    polylogarithms,
    powers,
    trigonometric,
)

__all__ = [
    "activations",
    "airy",
    "arithmetic",
    "bessel",
    "elliptic",
    "errorfunctions",
    "exponential",
    "gammafunctions",
    "hyperbolic",
    "hypergeometric",
    "integrals",
    "legendre",
    "piecewise",
    "polylogarithms",
    "powers",
    "trigonometric",
]
