"""What an operation is: its value, its derivative, and the words that say what both mean.

A primitive is declared as one class that reads like a line in a table of derivatives::

    class Sqrt(Primitive):
        \"\"\"Principal square root.\"\"\"

        meaning = "sqrt(x)"
        domain = "x >= 0"
        kinks = "x == 0"
        ufuncs = (np.sqrt,)

        def forward(x):
            return np.sqrt(x)

        def derivative(x, y):
            return 0.5 / y

The engine reads ``forward``, ``derivative`` and what it needs at ties. The symbolic oracle takes its truth from
``meaning`` alone, so that a wrong rule and a wrong meaning cannot share their error; how far floats may be from it says
``ulps`` with ``special``, and which points are left to special care ``domain``, ``kinks``, ``disputed``
and ``undocumented``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from .errors import did_you_mean

#: Every declared primitive by its name, in the order of declaration.
REGISTRY: dict[str, type[Primitive]] = {}

#: NumPy and SciPy functions that record a primitive when they are called on a Variable.
BY_FUNCTION: dict[Callable[..., Any], type[Primitive]] = {}


def hint(name: str) -> str:
    """What may have been meant by a name that is no operation."""
    return did_you_mean(str(name), REGISTRY) or "gradjury.engine.REGISTRY holds the names"


class Primitive:
    """Base class of all operations; never instantiated, a subclass is the operation.

    ``forward(*arguments, *, constants)`` takes and returns arrays of one shape (K points), or numbers of their type.
    The constants are such numbers, a relation is its text. ``derivative`` takes the stored arguments, then the stored
    output ``y``, then the constants, and returns the local derivative: for one argument as it is, otherwise a tuple
    with one for each. Each is an array of shape (K,) of the same type, or a number where it is the same everywhere: of
    that type, or a Python float. The sweeps do not multiply by a Python float that is exactly 1.0; nor do they write to
    an array that a rule returns, which may be one of its arguments.

    Attributes:
        name: how tapes, records and expressions call it; the class name in lower case unless given.
        meaning: the operation as a SymPy-style expression of its arguments and constants.
        domain: where ``forward`` is real: comparisons of arguments, constants, numbers and ``pi``, also their
            ``floor``, joined by ``and`` and ``or``.
        kinks: where no finite two-sided derivative exists.
        disputed: where libraries document different values; no number is flagged there.
        undocumented: where libraries document no value, though the meaning has one; a nan is not flagged there.
        ulps: k, the error of ``forward`` in units of 2**-52 relative to the value: 0 exact, 1 basic
            arithmetic, 4 library functions, a measured figure for special functions.
        opaque: arguments by which no derivative is known in closed form (the order of a Bessel function); the
            rule returns nan for them, and they are meant to be constants.
        special: whether k multiplies ``|f| + |x f'|`` instead of ``|f|`` (functions of SciPy with zeros).
        ufuncs: NumPy and SciPy functions of the same meaning and order of arguments.
        tied: optional, ``tied(*arguments, *, constants)``: where the operation has two slopes to choose from, and
            2 where the derivative is neither of them.
        beside: ``beside(*arguments, *tangents)``: the arguments moved off a tie, to the side to which their
            tangents point (see :mod:`.ties`).
        chooses: whether a local derivative of 0 says that the argument has no part in the value nearby (a branch not
            taken), so that nothing behind it counts, not even an infinite derivative.
        aliases: other names under which expressions may call it.
    """

    name: ClassVar[str]
    arguments: ClassVar[tuple[str, ...]]
    constants: ClassVar[tuple[str, ...]]
    meaning: ClassVar[str]
    domain: ClassVar[str] = "True"
    kinks: ClassVar[str] = "False"
    disputed: ClassVar[str] = "False"
    undocumented: ClassVar[str] = "False"
    ulps: ClassVar[float] = 4
    special: ClassVar[bool] = False
    opaque: ClassVar[tuple[str, ...]] = ()
    ufuncs: ClassVar[tuple[Callable[..., Any], ...]] = ()
    aliases: ClassVar[tuple[str, ...]] = ()
    tied: ClassVar[Callable[..., Any] | None] = None
    beside: ClassVar[Callable[..., Any]]
    chooses: ClassVar[bool] = False
    forward: ClassVar[Callable[..., Any]]
    derivative: ClassVar[Callable[..., Any]]

    def __init_subclass__(cls, register: bool = True, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if "name" not in cls.__dict__ and register:
            cls.name = cls.__name__.lower()
        for rule in ("forward", "derivative", "tied", "beside"):
            if rule in cls.__dict__:
                setattr(cls, rule, staticmethod(cls.__dict__[rule]))
        parameters = inspect.signature(cls.forward).parameters.values()
        cls.arguments = tuple(p.name for p in parameters if p.kind is not p.KEYWORD_ONLY)
        cls.constants = tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)
        if register:
            if cls.name in REGISTRY:
                raise TypeError(f"primitive {cls.name!r} is declared twice: {REGISTRY[cls.name]} and {cls}")
            if taken := [function for function in cls.ufuncs if function in BY_FUNCTION]:
                raise TypeError(f"{taken[0]} records {BY_FUNCTION[taken[0]].name!r} already, and not {cls.name!r}")
            REGISTRY[cls.name] = cls
            BY_FUNCTION.update(dict.fromkeys(cls.ufuncs, cls))

    @classmethod
    def keywords(cls, consts: Iterable[Any], number: Callable[[Any], Any]) -> dict[str, Any]:
        """The constants of a node by name, as ``forward`` and ``derivative`` take them.

        Args:
            consts: in the order of ``constants``: exact numbers, or a relation's text.
            number: what makes the wanted kind of number of one; a relation stays as it is.
        """
        return {
            name: value if name == "relation" else number(value)
            for name, value in zip(cls.constants, consts, strict=True)
        }
