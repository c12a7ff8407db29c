"""The drop-ins beside their models: what torch, jax, autograd and SciPy say of the same call is asserted too."""

from __future__ import annotations

import inspect
import math
from typing import NamedTuple

import numpy as np
import pytest
import scipy.optimize

import gradjury as gj

torch = pytest.importorskip("torch")
gradcheck = pytest.importorskip("torch.autograd.gradcheck")  # the module: the attribute is the function in it
GradcheckError = gradcheck.GradcheckError


def tensor(*numbers: float, dtype=torch.float64):
    return torch.tensor(numbers, dtype=dtype, requires_grad=True)


def function(forward, backward):
    """An autograd function of one tensor."""

    class Own(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx, gy):
            return gy * backward(ctx.saved_tensors[0])

    return Own.apply


# ---- torch ------------------------------------------------------------------------------------------------------


def test_the_call_is_torchs() -> None:
    theirs = inspect.signature(gradcheck.gradcheck).parameters
    ours = inspect.signature(gj.gradcheck).parameters
    for name, parameter in theirs.items():
        assert ours[name].default == parameter.default, name
        assert ours[name].kind == parameter.kind, name


def test_the_call_of_second_derivatives_is_torchs() -> None:
    theirs = inspect.signature(gradcheck.gradgradcheck).parameters
    ours = inspect.signature(gj.gradgradcheck).parameters
    for name, parameter in theirs.items():
        assert ours[name].default == parameter.default, name
        assert ours[name].kind == parameter.kind, name
    with pytest.raises(ValueError, match="gradgradcheck expects at least one input tensor"):
        gj.gradgradcheck(torch.sin, torch.tensor([1.0], dtype=torch.float64))


def test_second_derivatives_of_several_tensors() -> None:
    a, b = (torch.tensor(m, dtype=torch.float64, requires_grad=True) for m in ([[0.5, 1.0]], [[2.0], [3.0]]))
    assert gj.gradgradcheck(lambda a, b: torch.tanh(a @ b), (a, b), torch.ones(1, 1, dtype=torch.float64))
    assert gj.gradgradcheck(torch.prod, tensor([2.0, 3.0, 0.0, 0.0]), check_fwd_over_rev=True)
    assert gj.gradgradcheck(torch.nn.functional.relu, tensor([0.0, 1.0]))
    with pytest.raises(gradcheck.GradcheckError, match="nonfinite"):  # nan, where it is −π²/3
        gj.gradgradcheck(torch.sinc, tensor([0.0]))


def test_where_a_function_has_no_value_nothing_is_asked() -> None:
    """x/y and its derivative by y, with x = 0 and y at the special point 0."""
    assert gj.gradcheck(lambda x, y: x / y, (tensor(0.0), tensor(0.4)))
    assert gj.gradgradcheck(torch.xlogy, (tensor([0.0, 1.0]), tensor([0.4, 2.0])))


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: 1 / x, tensor(1e-5)),
        (lambda x: x**2, tensor(1e10)),
        (lambda x: torch.sin(x) + 1e8, tensor(1.0)),
        (torch.sin, tensor(1.0, dtype=torch.float32)),
    ],
)
@pytest.mark.filterwarnings("ignore:Input #0 requires gradient and is not a double")
def test_right_gradients_that_torch_rejects(f, x) -> None:
    with pytest.raises(GradcheckError):
        gradcheck.gradcheck(f, (x,))
    assert gj.gradcheck(f, (x,)) is True


