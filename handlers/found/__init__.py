"""Lost and found: register found and lost things, keep them, give them back."""

from __future__ import annotations

from domain.people.people import Policy
from handlers.core.feature import Feature
from handlers.core.route import KNOWN, ButtonRoute, CommandRoute, TimerRoute
from handlers.found import cards, claims, keeper, publishing, reporting

FEATURE = Feature(
    "found",
    routes=(
        CommandRoute("found", reporting.found, Policy.JOINED, menu=KNOWN, pressed="f.new"),
        CommandRoute("lost", reporting.lost, Policy.JOINED, menu=KNOWN),
        # Every joined user may press a card's buttons: the record decides who may use them, as a case does.
        ButtonRoute("f.new", reporting.press_new, Policy.JOINED, about_oneself=True),
        ButtonRoute("f.see", keeper.press_see, Policy.JOINED, fresh=keeper.press_see),
        ButtonRoute("f.got", keeper.press_received, Policy.JOINED, fresh=keeper.press_see),
        ButtonRoute("f.give", keeper.press_give, Policy.JOINED, fresh=keeper.press_see),
        ButtonRoute("f.given", keeper.press_given, Policy.JOINED),
        ButtonRoute("f.no", keeper.press_not_theirs, Policy.JOINED),
        ButtonRoute("f.known", keeper.press_details, Policy.JOINED, fresh=keeper.press_see),
        ButtonRoute("f.note", keeper.press_note, Policy.JOINED, fresh=keeper.press_see),
        ButtonRoute("f.clear", keeper.press_cleared, Policy.JOINED, fresh=keeper.press_see),
        ButtonRoute("f.tell", publishing.press_publish, Policy.JOINED, fresh=keeper.press_see),
        ButtonRoute("f.back", keeper.press_withdraw, Policy.JOINED, fresh=keeper.press_see),
        ButtonRoute("f.claim", claims.press_claim, Policy.JOINED),
        ButtonRoute("f.hear", claims.press_hear, Policy.JOINED),
        ButtonRoute("f.yes", claims.press_yes, Policy.JOINED),
        ButtonRoute("f.wrong", claims.press_no, Policy.JOINED),
        ButtonRoute("f.code", claims.press_code, Policy.JOINED),
        ButtonRoute("l.back", keeper.press_got_back, Policy.JOINED),
        TimerRoute("found_reminder", keeper.remind_due),
        TimerRoute("found_erase", claims.erase_due),
    ),
    records=(cards.ITEMS, cards.LOSSES, claims.CLAIMS),
    optional="lost_found",
    menu_buttons=(reporting.MENU_BUTTON,),
    exceptions={
        "what is dangerous wakes people": ("rings reporting._warn", "rings reporting._locate", "rings keeper.remind_due"),
    },
    dialogs=(reporting.FOUND, reporting.PLACE, keeper.NOTE, reporting.LOST, claims.CLAIM, claims.CODE),
)
