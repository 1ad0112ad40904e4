"""The Bot API's server as the bot reaches it: a replacement of connections.

It lies below all of `bot/telegram/request.py`. Knows the sandbox's methods, the fault injectors of requests, the updates that the server
gave away and those it was asked to forget; must not know people. Invariant: `Witness` learns of every executed call before the bot does.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from bot.telegram.http_client import Answer, BrokenOff, Interrupted, Unreachable
from bot.telegram.http_target import Target
from sandbox.api.arguments import Arguments
from sandbox.api.methods.table import METHODS
from sandbox.api.parsing import parse
from sandbox.core.errors import ApiError
from sandbox.core.wire import dumps
from sandbox.world.updates import Pending

if TYPE_CHECKING:
    from sandbox.world.world import World
    from tests.faults.simulation.fault_injectors import FaultInjectors
    from tests.faults.simulation.virtual_clock import VirtualClock

#: The try of the outbox row to which a request belongs; 0: none.
TRYING: ContextVar[int] = ContextVar("trying", default=0)
GATEWAY = b"<html><head><title>502 Bad Gateway</title></head></html>"
#: How long the server may give an update a second time.
REMEMBERED_S = 45 * 3600.0
KEPT_ANSWERS = 50
BEFORE = ("unreachable", "429", "500", "502", "hang", "garbage")
AFTER = ("ambiguous", "reset", "truncated", "no_result")
SENDS = (
    "sendmessage",
    "editmessagetext",
    "sendphoto",
    "sendlocation",
    "sendvoice",
    "sendvideo",
    "senddocument",
    "sendaudio",
    "sendanimation",
)


class Witness(Protocol):
    """A recorder of the server's events."""

    def note(self, *facts: object) -> None:
        """Add to the trace."""

    def did(self, method: str, args: Arguments, trying: int, *, told: bool) -> None:
        """The server executed a call; `told`: the bot learns of the success."""

    def refused(self, method: str, chat_id: int, code: int, *, forced: bool) -> None:
        """The server refused one."""

    def forgets(self, gone: list[Pending]) -> None:
        """The server was asked to forget updates."""

    def trouble(self, seconds: float) -> None:
        """Something is wrong until so many seconds from now."""

    def fault(self, words: str) -> None:
        """Something is as it must never be."""


