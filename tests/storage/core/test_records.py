"""Records as rows on every engine: read as written, versioned, visible by scope."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest

from domain.core.change import NotFound, PersonId, StationId, VillageId
from domain.found import things as rules
from domain.found.things import Class, Item, State
from domain.people.people import POLICE, Person, Post, Role, Village
from storage.core.records import Grant, Scope, _plain, _reader
from storage.engine.database import Conflict
from storage.found import FoundItems
from tests.handlers.conftest import harness, town

if TYPE_CHECKING:
    from domain.core.records import RecordChange
    from storage.unit import Unit
    from tests.handler_harness import HandlerHarness

__all__ = ["harness", "town"]


async def add(harness: HandlerHarness, finder: Person, *, kind: Class = Class.ORDINARY, sealed: tuple[str, str] = ("红", "蓝")) -> Item:
    village = Village(harness.villages["上徐村"], "上徐村", harness.station)

    async def work(unit: Unit) -> Item:
        number = await unit.records(FoundItems).next_number()
        change = rules.report(number, finder, village, kind=kind, what="一把伞", place="村口", details=2, at=harness.at)
        return await unit.records(FoundItems).add(change, sealed=dict(zip(("detail_one", "detail_two"), sealed, strict=True)))

    return await harness.store.transact(work)


async def person(harness: HandlerHarness, role: Role, village: str = "", *, name: str = "某人") -> Person:
    person_id = (await harness.person(name, role, village)).person_id
    assert person_id is not None
    return await harness.store.transact(lambda unit: unit.people.get(person_id, at=harness.at))


async def record(harness: HandlerHarness, change: RecordChange[Item]) -> Item:
    return await harness.store.transact(lambda unit: unit.records(FoundItems).record(change))


async def test_record_is_read_as_it_was_written(harness: HandlerHarness):
    finder = await person(harness, Role.VILLAGER, "上徐村", name="老徐")
    item = await add(harness, finder, kind=Class.VALUABLE)
    found = await harness.store.transact(lambda unit: unit.records(FoundItems).find(item.id))
    assert found == item
    assert (item.village, item.finder_name, item.kind, item.opened_at) == ("上徐村", "老徐", Class.VALUABLE, harness.at)
    keeper = (await person(harness, Role.CHAIR, "上徐村")).id
    assert keeper is not None
    moved = await record(harness, rules.deny(await record(harness, rules.receive(item, keeper, at=harness.at)), keeper, at=harness.at))
    assert await harness.store.transact(lambda unit: unit.records(FoundItems).find(item.id)) == moved
    assert (moved.state, moved.denials, moved.handled_by, moved.version) == (State.STORED, 1, keeper, 3)
    ended = await record(harness, rules.hand_over(moved, keeper, at=harness.at))
    assert await harness.store.transact(lambda unit: unit.records(FoundItems).find(item.id)) == ended
    assert ended.ended_at == harness.at


async def test_numbers_are_counted_and_never_given_again(harness: HandlerHarness):
    finder = await person(harness, Role.VILLAGER, "上徐村")
    items = [await add(harness, finder) for _ in range(2)]
    assert [item.id for item in items] == [1, 2]

    async def undone(unit: Unit) -> None:
        await unit.transaction.execute("DELETE FROM found_items WHERE id = 2")

    await harness.store.transact(undone)
    assert (await add(harness, finder)).id == 3


async def test_change_is_refused_when_another_was_faster(harness: HandlerHarness):
    item = await add(harness, await person(harness, Role.VILLAGER, "上徐村"))
    await record(harness, rules.deny(item, PersonId(2), at=harness.at))
    with pytest.raises(Conflict):
        await record(harness, rules.receive(item, PersonId(3), at=harness.at))
    events = await harness.store.transact(lambda unit: unit.audit.of("found:1"))
    assert [event.action for event in events] == ["found.open", "found.deny"]


async def test_absent_and_not_theirs_are_the_same_answer(harness: HandlerHarness):
    item = await add(harness, await person(harness, Role.VILLAGER, "上徐村"))
    stranger = await person(harness, Role.VILLAGER, "上徐村")
    said = []
    for number in (item.id, 99):
        for ask in (lambda unit, number=number: unit.records(FoundItems).visible_to(stranger, number),
                    lambda unit, number=number: unit.records(FoundItems).unseal(stranger, number, at=harness.at)):  # fmt: skip
            with pytest.raises(NotFound) as refused:
                await harness.store.transact(ask)
            said.append((refused.value.key, refused.value.params["number"]))
    assert said == [("refused.not_found", "1")] * 2 + [("refused.not_found", "99")] * 2
    assert [event.action for event in await harness.store.transact(lambda unit: unit.audit.of("found:1"))] == ["found.open"]


async def test_sealed_columns_are_read_by_unseal_alone_and_it_is_recorded(harness: HandlerHarness):
    finder, chair = await person(harness, Role.VILLAGER, "上徐村"), await person(harness, Role.CHAIR, "上徐村")
    item = await add(harness, finder, sealed=("红照片", "断齿"))
    assert "红照片" not in repr(item)
    assert not {"detail_one", "detail_two"} & {field.name for field in fields(item)}
    assert await harness.store.transact(lambda unit: unit.records(FoundItems).unseal(chair, 1, at=harness.at)) == {
        "detail_one": "红照片", "detail_two": "断齿",
    }  # fmt: skip
    events = await harness.store.transact(lambda unit: unit.audit.of("found:1"))
    assert [(event.action, event.actor_id) for event in events] == [("found.open", finder.id), ("found.unseal", chair.id)]


async def test_sealed_column_is_written_with_a_change_and_read_once(harness: HandlerHarness):
    finder, chair = await person(harness, Role.VILLAGER, "上徐村"), await person(harness, Role.CHAIR, "上徐村")
    item = await add(harness, finder, sealed=("红照片", "断齿"))
    assert chair.id is not None
    change = rules.receive(item, chair.id, at=harness.at)
    await harness.store.transact(lambda unit: unit.records(FoundItems).record(change, sealed={"detail_two": "缺角"}))

    async def read(unit: Unit, *, once: bool) -> tuple[str, ...]:
        return tuple((await unit.records(FoundItems).unseal(chair, 1, at=harness.at, once=once)).values())

    assert await harness.store.transact(lambda unit: read(unit, once=True)) == ("红照片", "缺角")
    assert await harness.store.transact(lambda unit: read(unit, once=False)) == ("", "")


async def test_column_that_is_not_sealed_is_not_written_as_one(harness: HandlerHarness):
    item = await add(harness, await person(harness, Role.VILLAGER, "上徐村"))
    change = rules.deny(item, PersonId(1), at=harness.at)
    with pytest.raises(ValueError, match="found_items has no sealed column what"):
        await harness.store.transact(lambda unit: unit.records(FoundItems).record(change, sealed={"what": "伞"}))


async def test_change_on_an_older_version_writes_no_sealed_column(harness: HandlerHarness):
    item = await add(harness, await person(harness, Role.VILLAGER, "上徐村"), sealed=("红", "蓝"))
    await record(harness, rules.deny(item, PersonId(1), at=harness.at))
    with pytest.raises(Conflict):
        await harness.store.transact(
            lambda unit: unit.records(FoundItems).record(rules.deny(item, PersonId(1), at=harness.at), sealed={"detail_one": "白"})
        )
    rows = await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT detail_one FROM found_items"))
    assert [row["detail_one"] for row in rows] == ["红"]


# Scope ----------------------------------------------------------------------------------------------------------------

PLACES = {"here": ("上徐村", True), "next village": ("下李村", True), "other station": ("", False)}


def holder(harness: HandlerHarness, role: Role, place: str, *, person_id: int = 900, lent_by: int | None = None) -> Person:
    """Return a person with one post.

    The post is in the thing's village or station, in the next village, or at another station.
    """
    name, same_station = PLACES[place]
    station = harness.station if same_station else StationId(77)
    in_station = role in (Role.DUTY, Role.LEADER, Role.ADMIN)
    village = None if in_station else harness.villages.get(name, VillageId(88))
    post = Post(role, station, village, None if lent_by is None else PersonId(lent_by))
    return replace(SOMEBODY, id=PersonId(person_id), posts=(post,))


SOMEBODY = Person(PersonId(900), "某人", "zh", None, consented=True)  # type: ignore[arg-type]  # nobody writes to them
SEEN = {
    (Role.CHAIR, Class.ORDINARY, "here"), (Role.CHAIR, Class.PERISHABLE, "here"),
    *((role, kind, "here") for role in POLICE for kind in Class),
    *((role, kind, "next village") for role in (Role.DUTY, Role.LEADER) for kind in Class),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(set(Class) - {Class.PERSON}))
async def test_thing_is_seen_and_handled_by_the_posts_of_its_village_and_station_alone(harness: HandlerHarness, kind: Class):
    item = await add(harness, await person(harness, Role.VILLAGER, "上徐村"), kind=kind)
    for role in (Role.MEMBER, Role.SECRETARY, Role.CHAIR, Role.OFFICER, Role.DUTY, Role.LEADER, Role.ADMIN):
        for place in PLACES:
            actor = holder(harness, role, place)
            sees = (role, kind, place) in SEEN
            assert await visible(harness, actor, item.id) == sees, (role, place)
            assert rules.may_keep(actor, item) == sees, (role, place)
            assert not await visible(harness, replace(actor, suspended=True), item.id)


async def visible(harness: HandlerHarness, actor: Person, number: int) -> bool:
    listed = await harness.store.transact(lambda unit: unit.records(FoundItems).list_open(actor, limit=5))
    try:
        await harness.store.transact(lambda unit: unit.records(FoundItems).visible_to(actor, number))
    except NotFound:
        assert listed == []
        return False
    assert [item.id for item in listed] == [number]
    return True


async def test_own_thing_is_seen_whatever_its_class_and_a_borrowed_post_of_its_finder_shows_nothing(harness: HandlerHarness):
    finder = await person(harness, Role.VILLAGER, "上徐村")
    item = await add(harness, finder, kind=Class.DANGEROUS)
    assert await visible(harness, finder, item.id)
    assert finder.id is not None
    assert await visible(harness, holder(harness, Role.OFFICER, "here", lent_by=901), item.id)
    assert not await visible(harness, holder(harness, Role.OFFICER, "here", lent_by=int(finder.id)), item.id)


async def test_ended_thing_is_in_no_list_and_can_still_be_read(harness: HandlerHarness):
    finder = await person(harness, Role.VILLAGER, "上徐村")
    item = await record(harness, rules.withdraw(await add(harness, finder), PersonId(1), at=harness.at))
    assert await harness.store.transact(lambda unit: unit.records(FoundItems).list_open(finder, limit=5)) == []
    assert (await harness.store.transact(lambda unit: unit.records(FoundItems).visible_to(finder, item.id))).state is State.WITHDRAWN


def test_neighbours_see_what_a_scope_shows_them_and_nobody_from_elsewhere():
    scope = Scope(("finder_id",), (), neighbours=True)
    neighbour = replace(SOMEBODY, village_id=VillageId(3))
    assert scope.condition(neighbour) == ("(x.finder_id = ? OR x.village_id = ?)", (900, 3))
    assert scope.condition(replace(neighbour, consented=False)) == ("(x.finder_id = ?)", (900,))
    for nobody in (replace(neighbour, id=None), replace(neighbour, suspended=True)):
        assert scope.condition(nobody) == ("0 = 1", ())
    assert Scope((), (Grant(),)).condition(neighbour) == ("0 = 1", ())


def test_columns_of_every_kind_come_back_as_they_were():
    for hint, value in (
        (bool, True),
        (tuple[str, ...], ("a", "b")),
        (tuple[int, ...], ()),
        (State, State.STORED),
        (str, "x"),
        (float, 1.5),
    ):
        assert _reader(hint)(_plain(value)) == value
        assert type(_reader(hint)(_plain(value))) is type(value)
    for optional in (bool | None, State | None, tuple[str, ...] | None):
        assert _reader(optional)(None) is None
        assert _reader(optional)(_plain(None)) is None
