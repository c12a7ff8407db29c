"""The loop that adapters share, and the README's own engine."""

from __future__ import annotations

import importlib
import operator
import re
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import gradjury as gj
from gradjury.engine import REGISTRY
from gradjury.engine.sweep import gradient
from gradjury.engine.tape import Recorder
from gradjury.properties.faults import OverwrittenFanOut
from gradjury.verifier import InvalidInput, NumpyEngine, Unsupported, available, engine_named, read
from gradjury.verifier.engines import ADAPTERS
from gradjury.verifier.engines.common import OPERATORS, Table, TapeRunner, whole_order

README = Path(__file__).resolve().parents[3] / "README.md"


class Dual:
    """The smallest array type with operators: values and one tangent."""

    def __init__(self, value: Any, tangent: Any = 0.0) -> None:
        self.value, self.tangent = value, tangent

    def __add__(self, other: Any) -> Dual:
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value + other.value, self.tangent + other.tangent)

    def __mul__(self, other: Any) -> Dual:
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value * other.value, self.tangent * other.value + self.value * other.tangent)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Dual:
        return self * -1.0

    def __pow__(self, c: Any) -> Dual:
        seen.append(c)
        return Dual(self.value**c, c * self.value ** (c - 1) * self.tangent)


seen: list[Any] = []


def dual_sin(x: Dual) -> Dual:
    assert isinstance(x, Dual)  # a constant argument arrives as an array of the engine's own
    return Dual(np.sin(x.value), np.cos(x.value) * x.tangent)


class Forward(TapeRunner):
    """Forward mode: one pass for each input."""

    name, version = "forward", "1"
    table: ClassVar[Table] = {**OPERATORS, "sin": (dual_sin, lambda x: dual_sin(x))}

    def array(self, numbers: Any) -> Any:
        return Dual(numbers)

    def numbers(self, array: Any) -> Any:
        return array.value

    def differentiate(self, function: Any, inputs: list[Any]) -> Any:
        value, partials = None, []
        for i in range(len(inputs)):
            value = function(*(Dual(x.value, float(k == i)) for k, x in enumerate(inputs)))
            partials.append(np.asarray(value.tangent))
        return value, partials


