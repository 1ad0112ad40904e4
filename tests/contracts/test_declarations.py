"""Each feature declares its tables, people, subjects, numbers, scopes and counts.

Every contract is shown to fail on a broken copy of the registry or of the code.
"""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.process.database_startup import open_database
from bot.routes import FEATURES as ROUTED
from domain.core.change import PersonId, VillageId
from domain.core.immutable import immutable
from domain.found.things import State
from storage.core.records import Records, RecordTable, Scope
from storage.core.registry import Data, Number, Personal, Registry, Subject, everybody
from storage.core.retention import Retention
from storage.features import REGISTRY
from storage.maintenance.backup import PASSED_OVER, begin_anew
from storage.unit import Store
from tests.contracts.declarations import (
    chat_columns,
    faults_of_erasing,
    faults_of_holders,
    faults_of_merging,
    faults_of_messages,
    faults_of_numbers,
    faults_of_order,
    faults_of_places,
    faults_of_scope,
    faults_of_secrets,
    faults_of_subjects,
    faults_of_tables,
    name_columns,
    parts,
    personal_columns,
    schema,
    tables,
    without,
)
from tests.contracts.sources import ROOT
from tests.engines import new_database, rows
from tests.storage.towns import change, filled, forget_mark

if TYPE_CHECKING:
    from pathlib import Path

    from domain.people.people import Person

ENGINES = ("sqlite", "postgres")
AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
#: The chat of whoever is erased.
CHAT = 4242
FEATURES = {each.name: each for each in REGISTRY.features}


# Tables ---------------------------------------------------------------------------------------------------------------


def test_every_table_is_declared_by_one_feature():
    assert faults_of_tables(schema(), REGISTRY) == []


def test_undeclared_table_is_found():
    raw = schema()
    raw.execute("CREATE TABLE lamps (id INTEGER PRIMARY KEY)")
    assert faults_of_tables(raw, REGISTRY) == ["lamps is declared by no feature: does it grow, or why is it small?"]


def test_missing_declared_table_is_found():
    broken = without(REGISTRY, "alerts", grows=(*FEATURES["alerts"].grows, "lamps"))
    assert faults_of_tables(schema(), broken) == ["lamps is declared and is no table"]


@pytest.mark.parametrize(
    "twice",
    [
        Data("lamps", grows=("cases",)),
        Data("lamps", numbers=(Number("case"),)),
        Data("lamps", personal=Personal(moved=("cases.holder_id",))),
    ],
)
def test_registry_is_refused_when_two_features_declare_the_same(twice):
    with pytest.raises(ValueError, match="declared twice"):
        Registry((*REGISTRY.features, twice))


# People ---------------------------------------------------------------------------------------------------------------


def test_every_person_column_is_merged_or_has_a_reason():
    assert faults_of_merging(schema(), REGISTRY) == []


@pytest.mark.parametrize(
    "columns", ["owner BIGINT REFERENCES people(id)", "lit_by BIGINT", "person_id BIGINT"], ids=lambda columns: columns.partition(" ")[0]
)
def test_undeclared_person_column_is_found(columns):
    raw = schema()
    raw.execute(f"CREATE TABLE lamps ({columns})")
    assert faults_of_merging(raw, REGISTRY) == [f"lamps.{columns.partition(' ')[0]} names a person, and no feature says what becomes of it"]


def test_every_column_with_a_person_is_held_by_a_post_or_past():
    assert faults_of_holders(REGISTRY, ROUTED) == []


def test_a_column_that_says_nothing_about_changes_of_posts_is_found():
    personal = replace(FEATURES["training"].personal, held=())
    assert faults_of_holders(without(REGISTRY, "training", personal=personal), ROUTED) == [
        "trainings.organiser_id names a person: is it held by a post, or past?"
    ]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("cases", "cases holds cases.holder_id and gives it to nobody when posts change"),
        ("found", "found holds found_items.handled_by and gives it to nobody when posts change"),
        ("broadcasts", "broadcasts has schedules and gives them to nobody when posts change"),
    ],
)
def test_a_feature_that_gives_nothing_away_is_found(name: str, fault: str):
    broken = [replace(each, on_posts_changed=None, records=()) if each.name == name else each for each in ROUTED]
    assert faults_of_holders(REGISTRY, broken) == [fault]


def test_every_column_with_a_village_moves_along_or_says_why_it_stays():
    assert faults_of_places(schema(), REGISTRY) == []


def test_column_with_a_village_is_found_when_no_feature_declares_it():
    raw = schema()
    raw.execute("CREATE TABLE lamps (village_id BIGINT)")
    assert faults_of_places(raw, REGISTRY) == ["lamps.village_id names a village, and no feature says what becomes of it when it closes"]


