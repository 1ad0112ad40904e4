"""A village with everybody who answers a call, and a neighbour's officer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.people.people import Role

#: 3 a.m. in Shanghai.
NIGHT = datetime(2026, 6, 1, 19, 0, tzinfo=UTC)


@pytest.fixture
async def town_at_night(harness):
    harness.chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    harness.officer = await harness.person("张伟", Role.OFFICER, "上徐村")
    harness.duty = await harness.person("钱丽", Role.DUTY)
    harness.leader = await harness.person("李国强", Role.LEADER)
    harness.admin = await harness.person("管小平", Role.ADMIN)
    harness.secretary = await harness.person("赵明", Role.SECRETARY, "上徐村")
    harness.other_chair = await harness.person("赵海燕", Role.CHAIR, "下李村")
    harness.other_officer = await harness.person("孙刚", Role.OFFICER, "下李村")
    harness.xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    harness.at = NIGHT
    return harness
