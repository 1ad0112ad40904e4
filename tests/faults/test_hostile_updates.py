"""Updates that no server should send, in any shape.

Each is kept once and ends, delays nobody, and acts for nobody but its author.
"""

from __future__ import annotations

import io
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from telegram.error import NetworkError

import bot.handling.update_processor
from bot.handling.dispatch import perform
from bot.handling.update_processor import Handling, Ready
from bot.process.logs import trace
from bot.receiving.polling import describe
from bot.telegram.incoming import read
from bot.telegram.request import HttpRequest
from storage.values import to_us
from tests.faults.hostile.line import BOT, Line, as_bytes, opened
from tests.faults.hostile.logged import leaked, listening
from tests.faults.hostile.updates import Templates, chats, mutated, named
from tests.handlers.conftest import town

if TYPE_CHECKING:
    from bot.handling.dispatch import Table
    from domain.core.town import Town
    from handlers.core.context import HandlerContext, Incoming
    from storage.core.inbox import Waiting
    from storage.unit import Unit
    from tests.faults.invariant_log import InvariantLog

__all__ = ["town"]

SEED = 20261124
ENDS = {"done", "parked", "quarantined"}
BATCH = 30
A_TOWN = 5_000  # updates per town, so that its tables stay realistically short


@dataclass
class Trials:
    """Feeds hostile updates, each beside a well-formed one, and records every broken promise."""

    line: Line
    templates: Templates
    dice: Random
    heard: io.StringIO
    broken: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    known: set[int | str] = field(default_factory=set)
    ran: int = 0
    skipped: int = 0

    async def run(self, count: int) -> None:
        """Feed so many hostile updates, one or many a batch, until one promise is broken."""
        while self.ran < count and not self.broken:
            await self._trial(BATCH if self.dice.random() < 0.02 else 1)

    async def _trial(self, size: int) -> None:
        hostile = [self._hostile(1000 if size == 1 else 100) for _ in range(size)]
        batch = [update for _, update in hostile]
        batch.insert(self.dice.randrange(size + 1), self._well_formed())
        before = await self._marks()
        try:
            as_decoded(batch)  # the tolerant decoder cannot read NaN and deep nesting together
        except NetworkError:
            self.skipped += size
            return
        try:
            await self.line.feed(batch)
            if self.dice.random() < 0.05:
                await self.line.feed(batch)
            await self.line.settle()
        except Exception as fault:  # noqa: BLE001 - any is a broken promise
            self.broken.append(f"{hostile[0][0]}: {trace(fault)} came out: {shown(batch)}")
            return
        self.ran += size
        for name, update in hostile:
            await self._ended(name, update)
        await self._bystander_is_answered(before)
        await self._acts_for_nobody_else(hostile, before)
        if leaked(self.heard):
            self.broken.append(f"{hostile[0][0]}: in the log: {leaked(self.heard)[0]!r:.400} after {shown(batch)}")
        self.heard.truncate(self.heard.seek(0))

    def _hostile(self, deepest: int) -> tuple[str, Any]:
        """Return the kind of a hostile update, and the update.

        One that no decoder accepts is skipped, because no poll would return it.
        """
        name = self.dice.choice(self.templates.names)
        wrong = [*(voice.user_id for voice in self.line.people.known), 0, -4001, 777000, 1087968824, 700700, 2**40]
        try:
            return name, as_decoded(mutated(self.templates.fresh(name), self.dice, wrong, deepest=deepest))
        except NetworkError:
            self.skipped += 1
            return self._hostile(deepest)

    def _well_formed(self) -> dict[str, Any]:
        update = self.templates.fresh("the menu")
        voice = self.line.people.bystander
        update["message"] |= {"from": {"id": voice.user_id, "is_bot": False, "first_name": voice.name, "language_code": "zh-hans"}}
        update["message"]["chat"] = {"id": voice.user_id, "type": "private", "first_name": voice.name}
        return update

    async def _marks(self) -> dict[str, int]:
        newest = (
            "SELECT (SELECT COALESCE(MAX(id), 0) FROM outbox) AS outbox, (SELECT COALESCE(MAX(id), 0) FROM audit) AS audit,"
            " (SELECT COALESCE(MAX(id), 0) FROM cases) AS cases, (SELECT COALESCE(MAX(id), 0) FROM people) AS people"
        )
        return (await self.line.rows(newest))[0] | {"at": to_us(self.line.clock.at)}

    async def _ended(self, name: str, update: Any) -> None:
        raw = describe(update, "telegram")
        sql = "SELECT state, fault FROM inbox WHERE channel = 'telegram' AND (update_id = ? OR effect = ?)"
        rows = await self.line.rows(sql, raw.update_id, raw.effect)
        states = [row["state"] for row in rows]
        self.ends.update(states)
        self.faults.update(row["fault"] for row in rows if row["state"] != "done")
        if not states or not set(states) <= ENDS or len(states) > 2:
            self.broken.append(f"{name}: ended as {states}: {shown(update)}")
        fresh = not {raw.update_id, raw.effect} & self.known  # otherwise it looks like one that was handled before
        self.known |= {raw.update_id, raw.effect}
        if fresh and states == ["done"] and self._is_unreadable(update):
            self.broken.append(f"{name}: dropped without a word: {shown(update)}")

    def _is_unreadable(self, update: Any) -> bool:
        """Return whether reading it fails, so that it must not count as done."""
        channel = self.line.engine.channels["telegram"]
        try:
            read(update, channel="telegram", bot_name=channel.bot_name, signer=channel.signer)
        except Exception:  # noqa: BLE001 - any
            return True
        return False

    async def _bystander_is_answered(self, before: dict[str, int]) -> None:
        chat = self.line.people.bystander.user_id
        sql = "SELECT COUNT(*) FROM outbox WHERE chat_id = ? AND id > ?"
        if await self.line.value(sql, chat, before["outbox"]) != 1:
            self.broken.append("somebody else in the same batch was not answered once")

    async def _acts_for_nobody_else(self, hostile: list[tuple[str, Any]], before: dict[str, int]) -> None:
        line, people = self.line, self.line.people
        updates = [update for _, update in hostile]
        who = set[int]().union(*(named(update) for update in updates))
        where = who | set[int]().union(*(chats(update) for update in updates))
        owners = {row["person_id"]: row["user_id"] for row in await line.rows("SELECT person_id, user_id FROM addresses")}
        acted = await line.rows("SELECT DISTINCT actor_id AS id FROM audit WHERE id > ? AND actor_id IS NOT NULL", before["audit"])
        acted += await line.rows("SELECT opened_by AS id FROM cases WHERE id > ?", before["cases"])
        acted += await line.rows("SELECT id FROM people WHERE id > ?", before["people"])
        if strange := {row["id"] for row in acted if owners.get(row["id"]) not in who}:
            self.broken.append(f"acted for {strange}, named were {who}: {shown(updates)}")
        drafts = await line.rows("SELECT chat_id FROM drafts WHERE updated_at >= ?", before["at"])
        if strange := {row["chat_id"] for row in drafts} - who:
            self.broken.append(f"a draft for {strange}, named were {where}: {shown(updates)}")
        sql = "SELECT DISTINCT chat_id FROM outbox WHERE id > ?"
        told = {row["chat_id"] for row in await line.rows(sql, before["outbox"])}
        allowed = who | {chat for chat in where if chat < 0} | {people.admin.user_id, people.bystander.user_id}
        for village in (people.here, people.there):
            allowed |= village if who & village else set()
        if told - allowed:
            self.broken.append(f"told {told - allowed}, named were {where}: {shown(updates)}")


