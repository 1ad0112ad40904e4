"""Variants of the attacks on identity, power, erasure and patience: ten of each kind.

Each kind has one town. A row is an attack; after each one the test asks what the attacker got. A missing button is skipped.
"""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.commands.roster_import import Wishes, import_roster
from domain.core.change import Address, ChatId, Notice, PersonId, Priority, Receiver
from domain.people.people import Role
from domain.people.roster import Roster, RosterEntry
from domain.people.roster_plan import Answers
from tests.handler_harness import Heard
from tests.handlers.people.test_joining import accepts, actor
from tests.handlers.people.test_powers import last_code
from tests.handlers.people.test_privacy import everything_stored
from tests.rows import row

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from domain.cases.case import Case
    from tests.handler_harness import HandlerHarness, Voice

WORDS = "收了工程队的红包"
#: Messages that a flood of 20 turns brings into one chat.
MOST_RINGS = 12


class Town:
    """Two villages with everybody in office; `voices[name]`."""

    def __init__(self, harness: HandlerHarness) -> None:
        self.harness = harness
        self.voices: dict[str, Voice] = {}
        self.accounts = 0

    @classmethod
    async def of(cls, harness: HandlerHarness) -> Town:
        town = cls(harness)
        for name, role, village in (
            ("陈国强", Role.LEADER, ""),
            ("周建军", Role.LEADER, ""),
            ("机管人", Role.ADMIN, ""),
            ("钱丽丽", Role.DUTY, ""),
            ("张伟民", Role.OFFICER, "上徐村"),
            ("王建国", Role.CHAIR, "上徐村"),
            ("李四海", Role.MEMBER, "上徐村"),
            ("刘小军", Role.MEMBER, "上徐村"),
            ("赵下李", Role.CHAIR, "下李村"),
            ("徐大婶", Role.VILLAGER, "上徐村"),
        ):
            await town.joins(name, role, village)
        return town

    async def joins(self, name: str, role: Role, village: str = "", *, since: timedelta = timedelta(days=30)) -> Voice:
        self.voices[name] = await self.harness.person(name, role, village, since=since)
        return self.voices[name]

    def __getitem__(self, name: str) -> Voice:
        return self.voices[name]

    def account(self) -> Voice:
        """Return an account that nobody knows."""
        self.accounts += 1
        return self.harness.stranger(f"小号{'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉'[self.accounts]}")

    async def number(self) -> int:
        """Return the number of the newest case."""
        found = await self.harness.store.transact(lambda unit: unit.transaction.fetch_one("SELECT MAX(id) AS n FROM cases"))
        assert found is not None
        return int(found["n"])

    async def case(self, number: int) -> Case | None:
        return await self.harness.store.transact(lambda unit: unit.cases.find(number))

    async def posts(self, who: Voice) -> set[Role]:
        return {post.role for post in (await actor(self.harness, who)).posts}

    async def read(self, who: Voice) -> str:
        return "\n".join(message.text for message in await who.heard())


def id_of(who: Voice) -> PersonId:
    assert who.person_id is not None
    return who.person_id


async def tries(who: Voice, *steps: str) -> None:
    """Say the steps that begin with "/" or ">", and press the others.

    A button that is not offered is skipped.
    """
    for step in steps:
        if step.startswith(("/", ">")):
            await who.says(step.removeprefix(">"))
        else:
            with contextlib.suppress(AssertionError):
                await who.presses(step)


async def code_from(giver: Voice, *steps: str | tuple[str, int]) -> str:
    """Let somebody make a code in some way; return it, or a wrong one."""
    before = await giver.harness.store.transact(lambda unit: unit.transaction.fetch_one("SELECT MAX(id) AS n FROM outbox"))
    for step in steps:
        if isinstance(step, tuple):
            await giver.presses_raw(*step)
        else:
            await tries(giver, step)
    rows = await giver.harness.store.transact(
        lambda unit: unit.transaction.fetch_all(
            "SELECT * FROM outbox WHERE chat_id = ? AND id > ? ORDER BY id", (giver.user_id, (before and before["n"]) or 0)
        )
    )
    made = [each for each in map(Heard, map(dict, rows)) if "<code>" in each.text]
    return last_code(made) if made else "AAAABBBB"


