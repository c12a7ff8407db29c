"""The words of an expression: which name records which primitive, and from how many arguments.

Text and SymPy expressions share this table. A name is looked up among SymPy's names and NumPy's aliases
first, then among the primitives themselves, so that every declared primitive can be written down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from ...engine import primitives as _declared  # noqa: F401  # the registry is filled by importing the families
from ...engine.errors import did_you_mean
from ...engine.primitive import REGISTRY, Primitive
from ...engine.tape import Recorder
from ..errors import GradjuryError, InvalidInput, Unsupported


@dataclass(frozen=True, slots=True)
class Word:
    """A name that stands for one primitive.

    Attributes:
        name: as the expression spells it.
        primitive: what is recorded.
        arity: how many arguments it takes.
        constants: the defaults of the constants that may follow; None where one must be given.
        fixed: the one value that a last optional argument may have (the principal branch of LambertW).
    """

    name: str
    primitive: type[Primitive]
    arity: int
    constants: tuple[Fraction | None, ...] = ()
    fixed: Fraction | None = None

    @property
    def least(self) -> int:
        """The smallest number of things between its brackets."""
        return self.arity + sum(default is None for default in self.constants)

    @property
    def most(self) -> int:
        """The largest number of things between its brackets."""
        return self.arity + len(self.constants) + (self.fixed is not None)


@dataclass(frozen=True, slots=True)
class Form:
    """A name that records several operations, or chains one; ``most`` is None where any number will do."""

    name: str
    least: int
    most: int | None
    build: Callable[[Recorder, list[int]], int]


@dataclass(frozen=True, slots=True)
class Syntax:
    """A name whose brackets hold more than numbers (conditions, exact constants): each reader knows it."""

    name: str
    least: int
    most: int | None


Entry = Word | Form | Syntax

#: Other names of primitives: SymPy's where they differ, then NumPy's and SciPy's.
ALIASES = {
    "Abs": "abs",
    "Mod": "mod",
    "Heaviside": "heaviside",
    "ceiling": "ceil",
    "Sqrt": "sqrt",
    "Cbrt": "cbrt",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "absolute": "abs",
    "fabs": "abs",
    "multiply": "mul",
    "subtract": "sub",
    "divide": "div",
    "true_divide": "div",
    "negative": "neg",
    "remainder": "mod",
    "psi": "digamma",
    "expit": "sigmoid",
    "log_expit": "logsigmoid",
    "expi": "Ei",
}

#: Constants that may be left out, by primitive.
DEFAULTS: dict[str, tuple[Fraction | None, ...]] = {
    "heaviside": (Fraction(1, 2),),
    "leaky_relu": (Fraction(1, 100),),
    "elu": (Fraction(1),),
}

#: Known functions that no primitive stands for, with the reason where it is a particular one.
UNSUPPORTED = {
    "meijerg": "Meijer's G-function has no primitive here",
    "im": "complex numbers are not available here",
    "re": "complex numbers are not available here",
    "arg": "complex numbers are not available here",
    "conjugate": "complex numbers are not available here",
    "DiracDelta": "DiracDelta is a distribution, not a function with values",
}

_BRANCH = "LambertW is available on its principal branch (0) alone"

#: SymPy's name of all hypergeometric functions, by how many parameters stand above and below.
HYPERGEOMETRIC = {(2, 1): "hyp2f1", (1, 1): "hyp1f1", (0, 1): "hyp0f1"}


def _chain(primitive: str) -> Callable[[Recorder, list[int]], int]:
    def build(recorder: Recorder, args: list[int]) -> int:
        result = args[0]
        for argument in args[1:]:
            result = recorder.add(REGISTRY[primitive], (result, argument))
        return result

    return build


def _log(recorder: Recorder, args: list[int]) -> int:
    logarithm = recorder.add(REGISTRY["log"], (args[0],))
    if len(args) == 1:
        return logarithm
    return recorder.add(REGISTRY["div"], (logarithm, recorder.add(REGISTRY["log"], (args[1],))))


def _elliptic_e(recorder: Recorder, args: list[int]) -> int:
    return recorder.add(REGISTRY["elliptic_e" if len(args) == 1 else "elliptic_e_incomplete"], tuple(args))


def _elliptic_pi(recorder: Recorder, args: list[int]) -> int:
    if len(args) == 3:
        return recorder.add(REGISTRY["elliptic_pi"], tuple(args))
    quarter = recorder.add(REGISTRY["div"], (recorder.constant("pi"), recorder.constant(Fraction(2))))
    return recorder.add(REGISTRY["elliptic_pi"], (args[0], quarter, args[1]))


def _zeta(recorder: Recorder, args: list[int]) -> int:
    a = args[1] if len(args) == 2 else recorder.constant(Fraction(1))
    return recorder.add(REGISTRY["zeta"], (args[0], a))


def _by_text(text: str) -> Callable[[Recorder, list[int]], int]:
    """What records an expression of ``x``, or of ``x`` and ``y``, on the arguments."""

    def build(recorder: Recorder, args: list[int]) -> int:
        from .builder import graft  # the reader, which calls this, stands on this table
        from .reader import read

        return graft(recorder, read(text, variables="xyz"[: len(args)]), args)

    return build


#: Functions without a primitive that are other functions in another spelling, where both are real.
REWRITTEN = {
    "beta": (2, "gamma(x)*gamma(y)/gamma(x + y)"),
    "factorial": (1, "gamma(x + 1)"),
    "frac": (1, "x - floor(x)"),
    "Li": (1, "li(x) - li(2)"),
    "erf2": (2, "erf(y) - erf(x)"),
    "erfcinv": (1, "erfinv(1 - x)"),
    "fmax": (2, "maximum(x, y)"),
    "fmin": (2, "minimum(x, y)"),
}

FORMS = {
    form.name: form
    for form in (
        *(Form(name, count, count, _by_text(text)) for name, (count, text) in REWRITTEN.items()),
        Form("log", 1, 2, _log),
        Form("ln", 1, 2, _log),
        Form("elliptic_e", 1, 2, _elliptic_e),
        Form("elliptic_pi", 2, 3, _elliptic_pi),
        Form("zeta", 1, 2, _zeta),
        Form("E1", 1, 1, _by_text("expint(1, x)")),
        Form("trigamma", 1, 1, _by_text("polygamma(1, x)")),
        Form("Add", 1, None, _chain("add")),
        Form("Mul", 1, None, _chain("mul")),
        Form("Max", 1, None, _chain("maximum")),
        Form("Min", 1, None, _chain("minimum")),
        Form("max", 2, None, _chain("maximum")),
        Form("min", 2, None, _chain("minimum")),
    )
}

SYNTAX = {
    syntax.name: syntax
    for syntax in (
        Syntax("Piecewise", 1, None),
        Syntax("hyper", 3, 3),
        Syntax("where", 3, 3),
        Syntax("Rational", 1, 2),
        Syntax("Integer", 1, 1),
        Syntax("Float", 1, 2),
        Syntax("Pow", 2, 2),
        Syntax("power", 2, 2),
        Syntax("root", 2, 2),
        Syntax("real_root", 2, 2),
    )
}

#: Names of conditions: the relation, or whether all parts must hold, or the opposite.
RELATIONS = {
    "Lt": "<",
    "Le": "<=",
    "Gt": ">",
    "Ge": ">=",
    "Eq": "==",
    "Ne": "!=",
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
    "equal": "==",
    "not_equal": "!=",
}
JUNCTIONS = {"And": True, "logical_and": True, "Or": False, "logical_or": False}
NEGATIONS = ("Not", "logical_not")

#: Names of numbers, none of which is a variable.
NUMBERS = ("pi", "E", "I", "oo", "zoo", "inf", "nan")

_SYMPYS_FUNCTIONS = """
Abs Add And Chi Ci E1 Ei Eq Float Ge Gt Heaviside Integer LambertW Le Lt Max Min Mod Mul Ne Not Or Piecewise Pow
Rational Shi Si acos acosh acot acoth acsc acsch airyai airyaiprime airybi airybiprime asec asech asin asinh
atan atan2 atanh besseli besselj besselk bessely cbrt ceiling cos cosh cot coth csc csch digamma div elliptic_e
elliptic_k erf erfc erfi erfinv exp expint floor fresnelc fresnels gamma li ln log loggamma lowergamma maximum
minimum polygamma real_root root sec sech sign sin sinc sinh sqrt tan tanh trigamma uppergamma
"""

#: SymPy's names for functions that are variables, too, where they are not called: to many, zeta is a damping ratio.
FREE = frozenset({"elliptic_f", "elliptic_pi", "hyper", "polylog", "zeta"})

#: Names that can be neither a variable nor an intermediate value: those that SymPy has for what is read here. What only
#: NumPy, SciPy or this project calls a function (psi, i0, mod), what is another function in another spelling (beta), or
#: in :data:`FREE`, is one where it is called, else a name like any other.
RESERVED = frozenset({*NUMBERS, *_SYMPYS_FUNCTIONS.split()})

#: Words that were looked up, so that a second use costs one dictionary.
_known: dict[str, Entry] = {**FORMS, **SYNTAX}


def lookup(name: str) -> Entry | None:
    """What a name stands for when it is called, or None."""
    entry = _known.get(name)
    if entry is None:
        primitive = REGISTRY.get(ALIASES.get(name, name)) or _own_aliases(len(REGISTRY)).get(name)
        if primitive is None:
            return None
        constants = DEFAULTS.get(primitive.name, (None,) * len(primitive.constants))
        fixed = Fraction(0) if primitive.name == "LambertW" else None
        entry = _known[name] = Word(name, primitive, len(primitive.arguments), constants, fixed)
    return entry


@lru_cache(maxsize=1)
def _own_aliases(count: int) -> dict[str, type[Primitive]]:
    """The aliases that primitives declare themselves; ``count`` renews the answer when the registry has grown."""
    return {alias: primitive for primitive in REGISTRY.values() for alias in primitive.aliases}


def takes(entry: Entry) -> str:
    """How many arguments, in words: ``1 argument``, ``2 or 3 arguments``, ``at least 1 argument``."""
    if entry.most is None:
        return f"at least {entry.least} argument{'s' * (entry.least != 1)}"
    if entry.least == entry.most:
        return f"{entry.least} argument{'s' * (entry.least != 1)}"
    return f"{entry.least} or {entry.most} arguments"


def wrong_count(entry: Entry, given: int) -> str | None:
    """The message for a wrong number of arguments, None if the number is right."""
    if entry.least <= given and (entry.most is None or given <= entry.most):
        return None
    return f"{entry.name} takes {takes(entry)}; {given} given"


def hypergeometric(above: int, below: int) -> type[Primitive]:
    """The primitive with so many parameters above and below.

    Raises:
        Unsupported: there is none.
    """
    name = HYPERGEOMETRIC.get((above, below))
    if name is None:
        raise Unsupported(
            f"hyper with {above} parameters above and {below} below has no primitive here; "
            "those with 2 and 1, 1 and 1, 0 and 1 have"
        )
    return REGISTRY[name]


def check_fixed(word: Word, value: Fraction | None) -> None:
    """Accept the one value that an optional last argument may have.

    Raises:
        Unsupported: it has another, or is no constant.
    """
    if value is None or value != word.fixed:
        raise Unsupported(_BRANCH)


def names() -> list[str]:
    """Every name that can be called, for suggestions and documentation."""
    return sorted({*FORMS, *SYNTAX, *ALIASES, *REGISTRY, *_own_aliases(len(REGISTRY))})


def unknown(name: str, column: int | None = None, line: int | None = None) -> GradjuryError:
    """The error for a called name that is not in the vocabulary: known to SymPy, or to nobody."""
    import sympy  # only here: reading a known expression does not wait for SymPy

    if name in UNSUPPORTED:
        return Unsupported(UNSUPPORTED[name])
    found: Any = getattr(sympy, name, None)
    if isinstance(found, type) and issubclass(found, sympy.Basic) and not issubclass(found, sympy.Symbol):
        return Unsupported(f"{name} is known to SymPy but has no primitive here")
    hint = did_you_mean(name, names()) or "a product is written with *"
    return InvalidInput(f"unknown function {name!r}; {hint}", column, line)