@pytest.mark.parametrize(
    ("f", "verdict"),
    [
        (function(torch.exp, lambda x: torch.exp(x) * (1 + 9e-4)), "wrong"),
        (function(lambda x: 1e-6 * torch.sin(x), lambda x: -1e-6 * torch.cos(x)), "wrong"),
        (function(torch.sin, lambda x: torch.where(x == 0, torch.nan, torch.cos(x))), "nonfinite"),
        (lambda x: torch.where(x == 0, 1.0, torch.sin(x) / x), "nonfinite"),
    ],
)
def test_wrong_gradients_that_torch_accepts(f, verdict: str) -> None:
    x = tensor(0.5, 1.0)
    assert gradcheck.gradcheck(f, (x,)) is True
    with pytest.raises(GradcheckError) as failure:
        gj.gradcheck(f, (x,))
    assert str(failure.value).startswith(verdict)
    assert gj.gradcheck(f, (x,), raise_exception=False) is False


def test_entries_of_the_jacobian_that_should_be_0_are_judged() -> None:
    """A backward that forgets what arrives is right on the diagonal alone."""

    class Forgets(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, gy):
            return 2 * ctx.saved_tensors[0]

    x = tensor(0.5, 1.0, 2.0)
    assert not gradcheck.gradcheck(Forgets.apply, x, raise_exception=False)
    assert not gj.gradcheck(Forgets.apply, x, raise_exception=False)
    with pytest.raises(GradcheckError, match=r"d/dinput0\[1\]: wrong(?s:.*)the derivative rule of Forgets"):
        gj.gradcheck(Forgets.apply, x)


def test_outputs_that_do_not_depend_on_an_input_pass() -> None:
    x, y = tensor(0.5, 1.0), tensor(2.0, 3.0)
    assert gj.gradcheck(lambda x, y: (x * 2, y**2, torch.outer(x, y), torch.cumprod(x, 0)), (x, y))


def test_special_points_can_be_left_out() -> None:
    f = function(torch.sin, lambda x: torch.where(x == 0, torch.nan, torch.cos(x)))
    assert gj.gradcheck(f, (tensor(0.5),), special_points=False) is True
    assert gj.gradcheck(f, (tensor(0.0),), special_points=False, raise_exception=False) is False


def test_the_failure_text_is_ours() -> None:
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        def backward(ctx, gy):
            return gy * ctx.saved_tensors[0]

    with pytest.raises(GradcheckError) as failure:
        gj.gradcheck(lambda x: (x.sum(), Square.apply(torch.sin(x))), tensor(0.5, 1.0))
    text = str(failure.value)
    for words in (
        "sin(x[0])**2",
        "number 1, entry [0]",
        "d/dx[0]: wrong",
        "the derivative rule of Square",
        "reproduce",
    ):
        assert words in text


def test_several_tensors_in_and_out() -> None:
    a, b = torch.randn(3, 4, dtype=torch.float64, requires_grad=True), tensor(0.5, 1.0, 2.0, 3.0)
    layer = torch.nn.Linear(4, 2, dtype=torch.float64)

    def f(a, b, factor):
        return layer(a * b) * factor, {"sum": (a @ b).exp().sum()}["sum"]

    assert gj.gradcheck(f, (a, b, 2.0)) is True
    assert gj.gradcheck(f, [a, b.detach(), 2.0], check_forward_ad=True) is True


def test_kinks_pass() -> None:
    assert gj.gradcheck(torch.relu, tensor(0.0, -1.0, 1.0)) is True


def test_what_rounding_has_lost_fails_unless_it_is_allowed() -> None:
    assert gj.gradcheck(torch.tanh, tensor(20.0), raise_exception=False) is False
    assert gj.gradcheck(torch.tanh, tensor(20.0), fail_on=("wrong", "nonfinite")) is True


def test_a_function_that_cannot_be_read_is_judged_by_differences() -> None:
    assert gj.gradcheck(lambda x: torch.sort(x)[0] ** 2, tensor(0.5, 2.0, 1.0)) is True
    bent = function(lambda x: torch.sort(x)[0], lambda x: torch.ones_like(x) * 1.001)
    assert gj.gradcheck(bent, tensor(0.5, 1.0, 2.0), raise_exception=False) is False