async def takes(who: Voice, code: str, name: str = "王小明") -> None:
    await who.says(f"/start i{code}")
    with contextlib.suppress(AssertionError):
        await accepts(who, name)


async def presses_all(who: Voice, *verbs: tuple[str, tuple[object, ...]]) -> None:
    for verb, args in verbs:
        await who.presses_raw(verb, *args)


async def each_row(rows: dict[str, Callable[[], Awaitable[None]]], check: Callable[[], Awaitable[None]]) -> None:
    assert len(rows) == 10
    for name, attack in rows.items():
        with row(name):
            await attack()
            await check()


# S-1: a superior takes over a subordinate ---------------------------------------------------------------------------------


async def test_no_superior_becomes_the_person_who_reported_them(harness: HandlerHarness):
    town = await Town.of(harness)
    chair, member, leader, officer = town["王建国"], town["李四海"], town["陈国强"], town["张伟民"]
    await member.says(f"/report other 王主任{WORDS}")
    before = await actor(harness, member)
    mine = id_of(member)
    others: list[Voice] = []

    def another() -> Voice:
        others.append(town.account())
        return others[-1]

    async def suspended_first() -> None:
        await chair.presses_raw("suspend", mine)
        await takes(another(), await code_from(chair, ("again", mine)))
        await leader.presses_raw("restore", mine)

    async def handed_to_oneself() -> None:
        await presses_all(chair, ("hand", (mine, id_of(chair))), ("hand", (mine,)))
        await tries(chair, "王建国", "确认交接", "确认")

    async def by_a_friends_code() -> None:
        await takes(chair, await code_from(officer, ("again", mine)))
        await harness.time_passes(hours=30)

    async def code_of_the_officer() -> None:
        code = await code_from(leader, ("again", id_of(officer)))
        await takes(chair, code)
        await officer.presses("不是我")
        await harness.time_passes(hours=30)

    async def forged_answers() -> None:
        await takes(another(), await code_from(chair, ("again", mine)))
        for number in range(1, 9):
            await presses_all(
                chair,
                ("mychat", (number,)),
                ("notmine", (number,)),
                ("appoint", (number, "yes", "both")),
                ("appoint", (number, "release")),
                ("import", (number, "yes", 1)),
            )
        await member.presses_raw("notmine", 3)
        await tries(member, "不是我")
        await harness.time_passes(hours=30)

    async def invited_anew() -> None:
        await takes(another(), await code_from(chair, "/invite member 上徐村"), "李四海")

    async def from_a_group() -> None:
        code = await code_from(chair, ("again", mine))
        await chair.says(f"/start i{code}", chat=-1005)
        await chair.presses_raw("take", 1, chat=-1005)
        await tries(member, "不是我发的", "撤掉")

    async def with_their_contact() -> None:
        await chair.presses_raw("phone")
        await chair.says(contact={"user_id": member.user_id, "phone": before.phone})
        await chair.says(contact={"user_id": chair.user_id, "phone": before.phone}, forwarded=True)
        await chair.says("/cancel")

    async def own_link_given_to_them() -> None:
        await takes(member, await code_from(chair, ("linkme", 0)))
        await takes(chair, await code_from(member, ("linkme", 0)))

    async def resting_chat() -> None:
        await harness.time_passes(days=40)
        await takes(another(), await code_from(chair, ("again", mine)), "李四海")

    async def check() -> None:
        for who in (chair, *others):
            assert (await actor(harness, who)).id != mine
            await who.says("/case 1001")
            await who.says("/cases all")
            assert WORDS not in await town.read(who), who.name
        assert (await actor(harness, member)).id == mine
        await member.new()
        await member.says("/case 1001")
        assert WORDS in await member.new()

    await each_row(
        {
            "suspended first": suspended_first,
            "handed to oneself": handed_to_oneself,
            "a friend's code": by_a_friends_code,
            "code of the officer": code_of_the_officer,
            "forged answers": forged_answers,
            "invited anew with the name": invited_anew,
            "from a group": from_a_group,
            "their contact": with_their_contact,
            "one's own link": own_link_given_to_them,
            "a chat that rests": resting_chat,
        },
        check,
    )


