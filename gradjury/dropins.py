"""Drop-ins for the gradient checks of PyTorch, JAX, autograd and SciPy: their calls, this project's verdicts.

    from gradjury import gradcheck          # for torch.autograd.gradcheck
    from gradjury import gradgradcheck      # for torch.autograd.gradgradcheck
    from gradjury import check_grads        # for jax.test_util.check_grads and autograd.test_util.check_grads
    from gradjury import check_grad         # for scipy.optimize.check_grad

Each returns and raises what its model does. Tolerances are taken and, where the function can be read, not needed: each
entry of the Jacobian is put before the jury. They decide only where the function cannot be read and differences are too
noisy for a verdict, as they do in the models.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import wraps
from typing import Any

import numpy as np

from .assertion import failing_verdicts
from .jacobian import EntryFailed, check_entries, check_finite, check_orders, check_repeats, derivatives
from .reports.verdicts import FAILING
from .verifier import InvalidInput
from .verifier.arguments import refuse, whole, without_imaginary
from .verifier.languages.language import language_named
from .verifier.languages.subject import Subject
from .verifier.signatures import leading_names

#: What PyTorch says of inputs of which none requires a gradient.
NONE_REQUIRES = "{} expects at least one input tensor to require gradient, but none of them have requires_grad=True."


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    check_sparse_nnz: bool = False,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
    special_points: bool = True,
    fail_on: str | Collection[str] = FAILING,
) -> bool:
    """The call of ``torch.autograd.gradcheck``: True where the gradients of a PyTorch function are right.

    Every entry of the Jacobian by the inputs that require a gradient is judged by its certified derivative, in float64
    and float32 alike. A kink is passed with any number between the two slopes.

    Args:
        func: takes tensors, returns a tensor or a sequence of them.
        inputs: a tensor or a sequence of tensors and other arguments.
        atol, rtol: used only where the function cannot be read and differences alone decide.
        raise_exception: whether a failure raises; False is returned otherwise.
        nondet_tol: by how much two backward passes may differ.
        check_forward_ad, check_backward_ad: which modes are judged.
        special_points: whether the derivative is also asked for where an argument of an operation is 0, ±1 or at a
            tie, one input at a time: not finite there, although the derivative is, is a failure.
        fail_on: verdicts that fail; ``("wrong", "nonfinite")`` passes what rounding alone has lost, such as the
            derivative 1.7e-17 of ``torch.tanh`` at 20.
        eps, fast_mode, masked, check_sparse_nnz, check_undefined_grad, check_grad_dtypes, check_batched_grad,
            check_batched_forward_grad: taken and not used.

    Raises:
        torch.autograd.gradcheck.GradcheckError: a gradient fails; with the failure text.
        ValueError: no input requires a gradient, or neither mode is to be judged.
        InvalidInput: an input is sparse, complex or of fewer than 32 bits, or the function returns nothing.
    """
    language: Any = language_named("torch")
    fail_on = failing_verdicts(fail_on)
    given = list(inputs) if isinstance(inputs, (tuple, list)) else [inputs]
    moving = [k for k, x in enumerate(given) if language.is_array(x) and x.requires_grad]
    if not moving:
        raise ValueError(NONE_REQUIRES.format("gradcheck"))
    if not (check_forward_ad or check_backward_ad):
        raise ValueError("Expected at least one of check_forward_ad or check_backward_ad to be True")
    for k in moving:
        if kind := language.strange(given[k]):
            raise InvalidInput(f"inputs: number {k} is a tensor of {kind}; expected a dense one of float64 or float32")

    def function(*tensors: Any) -> Any:
        moved = dict(zip(moving, tensors, strict=True))
        return _returned("func", func(*(moved.get(k, x) for k, x in enumerate(given))))

    function.__name__ = getattr(func, "__name__", type(func).__name__)
    names = leading_names(func, len(given)) or [f"input{k}" for k in range(len(given))]
    arrays = [language.numbers(given[k]) for k in moving]
    modes = [m for m, wanted in (("reverse", check_backward_ad), ("forward", check_forward_ad)) if wanted]
    try:
        for mode in modes:
            subject = Subject(language, function, [names[k] for k in moving], arrays, mode)
            check_finite(subject)
            check_entries(subject, (atol, rtol), fail_on, special_points)
            if mode == "reverse":
                check_repeats(subject, nondet_tol)
    except EntryFailed as failure:
        if raise_exception:
            raise language.failure(str(failure)) from None
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
    special_points: bool = True,
    fail_on: str | Collection[str] = FAILING,
) -> bool:
    """The call of ``torch.autograd.gradgradcheck``: True where the derivatives of a function's gradient are right.

    The gradient, as a function of the inputs and of the cotangents that arrive at the outputs, is put before the jury
    as any function is by :func:`gradcheck`: what it computes is read, and differentiated exactly.

    Args:
        func, inputs: as :func:`gradcheck` takes them.
        grad_outputs: a tensor, or one for each output with a gradient; random ones unless given.
        check_fwd_over_rev, check_rev_over_rev: which modes are judged.
        atol, rtol, raise_exception, nondet_tol, special_points, fail_on: as :func:`gradcheck` takes them.
        eps, gen_non_contig_grad_outputs, check_undefined_grad, check_grad_dtypes, check_batched_grad, fast_mode,
            masked: taken and not used.

    Raises:
        torch.autograd.gradcheck.GradcheckError: a derivative fails; with the failure text.
        ValueError, InvalidInput: as :func:`gradcheck`.
    """
    language: Any = language_named("torch")
    given = list(inputs) if isinstance(inputs, (tuple, list)) else [inputs]
    moving = [bool(language.is_array(x) and x.requires_grad) for x in given]
    if not any(moving):
        raise ValueError(NONE_REQUIRES.format("gradgradcheck"))
    if grad_outputs is None:
        arriving = language.cotangents(_returned("func", func(*given)))
    else:
        arriving = list(grad_outputs) if isinstance(grad_outputs, (tuple, list)) else [grad_outputs]
    gradient = language.gradient_of(func, moving)
    return gradcheck(
        gradient,
        [*given, *arriving],
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
        special_points=special_points,
        fail_on=fail_on,
    )


def check_grads(
    f: Callable[..., Any],
    args: Any = None,
    order: int | None = None,
    modes: Sequence[str] | None = None,
    atol: float | None = None,
    rtol: float | None = None,
    eps: float | None = None,
    fail_on: str | Collection[str] = FAILING,
) -> Any:
    """The calls of ``jax.test_util.check_grads`` and ``autograd.test_util.check_grads``.

    ``check_grads(f, args, order, modes=("fwd", "rev"))`` judges a JAX function at ``args`` (arrays, or trees of them).
    ``check_grads(f, argnum=0, modes=["fwd", "rev"], order=2)(*args)``, without the arguments, judges an autograd
    function of the arguments that ``argnum`` numbers.

    Args:
        args: of a JAX function; else None, the number of an argument or a tuple of numbers, or the modes.
        order: derivatives up to this order; those of order n by reading the derivative of order n − 1. What
            autograd cannot trace of its own derivatives is judged by differences.
        modes: ``fwd``, ``rev`` or both.
        atol, rtol: used only where the function cannot be read and differences alone decide; 1e-6 unless given.
        eps: taken and not used.
        fail_on: verdicts that fail.

    Returns:
        None; without arguments the function that takes them.

    Raises:
        AssertionError: a derivative is wrong; with the failure text.
        InvalidInput: an argument is none, or the function returns nothing.
    """
    __tracebackhide__ = True  # pytest shows the caller's line, not this one
    tolerances = (1e-6 if atol is None else atol, 1e-6 if rtol is None else rtol)
    failing = failing_verdicts(fail_on)
    _check_callable("f", f)
    if order is not None:
        whole("order", order, 1)
    strings = isinstance(args, (list, tuple)) and bool(args) and all(isinstance(a, str) for a in args)
    if strings:
        args, modes = None, args
    numbered = isinstance(args, int) or (
        isinstance(args, (list, tuple)) and bool(args) and all(type(a) is int for a in args)
    )
    if args is not None and order is not None and not numbered:
        if not isinstance(args, (list, tuple)) or not args:
            refuse("args", args, "a tuple of the function's arguments")
        check_orders(language_named("jax"), _returning(f), tuple(args), order, _modes(modes), tolerances, failing)
        return None
    chosen = (0,) if args is None else (args,) if isinstance(args, int) else tuple(args)

    def check(*given: Any) -> None:
        __tracebackhide__ = True

        def function(*moved: Any) -> Any:
            full = list(given)
            for k, x in zip(chosen, moved, strict=True):
                full[k] = x
            return _returned("f", f(*full))

        function.__name__ = getattr(f, "__name__", "function")
        start = tuple(given[k] for k in chosen)
        check_orders(language_named("autograd"), function, start, order or 2, _modes(modes), tolerances, failing)

    return check


def check_grad(
    func: Callable[..., Any],
    grad: Callable[..., Any],
    x0: Any,
    *args: Any,
    epsilon: float | None = None,
    direction: str = "all",
    rng: Any = None,
    seed: Any = None,
) -> float:
    """The call of ``scipy.optimize.check_grad``: how far a gradient is from the derivative of a NumPy function.

    Args:
        func: takes an array of shape (n,) and ``args``; returns a number, or an array of shape (m,).
        grad: takes the same; returns an array of shape (n,), or (m, n).
        x0: the point.
        epsilon: taken and not used.
        direction: ``all`` entries, or a ``random`` one.
        rng, seed: of the random direction.

    Returns:
        The root of the sum of squares of the differences. Where the function can be read they are taken from the exact
        derivative, so that a right gradient gives about 1e-16 times its size, not the 1e-8 of a one-sided difference;
        elsewhere from an extrapolated central difference.

    Raises:
        ValueError: ``direction`` is neither.
        InvalidInput: a function or the point is none, or the gradient has another size than the derivative.
    """
    if direction not in ("all", "random"):
        raise ValueError(f"{direction} is not a valid string for ``direction`` argument")
    _check_callable("func", func)
    _check_callable("grad", grad)
    try:
        x = np.asarray(without_imaginary("x0: given", np.asarray(x0)), dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        refuse("x0", x0, "an array of numbers")
    if not x.size:
        refuse("x0", x0, "one number at least")
    claimed = np.asarray(grad(np.asarray(x0), *args))
    if not np.iscomplexobj(claimed):  # an imaginary part is an error of its size
        claimed = np.asarray(claimed, dtype=np.float64)
    if direction == "random" and claimed.ndim > 1:
        raise ValueError("'random' can only be used with scalar valued func")
    exact = derivatives(lambda v: func(v, *args), x)
    if claimed.size != exact.size:
        raise InvalidInput(
            f"grad: it returns an array of shape {claimed.shape}; expected {exact.size} numbers, as many as derivatives"
        )
    off = (claimed.reshape(exact.shape) - exact).reshape(claimed.shape)
    if direction == "random":
        generator = np.random.default_rng(seed if rng is None else rng)
        off = np.dot(off, generator.standard_normal(x.shape))
    return float(np.sqrt(np.sum(np.abs(off) ** 2)))


def _check_callable(name: str, function: Any) -> None:
    if not callable(function):
        refuse(name, function, "a function")


def _returned(name: str, result: Any) -> Any:
    """What a function returned, seen to be something: of nothing every derivative would be right."""
    if result is None:
        raise InvalidInput(f"{name}: it returned None; expected numbers")
    return result


def _returning(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is seen to return something; its arguments are named as before."""

    @wraps(f)
    def watched(*args: Any) -> Any:
        return _returned("f", f(*args))

    return watched


def _modes(modes: Sequence[str] | None) -> list[str]:
    found = ["fwd", "rev"] if modes is None else [modes] if isinstance(modes, str) else list(modes)
    if strangers := [m for m in found if m not in ("fwd", "rev")]:
        raise InvalidInput(f"modes: got {strangers[0]!r}, expected 'fwd', 'rev' or both")
    return found
