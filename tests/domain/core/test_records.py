"""The table of moves: the content of a decided record, and the refusals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pytest

from domain.core.change import PersonId, RuleError, StationId, VillageId
from domain.core.immutable import immutable
from domain.core.records import Lifecycle, one_line

AT = datetime(2026, 6, 1, tzinfo=UTC)


class State(StrEnum):
    """A lamp's."""

    LIT = "lit"
    OUT = "out"
    SCRAPPED = "scrapped"


class Verb(StrEnum):
    """The verbs of the sample record."""

    DOUSE = "douse"
    LIGHT = "light"
    SCRAP = "scrap"


@immutable
class Lamp:
    """A record of its own."""

    id: int
    village_id: VillageId
    station_id: StationId
    state: State
    oil: int = 0
    ended_at: datetime | None = None
    version: int = 1


LAMPS: Lifecycle[Lamp] = Lifecycle(
    "lamp",
    {(State.LIT, Verb.DOUSE): State.OUT, (State.OUT, Verb.LIGHT): State.LIT, (State.OUT, Verb.SCRAP): State.SCRAPPED},
    ended=(State.SCRAPPED,),
)
LIT = Lamp(7, VillageId(3), StationId(1), State.LIT)


def test_move_carries_the_new_value_its_version_and_its_event():
    change = LAMPS.move(LIT, Verb.DOUSE, PersonId(5), AT, words="没油了", oil=9)
    assert (change.value.state, change.value.oil, change.value.version, change.value.ended_at) == (State.OUT, 9, 2, None)
    assert (change.event.subject, change.event.action, change.event.actor_id, change.event.at) == ("lamp:7", "lamp.douse", 5, AT)
    assert change.event.words == "没油了"
    assert (change.timers, change.restart) == ((), False)
    assert LIT.state is State.LIT


def test_promises_take_the_place_of_older_ones_and_differ_from_them():
    first = LAMPS.timer(LIT, "lamp_look", AT)
    change = LAMPS.move(LIT, Verb.DOUSE, None, AT, promises=lambda new: (LAMPS.timer(new, "lamp_look", AT + timedelta(days=new.version)),))
    (timer,) = change.timers
    assert change.restart
    assert (timer.kind, timer.subject, timer.due_at, timer.data) == (
        "lamp_look",
        "lamp:7",
        AT + timedelta(days=2),
        {"number": 7, "turn": 1},
    )
    assert timer.occurrence != first.occurrence


def test_every_open_record_has_a_next_step_from_its_beginning():
    (timer,) = LAMPS.begin(LIT, PersonId(5), AT).timers
    assert (timer.kind, timer.subject, timer.due_at, timer.data) == ("record_open", "lamp:7", AT + timedelta(days=30), {"number": 7})
    wires: Lifecycle[Lamp] = Lifecycle("wire", {}, ended=(), next_step=lambda wire, at: wires.timer(wire, "wire_look", at))
    assert [each.kind for each in wires.begin(LIT, None, AT).timers] == ["wire_look"]


def test_record_stops_its_timers_when_it_ends():
    change = LAMPS.move(LAMPS.move(LIT, Verb.DOUSE, None, AT).value, Verb.SCRAP, None, AT)
    assert (change.value.ended_at, change.restart, change.timers) == (AT, True, ())


@pytest.mark.parametrize(("state", "verb"), [(State.LIT, Verb.LIGHT), (State.LIT, Verb.SCRAP), (State.SCRAPPED, Verb.LIGHT)])
def test_move_that_is_not_in_the_table_is_refused_with_the_state(state: State, verb: Verb):
    lamp = Lamp(7, VillageId(3), StationId(1), state)
    assert not LAMPS.allows(lamp, verb)
    with pytest.raises(RuleError) as refused:
        LAMPS.move(lamp, verb, None, AT)
    assert (refused.value.key, refused.value.params) == (f"lamp.is.{state}", {"number": "7"})


def test_lifecycle_knows_its_states():
    assert LAMPS.states == set(State)


@pytest.mark.parametrize(("said", "line"), [("  一把\n红伞 ", "一把 红伞"), ("a" * 10, "a" * 10)])
def test_one_line_is_clean(said: str, line: str):
    assert one_line(said, most=10, key="lamp.again") == line


@pytest.mark.parametrize("said", ["", " \n", "\u200b", "a" * 11])
def test_one_line_is_refused_when_it_is_nothing_or_too_long(said: str):
    with pytest.raises(RuleError) as refused:
        one_line(said, most=10, key="lamp.again")
    assert (refused.value.key, refused.value.params) == ("lamp.again", {"most": 10})
