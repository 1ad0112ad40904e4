"""Roster: convert the rows of a file to people with posts, and report every fault at once.

Knows columns, roles and contradictions; must not know YAML, XLSX or the database. Invariant: a roster with one fault changes nothing;
faults and warnings name their row (0: the file as a whole).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from typing import Any

from domain.core.change import Address, ChatId
from domain.core.immutable import immutable
from domain.core.numbers import ascii_digits, clean_name, parse_phone
from domain.people.people import STATION_ROLES, VILLAGE_ROLES, Role

MOST_PEOPLE = 5000
MOST_VILLAGES = 1000
LARGEST_ID = 2**52
#: Spellings of a role in a file, besides its own English name.
ROLE_NAMES: dict[str, Role] = {
    **{str(role): role for role in VILLAGE_ROLES | STATION_ROLES},
    **dict.fromkeys(("成员", "治保会成员", "治保委员", "委员", "巡逻队员", "巡逻队"), Role.MEMBER),
    **dict.fromkeys(("调解员", "人民调解员", "调解委员"), Role.MEDIATOR),
    **dict.fromkeys(("巡逻队长", "巡逻队队长", "patrol leader"), Role.PATROL),
    **dict.fromkeys(("司法所", "司法所工作人员", "司法助理员", "judicial office"), Role.JUDICIAL),
    **dict.fromkeys(("交管值班", "交警值班", "交管", "交警", "traffic control"), Role.TRAFFIC),
    **dict.fromkeys(("审计", "审计员", "auditor"), Role.AUDIT),
    **dict.fromkeys(("主任", "治保主任", "治保会主任"), Role.CHAIR),
    **dict.fromkeys(("书记", "村书记", "村支书"), Role.SECRETARY),
    **dict.fromkeys(("民警", "社区民警", "责任民警", "驻村民警"), Role.OFFICER),
    **dict.fromkeys(("值班", "值班室", "值班员", "值班长"), Role.DUTY),
    **dict.fromkeys(("所长", "副所长", "组长", "领导", "所领导", "教导员"), Role.LEADER),
    **dict.fromkeys(("管理员", "系统管理员"), Role.ADMIN),
}
#: Posts that no roster gives or ends: people in the town appoint them.
APPOINTED = frozenset({Role.AUDIT})
SEPARATORS = re.compile("[、,，;；/\n]+")
Place = tuple[Role, str]


@immutable
class Fault:
    """A fault or a warning: `key` is a text key with its parameters.

    `row` as the file's reader counts (0: the whole file).
    """

    row: int
    key: str
    params: dict[str, Any] = field(default_factory=dict)


@immutable
class Line:
    """One person as written: every cell is text, empty when absent.

    `channel`: the channel of the account; empty: the town's first channel.
    """

    row: int
    name: str = ""
    role: str = ""
    villages: tuple[str, ...] = ()
    phone: str = ""
    account: str = ""
    channel: str = ""


@immutable
class Sheet:
    """A file as written.

    `villages` None: the file has no list of its own, so the villages of the rows count. `faults`: found while reading; with `readable`
    false no other fault is reported.
    """

    station: str
    villages: tuple[str, ...] | None
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...] = ()
    readable: bool = True


@immutable
class RosterEntry:
    """A person as the roster describes them.

    `posts`: (role, village name); the name is empty for a post in the whole station.
    """

    row: int
    name: str
    phone: str
    account: Address | None
    posts: frozenset[Place]


@immutable
class Roster:
    """A valid roster; `warnings` are for information only."""

    station: str
    villages: tuple[str, ...]
    people: tuple[RosterEntry, ...]
    warnings: tuple[Fault, ...] = ()


def split_villages(cell: str) -> tuple[str, ...]:
    """Split a cell of village names at 、 , ; / or line ends."""
    return tuple(name for name in (clean_name(part) for part in SEPARATORS.split(cell)) if name)


def check(sheet: Sheet, *, channels: Sequence[str] = ()) -> Roster | tuple[Fault, ...]:
    """Return the roster, or every fault of the sheet, in the order of its rows.

    `channels`: the town's channels, the default first; none: any channel is accepted.
    """
    if not sheet.readable:
        return sheet.faults
    station = clean_name(sheet.station)
    faults = list(sheet.faults)
    if not station:
        faults.append(Fault(0, "roster.fault.no_station"))
    villages = _villages(sheet, faults)
    if not sheet.lines:
        faults.append(Fault(0, "roster.fault.no_people"))
    if len(sheet.lines) > MOST_PEOPLE:
        faults.append(Fault(0, "roster.fault.too_many", {"most": MOST_PEOPLE}))
        return tuple(faults)
    readings = [_read(line, villages, channels, faults) for line in sheet.lines]
    people = _join([wanted for wanted in readings if wanted is not None], faults)
    if faults:
        return tuple(sorted(faults, key=lambda fault: fault.row))
    return Roster(station, villages, people, tuple(_warnings(villages, people)))


def _villages(sheet: Sheet, faults: list[Fault]) -> tuple[str, ...]:
    if sheet.villages is None:
        in_order = dict.fromkeys(clean_name(name) for line in sheet.lines for name in line.villages)
        names = [name for name in in_order if name]
    else:
        names = [clean_name(name) for name in sheet.villages]
        for name, times in Counter(names).items():
            if not name:
                faults.append(Fault(0, "roster.fault.empty_village"))
            elif times > 1:
                faults.append(Fault(0, "roster.fault.village_twice", {"village": name}))
    if not names:
        faults.append(Fault(0, "roster.fault.no_villages"))
    if len(names) > MOST_VILLAGES:
        faults.append(Fault(0, "roster.fault.too_many_villages", {"most": MOST_VILLAGES}))
    return tuple(dict.fromkeys(filter(None, names)))


def _read(line: Line, villages: tuple[str, ...], channels: Sequence[str], faults: list[Fault]) -> RosterEntry | None:
    before = len(faults)
    name = clean_name(line.name)
    if not name:
        faults.append(Fault(line.row, "roster.fault.no_name"))
    role = ROLE_NAMES.get(clean_name(line.role).casefold())
    if role is None:
        faults.append(Fault(line.row, "roster.fault.role", {"name": name, "role": clean_name(line.role)}))
    if role in APPOINTED:
        faults.append(Fault(line.row, "roster.fault.appointed", {"name": name, "role": clean_name(line.role)}))
    phone = parse_phone(line.phone) if line.phone.strip() else ""
    if phone is None:
        faults.append(Fault(line.row, "roster.fault.phone", {"name": name}))
    account = _account(line, name, channels, faults)
    posts = _posts(line, role, name, villages, faults)
    if len(faults) > before or role is None:
        return None
    return RosterEntry(line.row, name, phone or "", account, posts)


def _account(line: Line, name: str, channels: Sequence[str], faults: list[Fault]) -> Address | None:
    said, channel = line.account.strip(), clean_name(line.channel)
    if not said:
        return None
    if channels and channel not in ("", *channels):
        faults.append(Fault(line.row, "roster.fault.channel", {"name": name, "channel": channel}))
        return None
    channel = channel or next(iter(channels), "")
    digits = ascii_digits(said)
    if digits is None or len(digits) > 16 or not 0 < int(digits) <= LARGEST_ID:
        faults.append(Fault(line.row, "roster.fault.account", {"name": name, "channel": channel}))
        return None
    return Address(channel, ChatId(int(digits)))


def _posts(line: Line, role: Role | None, name: str, villages: tuple[str, ...], faults: list[Fault]) -> frozenset[Place]:
    if role in STATION_ROLES:
        return frozenset({(role, "")})
    wanted = [clean_name(village) for village in line.villages if clean_name(village)]
    if role is not None and not wanted:
        faults.append(Fault(line.row, "roster.fault.no_village", {"name": name}))
    places: set[Place] = set()
    for said in wanted:
        village = known_village(said, villages)
        if village is None:
            near = near_villages(said, villages, limit=1)
            key = "roster.fault.village_near" if near else "roster.fault.village"
            faults.append(Fault(line.row, key, {"name": name, "village": said, "near": near[0] if near else ""}))
        elif role is not None:
            places.add((role, village))
    return frozenset(places)


def known_village(said: str, villages: Iterable[str]) -> str | None:
    """Return the named village: the exact name, or with or without 村 at its end."""
    names = frozenset(villages)
    return next((name for name in (said, f"{said}村", said.removesuffix("村")) if name in names), None)


def near_villages(said: str, villages: Iterable[str], *, limit: int = 4) -> tuple[str, ...]:
    """Return names similar to what was typed, the nearest first.

    Similar: one character wrong or missing.
    """
    from rapidfuzz import fuzz, process  # large, and only needed when a name is not known

    names = list(villages)
    bare = [name.removesuffix("村") for name in names]
    found = process.extract(said.removesuffix("村"), bare, scorer=fuzz.ratio, score_cutoff=50, limit=limit)
    return tuple(names[index] for _, _, index in found)


def _join(readings: list[RosterEntry], faults: list[Fault]) -> tuple[RosterEntry, ...]:
    """Merge the rows of one person: same id, or same name and phone."""
    people: dict[tuple[str, ...], RosterEntry] = {}
    for wanted in readings:
        key = _identity(wanted)
        known = people.get(key)
        if known is None:
            people[key] = wanted
        elif known.name != wanted.name:
            faults.append(
                Fault(wanted.row, "roster.fault.id_twice", {"name": wanted.name, "other": known.name, "row": known.row, "channel": key[1]})
            )
        elif wanted.posts <= known.posts:
            faults.append(Fault(wanted.row, "roster.fault.twice", {"name": wanted.name, "other_row": known.row}))
        else:
            people[key] = replace(known, posts=known.posts | wanted.posts, phone=known.phone or wanted.phone)
    return tuple(people.values())


def _identity(wanted: RosterEntry) -> tuple[str, ...]:
    if wanted.account is not None:
        return ("id", wanted.account.channel, str(wanted.account.chat_id))
    if wanted.phone:
        return ("phone", wanted.name, wanted.phone)
    return ("posts", wanted.name, *sorted(f"{role} {village}" for role, village in wanted.posts))


def _warnings(villages: tuple[str, ...], people: tuple[RosterEntry, ...]) -> Iterable[Fault]:
    holders = Counter(post for person in people for post in person.posts)
    for village in villages:
        if not holders[Role.CHAIR, village]:
            yield Fault(0, "roster.warning.no_chair", {"village": village})
        if holders[Role.CHAIR, village] > 1:
            yield Fault(0, "roster.warning.two_chairs", {"village": village, "n": holders[Role.CHAIR, village]})
        if not holders[Role.OFFICER, village]:
            yield Fault(0, "roster.warning.no_officer", {"village": village})
    if not holders[Role.DUTY, ""] and not holders[Role.LEADER, ""]:
        yield Fault(0, "roster.warning.no_station")
