"""Contact: a number after the first report, calling one's chair, "nobody called me"."""

from __future__ import annotations

from domain.cases.contact import says_unheard
from domain.core.change import Button
from domain.people.people import Policy
from handlers.cases import attachments
from handlers.contact import calling, following, phone, questions, unheard
from handlers.core.feature import Feature
from handlers.core.route import ButtonRoute
from handlers.core.understood import Sentence, Typed

#: The modules that other features may import.
DOORS = ("following", "phone")
FEATURE = Feature(
    "contact",
    routes=(
        ButtonRoute("m.call", calling.press_call, Policy.JOINED, about_oneself=True),
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
    ),
    sentences=(Sentence("unheard", Policy.JOINED, lambda text, now, zone: says_unheard(text), unheard.said),),
    follows={"case changed": phone.offer, "phone use changed": phone.redraw},
)
