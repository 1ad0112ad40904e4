"""Mutants of permissions, timers and records.

Knows production's inner parts where such mistakes are easily made; must not know checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

import structlog

import bot.delivery.delivery
import bot.handling.dispatch
import bot.handling.update_processor
import bot.receiving.polling
import bot.timers.timer_loop
import domain.calendar.schedules
import storage.cases.cases
import storage.cases.scope
import storage.cases.search
import storage.people.people
import storage.people.posts_now
from bot.telegram.buttons import Signer
from domain.calendar.schedules import occurrence_key, parse_cron
from domain.core.change import Event, Timer
from storage.cases.cases import Cases
from storage.core.timers import Timers
from storage.values import to_us

Patches = Sequence[tuple[Any, str, Any]]


def any_village() -> Patches:
    """The query for a case forgets the village."""
    real = storage.cases.scope.scope

    def scope(actor: Any, **more: Any) -> tuple[str, tuple[Any, ...]]:
        return ("1 = 1", ()) if actor.posts else real(actor, **more)

    return [(storage.cases.scope, "scope", scope), (storage.cases.cases, "scope", scope), (storage.cases.search, "scope", scope)]


def posts_for_ever() -> Patches:
    """A post that ended still counts."""
    sql = storage.people.posts_now.POSTS_NOW.replace("(posts.until_at IS NULL OR posts.until_at > ?2)", "?2 = ?2", 1)
    assert sql != storage.people.posts_now.POSTS_NOW
    return [(storage.people.people, "POSTS_NOW", sql)]


def night_twice() -> Patches:
    """The hour that a night has twice comes twice."""
    real = domain.calendar.schedules.next_after

    def next_after(cron: Any, at: datetime, zone: tzinfo) -> datetime:
        second = at + timedelta(hours=1)
        repeated = at.astimezone(zone).replace(tzinfo=None) == second.astimezone(zone).replace(tzinfo=None)
        return second if repeated else real(cron, at, zone)

    async def plant(unit: Any, schedule: Any, zone: Any, *, at: datetime) -> None:
        """Start the one due occurrence, and compute the next from it instead of from now."""
        if await unit.timers.advance_schedule(schedule, next_at=next_after(parse_cron(schedule.cron), schedule.next_at, zone)):
            key = f"schedule:{occurrence_key(schedule.id, schedule.next_at)}"
            data = {"schedule_id": schedule.id, "occurrence_at": to_us(schedule.next_at)}
            await unit.timers.start(Timer(f"schedule:{schedule.kind}", f"schedule:{schedule.id}", at, key, data), at=at)

    return [(bot.timers.timer_loop, "plant", plant)]


def words_in_the_log() -> Patches:
    """Words of people are written into the log."""
    real = bot.handling.dispatch.perform

    async def perform(unit: Any, incoming: Any, *args: Any, **named: Any) -> Any:
        if incoming.command == "withdraw":
            structlog.get_logger("dispatch").info("came_in", args=incoming.args, who=incoming.user_name)
        return await real(unit, incoming, *args, **named)

    return [(bot.handling.update_processor, "perform", perform)]


def timers_go_on() -> Patches:
    """The timers of a case that ended go on."""

    async def stop(self: Timers, subject: str, kind: str = "", *, at: datetime) -> int:
        return 0

    return [(Timers, "stop", stop)]


def any_tag() -> Patches:
    """A button's tag is not looked at."""

    def read(self: Signer, data: str, *, chat_id: int) -> tuple[str, tuple[str, ...]]:
        verb, *args = data.rpartition("~")[0].split("|")
        return verb, tuple(args)

    return [(Signer, "read", read)]


def moved_unseen() -> Patches:
    """A change of a case leaves nothing in the audit."""

    async def audit(self: Cases, event: Event) -> None:
        if event.action not in ("case.note", "note"):
            return

    return [(Cases, "_audit", audit)]