async def remains(tmp_path: Path, registry: Registry) -> set[str]:
    """Return the columns that name a person both before and after they are erased.

    In the database, every row is about this person.
    """
    path = tmp_path / "town.db"
    url = await filled(path)
    with contextlib.closing(sqlite3.connect(path)) as raw:
        numbers, names, chats = personal_columns(raw), name_columns(raw), sorted(chat_columns(raw))
    for column, value in [*((column, 3) for column in numbers), *((column, "徐三") for column in names)]:
        table, _, name = column.partition(".")
        change(path, f"UPDATE OR REPLACE {table} SET {name} = ?", value)  # noqa: S608 (the schema's own names)
    for table, _, name in (column.partition(".") for column in chats):
        oldest = f"SELECT MIN(rowid) FROM {table}"  # noqa: S608
        change(path, f"UPDATE {table} SET channel = 'telegram', {name} = ? WHERE rowid = ({oldest})", CHAT)  # noqa: S608
    store = Store(await open_database(url), registry)
    await store.transact(lambda unit: unit.privacy.forget(PersonId(3), at=AT))
    await store.close()
    found = set()
    with contextlib.closing(sqlite3.connect(path)) as raw:
        for column, value in [
            *dict.fromkeys(numbers, 3).items(),
            *dict.fromkeys(names, "徐三").items(),
            *dict.fromkeys(chats, CHAT).items(),
        ]:
            table, _, name = column.partition(".")
            (left,) = raw.execute(f"SELECT COUNT(*) FROM {table} WHERE {name} = ?", (value,)).fetchone()  # noqa: S608
            found |= {column} if left else set()
    return found


async def test_every_person_column_is_erased_or_has_a_reason(tmp_path):
    assert faults_of_erasing(REGISTRY, await remains(tmp_path, REGISTRY)) == []


async def test_missing_erase_statement_is_found(tmp_path):
    cases = FEATURES["cases"].personal
    broken = without(REGISTRY, "cases", personal=replace(cases, erase=tuple(line for line in cases.erase if "case_followers" not in line)))
    assert faults_of_erasing(broken, await remains(tmp_path, broken)) == [
        "case_followers.person_id still names who was erased: erase it, or say why it is kept"
    ]


async def test_chat_left_in_a_table_is_found(tmp_path):
    people = FEATURES["people"].personal
    broken = without(REGISTRY, "people", personal=replace(people, erase=tuple(line for line in people.erase if "menus" not in line)))
    assert faults_of_erasing(broken, await remains(tmp_path, broken)) == [
        "menus.user_id still names who was erased: erase it, or say why it is kept"
    ]


def test_unneeded_reason_is_found_when_column_is_erased():
    kept = {column for columns in REGISTRY.personal.kept.values() for column in columns}
    assert faults_of_erasing(REGISTRY, kept - {"cases.opened_by"}) == ["cases.opened_by is said to be kept and is erased"]


def test_erase_statements_do_not_read_emptied_tables():
    declared = REGISTRY.personal
    assert faults_of_order((*declared.erase, *declared.erase_last)) == []
    assert faults_of_order(declared.left) == []


def test_erase_statement_is_found_when_it_reads_an_emptied_table():
    declared = REGISTRY.personal
    assert len(faults_of_order((*declared.erase_last, *declared.erase))) == 6


# Secrets --------------------------------------------------------------------------------------------------------------


@immutable
class Lamp:
    """A record."""

    id: int
    village_id: VillageId
    village: str
    state: State
    words: str
    lit_by: PersonId | None
    handover_code: str


class Lamps(Records[Any]):
    table = RecordTable(
        Lamp, "lamps", feature="lamp", scope=Scope(()), retention=Retention.ORDER, told=("words", "state"), sealed=("answer_one",)
    )


def test_coordinates_have_one_table_of_cases_and_two_of_public_places_of_villages():
    raw = schema()
    columns = {(table, row[1]) for table in tables(raw) for row in raw.execute(f'PRAGMA table_info("{table}")')}
    assert {table for table, name in columns if name in ("latitude", "longitude", "lat", "lon")} == {
        "case_points",
        "village_points",
        "village_places",
    }


def test_every_column_that_looks_like_a_secret_is_one_or_says_who_is_shown_it():
    assert faults_of_secrets(schema(), REGISTRY) == []


def test_a_column_that_looks_like_a_secret_and_is_not_declared_is_found():
    raw = schema()
    raw.execute("CREATE TABLE wires (access_code TEXT, encoded TEXT, phone TEXT)")
    wires = Data("wires", shown={"whoever has the pole": ("wires.phone",), "nobody asked": ("wires.encoded",)})
    assert faults_of_secrets(raw, Registry((*REGISTRY.features, wires))) == [
        "wires.access_code looks like a secret: is it one, or who may be shown it?",
        "wires.encoded needs no reason to be shown",
    ]


