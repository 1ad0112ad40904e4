"""Records in the chat: loaded by press or timer, changed, redrawn and announced.

Knows numbers, cards and timers; must not know any feature. Invariants: a press reaches only records that its person may see, and moves
only those that they may handle; every open card is redrawn, each for its reader, and emptied for readers who no longer see the record;
nobody who is part of a record is asked to handle it; every open record has a timer, and `rearm` gives it back when it is lost.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from domain.core.change import Address, ChatId, Event, NotFound, Notice, PersonId, Priority, Receiver, RuleError
from domain.core.immutable import replace
from domain.core.numbers import parse_case_number
from domain.core.post_change import Moved, Why
from domain.core.records import R, one_line
from domain.people.people import ESCALATION_ORDER, STATION_ROLES, VILLAGE_ROLES
from handlers.core.context import HandlerContext, Incoming
from handlers.core.delivery_gate import who_may_know
from handlers.core.dialogs import Answers, Step
from handlers.core.next_post import escalate_undelivered
from handlers.core.placing import spend_asked
from handlers.core.presence import reachable
from texts import Text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from domain.core.change import Keyboard
    from domain.core.post_change import PostChange
    from domain.core.records import Lifecycle, RecordChange
    from domain.people.people import Person, Role
    from handlers.core.erased_cards import Erased
    from handlers.core.presence import Presence
    from storage.core.records import Records
    from storage.unit import Unit

S = TypeVar("S", bound="Records[Any]")
#: Open records of an erased person that are drawn again at once, of each kind.
MOST_ERASED = 100


class RecordActions(Generic[R, S]):
    """The handling of one kind of record.

    `kind`: the class of its storage. `card(ctx, value, to, handling)`: the live card, for a reader who handles it or only sees it.
    `may_handle(actor, value)`. `parts(value)`: the persons who are part of it and therefore never handle it. `asks(value)`: the posts that a
    record without a reminder of its own waits for; while there is none, those of `parts` who see it are asked.
    """

    def __init__(
        self,
        lifecycle: Lifecycle[R],
        kind: type[S],
        *,
        card: Callable[[HandlerContext, R, Receiver, bool], Awaitable[Notice]],
        may_handle: Callable[[Person, R], bool],
        parts: Callable[[R], tuple[PersonId | None, ...]],
        asks: Callable[[R], tuple[Role, ...]] = lambda value: (),
    ) -> None:
        self.lifecycle, self.kind = lifecycle, kind
        self._card, self._may_handle, self._parts, self._asks = card, may_handle, parts, asks

    def store(self, ctx: HandlerContext) -> S:
        """Return the storage of these records, in the open transaction."""
        return ctx.unit.records(self.kind)

    # Loading ------------------------------------------------------------------------------------------------------------

    async def pressed(self, ctx: HandlerContext, *, handling: bool = False) -> R:
        """Return the record whose number a pressed button carries.

        Raises:
            NotFound: there is none, the actor may not see it, or (with `handling`) may not handle it; all three read the same.
        """
        said = ctx.incoming.values[0] if ctx.incoming.values else ""
        return await self.load(ctx, parse_case_number(said) or 0, handling=handling)

    async def load(self, ctx: HandlerContext, number: int, *, handling: bool = False) -> R:
        """Return a record by its number. Errors: see `pressed`."""
        value: R = await self.store(ctx).visible_to(ctx.actor, number)
        if handling and not self._handles(ctx.actor, value):
            raise NotFound(number)
        return value

    async def due(self, ctx: HandlerContext) -> R | None:
        """Return the record of the due timer; None when it is over."""
        assert ctx.timer is not None
        value: R | None = await self.store(ctx).find(int(ctx.timer.data["number"]))
        return None if value is None or value.state in self.lifecycle.ended else value

    # Recording ----------------------------------------------------------------------------------------------------------

    async def open(self, ctx: HandlerContext, change: RecordChange[R], *, sealed: Mapping[str, str] | None = None) -> R:
        """Add a new record and start its timers."""
        value: R = await self.store(ctx).add(change, sealed=sealed)
        await ctx.start_timers(*change.timers)
        return value

    async def record(self, ctx: HandlerContext, change: RecordChange[R], *, sealed: Mapping[str, str] | None = None) -> R:
        """Write a change, start its timers and redraw every card.

        `sealed`: new values that only `unseal` reads.
        """
        if change.restart:
            await ctx.unit.timers.stop(change.event.subject, at=ctx.at)
        await ctx.start_timers(*change.timers)
        value: R = await self.store(ctx).record(change, sealed=sealed)
        await spend_asked(ctx, self.lifecycle.subject(value))
        await self.redraw(ctx, value)
        return value

    # Showing ------------------------------------------------------------------------------------------------------------

    async def call(
        self, ctx: HandlerContext, value: R, *roles: Role, key: str = "", buttons: Keyboard = (), rings: bool = False, **params: Any
    ) -> None:
        """Send a message to the holders of these posts; an empty post escalates.

        Without `key` the message is the card. People who are part of the record or may not see it with all their posts are left out.
        """
        parts = tuple(each for each in self._parts(value) if each is not None)
        posts = await ctx.unit.people.posts_of(value.village_id, at=ctx.at)
        subject = self.lifecycle.subject(value)
        holders = [who for who in posts.of(*roles, without=parts) if who.address is not None]
        readers = await who_may_know(ctx.unit, subject, holders, at=ctx.at)
        excluded = (*parts, *(who.person_id for who in holders if who not in readers and who.person_id is not None))
        for who in readers or [Receiver(None, role=str(roles[0]), village_id=value.village_id)]:
            sentence = Notice(who, key, params, buttons, subject=subject)
            notice = sentence if key else replace(await self._drawn(ctx, value, who, True), as_new_message=True)
            await ctx.notify(replace(notice, priority=Priority.ESCALATION, rings=rings, excluded_ids=excluded))

    async def show(self, ctx: HandlerContext, value: R) -> None:
        """Show the actor the card at the end of the chat."""
        await ctx.notify(replace(await self._drawn(ctx, value, ctx.origin, self._handles(ctx.actor, value)), as_new_message=True))

    async def draw_again(self, ctx: HandlerContext, card: str) -> None:
        """Draw a card again in the actor's chat, in its place (`Feature.redraws`)."""
        number = int(card.partition(":")[2])
        try:
            value = await self.load(ctx, number)
        except NotFound:
            await ctx.notify(Notice(ctx.origin, "record.gone", {"number": number}, card=card, tells_nothing=True))
            return
        await ctx.notify(replace(await self._drawn(ctx, value, ctx.origin, self._handles(ctx.actor, value)), stays=True))

    async def redraw(self, ctx: HandlerContext, value: R) -> None:
        """Redraw the card in every chat that has it."""
        card = self.lifecycle.subject(value)
        for person_id in await ctx.unit.cards.viewers(card):
            reader = await ctx.unit.people.find(person_id, at=ctx.at)
            if reader is None or not reader.address.channel:
                continue
            try:
                seen = await self.store(ctx).visible_to(reader, value.id)
                drawn = await self._drawn(ctx, seen, reader.receiver(), self._handles(reader, seen))
                await ctx.notify(replace(drawn, stays=True))
            except NotFound:
                await ctx.notify(Notice(reader.receiver(), "record.gone", {"number": value.id}, card=card, tells_nothing=True))

    async def redraw_erased(self, ctx: HandlerContext, erased: Erased) -> None:
        """Redraw the cards of the open records of an erased person, and those that named them."""
        found = [ctx.unit.registry.find(card) for _, card in erased.named]
        numbers = {each[1] for each in found if each is not None and each[0].kind == self.lifecycle.name}
        numbers |= {value.id for value in await self.store(ctx).list_open(erased.person, limit=MOST_ERASED)}
        for number in sorted(numbers):
            value: R | None = await self.store(ctx).find(number)
            if value is not None:
                await self.redraw(ctx, value)

    async def notify(
        self, ctx: HandlerContext, value: R, key: str, *people: PersonId | None, buttons: Keyboard = (), **params: Any
    ) -> None:
        """Send persons a message about their record, each once; the actor already has an answer.

        Persons who may not read about it any more are left out.
        """
        subject = self.lifecycle.subject(value)
        receivers = [await ctx.unit.people.receiver(each) for each in dict.fromkeys(people) if each is not None and each != ctx.actor.id]
        for to in await who_may_know(ctx.unit, subject, receivers, at=ctx.at):
            await ctx.notify(Notice(to, key, params, buttons, subject=subject))

    # Changes of posts ---------------------------------------------------------------------------------------------------

    async def give_away(self, ctx: HandlerContext, change: PostChange, presence: Presence) -> list[Moved]:
        """Give the open records whose handler cannot act to the nearest person who can.

        See `PostsChanged`.
        """
        if change.why is Why.FORGOTTEN or not self.kind.table.handled:
            return []
        moved: list[Moved] = []
        for value in await self.store(ctx).list_handled(None if change.person_id is None else change.people):
            posts = await presence.of(value.village_id)
            present = {who.person_id: who for who in reachable(posts.everybody, *ESCALATION_ORDER[:-1]) if who.person_id is not None}
            people = await ctx.unit.people.find_many(present, at=ctx.at)
            able = [present[each] for each in present if each in people and self._handles(people[each], value)]
            if getattr(value, "handled_by", None) in {who.person_id for who in able}:
                continue
            heir = next((who for who in able if who.person_id == change.to_id), able[0] if able else None)
            value = await self.record(ctx, self.lifecycle.give(value, heir.person_id if heir else None, ctx.actor.id, ctx.at))
            if heir is not None:
                await ctx.notify(replace(await self._drawn(ctx, value, heir, True), as_new_message=True))
            village = posts.village.name
            line = Text("posts.line.record", number=value.id, village=village)
            moved.append(Moved(self.lifecycle.subject(value), value.village_id, value.station_id, (heir,) if heir else (), line))
        return moved

    # For every kind -----------------------------------------------------------------------------------------------------

    async def remind(self, ctx: HandlerContext) -> None:
        """Show an open record to those it waits for, and start the next reminder.

        See `OPEN` in domain/core/records.py.
        """
        value = await self.due(ctx)
        if value is None:
            return
        if roles := self._asks(value):
            await self.call(ctx, value, *roles)
        for person_id in () if roles else dict.fromkeys(self._parts(value)):
            reader = None if person_id is None else await ctx.unit.people.find(person_id, at=ctx.at)
            if reader is not None and await ctx.unit.may_see(reader, self.lifecycle.subject(value)):
                await ctx.notify(replace(await self._drawn(ctx, value, reader.receiver(), False), as_new_message=True))
        await ctx.start_timers(self.lifecycle.ask_again(value, ctx.at))

    async def rearm(self, ctx: HandlerContext) -> int:
        """Give every open record without a waiting timer its next step; return how many there were."""
        unwatched: list[R] = await self.store(ctx).list_unwatched()
        for value in unwatched:
            timer = self.lifecycle.next_step(value, ctx.at)
            await ctx.start_timers(replace(timer, occurrence=f"{timer.occurrence}:{int(ctx.at.timestamp())}"))
            await ctx.audit(Event(timer.subject, f"{self.lifecycle.name}.rearmed", None, ctx.at))
        return len(unwatched)

    async def revoke(self, unit: Unit, person: Person, *, by: PersonId | None, at: datetime) -> None:
        """Empty the cards and stop the messages that a person may not read any more.

        See `Feature.on_access_revoked`.
        """
        assert person.id is not None
        name = self.lifecycle.name
        for card in await unit.records(self.kind).list_cards_of(person.id):
            if not await unit.may_see(person, card) and person.address.channel:
                gone = Notice(person.receiver(), "record.gone", {"number": card.split(":")[1]}, card=card, tells_nothing=True)
                await unit.outbox.put(gone, unique_key=f"revoked:{card}:{person.id}:{int(at.timestamp())}", at=at)
        posts = {str(post.role) for post in person.posts}
        for waiting in await unit.outbox.list_waiting_about(name, person.id):
            lost = waiting.role in VILLAGE_ROLES | STATION_ROLES and waiting.role not in posts
            theirs = waiting.key == "record.gone" or (not lost and await unit.may_see(person, waiting.subject))
            if not theirs and await unit.outbox.supersede(waiting.id, at=at) and waiting.escalates_if_undeliverable:
                await escalate_undelivered(unit, waiting, why="stepped down", at=at)

    # Parts --------------------------------------------------------------------------------------------------------------

    def _handles(self, actor: Person, value: R) -> bool:
        return actor.id not in self._parts(value) and self._may_handle(actor, value)

    async def _drawn(self, ctx: HandlerContext, value: R, to: Receiver, handling: bool) -> Notice:
        subject = self.lifecycle.subject(value)
        return replace(await self._card(ctx, value, to, handling), card=subject, subject=subject)


