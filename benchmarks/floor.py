"""The floor: a minimal durable echo bot in Python with the same tools.

It decodes, makes one transaction per page of updates, and sends raw HTTP. `python -m benchmarks.floor PORT FILE GROUP [aiohttp|own]` uses
uvloop, orjson, sqlite3 (WAL, `synchronous=FULL`) in the event loop's thread, and aiohttp or our own HTTP client. GROUP updates share a commit;
an update is answered only after its commit. There are no people, rules, texts or rate limiter, and no record of sent messages.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
import uvloop

from benchmarks.peers import TOKEN
from bot.telegram.http_client import Client
from bot.telegram.http_target import target_of

AT_ONCE = 32
Post = Callable[[str, bytes], Awaitable[bytes]]
JSON = {"Content-Type": "application/json"}


def open_database(path: str) -> sqlite3.Connection:
    """Open a database file that stores every update durably."""
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute("CREATE TABLE IF NOT EXISTS inbox (update_id INTEGER PRIMARY KEY, body TEXT NOT NULL)")
    return raw


def keep(raw: sqlite3.Connection, updates: list[dict[str, Any]]) -> None:
    """Commit updates in one transaction."""
    raw.execute("BEGIN IMMEDIATE")
    raw.executemany("INSERT INTO inbox VALUES (?, ?)", [(update["update_id"], orjson.dumps(update).decode()) for update in updates])
    raw.execute("COMMIT")


async def answer(post: Post, waiting: asyncio.Queue[dict[str, Any]]) -> None:
    """Echo queued updates, one at a time."""
    while True:
        message = (await waiting.get())["message"]
        await post("sendMessage", orjson.dumps({"chat_id": message["chat"]["id"], "text": message["text"]}))


async def receive(post: Post, raw: sqlite3.Connection, group: int, waiting: asyncio.Queue[dict[str, Any]]) -> None:
    """Poll until killed."""
    offset = 0
    while True:
        updates = orjson.loads(await post("getUpdates", orjson.dumps({"offset": offset, "timeout": 10})))["result"]
        for start in range(0, len(updates), group):
            part = updates[start : start + group]
            keep(raw, part)
            for update in part:
                waiting.put_nowait(update)
            offset = part[-1]["update_id"] + 1
            await asyncio.sleep(0)


@asynccontextmanager
async def posting(base: str, client: str) -> AsyncIterator[Post]:
    """Yield a function that posts JSON to a method and returns the answer's body."""
    if client == "own":
        own, targets = Client(connections=AT_ONCE + 1, connect_timeout=10.0), {}
        for method in ("sendMessage", "getUpdates"):
            targets[method] = target_of("POST", f"{base}/{method}", JSON["Content-Type"])

        async def post_own(method: str, body: bytes) -> bytes:
            return (await own.ask(targets[method], body, within=30.0)).body

        yield post_own
        return
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE + 1)) as session:

        async def post(method: str, body: bytes) -> bytes:
            async with session.post(f"{base}/{method}", data=body, headers=JSON) as response:
                return await response.read()

        yield post


async def main(port: int, path: str, group: int, client: str) -> None:
    """Serve until killed."""
    waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    async with posting(f"http://127.0.0.1:{port}/bot{TOKEN}", client) as post, asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(answer(post, waiting))
        await receive(post, open_database(path), group, waiting)


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]))
