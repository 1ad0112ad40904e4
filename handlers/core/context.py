"""The handler context: the actor, the message or press, the instant, the open transaction.

Knows how a decision becomes rows: `notify` (outbox), `start_timers`, `audit`. Must not know the network: messages are delivered later.
Invariant: every message has a unique key made of its cause and its position, so that a repeated cause sends nothing twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from domain.core.change import NO_KEYBOARD, Address, Button, ChatId, Keyboard, Leaves, Notice, Priority, Receiver
from domain.core.immutable import immutable, replace
from handlers.core.backlog import Backlog
from handlers.core.understood import Understood
from handlers.core.upward import sealed_for, upward
from handlers.core.words_for_many import checked, for_many

if TYPE_CHECKING:
    from domain.core.change import Event, PersonId, Timer
    from domain.core.post_change import Moved, PostChange
    from domain.core.town import Town
    from domain.people.people import Person, Policy
    from handlers.core.presence import Presence
    from storage.core.timers import Due
    from storage.unit import Unit, Veils


@immutable
class Incoming:
    """An incoming message, press or membership change, in plain values.

        `media`: {"type": photo|voice|video|document|audio|sticker, "file_id", "file_unique_id"}; `contact`: {"user_id", "phone"};
    `location`: (latitude, longitude), `place_name`: of a venue; `command`: without slash, lower case; `args`: the words after it; `verb`
    and `values`: of a pressed button. `anonymous`: written in the name of a group or channel, so without an author. `to_me`: an answer to
    one of the bot's messages.
    `blanked`: an ID number in the message was blanked. `sent_at`: when the person sent it, of a press only
    after an outage: the earliest instant; `made_at`: when the pressed button was made (None: unknown).
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
    place_name: str = ""
    contact: dict[str, Any] | None = None
    forwarded: bool = False
    edited: bool = False
    blanked: bool = False
    anonymous: bool = False
    reply_to: int = 0
    to_me: bool = False
    verb: str = ""
    values: tuple[str, ...] = ()
    press_id: str = ""
    member: str = ""
    moved_to: int = 0
    sent_at: datetime | None = None
    made_at: datetime | None = None


@immutable
class Toast:
    """The short answer to a press, shown over the chat (at most 200 characters)."""

    key: str
    params: dict[str, Any]
    alert: bool = False


class AccessRevoked(Protocol):
    """Stops everything that a person may not do any more."""

    async def __call__(self, unit: Unit, person: Person, /, *, by: PersonId | None, at: datetime) -> None:
        """Stop everything that a person may not do any more. Safe to repeat.

        `person`: as they are now; `by`: the person who took the right away, None for an import.
        """
        ...


class PostsChanged(Protocol):
    """Gives the open things of one feature to somebody who can act."""

    async def __call__(self, ctx: HandlerContext, change: PostChange, presence: Presence, /) -> Sequence[Moved]:
        """Give every open thing whose holder cannot act to somebody who can; return what moved.

        Safe to repeat: a thing whose holder can act stays. With `change.person_id` None everything that is open is looked at.
        """
        ...


class HearsWords(Protocol):
    """Hears danger in what a person writes, whatever their words are an answer to."""

    async def __call__(self, ctx: HandlerContext, /, *, command: Policy | None, reports: bool) -> bool:
        """Answer words that call for help; return whether they are answered.

        `command`: the policy of the command that they belong to, None for any other message; `reports`: that command opens a report.
        """
        ...


class Follows(Protocol):
    """Acts on what happened in a lower feature, in the same unit."""

    async def __call__(self, ctx: HandlerContext, happened: Any, /) -> None:
        """Act on what happened; the value is the argument of `HandlerContext.happened`."""
        ...


class Places(Protocol):
    """Decides where in a chat a message appears (handlers/core/placing.py)."""

    async def __call__(self, ctx: HandlerContext, notice: Notice, /) -> Notice | None:
        """Return the message with its place, or None for a card that an open question covers."""
        ...


Redraw = Callable[["HandlerContext", str], Awaitable[None]]
StartLink = Callable[["HandlerContext", str], Awaitable[bool]]
GoOn = Callable[["HandlerContext", dict[str, Any]], Awaitable[None]]
ShowMenu = Callable[["HandlerContext"], Awaitable[None]]


async def _no_menu(ctx: HandlerContext) -> None:
    """Show nothing."""


async def _deaf(ctx: HandlerContext, /, *, command: Policy | None, reports: bool) -> bool:
    """Hear nothing."""
    return False


async def _at_the_end(ctx: HandlerContext, notice: Notice, /) -> Notice | None:
    """Return the message unchanged."""
    return notice


async def _as_it_is(unit: Unit, notice: Notice, asker: Person | None, /) -> Notice | None:
    """Return the message unchanged."""
    return notice


class RecordKind(Protocol):
    """The parts of another feature's `RecordActions` (handlers/core/records.py) for the clock."""

    async def remind(self, ctx: HandlerContext) -> None:
        """Remind those an open record waits for."""
        ...

    async def rearm(self, ctx: HandlerContext) -> int:
        """Give every open record without a waiting timer its next step; return how many there were."""
        ...


