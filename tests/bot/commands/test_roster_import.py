from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.dom import minidom

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from bot.commands.cli import app
from bot.commands.posters import way_of, write_posters
from bot.commands.roster_files import read_roster, read_roster_file
from bot.commands.roster_import import Wishes, import_roster
from bot.commands.roster_report import Report
from bot.process.database_startup import open_database
from domain.core.change import Address, ChatId, PersonId, StationId, VillageId
from domain.people.invitations import digest
from domain.people.people import Role, Village
from domain.people.roster import Fault, Roster, check
from domain.people.roster_plan import Answers
from storage.unit import Store
from tests.contracts.sources import ROOT
from tests.engines import new_database

ENGINES = ("sqlite", "postgres")
AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
YAML = """
station: 禾安所
villages: [上徐村, 下李村]
people:
  - {name: 王主任, role: chair, villages: [上徐村], phone: 13800000001, telegram_id: 1001}
  - {name: 赵主任, role: chair, villages: [下李村], phone: "138 0000 0002"}
  - {name: 张警官, role: officer, villages: [上徐村, 下李村], phone: 13800000003, telegram_id: 1003}
  - {name: 陈所, role: leader, telegram_id: 1004}
"""
HEADER = ["姓名", "角色", "村", "电话", "Telegram", "派出所"]


@pytest.fixture
async def store(engine, tmp_path):
    opened = Store(await open_database(await new_database(engine, tmp_path)))
    yield opened
    await opened.close()


async def bring(store: Store, text: str | bytes, **facts) -> Report:
    content, at = text.encode() if isinstance(text, str) else text, facts.pop("at", AT)
    answers = Answers(
        **{name: facts.pop(name) for name in ("same", "other", "moved", "replaces_chairs", "removes_absent") if name in facts}
    )
    return await import_roster(store, read_roster(content), at=at, wishes=Wishes(answers=answers, **facts))


async def dump(store: Store) -> list[tuple[object, ...]]:
    async def load(unit):
        tables = ("stations", "villages", "people", "addresses", "posts", "invitations", "audit")
        return [tuple(row) for table in tables for row in await unit.transaction.fetch_all(f"SELECT * FROM {table} ORDER BY 1, 2")]  # noqa: S608 - our own table names

    return await store.transact(load)


def xlsx(*rows: Sequence[object], villages: list[str] | None = None) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    if villages:
        sheet = book.create_sheet("村")
        for village in ["村", *villages]:
            sheet.append([village])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def faults(content: bytes) -> list[Fault]:
    found = check(read_roster(content))
    return [] if isinstance(found, Roster) else list(found)


def keys(content: bytes | str) -> list[str]:
    return [fault.key for fault in faults(content.encode() if isinstance(content, str) else content)]


async def test_a_roster_becomes_a_town(store):
    report = await bring(store, YAML)
    assert (report.faults, len(report.added), report.new_villages) == ((), 4, ("上徐村", "下李村"))
    villages = await store.transact(lambda unit: unit.people.list_villages())
    posts = await store.transact(lambda unit: unit.people.posts_of(villages[1].id, at=AT))
    assert [who.name for role in (Role.CHAIR, Role.OFFICER, Role.LEADER) for who in posts.of(role)] == ["赵主任", "张警官", "陈所"]
    assert [(name, role, village) for name, role, village, _ in report.invitations] == [("赵主任", "chair", "下李村")]


async def test_a_code_is_shown_once_and_stored_as_a_hash(store):
    code = (await bring(store, YAML)).invitations[0][3]
    stored = str(await dump(store))
    assert code not in stored
    assert digest(code) in stored
    assert (await bring(store, YAML)).invitations == ()
    assert len((await bring(store, YAML, at=AT + timedelta(hours=24))).invitations) == 1


async def test_the_same_roster_again_changes_nothing(store):
    await bring(store, YAML)
    before = await dump(store)
    report = await bring(store, YAML)
    assert (report.added, report.changed, report.unchanged) == ((), (), 4)
    assert await dump(store) == before


