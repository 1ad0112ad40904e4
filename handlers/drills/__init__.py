"""Drills of a call for help: start, answer, rounds, summary."""

from __future__ import annotations

from domain.people.people import Policy
from handlers.core.feature import Feature
from handlers.core.route import ButtonRoute, TimerRoute
from handlers.drills import cards, running, starting

FEATURE = Feature(
    "drills",
    routes=(
        ButtonRoute("sd.new", starting.press_new, Policy.POLICE, about_oneself=True),
        ButtonRoute("sd.go", running.press_go, Policy.HANDLER),
        ButtonRoute("sd.here", running.press_here, Policy.HANDLER),
        ButtonRoute("sd.end", running.press_end, Policy.POLICE),
        TimerRoute("drill_round", running.round_due),
        TimerRoute("drill_end", running.end_due),
    ),
    records=(cards.DRILLS,),
    dialogs=(starting.DRILL,),
    follows={"case changed": running.make_way},
    exceptions={"a drill reaches nobody but the people who are called in it": ("stays cards.to_called",)},
)
