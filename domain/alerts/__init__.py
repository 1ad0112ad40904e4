"""Alerts: levels, approval by a second person, confirmation by villages, deadlines and end.

Knows an alert's life and its villages; must not know how it is stored or delivered. Invariants: nothing is sent before its preview was
confirmed; a wide red alert is not sent before a second person agreed, or says that it was sent alone and why; a drill is a drill from its first
row to its last.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from domain.alerts.confirmations import Confirmation, How
from domain.alerts.hazards import Hazard
from domain.core.change import Event, PersonId, RuleError, StationId, Timer, VillageId
from domain.core.immutable import immutable, replace
from domain.people.people import POLICE, Person, Role, Village, serves
from domain.people.powers import is_same_human

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from domain.core.town import AlertRules

PREVIEW_LASTS = timedelta(hours=2)
ASKED_LASTS = timedelta(hours=1)
#: The red alerts of one author within this time count together, so that several small ones need a second person too.
SUMMED_WITHIN = timedelta(hours=1)
NUDGE_PAUSE = timedelta(minutes=1)
BOARD, LIST, END = "alert_board", "alert_list", "alert_end"
UNANSWERED, MORE, MORE_CLOSINGS = "alert_unanswered", "alert_more", "alert_recalls"
UNREACHED, HELP, ASK_CLEAR = "alert_unreached", "alert_help", "alert_clear"
_FIRST_LOOK, _LAST_PAUSE = timedelta(seconds=10), timedelta(minutes=15)


class Level(StrEnum):
    """Urgency of an alert."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


#: Span after sending in which an alert is still delivered.
LASTS: dict[Level, timedelta] = {
    Level.BLUE: timedelta(hours=12),
    Level.YELLOW: timedelta(hours=24),
    Level.ORANGE: timedelta(hours=36),
    Level.RED: timedelta(hours=48),
}


#: Spans after sending in which its author is asked whether the danger is over; the last time the leaders are asked too.
CLEAR_ASKED = tuple(timedelta(hours=hours) for hours in (12, 24, 48))
DRILL_CLEAR_ASKED = (timedelta(hours=2), timedelta(hours=12))


class State(StrEnum):
    """State of an alert.

    `draft`: previewed; `waiting`: for a second person; `ended`: too old to be delivered; `cleared`: the danger is over; `recalled`: it was sent
    by mistake.
    """

    DRAFT = "draft"
    WAITING = "waiting"
    SENT = "sent"
    ENDED = "ended"
    CLEARED = "cleared"
    RECALLED = "recalled"
    DECLINED = "declined"
    DISCARDED = "discarded"


class Verb(StrEnum):
    """Actions on an alert."""

    ASK = "ask"
    SEND = "send"
    AGREE = "agree"
    SEND_ALONE = "send_alone"
    DECLINE = "decline"
    DISCARD = "discard"
    CONFIRM = "confirm"
    NUDGE = "nudge"
    CLEAR = "clear"
    RECALL = "recall"
    END = "end"


#: (state, verb) → next state. A pair that is missing is refused with `alert.is.<state>`.
MOVES: dict[tuple[State, Verb], State] = {
    (State.DRAFT, Verb.ASK): State.WAITING,
    (State.DRAFT, Verb.SEND): State.SENT,
    (State.DRAFT, Verb.SEND_ALONE): State.SENT,
    (State.DRAFT, Verb.DISCARD): State.DISCARDED,
    (State.WAITING, Verb.AGREE): State.SENT,
    (State.WAITING, Verb.SEND_ALONE): State.SENT,
    (State.WAITING, Verb.DECLINE): State.DECLINED,
    (State.WAITING, Verb.DISCARD): State.DISCARDED,
    (State.SENT, Verb.CONFIRM): State.SENT,
    (State.SENT, Verb.NUDGE): State.SENT,
    (State.SENT, Verb.CLEAR): State.CLEARED,
    (State.SENT, Verb.RECALL): State.RECALLED,
    (State.SENT, Verb.END): State.ENDED,
    (State.ENDED, Verb.CONFIRM): State.ENDED,
    (State.ENDED, Verb.CLEAR): State.CLEARED,
    (State.ENDED, Verb.RECALL): State.RECALLED,
}


