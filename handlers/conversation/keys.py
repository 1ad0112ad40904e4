"""The keyboard that stays under a private chat: a few buttons that fit a person's posts.

Knows which buttons each role has; must not know how a channel shows them. Delivery asks for the keyboard of a message that leaves without any other
one. Invariants: no message is sent for it; it is sent only where the chat shows another one; somebody who is not a member of the town, or
whose phone is kept silent, gets none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.case import WAITING as WAITING_STATES
from domain.core.change import NO_KEYBOARD, Button
from domain.core.immutable import immutable
from domain.core.said import bare
from domain.people.people import POLICE, Role, may_try
from handlers.conversation import menu
from handlers.core import typed
from texts import LANGUAGES, plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.people.people import Person
    from handlers.core.context import HandlerContext
    from storage.core.outgoing import Outgoing
    from storage.unit import Unit

#: Cases are counted up to this number.
MOST = 99
MENU = Button("talk.button.menu", "menu")


@immutable
class StandingKey:
    """A button of the keyboard: its short label, and the button of the menu that it presses."""

    label: str
    button: Button


REPORT = StandingKey("menu.key.report", menu.REPORT)
MINE = StandingKey("menu.key.mine", menu.MINE)
SOS = StandingKey("menu.key.sos", menu.SOS)
WAITING = StandingKey("menu.key.waiting", menu.WAITING)
ALERT = StandingKey("menu.key.alert", menu.ALERT)
FOR_OTHER = StandingKey("menu.key.for_other", menu.FOR_OTHER)
ROSTER = StandingKey("menu.key.roster", menu.ROSTER)
DUTY = StandingKey("menu.key.duty", menu.DUTY)
MORE = StandingKey("menu.key.more", MENU)
EVERY_KEY = (REPORT, MINE, SOS, WAITING, ALERT, FOR_OTHER, ROSTER, DUTY, MORE)
#: Media that bring no keyboard: they end or change other messages, or are several messages.
_WITHOUT = frozenset({"delete", "retire", "album"})


def keys_for(person: Person | None) -> tuple[StandingKey, ...]:
    """Return the keyboard that fits a person; empty for none."""
    if person is None or person.suspended or person.role is Role.STRANGER:
        return ()
    if person.holds(*POLICE):
        return (WAITING, ALERT, MORE)
    if person.holds(Role.CHAIR):
        return (WAITING, FOR_OTHER, MORE)
    if person.holds(Role.ADMIN):
        return (ROSTER, DUTY, MORE)
    return (REPORT, MINE, SOS)


async def find_keyboards(unit: Unit, rows: Iterable[Outgoing], *, at: datetime) -> dict[int, tuple[str, ...]]:
    """Return the labels of the keyboard that each message brings, by its id.

    Empty labels take a keyboard away. A message whose chat shows the right keyboard already is left out, and so is a card: it
    may be edited or deleted.
    """
    able = [row for row in rows if _can_bring(row)]
    if not able:
        return {}
    people = await unit.people.find_many([row.person_id for row in able if row.person_id is not None], at=at)
    shown = await unit.addresses.list_keyboards(sorted(people))
    found: dict[int, tuple[str, ...]] = {}
    for row in able:
        person = None if row.person_id is None else people.get(row.person_id)
        labels = () if person is None else await _labels(unit, person, row.language)
        before = shown.get(row.address, "")
        changes = "\n".join(labels) != before or (bool(labels) and row.ask == NO_KEYBOARD)
        if changes and not (labels and await unit.discreet.find(row.address) is not None):
            found[row.id] = labels
            shown[row.address] = "\n".join(labels)
    return found


def _can_bring(row: Outgoing) -> bool:
    plain_message = not row.buttons and not row.card and not row.batch and row.ask in ("", NO_KEYBOARD)
    return plain_message and row.address.chat_id > 0 and row.person_id is not None and (row.media or {}).get("type") not in _WITHOUT


async def _labels(unit: Unit, person: Person, language: str) -> tuple[str, ...]:
    labels = []
    for key in keys_for(person):
        count = await unit.search.count_of(person, states=tuple(WAITING_STATES), most=MOST + 1) if key is WAITING else 0
        number = f"{MOST}+" if count > MOST else str(count)
        labels.append(plain("menu.key.waiting_count", language, count=number) if count else plain(key.label, language))
    return tuple(labels)


async def by_key(ctx: HandlerContext) -> bool:
    """Press a button of the keyboard, whatever question is open; False for other words.

    A press arrives as the words of the label, with its sign and any count.
    """
    said = ctx.incoming.text
    if ctx.incoming.media is not None or len(said) > MOST:
        return False
    for key in EVERY_KEY:
        if any(_is_label(said, plain(key.label, language)) for language in LANGUAGES):
            if not may_try(ctx.actor, ctx.hooks.understood.presses[key.button.verb].policy):
                return False
            await typed.press(ctx, key.button)
            return True
    return False


def _is_label(said: str, label: str) -> bool:
    sign = label.split(" ", 1)[0]
    return said.startswith(f"{sign} ") and bare(said) == bare(label)
