"""The power of the method: how many planted faults an audit found, as the report's last part says it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ...properties.audit import CERTIFIED, FAN_OUT
from ...verifier.errors import InvalidInput, why_no_json

#: Messages that say what each class of fault is; sizes such as 1e-3 share one, and others are shown as they are.
_MESSAGES = {
    "sign": "fault_sign",
    "dropped factor": "fault_dropped",
    "x < 0": "fault_negative",
    "near 0": "fault_near",
    FAN_OUT: "fault_fan_out",
    "value scaled": "fault_value_scaled",
    "value shifted": "fault_value_shifted",
}


class FaultClass(NamedTuple):
    """A class of fault: its name, how many faults of it move a derivative beyond rounding, and were found."""

    name: str
    due: int
    found: int

    @property
    def message(self) -> str | None:
        """The key of the message that says what it is; None where there is none."""
        return "fault_factor" if re.fullmatch(r"1e-\d+", self.name) else _MESSAGES.get(self.name)


@dataclass(frozen=True)
class Power:
    """What an audit found.

    Attributes:
        engine: in which faults were planted.
        classes: of fault, with those for which a verdict was due and how many of them were found.
        sound: functions without a fault; false_alarms: how many of them were accused.
    """

    engine: str
    classes: list[FaultClass]
    sound: int
    false_alarms: int

    @property
    def planted(self) -> int:
        """Faults for which a verdict was due."""
        return sum(each.due for each in self.classes)

    @property
    def found(self) -> int:
        """How many of them were found."""
        return sum(each.found for each in self.classes)

    @property
    def share(self) -> str:
        """Of the planted faults the share that was found."""
        return f"{100 * self.found / self.planted:.1f}%" if self.planted else "—"


def read_power(path: str) -> Power:
    """The power from what ``gradjury audit --json`` wrote.

    Raises:
        InvalidInput: the file cannot be read, or is no audit.
    """
    expected = f"{path!r}: expected one JSON object, as gradjury audit --json writes it"
    try:
        audit = json.loads(Path(path).read_bytes().decode("utf-8-sig"))
        return _power(audit)
    except OSError as error:
        raise InvalidInput(f"cannot read {path!r}: {error.strerror}") from None
    except ValueError as error:
        raise InvalidInput(f"{expected}; {why_no_json(error)}") from None
    except (LookupError, TypeError, AttributeError, OverflowError, RecursionError):  # other JSON, or an infinite count
        raise InvalidInput(expected) from None


def _power(audit: dict[str, Any]) -> Power:
    classes: dict[str, tuple[int, int]] = {}
    for fault in audit["faults"]:
        due, found = classes.get(str(fault["class"]), (0, 0))
        classes[str(fault["class"])] = (due + int(fault["due"]), found + int(fault["found"].get(CERTIFIED, 0)))
    sound = audit["sound"]
    rows = [FaultClass(name, due, found) for name, (due, found) in classes.items() if due]
    return Power(str(audit["engine"]), rows, int(sound["affected"]), int(sound["found"].get(CERTIFIED, 0)))
