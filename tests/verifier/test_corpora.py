"""Functions that nobody here wrote: each is read, written back, and has its value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradjury.engine.sweep import Execution
from gradjury.verifier.errors import Unsupported
from gradjury.verifier.reading.builder import canonical
from gradjury.verifier.reading.printer import write
from gradjury.verifier.reading.reader import read
from gradjury.verifier.records import parse_line

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"
FILES = sorted(CORPORA.glob("*.jsonl"))
#: The share of each long file that is read here.
STEP = 7

pytestmark = pytest.mark.skipif(not FILES, reason="the corpora are not beside the checkout")


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_expressions_read_back_and_have_their_value(path):
    with path.open("rb") as file:
        lines = file.readlines()
    read_, close = 0, 0
    for number, line in list(enumerate(lines, 1))[:: STEP if len(lines) > 500 else 1]:
        record = parse_line(line, number)
        try:
            tape = read(record.expression)
        except Unsupported:
            assert path.stem in ("rubi_special", "sympytests")
            continue
        assert read(write(tape), variables=tape.inputs) == canonical(tape)
        for formula in (record.derivative or {}).values():
            try:
                assert set(read(formula).inputs) <= set(record.at or ())
            except Unsupported:
                assert path.stem in ("rubi_special", "sympytests")
        truth = record.extra.get("truth", {}).get("value")
        if truth is None or record.at is None:
            continue
        value = np.ravel(Execution(tape).forward({name: v[0] for name, v in record.at.items()}))[0]
        read_ += 1
        close += bool(abs(value - float(truth)) <= 1e-8 * abs(float(truth)))
    # cancellation may cost a function that is evaluated in floats more digits than that
    assert close >= read_ - max(1, read_ // 200)
