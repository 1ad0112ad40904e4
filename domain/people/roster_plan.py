"""Plan of an import: the changes from the present directory to the roster.

Knows how to match people; must not know the database. Invariant: the same roster a second time plans nothing; absent people are removed
only if that was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from domain.core.change import Address, PersonId
from domain.core.immutable import immutable
from domain.people.people import Role
from domain.people.roster import APPOINTED, Place, Roster, RosterEntry

#: Posts that an import neither expects nor ends.
KEPT = APPOINTED | {Role.ADMIN}


@immutable
class ExistingPerson:
    """A person in the directory.

    `accounts`: every private chat; `posts` held now in the roster's station; `invited`: has an open code.
    """

    id: PersonId
    name: str
    phone: str
    accounts: frozenset[Address] = frozenset()
    posts: frozenset[Place] = frozenset()
    invited: bool = False


@immutable
class Step:
    """One person's change.

    `known` None: new. `attach`: the row's id becomes theirs; `invite`: needs a code to come online. `twins`: duplicates in the directory
    that are merged into this person (somebody of the roster who came with an account of their own, or with another one).
    """

    wanted: RosterEntry
    known: ExistingPerson | None
    start: frozenset[Place]
    end: frozenset[Place]
    attach: bool
    invite: bool
    duplicates: tuple[ExistingPerson, ...] = ()

    @property
    def changes(self) -> bool:
        """Tell whether anything about a known person would change (apart from a code)."""
        known = self.known
        if known is None:
            return True
        renamed = known.name != self.wanted.name or (bool(self.wanted.phone) and known.phone != self.wanted.phone)
        return bool(renamed or self.start or self.end or self.attach or self.duplicates)


@immutable
class Plan:
    """Everything an import would do.

    `missing_villages` are in the directory and not in the file: they stay.
    """

    new_villages: tuple[str, ...]
    missing_villages: tuple[str, ...]
    steps: tuple[Step, ...]
    absent: tuple[ExistingPerson, ...]


def plan(roster: Roster, known: Iterable[ExistingPerson], villages: Iterable[str]) -> Plan:
    """Compare the roster with the directory.

    People match by account, else by name and phone, else by name and a shared post.
    """
    directory, names = list(known), list(villages)
    matches = _match(roster.people, directory)
    duplicates = _twins(roster.people, directory, matches)
    steps = tuple(_step(wanted, matches.get(wanted.row), duplicates.get(wanted.row, ())) for wanted in roster.people)
    taken = {person.id for person in (*matches.values(), *(twin for found in duplicates.values() for twin in found))}
    return Plan(
        tuple(name for name in roster.villages if name not in names),
        tuple(name for name in names if name not in roster.villages),
        steps,
        tuple(person for person in directory if person.id not in taken and _is_of_the_roster(person)),
    )


def _is_of_the_roster(person: ExistingPerson) -> bool:
    """Tell whether the roster should name a person.

    Administrators come from the settings too, and two leaders appoint auditors, so a roster may leave them out.
    """
    return any(role not in KEPT for role, _ in person.posts)


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


def _twins(
    people: Iterable[RosterEntry], directory: list[ExistingPerson], matches: dict[int, ExistingPerson]
) -> dict[int, tuple[ExistingPerson, ...]]:
    """Find the duplicates of a row's person; each person is taken once."""
    taken = {person.id for person in matches.values()}
    namesakes: dict[str, list[ExistingPerson]] = {}
    for person in directory:
        if person.id not in taken:
            namesakes.setdefault(person.name, []).append(person)
    found: dict[int, tuple[ExistingPerson, ...]] = {}
    for wanted in (row for row in people if row.row in matches):
        same = tuple(person for person in namesakes.get(wanted.name, ()) if person.id not in taken and _same_person(wanted, person))
        taken |= {person.id for person in same}
        found[wanted.row] = same
    return found


def _same_person(wanted: RosterEntry, person: ExistingPerson) -> bool:
    """Tell whether a row is also about a person of the same name.

    This holds for a person in one of its posts, or known by its phone and never online.
    """
    return bool(wanted.posts & person.posts) or (not person.accounts and bool(wanted.phone) and wanted.phone == person.phone)


def _ids(wanted: RosterEntry) -> Iterable[Hashable]:
    return () if wanted.account is None else (wanted.account,)


def _name_and_phone(person: RosterEntry | ExistingPerson) -> Iterable[Hashable]:
    return ((person.name, person.phone),) if person.phone else ()


def _name_and_posts(person: RosterEntry | ExistingPerson) -> Iterable[Hashable]:
    return ((person.name, *post) for post in sorted(person.posts))


#: Reasons to match a row with a known person: the keys of the row, the keys of the person. Best first.
REASONS: tuple[tuple[Callable[[RosterEntry], Iterable[Hashable]], Callable[[ExistingPerson], Iterable[Hashable]]], ...] = (
    (_ids, lambda person: person.accounts),
    (_name_and_phone, _name_and_phone),
    (_name_and_posts, _name_and_posts),
)


def _step(wanted: RosterEntry, known: ExistingPerson | None, duplicates: tuple[ExistingPerson, ...]) -> Step:
    if known is None:
        return Step(wanted, None, wanted.posts, frozenset(), wanted.account is not None, wanted.account is None)
    attach = wanted.account is not None and wanted.account not in known.accounts
    offline = wanted.account is None and not known.accounts and not known.invited
    held = known.posts.union(*(twin.posts for twin in duplicates))
    kept = frozenset(post for post in held if post[0] in KEPT)
    return Step(
        wanted=wanted,
        known=known,
        start=wanted.posts - held,
        end=held - wanted.posts - kept,
        attach=attach,
        invite=offline,
        duplicates=duplicates,
    )
