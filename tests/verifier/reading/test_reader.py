"""Reading text: what the tape holds, and the one line that bad input gets."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from gradjury.engine.primitive import REGISTRY
from gradjury.engine.sweep import Execution
from gradjury.engine.tape import Constant, Tape
from gradjury.verifier.errors import GradjuryError, InvalidInput, LimitExceeded, Unsupported
from gradjury.verifier.limits import Limits
from gradjury.verifier.reading import vocabulary
from gradjury.verifier.reading.builder import canonical
from gradjury.verifier.reading.printer import write
from gradjury.verifier.reading.reader import read


def shape(tape: Tape) -> list[tuple]:
    """Nodes after the inputs: name, arguments, constants."""
    return [(n.primitive.name, n.args, *n.consts) for n in tape.nodes[len(tape.inputs) :]]


def operations(text: str) -> list[str]:
    return [n.primitive.name for n in read(text).nodes if n.primitive is not Constant][len(read(text).inputs) :]


def evaluate(text: str, **at: float) -> float:
    return float(Execution(read(text)).forward(at))


def test_the_tree_stays_as_written():
    assert shape(read("x*x")) == [("mul", (0, 0))]
    assert shape(read("-x**2")) == [("powc", (0,), Fraction(2)), ("neg", (1,))]
    assert operations("exp(x**2)**2") == ["powc", "exp", "powc"]
    assert operations("sin(x) + sin(x)") == ["sin", "sin", "add"]
    assert shape(read("x + 1/3")) == [
        ("constant", (), Fraction(1)),
        ("constant", (), Fraction(3)),
        ("div", (1, 2)),
        ("add", (0, 3)),
    ]


def test_variables_come_in_order_of_first_appearance_or_as_given():
    assert read("y*x + z*y").inputs == ("y", "x", "z")
    assert read("y*x", variables=("x", "w", "y")).inputs == ("x", "w", "y")
    with pytest.raises(InvalidInput, match=r"'y' is none of the variables; expected x, w \(column 1\)"):
        read("y*x", variables=("x", "w"))
    assert shape(read("gamma*gamma(x)", variables=("gamma", "x"))) == [("gamma", (1,)), ("mul", (0, 2))]


@pytest.mark.parametrize("name", ["e", "A", "C", "x1", "beta_", "gamma_", "lambda_", "_x", "S", "N", "Größe"])
def test_plain_names_are_variables(name):
    assert read(f"2*{name}").inputs == (name,)


def test_names_that_sympy_does_not_have_are_functions_only_where_they_are_called():
    names = {*vocabulary.names(), *vocabulary.RELATIONS, *vocabulary.JUNCTIONS, *vocabulary.NEGATIONS}
    for name in sorted(names):
        is_free = name in vocabulary.REWRITTEN or name in vocabulary.FREE
        assert (name in vocabulary.RESERVED) == (hasattr(sympy, name) and not is_free), name
    tape = read("psi*x + i0")
    assert list(tape.inputs) == ["psi", "x", "i0"]
    assert shape(read("zeta*zeta(2, x)")) == [("constant", (), Fraction(2)), ("zeta", (2, 1)), ("mul", (0, 3))]
    assert shape(read("mod*mod(x, 2)")) == [("constant", (), Fraction(2)), ("mod", (1, 2)), ("mul", (0, 3))]
    named = read("sub = x*y; less = sub + 1; where(less > 0, less, sub)")
    assert read(write(named)) == named
    assert "less = " in write(named)


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("0.1", Fraction(1, 10)),
        ("1e-3", Fraction(1, 1000)),
        ("1_000.5", Fraction(2001, 2)),
        ("0x1F", Fraction(31)),
        (".5", Fraction(1, 2)),
        ("3.", Fraction(3)),
        ("1E400", Fraction(10) ** 400),
        ("Rational(1, 3)", Fraction(1, 3)),
        ('Rational("1/3")', Fraction(1, 3)),
        ("Rational(0.1, 2)", Fraction(1, 20)),
        ('Float("0.044715", 60)', Fraction(44715, 10**6)),
        ("Integer(7)", Fraction(7)),
        ("-3", Fraction(-3)),
    ],
)
def test_number_literals_are_exact(literal, value):
    tape = read(f"x + {literal}")
    assert [n.consts[0] for n in tape.nodes if n.primitive is Constant] == [value]
    assert shape(tape)[-1][0] == "add"
    # behind a letter of two bytes the place in the text is counted in characters
    assert value in [n.consts[0] for n in read(f"ü + {literal}").nodes if n.primitive is Constant]


@pytest.mark.parametrize(
    ("exponent", "value"),
    [
        ("2", Fraction(2)),
        ("-1", Fraction(-1)),
        ("(3/2)", Fraction(3, 2)),
        ("-(1/2)", Fraction(-1, 2)),
        ("Rational(1, 3)", Fraction(1, 3)),
        ("0.1", Fraction(1, 10)),
        ("(2**3 - 1)", Fraction(7)),
        ("(2*+3)", Fraction(6)),
    ],
)
def test_exact_exponents_are_constants_of_the_power(exponent, value):
    assert shape(read(f"x**{exponent}")) == [("powc", (0,), value)]


def test_other_exponents_are_arguments():
    assert operations("x**pi") == ["pow"]
    assert operations("x**y") == ["pow"]
    assert operations("x**sqrt(2)") == ["sqrt", "pow"]
    assert operations("x**2**0.5") == ["powc", "pow"]
    assert shape(read("c = 3; x**c")) == [("powc", (0,), Fraction(3))]
    assert operations("root(x, 3)") == ["powc"]
    assert operations("root(x, y)") == ["div", "pow"]
    assert operations("power(x, 2)") == operations("Pow(x, 2)") == ["powc"]
    assert operations("pow(x, 2)") == ["pow"]
    assert operations('x**Float("inf")') == ["pow"]
    assert operations('Float("nan")**100') == ["powc"]


def test_statements_keep_their_names_and_share_their_nodes():
    tape = read("a = x**2; b = exp(a)\n\n  y = b*b + a")
    assert shape(tape) == [("powc", (0,), 2), ("exp", (1,)), ("mul", (2, 2)), ("add", (3, 1))]
    assert tape.names == ((1, "a"), (2, "b"), (4, "y"))
    assert read("a = x; 2*a").names == ()
    unused = read("a = exp(w); x*2")
    assert unused.inputs == ("w", "x")
    assert operations("a = exp(w); x*2") == ["mul"]
    assert read("""
        a = x + (
            1)  # a remark (
        a*2
    """) == read("a = x + 1; a*2")


def test_piecewise_where_and_conditions():
    assert shape(read("Piecewise((x, x > 0), (-x, True))")) == [
        ("constant", (), Fraction(0)),
        ("neg", (0,)),
        ("where", (0, 1, 0, 2), ">"),
    ]
    assert read("where(x > 0, x, -x)") == read("Piecewise((x, Gt(x, 0)), (-x, True))")
    assert np.isnan(evaluate("Piecewise((1, x > 0))", x=-1.0))
    for text in (
        "where(And(0 < x, x < 1), 1, 2)",
        "where(0 < x < 1, 1, 2)",
        "where((0 < x) & (x < 1), 1, 2)",
        "where(~((0 >= x) | (x >= 1)), 1, 2)",
        "where(not (0 >= x or Ge(x, 1)), 1, 2)",
        "where(Not(Or(Le(x, 0), greater_equal(x, 1))), 1, 2)",
    ):
        assert [evaluate(text, x=x) for x in (-1.0, 0.0, 0.5, 1.0, 2.0)] == [2, 2, 1, 2, 2], text
    many = "Piecewise((1, x < 0), (2, Eq(x, 0)), (3, (x < 1) & Ne(x, 0.5) | (x > 9)), (4, True), (5, x > 3))"
    assert [evaluate(many, x=x) for x in (-1.0, 0.0, 0.25, 0.5, 5.0, 10.0)] == [1, 2, 3, 4, 4, 3]
    assert evaluate("Piecewise((1, False), (2, True))") == 2
    chain = " & ".join(["(x < 2)"] * 1000)
    assert evaluate(f"where({chain}, 1, 0)", x=1.0) == 1


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("log(x, 10)", ["log", "log", "div"]),
        ("ln(x)", ["log"]),
        ("Max(x, y, z)", ["maximum", "maximum"]),
        ("Min(x)", []),
        ("x % y", ["mod"]),
        ("Heaviside(x)", ["heaviside"]),
        ("leaky_relu(x, 0.2)", ["leaky_relu"]),
        ("elu(x)", ["elu"]),
        ("arctan2(y, x)", ["atan2"]),
        ("Abs(x)", ["abs"]),
        ("li(x)", ["li"]),
        ("E1(x)", ["expint"]),
        ("besselj(n, x)", ["besselj"]),
        ("LambertW(x, 0)", ["LambertW"]),
        ("+x", []),
    ],
)
def test_functions(text, names):
    assert operations(text) == names


def test_defaults_of_constants():
    assert read("Heaviside(x)").nodes[-1].consts == (Fraction(1, 2),)
    assert read("leaky_relu(x)").nodes[-1].consts == (Fraction(1, 100),)
    assert read("elu(x)").nodes[-1].consts == (Fraction(1),)
    assert read("ldexp(x, -3)").nodes[-1].consts == (Fraction(-3),)


def test_every_primitive_can_be_called_by_its_name():
    for name, primitive in REGISTRY.items():
        if name == "where":  # its arguments are a condition and two values
            continue
        args = [f"x{i}" for i in range(len(primitive.arguments))] + ["3"] * len(primitive.constants)
        node = read(f"{name}({', '.join(args)})").nodes[-1]
        assert node.primitive is primitive
    for name in vocabulary.names():
        assert vocabulary.lookup(name) is not None


MESSAGES = {
    "": "the expression is empty; expected something like 'x**2 + sin(y)'",
    " \n\t": "the expression is empty; expected something like 'x**2 + sin(y)'",
    "# nothing": "the expression is empty; expected something like 'x**2 + sin(y)'",
    "sin(x": "this is not an expression: '(' was never closed; expected something like 'x**2 + sin(y)' (column 4)",
    "2*x^2": "'^' is no power here; write ** (column 4)",
    "(x)^2": "'^' is no power here; write ** (column 4)",
    "x//2": "'//' has no place in an expression; write floor(a/b) (column 2)",
    "y + ü.a": "access to an attribute (a dot after a name) has no place in an expression (column 5)",
    "x.__class__": "access to an attribute (a dot after a name) has no place in an expression (column 1)",
    "x[0]": "an index in square brackets has no place in an expression (column 1)",
    "1 + __import__('os')": "the name '__import__' is not allowed; expected a function's name (column 5)",
    "__class__": "the name '__class__' is not allowed; expected one without a leading __ (column 1)",
    "foo(x)": "unknown function 'foo'; did you mean floor? (column 1)",
    "1 + qqqqq(x)": "unknown function 'qqqqq'; a product is written with * (column 5)",
    "x(1 + y)": "unknown function 'x'; a product is written with * (column 1)",
    "x*x(y)": "'x' is a value, not a function; a product is written with * (column 3)",
    "sin(x)(y)": "only a function's name can be called; a product is written with * (column 1)",
    "x.exp()": "access to an attribute (a dot after a name) has no place in an expression; write exp(…) (column 1)",
    "np.sin(x)": "access to an attribute (a dot after a name) has no place in an expression; write sin(…) (column 1)",
    "x.foo()": "access to an attribute (a dot after a name) has no place in an expression (column 1)",
    "1 + sin(x, y)": "sin takes 1 argument; 2 given (column 5)",
    "log()": "log takes 1 or 2 arguments; 0 given (column 1)",
    "Max()": "Max takes at least 1 argument; 0 given (column 1)",
    "clip(x, 1)": "clip takes 3 arguments; 2 given (column 1)",
    "ldexp(x)": "ldexp takes 2 arguments; 1 given (column 1)",
    "sin(x=1)": "sin takes its arguments by position; given x=… (column 1)",
    "sin(**x)": "sin takes its arguments by position; given **=… (column 1)",
    "sin(*x)": "'*' before an argument has no place in an expression (column 5)",
    "leaky_relu(x, y)": "the slope of leaky_relu must be a number such as 2 or 1/2 (column 15)",
    "sin": "'sin' is a function; expected sin(…), or a name such as sin_ (column 1)",
    "oo": "'oo' is no finite number; expected a number or a variable's name (column 1)",
    "lambda x: x": "lambda has no place in an expression (column 1)",
    "(y := x)": "':=' has no place in an expression; expected a statement 'name = expression' (column 2)",
    "[x for x in y]": "a comprehension has no place in an expression (column 1)",
    "x if x else y": (
        "'if … else' has no place in an expression; expected Piecewise((value, condition), …) (column 1)"
    ),
    "x < 1": "a comparison is no number; expected one only inside Piecewise or where (column 1)",
    "x and y": "'and' and 'or' give no number; expected them only between conditions (column 1)",
    "not x": "'not' negates a condition, not a number (column 1)",
    "~x": "'~' negates a condition, not a number (column 1)",
    "x & y": "'&' joins conditions, not numbers (column 3)",
    "True": "True is a condition, not a number; expected it only inside Piecewise or where (column 1)",
    "Eq(x, 1)": "Eq is a condition, not a number; expected one only inside Piecewise or where (column 1)",
    "'x'": "a text is no number; expected a number, a name or an operation (column 1)",
    "f'{x}'": "a text has no place in an expression (column 1)",
    "None": "None is no number; expected a number, a name or an operation (column 1)",
    "x, y": "a comma outside a function's brackets has no meaning here; expected one function (column 1)",
    "2j*x": "an imaginary number is not available here; expected a real one (column 1)",
    "2x": "a number and a name stand together; a product is written with *, as in 2*x (column 1)",
    "1__0": "this is not an expression: invalid decimal literal; expected something like 'x**2 + sin(y)' (column 2)",
    "x²": "the character '²' has no place in an expression; write **2 (column 2)",
    "x − y": "the character '−' has no place in an expression; write - (column 3)",
    "x°": "the character '°' has no place in an expression (column 2)",
    "|x|": "'|' is no absolute value here; write Abs(x) (column 1)",
    "sin x": "nothing joins 'sin' and 'x'; expected sin(x) (column 5)",
    "2 sin x": "nothing joins '2' and 'sin'; expected 2*sin(…) (column 3)",
    "rate time": "nothing joins 'rate' and 'time'; expected rate*time (column 6)",
    "sin²(x)": "the character '²' has no place in an expression; write sin(…)**2 (column 4)",
    "2π": "nothing joins '2' and 'π'; expected 2*π (column 2)",
    "x y": "nothing joins 'x' and 'y'; expected x*y (column 3)",
    "2 x": "nothing joins '2' and 'x'; expected 2*x (column 3)",
    "x**2 = 4": "only a name may stand before '='; expected an expression or 'name = expression' (column 1)",
    "1if x else 2": "'1if' is neither a number nor a name; expected an operator between the two (column 1)",
    "x \\ y": "the character '\\\\' has no place in an expression (column 3)",
    "x\0": "the character '\\x00' has no place in an expression (column 2)",
    "x = 1; x = 2; x": "'x' has a meaning already; expected a new name before '=' (column 8)",
    "y = x; x = 2; x*y": "'x' has a meaning already; expected a new name before '=' (column 8)",
    "pi = 3; pi": "'pi' is a constant; expected another name before '=' (column 1)",
    "sin = x; sin": "'sin' is a function; expected sin(…), or a name such as sin_ (column 1)",
    "a = b = x": "expected one plain name before '=' (column 1)",
    "a, b = x": "expected one plain name before '=' (column 1)",
    "x.y = 2": "expected one plain name before '=' (column 1)",
    "x += 1": (
        "a statement of this kind (AugAssign) has no place here; "
        "expected an expression or 'name = expression' (column 1)"
    ),
    "import os": (
        "a statement of this kind (Import) has no place here; expected an expression or 'name = expression' (column 1)"
    ),
    "x\n  y": ("the value of this statement is not used; expected 'name = …' before the last one (line 1, column 1)"),
    "a = x\n  a.b": ("access to an attribute (a dot after a name) has no place in an expression (line 2, column 3)"),
    "a = x\n  2^a": "'^' is no power here; write ** (line 2, column 4)",
    "a = x\n  (a": (
        "this is not an expression: '(' was never closed; expected something like 'x**2 + sin(y)' (line 2, column 3)"
    ),
    "x**(1/0)": "an exact constant is divided by 0 (column 5)",
    "Rational(1, 0)": "Rational has the denominator 0; expected another (column 1)",
    "Rational(x, 2)": "expected numbers inside the brackets (column 1)",
    "Integer(1.5)": "Integer takes a whole number; given 3/2 (column 1)",
    "Float('abc')": "'abc' is no decimal number (column 7)",
    "Float('sNaN')": "'sNaN' is no finite decimal number (column 7)",
    "root(x, 0)": "the degree of a root must not be 0 (column 9)",
    "Piecewise(x)": "Piecewise takes pairs; expected (value, condition) (column 11)",
    "where(x, 1, 2)": "expected a condition: a comparison, And(…), Or(…), Not(…) or True (column 7)",
    "where(x in y, 1, 2)": "expected one of < <= > >= == != between two numbers (column 7)",
    "where(Not(x < 1, y < 1), 1, 2)": "Not takes 1 condition; 2 given (column 7)",
    "where(Eq(x), 1, 2)": "Eq takes 2 values; 1 given (column 7)",
    "where(And(), 1, 2)": "And takes at least 1 condition; 0 given (column 7)",
    "where(sin(x), 1, 2)": "expected a condition: a comparison, And(…), Or(…), Not(…) or True (column 7)",
}


@pytest.mark.parametrize("text", MESSAGES)
def test_bad_input_gets_one_line_that_says_what_and_where(text):
    with pytest.raises(InvalidInput) as caught:
        read(text)
    assert str(caught.value) == MESSAGES[text]


def test_the_place_is_in_the_error():
    with pytest.raises(InvalidInput) as caught:
        read("a = x\n  2^a")
    assert (caught.value.line, caught.value.column) == (2, 4)
    with pytest.raises(InvalidInput, match="given int"):
        read(3)


LIMITS = {
    "1 MB": ("x + " * 250_000 + "x", "the expression has 1,000,001 characters; expected at most 100,000"),
    "brackets": (
        "(" * 10_000 + "x" + ")" * 10_000,
        "brackets nest too deep; expected at most 150 inside one ",
    ),
    "calls": (
        "sin(" * 160 + "x" + ")" * 160,
        "brackets nest too deep; expected at most 150 inside one another",
    ),
    "signs": ("-" * 10_000 + "x", "the expression nests too deep; expected at most 150 brackets"),
    "powers": ("**".join(["x"] * 10_000), "the expression nests too deep; expected at most 150 brackets"),
    "nots": ("not " * 10_000 + "x", "the expression nests too deep; expected at most 150 brackets"),
    "terms": ("+".join(["x"] * 6_000), "too many operations in a row; expected at most 5,000"),
    "many terms": ("+".join(["x"] * 40_000), "the expression nests too deep; expected at most 150 brackets"),
    "tower": ("9**9**9**9", "the exact value of this power has more than 4,000 digits; expected fewer"),
    "power": ("2**1e17", "the exact value of this power has more than 4,000 digits; expected fewer"),
    "exponent": ("x**(10**5000)", "the exact value of this power has more than 4,000 digits; expected fewer"),
    "product": (
        "x**(" + "*".join(["10**3999"] * 9) + ")",
        "an exact constant has too many digits; expected at",
    ),
    "literal": ("9" * 5_000, "a number has more than 4,000 digits; expected at most that many"),
    "hexadecimal": ("0x1" + "a_" * 4_000 + "a", "a number"),
    "huge": (
        "1e999999999*x",
        "the number 1e999999999 written out has too many digits; expected at most 4,000",
    ),
    "tiny": ("x + 1e-999999999", "the number 1e-999999999 written out has too many digits; expected at most"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits_are_never_passed_silently(name):
    text, message = LIMITS[name]
    with pytest.raises(LimitExceeded) as caught:
        read(text)
    assert str(caught.value).startswith(message)
    assert len(str(caught.value)) < 200


def test_nodes_are_limited():
    with pytest.raises(LimitExceeded, match="has 21 operations and constants; expected at most 20"):
        read("x" + "*x" * 21, Limits(nodes=20))
    assert len(read("x" + "*x" * 20, Limits(nodes=20))) == 21


def test_every_limit_is_described():
    text = Limits().describe()
    for number in ("100,000 characters", "150 brackets", "5,000 operations", "20,000", "4,000 digits"):
        assert number in text
    assert "\n" not in text


def test_long_chains_without_brackets_are_read():
    tape = read(" + ".join(["x"] * 5_000))
    assert len(tape.operations) == 4_999
    assert float(Execution(tape).forward({"x": 1.0})) == 5_000
    assert len(read("-" * 500 + "x").operations) == 500
    assert len(read("sin(" * 150 + "x" + ")" * 150).operations) == 150


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("dirichlet_eta(x)", "dirichlet_eta is known to SymPy but has no primitive here"),
        ("binomial(x, y)", "binomial is known to SymPy but has no primitive here"),
        (
            "hyper([1, 2, 3], [4, 5], x)",
            "hyper with 3 parameters above and 2 below has no primitive here; "
            "those with 2 and 1, 1 and 1, 0 and 1 have",
        ),
        ("LambertW(x, -1)", "LambertW is available on its principal branch (0) alone"),
        ("LambertW(x, k)", "LambertW is available on its principal branch (0) alone"),
        ("re(x)", "complex numbers are not available here"),
        ("I*x", "the imaginary unit I: complex numbers are not available here"),
    ],
)
def test_known_mathematics_is_unsupported_not_invalid(text, reason):
    with pytest.raises(Unsupported) as caught:
        read(text)
    assert caught.value.reason == reason


FRAGMENTS = st.sampled_from(
    [
        *"xyz()()+-*/,;=<>!&|~^.:[]{}'\"\n\t 0123 \\#@%é",
        *[
            "**",
            "sin(",
            "Piecewise((",
            "Rational(",
            "Float('1",
            "e9",
            "True",
            "where(",
            "log",
            "pi",
            "not ",
            " and ",
        ],
        *[
            " if ",
            " else ",
            "lambda",
            "__",
            "0x",
            "1e",
            "a = ",
            "; ",
            "9**9**9",
            "Not(",
            "x < 1",
            ", True)",
            "yield ",
        ],
    ]
)


#: The machine may be busy; the seed and the failing case are printed.
CALM = settings(deadline=None, print_blob=True)


@CALM
@given(st.one_of(st.text(max_size=60), st.lists(FRAGMENTS, max_size=25).map("".join)))
def test_any_text_is_read_or_refused_in_one_line(text):
    tape, message = None, ""
    try:
        tape = read(text)
    except GradjuryError as error:
        message = str(error)
    if tape is None:
        assert message
        assert "\n" not in message
    else:
        assert read(write(tape), variables=tape.inputs) == canonical(tape)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x·y", "'·' has no place in an expression; write * (column 2)"),
        ("a = x·y; a", "'·' has no place in an expression; write * (column 6)"),
        ("2*x\u0387y", "'·' has no place in an expression; write * (column 4)"),
        (
            "2*lambda*x",
            "'lambda' is a keyword of Python, not a name; expected another name, such as 'lambda_' (column 3)",
        ),
        (
            "  in + x",
            "'in' is a keyword of Python, not a name; expected another name, such as 'in_' (column 3)",
        ),
        (
            "a = x\nis*a",
            "'is' is a keyword of Python, not a name; expected another name, such as 'is_' (line 2, column 1)",
        ),
    ],
)
def test_signs_and_words_that_are_no_names(text, message):
    with pytest.raises(InvalidInput) as caught:
        read(text)
    assert str(caught.value) == message
