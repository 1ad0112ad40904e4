"""Reports and cases: opening, moves, cards and lists, the escalation policy."""

from __future__ import annotations

from domain.cases.case import Action
from domain.people.people import Policy
from handlers.cases import concerned, dialogs, escalation, lists, moves, report_dialogs, report_offer, reports, revoked_access, sharing
from handlers.core.feature import Feature
from handlers.core.route import CHAIRS, KNOWN, OFFICERS, ButtonRoute, CommandRoute, TimerRoute

#: The modules that other features may import.
DOORS = (
    "moves",
    "reports",
)
FEATURE = Feature(
    "cases",
    routes=(
        CommandRoute("report", reports.report, Policy.JOINED, menu=KNOWN),
        ButtonRoute("m.report", reports.press_report, Policy.JOINED, about_oneself=True),
        ButtonRoute("m.other", reports.press_for_other, Policy.COMMITTEE, about_oneself=True),
        CommandRoute("cases", lists.list_cases, Policy.JOINED, menu=KNOWN),
        ButtonRoute("m.cases", lists.press_list, Policy.JOINED, about_oneself=True),
        ButtonRoute("m.case", lists.press_open, Policy.JOINED, fresh=lists.press_open),
        CommandRoute("case", moves.show, Policy.JOINED, menu=KNOWN),
        CommandRoute("accept", moves.command(Action.ACCEPT), Policy.HANDLER, menu=CHAIRS, free=True),
        CommandRoute("mediate", moves.command(Action.MEDIATE), Policy.HANDLER),
        CommandRoute("settle", moves.command(Action.SETTLE), Policy.HANDLER),
        CommandRoute("escalate", moves.command(Action.ESCALATE), Policy.HANDLER),
        CommandRoute("refer", moves.command(Action.REFER), Policy.HANDLER),
        CommandRoute("close", moves.command(Action.CLOSE), Policy.HANDLER),
        CommandRoute("ack", moves.command(Action.ACK), Policy.POLICE, menu=OFFICERS, free=True),
        CommandRoute("note", moves.command(Action.NOTE), Policy.JOINED),
        CommandRoute("withdraw", moves.command(Action.WITHDRAW), Policy.JOINED),
        CommandRoute("reopen", moves.command(Action.REOPEN), Policy.JOINED),
        # Every user may press: a user who lost their post finds their card emptied, and nothing else.
        ButtonRoute("c.acc", moves.press(Action.ACCEPT), Policy.ANYONE, free=True, fresh=moves.press_show),
        ButtonRoute("c.ack", moves.press(Action.ACK), Policy.ANYONE, free=True, fresh=moves.press_show),
        ButtonRoute("c.med", moves.press(Action.MEDIATE), Policy.ANYONE, fresh=moves.press_show),
        ButtonRoute("c.set", moves.press(Action.SETTLE), Policy.ANYONE, fresh=moves.press_show),
        ButtonRoute("c.esc", moves.press(Action.ESCALATE), Policy.ANYONE, fresh=moves.press_show),
        ButtonRoute("c.ref", moves.press(Action.REFER), Policy.ANYONE, fresh=moves.press_show),
        ButtonRoute("c.clo", moves.press(Action.CLOSE), Policy.ANYONE, fresh=moves.press_show),
        ButtonRoute("c.ask", moves.press(Action.ASK), Policy.ANYONE, fresh=moves.press_show),
        CommandRoute("recuse", sharing.recuse, Policy.HANDLER),
        ButtonRoute("c.rec", sharing.press_recuse, Policy.ANYONE, fresh=moves.press_show),
        ButtonRoute("c.rcy", sharing.press_recuse_now, Policy.JOINED, fresh=moves.press_show),
        ButtonRoute("c.who", sharing.press_sight, Policy.JOINED, fresh=moves.press_show),
        ButtonRoute("c.shr", sharing.press_wish(Action.SHARE), Policy.JOINED, fresh=moves.press_show),
        ButtonRoute("c.con", sharing.press_wish(Action.CONCERNS), Policy.JOINED, fresh=moves.press_show),
        ButtonRoute("c.clr", sharing.press_wish(Action.CLEAR), Policy.JOINED, fresh=moves.press_show),
        ButtonRoute("c.fil", sharing.press_wish(Action.SHOW_MEDIA), Policy.JOINED, fresh=moves.press_show),
        ButtonRoute("c.res", sharing.press_wish(Action.RESTRICT), Policy.JOINED, fresh=moves.press_show),
        ButtonRoute("c.lif", sharing.press_wish(Action.LIFT), Policy.JOINED, fresh=moves.press_show),
        ButtonRoute("c.exc", sharing.press_exclude, Policy.JOINED, fresh=moves.press_show),
        ButtonRoute("c.usq", sharing.press_ask_seal, Policy.JOINED, fresh=moves.press_show),
        ButtonRoute("c.usa", sharing.press_open_alone, Policy.JOINED, fresh=moves.press_show),
        ButtonRoute("c.uso", sharing.press_open_seal, Policy.JOINED, fresh=moves.press_show),
        ButtonRoute("c.ans", moves.press(Action.ANSWER), Policy.ANYONE, fresh=moves.press_show),
        ButtonRoute("c.not", moves.press(Action.NOTE), Policy.ANYONE, fresh=moves.press_show),
        ButtonRoute("c.wd", moves.press(Action.WITHDRAW), Policy.ANYONE, fresh=moves.press_show),
        ButtonRoute("c.re", moves.press(Action.REOPEN), Policy.ANYONE, fresh=moves.press_show),
        ButtonRoute("c.ok", moves.press(Action.SOLVED), Policy.ANYONE, fresh=moves.press_show),
        ButtonRoute("c.no", moves.press(Action.UNSOLVED), Policy.ANYONE, fresh=moves.press_show),
        ButtonRoute("c.all", moves.press_show, Policy.ANYONE, fresh=moves.press_show),
        ButtonRoute("c.pic", moves.press_pictures, Policy.ANYONE, fresh=moves.press_show),
        TimerRoute("case_reminder", escalation.remind_due),
        TimerRoute("case_deadline", escalation.deadline_due),
        TimerRoute("case_stalled", escalation.stalled_due),
        TimerRoute("case_follow_up", escalation.follow_up_due),
        TimerRoute("audit_cases", escalation.audit_due),
    ),
    dialogs=(
        dialogs.WORDS_DIALOG,
        dialogs.SESSION_DIALOG,
        sharing.EXCLUDE,
        report_offer.QUICK,
        report_dialogs.REPORT,
        report_dialogs.WHERE,
    ),
    kept_drafts={reports.KEPT: reports.offer},
    on_access_revoked=revoked_access.stop_messages,
    consent=concerned.consent_lines(),
    exceptions={
        "a reporter may show what is theirs": (
            "forwardable cards.card_for",
            "forwardable moves.show_case",
            "forwardable notifications._to_reporter",
            "forwardable notifications.return_question",
        ),
        "urgent cases wake people": (
            "rings notifications._to_reporter",
            "rings notifications._to_followers",
            "rings notifications._to_post",
            "rings notifications._phone_lists",
            "rings notifications.return_question",
        ),
        "a redraw is nothing new, and an emptied card says nothing of its case": (
            "stays notifications.redraw",
            "tells_nothing cards.gone",
        ),
        "telephone numbers, after nobody else answered": ("open_to_admins notifications._phone_lists",),
    },
)
