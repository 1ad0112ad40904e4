"""A village without a network: the real store, the real route table, the real texts; people speak, and what they would be told is read
from the outbox. For tests of handlers; end-to-end tests use the real process.
"""

from __future__ import annotations

import itertools
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from bot.handling.dispatch import Table, perform, perform_due
from bot.routes import DIALOGS, HOOKS, ROUTES
from bot.telegram.incoming import read_command
from domain.core.change import Address, ChatId, PersonId, StationId, VillageId
from domain.people.people import VILLAGE_ROLES, Role
from domain.people.phones import UsedFor
from handlers.core.context import HandlerContext, Incoming
from handlers.core.delivery_gate import find_barred
from storage.core.outgoing import COLUMNS, outgoing
from storage.unit import Store, Unit
from storage.values import from_json, to_us
from tests.engines import new_database, open_here
from texts import placeholders, plain, render

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from domain.core.town import Town
    from storage.engine.database import Database

#: Owner of what a test claims from the outbox: the process that leads, as PostgreSQL asks (`Outbox.claim`).
DELIVERY = "delivery:1"
MONDAY = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai, a working day


class Heard:
    """A message as its receiver would read it. `buttons`: label → (verb, args)."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.row = row
        self.chat_id: int = row["chat_id"]
        self.key: str = row["key"]
        self.priority: int = row["priority"]
        self.card: str = row["card"]

    @cached_property
    def text(self) -> str:
        """The words, empty when they named an erased person: most messages are asked for their buttons alone."""
        params, language = from_json(self.row["params"]), self.row["language"]
        if not params and self.row["state"] == "sent" and placeholders(self.key, language):
            return ""
        return render(self.key, language, **params)

    @cached_property
    def buttons(self) -> dict[str, tuple[str, tuple[Any, ...]]]:
        """The keys below it."""
        lines = from_json(self.row["buttons"]) or []
        return {
            plain(label, self.row["language"], **params): (verb, tuple(args)) for line in lines for label, verb, args, params, _url in line
        }


@dataclass
class Voice:
    """A person at a phone. `says` text or a command, `presses` a button by its label (as last heard), `heard()` everything told so far."""

    harness: HandlerHarness
    user_id: int
    name: str
    person_id: PersonId | None = None
    language: str = "zh"
    read: int = 0
    toasts: list[str] = field(default_factory=list)

    async def says(self, text: str = "", *, chat: int | None = None, **facts: Any) -> HandlerContext:
        return await self.harness.comes_in(self, text, chat=chat, **facts)

    async def replies(self, part: str, text: str, **facts: Any) -> HandlerContext:
        """Say something as a reply to the newest message in this chat that contains `part`."""
        await self.harness.deliver()
        message = next(each for each in reversed(await self.heard()) if part in each.text)
        return await self.says(text, reply_to=message.row["message_id"], to_me=True, **facts)

    async def presses(self, label: str, *, chat: int | None = None) -> HandlerContext:
        await self.harness.deliver(broadcasts=False, chat=self.user_id)
        for message in reversed(await self.harness.heard_in(chat or self.user_id)):
            for shown, (verb, args) in message.buttons.items():
                if label in shown:
                    return await self.presses_raw(verb, *args, chat=chat, on=message.row["message_id"])
        raise AssertionError(f"{self.name} has no button {label!r}")

    async def presses_raw(self, verb: str, *args: Any, chat: int | None = None, on: int | None = None) -> HandlerContext:
        values, pressed = tuple(str(arg) for arg in args), {} if on is None else {"message_id": on}
        return await self.harness.comes_in(self, "", chat=chat, verb=verb, values=values, press_id=f"p{next(self.harness.ids)}", **pressed)

    async def heard(self) -> list[Heard]:
        return await self.harness.heard_in(self.user_id)

    async def new(self, *, drawn: bool = True) -> str:
        """Return what was said to this person since the last look, as one text; without the cards `drawn` again."""
        messages = await self.heard()
        fresh, self.read = messages[self.read :], len(messages)
        return "\n".join(message.text for message in fresh if drawn or not message.card or message.row["fresh"])


class HandlerHarness:
    """The village: `await HandlerHarness.open(tmp_path, town)`.

    Holds `at`, the present instant; `time_passes(...)` runs every timer on the way. With `reached` what waits is sent before each timer,
    except broadcasts and messages that cannot leave yet; without it no server answers.
    """

    def __init__(self, store: Store, town: Town) -> None:
        self.store = store
        self.town = town
        self.table = Table.of(ROUTES, DIALOGS, HOOKS)
        self.at = MONDAY
        self.ids = itertools.count(1)
        self.station: StationId = StationId(0)
        self.stopped: list[str] = []
        self.reached = True
        self.villages: dict[str, VillageId] = {}

    @classmethod
    async def open(
        cls,
        path: Path,
        town: Town,
        *,
        villages: tuple[str, ...] = ("上徐村", "下李村"),
        engine: str = "sqlite",
        opening: Callable[[str], Awaitable[Database]] = open_here,
    ) -> HandlerHarness:
        """Found the town. `opening`: production's own, where the files themselves are what the test is about."""
        harness = cls(Store(await opening(await new_database(engine, path)), veil=HOOKS.veils), town)

        async def build(unit: Unit) -> None:
            station = await unit.transaction.fetch_one("INSERT INTO stations (name) VALUES ('禾安所') RETURNING id")
            assert station is not None
            harness.station = StationId(station["id"])
            leader, _, fence = DELIVERY.partition(":")
            sql = "INSERT INTO leaders (name, owner, fence, beat) VALUES ('leader', ?, ?, 1)"
            await unit.transaction.execute(sql, (leader, int(fence)))
            for name in villages:
                row = await unit.transaction.fetch_one(
                    "INSERT INTO villages (station_id, name) VALUES (?, ?) RETURNING id", (harness.station, name)
                )
                assert row is not None
                harness.villages[name] = VillageId(row["id"])

        await harness.store.transact(build)
        return harness

    async def person(
        self,
        name: str,
        role: Role,
        village: str = "",
        *,
        user_id: int | None = None,
        language: str = "zh",
        reachable: bool = True,
        since: timedelta = timedelta(days=30),
    ) -> Voice:
        """Add somebody with a post (or a villager of `village`) and a phone; `since`: the age of the account."""
        number = user_id or 10_000 + next(self.ids)

        async def build(unit: Unit) -> PersonId:
            home = self.villages.get(village)
            consent = "1"
            person_id = await unit.people.add(
                name,
                at=self.at,
                language=language,
                phone=f"1380000{number:05d}"[-11:],
                village_id=home,
                consent_version=consent,
            )
            await unit.phones.give(person_id, UsedFor.REPORTS, at=self.at)
            await unit.transaction.execute("UPDATE people SET created_at = ? WHERE id = ?", (to_us(self.at - since), person_id))
            if reachable:
                await unit.people.attach(person_id, Address("telegram", ChatId(number)), at=self.at)
            if role not in (Role.VILLAGER, Role.STRANGER):
                in_village = role in VILLAGE_ROLES
                await unit.people.appoint(person_id, role, station_id=self.station, village_id=home if in_village else None, at=self.at)
            return person_id

        return Voice(self, number, name, await self.store.transact(build), language)

    def stranger(self, name: str = "路人", language: str = "zh") -> Voice:
        return Voice(self, 90_000 + next(self.ids), name, None, language)

    async def comes_in(self, who: Voice, text: str, *, chat: int | None = None, **facts: Any) -> HandlerContext:
        """Let something come in exactly as the receiver would make it, and handle it in one unit."""
        incoming = Incoming(
            Address("telegram", ChatId(chat or who.user_id)),
            who.user_id,
            who.name,
            who.language,
            private=chat is None or chat > 0,
            message_id=next(self.ids),
            text=text,
            sent_at=self.at,
        )
        command, args = read_command(text)
        incoming = replace(incoming, command=command, args=args)
        incoming = replace(incoming, **facts)
        cause = f"u:{next(self.ids)}"
        async with self.gate_asked():
            ctx = await self.store.transact(lambda unit: perform(unit, incoming, self.table, town=self.town, at=self.at, cause=cause))
        if ctx.toasted:
            who.toasts.append(plain(ctx.toasted.key, ctx.actor.language, **ctx.toasted.params))
        return ctx

    async def time_passes(self, **span: float) -> None:
        """Move the clock and let every timer that falls due act at its own instant."""
        until = self.at + timedelta(**span)
        while True:
            due = await self.store.transact(lambda unit: unit.timers.list_due(at=until, limit=1))
            if not due:
                break
            self.at = max(self.at, due[0].due_at)
            if self.reached:
                await self.deliver(broadcasts=False)
            async with self.gate_asked():
                await self.store.transact(partial(perform_due, due=due[0], table=self.table, town=self.town, at=self.at))
        self.at = until

    async def deliver(self, *, broadcasts: bool = True, chat: int | None = None) -> list[dict[str, Any]]:
        """Send what waits, as delivery would; return the rows that become messages of their own, not changes of cards.

        `chat`: what waits for this chat only.
        """
        at = to_us(self.at)

        async def send(unit: Unit) -> list[dict[str, Any]]:
            rows = await unit.transaction.fetch_all(
                "SELECT * FROM outbox WHERE state = 'waiting' AND (batch = '' OR ?) AND not_before <= ?"
                " AND (expires_at IS NULL OR expires_at > ?) AND (? OR chat_id = ?) ORDER BY priority, id",
                (broadcasts, at, at, chat is None, chat or 0),
            )
            told = []
            for row in rows:
                hanging = (await unit.outbox.look(row["id"], owner="")).hanging
                edits = hanging is not None and not row["fresh"]
                message_id = hanging if edits else next(self.ids)
                await unit.outbox.sent(row["id"], message_id=message_id, at=self.at)
                if row["card"] and message_id is not None:
                    to = Address(row["channel"], ChatId(row["chat_id"]))
                    await unit.cards.hang(to, row["card"], message_id=message_id, person_id=row["person_id"], at=self.at)
                if not edits:
                    told.append(dict(row))
            return told

        return await self.store.transact(send)

    @asynccontextmanager
    async def gate_asked(self) -> AsyncIterator[None]:
        """Ask of each message queued inside what delivery asks before it leaves; remember those that it would stop."""
        before = await self.store.transact(lambda unit: unit.transaction.fetch_one("SELECT MAX(id) AS last FROM outbox"))
        yield

        async def ask(unit: Unit) -> None:
            after = (before["last"] if before else None) or 0
            found = await unit.transaction.fetch_all(f"SELECT {COLUMNS} FROM outbox WHERE id > ? ORDER BY id", (after,))  # noqa: S608
            rows = [outgoing(row) for row in found]
            barred = await find_barred(unit, rows, at=self.at)
            self.stopped += [f"{row.key} about {row.subject} to {row.role or 'a person'}" for row in rows if row.id in barred]

        await self.store.transact(ask)

    async def heard_in(self, chat: int) -> list[Heard]:
        """Return every message put into a chat, oldest first, as read there; an old message that is retired says nothing new."""
        rows = await self.store.transact(
            lambda unit: unit.transaction.fetch_all("SELECT * FROM outbox WHERE chat_id = ? ORDER BY id", (chat,))
        )
        return [Heard(dict(row)) for row in rows if not row["key"].startswith("delivery.moved")]

    async def outbox(self) -> list[Heard]:
        rows = await self.store.transact(
            lambda unit: unit.transaction.fetch_all("SELECT * FROM outbox WHERE created_at >= ? ORDER BY id", (to_us(MONDAY),))
        )
        return [Heard(dict(row)) for row in rows]
