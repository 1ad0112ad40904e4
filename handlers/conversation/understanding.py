"""Understand a private message before it becomes a report.

Knows the order: key of the keyboard → reply → label → number first → open dialog → one sentence → thanks → open question. The features declare the meanings
(handlers/core/understood.py). Danger is heard before (handlers/conversation/hearing.py). Invariants: an open question of a dialog takes
words before they mean anything else, except labels where it offers choices; nothing that cannot be taken back follows from words without one tap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import tips
from domain.cases.display import display_name
from domain.cases.intake import is_greeting
from domain.core.change import Button
from domain.core.said import number_first
from domain.people.people import Role
from domain.sentences import is_kind
from handlers.cases import reports
from handlers.conversation import about_cases, keys, menu
from handlers.core import dialogs, typed
from handlers.core.context import rows
from handlers.core.understood import Typed
from storage.core.drafts import Draft
from texts import Joined, Text

if TYPE_CHECKING:
    from domain.core.change import VillageId
    from handlers.core.context import HandlerContext

#: Numbers of cases have at least so many digits.
FIRST_CASE = 1000


async def first(ctx: HandlerContext) -> bool:
    """Take replies and labels; False for words that an open dialog may want."""
    if await keys.by_key(ctx):
        return True
    about = await dialogs.about(ctx)
    if await typed.by_reply(ctx, besides=about):
        return True
    if ctx.incoming.media is not None or await dialogs.wants_words(ctx):
        return False
    return await typed.by_label(ctx) or await _numbered(ctx)


async def then(ctx: HandlerContext) -> bool:
    """Take a record in one sentence, thanks, or the answer to an open question."""
    text = ctx.incoming.text
    if not ctx.incoming.media and await typed.by_sentence(ctx):
        return True
    if is_kind(text) and not ctx.incoming.media:
        await ctx.reply("talk.kind")
        return True
    return not is_greeting(text) and await about_cases.answers(ctx)


async def _numbered(ctx: HandlerContext) -> bool:
    """Take words after the number of a case: "1004 修好了"."""
    found = number_first(ctx.incoming.text, least=FIRST_CASE)
    return found is not None and ctx.actor.id is not None and await about_cases.numbered(ctx, found)


# A message that somebody else sent ------------------------------------------------------------------------------------------


async def looks_like_a_scam(ctx: HandlerContext, case_draft: str) -> bool:
    """Answer a forwarded message that is like a known scam with the tip about it.

    False for any other message. `case_draft`: the name of the draft that keeps its words until the person says what to do with them.
    """
    said = ctx.incoming
    number = tips.like(said.text) if said.forwarded and said.text else None
    if number is None:
        return False
    answers = reports.initial_answers(ctx)
    reports.collect(ctx, said, answers)
    await ctx.unit.drafts.put(Draft(said.address, case_draft, "", answers, ctx.at, ctx.at))
    buttons = (
        (Button("talk.button.to_police", "t.fraud"),),
        (Button("talk.button.no_scam", "t.new"), Button("dialog.cancel", "cancel")),
    )
    await ctx.reply("talk.scam", buttons=buttons, title=Text(tips.title_key(number)), text=Text(tips.text_key(number)))
    return True


# Somebody to talk to ----------------------------------------------------------------------------------------------------


async def press_person(ctx: HandlerContext) -> None:
    """Say who can be called, and that nobody waits at the other end of this chat."""
    who = await _chair(ctx, ctx.actor.village_id)
    phones = Text("talk.person.phones", phones=Joined(sorted(ctx.town.phones))) if ctx.town.phones else ""
    chair = Text("talk.person.chair", who=who) if who else ""
    await ctx.reply("talk.person", buttons=rows(menu.REPORT, menu.SOS), chair=chair, phones=phones)


async def _chair(ctx: HandlerContext, village_id: VillageId | None) -> object:
    if village_id is None:
        return None
    posts = await ctx.unit.people.posts_of(village_id, at=ctx.at)
    first = next(iter(posts.of(Role.CHAIR)), None)
    return None if first is None else display_name(first.name, Role.CHAIR)


#: The menu's buttons and their usual other words.
TYPED = (
    Typed(menu.REPORT, ("报事", "报告", "我要报告", "我有事", "上报事情", "report")),
    Typed(menu.MINE, ("我的报事", "我报的事", "我的事情", "我报过的事", "mine")),
    Typed(menu.SOS, ("求助", "紧急")),
    Typed(menu.TIPS, ("反诈", "防诈骗", "防骗提示", "tips")),
    Typed(menu.LANGUAGE, ("语言", "language", "english", "中文", "换语言")),
    Typed(menu.ME, ("我的资料", "我的信息", "关于我", "me")),
    Typed(menu.WAITING, ("待办事项", "代办", "今天要办什么", "要办的事", "todo", "to do")),
    Typed(menu.FAMILY, ("替家里人报", "帮家里人报", "替老人报", "帮老人报", "替我妈报", "替我爸报", "for my family")),
    Typed(menu.FOR_OTHER, ("替人报", "替别人报", "帮别人报", "代人报事")),
    Typed(menu.ALERT, ("发预警", "alert", "alerts")),
    Typed(menu.TRAINING, ("trainings",)),
    Typed(menu.EVERYTHING, ("更多功能", "有什么功能", "还能干什么", "怎么用", "功能")),
    Typed(menu.ROSTER, ("花名册", "通讯录")),
    Typed(menu.DUTY, ("值班", "值班表", "谁值班", "今天谁值班")),
    Typed(Button("talk.button.menu", "menu"), ("主菜单", "回菜单", "打开菜单", "更多", "more")),
    Typed(
        Button("talk.button.person", "m.person"),
        (
            "人工",
            "人工服务",
            "转人工",
            "找人工",
            "真人",
            "电话多少",
            "电话",
            "电话号码",
            "派出所电话",
            "打电话给谁",
            "找谁",
            "human",
            "phone",
        ),
    ),
)
