"""The kind of danger of a case: from the answers of a dialog, else from the words."""

from __future__ import annotations

import pytest

from domain.cases.visibility import Visibility
from domain.emergencies.heard import Danger
from domain.people.people import Role
from handlers.cases import reports


@pytest.fixture
async def street(harness):
    await harness.person("王建国", Role.CHAIR, "上徐村")
    harness.xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    return harness


async def stored(harness, number=1001):
    return await harness.store.transact(lambda unit: unit.cases.find(number))


async def opened(harness, **answers):
    """Open a case for 老徐 from the answers of a dialog."""
    ctx = await harness.xu.says("/help")

    async def open_it(unit):
        ctx.unit = unit
        given = {"kind": "other", "text": "快来人", "village": int(harness.villages["上徐村"]), "who": "named", "urgent": True}
        return await reports.open_from(ctx, given | answers)

    return await harness.store.transact(open_it)


@pytest.mark.parametrize(
    ("words", "danger"),
    [("着火了", Danger.FIRE), ("老人胸痛", Danger.MEDICAL), ("有人落水", Danger.WATER), ("出大事了", None)],
)
async def test_danger_is_stored_when_a_cry_opens_a_case(street, words, danger):
    await street.xu.says(f"/sos {words}")
    case = await stored(street)
    assert (case.danger, case.at_home) == (danger, False)


async def test_chosen_danger_wins_when_the_dialog_names_one(street):
    await opened(street, text="着火了", danger_kind="medical")
    assert (await stored(street)).danger is Danger.MEDICAL


@pytest.mark.parametrize("answers", [{"danger_kind": "violence", "at_home": True}, {"danger_kind": "suicide", "own": True}])
async def test_case_is_for_the_police_when_the_danger_is_close(street, answers):
    await opened(street, **answers)
    case = await stored(street)
    assert case.visibility == Visibility(police_only=True)
    assert case.at_home is bool(answers.get("at_home"))


async def test_no_danger_is_stored_when_a_report_is_ordinary(street):
    await street.xu.says("/report hazard 路灯不亮")
    assert (await stored(street)).danger is None