async def test_a_dry_run_says_what_would_happen_and_changes_nothing(store):
    before = await dump(store)
    report = await bring(store, YAML, dry_run=True)
    assert (len(report.added), report.invitations) == (4, ())
    assert await dump(store) == before


async def test_one_fault_changes_nothing(store):
    report = await bring(store, YAML.replace("role: leader", "role: boss"))
    assert [(fault.row, fault.key) for fault in report.faults] == [(8, "roster.fault.role")]
    assert await dump(store) == []


async def test_a_changed_roster_ends_and_starts_posts(store):
    await bring(store, YAML)
    report = await bring(store, YAML.replace("{name: 王主任, role: chair", "{name: 王书记, role: secretary"))
    assert report.changed == ("王书记",)
    rows = await store.transact(
        lambda unit: unit.transaction.fetch_all("SELECT role, until_at IS NULL AS now FROM posts WHERE person_id = 1 ORDER BY id")
    )
    assert [tuple(row) for row in rows] == [("chair", 0), ("secretary", 1)]


async def test_who_is_absent_keeps_the_post_unless_told_otherwise(store):
    await bring(store, YAML)
    shorter = "\n".join(line for line in YAML.splitlines() if "王主任" not in line)
    assert (await bring(store, shorter)).absent == ("王主任",)
    held = "SELECT 1 FROM posts WHERE person_id = 1 AND until_at IS NULL"
    assert await store.transact(lambda unit: unit.transaction.fetch_one(held))
    assert (await bring(store, shorter, removes_absent=True)).removed
    assert not await store.transact(lambda unit: unit.transaction.fetch_one(held))


async def test_a_new_id_in_the_file_takes_the_rights_from_the_old_phone(store):
    await bring(store, YAML)
    await bring(store, YAML.replace("telegram_id: 1001", "telegram_id: 2001"), by_order="换号")
    rows = await store.transact(lambda unit: unit.transaction.fetch_all("SELECT user_id FROM addresses WHERE person_id = 1"))
    assert [row["user_id"] for row in rows] == [2001]


async def test_the_chair_of_the_roster_who_came_as_a_villager_is_one_person_and_rid_of_nothing(store):
    await bring(store, YAML.replace("telegram_id: 1001", "telegram_id: null"))

    async def before(unit):
        row = await unit.transaction.fetch_one("SELECT id FROM people WHERE name = '王主任'")
        villager = await unit.people.add("老王", at=AT, consent_version="1")
        await unit.people.attach(villager, Address("telegram", ChatId(1001)), at=AT)
        await unit.directory.suspend(row["id"], at=AT)
        await unit.transaction.execute(
            "INSERT INTO cases (id, kind, severity, state, village_id, station_id, text, holder, rung, ladder, opened_at, acted_at)"
            " VALUES (1001, 'other', 'ordinary', 'open', 1, 1, '', 'officer', 1, '', 0, 0)"
        )
        await unit.transaction.execute("INSERT INTO case_parties (case_id, person_id, added_at) VALUES (1001, ?, 0)", (row["id"],))

    await store.transact(before)
    assert "王主任" in (await bring(store, YAML, removes_absent=True, by_order="换届")).changed
    who = await store.transact(lambda unit: unit.people.find_by_address(Address("telegram", ChatId(1001)), at=AT))
    assert (who.name, who.role, who.suspended) == ("王主任", Role.CHAIR, True)
    rows = await store.transact(lambda unit: unit.transaction.fetch_all("SELECT person_id FROM case_parties"))
    assert [row["person_id"] for row in rows] == [who.id]
    assert (await bring(store, YAML)).unchanged == 4


async def test_the_station_made_for_administrators_takes_the_rosters_name(store):
    await store.transact(lambda unit: unit.rosters.adopt_station("派出所"))
    await bring(store, YAML)
    assert [name for _, name in await store.transact(lambda unit: unit.rosters.list_stations())] == ["禾安所"]


async def test_a_second_station_may_have_villages_of_the_same_name(store):
    await bring(store, YAML)
    await bring(store, "station: 古山所\nvillages: [上徐村]\npeople: [{name: 孙主任, role: chair, villages: 上徐村}]", new_station=True)
    assert len(await store.transact(lambda unit: unit.people.list_villages())) == 3


