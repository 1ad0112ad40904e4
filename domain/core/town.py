"""The town's settings as plain values, as decisions need them.

Made once from config.yaml in bot/settings.py. Knows no file and no environment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field
from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from domain.calendar.local_time import day_of, instant_of
from domain.calendar.quiet_hours import QuietHours
from domain.calendar.working_time import Calendar
from domain.core.immutable import immutable, replace


@immutable
class SpanRule:
    """Other spans for some cases: those of this kind, category, severity and village.

    An empty condition fits every case, a span None leaves the span as it is. Villages are shown names, or names without their station.
    """

    kind: str = ""
    category: str = ""
    severity: str = ""
    villages: frozenset[str] = frozenset()
    chair_within: timedelta | None = None
    officer_within: timedelta | None = None
    leader_within: timedelta | None = None
    stalled_after: timedelta | None = None
    follow_up_after: timedelta | None = None

    @property
    def spans(self) -> dict[str, timedelta]:
        """The spans that this row sets, by name."""
        named = ("chair_within", "officer_within", "leader_within", "stalled_after", "follow_up_after")
        return {name: span for name in named if (span := getattr(self, name)) is not None}

    def fits(self, *, kind: str, category: str, severity: str, villages: Collection[str]) -> bool:
        """Return whether a case is one of those that the row is about."""
        wanted = ((self.kind, kind), (self.category, category), (self.severity, severity))
        return all(rule in ("", value) for rule, value in wanted) and (not self.villages or not self.villages.isdisjoint(villages))


@immutable
class EscalationRules:
    """Time for each escalation level, in the calendar's time.

    `remind_share`: the share of the span that is left when the reminder is sent. `by`: other spans for some cases; the last row that fits wins.
    """

    chair_within: timedelta = timedelta(hours=8)
    officer_within: timedelta = timedelta(hours=4)
    leader_within: timedelta = timedelta(hours=4)
    stalled_after: timedelta = timedelta(days=5)
    remind_share: float = 0.25
    follow_up_after: timedelta = timedelta(days=7)
    by: tuple[SpanRule, ...] = ()

    def rules_for(self, *, kind: str, category: str, severity: str, villages: Collection[str]) -> EscalationRules:
        """Return the rules of one case. `villages`: the names that its village goes by."""
        spans: dict[str, Any] = {}
        for row in self.by:
            if row.fits(kind=kind, category=category, severity=severity, villages=villages):
                spans |= row.spans
        return replace(self, by=(), **spans)


@immutable
class EmergencyRules:
    """Rounds of calls of an urgent case, from the call until somebody answers.

    `second_wave_after` … `wide_after`: from the call to each round, each later than the one before; then a round every `repeat_every`.
    `ask_arrival_every`: between two questions to the person on the way; `keep_places` and `keep_health`: how long coordinates and words about
    health are kept after the end; `drill_lasts`: after this a drill of them ends by itself.
    """

    second_wave_after: timedelta = timedelta(seconds=90)
    phone_after: timedelta = timedelta(minutes=2)
    police_after: timedelta = timedelta(minutes=5)
    wide_after: timedelta = timedelta(minutes=10)
    repeat_every: timedelta = timedelta(minutes=5)
    ask_arrival_every: timedelta = timedelta(minutes=10)
    keep_places: timedelta = timedelta(hours=24)
    keep_health: timedelta = timedelta(days=30)
    drill_lasts: timedelta = timedelta(minutes=30)


@immutable
class ResponderRules:
    """People called to an urgent case beside chair and police, and how many of all are enough.

    `enough`: so many on the way or at the scene. `grace`: a said time that is over for so long counts no more. `volunteers`: the most called
    to one case. `first_wave`: if fewer people than that are called at once, the villages around are called at once too. `near_km`, `wide_km`:
    villages so near the place are called at once, and with the second wave.
    """

    enough: int = 3
    grace: timedelta = timedelta(minutes=5)
    volunteers: int = 30
    first_wave: int = 8
    near_km: float = 1.0
    wide_km: float = 3.0


@immutable
class Limits:
    """Limits on one person's actions in a span; the SOS button has none.

    `buttons_last`: how long a button about a record or a question works. `new_…`: of an account's first day; `new_reports_per_village`: of
    all first-day accounts together, per hour.
    """

    reports_per_hour: int = 20
    texts_per_minute: int = 30
    invitations_per_hour: int = 5
    renames_per_day: int = 3
    moves_per_day: int = 3
    attachments_per_case: int = 100
    buttons_last: timedelta = timedelta(days=30)
    new_reports_per_hour: int = 5
    new_urgent_per_hour: int = 1
    new_reports_per_village: int = 30
    report_length: int = 3000


@immutable
class AlertRules:
    """Rules of alerts.

    `list_after`: when the author gets the telephone numbers of the villages that have not confirmed. A red alert to more than `alone_share`
    of a station's villages or more than `alone_people` people needs a second person; `second_within`: after this the author may send it alone.
    """

    list_after: timedelta = timedelta(minutes=15)
    alone_share: Fraction = Fraction(1, 3)
    alone_people: int = 300
    second_within: timedelta = timedelta(minutes=3)


@immutable
class NoteTimes:
    """Local times of the morning and evening notes on working days."""

    morning: time = time(8, 30)
    evening: time = time(17, 30)


@immutable
class Town:
    """Everything a decision may ask about the deployment.

    `working`: the calendar of escalation clocks (always open when `working_time` is false). `zone`: time zone of shown times and schedules.
    `phones`: numbers of stations and duty desks, as plain digits, that many people may read. `consent_version`: of the text that villagers
    agree to. `features`: the optional features that are switched on. `cards_signed`: first-aid card → its checker and date.
    `bot_names`: channel → bot user name, of every channel that is served;
    `links`: channel → the beginning of a link into a chat; `waking`: channels whose messages ring; `titles`: channel → its name in texts.
    The first three grow when a channel that was down at the start becomes available.
    """

    name: str
    zone: ZoneInfo
    working: Calendar
    quiet: QuietHours
    escalation: EscalationRules = field(default_factory=EscalationRules)
    emergency: EmergencyRules = field(default_factory=EmergencyRules)
    responders: ResponderRules = field(default_factory=ResponderRules)
    limits: Limits = field(default_factory=Limits)
    bot_names: Mapping[str, str] = field(default_factory=dict)
    consent_version: str = "1"
    alerts: AlertRules = field(default_factory=AlertRules)
    draft_reminder_after: timedelta = timedelta(hours=2)
    features: frozenset[str] = frozenset()
    links: Mapping[str, str] = field(default_factory=dict)
    waking: Collection[str] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    phones: Collection[str] = ()
    cards_signed: Mapping[str, str] = field(default_factory=dict)
    notes: NoteTimes = field(default_factory=NoteTimes)

    def link(self, channel: str, payload: str = "") -> str | None:
        """Return the link that opens the bot's chat and taps START with a payload.

        Payload: A-Z, a-z, 0-9, _ and -. None on a channel without links.
        """
        base = self.links.get(channel, "")
        if not base:
            return None
        return f"{base}?start={payload}" if payload else base

    def next_note(self, clock: time, at: datetime) -> datetime:
        """Return when it is next this local time on a working day, later than `at`."""
        day = day_of(at, self.zone)
        while True:
            due = instant_of(day, clock, self.zone)
            opens = self.working.next_opening(instant_of(day, time(0), self.zone))
            if due > at and day_of(opens, self.zone) == day:
                return due
            day = max(day + timedelta(days=1), day_of(opens, self.zone))

    def title(self, channel: str) -> str:
        """Return a channel's name in texts."""
        return self.titles.get(channel) or channel