@immutable
class Alert:
    """One alert.

    `villages`: its addressees; `expires_at`: not delivered after that; `asked_at`: the instant at which a second person was asked;
    `alone_because`: why it was sent without the second person that it needed. `hazard`: the kind of danger (domain/alerts/hazards.py);
    `source`: the issuer of a warning that is passed on: words, or the key of a text. `photo` (a file id) and `pin` (latitude, longitude) show the shelter.
    """

    id: int
    station_id: StationId
    author_id: PersonId
    author_name: str
    level: Level
    text: str
    drill: bool
    villages: tuple[VillageId, ...]
    state: State
    created_at: datetime
    asked_at: datetime | None = None
    second_id: PersonId | None = None
    sent_at: datetime | None = None
    expires_at: datetime | None = None
    nudged_at: datetime | None = None
    nudges: int = 0
    ended_at: datetime | None = None
    alone_because: str = ""
    hazard: Hazard = Hazard.OTHER
    source: str = ""
    photo: str = ""
    pin: tuple[float, float] | None = None
    version: int = 1

    @property
    def card(self) -> str:
        """The board's live card; also its name in timers and audit, and its batch in the outbox."""
        return f"alert:{self.id}"

    def card_for(self, village_id: VillageId) -> str:
        """Return the live card of those who receive it in a village."""
        return f"alert:{self.id}:{village_id}"

    @property
    def closing_batch(self) -> str:
        """The batch of the messages that say that it is over: recalled, or all clear."""
        return f"{'clear' if self.state is State.CLEARED else 'recall'}:{self.id}"

    @property
    def shows_shelter(self) -> bool:
        """True when there is a picture or a pin to show."""
        return bool(self.photo or self.pin)

    @property
    def short_head(self) -> dict[str, Any]:
        """The first words without the source, for a label."""
        level: dict[str, Any] = {"t": f"alert.level.{self.level}"}
        if self.hazard:
            level = {"t": f"alert.named.{self.level}", "p": {"hazard": {"t": f"alert.hazard.{self.hazard}"}}}
        return {"t": "alert.drill", "p": {"level": level}} if self.drill else level

    @property
    def head(self) -> dict[str, Any]:
        """The first words of every text about it: kind, level, drill, and the source."""
        if not self.source:
            return self.short_head
        source = {"t": self.source} if self.source.startswith("alert.source.") else self.source
        return {"t": "alert.head.source", "p": {"head": self.short_head, "source": source}}

    @property
    def head_for_handlers(self) -> dict[str, Any]:
        """The first words for everybody who acts on it: they also say when it was sent alone."""
        return {"t": "alert.alone.head", "p": {"head": self.head}} if self.alone_because else self.head


@immutable
class Change:
    """A decided alert with its audit event and the timers it starts."""

    value: Alert
    event: Event
    timers: tuple[Timer, ...] = ()


# Decisions --------------------------------------------------------------------------------------------------------------


def needs_second(villages: Collection[VillageId], people: int, *, stations: Iterable[Collection[VillageId]], rules: AlertRules) -> bool:
    """Decide whether a red alert to these villages needs a second person, drill or not.

    It does when it reaches too many people, or too large a share of one station's villages. `stations`: the villages of each station.
    """
    chosen = set(villages)
    return people > rules.alone_people or any(len(chosen & set(all_of_it)) > len(all_of_it) * rules.alone_share for all_of_it in stations)


def may_alert(actor: Person, village: Village) -> bool:
    """Decide whether the actor may alert a village and see its missing confirmations.

    Its officer, the desk or a leader of its station may.
    """
    return serves(actor, village, Role.OFFICER)


def may_second(actor: Person, alert: Alert, author: Person | None = None) -> bool:
    """Decide whether the actor may agree: police of the station in a post of their own.

    A second account of the author may not.
    """
    if author is not None and is_same_human(actor, author):
        return False
    stations = {post.station_id for post in actor.posts if post.role in POLICE and post.deputises_for is None}
    return actor.id != alert.author_id and not actor.suspended and alert.station_id in stations


