"""Update the directory from a roster file, in one transaction, and report the changes.

Knows the order of an import and how an operator reads it; the rules are in domain/people/roster.py and domain/people/roster_plan.py.
Invariant: a roster with a fault changes nothing, a dry run changes nothing, and a code is shown here once and stored as a hash.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.commands.roster_files import read_roster_file
from bot.process.database_startup import exists, opened_store
from bot.routes import DIALOGS, HOOKS
from bot.settings import DatabaseSection, Settings
from domain.core.change import Event, PersonId, StationId, VillageId
from domain.core.post_change import PostChange, Why
from domain.core.town import Town
from domain.people.invitations import CODE_BYTES, LIFETIME, code_of
from domain.people.people import RANK, Role
from domain.people.roster import Fault, Place, Roster, Sheet, check
from domain.people.roster_plan import ExistingPerson, Plan, Step, plan
from handlers.core.post_changes import posts_changed, without_actor
from storage.unit import Store, Unit
from storage.values import to_us
from texts import plain


@dataclass(frozen=True, slots=True)
class Report:
    """The result of an import, or of a dry run.

    `invitations`: (name, role, village, code); the codes are not shown again. `absent`: people who hold posts and are not in the file;
    `removed` tells whether their posts were ended.
    """

    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: int = 0
    absent: tuple[str, ...] = ()
    new_villages: tuple[str, ...] = ()
    missing_villages: tuple[str, ...] = ()
    invitations: tuple[tuple[str, str, str, str], ...] = ()
    removed: bool = False
    dry_run: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)

    def lines(self, language: str = "zh") -> list[str]:
        """Return the report in words for an operator, faults first."""
        if self.faults:
            return [plain("roster.report.refused", language, n=len(self.faults)), *self._listed(self.faults, language)]
        head = plain(
            "roster.report.dry" if self.dry_run else "roster.report.done",
            language,
            added=len(self.added),
            changed=len(self.changed),
            unchanged=self.unchanged,
            villages=len(self.new_villages),
        )
        return [head, *self._names(language), *self._listed(self.warnings, language), *self._codes(language)]

    def _names(self, language: str) -> Iterable[str]:
        lists = {"added": self.added, "changed": self.changed, "removed" if self.removed else "absent": self.absent}
        lists |= {"new_villages": self.new_villages, "missing_villages": self.missing_villages}
        joint = "、" if language == "zh" else ", "
        for name, items in lists.items():
            if items:
                yield plain(f"roster.report.{name}", language, names=joint.join(items))

    def _codes(self, language: str) -> Iterable[str]:
        if self.invitations:
            yield plain("roster.report.codes", language, n=len(self.invitations))
        for name, role, village, code in self.invitations:
            title = plain(f"people.role.{role}", language)
            yield plain("roster.report.code", language, name=name, role=title, village=village, code=code)

    def _listed(self, faults: Iterable[Fault], language: str) -> list[str]:
        return [
            (plain("roster.report.row", language, row=fault.row) if fault.row else "") + plain(fault.key, language, **self._shown(fault))
            for fault in faults
        ]

    def _shown(self, fault: Fault) -> dict[str, Any]:
        """Return a fault's parameters, a channel by its name in texts."""
        channel = fault.params.get("channel", "")
        return fault.params | ({"channel": self.titles.get(channel, channel)} if channel else {})


async def import_roster_file(settings: Settings, file: Path, *, dry_run: bool = False, remove_absent: bool = False) -> Report:
    """Read a file and import it, creating the database if there is none.

    A dry run does not create one.
    """
    sheet = read_roster_file(file, station=settings.town.name)
    titles = {endpoint.channel: endpoint.shown_as for endpoint in settings.endpoints}
    checked = check(sheet, channels=tuple(titles))
    if not isinstance(checked, Roster):
        return Report(faults=checked, dry_run=dry_run, titles=titles)
    if dry_run and not exists(settings):
        settings = settings.model_copy(update={"database": DatabaseSection(url="sqlite:///:memory:")})
    async with opened_store(settings, beside=True) as store:
        town = settings.as_town(bot_names={})
        return await import_roster(store, checked, at=datetime.now(UTC), town=town, dry_run=dry_run, remove_absent=remove_absent)


async def import_roster(
    store: Store, roster: Roster | Sheet, *, at: datetime, town: Town | None = None, dry_run: bool = False, remove_absent: bool = False
) -> Report:
    """Update the directory in one transaction; a roster with faults changes nothing.

    `town`: for the working time of the cases that another person gets; the settings' own by default.
    """
    checked = check(roster) if isinstance(roster, Sheet) else roster
    if not isinstance(checked, Roster):
        return Report(faults=checked, dry_run=dry_run)

    async def work(unit: Unit) -> Report:
        station_id = await unit.rosters.find_station(checked.station)
        known = [] if station_id is None else await unit.rosters.known(station_id, at=at)
        villages = {} if station_id is None else await unit.rosters.village_ids(station_id)
        planned = plan(checked, known, villages)
        codes = [] if dry_run else await _apply(unit, checked, planned, town=town, remove_absent=remove_absent, at=at)
        return _report(checked, planned, codes, remove_absent=remove_absent, dry_run=dry_run)

    return await store.transact(work)


