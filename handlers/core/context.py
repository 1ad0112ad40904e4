"""What a handler is given: who acts, what was said or pressed, when, and the open transaction.

Knows how a decision becomes rows: `notify` (outbox), `start_timers`, `audit`. Must not know the network: everything said here is
delivered later. Invariant: every message has a unique key made of its cause and its position, so that a repeated cause says nothing twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from domain.core.change import Address, Button, ChatId, Keyboard, Notice, Priority, Receiver, StationId, VillageId
from domain.core.immutable import immutable
from domain.people.people import ESCALATION_ORDER, Posts, Role, Village

if TYPE_CHECKING:
    from domain.core.change import Event, PersonId, Timer
    from domain.core.town import Town
    from domain.people.people import Person, Policy
    from storage.core.timers import Due
    from storage.unit import Unit


@immutable
class Incoming:
    """What came in, in plain values.

    `media`: {"type": photo|voice|video|document|audio|sticker, "file_id", "file_unique_id"}; `contact`: {"user_id", "phone"};
    `location`: (latitude, longitude); `command` without slash, lower case, `args` what follows it; `verb` and `values` of a pressed button.
    `anonymous`: written in the name of a group or channel, so nobody's. `to_me`: an answer to a message of the bot's.
    `sent_at`: when the person sent it.
    """

    address: Address
    user_id: int
    user_name: str
    language: str
    private: bool
    chat_title: str = ""
    message_id: int = 0
    text: str = ""
    command: str = ""
    args: str = ""
    media: dict[str, Any] | None = None
    album: str = ""
    location: tuple[float, float] | None = None
    contact: dict[str, Any] | None = None
    forwarded: bool = False
    edited: bool = False
    anonymous: bool = False
    reply_to: int = 0
    to_me: bool = False
    verb: str = ""
    values: tuple[str, ...] = ()
    press_id: str = ""
    member: str = ""
    moved_to: int = 0
    sent_at: datetime | None = None


@immutable
class Toast:
    """The short answer to a press, shown over the chat (at most 200 characters)."""

    key: str
    params: dict[str, Any]
    alert: bool = False


class AccessRevoked(Protocol):
    """Stops what a person may not do any more."""

    async def __call__(self, unit: Unit, person: Person, /, *, by: PersonId | None, at: datetime) -> None:
        """Stop it. `person`: as they are now; `by`: who took the right away, None for an import. Safe to repeat."""
        ...


StartLink = Callable[["HandlerContext", str], Awaitable[bool]]
GoOn = Callable[["HandlerContext", dict[str, Any]], Awaitable[None]]
ShowMenu = Callable[["HandlerContext"], Awaitable[None]]


async def _no_menu(ctx: HandlerContext) -> None:
    """Show nothing."""


@immutable
class Hooks:
    """What features ask to be called for by others that do not know them; see `handlers.core.feature.Feature`."""

    start_links: Mapping[str, StartLink] = field(default_factory=dict)
    kept_drafts: Mapping[str, GoOn] = field(default_factory=dict)
    show_menu: ShowMenu = _no_menu
    on_access_revoked: tuple[AccessRevoked, ...] = ()


class Conversation(Protocol):
    """What a handler may know of a dialog (handlers/core/dialogs.py) that is not its own."""

    @property
    def name(self) -> str:
        """The name under which it is begun and its draft is kept."""

    @property
    def policy(self) -> Policy:
        """Who may hold it."""


@dataclass(slots=True)
class HandlerContext:
    """One person's doing, or the clock's.

    * `unit`: storage, in one open transaction. `at`: the instant of this act (aware UTC). `town`: settings as plain values.
    * `actor`: who acts; for the clock a nobody. `incoming`: what came in; for the clock an empty one. `timer`: the due timer, if it is the clock.
    * `reply(key, …)`: say something in the same chat. `notify(*notices)`: tell anybody. `toast(key)`: answer a press.
    * `start_timers(*timers)`, `audit(*events)`. `dialogs`, `hooks`: what the features declare, by value.
    """

    unit: Unit
    actor: Person
    at: datetime
    town: Town
    incoming: Incoming
    cause: str
    timer: Due | None = None
    dialogs: Mapping[str, Conversation] = field(default_factory=dict)
    hooks: Hooks = field(default_factory=Hooks)
    toasted: Toast | None = None
    told: int = 0

    @property
    def args(self) -> str:
        """What followed the command."""
        return self.incoming.args

    @property
    def origin(self) -> Receiver:
        """The chat this came from, as a receiver."""
        return Receiver(self.incoming.address, self.actor.language, self.actor.id if self.incoming.private else None)

    async def reply(
        self,
        key: str,
        /,
        *,
        buttons: Keyboard = (),
        card: str = "",
        as_new_message: bool = True,
        ask: str = "",
        media: dict[str, Any] | None = None,
        forwardable: bool = False,
        **params: Any,
    ) -> None:
        """Say something in the chat this came from. With `card` the message becomes that live card (`fresh=False` edits the one there)."""
        as_new_message = bool(card) and as_new_message
        await self.notify(
            Notice(
                self.origin, key, params, buttons, card=card, as_new_message=as_new_message, ask=ask, media=media, forwardable=forwardable
            )
        )

    async def notify(self, *notices: Notice) -> None:
        """Put messages into the outbox; one about a subject as safe as `Notice` promises.

        Its noise is taken away at night, an administrator gets its number only, and without a chat to send it to the next post is told.
        """
        for notice in notices:
            for reachable in await self._reach(self._by_night(notice)):
                self.told += 1
                await self.unit.outbox.put(reachable, unique_key=notice.unique or f"{self.cause}:{self.told}", at=self.at)

    def toast(self, key: str, /, *, alert: bool = False, **params: Any) -> None:
        """Answer a press with a short text over the chat; does nothing for other acts."""
        self.toasted = Toast(key, params, alert)

    async def start_timers(self, *timers: Timer) -> None:
        """Start timers, each occurrence once."""
        await self.unit.timers.start(*timers, at=self.at)

    async def audit(self, *events: Event) -> None:
        """Append to the audit."""
        for event in events:
            await self.unit.audit.record(event)

    def _by_night(self, notice: Notice) -> Notice:
        """Return a message about a subject without its noise if it leaves in quiet hours; what answers somebody's own doing is read at once."""
        answers = not notice.to.role and notice.to.address == self.incoming.address
        leaves_at = max(self.at, notice.not_before or self.at)
        if notice.rings or answers or not notice.about or self.town.quiet.wait_until(leaves_at) == leaves_at:
            return notice
        return replace(notice, silent=True)

    async def _reach(self, notice: Notice) -> Iterable[Notice]:
        if notice.to.address is not None:
            return (sealed_for(self.unit, notice),)
        if not notice.escalates:
            return ()
        return await upward(self.unit, notice, at=self.at)


