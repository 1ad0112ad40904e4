"""Trainings: called, answered, signed in to, counted."""

from __future__ import annotations

from domain.people.people import Policy, Role
from handlers.core.feature import Feature
from handlers.core.route import KNOWN, ButtonRoute, CommandRoute, TimerRoute
from handlers.training import days, planning

FEATURE = Feature(
    "training",
    routes=(
        CommandRoute("training", planning.training, Policy.JOINED, menu=KNOWN - {Role.ADMIN}),
        ButtonRoute("menu.training", planning.press_menu, Policy.JOINED),
        ButtonRoute("tnew", planning.press_new, Policy.HANDLER),
        ButtonRoute("tgo", planning.press_announce, Policy.HANDLER),
        ButtonRoute("tdrop", planning.press_discard, Policy.HANDLER),
        ButtonRoute("tboard", planning.press_board, Policy.HANDLER),
        ButtonRoute("tmove", planning.press_move, Policy.HANDLER),
        ButtonRoute("twhere", planning.press_elsewhere, Policy.HANDLER),
        ButtonRoute("tcancel", planning.press_cancel, Policy.HANDLER),
        ButtonRoute("tcancelok", planning.press_cancel_now, Policy.HANDLER),
        ButtonRoute("tyes", days.press_yes, Policy.JOINED),
        ButtonRoute("tno", days.press_no, Policy.JOINED),
        ButtonRoute("tcard", days.press_card, Policy.JOINED),
        ButtonRoute("tplace", days.press_place, Policy.JOINED),
        ButtonRoute("tcode", days.press_code, Policy.HANDLER),
        ButtonRoute("tlist", days.press_list, Policy.HANDLER),
        ButtonRoute("tin", days.press_in, Policy.HANDLER),
        ButtonRoute("tadd", days.press_add, Policy.HANDLER),
        ButtonRoute("tpeople", days.press_people, Policy.HANDLER),
        TimerRoute("training_more", planning.more),
        TimerRoute("training_look", planning.look),
        TimerRoute("training_reminder", days.reminders_due),
        TimerRoute("training_close", days.close_due),
    ),
    dialogs=(
        planning.TRAINING,
        planning.MOVE,
        planning.ELSEWHERE,
        days.ADD,
    ),
    start_links={"t": days.by_link},
)
