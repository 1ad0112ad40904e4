"""The board of an urgent case: one message for each person called, which edits itself.

Knows who reads what. Must not decide a move. Invariants: names are read by those who come or hold the case, the words and the place by those who
accepted; everybody else reads counts, village, kind and a landmark. A board never says "enough" while it counts somebody who is late.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from domain.cases.display import display_name
from domain.cases.neighbours import public_place
from domain.core.change import Button, Notice, Priority
from domain.core.immutable import immutable
from domain.core.positions import Position, apart, between
from domain.emergencies.heard import Danger
from domain.people.people import OFFICE, RANK, Role
from domain.responders import MINUTES, THERE, Means, Progress, Responder, Tally, tally
from domain.village_places import Place, useful_for
from handlers.cases.cards import what
from handlers.village_places import place_line
from texts import At, Joined, Lines, Text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from domain.cases.case import Case
    from domain.core.change import Keyboard, PersonId, Receiver
    from domain.core.town import ResponderRules
    from domain.people.people import Person
    from handlers.core.context import HandlerContext
    from storage.cases.places import Point

#: Posts by which a responder is named; any other post is their own affair.
_NAMED = OFFICE | {Role.PATROL}
#: More names than that are counted.
MOST_NAMES = 12
#: More places of a kind are not shown.
MOST_PLACES = 4


@immutable
class Board:
    """The content of a board: the case, its responders, and the people they are.

    `reader_ids`: people who may be told of it now; posts may have changed since they were called. `point`: the newest of the place.
    """

    case: Case
    responders: tuple[Responder, ...]
    people: Mapping[PersonId, Person]
    over: bool
    handler_ids: frozenset[PersonId]
    reader_ids: frozenset[PersonId]
    places: tuple[Place, ...]
    point: Point | None
    rules: ResponderRules

    def tally(self, at: datetime) -> Tally:
        """Count the responders."""
        return tally(self.responders, self.rules, at=at)

    def of(self, person_id: PersonId) -> Responder | None:
        """Return a person as a responder."""
        return next((each for each in self.responders if each.person_id == person_id), None)


async def load(ctx: HandlerContext, case: Case) -> Board:
    """Load the board of a case."""
    responders = await ctx.unit.callouts.of(case.id)
    people = await ctx.unit.people.find_many([each.person_id for each in responders], at=ctx.at)
    readers = await ctx.unit.cases.readers_of(case.id, [person for person in people.values() if person.posts])
    over = await ctx.unit.callouts.is_over(case.id)
    sheet = await ctx.unit.village_places.find(case.village_id)
    told = await ctx.unit.may_be_told([(person, card_of(case)) for person in people.values()])
    reader_ids = frozenset(each for each, may in zip(people, told, strict=True) if may)
    point = None if case.placed_at is None else await ctx.unit.places.newest(case.id)
    places = sheet.of(*useful_for(case.danger))
    return Board(case, tuple(responders), people, over, frozenset(readers), reader_ids, places, point, ctx.town.responders)


async def draw(ctx: HandlerContext, case: Case, *, loud: Collection[PersonId] = ()) -> None:
    """Draw the board again in every chat that has it.

    From the first yes on everybody called has it.
    `loud`: people who get it at the end of their chat with a sound.
    """
    board = await load(ctx, case)
    shown = await ctx.unit.cards.viewers(card_of(case))
    answered = any(each.accepted for each in board.responders) and not board.over
    for each in board.responders:
        if each.person_id in loud:
            await _send(ctx, board, each, fresh=True, loud=True)
        elif answered or each.person_id in shown:
            await _send(ctx, board, each, fresh=each.person_id not in shown, loud=False)


async def show(ctx: HandlerContext, case: Case, mine: Responder) -> None:
    """Show the board at the end of the actor's chat."""
    await _send(ctx, await load(ctx, case), mine, fresh=True, loud=False)


async def _send(ctx: HandlerContext, board: Board, who: Responder, *, fresh: bool, loud: bool) -> None:
    person = board.people.get(who.person_id)
    if person is None or person.suspended or not person.address.channel or who.person_id not in board.reader_ids:
        return
    lines = [
        *_head(board),
        *_counts(board, at=ctx.at),
        *_people(board, who, at=ctx.at),
        *_scene(board, who),
        *_places(board, who, at=ctx.at),
        *_asks(board, who, at=ctx.at),
    ]
    await ctx.notify(_notice(board, person.receiver(), lines, _buttons(board, who), fresh=fresh, loud=loud))


def _notice(board: Board, to: Receiver, lines: Sequence[Any], buttons: Keyboard, *, fresh: bool, loud: bool) -> Notice:
    return Notice(
        to, "responder.board", {"lines": Lines(lines)}, buttons, Priority.SOS if loud else Priority.ESCALATION, card=card_of(board.case),
        as_new_message=fresh, latest=fresh, stays=True, rings=loud, silent=not loud, excluded_ids=board.case.excluded_ids,
    )  # fmt: skip


def card_of(case: Case) -> str:
    """Return the name of the board in a chat."""
    return f"callout:{case.id}"


# Lines ----------------------------------------------------------------------------------------------------------------


def _head(board: Board) -> list[Any]:
    case = board.case
    key = "responder.head.over" if board.over else "responder.head"
    return [Text(key, number=str(case.id), village=case.village, what=what(case))]


def _counts(board: Board, *, at: datetime) -> list[Any]:
    counts = board.tally(at)
    if board.over:
        return []
    lines: list[Any] = [Text("responder.counts", coming=counts.coming, there=counts.there, need=_need(counts))]
    if counts.late:
        lines.append(Text("responder.late", count=counts.late))
    return [*lines, Text("responder.called", count=counts.called, seen=counts.seen)]


