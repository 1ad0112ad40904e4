"""Training: announce, answer, wait for a place, sign in, close.

Knows a training's life, its places and its reminders; must not know how people are reached. Invariants: never more people with a place than
places; a place that becomes free goes to the person who has waited longest; attendance is signed in on the spot, an answer is only a
promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.core.change import Event, PersonId, RuleError, StationId, Timer, VillageId
from domain.core.immutable import immutable, replace
from domain.people.people import POLICE, Person, Role, Village, serves
from domain.training.quizzes import passed

REMINDER, CLOSE, LOOK, MORE = "training_reminder", "training_close", "training_look", "training_more"
AGAIN = "training_again"
#: Reminders, hours before the start.
REMIND_HOURS = (24, 1)
OPENS_BEFORE, CLOSES_AFTER, ENDS_AFTER = timedelta(hours=1), timedelta(hours=2), timedelta(hours=3)
TRIES, TRIES_IN = 5, timedelta(hours=1)
#: Announcements and changes that one organiser may make per day: a chair calls one village, an officer many.
CALLS_A_DAY, CALLS_A_DAY_BY_POLICE = 5, 30
MOST_PLACES = 5000
MOST_HOURS = 12
SUBJECT_LENGTH, PLACE_LENGTH = 60, 80


class State(StrEnum):
    """State of a training."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    DISCARDED = "discarded"


class Verb(StrEnum):
    """Actions on a training."""

    ANNOUNCE = "announce"
    DISCARD = "discard"
    ANSWER = "answer"
    CHANGE = "change"
    SIGN_IN = "sign_in"
    CANCEL = "cancel"
    CLOSE = "close"
    QUIZ = "quiz"


#: (state, verb) → next state. A pair that is missing is refused with `training.is.<state>`.
MOVES: dict[tuple[State, Verb], State] = {
    (State.DRAFT, Verb.ANNOUNCE): State.ANNOUNCED,
    (State.DRAFT, Verb.DISCARD): State.DISCARDED,
    (State.ANNOUNCED, Verb.ANSWER): State.ANNOUNCED,
    (State.ANNOUNCED, Verb.CHANGE): State.ANNOUNCED,
    (State.ANNOUNCED, Verb.SIGN_IN): State.ANNOUNCED,
    (State.ANNOUNCED, Verb.CANCEL): State.CANCELLED,
    (State.ANNOUNCED, Verb.CLOSE): State.CLOSED,
    (State.ANNOUNCED, Verb.QUIZ): State.ANNOUNCED,
    (State.CLOSED, Verb.QUIZ): State.CLOSED,
}


class Answer(StrEnum):
    """Answer of a person; `none`: nothing yet, `waiting`: yes, but all places are taken."""

    NONE = ""
    YES = "yes"
    WAITING = "waiting"
    NO = "no"


@immutable
class Training:
    """One training.

    `makeup_of`: the training whose absent people it is for; `quiz`: the topic of its quiz.
    `capacity` 0: no limit. `pin`: (latitude, longitude). `code`: four digits; `token`: of the link in the QR code.
    """

    id: int
    station_id: StationId
    organiser_id: PersonId
    organiser_name: str
    subject: str
    place: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    villages: tuple[VillageId, ...]
    state: State
    created_at: datetime
    pin: tuple[float, float] | None = None
    code: str = ""
    token: str = ""
    turn: int = 1
    announced_at: datetime | None = None
    ended_at: datetime | None = None
    quiz: str = ""
    makeup_of: int | None = None
    version: int = 1

    @property
    def card(self) -> str:
        """The live card of the people who are invited; also the subject of timers and audit."""
        return f"training:{self.id}"

    @property
    def board(self) -> str:
        """The live card of its organiser and of the police of its villages."""
        return f"training:{self.id}:board"

    @property
    def batch(self) -> str:
        """The name of its announcements in the outbox, for the present version."""
        return f"training:{self.id}:{self.turn}"

    def open_for_signing(self, at: datetime) -> bool:
        """Tell whether people can sign in: from an hour before to two hours after."""
        return self.state is State.ANNOUNCED and self.starts_at - OPENS_BEFORE <= at <= self.ends_at + CLOSES_AFTER


@immutable
class Attendee:
    """A person who answered or came.

    `queue`: order of the promise; `quiz_answers`: a digit per answered question (domain/training/quizzes.py).
    """

    person_id: PersonId
    name: str
    village_id: VillageId | None
    village: str
    answer: Answer
    queue: int
    signed_at: datetime | None = None
    quiz_answers: str = ""

    @property
    def came(self) -> bool:
        """True when signed in."""
        return self.signed_at is not None


@immutable
class Change:
    """A decided training with its audit event and the timers it starts.

    `restart`: its older timers end first.
    """

    value: Training
    event: Event
    timers: tuple[Timer, ...] = ()
    restart: bool = False