async def test_the_report_reads_well_in_both_languages(store):
    report = await bring(store, YAML)
    refused = await bring(store, "station: x\nvillages: []\npeople: []")
    for language in ("zh", "en"):
        assert report.invitations[0][3] in "\n".join(report.lines(language))
        assert len(refused.lines(language)) == 3


# The files ------------------------------------------------------------------------------------------------------------


async def test_an_xlsx_says_the_same_as_yaml(store):
    content = xlsx(
        HEADER,
        ["王主任", "治保主任", "上徐村", 13800000001, 1001, "禾安所"],
        ["赵主任", "chair", "下李村", "138 0000 0002", None],
        ["张警官", "社区民警", "上徐村、下李村", 13800000003.0, 1003.0],
        [None, None, None],
        ["陈所", "所长", None, None, "1004"],
    )
    await bring(store, content)
    assert (await bring(store, YAML)).unchanged == 4


def test_an_xlsx_may_list_its_villages_on_the_second_sheet():
    sheet = read_roster(xlsx(HEADER, ["王", "chair", "上徐村"], villages=["上徐村", "下李村"]))
    assert (sheet.station, sheet.villages) == ("", ("上徐村", "下李村"))


@pytest.mark.parametrize("formula", ["=1+1", '=HYPERLINK("http://x")', "  =cmd|'/c calc'!A1"])
def test_a_formula_is_refused_with_its_row(formula):
    found = faults(xlsx(HEADER, ["王", "chair", "上徐村", formula, 1001, "禾安所"]))
    assert [(fault.row, fault.key, fault.params) for fault in found] == [(2, "roster.fault.formula", {"cell": "D2"})]


def test_faults_name_the_row_of_the_sheet():
    found = faults(xlsx(["名册"], HEADER, ["王", "chair", "上徐村", "", "@wang", "所"], ["", "chair", "上徐村"]))
    assert [(fault.row, fault.key) for fault in found] == [(3, "roster.fault.account"), (4, "roster.fault.no_name")]


def test_a_zip_bomb_is_not_opened():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * 60_000_000)
    assert keys(stream.getvalue()) == ["roster.fault.bomb"]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"PK\x03\x04broken", "roster.fault.xlsx"),
        (b"\xd0\xcf\x11\xe0old", "roster.fault.old_workbook"),
        (b"\xff\xfe\x00\x80", "roster.fault.format"),
        (b"a: [", "roster.fault.yaml"),
        (b"- 1\n- 2", "roster.fault.shape"),
        (b"", "roster.fault.shape"),
        (b"a: &a [1]\nb: [*a, *a]", "roster.fault.alias"),
        (b"[" * 100_000, "roster.fault."),
        (b"x" * 6_000_000, "roster.fault.too_big"),
        (b"station: a\nstation: b", "roster.fault.column_twice"),
        (b"station: a\nvillages: [x]\npeople: [3]", "roster.fault.shape"),
        (b"station: a\nvillages: [x]\npeople: [{name: b, role: chair, villages: x, telegram: 3}]", "roster.fault.column"),
        (b"!!python/object/apply:os.system ['true']", "roster.fault."),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(content, key):
    found = keys(content)
    assert any(each.startswith(key) for each in found), found


def test_a_missing_file_is_said_in_a_sentence(tmp_path):
    assert [fault.key for fault in read_roster_file(tmp_path / "none.yaml").faults] == ["roster.fault.no_file"]
    assert [fault.key for fault in read_roster_file(tmp_path).faults] == ["roster.fault.unreadable"]


def test_the_command_says_faults_in_one_language_on_standard_error(tmp_path, monkeypatch):
    monkeypatch.setenv("TONGXIN_CONFIG", os.devnull)
    monkeypatch.setenv("TONGXIN_DATABASE__URL", f"sqlite:///{tmp_path / 'town.db'}")
    ended = CliRunner().invoke(app, ["import-roster", str(tmp_path / "none.yaml")])
    assert (ended.exit_code, ended.stdout, ended.stderr) == (1, "", "名册没有导入，有 1 处要改：\n没有这个文件。\n")
    assert not (tmp_path / "town.db").exists()


