"""Certified verdicts on derivatives: an engine, SymPy's chain rule and finite differences before one jury.

    >>> import gradjury as gj
    >>> gj.verify("tanh(x)", at={"x": 20.0}).verdict
    'agree'
    >>> gj.verify("tanh(x)", at={"x": 20.0}, gradient={"x": 0.0}).verdict
    'inaccurate'

The public names are imported when they are first used: ``import gradjury`` itself loads neither NumPy nor
SymPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .assertion import assert_gradient
    from .course import lesson
    from .display import Verification, verify
    from .dropins import check_grad, check_grads, gradcheck, gradgradcheck
    from .engine.errors import EngineError
    from .engine.tracing import grad
    from .properties.campaign import resume, run
    from .verifier.engines.common import OPERATORS, TapeRunner
    from .verifier.errors import GradjuryError, InvalidInput, LimitExceeded, Unsupported

    __version__: str

__all__ = [
    "OPERATORS",
    "EngineError",
    "GradjuryError",
    "InvalidInput",
    "LimitExceeded",
    "TapeRunner",
    "Unsupported",
    "Verification",
    "__version__",
    "assert_gradient",
    "check_grad",
    "check_grads",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "lesson",
    "resume",
    "run",
    "verify",
]

_HOMES = {
    "EngineError": ".engine.errors",
    "GradjuryError": ".verifier.errors",
    "InvalidInput": ".verifier.errors",
    "LimitExceeded": ".verifier.errors",
    "OPERATORS": ".verifier.engines.common",
    "TapeRunner": ".verifier.engines.common",
    "Unsupported": ".verifier.errors",
    "Verification": ".display",
    "assert_gradient": ".assertion",
    "check_grad": ".dropins",
    "check_grads": ".dropins",
    "grad": ".engine.tracing",
    "gradcheck": ".dropins",
    "gradgradcheck": ".dropins",
    "lesson": ".course",
    "resume": ".properties.campaign",
    "run": ".properties.campaign",
    "verify": ".display",
}


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("gradjury")
    except PackageNotFoundError:  # an uninstalled checkout
        return "0+uninstalled"


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value: Any = _version()
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name], __name__), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
