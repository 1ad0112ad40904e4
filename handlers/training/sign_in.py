"""Sign in to a training: by the code on the spot, its QR link, or the organiser's list.

Knows codes and names. Invariant: a wrong code counts, and five in an hour are the limit.
"""

from __future__ import annotations

import hmac
import re
from typing import Any

from domain import training as rules
from domain.core.change import Button, NotFound, Notice, PersonId, RuleError
from domain.core.numbers import ascii_digits
from domain.people.people import COMMITTEE, Policy, Role
from domain.training import Answer, Attendee, State, Training, may_train
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import ASK_AGAIN, Answers, Choice, Dialog, Step, begin
from handlers.core.pressed import NUMBER, pressed_number, pressed_numbers
from handlers.training.answers import village_of
from handlers.training.cards import draw_board, managed, of_reader, page_turns, show_answer
from handlers.training.quiz import ask
from texts import At

LINK = re.compile("([0-9]{1,9})-([A-Za-z0-9_-]{8,40})")
A_PAGE = 10
CODE_LENGTH = 4


async def sign_in_by_code(ctx: HandlerContext, code: str) -> None:
    """Sign in with the four digits shown on the spot."""
    await _sign_in(ctx, next((each for each in await _running(ctx) if hmac.compare_digest(each.code, code)), None))


async def by_bare_code(ctx: HandlerContext, digits: str) -> bool:
    """Sign in with four digits that are the whole message; a wrong code counts.

    False where no training is open, and for the number of a case.
    """
    code = ascii_digits(digits)
    running = await _running(ctx) if code is not None and len(code) == CODE_LENGTH and ctx.actor.id is not None else []
    if code is None or not running:
        return False
    if not any(hmac.compare_digest(each.code, code) for each in running):
        try:
            await ctx.unit.cases.visible_to(ctx.actor, int(code))
        except NotFound:
            await sign_in_by_code(ctx, code)
            return True
        return False
    await sign_in_by_code(ctx, code)
    return True


async def _running(ctx: HandlerContext) -> list[Training]:
    return await ctx.unit.trainings.list_open(ctx.actor, begins_before=ctx.at + rules.OPENS_BEFORE, ends_after=ctx.at - rules.CLOSES_AFTER)


async def press_sign(ctx: HandlerContext) -> None:
    """Ask for the code that is shown at the place."""
    await begin(ctx, "tsign")


