"""Functions of a library that are no single operation of this project, each called as a whole.

Activations and losses of neural networks, distributions, logarithms of sums, products and lengths of several numbers:
each has a derivative rule of its own, and its meaning is an expression of several operations.
"""

from __future__ import annotations

from gradjury.properties.conformance.defects import defects_of_a_call, report
from gradjury.properties.conformance.telling import EVERYDAY, EXTREME, FEW, SPECIAL, both_signs, of_a_call
from gradjury.verifier.languages.library import Called

#: Beyond the everyday sizes: halves, ±1 and its neighbours, tiny and huge numbers.
POINTS = both_signs((*EVERYDAY, *SPECIAL, *EXTREME))

#: For functions of two: the ends of the floats are met by their equal and neighbouring pairs.
PAIRS = both_signs(FEW)


def test_telling_points(call: Called) -> None:
    """Everyday sizes, special points and extreme magnitudes, in double precision."""
    report(defects_of_a_call(call, of_a_call(call, POINTS, PAIRS, "float64")))


def test_float32(call: Called) -> None:
    """Everyday sizes and special points, in single precision."""
    points = of_a_call(call, both_signs((*EVERYDAY, *SPECIAL)), PAIRS, "float32")
    report(defects_of_a_call(call, points, "float32"))
