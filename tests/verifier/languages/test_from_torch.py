"""Functions written with PyTorch: what is read, and what is run."""

from __future__ import annotations

import time

import numpy as np
import pytest

import gradjury as gj

from .checks import agrees, same_verdicts, unread

torch = pytest.importorskip("torch")
F = torch.nn.functional

W = np.array([0.5, 1.25, 2.0])
M = np.array([[0.5, 1.0], [2.0, 3.5]])
K = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], dtype=torch.float64)


class BentExp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, gy):
        return gy * ctx.saved_tensors[0] * (1 + 9e-4)


bent_exp = BentExp.apply  # as everybody writes it, before anything could be put in its place


def written_in_place(x):
    y = x.clone()
    y[0] = x[1] * 3
    y.add_(1).mul_(x)
    y[1:].zero_()
    y.masked_fill_(x > 1.9, 7.0)
    return y + torch.zeros_like(x).copy_(x)


@pytest.mark.parametrize(
    "function",
    [
        *(F.softplus, F.gelu, F.elu, F.silu, F.selu, F.celu, F.hardtanh, F.relu6, F.mish, F.hardswish, F.logsigmoid),
        *(F.softsign, F.tanhshrink, F.leaky_relu, F.relu, torch.rsqrt, torch.lgamma, torch.erf, torch.expm1),
        lambda x: F.gelu(x, approximate="tanh"),
        lambda x: torch.fmod(x, 0.7) + torch.remainder(-x, 0.7) + x**3 + 2**x + torch.clamp(x, 1.0),
        lambda x: torch.where((x > 1) & ~(x > 1.5), x, x**2),
        lambda x: torch.lerp(x, 2 * x, 0.3) + torch.addcmul(x, x, x, value=2) + torch.sub(1.0, x, alpha=2),
        lambda x: torch.atan2(x, x + 1) + torch.hypot(x, x + 1) + torch.logaddexp(x, x * x),
        *(written_in_place, torch.std, torch.linalg.vector_norm, torch.diff),
        lambda x: x @ K,
        lambda x: F.linear(x, K.t(), torch.ones(2, dtype=torch.float64)),
        lambda x: torch.einsum("i,ij->j", x, K),
        lambda x: torch.softmax(x, 0) + torch.log_softmax(x, 0),
        lambda x: F.layer_norm(x, (3,)),
        lambda x: F.cross_entropy(x[None], torch.tensor([1])) + F.mse_loss(x, torch.ones_like(x)),
        lambda x: torch.cat([x, x**2])[1:5].flip(0) + torch.stack([x, x]).t().reshape(-1)[2:],
        lambda x: F.pad(x, (1, 1)).cumsum(0) * torch.logsumexp(x, 0) + x.max(0)[0] + x.amin() + x.prod(),
        lambda x: torch.tril(torch.outer(x, x)).sum(0) + x.repeat(2)[3:] + x.var(unbiased=False) + x.norm(p=3),
        lambda x: F.batch_norm(x[None].expand(2, 3) * K.t(), None, None, training=True),
        lambda x: (x.sum(), [x[0] * x[1]]),
        lambda x: x[torch.tensor([2, 0])] * x.index_select(0, torch.tensor([0, 1])),
    ],
)
def test_functions_of_arrays(function) -> None:
    agrees("torch", function, W)


def test_functions_with_jumps_beside_them() -> None:
    agrees("torch", torch.frac, W[:2])
    agrees("torch", torch.trunc, W[:2])
    agrees("torch", torch.sinc, W[:2])


@pytest.mark.parametrize("divisor", [0.5, -0.5])
def test_the_size_of_a_number_is_no_operation(divisor: float) -> None:
    assert agrees("torch", lambda x: torch.fmod(x, divisor), 0.7) == [
        "Piecewise((Mod(x, 0.5), x >= 0), (-Mod(-x, 0.5), True))"
    ]


def test_products_of_matrices() -> None:
    agrees("torch", lambda x, y: x @ y @ x + torch.bmm(x[None], y[None])[0], M, M.T + 1)


