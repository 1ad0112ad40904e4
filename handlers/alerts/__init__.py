"""Alerts and drills: composed, agreed, sent, confirmed on a board."""

from __future__ import annotations

from domain.people.people import Policy
from handlers.alerts import board, composing, sending
from handlers.core.feature import Feature
from handlers.core.route import OFFICERS, Command, Press, Tick

FEATURE = Feature(
    "alerts",
    routes=(
        Command("alert", composing.alert, Policy.POLICE, menu=OFFICERS),
        Command("drill", composing.drill, Policy.POLICE, menu=OFFICERS),
        Press("menu.alert", composing.press_menu, Policy.POLICE),
        Press("anew", composing.press_new, Policy.POLICE),
        Press("dnew", composing.press_new_drill, Policy.POLICE),
        Press("asend", composing.press_send, Policy.POLICE),
        Press("dsend", composing.press_send, Policy.POLICE),
        Press("adrop", composing.press_discard, Policy.POLICE),
        Press("arewrite", composing.press_rewrite, Policy.POLICE),
        Press("aagree", composing.press_agree, Policy.POLICE),
        Press("dagree", composing.press_agree, Policy.POLICE),
        Press("ano", composing.press_decline, Policy.POLICE),
        Press("dno", composing.press_decline, Policy.POLICE),
        Press("atold", board.press_told, Policy.POST, free=True),
        Press("aseen", board.press_seen, Policy.POST, free=True),
        Press("agot", board.press_got, Policy.JOINED),
        Press("drillok", board.press_drill_ok, Policy.POST, free=True),
        Press("drillgot", board.press_drill_got, Policy.JOINED),
        Press("atel", board.press_phoned, Policy.POLICE, free=True),
        Press("drilltel", board.press_drill_phoned, Policy.POLICE, free=True),
        Press("aboard", board.press_board, Policy.POLICE),
        Press("anudge", board.press_nudge, Policy.POLICE),
        Press("aphones", board.press_phones, Policy.POLICE),
        Press("arecall", board.press_recall, Policy.POLICE),
        Press("arecallok", board.press_recall_now, Policy.POLICE),
        Tick("alert_unanswered", composing.unanswered),
        Tick("alert_more", sending.more),
        Tick("alert_recalls", sending.more_recalls),
        Tick("alert_board", board.look),
        Tick("alert_list", board.lists_due),
        Tick("alert_end", board.end),
    ),
    dialogs=(
        composing.ALERT,
        composing.DRILL,
    ),
    on_access_revoked=sending.drop_for,
)