# S-2: a name is no identity -----------------------------------------------------------------------------------------------


async def test_no_name_makes_anybody_somebody_else(harness: HandlerHarness):
    town = await Town.of(harness)
    chair, villager, member = town["王建国"], town["徐大婶"], town["李四海"]
    old = await harness.person("老徐头", Role.MEMBER, "上徐村", reachable=False)
    await harness.store.transact(
        lambda unit: unit.people.appoint(
            id_of(old), Role.CHAIR, station_id=harness.station, village_id=harness.villages["下李村"], at=harness.at
        )
    )
    await town["赵下李"].says(f"/report other 有人{WORDS}")
    phones = {who.name: (await actor(harness, who)).phone for who in (villager, member)}
    others: list[Voice] = []

    async def renamed(who: Voice, name: str) -> None:
        await who.presses_raw("rename")
        await who.says(name)
        await who.says("/cancel")

    def taken_as(name: str) -> Callable[[], Awaitable[None]]:
        async def attack() -> None:
            await renamed(villager, name)
            await takes(villager, await code_from(chair, "/invite member 上徐村"), name)
            await harness.time_passes(hours=25)

        return attack

    async def profile_name() -> None:
        new = harness.stranger("老徐头")
        others.append(new)
        await new.says(f"/start v{harness.villages['下李村']}")
        await tries(new, "同意")
        await takes(new, await code_from(chair, "/invite member 上徐村"), "老徐头")

    async def moved_house() -> None:
        await presses_all(villager, ("jmove", (harness.villages["下李村"],)))
        await tries(villager, "是，搬")
        await presses_all(villager, ("relocate", (1, "yes")), ("relocate", (id_of(villager), "yes")))
        await renamed(villager, "老徐头")

    async def roster_of_namesakes() -> None:
        await renamed(member, "老徐头")
        entry = RosterEntry(2, "老徐头", "13911112222", None, frozenset({(Role.MEMBER, "上徐村"), (Role.CHAIR, "下李村")}))
        await import_roster(harness.store, Roster("禾安所", tuple(harness.villages), (entry,)), at=harness.at)

    async def roster_with_their_phone() -> None:
        entry = RosterEntry(2, "老徐头", phones[member.name], None, frozenset({(Role.CHAIR, "下李村")}))
        await import_roster(harness.store, Roster("禾安所", tuple(harness.villages), (entry,)), at=harness.at)

    async def name_of_the_chair() -> None:
        await renamed(villager, "赵下李")
        await villager.says("/cases all")

    async def typed_number() -> None:
        await villager.presses_raw("phone")
        await villager.says("老徐头 13800001111")
        await villager.says("/cancel")

    async def check() -> None:
        for who in (villager, member, *others):
            assert Role.CHAIR not in await town.posts(who), who.name
            await who.says("/case 1001")
            assert WORDS not in await town.read(who), who.name
        assert (await actor(harness, villager)).phone == phones[villager.name]
        assert (await actor(harness, member)).phone == phones[member.name]
        kept = await harness.store.transact(lambda unit: unit.people.get(id_of(old), at=harness.at))
        assert {post.role for post in kept.posts} >= {Role.CHAIR}

    await each_row(
        {
            "the same name": taken_as("老徐头"),
            "with a blank": taken_as("老 徐头"),
            "with a sign that nobody sees": taken_as("老\u200b徐头"),
            "traditional": taken_as("老徐頭"),
            "a stranger's profile": profile_name,
            "moved to the village": moved_house,
            "a roster of namesakes": roster_of_namesakes,
            "a roster with their phone": roster_with_their_phone,
            "the chair's name": name_of_the_chair,
            "a typed number": typed_number,
        },
        check,
    )


# S-3: separate powers --------------------------------------------------------------------------------------------------------


