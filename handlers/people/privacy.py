"""Show and change one's own stored data: /me, /forget, /language.

Knows the order of questions. Must not know tables. Invariants: a phone is taken only from the person's own contact; the holder of a post
hands it over before being forgotten, except an auditor, who names no successor; after /forget the same chat is a stranger's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.change import Button, Event, Notice, PersonId, RuleError
from domain.core.immutable import replace
from domain.core.numbers import mask_phone, parse_phone
from domain.core.post_change import PostChange, Why
from domain.people.people import Policy, Role
from domain.people.phones import UsedFor
from domain.people.powers import may_hand_over, own_posts
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Dialog, Step, begin
from handlers.core.erased_cards import Erased, clear_cards
from handlers.core.post_changes import posts_changed
from handlers.people.appointing import in_charge, post_text, posts_text
from handlers.people.naming import accept_name, finish_rename, known_again
from storage.people.privacy import day_only
from texts import LANGUAGES, At, Text

if TYPE_CHECKING:
    from domain.people.people import Person


#: Posts that residents call.
CALLED = (Role.CHAIR, Role.OFFICER)


async def me(ctx: HandlerContext) -> None:
    """Show everything stored about the actor, with buttons to change it."""
    person = _known(ctx)
    profile = await ctx.unit.privacy.profile(person)
    reports, waiting = await ctx.unit.privacy.count_reports(person)
    tips = "people.button.tips_off" if profile.wants_tips else "people.button.tips_on"
    link = (Button("people.button.link", "linkme"),) if len(ctx.town.bot_names) > 1 else ()
    uses, switches = await _shown_uses(ctx)
    buttons = rows(
        *link,
        Button("people.button.rename", "rename"),
        Button("people.button.phone", "phone"),
        *switches,
        Button("people.button.elder_off" if ctx.actor.elder else "people.button.elder_on", "elder", (0 if ctx.actor.elder else 1,)),
        Button("people.button.language", "langs"),
        Button(tips, "tips", (0 if profile.wants_tips else 1,)),
        Button("people.button.forget", "forget"),
    )
    await ctx.reply(
        "people.me",
        buttons=buttons,
        card="me",
        name=profile.name,
        phone=mask_phone(profile.phone) if profile.phone else {"t": "people.none"},
        uses=uses,
        village=profile.village or {"t": "people.none"},
        posts={"lines": [await post_text(ctx, post.role, post.village_id) for post in ctx.actor.posts] or [{"t": "people.none"}]},
        version=profile.consent_version,
        consented=At(profile.consented_at, "full") if profile.consented_at else {"t": "people.none"},
        language={"t": f"people.language.{profile.language}"},
        tips={"t": "people.yes" if profile.wants_tips else "people.no"},
        reports=reports,
        waiting=waiting,
    )


async def press_tips(ctx: HandlerContext) -> None:
    """Turn tips on or off."""
    wanted = ctx.incoming.values[:1] == ("1",)
    await ctx.unit.privacy.set_tips(_known(ctx), wanted)
    ctx.toast("people.tips.on" if wanted else "people.tips.off")
    await me(ctx)


# Language -------------------------------------------------------------------------------------------------------------


async def language(ctx: HandlerContext) -> None:
    """Offer the languages."""
    await ctx.reply("people.language.question", buttons=(tuple(Button(f"people.language.{code}", "lang", (code,)) for code in LANGUAGES),))


async def press_language(ctx: HandlerContext) -> None:
    """Switch to another language.

    A stranger's choice lasts for this answer only, because nothing is stored about strangers.
    """
    chosen = (*ctx.incoming.values, "")[0]
    if chosen not in LANGUAGES:
        raise RuleError("refused.old_button")
    stays = ctx.actor.id is not None and not ctx.actor.suspended
    if stays and ctx.actor.id is not None:
        await ctx.unit.privacy.set_language(ctx.actor.id, chosen)
        await ctx.audit(Event(f"person:{ctx.actor.id}", "language", ctx.actor.id, ctx.at, data={"language": chosen}))
    ctx.actor = replace(ctx.actor, language=chosen)
    await ctx.notify(Notice(ctx.origin, "people.language.changed" if stays else "people.language.for_now"))


# Name and phone -------------------------------------------------------------------------------------------------------


async def press_rename(ctx: HandlerContext) -> None:
    """Ask for the person's name."""
    await begin(ctx, "rename")


async def press_phone(ctx: HandlerContext) -> None:
    """Ask for the person's own contact."""
    await begin(ctx, "phone")