def may_recall(actor: Person, alert: Alert) -> bool:
    """Decide whether the actor may recall it or give the all-clear.

    Its sender may while they are police; desk and leaders may.
    """
    if actor.suspended:
        return False
    return (actor.id == alert.author_id and actor.holds(*POLICE)) or alert.station_id in actor.stations(Role.DUTY, Role.LEADER)


def ask(alert: Alert, actor_id: PersonId, *, at: datetime, remind_after: timedelta) -> Change:
    """Ask a second person to decide; remind them later, and let it lapse after an hour.

    `remind_after`: from then on the author may also send it alone.
    """
    _fresh(alert.created_at, PREVIEW_LASTS, at)
    value = replace(_moved(alert, Verb.ASK), asked_at=at)
    looks = [at + remind_after, at + ASKED_LASTS]
    timers = tuple(_timer(value, UNANSWERED, due, turn) for turn, due in enumerate(looks, start=1))
    return _decided(value, Verb.ASK, actor_id, at, timers)


def send(alert: Alert, actor_id: PersonId, *, at: datetime, list_after: timedelta) -> Change:
    """Send it as it was previewed, without a second person.

    Raises:
        RuleError: `alert.preview_old` when the preview is older than two hours.
    """
    _fresh(alert.created_at, PREVIEW_LASTS, at)
    value = replace(_moved(alert, Verb.SEND), sent_at=at, expires_at=at + LASTS[alert.level])
    return _decided(value, Verb.SEND, actor_id, at, _timers(value, at, list_after))


def agree(alert: Alert, actor: Person, *, author: Person | None = None, at: datetime, list_after: timedelta) -> Change:
    """Send it because a second person agrees.

    Raises:
        RuleError: `alert.second_is_first` for the person who asked, `alert.preview_old` after an hour.
    """
    value = replace(_moved(alert, Verb.AGREE), sent_at=at, expires_at=at + LASTS[alert.level], second_id=actor.id)
    if actor.id is None or not may_second(actor, alert, author):
        raise RuleError("alert.second_is_first")
    _fresh(alert.asked_at or alert.created_at, ASKED_LASTS, at)
    return _decided(value, Verb.AGREE, actor.id, at, _timers(value, at, list_after))