async def test_nobody_gives_themselves_a_power(harness: HandlerHarness):
    town = await Town.of(harness)
    admin, leader, officer, member = town["机管人"], town["陈国强"], town["张伟民"], town["李四海"]
    await town["徐大婶"].says(f"/report other 王主任{WORDS}")
    await leader.says("/duty")
    for label in ("我要请假", "现在起", "一周", "张伟民"):
        await leader.presses(label)

    def invites(who: Voice, *lines: str) -> Callable[[], Awaitable[None]]:
        async def attack() -> None:
            for line in lines:
                code = await code_from(who, line)
                await takes(who, code, who.name)
                await takes(town.account(), code)

        return attack

    async def approves_own() -> None:
        code = await code_from(officer, "/invite chair 上徐村")
        new = town.account()
        await takes(new, code)
        for number in range(1, 6):
            await presses_all(officer, ("appoint", (number, "yes", "both")), ("appoint", (number, "yes")))
        assert not await town.posts(new)

    async def admin_again() -> None:
        for name in ("陈国强", "周建军", "张伟民", "钱丽丽"):
            await takes(admin, await code_from(admin, ("again", id_of(town[name]))), "机管人")

    async def admin_stops_leader() -> None:
        for name in ("周建军", "钱丽丽"):
            await leader.new()
            await presses_all(admin, ("suspend", (id_of(town[name]),)), ("hand", (id_of(town[name]), id_of(admin))))
            await admin.presses_raw("restore", id_of(town[name]))
            assert name in await leader.new()  # an administrator may stop a leader, and the others learn of it

    async def admin_reads() -> None:
        for line in ("/case 1001", "/cases all", "/ack 1001", "/note 1001 x", "/block 1001", "/escalate 1001 x"):
            await admin.says(line)
        verbs = ("c.all", "c.ack", "c.pic", "c.loc", "c.pay", "c.who", "c.usq", "c.uso", "c.usa", "c.cor", "c.re", "m.case", "bl.yes")
        await presses_all(admin, *((verb, (1001,)) for verb in verbs))

    async def admin_leave() -> None:
        await tries(admin, "/duty", "我要请假", "现在起", "一周", "张伟民")
        await presses_all(admin, ("leavefor", (id_of(leader),)), ("leave", ()))
        await tries(admin, "现在起", "一周", "机管人")
        await admin.says("/cancel")

    async def leader_hands_admin() -> None:
        await presses_all(town["周建军"], ("hand", (id_of(admin), id_of(officer))), ("suspend", (id_of(admin),)))
        await tries(town["周建军"], "张伟民", "确认交接")
        await presses_all(town["周建军"], ("again", (id_of(admin),)))

    async def deputy_lifts() -> None:
        await town["周建军"].presses_raw("suspend", id_of(member))
        await officer.presses_raw("restore", id_of(member))
        assert (await actor(harness, member)).suspended
        await town["周建军"].presses_raw("restore", id_of(member))

    async def member_invites() -> None:
        for line in ("/invite chair 上徐村", "/invite officer 上徐村", "/invite member 上徐村", "/invite mediator 上徐村"):
            await takes(town.account(), await code_from(member, line))
        await presses_all(member, ("again", (id_of(town["王建国"]),)), ("hand", (id_of(town["王建国"]), id_of(member))))

    async def check() -> None:
        assert await town.posts(admin) == {Role.ADMIN}
        assert await town.posts(member) == {Role.MEMBER}
        own = {post.role for post in (await actor(harness, officer)).posts if post.deputises_for is None}
        assert own == {Role.OFFICER}
        assert Role.ADMIN not in await town.posts(leader) | await town.posts(town["周建军"])
        for name in ("周建军", "钱丽丽", "陈国强", "机管人"):
            assert not (await actor(harness, town[name])).suspended, name
        assert WORDS not in await town.read(admin)
        held = await harness.store.transact(
            lambda unit: unit.transaction.fetch_all("SELECT role FROM posts WHERE until_at IS NULL ORDER BY role")
        )
        assert [each["role"] for each in held] == sorted(
            ["leader", "leader", "admin", "duty", "officer", "chair", "chair", "member", "member"]
        )

    await each_row(
        {
            "administrator invites police": invites(admin, "/invite leader", "/invite officer 上徐村", "/invite duty"),
            "administrator invites a committee": invites(admin, "/invite chair 上徐村", "/invite secretary 上徐村", "/invite audit"),
            "deputy invites above": invites(officer, "/invite leader", "/invite admin", "/invite duty", "/invite audit"),
            "deputy approves their own": approves_own,
            "administrator makes codes of others": admin_again,
            "administrator stops others": admin_stops_leader,
            "administrator reads": admin_reads,
            "administrator lends and borrows": admin_leave,
            "leader hands over the administrator": leader_hands_admin,
            "deputy lifts and a member invites": lambda: _both(deputy_lifts, member_invites),
        },
        check,
    )