class BlackBox:
    """Shows its results alone; every single operation is right."""

    name, version, flushes_subnormals = "black box", "1", False

    def gradient(self, tape: Any, point: Any, dtype: Any) -> Any:
        return NumpyEngine(execution=OverwrittenFanOut).gradient(tape, point, dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("x", [0.5, [0.5, 1.5, 2.0]])
def test_values_and_gradients_have_the_shape_of_the_points(x: Any, dtype: str) -> None:
    tape = read("x*sin(y) + 3*x + sin(2)*y")
    point = {"x": np.asarray(x), "y": np.asarray(0.25)}
    value, partials = Forward().gradient(tape, point, dtype)
    expected, others = gradient(tape, point, dtype)
    np.testing.assert_allclose(value, expected, rtol=1e-6)
    assert np.shape(value) == np.shape(x)
    for name, partial in partials.items():
        np.testing.assert_allclose(partial, others[name], rtol=1e-6)
        assert np.shape(partial) == np.shape(x)
    np.testing.assert_allclose(Forward().values(tape, point, dtype)[-1], expected, rtol=1e-6)


def test_exponents_are_written_as_a_user_writes_them() -> None:
    seen.clear()
    Forward().gradient(read("x**2 + x**0.5 + x**-3"), {"x": 1.5}, "float64")
    assert [(c, type(c)) for c in seen] == [(2, int), (0.5, float), (-3, int)]


def test_a_constant_function_needs_no_gradient_from_the_engine() -> None:
    value, partials = Forward().gradient(read("y = x; 2 + 3"), {"x": np.array([1.0, 2.0])}, "float64")
    assert value.tolist() == [5.0, 5.0]
    assert partials["x"].tolist() == [0.0, 0.0]
    assert Forward().gradient(read("2 + 3"), {}, "float64") == (5.0, {})


def test_a_missing_operation_makes_a_record_undecided_with_the_reason() -> None:
    with pytest.raises(Unsupported, match=r"^forward has no exp$"):
        Forward().gradient(read("exp(x)"), {"x": 0.5}, "float64")
    result = gj.verify("exp(x)*y", at={"x": 0.5, "y": 1.0}, engine=Forward())
    assert result.verdict == "undecided"
    record = result.to_record()["points"][0]["partials"]["x"]
    assert record["reason"] == "forward has no exp"
    assert record["difference"] == pytest.approx(np.exp(0.5))  # of the project's own values


def test_a_derivative_that_the_engine_lacks_is_told_in_its_words() -> None:
    class Lacking(Forward):
        def differentiate(self, function: Any, inputs: list[Any]) -> Any:
            raise NotImplementedError("no derivative of sin")

    with pytest.raises(Unsupported, match=r"^forward: no derivative of sin$"):
        Lacking().gradient(read("sin(x)"), {"x": 0.5}, "float64")
    with pytest.raises(NotImplementedError, match=r"TapeRunner has no method differentiate\(function, inputs\)"):
        TapeRunner().differentiate(dual_sin, [])


def test_spellings() -> None:
    assert Forward.spellings("sin")[0] is dual_sin
    assert len(Forward.spellings("sin")) == 2
    assert Forward.spellings("add") == (operator.add,)
    assert Forward.spellings("exp") == ()

    def doubled(x: Dual) -> Dual:
        return dual_sin(x) * 2.0

    value, _ = Forward({"sin": doubled}).gradient(read("sin(x)"), {"x": 0.5}, "float64")
    assert value == 2 * np.sin(0.5)


def test_orders_that_are_no_whole_numbers() -> None:
    assert whole_order(3.0, "f") == 3
    for order in (0.5, -1.0, np.array([1.0])):
        with pytest.raises(Unsupported, match="f takes whole orders only"):
            whole_order(order, "f")


@pytest.mark.parametrize("one", [1, True, Fraction(1), np.array(1), np.int64(1)])
def test_plain_numbers_of_any_kind_are_numbers(one: Any) -> None:
    """As in micrograd, whose gradients begin as the integer 0."""

    class Whole(Forward):
        def differentiate(self, function: Any, inputs: list[Any]) -> Any:
            return function(*inputs), [one for _ in inputs]

    assert gj.verify("x + y", at={"x": 0.5, "y": [1.0, 2.0]}, engine=Whole()).verdict == "agree"
    assert gj.verify("x + 2*y", at={"x": 0.5, "y": 2.0}, engine=Whole()).verdict == "wrong"


def raises_beyond(limit: float, slope: float = 2.0) -> Any:
    class Raising(gj.TapeRunner):
        name, version, asked = "raising", "1", 0

        def differentiate(self, function: Any, inputs: list[Any]) -> Any:
            type(self).asked += 1
            if np.any(np.abs(inputs[0]) > limit):
                raise OverflowError("math range error")
            return function(*inputs), [np.full_like(x, slope) for x in inputs]

    return Raising()


def test_an_engine_that_raises_at_one_point_is_judged_at_the_others() -> None:
    found = gj.verify("x + x", at={"x": [1.0, 800.0, 2.0, 900.0]}, engine=raises_beyond(700))
    assert [p.partials["x"].verdict for p in found.points] == ["agree", "undecided", "agree", "undecided"]
    assert found.verdict == "undecided"
    assert found.error == found.points[1].partials["x"].reason
    assert "OverflowError: math range error" in found.error
    assert isinstance(found.failure, OverflowError)
    assert "  at         x = 800.0   (the worst of 4 points)\n  error      crashed: raising:" in repr(found)
    with pytest.raises(AssertionError, match="math range error"):
        gj.assert_gradient("x + x", at={"x": [1.0, 800.0]}, engine=raises_beyond(700))


def test_an_error_at_one_point_does_not_hide_what_is_wrong_at_another() -> None:
    found = gj.verify("x + x", at={"x": [800.0, 1.0], "z": 3.0}, engine=raises_beyond(700, slope=1.0), wrt="x")
    assert [[*p.partials] for p in found.points] == [["x"], ["x"]]
    assert (found.verdict, found.points[0].partials["x"].verdict) == ("wrong", "undecided")
    shown = repr(found)
    assert "at         x = 1.0, z = 3.0" in shown
    assert shown.index("d/dx: wrong") < shown.index("reproduce  ") < shown.index("error      crashed: raising: ")


def test_an_engine_that_always_raises_is_not_asked_for_ever() -> None:
    engine = raises_beyond(-1)
    found = gj.verify("x + x", at={"x": np.linspace(1, 2, 10_000)}, engine=engine)
    assert found.error is not None
    assert {p.partials["x"].verdict for p in found.points} == {"undecided"}
    assert engine.asked < 100


def test_an_engine_that_fails_at_several_points_but_at_none_alone_is_undecided() -> None:
    class Alone(gj.TapeRunner):
        name, version = "alone", "1"

        def differentiate(self, function: Any, inputs: list[Any]) -> Any:
            if inputs[0].size > 1:
                raise ValueError("one point, please")
            return function(*inputs), [np.full_like(x, 2.0) for x in inputs]

    found = gj.verify("x + x", at={"x": [1.0, 2.0]}, engine=Alone())
    assert {p.partials["x"].verdict for p in found.points} == {"undecided"}
    assert "one point, please" in (found.error or "")


def test_fan_out_in_a_black_box_is_an_accumulation_and_is_reduced() -> None:
    result = gj.verify(
        "a = sin(y)*exp(x); b = cos(a) + 3; log(b)*(a + y) + sqrt(b)", at={"x": 0.7, "y": 0.3}, engine=BlackBox()
    )
    assert result.verdict == "wrong"
    assert result.blame is not None
    assert (result.blame.kind, result.blame.primitive) == ("accumulation", None)
    smallest = read(result.blame.minimal or "")
    assert len(smallest.operations) <= 3
    assert gj.verify(smallest, at=result.blame.at, engine=BlackBox()).verdict == "wrong"
    assert gj.verify(smallest, at=result.blame.at).verdict == "agree"


def test_a_part_that_the_engine_cannot_do_alone_is_left_out_of_the_blame() -> None:
    class NoBareSine(NumpyEngine):
        """Refuses sin by itself, and errs in exp."""

        name = "no bare sine"

        def gradient(self, tape: Any, point: Any, dtype: Any) -> Any:
            names = [tape.nodes[i].primitive.name for i in tape.operations]
            if names == ["sin"]:
                raise Unsupported("no sin alone")
            value, partials = super().gradient(tape, point, dtype)
            return value, {k: p * (1.5 if "exp" in names else 1.0) for k, p in partials.items()}

    result = gj.verify("y*exp(sin(x))", at={"x": 0.5, "y": 2.0}, engine=NoBareSine())
    assert result.blame is not None
    assert (result.blame.kind, result.blame.primitive, result.blame.minimal) == ("rule", "exp", "exp(x)")


def test_engines_are_found_by_name_or_what_they_need_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name for name, _, _ in available()]
    assert names == ["numpy", *ADAPTERS]
    with pytest.raises(InvalidInput, match="'nonsuch' is not known; known: numpy, torch"):
        engine_named("nonsuch")
    monkeypatch.setitem(sys.modules, "gradjury.verifier.engines.casadi", None)
    with pytest.raises(InvalidInput, match=r"casadi cannot be imported .* pip install 'gradjury\[casadi\]'"):
        engine_named("casadi")


