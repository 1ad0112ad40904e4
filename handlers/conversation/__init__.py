"""Conversation: messages without a command, danger, the menu and groups."""

from __future__ import annotations

from domain.people.people import Policy
from handlers.conversation import about_cases, discreet, emergency, everything, free_text, groups, hearing, menu, transfers, understanding
from handlers.core.feature import Feature
from handlers.core.route import EVERYBODY, ButtonRoute, CommandRoute, MessageRoute

#: The modules that other features may import.
DOORS = ("emergency", "groups")
FEATURE = Feature(
    "conversation",
    routes=(
        MessageRoute("private", free_text.speak, Policy.ANYONE),
        MessageRoute("edited", free_text.corrected, Policy.ANYONE),
        CommandRoute("sos", emergency.sos, Policy.ANYONE, menu=EVERYBODY, free=True, pressed="m.sos"),
        ButtonRoute("m.sos", emergency.press_sos, Policy.ANYONE, free=True, about_oneself=True),
        ButtonRoute("urgent", emergency.press_urgent, Policy.ANYONE, free=True, fresh=emergency.press_sos, about_oneself=True),
        ButtonRoute("u.at", emergency.press_at, Policy.ANYONE, free=True, fresh=emergency.press_sos, about_oneself=True),
        ButtonRoute("u.page", emergency.press_page, Policy.ANYONE, free=True, fresh=emergency.press_sos, about_oneself=True),
        ButtonRoute("u.is", emergency.press_kind, Policy.ANYONE, free=True, fresh=emergency.press_sos),
        ButtonRoute("u.sent", emergency.press_sent, Policy.ANYONE, free=True, about_oneself=True),
        ButtonRoute("u.kept", emergency.press_kept, Policy.ANYONE, free=True, about_oneself=True),
        ButtonRoute("q.clear", discreet.press_clear, Policy.ANYONE, free=True, about_oneself=True),
        ButtonRoute("q.read", discreet.press_read, Policy.ANYONE, free=True, about_oneself=True),
        ButtonRoute("q.plain", emergency.press_plain, Policy.ANYONE, free=True, about_oneself=True),
        ButtonRoute("calm", emergency.press_calm, Policy.ANYONE, free=True, about_oneself=True),
        ButtonRoute("mistake", emergency.press_mistake, Policy.ANYONE, free=True, about_oneself=True),
        ButtonRoute("t.add", free_text.press_add, Policy.JOINED, about_oneself=True),
        ButtonRoute("t.new", free_text.press_new, Policy.JOINED, about_oneself=True),
        ButtonRoute("c.una", about_cases.press_not_answer, Policy.ANYONE),
        CommandRoute("help", menu.help_, Policy.ANYONE, menu=EVERYBODY),
        ButtonRoute("t.fraud", free_text.press_fraud, Policy.JOINED, about_oneself=True),
        ButtonRoute("m.person", understanding.press_person, Policy.JOINED, about_oneself=True),
        ButtonRoute("m.all", everything.press_everything, Policy.JOINED, about_oneself=True),
        ButtonRoute(everything.VERB, everything.press_command, Policy.JOINED, about_oneself=True),
        ButtonRoute("menu", menu.press_menu, Policy.ANYONE, about_oneself=True),
        CommandRoute("bind", groups.bind, Policy.ANYONE, where="group"),  # the village decides who speaks for it
        CommandRoute("unbind", groups.unbind, Policy.ANYONE, where="group"),
        MessageRoute("member", groups.change_membership, Policy.ANYONE, free=True),
        MessageRoute("moved", groups.follow_move, Policy.ANYONE, free=True),
        MessageRoute("group", groups.hear, Policy.ANYONE, free=True),
        MessageRoute("misplaced", groups.redirect, Policy.ANYONE, free=True),
    ),
    dialogs=(transfers.TRANSFER,),
    typed=(*understanding.TYPED, *about_cases.TYPED),
    replies={"case": about_cases.reply},
    sentences=about_cases.SENTENCES,
    start_links={groups.SOS_LINK: emergency.open_link},
    hears=hearing.hears,
    veils=discreet.veil,
    show_menu=menu.show_menu,
    exceptions={"a fixed sentence to the chair and the officer": ("put groups.lose", "put groups.lose_topic")},
)
