"""Reports and cases: how a case is opened, its chain, its cards and lists, its ladder."""

from __future__ import annotations

from domain.cases.cases import Action
from domain.people.people import Policy
from handlers.cases import dialogs, escalation, lists, moves, report_dialogs, reports, revoked_access
from handlers.core.feature import Feature
from handlers.core.route import CHAIRS, KNOWN, OFFICERS, Command, Press, Tick

#: The modules that other features may import.
DOORS = (
    "moves",
    "reports",
)
FEATURE = Feature(
    "cases",
    routes=(
        Command("report", reports.report, Policy.JOINED, menu=KNOWN),
        Press("m.report", reports.press_report, Policy.JOINED),
        Press("m.other", reports.press_for_other, Policy.COMMITTEE),
        Command("cases", lists.list_cases, Policy.JOINED, menu=KNOWN),
        Press("m.cases", lists.press_list, Policy.JOINED),
        Press("m.case", lists.press_open, Policy.JOINED),
        Command("case", moves.show, Policy.JOINED, menu=KNOWN),
        Command("accept", moves.command(Action.ACCEPT), Policy.HANDLER, menu=CHAIRS, free=True),
        Command("mediate", moves.command(Action.MEDIATE), Policy.HANDLER),
        Command("settle", moves.command(Action.SETTLE), Policy.HANDLER),
        Command("escalate", moves.command(Action.ESCALATE), Policy.HANDLER),
        Command("refer", moves.command(Action.REFER), Policy.HANDLER),
        Command("close", moves.command(Action.CLOSE), Policy.HANDLER),
        Command("ack", moves.command(Action.ACK), Policy.POLICE, menu=OFFICERS, free=True),
        Command("note", moves.command(Action.NOTE), Policy.JOINED),
        Command("withdraw", moves.command(Action.WITHDRAW), Policy.JOINED),
        Command("reopen", moves.command(Action.REOPEN), Policy.JOINED),
        # Presses are open to all: whoever lost his post finds his card emptied, and nothing else.
        Press("c.acc", moves.press(Action.ACCEPT), Policy.ANYONE, free=True),
        Press("c.ack", moves.press(Action.ACK), Policy.ANYONE, free=True),
        Press("c.med", moves.press(Action.MEDIATE), Policy.ANYONE),
        Press("c.set", moves.press(Action.SETTLE), Policy.ANYONE),
        Press("c.esc", moves.press(Action.ESCALATE), Policy.ANYONE),
        Press("c.ref", moves.press(Action.REFER), Policy.ANYONE),
        Press("c.clo", moves.press(Action.CLOSE), Policy.ANYONE),
        Press("c.ask", moves.press(Action.ASK), Policy.ANYONE),
        Press("c.rec", moves.press(Action.RECUSE), Policy.ANYONE),
        Press("c.ans", moves.press(Action.ANSWER), Policy.ANYONE),
        Press("c.not", moves.press(Action.NOTE), Policy.ANYONE),
        Press("c.wd", moves.press(Action.WITHDRAW), Policy.ANYONE),
        Press("c.re", moves.press(Action.REOPEN), Policy.ANYONE),
        Press("c.ok", moves.press(Action.SOLVED), Policy.ANYONE),
        Press("c.no", moves.press(Action.UNSOLVED), Policy.ANYONE),
        Press("c.all", moves.press_show, Policy.ANYONE),
        Press("c.pic", moves.press_pictures, Policy.ANYONE),
        Tick("case_reminder", escalation.remind_due),
        Tick("case_deadline", escalation.deadline_due),
        Tick("case_stalled", escalation.stalled_due),
        Tick("case_follow_up", escalation.follow_up_due),
        Tick("audit_cases", escalation.audit_due),
    ),
    dialogs=(
        dialogs.WORDS_DIALOG,
        dialogs.SESSION_DIALOG,
        report_dialogs.QUICK,
        report_dialogs.REPORT,
        report_dialogs.WHERE,
    ),
    kept_drafts={reports.KEPT: reports.offer},
    on_access_revoked=revoked_access.stop_messages,
)
