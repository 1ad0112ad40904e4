"""A town with one of everything in one village, and people without a role there.

Knows how to make it through the handlers. Invariant: no small number belongs to a foreigner's item.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.routes import FEATURES
from domain.cases.case import ENDED, WAITING, Action
from domain.cases.move_table import MOVES
from domain.core.change import CaseId, PersonId, StationId, VillageId
from domain.people.people import Role
from domain.people.roster_requests import WAITS, Item
from domain.people.rota import Shift, Takeover
from handlers.people.imports import ask_leaders
from storage.features import REGISTRY
from tests.faults.hostile.typed import taps
from tests.sample_records import add_samples

if TYPE_CHECKING:
    from domain.core.town import Town as TownSettings
    from storage.unit import Unit
    from tests.handler_harness import HandlerHarness, Voice

#: Actions that restart the wait for an answer, at the chair or at a higher level.
ANEW = frozenset({Action.REOPEN, Action.UNSOLVED, Action.RECUSE})
#: Every pair of states that one action may lead from and to.
STEPS = frozenset(
    (str(state), str(to))
    for state, moves in MOVES.items()
    for action, move in moves.items()
    for to in (WAITING if action in ANEW and (state not in ENDED or action is not Action.RECUSE) else {move.to} - {None})
)
CODE = "ACDEFGHJ"
#: The switches of every optional feature.
OPTIONAL = frozenset(feature.optional for feature in FEATURES if feature.optional)
#: Tables that hold the state of the town: all but those that only record that a person was active.
STATE = tuple(sorted({*REGISTRY.tables} - {table for feature in REGISTRY.features for table in feature.traces}))


@dataclass
class Town:
    """The people of the town.

    `foreigners`: by role; each is a stranger to everything in 上徐村.
    """

    harness: HandlerHarness
    villager: Voice
    neighbour: Voice
    chair: Voice
    officer: Voice
    member: Voice
    leader: Voice
    foreigners: dict[str, Voice]

    async def state(self) -> dict[str, list[Any]]:
        """Return everything that is known, table by table."""

        async def ask(unit: Unit) -> dict[str, list[Any]]:
            return {table: [tuple(row) for row in await unit.transaction.fetch_all(f"SELECT * FROM {table}")] for table in STATE}  # noqa: S608

        return await self.harness.store.transact(ask)

    async def newest(self) -> int:
        """Return the number of the last message said."""
        row = await self.harness.store.transact(lambda unit: unit.transaction.fetch_one("SELECT COALESCE(MAX(id), 0) AS id FROM outbox"))
        return 0 if row is None else int(row["id"])

    async def buttons(self) -> list[tuple[int, str, tuple[Any, ...]]]:
        """Return every button that the bot has shown: (chat, verb, arguments)."""
        return [(heard.chat_id, verb, args) for heard in await self.harness.outbox() for verb, args in heard.buttons.values()]


def with_every_feature(town: TownSettings) -> TownSettings:
    """Return a town's settings with every optional feature switched on."""
    return replace(town, features=OPTIONAL)


async def busy(harness: HandlerHarness) -> Town:
    """Let everything happen in 上徐村, where every optional feature is on."""
    assert harness.town.features == OPTIONAL, "a feature that is off is not tested"
    chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    villager = await harness.person("老徐", Role.VILLAGER, "上徐村")
    neighbour = await harness.person("阿珍", Role.VILLAGER, "上徐村")
    officer = await harness.person("张伟", Role.OFFICER, "上徐村")
    member = await harness.person("赵明", Role.MEMBER, "上徐村")
    leader = await harness.person("李国强", Role.LEADER)
    for _ in range(20):  # so that no foreign item has the number of an item here
        await harness.person("住户", Role.VILLAGER, "上徐村", reachable=False)
    town = Town(harness, villager, neighbour, chair, officer, member, leader, await _foreigners(harness))
    mover = await harness.person("钱芳", Role.VILLAGER, "下李村")
    await mover.says("/start 上徐村")
    await mover.presses("搬到上徐村了")
    for _ in range(3):
        await villager.says("/report dispute 邻居砌墙占了我家的路")
        await neighbour.says("/report hazard 村口井盖翘起来了")
    await chair.says("/accept 1001")
    await chair.says("/escalate 1003 需要民警来")
    await officer.says("/alert 橙 上徐村 台风今晚登陆，关好门窗")
    await taps(officer, "🚨 发送")
    await officer.presses_raw("menu.training")
    await taps(officer, "办一场培训")
    for words in ("心肺复苏", "周四 14:00", "2", "镇文化礼堂", "0"):
        await officer.says(words)
    await taps(officer, "发通知")
    await officer.says("/tip 3")
    await officer.presses_raw("tip.new")
    await harness.time_passes(seconds=5)
    await officer.says("/roster 上徐村")
    await chair.says("/invite member 上徐村")
    await chair.presses_raw("leave")
    await chair.says("取消")
    for words in ("/found 一把红伞", "村口车站", "里面有一张照片", "拉链断了一个齿"):
        await villager.says(words)
    await harness.store.transact(partial(_samples, harness=harness, owner=villager))
    await harness.store.transact(partial(_rota, harness=harness, officer=officer))
    await harness.store.transact(partial(_import, harness=harness, member=member))
    return town