@immutable
class Hooks:
    """The hooks of all features (`Feature`), called by features that do not know them."""

    start_links: Mapping[str, StartLink] = field(default_factory=dict)
    kept_drafts: Mapping[str, GoOn] = field(default_factory=dict)
    show_menu: ShowMenu = _no_menu
    hears: HearsWords = _deaf
    veils: Veils = _as_it_is
    places: Places = _at_the_end
    menu_buttons: tuple[tuple[str, Button], ...] = ()
    commands: Mapping[str, Any] = field(default_factory=dict)
    records: Mapping[str, RecordKind] = field(default_factory=dict)
    on_access_revoked: tuple[AccessRevoked, ...] = ()
    on_posts_changed: tuple[PostsChanged, ...] = ()
    consent: tuple[Any, ...] = ()
    follows: Mapping[str, tuple[Follows, ...]] = field(default_factory=dict)
    understood: Understood = field(default_factory=Understood)
    redraws: Mapping[str, Redraw] = field(default_factory=dict)


class Conversation(Protocol):
    """The parts of another feature's dialog (handlers/core/dialogs.py) that a handler may know."""

    @property
    def name(self) -> str:
        """The name under which the dialog is begun and its draft is kept."""

    @property
    def policy(self) -> Policy:
        """The policy: which users may hold the dialog."""

    @property
    def unheard(self) -> str:
        """The reason why nobody listens for danger in its answers; empty: they are heard."""


@dataclass(slots=True)
class HandlerContext:
    """One handler call, made by a person or by the clock.

    * `unit`: storage, in one open transaction. `at`: the instant of this call (aware UTC). `town`: settings as plain values.
    * `actor`, `incoming`: the person and their message or press; empty ones for the clock. `timer`: the due timer, if the clock calls.
    * `reply(key, …)`: send a message to the same chat. `notify(*notices)`: send messages to anybody. `toast(key)`: answer a press.
    * `start_timers(*timers)`, `audit(*events)`. `dialogs`, `hooks`: declarations of the features. `told_here`: messages to this chat.
      `dialled`: the numbers to dial were shown. `keyboard_spent`: the next message without buttons takes a contact keyboard away.
    * Of this call only (handlers/core/placing.py): `surface`: the card in which the dialog asked that ends now; `asking`: a question is being
      sent; `answered`: the pressed message has its answer; `drawn`: cards of the actor's chat, and whether in their place; `pressed_card`: the
      pressed one, None: not known; `covered`: chats in which a dialog asks in a card; `moved`: subjects with a recorded move.
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
    told_here: int = 0
    dialled: bool = False
    keyboard_spent: bool = False
    surface: str = ""
    asking: bool = False
    answered: bool = False
    drawn: dict[str, bool] = field(default_factory=dict)
    pressed_card: str | None = None
    covered: dict[str, frozenset[Address]] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)

    @property
    def args(self) -> str:
        """The words after the command."""
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
        leaves: Leaves | None = None,
        **params: Any,
    ) -> None:
        """Send a message to the chat that this call came from.

        With `card` the message becomes that live card; `as_new_message=False` edits the existing one.
        """
        as_new_message = bool(card) and as_new_message
        if self.keyboard_spent and not buttons and not ask:
            ask, self.keyboard_spent = NO_KEYBOARD, False
        await self.notify(
            Notice(
                self.origin,
                key,
                params,
                buttons,
                card=card,
                as_new_message=as_new_message,
                ask=ask,
                media=media,
                forwardable=forwardable,
                leaves=leaves,
            )
        )

    async def notify(self, *notices: Notice) -> None:
        """Put messages into the outbox; one about a subject is as safe as `Notice` promises.

        It is silent in quiet hours, an administrator gets only the subject's number, and without a chat the next post gets it. A message
        that many people read holds no private number.

        Raises:
            RuleError: `refused.private_number`.
        """
        by_clock = self.timer is not None
        backlog = Backlog(self.unit, by_clock=by_clock, at=self.at, asker=self.actor)
        for meant in notices:
            said = await self.hooks.places(self, meant)
            if said is None:
                continue
            if said.card and said.to.address == self.incoming.address:
                self.drawn[said.card] = not said.as_new_message
            notice = checked(said, self.unit.registry, public=self.town.phones, by_clock=by_clock)
            for reachable in await self._reach(self._by_night(notice)):
                self.told += 1
                self.told_here += reachable.to.address == self.incoming.address
                await backlog.put(reachable, unique_key=notice.unique or f"{self.cause}:{self.told}")

    def for_many(self, words: str) -> str:
        """Return words that the actor typed for many people.

        Raises:
            RuleError: `refused.private_number`, with the words to copy.
        """
        return for_many(words, public=self.town.phones)

    def toast(self, key: str, /, *, alert: bool = False, **params: Any) -> None:
        """Answer a press with a short text over the chat; does nothing for other calls."""
        self.toasted = Toast(key, params, alert)

    async def happened(self, what: str, value: Any) -> None:
        """Let the features that follow `what` act on it, in this unit (`Feature.follows`)."""
        for follow in self.hooks.follows.get(what, ()):
            await follow(self, value)

    async def start_timers(self, *timers: Timer) -> None:
        """Start timers, each occurrence once."""
        await self.unit.timers.start(*timers, at=self.at)

    async def audit(self, *events: Event) -> None:
        """Append events to the audit."""
        for event in events:
            await self.unit.audit.record(event)

    def _by_night(self, notice: Notice) -> Notice:
        """Return a message about a subject, made silent if it leaves in quiet hours.

        An answer to the actor's own message or press keeps its sound: it is read at once.
        """
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
