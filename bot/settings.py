"""Settings from `config.yaml`, overridden by environment variables.

Variables are named `TONGXIN_<SECTION>__<KEY>`. Secrets come only from the environment or from a file of their own.
Knows names, types and limits, and reports every fault at once. Invariant: contradictory or empty settings refuse to start.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from datetime import date, time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource

from bot.channel_settings import TELEGRAM, Section, Span, TelegramSection, by_name
from bot.emergency_settings import EmergencySection, RespondersSection, emergency_rules, responder_rules
from bot.escalation_settings import EscalationSection
from domain.calendar.quiet_hours import QuietHours
from domain.calendar.working_time import Calendar, ClockCalendar, WorkingCalendar
from domain.core.change import Address, ChatId
from domain.core.private_numbers import plain_phone
from domain.core.town import AlertRules, Limits, NoteTimes, Town
from domain.firstaid import Card


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("is not a time zone, for example Asia/Shanghai") from None
    return name


def _a_share(said: Any) -> Any:
    """Read a share such as 1/3 or 0.25."""
    try:
        return Fraction(str(said))
    except (ValueError, ZeroDivisionError):
        raise ValueError("is not a share, for example 1/3") from None


def _a_phone(said: str) -> str:
    """Return a telephone number as plain digits."""
    digits = plain_phone(said)
    if not 3 <= len(digits) <= 15:
        raise ValueError("is not a telephone number, for example 0571-88886666")
    return digits


def _an_account(said: str) -> str:
    """Check `channel:number`. A user name is refused, because it can change owners."""
    channel, _, number = said.rpartition(":")
    if not channel.isidentifier() or not (number.isascii() and number.isdigit() and 0 < int(number) < 2**52):
        raise ValueError("is not an account: a number of the first channel, or for example web:7")
    return said


class TownSection(Section):
    """The town that the bot serves."""

    name: str = "禾安"
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Shanghai"
    consent_version: str = "2026-12-02"
    phones: list[Annotated[str, AfterValidator(_a_phone)]] = Field(default_factory=list)


class DatabaseSection(Section):
    """The town's database."""

    url: str = "sqlite:///tongxin.db"
    password_file: Path | None = None


class FirstAidSection(Section):
    """Name of the person who checked each first-aid card, with the date."""

    signed: dict[Card, Annotated[str, Field(min_length=2, max_length=80)]] = Field(default_factory=dict)


class CalendarSection(Section):
    """Working hours, and the days that differ from the published calendar."""

    opens: time = time(8, 30)
    closes: time = time(17, 30)
    lunch_from: time | None = time(11, 30)
    lunch_to: time | None = time(13, 30)
    days: dict[date, bool] = Field(default_factory=dict)
    quiet_from: time = time(21, 30)
    quiet_to: time = time(7, 0)


class NotesSection(Section):
    """Local times of the morning and evening notes, on working days."""

    morning: time = time(8, 30)
    evening: time = time(17, 30)


class AlertsSection(Section):
    """Alerts, and when a red one needs a second person."""

    list_after: Span = timedelta(minutes=15)
    alone_share: Annotated[Fraction, BeforeValidator(_a_share), Field(gt=0, le=1)] = Fraction(1, 3)
    alone_people: Annotated[int, Field(ge=1)] = 300
    second_within: Span = timedelta(minutes=3)


class FeaturesSection(Section):
    """Optional features. A disabled one has no commands; its existing records go on."""

    lost_found: bool = False


class DeliverySection(Section):
    """The rate limits of sending, per channel."""

    per_second: Annotated[float, Field(gt=0)] = 28.0
    chat_per_second: Annotated[float, Field(gt=0)] = 1.0
    chat_burst: Annotated[int, Field(ge=1)] = 3
    group_per_minute: Annotated[float, Field(gt=0)] = 19.0
    at_once: Annotated[int, Field(ge=1, le=256)] = 32
    timeout: Span = timedelta(seconds=20)


