"""The floor: the least a durable echo bot can do in Python with the same tools: decode, one transaction a page of updates, raw HTTP.

`python -m benchmarks.floor PORT FILE GROUP`: uvloop, orjson, sqlite3 (WAL, `synchronous=FULL`) in the loop's own thread, aiohttp. GROUP updates
share a commit; nothing is answered before the commit that holds it. No people, no rules, no texts, no pace, no record of what was sent.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from typing import Any

import aiohttp
import orjson
import uvloop

from benchmarks.peers import TOKEN

AT_ONCE = 32
JSON = {"Content-Type": "application/json"}


def open_database(path: str) -> sqlite3.Connection:
    """Open a file that keeps every update for good."""
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute("CREATE TABLE IF NOT EXISTS inbox (update_id INTEGER PRIMARY KEY, body TEXT NOT NULL)")
    return raw


def keep(raw: sqlite3.Connection, updates: list[dict[str, Any]]) -> None:
    """Commit updates."""
    raw.execute("BEGIN IMMEDIATE")
    raw.executemany("INSERT INTO inbox VALUES (?, ?)", [(update["update_id"], orjson.dumps(update).decode()) for update in updates])
    raw.execute("COMMIT")


async def answer(session: aiohttp.ClientSession, url: str, waiting: asyncio.Queue[dict[str, Any]]) -> None:
    """Echo what waits, one at a time."""
    while True:
        message = (await waiting.get())["message"]
        body = orjson.dumps({"chat_id": message["chat"]["id"], "text": message["text"]})
        async with session.post(url, data=body, headers=JSON) as response:
            await response.read()


async def main(port: int, path: str, group: int) -> None:
    """Poll for ever."""
    raw = open_database(path)
    base = f"http://127.0.0.1:{port}/bot{TOKEN}"
    waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    offset = 0
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE + 1)) as session, asyncio.TaskGroup() as senders:
        for _ in range(AT_ONCE):
            senders.create_task(answer(session, f"{base}/sendMessage", waiting))
        while True:
            async with session.post(f"{base}/getUpdates", data=orjson.dumps({"offset": offset, "timeout": 10}), headers=JSON) as response:
                updates = orjson.loads(await response.read())["result"]
            for start in range(0, len(updates), group):
                part = updates[start : start + group]
                keep(raw, part)
                for update in part:
                    waiting.put_nowait(update)
                offset = part[-1]["update_id"] + 1
                await asyncio.sleep(0)


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
