"""Claims: somebody who lost a thing says that a found thing is theirs.

Knows the tries and who judges; must not know what the details are. Invariants: the keeper judges the answers and never on their own claim;
tries are limited per person and per thing; one person at a time has a hand-over code.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from domain.core.change import PersonId, RuleError, StationId, VillageId
from domain.core.immutable import immutable
from domain.core.records import Lifecycle, RecordChange
from domain.found.things import Class, Item, Loss

ANSWER_LENGTH = 60
#: Tries of one person at one thing; tries of all at one thing in `TRIES_WITHIN`; wrong codes of one keeper in the same span.
TRIES, TRIES_OF_ALL, WRONG_CODES = 3, 5, 5
TRIES_WITHIN = timedelta(days=1)


class ClaimState(StrEnum):
    """State of a claim.

    `offered`: after a match or a wrong answer; `heard`: the keeper read the answers.
    """

    OFFERED = "offered"
    ANSWERED = "answered"
    HEARD = "heard"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    CLOSED = "closed"


class ClaimVerb(StrEnum):
    """Actions on a claim."""

    ANSWER = "answer"
    HEAR = "hear"
    ACCEPT = "accept"
    REFUSE = "refuse"
    HAND_OVER = "hand_over"
    CLOSE = "close"


@immutable
class Claim:
    """A lost thing that may be a found one; its village and class are those of the found one.

    `code`: six digits that the receiver says at the hand-over; empty until accepted.
    """

    id: int
    village_id: VillageId
    station_id: StationId
    village: str
    kind: Class
    item_id: int
    loss_id: int
    finder_id: PersonId
    claimant_id: PersonId
    state: ClaimState
    opened_at: datetime
    ended_at: datetime | None = None
    code: str = ""
    version: int = 1


#: The answers wait for a keeper.
UNJUDGED = frozenset({ClaimState.ANSWERED, ClaimState.HEARD})
CLAIMS: Lifecycle[Claim] = Lifecycle(
    "claim",
    {
        (ClaimState.OFFERED, ClaimVerb.ANSWER): ClaimState.ANSWERED,
        (ClaimState.OFFERED, ClaimVerb.CLOSE): ClaimState.CLOSED,
        (ClaimState.ANSWERED, ClaimVerb.HEAR): ClaimState.HEARD,
        (ClaimState.ANSWERED, ClaimVerb.CLOSE): ClaimState.CLOSED,
        (ClaimState.HEARD, ClaimVerb.ACCEPT): ClaimState.ACCEPTED,
        (ClaimState.HEARD, ClaimVerb.REFUSE): ClaimState.OFFERED,
        (ClaimState.HEARD, ClaimVerb.CLOSE): ClaimState.CLOSED,
        (ClaimState.ACCEPTED, ClaimVerb.HAND_OVER): ClaimState.RETURNED,
        (ClaimState.ACCEPTED, ClaimVerb.CLOSE): ClaimState.CLOSED,
    },
    ended=(ClaimState.RETURNED, ClaimState.CLOSED),
)


def offer(number: int, item: Item, loss: Loss, *, by: PersonId, at: datetime) -> RecordChange[Claim]:
    """Register that a lost thing may be a found one."""
    value = Claim(
        number,
        item.village_id,
        item.station_id,
        item.village,
        item.kind,
        item.id,
        loss.id,
        item.finder_id,
        loss.owner_id,
        ClaimState.OFFERED,
        at,
    )
    return CLAIMS.begin(value, by, at)


def check_tries(item_id: int, *, own: int, of_all: int) -> None:
    """Check that somebody may try once more.

    Raises:
        RuleError: `claim.too_many`, the same for both limits.
    """
    if is_locked(own=own, of_all=of_all):
        raise RuleError("claim.too_many", number=str(item_id))


def is_locked(*, own: int, of_all: int) -> bool:
    """Tell whether no try is left, for the person or for all today."""
    return own >= TRIES or of_all >= TRIES_OF_ALL


def answer(claim: Claim, by: PersonId, *, at: datetime) -> RecordChange[Claim]:
    """Record that the claimant described the thing."""
    return CLAIMS.move(claim, ClaimVerb.ANSWER, by, at)


def hear(claim: Claim, by: PersonId, *, at: datetime) -> RecordChange[Claim]:
    """Record that the keeper read the answers."""
    return CLAIMS.move(claim, ClaimVerb.HEAR, by, at)


def accept(claim: Claim, by: PersonId, code: str, others: list[Claim], *, at: datetime) -> RecordChange[Claim]:
    """Accept the claimant as the owner.

    Raises:
        RuleError: `claim.other_accepted`: somebody else already has a code for this thing.
    """
    change = CLAIMS.move(claim, ClaimVerb.ACCEPT, by, at, code=code)
    if any(each.state is ClaimState.ACCEPTED and each.id != claim.id for each in others):
        raise RuleError("claim.other_accepted", number=str(claim.item_id))
    return change


def refuse(claim: Claim, by: PersonId, *, at: datetime) -> RecordChange[Claim]:
    """Record that the answers were wrong; which one is not kept."""
    return CLAIMS.move(claim, ClaimVerb.REFUSE, by, at)


def hand_over(claim: Claim, by: PersonId, *, at: datetime) -> RecordChange[Claim]:
    """Record that the claimant has the thing; the code ends."""
    return CLAIMS.move(claim, ClaimVerb.HAND_OVER, by, at, code="")


def close(claim: Claim, by: PersonId, *, at: datetime) -> RecordChange[Claim]:
    """End a claim whose thing is not there any more."""
    return CLAIMS.move(claim, ClaimVerb.CLOSE, by, at, code="")
