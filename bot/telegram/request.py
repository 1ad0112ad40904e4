"""HTTP for python-telegram-bot: small JSON bodies, forms only for files.

Knows how a call is encoded and what its failure means; must not know methods or messages. Invariant: the token is in every URL, so nothing
here is logged or put into an error.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.telegram.http_client import BrokenOff, Client, Interrupted, Unreachable
from bot.telegram.http_target import Target, target_of

JSON = "application/json"
#: The boundary between the fields of a form: random, so that it is not in any file.
BOUNDARY = secrets.token_hex(16)
FORM = f"multipart/form-data; boundary={BOUNDARY}"

#: Answers that a repeated call would get again: they are refusals, as 400 is, and not faults of the network.
REFUSED = (406, 413, 420)


def _unheard(date: str) -> None:
    """Ignore the date."""


class HttpRequest(BaseRequest):
    """A `BaseRequest` on our own connections.

    `on_date` gets the `Date` header of every answer. `read_timeout` (seconds) is used where a call names none.
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
        self._client: Client | None = None
        self._targets: dict[tuple[str, str, str], Target] = {}
        self._heard = ""

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer unless a call says otherwise."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Prepare for connecting."""
        if self._client is None:
            self._client = Client(connections=self._connections, connect_timeout=self._connect_timeout)

    async def shutdown(self) -> None:
        """Close every connection."""
        if self._client is not None:
            self._client.close()
            self._client = None

    async def renew(self) -> None:
        """Close every connection and begin again, to get rid of a half-open one."""
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
            TimedOut: no complete answer; the server may have acted.
            Unsent: no connection could be made, so the server did not act.
            NetworkError: the address or proxy does not exist.
        """
        if self._client is None:
            raise NetworkError("The connection is closed.")
        seconds = read_timeout if isinstance(read_timeout, int | float) else self._read_timeout
        content_type, body = _body(request_data)
        try:
            target = self._target(method, url, content_type)
            status, date, answer = await self._client.ask(target, body, within=seconds + self._connect_timeout)
        except TimeoutError:
            raise TimedOut("No answer in time.") from None
        except (BrokenOff, Interrupted):
            raise TimedOut("The answer broke off.") from None
        except Unreachable:
            raise Unsent("The server cannot be reached.") from None
        except ValueError:
            raise NetworkError("There is no such address or proxy.") from None
        self._hear(date)
        return 400 if status in REFUSED else status, answer

    def _target(self, method: str, url: str, content_type: str) -> Target:
        """Return the target of a call, computed once per method."""
        key = (method, url, content_type)
        if key not in self._targets:
            self._targets[key] = target_of(method, url, content_type)
        return self._targets[key]

    def _hear(self, date: str) -> None:
        """Pass on a date once.

        The date changes once per second; answers arrive more often.
        """
        if date != self._heard:
            self._heard = date
            self._on_date(date)

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """Decode an answer, tolerating what strict JSON refuses (lone surrogates).

        Raises:
            TimedOut: it reports success without a readable result, so the server may have acted.
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
    """Decode as python-telegram-bot does, but never log the answer.

    Python-telegram-bot logs an answer that it cannot read, with people's words in it.
    """
    try:
        return json.loads(payload.decode("utf-8", "replace"))
    except RecursionError:
        raise NetworkError("The answer has no bottom.") from None
    except ValueError:
        if payload.lstrip().startswith(b'{"ok":true'):
            raise TimedOut("The answer broke off.") from None
        raise TelegramError("Invalid server response") from None


class Unsent(NetworkError):
    """No connection was made, so the server certainly did nothing."""


class Fields:
    """The arguments of one call, shaped like a `RequestData`.

    Plain values are kept as they are; `bytes` is an uploaded file.
    """

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.parameters = {name: value for name, value in fields.items() if value is not None}
        files = {name: value for name, value in self.parameters.items() if isinstance(value, bytes)}
        self.multipart_data = {name: (name, self.parameters.pop(name), "application/octet-stream") for name in files}
        self.contains_files = bool(files)

    @property
    def json_parameters(self) -> dict[str, str]:
        """The plain values as form fields: text as it is, everything else as JSON."""
        return {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in self.parameters.items()}


def _body(request_data: RequestData | None) -> tuple[str, bytes]:
    """Return the media type and the body: JSON, or a form when there are files."""
    if request_data is None or not (request_data.contains_files or request_data.parameters):
        return "", b""
    if not request_data.contains_files:
        return JSON, orjson.dumps(request_data.parameters)
    parts = [_part(f'name="{_quoted(name)}"', value.encode()) for name, value in request_data.json_parameters.items()]
    for name, (file_name, content, mime) in request_data.multipart_data.items():
        whole = content if isinstance(content, bytes) else content.read()
        parts.append(_part(f'name="{_quoted(name)}"; filename="{_quoted(file_name)}"\r\nContent-Type: {mime}', whole))
    return FORM, b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])


def _part(says: str, content: bytes) -> bytes:
    return b"".join((f"--{BOUNDARY}\r\nContent-Disposition: form-data; {says}\r\n\r\n".encode(), content, b"\r\n"))


def _quoted(name: str) -> str:
    """Return a name as a form writes it (WHATWG HTML, multipart/form-data)."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