def test_the_tolerances_decide_where_differences_do_not() -> None:
    def f(x):  # unread, and in float32 too rough for a verdict
        return torch.sort(x)[0].float().double()

    assert gj.gradcheck(f, tensor(0.5, 1.0)) is True
    bent = function(lambda x: torch.sort(x)[0] + 1e9, lambda x: torch.ones_like(x) * 1.0001)
    assert gj.gradcheck(bent, tensor(0.5, 1.0)) is True
    assert gj.gradcheck(bent, tensor(0.5, 1.0), rtol=1e-9, atol=1e-9, raise_exception=False) is False


def test_a_backward_pass_that_is_not_reproducible() -> None:
    f = function(torch.sin, lambda x: torch.cos(x) * (1 + 1e-16 * next(COUNT)))
    with pytest.raises(GradcheckError, match="two backward passes differ by"):
        gj.gradcheck(f, tensor(0.5), special_points=False)


COUNT = iter(range(0, 100_000, 7))


def test_bad_calls_raise_what_torch_raises() -> None:
    plain = torch.ones(2, dtype=torch.float64)
    for check in (gradcheck.gradcheck, gj.gradcheck):
        with pytest.raises(ValueError, match="none of them have requires_grad=True"):
            check(torch.sin, (plain,))
    with pytest.raises(gj.InvalidInput, match=r"number 0 is a tensor of torch\.complex128"):
        gj.gradcheck(torch.sin, torch.ones(2, dtype=torch.complex128, requires_grad=True))


# ---- jax --------------------------------------------------------------------------------------------------------


def test_jaxs_call() -> None:
    jax = pytest.importorskip("jax")
    test_util = pytest.importorskip("jax.test_util")
    jnp = jax.numpy

    @jax.custom_vjp
    def bent_exp(x):
        return jnp.exp(x)

    bent_exp.defvjp(lambda x: (jnp.exp(x), x), lambda x, g: (g * jnp.exp(x) * (1 + 9e-4),))
    assert gj.check_grads(jnp.sin, (0.5,), 2) is None
    assert gj.check_grads(lambda p: p["w"] @ p["x"], ({"w": jnp.ones(2), "x": jnp.arange(2.0)},), order=1) is None
    test_util.check_grads(bent_exp, (0.5,), 1, modes=["rev"])
    with pytest.raises(AssertionError, match=r"^wrong"):
        gj.check_grads(bent_exp, (0.5,), 1, modes=["rev"])
    with pytest.raises(AssertionError):
        test_util.check_grads(lambda x: 1 / x, (1e-5,), 1)
    gj.check_grads(lambda x: 1 / x, (1e-5,), 1)


def test_entries_of_the_jacobian_of_jax_that_should_be_0_are_judged() -> None:
    jax = pytest.importorskip("jax")

    @jax.custom_vjp
    def square(x):
        return x * x

    square.defvjp(lambda x: (x * x, x), lambda x, gy: (2 * x,))
    with pytest.raises(AssertionError, match=r"d/dx\[1\]: wrong"):
        gj.check_grads(square, (np.array([0.5, 1.0]),), 1, ("rev",))
    gj.check_grads(square, (np.array([0.5]),), 1, ("rev",))  # a 1 arrives, and there is nothing else


def test_a_second_derivative_is_found_wrong() -> None:
    jax = pytest.importorskip("jax")
    jnp = jax.numpy

    @jax.custom_vjp
    def flat_exp(x):
        return jnp.exp(x)

    flat_exp.defvjp(lambda x: (jnp.exp(x), x), lambda x, g: (g * jnp.exp(jax.lax.stop_gradient(x)),))
    gj.check_grads(flat_exp, (0.5,), 1, modes=["rev"])
    with pytest.raises(AssertionError, match="stop_gradient"):
        gj.check_grads(flat_exp, (0.5,), 2, modes=["rev"])


# ---- autograd ---------------------------------------------------------------------------------------------------


