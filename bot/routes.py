"""One ordered table of everything the bot reacts to: commands, presses, things said, and the clock.

Read it first. A row names its trigger, its handler and its policy; a handler is reachable by its rows only. Nothing here decides
anything: who may try is asked of `domain.people.people.may_try`, what they may do with one thing is asked by the handler.
"""

from __future__ import annotations

from domain.cases.case import Action
from domain.people.people import RANK, Policy, Role
from handlers.alerts import answers as alert_answers
from handlers.alerts import board as alert_board
from handlers.alerts import composing as alerts
from handlers.alerts import recall as alert_recall
from handlers.alerts import sending as alert_sending
from handlers.broadcasts import composing as broadcasts
from handlers.broadcasts import sending as broadcast_sending
from handlers.broadcasts import tip_plans, tips
from handlers.cases import dialogs as case_dialogs
from handlers.cases import escalation, report_dialogs, report_offer, reports
from handlers.cases import lists as case_lists
from handlers.cases import moves as cases
from handlers.conversation import emergency, groups, menu
from handlers.conversation import free_text as talk
from handlers.core import dialogs
from handlers.core.dialogs import Dialog
from handlers.core.route import Command, Press, Route, Says, Tick
from handlers.people import duty, handover, inviting, joining, privacy, redeeming
from handlers.people import roster as people
from handlers.training import answers as training_answers
from handlers.training import attendance, sign_in
from handlers.training import changes as training_changes
from handlers.training import planning as training

EVERYBODY = frozenset(RANK)
KNOWN = EVERYBODY - {Role.STRANGER}
CHAIRS = frozenset({Role.CHAIR})
OFFICERS = frozenset({Role.OFFICER, Role.DUTY, Role.LEADER})
STATION = frozenset({Role.DUTY, Role.LEADER, Role.ADMIN})

