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
from handlers.core.route import ButtonRoute, CommandRoute, MessageRoute, Route, TimerRoute
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
    ButtonRoute("answer", dialogs.press_answer, Policy.ANYONE),
    ButtonRoute("back", dialogs.press_back, Policy.ANYONE),
    ButtonRoute("cancel", dialogs.press_cancel, Policy.ANYONE),
    CommandRoute("cancel", dialogs.cancel, Policy.ANYONE),
    # What is said without a command, danger, and the menu (handlers/conversation/)
    MessageRoute("private", talk.speak, Policy.ANYONE),
    MessageRoute("edited", talk.corrected, Policy.ANYONE),
    CommandRoute("sos", emergency.sos, Policy.ANYONE, menu=EVERYBODY, free=True),
    ButtonRoute("m.sos", emergency.press_sos, Policy.ANYONE, free=True),
    ButtonRoute("urgent", emergency.press_urgent, Policy.JOINED, free=True),
    ButtonRoute("calm", emergency.press_calm, Policy.JOINED, free=True),
    ButtonRoute("mistake", emergency.press_mistake, Policy.ANYONE, free=True),
    ButtonRoute("t.add", talk.press_add, Policy.JOINED),
    ButtonRoute("t.new", talk.press_new, Policy.JOINED),
    CommandRoute("help", menu.help_, Policy.ANYONE, menu=EVERYBODY),
    ButtonRoute("menu", menu.press_menu, Policy.ANYONE),
    ButtonRoute("m.me", privacy.me, Policy.ANYONE),
    ButtonRoute("m.roster", people.roster, Policy.POST),
    ButtonRoute("m.duty", duty.duty, Policy.POST),
    # People (handlers/people/joining.py, redeeming.py, privacy.py, inviting.py, people.py, handover.py, duty.py)
    CommandRoute("start", joining.start, Policy.ANYONE, menu=EVERYBODY),
    ButtonRoute("join", joining.press_join, Policy.ANYONE),
    ButtonRoute("jlater", joining.press_later, Policy.ANYONE),
    ButtonRoute("jpick", joining.press_village, Policy.ANYONE),
    ButtonRoute("jpage", joining.press_page, Policy.ANYONE),
    ButtonRoute("jmove", joining.press_move, Policy.JOINED),
    ButtonRoute("jstay", joining.press_stay, Policy.JOINED),
    ButtonRoute("jread", joining.press_read, Policy.JOINED),
    ButtonRoute("take", redeeming.press_take, Policy.ANYONE),
    ButtonRoute("nottake", redeeming.press_not_me, Policy.ANYONE),
    ButtonRoute("appoint", redeeming.press_appoint, Policy.STATION),
    CommandRoute("me", privacy.me, Policy.ANYONE, menu=EVERYBODY),
    ButtonRoute("tips", privacy.press_tips, Policy.JOINED),
    ButtonRoute("rename", privacy.press_rename, Policy.JOINED),
    ButtonRoute("phone", privacy.press_phone, Policy.JOINED),
    CommandRoute("language", privacy.language, Policy.ANYONE, menu=EVERYBODY),
    ButtonRoute("langs", privacy.language, Policy.ANYONE),
    ButtonRoute("lang", privacy.press_language, Policy.ANYONE),
    CommandRoute("forget", privacy.forget, Policy.ANYONE, menu=KNOWN),
    ButtonRoute("forget", privacy.forget, Policy.JOINED),
    ButtonRoute("forgetme", privacy.press_forget, Policy.JOINED),
    ButtonRoute("keepme", privacy.press_keep, Policy.JOINED),
    CommandRoute("invite", inviting.invite, Policy.POST, menu=frozenset({Role.CHAIR, Role.OFFICER, Role.LEADER, Role.ADMIN})),
    ButtonRoute("revoke", inviting.press_revoke, Policy.POST),
    CommandRoute("roster", people.roster, Policy.POST, menu=OFFICERS | CHAIRS | STATION),
    ButtonRoute("rpage", people.press_page, Policy.POST),
    ButtonRoute("rv", people.press_village, Policy.POST),
    ButtonRoute("rp", people.press_person, Policy.POST),
    ButtonRoute("suspend", people.press_suspend, Policy.POST),
    ButtonRoute("restore", people.press_restore, Policy.POST),
    ButtonRoute("again", people.press_invite_again, Policy.POST),
    CommandRoute("handover", handover.handover, Policy.POST, menu=OFFICERS | CHAIRS | STATION),
    ButtonRoute("hand", handover.press_hand, Policy.POST),
    CommandRoute("duty", duty.duty, Policy.POST, menu=OFFICERS | CHAIRS | STATION),
    ButtonRoute("leave", duty.press_leave, Policy.POST),
    ButtonRoute("noleave", duty.press_cancel_leave, Policy.POST),
    ButtonRoute("nodeputy", duty.press_decline, Policy.POST),
    # Reports: how a case is opened, and lists (handlers/cases/reports.py, handlers/cases/lists.py)
    CommandRoute("report", reports.report, Policy.JOINED, menu=KNOWN),
    ButtonRoute("m.report", reports.press_report, Policy.JOINED),
    ButtonRoute("m.other", reports.press_for_other, Policy.COMMITTEE),
    CommandRoute("cases", case_lists.list_cases, Policy.JOINED, menu=KNOWN),
    ButtonRoute("m.cases", case_lists.press_list, Policy.JOINED),
    ButtonRoute("m.case", case_lists.press_open, Policy.JOINED),
    # Cases: the chain and its cards (handlers/cases/moves.py)
    CommandRoute("case", cases.show, Policy.JOINED, menu=KNOWN),
    CommandRoute("accept", cases.command(Action.ACCEPT), Policy.HANDLER, menu=CHAIRS, free=True),
    CommandRoute("mediate", cases.command(Action.MEDIATE), Policy.HANDLER),
    CommandRoute("settle", cases.command(Action.SETTLE), Policy.HANDLER),
    CommandRoute("escalate", cases.command(Action.ESCALATE), Policy.HANDLER),
    CommandRoute("refer", cases.command(Action.REFER), Policy.HANDLER),
    CommandRoute("close", cases.command(Action.CLOSE), Policy.HANDLER),
    CommandRoute("ack", cases.command(Action.ACK), Policy.POLICE, menu=OFFICERS, free=True),
    CommandRoute("note", cases.command(Action.NOTE), Policy.JOINED),
    CommandRoute("withdraw", cases.command(Action.WITHDRAW), Policy.JOINED),
    CommandRoute("reopen", cases.command(Action.REOPEN), Policy.JOINED),
    # Presses are open to all: whoever lost his post finds his card emptied, and nothing else.
    ButtonRoute("c.acc", cases.press(Action.ACCEPT), Policy.ANYONE, free=True),
    ButtonRoute("c.ack", cases.press(Action.ACK), Policy.ANYONE, free=True),
    ButtonRoute("c.med", cases.press(Action.MEDIATE), Policy.ANYONE),
    ButtonRoute("c.set", cases.press(Action.SETTLE), Policy.ANYONE),
    ButtonRoute("c.esc", cases.press(Action.ESCALATE), Policy.ANYONE),
    ButtonRoute("c.ref", cases.press(Action.REFER), Policy.ANYONE),
    ButtonRoute("c.clo", cases.press(Action.CLOSE), Policy.ANYONE),
    ButtonRoute("c.ask", cases.press(Action.ASK), Policy.ANYONE),
    ButtonRoute("c.rec", cases.press(Action.RECUSE), Policy.ANYONE),
    ButtonRoute("c.ans", cases.press(Action.ANSWER), Policy.ANYONE),
    ButtonRoute("c.not", cases.press(Action.NOTE), Policy.ANYONE),
    ButtonRoute("c.wd", cases.press(Action.WITHDRAW), Policy.ANYONE),
    ButtonRoute("c.re", cases.press(Action.REOPEN), Policy.ANYONE),
    ButtonRoute("c.ok", cases.press(Action.SOLVED), Policy.ANYONE),
    ButtonRoute("c.no", cases.press(Action.UNSOLVED), Policy.ANYONE),
    ButtonRoute("c.all", cases.press_show, Policy.ANYONE),
    ButtonRoute("c.pic", cases.press_pictures, Policy.ANYONE),
    # Escalation: the ladder and the auditor (handlers/cases/escalation.py)
    TimerRoute("case_reminder", escalation.remind_due),
    TimerRoute("case_deadline", escalation.deadline_due),
    TimerRoute("case_stalled", escalation.stalled_due),
    TimerRoute("case_follow_up", escalation.follow_up_due),
    TimerRoute("audit_cases", escalation.audit_due),
    # Alerts (handlers/alerts: composing, sending, answers, board, recall)
    CommandRoute("alert", alerts.alert, Policy.POLICE, menu=OFFICERS),
    CommandRoute("drill", alerts.drill, Policy.POLICE, menu=OFFICERS),
    ButtonRoute("menu.alert", alerts.press_menu, Policy.POLICE),
    ButtonRoute("anew", alerts.press_new, Policy.POLICE),
    ButtonRoute("dnew", alerts.press_new_drill, Policy.POLICE),
    ButtonRoute("asend", alerts.press_send, Policy.POLICE),
    ButtonRoute("dsend", alerts.press_send, Policy.POLICE),
    ButtonRoute("adrop", alerts.press_discard, Policy.POLICE),
    ButtonRoute("arewrite", alerts.press_rewrite, Policy.POLICE),
    ButtonRoute("aagree", alerts.press_agree, Policy.POLICE),
    ButtonRoute("dagree", alerts.press_agree, Policy.POLICE),
    ButtonRoute("ano", alerts.press_decline, Policy.POLICE),
    ButtonRoute("dno", alerts.press_decline, Policy.POLICE),
    ButtonRoute("atold", alert_answers.press_told, Policy.POST, free=True),
    ButtonRoute("aseen", alert_answers.press_seen, Policy.POST, free=True),
    ButtonRoute("agot", alert_answers.press_got, Policy.JOINED),
    ButtonRoute("drillok", alert_answers.press_drill_ok, Policy.POST, free=True),
    ButtonRoute("drillgot", alert_answers.press_drill_got, Policy.JOINED),
    ButtonRoute("atel", alert_answers.press_phoned, Policy.POLICE, free=True),
    ButtonRoute("drilltel", alert_answers.press_drill_phoned, Policy.POLICE, free=True),
    ButtonRoute("aboard", alert_board.press_board, Policy.POLICE),
    ButtonRoute("anudge", alert_board.press_nudge, Policy.POLICE),
    ButtonRoute("aphones", alert_board.press_phones, Policy.POLICE),
    ButtonRoute("arecall", alert_recall.press_recall, Policy.POLICE),
    ButtonRoute("arecallok", alert_recall.press_recall_now, Policy.POLICE),
    TimerRoute("alert_unanswered", alerts.unanswered),
    TimerRoute("alert_more", alert_sending.more),
    TimerRoute("alert_recalls", alert_recall.more_recalls),
    TimerRoute("alert_board", alert_board.look),
    TimerRoute("alert_list", alert_board.lists_due),
    TimerRoute("alert_end", alert_board.end),
    # Training (handlers/training: planning, changes, answers, sign_in, attendance)
    CommandRoute("training", training.training, Policy.JOINED, menu=KNOWN - {Role.ADMIN}),
    ButtonRoute("menu.training", training.press_menu, Policy.JOINED),
    ButtonRoute("tnew", training.press_new, Policy.HANDLER),
    ButtonRoute("tgo", training.press_announce, Policy.HANDLER),
    ButtonRoute("tdrop", training.press_discard, Policy.HANDLER),
    ButtonRoute("tboard", training.press_board, Policy.HANDLER),
    ButtonRoute("tmove", training_changes.press_move, Policy.HANDLER),
    ButtonRoute("twhere", training_changes.press_elsewhere, Policy.HANDLER),
    ButtonRoute("tcancel", training_changes.press_cancel, Policy.HANDLER),
    ButtonRoute("tcancelok", training_changes.press_cancel_now, Policy.HANDLER),
    ButtonRoute("tyes", training_answers.press_yes, Policy.JOINED),
    ButtonRoute("tno", training_answers.press_no, Policy.JOINED),
    ButtonRoute("tcard", training_answers.press_card, Policy.JOINED),
    ButtonRoute("tplace", training_answers.press_place, Policy.JOINED),
    ButtonRoute("tcode", sign_in.press_code, Policy.HANDLER),
    ButtonRoute("tlist", sign_in.press_list, Policy.HANDLER),
    ButtonRoute("tin", sign_in.press_in, Policy.HANDLER),
    ButtonRoute("tadd", sign_in.press_add, Policy.HANDLER),
    ButtonRoute("tpeople", attendance.press_people, Policy.HANDLER),
    TimerRoute("training_more", training.more),
    TimerRoute("training_look", training.look),
    TimerRoute("training_reminder", training_answers.reminders_due),
    TimerRoute("training_close", attendance.close_due),
    # Tips and how one message goes to many (handlers/broadcasts: tips, tip_plans, composing, sending)
    CommandRoute("tip", tips.open_menu, Policy.JOINED, menu=KNOWN),
    ButtonRoute("menu.tip", tips.open_menu, Policy.JOINED),
    ButtonRoute("tip.today", tips.today, Policy.JOINED),
    ButtonRoute("tip.wish", tips.wish, Policy.JOINED),
    ButtonRoute("tip.page", tips.turn_page, Policy.POLICE),
    ButtonRoute("tip.pick", tips.pick, Policy.POLICE),
    ButtonRoute("tip.own", tips.write_own, Policy.POLICE),
    ButtonRoute("tip.plans", tip_plans.list_plans, Policy.POLICE),
    ButtonRoute("tip.new", tip_plans.add, Policy.POLICE),
    ButtonRoute("tip.pause", tip_plans.pause_or_run, Policy.POLICE),
    ButtonRoute("tip.del", tip_plans.delete, Policy.POLICE),
    TimerRoute("schedule:tips", tip_plans.send_due),
    ButtonRoute("bc.card", broadcasts.show, Policy.POLICE),
    ButtonRoute("bc.to", broadcasts.choose_audience, Policy.POLICE),
    ButtonRoute("bc.pick", broadcasts.pick, Policy.POLICE),
    ButtonRoute("bc.tog", broadcasts.toggle, Policy.POLICE),
    ButtonRoute("bc.go", broadcasts.confirm, Policy.POLICE),
    ButtonRoute("bc.drop", broadcasts.discard, Policy.POLICE),
    ButtonRoute("bc.stop", broadcasts.stop, Policy.POLICE),
    ButtonRoute("bc.retry", broadcasts.retry, Policy.POLICE),
    ButtonRoute("bc.who", broadcasts.receipts, Policy.POLICE),
    ButtonRoute("bc.list", broadcasts.list_sent, Policy.POLICE),
    ButtonRoute("bc.show", broadcasts.open_sent, Policy.POLICE),
    TimerRoute("broadcast", broadcast_sending.look),
    # Groups (handlers/conversation/groups.py)
    CommandRoute("bind", groups.bind, Policy.ANYONE, where="group"),  # who speaks for the village is asked of the village
    CommandRoute("unbind", groups.unbind, Policy.ANYONE, where="group"),
    MessageRoute("member", groups.change_membership, Policy.ANYONE, free=True),
    MessageRoute("moved", groups.follow_move, Policy.ANYONE, free=True),
    MessageRoute("group", groups.hear, Policy.ANYONE, free=True),
    MessageRoute("misplaced", groups.redirect, Policy.ANYONE, free=True),
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

__all__ = ["DIALOGS", "ROUTES", "ButtonRoute", "CommandRoute", "MessageRoute", "TimerRoute"]
