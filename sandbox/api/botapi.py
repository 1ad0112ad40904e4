"""The Bot API as a bare ASGI application, for speed.

Paths: `/bot<token>/<method>` and `/file/bot<token>/<path>`. A request meets in this order: an outage, the check of the token, a fault
before the call, the call, a fault after it.
"""

from __future__ import annotations

import asyncio
import hmac
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from sandbox.api.arguments import Arguments
from sandbox.api.methods.table import METHODS
from sandbox.api.parsing import parse
from sandbox.api.targets import guess_chat
from sandbox.core.errors import ApiError
from sandbox.core.wire import dumps
from sandbox.world.faults import AFTER

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from sandbox.core.wire import Json
    from sandbox.world.world import World

JSON = b"application/json"
HTML = b"text/html"
GATEWAY = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n"
GARBAGE = b"\x00\xff<<<not json\xfe"
LARGEST_BODY = 64 << 20
NOT_LOGGED = ("getupdates",)
UNAUTHORIZED = ApiError(401, "Unauthorized")
NO_METHOD = ApiError(404, "Not Found: method not found")


class BotApi:
    """The ASGI application of the Bot API."""

    def __init__(self, world: World) -> None:
        """Serve one world."""
        self.world = world
        self.replies: set[asyncio.Task[None]] = set()
        world.webhook.on_reply = self.webhook_reply

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path: str = scope["path"]
        if self.world.faults.down:
            await _cut(send, started=False)
            return
        if path.startswith("/file/bot"):
            await self._file(path.removeprefix("/file/bot"), send)
            return
        token, _, name = path.removeprefix("/bot").rpartition("/")
        body = await _read(receive)
        if not _same(token, self.world.token):
            await self._answer(send, UNAUTHORIZED.code, dumps(UNAUTHORIZED.body))
            return
        if body is None:
            await self._answer(send, 413, dumps(ApiError(413, "Request Entity Too Large").body))
            return
        await self._call(name.lower(), scope, body, receive, send)

    async def _call(self, name: str, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        world = self.world
        try:
            args = await parse(scope, body)
        except ApiError as error:
            await self._answer(send, error.code, dumps(error.body))
            return
        chat_id = guess_chat(args)
        fault = "none" if world.faults.quiet else world.faults.strike(name, chat_id)
        if fault not in ("none", *AFTER):
            await self._spoil(fault, name, chat_id, receive, send)
            return
        status, answer = await self._perform(name, args, chat_id, receive)
        if name not in NOT_LOGGED or status != 200:
            shown = METHODS[name][0] if name in METHODS else name
            world.events.add("call", method=shown, chat_id=chat_id, status=status)
        if fault in AFTER:
            await self._spoil_answer(fault, status, answer, receive, send)
        else:
            await self._answer(send, status, answer)

    async def _perform(self, name: str, args: Arguments, chat_id: int, receive: Receive) -> tuple[int, bytes]:
        world = self.world
        found = METHODS.get(name)
        try:
            if found is None:
                raise NO_METHOD
            if (known := world.abilities.known(name, args)) is not None:
                return 200, known
            world.abilities.refuse(name, args, now=world.clock.monotonic())
            if world.faults.wait_until and chat_id:
                world.faults.hold(chat_id, now=world.clock.now())
            result = found[1](world, args)
            if type(result) is CoroutineType:
                result = await self._unless_gone(result, receive)
            answer = dumps({"ok": True, "result": result})
            world.abilities.keep(name, args, answer)
            return 200, answer
        except ApiError as error:
            return error.code, dumps(error.body)

    async def _unless_gone(self, call: CoroutineType[Any, Any, Any], receive: Receive) -> Any:
        """Wait for a slow call, and cancel it when the caller disconnects.

        Otherwise the poll of a killed bot would stay open.
        """
        task = asyncio.ensure_future(call)
        gone = asyncio.ensure_future(_hung_up(receive))
        try:
            await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                task.cancel()
                return []
            return task.result()
        finally:
            gone.cancel()
            if not task.done():
                task.cancel()

    async def _spoil(self, fault: str, name: str, chat_id: int, receive: Receive, send: Send) -> None:
        """Answer with a fault instead of making the call."""
        status, kind, body = 500, JSON, dumps({"ok": False, "error_code": 500, "description": "Internal Server Error"})
        if fault == "502_html":
            status, kind, body = 502, HTML, GATEWAY
        elif fault == "garbage":
            status, body = 200, GARBAGE
        elif fault == "error":
            status = self.world.faults.error_code
            body = dumps(ApiError(status, self.world.faults.description).body)
        elif fault == "hang":
            status, kind, body = 504, HTML, GATEWAY.replace(b"502 Bad Gateway", b"504 Gateway Time-out")
        self.world.events.add("call", method=METHODS[name][0] if name in METHODS else name, chat_id=chat_id, status=status)
        if fault == "hang":
            await self._delay(receive)
        await self._answer(send, status, body, kind)

    async def _spoil_answer(self, fault: str, status: int, body: bytes, receive: Receive, send: Send) -> None:
        """Spoil the answer of a call that was made."""
        if fault == "deliver_then_hang":
            await self._delay(receive)
            await self._answer(send, 504, GATEWAY.replace(b"502 Bad Gateway", b"504 Gateway Time-out"), HTML)
        elif fault == "truncated":
            await self._answer(send, status, body[: len(body) // 2])
        elif fault == "no_result":
            await self._answer(send, status, dumps({"ok": True}))
        else:
            await _start(send, status, len(body), JSON, self.world.clock.header())
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await _cut(send, started=True)

    async def _delay(self, receive: Receive) -> None:
        gone = asyncio.ensure_future(_hung_up(receive))
        await asyncio.wait({gone}, timeout=self.world.faults.delay_s)
        gone.cancel()

    async def _answer(self, send: Send, status: int, body: bytes, kind: bytes = JSON) -> None:
        await _start(send, status, len(body), kind, self.world.clock.header())
        await send({"type": "http.response.body", "body": body})

    async def _file(self, rest: str, send: Send) -> None:
        token, _, path = rest.partition("/")
        if not _same(token, self.world.token):
            await self._answer(send, 401, dumps(UNAUTHORIZED.body))
            return
        file = self.world.files.by_path(path)
        if file is None:
            await self._answer(send, 404, dumps(ApiError(404, "Not Found").body))
            return
        await self._answer(send, 200, file.content(), b"application/octet-stream")

    def webhook_reply(self, call: Json) -> None:
        """Make the one call that the answer to a webhook request may contain; drop its result."""
        name = str(call.pop("method")).lower()
        if name.startswith("get") or name in ("setwebhook", "deletewebhook", "close", "logout"):
            return
        task = asyncio.ensure_future(self._reply(name, Arguments(call)))
        self.replies.add(task)
        task.add_done_callback(self.replies.discard)

    async def _reply(self, name: str, args: Arguments) -> None:
        chat_id = guess_chat(args)
        found = METHODS.get(name)
        status = 404
        if found is not None:
            try:
                found[1](self.world, args)
                status = 200
            except ApiError as error:
                status = error.code
        self.world.events.add("call", method=found[0] if found else name, chat_id=chat_id, status=status)


def _same(given: str, token: str) -> bool:
    return given == token or hmac.compare_digest(given.encode(), token.encode())


async def _read(receive: Receive) -> bytes | None:
    """Return the whole body; None if it is too large."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return body
    parts, size = [body], len(body)
    while message.get("more_body", False):
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            return None
    return b"".join(parts)


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _start(send: Send, status: int, length: int, kind: bytes, date: bytes) -> None:
    headers = [(b"date", date), (b"content-type", kind), (b"content-length", b"%d" % length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _cut(send: Send, *, started: bool) -> None:
    """Close the connection without an answer. Send a bare 502 if the server cannot do that."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
    elif not started:
        await send({"type": "http.response.start", "status": 502, "headers": []})
        await send({"type": "http.response.body", "body": b""})
    else:
        await send({"type": "http.response.body", "body": b""})