ROUTES: tuple[Route, ...] = (
    # Conversations (handlers/core/dialogs.py)
    Press("answer", dialogs.press_answer, Policy.ANYONE),
    Press("back", dialogs.press_back, Policy.ANYONE),
    Press("cancel", dialogs.press_cancel, Policy.ANYONE),
    Command("cancel", dialogs.cancel, Policy.ANYONE),
    # What is said without a command, danger, and the menu (handlers/conversation/)
    Says("private", talk.speak, Policy.ANYONE),
    Says("edited", talk.corrected, Policy.ANYONE),
    Command("sos", emergency.sos, Policy.ANYONE, menu=EVERYBODY, free=True),
    Press("m.sos", emergency.press_sos, Policy.ANYONE, free=True),
    Press("urgent", emergency.press_urgent, Policy.JOINED, free=True),
    Press("calm", emergency.press_calm, Policy.JOINED, free=True),
    Press("mistake", emergency.press_mistake, Policy.ANYONE, free=True),
    Press("t.add", talk.press_add, Policy.JOINED),
    Press("t.new", talk.press_new, Policy.JOINED),
    Command("help", menu.help_, Policy.ANYONE, menu=EVERYBODY),
    Press("menu", menu.press_menu, Policy.ANYONE),
    Press("m.me", privacy.me, Policy.ANYONE),
    Press("m.roster", people.roster, Policy.POST),
    Press("m.duty", duty.duty, Policy.POST),
    # People (handlers/people/joining.py, redeeming.py, privacy.py, inviting.py, people.py, handover.py, duty.py)
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
    # Reports: how a case is opened, and lists (handlers/cases/reports.py, handlers/cases/lists.py)
    Command("report", reports.report, Policy.JOINED, menu=KNOWN),
    Press("m.report", reports.press_report, Policy.JOINED),
    Press("m.other", reports.press_for_other, Policy.COMMITTEE),
    Command("cases", case_lists.list_cases, Policy.JOINED, menu=KNOWN),
    Press("m.cases", case_lists.press_list, Policy.JOINED),
    Press("m.case", case_lists.press_open, Policy.JOINED),
    # Cases: the chain and its cards (handlers/cases/moves.py)
    Command("case", cases.show, Policy.JOINED, menu=KNOWN),
    Command("accept", cases.command(Action.ACCEPT), Policy.HANDLER, menu=CHAIRS, free=True),
    Command("mediate", cases.command(Action.MEDIATE), Policy.HANDLER),
    Command("settle", cases.command(Action.SETTLE), Policy.HANDLER),
    Command("escalate", cases.command(Action.ESCALATE), Policy.HANDLER),
    Command("refer", cases.command(Action.REFER), Policy.HANDLER),
    Command("close", cases.command(Action.CLOSE), Policy.HANDLER),
    Command("ack", cases.command(Action.ACK), Policy.POLICE, menu=OFFICERS, free=True),
    Command("note", cases.command(Action.NOTE), Policy.JOINED),
    Command("withdraw", cases.command(Action.WITHDRAW), Policy.JOINED),
    Command("reopen", cases.command(Action.REOPEN), Policy.JOINED),
    # Presses are open to all: whoever lost his post finds his card emptied, and nothing else.
    Press("c.acc", cases.press(Action.ACCEPT), Policy.ANYONE, free=True),
    Press("c.ack", cases.press(Action.ACK), Policy.ANYONE, free=True),
    Press("c.med", cases.press(Action.MEDIATE), Policy.ANYONE),
    Press("c.set", cases.press(Action.SETTLE), Policy.ANYONE),
    Press("c.esc", cases.press(Action.ESCALATE), Policy.ANYONE),
    Press("c.ref", cases.press(Action.REFER), Policy.ANYONE),
    Press("c.clo", cases.press(Action.CLOSE), Policy.ANYONE),
    Press("c.ask", cases.press(Action.ASK), Policy.ANYONE),
    Press("c.rec", cases.press(Action.RECUSE), Policy.ANYONE),
    Press("c.ans", cases.press(Action.ANSWER), Policy.ANYONE),
    Press("c.not", cases.press(Action.NOTE), Policy.ANYONE),
    Press("c.wd", cases.press(Action.WITHDRAW), Policy.ANYONE),
    Press("c.re", cases.press(Action.REOPEN), Policy.ANYONE),
    Press("c.ok", cases.press(Action.SOLVED), Policy.ANYONE),
    Press("c.no", cases.press(Action.UNSOLVED), Policy.ANYONE),
    Press("c.all", cases.press_show, Policy.ANYONE),
    Press("c.pic", cases.press_pictures, Policy.ANYONE),
    # Escalation: the ladder and the auditor (handlers/cases/escalation.py)
    Tick("case_reminder", escalation.remind_due),
    Tick("case_deadline", escalation.deadline_due),
    Tick("case_stalled", escalation.stalled_due),
    Tick("case_follow_up", escalation.follow_up_due),
    Tick("audit_cases", escalation.audit_due),
    # Alerts (handlers/alerts: composing, sending, answers, board, recall)
    Command("alert", alerts.alert, Policy.POLICE, menu=OFFICERS),
    Command("drill", alerts.drill, Policy.POLICE, menu=OFFICERS),
    Press("menu.alert", alerts.press_menu, Policy.POLICE),
    Press("anew", alerts.press_new, Policy.POLICE),
    Press("dnew", alerts.press_new_drill, Policy.POLICE),
    Press("asend", alerts.press_send, Policy.POLICE),
    Press("dsend", alerts.press_send, Policy.POLICE),
    Press("adrop", alerts.press_discard, Policy.POLICE),
    Press("arewrite", alerts.press_rewrite, Policy.POLICE),
    Press("aagree", alerts.press_agree, Policy.POLICE),
    Press("dagree", alerts.press_agree, Policy.POLICE),
    Press("ano", alerts.press_decline, Policy.POLICE),
    Press("dno", alerts.press_decline, Policy.POLICE),
    Press("atold", alert_answers.press_told, Policy.POST, free=True),
    Press("aseen", alert_answers.press_seen, Policy.POST, free=True),
    Press("agot", alert_answers.press_got, Policy.JOINED),
    Press("drillok", alert_answers.press_drill_ok, Policy.POST, free=True),
    Press("drillgot", alert_answers.press_drill_got, Policy.JOINED),
    Press("atel", alert_answers.press_phoned, Policy.POLICE, free=True),
    Press("drilltel", alert_answers.press_drill_phoned, Policy.POLICE, free=True),
    Press("aboard", alert_board.press_board, Policy.POLICE),
    Press("anudge", alert_board.press_nudge, Policy.POLICE),
    Press("aphones", alert_board.press_phones, Policy.POLICE),
    Press("arecall", alert_recall.press_recall, Policy.POLICE),
    Press("arecallok", alert_recall.press_recall_now, Policy.POLICE),
    Tick("alert_unanswered", alerts.unanswered),
    Tick("alert_more", alert_sending.more),
    Tick("alert_recalls", alert_recall.more_recalls),
    Tick("alert_board", alert_board.look),
    Tick("alert_list", alert_board.lists_due),
    Tick("alert_end", alert_board.end),
    # Training (handlers/training: planning, changes, answers, sign_in, attendance)
    Command("training", training.training, Policy.JOINED, menu=KNOWN - {Role.ADMIN}),
    Press("menu.training", training.press_menu, Policy.JOINED),
    Press("tnew", training.press_new, Policy.HANDLER),
    Press("tgo", training.press_announce, Policy.HANDLER),
    Press("tdrop", training.press_discard, Policy.HANDLER),
    Press("tboard", training.press_board, Policy.HANDLER),
    Press("tmove", training_changes.press_move, Policy.HANDLER),
    Press("twhere", training_changes.press_elsewhere, Policy.HANDLER),
    Press("tcancel", training_changes.press_cancel, Policy.HANDLER),
    Press("tcancelok", training_changes.press_cancel_now, Policy.HANDLER),
    Press("tyes", training_answers.press_yes, Policy.JOINED),
    Press("tno", training_answers.press_no, Policy.JOINED),
    Press("tcard", training_answers.press_card, Policy.JOINED),
    Press("tplace", training_answers.press_place, Policy.JOINED),
    Press("tcode", sign_in.press_code, Policy.HANDLER),
    Press("tlist", sign_in.press_list, Policy.HANDLER),
    Press("tin", sign_in.press_in, Policy.HANDLER),
    Press("tadd", sign_in.press_add, Policy.HANDLER),
    Press("tpeople", attendance.press_people, Policy.HANDLER),
    Tick("training_more", training.more),
    Tick("training_look", training.look),
    Tick("training_reminder", training_answers.reminders_due),
    Tick("training_close", attendance.close_due),
    # Tips and how one message goes to many (handlers/broadcasts: tips, tip_plans, composing, sending)
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
    Tick("broadcast", broadcast_sending.look),
    # Groups (handlers/conversation/groups.py)
    Command("bind", groups.bind, Policy.ANYONE, where="group"),  # who speaks for the village is asked of the village
    Command("unbind", groups.unbind, Policy.ANYONE, where="group"),
    Says("member", groups.change_membership, Policy.ANYONE, free=True),
    Says("moved", groups.follow_move, Policy.ANYONE, free=True),
    Says("group", groups.hear, Policy.ANYONE, free=True),
    Says("misplaced", groups.redirect, Policy.ANYONE, free=True),
    # Delivery's afterthoughts (handlers/fallback.py)
)

DIALOGS: dict[str, Dialog] = {
    dialog.name: dialog
    for dialog in (
        # one a line
        case_dialogs.WORDS_DIALOG,
        case_dialogs.SESSION_DIALOG,
        alerts.ALERT,
        alerts.DRILL,
        training.TRAINING,
        training_changes.MOVE,
        training_changes.ELSEWHERE,
        sign_in.ADD,
        report_offer.QUICK,
        report_dialogs.REPORT,
        report_dialogs.WHERE,
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
