"""Trainings: called, answered, signed in to, counted."""

from __future__ import annotations

from domain.people.people import Policy, Role
from handlers.core.feature import Feature
from handlers.core.route import KNOWN, Command, Press, Tick
from handlers.training import days, planning

FEATURE = Feature(
    "training",
    routes=(
        Command("training", planning.training, Policy.JOINED, menu=KNOWN - {Role.ADMIN}),
        Press("menu.training", planning.press_menu, Policy.JOINED),
        Press("tnew", planning.press_new, Policy.HANDLER),
        Press("tgo", planning.press_announce, Policy.HANDLER),
        Press("tdrop", planning.press_discard, Policy.HANDLER),
        Press("tboard", planning.press_board, Policy.HANDLER),
        Press("tmove", planning.press_move, Policy.HANDLER),
        Press("twhere", planning.press_elsewhere, Policy.HANDLER),
        Press("tcancel", planning.press_cancel, Policy.HANDLER),
        Press("tcancelok", planning.press_cancel_now, Policy.HANDLER),
        Press("tyes", days.press_yes, Policy.JOINED),
        Press("tno", days.press_no, Policy.JOINED),
        Press("tcard", days.press_card, Policy.JOINED),
        Press("tplace", days.press_place, Policy.JOINED),
        Press("tcode", days.press_code, Policy.HANDLER),
        Press("tlist", days.press_list, Policy.HANDLER),
        Press("tin", days.press_in, Policy.HANDLER),
        Press("tadd", days.press_add, Policy.HANDLER),
        Press("tpeople", days.press_people, Policy.HANDLER),
        Tick("training_more", planning.more),
        Tick("training_look", planning.look),
        Tick("training_reminder", days.reminders_due),
        Tick("training_close", days.close_due),
    ),
    dialogs=(
        planning.TRAINING,
        planning.MOVE,
        planning.ELSEWHERE,
        days.ADD,
    ),
    start_links={"t": days.by_link},
)
