"""Write every lesson as a notebook, without outputs, into ``notebooks/``: ``python lessons/make_notebooks.py``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

try:
    import jupytext
except ImportError as error:
    sys.exit(f"make_notebooks.py needs {error.name}: pip install 'gradjury[notebooks]'")

HERE = Path(__file__).resolve().parent


def lessons() -> Iterator[Path]:
    """The files of the lessons in their order."""
    return iter(sorted(path for path in HERE.glob("*.py") if re.match(r"\d\d_", path.name)))


def notebook(path: Path) -> str:
    """One lesson as the text of a notebook; the same file always gives the same text."""
    made = jupytext.read(path, fmt="py:percent")
    for place, cell in enumerate(made.cells, 1):
        cell["id"] = f"{path.stem[:2]}-{place}"  # random otherwise
    made.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    text: str = jupytext.writes(made, fmt="ipynb")
    return text if text.endswith("\n") else text + "\n"


def main() -> None:
    """Write all notebooks."""
    (HERE / "notebooks").mkdir(exist_ok=True)
    for path in lessons():
        (HERE / "notebooks" / f"{path.stem}.ipynb").write_text(notebook(path), encoding="utf-8")


if __name__ == "__main__":
    main()
