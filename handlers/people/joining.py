"""How a villager comes in: /start by poster, by village name or by code; the consent text; moving house.

Knows the order START → agree → menu. Must not know what an invitation is worth (handlers/people/redeeming.py). Invariant: nobody is joined
without pressing the button under the consent text, and the text's version is stored with the instant.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from domain.core.change import Address, Button, ChatId, Event, VillageId
from domain.people.invitations import CODE
from domain.people.people import Role
from domain.people.roster import near_villages
from handlers.cases import reports
from handlers.conversation.menu import show_menu
from handlers.core import dialogs
from handlers.core.context import Act, rows
from handlers.core.pressed import NUMBER
from handlers.people import redeeming
from handlers.training import sign_in
from texts import plain

if TYPE_CHECKING:
    from domain.people.people import Village

PAYLOAD = re.compile("[A-Za-z0-9_-]{1,64}")
VILLAGES_A_PAGE = 24
NEAREST = 4


async def start(act: Act) -> None:
    """Answer /start: a payload, a village's name, a code, or nothing."""
    said = act.args.strip()
    if not said:
        await greet(act)
    elif PAYLOAD.fullmatch(said):
        await _take_payload(act, said)
    else:
        await by_name(act, said)


async def greet(act: Act) -> None:
    """Show the menu to who has joined, and the way in to who has not."""
    if act.actor.role is Role.STRANGER:
        await act.reply("join.hello", buttons=((Button("join.button.pick", "jpage", (0,)),),), town=act.town.name)
        return
    await show_text_once(act)
    await show_menu(act)


async def by_name(act: Act, name: str) -> None:
    """Offer the village of this name, or those with names like it."""
    village = await act.unit.people.find_village(name[:40])
    if village is not None:
        await offer(act, village)
        return
    villages = await act.unit.people.list_villages()
    near = near_villages(name[:40], [each.name for each in villages], limit=NEAREST)
    found = {each.name: each for each in villages}
    buttons = [_village_button(found[each]) for each in near]
    more = Button("join.button.all", "jpage", (0,))
    await act.reply("join.near" if near else "join.unknown", buttons=(*rows(*buttons), (more,)), village=name[:40])


async def offer(act: Act, village: Village) -> None:
    """Show the consent text for a village; to who has joined, ask whether they moved."""
    if act.actor.role is Role.STRANGER:
        yes = Button("join.button.agree", "join", (village.id,))
        later = Button("join.button.later", "jlater")
        await act.reply("join.consent", buttons=((yes,), (later,)), village=village.name, town=act.town.name)
    elif act.actor.village_id in (None, village.id):
        await greet(act)
    else:
        home = await act.unit.people.village(VillageId(act.actor.village_id or 0))
        buttons = (
            (Button("join.button.moved", "jmove", (village.id,), {"village": village.name}),),
            (Button("join.button.stay", "jstay"),),
        )
        await act.reply("join.moved.question", buttons=buttons, village=village.name, home=home.name)


async def press_join(act: Act) -> None:
    """The second tap: the person agrees and belongs to the village from now on."""
    village = await _village_pressed(act)
    if village is None:
        return
    if act.actor.suspended:
        act.toast("join.closed", alert=True)
        return
    if act.actor.role is not Role.STRANGER:
        act.toast("join.already")
        await show_menu(act)
        return
    await join(act, village)
    await act.reply("join.welcome", **await _welcome(act, village))
    await go_on(act)


async def join(act: Act, village: Village) -> None:
    """Record a new villager with the consent; the actor is that person from here on."""
    version, person_id = act.town.consent_version, act.actor.id
    if person_id is None:
        name = act.incoming.user_name or plain("join.nameless", act.actor.language)
        person_id = await act.unit.people.add(name, at=act.at, language=act.actor.language)
        await act.unit.people.attach(person_id, own_address(act), at=act.at)
    await act.unit.privacy.set_village(person_id, village.id)
    await act.unit.privacy.consent(person_id, version, at=act.at)
    facts = {"village": village.id, "consent": version}
    await act.record(Event(f"person:{person_id}", "joined", person_id, act.at, data=facts))
    await reload(act)


async def go_on(act: Act) -> None:
    """Go on with what was said before joining, or show the menu."""
    draft = await act.unit.drafts.find(act.incoming.address)
    if draft is not None and draft.dialog == reports.KEPT:
        await act.unit.drafts.drop(act.incoming.address)
        await reports.offer(act, draft.answers)
    elif draft is not None:
        await dialogs.ask_again(act)
    else:
        await show_menu(act)


async def press_later(act: Act) -> None:
    """Not now: nothing is stored."""
    await act.reply("join.later")