# Decisions --------------------------------------------------------------------------------------------------------------


def announce(training: Training, actor_id: PersonId, *, at: datetime, code: str, token: str) -> Change:
    """Announce it; reminders and the close are scheduled from now on.

    Raises:
        RuleError: `training.too_late` when it has begun meanwhile.
    """
    value = replace(_moved(training, Verb.ANNOUNCE), announced_at=at, code=code, token=token)
    _ahead(training, at)
    return _decided(value, Verb.ANNOUNCE, actor_id, at, timers_of(value, at))


def change(
    training: Training,
    actor_id: PersonId,
    *,
    at: datetime,
    starts_at: datetime | None = None,
    place: str = "",
    pin: tuple[float, float] | None = None,
) -> Change:
    """Move it to another time or place if it has not begun; its length stays."""
    value = _moved(training, Verb.CHANGE)
    _ahead(training, at)
    starts = starts_at or value.starts_at
    value = replace(value, starts_at=starts, ends_at=starts + (value.ends_at - value.starts_at), turn=value.turn + 1)
    if place:
        value = replace(value, place=place, pin=pin)
    return _decided(value, Verb.CHANGE, actor_id, at, timers_of(value, at), restart=True)


def cancel(training: Training, actor_id: PersonId, *, at: datetime) -> Change:
    """Cancel it: it does not take place."""
    return _decided(replace(_moved(training, Verb.CANCEL), ended_at=at), Verb.CANCEL, actor_id, at, restart=True)


def discard(training: Training, actor_id: PersonId | None, *, at: datetime) -> Change:
    """Discard a preview."""
    return _decided(replace(_moved(training, Verb.DISCARD), ended_at=at), Verb.DISCARD, actor_id, at)


def give(training: Training, to_id: PersonId, name: str, *, by: PersonId | None, at: datetime) -> Change:
    """Give it to another organiser; its time, place and answers stay."""
    event = Event(training.card, "training.reassigned", by, at, data={"from": training.organiser_id, "to": to_id})
    return Change(replace(training, organiser_id=to_id, organiser_name=name), event)


def start_quiz(training: Training, actor_id: PersonId, topic: str, *, at: datetime, came: int) -> Change:
    """Start the quiz for those who came.

    Raises:
        RuleError: `training.quiz.started` when there is one, `training.quiz.nobody` while nobody has signed in.
    """
    value = replace(_moved(training, Verb.QUIZ), quiz=topic)
    if training.quiz:
        raise RuleError("training.quiz.started")
    if came == 0:
        raise RuleError("training.quiz.nobody")
    return _decided(value, Verb.QUIZ, actor_id, at)


def close(training: Training, *, at: datetime) -> Change:
    """Close it: it is over, and nobody signs in any more."""
    return _decided(replace(_moved(training, Verb.CLOSE), ended_at=at), Verb.CLOSE, None, at)


def answer(training: Training, *, yes: bool, before: Answer, taken: int, at: datetime) -> Answer:
    """Decide the result of a yes or no; `taken`: places taken by others.

    Raises:
        RuleError: `training.too_late` after the beginning.
    """
    _moved(training, Verb.ANSWER)
    _ahead(training, at)
    if not yes:
        return Answer.NO
    if before is Answer.YES or training.capacity == 0 or taken < training.capacity:
        return Answer.YES
    return Answer.WAITING


def next_in_line(training: Training, people: Sequence[Attendee]) -> Attendee | None:
    """Return the person who gets the free place, None without a free place or a waiting person."""
    taken = sum(each.answer is Answer.YES for each in people)
    waiting = sorted((each for each in people if each.answer is Answer.WAITING), key=lambda each: each.queue)
    return waiting[0] if waiting and taken < training.capacity else None


def place_in_line(people: Sequence[Attendee], person_id: PersonId) -> int:
    """Return the place in the waiting list, from 1."""
    waiting = sorted((each for each in people if each.answer is Answer.WAITING), key=lambda each: each.queue)
    return next((place for place, each in enumerate(waiting, start=1) if each.person_id == person_id), 0)


def sign_in(training: Training, *, at: datetime, by_list: bool) -> None:
    """Decide whether somebody can be signed in now; by the organiser's list until it is closed.

    Raises:
        RuleError: `training.sign.closed` outside the hours.
    """
    _moved(training, Verb.SIGN_IN)
    if not training.open_for_signing(at) and not (by_list and at >= training.starts_at - OPENS_BEFORE):
        raise RuleError("training.sign.closed")


@immutable
class Attendance:
    """People who came and people who did not.

    `came` includes `walk_ins` (came without having promised); person-times are `len(came)`.
    """

    came: tuple[Attendee, ...]
    absent: tuple[Attendee, ...]
    walk_ins: int
    by_village: tuple[tuple[str, int, int], ...]


