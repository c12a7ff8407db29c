"""The pool by itself, with workers of a few lines: what happens when they do not start, die, or are not needed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gradjury.reports.serve import pool as pools
from gradjury.reports.serve.pool import Full, Gone, Lost, Pool, TooLong

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a worker is a script that names its interpreter")

#: Gets ready and gives every job back; of one that says so it dies, over another it sleeps.
WORKER = """#!{python}
import json, struct, sys, time
def send(message):
    body = json.dumps(message).encode()
    sys.stdout.buffer.write(struct.pack(">Q", len(body)) + body)
    sys.stdout.buffer.flush()
send("ready")
while head := sys.stdin.buffer.read(8):
    job = json.loads(sys.stdin.buffer.read(*struct.unpack(">Q", head)))
    if job["do"] == "die": sys.exit(1)
    if job["do"] == "sleep": time.sleep(600)
    send(job)
"""


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program that a pool starts in place of Python."""
    program = tmp_path / "worker"
    program.write_text(WORKER.format(python=sys.executable), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(pools, "AGAIN", 0.0)
    return program


def run(use: Callable[[Pool], Awaitable[None]], size: int = 1, seconds: float = 60.0) -> None:
    """Use a pool and end it; that the event loop was told of errors which nobody took is an error."""
    untaken: list[dict[str, Any]] = []

    async def whole() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: untaken.append(context))
        pool = Pool(size, seconds)
        await pool.start()
        try:
            await use(pool)
        finally:
            await pool.close()
        assert not pool._all

    asyncio.run(asyncio.wait_for(whole(), 120))
    assert not untaken


def test_jobs_are_done_and_a_lost_worker_is_replaced(worker: Path) -> None:
    async def use(pool: Pool) -> None:
        assert await pool.ask({"do": "echo"}) == {"do": "echo"}
        with pytest.raises(Lost):
            await pool.ask({"do": "die"})
        assert await pool.ask({"do": "echo"}) == {"do": "echo"}

    run(use)


def test_a_job_that_takes_too_long_is_stopped(worker: Path) -> None:
    async def use(pool: Pool) -> None:
        pool.seconds = 0.1
        with pytest.raises(TooLong):
            await pool.ask({"do": "sleep"})
        pool.seconds = 60.0
        assert await pool.ask({"do": "echo"}) == {"do": "echo"}

    run(use)


@pytest.mark.parametrize("program", ["#!/bin/sh\nexit 1\n", None], ids=["exits at once", "cannot be started"])
@pytest.mark.parametrize("size", [1, 2])
def test_whoever_waits_is_told_when_no_worker_starts(worker: Path, program: str | None, size: int) -> None:
    async def use(pool: Pool) -> None:
        with pytest.raises(Full):
            await pool.ask({"do": "echo"})
        assert pool.size == 0
        with pytest.raises(Full):
            await pool.ask({"do": "echo"})

    if program is None:
        worker.unlink()
    else:
        worker.write_text(program, encoding="utf-8")
    run(use, size)


def test_a_worker_that_cannot_be_started_once_is_tried_again(worker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, failures = asyncio.create_subprocess_exec, [BlockingIOError("no process left")]

    async def start(*words: Any, **more: Any) -> Any:
        if failures:
            raise failures.pop()
        return await real(*words, **more)

    async def use(pool: Pool) -> None:
        assert await pool.ask({"do": "echo"}) == {"do": "echo"}

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    run(use)


def test_a_worker_whose_visitor_left_takes_the_next_job(worker: Path) -> None:
    async def left() -> bool:
        return True

    async def broken() -> bool:
        raise RuntimeError("the connection is no more")

    async def endless() -> bool:
        await asyncio.sleep(600)
        return False

    async def use(pool: Pool) -> None:
        with pytest.raises(Gone):
            await pool.ask({"do": "echo"}, left)
        with pytest.raises(RuntimeError, match="no more"):
            await pool.ask({"do": "echo"}, broken)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pool.ask({"do": "echo"}, endless), 0.1)
        assert await asyncio.wait_for(pool.ask({"do": "echo"}), 30) == {"do": "echo"}

    run(use)


def test_a_pool_ends_while_its_workers_start(worker: Path) -> None:
    async def use(pool: Pool) -> None:
        await asyncio.sleep(0)

    run(use, size=3)