class LimitsSection(Section):
    """Rate limits per person. The SOS button is never limited."""

    reports_per_hour: Annotated[int, Field(ge=1)] = 20
    texts_per_minute: Annotated[int, Field(ge=1)] = 30
    renames_per_day: Annotated[int, Field(ge=1)] = 3
    moves_per_day: Annotated[int, Field(ge=1)] = 3
    invitations_per_hour: Annotated[int, Field(ge=1)] = 5
    buttons_last: Span = timedelta(days=30)
    attachments_per_case: Annotated[int, Field(ge=10, le=1000)] = 100
    new_reports_per_hour: Annotated[int, Field(ge=1)] = 5
    new_urgent_per_hour: Annotated[int, Field(ge=1)] = 1
    new_reports_per_village: Annotated[int, Field(ge=1)] = 30


class ClockSection(Section):
    """The clock: `system`, or `channel` for the clock of the Bot API server (in the demo)."""

    source: Literal["system", "channel"] = "system"


class HealthSection(Section):
    """The health page; port 0 switches it off."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 9464


class BackupSection(Section):
    """Online backups, always encrypted.

    Without `key_file` the key is `backup.key` in the backup folder; the first backup creates it.
    """

    folder: Path = Path("backups")
    key_file: Path | None = None
    keep: Annotated[int, Field(ge=1)] = 14


class LoggingSection(Section):
    """Structured lines on standard error. Never a message text, a phone number or a token."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    json_lines: bool = False


def _file_named() -> str:
    """Return the path of the settings file. A file that is named explicitly must exist.

    A typing error in the name must not start a town with default settings.

    Raises:
        OSError: the named file does not exist or cannot be read.
    """
    named = os.environ.get("TONGXIN_CONFIG")
    if named:
        with open(named, encoding="utf-8"):
            return named
    return "config.yaml"


def _listed(said: Any) -> Any:
    """Return a list of channels as sections by name.

    Raises:
        ValueError: the name of the wrong channel and the fault, without a value.
    """
    found = by_name(said)
    if not found or not isinstance(found, dict):
        return found or {}
    from bot.listed_channels import sections_of  # most towns list none, and a section's model is half a megabyte

    return sections_of(found)


class _File(YamlConfigSettingsSource):
    """The settings file. A webhook secret in it is refused, even when a variable overrides it.

    The file is copied, shown to others and kept in repositories.
    """

    def __call__(self) -> dict[str, Any]:
        found = super().__call__()
        channels = found["channels"] = by_name(found.get("channels") or {})
        sections: dict[tuple[str, ...], Any] = {(TELEGRAM,): found.get(TELEGRAM)}
        if isinstance(channels, dict):
            sections |= {("channels", name): section for name, section in channels.items()}
        for place, section in sections.items():
            webhook = section.get("webhook") if isinstance(section, dict) else None
            if isinstance(webhook, dict) and "secret" in webhook:
                variable = "__".join((*place, "webhook", "secret")).upper()
                fault = PydanticCustomError("misplaced", f"must not stand in the file: set TONGXIN_{variable}, or secret_file")
                where = InitErrorDetails(type=fault, loc=(*place, "webhook", "secret"), input=None)
                raise ValidationError.from_exception_data("Settings", [where])
        return found