async def _both(*attacks: Callable[[], Awaitable[None]]) -> None:
    for attack in attacks:
        await attack()


# S-4: deputies of somebody who is barred -----------------------------------------------------------------------------------------


async def test_no_deputy_of_a_barred_person_hears_a_word(harness: HandlerHarness):
    town = await Town.of(harness)
    chair, deputy, villager, officer, leader = town["王建国"], town["李四海"], town["徐大婶"], town["张伟民"], town["陈国强"]
    other = town["刘小军"]
    await tries(chair, "/duty", "我要请假", "现在起", "一周", "李四海")
    assert Role.CHAIR in await town.posts(deputy)

    def reported(words: str, *then: str) -> Callable[[], Awaitable[None]]:
        async def attack() -> None:
            await villager.says(f"/report other {words}{WORDS}")
            number = await town.number()
            for step in then:
                await tries(villager, step.format(n=number))
            await through(number)

        return attack

    async def through(number: int) -> None:
        """Let the police work on it, the reporter come back, and the deputy try."""
        await officer.says(f"/ack {number}")
        await officer.says(f"/ask {number} 哪一天{WORDS}")
        await villager.says(f"/answer {number} 昨天{WORDS}")
        await officer.says(f"/close {number} 查过{WORDS}")
        await villager.says(f"/reopen {number} 又{WORDS}")
        for who in (chair, deputy, other):
            for line in (
                f"/case {number}",
                f"/accept {number}",
                f"/note {number} x",
                f"/close {number} x",
                "/cases all",
                f"/cases {WORDS}",
            ):
                await who.says(line)
            await presses_all(
                who, *((verb, (number,)) for verb in ("c.all", "c.acc", "c.pic", "c.loc", "c.who", "c.rec", "m.case", "bl.no"))
            )
            await who.says("/cancel")

    async def excluded_later() -> None:
        await villager.says(f"/report other 有人欠债{number_free()}")
        number = await town.number()
        await presses_all(villager, ("c.exc", (number,)))
        await villager.says("王建国")
        await villager.says(f"/note {number} {WORDS}")
        await through(number)

    async def recused() -> None:
        await villager.says("/report other 有人欠债不还")
        number = await town.number()
        await presses_all(chair, ("c.rec", (number,)), ("c.rcy", (number,)))
        await villager.says(f"/note {number} {WORDS}")
        await through(number)

    async def cries() -> None:
        await villager.says(f"/sos 救命 王主任打我，{WORDS}")
        await through(await town.number())

    async def photo() -> None:
        await villager.says("/report other 村里修路的事")
        number = await town.number()
        await villager.says(f"王主任{WORDS}", media={"type": "photo", "file_id": "f9", "file_unique_id": "u9"})
        await through(number)

    async def chain() -> None:
        await tries(deputy, "/duty", "我要请假", "现在起", "一周", "刘小军")
        await villager.says(f"/report other 王主任{WORDS}")
        await through(await town.number())

    async def chairs_own() -> None:
        await chair.says(f"/report other 邻居{WORDS}")
        number = await town.number()
        for line in (f"/case {number}", f"/accept {number}"):
            await deputy.says(line)

    def number_free() -> str:
        return "不还"

    async def check() -> None:
        for who in (deputy, other):
            assert WORDS not in (await town.read(who)).replace(f"“{WORDS}”", ""), who.name
        own = "\n".join(message.text for message in await chair.heard() if f"邻居{WORDS}" not in message.text)
        assert WORDS not in own.replace(f"“{WORDS}”", "")
        assert WORDS in await town.read(officer)
        await leader.new()

    await each_row(
        {
            "title": reported("主任"),
            "name": reported("王建国"),
            "surname": reported("治保会那个姓王的"),
            "spelled apart": reported("王 主 任 "),
            "traditional": reported("王建國"),
            "excluded later": excluded_later,
            "recused": recused,
            "in danger": cries,
            "in a caption": photo,
            "lent on, and the chair's own": lambda: _both(chairs_own, chain),
        },
        check,
    )