async def accept_contact(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    """Take the person's own contact and nothing else.

    A typed or forwarded number may be anybody's.
    """
    contact = said.contact or {}
    if not contact or said.forwarded or contact.get("user_id") != said.user_id:
        raise RuleError("people.phone.own_only")
    phone = parse_phone(str(contact.get("phone", ""))) or parse_phone(f"+{contact.get('phone', '')}")
    if phone is None:
        raise RuleError("people.phone.unreadable")
    return phone


async def finish_phone(ctx: HandlerContext, answers: Answers) -> None:
    """Write the number."""
    person = _known(ctx)
    await ctx.unit.privacy.set_phone(person, answers["phone"])
    await known_again(ctx, person)
    await ctx.audit(Event(f"person:{person}", "phone_given", person, ctx.at))
    await record_use(ctx, person, UsedFor.REPORTS, given=True)  # the question said who sees it
    await ctx.reply("people.phone.done", phone=mask_phone(answers["phone"]))


# Who sees the number -------------------------------------------------------------------------------------------------


async def press_use(ctx: HandlerContext) -> None:
    """Give one's number for a use, or take it back."""
    match ctx.incoming.values:
        case (("reports" | "post") as use, ("0" | "1") as value):
            used_for, given = UsedFor(use), value == "1"
        case _:
            raise RuleError("refused.old_button")
    assert ctx.actor.id is not None
    if given and not ctx.actor.phone:
        raise RuleError("people.phone.first")
    if used_for is UsedFor.POST and given and not ctx.actor.holds(*CALLED):
        raise RuleError("refused.not_allowed")
    await record_use(ctx, ctx.actor.id, used_for, given=given)
    await ctx.reply(f"people.phone.{used_for}.{'on' if given else 'off'}")


async def record_use(ctx: HandlerContext, person_id: PersonId, used_for: UsedFor, *, given: bool) -> None:
    """Write a wish, and let other features act on it."""
    if given:
        await ctx.unit.phones.give(person_id, used_for, at=ctx.at)
    else:
        await ctx.unit.phones.take_back(person_id, used_for)
    await ctx.audit(Event(f"person:{person_id}", "phone_use", person_id, ctx.at, data={"for": used_for.value, "given": given}))
    await ctx.happened("phone use changed", person_id)


async def _shown_uses(ctx: HandlerContext) -> tuple[Any, tuple[Button, ...]]:
    """Return the readers of the actor's number, and the buttons that change it.

    Nothing without a number.
    """
    if ctx.actor.id is None or not ctx.actor.phone:
        return "", ()
    uses = (UsedFor.REPORTS, UsedFor.POST) if ctx.actor.holds(*CALLED) else (UsedFor.REPORTS,)
    found = [(each, await ctx.unit.phones.find(ctx.actor.id, each)) for each in uses]
    given = {each: use is not None and use.given_at is not None for each, use in found}
    buttons = tuple(
        Button(f"people.button.phone_{use}_{'off' if on else 'on'}", "ph.use", (use.value, int(not on))) for use, on in given.items()
    )
    seen = Text("people.phone.seen" if given[UsedFor.REPORTS] else "people.phone.unseen")
    return Text("people.phone.seen_by_village", seen=seen) if given.get(UsedFor.POST) else seen, buttons


RENAME = Dialog("rename", Policy.JOINED, (Step("name", "people.rename.question", accept_name),), finish_rename)
PHONE = Dialog("phone", Policy.JOINED, (Step("phone", "people.phone.question", accept_contact, request="contact"),), finish_phone)


# Forget ---------------------------------------------------------------------------------------------------------------


async def forget(ctx: HandlerContext) -> None:
    """Take the first step: say what goes and what stays, and why."""
    person = _free_to_go(ctx)
    reports, waiting = await ctx.unit.privacy.count_reports(person)
    buttons = ((Button("people.button.forget_now", "forgetme", (person,)),), (Button("people.button.keep", "keepme"),))
    ends = Text("people.forget.ends_posts", post=await posts_text(ctx, posts)) if (posts := own_posts(ctx.actor)) else ""
    await ctx.reply("people.forget.question", buttons=buttons, reports=reports, waiting=waiting, ends=ends)


async def press_forget(ctx: HandlerContext) -> None:
    """Take the second step: erase. The answer after it goes to a stranger.

    An auditor, who cannot name a successor, leaves the post with it; the leaders are told.
    """
    person = _free_to_go(ctx)
    if ctx.incoming.values[:1] != (str(person),):
        raise RuleError("refused.old_button")
    reports, _ = await ctx.unit.privacy.count_reports(person)
    await ctx.unit.invitations.revoke_for(person, at=ctx.at)
    await _end_posts(ctx, person)
    await posts_changed(ctx, PostChange(person, Why.FORGOTTEN))
    named = await ctx.unit.privacy.forget(person, at=ctx.at)
    await ctx.audit(Event(f"person:{person}", "forgotten", person, day_only(ctx.at)))
    before, ctx.actor = ctx.actor, replace(ctx.actor, id=None, name="", posts=(), consented=False, village_id=None, phone="")
    await clear_cards(ctx, Erased(replace(before, posts=()), tuple(named)))
    ctx.keyboard_spent = True
    await ctx.reply("people.forget.done" if reports else "people.forget.done_whole", reports=reports)


async def press_keep(ctx: HandlerContext) -> None:
    """Keep everything."""
    await ctx.reply("people.forget.kept")


def _known(ctx: HandlerContext) -> PersonId:
    person: Person = ctx.actor
    if person.id is None or person.suspended:
        raise RuleError("people.me.stranger")
    return person.id


def _free_to_go(ctx: HandlerContext) -> PersonId:
    """Return the actor, if they have handed over every post that they can hand over."""
    person = _known(ctx)
    if any(may_hand_over(ctx.actor, person, post) for post in own_posts(ctx.actor)):
        raise RuleError("people.forget.post_first")
    return person


async def _end_posts(ctx: HandlerContext, person: PersonId) -> None:
    """End the posts that their holder cannot hand over, and tell those who appoint to them."""
    posts = own_posts(ctx.actor)
    for post in posts:
        await ctx.unit.people.dismiss(person, at=ctx.at, role=post.role, station_id=post.station_id, village_id=post.village_id)
        facts = {"role": str(post.role), "village": post.village_id, "station": post.station_id}
        await ctx.audit(Event(f"person:{person}", "dismissed", person, ctx.at, data=facts))
    if posts:
        line = await posts_text(ctx, posts)
        for leader in await in_charge(ctx.unit, {post.station_id for post in posts}, at=ctx.at):
            if leader.person_id != person:
                await ctx.notify(Notice(leader, "people.forget.post_free.to_leader", {"post": line}))
