"""Opinions on the service: a villager writes, a leader of the station answers.

Knows an opinion's life and its readers; must not know how it is stored or told. Invariants: those whom an opinion is about never read it, also not
as deputies of a leader; an opinion is answered or withdrawn, and asked about until then.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.core.change import PersonId, StationId, Timer, VillageId
from domain.core.immutable import immutable
from domain.core.records import OPEN, Lifecycle, RecordChange
from domain.people.people import Person, Role

if TYPE_CHECKING:
    from collections.abc import Collection

LONGEST = 500
#: A leader is asked again after this.
AGAIN = timedelta(days=3)
#: Opinions of one person in a day.
PER_DAY = 5


class State(StrEnum):
    """State of an opinion."""

    SENT = "sent"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """Actions on an opinion."""

    ANSWER = "answer"
    WITHDRAW = "withdraw"


class Topic(StrEnum):
    """Subject matter of an opinion: a post, or the service as a whole."""

    CHAIR = "chair"
    OFFICER = "officer"
    DUTY = "duty"
    SERVICE = "service"


@immutable
class Opinion:
    """An opinion of one person, and a leader's answer."""

    id: int
    village_id: VillageId
    station_id: StationId
    author_id: PersonId
    topic: Topic
    text: str
    state: State
    opened_at: datetime
    answer: str = ""
    answered_by: PersonId | None = None
    ended_at: datetime | None = None
    version: int = 1
    village: str = ""
    author_name: str = ""
    leader_name: str = ""


def next_step(opinion: Opinion, at: datetime) -> Timer:
    """Return the timer that shows an open opinion to the leaders again."""
    subject = OPINIONS.subject(opinion)
    return Timer(OPEN, subject, at + AGAIN, f"{OPEN}:{subject}:{opinion.version}:{int(at.timestamp())}", {"number": opinion.id})


OPINIONS: Lifecycle[Opinion] = Lifecycle(
    "opinion",
    {(State.SENT, Verb.ANSWER): State.ANSWERED, (State.SENT, Verb.WITHDRAW): State.WITHDRAWN},
    ended=(State.ANSWERED, State.WITHDRAWN),
    next_step=next_step,
)


def topics_of(roles: Collection[Role]) -> tuple[Topic, ...]:
    """Return the topics of opinions that holders of these roles never read, except their own."""
    return tuple(topic for topic in Topic if topic in {str(role) for role in roles})


def may_answer(actor: Person, opinion: Opinion) -> bool:
    """Decide whether the actor may answer: a leader of the station whom it is not about."""
    about_them = opinion.topic in topics_of([post.role for post in actor.posts])
    return not actor.suspended and opinion.station_id in actor.stations(Role.LEADER) and not about_them


def send(opinion: Opinion, *, at: datetime) -> RecordChange[Opinion]:
    """Begin an opinion."""
    return OPINIONS.begin(opinion, opinion.author_id, at)


def answer(opinion: Opinion, words: str, by: PersonId | None, *, at: datetime) -> RecordChange[Opinion]:
    """Answer an opinion."""
    return OPINIONS.move(opinion, Verb.ANSWER, by, at, answer=words, answered_by=by)


def withdraw(opinion: Opinion, by: PersonId | None, *, at: datetime) -> RecordChange[Opinion]:
    """Withdraw an opinion (by its author, or when the author is erased)."""
    return OPINIONS.move(opinion, Verb.WITHDRAW, by, at)