def _report(roster: Roster, planned: Plan, codes: list[tuple[str, str, str, str]], *, remove_absent: bool, dry_run: bool) -> Report:
    return Report(
        warnings=roster.warnings,
        added=tuple(step.wanted.name for step in planned.steps if step.known is None),
        changed=tuple(step.wanted.name for step in planned.steps if step.known is not None and step.changes),
        unchanged=sum(not step.changes for step in planned.steps),
        absent=tuple(person.name for person in planned.absent),
        new_villages=planned.new_villages,
        missing_villages=planned.missing_villages,
        invitations=tuple(codes),
        removed=remove_absent,
        dry_run=dry_run,
    )


async def _apply(
    unit: Unit, roster: Roster, planned: Plan, *, town: Town | None, remove_absent: bool, at: datetime
) -> list[tuple[str, str, str, str]]:
    station_id = await unit.rosters.adopt_station(roster.station)
    for name in planned.new_villages:
        await unit.rosters.add_village(station_id, name)
    villages = await unit.rosters.village_ids(station_id)
    codes = [code for step in planned.steps for code in await _take(unit, step, station_id, villages, at=at)]
    for person in planned.absent if remove_absent else ():
        await _remove(unit, person, station_id, at=at)
    ended = [step.known.id for step in planned.steps if step.known is not None and step.end]
    gone = (*ended, *(person.id for person in planned.absent if remove_absent))
    town = Settings().as_town(bot_names={}) if town is None else town
    ctx = without_actor(unit, at=at, town=town, cause=f"import:{to_us(at)}", hooks=HOOKS, dialogs=DIALOGS)
    await posts_changed(ctx, *(PostChange(person_id, Why.ENDED) for person_id in gone))
    changed = sum(step.changes for step in planned.steps)
    if changed or planned.new_villages or (remove_absent and planned.absent):
        counts = {"changed": changed, "villages": len(planned.new_villages), "removed": len(planned.absent) if remove_absent else 0}
        await unit.audit.record(Event(f"station:{station_id}", "roster_imported", None, at, data=counts))
    return codes


async def _take(
    unit: Unit, step: Step, station_id: StationId, villages: dict[str, VillageId], *, at: datetime
) -> list[tuple[str, str, str, str]]:
    """Record one person's step; return their code if they need one to come online."""
    wanted, person_id = step.wanted, step.known.id if step.known else await unit.people.add(step.wanted.name, at=at)
    for twin in step.duplicates:
        await unit.privacy.merge(twin.id, into=person_id, at=at)
        await unit.audit.record(Event(f"person:{twin.id}", "merged", None, at, data={"into": person_id}))
    if step.changes:
        await unit.rosters.rename(person_id, name=wanted.name, phone=wanted.phone)
        await unit.rosters.make_known(person_id, home=_home(wanted.posts, villages), at=at)
    if step.attach and wanted.account is not None:
        await unit.rosters.detach_all(person_id, channel=wanted.account.channel)
        await unit.people.attach(person_id, wanted.account, at=at, used=False)
        await unit.invitations.revoke_for(person_id, at=at)
    for role, village in sorted(post for post in step.end if not post[1] or post[1] in villages):
        await unit.people.dismiss(person_id, at=at, role=role, station_id=station_id, village_id=villages.get(village))
    for role, village in sorted(step.start):
        await unit.people.appoint(person_id, role, station_id=station_id, village_id=villages.get(village), at=at)
    if step.start or step.end:
        await unit.audit.record(Event(f"person:{person_id}", "posts_changed", None, at, data=_posts(step)))
    return [await _invite(unit, step, person_id, station_id, villages, at=at)] if step.invite else []


async def _invite(
    unit: Unit, step: Step, person_id: PersonId, station_id: StationId, villages: dict[str, VillageId], *, at: datetime
) -> tuple[str, str, str, str]:
    role, village = max(step.wanted.posts, key=lambda post: (RANK.index(post[0]), post[1]))
    code = code_of(secrets.token_bytes(CODE_BYTES))
    await unit.invitations.issue(
        code,
        role,
        station_id=station_id,
        village_id=villages.get(village),
        issuer_id=None,
        person_id=person_id,
        at=at,
        expires_at=at + LIFETIME,
    )
    return step.wanted.name, str(role), village, code


async def _remove(unit: Unit, person: ExistingPerson, station_id: StationId, *, at: datetime) -> None:
    villages = await unit.rosters.village_ids(station_id)
    for role, village in sorted(person.posts):
        if role is not Role.ADMIN and (not village or village in villages):
            village_id = villages.get(village)
            await unit.people.dismiss(person.id, at=at, role=role, station_id=station_id, village_id=village_id)
    await unit.invitations.revoke_for(person.id, at=at)
    await unit.audit.record(Event(f"person:{person.id}", "posts_changed", None, at, data={"removed": True}))


def _home(posts: Iterable[Place], villages: dict[str, VillageId]) -> VillageId | None:
    """Return the village of a committee member; an officer's home is unknown."""
    own = sorted(village for role, village in posts if role in (Role.MEMBER, Role.CHAIR, Role.SECRETARY))
    return villages.get(own[0]) if own else None


def _posts(step: Step) -> dict[str, list[str]]:
    return {
        "started": sorted(f"{role} {village}".strip() for role, village in step.start),
        "ended": sorted(f"{role} {village}".strip() for role, village in step.end),
    }