def test_an_engine_that_is_not_installed_is_listed_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    from gradjury.verifier import engine_names

    def version(name: str) -> str:
        if name == "jax":
            raise engine_names.PackageNotFoundError(name)
        return "7"

    monkeypatch.setattr(engine_names, "version", version)
    assert ("jax", None, "pip install 'gradjury[jax]'") in available()
    assert ("torch", "7", None) in available()


def test_an_engine_is_installed_whatever_its_distribution_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gradjury.verifier import engine_names

    monkeypatch.setitem(ADAPTERS, "somegrad", "Somegrad")
    monkeypatch.setattr(engine_names, "_distributions", engine_names.packages_distributions)
    (tmp_path / "somegrad").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert available()[-1] == ("somegrad", None, "pip install 'gradjury[somegrad]'")  # any folder of that name
    (tmp_path / "somegrad" / "__init__.py").touch()
    written = tmp_path / "somegrad_gpu-3.1.dist-info"
    written.mkdir()
    (written / "METADATA").write_text("Metadata-Version: 2.1\nName: somegrad-gpu\nVersion: 3.1\n")
    (written / "top_level.txt").write_text("somegrad\n")
    importlib.invalidate_caches()
    assert available()[-1] == ("somegrad", "3.1", None)


def test_the_table_of_every_primitive_can_be_run_by_the_loop() -> None:
    """The order of arguments and constants is the primitive's own: NumPy's forward functions as a table."""

    class Own(TapeRunner):
        name, version = "own", "1"
        table: ClassVar[Table] = {n: _positional(p) for n, p in REGISTRY.items()}

    constants = {"relation": "<", "h": Fraction(1, 2)}
    for name, primitive in REGISTRY.items():
        free = [a for a in primitive.arguments if a not in primitive.opaque]
        recorder = Recorder(free)
        order = recorder.constant(Fraction(1)) if primitive.opaque else -1
        args = tuple(order if a in primitive.opaque else free.index(a) for a in primitive.arguments)
        consts = tuple(constants.get(c, Fraction(2)) for c in primitive.constants)
        tape = recorder.tape(recorder.add(primitive, args, consts))
        at = {a: np.array([0.3 + 0.1 * k, 0.6 + 0.1 * k]) for k, a in enumerate(free)}
        np.testing.assert_array_equal(Own().values(tape, at, "float64")[-1], gradient(tape, at)[0], err_msg=name)


def _positional(primitive: Any) -> Any:
    def call(*arguments: Any) -> Any:
        count = len(primitive.arguments)
        return primitive.forward(*arguments[:count], **dict(zip(primitive.constants, arguments[count:], strict=True)))

    return call