async def press_move(act: Act) -> None:
    """Somebody who joined lives in another village now."""
    village = await _village_pressed(act)
    if village is None or act.actor.id is None:
        return
    await act.unit.privacy.set_village(act.actor.id, village.id)
    facts = {"village": village.id, "from": act.actor.village_id}
    await act.record(Event(f"person:{act.actor.id}", "moved", act.actor.id, act.at, data=facts))
    await reload(act)
    await act.reply("join.moved.done", **await _welcome(act, village))


async def press_stay(act: Act) -> None:
    """The other village's poster was only looked at."""
    await show_menu(act)


async def press_village(act: Act) -> None:
    """A village picked from a list."""
    village = await _village_pressed(act)
    if village is not None:
        await offer(act, village)


async def press_page(act: Act) -> None:
    """The list of all villages, page by page."""
    page = int(value) if NUMBER.fullmatch(value := (*act.incoming.values, "0")[0]) else 0
    villages = await act.unit.people.list_villages()
    pages = max(1, -(-len(villages) // VILLAGES_A_PAGE))
    page = min(page, pages - 1)
    shown = villages[page * VILLAGES_A_PAGE : (page + 1) * VILLAGES_A_PAGE]
    turns = [Button("join.button.previous", "jpage", (page - 1,))] if page else []
    turns += [Button("join.button.next", "jpage", (page + 1,))] if page + 1 < pages else []
    keyboard = (*rows(*(_village_button(village) for village in shown), width=3), *rows(*turns))
    await act.reply("join.pick", buttons=keyboard, card="villages", fresh=page == 0, page=page + 1, pages=pages)


async def show_text_once(act: Act) -> None:
    """Show the present privacy text to who came by the roster or agreed to an older one."""
    if act.actor.id is None:
        return
    profile = await act.unit.privacy.profile(act.actor.id)
    if profile.consent_version != act.town.consent_version:
        known = ((Button("join.button.read", "jread"),),)
        await act.reply("join.text_again", buttons=known, town=act.town.name)


async def press_read(act: Act) -> None:
    """Record that the present text was read and agreed to."""
    if act.actor.id is None:
        return
    version = act.town.consent_version
    await act.unit.privacy.consent(act.actor.id, version, at=act.at)
    await act.record(Event(f"person:{act.actor.id}", "consented", act.actor.id, act.at, data={"consent": version}))
    act.toast("join.read")


async def reload(act: Act) -> None:
    """Let the rest of this act be done by who the actor has become."""
    act.actor = await act.unit.people.actor(own_address(act), name=act.incoming.user_name, language=act.actor.language, at=act.at)


def own_address(act: Act) -> Address:
    """Return the private chat of whoever acts."""
    return Address(act.incoming.address.channel, ChatId(act.incoming.user_id))


async def _take_payload(act: Act, said: str) -> None:
    if CODE.fullmatch(said) and await act.unit.invitations.find_by_code(said):
        await redeeming.present(act, said)
        return
    for prefix in sorted(PAYLOADS, key=len, reverse=True):
        if said.startswith(prefix) and await PAYLOADS[prefix](act, said[len(prefix) :]):
            return
    if CODE.fullmatch(said):
        await redeeming.present(act, said)
    else:
        await by_name(act, said)


async def _poster(act: Act, rest: str) -> bool:
    if not NUMBER.fullmatch(rest):
        return False
    village = await _find(act, rest)
    if village is None:
        await act.reply("join.unknown_poster", buttons=((Button("join.button.all", "jpage", (0,)),),))
    else:
        await offer(act, village)
    return True


async def _invitation(act: Act, rest: str) -> bool:
    if not CODE.fullmatch(rest) and await act.unit.people.find_village(f"i{rest}"):
        return False
    await redeeming.present(act, rest)
    return True


#: First letters of a deep link's payload → what takes the rest; False: it is none of these. A feature adds its own letter.
PAYLOADS: dict[str, Callable[[Act, str], Awaitable[bool]]] = {"v": _poster, "i": _invitation, "t": sign_in.by_link}


async def _village_pressed(act: Act) -> Village | None:
    village = await _find(act, (*act.incoming.values, "")[0])
    if village is None:
        act.toast("refused.old_button", alert=True)
    return village


async def _find(act: Act, number: str) -> Village | None:
    if not NUMBER.fullmatch(number):
        return None
    found = await act.unit.people.list_villages([VillageId(int(number))])
    return found[0] if found else None


async def _welcome(act: Act, village: Village) -> dict[str, Any]:
    posts = await act.unit.people.posts_of(village.id, at=act.at)
    chairs = posts.of(Role.CHAIR)
    who = {"t": "join.chair_is", "p": {"chair": chairs[0].name}} if chairs else {"t": "join.no_chair"}
    return {"village": village.name, "who": who, "name": act.actor.name}


def _village_button(village: Village) -> Button:
    return Button("join.button.village", "jpick", (village.id,), {"village": village.name})