def test_a_column_of_a_record_without_a_class_is_found():
    raw = schema()
    raw.execute(
        "CREATE TABLE lamps (id BIGINT, village_id BIGINT, state TEXT, words TEXT, lit_by BIGINT, handover_code TEXT, answer_one TEXT, hint TEXT)"
    )
    assert faults_of_secrets(raw, Registry((*REGISTRY.features, Data("lamps", records=(Lamps,))))) == [
        "lamps.hint is neither a field nor sealed",
        "lamps.handover_code is neither told nor sealed",
        "lamps.state is said to be told and is no text",
        "lamps.handover_code looks like a secret: is it one, or who may be shown it?",
    ]


async def test_registry_adds_what_a_kind_of_record_declares(tmp_path):
    registry = Registry((*REGISTRY.features, Data("lamps", records=(Lamps,))))
    lamps = registry.features[-1]
    assert (lamps.grows, lamps.numbers, lamps.secrets) == (("lamps",), (Number("lamp"),), ("lamps.answer_one",))
    assert lamps.personal.moved == ("lamps.lit_by",)
    assert registry.subjects["lamp"].sealed
    assert Registry(registry.features).grows == registry.grows, "what is added once is not added again"


# Subjects -------------------------------------------------------------------------------------------------------------


def first_one(actor: Person) -> tuple[str, tuple[Any, ...]]:
    """Let everybody open number 1."""
    return "x.id = ?", (1,)


def test_every_subject_has_scope_retention_and_number():
    assert faults_of_subjects(ROOT, REGISTRY) == []
    assert [kind for kind, subject in REGISTRY.subjects.items() if not subject.sealed] == ["appointment", "alert"]


def test_subject_is_refused_when_scope_gate_and_retention_are_missing():
    with pytest.raises(TypeError, match="'scope', 'gate', and 'retention'"):
        Subject("lamp", "lamps")  # type: ignore[call-arg]


def test_incomplete_subject_is_found(tmp_path):
    (tmp_path / "domain").mkdir()
    code = (
        'class Lamp:\n    @property\n    def card(self): return f"lamp:{self.id}"\n'
        'class Wire:\n    @property\n    def subject(self): return f"wire:{self.id}"\n'
    )
    (tmp_path / "domain" / "lamps.py").write_text(code, encoding="utf-8")
    lamp = Data("lamps", subjects=(Subject("lamp", "lamps", None, None, None),), secrets=("lamps.code",))  # type: ignore[arg-type]
    assert faults_of_subjects(tmp_path, Registry((*REGISTRY.features, lamp))) == [
        "wire is declared by no feature (domain/lamps.py:6)",
        "lamp has its row in lamps, which no feature declares",
        "lamp is numbered by no counter: people see its number, and a restore would give it again",
        "lamp does not say who may open it",
        "lamp does not say who may be told of it",
        "lamp does not say how long it stays",
        "lamps.code is said to be secret and is no column",
    ]


def test_every_retention_has_period_and_reason():
    assert all(each.period.days > 0 and each.why for each in Retention)


async def test_unit_uses_declared_scope_and_gate(tmp_path):
    lamp = Data("lamps", subjects=(Subject("lamp", "stations", first_one, everybody, Retention.ORDER),))
    store = Store(await open_database(await new_database("sqlite", tmp_path)), Registry((*REGISTRY.features, lamp)))

    asked = ("lamp:1", "lamp:2", "case:1", "alert:1", "training:1", "broadcast:1", "appointment:1", "wire:1", "lamp:x")

    async def ask(unit: Any) -> tuple[list[bool], list[bool]]:
        await unit.transaction.execute("INSERT INTO stations (name) VALUES ('一所'), ('二所')")
        nobody = await unit.people.actor(_nowhere(), name="", language="zh", at=AT)
        villager = replace(nobody, id=await unit.people.add("徐三", at=AT))
        for who in (nobody, replace(villager, suspended=True)):
            assert not any([await unit.may_see(who, each) for each in asked] + await unit.may_be_told([(who, each) for each in asked]))
        return [await unit.may_see(villager, each) for each in asked], await unit.may_be_told([(villager, each) for each in asked])

    found = await store.transact(ask)
    await store.close()
    assert found == (
        [True, False, False, False, False, False, False, False, False],
        [True, True, False, True, False, True, False, False, False],
    )


def _nowhere() -> Any:
    from handlers.core.context import NOWHERE

    return NOWHERE.address


# Numbers --------------------------------------------------------------------------------------------------------------


def test_every_visible_number_is_declared_and_skipped_by_restore():
    assert faults_of_numbers(ROOT, REGISTRY) == []


