"""The process's own jobs: at startup and every few minutes.

Knows the command menus, the administrators in the settings, the recurring timers and the retention limits. Invariant: no case depends on
this module for correctness; everything is safe to repeat.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from telegram.error import TelegramError

from bot.delivery.outcomes import NO_METHOD
from bot.routes import DIALOGS, HOOKS, ROUTES
from domain.core.change import Event, Notice, Priority, Timer
from domain.people.people import Role
from handlers.core.post_changes import without_actor
from handlers.core.route import CommandRoute
from handlers.people.administrators import ensure_admins
from handlers.people.joining import unregistered_names
from handlers.people.titles import mark_stored_titles
from storage.engine.database import StorageFailed
from storage.values import to_us
from texts import LANGUAGES, plain

if TYPE_CHECKING:
    from bot.process.running import Running
    from domain.core.change import Address
    from storage.unit import Unit

log = structlog.get_logger("housekeeping")
KEEP_INBOX = timedelta(hours=72)
KEEP_OUTBOX = timedelta(days=7)
#: Callers who never joined are erased so long after the end of their case.
KEEP_CALLERS = timedelta(days=90)
KEEP_TRIES = timedelta(hours=48)
SILENT_FOR = timedelta(hours=24)
RECENT = timedelta(days=2)


async def start_up(engine: Running) -> None:
    """Prepare the town at startup.

    Appoint the administrators in the settings, mark names with titles once, start the audit timer, notify people of a long outage, set the command menus.
    """
    at = engine.clock.now()

    async def on_startup(unit: Unit) -> None:
        ctx = without_actor(unit, at=at, town=engine.town, cause=f"start:{to_us(at)}", hooks=HOOKS, dialogs=DIALOGS)
        await ensure_admins(ctx, engine.settings.administrators)
        await mark_stored_titles(unit, at=at)
        await unit.timers.start(Timer("audit_cases", "audit", at + timedelta(seconds=30), f"audit:start:{int(at.timestamp())}"), at=at)

    await engine.store.transact(on_startup)
    for receiver in engine.receivers:
        gap = await receiver.gap()
        if gap > SILENT_FOR:
            log.warning("long_silence", hours=round(gap.total_seconds() / 3600))
            await engine.store.transact(partial(notify_outage, engine=engine, gap=gap))


async def notify_outage(unit: Unit, engine: Running, gap: timedelta) -> None:
    """Notify everybody who was active lately that messages sent during an outage may be lost.

    The server keeps messages for a day.
    """
    at = engine.clock.now()
    since = at - gap
    for receiver in await unit.people.seen_since(since - RECENT):
        notice = Notice(receiver, "system.was_away", {"hours": round(gap.total_seconds() / 3600)}, priority=Priority.REMINDER)
        await unit.outbox.put(notice, unique_key=f"away:{int(since.timestamp())}:{receiver.person_id}", at=at)


async def set_menus(engine: Running) -> None:
    """Set the command menu of private chats, per language.

    `refresh_menus` sets the menus of people with a post.
    """
    features = engine.town.features
    for channel in engine.channels.values():
        for language in LANGUAGES:
            code: dict[str, Any] = {} if language == "zh" else {"language_code": language}
            try:
                await channel.call(
                    "setMyCommands",
                    commands=menu_of(Role.VILLAGER, language, features),
                    scope={"type": "all_private_chats"},
                    **code,
                )
                await channel.call("setMyCommands", commands=group_menu(language), scope={"type": "all_group_chats"}, **code)
            except TelegramError as error:
                log.warning("menu_not_set", trouble=type(error).__name__)


async def refresh_menus(engine: Running) -> None:
    """Update the command menu of everybody whose post or language changed, once per change."""
    at, features = engine.clock.now(), engine.town.features
    for person, shown in await engine.store.transact(lambda unit: unit.people.list_menus(at=at)):
        fits = ":".join((Role.STRANGER if person.suspended else person.role, person.language, *sorted(features)))
        channel = engine.channels.get(person.address.channel)
        if fits == shown or channel is None:
            continue
        scope = {"type": "chat", "chat_id": person.address.chat_id}
        try:
            await channel.call("setMyCommands", commands=menu_of(person.role, person.language, features), scope=scope)
        except TelegramError as error:
            if NO_METHOD not in error.message.lower():  # a channel without menus is not asked again
                log.info("menu_not_set", trouble=type(error).__name__)
                continue
        await engine.store.transact(partial(_note_menu, address=person.address, fits=fits))


async def _note_menu(unit: Unit, address: Address, fits: str) -> None:
    await unit.addresses.note_menu(address, fits)


def menu_of(role: Role, language: str, features: frozenset[str] = frozenset()) -> list[dict[str, str]]:
    """Return the commands in a role's menu, with their descriptions.

    Commands of an optional feature are included only if it is in `features`.
    """
    shown = [route for route in ROUTES if isinstance(route, CommandRoute) and role in route.menu and route.where != "group"]
    return [_entry(route, language) for route in shown if not route.feature or route.feature in features]


def group_menu(language: str) -> list[dict[str, str]]:
    """Return the commands that work in groups."""
    return [_entry(route, language) for route in ROUTES if isinstance(route, CommandRoute) and route.where != "private"]


async def purge_expired(engine: Running) -> None:
    """Delete expired records, and record that the server can still be reached."""
    at = engine.clock.now()

    async def purge(unit: Unit) -> None:
        await unit.inbox.purge(at=at, keep=KEEP_INBOX)
        await unit.outbox.purge(before=at - KEEP_OUTBOX)
        await unit.invitations.purge_tries(before=at - KEEP_TRIES)
        await unit.imports.purge(at=at)
        await unit.transfers.purge(at=at)
        await unit.discreet.purge(at=at)
        for person_id in await unit.search.callers_over(sorted(unregistered_names()), before=at - KEEP_CALLERS):
            await unit.privacy.forget(person_id, at=at)
            await unit.audit.record(Event(f"person:{person_id}", "forgotten", None, at))
        await unit.places.purge(before=at - engine.town.emergency.keep_places)
        await unit.aftercare.purge(before=at - engine.town.emergency.keep_health)

    try:
        await engine.store.transact(purge)
        for receiver in engine.receivers:
            await receiver.note()
    except StorageFailed:
        log.error("storage_failed", exc_info=True)


def _entry(route: CommandRoute, language: str) -> dict[str, str]:
    return {"command": route.name, "description": plain(f"command.{route.name}", language)}
