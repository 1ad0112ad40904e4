"""Alerts and drills: composed, agreed, sent, confirmed on a board."""

from __future__ import annotations

from domain.people.people import Policy
from handlers.alerts import answers, board, composing, holders, recall, second_person, sending
from handlers.core.feature import Feature
from handlers.core.route import OFFICERS, ButtonRoute, CommandRoute, TimerRoute
from handlers.core.understood import Sentence

FEATURE = Feature(
    "alerts",
    routes=(
        CommandRoute("alert", composing.alert, Policy.POLICE, menu=OFFICERS),
        CommandRoute("drill", composing.drill, Policy.POLICE, menu=OFFICERS),
        ButtonRoute("menu.alert", composing.press_menu, Policy.POLICE, about_oneself=True),
        ButtonRoute("anew", composing.press_new, Policy.POLICE, about_oneself=True),
        ButtonRoute("dnew", composing.press_new_drill, Policy.POLICE, about_oneself=True),
        ButtonRoute("asend", composing.press_send, Policy.POLICE, fresh=board.press_board),
        ButtonRoute("dsend", composing.press_send, Policy.POLICE, fresh=board.press_board),
        ButtonRoute("adrop", composing.press_discard, Policy.POLICE, fresh=board.press_board),
        ButtonRoute("arewrite", composing.press_rewrite, Policy.POLICE),
        ButtonRoute("aagree", second_person.press_agree, Policy.POLICE, fresh=board.press_board),
        ButtonRoute("dagree", second_person.press_agree, Policy.POLICE, fresh=board.press_board),
        ButtonRoute("ano", second_person.press_decline, Policy.POLICE, fresh=board.press_board),
        ButtonRoute("dno", second_person.press_decline, Policy.POLICE, fresh=board.press_board),
        ButtonRoute("aalone", second_person.press_alone, Policy.POLICE),
        ButtonRoute("dalone", second_person.press_alone, Policy.POLICE),
        ButtonRoute("atold", answers.press_told, Policy.POST, free=True),
        ButtonRoute("aseen", answers.press_seen, Policy.POST, free=True),
        ButtonRoute("agot", answers.press_got, Policy.JOINED),
        ButtonRoute("drillok", answers.press_drill_ok, Policy.POST, free=True),
        ButtonRoute("drillgot", answers.press_drill_got, Policy.JOINED),
        ButtonRoute("atel", answers.press_phoned, Policy.POLICE, free=True),
        ButtonRoute("drilltel", answers.press_drill_phoned, Policy.POLICE, free=True),
        ButtonRoute("aboard", board.press_board, Policy.POLICE, fresh=board.press_board),
        ButtonRoute("anudge", board.press_nudge, Policy.POLICE, fresh=board.press_board),
        ButtonRoute("aphones", board.press_phones, Policy.POLICE, fresh=board.press_board),
        ButtonRoute("arecall", recall.press_recall, Policy.POLICE, fresh=board.press_board),
        ButtonRoute("arecallok", recall.press_recall_now, Policy.POLICE, fresh=board.press_board),
        TimerRoute("alert_unanswered", second_person.unanswered),
        TimerRoute("alert_more", sending.more),
        TimerRoute("alert_recalls", recall.more_recalls),
        TimerRoute("alert_board", board.look),
        TimerRoute("alert_list", board.lists_due),
        TimerRoute("alert_end", board.end),
    ),
    dialogs=(
        composing.ALERT,
        composing.DRILL,
        second_person.ALONE,
    ),
    typed=answers.TYPED,
    replies={"alert": answers.reply},
    sentences=(
        Sentence("alert", Policy.POLICE, composing.reads, composing.by_sentence, unheard="an alert is about danger"),
        Sentence("confirm", Policy.JOINED, answers.reads, answers.by_sentence),
    ),
    on_access_revoked=sending.drop_for,
    on_posts_changed=holders.give_away,
    exceptions={
        "to the police who were asked, about words that were checked before": ("put sending.drop_asked",),
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
            "stays second_person.press_decline",
            "rings second_person.unanswered",
            "stays second_person.unanswered",
            "rings second_person._tell_seconds",
            "stays second_person._tell_seconds",
            "rings sending.drop_asked",
            "rings lists.phone_list",
        ),
        "leaders are woken by a red alert that was sent alone, and whoever was asked to agree sees it decided": (
            "rings second_person._tell_leaders",
            "stays second_person._send_alone",
        ),
    },
)
