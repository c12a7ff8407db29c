"""Functions written with JAX: read through their jaxpr, run as they are.

``jax.make_jaxpr`` gives the primal program with every ``custom_jvp`` and ``custom_vjp`` as a call of its plain meaning.
Reading inlines these calls, so the oracle differentiates what the function computes, while the engine under test
differentiates the function itself, the user's own rules included. ``stop_gradient`` is read as the identity that it is:
a gradient that was stopped on the way is not the derivative.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core

from ..arguments import without_imaginary
from ..engines.jax import in_bits_of
from ..errors import Rounds, Unsupported
from ..signatures import leading_names
from .cells import Cells, Sheet, any_symbolic, boxed, each, is_truth, symbolic, truth
from .jax_operations import MOVES, RULES
from .language import Array, Arrays, Call, Function, Language, Reading

#: Where an operation keeps the program that it calls.
BODIES = ("call_jaxpr", "jaxpr", "fun_jaxpr")

#: What shows a value to whoever runs the function, and returns nothing: ``jax.debug.print`` and ``jax.debug.callback``.
SHOWN = ("debug_callback", "debug_print")

#: Types of half the bits, as a jaxpr writes them.
HALVES = {"bf16": jnp.bfloat16, "f16": jnp.float16}

#: A loop is unrolled up to here.
LONGEST_LOOP = 10_000


class JaxLanguage(Language):
    """``jax.vjp`` and ``jax.jvp`` of functions of arrays."""

    name = "jax"

    def session(self, dtype: np.dtype[Any]) -> AbstractContextManager[Any]:
        return in_bits_of(dtype)

    def is_array(self, value: Any) -> bool:
        return isinstance(value, jax.Array)

    def array(self, numbers: np.ndarray[Any, Any]) -> Any:
        return jnp.asarray(numbers)

    def read(self, function: Function, arrays: Arrays, names: Sequence[str]) -> Reading:
        try:
            closed = jax.make_jaxpr(function)(*(self.array(a) for a in arrays))
        except jax.errors.NonConcreteBooleanIndexError as error:
            raise Unsupported("a place that depends on a variable") from error
        except jax.errors.TracerBoolConversionError as error:
            raise Unsupported("it branches on a value") from error
        sheet = Sheet(names)
        reader = _Reader(sheet, np.result_type(*arrays))
        cells = sheet.inputs([a.shape for a in arrays])
        try:
            outputs = reader.run(closed.jaxpr, closed.consts, cells)
        except Rounds as error:  # to float32 at first, and to fewer bits later on
            narrow = [jnp.finfo(kind).eps for name, kind in HALVES.items() if re.search(rf"\b{name}\[", str(closed))]
            raise Rounds(error.reason, max([error.unit, *map(float, narrow)])) from error
        return Reading(sheet.recorder, [each(sheet.lift, boxed(o)) for o in outputs], reader.calls)

    def value(self, function: Function, arrays: Arrays) -> list[Array]:
        return [np.asarray(y) for y in _flat(function)(*(self.array(a) for a in arrays))]

    def repeated(self, function: Function, arrays: Arrays) -> Callable[[Arrays], list[Array]]:
        # its operations one by one, as ever, but traced once: JAX compiles a loop anew whenever its body is made anew
        run = core.jaxpr_as_fun(jax.make_jaxpr(_flat(function))(*(self.array(a) for a in arrays)))
        return lambda arrays: [np.asarray(y) for y in run(*(self.array(a) for a in arrays))]

    def vjp(self, function: Function, arrays: Arrays) -> tuple[list[Array], Callable[[Arrays], list[Array]]]:
        values, pullback = jax.vjp(_flat(function), *(self.array(a) for a in arrays))

        def pull(cotangents: Arrays) -> list[Array]:
            return [
                np.asarray(g) for g in pullback([self._like(c, v) for c, v in zip(cotangents, values, strict=True)])
            ]

        return [np.asarray(v) for v in values], pull

    def jvp(self, function: Function, arrays: Arrays, tangents: Arrays) -> list[Array]:
        primals = [self.array(a) for a in arrays]
        return [np.asarray(t) for t in jax.jvp(_flat(function), primals, [self.array(t) for t in tangents])[1]]

    def sloped(self, function: Function, entry: int, k: int, place: int) -> Function:
        def value(*inputs: Any) -> Any:
            return jnp.concatenate([jnp.ravel(y) for y in _flat(function)(*inputs)])[entry]

        return lambda *inputs: jnp.ravel(jax.grad(value, argnums=k)(*inputs))[place]

    def flattened(self, function: Function, args: tuple[Any, ...]) -> tuple[Function, list[Array], list[str]]:
        with jax.enable_x64(True):
            leaves, form = jax.tree_util.tree_flatten(args)
            arrays = [without_imaginary("args: given", np.asarray(leaf)) for leaf in leaves]
        names = leading_names(function, len(args)) if len(leaves) == len(args) else []

        def flat(*inputs: Any) -> Any:
            return function(*jax.tree_util.tree_unflatten(form, inputs))

        flat.__name__ = getattr(function, "__name__", type(function).__name__)
        return flat, arrays, names or [f"x{k}" for k in range(len(leaves))]

    def derived(self, function: Function, arrays: Arrays, mode: str) -> tuple[Function, list[Any]]:
        count, values = len(arrays), self.value(function, arrays)
        if mode == "forward":
            return lambda *a: jax.jvp(_flat(function), a[:count], a[count:])[1], [*arrays, *arrays]
        return lambda *a: jax.vjp(_flat(function), *a[:count])[1](list(a[count:])), [*arrays, *values]

    @staticmethod
    def _like(cotangent: np.ndarray[Any, Any], value: Any) -> Any:
        if not jnp.issubdtype(value.dtype, jnp.floating):  # JAX's cotangent of an integer
            return np.zeros(value.shape, jax.dtypes.float0)
        return jnp.asarray(cotangent, value.dtype)


class _Reader:
    """Runs a jaxpr on arrays of cells; what holds no cell is computed by JAX itself.

    Args:
        dtype: of the inputs: what is rounded to fewer bits has no meaning here.
    """

    def __init__(self, sheet: Sheet, dtype: np.dtype[Any]) -> None:
        self.sheet, self.dtype = sheet, dtype
        self.calls: list[Call] = []
        self.nested = False

    def run(self, jaxpr: Any, consts: Sequence[Any], inputs: Sequence[Cells]) -> list[Cells]:
        """The outputs of a program."""
        known: dict[Any, Any] = dict(zip(jaxpr.constvars, consts, strict=True))
        known.update(zip(jaxpr.invars, inputs, strict=True))

        def read(atom: Any) -> Any:
            return atom.val if isinstance(atom, core.Literal) else known[atom]

        for equation in jaxpr.eqns:
            results = self.equation(equation, [read(v) for v in equation.invars])
            known.update(zip(equation.outvars, results, strict=True))
        return [read(v) for v in jaxpr.outvars]

    def equation(self, equation: Any, inputs: list[Any]) -> list[Any]:
        """The results of one operation.

        Raises:
            Unsupported: it has no meaning here.
        """
        name, params = equation.primitive.name, equation.params
        if not any(any_symbolic(x) for x in inputs):
            plain = [_plain(x, atom.aval.dtype) for x, atom in zip(inputs, equation.invars, strict=True)]
            found = _bound(equation, *plain)
            return list(found) if equation.primitive.multiple_results else [found]
        if name in SHOWN:
            return []
        if name in MOVES:
            if name == "stop_gradient" and not self.nested:
                self.calls.append(_call(equation, inputs)._replace(name=name, stops=True))
            return self.moved(equation, inputs)
        if name in RULES or name in _OF_READER:
            rule = partial(RULES[name], self.sheet) if name in RULES else partial(_OF_READER[name], self)
            found = rule(*inputs, **params)
            return list(found) if equation.primitive.multiple_results else [found]
        for key in BODIES:
            if key in params:
                return self.called(equation, params[key], inputs)
        raise Unsupported(f"jax's {name} has no meaning here")

    def called(self, equation: Any, body: Any, inputs: list[Any]) -> list[Any]:
        """The results of a program inside the program; a user's own rule on the outermost level is remembered."""
        jaxpr, consts = (body.jaxpr, body.consts) if hasattr(body, "jaxpr") else (body, ())
        own = equation.primitive.name.startswith("custom_") and not self.nested
        if own:
            self.calls.append(_call(equation, inputs))
            self.nested = True
        try:
            return self.run(jaxpr, consts, inputs)
        finally:
            self.nested = self.nested and not own

    def moved(self, equation: Any, inputs: list[Any]) -> list[Any]:
        """Entries at their new places: the operation itself is applied to the entries' numbers."""
        pool: list[Any] = []
        numbered = []
        for x, atom in zip(inputs, equation.invars, strict=True):
            if jnp.issubdtype(atom.aval.dtype, jnp.integer) and not any_symbolic(x):  # where to, not what
                numbered.append(jnp.asarray(np.asarray(x).astype(atom.aval.dtype)))
                continue
            if not jnp.issubdtype(atom.aval.dtype, jnp.floating) and atom.aval.dtype != bool:
                raise Unsupported("a place that depends on a variable")
            cells = boxed(np.asarray(x) if not isinstance(x, np.ndarray) else x)
            numbered.append(jnp.arange(len(pool), len(pool) + cells.size).reshape(cells.shape))
            pool.extend(cells.flat)
        found = _bound(equation, *numbered)
        results = []
        for places in map(np.asarray, found if equation.primitive.multiple_results else [found]):
            if not np.all((places >= 0) & (places < len(pool))):
                raise Unsupported(f"jax's {equation.primitive.name} fills in numbers here")
            results.append(each(pool.__getitem__, places))
        return results

    # ---- other types ---------------------------------------------------------------------------------------

    def convert_element_type(self, x: Cells, *, new_dtype: Any, **_: Any) -> Cells:
        """Cells of another type.

        Raises:
            Unsupported: it does not hold them exactly.
        """
        dtype = np.dtype(new_dtype)
        if np.issubdtype(dtype, np.bool_):
            return each(lambda c: c if is_truth(c) else self.sheet.compare("!=", c, 0.0), x)
        if not np.issubdtype(dtype, np.floating):
            if all(is_truth(c) or not symbolic(c) for c in boxed(x).flat):  # 0 or 1
                return x
            if jnp.issubdtype(dtype, jnp.floating):  # one that is none of NumPy's, such as bfloat16
                raise Rounds(f"it rounds to {dtype} within", float(jnp.finfo(dtype).eps))
            raise Unsupported(f"it turns a variable into {dtype}")
        if dtype.itemsize < self.dtype.itemsize:
            raise Rounds(f"it rounds to {dtype} within", float(np.finfo(dtype).eps))
        return each(lambda c: self.sheet.lift(c) if is_truth(c) else c, x)

    def reduce_precision(self, x: Cells, *, mantissa_bits: int, **_: Any) -> Cells:
        """Nothing: its results are rounded.

        Raises:
            Rounds: always.
        """
        raise Rounds("it rounds to fewer bits within", 2.0**-mantissa_bits)

    # ---- control flow --------------------------------------------------------------------------------------

    def cond(self, which: Cells, *inputs: Any, branches: Any, **_: Any) -> list[Cells]:
        index = boxed(which).item()
        if not symbolic(index):
            chosen = branches[int(np.clip(index, 0, len(branches) - 1))]
            return self.run(chosen.jaxpr, chosen.consts, inputs)
        if len(branches) != 2 or not is_truth(index):
            raise Unsupported("it branches on a value")
        no, yes = (self.run(b.jaxpr, b.consts, inputs) for b in branches)
        return [each(lambda a, b: self.sheet.choose(index, a, b), a, b) for a, b in zip(yes, no, strict=True)]

    def scan(
        self, *inputs: Any, jaxpr: Any, length: int, num_consts: int, num_carry: int, reverse: bool, **_: Any
    ) -> list[Cells]:
        if length > LONGEST_LOOP:
            raise Unsupported(f"a loop of more than {LONGEST_LOOP:,} steps")
        fixed, carry = inputs[:num_consts], list(inputs[num_consts : num_consts + num_carry])
        columns = inputs[num_consts + num_carry :]
        steps = []
        for k in reversed(range(length)) if reverse else range(length):
            found = self.run(jaxpr.jaxpr, jaxpr.consts, [*fixed, *carry, *(boxed(c[k]) for c in columns)])
            carry = found[:num_carry]
            steps.append(found[num_carry:])
        steps = steps[::-1] if reverse else steps
        stacked = [np.stack([boxed(np.asarray(s, object)) for s in column]) for column in zip(*steps, strict=True)]
        return [*carry, *stacked]

    def loop(
        self, *inputs: Any, cond_jaxpr: Any, cond_nconsts: int, body_jaxpr: Any, body_nconsts: int, **_: Any
    ) -> list[Cells]:
        test, body = inputs[:cond_nconsts], inputs[cond_nconsts : cond_nconsts + body_nconsts]
        carry = list(inputs[cond_nconsts + body_nconsts :])
        for _step in range(LONGEST_LOOP):
            if not truth(boxed(self.run(cond_jaxpr.jaxpr, cond_jaxpr.consts, [*test, *carry])[0]).item()):
                return carry
            carry = self.run(body_jaxpr.jaxpr, body_jaxpr.consts, [*body, *carry])
        raise Unsupported(f"a loop of more than {LONGEST_LOOP:,} steps")