def test_autograds_call() -> None:
    anp = pytest.importorskip("autograd.numpy")
    extend = pytest.importorskip("autograd.extend")
    test_util = pytest.importorskip("autograd.test_util")

    @extend.primitive
    def bent_sin(x):
        return anp.sin(x)

    extend.defvjp(bent_sin, lambda y, x: lambda g: g * anp.cos(x) * (1 + 5e-7))

    def f(x, y):
        return anp.sin(x) * y

    for check in (test_util.check_grads, gj.check_grads):
        check(f)(0.5, 2.0)
        check(f, (0, 1), modes=["rev"], order=1)(0.5, 2.0)
        check(lambda x: anp.sum(anp.tanh(x) * x), modes=["rev"])(np.array([0.5, 2.0]))
    test_util.check_grads(bent_sin, modes=["rev"], order=1)(0.5)
    with pytest.raises(AssertionError, match=r"^wrong"):
        gj.check_grads(bent_sin, modes=["rev"], order=1)(0.5)
    with pytest.raises(gj.InvalidInput, match="modes: got 'back', expected 'fwd', 'rev' or both"):
        gj.check_grads(f, modes=["back"])(0.5, 2.0)


# ---- SciPy ------------------------------------------------------------------------------------------------------


def quadratic(x, a=1.0):
    return a * x[0] ** 2 - 0.5 * x[1] ** 3


def its_gradient(x, a=1.0):
    return [2 * a * x[0], -1.5 * x[1] ** 2]


class Layer(NamedTuple):
    """Parameters as autograd's users hold them."""

    weights: np.ndarray
    bias: np.ndarray


@pytest.mark.parametrize(
    "parameters",
    [(np.array([[1.0, 2.0], [0.3, 0.1]]), np.array([0.5, 0.1])), {"u": [2.0], "v": np.array([0.3, 0.5])}],
)
def test_autograds_call_on_trees(parameters) -> None:
    anp = pytest.importorskip("autograd.numpy")
    theirs = pytest.importorskip("autograd.test_util").check_grads
    stopped = pytest.importorskip("autograd.extend").primitive(lambda x: x * 1.0)
    pytest.importorskip("autograd.extend").defvjp(stopped, lambda ans, x: lambda g: g * 0.5)

    def f(p):
        first, second = (p["u"], p["v"]) if isinstance(parameters, dict) else p
        return anp.sum(anp.tanh(first[0] * second))

    for check in (theirs, gj.check_grads):
        check(f, modes=["rev"], order=2)(parameters)
        with pytest.raises(AssertionError):
            check(lambda p: stopped(f(p)), modes=["rev"], order=1)(parameters)
    layer = Layer(np.array([0.5, 1.0]), np.array(2.0))
    gj.check_grads(lambda p: p.weights * p.bias, modes=["rev"], order=1)(layer)


def test_scipys_call() -> None:
    x0 = [1.5, -1.5]
    for name, parameter in inspect.signature(scipy.optimize.check_grad).parameters.items():
        assert inspect.signature(gj.check_grad).parameters[name].kind == parameter.kind, name
    error = gj.check_grad(quadratic, its_gradient, x0)
    assert isinstance(error, float)
    assert error < 1e-15 < scipy.optimize.check_grad(quadratic, its_gradient, x0)
    assert gj.check_grad(quadratic, its_gradient, x0, 3.0) < 1e-14
    assert gj.check_grad(quadratic, its_gradient, x0, direction="random", seed=1) < 1e-14
    wrong = gj.check_grad(quadratic, lambda x: [2 * x[0], 1.5 * x[1] ** 2], x0)
    assert math.isclose(wrong, 6.75)


def test_scipys_call_on_many_entries_and_unread_functions() -> None:
    x0 = np.linspace(0.5, 2, 5)
    assert gj.check_grad(scipy.optimize.rosen, scipy.optimize.rosen_der, x0) < 1e-12

    def jacobian(x):
        return np.diag(np.cos(x) * x[0]) + np.outer(np.sin(x), [1, 0])

    assert gj.check_grad(lambda x: np.sin(x) * x[0], jacobian, [1.5, -1.5]) < 1e-15
    assert gj.check_grad(lambda x: np.sort(x)[0] ** 2, lambda x: [0, 2 * x[1]], [1.5, -1.5]) < 1e-10
    with pytest.raises(ValueError, match="sideways is not a valid string"):
        gj.check_grad(quadratic, its_gradient, x0, direction="sideways")


