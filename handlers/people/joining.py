"""Join as a villager: /start by poster, village name or code; consent; moving house.

Knows the order START → agree → menu. Must not know what an invitation is worth (handlers/people/redeeming.py). Invariant: nobody is joined
without pressing the button under the consent text, and the text's version is stored with the instant.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from domain.core.change import Address, Button, ChatId, Event, VillageId
from domain.people.invitations import CODE
from domain.people.people import POLICE, Role
from domain.people.roster import near_villages
from handlers.core import dialogs
from handlers.core.context import HandlerContext, rows
from handlers.core.placing import OFFER
from handlers.core.pressed import NUMBER
from handlers.people import redeeming, relocating
from handlers.people.naming import ask_for_name
from handlers.people.titles import name_at_joining
from texts import LANGUAGES, Lines, plain

if TYPE_CHECKING:
    from domain.people.people import Village

PAYLOAD = re.compile("[A-Za-z0-9_-]{1,64}")
VILLAGES_A_PAGE = 24
NEAREST = 4
#: What somebody who has not joined is offered: the villages, and help in danger without joining.
WAY_IN = ((Button("join.button.pick", "jpage", (0,)),), (Button("menu.button.sos", "m.sos"),))


async def start(ctx: HandlerContext) -> None:
    """Answer /start: a payload, a village's name, a code, or nothing."""
    said = ctx.args.strip()
    if not said:
        await greet(ctx)
    elif PAYLOAD.fullmatch(said):
        await _take_payload(ctx, said)
    else:
        await by_name(ctx, said)


async def greet(ctx: HandlerContext) -> None:
    """Show the menu to a joined user, and the way in to anybody else."""
    if ctx.actor.role is Role.STRANGER:
        await ctx.reply("join.hello", buttons=WAY_IN, town=ctx.town.name)
        return
    await show_text_once(ctx)
    await ask_about_tips_once(ctx)
    await ctx.hooks.show_menu(ctx)


async def by_name(ctx: HandlerContext, name: str) -> None:
    """Offer the village of this name, or those with names like it."""
    found = await ctx.unit.people.find_villages(name[:40])
    if len(found) == 1:
        await offer(ctx, found[0])
        return
    if found:
        await ctx.reply("join.several", buttons=rows(*map(_village_button, found), width=1), village=name[:40])
        return
    villages = await ctx.unit.people.list_villages()
    near = set(near_villages(name[:40], dict.fromkeys(each.bare for each in villages), limit=NEAREST))
    buttons = [_village_button(each) for each in villages if each.bare in near]
    more = Button("join.button.all", "jpage", (0,))
    await ctx.reply("join.near" if near else "join.unknown", buttons=(*rows(*buttons), (more,)), village=name[:40])


async def offer(ctx: HandlerContext, village: Village) -> None:
    """Show the consent text for a village; ask a joined user whether they moved."""
    if ctx.actor.role is Role.STRANGER:
        yes = Button("join.button.agree", "join", (village.id,))
        later = Button("join.button.later", "jlater")
        station = await ctx.unit.rosters.station_name(village.station_id)
        await ctx.reply("join.consent", buttons=((yes,), (later,)), village=village.name, station=station, **consent_facts(ctx))
    elif ctx.actor.village_id in (None, village.id):
        await greet(ctx)
    else:
        home = await ctx.unit.people.village(VillageId(ctx.actor.village_id or 0))
        buttons = (
            (Button("join.button.moved", "jmove", (village.id,), {"village": village.name}),),
            (Button("join.button.stay", "jstay"),),
        )
        await ctx.reply("join.moved.question", buttons=buttons, village=village.name, home=home.name)


async def press_join(ctx: HandlerContext) -> None:
    """Join with the second tap: the person agrees and belongs to the village from now on."""
    village = await _village_pressed(ctx)
    if village is None:
        return
    if ctx.actor.suspended:
        ctx.toast("join.closed", alert=True)
        return
    if ctx.actor.role is not Role.STRANGER:
        ctx.toast("join.already")
        await ctx.hooks.show_menu(ctx)
        return
    await join(ctx, village)
    await ctx.reply("join.welcome", **await _welcome(ctx, village))
    _, word = name_at_joining(ctx.incoming.user_name, ctx.actor.language)
    if word is not None:
        await ask_for_name(ctx, word)
    if await ctx.unit.drafts.find(ctx.incoming.address) is None:
        await ask_about_tips_once(ctx)
    await go_on(ctx)


