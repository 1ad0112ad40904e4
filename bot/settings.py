"""Settings from `config.yaml`, overridden by environment variables.

Variables are named `TONGXIN_<SECTION>__<KEY>`. Secrets come only from the environment or from a file of their own.
Knows names, types and limits, and reports every fault at once. Invariant: contradictory or empty settings refuse to start.
"""

from __future__ import annotations

import os
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource

from bot.receiving.webhook_address import faults_of_address, faults_of_secret
from domain.calendar.quiet_hours import QuietHours
from domain.calendar.working_time import Calendar, ClockCalendar, WorkingCalendar
from domain.core.town import EscalationRules, Limits, Town


def _positive(span: timedelta) -> timedelta:
    if span <= timedelta():
        raise ValueError("must be longer than nothing")
    return span


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("is not a time zone, for example Asia/Shanghai") from None
    return name


Span = Annotated[timedelta, AfterValidator(_positive)]


class Section(BaseModel):
    """A section of the file. An unknown key is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TownSection(Section):
    """The town that the bot serves."""

    name: str = "禾安"
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Shanghai"
    consent_version: str = "2026-11"


class WebhookSection(Section):
    """The webhook: the address that Telegram sends updates to. Without `url` the bot polls.

    The secret comes only from the environment or a file.
    """

    url: str = ""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8089
    secret: SecretStr = SecretStr("")
    secret_file: Path | None = None
    max_body: Annotated[int, Field(ge=16_384, le=52_428_800)] = 1_048_576
    max_connections: Annotated[int, Field(ge=1, le=100)] = 40
    remove_on_stop: bool = False


class TelegramSection(Section):
    """The channel `telegram`."""

    token: SecretStr = SecretStr("")
    token_file: Path | None = None
    base_url: str = "https://api.telegram.org/bot"
    poll_seconds: Annotated[int, Field(ge=0, le=50)] = 50
    stalled_after: Span = timedelta(seconds=150)
    webhook: WebhookSection = WebhookSection()

    @model_validator(mode="after")
    def _webhook_makes_sense(self) -> TelegramSection:
        hook = self.webhook
        if not hook.url:
            return self
        secret, token = hook.secret.get_secret_value(), self.token.get_secret_value()
        faults = list(faults_of_address(hook.url, base_url=self.base_url))
        if not secret and hook.secret_file is None:
            faults.append("webhook.url needs a secret: set TONGXIN_TELEGRAM__WEBHOOK__SECRET or telegram.webhook.secret_file")
        elif secret:
            faults += faults_of_secret(secret)
        if any(each and each in hook.url for each in (secret, token)):
            faults.append("webhook.url must not contain a secret: addresses are written into many logs")
        if faults:
            raise ValueError("; ".join(faults))
        return self


class DatabaseSection(Section):
    """The town's database."""

    url: str = "sqlite:///tongxin.db"
    password_file: Path | None = None


class EscalationSection(Section):
    """The time each post has to respond before the next one is notified."""

    chair_within: Span = timedelta(hours=8)
    officer_within: Span = timedelta(hours=4)
    leader_within: Span = timedelta(hours=4)
    stalled_after: Span = timedelta(days=5)
    follow_up_after: Span = timedelta(days=7)
    remind_share: Annotated[float, Field(gt=0, lt=1)] = 0.25
    working_time: bool = True


class CalendarSection(Section):
    """Working hours, and the days that differ from the published calendar."""

    opens: time = time(8, 30)
    closes: time = time(17, 30)
    lunch_from: time | None = time(11, 30)
    lunch_to: time | None = time(13, 30)
    days: dict[date, bool] = Field(default_factory=dict)
    quiet_from: time = time(21, 30)
    quiet_to: time = time(7, 0)


class AlertsSection(Section):
    """Alerts."""

    list_after: Span = timedelta(minutes=15)


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
    """Rate limits per person. Emergencies are never limited."""

    reports_per_hour: Annotated[int, Field(ge=1)] = 20
    texts_per_minute: Annotated[int, Field(ge=1)] = 30
    invitations_per_hour: Annotated[int, Field(ge=1)] = 5


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


