"""Draw a training: the invitation that becomes a person's answer, the organiser's board.

Knows cards. Invariants: a training wakes nobody, and names its organiser, the police or a chair; an invited person sees the training and
their own answer, never anybody else's; the board shows numbers, and names only on its lists, each reader their own villages.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from domain.core.change import Button, Keyboard, NotFound, Notice, PersonId, Priority, Receiver, VillageId
from domain.core.immutable import immutable, replace
from domain.people.people import POLICE, Person, Role
from domain.training import Answer, Attendee, State, Training, attendance, may_manage, may_train, place_in_line
from handlers.core.context import HandlerContext, rows
from handlers.core.village_choice import names_text
from texts import At, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime


@immutable
class Audience:
    """The people called: the committees, notified first, and how many others.

    Of a make-up training, `committee` is everybody on its list.

    `told`: persons who are not notified as residents.
    """

    committee: tuple[Receiver, ...]
    residents: int
    told: frozenset[PersonId]


async def audience_of(ctx: HandlerContext, training: Training) -> Audience:
    """Return the people called as of now, without the organiser."""
    found: dict[PersonId, Receiver] = {}
    if training.makeup_of is not None:
        called = [await ctx.unit.people.receiver(each.person_id) for each in await ctx.unit.trainings.people(training.id)]
        people = tuple(who for who in called if who.address is not None and who.person_id != training.organiser_id)
        return Audience(people, 0, frozenset({training.organiser_id}))
    for village_id in training.villages:
        posts = await ctx.unit.people.posts_of(village_id, at=ctx.at)
        for who in posts.of(Role.CHAIR, Role.MEMBER, Role.SECRETARY):
            if who.address is not None and who.person_id not in (None, training.organiser_id):
                found.setdefault(PersonId(who.person_id or 0), who)
    told = frozenset({*found, training.organiser_id})
    return Audience(tuple(found.values()), await ctx.unit.residents.count(training.villages, without=sorted(told)), told)


async def facts_of(ctx: HandlerContext, training: Training) -> dict[str, Any]:
    """Return the parameters of every text about a training."""
    return {
        "subject": training.subject if training.makeup_of is None else Text("training.makeup.subject", subject=training.subject),
        "place": training.place,
        "at": At(training.starts_at, "full"),
        "until": At(training.ends_at, "time"),
        "by": await _signed(ctx, training),
    }


async def _signed(ctx: HandlerContext, training: Training) -> Any:
    """Return the signature: police with their station, a chair with their village and post.

    So nobody takes a chair's announcement for the police's.
    """
    name = training.organiser_name
    organiser = await ctx.unit.people.find(training.organiser_id, at=ctx.at)
    if organiser is not None and organiser.holds(*POLICE):
        return f"{name} · {await ctx.unit.broadcasts.station_name(training.station_id)}"
    villages = names_text([village.name for village in await ctx.unit.people.list_villages(training.villages)])
    chairs = organiser is not None and organiser.holds(Role.CHAIR)
    return Text("training.by.chair" if chairs else "training.by.other", name=name, villages=villages)


def in_the_day(ctx: HandlerContext, notice: Notice, begins: datetime) -> Notice:
    """Return a notice that is sent after the quiet hours.

    It is sent at once (silent, as all by night) when its training begins before they end.
    """
    leaves = ctx.town.quiet.departure(ctx.at, latest=begins)
    return notice if leaves.not_before is None else replace(notice, not_before=leaves.not_before)


def answer_buttons(training: Training, answer: Answer = Answer.NONE, *, signs: bool = False) -> Keyboard:
    """Return an invited person's buttons, given their answer.

    `signs`: with the button to sign in.
    """
    if signs:
        return ((Button("training.button.sign", "tsign"),), *answer_buttons(training, answer))
    place = Button("training.button.place", "tplace", (training.id,))
    no = Button("training.button.no", "tno", (training.id,))
    yes = Button("training.button.yes", "tyes", (training.id,))
    if answer in (Answer.YES, Answer.WAITING):
        return ((no, place),)
    return ((yes, place),) if answer is Answer.NO else ((yes, no), (place,))


async def invite(ctx: HandlerContext, training: Training, people: Iterable[Receiver]) -> None:
    """Send people the invitation, by day."""
    facts = await facts_of(ctx, training) | {"places": Text("training.places", count=training.capacity) if training.capacity else ""}
    for who in people:
        await ctx.notify(in_the_day(ctx, _invitation(training, who, facts), training.starts_at))


def _invitation(training: Training, who: Receiver, facts: dict[str, Any]) -> Notice:
    return Notice(
        who,
        "training.invitation",
        facts,
        answer_buttons(training),
        Priority.BROADCAST,
        card=training.card,
        as_new_message=True,
        expires_at=training.starts_at,
        unique=f"{training.batch}:{who.person_id}",
        subject=training.card,
        batch=training.batch,
        stays=True,  # an invitation is personal: the next post has its own
        forwardable=True,
    )


async def show_answer(ctx: HandlerContext, training: Training, people: Sequence[Attendee], *, as_new_message: bool = False) -> None:
    """Show the actor the training with their own answer."""
    mine = next((each for each in people if each.person_id == ctx.actor.id), None)
    answer = mine.answer if mine is not None else Answer.NONE
    came = mine is not None and mine.came
    state = Text(f"training.mine.{'came' if came else answer or 'none'}", place=place_in_line(people, mine.person_id) if mine else 0)
    signs = training.open_for_signing(ctx.at) and not came
    open_for_answers = ctx.at < training.starts_at and training.state is State.ANNOUNCED and not came
    buttons = answer_buttons(training, answer, signs=signs) if open_for_answers else ()
    if signs and not buttons:
        buttons = ((Button("training.button.sign", "tsign"),),)
    facts = await facts_of(ctx, training)
    await ctx.reply(
        "training.card", buttons=buttons, card=training.card, as_new_message=as_new_message, mine=state, left=left_text(training, people), forwardable=True,
        **facts,
    )  # fmt: skip


def left_text(training: Training, people: Sequence[Attendee]) -> dict[str, Any] | str:
    """Say how many places are left; empty when there is no limit."""
    if not training.capacity:
        return ""
    left = training.capacity - sum(each.answer is Answer.YES for each in people)
    return Text("training.left", count=left) if left > 0 else Text("training.full")


async def draw_board(ctx: HandlerContext, training: Training) -> None:
    """Redraw the board for its organiser and for readers who have it open and may still see it."""
    people = await ctx.unit.trainings.people(training.id)
    for person_id in {training.organiser_id, *await ctx.unit.cards.viewers(training.board)}:
        reader = await ctx.unit.people.find(person_id, at=ctx.at)
        if reader is None or reader.suspended or await ctx.unit.trainings.find_visible_to(reader, training.id) is None:
            continue
        facts, buttons = await board(ctx, training, reader, people)
        receiver = await ctx.unit.people.receiver(person_id)
        await ctx.notify(Notice(receiver, "training.board", facts, buttons, card=training.board, subject=training.card))


async def show_board(ctx: HandlerContext, training: Training, *, as_new_message: bool) -> None:
    """Show the actor the board."""
    facts, buttons = await board(ctx, training, ctx.actor, await ctx.unit.trainings.people(training.id))
    await ctx.reply("training.board", buttons=buttons, card=training.board, as_new_message=as_new_message, **facts)


async def draw_again(ctx: HandlerContext, card: str) -> None:
    """Draw the actor's board again, in its place (`Feature.redraws`)."""
    number = int(card.split(":")[1])
    try:
        await show_board(ctx, await ctx.unit.trainings.visible_to(ctx.actor, number), as_new_message=False)
    except NotFound:
        await ctx.notify(Notice(ctx.origin, "record.gone", {"number": number}, card=card, tells_nothing=True))