def test_number_is_found_when_restore_would_reuse_it(tmp_path):
    for name in ("handlers", "storage", "domain"):
        (tmp_path / name).mkdir()
    code = 'N = facts.next_number("case")\nfacts.next_number(f"lamp:{x}")\nfacts.next_number("wire")\nfacts.next_number(f"tips.turn:{x}")\n'
    (tmp_path / "storage" / "lamps.py").write_text(code, encoding="utf-8")
    people = FEATURES["people"]
    broken = without(
        REGISTRY, "people", numbers=(Number("wire"), Number("pole:a")), row_ids={**people.row_ids, "cases": "x"} | {"people": "x"}
    )
    broken = without(broken, "core", row_ids={})
    found = faults_of_numbers(tmp_path, broken)
    assert found[:2] == [
        "case begins with 1 (storage/lamps.py:1) and is declared to begin with 1001",
        "'lamp:' is counted and not declared: a restore would give its numbers again (storage/lamps.py:2)",
    ]
    assert "alert is declared and never counted" in found
    assert "pole:a has a colon, as counters that a restore leaves alone have" in found
    assert "timers has row ids that a restore gives again: count them, or say why that harms nobody" in found
    assert "cases is said to have row ids and has none, or is counted" in found


@pytest.mark.parametrize("number", REGISTRY.numbers, ids=lambda number: number.name)
async def test_restore_skips_every_declared_number(tmp_path, number):
    files = [tmp_path / "copy.db", tmp_path / "lost.db"]
    for file, given in zip(files, (3, 40), strict=True):
        file.parent.mkdir(exist_ok=True)
        store = Store(await open_database(f"sqlite:///{file}"))
        for _ in range(given):
            last = await store.transact(lambda unit: unit.facts.next_number(number.name, start=number.first))
        await store.close()
        forget_mark(file)  # a restore writes into a copy without a mark
    following = begin_anew(files[0], instead_of=files[1], numbers=REGISTRY.numbers, at=AT)
    store = Store(await open_database(f"sqlite:///{files[0]}"))
    following_now = await store.transact(lambda unit: unit.facts.next_number(number.name, start=number.first))
    await store.close()
    assert following_now == following[number.name] == last + PASSED_OVER + 1
    assert begin_anew(files[0], instead_of=files[1], numbers=(), at=AT) == {}


# Scope ----------------------------------------------------------------------------------------------------------------


def test_every_list_and_lookup_requires_actor():
    assert faults_of_scope(parts(), REGISTRY.features) == []


def test_list_without_scope_is_found():
    class Lamps:
        async def visible_to(self, number: int) -> None: ...
        async def list_lit(self) -> None: ...
        async def list_mine(self, actor: Person) -> None: ...

    assert faults_of_scope([Lamps], [Data("lamps", unscoped={"Lamps.list_lit": "the mayor's", "Lamps.list_gone": "nobody's"})]) == [
        "Lamps.visible_to asks for no actor and gives no reason",
        "Lamps.list_gone has a reason and is not there",
    ]


# Statistics -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [each for subject in REGISTRY.subjects.values() for each in subject.counts], ids=lambda count: count.name)
async def test_every_count_reads_its_columns_on_both_engines(tmp_path, engine, count):
    database = await open_database(await new_database(engine, tmp_path))
    sql = f"SELECT kind, village_id, severity, {', '.join(count.instants)} FROM ({count.select}) AS counted"  # noqa: S608
    found = await database.transact(lambda transaction: transaction.fetch_all(sql))
    await database.close()
    assert found == []


async def test_counts_include_existing_rows(tmp_path):
    url = await filled(tmp_path / "town.db", rows=3)
    for subject in REGISTRY.subjects.values():
        for count in subject.counts:
            assert len(await rows(url, count.select)) == 3, count.name


# Sent messages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"params": '{"code":"s3cret"}'}, "lamp.lit gives a secret away"),
        ({"buttons": '[[["lamp.on","lamp.s3cret",[],{},""]]]'}, "lamp.lit gives a secret away"),
        ({"buttons": '[[["lamp.on","lamp.on.7",[],{},""]]]'}, "lamp.lit has a button without a route: lamp.on.7"),
        ({"subject": "lamp:7"}, "lamp.lit is about lamp, which no feature declares"),
        ({"subject": "case:7", "buttons": '[[["lamp.on","ok",[],{},""],["lamp.link","",[],{},"https://x"]]]'}, ""),
    ],
)
def test_message_with_secret_or_unrouted_button_is_found(row, fault):
    message = {"key": "lamp.lit", "params": "{}", "buttons": "", "subject": ""} | row
    found = faults_of_messages([message], secrets=["s3cret", "1"], verbs=["ok"], registry=REGISTRY)
    assert fault in found if fault else found == []