async def _accept_code(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    code = ascii_digits(said.text.strip())
    if code is None:
        raise RuleError("training.sign.digits")
    return code


async def _sign_in_by_answer(ctx: HandlerContext, answers: Answers) -> None:
    await sign_in_by_code(ctx, answers["code"])


async def by_link(ctx: HandlerContext, rest: str) -> bool:
    """Sign in by the QR code's link; False for another kind of payload."""
    found = LINK.fullmatch(rest)
    if found is None:
        return False
    if ctx.actor.role is Role.STRANGER:
        await ctx.reply("training.sign.join_first", buttons=((Button("join.button.pick", "jpage", (0,)),),))
        return True
    value = await ctx.unit.trainings.find(int(found[1]))
    right = value is not None and value.state is State.ANNOUNCED and hmac.compare_digest(value.token, found[2])
    await _sign_in(ctx, value if right else None)
    return True


async def _sign_in(ctx: HandlerContext, value: Training | None) -> None:
    """Sign the actor in, or count a wrong try.

    A refusal is answered, not raised, so that the count is kept.
    """
    address = ctx.incoming.address
    tries = await ctx.unit.invitations.tries_since(address, "training", since=ctx.at - rules.TRIES_IN)
    if tries >= rules.TRIES:
        await ctx.reply("training.sign.too_many")
    elif value is None:
        await ctx.unit.invitations.tried(address, "training", at=ctx.at)
        await ctx.reply("training.sign.wrong", left=rules.TRIES - tries - 1)
    else:
        rules.sign_in(value, at=ctx.at, by_list=False)
        assert ctx.actor.id is not None
        new = await ctx.unit.trainings.sign_in(value, ctx.actor.id, village_id=village_of(ctx, value), by=ctx.actor.id, at=ctx.at)
        if await ctx.unit.cards.hangs(ctx.incoming.address, value.card):
            await show_answer(ctx, value, await ctx.unit.trainings.people(value.id))
        await ctx.reply("training.sign.done" if new else "training.sign.already", subject=value.subject, name=ctx.actor.name)
        if new and value.quiz:
            await ask(ctx, value, await ctx.unit.people.receiver(ctx.actor.id))
        await draw_board(ctx, value)


async def press_code(ctx: HandlerContext) -> None:
    """Show the code and its QR, to be displayed on the spot."""
    value = await managed(ctx, pressed_number(ctx))
    link = ctx.town.link(ctx.incoming.address.channel, f"t{value.id}-{value.token}")
    media = {"type": "qr", "data": link} if link else None
    hours: dict[str, Any] = {"since": At(value.starts_at - rules.OPENS_BEFORE), "until": At(value.ends_at + rules.CLOSES_AFTER, "time")}
    await ctx.reply("training.code", media=media, subject=value.subject, code=value.code, **hours)


async def press_list(ctx: HandlerContext) -> None:
    """List the people who promised, to sign them in by name."""
    number, page = pressed_numbers(ctx, 2)
    await _show_list(ctx, await managed(ctx, number), page)


async def press_in(ctx: HandlerContext) -> None:
    """Sign somebody of the list in, or undo that."""
    number, person, page = pressed_numbers(ctx, 3)
    value = await managed(ctx, number)
    each = next((each for each in await _listed(ctx, value) if each.person_id == person), None)
    if each is None or ctx.actor.id is None:
        raise NotFound(number)
    rules.sign_in(value, at=ctx.at, by_list=True)
    if each.came:
        await ctx.unit.trainings.sign_out(value, each.person_id, by=ctx.actor.id, at=ctx.at)
    else:
        await ctx.unit.trainings.sign_in(value, each.person_id, village_id=each.village_id, by=ctx.actor.id, at=ctx.at)
    await _show_list(ctx, value, page)
    await draw_board(ctx, value)


async def _show_list(ctx: HandlerContext, value: Training, page: int) -> None:
    people = await _listed(ctx, value)
    pages = max(1, -(-len(people) // A_PAGE))
    page = min(page, pages - 1)
    names = [
        Button(
            "training.button.in" if each.came else "training.button.out",
            "tin",
            (value.id, each.person_id, page),
            {"name": each.name, "village": each.village},
        )
        for each in people[page * A_PAGE : (page + 1) * A_PAGE]
    ]
    buttons = (*rows(*names), *page_turns("tlist", value.id, page, pages), (Button("training.button.add", "tadd", (value.id,)),))
    facts: dict[str, Any] = {
        "subject": value.subject,
        "came": sum(each.came for each in people),
        "count": len(people),
        "page": page + 1,
        "pages": pages,
    }
    await ctx.reply(
        "training.list", buttons=buttons, card=f"{value.card}:list", as_new_message=page == 0 and ctx.incoming.verb == "tlist", **facts
    )


async def draw_list_again(ctx: HandlerContext, card: str) -> None:
    """Draw the first page of the actor's list again, in its place (`Feature.redraws`)."""
    number = int(card.split(":")[1])
    try:
        await _show_list(ctx, await managed(ctx, number), 0)
    except NotFound:
        await ctx.notify(Notice(ctx.origin, "record.gone", {"number": number}, card=card, tells_nothing=True))


async def _listed(ctx: HandlerContext, value: Training) -> list[Attendee]:
    people = await of_reader(ctx, value, ctx.actor, await ctx.unit.trainings.people(value.id))
    return [each for each in people if each.came or each.answer in (Answer.YES, Answer.WAITING)]


# A person without an answer ---------------------------------------------------------------------------------------------


async def press_add(ctx: HandlerContext) -> None:
    """Ask for the name of somebody who came without having answered."""
    value = await managed(ctx, pressed_number(ctx))
    rules.sign_in(value, at=ctx.at, by_list=True)
    await begin(ctx, "tadd", {"_training": value.id})


async def _who_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    found = [await ctx.unit.people.get(PersonId(number), at=ctx.at) for number in answers.get("_found", ())]
    return tuple(Choice("training.button.person", str(person.id), {"name": person.name}) for person in found)


async def _accept_who(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    if said.press_id and NUMBER.fullmatch(said.text) and int(said.text) in answers.get("_found", ()):
        return int(said.text)
    value = await managed(ctx, int(answers["_training"]))
    name = said.text.strip()[:40]
    allowed = [village.id for village in await ctx.unit.people.list_villages(value.villages) if may_train(ctx.actor, village)]
    found = await ctx.unit.directory.search(name, stations=[], villages=allowed, at=ctx.at, limit=A_PAGE) if name else []
    if not found:
        raise RuleError("training.add.nobody")
    if len(found) == 1:
        return found[0]
    answers["_found"] = list(found)
    return ASK_AGAIN


async def _add(ctx: HandlerContext, answers: Answers) -> None:
    value = await managed(ctx, int(answers["_training"]))
    rules.sign_in(value, at=ctx.at, by_list=True)
    person = await ctx.unit.people.get(PersonId(answers["who"]), at=ctx.at)
    assert person.id is not None
    assert ctx.actor.id is not None
    villages = (person.village_id, *sorted(person.villages(*COMMITTEE)))
    village_id = next((each for each in villages if each in value.villages), person.village_id)
    new = await ctx.unit.trainings.sign_in(value, person.id, village_id=village_id, by=ctx.actor.id, at=ctx.at)
    await ctx.reply("training.sign.done" if new else "training.sign.already", subject=value.subject, name=person.name)
    await draw_board(ctx, value)


SIGN = Dialog("tsign", Policy.JOINED, (Step("code", "training.sign.question", _accept_code),), _sign_in_by_answer)
ADD = Dialog("tadd", Policy.HANDLER, (Step("who", "training.add.question", _accept_who, choices=_who_choices),), _add)