# S-5: erasure ------------------------------------------------------------------------------------------------------------------


async def test_nothing_leads_back_to_an_erased_person(harness: HandlerHarness):
    town = await Town.of(harness)
    chair, officer, leader, member = town["王建国"], town["张伟民"], town["陈国强"], town["李四海"]
    names = ("诸葛小翠", "欧阳小梅", "司马小兰", "上官小菊", "慕容小竹", "尉迟小松", "公孙小桃", "令狐小柳", "宇文小荷", "东方小莲")
    people = iter([await town.joins(name, Role.VILLAGER, "上徐村") for name in names])
    now: list[Voice] = []

    def trace(*steps: str, before: Callable[[Voice], Awaitable[None]] | None = None) -> Callable[[], Awaitable[None]]:
        async def attack() -> None:
            who = next(people)
            now[:] = [who]
            await tries(who, *steps)
            if before is not None:
                await before(who)
            phone = (await actor(harness, who)).phone
            await who.says("/cancel")
            await who.says("/forget")
            await who.presses("删除，不留")
            now.append(phone)

        return attack

    async def broadcast(who: Voice) -> None:
        await leader.says("/alert 蓝 上徐村 明天停水一天")
        await tries(leader, "🚨 发送", "发送")

    async def handled(who: Voice) -> None:
        await chair.presses("受理")
        await officer.says(f"/note {await town.number()} 联系过了")
        await officer.presses("办事的人都看")

    async def blocked(who: Voice) -> None:
        await officer.says(f"/block {await town.number()}")
        await officer.presses("7 天")
        await officer.says("乱报")

    async def searched(who: Voice) -> None:
        for each in (chair, officer, member):
            await each.says(f"/cases {who.name}")

    async def codes(who: Voice) -> None:
        await who.says("/start iAAAABBBB")
        await takes(who, await code_from(chair, "/invite member 上徐村"), who.name)
        await leader.presses_raw("suspend", id_of(who))
        await leader.presses_raw("restore", id_of(who))
        await harness.store.transact(lambda unit: unit.people.dismiss(id_of(who), at=harness.at))

    async def warned(who: Voice) -> None:
        await harness.store.transact(
            lambda unit: unit.outbox.put(
                Notice(Receiver(Address("telegram", ChatId(officer.user_id)), person_id=id_of(officer)), "people.rename.done",
                       {"name": who.name}, priority=Priority.REMINDER),
                unique_key=f"w{who.user_id}", at=harness.at,
            )
        )  # fmt: skip

    async def check() -> None:
        who, phone = now
        stored = await everything_stored(harness)
        assert who.name not in stored, [line for line in stored.splitlines() if who.name in line]
        assert str(phone).removeprefix("+86") not in stored, [
            line for line in stored.splitlines() if str(phone).removeprefix("+86") in line
        ]
        assert (await actor(harness, who)).id is None
        for verb, args in (("c.all", (await town.number(),)), ("m.me", ()), ("bl.end", (1,))):
            await who.presses_raw(verb, *args)
        left = [line for line in stored.splitlines() if f"'telegram', {who.user_id}," in line]
        assert len(left) == 1, left
        assert "people.forget.done" in left[0]  # the farewell itself, for some days
        sql = "SELECT o.created_at FROM outbox o WHERE o.chat_id = ? AND (o.created_at IN (SELECT at FROM audit WHERE action = 'forgotten')"
        sql += " OR o.created_at IN (SELECT forgotten_at FROM people))"
        assert await harness.store.transact(lambda unit: unit.transaction.fetch_all(sql, (who.user_id,))) == []

    await each_row(
        {
            "a report": trace("/report dispute 邻居砌墙占了我家的路", before=handled),
            "a hidden report": trace(">垃圾堆在村口好几天没人管，诸葛欧阳说的", "谁都不知道是我"),
            "a dialog half way": trace("/report", "隐患"),
            "a kept sentence": trace(">老王家的狗又叫了一晚上"),
            "an alert on its way": trace("/me", before=broadcast),
            "a cry for help": trace("/sos 救命，有人打我"),
            "a block": trace("/report dispute 邻居乱扔垃圾", before=blocked),
            "a search for them": trace("/report dispute 邻居唱歌吵人", before=searched),
            "a post that ended": trace("/me", before=codes),
            "a message on its way": trace("/report hazard 桥栏杆断了", before=warned),
        },
        check,
    )


