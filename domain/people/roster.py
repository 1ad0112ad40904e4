"""Roster: convert the rows of a file to people with posts, and report every fault at once.

Knows columns, roles and contradictions; must not know YAML, XLSX or the database. Invariant: a roster with one fault changes nothing;
faults and warnings name their row (0: the file as a whole).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Any

from domain.core.change import Address, ChatId
from domain.core.immutable import immutable, replace
from domain.core.numbers import ascii_digits, clean_name, parse_phone
from domain.people.people import STATION_ROLES, VILLAGE_ROLES, Role
from domain.people.roster_words import (
    doubt,
    name_key,
    near_by_one,
    person_name,
    phone_text,
    show_signs,
    village_key,
    village_name,
)

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
#: Several roles in one cell: 书记兼主任.
ROLE_SEPARATORS = re.compile("[、,，;；/兼]+")
ALL_VILLAGES = "all"
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

    `station` empty: the file names none. `villages` None: the file has no list of its own, so the villages of the rows count. `faults`: found
    while reading; with `readable` false no other fault is reported. `notes`: parts that were not read, for information.
    """

    station: str
    villages: tuple[str, ...] | None
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...] = ()
    readable: bool = True
    notes: tuple[Fault, ...] = ()


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
    """A valid roster; `warnings` are for information only.

    `listed`: the file has a list of villages of its own. `named`: the file itself names the station.
    """

    station: str
    villages: tuple[str, ...]
    people: tuple[RosterEntry, ...]
    warnings: tuple[Fault, ...] = ()
    listed: bool = True
    named: bool = True


def check(sheet: Sheet, *, channels: Sequence[str] = (), town: str = "", new_villages: Iterable[str] = ()) -> Roster | tuple[Fault, ...]:
    """Return the roster, or every fault of the sheet, in the order of its rows.

    `channels`: the town's channels, the default first; none: any channel is accepted. `town`: the station when the file names none.
    `new_villages`: names that the operator vouches for.
    """
    if not sheet.readable:
        return sheet.faults
    station = person_name(sheet.station)
    faults = list(sheet.faults)
    if not station and not town:
        faults.append(Fault(0, "roster.fault.no_station"))
    villages = _villages(sheet, faults, frozenset(map(village_key, new_villages)))
    if not sheet.lines:
        faults.append(Fault(0, "roster.fault.no_people"))
    if len(sheet.lines) > MOST_PEOPLE:
        faults.append(Fault(0, "roster.fault.too_many", {"most": MOST_PEOPLE}))
        return tuple(faults)
    readings = [_read(line, villages, channels, faults, listed=sheet.villages is not None) for line in sheet.lines]
    people = _join([wanted for wanted in readings if wanted is not None], faults)
    if faults:
        return tuple(sorted(faults, key=lambda fault: fault.row))
    warnings = (*sheet.notes, *_warnings(villages, people))
    return Roster(station or clean_name(town), villages, people, warnings, sheet.villages is not None, bool(station))


def _villages(sheet: Sheet, faults: list[Fault], asked: frozenset[str]) -> tuple[str, ...]:
    """Return the villages of the sheet, each in one spelling.

    A name that is hardly a village is a fault.
    """
    said = [(0, name) for name in sheet.villages or ()] if sheet.villages is not None else _said(sheet.lines)
    if any(not village_name(name) for _, name in said) and sheet.villages is not None:
        faults.append(Fault(0, "roster.fault.empty_village"))
    spelled: dict[str, str] = {}
    times: Counter[str] = Counter()
    for _, name in said:
        if plain := village_name(name):
            times[village_key(plain)] += 1
            known = spelled.setdefault(village_key(plain), plain)
            if plain.endswith("村") and not known.endswith("村"):
                spelled[village_key(plain)] = plain
    if sheet.villages is not None:
        faults += [Fault(0, "roster.fault.village_twice", {"village": spelled[key]}) for key, n in times.items() if n > 1]
    rows = {village_key(name): row for row, name in reversed(said)}
    for key, name in spelled.items():
        found = None if key in asked else doubt(name, spelled.values())
        if found and not (found.near and found.why == "holds" and sheet.villages is not None):
            faults.append(Fault(rows[key], f"roster.fault.village_{found.why}", {"village": name, "near": found.near}))
    if not spelled:
        faults.append(Fault(0, "roster.fault.no_villages"))
    if len(spelled) > MOST_VILLAGES:
        faults.append(Fault(0, "roster.fault.too_many_villages", {"most": MOST_VILLAGES}))
    return tuple(spelled.values())


