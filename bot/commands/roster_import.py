"""Update the directory from a roster file, in one transaction, and report the changes.

Knows the order of an import; the rules are in domain/people/roster.py and domain/people/roster_plan.py, and an operator reads it by
bot/commands/roster_report.py. Invariants: a roster with a fault or an open question changes nothing, a dry run changes nothing, and a code is
shown once and stored as a hash; after a station's first import nobody gets a post from chair upward without a leader, except by order.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.commands.roster_files import read_roster_file
from bot.commands.roster_report import Report, item_text
from bot.process.database_startup import exists, opened_store
from bot.routes import DIALOGS, HOOKS
from bot.settings import DatabaseSection, Settings
from domain.core.change import Event, PersonId, StationId, VillageId
from domain.core.post_change import PostChange, Why
from domain.core.town import Town
from domain.people.invitations import CODE_BYTES, LIFETIME, code_of
from domain.people.people import RANK, VILLAGE_ROLES, Role
from domain.people.roster import Fault, Place, Roster, Sheet, check, village_questions
from domain.people.roster_plan import KEPT, Answers, ExistingPerson, Plan, Step, plan
from domain.people.roster_requests import WAITS, Item
from domain.people.roster_words import name_key
from handlers.core.post_changes import posts_changed, without_actor
from handlers.people.imports import announce_order, ask_leaders, tell_old_chats
from storage.unit import Store, Unit
from storage.values import to_us

Invited = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Wishes:
    """Options of an import.

    `by_order`: the reason why no leader is asked; `new_codes`: also for people whose code is still open.
    """

    dry_run: bool = False
    new_station: bool = False
    new_villages: tuple[str, ...] = ()
    answers: Answers = field(default_factory=Answers)
    by_order: str = ""
    new_codes: bool = False


@dataclass(slots=True)
class _Import:
    """One import in its transaction."""

    unit: Unit
    station_id: StationId
    at: datetime
    wishes: Wishes
    waits: bool
    villages: dict[str, VillageId] = field(default_factory=dict)
    items: list[tuple[Item, str]] = field(default_factory=list)
    given: list[Item] = field(default_factory=list)
    changes: list[PostChange] = field(default_factory=list)


async def import_roster_file(settings: Settings, file: Path, wishes: Wishes = Wishes()) -> Report:
    """Read a file and import it, creating the database if there is none.

    A dry run does not create one.
    """
    titles = {endpoint.channel: endpoint.shown_as for endpoint in settings.endpoints}
    checked = check(read_roster_file(file), channels=tuple(titles), town=settings.town.name, new_villages=wishes.new_villages)
    if not isinstance(checked, Roster):
        return Report(faults=checked, dry_run=wishes.dry_run, titles=titles)
    if wishes.dry_run and not exists(settings):
        settings = settings.model_copy(update={"database": DatabaseSection(url="sqlite:///:memory:")})
    async with opened_store(settings, beside=True) as store:
        town = settings.as_town(bot_names={})
        return await import_roster(store, checked, at=datetime.now(UTC), town=town, wishes=wishes)


async def import_roster(
    store: Store, roster: Roster | Sheet, *, at: datetime, town: Town | None = None, wishes: Wishes = Wishes()
) -> Report:
    """Update the directory in one transaction.

    A roster with faults or open questions changes nothing. `town`: for the working time of the cases that another person gets; the
    settings' own by default.
    """
    checked = check(roster, new_villages=wishes.new_villages) if isinstance(roster, Sheet) else roster
    if not isinstance(checked, Roster):
        return Report(faults=checked, dry_run=wishes.dry_run)

    async def work(unit: Unit) -> Report:
        wanted, faults = await _station_of(unit, checked, wishes)
        station_id = await unit.rosters.find_station(wanted.station)
        known = await unit.rosters.known(station_id, at=at)
        villages = {} if station_id is None else await unit.rosters.village_ids(station_id)
        planned = plan(wanted, known, villages, wishes.answers)
        faults += [*village_questions(wanted, villages, wishes.new_villages), *planned.questions]
        if faults:
            return Report(faults=tuple(sorted(faults, key=lambda fault: fault.row)), dry_run=wishes.dry_run)
        waits = station_id is not None and not wishes.by_order and await unit.rosters.has_roster(station_id)
        if wishes.dry_run:
            waiting = tuple(line for step in planned.steps for line in _shown(step)) if waits else ()
            return _report(wanted, planned, (), wishes, waiting=waiting)
        return await _apply(unit, wanted, planned, wishes, town=town, waits=waits, at=at)

    return await store.transact(work)


async def _station_of(unit: Unit, roster: Roster, wishes: Wishes) -> tuple[Roster, list[Fault]]:
    """Return the roster with its station: the only one if the file names none.

    A second station is a question.
    """
    stations = [name for _, name in await unit.rosters.list_with_villages()]
    same = next((name for name in stations if name_key(name) == name_key(roster.station)), None)
    if same is not None or not stations or wishes.new_station:
        return _named(roster, same or roster.station), []
    if not roster.named and len(stations) == 1:
        return _named(roster, stations[0]), []
    key = "roster.fault.new_station" if roster.named else "roster.fault.which_station"
    return roster, [Fault(0, key, {"station": roster.station, "known": "、".join(stations)})]


def _named(roster: Roster, station: str) -> Roster:
    return Roster(station, roster.villages, roster.people, roster.warnings, roster.listed, roster.named)


async def _apply(unit: Unit, roster: Roster, planned: Plan, wishes: Wishes, *, town: Town | None, waits: bool, at: datetime) -> Report:
    work = _Import(unit, await unit.rosters.adopt_station(roster.station), at, wishes, waits)
    for name in planned.new_villages:
        await unit.rosters.add_village(work.station_id, name)
    await unit.villages.name_again()
    work.villages = await unit.rosters.village_ids(work.station_id)
    codes = [code for step in planned.steps for code in await _take(work, step)]
    removes = wishes.answers.removes_absent
    for person in planned.absent if removes else ():
        await _remove(work, person)
    ended = [step.known.id for step in planned.steps if step.known is not None and step.end]
    work.changes += [PostChange(person_id, Why.ENDED) for person_id in (*ended, *(person.id for person in planned.absent if removes))]
    town = Settings().as_town(bot_names={}) if town is None else town
    ctx = without_actor(unit, at=at, town=town, cause=f"import:{to_us(at)}", hooks=HOOKS, dialogs=DIALOGS)
    await posts_changed(ctx, *work.changes)
    asked, anew = await _leave_to_leaders(work)
    changed = sum(step.changes and (anew or not step.only_waits) for step in planned.steps)
    if changed or planned.new_villages or (removes and planned.absent):
        counts: dict[str, Any] = {
            "changed": changed,
            "villages": len(planned.new_villages),
            "removed": len(planned.absent) if removes else 0,
            "waiting": len(work.items),
        }
        counts |= {"by_order": wishes.by_order} if wishes.by_order else {}
        await unit.audit.record(Event(f"station:{work.station_id}", "roster_imported", None, at, data=counts))
    if wishes.by_order and work.given:
        await announce_order(unit, work.station_id, work.given, reason=wishes.by_order, at=at)
    lines = tuple(line for _, line in await _lines(work))
    return _report(roster, planned, codes, wishes, waiting=lines, asked=asked)


def _report(
    roster: Roster,
    planned: Plan,
    codes: Iterable[Invited],
    wishes: Wishes,
    *,
    waiting: tuple[dict[str, Any], ...] = (),
    asked: tuple[str, ...] = (),
) -> Report:
    return Report(
        warnings=roster.warnings,
        added=tuple(step.wanted.name for step in planned.steps if step.known is None),
        changed=tuple(step.wanted.name for step in planned.steps if step.known is not None and step.changes),
        unchanged=sum(not step.changes for step in planned.steps),
        absent=tuple(person.name for person in planned.absent),
        new_villages=planned.new_villages,
        missing_villages=planned.missing_villages,
        invitations=tuple(codes),
        waiting=waiting,
        asked=asked,
        removed=wishes.answers.removes_absent,
        dry_run=wishes.dry_run,
    )


def _shown(step: Step) -> list[dict[str, Any]]:
    name = step.wanted.name
    lines = [item_text(name, str(role), village, "") for role, village in sorted(step.waiting)]
    return lines + ([item_text(name, "", "", step.wanted.account.channel)] if step.chat_waits and step.wanted.account else [])


async def _lines(work: _Import) -> list[tuple[Item, dict[str, Any]]]:
    names = {village_id: name for name, village_id in work.villages.items()}
    return [
        (
            item,
            item_text(
                name,
                str(item.role or ""),
                names.get(item.village_id, "") if item.village_id else "",
                item.account.channel if item.account else "",
            ),
        )
        for item, name in work.items
    ]


# One person -----------------------------------------------------------------------------------------------------------


async def _take(work: _Import, step: Step) -> list[Invited]:
    """Record one person's step; return their code if they need one to come online."""
    unit, wanted, at = work.unit, step.wanted, work.at
    person_id = step.known.id if step.known else await unit.people.add(wanted.name, at=at)
    if step.also is not None:
        await _end_record(work, step.also, into=person_id)
    if step.changes and not (work.waits and step.only_waits):
        await unit.rosters.rename(person_id, name=wanted.name, phone=wanted.phone)
        await unit.rosters.make_known(person_id, home=_home(wanted.posts, work.villages), at=at)
    await _take_chat(work, step, person_id)
    for role, village in sorted(post for post in step.end if not post[1] or post[1] in work.villages):
        await unit.people.dismiss(person_id, at=at, role=role, station_id=work.station_id, village_id=work.villages.get(village))
    waiting = step.waiting if work.waits else frozenset()
    for role, village in sorted(step.start - waiting):
        await unit.people.appoint(person_id, role, station_id=work.station_id, village_id=work.villages.get(village), at=at)
        work.given.append(Item(person_id, role, work.villages.get(village)))
    if step.known is not None and (step.start - waiting or step.attach):
        work.changes.append(PostChange(person_id, Why.STARTED))
    for role, village in sorted(waiting):
        work.items.append((Item(person_id, role, work.villages.get(village)), wanted.name))
    if step.start - waiting or step.end:
        await unit.audit.record(Event(f"person:{person_id}", "posts_changed", None, at, data=_posts(step, waiting)))
    again = work.wishes.new_codes and wanted.account is None and step.known is not None and not step.known.accounts
    return [await _invite(work, step, person_id)] if wanted.posts and (step.invite or again) else []