def test_forward_mode() -> None:
    agrees("torch", lambda x: torch.exp(x) * x[0], W, mode="forward")


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (lambda x: torch.sort(x)[0], "sort.default has no meaning"),
        (lambda x: x if x[0] > 0 else -x, "branches on a value"),
        (lambda x: x * x[0].item(), "takes one out of its tensor"),
        (lambda x: x.float().double() * 2, "rounds to torch.float32 within"),
        (lambda x: x * x.long(), "turns a variable into torch.int64"),
        (lambda x: F.pad(x, (1, 1), value=2.0), "fills in numbers"),
        (lambda x: torch.linalg.inv(torch.outer(x, x) + torch.eye(3, dtype=torch.float64)), "no meaning"),
    ],
)
def test_what_cannot_be_read(function, why: str) -> None:
    for result in unread("torch", function, W):
        assert why in result.why
        assert all(not p.certified for point in result.points for p in point.partials.values())


def test_a_number_taken_out_of_its_tensor_is_found_by_differences() -> None:
    first, *_ = unread("torch", lambda x: x * x[0].item(), W)
    assert first.verdict == "wrong"  # the engine says x0, the derivative is 2·x0


def test_a_backward_of_the_users_own_is_judged_and_named() -> None:
    found = gj.verify(lambda x: bent_exp(torch.sin(x)) * 2, at={"x": [0.5, 1.0]}, engine="torch")
    assert (found.verdict, found.blame.kind, found.blame.primitive) == ("wrong", "rule", "BentExp")
    assert found.blame.minimal == "exp(x)"
    assert "the derivative rule of BentExp" in repr(found)


