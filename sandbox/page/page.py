"""Serves the page's files, with the headers and checks that keep other web pages out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.page.control import answer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def routes() -> list[BaseRoute]:
    """Return the routes of `/` and `/static/`."""

    async def index(request: Request) -> Response:
        page = STATIC / "index.html"
        return FileResponse(page) if page.is_file() else PlainTextResponse("The page is not installed.", 404)

    here: list[BaseRoute] = [Route("/", index, methods=["GET"])]
    if STATIC.is_dir():
        here.append(Mount("/static", StaticFiles(directory=STATIC), name="static"))
    return here


class Guard:
    """Middleware that checks hosts and origins and sets strict headers.

    It accepts loopback hosts only (against DNS rebinding) and no cross-origin control calls.
    """

    def __init__(self, app: ASGIApp, *, allow_remote: bool) -> None:
        """`allow_remote` skips the check of the Host header only."""
        self.app = app
        self.allow_remote = allow_remote

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request or pass it on, and add headers to the response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                if scope["path"] == "/" or scope["path"].startswith("/static/"):
                    headers["Cache-Control"] = "no-cache"
            await send(message)

        await (refusal or self.app)(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if (refusal := _wrong_host(headers, self.allow_remote)) is not None or not scope["path"].startswith("/control/"):
            return refusal
        return _from_elsewhere(scope, headers)


class BotGuard:
    """The same checks for the Bot API. Its clients may send forms; a browser may not.

    A web page cannot leave out its Origin or Sec-Fetch headers, so that their absence shows a client. It keeps no headers of answers.
    """

    def __init__(self, app: ASGIApp, *, allow_remote: bool) -> None:
        """`allow_remote` skips the check of the Host header only."""
        self.app = app
        self.allow_remote = allow_remote

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request or pass it on."""
        headers = Headers(scope=scope)
        browser = "origin" in headers or "sec-fetch-site" in headers
        refusal = _wrong_host(headers, self.allow_remote) or (_from_elsewhere(scope, headers) if browser else None)
        await (refusal or self.app)(scope, receive, send)


def _wrong_host(headers: Headers, allow_remote: bool) -> Response | None:
    if not allow_remote and not is_loopback(headers.get("host", "")):
        return answer({"error": "the Host header is not a loopback name"}, 403)
    return None


def _from_elsewhere(scope: Scope, headers: Headers) -> Response | None:
    """Return the refusal of a call that another web page makes, or could make."""
    host = headers.get("host", "")
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return answer({"error": "another origin"}, 403)
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return answer({"error": "another site"}, 403)
    if scope["method"] == "POST" and headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        return answer({"error": "the content type must be application/json"}, 415)
    return None


def is_loopback(host: str) -> bool:
    """Return whether a Host header names this machine."""
    try:
        return urlsplit(f"//{host}").hostname in LOOPBACK
    except ValueError:
        return False
