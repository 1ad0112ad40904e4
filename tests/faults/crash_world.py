"""State that outlives a killed process, and the points where it can be killed.

Knows the memory shared with the children (the instant, the updates that the server was asked to forget, the messages it showed), SQLite's
connection that counts its statements, and a server in a dozen lines. Must not know stories. Invariant: nothing here waits, and the same run
counts the same points.
"""

from __future__ import annotations

import asyncio
import json
import mmap
import os
import signal
import sqlite3
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from telegram.error import BadRequest, Forbidden, TelegramError, TimedOut

from bot.telegram.buttons import Signer
from bot.telegram.capabilities import TELEGRAM
from bot.timers.clock import Clock
from storage.engine.sqlite import connect
from texts import render

T = TypeVar("T")
MOST_SHOWN = 4000
HEAD = struct.Struct("qqqqqq")
SHOWN = struct.Struct("qq")
#: The server's answer for a chat that cannot be reached.
REFUSALS: dict[str, TelegramError] = {
    "blocked": Forbidden("Forbidden: bot was blocked by the user"),
    "gone": BadRequest("Chat not found"),
    "malformed": BadRequest("Can't parse entities"),
    "silent": TimedOut(),
}
#: Chat number of answered presses in the memory: no chat has this number.
PRESSES = -1
REPEAT = render("system.repeat", "zh")
WORDS = {"sendMessage", "editMessageText"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Memory:
    """Numbers in memory that a killed child leaves behind.

    `at`: the world's instant; `forgotten`: updates below this number are confirmed; `step`: the present step of the story; `point`: number
    of points passed in this run; `shown`: (chat, content) of everything the server took, oldest first; `answered`: the presses for which it
    was asked to stop the spinner.
    """

    def __init__(self) -> None:
        self._map = mmap.mmap(-1, HEAD.size + SHOWN.size * MOST_SHOWN)

    def _get(self, place: int) -> int:
        return int(struct.unpack_from("q", self._map, place * 8)[0])

    def _put(self, place: int, value: int) -> None:
        struct.pack_into("q", self._map, place * 8, value)

    @property
    def at(self) -> datetime:
        return EPOCH + timedelta(microseconds=self._get(0))

    @at.setter
    def at(self, value: datetime) -> None:
        self._put(0, (value - EPOCH) // timedelta(microseconds=1))

    forgotten = property(lambda self: self._get(1), lambda self, value: self._put(1, value))
    step = property(lambda self: self._get(2), lambda self, value: self._put(2, value))
    point = property(lambda self: self._get(3), lambda self, value: self._put(3, value))

    def show(self, chat: int, what: int) -> None:
        """Note that the server took a message."""
        count = self._get(4)
        assert count < MOST_SHOWN, "the story says too much"
        SHOWN.pack_into(self._map, HEAD.size + SHOWN.size * count, chat, what)
        self._put(4, count + 1)

    def _all(self) -> list[tuple[int, int]]:
        return [SHOWN.unpack_from(self._map, HEAD.size + SHOWN.size * each) for each in range(self._get(4))]

    @property
    def shown(self) -> list[tuple[int, int]]:
        return [(chat, what) for chat, what in self._all() if chat != PRESSES]

    @property
    def answered(self) -> list[str]:
        return [f"p{number}" for chat, number in self._all() if chat == PRESSES]

    def keep(self) -> bytes:
        """Return everything, for `restore`."""
        return self._map[: HEAD.size + SHOWN.size * self._get(4)]

    def restore(self, kept: bytes) -> None:
        """Restore a saved state."""
        self._map[: len(kept)] = kept


class Killing:
    """Counts the points of a life and ends the process at one of them; `at=0`: never."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.at = 0
        self.paused = 1
        self.names: list[str] | None = None

    def begin(self, *, at: int = 0) -> None:
        """Count from zero."""
        self.memory.point, self.at, self.paused = 0, at, 0

    def point(self, name: str) -> None:
        """Pass a point, or die there."""
        if self.paused:
            return
        passed = self.memory.point = self.memory.point + 1
        if self.names is not None:
            self.names.append(name)
        if passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Let the test itself read the database, uncounted."""
        self.paused += 1
        try:
            yield
        finally:
            self.paused -= 1


class Counted(sqlite3.Connection):
    """A connection that passes a point before every statement.

    BEGIN, SAVEPOINT and COMMIT are statements too.
    """

    killing: Killing

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        """Pass the point, then run it."""
        self.killing.point(sql)
        return super().execute(sql, parameters)


class Inline:
    """Production's connection, hopped into on the only thread there is."""

    def __init__(self, path: Path, killing: Killing) -> None:
        real = sqlite3.connect
        sqlite3.connect = partial(real, factory=Counted)  # type: ignore[assignment]  # production opens it by this name
        Counted.killing = killing
        try:
            self.raw = connect(path, create=False)
        finally:
            sqlite3.connect = real

    async def run_in_thread(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run it here and now."""
        return function(self.raw)

    async def close(self) -> None:
        """Close it."""
        self.raw.close()


class WorldClock(Clock):
    """The world's instant."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._memory = memory

    def now(self) -> datetime:
        """Return it."""
        return self._memory.at


class Hearing:
    """A fake of python-telegram-bot's application: hands an update to its handlers."""

    def __init__(self) -> None:
        self._handlers: list[Any] = []

    def add_handler(self, handler: Any) -> None:
        """Ask."""
        self._handlers.append(handler)

    async def process_update(self, update: object) -> None:
        """Hand it over."""
        for handler in self._handlers:
            handler.check_update(update)


class Server:
    """A channel and the server behind it.

    It gives updates until they are confirmed, takes messages and refuses the chats it is told to. `queue`: the sent updates, in the order
    in which they are handed out. `refused`: chat → kind of refusal. `forgetful` (a mutant): handed-out updates count as confirmed.
    """

    name = "telegram"
    bot = None
    bot_name = "tongxin_bot"
    link_base = "https://t.me/tongxin_bot"
    can = TELEGRAM
    is_open = True

    def __init__(self, memory: Memory, killing: Killing) -> None:
        self.signer = Signer("123456:killed")
        self.application = Hearing()
        self.queue: list[dict[str, Any]] = []
        self.refused: dict[int, str] = {}
        self.quiet = asyncio.Event()
        self.forgetful = False
        self._memory = memory
        self._killing = killing

    async def poll(self, *, offset: int, seconds: int, kinds: tuple[str, ...]) -> list[Any]:
        """Forget updates below `offset` and hand out the rest; never answer when nothing is left."""
        del seconds, kinds
        self._killing.point("confirm")
        self._memory.forgotten = max(offset, self._memory.forgotten)
        waiting = [update for update in self.queue if update["update_id"] >= self._memory.forgotten]
        if not waiting:
            self.quiet.set()
            await asyncio.Event().wait()
        if self.forgetful:
            self._memory.forgotten = max(update["update_id"] for update in waiting) + 1
        return waiting

    async def call(self, method: str, /, *, within: float | None = None, **fields: Any) -> Any:
        """Take a message and return its number, derived from its content.

        So the same message twice has one number, also when the message contains it.
        """
        del within
        self._killing.point(method)
        if method == "answerCallbackQuery":
            self._memory.show(PRESSES, int(fields["callback_query_id"][1:]))
            return True
        chat = int(fields["chat_id"])
        if "text" in fields:
            fields["text"] = fields["text"].removesuffix(f"\n{REPEAT}")
        # A change to a missing message counts as a new message: the same words, and one of the two in each run.
        said = {"text": fields["text"], "reply_markup": fields.get("reply_markup")} if method in WORDS else {"method": method, **fields}
        what = zlib.crc32(json.dumps(said, ensure_ascii=False, sort_keys=True, default=lambda data: zlib.crc32(data)).encode())
        refusal = self.refused.get(chat)
        if refusal is None or refusal == "silent":
            self._memory.show(chat, what)
        if refusal is not None:
            raise REFUSALS[refusal]
        return {"message_id": 1 + what % 1_000_000_000}


def unlike(shown: list[tuple[int, int]], once: list[tuple[int, int]], repeats: int = 0) -> str:
    """Return the difference between the shown messages and those of a run without a kill.

    `repeats`: number of messages that may have come twice.
    """
    have, want = Counter(shown), Counter(once)
    missing, more = want - have, have - want
    unknown = have.keys() - want.keys()
    if missing:
        return f"{missing.total()} messages were never shown, the first to {next(iter(missing))[0]}"
    if unknown:
        return f"{len(unknown)} messages were shown that nobody should see, the first to {min(unknown)[0]}"
    return f"{more.total()} messages came twice, {repeats} were in flight" if more.total() > repeats else ""
