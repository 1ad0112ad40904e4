"""Conversations played by Hypothesis: people say and press things in any order.

Time passes between. Knows the promises to a villager after any conversation: an answer, a way out, legal moves of cases, drafts that stay
in their chat, and that no word of a report reaches another village. Must not know any feature's steps.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.calendar.quiet_hours import QuietHours
from domain.calendar.working_time import ClockCalendar
from domain.core.change import Address, ChatId
from domain.core.town import Limits, Town
from domain.people.people import Role
from tests.faults.hostile.strings import hostile
from tests.faults.hostile.towns import STEPS
from tests.faults.hostile.typed import comes, message_of, types
from tests.handler_harness import HandlerHarness

if TYPE_CHECKING:
    from storage.unit import Unit
    from tests.handler_harness import Heard, Voice

T = TypeVar("T")
GROUP = -1_000_000_006_001
SAID = (
    "你好", "是", "不是", "1", "2", "0", "1001", "#1002", "明天上午9点", "周四 14:00", "昨天", "/start", "/start 上徐村", "/start 下李村", "/help", "/me",
    "/report", "/report dispute", "/report hazard 路灯不亮", "/cases", "/case 1001", "/accept 1001", "/mediate 1001", "/settle 1001 谈好了",
    "/escalate 1002 需要民警", "/close 1001 办好了", "/note 1001 去看过了", "/withdraw 1001", "/reopen 1001 又来了", "/ack 1002", "/alert",
    "/alert 橙 全部 台风今晚登陆", "/drill", "/training", "/tip", "/tip 3", "/roster", "/duty", "/invite", "/invite member", "/handover", "/language",
    "/forget", "/sos", "救命，有人落水", "/cancel", "取消", "退出", "上徐村", "纠纷", "隐患", "涉诈", "镇文化礼堂", "心肺复苏", "骗了 5000 块", "13800001111",
)  # fmt: skip
DEEDS = (
    "/case #", "#", "/accept #", "/mediate #", "/ack #", "/withdraw #", "/settle # 谈好了", "/escalate # 需要民警", "/refer # 请去法院", "/close # 办好了",
    "/note # 去看过了", "/reopen # 又来了", "/note #", "/settle #",
)  # fmt: skip
FACTS: tuple[dict[str, Any], ...] = (
    {"photo": [{"file_id": "AgAD", "file_unique_id": "u1", "width": 1, "height": 1}]},
    {"voice": {"file_id": "AwAD", "file_unique_id": "u2", "duration": 2}},
    {"sticker": {"file_id": "CAAD", "file_unique_id": "u3", "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}},
    {"location": {"latitude": 28.9, "longitude": 120.1}},
    {"contact": {"phone_number": "+8613800001111", "first_name": "?", "user_id": 1}},
)  # fmt: skip
PEOPLE = st.integers(0, 10)
WHICH = st.integers(0, 10_000)


@dataclass
class Played:
    """Counts of the played steps, over all examples."""

    examples: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    keys: Counter[str] = field(default_factory=Counter)


class Conversations(RuleBasedStateMachine):
    """Two villages; see the module. `folder` and `played` are set by the test."""

    folder: Path
    played: Played

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.marks: dict[str, tuple[str, int]] = {}
        self.states: dict[int, str] = {}
        self.seen = 0
        self.played.examples += 1

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Let something happen."""
        return self.runner.run(work)

    def teardown(self) -> None:
        """Close the town."""
        if hasattr(self, "harness"):
            self.wait(self.harness.store.close())
        self.runner.close()

    @initialize()
    def opens(self) -> None:
        """Make a town with everybody in it."""
        self.wait(self._open())

    async def _open(self) -> None:
        zone = ZoneInfo("Asia/Shanghai")
        town = Town(
            "禾安",
            zone,
            ClockCalendar(),
            QuietHours(time(21, 30), time(7, 0), zone),
            bot_names={"telegram": "tongxin_bot"},
            links={"telegram": "https://t.me/tongxin_bot"},
        )
        town = replace(town, limits=Limits(reports_per_hour=1000, texts_per_minute=100_000, invitations_per_hour=1000))
        self.harness = harness = await HandlerHarness.open(Path(tempfile.mkdtemp(dir=self.folder)), town)
        self.homes = {
            "上徐村": [
                await harness.person("老徐", Role.VILLAGER, "上徐村"),
                await harness.person("王建国", Role.CHAIR, "上徐村"),
                await harness.person("张伟", Role.OFFICER, "上徐村"),
                await harness.person("Zhen", Role.VILLAGER, "上徐村", language="en"),
            ],
            "下李村": [
                await harness.person("小李", Role.VILLAGER, "下李村"),
                await harness.person("赵海燕", Role.CHAIR, "下李村"),
                await harness.person("应天", Role.OFFICER, "下李村"),
            ],
        }
        self.station = [await harness.person("李国强", Role.LEADER)]
        self.admins = [await harness.person("管小平", Role.ADMIN)]
        self.newcomers = [harness.stranger("路人甲"), harness.stranger("路人乙", language="en")]
        self.voices = [*self.homes["上徐村"], *self.homes["下李村"], *self.station, *self.admins, *self.newcomers]
        await self.homes["上徐村"][1].says("/bind 上徐村", chat=GROUP, chat_title="上徐村群")

    # Actions of people

    def _who(self, number: int) -> Voice:
        voice: Voice = self.voices[number % len(self.voices)]
        return voice

    def _marked(self, voice: Voice, words: str) -> str:
        """Mark the words of somebody who lives in a village and sends nothing to others.

        The mark shows wherever the words are read.
        """
        village = next((name for name, voices in self.homes.items() if voice in voices[:2] or voice in voices[3:]), "")
        if not village or len(words) > 2000:
            return words
        mark = f"标记{len(self.marks):04d}号"
        self.marks[mark] = (village, voice.user_id)
        return f"{words} {mark}"

    def _does(self, kind: str, voice: Voice, work: Coroutine[Any, Any, Any], *, answers: bool) -> None:
        self.played.acts[kind] += 1
        before = self.wait(self._newest(voice.user_id))
        others = self.wait(self._drafts())
        ctx = self.wait(work)
        if ctx is not None and answers:
            assert self.wait(self._newest(voice.user_id)) > before, f"{voice.name} was not answered after {ctx.incoming.text!r}"
        changed = {chat for chat, draft in self.wait(self._drafts()).items() if others.get(chat) != draft}
        assert changed <= {voice.user_id}, f"{voice.name} wrote into the drafts of {changed}"

    @rule(who=PEOPLE, words=st.sampled_from(SAID), marked=st.booleans())
    def says(self, who: int, words: str, marked: bool) -> None:
        """Somebody says something that means something."""
        voice = self._who(who)
        self._does("says", voice, types(voice, self._marked(voice, words) if marked else words), answers=True)

    @rule(who=PEOPLE, kind=st.sampled_from(("dispute", "hazard", "fraud", "other")))
    def reports(self, who: int, kind: str) -> None:
        """Somebody reports something in one line."""
        voice = self._who(who)
        self._does("reports", voice, types(voice, self._marked(voice, f"/report {kind} 邻居砌墙占了路")), answers=True)

    @rule(who=PEOPLE, deed=st.sampled_from(DEEDS), which=WHICH)
    def turns_to_a_case(self, who: int, deed: str, which: int) -> None:
        """Somebody opens an existing case, their own or another's."""
        if self.states:
            voice, number = self._who(who), sorted(self.states)[which % len(self.states)]
            words = deed.replace("#", str(number))
            words = self._marked(voice, words) if words.count(" ") > 1 else words
            self._does("turns to a case", voice, types(voice, words), answers=True)

    @rule(who=PEOPLE, seed=WHICH)
    def says_anything(self, who: int, seed: int) -> None:
        """Somebody says something hostile."""
        voice, words = self._who(who), hostile(Random(seed))  # noqa: S311 - Hypothesis chooses the seed
        self._does("says anything", voice, types(voice, self._marked(voice, words)), answers=True)

    @rule(who=PEOPLE, what=st.sampled_from(FACTS))
    def sends(self, who: int, what: dict[str, Any]) -> None:
        """Somebody sends a picture, a voice, a place, a contact."""
        voice = self._who(who)
        facts = {"contact": what["contact"] | {"user_id": voice.user_id}} if "contact" in what else what
        self._does("sends", voice, types(voice, "", **facts), answers=True)

    @rule(who=PEOPLE, which=WHICH)
    def presses_the_newest(self, who: int, which: int) -> None:
        """Somebody presses a button of the last message with buttons."""
        voice = self._who(who)
        shown = [heard for heard in self.wait(voice.heard()) if heard.buttons]
        if shown:
            self._press("presses", voice, list(shown[-1].buttons.values()), which)

    @rule(who=PEOPLE, which=WHICH)
    def presses_an_old_one(self, who: int, which: int) -> None:
        """Somebody presses a button of any message they were ever shown."""
        voice = self._who(who)
        self._press("presses an old one", voice, [each for heard in self.wait(voice.heard()) for each in heard.buttons.values()], which)

    @rule(who=PEOPLE, whose=PEOPLE, which=WHICH)
    def presses_a_foreign_one(self, who: int, whose: int, which: int) -> None:
        """Somebody presses a button that was shown to another person."""
        voice, other = self._who(who), self._who(whose)
        self._press("presses a foreign one", voice, [each for heard in self.wait(other.heard()) for each in heard.buttons.values()], which)

    def _press(self, kind: str, voice: Voice, offered: list[tuple[str, tuple[Any, ...]]], which: int) -> None:
        if offered:
            verb, args = offered[which % len(offered)]
            self._does(kind, voice, voice.presses_raw(verb, *args), answers=False)

    @rule(who=PEOPLE, words=st.sampled_from(SAID), other=st.sampled_from(SAID))
    def corrects(self, who: int, words: str, other: str) -> None:
        """Somebody says something and edits it."""
        voice = self._who(who)
        said = message_of(voice, words)
        self._does("says", voice, comes(voice, said), answers=True)
        edited = {"update_id": said["update_id"], "edited_message": said["message"] | {"text": self._marked(voice, other)}}
        self._does("corrects", voice, comes(voice, edited), answers=False)

    @rule(who=PEOPLE, words=st.sampled_from(SAID))
    def says_in_a_group(self, who: int, words: str) -> None:
        """Somebody says something in the village's group."""
        voice = self._who(who)
        self._does("says in a group", voice, types(voice, words, chat=GROUP, title="上徐村群"), answers=False)

    @rule(who=PEOPLE, other=PEOPLE, which=WHICH)
    def two_at_once(self, who: int, other: int, which: int) -> None:
        """Two people act at the same moment."""
        one, two = self._who(who), self._who(other)
        words = SAID[which % len(SAID)]

        async def both() -> None:
            await asyncio.gather(types(one, "/report hazard 井盖翘起来了"), types(two, words))

        self.played.acts["two at once"] += 1
        self.wait(both())

    @rule(who=PEOPLE, word=st.sampled_from(("取消", "/cancel", "退出")))
    def leaves(self, who: int, word: str) -> None:
        """Somebody leaves the dialog: afterwards there is no conversation."""
        voice = self._who(who)
        self._does("leaves", voice, types(voice, word), answers=True)
        assert voice.user_id not in self.wait(self._drafts()), f"{voice.name} cannot leave"

    @rule(hours=st.sampled_from((0.1, 1.0, 9.0, 30.0)))
    def time_passes(self, hours: float) -> None:
        """Advance the clock without any action of a person."""
        self.played.acts["time passes"] += 1
        self.wait(self.harness.time_passes(hours=hours))

    # Invariants

    @invariant()
    def cases_move_by_the_table(self) -> None:
        """Cases make only moves of the table (several at once while time passed)."""
        if not hasattr(self, "harness"):
            return
        now = self.wait(self._states())
        for number, state in now.items():
            before = self.states.get(number, state)
            assert before == state or (before, state) in REACHABLE, f"case {number} went from {before} to {state}"
        self.states = now

    @invariant()
    def words_stay_in_their_village(self) -> None:
        """Words of villagers and chairs reach only their authors, officials and station.

        The officials are those of the author's village. The words never reach a group.
        """
        if not hasattr(self, "harness"):
            return
        entitled = self.wait(self._entitled())
        for heard in self.wait(self._fresh()):
            self.played.keys[heard.key] += 1
            allowed = entitled.get(str(heard.row["subject"]))
            assert allowed is None or heard.chat_id in allowed, f"{heard.row['subject']} was shown in {heard.chat_id}: {heard.key}"
            for mark, (village, author) in self.marks.items():
                if mark in heard.text:
                    allowed = {author} | {voice.user_id for voice in (*self.homes[village], *self.station)}
                    assert heard.chat_id in allowed, f"{mark} of {village} was read in {heard.chat_id}: {heard.key}"

    @invariant()
    def drafts_belong_to_people(self) -> None:
        """There is no draft in a group, or in a chat without a person."""
        if hasattr(self, "harness"):
            assert set(self.wait(self._drafts())) <= {voice.user_id for voice in self.voices}

    # Reading messages

    async def _newest(self, chat: int) -> int:
        return int(await self._value("SELECT COALESCE(MAX(id), 0) AS v FROM outbox WHERE chat_id = ?", chat))

    async def _value(self, sql: str, *params: Any) -> Any:
        row = await self.harness.store.transact(lambda unit: unit.transaction.fetch_one(sql, params))
        assert row is not None
        return row["v"]

    async def _drafts(self) -> dict[int, tuple[Any, ...]]:
        rows = await self.harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT * FROM drafts"))
        return {row["chat_id"]: (row["dialog"], row["step"], row["answers"]) for row in rows}

    async def _states(self) -> dict[int, str]:
        rows = await self.harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT id, state FROM cases"))
        return {row["id"]: row["state"] for row in rows}

    async def _entitled(self) -> dict[str, set[int]]:
        """Return the people who may learn of each case.

        They are its reporter and followers, the officials of its village, the station, the administrators.
        """
        sql = (
            "SELECT c.id, v.name, a.user_id FROM cases c JOIN villages v ON v.id = c.village_id LEFT JOIN addresses a ON a.person_id IN"
            " (SELECT c.reporter_id UNION SELECT c.opened_by UNION SELECT f.person_id FROM case_followers f WHERE f.case_id = c.id)"
        )
        found: dict[str, set[int]] = {}
        for row in await self.harness.store.transact(lambda unit: unit.transaction.fetch_all(sql)):
            officials = {voice.user_id for voice in (*self.homes[row["name"]][1:3], *self.station, *self.admins)}
            found.setdefault(f"case:{row['id']}", set()).update(officials | {row["user_id"]})
        return found

    async def _fresh(self) -> list[Heard]:
        """Deliver due messages, as the server would take them; return those since the last call."""
        heard = [each for each in await self.harness.outbox() if each.row["id"] > self.seen]
        self.seen = max((each.row["id"] for each in heard), default=self.seen)

        async def deliver(unit: Unit) -> None:
            for each in heard:
                await unit.outbox.sent(each.row["id"], message_id=each.row["id"], at=self.harness.at)
                if each.card:
                    where, whom = Address("telegram", ChatId(each.chat_id)), each.row["person_id"]
                    await unit.cards.hang(where, each.card, message_id=each.row["id"], person_id=whom, at=self.harness.at)

        await self.harness.store.transact(deliver)
        self.harness.at += timedelta(seconds=1)
        return heard


def _closure(steps: frozenset[tuple[str, str]]) -> set[tuple[str, str]]:
    found = set(steps)
    while more := {(one, four) for one, two in found for three, four in found if two == three} - found:
        found |= more
    return found


REACHABLE = _closure(STEPS)
