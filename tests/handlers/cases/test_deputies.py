"""A deputy of a barred person is barred too: the case passes them by, with its words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.core.change import PersonId
from domain.people.people import Leave, Role
from tests.engines import ENGINES as BOTH

if TYPE_CHECKING:
    from tests.handler_harness import HandlerHarness, Voice

ENGINES = BOTH
CANARY = "金丝雀"


@dataclass
class Committee:
    """A village with a chair, two members, an officer, and the desk."""

    harness: HandlerHarness
    villager: Voice
    chair: Voice
    deputy: Voice
    member: Voice
    officer: Voice

    async def takes_leave(self, who: Voice, deputy: Voice, *, days: int = 7) -> None:
        assert who.person_id is not None
        assert deputy.person_id is not None
        leave = Leave(who.person_id, deputy.person_id, self.harness.at, self.harness.at + timedelta(days=days))
        await self.harness.store.transact(lambda unit: unit.directory.add_leave(leave, at=self.harness.at))

    async def learned(self, who: Voice) -> list[str]:
        """Return the messages in a chat that contain words of the case."""
        return [message.text for message in await who.heard() if CANARY in message.text]


@pytest.fixture
async def committee(harness: HandlerHarness) -> Committee:
    return Committee(
        harness,
        await harness.person("徐三", Role.VILLAGER, "上徐村"),
        await harness.person("王主任", Role.CHAIR, "上徐村"),
        await harness.person("周副", Role.MEMBER, "上徐村"),
        await harness.person("吴委员", Role.MEMBER, "上徐村"),
        await harness.person("张警官", Role.OFFICER, "上徐村"),
    )


async def test_deputy_gets_nothing_when_the_absent_chair_reports(committee: Committee):
    """S-4 (a): the case goes to the officer at once and waits for nobody who cannot act."""
    await committee.takes_leave(committee.chair, committee.deputy)
    await committee.chair.says(f"/report dispute 村里有人跟我家争地 {CANARY}")
    assert await committee.learned(committee.deputy) == []
    assert len(await committee.learned(committee.officer)) == 1
    case = await committee.harness.store.transact(lambda unit: unit.cases.find(1001))
    assert case is not None
    assert (case.holder, case.state) == (Role.OFFICER, "escalated")


async def test_deputy_hears_no_closing_and_no_reopening_words_when_the_chair_is_accused(committee: Committee):
    """S-4 (b)."""
    await committee.villager.says(f"/report dispute 主任打了我 {CANARY}")
    await committee.takes_leave(committee.chair, committee.deputy)
    await committee.officer.says("/ack 1001")
    await committee.officer.says(f"/close 1001 办完了 {CANARY}")
    await committee.villager.says(f"/reopen 1001 他威胁我 {CANARY}")
    assert len(await committee.learned(committee.officer)) >= 2
    for who in (committee.chair, committee.deputy, committee.member):
        assert await committee.learned(who) == []
    await committee.deputy.says("/case 1001")
    assert "没有找到编号 1001" in await committee.deputy.new()


async def test_deputy_hears_nothing_more_when_the_chair_steps_aside(committee: Committee):
    """S-4 (c)."""
    await committee.villager.says("/report dispute 邻居占了我家的路")
    await committee.chair.presses("我要回避")
    await committee.chair.presses("确定回避")
    await committee.takes_leave(committee.chair, committee.deputy)
    await committee.officer.says("/ack 1001")
    await committee.officer.says(f"/close 1001 办完了 {CANARY}")
    await committee.villager.says(f"/reopen 1001 没办完 {CANARY}")
    assert len(await committee.learned(committee.officer)) >= 1
    assert await committee.learned(committee.deputy) == []
    assert await committee.learned(committee.chair) == []


async def test_case_passes_a_deputy_by_when_they_reported_it(committee: Committee):
    await committee.takes_leave(committee.chair, committee.deputy)
    await committee.deputy.says(f"/report dispute 邻居占了我家的路 {CANARY}")
    assert len(await committee.learned(committee.officer)) == 1
    assert all("报事人：周副" not in text for text in await committee.learned(committee.deputy))


async def test_deputy_of_two_chairs_is_told_when_only_one_is_barred(committee: Committee):
    second = await committee.harness.person("李主任", Role.CHAIR, "上徐村")
    await committee.takes_leave(committee.chair, committee.deputy)
    await committee.takes_leave(second, committee.deputy)
    await committee.chair.says(f"/report dispute 村里有人跟我家争地 {CANARY}")
    assert len(await committee.learned(committee.deputy)) == 1


async def test_posts_name_whose_post_a_deputy_holds(committee: Committee):
    await committee.takes_leave(committee.chair, committee.deputy)
    village, at = committee.harness.villages["上徐村"], committee.harness.at
    posts = await committee.harness.store.transact(lambda unit: unit.people.posts_of(village, at=at))
    chair_id = committee.chair.person_id or PersonId(0)
    assert [who.person_id for who in posts.of(Role.CHAIR)] == [committee.deputy.person_id]
    assert posts.of(Role.CHAIR)[0].lent_by == {chair_id}
    assert posts.of(Role.CHAIR, without=[chair_id]) == ()
    assert posts.first_reachable(Role.CHAIR, without=[chair_id])[0] is Role.OFFICER
    assert posts.first_reachable(Role.CHAIR, tried=[chair_id])[0] is Role.CHAIR