#: Operations that run programs, or know types: methods of a reader.
_OF_READER: dict[str, Callable[..., Any]] = {
    "cond": _Reader.cond,
    "scan": _Reader.scan,
    "while": _Reader.loop,
    "convert_element_type": _Reader.convert_element_type,
    "reduce_precision": _Reader.reduce_precision,
}


def _flat(function: Function) -> Function:
    """The function with a flat list of arrays as its result."""

    def flat(*inputs: Any) -> list[Any]:
        leaves = [jnp.asarray(y) for y in jax.tree_util.tree_leaves(function(*inputs))]
        return [without_imaginary("function: it returns", y) for y in leaves]

    return flat


def _plain(array: Any, dtype: Any) -> Any:
    """An array without Variables as JAX takes it."""
    boxes = isinstance(array, np.ndarray) and array.dtype.hasobject
    return np.asarray(array.tolist()).astype(dtype) if boxes else array


def _bound(equation: Any, *inputs: Any) -> Any:
    """What JAX itself returns for one operation."""
    return equation.primitive.bind(*inputs, **equation.primitive.get_bind_params(equation.params))


def _call(equation: Any, inputs: list[Any]) -> Call:
    """A user's own rule as a function of its arguments alone."""

    def alone(*arguments: Any) -> Any:
        return _bound(equation, *arguments)

    return Call(_name(equation), alone, [boxed(x) if isinstance(x, np.ndarray) else np.asarray(x) for x in inputs])


def _name(equation: Any) -> str:
    body = equation.params.get("call_jaxpr") or equation.params.get("fun_jaxpr")
    name = getattr(getattr(getattr(body, "jaxpr", body), "debug_info", None), "func_name", None)
    return str(name or equation.primitive.name)
