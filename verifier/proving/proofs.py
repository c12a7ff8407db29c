"""Proofs of the hand-written rules: the code of each runs on SymPy symbols and is shown equal to SymPy's derivative.

This module alone reads hand-written derivatives and meanings side by side, and nothing that judges imports it: the
oracle stays independent of the rules.

A rule's code is run at every point of a grid on :class:`~.terms.Term` objects, floats with the expressions they stand
for. The floats decide the branches as they would in the engine, and the expression is that of real numbers. For each
*branch*, a set of decisions with the signs of the arguments, the expression is compared with SymPy's derivative of the
meaning:

- ``proved``: their difference was turned into 0 by an identity (see :mod:`.identities`).
- ``checked``: it was not, in the time allowed, but at every point of the grid in this branch it agrees to 30 digits
  with mpmath's numerical derivative of the meaning.
- ``approximate``: they differ, by less than doubles resolve: a series that is cut off, a limit that is put in place.
- ``refuted``: they differ by more. The rule, or the meaning, is wrong.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from ...engine.domains import holds
from ...engine.primitive import REGISTRY, Primitive
from ...engine.primitives.piecewise import RELATIONS
from ..oracle.meanings import meaning, symbols
from .identities import vanishing
from .terms import Path, Term, bound, exact, resolved, run

SECONDS = 5.0  # for each way of proving a branch, before it is left to the numbers
DIGITS = 30  # to which a branch that is not proved must agree
RESOLVED = 2.0**-52  # relative difference that doubles resolve
LEAST, LARGEST = mpmath.mpf(2) ** -1075, mpmath.mpf(2) ** 1024

#: Why some branches of these rules are not proved.
EXPLANATIONS = {
    "sinc": "near 0, where cos x and sin(x)/x cancel, the power series, cut off after 11 terms",
    "normalized_sinc": "near 0 the power series of sinc, cut off after 11 terms",
    "elliptic_k": "for m between −0.6 and 0.6, where two terms cancel, the power series, cut off after 77 terms",
    "elliptic_e": "for m between −0.6 and 0.6, where two terms cancel, the power series, cut off after 77 terms",
    "Shi": "below 1e-30 the limit 1 in place of sinh(x)/x = 1 + x²/6 + …",
    "erf": "beyond 64, where exp(−x²) is below all floats, the value at 64",
    "erfc": "beyond 64, where exp(−x²) is below all floats, the value at 64",
    "erfi": "beyond 64, where exp(x²) is above all floats, the value at 64",
    "gelu": "beside the zero of the slope 20 terms of Taylor's series, as for silu; beyond 64 the Gaussian at 64",
    "silu": "beside the zero of the slope, where two terms cancel, 20 terms of Taylor's series",
    "mish": "beside the zero of the slope, where two terms cancel, 20 terms of Taylor's series",
    "logaddexp": "where the arguments differ by more than 10⁴ the ratio exp(−10⁴), which is below all floats",
    "zeta": "of order 0, where SymPy's −s·ζ(s + 1, a) is 0·∞, the slope −1 of 1/2 − a",
    "lowergamma": "beyond 8192, where exp(−x) is below all floats, the value at 8192",
    "uppergamma": "beyond 8192, where exp(−x) is below all floats, the value at 8192",
    "bessely": "below 1e-9 the slope −nY/x of the leading term; what follows is smaller by x², below all roundings",
    "fresnels": "from 2⁵³ on every float is even, so the phase πx²/2 is a multiple of 2π, which symbols do not know",
    "fresnelc": "from 2⁵³ on every float is even, so the phase πx²/2 is a multiple of 2π, which symbols do not know",
}

#: Points that are left to tests against mpmath: SymPy's formula is 0/0 there, and SymPy finds no limit of it.
LEFT_OUT = {
    "elliptic_f": "m == 0 or m == 1",
    "elliptic_e_incomplete": "m == 0",
    "elliptic_pi": "n == 0 or n == m or n == 1 or m == 1",
}

STATUSES = ("proved", "checked", "approximate", "refuted")

_SIZES = (1e-40, 1e-31, 1e-9, 0.005, 0.1, 0.3, 0.45, 0.55, 0.7, 0.95, 1.2, 1.45, 2.7, 5.3, 12.4, 42.6, 151.3, 800.7)
#: Values of the arguments, by how many arguments there are that vary.
GRIDS: dict[int, tuple[float, ...]] = {
    1: (0.0, *_SIZES, *(-x for x in _SIZES), 1e5, -1e5, 1e17, -1e17, 1e40, -1e40),
    2: (0.0, 1e-40, 0.3, 1.0, 2.6, 31.7, 1e5, 1e40, -1e-40, -0.3, -1.0, -2.6, -31.7, -1e5, -1e40),
    3: (0.0, 0.7, 2.3, -0.7, -2.3),
    4: (0.7, 2.3, -2.3),
}
#: Values of constants and of orders: whole and broken, of either sign.
CONSTANTS = (0.0, 1.0, 2.0, 3.0, 7.0, -1.0, -2.0, 0.5, -0.5, 0.1, 2.7, -3.4, 8.25)
KEPT = 12  # points of each branch at which one that is not proved is checked


@dataclass
class Branch:
    """One branch of a rule for one argument.

    Attributes:
        argument: by which the derivative is taken.
        where: the decisions and signs that lead to it, in words.
        status: ``proved``, ``checked``, ``approximate`` or ``refuted``.
        how: the way that proved it, or the reason that it is not proved.
        error: the largest relative difference from the truth, where it was not proved.
        points: some that lead to it: their coordinates, and the numbers of the positive symbols.
        claim, truth: the rule's derivative and SymPy's, in these symbols.
        meant: the meaning in its placeholders, the terms in their place, and the placeholder of the argument.
    """

    argument: str
    where: str
    status: str = "proved"
    how: str = ""
    error: float = 0.0
    points: list[tuple[dict[str, float], dict[Any, Any]]] = field(default_factory=list, repr=False)
    claim: Any = field(default=None, repr=False)
    truth: Any = field(default=None, repr=False)
    meant: Any = field(default=None, repr=False)


@dataclass
class Proof:
    """All branches of one primitive's rule."""

    primitive: str
    branches: list[Branch]

    @property
    def proved(self) -> bool:
        """Whether every branch is."""
        return all(branch.status == "proved" for branch in self.branches)

    def to_record(self) -> dict[str, Any]:
        """As a JSON object."""
        names = ("argument", "where", "status", "how", "error")
        return {
            "primitive": self.primitive,
            "branches": [{name: getattr(b, name) for name in names} for b in self.branches],
        }


