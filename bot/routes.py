"""One ordered table of everything the bot reacts to: commands, presses, things said, and the clock.

Read it first. A row names its trigger, its handler and its policy; a handler is reachable by its rows only. Nothing here decides
anything: who may try is asked of `domain.people.may_try`, what they may do with one thing is asked by the handler.
"""

from __future__ import annotations

from domain.people import RANK, Policy, Role
from handlers import dialogs
from handlers.dialogs import Dialog
from handlers.route import Command, Press, Route, Says, Tick

EVERYBODY = frozenset(RANK)
KNOWN = EVERYBODY - {Role.STRANGER}
CHAIRS = frozenset({Role.CHAIR})
OFFICERS = frozenset({Role.OFFICER, Role.DUTY, Role.LEADER})
STATION = frozenset({Role.DUTY, Role.LEADER, Role.ADMIN})

ROUTES: tuple[Route, ...] = (
    # Conversations (handlers/dialogs.py)
    Press("answer", dialogs.press_answer, Policy.ANYONE),
    Press("back", dialogs.press_back, Policy.ANYONE),
    Press("cancel", dialogs.press_cancel, Policy.ANYONE),
    Command("cancel", dialogs.cancel, Policy.ANYONE),
    # What is said without a command, and the menu (handlers/talk.py, handlers/menu.py)
    # People (handlers/people.py, handlers/joining.py, handlers/privacy.py)
    # Reports: how a case is opened (handlers/reports.py)
    # Cases: the chain and its cards (handlers/cases.py)
    # Escalation: the ladder and the auditor (handlers/escalation.py)
    # Alerts (handlers/alerts.py)
    # Training (handlers/training.py)
    # Tips (handlers/tips.py)
    # Groups (handlers/groups.py)
    # Delivery's afterthoughts (handlers/fallback.py)
)

DIALOGS: dict[str, Dialog] = {
    dialog.name: dialog
    for dialog in (
        # one a line
    )
}

__all__ = ["DIALOGS", "ROUTES", "Command", "Press", "Says", "Tick"]
