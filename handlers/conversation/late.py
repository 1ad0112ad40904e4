"""Ask first whether help is still needed, when a call for it was read late.

Knows how late a message is; must not know how a case is opened. Invariant: the question has the numbers in it, and the duty desk knows of the cry
before it is answered. Where no desk can be reached, a late cry is treated as any other.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.cases.intake import LATE_AFTER
from domain.core.change import Button, Notice, Priority, VillageId
from domain.people.people import Role
from handlers.cases import reports
from handlers.conversation import first_words, held
from handlers.core.context import rows
from texts import At, Text

if TYPE_CHECKING:
    from domain.core.change import Receiver
    from handlers.core.context import HandlerContext
    from handlers.core.dialogs import Answers

MINUTE = timedelta(minutes=1)


def is_late(ctx: HandlerContext) -> bool:
    """Tell whether the message or press is old."""
    return ctx.incoming.sent_at is not None and ctx.at - ctx.incoming.sent_at > LATE_AFTER


async def ask(ctx: HandlerContext, answers: Answers) -> bool:
    """Ask about a late call, and tell the desk.

    False when it is not late, or has a question of its own.
    """
    if not is_late(ctx) or not await _tell_desk(ctx, answers):
        return False
    if first_words.close(answers):
        return False  # its first words ask already
    await _question(ctx, answers)
    return True


async def ask_after_press(ctx: HandlerContext, answers: Answers) -> bool:
    """Ask about a press that may be old, keeping what it chose; False when it is not."""
    if not is_late(ctx) or not await _tell_desk(ctx, answers):
        return False
    await held.put(ctx, answers)
    await _question(ctx, answers)
    return True


async def _question(ctx: HandlerContext, answers: Answers) -> None:
    ctx.dialled = True
    still = Button("emergency.button.still", "urgent", (first_words.POLICE_ONLY,) if answers.get("who") else ())
    buttons = rows(still, Button("emergency.button.over", "mistake"), width=1)
    await ctx.notify(Notice(ctx.origin, "emergency.late", {}, buttons, Priority.SOS))


async def _tell_desk(ctx: HandlerContext, answers: Answers) -> bool:
    """Tell the duty desk of a call that waits; return whether anybody could be told."""
    assert ctx.incoming.sent_at is not None
    said = held.words_of(answers).get("said", "")
    params = {
        "at": At(ctx.incoming.sent_at),
        "minutes": str((ctx.at - ctx.incoming.sent_at) // MINUTE),
        "who": ctx.actor.name if ctx.actor.id is not None else Text("join.unregistered"),
        "phone": Text("scene.phone.reporter", phone=ctx.actor.phone) if ctx.actor.phone else "",
        "words": said or Text("emergency.no_words"),
    }
    told = await _desks(ctx, answers)
    minute = int(ctx.at.timestamp()) // 60
    for who in told:
        unique = f"late:{ctx.incoming.address.chat_id}:{minute}:{who.person_id}"
        await ctx.notify(Notice(who, "emergency.late.to_desk", params, priority=Priority.SOS, unique=unique))
    return bool(told)


async def _desks(ctx: HandlerContext, answers: Answers) -> list[Receiver]:
    """Return the desk and the leaders of the village's station, else of all stations."""
    home = answers.get("village") or reports.initial_answers(ctx).get("village")
    if home is not None:
        posts = await ctx.unit.people.posts_of(VillageId(int(home)), at=ctx.at)
        found = posts.of(Role.DUTY, Role.LEADER)
    else:
        stations = sorted({village.station_id for village in await ctx.unit.people.list_villages()})
        posts_of = [await ctx.unit.people.station_posts(station, at=ctx.at) for station in stations]
        found = tuple(who for posts in posts_of for who in posts.of(Role.DUTY, Role.LEADER))
    return [who for who in dict.fromkeys(found) if who.address is not None and who.person_id != ctx.actor.id]