async def _take_chat(work: _Import, step: Step, person_id: PersonId) -> None:
    account = step.wanted.account
    if not step.attach or account is None:
        return
    if work.waits and step.chat_waits:
        work.items.append((Item(person_id, account=account), step.wanted.name))
        return
    if work.wishes.by_order and step.chat_waits:
        work.given.append(Item(person_id, account=account))
        await tell_old_chats(work.unit, person_id, account, at=work.at)
    await work.unit.rosters.detach_all(person_id, channel=account.channel)
    await work.unit.people.attach(person_id, account, at=work.at, used=False)
    await work.unit.invitations.revoke_for(person_id, at=work.at)


async def _end_record(work: _Import, record: ExistingPerson, *, into: PersonId) -> None:
    """End the posts of a roster's record whose person came with an account of their own.

    A record that never had a chat becomes part of the person, with what bars them: it is a party to cases, or suspended.
    """
    await work.unit.people.dismiss(record.id, at=work.at, station_id=work.station_id)
    work.changes.append(PostChange(record.id, Why.REPLACED, into, record.name))
    await work.unit.invitations.revoke_for(record.id, at=work.at)
    reports, _ = await work.unit.privacy.count_reports(record.id)
    if record.accounts or reports:
        await work.unit.rosters.unlist(record.id)
        return
    await work.unit.privacy.merge(record.id, into=into, at=work.at)
    await work.unit.audit.record(Event(f"person:{record.id}", "merged", None, work.at, data={"into": into}))