# S-6: floods -----------------------------------------------------------------------------------------------------------------------


async def test_no_account_of_today_buries_a_desk(harness: HandlerHarness):
    town = await Town.of(harness)
    chair, officer, duty = town["王建国"], town["张伟民"], town["钱丽丽"]
    fire = "有人持刀打架"
    marks: dict[str, int] = {}
    tried = 20

    async def loud(who: Voice) -> int:
        return len([message for message in await who.heard() if message.row["fresh"] or not message.card])

    def flood(*lines: str, press: tuple[str, ...] = ()) -> Callable[[], Awaitable[None]]:
        async def attack() -> None:
            who = await town.joins(f"新来{len(marks)}{len(town.voices)}", Role.VILLAGER, "上徐村", since=timedelta())
            for each in (chair, officer, duty):
                marks[each.name] = await loud(each)
            for turn in range(tried):
                for line in lines:
                    number = await town.number() if await _any_case(town) else 1001
                    await who.says(line.format(n=number, turn=turn))
                for label in press:
                    await tries(who, label)

        return attack

    async def photos() -> None:
        who = await town.joins("拍照的", Role.VILLAGER, "上徐村", since=timedelta())
        await who.says(f"/report dispute {fire}")
        for each in (chair, officer, duty):
            marks[each.name] = await loud(each)
        for turn in range(tried):
            await who.says(fire, media={"type": "photo", "file_id": f"p{turn}", "file_unique_id": f"q{turn}"})

    async def many_accounts() -> None:
        for each in (chair, officer, duty):
            marks[each.name] = await loud(each)
        for turn in range(tried):
            who = await town.joins(f"小号{turn}", Role.VILLAGER, "上徐村", since=timedelta())
            for _ in range(2):
                await who.says("/report hazard 村口的路灯不亮了")

    async def check() -> None:
        for each in (chair, officer, duty):
            new = await loud(each) - marks[each.name]
            assert new <= MOST_RINGS, (each.name, new)

    await each_row(
        {
            "urgent reports": flood(f"/report dispute {fire}"),
            "plain sentences": flood(f"{fire} {{turn}}"),
            "words and a cry": flood(f"/report other {fire}", f"{fire}，快来"),
            "ordinary reports": flood("/report hazard 路灯不亮{turn}"),
            "notes to one case": flood("/report other 有人吵架", "/note {n} 再说一句{turn}"),
            "withdrawn and reported again": flood("/report dispute 邻居吵架{turn}", "/withdraw {n}"),
            "reopened": flood("/withdraw {n}", "/reopen {n} 还没好"),
            "another village": flood("/start v2", f"/report dispute {fire}", press=("是，搬",)),
            "photos": photos,
            "accounts": many_accounts,
        },
        check,
    )


async def _any_case(town: Town) -> bool:
    found = await town.harness.store.transact(lambda unit: unit.transaction.fetch_one("SELECT COUNT(*) AS n FROM cases"))
    return bool(found and found["n"])


# S-7: filed for somebody else ---------------------------------------------------------------------------------------------------------


