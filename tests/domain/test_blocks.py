"""Blocks: states and verbs, who proposes, who decides, who lifts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain import blocks
from domain.blocks import BLOCKS, Block, State, Verb
from domain.core.change import Address, ChatId, PersonId, RuleError, StationId, VillageId
from domain.people.people import Person, Post, Role, Village

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
VILLAGE = Village(VillageId(1), "上徐村", StationId(1))
PROPOSAL = Block(1, VILLAGE.id, VILLAGE.station_id, PersonId(9), 1003, "骂人", 7, State.PROPOSED, PersonId(2), AT)


def person(number: int, role: Role, village: int | None = None, station: int = 1) -> Person:
    post = Post(role, StationId(station), None if village is None else VillageId(village))
    return Person(PersonId(number), f"某{number}", "zh", Address("telegram", ChatId(number)), posts=(post,), consented=True)


OFFICER, LEADER = person(3, Role.OFFICER, 1), person(4, Role.LEADER)
DO = {
    Verb.BLOCK: lambda block: blocks.decide(block, OFFICER, at=AT),
    Verb.DECLINE: lambda block: blocks.decline(block, PersonId(3), at=AT),
    Verb.LIFT: lambda block: blocks.lift(block, PersonId(3), at=AT),
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", Verb)
def test_every_verb_in_every_state_is_allowed_by_the_table_or_refused(state: State, verb: Verb):
    block = replace(PROPOSAL, state=state)
    if (state, verb) in BLOCKS.moves:
        assert DO[verb](block).value.state is BLOCKS.moves[state, verb]
    else:
        with pytest.raises(RuleError) as refused:
            DO[verb](block)
        assert refused.value.key == f"block.is.{state}"


def test_block_ends_by_itself_after_its_days():
    made = blocks.decide(PROPOSAL, OFFICER, at=AT)
    assert made.value.until_at == AT + timedelta(days=7)
    assert [(timer.kind, timer.due_at) for timer in made.timers] == [(blocks.EXPIRED, AT + timedelta(days=7))]
    assert made.event.words == "骂人"


@pytest.mark.parametrize(
    ("actor", "blocks_it", "proposes"),
    [
        (OFFICER, True, False),
        (LEADER, True, False),
        (person(5, Role.DUTY), True, False),
        (person(5, Role.OFFICER, 2), False, False),
        (person(5, Role.LEADER, station=2), False, False),
        (person(5, Role.CHAIR, 1), False, True),
        (person(5, Role.CHAIR, 2), False, False),
        (person(5, Role.MEMBER, 1), False, False),
        (person(5, Role.ADMIN), False, False),
        (replace(OFFICER, suspended=True), False, False),
    ],
)
def test_police_of_the_village_block_and_its_chair_proposes(actor: Person, blocks_it: bool, proposes: bool):
    assert blocks.may_block(actor, VILLAGE) is blocks_it
    assert blocks.may_propose(actor, VILLAGE) is proposes


@pytest.mark.parametrize(
    ("decided_by", "actor", "may"),
    [
        (OFFICER, OFFICER, True),
        (OFFICER, person(6, Role.OFFICER, 1), True),
        (OFFICER, LEADER, True),
        (LEADER, OFFICER, False),
        (LEADER, person(6, Role.DUTY), False),
        (LEADER, person(6, Role.LEADER), True),
        (OFFICER, person(6, Role.LEADER, station=2), False),
    ],
)
def test_block_is_lifted_by_the_same_or_a_higher_rank(decided_by: Person, actor: Person, may: bool):
    assert blocks.may_decide(actor, blocks.decide(PROPOSAL, decided_by, at=AT).value) is may


@pytest.mark.parametrize(("target", "key"), [(None, "block.nobody"), (person(9, Role.MEMBER, 1), "block.in_office")])
def test_holder_of_a_post_is_not_blocked(target: Person | None, key: str):
    with pytest.raises(RuleError) as refused:
        blocks.check_target(target)
    assert refused.value.key == key