def as_decoded(update: Any) -> Any:
    """Return the update as production's decoder gives it.

    For example, numbers that are too large change their type.
    """
    return HttpRequest.parse_json_payload(as_bytes({"ok": True, "result": [update]}))["result"][0]


def shown(update: Any) -> str:
    """Return the head of it, however deep it is."""
    return as_bytes(update)[:700].decode()


@asynccontextmanager
async def trials(path: Path, town: Town, seed: int = SEED) -> AsyncIterator[Trials]:
    """Open a town for hostile updates, its log listened to."""
    with listening() as heard:
        async with opened(path, town) as line:
            signer = line.engine.channels["telegram"].signer
            templates = Templates(line.people, signer, BOT, int(line.clock.at.timestamp()))
            yield Trials(line, templates, Random(seed), heard)  # noqa: S311 - the same updates every time


@pytest.mark.timeout(3600)
async def test_other_updates_are_handled_when_one_is_hostile(tmp_path: Path, town: Town, invariant_log: InvariantLog) -> None:
    count = invariant_log.size(small=1_500, full=50_000)
    ends, broken, ran, skipped = Counter[str](), list[str](), 0, 0
    while ran < count and not broken:
        folder = tmp_path / str(ran)
        folder.mkdir()
        async with trials(folder, town, SEED + ran) as tried:
            await tried.run(min(A_TOWN, count - ran))
        ran, skipped, broken = ran + tried.ran, skipped + tried.skipped, tried.broken
        ends += tried.ends
    shown_ends = {name: f"{number:,}" for name, number in sorted(ends.items())}
    invariant_log.ran("hostile updates", ran, failed=len(broken), skipped=skipped, reason="deeper than a decoder goes", ends=shown_ends)
    assert not broken, broken[0]
    assert ran >= count
    assert skipped < count // 20
    assert ends["parked"] == 0
    assert min(ends["quarantined"], ends["done"]) > count // 4


