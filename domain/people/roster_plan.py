"""Plan of an import: the changes from the present directory to the roster.

Knows how to match people, and which changes need a leader's word; must not know the database. Invariants: the same roster a second time
plans nothing; nobody is matched by a name or phone that they gave themselves; absent people are removed only if that was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from domain.core.change import Address, PersonId
from domain.core.immutable import immutable, replace
from domain.people.people import Role
from domain.people.powers import POWERS
from domain.people.roster import APPOINTED, Fault, Place, Roster, RosterEntry
from domain.people.roster_words import name_key, village_key

#: Posts that an import neither expects nor ends.
KEPT = APPOINTED | {Role.ADMIN}


@immutable
class ExistingPerson:
    """A person in the directory.

    `accounts`: every private chat; `posts` held now in the roster's station; `invited`: has an open code. `listed_name`, `listed_phone`: as
    the last roster wrote them, empty for a person who was never in one; `name` and `phone` may be the person's own words.
    """

    id: PersonId
    name: str
    phone: str
    accounts: frozenset[Address] = frozenset()
    posts: frozenset[Place] = frozenset()
    invited: bool = False
    listed_name: str = ""
    listed_phone: str = ""


@immutable
class Step:
    """One person's change.

    `known` None: new. `attach`: the row's account becomes theirs; `invite`: needs a code to come online. `also`: the record of a roster for
    the same person, who came with an account of their own: its posts end, and start for this person.
    """

    wanted: RosterEntry
    known: ExistingPerson | None
    start: frozenset[Place]
    end: frozenset[Place]
    attach: bool
    invite: bool
    also: ExistingPerson | None = None

    @property
    def changes(self) -> bool:
        """Tell whether anything about a known person would change (apart from a code)."""
        return self.known is None or self._renamed or bool(self.start or self.end or self.attach or self.also)

    @property
    def only_waits(self) -> bool:
        """Tell whether a leader has to confirm all that changes in a later import."""
        at_once = self.start - self.waiting or self.end or self.also or (self.attach and not self.chat_waits)
        return self.known is not None and not self._renamed and not at_once

    @property
    def _renamed(self) -> bool:
        known, wanted = self.known, self.wanted
        if known is None:
            return False
        return {known.name, known.listed_name} != {wanted.name} or bool(
            wanted.phone and {known.phone, known.listed_phone} != {wanted.phone}
        )

    @property
    def waiting(self) -> frozenset[Place]:
        """Return the new posts that a leader confirms in a later import: from chair upward."""
        return frozenset(post for post in self.start if needs_leader(post[0]))

    @property
    def chat_waits(self) -> bool:
        """Tell whether a leader confirms the chat in a later import.

        So it is for a chat in place of another one, and for the first chat of a person in a post from chair upward.
        """
        if not self.attach or self.known is None:
            return False
        return bool(self.known.accounts) or any(needs_leader(role) for role, _ in self.known.posts - self.end)


@immutable
class Plan:
    """Everything an import would do.

    `missing_villages` are in the directory and not in the file: they stay. `questions`: faults that only the operator can decide.
    """

    new_villages: tuple[str, ...]
    missing_villages: tuple[str, ...]
    steps: tuple[Step, ...]
    absent: tuple[ExistingPerson, ...]
    questions: tuple[Fault, ...] = ()


@immutable
class Answers:
    """Answers of the operator to the questions of a plan, by the names in the file.

    `same`: the person of this name in the directory is meant. `other`: another person of the same name. `moved`: the chat moves to this
    person. `replaces_chairs`: a chair who is not in the file makes way for the one who is. `removes_absent`: so does everybody.
    """

    same: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    replaces_chairs: bool = False
    removes_absent: bool = False


def needs_leader(role: Role) -> bool:
    """Tell whether two persons give a role: from chair upward, and in the station."""
    return POWERS[role].two_persons


def plan(roster: Roster, known: Iterable[ExistingPerson], villages: Iterable[str], answers: Answers = Answers()) -> Plan:  # noqa: B008 (immutable)
    """Compare the roster with the directory.

    People match by account, else by what an earlier roster said: name and phone, phone and a shared post, or name and a shared post.
    """
    directory, names = list(known), list(villages)
    roster = _spelled(roster, names)
    matches = _match(roster.people, directory)
    _match_as_told(roster.people, directory, matches, answers)
    records = _records(roster.people, directory, matches)
    steps = tuple(_step(wanted, matches.get(wanted.row), records.get(wanted.row)) for wanted in roster.people)
    taken = {step.known.id for step in steps if step.known} | {step.also.id for step in steps if step.also}
    absent = tuple(person for person in directory if person.id not in taken and _is_of_the_roster(person))
    replaced = [] if answers.removes_absent else _replaced_chairs(steps, absent)
    if answers.replaces_chairs:
        steps += tuple(_without(person, posts) for person, posts in replaced)
    questions = [
        *_unsure(steps, directory, taken, answers),
        *_moved_chats(steps, answers),
        *([] if answers.replaces_chairs else _second_chairs(replaced)),
    ]
    return Plan(
        tuple(name for name in roster.villages if name not in names),
        tuple(name for name in names if name not in roster.villages),
        steps,
        absent,
        tuple(questions),
    )


def _spelled(roster: Roster, names: Iterable[str]) -> Roster:
    """Return the roster with the directory's spelling of each village that is known."""
    known = {village_key(name): name for name in names}

    def spell(village: str) -> str:
        return known.get(village_key(village), village) if village else ""

    people = tuple(replace(person, posts=frozenset((role, spell(village)) for role, village in person.posts)) for person in roster.people)
    return replace(roster, villages=tuple(map(spell, roster.villages)), people=people)


