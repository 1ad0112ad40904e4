"""Responders: answers of the people called to an urgent case, and their board."""

from __future__ import annotations

from domain.people.people import Policy
from domain.responders import Verb
from handlers.core.feature import Feature
from handlers.core.route import KNOWN, ButtonRoute, CommandRoute, TimerRoute
from handlers.responders import answering, calling, listing, volunteering

#: The modules that other features may import.
DOORS = ("answering",)
FEATURE = Feature(
    "responders",
    routes=(
        CommandRoute("coming", answering.coming, Policy.JOINED, menu=KNOWN, free=True, pressed="r.come"),
        # Every user may press: who was not called reads that there is no such case.
        ButtonRoute("r.come", answering.press(Verb.COME), Policy.ANYONE, free=True, fresh=answering.press_show),
        ButtonRoute("r.here", answering.press(Verb.ARRIVE), Policy.ANYONE, free=True, fresh=answering.press_show),
        ButtonRoute("r.work", answering.press(Verb.HANDLE), Policy.ANYONE, free=True, fresh=answering.press_show),
        ButtonRoute("r.over", answering.press(Verb.HAND_OVER), Policy.ANYONE, free=True, fresh=answering.press_show),
        ButtonRoute("r.no", answering.press(Verb.DECLINE), Policy.ANYONE, free=True, fresh=answering.press_show),
        ButtonRoute("r.eta", answering.press_estimate, Policy.ANYONE, free=True, fresh=answering.press_show),
        ButtonRoute("r.loc", answering.press_place, Policy.ANYONE, fresh=answering.press_show),
        CommandRoute("responder", volunteering.responder, Policy.JOINED, menu=KNOWN),
        ButtonRoute("w.join", volunteering.press_join, Policy.JOINED, about_oneself=True),
        ButtonRoute("w.set", volunteering.press_set, Policy.JOINED, about_oneself=True),
        ButtonRoute("w.cpr", volunteering.press_training, Policy.JOINED, about_oneself=True),
        ButtonRoute("w.end", volunteering.press_leave, Policy.JOINED, about_oneself=True),
        ButtonRoute("w.list", listing.press_list, Policy.HANDLER),
        TimerRoute("responder_late", answering.late_due),
    ),
    dialogs=(volunteering.VOLUNTEER, volunteering.TRAINING),
    follows={"case changed": calling.follow, "case placed": calling.place_came},
    exceptions={
        "somebody may be in danger, and stop is heard as a call was": ("rings board._notice", "rings answering._tell_reporter"),
        "everybody called has a board of their own": ("stays board._notice",),
        "a reporter may show what is theirs": ("forwardable answering._tell_reporter",),
    },
)