# Mutants of the trials above ------------------------------------------------------------------------------------------


async def reads_without_a_net(self: Handling, row: Waiting) -> Ready:
    """Decode a row and let any error out of the batch."""
    channel = self._channels[row.channel]
    return Ready(row, read(json.loads(row.payload), channel=channel.name, bot_name=channel.bot_name, signer=channel.signer))


async def reads_and_forgets(self: Handling, row: Waiting) -> Ready:
    """Decode a row and treat an unreadable update as an empty one."""
    try:
        return await reads_without_a_net(self, row)
    except Exception:  # noqa: BLE001 - the mutant
        return Ready(row, None)


def reads_for_the_chat(update: Any, **channel: Any) -> Incoming | None:
    """Treat the chat's owner as the author of an update without an author."""
    message = update.get("message") or {}
    if message and message.get("from") is None and message["chat"]["id"] > 0:
        message["from"] = {"id": message["chat"]["id"], "is_bot": False, "first_name": "?"}
    return read(update, **channel)


async def performs_and_tells(unit: Unit, incoming: Incoming, table: Table, **facts: Any) -> HandlerContext:
    """Write the words of a message into the log."""
    logging.getLogger("handling").debug("said %s", incoming.text)
    return await perform(unit, incoming, table, **facts)


MUTANTS = {
    "an update that raises blocks the batch": (Handling, "_read", reads_without_a_net),
    "what cannot be read counts as done": (Handling, "_read", reads_and_forgets),
    "nobody's words are the chat owner's": (bot.handling.update_processor, "read", reads_for_the_chat),
    "words are written into the log": (bot.handling.update_processor, "perform", performs_and_tells),
}


@pytest.mark.parametrize("bug", MUTANTS)
async def test_mutant_is_found(tmp_path: Path, town: Town, invariant_log: InvariantLog, monkeypatch: pytest.MonkeyPatch, bug: str) -> None:
    monkeypatch.setattr(*MUTANTS[bug])
    async with trials(tmp_path, town) as tried:
        await tried.run(600)
    invariant_log.mutant(bug, found=bool(tried.broken), after=f"{tried.ran} updates")
    assert tried.broken