def send_alone(alert: Alert, actor_id: PersonId, *, because: str, at: datetime, second_within: timedelta, list_after: timedelta) -> Change:
    """Send it without a second person: nobody answered in time, or nobody could be asked.

    Raises:
        RuleError: `alert.alone.too_early` while a second person may still answer, `alert.preview_old` after an hour.
    """
    value = _moved(alert, Verb.SEND_ALONE)
    if alert.asked_at is not None and at < alert.asked_at + second_within:
        raise RuleError("alert.alone.too_early", minutes=-(-int(second_within.total_seconds()) // 60))
    _fresh(alert.asked_at or alert.created_at, ASKED_LASTS if alert.asked_at else PREVIEW_LASTS, at)
    value = replace(value, sent_at=at, expires_at=at + LASTS[alert.level], alone_because=because)
    made = _decided(value, Verb.SEND_ALONE, actor_id, at, _timers(value, at, list_after))
    return replace(made, event=replace(made.event, words=because))


def decline(alert: Alert, actor: Person, *, at: datetime) -> Change:
    """Decline it as the second person."""
    value = replace(_moved(alert, Verb.DECLINE), second_id=actor.id, ended_at=at)
    if actor.id is None or not may_second(actor, alert):
        raise RuleError("alert.second_is_first")
    return _decided(value, Verb.DECLINE, actor.id, at)


def discard(alert: Alert, actor_id: PersonId | None, *, at: datetime) -> Change:
    """Discard it unsent (by its author, or by the clock when nobody agreed)."""
    return _decided(replace(_moved(alert, Verb.DISCARD), ended_at=at), Verb.DISCARD, actor_id, at)


def confirm(alert: Alert, village_id: VillageId, actor: Person, *, how: How, at: datetime, list_after: timedelta) -> Confirmation:
    """Confirm a village: its chair says so, or police who telephoned."""
    _moved(alert, Verb.CONFIRM)
    assert actor.id is not None, "a stranger confirms nothing"
    assert alert.sent_at is not None, "what was sent has an instant"
    return Confirmation(
        alert_id=alert.id, village_id=village_id, person_id=actor.id, name=actor.name, how=how, at=at, late=at >= alert.sent_at + list_after
    )


def nudge(alert: Alert, actor_id: PersonId, *, at: datetime, silent: int) -> Change:
    """Remind the villages that have not confirmed.

    Raises:
        RuleError: `alert.nudged_just_now` within a minute, `alert.nobody_silent` when everybody has confirmed.
    """
    value = replace(_moved(alert, Verb.NUDGE), nudged_at=at, nudges=alert.nudges + 1)
    if silent == 0:
        raise RuleError("alert.nobody_silent")
    if alert.nudged_at is not None and at - alert.nudged_at < NUDGE_PAUSE:
        raise RuleError("alert.nudged_just_now")
    return _decided(value, Verb.NUDGE, actor_id, at)


def recall(alert: Alert, actor: Person, *, at: datetime) -> Change:
    """Recall it from everybody it was sent to.

    Raises:
        RuleError: `refused.not_allowed` for an actor who neither sent it nor leads the station.
    """
    value = replace(_moved(alert, Verb.RECALL), ended_at=at)
    if not may_recall(actor, alert):
        raise RuleError("refused.not_allowed")
    return _decided(value, Verb.RECALL, actor.id, at, (board_timer(value, at, 1),))


def clear(alert: Alert, actor: Person, *, at: datetime) -> Change:
    """Give the all-clear to everybody it was sent to: the danger is over.

    Raises:
        RuleError: `refused.not_allowed` for an actor who neither sent it nor leads the station.
    """
    value = replace(_moved(alert, Verb.CLEAR), ended_at=at)
    if not may_recall(actor, alert):
        raise RuleError("refused.not_allowed")
    return _decided(value, Verb.CLEAR, actor.id, at, (board_timer(value, at, 1),))


def end(alert: Alert, *, at: datetime) -> Change:
    """End it because it is too old to be delivered."""
    return _decided(replace(_moved(alert, Verb.END), ended_at=at), Verb.END, None, at)


def board_timer(alert: Alert, at: datetime, turn: int) -> Timer:
    """Return the timer of the next check of deliveries: soon at first, then less often."""
    pause = min(_FIRST_LOOK * 2 ** min(turn - 1, 10), _LAST_PAUSE)
    return _timer(alert, BOARD, at + pause, turn)


def _timers(alert: Alert, at: datetime, list_after: timedelta) -> tuple[Timer, ...]:
    lists = [_timer(alert, LIST, at + list_after * turn, turn) for turn in (1, 2)]
    asks = [_timer(alert, ASK_CLEAR, at + span, turn) for turn, span in enumerate(clear_asked(alert), start=1)]
    return (board_timer(alert, at, 1), *lists, *asks, _timer(alert, END, at + LASTS[alert.level], 0))


def clear_asked(alert: Alert) -> tuple[timedelta, ...]:
    """Return when its author is asked for the all-clear, as spans after sending."""
    return DRILL_CLEAR_ASKED if alert.drill else CLEAR_ASKED


def _timer(alert: Alert, kind: str, due: datetime, turn: int) -> Timer:
    return Timer(kind, alert.card, due, f"{kind}:{alert.id}:{alert.state}:{turn}", {"alert": alert.id, "turn": turn})


def _fresh(since: datetime, lasts: timedelta, at: datetime) -> None:
    if at - since > lasts:
        raise RuleError("alert.preview_old")


def _moved(alert: Alert, verb: Verb) -> Alert:
    try:
        return replace(alert, state=MOVES[alert.state, verb])
    except KeyError:
        raise RuleError(f"alert.is.{alert.state}") from None


def _decided(value: Alert, verb: Verb, actor_id: PersonId | None, at: datetime, timers: tuple[Timer, ...] = ()) -> Change:
    data = {"level": value.level, "drill": value.drill, "villages": len(value.villages)}
    return Change(value, Event(value.card, f"alert.{verb}", actor_id, at, data=data), timers)
