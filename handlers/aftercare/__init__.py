"""Aftercare of an urgent case: hand-over sheet, debrief, call-backs, figures."""

from __future__ import annotations

from domain.people.people import Policy, Role
from handlers.aftercare import month, sheets, tasks, thanks
from handlers.core.feature import Feature
from handlers.core.route import OFFICERS, ButtonRoute, CommandRoute, TimerRoute

FEATURE = Feature(
    "aftercare",
    routes=(
        CommandRoute("sheet", sheets.show, Policy.HANDLER, menu=OFFICERS | {Role.CHAIR}, pressed="a.see"),
        CommandRoute("sos_month", month.show, Policy.POLICE, menu=OFFICERS),
        # Every joined user may press: the case decides who may see it.
        ButtonRoute("a.see", sheets.press_show, Policy.JOINED, fresh=sheets.press_show),
        ButtonRoute("a.hurt", sheets.press_hurt, Policy.JOINED),
        ButtonRoute("a.line", sheets.press_line, Policy.JOINED),
        ButtonRoute("a.ans", tasks.press_answer, Policy.JOINED),
        ButtonRoute("a.deb", tasks.press_debrief, Policy.JOINED),
        ButtonRoute("a.talk", thanks.press_talk, Policy.JOINED, about_oneself=True),
        ButtonRoute("a.fine", thanks.press_fine, Policy.JOINED, about_oneself=True),
        TimerRoute("aftercare_task", tasks.question_due),
        TimerRoute("aftercare_thanks", thanks.thanks_due),
    ),
    dialogs=(sheets.LINE, tasks.DEBRIEF, tasks.BACK),
    follows={"case changed": tasks.follow},
    on_posts_changed=tasks.give_away,
    redraws={"case:sheet": sheets.draw_again},
    exceptions={
        "a redraw is nothing new": ("stays sheets._write", "stays sheets.draw_again"),
        "only says that the sheet is not for the reader any more": ("tells_nothing sheets.draw_again",),
    },
)
