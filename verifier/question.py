"""What is asked about a function: the arguments of :func:`~gradjury.verifier.verify`, as one thing to hand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ..engine.tape import Tape
from .arguments import by_variable, one_of, refuse, seconds, whole
from .errors import LimitExceeded
from .given import Numbers
from .limits import DEFAULT
from .records import STANDARDS, named

#: Which points are decided in balls.
CERTIFY = ("all", "suspicious")


class Question(NamedTuple):
    """Which derivatives, at which points, judged how.

    Attributes are the arguments of ``verify`` by the same names, with their defaults. Only ``derivative`` is called
    ``formulas``: what SymPy is compared with never bears the name of a hand-written rule (see the tests). ``dtype`` is
    one of NumPy's.
    """

    at: Mapping[str, Numbers] | None = None
    gradient: Mapping[str, Numbers] | None = None
    formulas: Mapping[str, str] | None = None
    domain: Mapping[str, Sequence[float]] | None = None
    points: int | None = None
    seed: int = 0
    order: int = 1
    dtype: np.dtype[np.floating] = np.dtype("float64")
    standard: str | None = None
    wrt: str | None = None
    timeout: float | None = None
    certify: str = "all"

    def check(self) -> None:
        """Check all that no function is needed for.

        Raises:
            InvalidInput: an argument is not what it should be.
        """
        if self.at is not None:
            by_variable("at", self.at, "numbers")
        if callable(self.gradient):
            refuse("gradient", self.gradient, "numbers by variable; assert_gradient takes a function")
        if self.gradient is not None:
            by_variable("gradient", self.gradient, "numbers")
        if self.formulas is not None:
            by_variable("derivative", self.formulas, "formulas")
            for variable, formula in self.formulas.items():
                if not isinstance(formula, str):
                    refuse(f"derivative: {variable}", formula, "a formula as text")
        if self.domain is not None:
            by_variable("domain", self.domain, "the lowest and the highest value")
        if self.points is not None and whole("points", self.points, 1) > DEFAULT.points:
            raise LimitExceeded(f"points: got {self.points:,}; expected at most {DEFAULT.points:,}")
        whole("seed", self.seed)
        whole("order", self.order, 1)
        if self.standard is not None:
            one_of("standard", self.standard, STANDARDS)
        if self.wrt is not None and not isinstance(self.wrt, str):
            refuse("wrt", self.wrt, "the name of a variable")
        seconds("timeout", self.timeout)
        one_of("certify", self.certify, CERTIFY)

    def in_names_of(self, tape: Tape) -> Question:
        """The same by the names that a function's variables have on its tape.

        Raises:
            InvalidInput: two names are one.
        """
        names = "".join(self.at or ()) + (self.wrt or "")
        for given in (self.gradient, self.formulas, self.domain):
            names += "".join(given or ())
        if names.isascii():
            return self
        return self._replace(
            at=self.at and named(self.at, tape.inputs),
            gradient=self.gradient and named(self.gradient, tape.inputs),
            formulas=self.formulas and named(self.formulas, tape.inputs),
            domain=self.domain and named(self.domain, tape.inputs),
            wrt=self.wrt and next(iter(named({self.wrt: 0}, tape.inputs))),
        )