def _need(counts: Tally) -> Any:
    return Text("responder.need.enough" if counts.enough else "responder.need.more")


def _people(board: Board, who: Responder, *, at: datetime) -> list[Any]:
    """Return a line for each person who comes: a name for those who come too, else the time."""
    named = who.accepted or who.person_id == board.case.holder_id
    part = [each for each in board.responders if each.accepted]
    if board.over or not part:
        return []
    if named:
        lines = [_line(board, each, _name(board, each), at=at) for each in part[:MOST_NAMES]]
        return [*lines, *([Text("responder.more", count=len(part) - MOST_NAMES)] if len(part) > MOST_NAMES else [])]
    return [_line(board, each, Text("responder.one"), at=at) for each in part[:MOST_NAMES] if each.state is Progress.COMING and each.due_at]


def _line(board: Board, who: Responder, name: Any, *, at: datetime) -> Any:
    means = Text(f"responder.means.{who.means}") if who.means else ""
    if who.state in THERE:
        return Text(f"responder.line.{who.state}", name=name)
    if who.due_at is None:
        return Text("responder.line.no_time", name=name)
    key = "responder.line.late" if who.late(at, board.rules.grace) else "responder.line.coming"
    return Text(key, name=name, means=means, due=At(who.due_at, "time"))


def _name(board: Board, who: Responder) -> Any:
    person = board.people.get(who.person_id)
    if person is None:
        return Text("responder.one")
    posts = [post.role for post in person.posts if post.role in _NAMED]
    return display_name(person.name, max(posts, key=RANK.index, default="volunteer"))


def _scene(board: Board, who: Responder) -> list[Any]:
    """Return what a person may know of the scene: a landmark, or all of it after they accepted.

    Those who see the case read it on its card.
    """
    case = board.case
    if board.over or who.person_id in board.handler_ids:
        return []
    if who.accepted and knows(board, who):
        place = [Text("responder.place", place=case.place)] if case.place else []
        pin = [Text("responder.placed", at=At(board.point.added_at, "time"))] if board.point is not None else []
        return [Text("responder.words", words=case.text), *place, *pin, Text("responder.keep")]
    landmark = public_place(case.place)
    return [Text("responder.place", place=landmark)] if landmark else []


def _places(board: Board, who: Responder, *, at: datetime) -> list[Any]:
    """Return where help is in the village, for those who come and those who may fetch it.

    The distance from the place is for those who know the place.
    """
    if board.over or not (who.accepted or board.tally(at).enough):
        return []
    told = who.accepted and (knows(board, who) or who.person_id in board.handler_ids)
    place = Position(board.point.latitude, board.point.longitude) if board.point is not None and told else None
    found: dict[str, list[Any]] = {}
    for each in sorted(board.places, key=lambda each: _away(each, place)):
        found.setdefault(f"places.kind.{each.kind}", []).append(_place(each, place))
    return [Text(key, places=Joined(lines[:MOST_PLACES])) for key, lines in found.items()]


def _away(each: Place, place: Position | None) -> float:
    """Return the least distance of a place in metres; a place without a point comes last."""
    return inf if place is None or each.point is None else apart(each.point, place)


def _place(each: Place, place: Position | None) -> Any:
    """Return a place with its least and greatest distance: the datums are not known."""
    line = place_line(each.words, each.hours)
    if place is None or each.point is None:
        return line
    least, greatest = (f"{metres / 1000:.1f}" for metres in between(each.point, place))
    return Text("places.at_distance", place=line, distance=Text("places.away", least=least, greatest=greatest))


def knows(board: Board, who: Responder) -> bool:
    """Tell whether a person who accepted may read the words: an administrator reads no case."""
    person = board.people.get(who.person_id)
    return who.volunteer or (person is not None and person.holds(*(_NAMED - {Role.ADMIN})))


def _asks(board: Board, who: Responder, *, at: datetime) -> list[Any]:
    """Return the one thing to do."""
    if board.over:
        return [Text("responder.stop")]
    if who.state is Progress.COMING and who.due_at is None:
        return [Text("responder.ask.when")]
    if who.late(at, board.rules.grace):
        return [Text("responder.ask.anew")]
    if who.accepted:
        return []
    if board.tally(at).enough:
        return [Text("responder.enough.aed" if board.case.danger is Danger.MEDICAL else "responder.enough")]
    if board.case.danger is Danger.VIOLENCE:
        return [Text("responder.keep_away")]
    outside = who.person_id not in board.handler_ids and knows(board, who)
    return [Text("responder.ask.volunteer" if outside else "responder.ask.come")]


# Buttons --------------------------------------------------------------------------------------------------------------


def _buttons(board: Board, who: Responder) -> Keyboard:
    number = board.case.id
    if board.over or who.state is Progress.HANDED_OVER:
        return ()
    come, cannot = Button("responder.button.come", "r.come", (number,)), Button("responder.button.cannot", "r.no", (number,))
    if not who.accepted:
        return ((come,),) if who.state is Progress.DECLINED else ((come, cannot),)
    arrived = Button("responder.button.arrived", "r.here", (number,))
    handling = Button("responder.button.handling", "r.work", (number,))
    handed = Button("responder.button.handed_over", "r.over", (number,))
    outside = who.person_id not in board.handler_ids and board.case.placed_at is not None and knows(board, who)
    place = ((Button("scene.button.place", "r.loc", (number,)),),) if outside else ()
    if who.state is Progress.COMING:
        times = tuple(
            tuple(Button(f"responder.button.{means}", "r.eta", (number, minutes, str(means)), {"minutes": minutes}) for minutes in MINUTES)
            for means in Means
        )
        return (*times, (arrived, cannot), *place)
    return ((handling, handed), *place) if who.state is Progress.ARRIVED else ((handed,), *place)
