"""Commands in a town with several channels: `check`, posters and rosters."""

from __future__ import annotations

import json
import os
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING
from xml.dom import minidom

import pytest

from bot.commands.check import check
from bot.commands.posters import Way, make_posters, write_posters
from bot.commands.roster_files import read_roster
from bot.commands.roster_import import Wishes, import_roster_file
from bot.process.database_startup import CannotStart, open_database
from bot.settings import Settings
from domain.core.change import Address, ChatId, Notice, Receiver, StationId, VillageId
from domain.people.people import Village
from domain.people.roster import Roster
from domain.people.roster import check as check_roster
from sandbox.server import running
from sandbox.world.world import World
from storage.unit import Store
from tests.engines import new_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ENGINES = ("sqlite", "postgres")
TOKEN = "123456:SANDBOX"
AT_NOON = 1_780_000_000
VILLAGE = (
    "INSERT INTO stations (name) VALUES ('芝英所')",
    "INSERT INTO villages (station_id, name) VALUES (1, '上徐村')",
)
ROSTER = """station: 芝英所
villages: [上徐村]
people:
  - {name: 王主任, role: chair, villages: [上徐村], account: 1001, channel: web}
  - {name: 张警官, role: officer, villages: [上徐村], account: 1002}
  - {name: 陈所, role: leader, telegram_id: 1003}
"""


def listed(*channels: dict[str, str]) -> str:
    return json.dumps([{"base_url": "http://127.0.0.1:9/bot", "token": TOKEN} | each for each in channels])