def test_an_imaginary_part_counts_as_it_does_in_scipy() -> None:
    def f(x):
        return x[0] ** 2

    assert gj.check_grad(f, lambda x: [2 * x[0] + 1j], [1.5]) == 1.0
    with pytest.raises(gj.InvalidInput, match="x0: given complex numbers; expected real ones"):
        gj.check_grad(f, lambda x: 2 * x, [1.5 + 1j])
    with pytest.raises(gj.InvalidInput, match="function: it returns complex numbers; expected real ones"):
        gj.check_grad(lambda x: x[0] * 1j, lambda x: 2 * x, [1.5])


def test_complex_numbers_are_refused_by_the_drop_ins() -> None:
    x = torch.tensor([0.5], dtype=torch.float64, requires_grad=True)
    with pytest.raises(gj.InvalidInput, match="function: it returns complex numbers; expected real ones"):
        gj.gradcheck(lambda x: torch.complex(x, x * x), x)
    with pytest.raises(gj.InvalidInput, match="args: given complex numbers; expected real ones"):
        gj.check_grads(lambda z: (z * z).real, (1.0 + 1j,), 1, modes=["rev"])
    with pytest.raises(gj.InvalidInput, match="function: it returns complex numbers; expected real ones"):
        gj.check_grads(lambda x: x * 1j, (1.0,), 1, modes=["rev"])
    with pytest.raises(gj.InvalidInput, match="args: given complex numbers; expected real ones"):
        gj.check_grads(lambda z: z, modes=["rev"], order=1)(1.0 + 1j)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_tensors_of_fewer_bits_are_refused(dtype) -> None:
    with pytest.raises(
        gj.InvalidInput, match=f"^inputs: number 0 is a tensor of {dtype}; expected a dense one of float64"
    ):
        gj.gradcheck(torch.sin, tensor(0.5, dtype=dtype))


