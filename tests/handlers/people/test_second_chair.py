"""A second chair beside the first: asked when the code is made, and when it is approved."""

from __future__ import annotations

import pytest

from domain.people.people import Role
from tests.handler_harness import HandlerHarness, Voice
from tests.handlers.people.test_joining import accepts, actor
from tests.handlers.people.test_powers import last_code


class Seats:
    def __init__(self, harness: HandlerHarness, *people: Voice) -> None:
        self.harness = harness
        self.leader, self.officer, self.chair = people


@pytest.fixture
async def seats(harness: HandlerHarness) -> Seats:
    leader = await harness.person("陈所", Role.LEADER)
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    return Seats(harness, leader, officer, await harness.person("王建国", Role.CHAIR, "上徐村"))


async def chairs(seats: Seats) -> set[str]:
    village = seats.harness.villages["上徐村"]
    posts = await seats.harness.store.transact(lambda unit: unit.people.posts_of(village, at=seats.harness.at))
    return {who.name for who in posts.of(Role.CHAIR)}


async def proposed(seats: Seats, label: str) -> Voice:
    await seats.officer.says("/invite chair 上徐村")
    assert "已经有治保主任：王建国" in await seats.officer.new()
    await seats.officer.presses(label)
    new = seats.harness.stranger("新人")
    await new.says(f"/start i{last_code(await seats.officer.heard())}")
    await accepts(new, "李卫东")
    return new


async def test_issuer_replaces_the_chair_and_the_approver_reads_it(seats):
    await proposed(seats, "接替王建国")
    assert "担任 <b>上徐村治保主任</b>，接替 王建国" in await seats.leader.new()
    await seats.leader.presses("批准")
    assert await chairs(seats) == {"李卫东"}
    assert "你不再是" in await seats.chair.new()


@pytest.mark.parametrize(("label", "left"), [("批准，都留下", {"王建国", "李卫东"}), ("批准，接替王建国", {"李卫东"})])
async def test_approver_is_asked_when_both_would_stay(seats, label, left):
    await proposed(seats, "都留下")
    assert "现在已经有人担任：王建国" in await seats.leader.new()
    await seats.leader.presses(label)
    assert await chairs(seats) == left


async def test_approver_is_asked_about_a_chair_who_came_while_the_code_was_on_its_way(seats):
    harness = seats.harness
    await harness.store.transact(lambda unit: unit.people.dismiss(seats.chair.person_id, at=harness.at))
    await seats.officer.says("/invite chair 上徐村")
    assert "已经有治保主任" not in await seats.officer.new()
    new = harness.stranger("新人")
    await new.says(f"/start i{last_code(await seats.officer.heard())}")
    await accepts(new, "李卫东")
    await harness.person("赵强", Role.CHAIR, "上徐村")
    await seats.leader.presses("批准")
    assert not (await actor(harness, new)).posts
    assert "现在已经有人担任：赵强" in await seats.leader.new()
    await seats.leader.presses("批准，接替赵强")
    assert await chairs(seats) == {"李卫东"}


async def test_forged_choice_replaces_nobody(seats):
    harness = seats.harness
    member = await harness.person("李四", Role.MEMBER, "上徐村")
    new = await proposed(seats, "都留下")
    for choice in (str(member.person_id), str(seats.officer.person_id), "99", "", "x"):
        await seats.leader.presses_raw("appoint", 1, "yes", choice)
    assert not (await actor(harness, new)).posts
    assert (await actor(harness, member)).holds(Role.MEMBER)
    await seats.leader.presses_raw("appoint", 1, "yes", "both")
    assert await chairs(seats) == {"王建国", "李卫东"}


async def test_typed_answer_beside_the_buttons_is_asked_again(seats):
    await seats.officer.says("/invite chair 上徐村")
    await seats.officer.new()
    await seats.officer.says("不知道")
    assert "请点一个按钮" in await seats.officer.new()
    await seats.officer.presses("接替王建国")
    assert "接受后，还要一位所领导或管理员批准" in await seats.officer.new()


async def test_first_chair_and_other_posts_are_not_asked_about(seats):
    await seats.officer.says("/invite member 上徐村")
    assert "码：" in await seats.officer.new()
