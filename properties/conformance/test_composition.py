"""Compositions: random functions of each operation, and random functions of all that the engine has."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import assume, given, settings

from gradjury.properties import strategies
from gradjury.properties.conformance.defects import check
from gradjury.properties.conformance.subjects import Subject
from gradjury.properties.vocabulary import chosen, words
from gradjury.verifier import Engine
from gradjury.verifier.engine import primitives_of

#: What an operation is composed with: operations of which engines get none wrong by themselves.
COMPANIONS = ("add", "sub", "mul")

#: So many times the examples of one operation are drawn of all of them together.
MORE = 5


@given(data=st.data())
def test_operations_among_sums_and_products(subject: Subject, data: st.DataObject) -> None:
    """Random functions of one operation, sums, differences and products, at ordinary points."""
    wanted = (subject.primitive.name, *COMPANIONS)
    usable = [word.primitive.name for word in words(chosen(wanted, True), True)]
    assume(subject.primitive.name in usable)
    function = data.draw(strategies.composites(nodes=(3, 14), variables=(1, 3), primitives=usable), label="function")
    check(subject.engine, function.tape, data.draw(strategies.points(function, special=False), label="point"))


@given(data=st.data())
@settings(max_examples=MORE * settings().max_examples)
def test_random_functions(engine: Engine, data: st.DataObject) -> None:
    """Random functions of all operations of the engine, at ordinary points."""
    usable = [word.primitive.name for word in words(chosen(primitives_of(engine), True), True)]
    function = data.draw(strategies.composites(nodes=(3, 30), primitives=usable), label="function")
    check(engine, function.tape, data.draw(strategies.points(function, special=False), label="point"))
