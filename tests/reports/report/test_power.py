"""What an audit found, as the report says it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gradjury.properties.audit import CERTIFIED, CLASSES, audit
from gradjury.reports.pages import LANGUAGES
from gradjury.reports.report.blame import messages
from gradjury.reports.report.power import FaultClass, read_power
from gradjury.verifier.errors import InvalidInput


def written(folder: Path, content: Any) -> str:
    path = folder / "audit.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def test_an_audit_is_read_back(tmp_path: Path) -> None:
    done = audit("numpy", functions=1, primitives=["exp"], peers=())
    found = read_power(written(tmp_path, done.to_record()))
    assert found.engine == done.engine
    assert found.planted == sum(count.due for count in done.faults.values()) > 0
    assert found.found == sum(count.found[CERTIFIED] for count in done.faults.values())
    assert found.share == f"{100 * found.found / found.planted:.1f}%"
    assert (found.sound, found.false_alarms) == (done.sound.affected, 0)


def test_every_class_of_fault_has_words_in_every_language() -> None:
    for name in CLASSES:
        message = FaultClass(name, 1, 1).message
        assert message is not None, name
        for language in LANGUAGES:
            assert message in messages(language)
    assert FaultClass("of another version", 1, 1).message is None


@pytest.mark.parametrize("content", ["{", "[]", "3", "{}", '{"faults": [1], "sound": {}, "engine": ""}'])
def test_a_file_that_is_no_audit_is_an_error(tmp_path: Path, content: str) -> None:
    with pytest.raises(InvalidInput, match="expected one JSON object, as gradjury audit --json writes it"):
        read_power(written(tmp_path, content))
    with pytest.raises(InvalidInput, match="cannot read"):
        read_power(str(tmp_path / "none"))
