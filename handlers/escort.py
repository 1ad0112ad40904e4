"""Green wave: `/escort` asks traffic control for a free way to the hospital.

Knows the questions, the card and its buttons; domain/escort.py decides. Invariants: the numbers to phone come first and stay true without any
answer; nobody is told that the way is free; a patient who drives is told to stop and gets no green wave.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain import escort as rules
from domain.core.change import Button, Notice, Priority, RuleError
from domain.core.records import one_line
from domain.escort import ESCORTS, LONGEST, Escort, State, Verb
from domain.people.people import Policy, Role
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.feature import Feature
from handlers.core.records import RecordActions, limit_rate, me, text_step
from handlers.core.route import EVERYBODY, ButtonRoute, CommandRoute, TimerRoute
from storage.escort import Escorts
from texts import At, Text, plain

if TYPE_CHECKING:
    from domain.core.change import Receiver

#: Requests of a person per hour.
PER_HOUR, HOUR = 5, timedelta(hours=1)
PATIENTS = ("chest", "wound", "birth", "child", "asleep")
LONGEST_PHONE = 20
#: Buttons of traffic control, in order; only those whose move is possible are shown. With True the step asks for words first.
_STEPS = (
    (Verb.TAKE, False),
    (Verb.AGREE, False),
    (Verb.MEET, True),
    (Verb.START, False),
    (Verb.ARRIVE, False),
    (Verb.RECEIVE, True),
    (Verb.REFUSE, True),
)


async def escort(ctx: HandlerContext) -> None:
    """`/escort`: the numbers first, then who drives."""
    if ctx.actor.role is Role.STRANGER:
        await ctx.notify(Notice(ctx.origin, "escort.stranger", priority=Priority.SOS))
        return
    open_one = await ESCORTING.store(ctx).open_of(me(ctx))
    if open_one is not None:
        await ESCORTING.show(ctx, open_one)
        return
    other, patient = Button("escort.button.other_drives", "es.new"), Button("escort.button.patient_drives", "es.stop")
    await ctx.notify(Notice(ctx.origin, "escort.who_drives", {}, rows(other, patient, width=1), Priority.SOS))


async def press_new(ctx: HandlerContext) -> None:
    """Ask for the car and its way: somebody else drives."""
    await begin(ctx, "escort")


async def press_stop(ctx: HandlerContext) -> None:
    """Tell a patient who drives to stop and wait."""
    await ctx.notify(Notice(ctx.origin, "escort.stop", priority=Priority.SOS))


async def press_see(ctx: HandlerContext) -> None:
    """Show the request as it is now."""
    await ESCORTING.show(ctx, await ESCORTING.pressed(ctx))


async def press_take(ctx: HandlerContext) -> None:
    """Answer the request, for traffic control: the number in the car is shown over the chat."""
    value = await ESCORTING.record(ctx, rules.take(await ESCORTING.pressed(ctx, handling=True), me(ctx), at=ctx.at))
    await _show_phone(ctx, value)
    await _tell(ctx, value)


async def press_phone(ctx: HandlerContext) -> None:
    """Show the number in the car, over the chat, to those who may see the request."""
    await _show_phone(ctx, await ESCORTING.pressed(ctx))


async def press_step(ctx: HandlerContext) -> None:
    """Record a step of traffic control, or ask for its words."""
    value = await ESCORTING.pressed(ctx, handling=True)
    verb = next((verb for verb, _ in _STEPS if verb.value in ctx.incoming.values[1:2]), None)
    if verb is None or verb is Verb.TAKE:
        await ESCORTING.show(ctx, value)
    elif dict(_STEPS)[verb]:
        await begin(ctx, "escort_step", {"_number": value.id, "_verb": verb.value})
    else:
        await _step(ctx, value, verb)


async def press_call_off(ctx: HandlerContext) -> None:
    """Call the request off, by the person who asked."""
    value = await ESCORTING.pressed(ctx)
    if value.opened_by != ctx.actor.id:
        await ESCORTING.show(ctx, value)
        return
    value = await ESCORTING.record(ctx, rules.move(value, Verb.CALL_OFF, me(ctx), at=ctx.at))
    await _ring(ctx, value, "escort.called_off.to_traffic")
    await ctx.reply("escort.called_off")


async def unanswered(ctx: HandlerContext) -> None:
    """Tell the car to phone, and ring the desk: no answer of traffic control (clock)."""
    value = await ESCORTING.due(ctx)
    if value is None or value.state is not State.SUBMITTED or ctx.timer is None:
        return
    turn = int(ctx.timer.data["turn"])
    if turn == 1:
        to = await ctx.unit.people.receiver(value.opened_by)
        await ctx.notify(Notice(to, "escort.phone_now", priority=Priority.SOS, subject=ESCORTS.subject(value), rings=True))
    phone = Button("escort.button.phone", "es.phone", (value.id,))
    await ESCORTING.call(ctx, value, Role.DUTY, key="escort.unanswered.to_desk", buttons=rows(phone), rings=True, **_named(value))
    if turn < rules.MOST_RINGS:
        await ctx.start_timers(rules.ring_at(value, ctx.at + rules.RUNG_AGAIN, turn + 1))


# The dialog -----------------------------------------------------------------------------------------------------------


async def _patients(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(f"escort.patient.{each}", each) for each in PATIENTS)


async def _accept_patient(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    if said.verb and said.text in PATIENTS:
        return plain(f"escort.patient.{said.text}", ctx.actor.language)
    return one_line(said.text, most=LONGEST, key="escort.patient.again")


async def _phones(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("escort.phone.mine", "mine", {"phone": ctx.actor.phone}),) if ctx.actor.phone else ()


async def _accept_phone(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    if said.verb and said.text == "mine" and ctx.actor.phone:
        return ctx.actor.phone
    return one_line(said.text, most=LONGEST_PHONE, key="escort.phone.again")


async def _finish(ctx: HandlerContext, answers: Answers) -> None:
    village_id = ctx.actor.village_id or next((post.village_id for post in ctx.actor.posts if post.village_id is not None), None)
    if village_id is None:
        raise RuleError("escort.no_village")
    village = await ctx.unit.people.village(village_id)
    await limit_rate(ctx, "escort", most=PER_HOUR, within=HOUR, key="escort.too_many")
    value = Escort(
        id=await ESCORTING.store(ctx).next_number(),
        village_id=village.id,
        station_id=village.station_id,
        state=State.SUBMITTED,
        place=answers["place"],
        car=answers["car"],
        hospital=answers["hospital"],
        patient=answers["patient"],
        opened_by=me(ctx),
        opened_at=ctx.at,
    )
    value = await ESCORTING.open(ctx, rules.submit(value, at=ctx.at), sealed={"phone": answers["phone"]})
    await ESCORTING.show(ctx, value)
    await _ring(ctx, value)


def _line(name: str, **more: Any) -> Step:
    return text_step(name, f"escort.{name}.question", most=LONGEST, again=f"escort.{name}.again", **more)


ASKING = Dialog(
    "escort",
    Policy.JOINED,
    (
        _line("place"),
        _line("car"),
        _line("hospital"),
        Step("patient", "escort.patient.question", _accept_patient, choices=_patients),
        Step("phone", "escort.phone.question", _accept_phone, choices=_phones, wide=1),
    ),
    _finish,
    unheard="its answers tell of the patient for whom it is asked",
)


async def _words_shown(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    return {"what": Text(f"escort.words.{answers['_verb']}")}


async def _finish_step(ctx: HandlerContext, answers: Answers) -> None:
    value = await ESCORTING.load(ctx, int(answers["_number"]), handling=True)
    await _step(ctx, value, Verb(answers["_verb"]), answers["words"])


STEP = Dialog(
    "escort_step",
    Policy.JOINED,
    (text_step("words", "escort.words.question", most=LONGEST, again="escort.words.again", shown=_words_shown),),
    _finish_step,
    unheard="traffic control writes about a patient who is known",
)


# Parts ----------------------------------------------------------------------------------------------------------------


async def _step(ctx: HandlerContext, value: Escort, verb: Verb, words: str = "") -> None:
    value = await ESCORTING.record(ctx, rules.move(value, verb, me(ctx), at=ctx.at, words=words))
    ctx.toast("escort.toast.done")
    await _tell(ctx, value)
    if words:
        await ESCORTING.show(ctx, value)


async def _tell(ctx: HandlerContext, value: Escort) -> None:
    """Tell the person in the car what traffic control did."""
    to = await ctx.unit.people.receiver(value.opened_by)
    said = {"name": ctx.actor.name, "point": value.point, "note": value.note}
    key, subject = f"escort.told.{value.state}", ESCORTS.subject(value)
    await ctx.notify(Notice(to, key, said, priority=Priority.SOS, subject=subject, rings=True))


async def _ring(ctx: HandlerContext, value: Escort, key: str = "") -> None:
    """Send traffic control the card or a message; without anybody there, the desk."""
    posts = await ctx.unit.people.station_posts(value.station_id, at=ctx.at)
    there = any(who.address is not None for who in posts.of(Role.TRAFFIC))
    if there or key:
        await ESCORTING.call(ctx, value, Role.TRAFFIC if there else Role.DUTY, key=key, rings=True, **(_named(value) if key else {}))
    else:
        phone = Button("escort.button.phone", "es.phone", (value.id,))
        await ESCORTING.call(ctx, value, Role.DUTY, key="escort.nobody.to_desk", buttons=rows(phone), rings=True, **_named(value))


def _named(value: Escort) -> dict[str, Any]:
    return {"number": value.id, "place": value.place, "car": value.car, "hospital": value.hospital, "patient": value.patient}


async def _show_phone(ctx: HandlerContext, value: Escort) -> None:
    known = await ESCORTING.store(ctx).unseal(ctx.actor, value.id, at=ctx.at)
    ctx.toast("escort.toast.phone", alert=True, phone=known["phone"])


async def _card(ctx: HandlerContext, value: Escort, to: Receiver, handling: bool) -> Notice:
    state = Text(f"escort.is.{value.state}", number=value.id)
    facts = _named(value) | {
        "at": At(value.opened_at),
        "state": state,
        "point": Text("escort.card.point", point=value.point) if value.point else "",
        "note": Text("escort.card.note", note=value.note) if value.note else "",
        "name": Text("escort.card.name", name=value.handler_name) if value.handler_name else "",
        "warning": Text("escort.warning") if value.ended_at is None else "",
    }
    if not handling:
        off = Button("escort.button.call_off", "es.off", (value.id,))
        mine = to.person_id == value.opened_by and ESCORTS.allows(value, Verb.CALL_OFF)
        return Notice(to, "escort.card", facts, rows(off) if mine else ())
    offered = [
        Button(f"escort.button.{verb}", "es.take" if verb is Verb.TAKE else "es.step", (value.id, verb.value))
        for verb, _ in _STEPS
        if ESCORTS.allows(value, verb)
    ]
    if value.ended_at is None and value.state is not State.SUBMITTED:
        offered.append(Button("escort.button.phone", "es.phone", (value.id,)))
    return Notice(to, "escort.card", facts, rows(*offered))


ESCORTING: RecordActions[Escort, Escorts] = RecordActions(
    ESCORTS,
    Escorts,
    card=_card,
    may_handle=rules.may_direct,
    parts=lambda value: (value.opened_by,),
    asks=lambda value: (Role.DUTY,),
)
FEATURE = Feature(
    "escort",
    routes=(
        CommandRoute("escort", escort, Policy.ANYONE, menu=EVERYBODY, free=True),
        ButtonRoute("es.ask", escort, Policy.ANYONE, free=True, about_oneself=True),
        ButtonRoute("es.new", press_new, Policy.JOINED, free=True, about_oneself=True),
        ButtonRoute("es.stop", press_stop, Policy.ANYONE, free=True, about_oneself=True),
        # Every joined user may press a card's buttons: the record decides who may use them.
        ButtonRoute("es.take", press_take, Policy.JOINED, free=True, fresh=press_see),
        ButtonRoute("es.step", press_step, Policy.JOINED, free=True, fresh=press_see),
        ButtonRoute("es.phone", press_phone, Policy.JOINED, fresh=press_see),
        ButtonRoute("es.off", press_call_off, Policy.JOINED, fresh=press_see),
        TimerRoute(rules.UNANSWERED, unanswered),
    ),
    records=(ESCORTING,),
    dialogs=(ASKING, STEP),
    exceptions={
        "a patient is on the road": (
            "rings escort.unanswered",
            "rings escort._tell",
            "rings escort._ring",
        ),
    },
)
