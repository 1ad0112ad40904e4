"""Trainings: announcement, answers, sign-in, attendance."""

from __future__ import annotations

from domain.people.people import Policy, Role
from handlers.core.feature import Feature
from handlers.core.route import KNOWN, ButtonRoute, CommandRoute, TimerRoute
from handlers.training import answers, attendance, cards, changes, holders, planning, quiz, records, sentences, sign_in

FEATURE = Feature(
    "training",
    routes=(
        CommandRoute(
            "training", planning.training, Policy.JOINED, menu=KNOWN - {Role.ADMIN}, words=("签到码", "签到"), pressed="menu.training"
        ),
        ButtonRoute("menu.training", planning.press_menu, Policy.JOINED, about_oneself=True),
        ButtonRoute("tnew", planning.press_new, Policy.HANDLER, about_oneself=True),
        ButtonRoute("tgo", planning.press_announce, Policy.HANDLER),
        ButtonRoute("tdrop", planning.press_discard, Policy.HANDLER),
        ButtonRoute("tboard", planning.press_board, Policy.HANDLER, fresh=planning.press_board),
        ButtonRoute("tmove", changes.press_move, Policy.HANDLER, fresh=planning.press_board),
        ButtonRoute("twhere", changes.press_elsewhere, Policy.HANDLER, fresh=planning.press_board),
        ButtonRoute("tcancel", changes.press_cancel, Policy.HANDLER, fresh=planning.press_board),
        ButtonRoute("tcancelok", changes.press_cancel_now, Policy.HANDLER, fresh=planning.press_board),
        ButtonRoute("tyes", answers.press_yes, Policy.JOINED, fresh=answers.press_card),
        ButtonRoute("tno", answers.press_no, Policy.JOINED, fresh=answers.press_card),
        ButtonRoute("tcard", answers.press_card, Policy.JOINED, fresh=answers.press_card),
        ButtonRoute("tplace", answers.press_place, Policy.JOINED, fresh=answers.press_card),
        ButtonRoute("tcode", sign_in.press_code, Policy.HANDLER, fresh=planning.press_board),
        ButtonRoute("tlist", sign_in.press_list, Policy.HANDLER, fresh=planning.press_board),
        ButtonRoute("tin", sign_in.press_in, Policy.HANDLER, fresh=planning.press_board),
        ButtonRoute("tadd", sign_in.press_add, Policy.HANDLER, fresh=planning.press_board),
        ButtonRoute("tpeople", attendance.press_people, Policy.HANDLER, fresh=planning.press_board),
        ButtonRoute("tsign", sign_in.press_sign, Policy.JOINED, about_oneself=True),
        ButtonRoute("tquizask", quiz.press_quiz, Policy.HANDLER, fresh=planning.press_board),
        ButtonRoute("tquizgo", quiz.press_start, Policy.HANDLER, fresh=planning.press_board),
        ButtonRoute("tquiz", quiz.press_answer, Policy.JOINED),
        ButtonRoute("tmakeup", records.press_make_up, Policy.HANDLER, fresh=planning.press_board),
        ButtonRoute("tmakeupgo", records.press_make_up_now, Policy.HANDLER, fresh=planning.press_board),
        ButtonRoute("tyear", records.press_year, Policy.HANDLER, about_oneself=True),
        TimerRoute("training_more", planning.more),
        TimerRoute("training_again", changes.again),
        TimerRoute("training_look", planning.look),
        TimerRoute("training_reminder", answers.reminders_due),
        TimerRoute("training_close", attendance.close_due),
    ),
    dialogs=(
        planning.TRAINING,
        changes.MOVE,
        changes.ELSEWHERE,
        sign_in.ADD,
        sign_in.SIGN,
    ),
    start_links={"t": sign_in.by_link},
    sentences=(sentences.SENTENCE,),
    codes=(sign_in.by_bare_code,),
    on_posts_changed=holders.give_away,
    exceptions={
        "an invitation is one's own, and one may bring somebody along": (
            "stays cards._invitation",
            "forwardable cards._invitation",
            "forwardable cards.show_answer",
            "forwardable answers.promote",
            "forwardable answers.reminders_due",
            "forwardable changes._changed",
            "stays changes.again",
            "forwardable changes.again",
            "forwardable changes.press_cancel_now",
        ),
        "a quiz is one's own": ("stays quiz._question",),
        "the board of an organiser who lost it is emptied": (
            "tells_nothing holders._give",
            "tells_nothing cards.draw_again",
            "tells_nothing sign_in.draw_list_again",
        ),
        "the card of somebody who is not invited any more is emptied": ("tells_nothing answers.draw_again",),
    },
    apart={"training:makeup": "the answers of the dialog are what it offers"},
    redraws={"training": answers.draw_again, "training:board": cards.draw_again, "training:list": sign_in.draw_list_again},
)
