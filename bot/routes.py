"""One ordered table of everything the bot reacts to: commands, presses, things said, and the clock.

Read it first. A row names its trigger, its handler and its policy; a handler is reachable by its rows only. Nothing here decides
anything: who may try is asked of `domain.people.may_try`, what they may do with one thing is asked by the handler.
"""

from __future__ import annotations

from domain.people import RANK, Policy, Role
from handlers import (
    broadcasts,
    case_lists,
    dialogs,
    duty,
    groups,
    handover,
    inviting,
    joining,
    menu,
    people,
    privacy,
    redeeming,
    reports,
    talk,
    tip_plans,
    tips,
)
from handlers.dialogs import Dialog
from handlers.route import Command, Press, Route, Says, Tick

EVERYBODY = frozenset(RANK)
KNOWN = EVERYBODY - {Role.STRANGER}
CHAIRS = frozenset({Role.CHAIR})
OFFICERS = frozenset({Role.OFFICER, Role.DUTY, Role.LEADER})
STATION = frozenset({Role.DUTY, Role.LEADER, Role.ADMIN})

ROUTES: tuple[Route, ...] = (
    # Conversations (handlers/dialogs.py)
    Press("answer", dialogs.press_answer, Policy.ANYONE),
    Press("back", dialogs.press_back, Policy.ANYONE),
    Press("cancel", dialogs.press_cancel, Policy.ANYONE),
    Command("cancel", dialogs.cancel, Policy.ANYONE),
    # What is said without a command, and the menu (handlers/talk.py, handlers/menu.py)
    Says("private", talk.speak, Policy.ANYONE),
    Says("edited", talk.corrected, Policy.ANYONE),
    Command("sos", talk.sos, Policy.ANYONE, menu=EVERYBODY),
    Press("m.sos", talk.press_sos, Policy.ANYONE),
    Press("urgent", talk.press_urgent, Policy.JOINED),
    Press("t.add", talk.press_add, Policy.JOINED),
    Press("t.new", talk.press_new, Policy.JOINED),
    Command("help", menu.help_, Policy.ANYONE, menu=EVERYBODY),
    Press("menu", menu.press_menu, Policy.ANYONE),
    Press("m.me", privacy.me, Policy.ANYONE),
    Press("m.roster", people.roster, Policy.POST),
    Press("m.duty", duty.duty, Policy.POST),
    # People (handlers/joining.py, redeeming.py, privacy.py, inviting.py, people.py, handover.py, duty.py)
    Command("start", joining.start, Policy.ANYONE, menu=EVERYBODY),
    Press("join", joining.press_join, Policy.ANYONE),
    Press("jlater", joining.press_later, Policy.ANYONE),
    Press("jpick", joining.press_village, Policy.ANYONE),
    Press("jpage", joining.press_page, Policy.ANYONE),
    Press("jmove", joining.press_move, Policy.JOINED),
    Press("jstay", joining.press_stay, Policy.JOINED),
    Press("jread", joining.press_read, Policy.JOINED),
    Press("take", redeeming.press_take, Policy.ANYONE),
    Press("nottake", redeeming.press_not_me, Policy.ANYONE),
    Press("appoint", redeeming.press_appoint, Policy.STATION),
    Command("me", privacy.me, Policy.ANYONE, menu=EVERYBODY),
    Press("tips", privacy.press_tips, Policy.JOINED),
    Press("rename", privacy.press_rename, Policy.JOINED),
    Press("phone", privacy.press_phone, Policy.JOINED),
    Command("language", privacy.language, Policy.ANYONE, menu=EVERYBODY),
    Press("langs", privacy.language, Policy.ANYONE),
    Press("lang", privacy.press_language, Policy.ANYONE),
    Command("forget", privacy.forget, Policy.ANYONE, menu=KNOWN),
    Press("forget", privacy.forget, Policy.JOINED),
    Press("forgetme", privacy.press_forget, Policy.JOINED),
    Press("keepme", privacy.press_keep, Policy.JOINED),
    Command("invite", inviting.invite, Policy.POST, menu=frozenset({Role.CHAIR, Role.OFFICER, Role.LEADER, Role.ADMIN})),
    Press("revoke", inviting.press_revoke, Policy.POST),
    Command("roster", people.roster, Policy.POST, menu=OFFICERS | CHAIRS | STATION),
    Press("rpage", people.press_page, Policy.POST),
    Press("rv", people.press_village, Policy.POST),
    Press("rp", people.press_person, Policy.POST),
    Press("suspend", people.press_suspend, Policy.POST),
    Press("restore", people.press_restore, Policy.POST),
    Press("again", people.press_invite_again, Policy.POST),
    Command("handover", handover.handover, Policy.POST, menu=OFFICERS | CHAIRS | STATION),
    Press("hand", handover.press_hand, Policy.POST),
    Command("duty", duty.duty, Policy.POST, menu=OFFICERS | CHAIRS | STATION),
    Press("leave", duty.press_leave, Policy.POST),
    Press("noleave", duty.press_cancel_leave, Policy.POST),
    Press("nodeputy", duty.press_decline, Policy.POST),
    # Reports: how a case is opened, and lists (handlers/reports.py, handlers/case_lists.py)
    Command("report", reports.report, Policy.JOINED, menu=KNOWN),
    Press("m.report", reports.press_report, Policy.JOINED),
    Press("m.other", reports.press_for_other, Policy.COMMITTEE),
    Command("cases", case_lists.list_cases, Policy.JOINED, menu=KNOWN),
    Press("m.cases", case_lists.press_list, Policy.JOINED),
    Press("m.case", case_lists.press_open, Policy.JOINED),
    # Cases: the chain and its cards (handlers/cases.py)
    # Escalation: the ladder and the auditor (handlers/escalation.py)
    # Alerts (handlers/alerts.py)
    # Training (handlers/training.py)
    # Tips (handlers/tips.py, handlers/tip_plans.py) and how one message goes to many (handlers/broadcasts.py)
    Command("tip", tips.open_menu, Policy.JOINED, menu=KNOWN),
    Press("menu.tip", tips.open_menu, Policy.JOINED),
    Press("tip.today", tips.today, Policy.JOINED),
    Press("tip.wish", tips.wish, Policy.JOINED),
    Press("tip.page", tips.turn_page, Policy.POLICE),
    Press("tip.pick", tips.pick, Policy.POLICE),
    Press("tip.own", tips.write_own, Policy.POLICE),
    Press("tip.plans", tip_plans.list_plans, Policy.POLICE),
    Press("tip.new", tip_plans.add, Policy.POLICE),
    Press("tip.pause", tip_plans.pause_or_run, Policy.POLICE),
    Press("tip.del", tip_plans.delete, Policy.POLICE),
    Tick("schedule:tips", tip_plans.send_due),
    Press("bc.card", broadcasts.show, Policy.POLICE),
    Press("bc.to", broadcasts.choose_audience, Policy.POLICE),
    Press("bc.pick", broadcasts.pick, Policy.POLICE),
    Press("bc.tog", broadcasts.toggle, Policy.POLICE),
    Press("bc.go", broadcasts.confirm, Policy.POLICE),
    Press("bc.drop", broadcasts.discard, Policy.POLICE),
    Press("bc.stop", broadcasts.stop, Policy.POLICE),
    Press("bc.retry", broadcasts.retry, Policy.POLICE),
    Press("bc.who", broadcasts.receipts, Policy.POLICE),
    Press("bc.list", broadcasts.list_sent, Policy.POLICE),
    Press("bc.show", broadcasts.open_sent, Policy.POLICE),
    Tick("broadcast", broadcasts.look),
    # Groups (handlers/groups.py)
    Command("bind", groups.bind, Policy.ANYONE, where="group"),  # who speaks for the village is asked of the village
    Command("unbind", groups.unbind, Policy.ANYONE, where="group"),
    Says("member", groups.change_membership, Policy.ANYONE),
    Says("moved", groups.follow_move, Policy.ANYONE),
    Says("group", groups.hear, Policy.ANYONE),
    Says("misplaced", groups.redirect, Policy.ANYONE),
    # Delivery's afterthoughts (handlers/fallback.py)
)

DIALOGS: dict[str, Dialog] = {
    dialog.name: dialog
    for dialog in (
        # one a line
        reports.QUICK,
        reports.REPORT,
        tips.OWN,
        tip_plans.PLAN,
        privacy.RENAME,
        privacy.PHONE,
        inviting.INVITE,
        handover.HANDOVER,
        duty.LEAVE,
    )
}

__all__ = ["DIALOGS", "ROUTES", "Command", "Press", "Says", "Tick"]