def sealed_for(unit: Unit, notice: Notice) -> Notice:
    """Return a message as its receiver may read it: told as an administrator, only the number of its subject and that nobody else was reached."""
    about = notice.about
    if notice.to.role != Role.ADMIN or not about or notice.open_to_admins or not unit.registry.is_sealed(about):
        return notice
    params = {"number": about.split(":")[1]}
    return replace(
        notice, key="fallback.sealed.to_admin", params=params, buttons=(), card="", as_new_message=False, media=None, subject=about
    )


async def upward(unit: Unit, notice: Notice, *, at: datetime) -> tuple[Notice, ...]:
    """Return the notice addressed to the next post that can be reached: chair → officer → duty desk → leader → administrator.

    Nobody in `excluded_ids` is among them, nor whom it was for. Empty when nobody at all can be reached.
    """
    role = Role(notice.to.role) if notice.to.role in ESCALATION_ORDER else Role.CHAIR
    without = (*notice.excluded_ids, *(() if notice.to.person_id is None else (notice.to.person_id,)))
    rung, receivers = (await _posts_around(unit, notice.to, at=at)).first_reachable(role, without=without)
    unique = notice.unique and f"{notice.unique}:{rung}"
    return tuple(
        sealed_for(
            unit, replace(notice, to=replace(who, role=str(rung)), unique=unique and f"{unique}:{who.person_id}", excluded_ids=without)
        )
        for who in receivers
    )


async def _posts_around(unit: Unit, who: Receiver, *, at: datetime) -> Posts:
    """Return whoever can be told in place of `who`: the posts of the village, else of his station, and always an administrator."""
    if who.village_id is not None:
        posts = await unit.people.posts_of(who.village_id, at=at)
    else:
        person = None if who.person_id is None else await unit.people.find(who.person_id, at=at)
        station_id = next((post.station_id for post in person.posts), StationId(0)) if person else StationId(0)
        posts = Posts(Village(VillageId(0), "", station_id), await unit.people.station_posts(station_id, at=at))
    return replace(posts, holders=posts.holders | {Role.ADMIN: posts.of(Role.ADMIN) or await unit.people.administrators()})


def rows(*buttons: Button, width: int = 2) -> Keyboard:
    """Lay buttons out in rows of `width`."""
    return tuple(tuple(buttons[start : start + width]) for start in range(0, len(buttons), width))


NOWHERE = Incoming(Address("", ChatId(0)), 0, "", "zh", private=True)

__all__ = [
    "NOWHERE",
    "Address",
    "Button",
    "HandlerContext",
    "Incoming",
    "Keyboard",
    "Notice",
    "Priority",
    "Receiver",
    "Toast",
    "rows",
    "upward",
]