def prove(primitive: type[Primitive], seconds: float = SECONDS) -> Proof:
    """Every branch of a primitive's rule that a grid of points leads to, proved or checked.

    Args:
        primitive: whose ``derivative`` is proved against its ``meaning``.
        seconds: for each way of proving a branch, before it is left to the numbers.
    """
    found: dict[Any, Branch] = {}
    for values, consts in _grid(primitive):
        for key, branch in _branches(primitive, values, consts):
            known = found.setdefault(key, branch)
            if len(known.points) < KEPT:
                known.points += branch.points
    for branch in found.values():
        _decide(branch, seconds)
    return Proof(primitive.name, list(found.values()))


def _grid(primitive: type[Primitive]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Values of arguments and constants where the primitive is smooth."""
    varying = [name for name in primitive.arguments if name not in primitive.opaque]
    turned = [CONSTANTS[k:] + CONSTANTS[:k] for k in range(len(primitive.opaque))]
    orders = [dict(zip(primitive.opaque, values, strict=True)) for values in zip(*turned, strict=True)] or [{}]
    points = itertools.product(orders, *(GRIDS[len(varying)] for _ in varying))
    kinds = {"relation": tuple(RELATIONS), "n": tuple(c for c in CONSTANTS if c.is_integer())}  # n is a shift of bits
    const_axes: list[Sequence[Any]] = [kinds.get(name, CONSTANTS) for name in primitive.constants]
    for fixed_orders, *values in points:
        at = {**fixed_orders, **dict(zip(varying, values, strict=True))}
        for consts in itertools.product(*const_axes):
            named = {name: np.float64(at[name]) for name in primitive.arguments}
            fixed = primitive.keywords(consts, np.float64)
            if _is_smooth(primitive, {**named, **fixed}):
                yield named, fixed


def _is_smooth(primitive: type[Primitive], names: dict[str, Any]) -> bool:
    """Whether a point lies inside the domain and on no kink."""
    kinks = (primitive.kinks, LEFT_OUT.get(primitive.name, "False"))
    with np.errstate(all="ignore"):
        return bool(holds(primitive.domain, names)) and not any(holds(text, names) for text in kinks)


def _branches(
    primitive: type[Primitive], values: dict[str, float], consts: dict[str, Any], fixed: bool = False
) -> Iterator[tuple[Any, Branch]]:
    """The branch that one point leads to, for each argument that has a derivative.

    ``fixed`` puts the constants' numbers in place of symbols.
    """
    path = Path()
    signs, numbers = [], {}
    terms = {}
    for name, number in {**values, **consts}.items():
        if name == "relation":
            signs.append(number)
            continue
        if fixed and name in consts:
            terms[name] = Term(path, number, exact(number))
            signs.append(f"{name} = {number:g}")
            continue
        whole = (name in consts or name in primitive.opaque) and float(number).is_integer()
        size = sp.Symbol(name, positive=True, integer=True if whole else None)
        expression = sp.Integer(0) if number == 0 else size * int(np.sign(number))
        terms[name] = Term(path, number, expression)
        numbers[size] = exact(abs(number))
        signs.append(f"{name} {'whole, ' if whole else ''}{('<', '=', '>')[int(np.sign(number)) + 1]} 0")
    arguments = [terms[name] for name in primitive.arguments]
    constants = {name: terms.get(name, text) for name, text in consts.items()}  # a relation is no term
    held = {name: sp.Symbol(name, real=True) for name in constants if name in terms}
    generic = meaning(primitive, tuple(held.get(name, text) for name, text in constants.items()))
    names = bound(primitive, arguments) | {symbol: terms[name] for name, symbol in held.items()}
    with np.errstate(all="ignore"):
        y = primitive.forward(*values.values(), **consts)
    value = Term(path, y, resolved(generic, names, path))
    claims = run(primitive.derivative, arguments, value, constants)
    for symbol, claim in zip(symbols(primitive), claims, strict=True):
        if symbol.name in primitive.opaque:
            continue
        slope = resolved(sp.diff(generic, symbol), names, path)
        decided = tuple(path.decisions)
        where = ", ".join([*signs, *map(str, decided)])
        branch = Branch(symbol.name, where, meant=(generic, names, symbol))
        if slope is sp.nan:
            slope = _limit(sp.diff(generic, symbol), names, path, symbol)
        if slope is sp.nan and constants and not fixed:  # what becomes of a power at 0 depends on its exponent
            yield from _branches(primitive, values, consts, fixed=True)
            return
        branch.claim, branch.truth = (e.subs(path.equations) for e in (claim.expression, slope))
        branch.points.append(({**values, **consts}, numbers))
        yield (symbol.name, tuple(signs), decided), branch


def _limit(derivative: Any, names: dict[Any, Term], path: Path, symbol: Any) -> Any:
    """The derivative at 0 where its formula is 0/0: its limit from both sides, nan if they differ."""
    h = sp.Dummy("h", positive=True)
    sides = []
    for side in (h, -h):
        beside = names | {symbol: Term(path, names[symbol].value, side)}
        try:
            sides.append(sp.limit(resolved(derivative, beside, path), h, 0))
        except NotImplementedError:  # the sign of an exponent, say, is not known
            return sp.nan
    return sides[0] if sides[0] == sides[1] else sp.nan


def _decide(branch: Branch, seconds: float) -> None:
    """Prove a branch, or say why not and check it."""
    if branch.claim == branch.truth and not branch.claim.has(sp.nan):
        branch.how = "the same"
        return
    # of a point near 1 a hundred digits tell enough, of 10⁴⁰ not what exp makes of it
    moderate = sorted(branch.points, key=lambda point: max((abs(sp.log(n)) for n in point[1].values() if n), default=0))
    if all(_may_be_equal(branch, numbers) for _, numbers in moderate[:2]):
        way, ended = vanishing(branch.claim - branch.truth, seconds)
        if way is not None:
            branch.how = way
            return
        branch.how = "no way of simplification leads to 0" if ended else f"not simplified in {seconds:g} s"
    errors = []
    for _, numbers in branch.points:
        with suppress(OverflowError):  # mpmath's erfc has no value at 1e200
            errors.append(_error(branch, numbers))
    branch.error = max((e for e in errors if e is not None), default=0.0 if errors else math.inf)
    if branch.error < 10.0**-DIGITS:
        branch.status = "checked"
        if all(e is None for e in errors):
            branch.how = "beyond the range of floats"
        elif not branch.how:
            branch.how = f"they differ, by less than 1e-{DIGITS}"
    else:
        branch.status = "approximate" if branch.error < RESOLVED else "refuted"
        branch.how = "the two differ"


def _may_be_equal(branch: Branch, numbers: dict[Any, Any]) -> bool:
    """Whether numbers leave it open that the difference is 0: else no way of simplification need be tried."""
    if branch.truth.has(sp.nan):
        return False
    claim, truth = (sp.N(_put(numbers, e, 10 * DIGITS), 2 * DIGITS) for e in (branch.claim, branch.truth))
    return not (claim.is_Float and truth.is_Float) or abs(claim - truth) <= 10.0**-DIGITS * abs(truth)


def _error(branch: Branch, numbers: dict[Any, Any]) -> float | None:
    """The relative difference between a rule and mpmath's derivative of the meaning, None where no float can tell."""
    exponent = max((abs(math.frexp(number)[1]) for number in numbers.values()), default=0)
    with mpmath.workdps(2 * DIGITS + 2 * exponent // 3):  # cancellation near 0, and phases of large numbers
        claim = _number(_put(numbers, branch.claim, mpmath.mp.dps))
        truth = _slope(branch, numbers)
        if not mpmath.isfinite(truth):
            return None if not mpmath.isfinite(claim) else float("inf")
        if max(abs(claim), abs(truth)) < LEAST or (min(abs(claim), abs(truth)) > LARGEST and claim * truth > 0):
            return None
        return float(abs(claim - truth) / max(abs(truth), LEAST))


def _slope(branch: Branch, numbers: dict[Any, Any]) -> Any:
    """mpmath's numerical derivative of the meaning."""
    generic, names, symbol = branch.meant
    path = Path()
    moved = sp.Dummy("t", real=True)
    at = names[symbol].expression.xreplace(numbers)
    fixed = {s: _put(numbers, t.expression, 2 * mpmath.mp.dps) for s, t in names.items()}
    terms = {s: Term(path, t.value, moved if s == symbol else fixed[s]) for s, t in names.items()}
    function = resolved(generic, terms, path)
    centre = mpmath.mpf(at.p) / at.q
    scale = abs(centre) or mpmath.mpf(1)
    return (
        mpmath.diff(lambda t: _number(function.xreplace({moved: sp.Float(t * scale, mpmath.mp.dps)})), centre / scale)
        / scale
    )


def _put(numbers: dict[Any, Any], expression: Any, digits: int) -> Any:
    """An expression with numbers in place of symbols: as floats, lest 13/5 to the power 10⁵ be worked out exactly."""
    small = {s: n if n.is_Integer and n < 1000 else sp.Float(n, digits) for s, n in numbers.items()}
    return expression.xreplace(small)


def _number(expression: Any) -> Any:
    digits = mpmath.mp.dps + 10
    found = sp.N(expression, digits, maxn=2000)
    return mpmath.mpf(sp.Float(found, digits)._mpf_) if found.is_Float or found.is_Integer else mpmath.mpf("nan")


def prove_all(
    names: Sequence[str] | None = None, progress: Callable[[int], None] = lambda advance: None
) -> Iterator[Proof]:
    """The proofs of all primitives, or of those named, one after another."""
    for name in names or REGISTRY:
        yield prove(REGISTRY[name])
        progress(1)


def summary(proofs: Sequence[Proof]) -> str:
    """How many rules and branches were proved, in one line."""
    branches = [branch for proof in proofs for branch in proof.branches]
    counts = {status: sum(b.status == status for b in branches) for status in STATUSES}
    told = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    whole = sum(proof.proved for proof in proofs)
    return f"{whole} of {len(proofs)} rules proved in every branch; {len(branches)} branches: {told or 'none'}"