def _is_of_the_roster(person: ExistingPerson) -> bool:
    """Tell whether the roster should name a person.

    Administrators come from the settings too, and two leaders appoint auditors, so a roster may leave them out.
    """
    return any(role not in KEPT for role, _ in person.posts)


# Who is who -----------------------------------------------------------------------------------------------------------


def _match(people: Iterable[RosterEntry], directory: list[ExistingPerson]) -> dict[int, ExistingPerson]:
    """Pair rows with people, a better reason before a worse one; each person is taken once."""
    found: dict[int, ExistingPerson] = {}
    taken: set[PersonId] = set()
    rows = list(people)
    for wanted_keys, known_keys in REASONS:
        index: dict[Hashable, list[ExistingPerson]] = {}
        for person in directory:
            for key in known_keys(person):
                index.setdefault(key, []).append(person)
        for wanted in (row for row in rows if row.row not in found):
            candidates = (person for key in wanted_keys(wanted) for person in index.get(key, ()))
            match = next((person for person in candidates if person.id not in taken), None)
            if match is not None:
                found[wanted.row] = match
                taken.add(match.id)
    return found


def _accounts(wanted: RosterEntry) -> Iterable[Hashable]:
    return () if wanted.account is None else (wanted.account,)


def _name_and_phone(name: str, phone: str) -> Iterable[Hashable]:
    return ((name_key(name), phone),) if name and phone else ()


def _with_posts(what: str, posts: Iterable[Place]) -> Iterable[Hashable]:
    return tuple((what, *post) for post in sorted(posts)) if what else ()


#: Reasons to match a row with a known person: the keys of the row, the keys of the person. Best first.
REASONS: tuple[tuple[Callable[[RosterEntry], Iterable[Hashable]], Callable[[ExistingPerson], Iterable[Hashable]]], ...] = (
    (_accounts, lambda person: person.accounts),
    (lambda row: _name_and_phone(row.name, row.phone), lambda person: _name_and_phone(person.listed_name, person.listed_phone)),
    (lambda row: _with_posts(row.phone, row.posts), lambda person: _with_posts(person.listed_phone, person.posts)),
    (
        lambda row: _with_posts(name_key(row.name), row.posts),
        lambda person: _with_posts(name_key(person.listed_name) if person.listed_name else "", person.posts),
    ),
)


def _match_as_told(
    people: Iterable[RosterEntry], directory: list[ExistingPerson], matches: dict[int, ExistingPerson], answers: Answers
) -> None:
    """Match the rows whose person the operator named."""
    taken = {person.id for person in matches.values()}
    for wanted in people:
        if wanted.row not in matches and name_key(wanted.name) in map(name_key, answers.same):
            alike = [person for person in _alike(wanted, directory) if person.id not in taken]
            if len(alike) == 1:
                matches[wanted.row] = alike[0]
                taken.add(alike[0].id)


def _alike(wanted: RosterEntry, directory: Iterable[ExistingPerson]) -> list[ExistingPerson]:
    """Return the holders of posts who have the row's phone, or its name, by their own words."""
    return [person for person in directory if (person.posts or person.listed_name) and set(_words(wanted)) & set(_words(person))]


def _words(person: RosterEntry | ExistingPerson) -> list[Hashable]:
    return [("name", name_key(person.name)), *([("phone", person.phone)] if person.phone else [])]