async def _invite(work: _Import, step: Step, person_id: PersonId) -> Invited:
    role, village = max(step.wanted.posts, key=lambda post: (RANK.index(post[0]), post[1]))
    code = code_of(secrets.token_bytes(CODE_BYTES))
    await work.unit.invitations.revoke_for(person_id, at=work.at)
    await work.unit.invitations.issue(
        code,
        role,
        station_id=work.station_id,
        village_id=work.villages.get(village),
        issuer_id=None,
        person_id=person_id,
        at=work.at,
        expires_at=work.at + LIFETIME,
    )
    return step.wanted.name, str(role), village, code


async def _remove(work: _Import, person: ExistingPerson) -> None:
    for role, village in sorted(person.posts):
        if role not in KEPT and (not village or village in work.villages):
            village_id = work.villages.get(village)
            await work.unit.people.dismiss(person.id, at=work.at, role=role, station_id=work.station_id, village_id=village_id)
    await work.unit.invitations.revoke_for(person.id, at=work.at)
    await work.unit.audit.record(Event(f"person:{person.id}", "posts_changed", None, work.at, data={"removed": True}))


async def _leave_to_leaders(work: _Import) -> tuple[tuple[str, ...], bool]:
    """Store the pending changes and ask the leaders; return their names and whether it is new.

    Nobody is asked the same twice.
    """
    items = tuple(item for item, _ in work.items)
    if not items:
        await work.unit.imports.withdraw(work.station_id, at=work.at)
        return (), True
    waiting = await work.unit.imports.find_waiting(work.station_id, at=work.at)
    anew = waiting is None or waiting.items != items
    if waiting is None or anew:
        waiting = await work.unit.imports.add(work.station_id, items, at=work.at, expires_at=work.at + WAITS)
    return await ask_leaders(work.unit, waiting, at=work.at), anew


def _home(posts: Iterable[Place], villages: dict[str, VillageId]) -> VillageId | None:
    """Return the village of a committee member; an officer's home is unknown."""
    own = sorted(village for role, village in posts if role in VILLAGE_ROLES - {Role.OFFICER})
    return villages.get(own[0]) if own else None


def _posts(step: Step, waiting: frozenset[Place]) -> dict[str, list[str]]:
    return {
        "started": sorted(f"{role} {village}".strip() for role, village in step.start - waiting),
        "ended": sorted(f"{role} {village}".strip() for role, village in step.end),
    }
