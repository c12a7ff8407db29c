"""The README's pictures, made anew: a verdict on a terminal, and the report of a campaign.

    python docs/images/make.py

Needs the extras ``torch`` and ``browser``, and chromium.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

HERE = Path(__file__).parent

#: What the terminal shows.
VERIFY = ("verify", "tanh(x)", "--at", "x=20", "--engine", "torch")

#: What the report is of.
RUN = ("run", "--engine", "torch", "--functions", "1000", "--points", "16", "--seed", "7")

#: The report's window, in CSS pixels.
WINDOW = {"width": 1200, "height": 1150}


def gradjury(*arguments: str, folder: str | None = None, **environment: str) -> str:
    """Standard output of a command, run in a folder; its exit status is a verdict, not an error."""
    command = [sys.executable, "-m", "gradjury", *arguments]
    environment = {**os.environ, **environment}
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, cwd=folder, env=environment).stdout


def terminal(path: Path) -> None:
    """A verdict, as an SVG of a terminal of 80 columns."""
    console = Console(record=True, width=80, file=io.StringIO(), force_terminal=True)
    console.print(Text(f'$ gradjury {VERIFY[0]} "{VERIFY[1]}" {" ".join(VERIFY[2:])}\n', style="bold"))
    console.print(Text.from_ansi(gradjury(*VERIFY, FORCE_COLOR="1", COLUMNS="80")))
    picture = console.export_svg(title="gradjury", theme=MONOKAI, unique_id="verify")
    without_fonts = re.sub(r"\s*@font-face \{.*?\}", "", picture, flags=re.DOTALL)  # they would be asked of a network
    path.write_text(without_fonts, encoding="utf-8")


def report(path: Path) -> None:
    """The first screen of a report, as a browser shows it."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        gradjury(*RUN, "--report", "report.html", folder=folder)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport=WINDOW, color_scheme="light", locale="en")
        page.goto(Path(folder, "report.html").as_uri())
        page.screenshot(path=path)
        browser.close()


if __name__ == "__main__":
    terminal(HERE / "verify.svg")
    report(HERE / "report.png")