def test_a_function_that_returns_nothing_is_no_right_one() -> None:
    """Whoever forgets the return would be told that all is well."""
    with pytest.raises(gj.InvalidInput, match=r"^func: it returned None; expected numbers$"):
        gj.gradcheck(lambda x: None, tensor(0.5))
    with pytest.raises(gj.InvalidInput, match=r"^f: it returned None; expected numbers$"):
        gj.check_grads(lambda x: None)(0.5)
    pytest.importorskip("jax")
    with pytest.raises(gj.InvalidInput, match=r"^f: it returned None; expected numbers$"):
        gj.check_grads(lambda x: None, (0.5,), 1)


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf])
def test_no_gradient_passes_where_the_input_is_not_finite(x: float) -> None:
    class Seven(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.sin()

        @staticmethod
        def backward(ctx, g):
            return 7 * g

    given = torch.tensor([0.5, x], dtype=torch.float64, requires_grad=True)
    assert gj.gradcheck(Seven.apply, given, raise_exception=False) is False
    with pytest.raises(gradcheck.GradcheckError, match=rf"\[1\] is {x:g}: no derivative can be judged there"):
        gj.gradcheck(torch.sin, given)
    with pytest.raises(AssertionError, match=f"is {x:g}: no derivative can be judged there"):
        gj.check_grads(lambda x: x * 2, (x,), 1, modes=["rev"])
    assert not gj.check_grad(lambda v: v[0] ** 2, lambda v: 2 * v, [x]) < 1e-3


def test_special_points_are_judged_only_where_a_number_is_not_finite(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = []
    monkeypatch.setattr("gradjury.jacobian.verify", lambda *args, **keywords: judged.append(args) or gj.verify("x", X))
    x = torch.linspace(0.1, 3, 50, dtype=torch.float64, requires_grad=True)
    assert gj.gradcheck(lambda x: torch.sin(x).sum(), x)
    assert judged == []
    assert gj.gradcheck(lambda x: torch.sqrt(x).sum(), x)
    assert len(judged) == 2 * 50  # where an input is 0 or −1


X = {"x": 1.0}


def product_off_by(part: float):
    """x·w as a function of torch's, with the derivative by x off by a part of it."""

    class Product(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, w):
            ctx.save_for_backward(x, w)
            return x * w

        @staticmethod
        def backward(ctx, gy):
            x, w = ctx.saved_tensors
            return (gy * w * (1 + part)).to(x.dtype), gy * x

    return Product.apply


def test_a_derivative_that_is_rounded_to_its_inputs_type_is_no_fault() -> None:
    """By an input of float32 torch returns a float32, whatever it computed in."""
    inputs = tensor(0.3, 0.7, dtype=torch.float32), tensor(0.1, 0.9)
    (by_x,) = torch.autograd.grad(torch.exp(inputs[0] * inputs[1]).sum(), inputs[:1])
    assert by_x.dtype == torch.float32
    assert gj.gradcheck(lambda x, w: torch.exp(x * w).sum(), inputs)
    assert gj.gradcheck(product_off_by(0.0), inputs)
    assert gj.gradcheck(product_off_by(1e-5), inputs, raise_exception=False) is False
    assert gj.gradcheck(product_off_by(1e-9), inputs, raise_exception=False) is False  # it shows before it is rounded


def test_a_function_that_asks_for_the_types_of_its_inputs_is_asked_with_them_alone() -> None:
    def strict(x, w):
        if x.dtype != torch.float32:
            raise TypeError("x: expected float32")
        return (x * w).sum()

    assert gj.gradcheck(strict, (tensor(0.5, dtype=torch.float32), tensor(0.25)))


def test_jax_rounds_to_its_inputs_types_as_well() -> None:
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        x, w = jax.numpy.array([0.3, 0.7], "float32"), jax.numpy.array([0.1, 0.9], "float64")
    gj.check_grads(lambda x, w: jax.numpy.sum(jax.numpy.exp(x * w)), (x, w), 1)


@pytest.mark.parametrize("factor", [1.0, 2.0, 1.01, 0.0, -1.0])
def test_a_root_by_bisection_passes_with_its_implicit_gradient_alone(factor: float) -> None:
    """Its values are stairs of 1e-12, whose own slope is 0; where differences have no verdict, tolerances decide."""

    class Root(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            low, high = torch.full_like(x, -10), torch.full_like(x, 10)
            while torch.any(high - low > 1e-12):
                middle = (low + high) / 2
                beyond = middle**3 + middle > x
                low, high = torch.where(beyond, low, middle), torch.where(beyond, middle, high)
            ctx.save_for_backward(middle)
            return middle

        @staticmethod
        def backward(ctx, g):
            (y,) = ctx.saved_tensors
            return factor * g / (3 * y * y + 1)

    x = torch.tensor([0.3, -1.2, 2.0], dtype=torch.float64, requires_grad=True)
    assert gj.gradcheck(Root.apply, x, raise_exception=False) == (factor == 1)


@pytest.mark.parametrize(("slope", "passes"), [(0.0, True), (0.5, True), (1.0, True), (2.0, False), (-1.0, False)])
def test_at_a_kink_that_cannot_be_read_numbers_between_the_slopes_pass(slope: float, passes: bool) -> None:
    """To the left, its values are those of the constant 0, as which it would be read."""

    class Relu(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return torch.tensor(np.maximum(x.detach().numpy(), 0))

        @staticmethod
        def backward(ctx, g):
            return g * slope

    x = torch.tensor([0.0], dtype=torch.float64, requires_grad=True)
    assert gj.gradcheck(Relu.apply, x, raise_exception=False) == passes
