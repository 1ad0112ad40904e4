"""Settings of urgent cases: rounds of calls, responders, drills, terms of their data.

Knows names, types and limits. Invariant: rounds that are not in order, and a drill too short for its rounds, refuse to start.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Annotated

from pydantic import Field, model_validator

from bot.channel_settings import Section, Span
from bot.escalation_settings import length
from domain.core.town import EmergencyRules, ResponderRules


class EmergencySection(Section):
    """Rounds of calls of an urgent case, each counted from the call; a drill has the same."""

    second_wave_after: Span = timedelta(seconds=90)
    phone_after: Span = timedelta(minutes=2)
    police_after: Span = timedelta(minutes=5)
    wide_after: Span = timedelta(minutes=10)
    repeat_every: Span = timedelta(minutes=5)
    ask_arrival_every: Span = timedelta(minutes=10)
    keep_places: Span = timedelta(hours=24)
    keep_health: Annotated[timedelta, Field(ge=timedelta(days=8), le=timedelta(days=365))] = timedelta(days=30)
    drill_lasts: Annotated[timedelta, Field(ge=timedelta(minutes=1), le=timedelta(hours=4))] = timedelta(minutes=30)

    @model_validator(mode="after")
    def _rounds_in_order(self) -> EmergencySection:
        spans = (self.second_wave_after, self.phone_after, self.police_after, self.wide_after)
        if any(first >= then for first, then in pairwise(spans)):
            raise ValueError("second_wave_after, phone_after, police_after and wide_after must each be later than the one before")
        if self.drill_lasts <= self.second_wave_after:
            raise ValueError("drill_lasts must be longer than second_wave_after, or no round of a drill is rehearsed")
        return self


class RespondersSection(Section):
    """People called to an urgent case beside chair and police, and how many of all are enough."""

    enough: Annotated[int, Field(ge=1, le=20)] = 3
    grace: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(minutes=30))] = timedelta(minutes=5)
    volunteers: Annotated[int, Field(ge=0, le=200)] = 30
    first_wave: Annotated[int, Field(ge=0, le=50)] = 8
    near_km: Annotated[float, Field(ge=0, le=20)] = 1.0
    wide_km: Annotated[float, Field(ge=0, le=50)] = 3.0

    @model_validator(mode="after")
    def _wider_later(self) -> RespondersSection:
        if self.wide_km < self.near_km:
            raise ValueError("wide_km must not be less than near_km")
        return self


def table(emergency: EmergencySection, responders: RespondersSection) -> list[str]:
    """Return the rounds of an urgent case and the rules of its responders in sentences."""
    rounds = (
        ("second wave", emergency.second_wave_after),
        ("phones", emergency.phone_after),
        ("police", emergency.police_after),
        ("wide", emergency.wide_after),
        ("then every", emergency.repeat_every),
    )
    return [
        f"Rounds of an urgent case: {', '.join(f'{name} {length(span)}' for name, span in rounds)}.",
        f"Responders: {responders.enough} are enough, late after {length(responders.grace) or 'nothing'}, at most"
        f" {responders.volunteers} volunteers; at once up to {responders.near_km:g} km from the place, further if fewer than"
        f" {responders.first_wave} are called, with the second wave up to {responders.wide_km:g} km.",
        f"A drill ends after {length(emergency.drill_lasts)}. After an urgent case, coordinates are deleted after"
        f" {length(emergency.keep_places)}, words about health after {length(emergency.keep_health)}.",
    ]


def emergency_rules(section: EmergencySection) -> EmergencyRules:
    """Return the rounds as plain values."""
    return EmergencyRules(**section.model_dump())


def responder_rules(section: RespondersSection) -> ResponderRules:
    """Return the rules of responders as plain values."""
    return ResponderRules(**section.model_dump())