class _File(YamlConfigSettingsSource):
    """The settings file. A webhook secret in it is refused, even when a variable overrides it.

    The file is copied, shown to others and kept in repositories.
    """

    def __call__(self) -> dict[str, Any]:
        found = super().__call__()
        telegram = found.get("telegram")
        webhook = telegram.get("webhook") if isinstance(telegram, dict) else None
        if isinstance(webhook, dict) and "secret" in webhook:
            fault = PydanticCustomError("misplaced", "must not stand in the file: set TONGXIN_TELEGRAM__WEBHOOK__SECRET, or secret_file")
            where = InitErrorDetails(type=fault, loc=("telegram", "webhook", "secret"), input=None)
            raise ValidationError.from_exception_data("Settings", [where])
        return found


class Settings(BaseSettings):
    """All settings. The defaults suit one town on one small machine."""

    model_config = SettingsConfigDict(
        env_prefix="TONGXIN_", env_nested_delimiter="__", extra="forbid", frozen=True, yaml_file_encoding="utf-8"
    )

    town: TownSection = TownSection()
    telegram: TelegramSection = TelegramSection()
    database: DatabaseSection = DatabaseSection()
    admins: list[Annotated[int, Field(gt=0)]] = Field(default_factory=list)
    escalation: EscalationSection = EscalationSection()
    calendar: CalendarSection = CalendarSection()
    alerts: AlertsSection = AlertsSection()
    features: FeaturesSection = FeaturesSection()
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

    @property
    def token(self) -> str:
        """The bot's token from the environment or its file; empty if there is none."""
        if self.telegram.token_file is not None:
            return self.telegram.token_file.read_text(encoding="utf-8").strip()
        return self.telegram.token.get_secret_value()

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

    @property
    def webhook_secret(self) -> str:
        """The secret that Telegram sends with each call, from the environment or its file.

        Raises:
            OSError: the file cannot be read.
            ValueError: it does not hold a secret that Telegram would accept.
        """
        hook = self.telegram.webhook
        secret = hook.secret.get_secret_value()
        if hook.secret_file is not None:
            secret = hook.secret_file.read_text(encoding="utf-8").strip()
        for fault in faults_of_secret(secret):
            raise ValueError(fault)
        return secret

    def working_calendar(self) -> Calendar:
        """Return the calendar by which escalation times are computed."""
        if not self.escalation.working_time:
            return ClockCalendar()
        hours = self.calendar
        lunch = (hours.lunch_from, hours.lunch_to) if hours.lunch_from and hours.lunch_to else None
        return WorkingCalendar(ZoneInfo(self.town.time_zone), opens=hours.opens, closes=hours.closes, lunch=lunch, overrides=hours.days)

    def as_town(self, *, bot_names: dict[str, str]) -> Town:
        """Return the settings as plain values for decisions."""
        zone = ZoneInfo(self.town.time_zone)
        rules = self.escalation.model_dump(exclude={"working_time"})
        return Town(
            name=self.town.name,
            zone=zone,
            working=self.working_calendar(),
            quiet=QuietHours(self.calendar.quiet_from, self.calendar.quiet_to, zone),
            escalation=EscalationRules(**rules),
            limits=Limits(**self.limits.model_dump()),
            bot_names=bot_names,
            consent_version=self.town.consent_version,
            alert_list_after=self.alerts.list_after,
            features=frozenset(name for name, on in self.features.model_dump().items() if on),
        )


def explain(error: ValidationError) -> list[str]:
    """Return one sentence per fault: the setting and what is wrong with it.

    Never the value, which may be a secret.
    """
    return [f"{'.'.join(map(str, fault['loc'])) or 'settings'}: {fault['msg'].removeprefix('Value error, ')}" for fault in error.errors()]
