"""Blocks: police stop the reports of a villager for a time.

Knows a block's life and ranks; must not know how it is stored or told. Invariants: a chair proposes and police decide; nobody who holds a post
is blocked (a post is suspended); every block ends by itself; the SOS button is never blocked (domain/cases/fairness.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.core.change import PersonId, RuleError, StationId, VillageId
from domain.core.immutable import immutable
from domain.core.records import Lifecycle, RecordChange
from domain.people.people import POLICE, RANK, Person, Role, Village, serves

if TYPE_CHECKING:
    from domain.core.change import Timer

#: Days that are offered; a block always ends.
DAYS = (1, 7, 30)
LONGEST_REASON = 200
EXPIRED = "block_expired"
LAPSED = "block_lapsed"
#: A proposal that nobody decides ends after this.
PROPOSED_LASTS = timedelta(days=3)


class State(StrEnum):
    """State of a block. `lifted`: ended, by police or by its time."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    DECLINED = "declined"
    LIFTED = "lifted"


class Verb(StrEnum):
    """Actions on a block."""

    BLOCK = "block"
    DECLINE = "decline"
    LIFT = "lift"


@immutable
class Block:
    """A block of the person who reported a case.

    `decided_by` and `rank`: the person and the role that decided it; `until_at`: its end once it is decided.
    """

    id: int
    village_id: VillageId
    station_id: StationId
    person_id: PersonId
    case_id: int
    reason: str
    days: int
    state: State
    opened_by: PersonId
    opened_at: datetime
    decided_by: PersonId | None = None
    rank: str = ""
    until_at: datetime | None = None
    ended_at: datetime | None = None
    version: int = 1
    village: str = ""


def next_step(block: Block, at: datetime) -> Timer:
    """Return the timer that ends a block, or a proposal that nobody decides."""
    if block.until_at is not None:
        return BLOCKS.timer(block, EXPIRED, block.until_at)
    return BLOCKS.timer(block, LAPSED, block.opened_at + PROPOSED_LASTS)


BLOCKS: Lifecycle[Block] = Lifecycle(
    "block",
    {
        (State.PROPOSED, Verb.BLOCK): State.ACTIVE,
        (State.PROPOSED, Verb.DECLINE): State.DECLINED,
        (State.ACTIVE, Verb.LIFT): State.LIFTED,
    },
    ended=(State.DECLINED, State.LIFTED),
    next_step=next_step,
)


def may_block(actor: Person, village: Village) -> bool:
    """Decide whether the actor may block a villager for what they reported in this village."""
    return serves(actor, village, Role.OFFICER)


def may_propose(actor: Person, village: Village) -> bool:
    """Decide whether the actor may ask police for a block: the chair of the village."""
    return not actor.suspended and village.id in actor.villages(Role.CHAIR)


def may_decide(actor: Person, block: Block) -> bool:
    """Decide whether the actor may decide a proposal, or lift a block.

    It takes police of its village; to lift it, also the rank that decided it or a higher one.
    """
    if not may_block(actor, Village(block.village_id, "", block.station_id)):
        return False
    return not block.rank or RANK.index(_rank(actor, block)) >= RANK.index(Role(block.rank))


def check_target(target: Person | None, *, named: bool = True) -> PersonId:
    """Return the person to block.

    `named` False: the actor may not know the person's name, and is not told either that they hold a post.

    Raises:
        RuleError: `block.nobody` for somebody who is gone, `block.in_office` for the holder of a post.
    """
    if target is None or target.id is None:
        raise RuleError("block.nobody")
    if named and target.posts:
        raise RuleError("block.in_office")
    return target.id


def propose(block: Block, *, at: datetime) -> RecordChange[Block]:
    """Begin a block: a proposal until police decide it."""
    return BLOCKS.begin(block, block.opened_by, at)


def decide(block: Block, actor: Person, *, at: datetime) -> RecordChange[Block]:
    """Block, for the proposed number of days."""
    return BLOCKS.move(
        block,
        Verb.BLOCK,
        actor.id,
        at,
        words=block.reason,
        promises=lambda new: (next_step(new, at),),
        decided_by=actor.id,
        rank=str(_rank(actor, block)),
        until_at=at + timedelta(days=block.days),
    )


def decline(block: Block, actor_id: PersonId | None, *, at: datetime) -> RecordChange[Block]:
    """Decline a proposal (by police, or by the clock)."""
    return BLOCKS.move(block, Verb.DECLINE, actor_id, at)


def lift(block: Block, actor_id: PersonId | None, *, at: datetime) -> RecordChange[Block]:
    """End a block (by police, or by the clock)."""
    return BLOCKS.move(block, Verb.LIFT, actor_id, at)


def _rank(actor: Person, block: Block) -> Role:
    """Return the actor's highest own post over a block.

    Somebody who has only borrowed posts acts as an officer.
    """
    here = [
        post
        for post in actor.posts
        if post.role in POLICE
        and (post.village_id == block.village_id or (post.village_id is None and post.station_id == block.station_id))
    ]
    own = [post.role for post in here if post.deputises_for is None]
    return max(own, key=RANK.index, default=Role.OFFICER if here else Role.VILLAGER)
