"""Alerts and drills: composed, agreed, sent, confirmed on a board."""

from __future__ import annotations

from domain.people.people import Policy
from handlers.alerts import answers, board, composing, holders, recall, sending
from handlers.core.feature import Feature
from handlers.core.route import OFFICERS, ButtonRoute, CommandRoute, TimerRoute

FEATURE = Feature(
    "alerts",
    routes=(
        CommandRoute("alert", composing.alert, Policy.POLICE, menu=OFFICERS),
        CommandRoute("drill", composing.drill, Policy.POLICE, menu=OFFICERS),
        ButtonRoute("menu.alert", composing.press_menu, Policy.POLICE, about_oneself=True),
        ButtonRoute("anew", composing.press_new, Policy.POLICE, about_oneself=True),
        ButtonRoute("dnew", composing.press_new_drill, Policy.POLICE, about_oneself=True),
        ButtonRoute("asend", composing.press_send, Policy.POLICE),
        ButtonRoute("dsend", composing.press_send, Policy.POLICE),
        ButtonRoute("adrop", composing.press_discard, Policy.POLICE),
        ButtonRoute("arewrite", composing.press_rewrite, Policy.POLICE),
        ButtonRoute("aagree", composing.press_agree, Policy.POLICE),
        ButtonRoute("dagree", composing.press_agree, Policy.POLICE),
        ButtonRoute("ano", composing.press_decline, Policy.POLICE),
        ButtonRoute("dno", composing.press_decline, Policy.POLICE),
        ButtonRoute("atold", answers.press_told, Policy.POST, free=True),
        ButtonRoute("aseen", answers.press_seen, Policy.POST, free=True),
        ButtonRoute("agot", answers.press_got, Policy.JOINED),
        ButtonRoute("drillok", answers.press_drill_ok, Policy.POST, free=True),
        ButtonRoute("drillgot", answers.press_drill_got, Policy.JOINED),
        ButtonRoute("atel", answers.press_phoned, Policy.POLICE, free=True),
        ButtonRoute("drilltel", answers.press_drill_phoned, Policy.POLICE, free=True),
        ButtonRoute("aboard", board.press_board, Policy.POLICE),
        ButtonRoute("anudge", board.press_nudge, Policy.POLICE),
        ButtonRoute("aphones", board.press_phones, Policy.POLICE),
        ButtonRoute("arecall", recall.press_recall, Policy.POLICE),
        ButtonRoute("arecallok", recall.press_recall_now, Policy.POLICE),
        TimerRoute("alert_unanswered", composing.unanswered),
        TimerRoute("alert_more", sending.more),
        TimerRoute("alert_recalls", recall.more_recalls),
        TimerRoute("alert_board", board.look),
        TimerRoute("alert_list", board.lists_due),
        TimerRoute("alert_end", board.end),
    ),
    dialogs=(
        composing.ALERT,
        composing.DRILL,
    ),
    on_access_revoked=sending.drop_for,
    on_posts_changed=holders.give_away,
    exceptions={
        "an alert is for everybody and now": (
            "rings sending._notice",
            "forwardable sending._notice",
            "rings recall._recalled",
            "forwardable recall._recalled",
            "forwardable answers._receive",
        ),
        "the card of somebody who need not answer any more is only redrawn": (
            "stays sending.drop_asked",
            "stays recall._recalled",
            "stays answers._close_cards",
            "forwardable answers._close_cards",
            "stays board.lists_due",
        ),
        "whoever may agree to a red alert is asked, all of them, and again with telephone numbers": (
            "stays composing.press_decline",
            "rings composing.unanswered",
            "stays composing.unanswered",
            "rings composing._tell_seconds",
            "stays composing._tell_seconds",
            "rings sending.drop_asked",
            "rings lists.phone_list",
        ),
    },
)
