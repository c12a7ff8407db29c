"""Functions written with JAX: what is read, and what is run."""

from __future__ import annotations

import numpy as np
import pytest

import gradjury as gj

from .checks import agrees, same_verdicts, subject, unread

jax = pytest.importorskip("jax")
jnp = jax.numpy
lax = jax.lax
special = jax.scipy.special

W = np.array([0.5, 1.25, 2.0])
M = np.array([[0.5, 1.0], [2.0, 3.5]])


@jax.custom_vjp
def bent_exp(x):
    return jnp.exp(x)


bent_exp.defvjp(lambda x: (jnp.exp(x), x), lambda x, g: (g * jnp.exp(x) * (1 + 9e-4),))


@jax.custom_jvp
def right_sin(x):
    return jnp.sin(x)


right_sin.defjvp(lambda primals, tangents: (jnp.sin(primals[0]), jnp.cos(primals[0]) * tangents[0]))


@pytest.mark.parametrize(
    "function",
    [
        *(jax.nn.relu, jax.nn.elu, jax.nn.gelu, jax.nn.mish, jax.nn.log_sigmoid, jax.nn.leaky_relu),
        *(jnp.sinc, jnp.cbrt, jnp.log2, jnp.trunc, special.i0e, special.digamma, special.erfinv, special.ndtr),
        lambda x: lax.rsqrt(x) + lax.integer_pow(x, 3) + x**2.5,
        lambda x: lax.clamp(0.2, x, 0.9) + jnp.fmod(x, 0.25) + jnp.remainder(-x, 0.25),
        right_sin,
    ],
)
def test_functions_of_a_number(function) -> None:
    agrees("jax", function, 0.375)


@pytest.mark.parametrize(
    "function",
    [
        jax.nn.softmax,
        jax.nn.log_softmax,
        special.logsumexp,
        jnp.linalg.norm,
        jnp.cumsum,
        lambda x: x[0] * x[-1] + x[1:].sum() + jnp.dot(x, x) + x.mean() + jnp.var(x) + jnp.prod(x) + x.max(),
        lambda x: x.at[0].set(x[1] ** 2),
        lambda x: jnp.concatenate([x, x[::-1] ** 2]).reshape(2, 3).T,
        lambda x: jax.vmap(jnp.sin)(x) + jnp.pad(x, 1)[:3] + jnp.roll(x, 1) + jnp.stack([x, x])[1],
        lambda x: (jnp.exp(x[0]), {"a": x[1:] * 2}),
        lambda x: jnp.where((x > 1) & ~(x > 1.5), x, x**2),
    ],
)
def test_functions_of_an_array(function) -> None:
    agrees("jax", function, W)


def test_products_of_matrices() -> None:
    agrees("jax", lambda x, y: x @ y @ x + jnp.einsum("ij,ik->jk", x, y), M, M.T + 1)
    agrees("jax", lambda x: jnp.linalg.det(x), M)
    agrees("jax", lambda x: jnp.einsum("bij,bjk->bik", jnp.stack([x, x]), jnp.stack([x, 2 * x])), M)


def test_control_flow_is_unrolled() -> None:
    assert agrees("jax", lambda x: lax.fori_loop(0, 3, lambda i, c: c * x, x), 0.5) == ["x*x*x*x"]
    assert agrees("jax", lambda x: lax.scan(lambda c, a: (c * a, c), x, W)[1].sum(), 0.5)
    (text,) = agrees("jax", lambda x: lax.cond(x > 0, jnp.sin, jnp.cos, x), 0.5)
    assert text == "Piecewise((sin(x), x > 0), (cos(x), True))"
    agrees("jax", jax.jit(jax.checkpoint(lambda x: jnp.sin(x) * x)), 0.5)


def test_forward_mode() -> None:
    agrees("jax", lambda x: jnp.exp(x) * x[0], W, mode="forward")


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (lambda x: jnp.sort(x)[0] ** 2, "sort has no meaning"),
        (lambda x: x[0] if x[1] > 0 else x[2], "it branches on a value"),
        (lambda x: x.astype(jnp.float32).sum(), "rounds to float32 within"),
        (lambda x: x[x.astype(int)[0]], "turns a variable into int64"),
    ],
)
def test_what_cannot_be_read(function, why: str) -> None:
    for result in unread("jax", function, W):
        assert why in result.why
        assert result.verdict in ("agree", "undecided")