def _said(lines: Iterable[Line]) -> list[tuple[int, str]]:
    return [(line.row, name) for line in lines if not set(_roles(line.role)) <= STATION_ROLES for name in line.villages]


def _roles(said: str) -> list[Role | None]:
    """Return the roles of a cell; None for a word that is not a role."""
    word = person_name(said).casefold()
    if word in ROLE_NAMES:
        return [ROLE_NAMES[word]]
    parts = [ROLE_NAMES.get(part) for part in ROLE_SEPARATORS.split(word) if part]
    return parts or [None]


def _read(line: Line, villages: tuple[str, ...], channels: Sequence[str], faults: list[Fault], *, listed: bool) -> RosterEntry | None:
    before = len(faults)
    name = person_name(line.name)
    if not name:
        faults.append(Fault(line.row, "roster.fault.no_name"))
    roles = _roles(line.role)
    if None in roles:
        near = _near_role(line.role)
        key = "roster.fault.role_near" if near else "roster.fault.role"
        faults.append(Fault(line.row, key, {"name": name, "role": show_signs(clean_name(line.role)), "near": near}))
    if APPOINTED.intersection(roles):
        faults.append(Fault(line.row, "roster.fault.appointed", {"name": name, "role": show_signs(clean_name(line.role))}))
    plain = phone_text(line.phone)
    phone = parse_phone(plain) if plain else ""
    if phone is None:
        faults.append(Fault(line.row, "roster.fault.phone", {"name": name, "said": show_signs(line.phone.strip())}))
    account = _account(line, name, channels, faults)
    known = [role for role in roles if role is not None]
    posts = _posts(line, known, name, villages, faults, listed=listed)
    if len(faults) > before:
        return None
    return RosterEntry(line.row, name, phone or "", account, posts)


def _near_role(said: str) -> str:
    from rapidfuzz import fuzz, process  # large, and only needed when a word is not known

    word = person_name(said).casefold()
    found = process.extractOne(word, list(ROLE_NAMES), scorer=fuzz.ratio, score_cutoff=70 if word.isascii() else 50)
    return found[0] if found else ""


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


def _posts(
    line: Line, roles: Sequence[Role], name: str, villages: tuple[str, ...], faults: list[Fault], *, listed: bool
) -> frozenset[Place]:
    places: set[Place] = {(role, "") for role in roles if role in STATION_ROLES}
    of_village = [role for role in roles if role in VILLAGE_ROLES]
    wanted = [village_name(village) for village in line.villages if village_name(village)]
    if of_village and not wanted:
        faults.append(Fault(line.row, "roster.fault.no_village", {"name": name}))
    for said in wanted if of_village or not roles else ():
        found = doubt(said, ())
        if listed and found is not None and found.why == ALL_VILLAGES:
            places |= {(role, village) for role in of_village for village in villages}
            continue
        village = known_village(said, villages)
        if village is None:
            near = near_villages(said, villages, limit=1)
            key = "roster.fault.village_near" if near else "roster.fault.village"
            faults.append(Fault(line.row, key, {"name": name, "village": said, "near": near[0] if near else ""}))
        places |= {(role, village) for role in of_village if village is not None}
    return frozenset(places)


def known_village(said: str, villages: Iterable[str]) -> str | None:
    """Return the named village: by any spelling of its name, with or without 村 at its end."""
    return {village_key(name): name for name in villages}.get(village_key(said))


def village_questions(roster: Roster, existing: Iterable[str], asked: Iterable[str]) -> list[Fault]:
    """Return a fault for each new village whose name is like another's.

    It may be a slip of the pen if its like is missing from the file, or if it has no chair or no officer and the file lists no villages.
    `asked`: names that the operator vouches for.
    """
    known = {village_key(name): name for name in existing}
    here = {village_key(name): name for name in roster.villages}
    vouched = set(map(village_key, asked))
    holders = {post for person in roster.people for post in person.posts}
    faults = []
    for key, name in here.items():
        if key in known or key in vouched:
            continue
        gone = near_by_one(name, [other for other_key, other in known.items() if other_key not in here])
        beside = "" if roster.listed else near_by_one(name, [*known.values(), *here.values()])
        whole = (Role.CHAIR, name) in holders and (Role.OFFICER, name) in holders
        if near := gone or ("" if whole else beside):
            faults.append(Fault(0, "roster.fault.village_like", {"village": name, "near": near}))
    return faults


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
        return ("phone", name_key(wanted.name), wanted.phone)
    return ("posts", name_key(wanted.name), *sorted(f"{role} {village}" for role, village in wanted.posts))


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
