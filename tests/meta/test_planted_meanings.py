"""A wrong meaning in the oracle ends as ``undecided`` with blame ``oracle``, and never accuses the engine's rule."""

import pytest

from gradjury.engine import REGISTRY
from gradjury.properties.power import Outcome, of_meaning, wrong_meanings
from gradjury.verifier.verify import verify

OUTCOMES: dict[str, Outcome] = {}


@pytest.mark.parametrize("name", REGISTRY)
def test_a_rule_is_never_blamed(name):
    outcome = Outcome()
    for text, argument in wrong_meanings(REGISTRY[name]):
        outcome += of_meaning(REGISTRY[name], text, argument, functions=1, seed=30)
    OUTCOMES[name] = outcome
    assert not [what for _, what in outcome.missed if what.endswith(("rule", "accumulation"))]


def test_the_oracle_is_blamed():
    if len(OUTCOMES) < len(REGISTRY):
        pytest.skip("needs the outcomes of all primitives; run the whole file")
    total = Outcome()
    for outcome in OUTCOMES.values():
        total += outcome
    assert total.affected > 150
    assert total.blamed >= 0.95 * total.affected, total.missed


def test_the_record_says_so():
    from gradjury.verifier.oracle.meanings import planted

    with planted("sin", "-sin(x)"):
        result = verify("exp(sin(x))*x", {"x": 0.5})
    assert result.verdict == "undecided"
    assert result.blame is not None
    assert (result.blame.kind, result.blame.primitive) == ("oracle", "sin")
    assert verify("exp(sin(x))*x", {"x": 0.5}).verdict == "agree"  # and it is over with the context