async def remind_due(ctx: HandlerContext) -> None:
    """Remind those an open record of any kind waits for."""
    assert ctx.timer is not None
    kind = ctx.hooks.records.get(ctx.timer.subject.partition(":")[0])
    if kind is not None:
        await kind.remind(ctx)


def me(ctx: HandlerContext) -> PersonId:
    """Return the actor's id, in a route whose policy asks for a joined user."""
    assert ctx.actor.id is not None, "the route's policy asks for somebody who has joined"
    return ctx.actor.id


def text_step(name: str, ask: str, *, most: int, again: str, **more: Any) -> Step:
    """Return a question that is answered with one line.

    `again`: the text (with `most`) that is sent when the answer is not one line.
    """

    async def accept(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
        return one_line(said.text, most=most, key=again)

    return Step(name, ask, accept, **more)


async def limit_rate(ctx: HandlerContext, what: str, *, most: int, within: timedelta, key: str) -> None:
    """Count what somebody does of one kind.

    Raises:
        RuleError: `key` (with `most`) for more than `most` in a span.
    """
    who = Address(ctx.incoming.address.channel, ChatId(ctx.incoming.user_id))
    if await ctx.unit.invitations.tries_since(who, what, since=ctx.at - within) >= most:
        raise RuleError(key, most=most)
    await ctx.unit.invitations.tried(who, what, at=ctx.at)