class Line:
    """The server behind its line, for all runs of the process.

    A run sends its requests through `client(loop)`.
    """

    def __init__(self, world: World, virtual_clock: VirtualClock, fault_injectors: FaultInjectors, witness: Witness) -> None:
        self.world = world
        self.virtual_clock = virtual_clock
        self.fault_injectors = fault_injectors
        self.witness = witness
        self.kill: Callable[[], None] = lambda: None
        self.kill_at_call = 0
        self.kill_when_done = False
        self.calls = 0
        self.in_flight = 0
        self.held: dict[int, float] = {}
        self.given: dict[int, tuple[float, Any]] = {}
        self._answers: dict[int, set[int]] = {}
        self._cut_until = 0.0
        self._poll: asyncio.Future[None] | None = None

    def begin(self) -> None:
        """Begin another run: no poll is open yet."""
        self._poll = None
        self.in_flight = 0

    def cut(self, seconds: float) -> None:
        """Make the server unreachable for so many seconds."""
        self._cut_until = self.virtual_clock.steady + seconds
        self.witness.trouble(seconds + 32)

    @property
    def is_cut(self) -> bool:
        """Return whether the server is unreachable now."""
        return self.virtual_clock.steady < self._cut_until

    def heal(self) -> None:
        """All is well from now on."""
        self._cut_until, self.kill_at_call = 0.0, 0
        self.held.clear()

    def news(self) -> None:
        """There are updates, perhaps."""
        if self._poll is not None and not self._poll.done() and self.world.updates.queue:
            self._poll.set_result(None)

    async def ask(self, target: Target, body: bytes, *, within: float) -> Answer:
        """Answer a request, or do not."""
        if self.virtual_clock.steady < self._cut_until:
            raise Unreachable("cut off")
        first, _, rest = target.head.partition(b"\r\n")
        name = first.split(b" ")[1].rpartition(b"/")[2].decode().lower()
        kind = next((line[14:] for line in rest.split(b"\r\n") if line.startswith(b"Content-Type: ")), b"")
        args = await parse({"headers": [(b"content-type", kind)], "query_string": b""}, body)
        if name == "getupdates":
            return await self._answer_poll(args, within)
        self.in_flight += 1
        try:
            return await self._answer(name, args, within)
        finally:
            self.in_flight -= 1

    async def _answer(self, name: str, args: Arguments, within: float) -> Answer:
        self.calls += 1
        chat_id = int(args.values.get("chat_id") or 0)
        await asyncio.sleep(self._latency(name))
        if self.calls == self.kill_at_call and not self.kill_when_done:
            return await self._die()
        trouble = next((kind for kind in (*BEFORE, *AFTER) if self.fault_injectors.strikes(kind)), "")
        if trouble:
            self.witness.note("trouble", trouble, name, chat_id)
            self.witness.trouble(within + 2)
        if trouble in BEFORE:
            return await self._spoil(trouble, name, chat_id, within)
        status, result = self._perform(name, args, told=not trouble)
        if self.calls == self.kill_at_call:
            return await self._die()
        if trouble and status == 200:
            return await self._spoil_answer(trouble, result, within)
        return self._whole(status, result)

    def _latency(self, name: str) -> float:
        digest = hashlib.blake2b(f"{name} {self.calls} {self.virtual_clock.steady}".encode(), digest_size=4).digest()
        return 0.02 + int.from_bytes(digest, "big") / 2**32 * 0.2

    async def _die(self) -> Answer:
        self.kill()
        await asyncio.Event().wait()
        raise AssertionError

    def _perform(self, name: str, args: Arguments, *, told: bool) -> tuple[int, bytes]:
        chat_id = int(args.values.get("chat_id") or 0)
        try:
            self._hold(chat_id, name)
            result: Any = METHODS[name][1](self.world, args)
        except ApiError as error:
            self.witness.note("no", name, chat_id, error.code)
            if error.code == 429:
                self.witness.refused(name, chat_id, 429, forced=False)
            elif "is not modified" in error.description:
                self.witness.did(name, args, TRYING.get(), told=told)
            return error.code, dumps(error.body)
        self.witness.did(name, args, TRYING.get(), told=told)
        return 200, dumps({"ok": True, "result": result})

    def _hold(self, chat_id: int, name: str) -> None:
        """Refuse a sender that ignores the requested wait."""
        until = self.held.get(chat_id, 0.0)
        if name in SENDS and until > self.virtual_clock.steady + 0.01:
            self.witness.refused(name, chat_id, 429, forced=True)

    def _whole(self, status: int, body: bytes) -> Answer:
        return Answer(status, self.world.clock.header().decode(), body)

    async def _spoil(self, trouble: str, name: str, chat_id: int, within: float) -> Answer:
        """A trouble instead of the call."""
        die = self.fault_injectors.die(trouble)
        match trouble:
            case "unreachable":
                raise Unreachable("refused")
            case "429":
                seconds = die.choice((1, 2, 5, 15, 40))
                if name in SENDS and chat_id:
                    self.held[chat_id] = self.virtual_clock.steady + seconds
                self.witness.trouble(seconds + 2)
                words = f"Too Many Requests: retry after {seconds}"
                body = {"ok": False, "error_code": 429, "description": words, "parameters": {"retry_after": seconds}}
                return self._whole(429, orjson.dumps(body))
            case "500":
                return self._whole(500, orjson.dumps({"ok": False, "error_code": 500, "description": "Internal Server Error"}))
            case "502":
                return self._whole(die.choice((502, 504)), GATEWAY)
            case "garbage":
                return self._whole(200, b"\x00\xff<<<not json\xfe")
            case _:
                self.in_flight += 1
                await asyncio.sleep(within)
                self.in_flight -= 1
                raise TimeoutError

    async def _spoil_answer(self, trouble: str, result: bytes, within: float) -> Answer:
        """A trouble after the call was done."""
        match trouble:
            case "ambiguous":
                await asyncio.sleep(within)
                raise TimeoutError
            case "reset":
                raise Interrupted("hung up") if self.fault_injectors.die("reset").random() < 0.5 else BrokenOff("broken off")
            case "truncated":
                return self._whole(200, result[: max(12, len(result) // 2)])
            case _:
                return self._whole(200, b'{"ok":true}')

    # Updates --------------------------------------------------------------------------------------------------------------

    async def _answer_poll(self, args: Arguments, within: float) -> Answer:
        await asyncio.sleep(0.03)
        offset, seconds = args.integer("offset"), float(args.integer("timeout"))
        world, fault_injectors = self.world, self.fault_injectors
        world.updates.allow(args.sequence("allowed_updates"))
        trouble = next((kind for kind in ("unreachable", "500", "502", "garbage", "conflict", "hang") if fault_injectors.strikes(kind)), "")
        if trouble:
            self.witness.note("trouble", trouble, "getupdates")
            self.witness.trouble(within + 32 if trouble == "hang" else 32)
            if trouble == "conflict":
                words = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
                return self._whole(409, orjson.dumps({"ok": False, "error_code": 409, "description": words}))
            return await self._spoil(trouble, "getupdates", 0, within)
        self._confirm(offset)
        if not world.updates.queue or fault_injectors.strikes("empty"):
            await self._wait(seconds)
        ready = self._next(offset)
        self.witness.note("gives", [update["update_id"] for update in ready])
        return self._whole(200, dumps({"ok": True, "result": ready}))

    async def _wait(self, seconds: float) -> None:
        """Wait for news, in seconds of the loop: skipping time does not shorten it."""
        self._poll = poll = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await poll
        except TimeoutError:
            pass
        finally:
            if self._poll is poll:
                self._poll = None

    def _confirm(self, offset: int) -> None:
        """Forget the updates of an answer that ended just below the offset.

        After the numbering restarts, an older offset means nothing.
        """
        updates = self.world.updates
        updates.expire()
        confirmed = self._answers.pop(offset - 1, set())
        gone = [pending for pending in updates.queue if pending.id in confirmed]
        if gone:
            updates.queue = deque(pending for pending in updates.queue if pending.id not in confirmed)
            self.witness.forgets(gone)

    def _next(self, offset: int) -> list[Any]:
        """Return the updates that the server hands out: mostly the queue, in order."""
        waiting = list(self.world.updates.queue)[:100]
        queue = [pending.payload for pending in waiting]
        fault_injectors = self.fault_injectors
        if len(queue) > 1 and fault_injectors.strikes("shuffle"):
            fault_injectors.die("shuffle").shuffle(queue)
        now = self.virtual_clock.steady
        recent = sorted(number for number, (at, _) in self.given.items() if at > now - REMEMBERED_S)
        if recent and fault_injectors.strikes("duplicate"):
            die = fault_injectors.die("duplicate")
            again = [self.given[number][1] for number in die.sample(recent, min(len(recent), die.randint(1, 3)))]
            queue = [
                update for update in again if update["update_id"] < min((each["update_id"] for each in queue), default=math.inf)
            ] + queue
        for update in queue:
            self.given.setdefault(update["update_id"], (now, update))
        if queue:
            self._answers.setdefault(max(update["update_id"] for update in queue), set()).update(update["update_id"] for update in queue)
        while len(self._answers) > KEPT_ANSWERS:
            del self._answers[next(iter(self._answers))]
        while len(self.given) > 200:
            del self.given[next(iter(self.given))]
        return queue
