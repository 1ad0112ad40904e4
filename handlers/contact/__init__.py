"""Contact: a number after the first report, calling one's chair, "nobody called me"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.contact import says_unheard
from domain.core.change import Button
from domain.people.people import Policy
from handlers.cases import attachments
from handlers.contact import calling, elder, following, phone, questions, unheard
from handlers.core.feature import Feature
from handlers.core.route import ButtonRoute
from handlers.core.understood import Sentence, Typed

if TYPE_CHECKING:
    from domain.cases.case import CaseChange
    from handlers.core.context import HandlerContext


async def _case_changed(ctx: HandlerContext, change: CaseChange) -> None:
    await phone.offer(ctx, change)
    await elder.switch_on(ctx, change)


#: The modules that other features may import.
DOORS = ("following", "phone")
FEATURE = Feature(
    "contact",
    routes=(
        ButtonRoute("m.call", calling.press_call, Policy.JOINED, about_oneself=True),
        ButtonRoute("elder", elder.press_elder, Policy.JOINED, about_oneself=True),
        ButtonRoute("ct.un", unheard.press_unheard, Policy.JOINED),
        ButtonRoute("f.add", following.press_add, Policy.JOINED, fresh=attachments.press_show),
        ButtonRoute("q.more", questions.press_more, Policy.JOINED, fresh=attachments.press_show),
    ),
    dialogs=(questions.QUESTIONS, following.SUPPLEMENT),
    typed=(
        Typed(
            Button("menu.button.call", "m.call"),
            ("打给主任", "打电话给主任", "联系主任", "找主任", "主任电话", "主任的电话", "主任电话多少", "call the chair"),
        ),
        Typed(
            Button("people.button.elder_on", "elder", (1,)),
            ("老人", "老年模式", "字太小", "字太小了", "字大一点", "看不清", "听不清", "看不清字", "大字模式", "big letters", "elder mode"),
        ),
        Typed(Button("people.button.elder_off", "elder", (0,)), ("普通模式", "关掉大字", "不要大字", "normal mode")),
    ),
    sentences=(Sentence("unheard", Policy.JOINED, lambda text, now, zone: says_unheard(text), unheard.said),),
    follows={"case changed": _case_changed, "phone use changed": phone.redraw},
)
