"""Delivery to the bot's own server."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.poster import post
from tests.sandbox.client import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.sandbox.client import SandboxClient


@dataclass
class Hook:
    """A bot's server: `replies` are (status line, headers, body) to give, then 200 for ever."""

    got: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    replies: list[bytes] = field(default_factory=list)
    slow_chats: dict[int, asyncio.Event] = field(default_factory=dict)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        update = json.loads(await reader.readexactly(int(headers["content-length"])))
        self.got.append((headers, update))
        gate = self.slow_chats.get(update.get("message", {}).get("chat", {}).get("id", 0))
        if gate is not None:
            await gate.wait()
        writer.write(self.replies.pop(0) if self.replies else b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    def texts(self) -> list[str]:
        return [update["message"]["text"] for _, update in self.got]

    async def waits_for(self, count: int) -> None:
        await until(lambda: len(self.got) >= count)


@contextlib.asynccontextmanager
async def hooked() -> AsyncIterator[Hook]:
    hook = Hook()
    server = await asyncio.start_server(hook.serve, "127.0.0.1", 0)
    hook.port = server.sockets[0].getsockname()[1]
    async with server:
        yield hook


async def test_updates_arrive_in_order_with_the_secret(client: SandboxClient):
    wang = await client.person()
    async with hooked() as hook:
        await client.does("messages", user=wang, chat=wang, text="一")
        await client.calls("setWebhook", url=hook.url, secret_token="S-1_x")
        await client.does("messages", user=wang, chat=wang, text="二")
        await hook.waits_for(2)
        assert hook.texts() == ["一", "二"]
        assert {headers["x-telegram-bot-api-secret-token"] for headers, _ in hook.got} == {"S-1_x"}
        info = await client.calls("getWebhookInfo")
        assert (info["url"], info["has_custom_certificate"]) == (hook.url, False)
        await client.calls("deleteWebhook")


async def test_failing_update_is_repeated_and_blocks_its_own_chat_only(client: SandboxClient):
    wang, li = await client.person(), await client.person("李四")
    async with hooked() as hook:
        hook.replies = [b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"]
        gate = hook.slow_chats[wang] = asyncio.Event()
        await client.calls("setWebhook", url=hook.url)
        await client.does("messages", user=wang, chat=wang, text="慢一")
        await client.does("messages", user=wang, chat=wang, text="慢二")
        await hook.waits_for(1)
        hook.replies.insert(0, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await client.does("messages", user=li, chat=li, text="快")
        await hook.waits_for(2)
        assert hook.texts() == ["慢一", "快"]
        gate.set()
        await hook.waits_for(4)
        assert hook.texts() == ["慢一", "快", "慢一", "慢二"]
        assert (await client.calls("getWebhookInfo"))["last_error_message"] == "Wrong response from the webhook: 500 No"
        await client.calls("deleteWebhook")


async def test_retry_after_is_obeyed_until_the_clock_moves(client: SandboxClient):
    wang = await client.person()
    async with hooked() as hook:
        hook.replies = [b"HTTP/1.1 503 Busy\r\nRetry-After: 3000\r\nContent-Length: 0\r\n\r\n"]
        await client.calls("setWebhook", url=hook.url)
        await client.does("messages", user=wang, chat=wang, text="一")
        await hook.waits_for(1)
        await until(lambda: client.world.webhook.last_error)
        await asyncio.sleep(0.05)
        assert len(hook.got) == 1
        await client.does("clock", advance_s=3000)
        await hook.waits_for(2)
        await client.calls("deleteWebhook")


async def test_undelivered_updates_go_back_to_polling_or_expire(client: SandboxClient):
    wang = await client.person()
    await client.calls("setWebhook", url="http://127.0.0.1:9/nobody")
    for text in ("一", "二"):
        await client.does("messages", user=wang, chat=wang, text=text)
    assert (await client.calls("getWebhookInfo"))["pending_update_count"] == 2
    await client.calls("deleteWebhook")
    assert [update["message"]["text"] for update in await client.calls("getUpdates")] == ["一", "二"]
    await client.calls("setWebhook", url="http://127.0.0.1:9/nobody")
    await client.does("clock", advance_s=86_401)
    await until(lambda: client.world.webhook.pending == 0)
    assert (await client.calls("getWebhookInfo"))["pending_update_count"] == 0
    await client.calls("deleteWebhook")


async def test_answer_of_the_hook_may_hold_a_call(client: SandboxClient):
    wang = await client.person()
    async with hooked() as hook:
        body = json.dumps({"method": "sendMessage", "chat_id": wang, "text": "回"}).encode()
        hook.replies = [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body]
        await client.calls("setWebhook", url=hook.url)
        await client.does("messages", user=wang, chat=wang, text="一")
        await until(lambda: [stored for stored in client.world.messages[wang].values() if stored.wire["text"] == "回"])
        await client.calls("deleteWebhook")


@pytest.mark.parametrize("url", ["http://example.com/", "https://127.0.0.1/", "http://127.0.0.1.evil.example/", "ftp://localhost/"])
async def test_targets_elsewhere_are_refused(client: SandboxClient, url: str):
    assert (await client.refusal("setWebhook", url=url)).startswith("Bad Request: bad webhook")


async def test_nobody_listening_is_an_answer_too():
    answer = await post("http://127.0.0.1:9/", b"{}", {}, timeout_s=2)
    assert (answer.status, answer.error) == (0, "Connection failed: ConnectionRefusedError")
