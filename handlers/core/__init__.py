"""Parts that every feature uses: the handler context, dialogs, the next post.

Knows no feature. Its own routes are those that every dialog has.
"""

from __future__ import annotations

from domain.people.people import Policy
from handlers.core import dialogs, post_changes
from handlers.core.feature import Feature
from handlers.core.route import ButtonRoute, CommandRoute, TimerRoute

FEATURE = Feature(
    "core",
    routes=(
        ButtonRoute("answer", dialogs.press_answer, Policy.ANYONE),
        ButtonRoute("back", dialogs.press_back, Policy.ANYONE),
        ButtonRoute("cancel", dialogs.press_cancel, Policy.ANYONE),
        CommandRoute("cancel", dialogs.cancel, Policy.ANYONE),
        TimerRoute("post_unreachable", post_changes.unreachable_due),
    ),
)
