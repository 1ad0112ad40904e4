"""/training: show coming trainings; call people to one by questions and a preview.

handlers/training/changes.py changes and cancels it. Answers, sign-in and lists have their own modules. Invariants: nothing is announced
before its preview was confirmed, nor more often per day than allowed.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain import training as rules
from domain.calendar.typed_dates import parse_begin
from domain.core.change import Address, Button, ChatId, NotFound, RuleError, VillageId
from domain.core.numbers import ascii_digits
from domain.people.people import POLICE, Policy, Role
from domain.training import State, Training, may_train, typed
from handlers.core.context import HandlerContext, Incoming
from handlers.core.dialogs import KEEP_LISTENING, Answers, Choice, Dialog, Step, begin
from handlers.core.pressed import pressed_number
from handlers.core.village_choice import VillageChoice, names_text, villages_where
from handlers.training.cards import audience_of, draw_board, facts_of, invite, managed, show_board
from handlers.training.records import to_make_up, year_began
from handlers.training.sign_in import sign_in_by_code
from storage.values import from_us, to_us
from texts import At, Text

if TYPE_CHECKING:
    from handlers.training.cards import Audience

SHOWN = 8
PORTION = 300
#: The name under which announcements and changes are counted.
CALL = "call"
DAY = timedelta(days=1)
YEAR = timedelta(days=365)
HOURS = ("1", "2", "3", "4")
PLACES = ("0", "20", "30", "50", "100")


async def training(ctx: HandlerContext) -> None:
    """`/training 4821` signs in; without a code it shows coming trainings."""
    code = ascii_digits(ctx.args.strip())
    if code is not None:
        await sign_in_by_code(ctx, code)
        return
    await press_menu(ctx)


async def press_menu(ctx: HandlerContext) -> None:
    """Show coming trainings: those that the actor organises, watches over, or is called to."""
    watched = await ctx.unit.trainings.list_visible(ctx.actor, since=ctx.at - rules.ENDS_AFTER, limit=SHOWN)
    shown = {each.id for each in watched}
    called = [each for each in await ctx.unit.trainings.list_invited(ctx.actor, since=ctx.at, limit=SHOWN) if each.id not in shown]
    lines = [
        *((Button("training.button.open", verb, (each.id,), {"subject": each.subject, "at": At(each.starts_at)}),) for verb, each in [
            *(("tboard", each) for each in watched), *(("tcard", each) for each in called)
        ]),
    ]  # fmt: skip
    mine = (0, 0) if ctx.actor.id is None else await ctx.unit.training_records.own_year(ctx.actor.id, since=year_began(ctx))
    own = Text("training.year.mine", times=mine[0], hours=mine[1]) if mine[0] else ""
    running = await ctx.unit.trainings.list_open(
        ctx.actor, begins_before=ctx.at + rules.OPENS_BEFORE, ends_after=ctx.at - rules.CLOSES_AFTER
    )
    sign = [(Button("training.button.sign", "tsign"),)] if running else []
    if not ctx.actor.holds(Role.CHAIR, *POLICE):
        await ctx.reply("training.menu.invited" if lines else "training.menu.nothing", buttons=(*sign, *lines), mine=own)
        return
    trainings, times = await ctx.unit.trainings.count_person_times(ctx.actor, since=ctx.at - YEAR)
    buttons = ((Button("training.button.new", "tnew"), Button("training.button.year", "tyear", (0,))), *sign, *lines)
    await ctx.reply("training.menu.organiser", buttons=buttons, trainings=trainings, times=times, mine=own)


async def press_new(ctx: HandlerContext) -> None:
    """Call people to a training; an actor with one village only is not asked for villages."""
    mine = await villages_where(ctx, may_train)
    await begin(ctx, "training", {"villages": [mine[0].id]} if len(mine) == 1 else {})


async def press_announce(ctx: HandlerContext) -> None:
    """Announce the confirmed preview to everybody."""
    draft = await _own_draft(ctx)
    assert ctx.actor.id is not None
    await count_call(ctx)
    code = await _free_code(ctx, draft)
    await record(ctx, rules.announce(draft, ctx.actor.id, at=ctx.at, code=code, token=secrets.token_urlsafe(12)))
    value = await found(ctx, draft.id)
    await invite(ctx, value, (await audience_of(ctx, value)).committee)
    await ctx.start_timers(rules.more_timer(value, ctx.at, 0), rules.look_timer(value, ctx.at, 1))
    by_day = ctx.town.quiet.departure(ctx.at, latest=value.starts_at).not_before is not None
    ctx.toast("training.announced.by_day" if by_day else "training.announced.toast")
    await show_board(ctx, value, as_new_message=True)


async def press_discard(ctx: HandlerContext) -> None:
    """Discard the preview."""
    draft = await _own_draft(ctx)
    assert ctx.actor.id is not None
    await record(ctx, rules.discard(draft, ctx.actor.id, at=ctx.at))
    await ctx.reply("training.discarded", card=f"{draft.card}:preview", as_new_message=False, subject=draft.subject)


async def more(ctx: HandlerContext) -> None:
    """Send the invitation to the next portion of people (clock)."""
    assert ctx.timer is not None
    value = await ctx.unit.trainings.find(int(ctx.timer.data["training"]))
    if value is None or value.state is not State.ANNOUNCED or ctx.at >= value.starts_at:
        return
    if value.makeup_of is not None:  # its people were all told at once
        return
    told = (await audience_of(ctx, value)).told
    portion = await ctx.unit.residents.portion(value.villages, without=sorted(told), after=int(ctx.timer.data["after"]), limit=PORTION)
    await invite(ctx, value, portion)
    if len(portion) == PORTION:
        await ctx.start_timers(rules.more_timer(value, ctx.at, portion[-1].person_id or 0))


async def look(ctx: HandlerContext) -> None:
    """Show the progress of the announcement until all is sent (clock)."""
    assert ctx.timer is not None
    value = await ctx.unit.trainings.find(int(ctx.timer.data["training"]))
    if value is None or value.state is not State.ANNOUNCED or ctx.timer.data["turn"] != value.turn:
        return
    await draw_board(ctx, value)
    if (await ctx.unit.outbox.count_batch(value.batch)).get("waiting", 0) and ctx.at < value.starts_at:
        await ctx.start_timers(rules.look_timer(value, ctx.at, int(ctx.timer.data["look"]) + 1))


async def press_board(ctx: HandlerContext) -> None:
    """Show the board at the end of the chat."""
    value = await ctx.unit.trainings.visible_to(ctx.actor, pressed_number(ctx))
    if value.state is State.DRAFT:
        raise NotFound(pressed_number(ctx))
    await show_board(ctx, value, as_new_message=True)


# The questions --------------------------------------------------------------------------------------------------------


async def _accept_subject(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    return ctx.for_many(typed.words(said.text, limit=rules.SUBJECT_LENGTH, key="training.subject_again"))


async def _accept_when(ctx: HandlerContext, said: Incoming, answers: Answers) -> int:
    return to_us(typed.start_of(parse_begin(said.text, ctx.at, ctx.town.zone), at=ctx.at))


async def _hours_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice("training.button.hours", hours, {"hours": hours}) for hours in HOURS)


async def _accept_hours(ctx: HandlerContext, said: Incoming, answers: Answers) -> int:
    return typed.number(said.text, least=1, most=rules.MOST_HOURS, key="training.hours_again")


async def _accept_place(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    if said.location is not None:
        answers["_pin"] = list(said.location)
        await ctx.reply("training.place.pinned")
        return KEEP_LISTENING
    return ctx.for_many(typed.words(said.text, limit=rules.PLACE_LENGTH, key="training.place_again"))


async def _capacity_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(
        Choice("training.button.places" if count != "0" else "training.button.no_limit", count, {"count": count}) for count in PLACES
    )


async def _accept_capacity(ctx: HandlerContext, said: Incoming, answers: Answers) -> int:
    return typed.number(said.text, least=0, most=rules.MOST_PLACES, key="training.capacity_again")


async def _preview(ctx: HandlerContext, answers: Answers) -> None:
    """Keep a draft and show it with the number of recipients."""
    allowed = {village.id: village for village in await villages_where(ctx, may_train)}
    chosen = [allowed[VillageId(number)] for number in answers["villages"] if number in allowed]
    if not chosen or ctx.actor.id is None:
        raise RuleError("village.choose_one")
    starts = typed.start_of(from_us(answers["when"]), at=ctx.at)
    pin = answers.get("_pin")
    before = await managed(ctx, int(answers["_makeup"])) if "_makeup" in answers else None
    called = await to_make_up(ctx, before) if before is not None else []
    draft = await ctx.unit.trainings.add(
        Training(
            id=0,
            station_id=chosen[0].station_id,
            organiser_id=ctx.actor.id,
            organiser_name=ctx.actor.name,
            subject=answers["subject"],
            place=answers["place"],
            starts_at=starts,
            ends_at=starts + timedelta(hours=answers["hours"]),
            capacity=answers["capacity"],
            villages=tuple(village.id for village in chosen),
            state=State.DRAFT,
            created_at=ctx.at,
            pin=(pin[0], pin[1]) if pin else None,
            makeup_of=None if before is None else before.id,
        )
    )
    await ctx.unit.training_records.call(draft.id, [(each.person_id, each.village_id) for each in called])
    audience: Audience = await audience_of(ctx, draft)
    facts = await facts_of(ctx, draft) | {
        "villages": names_text([village.name for village in chosen]),
        "places": Text("training.places", count=draft.capacity) if draft.capacity else Text("training.no_limit"),
        "committee": len(audience.committee),
        "residents": audience.residents,
    }
    buttons = ((Button("training.button.announce", "tgo", (draft.id,)), Button("training.button.discard", "tdrop", (draft.id,))),)
    await ctx.reply("training.preview", buttons=buttons, card=f"{draft.card}:preview", **facts)


PLACE = Step("place", "training.place.question", _accept_place)
WHEN = Step("when", "training.when.question", _accept_when)
TRAINING = Dialog(
    "training",
    Policy.HANDLER,
    (
        Step("subject", "training.subject.question", _accept_subject),
        WHEN,
        Step("hours", "training.hours.question", _accept_hours, choices=_hours_choices, wide=4),
        PLACE,
        VillageChoice(may_train).step("villages", "training.villages.question"),
        Step("capacity", "training.capacity.question", _accept_capacity, choices=_capacity_choices, wide=3),
    ),
    _preview,
)


# Loading and recording ------------------------------------------------------------------------------------------------


async def _own_draft(ctx: HandlerContext) -> Training:
    """Return the actor's own draft, if they may still call all its villages."""
    value = await ctx.unit.trainings.visible_to(ctx.actor, pressed_number(ctx))
    if value.organiser_id != ctx.actor.id:
        raise NotFound(pressed_number(ctx))
    allowed = {village.id for village in await villages_where(ctx, may_train)}
    if not allowed.issuperset(value.villages):
        raise RuleError("training.villages_changed")
    return value