def test_an_id_is_never_read_as_another_kind_of_number():
    text = "station: a\nvillages: [x]\npeople: [{name: b, role: chair, villages: x, telegram_id: 0777}]"
    found = check(read_roster(text.encode()))
    assert isinstance(found, Roster)
    assert found.people[0].account == Address("telegram", ChatId(777))


# Real workbooks -------------------------------------------------------------------------------------------------------

PEOPLE = (
    HEADER,
    ["王主任", "治保主任", "上徐村", 13800000001, 1001, "禾安所"],
    ["张警官", "社区民警", "上徐村、下李村", 13800000003],
    ["赵主任", "治保主任", "下李村", 13800000002],
    ["陈所", "所长"],
)


def changed(content: bytes, part: str, *edits: tuple[str, str]) -> bytes:
    """Return a workbook with its XML edited by regular expressions, as other programs write it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            text = source.read(name)
            for old, new in edits if name == part else ():
                assert re.search(old, text.decode()), old
                text = re.sub(old, new, text.decode()).encode()
            target.writestr(name, text)
    return stream.getvalue()


def workbook(fill: Callable[[Workbook], None]) -> bytes:
    book, stream = Workbook(), io.BytesIO()
    for row in PEOPLE:
        book.worksheets[0].append(list(row))
    fill(book)
    book.save(stream)
    return stream.getvalue()


def people(content: bytes) -> list[str]:
    found = check(read_roster(content))
    assert isinstance(found, Roster), found
    return [person.name for person in found.people]


def notes(content: bytes) -> list[tuple[str, dict[str, object]]]:
    return [(note.key.removeprefix("roster.note."), note.params) for note in read_roster(content).notes]


@pytest.mark.parametrize("size", ["A1", "A1:C3", "A1:XFD1048576"])
def test_rows_are_read_whatever_size_the_file_states(size):
    content = changed(xlsx(*PEOPLE), "xl/worksheets/sheet1.xml", ('<dimension ref="[^"]*"', f'<dimension ref="{size}"'))
    assert people(content) == ["王主任", "张警官", "赵主任", "陈所"]


def test_a_cell_with_a_value_far_away_is_refused_before_memory_is_taken():
    far = changed(
        xlsx(*PEOPLE), "xl/worksheets/sheet1.xml", ("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    )
    assert keys(far) == ["roster.fault.too_many"]


def test_a_formatted_cell_without_a_value_far_away_is_nothing():
    far = changed(
        xlsx(*PEOPLE), "xl/worksheets/sheet1.xml", ("</sheetData>", '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>')
    )
    assert len(people(far)) == 4


def test_a_document_type_in_a_sheet_is_refused():
    bomb = changed(xlsx(*PEOPLE), "xl/worksheets/sheet1.xml", ("^<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet'))
    assert keys(bomb) == ["roster.fault.bomb"]


def test_the_first_visible_sheet_is_read_and_a_hidden_one_is_named():
    def fill(book: Workbook) -> None:
        old = book.create_sheet("去年", 0)
        for row in (HEADER, ["李四", "治保主任", "上徐村", 13800000009, None, "禾安所"]):
            old.append(row)
        old.sheet_state = "hidden"
        book.active = 1

    content = workbook(fill)
    assert people(content)[0] == "王主任"
    assert notes(content) == [("hidden_sheet", {"sheet": "去年"})]


def test_hidden_rows_are_left_out_and_named():
    content = workbook(lambda book: setattr(book.worksheets[0].row_dimensions[3], "hidden", True))
    assert people(content) == ["王主任", "赵主任", "陈所"]
    assert notes(content) == [("hidden_rows", {"sheet": "Sheet", "rows": "3", "n": 1})]


def test_a_merged_cell_is_filled_down():
    def fill(book: Workbook) -> None:
        sheet = book.worksheets[0]
        sheet.append(["赵敏", "委员", "上徐村"])
        sheet.append(["钱敏", "委员", None])
        sheet.merge_cells("C6:C7")

    found = check(read_roster(workbook(fill)))
    assert isinstance(found, Roster)
    assert [sorted(person.posts) for person in found.people[-2:]] == [[(Role.MEMBER, "上徐村")]] * 2


def test_a_usual_list_is_read_and_its_other_columns_are_named():
    content = xlsx(
        ["芝英派出所名册"], ["序号", "姓 名：", "性别", "职务*", "所管村", "联系电话（必填）", "备注"],
        [1, "王　刚", "男", "治保主任", "上徐村", 13800000001.0, "党员"],
    )  # fmt: skip
    found = check(read_roster(content), town="禾安所")
    assert isinstance(found, Roster)
    assert [(person.name, person.phone) for person in found.people] == [("王刚", "+8613800000001")]
    assert notes(content) == [("columns", {"columns": "序号、性别、备注"})]


def test_an_artefact_of_a_line_break_is_undone():
    content = xlsx(HEADER, ["王刚_x005F_x000D_", "主任_x000D_", "上徐村_x000D_", "13800000001_x000D_", None, "禾安所"])
    found = check(read_roster(content))
    assert isinstance(found, Roster)
    assert (found.people[0].name, found.people[0].phone, found.villages) == ("王刚", "+8613800000001", ("上徐村",))


@pytest.mark.parametrize("value", ["#N/A", "#REF!"])
def test_an_error_value_is_a_fault_with_its_cell(value):
    found = faults(xlsx(*PEOPLE, ["王刚", "主任", value]))
    assert [(fault.row, fault.key) for fault in found] == [(6, "roster.fault.error_value"), (6, "roster.fault.no_village")]
    assert found[0].params == {"cell": "C6"}


@pytest.mark.parametrize(
    "rows",
    [
        [["芝英派出所辖区村名单"], ["序号", "村名"], [1, "上徐村"], [2, "下李村"], ["合计：2个村"]],
        [["序号", "村 名"], [1, "上徐村"], [2, "下李村"], ["合计", 2]],
        [["上徐村"], ["下李村"]],
        [[None, "上徐村"], [None, "下李村"]],
    ],
)
def test_the_second_sheet_is_read_from_its_header_to_its_sum(rows):
    def fill(book: Workbook) -> None:
        sheet = book.create_sheet("村")
        for row in rows:
            sheet.append(row)

    assert read_roster(workbook(fill)).villages == ("上徐村", "下李村")


def test_a_second_sheet_that_is_no_list_of_villages_is_refused():
    content = xlsx(*PEOPLE, villages=["上徐村", "下李村", "截至2026年6月"])
    assert keys(content) == ["roster.fault.village_title"]


def test_two_stations_in_one_file_are_refused():
    assert keys(xlsx(*PEOPLE, ["孙警官", "民警", "上徐村", None, None, "古山所"])) == ["roster.fault.two_stations"]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("姓名,角色,村\n王刚,主任,上徐村\n".encode("gbk"), "csv"),
        ("\ufeff名册\n姓名,角色,村\n王刚,主任,上徐村\n".encode(), "csv"),
        ("姓名\t角色\t村\n王刚\t主任\t上徐村\n".encode("utf-16"), "csv"),
        (b"\n<html><table><tr><td>x</td></tr></table></html>", "html"),
        (b"\xd0\xcf\x11\xe0old", "old_workbook"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"%PDF-1.7", "format"),
    ],
)
def test_another_format_gets_one_sentence_that_says_what_to_do(content, key):
    assert keys(content) == [f"roster.fault.{key}"]


def test_a_workbook_of_another_program_is_told_apart_from_a_damaged_one():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert keys(stream.getvalue()) == ["roster.fault.format"]


# The second import ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("station", ["station: 禾安派出所", ""])
async def test_a_second_station_is_refused_until_asked_for(store, station):
    await bring(store, YAML)
    before = await dump(store)
    if not station:
        await bring(store, "station: 古山所\nvillages: [古山村]\npeople: [{name: 孙, role: chair, villages: 古山村}]", new_station=True)
        before = await dump(store)
    found = check(read_roster(YAML.replace("station: 禾安所", station).encode()), town="禾安镇")
    assert isinstance(found, Roster)
    report = await import_roster(store, found, at=AT)
    assert [fault.key for fault in report.faults] == [f"roster.fault.{'new' if station else 'which'}_station"]
    assert await dump(store) == before


async def test_a_file_without_a_station_is_about_the_only_one(store):
    await bring(store, YAML)
    found = check(read_roster(YAML.replace("station: 禾安所", "").encode()), town="禾安镇")
    assert isinstance(found, Roster)
    assert (await import_roster(store, found, at=AT)).unchanged == 4


async def test_somebody_who_took_the_name_of_a_new_person_gets_nothing(store):
    """S-2 (b): a member renames to the chair who is in the next roster."""
    await bring(store, YAML)

    async def rename(unit):
        await unit.people.appoint(PersonId(2), Role.MEMBER, station_id=StationId(1), village_id=VillageId(1), at=AT)
        await unit.privacy.set_name(PersonId(2), "王五")
        await unit.privacy.set_phone(PersonId(2), "+8613800000005")

    await store.transact(rename)
    before = await dump(store)
    row = "  - {name: 王五, role: member, villages: [上徐村], phone: 13800000005}"
    lines = [line for line in YAML.strip().splitlines() if "赵主任" not in line]
    report = await bring(store, "\n".join([*lines, row, row.replace("member", "chair").replace("上徐村", "下李村")]))
    assert {fault.key for fault in report.faults} >= {"roster.fault.same_person"}
    assert await dump(store) == before


async def test_words_of_the_roster_are_erased_with_the_person(store):
    await bring(store, YAML)
    await store.transact(lambda unit: unit.privacy.forget(PersonId(1), at=AT))
    known = await store.transact(lambda unit: unit.transaction.fetch_one("SELECT listed_as, listed_phone FROM people WHERE id = 1"))
    assert known is not None
    assert tuple(known) == ("", "")


async def test_codes_that_were_lost_are_made_again(store):
    first = (await bring(store, YAML)).invitations[0][3]
    assert (await bring(store, YAML)).invitations == ()
    second = (await bring(store, YAML, new_codes=True)).invitations[0][3]
    assert first != second
    found = await store.transact(lambda unit: unit.invitations.find_by_code(first))
    assert found is not None
    assert found.revoked_at is not None


def test_a_terminal_that_cannot_show_a_name_gets_the_codes(tmp_path):
    file = tmp_path / "roster.yaml"
    file.write_text(YAML.replace("赵主任", "赵䶮"), encoding="utf-8")
    environment = os.environ | {
        "PYTHONIOENCODING": "gbk",
        "TONGXIN_CONFIG": os.devnull,
        "TONGXIN_DATABASE__URL": f"sqlite:///{tmp_path / 'town.db'}",
    }
    command = [sys.executable, "-m", "bot", "import-roster", str(file)]
    ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=False)
    printed = ended.stdout.decode("gbk")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert re.search(r"赵\? 下李村 治保主任.* /start \S{8,}", printed), printed


# Posters --------------------------------------------------------------------------------------------------------------


def test_each_village_gets_its_poster(tmp_path: Path):
    villages = [Village(VillageId(1), "上徐村", StationId(1)), Village(VillageId(2), "../<b>&\"'", StationId(1))]
    files = write_posters(tmp_path / "posters", villages, [way_of("tongxin_bot")])
    assert len(files) == 6
    assert all(file.parent == tmp_path / "posters" and file.stat().st_size for file in files)
    for file in files:
        if file.suffix == ".svg":
            minidom.parse(str(file))  # noqa: S318 (our own file)
    assert "上徐村平安码" in files[2].read_text(encoding="utf-8")
    assert "https://t.me/tongxin_bot?start=v1" in files[2].read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["", "a b", "x/../y", "名字"])
def test_a_bots_name_that_is_none_is_refused(name):
    with pytest.raises(ValueError, match="user name"):
        way_of(name)
