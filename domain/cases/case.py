"""The case as plain values: kinds, states, actions, and what a change of one carries.

Knows no rule: which moves there are stands in domain/cases/move_table.py, what each makes of a case in domain/cases/moves.py. Must not know
storage, texts or the clock.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.cases.actors import CaseActor
from domain.cases.escalation import EscalationLevel, EscalationPolicy
from domain.core.change import CaseId, Event, PersonId, StationId, Timer, VillageId
from domain.core.immutable import immutable
from domain.people.people import Role


class Kind(StrEnum):
    """What a report is about."""

    DISPUTE = "dispute"
    HAZARD = "hazard"
    OPINION = "opinion"
    FRAUD = "fraud"
    OTHER = "other"


class Category(StrEnum):
    """The categories of disputes in mediation statistics; NONE for everything that is no dispute or not sorted yet."""

    NONE = ""
    MARRIAGE = "marriage"
    NEIGHBOUR = "neighbour"
    HOUSING = "housing"
    CONTRACT = "contract"
    PRODUCTION = "production"
    DAMAGES = "damages"
    LAND = "land"
    DEMOLITION = "demolition"
    LABOUR = "labour"
    POLLUTION = "pollution"
    PROPERTY = "property"
    CONSUMER = "consumer"
    MEDICAL = "medical"
    ECOMMERCE = "ecommerce"
    TOURISM = "tourism"
    GOVERNANCE = "governance"
    OTHER = "other"


class Severity(StrEnum):
    """How long something can wait: PRESSING not at all, MINOR as long as it must."""

    URGENT = "pressing"
    ORDINARY = "ordinary"
    MINOR = "minor"


class State(StrEnum):
    """Where a case stands in the chain."""

    OPEN = "open"
    ACCEPTED = "accepted"
    MEDIATING = "mediating"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    JOINT = "joint"
    SETTLED = "settled"
    REFERRED = "referred"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


WAITING = frozenset({State.OPEN, State.ESCALATED})
IN_WORK = frozenset({State.ACCEPTED, State.MEDIATING, State.ACKNOWLEDGED, State.JOINT})
ENDED = frozenset({State.SETTLED, State.REFERRED, State.CLOSED, State.WITHDRAWN})
ACTIVE = WAITING | IN_WORK


class Action(StrEnum):
    """What can be done to a case. OPEN is its beginning; LAPSE and STALL are the clock's."""

    OPEN = "open"
    ACCEPT = "accept"
    ACK = "ack"
    MEDIATE = "mediate"
    SETTLE = "settle"
    REFER = "refer"
    CLOSE = "close"
    ESCALATE = "escalate"
    ASK = "ask"
    ANSWER = "answer"
    NOTE = "note"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    RECUSE = "recuse"
    SOLVED = "solved"
    UNSOLVED = "unsolved"
    LAPSE = "lapse"
    STALL = "stall"


#: The source of a case that somebody opened because there is danger now: chair, officer and duty desk are told at once.
SOS = "sos"


@immutable
class NewCase:
    """What is known when a case is opened.

    `severity` None: read from the words. `reporter_id` None with `reporter_name`: opened for somebody who has no phone here.
    `details`: answers to the kind's own questions (JSON). `source`: how it came in ("report", "forwarded", "for_other", SOS).
    """

    kind: Kind
    text: str
    village_id: VillageId
    category: Category = Category.NONE
    severity: Severity | None = None
    place: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    reporter_id: PersonId | None = None
    reporter_name: str = ""
    opened_by: PersonId | None = None
    name_hidden: bool = False
    source: str = ""


@immutable
class Case:
    """A case. `id` is the number people say. `holder`: the role that has it now; `holder_id`: the person, once taken.

    `rung`, `fence`, `due_at`, `ladder`: see domain/cases/escalation.py; `acted_at`: when its holder last recorded something; `next_at`: the date
    agreed for the next session. `parties`: persons who must not see it. `reporter_name`, `reporter_phone`, `village` come from the directory.
    """

    id: CaseId
    kind: Kind
    category: Category
    severity: Severity
    state: State
    village_id: VillageId
    station_id: StationId
    village: str
    text: str
    place: str
    details: dict[str, Any]
    source: str
    reporter_id: PersonId | None
    reporter_name: str
    reporter_phone: str
    opened_by: PersonId | None
    name_hidden: bool
    holder: Role
    holder_id: PersonId | None
    holder_name: str
    rung: EscalationLevel
    fence: int
    due_at: datetime | None
    ladder: EscalationPolicy
    opened_at: datetime
    acted_at: datetime
    next_at: datetime | None = None
    ended_at: datetime | None = None
    parties: tuple[PersonId, ...] = ()
    sessions: int = 0
    photos: int = 0
    voices: int = 0
    files: int = 0
    version: int = 1

    @property
    def subject(self) -> str:
        """The name under which audit, timers and messages know it."""
        return f"case:{self.id}"

    @property
    def card(self) -> str:
        """The name of its live card."""
        return f"case:{self.id}"

    @property
    def ended(self) -> bool:
        """Whether nobody has to do anything about it."""
        return self.state in ENDED

    @property
    def excluded_ids(self) -> tuple[PersonId, ...]:
        """Persons who must not be told as holders of a post: the parties and the reporter."""
        return self.parties if self.reporter_id is None else (*self.parties, self.reporter_id)


@immutable
class Session:
    """One mediation: when (or in words), where, with whom, the result, and the next date."""

    result: str
    held_at: datetime | None = None
    held_words: str = ""
    place: str = ""
    present: str = ""
    next_at: datetime | None = None


@immutable
class CaseChange:
    """What a move makes: the new value, its audit event, what storage adds, and the ladder's timers.

    `restep`: the ladder moved, so every waiting timer of the case is stopped before `timers` start.
    """

    before: Case
    case: Case
    action: Action
    by: CaseActor
    event: Event
    timers: tuple[Timer, ...] = ()
    restep: bool = False
    party: PersonId | None = None
    session: Session | None = None