def test_a_rule_of_the_users_own_is_judged_and_named() -> None:
    found = gj.verify(lambda x: bent_exp(jnp.sin(x)) * 2, at={"x": [0.5, 1.0]}, engine="jax")
    assert (found.verdict, found.blame.kind, found.blame.primitive) == ("wrong", "rule", "bent_exp")
    assert found.blame.minimal == "exp(x)"
    assert found.expression == "exp(sin(x))*2"
    assert gj.verify(right_sin, at={"x": 0.5}, engine="jax").verdict == "agree"


def test_a_stopped_gradient_is_blamed_only_where_it_matters() -> None:
    found = gj.verify(lambda x: x * lax.stop_gradient(x), at={"x": 0.5}, engine="jax")
    assert (found.verdict, found.blame.primitive) == ("wrong", "stop_gradient")
    found = gj.verify(lambda x: jax.nn.softmax(x)[0] * bent_exp(x[1]), at={"x": jnp.array(W)}, engine="jax")
    assert (found.verdict, found.blame.primitive) == ("wrong", "bent_exp")


def test_array_arguments_are_one_point_and_lists_are_many() -> None:
    def f(w, x):
        return jnp.dot(w, w) * x

    one = gj.verify(f, at={"w": jnp.array(W), "x": 2.0}, engine="jax")
    assert list(one.points[0].partials) == ["w[0]", "w[1]", "w[2]", "x"]
    two = gj.verify(f, at={"w": [W, 2 * W], "x": [1.0, 2.0]}, engine="jax")
    assert [p.at["w[2]"] for p in two.points] == [2.0, 4.0]
    assert one.verdict == two.verdict == "agree"


def test_float32() -> None:
    found = gj.verify(lambda x: jnp.sin(x) * 2, at={"x": 0.1}, engine="jax", dtype="float32")
    assert found.verdict == "agree"
    assert found.to_record()["dtype"] == "float32"


def test_a_function_written_with_numpy_is_run_by_the_table() -> None:
    found = gj.verify(lambda x: np.tanh(x), at={"x": 20.0}, engine="jax")
    assert (found.verdict, found.blame.primitive) == ("inaccurate", "tanh")
    assert "function" not in found.to_record()


def test_an_engine_without_reverse_mode_for_it_is_said() -> None:
    def f(x):
        return lax.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + 1, c[1] * x), (0, x))[1]

    found = gj.verify(f, at={"x": 0.5}, engine="jax")
    assert found.verdict == "undecided"
    assert str(found.error).startswith("crashed: jax: ValueError: Reverse-mode")
    assert len(agrees("jax", f, 0.5, mode="forward")) == 1


def test_names_of_subjects() -> None:
    assert subject("jax", jnp.sin, W, 1.0).names == ["x[0]", "x[1]", "x[2]", "y"]


def test_composites_get_the_verdict_of_their_text() -> None:
    same_verdicts("jax", 3)


def test_a_rule_that_raises_is_undecided_in_its_engines_name() -> None:
    @jax.custom_vjp
    def square(x):
        return x * x

    square.defvjp(lambda x: (x * x, x), lambda x, g: (g * x / 0 if 1 / 0 else x,))
    found = gj.verify(lambda x: square(x) * 3, at={"x": [0.5, 1.5]}, engine="jax")
    assert [p.partials["x"].verdict for p in found.points] == ["undecided"] * 2
    assert isinstance(found.failure, ZeroDivisionError)

    square.defvjp(lambda x: (x * x, x), lambda x, g: (g * jnp.ones(3),))
    assert gj.verify(lambda x: square(x) * 3, at={"x": 1.5}, engine="jax").verdict == "undecided"


def test_a_function_of_numpys_is_run_by_the_table() -> None:
    found = gj.verify(lambda x: np.sin(x) * x, at={"x": 0.5}, engine="jax")
    assert (found.verdict, found.expression) == ("agree", "sin(x)*x")


def test_why_a_function_cannot_be_read_is_no_internal_text() -> None:
    (found,) = unread("jax", lambda x: (x[x > 0.6] ** 2).sum(), W)
    assert found.why == "a place that depends on a variable"
    (found,) = unread("jax", lambda x: x[0] if x[0] > 0 else -x[0], W)
    assert found.why == "it branches on a value"


