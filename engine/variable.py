"""Variables: what a traced Python function is called with, so that its operations record themselves."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any, NoReturn

import numpy as np

from .compound import COMPOUND, clip, select
from .conditions import Comparison, Condition
from .errors import BranchOnValue, NotTraceable, shortened
from .primitive import BY_FUNCTION, REGISTRY, Primitive
from .tape import Recorder

#: What float() would take, or take a part of.
_NO_NUMBERS = (bool, np.bool_, str, bytes, complex, np.complexfloating)

#: Of a whole number that is a constant: beyond, it is no float, and nobody could write it down.
MOST_BITS = 13_288

#: Of a condition where a number belongs.
_ONLY_CHOOSES = "a comparison of Variables is no number; use numpy.where(condition, 1, 0)"


def exact(number: Any) -> Fraction | str:
    """A Python or NumPy number as a constant of the tape: exactly the float it is.

    Raises:
        NotTraceable: it is no number, or an array of several.
    """
    if number.__class__ is float and number - number == 0.0:  # most are finite floats
        return Fraction(number)
    if isinstance(number, Condition):
        raise NotTraceable(_ONLY_CHOOSES)
    if isinstance(number, _NO_NUMBERS) or number is None or np.ndim(number):
        raise NotTraceable(f"an operation on a Variable takes numbers, not {shown(number)}")
    if isinstance(number, numbers.Rational):
        found = Fraction(int(number.numerator), int(number.denominator))  # NumPy's integers would stay NumPy's
        if max(found.numerator.bit_length(), found.denominator.bit_length()) > MOST_BITS:
            raise NotTraceable(f"an operation on a Variable takes numbers of at most {MOST_BITS:,} bits")
        return found
    try:
        as_float = float(number)
    except (TypeError, ValueError, OverflowError):
        raise NotTraceable(f"an operation on a Variable takes numbers, not {shown(number)}") from None
    if as_float != as_float:
        return "nan"
    if as_float in (float("inf"), float("-inf")):
        return str(as_float)
    return Fraction(as_float)


def shown(value: Any) -> str:
    """The type and the beginning of a value, for a message of one line."""
    return f"{type(value).__name__} {shortened(repr(value))}"


class Variable:
    """A node of a tape under construction; NumPy functions and operators on it record further nodes."""

    __slots__ = ("index", "recorder")
    __hash__ = object.__hash__

    def __init__(self, recorder: Recorder, index: int) -> None:
        self.recorder, self.index = recorder, index

    def _apply(self, primitive: type[Primitive], *args: Any, consts: tuple[Any, ...] = ()) -> Variable:
        recorder = self.recorder
        return Variable(recorder, recorder.add(primitive, tuple([index_of(recorder, a) for a in args]), consts))

    def _with(self, name: str, other: Any) -> Variable:
        """An operation on this and something else, as ``_apply`` records it, in half the time."""
        recorder = self.recorder
        known = other.__class__ is Variable and other.recorder is recorder
        second = other.index if known else index_of(recorder, other)
        return Variable(recorder, recorder.add(REGISTRY[name], (self.index, second)))

    def __add__(self, other: Any) -> Variable:
        return self._with("add", other)

    def __radd__(self, other: Any) -> Variable:
        return self._apply(REGISTRY["add"], other, self)

    def __sub__(self, other: Any) -> Variable:
        return self._with("sub", other)

    def __rsub__(self, other: Any) -> Variable:
        return self._apply(REGISTRY["sub"], other, self)

    def __mul__(self, other: Any) -> Variable:
        return self._with("mul", other)

    def __rmul__(self, other: Any) -> Variable:
        return self._apply(REGISTRY["mul"], other, self)

    def __truediv__(self, other: Any) -> Variable:
        return self._with("div", other)

    def __rtruediv__(self, other: Any) -> Variable:
        return self._apply(REGISTRY["div"], other, self)

    def __mod__(self, other: Any) -> Variable:
        return self._with("mod", other)

    def __rmod__(self, other: Any) -> Variable:
        return self._apply(REGISTRY["mod"], other, self)

    def __pow__(self, other: Any) -> Variable:
        if isinstance(other, Variable):
            return self._apply(REGISTRY["pow"], self, other)
        return self._apply(REGISTRY["powc"], self, consts=(exact(other),))

    def __rpow__(self, other: Any) -> Variable:
        return self._apply(REGISTRY["pow"], other, self)

    def __neg__(self) -> Variable:
        return self._apply(REGISTRY["neg"], self)

    def __pos__(self) -> Variable:
        return self

    def __abs__(self) -> Variable:
        return self._apply(REGISTRY["abs"], self)

    def __getitem__(self, key: Any) -> Variable:
        """Itself for the empty index, by which NumPy code turns an array of no dimensions into a number."""
        if isinstance(key, tuple) and not key:
            return self
        raise NotTraceable(f"a Variable is one number, so index {key!r} of it cannot be traced")

    def _compare(self, relation: str, other: Any) -> Comparison:
        return Comparison(relation, self, lift(self.recorder, other))

    def __lt__(self, other: Any) -> Comparison:
        return self._compare("<", other)

    def __le__(self, other: Any) -> Comparison:
        return self._compare("<=", other)

    def __gt__(self, other: Any) -> Comparison:
        return self._compare(">", other)

    def __ge__(self, other: Any) -> Comparison:
        return self._compare(">=", other)

    def __eq__(self, other: object) -> Comparison:  # type: ignore[override]  # records, as NumPy's == does
        return self._compare("==", other)

    def __ne__(self, other: object) -> Comparison:  # type: ignore[override]
        return self._compare("!=", other)

    def __bool__(self) -> NoReturn:
        raise BranchOnValue("the truth (bool)")

    def __float__(self) -> NoReturn:
        raise BranchOnValue("the float (math.* and arrays of floats ask for it)")

    def __int__(self) -> NoReturn:
        raise BranchOnValue("the int")

    __index__ = __int__

    def __getattr__(self, name: str) -> Any:
        """NumPy's function of this name, as a method: so NumPy asks each entry of an array of objects for it."""
        ufunc = vars(np).get(name)
        if isinstance(ufunc, np.ufunc):
            return partial(ufunc, self)
        raise AttributeError(f"'Variable' object has no attribute {name!r}")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        if method != "__call__" or (keywords and any(value is not None for value in keywords.values())):
            raise NotTraceable(f"numpy.{ufunc.__name__}.{method} with {sorted(keywords)} cannot be traced")
        primitive = BY_FUNCTION.get(ufunc)
        if primitive is not None and len(inputs) == len(primitive.arguments) == 1:
            return Variable(self.recorder, self.recorder.add(primitive, (self.index,)))
        return _ufunc(ufunc, primitive, inputs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return array_function(func, args, kwargs)


COMPARISONS: dict[Any, str] = {
    np.less: "<",
    np.less_equal: "<=",
    np.greater: ">",
    np.greater_equal: ">=",
    np.equal: "==",
    np.not_equal: "!=",
}


def _recorder_of(values: Any) -> Recorder:
    recorders = {id(v.recorder): v.recorder for v in values if isinstance(v, Variable)}
    if not recorders:
        raise NotTraceable(_ONLY_CHOOSES)
    if len(recorders) > 1:
        raise NotTraceable("Variables of two different traces were mixed in one operation")
    return next(iter(recorders.values()))


def index_of(recorder: Recorder, value: Any) -> int:
    """The node of anything: that of a Variable, a constant for a number.

    Raises:
        NotTraceable: it is a Variable of another trace, or no number.
    """
    if value.__class__ is Variable or isinstance(value, Variable):
        if value.recorder is not recorder:
            raise NotTraceable("Variables of two different traces were mixed in one operation")
        return value.index
    if isinstance(value, np.ndarray) and value.dtype == object and value.ndim == 0:  # as numpy.asarray makes it
        return index_of(recorder, value[()])
    return recorder.constant(exact(value))


def lift(recorder: Recorder, value: Any) -> Variable:
    """A Variable for anything: Variables as they are, numbers as constants."""
    index = index_of(recorder, value)
    return value if isinstance(value, Variable) else Variable(recorder, index)


def _ufunc(ufunc: Any, primitive: type[Primitive] | None, inputs: tuple[Any, ...]) -> Any:
    recorder = _recorder_of(inputs)
    relation = COMPARISONS.get(ufunc)
    if relation is not None:
        return Comparison(relation, lift(recorder, inputs[0]), lift(recorder, inputs[1]))
    if ufunc is np.power:
        base = lift(recorder, inputs[0])
        return base ** inputs[1]
    if ufunc is np.positive:
        return inputs[0]
    if primitive is None:
        if ufunc in COMPOUND:
            return COMPOUND[ufunc](*inputs)
        library = "numpy" if getattr(np, ufunc.__name__, None) is ufunc else "scipy.special"
        raise NotTraceable(f"{library}'s {ufunc.__name__} has no primitive; known: see gradjury.engine.REGISTRY")
    args, consts = inputs[: len(primitive.arguments)], inputs[len(primitive.arguments) :]
    if any(isinstance(c, Variable) for c in consts):
        raise NotTraceable(f"the {primitive.constants[0]} of {primitive.name} must be a number, not a Variable")
    return record(primitive, args, tuple(exact(c) for c in consts))


def array_function(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a function of NumPy that is no ufunc records of Variables.

    Raises:
        NotTraceable: it is another function, or called in another form.
    """
    if func is np.where and len(args) == 3:
        condition, chosen, otherwise = args
        if isinstance(condition, Condition):
            return condition.choose(chosen, otherwise)
        if np.ndim(condition) == 0:  # known while tracing, so no branch is lost
            recorder = _recorder_of((chosen, otherwise))
            return lift(recorder, chosen if condition else otherwise)
    if func is np.clip and len(args) == 3 and not kwargs and args[1] is not None and args[2] is not None:
        return lift(_recorder_of(args), args[0])._apply(REGISTRY["clip"], *args)
    if func in (np.clip, np.select):
        return (clip if func is np.clip else select)(*args, **kwargs)
    if func in (np.sinc, np.i0) and len(args) == 1:
        return args[0]._apply(REGISTRY["normalized_sinc" if func is np.sinc else "i0"], args[0])
    name = f"{func.__module__}.{func.__name__}"  # numpy.emath.sqrt is another function than numpy.sqrt
    if func in (np.where, np.sinc, np.i0):
        expected = "numpy.where(condition, a, b)" if func is np.where else f"{name}(x)"
        raise NotTraceable(f"{name} cannot be traced in this form; expected {expected}")
    raise NotTraceable(
        f"{name} cannot be traced; expected operators, functions of numbers such as numpy.exp, and of others "
        "where, select, clip, sinc and i0"
    )


def record(primitive: type[Primitive], args: Sequence[Any], consts: tuple[Any, ...] = ()) -> Variable:
    """Record one operation on arguments of which at least one is a Variable."""
    return lift(_recorder_of(args), args[0])._apply(primitive, *args, consts=consts)
