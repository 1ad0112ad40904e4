"""Everything that is done by a command is done by buttons too."""

from __future__ import annotations

from domain.people.people import Role
from handlers.core.context import HandlerContext
from tests.handler_harness import HandlerHarness


def refused(ctx: HandlerContext) -> str:
    """Return the key of the toast that answered a press."""
    assert ctx.toasted is not None
    return ctx.toasted.key


async def test_chair_gives_a_post_by_buttons_alone(tmp_path, town, engine):
    harness = await HandlerHarness.open(tmp_path, town, engine=engine)
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await chair.says("菜单")
    await chair.presses("更多功能")
    page = (await chair.heard())[-1]
    assert not any("寻人" in label for label in page.buttons)  # of the police
    await chair.presses("请人任职")
    assert (await chair.heard())[-1].row["key"].startswith("invite.")
    await harness.store.close()


async def test_command_of_another_post_is_refused_when_its_button_is_forged(tmp_path, town, engine):
    harness = await HandlerHarness.open(tmp_path, town, engine=engine)
    villager = await harness.person("徐三", Role.VILLAGER, "上徐村")
    for name in ("missing", "drill", "block"):
        assert refused(await villager.presses_raw("m.do", name)) == "refused.not_allowed"
    for name in ("", "nothing", "bind", "lost" if "lost_found" not in town.features else "unbind"):
        assert refused(await villager.presses_raw("m.do", name)) == "refused.old_button"
    await harness.store.close()


async def test_member_reports_for_somebody_by_the_menu(tmp_path, town, engine):
    harness = await HandlerHarness.open(tmp_path, town, engine=engine)
    member, chair = await harness.person("徐五", Role.MEMBER, "上徐村"), await harness.person("王主任", Role.CHAIR, "上徐村")
    await member.says("菜单")
    await member.presses("替人报事")
    assert "menu" not in (await member.heard())[-1].key
    await chair.says("菜单")
    assert any("防骗" in label for label in (await chair.heard())[-1].buttons)
    await harness.store.close()


async def test_administrator_reads_help_and_an_empty_list_of_their_own(tmp_path, town, engine):
    harness = await HandlerHarness.open(tmp_path, town, engine=engine)
    admin = await harness.person("小陈", Role.ADMIN)
    await admin.says("/help")
    assert (await admin.heard())[-1].key == "menu.help.admin"
    await admin.says("/cases")
    assert not (await admin.heard())[-1].buttons
    await harness.store.close()


async def test_chair_proposes_a_block_from_the_case(tmp_path, town, engine):
    harness = await HandlerHarness.open(tmp_path, town, engine=engine)
    chair, villager = await harness.person("王主任", Role.CHAIR, "上徐村"), await harness.person("徐三", Role.VILLAGER, "上徐村")
    await villager.says("/report dispute 邻居砌墙占了我家的路")
    await chair.presses_raw("k.more", 1001)
    await chair.presses("暂停报事人")
    assert (await chair.heard())[-1].key.startswith("block.")
    assert refused(await villager.presses_raw("bl.case", 1001)) == "refused.not_allowed"
    await harness.store.close()