async def join(ctx: HandlerContext, village: Village) -> None:
    """Record a new villager with the consent; the actor is that person from here on."""
    version, person_id = ctx.town.consent_version, ctx.actor.id
    name, _ = name_at_joining(ctx.incoming.user_name, ctx.actor.language)
    if person_id is None:
        person_id = await ctx.unit.people.add(name, at=ctx.at, language=ctx.actor.language)
        await ctx.unit.people.attach(person_id, own_address(ctx), at=ctx.at)
    elif ctx.actor.name in unregistered_names():
        await ctx.unit.privacy.set_name(person_id, name)
    await ctx.unit.privacy.set_village(person_id, village.id)
    await ctx.unit.privacy.consent(person_id, version, at=ctx.at)
    facts = {"village": village.id, "consent": version}
    await ctx.audit(Event(f"person:{person_id}", "joined", person_id, ctx.at, data=facts))
    await reload(ctx)


async def record_caller(ctx: HandlerContext) -> None:
    """Give a caller in danger a record, without name, village or consent.

    The law lets data be used without consent to save life and property (Personal Information Protection Law, 13 (4)).
    """
    if ctx.actor.id is not None:
        return
    person_id = await ctx.unit.people.add(plain("join.unregistered", ctx.actor.language), at=ctx.at, language=ctx.actor.language)
    await ctx.unit.people.attach(person_id, own_address(ctx), at=ctx.at)
    await ctx.audit(Event(f"person:{person_id}", "called", person_id, ctx.at))
    await reload(ctx)


def unregistered_names() -> frozenset[str]:
    """Return the names that callers have in the directory until they join."""
    return frozenset(plain("join.unregistered", language) for language in LANGUAGES)


async def go_on(ctx: HandlerContext) -> None:
    """Continue with the draft from before joining, or show the menu."""
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    if draft is not None and draft.dialog in ctx.hooks.kept_drafts:
        await ctx.unit.drafts.drop(ctx.incoming.address)
        await ctx.hooks.kept_drafts[draft.dialog](ctx, draft.answers)
    elif draft is not None:
        await dialogs.ask_again(ctx)
    else:
        await ctx.hooks.show_menu(ctx)


async def press_later(ctx: HandlerContext) -> None:
    """Decline for now: nothing is stored."""
    await ctx.reply("join.later")


async def press_move(ctx: HandlerContext) -> None:
    """Ask the other village whether a joined user lives there now.

    A user without a home lives there at once.
    """
    village = await _village_pressed(ctx)
    if village is None or ctx.actor.id is None:
        return
    if ctx.actor.village_id is not None:
        await relocating.ask(ctx, village)
        return
    await ctx.unit.privacy.set_village(ctx.actor.id, village.id)
    facts = {"village": village.id, "from": None}
    await ctx.audit(Event(f"person:{ctx.actor.id}", "moved", ctx.actor.id, ctx.at, data=facts))
    await reload(ctx)
    await ctx.reply("join.moved.done", **await _welcome(ctx, village))


async def press_stay(ctx: HandlerContext) -> None:
    """Stay: the other village's poster was only looked at."""
    await ctx.hooks.show_menu(ctx)


async def press_village(ctx: HandlerContext) -> None:
    """Take a village picked from a list."""
    village = await _village_pressed(ctx)
    if village is not None:
        await offer(ctx, village)


