"""Campaigns killed with ``kill -9`` at random moments and resumed, against one that was left alone.

    python benchmarks/killed.py --runs 100

Each run begins a campaign as a process of its own, and kills it with all that it has started, at a random moment:
of its beginning, in seconds, or of its work, in functions judged. It is resumed and killed again, as often as
``--kills`` says, then resumed to its end.
Every record and every sum must be those of the campaign that nobody killed. Runs take turns in judging in one process
and in several. Each shard is a transaction here, so that many moments matter.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from gradjury.properties import campaign
from gradjury.properties.store import Store
from gradjury.reports.collection import rows_as_json

TABLES = ("functions", "records", "causes", "sums")

CODE = """
import json, os, sys
from gradjury.properties import campaign, scheduler, store
store.BATCH_SECONDS, scheduler.SHARD = 0, 4
path, jobs, options = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
print("ready", flush=True)
if os.path.exists(path):
    campaign.resume(path, jobs=jobs)
else:
    campaign.run(store=path, jobs=jobs, **options)
"""


def killed(path: Path, jobs: int, options: dict[str, Any], more: int, seconds: float) -> bool:
    """Begin or resume, and kill so many seconds after so many more functions are judged.

    Returns:
        False if it had ended before.
    """
    before = judged(path)
    paths = os.pathsep.join(path for path in sys.path if path)
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, str(path), str(jobs), json.dumps(options)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
        start_new_session=True,
    )
    assert process.stdout
    with process, process.stdout as said:
        said.readline()  # the libraries are loaded
        while process.poll() is None and judged(path) < before + more:
            time.sleep(0.01)
        time.sleep(seconds)
        if process.poll() is not None:
            return False
        os.killpg(process.pid, signal.SIGKILL)
    return True


def contents(path: Path) -> dict[str, list[Any]]:
    """All that a store holds, but its settings and its clocks; and what ``gradjury report --json`` prints of it."""
    connection = sqlite3.connect(path)
    try:
        found = {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in TABLES}
    finally:
        connection.close()
    with Store.open(path) as store:
        return {**found, "lines": [json.dumps(row) for row in rows_as_json(store)]}


def judged(path: Path) -> int:
    """How many functions a store holds, if it was begun at all."""
    if not path.exists():
        return 0
    with Store.open(path) as store:
        return store.done


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--functions", type=int, default=120)
    parser.add_argument("--jobs", type=int, default=2, help="of every second run; the others judge in one process")
    parser.add_argument("--kills", type=int, default=2, help="of each run")
    parser.add_argument("--seed", type=int, help="of the moments; printed where none is given")
    given = parser.parse_args()
    seed = random.randrange(2**32) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    chance = random.Random(seed)
    options = {"functions": given.functions, "points": 1, "special": 0.3, "keep": 5}
    identical = kills = in_the_middle = 0
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.db"
        seconds = campaign.run(store=whole, **options).seconds
        expected = contents(whole)
        for run in range(given.runs):
            path = Path(folder) / f"{run}.db"
            parts = []
            for _ in range(given.kills):
                jobs = given.jobs if run % 2 else 1
                working, part, later = chance.random() < 0.7, chance.uniform(0, 1 / given.kills), chance.random()
                if working:  # and within what the next function takes
                    more, moment = math.ceil(part * given.functions), later * seconds / given.functions
                else:
                    more, moment = 0, part * seconds
                if killed(path, jobs, options, more, moment):
                    parts.append(judged(path))
            if path.exists():
                campaign.resume(path)
            else:
                campaign.run(store=path, **options)
            same = contents(path) == expected
            identical += same
            kills += len(parts)
            in_the_middle += sum(0 < part < given.functions for part in parts)
            print(f"run {run}: killed at {parts} functions, {'identical' if same else 'it differs'}", flush=True)
    result = {"runs": given.runs, "identical": identical, "kills": kills, "with a part judged": in_the_middle}
    print(json.dumps(result))
    return 0 if identical == given.runs else 1


if __name__ == "__main__":
    sys.exit(main())
