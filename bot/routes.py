"""Everything the bot reacts to: the features in order and the tables collected from them.

Read this module first, then a feature. Each feature's package declares its rows in one `FEATURE`; `python -m bot routes` prints all rows.
A row names its trigger, handler and policy; a handler is reachable only through its rows. This module decides nothing:
`domain.people.people.may_try` decides who may try a row, the handler decides what they may do with one subject.
The order of the features is the order of the command menus.
"""

from __future__ import annotations

from handlers import (
    aftercare,
    alerts,
    appointments,
    blocks,
    broadcasts,
    callouts,
    cases,
    casework,
    contact,
    conversation,
    core,
    desk_groups,
    drills,
    escort,
    feedback,
    firstaid,
    found,
    missing,
    notes,
    people,
    responders,
    training,
    village_places,
)
from handlers.core.feature import Feature, dialogs_of, hooks_of, routes_of

FEATURES: tuple[Feature, ...] = (
    core.FEATURE,
    contact.FEATURE,  # before the conversation, whose "how far is it" means less
    conversation.FEATURE,
    firstaid.FEATURE,
    escort.FEATURE,
    people.FEATURE,
    cases.FEATURE,
    casework.FEATURE,
    callouts.FEATURE,
    aftercare.FEATURE,
    responders.FEATURE,
    village_places.FEATURE,
    blocks.FEATURE,
    alerts.FEATURE,
    missing.FEATURE,
    drills.FEATURE,
    training.FEATURE,
    appointments.FEATURE,
    desk_groups.FEATURE,
    broadcasts.FEATURE,
    found.FEATURE,
    feedback.FEATURE,
    notes.FEATURE,
)

ROUTES = routes_of(FEATURES)
DIALOGS = dialogs_of(FEATURES)
HOOKS = hooks_of(FEATURES)
