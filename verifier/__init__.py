"""Three derivations and one verdict: reading functions, the oracles, the judge, blame."""

from .engine import Engine, NumpyEngine
from .engine_names import available, engine_named
from .errors import GradjuryError, InvalidInput, LimitExceeded, Unsupported
from .judge_records import judge_record
from .point_result import Partial, PointResult
from .reading.printer import write
from .reading.reader import read
from .records import Record, from_object, load_object, parse_line
from .results import Verification
from .verdicts.judgement import VERDICTS
from .verify import as_tape, verify

__all__ = [
    "VERDICTS",
    "Engine",
    "GradjuryError",
    "InvalidInput",
    "LimitExceeded",
    "NumpyEngine",
    "Partial",
    "PointResult",
    "Record",
    "Unsupported",
    "Verification",
    "as_tape",
    "available",
    "engine_named",
    "from_object",
    "judge_record",
    "load_object",
    "parse_line",
    "read",
    "verify",
    "write",
]