async def press_page(ctx: HandlerContext) -> None:
    """Show the list of all villages, page by page."""
    page = int(value) if NUMBER.fullmatch(value := (*ctx.incoming.values, "0")[0]) else 0
    villages = await ctx.unit.people.list_villages()
    pages = max(1, -(-len(villages) // VILLAGES_A_PAGE))
    page = min(page, pages - 1)
    shown = villages[page * VILLAGES_A_PAGE : (page + 1) * VILLAGES_A_PAGE]
    turns = [Button("join.button.previous", "jpage", (page - 1,))] if page else []
    turns += [Button("join.button.next", "jpage", (page + 1,))] if page + 1 < pages else []
    keyboard = (*rows(*(_village_button(village) for village in shown), width=3), *rows(*turns))
    await ctx.reply("join.pick", buttons=keyboard, card="villages", as_new_message=page == 0, page=page + 1, pages=pages)


async def show_text_once(ctx: HandlerContext) -> None:
    """Show the current privacy text to users from the roster or with an older consent."""
    if ctx.actor.id is None:
        return
    profile = await ctx.unit.privacy.profile(ctx.actor.id)
    if profile.consent_version != ctx.town.consent_version:
        known = ((Button("join.button.read", "jread"),),)
        await ctx.reply("join.text_again", buttons=known, **consent_facts(ctx))


def consent_facts(ctx: HandlerContext) -> dict[str, Any]:
    """Return what the consent text says about town, channel and readers of reports."""
    channel = ctx.town.title(ctx.incoming.address.channel)
    return {"town": ctx.town.name, "channel": channel, "seen": Lines(ctx.hooks.consent)}


async def ask_about_tips_once(ctx: HandlerContext) -> None:
    """Ask whether the actor wants tips, once; until they say yes they get none."""
    if ctx.actor.id is None or ctx.actor.holds(*POLICE, Role.ADMIN) or not await ctx.unit.privacy.ask_tips_once(ctx.actor.id, at=ctx.at):
        return
    answers = (Button("join.button.tips_yes", "tip.wish", ("1",)), Button("join.button.tips_no", "tip.wish", ("0",)))
    await ctx.reply("join.tips", buttons=(answers,), card=f"{OFFER}tips")


async def press_read(ctx: HandlerContext) -> None:
    """Record that the current text was read and agreed to."""
    if ctx.actor.id is None:
        return
    version = ctx.town.consent_version
    await ctx.unit.privacy.consent(ctx.actor.id, version, at=ctx.at)
    await ctx.audit(Event(f"person:{ctx.actor.id}", "consented", ctx.actor.id, ctx.at, data={"consent": version}))
    ctx.toast("join.read")


async def reload(ctx: HandlerContext) -> None:
    """Make the actor's new person the actor for the rest of this call."""
    ctx.actor = await ctx.unit.people.actor(own_address(ctx), name=ctx.incoming.user_name, language=ctx.actor.language, at=ctx.at)


def own_address(ctx: HandlerContext) -> Address:
    """Return the private chat of the actor."""
    return Address(ctx.incoming.address.channel, ChatId(ctx.incoming.user_id))


async def _take_payload(ctx: HandlerContext, said: str) -> None:
    if CODE.fullmatch(said) and said.isupper():
        await redeeming.present(ctx, said)
        return
    links = ctx.hooks.start_links
    for prefix in sorted(links, key=len, reverse=True):
        if said.startswith(prefix) and await links[prefix](ctx, said[len(prefix) :]):
            return
    if CODE.fullmatch(said):
        await redeeming.present(ctx, said)
    else:
        await by_name(ctx, said)


async def open_poster(ctx: HandlerContext, rest: str) -> bool:
    """Offer the village that a poster's link names; False for another kind of payload."""
    if not NUMBER.fullmatch(rest):
        return False
    village = await _find(ctx, rest)
    if village is None:
        await ctx.reply("join.unknown_poster", buttons=((Button("join.button.all", "jpage", (0,)),),))
    else:
        await offer(ctx, village)
    return True


async def open_invitation(ctx: HandlerContext, rest: str) -> bool:
    """Show the offer of a code in a link; False when it is a village's name."""
    if not CODE.fullmatch(rest) and await ctx.unit.people.find_villages(f"i{rest}"):
        return False
    await redeeming.present(ctx, rest)
    return True


async def _village_pressed(ctx: HandlerContext) -> Village | None:
    village = await _find(ctx, (*ctx.incoming.values, "")[0])
    if village is None:
        ctx.toast("refused.old_button", alert=True)
    return village


async def _find(ctx: HandlerContext, number: str) -> Village | None:
    if not NUMBER.fullmatch(number):
        return None
    found = await ctx.unit.people.list_villages([VillageId(int(number))])
    return found[0] if found else None


async def _welcome(ctx: HandlerContext, village: Village) -> dict[str, Any]:
    posts = await ctx.unit.people.posts_of(village.id, at=ctx.at)
    chairs = posts.of(Role.CHAIR)
    who = {"t": "join.chair_is", "p": {"chair": chairs[0].name}} if chairs else {"t": "join.no_chair"}
    return {"village": village.name, "who": who, "name": ctx.actor.name}


def _village_button(village: Village) -> Button:
    return Button("join.button.village", "jpick", (village.id,), {"village": village.name})
