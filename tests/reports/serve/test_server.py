"""The server as a process: many visitors at once, hostile ones among them, limits, its end."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from .live import ENDLESS, ROOT, Live

pytest.importorskip("uvicorn", reason="the extra serve is not installed")
httpx = pytest.importorskip("httpx", reason="httpx is not installed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")


@pytest.fixture(scope="module")
def server() -> Iterator[Live]:
    with Live("--jobs", "2", "--timeout", "20") as running:
        yield running


def read(url: str, data: Any, **more: Any) -> Any:
    return httpx.post(f"{url}/api/read", json=data, timeout=60, **more)


def test_the_lesson_and_the_verdict_are_served(server: Live) -> None:
    page = httpx.get(f"{server.url}/", params={"f": "a = x**2; b = exp(a); b**2", "at.x": "0.5"}, timeout=60)
    assert page.status_code == 200
    for number in ("2.56805", "3.29744"):
        assert number in page.text
    page = httpx.get(f"{server.url}/verify", params={"f": "tanh(x)", "at.x": "20", "engine": "numpy"}, timeout=60)
    assert page.status_code == 200
    assert 'data-verdict="agree"' in page.text
    assert "1.69934170211663" in page.text


def test_every_answer_is_guarded_and_keeps_nothing(server: Live) -> None:
    answer = httpx.get(f"{server.url}/verify", timeout=60)
    policy = answer.headers["content-security-policy"]
    nonce = policy.partition("script-src 'nonce-")[2].partition("'")[0]
    assert nonce
    assert f'<script nonce="{nonce}">' in answer.text
    assert "unsafe-inline" not in policy.replace("style-src-attr 'unsafe-inline'", "")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
    assert "server" not in answer.headers
    again = httpx.get(f"{server.url}/verify", timeout=60).headers["content-security-policy"]
    assert nonce not in again


LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.mark.parametrize(
    ("method", "more", "status"),
    [
        ("GET", {"Sec-Fetch-Site": "none"}, 200),
        ("GET", {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 200),
        ("GET", LINK, 200),
        ("GET", {**LINK, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403),
        ("GET", {**LINK, "Sec-Fetch-Dest": "iframe"}, 403),
        ("GET", {**LINK, "Sec-Fetch-Dest": "object"}, 403),
        ("GET", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("GET", {"Sec-Fetch-Site": "Cross-Site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, 403),
        ("GET", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, 403),
        ("POST", LINK, 403),
    ],
    ids=str,
)
def test_pages_of_other_sites_may_lead_here_and_no_more(
    server: Live, method: str, more: dict[str, str], status: int
) -> None:
    answer = httpx.request(method, f"{server.url}/", params={"f": "x**2", "at.x": "3"}, headers=more, timeout=60)
    assert answer.status_code == status
    if status == 403:
        assert answer.text == "gradjury: this server answers its own pages alone\n"


def test_it_listens_on_loopback_alone(server: Live) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; only asks which address would be used
            own = probe.getsockname()[0]
        except OSError:
            pytest.skip("this machine has no other address")
    with pytest.raises(ConnectionRefusedError), socket.create_connection((own, server.port), timeout=2):
        pass


def test_a_function_that_would_take_for_ever_is_stopped() -> None:
    with Live("--jobs", "1", "--timeout", "2") as server:
        before = time.monotonic()
        while not server.workers() or read(server.url, {"f": "x"}).json().get("variables") != ["x"]:
            assert time.monotonic() - before < 60
            time.sleep(0.2)
        httpx.get(f"{server.url}/", timeout=60)
        before = time.monotonic()
        page = httpx.get(f"{server.url}/", params={"f": ENDLESS, "at.x": "0.7"}, timeout=60)
        assert page.status_code == 504
        assert "it was stopped after 2 s" in page.text
        assert "2초 뒤에 멈췄습니다" in page.text
        assert ENDLESS in page.text
        assert time.monotonic() - before < 30
        page = httpx.get(f"{server.url}/", params={"f": "x**2", "at.x": "3"}, timeout=60)
        assert page.status_code == 200


def test_a_worker_that_dies_is_replaced() -> None:
    with Live("--jobs", "1", "--timeout", "20") as server:
        httpx.get(f"{server.url}/", timeout=60)
        for worker in server.workers():
            subprocess.run(["kill", "-KILL", str(worker)], check=True)
        answers = [httpx.get(f"{server.url}/", timeout=60).status_code for _ in range(3)]
        assert answers[-1] == 200
        assert set(answers) <= {200, 507}


HOSTILE: dict[str, tuple[str, dict[str, Any], set[int]]] = {
    "huge body": ("/api/read", {"method": "POST", "content": b"x" * 3_000_000}, {413}),
    "body of many pieces": ("/api/read", {"method": "POST", "content": "pieces"}, {413}),
    "bad UTF-8": ("/api/read", {"method": "POST", "content": b'{"f": "\xff\xfe"}'}, {400}),
    "bad JSON": ("/api/read", {"method": "POST", "content": b'{"f": '}, {400}),
    "deep JSON": ("/api/read", {"method": "POST", "content": b"[" * 30000}, {400}),
    "no object": ("/api/read", {"method": "POST", "content": b"[1, 2]"}, {400}),
    "wrong types": ("/api/read", {"method": "POST", "content": b'{"f": 3, "at": []}'}, {400}),
    "seed of the wrong type": (
        "/api/riddle", {"method": "POST", "content": b'{"f": "x", "at": {}, "level": "plain", "seed": "1"}'}, {400},
    ),
    "no level": (
        "/api/riddle", {"method": "POST", "content": b'{"f": "x**2", "at": {}, "level": "<b>", "seed": 1}'}, {422},
    ),
    "traversal": ("/../../etc/passwd", {}, {404}),
    "traversal, encoded": ("/%2e%2e/%2e%2e/etc/passwd", {}, {404}),
    "static": ("/templates/lesson.js", {}, {404}),
    "wrong method": ("/", {"method": "DELETE"}, {405}),
    "wrong method of the interface": ("/api/read", {}, {405}),
    "strange method": ("/", {"method": "BREW"}, {405}),
    "wrong Host": ("/", {"headers": {"Host": "evil.example"}}, {421}),
    "Host of another port": ("/", {"headers": {"Host": "127.0.0.1:1"}}, {421}),
    "another site": (
        "/api/read", {"method": "POST", "content": b'{"f": "x"}', "headers": {"Origin": "http://evil.example"}}, {403},
    ),
    "sandboxed site": ("/", {"headers": {"Origin": "null"}}, {403}),
    "long address": ("/?f=" + "x" * 12000, {}, {414}),
    "longer address": ("/?f=" + "x" * 60000, {}, {400, 414}),
    "markup": ("/?f=%3Cscript%3Ealert(1)%3C/script%3E&at.x=%22%3E%3Cimg%20src=x%3E", {}, {422}),
    "markup in a name": ("/?f=x&at.%22%3E%3Cb%3E=1", {}, {422}),
    "code": ("/?f=__import__('os').system('id')", {}, {422}),
    "zero bytes": ("/?f=%00%00", {}, {422}),
    "half a surrogate": ("/?f=%ED%A0%80", {}, {422}),
    "digits": ("/?f=9**9**9**9*x", {}, {422}),
    "brackets": ("/?f=" + "(" * 2000, {}, {422}),
    "no engine": ("/verify?f=x&engine=../../os", {}, {422}),
    "an engine of code": ("/verify?f=x&at.x=1&engine=os:abort", {}, {422}),
    "no number": ("/verify?f=x**2&at.x=1,2,oops", {}, {422}),
    "too many points": ("/verify?f=x**2&at.x=" + ",".join(["1"] * 200), {}, {422}),
}  # fmt: skip


def test_200_at_once_hostile_ones_included_are_all_answered(server: Live) -> None:
    found = asyncio.run(_crowd(server))
    assert len(found) >= 200
    assert [line for line in found if line is not None] == []
    assert server.process.poll() is None
    assert httpx.get(f"{server.url}/", timeout=60).status_code == 200


async def _crowd(server: Live) -> list[str | None]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=server.url, timeout=200, limits=limits) as client:
        asked = [_hostile(client, name) for name in HOSTILE]
        asked += [_good(client, k) for k in range(200 - len(asked))]
        asked += [_raw(server, name) for name in RAW]
        return await asyncio.gather(*asked)


async def _hostile(client: Any, name: str) -> str | None:
    path, more, expected = HOSTILE[name]
    more = dict(more)
    method = more.pop("method", "GET")
    if more.get("content") == "pieces":
        more["content"] = _pieces()
    try:
        answer = await client.request(method, path, **more)
    except httpx.TransportError as error:  # a body that is not read to its end: the answer may be lost with it
        return None if name in ("huge body", "body of many pieces") else f"{name}: {error!r}"
    if answer.status_code not in expected:
        return f"{name}: {answer.status_code}"
    is_page = answer.headers["content-type"].startswith("text/html")
    if is_page and ("<script>alert" in answer.text or "<img src" in answer.text):
        return f"{name}: markup comes back"
    return f"{name}: a traceback" if "Traceback" in answer.text else None


async def _pieces() -> Any:
    for _ in range(100):
        yield b"x" * 10_000


async def _good(client: Any, k: int) -> str | None:
    if k % 4 == 0:
        answer = await client.get("/", params={"f": "sin(x)*y", "at.x": str(k), "at.y": "2"})
        return None if answer.status_code == 200 and "∂" in answer.text else f"lesson {k}: {answer.status_code}"
    if k % 4 == 1:
        answer = await client.get("/verify", params={"f": "exp(x)/x", "at.x": str(k)})
        right = answer.status_code == 200 and 'data-verdict="agree"' in answer.text
        return None if right else f"verdict {k}: {answer.status_code}"
    if k % 4 == 2:
        answer = await client.post("/api/read", json={"f": f"x**{k}", "at": {"x": "1"}})
        right = answer.status_code == 200 and answer.json()["variables"] == ["x"]
        return None if right else f"echo {k}: {answer.status_code} {answer.text}"
    job = {"f": "a = x**2; b = exp(a); b**2", "at": {"x": "0.5"}, "level": "plain", "seed": k}
    answer = await client.post("/api/riddle", json=job)
    return None if answer.status_code == 200 and answer.json()["riddle"] else f"riddle {k}: {answer.status_code}"


HEAD = b"POST /api/read HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 100\r\n\r\n"
#: What is sent on a bare connection, piece by piece with a second between, and what must come back.
RAW: dict[str, tuple[list[bytes], bytes]] = {
    "slow body": ([HEAD, *([b"x"] * 8)], b"408"),
    "no body": ([HEAD], b"408"),
    "half a head": ([b"GET / HTTP/1.1\r\nHo"], b""),
    "trickling head": ([b"GET / HTTP/1.1\r\n", *([b"X: y\r\n"] * 14)], b""),
    "half a head after an answer": (
        [b"GET /none HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", *([b"GET / HTTP/1.1\r\n"] + [b"X: y\r\n"] * 24)],
        b"404",
    ),
    "garbage": ([b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"], b"400"),
    "two Hosts": ([b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nHost: evil\r\n\r\n"], b"4"),
    "no Host": ([b"GET / HTTP/1.1\r\n\r\n"], b"4"),
    "old": ([b"GET / HTTP/1.0\r\n\r\n"], b"421"),
    "lengths that disagree": (
        [b"POST /api/read HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\nhello"],
        b"400",
    ),
    "huge head": ([b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000], b"400"),
    "websocket": (
        [b"GET / HTTP/1.1\r\nHost: evil\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"],
        b"421",
    ),
}


async def _raw(server: Live, name: str) -> str | None:
    pieces, expected = RAW[name]
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    answer = asyncio.ensure_future(reader.read())  # beside the writing: what comes before a reset must not be lost
    try:
        for piece in pieces:
            writer.write(piece.replace(b"%d", str(server.port).encode()))
            await writer.drain()
            await asyncio.wait([answer], timeout=1 if len(pieces) > 1 else 0)
            if answer.done():
                break
        got = await asyncio.wait_for(answer, 30)
    except OSError:
        got = b""
    except TimeoutError:
        return f"{name}: the connection stays open"
    finally:
        writer.close()
    status = got.split(b" ", 2)[1] if got else b""
    return None if status.startswith(expected) and (expected or not got) else f"{name}: {got[:80]!r}"


def test_ctrl_c_ends_it_and_its_workers_at_once() -> None:
    with Live("--jobs", "1", "--timeout", "60") as server:
        httpx.get(f"{server.url}/", timeout=60)
        workers = server.workers()
        assert len(workers) == 2
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(
            f"GET /?f={ENDLESS.replace(' ', '')}&at.x=0.7 HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
        )
        time.sleep(1)
        before = time.monotonic()
        status, errors = server.end()
        assert (status, errors) == (0, "")
        assert time.monotonic() - before < 30
        assert b" 50" in connection.recv(100)
        connection.close()
        alive = [
            pid for pid in workers if subprocess.run(["kill", "-0", str(pid)], capture_output=True).returncode == 0
        ]
        assert alive == []


def test_a_port_in_use_is_one_line(server: Live) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gradjury", "serve", "--port", str(server.port)],
        capture_output=True, text=True, timeout=60, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"gradjury: port {server.port} is in use by another program; expected a free one, such as "
        f"--port {server.port % 65535 + 1}\n"
    )


def test_what_is_typed_is_echoed(server: Live) -> None:
    found = read(server.url, {"f": "exp(x**2)**2", "at": {}}).json()
    assert found["variables"] == ["x"]
    assert "<msup>" in found["formula"]
    assert found["errors"] == {}
    found = read(server.url, {"f": "tahn(x)", "at": {}}).json()
    assert found["errors"]["f"]["en"].startswith("unknown function 'tahn'; did you mean")
    assert "모르는 함수입니다" in found["errors"]["f"]["ko"]
    found = read(server.url, {"f": "log(x)", "at": {"x": "-1"}}).json()
    assert list(found["errors"]) == ["at"]
    assert json.dumps(found["errors"], ensure_ascii=False).count("유한") == 1