def _step(wanted: RosterEntry, known: ExistingPerson | None, also: ExistingPerson | None) -> Step:
    if known is None:
        return Step(wanted, None, wanted.posts, frozenset(), wanted.account is not None, wanted.account is None)
    held = known.posts
    kept = frozenset(post for post in held if post[0] in KEPT)
    return Step(
        wanted=wanted,
        known=known,
        start=wanted.posts - held,
        end=held - wanted.posts - kept,
        attach=wanted.account is not None and wanted.account not in known.accounts,
        invite=wanted.account is None and not known.accounts and not known.invited,
        also=also,
    )


def _records(
    people: Iterable[RosterEntry], directory: list[ExistingPerson], matches: dict[int, ExistingPerson]
) -> dict[int, ExistingPerson]:
    """Return the earlier roster's records of people who came with their own account."""
    taken = {person.id for person in matches.values()}
    rows = [
        replace(wanted, account=None)
        for wanted in people
        if wanted.row in matches and wanted.account in matches[wanted.row].accounts and not matches[wanted.row].listed_name
    ]
    return _match(rows, [person for person in directory if person.id not in taken and person.listed_name])


# Questions ------------------------------------------------------------------------------------------------------------


def _unsure(steps: Iterable[Step], directory: list[ExistingPerson], taken: Iterable[PersonId], answers: Answers) -> Iterable[Fault]:
    """Ask about each new person who may be somebody of the directory by their own words."""
    gone, others = set(taken), set(map(name_key, answers.other))
    index: dict[Hashable, list[ExistingPerson]] = {}
    for person in directory:
        if person.id not in gone and person.posts:
            for word in _words(person):
                index.setdefault(word, []).append(person)
    for step in steps:
        wanted = step.wanted
        if step.known is not None or name_key(wanted.name) in others:
            continue
        alike = [person for word in _words(wanted) for person in index.get(word, ())]
        sure = [person for person in alike if wanted.posts & person.posts or person.phone == wanted.phone != ""]
        if sure:
            yield Fault(wanted.row, "roster.fault.same_person", {"name": wanted.name, "other": sure[0].name})


def _moved_chats(steps: Iterable[Step], answers: Answers) -> Iterable[Fault]:
    """Ask about each account that is somebody else's, as far as the directory knows.

    So it is if the person of the account holds a post under quite another name and phone, or if the person of the row writes from another chat.
    """
    for step in steps:
        known, wanted = step.known, step.wanted
        if known is None or wanted.account not in known.accounts or name_key(wanted.name) in map(name_key, answers.moved):
            continue
        if step.also is not None and step.also.accounts:
            yield Fault(wanted.row, "roster.fault.chat_of_other", {"name": wanted.name, "other": known.name})
        elif (known.listed_name or _is_of_the_roster(known)) and not _may_be_renamed(wanted, known):
            yield Fault(wanted.row, "roster.fault.chat_of_other", {"name": wanted.name, "other": known.listed_name or known.name})


def _may_be_renamed(wanted: RosterEntry, known: ExistingPerson) -> bool:
    """Tell whether a row with a person's account is a correction.

    It is with the same phone, or if the name differs by one character.
    """
    if wanted.phone and wanted.phone == (known.listed_phone or known.phone):
        return True
    before, after = name_key(known.listed_name or known.name), name_key(wanted.name)
    return before == after or (len(before) == len(after) > 1 and sum(one != two for one, two in zip(before, after, strict=True)) == 1)


def _replaced_chairs(steps: Iterable[Step], absent: Iterable[ExistingPerson]) -> list[tuple[ExistingPerson, frozenset[Place]]]:
    """Return the absent people who are chair where the file has a new chair, with these posts."""
    given = {post for step in steps for post in step.start if post[0] is Role.CHAIR}
    return [(person, person.posts & given) for person in absent if person.posts & given]


def _second_chairs(replaced: Iterable[tuple[ExistingPerson, frozenset[Place]]]) -> Iterable[Fault]:
    for person, posts in replaced:
        for _, village in sorted(posts):
            yield Fault(0, "roster.fault.second_chair", {"name": person.name, "village": village})


def _without(person: ExistingPerson, posts: frozenset[Place]) -> Step:
    """Return the step that ends some posts of a person who is not in the file."""
    entry = RosterEntry(0, person.name, "", None, person.posts - posts)
    return Step(entry, person, frozenset(), posts, attach=False, invite=False)