def test_the_evidence_traces_a_function_but_once() -> None:
    """JAX compiles a loop anew whenever its body is written anew, as it is in a function that is called."""
    traced = []

    def f(x):
        traced.append(x)
        return jax.lax.scan(lambda c, a: (jnp.tanh(c * a + 1), c), 0.5, x)[0]

    found = gj.verify(f, at={"x": jnp.array([0.3, -1.2, 0.7])}, engine="jax")
    before = len(traced)
    partials = found.to_record()["points"][0]["partials"]
    assert len(traced) - before == len(partials) == 3
    for partial in partials.values():
        assert partial["difference"] == pytest.approx(partial["engine"], rel=1e-9)


@pytest.mark.parametrize(
    "constant", [lambda x: jnp.array(3.0), lambda x: 3.0, lambda x: x.shape[0], lambda x: x[0] > 1]
)
def test_outputs_that_depend_on_nothing(constant) -> None:
    x = jnp.array([0.5, 1.0])
    gj.check_grads(lambda x: (x * 2, 1.0 * constant(x)), (x,), 1)
    found = gj.verify(lambda x: 1.0 * constant(x), at={"x": x}, engine="jax")
    assert found.verdict == "agree"
    assert [p.engine for p in found.points[0].partials.values()] == [0.0, 0.0]


def test_what_is_printed_on_the_way_is_no_part_of_a_function(capfd: pytest.CaptureFixture[str]) -> None:
    def f(x):
        jax.debug.print("x is {}", x)
        jax.debug.callback(lambda y: None, x * 2)
        return jnp.sin(x)

    found = gj.verify(f, at={"x": 0.5}, engine="jax")
    jax.effects_barrier()
    assert (found.verdict, found.expression, found.points[0].partials["x"].certified) == ("agree", "sin(x)", True)
    assert "x is 0.5" in capfd.readouterr().out


def test_differences_of_what_is_compiled_at_each_call_trace_it_once():
    """jnp.piecewise makes its branches anew whenever it is called, and JAX compiles them anew."""
    traced = []

    def bent(x):
        traced.append(x)
        return jnp.piecewise(x, [x < 0, x >= 0], [lambda y: -y, lambda y: y**2])

    found = gj.verify(bent, at={"x": [0.5]}, engine="jax")
    assert (found.verdict, found.points[0].partials["x"].certified) == ("agree", False)
    assert len(traced) < 20


def test_differences_of_what_draws_numbers_call_it_each_time():
    drawn = np.random.default_rng(1)
    found = gj.verify(lambda x: jnp.sort(x)[0] * drawn.uniform(), at={"x": jnp.array([0.5, 1.0])}, engine="jax")
    assert found.verdict == "undecided"


@pytest.mark.parametrize(
    "function",
    [
        lambda x: jnp.tanh(x.astype(jnp.bfloat16) * 3).astype(x.dtype),
        lambda x: jnp.tanh(x.astype(jnp.float32).astype(jnp.bfloat16) * 3).astype(x.dtype),
        lambda x: x * 1e3 + jnp.sin(x.astype(jnp.float32)).astype(x.dtype),
        lambda x: jnp.tanh(jax.lax.reduce_precision(x, 8, 7) * 3),
    ],
)
def test_stairs_of_fewer_bits_accuse_nobody(function):
    """Values that stand still between two numbers of a narrow type, or move by the rest of the function alone."""
    points = [3.408139597468928, -2.8747956163082664, 0.9, -1.7, 0.4, 735076.1083675879, 794548.8508636329]
    found = gj.verify(function, at={"x": points}, engine="jax")
    assert {p.partials["x"].verdict for p in found.points} <= {"agree", "undecided"}
    assert "it rounds to" in found.points[0].partials["x"].reason


def test_regularized_incomplete_gamma_functions_are_read() -> None:
    special = jax.scipy.special
    assert agrees("jax", lambda x: special.gammainc(2.5, x), 1.75) == ["lowergamma(2.5, x)/gamma(2.5)"]
    assert agrees("jax", lambda x: special.gammaincc(3.0, x), 36.0) == ["uppergamma(3, x)/gamma(3)"]
    by_shape = gj.verify(lambda a: special.gammainc(a, 60.0), at={"a": 50.0}, engine="jax")
    assert (by_shape.verdict, by_shape.points[0].partials["a"].certified) == ("agree", False)
