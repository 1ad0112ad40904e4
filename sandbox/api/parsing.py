"""Parses a request into `Arguments`: query, form, JSON or multipart, like the Bot API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from sandbox.api.arguments import Arguments, Upload
from sandbox.core.errors import bad_request
from sandbox.core.wire import loads_fast

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import Scope

LARGEST_PART = 64 << 20


def content_type(scope: Scope) -> bytes:
    """Return the content type header, empty if absent."""
    for name, value in scope["headers"]:
        if name == b"content-type":
            return bytes(value)
    return b""


async def parse(scope: Scope, body: bytes) -> Arguments:
    """Read the arguments. Raise 400 for a body that does not match its content type."""
    query = scope["query_string"]
    values: dict[str, Any] = dict(parse_qsl(query.decode(), keep_blank_values=True)) if query else {}
    if not body:
        return Arguments(values)
    kind = content_type(scope)
    if kind.startswith(b"application/x-www-form-urlencoded"):
        values.update(parse_qsl(body.decode(), keep_blank_values=True))
        return Arguments(values)
    if kind.startswith(b"application/json"):
        try:
            sent = loads_fast(body)
        except ValueError:
            raise bad_request("can't parse JSON body") from None
        if not isinstance(sent, dict):
            raise bad_request("object expected as the body")
        values.update(sent)
        return Arguments(values)
    if kind.startswith(b"multipart/form-data"):
        return await _multipart(scope, body, values)
    return Arguments(values)


async def _multipart(scope: Scope, body: bytes, values: dict[str, Any]) -> Arguments:
    async def once() -> AsyncGenerator[bytes, None]:
        yield body

    files: dict[str, Upload] = {}
    try:
        form = await MultiPartParser(Headers(scope=scope), once(), max_part_size=LARGEST_PART).parse()
    except (MultiPartException, KeyError):
        raise bad_request("can't parse multipart body") from None
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files[name] = Upload(value.filename or "", value.content_type or "", await value.read())
        else:
            values[name] = value
    await form.close()
    return Arguments(values, files)