@pytest.fixture
async def store(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    """A town with one village and two channels, web first; nobody is asked anything."""
    address = await new_database(engine, tmp_path)
    monkeypatch.setenv("TONGXIN_CONFIG", os.devnull)
    monkeypatch.setenv("TONGXIN_DATABASE__URL", address)
    monkeypatch.setenv("TONGXIN_CHANNELS", listed({"name": "web", "title": "网页聊天"}, {"name": "telegram", "kind": "telegram"}))
    opened = Store(await open_database(address))
    for sql in VILLAGE:
        await opened.transact(lambda unit, sql=sql: unit.transaction.execute(sql))  # type: ignore[misc]  # a default binds it
    yield opened
    await opened.close()


# check ----------------------------------------------------------------------------------------------------------------


async def told() -> tuple[str, str]:
    faults, remarks = await check(Settings())
    return "\n".join(faults), "\n".join(remarks)


async def test_each_channels_token_is_checked(store, monkeypatch):
    monkeypatch.setenv("TONGXIN_CHANNELS", listed({"name": "web", "token": ""}, {"name": "other", "token_file": "/nowhere"}))
    faults, _ = await told()
    assert "set TONGXIN_CHANNELS__WEB__TOKEN or channels.web.token_file" in faults
    assert "channels.other.token_file cannot be read" in faults


async def test_a_channel_that_messages_wait_for_is_named_when_it_is_not_set_up(store):
    async def put(unit):
        for number, channel in enumerate(("web", "wbe", "wbe", "telegram")):
            notice = Notice(Receiver(Address(channel, ChatId(5))), "dialog.back")
            await unit.outbox.put(notice, unique_key=str(number), at=Settings().working_calendar().next_opening(_noon()))

    await store.transact(put)
    faults, _ = await told()
    assert "2 messages wait for the channel wbe, which is not set up" in faults
    assert "telegram" not in faults


def _noon():
    from datetime import UTC, datetime

    return datetime.fromtimestamp(AT_NOON, UTC)


async def test_what_an_operator_should_know_of_a_channel_is_remarked(store):
    described = json.dumps({"wakes": "open", "edits": {"kind": "never"}})
    await store.transact(lambda unit: unit.facts.put("channel.web", described))
    await store.transact(lambda unit: unit.facts.put("channel.telegram", "null"))
    _, remarks = await told()
    assert "The channel web rings no phone" in remarks
    assert "The channel web cannot change a message" in remarks
    assert "The channel telegram" not in remarks


# Posters --------------------------------------------------------------------------------------------------------------


async def test_a_poster_has_a_code_for_each_channel_that_has_links(store, tmp_path, monkeypatch):
    says = {"web": {"link": "https://chat.example.org/{bot}"}, "silent": {"link": ""}, "telegram": None}
    async with AsyncExitStack() as servers:
        channels = []
        for name, can in says.items():
            url = await servers.enter_async_context(running(World(TOKEN, limits=False, can=can)))
            channels.append({"name": name, "base_url": f"{url}/bot", "token": TOKEN, "title": {"web": "网页聊天"}.get(name, "Telegram")})
        monkeypatch.setenv("TONGXIN_CHANNELS", json.dumps(channels))
        files = await make_posters(Settings(), tmp_path / "posters")
    assert [file.name for file in files] == [
        "001-上徐村-qr-web.png",
        "001-上徐村-qr-web.svg",
        "001-上徐村-qr-telegram.png",
        "001-上徐村-qr-telegram.svg",
        "001-上徐村-poster.svg",
    ]
    poster = files[-1].read_text(encoding="utf-8")
    minidom.parseString(poster)  # noqa: S318 (our own file)
    for words in (
        "https://chat.example.org/tongxin_bot?start=v1",
        "https://t.me/tongxin_bot?start=v1",
        "用 网页聊天 扫一扫",
        "用 Telegram 扫一扫",
    ):
        assert words in poster


async def test_no_poster_is_made_when_no_channel_has_links(store, tmp_path, monkeypatch):
    async with running(World(TOKEN, limits=False, can={"link": ""})) as url:
        monkeypatch.setenv("TONGXIN_CHANNELS", listed({"name": "web", "base_url": f"{url}/bot"}))
        with pytest.raises(CannotStart, match="No channel of the settings has links"):
            await make_posters(Settings(), tmp_path / "posters")


def test_the_words_of_a_code_stay_in_its_share_of_the_page(tmp_path):
    ways = [Way(f"c{number}", "很长的渠道名字" * 4, "https://a-very-long-name.example.org/chat/tongxin_bot") for number in range(3)]
    files = write_posters(tmp_path, [Village(VillageId(1), "上徐村", StationId(1))], ways)
    texts = minidom.parse(str(files[-1])).getElementsByTagName("text")  # noqa: S318 (our own file)
    for text in texts:
        words, size, middle = (
            "".join(part.data for part in text.childNodes if isinstance(part, minidom.Text)),
            float(text.getAttribute("font-size")),
            float(text.getAttribute("x")),
        )
        half = sum(1.0 if letter > "一" else 0.62 for letter in words) * size / 2
        assert middle - half >= 0, words
        assert middle + half <= 210, words


# The roster -----------------------------------------------------------------------------------------------------------


async def accounts(store: Store) -> set[tuple[str, str, int]]:
    sql = "SELECT p.name, a.channel, a.user_id FROM addresses a JOIN people p ON p.id = a.person_id"
    rows = await store.transact(lambda unit: unit.transaction.fetch_all(sql))
    return {(row["name"], row["channel"], row["user_id"]) for row in rows}


async def test_an_account_is_on_the_channel_that_the_roster_says(store, tmp_path):
    file = tmp_path / "roster.yaml"
    file.write_text(ROSTER, encoding="utf-8")
    report = await import_roster_file(Settings(), file)
    assert report.faults == ()
    assert await accounts(store) == {("王主任", "web", 1001), ("张警官", "web", 1002), ("陈所", "telegram", 1003)}


async def test_a_new_account_on_one_channel_leaves_those_on_others(store, tmp_path):
    file = tmp_path / "roster.yaml"
    for roster in (ROSTER, ROSTER.replace("1001, channel: web", "2001, channel: telegram"), ROSTER.replace("1001", "3001")):
        file.write_text(roster, encoding="utf-8")
        await import_roster_file(Settings(), file, Wishes(by_order="换号"))
    assert {each for each in await accounts(store) if each[0] == "王主任"} == {("王主任", "telegram", 2001), ("王主任", "web", 3001)}


async def test_the_same_number_on_two_channels_is_two_people(store, tmp_path):
    file = tmp_path / "roster.yaml"
    file.write_text(ROSTER.replace("1002}", "1001, channel: telegram}"), encoding="utf-8")
    assert (await import_roster_file(Settings(), file)).faults == ()
    assert ("张警官", "telegram", 1001) in await accounts(store)


async def test_faults_name_the_channel_as_people_call_it(store, tmp_path):
    file = tmp_path / "roster.yaml"
    file.write_text(ROSTER.replace("1001", "'@wang'").replace("account: 1002", "account: 7, channel: fax"), encoding="utf-8")
    lines = "\n".join((await import_roster_file(Settings(), file)).lines())
    assert "王主任的 网页聊天 账号要写数字编号" in lines
    assert "没有设置“fax”这个渠道" in lines


def test_the_column_of_older_files_and_the_new_one_contradict() -> None:
    found = check_roster(read_roster(ROSTER.replace("telegram_id: 1003", "telegram_id: 1003, account: 4").encode()))
    assert not isinstance(found, Roster)
    assert [fault.key for fault in found] == ["roster.fault.column_twice"]
