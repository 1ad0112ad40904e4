"""Broadcasts: one message to many recipients, their states and progress.

Knows a broadcast's life and how to count it; must not know what it says. Invariant: nothing is sent before its preview was confirmed, and
the receivers are those of the villages that the sender may still send to when it is sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from domain.core.change import Event, PersonId, RuleError, StationId, VillageId
from domain.core.immutable import immutable, replace
from domain.people.people import Role, serves

if TYPE_CHECKING:
    from domain.people.people import Person, Village

CELLS = 10
#: Messages per second that are sent when nothing else is known: a little under Telegram's limit.
USUAL_PACE = 25.0


class Audience(StrEnum):
    """Recipients within a village."""

    GROUPS = "groups"
    PEOPLE = "people"
    BOTH = "both"


class State(StrEnum):
    """State of a broadcast."""

    DRAFT = "draft"
    SENDING = "sending"
    DONE = "done"
    STOPPED = "stopped"
    DISCARDED = "discarded"


class Verb(StrEnum):
    """Actions on a broadcast."""

    CHANGE = "change"
    CONFIRM = "confirm"
    DISCARD = "discard"
    STOP = "stop"
    FINISH = "finish"
    RETRY = "retry"


#: (state, verb) → next state. A pair that is missing is refused with `broadcast.is.<state>`.
MOVES: dict[tuple[State, Verb], State] = {
    (State.DRAFT, Verb.CHANGE): State.DRAFT,
    (State.DRAFT, Verb.CONFIRM): State.SENDING,
    (State.DRAFT, Verb.DISCARD): State.DISCARDED,
    (State.SENDING, Verb.STOP): State.STOPPED,
    (State.SENDING, Verb.FINISH): State.DONE,
    (State.SENDING, Verb.RETRY): State.SENDING,
    (State.DONE, Verb.RETRY): State.SENDING,
}


@immutable
class Broadcast:
    """A message to many.

    `key`, `params`: the sentence (texts.render); `params["title"]` names it to its sender. `kind`: its type ("tip", "notice").
    `photo`: the file id of its picture. `villages`: chosen by
    the sender, reduced to those they may send to. `total`: receivers when confirmed. `schedule_id`: the schedule it came from.
    """

    id: int
    kind: str
    station_id: StationId
    author_id: PersonId
    key: str
    params: dict[str, Any]
    audience: Audience
    villages: tuple[VillageId, ...]
    state: State
    total: int = 0
    schedule_id: int | None = None
    photo: str = ""
    created_at: datetime | None = None
    version: int = 1

    @property
    def batch(self) -> str:
        """The name of its messages in the outbox."""
        return f"{self.kind}:{self.id}"

    @property
    def card(self) -> str:
        """The name of its live card, and its subject in timers and audit."""
        return f"broadcast:{self.id}"


@immutable
class Change:
    """A decided broadcast with its audit event."""

    value: Broadcast
    event: Event


def may_broadcast_to(actor: Person, village: Village) -> bool:
    """Decide whether the actor may send to everybody of a village.

    Its officer, the desk or a leader of its station may.
    """
    return serves(actor, village, Role.OFFICER)


def change(
    broadcast: Broadcast,
    actor_id: PersonId | None,
    *,
    at: datetime,
    audience: Audience | None = None,
    villages: tuple[VillageId, ...] | None = None,
) -> Change:
    """Change the receivers of a draft."""
    value = replace(
        _moved(broadcast, Verb.CHANGE),
        audience=audience or broadcast.audience,
        villages=broadcast.villages if villages is None else villages,
    )
    return _decided(value, Verb.CHANGE, actor_id, at)


def confirm(broadcast: Broadcast, actor_id: PersonId | None, *, at: datetime, version: int, total: int) -> Change:
    """Send it as it was previewed.

    Raises:
        RuleError: `broadcast.changed` when the preview is older than the draft, `broadcast.nobody` when nobody would receive it.
    """
    value = _moved(broadcast, Verb.CONFIRM)
    if version != broadcast.version:
        raise RuleError("broadcast.changed")
    if total == 0:
        raise RuleError("broadcast.nobody")
    return _decided(replace(value, total=total), Verb.CONFIRM, actor_id, at)


def simple(broadcast: Broadcast, verb: Verb, actor_id: PersonId | None, *, at: datetime) -> Change:
    """Discard, stop, finish or retry."""
    return _decided(_moved(broadcast, verb), verb, actor_id, at)


def _moved(broadcast: Broadcast, verb: Verb) -> Broadcast:
    try:
        return replace(broadcast, state=MOVES[broadcast.state, verb])
    except KeyError:
        raise RuleError(f"broadcast.is.{broadcast.state}") from None


def _decided(value: Broadcast, verb: Verb, actor_id: PersonId | None, at: datetime) -> Change:
    return Change(value, Event(value.card, f"broadcast.{verb}", actor_id, at, data={"audience": value.audience, "total": value.total}))


@immutable
class Progress:
    """Progress of a broadcast; `unsure` messages may have arrived."""

    total: int
    sent: int
    failed: int
    unsure: int
    waiting: int

    @property
    def settled(self) -> int:
        """Number of messages with an outcome."""
        return self.sent + self.failed + self.unsure

    @property
    def bar(self) -> str:
        """Ten cells, all full only when every message has an outcome."""
        full = CELLS * self.settled // max(self.total, 1)
        return "▓" * full + "░" * (CELLS - full)


def progress(counts: dict[str, int], *, total: int) -> Progress:
    """Count a broadcast from the states of its messages in the outbox.

    `total`: receivers at the confirmation. Stopped messages ("superseded") have no outcome and are not waited for.
    """
    seen = sum(counts.values())
    return Progress(
        max(total, seen),
        counts.get("sent", 0),
        counts.get("failed", 0) + counts.get("expired", 0),
        counts.get("unknown", 0),
        counts.get("waiting", 0),
    )


def seconds_left(now: Progress, *, settled_before: int, elapsed: timedelta) -> int:
    """Estimate the remaining time from the pace since the last check.

    In steps of five seconds, at least five.
    """
    done, seconds = now.settled - settled_before, elapsed.total_seconds()
    pace = done / seconds if done > 0 and seconds > 0 else USUAL_PACE
    left = (now.total - now.settled) / pace
    return max(5, 5 * round(left / 5 + 0.4))
