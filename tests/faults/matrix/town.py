"""The town of the matrix: 28 principals, 21 cases and one of every other subject.

Knows how to make them through the handlers. Each subject has a number that nothing else has, and a canary in its texts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from domain import escort, feedback, missing
from domain.core.change import Event, PersonId, StationId, VillageId
from domain.core.records import RecordChange
from domain.drills import Drill, DrillState
from domain.emergencies.heard import Danger
from domain.escort import Escort
from domain.people.people import Leave, Role
from domain.people.roster_requests import Item
from storage.drills import Drills
from storage.escort import Escorts
from storage.feedback import Opinions
from storage.missing import MissingNotices
from tests.faults.hostile.typed import taps
from tests.faults.matrix.model import CASES, ELSEWHERE, OTHERS, SHUT, SUMMARY

if TYPE_CHECKING:
    from storage.unit import Unit
    from tests.handler_harness import HandlerHarness, Voice

#: Kind → its first number, far from the numbers of people and villages, and from 3000, the code of a space in what is compared.
FIRST = {
    "alert": 2001,
    "training": 3101,
    "broadcast": 4001,
    "found": 5001,
    "lost": 6001,
    "claim": 7001,
    "appointment": 8001,
    "import": 9001,
    "relocation": 11001,
    "block": 9501,
    "missing": 12001,
    "escort": 13001,
    "drill": 14001,
    "rota": 15001,
    "alert_help": 16001,
    "opinion": 17001,
}
#: Who has which post in which village; "" is the station.
_POSTS = {
    "member": (Role.MEMBER, "上徐村"),
    "deputy": (Role.MEMBER, "上徐村"),
    "suspended": (Role.OFFICER, "上徐村"),
    "secretary": (Role.SECRETARY, "上徐村"),
    "chair": (Role.CHAIR, "上徐村"),
    "chair of 下李": (Role.CHAIR, "下李村"),
    "chair of 河口": (Role.CHAIR, "河口村"),
    "ex-chair": (Role.CHAIR, "上徐村"),
    "officer": (Role.OFFICER, "上徐村"),
    "officer of 河口": (Role.OFFICER, "河口村"),
    "duty": (Role.DUTY, ""),
    "leader": (Role.LEADER, ""),
    "administrator": (Role.ADMIN, ""),
    "chair of 三村": (Role.CHAIR, "三村"),
    "officer of 三村": (Role.OFFICER, "三村"),
    "duty of 三村": (Role.DUTY, "三村"),
    "leader of 三村": (Role.LEADER, "三村"),
    "mediator": (Role.MEDIATOR, "上徐村"),
    "patrol leader": (Role.PATROL, "上徐村"),
    "judicial office": (Role.JUDICIAL, ""),
    "traffic control": (Role.TRAFFIC, ""),
    "auditor": (Role.AUDIT, ""),
}
_VILLAGERS = {
    "forgotten": "上徐村",
    "reporter": "上徐村",
    "villager": "上徐村",
    "villager of 下李": "下李村",
    "villager of 三村": "三村",
    "somebody of 河口": "河口村",
}


@dataclass(frozen=True)
class Thing:
    """A subject: `readers` may read its words, `knowers` learn of it; its texts hold `canary`."""

    name: str
    kind: str
    number: int
    readers: frozenset[str]
    knowers: frozenset[str]
    canary: str

    @property
    def subject(self) -> str:
        return f"{self.kind}:{self.number}"


@dataclass
class Town:
    """The principals and subjects. `since`: the last message before posts changed."""

    harness: HandlerHarness
    voices: dict[str, Voice] = field(default_factory=dict)
    things: list[Thing] = field(default_factory=list)
    since: int = 0


def canary(name: str) -> str:
    """Return the words that every text of a thing contains."""
    return f"金丝雀{(*CASES, *OTHERS).index(name):02d}号"


async def build(harness: HandlerHarness) -> Town:
    """Let everything happen, then change the posts, then let it go on."""
    town = Town(harness)
    await _settle(town)
    for name in CASES:
        await _report(town, name)
    await _others(town)
    await _change_posts(town)
    town.since = await harness.store.transact(newest)
    await _go_on(town)
    await harness.store.transact(_leave_a_gap)
    return town


async def _settle(town: Town) -> None:
    harness, voices = town.harness, town.voices
    abroad, village = await harness.store.transact(_abroad)
    harness.villages["三村"] = village
    for name, (role, where) in _POSTS.items():
        at_home = where != "三村"
        voices[name] = await harness.person(name, role if at_home else Role.VILLAGER, where if at_home else "")
        if not at_home:
            post = partial(_appoint, voice=voices[name], role=role, station=abroad, village=village)
            await harness.store.transact(post)
    both = partial(_appoint, voice=voices["officer"], role=Role.OFFICER, station=harness.station, village=harness.villages["下李村"])
    await harness.store.transact(both)
    for name, where in _VILLAGERS.items():
        voices[name] = await harness.person(name, Role.VILLAGER, where)
    voices["stranger"] = harness.stranger()
    await harness.store.transact(_count_from)


async def _abroad(unit: Unit) -> tuple[StationId, VillageId]:
    await unit.transaction.execute("INSERT INTO stations (id, name) VALUES (90, '古山所')")
    await unit.transaction.execute("INSERT INTO villages (id, station_id, name) VALUES (91, 90, '三村')")
    return StationId(90), VillageId(91)


async def _appoint(unit: Unit, *, voice: Voice, role: Role, station: StationId, village: VillageId) -> None:
    assert voice.person_id is not None
    in_village = role in (Role.CHAIR, Role.OFFICER)
    await unit.people.appoint(voice.person_id, role, station_id=station, village_id=village if in_village else None, at=voice.harness.at)


async def _count_from(unit: Unit) -> None:
    for kind, first in FIRST.items():
        await unit.facts.next_number(kind, start=first - 1)


async def newest(unit: Unit) -> int:
    """Return the number of the last message."""
    row = await unit.transaction.fetch_one("SELECT COALESCE(MAX(id), 0) AS id FROM outbox")
    return 0 if row is None else int(row["id"])


async def _leave_a_gap(unit: Unit) -> None:
    """Skip numbers, so that a new thing's number does not follow an old one's."""
    await unit.transaction.execute("UPDATE counters SET value = value + 500")


# Cases ------------------------------------------------------------------------------------------------------------------


async def _report(town: Town, name: str) -> None:
    """Let a case come into its situation."""
    harness, voices = town.harness, town.voices
    reporter = {
        "the chair's own": "chair",
        "another village": "villager of 下李",
        "another officer's": "somebody of 河口",
        "another station": "villager of 三村",
        "a forgotten reporter": "forgotten",
    }.get(name, "reporter")
    kind = "hazard" if name == "hazard" else "dispute"
    words = f"/report {kind} 邻居占了我家的路 {canary(name)}"
    await voices[reporter].says(f"/sos 我家门口有人堵着 {canary(name)}" if name == "sos" else words)
    number = await harness.store.transact(_last_case)
    readers = frozenset(CASES[name])
    knowers = readers if name in ELSEWHERE | SHUT else readers | SUMMARY
    town.things.append(Thing(name, "case", number, readers, knowers, canary(name)))
    said = canary(name)
    moves: dict[str, list[tuple[str, str]]] = {
        "accepted": [("chair", f"/accept {number}")],
        "mediating": [("chair", f"/accept {number}"), ("chair", f"/mediate {number} 谈了一次 {said}")],
        "escalated": [("chair", f"/escalate {number} 需要民警 {said}")],
        "acknowledged": [("officer", f"/ack {number}")],
        "joint": [("officer", f"/ack {number}"), ("officer", f"/mediate {number} 三方到场 {said}")],
        "settled": [
            ("chair", f"/accept {number}"),
            ("chair", f"/mediate {number} 谈了一次 {said}"),
            ("chair", f"/settle {number} 各让半米 {said}"),
        ],
        "referred": [
            ("officer", f"/ack {number}"),
            ("officer", f"/mediate {number} 三方到场 {said}"),
            ("officer", f"/refer {number} 去法院 {said}"),
        ],
        "closed": [
            ("officer", f"/ack {number}"),
            ("officer", f"/mediate {number} 到场 {said}"),
            ("officer", f"/close {number} 好了 {said}"),
        ],
        "restricted": [("officer", f"/ack {number}")],
        "withdrawn": [("reporter", f"/withdraw {number}")],
    }
    for who, text in moves.get(name, []):
        await voices[who].says(text)
    if name == "party: the chair":
        await voices["chair"].presses_raw("c.rec", number)
        await taps(voices["chair"], "确定回避")
    if name in ("hidden", "sealed"):
        sql = "UPDATE cases SET level = ? WHERE id = ?"
        await harness.store.transact(lambda unit: unit.transaction.execute(sql, (name, number)))
    if name == "restricted":
        await voices["officer"].presses_raw("c.res", number)


async def _last_case(unit: Unit) -> int:
    row = await unit.transaction.fetch_one("SELECT MAX(id) AS id FROM cases")
    assert row is not None
    return int(row["id"])


# Every other subject ----------------------------------------------------------------------------------------------------


async def _others(town: Town) -> None:
    harness, voices = town.harness, town.voices
    officer = voices["officer"]
    in_need = await harness.person(f"徐{canary('alert_help')}", Role.VILLAGER, "上徐村")
    await officer.says(f"/alert 橙 上徐村 台风今晚登陆 {canary('alert')}")
    await taps(officer, "🚨 发送")
    await officer.presses_raw("menu.training")
    await taps(officer, "办一场培训")
    for words in (f"心肺复苏 {canary('training')}", "周四 14:00", "2", "镇文化礼堂", "上徐村", "0"):
        await officer.says(words)
    await taps(officer, "发通知")
    await officer.says(f"/tip 千万别转账 {canary('broadcast')}")
    await taps(officer, "村民")
    for words in ("/found 一把红伞", "村口车站", f"里面有照片 {canary('found')}", "断了一个齿"):
        await voices["reporter"].says(words)
    for words in (f"/lost 红伞 {canary('lost')}", "车站附近"):
        await voices["villager"].says(words)
    await harness.store.transact(partial(_missing, town=town))
    await harness.store.transact(partial(_escort_drill_and_rota, town=town))
    await harness.store.transact(partial(_opinion, town=town))
    await voices["chair"].says(f"/block {next(thing.number for thing in town.things if thing.name == 'open')}")
    await taps(voices["chair"], "7 天")
    await voices["chair"].says(f"天天骂人 {canary('block')}")
    await harness.time_passes(seconds=30)
    await taps(in_need, "要人帮")
    await harness.store.transact(partial(_appointment, town=town))
    await harness.store.transact(partial(_import, town=town))
    mover = voices["somebody of 河口"]
    await mover.says("/start 上徐村")
    await mover.presses("搬到上徐村了")
    for kind in OTHERS:
        readers = frozenset(OTHERS[kind])
        town.things.append(Thing(kind, kind, FIRST[kind], readers, readers, canary(kind)))


async def _missing(unit: Unit, *, town: Town) -> None:
    """Write the one for which a family would have to agree first."""
    officer, village = town.voices["officer"].person_id, await unit.people.village(town.harness.villages["上徐村"])
    records = unit.records(MissingNotices)
    change = missing.send(await records.next_number(), officer or PersonId(0), village, canary("missing"), at=town.harness.at)
    await records.add(change, sealed={"consent": canary("missing")})


async def _escort_drill_and_rota(unit: Unit, *, town: Town) -> None:
    """Write what no word in this town asks for.

    A callout has the number of its case: its readers are those of the case and those called (tests/handlers/responders/test_readers.py).
    """
    village, at = await unit.people.village(town.harness.villages["上徐村"]), town.harness.at
    reporter, leader = (town.voices[name].person_id or PersonId(0) for name in ("reporter", "leader"))
    way = Escort(
        FIRST["escort"],
        village.id,
        village.station_id,
        escort.State.SUBMITTED,
        canary("escort"),
        "白色面包车",
        "市一院",
        "胸口痛",
        reporter,
        at,
    )
    await unit.records(Escorts).add(escort.submit(way, at=at), sealed={"phone": canary("escort")})
    drill = Drill(
        FIRST["drill"],
        village.id,
        village.station_id,
        village.name,
        Danger.FIRE,
        leader,
        DrillState.RUNNING,
        at,
        at + timedelta(minutes=30),
    )
    await unit.records(Drills).add(RecordChange(drill, Event(f"drill:{drill.id}", "drill.open", leader, at)))
    await unit.transaction.execute(
        "INSERT INTO rotas (id, station_id, role, zone, created_at) VALUES (?, ?, 'duty', 'Asia/Shanghai', 1)",
        (FIRST["rota"], village.station_id),
    )


async def _opinion(unit: Unit, *, town: Town) -> None:
    """Write an opinion on the officer."""
    author, village = town.voices["villager"].person_id or PersonId(0), await unit.people.village(town.harness.villages["上徐村"])
    about, words = feedback.Topic.OFFICER, f"总是不回话 {canary('opinion')}"
    value = feedback.Opinion(FIRST["opinion"], village.id, village.station_id, author, about, words, feedback.State.SENT, town.harness.at)
    await unit.records(Opinions).add(feedback.send(value, at=town.harness.at))


async def _appointment(unit: Unit, *, town: Town) -> None:
    """Write the one for which a code would have to be redeemed first."""
    voices, harness = town.voices, town.harness
    asked = await unit.invitations.ask(
        voices["member"].person_id or PersonId(0),
        Role.CHAIR,
        station_id=harness.station,
        village_id=harness.villages["上徐村"],
        issuer_id=voices["officer"].person_id or PersonId(0),
        replaces_id=None,
        at=harness.at,
    )
    await unit.transaction.execute("UPDATE appointments SET id = ? WHERE id = ?", (FIRST["appointment"], asked.id))


async def _import(unit: Unit, *, town: Town) -> None:
    """Write the one for which a roster would have to be read first."""
    harness = town.harness
    item = Item(town.voices["member"].person_id or PersonId(0), Role.CHAIR, harness.villages["上徐村"])
    asked = await unit.imports.add(harness.station, (item,), at=harness.at, expires_at=harness.at + timedelta(days=7))
    await unit.transaction.execute("DELETE FROM import_items")
    await unit.transaction.execute("UPDATE import_requests SET id = ? WHERE id = ?", (FIRST["import"], asked.id))


# Posts change, and everything goes on -----------------------------------------------------------------------------------


async def _change_posts(town: Town) -> None:
    harness, voices = town.harness, town.voices
    at = harness.at
    chair, deputy = voices["chair"].person_id, voices["deputy"].person_id
    assert chair is not None
    assert deputy is not None
    leave = Leave(chair, deputy, at, at + timedelta(days=30))

    async def change(unit: Unit) -> None:
        await unit.directory.add_leave(leave, at=at)
        await unit.people.dismiss(voices["ex-chair"].person_id or PersonId(0), at=at)
        await unit.directory.suspend(voices["suspended"].person_id or PersonId(0), at=at)
        await unit.privacy.forget(voices["forgotten"].person_id or PersonId(0), at=at)

    await harness.store.transact(change)
    await harness.time_passes(seconds=1)


async def _go_on(town: Town) -> None:
    """Let those who may say something about every case, so that others hear of it."""
    for thing in [each for each in town.things if each.kind == "case"]:
        for who in ("reporter", "officer", "officer of 河口", "officer of 三村"):
            if who in thing.readers:
                await town.voices[who].says(f"/note {thing.number} 还有一句 {thing.canary}")
                await town.voices[who].says(f"/reopen {thing.number} 又来了 {thing.canary}")
                await town.voices[who].says(f"/escalate {thing.number} 上报 {thing.canary}")
