"""What is stored about me: /me, /forget, /language, and the small changes a person makes to their own entry.

Knows the order of questions. Must not know tables. Invariants: a phone is taken only from the person's own contact; who holds a post
hands it over before being forgotten; after /forget the same chat is a stranger's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from domain.core.change import Button, Event, Notice, PersonId, RuleError
from domain.core.numbers import clean_name, mask_phone, parse_phone
from domain.people.people import Policy
from handlers.core.context import Act, Incoming, rows
from handlers.core.dialogs import Answers, Dialog, Step, begin
from handlers.people.redeeming import post_text
from texts import LANGUAGES, At

if TYPE_CHECKING:
    from domain.people.people import Person


async def me(act: Act) -> None:
    """Show everything stored about whoever asks, with buttons to change it."""
    person = _known(act)
    profile = await act.unit.privacy.profile(person)
    reports, waiting = await act.unit.privacy.count_reports(person)
    tips = "people.button.tips_off" if profile.wants_tips else "people.button.tips_on"
    buttons = rows(
        Button("people.button.rename", "rename"),
        Button("people.button.phone", "phone"),
        Button("people.button.language", "langs"),
        Button(tips, "tips", (0 if profile.wants_tips else 1,)),
        Button("people.button.forget", "forget"),
    )
    await act.reply(
        "people.me",
        buttons=buttons,
        card="me",
        name=profile.name,
        phone=mask_phone(profile.phone) if profile.phone else {"t": "people.none"},
        village=profile.village or {"t": "people.none"},
        posts={"lines": [await post_text(act, post.role, post.village_id) for post in act.actor.posts] or [{"t": "people.none"}]},
        version=profile.consent_version,
        consented=At(profile.consented_at, "full") if profile.consented_at else {"t": "people.none"},
        language={"t": f"people.language.{profile.language}"},
        tips={"t": "people.yes" if profile.wants_tips else "people.no"},
        reports=reports,
        waiting=waiting,
    )


async def press_tips(act: Act) -> None:
    """Want tips, or not."""
    wanted = act.incoming.values[:1] == ("1",)
    await act.unit.privacy.set_tips(_known(act), wanted)
    act.toast("people.tips.on" if wanted else "people.tips.off")
    await me(act)


# Language -------------------------------------------------------------------------------------------------------------


async def language(act: Act) -> None:
    """Offer the languages."""
    await act.reply("people.language.question", buttons=(tuple(Button(f"people.language.{code}", "lang", (code,)) for code in LANGUAGES),))


async def press_language(act: Act) -> None:
    """Speak another language from now on; a stranger's choice lasts for this answer, for nothing is stored about them."""
    chosen = (*act.incoming.values, "")[0]
    if chosen not in LANGUAGES:
        raise RuleError("refused.old_button")
    stays = act.actor.id is not None and not act.actor.suspended
    if stays and act.actor.id is not None:
        await act.unit.privacy.set_language(act.actor.id, chosen)
        await act.record(Event(f"person:{act.actor.id}", "language", act.actor.id, act.at, data={"language": chosen}))
    act.actor = replace(act.actor, language=chosen)
    await act.tell(Notice(act.here, "people.language.changed" if stays else "people.language.for_now"))


# Name and phone -------------------------------------------------------------------------------------------------------


async def press_rename(act: Act) -> None:
    """Ask what to call this person."""
    await begin(act, "rename")


async def press_phone(act: Act) -> None:
    """Ask for the person's own contact."""
    await begin(act, "phone")


async def accept_name(act: Act, said: Incoming, answers: Answers) -> str:
    """Take a name of two to forty characters."""
    name = clean_name(said.text)
    if len(name) < 2 or name.startswith("/"):
        raise RuleError("people.rename.again")
    return name


async def accept_contact(act: Act, said: Incoming, answers: Answers) -> str:
    """Take the person's own contact and nothing else: a typed or forwarded number may be anybody's."""
    contact = said.contact or {}
    if not contact or said.forwarded or contact.get("user_id") != said.user_id:
        raise RuleError("people.phone.own_only")
    phone = parse_phone(str(contact.get("phone", ""))) or parse_phone(f"+{contact.get('phone', '')}")
    if phone is None:
        raise RuleError("people.phone.unreadable")
    return phone


async def finish_rename(act: Act, answers: Answers) -> None:
    """Write the name."""
    person = _known(act)
    await act.unit.privacy.set_name(person, answers["name"])
    await act.record(Event(f"person:{person}", "renamed", person, act.at))
    await act.reply("people.rename.done", name=answers["name"])


async def finish_phone(act: Act, answers: Answers) -> None:
    """Write the number."""
    person = _known(act)
    await act.unit.privacy.set_phone(person, answers["phone"])
    await act.record(Event(f"person:{person}", "phone_given", person, act.at))
    await act.reply("people.phone.done", phone=mask_phone(answers["phone"]))


RENAME = Dialog("rename", Policy.JOINED, (Step("name", "people.rename.question", accept_name),), finish_rename)
PHONE = Dialog("phone", Policy.JOINED, (Step("phone", "people.phone.question", accept_contact, request="contact"),), finish_phone)


# Forget ---------------------------------------------------------------------------------------------------------------


async def forget(act: Act) -> None:
    """First step: say what goes and what stays, and why."""
    person = _free_to_go(act)
    reports, waiting = await act.unit.privacy.count_reports(person)
    buttons = ((Button("people.button.forget_now", "forgetme", (person,)),), (Button("people.button.keep", "keepme"),))
    await act.reply("people.forget.question", buttons=buttons, reports=reports, waiting=waiting)


async def press_forget(act: Act) -> None:
    """Second step: erase. What is said after that is said to a stranger."""
    person = _free_to_go(act)
    if act.incoming.values[:1] != (str(person),):
        raise RuleError("refused.old_button")
    reports, _ = await act.unit.privacy.count_reports(person)
    await act.unit.invitations.revoke_for(person, at=act.at)
    await act.unit.privacy.forget(person, at=act.at)
    await act.record(Event(f"person:{person}", "forgotten", person, act.at))
    act.actor = replace(act.actor, id=None, name="", posts=(), consented=False, village_id=None, phone="")
    await act.reply("people.forget.done" if reports else "people.forget.done_whole", reports=reports)


async def press_keep(act: Act) -> None:
    """Nothing is erased."""
    await act.reply("people.forget.kept")


def _known(act: Act) -> PersonId:
    person: Person = act.actor
    if person.id is None or person.suspended:
        raise RuleError("people.me.stranger")
    return person.id


def _free_to_go(act: Act) -> PersonId:
    person = _known(act)
    if any(post.deputises_for is None for post in act.actor.posts):
        raise RuleError("people.forget.post_first")
    return person