async def board(ctx: HandlerContext, training: Training, reader: Person, people: Sequence[Attendee]) -> tuple[dict[str, Any], Keyboard]:
    """Return a board's text parameters and buttons for one reader."""
    mine = await of_reader(ctx, training, reader, people)
    counts = Counter(each.answer for each in mine)
    sent = await ctx.unit.outbox.count_batch(training.batch)
    facts = await facts_of(ctx, training) | {
        "state": "" if training.state is State.ANNOUNCED else Text(f"training.is.{training.state}"),
        "yes": counts[Answer.YES],
        "no": counts[Answer.NO],
        "waiting": counts[Answer.WAITING],
        "came": len(attendance(mine).came),
        "left": left_text(training, people),
        "sent": sent.get("sent", 0) + sent.get("unknown", 0),
        "on_the_way": sent.get("waiting", 0),
        "failed": sent.get("failed", 0) + sent.get("expired", 0),
    }
    return facts, _board_buttons(training, reader)


def _board_buttons(training: Training, reader: Person) -> Keyboard:
    people = Button("training.button.people", "tpeople", (training.id, 0))
    quiz = () if training.quiz else (Button("training.button.quiz", "tquizask", (training.id,)),)
    if training.state is State.CLOSED and may_manage(reader, training):
        return ((people, Button("training.button.makeup", "tmakeup", (training.id,))), *((quiz,) if quiz else ()))
    if training.state is not State.ANNOUNCED or not may_manage(reader, training):
        return ((people,),)
    return (
        (Button("training.button.code", "tcode", (training.id,)), Button("training.button.list", "tlist", (training.id, 0))),
        (people, *quiz),
        (Button("training.button.move", "tmove", (training.id,)), Button("training.button.elsewhere", "twhere", (training.id,))),
        (Button("training.button.cancel", "tcancel", (training.id,)),),
    )


async def of_reader(ctx: HandlerContext, training: Training, reader: Person, people: Sequence[Attendee]) -> list[Attendee]:
    """Return the people of the reader's villages; a manager also sees guests from elsewhere."""
    villages = await ctx.unit.people.list_villages(training.villages)
    mine: set[VillageId | None] = {village.id for village in villages if may_train(reader, village)}
    guests = may_manage(reader, training)
    return [each for each in people if each.village_id in mine or (guests and each.village_id not in training.villages)]


async def managed(ctx: HandlerContext, number: int) -> Training:
    """Return a training that the actor may change.

    Raises:
        NotFound: absent, or not theirs: read the same.
    """
    value = await ctx.unit.trainings.visible_to(ctx.actor, number)
    if not may_manage(ctx.actor, value):
        raise NotFound(number)
    return value


def page_turns(verb: str, number: int, page: int, pages: int) -> tuple[tuple[Button, ...], ...]:
    """Return the buttons that turn the pages of a training's list."""
    turns = [Button("join.button.previous", verb, (number, page - 1))] if page else []
    turns += [Button("join.button.next", verb, (number, page + 1))] if page + 1 < pages else []
    return rows(*turns)
