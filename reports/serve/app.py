"""The application: which address is which page, and what a visitor reads when a worker could not answer."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...verifier.engine_names import available
from ..pages import LANGUAGES
from .guard import Guard
from .pages import CATALOGUE, answer_page, examples
from .pool import Full, Gone, Lost, Pool, TooLong

#: Seconds in which what is being typed must have been read, and seconds between the verifier's own end and the
#: worker's: a function that is judged point by point keeps what was judged.
ECHO, SPARE = 5.0, 1.0
_FAILURES: dict[type[Exception], tuple[int, str]] = {
    TooLong: (504, "fail_too_long"),
    Lost: (507, "fail_lost"),
    Full: (503, "fail_full"),
    Gone: (503, "fail_full"),  # nobody reads it
}
FAILURES = tuple(_FAILURES)


def application(hosts: Iterable[str], *, jobs: int, seconds: float, version: str) -> Guard:
    """The application as uvicorn takes it.

    Args:
        hosts: names with the port by which it may be addressed.
        jobs: processes that judge and draw; one more reads what is being typed.
        seconds: that one request may compute.
        version: of gradjury, for the pages.
    """
    pages = _Pages(Pool(jobs, seconds), Pool(1, min(ECHO, seconds)), seconds, version)
    routes = [
        Route("/", pages.lesson, methods=["GET"]),
        Route("/verify", pages.verify, methods=["GET"]),
        Route("/api/read", pages.read, methods=["POST"]),
        Route("/api/riddle", pages.riddle, methods=["POST"]),
    ]
    return Guard(Starlette(routes=routes, lifespan=pages.lifespan), hosts, pages.close)


class BadRequest(Exception):
    """The body is not what the address expects."""


class _Pages:
    def __init__(self, slow: Pool, quick: Pool, seconds: float, version: str) -> None:
        self.slow, self.quick, self.seconds, self.version = slow, quick, seconds, version

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Workers live as long as the server."""
        await self.quick.start()
        await self.slow.start()
        try:
            yield
        finally:
            await self.close()

    async def close(self) -> None:
        """End all workers; what they were doing is given up."""
        await self.slow.close()
        await self.quick.close()

    async def lesson(self, request: Request) -> Response:
        """The lesson on the function of the address, or on the first example."""
        query = request.query_params if "f" in request.query_params else None
        asked = _asked(request) if query is not None else dict(examples()[0])
        return await self._page(request, {**asked, "do": "lesson", "page": "lesson"})

    async def verify(self, request: Request) -> Response:
        """The verdict on the function of the address; without one, the form alone."""
        engines = [(name, version) for name, version, _ in available()]
        job = {"do": "verify", "page": "verify", "engines": engines}
        if "f" in request.query_params:
            engine = request.query_params.get("engine", "numpy")
            return await self._page(request, {**job, **_asked(request), "engine": engine})
        asked = {**job, **examples()[0], "engine": "numpy", **self._dress(request)}
        return _html(answer_page(asked, {}), 200, asked["nonce"])

    async def read(self, request: Request) -> Response:
        """What is being typed: its formula, its variables, what is wrong."""
        try:
            data = await _object(request)
            job: dict[str, Any] = {
                "do": "read",
                "f": _text(data, "f"),
                "at": _texts(data, "at"),
                "page": _text(data, "page", "lesson"),
            }
        except BadRequest as error:
            return JSONResponse({"error": str(error)}, 400)
        return await self._data(request, self.quick, job)

    async def riddle(self, request: Request) -> Response:
        """One riddle of the lesson's function, of a level, by its seed."""
        try:
            data = await _object(request)
            job: dict[str, Any] = {"do": "riddle", "f": _text(data, "f"), "at": _texts(data, "at")}
            job |= {"level": _text(data, "level"), "seed": _seed(data)}
        except BadRequest as error:
            return JSONResponse({"error": str(error)}, 400)
        return await self._data(request, self.slow, job)

    def _dress(self, request: Request) -> dict[str, Any]:
        return {
            "language": _language(request),
            "nonce": secrets.token_urlsafe(16),
            "version": self.version,
            "seconds": max(self.seconds - SPARE, self.seconds / 2),
        }

    async def _page(self, request: Request, asked: dict[str, Any]) -> Response:
        job = {**asked, **self._dress(request)}
        try:
            answer = await self.slow.ask(job, request.is_disconnected)
        except FAILURES as error:
            status, words = self._failure(error)
            return _html(answer_page(job, {"": words}), status, job["nonce"])
        return _html(answer["body"], answer["status"], job["nonce"])

    async def _data(self, request: Request, pool: Pool, job: dict[str, Any]) -> Response:
        try:
            answer = await pool.ask(job, request.is_disconnected)
        except FAILURES as error:
            # what is typed is asked for all the time: that an answer took too long is news, not a failed request
            return JSONResponse({"errors": {"": self._failure(error)[1]}}, 200)
        return Response(answer["body"], answer["status"], media_type=answer["type"])

    def _failure(self, error: Exception) -> tuple[int, dict[str, str]]:
        status, key = _FAILURES[type(error)]
        return status, {code: CATALOGUE.messages(code)[key].format(seconds=f"{self.seconds:g}") for code in LANGUAGES}


def _html(body: str, status: int, nonce: str) -> Response:
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src-elem 'nonce-{nonce}'; "
        "style-src-attr 'unsafe-inline'; font-src data:; img-src data:; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return Response(body, status, {"content-security-policy": policy}, "text/html; charset=utf-8")


def _asked(request: Request) -> dict[str, Any]:
    """Function and point of an address."""
    query = request.query_params
    at = {key[3:]: value for key, value in query.multi_items() if key.startswith("at.")}
    return {"f": query.get("f", ""), "at": at}


def _language(request: Request) -> str:
    """The first language of the browser that there are words for."""
    wanted: str = request.headers.get("accept-language", "")
    for part in wanted.split(","):
        code = part.split(";")[0].strip().split("-")[0].lower()
        if code in LANGUAGES:
            return code
    return next(iter(LANGUAGES))


async def _object(request: Request) -> dict[str, Any]:
    try:
        data = json.loads((await request.body()).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadRequest(f"the body is no UTF-8 (byte {error.start + 1}); expected a JSON object") from None
    except RecursionError:
        raise BadRequest("the JSON nests too deep; expected an object of few levels") from None
    except ValueError as error:
        raise BadRequest(f"the body is no JSON ({error}); expected an object") from None
    if not isinstance(data, dict):
        raise BadRequest(f"the body holds {type(data).__name__}; expected a JSON object")
    return data


def _text(data: dict[str, Any], key: str, otherwise: str | None = None) -> str:
    value = data.get(key, otherwise)
    if not isinstance(value, str):
        raise BadRequest(f"{key}: given {type(value).__name__}; expected a text")
    return value


def _texts(data: dict[str, Any], key: str) -> dict[str, str]:
    value = data.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise BadRequest(f"{key}: expected an object of texts, such as {{'x': '0.5'}}")
    return value


def _seed(data: dict[str, Any]) -> int:
    seed = data.get("seed")
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 10**9:
        raise BadRequest("seed: expected a whole number from 0, below a billion")
    return seed