async def test_nobody_keeps_what_they_filed_for_others_when_their_post_ends(harness: HandlerHarness):
    town = await Town.of(harness)
    leader, second, chair, officer = town["陈国强"], town["周建军"], town["王建国"], town["张伟民"]
    secret = "住女儿家NEWWORDS"
    gone: list[tuple[Voice, int]] = []

    def filed(ends: Callable[[Voice], Awaitable[None]], role: Role = Role.MEMBER) -> Callable[[], Awaitable[None]]:
        async def attack() -> None:
            who = await town.joins(f"申小{'一二三四五六七八九十甲乙'[len(gone)]}", role, "" if role is Role.DUTY else "上徐村")
            await presses_all(who, ("m.other", ()))
            await tries(who, ">王奶奶", ">13700001111")
            if role in (Role.MEMBER, Role.SECRETARY):  # they are asked for consent, and who may see the names
                await tries(who, "同意", "纠纷", ">邻居砌墙占了路", "邻里", "跳过", "让主任和民警知道", "报上去")
            else:
                await tries(who, "纠纷", ">邻居砌墙占了路", "跳过", "报上去")
            number = await town.number()
            case = await town.case(number)
            assert case is not None
            assert case.opened_by == id_of(who)
            assert case.reporter_name == "王奶奶"
            await ends(who)
            assert not await town.posts(who)
            await who.new()
            gone.append((who, number))
            await officer.says(f"/escalate {number} 试")
            for each in (officer, leader):
                await each.says(f"/ack {number}")
                await each.says(f"/note {number} {secret}")
            await officer.says(f"/ask {number} {secret}")
            for line in (
                f"/case {number}",
                f"/withdraw {number}",
                f"/note {number} x",
                f"/answer {number} x",
                "/cases all",
                "/cases 王奶奶",
            ):
                await who.says(line)
            verbs = (
                "c.all",
                "c.wd",
                "c.re",
                "c.ok",
                "c.no",
                "c.ans",
                "c.not",
                "c.pic",
                "c.who",
                "c.exc",
                "c.res",
                "c.shr",
                "c.fil",
                "m.case",
            )
            await presses_all(who, *((verb, (number,)) for verb in verbs))
            await who.says("x")

        return attack

    async def dismissed(who: Voice) -> None:
        await harness.store.transact(lambda unit: unit.people.dismiss(id_of(who), at=harness.at))

    async def suspended(who: Voice) -> None:
        await leader.presses_raw("suspend", id_of(who))
        await harness.store.transact(lambda unit: unit.people.dismiss(id_of(who), at=harness.at))

    async def roster(who: Voice) -> None:
        rows = (RosterEntry(2, "陈国强", "", Address("telegram", ChatId(leader.user_id)), frozenset({(Role.LEADER, "")})),)
        wishes = Wishes(answers=Answers(removes_absent=True))
        await import_roster(harness.store, Roster("禾安所", tuple(harness.villages), rows), at=harness.at, wishes=wishes)
        await tries(leader, "确认")
        await dismissed(who)

    async def handed_over(who: Voice) -> None:
        await who.presses_raw("hand", id_of(who))
        await tries(who, "刘小军", "确认交接", "确认")
        await dismissed(who)

    async def handed_by_the_chair(who: Voice) -> None:
        await chair.presses_raw("hand", id_of(who))
        await tries(chair, "刘小军", "确认交接", "确认")
        await dismissed(who)

    async def code_taken(who: Voice) -> None:
        await takes(town.account(), await code_from(leader, ("again", id_of(who))), "刘新人")
        await tries(who, "是我换手机")
        await harness.time_passes(hours=1)
        await dismissed(who)

    async def open_dialog(who: Voice) -> None:
        number = await town.number()
        await presses_all(who, ("c.not", (number,)))
        await dismissed(who)
        await who.says("还有一句")

    async def only_deputy(who: Voice) -> None:
        await dismissed(who)
        await tries(town["刘小军"], "/duty", "我要请假", "现在起", "一周", who.name)

    async def moved_away(who: Voice) -> None:
        await dismissed(who)
        await presses_all(who, ("jmove", (harness.villages["下李村"],)))
        await tries(who, "是，搬")

    async def check() -> None:
        for who, number in gone:
            told = (await town.read(who)).split("王奶奶")
            assert secret not in "".join(told), who.name
            case = await town.case(number)
            assert case is not None
            assert not case.ended
            fresh = await who.new()
            assert "13700001111" not in fresh
            assert "王奶奶" not in fresh.replace("“王奶奶”", ""), fresh

    await each_row(
        {
            "dismissed": filed(dismissed),
            "suspended, then dismissed": filed(suspended),
            "by a code that another took": filed(code_taken),
            "handed over": filed(handed_over),
            "handed over by the chair": filed(handed_by_the_chair),
            "in an open dialog": filed(open_dialog),
            "asked to deputise": filed(only_deputy),
            "moved away": filed(moved_away),
            "a secretary": filed(dismissed, Role.SECRETARY),
            "by a roster": filed(roster),
        },
        check,
    )
    assert second.name