def test_the_engine_of_the_readme_is_caught_and_its_backward_named() -> None:
    section = README.read_text().split("## Your own engine")[1].split("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    engine_class = blocks[1].split("\n\nfound =")[0]
    assert len(engine_class.splitlines()) < 15
    names: dict[str, Any] = {"gj": gj, "np": np}
    exec(compile("\n".join(blocks), "README.md", "exec"), names)
    found = names["found"]
    said = blocks[1].rsplit("#", 1)[1].replace("'", "").replace(",", "").split()
    assert [found.verdict, found.blame.kind, found.blame.primitive] == said
    assert found.blame.minimal == "exp(x)"
    names["Exp"].backward = lambda self, gy: np.exp(self.input.data) * gy
    assert gj.verify("exp(square(x))", at={"x": [0.5, 1.0, 2.0]}, engine=names["Mine"]()).verdict == "agree"


def test_random_functions_are_made_of_what_the_engine_has() -> None:
    class Few(Forward):
        table: ClassVar[Table] = {**{n: OPERATORS[n] for n in ("add", "mul", "neg")}, "sin": dual_sin}

    found = gj.run(20, 2, engine=Few())
    assert found.settings["grammar"]["primitives"] == ["add", "mul", "neg", "sin"]
    assert sum(found.pairs.values()) == 40
    assert set(found.pairs) <= {"agree", "imprecise"}


def test_rounding_of_huge_terms_beside_a_kink_accuses_nobody() -> None:
    text = "(y - a)*silu((b - u) - ((b - u) - 8)) + elu(v, 0.5)"  # 1e300 swallows the 8 in every correct program
    result = gj.verify(text, at={"y": 1.0, "a": 2.0, "b": 3.0, "u": -1e300, "v": 0.0})
    assert result.verdict == "undecided"
    assert result.points[0].partials["v"].verdict == "kink"


def test_an_infinite_derivative_may_have_either_sign_at_minus_zero() -> None:
    result = gj.verify("sqrt(x)", at={"x": [-0.0, 0.0]}, gradient={"x": [-np.inf, -np.inf]})
    assert [point.partials["x"].verdict for point in result.points] == ["undefined", "nonfinite"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, r"differentiate returned NoneType; expected \(value, derivatives\)"),
        ((1.0, 2.0, 3.0), r"differentiate returned tuple; expected \(value, derivatives\)"),
        ((1.0, 2.0), r"returned \(value, float\); expected a derivative for each input, in their order"),
        ((1.0, None), r"returned \(value, NoneType\); expected a derivative for each input"),
        ((1.0, {"x": 2.0}), r"returned \(value, dict\); expected a derivative for each input"),
        ((1.0, {2.0}), r"returned \(value, set\); expected a derivative for each input"),
        ((1.0, "2"), r"returned \(value, str\); expected a derivative for each input"),
        ((None, [2.0]), "differentiate returned None for the value"),
        (([1.0, 2.0], [2.0, 2.0]), "differentiate returned 2 derivatives; expected 1, one for each input"),
        ((1.0, []), "differentiate returned 0 derivatives; expected 1, one for each input"),
        ((1.0, [np.ones(3)]), "differentiate returned 3 numbers; expected 2, one for each point"),
    ],
)
def test_what_differentiate_must_return(answer, message):
    class Mine(TapeRunner):
        name, version = "mine", "1"

        def differentiate(self, function, inputs):
            return answer

    with pytest.raises((TypeError, ValueError), match=message):
        Mine().gradient(read("2*x"), {"x": np.array([1.0, 2.0])}, "float64")


def test_numbers_that_return_nothing_are_no_nan() -> None:
    class Forgetful(TapeRunner):
        name, version = "forgetful", "1"

        def numbers(self, array):
            array["numbers"]

        def differentiate(self, function, inputs):
            return {"numbers": 3.0}, [{"numbers": 2.0}]

    with pytest.raises(TypeError, match="numbers returned None; expected the numbers in an array"):
        Forgetful().gradient(read("2*x"), {"x": np.array([1.0, 2.0])}, "float64")


def test_complex_numbers_are_no_answer() -> None:
    class Half(gj.TapeRunner):
        name, version = "half", "1"

        def differentiate(self, function, inputs):
            return function(*inputs), [2 * x + 1j for x in inputs]

    for at in (1.5, [1.5, 2.5]):
        found = gj.verify("x*x", at={"x": at}, engine=Half())
        assert found.verdict == "undecided"
        assert "returned complex numbers" in found.error


@pytest.mark.parametrize("table", [None, ["exp"], 3])
def test_a_table_that_is_no_mapping_is_said_in_one_line(table: Any) -> None:
    class Mine(TapeRunner):
        name, version = "mine", "1"

    Mine.table = table
    with pytest.raises(InvalidInput, match=r"Mine\.table: got .*; expected a dict from operations to functions"):
        Mine()