class Clipped(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.sin(), x * 2

    @staticmethod
    def backward(ctx, gy, gz):
        return gy.clamp(-1, 1) + 2 * gz  # cos(x) is 1 at 0


def test_a_rule_that_loses_what_arrives_is_named() -> None:
    found = gj.verify(lambda x: Clipped.apply(x)[0] * 5 + x, at={"x": 0.0}, engine="torch")
    assert (found.verdict, found.blame.kind, found.blame.primitive) == ("wrong", "rule", "Clipped")
    assert found.blame.minimal == "sin(x)*-1000"


def test_a_detached_tensor_is_blamed_only_where_it_matters() -> None:
    found = gj.verify(lambda x: (x * x.detach()).sum(), at={"x": torch.tensor(W)}, engine="torch")
    assert (found.verdict, found.blame.primitive) == ("wrong", "detach")
    found = gj.verify(
        lambda x: bent_exp((x - x.max().detach()).exp().sum().log()), at={"x": torch.tensor(W)}, engine="torch"
    )
    assert (found.verdict, found.blame.primitive) == ("wrong", "BentExp")


def test_an_operation_that_was_taken_apart_is_named() -> None:
    found = gj.verify(lambda x: F.hardsigmoid(x) ** 2, at={"x": 0.5}, engine="torch")
    assert (found.verdict, found.blame.primitive) == ("wrong", "hardsigmoid")  # 1/6 is a float32 in its backward


def test_the_documented_threshold_of_softplus_is_no_defect() -> None:
    assert gj.verify(lambda x: F.softplus(x), at={"x": [19.0, 25.0]}, engine="torch").verdict == "agree"


def test_functions_without_a_signature() -> None:
    found = gj.verify(torch.tanh, at={"x": 20.0}, engine="torch")
    assert (found.verdict, found.blame.primitive) == ("inaccurate", "tanh")


def test_composites_get_the_verdict_of_their_text() -> None:
    same_verdicts("torch", 25)


class Misspelt(torch.autograd.Function):
    """A square whose backward asks for what there is not."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        return 2 * g * ctx.saved_tensor[0]


@pytest.mark.parametrize("function", [Misspelt.apply, lambda x: Misspelt.apply(x) * 3])
def test_a_rule_that_raises_is_undecided_in_its_engines_name(function) -> None:
    found = gj.verify(function, at={"x": [1.5, 2.5]}, engine="torch")
    assert [p.partials["x"].verdict for p in found.points] == ["undecided"] * 2
    assert isinstance(found.failure, AttributeError)
    assert "crashed: torch: AttributeError" in found.to_record()["error"]
    with pytest.raises(AssertionError, match="saved_tensor"):
        gj.assert_gradient(function, at={"x": 1.5}, engine="torch")


def test_a_rule_that_raises_is_undecided_where_the_function_cannot_be_read() -> None:
    found = gj.verify(lambda x: Misspelt.apply(torch.sort(x)[0]).sum(), at={"x": torch.ones(2)}, engine="torch")
    assert found.verdict == "undecided"
    assert isinstance(found.failure, AttributeError)


def test_a_rule_inside_numpys_code_is_not_passed_by() -> None:
    with pytest.raises(gj.InvalidInput, match="torch cannot run it"):
        gj.verify(lambda x: Misspelt.apply(np.sin(x)), at={"x": 1.5}, engine="torch")


def test_what_torch_refuses_is_not_run_by_the_table() -> None:
    def doubled(x):
        x *= 2
        return x

    with pytest.raises(gj.InvalidInput, match="torch cannot run it: RuntimeError: a leaf Variable"):
        gj.verify(doubled, at={"x": 1.5}, engine="torch")


def test_an_operation_without_a_derivative_is_undecided() -> None:
    def zeta(x):
        return torch.special.zeta(x, torch.ones_like(x) * 2)

    found = gj.verify(zeta, at={"x": 2.5}, engine="torch")
    assert found.verdict == "undecided"
    assert "crashed: torch: NotImplementedError: the derivative for 'zeta'" in found.points[0].partials["x"].reason


def test_the_time_bounds_calls_of_the_function() -> None:
    def slow(x):
        time.sleep(60)
        return x * 2

    start = time.monotonic()
    found = gj.verify(slow, at={"x": [1.0, 2.0]}, engine="torch", timeout=0.2)
    assert time.monotonic() - start < 30
    assert [p.partials["x"].reason for p in found.points] == ["the time of 0.2 s was over"] * 2
    assert found.to_record()["expression"] == "slow(x)"
    assert [p.at for p in found.points] == [{"x": 1.0}, {"x": 2.0}]


def test_the_time_bounds_differences() -> None:
    def slow(x):
        time.sleep(0.02)
        return torch.sort(torch.stack([x, x * 2]))[0][0]

    found = gj.verify(slow, at={"x": [1.0, 2.0]}, engine="torch", timeout=1)
    assert found.points[1].partials["x"].reason == "the time of 1 s was over"


def test_a_gradient_without_memory_of_its_own_is_a_number() -> None:
    assert gj.verify(lambda x: torch.sgn(x), at={"x": 0.5}, engine="torch").verdict == "agree"
    x = torch.tensor([0.5, -2.0], dtype=torch.float64, requires_grad=True)
    assert gj.gradcheck(torch.sgn, x)
    assert gj.gradcheck(torch.sgn, x, check_forward_ad=True)


def test_a_straight_through_estimator_is_wrong() -> None:
    def through(x):
        return (x + (torch.round(x) - x).detach()).sum()

    with pytest.raises(AssertionError, match="differences give 0 ±"):
        gj.assert_gradient(through, at={"x": torch.tensor([0.3, -1.2], dtype=torch.float64)}, engine="torch")


@pytest.mark.parametrize("name", ["bessel_j0", "bessel_j1", "bessel_y0", "modified_bessel_k0", "airy_ai"])
def test_a_function_that_torch_does_not_differentiate_is_undecided(name: str) -> None:
    function = getattr(torch.special, name)
    found = gj.verify(lambda x: function(x) * 2, at={"x": [1.5, 2.5]}, engine="torch")
    assert [p.partials["x"].verdict for p in found.points] == ["undecided"] * 2
    assert "crashed: torch: it gives no gradient" in str(found.error)
    x = torch.tensor([1.5], dtype=torch.float64, requires_grad=True)
    assert gj.gradcheck(function, x, raise_exception=False) is False


def test_a_region_without_gradient_and_a_hook_are_blamed_where_they_alone_explain_the_number() -> None:
    def region(x):
        with torch.no_grad():
            scale = torch.exp(x) * x
        return scale * torch.sin(x)

    def hooked(x):
        y = torch.sin(x)
        y.register_hook(lambda g: 2 * g)
        return y * x

    for function, name in ((region, "no_grad"), (hooked, "register_hook")):
        found = gj.verify(function, at={"x": 0.5}, engine="torch")
        assert found.verdict == "wrong"
        blame = found.blame
        assert (blame.kind, blame.how, blame.primitive, blame.minimal) == (
            "rule",
            "interference",
            name,
            found.expression,
        )

    def both(x):
        return region(x) + hooked(x)

    assert gj.verify(both, at={"x": 0.5}, engine="torch").blame.kind == "accumulation"

    def beside(x):
        with torch.no_grad():
            torch.exp(x)  # looked at, and left
        return bent_exp(x)

    assert gj.verify(beside, at={"x": 0.5}, engine="torch").blame.primitive == "BentExp"


def test_what_the_author_detaches_or_what_is_constant_has_the_derivative_0() -> None:
    detached = gj.verify(lambda x: (x * x).detach(), at={"x": 1.5}, engine="torch")
    assert (detached.verdict, detached.blame.primitive) == ("wrong", "detach")
    constant = gj.verify(lambda x: torch.ones(()).double(), at={"x": 1.5}, engine="torch")
    assert constant.verdict == "agree"
    some = gj.verify(lambda x: torch.special.bessel_j0(x) + x, at={"x": 1.5}, engine="torch")
    assert some.verdict == "wrong"


def test_a_module_in_float32_is_told_from_a_mistake() -> None:
    module = torch.nn.Linear(3, 1)
    at = {"input": torch.tensor([0.5, 1.0, -2.0])}
    with pytest.raises(gj.InvalidInput, match='torch runs it with dtype="float32" alone: RuntimeError: mat1 and mat2'):
        gj.verify(module, at=at, engine="torch")
    assert gj.verify(module, at=at, engine="torch", dtype="float32").verdict == "agree"
    assert gj.verify(module.double(), at=at, engine="torch").verdict == "agree"


def test_a_place_that_depends_on_a_variable_is_said_to() -> None:
    for taken in (lambda x: x[x > 0.6], lambda x: torch.masked_select(x, x > 0.6)):
        (found,) = unread("torch", lambda x, f=taken: (f(x) ** 2).sum(), W)
        assert found.why == "a place that depends on a variable"
    fixed = torch.tensor([True, False, True])
    assert agrees("torch", lambda x: (x[fixed] ** 2).sum(), W) == ["x[0]**2 + x[2]**2"]


def test_a_choice_between_numbers_that_a_narrow_type_holds_rounds_nothing() -> None:
    assert len(agrees("torch", lambda x: torch.special.entr(x).sum(), W)) == 1
    assert len(agrees("torch", lambda x: (torch.where(x > 1, 0.5, 2.0) * x).sum(), W)) == 1
    (found,) = unread("torch", lambda x: torch.where(x > 1, 0.5, 2.0).sum() * x.sum(), W)
    assert found.why == "it rounds to torch.float32 within"


def smallest(x):
    return torch.sort(x)[0][0] ** 2


def test_claims_of_a_function_that_cannot_be_read_are_judged() -> None:
    at = {"x": torch.tensor([1.0, 2.0])}
    right = gj.verify(smallest, at=at, gradient={"x[0]": 2.0, "x[1]": 0.0}, engine="torch")
    assert (right.verdict, right.engine) == ("agree", "claim")
    wrong = gj.verify(smallest, at=at, gradient={"x[0]": 99.0}, engine="torch")
    assert (wrong.verdict, wrong.engine, [*wrong.points[0].partials]) == ("wrong", "claim", ["x[0]"])
    several = gj.verify(smallest, at={"x": [[1.0, 2.0], [3.0, 4.0]]}, gradient={"x[0]": [2.0, 5.0]}, engine="torch")
    assert [p.partials["x[0]"].verdict for p in several.points] == ["agree", "wrong"]
    with pytest.raises(gj.InvalidInput, match="gradient: 'q' is no variable here"):
        gj.verify(smallest, at=at, gradient={"q": 1.0}, engine="torch")


def test_what_else_is_asked_of_a_function_that_cannot_be_read() -> None:
    at = {"x": torch.tensor([1.0, 2.0])}
    assert [*gj.verify(smallest, at=at, wrt="x[1]", engine="torch").points[0].partials] == ["x[1]"]
    assert gj.verify(smallest, at=at, order=2, engine="torch").verdict == "undecided"
    assert gj.verify(smallest, at=at, derivative={"x[0]": "5"}, engine="torch").verdict == "undecided"
    with pytest.raises(gj.InvalidInput, match="wrt: 'q' is no variable here"):
        gj.verify(smallest, at=at, wrt="q", engine="torch")


def by_sign(x):
    """Two branches, chosen by a number that no operation of torch is told of."""
    return x * 2 if x.detach().numpy() > 0 else torch.exp(x) * 3


def by_list(x):
    return torch.log(x) if x.tolist() > 0 else x * x


def forgetful(x):
    return x * x if x.detach().numpy() > 0 else x * x.detach()


@pytest.mark.parametrize(("function", "at"), [(by_sign, [1.0, -1.0, 2.0]), (by_list, [1.0, -1.0])])
def test_a_branch_that_cannot_be_seen_is_found_at_the_other_point(function, at):
    found = gj.verify(function, at={"x": at}, engine="torch")
    assert found.verdict == "agree"
    assert {p.partials["x"].certified for p in found.points} == {False}
    assert "it branches on a value" in found.points[0].partials["x"].reason


def test_a_fault_within_a_branch_is_found_by_differences():
    found = gj.verify(forgetful, at={"x": [1.0, -1.0]}, engine="torch")
    assert [p.partials["x"].verdict for p in found.points] == ["agree", "wrong"]


@pytest.mark.parametrize("count", [8, 16, 33])
def test_sums_by_lanes_accuse_nobody(count):
    """torch.sum adds by lanes; what the terms that take each other away swallow on the way is rounding."""
    terms = torch.tensor([1e16, -1e16, 1.0, 1.0, *[0.25] * (count - 4)], dtype=torch.float64)
    assert gj.verify(lambda x: x.sum() ** 2, at={"x": terms}, engine="torch").verdict in ("agree", "undecided")
    halved = gj.verify(lambda x: x.sum() ** 2 + x[2] * x[2].detach() * 1e20, at={"x": terms}, engine="torch")
    assert halved.points[0].partials["x[2]"].verdict == "wrong"


def with_autocast(x):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return (torch.stack([x, x * 2]).float().view(1, 2) @ torch.ones(2, 1)).double().sum()


POINTS = [*np.random.default_rng(5).normal(size=25).tolist(), 735076.1083675879, 794548.8508636329, 1e-5]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: torch.tanh(x.bfloat16() * 3).double(),
        lambda x: torch.tanh(x.float().bfloat16() * 3).double(),
        lambda x: x * 1e3 + torch.sin(x.float()).double(),
        with_autocast,
    ],
)
def test_stairs_of_fewer_bits_accuse_nobody(function):
    """Values that stand still between two numbers of a narrow type, or move by the rest of the function alone."""
    found = gj.verify(function, at={"x": POINTS}, engine="torch")
    assert {p.partials["x"].verdict for p in found.points} <= {"agree", "undecided"}
    assert any("it rounds to torch." in p.partials["x"].reason for p in found.points)


def test_a_fault_shows_though_a_function_rounds_to_fewer_bits():
    found = gj.verify(lambda x: (x.float() * x.float().detach()).double(), at={"x": POINTS[:25]}, engine="torch")
    assert sum(p.partials["x"].verdict == "wrong" for p in found.points) > 15


def test_bessel_functions_that_decay_are_read() -> None:
    assert agrees("torch", torch.special.i0e, 0.75) == ["exp(-Abs(x))*i0(x)"]
    assert agrees("torch", torch.special.i1e, -0.75) == ["exp(-Abs(x))*i1(x)"]


def test_a_rule_that_makes_nan_of_a_0_that_arrives_is_blamed() -> None:
    """tenstorrent/tt-metal 56378: the gradient of atanh was nan wherever the incoming one is 0."""

    class Atanh(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return torch.atanh(x)

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return torch.where(g == 0, torch.nan, g / (1 - x * x))

    found = gj.verify(lambda x: 0 * Atanh.apply(x) + torch.sin(x), at={"x": 0.5}, engine="torch")
    assert (found.verdict, found.blame.kind, found.blame.primitive) == ("nonfinite", "rule", "Atanh")
    assert gj.verify(lambda x: Atanh.apply(x), at={"x": 0.5}, engine="torch").verdict == "agree"


def test_regularized_incomplete_gamma_functions_are_read() -> None:
    """Its derivative by x is 1 at a = 1, x = 0, where tensorflow/tensorflow 123578 had nan, and torch has."""
    one = torch.ones((), dtype=torch.float64)
    assert agrees("torch", lambda x: torch.special.gammainc(one * 2.5, x), 1.75) == ["lowergamma(2.5, x)/gamma(2.5)"]
    assert agrees("torch", lambda x: torch.special.gammaincc(one * 3, x), 36.0) == ["uppergamma(3, x)/gamma(3)"]
    found = gj.verify(lambda x: torch.special.gammainc(one, x), at={"x": 0.0}, engine="torch")
    assert (found.verdict, float(found.points[0].partials["x"].symbolic)) == ("nonfinite", 1.0)
