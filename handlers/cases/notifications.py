"""How a case's moves are told: the receipt, new cards, the reporter's sentence, a word to those it has left.

Knows texts and the outbox; who is told is decided in domain/cases/notices.py. Invariant: what goes to a post goes before other traffic and
falls upward, but a reporter's words overtake nobody's news, however many they are; it makes no noise in quiet hours unless the case presses; an empty
post is never silence.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from domain.cases import notices as case_notices
from domain.cases.actors import CaseActor, CaseRole
from domain.cases.case import SOS, WAITING, Action, Case, CaseChange, Severity
from domain.cases.display import holder_of
from domain.core.change import Button, Notice, Priority, Receiver
from domain.people.people import Role
from handlers.cases.cards import card_for, current_assignee, reporter_buttons, what, when
from handlers.core.context import rows
from texts import Lines, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.core.change import Event
    from domain.people.people import Posts
    from handlers.core.context import HandlerContext


async def receipt(ctx: HandlerContext, case: Case, posts: Posts) -> None:
    """Tell who opened it the number, who does what by when, who sees the name, and where to call."""
    assert case.due_at is not None
    who = current_assignee(case, posts)
    lines: list[Any] = [Text("case.receipt.number", number=str(case.id))]
    if case.severity is Severity.URGENT:
        lines.insert(0, Text("case.receipt.danger"))
    lines.append(Text(f"case.receipt.{case.rung.name.lower()}", village=case.village, who=who, due=when(ctx, case.due_at)))
    if case.reporter_id is None:
        lines.append(Text("case.receipt.for_other"))
    else:
        seen = "hidden" if case.name_hidden else "shown"
        lines.append(Text(f"case.receipt.name_{seen}_{'chair' if case.holder is Role.CHAIR else 'police'}", who=who))
    if case.severity is not Severity.URGENT:
        lines.append(Text("case.receipt.emergency"))
    await ctx.reply("case.receipt", buttons=reporter_buttons(case), lines=Lines(lines))


async def deal_cards(ctx: HandlerContext, change: CaseChange, posts: Posts, events: Sequence[Event]) -> set[int]:
    """Give a new card to whoever is asked now; return their ids. Nobody there: the post is told all the same, and it falls upward."""
    case, notified_ids = change.case, set()
    receivers = case_notices.new_card_recipients(change, posts)
    for who in receivers:
        by = CaseActor(who.person_id, who.name, CaseRole.CHAIR if who.role == Role.CHAIR else CaseRole.POLICE, Role(who.role))
        notice = await card_for(ctx, case, by, who, posts=posts, events=events[1:])
        await ctx.notify(replace(to_post(ctx, case, notice, as_new_message=True), priority=_urgency(change)))
        notified_ids.add(int(who.person_id or 0))
    arrived = change.action is Action.OPEN or (change.restep and case.state in WAITING)
    if arrived and not any(who.address for who in receivers):
        nobody = Receiver(None, role=str(case.holder), village_id=case.village_id)
        await ctx.notify(to_post(ctx, case, Notice(nobody, "escalation.nobody", {"number": str(case.id), "village": case.village})))
    return notified_ids


def to_post(ctx: HandlerContext, case: Case, notice: Notice, *, as_new_message: bool = False) -> Notice:
    """Return a notice as every post is told: before other traffic, a cry for help before all; never into silence, without noise at night unless it presses."""
    return replace(
        notice,
        priority=Priority.SOS if case.source == SOS else Priority.ESCALATION,
        as_new_message=as_new_message,
        rings=rings(case),
        subject=case.subject,
        excluded_ids=case.excluded_ids,
    )


def _urgency(change: CaseChange) -> Priority:
    """Return how urgent the news of a move is; of a cry for help, what its reporter does after he raised it is news like any other."""
    if case_notices.said_by_reporter(change):
        return Priority.REPLY
    again = change.by.standing is CaseRole.REPORTER and change.action is not Action.OPEN
    return Priority.SOS if change.case.source == SOS and not again else Priority.ESCALATION


def rings(case: Case) -> bool:
    """Tell whether a message about this case wakes people: any other arrives too, and waits to be read in the morning."""
    return case.severity is Severity.URGENT


async def tell_reporter(ctx: HandlerContext, change: CaseChange, case: Case, posts: Posts) -> None:
    """Tell the reporter what changed; his own doing is answered, if it was said rather than pressed."""
    person_id = case_notices.reporter_of(case, posts)
    own = change.by.standing is CaseRole.REPORTER
    if person_id is None or (not own and person_id == ctx.actor.id) or case_notices.repeated(change):
        return
    params = {
        "number": str(case.id), "who": current_assignee(case, posts) if case.state in WAITING else holder_of(case),
        "words": change.event.words, "n": case.sessions, "by": change.event.data["by"],
        "due": when(ctx, case.due_at) if case.due_at else "", "next": when(ctx, case.next_at) if case.next_at else "",
    }  # fmt: skip
    key = f"case.{change.action}.{'by' if own else 'to'}_reporter"
    if change.action is Action.MEDIATE and case.next_at is not None:
        key = "case.mediate.to_reporter_with_next"
    buttons = rows(Button("case.button.answer", "c.ans", (case.id,))) if change.action is Action.ASK else reporter_buttons(case)
    to = ctx.origin if own and ctx.incoming.private else await ctx.unit.people.receiver(person_id)
    await ctx.notify(Notice(to, key, params, buttons, subject=case.subject, rings=rings(case), forwardable=True))  # theirs to show


async def tell_beside(ctx: HandlerContext, change: CaseChange, case: Case, posts: Posts, events: Sequence[Event]) -> None:
    """Tell the handlers it has left, or who hold it, in a sentence; each may open the card.

    What the reporter says again within the minute grows the sentence that is there: however much he says, nobody else's news stands behind it.
    """
    key, receivers = case_notices.notify_other_handlers(change, posts)
    own = case_notices.said_by_reporter(change)
    said = case_notices.together(events, change.event) if own else [change.event.words]
    params = {
        "number": str(case.id), "village": case.village, "what": what(case), "who": current_assignee(case, posts), "by": change.event.data["by"],
        "words": "\n".join(said),
    }  # fmt: skip
    for who in receivers:
        notice = Notice(who, key, params, rows(Button("case.button.all", "c.all", (case.id,))))
        card = f"{case.card}:{change.action}" if own else ""
        await ctx.notify(replace(to_post(ctx, case, notice, as_new_message=own and len(said) == 1), priority=_urgency(change), card=card))


async def tell_followers(ctx: HandlerContext, change: CaseChange, case: Case) -> None:
    """Tell those who said "this is the same" what came of it, without anybody's name but the handler's."""
    if change.action not in case_notices.TOLD_TO_FOLLOWERS:
        return
    params = {"number": str(case.id), "by": change.event.data["by"]}
    told = {case.reporter_id, ctx.actor.id, *case.parties}
    for person_id in await ctx.unit.cases.followers(case.id):
        if person_id not in told:
            to = await ctx.unit.people.receiver(person_id)
            button = rows(Button("case.button.progress", "c.all", (case.id,)))
            notice = Notice(
                to, f"case.{change.action}.to_follower", params, button, Priority.REMINDER, subject=case.subject, rings=rings(case)
            )
            await ctx.notify(notice)
