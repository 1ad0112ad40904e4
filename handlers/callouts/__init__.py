"""Urgent cases: rounds of calls, the place, who is on the way, mistakes."""

from __future__ import annotations

from handlers.callouts import arrival, news, places, rounds
from handlers.core.feature import Feature
from handlers.core.route import TimerRoute

#: The modules that other features may import.
DOORS = ("arrival", "called", "places", "rounds")
FEATURE = Feature(
    "callouts",
    routes=(
        TimerRoute("case_round", rounds.round_due),
        TimerRoute("case_arrival", arrival.question_due),
        TimerRoute("case_places", places.keeping_over),
    ),
    follows={"case changed": news.follow, "case attached": places.pass_on},
    exceptions={
        "somebody may be in danger": (
            "rings called.to_handler",
            "rings called.to_other",
            "rings rounds._tell_reporter",
            "rings places._rings",
        ),
        "everybody above is called too": ("stays called.to_handler", "stays places._rings"),
        "number, village and kind, for people who do not see the case: nobody answered": ("tells_nothing called.to_other",),
        "a reporter may show what is theirs": ("forwardable rounds._tell_reporter",),
    },
)