def attendance(people: Sequence[Attendee]) -> Attendance:
    """Count the attendance; `by_village`: (village, came, absent), fullest first.

    Absent: promised and did not come.
    """
    came = tuple(each for each in people if each.came)
    absent = tuple(each for each in people if each.answer is Answer.YES and not each.came)
    villages = dict.fromkeys(each.village for each in (*came, *absent))
    counted = [(name, sum(each.village == name for each in came), sum(each.village == name for each in absent)) for name in villages]
    return Attendance(
        came, absent, sum(each.answer is not Answer.YES for each in came), tuple(sorted(counted, key=lambda row: (-row[1], row[0])))
    )


def to_make_up(training: Training, people: Sequence[Attendee]) -> list[Attendee]:
    """Return the people for a make-up training: absent, or did not pass the quiz."""
    failed = [each for each in people if each.came and training.quiz and not passed(training.quiz, each.quiz_answers)]
    return [*attendance(people).absent, *failed]


class Reminding(StrEnum):
    """Decision about a reminder that is due; all but `SEND` are the recorded reason."""

    SEND = "send"
    STALE = "stale"
    TOO_LATE = "too_late"
    OVERTAKEN = "overtaken"


def reminding(training: Training, *, turn: int, hours: int, at: datetime) -> Reminding:
    """Decide about a due reminder.

    It is not sent if a later one has overtaken it, or if it comes after the start.
    """
    if training.state is not State.ANNOUNCED or turn != training.turn:
        return Reminding.STALE
    if at >= training.starts_at:
        return Reminding.TOO_LATE
    later = [other for other in REMIND_HOURS if other < hours]
    overtaken = any(at >= training.starts_at - timedelta(hours=other) for other in later)
    return Reminding.OVERTAKEN if overtaken else Reminding.SEND


def timers_of(training: Training, at: datetime) -> tuple[Timer, ...]:
    """Return the reminders that lie ahead, and the close."""
    reminders = [
        _timer(training, REMINDER, training.starts_at - timedelta(hours=hours), f":{hours}", {"hours": hours})
        for hours in REMIND_HOURS
        if training.starts_at - timedelta(hours=hours) > at
    ]
    return (*reminders, _timer(training, CLOSE, training.ends_at + ENDS_AFTER))


def look_timer(training: Training, at: datetime, look: int) -> Timer:
    """Return the timer of the next progress check of the announcement."""
    return _timer(training, LOOK, at + timedelta(seconds=20) * 3 ** min(look - 1, 4), f":{look}", {"look": look})


def more_timer(training: Training, at: datetime, after: int) -> Timer:
    """Return the timer of the next portion of the announcement, after a person."""
    return Timer(MORE, f"{training.card}:more", at, f"{MORE}:{training.id}:{after}", {"training": training.id, "after": after})


def again_timer(training: Training, at: datetime, after: int) -> Timer:
    """Return the timer that tells the next portion of people of a change, after a person."""
    occurrence = f"{AGAIN}:{training.id}:{training.turn}:{training.state}:{after}"
    return Timer(AGAIN, f"{training.card}:more", at, occurrence, {"training": training.id, "turn": training.turn, "after": after})


def _timer(training: Training, kind: str, due: datetime, mark: str = "", data: dict[str, Any] | None = None) -> Timer:
    facts = {"training": training.id, "turn": training.turn} | (data or {})
    return Timer(kind, training.card, due, f"{kind}:{training.id}:{training.turn}{mark}", facts)


def _ahead(training: Training, at: datetime) -> None:
    if at >= training.starts_at:
        raise RuleError("training.too_late")


def _moved(training: Training, verb: Verb) -> Training:
    try:
        return replace(training, state=MOVES[training.state, verb])
    except KeyError:
        raise RuleError(f"training.is.{training.state}") from None


def _decided(
    value: Training, verb: Verb, actor_id: PersonId | None, at: datetime, timers: tuple[Timer, ...] = (), *, restart: bool = False
) -> Change:
    data = {"villages": len(value.villages), "capacity": value.capacity, "turn": value.turn}
    return Change(value, Event(value.card, f"training.{verb}", actor_id, at, data=data), timers, restart)


def may_train(actor: Person, village: Village) -> bool:
    """Decide whether the actor may call a village to a training.

    Its chair or officer, the desk or a leader of its station may.
    """
    return serves(actor, village, Role.CHAIR, Role.OFFICER)


def may_manage(actor: Person, training: Training) -> bool:
    """Decide whether the actor may change, cancel and sign in for others.

    Its organiser may while they have a post, and the desk and the leaders.
    """
    if actor.suspended:
        return False
    organises = actor.id == training.organiser_id and actor.holds(Role.CHAIR, *POLICE)
    return organises or training.station_id in actor.stations(Role.DUTY, Role.LEADER)
