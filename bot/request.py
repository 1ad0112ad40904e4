"""HTTP for python-telegram-bot on aiohttp: one session, one connection pool, small bodies.

Knows bytes and time-outs; must not know methods or messages. The token is in every URL, so nothing here is logged or put into an error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
import orjson
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

JSON = {"Content-Type": "application/json"}


def _unheard(date: str) -> None:
    """Hear nothing."""


class AiohttpRequest(BaseRequest):
    """A `BaseRequest` on aiohttp.

    `on_date` hears the `Date` header of every answer. `read_timeout` (seconds) is used where a call names none.
    """

    def __init__(
        self,
        *,
        connections: int = 64,
        read_timeout: float = 20.0,
        connect_timeout: float = 10.0,
        on_date: Callable[[str], None] = _unheard,
    ) -> None:
        self._connections = connections
        self._read_timeout = read_timeout
        self._connect_timeout = connect_timeout
        self._on_date = on_date
        self._session: aiohttp.ClientSession | None = None
        self._targets: dict[str, tuple[URL, str | None]] = {}
        self._heard = ""

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer unless a call says otherwise."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Open the session."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=300, keepalive_timeout=60)
            self._session = aiohttp.ClientSession(connector=connector, auto_decompress=True, cookie_jar=aiohttp.DummyCookieJar())

    async def shutdown(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def renew(self) -> None:
        """Throw away every connection: the way out of a half-open one."""
        await self.shutdown()
        await self.initialize()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Send one request and return (status, body).

        Raises:
            TimedOut: no answer in time; the server may have acted.
            NetworkError: the connection could not be made or broke.
        """
        if self._session is None:
            raise NetworkError("The connection is closed.")
        seconds = read_timeout if isinstance(read_timeout, int | float) else self._read_timeout
        data, headers = _body(request_data)
        if url not in self._targets:
            self._targets[url] = (URL(url, encoded=True), _proxy_for(url))
        target, proxy = self._targets[url]
        try:
            timeout = aiohttp.ClientTimeout(total=seconds + self._connect_timeout, sock_connect=self._connect_timeout)
            async with self._session.request(
                method, target, data=data, headers=headers, timeout=timeout, allow_redirects=False, proxy=proxy
            ) as response:
                body = await response.read()
                self._hear(response.headers.get("Date", ""))
                return response.status, body
        except TimeoutError:
            raise TimedOut("No answer in time.") from None
        except aiohttp.ClientPayloadError:
            raise TimedOut("The answer broke off.") from None
        except aiohttp.ClientConnectorError:
            raise Unsent("The server cannot be reached.") from None
        except (aiohttp.ClientError, asyncio.IncompleteReadError, OSError) as error:
            raise NetworkError(f"The connection broke ({type(error).__name__}).") from None

    def _hear(self, date: str) -> None:
        """Pass a date on, the same one once: it changes once a second, answers come more often."""
        if date != self._heard:
            self._heard = date
            self._on_date(date)

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """Decode an answer, tolerating what strict JSON refuses (lone surrogates).

        Raises:
            TimedOut: it says yes and not what came of it, so the server may have acted.
            TelegramError: it is not an answer.
        """
        try:
            answer = orjson.loads(payload)
        except orjson.JSONDecodeError:
            answer = _tolerantly(payload)
        if not isinstance(answer, dict):
            raise NetworkError("The answer makes no sense.")
        if answer.get("ok") and "result" not in answer:
            raise TimedOut("The answer says nothing.")
        return answer


def _tolerantly(payload: bytes) -> Any:
    try:
        return BaseRequest.parse_json_payload(payload)
    except RecursionError:
        raise NetworkError("The answer has no bottom.") from None
    except TelegramError:
        if payload.lstrip().startswith(b'{"ok":true'):
            raise TimedOut("The answer broke off.") from None
        raise


class Unsent(NetworkError):
    """The connection was never made, so the server certainly did nothing."""


class Fields:
    """The arguments of one call, shaped like a `RequestData`: plain values as they are, `bytes` an uploaded file."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.parameters = {name: value for name, value in fields.items() if value is not None and not isinstance(value, bytes)}
        self.multipart_data = {
            name: (name, value, "application/octet-stream") for name, value in fields.items() if isinstance(value, bytes)
        }
        self.contains_files = bool(self.multipart_data)

    @property
    def json_parameters(self) -> dict[str, str]:
        """The plain values as a form has them: text as it is, everything else JSON."""
        return {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in self.parameters.items()}


def _proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for a URL; asked once a URL, because aiohttp's own way asks the disk for every request."""
    scheme, _, rest = url.partition("://")
    if proxy_bypass(rest.partition("/")[0]):
        return None
    return getproxies().get(scheme)


def _body(request_data: RequestData | None) -> tuple[Any, dict[str, str]]:
    """Return what is sent and its headers: JSON, or a form when there are files."""
    if request_data is None or not (request_data.contains_files or request_data.parameters):
        return None, {}
    if not request_data.contains_files:
        return orjson.dumps(request_data.parameters), JSON
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, mime) in request_data.multipart_data.items():
        form.add_field(name, content, filename=file_name, content_type=mime)
    return form, {}