async def count_call(ctx: HandlerContext) -> None:
    """Count a message to everybody who is called.

    A whole village must not be disturbed all day.

    Raises:
        RuleError: `training.too_many` within a day.
    """
    who = Address(ctx.incoming.address.channel, ChatId(ctx.incoming.user_id))
    most = rules.CALLS_A_DAY_BY_POLICE if ctx.actor.holds(*POLICE) else rules.CALLS_A_DAY
    if await ctx.unit.invitations.tries_since(who, CALL, since=ctx.at - DAY) >= most:
        raise RuleError("training.too_many", most=most)
    await ctx.unit.invitations.tried(who, CALL, at=ctx.at)


async def _free_code(ctx: HandlerContext, draft: Training) -> str:
    taken = await ctx.unit.trainings.codes(draft.station_id)
    return next(code for code in iter(lambda: f"{secrets.randbelow(10_000):04d}", "") if code not in taken)


async def record(ctx: HandlerContext, change: rules.Change) -> None:
    """Record a change with its timers."""
    if change.restart:
        await ctx.unit.timers.stop(change.value.card, at=ctx.at)
    await ctx.start_timers(*change.timers)
    await ctx.unit.trainings.record(change)


async def found(ctx: HandlerContext, number: int) -> Training:
    """Return a training as just recorded."""
    value = await ctx.unit.trainings.find(number)
    assert value is not None, "just recorded"
    return value
