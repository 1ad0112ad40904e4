"""`check`: report all present and future faults of settings, database and directory.

All faults are reported at once. Knows sentences for operators. Invariant: nothing is written, not even a schema, and no secret is quoted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

from bot import emergency_settings, escalation_settings
from bot.channel_settings import TelegramSection
from bot.process.database_startup import POSTGRES, CannotStart, address_of, database_path, exists, read, token_of
from bot.settings import Settings
from bot.telegram.capabilities import EditKind, capabilities_of
from domain.calendar.working_time import WorkingCalendar
from domain.firstaid import Card
from domain.people.people import Role
from domain.people.roster_words import near_by_one, village_key
from storage.engine.database import Transaction
from storage.features import REGISTRY
from storage.maintenance.backup import Damaged, counted, prove
from storage.unit import Unit
from storage.values import from_json

IMPORT = "import the roster first (python -m bot import-roster FILE)."
#: How many names a remark lists.
SHOWN = 20
#: As @BotFather issues them: the bot's number and 35 characters.
TOKEN = re.compile(r"[0-9]{6,}:[A-Za-z0-9_-]{35}")


async def check(settings: Settings) -> tuple[list[str], list[str]]:
    """Read everything and return (faults, remarks).

    For example settings that contradict, a calendar that ends, vacant posts.
    """
    faults: list[str] = []
    remarks: list[str] = []
    for endpoint in settings.endpoints:
        _check_token(endpoint, faults, remarks)
        if endpoint.webhook.url:
            _check_secret(endpoint, faults)
    if not settings.admins:
        remarks.append("No administrator is named: set TONGXIN_ADMINS, for example [123456789].")
    _check_calendar(settings, faults, remarks)
    unsigned = [card for card in Card if card not in settings.first_aid.signed]
    if unsigned:
        remarks.append(f"Nobody has checked these first-aid cards (first_aid.signed): {', '.join(unsigned)}; each says so.")
    remarks += escalation_settings.table(settings.escalation)
    remarks += emergency_settings.table(settings.emergency, settings.responders)
    try:
        await _check_database(settings, faults, remarks)
    except (CannotStart, Damaged) as error:
        faults.append(str(error))
    return faults, remarks


async def vacancies(transaction: Transaction) -> list[str]:
    """Return a sentence for each missing chair or officer of a village, or for no village."""
    unit, found = Unit(transaction, REGISTRY), []
    villages = await unit.people.list_villages()
    for village in villages:
        posts = await unit.people.posts_of(village.id, at=datetime.now(UTC))
        missing = [name for name in ("chair", "officer") if not any(role == name for role in posts.holders)]
        found += [f"{village.name} has no {name}." for name in missing]
    return found if villages else [f"There is no village yet: {IMPORT}"]


async def oddities(transaction: Transaction) -> tuple[list[str], list[str]]:
    """Return (faults, remarks) on odd villages and posts.

    These are villages that may be one, second chairs, and posts whose holder has no chat.
    """
    unit, at = Unit(transaction, REGISTRY), datetime.now(UTC)
    faults, remarks = [], []
    villages = await unit.people.list_villages()
    holders = await unit.directory.list_all(at=at)
    for station_id in sorted({village.station_id for village in villages}):
        faults += _equal_villages([village.bare for village in villages if village.station_id == station_id])
    for name, n in Counter(village.bare for village in villages).items():
        if n > 1:
            remarks.append(
                f"{n} stations have a village “{name}”: it is shown with its station, and people who type its name are asked which."
            )
    for village in villages:
        here = [holder for holder in holders if holder.post.village_id == village.id]
        chairs = [holder.name for holder in here if holder.post.role is Role.CHAIR]
        if len(chairs) > 1:
            remarks.append(f"{village.name} has {len(chairs)} chairs, and each gets every message: {', '.join(chairs)}.")
        near = near_by_one(village.bare, [other.bare for other in villages if other.station_id == village.station_id])
        if near and not {Role.CHAIR, Role.OFFICER} <= {holder.post.role for holder in here}:
            remarks.append(f"{village.name} may be {near} written otherwise; merge them with close-village {village.bare} --into {near}.")
    offline = sorted({f"{holder.name} ({holder.post.role} {holder.village}".rstrip() + ")" for holder in holders if not holder.online})
    if offline:
        more = f" and {len(offline) - SHOWN} more" if len(offline) > SHOWN else ""
        remarks.append(
            f"{len(offline)} posts are held by people without a chat; their messages go to the next post: {', '.join(offline[:SHOWN])}{more}."
        )
    return faults, remarks


async def unknown_villages(transaction: Transaction, named: Collection[str]) -> list[str]:
    """Return a sentence for each village in `escalation.by` that the directory does not have."""
    villages = await Unit(transaction, REGISTRY).people.list_villages()
    known = {name for village in villages for name in village.names}
    return [f"escalation.by names the village {name}, which does not exist." for name in sorted(set(named) - known)]


def _equal_villages(names: list[str]) -> list[str]:
    spelled: dict[str, list[str]] = {}
    for name in names:
        spelled.setdefault(village_key(name), []).append(name)
    return [
        f"One station has {' and '.join(same)}, which are spellings of one name: merge them with close-village {same[1]} --into {same[0]}."
        for same in spelled.values()
        if len(same) > 1
    ]


async def _check_database(settings: Settings, faults: list[str], remarks: list[str]) -> None:
    url = address_of(settings)
    if not exists(settings):
        faults.append(f"There is no database at {database_path(url)}: {IMPORT}")
        return
    server = url.startswith(POSTGRES)
    counts = await read(url, counted) if server else prove(database_path(url))
    if not counts["schema"]:
        faults.append(f"The database is empty: {IMPORT}")
        return
    what = "The database answers" if server else "The database is whole"
    remarks.append(f"{what}: {counts['people']} people, {counts.get('cases', 0)} cases, schema {counts['schema']}.")
    if counts["schema"] < counts["newest_schema"]:
        remarks.append(f"The next start of the bot brings the database to schema {counts['newest_schema']}.")
        return
    faults.extend(await read(url, vacancies))
    named = {village for row in settings.escalation.by for village in row.villages}
    faults.extend(await read(url, lambda transaction: unknown_villages(transaction, named)))
    found, noted = await read(url, oddities)
    faults.extend(found)
    remarks.extend(noted)
    names = [endpoint.channel for endpoint in settings.endpoints]
    faults.extend(await read(url, lambda transaction: stranded(transaction, names)))
    remarks.extend(await read(url, lambda transaction: manners(transaction, names)))


async def stranded(transaction: Transaction, names: list[str]) -> list[str]:
    """Return a sentence for each channel that messages wait for and that is not set up."""
    counts = await Unit(transaction, REGISTRY).outbox.count_stranded(names)
    return [
        f"{n} messages wait for the channel {name}, which is not set up: add it under channels, or correct a name there."
        for name, n in counts.items()
    ]


async def manners(transaction: Transaction, names: list[str]) -> list[str]:
    """Return remarks on each channel for an operator.

    They rest on the abilities that its server described at the last start.
    """
    unit, found = Unit(transaction, REGISTRY), []
    for name in names:
        described = await unit.facts.find(f"channel.{name}")
        try:
            can = capabilities_of(from_json(described or ""))
        except ValueError as fault:
            found.append(f"The server of the channel {name} describes itself wrongly (getMe): {fault}.")
            continue
        if not can.rings:
            found.append(f"The channel {name} rings no phone: who is on duty needs another address too.")
        if can.edits.kind is EditKind.NEVER:
            found.append(f"The channel {name} cannot change a message: boards come once, when they have been still for a while.")
    return found


def _check_token(endpoint: TelegramSection, faults: list[str], remarks: list[str]) -> None:
    try:
        token = token_of(endpoint)
    except CannotStart as error:
        faults.append(str(error))
        return
    if not token:
        faults.append(f"There is no bot token: set {endpoint.variable('TOKEN')} or {endpoint.place('token_file')}.")
    elif endpoint.is_telegram and not TOKEN.fullmatch(token):
        remarks.append("The bot token does not look like one: @BotFather gives a number, a colon and 35 letters and digits.")


def _check_secret(endpoint: TelegramSection, faults: list[str]) -> None:
    place = endpoint.place("webhook.secret_file")
    try:
        endpoint.webhook_secret  # noqa: B018 - whether it can be had
    except OSError as error:
        faults.append(f"{place} cannot be read: {error.strerror}.")
    except ValueError as fault:
        faults.append(f"{place}: {fault}.")


def _check_calendar(settings: Settings, faults: list[str], remarks: list[str]) -> None:
    calendar = settings.working_calendar()
    now = datetime.now(UTC)
    try:
        calendar.next_opening(now)
    except ValueError as error:
        faults.append(f"calendar: {error}")
    if isinstance(calendar, WorkingCalendar) and calendar.known_until() < (now + timedelta(days=31)).date():
        year = date(calendar.known_until().year + 1, 1, 1).year
        remarks.append(f"The holidays of {year} are not published here yet: add them under calendar.days when the notice is out.")
