"""The case as plain values: kinds, states, actions, and the content of a change.

Knows no rules. The table of moves is in domain/cases/move_table.py, the result of each move in domain/cases/moves.py. Must not know
storage, texts or the clock.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.cases.actors import CaseActor
from domain.cases.escalation import EscalationLevel, EscalationPolicy
from domain.cases.rounds import Scene
from domain.cases.visibility import NAMED, Visibility
from domain.core.change import CaseId, Event, PersonId, StationId, Timer, VillageId
from domain.core.immutable import immutable
from domain.emergencies.heard import Danger
from domain.people.people import Role


class Kind(StrEnum):
    """Subject of a report."""

    DISPUTE = "dispute"
    HAZARD = "hazard"
    OPINION = "opinion"
    FRAUD = "fraud"
    OTHER = "other"


class Category(StrEnum):
    """Categories of disputes in mediation statistics.

    NONE: not a dispute, or not sorted yet.
    """

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
    """Urgency of a case: PRESSING cannot wait, MINOR can wait as long as it must."""

    URGENT = "pressing"
    ORDINARY = "ordinary"
    MINOR = "minor"


class State(StrEnum):
    """Position of a case in the chain."""

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
    """Actions on a case: OPEN starts it; LAPSE, STALL, RING and REASSIGN are made by the clock.

    Of an urgent case: RING calls again, ARRIVE says that somebody is there; the reporter CANCELs it as a mistake, SPOKE: the police spoke
    with them, RAISE: it was not a mistake. UNHEARD: the reporter says that nobody got in touch. SUPPLEMENT: a follower adds something. VISITED: a handler
    asked after an ended case, and it is solved. UNDO: the last move was a mistake, of a minute ago at most.
    """

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
    REASSIGN = "reassign"
    POLICE_NOTE = "police_note"
    SHARE = "share"
    EXCLUDE = "exclude"
    CONCERNS = "concerns"
    CLEAR = "clear"
    SHOW_MEDIA = "show_media"
    HIDE_NUMBERS = "hide_numbers"
    RESTRICT = "restrict"
    LIFT = "lift"
    ASK_SEAL = "ask_seal"
    OPEN_SEAL = "open_seal"
    RING = "ring"
    ARRIVE = "arrive"
    CANCEL = "cancel"
    SPOKE = "spoke"
    RAISE = "raise"
    CORRECT = "correct"
    ASSIGN = "assign"
    HAND_BACK = "hand_back"
    SNOOZE = "snooze"
    UNHEARD = "unheard"
    SUPPLEMENT = "supplement"
    VISITED = "visited"
    UNDO = "undo"


class Side(StrEnum):
    """Reason why a person must not see a case.

    DOUBTFUL: the words leave open whether it is against them; the reporter is asked.
    """

    PARTY = ""
    AGAINST = "against"
    DOUBTFUL = "doubtful"
    RECUSED = "recused"
    EXCLUDED = "excluded"


#: Details with a person for whom somebody files: seen by those who see the name, and by the person who filed it.
ELDER, ELDERS_PHONE = "report.detail.elder", "report.detail.phone"
#: The source of an SOS case: somebody is in danger now. Chair, officer and duty desk are notified at once.
SOS = "sos"


@immutable
class NewCase:
    """Everything known when a case is opened.

    `severity` None: derived from the words. `reporter_id` None with `reporter_name`: opened for somebody without a phone here. `details`:
    answers to the kind's own questions (JSON). `source`: the way it came in ("report", "forwarded", "for_other", "family", SOS). `side`: why the
    parties given to `open_case` must not see it. `danger`, `at_home`: the kind of danger as it was heard or chosen, and whether it comes from
    the family; None: derived from the words of an urgent report.
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
    visibility: Visibility = NAMED
    side: Side = Side.PARTY
    source: str = ""
    danger: Danger | None = None
    at_home: bool = False


@immutable
class Case:
    """A case: `id` is the number that people use, `holder` the role, `holder_id` the assignee.

    `holder_id` is None until somebody takes the case. `rung`, `fence`, `due_at`, `ladder`: see domain/cases/escalation.py; `acted_at`: when
    the assignee last recorded something; `step_at`: when it last started to wait on a level;
    `next_at`: the date agreed for the next session. `parties`: persons who must not see it; `doubtful`:
    those of them about whom the reporter is asked; `excluded_names`: names that the reporter excluded. `handlers`: the readers of a
    restricted case. `reporter_name`, `reporter_phone`, `village` come from the directory; `phone_given`: the reporter gave the number for
    those who see their name. `followers`: how many joined the report. `filer_name`: the person
    in office who filed it for somebody else. `danger`: the kind of danger of an urgent case, None
    when unknown; `at_home`: it comes from the family. `scene`: of an urgent case. `placed_at`: when the newest point of the place came.
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
    visibility: Visibility
    holder: Role
    holder_id: PersonId | None
    holder_name: str
    rung: EscalationLevel
    fence: int
    due_at: datetime | None
    ladder: EscalationPolicy
    opened_at: datetime
    acted_at: datetime
    step_at: datetime
    next_at: datetime | None = None
    ended_at: datetime | None = None
    parties: tuple[PersonId, ...] = ()
    doubtful: tuple[PersonId, ...] = ()
    excluded_names: tuple[str, ...] = ()
    handlers: tuple[PersonId, ...] = ()
    sessions: int = 0
    photos: int = 0
    voices: int = 0
    files: int = 0
    picture: str = ""
    danger: Danger | None = None
    at_home: bool = False
    scene: Scene | None = None
    placed_at: datetime | None = None
    phone_given: bool = False
    followers: int = 0
    filer_name: str = ""
    version: int = 1

    @property
    def subject(self) -> str:
        """The name of the case in audit, timers and messages."""
        return f"case:{self.id}"

    @property
    def card(self) -> str:
        """The name of its live card."""
        return f"case:{self.id}"

    @property
    def ended(self) -> bool:
        """True when nobody has to work on it."""
        return self.state in ENDED

    @property
    def calls(self) -> bool:
        """True while the rounds and questions of an urgent case go on: nobody is there yet."""
        return self.scene is not None and self.scene.over_at is None and self.ladder.rounds is not None and not self.ended

    @property
    def excluded_ids(self) -> tuple[PersonId, ...]:
        """Persons who must not be notified as holders of a post: the parties and the reporter."""
        return self.parties if self.reporter_id is None else (*self.parties, self.reporter_id)


@immutable
class Session:
    """One mediation session: time (or words for it), place, people, result and next date."""

    result: str
    held_at: datetime | None = None
    held_words: str = ""
    place: str = ""
    present: str = ""
    next_at: datetime | None = None


@immutable
class CaseChange:
    """The result of a move: the new value, its audit event, rows to add and escalation timers.

    `restep`: the escalation level changed, so every pending timer of the case is stopped before `timers` start. `side`: why new parties
    must not see the case.
    """

    before: Case
    case: Case
    action: Action
    by: CaseActor
    event: Event
    timers: tuple[Timer, ...] = ()
    restep: bool = False
    side: Side = Side.PARTY
    session: Session | None = None
