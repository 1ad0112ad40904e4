"""Everything the bot reacts to: the features in order, and what is gathered from them.

Read it first, then the feature: its package declares the rows, one `FEATURE` each; `python -m bot routes` prints them all. A row names its trigger, its
handler and its policy; a handler is reachable by its rows only. Nothing here decides anything: who may try is asked of
`domain.people.people.may_try`, what they may do with one thing is asked by the handler. The order is that of the command menus.
"""

from __future__ import annotations

from handlers import alerts, broadcasts, cases, conversation, core, found, people, training
from handlers.core.feature import Feature, dialogs_of, hooks_of, routes_of

FEATURES: tuple[Feature, ...] = (
    core.FEATURE,
    conversation.FEATURE,
    people.FEATURE,
    cases.FEATURE,
    alerts.FEATURE,
    training.FEATURE,
    broadcasts.FEATURE,
    found.FEATURE,
)

ROUTES = routes_of(FEATURES)
DIALOGS = dialogs_of(FEATURES)
HOOKS = hooks_of(FEATURES)
