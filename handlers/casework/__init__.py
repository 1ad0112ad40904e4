"""Casework: pass a case to a colleague or back to the chair, put it off."""

from __future__ import annotations

from domain.people.people import Policy
from handlers.casework import passing, putting_off
from handlers.core.feature import Feature
from handlers.core.route import ButtonRoute, CommandRoute

FEATURE = Feature(
    "casework",
    routes=(
        CommandRoute("assign", passing.assign, Policy.POLICE, pressed="k.asg"),
        CommandRoute("back", passing.back, Policy.POLICE, pressed="k.back"),
        CommandRoute("later", putting_off.later, Policy.HANDLER, pressed="k.late"),
        ButtonRoute("k.more", passing.press_more, Policy.HANDLER),
        ButtonRoute("k.asg", passing.press_assign, Policy.POLICE),
        ButtonRoute("k.to", passing.press_assign_to, Policy.POLICE),
        ButtonRoute("k.back", passing.press_back, Policy.POLICE),
        ButtonRoute("k.late", putting_off.press_later, Policy.HANDLER),
    ),
    dialogs=(passing.BACK, putting_off.LATER),
)