class Settings(BaseSettings):
    """All settings. The defaults suit one town on one small machine."""

    model_config = SettingsConfigDict(
        env_prefix="TONGXIN_", env_nested_delimiter="__", extra="forbid", frozen=True, yaml_file_encoding="utf-8"
    )

    town: TownSection = TownSection()
    telegram: TelegramSection = TelegramSection()
    channels: Annotated[dict[str, Any], BeforeValidator(_listed)] = Field(default_factory=dict)
    database: DatabaseSection = DatabaseSection()
    admins: list[Annotated[int, Field(gt=0)] | Annotated[str, AfterValidator(_an_account)]] = Field(default_factory=list)
    escalation: EscalationSection = EscalationSection()
    emergency: EmergencySection = EmergencySection()
    responders: RespondersSection = RespondersSection()
    calendar: CalendarSection = CalendarSection()
    notes: NotesSection = NotesSection()
    alerts: AlertsSection = AlertsSection()
    features: FeaturesSection = FeaturesSection()
    first_aid: FirstAidSection = FirstAidSection()
    delivery: DeliverySection = DeliverySection()
    limits: LimitsSection = LimitsSection()
    clock: ClockSection = ClockSection()
    health: HealthSection = HealthSection()
    backup: BackupSection = BackupSection()
    logging: LoggingSection = LoggingSection()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources by precedence: environment, file, defaults."""
        return (
            init_settings,
            env_settings,
            _File(settings_cls, yaml_file=_file_named()),
        )

    @model_validator(mode="after")
    def _hours_make_sense(self) -> Settings:
        hours = self.calendar
        if hours.opens >= hours.closes:
            raise ValueError("calendar.opens must be before calendar.closes")
        if (hours.lunch_from is None) != (hours.lunch_to is None):
            raise ValueError("calendar.lunch_from and calendar.lunch_to belong together")
        return self

    @model_validator(mode="after")
    def _channels_make_sense(self) -> Settings:
        if TELEGRAM in self.channels and self.telegram.is_set_up:
            raise ValueError("channels: the channel telegram is described twice, there and in the section telegram")
        if any(each.name != name for name, each in self.channels.items()):
            raise ValueError("channels: a name differs from the key it stands under")
        doors = [(each.webhook.host, each.webhook.port) for each in self.endpoints if each.webhook.url]
        if len(set(doors)) < len(doors):
            raise ValueError("channels: two webhooks listen at the same host and port")
        return self

    @property
    def endpoints(self) -> tuple[TelegramSection, ...]:
        """Every channel; the first one is the default.

        The section `telegram` comes first if it has a token or no channel is listed, then the listed channels.
        """
        listed: tuple[TelegramSection, ...] = tuple(self.channels.values())
        return (self.telegram, *listed) if self.telegram.is_set_up or not listed else listed

    @property
    def administrators(self) -> tuple[Address, ...]:
        """Addresses of the administrators.

        A bare number is an account of the default channel, `web:7` an account of the channel `web`.
        """
        named = [str(each).rpartition(":") for each in self.admins]
        return tuple(Address(channel or self.endpoints[0].channel, ChatId(int(number))) for channel, _, number in named)

    @property
    def database_url(self) -> str:
        """The database's address, with the password from its file if there is one.

        A SQLite file has no password.

        Raises:
            OSError: the password file cannot be read.
        """
        section = self.database
        if section.password_file is None or section.url.startswith("sqlite:"):
            return section.url
        password = section.password_file.read_text(encoding="utf-8").strip()
        address = urlsplit(section.url)
        host = address.netloc.rpartition("@")[2]
        return address._replace(netloc=f"{address.username or ''}:{quote(password, safe='')}@{host}").geturl()

    def working_calendar(self) -> Calendar:
        """Return the calendar by which escalation times are computed."""
        if not self.escalation.working_time:
            return ClockCalendar()
        hours = self.calendar
        lunch = (hours.lunch_from, hours.lunch_to) if hours.lunch_from and hours.lunch_to else None
        return WorkingCalendar(ZoneInfo(self.town.time_zone), opens=hours.opens, closes=hours.closes, lunch=lunch, overrides=hours.days)

    def as_town(self, *, bot_names: Mapping[str, str], links: Mapping[str, str] | None = None, waking: Collection[str] = ()) -> Town:
        """Return the settings as plain values for decisions.

        The facts about the channels may still grow: see `Town`.
        """
        zone = ZoneInfo(self.town.time_zone)
        return Town(
            name=self.town.name,
            zone=zone,
            working=self.working_calendar(),
            quiet=QuietHours(self.calendar.quiet_from, self.calendar.quiet_to, zone),
            escalation=self.escalation.as_rules(),
            emergency=emergency_rules(self.emergency),
            responders=responder_rules(self.responders),
            limits=Limits(**self.limits.model_dump()),
            bot_names=bot_names,
            consent_version=self.town.consent_version,
            alerts=AlertRules(**dict(self.alerts)),
            links={} if links is None else links,
            waking=waking,
            notes=NoteTimes(**dict(self.notes)),
            phones=frozenset(self.town.phones),
            titles={each.channel: each.shown_as for each in self.endpoints},
            cards_signed={card.value: by for card, by in self.first_aid.signed.items()},
            features=frozenset(name for name, on in self.features.model_dump().items() if on),
        )


def explain(error: ValidationError) -> list[str]:
    """Return one sentence per fault: the setting and what is wrong with it.

    Never the value, which may be a secret.
    """
    return [f"{'.'.join(map(str, fault['loc'])) or 'settings'}: {fault['msg'].removeprefix('Value error, ')}" for fault in error.errors()]
