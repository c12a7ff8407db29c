"""The quick reader of plain texts: the same tape as the full reader's, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradjury.properties.choices import seeded
from gradjury.properties.grammar import composite
from gradjury.verifier import GradjuryError
from gradjury.verifier.limits import DEFAULT
from gradjury.verifier.reading.plain import read_plain
from gradjury.verifier.reading.printer import write
from gradjury.verifier.reading.reader import _Reader
from gradjury.verifier.reading.syntax import parse

SEED = 83
CALM = settings(deadline=None, print_blob=True, max_examples=300)


def plain(text, variables=None):
    return read_plain(text, variables)


def full(text, variables=None):
    tree, source = parse(text, DEFAULT)
    return _Reader(source, DEFAULT, variables).read(tree)


def parts(tape):
    return tape.nodes, tape.inputs, tape.output, tape.names


@CALM
@given(st.integers(0, 10**6), st.booleans())
def test_what_is_plain_is_read_as_the_full_reader_reads_it(index, inline):
    text = write(composite(seeded(SEED, index)).tape, inline=inline)
    found = plain(text)
    assert found is None or parts(found) == parts(full(text))


@CALM
@given(st.integers(0, 300), st.data())
def test_a_slip_of_the_keyboard_is_left_to_the_full_reader(index, data):
    text = write(composite(seeded(SEED, index), nodes=(3, 9)).tape)
    for _ in range(3):
        place = data.draw(st.integers(0, len(text)))
        typed = data.draw(st.sampled_from(["", *"+-*/()., ;=x2e_0\n\t#'\\<", "**", "if", "pi", "sin(", "1e3", "\0"]))
        text = text[:place] + typed + text[place + data.draw(st.integers(0, 2)) :]
        found = plain(text)
        if found is not None:
            assert parts(found) == parts(full(text)), text


@CALM
@given(st.integers(0, 300), st.randoms(use_true_random=False))
def test_statements_in_another_order_are_read_as_the_full_reader_reads_them(index, random):
    *statements, last = write(composite(seeded(SEED, index), nodes=(10, 30)).tape).split("; ")
    random.shuffle(statements)
    text = "; ".join([*statements, last])
    found = plain(text)
    if found is not None:
        assert parts(found) == parts(full(text)), text


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "-x**2",
        "-2**2",
        "--2*x",
        "2 - -2",
        "x**-2",
        "x**(-1/2) - y**(3/2)",
        "x/y/z*x",
        "x - (y - z) - x",
        "0.1*x + 2.50",
        "log(x) + log(x, y)",
        "Max(x, y, z)",
        "atan2(y, x)*-x",
        "a = x*x; b = exp(a); b*b",
        "a = x; b = a; b",
        "a = 2; x*a",
        "sin(cos(x)**2)",
        "pi*x - E*E/x",
        "0.5*x + 0.5*y - 0.5",
    ],
)
def test_these_are_plain(text):
    found = plain(text)
    assert found is not None
    assert parts(found) == parts(full(text))


@pytest.mark.parametrize(
    "text",
    """|| x|x**y|x**2**3|x**(1 + 1)|where(x < 1, x, 1)|Rational(1, 2)|1e3*x|0x10|besselj(1, x)*oo|x y|2x|sin
    |sin x|sin(x|x)|a = x|a = x; a = y; a|pi = x; pi|lambda|+x|x; y|x;|elu(x, 2)|01*x|é|x**100|__x|x = x; x|()|f(x)
    |y = x; x = 2; x*y|y = x; x = 2; y*x|sin()|x\ny|\tx""".replace("\n    |", "|").split("|"),
)
def test_these_are_left_to_the_full_reader(text):
    assert plain(text) is None


def test_given_variables_are_kept():
    assert plain("y*x", ("x", "y")).inputs == ("x", "y")
    assert plain("y*z", ("x", "y")) is None
    with pytest.raises(GradjuryError):
        full("y*z", ("x", "y"))