async def _samples(unit: Unit, harness: HandlerHarness, owner: Voice) -> None:
    assert owner.person_id is not None
    chairs = await unit.people.behind(harness.villages["上徐村"], Role.CHAIR, at=harness.at)
    await unit.callouts.call(CaseId(1001), chairs, at=harness.at)
    await add_samples(unit, harness.villages["上徐村"], owner.person_id, at=harness.at)


async def _rota(unit: Unit, *, harness: HandlerHarness, officer: Voice) -> None:
    """Let an officer have a shift, and ask for somebody who takes it."""
    person_id = PersonId(officer.person_id or 0)
    rota_id = await unit.rotas.open(harness.station, Role.OFFICER, zone="Asia/Shanghai", at=harness.at)
    today = harness.at.date()
    shift_id = await unit.rotas.add_shift(rota_id, Shift(0, person_id, today.weekday(), 8 * 60, 12 * 60, today))
    await unit.rotas.ask(rota_id, Takeover(shift_id, today, person_id), by=person_id, at=harness.at)


async def _import(unit: Unit, *, harness: HandlerHarness, member: Voice) -> None:
    """Let an import leave a post to the leaders."""
    item = Item(PersonId(member.person_id or 0), Role.CHAIR, harness.villages["上徐村"])
    request = await unit.imports.add(harness.station, (item,), at=harness.at, expires_at=harness.at + WAITS)
    await ask_leaders(unit, request, at=harness.at)


async def _foreigners(harness: HandlerHarness) -> dict[str, Voice]:
    made = {
        "a stranger": harness.stranger(),
        "a villager of the next village": await harness.person("小李", Role.VILLAGER, "下李村"),
        "the chair of the next village": await harness.person("赵海燕", Role.CHAIR, "下李村"),
        "the officer of the next village": await harness.person("应警官", Role.OFFICER, "下李村"),
    }
    station, village = await harness.store.transact(_abroad)
    for role in (Role.CHAIR, Role.OFFICER, Role.DUTY, Role.LEADER, Role.ADMIN):
        voice = await harness.person(f"外所{role}", Role.VILLAGER)
        where = village if role in (Role.CHAIR, Role.OFFICER) else None
        await harness.store.transact(partial(_appoint, voice=voice, role=role, station_id=station, village_id=where))
        made[f"the {role} of another station"] = voice
    gone = await harness.person("外所停用", Role.CHAIR, "下李村")
    await harness.store.transact(
        lambda unit: unit.transaction.execute("UPDATE people SET suspended_at = 1 WHERE id = ?", (gone.person_id,))
    )
    made["a suspended chair of the next village"] = gone
    return made


async def _appoint(unit: Unit, *, voice: Voice, role: Role, station_id: StationId, village_id: VillageId | None) -> None:
    assert voice.person_id is not None
    await unit.people.appoint(voice.person_id, role, station_id=station_id, village_id=village_id, at=voice.harness.at)


async def _abroad(unit: Unit) -> tuple[StationId, VillageId]:
    station = await unit.transaction.fetch_one("INSERT INTO stations (id, name) VALUES (90, '古山所') RETURNING id")
    village = await unit.transaction.fetch_one("INSERT INTO villages (id, station_id, name) VALUES (91, 90, '三村') RETURNING id")
    assert station is not None
    assert village is not None
    return StationId(station["id"]), VillageId(village["id"])


async def invited(town: Town, code: str, *, role: Role = Role.MEMBER, lasts: timedelta = timedelta(hours=24)) -> int:
    """Issue an invitation to 上徐村 in the chair's name; return its number."""
    harness = town.harness
    return await harness.store.transact(
        lambda unit: unit.invitations.issue(
            code,
            role,
            station_id=harness.station,
            village_id=harness.villages["上徐村"],
            issuer_id=town.chair.person_id,
            at=harness.at,
            expires_at=harness.at + lasts,
        )
    )
