"""Parts that every feature uses: the handler context, dialogs, the next post.

Knows no feature. Its own routes are those that every dialog has.
"""

from __future__ import annotations

from domain.core.records import OPEN
from domain.people.people import Policy
from handlers.core import dialogs, post_changes, records
from handlers.core.feature import Feature
from handlers.core.route import ButtonRoute, CommandRoute, TimerRoute

FEATURE = Feature(
    "core",
    routes=(
        ButtonRoute("answer", dialogs.press_answer, Policy.ANYONE, about_oneself=True),
        ButtonRoute("back", dialogs.press_back, Policy.ANYONE, about_oneself=True),
        ButtonRoute("cancel", dialogs.press_cancel, Policy.ANYONE, about_oneself=True),
        CommandRoute("cancel", dialogs.cancel, Policy.ANYONE, pressed="cancel"),
        TimerRoute("post_unreachable", post_changes.unreachable_due),
        TimerRoute(OPEN, records.remind_due),
    ),
    exceptions={
        "the kit passes on what a feature declares, and redraws and empties cards": (
            "rings records.call",
            "stays records.redraw",
            "stays records.draw_again",
            "tells_nothing records.draw_again",
            "tells_nothing records.redraw",
            "tells_nothing records.revoke",
            "tells_nothing delivery_gate.stop",
        ),
        "a card that named an erased person is emptied": ("tells_nothing erased_cards.clear_cards",),
        "the card of somebody who lost a post is emptied": ("tells_nothing post_changes._end_rights",),
        "a card of a whole village's group": ("forwardable group_card.publish",),
        "passed on as it was: what was forwardable stays so": (
            "forwardable context.reply",
            "forwardable next_post._wrapped",
        ),
        "a redraw takes the place of a card that waits, and escalates as that does": ("stays backlog._in_place_of",),
        "put after the check for private numbers, or checked when it was put first": (
            "put backlog.put",
            "put next_post.escalate_undelivered",
            "put fallback._told_elsewhere",
            "put fallback.copy_urgent",
        ),
        "a fixed sentence to one person": (
            "put records.revoke",
            "put bot.delivery.outcomes.mark",
            "put delivery_gate.stop",
            "put bot.process.housekeeping.notify_outage",
            "put bot.handling.update_processor.dead_letter",
            "put bot.handling.update_processor._tell",
            "put bot.handling.update_processor.tell_administrators",
        ),
        "the same message to another address of the same person: as its row has it": (
            "stays fallback._again",
            "forwardable fallback._again",
            "tells_nothing fallback._again",
        ),
    },
)
